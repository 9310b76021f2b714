"""The day's reminder to one person: which rows it carries, and its words (D12).

A digest is one message per person, channel and day. Until it is sent it follows the facts: what has been
submitted meanwhile drops out, and a digest that has nothing left to say is cancelled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from peewee import fn

from supervisor.clock import beijing_date
from supervisor.core import events, receivers
from supervisor.core.calendar import load_calendar
from supervisor.core.days import due_words, left_words
from supervisor.core.message_events import MessageEvent, said
from supervisor.core.message_fields import Value
from supervisor.core.periods import Period
from supervisor.core.wordings import in_force
from supervisor.core.workdays import Calendar
from supervisor.models import (
    Message,
    MessageState,
    Obligation,
    ObligationState,
    Programme,
    Reminder,
    Report,
    ReportingRule,
    RuleKind,
    Unit,
    User,
)
from supervisor.models.base import rows_of
from supervisor.words import DEFAULT_LOCALE, LOCALES, N_, Sentence

#: States in which a report is still owed.
OWED = (ObligationState.OPEN, ObligationState.WITH_HEAD, ObligationState.RETURNED)


@dataclass(frozen=True)
class Item:
    """One owed report as a digest names it."""

    obligation_id: int
    programme_id: int
    unit_id: int
    programme: str
    unit: str
    rule: str
    period: str
    due_on: date
    returned: bool
    schedule_version: int
    #: Where items are counted: how many are in, of how many at least (C45).
    counted: tuple[int, int] | None = None
    #: Owed once: its period is its day, which is said already.
    once: bool = False


@dataclass(frozen=True)
class Words:
    """A rendered digest, and the event in whose words it is."""

    event: MessageEvent
    subject: str
    body: str
    link: str
    programme_id: int | None
    unit_id: int | None


def items_of(obligation_ids: Sequence[int]) -> list[Item]:
    """The owed reports among these obligations, the most urgent first. One query, and one for counted items."""
    query = (
        Obligation.select(
            Obligation.id,
            Obligation.programme,
            Obligation.unit,
            Obligation.rule,
            Obligation.period,
            Obligation.due_on,
            Obligation.return_due_on,
            Obligation.schedule_version,
            Obligation.state,
            Programme.id,
            Programme.name,
            Unit.id,
            Unit.name,
            ReportingRule.id,
            ReportingRule.name,
            ReportingRule.kind,
            ReportingRule.minimum,
            ReportingRule.recurrence,
        )
        .join(Programme)
        .switch(Obligation)
        .join(Unit)
        .switch(Obligation)
        .join(ReportingRule)
        .where(Obligation.id.in_(list(obligation_ids)) & Obligation.state.in_(OWED))
    )
    rows = list(query)
    sent = _sent([row.id for row in rows if row.rule.kind is RuleKind.COUNT])
    items = [
        Item(
            obligation_id=row.id,
            programme_id=row.programme_id,
            unit_id=row.unit_id,
            programme=row.programme.name,
            unit=row.unit.name,
            rule=row.rule.name,
            period=row.period,
            due_on=due_day(row),
            returned=row.state is ObligationState.RETURNED,
            schedule_version=row.schedule_version,
            counted=(sent.get(row.id, 0), row.rule.minimum) if row.rule.kind is RuleKind.COUNT else None,
            once=not row.rule.recurrence,
        )
        for row in rows
    ]
    return in_order(items)


def _sent(obligation_ids: Sequence[int]) -> dict[int, int]:
    """Obligation → how many items are in; asked only where items are counted."""
    if not obligation_ids:
        return {}
    mine = Report.obligation.in_(list(obligation_ids)) & (Report.sent == True)  # noqa: E712 -- a column
    query = Report.select(Report.obligation, fn.COUNT(Report.id)).where(mine).group_by(Report.obligation)
    return dict(rows_of(query))


def in_order(items: Iterable[Item]) -> list[Item]:
    """The most urgent first."""
    return sorted(items, key=lambda item: (item.due_on, item.programme_id, item.obligation_id))


def due_day(obligation: Obligation) -> date:
    """The day that counts now: that of the new version after a return, else the announced one."""
    if obligation.state is ObligationState.RETURNED and obligation.return_due_on:
        return obligation.return_due_on
    return obligation.due_on


def render(items: Sequence[Item], person: User, *, today: date, calendar: Calendar) -> Words:
    """The digest's words in the person's language; `items` is not empty."""
    locale = str(person.language) if person.language in LOCALES else DEFAULT_LOCALE
    first = items[0]
    programmes, units = {item.programme_id for item in items}, {item.unit_id for item in items}
    programme_id = first.programme_id if len(programmes) == 1 else None
    link = f"/p/{first.programme_id}/reports" if programme_id else "/"
    if len(items) == 1:
        link += f"/{first.obligation_id}"
    event, fields = _event(items, today, calendar)
    subject, body = in_force(event, programme_id, today).words(said(fields, locale), locale)
    return Words(
        event=event,
        subject=subject,
        body=body,
        link=link,
        programme_id=programme_id,
        unit_id=first.unit_id if len(units) == 1 else None,
    )


def _event(items: Sequence[Item], today: date, calendar: Calendar) -> tuple[MessageEvent, dict[str, Value]]:
    """In the words of which event these reports are reminded of, and what fills them."""
    if len(items) == 1:
        return _of_one(items[0]), _fields(items[0], today, calendar)
    # A list's lines are ours: several programmes may stand in it.
    lines = [Sentence(_line(item).msgid, _fields(item, today, calendar)) for item in items]
    overdue = sum(item.due_on < today for item in items)
    if overdue:
        return events.REMINDER_OVERDUE, {"count": len(items), "overdue": overdue, "reports": lines}
    return events.REMINDER_SEVERAL, {"count": len(items), "reports": lines}


def _line(item: Item) -> Sentence:
    one = _of_one(item)
    if item.once and one is events.REMINDER_ONE:
        return N_("%(programme)s, %(unit)s: %(rule)s, due %(day)s (%(left)s)")
    return one.lines[0]


def _of_one(item: Item) -> MessageEvent:
    if item.returned:
        return events.REMINDER_RETURNED
    return events.REMINDER_ONE if item.counted is None else events.REMINDER_COUNTED


def _fields(item: Item, today: date, calendar: Calendar) -> dict[str, Value]:
    fields: dict[str, Value] = {
        "programme": item.programme,
        "unit": item.unit,
        "rule": item.rule,
        "period": Period.parse(item.period).label,
        "day": due_words(item.due_on, calendar),
        "left": left_words(today, item.due_on, calendar),
    }
    if item.counted is not None and not item.returned:
        fields["sent"], fields["least"] = item.counted
    return fields


def carried_by(message: Message) -> list[int]:
    """The obligations that a digest reminds of."""
    rows = Reminder.select(Reminder.obligation).where(
        (Reminder.message == message.id) & Reminder.cancelled_at.is_null()
    )
    return [row.obligation_id for row in rows]


def is_one(message: Message) -> bool:
    """Whether a message is a day's digest of reminder rows; other reminders stand for themselves."""
    return message.key.startswith("digest:")


