"""Facts by spreadsheet: a group's template, the upload with its preview, the one confirmation that stores it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from supervisor.core import exports, fact_pages, fact_sheets, recorded_facts
from supervisor.core.permissions import Permission
from supervisor.core.scored_periods import scored_period
from supervisor.errors import Invalid
from supervisor.models import FactUpload
from supervisor.web.exports import sent
from supervisor.web.facts import Page, form_page
from supervisor.web.forms import text_of
from supervisor.web.guard import actor, now, once, programme, requires
from supervisor.words import N_

blueprint = Blueprint("fact_imports", __name__, url_prefix="/p/<int:programme_id>")


@blueprint.get("/facts/<key>/<form_key>/template.xlsx")
@requires(Permission.FACT_ENTER)
def template(programme_id: int, key: str, form_key: str) -> Response:
    """The template of one assessment group, filled with its units and what is recorded."""
    group = request.args.get("group", "")[:160]
    file = exports.export_fact_template(
        programme(), scored_period(key), form_key, group, by=actor(), now=now()
    )
    return sent(file)


@blueprint.post("/facts/<key>/<form_key>/import")
@requires(Permission.FACT_ENTER)
def upload(programme_id: int, key: str, form_key: str) -> Page:
    """Read a filled-in template and show what it would change."""
    when = scored_period(key)
    state = fact_pages.form_state(programme(), when, form_key, by=actor())
    answer = url_for("facts.form", programme_id=programme_id, key=key, form_key=form_key)
    try:
        data, name = _chosen_file()
        cells = fact_sheets.read_file(state.form, data, name)
        with once(answer=answer):
            kept = fact_sheets.receive(
                programme(), when, state.form, cells, data, name, by=actor(), now=now()
            )
    except Invalid as wrong:
        return form_page(when, state, wrong), wrong.status
    return redirect(url_for("fact_imports.preview", programme_id=programme_id, upload_id=kept.id), 303)


def _chosen_file() -> tuple[bytes, str]:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid(recorded_facts.MEND, {"file": N_("Choose a file.")})
    return file.read(), file.filename.replace("\\", "/").rpartition("/")[2]


@blueprint.get("/fact-imports/<int:upload_id>")
@requires(Permission.FACT_ENTER)
def preview(programme_id: int, upload_id: int) -> str:
    """What an upload would change, or every row that is wrong; nothing is stored yet."""
    return _preview_page(fact_sheets.get(upload_id, actor()))


@blueprint.post("/fact-imports/<int:upload_id>")
@requires(Permission.FACT_ENTER)
def confirm(programme_id: int, upload_id: int) -> Page:
    """Store the upload whole, or set it aside."""
    kept = fact_sheets.get(upload_id, actor())
    answer = url_for("facts.form", programme_id=programme_id, key=kept.period, form_key=kept.form)
    if text_of("verb") == "drop":
        with once(answer=answer):
            fact_sheets.drop(kept)
        flash(_("Set aside: nothing was stored."), "done")
        return redirect(answer, 303)
    try:
        with once(answer=answer):
            made = fact_sheets.confirm(
                programme(), kept, source=text_of("source"), reason=text_of("reason"), by=actor(), now=now()
            )
    except Invalid as wrong:
        return _preview_page(kept, wrong), wrong.status
    flash(ngettext("%(num)s fact is recorded.", "%(num)s facts are recorded.", len(made)), "done")
    return redirect(answer, 303)


def _preview_page(kept: FactUpload, wrong: Invalid | None = None) -> str:
    found = fact_sheets.preview(programme(), kept, by=actor(), now=now())
    return render_template(
        "facts/preview.html",
        upload=kept,
        p=found,
        form=found.form,
        shown=fact_pages.shown,
        errors=wrong.fields if wrong else {},
        typed=request.form if wrong else {},
    )
