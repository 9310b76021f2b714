"""Who enters which facts (E-96): named per programme and form; everybody else is refused, nobody enters for their own.

While nobody is named, the office and the assessor (who may name) enter a form's facts. Once somebody is named, only
they do: a unit by its liaisons and head, or one person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from peewee import JOIN, IntegrityError, ModelSelect

from supervisor.clock import beijing_date
from supervisor.core import audit, messages, people, score_events
from supervisor.core.fact_forms import FactForm
from supervisor.core.permissions import Actor, Permission
from supervisor.database import db, transactional
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused
from supervisor.models import FactAssessor, Programme, Unit, User
from supervisor.words import N_

LONGEST = 400


def named(programme_id: int) -> ModelSelect[FactAssessor]:
    """Who is in charge of what now, with unit and person."""
    return (
        FactAssessor.select(FactAssessor, Unit, User)
        .join(Unit, JOIN.LEFT_OUTER)
        .switch(FactAssessor)
        .join(User, JOIN.LEFT_OUTER)
        .where((FactAssessor.programme == programme_id) & FactAssessor.ended_at.is_null())
        .order_by(FactAssessor.form, FactAssessor.id)
    )


def by_form(programme_id: int) -> dict[str, list[FactAssessor]]:
    """Those in charge, by form."""
    found: dict[str, list[FactAssessor]] = {}
    for row in named(programme_id):
        found.setdefault(row.form, []).append(row)
    return found


def may_enter(actor: Actor, in_charge: Iterable[FactAssessor]) -> bool:
    """Whether the actor enters facts of a form of which these are in charge."""
    rows = list(in_charge)
    if not actor.may(Permission.FACT_ENTER) or actor.user_id is None:
        return False
    if not rows:
        return actor.may(Permission.FACT_ASSIGN)
    return any(row.person_id == actor.user_id or row.unit_id in actor.unit_ids for row in rows)


def forms_in_charge(actor: Actor, programme_id: int) -> set[str]:
    """Keys of the forms of which the actor was put in charge by name."""
    return {key for key, rows in by_form(programme_id).items() if may_enter(actor, rows)}


def require(actor: Actor, programme_id: int, form: FactForm) -> None:
    """Raise NotAllowed, saying who may, unless the actor enters this form's facts."""
    in_charge = by_form(programme_id).get(form.key, [])
    if may_enter(actor, in_charge):
        return
    if not in_charge:
        raise NotAllowed(N_("Only the lead office and the assessor enter this, unless they name somebody."))
    raise NotAllowed(
        N_(
            "%(what)s is entered by %(who)s only. The lead office or the assessor can name somebody else.",
            what=form.label,
            who="、".join(who(row) for row in in_charge),
        )
    )


def who(row: FactAssessor) -> str:
    """The unit or person in charge, by name."""
    return str(row.unit.name if row.unit is not None else row.person.name if row.person is not None else "")


def own_units(actor: Actor, programme_id: int, now: datetime) -> set[int]:
    """Units for which the actor enters nothing, whoever put them in charge (D17)."""
    return people.units_of_posts(actor.user_id, programme_id, beijing_date(now)) | set(actor.unit_ids)


@transactional
def name(
    programme: Programme,
    form: FactForm,
    *,
    unit: Unit | None,
    person: User | None,
    reason: str,
    by: Actor,
    now: datetime,
) -> FactAssessor:
    """Put a unit's people or one person in charge of a form.

    Errors: NotAllowed, Invalid (nobody or both named, no reason), Refused (is so already).
    """
    by.require(Permission.FACT_ASSIGN)
    wrong = {}
    if (unit is None) == (person is None):
        wrong["who"] = N_("Choose a unit or a person.")
    if not reason.strip():
        wrong["reason"] = N_("Say where it is laid down, or why.")
    if wrong:
        raise Invalid(N_("Please mend what is marked below. Nothing you typed is lost."), wrong)
    about = (
        f"{programme.id}:{form.key}:{'u' if unit else 'p'}:{unit.id if unit else person.id if person else 0}"
    )
    try:
        with db.atomic():
            row = FactAssessor.create(
                programme=programme, form=form.key, kind=form.kind, unit=unit, person=person,
                reason=reason.strip()[:LONGEST], named_by=by.user_id, by_name=by.name, named_at=now, open_key=about,
            )  # fmt: skip
    except IntegrityError:
        raise Refused(N_("They are in charge of it already.")) from None
    audit.record(
        by, "fact_assessor.name", row, now=now, reason=row.reason, after={"form": form.key, "who": who(row)}
    )
    messages.notify(
        event=score_events.FACTS_ENTRUSTED,
        key=f"fact_assessor:{row.id}",
        to=[person] if person is not None else _people_of(unit, programme, now),
        fields={"list": form.label, "name": by.name, "reason": row.reason},
        link=f"/p/{programme.id}/facts",
        programme_id=programme.id,
        now=now,
    )
    return row


def _people_of(unit: Unit | None, programme: Programme, now: datetime) -> list[User]:
    """The liaisons and the heads of a unit today: all of them may enter."""
    if unit is None:
        return []
    day = beijing_date(now)
    found = [
        of([unit.id], programme.id, day).get(unit.id, []) for of in (people.liaisons_of, people.heads_of)
    ]
    return [person for some in found for person in some]


@transactional
def end(assessor_id: int, *, reason: str, by: Actor, now: datetime) -> FactAssessor:
    """Somebody is no longer in charge; what they entered stays. NotFound for what ended already."""
    by.require(Permission.FACT_ASSIGN)
    row: FactAssessor | None = named(by.programme_id or 0).where(FactAssessor.id == assessor_id).first()
    if row is None:
        raise NotFound
    if not reason.strip():
        raise Invalid(N_("A reason is needed."), {f"end-{row.id}": N_("A reason is needed.")})
    row.ended_at, row.ended_name, row.end_reason, row.open_key = now, by.name, reason.strip()[:LONGEST], None
    row.save(
        only=[FactAssessor.ended_at, FactAssessor.ended_name, FactAssessor.end_reason, FactAssessor.open_key]
    )
    audit.record(
        by,
        "fact_assessor.end",
        row,
        now=now,
        reason=row.end_reason,
        before={"form": row.form, "who": who(row)},
    )
    return row
