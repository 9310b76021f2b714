"""The worked quarter scored by months: three months, the quarter and the year from them, and a year-end table."""

from __future__ import annotations

from datetime import date

from supervisor.core import rulebooks, scores
from supervisor.core.permissions import Actor
from supervisor.core.scored_periods import scored_period
from supervisor.models import LocalSettings, RecordedFact, Role, ScoreRun
from tests import builders, quarters
from tests.builders import at
from tests.quarters import CLOSING, World

#: All parts of 2021 can be closed by now.
YEAR_CLOSING = at("2022-02-10 09:00")
#: A month: 100, less 10 for a late report and 20 for a missing one. Quarter: mean of its months. Year: 70 % of the mean
#: of the quarters, 30 % of the year-end table, which is the leading group's mark.
BY_MONTHS = """
[rulebook]
name = "按月考核"
version = "1"
[[tier]]
name = "优秀"
at_least = 90
[[tier]]
name = "合格"
[[table]]
period = "month"
title = "月度考核表"
[[table.indicator]]
key = "reports"
title = "月报"
weight = 100
method = "per_occurrence"
facts = "report"
deduct = [{ where = { outcome = "late" }, points = 10 }, { where = { outcome = "missing" }, points = 20 }]
[[table]]
period = "quarter"
title = "季度得分"
[[table.indicator]]
key = "months"
title = "月度均值"
weight = 100
method = "mark"
facts = "period_score"
where = { type = "month" }
value = "score"
[[table]]
period = "year"
title = "年度得分"
[[table.indicator]]
key = "quarters"
title = "季度均值"
weight = 70
method = "mark"
facts = "period_score"
where = { type = "quarter" }
value = "score"
[[table.indicator]]
key = "year_end"
title = "年终考核"
weight = 30
method = "mark"
facts = "period_score"
where = { type = "year_end" }
value = "score"
[[table]]
period = "year_end"
title = "年终考核表"
[[table.indicator]]
key = "leading_group"
title = "领导小组评价"
weight = 100
method = "mark"
facts = "leader_mark"
[penalty]
cap = 10
[[penalty.item]]
key = "untrue_data"
title = "数据失实"
facts = "penalty"
where = { type = "untrue_data" }
points = 2
[[veto]]
key = "falsification"
title = "弄虚作假"
facts = "veto"
where = { trigger = "falsification" }
not_above = "合格"
"""


def by_months(*, appeal_workdays: int = 0) -> World:
    """The worked quarter under a rulebook that scores months, quarters, years and a year-end table."""
    world = quarters.worked_quarter(appeal_workdays=appeal_workdays)
    LocalSettings.update(first_scored_period="2021-04").execute()
    rulebooks.adopt(
        world.programme, BY_MONTHS, valid_from=date(2021, 4, 1), now=CLOSING,
        by=builders.actor(Role.ASSESSOR, world.programme),
    )  # fmt: skip
    return world


def assessor(world: World) -> Actor:
    """Who closes the books."""
    return builders.actor(Role.ASSESSOR, world.programme, person=world.assessor)


def close(world: World, *keys: str) -> ScoreRun:
    """Close periods in this order; the last one's run."""
    for key in keys:
        run = scores.close(world.programme, scored_period(key), by=assessor(world), now=YEAR_CLOSING)
    return run


def mark_year_end(world: World, marks: dict[str, int]) -> None:
    """The leading group's mark of each unit, by letter, written past the verbs."""
    for letter, mark in marks.items():
        RecordedFact.create(
            programme=world.programme, period="2021-year_end", form="leader_mark", kind="leader_mark",
            unit=world.units[letter], named={"mark": mark}, source="领导小组会议纪要", entered_by=1, by_name="考核员",
            entered_at=YEAR_CLOSING,
        )  # fmt: skip
