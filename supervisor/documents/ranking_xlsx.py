"""The ranking table (排名表) as .xlsx: a block and a chart of Excel's own for each group, and every score line."""

from __future__ import annotations

from typing import Any

from supervisor.documents.content import (
    NOT_APPLICABLE,
    NOT_RANKED,
    CellKind,
    CellValue,
    Column,
    RankedGroup,
    RankedUnit,
    RankingContent,
    ScoreLine,
    Sheet,
)
from supervisor.documents.ranking_formulas import Place, formulas_of
from supervisor.documents.sheet_book import (
    BODY_FONT,
    GROUND,
    HEADING_FONT,
    INK,
    LINE,
    PRIMARY,
    SECONDARY,
    Book,
    row_height,
    write_sheet,
)

BEFORE_INDICATORS = (Column("place", "名次", CellKind.INTEGER, 7), Column("unit", "单位", CellKind.TEXT, 22))
AFTER_INDICATORS = (
    Column("base", "基础分", CellKind.POINTS, 10),
    Column("bonus", "加分", CellKind.POINTS, 10),
    Column("deduction", "减分", CellKind.POINTS, 10),
    Column("total", "总分", CellKind.POINTS, 10),
    Column("change", "较上期±", CellKind.CHANGE, 10),
    Column("tier", "等次", CellKind.WORD, 10),
    Column("remark", "备注", CellKind.TEXT, 30),
)
INDICATOR_WIDTH = 10
EMPHASISED = ("place", "total")
ROW_PIXELS = 20  # the height of an ordinary row of 15 points
CHART_MARGIN_PIXELS, BAR_PIXELS, CHART_WIDTH_PIXELS = 70, 22, 760

LINE_COLUMNS = (
    Column("group", "组别", CellKind.TEXT, 14),
    Column("unit", "单位", CellKind.TEXT, 20),
    Column("indicator", "指标", CellKind.TEXT, 18),
    Column("weight", "分值", CellKind.POINTS, 8),
    Column("points", "得分", CellKind.POINTS, 8),
    Column("rule", "计分规则", CellKind.TEXT, 34),
    Column("arithmetic", "计算过程", CellKind.TEXT, 40),
    Column("records", "依据", CellKind.TEXT, 34),
    Column("remark", "备注", CellKind.TEXT, 20),
)


def write_ranking(content: RankingContent, behind: tuple[Sheet, ...] = ()) -> bytes:
    """The ranking as the bytes of an .xlsx file: sheet 排名 with a chart per group, sheet 得分明细, then `behind`."""
    book = Book(content.created, content.title)
    _write_places(book, content)
    write_sheet(book, _score_lines(content))
    for sheet in behind:
        write_sheet(book, sheet)
    return book.bytes()


def _write_places(book: Book, content: RankingContent) -> None:
    page = book.add_page("排名")
    indicators = max((len(group.indicators) for group in content.groups), default=0)
    columns = (*BEFORE_INDICATORS, *[Column("", "", width=INDICATOR_WIDTH)] * indicators, *AFTER_INDICATORS)
    widths = tuple(column.width for column in columns)
    for position, width in enumerate(widths):
        page.set_column(position, position, width)
    book.title(page, 0, len(widths) - 1, content.title)
    book.across(page, 1, (0, 3), f"考核期：{content.period}", align="left")
    book.across(page, 1, (4, len(widths) - 1), f"数据截止：{content.cutoff}", align="right")
    row = 3
    for group in content.groups:
        row = _write_group(book, page, row, group, len(widths) - 1)
    row = _write_footnotes(book, page, row, content, widths)
    _write_signatures(book, page, row + 1, content)
    page.print_area(0, 0, row + 1, len(widths) - 1)


