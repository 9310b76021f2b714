"""Importing an existing ledger: the file, its columns, the check, and the one confirmation that stores it."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from supervisor.core import documents, ledger_check, ledger_import
from supervisor.core.ledger_headings import Field
from supervisor.core.ledger_reading import letters, row_words
from supervisor.core.permissions import Permission
from supervisor.database import digest
from supervisor.documents.ledger_sheets import ENDINGS, LARGEST_FILE, MOST_TASKS
from supervisor.documents.ledger_template import ledger_template
from supervisor.errors import Invalid
from supervisor.models import LedgerUpload
from supervisor.web.forms import day_of, is_number, number, text_of, whole_of
from supervisor.web.guard import actor, now, once, programme, requires
from supervisor.words import N_, Sentence

blueprint = Blueprint("ledger_import", __name__, url_prefix="/p/<int:programme_id>/ledger-import")
Page = str | BaseResponse | tuple[str, int]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Shown at once: tasks of the dry run, faults, sample values of a column, rows to find the headings in.
TASKS, FAULTS, SAMPLES, FIRST_ROWS = 100, 200, 3, 8


@blueprint.get("")
@requires(Permission.DOCUMENT_REVIEW)
def new(programme_id: int) -> str:
    """Choose the file."""
    return _file_page({})


@blueprint.get("/template.xlsx")
@requires(Permission.DOCUMENT_REVIEW)
def template(programme_id: int) -> Response:
    """An empty ledger with the usual columns."""
    answer = Response(ledger_template(), mimetype=XLSX)
    answer.headers["Content-Disposition"] = "attachment; filename*=UTF-8''%E5%8F%B0%E8%B4%A6.xlsx"
    return answer


@blueprint.post("")
@requires(Permission.DOCUMENT_REVIEW)
def receive(programme_id: int) -> Page:
    """Read the file and go on to its columns; a file that came before is named first."""
    try:
        data, name = _received()
        plain = ledger_import.read_file(data, name)
    except Invalid as error:
        return _file_page(error.fields), error.status
    if same := ledger_import.find_earlier(programme_id, digest(data)):
        # The form's key stays unspent: the page that answers is the form that goes on with it.
        upload = ledger_import.receive(programme(), plain, data, name, by=actor(), now=now())
        return render_template("ledger_import/same.html", upload=upload, same=same), same.status
    with once(answer=url_for("documents.index", programme_id=programme_id)):
        upload = ledger_import.receive(programme(), plain, data, name, by=actor(), now=now())
    return redirect(_link("columns", upload), 303)


@blueprint.post("/<int:upload_id>/again")
@requires(Permission.DOCUMENT_REVIEW)
def again(programme_id: int, upload_id: int) -> BaseResponse:
    """Go on with a file that was imported before."""
    upload = ledger_import.get(upload_id, actor())
    with once(answer=_link("columns", upload)):
        ledger_import.accept_again(upload, by=actor())
    return redirect(_link("columns", upload), 303)


@blueprint.get("/<int:upload_id>")
@requires(Permission.DOCUMENT_REVIEW)
def columns(programme_id: int, upload_id: int) -> str:
    """What each column holds, as guessed, to be corrected."""
    return _columns_page(ledger_import.get(upload_id, actor()), {})


@blueprint.post("/<int:upload_id>/sheet")
@requires(Permission.DOCUMENT_REVIEW)
def choose_sheet(programme_id: int, upload_id: int) -> Page:
    """Take another sheet or other rows of headings."""
    upload = ledger_import.get(upload_id, actor())
    try:
        first, last = whole_of("first") or 0, whole_of("last") or whole_of("first") or 0
        with once(answer=_link("columns", upload)):
            ledger_import.choose_sheet(upload, whole_of("sheet") or 0, first, last, by=actor())
    except Invalid as error:
        return _columns_page(upload, error.fields), error.status
    return redirect(_link("columns", upload), 303)


@blueprint.post("/<int:upload_id>")
@requires(Permission.DOCUMENT_REVIEW)
def choose_columns(programme_id: int, upload_id: int) -> Page:
    """Confirm the columns and go on to the check."""
    upload = ledger_import.get(upload_id, actor())
    try:
        fields = _fields()
        with once(answer=_link("check", upload)):
            ledger_import.choose_columns(
                upload,
                fields,
                title=text_of("title"),
                as_of=day_of("as_of"),
                year=whole_of("year"),
                by=actor(),
            )
    except Invalid as error:
        return _columns_page(upload, error.fields or {"columns": error.sentence}), error.status
    return redirect(_link("check", upload), 303)


@blueprint.get("/<int:upload_id>/check")
@requires(Permission.DOCUMENT_REVIEW)
def check(programme_id: int, upload_id: int) -> Page:
    """The dry run: what would be imported and everything that is wrong; nothing is stored."""
    return _check_page(ledger_import.get(upload_id, actor()))


@blueprint.post("/<int:upload_id>/check")
@requires(Permission.DOCUMENT_REVIEW)
def answer(programme_id: int, upload_id: int) -> BaseResponse:
    """Keep answers and mended cells, and check again."""
    upload = ledger_import.get(upload_id, actor())
    states = {
        text_of(f"word-{name[6:]}"): value == "closed"
        for name, value in request.form.items()
        if name.startswith("state-") and value in {"closed", "open"}
    }
    with once(answer=_link("check", upload)):
        ledger_import.answer(
            upload, lead=text_of("lead"), twice=text_of("twice"), states=states, fixes=_fixes(), by=actor()
        )
    return redirect(_link("check", upload), 303)


@blueprint.post("/<int:upload_id>/confirm")
@requires(Permission.DOCUMENT_REVIEW)
def confirm(programme_id: int, upload_id: int) -> Page:
    """Store the ledger whole as a notice under review."""
    upload = ledger_import.get(upload_id, actor())
    try:
        with once(answer=url_for("documents.index", programme_id=programme_id)):
            document = ledger_import.confirm(upload, by=actor(), now=now())
    except documents.SameNotice as same:
        return render_template("ledger_import/same.html", upload=upload, same=same), same.status
    count = len(documents.ledger_of(document).tasks)
    flash(
        ngettext(
            "%(num)d task was imported and can be reviewed now. Nothing is a plan yet.",
            "%(num)d tasks were imported and can be reviewed now. Nothing is a plan yet.",
            count,
        ),
        "done",
    )
    return redirect(documents.document_link(document), 303)


@blueprint.post("/<int:upload_id>/drop")
@requires(Permission.DOCUMENT_REVIEW)
def drop(programme_id: int, upload_id: int) -> BaseResponse:
    """Set the upload aside."""
    upload = ledger_import.get(upload_id, actor())
    with once(answer=url_for("ledger_import.new", programme_id=programme_id)):
        ledger_import.drop(upload, by=actor())
    return redirect(url_for("ledger_import.new", programme_id=programme_id), 303)


def _received() -> tuple[bytes, str]:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid(N_("Choose a file."), {"file": N_("Choose a file.")})
    return file.read(), file.filename.replace("\\", "/").rpartition("/")[2]


def _link(page: str, upload: LedgerUpload) -> str:
    return url_for(f"ledger_import.{page}", programme_id=upload.programme_id, upload_id=upload.id)


def _fields() -> tuple[Field, ...]:
    """What each column was taken for, in the order of the sheet."""
    try:
        return tuple(Field(request.form[f"column-{number}"]) for number in range(whole_of("columns") or 0))
    except (KeyError, ValueError):
        raise Invalid(N_("The columns were not sent whole. Open the page again.")) from None


def _fixes() -> dict[tuple[int, int], str]:
    """Mended cells: the field cell-ROW-COLUMN, counted from 0, beside was-ROW-COLUMN as it stood."""
    found = {}
    for name, text in request.form.items():
        parts = name.split("-")
        if parts[0] == "cell" and len(parts) == 3 and all(is_number(part) for part in parts[1:]):
            row, column = number(parts[1]), number(parts[2])
            if text != request.form.get(f"was-{row}-{column}", ""):
                found[row, column] = text
    return found


def _file_page(errors: dict[str, Sentence]) -> str:
    return render_template(
        "ledger_import/new.html",
        errors=errors,
        accept=",".join(ENDINGS),
        megabytes=LARGEST_FILE >> 20,
        most=MOST_TASKS,
    )


def _columns_page(upload: LedgerUpload, errors: dict[str, Sentence]) -> str:
    sheets, choices = ledger_check.sheets_of(upload), ledger_check.choices_of(upload)
    sheet = sheets.sheets[choices.sheet]
    return render_template(
        "ledger_import/columns.html",
        upload=upload,
        sheets=sheets,
        choices=choices,
        columns=ledger_check.columns_of(sheet, choices, samples=SAMPLES) if choices.has_headings else [],
        fields=list(Field),
        first_rows=sheet.cells[:FIRST_ROWS],
        letters=letters,
        errors=errors,
    )


def _check_page(upload: LedgerUpload) -> Page:
    try:
        found = ledger_check.check(upload)
    except Invalid as error:
        return _columns_page(upload, error.fields), error.status
    return render_template(
        "ledger_import/check.html",
        upload=upload,
        found=found,
        reading=found.reading,
        tasks=found.reading.tasks[:TASKS],
        faults=found.reading.faults[:FAULTS],
        quantities=ledger_check.quantity_cells(found),
        row_words=row_words,
        letters=letters,
        names=found.choices.headings_in(found.sheet).names,
    )
