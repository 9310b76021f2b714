"""Pages show what was gathered once for each state of the records; who decides gathers for himself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from peewee import Database

from supervisor.core import audit, facts, gathered_facts, record_corrections, scores
from supervisor.core.gathered_facts import changed_since
from supervisor.errors import Refused
from supervisor.models import Obligation
from tests import quarters
from tests.quarters import CLOSING, Q2, World
from tests.test_core_appeals import UNTIL, late_report, office_of, shown
from tests.test_core_scores import assessor_of

HOUR = timedelta(hours=1)


@pytest.fixture
def world(sqlite: Database) -> World:
    return quarters.worked_quarter(appeal_workdays=3)


def test_records_are_gathered_again_only_when_something_has_happened(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = shown(world)
    times: list[int] = []
    real = facts.gather

    def counted(*given: Any) -> Any:
        times.append(1)
        return real(*given)

    monkeypatch.setattr(facts, "gather", counted)

    assert changed_since(world.programme, Q2, run, now=CLOSING) == (False, CLOSING)
    assert changed_since(world.programme, Q2, run, now=CLOSING + HOUR) == (False, CLOSING)
    assert len(times) == 1

    late = late_report(world, "C")
    record_corrections.count_as_on_time(late, reason="有签收单", by=office_of(world), now=CLOSING + HOUR)
    assert changed_since(world.programme, Q2, run, now=CLOSING + 2 * HOUR) == (True, CLOSING + 2 * HOUR)
    assert len(times) == 2


def test_closing_does_not_trust_what_a_page_has_kept(world: World) -> None:
    run = shown(world)
    assert changed_since(world.programme, Q2, run, now=UNTIL) == (False, UNTIL)
    Obligation.update(late_workdays=9).where(Obligation.late_workdays > 0).execute()  # past every verb
    assert changed_since(world.programme, Q2, run, now=UNTIL) == (False, UNTIL)
    with pytest.raises(Refused) as stopped:
        scores.close(world.programme, Q2, by=assessor_of(world), now=UNTIL)
    assert "Records have changed since the units saw their sheets" in str(stopped.value.obstacles[0].sentence)


def test_no_more_than_a_few_states_are_kept(world: World) -> None:
    for number in range(gathered_facts.KEPT + 2):
        period = Q2 if number % 2 else Q2.previous()
        gathered_facts.gathered(world.programme, period, now=CLOSING)
        audit.record(
            office_of(world), "obligation.correct", Obligation.get(), now=CLOSING, reason=f"{number}"
        )
    assert len(gathered_facts._kept) <= gathered_facts.KEPT
