"""Writing a rulebook on the page: a draft with its parts as forms, its text, its check, and its adoption."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import (
    rulebook_differences,
    rulebook_drafts,
    rulebook_gaps,
    rulebook_pages,
    rulebooks,
    units,
)
from supervisor.core.permissions import Permission
from supervisor.core.rulebook_conditions import tables_in
from supervisor.core.rulebook_drafts import Overtaken
from supervisor.core.rulebook_parts import (
    Part,
    acted,
    keyed,
    moved,
    part_at,
    parted,
    path_of,
    replaced,
    with_indicator,
    with_table,
)
from supervisor.core.rulebook_problems import check, part_words, within
from supervisor.core.rulebook_read import Posted, read
from supervisor.core.rulebook_reads import reads
from supervisor.core.rulebook_show import Scene, controls, mark_wrong, names_of_controls
from supervisor.core.rulebook_text import Document, comments_in, document_of, text_of
from supervisor.core.score_pages import names_of
from supervisor.errors import Invalid, NotFound
from supervisor.models import RulebookDraft
from supervisor.web import guard
from supervisor.web.forms import day_of, is_number, number
from supervisor.web.forms import text_of as typed
from supervisor.web.guard import actor, now, once, requires
from supervisor.words import N_, Sentence

blueprint = Blueprint("drafts", __name__, url_prefix="/p/<int:programme_id>/rulebooks/drafts")
Answer = str | Response


@blueprint.post("")
@requires(Permission.PERIOD_CLOSE)
def start(programme_id: int) -> Answer:
    """Begin a draft from nothing, a proposal or an adopted rulebook."""
    with once(answer=url_for("rulebooks.index", programme_id=programme_id)):
        draft = rulebook_drafts.start(guard.programme(), typed("start"), by=actor(), now=now())
    return redirect(url_for("drafts.show", programme_id=programme_id, draft_id=draft.id), 303)


@blueprint.get("/<int:draft_id>")
@requires(Permission.PERIOD_CLOSE)
def show(programme_id: int, draft_id: int) -> Answer:
    """The draft: its parts as they read, what is still wrong, and its adoption."""
    return _overview(rulebook_drafts.in_programme(draft_id, programme_id))


@blueprint.post("/<int:draft_id>/structure")
@requires(Permission.PERIOD_CLOSE)
def arrange(programme_id: int, draft_id: int) -> Answer:
    """Add a table or an indicator; copy, move or remove one."""
    draft = rulebook_drafts.in_programme(draft_id, programme_id)
    act, at = typed("act"), typed("at")
    back = url_for("drafts.show", programme_id=programme_id, draft_id=draft_id)
    try:
        with once(answer=back):
            saved = rulebook_drafts.save_document(
                draft, lambda document: _arranged(document, act, at), seen=_seen(), by=actor(), now=now()
            )
    except Overtaken as error:
        return make_response(_overview(error.draft, overtaken=_seen()), 409)
    if act == "add":
        place = _last_place(document_of(saved.draft.text), at)
        return redirect(url_for("drafts.part", programme_id=programme_id, draft_id=draft_id, at=place), 303)
    return redirect(f"{back}#{at}", 303)


def _arranged(document: Document, act: str, at: str) -> Document:
    if act == "add" and not at:
        return with_table(document)
    if act == "add":
        if part_at(document, at).shape != "table":
            raise NotFound
        like = typed("like")
        return with_indicator(document, int(path_of(at)[1]), rulebook_pages.sample(like) if like else None)
    if act not in {"up", "down", "copy", "remove"}:
        raise NotFound
    return moved(document, at, act)


def _last_place(document: Document, at: str) -> str:
    if not at:
        return f"table.{len(document['table']) - 1}"
    return f"{at}.indicator.{len(document['table'][int(path_of(at)[1])]['indicator']) - 1}"


@blueprint.get("/<int:draft_id>/part")
@requires(Permission.PERIOD_CLOSE)
def part(programme_id: int, draft_id: int) -> Answer:
    """One part as a form."""
    draft = rulebook_drafts.in_programme(draft_id, programme_id)
    document = document_of(draft.text)
    shown = part_at(document, request.args.get("at", ""))
    is_new = shown.shape == "indicator" and not {"title", "method"} & shown.table.keys()
    return _part_form(draft, document, shown, draft.revision, calm=is_new)


@blueprint.post("/<int:draft_id>/part")
@requires(Permission.PERIOD_CLOSE)
def save(programme_id: int, draft_id: int) -> Answer:
    """Keep a part, or draw its form again after a choice that needs other fields."""
    draft = rulebook_drafts.in_programme(draft_id, programme_id)
    seen, at = _seen(), request.args.get("at", "")
    document = document_of(rulebook_drafts.text_at(draft, seen))
    stands = part_at(document, at)
    before = document_of(request.form.get("before", ""))
    table = read(stands.shape, Posted(request.form.items(multi=True)), before)
    act, _space, place = typed("do").partition(" ")
    if act == "again":
        return _put_back(draft, at, table)
    if act not in {"save", "next"}:
        table = acted(table, place, act) if place else table
        return _part_form(draft, document, Part(at, stands.shape, table), seen, calm=True)
    back = url_for("drafts.show", programme_id=programme_id, draft_id=draft_id)
    try:
        with once(answer=back):
            saved = rulebook_drafts.save_part(
                draft, at, table, seen=seen, by=actor(), now=now(), after=_tidied(stands)
            )
    except Overtaken as error:
        return make_response(_side_by_side(error, Part(at, stands.shape, table), document), 409)
    if saved.meanwhile:
        flash(
            _("Saved. Meanwhile somebody else saved too; both stand in the draft. See the history."), "warn"
        )
    if _own_words_stay(stands.table, table):
        flash(
            _("The rule in your own words was left as it was: read it again, it may now say something else."),
            "warn",
        )
    if act == "next" and at.startswith("table."):
        return _add_next(draft, ".".join(at.split(".")[:2]))
    flash(_("Saved."), "done")
    return redirect(f"{back}#{at}", 303)


def _own_words_stay(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether an indicator changed and the words that stand on the score sheet in its place did not."""
    own = {key for key in ("rule", "rule_en") if after.get(key) and after.get(key) == before.get(key)}
    told = {"rule", "rule_en", "title", "title_en", "key", "section", "clause", "assessor", "nature"}
    terms = (before.keys() | after.keys()) - told
    return bool(own) and any(before.get(key) != after.get(key) for key in terms)


