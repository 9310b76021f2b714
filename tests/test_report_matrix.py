"""The matrix of units and periods: every rule, every rhythm, marks, filters, pages, the unit's own row, Excel."""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass, replace
from datetime import date

import pytest
from flask.testing import FlaskClient
from peewee import Database
from python_calamine import CalamineWorkbook

from supervisor.core import matrix_choices, matrix_papers, report_matrix
from supervisor.core.matrix_choices import Wanted
from supervisor.core.obligations import ALL_SUSPENDED
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.core.report_cells import Cell, Mark, cell_column, cell_of
from supervisor.database import count_queries
from supervisor.errors import NotFound
from supervisor.models import (
    AuditEntry,
    Extension,
    LatePermit,
    Obligation,
    ObligationState,
    Outcome,
    Programme,
    Report,
    ReportingRule,
    Role,
    RuleKind,
    Unit,
)
from supervisor.models.base import rows_of
from supervisor.words import say
from tests import builders as b
from tests.conftest import login

NOW = b.at("2021-11-30 09:00")


@dataclass
class Place:
    programme: Programme
    units: list[Unit]
    office: Actor

    def rule(
        self, name: str, recurrence: str, kind: RuleKind = RuleKind.PROGRESS, minimum: int = 1
    ) -> ReportingRule:
        return ReportingRule.create(
            programme=self.programme, name=name, recurrence=recurrence, kind=kind, minimum=minimum,
            valid_from=date(2021, 1, 1),
        )  # fmt: skip

    def owe(
        self,
        rule: ReportingRule,
        periods: list[str],
        unit: int = 0,
        outcome: Outcome | None = Outcome.ON_TIME,
        **more: object,
    ) -> list[Obligation]:
        made = []
        for key in periods:
            row = b.obligation(self.units[unit], self.programme, key, due_on=Period.parse(key).end, of=rule)
            state = (
                ObligationState.ACCEPTED if outcome not in {None, Outcome.MISSING} else ObligationState.OPEN
            )
            Obligation.update({"outcome": outcome, "state": state, **more}).where(
                Obligation.id == row.id
            ).execute()
            made.append(row)
        return made

    def read(self, **wanted: object) -> report_matrix.Matrix:
        return report_matrix.matrix(self.office, replace(Wanted(), **wanted), now=NOW)  # type: ignore[arg-type]


@pytest.fixture
def place(database: Database) -> Place:
    programme = b.programme()
    return Place(programme, [b.unit("甲局"), b.unit("乙局")], b.actor(Role.LEAD_OFFICE, programme))


def test_the_database_and_python_name_the_same_square(place: Place) -> None:
    monthly = place.rule("月报", "monthly:5")
    keys = (f"{year}-{month:02}" for year in range(2001, 2020) for month in range(1, 13))
    told = {}
    for state, outcome, due, reason in itertools.product(
        ObligationState, [None, *Outcome], (NOW, b.at("2021-12-01 00:00")), ("", ALL_SUSPENDED)
    ):
        (row,) = place.owe(
            monthly, [next(keys)], outcome=outcome, state=state, due_at=due, waive_reason=reason
        )
        told[row.id] = cell_of(state, outcome, due, NOW, reason)
    found = rows_of(Obligation.select(Obligation.id, cell_column(NOW).alias("cell")))
    assert {key: Cell(word) for key, word in found} == told
    assert set(told.values()) == set(Cell)


@pytest.mark.parametrize(
    ("recurrence", "periods", "shown"),
    [
        pytest.param("weekly:fri", ["2021-W46", "2021-W47"], ["第46周", "第47周"], id="weekly"),
        pytest.param("tenday:end", ["2021-10-T3", "2021-11-T1"], ["10月下旬", "11月上旬"], id="ten-day"),
        pytest.param("monthly:25", ["2021-09", "2021-10"], ["9月", "10月"], id="monthly"),
        pytest.param("monthly:10,25", ["2021-10-10", "2021-10-25"], ["10-10", "10-25"], id="several-days"),
        pytest.param("quarterly:end", ["2021-Q1", "2021-Q3"], ["一季度", "三季度"], id="quarterly"),
        pytest.param("halfyear:6-15", ["2021-H1"], ["上半年"], id="half-yearly"),
        pytest.param("yearly:12-10", ["2021"], ["全年"], id="yearly"),
        pytest.param("", ["2021-07-15"], ["7-15"], id="once"),
    ],
)
def test_every_rhythm_has_its_own_periods_as_columns(
    place: Place, recurrence: str, periods: list[str], shown: list[str]
) -> None:
    rule = place.rule("报送", recurrence, RuleKind.FILING)
    rows = place.owe(rule, periods)
    found = place.read(of=str(rule.id))
    assert [column.key for column in found.choices.columns] == periods
    assert [say(column.short, "zh_CN") for column in found.choices.columns] == shown
    squares = {key: square.id for (_, key), square in found.squares.items()}
    assert squares == {row.period: row.id for row in rows}


