"""Reporting rules and phases that a notice's clauses propose; a person confirms each before it asks anything. Pure."""

from __future__ import annotations

import re

from supervisor.core.draft_rows import LedgerPhase, LedgerRule
from supervisor.intake import Draft
from supervisor.intake import ReportingRule as Clause
from supervisor.models import Obliged, RuleKind

_PROGRESS = re.compile(r"进展|进度|推进情况|落实情况|完成情况|工作情况|执行情况|整改情况")
_COUNTED = re.compile(r"(?:不(?:得)?少于|不低于|至少)(?P<number>[一二两三四五六七八九\d]+)(?:篇|条|期|次|份)")
_EVERYBODY = re.compile(
    r"各(?:责任|成员|有关|相关|参与)?(?:单位|部门)|(?:责任|成员)单位|各地(?:区)?、各(?:有关|相关)?(?:部门|单位)"
)
_LEADERS = re.compile(r"各?牵头(?:单位|部门)")
_NEXT, _LAST = (
    re.compile(r"下一?年度?|次年|明年|下一?(?:季度|月)"),
    re.compile(r"上一?(?:年度?|季度|月|周|旬)"),
)
_DIGITS = {"一": 1, "两": 2} | {digit: number for number, digit in enumerate("二三四五六七八九", start=2)}
#: A progress report due up to this day of a month speaks of the month before.
EARLY_IN_MONTH = 15


def proposed_rules(draft: Draft) -> tuple[LedgerRule, ...]:
    """The rules in the order of the notice, as read; what the notice leaves open stays empty."""
    return tuple(_rule_of(key, clause) for key, clause in enumerate(draft.reporting))


def proposed_phases(draft: Draft) -> tuple[LedgerPhase, ...]:
    """The phases in the order of the notice."""
    return tuple(
        LedgerPhase(
            key, phase.name, phase.name, phase.begins, phase.ends, phase.place.line,
            ((phase.place.start, phase.place.end),),
        )
        for key, phase in enumerate(draft.phases)
    )  # fmt: skip


def _rule_of(key: int, clause: Clause) -> LedgerRule:
    recurrence = clause.recur or ""
    counted = _COUNTED.search(clause.text) if recurrence else None
    obliged = _obliged(clause.units)
    what = clause.what or ""
    kind = RuleKind.FILING
    if counted:
        kind = RuleKind.COUNT
    elif recurrence and _PROGRESS.search(what):
        kind = RuleKind.PROGRESS
    return LedgerRule(
        key=key,
        text=clause.text,
        what=what,
        kind=kind.value,
        obliged=obliged.value,
        units=clause.units if obliged is Obliged.NAMED else (),
        recipients=_split(clause.recipient or ""),
        recurrence=recurrence,
        due_on=clause.date,
        shift=_shift(recurrence, what, kind),
        minimum=_number(counted["number"]) if counted else 1,
        line=clause.place.line,
        spans=((clause.place.start, clause.place.end),),
    )


def _obliged(units: tuple[str, ...]) -> Obliged:
    if units and all(_LEADERS.fullmatch(name) for name in units):
        return Obliged.LEADING
    if units and all(_EVERYBODY.fullmatch(name) for name in units):
        return Obliged.LINKED
    return Obliged.NAMED


def _split(text: str) -> tuple[str, ...]:
    return tuple(name for name in re.split(r"[、,，]|和|及", text) if name)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _DIGITS.get(text, 1)


def _shift(recurrence: str, what: str, kind: RuleKind) -> int:
    """Which period the report is about, counted from the one in which it is due."""
    if _NEXT.search(what):
        return 1
    if _LAST.search(what):
        return -1
    if not recurrence or kind is RuleKind.COUNT:
        return 0
    word, _colon, days = recurrence.partition(":")
    if not days:
        return -1
    early = days.isdigit() and word == "monthly" and int(days) <= EARLY_IN_MONTH
    return -1 if early and kind is RuleKind.PROGRESS else 0
