"""Everything that time alone makes happen, in one pass: `tick`.

What is due is read from the tables, never from the moment at which a trigger fired: a pass that comes late,
twice, or in two processes at once does the same as one in time. The lease spares work; it proves nothing.
"""

from __future__ import annotations

import logging
import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from datetime import time as dtime
from pathlib import Path
from typing import Any

from supervisor.clock import BEIJING, beijing_date, machine_now
from supervisor.config import Config
from supervisor.core import (
    attachments,
    calendar_alarms,
    fact_sheets,
    ladder_reminders,
    ledger_import,
    letters,
    obligations,
    outbox,
    reminders,
    reviews,
    robot_reminders,
    tasks,
    weekly,
    weekly_records,
    wording_alarms,
    work_plan_asking,
)
from supervisor.core.mail import SmtpSender
from supervisor.core.outbox import OutboxOnly, Sender, WaysOut
from supervisor.core.programme_copies import copy_programme
from supervisor.core.robot_senders import robot_sender
from supervisor.database import make_database, migrate, transaction, transactional, visiting
from supervisor.models import (
    IdempotencyKey,
    Lease,
    LoginAttempt,
    LoginSession,
    OneTimeLink,
    Programme,
    Tick,
    User,
)
from supervisor.models.base import rows_of

log = logging.getLogger(__name__)

Step = Callable[[datetime], Any]

LEASE = timedelta(seconds=60)
HOLDER = f"{socket.gethostname()[:60]}:{os.getpid()}"
#: Of passes that found nothing to do only the last one of each hour is kept; of the others, all.
KEEP_TICKS = timedelta(days=366)
KEEP_KEYS = timedelta(days=30)
KEEP_ATTEMPTS = timedelta(days=1)
#: In a rehearsal work has begun everywhere at this time: whatever the day brings has been written.
MORNING = dtime(9)
#: Ended sign-ins and dead links stay as long as the law wants logs: six months are up to 184 days.
KEEP_SIGN_INS = timedelta(days=190)

# The scheduler and somebody who moves the trial clock may want a pass in one process at the same moment.
_passing = threading.Lock()


def tick(now: datetime, sender: Sender, ran_at: datetime, files: Path | None = None) -> Tick | None:
    """One pass as of `now`; answers its row, or None where another process is at it.

    A step that fails is written into the row and does not keep the later ones from running.

    Args:
        now: the product's time (trial clock included).
        sender: the way mail leaves the house.
        ran_at: the machine's own time, for the lease and for the alarm when passes stop (D34).
        files: where attachments lie; None leaves files that no record took where they are.
    """
    with _passing:
        if not _take_lease(ran_at):
            return None
        try:
            return _pass(now, sender, ran_at, files)
        finally:
            _give_lease_back(ran_at)


def _pass(now: datetime, sender: Sender, ran_at: datetime, files: Path | None) -> Tick:
    start = time.perf_counter()
    counts: dict[str, Any] = {}
    errors = []
    for name, step in [*steps(sender), *sweeping(files)]:
        try:
            counts[name] = step(now)
        except Exception as error:
            log.exception("tick: %s failed", name)
            errors.append(f"{name}: {type(error).__name__}: {error}")
    milliseconds = int((time.perf_counter() - start) * 1000)
    with transaction():
        if not any(counts.values()) and not errors:
            hour = now.replace(minute=0, second=0, microsecond=0)
            same = (Tick.at >= hour) & (Tick.at <= now) & (Tick.counts == counts) & (Tick.error == "")
            Tick.delete().where(same).execute()
        return Tick.create(
            at=now, ran_at=ran_at, milliseconds=milliseconds, counts=counts, error="\n".join(errors)
        )


