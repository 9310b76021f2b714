"""Facts of a scored period: what happened, written down so that it can be scored again years later.

Read only. A fact belongs to the period it is about (D9): June's report, due on 5 July, is a fact of Q2, and
what was accepted for July says nothing about Q2. Counts come from rows; ratios, points and rounding are the
engine's alone (D19). Names, groups and roster order are copied as they are, so that nothing outside is
needed to read the facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from scoring import Fact, Facts, ScoredUnit
from scoring.facts import in_order
from scoring.parts import PART_FACTS
from supervisor.clock import beijing_date
from supervisor.core import (
    case_facts,
    decisions,
    fact_needs,
    given_facts,
    ladder_facts,
    recorded_facts,
    score_calendar,
    score_parts,
    viewing_facts,
)
from supervisor.core.calendar import load_calendar
from supervisor.core.periods import Period
from supervisor.core.planned import planned_of_link
from supervisor.core.score_scope import Membership, counts_in, links_of, memberships, obligations_of
from supervisor.core.scored_periods import is_shortest, part_types
from supervisor.models import (
    Application,
    ApplicationState,
    Assignment,
    Entry,
    LinkRole,
    Obligation,
    ObligationState,
    Outcome,
    Programme,
    QuantityTarget,
    Report,
    ReportedQuantity,
    ReportEntry,
    Task,
    Verdict,
)
from supervisor.words import N_

#: Kinds this product gives by itself; `recorded_facts` adds others. An indicator on any other kind is "not
#: applicable" with that reason (D21).
SUPPLIED = frozenset(
    {"closure", "early_closure", "judge_mark", "mark", "penalty", "quantity", "report", "task", "veto"}
)
#: Kinds that are read from accepted entries of reports, and from links task × unit.
FROM_REPORTS = frozenset({"mark", "quantity", "task"})
FROM_LINKS = frozenset({"closure", "early_closure", "quantity", "task"})
#: Why a unit is shown and not ranked (D17, E-33).
HOST = N_("Host of the lead office that assesses: shown outside the ranking")
LEFT = N_("Left its group before the period ended: shown outside the ranking")


#: What facts say of an accepted entry. A year holds tens of thousands of them; their texts stay where they are.
ENTRY_COLUMNS = (
    ReportEntry.id, ReportEntry.entry, ReportEntry.report, ReportEntry.progress, ReportEntry.mark,
    Report.id, Report.number, Report.obligation, Obligation.id, Obligation.period, Obligation.unit, Obligation.returns,
    Entry.id, Entry.assignment, Entry.task, Task.id, Task.sort, Task.title,
)  # fmt: skip


@dataclass(frozen=True)
class Accepted:
    """What the office had accepted of one link by the end of a period."""

    report_entry_id: int
    progress: int
    #: Key of the period that the figures are about.
    period: str
    quantities: dict[str, int]


def gather(programme: Programme, period: Period) -> Facts:
    """Every fact of a period, sorted and complete in itself; the same rows give the same bytes.

    A period that is not the shortest scored one takes the frozen scores of its parts, and beside them only what its
    own table asks for: what counts for bonus or deduction has counted in the shorter ones, and counts once a year.

    Args:
        programme: whose units are scored.
        period: a month, quarter, half-year, year, or a type of the rulebook's own.
    """
    version = score_calendar.rulebook_on(programme.id, period.end)
    text = version.text if version is not None else ""
    shortest = is_shortest(text, period.type)
    wanted = SUPPLIED if shortest else fact_needs.kinds_wanted(text, period.type)
    places = memberships(programme.id, period)
    scored = {place.unit.id for place in places}
    given = {
        form: one
        for form, one in given_facts.given(programme.id, period, scored).items()
        if shortest or one.kind in wanted
    }
    entered = (
        (form, fact)
        for form, fact in recorded_facts.facts_of(programme.id, period.key)
        if int(fact.unit) in scored
    )
    facts = [
        *(fact for fact in _by_themselves(programme.id, period, wanted, scored) if fact.kind in wanted),
        *given_facts.standing(given, entered),
        *score_parts.facts_of(programme.id, period, text),
    ]
    supplied = (SUPPLIED & wanted) | recorded_facts.kinds_supplied(programme.id, period.key)
    supplied |= {one.kind for one in given.values()}
    if part_types(text, period.type):
        supplied |= {PART_FACTS} | {fact.kind for fact in facts}
    mine = in_order([fact for fact in facts if int(fact.unit) in scored])
    return Facts(
        period.key, period.type, tuple(_scored_units(programme, places)), tuple(mine), frozenset(supplied)
    )


def _by_themselves(
    programme_id: int, period: Period, wanted: frozenset[str], scored: set[int]
) -> Iterator[Fact]:
    """What reports, links, the ladder, cases and viewings say; unwanted kinds are not read where that costs."""
    entries = _accepted_entries(programme_id, period) if wanted & FROM_REPORTS else []
    if wanted & FROM_LINKS:
        latest = _latest_by_link(entries)
        closings = _closings(programme_id, period)
        links = [link for link in links_of(programme_id, period) if link.unit_id in scored]
        yield from _task_facts(links, latest, closings, period)
        yield from _closure_facts(links, closings, period)
        yield from _early_facts(links, closings, period)
        yield from _quantity_facts(links, latest, period)
    if "report" in wanted:
        yield from _report_facts(programme_id, period)
    yield from _mark_facts(entries, period)
    yield from ladder_facts.facts_of(programme_id, period)
    yield from case_facts.facts_of(programme_id, period)
    yield from viewing_facts.facts_of(programme_id, period)


def name_of(task: Task) -> str:
    """A task as facts name it: its running number in the plan and its title."""
    return f"{task.sort} {task.title}"


def _scored_units(programme: Programme, places: Iterable[Membership]) -> Iterator[ScoredUnit]:
    host_is_ranked = decisions.named_assessor(programme.id) is not None
    for order, place in enumerate(places, start=1):
        reason = LEFT.msgid if place.left else None
        if place.unit.id == programme.host_unit_id and not host_is_ranked:
            reason = HOST.msgid
        yield ScoredUnit(str(place.unit.id), place.unit.name, place.group.name, order, reason)


def _accepted_entries(programme_id: int, period: Period) -> list[ReportEntry]:
    """Accepted entries about times up to the period's end, the last version of each, in order of time."""
    rows = (
        ReportEntry.select(*ENTRY_COLUMNS)
        .join(Report)
        .join(Obligation)
        .switch(ReportEntry)
        .join(Entry)
        .join(Task)
        .where(
            (Obligation.programme == programme_id)
            & (ReportEntry.verdict == Verdict.ACCEPTED)
            & (Obligation.period < str(period.end.year + 1))
        )
    )
    last: dict[int, ReportEntry] = {}
    for row in rows:
        if counts_in(period.kind, row.report.obligation.period).start > period.start:
            continue
        known = last.get(row.entry_id)
        if known is None or (row.report.number, row.id) > (known.report.number, known.id):
            last[row.entry_id] = row
    return sorted(last.values(), key=_time_of)


