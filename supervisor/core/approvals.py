"""The head's approval (D11): where a programme asks for it, what a unit prepares is handed in when its head sends it.

Until then it is the unit's own business: nobody else reads it, and it fixes no outcome. A stand-in of the head holds
the head's right and sends like the head.
"""

from __future__ import annotations

from datetime import datetime

from supervisor.clock import beijing_date
from supervisor.core import audit, events, messages, owed_words, people
from supervisor.core.permissions import Actor, Permission
from supervisor.core.programmes import settings_on
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound, Refused
from supervisor.models import Obligation, ObligationState, Report, RuleKind, User
from supervisor.words import N_, Sentence


def is_wanted(programme_id: int, by: Actor, now: datetime) -> bool:
    """Whether what this person prepares waits for the head; what the head prepares does not."""
    settings = settings_on(programme_id, beijing_date(now))
    return settings.head_approves and not by.may(Permission.REPORT_APPROVE)


def ask_heads(
    unit_id: int,
    programme_id: int,
    *,
    key: str,
    what: Sentence,
    link: str,
    about: int | None = None,
    now: datetime,
) -> None:
    """Tell the unit's head, and whoever stands in for the head, that something waits to be sent."""
    found = people.heads_of([unit_id], programme_id, beijing_date(now))
    messages.notify(
        event=events.APPROVAL_ASKED,
        key=f"approve:{key}",
        to=found.get(unit_id, []),
        fields={"what": what},
        link=link,
        programme_id=programme_id,
        unit_id=unit_id,
        about=about,
        now=now,
    )


def tell_writer(
    user_id: int,
    programme_id: int,
    *,
    key: str,
    what: Sentence,
    reason: str,
    link: str,
    about: int | None = None,
    now: datetime,
) -> None:
    """Tell whoever prepared something that the head gave it back, and why."""
    messages.notify(
        event=events.REPORT_HANDED_BACK,
        key=f"hand_back:{key}",
        to=list(User.select().where(User.id == user_id)),
        fields={"what": what, "reason": reason.strip()},
        link=link,
        programme_id=programme_id,
        about=about,
        now=now,
    )


def waiting(report: Report, by: Actor) -> Obligation:
    """What a prepared version belongs to; raises where it is not this head's to send, or no longer waits."""
    by.require(Permission.REPORT_APPROVE)
    obligation: Obligation = Obligation.get_by_id(report.obligation_id)
    if obligation.programme_id != by.programme_id or obligation.unit_id not in by.unit_ids:
        raise NotFound
    if obligation.state is not ObligationState.WITH_HEAD or report.sent:
        raise Refused(N_("This report is not waiting for your approval."))
    if report.number != Report.select().where(Report.obligation == obligation).count():
        raise Refused(N_("There is a newer version of this report."))
    return obligation


def state_unsent(obligation: Obligation) -> ObligationState:
    """Where something stands whose prepared version does not go out."""
    if obligation.first_submitted_at is None:
        return ObligationState.OPEN
    counted = obligation.rule.kind is RuleKind.COUNT  # nobody returns items: enough of them were in before
    return ObligationState.ACCEPTED if counted else ObligationState.RETURNED


@transactional
def hand_back(report: Report, reason: str, *, by: Actor, now: datetime) -> None:
    """The unit's head gives what was prepared back to the liaison, with a reason; it was not handed in."""
    obligation = waiting(report, by)
    require_reason(reason)
    claimed = (
        Obligation.update(state=state_unsent(obligation), version=Obligation.version + 1)
        .where((Obligation.id == obligation.id) & (Obligation.version == obligation.version))
        .execute()
    )
    if not claimed:
        raise Refused(N_("This report is not waiting for your approval."))
    audit.record(by, "report.hand_back", report, now=now, reason=reason)
    tell_writer(
        report.submitted_by, obligation.programme_id, key=str(report.id), what=owed_words.what(obligation),
        reason=reason, link=f"/p/{obligation.programme_id}/reports/{obligation.id}/form", about=obligation.id, now=now,
    )  # fmt: skip


def require_reason(reason: str) -> None:
    """Raise Invalid where the head does not say what should be changed."""
    if not reason.strip():
        raise Invalid(N_("It stays with you."), {"reason": N_("Say what should be changed.")})
