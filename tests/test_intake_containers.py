"""Files: what opens, what is refused and with which word."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import docx
import pytest

from supervisor import intake
from supervisor.intake import IntakeError, read, read_text
from tests.fonts import font_folder

TABLE = (
    ("序号", "重点任务", "牵头单位", "责任单位", "完成时限"),
    ("1", "建设平台", "市数据局", "市财政局\n市公安局", "2022年9月底前"),
    ("2", "推广应用", "市数据局", "市教育局、市民政局", "长期坚持"),
)


def document(fill: Callable[["docx.document.Document"], None]) -> bytes:
    made = docx.Document()
    fill(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def with_entry(data: bytes, name: str, content: bytes) -> bytes:
    """The archive with one entry added, or put in place of one of that name."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, content)
    return out.getvalue()


def refusal(data: bytes, name: str) -> str:
    with pytest.raises(IntakeError) as caught:
        read(data, name)
    assert str(caught.value) == caught.value.message % caught.value.params
    return caught.value.code


def fill_notice(made: "docx.document.Document") -> None:
    made.add_paragraph("一、重点任务")
    made.add_paragraph(
        "推进甲项。2022年6月底前完成。（牵头单位：市甲局；责任单位：市乙局）", style="List Number"
    )
    made.add_paragraph("推进乙项。（市丙局负责）", style="List Number")
    table = made.add_table(rows=0, cols=5)
    for row in TABLE:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text


@pytest.fixture(scope="module")
def notice() -> bytes:
    return document(fill_notice)


def test_docx_gives_words_numbers_and_table_rows(notice: bytes) -> None:
    draft = read(notice, "通知.docx")
    read_off = [(t.number, t.title, t.lead, t.responsible) for t in draft.tasks]
    assert read_off == [
        ("1", "推进甲项", ("市甲局",), ("市乙局",)),
        ("2", "推进乙项", (), ("市丙局",)),
        ("1", "建设平台", ("市数据局",), ("市财政局", "市公安局")),
        ("2", "推广应用", ("市数据局",), ("市教育局", "市民政局")),
    ]
    assert [d.recur for d in draft.tasks[3].deadlines] == ["continuous"]


