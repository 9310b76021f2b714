"""What the ladder's rules propose: the next step about each thing that is overdue, with rule, limit and evidence.

Computed from the tables whenever somebody asks, in a fixed number of selects that read what is due and nothing else.
The office takes a step, leaves it with a reason (it is not proposed again for that stage), or puts it off until a day.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from peewee import JOIN

from supervisor.clock import beijing_date
from supervisor.core import audit, matters, owed_words, programmes
from supervisor.core.cadences import deadline_instant
from supervisor.core.calendar import load_calendar
from supervisor.core.days import day_words
from supervisor.core.ladder import WAITING
from supervisor.core.matters import AT_WORK, OWED
from supervisor.core.permissions import Actor, Permission
from supervisor.core.planned import planned_of_link
from supervisor.core.rungs import next_of
from supervisor.core.workdays import Calendar
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound
from supervisor.models import (
    Assignment,
    InstructedUnit,
    Instruction,
    LeftProposal,
    Light,
    LightChange,
    LinkRole,
    LocalSettings,
    Matter,
    MatterSource,
    MatterState,
    Obligation,
    Plan,
    ReportingRule,
    Rung,
    Task,
    TaskState,
    Unit,
)
from supervisor.words import N_, Sentence

#: What has been overdue for longer is history: nothing is proposed about it any more.
LOOK_BACK = timedelta(days=92)
#: Longest reason that is kept, in characters.
LONGEST = 400
_CHUNK = 400


class LadderRule(enum.StrEnum):
    """What makes a step be proposed."""

    OVERDUE = "overdue"
    RED = "red"
    UNANSWERED = "unanswered"

    @property
    def label(self) -> Sentence:
        """The rule in words."""
        return RULE_LABELS[self]


RULE_LABELS = {
    LadderRule.OVERDUE: N_("Overdue"),
    LadderRule.RED: N_("Red light lasting"),
    LadderRule.UNANSWERED: N_("No answer to the last step"),
}


@dataclass(frozen=True)
class Proposal:
    """A step that a rule proposes: about what, which, and by which figures."""

    about: str
    rung: Rung
    rule: LadderRule
    unit_id: int
    unit: str
    title: str
    #: Working days counted, and the local setting that they reached.
    days: int
    limit: int
    evidence: Sentence
    link: str


@dataclass(frozen=True)
class _Case:
    """What the tables say of one thing; `since` is the day from which working days count."""

    about: str
    rungs: tuple[Rung, ...]
    rule: LadderRule
    unit: Unit
    title: str
    since: date
    link: str


def read(programme_id: int, *, now: datetime, opened: Sequence[Matter] | None = None) -> list[Proposal]:
    """What is proposed now, the highest step and the longest overdue first.

    `opened` are the open matters as `open_with_origin` reads them, where the caller has them already.
    """
    opened = open_with_origin(programme_id) if opened is None else opened
    today, calendar = beijing_date(now), load_calendar()
    settings = programmes.settings_on(programme_id, today)
    latest = calendar.add_workdays(today, -max(1, settings.ladder_urge_after))
    cases = [
        *_reports(programme_id, latest, today), *_parts(programme_id, latest, today, settings),
        *_instructions(programme_id, latest, today),
    ]  # fmt: skip
    taken = {row.open_key for row in opened}
    cases = [case for case in cases if case.about not in taken]
    cases += _climbing(opened, today)
    left = _left(programme_id, [case.about for case in cases], today)
    found = [
        proposal
        for case in cases
        for rung in case.rungs
        if (proposal := _propose(case, rung, settings, calendar, today)) and (case.about, rung) not in left
    ]
    return sorted(found, key=lambda one: (-one.rung.height, -one.days, one.unit_id, one.about))


def limit_of(rung: Rung, settings: LocalSettings) -> int:
    """Working days overdue from which a step is proposed: a local setting."""
    return {
        Rung.URGE: settings.ladder_urge_after, Rung.BLUE: settings.ladder_blue_after,
        Rung.YELLOW: settings.ladder_yellow_after, Rung.RED: settings.ladder_red_after,
        Rung.CRITICISM: settings.ladder_last_after, Rung.TALK: settings.ladder_last_after,
    }[rung]  # fmt: skip


def _propose(
    case: _Case, rung: Rung, settings: LocalSettings, calendar: Calendar, today: date
) -> Proposal | None:
    limit = {
        LadderRule.UNANSWERED: settings.ladder_unanswered_after, LadderRule.RED: settings.ladder_light_after,
    }.get(case.rule, limit_of(rung, settings))  # fmt: skip
    days = calendar.workdays_between(case.since, today)
    if days < limit:
        return None
    return Proposal(
        case.about, rung, case.rule, case.unit.id, case.unit.name, case.title, days, limit,
        _evidence(case.rule, case.since, days), case.link,
    )  # fmt: skip


def _evidence(rule: LadderRule, since: date, days: int) -> Sentence:
    day = day_words(since)
    if rule is LadderRule.OVERDUE:
        if days == 1:
            return N_("It was due on %(day)s: 1 working day ago.", day=day)
        return N_("It was due on %(day)s: %(n)s working days ago.", day=day, n=days)
    if rule is LadderRule.RED:
        if days == 1:
            return N_("Red since %(day)s: 1 working day.", day=day)
        return N_("Red since %(day)s: %(n)s working days.", day=day, n=days)
    if days == 1:
        return N_("The answer was due on %(day)s: 1 working day ago.", day=day)
    return N_("The answer was due on %(day)s: %(n)s working days ago.", day=day, n=days)


# The cases -------------------------------------------------------------------------------------------------


def _reports(programme_id: int, latest: date, today: date) -> Iterator[_Case]:
    """Reports owed whose day is past, also where they came back; each kind by its own index."""
    mine, oldest = Obligation.programme == programme_id, today - LOOK_BACK
    # The instant is asked for beside the day, because the index has it.
    at = (deadline_instant(oldest - timedelta(days=1)), deadline_instant(latest))
    first = mine & Obligation.state.in_(OWED[:2]) & Obligation.due_at.between(*at)
    first &= Obligation.due_on.between(oldest, latest)
    back = mine & (Obligation.state == OWED[2]) & Obligation.return_due_on.between(oldest, latest)
    for condition in (first, back):
        query = (
            Obligation.select(Obligation, Unit, ReportingRule.name, ReportingRule.recurrence)
            .join(Unit)
            .switch(Obligation)
            .join(ReportingRule)
        )
        for row in query.where(condition):
            due = row.return_due_on if condition is back else row.due_on
            title = owed_words.to_do(row.period, row.rule)
            yield _Case(
                f"report:{row.id}", (Rung.URGE,), LadderRule.OVERDUE, row.unit, title, due or row.due_on,
                f"/p/{programme_id}/reports/{row.id}",
            )  # fmt: skip


def _parts(programme_id: int, latest: date, today: date, settings: LocalSettings) -> Iterator[_Case]:
    """Parts of tasks that are overdue, or behind in a task that is red: of the leads, or of all where there is none."""
    live = (Task.programme == programme_id) & (Task.state == TaskState.OPEN)
    answers = (Assignment.role == LinkRole.LEAD) | (Task.leads == 0)
    at_work = Assignment.state.in_(AT_WORK) & (Assignment.suspended == False)  # noqa: E712 -- a condition in SQL
    behind = Task.due_on.between(today - LOOK_BACK, latest) | (
        (Task.light == Light.RED) & (Task.due_on.is_null() | (Task.due_on >= today))
    )
    query = (
        Assignment.select(Assignment, Task, Plan, Unit).join(Task).join(Plan).switch(Assignment).join(Unit)
    )
    rows = list(query.where(live & behind & answers & at_work))
    red = _red_since([row.task_id for row in rows if not (row.task.due_on and row.task.due_on <= latest)])
    for row in rows:
        overdue = row.task.due_on is not None and row.task.due_on <= latest
        since = row.task.due_on if overdue else red.get(row.task_id)
        if not overdue and not _is_behind(row, settings, today):
            continue  # the light is the task's, and this unit's part is on course
        if since is not None:
            yield _Case(
                f"task:{row.id}", (Rung.URGE,), LadderRule.OVERDUE if overdue else LadderRule.RED, row.unit,
                row.task.title, since, f"/p/{programme_id}/tasks/{row.task_id}",
            )  # fmt: skip


def _is_behind(row: Assignment, settings: LocalSettings, today: date) -> bool:
    """Whether a unit's own part is below the share of its plan that is green."""
    planned = planned_of_link(row, row.task, row.task.plan, today)
    return planned is None or 100 * (row.progress or 0) < settings.light_green_from * planned


