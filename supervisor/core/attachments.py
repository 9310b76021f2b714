"""Files that units hand in: a short list of kinds, recognised by content, kept under their hash (D33).

The file is written first (beside, flushed, renamed), then the row: a file without a row is harmless and is
swept, a row without a file would be a lie. Nobody reaches a file but through the record it belongs to; one
that belongs to nothing yet is its uploader's alone.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import zipfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from supervisor.core import case_readers, fact_readers, filing_readers, matters
from supervisor.core.permissions import Actor
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound
from supervisor.models import (
    Appeal,
    Application,
    Assignment,
    AssignmentState,
    Attachment,
    CaseStep,
    Entry,
    FieldValue,
    FiledDocument,
    LadderStep,
    LinkRole,
    Matter,
    Milestone,
    Obligation,
    RecordedFact,
    ReportEntry,
    StepEvent,
    Verdict,
)
from supervisor.models.base import rows_of
from supervisor.words import N_

#: Ending -> media type. No page, script, drawing with script, archive or program is taken.
KINDS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "txt": "text/plain",
}
ACCEPT = ",".join(f".{ending}" for ending in KINDS)
#: Main part of each Office format: a zip file without it is only called so.
OFFICE_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
MACROS = "vbaProject.bin"
#: An Office file that unpacks to more than this is no report.
UNPACKED_LIMIT = 200 * 1024 * 1024
FILES_A_RECORD = 20
#: Unlinked files are kept this long: the form may still come.
ORPHAN_AGE = timedelta(hours=24)


def store(content: bytes, filename: str, *, folder: Path, limit: int, by: Actor, now: datetime) -> Attachment:
    """Keep a file for the actor's unit, not yet linked to a record.

    Args:
        content: the bytes.
        filename: as the person calls it; only ever a label.
        folder: where files live, normally `data/files`.
        limit: largest size in bytes.
        by: the uploader.
        now: when.

    Raises:
        Invalid: too large, empty, a kind that is not taken, or content that is not what its ending says.
    """
    name = label_of(filename)
    ending = name.rpartition(".")[2].lower()
    _check(content, name, ending, limit)
    sha256 = hashlib.sha256(content).hexdigest()
    path = folder / sha256[:2] / sha256
    _write(path, content)
    row = Attachment.create(
        sha256=sha256,
        filename=name,
        size=len(content),
        media_type=KINDS[ending],
        unit=next(iter(sorted(by.unit_ids)), None),
        uploaded_by=by.user_id,
        uploaded_at=now,
    )
    _write(path, content)  # a sweep may have removed an equal old file between writing and the row
    return row


def label_of(filename: str) -> str:
    """The name as a label: no folders, no control or direction characters, at most 120 long with its ending."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    name = "".join(c for c in name if c.isprintable() and c not in '"<>|:*?').strip(" .")
    stem, dot, ending = name.rpartition(".")
    return f"{stem[:110]}{dot}{ending[:10]}" if dot else name[:120]