def _write_group(book: Book, page: Any, row: int, group: RankedGroup, last: int) -> int:
    """Write one group from `row` on; the row after it."""
    name = f"{group.name}（{len(group.units)}个单位）" + (f"　{group.note}" if group.note else "")
    page.set_row(row, 22)
    book.across(page, row, (0, last), name, font_name=HEADING_FONT, font_size=12, align="left")
    columns = _columns_of(group)
    book.headings(page, row + 1, tuple(column.heading for column in columns), height=44)
    if len(columns) - 1 < last:
        _widen_remark(book, page, row + 1, (len(columns) - 1, last), "备注", heading=True)
    first_unit = row + 2
    ranked = sum(unit.place is not None for unit in group.units)
    keys = {column.key: position for position, column in enumerate(columns)}
    where = Place(first_unit, first_unit + max(ranked, 1) - 1, keys)
    for number, unit in enumerate(group.units, start=first_unit):
        _write_unit(book, page, number, unit, columns, last)
        _write_formulas(book, page, number, unit, group, where)
    after = first_unit + len(group.units)
    if not any(unit.total is not None for unit in group.units):
        return after + 1
    total = next(position for position, column in enumerate(columns) if column.key == "total")
    height = _insert_chart(book, page, group, (first_unit, after - 1, total))
    return after + 1 + -(-height // ROW_PIXELS) + 1


def _write_unit(
    book: Book, page: Any, row: int, unit: RankedUnit, columns: tuple[Column, ...], last: int
) -> None:
    texts = [(unit.unit, BEFORE_INDICATORS[1].width), (unit.remark, AFTER_INDICATORS[-1].width)]
    page.set_row(row, row_height(texts))
    values = _values(unit)
    for position, column in enumerate(columns):
        value = values.get(column.key)
        look = {"bold": True} if column.key in EMPHASISED and not isinstance(value, str) else {}
        book.cell(page, row, position, value, column.kind, **look)
    if len(columns) - 1 < last:
        _widen_remark(book, page, row, (len(columns) - 1, last), unit.remark)


def _write_formulas(
    book: Book, page: Any, row: int, unit: RankedUnit, group: RankedGroup, where: Place
) -> None:
    """Put formulas over the figures that they give exactly; the figures stay in the file as their results."""
    values = _values(unit)
    for key, formula in formulas_of(group, unit, row, where).items():
        kind = CellKind.INTEGER if key == "place" else CellKind.POINTS
        look = {"bold": True} if key in EMPHASISED else {}
        book.formula(page, row, where.columns[key], formula, values[key], kind, **look)


def _columns_of(group: RankedGroup) -> tuple[Column, ...]:
    indicators = tuple(
        Column(
            f"indicator:{one.key}",
            f"{one.title}\n（{one.weight.normalize():f}分）",
            CellKind.POINTS,
            INDICATOR_WIDTH,
        )
        for one in group.indicators
    )
    return (*BEFORE_INDICATORS, *indicators, *AFTER_INDICATORS)


def _values(unit: RankedUnit) -> dict[str, CellValue]:
    values: dict[str, CellValue] = {
        "place": NOT_RANKED if unit.place is None else unit.place,
        "unit": unit.unit,
        "base": NOT_APPLICABLE if unit.base is None else unit.base,
        "bonus": unit.bonus,
        "deduction": unit.deduction,
        "total": NOT_APPLICABLE if unit.total is None else unit.total,
        "change": "—" if unit.change is None else unit.change,
        "tier": unit.tier,
        "remark": unit.remark,
    }
    for key, points in unit.points.items():
        values[f"indicator:{key}"] = NOT_APPLICABLE if points is None else points
    return values


def _widen_remark(
    book: Book, page: Any, row: int, columns: tuple[int, int], text: str, *, heading: bool = False
) -> None:
    """Let the last column of a group with fewer indicators reach the right edge of the sheet's widest group."""
    look: dict[str, object] = {
        "border": 1,
        "border_color": LINE,
        "text_wrap": True,
        "align": "left",
        "indent": 1,
    }
    if heading:
        look |= {"indent": 0, "font_name": HEADING_FONT, "align": "center", "bg_color": GROUND}
    book.across(page, row, columns, text, **look)


def _insert_chart(book: Book, page: Any, group: RankedGroup, place: tuple[int, int, int]) -> int:
    """Put Excel's own bar chart of the totals under a block; its height in pixels.

    `place` is the first and last row of the units and the column of their totals.
    """
    first, last, total = place
    chart = book.file.add_chart({"type": "bar"})
    name_font = {"name": BODY_FONT, "size": 9, "color": INK}
    chart.add_series({
        "name": "总分",
        "categories": [page.name, first, 1, last, 1],
        "values": [page.name, first, total, last, total],
        "fill": {"color": PRIMARY},
        "gap": 45,
        "data_labels": {"value": True, "num_format": "0.00", "font": name_font},
    })  # fmt: skip
    chart.set_title({
        "name": f"{group.name}总分", "overlay": False,
        "name_font": {"name": BODY_FONT, "size": 11, "bold": True, "color": INK},
    })  # fmt: skip
    chart.set_legend({"none": True})
    # The first unit stands on top, as in the table; the scale begins at zero, or lengths would lie.
    chart.set_y_axis(
        {"reverse": True, "num_font": name_font, "line": {"none": True}, "major_tick_mark": "none"}
    )
    chart.set_x_axis(
        {"min": 0, "visible": False, "major_gridlines": {"visible": False}, "label_position": "none"}
    )
    chart.set_chartarea({"border": {"none": True}})
    height = CHART_MARGIN_PIXELS + BAR_PIXELS * len(group.units)
    chart.set_size({"width": CHART_WIDTH_PIXELS, "height": height})
    page.insert_chart(last + 2, 1, chart, {"description": f"{group.name}各单位总分条形图"})
    return height


def _write_footnotes(
    book: Book, page: Any, row: int, content: RankingContent, widths: tuple[float, ...]
) -> int:
    notes = (
        f"考核办法：{content.rulebook}",
        f"数据截止：{content.cutoff}",
        "“不适用”的指标不计入分母，得分按适用指标的分值折算为百分制；“—”表示不排名。",
        "同分并列，不分先后。",
        "名次、基础分、总分为公式时，其结果与封账数一致；不能由公式直接得出的为封账数本身。",
        *content.footnotes,
        f"审计链校验值：{content.audit_head}",
    )
    for number, text in enumerate(notes, start=1):
        book.note(page, row, widths, f"注{number}：{text}")
        row += 1
    return row


def _write_signatures(book: Book, page: Any, row: int, content: RankingContent) -> None:
    page.set_row(row, 24)
    signers = (("制表", content.prepared_by), ("审核", content.reviewed_by), ("签发", content.signed_by))
    for position, (role, name) in enumerate(signers):
        book.text(page, row, 1 + position * 3, f"{role}：{name}", font_color=INK if name else SECONDARY)


def _score_lines(content: RankingContent) -> Sheet:
    return Sheet(
        name="得分明细",
        title=f"{content.title}　得分明细",
        columns=LINE_COLUMNS,
        rows=tuple(_line_values(line) for line in content.lines),
        left=f"考核期：{content.period}",
        right=f"考核办法：{content.rulebook}",
        footnotes=(f"审计链校验值：{content.audit_head}",),
        frozen=3,
    )


def _line_values(line: ScoreLine) -> dict[str, CellValue]:
    return {
        "group": line.group,
        "unit": line.unit,
        "indicator": line.indicator,
        "weight": line.weight,
        "points": NOT_APPLICABLE if line.points is None else line.points,
        "rule": line.rule,
        "arithmetic": line.arithmetic,
        "records": line.records,
        "remark": line.remark,
    }
