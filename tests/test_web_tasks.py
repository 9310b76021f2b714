"""The ledger and the task's page in the browser's eyes: rows, filters, strangers, forms, query counts."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import date

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import tasks as core
from supervisor.database import count_queries
from supervisor.models import (
    Application,
    Assignment,
    AssignmentState,
    LinkRole,
    Objection,
    Phase,
    Programme,
    Role,
    Task,
    TaskState,
    Unit,
    User,
)
from tests import builders as b
from tests.conftest import login


@dataclass
class Case:
    programme: Programme
    units: list[Unit]
    tasks: list[Task]
    liaison: User
    office: User

    def url(self, path: str = "tasks") -> str:
        return f"/p/{self.programme.id}/{path}"


@pytest.fixture
def case(database: Database) -> Case:
    programme = b.programme()
    plan, units = b.plan(programme), [b.unit(name) for name in ("甲局", "乙局", "丙区人民政府")]
    rows = []
    for title, due in (("加装电梯", date(2021, 12, 31)), ("改造管网", date(2021, 5, 31)), ("日常巡查", None)):
        task = b.task(plan, title, due_on=due, standing=due is None)
        Task.update(search=core.bigrams(title)).where(Task.id == task.id).execute()
        rows.append(task)
    b.assignment(rows[0], units[0], state=AssignmentState.ISSUED)
    b.assignment(rows[0], units[1], LinkRole.RESPONSIBLE)
    b.assignment(rows[1], units[1])
    b.assignment(rows[2], units[2])
    core.refresh([row.id for row in rows], b.NOW)
    return Case(
        programme,
        units,
        rows,
        b.user("liaison", Role.LIAISON, programme, units[0]),
        b.user("office", Role.LEAD_OFFICE, programme),
    )


def titles(page: str) -> list[str]:
    return re.findall(r'<a class="long" href="[^"]+" title="([^"]+)"', page)


def post(client: FlaskClient, url: str, data: dict[str, object], key: str = "k1") -> tuple[int, str]:
    answer = client.post(url, data={"_once": key, **data})
    return answer.status_code, answer.get_data(as_text=True)


def test_the_ledger_by_due_date_with_standing_tasks_last(case: Case, client: FlaskClient) -> None:
    page = login(client, case.office).get(case.url()).get_data(as_text=True)
    assert titles(page) == ["改造管网", "加装电梯", "日常巡查"]
    assert "1项在办任务已超过完成时限" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?sort=order", ["加装电梯", "改造管网", "日常巡查"]),
        ("?q=改造", ["改造管网"]),
        ("?q=电梯+加装", ["加装电梯"]),
        ("?q=没有", []),
        ("?light=red", ["改造管网"]),
        ("?overdue=1", ["改造管网"]),
        ("?state=closed", []),
        ("?state=nonsense&light=blue&unit=x", ["改造管网", "加装电梯", "日常巡查"]),
        ("?q=%25", ["改造管网", "加装电梯", "日常巡查"]),
    ],
)
def test_filters_live_in_the_address(
    case: Case, client: FlaskClient, query: str, expected: list[str]
) -> None:
    assert titles(login(client, case.office).get(case.url() + query).get_data(as_text=True)) == expected


def test_by_unit_and_role(case: Case, client: FlaskClient) -> None:
    login(client, case.office)
    unit = case.units[1].id
    assert titles(client.get(case.url(f"tasks?unit={unit}")).get_data(as_text=True)) == [
        "改造管网",
        "加装电梯",
    ]
    assert titles(client.get(case.url(f"tasks?unit={unit}&role=lead")).get_data(as_text=True)) == ["改造管网"]


def test_a_unit_sees_its_own_rows_and_no_other_address(case: Case, client: FlaskClient) -> None:
    login(client, case.liaison)
    for query in ("", f"?unit={case.units[1].id}", "?q=管网"):
        page = client.get(case.url() + query).get_data(as_text=True)
        assert "改造管网" not in titles(page)
    assert client.get(case.url(f"tasks/{case.tasks[0].id}")).status_code == 200
    assert client.get(case.url(f"tasks/{case.tasks[1].id}")).status_code == 404
    assert client.get(f"/p/{b.programme('别的').id}/tasks").status_code == 404


def test_a_person_with_two_units_sees_both_once(case: Case, client: FlaskClient) -> None:
    b.posting(case.liaison, Role.LIAISON, case.programme, case.units[1])
    page = login(client, case.liaison).get(case.url()).get_data(as_text=True)
    assert titles(page) == ["改造管网", "加装电梯"]


@pytest.mark.parametrize(
    "query", ["?after=x", "?after=2021-13-01.1", "?after=.", "?after=-.x", "?sort=order&after=-.1"]
)
def test_a_broken_cursor_is_no_page(case: Case, client: FlaskClient, query: str) -> None:
    assert login(client, case.office).get(case.url() + query).status_code == 404


@pytest.mark.parametrize("sort", ["due", "order"])
@pytest.mark.parametrize("unit", [False, True])
def test_pages_by_key_hold_every_row_once(case: Case, client: FlaskClient, sort: str, unit: bool) -> None:  # noqa: FBT001 -- pytest hands it over by name
    plan = case.tasks[0].plan
    for n in range(118):
        b.assignment(
            b.task(plan, f"任务{n}", due_on=date(2021, 7, 1 + n // 4) if n < 100 else None), case.units[0]
        )
    login(client, case.office)
    address, seen = case.url(f"tasks?sort={sort}" + (f"&unit={case.units[0].id}" if unit else "")), []
    for _ in range(4):
        page = client.get(address).get_data(as_text=True)
        seen += titles(page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        if not following:
            break
        address = following[1].replace("&amp;", "&")
    expected = (
        Assignment.select().where(Assignment.unit == case.units[0]).count() if unit else Task.select().count()
    )
    assert len(seen) == len(set(seen)) == expected


def test_the_query_count_does_not_grow_with_the_rows(
    case: Case, client: FlaskClient, database: Database
) -> None:
    login(client, case.office)
    client.get(case.url())
    with count_queries(database) as few:
        client.get(case.url())
    plan = case.tasks[0].plan
    for n in range(60):
        b.assignment(b.task(plan, f"任务{n}"), case.units[n % 3])
    with count_queries(database) as many:
        client.get(case.url())
    own = [sql for sql in many if '"task"' in sql or '"assignment"' in sql or '"plan"' in sql]
    assert len(own) <= 7
    assert len(many) - len(few) in {-1, 0}  # a full first page needs no look at the undated ones


def test_the_task_page_in_both_languages(case: Case, client: FlaskClient) -> None:
    login(client, case.office)
    for language, word in (("zh_CN", "单位承担情况"), ("en", "Who answers for it")):
        page = client.get(case.url(f"tasks/{case.tasks[0].id}?lang={language}")).get_data(as_text=True)
        assert word in page
        assert "乙局" in page


def test_c17_the_task_page_shows_the_phase_of_today(case: Case, client: FlaskClient) -> None:
    """C17: with its window; what the notice leaves open is said."""
    plan = case.tasks[0].plan
    Phase.create(plan=plan, name="部署阶段", begins_on=None, ends_on=date(2021, 5, 31), sort=1)
    Phase.create(plan=plan, name="办理阶段", begins_on=date(2021, 6, 1), ends_on=None, sort=2)
    login(client, case.office)
    page = client.get(case.url(f"tasks/{case.tasks[0].id}")).text
    assert "当前工作阶段" in page
    assert "2021年6月1日 – 未写明截止" in page
    assert "部署阶段" not in page


@pytest.mark.parametrize("who", ["office", "liaison"])
def test_every_form_has_a_key_of_its_own(case: Case, client: FlaskClient, who: str) -> None:
    login(client, getattr(case, who))
    paths = [f"tasks/{case.tasks[0].id}", "tasks"]
    if who == "office":
        paths.append(f"tasks/{case.tasks[0].id}/change")
    found = "".join(client.get(case.url(path)).get_data(as_text=True) for path in paths)
    keys = re.findall(r'name="_once" value="([^"]*)"', found)
    assert keys
    assert all(len(key) == 32 for key in keys)


def test_signing_for_a_task_and_for_all(case: Case, client: FlaskClient) -> None:
    login(client, case.liaison)
    link = Assignment.get(Assignment.unit == case.units[0])
    status, _ = post(client, case.url(f"assignments/{link.id}/acknowledgement"), {})
    assert (status, Assignment.get_by_id(link.id).state) == (303, AssignmentState.ACKNOWLEDGED)
    other = Assignment.get((Assignment.unit == case.units[1]) & (Assignment.role == LinkRole.LEAD))
    assert post(client, case.url(f"assignments/{other.id}/acknowledgement"), {}, "k2")[0] == 404
    assert post(client, case.url("tasks/acknowledgements"), {}, "k3")[0] == 303
    assert (
        login(client, case.office).post(case.url("tasks/acknowledgements"), data={"_once": "x"}).status_code
        == 403
    )


def test_an_empty_objection_comes_back_filled_and_a_replay_has_no_second_effect(
    case: Case, client: FlaskClient
) -> None:
    login(client, case.liaison)
    Task.update(version=1).execute()
    plan = case.tasks[0].plan
    plan.issued_at = b.NOW
    plan.save()
    link = Assignment.get(Assignment.unit == case.units[0])
    url = case.url(f"assignments/{link.id}/objection")
    assert post(client, url, {"reason": " "})[0] == 422
    assert post(client, url, {"reason": "非我局职责"}, "k2")[0] == 303
    assert post(client, url, {"reason": "非我局职责"}, "k2")[0] == 302  # the first answer again
    assert Objection.select().count() == 1
    assert post(client, url, {"reason": "别的话"}, "k2")[0] == 422


def test_an_application_with_a_file_and_its_decision(case: Case, client: FlaskClient) -> None:
    link = Assignment.get(Assignment.unit == case.units[0])
    Assignment.update(state=AssignmentState.ACKNOWLEDGED).where(Assignment.id == link.id).execute()
    login(client, case.liaison)
    url = case.url(f"assignments/{link.id}/application")
    bad: dict[str, object] = {"evidence": "已竣工", "files": (io.BytesIO(b"MZ"), "a.exe")}
    status, page = post(client, url, bad)
    assert status == 422
    assert "已竣工" in page
    good: dict[str, object] = {"evidence": "", "files": (io.BytesIO(b"%PDF-1.7"), "验收表.pdf")}
    status, page = post(client, url, good, "k2")
    kept = re.search(r'name="files-kept" value="(\d+)"', page)
    assert status == 422
    assert kept, "a file chosen once stays while the form is mended"
    assert post(client, url, {"evidence": "已竣工", "files-kept": kept[1]}, "k3")[0] == 303
    row = Application.get()
    download = client.get(case.url(f"attachments/{kept[1]}"))
    assert download.headers["Content-Disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''" in download.headers["Content-Disposition"]
    assert download.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert download.headers["X-Content-Type-Options"] == "nosniff"
    assert download.data == b"%PDF-1.7"
    download.close()
    stranger = b.user("other", Role.LIAISON, case.programme, case.units[2])
    assert login(client, stranger).get(case.url(f"attachments/{kept[1]}")).status_code == 404
    login(client, case.office)
    decision = case.url(f"applications/{row.id}/decision")
    assert post(client, decision, {"verdict": "return", "reason": ""}, "k4")[0] == 422
    assert post(client, decision, {"verdict": "accept"}, "k5")[0] == 303
    assert Task.get_by_id(case.tasks[0].id).state is TaskState.CLOSED


def test_two_people_editing_one_task_see_both_versions(case: Case, client: FlaskClient) -> None:
    login(client, case.office)
    url = case.url(f"tasks/{case.tasks[0].id}/change")
    assert client.get(url).status_code == 200
    assert post(client, url, {"version": 1, "due_on": "2021-11-30", "reason": "一"})[0] == 303
    status, page = post(client, url, {"version": 1, "due_on": "2021-10-31", "reason": "二"}, "k2")
    assert status == 409
    assert "2021-11-30" in page
    assert "2021-10-31" in page
    assert "二" in page, "the reason that was typed is lost"
    assert ">due_on<" not in page
    assert post(client, url, {"version": 2, "due_on": "x", "reason": "二"}, "k3")[0] == 422
    assert post(client, url, {"version": 2, "p-2021-Q2": "101", "reason": "二"}, "k4")[0] == 422
    assert login(client, case.liaison).get(url).status_code == 403
