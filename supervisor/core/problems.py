"""The register of problems (问题台账): raised by reports, carried over until solved, helped with, crossed off.

A problem enters when the report is *handed in*, not when it is accepted: who asks for help must not wait for a slow
review, and the review judges the report, not whether the problem exists. The key is the report's place for the task
(unit, task, period), which all versions of a report share, so that a returned and rewritten report words its problem
anew and never doubles it; a version that no longer names it withdraws it. Next month's form shows what is open and
asks only "still open, or solved and how": nothing is typed twice, and words typed again all the same are recognised.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from peewee import ModelSelect

from supervisor.clock import beijing, beijing_date
from supervisor.core import audit, events, messages, people
from supervisor.core.days import day_words
from supervisor.core.periods import Period, last_month_of
from supervisor.core.permissions import Actor, Permission
from supervisor.core.report_bodies import EntryBody, Known, bare_words, is_copy
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound, Obstacle, Refused
from supervisor.models import (
    Entry,
    Obligation,
    Problem,
    ProblemAnswer,
    ProblemEvent,
    ProblemState,
    ProblemStep,
    Report,
    ReportEntry,
    Task,
    Unit,
)
from supervisor.words import N_, Sentence

#: Words by which a unit says that there is nothing: no problem and no wish.
NOTHING = re.compile(
    r"(本月|本期|目前|当前|现阶段|暂时|总体)*(暂?无|没有|未发现|不存在|无需|暂?不需要)"
    r"(其他|突出|明显|重大|较大|新增|特殊)*的?(需要?)?(存在|协调|解决|帮助|支持)*的?(问题|困难|情况|事项)?"
    r"|略|none|no|nil|n ?a",
    re.IGNORECASE,
)
#: Written where a new version of a report no longer names its problem.
WITHDRAWN = "重新报送的版本已不再列入"
LONGEST = 2000


def visible_to(actor: Actor) -> ModelSelect[Problem]:
    """The problems a person may see (D16): all of the programme, or those their units have or help with."""
    query = Problem.select().where(Problem.programme == actor.programme_id)
    if actor.sees_all:
        return query
    mine = sorted(actor.unit_ids)
    return query.where(Problem.unit.in_(mine) | Problem.helper.in_(mine))


def get_visible(problem_id: int, actor: Actor) -> Problem:
    """One problem by its number; NotFound when there is none that this person may see."""
    row: Problem | None = visible_to(actor).where(Problem.id == problem_id).first()
    if row is None:
        raise NotFound
    return row


def month_of(period: str) -> str:
    """The month to which a period belongs, as its key: 2021-06 for 2021-Q2."""
    return last_month_of(Period.parse(period)).key


def age_in_months(problem: Problem, day: date) -> int:
    """For how many months a problem has stood: 0 in the month about which it was raised."""
    until = Period.parse(problem.settled_month).start if problem.settled_month else day
    raised = Period.parse(problem.raised_month).start
    return max((until.year - raised.year) * 12 + until.month - raised.month, 0)


# What reports say of problems -------------------------------------------------------------------------------


def keep_answers(report: Report, said: Sequence[EntryBody], known: Mapping[int, Known]) -> None:
    """Keep with a version what it says of older problems; it takes effect when the version is handed in."""
    asked = [one for one in said if known[one.entry_id].problems]
    if not asked:
        return
    rows = ReportEntry.select(ReportEntry.id, ReportEntry.entry).where(ReportEntry.report == report.id)
    row_of = {row.entry_id: row.id for row in rows}
    ProblemAnswer.insert_many(
        [
            {
                "report_entry": row_of[one.entry_id], "problem": problem.id, "solved": problem.id in one.solved,
                "how": one.solved.get(problem.id, "").strip(),
            }
            for one in asked
            for problem in known[one.entry_id].problems
        ]
    ).execute()  # fmt: skip


@dataclass
class _Taken:
    """What a report did to the register, for its history and the trail."""

    at: datetime
    period: str
    by: Actor
    events: list[dict[str, object]] = field(default_factory=list)
    steps: dict[str, list[int]] = field(default_factory=dict)

    def add(self, problem: Problem, step: ProblemStep, words: str = "") -> None:
        self.events.append(
            {
                "problem": problem.id, "step": step, "at": self.at, "period": self.period, "words": words,
                "by_name": self.by.name,
            }
        )  # fmt: skip
        self.steps.setdefault(step.value, []).append(problem.id)


def take(report: Report, obligation: Obligation, *, by: Actor, now: datetime) -> None:
    """Enter what a report that was just handed in says of problems; call in the verb's transaction."""
    taken = _Taken(now, obligation.period, by)
    _take_answers(report, obligation, taken)
    if not report.nil:
        _take_words(report, obligation, taken)
    if taken.events:
        ProblemEvent.insert_many(taken.events).execute()
        audit.record(by, "problem.report", report, now=now, after=taken.steps)


