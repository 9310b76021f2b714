"""Exported workbooks: what stands in them, who gets them, and the audit row that each leaves."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import date
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from peewee import Database
from python_calamine import CalamineWorkbook

from supervisor.core import scores
from supervisor.models import AuditEntry, LocalSettings, Role, Task, UnitKind
from tests import builders, quarters
from tests.builders import at
from tests.conftest import StillClock, login
from tests.quarters import CLOSING, Q2, World


@pytest.fixture
def closed(database: Database, clock: StillClock) -> World:
    """The worked quarter, closed; its first task begins like a formula."""
    clock.moment = CLOSING
    world = quarters.worked_quarter()
    Task.update(title="=HYPERLINK(1)加装电梯").where(Task.id == world.tasks["lifts"].id).execute()
    by = builders.actor(Role.ASSESSOR, world.programme, person=world.assessor)
    scores.close(world.programme, Q2, by=by, now=CLOSING)
    return world


def fetch(client: FlaskClient, path: str) -> tuple[CalamineWorkbook, str]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert str(answer.mimetype).endswith("spreadsheetml.sheet")
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.data)), answer.headers["Content-Disposition"]


def text_of(book: CalamineWorkbook, sheet: str) -> str:
    return "\n".join(
        "|".join(str(cell) for cell in row if cell != "") for row in book.get_sheet_by_name(sheet).to_python()
    )


def test_the_ranking_holds_places_lines_and_ledger(client: FlaskClient, closed: World) -> None:
    login(client, closed.assessor, CLOSING)

    book, named = fetch(client, f"/p/{closed.programme.id}/periods/2021-Q2/ranking.xlsx")

    assert book.sheet_names == ["排名", "得分明细", "台账"]
    rows = book.get_sheet_by_name("排名").to_python()
    placed = [
        [cell for cell in row if cell != ""]
        for row in rows
        if row[1] in {"东湖区人民政府", "硚西区人民政府", "璠溪区人民政府"}
    ]
    assert [(row[0], row[1]) for row in placed] == [
        (1, "东湖区人民政府"),
        (2, "硚西区人民政府"),
        (3, "璠溪区人民政府"),
    ]
    assert 93.01 in placed[0]
    assert "不适用" in text_of(book, "排名")
    assert "filename*=UTF-8''" in named
    assert unquote(named.split("''")[1]) == "老旧小区改造-2021年第二季度-考核排名.xlsx"


def test_every_line_of_the_workbook_names_rule_arithmetic_and_records(
    client: FlaskClient, closed: World
) -> None:
    login(client, closed.assessor, CLOSING)
    book, _ = fetch(client, f"/p/{closed.programme.id}/periods/2021-Q2/ranking.xlsx")
    lines = text_of(book, "得分明细")
    assert "20 × 0.8267 = 16.5333" in lines
    assert "2021年6月：迟报1个工作日：应于2021-07-05报送，2021-07-06报送" in lines
    assert "尚无此类数据" in lines


def test_the_ranking_has_excel_s_own_chart_for_each_scored_group(client: FlaskClient, closed: World) -> None:
    login(client, closed.assessor, CLOSING)
    answer = client.get(f"/p/{closed.programme.id}/periods/2021-Q2/ranking.xlsx")
    names = zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    assert [name for name in names if name.startswith("xl/charts/chart")] == [
        "xl/charts/chart1.xml",
        "xl/charts/chart2.xml",
    ]


def test_places_and_totals_are_live_formulas_with_the_closed_figures_behind_them(
    client: FlaskClient, closed: World
) -> None:
    login(client, closed.assessor, CLOSING)
    answer = client.get(f"/p/{closed.programme.id}/periods/2021-Q2/ranking.xlsx")
    page = zipfile.ZipFile(io.BytesIO(answer.data)).read("xl/worksheets/sheet1.xml").decode()
    found = re.findall(r"<f>(ROUND\(ROUND|ROUND|RANK)\([^<]*</f><v>([^<]*)</v>", page)
    kinds = [kind for kind, _result in found]
    assert (kinds.count("RANK"), kinds.count("ROUND"), kinds.count("ROUND(ROUND")) == (3, 4, 4)
    assert ("ROUND", "93.01") in found


def test_the_audit_head_of_the_export_is_printed_on_it(client: FlaskClient, closed: World) -> None:
    login(client, closed.assessor, CLOSING)
    book, _ = fetch(client, f"/p/{closed.programme.id}/periods/2021-Q2/ranking.xlsx")
    row = AuditEntry.select().order_by(AuditEntry.seq.desc()).first()
    assert row is not None
    assert row.action == "export.ranking"
    assert json.loads(row.after)["tasks"] == 2
    head = f"{row.seq}-{row.hash[:16]}"
    assert all(head in text_of(book, name) for name in book.sheet_names)


def test_text_that_begins_like_a_formula_stays_text(client: FlaskClient, closed: World) -> None:
    Task.update(number="", title="=HYPERLINK(1)").where(Task.id == closed.tasks["lifts"].id).execute()
    login(client, closed.assessor, CLOSING)
    answer = client.get(f"/p/{closed.programme.id}/tasks.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    assert "=HYPERLINK(1)" in text_of(book, "台账")
    sheet = zipfile.ZipFile(io.BytesIO(answer.data)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet


@pytest.mark.parametrize(
    ("query", "tasks"),
    [("", 2), ("?q=改造", 1), ("?unit={C}", 1), ("?state=closed", 0), ("?unit={E}", 0)],
)
def test_the_ledger_holds_exactly_the_rows_that_the_filter_shows(
    client: FlaskClient, closed: World, query: str, tasks: int
) -> None:
    from supervisor.core.tasks import bigrams

    for task in Task.select():
        Task.update(search=bigrams(task.title)).where(Task.id == task.id).execute()
    login(client, closed.assessor, CLOSING)
    path = query.format(**{letter: unit.id for letter, unit in closed.units.items()})

    book, _ = fetch(client, f"/p/{closed.programme.id}/tasks.xlsx{path}")

    numbers = [
        row[0] for row in book.get_sheet_by_name("台账").to_python() if isinstance(row[0], float | int)
    ]
    assert len(numbers) == tasks
    row = AuditEntry.select().order_by(AuditEntry.seq.desc()).first()
    assert row is not None
    assert json.loads(row.after)["rows"] == tasks


def test_a_unit_exports_its_own_tasks_and_words_only(client: FlaskClient, closed: World) -> None:
    liaison = builders.user("liaison", Role.LIAISON, closed.programme, closed.units["C"], now=CLOSING)
    login(client, liaison, CLOSING)
    book, _ = fetch(client, f"/p/{closed.programme.id}/tasks.xlsx")
    text = text_of(book, "台账")
    assert "加装电梯" in text
    assert "改造小区" not in text
    assert client.get(f"/p/{closed.programme.id}/periods/2021-Q2/ranking.xlsx").status_code == 403


def test_an_open_quarter_has_no_ranking_to_export(client: FlaskClient, closed: World) -> None:
    login(client, closed.assessor, CLOSING)
    assert client.get(f"/p/{closed.programme.id}/periods/2021-Q3/ranking.xlsx").status_code == 404


def test_forty_one_units_in_two_groups_share_places_in_the_order_of_the_roster(
    client: FlaskClient, database: Database, clock: StillClock
) -> None:
    """C42: equals are not ordered by pinyin or code point, and the next place is left free."""
    clock.moment = CLOSING
    programme = builders.programme(now=CLOSING)
    plan = builders.plan(programme, now=at("2021-04-21 09:00"))
    task = builders.task(plan, "改造小区", due_on=date(2021, 6, 30))
    names = ["硚口", "璠溪", "武槺", "安定", "白沙"]
    areas = [builders.unit(f"{names[n % 5]}{n}区人民政府", UnitKind.DISTRICT) for n in range(15)]
    offices = [builders.unit(f"市第{n}局") for n in range(26)]
    builders.group(programme, "区政府（含功能区）", areas)
    builders.group(programme, "市直部门（含垂管、企业）", offices)
    for n, unit in enumerate([*areas, *offices]):
        link = builders.assignment(task, unit)
        row = builders.obligation(unit, programme, "2021-06", due_on=date(2021, 7, 5))
        builders.entry(row, link)
        quarters.hand_in(row, {link: (100 - n % 15 // 2 * 10, 90, None)})
    quarters.adopt(programme, "zhou-yue-ji")
    LocalSettings.update(appeal_workdays=0).execute()
    assessor = builders.user("assessor", Role.ASSESSOR, programme, now=CLOSING)
    scores.close(programme, Q2, by=builders.actor(Role.ASSESSOR, programme, person=assessor), now=CLOSING)
    login(client, assessor, CLOSING)

    book, _ = fetch(client, f"/p/{programme.id}/periods/2021-Q2/ranking.xlsx")

    rows = [
        row for row in book.get_sheet_by_name("排名").to_python() if str(row[1]).startswith((*names, "市第"))
    ]
    assert len(rows) == 41
    first = [(row[0], row[1]) for row in rows[:15]]
    assert first == [(n // 2 * 2 + 1, areas[n].name) for n in range(15)]  # 1, 1, 3, 3, …, 15
    assert "并列" in str(rows[0])
    by_progress = sorted(range(26), key=lambda n: (15 + n) % 15 // 2)  # stable: equals stay in roster order
    assert [row[1] for row in rows[15:]] == [offices[n].name for n in by_progress]
