"""The people of a sandbox: units sign, report on time, late or never, and the office reviews, morning by morning.

Who does what is drawn from the seed and the number of the report, so that the same play gives the same year.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from typing import Any

from peewee import fn

from supervisor.clock import beijing_date
from supervisor.core import (
    assignments,
    field_values,
    filings,
    people,
    rehearsed_plans,
    reports,
    reviews,
    tasks,
)
from supervisor.core.calendar import load_calendar
from supervisor.core.filing_readers import receivers_of
from supervisor.core.filings import FiledBody
from supervisor.core.form_answers import Answers
from supervisor.core.obligations import OWED
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.core.report_bodies import EntryBody, Known, ReportBody, known_of, wanted_entries
from supervisor.errors import Invalid
from supervisor.models import (
    Assignment,
    AssignmentState,
    Entry,
    Message,
    MessageKind,
    Obligation,
    ObligationState,
    Outcome,
    Plan,
    Programme,
    Report,
    ReportEntry,
    ReportingRule,
    Role,
    RuleKind,
    Task,
    Unit,
    Verdict,
)
from supervisor.models.base import rows_of
from supervisor.words import N_, Sentence

#: A report handed in early comes at most so many working days before its day; a late one so many after it.
EARLY, LATE = 3, 5
#: Marks that the played office gives.
MARKS = (80, 95)


@dataclass(frozen=True)
class Habits:
    """How the played units behave: percent of reports that come late, never, or are returned once."""

    late: int = 10
    missing: int = 5
    returned: int = 5
    seed: int = 1

    def check(self) -> None:
        """Raise Invalid naming what is no percentage, or where late and missing exceed everything."""
        wrong: dict[str, Sentence] = {
            name: N_("A whole number from 0 to 100.")
            for name in ("late", "missing", "returned")
            if not 0 <= getattr(self, name) <= 100
        }
        if not wrong and self.late + self.missing > 100:
            wrong["missing"] = N_("Late and missing together are at most 100.")
        if wrong:
            raise Invalid(N_("The play did not begin."), wrong)


def act(programme: Programme, habits: Habits, now: datetime) -> int:
    """What the people of the sandbox do on one working morning; answers how many acts."""
    actors = _Cast(programme, now)
    done = 0
    for unit_id in _units_to_sign(programme):
        done += assignments.acknowledge_all(programme.id, by=actors.unit(unit_id), now=now)
    for obligation in _due_to_hand_in(programme, habits, now):
        if obligation.rule.kind is RuleKind.PROGRESS:
            done += _report(obligation, habits, actors.unit(obligation.unit_id), now)
        elif obligation.rule.kind is RuleKind.WORK_PLAN:
            done += rehearsed_plans.file(obligation, by=actors.unit(obligation.unit_id), now=now)
        else:
            done += _file(obligation, habits, actors.unit(obligation.unit_id), now)
    done += _review(programme, habits, actors.office, now) + _give_receipts(programme, actors, now)
    return done + rehearsed_plans.accept(programme, by=actors.office, now=now)


def _report(obligation: Obligation, habits: Habits, by: Actor, now: datetime) -> int:
    body = ReportBody(_entries(obligation, habits), answers=_answers(obligation, habits))
    if not body.entries:
        return 0
    reports.submit(obligation, body, by=by, now=now)
    return 1


def _answers(obligation: Obligation, habits: Habits) -> Answers:
    return field_values.rehearse(obligation, Random(f"{habits.seed}:form:{obligation.id}"))  # noqa: S311 -- a play


def _file(obligation: Obligation, habits: Habits, by: Actor, now: datetime) -> int:
    """Documents of a filing at once, or as many items as the period wants."""
    rule = obligation.rule
    kinds = rule.documents or [rule.name[:80]]
    times = rule.minimum if rule.kind is RuleKind.COUNT else 1
    for number in range(times):
        bodies = [
            FiledBody(kind, f"推演：{kind}", f"推演：{obligation.period}第{number + 1}件") for kind in kinds
        ]
        fresh, answers = Obligation.get_by_id(obligation.id), _answers(obligation, habits)
        filings.submit(fresh, bodies, answers, by=by, now=now)
    return times


def _give_receipts(programme: Programme, actors: _Cast, now: datetime) -> int:
    """Every recipient gives its receipt the morning after; the office gives those of whoever is no unit."""
    waiting = (
        Report.select(Report, Obligation)
        .join(Obligation)
        .join(ReportingRule)
        .where(
            (Obligation.programme == programme)
            & (Obligation.state == ObligationState.SUBMITTED)
            & (ReportingRule.kind == RuleKind.FILING)
            & (Report.received_at < now)
        )
        .order_by(Report.id.desc())
    )
    newest = {report.obligation_id: report for report in reversed(list(waiting))}
    given = 0
    for report in newest.values():
        for recipient in receivers_of(report.obligation):
            by = actors.unit(recipient.unit_id) if recipient.unit_id else actors.office
            filings.give_receipt(report, recipient, by=by, now=now)
            given += 1
    return given


class _Cast:
    """Actors of the sandbox: the units' own people and the office, whether or not anybody is named yet."""

    def __init__(self, programme: Programme, now: datetime) -> None:
        self._programme, self._units = programme, dict(rows_of(Unit.select(Unit.id, Unit.name)))
        office = people.office_of(programme.id, beijing_date(now))
        self._user_id = office[0].id if office else 0
        self.office = Actor(
            self._user_id, office[0].name if office else "", programme.id, frozenset({Role.LEAD_OFFICE})
        )

    def unit(self, unit_id: int) -> Actor:
        """Liaison and head of a unit in one."""
        return Actor(
            self._user_id,
            "（推演）",
            self._programme.id,
            frozenset({Role.LIAISON, Role.UNIT_HEAD}),
            unit_ids=frozenset({unit_id}),
            unit_name=self._units[unit_id],
        )


