"""Wordings of messages: the list, one event's words with examples, and the table of who is told what (D13)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import wording_pages, wordings
from supervisor.core.events import EVENTS
from supervisor.core.message_events import Audience, MessageEvent, Topic, examples
from supervisor.core.message_words import Texts, tidied
from supervisor.core.permissions import Permission
from supervisor.core.wordings import ENDINGS, Wanted
from supervisor.errors import Invalid, NotFound
from supervisor.web import guard, languages
from supervisor.web.forms import day_of, text_of, version_seen
from supervisor.web.guard import once, requires
from supervisor.words import LOCALES, Sentence

blueprint = Blueprint("wordings", __name__)
Page = str | Response | tuple[str, int]


@blueprint.get("/p/<int:programme_id>/wordings")
@requires(Permission.SETTINGS_EDIT)
def index(programme_id: int) -> str:
    """Every message that the programme's office may word, by topic."""
    topic = next((one for one in Topic if one.value == request.args.get("topic")), None)
    own_only = request.args.get("own") == "1"
    lines = wording_pages.lines(programme_id, guard.today(), topic=topic, own_only=own_only)
    return render_template(
        "wordings/index.html",
        topics=[(of, list(some)) for of, some in groupby(lines, key=lambda line: line.event.topic)],
        every=list(Topic),
        topic=topic,
        own_only=own_only,
    )


@blueprint.get("/p/<int:programme_id>/told")
@requires(Permission.SETTINGS_READ)
def told(programme_id: int) -> str:
    """Who is told what, and by which way: the table of events, read only."""
    ordered = sorted(EVENTS.values(), key=lambda event: list(Topic).index(event.topic))
    return render_template(
        "wordings/told.html",
        topics=[(of, list(some)) for of, some in groupby(ordered, key=lambda event: event.topic)],
        audiences=list(Audience),
    )


@blueprint.get("/p/<int:programme_id>/wordings/<event_key>")
@requires(Permission.SETTINGS_EDIT)
def show(programme_id: int, event_key: str) -> str:
    """One event: its fields, the default and the own words with examples, and the history."""
    event = _event(event_key)
    row = wordings.row_in_force(event, programme_id, guard.today())
    return _page(event, wording_pages.in_force_or_default(event, row), {})


@blueprint.post("/p/<int:programme_id>/wordings/<event_key>")
@requires(Permission.SETTINGS_EDIT)
def change(programme_id: int, event_key: str) -> Page:
    """Preview what was typed, or say the event so from a day on."""
    event, texts = _event(event_key), _typed()
    answer = url_for("wordings.show", programme_id=programme_id, event_key=event.key)
    if request.form.get("do") == "preview":
        return _page(event, texts, wordings.check(event, texts), previewed=True)
    own = wording_pages.without_defaults(event, texts)
    try:
        wanted = Wanted(own, day_of("valid_from"), day_of("valid_to"), text_of("reason"), version_seen())
        with once(answer):
            wordings.change(guard.programme(), event, wanted, by=guard.actor(), now=guard.now())
    except Invalid as error:
        return _page(event, texts, error.fields or {"reason": error.sentence}), error.status
    flash(_("The message is said in these words from that day on."), "done")
    return redirect(answer, 303)


@blueprint.post("/p/<int:programme_id>/wordings/<event_key>/default")
@requires(Permission.SETTINGS_EDIT)
def restore(programme_id: int, event_key: str) -> Page:
    """Go back to the default, with a reason."""
    event = _event(event_key)
    answer = url_for("wordings.show", programme_id=programme_id, event_key=event.key)
    row = wordings.row_in_force(event, programme_id, guard.today())
    try:
        with once(answer):
            wordings.restore_default(
                guard.programme(), event, text_of("default_reason"), seen=version_seen(), by=guard.actor(),
                now=guard.now(),
            )  # fmt: skip
    except Invalid as error:
        texts = wording_pages.in_force_or_default(event, row)
        return _page(event, texts, error.fields or {"default_reason": error.sentence}), error.status
    flash(_("The message is said in the default's words again."), "done")
    return redirect(answer, 303)


def _event(key: str) -> MessageEvent:
    event = EVENTS.get(key)
    if event is None or not event.own_words:
        raise NotFound
    return event


def _typed() -> dict[str, Texts]:
    """What the form holds, by language."""
    return {
        locale: tidied(
            request.form.get(f"subject_{ENDINGS[locale]}", ""),
            request.form.get(f"body_{ENDINGS[locale]}", ""),
        )
        for locale in LOCALES
    }


def _page(
    event: MessageEvent,
    texts: Mapping[str, Texts],
    errors: Mapping[str, Sentence],
    *,
    previewed: bool = False,
) -> str:
    programme_id, today = guard.programme().id, guard.today()
    versions = wordings.versions_of(event, programme_id)
    row = wordings.row_in_force(event, programme_id, today)
    return render_template(
        "wordings/show.html",
        event=event,
        examples=examples(event, languages.locale()),
        texts=texts,
        samples=wording_pages.samples(event, wording_pages.without_defaults(event, texts)),
        errors=errors,
        previewed=previewed,
        row=row,
        versions=[(each, wordings.texts_of(each)) for each in versions],
        own=bool(row is not None and wordings.texts_of(row))
        or bool(wordings.coming(event, programme_id, today)),
    )
