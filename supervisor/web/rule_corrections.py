"""Reporting rules on the review page: confirm, correct, add or leave out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, request
from werkzeug.wrappers import Response

from supervisor.core import documents, item_corrections, rule_corrections, rule_words
from supervisor.core.draft_ledger import split_names
from supervisor.core.permissions import Permission
from supervisor.core.rule_corrections import TypedRule
from supervisor.errors import Invalid
from supervisor.models import Document
from supervisor.web.documents import review, saved
from supervisor.web.forms import chosen, day_of, text_of, version_seen, whole_of
from supervisor.web.guard import actor, now, once, requires
from supervisor.web.languages import said

blueprint = Blueprint(
    "rule_corrections", __name__, url_prefix="/p/<int:programme_id>/documents/<int:document_id>/rules"
)
Page = str | Response | tuple[str, int]


def typed_rule() -> TypedRule:
    """The rule as typed in the form."""
    return TypedRule(
        what=text_of("what"),
        kind=text_of("kind"),
        obliged=text_of("obliged"),
        units=split_names(text_of("units")),
        recipients=split_names(text_of("recipients")),
        every=text_of("every"),
        days=text_of("days"),
        due_on=day_of("due_on"),
        shift=whole_of("shift") or 0,
        minimum=whole_of("minimum") or 1,
    )


@blueprint.post("")
@requires(Permission.DOCUMENT_REVIEW)
def add(programme_id: int, document_id: int) -> Page:
    """Add a rule by hand, or confirm those that are ticked."""

    def verb(document: Document, how: dict[str, Any]) -> str:
        if "confirm" in request.form:
            rule_corrections.confirm_rules(document, chosen("rule"), **how)
            return "reporting"
        return f"report-{_typed(document, None, how)}"

    return _correct(document_id, "report-new", verb)


@blueprint.post("/<int:key>")
@requires(Permission.DOCUMENT_REVIEW)
def correct(programme_id: int, document_id: int, key: int) -> Page:
    """Save a rule, confirm it as read, or leave it out with a reason."""

    def verb(document: Document, how: dict[str, Any]) -> None:
        if "drop" in request.form:
            item_corrections.drop_row(document, "report", key, text_of("reason"), **how)
        elif "confirm" in request.form:
            rule_corrections.confirm_rules(document, [key], **how)
        else:
            _typed(document, key, how)

    return _correct(document_id, f"report-{key}", verb)


def _typed(document: Document, key: int | None, how: dict[str, Any]) -> int:
    saved_as = rule_corrections.correct_rule(document, key, typed_rule(), **how)
    note = rule_words.typed_note(text_of("every"), text_of("days"))
    if note is not None:  # a day that does not exist is not changed without a word
        flash(said(note), "info")
    return saved_as


def _correct(document_id: int, opened: str, verb: Callable[[Document, dict[str, Any]], str | None]) -> Page:
    document = documents.get(document_id, actor())
    how: dict[str, Any] = {"seen": version_seen(), "by": actor(), "now": now()}
    try:
        with once(answer=f"{documents.document_link(document)}#{opened}"):
            anchor = verb(document, how)
    except Invalid as error:
        return review(document, errors=error.fields or {"what": error.sentence}, opened=opened), error.status
    return saved(document, anchor or opened)
