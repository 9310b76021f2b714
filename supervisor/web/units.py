"""The register of units: the list, a unit's names, collective names and assessment groups."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from supervisor.core import (
    bodies,
    duty_matrix,
    item_corrections,
    people,
    plan_changes,
    unit_changes,
    units,
)
from supervisor.core.draft_ledger import split_names
from supervisor.core.permissions import Permission
from supervisor.errors import Invalid
from supervisor.intake.likenames import like_names
from supervisor.models import GroupKind, Unit, UnitGroup, UnitKind
from supervisor.web.forms import chosen, day_of, is_number, number, text_of, whole_of
from supervisor.web.guard import actor, now, once, programme, requires, today
from supervisor.words import Sentence

blueprint = Blueprint("units", __name__, url_prefix="/p/<int:programme_id>/units")
Page = str | Response | tuple[str, int]


@blueprint.get("")
@requires(Permission.REGISTER_READ)
def index(programme_id: int) -> str:
    """Units of the programme in roster order, with links, groups and aliases."""
    rows = units.register_rows(programme_id)
    return render_template(
        "units/index.html",
        rows=rows,
        collectives=units.groups_of(programme_id, GroupKind.COLLECTIVE),
        similar=like_names([row.unit.name for row in rows]) if actor().may(Permission.REGISTER_EDIT) else [],
    )


@blueprint.get("/<int:unit_id>")
@requires(Permission.REGISTER_READ)
def show(programme_id: int, unit_id: int) -> str:
    """A unit: kind, names, people."""
    return _unit_page(_unit(unit_id), {})


@blueprint.post("/<int:unit_id>")
@requires(Permission.REGISTER_EDIT)
def change(programme_id: int, unit_id: int) -> Page:
    """Correct name or kind."""
    unit = _unit(unit_id)
    kinds = {kind.value: kind for kind in UnitKind}
    try:
        with once(answer=_link(unit)):
            kind = kinds.get(text_of("kind"), unit.kind)
            units.change_unit(unit, name=text_of("name"), kind=kind, by=actor(), now=now())
    except Invalid as error:
        return _unit_page(unit, error.fields), error.status
    flash(_("Saved."), "done")
    return redirect(_link(unit), 303)


@blueprint.post("/<int:unit_id>/aliases")
@requires(Permission.REGISTER_EDIT)
def add_alias(programme_id: int, unit_id: int) -> Page:
    """Another name of the unit."""
    unit = _unit(unit_id)
    try:
        with once(answer=_link(unit)):
            units.add_alias(unit, text_of("alias"), by=actor(), now=now())
    except Invalid as error:
        return _unit_page(unit, error.fields), error.status
    flash(_("The other name is from now on read as this unit."), "done")
    return redirect(_link(unit), 303)


@blueprint.post("/<int:unit_id>/renamings")
@requires(Permission.REGISTER_EDIT)
def rename(programme_id: int, unit_id: int) -> Page:
    """The unit bears another name from a day on."""
    unit = _unit(unit_id)
    try:
        with once(answer=_link(unit)):
            unit_changes.rename(
                unit, text_of("new_name"), day_of("on"), text_of("why"), by=actor(), now=now()
            )
    except Invalid as error:
        return _unit_page(unit, error.fields), error.status
    flash(_("Renamed. The old name is read as this unit in notices of before."), "done")
    return redirect(_link(unit), 303)


@blueprint.post("/<int:unit_id>/mergers")
@requires(Permission.REGISTER_EDIT)
def merge(programme_id: int, unit_id: int) -> Page:
    """The unit goes into another from a day on."""
    unit = _unit(unit_id)
    into = units.get_unit(whole_of("into") or 0, programme()) if text_of("into") else None
    try:
        with once(answer=_link(unit)):
            unit_changes.merge(unit, into, day_of("merged_on"), text_of("why_merged"), by=actor(), now=now())
    except Invalid as error:
        renamed = {"on": "merged_on", "why": "why_merged"}
        return _unit_page(unit, {renamed.get(k, k): v for k, v in error.fields.items()}), error.status
    flash(_("Merged. Its name is read as the other unit in notices from that day on."), "done")
    return redirect(_link(unit), 303)


@blueprint.get("/groups/<int:group_id>")
@requires(Permission.REGISTER_EDIT)
def group(programme_id: int, group_id: int) -> str:
    """Who belongs to a collective name."""
    return _group_page(units.collective(group_id, programme()), {})


@blueprint.post("/groups/<int:group_id>")
@requires(Permission.REGISTER_EDIT)
def confirm_group(programme_id: int, group_id: int) -> Page:
    """Confirm who belongs to a collective name."""
    found = units.collective(group_id, programme())
    ids = chosen("unit")
    notes = {unit_id: text_of(f"note-{unit_id}") for unit_id in ids}
    added = split_names(request.form.get("added", ""))
    try:
        item_corrections.check_names(added, "added")
        with once(answer=url_for("units.index", programme_id=programme_id)):
            units.confirm_group(found, ids, notes=notes, added=added, by=actor(), now=now())
    except Invalid as error:
        return _group_page(found, error.fields or {"unit": error.sentence}), error.status
    flash(_("The members of %(name)s are confirmed.", name=found.name), "done")
    return redirect(url_for("units.index", programme_id=programme_id), 303)


@blueprint.post("/groups/<int:group_id>/changes")
@requires(Permission.PLAN_EDIT)
def change_members(programme_id: int, group_id: int) -> Page:
    """A unit joins or leaves a collective name of an issued plan, from a day on."""
    found = units.collective(group_id, programme())
    try:
        unit, day = _unit(whole_of("unit") or 0), day_of("day") or today()
        with once(answer=url_for("units.group", programme_id=programme_id, group_id=group_id)):
            if text_of("act") == "leave":
                count = plan_changes.leave(found, unit, text_of("reason"), by=actor(), now=now())
            else:
                count = plan_changes.join(found, unit, day, text_of("reason"), by=actor(), now=now())
    except Invalid as error:
        return _group_page(found, error.fields or {"reason": error.sentence}), error.status
    flash(ngettext("The change is made: %(num)d link.", "The change is made: %(num)d links.", count), "done")
    return redirect(url_for("units.group", programme_id=programme_id, group_id=group_id), 303)


@blueprint.get("/assessment")
@requires(Permission.REGISTER_READ)
def assessment(programme_id: int) -> str:
    """The assessment groups."""
    return _assessment_page({})


@blueprint.post("/assessment")
@requires(Permission.REGISTER_EDIT)
def arrange(programme_id: int) -> Page:
    """Put each unit into its group and confirm the groups."""
    new = text_of("new_group")
    placed = {
        number(name[5:]): new if value == "+" else value
        for name, value in request.form.items()
        if name.startswith("unit-") and is_number(name[5:])
    }
    names = {name: text_of(f"name-{place}") for place, name in enumerate(request.form.getlist("old_name"))}
    placed = {unit_id: names.get(value) or value for unit_id, value in placed.items()}
    try:
        with once(answer=url_for("units.assessment", programme_id=programme_id)):
            units.arrange_groups(programme(), placed, by=actor(), now=now())
    except Invalid as error:
        return _assessment_page({"new_group": error.sentence}), error.status
    flash(_("The assessment groups are confirmed."), "done")
    return redirect(url_for("units.assessment", programme_id=programme_id), 303)


def _unit(unit_id: int) -> Unit:
    return units.get_unit(unit_id, programme())


def _link(unit: Unit) -> str:
    return url_for("units.show", programme_id=programme().id, unit_id=unit.id)


def _unit_page(unit: Unit, errors: dict[str, Sentence]) -> str:
    people_here = people.people_by_unit([unit], programme().id, today())[0]
    return render_template(
        "units/show.html",
        unit=unit,
        aliases=units.aliases_of(unit),
        changes=unit_changes.history(unit),
        links=unit_changes.open_links(unit) if unit.valid_to else 0,
        others=[
            (str(other.id), other.name)
            for other in units.register_of(programme())
            if other.id != unit.id and other.valid_to is None
        ],
        kinds=[(kind.value, kind.label) for kind in UnitKind],
        seats=bodies.seats_of_unit(unit, programme().id, today()),
        people=people_here,
        entries=duty_matrix.entries_of(unit, actor()),
        errors=errors,
    )


def _group_page(found: UnitGroup, errors: dict[str, Sentence]) -> str:
    members = next(m for g, m in units.groups_of(programme().id, GroupKind.COLLECTIVE) if g.id == found.id)
    inside = {member.unit_id for member in members}
    outside = [unit for unit in units.register_of(programme()) if unit.id not in inside]
    return render_template(
        "units/group.html",
        group=found,
        members=members,
        outside=outside,
        issued=plan_changes.is_issued(found),
        changes=plan_changes.history(found),
        errors=errors,
    )


def _assessment_page(errors: dict[str, Sentence]) -> str:
    programme_id = programme().id
    groups = units.assessment_groups_of(programme_id)
    return render_template(
        "units/assessment.html", groups=groups, alone=units.ungrouped(programme_id), errors=errors
    )
