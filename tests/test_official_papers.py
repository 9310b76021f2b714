"""Official papers (GB/T 9704-2012): measures of the .docx, titles, signature, colophon; page and file alike."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from html import unescape
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from jinja2 import Environment, FileSystemLoader
from peewee import Database

from supervisor.config import ROOT
from supervisor.core import circulars, paper_styles, programmes
from supervisor.core.periods import Period
from supervisor.documents.content import CellKind, Column
from supervisor.documents.official_docx import write_official_docx
from supervisor.documents.official_paper import (
    Figure,
    Fonts,
    Form,
    OfficialPaper,
    PaperStyle,
    annex_of,
    paragraph,
    paragraphs,
    signature_indents,
)
from supervisor.documents.title_lines import NO_END, NO_START, balanced_lines, text_width
from supervisor.models import Body, BodyKind, Role
from tests import builders as b

LONG = "武汉市硚口区城市更新和老旧小区改造工作领导小组办公室综合协调推进专班住房保障和房屋管理局物业服务中心①"
HARD = "硚口区、叶栋槺、〔2021〕、①、<b>粗</b> & =SUM(A1) 𠮷"
COLUMNS = (
    Column("place", "序号", CellKind.INTEGER, 6), Column("unit", "单位", CellKind.TEXT, 30),
    Column("score", "得分", CellKind.POINTS, 9),
)  # fmt: skip
ROWS = [{"place": n, "unit": LONG if n % 9 == 0 else f"第{n}小区", "score": "93.50"} for n in range(1, 301)]
PAPER = OfficialPaper(
    office="老旧小区改造工作领导小组办公室", title="关于2021年第二季度老旧小区改造工作考核得分情况的通报",
    number="督查通报〔2021〕7号", to="各区人民政府，市直有关部门",
    body=(
        *paragraphs("现将考核情况通报如下。\n一、总体情况"),
        paragraph("（一）报送。按时", Figure("120", "/p/1/reports"), "份。"),
        *paragraphs(f"1.{HARD}\n（1）其他"),
    ),
    annexes=(annex_of("得分表", COLUMNS, ROWS, "截至7月9日。"), annex_of("问题表", COLUMNS, ROWS[:2], across=False)),
    issued_on="2021-07-09", remark="此件公开发布",
    style=PaperStyle(proxy="市住房城乡建设局", copies="市委办公厅，市人大常委会办公厅"),
)  # fmt: skip
MADE = b.at("2021-07-09 10:00")


def written(paper: OfficialPaper = PAPER) -> Any:
    return Document(io.BytesIO(write_official_docx(paper, MADE)))


def measures(section: Any) -> tuple[tuple[float, ...], dict[str, str]]:
    sides = (section.top_margin, section.right_margin, section.bottom_margin, section.left_margin)
    grid = section._sectPr.find(qn("w:docGrid")).attrib
    return tuple(round(side.mm) for side in sides), {key.split("}")[1]: value for key, value in grid.items()}


def east_asian(run: Any) -> str:
    return str(run._r.rPr.rFonts.get(qn("w:eastAsia")))


def test_the_page_is_a4_with_37_26_35_28_mm_and_22_lines_of_28_characters_and_turns_with_its_margins() -> (
    None
):
    paper = written()
    upright, across, last = list(paper.sections)
    grid = {"linePitch": "579", "charSpace": "-848"}
    assert measures(upright) == ((37, 26, 35, 28), grid | {"type": "linesAndChars"})
    assert measures(last) == measures(upright)
    assert measures(across)[0] == (28, 37, 26, 35), "the head of a page across is the binding edge"
    assert [(round(one.page_width.mm), round(one.page_height.mm)) for one in paper.sections] == [
        (210, 297), (297, 210), (210, 297),
    ]  # fmt: skip
    normal = paper.styles["Normal"]
    assert (normal.font.size.pt, normal.font.name) == (16, "仿宋_GB2312")
    text = next(one for one in paper.paragraphs if one.text.startswith("现将"))
    shape = text.paragraph_format
    spacing = int(text.runs[0]._r.rPr.find(qn("w:spacing")).get(qn("w:val"))) / 20
    assert 28 * (16 + spacing) <= 156 / 25.4 * 72 < 29 * (16 + spacing)
    assert 22 * shape.line_spacing.pt <= 225 / 25.4 * 72 < 23 * shape.line_spacing.pt
    assert shape.first_line_indent.pt == pytest.approx(2 * (16 + spacing), abs=0.1)


def test_every_part_stands_in_its_font_and_size_and_headings_by_their_level() -> None:
    fonts = {
        run.text.replace("\n", ""): (east_asian(run), run.font.size.pt)
        for one in written().paragraphs for run in one.runs if run.text.strip()
    }  # fmt: skip
    assert fonts[PAPER.title] == ("方正小标宋简体", 22)
    for text, font in (
        (PAPER.number, "仿宋_GB2312"), ("一、总体情况", "黑体"), ("（一）报送。", "楷体_GB2312"), ("附件1", "黑体"),
        ("按时120份。", "仿宋_GB2312"), (f"1.{HARD}", "仿宋_GB2312"), ("（1）其他", "仿宋_GB2312"),
    ):  # fmt: skip
        assert fonts[text] == (font, 16), text
    head = written().paragraphs[0]
    assert str(head.runs[0].font.color.rgb) == "D00000"
    assert head.paragraph_format.space_before.mm == pytest.approx(35, abs=3)


def test_pages_are_numbered_outside_and_on_a_page_across_at_the_same_place_of_the_paper() -> None:
    for section in written().sections:
        for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
            xml = footer._element
            assert [one.text for one in xml.iter(qn("w:instrText"))] == ["PAGE"]
            assert "".join(one.text for one in xml.iter(qn("w:t"))) == "— 1 —"
            assert {one.get(qn("w:val")) for one in xml.iter(qn("w:sz"))} == {"28"}
            assert {one.get(qn("w:val")) for one in xml.iter(qn("w:jc"))} == {side}
            turned = "layout-flow:vertical" in xml.xml
            assert turned == (section.page_width > section.page_height)


def test_a_table_of_300_rows_repeats_its_head_cuts_no_row_and_keeps_names_markup_and_formulas() -> None:
    paper = replace(
        PAPER, annexes=(annex_of("表", COLUMNS, [*ROWS, {"place": 301, "unit": HARD, "score": None}]),)
    )
    rows = list(written(paper).element.body.iter(qn("w:tr")))[:302]
    assert [row.trPr.find(qn("w:tblHeader")) is not None for row in rows[:2]] == [True, False]
    assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in rows)
    marks = {one.get(qn("w:val")) for row in rows for one in row.iter(qn("w:sz"))}
    assert marks == {"21"}, "an empty cell is no higher than its row"
    texts = [
        ["".join(t.text or "" for t in cell.iter(qn("w:t"))) for cell in row.iter(qn("w:tc"))] for row in rows
    ]
    assert texts[0] == ["序号", "单位", "得分"]
    assert texts[9] == ["9", LONG, "93.50"]
    assert texts[301] == ["301", HARD, "—"]


def test_the_same_content_gives_the_same_bytes_and_a_house_names_its_own_fonts() -> None:
    assert write_official_docx(PAPER, MADE) == write_official_docx(OfficialPaper.read(PAPER.to_json()), MADE)
    ours = Fonts("方正小标宋_GBK", "方正黑体_GBK", "方正仿宋_GBK", "方正楷体_GBK")
    paper = written(replace(PAPER, style=replace(PAPER.style, fonts=ours)))
    assert "GB2312" not in paper.element.xml + paper.styles.element.xml
    assert {east_asian(run) for one in paper.paragraphs for run in one.runs if run.text} == set(
        vars(ours).values()
    )
    assert write_official_docx(replace(PAPER, remark="\x0b\x01"), MADE), "what Word cannot hold is left out"


@pytest.mark.parametrize(
    ("lines", "seal", "names", "day"),
    [
        # 2021年7月9日 is 6 characters wide: it leaves 4 free, the name is centred over it.
        (["督查室"], "sealed", [5.5], 4),
        (["督查室", "（市住建局代章）"], "sealed", [5.5, 3], 4),
        # A name wider than its place reaches the edge; the day stays under its middle.
        (["一" * 20], "sealed", [0], 7),
        # Without a seal the day begins two to the right of the name, and both leave two free.
        (["一" * 15], "bare", [2], 9),
        (["督查室"], "bare", [7], 2),
    ],
)  # fmt: skip
def test_name_and_day_stand_where_the_standard_puts_them(
    lines: list[str], seal: str, names: list[float], day: float
) -> None:
    assert signature_indents(lines, "2021年7月9日", sealed=seal == "sealed") == (names, day)


@pytest.mark.parametrize(
    "lines",
    [
        ("督办通知单",),
        ("关于2021年5月背街小巷更新行动", "工作进展情况的通报"),
        ("关于2021年第二季度老旧小区改造", "工作考核得分情况的通报"),
    ],
)
def test_titles_break_between_words_into_balanced_lines(lines: tuple[str, ...]) -> None:
    assert balanced_lines("".join(lines), 20, whole=("背街小巷更新行动", "老旧小区改造")) == lines


@pytest.mark.parametrize("text", [LONG, HARD * 3, "一" * 90, "A" * 90, "，" * 45])
def test_no_title_loses_a_sign_or_runs_over_its_line(text: str) -> None:
    lines = balanced_lines(text, 20)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(text_width(one) <= 20 for one in lines)
    if text == LONG:
        assert not any(one[0] in NO_START or one[-1] in NO_END for one in lines)


def test_the_colophon_stands_at_the_foot_between_lines_of_035_025_and_035_mm() -> None:
    xml = written().paragraphs[-1]._p.xml
    assert "抄送：市委办公厅，市人大常委会办公厅。" in xml
    assert "2021年7月9日印发" in xml
    edges = [
        (edge.tag.split("}")[1], edge.get(qn("w:sz")))
        for borders in written().paragraphs[-1]._p.iter(qn("w:tcBorders")) for edge in borders
    ]  # fmt: skip
    assert edges == [("top", "8"), ("bottom", "6"), *[("top", "6"), ("bottom", "8")] * 2]
    foot = (
        float(xml.split("margin-top:")[1].split("pt")[0]) + float(xml.split("height:")[1].split("pt")[0]) - 1
    )
    assert foot * 25.4 / 72 == pytest.approx(297 - 35, abs=0.2)
    bare = written(replace(PAPER, style=replace(PAPER.style, colophon=False)))
    assert "印发" not in bare.paragraphs[-1]._p.xml


def test_page_and_word_file_say_the_same_and_only_a_draft_links_its_figures() -> None:
    paper = replace(
        PAPER, form=Form((("督办事项", HARD),)), slip=Form((("签收人", ""),), "回执"), signer="王五"
    )
    made = written(paper)
    words = [
        "".join(t.text or "" for t in one.iter(qn("w:t"))).replace(" ", "").replace("　", "")
        for one in made.element.body.iter(qn("w:p"))
    ]  # fmt: skip
    macros = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True)
    shown: Any = macros.get_template("_macros/official.html").module
    draft, page = shown.official(paper, linked=True), shown.official(paper)
    assert '<a class="sourced" href="/p/1/reports">120</a>' in draft
    assert "sourced" not in page
    assert "<b>粗</b>" not in page
    seen = unescape(re.sub("<[^>]*>", "", page)).replace(" ", "").replace("　", "")
    missing = [one for one in words if one and one not in seen]
    assert missing == []


# ---- what an office decides


def test_c15_an_office_without_a_seal_of_its_own_prints_whose_it_bears(database: Database) -> None:
    programme = b.programme()
    assert paper_styles.proxy_of(programme) == ""
    bureau = b.unit("市住房城乡建设局")
    Body.create(programme=programme, name="另一办公室", kind=BodyKind.OFFICE, seal_name="市发改委")
    Body.create(programme=programme, name=programme.office_name, kind=BodyKind.OFFICE, seal_unit=bureau)
    style = paper_styles.style_on(programme, date(2021, 6, 8))
    paper = replace(PAPER, office=programme.office_name, style=style)
    assert paper.signature() == (programme.office_name, "（市住房城乡建设局代章）")


def test_what_was_issued_keeps_the_style_that_it_went_out_with(database: Database) -> None:
    programme, now = b.programme(), b.at("2021-06-08 10:00")
    office = b.actor(Role.LEAD_OFFICE, programme)
    row = circulars.draft(programme, Period.parse("2021-05"), by=office, now=now)
    seen = circulars.seal_of(circulars.content_of(row, now=now))
    issued = circulars.issue(row, seen=seen, by=office, now=now)
    wanted = {
        "paper_mark": "澄江市人民政府办公室文件",
        "circular_word": "澄督查",
        "font_body": "方正仿宋_GBK",
        "paper_sealed": False,
    }
    programmes.change_settings(
        programme, wanted, valid_from=now.date(), reason="统一格式", by=office, now=now
    )
    assert circulars.content_of(issued, now=now).style == PaperStyle()
    again = circulars.draft(programme, Period.parse("2021-05"), why="更正", by=office, now=now)
    seen = circulars.seal_of(circulars.content_of(again, now=now))
    again = circulars.issue(again, seen=seen, by=office, now=now)
    paper = circulars.content_of(again, now=now).paper()
    assert (paper.mark, paper.number) == ("澄江市人民政府办公室文件", "澄督查〔2021〕2号")
    assert (paper.style.sealed, paper.style.fonts.body) == (False, "方正仿宋_GBK")
