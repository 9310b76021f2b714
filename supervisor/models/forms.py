"""The form of a reporting rule: the fields that the office chose, version by version."""

from __future__ import annotations

import enum

from peewee import BigIntegerField, BooleanField, CharField, Check, ForeignKeyField, IntegerField, TextField

from supervisor.fields import DayField, choice, instant, json_text
from supervisor.models.base import Base
from supervisor.models.rules import ReportingRule
from supervisor.words import N_, Sentence


class FieldKind(enum.StrEnum):
    """What a field of a form holds."""

    NUMBER = "number"
    CUMULATIVE = "cumulative"
    TEXT = "text"
    CHOICE = "choice"
    FILE = "file"
    YES_NO = "yes_no"
    HELD = "held"

    @property
    def label(self) -> Sentence:
        """The kind in words."""
        return FIELD_KIND_LABELS[self]

    @property
    def is_figure(self) -> bool:
        """Whether it asks for a number."""
        return self in {FieldKind.NUMBER, FieldKind.CUMULATIVE}


FIELD_KIND_LABELS = {
    FieldKind.NUMBER: N_("number of the period"),
    FieldKind.CUMULATIVE: N_("cumulative number"),
    FieldKind.TEXT: N_("text"),
    FieldKind.CHOICE: N_("one of several"),
    FieldKind.FILE: N_("file"),
    FieldKind.YES_NO: N_("yes or no"),
    FieldKind.HELD: N_("shown, held elsewhere"),
}


class RuleForm(Base):
    """One version of a rule's form, never changed; a report keeps the one that it was first filled with."""

    rule = ForeignKeyField(ReportingRule, backref="forms")
    rule_id: int
    number = IntegerField()
    #: Asked for in periods that end on this day or later.
    valid_from = DayField()
    reason = TextField()
    made_by = IntegerField(null=True)
    made_by_name = CharField(max_length=120)
    made_at = instant()

    class Meta:
        indexes = ((("rule", "number"), True),)


class RuleField(Base):
    """One field of one version of a form. `key` is the field's own through all versions of the form."""

    form = ForeignKeyField(RuleForm, backref="fields")
    form_id: int
    key = IntegerField()
    name = CharField(max_length=40)
    kind = choice(FieldKind)
    #: Unit of measure of a number (户, 万元).
    measure = CharField(max_length=20, default="")
    #: Whether a number may have up to two decimals.
    decimals = BooleanField(default=False)
    #: What a cumulative number is to reach, in hundredths.
    target = BigIntegerField(null=True)
    #: What a choice offers.
    choices = json_text(default=list)
    required = BooleanField(default=True)
    hint = CharField(max_length=200, default="")
    sort = IntegerField(default=0)
    #: Where a figure is held that is shown and not asked for: the field of another rule, or a quantity of tasks.
    source_rule = ForeignKeyField(ReportingRule, null=True, backref="shown_fields")
    source_rule_id: int | None
    source_key = IntegerField(null=True)
    source_measure = CharField(max_length=80, default="")

    class Meta:
        indexes = ((("form", "key"), True),)
        constraints = (Check("target IS NULL OR target >= 0", name="rule_field_target_not_negative"),)
