"""What is asked, of whom, when: the rules of a programme, their changes with a preview, and the burden of units."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import (
    form_figures,
    held_figures,
    link_marks,
    plan_rules,
    rule_changes,
    rule_forms,
    rule_pages,
    rule_words,
)
from supervisor.core.cadences import DuePolicy
from supervisor.core.draft_ledger import split_names
from supervisor.core.permissions import Permission
from supervisor.core.rule_changes import RuleTerms
from supervisor.errors import Invalid
from supervisor.models import CHOSEN_KINDS, CountedBy, Obliged, ReportingRule
from supervisor.web.forms import chosen, day_of, text_of, time_of, whole_of, wholes_of
from supervisor.web.guard import actor, now, once, programme, requires, today
from supervisor.web.rule_corrections import typed_rule

blueprint = Blueprint("rules", __name__, url_prefix="/p/<int:programme_id>/rules")
Answer = str | Response | tuple[str, int]


@blueprint.get("")
@requires(Permission.DOCUMENT_READ)
def index(programme_id: int) -> str:
    """All rules with their next deadline, the rhythm of supervision, phases."""
    phases = rule_pages.phases_of(programme_id)
    return render_template(
        "rules/index.html",
        rows=rule_pages.rules_of(programme_id, now=now()),
        words=rule_pages.obliged_words,
        when=rule_words.rhythm_words,
        cadences=rule_pages.cadences_of(programme_id),
        phases=phases,
        proposals=plan_rules.proposals(programme_id),
        rare=rule_words.last_day_words,
        phase=rule_pages.phase_on(phases, today()),
        twice=rule_pages.asked_twice(programme_id),
        figures_twice=held_figures.asked_twice(programme_id),
    )


@blueprint.get("/burden")
@requires(Permission.DOCUMENT_READ)
def burden(programme_id: int) -> str:
    """What each unit is asked for in a month, and what is asked twice."""
    month = rule_pages.month_of(request.args.get("month", ""), today())
    return render_template(
        "rules/burden.html", month=month, rows=rule_pages.burden(programme_id, month, actor()),
        twice=rule_pages.asked_twice(programme_id),
        figures_twice=held_figures.asked_twice(programme_id),
    )  # fmt: skip


@blueprint.get("/new")
@requires(Permission.PLAN_EDIT)
def new(programme_id: int) -> Answer:
    """Add a rule."""
    return _form(None)


@blueprint.get("/<int:rule_id>")
@requires(Permission.DOCUMENT_READ)
def show(programme_id: int, rule_id: int) -> Answer:
    """One rule: its terms, next deadlines, history; the form for who may change it."""
    return _form(rule_changes.get(rule_id, programme()))


def _form(
    rule: ReportingRule | None, errors: Invalid | None = None, effects: rule_changes.Effects | None = None
) -> Answer:
    form = rule_forms.newest_form(rule.id) if rule else None
    page = render_template(
        "rules/form.html",
        rule=rule,
        given=rule_pages.given(rule),
        deadlines=rule_pages.next_deadlines(rule, now=now()) if rule else [],
        links=link_marks.candidates(rule) if rule and rule.condition else [],
        marked=link_marks.marked(rule) if rule and rule.condition else set(),
        form=form,
        fields=rule_forms.fields_of(form),
        owed=bool(rule and form_figures.periods_of(rule)),
        versions=rule_pages.versions_of(rule) if rule else [],
        may_edit=actor().may(Permission.PLAN_EDIT) and (rule is None or rule.kind in CHOSEN_KINDS),
        proposal=plan_rules.proposals(programme().id).get(rule.id) if rule else None,
        rare=rule_words.last_day_words(rule.recurrence) if rule else None,
        rare_typed=rule_words.typed_note(text_of("every"), text_of("days")) if effects else None,
        errors=errors.fields if errors else {},
        typed=request.form,
        effects=effects,
        asked=rule_changes.is_asked(rule, programme()),
        **_choices(),
    )
    return (page, 422) if errors else page


def _choices() -> dict[str, object]:
    """What the form's lists offer."""
    return {
        "kinds": {kind.value: kind.label for kind in CHOSEN_KINDS},
        "who": {who.value: who.label for who in Obliged},
        "every": rule_words.EVERY,
        "shifts": rule_words.SHIFTS,
        "readings": {reading.value: reading.label for reading in CountedBy},
        "policies": {"": rule_words.AS_PROGRAMME, **{policy.value: policy.label for policy in DuePolicy}},
    }


