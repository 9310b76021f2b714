"""What accountability cases say to the score: upheld cases alone, by the effects that the leader decided (C44)."""

from __future__ import annotations

from collections.abc import Iterator

from scoring import Fact
from supervisor.core.case_readers import UNDECIDED
from supervisor.core.cases import address, number_of
from supervisor.core.periods import Period
from supervisor.errors import Obstacle
from supervisor.models import AccountabilityCase, CaseState, Unit
from supervisor.words import N_


def facts_of(programme_id: int, period: Period) -> Iterator[Fact]:
    """One `penalty` and one `veto` for each upheld case of a period, where the decision says so."""
    days = (AccountabilityCase.counts_on >= period.start) & (AccountabilityCase.counts_on <= period.end)
    here = (AccountabilityCase.programme == programme_id) & (AccountabilityCase.state == CaseState.UPHELD)
    for case in AccountabilityCase.select().where(here & days).order_by(AccountabilityCase.id):
        day = case.counts_on.isoformat() if case.counts_on else ""  # the query asks for one
        said = {"case": case.kind, "day": day, "number": number_of(case)}
        record = f"accountability_case:{case.id}"
        subject = f"{number_of(case)} {case.title}"
        if case.penalty:
            yield Fact("penalty", str(case.unit_id), subject, {"type": case.penalty, **said}, record)
        if case.veto:
            yield Fact("veto", str(case.unit_id), subject, {"trigger": case.veto, **said}, record)


def warnings(programme_id: int, period: Period) -> Iterator[Obstacle]:
    """Cases about a period that no leader has decided: once its books are closed they count for a later one."""
    days = (AccountabilityCase.happened_on >= period.start) & (AccountabilityCase.happened_on <= period.end)
    here = (AccountabilityCase.programme == programme_id) & AccountabilityCase.state.in_(list(UNDECIDED))
    rows = AccountabilityCase.select(AccountabilityCase, Unit).join(Unit).where(here & days)
    for case in rows.order_by(AccountabilityCase.id):
        yield Obstacle(
            N_(
                "%(number)s about %(unit)s is not decided; decided after the books are closed it counts for the period "
                "of the decision.",
                number=number_of(case),
                unit=case.unit.name,
            ),
            address(case),
        )
