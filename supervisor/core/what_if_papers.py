"""A trial of another rulebook in words and on paper: causes, chart, document, workbook. Papers are Chinese."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

from scoring import Problem
from scoring.numbers import show
from scoring.result import Line
from scoring.what_if import FULL, REST, Cause, Comparison, Move
from supervisor.clock import beijing_date
from supervisor.core import audit, paper_styles
from supervisor.core.circulars import DOCX
from supervisor.core.exports import File
from supervisor.core.periods import type_label
from supervisor.core.permissions import Actor, Permission
from supervisor.core.what_if import Trial, Tried
from supervisor.database import transaction
from supervisor.documents.content import ChangeChart, ChangedPlace, ChangePanel
from supervisor.documents.sheet_book import write_workbook
from supervisor.documents.what_if import TrialPaper, TriedPeriod, TriedUnit, workbook, write_trial_docx
from supervisor.models import Programme
from supervisor.words import N_, Sentence, say

CHINESE = "zh_CN"
#: Causes named for one unit; the rest is counted.
MOST_CAUSES = 4
#: What rounding alone may leave between the parts and the whole; not worth a line.
ROUNDING = Decimal("0.02")


_NO_TABLE = re.compile(r"the rulebook has no table for it in a period of type (\w+)")


def problem_words(problem: Problem) -> Sentence:
    """Why facts cannot be scored, with the group and the kind of period that have no table in the reader's words."""
    told = _NO_TABLE.fullmatch(problem.message)
    if told is None:
        return Sentence("%(problem)s", {"problem": str(problem)})
    if not problem.place.startswith("group "):
        return N_("the rulebook has no table for this kind of period: %(kind)s", kind=type_label(told[1]))
    return N_(
        "group %(group)s: the rulebook has no table for it in this kind of period: %(kind)s",
        group=problem.place.removeprefix("group "), kind=type_label(told[1]),
    )  # fmt: skip


def cause_words(cause: Cause, *, english: bool = False) -> Sentence:
    """What a difference comes from: the line under one rulebook and under the other."""
    effect = f"{cause.effect:+.2f}".replace("-", "−")
    line = cause.line
    if line is None:
        if cause.part == FULL:
            return N_("full points give another score (%(effect)s)", effect=effect)
        return N_("caps, limits and rounding (%(effect)s)", effect=effect)
    named: dict[str, object] = {
        "title": line.title_en if english and line.title_en else line.title,
        "effect": effect,
    }
    if cause.before is None:
        return N_("%(title)s: new, %(after)s (%(effect)s)", after=_points(line), **named)
    if cause.after is None:
        return N_("%(title)s: no longer counted, was %(before)s (%(effect)s)", before=_points(line), **named)
    if (cause.before.points, cause.before.weight) == (cause.after.points, cause.after.weight):
        return N_("%(title)s: %(after)s, converted otherwise (%(effect)s)", after=_points(line), **named)
    return N_(
        "%(title)s: %(before)s → %(after)s (%(effect)s)",
        before=_points(cause.before),
        after=_points(cause.after),
        **named,
    )


def move_words(move: Move, *, english: bool = False) -> list[Sentence]:
    """Why a unit moves: the largest causes, then what is not in the score."""
    causes = [cause for cause in move.causes if cause.part != REST or abs(cause.effect) > ROUNDING]
    said = [cause_words(cause, english=english) for cause in causes[:MOST_CAUSES]]
    if len(causes) > MOST_CAUSES:
        said.append(N_("and %(n)s smaller differences", n=len(causes) - MOST_CAUSES))
    if not said and move.gets_other_place and move.before.rank and move.after.rank:
        said.append(N_("own score unchanged; others pass or fall behind"))
    if move.before.score is None and move.after.score is not None:
        said.append(N_("had no score: no indicator applied"))
    was, now = move.before, move.after
    said += [N_("veto: %(title)s", title=title) for title in now.vetoes if title not in was.vetoes]
    notes = ((was.rank_note, now.rank_note), (was.tier_note, now.tier_note))
    said += [Sentence(str(later)) for earlier, later in notes if later and later != earlier]
    if not said and move.gets_other_tier:
        said.append(N_("same score, other bounds of the tiers"))
    return said


def silent_words(comparison: Comparison, *, english: bool = False) -> list[Sentence]:
    """Indicators of the tried rulebook that apply to nobody of a group, each once, with the reason."""
    groups: dict[tuple[str, str], tuple[Line, list[str]]] = {}
    for one in comparison.silent:
        key = (one.line.indicator, str(one.line.na_reason))
        groups.setdefault(key, (one.line, []))[1].append(one.group)
    return [
        N_(
            "%(title)s (%(weight)s points) applies to nobody in %(groups)s: %(reason)s",
            title=line.title_en if english and line.title_en else line.title,
            weight=show(line.weight),
            groups="、".join(names) or "—",
            reason=Sentence(str(line.na_reason)),
        )
        for line, names in groups.values()
    ]


