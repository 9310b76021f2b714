"""C43: figures propose, the office decides name by name, a leader approves; both sides, persons, notice, lifting."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from peewee import Database

from supervisor.core import (
    candidates,
    list_circulars,
    list_readers,
    list_rules,
    name_lists,
    public_notices,
    scores,
)
from supervisor.core.candidates import Person
from supervisor.core.list_circulars import Words
from supervisor.core.permissions import Actor
from supervisor.documents.official_paper import Figure
from supervisor.errors import Invalid, NotAllowed, Refused
from supervisor.models import (
    Candidate,
    IssuedPaper,
    ListCircular,
    ListSide,
    ListState,
    ListVerdict,
    LocalSettings,
    Message,
    NameList,
    Role,
    Standing,
    User,
)
from tests import builders, quarters
from tests.quarters import CLOSING, Q2, World

LATER = CLOSING + timedelta(days=1)
PRAISE, BLAME = ListSide.COMMENDATION, ListSide.CRITICISM


def standing(sort: int, score: int | None, *, group: str = "甲", vetoes: tuple[str, ...] = ()) -> Standing:
    """A unit whose id, order and name are one number; `score` in whole points, None = not ranked."""
    hundredths = None if score is None else score * 100
    return Standing(
        id=sort,
        unit=sort,
        unit_name=f"单位{sort}",
        group_name=group,
        sort=sort,
        score=hundredths,
        vetoes=list(vetoes),
    )


def ranked(*scores: int | None, group: str = "甲", first: int = 1) -> list[Standing]:
    """A group with ranks as the engine gives them: equals share a place."""
    rows = [standing(n, score, group=group) for n, score in enumerate(scores, start=first)]
    for row in rows:
        if row.score is not None:
            row.rank = 1 + sum((one.score or 0) > row.score for one in rows if one.score is not None)
    return rows


def proposed(
    rows: list[Standing],
    facts: list[dict[str, Any]] | None = None,
    row: dict[int, int] | None = None,
    **rules: int,
) -> dict[str, list[str]]:
    """Unit number -> its triggers, for each side that proposes it: "+1" is unit 1 commended."""
    found = list_rules.propose(rows, facts or [], LocalSettings(**rules), row or {})
    return {
        f"{'+' if one.side is PRAISE else '-'}{one.standing.unit_id}": [r.trigger.value for r in one.reasons]
        for one in found
    }


def fact(unit: int, kind: str, number: int = 1, **values: str) -> dict[str, Any]:
    return {"kind": kind, "unit": str(unit), "values": values, "record": f"{kind}:{number}"}


@pytest.mark.parametrize(
    ("count", "percent", "expected"),
    [
        (15, 20, 3),
        (12, 20, 2),
        (13, 20, 3),
        (3, 20, 1),
        (41, 10, 4),
        (5, 10, 1),
        (10, 0, 0),
        (0, 20, 0),
        (25, 10, 3),
    ],
)
def test_a_share_is_rounded_half_up_and_names_at_least_one(count: int, percent: int, expected: int) -> None:
    assert list_rules.share_of(count, percent) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(ranked(97, 95, *[85] * 7, 75), {"+1": ["top"], "+2": ["top"], "-10": ["bottom"]}, id="shares"),
        pytest.param(ranked(95, 95, 91, 90, 85), {"+1": ["top"], "+2": ["top"]}, id="equals go together"),
        pytest.param(ranked(89, 88, 87, 86, 85), {}, id="first, and not good enough"),
        pytest.param(ranked(95, 79), {}, id="two units are no group to rank"),
        pytest.param(ranked(95, 85, 75, 70), {"+1": ["top"]}, id="four: no criticism by place"),
        pytest.param(ranked(95, 85, 59), {"+1": ["top"], "-3": ["under_floor"]}, id="under the floor in any group"),
        pytest.param(ranked(95, 85, 84, 83, 80), {"+1": ["top"]}, id="last, and not under the threshold"),
        pytest.param(ranked(89, 85, 84, 70, 70), {"-4": ["bottom"], "-5": ["bottom"]}, id="last together"),
        pytest.param([*ranked(95, 94, 85), standing(4, None)], {"+1": ["top"]}, id="not ranked"),
    ],
)  # fmt: skip
def test_places_and_thresholds_propose_names(rows: list[Standing], expected: dict[str, list[str]]) -> None:
    assert proposed(rows) == expected


def test_missing_reports_and_red_notices_propose_criticism_whatever_the_score() -> None:
    rows = ranked(97, 96, 95, 94)
    facts = [
        fact(1, "penalty", colour="red"),
        fact(2, "report", 1, outcome="missing"), fact(2, "report", 2, outcome="missing"),
        fact(3, "report", 3, outcome="missing"), fact(4, "penalty", 2, colour="yellow"),
    ]  # fmt: skip
    assert proposed(rows, facts) == {"-1": ["red_notice"], "-2": ["missing"]}
    assert proposed(rows, facts, list_missing_from=0) == {"-1": ["red_notice"]}


def test_repeated_criticism_proposes_a_talk_then_a_report_and_can_be_switched_off() -> None:
    rows = ranked(95, 85, 59)
    assert proposed(rows, row={3: 1})["-3"] == ["under_floor", "talk"]
    assert proposed(rows, row={3: 2})["-3"] == ["under_floor", "report"]
    assert proposed(rows, row={3: 2}, list_talk_after=0, list_report_after=0)["-3"] == ["under_floor"]


def test_a_veto_keeps_the_first_off_the_commendation() -> None:
    rows = ranked(97, 85, 84)
    rows[0].vetoes = ["约谈"]
    assert proposed(rows) == {}


# A worked quarter ----------------------------------------------------------------------------------------------


@pytest.fixture
def world(database: Database) -> World:
    """The worked quarter, closed; every unit of the larger group is proposed for one of the sides."""
    made = quarters.worked_quarter()
    LocalSettings.update(
        list_top_score=50, list_floor_score=60, list_persons=2, list_person_score=0
    ).execute()
    scores.close(made.programme, Q2, by=assessor(made), now=CLOSING)
    builders.user("leader9", Role.LEADER, made.programme)
    return made


def assessor(world: World) -> Actor:
    return builders.actor(Role.ASSESSOR, world.programme, person=world.assessor)


def office(world: World) -> Actor:
    return builders.actor(Role.LEAD_OFFICE, world.programme)


def leader(world: World) -> Actor:
    return builders.actor(Role.LEADER, world.programme, person=User.get(User.username == "leader9"))


def lists(world: World) -> tuple[NameList, NameList]:
    made = name_lists.propose(world.programme, Q2, by=office(world), now=LATER)
    return made[PRAISE], made[BLAME]


def fresh(row: NameList) -> NameList:
    return NameList.get_by_id(row.id)


def add(world: World, row: NameList, letter: str) -> Candidate:
    """A unit on a list, kept, whether the figures proposed it or not."""
    unit, by = world.units[letter], office(world)
    one = list_readers.candidates_of(row).where((Candidate.unit == unit) & (Candidate.person == "")).first()
    if one is None:
        return candidates.add_unit(fresh(row), unit.id, "推进有力。", by=by, now=LATER)
    candidates.decide(fresh(row), one.id, ListVerdict.KEPT, "推进有力。", by=by, now=LATER)
    return Candidate.get_by_id(one.id)


def take_off_the_rest(world: World, row: NameList) -> None:
    for one in list_readers.candidates_of(row).where(Candidate.verdict == ListVerdict.OPEN):
        candidates.decide(fresh(row), one.id, ListVerdict.REMOVED, "另有安排。", by=office(world), now=LATER)


def submit(world: World, row: NameList) -> NameList:
    take_off_the_rest(world, row)
    name_lists.submit(fresh(row), "请审定。", seen=fresh(row).version, by=office(world), now=LATER)
    return fresh(row)


def approve(world: World, row: NameList, leaves: dict[int, str] | None = None) -> NameList:
    name_lists.approve(row, "同意。", leaves=leaves or {}, seen=row.version, by=leader(world), now=LATER)
    return fresh(row)


def test_only_decided_names_reach_a_leader_and_only_approved_ones_stand(world: World) -> None:
    praise, _blame = lists(world)
    assert list_readers.candidates_of(praise).count() > 0
    with pytest.raises(Refused, match="Not decided yet"):
        name_lists.submit(praise, "", seen=praise.version, by=office(world), now=LATER)
    kept = add(world, praise, "A")
    row = submit(world, praise)
    assert Message.select().where(Message.event == "list.submitted").count() > 0
    row = approve(world, row)
    assert (row.state, row.decision) == (ListState.APPROVED, "同意。")
    assert [one.id for one in list_readers.kept_on(row)] == [kept.id]


def test_figures_of_open_books_propose_nobody(database: Database) -> None:
    world = quarters.worked_quarter()
    with pytest.raises(Refused, match="are open"):
        lists(world)


def test_a_unit_on_both_lists_is_refused(world: World) -> None:
    praise, blame = lists(world)
    add(world, praise, "A")
    add(world, blame, "A")
    with pytest.raises(Refused, match="Cannot stay on this list") as refused:
        submit(world, praise)
    assert any("other list" in str(one.sentence) for one in refused.value.obstacles)


def test_nobody_is_criticised_without_an_earlier_step_or_a_leaders_leave(world: World) -> None:
    _praise, blame = lists(world)
    one = add(world, blame, "B")
    row = submit(world, blame)
    with pytest.raises(Refused, match="out of the blue"):
        approve(world, row)
    row = approve(world, fresh(row), {one.id: "情况紧急，已当面告知。"})
    one = Candidate.get_by_id(one.id)
    assert (one.leave, one.leave_name) == ("情况紧急，已当面告知。", leader(world).name)
    candidates.lift(row, one.id, "整改完毕，验收合格。", by=leader(world), now=LATER)
    with pytest.raises(Refused, match="no criticism of this unit to lift"):
        candidates.lift(row, one.id, "再次。", by=leader(world), now=LATER)


def test_an_approved_criticism_bars_the_unit_from_a_commendation(world: World) -> None:
    praise, blame = lists(world)
    one = add(world, blame, "B")
    approve(world, submit(world, blame), {one.id: "已当面告知。"})
    candidates.lift(fresh(blame), one.id, "整改完毕。", by=leader(world), now=LATER)
    add(world, praise, "B")
    with pytest.raises(Refused):
        submit(world, praise)


def test_names_changed_while_they_are_approved_are_not_approved_unread(world: World) -> None:
    praise, _blame = lists(world)
    add(world, praise, "A")
    read = submit(world, praise)
    name_lists.recall(fresh(read), by=office(world), now=LATER)
    add(world, praise, "C")
    submit(world, praise)
    with pytest.raises(Refused, match="changed or decided meanwhile"):
        approve(world, read)


def test_who_submitted_a_list_does_not_approve_it_and_units_see_none(world: World) -> None:
    praise, _blame = lists(world)
    add(world, praise, "A")
    row = submit(world, praise)
    both = Actor(
        user_id=row.submitted_by,
        name="一身二职",
        programme_id=world.programme.id,
        roles=frozenset({Role.LEADER}),
    )
    with pytest.raises(Refused, match="another leader decides"):
        name_lists.approve(row, "同意。", leaves={}, seen=row.version, by=both, now=LATER)
    with pytest.raises(NotAllowed):
        name_lists.submit(row, "", seen=row.version, by=assessor(world), now=LATER)
    unit = builders.actor(Role.LIAISON, world.programme, world.units["A"])
    assert not list_readers.visible_to(unit).count()


def test_a_list_sent_back_carries_the_reason_and_can_be_put_up_again(world: World) -> None:
    praise, _blame = lists(world)
    add(world, praise, "A")
    row = submit(world, praise)
    with pytest.raises(Invalid):
        name_lists.send_back(row, " ", seen=row.version, by=leader(world), now=LATER)
    name_lists.send_back(row, "请补充理由。", seen=row.version, by=leader(world), now=LATER)
    row = fresh(row)
    assert (row.state, row.decision) == (ListState.DRAFT, "请补充理由。")
    assert submit(world, row).state is ListState.SUBMITTED


def test_a_corrected_period_has_its_names_proposed_anew_with_what_was_decided(world: World) -> None:
    praise, _blame = lists(world)
    kept = add(world, praise, "A")
    row = submit(world, praise)
    quarters.correct_closed(world, "核对记录", LATER)
    with pytest.raises(Refused, match="was corrected"):
        approve(world, row)
    again, _blame = lists(world)
    assert (again.number, fresh(praise).state) == (2, ListState.REPLACED)
    carried = list_readers.candidates_of(again).where(Candidate.unit == kept.unit_id).get()
    assert carried.reason == "推进有力。"


# Persons -------------------------------------------------------------------------------------------------------


PERSON = Person("沈一鸣", "项目科科长", "三个月走访群众二百户，化解管线迁改难题。")


def test_a_unit_names_its_own_people_with_facts(world: World) -> None:
    praise, _blame = lists(world)
    unit = world.units["A"]
    by = builders.actor(Role.LIAISON, world.programme, unit)
    made = candidates.nominate(praise, unit.id, PERSON, by=by, now=LATER)
    assert name_lists.label_of(made).endswith("项目科科长沈一鸣")
    with pytest.raises(NotAllowed):
        candidates.nominate(fresh(praise), world.units["B"].id, PERSON, by=by, now=LATER)
    with pytest.raises(Invalid) as wrong:
        candidates.nominate(fresh(praise), unit.id, Person("", "", ""), by=by, now=LATER)
    assert set(wrong.value.fields) == {"person", "post", "account"}
    LocalSettings.update(list_persons=0).execute()
    with pytest.raises(Refused, match="units only"):
        candidates.nominate(fresh(praise), unit.id, PERSON, by=by, now=LATER)


def test_persons_wait_for_five_working_days_of_public_notice_and_for_their_objections(world: World) -> None:
    praise, _blame = lists(world)
    one = candidates.nominate(praise, world.units["A"].id, PERSON, by=office(world), now=LATER)
    candidates.decide(fresh(praise), one.id, ListVerdict.KEPT, PERSON.account, by=office(world), now=LATER)
    row = approve(world, submit(world, praise))
    blockers = [str(found.sentence) for found in public_notices.obstacles(row, LATER)]
    assert blockers == ["The persons on it have not been on public notice."]
    first = LATER.date()  # Wednesday 11 August 2021
    last = public_notices.begin(row, first, by=office(world), now=LATER)
    assert (first, last) == (date(2021, 8, 11), date(2021, 8, 18))
    row = fresh(row)
    said = public_notices.object_to(row, one.id, "材料有出入。", source="匿名", by=office(world), now=LATER)
    after = LATER + timedelta(days=9)
    assert [str(found.sentence) for found in public_notices.obstacles(row, after)] == [
        "An objection is not answered yet."
    ]
    with pytest.raises(Refused, match="is over"):
        public_notices.object_to(row, one.id, "太迟。", source="", by=office(world), now=after)
    public_notices.answer(row, said.id, upheld=True, words="经核实属实。", by=office(world), now=after)
    assert Candidate.get_by_id(one.id).verdict is ListVerdict.REMOVED
    assert not public_notices.obstacles(row, after)


# The circular --------------------------------------------------------------------------------------------------


def drawn_up(world: World) -> ListCircular:
    praise, _blame = lists(world)
    add(world, praise, "A")
    return list_circulars.draft(approve(world, submit(world, praise)), by=office(world), now=LATER)


def seal(row: ListCircular) -> str:
    return list_circulars.seal_of(list_circulars.paper_of(row, now=LATER))


def test_the_circular_names_whom_the_list_names_and_its_figures_lead_to_their_sheets(world: World) -> None:
    row = drawn_up(world)
    paper = list_circulars.paper_of(row, now=LATER)
    unit, left_out = world.units["A"], world.units["C"]
    said = "".join(one.text for one in paper.body)
    assert unit.name in said
    assert left_out.name not in said
    sources = [part.source for one in paper.body for part in one.parts if isinstance(part, Figure)]
    assert sources
    assert all(source.startswith(f"/p/{world.programme.id}/periods/2021-Q2") for source in sources)
    assert paper.annexes[0].rows == (
        ("1", Candidate.get(Candidate.unit == unit).group_name, unit.name, "93.01", "1"),
    )


def test_an_issued_circular_is_numbered_told_and_never_changes(world: World) -> None:
    row = drawn_up(world)
    words = Words("关于表扬先进的通报", "现予以通报表扬。", "望再接再厉。")
    list_circulars.edit(row, words, seen=row.version, by=office(world), now=LATER)
    with pytest.raises(Refused, match="changed since you read"):
        list_circulars.issue(ListCircular.get(), seal=seal(row), by=office(world), now=LATER)
    row = ListCircular.get()
    row = list_circulars.issue(row, seal=seal(row), by=office(world), now=LATER)
    assert row.number.endswith("〔2021〕1号")
    assert "现予以通报表扬。" in row.content
    assert list_circulars.holds(row)
    assert IssuedPaper.get().kind == "通报表扬"
    with pytest.raises(Refused, match="issued or changed meanwhile"):
        list_circulars.edit(row, words, seen=row.version, by=office(world), now=LATER)
    unit = builders.actor(Role.LIAISON, world.programme, world.units["A"])
    assert [one.id for one in list_circulars.visible_to(unit)] == [row.id]


def test_a_circular_whose_period_was_corrected_after_drafting_is_refused(world: World) -> None:
    row = drawn_up(world)
    read = seal(row)
    quarters.correct_closed(world, "核对记录", LATER)
    with pytest.raises(Refused, match="cannot go out yet"):
        list_circulars.issue(ListCircular.get(), seal=read, by=office(world), now=LATER)
    assert not IssuedPaper.select().count()
