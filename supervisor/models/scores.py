"""Rulebooks in force, closed periods, runs of the engine with their lines and standings."""

from __future__ import annotations

import enum

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, TextField

from supervisor.fields import DayField, choice, instant, json_text
from supervisor.models.base import Base
from supervisor.models.registers import Programme, Unit
from supervisor.words import N_, Sentence


class RulebookVersion(Base):
    """A rulebook adopted by a programme from a day on; the text is never changed (C40)."""

    programme = ForeignKeyField(Programme, backref="rulebooks")
    programme_id: int
    name = CharField(max_length=120)
    version = CharField(max_length=40)
    text = TextField()
    sha256 = CharField(max_length=64)
    valid_from = DayField()
    adopted_by = IntegerField(null=True)
    adopted_at = instant()
    #: Why it was adopted, in the words of who did.
    remark = TextField(default="")


class RulebookDraft(Base):
    """A rulebook in the making: saved explicitly, by one or several people; nothing is scored with it."""

    programme = ForeignKeyField(Programme, backref="rulebook_drafts")
    programme_id: int
    name = CharField(max_length=120)
    text = TextField()
    #: Counts up with each save; who saves says which one they had read.
    revision = IntegerField(default=1)
    created_by = IntegerField()
    created_at = instant()
    saved_by = IntegerField()
    saved_at = instant()
    adopted = ForeignKeyField(RulebookVersion, null=True, backref="drafts")
    adopted_id: int | None
    removed_at = instant(null=True)

    class Meta:
        indexes = ((("programme", "removed_at"), False),)


class RulebookRevision(Base):
    """The text of a draft as somebody saved it. Never changed: nothing that was saved is lost."""

    draft = ForeignKeyField(RulebookDraft, backref="revisions")
    draft_id: int
    number = IntegerField()
    text = TextField()
    saved_by = IntegerField()
    saved_at = instant()

    class Meta:
        indexes = ((("draft", "number"), True),)


class PeriodState(enum.StrEnum):
    """Open; preliminary while units may appeal against what they were shown; closed for good (封账)."""

    OPEN = "open"
    PRELIMINARY = "preliminary"
    FROZEN = "frozen"

    @property
    def label(self) -> Sentence:
        """The state in words."""
        return PERIOD_STATE_LABELS[self]


PERIOD_STATE_LABELS = {
    PeriodState.OPEN: N_("Open"),
    PeriodState.PRELIMINARY: N_("Preliminary"),
    PeriodState.FROZEN: N_("Closed"),
}


class ScorePeriod(Base):
    """A month, quarter, half-year, year or a type of the rulebook's own, as the assessor handles it."""

    programme = ForeignKeyField(Programme, backref="periods")
    programme_id: int
    #: 2021-Q2, or 2021-year_end
    key = CharField(max_length=40)
    #: The rulebook's word for its kind: quarter, year_end. Keys of one type sort by time.
    type = CharField(max_length=30)
    #: Its last day: sorts periods of several types.
    ends_on = DayField()
    state = choice(PeriodState, default=PeriodState.OPEN)
    #: Who showed the units their preliminary sheets, when, and until when they may appeal (exclusive).
    preliminary_by = IntegerField(null=True)
    preliminary_at = instant(null=True)
    appeals_until = instant(null=True)
    closed_by = IntegerField(null=True)
    closed_at = instant(null=True)
    #: Units see their own sheets from here on; others' only if the programme says so (D16).
    published_at = instant(null=True)
    published_by = IntegerField(null=True)

    class Meta:
        indexes = ((("programme", "key"), True), (("programme", "type", "key"), False))


class ScoreRun(Base):
    """One application of a rulebook to gathered facts. A rerun supersedes, never edits."""

    period = ForeignKeyField(ScorePeriod, backref="runs")
    period_id: int
    rulebook = ForeignKeyField(RulebookVersion)
    rulebook_id: int
    number = IntegerField()
    #: Canonical JSON text exactly as hashed; recomputation must give the same bytes.
    facts = TextField()
    facts_sha256 = CharField(max_length=64)
    result = TextField()
    result_sha256 = CharField(max_length=64)
    code_version = CharField(max_length=40)
    ran_by = IntegerField(null=True)
    ran_at = instant()
    reason = TextField(default="")
    superseded = BooleanField(default=False)
    #: Head of the audit chain when it was frozen.
    audit_head = CharField(max_length=80, default="")

    class Meta:
        indexes = ((("period", "number"), True),)


class ScoreLine(Base):
    """One indicator of one unit in a run: points in hundredths, or NA with its reason."""

    run = ForeignKeyField(ScoreRun, backref="lines")
    run_id: int
    unit = ForeignKeyField(Unit)
    unit_id: int
    sort = IntegerField()
    indicator = CharField(max_length=60)
    #: indicator, bonus or penalty.
    part = CharField(max_length=12, default="indicator")
    title = CharField(max_length=120)
    title_en = CharField(max_length=120, default="")
    #: Full points in hundredths; for a bonus or penalty its cap, 0 where there is none.
    weight = IntegerField()
    #: Hundredths; None = not applicable; penalties are negative.
    points = IntegerField(null=True)
    na_reason = CharField(max_length=300, default="")
    #: What the rulebook put in the place of an indicator that does not apply: full, zero, group_mean, or nothing.
    na_treatment = CharField(max_length=12, default="")
    rule = TextField(default="")
    rule_en = TextField(default="")
    clause = CharField(max_length=200, default="")
    #: [{label, formula, value, name}] as the engine wrote them.
    steps = json_text(default=list)
    #: References such as report_entry:17.
    records = json_text(default=list)

    class Meta:
        indexes = ((("run", "unit", "sort"), True),)


class Standing(Base):
    """A unit's place in its group in a run."""

    run = ForeignKeyField(ScoreRun, backref="standings")
    run_id: int
    unit = ForeignKeyField(Unit)
    unit_id: int
    #: Names as they were when the books were closed.
    unit_name = CharField(max_length=160)
    group_name = CharField(max_length=160)
    group_sort = IntegerField(default=0)
    sort = IntegerField()
    #: All in hundredths of a point. Earned of applicable, before `base` rescales it to the table's total.
    earned = IntegerField(default=0)
    applicable = IntegerField(default=0)
    base = IntegerField(null=True)
    bonus = IntegerField(default=0)
    penalty = IntegerField(default=0)
    score = IntegerField(null=True)
    rank = IntegerField(null=True)
    tied = BooleanField(default=False)
    rank_note = CharField(max_length=300, default="")
    tier = CharField(max_length=40, default="")
    tier_en = CharField(max_length=40, default="")
    tier_note = CharField(max_length=300, default="")
    #: Titles of the vetoes that struck.
    vetoes = json_text(default=list)
    #: Hundredths against the previous closed period; None = no previous.
    change = IntegerField(null=True)

    class Meta:
        indexes = ((("run", "unit"), True),)


class Decision(Base):
    """Something that waits for a leader: a proposal with its reason, and what was decided."""

    programme = ForeignKeyField(Programme, backref="decisions")
    programme_id: int
    kind = CharField(max_length=40)
    subject = CharField(max_length=200)
    #: What is decided about, by kind: for `host_assessor` the person who is to assess.
    subject_id = IntegerField(null=True)
    link = CharField(max_length=200, default="")
    proposed_by = IntegerField(null=True)
    proposed_at = instant()
    reason = TextField(default="")
    approved = BooleanField(null=True)
    decision = TextField(default="")
    decided_by = IntegerField(null=True)
    decided_at = instant(null=True)

    class Meta:
        indexes = ((("programme", "approved"), False),)
