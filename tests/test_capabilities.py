"""Capabilities C01–C05, C07, C08 and C31, each with its acceptance sentence; on the seeds where they lie beside."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import (
    answers,
    bodies,
    consistency,
    corrections,
    documents,
    duty_matrix,
    plans,
    questions,
    tasks,
)
from supervisor.core.draft_ledger import Ledger, from_reading
from supervisor.core.draft_rows import NameDecision
from supervisor.core.permissions import Actor
from supervisor.core.printed_names import EMPTY
from supervisor.core.questions import obstacles
from supervisor.core.same_units import open_pairs
from supervisor.intake import Draft, read_text
from supervisor.intake.sums import quantity, sums_of
from supervisor.models import (
    Assignment,
    AssignmentState,
    Document,
    LinkRole,
    Person,
    Plan,
    Programme,
    Role,
    Task,
    TaskState,
    Unit,
    UnitGroup,
    User,
)
from tests.builders import actor, programme, user
from tests.conftest import StillClock, login
from tests.notice_with_bodies import enter_document
from tests.test_core_plans import WHEN, confirm_all, office, seed_document
from tests.test_intake_seeds import SEEDS, STEMS, draft_of, gold_of

needs_seeds = pytest.mark.skipif(not SEEDS.is_dir(), reason="the seeds (../shared/seeds) are not at hand")


def ledger_of(seed: int) -> Ledger:
    return from_reading(draft_of(STEMS[seed]))


def receive_seed(seed: int, of: Programme, by: Actor) -> Document:
    data = (SEEDS / f"{STEMS[seed]}.txt").read_bytes()
    name = f"{STEMS[seed]}.txt"
    return documents.receive(of, documents.read_notice(data, name), data, name, again=False, by=by, now=WHEN)


@pytest.fixture
def seen_by_office(client: FlaskClient, clock: StillClock) -> Programme:
    """A programme whose lead office is signed in."""
    clock.moment = WHEN
    of = programme()
    login(client, user("office", Role.LEAD_OFFICE, of, now=WHEN), now=WHEN)
    return of


# ---- C01: source documents


@needs_seeds
def test_c01_both_numbers_of_a_notice_find_it(client: FlaskClient, seen_by_office: Programme) -> None:
    document = receive_seed(1, seen_by_office, office_of(seen_by_office))
    receive_seed(4, seen_by_office, office_of(seen_by_office))
    numbers = document.numbers
    assert len(numbers) == 2
    for number in (*numbers, numbers[0].replace("〔", "[").replace("〕", "]")):
        page = client.get(f"/p/{seen_by_office.id}/documents", query_string={"q": number}).text
        assert page.count("<tr data-href") == 1
        assert f'/documents/{document.id}"' in page
    assert client.get(f"/p/{seen_by_office.id}/documents").text.count("<tr data-href") == 2


def office_of(of: Programme) -> Actor:
    return actor(Role.LEAD_OFFICE, of)


@needs_seeds
def test_c01_signed_and_published_days_are_two(client: FlaskClient, seen_by_office: Programme) -> None:
    document = receive_seed(4, seen_by_office, office_of(seen_by_office))
    assert [str(day) for day in (document.issued_on, document.published_on)] == ["2021-03-13", "2021-03-22"]
    page = client.get(f"/p/{seen_by_office.id}/documents/{document.id}").text
    head = page[page.index('id="head"') : page.index('id="tasks"')]
    assert re.findall(r"2021年3月\d+日", head) == ["2021年3月13日", "2021年3月22日"]


@needs_seeds
def test_c01_every_task_page_links_to_its_clause(client: FlaskClient, seen_by_office: Programme) -> None:
    of, by = seen_by_office, office_of(seen_by_office)
    document = confirm_all(seed_document(of, by), by)
    plans.issue(plans.adopt(document, seen=document.version, by=by, now=WHEN), by=by, now=WHEN)
    notice = client.get(f"/p/{of.id}/documents/{document.id}").text
    found = list(Task.select())
    assert len(found) == 11
    for task in found:
        link = f"/p/{of.id}/documents/{document.id}#L{task.source_line}"
        assert link in client.get(f"/p/{of.id}/tasks/{task.id}").text
        assert f'id="L{task.source_line}"' in notice
    unit = Unit.get_by_id(Assignment.get(Assignment.task == found[1]).unit_id)
    login(client, user("liaison", Role.LIAISON, of, unit, now=WHEN), now=WHEN)
    anchor = f"#L{found[1].source_line}"
    assert anchor in client.get(f"/p/{of.id}/tasks/{found[1].id}").text
    assert f'id="{anchor[1:]}"' in client.get(f"/p/{of.id}/documents/{document.id}").text


# ---- C02: units and aliases; C04: roster against work


@needs_seeds
def test_c02_with_the_alias_three_and_two_units_are_told_without_it_four_and_three() -> None:
    ledger = ledger_of(0)
    (pair,) = open_pairs(ledger, EMPTY)
    aliased = ledger.with_row("name", NameDecision(pair.name, pair.unit))
    sizes = []
    for each in (ledger, aliased):
        found = consistency.check(each, EMPTY)
        assert found is not None
        sizes.append((len(found.without_member), len(found.without_work), found.open_pairs))
    assert sizes == [(4, 3, 1), (3, 2, 0)]


@needs_seeds
def test_c02_two_bureaus_of_one_field_are_never_proposed_as_one() -> None:
    assert open_pairs(ledger_of(4), EMPTY) == []


@needs_seeds
def test_c04_the_first_seed_lists_three_and_two_units() -> None:
    ledger = ledger_of(0)
    (pair,) = open_pairs(ledger, EMPTY)
    found = consistency.check(ledger.with_row("name", NameDecision(pair.name, pair.unit)), EMPTY)
    assert found is not None
    assert [seat.line for seat in found.without_member] == [109, 141, 143]
    assert [seat.line for seat in found.without_work] == [35, 59]


@needs_seeds
def test_c04_the_second_seed_lists_two_and_four_units_once_its_names_are_compared() -> None:
    ledger = ledger_of(1)
    for pair in open_pairs(ledger, EMPTY):
        ledger = ledger.with_row("name", NameDecision(pair.name, pair.unit))
    found = consistency.check(ledger, EMPTY)
    assert found is not None
    assert found.open_pairs == 0
    assert [seat.line for seat in found.without_member] == [94, 109]
    assert [seat.anchor for seat in found.without_work] == [f"person-{place}" for place in (5, 11, 18, 23)]


@needs_seeds
def test_c04_the_last_seed_lists_one_unit() -> None:
    found = consistency.check(ledger_of(4), EMPTY)
    assert found is not None
    assert [(seat.line, len(seat.unit)) for seat in found.without_member] == [(30, 5)]
    assert found.without_work == ()


@needs_seeds
def test_c04_whoever_is_ticked_for_a_district_by_hand_has_a_seat_for_it() -> None:
    ledger = ledger_of(4)
    (group,) = ledger.collectives
    members = tuple(replace(member, ticked=True) for member in group.members)
    assert [member.ticked for member in group.members].count(False) == 1
    found = consistency.check(replace(ledger, collectives=(replace(group, members=members),)), EMPTY)
    assert found is not None
    assert [(seat.line, len(seat.unit)) for seat in found.without_member] == [(30, 5)]


# ---- C03: bodies


@needs_seeds
@pytest.mark.parametrize(
    ("seed", "people", "places", "leads", "deputies"),
    [(0, 30, 0, 1, 2), (1, 0, 25, 1, 1), (2, 24, 21, 1, 2), (3, 26, 0, 1, 1), (4, 43, 0, 1, 2)],
)
def test_c03_rosters_are_counted_and_deputies_keep_their_rank(
    seed: int, people: int, places: int, leads: int, deputies: int
) -> None:
    draft = draft_of(STEMS[seed])
    assert (len(draft.members), len(draft.posts)) == (people, places)
    roles = [member.role for member in draft.members] + [post.role for post in draft.posts]
    assert sum(role in {"组长", "召集人"} for role in roles) == leads
    assert sum(role in {"副组长", "副召集人"} for role in roles) == deputies
    deputy = [member["name"] for member in gold_of(STEMS[seed])["members"] if member["role"][:1] == "副"]
    assert [member.name for member in draft.members if member.role[:1] == "副"] == deputy


@needs_seeds
def test_c03_the_second_seed_seats_22_posts_beside_its_leaders_and_the_streets() -> None:
    posts = draft_of(STEMS[1]).posts
    units_named = [post.unit for post in posts if post.role == "成员"]
    assert len([unit for unit in units_named if unit and not unit.startswith("各")]) == 22
    assert [post.unit for post in posts if post.role != "成员"] == [None, None]


@needs_seeds
@pytest.mark.parametrize(("seed", "outside"), [(0, 0), (2, 3), (3, 1), (4, 0)])
def test_c03_an_office_post_needs_no_membership(seed: int, outside: int) -> None:
    draft = draft_of(STEMS[seed])
    seated = {member.name for member in draft.members}
    directors = [office.name for office in draft.offices if office.name]
    assert len([name for name in directors if name not in seated]) == outside
    assert len(directors) == len(set(directors))  # one person, several posts (E-06)


#: Seed → seats in bodies of their own, seats in offices, persons, bodies with their children.
STORED = [
    (0, 30, 1, 30, ["joint_meeting", "office"]),
    (1, 25, 2, 0, ["leading_group", "office"]),
    (2, 45, 5, 27, ["leading_group", "office", "joint_meeting", "office"]),
    (3, 26, 2, 27, ["working_group", "office"]),
    (4, 43, 1, 43, ["leading_group", "office", "task_force"]),
]


def adopt_bodies(seed: int, of: Programme, by: Actor) -> Document:
    """Store a seed's bodies as adoption does, without answering what its tasks ask."""
    document = receive_seed(seed, of, by)
    enter_document(document, by=by, now=WHEN)
    return document


