"""Receiving, reviewing and adopting a notice, and issuing its plan, through the pages."""

from __future__ import annotations

import io
import re
from datetime import date
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import corrections, plan_figures, plans, quantities
from supervisor.database import count_queries
from supervisor.models import (
    Assignment,
    Document,
    DocumentState,
    Obligation,
    Plan,
    PlanState,
    Programme,
    QuantityTarget,
    Role,
    Task,
    Unit,
)
from tests.builders import NOW, actor, at, programme, user
from tests.conftest import StillClock, login
from tests.test_core_plans import NOTICE, SEED, needs_seed

WHEN = at("2021-03-22 09:00")


@pytest.fixture
def of(client: FlaskClient, clock: StillClock) -> Programme:
    """A programme, seen by its lead office in March 2021."""
    clock.moment = WHEN
    found = programme()
    login(client, user("office", Role.LEAD_OFFICE, found, now=WHEN), now=WHEN)
    return found


def paste(client: FlaskClient, of: Programme, text: str = NOTICE, **more: str) -> Document:
    answer = client.post(
        f"/p/{of.id}/documents/new", data={"text": text, "_once": more.pop("once", "p"), **more}
    )
    assert answer.status_code == 303, answer.text
    return Document.get_by_id(int(answer.location.rsplit("/", 1)[1]))


def test_an_empty_form_asks_for_text_or_a_file(client: FlaskClient, of: Programme) -> None:
    answer = client.post(f"/p/{of.id}/documents/new?lang=en", data={"text": "  ", "_once": "e"})
    assert answer.status_code == 422
    assert "Paste the text of the notice, or choose its file." in answer.text
    assert Document.select().count() == 0


def task_form(document: Document, key: str = "1", **values: str) -> dict[str, str]:
    version = Document.get_by_id(document.id).version
    form = {
        "key": key,
        "title": "引入社会资本",
        "lead": "市国资委",
        "responsible": "市财政局",
        "due_on": "2021-12-31",
    }
    return form | {"version": str(version), "_once": f"t{version}"} | values


def test_a_pasted_notice_is_read_and_nothing_is_a_plan_yet(client: FlaskClient, of: Programme) -> None:
    document = paste(client, of)
    page = client.get(f"/p/{of.id}/documents/{document.id}").text
    assert 'id="task-0"' in page
    assert 'id="L5"' in page
    assert "编制规划" in page
    assert (Plan.select().count(), Task.select().count(), Unit.select().count()) == (0, 0, 0)


@pytest.mark.parametrize(
    ("data", "name"), [(b"", "a.txt"), (b"PK\x03\x04broken", "a.docx"), (b"\xd0\xcf\x11\xe0old", "a.doc")]
)
def test_a_file_that_cannot_be_read_comes_back_with_the_reason(
    client: FlaskClient, of: Programme, data: bytes, name: str
) -> None:
    form = {"text": "", "file": (io.BytesIO(data), name), "_once": "p"}
    answer = client.post(f"/p/{of.id}/documents/new", data=form)
    assert answer.status_code == 422
    assert "mistakes" in answer.text
    assert Document.select().count() == 0


def test_a_notice_in_gb18030_is_read(client: FlaskClient, of: Programme) -> None:
    form = {"text": "", "file": (io.BytesIO(NOTICE.encode("gb18030")), "通知.txt"), "_once": "p"}
    assert client.post(f"/p/{of.id}/documents/new", data=form).status_code == 303
    assert Document.get().filename == "通知.txt"


def test_the_same_notice_again_is_asked_about_with_its_text_kept(client: FlaskClient, of: Programme) -> None:
    first = paste(client, of)
    answer = client.post(f"/p/{of.id}/documents/new", data={"text": NOTICE, "_once": "q"})
    assert answer.status_code == 409
    assert f"/p/{of.id}/documents/{first.id}" in answer.text
    assert "编制规划" in answer.text
    assert paste(client, of, again="1", once="r").id != first.id