def _check(content: bytes, name: str, ending: str, limit: int) -> None:
    wrong = None
    if ending not in KINDS:
        wrong = N_(
            "%(name)s was not taken: only %(kinds)s may be attached.",
            name=name or "?",
            kinds=", ".join(sorted(KINDS)),
        )
    elif not content:
        wrong = N_("%(name)s is empty.", name=name)
    elif len(content) > limit:
        wrong = N_("%(name)s is larger than %(size)s MB.", name=name, size=limit // 1024 // 1024)
    elif not _is_what_it_says(content, ending):
        wrong = N_("%(name)s was not taken: its content is not what its ending says.", name=name)
    if wrong:
        raise Invalid(wrong, {"files": wrong})


def _is_what_it_says(content: bytes, ending: str) -> bool:
    if ending == "pdf":
        return content[:1024].lstrip().startswith(b"%PDF-")
    if ending in {"jpg", "jpeg"}:
        return content.startswith(b"\xff\xd8\xff")
    if ending == "png":
        return content.startswith(b"\x89PNG\r\n\x1a\n")
    if ending == "txt":
        return _is_text(content)
    return _is_office(content, OFFICE_PARTS[ending])


def _is_text(content: bytes) -> bool:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return all(c.isprintable() or c in "\r\n\t\f\u3000\u00a0" for c in text[:20_000])
    return False


def _is_office(content: bytes, part: str) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            names = [info.filename for info in file.infolist()]
            size = sum(info.file_size for info in file.infolist())
    except (zipfile.BadZipFile, ValueError, OSError):
        return False
    return part in names and size <= UNPACKED_LIMIT and not any(name.endswith(MACROS) for name in names)


def _write(path: Path, content: bytes) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{secrets.token_hex(6)}.part")
    with beside.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def link(
    ids: Sequence[int],
    *,
    by: Actor,
    report_entry: ReportEntry | None = None,
    application: Application | None = None,
    milestone: Milestone | None = None,
    filed: FiledDocument | None = None,
    step_event: StepEvent | None = None,
    field_value: FieldValue | None = None,
    recorded_fact: RecordedFact | None = None,
    appeal: Appeal | None = None,
    case_step: CaseStep | None = None,
) -> None:
    """Give the actor's own unlinked files to a record; NotFound if one of them is another's or already given."""
    if not ids:
        return
    if len(ids) > FILES_A_RECORD:
        raise Invalid(N_("At most %(n)s files may be attached to one record.", n=FILES_A_RECORD))
    linked = (
        Attachment.update(
            report_entry=report_entry,
            application=application,
            milestone=milestone,
            filed=filed,
            step_event=step_event,
            field_value=field_value,
            recorded_fact=recorded_fact,
            appeal=appeal,
            case_step=case_step,
        )
        .where(Attachment.id.in_(list(ids)) & (Attachment.uploaded_by == by.user_id) & _unlinked())
        .execute()
    )
    if linked != len(set(ids)):
        raise NotFound


def carry(
    files: Sequence[Attachment],
    *,
    field_value: FieldValue | None = None,
    recorded_fact: RecordedFact | None = None,
) -> None:
    """Files of the version before go along with a new version, under the same hashes and names."""
    for file in files:
        Attachment.create(
            sha256=file.sha256, filename=file.filename, size=file.size, media_type=file.media_type, unit=file.unit_id,
            uploaded_by=file.uploaded_by, uploaded_at=file.uploaded_at, field_value=field_value,
            recorded_fact=recorded_fact,
        )  # fmt: skip


def _unlinked() -> Any:
    return (
        Attachment.report_entry.is_null()
        & Attachment.application.is_null()
        & Attachment.milestone.is_null()
        & Attachment.filed.is_null()
        & Attachment.step_event.is_null()
        & Attachment.field_value.is_null()
        & Attachment.recorded_fact.is_null()
        & Attachment.appeal.is_null()
        & Attachment.case_step.is_null()
    )


def own_unlinked(ids: Sequence[int], by: Actor) -> list[Attachment]:
    """Those of these files that the actor uploaded and that belong to no record yet, in order of uploading."""
    if not ids:
        return []
    query = Attachment.select().where(
        Attachment.id.in_(list(ids)) & (Attachment.uploaded_by == by.user_id) & _unlinked()
    )
    return list(query.order_by(Attachment.id))


def get_visible(attachment_id: int, actor: Actor) -> Attachment:
    """A file through the record it belongs to (D16), or an unlinked one to its uploader; else NotFound.

    A lead unit reads the files of accepted entries of its task's responsible units.
    """
    row = Attachment.get_or_none(Attachment.id == attachment_id)
    if row is None or not _may_read(row, actor):
        raise NotFound
    return row


def _may_read(row: Attachment, actor: Actor) -> bool:
    if row.application_id is not None:
        application = Application.get_by_id(row.application_id)
        return application.programme_id == actor.programme_id and (
            actor.sees_all or application.assignment.unit_id in actor.unit_ids
        )
    if row.milestone_id is not None:
        link = Milestone.get_by_id(row.milestone_id).assignment
        leads = bool(led_tasks(actor, [link.task_id]))
        here = link.programme_id == actor.programme_id
        return here and (actor.sees_all or link.unit_id in actor.unit_ids or leads)
    if row.filed is not None:
        version = row.filed.report
        own = version.obligation.unit_id in actor.unit_ids  # until sent it is the unit's own business (D16)
        return (own or version.sent) and filing_readers.may_read(version.obligation, actor)
    if row.step_event_id is not None:
        return matters.visible_to(actor).where(Matter.id == _matter_of(row.step_event_id)).exists()
    if row.appeal_id is not None:
        appeal = Appeal.get_by_id(row.appeal_id)
        here = appeal.period.programme_id == actor.programme_id
        return here and (actor.sees_all or appeal.unit_id in actor.unit_ids)
    if row.field_value is not None:
        version = row.field_value.report
        own = version.obligation.unit_id in actor.unit_ids
        return (own or version.sent) and filing_readers.may_read(version.obligation, actor)
    if row.case_step_id is not None:
        return case_readers.may_read_evidence(row.case_step_id, actor)
    if row.recorded_fact_id is not None:
        return fact_readers.may_read(row.recorded_fact_id, actor)
    if row.report_entry_id is None:
        return row.uploaded_by == actor.user_id
    found = rows_of(
        ReportEntry.select(Obligation.programme, Obligation.unit, Entry.task, ReportEntry.verdict)
        .join(Entry)
        .join(Obligation)
        .where(ReportEntry.id == row.report_entry_id)
    )
    programme_id, unit_id, task_id, verdict = found[0]
    if programme_id != actor.programme_id:
        return False
    if actor.sees_all or unit_id in actor.unit_ids:
        return True
    return verdict is Verdict.ACCEPTED and task_id in led_tasks(actor, [task_id])


def _matter_of(event_id: int) -> int:
    step: LadderStep = StepEvent.get_by_id(event_id).step
    return step.matter_id


def led_tasks(actor: Actor, task_ids: Sequence[int]) -> set[int]:
    """Those of these tasks that one of the actor's units leads."""
    query = Assignment.select(Assignment.task).where(
        Assignment.task.in_(list(task_ids))
        & (Assignment.programme == actor.programme_id)
        & Assignment.unit.in_(sorted(actor.unit_ids))
        & (Assignment.role == LinkRole.LEAD)
        & (Assignment.state != AssignmentState.CANCELLED)
    )
    return {row[0] for row in rows_of(query)}


@transactional
def sweep(folder: Path, now: datetime) -> int:
    """Remove files that no record took within a day; returns how many rows went."""
    old = list(Attachment.select().where(_unlinked() & (Attachment.uploaded_at < now - ORPHAN_AGE)))
    for row in old:
        row.delete_instance()
        if not Attachment.select().where(Attachment.sha256 == row.sha256).exists():
            (folder / row.sha256[:2] / row.sha256).unlink(missing_ok=True)
    return len(old)
