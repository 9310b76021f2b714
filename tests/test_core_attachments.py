"""Files: kinds by content, names as labels, kept under their hash, read through their record."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from supervisor.core import attachments
from supervisor.core.permissions import Actor
from supervisor.errors import Invalid, NotFound
from supervisor.models import Attachment, LinkRole, Programme, Report, ReportEntry, Role, Unit, Verdict
from tests import builders as b

PDF = b"%PDF-1.7\n"
PNG = b"\x89PNG\r\n\x1a\n0000"
JPG = b"\xff\xd8\xff\xe0 0000"


def office_file(part: str, **more: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(part, b"<x/>")
        for name, content in more.items():
            file.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture
def liaison(database: object) -> Actor:
    programme, unit = b.programme(), b.unit("甲局")
    return b.actor(Role.LIAISON, programme, unit, person=b.user("张三", Role.LIAISON, programme, unit))


def keep(content: bytes, name: str, by: Actor, folder: Path) -> Attachment:
    return attachments.store(content, name, folder=folder, limit=50_000, by=by, now=b.NOW)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("三季度报告.pdf", PDF),
        ("现场.PNG", PNG),
        ("照片.jpeg", JPG),
        ("说明.txt", "进展说明\r\n第一条".encode("gb18030")),
        ("说明.txt", "进展说明".encode()),
        ("报告.docx", office_file("word/document.xml")),
        ("台账.xlsx", office_file("xl/workbook.xml")),
        ("汇报.pptx", office_file("ppt/presentation.xml")),
    ],
)
def test_the_listed_kinds_are_taken_under_their_hash(
    name: str, content: bytes, liaison: Actor, tmp_path: Path
) -> None:
    row = keep(content, name, liaison, tmp_path)
    assert row.filename == name
    assert (tmp_path / row.sha256[:2] / row.sha256).read_bytes() == content
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("页面.html", b"<script>1</script>"),
        ("图.svg", b"<svg/>"),
        ("程序.exe", b"MZ"),
        ("包.zip", office_file("a")),
        ("无后缀", PDF),
        ("空.pdf", b""),
        ("大.pdf", PDF + b"0" * 50_000),
        ("假.pdf", b"MZ not a pdf"),
        ("假.png", PDF),
        ("假.docx", office_file("xl/workbook.xml")),
        ("坏.docx", b"PK\x03\x04 broken"),
        ("宏.docx", office_file("word/document.xml", **{"word/vbaProject.bin": b"x"})),
        ("二进制.txt", bytes(range(256))),
    ],
)
def test_everything_else_is_refused_in_words(
    name: str, content: bytes, liaison: Actor, tmp_path: Path
) -> None:
    with pytest.raises(Invalid) as wrong:
        keep(content, name, liaison, tmp_path)
    assert name in str(wrong.value) or "?" in str(wrong.value)
    assert not Attachment.select().exists()
    assert not [p for p in tmp_path.rglob("*") if p.is_file() and len(p.name) == 64]


@pytest.mark.parametrize(
    ("given", "label"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\temp\\报告.pdf", "报告.pdf"),
        ("a\r\nX-Evil: 1.pdf", "aX-Evil 1.pdf"),
        ("报告\u202efdp.pdf", "报告fdp.pdf"),
        ('"<引号>".pdf', "引号.pdf"),
        ("长" * 300 + ".pdf", "长" * 110 + ".pdf"),
    ],
)
def test_a_name_is_only_a_label(given: str, label: str) -> None:
    assert attachments.label_of(given) == label


def test_a_zip_bomb_is_refused_without_unpacking(
    liaison: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "UNPACKED_LIMIT", 1_000_000)
    bomb = office_file("word/document.xml", **{"word/media/a.bin": b"0" * 2_000_000})
    with pytest.raises(Invalid):
        keep(bomb, "报告.docx", liaison, tmp_path)


def test_an_unlinked_file_is_its_uploaders_alone_and_swept_after_a_day(
    liaison: Actor, tmp_path: Path
) -> None:
    row = keep(PDF, "报告.pdf", liaison, tmp_path)
    assert attachments.get_visible(row.id, liaison) == row
    with pytest.raises(NotFound):
        attachments.get_visible(row.id, b.actor(Role.LEAD_OFFICE, person=b.user("王五")))
    assert attachments.sweep(tmp_path, b.NOW + timedelta(hours=23)) == 0
    assert attachments.sweep(tmp_path, b.NOW + timedelta(hours=25)) == 1
    assert not [p for p in tmp_path.rglob("*") if len(p.name) == 64]


def test_a_lead_unit_reads_files_of_accepted_entries_of_its_task(liaison: Actor, tmp_path: Path) -> None:
    programme, lead, other = Programme.get(), Unit.get(), b.unit("乙局")
    third = b.unit("丙局")
    task = b.task(b.plan(programme))
    b.assignment(task, lead)
    b.assignment(task, third, LinkRole.RESPONSIBLE)
    helping = b.assignment(task, other, LinkRole.RESPONSIBLE)
    obligation = b.obligation(other, programme)
    report = Report.create(obligation=obligation, number=1, submitted_by=1, received_at=b.NOW)
    said = ReportEntry.create(report=report, entry=b.entry(obligation, helping), progress=10)
    helper = b.actor(Role.LIAISON, programme, other, person=b.user("李四"))
    row = keep(PDF, "报告.pdf", helper, tmp_path)
    attachments.link([row.id], by=helper, report_entry=said)
    with pytest.raises(NotFound):
        attachments.get_visible(row.id, liaison)
    ReportEntry.update(verdict=Verdict.ACCEPTED, reviewed_by=1).execute()
    assert attachments.get_visible(row.id, liaison) == row
    with pytest.raises(NotFound):
        attachments.get_visible(row.id, b.actor(Role.LIAISON, programme, third, person=b.user("赵六")))