def test_cells_merged_over_rows_and_columns_read_in_every_row() -> None:
    def fill(made: "docx.document.Document") -> None:
        table = made.add_table(rows=3, cols=5)
        for row, texts in zip(table.rows, TABLE, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
        table.cell(2, 2).text = ""
        table.cell(1, 2).merge(table.cell(2, 2))

    tasks = read(document(fill), "表.docx").tasks
    assert [t.lead for t in tasks] == [("市数据局",), ("市数据局",)]


def test_docx_is_known_by_content_whatever_its_name(notice: bytes) -> None:
    other, same = read(notice, "notice.txt"), read(notice, "notice.docx")
    assert [(p.code, p.params) for p in other.problems[:1]] == [("other_kind", {"suffix": "txt"})]
    assert replace(other, problems=other.problems[1:]) == same


def test_nothing_and_white_space_are_empty() -> None:
    assert refusal(b"", "a.txt") == "empty"
    assert refusal(b"\xef\xbb\xbf \r\n\t ", "a.txt") == "empty"
    assert refusal("　\u2003\n".encode(), "a.txt") == "empty"
    assert refusal("\u200b\u202e\n\ufeff".encode(), "粘贴的文本.txt") == "empty"


def test_files_over_ten_megabytes_are_refused_with_their_size() -> None:
    with pytest.raises(IntakeError) as caught:
        read(b"a" * (11 << 20), "a.txt")
    assert (caught.value.code, caught.value.params) == ("too_large", {"size": 11, "limit": 10})


def test_a_text_of_five_megabytes_is_refused_with_its_length_and_not_read() -> None:
    with pytest.raises(IntakeError) as caught:
        read("各单位要认真落实。\n".encode() * (5_000_000 // 28), "a.txt")
    assert (caught.value.code, caught.value.params["limit"]) == ("too_long", 600_000)


@pytest.mark.parametrize("name", ["通知.doc", "通知.wps", "通知.txt"])
def test_old_office_files_are_named(name: str) -> None:
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, name) == "old_office"


def test_bytes_that_are_no_text_are_refused() -> None:
    assert refusal(bytes(range(32)) * 40, "a.bin") == "unknown_type"


def test_broken_files_are_refused(notice: bytes) -> None:
    assert refusal(notice[: len(notice) // 2], "a.docx") == "broken_docx"
    assert refusal(b"PK\x03\x04 no archive", "a.docx") == "broken_docx"
    assert refusal(b"not an archive", "a.docx") == "broken_docx"
    assert refusal(b"%PDF-1.7\nnothing", "a.pdf") == "broken_pdf"


def test_macros_and_document_types_are_refused(notice: bytes) -> None:
    assert refusal(with_entry(notice, "word/vbaProject.bin", b"x"), "a.docx") == "macro"
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><w:document/>'
    assert refusal(with_entry(notice, "word/document.xml", bomb), "a.docx") == "dtd"
    wide = bomb.decode().replace("1.0", "1.0").encode("utf-16")
    assert refusal(with_entry(notice, "word/document.xml", wide), "a.docx") == "dtd"


def test_zip_bombs_are_refused(notice: bytes) -> None:
    assert refusal(with_entry(notice, "word/media/a.bin", b"\x00" * (60 << 20)), "a.docx") == "zip_bomb"
    out = io.BytesIO(notice)
    with zipfile.ZipFile(out, "a") as archive:
        for n in range(2001):
            archive.writestr(f"x/{n}", b"")
    assert refusal(out.getvalue(), "a.docx") == "zip_bomb"


def test_pictures_of_pages_have_no_text() -> None:
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    out = io.BytesIO()
    writer.write(out)
    assert refusal(out.getvalue(), "scan.pdf") == "no_text"


def test_pdf_with_text_is_read() -> None:
    import matplotlib as mpl
    from matplotlib.backends.backend_pdf import FigureCanvasPdf
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

    lines = [
        "一、任务",
        "1.推进甲项。2022年6月底前完成。(牵头单位:市甲局;责任单位:市乙局)",
        "2.推进乙项。(市丙局负责)",
    ]
    figure = Figure(figsize=(12, 4))
    for n, line in enumerate(lines):
        figure.text(
            0.02,
            0.9 - n * 0.2,
            line,
            fontproperties=FontProperties(fname=str(font_folder() / "NotoSansSC-Regular.ttf")),
        )
    out = io.BytesIO()
    with mpl.rc_context({"pdf.fonttype": 42}):
        FigureCanvasPdf(figure).print_pdf(out)  # type: ignore[no-untyped-call]
    tasks = read(out.getvalue(), "a.pdf").tasks
    assert [(t.title, t.lead, t.responsible) for t in tasks] == [
        ("推进甲项", ("市甲局",), ("市乙局",)),
        ("推进乙项", (), ("市丙局",)),
    ]


def test_saved_page_is_read_without_scripts() -> None:
    page = (
        "<!DOCTYPE html><html><head><title>某站</title><script>var a='（责任单位：市假局）'</script></head><body>"
        "<p>一、任务</p><p>1.推进甲项。<span>（牵头单位：</span>市甲局）</p>"
        "<table><tr><td>序号</td><td>任务</td><td>责任单位</td></tr><tr><td>1</td><td>建设</td><td><p>市乙局</p></td></tr></table>"
        "</body></html>"
    )
    tasks = read(page.encode(), "page.html").tasks
    assert [(t.title, t.lead, t.responsible) for t in tasks] == [
        ("推进甲项", ("市甲局",), ()),
        ("建设", (), ("市乙局",)),
    ]


def test_utf16_text_is_read() -> None:
    assert read("一、任务（市甲局负责）".encode("utf-16"), "a.txt") == read_text("一、任务（市甲局负责）")


def test_the_child_imports_nothing_of_the_application() -> None:
    code = (
        f"import sys; sys.path.append({str(Path(intake.__file__).parent)!r}); "
        "import office.__main__, office.word, office.pages; "
        "print([m for m in sys.modules if m.split('.')[0] in {'flask', 'supervisor', 'peewee'}])"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_web_archive_of_parts_inside_each_other_is_refused() -> None:
    parts = (f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(3000))
    assert refusal(("MIME-Version: 1.0\r\n" + "".join(parts)).encode(), "通知.mht") == "broken_page"
