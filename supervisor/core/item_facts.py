"""Publicity as facts: the items that units handed in where a rule asks for a number of them (C45).

One fact an item, in the month for which it counts. A month for which nothing was asked of a unit, that was waived, or
for which "nothing" with a reason was taken, is a fact too: it is no item, but releases from so many (`released`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from scoring import Fact
from scoring.facts import Value
from supervisor.clock import beijing_date
from supervisor.core.periods import Period, PeriodKind, period_of, periods_between
from supervisor.models import (
    FiledDocument,
    Obligation,
    ObligationState,
    Outcome,
    Report,
    ReportingRule,
    RuleKind,
)
from supervisor.models.base import rows_of

KIND = "publicity"
#: Parameters that one statement takes for certain, on both databases.
AT_ONCE = 500


def owed(programme_id: int, span: Period) -> list[Obligation]:
    """What rules that count items ask for in the months of a span, with their rules; waived ones included."""
    near = Obligation.period.between(str(span.start.year - 1), f"{span.end.year + 1}~")
    rows = (
        Obligation.select(Obligation, ReportingRule)
        .join(ReportingRule)
        .where((Obligation.programme == programme_id) & near & (ReportingRule.kind == RuleKind.COUNT))
        .order_by(Obligation.rule, Obligation.unit, Obligation.id)
    )
    wanted = set(_months(span))
    return [row for row in rows if wanted & set(_months(Period.parse(row.period)))]


def facts_of(asked: Iterable[Obligation], units: Iterable[int], span: Period) -> Iterator[Fact]:
    """The items of a span, and the months that ask for none.

    Args:
        asked: as `owed` gives it.
        units: ids of the units that are scored.
        span: the period.
    """
    mine = list(asked)
    scored = set(units)
    months = _months(span)
    for report, title, adopted in _items([row.id for row in mine if row.unit_id in scored]):
        row: Obligation = report.obligation
        month = _month_of(report, Period.parse(row.period))
        if month in months:
            day = beijing_date(report.approved_at or report.received_at)
            said: dict[str, Value] = {
                "period": month,
                "day": day.isoformat(),
                "rule": row.rule.name,
                "adopted": adopted,
            }
            yield Fact(KIND, str(row.unit_id), title, said, f"report:{report.id}")
    if mine:
        yield from _releases(mine, scored, months)


def _items(ids: list[int]) -> Iterator[tuple[Report, str, bool]]:
    """Each item handed in, with its title and whether it was chosen for a bulletin."""
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        reports = list(
            Report.select(Report, Obligation, ReportingRule)
            .join(Obligation)
            .join(ReportingRule)
            .where(Report.obligation.in_(some) & (Report.sent == True) & (Report.nil == False))  # noqa: E712
            .order_by(Report.id)
        )
        documents = (
            FiledDocument.select(FiledDocument.report, FiledDocument.title, FiledDocument.bulletin)
            .join(Report)
            .where(Report.obligation.in_(some))
            .order_by(FiledDocument.id.desc())
        )
        titles: dict[int, str] = {}
        chosen: set[int] = set()
        for report_id, title, bulletin in rows_of(documents):
            titles[report_id] = title  # the first one stays
            chosen |= {report_id} if bulletin is not None else set()
        for report in reports:
            yield report, titles.get(report.id, ""), report.id in chosen


def _month_of(report: Report, about: Period) -> str:
    """The month that an item counts for: its period's; of a longer period the one in which it was sent."""
    months = _months(about)
    sent = period_of(PeriodKind.MONTH, beijing_date(report.approved_at or report.received_at)).key
    return sent if sent in months else months[-1]


def _releases(asked: list[Obligation], scored: set[int], months: list[str]) -> Iterator[Fact]:
    """For each unit the months of which nothing is expected, with the reason."""
    by_place: dict[tuple[int, str], list[Obligation]] = {}
    for row in asked:
        for month in _months(Period.parse(row.period)):
            by_place.setdefault((row.unit_id, month), []).append(row)
    most = max(row.rule.minimum for row in asked)
    rule_id = min(row.rule_id for row in asked)
    reasons = _nil_reasons([row.id for row in asked if row.outcome is Outcome.NIL])
    for unit_id in sorted(scored):
        for month in months:
            rows = by_place.get((unit_id, month), [])
            if not all(_is_excused(row) for row in rows):
                continue
            said: dict[str, Value] = {"period": month, "released": most, "excuse": "not_owed"}
            record = f"reporting_rule:{rule_id}"
            if rows:
                nil = rows[0].outcome is Outcome.NIL
                reason = reasons.get(rows[0].id, "") if nil else rows[0].waive_reason
                said |= {"excuse": "nil" if nil else "waived", "reason": reason}
                record = f"obligation:{rows[0].id}"
            yield Fact(KIND, str(unit_id), month, said, record)


def _is_excused(row: Obligation) -> bool:
    return row.state is ObligationState.WAIVED or row.outcome is Outcome.NIL


def _nil_reasons(ids: list[int]) -> Mapping[int, str]:
    found: dict[int, str] = {}
    for start in range(0, len(ids), AT_ONCE):
        of_these = Report.obligation.in_(ids[start : start + AT_ONCE]) & (Report.nil == True)  # noqa: E712
        query = Report.select(Report.obligation, Report.nil_reason).where(of_these).order_by(Report.id)
        found |= dict(rows_of(query))
    return found


def _months(period: Period) -> list[str]:
    """Keys of the months that a period covers; a week's month is that of its Thursday (D9)."""
    if period.kind is PeriodKind.WEEK:
        return [period_of(PeriodKind.MONTH, period.start + timedelta(days=3)).key]
    return [one.key for one in periods_between(PeriodKind.MONTH, period.start, period.end)]