def test_rules_of_a_kind_share_months_and_show_the_worst_with_how_many_are_in(place: Place) -> None:
    weekly, monthly = place.rule("周报", "weekly:fri"), place.rule("月报", "monthly:5")
    quarterly = place.rule("季报", "quarterly:end")
    place.owe(weekly, ["2021-W39"])  # 27 September to 3 October: its Thursday is the 30th (D9)
    place.owe(weekly, ["2021-W40", "2021-W41"])
    place.owe(weekly, ["2021-W42"], outcome=Outcome.LATE, late_workdays=2)
    place.owe(weekly, ["2021-W43"], outcome=Outcome.MISSING)
    place.owe(monthly, ["2021-10"], state=ObligationState.WAIVED, outcome=None)
    place.owe(quarterly, ["2021-Q3"])
    found = place.read(of="progress")
    assert [column.key for column in found.choices.columns] == ["2021-09", "2021-Q3", "2021-10"]
    unit = place.units[0].id
    october = found.squares[unit, "2021-10"]
    assert (october.cell, october.numbers, october.several) == (Cell.MISSING, "3/4", True)
    assert found.squares[unit, "2021-09"].several is False
    assert found.counts[Cell.WAIVED] == 1
    year = report_matrix.unit_year(unit, place.office, Wanted(of="progress"), now=NOW, column="2021-10")
    assert [(rule.name, [one.period for one in some]) for rule, some in year.rows] == [
        ("周报", ["2021-W40", "2021-W41", "2021-W42", "2021-W43"]),
        ("月报", ["2021-10"]),
    ]


def test_a_weekly_rule_is_shown_a_quarter_at_a_time(place: Place) -> None:
    weekly = place.rule("周报", "weekly:fri")
    place.owe(weekly, [f"2021-W{n:02}" for n in range(1, 53)])
    now, first = place.read(of=str(weekly.id)), place.read(of=str(weekly.id), quarter=1)
    assert (now.choices.wanted.quarter, now.choices.quarters) == (4, [1, 2, 3, 4])
    assert now.choices.columns[0].key == "2021-W40"
    assert (first.choices.columns[0].key, first.choices.columns[-1].key) == ("2021-W01", "2021-W12")


def test_counted_items_stand_against_their_minimum(place: Place) -> None:
    rule = place.rule("信息", "monthly", RuleKind.COUNT, minimum=3)
    (row,) = place.owe(rule, ["2021-11"], outcome=None, due_at=b.at("2021-12-01 00:00"))
    for number in (1, 2):
        Report.create(obligation=row, number=number, submitted_by=1, received_at=NOW)
    square = place.read(of="count").squares[place.units[0].id, "2021-11"]
    assert (square.cell, square.numbers) == (Cell.OPEN, "2/3")


def test_extensions_late_permits_and_suspensions_are_marked(place: Place) -> None:
    rule = place.rule("月报", "monthly:5")
    extended, permitted, _, refused = place.owe(rule, ["2021-07", "2021-08", "2021-09", "2021-10"])
    for row, granted in ((extended, True), (refused, False)):
        Extension.create(
            obligation=row,
            reason="汛期",
            wanted_on=date(2021, 8, 20),
            asked_by=1,
            asked_at=NOW,
            granted=granted,
        )
    LatePermit.create(
        obligation=permitted,
        until_on=NOW,
        until_at=NOW,
        was_locked_at=NOW,
        reason="核实",
        given_by=1,
        given_at=NOW,
    )
    place.owe(rule, ["2021-11"], outcome=None, state=ObligationState.WAIVED, waive_reason=ALL_SUSPENDED)
    squares = {key: square for (_, key), square in place.read().squares.items()}
    marks = {key: square.marks for key, square in squares.items() if square.marks}
    assert marks == {"2021-07": (Mark.EXTENDED,), "2021-08": (Mark.PERMITTED,)}
    assert squares["2021-11"].cell is Cell.SUSPENDED


