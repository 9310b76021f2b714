"""A person's inbox: filters in the address, pages by day, read and unread in bulk, each with the way back."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response

from supervisor.core import inbox
from supervisor.core.events import EVENTS
from supervisor.core.inbox import Filter, Show
from supervisor.core.permissions import Permission
from supervisor.models import MessageKind
from supervisor.web import guard
from supervisor.web.address import choice_in, cursor_in, day_in
from supervisor.web.forms import chosen, number
from supervisor.web.guard import requires

blueprint = Blueprint("inbox", __name__)
#: Characters of the words that are looked for.
WORDS_LONGEST = 80
#: The address's names of the filter's parts.
FILTERS = ("show", "kind", "programme", "unit", "from", "to", "q")


@blueprint.get("/messages")
@requires(Permission.MESSAGE_READ)
def index() -> str:
    """My messages by day, newest first; each leads to its record, and says what it still wants of me."""
    actor, now, wanted = guard.actor(), guard.now(), _filter()
    found = inbox.page(actor, wanted, after=cursor_in("before"), now=now)
    done = _instant()
    return render_template(
        "inbox/index.html",
        found=found,
        days=[(day, list(rows)) for day, rows in groupby(found.rows, key=lambda row: row.day)],
        wanted=wanted,
        choices=inbox.choices(actor, wanted),
        kinds=list(MessageKind),
        events=EVENTS,
        done=done,
        marked=inbox.count_marked(done, actor) if done else 0,
    )


@blueprint.post("/messages")
@requires(Permission.MESSAGE_READ)
def act() -> Response:
    """Open one message (and go where it leads), or mark: the chosen ones, or all that the filter shows.

    Doing it twice changes nothing, so these buttons need no key of their own and work after going back.
    """
    actor, now = guard.actor(), guard.now()
    opened = request.form.get("open", type=number)
    if opened is not None:
        message = inbox.own(opened, actor)
        inbox.mark_read([message.id], by=actor, now=now)
        return redirect(guard.safe_next(message.link), 303)
    what, done = request.form.get("do", ""), None
    if what == "unread":
        _say_unread(inbox.mark_unread(chosen("message"), by=actor))
    elif what == "undo":
        _say_unread(inbox.undo(at, by=actor) if (at := _instant()) else 0)
    elif what == "all":
        done = inbox.mark_all_read(_filter(), by=actor, now=now)
    else:
        done = inbox.mark_read(chosen("message"), by=actor, now=now)
    return redirect(_back(done if done and done.count else None), 303)


def _say_unread(count: int) -> None:
    flash(ngettext("%(num)d message is unread again.", "%(num)d messages are unread again.", count), "done")


def _back(done: inbox.Marked | None) -> str:
    """The same view; what was marked is named in the address, so that it can be undone also after a reload."""
    values: dict[str, Any] = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    if done is not None:
        values["done"] = done.at.isoformat()
    first = chosen("message")[:1]
    return url_for("inbox.index", **values, _anchor=f"m{first[0]}" if first else None)


def _filter() -> Filter:
    """What the address asks for; what cannot be read there is left out."""
    return Filter(
        show=choice_in(Show, "show") or Show.ALL,
        kind=choice_in(MessageKind, "kind"),
        programme_id=request.args.get("programme", type=number),
        unit_id=request.args.get("unit", type=number),
        first=day_in("from"),
        last=day_in("to"),
        words=request.args.get("q", "")[:WORDS_LONGEST],
    )


def _instant() -> datetime | None:
    try:
        at = datetime.fromisoformat(request.args.get("done", ""))
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else None