def _take_answers(report: Report, obligation: Obligation, taken: _Taken) -> None:
    answers = (
        ProblemAnswer.select(ProblemAnswer, Problem)
        .join(Problem)
        .switch(ProblemAnswer)
        .join(ReportEntry)
        .where(ReportEntry.report == report.id)
        .order_by(ProblemAnswer.id)
    )
    for answer in answers:
        problem: Problem = answer.problem
        if problem.state is ProblemState.CLOSED:
            continue  # the office crossed it off while the report was being written
        if answer.solved:
            _settle(problem, ProblemState.SOLVED, month_of(obligation.period), answer.how)
            taken.add(problem, ProblemStep.SOLVED, answer.how)
        else:
            if problem.state is ProblemState.SOLVED:  # an earlier version of this report said so
                _open(problem)
            taken.add(problem, ProblemStep.STILL_OPEN)


def _take_words(report: Report, obligation: Obligation, taken: _Taken) -> None:
    rows = list(
        ReportEntry.select(ReportEntry, Entry).join(Entry).where(ReportEntry.report == report.id)
        .order_by(Entry.sort, Entry.id)
    )  # fmt: skip
    for row in rows:
        row.problems, row.help_wanted = _said(row.problems), _said(row.help_wanted)
    told = [row for row in rows if row.problems or row.help_wanted]
    # A first version without a problem, by far the commonest, costs no further look.
    if not told and report.number == 1:
        return
    own = {row.entry_id: row for row in Problem.select().where(Problem.entry.in_([r.entry_id for r in rows]))}
    older = _open_by_task(obligation.unit_id, [row.entry.task_id for row in told])
    for row in rows:
        problem = own.get(row.entry_id)
        if problem is not None:
            _reword(problem, row, taken)
        elif row.problems or row.help_wanted:
            same = next((one for one in older.get(row.entry.task_id, ()) if _is_same(one, row)), None)
            if same is None:
                taken.add(_raise(row, obligation), ProblemStep.RAISED, _words_of(row))
            elif same.id not in taken.steps.get(ProblemStep.STILL_OPEN.value, []):
                taken.add(same, ProblemStep.STILL_OPEN)


def _said(text: str) -> str:
    """The text, or nothing where it only says that there is nothing."""
    return "" if NOTHING.fullmatch(bare_words(text)) else text


def _open_by_task(unit_id: int, task_ids: Iterable[int]) -> dict[int, list[Problem]]:
    wanted = sorted(set(task_ids))
    found: dict[int, list[Problem]] = {}
    if wanted:
        mine = (Problem.unit == unit_id) & (Problem.state == ProblemState.OPEN) & Problem.task.in_(wanted)
        for problem in Problem.select().where(mine).order_by(Problem.id):
            found.setdefault(problem.task_id, []).append(problem)
    return found


def _is_same(problem: Problem, row: ReportEntry) -> bool:
    """Whether the words are those of a problem that is open already, typed once more."""
    return is_copy(row.problems or row.help_wanted, problem.text or problem.help_wanted)


def _words_of(row: ReportEntry) -> str:
    return "\n".join(part for part in (row.problems, row.help_wanted) if part)


def _raise(row: ReportEntry, obligation: Obligation) -> Problem:
    return Problem.create(
        programme=obligation.programme_id,
        unit=obligation.unit_id,
        task=row.entry.task_id,
        entry=row.entry_id,
        text=row.problems,
        help_wanted=row.help_wanted,
        raised_period=obligation.period,
        raised_month=month_of(obligation.period),
    )


def _reword(problem: Problem, row: ReportEntry, taken: _Taken) -> None:
    """The same place of the report speaks again, in a newer version."""
    if not (row.problems or row.help_wanted):
        if problem.state is ProblemState.OPEN:
            _settle(problem, ProblemState.CLOSED, problem.raised_month, WITHDRAWN)
            taken.add(problem, ProblemStep.CLOSED, WITHDRAWN)
        return
    withdrawn = problem.state is ProblemState.CLOSED and problem.settled_how == WITHDRAWN
    if (problem.text, problem.help_wanted) == (row.problems, row.help_wanted) and not withdrawn:
        return
    if withdrawn:
        _open(problem)
    problem.text, problem.help_wanted = row.problems, row.help_wanted
    problem.save(only=["text", "help_wanted"])
    taken.add(problem, ProblemStep.REWORDED, _words_of(row))


def _settle(problem: Problem, state: ProblemState, month: str, how: str) -> None:
    problem.state, problem.settled_month, problem.settled_how = state, month, how
    problem.save(only=["state", "settled_month", "settled_how"])


def _open(problem: Problem) -> None:
    _settle(problem, ProblemState.OPEN, "", "")


# What the office does about them ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Help:
    """Who helps with a problem: a unit, or (`unit_id` None) the lead office itself; by when; and a word on it."""

    unit_id: int | None
    by_day: date | None
    words: str = ""


