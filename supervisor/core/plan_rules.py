"""Reporting rules, rhythms and phases of a reviewed notice enter the tables with its plan; issue puts them in force."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations

from peewee import JOIN, ModelSelect

from supervisor.bulk import insert_rows
from supervisor.core import units
from supervisor.core.days import listed
from supervisor.core.draft_ledger import Ledger
from supervisor.core.draft_rows import LedgerRule
from supervisor.core.permissions import Actor
from supervisor.core.unit_names import name_key
from supervisor.errors import Invalid
from supervisor.models import (
    Cadence,
    Obliged,
    Phase,
    Plan,
    PlanState,
    Programme,
    ReportingRule,
    RuleKind,
    RuleParty,
    RuleRecipient,
    RuleState,
    Unit,
    UnitGroup,
)
from supervisor.words import N_, Sentence

#: Names of rules whose notice does not say what is asked for; the rule's name is Chinese, as all of the plan's words.
NAMES = {RuleKind.PROGRESS: "工作进展情况", RuleKind.FILING: "报送材料", RuleKind.COUNT: "信息报送"}


def enter_rules(
    ledger: Ledger,
    plan: Plan,
    register: Mapping[str, Unit],
    groups: Mapping[str, UnitGroup],
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Store a ledger's rules, rhythms and phases with its plan.

    A rule holds once a person confirmed it and nothing of it is open; else it stays a proposal of the plan.
    """
    kept = [row for row in ledger.reporting if not row.dropped]
    taken = progress_rules(plan.programme_id).exists()
    for row in kept:
        rule = ReportingRule.create(**_values(row, plan, taken=taken))
        _name(row, rule, plan.programme, register, groups, by, now)
    rhythms = {
        row.what[:80]: row for row in ledger.rhythms if row.is_cadence and row.recur and not row.dropped
    }
    insert_rows(
        Cadence,
        (
            {
                "plan": plan, "programme": plan.programme_id, "name": name, "recurrence": row.recur,
                "source_line": row.line,
            }
            for name, row in rhythms.items()
        ),
    )  # fmt: skip
    insert_rows(
        Phase,
        (
            {
                "plan": plan, "name": row.name[:120], "begins_on": row.begins_on, "ends_on": row.ends_on,
                "source_line": row.line, "sort": order,
            }
            for order, row in enumerate(ledger.phases, start=1)
            if not row.dropped
        ),
    )  # fmt: skip


def progress_rules(programme_id: int) -> ModelSelect[ReportingRule]:
    """Confirmed rules of a programme that ask for progress on tasks, of issued plans or of none."""
    return (
        ReportingRule.select()
        .join(Plan, JOIN.LEFT_OUTER)
        .where(
            (ReportingRule.programme == programme_id)
            & (ReportingRule.kind == RuleKind.PROGRESS)
            & (ReportingRule.state == RuleState.CONFIRMED)
            & (ReportingRule.plan.is_null() | (Plan.state == PlanState.ISSUED))
        )
    )


def monthly_report(plan: Plan) -> ReportingRule:
    """The report that a plan asks for where no rule of the programme asks for progress; not stored. A local setting."""
    return ReportingRule(
        programme=plan.programme_id,
        plan=plan,
        name="月报",
        recurrence="monthly",
        valid_from=plan.effective_on,
    )


def _values(row: LedgerRule, plan: Plan, *, taken: bool) -> dict[str, object]:
    kind = RuleKind(row.kind)
    holds = row.confirmed and not missing_in(row) and not (taken and kind is RuleKind.PROGRESS)
    return {
        "programme": plan.programme_id,
        "plan": plan,
        "name": (row.what or NAMES[kind])[:120],
        "kind": kind,
        "obliged": Obliged(row.obliged),
        "state": RuleState.CONFIRMED if holds else RuleState.PROPOSED,
        "recurrence": row.recurrence,
        "due_on": row.due_on,
        "subject_shift": row.shift if row.recurrence else 0,
        "minimum": row.minimum,
        "valid_from": plan.effective_on,
        "clause": row.text if row.line else "",
        "source_line": row.line,
    }


def missing_in(row: LedgerRule) -> list[Sentence]:
    """What a rule of a draft still lacks before it can hold, so that it would stay a proposal though confirmed."""
    return _missing(row.kind, row.obliged, row.units, row.recurrence, row.due_on)


