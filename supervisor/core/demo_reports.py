"""How the demo's units report and the office reviews, month by month, each in its own way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from supervisor.clock import BEIJING, beijing_date
from supervisor.core import people, reports, reviews, tasks
from supervisor.core.demo_people import DEPUTY, OFFICE, Character, characters
from supervisor.core.demo_story import Story, dice, moment
from supervisor.core.demo_words import mark_of, nil_reason, return_reason, solved_how, words
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.core.report_bodies import EntryBody, Known, ReportBody, known_of, wanted_entries
from supervisor.models import (
    AssignmentState,
    Entry,
    EntryState,
    Light,
    LinkRole,
    Obligation,
    ObligationState,
    Plan,
    Programme,
    Report,
    ReportEntry,
    Task,
    Unit,
    Verdict,
)

#: Where a task has no time limit, the demo's units work as if it ended here.
END = date(2026, 12, 31)
#: Pace, percent of the plan, from which a unit of the demo rates its own part green.
KIND = 85
#: Share of the open problems that a unit solves in a month.
SOLVED = 0.75
#: A case of the script: a user name and a month such as 2026-06.
Case = tuple[str, str]


@dataclass(frozen=True)
class Script:
    """What happens to whom, beside what each unit's habit brings."""

    silent: frozenset[Case] = frozenset()
    nil: frozenset[Case] = frozenset()
    #: Working days after the due day.
    late: Mapping[Case, int] = field(default_factory=dict)
    #: Handed in at this moment, for example after an extension.
    fixed: Mapping[Case, str] = field(default_factory=dict)
    #: How often the office returns it.
    returned: Mapping[Case, int] = field(default_factory=dict)
    #: The new version comes late as well.
    slow: frozenset[Case] = frozenset()
    unreviewed: frozenset[Case] = frozenset()
    #: Stays with the unit's head.
    unapproved: frozenset[Case] = frozenset()
    #: A quantity that falls, with the unit's reason.
    falling: Mapping[Case, str] = field(default_factory=dict)