def _time_of(row: ReportEntry) -> tuple[date, str, int]:
    key = row.report.obligation.period
    return Period.parse(key).end, key, row.id


def _latest_by_link(entries: list[ReportEntry]) -> dict[int, Accepted]:
    """By link: the figures last accepted. Entries come in order of time; progress and quantities are cumulative."""
    newest = {row.entry.assignment_id: row for row in entries}
    ids = sorted(row.id for row in newest.values())
    quantities: dict[int, dict[str, int]] = {}
    for start in range(0, len(ids), 500):  # SQLite takes a limited number of parameters
        for one in ReportedQuantity.select().where(
            ReportedQuantity.report_entry.in_(ids[start : start + 500])
        ):
            quantities.setdefault(one.report_entry_id, {})[one.measure] = one.cumulative
    return {
        link: Accepted(row.id, row.progress, row.report.obligation.period, quantities.get(row.id, {}))
        for link, row in newest.items()
    }


def _closings(programme_id: int, period: Period) -> dict[int, tuple[date, int]]:
    """By link: the day on which the accepted application was made, up to the period's end, and its id (D2)."""
    rows = Application.select().where(
        (Application.programme == programme_id) & (Application.state == ApplicationState.ACCEPTED)
    )
    found: dict[int, tuple[date, int]] = {}
    for row in sorted(rows, key=lambda row: (row.applied_at, row.id), reverse=True):
        day = beijing_date(row.applied_at)
        if day <= period.end:
            found[row.assignment_id] = (day, row.id)  # the first accepted one stays
    return found


def _task_facts(
    links: list[Assignment],
    latest: dict[int, Accepted],
    closings: dict[int, tuple[date, int]],
    period: Period,
) -> Iterator[Fact]:
    """Planned against accepted progress at the period's end (D6).

    Left out: suspended links, work that was done before the period, and tasks without any plan (standing
    tasks, D4), which their reports and marks speak for.
    """
    for link in links:
        planned = planned_of_link(link, link.task, link.task.plan, period.end)
        closing = closings.get(link.id)
        done_before = closing[0] < period.start if closing else _closed_before(link, period)
        if planned is None or link.suspended or done_before:
            continue
        known = latest.get(link.id)
        if closing:
            accepted, record, as_of = 100, f"application:{closing[1]}", closing[0].isoformat()
        elif known:
            accepted, record, as_of = known.progress, f"report_entry:{known.report_entry_id}", known.period
        else:
            accepted, record, as_of = 0, f"assignment:{link.id}", ""
        yield Fact(
            "task",
            str(link.unit_id),
            name_of(link.task),
            {
                "role": link.role.value,
                "share": _share(link),
                "planned": planned,
                "accepted": accepted,
                "as_of": as_of,
            },
            record,
        )


