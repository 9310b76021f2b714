"""The ladder: what is proposed, the form of a step with its preview, matters with their time line, papers."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import (
    attachments,
    decisions,
    ladder,
    ladder_answers,
    ladder_pages,
    ladder_papers,
    ladder_proposals,
    matters,
    programmes,
    units,
)
from supervisor.core.ladder_answers import Talk
from supervisor.core.ladder_pages import Filter
from supervisor.core.ladder_papers import Wanted
from supervisor.core.permissions import Permission
from supervisor.documents.ladder_paper import PaperContent, Slip
from supervisor.errors import Invalid, NotFound
from supervisor.models import LadderStep, Matter, MatterState, Rung
from supervisor.web.attachments import kept_files, taken_files
from supervisor.web.exports import sent
from supervisor.web.forms import day_of, is_number, number, text_of, time_of, whole_of
from supervisor.web.guard import actor, now, once, programme, requires, today, user
from supervisor.words import N_

blueprint = Blueprint("ladder", __name__, url_prefix="/p/<int:programme_id>")
Page = str | Response | tuple[str, int]
NO_DAY = N_("Name the day until which it is put off.")


@blueprint.get("/matters")
@requires(Permission.LADDER_READ)
def index(programme_id: int) -> Page:
    """The matters, newest first; the open ones unless told."""
    wanted, before = Filter.read(request.args), request.args.get("before", "")
    page = ladder_pages.read_page(
        actor(), wanted, today=today(), before=number(before) if is_number(before) else None
    )
    return render_template(
        "ladder/index.html",
        page=page,
        wanted=wanted,
        is_narrow=wanted != Filter(),
        is_late=ladder_pages.is_late,
        units=[(unit.id, unit.name) for unit in units.units_of(programme_id)] if actor().sees_all else [],
        states=list(MatterState),
        rungs=list(Rung),
    )


@blueprint.get("/ladder")
@requires(Permission.LADDER_DECIDE)
def proposals(programme_id: int) -> Page:
    """What rules propose now."""
    return _proposals_page()


def _proposals_page(wrong: Invalid | None = None) -> Page:
    page = render_template(
        "ladder/proposals.html",
        proposals=ladder_proposals.read(programme().id, now=now()),
        settings=programmes.settings_on(programme().id, today()),
        errors=wrong.fields if wrong else {},
        typed=request.form if wrong else {},
    )
    return (page, 422) if wrong else page


@blueprint.post("/ladder")
@requires(Permission.LADDER_DECIDE)
def leave(programme_id: int) -> Page:
    """Leave a proposed step for good, or put it off until a day."""
    answer = url_for("ladder.proposals", programme_id=programme_id)
    try:
        with once(answer=answer):
            ladder_proposals.leave(
                text_of("about"),
                _rung(text_of("rung")),
                text_of("reason"),
                until_on=_until(),
                by=actor(),
                now=now(),
            )
    except Invalid as wrong:
        return _proposals_page(wrong)
    flash(_("Kept with its reason."), "done")
    return redirect(answer, 303)


def _until() -> date | None:
    """The day until which a step is put off; None = it is left."""
    if text_of("verb") != "put_off":
        return None
    day = day_of("until_on")
    if day is None:
        raise Invalid(NO_DAY, {"until_on": NO_DAY})
    return day


def _rung(value: str) -> Rung:
    if value not in {one.value for one in Rung}:
        raise NotFound
    return Rung(value)


@blueprint.get("/ladder/new")
@requires(Permission.LADDER_DECIDE)
def new(programme_id: int) -> Page:
    """The form of a matter of the office's own."""
    return _new_page()


def _new_page(wrong: Invalid | None = None) -> Page:
    page = render_template(
        "ladder/new.html",
        units=[(unit.id, unit.name) for unit in units.register_of(programme())],
        errors=wrong.fields if wrong else {},
        typed=request.form if wrong else {},
    )
    return (page, 422) if wrong else page