@needs_seeds
@pytest.mark.parametrize(("seed", "seats", "office_seats", "persons", "kinds"), STORED)
def test_c03_adoption_keeps_bodies_seats_and_persons(
    database: Database, seed: int, seats: int, office_seats: int, persons: int, kinds: list[str]
) -> None:
    of = programme()
    adopt_bodies(seed, of, office(of))
    tops = bodies.bodies_of(of.id, WHEN.date())
    assert sum(len(row.seats) for row in tops) == seats
    assert sum(len(child.seats) for row in tops for child in row.children) == office_seats
    assert Person.select().count() == persons  # E-06: who directs the office and sits beside is one person
    assert [row.body.kind for top in tops for row in (top, *top.children)] == kinds
    assert all(row.seat.source_line for top in tops for row in top.seats)


@needs_seeds
@pytest.mark.parametrize(("seed", "outside"), [(0, 0), (2, 3), (3, 1), (4, 0)])
def test_c03_stored_office_posts_need_no_membership(database: Database, seed: int, outside: int) -> None:
    of = programme()
    adopt_bodies(seed, of, office(of))
    held = [
        row for top in bodies.bodies_of(of.id, WHEN.date()) for child in top.children for row in child.seats
    ]
    named = [row for row in held if row.holder is not None]
    assert len([row for row in named if not row.others]) == outside
    assert all(row.post for row in named if row.others)  # the post stands at the other seat
    assert [row.post for row in named if not row.others].count("") == int(seed == 3)  # E-08: post not stated


