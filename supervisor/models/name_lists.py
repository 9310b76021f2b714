"""Lists of whom a closed period's results propose to commend or to criticise, and what people decided of each name."""

from __future__ import annotations

import enum

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, TextField

from supervisor.fields import DayField, choice, instant, json_text
from supervisor.models.base import Base
from supervisor.models.registers import Unit
from supervisor.models.scores import ScorePeriod, ScoreRun
from supervisor.words import N_, Sentence


class ListSide(enum.StrEnum):
    """Commendation by circular (通报表扬) or circulated criticism (通报批评)."""

    COMMENDATION = "commendation"
    CRITICISM = "criticism"

    @property
    def label(self) -> Sentence:
        """The side in words."""
        return LIST_SIDE_LABELS[self]


LIST_SIDE_LABELS = {
    ListSide.COMMENDATION: N_("Commendation by circular"),
    ListSide.CRITICISM: N_("Circulated criticism"),
}


class ListState(enum.StrEnum):
    """Being decided name by name; before a leader; approved; or left for a newer list after a correction."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REPLACED = "replaced"

    @property
    def label(self) -> Sentence:
        """The state in words."""
        return LIST_STATE_LABELS[self]


LIST_STATE_LABELS = {
    ListState.DRAFT: N_("List being decided"),
    ListState.SUBMITTED: N_("List before a leader"),
    ListState.APPROVED: N_("List approved"),
    ListState.REPLACED: N_("Replaced by a newer list"),
}


class NameList(Base):
    """One side's list of one closed period; its `version` counts every change, so that nobody approves unread names."""

    period = ForeignKeyField(ScorePeriod, backref="name_lists")
    period_id: int
    side = choice(ListSide)
    number = IntegerField()
    #: The closed run whose figures proposed the names.
    run = ForeignKeyField(ScoreRun)
    run_id: int
    state = choice(ListState, default=ListState.DRAFT)
    version = IntegerField(default=1)
    proposed_by = IntegerField()
    proposed_name = CharField(max_length=120)
    proposed_at = instant()
    #: What who submitted it says to the leader.
    remark = TextField(default="")
    submitted_by = IntegerField(null=True)
    submitted_name = CharField(max_length=120, default="")
    submitted_at = instant(null=True)
    #: Why a leader approved it, or why it last came back.
    decision = TextField(default="")
    decided_by = IntegerField(null=True)
    decided_name = CharField(max_length=120, default="")
    decided_at = instant(null=True)
    #: 公示 of the persons on it: first day, and the last one, included.
    notice_from = DayField(null=True)
    notice_until = DayField(null=True)

    class Meta:
        indexes = ((("period", "side", "number"), True),)


class Origin(enum.StrEnum):
    """Where a name comes from: a rule, a person of the office, or a unit that nominates one of its people."""

    RULE = "rule"
    ADDED = "added"
    NOMINATED = "nominated"

    @property
    def label(self) -> Sentence:
        """The origin in words."""
        return ORIGIN_LABELS[self]


ORIGIN_LABELS = {
    Origin.RULE: N_("proposed by the figures"),
    Origin.ADDED: N_("added by hand"),
    Origin.NOMINATED: N_("nominated by its unit"),
}


class ListVerdict(enum.StrEnum):
    """What the office decided of a name."""

    OPEN = "open"
    KEPT = "kept"
    REMOVED = "removed"

    @property
    def label(self) -> Sentence:
        """The verdict in words."""
        return LIST_VERDICT_LABELS[self]


LIST_VERDICT_LABELS = {
    ListVerdict.OPEN: N_("Not decided"),
    ListVerdict.KEPT: N_("Stays on the list"),
    ListVerdict.REMOVED: N_("Taken off the list"),
}


class Candidate(Base):
    """A unit, or a person of a unit, on a list; why it stands there and what was decided."""

    name_list = ForeignKeyField(NameList, backref="candidates")
    name_list_id: int
    unit = ForeignKeyField(Unit)
    unit_id: int
    #: As it was in the closed books.
    unit_name = CharField(max_length=160)
    group_name = CharField(max_length=160, default="")
    sort = IntegerField(default=0)
    #: Empty for the unit itself; a person is commended with the post held.
    person = CharField(max_length=60, default="")
    post = CharField(max_length=120, default="")
    origin = choice(Origin)
    #: [{key, figures, records}]: which rule proposed the name, with the figures it rests on.
    triggers = json_text(default=list)
    #: Facts of a person, as nominated; for a unit added by hand what it did or failed to do.
    account = TextField(default="")
    entered_by = IntegerField(null=True)
    entered_name = CharField(max_length=120, default="")
    entered_at = instant()
    verdict = choice(ListVerdict, default=ListVerdict.OPEN)
    #: Why it stays or goes; printed where it stays.
    reason = TextField(default="")
    chosen_by = IntegerField(null=True)
    chosen_name = CharField(max_length=120, default="")
    chosen_at = instant(null=True)
    #: The earlier step that a criticism stands on (D22), as it was when the list was approved; or a leader's leave.
    step = TextField(default="")
    leave = TextField(default="")
    leave_name = CharField(max_length=120, default="")
    #: A criticism lifted after the faults were put right.
    lifted_at = instant(null=True)
    lifted_name = CharField(max_length=120, default="")
    lifting = TextField(default="")

    class Meta:
        indexes = ((("name_list", "sort"), False),)


class ListObjection(Base):
    """What somebody said against a person during the public notice (公示), and how it was answered."""

    candidate = ForeignKeyField(Candidate, backref="objections")
    candidate_id: int
    #: Who said it, as far as they gave their name.
    source = CharField(max_length=120, default="")
    words = TextField()
    recorded_by = IntegerField()
    recorded_name = CharField(max_length=120)
    recorded_at = instant()
    #: None = not answered yet; upheld = the person goes off the list.
    upheld = BooleanField(null=True)
    answer = TextField(default="")
    answered_by = IntegerField(null=True)
    answered_name = CharField(max_length=120, default="")
    answered_at = instant(null=True)


class ListCircular(Base):
    """The circular of one approved list (通报表扬, 通报批评): a draft whose words are edited, then frozen as issued."""

    name_list = ForeignKeyField(NameList, backref="circulars", unique=True)
    name_list_id: int
    title = CharField(max_length=200)
    opening = TextField()
    closing = TextField()
    #: Counts up with each change of the words.
    version = IntegerField(default=1)
    written_by = IntegerField()
    written_name = CharField(max_length=120)
    written_at = instant()
    #: Canonical JSON of the paper exactly as issued, with its hash and its number as printed; empty in a draft.
    content = TextField(default="")
    sha256 = CharField(max_length=64, default="")
    number = CharField(max_length=80, default="")
    issued_by = IntegerField(null=True)
    issued_name = CharField(max_length=120, default="")
    issued_at = instant(null=True)
