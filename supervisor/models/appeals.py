"""What units dispute in a preliminary score (申诉), and corrections of closed periods (更正) by two people."""

from __future__ import annotations

import enum

from peewee import CharField, ForeignKeyField, IntegerField, TextField

from supervisor.fields import choice, instant
from supervisor.models.base import Base
from supervisor.models.registers import Unit
from supervisor.models.scores import ScorePeriod, ScoreRun
from supervisor.words import N_, Sentence


class AppealState(enum.StrEnum):
    """Open until somebody other than the scorer decides, or the unit takes it back."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> Sentence:
        """The state in words."""
        return APPEAL_STATE_LABELS[self]


APPEAL_STATE_LABELS = {
    AppealState.OPEN: N_("Waiting for the decision"),
    AppealState.ACCEPTED: N_("Appeal accepted"),
    AppealState.REJECTED: N_("Appeal rejected"),
    AppealState.WITHDRAWN: N_("Appeal withdrawn"),
}


class Appeal(Base):
    """One line of one unit's preliminary sheet, disputed once."""

    period = ForeignKeyField(ScorePeriod, backref="appeals")
    period_id: int
    #: The run whose line is disputed.
    run = ForeignKeyField(ScoreRun)
    run_id: int
    unit = ForeignKeyField(Unit)
    unit_id: int
    indicator = CharField(max_length=60)
    #: indicator, bonus or penalty, as in the line.
    part = CharField(max_length=12)
    title = CharField(max_length=120)
    title_en = CharField(max_length=120, default="")
    #: Hundredths that stood there; None = not applicable.
    points = IntegerField(null=True)
    #: What is wrong and what should stand there, in the unit's words.
    claim = TextField()
    filed_by = IntegerField()
    filed_name = CharField(max_length=120)
    filed_at = instant()
    state = choice(AppealState, default=AppealState.OPEN)
    #: The reason, or which fact is corrected.
    decision = TextField(default="")
    decided_by = IntegerField(null=True)
    decided_name = CharField(max_length=120, default="")
    decided_at = instant(null=True)

    class Meta:
        indexes = ((("period", "state"), False), (("unit", "period"), False))


class CorrectionState(enum.StrEnum):
    """Proposed by one, carried out or refused by another."""

    PROPOSED = "proposed"
    DONE = "done"
    REFUSED = "refused"

    @property
    def label(self) -> Sentence:
        """The state in words."""
        return CORRECTION_STATE_LABELS[self]


CORRECTION_STATE_LABELS = {
    CorrectionState.PROPOSED: N_("Waits for the second person"),
    CorrectionState.DONE: N_("Correction made"),
    CorrectionState.REFUSED: N_("Correction refused"),
}


class ScoreCorrection(Base):
    """A closed period run again after a fact was corrected: notice (更正通知单) with reason and two people."""

    period = ForeignKeyField(ScorePeriod, backref="corrections")
    period_id: int
    number = IntegerField()
    reason = TextField()
    proposed_by = IntegerField()
    proposed_name = CharField(max_length=120)
    proposed_at = instant()
    state = choice(CorrectionState, default=CorrectionState.PROPOSED)
    decision = TextField(default="")
    decided_by = IntegerField(null=True)
    decided_name = CharField(max_length=120, default="")
    decided_at = instant(null=True)
    #: The run that was replaced, and the one that replaced it.
    before = ForeignKeyField(ScoreRun, null=True, backref="+")
    before_id: int | None
    after = ForeignKeyField(ScoreRun, null=True, backref="+")
    after_id: int | None

    class Meta:
        indexes = ((("period", "number"), True),)
