"""Word files: numbers that Word makes, tracked changes, tables, and what stands around the text."""

import pytest

from supervisor.intake import read
from supervisor.intake.containers import open_file
from supervisor.intake.office import numbers
from tests.office_files import cell, level, numbering, p, run, table, word_file


def lines(data: bytes) -> list[str]:
    return open_file(data, "a.docx").text.split("\n")


def aside(data: bytes) -> list[str]:
    opened = open_file(data, "a.docx")
    text = opened.text.split("\n")
    return [text[number - 1] for number in sorted(opened.aside)]


@pytest.mark.parametrize(
    ("form", "printed"),
    [
        ("decimal", "1 2 10 11 20 21"),
        ("chineseCounting", "一 二 十 十一 二十 二十一"),
        ("chineseCountingThousand", "一 二 十 十一 二十 二十一"),
        ("japaneseCounting", "一 二 十 十一 二十 二十一"),
        ("ideographDigital", "一 二 一〇 一一 二〇 二一"),
        ("chineseLegalSimplified", "壹 贰 壹拾 壹拾壹 贰拾 贰拾壹"),
        ("ideographTraditional", "甲 乙 癸 甲 癸 甲"),
        ("decimalEnclosedCircle", "① ② ⑩ ⑪ ⑳ ㉑"),
        ("decimalEnclosedCircleChinese", "① ② ⑩ ⑪ ⑳ ㉑"),
        ("decimalEnclosedParen", "⑴ ⑵ ⑽ ⑾ ⒇ 21"),
        ("decimalEnclosedFullstop", "⒈ ⒉ ⒑ ⒒ ⒛ 21"),
        ("decimalZero", "01 02 10 11 20 21"),
        ("upperRoman", "I II X XI XX XXI"),
        ("lowerLetter", "a b j k t u"),
        ("unheardOf", "1 2 10 11 20 21"),
    ],
)
def test_numbers_are_printed_in_words_form(form: str, printed: str) -> None:
    assert [numbers.shape(n, form) for n in (1, 2, 10, 11, 20, 21)] == printed.split()


def test_hundreds_are_counted_in_words() -> None:
    assert [numbers.counting(n) for n in (100, 101, 110, 120, 999, 1001)] == [
        "一百", "一百〇一", "一百一十", "一百二十", "九百九十九", "一千〇一",
    ]  # fmt: skip


OUTLINE = numbering(
    level(0, "chineseCounting", "%1、") + level(1, "chineseCounting", "（%2）") + level(2, "decimal", "%3．")
    + level(3, "decimalEnclosedCircle", "%4")
)  # fmt: skip


def test_levels_restart_below_a_higher_one_and_go_on_beside_it() -> None:
    order = [
        (0, "甲"),
        (1, "乙"),
        (2, "丙"),
        (2, "丁"),
        (3, "戊"),
        (1, "己"),
        (2, "庚"),
        (0, "辛"),
        (1, "壬"),
    ]
    data = word_file("".join(p(text, num="1", level=at) for at, text in order), {"numbering": OUTLINE})
    assert lines(data) == [
        "一、 甲", "（一） 乙", "1． 丙", "2． 丁", "① 戊", "（二） 己", "1． 庚", "二、 辛", "（一） 壬",
    ]  # fmt: skip


def test_a_level_told_not_to_restart_counts_through() -> None:
    levels = level(0, "chineseCounting", "%1、") + level(1, "decimal", "%2.", '<w:lvlRestart w:val="0"/>')
    body = "".join(p(text, num="1", level=at) for at, text in [(0, "甲"), (1, "乙"), (0, "丙"), (1, "丁")])
    assert lines(word_file(body, {"numbering": numbering(levels)})) == [
        "一、 甲",
        "1. 乙",
        "二、 丙",
        "2. 丁",
    ]


def test_a_second_list_of_the_same_kind_goes_on_unless_it_starts_anew() -> None:
    nums = (
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="0"/></w:num>'
        '<w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/>'
        "</w:lvlOverride></w:num>"
    )
    part = numbering(level(0, "decimal", "%1."), nums)
    body = p("甲", num="1") + p("乙", num="2") + p("丙", num="3") + p("丁", num="3") + p("戊", num="1")
    assert lines(word_file(body, {"numbering": part})) == ["1. 甲", "2. 乙", "1. 丙", "2. 丁", "3. 戊"]


