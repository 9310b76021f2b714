"""Who does what: role verbs, a state for each unit of a shared entry, n of m where a collective leads."""

from __future__ import annotations

from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import answers, duty_matrix, plans
from supervisor.core.duty_matrix import read_matrix
from supervisor.database import count_queries
from supervisor.models import AssignmentState, Document, DutyClause, LinkRole, Plan, Role, Task
from tests import builders
from tests.builders import actor, programme, user
from tests.conftest import login
from tests.test_core_plans import WHEN, office, receive

DUTIES = """澄江市河道清淤工作方案
一、职责分工
（一）市水务局：牵头做好年度计划，负责清淤质量监管；配合做好资金核算。
（二）市财政局、市审计局：负责资金拨付和监督。
澄江市人民政府办公室
2021年3月10日
"""


def duty_plan() -> Plan:
    """The notice's two duties as standing tasks of an issued plan."""
    of = programme()
    by = office(of)
    document = receive(DUTIES, of, by)
    answers.carry_out(document, '["all_standing"]', seen=document.version, by=by, now=WHEN)
    document = Document.get_by_id(document.id)
    plan = plans.adopt(document, seen=document.version, by=by, now=WHEN)
    plans.issue(plan, by=by, now=WHEN)
    return plan


def test_c05_a_duty_keeps_its_clauses_with_their_verbs(database: Database) -> None:
    plan = duty_plan()
    first = Task.select().where(Task.plan == plan).order_by(Task.sort).get()
    verbs = [clause.verb for clause in duty_matrix.clauses_at(first)]
    assert verbs == ["牵头", "负责", "配合"]
    assert DutyClause.select().count() == 4
    matrix = read_matrix(actor(Role.LEAD_OFFICE, plan.programme))
    assert [(row.of, len(row.squares)) for row in matrix.rows] == [(1, 1), (2, 2)]
    (square,) = matrix.rows[0].squares.values()
    assert (square.short, square.sign) == ("牵负配", "○")


def test_e36_a_shared_duty_of_seven_units_has_seven_states(database: Database) -> None:
    of = programme()
    entry = builders.task(builders.plan(of), standing=True, due_on=None)
    links = [builders.assignment(entry, builders.unit(f"第{n}局"), LinkRole.RESPONSIBLE) for n in range(1, 8)]
    links[2].state = AssignmentState.CLOSED
    links[2].save()
    (row,) = read_matrix(actor(Role.LEAD_OFFICE, of)).rows
    states = [square.state for square in row.squares.values()]
    assert (len(states), states.count(AssignmentState.CLOSED), row.done, row.of) == (7, 1, 1, 7)


def test_e31_a_collective_that_leads_counts_its_leads_only(database: Database) -> None:
    of = programme()
    entry = builders.task(builders.plan(of))
    leads = [builders.assignment(entry, builders.unit(f"第{n}区人民政府")) for n in range(1, 4)]
    builders.assignment(entry, builders.unit("市财政局"), LinkRole.RESPONSIBLE, state=AssignmentState.CLOSED)
    for link in leads[:2]:
        link.state = AssignmentState.CLOSED
        link.save()
    (row,) = read_matrix(actor(Role.LEAD_OFFICE, of)).rows
    assert (row.done, row.of, len(row.squares)) == (2, 3, 4)
    assert {square.short for square in row.squares.values()} == {"牵", "责"}


def test_e35_a_unit_leads_one_entry_and_answers_in_another(database: Database) -> None:
    of = programme()
    plan, water = builders.plan(of), builders.unit("市水务局")
    builders.assignment(builders.task(plan), water)
    builders.assignment(builders.task(plan), water, LinkRole.RESPONSIBLE)
    rows = read_matrix(actor(Role.LEAD_OFFICE, of)).rows
    assert [row.squares[water.id].short for row in rows] == ["牵", "责"]


def test_a_unit_sees_its_own_entries_and_only_its_own_states(database: Database) -> None:
    of = programme()
    plan, water, money = builders.plan(of), builders.unit("市水务局"), builders.unit("市财政局")
    shared = builders.task(plan)
    builders.assignment(shared, water)
    builders.assignment(shared, money, LinkRole.RESPONSIBLE)
    builders.assignment(builders.task(plan), money)
    (row,) = read_matrix(actor(Role.LIAISON, of, water)).rows
    assert row.squares[water.id].state is AssignmentState.ACKNOWLEDGED
    assert row.squares[money.id].state is None
    assert duty_matrix.entries_of(money, actor(Role.LIAISON, of, water)) == []


def test_pages_follow_one_another_and_cost_the_same(database: Database, client: FlaskClient) -> None:
    of = programme()
    plan, water = builders.plan(of), builders.unit("市水务局")
    login(client, user("office", Role.LEAD_OFFICE, of))

    def asked(address: str) -> int:
        with count_queries(database) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    empty = client.get(f"/p/{of.id}/duties").text
    assert "尚无事项" in empty
    builders.assignment(builders.task(plan), water)
    few = asked(f"/p/{of.id}/duties")
    for number in range(duty_matrix.PER_PAGE + 5):
        builders.assignment(builders.task(plan, f"事项{number}"), water)
    assert asked(f"/p/{of.id}/duties") == few
    by = actor(Role.LEAD_OFFICE, of)
    first = read_matrix(by)
    second = read_matrix(by, after=first.following or 0)
    assert (len(first.rows), len(second.rows), second.following) == (duty_matrix.PER_PAGE, 6, None)
    assert not {row.task.id for row in first.rows} & {row.task.id for row in second.rows}
