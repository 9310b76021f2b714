"""Help: a page a task, the words, the keys, and the trial clock that moves by hand."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor import jobs
from supervisor.clock import BEIJING
from supervisor.core import accounts, trial_clock
from supervisor.core.permissions import Permission
from supervisor.errors import Invalid, NotFound, Refused
from supervisor.web import guard
from supervisor.web.forms import text_of
from supervisor.web.guard import once, public, requires
from supervisor.words import N_, Sentence

blueprint = Blueprint("help", __name__)

#: The pages in reading order: address and title.
TOPICS = {
    "start": N_("The lead office's first half hour"),
    "report": N_("Reporting for a unit"),
    "review": N_("Reviewing reports"),
    "closing": N_("Closing a period and reading a score"),
    "facts": N_("Facts that people enter"),
    "rulebook": N_("Writing a rulebook"),
    "appeals": N_("Preliminary scores and appeals"),
    "publication": N_("Publishing a result"),
    "corrections": N_("Correcting a closed period"),
    "proof": N_("Proving a figure years later"),
    "lists": N_("Commending and criticising"),
    "time": N_("Deadlines, working days, lights"),
    "rules": N_("What is asked, and what it owes"),
    "filings": N_("Filings, receipts and items"),
    "work-plans": N_("Units' work plans and milestones"),
    "papers": N_("Circulars and summaries"),
    "exceptions": N_("Extensions, late permits, waivers, suspension, stand-ins"),
    "messages": N_("Reminders and messages"),
    "ladder": N_("Urging, supervision notices, talks"),
    "roles": N_("Who may do what"),
    "words": N_("Glossary"),
    "keys": N_("Keys"),
}


@blueprint.get("/help")
@public
def index() -> str:
    """What there is to read, and what to read first."""
    return render_template("help/index.html", topics=TOPICS)


@blueprint.get("/help/<topic>")
@public
def topic(topic: str) -> str:
    """One page."""
    if topic not in TOPICS:
        raise NotFound
    return render_template(f"help/{topic}.html", topics=TOPICS, topic=topic, may_open=_may_open)


def _may_open(endpoint: str, programme_id: int) -> bool:
    """Whether the reader's posts in a programme open this page: help names no page that would refuse them."""
    wanted: Permission | None = getattr(current_app.view_functions[endpoint], "permission", None)
    reader = accounts.actor_for(guard.user(), programme_id, now=guard.now())
    return wanted is None or reader.may(wanted)


@blueprint.get("/help/clock")
@requires(Permission.APPEARANCE_CHOOSE)
def clock() -> str:
    """What a trial clock is, and the form that moves it."""
    return _clock_page({})


@blueprint.post("/help/clock")
@requires(Permission.APPEARANCE_CHOOSE)
def move_clock() -> Response | tuple[str, int]:
    """Let time pass: every working morning up to the new moment is worked through, as if it had come."""
    if guard.config().is_production:
        raise Refused(N_("Here real time counts: there is no clock to move."))
    before = guard.now()
    try:
        after = _moment(text_of("moment"))
        trial_clock.check(before, after)
        with once(url_for("help.clock")):
            pass  # the key is spent before hours of work begin, so that a second press does nothing
        _let_pass(before, after)
    except Invalid as error:
        return _clock_page(error.fields), error.status
    flash(_("Time has passed."), "done")
    return redirect(url_for("help.clock"), 303)


def _let_pass(before: datetime, after: datetime) -> None:
    sender, files = jobs.sender_of(guard.config()), guard.config().data / "files"
    for morning in trial_clock.mornings(before, after):
        jobs.tick(morning, sender, datetime.now(UTC), files)
    try:
        guard.clock().set_trial(after)
    except ValueError as error:  # somebody else moved it further meanwhile
        raise Invalid(N_("The clock was not moved."), {"moment": Sentence(str(error))}) from None
    trial_clock.moved(before, after, by=guard.actor())
    jobs.tick(after, sender, datetime.now(UTC), files)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING)
    except ValueError:
        wrong = N_("Give a day and a time, for example 2021-06-15 09:00.")
        raise Invalid(N_("The clock was not moved."), {"moment": wrong}) from None


def _clock_page(errors: dict[str, Sentence]) -> str:
    movable = not guard.config().is_production
    return render_template(
        "help/clock.html",
        errors=errors,
        movable=movable,
        proposals=trial_clock.proposals(guard.now()) if movable else [],
        typed=request.form.get("moment", ""),
        topics=TOPICS,
    )