def test_work_plans_are_a_rule_like_any_other(place: Place) -> None:
    """Each unit's own day and outcome stand in the one column of its plan."""
    plan = b.plan(place.programme)
    rule = ReportingRule.create(
        programme=place.programme, plan=plan, name="工作计划", kind=RuleKind.WORK_PLAN, recurrence="",
        due_on=date(2021, 11, 29), subject_shift=0, valid_from=date(2021, 11, 1),
    )  # fmt: skip
    place.owe(rule, ["2021-11-29"], outcome=Outcome.MISSING)
    place.owe(rule, ["2021-11-29"], unit=1, state=ObligationState.RETURNED)
    found = place.read(of="work_plan")
    assert say(found.choices.title, "zh_CN") == "工作计划"
    assert len(found.choices.columns) == 1
    assert sorted(square.cell.value for square in found.squares.values()) == ["missing", "returned"]


def test_year_group_and_outcome_narrow_what_is_shown(place: Place) -> None:
    rule = place.rule("月报", "monthly:5")
    place.owe(rule, ["2020-12", "2021-01"], outcome=Outcome.MISSING)
    place.owe(rule, ["2021-01"], unit=1)
    group = b.group(place.programme, "第一组", [place.units[1]])
    assert place.read().choices.years == [2021, 2020]
    assert [key for _, key in place.read(year=2020).squares] == ["2020-12"]
    assert [name for _, name in place.read(group_id=group.id).units] == ["乙局"]
    assert [name for _, name in place.read(only=Cell.MISSING).units] == ["甲局"]
    assert place.read(only=Cell.MISSING).counts[Cell.ON_TIME] == 1


def test_until_february_last_year_is_shown(place: Place) -> None:
    place.owe(place.rule("月报", "monthly:5"), ["2020-12", "2021-01"])
    for today, year in ((date(2021, 1, 31), 2020), (date(2021, 2, 1), 2021), (date(2030, 1, 1), 2021)):
        assert matrix_choices.choose(place.programme.id, Wanted(), today).wanted.year == year


def test_pages_of_units_follow_each_other_without_loss(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_matrix, "PER_PAGE", 2)
    rule = place.rule("月报", "monthly:5")
    place.units += [b.unit(f"{n}局", sort=2) for n in range(3)]
    for n in range(5):
        place.owe(rule, ["2021-05"], unit=n)
    names: list[str] = []
    after: tuple[int, int] | None = None
    for _ in range(3):
        page = place.read(after=after)
        names += [name for _, name in page.units]
        assert {unit for unit, _ in page.squares} == {unit for unit, _ in page.units}
        after = Wanted.read({"after": page.following}).after if page.following else None
    assert names == ["甲局", "乙局", "0局", "1局", "2局"]
    assert after is None


def test_a_unit_sees_its_own_year_and_no_other(place: Place) -> None:
    rule = place.rule("月报", "monthly:5")
    for n in (0, 1):
        place.owe(rule, ["2021-05"], unit=n)
    mine = b.actor(Role.LIAISON, place.programme, place.units[0])
    year = report_matrix.unit_year(place.units[0].id, mine, Wanted(), now=NOW)
    assert [[square.period for square in some] for _, some in year.rows] == [["2021-05"]]
    with pytest.raises(NotFound):
        report_matrix.unit_year(place.units[1].id, mine, Wanted(), now=NOW)
    shown = report_matrix.whole(mine, Wanted(), now=NOW, most=10)
    assert shown is not None
    assert [name for _, name in shown[0].units] == ["甲局"]


