"""What is asked, of whom, when: the list of rules, the next deadlines of one, and what a unit is asked in a month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain, combinations, islice

from supervisor.clock import beijing_date
from supervisor.core import cadences, obligations, rule_words, schedules
from supervisor.core.cadences import DuePolicy
from supervisor.core.calendar import load_calendar
from supervisor.core.obliged import links_of, parties_of
from supervisor.core.periods import Period, PeriodKind, period_of
from supervisor.core.permissions import Actor
from supervisor.core.programmes import settings_on
from supervisor.models import (
    Cadence,
    Obligation,
    ObligationState,
    Obliged,
    Phase,
    Plan,
    PlanState,
    ReportingRule,
    RuleKind,
    RuleParty,
    RuleRecipient,
    RuleState,
    RuleVersion,
    Unit,
)
from supervisor.words import Sentence

#: Deadlines shown ahead, and how far ahead they are looked for.
AHEAD, REACH = 6, timedelta(days=366 * 11)


#: A document of such a name is a unit's own work plan.
PLAN_WORDS = ("工作方案", "工作计划", "办理方案", "实施方案")


@dataclass(frozen=True)
class Deadline:
    """One deadline to come: what it is about, the day as announced and as it counts, and what marks them."""

    subject: Period
    literal: date
    effective: date
    day_off: bool
    skipped: bool
    confirmed: bool


@dataclass(frozen=True)
class RuleRow:
    """A rule in the list."""

    rule: ReportingRule
    units: Sequence[str]
    recipients: Sequence[str]
    unknown: Sequence[str]
    when: Sentence
    next: Deadline | None

    @property
    def is_over(self) -> bool:
        """Whether nothing is asked by it any more."""
        return self.next is None and self.rule.state is RuleState.CONFIRMED


def next_deadlines(rule: ReportingRule, *, now: datetime, count: int = AHEAD) -> list[Deadline]:
    """The rule's next deadlines, soonest first; none while its day is not set."""
    today, calendar = beijing_date(now), load_calendar()
    found = schedules.slots(
        rule,
        max(rule.valid_from, today - timedelta(days=400)),
        min(rule.valid_to or date.max, today + REACH),
        lambda day: settings_on(rule.programme_id, day),
    )
    settings = settings_on(rule.programme_id, today)
    policy = DuePolicy(rule.day_off_policy or settings.day_off_policy)
    coming = (
        Deadline(
            slot.subject, slot.literal, due.effective, not due.working_day,
            schedules.is_skipped(slot, calendar), due.confirmed,
        )
        for slot in found
        if (due := cadences.due_date(slot.literal, policy, calendar)).effective >= today
    )  # fmt: skip
    return list(islice(coming, count))


def rules_of(programme_id: int, *, now: datetime) -> list[RuleRow]:
    """All rules of a programme in the order of their making; proposals among them."""
    rules = list(
        ReportingRule.select().where(ReportingRule.programme == programme_id).order_by(ReportingRule.id)
    )
    ids = [rule.id for rule in rules]
    parties = list(RuleParty.select().where(RuleParty.rule.in_(ids)).order_by(RuleParty.sort))
    to = list(RuleRecipient.select().where(RuleRecipient.rule.in_(ids)).order_by(RuleRecipient.sort))
    return [
        RuleRow(
            rule,
            [party.name for party in parties if party.rule_id == rule.id],
            [one.name for one in to if one.rule_id == rule.id],
            [p.name for p in parties if p.rule_id == rule.id and p.unit_id is None and p.group_id is None],
            rule_words.when_words(rule),
            next(iter(next_deadlines(rule, now=now, count=1)), None),
        )
        for rule in rules
    ]


def cadences_of(programme_id: int) -> list[Cadence]:
    """The rhythms of supervision of the programme's issued plans."""
    issued = (Cadence.programme == programme_id) & (Plan.state == PlanState.ISSUED)
    return list(Cadence.select().join(Plan).where(issued).order_by(Cadence.id))


def phases_of(programme_id: int) -> list[Phase]:
    """The phases of the programme's issued plans, in order."""
    issued = (Plan.programme == programme_id) & (Plan.state == PlanState.ISSUED)
    return list(Phase.select().join(Plan).where(issued).order_by(Plan.id, Phase.sort))


def phase_on(phases: Sequence[Phase], day: date) -> Phase | None:
    """The phase that a day lies in; an open start begins after the phase before, an open end never ends (C17)."""
    for place, phase in enumerate(phases):
        before = phases[place - 1].ends_on if place else None
        begins = phase.begins_on or (before + timedelta(days=1) if before else date.min)
        if begins <= day <= (phase.ends_on or date.max):
            return phase
    return None


def phase_of_plan(plan: Plan, day: date) -> Phase | None:
    """The phase of one plan that a day lies in (C17)."""
    return phase_on(list(Phase.select().where(Phase.plan == plan).order_by(Phase.sort)), day)


def versions_of(rule: ReportingRule) -> list[RuleVersion]:
    """The changes of a rule, newest first."""
    return list(RuleVersion.select().where(RuleVersion.rule == rule).order_by(RuleVersion.number.desc()))


