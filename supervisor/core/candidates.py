"""Names on a list: kept or taken off with a reason, added by hand, nominated by units; a criticism lifted later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from supervisor.clock import beijing_date
from supervisor.core import audit, list_readers
from supervisor.core.list_readers import get_candidate
from supervisor.core.name_lists import LONGEST, address, claim, get_unit_standing, label_of
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.programmes import settings_on
from supervisor.database import transactional
from supervisor.errors import Invalid, NotAllowed, NotFound, Obstacle, Refused
from supervisor.models import (
    Candidate,
    ListSide,
    ListState,
    ListVerdict,
    NameList,
    Origin,
    Programme,
    Standing,
)
from supervisor.words import N_, Sentence

#: Longest name and post of a person, in characters.
NAME, POST = 60, 120


@dataclass(frozen=True)
class Person:
    """Somebody to be commended: name, post held, and what they did."""

    name: str
    post: str
    account: str


@transactional
def decide(
    name_list: NameList, candidate_id: int, verdict: ListVerdict, reason: str, *, by: Actor, now: datetime
) -> None:
    """Keep a name or take it off. Invalid without a reason; Refused where the list is before a leader or decided."""
    by.require(Permission.LIST_EDIT)
    one = get_candidate(name_list, candidate_id)
    if verdict is ListVerdict.OPEN:
        raise NotFound
    fault = _text_fault(
        reason, N_("Give a reason: it is printed where the name stays, and kept where it goes.")
    )
    if fault:
        raise Invalid(N_("Nothing was decided."), {f"reason-{one.id}": fault})
    claim(name_list, (ListState.DRAFT,), {}, version=name_list.version)
    Candidate.update(
        verdict=verdict, reason=reason.strip(), chosen_by=by.user_id, chosen_name=by.name, chosen_at=now
    ).where(Candidate.id == one.id).execute()
    after = {"name": label_of(one), "verdict": verdict.value}
    audit.record(by, "list.decide", name_list, now=now, after=after, reason=reason.strip())


@transactional
def add_unit(name_list: NameList, unit_id: int, account: str, *, by: Actor, now: datetime) -> Candidate:
    """Add a unit by hand; it stays on the list from then on. Invalid without a reason or where it stands there."""
    by.require(Permission.LIST_EDIT)
    standing = get_unit_standing(name_list, unit_id)
    wrong: dict[str, Sentence] = {}
    fault = _text_fault(account, N_("Say what the unit did, or failed to do: the circular prints it."))
    if fault:
        wrong["account"] = fault
    if (
        list_readers.candidates_of(name_list)
        .where((Candidate.unit == unit_id) & (Candidate.person == ""))
        .exists()
    ):
        wrong["unit"] = N_("This unit stands there already; decide on it in its row.")
    if wrong:
        raise Invalid(N_("Nobody was added."), wrong)
    claim(name_list, (ListState.DRAFT,), {}, version=name_list.version)
    made = _create(name_list, standing, Origin.ADDED, account, by, now, verdict=ListVerdict.KEPT)
    audit.record(by, "list.add", name_list, now=now, after={"name": label_of(made)}, reason=account.strip())
    return made


@transactional
def nominate(name_list: NameList, unit_id: int, person: Person, *, by: Actor, now: datetime) -> Candidate:
    """Name a person of a unit for commendation with facts: by the unit itself, or by the office.

    Errors: NotAllowed (another unit's people), Refused (the programme commends no persons, the list is not open),
    Invalid (a field is empty or too long, the unit's score is too low, the same person stands there already).
    """
    is_office = by.may(Permission.LIST_EDIT)
    if not is_office and not (by.may(Permission.LIST_NOMINATE) and unit_id in by.unit_ids):
        raise NotAllowed
    rules = settings_on(name_list.period.programme_id, beijing_date(now))
    if name_list.side is not ListSide.COMMENDATION or not rules.list_persons:
        raise Refused(N_("This programme commends units only (local setting)."))
    standing = get_unit_standing(name_list, unit_id)
    wrong = _faults_of(person)
    if (standing.score or 0) < rules.list_person_score * 100:
        wrong["unit"] = N_("A person's unit needs at least %(score)s points (local setting).",
                           score=rules.list_person_score)  # fmt: skip
    same = (Candidate.unit == unit_id) & (Candidate.person == person.name.strip())
    if person.name.strip() and list_readers.candidates_of(name_list).where(same).exists():
        wrong["person"] = N_("This person stands there already.")
    if wrong:
        raise Invalid(N_("Nobody was nominated."), wrong)
    claim(name_list, (ListState.DRAFT,), {}, version=name_list.version)
    origin = Origin.ADDED if is_office else Origin.NOMINATED
    made = _create(name_list, standing, origin, person.account, by, now, person=person)
    audit.record(
        by, "list.nominate", name_list, now=now, after={"name": label_of(made)}, reason=person.account.strip()
    )
    return made


@transactional
def lift(name_list: NameList, candidate_id: int, reason: str, *, by: Actor, now: datetime) -> None:
    """A leader lifts a criticism after the faults were put right; what was issued stays as it was issued.

    Errors: NotAllowed, Invalid (no reason), Refused (not an approved criticism, or lifted already).
    """
    by.require(Permission.DECISION_TAKE)
    one = get_candidate(name_list, candidate_id)
    if not reason.strip():
        raise Invalid(N_("Nothing was decided."), {f"lifting-{one.id}": N_("Say what was put right.")})
    stands = (
        name_list.side is ListSide.CRITICISM
        and name_list.state is ListState.APPROVED
        and one.verdict is ListVerdict.KEPT
    )
    done = stands and (
        Candidate.update(lifted_at=now, lifted_name=by.name, lifting=reason.strip()[:LONGEST])
        .where((Candidate.id == one.id) & Candidate.lifted_at.is_null())
        .execute()
    )
    if not done:
        raise Refused(
            N_("There is no criticism of this unit to lift."),
            [Obstacle(N_("See how it stands"), address(name_list))],
        )
    audit.record(by, "list.lift", name_list, now=now, after={"name": label_of(one)}, reason=reason.strip())


def open_list(programme: Programme, period: Period, unit_id: int, now: datetime) -> NameList | None:
    """The commendation list to which a unit may name persons now; None where there is none."""
    found = list_readers.closed_run(programme, period)
    rules = settings_on(programme.id, beijing_date(now))
    if found is None or not rules.list_persons:
        return None
    newest = list_readers.newest_of(found[0], ListSide.COMMENDATION)
    if newest is None or newest.state is not ListState.DRAFT:
        return None
    known = Standing.select().where((Standing.run == newest.run_id) & (Standing.unit == unit_id)).exists()
    return newest if known else None


def _create(
    name_list: NameList,
    standing: Standing,
    origin: Origin,
    account: str,
    by: Actor,
    now: datetime,
    *,
    person: Person | None = None,
    verdict: ListVerdict = ListVerdict.OPEN,
) -> Candidate:
    kept = verdict is ListVerdict.KEPT
    return Candidate.create(
        name_list=name_list, unit=standing.unit_id, unit_name=standing.unit_name, group_name=standing.group_name,
        sort=standing.sort, person=person.name.strip() if person else "", post=person.post.strip() if person else "",
        origin=origin, account=account.strip(), reason=account.strip(), entered_by=by.user_id,
        entered_name=by.name, entered_at=now, verdict=verdict, chosen_by=by.user_id if kept else None,
        chosen_name=by.name if kept else "", chosen_at=now if kept else None,
    )  # fmt: skip


def _faults_of(person: Person) -> dict[str, Sentence]:
    wrong: dict[str, Sentence] = {}
    for name, text, most in (("person", person.name, NAME), ("post", person.post, POST)):
        if not text.strip():
            wrong[name] = N_("This may not be empty.")
        elif len(text.strip()) > most:
            wrong[name] = N_("At most %(n)s characters.", n=most)
    fault = _text_fault(person.account, N_("Say what this person did: facts, not praise."))
    return wrong | ({"account": fault} if fault else {})


def _text_fault(text: str, empty: Sentence) -> Sentence | None:
    if not text.strip():
        return empty
    return N_("At most %(n)s characters.", n=LONGEST) if len(text.strip()) > LONGEST else None
