"""What units will owe once a plan is issued, rule by rule: told before, while the links are not made yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN

from supervisor.core import plan_rules, rule_pages, rule_words
from supervisor.core.days import day_words
from supervisor.core.rule_pages import Deadline
from supervisor.errors import Obstacle
from supervisor.models import (
    GroupMember,
    LinkRole,
    LocalSettings,
    Obliged,
    Plan,
    PlanState,
    ReportingRule,
    RuleKind,
    RuleParty,
    RuleState,
)
from supervisor.words import N_, Sentence

#: (unit, role) of every link that the issue will make.
Links = Sequence[tuple[int, LinkRole]]


@dataclass(frozen=True)
class RuleAtIssue:
    """A rule that holds from the issue on: how many units owe it, and by when first."""

    rule: ReportingRule
    units: int
    #: Names of the rule that stand for no unit: nobody owes it for them.
    unknown: tuple[str, ...]
    when: Sentence
    next: Deadline | None


def rules_at_issue(plan: Plan, links: Links, *, now: datetime) -> list[RuleAtIssue]:
    """The confirmed rules of a plan and those of the programme that reach its units; the default report among them."""
    rules = list(
        ReportingRule.select()
        .join(Plan, JOIN.LEFT_OUTER)
        .where(
            (ReportingRule.programme == plan.programme_id)
            & (ReportingRule.state == RuleState.CONFIRMED)
            & (ReportingRule.kind != RuleKind.WORK_PLAN)
            & (ReportingRule.plan.is_null() | (ReportingRule.plan == plan) | (Plan.state == PlanState.ISSUED))
        )
        .order_by(ReportingRule.id)
    )
    if not any(rule.kind is RuleKind.PROGRESS for rule in rules):
        rules.append(plan_rules.monthly_report(plan))
    found = (_at_issue(rule, links, now) for rule in rules)
    return [row for row in found if row.next is not None or row.rule.valid_to is None]  # else it has ended


def _at_issue(rule: ReportingRule, links: Links, now: datetime) -> RuleAtIssue:
    units = {unit for unit, role in links if rule.obliged is not Obliged.LEADING or role is LinkRole.LEAD}
    unknown: tuple[str, ...] = ()
    if rule.obliged is Obliged.NAMED:
        named, unknown = _named(rule)
        # A report on tasks is owed by those named who have tasks; documents by all who are named.
        units = named & units if rule.kind is RuleKind.PROGRESS or rule.condition else named
    coming = next(iter(rule_pages.next_deadlines(rule, now=now, count=1)), None)
    return RuleAtIssue(rule, len(units), unknown, rule_words.when_words(rule), coming)


def _named(rule: ReportingRule) -> tuple[set[int], tuple[str, ...]]:
    """The units that a rule names itself or by a collective name, and the names that stand for nobody."""
    parties = list(RuleParty.select().where(RuleParty.rule == rule).order_by(RuleParty.sort, RuleParty.id))
    groups = [party.group_id for party in parties if party.group_id]
    members = {row.unit_id for row in GroupMember.select().where(GroupMember.group.in_(groups))}
    alone = {party.unit_id for party in parties if party.unit_id}
    return members | alone, tuple(one.name for one in parties if not one.unit_id and not one.group_id)


def plan_asked_twice(found: Sequence[RuleAtIssue], settings: LocalSettings) -> list[Obstacle]:
    """Where units would file their plan as a document and as a work plan with indicators: one of them, proposed.

    Proposed is the work plan: its form asks for the measurable indicators and dates, and gives a receipt as well.
    """
    if not settings.work_plan_workdays:
        return []
    return [
        Obstacle(
            N_(
                "Units would file their plan twice: “%(rule)s” as a document, due %(day)s, and the work plan with "
                "indicators, %(n)s working days after the issue. Proposal: keep the work plan, whose days are one of "
                "the local settings, and let “%(rule)s” end before its deadline.",
                rule=row.rule.name,
                day=day_words(row.next.effective),
                n=settings.work_plan_workdays,
            ),
            f"/p/{row.rule.programme_id}/rules/{row.rule.id}",
        )
        for row in found
        if row.units and row.next is not None and rule_pages.asks_for_plan(row.rule)
    ]


def reaching_nobody(found: Sequence[RuleAtIssue]) -> list[Obstacle]:
    """What to look at before the issue: names that stand for nobody, and rules that no unit will owe."""
    listed = []
    for row in found:
        link = f"/p/{row.rule.programme_id}/rules/{row.rule.id}"
        if row.unknown:
            text = N_(
                "The reporting rule “%(rule)s” names %(names)s, which stands for no unit of the register: "
                "it will be owed by %(count)s units.",
                rule=row.rule.name,
                names="、".join(row.unknown),
                count=row.units,
            )
            listed.append(Obstacle(text, link))
        elif not row.units:
            listed.append(
                Obstacle(N_("The reporting rule “%(rule)s” reaches no unit.", rule=row.rule.name), link)
            )
    return listed
