"""PDF files: lines joined to paragraphs over pages, tables as rows, page heads and numbers aside, refusals."""

import io

import pytest
from pypdf import PdfReader, PdfWriter

from supervisor.intake import IntakeError, read, read_text
from supervisor.intake.containers import open_file
from tests.office_files import pdf_file, rule, show, typeset

LONG = "推进平台建设，整合数据资源，完善工作机制，" * 3
PARAGRAPHS = [
    "一、重点任务",
    f"1.建设平台。{LONG}2022年6月底前完成。（牵头单位：市数据局；责任单位：市财政局、市住房和城乡建设局）",
    f"2.推广应用。{LONG}（市教育局、市民政局负责）",
    "二、工作要求",
    f"各单位要{LONG}每月5日前报送进展。",
]


def text_of(data: bytes) -> list[str]:
    opened = open_file(data, "a.pdf")
    return [line for n, line in enumerate(opened.text.split("\n"), 1) if n not in opened.aside]


def aside_of(data: bytes) -> list[str]:
    opened = open_file(data, "a.pdf")
    return [line for n, line in enumerate(opened.text.split("\n"), 1) if n in opened.aside]


def code_of(data: bytes) -> str:
    with pytest.raises(IntakeError) as caught:
        open_file(data, "a.pdf")
    return caught.value.code


@pytest.mark.parametrize("encoding", ["UniGB-UCS2-H", "UniGB-UTF16-H", "Identity-H"])
def test_printed_lines_become_paragraphs_again(encoding: str) -> None:
    assert text_of(pdf_file(typeset(PARAGRAPHS), encoding=encoding)) == PARAGRAPHS


@pytest.mark.parametrize("width", [20, 26, 33])
def test_a_pdf_is_read_like_its_text_whatever_its_line_width(width: int) -> None:
    tasks = read(pdf_file(typeset(PARAGRAPHS, width=width)), "a.pdf").tasks
    typed = read_text("\n".join(PARAGRAPHS)).tasks
    assert [(t.path, t.title, t.lead, t.responsible) for t in tasks] == [
        (t.path, t.title, t.lead, t.responsible) for t in typed
    ]


def test_page_heads_and_numbers_are_set_aside_and_the_sentence_goes_on_behind_them() -> None:
    pages = typeset(PARAGRAPHS, top=220)
    assert len(pages) > 2
    decked = [
        show("云溪市人民政府公报", 200, 800, 10) + page + show(f"— {n} —", 270, 40, 14)
        for n, page in enumerate(pages, 1)
    ]
    data = pdf_file(decked)
    assert text_of(data) == PARAGRAPHS
    assert aside_of(data) == ["云溪市人民政府公报", "— 1 —"] + [
        word for n in range(2, len(pages) + 1) for word in ("云溪市人民政府公报", f"— {n} —")
    ]
    draft = read(data, "a.pdf")
    assert len(draft.document.furniture) == 2 * len(pages)
    assert [t.responsible for t in draft.tasks] == [
        ("市财政局", "市住房和城乡建设局"),
        ("市教育局", "市民政局"),
    ]


def test_a_title_over_two_lines_is_not_run_into_the_text() -> None:
    title = show("云溪市人民政府办公室关于印发", 150, 780, 22) + show("优化环境方案的通知", 200, 748, 22)
    lines = text_of(pdf_file([title + typeset(PARAGRAPHS, top=700)[0]]))
    assert lines[:3] == ["云溪市人民政府办公室关于印发", "优化环境方案的通知", "一、重点任务"]


ROWS = (
    ("序号", "重点任务", "牵头单位", "责任单位"),
    ("1", "建设平台", "市数据局", "市财政局"),
    ("2", "推广应用", "", "市教育局"),
)
EDGES = (60.0, 110.0, 260.0, 380.0, 520.0)


