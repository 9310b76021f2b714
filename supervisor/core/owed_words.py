"""What is owed, in a few words: the report for a period, or what a rule asks for by its name."""

from __future__ import annotations

from supervisor.core.periods import Period
from supervisor.models import Obligation, ReportingRule, RuleKind
from supervisor.words import N_, Sentence


def name(obligation: Obligation) -> Sentence:
    """For lists and headings: the rule's name, and the period where the rule returns."""
    rule = obligation.rule
    if not rule.recurrence and rule.kind is not RuleKind.PROGRESS:
        return Sentence("%(what)s", {"what": rule.name})
    return Sentence(
        "%(what)s · %(period)s", {"what": rule.name, "period": Period.parse(obligation.period).label}
    )


def what(obligation: Obligation) -> Sentence:
    """For subjects of messages and sentences about one thing owed."""
    rule, period = obligation.rule, Period.parse(obligation.period).label
    if rule.kind is RuleKind.PROGRESS:
        return N_("report for %(period)s", period=period)
    if not rule.recurrence:
        return N_("“%(what)s”", what=rule.name)
    return N_("“%(what)s”, %(period)s", what=rule.name, period=period)


def to_do(period: str, rule: ReportingRule) -> str:
    """What a unit is to do, as the ladder's papers name it, in Chinese; a rule owed once has no period to name."""
    return f"报送{Period.parse(period).official_name if rule.recurrence else ''}{rule.name}"
