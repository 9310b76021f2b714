"""What site viewings say to the score: one `judge_mark` a sheet, with the judge's sum and the mark of each criterion.

A viewing counts for the period in which its day lies, from the moment a person has finished it. How many marks are
dropped and how the mean is taken is the rulebook's alone (method `judges`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from decimal import Decimal

from scoring import Fact
from supervisor.core import mark_sheets, viewings
from supervisor.core.days import day_words
from supervisor.core.fact_needs import needs_of
from supervisor.core.periods import Period
from supervisor.errors import Obstacle
from supervisor.models import MarkSheet, RulebookVersion, Viewing, ViewingState
from supervisor.words import N_

KIND = "judge_mark"


def facts_of(programme_id: int, period: Period) -> Iterator[Fact]:
    """The marks of the viewings of a period that are finished."""
    for viewing in _within(programme_id, period, ViewingState.FINISHED):
        for sheet in mark_sheets.sheets_of(viewing):
            yield fact_of(viewing, sheet)


def fact_of(viewing: Viewing, sheet: MarkSheet) -> Fact:
    """One sheet as a fact. Judges are named by their number: a unit reads its facts, and not who gave what."""
    return Fact(
        KIND,
        str(sheet.project.unit_id),
        subject_of(viewing, sheet),
        {
            "mark": mark_sheets.total(sheet),
            "judge": sheet.panelist.number,
            "day": viewing.held_on.isoformat(),
            **{key: Decimal(text) for key, text in sheet.marks.items()},
        },
        f"mark_sheet:{sheet.id}",
    )


def subject_of(viewing: Viewing, sheet: MarkSheet) -> str:
    """A project as facts name it; two viewings of one title stay apart by their numbers."""
    return f"{viewing.title}（{viewing.id}-{sheet.project.number}）{sheet.project.name}"


def obstacles(programme_id: int, period: Period, version: RulebookVersion | None) -> Iterator[Obstacle]:
    """Viewings of a period that are not finished, where the rulebook asks for judges' marks."""
    if version is None or all(need.kind != KIND for need in needs_of(version.text, period.type)):
        return
    for viewing in _within(programme_id, period, ViewingState.OPEN):
        yield Obstacle(
            N_("The site viewing “%(title)s” of %(day)s is not finished; sheets missing: %(count)s.",
               title=viewing.title, day=day_words(viewing.held_on), count=viewings.missing(viewing)),
            f"/p/{programme_id}/viewings/{viewing.id}",
        )  # fmt: skip


def least_marks(text: str, period_type: str) -> int | None:
    """How many marks of a project the panels of a rulebook (TOML) ask for in a type of period; None = no panel."""
    asked = [
        int(row.get("minimum", 2 * int(row.get("drop", 1)) + 1))
        for table in tomllib.loads(text).get("table", [])
        if table.get("period", period_type) == period_type
        for row in table.get("indicator", [])
        if row.get("method") == "judges" and row.get("facts") == KIND
    ]
    return max(asked, default=None)


def _within(programme_id: int, period: Period, state: ViewingState) -> list[Viewing]:
    days = (Viewing.held_on >= period.start) & (Viewing.held_on <= period.end)
    here = (Viewing.programme == programme_id) & (Viewing.state == state)
    return list(Viewing.select().where(here & days).order_by(Viewing.held_on, Viewing.id))
