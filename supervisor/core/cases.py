"""Accountability cases: opened with a trigger, put before a leader with evidence, decided by a leader in person (C44).

The product records and never decides. Only an upheld case speaks to the score (`case_facts`), by the effects that the
leader chose from the rulebook in force (`case_effects`): points as `penalty`, the tier as `veto`. Nobody decides about
their own unit or on a case that they opened themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from peewee import fn

from supervisor.clock import beijing_date
from supervisor.core import (
    attachments,
    audit,
    case_effects,
    case_kinds,
    case_records,
    events,
    messages,
    people,
)
from supervisor.core.case_readers import UNDECIDED
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.score_calendar import first_scored, precedes, shortest_on
from supervisor.database import transactional
from supervisor.errors import Invalid, Obstacle, Refused
from supervisor.models import (
    AccountabilityCase,
    CaseState,
    CaseStep,
    CaseStepKind,
    PeriodState,
    Programme,
    ScorePeriod,
    Unit,
    User,
)
from supervisor.words import N_, Sentence

#: Longest texts that are kept, in characters.
LONG, SHORT = 4000, 200


@dataclass(frozen=True)
class Wanted:
    """A case as typed."""

    unit_id: int
    kind: str
    title: str
    account: str
    source: str
    happened_on: date | None


@dataclass(frozen=True)
class Ruling:
    """What a leader decides: upheld with a measure and its effects on the score, or dismissed; with the reason."""

    upheld: bool
    reason: str
    measure: str = ""
    penalty: str = ""
    veto: str = ""


def number_of(case: AccountabilityCase) -> str:
    """The number as printed."""
    return f"问责〔{case.year}〕{case.number}号"


@transactional
def open_case(wanted: Wanted, *, by: Actor, now: datetime) -> AccountabilityCase:
    """Open a case. It says nothing to anybody outside until a leader has decided.

    Raises:
        Invalid: a field is missing or wrong: no trigger of the list, no unit, a day to come.
    """
    by.require(Permission.CASE_OPEN)
    programme = Programme.get_by_id(by.programme_id)
    _check(wanted, programme, beijing_date(now))
    Programme.update(id=Programme.id).where(
        Programme.id == programme.id
    ).execute()  # numbers one after the other
    year = beijing_date(now).year
    mine = (AccountabilityCase.programme == programme) & (AccountabilityCase.year == year)
    last = AccountabilityCase.select(fn.MAX(AccountabilityCase.number)).where(mine).scalar()
    made: AccountabilityCase = AccountabilityCase.create(
        programme=programme, unit=wanted.unit_id, year=year, number=(last or 0) + 1, kind=wanted.kind,
        title=wanted.title.strip(), account=wanted.account.strip(), source=wanted.source.strip(),
        happened_on=wanted.happened_on, opened_by=by.user_id, opened_at=now,
    )  # fmt: skip
    _note(made, CaseStepKind.OPENED, made.account, {}, by, now)
    after = {"number": number_of(made), "unit": made.unit_id, "kind": made.kind, "title": made.title}
    audit.record(by, "case.open", made, now=now, after=after)
    return made


def _check(wanted: Wanted, programme: Programme, today: date) -> None:
    wrong: dict[str, Sentence] = {}
    known = (Unit.id == wanted.unit_id) & (Unit.jurisdiction == programme.jurisdiction_id)
    if not Unit.select().where(known).exists():
        wrong["unit"] = N_("Choose a unit of the list.")
    if wanted.kind not in case_kinds.names_of(programme.id):
        wrong["kind"] = N_("Choose a trigger of the list: a case without one is not opened.")
    for name, text, most in (("title", wanted.title, SHORT), ("account", wanted.account, LONG)):
        if not text.strip():
            wrong[name] = N_("This may not be empty.")
        elif len(text.strip()) > most:
            wrong[name] = N_("At most %(n)s characters.", n=most)
    if len(wanted.source.strip()) > 300:
        wrong["source"] = N_("At most %(n)s characters.", n=300)
    if wanted.happened_on is None:
        wrong["happened_on"] = N_("Name the day: it says to which period the case belongs.")
    elif wanted.happened_on > today:
        wrong["happened_on"] = N_("This day is still to come.")
    if wrong:
        raise Invalid(N_("The case was not opened."), wrong)


@transactional
def add_evidence(
    case: AccountabilityCase,
    words: str,
    records: Sequence[str],
    files: Sequence[int],
    *,
    by: Actor,
    now: datetime,
) -> CaseStep:
    """Add evidence: files, or records of the unit that the product holds, with what they show.

    Raises:
        Invalid: neither a file nor a record: words alone are no evidence.
        Refused: decided already, or withdrawn.
    """
    by.require(Permission.CASE_OPEN)
    _hold(case, UNDECIDED)
    known = {one.key: one for one in case_records.of_unit(case)}
    chosen = [{"key": key, "words": known[key].kept} for key in dict.fromkeys(records) if key in known]
    if not files and not chosen:
        raise Invalid(
            N_("No evidence was added."),
            {"files": N_("Attach a file or choose a record: words alone are no evidence.")},
        )
    if len(words) > LONG:
        raise Invalid(N_("No evidence was added."), {"words": N_("At most %(n)s characters.", n=LONG)})
    step = _note(case, CaseStepKind.EVIDENCE, words.strip(), {"records": chosen}, by, now)
    attachments.link(files, by=by, case_step=step)
    after = {"files": len(files), "records": [one["key"] for one in chosen]}
    audit.record(by, "case.evidence", case, now=now, after=after)
    return step


@transactional
def submit(case: AccountabilityCase, words: str, *, by: Actor, now: datetime) -> AccountabilityCase:
    """Put a case before the leaders, who are told. Refused without evidence."""
    by.require(Permission.CASE_OPEN)
    if not words.strip() or len(words) > LONG:
        raise Invalid(
            N_("Nothing was put before a leader."), {"proposal": N_("Say what you propose, and why.")}
        )
    _hold(case, (CaseState.OPENED,))
    if (
        not CaseStep.select()
        .where((CaseStep.case == case) & (CaseStep.kind == CaseStepKind.EVIDENCE))
        .exists()
    ):
        raise Refused(
            N_("%(number)s has no evidence: a case without evidence is not put before a leader.",
               number=number_of(case)),
            [Obstacle(N_("Add evidence first"), f"{address(case)}#evidence")],
        )  # fmt: skip
    _note(case, CaseStepKind.SUBMITTED, words.strip(), {}, by, now)
    fresh = _move(case, CaseState.SUBMITTED)
    audit.record(by, "case.submit", fresh, now=now, reason=words.strip())
    messages.notify(
        event=events.CASE_SUBMITTED,
        key=f"case:{case.id}:submitted",
        to=people.leaders_of(case.programme_id, beijing_date(now)),
        fields={
            "number": number_of(case),
            "unit": case.unit.name,
            "title": case.title,
            "reason": words.strip(),
        },
        link=address(case),
        programme_id=case.programme_id,
        about=case.id,
        now=now,
    )
    return fresh


@transactional
def decide(
    case: AccountabilityCase, ruling: Ruling, *, seen: int, by: Actor, now: datetime
) -> AccountabilityCase:
    """A leader upholds a case, with a measure and its effects on the score, or dismisses it; with the reason.

    Args:
        case: put before the leaders.
        ruling: effects are among `case_effects.choices`.
        seen: version of the case that the leader read.
        by: the leader.
        now: when.

    Raises:
        NotAllowed: not a leader.
        Invalid: no reason, upheld without a measure, or an effect that the rulebook does not know.
        Refused: own unit, own case, decided meanwhile, or changed since it was read.
    """
    by.require(Permission.CASE_DECIDE)
    _refuse_partial(case, by, beijing_date(now))
    counts = counts_on(case, beijing_date(now))
    wrong = _wrong(case, ruling, counts)
    if wrong:
        raise Invalid(N_("Nothing was decided."), wrong)
    _hold(case, (CaseState.SUBMITTED,), seen=seen)
    state = CaseState.UPHELD if ruling.upheld else CaseState.DISMISSED
    effects: dict[str, Any] = {"measure": "", "penalty": "", "veto": "", "counts_on": None}
    if ruling.upheld:
        effects = {
            "measure": ruling.measure.strip(), "penalty": ruling.penalty, "veto": ruling.veto, "counts_on": counts,
        }  # fmt: skip
    kept = {name: str(value) for name, value in effects.items() if value}
    _note(case, CaseStepKind(state.value), ruling.reason.strip(), kept, by, now)
    fresh = _move(case, state, decided_by=by.user_id, decided_by_name=by.name, decided_at=now, **effects)
    audit.record(
        by,
        "case.uphold" if ruling.upheld else "case.dismiss",
        fresh,
        now=now,
        reason=ruling.reason.strip(),
        after=kept,
    )
    _tell(fresh, ruling.reason.strip(), now)
    return fresh


def _wrong(case: AccountabilityCase, ruling: Ruling, counts: date) -> dict[str, Sentence]:
    wrong: dict[str, Sentence] = {}
    if not ruling.reason.strip() or len(ruling.reason) > LONG:
        wrong["reason"] = N_("Give a reason: it is kept with the decision.")
    if not ruling.upheld:
        return wrong
    if not ruling.measure.strip() or len(ruling.measure) > LONG:
        wrong["measure"] = N_("Say which measure is taken.")
    offered = {(one.part, one.value) for one in case_effects.choices(case.programme_id, counts)}
    for part, value in (("penalty", ruling.penalty), ("veto", ruling.veto)):
        if value and (part, value) not in offered:
            wrong[part] = N_("The rulebook in force does not know this effect.")
    return wrong


@transactional
def withdraw(case: AccountabilityCase, reason: str, *, by: Actor, now: datetime) -> AccountabilityCase:
    """Withdraw a case before a leader has decided, with a reason. It stays on record."""
    by.require(Permission.CASE_OPEN)
    return _end(case, CaseState.WITHDRAWN, UNDECIDED, reason, by, now)


@transactional
def reverse(case: AccountabilityCase, reason: str, *, by: Actor, now: datetime) -> AccountabilityCase:
    """A leader reverses an upheld case, with a reason: from then on it says nothing to the score.

    A period that was closed with it keeps its figures until it is corrected.
    """
    by.require(Permission.CASE_DECIDE)
    _refuse_own(case, by, beijing_date(now))
    fresh = _end(case, CaseState.REVERSED, (CaseState.UPHELD,), reason, by, now)
    _tell(fresh, reason.strip(), now)
    return fresh


def _end(
    case: AccountabilityCase, state: CaseState, before: Sequence[CaseState], reason: str, by: Actor, now: datetime
) -> AccountabilityCase:  # fmt: skip
    if not reason.strip() or len(reason) > LONG:
        raise Invalid(N_("Nothing was changed."), {"end_reason": N_("Say why: it stays on record.")})
    _hold(case, before)
    _note(case, CaseStepKind(state.value), reason.strip(), {}, by, now)
    fresh = _move(case, state)
    act = "case.withdraw" if state is CaseState.WITHDRAWN else "case.reverse"
    audit.record(by, act, fresh, now=now, reason=reason.strip())
    return fresh


# The period ------------------------------------------------------------------------------------------------


def counts_on(case: AccountabilityCase, decided: date) -> date:
    """The day by which an upheld case belongs to a period (D9).

    The day on which it happened: a false report of June is a matter of the second quarter, however late it comes out.
    Where that period's books are closed, or it lies before scoring began, the day of the decision: what was published
    is not changed behind anybody's back.
    """
    period = shortest_on(case.programme_id, case.happened_on)
    if precedes(period, first_scored(case.programme_id, decided)) or _is_closed(case.programme_id, period):
        return decided
    return case.happened_on


def _is_closed(programme_id: int, period: Period) -> bool:
    return bool(
        ScorePeriod.select()
        .where(
            (ScorePeriod.programme == programme_id)
            & (ScorePeriod.key == period.key)
            & (ScorePeriod.state == PeriodState.FROZEN)
        )
        .exists()
    )


# Parts of every verb ---------------------------------------------------------------------------------------


def _refuse_partial(case: AccountabilityCase, by: Actor, today: date) -> None:
    _refuse_own(case, by, today)
    if case.opened_by == by.user_id:
        raise Refused(N_("Nobody decides on a case that they opened themselves."))


def _refuse_own(case: AccountabilityCase, by: Actor, today: date) -> None:
    if case.unit_id in by.unit_ids | people.units_of_posts(by.user_id, case.programme_id, today):
        raise Refused(N_("Nobody decides for their own unit."))


def _hold(case: AccountabilityCase, states: Sequence[CaseState], *, seen: int | None = None) -> None:
    """Hold the case's row in one of these states. Refused where it stands otherwise or was added to since."""
    mine = (AccountabilityCase.id == case.id) & AccountabilityCase.state.in_(list(states))
    if seen is not None:
        mine &= AccountabilityCase.version == seen
    if not AccountabilityCase.update(version=AccountabilityCase.version + 1).where(mine).execute():
        raise Refused(
            N_("This case stands otherwise by now, or was added to since you read it."),
            [Obstacle(N_("See how it stands"), address(case))],
        )


