"""Single acts of the demo's people in one programme: each finds its record and calls the verb."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from scoring import preset_text
from supervisor.clock import beijing_date
from supervisor.core import (
    appeals,
    assignments,
    corrections,
    decisions,
    demo_people,
    documents,
    extensions,
    item_corrections,
    plan_figures,
    plans,
    programmes,
    publications,
    record_corrections,
    rulebooks,
    scores,
    task_corrections,
    tasks,
    units,
)
from supervisor.core.demo_people import ASSESSOR, LEADER, OFFICE, TEXTS, characters, unit_of
from supervisor.core.demo_story import Story, dice, moment
from supervisor.core.periods import Period, months_of
from supervisor.core.publications import Choice
from supervisor.core.scored_periods import scored_period
from supervisor.models import (
    Appeal,
    Application,
    Assignment,
    AssignmentState,
    Document,
    Extension,
    Objection,
    Obligation,
    Plan,
    Programme,
    Reach,
    ScoreLine,
    ScorePeriod,
    ScoreRun,
    Task,
)

#: Task and measure → who delivers how much.
Targets = Mapping[tuple[str, str], Mapping[str, int]]


class Acts:
    """What people do in one programme, beside reporting and reviewing."""

    def __init__(self, story: Story, programme: Programme) -> None:
        self.story, self.programme = story, programme

    def on(self, day: str, act: Callable[..., None], **known: object) -> None:
        """Let an act happen at this moment of Beijing's clock."""
        self.story.on(day, lambda now: act(now=now, **known))

    def settle(self, changes: Mapping[str, object], reason: str, *, now: datetime) -> None:
        """The office decides its local settings, from this day on."""
        by = self.story.actor(OFFICE, self.programme, now)
        day = beijing_date(now)
        programmes.change_settings(self.programme, changes, valid_from=day, reason=reason, by=by, now=now)

    def adopt(self, filename: str, due: Mapping[str, date], targets: Targets, *, now: datetime) -> Plan:
        """Read the notice, correct it as a person would, adopt it, complete the plan, name liaisons and groups."""
        by = self.story.actor(OFFICE, self.programme, now)
        data = (TEXTS / filename).read_bytes()
        draft = documents.read_notice(data, filename)
        kept = documents.receive(self.programme, draft, data, filename, again=False, by=by, now=now)
        ledger = corrections.ledger_of(kept)
        for place, collective in enumerate(ledger.collectives):
            fresh = Document.get_by_id(kept.id)
            item_corrections.confirm_members(
                fresh, place, ticked=range(len(collective.members)), notes={}, added=[], seen=fresh.version,
                by=by, now=now,
            )  # fmt: skip
        for task in ledger.tasks:
            if task.title in due:
                fresh = Document.get_by_id(kept.id)
                wanted = replace(task, due_on=due[task.title])
                task_corrections.correct_task(fresh, wanted, seen=fresh.version, by=by, now=now)
        fresh = Document.get_by_id(kept.id)
        plan = plans.adopt(fresh, seen=fresh.version, by=by, now=now)
        demo_people.arrange_groups(self.story, self.programme, now)
        demo_people.liaisons(self.story, self.programme, now)
        for row in plans.tasks_of(plan):
            for (title, measure), shares in targets.items():
                if row.task.title == title:
                    wanted_by = {unit_of(user).id: target for user, target in shares.items()}
                    plan_figures.set_targets(row, measure, wanted_by, by=by, now=now)
        return plan

    def issue(self, plan: Plan, *, now: datetime) -> None:
        """Issue the plan; units sign within a few days."""
        plans.issue(plan, by=self.story.actor(OFFICE, self.programme, now), now=now)
        for unit in units.units_of(self.programme.id):
            user = characters()[unit.name].user
            roll = dice("sign", self.programme.id, user)
            day = self.story.workday(beijing_date(now), roll.randint(0, 4))
            when = moment(day, roll.randint(10, 16), roll.randint(0, 59))
            self.story.at(when, partial(self._sign_at, user))

    def _sign_at(self, user: str, now: datetime) -> None:
        self.sign(user, now=now)

    def sign(self, user: str, *, now: datetime) -> None:
        """A unit signs for everything that waits."""
        by = self.story.actor(user, self.programme, now)
        assignments.acknowledge_all(self.programme.id, by=by, now=now)

    def object_to(self, user: str, title: str, reason: str, *, now: datetime) -> None:
        """A unit objects to a task."""
        by = self.story.actor(user, self.programme, now)
        assignments.object_to(self._link(user, title), reason, by=by, now=now)

    def decide_objection(self, user: str, *, upheld: bool, words: str, now: datetime) -> None:
        """The office decides it."""
        row = Objection.get(Objection.raised_by == self.story.person(user).id)
        by = self.story.actor(OFFICE, self.programme, now)
        assignments.decide_objection(row, upheld=upheld, decision=words, by=by, now=now)

    def apply(self, user: str, title: str, evidence: str, *, now: datetime) -> None:
        """A lead unit applies for completion."""
        if self._link(user, title).state is AssignmentState.ISSUED:
            self.sign(user, now=now)
        by = self.story.actor(user, self.programme, now)
        assignments.apply_for_completion(self._link(user, title), evidence, by=by, now=now)

    def decide_application(self, user: str, *, accepted: bool, words: str, now: datetime) -> None:
        """The office decides the unit's last application."""
        mine = Application.select().where(Application.applied_by == self.story.person(user).id)
        row = mine.order_by(Application.id.desc()).get()
        by = self.story.actor(OFFICE, self.programme, now)
        assignments.decide_application(row, accepted=accepted, reason=words, by=by, now=now)

    def ask(self, user: str, month: str, wanted_on: date, reason: str, *, now: datetime) -> None:
        """A unit asks for a later due day."""
        by = self.story.actor(user, self.programme, now)
        owed = self._owed(user, month)
        extensions.ask_extension(owed, reason=reason, wanted_on=wanted_on, by=by, now=now)

    def answer(self, user: str, month: str, *, granted: bool, words: str, now: datetime) -> None:
        """The office answers."""
        row = Extension.get(Extension.obligation == self._owed(user, month))
        by = self.story.actor(OFFICE, self.programme, now)
        extensions.decide_extension(row, granted=granted, decision=words, by=by, now=now)

    def waive(self, user: str, month: str, reason: str, *, now: datetime) -> None:
        """The office releases a unit from one report."""
        by = self.story.actor(OFFICE, self.programme, now)
        extensions.waive(self._owed(user, month), reason=reason, by=by, now=now)

    def move_task(self, title: str, due_on: date, reason: str, *, now: datetime) -> None:
        """The office moves a task's time limit after issue (D7)."""
        task = Task.get((Task.programme == self.programme) & (Task.title == title))
        by = self.story.actor(OFFICE, self.programme, now)
        tasks.change(
            task,
            due_on=due_on,
            planned=task.planned,
            seen_version=task.version,
            reason=reason,
            by=by,
            now=now,
        )

    def replace_liaison(
        self, user: str, last_day: date, *, now: datetime, username: str = "", name: str = ""
    ) -> None:
        """A liaison officer moves on, with or without a successor."""
        demo_people.replace_liaison(self.story, user, last_day, username, name, now)

    def adopt_rulebook(
        self, valid_from: date, *, now: datetime, edit: Callable[[str], str] = str, remark: str = ""
    ) -> None:
        """The assessor adopts the preset, or what was made of it."""
        by = self.story.actor(ASSESSOR, self.programme, now)
        text = edit(preset_text(rulebooks.FIRST_CHOICE))
        rulebooks.adopt(self.programme, text, valid_from=valid_from, remark=remark, by=by, now=now)

    def show_preliminary(self, key: str, *, now: datetime) -> None:
        """The assessor shows the units their preliminary sheets."""
        by = self.story.actor(ASSESSOR, self.programme, now)
        scores.show_preliminary(self.programme, scored_period(key), by=by, now=now)

    def appeal(self, user: str, key: str, indicator: str, claim: str, *, now: datetime) -> None:
        """A unit appeals against one line of its sheet."""
        unit = unit_of(user)
        line = (
            ScoreLine.select()
            .join(ScoreRun)
            .join(ScorePeriod)
            .where(
                (ScorePeriod.programme == self.programme)
                & (ScorePeriod.key == key)
                & (ScoreLine.unit == unit)
                & (ScoreLine.indicator == indicator)
            )
            .order_by(ScoreRun.number.desc())
            .get()
        )
        by = self.story.actor(user, self.programme, now)
        appeals.file_appeal(self.programme, scored_period(key), line.id, claim=claim, by=by, now=now)

    def decide_appeal(self, user: str, *, accepted: bool, words: str, now: datetime) -> None:
        """The leader decides on a unit's last appeal."""
        row = (
            Appeal.select(Appeal, ScorePeriod)
            .join(ScorePeriod)
            .where((ScorePeriod.programme == self.programme) & (Appeal.unit == unit_of(user)))
            .order_by(Appeal.id.desc())
            .get()
        )
        by = self.story.actor(LEADER, self.programme, now)
        appeals.decide(row, accepted=accepted, decision=words, by=by, now=now)

    def count_as_on_time(self, user: str, quarter: str, reason: str, *, now: datetime) -> None:
        """The office corrects a unit's late report of a quarter."""
        months = [month.key for month in months_of(Period.parse(quarter))]
        late = Obligation.get(
            (Obligation.programme == self.programme)
            & (Obligation.unit == unit_of(user))
            & Obligation.period.in_(months)
            & (Obligation.late_workdays > 0)
        )
        by = self.story.actor(OFFICE, self.programme, now)
        record_corrections.count_as_on_time(late, reason=reason, by=by, now=now)

    def run_again(self, key: str, reason: str, *, now: datetime) -> None:
        """The assessor runs a preliminary period again."""
        by = self.story.actor(ASSESSOR, self.programme, now)
        scores.run_again(self.programme, scored_period(key), reason=reason, by=by, now=now)

    def close(self, key: str, *, now: datetime) -> None:
        """The assessor closes a period."""
        by = self.story.actor(ASSESSOR, self.programme, now)
        scores.close(self.programme, scored_period(key), by=by, now=now)

    def publish(self, key: str, reach: Reach, reason: str, *, now: datetime) -> None:
        """The assessor publishes it, with places and scores."""
        by, choice = (
            self.story.actor(ASSESSOR, self.programme, now),
            Choice(reach, ranked=True, reason=reason),
        )
        publications.publish(self.programme, scored_period(key), choice, by=by, now=now)

    def propose_assessor(self, reason: str, *, now: datetime) -> None:
        """The office proposes who assesses its host unit; the leader has to decide (D17)."""
        by = self.story.actor(OFFICE, self.programme, now)
        person = self.story.person(ASSESSOR)
        decisions.name_host_assessor(self.programme, person.id, reason=reason, by=by, now=now)

    def _link(self, user: str, title: str) -> Assignment:
        mine = (Assignment.programme == self.programme) & (Assignment.unit == unit_of(user))
        row: Assignment = (
            Assignment.select(Assignment, Task).join(Task).where(mine & (Task.title == title)).get()
        )
        return row

    def _owed(self, user: str, month: str) -> Obligation:
        mine = (Obligation.programme == self.programme) & (Obligation.unit == unit_of(user))
        return Obligation.get(mine & (Obligation.period == month))
