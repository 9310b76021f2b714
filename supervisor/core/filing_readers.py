"""Who may read a filing: who reads all, the unit that owes it, and the units that receive it (D16)."""

from __future__ import annotations

from collections.abc import Sequence

from peewee import ModelSelect

from supervisor.core import obligations
from supervisor.core.permissions import Actor, Permission
from supervisor.errors import NotFound
from supervisor.models import Obligation, ReportingRule, RuleKind, RuleRecipient

#: What is handed in here: documents, or items that are counted.
KINDS = (RuleKind.FILING, RuleKind.COUNT)


def recipients_of(rule: ReportingRule) -> list[RuleRecipient]:
    """To whom a rule's filings go, in order; a rule that names nobody names the lead office."""
    return list(
        RuleRecipient.select()
        .where(RuleRecipient.rule == rule)
        .order_by(RuleRecipient.sort, RuleRecipient.id)
    )


def receivers_of(obligation: Obligation) -> list[RuleRecipient]:
    """Who gives a receipt for what this unit hands in: every recipient of the rule but the unit itself."""
    return [one for one in recipients_of(obligation.rule) if one.unit_id != obligation.unit_id]


def received_by(actor: Actor) -> ModelSelect[Obligation]:
    """What units owe to one of the actor's units; for the lead office also what goes to nobody of the register."""
    mine = RuleRecipient.unit.in_(sorted(actor.unit_ids))
    if actor.may(Permission.REVIEW_DECIDE):
        mine |= RuleRecipient.unit.is_null()
    rules = RuleRecipient.select(RuleRecipient.rule).where(mine)
    return (
        Obligation.select(Obligation, ReportingRule)
        .join(ReportingRule)
        .where(
            (Obligation.programme == actor.programme_id)
            & Obligation.rule.in_(rules)
            & (ReportingRule.kind == RuleKind.FILING)
        )
    )


def may_read(obligation: Obligation, actor: Actor) -> bool:
    """Whether a filing is the actor's to read."""
    if obligation.programme_id != actor.programme_id:
        return False
    if actor.sees_all or obligation.unit_id in actor.unit_ids:
        return True
    return received_by(actor).where(Obligation.id == obligation.id).exists()


def get(obligation_id: int, actor: Actor) -> Obligation:
    """What is owed by its number, with documents or items asked for; NotFound where it is not the actor's to read."""
    row: Obligation | None = Obligation.get_or_none(Obligation.id == obligation_id)
    if row is None or row.rule.kind not in KINDS or not may_read(row, actor):
        raise NotFound
    return row


def is_recipient(recipient: RuleRecipient, actor: Actor) -> bool:
    """Whether the actor gives this recipient's receipts: its unit's people, else the lead office."""
    if recipient.unit_id is None:
        return actor.may(Permission.REVIEW_DECIDE)
    acts = actor.may(Permission.REPORT_SUBMIT) or actor.may(Permission.REPORT_APPROVE)
    return recipient.unit_id in actor.unit_ids and acts


def owed_to_units(unit_ids: Sequence[int], programme_id: int) -> ModelSelect[Obligation]:
    """Filings and items that these units owe, soonest first."""
    return (
        Obligation.select(Obligation, ReportingRule)
        .join(ReportingRule)
        .where(
            (Obligation.programme == programme_id)
            & Obligation.unit.in_(sorted(unit_ids))
            & ReportingRule.kind.in_(list(KINDS))
            & Obligation.state.in_(list(obligations.OWED))
        )
        .order_by(Obligation.due_at, Obligation.id)
    )
