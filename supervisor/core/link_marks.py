"""Marks at units' parts of tasks, on which a rule may depend: its deadlines appear and disappear with them (E-57)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from supervisor.clock import beijing_date
from supervisor.core import audit, rule_changes
from supervisor.core.obliged import links_of
from supervisor.core.permissions import Actor, Permission
from supervisor.core.rule_changes import Effects
from supervisor.database import transactional
from supervisor.errors import Invalid
from supervisor.models import Assignment, LinkMark, ReportingRule, Task, Unit
from supervisor.words import N_


def marked(rule: ReportingRule) -> set[int]:
    """The links that bear the mark of a rule now."""
    bearing = (LinkMark.name == rule.condition) & LinkMark.cleared_on.is_null()
    mine = Assignment.programme == rule.programme_id
    return {row.assignment_id for row in LinkMark.select().join(Assignment).where(bearing & mine)}


def candidates(rule: ReportingRule) -> list[Assignment]:
    """The links that could bear the mark, with task and unit, in the order of the tasks."""
    ids = [link.assignment_id for link in links_of(rule.programme_id)]
    query = Assignment.select(Assignment, Task, Unit).join(Task).switch(Assignment).join(Unit)
    return list(query.where(Assignment.id.in_(ids)).order_by(Task.sort, Unit.sort, Unit.id))


@transactional
def mark(rule: ReportingRule, wanted: Collection[int], *, reason: str, by: Actor, now: datetime) -> Effects:
    """Let exactly these links bear the mark of a rule; what it asks for follows.

    Raises Invalid without a reason, for a rule without a condition, and for links of another programme.
    """
    by.require(Permission.PLAN_EDIT)
    have, today = marked(rule), beijing_date(now)
    known = {link.assignment_id for link in links_of(rule.programme_id)}
    if not reason.strip() or not rule.condition or not set(wanted) <= known:
        raise Invalid(N_("The marks were not changed."), {"mark_reason": N_("Say why: units will ask.")})
    given = rule_changes.standing(rule, now)
    for link in sorted(set(wanted) - have):
        LinkMark.create(assignment=link, name=rule.condition, set_on=today, reason=reason.strip())
    gone = (have & known) - set(wanted)
    of_rule = (LinkMark.name == rule.condition) & LinkMark.cleared_on.is_null()
    # A mark set and cleared on one day was a slip: it never held.
    LinkMark.delete().where(of_rule & LinkMark.assignment.in_(gone) & (LinkMark.set_on == today)).execute()
    LinkMark.update(cleared_on=today).where(of_rule & LinkMark.assignment.in_(gone)).execute()
    effects = rule_changes.follow(rule, given, reason=reason.strip(), now=now)
    audit.record(
        by, "rule.mark", rule, now=now, before={"links": sorted(have)},
        after={"links": sorted(wanted), **effects.counts}, reason=reason,
    )  # fmt: skip
    return effects