def refresh(message: Message, *, now: datetime) -> Sentence | None:
    """Bring an unsent digest up to date with the facts; why there is nothing left to say, or None.

    What is owed no more drops out, and what its receiver answers for no more; a digest that has nothing left is
    cancelled. Call inside the transaction that holds the message. `message` needs its recipient loaded.
    """
    carried, today = carried_by(message), beijing_date(now)
    owed = items_of(carried)
    theirs = receivers.units_of(message.person, {item.programme_id for item in owed}, today)
    items = [item for item in owed if (item.programme_id, item.unit_id) in theirs]
    gone = set(carried) - {item.obligation_id for item in items}
    if gone:
        Reminder.update(cancelled_at=now).where(
            (Reminder.message == message.id) & Reminder.obligation.in_(sorted(gone))
        ).execute()
    if not items:
        why = N_("Its receiver had left the post before it was sent.") if owed else why_empty(carried)
        Message.update(state=MessageState.CANCELLED, error=why.msgid).where(
            Message.id == message.id
        ).execute()
        return why
    words = render(items, message.person, today=today, calendar=load_calendar())
    message.subject, message.body, message.link = words.subject, words.body, words.link
    rewrite(message, words)
    return None


def why_empty(carried: Collection[int]) -> Sentence:
    """Why a digest has nothing to say: what it carried is owed no more, or nothing is left of an older schedule."""
    if carried:
        return N_("Nothing was owed any more when it was to be sent.")
    return N_("The day that it reminded of was moved before it was sent.")


def rewrite(message: Message, words: Words, **also: object) -> None:
    """Write new words into a digest that is there."""
    Message.update(
        event=words.event.key,
        subject=words.subject,
        body=words.body,
        link=words.link,
        programme=words.programme_id,
        unit=words.unit_id,
        **also,
    ).where(Message.id == message.id).execute()