def _units_to_sign(programme: Programme) -> list[int]:
    waiting = (Assignment.programme == programme) & (Assignment.state == AssignmentState.ISSUED)
    query = Assignment.select(Assignment.unit).join(Task).join(Plan)
    return [
        row[0] for row in rows_of(query.where(waiting & Plan.issued_at.is_null(is_null=False)).distinct())
    ]


def _due_to_hand_in(programme: Programme, habits: Habits, now: datetime) -> list[Obligation]:
    """Reports whose unit hands in today: its own day has come and it is not locked."""
    open_ones = (
        (Obligation.programme == programme)
        & Obligation.state.in_(list(OWED))
        & (Obligation.opens_at <= now)
        & ((Obligation.locked_at > now) | Obligation.first_submitted_at.is_null(is_null=False))
    )
    today = beijing_date(now)
    rows = (
        Obligation.select(Obligation, ReportingRule)
        .join(ReportingRule)
        .where(open_ones)
        .order_by(Obligation.due_at, Obligation.id)
    )
    return [row for row in rows if (day := hand_in_day(row, habits)) is not None and day <= today]


def hand_in_day(obligation: Obligation, habits: Habits) -> date | None:
    """The day on which the played unit hands in this report; None = never. A returned one comes at once."""
    if obligation.state is ObligationState.RETURNED:
        return obligation.opens_at.date()
    dice = Random(f"{habits.seed}:{obligation.rule_id}:{obligation.unit_id}:{obligation.period}")  # noqa: S311 -- a play
    fate = dice.randrange(100)
    calendar = load_calendar()
    if fate < habits.missing:
        return None
    if fate < habits.missing + habits.late:
        return calendar.add_workdays(obligation.due_on, dice.randint(1, LATE))
    return calendar.on_or_before(calendar.add_workdays(obligation.due_on, -dice.randint(0, EARLY)))


def _entries(obligation: Obligation, habits: Habits) -> list[EntryBody]:
    wanted = wanted_entries(obligation)
    known = known_of(wanted)
    period = Period.parse(obligation.period)
    owners = Task.select(Task, Plan).join(Plan).where(Task.id.in_([entry.task_id for entry in wanted]))
    of = {task.id: task for task in owners}
    return [_entry(entry, of[entry.task_id], known[entry.id], period, habits) for entry in wanted]