def _closed_before(link: Assignment, period: Period) -> bool:
    """Whether the whole task was closed before the period: responsible units never close by themselves (D2)."""
    return link.task.closed_on is not None and link.task.closed_on < period.start


def _closure_facts(
    links: list[Assignment], closings: dict[int, tuple[date, int]], period: Period
) -> Iterator[Fact]:
    """Lead links whose task was to be closed in the period; the application's day counts (D2)."""
    for link in links:
        due = link.task.due_on
        if due is None or not period.contains(due) or link.role is not LinkRole.LEAD:
            continue
        applied, record = None, f"assignment:{link.id}"
        if closing := closings.get(link.id):
            applied, record = closing[0], f"application:{closing[1]}"
        yield Fact(
            "closure",
            str(link.unit_id),
            name_of(link.task),
            {
                "due": due.isoformat(),
                "applied": applied.isoformat() if applied else None,
                "on_time": applied is not None and applied <= due,
                "suspended": link.suspended,
                "share": _share(link),
            },
            record,
        )


def _early_facts(
    links: list[Assignment], closings: dict[int, tuple[date, int]], period: Period
) -> Iterator[Fact]:
    """Lead links completed in the period before their time limit, with the working days between.

    It belongs to the period in which completion was applied for, whenever the task had been due.
    """
    calendar = load_calendar()
    for link in links:
        closing, due = closings.get(link.id), link.task.due_on
        if due is None or closing is None or link.role is not LinkRole.LEAD:
            continue
        applied, record = closing
        if not period.contains(applied) or applied >= due:
            continue
        yield Fact(
            "early_closure",
            str(link.unit_id),
            name_of(link.task),
            {
                "due": due.isoformat(),
                "applied": applied.isoformat(),
                "early_workdays": calendar.workdays_between(applied, due),
                "share": _share(link),
            },
            f"application:{record}",
        )


def _quantity_facts(links: list[Assignment], latest: dict[int, Accepted], period: Period) -> Iterator[Fact]:
    """Cumulative accepted against cumulative planned quantities, by measure."""
    by_place = {(link.task_id, link.unit_id): link for link in links if not link.suspended}
    targets = (
        QuantityTarget.select()
        .join(Task)
        .where(Task.id.in_(sorted({task for task, _ in by_place})))
        .order_by(QuantityTarget.id)
    )
    for target in targets:
        link = by_place.get((target.task_id, target.unit_id))
        if link is None:
            continue
        known = latest.get(link.id)
        done = known.quantities.get(target.measure) if known else None
        percent = planned_of_link(link, link.task, link.task.plan, period.end)
        yield Fact(
            "quantity",
            str(link.unit_id),
            name_of(link.task),
            {
                "measure": target.measure,
                "done_cumulative": done or 0,
                "planned_cumulative": _planned_quantity(target, percent, period),
                "target": target.target,
                "as_of": known.period if known and done is not None else "",
            },
            f"report_entry:{known.report_entry_id}"
            if known and done is not None
            else f"assignment:{link.id}",
        )


def _planned_quantity(target: QuantityTarget, percent: int | None, period: Period) -> Decimal | int | None:
    """The quantity planned by the period's end: as given, else the target at the task's planned progress."""
    given = target.planned.get(period.key)
    if given is not None:
        return int(given)
    if percent is None:
        return None
    exact = Decimal(target.target * percent).scaleb(-2)
    return int(exact) if exact == exact.to_integral_value() else exact


def _report_facts(programme_id: int, period: Period) -> Iterator[Fact]:
    """One a report owed about the period. Waived ones are not owed; a nil report may still be late."""
    for row in obligations_of(programme_id, period):
        if row.state is ObligationState.WAIVED:
            continue
        nil = row.outcome is Outcome.NIL
        outcome = row.outcome or Outcome.MISSING
        if row.first_submitted_at is None:
            outcome = Outcome.MISSING
        elif nil and row.late_workdays:
            outcome = Outcome.LATE
        yield Fact(
            "report",
            str(row.unit_id),
            row.period,
            {
                "period": row.period,
                "outcome": outcome.value,
                "nil": nil,
                "late_workdays": row.late_workdays,
                "returns": row.returns,
                "due": row.due_on.isoformat(),
                "submitted": beijing_date(row.first_submitted_at).isoformat()
                if row.first_submitted_at
                else None,
            },
            f"obligation:{row.id}",
        )


def _mark_facts(entries: list[ReportEntry], period: Period) -> Iterator[Fact]:
    """The reviewer's mark of every accepted entry about the period; returns are those of the whole report."""
    for row in entries:
        owed = row.report.obligation
        if row.mark is None or counts_in(period.kind, owed.period).start != period.start:
            continue
        yield Fact(
            "mark",
            str(owed.unit_id),
            name_of(row.entry.task),
            {
                "mark": row.mark,
                "returns": owed.returns,
                "report": f"obligation:{owed.id}",
                "period": owed.period,
            },
            f"report_entry:{row.id}",
        )


def _share(link: Assignment) -> Decimal:
    return Decimal(link.share).scaleb(-2)