@blueprint.post("/ladder/new")
@requires(Permission.LADDER_DECIDE)
def open_matter(programme_id: int) -> Page:
    """Take up a matter; on to its first step."""
    try:
        with once(answer=url_for("ladder.index", programme_id=programme_id)):
            made = ladder.open_matter(
                whole_of("unit") or 0, text_of("title"), basis=text_of("basis"), due_on=day_of("due_on"),
                by=actor(), now=now(),
            )  # fmt: skip
    except Invalid as wrong:
        return _new_page(wrong)
    target = url_for(
        "ladder.step", programme_id=programme_id, about=f"matter:{made.id}", rung=Rung.URGE.value
    )
    return redirect(target, 303)


@blueprint.get("/ladder/step")
@requires(Permission.LADDER_READ)
def step(programme_id: int) -> Page:
    """The form of a step, filled from the records."""
    return _step_page(request.args.get("about", ""), _rung(request.args.get("rung", "")))


def _step_page(about: str, rung: Rung, wanted: Wanted | None = None, wrong: Invalid | None = None) -> Page:
    thing = matters.thing_of(about, actor())
    if thing.matter is not None:
        about = f"matter:{thing.matter.id}"
    rule = request.values.get("rule", "")
    shown = wanted or ladder_papers.proposed(
        thing, rung, rule=rule[:20], programme=programme(), by=user(), now=now()
    )
    steps, settings = ladder_papers.steps_of(thing.matter), programmes.settings_on(programme().id, today())
    stands, excuse = ladder.stands_on(steps, rung, settings, today()), ladder.excuse_of(thing.matter, rung)
    taken = rung is not Rung.URGE and any(one.rung is rung for one in steps)
    waits = ladder.waits_until(thing.matter, rung, today())
    page = render_template(
        "ladder/step.html",
        thing=thing,
        about=about,
        w=shown,
        content=ladder_papers.compose(shown, thing, steps, programme=programme(), now=now()),
        seen=whole_of("seen") if wanted else (thing.matter.version if thing.matter else 0),
        steps=[(one, ladder_papers.number_of(one)) for one in steps],
        stands=stands,
        waits=waits,
        excuse=excuse,
        taken=taken,
        may_take=thing.settled is None and not taken and bool((stands and waits is None) or excuse),
        rungs=list(Rung),
        errors=wrong.fields if wrong else {},
        typed=request.form,
        slip=Slip(),
    )
    return (page, 422) if wrong else page


def _wanted(rung: Rung) -> Wanted:
    words = (
        "reason", "demand", "title", "basis", "lead", "leader", "contact", "phone", "signer", "heading", "body",
        "called", "place",
    )  # fmt: skip
    return Wanted(
        rung, **{name: text_of(name) for name in words}, limit_on=day_of("limit_on"), limit_at=time_of("limit_at"),
        answer_by=day_of("answer_by"), talk_on=day_of("talk_on"), talk_at=time_of("talk_at"),
        rule=text_of("rule")[:20],
    )  # fmt: skip


@blueprint.post("/ladder/step")
@requires(Permission.LADDER_READ)
def act(programme_id: int) -> Page:
    """Look at the paper, take the step, or ask to do without the one before; the verbs ask for the right."""
    about, rung, wanted = text_of("about"), _rung(text_of("rung")), None
    try:
        if text_of("verb") == "excuse":
            return _ask(about, rung)
        wanted = _wanted(rung)
        if text_of("verb") == "preview":
            ladder_papers.check(wanted, now())
            return _step_page(about, rung, wanted)
        with once(answer=url_for("ladder.index", programme_id=programme_id)):
            taken = ladder.take(about, wanted, seen=whole_of("seen") or 0, by=actor(), now=now())
    except Invalid as wrong:
        return _step_page(about, rung, wanted, wrong)
    flash(
        _("%(number)s has gone out; the unit has been told.", number=ladder_papers.number_of(taken)), "done"
    )
    return redirect(url_for("ladder.show", programme_id=programme_id, matter_id=taken.matter_id), 303)


def _ask(about: str, rung: Rung) -> Response:
    answer = url_for("ladder.index", programme_id=programme().id)
    with once(answer=answer):
        asked = ladder.ask_excuse(about, rung, text_of("excuse"), by=actor(), now=now())
    flash(_("Decided and kept.") if asked.approved else _("The leaders have been asked."), "done")
    return redirect(url_for("ladder.show", programme_id=programme().id, matter_id=asked.subject_id), 303)