def steps(sender: Sender) -> list[tuple[str, Step]]:
    """The steps by name: what is missing, owed, reminded of, told weekly, alarmed about, sent, lit, thinned."""
    return [
        ("missing", obligations.mark_missing),
        ("generated", obligations.generate_due),
        ("work plans", work_plan_asking.ask_due),
        ("reminders", reminders.queue),
        ("robots", robot_reminders.queue),
        ("ladder", ladder_reminders.queue),
        ("weekly", weekly.send),
        ("weeks", weekly_records.make),
        ("alarms", reviews.alarm),
        ("calendar", calendar_alarms.send),
        ("wordings", wording_alarms.send),
        ("delivered", lambda now: outbox.deliver(sender, now)),
        ("lights", tasks.refresh_lights),
        ("thinned", thin),
    ]


def sweeping(files: Path | None) -> list[tuple[str, Step]]:
    """The step that removes files no record took, where it is known where files lie."""
    return [("swept", lambda now: attachments.sweep(files, now))] if files else []


def sender_of(config: Config) -> Sender:
    """The ways out of the house by the settings; a sandbox has none.

    Raises ValueError naming the setting that cannot be used.
    """
    if config.is_sandbox:
        return OutboxOnly()
    mail = mail_sender(config) if config.smtp_url else OutboxOnly()
    return WaysOut(mail, robot_sender(config, machine_now))


def mail_sender(config: Config) -> SmtpSender:
    """The mail server of the settings."""
    try:
        return SmtpSender(config.smtp_url, config.mail_from, config.public_url)
    except ValueError as error:
        raise ValueError(f"DUKAO_SMTP_URL: {error}") from None


@transactional
def thin(now: datetime) -> int:
    """Remove what nobody asks for any more: passes, spent keys, unconfirmed uploads, old sign-ins and links."""
    removed = ledger_import.sweep(now) + fact_sheets.sweep(now)
    for query in (
        Tick.delete().where(Tick.at < now - KEEP_TICKS),
        IdempotencyKey.delete().where(IdempotencyKey.at < now - KEEP_KEYS),
        LoginAttempt.delete().where(LoginAttempt.at < now - KEEP_ATTEMPTS),
        LoginSession.delete().where(LoginSession.ended_at < now - KEEP_SIGN_INS),
        OneTimeLink.delete().where(OneTimeLink.expires_at < now - KEEP_SIGN_INS),
    ):
        removed += query.execute()
    return removed


@transactional
def _take_lease(at: datetime) -> bool:
    Lease.insert(name="tick", holder="", until=at).on_conflict_ignore().execute()
    free = (Lease.until <= at) | (Lease.holder == HOLDER)
    taken = Lease.update(holder=HOLDER, until=at + LEASE, fence=Lease.fence + 1).where(
        Lease.name == "tick", free
    )
    return bool(taken.execute())


@transactional
def _give_lease_back(at: datetime) -> None:
    Lease.update(until=at).where(Lease.name == "tick", Lease.holder == HOLDER).execute()


def rehearse(programme: Programme, folder: Path, *, now: datetime, days: int, config: Config) -> int:
    """Let a copy of the programme live through `days` mornings, today included; answers how many messages it wrote.

    Args:
        programme: of the database in force, which is only read.
        folder: where the files go; made if it is missing.
        now: from when on; what was written before is left out.
        days: mornings.
        config: for the sender's address and the links.
    """
    count = 0
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as place:
        database = make_database(f"sqlite:///{Path(place) / 'copy.db'}")
        migrate(database)
        addresses = dict(rows_of(User.select(User.id, User.email).where(User.email != "")))
        with database.connection_context():
            copy_programme(programme, database)
            with visiting(database):
                with (
                    transaction()
                ):  # a copy knows no addresses; here nothing can leave, and mail is what is wanted
                    for key, email in addresses.items():
                        User.update(email=email).where(User.id == key).execute()
                for number in range(days):
                    morning = datetime.combine(
                        beijing_date(now) + timedelta(days=number), MORNING, tzinfo=BEIJING
                    )
                    tick(max(morning, now), OutboxOnly(), machine_now())
                for name, content in letters.files_of(
                    now, mail_from=config.mail_from, base_url=config.public_url
                ):
                    file = folder / name
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(content)
                    count += name != letters.LIST
    return count