def test_a_text_without_any_task_is_kept_and_cannot_be_adopted(client: FlaskClient, of: Programme) -> None:
    document = paste(client, of, "关于召开会议的通知\n请各单位按时参加。\n2021年3月1日\n")
    page = client.get(f"/p/{of.id}/documents/{document.id}").text
    assert "is-grave" in page
    answer = client.post(f"/p/{of.id}/documents/{document.id}/adopt", data={"version": "1", "_once": "a"})
    assert answer.status_code == 409
    assert Plan.select().count() == 0


def test_a_correction_is_saved_and_shown(client: FlaskClient, of: Programme) -> None:
    document = paste(client, of)
    answer = client.post(f"/p/{of.id}/documents/{document.id}/tasks", data=task_form(document))
    assert answer.location == f"/p/{of.id}/documents/{document.id}#task-1"
    task = corrections.ledger_of(Document.get_by_id(document.id)).tasks[1]
    assert (task.lead, task.responsible, task.due_on) == (("市国资委",), ("市财政局",), date(2021, 12, 31))
    assert task.corrected


def test_a_correction_without_title_comes_back_filled(client: FlaskClient, of: Programme) -> None:
    document = paste(client, of)
    data = task_form(document, title=" ", lead="市发展改革委")
    answer = client.post(f"/p/{of.id}/documents/{document.id}/tasks", data=data)
    assert answer.status_code == 422
    assert 'value="市发展改革委"' in answer.text


def test_an_older_page_gets_both_versions(client: FlaskClient, of: Programme) -> None:
    document = paste(client, of)
    url = f"/p/{of.id}/documents/{document.id}/tasks"
    client.post(url, data=task_form(document, title="甲的标题"))
    answer = client.post(url, data=task_form(document, title="乙的标题", version="1", _once="x"))
    assert answer.status_code == 409
    assert "甲的标题" in answer.text
    assert "乙的标题" in answer.text


def test_a_task_that_was_not_read_is_added_by_hand(client: FlaskClient, of: Programme) -> None:
    document = paste(client, of)
    data = task_form(document, key="new", title="加装电梯", lead="市房管局")
    client.post(f"/p/{of.id}/documents/{document.id}/tasks", data=data)
    titles = [task.title for task in corrections.ledger_of(Document.get_by_id(document.id)).tasks]
    assert titles[-1] == "加装电梯"


def test_another_programme_cannot_reach_the_notice(client: FlaskClient, of: Programme) -> None:
    document = paste(client, of)
    other = programme("别的专项")
    login(client, user("other", Role.LEAD_OFFICE, other, now=WHEN), now=WHEN)
    assert client.get(f"/p/{of.id}/documents/{document.id}").status_code == 404
    assert client.get(f"/p/{other.id}/documents/{document.id}").status_code == 404
    assert client.post(f"/p/{other.id}/documents/{document.id}/adopt", data={"_once": "a"}).status_code == 404


def test_units_see_a_notice_only_once_it_is_adopted(client: FlaskClient, of: Programme) -> None:
    document = paste(client, of)
    liaison = user(
        "liaison", Role.LIAISON, of, Unit.create(jurisdiction=of.jurisdiction, name="市水务局"), now=WHEN
    )
    login(client, liaison, now=WHEN)
    assert client.get(f"/p/{of.id}/documents/{document.id}").status_code == 404
    assert corrections.ledger_of(document).title not in client.get(f"/p/{of.id}/documents").text
    Document.update(state=DocumentState.ADOPTED).where(Document.id == document.id).execute()
    page = client.get(f"/p/{of.id}/documents/{document.id}")
    assert page.status_code == 200
    assert '<form method="post" action="/p/' not in page.text


def adopt(client: FlaskClient, of: Programme) -> Plan:
    document = paste(client, of)
    client.post(f"/p/{of.id}/documents/{document.id}/tasks", data=task_form(document))
    version = str(Document.get_by_id(document.id).version)
    answer = client.post(f"/p/{of.id}/documents/{document.id}/adopt", data={"version": version, "_once": "a"})
    assert answer.status_code == 303, answer.text
    return Plan.get()


