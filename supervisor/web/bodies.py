"""Bodies and people: who sits where on a day, and the office's changes of seats and holders."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import bodies, seats, units
from supervisor.core.audit_words import act_words
from supervisor.core.bodies import BodyRow, SeatRow
from supervisor.core.permissions import Permission
from supervisor.errors import Invalid
from supervisor.models import Body, BodyKind, Seat, Unit
from supervisor.web.forms import day_of, text_of, whole_of
from supervisor.web.guard import actor, now, once, programme, requires, today
from supervisor.words import Sentence

blueprint = Blueprint("bodies", __name__, url_prefix="/p/<int:programme_id>/bodies")
Page = str | Response | tuple[str, int]


@blueprint.get("")
@requires(Permission.BODY_READ)
def index(programme_id: int) -> str:
    """Every body with its office, roles in printed order, persons, posts and units."""
    day = bodies.day_asked(request.args.get("on", "")) or today()
    members = bodies.member_units(programme_id, day)
    rows = bodies.bodies_of(programme_id, day)
    return render_template(
        "bodies/index.html",
        rows=rows,
        unplaced=bodies.unplaced(rows),
        day=day,
        gaps=bodies.gaps(members, units.units_of(programme_id)) if day == today() else None,
    )


@blueprint.get("/new")
@requires(Permission.BODY_EDIT)
def new(programme_id: int) -> str:
    """The form of a body that no notice gave."""
    return _body_page(None, {})


@blueprint.post("/new")
@requires(Permission.BODY_EDIT)
def add(programme_id: int) -> Page:
    """Enter a body by hand."""
    try:
        with once(answer=url_for("bodies.index", programme_id=programme_id)):
            made = bodies.save_body(programme(), _body_values(), by=actor(), now=now())
    except Invalid as error:
        return _body_page(None, error.fields), error.status
    flash(_("The body is entered. Add its seats."), "done")
    return redirect(url_for("bodies.edit", programme_id=programme_id, body_id=made.id), 303)


@blueprint.get("/<int:body_id>")
@requires(Permission.BODY_EDIT)
def edit(programme_id: int, body_id: int) -> str:
    """The form of a body, and of a further seat."""
    return _body_page(bodies.get_body(body_id, programme()), {})


@blueprint.post("/<int:body_id>")
@requires(Permission.BODY_EDIT)
def change(programme_id: int, body_id: int) -> Page:
    """Correct a body."""
    body = bodies.get_body(body_id, programme())
    try:
        with once(answer=_list_link()):
            bodies.save_body(programme(), _body_values(), by=actor(), now=now(), body=body)
    except Invalid as error:
        return _body_page(body, error.fields), error.status
    flash(_("Saved."), "done")
    return redirect(_list_link(), 303)


@blueprint.post("/<int:body_id>/seats")
@requires(Permission.BODY_EDIT)
def add_seat(programme_id: int, body_id: int) -> Page:
    """A further seat of a body."""
    body = bodies.get_body(body_id, programme())
    try:
        with once(answer=_list_link()):
            seat = seats.add_seat(
                body, text_of("role"), text_of("post"), unit=_unit("seat_unit"),
                from_day=day_of("from_day") or today(), reason=text_of("reason"), by=actor(), now=now(),
            )  # fmt: skip
    except Invalid as error:
        return _body_page(body, error.fields), error.status
    flash(_("The seat is added. Name who holds it."), "done")
    return redirect(_seat_link(seat.id), 303)


@blueprint.get("/seats/<int:seat_id>")
@requires(Permission.BODY_READ)
def seat(programme_id: int, seat_id: int) -> str:
    """A seat: who holds it, who held it, and what the office can change."""
    return _seat_page(seat_id, {})


@blueprint.post("/seats/<int:seat_id>/holder")
@requires(Permission.BODY_EDIT)
def name_holder(programme_id: int, seat_id: int) -> Page:
    """A person holds the seat from a day on."""
    found = _seat(seat_id)
    same = {"yes": True, "no": False}.get(text_of("same_person"))
    try:
        with once(answer=_list_link()):
            seats.name_holder(
                found, text_of("name"), text_of("post"), from_day=day_of("from_day") or today(),
                reason=text_of("reason"), seen=whole_of("seen") or 0, same_person=same, by=actor(), now=now(),
            )  # fmt: skip
    except Invalid as error:
        return _seat_page(seat_id, error.fields), error.status
    flash(_("The change is made; earlier days keep the name of their time."), "done")
    return redirect(_seat_link(seat_id), 303)


@blueprint.post("/seats/<int:seat_id>/vacate")
@requires(Permission.BODY_EDIT)
def vacate(programme_id: int, seat_id: int) -> Page:
    """The holder leaves; the seat waits for a successor."""
    found = _seat(seat_id)
    try:
        last = day_of("last_day") or today()
        with once(answer=_list_link()):
            seats.vacate(
                found,
                last_day=last,
                reason=text_of("reason"),
                seen=whole_of("seen") or 0,
                by=actor(),
                now=now(),
            )
    except Invalid as error:
        return _seat_page(seat_id, _under("vacate_", error.fields)), error.status
    flash(_("The seat is vacated."), "done")
    return redirect(_seat_link(seat_id), 303)


@blueprint.post("/seats/<int:seat_id>/unit")
@requires(Permission.BODY_EDIT)
def map_unit(programme_id: int, seat_id: int) -> Page:
    """Say by hand for which unit a seat stands."""
    found = _seat(seat_id)
    try:
        with once(answer=_list_link()):
            seats.map_seat(found, _unit("unit"), text_of("note"), by=actor(), now=now())
    except Invalid as error:
        return _seat_page(seat_id, error.fields), error.status
    flash(_("Saved."), "done")
    return redirect(_seat_link(seat_id), 303)


@blueprint.post("/seats/<int:seat_id>/end")
@requires(Permission.BODY_EDIT)
def end_seat(programme_id: int, seat_id: int) -> Page:
    """A seat ends; it stays in the history."""
    found = _seat(seat_id)
    try:
        with once(answer=_list_link()):
            last = day_of("end_day") or today()
            seats.end_seat(found, last_day=last, reason=text_of("end_reason"), by=actor(), now=now())
    except Invalid as error:
        return _seat_page(seat_id, error.fields), error.status
    flash(_("The seat ends; earlier days still show it."), "done")
    return redirect(_list_link(), 303)


def _seat(seat_id: int) -> Seat:
    return bodies.seat_of(seat_id, programme(), today())[1].seat


def _unit(field: str) -> Unit | None:
    return units.get_unit(whole_of(field) or 0, programme()) if text_of(field) else None


def _list_link() -> str:
    return url_for("bodies.index", programme_id=programme().id)


def _seat_link(seat_id: int) -> str:
    return url_for("bodies.seat", programme_id=programme().id, seat_id=seat_id)


def _under(prefix: str, fields: dict[str, Sentence]) -> dict[str, Sentence]:
    """Errors of a form that shares its field names with another on the page."""
    return {prefix + name: text for name, text in fields.items()}


def _body_values() -> dict[str, Any]:
    kinds = {kind.value: kind for kind in BodyKind}
    parent = whole_of("parent")
    return {
        "name": text_of("name"),
        "kind": kinds.get(text_of("kind"), BodyKind.OTHER),
        "parent": bodies.get_body(parent, programme()) if parent else None,
        "host_unit": _unit("host_unit"),
        "seal_unit": _unit("seal_unit"),
    }


def _body_page(body: Body | None, errors: dict[str, Sentence]) -> str:
    tops: list[BodyRow] = bodies.bodies_of(programme().id, today())
    return render_template(
        "bodies/body.html",
        body=body,
        kinds=[(kind.value, kind.label) for kind in BodyKind],
        parents=[row.body for row in tops if body is None or row.body.id != body.id],
        register=units.register_of(programme()),
        errors=errors,
    )


def _seat_page(seat_id: int, errors: dict[str, Sentence]) -> str:
    row: SeatRow
    body, row = bodies.seat_of(seat_id, programme(), today())
    return render_template(
        "bodies/seat.html",
        body=body.body,
        row=row,
        succession=row.seat.body.succession or (body.body.parent.succession if body.body.parent_id else ""),
        trail=[(entry, act_words(entry.action)) for entry in seats.history(row.seat)],
        register=units.register_of(programme()),
        errors=errors,
    )
