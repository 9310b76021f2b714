import io
import re
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from supervisor.documents.content import (
    CellKind,
    Column,
    IndicatorColumn,
    Lamp,
    LedgerContent,
    LedgerRow,
    Light,
    RankedGroup,
    RankedUnit,
    RankingContent,
    ScoreLine,
    Sheet,
    Workbook,
)
from supervisor.documents.ledger_xlsx import write_ledger
from supervisor.documents.ranking_xlsx import write_ranking
from supervisor.documents.sheet_book import CUT_MARK, LONGEST_TEXT, lines_of, row_height, write_workbook

CREATED = datetime(2021, 7, 13, 1, 0, tzinfo=UTC)
FORMULAS = ("=SUM(1,1)", "+1", "-1", "@name", "=cmd|' /C calc'!A0", "\t=1")


def rows_of(data: bytes, sheet: str) -> list[list[Any]]:
    return list(
        CalamineWorkbook.from_filelike(io.BytesIO(data))
        .get_sheet_by_name(sheet)
        .to_python(skip_empty_area=False)
    )


def part(data: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name).decode()


def table(*values: str) -> bytes:
    sheet = Sheet("表", "标题", (Column("a", "列"),), tuple({"a": value} for value in values))
    return write_workbook(Workbook((sheet,), CREATED))


def ranked(
    place: int | None,
    unit: str,
    total: str | None,
    *,
    change: str | None = None,
    tier: str = "",
    remark: str = "",
) -> RankedUnit:
    points = {"done": Decimal("23.00"), "scale": None}
    score = None if total is None else Decimal(total)
    moved = None if change is None else Decimal(change)
    return RankedUnit(place, unit, points, score, Decimal(0), Decimal(0), score, moved, tier, remark)


def ranking() -> RankingContent:
    done, scale = (
        IndicatorColumn("done", "任务完成率", Decimal(25)),
        IndicatorColumn("scale", "实物量", Decimal("12.5")),
    )
    streets = (
        ranked(1, "硚口街道", "91.24", tier="优秀", change="1.5"),
        ranked(2, "璠城街道", "88.00", change="-0.25", remark="并列"),
        ranked(2, "=槺林街道", "88.00"),
        ranked(None, "新城管委会", None, remark="适用分值不足60"),
    )
    offices = (ranked(1, "市房管局", "95.10"),)
    groups = (
        RankedGroup("街道", (done, scale), streets),
        RankedGroup("部门", (done,), offices, "少于3个单位"),
    )
    lines = (
        ScoreLine(
            "街道",
            "硚口街道",
            "任务完成率",
            Decimal(25),
            Decimal("23.00"),
            "完成率×25",
            "25×92%",
            "2021-04月报",
        ),
        ScoreLine("街道", "硚口街道", "实物量", Decimal("12.5"), None, "相对最好", "", "", "没有实物量任务"),
    )
    return RankingContent(
        "二季度排名表", "2021年第二季度", "平时定期型 第1版", "2021-07-12", groups, lines, CREATED, "3f9ab71c"
    )


def ledger() -> bytes:
    rows = (
        LedgerRow(1, "改造提升", "补齐短板", due=date(2021, 12, 31), planned=Decimal(50), actual=Decimal("43.5"),
                  lamp=Lamp(Light.AMBER, "滞后"), lead_units="市房管局", problems="-无"),
        LedgerRow(2, "长效管理", "完善物业", due="长期", lamp=Lamp(Light.GREY, "未启动")),
    )  # fmt: skip
    return write_ledger(LedgerContent("工作台账", "市房管局", date(2021, 6, 30), rows, CREATED, "3f9ab71c"))


def test_the_ranking_has_a_block_for_each_group_with_places_and_remarks() -> None:
    rows = rows_of(write_ranking(ranking()), "排名")
    head = next(row for row in rows if row[0] == "名次")
    assert head[1:] == [
        "单位",
        "任务完成率\n（25分）",
        "实物量\n（12.5分）",
        "基础分",
        "加分",
        "减分",
        "总分",
        "较上期±",
        "等次",
        "备注",
    ]
    streets = {str(row[1]): row for row in rows if row[0] in {1.0, 2.0, "—"}}
    assert streets["硚口街道"][:8] == [1.0, "硚口街道", 23.0, "不适用", 91.24, 0.0, 0.0, 91.24]
    assert streets["硚口街道"][8:10] == [1.5, "优秀"]
    assert streets["璠城街道"][0] == streets["=槺林街道"][0] == 2.0
    assert streets["新城管委会"][0] == "—"
    assert streets["新城管委会"][7] == "不适用"  # no total is no zero
    assert streets["新城管委会"][10] == "适用分值不足60"
    assert [row[0] for row in rows if str(row[0]).startswith(("街道（", "部门（"))] == [
        "街道（4个单位）",
        "部门（1个单位）　少于3个单位",
    ]


def test_the_ranking_names_rulebook_cutoff_and_audit_head_in_its_footnotes() -> None:
    rows = rows_of(write_ranking(ranking()), "排名")
    notes = "\n".join(str(row[0]) for row in rows if str(row[0]).startswith("注"))
    for said in ("平时定期型 第1版", "2021-07-12", "不计入分母", "不分先后", "3f9ab71c"):
        assert said in notes
    assert [cell for cell in rows[-1] if cell] == ["制表：", "审核：", "签发："]


