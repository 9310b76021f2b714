"""Founding a programme, and its local settings with their dates of validity."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import paper_styles, programmes
from supervisor.core.permissions import Permission
from supervisor.errors import Invalid
from supervisor.web.forms import day_of, text_of, time_of, whole_of, wholes_of
from supervisor.web.guard import actor, now, once, programme, requires, today, user
from supervisor.words import Sentence

blueprint = Blueprint("programmes", __name__)
Page = str | Response | tuple[str, int]


@blueprint.get("/programmes/new")
@requires(Permission.PROGRAMME_CREATE)
def new() -> str:
    """The form of a new programme."""
    return render_template("programmes/new.html", errors={})


@blueprint.post("/programmes/new")
@requires(Permission.PROGRAMME_CREATE)
def create() -> Page:
    """Found a programme and become its lead office."""
    names = ("name", "jurisdiction", "host_unit", "office_name")
    try:
        with once(answer=url_for("home.index")):
            made = programmes.create_programme(
                **{name: text_of(name) for name in names}, founder=user(), by=actor(), now=now()
            )
    except Invalid as error:
        return render_template(
            "programmes/new.html", errors=error.fields or {"name": error.sentence}
        ), error.status
    flash(_("The programme is founded. Next: add the notice it comes from."), "done")
    return redirect(url_for("documents.new", programme_id=made.id), 303)


@blueprint.get("/p/<int:programme_id>/settings")
@requires(Permission.SETTINGS_READ)
def settings(programme_id: int) -> str:
    """What this programme decided where the notice leaves it open."""
    return _settings_page({})


@blueprint.post("/p/<int:programme_id>/settings")
@requires(Permission.SETTINGS_EDIT)
def change_settings(programme_id: int) -> Page:
    """A new version of the settings, from a day on."""
    try:
        changes = _typed()
        with once(answer=url_for("programmes.settings", programme_id=programme_id)):
            programmes.change_settings(
                programme(), changes, valid_from=day_of("valid_from") or today(), reason=text_of("reason"),
                by=actor(), now=now(),
            )  # fmt: skip
    except Invalid as error:
        return _settings_page(error.fields or {"reason": error.sentence}), error.status
    flash(_("The settings have been changed."), "done")
    return redirect(url_for("programmes.settings", programme_id=programme_id), 303)


def _typed() -> dict[str, Any]:
    typed: dict[str, Any] = {
        name: value for name in programmes.NUMBERS if (value := whole_of(name)) is not None
    }
    typed["remind_before"] = sorted(wholes_of("remind_before"), reverse=True)
    typed["remind_after"] = sorted(wholes_of("remind_after"))
    for name in ("cutoff", "quiet_from", "quiet_until"):
        if name in request.form:
            typed[name] = time_of(name)
    typed["day_off_policy"] = text_of("day_off_policy")
    typed |= {name: text_of(name) for name in programmes.TEXTS if name in request.form}
    typed |= {name: text_of(name) == "yes" for name in programmes.FLAGS if name in request.form}
    typed["first_scored_period"] = text_of("first_scored_period").upper()
    for name in ("head_approves", "scores_shown_to_units"):
        typed[name] = bool(request.form.get(name))
    return typed


def _settings_page(errors: dict[str, Sentence]) -> str:
    return render_template(
        "programmes/settings.html",
        present=programmes.settings_on(programme().id, today()),
        versions=programmes.versions_of(programme().id),
        proxy=paper_styles.proxy_of(programme()),
        errors=errors,
    )