def test_a_plan_is_issued_only_after_its_sentence_was_ticked(client: FlaskClient, of: Programme) -> None:
    plan = adopt(client, of)
    url = f"/p/{of.id}/plans/{plan.id}"
    assert client.get(url).status_code == client.get(f"{url}/issue").status_code == 200
    assert client.post(f"{url}/issue", data={"_once": "i"}).status_code == 422
    assert Assignment.select().count() == 0
    assert client.post(f"{url}/issue", data={"understood": "1", "_once": "j"}).status_code == 303
    assert Plan.get().state is PlanState.ISSUED
    assert (Assignment.select().count(), Obligation.select().count()) == (5, 4)
    assert client.get(url).status_code == 200


def test_a_replayed_issue_makes_nothing_twice(client: FlaskClient, of: Programme) -> None:
    plan = adopt(client, of)
    data = {"understood": "1", "_once": "j"}
    for _ in range(2):
        assert client.post(f"/p/{of.id}/plans/{plan.id}/issue", data=data).status_code in {302, 303}
    assert Assignment.select().count() == 5


def test_planned_progress_that_falls_is_refused_with_the_form_filled(
    client: FlaskClient, of: Programme
) -> None:
    plan = adopt(client, of)
    task = Task.select().where(Task.due_on == date(2021, 12, 31)).get()
    url = f"/p/{of.id}/plans/{plan.id}/tasks/{task.id}"
    data = {
        "due_on": "2021-12-31",
        "2021-Q2": "60",
        "2021-Q3": "50",
        "version": str(task.version),
        "_once": "f",
    }
    answer = client.post(url, data=data)
    assert answer.status_code == 422
    assert 'value="50"' in answer.text
    assert client.post(url, data=data | {"2021-Q3": "80", "_once": "g"}).status_code == 303
    assert Task.get_by_id(task.id).planned == {"2021-Q2": 60, "2021-Q3": 80}


def test_a_quantity_shared_out_short_of_the_notice_says_what_is_missing(
    client: FlaskClient, of: Programme
) -> None:
    plan = adopt(client, of)
    row = plans.tasks_of(plan)[0]
    units = [unit.id for unit, _role in plan_figures.units_in(row)]
    data = {"measure": "小区（个）", f"unit-{units[0]}": "200", f"unit-{units[1]}": "99", "_once": "q"}
    url = f"/p/{of.id}/plans/{plan.id}/tasks/{row.task.id}"
    assert client.post(f"{url}/targets", data=data).status_code == 303
    assert sum(row.target for row in QuantityTarget.select()) == 299
    stated = [plan_figures.NoticeTarget("小区（个）", 300, "300个小区", None, 1)]
    assert plan_figures.measures_of(row.task, stated)[0].missing == 1
    assert (
        client.post(f"{url}/targets", data=data | {f"unit-{units[0]}": "-1", "_once": "r"}).status_code == 422
    )


@pytest.mark.parametrize(
    ("text", "value", "said"),
    [
        ("300个老旧小区改造", "300", ("老旧小区改造（个）", 300)),
        ("2.5万平方米绿地", "25000", ("绿地（平方米）", 25000)),
        ("1.94万户", "19400", ("数量（户）", 19400)),
        ("100户", "100", ("数量（户）", 100)),
        ("改造小区12个", "12", ("改造小区（个）", 12)),
        ("完成投资1.94亿元", "194000000", ("完成投资（万元）", 19400)),
        ("投资95元", "95", ("投资（元）", 95)),
        ("3.5公里绿道", "3.5", ("绿道（米）", 3500)),
        ("2.5亩", "2.5", None),
        ("90亿元", "9000000000", ("数量（万元）", 900000)),
        ("30亿户", "3000000000", None),
    ],
)
def test_a_quantity_is_a_whole_number_of_its_measure_or_stays_text(
    text: str, value: str, said: tuple[str, int] | None
) -> None:
    assert quantities.stated(text, Decimal(value)) == said


SPLIT = """澄江市人民政府办公室关于印发老旧小区改造方案的通知
2021年4月1日
一、目标
全市共改造老旧小区20个，2021年底前完成改造老旧小区11个，2022年底前完成改造老旧小区9个。
二、任务
（一）改造小区。完善设施。（牵头单位：市住建局；责任单位：市财政局）
"""


