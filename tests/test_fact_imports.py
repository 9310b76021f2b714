"""Facts by spreadsheet: the template of a group, the preview, every bad row named, all or nothing."""

from __future__ import annotations

import io
from typing import Any

import pytest
import xlsxwriter
from flask.testing import FlaskClient

from supervisor.core import fact_pages, fact_sheets
from supervisor.models import FactUpload, RecordedFact, Role, Unit
from tests import builders, quarters
from tests.conftest import login
from tests.quarters import CLOSING, Q2, World
from tests.test_recorded_facts import SURVEYS, assessor, enter, form, own_rulebook

pytestmark = pytest.mark.usefixtures("database")
FORM = "satisfaction.residents"


def sheet(rows: list[list[Any]]) -> bytes:
    """A spreadsheet with these rows, under a title as the template has one."""
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True})
    page = book.add_worksheet("录入表")
    for number, row in enumerate([["群众满意度录入表"], [], *rows]):
        page.write_row(number, 0, row)
    book.close()
    return held.getvalue()


HEADINGS = ["编号", "单位", "有效问卷（份）", "其中满意（份）", "满意率（%）", "文号或出处", "备注"]


@pytest.fixture
def world() -> World:
    made = quarters.start()
    own_rulebook(made, SURVEYS)
    return made


@pytest.fixture
def signed_in(client: FlaskClient, clock: Any, world: World) -> FlaskClient:
    clock.moment = CLOSING
    return login(client, world.assessor, CLOSING)


def upload(client: FlaskClient, world: World, data: bytes, key: str = FORM) -> Any:
    here = f"/p/{world.programme.id}/facts/2021-Q2/{key}/import"
    return client.post(here, data={**form(), "file": (io.BytesIO(data), "测评.xlsx")})


def test_a_template_holds_the_units_of_its_group_and_what_is_recorded_and_comes_back_unchanged(
    signed_in: FlaskClient, world: World
) -> None:
    enter(world, FORM, {"A": {"answers": "200", "satisfied": "192"}})
    here = f"/p/{world.programme.id}/facts/2021-Q2/{FORM}/template.xlsx"
    answer = signed_in.get(here, query_string={"group": "区人民政府"})
    assert answer.status_code == 200
    state = fact_pages.form_state(world.programme, Q2, FORM, by=assessor(world))
    cells = fact_sheets.read_file(state.form, answer.data, "模板.xlsx")
    assert [row["texts"]["unit"] for row in cells["rows"]] == ["东湖区人民政府"]
    page = signed_in.get(upload(signed_in, world, answer.data).headers["Location"]).get_data(as_text=True)
    assert "文件内容均已录入" in page
    assert signed_in.get(here, query_string={"group": "没有的组"}).status_code == 404


def test_one_bad_row_in_500_is_named_with_its_column_and_keeps_all_of_them_out(
    signed_in: FlaskClient, world: World
) -> None:
    names = ["东湖区人民政府", *(f"第{n}街道" for n in range(499))]
    for name in names[1:]:
        builders.unit(name)
    everybody = [Unit.get(Unit.name == name) for name in names]
    builders.group(world.programme, "街道", everybody[1:])
    rows: list[list[Any]] = [HEADINGS, *(["", name, 100, 90, "", "澄统8号", ""] for name in names)]
    rows[321][3] = 101  # row 324 of the sheet: the title and an empty line stand above
    location = upload(signed_in, world, sheet(rows)).headers["Location"]
    page = signed_in.get(location).get_data(as_text=True)
    assert "有 1 行有误" in page
    assert "324" in page
    assert "D · 其中满意（份）" in page
    assert "满意份数（101）多于有效问卷（100）" in page
    assert signed_in.post(location, data=form()).status_code == 409
    assert RecordedFact.select().count() == 0
    rows[321][3] = 91
    location = upload(signed_in, world, sheet(rows)).headers["Location"]
    assert signed_in.post(location, data=form()).status_code == 303
    assert RecordedFact.select().count() == 500
    assert FactUpload.select().count() == 1  # the wrong one, which is swept


