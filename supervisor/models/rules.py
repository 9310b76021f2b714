"""What a programme asks for regularly: reporting rules with their obligated sets, rhythms of supervision, phases."""

from __future__ import annotations

import enum

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, TextField, TimeField

from supervisor.fields import DayField, choice, instant, json_text
from supervisor.models.base import Base
from supervisor.models.plans import Assignment, Plan
from supervisor.models.registers import Programme, Unit, UnitGroup
from supervisor.words import N_, Sentence


class RuleKind(enum.StrEnum):
    """What a rule asks for: figures on every task, documents, a number of items, or the unit's own work plan."""

    PROGRESS = "progress"
    FILING = "filing"
    COUNT = "count"
    WORK_PLAN = "work_plan"

    @property
    def label(self) -> Sentence:
        """The kind in words."""
        return RULE_KIND_LABELS[self]


RULE_KIND_LABELS = {
    RuleKind.PROGRESS: N_("progress report on the unit's tasks"),
    RuleKind.FILING: N_("documents, each recipient giving a receipt"),
    RuleKind.COUNT: N_("a number of items in the period"),
    RuleKind.WORK_PLAN: N_("the unit's own work plan for its tasks"),
}
#: Kinds that a person chooses for a rule; whether and when work plans are due is a local setting of the programme.
CHOSEN_KINDS = (RuleKind.PROGRESS, RuleKind.FILING, RuleKind.COUNT)


class CountedBy(enum.StrEnum):
    """Between which days an item is sent that counts for a period: a reading of the notice, set locally (E-51)."""

    PERIOD = "period"
    WINDOW = "window"

    @property
    def label(self) -> Sentence:
        """The reading in words."""
        return COUNTED_BY_LABELS[self]


COUNTED_BY_LABELS = {
    CountedBy.PERIOD: N_("for the period on whose days it is sent"),
    CountedBy.WINDOW: N_("for the period whose last date comes next"),
}


class Obliged(enum.StrEnum):
    """Who owes what a rule asks for."""

    LINKED = "linked"
    LEADING = "leading"
    NAMED = "named"

    @property
    def label(self) -> Sentence:
        """The set in words."""
        return OBLIGED_LABELS[self]


OBLIGED_LABELS = {
    Obliged.LINKED: N_("every unit with a task"),
    Obliged.LEADING: N_("every lead unit"),
    Obliged.NAMED: N_("the units named here"),
}