def test_numbers_of_several_levels_and_legal_ones() -> None:
    levels = level(0, "chineseCounting", "第%1章") + level(1, "decimal", "%1.%2", "<w:isLgl/>")
    body = "".join(
        p(text, num="1", level=at) for at, text in [(0, "总则"), (1, "目的"), (1, "依据"), (0, "附则")]
    )
    assert lines(word_file(body, {"numbering": numbering(levels)})) == [
        "第一章 总则", "1.1. 目的", "1.2. 依据", "第二章 附则",
    ]  # fmt: skip


def test_styles_number_their_paragraphs_also_from_the_style_below() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="1"/>'
        '</w:numPr></w:pPr></w:style><w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/><w:pPr>'
        '<w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Own"><w:name w:val="own"/><w:basedOn w:val="H2"/></w:style>'
    )
    levels = level(0, "chineseCounting", "%1、", '<w:pStyle w:val="H1"/>')
    levels += level(1, "chineseCounting", "（%2）", '<w:pStyle w:val="H2"/>')
    body = p("甲", style="H1") + p("乙", style="H2") + p("丙", style="Own") + p("丁", style="H2", num="0")
    data = word_file(body, {"numbering": numbering(levels), "styles": styles})
    assert lines(data) == ["一、 甲", "（一） 乙", "（二） 丙", "丁"]


def test_bullets_print_no_number() -> None:
    part = numbering(level(0, "bullet", "\uf06c"))
    assert lines(word_file(p("甲", num="1"), {"numbering": part})) == ["甲"]


def test_inserted_words_are_read_and_deleted_ones_are_not() -> None:
    deleted = '<w:del w:id="1"><w:r><w:delText>市乙局</w:delText></w:r></w:del>'
    moved = f"<w:moveFrom>{run('市丙局')}</w:moveFrom>"
    inserted = f'<w:ins w:id="2">{run("市丁局）")}</w:ins>'
    body = p("1.建设平台。（责任单位：", inner=deleted + moved + inserted)
    assert [t.responsible for t in read(word_file(body), "a.docx").tasks] == [("市丁局",)]


def test_a_deleted_paragraph_mark_joins_its_paragraph_to_the_next() -> None:
    first = '<w:p><w:pPr><w:rPr><w:del w:id="1"/></w:rPr></w:pPr>' + run("1.建设平台。（市甲局") + "</w:p>"
    assert lines(word_file(first + p("负责）"))) == ["1.建设平台。（市甲局负责）"]


def test_deleted_rows_and_hidden_words_are_left_out() -> None:
    gone = '<w:tr><w:trPr><w:del w:id="1"/></w:trPr>' + cell("9") + cell("废") + "</w:tr>"
    made = table(["1", "甲"]).replace("</w:tbl>", gone + "</w:tbl>")
    hidden = p("明", inner=run("暗", "<w:vanish/>") + run("亮", '<w:vanish w:val="0"/>'))
    assert lines(word_file(made + hidden)) == ["1\t甲", "明亮"]


def test_field_codes_are_not_text_but_their_results_are() -> None:
    field = "<w:r><w:instrText>PAGE</w:instrText></w:r>" + run("3")
    link = f"<w:hyperlink>{run('附件')}</w:hyperlink><w:fldSimple>{run('一')}</w:fldSimple>"
    assert lines(word_file(p("见", inner=field + link))) == ["见3附件一"]


def test_content_controls_are_read_and_a_table_of_contents_is_set_aside() -> None:
    listed = (
        '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
        f"<w:sdtContent>{p('一、任务 1')}</w:sdtContent></w:sdt>"
    )
    control = f"<w:sdt><w:sdtContent>{p('一、任务')}</w:sdtContent></w:sdt>"
    styles = '<w:style w:type="paragraph" w:styleId="10"><w:name w:val="toc 1"/></w:style>'
    data = word_file(listed + p("二、保障 2", style="10") + control, {"styles": styles})
    assert (lines(data), aside(data)) == (
        ["一、任务 1", "二、保障 2", "一、任务"],
        ["一、任务 1", "二、保障 2"],
    )