def _note(
    case: AccountabilityCase, kind: CaseStepKind, words: str, details: Mapping[str, Any], by: Actor, now: datetime
) -> CaseStep:  # fmt: skip
    made: CaseStep = CaseStep.create(
        case=case, kind=kind, at=now, by=by.user_id, by_name=by.name, words=words, details=dict(details)
    )
    return made


def _move(case: AccountabilityCase, state: CaseState, **values: Any) -> AccountabilityCase:
    AccountabilityCase.update(state=state, **values).where(AccountabilityCase.id == case.id).execute()
    fresh: AccountabilityCase = AccountabilityCase.get_by_id(case.id)
    return fresh


def _tell(case: AccountabilityCase, reason: str, now: datetime) -> None:
    """The unit's liaison and head hear what was decided, and so does whoever opened the case."""
    day = beijing_date(now)
    told: list[User] = [
        *people.liaisons_of([case.unit_id], case.programme_id, day).get(case.unit_id, []),
        *people.heads_of([case.unit_id], case.programme_id, day).get(case.unit_id, []),
        *User.select().where(User.id == case.opened_by),
    ]
    messages.notify(
        event=events.CASE_DECIDED,
        key=f"case:{case.id}:{case.state.value}",
        to=told,
        fields={
            "number": number_of(case), "unit": case.unit.name, "title": case.title, "what": case.state.label,
            "reason": reason,
        },
        link=address(case),
        programme_id=case.programme_id,
        unit_id=case.unit_id,
        now=now,
    )  # fmt: skip


def address(case: AccountabilityCase) -> str:
    """The page of a case."""
    return f"/p/{case.programme_id}/cases/{case.id}"