@transactional
def assign_help(problem: Problem, wanted: Help, *, by: Actor, now: datetime) -> None:
    """Say who helps and by when; the unit that has the problem and the one that helps are told.

    Raises Invalid for a day that is past or a unit of another place, Refused for a problem that is settled.
    """
    _require(problem, by)
    helper = Unit.get_or_none(Unit.id == wanted.unit_id) if wanted.unit_id else None
    wrong: dict[str, Sentence] = {}
    if wanted.by_day is None or wanted.by_day < beijing_date(now):
        wrong["help_by"] = N_("Name a day from today on by which the help is to be there.")
    if wanted.unit_id and (helper is None or helper.jurisdiction_id != problem.programme.jurisdiction_id):
        wrong["helper"] = N_("Choose a unit of the list.")
    if helper is not None and helper.id == problem.unit_id:
        wrong["helper"] = N_("The unit that has the problem cannot be the one that helps.")
    _refuse(wrong, wanted.words, "words")
    after = {"helper": helper, "office_helps": helper is None, "help_by": wanted.by_day}
    _claim(problem, after)
    name = helper.name if helper else problem.programme.office_name
    words = "：".join(part for part in (name, wanted.words.strip()) if part)
    _note(problem, ProblemStep.ASSIGNED, words, "problem.assign", after, by, now)
    _tell(problem, helper, name, wanted, now)


@transactional
def note_progress(problem: Problem, words: str, *, by: Actor, now: datetime) -> None:
    """Note how far it is."""
    _require(problem, by)
    _refuse({} if words.strip() else {"words": N_("Say how far it is.")}, words, "words")
    _claim(problem, {})
    _note(problem, ProblemStep.PROGRESS, words.strip(), "problem.note", {}, by, now)


@transactional
def close(problem: Problem, reason: str, *, by: Actor, now: datetime) -> None:
    """Cross a problem off (销号), open or said to be solved, with a reason."""
    by.require(Permission.PROBLEM_EDIT)
    if problem.state is ProblemState.CLOSED:
        _require(problem, by)
    _refuse({} if reason.strip() else {"reason": N_("Say why: it stays on record.")}, reason, "reason")
    month = problem.settled_month or f"{beijing(now):%Y-%m}"
    after = {"state": ProblemState.CLOSED, "settled_month": month, "settled_how": reason.strip()}
    _claim(problem, after)
    _note(problem, ProblemStep.CLOSED, reason.strip(), "problem.close", after, by, now)


@transactional
def reopen(problem: Problem, reason: str, *, by: Actor, now: datetime) -> None:
    """Open a problem again that is not solved after all; it carries over from the month that raised it."""
    by.require(Permission.PROBLEM_EDIT)
    if problem.state is ProblemState.OPEN:
        raise Refused(N_("This problem is open."))
    _refuse({} if reason.strip() else {"reason": N_("Say why: it stays on record.")}, reason, "reason")
    after = {"state": ProblemState.OPEN, "settled_month": "", "settled_how": ""}
    _claim(problem, after)
    _note(problem, ProblemStep.REOPENED, reason.strip(), "problem.reopen", after, by, now)


def _require(problem: Problem, by: Actor) -> None:
    by.require(Permission.PROBLEM_EDIT)
    if problem.state is not ProblemState.OPEN:
        raise Refused(N_("This problem is settled: it stands at “%(state)s”.", state=problem.state.label))


def _refuse(wrong: dict[str, Sentence], text: str, name: str) -> None:
    if len(text) > LONGEST:
        wrong[name] = N_("At most %(n)s characters.", n=LONGEST)
    if wrong:
        raise Invalid(N_("Nothing was changed."), wrong)


def _claim(problem: Problem, after: Mapping[str, object]) -> None:
    """Write, unless somebody else did since `problem` was read."""
    unchanged = (Problem.id == problem.id) & (Problem.version == problem.version)
    if not Problem.update(version=Problem.version + 1, **after).where(unchanged).execute():
        here = f"/p/{problem.programme_id}/problems/{problem.id}"
        raise Refused(
            N_("Somebody else changed this problem meanwhile."), [Obstacle(N_("See how it stands"), here)]
        )


def _note(
    problem: Problem,
    step: ProblemStep,
    words: str,
    action: str,
    after: Mapping[str, object],
    by: Actor,
    now: datetime,
) -> None:
    ProblemEvent.create(problem=problem, step=step, at=now, by_name=by.name, words=words)
    audit.record(by, action, problem, now=now, after=after, reason=words)


def _tell(problem: Problem, helper: Unit | None, name: str, wanted: Help, now: datetime) -> None:
    units = [problem.unit_id, *([helper.id] if helper else [])]
    found = people.liaisons_of(units, problem.programme_id, beijing_date(now))
    promise = (
        N_("%(name)s helps, by %(day)s.", name=name, day=day_words(wanted.by_day)) if wanted.by_day else ""
    )
    messages.notify(
        event=events.HELP_GIVEN,
        key=f"help:{problem.id}:{problem.version}",
        to=[person for posts in found.values() for person in posts],
        fields={
            "name": name,
            "unit": problem.unit.name,
            "task": Task.get_by_id(problem.task_id).title,
            "problem": problem.text or problem.help_wanted,
            "promise": promise,
            "words": wanted.words.strip(),
        },
        link=f"/p/{problem.programme_id}/problems/{problem.id}",
        programme_id=problem.programme_id,
        unit_id=problem.unit_id,
        now=now,
    )
