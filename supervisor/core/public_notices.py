"""The public notice (公示) before persons are commended: its working days, what was objected, how it was answered."""

from __future__ import annotations

from datetime import date, datetime

from supervisor.clock import beijing_date
from supervisor.core import audit, list_readers
from supervisor.core.calendar import load_calendar
from supervisor.core.list_readers import get_candidate
from supervisor.core.name_lists import LONGEST, address, label_of
from supervisor.core.permissions import Actor, Permission
from supervisor.core.programmes import settings_on
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound, Obstacle, Refused
from supervisor.models import Candidate, ListObjection, ListState, ListVerdict, NameList
from supervisor.words import N_, Sentence


@transactional
def begin(name_list: NameList, first: date | None, *, by: Actor, now: datetime) -> date:
    """Record that the persons on an approved list are put on public notice; answers the last day, included.

    The first day does not count: five working days from a Monday end on the next Monday.

    Errors: NotAllowed, Invalid (no day, or one before the approval), Refused (no persons, not approved, begun already).
    """
    by.require(Permission.LIST_EDIT)
    persons = [one for one in list_readers.kept_on(name_list) if one.person]
    if name_list.state is not ListState.APPROVED or not persons:
        raise Refused(N_("Only persons on an approved list are put on public notice."))
    if name_list.notice_from is not None:
        raise Refused(N_("The public notice has begun already."))
    approved = beijing_date(name_list.decided_at or now)
    if first is None or first < approved or first > beijing_date(now):
        raise Invalid(
            N_("The public notice was not recorded."),
            {"first": N_("Give the day on which it was put up: not before the approval, not in the future.")},
        )
    rules = settings_on(name_list.period.programme_id, first)
    last = load_calendar().add_workdays(first, rules.list_notice_workdays)
    done = (
        NameList.update(notice_from=first, notice_until=last)
        .where((NameList.id == name_list.id) & NameList.notice_from.is_null())
        .execute()
    )
    if not done:
        raise Refused(N_("The public notice has begun already."))
    after = {
        "from": first.isoformat(),
        "until": last.isoformat(),
        "names": [label_of(one) for one in persons],
    }
    audit.record(by, "list.notice", name_list, now=now, after=after)
    return last


@transactional
def object_to(
    name_list: NameList, candidate_id: int, words: str, *, source: str, by: Actor, now: datetime
) -> ListObjection:
    """Record an objection against a person on public notice. Invalid without words; Refused outside the notice."""
    by.require(Permission.LIST_EDIT)
    one = get_candidate(name_list, candidate_id)
    if not words.strip():
        raise Invalid(N_("The objection was not kept."), {"words": N_("Say what was objected.")})
    if not one.person or name_list.notice_from is None or name_list.notice_until is None:
        raise Refused(N_("This name is not on public notice."))
    if beijing_date(now) > name_list.notice_until:
        raise Refused(N_("The public notice is over: open an accountability case if there is one."))
    made = ListObjection.create(
        candidate=one, source=source.strip()[:120], words=words.strip()[:LONGEST], recorded_by=by.user_id or 0,
        recorded_name=by.name, recorded_at=now,
    )  # fmt: skip
    audit.record(by, "list.object", name_list, now=now, after={"name": label_of(one)}, reason=made.words)
    return made


@transactional
def answer(
    name_list: NameList, objection_id: int, *, upheld: bool, words: str, by: Actor, now: datetime
) -> None:
    """Answer an objection; upheld takes the person off the list. Invalid without an answer."""
    by.require(Permission.LIST_EDIT)
    row = ListObjection.get_or_none(ListObjection.id == objection_id)
    if row is None:
        raise NotFound
    one = get_candidate(name_list, row.candidate_id)
    if not words.strip():
        raise Invalid(N_("Nothing was decided."), {f"answer-{row.id}": N_("Say why: it stays on record.")})
    done = (
        ListObjection.update(
            upheld=upheld, answer=words.strip()[:LONGEST], answered_by=by.user_id, answered_name=by.name,
            answered_at=now,
        )
        .where((ListObjection.id == row.id) & ListObjection.upheld.is_null())
        .execute()
    )  # fmt: skip
    if not done:
        raise Refused(N_("This objection is answered already."))
    if upheld:
        Candidate.update(
            verdict=ListVerdict.REMOVED, reason=words.strip()[:LONGEST], chosen_by=by.user_id,
            chosen_name=by.name, chosen_at=now,
        ).where(Candidate.id == one.id).execute()  # fmt: skip
    after = {"name": label_of(one), "upheld": upheld}
    audit.record(by, "list.answer", name_list, now=now, after=after, reason=words.strip())


def obstacles(name_list: NameList, now: datetime) -> list[Obstacle]:
    """What stands between an approved list and its circular; empty when it may go out."""
    here = address(name_list)
    found: list[Obstacle] = []
    if name_list.state is not ListState.APPROVED:
        found.append(Obstacle(N_("The list is not approved yet."), here))
    if list_readers.is_stale(name_list):
        found.append(Obstacle(N_("The period was corrected after these names were proposed."), here))
    persons = [one for one in list_readers.kept_on(name_list) if one.person]
    if persons and name_list.notice_until is None:
        found.append(Obstacle(N_("The persons on it have not been on public notice."), f"{here}#notice"))
    elif persons and name_list.notice_until is not None and beijing_date(now) <= name_list.notice_until:
        found.append(Obstacle(_until(name_list.notice_until), f"{here}#notice"))
    if _unanswered(name_list):
        found.append(Obstacle(N_("An objection is not answered yet."), f"{here}#notice"))
    return found


def objections_of(name_list: NameList) -> list[ListObjection]:
    """Everything that was objected on a list, oldest first."""
    query = ListObjection.select(ListObjection, Candidate).join(Candidate)
    return list(query.where(Candidate.name_list == name_list).order_by(ListObjection.id))


def _unanswered(name_list: NameList) -> bool:
    query = ListObjection.select().join(Candidate)
    return query.where((Candidate.name_list == name_list) & ListObjection.upheld.is_null()).exists()


def _until(last: date) -> Sentence:
    return N_("The public notice lasts until %(day)s, that day included.", day=last.isoformat())