def test_a_changed_row_shows_before_and_after_and_asks_why(signed_in: FlaskClient, world: World) -> None:
    [old] = enter(world, FORM, {"A": {"answers": "200", "satisfied": "192"}})
    rows: list[list[Any]] = [
        HEADINGS,
        [old.id, "东湖区人民政府", 200, 182, "", "", ""],
        ["", "硚西区人民政府", "", "", "96%", "", ""],
    ]
    location = upload(signed_in, world, sheet(rows)).headers["Location"]
    page = signed_in.get(location).get_data(as_text=True)
    assert "有效问卷（份）”" in page  # the second row names no number of answers
    rows[2][2] = 50
    location = upload(signed_in, world, sheet(rows)).headers["Location"]
    page = signed_in.get(location).get_data(as_text=True)
    assert f"更正编号 {old.id}" in page
    assert "<del>192</del>" in page
    answer = signed_in.post(location, data=form(source="澄统9号"))
    assert answer.status_code == 422
    assert "更正已录入的数据须写明理由" in answer.get_data(as_text=True)
    assert signed_in.post(location, data=form(source="澄统9号", reason="漏计一本问卷")).status_code == 303
    kept = {
        row.number: row.named["rate"] for row in RecordedFact.select().where(RecordedFact.unit == old.unit_id)
    }
    assert kept == {1: "96", 2: "91"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (["", "无此单位", 10, 9, "", "x", ""], "本期没有该名称的单位"),
        (["", "东湖区人民政府", "很多", 9, "", "x", ""], "“很多”不是数字"),
        (["", "东湖区人民政府", 10.5, 9, "", "x", ""], "须为整数"),
        (["", "东湖区人民政府", 10, "", 101, "x", ""], "应在 0 到 100 之间"),
        (["", "东湖区人民政府", 10, "", 0.96, "x", ""], "96% 请填 96"),
        ([77, "东湖区人民政府", 10, 9, "", "x", ""], "编号 77 不是本表中仍有效的数据"),
        (["", "东湖区人民政府", 0, 3, "", "x", ""], "没有问卷就没有满意份数"),
    ],
)
def test_each_bad_cell_is_answered_with_what_is_wrong(
    signed_in: FlaskClient, world: World, row: list[Any], said: str
) -> None:
    location = upload(signed_in, world, sheet([HEADINGS, row])).headers["Location"]
    page = signed_in.get(location).get_data(as_text=True)
    assert said in page
    assert RecordedFact.select().count() == 0


def test_two_rows_about_one_thing_and_a_file_without_headings_are_refused(
    signed_in: FlaskClient, world: World
) -> None:
    row = ["", "东湖区人民政府", 10, 9, "", "x", ""]
    location = upload(signed_in, world, sheet([HEADINGS, row, row])).headers["Location"]
    assert "与第 4 行重复" in signed_in.get(location).get_data(as_text=True)
    answer = upload(signed_in, world, sheet([["甲", "乙"], ["1", "2"]]))
    assert answer.status_code == 422
    assert "没有找到含“单位”的表头行" in answer.get_data(as_text=True)
    answer = upload(signed_in, world, sheet([["单位", "有效问卷（份）"], ["东湖区人民政府", ""]]))
    assert "没有可导入的内容" in answer.get_data(as_text=True)
    answer = upload(signed_in, world, sheet([["单位", "备注"], ["东湖区人民政府", "无"]]))
    assert "缺少列：有效问卷（份）" in answer.get_data(as_text=True)
    answer = upload(signed_in, world, b"not a spreadsheet")
    assert answer.status_code == 422


def test_an_upload_is_its_makers_alone_and_goes_after_two_days(signed_in: FlaskClient, world: World) -> None:
    location = upload(
        signed_in, world, sheet([HEADINGS, ["", "东湖区人民政府", 10, 9, "", "x", ""]])
    ).headers["Location"]
    other = builders.user("other", Role.ASSESSOR, world.programme)
    login(signed_in, other, CLOSING)
    assert signed_in.get(location).status_code == 404
    assert fact_sheets.sweep(CLOSING + fact_sheets.KEPT) == 0
    assert fact_sheets.sweep(CLOSING + fact_sheets.KEPT * 2) == 1
