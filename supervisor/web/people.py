"""Liaison officers, heads and the office's people: gaps first, invitations, one-time links, the list from Excel."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from supervisor.core import accounts, invitations, liaison_rules, people, units
from supervisor.core.invitations import GIVEN, Invitation, Person
from supervisor.core.permissions import Permission
from supervisor.documents.liaison_xlsx import LiaisonRow, RowProblem, read_liaisons, template
from supervisor.errors import Invalid
from supervisor.models import Posting, Role
from supervisor.web.forms import chosen, day_of, text_of, whole_of
from supervisor.web.guard import actor, config, now, once, programme, requires, today
from supervisor.words import N_, Sentence

blueprint = Blueprint("people", __name__, url_prefix="/p/<int:programme_id>/people")
Page = str | BaseResponse | tuple[str, int]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("")
@requires(Permission.PEOPLE_READ)
def index(programme_id: int) -> str:
    """Who answers for each unit, units without a liaison first."""
    return _people_page({})


@blueprint.get("/invite")
@requires(Permission.PEOPLE_INVITE)
def new(programme_id: int) -> str:
    """The form of an invitation."""
    return _invite_page({})


@blueprint.post("/invite")
@requires(Permission.PEOPLE_INVITE)
def invite(programme_id: int) -> Page:
    """Invite one person; their link is shown once, for handing over."""
    try:
        role = _role()
        unit = units.get_unit(whole_of("unit") or 0, programme()) if text_of("unit") else None
        person = Person(text_of("name"), text_of("email"), text_of("phone"), text_of("post"), text_of("rank"))
        with once(answer=url_for("people.index", programme_id=programme_id)):
            made = invitations.invite(
                programme(), role, person, unit=unit, valid_from=day_of("valid_from"),
                replaces=bool(request.form.get("replaces")), by=actor(), now=now(), link_base=link_base(),
            )  # fmt: skip
    except Invalid as error:
        return _invite_page(error.fields or {"name": error.sentence}), error.status
    return _links_page([made])


@blueprint.post("/links")
@requires(Permission.PEOPLE_INVITE)
def links(programme_id: int) -> Page:
    """A sheet of fresh one-time links, for printing."""
    with once(answer=url_for("people.index", programme_id=programme_id)):
        made = invitations.renew_links(programme(), chosen("user"), by=actor(), now=now())
    if not made:
        flash(_("Choose at least one person."), "warn")
        return redirect(url_for("people.index", programme_id=programme_id), 303)
    return _links_page(made)


@blueprint.get("/posts/<int:posting_id>/contact")
@requires(Permission.PEOPLE_INVITE)
def contact(programme_id: int, posting_id: int) -> str:
    """The form by which the office mends a person's name, post, address or telephone number."""
    return _contact_page(people.get_post(posting_id, programme()), {})


@blueprint.post("/posts/<int:posting_id>/contact")
@requires(Permission.PEOPLE_INVITE)
def change_contact(programme_id: int, posting_id: int) -> Page:
    """Mend how a person is called and reached."""
    post = people.get_post(posting_id, programme())
    new = {name: text_of(name) for name in ("name", "post", "email", "phone")}
    try:
        with once(answer=url_for("people.index", programme_id=programme_id)):
            accounts.change_details(post.user, by=actor(), now=now(), **new)
    except Invalid as error:
        return _contact_page(post, error.fields), error.status
    flash(_("Changed. Messages written from now on use it."), "done")
    return redirect(url_for("people.index", programme_id=programme_id), 303)


def _contact_page(post: Posting, errors: Mapping[str, Sentence]) -> str:
    typed = {
        name: request.form.get(name, getattr(post.user, name)) for name in ("name", "post", "email", "phone")
    }
    return render_template("people/contact.html", post=post, typed=typed, errors=errors)


@blueprint.post("/posts/<int:posting_id>/end")
@requires(Permission.PEOPLE_INVITE)
def end_post(programme_id: int, posting_id: int) -> BaseResponse:
    """Let a post end."""
    post = people.get_post(posting_id, programme())
    with once(answer=url_for("people.index", programme_id=programme_id)):
        last = day_of("last_day") or today()
        accounts.end_posting(post, last, by=actor(), now=now(), reason=text_of("reason"))
    flash(_("The post ends. What the person did stays with the unit."), "done")
    return redirect(url_for("people.index", programme_id=programme_id), 303)


@blueprint.get("/import")
@requires(Permission.PEOPLE_INVITE)
def upload(programme_id: int) -> str:
    """Choose a filled-in liaison list."""
    return render_template("people/import.html", rows=None, problems=[], kept="")


