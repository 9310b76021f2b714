"""Sandboxes (沙盘推演): an office tries a year of its programme on a copy before it counts.

A sandbox is a folder under the data folder: an embedded database with the programme's rows, its files, its own
clock. Nothing leaves it: mail is kept inside, nobody signs in there with a password, and its key is its address.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from peewee import Database

from supervisor.clock import Clock
from supervisor.config import Config
from supervisor.core import accounts, audit
from supervisor.core.permissions import Actor, Permission
from supervisor.core.programme_copies import copy_programme
from supervisor.database import make_database, migrate, transactional, visiting
from supervisor.errors import Invalid, NotFound, Refused
from supervisor.models import Attachment, AuditEntry, Programme, Sandbox, User
from supervisor.models.base import rows_of
from supervisor.words import N_

#: A programme keeps at most so many at once: each is a whole copy.
AT_ONCE = 3
#: How far from today a sandbox may begin.
FURTHEST = timedelta(days=731)
KEY = re.compile(r"[0-9a-f]{32}")


def sandboxes_of(programme: Programme) -> list[Sandbox]:
    """The programme's sandboxes that are not ended, newest first."""
    open_ones = (Sandbox.programme == programme) & Sandbox.ended_at.is_null()
    return list(Sandbox.select().where(open_ones).order_by(Sandbox.id.desc()))


def get_sandbox(sandbox_id: int, programme: Programme) -> Sandbox:
    """An open sandbox of the programme, or NotFound."""
    found: Sandbox | None = Sandbox.get_or_none(
        (Sandbox.id == sandbox_id) & (Sandbox.programme == programme) & Sandbox.ended_at.is_null()
    )
    if found is None:
        raise NotFound
    return found


def make_sandbox(
    programme: Programme, name: str, starts_at: datetime, *, by: Actor, now: datetime, config: Config
) -> Sandbox:
    """Copy the programme as it now stands into a sandbox whose clock begins at `starts_at`.

    Not one transaction: the copy is written first and recorded when it is whole; a failing one is removed.

    Raises:
        Invalid: no name, or a beginning before the last act on record or too far off.
        Refused: there are enough sandboxes already, or this is one.
    """
    by.require(Permission.SANDBOX_USE)
    if config.is_sandbox:
        raise Refused(N_("This is a sandbox already."))
    if len(sandboxes_of(programme)) >= AT_ONCE:
        raise Refused(N_("There are %(n)s sandboxes already: remove one first.", n=AT_ONCE))
    wrong = {}
    if not name.strip():
        wrong["name"] = N_("Give it a name.")
    if not now <= starts_at <= now + FURTHEST:
        wrong["starts_at"] = N_(
            "It begins now or within the next two years: what is on record stays behind it."
        )
    if wrong:
        raise Invalid(N_("The sandbox was not made."), wrong)
    key = secrets.token_hex(16)
    folder = folder_of(config, key)
    try:
        _fill(programme, folder, starts_at, config, by=by)
        return _record(programme, name.strip(), key, starts_at, by=by, now=now)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


@transactional
def _record(
    programme: Programme, name: str, key: str, starts_at: datetime, *, by: Actor, now: datetime
) -> Sandbox:
    row = Sandbox.create(
        programme=programme, name=name[:120], key=key, starts_at=starts_at,
        created_by=by.user_id, created_by_name=by.name, created_at=now,
    )  # fmt: skip
    audit.record(by, "sandbox.create", row, now=now, after={"name": name, "starts_at": starts_at})
    return row


def _fill(programme: Programme, folder: Path, starts_at: datetime, config: Config, *, by: Actor) -> None:
    folder.mkdir(parents=True)
    inside = settings_of(config, folder)
    database = make_database(inside.url)
    migrate(database)
    with database.connection_context():
        copy_programme(programme, database)
        with visiting(database):
            begun = ("programme", programme.id)
            audit.record(by, "sandbox.begin", begun, now=starts_at, after={"starts_at": starts_at})
    for (sha256,) in rows_of(Attachment.select(Attachment.sha256).distinct()):
        _lend_file(config.data / "files", inside.data / "files", sha256)
    Clock(inside.clock_file).set_trial(starts_at)


def begun_at(programme: Programme) -> datetime:
    """When the sandbox that holds this programme began, by its own clock; NotFound outside one."""
    entry: AuditEntry | None = AuditEntry.select().where(
        (AuditEntry.action == "sandbox.begin") & (AuditEntry.subject_id == programme.id)
    ).order_by(AuditEntry.seq).first()  # fmt: skip
    if entry is None:
        raise NotFound
    return entry.at


def _lend_file(source: Path, target: Path, sha256: str) -> None:
    """The same file under a second name: contents are kept under their hash and never change."""
    here, there = source / sha256[:2] / sha256, target / sha256[:2] / sha256
    if not here.exists():
        return
    there.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(here, there)
    except OSError:  # another file system, or one without links
        with suppress(FileNotFoundError):
            shutil.copyfile(here, there)


@transactional
def remove_sandbox(sandbox: Sandbox, *, by: Actor, now: datetime, config: Config) -> None:
    """End a sandbox and delete its folder; whoever is inside finds it gone."""
    by.require(Permission.SANDBOX_USE)
    ended = Sandbox.update(ended_at=now).where((Sandbox.id == sandbox.id) & Sandbox.ended_at.is_null())
    if ended.execute():
        audit.record(by, "sandbox.remove", sandbox, now=now, before={"name": sandbox.name})
        shutil.rmtree(folder_of(config, sandbox.key), ignore_errors=True)


def folder_of(config: Config, key: str) -> Path:
    """Where a sandbox lies; ValueError for what is no key."""
    if not KEY.fullmatch(key):
        raise ValueError("not a sandbox's key")
    return config.data / "sandboxes" / key


def settings_of(config: Config, folder: Path) -> Config:
    """The installation's settings as they hold inside a sandbox: own place, own database, no way out for mail."""
    return replace(config, data=folder, mode="sandbox", database_url="", database_role="", smtp_url="")


def enter(sandbox: Sandbox, config: Config, *, by: Actor) -> str:
    """Open a sign-in inside the sandbox for the person who asks; answers its token.

    Raises NotFound where the person has no post there any more or the folder is gone.
    """
    by.require(Permission.SANDBOX_USE)
    folder = folder_of(config, sandbox.key)
    if not folder.exists():
        raise NotFound
    database = open_database_of(config, folder)
    with database.connection_context(), visiting(database):
        person = User.get_or_none(User.id == by.user_id)
        if person is None:
            raise NotFound
        return accounts.start_session(person, now=Clock(folder / "clock.json").now(), ip=by.ip)


def open_database_of(config: Config, folder: Path) -> Database:
    """A sandbox's database, not yet connected, with the schema of this version: it may be older than an update."""
    database = make_database(settings_of(config, folder).url)
    migrate(database)
    return database