def ruled(
    rows: tuple[tuple[str, ...], ...], top: float, *, gaps: frozenset[tuple[int, int]] = frozenset()
) -> str:
    """A table; `gaps` are the cells (row, column) without a line above them."""
    out, height = "", 40.0
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            if (r, c) not in gaps:
                out += rule(EDGES[c], top - r * height, EDGES[c + 1], top - r * height)
            room = int((EDGES[c + 1] - EDGES[c] - 4) // 12)
            for n in range(0, len(text), room):
                out += show(text[n : n + room], EDGES[c] + 3, top - r * height - 15 - n // room * 14, 12)
    bottom = top - len(rows) * height
    out += rule(EDGES[0], bottom, EDGES[-1], bottom)
    return out + "".join(rule(x, top, x, bottom) for x in EDGES)


def test_a_ruled_table_gives_rows_and_a_cell_merged_over_rows_stands_in_each() -> None:
    page = show("附件：任务分解表", 200, 780) + ruled(ROWS, 700, gaps=frozenset({(2, 2)}))
    data = pdf_file([page])
    assert text_of(data)[1:] == [
        "序号\t重点任务\t牵头单位\t责任单位",
        "1\t建设平台\t市数据局\t市财政局",
        "2\t推广应用\t市数据局\t市教育局",
    ]
    assert [(t.number, t.title, t.lead, t.responsible) for t in read(data, "a.pdf").tasks] == [
        ("1", "建设平台", ("市数据局",), ("市财政局",)),
        ("2", "推广应用", ("市数据局",), ("市教育局",)),
    ]


def test_words_broken_inside_a_cell_join_and_lines_that_end_early_stand_apart() -> None:
    rows = (ROWS[0], ("1", "建立健全全市统一的数据共享交换体系", "市数据局", "市住房和城乡建设局、市财政局"))
    assert text_of(pdf_file([ruled(rows, 700)]))[1].split("\t") == [
        "1", "建立健全全市统一的数据共享交换体系", "市数据局", "市住房和城乡建设局、市财政局",
    ]  # fmt: skip


def test_a_row_that_goes_on_over_the_page_stays_one() -> None:
    first = ruled((ROWS[0], ("1", "建设平台，", "市数据局", "市财政局、")), 700)
    second = ruled((("", "推广应用", "", "市教育局"), ("2", "收尾", "市丙局", "市丁局")), 760)
    tasks = read(pdf_file([first, second]), "a.pdf").tasks
    assert [(t.title, t.responsible) for t in tasks] == [
        ("建设平台，推广应用", ("市财政局", "市教育局")),
        ("收尾", ("市丁局",)),
    ]


def test_columns_without_rules_are_parted_by_tabs() -> None:
    lines = [
        show(text, x, 700 - 30 * n, 10)
        for n, row in enumerate(ROWS[:2])
        for text, x in zip(row, EDGES, strict=False)
    ]
    filler = show("以下各项任务由有关单位按照职责分工认真组织实施。", 90, 760)
    assert text_of(pdf_file([filler + "".join(lines)]))[1:] == ["\t".join(row) for row in ROWS[:2]]


def test_a_page_printed_sideways_is_read_upright() -> None:
    turned = "q 0 1 -1 0 595 0 cm " + ruled(ROWS[:2], 500) + "Q\n"
    filler = "q 0 1 -1 0 595 0 cm " + show("附件：全市重点任务分解表（二〇二二年版）", 90, 560) + "Q\n"
    assert text_of(pdf_file([filler + turned], page="/Rotate 90"))[1:] == ["\t".join(row) for row in ROWS[:2]]


def test_letters_printed_twice_to_look_bold_are_read_once() -> None:
    bold = show("一、重点任务与工作要求以及组织保障措施安排", 90, 700) + show(
        "一、重点任务与工作要求以及组织保障措施安排", 90.4, 700
    )
    assert text_of(pdf_file([bold])) == ["一、重点任务与工作要求以及组织保障措施安排"]


def test_a_scan_with_nothing_but_page_numbers_has_no_text() -> None:
    assert code_of(pdf_file([show(f"— {n} —", 270, 40) for n in range(1, 30)])) == "no_text"


def test_fonts_that_do_not_tell_their_letters_are_named() -> None:
    secret = "".join(chr(0xE000 + n) for n in range(60))
    assert code_of(pdf_file([show(secret, 90, 700, 8)])) == "no_letters"


@pytest.mark.parametrize("algorithm", ["RC4-128", None])
def test_a_pdf_under_a_password_is_named(algorithm: str | None) -> None:
    if algorithm is None:
        broken = "/Encrypt<</Filter/Standard/V 5/R 6/Length 256/O(x)/U(x)/OE(x)/UE(x)/P -4/Perms(x)>>"
        assert code_of(pdf_file(typeset(PARAGRAPHS), trailer=broken)) in {"locked_pdf", "broken_pdf"}
        return
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf_file(typeset(PARAGRAPHS)))))
    writer.encrypt("geheim", algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    assert code_of(out.getvalue()) == "locked_pdf"


def test_a_pdf_that_only_forbids_printing_is_read() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf_file(typeset(PARAGRAPHS)))))
    writer.encrypt("", owner_password="x", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    assert text_of(out.getvalue()) == PARAGRAPHS


def test_operators_without_their_operands_do_no_harm() -> None:
    page = "Td Tm Tj TJ Tf cm re l Q ' \" /X Do 1 Tf [1 (a) /b] TJ\n" + typeset(PARAGRAPHS)[0]
    assert text_of(pdf_file([page])) == PARAGRAPHS
