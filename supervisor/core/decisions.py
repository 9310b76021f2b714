"""What waits for a leader: a proposal with its reason, and what the leader decided in their own words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from supervisor.clock import beijing_date
from supervisor.core import audit, events, messages, people
from supervisor.core.permissions import Actor, Permission
from supervisor.database import transactional
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused
from supervisor.models import Decision, Posting, Programme, Role, Unit, User
from supervisor.words import N_, Sentence

#: A leader names who assesses where the lead office would assess its own host unit (D17).
HOST_ASSESSOR = "host_assessor"
#: A step of the ladder without the one before it, or before its answer is due (D22); the rung follows.
LADDER = "ladder_"

KIND_LABELS: dict[str, Sentence] = {HOST_ASSESSOR: N_("Another assessor for the host unit")}
LONGEST = 2000


def label_of(decision: Decision) -> Sentence:
    """What kind of decision it is, in words; kinds of other modules show their subject alone."""
    if decision.kind.startswith(LADDER):
        return N_("Step by a leader's leave")
    return KIND_LABELS.get(decision.kind) or N_("Decision")


def listed(programme_id: int, *, limit: int = 100) -> list[Decision]:
    """Open decisions first, then the newest."""
    return list(
        Decision.select()
        .where(Decision.programme == programme_id)
        .order_by(Decision.approved.is_null().desc(), Decision.id.desc())
        .limit(limit)
    )


def open_about_scores(programme_id: int) -> list[Decision]:
    """Undecided proposals that change who is ranked: the books stay open until they are decided."""
    return list(
        Decision.select()
        .where(
            (Decision.programme == programme_id)
            & (Decision.kind == HOST_ASSESSOR)
            & Decision.approved.is_null()
        )
        .order_by(Decision.id)
    )


def open_of(programme_id: int, subject_id: int, kinds: Sequence[str]) -> list[Decision]:
    """Undecided proposals of these kinds about one record."""
    here = (Decision.programme == programme_id) & (Decision.subject_id == subject_id)
    waiting = Decision.kind.in_(list(kinds)) & Decision.approved.is_null()
    return list(Decision.select().where(here & waiting).order_by(Decision.id))


def named_assessor(programme_id: int) -> int | None:
    """The person named to assess instead of the lead office; None = nobody, the host is outside the ranking."""
    newest = (
        Decision.select()
        .where(
            (Decision.programme == programme_id)
            & (Decision.kind == HOST_ASSESSOR)
            & (Decision.approved == True)  # noqa: E712 -- a condition in SQL
        )
        .order_by(Decision.decided_at.desc(), Decision.id.desc())
        .first()
    )
    return newest.subject_id if newest else None


def assessors_to_name(programme: Programme, *, now: datetime) -> list[User]:
    """Assessors who hold no post in the host unit and are not of the lead office: who may be named (D17)."""
    rows = (
        Posting.select(Posting, User)
        .join(User)
        .where((Posting.programme == programme) & people.valid_on(beijing_date(now)) & User.active)
        .order_by(User.id)
    )
    roles: dict[int, set[Role]] = {}
    units: dict[int, set[int]] = {}
    persons: dict[int, User] = {}
    for row in rows:
        persons[row.user_id] = row.user
        roles.setdefault(row.user_id, set()).add(row.role)
        units.setdefault(row.user_id, set()).add(row.unit_id or 0)
    return [
        person
        for key, person in persons.items()
        if Role.ASSESSOR in roles[key]
        and Role.LEAD_OFFICE not in roles[key]
        and programme.host_unit_id not in units[key]
    ]


@transactional
def name_host_assessor(
    programme: Programme, person_id: int, *, reason: str, by: Actor, now: datetime
) -> Decision:
    """Name another assessor so that the host unit is ranked; by a leader at once, by others as a proposal.

    Errors: Invalid (no reason, or a person who may not be named), Refused (one is open, or no host unit).
    """
    if not (
        by.may(Permission.DECISION_TAKE)
        or by.may(Permission.PERIOD_CLOSE)
        or by.may(Permission.SETTINGS_EDIT)
    ):
        raise NotAllowed
    if programme.host_unit_id is None:
        raise Refused(N_("This programme has no host unit: every unit is ranked already."))
    if open_about_scores(programme.id):
        raise Refused(N_("A proposal is already waiting for the leader's decision."))
    person = next((one for one in assessors_to_name(programme, now=now) if one.id == person_id), None)
    wrong: dict[str, Sentence] = {}
    if person is None:
        wrong["person"] = N_(
            "Choose an assessor who belongs neither to the lead office nor to the host unit."
        )
    if not reason.strip():
        wrong["reason"] = N_("Give a reason: it is kept with the decision.")
    if wrong or person is None:
        raise Invalid(N_("The proposal is not complete."), wrong)
    host = Unit.get_by_id(programme.host_unit_id)
    return propose(
        HOST_ASSESSOR, f"{host.name}：{person.name}", subject_id=person.id, link=f"/p/{programme.id}/periods",
        reason=reason, by=by, now=now,
    )  # fmt: skip


def propose(
    kind: str, subject: str, *, subject_id: int, link: str, reason: str, by: Actor, now: datetime
) -> Decision:
    """Lay a proposal before the leaders, who are told; by a leader it is decided at once. Call inside a verb."""
    row = Decision.create(
        programme=by.programme_id, kind=kind, subject=subject[:200], subject_id=subject_id, link=link,
        proposed_by=by.user_id, proposed_at=now, reason=reason.strip()[:LONGEST],
    )  # fmt: skip
    audit.record(
        by,
        "decision.propose",
        row,
        now=now,
        reason=row.reason,
        after={"kind": row.kind, "subject": row.subject},
    )
    if by.may(Permission.DECISION_TAKE):
        return decide(row, approved=True, words=row.reason, by=by, now=now)
    messages.notify(
        event=events.DECISION_PROPOSED,
        key=f"decision:{row.id}:proposed",
        to=people.leaders_of(row.programme_id, beijing_date(now)),
        fields={"what": row.subject, "reason": row.reason},
        link=f"/p/{row.programme_id}/decisions",
        programme_id=row.programme_id,
        about=row.id,
        now=now,
    )
    return row


@transactional
def decide(decision: Decision, *, approved: bool, words: str, by: Actor, now: datetime) -> Decision:
    """A leader approves or refuses, with words. Refused if it was decided meanwhile; nobody decides twice."""
    by.require(Permission.DECISION_TAKE)
    if decision.programme_id != by.programme_id:
        raise NotFound
    if not words.strip():
        raise Invalid(
            N_("Please give a reason for the decision."),
            {"words": N_("Give a reason: it is kept with the decision.")},
        )
    done = (
        Decision.update(
            approved=approved, decision=words.strip()[:LONGEST], decided_by=by.user_id, decided_at=now
        )
        .where((Decision.id == decision.id) & Decision.approved.is_null())
        .execute()
    )
    if not done:
        raise Refused(N_("This was decided already."))
    audit.record(by, "decision.take", decision, now=now, reason=words.strip(), after={"approved": approved})
    fresh = Decision.get_by_id(decision.id)
    proposer = User.get_or_none(User.id == fresh.proposed_by)
    if proposer is not None and proposer.id != by.user_id:
        messages.notify(
            event=events.DECISION_APPROVED if approved else events.DECISION_REFUSED,
            key=f"decision:{fresh.id}:decided",
            to=[proposer],
            fields={"what": fresh.subject, "words": fresh.decision},
            link=f"/p/{fresh.programme_id}/decisions",
            programme_id=fresh.programme_id,
            now=now,
        )
    return fresh


def in_programme(decision_id: int, programme_id: int) -> Decision:
    """A decision of this programme. NotFound for others."""
    row = Decision.get_or_none((Decision.id == decision_id) & (Decision.programme == programme_id))
    if row is None:
        raise NotFound
    return row