@blueprint.post("/new")
@requires(Permission.PLAN_EDIT)
def add(programme_id: int) -> Answer:
    """Show what a new rule would do, or make it."""
    return _save(None)


@blueprint.post("/<int:rule_id>")
@requires(Permission.PLAN_EDIT)
def change(programme_id: int, rule_id: int) -> Answer:
    """Show what a change would do, or make it."""
    return _save(rule_changes.get(rule_id, programme()))


@blueprint.post("/<int:rule_id>/marks")
@requires(Permission.PLAN_EDIT)
def mark(programme_id: int, rule_id: int) -> Answer:
    """Say which tasks bear the mark on which the rule depends."""
    rule = rule_changes.get(rule_id, programme())
    answer = url_for("rules.show", programme_id=programme_id, rule_id=rule_id)
    try:
        with once(answer=answer):
            effects = link_marks.mark(
                rule, set(chosen("link")), reason=text_of("mark_reason"), by=actor(), now=now()
            )
    except Invalid as error:
        return _form(rule, error)
    said = _("%(added)s newly owed, %(removed)s no longer owed.", **effects.counts)
    flash(said, "done")
    return redirect(answer, 303)


def _save(rule: ReportingRule | None) -> Answer:
    answer = url_for("rules.index", programme_id=programme().id)
    how: dict[str, Any] = {"by": actor(), "now": now()}
    try:
        if "make" not in request.form:
            return _form(rule, effects=rule_changes.preview(rule, programme(), _terms(), **how))
        with once(answer=answer):
            saved, effects = rule_changes.save(
                rule, programme(), _terms(), reason=text_of("reason"), seen=whole_of("version") or 0, **how
            )
    except Invalid as error:
        return _form(rule, error)
    flash(_said(saved, effects), "done")
    if rule is None and "fields" in request.form:
        answer = url_for("rule_fields.edit", programme_id=programme().id, rule_id=saved.id)
    return redirect(answer, 303)


def _said(saved: ReportingRule, effects: rule_changes.Effects) -> str:
    """What has happened, no more: before the issue nobody owes anything, and nobody is told of what changes nothing."""
    said: str = _("“%(rule)s” holds now; units were told.", rule=saved.name)
    if not rule_changes.is_asked(saved, programme()):
        said = _("“%(rule)s” is saved. Units owe it once the plan is issued.", rule=saved.name)
    elif not effects.changes_any:
        said = _(
            "“%(rule)s” holds now. Nothing that is owed now changes, so nobody was told.", rule=saved.name
        )
    return said


def _terms() -> RuleTerms:
    return RuleTerms(
        typed=typed_rule(),
        valid_from=day_of("valid_from"),
        valid_to=day_of("valid_to"),
        every_years=whole_of("every_years") or 1,
        anchor_year=whole_of("anchor_year"),
        counted_by=text_of("counted_by") or CountedBy.PERIOD,
        condition=text_of("condition")[:80],
        documents=split_names(text_of("documents")),
        nil_allowed=bool(text_of("nil_allowed")),
        cutoff=time_of("cutoff") if text_of("cutoff") else None,
        day_off_policy=text_of("day_off_policy"),
        lock_after_workdays=whole_of("lock_after_workdays"),
        grace_workdays=whole_of("grace_workdays") or 0,
        remind_before=_stages_of("remind_before", falling=True),
        remind_after=_stages_of("remind_after"),
    )


def _stages_of(name: str, *, falling: bool = False) -> tuple[int, ...] | None:
    """Days on which to remind: empty leaves it to the local settings, a single 0 means none."""
    if not text_of(name):
        return None
    days = wholes_of(name)
    return () if days == [0] else tuple(sorted(days, reverse=falling))