@blueprint.get("/matters/<int:matter_id>")
@requires(Permission.LADDER_READ)
def show(programme_id: int, matter_id: int) -> Page:
    """One matter: how it stands, what comes next, its whole ladder."""
    return _matter_page(matters.get_visible(matter_id, actor()))


def _matter_page(matter: Matter, wrong: Invalid | None = None, form: str = "") -> Page:
    read = ladder_pages.read_matter(matter, actor())
    page = render_template(
        "ladder/matter.html",
        r=read,
        matter=matter,
        own=matter.unit_id in actor().unit_ids,
        late=ladder_pages.is_late(matter, today()),
        rungs=list(Rung),
        waits=ladder.waits_until(matter, Rung.TALK, today()),
        climbs=ladder_pages.open_rungs(read, programmes.settings_on(programme().id, today()), today()),
        decisions_open=decisions.open_of(programme().id, matter.id, [ladder.kind_of(one) for one in Rung]),
        answer_by=ladder_pages.proposed_answer_by(programme().id, today()),
        errors=wrong.fields if wrong else {},
        failed=form,
        typed=request.form if wrong else {},
        kept=kept_files() if form == "answer" else [],
        accept=attachments.ACCEPT,
    )
    return (page, 422) if wrong else page


@blueprint.post("/matters/<int:matter_id>")
@requires(Permission.LADDER_READ)
def act_on(programme_id: int, matter_id: int) -> Page:
    """Sign, answer, review, record a talk, cross off; the verbs ask for the right."""
    matter, verb = matters.get_visible(matter_id, actor()), text_of("verb")
    answer = url_for("ladder.show", programme_id=programme_id, matter_id=matter_id)
    try:
        files = taken_files("files") if verb == "answer" else []
        with once(answer=answer):
            said = _act_on(matter, verb, files)
    except Invalid as wrong:
        return _matter_page(matter, wrong, verb)
    flash(said, "done")
    return redirect(answer, 303)


def _act_on(matter: Matter, verb: str, files: list[int]) -> str:
    if verb == "close":
        ladder_answers.close(matter, text_of("result"), by=actor(), now=now())
        return str(_("Crossed off; the unit has been told."))
    one = ladder.get_step(whole_of("step") or 0, actor())
    if one.matter_id != matter.id:
        raise NotFound
    if verb == "sign":
        ladder_answers.sign(one, by=actor(), now=now())
        return str(_("Signed for. Answer it by the day named."))
    if verb == "answer":
        ladder_answers.answer(one, text_of("words"), files, by=actor(), now=now())
        return str(_("The answer is with the lead office."))
    return _review(one, verb)


def _review(one: LadderStep, verb: str) -> str:
    if verb == "talk":
        talk = Talk(
            day_of("held_on"),
            text_of("place"),
            text_of("present"),
            text_of("minutes"),
            text_of("talk_result"),
        )
        ladder_answers.record_talk(one, talk, by=actor(), now=now())
        return str(_("The talk is on record."))
    if verb not in {"accept", "return"}:
        raise NotFound
    ladder_answers.review(
        one, accept=verb == "accept", words=text_of("verdict_words"), answer_by=day_of("verdict_by"), by=actor(),
        now=now(),
    )  # fmt: skip
    return str(_("Decided; the unit has been told."))


@blueprint.get("/ladder/papers/<int:step_id>")
@requires(Permission.LADDER_READ)
def paper(programme_id: int, step_id: int) -> Page:
    """A paper as it went out, with its reply slip, for reading and print."""
    one, public = ladder.get_step(step_id, actor()), request.args.get("public") == "1"
    content = PaperContent.read(one.content)
    return render_template(
        "ladder/paper.html",
        step=one,
        content=content.public() if public else content,
        slip=Slip() if public else ladder_pages.slip_of(one),
        public=public,
        holds=ladder.verify(one),
    )


@blueprint.get("/ladder/papers/<int:step_id>.docx")
@requires(Permission.LADDER_READ)
def export(programme_id: int, step_id: int) -> Response:
    """As a Word document."""
    public = request.args.get("public") == "1"
    return sent(ladder_pages.export(ladder.get_step(step_id, actor()), public=public, by=actor(), now=now()))