class RuleState(enum.StrEnum):
    """Whether a person has said that a rule holds; a proposed one asks nothing of anybody."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"

    @property
    def label(self) -> Sentence:
        """The state in words."""
        return RULE_STATE_LABELS[self]


RULE_STATE_LABELS = {RuleState.PROPOSED: N_("proposed"), RuleState.CONFIRMED: N_("confirmed")}


class ReportingRule(Base):
    """What is owed, by whom, how often; in force once it is confirmed and its plan is issued.

    Deadlines fall on the days of `recurrence` (`monthly:10,25`), or once on `due_on` where it is empty.
    """

    programme = ForeignKeyField(Programme, backref="rules")
    programme_id: int
    plan = ForeignKeyField(Plan, null=True, backref="rules")
    plan_id: int | None
    name = CharField(max_length=120)
    kind = choice(RuleKind, default=RuleKind.PROGRESS)
    obliged = choice(Obliged, default=Obliged.LINKED)
    state = choice(RuleState, default=RuleState.CONFIRMED)
    #: Recurrence word of the contracts: `monthly`, `quarterly:end`; empty = once, on `due_on`.
    recurrence = CharField(max_length=40)
    due_on = DayField(null=True)
    #: Periods from the one with the deadline to the one reported on: −1 = the one before, 1 = next year's plan (E-49).
    subject_shift = IntegerField(default=-1)
    #: Every how many years, counted from the anchor (local setting, C25): 2 from 2021 falls in 2022, 2024 … (E-59).
    every_years = IntegerField(default=1)
    anchor_year = IntegerField(null=True)
    #: At least so many items in the period (E-51).
    minimum = IntegerField(default=1)
    #: Whether what is sent after the last date of a month counts for that month or for the next (E-51).
    counted_by = choice(CountedBy, default=CountedBy.PERIOD)
    #: Mark that a task must bear for its unit to owe this (E-57); empty = no condition.
    condition = CharField(max_length=80, default="")
    #: Kinds of documents that must be handed in; empty = a text or a file.
    documents = json_text(default=list)
    #: Whether "nothing to hand in" with a reason is an answer, where documents or items are asked for.
    nil_allowed = BooleanField(default=False)
    #: Where empty, the programme's local settings hold.
    cutoff = TimeField(null=True)
    day_off_policy = CharField(max_length=8, default="")
    lock_after_workdays = IntegerField(null=True)
    #: Working days after the due day in which nothing counts as late.
    grace_workdays = IntegerField(default=0)
    #: Working days before and after the due day on which to remind; None = as the local settings say.
    remind_before = json_text(null=True)
    remind_after = json_text(null=True)
    valid_from = DayField()
    valid_to = DayField(null=True)
    #: Day up to whose period everything is generated; a rule is looked at again when the next period begins.
    generated_on = DayField(null=True)
    #: The clause as printed; empty = local setting.
    clause = TextField(default="")
    source_line = IntegerField(null=True)
    version = IntegerField(default=1)


class RuleParty(Base):
    """A unit, or all of a group, that owes what a rule asks for, from a day to a day (E-33, E-34)."""

    rule = ForeignKeyField(ReportingRule, backref="parties")
    rule_id: int
    unit = ForeignKeyField(Unit, null=True)
    unit_id: int | None
    group = ForeignKeyField(UnitGroup, null=True)
    group_id: int | None
    #: As printed; a name that is neither a unit nor a group owes nothing until a person says who it is (E-32).
    name = CharField(max_length=160)
    valid_from = DayField(null=True)
    valid_to = DayField(null=True)
    sort = IntegerField(default=0)

    class Meta:
        indexes = ((("rule", "name"), True),)


class RuleRecipient(Base):
    """To whom it goes, each with a receipt of its own (E-63); without a unit: the programme's lead office."""

    rule = ForeignKeyField(ReportingRule, backref="recipients")
    rule_id: int
    unit = ForeignKeyField(Unit, null=True)
    unit_id: int | None
    name = CharField(max_length=160)
    sort = IntegerField(default=0)

    class Meta:
        indexes = ((("rule", "name"), True),)


class LinkMark(Base):
    """A mark at a unit's part of a task (in plan and funded, 已列入计划), on which a rule may depend (E-57)."""

    assignment = ForeignKeyField(Assignment, backref="marks")
    assignment_id: int
    name = CharField(max_length=80)
    set_on = DayField()
    cleared_on = DayField(null=True)
    reason = TextField(default="")

    class Meta:
        indexes = ((("assignment", "name"), False),)


class Cadence(Base):
    """A rhythm of supervision that the notice sets for the lead office (周督导、月调度)."""

    programme = ForeignKeyField(Programme, backref="cadences")
    programme_id: int
    plan = ForeignKeyField(Plan, backref="cadences")
    plan_id: int
    name = CharField(max_length=80)
    recurrence = CharField(max_length=40)
    source_line = IntegerField(null=True)

    class Meta:
        indexes = ((("plan", "name"), True),)


class Phase(Base):
    """A phase of the plan; either end may be left open by the notice (C17)."""

    plan = ForeignKeyField(Plan, backref="phases")
    plan_id: int
    name = CharField(max_length=120)
    begins_on = DayField(null=True)
    ends_on = DayField(null=True)
    source_line = IntegerField(null=True)
    sort = IntegerField(default=0)


class RuleVersion(Base):
    """A rule as it was before a change, with who changed it and why."""

    rule = ForeignKeyField(ReportingRule, backref="versions")
    rule_id: int
    number = IntegerField()
    before = json_text()
    after = json_text()
    reason = TextField()
    changed_by = IntegerField(null=True)
    changed_by_name = CharField(max_length=120)
    changed_at = instant()

    class Meta:
        indexes = ((("rule", "number"), True),)