def test_heads_feet_and_notes_are_set_aside_behind_the_text() -> None:
    notes = f'<w:footnote w:id="0" w:type="separator">{p("-")}</w:footnote>'
    notes += f'<w:footnote w:id="2">{p("见市局文件")}</w:footnote>'
    parts = {"footnotes": notes, "header1": p("内部资料"), "footer1": p("— 3 —"), "footer2": p("内部资料")}
    data = word_file(p("1.建设平台。（市甲局负责）"), parts)
    assert lines(data) == ["1.建设平台。（市甲局负责）", "[2] 见市局文件", "内部资料"]
    assert read(data, "a.docx").document.furniture == (2, 3)


def test_a_text_box_is_read_once_behind_its_paragraph() -> None:
    box = (
        "<w:r><mc:AlternateContent xmlns:mc='urn:mc'><mc:Choice><w:drawing><w:txbxContent>"
        f"{p('云政办发〔2022〕18号')}</w:txbxContent></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent>"
        f"{p('云政办发〔2022〕18号')}</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    assert lines(word_file(p("云溪市人民政府办公室文件", inner=box))) == [
        "云溪市人民政府办公室文件",
        "云政办发〔2022〕18号",
    ]


def test_soft_line_ends_tabs_and_hyphens_are_kept() -> None:
    body = f"<w:p>{run('甲')}<w:r><w:br/><w:t>乙</w:t><w:tab/><w:t>丙</w:t><w:noBreakHyphen/><w:t>丁</w:t></w:r></w:p>"
    assert lines(word_file(body)) == ["甲", "乙\t丙-丁"]


def test_the_strict_form_of_the_format_is_read() -> None:
    assert lines(word_file(p("甲"), strict=True)) == ["甲"]


HEADER = ["序号", "重点任务", "牵头单位", "责任单位", "完成时限"]


def test_cells_merged_over_rows_stand_in_each_and_merged_over_columns_once() -> None:
    data = word_file(
        table(
            HEADER,
            ["1", "建设平台", cell("市甲局", merge="restart"), "市乙局", "2022年6月底前"],
            ["2", "推广应用", cell("", merge="continue"), cell("市丙局", span=2)],
        )
    )
    assert lines(data)[1:] == ["1\t建设平台\t市甲局\t市乙局\t2022年6月底前", "2\t推广应用\t市甲局\t市丙局\t"]
    assert [(t.title, t.lead, t.responsible) for t in read(data, "a.docx").tasks] == [
        ("建设平台", ("市甲局",), ("市乙局",)),
        ("推广应用", ("市甲局",), ("市丙局",)),
    ]


def test_a_table_inside_a_cell_stays_in_its_row() -> None:
    inner = table(["甲项", "乙项"]) + p("")
    data = word_file(table(["1", cell(inner), "市甲局"]))
    assert lines(data) == ["1\t甲项 乙项\t市甲局"]


def test_a_frame_around_the_whole_text_is_no_table() -> None:
    inner = (
        p("1.建设平台。（市甲局负责）") + table(HEADER, ["1", "推广应用", "市乙局", "", ""]) + p("2.收尾。")
    )
    data = word_file(table([cell(inner)]))
    assert lines(data) == [
        "1.建设平台。（市甲局负责）",
        "\t".join(HEADER),
        "1\t推广应用\t市乙局\t\t",
        "2.收尾。",
    ]


def test_a_cell_numbered_by_word_keeps_its_number() -> None:
    part = numbering(level(0, "decimal", "%1"))
    rows = [[cell(p("", num="1")), text, "市甲局", "", ""] for text in ("建设", "推广")]
    data = word_file(table(HEADER, *rows), {"numbering": part})
    assert [(t.number, t.title) for t in read(data, "a.docx").tasks] == [("1", "建设"), ("2", "推广")]


def test_a_notice_numbered_by_word_is_read_like_a_typed_one() -> None:
    body = (
        p("重点任务", num="1")
        + p("优化环境", num="1", level=1)
        + p("2022年实现一网通办。（市甲局牵头，市乙局配合）", num="1", level=2)
        + p("压缩时间。（责任单位：市丙局）", num="1", level=2)
    )
    tasks = read(word_file(body, {"numbering": OUTLINE}), "a.docx").tasks
    assert [(t.path, t.number, t.title, t.lead, t.responsible) for t in tasks] == [
        (("一、重点任务", "（一）优化环境"), "1", "2022年实现一网通办", ("市甲局",), ("市乙局",)),
        (("一、重点任务", "（一）优化环境"), "2", "压缩时间", (), ("市丙局",)),
    ]