def _put_back(draft: RulebookDraft, at: str, table: dict[str, Any]) -> Answer:
    """Somebody had removed the indicator meanwhile: it goes to the end of its table, or of the first one."""

    def change(document: Document) -> Document:
        tables = document.get("table", [])
        number_of = int(path_of(at)[1])
        return keyed(with_indicator(document, number_of if number_of < len(tables) else 0, table))

    back = url_for("drafts.show", programme_id=draft.programme_id, draft_id=draft.id)
    with once(answer=back):
        rulebook_drafts.save_document(draft, change, seen=draft.revision, by=actor(), now=now())
    flash(_("Saved."), "done")
    return redirect(back, 303)


def _add_next(draft: RulebookDraft, table: str) -> Answer:
    current = rulebook_drafts.in_programme(draft.id, draft.programme_id)
    saved = rulebook_drafts.save_document(
        current,
        lambda document: with_indicator(document, int(path_of(table)[1])),
        seen=current.revision,
        by=actor(),
        now=now(),
    )
    place = _last_place(document_of(saved.draft.text), table)
    return redirect(url_for("drafts.part", programme_id=draft.programme_id, draft_id=draft.id, at=place), 303)


def _tidied(before: Part) -> Callable[[Document, str], Document]:
    def tidy(document: Document, at: str) -> Document:
        if before.shape == "table" and part_at(document, at).table.get("period") != before.table.get(
            "period"
        ):
            document = parted(document, int(path_of(at)[1]))
        return keyed(document)

    return tidy


