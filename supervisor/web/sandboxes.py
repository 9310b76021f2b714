"""Sandboxes: make, enter and remove one; inside, act as anybody and let time pass."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import threading
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from peewee import Database
from werkzeug.wrappers import Response

from supervisor import jobs
from supervisor.clock import BEIJING, Clock, beijing
from supervisor.core import accounts, letters, people, rehearsals, sandboxes, trial_clock
from supervisor.core.outbox import OutboxOnly
from supervisor.core.permissions import Actor, Permission
from supervisor.core.rehearsals import Habits
from supervisor.database import db, visiting
from supervisor.errors import Invalid, NotFound, Refused
from supervisor.models import Programme, User
from supervisor.web import guard
from supervisor.web.forms import day_of, text_of, whole_of
from supervisor.web.guard import actor, config, now, once, programme, requires, today
from supervisor.words import N_, Sentence

blueprint = Blueprint("sandboxes", __name__, url_prefix="/p/<int:programme_id>/sandboxes")
log = logging.getLogger(__name__)
Page = str | Response | tuple[str, int]
#: Where a play writes how far it is.
PLAY = "play.json"
#: A play that has said nothing for so long is over: no morning takes this long.
SILENT_SECONDS = 180


@blueprint.get("")
@requires(Permission.SANDBOX_USE)
def index(programme_id: int) -> Page:
    """The programme's sandboxes; inside one, its own page."""
    if config().is_sandbox:
        return redirect(url_for("sandboxes.play", programme_id=programme_id), 303)
    return _index_page({})


@blueprint.post("")
@requires(Permission.SANDBOX_USE)
def make(programme_id: int) -> Page:
    """Copy the programme into a new sandbox."""
    try:
        begin = day_of("starts_on")
        moment = datetime.combine(begin, trial_clock.MORNING, tzinfo=BEIJING) if begin else now()
        with once(answer=url_for("sandboxes.index", programme_id=programme_id)):
            pass  # the key is spent before the copy is written: a second press makes no second one
        sandboxes.make_sandbox(
            programme(), text_of("name"), max(moment, now()), by=actor(), now=now(), config=config()
        )
    except (Invalid, Refused) as error:
        fields = error.fields if isinstance(error, Invalid) else {}
        return _index_page(fields or {"name": error.sentence}), error.status
    flash(_("The sandbox is ready."), "done")
    return redirect(url_for("sandboxes.index", programme_id=programme_id), 303)


@blueprint.post("/<int:sandbox_id>/enter")
@requires(Permission.SANDBOX_USE)
def enter(programme_id: int, sandbox_id: int) -> Page:
    """Go in as oneself."""
    sandbox = sandboxes.get_sandbox(sandbox_id, programme())
    token = sandboxes.enter(sandbox, config(), by=actor())
    place = f"{request.script_root}/sandbox/{sandbox.key}"
    return _signed_in(redirect(f"{place}/p/{programme_id}/sandboxes/play", 303), token, place)


@blueprint.post("/<int:sandbox_id>/remove")
@requires(Permission.SANDBOX_USE)
def remove(programme_id: int, sandbox_id: int) -> Page:
    """Delete a sandbox with all that is in it."""
    sandbox = sandboxes.get_sandbox(sandbox_id, programme())
    sandboxes.remove_sandbox(sandbox, by=actor(), now=now(), config=config())
    flash(_("The sandbox is removed."), "done")
    return redirect(url_for("sandboxes.index", programme_id=programme_id), 303)


@blueprint.get("/leave")
@guard.public
def leave(programme_id: int) -> Page:
    """Back to the real programme; where the sign-in inside has ended, to the page from which one enters again."""
    return redirect(f"/p/{programme_id}/" if g.user is not None else f"/p/{programme_id}/sandboxes")


# Inside ------------------------------------------------------------------------------------------------------


@blueprint.get("/play")
@requires(Permission.PROGRAMME_READ)
def play(programme_id: int) -> Page:
    """Who I act as, how far time is, what was asked and how it ended so far."""
    _require_inside()
    return _play_page({})


@blueprint.get("/play/messages.zip")
@requires(Permission.PROGRAMME_READ)
def messages_zip(programme_id: int) -> Response:
    """Every message that the sandbox has written, a file each, with a list."""
    _require_inside()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        since = sandboxes.begun_at(programme())
        for name, content in letters.files_of(
            since, mail_from=config().mail_from, base_url=config().public_url
        ):
            archive.writestr(name, content)
    made.seek(0)
    return send_file(made, "application/zip", as_attachment=True, download_name="messages.zip", max_age=0)


@blueprint.post("/play")
@requires(Permission.PROGRAMME_READ)
def begin(programme_id: int) -> Page:
    """Let the units and the office act every working morning up to a day."""
    _require_inside()
    try:
        habits = Habits(
            whole_of("late") or 0, whole_of("missing") or 0, whole_of("returned") or 0, whole_of("seed") or 1
        )
        habits.check()
        until = datetime.combine(day_of("until") or today(), trial_clock.MORNING, tzinfo=BEIJING)
        trial_clock.check(now(), until)
        with once(answer=url_for("sandboxes.play", programme_id=programme_id)):
            pass
        _begin(until, habits if request.form.get("people") else None)
    except Invalid as error:
        return _play_page(error.fields or {"until": error.sentence}), error.status
    return redirect(url_for("sandboxes.play", programme_id=programme_id), 303)