class Reporting:
    """Reports and reviews of one programme."""

    def __init__(self, story: Story, programme: Programme, script: Script) -> None:
        self.story, self.programme, self.script = story, programme, script
        self._tasks: dict[int, Task] = {}
        self._units: dict[int, Unit] = {}

    def months(self, first: str, last: str) -> None:
        """Let every month from the first to the last be reported in the month after it."""
        month = Period.parse(first)
        while month.key <= last:
            self.story.at(moment(month.next().start, 8, 40), partial(self._season, month))
            month = month.next()

    def _season(self, month: Period, now: datetime) -> None:
        """Everybody decides when to hand in the month's report."""
        owed = Obligation.select(Obligation, Unit).join(Unit).where(
            (Obligation.programme == self.programme) & (Obligation.period == month.key)
        )  # fmt: skip
        for row in list(owed.order_by(Unit.sort)):
            who = characters()[row.unit.name]
            if (who.user, month.key) not in self.script.silent:
                when = max(self._moment(row, who), now + timedelta(minutes=30))
                self.story.at(when, partial(self.hand_in, row.id))

    def _moment(self, owed: Obligation, who: Character) -> datetime:
        case, roll = (who.user, owed.period), dice("when", self.programme.id, who.user, owed.period)
        if case in self.script.fixed:
            return datetime.fromisoformat(self.script.fixed[case]).replace(tzinfo=BEIJING)
        steps = {
            "early": -roll.randint(2, 4), "steady": -roll.randint(0, 2), "last": 0,
            "late": roll.choice([0, 0, 0, 1, 2]),
        }[who.habit]  # fmt: skip
        steps = self.script.late.get(case, steps)
        day = self.story.calendar.add_workdays(owed.due_on, steps)
        day = max(day, self.story.workday(Period.parse(owed.period).next().start))
        hour = roll.randint(15, 22) if who.habit == "last" and not steps else roll.randint(9, 16)
        return moment(day, hour, roll.randint(1, 58))

    def hand_in(self, obligation_id: int, now: datetime) -> None:
        """The unit's liaison officer hands in what is owed, first or after a return."""
        owed = self._owed(obligation_id)
        by = self._liaison(owed, now)
        if by is None or owed.state not in {ObligationState.OPEN, ObligationState.RETURNED}:
            return
        report = reports.submit(owed, self._body(owed), by=by, now=now)
        if report.sent:
            self._await_review(report, owed, now)
        elif (characters()[owed.unit.name].user, owed.period) not in self.script.unapproved:
            later = now + timedelta(minutes=dice("head", owed.id).randint(40, 200))
            self.story.at(later, partial(self._approve, report.id))

    def _approve(self, report_id: int, now: datetime) -> None:
        report = Report.get_by_id(report_id)
        owed: Obligation = report.obligation
        head = people.heads_of([owed.unit_id], self.programme.id, beijing_date(now))[owed.unit_id][0]
        reports.approve(report, by=self.story.actor(head.username, self.programme, now), now=now)
        self._await_review(report, owed, now)

    def _liaison(self, owed: Obligation, now: datetime) -> Actor | None:
        username = self.story.liaison(owed.unit_id, self.programme.id, now)
        return self.story.actor(username, self.programme, now) if username else None

    # What is written ----------------------------------------------------------------------------------------

    def _body(self, owed: Obligation) -> ReportBody:
        who = characters()[owed.unit.name]
        case = (who.user, owed.period)
        if case in self.script.nil:
            return ReportBody(nil=True, nil_reason=nil_reason(owed.unit.name, owed.period))
        entries = wanted_entries(owed)
        known = known_of(entries)
        return ReportBody([self._entry(owed, who, entry, known[entry.id]) for entry in entries])

    def _entry(self, owed: Obligation, who: Character, entry: Entry, known: Known) -> EntryBody:
        task = self._task(entry.task_id)
        said = words(owed.unit.name, task.title, entry.assignment.role, owed.period)
        progress = self._progress(owed, who, entry, known)
        figures = {
            measure: min(target, max(target * progress // 100, known.accepted.get(measure) or 0))
            for measure, target in known.targets.items()
        }
        reason = self.script.falling.get((who.user, owed.period), "")
        falls = [measure for measure in figures if reason and "泊位" in measure]
        for measure in falls:
            figures[measure] = max((known.accepted.get(measure) or 0) - 12, 0)
        done = said.done
        if entry.state is EntryState.RETURNED:
            done = f"按审核意见核对分项台账，更正如下：{done}数据以本次为准。"
        return EntryBody(
            entry.id, progress, done, said.problems, said.next_steps, said.help_wanted,
            reason if falls else "", figures, self_light=self._rating(who, entry),
            solved={
                problem.id: solved_how(f"{problem.id}")
                for problem in known.problems
                if dice("solved", problem.entry_id, owed.period).random() < SOLVED
            },
        )  # fmt: skip

    def _rating(self, who: Character, entry: Entry) -> Light | None:
        """Lead units rate themselves, most of them kindly."""
        if entry.assignment.role is not LinkRole.LEAD:
            return None
        return Light.GREEN if who.pace >= KIND else Light.AMBER

    def _progress(self, owed: Obligation, who: Character, entry: Entry, known: Known) -> int:
        """Whole percent: the plan at the unit's pace, never less than what was accepted."""
        if entry.assignment.state in {AssignmentState.CLOSED, AssignmentState.APPLIED}:
            return 100
        task = self._task(entry.task_id)
        month = owed.period
        if who.stuck and entry.assignment.role is LinkRole.LEAD:
            month = min(month, who.stuck)
        day = Period.parse(month).end
        start = tasks.start_of(task.plan.issued_at, task.plan.effective_on)
        planned = tasks.planned_percent(task, task.plan, day) or tasks.planned_on({}, start, END, day) or 0
        pace = who.pace + dice("pace", who.user, task.title).randint(-8, 6)
        step = dice("step", who.user, task.title, month).randint(-2, 2)
        return max(min(planned * pace // 100 + step, 97), known.progress or 0, 0)

    def _owed(self, obligation_id: int) -> Obligation:
        """The owed report as it stands now, with its unit."""
        row: Obligation = Obligation.get_by_id(obligation_id)
        if row.unit_id not in self._units:
            self._units[row.unit_id] = row.unit
        row.unit = self._units[row.unit_id]
        return row

    def _task(self, task_id: int) -> Task:
        if task_id not in self._tasks:
            query = Task.select(Task, Plan).join(Plan).where(Task.id == task_id)
            self._tasks[task_id] = query.get()
        return self._tasks[task_id]

    # Review -------------------------------------------------------------------------------------------------

    def _await_review(self, report: Report, owed: Obligation, now: datetime) -> None:
        case = (characters()[owed.unit.name].user, owed.period)
        if case in self.script.unreviewed:
            return
        roll = dice("review", self.programme.id, *case, report.number)
        day = self.story.workday(beijing_date(now), roll.randint(1, 4 if report.number == 1 else 2))
        self.story.at(moment(day, roll.randint(9, 16), roll.randint(0, 59)), partial(self._review, report.id))

    def _review(self, report_id: int, now: datetime) -> None:
        """The office accepts with marks, or returns what the script (or bad luck) says."""
        report = Report.get_by_id(report_id)
        owed = self._owed(report.obligation_id)
        who = characters()[owed.unit.name]
        case = (who.user, owed.period)
        by = self.story.actor(DEPUTY if dice("who", *case).random() < 0.4 else OFFICE, self.programme, now)
        rows = list(ReportEntry.select().where(ReportEntry.report == report).order_by(ReportEntry.id))
        bad_luck = not report.nil and dice("luck", self.programme.id, *case).random() < 0.03
        times = self.script.returned.get(case, int(bad_luck))
        kept = rows
        if owed.returns < times:
            sent_back, kept = rows[: 2 if len(rows) > 4 else 1], rows[2 if len(rows) > 4 else 1 :]
            note = return_reason(owed.returns + 1, f"{case}")
            due = self.story.workday(beijing_date(now), 3)
            for row in sent_back:
                reviews.decide(row, Verdict.RETURNED, note=note, due_on=due, by=by, now=now)
            self._answer_later(owed, case, now)
        mark = mark_of(who, owed.period, returned=bool(owed.returns), late=bool(owed.late_workdays))
        if kept:
            reviews.accept_many([row.id for row in kept], mark, by=by, now=now)

    def _answer_later(self, owed: Obligation, case: Case, now: datetime) -> None:
        roll = dice("answer", *case, owed.returns)
        day = self.story.workday(beijing_date(now), 6 if case in self.script.slow else roll.randint(1, 3))
        self.story.at(moment(day, roll.randint(9, 16), roll.randint(0, 59)), partial(self.hand_in, owed.id))