def test_the_plans_page_shows_the_notices_targets_with_the_check_of_their_sums_and_what_is_missing(
    client: FlaskClient, of: Programme
) -> None:
    document = paste(client, of, SPLIT)
    office = actor(Role.LEAD_OFFICE, of)
    fresh = Document.get_by_id(document.id)
    plan = plans.adopt(fresh, seen=fresh.version, by=office, now=NOW)
    stated = plan_figures.notice_targets(plan)
    assert [(one.measure, one.value, one.parts, one.difference, one.is_part) for one in stated] == [
        ("小区（个）", 20, ("11个", "9个"), 0, False),
        ("小区（个）", 11, (), None, True),
        ("小区（个）", 9, (), None, True),
    ]
    row = plans.tasks_of(plan)[0]
    units = [unit.id for unit, _role in plan_figures.units_in(row)]
    data = {"measure": stated[0].measure, f"unit-{units[0]}": "12", f"unit-{units[1]}": "7", "_once": "s"}
    client.post(f"/p/{of.id}/plans/{plan.id}/tasks/{row.task.id}/targets", data=data)
    page = client.get(f"/p/{of.id}/plans/{plan.id}").text
    _, _, targets = page.partition('id="targets-head"')
    assert "11个" in targets
    assert "19 / 20" in re.sub(r"<[^>]+>", "", targets)
    assert plan_figures.measures_of(row.task, stated)[0].missing == 1


def test_a_figure_of_one_task_is_wanted_of_that_task_alone(client: FlaskClient, of: Programme) -> None:
    mine = plan_figures.NoticeTarget("小区（个）", 12, "12个小区", None, 5, task_line=5)
    general = plan_figures.NoticeTarget("路灯（盏）", 100, "100盏路灯", None, 2)
    years = [plan_figures.NoticeTarget("泊位（个）", n, f"{n}个泊位", None, 2) for n in (11, 9)]
    assert plan_figures.wanted_by([mine, general, *years]) == {"小区（个）": 12, "路灯（盏）": 100}


def test_the_list_of_notices_costs_the_same_for_any_number(
    client: FlaskClient, of: Programme, database: Database
) -> None:
    paste(client, of)
    with count_queries(database) as few:
        client.get(f"/p/{of.id}/documents")
    for number in range(4):
        paste(client, of, NOTICE + f"附件{number}\n", once=f"n{number}")
    with count_queries(database) as many:
        client.get(f"/p/{of.id}/documents")
    assert len(many) == len(few) <= 9


@needs_seed
def test_the_seed_is_reviewed_adopted_and_issued_through_the_pages(
    client: FlaskClient, of: Programme
) -> None:
    document = paste(client, of, SEED.read_text(encoding="utf-8"))
    url = f"/p/{of.id}/documents/{document.id}"
    page = client.get(url).text
    assert page.count('id="task-') == 12  # with the row for adding one
    assert "刘震" in page
    members = corrections.ledger_of(document).collectives[0].members
    by_hand = next(n for n, m in enumerate(members) if m.person == "刘震")
    assert not members[by_hand].ticked
    ticked = [str(n) for n in range(len(members))]
    data = {"member": ticked, f"note-{by_hand}": "由区委常委代表", "added": "", "version": "1", "_once": "m"}
    assert client.post(f"{url}/collectives/0", data=data).status_code == 303
    assert client.post(f"{url}/adopt", data={"version": "2", "_once": "a"}).status_code == 303
    plan = Plan.get()
    dates = {"due_on": "2021-12-31", "_once": "d"}
    client.post(f"/p/{of.id}/plans/{plan.id}/dates", data=dates)
    assert Task.select().where(Task.due_on.is_null()).count() == 0
    page = client.get(f"/p/{of.id}/plans/{plan.id}/issue").text
    assert [int(n) for n in re.findall(r"<b>(\d+)</b>", page)[:4]] == [11, 67, 195, 41]
    assert "月报" in page[page.index("交办后各单位的报送事项") :]
    client.post(f"/p/{of.id}/plans/{plan.id}/issue", data={"understood": "1", "_once": "i"})
    assert Assignment.select().count() == 262
    assert plan_figures.notice_targets(plan)[0].value == 300
    assert client.get(f"/p/{of.id}/units").text.count("<tr data-href") == 41