# ---- C05: duties


@pytest.fixture
def duty_plan(database: Database) -> Plan:
    """The first seed's duties as standing tasks of an issued plan."""
    of = programme()
    by = office(of)
    document = receive_seed(0, of, by)
    answers.carry_out(document, '["all_standing"]', seen=document.version, by=by, now=WHEN)
    document = Document.get_by_id(document.id)
    assert obstacles(corrections.ledger_of(document), "") == []
    plan = plans.adopt(document, seen=document.version, by=by, now=WHEN)
    plans.issue(plan, by=by, now=WHEN)
    return plan


@needs_seeds
def test_c05_23_entries_stand_at_28_units_and_a_shared_one_has_four_states(duty_plan: Plan) -> None:
    entries = list(Task.select().where(Task.plan == duty_plan).order_by(Task.sort))
    assert len(entries) == 23
    assert len({link.unit_id for link in Assignment.select()}) == 28
    links = list(Assignment.select().where(Assignment.task == entries[16]))
    assert len(links) == 4
    for link in links:
        unit = Unit.get_by_id(link.unit_id)
        mine = actor(Role.LIAISON, duty_plan.programme, unit)
        assert entries[16] in list(tasks.visible_to(mine))
    Assignment.update(state=AssignmentState.CLOSED).where(Assignment.id == links[0].id).execute()
    tasks.refresh([entries[16].id], WHEN)
    states = [link.state for link in Assignment.select().where(Assignment.task == entries[16])]
    assert states.count(AssignmentState.CLOSED) == 1
    assert Task.get_by_id(entries[16].id).state is TaskState.OPEN


