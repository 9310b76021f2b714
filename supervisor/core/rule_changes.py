"""Rules added, changed and ended: what it would do to obligations is shown before it is made (D7).

Past obligations stay, future ones follow: what is open, not handed in and not yet due. A deadline follows only where
it stands as the rule gave it; a day that a person named (an extension) stays. Each change has a reason, a version, an
audit row, and cancels the unsent reminders of the old dates in the same transaction (D12). A preview is the change
itself, made and taken back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from supervisor.clock import beijing_date
from supervisor.core import (
    audit,
    events,
    held_figures,
    messages,
    obligations,
    people,
    plan_rules,
    programmes,
    reminders,
    rule_corrections,
    units,
)
from supervisor.core.days import day_words
from supervisor.core.obliged import links_of, parties_of
from supervisor.core.permissions import Actor, Permission
from supervisor.core.rule_corrections import TypedRule
from supervisor.core.rule_pages import Deadline, next_deadlines
from supervisor.core.schedules import Dates
from supervisor.core.unit_names import name_key
from supervisor.database import db, transactional
from supervisor.errors import Invalid, NotFound, Refused, Stale
from supervisor.models import (
    CountedBy,
    GroupKind,
    Obligation,
    ObligationState,
    Plan,
    PlanState,
    Programme,
    ReportingRule,
    RuleKind,
    RuleParty,
    RuleRecipient,
    RuleState,
    RuleVersion,
    Unit,
    UnitGroup,
)
from supervisor.words import N_, Sentence

#: Begins the reason of what a changed rule asks for no more, so that it is owed again if the rule asks for it again.
NO_LONGER = "报送要求变更："
#: Fields of a rule that a version keeps.
KEPT = (
    "name", "kind", "obliged", "state", "recurrence", "due_on", "subject_shift", "every_years", "anchor_year",
    "minimum", "counted_by", "condition", "documents", "nil_allowed", "cutoff", "day_off_policy",
    "lock_after_workdays", "grace_workdays", "remind_before", "remind_after", "valid_from", "valid_to",
)  # fmt: skip


@dataclass(frozen=True)
class RuleTerms:
    """A rule as typed on its own page: what, of whom, when, and where it differs from the local settings."""

    typed: TypedRule
    valid_from: date | None
    valid_to: date | None = None
    every_years: int = 1
    anchor_year: int | None = None
    counted_by: str = CountedBy.PERIOD
    condition: str = ""
    documents: tuple[str, ...] = ()
    nil_allowed: bool = False
    cutoff: time | None = None
    day_off_policy: str = ""
    lock_after_workdays: int | None = None
    grace_workdays: int = 0
    #: Working days on which to remind; None = as the local settings say.
    remind_before: tuple[int, ...] | None = None
    remind_after: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Effect:
    """One obligation that a change adds, removes or moves."""

    unit: str
    period: str
    was: date | None = None
    becomes: date | None = None


@dataclass(frozen=True)
class Effects:
    """What a change does to obligations."""

    added: tuple[Effect, ...] = ()
    removed: tuple[Effect, ...] = ()
    moved: tuple[Effect, ...] = ()
    #: The next deadlines that the rule then has; only of a preview.
    coming: tuple[Deadline, ...] = field(default=(), compare=False)

    @property
    def changes_any(self) -> bool:
        """Whether anything that is owed now changes."""
        return bool(self.added or self.removed or self.moved)

    @property
    def counts(self) -> dict[str, int]:
        """How many of each."""
        return {"added": len(self.added), "removed": len(self.removed), "moved": len(self.moved)}


def get(rule_id: int, programme: Programme) -> ReportingRule:
    """A rule of the programme, or NotFound."""
    row: ReportingRule | None = ReportingRule.get_or_none(
        (ReportingRule.id == rule_id) & (ReportingRule.programme == programme)
    )
    if row is None:
        raise NotFound
    return row


def is_asked(rule: ReportingRule | None, programme: Programme) -> bool:
    """Whether units owe what the rule asks for: not before its plan is issued, nor before any plan is."""
    issued = (Plan.programme == programme) & (Plan.state == PlanState.ISSUED)
    if rule is not None and rule.plan_id is not None:
        issued &= Plan.id == rule.plan_id
    return Plan.select().where(issued).exists()


def preview(
    rule: ReportingRule | None, programme: Programme, terms: RuleTerms, *, by: Actor, now: datetime
) -> Effects:
    """What `save` would do; nothing is kept. Raises what `save` raises, but for a missing reason."""
    with db.atomic() as made:
        seen = rule.version if rule else 0
        row, effects = save(rule, programme, terms, reason="预览", seen=seen, by=by, now=now, tell=False)
        coming = tuple(next_deadlines(row, now=now))
        made.rollback()
    return replace(effects, coming=coming)


@transactional
def save(
    rule: ReportingRule | None,
    programme: Programme,
    terms: RuleTerms,
    *,
    reason: str,
    seen: int,
    by: Actor,
    now: datetime,
    tell: bool = True,
) -> tuple[ReportingRule, Effects]:
    """Add a rule, or change one; obligations follow and units are told.

    Raises Invalid for what is wrong or asked twice, Stale where somebody changed the rule meanwhile.
    """
    by.require(Permission.PLAN_EDIT)
    if rule is not None and rule.kind is RuleKind.WORK_PLAN:
        raise Refused(N_("Whether and when work plans are due is one of the local settings."))
    values = _checked(terms, reason)
    if rule is not None and rule.version != seen:
        raise Stale([], [])
    due_on = values["due_on"]
    if due_on is not None and due_on < beijing_date(now) and (rule is None or rule.due_on != due_on):
        raise Invalid(
            N_("The rule was not saved."), {"due_on": N_("This day is past: nobody could be on time.")}
        )
    before = _kept(rule) if rule else {}
    given = standing(rule, now) if rule else {}
    row = ReportingRule.get_by_id(rule.id) if rule else ReportingRule(programme=programme, version=0)
    for name, value in values.items():
        setattr(row, name, value)
    row.state, row.version, row.generated_on = RuleState.CONFIRMED, row.version + 1, None
    row.save()
    _name_parties(row, programme, terms.typed)
    _refuse_double(row)
    held_figures.refuse(row)
    after = _kept(row)
    RuleVersion.create(
        rule=row, number=row.version, before=before, after=after, reason=reason.strip(), changed_by=by.user_id,
        changed_by_name=by.name, changed_at=now,
    )  # fmt: skip
    effects = follow(row, given, reason=reason.strip(), now=now)
    audit.record(
        by, "rule.change" if rule else "rule.add", row, now=now, before=before,
        after=after | effects.counts, reason=reason,
    )  # fmt: skip
    if tell:
        _tell(row, effects, reason.strip(), now)
    return row, effects


def _checked(terms: RuleTerms, reason: str) -> dict[str, Any]:
    wrong: dict[str, Sentence] = {}
    values: dict[str, Any] = {}
    try:
        values = rule_corrections.checked(terms.typed)
    except Invalid as error:
        wrong |= error.fields
    if not reason.strip():
        wrong["reason"] = N_("Say why: units will ask.")
    if terms.valid_from is None:
        wrong["valid_from"] = N_("Give the day from which it holds.")
    elif terms.valid_to is not None and terms.valid_to < terms.valid_from:
        wrong["valid_to"] = N_("The last day lies before the first.")
    if terms.day_off_policy not in {"", "keep", "before", "after"}:
        wrong["day_off_policy"] = N_("Choose one of the three.")
    if terms.counted_by not in set(CountedBy):
        wrong["counted_by"] = N_("Choose one of the two.")
    elif terms.counted_by == CountedBy.WINDOW and terms.typed.kind == RuleKind.COUNT and not terms.typed.days:
        wrong["days"] = N_("Name the dates: a period ends with the last of them.")
    if not 1 <= terms.every_years <= 10:
        wrong["every_years"] = N_("A whole number from %(least)s to %(most)s.", least=1, most=10)
    elif terms.every_years > 1 and (terms.anchor_year is None or terms.typed.every != "yearly"):
        wrong["anchor_year"] = N_(
            "A rule of several years is yearly and needs the year from which it counts."
        )
    for name, number in (
        ("grace_workdays", terms.grace_workdays),
        ("lock_after_workdays", terms.lock_after_workdays),
    ):
        if number is not None and not 0 <= number <= 250:
            wrong[name] = N_("A whole number from %(least)s to %(most)s.", least=0, most=250)
    wrong |= programmes.wrong_stages(
        {"remind_before": terms.remind_before, "remind_after": terms.remind_after}
    )
    if wrong:
        raise Invalid(N_("The rule was not saved."), wrong)
    extra = {name: value for name, value in asdict(terms).items() if name != "typed"}
    return {
        "name": values["what"], "kind": RuleKind(values["kind"]), "obliged": values["obliged"],
        "recurrence": values["recurrence"], "due_on": values["due_on"], "subject_shift": values["shift"],
        "minimum": values["minimum"], **extra, "counted_by": CountedBy(terms.counted_by),
        "documents": list(terms.documents),
        "remind_before": None if terms.remind_before is None else list(terms.remind_before),
        "remind_after": None if terms.remind_after is None else list(terms.remind_after),
    }  # fmt: skip


def _kept(rule: ReportingRule) -> dict[str, Any]:
    kept = {name: getattr(rule, name) for name in KEPT}
    kept["units"] = [party.name for party in RuleParty.select().where(RuleParty.rule == rule)]
    kept["recipients"] = [one.name for one in RuleRecipient.select().where(RuleRecipient.rule == rule)]
    return kept


def _name_parties(rule: ReportingRule, programme: Programme, typed: TypedRule) -> None:
    """The units and recipients as typed: a name that stays keeps its row, also the receipts given under it."""
    groups = UnitGroup.select().where(
        (UnitGroup.programme == programme) & (UnitGroup.kind == GroupKind.COLLECTIVE)
    )
    by_name = {name_key(group.name): group for group in groups}
    wanted = typed.units if typed.obliged == "named" else ()
    RuleParty.delete().where((RuleParty.rule == rule) & RuleParty.name.not_in(list(wanted))).execute()
    for order, name in enumerate(wanted, start=1):
        if RuleParty.get_or_none((RuleParty.rule == rule) & (RuleParty.name == name)) is None:
            group = by_name.get(name_key(name))
            unit = None if group else _unit(name, programme)
            if group is None and unit is None:
                text = N_("“%(name)s” is neither a unit of the register nor a collective name.", name=name)
                raise Invalid(N_("The rule was not saved."), {"units": text})
            RuleParty.create(rule=rule, unit=unit, group=group, name=name, sort=order)
    for order, name in enumerate(typed.recipients or (programme.office_name[:160],), start=1):
        if RuleRecipient.get_or_none((RuleRecipient.rule == rule) & (RuleRecipient.name == name)) is None:
            RuleRecipient.create(rule=rule, unit=_unit(name, programme), name=name, sort=order)


def _unit(name: str, programme: Programme) -> Unit | None:
    key = units.known_names(programme.jurisdiction_id).get(name_key(name))
    found: Unit | None = Unit.get_or_none(Unit.id == key) if key else None
    return found


def _refuse_double(rule: ReportingRule) -> None:
    """Raise Invalid where another rule in force asks one of the same units for the same: burden is not doubled."""
    links = links_of(rule.programme_id)
    mine = {link.unit_id for link in parties_of(rule, links)}
    for other in obligations.rules_in_force(rule.programme_id):
        if other.id == rule.id or other.kind is not rule.kind or not _overlap(rule, other):
            continue
        same = name_key(other.name) == name_key(rule.name)
        if (rule.kind is RuleKind.PROGRESS or same) and mine & {
            link.unit_id for link in parties_of(other, links)
        }:
            raise Invalid(N_("The rule was not saved."), {"what": plan_rules.twice(rule.name, other.name)})


def _overlap(one: ReportingRule, two: ReportingRule) -> bool:
    return (one.valid_to or date.max) >= two.valid_from and (two.valid_to or date.max) >= one.valid_from


# What follows -------------------------------------------------------------------------------------------------------

_Key = tuple[int, str]


def standing(rule: ReportingRule, now: datetime) -> dict[_Key, Dates]:
    """(unit, period) → the dates that a rule gives, up to the periods that contain today."""
    links = links_of(rule.programme_id)
    if rule.state is not RuleState.CONFIRMED:
        return {}
    found = obligations.owed_by(rule, links, beijing_date(now))
    return {(unit_id, slot.subject.key): dates for slot, dates, owing in found for unit_id in owing}


def follow(rule: ReportingRule, given: Mapping[_Key, Dates], *, reason: str, now: datetime) -> Effects:
    """Let what is open and not yet due follow a rule; `given` are the dates that it gave before."""
    wanted = standing(rule, now)
    mine = Obligation.rule == rule
    had = {
        (row.unit_id, row.period): row for row in Obligation.select().where(mine & (Obligation.due_at > now))
    }
    removed, moved, added = [], [], []
    for key, row in had.items():
        untouched = row.state is ObligationState.OPEN and row.first_submitted_at is None
        dates = wanted.get(key)
        if dates is None and untouched:
            _update(row, now, state=ObligationState.WAIVED, waive_reason=f"{NO_LONGER}{reason}"[:400])
            removed.append((key, row.due_on, None))
        elif dates and row.state is ObligationState.WAIVED and row.waive_reason.startswith(NO_LONGER):
            _update(row, now, state=ObligationState.OPEN, waive_reason="", **vars(dates))
            added.append((key, None, dates.due_on))
        elif dates and untouched and _follows(row, given.get(key), dates, now):
            _update(row, now, **vars(dates))
            moved.append((key, row.due_on, dates.due_on))
        elif rule.kind is RuleKind.COUNT:  # the deadline stays, but a date may remind no more
            reminders.cancel(row.id, now)
    existing = {(row.unit_id, row.period) for row in Obligation.select().where(mine)}
    obligations.generate(rule.programme_id, now=now)
    fresh = Obligation.select().where(mine)
    added += [
        ((row.unit_id, row.period), None, row.due_on)
        for row in fresh
        if (row.unit_id, row.period) not in existing
    ]
    return Effects(_named(added), _named(removed), _named(moved))


def _follows(row: Obligation, given: Dates | None, dates: Dates, now: datetime) -> bool:
    """Whether a deadline stands as the rule gave it and another follows now, still to come."""
    return given is not None and given.due_on == row.due_on and dates != given and dates.due_at > now


def _update(row: Obligation, now: datetime, **values: Any) -> None:
    values |= {"schedule_version": Obligation.schedule_version + 1, "version": Obligation.version + 1}
    Obligation.update(**values).where(Obligation.id == row.id).execute()
    reminders.cancel(row.id, now)


def _named(found: Sequence[tuple[_Key, date | None, date | None]]) -> tuple[Effect, ...]:
    rows = {row.id: row for row in Unit.select().where(Unit.id.in_({key[0] for key, *_ in found}))}
    effects = [
        (rows[unit_id].sort, Effect(rows[unit_id].name, period, a, z)) for (unit_id, period), a, z in found
    ]
    ordered = sorted(effects, key=lambda one: (one[1].becomes or one[1].was or date.max, one[0], one[1].unit))
    return tuple(effect for _sort, effect in ordered)


def _tell(rule: ReportingRule, effects: Effects, reason: str, now: datetime) -> None:
    """Tell the liaisons of the units whose obligations changed, once a version (D13)."""
    names = {one.unit for some in (effects.added, effects.removed, effects.moved) for one in some}
    touched = [row.id for row in Unit.select(Unit.id).where(Unit.name.in_(sorted(names)))]
    found = people.liaisons_of(touched, rule.programme_id, beijing_date(now))
    days = sorted({one.becomes for one in (*effects.added, *effects.moved) if one.becomes})
    messages.notify(
        event=events.RULE_CHANGED,
        key=f"rule:{rule.id}:{rule.version}",
        to=[person for some in found.values() for person in some],
        fields={
            "rule": rule.name,
            "reason": reason,
            "days": [N_("Due on %(day)s.", day=day_words(day)) for day in days[:6]],
        },
        link=f"/p/{rule.programme_id}/rules",
        programme_id=rule.programme_id,
        now=now,
    )
