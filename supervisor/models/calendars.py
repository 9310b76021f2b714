"""How the working calendar came to be: each decision on a year, what it asked of programmes, and personal feeds."""

from __future__ import annotations

import enum

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, TextField

from supervisor.fields import DayField, choice, instant, json_text
from supervisor.models.accounts import User
from supervisor.models.base import Base
from supervisor.models.obligations import Obligation
from supervisor.models.registers import Programme
from supervisor.models.rules import ReportingRule
from supervisor.words import N_, Sentence


class CalendarAct(enum.StrEnum):
    """How a year of the calendar was changed."""

    NOTICE = "notice"
    DAY = "day"
    WITHDRAWAL = "withdrawal"

    @property
    def label(self) -> Sentence:
        """The act in words."""
        return CALENDAR_ACT_LABELS[self]


CALENDAR_ACT_LABELS = {
    CalendarAct.NOTICE: N_("Notice applied"),
    CalendarAct.DAY: N_("One day corrected"),
    CalendarAct.WITHDRAWAL: N_("Set back to provisional"),
}


class CalendarDecision(Base):
    """One decision on a year's calendar: from which source, by whom, and every day it changed. Never changed."""

    year = IntegerField()
    #: Within the year, from 1.
    number = IntegerField()
    act = choice(CalendarAct)
    confirmed = BooleanField()
    source = CharField(max_length=200)
    #: The notice as pasted; empty for a day corrected by hand.
    text = TextField(default="")
    #: Every day that became another: [day, before, after], each side "off 春节", "work 春节" or "".
    changes = json_text(default=list)
    #: What was asked about the notice and confirmed as printed.
    confirmations = json_text(default=list)
    reason = TextField(default="")
    decided_by = IntegerField(null=True)
    decided_by_name = CharField(max_length=120)
    decided_at = instant()

    class Meta:
        indexes = ((("year", "number"), True),)


class CalendarAnswer(enum.StrEnum):
    """What the lead office made of an announced deadline that a changed calendar would give another day."""

    KEPT = "kept"
    MOVED = "moved"
    #: A later decision on the calendar asks anew.
    OUTDATED = "outdated"

    @property
    def label(self) -> Sentence:
        """The answer in words."""
        return CALENDAR_ANSWER_LABELS[self]


CALENDAR_ANSWER_LABELS = {
    CalendarAnswer.KEPT: N_("Kept as announced"),
    CalendarAnswer.MOVED: N_("Moved"),
    CalendarAnswer.OUTDATED: N_("Overtaken by a later change"),
}


class CalendarQuestion(Base):
    """An announced deadline (one rule, one period, all units alike) that a decision would give another day.

    Nothing moves by itself: the programme's lead office keeps or moves it, with its reason.
    """

    decision = ForeignKeyField(CalendarDecision, backref="questions")
    decision_id: int
    programme = ForeignKeyField(Programme)
    programme_id: int
    rule = ForeignKeyField(ReportingRule)
    rule_id: int
    period = CharField(max_length=12)
    #: Units whose report is not in yet.
    units = IntegerField()
    was_due_on = DayField()
    due_on = DayField()
    #: The last day on which a late report is taken.
    was_locked_on = DayField()
    locked_on = DayField()
    answer = choice(CalendarAnswer, null=True)
    #: Reports that were moved.
    moved = IntegerField(default=0)
    reason = TextField(default="")
    answered_by = IntegerField(null=True)
    answered_by_name = CharField(max_length=120, default="")
    answered_at = instant(null=True)

    class Meta:
        indexes = (
            (("decision", "rule", "period", "was_due_on", "was_locked_on"), True),
            (("programme", "answer", "id"), False),
        )


class CalendarFeed(Base):
    """A person's calendar address for telephone or mail program: the secret is kept as its hash, shown once."""

    user = ForeignKeyField(User, backref="calendar_feeds")
    user_id: int
    token_hash = CharField(max_length=64, unique=True)
    created_at = instant()
    revoked_at = instant(null=True)
    #: When a program last asked, to the hour.
    last_read_at = instant(null=True)


# What the calendar page asks of owed reports, by programme and by unit. The table is another module's.
Obligation.add_index(Obligation.programme, Obligation.due_on)
Obligation.add_index(Obligation.programme, Obligation.opens_at)
Obligation.add_index(Obligation.programme, Obligation.locked_at)
