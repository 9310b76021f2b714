"""Later deadlines: a unit asks before the due day, the office decides; and the office's own moves (延期).

Every move has a reason and an audit row, is counted and shown, and cancels the unsent reminders of the old
day in the same transaction.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

from supervisor.clock import beijing_date
from supervisor.core import audit, events, messages, owed_words, people, reminders
from supervisor.core.calendar import load_calendar
from supervisor.core.days import day_words
from supervisor.core.message_fields import Value
from supervisor.core.obligations import OWED
from supervisor.core.permissions import Actor, Permission
from supervisor.core.programmes import settings_on
from supervisor.core.schedules import Dates, dates_from
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound, Refused
from supervisor.models import Extension, Obligation, ObligationState, ReportingRule
from supervisor.models.base import rows_of
from supervisor.words import N_


@transactional
def ask_extension(
    obligation: Obligation, *, reason: str, wanted_on: date, by: Actor, now: datetime
) -> Extension:
    """A unit asks for a later due day; only before the due time and one request at a time.

    Raises Refused after the due time, after the report was handed in, or while a request is undecided.
    """
    by.require(Permission.EXTENSION_ASK)
    if obligation.unit_id not in by.unit_ids or obligation.programme_id != by.programme_id:
        raise NotFound
    if now >= obligation.due_at:
        raise Refused(N_("The due time is past: an extension must be asked for before it."))
    if obligation.state not in OWED or obligation.first_submitted_at is not None:
        raise Refused(N_("This report has already been handed in."))
    if _undecided(obligation):
        raise Refused(N_("A request for this report is already waiting for the lead office."))
    fields = {}
    if not reason.strip():
        fields["reason"] = N_("Say why the report cannot be ready in time.")
    if wanted_on <= obligation.due_on:
        fields["wanted_on"] = N_("The wanted day must be after the present due day.")
    if fields:
        raise Invalid(N_("The request was not sent."), fields)
    row = Extension.create(
        obligation=obligation, reason=reason.strip(), wanted_on=wanted_on, asked_by=by.user_id, asked_at=now
    )
    audit.record(by, "extension.ask", row, now=now, after={"wanted_on": wanted_on}, reason=reason)
    return row


def may_be_asked(obligation: Obligation, by: Actor, now: datetime) -> bool:
    """Whether this person may ask for a later day now; one request at a time."""
    return (
        by.may(Permission.EXTENSION_ASK)
        and obligation.unit_id in by.unit_ids
        and now < obligation.due_at
        and obligation.state in OWED
        and obligation.first_submitted_at is None
    )


@transactional
def decide_extension(
    extension: Extension,
    *,
    granted: bool,
    decision: str,
    by: Actor,
    now: datetime,
    due_on: date | None = None,
) -> None:
    """The office grants a later day (the wanted one unless told) or refuses with a reason; the unit is told."""
    by.require(Permission.EXTENSION_DECIDE)
    obligation: Obligation = extension.obligation
    if obligation.programme_id != by.programme_id:
        raise NotFound
    if obligation.unit_id in by.unit_ids:
        raise Refused(N_("Nobody decides on a report of their own unit."))
    if not granted and not decision.strip():
        raise Invalid(N_("Nothing was decided."), {"decision": N_("Say why the request is refused.")})
    day = (due_on or extension.wanted_on) if granted else None
    decided = (
        Extension.update(
            granted=granted, granted_on=day, decision=decision.strip(), decided_by=by.user_id, decided_at=now
        )
        .where((Extension.id == extension.id) & Extension.granted.is_null())
        .execute()
    )
    if not decided:
        raise Refused(N_("Somebody else has already decided this request."))
    if day is not None:
        _move(obligation, day, reason=decision.strip() or extension.reason, by=by, now=now)
    audit.record(
        by,
        "extension.decide",
        extension,
        now=now,
        after={"granted": granted, "granted_on": day},
        reason=decision,
    )
    _tell(extension, obligation, day=day, now=now)


def _tell(extension: Extension, obligation: Obligation, *, day: date | None, now: datetime) -> None:
    found = people.liaisons_of([obligation.unit_id], obligation.programme_id, beijing_date(now))
    fields: dict[str, Value] = {"what": owed_words.what(obligation)}
    messages.notify(
        event=events.EXTENSION_GRANTED if day else events.EXTENSION_REFUSED,
        key=f"extension:{extension.id}",
        to=found.get(obligation.unit_id, []),
        fields={**fields, "day": day_words(day)} if day else fields,
        link=f"/p/{obligation.programme_id}/reports/{obligation.id}",
        programme_id=obligation.programme_id,
        unit_id=obligation.unit_id,
        now=now,
    )


def _undecided(obligation: Obligation) -> bool:
    return bool(
        Extension.select().where((Extension.obligation == obligation) & Extension.granted.is_null()).exists()
    )


def granted_count(programme_id: int) -> dict[int, int]:
    """Unit -> how many extensions it was granted in the programme; shown beside its reports."""
    # From the few extensions to their reports: joined, the database may walk all reports of the programme.
    unit = Obligation.select(Obligation.unit).where(
        (Obligation.id == Extension.obligation) & (Obligation.programme == programme_id)
    )
    granted = Extension.select(unit.alias("unit_of")).where(Extension.granted == True)  # noqa: E712 -- a column
    return Counter(key for (key,) in rows_of(granted) if key is not None)


@transactional
def move_deadline(obligation: Obligation, due_on: date, *, reason: str, by: Actor, now: datetime) -> None:
    """Move an owed report's due day; unsent reminders of the old day are cancelled in the same transaction.

    Raises Refused once the report is handed in or locked: what is missing then may come late by a permit, but no
    later day makes it punctual. Invalid for a day already past or without a reason.
    """
    if now >= obligation.locked_at:
        raise Refused(N_("This report is locked. A late permit lets the unit hand it in; it stays late."))
    _move(obligation, due_on, reason=reason, by=by, now=now)


def _move(obligation: Obligation, due_on: date, *, reason: str, by: Actor, now: datetime) -> None:
    """As `move_deadline`; also after the lock, where the unit had asked in time and the office is slow."""
    by.require(Permission.EXTENSION_DECIDE)
    if not reason.strip():
        raise Invalid(N_("The deadline was not moved."), {"reason": N_("Say why the deadline moves.")})
    dates = _moved(obligation, due_on)
    if dates.due_at <= now:
        raise Invalid(N_("The deadline was not moved."), {"due_on": N_("The new day is already past.")})
    moved = (
        Obligation.update(
            due_on=dates.due_on,
            due_at=dates.due_at,
            grace_at=dates.grace_at,
            locked_at=dates.locked_at,
            outcome=None,
            schedule_version=Obligation.schedule_version + 1,
            version=Obligation.version + 1,
        )
        .where(
            (Obligation.id == obligation.id)
            & (Obligation.version == obligation.version)
            & Obligation.first_submitted_at.is_null()
            & Obligation.state.in_([ObligationState.OPEN, ObligationState.WITH_HEAD])
        )
        .execute()
    )
    if not moved:
        raise Refused(N_("The report has been handed in or changed meanwhile; its deadline stays."))
    reminders.cancel(obligation.id, now)
    audit.record(
        by, "obligation.move", obligation, now=now, reason=reason,
        before={"due_on": obligation.due_on}, after={"due_on": dates.due_on},
    )  # fmt: skip


def _moved(obligation: Obligation, due_on: date) -> Dates:
    # A day that a person names is kept as named: the policy is for computed days.
    settings = settings_on(obligation.programme_id, due_on)
    return dates_from(due_on, ReportingRule.get_by_id(obligation.rule_id), settings, load_calendar())


@transactional
def waive(obligation: Obligation, *, reason: str, by: Actor, now: datetime) -> None:
    """Release a unit from a report that is not handed in; it leaves the reporting rate, with its reason."""
    by.require(Permission.EXTENSION_DECIDE)
    if obligation.unit_id in by.unit_ids:
        raise Refused(N_("Nobody decides on a report of their own unit."))
    if not reason.strip():
        raise Invalid(N_("The report was not waived."), {"reason": N_("Say why the report is waived.")})
    waived = (
        Obligation.update(
            state=ObligationState.WAIVED,
            outcome=None,
            waive_reason=reason.strip()[:400],
            schedule_version=Obligation.schedule_version + 1,
            version=Obligation.version + 1,
        )
        .where(
            (Obligation.id == obligation.id)
            & (Obligation.version == obligation.version)
            & (Obligation.state == ObligationState.OPEN)
        )
        .execute()
    )
    if not waived:
        raise Refused(N_("The report has been handed in or changed meanwhile."))
    reminders.cancel(obligation.id, now)
    audit.record(by, "obligation.waive", obligation, now=now, reason=reason)