# Burden -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Burden:
    """What one unit is asked for in a month: things due, by rule."""

    unit: Unit
    due: Sequence[tuple[ReportingRule, int]]

    @property
    def total(self) -> int:
        """Things due in the month."""
        return sum(count for _rule, count in self.due)


def burden(programme_id: int, month: Period, actor: Actor) -> list[Burden]:
    """Each unit that the actor sees with what is due in a month, the most burdened first; also what is not made yet."""
    made = obligations.visible_to(actor).where(
        Obligation.due_on.between(month.start, month.end) & (Obligation.state != ObligationState.WAIVED)
    )
    coming = (
        row
        for row in obligations.expected(programme_id, month.end, since=month.start - obligations.LOOK_BACK)
        if month.start <= row.due_on <= month.end and (actor.sees_all or row.unit_id in actor.unit_ids)
    )
    counts: dict[int, dict[int, int]] = {}
    for row in chain(made, coming):
        own = counts.setdefault(row.unit_id, {})
        own[row.rule_id] = own.get(row.rule_id, 0) + 1
    units = {unit.id: unit for unit in Unit.select().where(Unit.id.in_(sorted(counts)))}
    rules = {rule.id: rule for rule in ReportingRule.select().where(ReportingRule.programme == programme_id)}
    found = [Burden(units[u], [(rules[r], n) for r, n in sorted(own.items())]) for u, own in counts.items()]
    return sorted(found, key=lambda one: (-one.total, one.unit.sort, one.unit.id))


def asked_twice(programme_id: int) -> list[tuple[ReportingRule, ReportingRule, int]]:
    """Pairs of rules in force that ask the same units for much the same: progress, or documents of one name."""
    links = links_of(programme_id)
    rules = list(obligations.rules_in_force(programme_id))
    units = {rule.id: {link.unit_id for link in parties_of(rule, links)} for rule in rules}
    return [
        (one, two, len(units[one.id] & units[two.id]))
        for one, two in combinations(rules, 2)
        if units[one.id] & units[two.id] and _alike(one, two)
    ]


def _alike(one: ReportingRule, two: ReportingRule) -> bool:
    names = {word for rule in (one, two) for word in ("进展", "进度") if word in rule.name}
    both_progress = all(
        rule.kind is RuleKind.PROGRESS or any(w in rule.name for w in names) for rule in (one, two)
    )
    return (
        one.name == two.name
        or (bool(names) and both_progress)
        or _files_plan(one, two)
        or _files_plan(two, one)
    )


def _files_plan(form: ReportingRule, paper: ReportingRule) -> bool:
    """Whether a unit's own plan is asked for in the form for it and as a document as well (工作方案 on file)."""
    return form.kind is RuleKind.WORK_PLAN and asks_for_plan(paper)


def asks_for_plan(rule: ReportingRule) -> bool:
    """Whether a rule asks for each unit's own plan as a document."""
    return rule.kind is RuleKind.FILING and any(word in rule.name for word in PLAN_WORDS)


def month_of(key: str, today: date) -> Period:
    """The month of a key, else the present one."""
    try:
        period = Period.parse(key)
    except ValueError:
        return period_of(PeriodKind.MONTH, today)
    return period if period.kind is PeriodKind.MONTH else period_of(PeriodKind.MONTH, today)


def obliged_words(row: RuleRow) -> Sentence | str:
    """Who owes what a rule asks for: the names, or the words of the set."""
    return "、".join(row.units) if row.rule.obliged is Obliged.NAMED else row.rule.obliged.label


def given(rule: ReportingRule | None) -> dict[str, str]:
    """A rule as its form shows it, every field as text; of none the values of a new one."""
    if rule is None:
        return {"kind": RuleKind.FILING.value, "obliged": Obliged.LINKED.value, "shift": "0", "minimum": "1"}
    parties = RuleParty.select().where(RuleParty.rule == rule).order_by(RuleParty.sort)
    to = RuleRecipient.select().where(RuleRecipient.rule == rule).order_by(RuleRecipient.sort)
    values = {
        "what": rule.name, "kind": rule.kind.value, "obliged": rule.obliged.value,
        "units": "、".join(one.name for one in parties), "recipients": "、".join(one.name for one in to),
        "every": rule_words.every_of(rule.recurrence), "days": rule_words.days_of(rule.recurrence),
        "due_on": rule.due_on, "shift": rule.subject_shift, "minimum": rule.minimum,
        "valid_from": rule.valid_from, "valid_to": rule.valid_to, "every_years": rule.every_years,
        "anchor_year": rule.anchor_year, "counted_by": rule.counted_by.value, "condition": rule.condition,
        "documents": "、".join(rule.documents),
        "nil_allowed": "1" if rule.nil_allowed else "",
        "cutoff": rule.cutoff and rule.cutoff.strftime("%H:%M"), "day_off_policy": rule.day_off_policy,
        "lock_after_workdays": rule.lock_after_workdays, "grace_workdays": rule.grace_workdays or "",
        "remind_before": _stages(rule.remind_before), "remind_after": _stages(rule.remind_after),
    }  # fmt: skip
    return {name: "" if value is None else str(value) for name, value in values.items()}


def _stages(days: Sequence[int] | None) -> str | None:
    """Days on which to remind as they are typed; None = as the local settings say."""
    return None if days is None else ", ".join(map(str, days)) or "0"