def _side_by_side(error: Overtaken, mine: Part, document: Document) -> str:
    """The form with everything typed, beside what somebody else made of the part; saved again it goes over theirs."""
    current = document_of(error.draft.text)
    if error.part is None:
        return _part_form(error.draft, document, mine, _seen(), gone=True, overtaken=_seen())
    return _part_form(
        error.draft, current, Part(error.part.at, mine.shape, mine.table), error.draft.revision,
        theirs=error.part, overtaken=_seen(),
    )  # fmt: skip


def _part_form(
    draft: RulebookDraft, document: Document, shown: Part, seen: int, *,
    theirs: Part | None = None, gone: bool = False, overtaken: int = 0, calm: bool = False,
) -> str:  # fmt: skip
    as_typed = replaced(document, shown.at, shown.table)
    as_saved, tiers = keyed(as_typed), tables_in(as_typed, "tier")
    checked = check(as_saved, text_of(as_saved))
    fields = controls(shown.shape, shown.table, Scene(as_typed, _groups(draft.programme_id)))
    wrong = checked.of(shown.at)
    marked = mark_wrong(fields, _said_now(wrong) if calm else wrong)
    sums, places = rulebook_pages.sum_around(document, shown), names_of_controls(fields)
    return render_template(
        "rulebooks/part.html", draft=draft, part=shown, seen=seen, controls=fields,
        title=part_words(as_typed, shown.at), lines=reads(shown, tiers), sum=sums, before=text_of(shown.table),
        elsewhere=[] if calm else [one for place, found in wrong.items() if place not in marked for one in found],
        faults=[(one, within(one), one.anchor in places) for one in checked.problems if one.at == shown.at],
        theirs=theirs, their_lines=reads(theirs, tiers) if theirs else [], gone=gone,
        who=names_of([draft.saved_by]).get(draft.saved_by, ""), overtaken=overtaken,
        comments=comments_in(draft.text),
    )  # fmt: skip


#: How sentences begin that only say that something is not written yet.
_NOT_YET = (
    "is missing", "must be compared with", "must be a table of points", "give one of", "must hold at least one",
    "a condition on a measure needs",
)  # fmt: skip


def _said_now(wrong: Mapping[str, list[Sentence]]) -> dict[str, list[Sentence]]:
    """What is said beside the fields while somebody is still writing: not that something is missing."""
    return {
        place: said
        for place, sentences in wrong.items()
        if (said := [one for one in sentences if not one.msgid.startswith(_NOT_YET)])
    }


@blueprint.get("/<int:draft_id>/text")
@requires(Permission.PERIOD_CLOSE)
def text(programme_id: int, draft_id: int) -> Answer:
    """The draft as the text that it is."""
    draft = rulebook_drafts.in_programme(draft_id, programme_id)
    return _text_form(draft, draft.text, draft.revision)


@blueprint.post("/<int:draft_id>/text")
@requires(Permission.PERIOD_CLOSE)
def save_text(programme_id: int, draft_id: int) -> Answer:
    """Keep the text as it was typed; one that cannot be read comes back."""
    draft = rulebook_drafts.in_programme(draft_id, programme_id)
    typed_text = request.form.get("text", "").replace("\r\n", "\n")
    back = url_for("drafts.show", programme_id=programme_id, draft_id=draft_id)
    try:
        with once(answer=back):
            rulebook_drafts.save_text(draft, typed_text, seen=_seen(), by=actor(), now=now())
    except Overtaken as error:
        return make_response(
            _text_form(error.draft, typed_text, error.draft.revision, theirs=error.draft.text), 409
        )
    except Invalid as error:
        return make_response(_text_form(draft, typed_text, _seen(), errors=error.fields), 422)
    flash(_("Saved."), "done")
    return redirect(back, 303)