@needs_seeds
def test_c05_the_matrix_shows_23_entries_over_28_units_with_verbs(duty_plan: Plan) -> None:
    office_reads = office_of(duty_plan.programme)
    matrix = duty_matrix.read_matrix(office_reads)
    assert (len(matrix.rows), len(matrix.units), matrix.following) == (23, 28, None)
    shared = matrix.rows[16]
    assert (shared.done, shared.of, len(shared.squares)) == (0, 4, 4)
    assert {"负责", "牵头"} <= set(next(iter(matrix.rows[0].squares.values())).verbs)


@needs_seeds
def test_c05_entry_17_stands_on_4_unit_pages_with_4_states(
    client: FlaskClient, clock: StillClock, duty_plan: Plan
) -> None:
    clock.moment = WHEN
    of = duty_plan.programme
    login(client, User.get(User.username == "office"), now=WHEN)
    entry = list(Task.select().where(Task.plan == duty_plan).order_by(Task.sort))[16]
    links = list(Assignment.select().where(Assignment.task == entry).order_by(Assignment.unit))
    Assignment.update(state=AssignmentState.CLOSED).where(Assignment.id == links[0].id).execute()
    found = {}
    for unit in list(Unit.select()):
        page = client.get(f"/p/{of.id}/units/{unit.id}").text
        if f'/tasks/{entry.id}">' in page:
            row = page[page.index(f'/tasks/{entry.id}">') :]
            found[unit.id] = "已办结" if "已办结" in row[: row.index("</tr>")] else "待签收"
    assert list(found) == sorted(link.unit_id for link in links)
    assert sorted(found.values()) == ["已办结", "待签收", "待签收", "待签收"]


@needs_seeds
@pytest.mark.parametrize(
    ("seed", "line", "verb"),
    [
        (0, 105, "负责"),
        (0, 105, "牵头"),
        (0, 111, "参与"),
        (0, 111, "指导"),
        (0, 113, "配合"),
        (1, 89, "牵头"),
    ],
)
def test_c05_a_duty_s_clauses_keep_their_role_verbs(seed: int, line: int, verb: str) -> None:
    (duty,) = [duty for duty in draft_of(STEMS[seed]).duties if duty.place.line == line]
    assert verb in {clause.verb for clause in duty.clauses}


# ---- C07: collective names


