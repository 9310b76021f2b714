"""Stand-ins: whoever is absent names somebody to act for them, or the office does; and lets it end."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import invitations, people, stand_ins
from supervisor.core.invitations import Invitation, Person
from supervisor.core.permissions import Permission
from supervisor.core.stand_ins import Absence
from supervisor.errors import Invalid
from supervisor.models import Posting
from supervisor.web.forms import day_of, text_of, whole_of
from supervisor.web.guard import actor, now, once, programme, requires, today
from supervisor.web.people import link_base
from supervisor.words import Sentence

blueprint = Blueprint(
    "stand_ins", __name__, url_prefix="/p/<int:programme_id>/posts/<int:posting_id>/stand-in"
)
Page = str | Response | tuple[str, int]


@blueprint.get("")
@requires(Permission.PROGRAMME_READ)
def show(programme_id: int, posting_id: int) -> Page:
    """Who stands in for a post, and the form that names somebody."""
    return _page(stand_ins.get_principal(posting_id, programme(), actor()), {})


@blueprint.post("")
@requires(Permission.PROGRAMME_READ)
def name(programme_id: int, posting_id: int) -> Page:
    """Name a stand-in: somebody here, or a colleague who gets an account."""
    post = stand_ins.get_principal(posting_id, programme(), actor())
    here = url_for("stand_ins.show", programme_id=programme_id, posting_id=posting_id)
    try:
        absence = Absence(day_of("first") or today(), day_of("last") or today(), text_of("reason"))
        with once(answer=here):
            made = _name(post, absence)
    except Invalid as error:
        return _page(post, error.fields or {"reason": error.sentence}), error.status
    if isinstance(made, Invitation) and made.token:
        return render_template("people/links.html", made=[made], base=link_base())
    flash(_("The stand-in is named; both have been told."), "done")
    return redirect(here, 303)


def _name(post: Posting, absence: Absence) -> Posting | Invitation:
    person = Person(text_of("name"), text_of("email"), text_of("phone"), text_of("post"))
    if person.name and actor().may(Permission.PEOPLE_INVITE):
        return invitations.invite_stand_in(
            post, person, absence, by=actor(), now=now(), link_base=link_base()
        )
    return stand_ins.name_stand_in(post, whole_of("user"), absence, by=actor(), now=now())


@blueprint.post("/end")
@requires(Permission.PROGRAMME_READ)
def end(programme_id: int, posting_id: int) -> Page:
    """The absent person is back; `posting_id` is the stand-in's post."""
    made = people.get_post(posting_id, programme())
    here = url_for(
        "stand_ins.show", programme_id=programme_id, posting_id=made.stands_in_for_id or posting_id
    )
    with once(answer=here):
        stand_ins.end_stand_in(made, by=actor(), now=now())
    flash(_("The stand-in ends with yesterday."), "done")
    return redirect(here, 303)


def _page(post: Posting, errors: dict[str, Sentence]) -> str:
    return render_template(
        "people/stand_in.html",
        post=post,
        candidates=stand_ins.candidates(post, today()),
        current=stand_ins.stand_ins_of(post, today()),
        errors=errors,
    )