def summary_words(tried: Tried) -> Sentence:
    """One sentence on a period."""
    moves = tried.comparison.moves if tried.comparison else ()
    if not tried.comparison:
        return N_("These facts cannot be scored by this rulebook.")
    changes = [change for move in moves if (change := move.score_change) is not None]
    return N_(
        "Of %(units)s units %(places)s get another place and %(tiers)s another tier; "
        "scores change by %(low)s to %(high)s points.",
        units=len(moves),
        places=sum(move.gets_other_place for move in moves),
        tiers=sum(move.gets_other_tier for move in moves),
        low=_signed(min(changes, default=None)),
        high=_signed(max(changes, default=None)),
    )


def chart_of(programme: Programme, tried: Tried) -> ChangeChart:
    """Places before and after, a panel for each group; who is not ranked on both sides stands in the table only."""
    panels = []
    for name, moves in tried.comparison.groups if tried.comparison else ():
        units = tuple(
            ChangedPlace(move.after.name, move.before.rank, move.after.rank)
            for move in moves
            if move.before.rank is not None and move.after.rank is not None
        )
        left_out = len(moves) - len(units)
        panels.append(ChangePanel(name, units, f"另有{left_out}个单位不排名" if left_out else ""))
    return ChangeChart(
        title=f"{programme.name}{tried.period.official_name}名次变化（试算）",
        before="原名次",
        after="试算名次",
        panels=tuple(panels),
        columns=min(2, len(panels)),
    )


def export(programme: Programme, trial: Trial, kind: str, *, by: Actor, now: datetime) -> File:
    """The trial as a Word document (`docx`) or a workbook (`xlsx`); audited."""
    by.require(Permission.PERIOD_CLOSE)
    paper_name = f"{programme.name}-考核办法试算对比-{beijing_date(now).isoformat()}"
    with transaction():
        head = audit.record(
            by,
            "export.what_if",
            programme,
            now=now,
            after={
                "base": trial.base.key if trial.base else "",
                "with": trial.other.key,
                "periods": [one.period.key for one in trial.periods],
                "kind": kind,
            },
        )
    paper = _paper(programme, trial, str(head), now)
    if kind == "xlsx":
        return File(f"{paper_name}.xlsx", write_workbook(workbook(paper, now)))
    fonts = paper_styles.fonts_on(programme.id, beijing_date(now))
    return File(f"{paper_name}.docx", write_trial_docx(paper, now, fonts), DOCX)


def _paper(programme: Programme, trial: Trial, head: str, now: datetime) -> TrialPaper:
    return TrialPaper(
        title=f"{programme.name}考核办法试算对比",
        office=programme.office_name,
        before=say(trial.base.name, CHINESE) if trial.base else "各季度封账时的考核办法",
        after=say(trial.other.name, CHINESE),
        as_of=beijing_date(now).isoformat(),
        periods=tuple(_period(one) for one in trial.periods),
        audit_head=head,
    )


def _period(tried: Tried) -> TriedPeriod:
    found = tried.comparison
    remarks = [say(text, CHINESE) for text in silent_words(found)] if found else []
    if found:
        remarks += [say(Sentence(note.message, dict(note.values)), CHINESE) for note in found.notes]
    remarks += [say(problem_words(problem), CHINESE) for problem in tried.problems]
    return TriedPeriod(
        name=tried.period.official_name,
        summary=say(summary_words(tried), CHINESE),
        remarks=tuple(f"{text}。" for text in remarks),
        units=tuple(_unit(group, move) for group, moves in (found.groups if found else ()) for move in moves),
    )


def _unit(group: str, move: Move) -> TriedUnit:
    return TriedUnit(
        group=group,
        unit=move.after.name,
        score_before=move.before.score,
        score_after=move.after.score,
        change=move.score_change,
        place_before=move.before.rank,
        place_after=move.after.rank,
        tier_before=move.before.tier or "",
        tier_after=move.after.tier or "",
        why="；".join(say(text, CHINESE) for text in move_words(move)),
        moved=move.gets_other_place or move.gets_other_tier,
    )


def _points(line: Line) -> Sentence | str:
    """`18.00 of 20`, or that it does not apply; an adjustment has no full points."""
    if line.points is None:
        return N_("not applicable")
    if line.part != "indicator":
        return f"{line.points:.2f}"
    return N_("%(points)s of %(weight)s", points=f"{line.points:.2f}", weight=show(line.weight))


def _signed(value: Decimal | None) -> str:
    return "—" if value is None else f"{value:+.2f}".replace("-", "−")