@blueprint.post("/play/as")
@requires(Permission.PROGRAMME_READ)
def act_as(programme_id: int) -> Page:
    """Act as somebody else of the programme: rights and pages are theirs."""
    _require_inside()
    person = User.get_or_none(User.id == whole_of("user"))
    if person is None:
        raise NotFound
    token = accounts.start_session(person, now=now(), ip=guard.source_ip())
    place = url_for("sandboxes.play", programme_id=programme_id)
    return _signed_in(redirect(place, 303), token, request.script_root)


def _require_inside() -> None:
    if not config().is_sandbox:
        raise NotFound


def _signed_in(answer: Response, token: str, place: str) -> Response:
    answer.set_cookie(
        guard.SANDBOX_COOKIE, token, secure=config().tls, httponly=True, samesite="Lax", path=place
    )
    return answer


def _index_page(errors: dict[str, Sentence]) -> str:
    return render_template(
        "sandboxes/index.html",
        sandboxes=sandboxes.sandboxes_of(programme()),
        at_once=sandboxes.AT_ONCE,
        errors=errors,
    )


def _play_page(errors: dict[str, Sentence]) -> str:
    return render_template(
        "sandboxes/play.html",
        running=read_play(config().data),
        tallies=rehearsals.tally(programme()),
        told=rehearsals.messages_told(programme()),
        cast=people.everybody(programme().id, today()),
        habits=Habits(),
        year_on=today() + timedelta(days=365),
        errors=errors,
    )


# The play itself ---------------------------------------------------------------------------------------------


def _begin(until: datetime, habits: Habits | None) -> None:
    """Start the play in a thread of its own; Invalid while one is running."""
    file = config().data / PLAY
    running = read_play(config().data)
    if running and not running["done"]:
        raise Invalid(N_("A play is running already."))
    write_play(file, now(), until, now(), done=False)
    run = Run(db.obj, programme(), config().data, guard.clock(), actor())
    threading.Thread(target=run.play, args=(now(), until, habits), name="play", daemon=True).start()


class Run:
    """One play: a sandbox's database and clock, and who began it."""

    def __init__(
        self, database: Database, programme: Programme, folder: Path, clock: Clock, by: Actor
    ) -> None:
        self._database, self._programme, self._folder = database, programme, folder
        self._clock, self._by = clock, by

    def play(self, before: datetime, until: datetime, habits: Habits | None) -> None:
        """Work through every working morning; how far it is stands in the sandbox's folder."""
        file, at, error = self._folder / PLAY, before, ""
        with visiting(self._database), self._connected():
            try:
                for at in [*trial_clock.mornings(before, until), until]:
                    self._morning(at, habits)
                    write_play(file, before, until, at, done=False)
            except Exception as problem:  # a thread has nobody above it: the page says what happened
                log.exception("a play in a sandbox stopped")
                error = f"{type(problem).__name__}: {problem}"
            self._clock.set_trial(at)
            trial_clock.moved(before, at, by=self._by)
            write_play(file, before, until, at, done=True, error=error)

    def _morning(self, at: datetime, habits: Habits | None) -> None:
        jobs.tick(at, OutboxOnly(), datetime.now(UTC), self._folder / "files")
        if habits is not None:
            rehearsals.act(self._programme, habits, at)

    @contextlib.contextmanager
    def _connected(self) -> Iterator[None]:
        self._database.connect(reuse_if_open=True)
        try:
            yield
        finally:
            self._database.close()


def write_play(
    file: Path, before: datetime, until: datetime, at: datetime, *, done: bool, error: str = ""
) -> None:
    """Say how far a play is, whole or not at all."""
    days = {name: moment.isoformat() for name, moment in (("from", before), ("until", until), ("at", at))}
    beside = file.with_suffix(".new")
    beside.write_text(json.dumps(days | {"done": done, "error": error}), encoding="utf-8")
    beside.replace(file)


def read_play(folder: Path) -> dict[str, Any] | None:
    """How far the last play is, with the share done in percent; None before the first one."""
    try:
        kept: dict[str, Any] = json.loads((folder / PLAY).read_text(encoding="utf-8"))
        silent = time.time() - (folder / PLAY).stat().st_mtime
    except FileNotFoundError:
        return None
    if not kept["done"] and silent > SILENT_SECONDS:  # the process that played it is gone
        kept |= {"done": True, "error": _("the server was stopped meanwhile")}
    first, last, at = (beijing(datetime.fromisoformat(kept[name])) for name in ("from", "until", "at"))
    percent = 100 if kept["done"] else int(100 * ((at - first) / max(last - first, timedelta(days=1))))
    return kept | {"from": first, "until": last, "at": at, "percent": percent}