def _text_form(
    draft: RulebookDraft,
    shown: str,
    seen: int,
    *,
    theirs: str = "",
    errors: Mapping[str, Sentence] | None = None,
) -> str:
    return render_template(
        "rulebooks/text.html", draft=draft, text=shown, seen=seen, theirs=theirs, errors=errors or {},
        comments=comments_in(shown), who=names_of([draft.saved_by]).get(draft.saved_by, ""),
    )  # fmt: skip


@blueprint.post("/<int:draft_id>/adopt")
@requires(Permission.PERIOD_CLOSE)
def adopt(programme_id: int, draft_id: int) -> Answer:
    """Adopt the draft from a day on, with a remark."""
    draft = rulebook_drafts.in_programme(draft_id, programme_id)
    answer = url_for("rulebooks.index", programme_id=programme_id)
    try:
        valid_from, remark = _adoption()
        with once(answer=answer):
            version = rulebook_drafts.adopt(
                draft, valid_from=valid_from, remark=remark, seen=_seen(), by=actor(), now=now(),
                gaps_known=typed("gaps_known"),
            )  # fmt: skip
    except Overtaken as error:
        return make_response(_overview(error.draft, overtaken=_seen()), 409)
    except Invalid as error:
        return make_response(_overview(draft, errors=error.fields), 422)
    flash(_("Adopted. It holds for every period that ends on or after that day."), "done")
    return redirect(url_for("rulebooks.show", programme_id=programme_id, version_id=version.id), 303)


def _adoption() -> tuple[date, str]:
    """From which day and why; Invalid names what is not given."""
    valid_from, remark = day_of("valid_from"), typed("remark")
    missing = {} if remark else {"remark": N_("Say why this rulebook is adopted: it stands on record.")}
    if valid_from is None:
        raise Invalid(N_("The rulebook cannot be adopted."), {"valid_from": N_("Give a day."), **missing})
    if missing:
        raise Invalid(N_("The rulebook cannot be adopted."), missing)
    return valid_from, remark


@blueprint.get("/<int:draft_id>/compare")
@requires(Permission.PERIOD_CLOSE)
def compare(programme_id: int, draft_id: int) -> Answer:
    """The draft against an adopted rulebook, a proposal, or an earlier state of itself, in words."""
    draft = rulebook_drafts.in_programme(draft_id, programme_id)
    sides = _sides(draft)
    other = request.args.get("other", "") or next(iter(sides))
    if other not in sides and not other.startswith("revision-"):
        raise NotFound
    text_before = _text_of_side(draft, other)
    return render_template(
        "rulebooks/compare.html", home=url_for("drafts.show", programme_id=programme_id, draft_id=draft.id),
        name=draft.name, action=url_for("drafts.compare", programme_id=programme_id, draft_id=draft.id),
        sides=sides, other=other, before_name=sides.get(other, other), after_name=_("this draft"),
        comparison=rulebook_differences.compare(document_of(text_before), document_of(draft.text)),
        kinds=rulebook_differences.KIND_WORDS,
    )  # fmt: skip


@blueprint.get("/<int:draft_id>/history")
@requires(Permission.PERIOD_CLOSE)
def history(programme_id: int, draft_id: int) -> Answer:
    """Every save: who, when, and what it changed."""
    draft = rulebook_drafts.in_programme(draft_id, programme_id)
    saves = rulebook_drafts.revisions(draft)
    return render_template(
        "rulebooks/history.html", draft=draft, saves=saves, people=names_of(save.saved_by for save in saves)
    )


