"""Facts entered by people: what a period asks for, its tables and forms, one fact with its versions."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from supervisor.core import (
    attachments,
    fact_assessors,
    fact_changes,
    fact_pages,
    fact_readers,
    people,
    recorded_facts,
    units,
)
from supervisor.core.fact_changes import Row
from supervisor.core.fact_forms import FactForm
from supervisor.core.fact_pages import FormState
from supervisor.core.fact_values import Faults
from supervisor.core.periods import Period
from supervisor.core.permissions import Permission
from supervisor.core.scored_periods import scored_period
from supervisor.errors import Invalid
from supervisor.models import RecordedFact
from supervisor.web.attachments import kept_files, taken_files
from supervisor.web.forms import is_number, number, text_of
from supervisor.web.guard import actor, now, once, programme, requires, today
from supervisor.words import N_, Sentence

blueprint = Blueprint("facts", __name__, url_prefix="/p/<int:programme_id>")
Page = str | Response | tuple[str, int]
WITHDRAW_THERE = N_("A recorded fact is not emptied here: withdraw it on its own page, with a reason.")


@blueprint.get("/facts")
@requires(Permission.FACT_READ)
def index(programme_id: int) -> str:
    """The periods that facts are entered for."""
    return render_template("facts/index.html", periods=fact_pages.periods(programme(), by=actor(), now=now()))


@blueprint.get("/facts/<key>")
@requires(Permission.FACT_READ)
def period(programme_id: int, key: str) -> str:
    """By indicator: given by itself, entered, missing."""
    found = fact_pages.overview(programme(), scored_period(key), by=actor())
    return render_template("facts/period.html", o=found, who=fact_assessors.who)


@blueprint.get("/facts/<key>/<form_key>")
@requires(Permission.FACT_READ)
def form(programme_id: int, key: str, form_key: str) -> str:
    """One form: the table of all units, or the list with the form for one more."""
    when = scored_period(key)
    return form_page(when, fact_pages.form_state(programme(), when, form_key, by=actor()))


@blueprint.post("/facts/<key>/<form_key>")
@requires(Permission.FACT_ENTER)
def act(programme_id: int, key: str, form_key: str) -> Page:
    """Save what was typed, or declare that there is nothing, or take that back."""
    when = scored_period(key)
    state = fact_pages.form_state(programme(), when, form_key, by=actor())
    answer = url_for("facts.form", programme_id=programme_id, key=key, form_key=form_key)
    try:
        done = _VERBS.get(text_of("verb"), _save)(when, state, answer)
    except Invalid as wrong:
        fresh = fact_pages.form_state(programme(), when, form_key, by=actor())
        return form_page(when, fresh, wrong), wrong.status
    flash(done, "done")
    return redirect(answer, 303)


def form_page(when: Period, state: FormState, wrong: Invalid | None = None) -> str:
    """The page of a form in a period, filled with what was typed where something was wrong."""
    own = fact_assessors.own_units(actor(), programme().id, now())
    closed = recorded_facts.is_closed(programme().id, when.key)
    return render_template(
        "facts/form.html",
        when=when,
        state=state,
        form=state.form,
        groups=fact_pages.groups_of(programme(), when, state),
        known={row.unit_id: row for row in state.facts},
        again=fact_pages.typed_again,
        shown=fact_pages.shown,
        who=fact_assessors.who,
        own=own,
        is_closed=closed,
        may_enter=state.may_enter and not closed,
        errors=wrong.fields if wrong else {},
        given=fact_pages.given_lines(programme(), state),
        not_asked=fact_pages.not_asked(state),
        typed=request.form if wrong else offered(state),
        kept=kept_files(),
        accept=attachments.ACCEPT,
    )


def offered(state: FormState) -> dict[str, str]:
    """What a link proposes to enter: a problem that Dukao gives, and that was put right only on paper."""
    if not (state.given and "subject" in request.args):
        return {}
    name = request.args["subject"][:200]
    return {"unit": request.args.get("unit", ""), "subject": name, "on_time": "否", "false": "是"}


def _save(when: Period, state: FormState, answer: str) -> str:
    rows = _one_row(state.form) if state.form.many else _table_rows(state)
    return _store(when, state.form, rows, answer, prefix=not state.form.many)


def _store(when: Period, form: FactForm, rows: list[Row], answer: str, *, prefix: bool) -> str:
    wrong: dict[str, Sentence] = {}
    files = _files(wrong)
    with once(answer=answer):
        own = fact_assessors.own_units(actor(), programme().id, now())
        found = fact_changes.read(programme(), when, form, rows, own=own, today=today())
        wrong |= _flat(found.faults, prefix=prefix)
        if wrong:
            raise Invalid(recorded_facts.MEND, wrong)
        made = recorded_facts.record(
            programme(), when, form, found.changes, source=text_of("source"), files=files, reason=text_of("reason"),
            by=actor(), now=now(),
        )  # fmt: skip
    if not made:
        return str(_("Nothing was changed: all of it was recorded already."))
    return str(ngettext("%(num)s fact is recorded.", "%(num)s facts are recorded.", len(made)))


def _files(wrong: dict[str, Sentence]) -> list[int]:
    try:
        return taken_files("files")
    except Invalid as error:
        wrong |= error.fields
        return []


def _flat(faults: Mapping[str, Faults], *, prefix: bool) -> dict[str, Sentence]:
    """Faults by the names of the fields on the page."""
    return {
        f"{place}-{name}" if prefix else name: fault
        for place, some in faults.items()
        for name, fault in some.items()
    }


def _table_rows(state: FormState) -> list[Row]:
    """The lines of the table in which something stands; a recorded one that was emptied is a mistake."""
    known = {row.unit_id: row for row in state.facts}
    rows, emptied = [], {}
    for unit in state.due:
        names = [field.name for field in state.form.fields] + ["note"]
        texts = {name: text_of(f"{unit.id}-{name}") for name in names}
        if any(texts.values()):
            rows.append(Row(str(unit.id), unit.id, texts))
        elif unit.id in known and any(f"{unit.id}-{name}" in request.form for name in names):
            emptied[f"{unit.id}-unit"] = WITHDRAW_THERE
    if emptied:
        raise Invalid(recorded_facts.MEND, emptied)
    return rows


def _one_row(form: FactForm, fact: RecordedFact | None = None) -> list[Row]:
    texts = {
        name: text_of(name) for name in ("subject", "day", "note", *(field.name for field in form.fields))
    }
    chosen = text_of("unit")
    unit = fact.unit_id if fact is not None else number(chosen) if is_number(chosen) else None
    if unit is None:
        raise Invalid(recorded_facts.MEND, {"unit": N_("Choose a unit.")})
    return [Row("1", unit, texts, fact.id if fact is not None else None)]


def _settle(when: Period, state: FormState, answer: str) -> str:
    with once(answer=answer):
        recorded_facts.settle(programme(), when, state.form, words=text_of("words"), by=actor(), now=now())
    return str(_("Declared, with your name and the day."))


def _reopen(when: Period, state: FormState, answer: str) -> str:
    with once(answer=answer):
        recorded_facts.reopen(
            programme(), when, state.form, reason=text_of("reopen_reason"), by=actor(), now=now()
        )
    return str(_("The declaration is taken back."))


_VERBS = {"settle": _settle, "reopen": _reopen}


@blueprint.get("/recorded-facts/<int:fact_id>")
@requires(Permission.FACT_READ)
def show(programme_id: int, fact_id: int) -> str:
    """One fact: what it says, on which evidence, by whom, and every version of it."""
    return _fact_page(fact_readers.get_visible(fact_id, actor()))


@blueprint.post("/recorded-facts/<int:fact_id>")
@requires(Permission.FACT_ENTER)
def change(programme_id: int, fact_id: int) -> Page:
    """Correct a fact, or withdraw it."""
    row = fact_readers.get_visible(fact_id, actor())
    when, form = scored_period(row.period), fact_pages.form_of_fact(programme(), row)
    here = url_for("facts.show", programme_id=programme_id, fact_id=fact_id)
    try:
        if text_of("verb") == "withdraw":
            with once(answer=here):
                recorded_facts.withdraw(row, when, form, reason=text_of("end_reason"), by=actor(), now=now())
            flash(_("Withdrawn: it stays readable and counts no more."), "done")
        else:
            flash(_store(when, form, _one_row(form, row), here, prefix=False), "done")
    except Invalid as wrong:
        return _fact_page(fact_readers.get_visible(fact_id, actor()), wrong), wrong.status
    return redirect(here, 303)


def _fact_page(row: RecordedFact, wrong: Invalid | None = None) -> str:
    found = fact_pages.fact_page(row, programme(), by=actor(), now=now())
    return render_template(
        "facts/fact.html",
        f=found,
        row=row,
        form=found.form,
        shown=fact_pages.shown,
        errors=wrong.fields if wrong else {},
        typed=request.form if wrong else fact_pages.typed_again(found.form, row),
        failed=text_of("verb") if wrong else "",
        kept=kept_files(),
        accept=attachments.ACCEPT,
    )


@blueprint.get("/fact-assessors")
@requires(Permission.FACT_READ)
def assessors(programme_id: int) -> str:
    """Who enters which facts, and the form that names somebody."""
    return _assessors_page()


@blueprint.post("/fact-assessors")
@requires(Permission.FACT_ASSIGN)
def assign(programme_id: int) -> Page:
    """Name a unit or a person for a form, or end it."""
    here = url_for("facts.assessors", programme_id=programme_id)
    try:
        with once(answer=here):
            if text_of("verb") == "end":
                key = text_of("assessor")
                reason = text_of(f"end-{key}")
                fact_assessors.end(number(key) if is_number(key) else 0, reason=reason, by=actor(), now=now())
            else:
                _name()
    except Invalid as wrong:
        return _assessors_page(wrong), wrong.status
    flash(_("Kept, with your name and the reason."), "done")
    return redirect(here, 303)


def _name() -> None:
    known = fact_pages.all_forms(programme(), now=now())
    form = known.get(text_of("form"))
    if form is None:
        raise Invalid(recorded_facts.MEND, {"form": N_("Choose what is entered.")})
    kind, _colon, key = text_of("who").partition(":")
    wanted = number(key) if is_number(key) else 0
    fact_assessors.name(
        programme(),
        form,
        unit=units.get_unit(wanted, programme()) if kind == "unit" else None,
        person=people.holder(wanted, programme().id, today()) if kind == "person" else None,
        reason=text_of("reason"),
        by=actor(),
        now=now(),
    )


def _assessors_page(wrong: Invalid | None = None) -> str:
    posts = people.everybody(programme().id, today()) if actor().may(Permission.FACT_ASSIGN) else []
    return render_template(
        "facts/assessors.html",
        forms=fact_pages.all_forms(programme(), now=now()),
        named=fact_assessors.by_form(programme().id),
        who=fact_assessors.who,
        units={post.unit.id: post.unit.name for post in posts if post.unit is not None},
        people={post.user.id: (post.user.name, post.user.post) for post in posts},
        errors=wrong.fields if wrong else {},
        typed=request.form if wrong else {},
    )
