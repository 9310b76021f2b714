"""The pages of units' work plans: the form without scripts, mistakes, receipt, verdict, milestones, who sees what."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import date

import pytest
from flask.testing import FlaskClient
from peewee import Database
from python_calamine import CalamineWorkbook

from supervisor.core.work_plan_rows import Row, field_of
from supervisor.database import count_queries
from supervisor.models import Milestone, PlanFiling, Role, Unit, WorkPlan, WorkPlanState
from tests import builders
from tests.builders import NOW
from tests.conftest import login
from tests.work_plan_world import World


@pytest.fixture
def world(database: Database) -> World:
    made = World()
    made.settle(work_plan_workdays=30)
    made.ask()
    return made


def typed(rows: Sequence[Row], act: str, key: str, **more: str) -> dict[str, object]:
    """The form as a browser sends it."""
    names = ("title", "due", "indicator", "measure", "target", "weight")
    sent: dict[str, object] = {
        "row": [f"{row.key}:{row.assignment}" for row in rows],
        "act": act,
        "_once": key,
    }
    for row in rows:
        sent |= {field_of(row.key, name): getattr(row, name) for name in names}
        sent |= {field_of(row.key, "document"): "1"} if row.document else {}
    return sent | {"version": str(WorkPlan.get().version)} | more


def place(world: World, more: str = "") -> str:
    return f"/p/{world.programme.id}/work-plans/{WorkPlan.get().id}{more}"


def test_a_unit_fills_in_files_and_gets_a_receipt(world: World, client: FlaskClient) -> None:
    login(client, world.liaison)
    assert client.get(f"/p/{world.programme.id}/work-plans").location == place(world)
    page = client.get(place(world, "/form")).get_data(as_text=True)
    assert page.count('name="row"') == 2, "a row for every task, empty"
    answer = client.post(place(world, "/form"), data=typed(world.good_rows(), "file", "k1"))
    assert answer.location == place(world, "/receipts/1")
    receipt = client.get(answer.location).get_data(as_text=True)
    assert PlanFiling.get().receipt in receipt
    assert client.get(place(world, "/form")).location == place(world), "nothing to write while it is reviewed"


def test_rows_are_added_and_removed_by_buttons_that_keep_everything(
    world: World, client: FlaskClient
) -> None:
    login(client, world.liaison)
    rows = world.good_rows()
    answer = client.post(place(world, "/form"), data=typed(rows, f"add:{world.link.id}", "k1"))
    assert answer.location == place(world, f"/form#{field_of(4, 'title')}")
    kept = [Row(**row) for row in WorkPlan.get().draft]
    assert kept == [*rows[:2], Row(4, world.link.id), rows[2]]
    client.post(place(world, "/form"), data=typed(kept, "drop:4", "k2"))
    assert [Row(**row) for row in WorkPlan.get().draft] == rows
    page = client.get(place(world, "/form")).get_data(as_text=True)
    assert "摸排点位" in page
    assert "权重合计100%" in page


def test_mistakes_stand_beside_their_fields_and_everything_typed_is_saved(
    world: World, client: FlaskClient
) -> None:
    login(client, world.liaison)
    rows = [Row(1, world.link.id, "摸排点位", "2021-06-14", "", weight="90")]
    answer = client.post(place(world, "/form"), data=typed(rows, "file", "k1"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "任务1第1行：2021年6月14日为休息日" in page
    assert f'href="#t{world.link.id}"' in page
    assert f'id="t{world.link.id}"' in page, "the link at the top leads to the task"
    assert 'value="摸排点位"' in page
    assert [Row(**row) for row in WorkPlan.get().draft] == rows
    assert WorkPlan.get().state is WorkPlanState.OPEN
    assert not PlanFiling.select().exists()
    fresh = re.search(r'name="_once" value="([^"]+)"', page[page.index("work-plan") :])
    assert fresh
    assert fresh[1] != "k1", "saving has spent the key: mended, the form goes through"
    mended = client.post(place(world, "/form"), data=typed(world.good_rows(), "file", fresh[1]))
    assert mended.location == place(world, "/receipts/1")


def test_two_windows_nobodys_rows_are_lost(world: World, client: FlaskClient) -> None:
    login(client, world.liaison)
    rows = world.good_rows()
    old = typed(rows[:1], "save", "k2")
    client.post(place(world, "/form"), data=typed(rows, "save", "k1"))
    answer = client.post(place(world, "/form"), data=old)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "其他人已于" in page
    assert "摸排点位" in page
    assert len(WorkPlan.get().draft) == 3, "theirs stays until this is saved again"
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    assert version[1] == str(WorkPlan.get().version)


def test_the_office_returns_and_accepts_and_sees_the_differences(world: World, client: FlaskClient) -> None:
    world.accept()
    rows = [
        world.good_rows()[0],
        world.good_rows()[2],
        Row(4, world.link.id, "验收", "2021-12-15", "", weight="60"),
    ]
    world.file(rows, reason="改为整体验收")
    login(client, builders.user("office1", Role.LEAD_OFFICE, world.programme))
    listed = client.get(f"/p/{world.programme.id}/work-plans").get_data(as_text=True)
    assert "1份工作计划待审核" in listed
    page = client.get(place(world)).get_data(as_text=True)
    assert "改为整体验收" in page
    assert "<del>安装完成</del>" in page
    bare = client.post(place(world, "/verdicts/2"), data={"verdict": "return", "_once": "k1"})
    assert bare.status_code == 422
    client.post(place(world, "/verdicts/2"), data={"verdict": "accept", "_once": "k2"})
    assert [row.title for row in Milestone.select().where(Milestone.in_force).order_by(Milestone.key)] == [
        "摸排点位", "整治方案", "验收",
    ]  # fmt: skip


def test_a_deliverable_is_marked_as_done_with_its_document(world: World, client: FlaskClient) -> None:
    world.accept()
    login(client, world.liaison)
    here = f"/p/{world.programme.id}/milestones/{Milestone.get(Milestone.key == 3).id}/done"
    lacking = client.post(here, data={"done_on": "2021-05-31", "evidence": "已印发", "_once": "k1"})
    assert lacking.status_code == 422
    assert "请上传成果文件" in lacking.get_data(as_text=True)
    assert "已印发" in lacking.get_data(as_text=True)
    sent = {
        "done_on": "2021-05-31", "evidence": "已印发", "_once": "k2",
        "files": (io.BytesIO("方案".encode()), "方案.txt"),
    }  # fmt: skip
    assert client.post(here, data=sent).status_code == 303
    assert Milestone.get(Milestone.key == 3).done_on == date(2021, 5, 31)
    page = client.get(f"/p/{world.programme.id}/tasks/{world.other.id}").get_data(as_text=True)
    assert "整治方案" in page
    assert "按已通过的单位工作计划" in page
    file = re.search(
        rf"/p/{world.programme.id}/attachments/\d+", client.get(place(world)).get_data(as_text=True)
    )
    assert file
    assert client.get(file[0], buffered=True).data.decode() == "方案"
    login(client, builders.user("shuiwu", Role.LIAISON, world.programme, builders.unit("澄江市水务局")))
    assert client.get(file[0]).status_code == 404


def test_others_find_nothing_there(world: World, client: FlaskClient) -> None:
    world.accept()
    stranger = builders.user("shuiwu", Role.LIAISON, world.programme, builders.unit("澄江市水务局"))
    login(client, stranger)
    milestone = Milestone.get(Milestone.key == 1).id
    assert client.get(place(world)).status_code == 404
    assert client.get(place(world, "/form")).status_code == 404
    assert client.get(place(world, "/receipts/1")).status_code == 404
    assert (
        client.post(f"/p/{world.programme.id}/milestones/{milestone}/done", data={"_once": "a"}).status_code
        == 404
    )
    login(client, builders.user("kaohe", Role.ASSESSOR, world.programme))
    assert client.get(place(world)).status_code == 200
    assert client.post(place(world, "/verdicts/1"), data={"_once": "b"}).status_code == 403


def test_the_home_pages_say_what_waits(world: World, client: FlaskClient) -> None:
    login(client, world.liaison)
    home = client.get(f"/p/{world.programme.id}/").get_data(as_text=True)
    assert re.search(r"<b>工作计划</b>\s*<span class=\"when\">2021年6月16日", home)
    world.file()
    login(client, builders.user("office1", Role.LEAD_OFFICE, world.programme))
    assert "待审工作计划" in client.get(f"/p/{world.programme.id}/").get_data(as_text=True)


def test_all_milestones_go_out_as_a_workbook(world: World, client: FlaskClient) -> None:
    world.accept()
    login(client, builders.user("office1", Role.LEAD_OFFICE, world.programme))
    answer = client.get(f"/p/{world.programme.id}/milestones.xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_name("节点").to_python()[3:6]
    assert [(row[1], row[4], row[7]) for row in rows] == [
        ("澄江市城管局", "摸排点位", 40), ("澄江市城管局", "安装完成", 60), ("澄江市城管局", "整治方案", 100),
    ]  # fmt: skip


def test_the_list_costs_no_more_queries_for_more_units(
    world: World, client: FlaskClient, database: Database
) -> None:
    login(client, builders.user("office1", Role.LEAD_OFFICE, world.programme))

    def cost() -> int:
        with count_queries(database) as seen:
            assert client.get(f"/p/{world.programme.id}/work-plans").status_code == 200
        return len(seen)

    few = cost()
    for number in range(12):
        builders.assignment(world.task, builders.unit(f"第{number}单位"))
    world.ask(NOW)
    assert WorkPlan.select().count() == 13
    assert Unit.select().count() == 13
    assert cost() == few