@blueprint.post("/<int:draft_id>/history")
@requires(Permission.PERIOD_CLOSE)
def put_back(programme_id: int, draft_id: int) -> Answer:
    """Save an earlier text again, as a new revision."""
    draft = rulebook_drafts.in_programme(draft_id, programme_id)
    earlier = typed("number")
    back = url_for("drafts.show", programme_id=programme_id, draft_id=draft_id)
    try:
        with once(answer=back):
            old = rulebook_drafts.text_at(draft, number(earlier) if is_number(earlier) else 0)
            rulebook_drafts.save_text(draft, old, seen=_seen(), by=actor(), now=now())
    except Overtaken as error:
        return make_response(_overview(error.draft, overtaken=_seen()), 409)
    flash(_("Saved."), "done")
    return redirect(back, 303)


def _sides(draft: RulebookDraft) -> dict[str, str]:
    """What a draft can be compared with: adopted rulebooks first, then its own saves, then the proposals."""
    sides = {
        f"version-{one.id}": f"{one.name} {one.version} · {_('in force from %(day)s', day=one.valid_from)}"
        for one in rulebooks.versions(draft.programme_id)
    }
    presets = {f"preset-{one.key}": one.rulebook.name for one in rulebooks.presets()}
    saves = {
        f"revision-{one.number}": _("this draft, revision %(number)s", number=one.number)
        for one in rulebook_drafts.revisions(draft)
        if one.number != draft.revision
    }
    return {**sides, **presets, **saves}


def _text_of_side(draft: RulebookDraft, side: str) -> str:
    kind, _dash, name = side.partition("-")
    if kind == "revision":
        return rulebook_drafts.text_at(draft, number(name) if is_number(name) else 0)
    return rulebook_drafts.text_to_start_from(draft.programme_id, name, "")


@blueprint.post("/<int:draft_id>/remove")
@requires(Permission.PERIOD_CLOSE)
def remove(programme_id: int, draft_id: int) -> Answer:
    """Take the draft off the list."""
    draft = rulebook_drafts.in_programme(draft_id, programme_id)
    answer = url_for("rulebooks.index", programme_id=programme_id)
    with once(answer=answer):
        rulebook_drafts.remove(draft, by=actor(), now=now())
    flash(_("Removed. What was saved stays on record."), "done")
    return redirect(answer, 303)


def _overview(
    draft: RulebookDraft, *, errors: Mapping[str, Sentence] | None = None, overtaken: int = 0
) -> str:
    document = document_of(draft.text)
    found = check(document, draft.text)
    first_day = _first_day(draft, document)
    people = names_of([draft.saved_by, draft.created_by])
    gaps = [] if draft.adopted_id else rulebook_gaps.gaps(draft.programme_id, draft.text, first_day)
    return render_template(
        "rulebooks/draft.html", draft=draft, view=rulebook_pages.view(document, found), check=found,
        people=people, errors=errors or {}, typed=request.form, overtaken=overtaken,
        samples=rulebook_pages.samples(), comments=comments_in(draft.text),
        first_day=first_day, first_periods=rulebooks.first_periods(draft.text, first_day),
        about=document.get("rulebook", {}), gaps=gaps, gaps_key=rulebook_gaps.key_of(gaps),
    )  # fmt: skip


def _first_day(draft: RulebookDraft, document: Document) -> date:
    """The day that the form of adoption shows: as typed, as the text says where that is still to come, or proposed."""
    try:
        return date.fromisoformat(typed("valid_from"))
    except ValueError:
        said = rulebook_pages.day_in(document)
    proposed = rulebooks.proposed_day(draft.programme_id, guard.today(), draft.text)
    try:
        day = date.fromisoformat(said)
    except ValueError:
        return proposed
    return day if day > guard.today() or not rulebooks.versions(draft.programme_id) else proposed


def _seen() -> int:
    """The revision that the form was drawn from. NotFound where it names none."""
    if not is_number(typed("seen")):
        raise NotFound
    return number(typed("seen"))


def _groups(programme_id: int) -> list[str]:
    return [group.name for group, _units in units.assessment_groups_of(programme_id)]