def test_page_and_queries_do_not_grow_with_units_rules_or_years(
    place: Place, client: FlaskClient, database: Database
) -> None:
    office = b.user("office", Role.LEAD_OFFICE, place.programme)
    login(client, office, NOW)
    rule = place.rule("月报", "monthly:5")
    place.owe(rule, ["2021-05"])
    address = f"/p/{place.programme.id}/reports?of=all"
    client.get(address)
    with count_queries(database) as few:
        client.get(address)
    place.units += [b.unit(f"{n}局") for n in range(70)]
    other = place.rule("季报", "quarterly:end", RuleKind.FILING)
    for n in range(72):
        place.owe(rule, ["2019-05", "2021-06"], unit=n)
        place.owe(other, ["2021-Q2"], unit=n)
    with count_queries(database) as many:
        page = client.get(address).get_data(as_text=True)
    assert len(few) == len(many)
    assert page.count('class="unit" scope="row"') == report_matrix.PER_PAGE
    assert page.count('class="cell cell-on_time" href') == 2 * report_matrix.PER_PAGE + 1
    assert f"/p/{place.programme.id}/reports/units/{place.units[0].id}?of=all" in page


def test_the_page_says_every_square_in_words_and_leads_to_what_is_behind(
    place: Place, client: FlaskClient
) -> None:
    office = b.user("office", Role.LEAD_OFFICE, place.programme)
    rule = place.rule("月报", "monthly:5")
    (row,) = place.owe(rule, ["2021-05"], outcome=Outcome.LATE, late_workdays=2)
    page = login(client, office, NOW).get(f"/p/{place.programme.id}/reports").get_data(as_text=True)
    assert f'href="/p/{place.programme.id}/reports/{row.id}"' in page
    assert 'aria-label="甲局, 2021年5月: 迟报2个工作日"' in page
    for cell in Cell:
        assert say(cell.label, "zh_CN") in page


def test_c24_the_page_of_one_rule_says_how_many_are_asked_for_handed_in_and_not(
    place: Place, client: FlaskClient
) -> None:
    """C24: what is missing on the day after is what was asked for less what was received."""
    office = b.user("office", Role.LEAD_OFFICE, place.programme)
    rule = place.rule("半年小结", "", RuleKind.FILING)
    place.owe(rule, ["2021-06-15"], outcome=Outcome.LATE)
    place.owe(rule, ["2021-06-15"], unit=1, outcome=None)
    page = login(client, office, NOW).get(f"/p/{place.programme.id}/reports?of={rule.id}").text
    assert "半年小结：应报2，已报1，未报1。" in page
    Obligation.update(state=ObligationState.WAIVED).where(Obligation.unit == place.units[1]).execute()
    page = client.get(f"/p/{place.programme.id}/reports?of={rule.id}").text
    assert "半年小结：应报1，已报1，未报0。" in page


def test_the_workbook_holds_the_pages_squares_and_every_report(place: Place, client: FlaskClient) -> None:
    office = b.user("office", Role.LEAD_OFFICE, place.programme)
    weekly, monthly = place.rule("周报", "weekly:fri"), place.rule("月报", "monthly:5")
    place.owe(weekly, ["2021-W40", "2021-W41"])
    place.owe(monthly, ["2021-10"], outcome=Outcome.MISSING)
    answer = login(client, office, NOW).get(f"/p/{place.programme.id}/reports.xlsx?of=progress")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    assert book.sheet_names == ["矩阵", "明细"]
    matrix = book.get_sheet_by_name("矩阵").to_python()
    assert matrix[2][:2] == ["单位", "2021年10月"]
    assert matrix[3][:2] == ["甲局", "■ 漏报 2/3"]
    lines = [row[2:5] for row in book.get_sheet_by_name("明细").to_python()[3:6]]
    assert sorted(lines) == [
        ["周报", "2021年第40周", "● 按时"], ["周报", "2021年第41周", "● 按时"], ["月报", "2021年10月", "■ 漏报"],
    ]  # fmt: skip
    assert AuditEntry.select().where(AuditEntry.action == "export.matrix").count() == 1


def test_a_workbook_beyond_its_size_is_refused_with_a_way_out(
    place: Place, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matrix_papers, "MOST_ROWS", 1)
    office = b.user("office", Role.LEAD_OFFICE, place.programme)
    place.owe(place.rule("月报", "monthly:5"), ["2021-05", "2021-06"])
    answer = login(client, office, NOW).get(f"/p/{place.programme.id}/reports.xlsx")
    assert answer.status_code == 409
    assert "请选定一项规则" in answer.get_data(as_text=True)
