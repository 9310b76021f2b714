"""Rulebooks in words: which is in force from when, what it scores and how; adopting a preset or one's own text."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from scoring import preset_text
from supervisor.core import rulebook_drafts, rulebook_gaps, rulebook_papers, rulebooks
from supervisor.core.permissions import Permission
from supervisor.core.rulebook_problems import Found, check
from supervisor.core.rulebook_text import document_of
from supervisor.core.score_pages import names_of
from supervisor.errors import Invalid
from supervisor.web import guard
from supervisor.web.guard import once, requires
from supervisor.words import N_

blueprint = Blueprint("rulebooks", __name__)


@blueprint.get("/p/<int:programme_id>/rulebooks")
@requires(Permission.SCORE_READ)
def index(programme_id: int) -> str:
    """Adopted rulebooks and the presets to choose from."""
    return _list(programme_id)


@blueprint.get("/p/<int:programme_id>/rulebooks/<int:version_id>")
@requires(Permission.SCORE_READ)
def show(programme_id: int, version_id: int) -> str:
    """An adopted rulebook in words."""
    version = rulebooks.in_programme(version_id, programme_id)
    return render_template(
        "rulebooks/show.html",
        adopted=version,
        book=rulebooks.parse(version.text),
        scheme=rulebook_papers.scheme_of(programme_id, f"version-{version.id}", guard.actor()),
        start=str(version.id),
        warned=_warned(version.text),
    )


@blueprint.get("/p/<int:programme_id>/rulebooks/presets/<name>")
@requires(Permission.SCORE_READ)
def preset(programme_id: int, name: str) -> str:
    """A preset in words, before it is adopted."""
    found = rulebooks.preset(name)
    return render_template(
        "rulebooks/show.html",
        adopted=None,
        book=found.rulebook,
        scheme=rulebook_papers.scheme_of(programme_id, f"preset-{found.key}", guard.actor()),
        start=found.key,
        warned=_warned(preset_text(found.key)),
    )


@blueprint.post("/p/<int:programme_id>/rulebooks")
@requires(Permission.PERIOD_CLOSE)
def adopt(programme_id: int) -> BaseResponse:
    """Adopt a preset from a day on."""
    answer = url_for("rulebooks.index", programme_id=programme_id)
    try:
        name, valid_from = rulebooks.preset(request.form.get("preset", "")).key, _day("valid_from")
        with once(answer=answer):
            rulebooks.adopt(
                guard.programme(),
                preset_text(name),
                valid_from=valid_from,
                by=guard.actor(),
                now=guard.now(),
                gaps_known=request.form.get("gaps_known", ""),
            )
    except Invalid as error:
        gaps = (
            rulebook_gaps.gaps(programme_id, preset_text(name), valid_from)
            if "gaps_known" in error.fields
            else []
        )
        return make_response(_list(programme_id, error, rulebook_gaps.key_of(gaps)), 422)
    flash(_("Adopted. It holds for every period that ends on or after that day."), "done")
    return redirect(answer, 303)


def _warned(text: str) -> tuple[Found, ...]:
    """What is allowed in it and worth a second look."""
    return check(document_of(text), text).warnings


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise Invalid(N_("The rulebook cannot be adopted."), {name: N_("Give a day.")}) from None


def _list(programme_id: int, error: Invalid | None = None, gaps_key: str = "") -> str:
    versions = rulebooks.versions(programme_id)
    drafts = rulebook_drafts.drafts(programme_id) if guard.actor().may(Permission.PERIOD_CLOSE) else []
    return render_template(
        "rulebooks/index.html",
        versions=versions,
        drafts=drafts,
        last_days=rulebooks.last_days(versions),
        superseded=rulebooks.superseded(versions),
        people=names_of([*(v.adopted_by for v in versions), *(d.saved_by for d in drafts)]),
        presets=rulebooks.presets(),
        errors=error.fields if error else {},
        typed=request.form,
        gaps_key=gaps_key,
        first_day=rulebooks.proposed_day(programme_id, guard.today()),
    )
