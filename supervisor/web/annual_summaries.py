"""Annual summaries: how units' yearly summaries stand, putting them together, the versions and their Word files."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import annual_summaries
from supervisor.core.annual_summaries import Gathered, Words
from supervisor.core.permissions import Permission
from supervisor.errors import Invalid
from supervisor.web.exports import sent
from supervisor.web.forms import is_number, number, text_of, whole_of
from supervisor.web.guard import actor, now, once, programme, requires

blueprint = Blueprint("annual_summaries", __name__, url_prefix="/p/<int:programme_id>/annual-summaries")
Page = str | Response | tuple[str, int]


@blueprint.get("")
@requires(Permission.SUMMARY_READ)
def index(programme_id: int) -> str:
    """The years about which units hand in summaries."""
    return render_template("annual_summaries/index.html", years=annual_summaries.years(programme_id))


@blueprint.get("/<int:rule_id>/<period>")
@requires(Permission.SUMMARY_READ)
def show(programme_id: int, rule_id: int, period: str) -> str:
    """Who has handed in, and the versions made of it."""
    gathered = _gathered(rule_id, period)
    return render_template("annual_summaries/show.html", g=gathered)


def _gathered(rule_id: int, period: str) -> Gathered:
    return annual_summaries.gather(programme(), rule_id, period, now=now())


@blueprint.get("/<int:rule_id>/<period>/edit")
@requires(Permission.SUMMARY_EDIT)
def edit(programme_id: int, rule_id: int, period: str) -> Page:
    """What is accepted, put together, to be edited."""
    gathered = _gathered(rule_id, period)
    return _form(gathered, annual_summaries.first_words(gathered))


def _form(gathered: Gathered, words: Words, wrong: Invalid | None = None) -> Page:
    page = render_template(
        "annual_summaries/edit.html",
        g=gathered,
        parts=annual_summaries.parts_of(gathered),
        words=words,
        content=annual_summaries.compose(gathered, words, now=now()),
        errors=wrong.fields if wrong else {},
    )
    return (page, 422) if wrong else page


@blueprint.post("/<int:rule_id>/<period>/edit")
@requires(Permission.SUMMARY_EDIT)
def keep(programme_id: int, rule_id: int, period: str) -> Page:
    """Keep what was written as the next version."""
    gathered, words = _gathered(rule_id, period), _words()
    try:
        with once(answer=url_for(".show", programme_id=programme_id, rule_id=rule_id, period=period)):
            made = annual_summaries.keep(gathered, words, seen=whole_of("seen") or 0, by=actor(), now=now())
    except Invalid as wrong:
        return _form(gathered, words, wrong)
    flash(_("Version %(n)s is kept. It goes nowhere by itself.", n=made.number), "done")
    return redirect(url_for(".version", programme_id=programme_id, summary_id=made.id), 303)


def _words() -> Words:
    texts = {
        number(name.removeprefix("text-")): text_of(name)
        for name in request.form
        if name.startswith("text-") and is_number(name.removeprefix("text-"))
    }
    return Words(text_of("title"), text_of("opening"), text_of("closing"), texts, text_of("note"))


@blueprint.get("/versions/<int:summary_id>")
@requires(Permission.SUMMARY_READ)
def version(programme_id: int, summary_id: int) -> str:
    """One version as it reads."""
    summary = annual_summaries.get(summary_id, actor())
    return render_template(
        "annual_summaries/version.html",
        summary=summary,
        content=annual_summaries.content_of(summary),
        holds=annual_summaries.verify(summary),
    )


@blueprint.get("/versions/<int:summary_id>.docx")
@requires(Permission.SUMMARY_READ)
def export(programme_id: int, summary_id: int) -> Response:
    """A version as a Word document."""
    return sent(annual_summaries.export(annual_summaries.get(summary_id, actor()), by=actor(), now=now()))