@needs_seeds
def test_c07_links_go_from_108_to_262_and_14_of_15_leave_a_task_open(database: Database) -> None:
    of = programme()
    by = office(of)
    document = confirm_all(seed_document(of, by), by)
    ledger = corrections.ledger_of(document)
    assert ledger.counts["links"] == 108
    assert len(ledger.collectives[0].chosen) == 15
    plan = plans.adopt(document, seen=document.version, by=by, now=WHEN)
    plans.issue(plan, by=by, now=WHEN)
    assert Assignment.select().count() == 262
    # D2: only leads close; the districts lead the third task, and only answer in the sixth.
    led = plans.tasks_of(plan)[2].task
    leads = list(
        Assignment.select().where((Assignment.task == led) & (Assignment.role == LinkRole.LEAD)).limit(14)
    )
    Assignment.update(state=AssignmentState.CLOSED, closed_on=WHEN.date()).where(
        Assignment.id.in_([link.id for link in leads])
    ).execute()
    tasks.refresh([led.id], WHEN)
    kept = Task.get_by_id(led.id)
    assert (kept.leads_closed, kept.leads, kept.state) == (14, 15, TaskState.OPEN)


@needs_seeds
def test_c07_a_group_entry_gives_each_of_its_units_its_own_name() -> None:
    sizes = [len(duty.units) for duty in draft_of(STEMS[0]).duties]
    assert (len(sizes), sum(sizes), sizes[16], sizes[22]) == (23, 28, 4, 3)


# ---- C08: pasted text


@needs_seeds
def test_c08_a_pasted_section_gives_its_tasks_and_nothing_is_saved_as_a_plan(
    client: FlaskClient, seen_by_office: Programme
) -> None:
    lines = (SEEDS / f"{STEMS[4]}.txt").read_text(encoding="utf-8").split("\n")
    of = seen_by_office
    answer = client.post(f"/p/{of.id}/documents/new", data={"text": "\n".join(lines[25:57]), "_once": "p"})
    assert answer.status_code == 303
    ledger = corrections.ledger_of(Document.get())
    assert (ledger.counts["tasks"], ledger.counts["tokens"], ledger.counts["links"]) == (11, 27, 108)
    assert not any(re.search(r"[含〈〉]|下同", name) for name in ledger.tokens)
    saved = [model.select().count() for model in (Plan, Task, Unit, UnitGroup, Assignment)]
    assert saved == [0, 0, 0, 0, 0]


# ---- C31: targets


def told(draft: Draft) -> dict[str, tuple[int, int]]:
    """Total as printed → number of its parts, and what is missing."""
    found = sums_of([quantity(target) for target in draft.targets])
    return {one.total.text: (len(one.parts), int(one.difference)) for one in found}


@needs_seeds
def test_c31_two_totals_hold_one_is_incomplete_and_a_changed_figure_fails() -> None:
    text = (SEEDS / f"{STEMS[1]}.txt").read_text(encoding="utf-8")
    assert list(told(read_text(text)).values()) == [(2, 0), (0, 126), (2, 0)]
    codes = [problem.code for problem in read_text(text).problems if problem.code.startswith("sum_")]
    assert codes == ["sum_incomplete"]
    changed = read_text(text.replace("8386", "8387"))
    assert list(told(changed).values())[2] == (2, -1)
    codes = [problem.code for problem in changed.problems if problem.code.startswith("sum_")]
    assert sorted(codes) == ["sum_differs", "sum_incomplete"]


@needs_seeds
def test_c31_each_target_has_measure_verb_and_year() -> None:
    found = [(t.unit_of_measure, t.verb, t.due and t.due.year) for t in draft_of(STEMS[2]).targets]
    assert found == [
        ("个小区", "新开工", 2020),
        ("户", "新开工", 2020),
        ("个小区", "计划开工", 2021),
        ("户", "计划开工", 2021),
        ("户", "基本完成", 2025),
    ]
    assert told(draft_of(STEMS[2])) == {}  # starts are not added to finishes (E-68)


def test_c31_a_corrected_figure_is_added_anew_on_the_review_page() -> None:
    text = "澄江市方案\n一、目标\n共20个片区。2021年完成11个片区，2022年完成{}个片区。\n澄江市人民政府\n2021年1月5日"
    ledger = from_reading(read_text(text.format(8)))
    (asked,) = [q for q in questions.questions(ledger) if "sum" in q.key]
    assert "19" in str(asked.sentence.params.values())
    assert not [q for q in questions.questions(from_reading(read_text(text.format(9)))) if "sum" in q.key]