@blueprint.get("/import/template.xlsx")
@requires(Permission.PEOPLE_INVITE)
def blank(programme_id: int) -> Response:
    """The liaison list to fill in; units that still want one already stand in it."""
    expected = liaison_rules.expected_units(programme_id, today())
    known = people.people_by_unit(expected, programme_id, today())
    answer = Response(template([one.unit.name for one in known if one.is_gap]), mimetype=XLSX)
    answer.headers["Content-Disposition"] = (
        "attachment; filename*=UTF-8''%E8%81%94%E7%BB%9C%E5%91%98%E5%90%8D%E5%8D%95.xlsx"
    )
    return answer


@blueprint.post("/import")
@requires(Permission.PEOPLE_INVITE)
def check(programme_id: int) -> Page:
    """A dry run: every bad row named; nothing is written."""
    file = request.files.get("file")
    rows, problems = read_liaisons(file.read() if file else b"")
    problems = [*problems, *invitations.check_rows(programme(), rows, day=today())]
    problems.sort(key=lambda problem: problem.row or 0)
    kept = json.dumps([asdict(row) for row in rows], ensure_ascii=False) if not problems else ""
    return render_template(
        "people/import.html", rows=rows, problems=problems, kept=kept
    ), 422 if problems else 200


@blueprint.post("/import/confirm")
@requires(Permission.PEOPLE_INVITE)
def confirm(programme_id: int) -> Page:
    """Import the checked list: all of it, or nothing."""
    rows = _kept_rows()
    try:
        with once(answer=url_for("people.index", programme_id=programme_id)):
            made = invitations.import_liaisons(
                programme(), rows, by=actor(), now=now(), link_base=link_base()
            )
    except Invalid as error:
        problems = [RowProblem(None, None, error.sentence)]
        problems += [
            RowProblem(int(key[4:]), None, text) for key, text in error.fields.items() if key[4:].isdigit()
        ]
        return render_template("people/import.html", rows=rows, problems=problems, kept=""), error.status
    flash(ngettext("%(num)d person was invited.", "%(num)d people were invited.", len(made)), "done")
    return _links_page([one for one in made if one.token])


@blueprint.post("/ranks")
@requires(Permission.PEOPLE_INVITE)
def set_ranks(programme_id: int) -> Page:
    """Replace the list of ranks for liaison officers."""
    try:
        with once(answer=url_for("people.index", programme_id=programme_id)):
            liaison_rules.set_ranks(programme(), _typed_ranks(), by=actor(), now=now())
    except Invalid as error:
        return _people_page(error.fields or {"ranks": error.sentence}), error.status
    flash(_("The list of ranks is saved."), "done")
    return redirect(url_for("people.index", programme_id=programme_id), 303)


def _kept_rows() -> list[LiaisonRow]:
    try:
        return [LiaisonRow(**row) for row in json.loads(request.form.get("rows", ""))]
    except (TypeError, ValueError):
        raise Invalid(N_("The list was not sent whole. Choose the file again.")) from None


def _role() -> Role:
    try:
        return Role(text_of("role"))
    except ValueError:
        wrong = N_("Choose a role.")
        raise Invalid(wrong, {"role": wrong}) from None


def link_base() -> str:
    """The address before a one-time link's token."""
    return config().public_url + url_for("auth.link", token="")


def _people_page(errors: dict[str, Sentence]) -> str:
    programme_id, day = programme().id, today()
    expected = liaison_rules.expected_units(programme_id, day)
    wanted = {unit.id for unit in expected}
    rows = people.people_by_unit(liaison_rules.listed_units(programme_id, expected), programme_id, day)
    return render_template(
        "people/index.html",
        rows=rows,
        wanted=wanted,
        gaps=sum(row.is_gap for row in rows),
        missing=sum(row.is_gap and row.unit.id in wanted for row in rows),
        rule=liaison_rules.rule_on(programme_id, day),
        ranks=_typed_ranks() or [(one.name, one.fits) for one in liaison_rules.ranks_of(programme_id)],
        office=people.office_posts(programme_id, day),
        waiting=invitations.uninvited(programme_id, day),
        errors=errors,
    )


def _typed_ranks() -> list[tuple[str, bool]]:
    fitting = request.form.getlist("fits")
    return [(name, str(place) in fitting) for place, name in enumerate(request.form.getlist("rank"))]


def _invite_page(errors: dict[str, Sentence]) -> str:
    return render_template(
        "people/invite.html",
        roles=[(role.value, role.label) for role in GIVEN],
        units=liaison_rules.listed_units(
            programme().id, liaison_rules.expected_units(programme().id, today())
        ),
        ranks=liaison_rules.ranks_of(programme().id),
        rule=liaison_rules.rule_on(programme().id, today()),
        errors=errors,
    )


def _links_page(made: list[Invitation]) -> str:
    return render_template("people/links.html", made=made, base=link_base())
