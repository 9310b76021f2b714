"""The day's reminder to one person: which rows it carries, and its words (D12).

A digest is one message per person, channel and day. Until it is sent it follows the facts: what has been
submitted meanwhile drops out, and a digest that has nothing left to say is cancelled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from peewee import fn

from supervisor.clock import beijing_date
from supervisor.core.calendar import load_calendar
from supervisor.core.days import due_words, left_words
from supervisor.core.periods import Period
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
from supervisor.words import DEFAULT_LOCALE, LOCALES, N_, Sentence, say

#: States in which a report is still owed.
OWED = (ObligationState.OPEN, ObligationState.WITH_HEAD, ObligationState.RETURNED)


@dataclass(frozen=True)
class Item:
    """One owed report as a digest names it."""

    obligation_id: int
    programme_id: int
    programme: str
    unit: str
    rule: str
    period: str
    due_on: date
    returned: bool
    schedule_version: int
    #: Where items are counted: how many are in, of how many at least (C45).
    counted: tuple[int, int] | None = None


@dataclass(frozen=True)
class Words:
    """A rendered digest."""

    subject: str
    body: str
    link: str
    programme_id: int | None


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
            programme=row.programme.name,
            unit=row.unit.name,
            rule=row.rule.name,
            period=row.period,
            due_on=due_day(row),
            returned=row.state is ObligationState.RETURNED,
            schedule_version=row.schedule_version,
            counted=(sent.get(row.id, 0), row.rule.minimum) if row.rule.kind is RuleKind.COUNT else None,
        )
        for row in rows
    ]
    return in_order(items)


def _sent(obligation_ids: Sequence[int]) -> dict[int, int]:
    """Obligation → how many items are in; asked only where items are counted."""
    if not obligation_ids:
        return {}
    mine = Report.obligation.in_(list(obligation_ids))
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
    lines = [say(_line(item, today, calendar), locale) for item in items]
    first = items[0]
    programmes = {item.programme_id for item in items}
    link = f"/p/{first.programme_id}/reports"
    if len(items) == 1:
        subject = _subject_of_one(first, today, calendar)
        link += f"/{first.obligation_id}"
    else:
        overdue = sum(item.due_on < today for item in items)
        subject = (
            N_("%(count)s reports are owed, %(overdue)s of them overdue", count=len(items), overdue=overdue)
            if overdue
            else N_("%(count)s reports are owed", count=len(items))
        )
    return Words(
        subject=say(subject, locale),
        body="\n".join(lines),
        link=link if len(programmes) == 1 else "/",
        programme_id=first.programme_id if len(programmes) == 1 else None,
    )


def _subject_of_one(item: Item, today: date, calendar: Calendar) -> Sentence:
    left = left_words(today, item.due_on, calendar)
    if item.returned:
        return N_("%(period)s report returned: %(left)s", period=Period.parse(item.period).label, left=left)
    if item.counted is not None:
        sent, least = item.counted
        words = {"period": Period.parse(item.period).label, "rule": item.rule, "left": left}
        return N_(
            "%(rule)s of %(period)s: %(sent)s of at least %(least)s sent, %(left)s",
            sent=sent,
            least=least,
            **words,
        )
    return N_("%(period)s report: %(left)s", period=Period.parse(item.period).label, left=left)


def _line(item: Item, today: date, calendar: Calendar) -> Sentence:
    words = {
        "programme": item.programme,
        "unit": item.unit,
        "rule": item.rule,
        "period": Period.parse(item.period).label,
        "day": due_words(item.due_on, calendar),
        "left": left_words(today, item.due_on, calendar),
    }
    if item.counted is not None:
        sent, least = item.counted
        return N_(
            "%(programme)s, %(unit)s: %(rule)s of %(period)s, %(sent)s of at least %(least)s sent, "
            "until %(day)s (%(left)s)",
            sent=sent,
            least=least,
            **words,
        )
    if item.returned:
        return N_(
            "%(programme)s, %(unit)s: %(rule)s of %(period)s was returned; new version due %(day)s (%(left)s)",
            **words,
        )
    return N_("%(programme)s, %(unit)s: %(rule)s of %(period)s, due %(day)s (%(left)s)", **words)


def carried_by(message: Message) -> list[int]:
    """The obligations that a digest reminds of."""
    rows = Reminder.select(Reminder.obligation).where(
        (Reminder.message == message.id) & Reminder.cancelled_at.is_null()
    )
    return [row.obligation_id for row in rows]


def refresh(message: Message, *, now: datetime) -> bool:
    """Bring an unsent digest up to date with the facts; False = nothing is owed any more, it is cancelled.

    Call inside the transaction that holds the message. `message` needs its recipient loaded.
    """
    carried = carried_by(message)
    items = items_of(carried)
    gone = set(carried) - {item.obligation_id for item in items}
    if gone:
        Reminder.update(cancelled_at=now).where(
            (Reminder.message == message.id) & Reminder.obligation.in_(sorted(gone))
        ).execute()
    if not items:
        Message.update(state=MessageState.CANCELLED).where(Message.id == message.id).execute()
        return False
    words = render(items, message.recipient, today=beijing_date(now), calendar=load_calendar())
    message.subject, message.body, message.link = words.subject, words.body, words.link
    Message.update(
        subject=words.subject, body=words.body, link=words.link, programme=words.programme_id
    ).where(Message.id == message.id).execute()
    return True
