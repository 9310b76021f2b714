"""Each failure answered once: the error's own sentence on a page with its status, nothing typed lost."""

from __future__ import annotations

import logging
import re
from urllib.parse import urlsplit

from flask import Flask, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from peewee import DataError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from supervisor.errors import DukaoError, Stale
from supervisor.words import N_, Sentence

log = logging.getLogger(__name__)

SENTENCES: dict[int, Sentence] = {
    400: N_("The request could not be understood."),
    404: N_("There is nothing here that you may see."),
    405: N_("This address does not take that kind of request."),
    413: N_("The file or form is too large."),
    500: N_(
        "Something went wrong on our side. Nothing was saved; the office can find the error by its number."
    ),
}
#: Never shown back on a page.
HIDDEN = {"csrf_token", "_once", "password", "password_again", "current_password"}

#: What a tick, a choice or a row's key looks like: nothing that somebody wrote.
KEY = re.compile(r"\w{1,20}", re.ASCII)

#: What fields are called on their forms; a report's carry the entry's number in the page.
LABELS: dict[str, Sentence] = {
    "progress": N_("Progress"),
    "done": N_("Done this month"),
    "problems": N_("Problems"),
    "next_steps": N_("Next steps"),
    "help_wanted": N_("Help wanted from the lead office"),
    "figure_reason": N_("Why what is unusual is right"),
    "nil_reason": N_("Why there is nothing to report"),
    "due_on": N_("Time limit"),
    "reason": N_("Reason"),
    "note": N_("Reason"),
    "name": N_("Name"),
}


def init_app(app: Flask) -> None:
    """One handler a family."""
    app.register_error_handler(DukaoError, _refused)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(DataError, _unstorable)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _broken)


def _page(status: int, sentence: Sentence, error: DukaoError | None = None) -> Response:
    typed = _typed(error) if request.method == "POST" and status != 413 else []
    page = render_template(
        "errors/error.html", status=status, sentence=sentence, error=error, typed=typed, back=_form_page()
    )
    return make_response(page, status)


def _typed(error: DukaoError | None) -> list[tuple[Sentence | None, str]]:
    """What the person wrote, named where its field has a name: no ticks and keys, nor what is shown already."""
    shown = {text for _label, text in error.yours} if isinstance(error, Stale) else set()
    fields = [
        (LABELS.get(name.rpartition("-")[2]), value)
        for name, value in request.form.items(multi=True)
        if name not in HIDDEN and value.strip() and value not in shown
    ]
    return [(label, value) for label, value in fields if label or not KEY.fullmatch(value)]


def _form_page() -> str | None:
    """The page of ours that the refused form stood on, so that nobody has to find it again."""
    came_from = urlsplit(request.referrer or "")
    if request.method != "POST" or came_from.netloc != request.host:
        return None
    return came_from.path + (f"?{came_from.query}" if came_from.query else "")


def _refused(error: DukaoError) -> Response:
    return _page(error.status, error.sentence, error)


def _forged(_error: CSRFError) -> Response:
    return _page(
        400, N_("This form is too old or came from elsewhere. Open the page again and send it once more.")
    )


def _unstorable(error: DataError) -> Response:
    """PostgreSQL refuses what SQLite takes: NUL characters, text beyond its column. Not our failure, so no 500."""
    log.warning("request %s: %s", g.get("request_id"), error)
    return _page(
        422,
        N_(
            "Something typed is too long or holds a character that cannot be stored. Nothing was saved. "
            "What you typed is kept below: shorten it, and send it again."
        ),
    )


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    return _page(status, SENTENCES.get(status, SENTENCES[400]))


def _broken(error: Exception) -> Response:
    log.error("request %s failed", g.get("request_id"), exc_info=error)
    g.frame_off = True  # the frame's own queries may be what is broken
    return _page(500, SENTENCES[500])