def test_each_group_has_a_chart_of_excels_own_over_its_own_cells() -> None:
    data = write_ranking(ranking())
    charts = [part(data, f"xl/charts/chart{number}.xml") for number in (1, 2)]
    assert "<c:barChart>" in charts[0]
    assert "排名!$H$6:$H$9" in charts[0]
    assert "排名!$B$6:$B$9" in charts[0]
    assert 'orientation val="maxMin"' in charts[0]
    rows = rows_of(data, "排名")
    first = next(index for index, row in enumerate(rows) if row[1] == "市房管局")
    assert f"<c:f>排名!$G${first + 1}</c:f>" in charts[1]
    assert first > 9 + 5  # the first chart has its own rows between the blocks


def test_every_score_line_is_listed_with_rule_arithmetic_and_records() -> None:
    rows = rows_of(write_ranking(ranking()), "得分明细")
    assert rows[2][:4] == ["组别", "单位", "指标", "分值"]
    assert rows[3] == ["街道", "硚口街道", "任务完成率", 25.0, 23.0, "完成率×25", "25×92%", "2021-04月报", ""]
    assert rows[4][4] == "不适用"


def test_the_ledger_holds_real_dates_numbers_and_lamps_with_words() -> None:
    rows = rows_of(ledger(), "台账")
    assert rows[0][0] == "工作台账"
    assert rows[1][0] == "填报单位（盖章）：市房管局"
    assert "截至日期：2021年6月30日" in rows[1]
    assert len(rows[2]) == 17
    first = dict(zip(rows[2], rows[3], strict=True))
    assert first["完成时限"] == date(2021, 12, 31)
    assert (first["计划进度"], first["实际进度"], first["完成率"]) == (0.5, 0.435, "")
    assert first["状态"] == "▲ 滞后"
    assert dict(zip(rows[2], rows[4], strict=True))["完成时限"] == "长期"


def test_the_ledger_prints_on_a4_with_its_head_on_every_page() -> None:
    data = ledger()
    sheet, book = part(data, "xl/worksheets/sheet1.xml"), part(data, "xl/workbook.xml")
    assert 'paperSize="9"' in sheet
    assert 'orientation="landscape"' in sheet
    assert 'fitToHeight="0"' in sheet
    assert "第 &amp;P 页 共 &amp;N 页" in sheet
    assert '<pane xSplit="3" ySplit="3" topLeftCell="D4"' in sheet
    assert '<autoFilter ref="A3:Q5"/>' in sheet
    assert re.search(r"Print_Titles[^>]*>台账!\$3:\$3<", book)
    assert "3f9ab71c" in part(data, "xl/sharedStrings.xml")


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_looks_like_a_formula_stays_text(text: str) -> None:
    data = table(text)
    assert rows_of(data, "表")[3][0] == text
    assert "<f>" not in part(data, "xl/worksheets/sheet1.xml")
    assert 'quotePrefix="1"' in part(data, "xl/styles.xml")


def test_unit_names_and_phone_numbers_stay_text_too() -> None:
    data = write_ranking(ranking())
    assert any(row[1] == "=槺林街道" for row in rows_of(data, "排名"))
    formulas = re.findall("<f>([^<]*)</f>", part(data, "xl/worksheets/sheet1.xml"))
    assert all(formula.startswith(("ROUND(", "RANK(")) for formula in formulas)  # ours, and nobody's name
    assert rows_of(table("027", "13800000000"), "表")[3:] == [["027"], ["13800000000"]]


def test_rare_characters_and_escapes_come_back_whole() -> None:
    hard = "硚口 璠 槺 〔2021〕 — ①–⑩ 𠮷 <a>&\"' _x0041_ \x01\n第二行"
    assert rows_of(table(hard), "表")[3][0] == hard


def test_a_text_beyond_excels_limit_is_cut_and_says_so() -> None:
    kept = rows_of(table("长" * (LONGEST_TEXT + 1)), "表")[3][0]
    assert isinstance(kept, str)
    assert len(kept) == LONGEST_TEXT
    assert kept.endswith(CUT_MARK)


def test_the_same_content_gives_the_same_bytes() -> None:
    assert write_ranking(ranking()) == write_ranking(ranking())
    assert ledger() == ledger()


def test_an_empty_table_is_still_a_table() -> None:
    rows = rows_of(table(), "表")
    assert rows[2] == ["列"]
    empty = RankingContent("排名表", "2021年第二季度", "", "", (), (), CREATED, "")
    assert rows_of(write_ranking(empty), "排名")[0][0] == "排名表"


def test_lamps_differ_in_shape_and_ground_not_only_in_colour() -> None:
    column = Column("lamp", "状态", CellKind.LAMP)
    rows = tuple({"lamp": Lamp(light, "字")} for light in Light)
    data = write_workbook(Workbook((Sheet("表", "标题", (column,), rows),), CREATED))
    assert len({row[0] for row in rows_of(data, "表")[3:]}) == len(Light)
    assert part(data, "xl/styles.xml").count("<fgColor") >= len(Light)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, 1),
        ("五个汉字啊", 10, 1),
        ("六个汉字的话", 10, 2),
        ("ten chars.", 10, 1),
        ("一\n二\n\n四", 10, 4),
        ("长" * 50, 10, 10),
    ],
)
def test_lines_that_a_wrapped_text_takes(text: str, width: float, lines: int) -> None:
    assert lines_of(text, width) == lines


def test_a_row_is_as_tall_as_its_longest_text_and_no_taller_than_excel_allows() -> None:
    assert row_height([("短", 12), ("长" * 20, 12)]) == 14 * 4 + 4
    assert row_height([("长" * 30000, 12)]) == 409
    assert row_height([]) == 18
    heights = re.findall(r'<row r="4"[^>]* ht="([\d.]+)"', part(table("长" * 20), "xl/worksheets/sheet1.xml"))
    assert heights == ["60"]
