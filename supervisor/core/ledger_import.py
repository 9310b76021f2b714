"""Importing an existing ledger: uploaded, its columns confirmed, checked without storing, then stored whole.

The upload is a row of its own until it is confirmed; the programme's notices and plans do not know of it. The
confirmed ledger is a notice under review like any other: same page, corrections, adoption and issue. What it says
of the past (progress, completed tasks) stays with it as `ImportedRow` and is shown as history.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from supervisor.bulk import insert_rows
from supervisor.clock import beijing_date
from supervisor.core import audit, draft_ledger, ledger_choices
from supervisor.core.documents import SameNotice, find_same
from supervisor.core.ledger_check import Check, check, choices_of, sheets_of
from supervisor.core.ledger_choices import Choices
from supervisor.core.ledger_headings import SINGLE, Field
from supervisor.core.ledger_reading import Answers, letters
from supervisor.core.permissions import Actor, Permission
from supervisor.database import digest, transactional
from supervisor.documents import ledger_sheets
from supervisor.documents.grid import GridRefused
from supervisor.errors import Invalid, NotFound, Refused
from supervisor.models import Document, DocumentState, ImportedRow, LedgerUpload, Programme
from supervisor.words import N_, Sentence

#: An upload that nobody confirms is kept this long.
KEPT = timedelta(days=2)


def read_file(data: bytes, name: str) -> dict[str, Any]:
    """The sheets of a file as plain values. Slow (a child process): call it before the transaction.

    Raises Invalid with the reason and the remedy where the file is no readable spreadsheet.
    """
    try:
        return ledger_sheets.read_plain(data, name)
    except GridRefused as refusal:
        raise Invalid(refusal.sentence, {"file": refusal.sentence}) from refusal


@transactional
def receive(
    programme: Programme, plain: Mapping[str, Any], data: bytes, name: str, *, by: Actor, now: datetime
) -> LedgerUpload:
    """Keep a file that was read, with what is proposed for its first sheet that has headings."""
    by.require(Permission.DOCUMENT_REVIEW)
    sheets = ledger_sheets.from_plain(plain)
    proposed = [
        ledger_choices.propose(sheets, number, name, beijing_date(now))
        for number in range(len(sheets.sheets))
    ]
    choices = next((one for one in proposed if one.has_headings), proposed[0])
    return LedgerUpload.create(
        programme=programme,
        filename=name[-200:],
        sha256=digest(data),
        sheets=dict(plain),
        choices=ledger_choices.to_plain(choices),
        created_by=by.user_id,
        created_at=now,
    )


def get(upload_id: int, by: Actor) -> LedgerUpload:
    """An upload of the programme, to those who review its notices; else NotFound."""
    mine = (LedgerUpload.id == upload_id) & (LedgerUpload.programme == by.programme_id)
    found = LedgerUpload.get_or_none(mine) if by.may(Permission.DOCUMENT_REVIEW) else None
    if found is None:
        raise NotFound(
            N_("This upload was imported already, or is older than two days. Upload the file again.")
        )
    return found


def find_earlier(programme_id: int, sha256: str) -> SameNotice | None:
    """The notice of the programme that a file with this hash became before."""
    same = (
        (Document.programme == programme_id)
        & (Document.sha256 == sha256)
        & (Document.state != DocumentState.DROPPED)
    )
    found = Document.select().where(same).order_by(Document.id.desc()).first()
    return SameNotice(found) if found else None


# Choosing --------------------------------------------------------------------------------------------------


@transactional
def accept_again(upload: LedgerUpload, *, by: Actor) -> None:
    """A person knows that the file was imported before, and imports it once more."""
    _keep(upload, replace(choices_of(upload), again=True), by)


@transactional
def choose_sheet(upload: LedgerUpload, number: int, first: int, last: int, *, by: Actor) -> None:
    """Take another sheet (its headings are looked for anew) or other rows of headings, counted from 1.

    Raises Invalid where the sheet has no such rows.
    """
    sheets, old = sheets_of(upload), choices_of(upload)
    if not 0 <= number < len(sheets.sheets):
        raise NotFound
    if number != old.sheet:
        day = beijing_date(upload.created_at)
        new = ledger_choices.propose(sheets, number, upload.filename, day)
        _keep(upload, replace(new, again=old.again), by)
        return
    sheet = sheets.sheets[number]
    if not 1 <= first <= last <= min(first + 2, len(sheet.cells)):
        wrong = N_("The headings take one to three rows of the sheet.")
        raise Invalid(wrong, {"first": wrong})
    kept = replace(old, answers=Answers())
    _keep(upload, ledger_choices.with_headings(kept, sheet, first - 1, last - 1), by)


@transactional
def choose_columns(
    upload: LedgerUpload,
    fields: tuple[Field, ...],
    *,
    title: str,
    as_of: date | None,
    year: int | None,
    by: Actor,
) -> None:
    """Confirm what each column holds, the title, the day of which the ledger speaks, the year of days without one.

    Answers to questions and mended cells stay as far as their columns mean the same.
    """
    old = choices_of(upload)
    wrong = _wrong_columns(fields, old)
    if not title.strip():
        wrong["title"] = N_("A title is needed.")
    if as_of is None or as_of > beijing_date(upload.created_at) + KEPT:
        wrong["as_of"] = N_("A day is needed, today at the latest.")
    if year is None or not 2000 <= year <= 2099:
        wrong["year"] = N_("A year such as 2021.")
    if wrong or as_of is None or year is None:
        raise Invalid(N_("Please mend what is marked below. Nothing you typed is lost."), wrong)
    fixes = {
        (row, column): text
        for (row, column), text in old.answers.fixes.items()
        if old.fields[column : column + 1] == fields[column : column + 1]
    }
    new = replace(old, fields=fields, title=title.strip()[:400], as_of=as_of, year=year)
    _keep(upload, replace(new, answers=replace(old.answers, fixes=fixes)), by)


def _wrong_columns(fields: tuple[Field, ...], choices: Choices) -> dict[str, Sentence]:
    wrong: dict[str, Sentence] = {}
    if not choices.has_headings or len(fields) != len(choices.fields):
        raise Invalid(N_("The columns were not sent whole. Open the page again."))
    if Field.TITLE not in fields:
        wrong["columns"] = N_("Choose the column that names the task.")
    for what in sorted(SINGLE):
        columns = [letters(column) for column, one in enumerate(fields) if one is what]
        if len(columns) > 1:
            wrong[f"column-{fields.index(what)}"] = N_(
                "Columns %(columns)s are both taken as “%(what)s”; choose one.",
                columns="、".join(columns),
                what=what.label,
            )
    return wrong


@transactional
def answer(
    upload: LedgerUpload,
    *,
    lead: str,
    twice: str,
    states: Mapping[str, bool],
    fixes: Mapping[tuple[int, int], str],
    by: Actor,
) -> None:
    """Keep what a person decided on the page of the check, and the cells mended there (counted from 0)."""
    old = choices_of(upload)
    answers = Answers(
        lead=lead if lead in {"first", "each", "ask"} else old.answers.lead,
        twice=twice if twice in {"both", "first"} else old.answers.twice,
        states={**old.answers.states, **states},
        fixes={**old.answers.fixes, **{place: text.strip()[:4000] for place, text in fixes.items()}},
    )
    _keep(upload, replace(old, answers=answers), by)


def _keep(upload: LedgerUpload, choices: Choices, by: Actor) -> None:
    by.require(Permission.DOCUMENT_REVIEW)
    upload.choices = ledger_choices.to_plain(choices)
    LedgerUpload.update(choices=upload.choices).where(LedgerUpload.id == upload.id).execute()


# Storing ---------------------------------------------------------------------------------------------------


@transactional
def confirm(upload: LedgerUpload, *, by: Actor, now: datetime) -> Document:
    """Store the ledger as a notice under review, whole, with what it says of the past; the upload goes.

    Raises:
        Refused: faults or questions are open; nothing is stored.
        SameNotice: the file, or the same text, was received before and nobody said that it is known.
    """
    by.require(Permission.DOCUMENT_REVIEW)
    found = check(upload)
    if not found.is_ready:
        raise Refused(N_("The ledger cannot be imported yet; nothing was stored."))
    ledger = found.ledger
    if not found.choices.again:
        if twin := find_earlier(upload.programme_id, upload.sha256):
            raise twin
        if same := find_same(upload.programme, b"", ledger.read):
            raise SameNotice(same)
    document = Document.create(
        programme=upload.programme_id,
        filename=upload.filename,
        sha256=upload.sha256,
        title=ledger.title,
        issued_on=ledger.issued_on,
        text=ledger.read.document.text,
        draft=draft_ledger.to_json(ledger),
        created_by=by.user_id,
        created_at=now,
    )
    _keep_past(document, found)
    LedgerUpload.delete().where(LedgerUpload.id == upload.id).execute()
    tasks = found.reading.tasks
    after = {
        "filename": upload.filename,
        "sha256": upload.sha256,
        "sheet": found.sheet.name,
        "as_of": found.choices.as_of,
        "tasks": len(tasks),
        "closed": sum(task.closed for task in tasks),
        "mended": len(found.choices.answers.fixes),
        "answers": {"lead": found.choices.answers.lead, "twice": found.choices.answers.twice},
    }
    audit.record(by, "document.import", document, now=now, after=after)
    return document


def _keep_past(document: Document, found: Check) -> None:
    rows = [
        {
            "document": document,
            "row": task.row + 1,
            "as_of": found.choices.as_of,
            "progress": task.progress,
            "said": task.said,
            "closed": task.closed,
            "closed_on": task.closed_on,
            "cells": list(task.cells),
        }
        for task in found.reading.tasks
    ]
    insert_rows(ImportedRow, rows)


@transactional
def drop(upload: LedgerUpload, *, by: Actor) -> None:
    """Set an upload aside; nothing of it was stored."""
    by.require(Permission.DOCUMENT_REVIEW)
    LedgerUpload.delete().where(LedgerUpload.id == upload.id).execute()


def sweep(now: datetime) -> int:
    """Remove uploads that nobody confirmed; called by the tick inside its transaction. Returns how many."""
    return int(LedgerUpload.delete().where(LedgerUpload.created_at < now - KEPT).execute())
