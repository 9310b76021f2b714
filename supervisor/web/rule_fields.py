"""The form of a rule: its fields as the office arranges them, and what units said in them about a period."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.wrappers import Response

from supervisor.core import form_figures, form_pages, held_figures, rule_changes, rule_forms
from supervisor.core.draft_ledger import split_names
from supervisor.core.form_answers import Answers, field_name
from supervisor.core.form_pages import EMPTY, FormPage
from supervisor.core.permissions import Permission
from supervisor.core.rule_forms import FormEffects, TypedField
from supervisor.errors import Invalid, Stale
from supervisor.models import Attachment, FieldKind, ReportingRule
from supervisor.web.attachments import kept_files, taken_files
from supervisor.web.forms import day_of, is_number, number, text_of, version_seen, whole_of
from supervisor.web.guard import actor, now, once, programme, requires, today
from supervisor.words import N_, Sentence

blueprint = Blueprint("rule_fields", __name__, url_prefix="/p/<int:programme_id>/rules/<int:rule_id>")
Answer = str | Response | tuple[str, int]


@blueprint.get("/fields")
@requires(Permission.PLAN_EDIT)
def edit(programme_id: int, rule_id: int) -> Answer:
    """The fields of a rule's form, to add, change, order and end."""
    return _page(rule_changes.get(rule_id, programme()))


@blueprint.post("/fields")
@requires(Permission.PLAN_EDIT)
def save(programme_id: int, rule_id: int) -> Answer:
    """Show what a change of the form would do, make it, or offer more empty fields."""
    rule = rule_changes.get(rule_id, programme())
    answer = url_for("rules.show", programme_id=programme_id, rule_id=rule_id)
    how: dict[str, Any] = {"by": actor(), "now": now()}
    try:
        if "more" in request.form:
            return _page(rule)
        typed, begin = typed_fields(), day_of("valid_from")
        if "make" not in request.form:
            return _page(rule, effects=rule_forms.preview(rule, typed, begin, **how))
        with once(answer=f"{answer}#form"):
            _form, effects = rule_forms.save(
                rule, typed, begin, reason=text_of("reason"), seen=version_seen(), **how
            )
    except Invalid as error:
        return _page(rule, error)
    except Stale:
        return _page(rule, _changed_meanwhile(rule), seen_anew=True)
    said = _("The form of “%(rule)s” has changed; units were told.", rule=rule.name)
    if not effects.units:
        said = _(
            "The form of “%(rule)s” has changed. No unit owes it now, so nobody was told.", rule=rule.name
        )
    flash(said, "done")
    return redirect(f"{answer}#form", 303)


def _changed_meanwhile(rule: ReportingRule) -> Invalid:
    """What is said where somebody was quicker: the form as it now stands; what was typed stays and is shown anew."""
    form = rule_forms.newest_form(rule.id)
    wrong = N_(
        "%(name)s has changed the form meanwhile. It now asks for: %(fields)s. What you typed is kept; look again at "
        "what it would do.",
        name=form.made_by_name if form else "",
        fields="、".join(field.name for field in rule_forms.fields_of(form)),
    )
    return Invalid(wrong, {"fields": wrong})


def _page(
    rule: ReportingRule,
    errors: Invalid | None = None,
    effects: FormEffects | None = None,
    *,
    seen_anew: bool = False,
) -> Answer:
    form = rule_forms.newest_form(rule.id)
    given, rows = form_pages.given(form, today())
    typed = request.form
    if typed:
        given, rows = _given_anew(rows)
    page = render_template(
        "rules/fields.html",
        rule=rule,
        version=form.number if form and (seen_anew or not typed) else version_seen(),
        rows=rows,
        given=given,
        typed=_as_typed(typed),
        kinds=[(kind.value, kind.label) for kind in FieldKind],
        sources=_sources(rule),
        errors=errors.fields if errors else {},
        effects=effects,
    )
    return (page, 422) if errors else page


def _given_anew(rows: int) -> tuple[dict[str, str], int]:
    """What untouched fields hold when the form comes back, and how many rows it has now."""
    rows = min(max(whole_of("rows") or rows, 1), rule_forms.MOST_FIELDS + EMPTY)
    given = {f"order-{n}": str(n) for n in range(1, rows + EMPTY + 1)}
    given |= {f"required-{n}": "1" for n in range(rows + 1, rows + EMPTY + 1)}
    return given, rows + (EMPTY if "more" in request.form else 0)


def _sources(rule: ReportingRule) -> list[tuple[str, Sentence]]:
    """Figures held elsewhere that a field may show instead of asking."""
    return [
        (s.code, N_("%(name)s – held with %(where)s", name=s.name, where=s.words))
        for s in held_figures.sources(rule)
    ]


def _as_typed(typed: ImmutableMultiDict[str, str]) -> Mapping[str, str]:
    """What was typed; a box that is not ticked was sent as nothing, and is empty then."""
    shown: MultiDict[str, str] = MultiDict(typed)
    for place in range(1, (whole_of("rows") or 0) + 1) if typed else ():
        for name in ("required", "decimals", "leave"):
            shown.setdefault(f"{name}-{place}", "")
    return shown


def typed_fields() -> list[TypedField]:
    """The fields as typed: those with a name that are not ended."""
    places = range(1, min(whole_of("rows") or 0, rule_forms.MOST_FIELDS + 20) + 1)
    return [_typed_field(n) for n in places if _stays(n)]


def _stays(n: int) -> bool:
    is_there = text_of(f"name-{n}") or text_of(f"key-{n}")
    return bool(is_there) and f"leave-{n}" not in request.form


def _typed_field(n: int) -> TypedField:
    key = text_of(f"key-{n}")
    return TypedField(
        place=n,
        name=text_of(f"name-{n}"),
        kind=text_of(f"kind-{n}"),
        key=number(key) if is_number(key) else None,
        measure=text_of(f"measure-{n}"),
        decimals=f"decimals-{n}" in request.form,
        target=text_of(f"target-{n}"),
        choices=split_names(text_of(f"choices-{n}")),
        required=f"required-{n}" in request.form,
        hint=text_of(f"hint-{n}"),
        order=whole_of(f"order-{n}") or 0,
        source=text_of(f"source-{n}"),
    )


@blueprint.get("/figures")
@requires(Permission.TASK_READ_ALL)
def figures(programme_id: int, rule_id: int) -> str:
    """Units × fields of one period, with sums."""
    rule = rule_changes.get(rule_id, programme())
    found = form_figures.table(rule, request.args.get("period", "")[:12], actor(), now=now())
    return render_template("rules/figures.html", rule=rule, t=found)


# For the pages on which units fill a form in -------------------------------------------------------------------------


def typed_answers(page: FormPage | None) -> Answers:
    """What a unit typed in the form that the page now shows; files first, so that no mistake loses them."""
    texts: dict[int, str] = {}
    files: dict[int, list[int]] = {}
    refused = {}
    for line in page.lines if page else ():
        key, name = line.field.key, field_name(line.field.key)
        if line.field.kind is FieldKind.FILE:
            try:
                files[key] = taken_files(name)
            except Invalid as error:
                refused[name] = error.sentence
        elif name in request.form:
            texts[key] = request.form[name].replace("\r\n", "\n")
    seen = text_of("form")
    return Answers(number(seen) if is_number(seen) else 0, texts, files, text_of("form_reason"), refused)


def kept_form_files(page: FormPage | None) -> dict[int, list[Attachment]]:
    """Key → files that a form being mended already has."""
    return {
        line.field.key: kept_files(field_name(line.field.key))
        for line in (page.lines if page else ())
        if line.field.kind is FieldKind.FILE
    }