def _entry(entry: Entry, task: Task, known: Known, period: Period, habits: Habits) -> EntryBody:
    dice = Random(f"{habits.seed}:{entry.assignment_id}:{period.key}")  # noqa: S311 -- a play
    planned = tasks.planned_percent(task, task.plan, period.end)
    wanted = planned if planned is not None else 50
    progress = min(max(wanted + dice.randint(-12, 6), known.progress or 0, 0), 100)
    figures = {
        measure: max(target * progress // 100, known.accepted.get(measure) or 0)
        for measure, target in known.targets.items()
    }
    done = f"推演：{period.key}进度{progress}%。"
    return EntryBody(entry.id, progress, done, quantities=figures)


def _review(programme: Programme, habits: Habits, office: Actor, now: datetime) -> int:
    """The office decides in the morning what came before it; a few entries are returned, once."""
    rows = list(
        ReportEntry.select(ReportEntry.id, ReportEntry.report, Obligation.returns)
        .join(Report)
        .join(Obligation)
        .where(
            (Obligation.programme == programme)
            & (Obligation.state == ObligationState.SUBMITTED)
            & (Report.received_at < now)
            & Report.sent
            & ReportEntry.verdict.is_null()
        )
        .order_by(ReportEntry.id)
    )
    back = [row for row in rows if _returns(row, habits)]
    accepted = [row.id for row in rows if row not in back]
    due = load_calendar().add_workdays(beijing_date(now), 3)
    for row in back:
        reviews.decide(row, Verdict.RETURNED, note="推演：请补充佐证数据。", due_on=due, by=office, now=now)
    for start in range(0, len(accepted), reviews.MANY):
        some = accepted[start : start + reviews.MANY]
        mark = Random(f"{habits.seed}:{some[0]}").randint(*MARKS)  # noqa: S311 -- a play
        reviews.accept_many(some, mark, by=office, now=now)
    return len(rows)


def _returns(row: ReportEntry, habits: Habits) -> bool:
    first = row.report.obligation.returns == 0
    return first and Random(f"{habits.seed}:back:{row.id}").randrange(100) < habits.returned  # noqa: S311 -- a play


@dataclass(frozen=True)
class Tally:
    """What a rule asked in the sandbox so far, and how it ended."""

    rule: str
    period: str
    owed: int
    on_time: int
    late: int
    missing: int
    nil: int
    open: int


def tally(programme: Programme) -> list[Tally]:
    """Obligations and outcomes by rule and period, in the order of time."""
    query = (
        Obligation.select(ReportingRule.name, Obligation.period, Obligation.outcome, fn.COUNT(Obligation.id))
        .join(ReportingRule)
        .where((Obligation.programme == programme) & (Obligation.state != ObligationState.WAIVED))
        .group_by(ReportingRule.id, ReportingRule.name, Obligation.period, Obligation.outcome)
        .order_by(ReportingRule.id, Obligation.period)
    )
    found: dict[tuple[str, str], dict[Outcome | None, int]] = {}
    for name, period, outcome, count in rows_of(query):
        found.setdefault((name, period), {})[outcome] = count
    return [
        Tally(
            rule=name, period=period, owed=sum(counts.values()), on_time=counts.get(Outcome.ON_TIME, 0),
            late=counts.get(Outcome.LATE, 0), missing=counts.get(Outcome.MISSING, 0),
            nil=counts.get(Outcome.NIL, 0), open=counts.get(None, 0),
        )
        for (name, period), counts in found.items()
    ]  # fmt: skip


def messages_told(programme: Programme) -> Sequence[tuple[MessageKind, int]]:
    """How many messages of each kind the sandbox has written so far; none of them left it."""
    query: Any = (
        Message.select(Message.kind, fn.COUNT(Message.id))
        .where(Message.programme == programme)
        .group_by(Message.kind)
        .order_by(Message.kind)
    )
    return rows_of(query)
