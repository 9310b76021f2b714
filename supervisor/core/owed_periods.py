"""For which periods something is owed: found by steps along an index, one a period, however many units owe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from peewee import fn

from supervisor.core.periods import Period
from supervisor.models import Obligation, ReportingRule
from supervisor.models.base import rows_of


def periods_of(rule_ids: Sequence[int], year: int, *, years: int = 1) -> list[Period]:
    """The periods from a year on for which something is owed by these rules, in no order; one query."""
    rule, below = ReportingRule.alias(), str(year + years)

    def first(of: Any, *conditions: Any) -> Any:
        query = Obligation.select(fn.MIN(Obligation.period)).where(
            (Obligation.rule == of) & (Obligation.period < below)
        )
        for condition in conditions:
            query = query.where(condition)
        return query

    begin = (
        rule.select(rule.id.alias("rule"), first(rule.id, Obligation.period >= str(year)).alias("period"))
        .where(rule.id.in_(list(rule_ids)))
        .cte("found", recursive=True, columns=("rule", "period"))
    )
    step = Obligation.select().from_(begin)
    step = step.select(begin.c.rule, first(begin.c.rule, Obligation.period > begin.c.period))
    found = begin.union_all(step.where(begin.c.period.is_null(is_null=False)))
    query = found.select_from(found.c.period).where(found.c.period.is_null(is_null=False)).distinct()
    return [Period.parse(row[0]) for row in rows_of(query)]