def _red_since(task_ids: Iterable[int]) -> dict[int, date]:
    """Task → the day on which its light last turned, for tasks that are red."""
    turned: dict[int, date] = {}
    ids = sorted(set(task_ids))
    for start in range(0, len(ids), _CHUNK):
        here = LightChange.task.in_(ids[start : start + _CHUNK])
        for row in LightChange.select().where(here).order_by(LightChange.day, LightChange.id):
            turned[row.task_id] = row.day
    return turned


def _instructions(programme_id: int, latest: date, today: date) -> Iterator[_Case]:
    query = (
        InstructedUnit.select(InstructedUnit, Instruction, Unit)
        .join(Instruction)
        .switch(InstructedUnit)
        .join(Unit)
        .where(
            (Instruction.programme == programme_id)
            & InstructedUnit.done_on.is_null()
            & Instruction.due_on.between(today - LOOK_BACK, latest)
        )
    )
    for row in query:
        yield _Case(
            f"instruction:{row.id}", (Rung.URGE,), LadderRule.OVERDUE, row.unit, row.instruction.text,
            row.instruction.due_on, f"/p/{programme_id}/instructions",
        )  # fmt: skip


def open_with_origin(programme_id: int) -> list[Matter]:
    """The open matters with their units and what they are about."""
    return list(
        Matter.select(Matter, Unit, Obligation, Assignment, InstructedUnit)
        .join(Unit)
        .switch(Matter)
        .join(Obligation, JOIN.LEFT_OUTER)
        .switch(Matter)
        .join(Assignment, JOIN.LEFT_OUTER)
        .switch(Matter)
        .join(InstructedUnit, JOIN.LEFT_OUTER)
        .where((Matter.programme == programme_id) & (Matter.state != MatterState.CLOSED))
        .order_by(Matter.id)
    )


