"""Corrections of the reporting rules and phases of a notice: confirm, correct, add; undone like any other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from supervisor.core import corrections, rule_words
from supervisor.core.draft_ledger import Ledger
from supervisor.core.draft_rows import LedgerRule
from supervisor.core.item_corrections import check_names
from supervisor.core.permissions import Actor
from supervisor.core.plan_rules import refuse_double
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound
from supervisor.models import CHOSEN_KINDS, Document, Obliged, RuleKind
from supervisor.words import N_, Sentence

#: Longest name of what is asked, in characters: it becomes the rule's name.
LONGEST_WHAT = 100


@dataclass(frozen=True)
class TypedRule:
    """A rule as typed in the form."""

    what: str
    kind: str
    obliged: str
    units: tuple[str, ...]
    recipients: tuple[str, ...]
    every: str
    days: str
    due_on: date | None
    shift: int
    minimum: int


def checked(typed: TypedRule) -> dict[str, Any]:
    """The fields of the rule that was typed; Invalid names everything that is wrong."""
    wrong: dict[str, Sentence] = {}
    if not typed.what or len(typed.what) > LONGEST_WHAT:
        wrong["what"] = N_("Say in at most %(most)s characters what is asked for.", most=LONGEST_WHAT)
    if typed.kind not in set(CHOSEN_KINDS):
        wrong["kind"] = N_("Choose what is handed in.")
    if typed.obliged not in set(Obliged):
        wrong["obliged"] = N_("Choose who owes it.")
    if typed.obliged == Obliged.NAMED and not typed.units:
        wrong["units"] = N_("Name the units that owe it.")
    if typed.minimum < 1:
        wrong["minimum"] = N_("At least one.")
    if typed.shift not in rule_words.SHIFTS:
        wrong["shift"] = N_("Choose which period it is about.")
    recurrence = ""
    try:
        check_names(typed.units, "units")
        check_names(typed.recipients, "recipients")
        recurrence = rule_words.read_when(typed.every, typed.days).recurrence
    except Invalid as error:
        wrong |= error.fields
    if not typed.every and typed.due_on is None:
        wrong["due_on"] = N_("Give the day, or choose how often it returns.")
    if not typed.every and typed.kind in {RuleKind.PROGRESS, RuleKind.COUNT}:
        wrong["every"] = N_("This kind returns: choose how often.")
    if wrong:
        raise Invalid(N_("The rule was not saved."), wrong)
    return {
        "what": typed.what, "kind": typed.kind, "obliged": typed.obliged,
        "units": typed.units if typed.obliged == Obliged.NAMED else (),
        "recipients": typed.recipients, "recurrence": recurrence,
        "due_on": None if typed.every else typed.due_on,
        "shift": typed.shift if typed.every else 0, "minimum": typed.minimum,
    }  # fmt: skip


@transactional
def correct_rule(
    document: Document, key: int | None, typed: TypedRule, *, seen: int, by: Actor, now: datetime
) -> int:
    """Save a rule as typed, which confirms it; without a key one is added by hand. Returns its key."""
    values = checked(typed)
    saved: list[int] = []

    def change(present: Ledger) -> Ledger:
        old = (
            LedgerRule(present.new_key("report"), typed.what) if key is None else _row(present, "report", key)
        )
        saved.append(old.key)
        row = replace(old, **values, corrected=True, confirmed=True)
        changed = present.with_row("report", row)
        refuse_double(changed.reporting)
        return changed

    corrections.save(
        document, change, seen=seen, action="document.correct_report",
        summary=N_("Reporting rule set: “%(text)s”", text=typed.what[:24]),
        anchor="reporting" if key is None else f"report-{key}", by=by, now=now,
    )  # fmt: skip
    return saved[-1]


@transactional
def confirm_rules(document: Document, keys: Iterable[int], *, seen: int, by: Actor, now: datetime) -> None:
    """These rules hold as read; with open parts, which are then set locally before anything is owed."""
    wanted = list(keys)

    def change(present: Ledger) -> Ledger:
        for key in wanted:
            present = present.with_row("report", replace(_row(present, "report", key), confirmed=True))
        refuse_double(present.reporting)
        return present

    first = _row(corrections.fresh(document), "report", wanted[0]) if wanted else None
    if first is None:
        raise NotFound
    summary = (
        N_("Reporting rule confirmed: “%(text)s”", text=(first.what or first.text)[:24])
        if len(wanted) == 1
        else N_("%(count)s reporting rules confirmed", count=len(wanted))
    )
    corrections.save(
        document, change, seen=seen, action="document.confirm_report", summary=summary,
        anchor=f"report-{wanted[0]}", by=by, now=now,
    )  # fmt: skip


def _row(ledger: Ledger, kind: str, key: int) -> Any:
    row = ledger.row(kind, key)
    if row is None or row.dropped:
        raise NotFound
    return row