def _missing(
    kind: str, obliged: str, units: Collection[object], recurrence: str, due_on: date | None
) -> list[Sentence]:
    """What keeps deadlines from following: nobody who owes it, no time, or no day that is not set locally."""
    found = []
    if obliged == Obliged.NAMED and not units:
        found.append(N_("no unit is named that owes it"))
    if not recurrence and due_on is None:
        found.append(N_("no time is set"))
    local_day = kind == RuleKind.PROGRESS and recurrence not in {"weekly", "tenday"}
    if recurrence and ":" not in recurrence and kind != RuleKind.COUNT and not local_day:
        found.append(N_("its day is not set"))
    return found


@dataclass(frozen=True)
class Proposal:
    """A rule that nobody owes, and what it lacks; nothing lacking = no person has confirmed it."""

    rule: ReportingRule
    lacks: Sequence[Sentence]

    @property
    def words(self) -> Sentence:
        """Why it is no more than a proposal."""
        return listed(self.lacks) if self.lacks else N_("nobody has confirmed it")


def proposals(programme_id: int, plan: Plan | None = None) -> dict[int, Proposal]:
    """Rule → why it stays a proposal, in the order of making; of one plan, or of the programme."""
    query = ReportingRule.select().where(
        (ReportingRule.programme == programme_id) & (ReportingRule.state == RuleState.PROPOSED)
    )
    rows = list(
        (query if plan is None else query.where(ReportingRule.plan == plan)).order_by(ReportingRule.id)
    )
    parties = RuleParty.select(RuleParty.rule).where(RuleParty.rule.in_([row.id for row in rows]))
    named = {party.rule_id for party in parties}
    taken = progress_rules(programme_id).first()
    found = {}
    for row in rows:
        lacks = _missing(row.kind, row.obliged, named & {row.id}, row.recurrence, row.due_on)
        if taken is not None and row.kind is RuleKind.PROGRESS:
            lacks.append(N_("“%(rule)s” asks for progress already", rule=taken.name))
        found[row.id] = Proposal(row, lacks)
    return found


def _name(
    row: LedgerRule,
    rule: ReportingRule,
    programme: Programme,
    register: Mapping[str, Unit],
    groups: Mapping[str, UnitGroup],
    by: Actor,
    now: datetime,
) -> None:
    known = dict(register)
    for order, name in enumerate(dict.fromkeys(row.units), start=1):
        group = groups.get(name_key(name))
        unit = None if group else known.get(name_key(name)) or _entered(row, name, programme, by, now)
        RuleParty.create(rule=rule, unit=unit, group=group, name=name[:160], sort=order)
    for order, name in enumerate(dict.fromkeys(row.recipients or (programme.office_name,)), start=1):
        unit = known.get(name_key(name)) or _registered(name, programme)
        RuleRecipient.create(rule=rule, unit=unit, name=name[:160], sort=order)


def _entered(row: LedgerRule, name: str, programme: Programme, by: Actor, now: datetime) -> Unit | None:
    """The unit of a name; what a person typed and is no collective (各县市, E-32) enters the register."""
    if row.corrected and not name.startswith(("各", "有关", "相关")):
        return units.register_unit(name, jurisdiction_id=programme.jurisdiction_id, by=by, now=now)
    return _registered(name, programme)


def _registered(name: str, programme: Programme) -> Unit | None:
    known = units.known_names(programme.jurisdiction_id)
    found: Unit | None = Unit.get_or_none(Unit.id == known.get(name_key(name), 0))
    return found


def refuse_double(rules: Iterable[LedgerRule]) -> None:
    """Raise Invalid where two confirmed rules would ask a unit for the same figures or papers twice."""
    held = [rule for rule in rules if rule.confirmed and not rule.dropped]
    for one, two in combinations(held, 2):
        if one.kind == two.kind and _share(one, two) and (one.kind == RuleKind.PROGRESS or _alike(one, two)):
            raise Invalid(
                N_("The rule was not saved."), {"what": twice(one.what or one.text, two.what or two.text)}
            )


def twice(one: str, two: str) -> Sentence:
    """Says that two rules ask for the same."""
    return N_(
        "“%(one)s” and “%(two)s” would ask the same units for the same thing twice: "
        "leave one out, or make it documents.",
        one=one[:24],
        two=two[:24],
    )


def _share(one: LedgerRule, two: LedgerRule) -> bool:
    if one.obliged == Obliged.NAMED and two.obliged == Obliged.NAMED:
        return bool({name_key(n) for n in one.units} & {name_key(n) for n in two.units})
    return True


def _alike(one: LedgerRule, two: LedgerRule) -> bool:
    same_time = (one.recurrence, one.due_on) == (two.recurrence, two.due_on)
    return same_time and bool(one.what) and name_key(one.what) == name_key(two.what)