def is_settled(row: Matter) -> bool:
    """Whether what an open matter (with its origin) is about is owed no longer: it may be crossed off."""
    if row.source is MatterSource.REPORT and row.obligation is not None:
        return row.obligation.state not in OWED
    if row.source is MatterSource.TASK and row.assignment is not None:
        part: Assignment = row.assignment
        return part.task_state is not TaskState.OPEN or part.state not in AT_WORK or part.suspended
    if row.source is MatterSource.INSTRUCTION and row.instructed is not None:
        return row.instructed.done_on is not None
    return False


def _climbing(opened: Sequence[Matter], today: date) -> Iterator[_Case]:
    """Open matters whose newest step was not answered in time, or was, and the thing is overdue all the same."""
    for row in opened:
        if not row.steps or is_settled(row):
            continue
        link, rungs = f"/p/{row.programme_id}/matters/{row.id}", next_of(row.rung)
        late = row.state in WAITING and row.answer_due_on is not None and row.answer_due_on < today
        if late and row.answer_due_on is not None:
            yield _Case(
                f"matter:{row.id}", rungs, LadderRule.UNANSWERED, row.unit, row.title, row.answer_due_on, link
            )
        elif row.state is MatterState.ACCEPTED and row.due_on is not None and row.due_on < today:
            yield _Case(f"matter:{row.id}", rungs, LadderRule.OVERDUE, row.unit, row.title, row.due_on, link)


# What the office decides -----------------------------------------------------------------------------------


def _left(programme_id: int, keys: Sequence[str], today: date) -> set[tuple[str, Rung]]:
    """Steps that somebody left for good, or put off until a later day."""
    found: set[tuple[str, Rung]] = set()
    for start in range(0, len(keys), _CHUNK):
        here = LeftProposal.about.in_(list(keys[start : start + _CHUNK]))
        for row in LeftProposal.select().where((LeftProposal.programme == programme_id) & here):
            if row.until_on is None or row.until_on > today:
                found.add((row.about, row.rung))
    return found


@transactional
def leave(
    about: str, rung: Rung, reason: str, *, until_on: date | None, by: Actor, now: datetime
) -> LeftProposal:
    """Leave a proposed step with a reason: for good for this stage, or until a day."""
    by.require(Permission.LADDER_DECIDE)
    thing, today = matters.thing_of(about, by), beijing_date(now)
    if thing.unit.id in by.unit_ids:
        raise NotFound
    wrong: dict[str, Sentence] = {}
    if not reason.strip():
        wrong["reason"] = N_("Say why: it stays on record.")
    elif len(reason.strip()) > LONGEST:
        wrong["reason"] = N_("At most %(n)s characters.", n=LONGEST)
    if until_on is not None and not today < until_on <= today + LOOK_BACK:
        wrong["until_on"] = N_("Name a day after today, within three months.")
    if wrong:
        raise Invalid(N_("The proposal stands."), wrong)
    row: LeftProposal = LeftProposal.create(
        programme=by.programme_id, about=about, rung=rung, until_on=until_on, reason=reason.strip(), by=by.user_id,
        by_name=by.name, at=now,
    )  # fmt: skip
    audit.record(
        by, "ladder.leave", row, now=now, reason=row.reason,
        after={"about": about, "rung": rung, "until_on": until_on},
    )  # fmt: skip
    return row
