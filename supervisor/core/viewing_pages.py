"""What pages and papers of site viewings show: which sheets are in, what a judge may mark, the result by the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from scoring import Facts, ScoredUnit, assess, load_rulebook
from scoring.facts import in_order
from supervisor.clock import beijing_date
from supervisor.core import (
    audit,
    mark_sheets,
    paper_styles,
    rulebooks,
    score_calendar,
    viewing_facts,
    viewing_forms,
    viewings,
)
from supervisor.core.exports import File
from supervisor.core.ladder_pages import DOCX
from supervisor.core.permissions import Actor, Permission
from supervisor.core.scored_periods import types_of
from supervisor.database import transactional
from supervisor.documents.official_paper import Fonts
from supervisor.documents.viewing import Mark, ProjectLine, ResultContent, SheetContent, UnitLine
from supervisor.documents.viewing_docx import write_result_docx, write_sheet_docx
from supervisor.errors import NotFound
from supervisor.models import MarkSheet, Panelist, Programme, User, ViewedProject, Viewing, ViewingState

#: The viewing's own result, by the engine's method for panels. A programme's score follows its own rulebook.
RULES = """
[rulebook]
name = "观摩讲评"
version = "1"
[[tier]]
name = "—"
[[table]]
[[table.indicator]]
key = "viewing"
title = "观摩讲评"
weight = 100
method = "judges"
facts = "judge_mark"
drop = {drop}
"""


@dataclass(frozen=True)
class Square:
    """Judge × project: the sheet that counts, or none; `barred` = a project of the judge's own unit."""

    judge: Panelist
    sheet: MarkSheet | None
    barred: bool
    #: What was given in all; "" without a sheet.
    total: str = ""


@dataclass(frozen=True)
class Row:
    """One project with a square for each judge, and the mean of what is in (None: too few marks)."""

    project: ViewedProject
    squares: tuple[Square, ...]
    mean: str
    formula: str


@dataclass(frozen=True)
class Result:
    """What a unit has of its projects, of 100 points; None: too few marks."""

    unit: str
    points: Decimal | None
    formula: str


@dataclass(frozen=True)
class Board:
    """One viewing: who has signed for what, and the result as far as it is known."""

    viewing: Viewing
    judges: tuple[Panelist, ...]
    rows: tuple[Row, ...]
    results: tuple[Result, ...]
    expected: int
    signed: int
    #: Judges whose sheets are not all in, with how many are missing.
    late: tuple[tuple[Panelist, int], ...]

    @property
    def missing(self) -> int:
        """How many sheets are missing."""
        return self.expected - self.signed


def board(viewing: Viewing) -> Board:
    """A viewing's page."""
    projects, judges = viewings.projects_of(viewing), viewings.panel_of(viewing)
    sheets = {(row.panelist_id, row.project_id): row for row in mark_sheets.sheets_of(viewing)}
    owed = viewings.owed(viewing)
    results, means = _computed(viewing, list(sheets.values()))
    rows = tuple(
        Row(
            project,
            tuple(_square(judge, project, sheets, owed) for judge in judges),
            *means.get(project.id, ("", "")),
        )
        for project in projects
    )
    late = [(judge, len({one for one in owed - sheets.keys() if one[0] == judge.id})) for judge in judges]
    return Board(
        viewing, tuple(judges), rows, results, len(owed), len(owed & sheets.keys()),
        tuple((judge, count) for judge, count in late if count),
    )  # fmt: skip


def _square(
    judge: Panelist, project: ViewedProject, sheets: Mapping[tuple[int, int], MarkSheet],
    owed: set[tuple[int, int]],
) -> Square:  # fmt: skip
    key = (judge.id, project.id)
    sheet = sheets.get(key)
    given = mark_sheets.show(mark_sheets.total(sheet)) if sheet is not None else ""
    return Square(judge, sheet, key not in owed, given)


def _computed(
    viewing: Viewing, sheets: Sequence[MarkSheet]
) -> tuple[tuple[Result, ...], dict[int, tuple[str, str]]]:
    """By the engine: each unit's points of 100, best first, and each project's mean with its arithmetic."""
    book = load_rulebook(RULES.format(drop=viewing.dropped))
    units = {row.unit_id: row.unit for row in viewings.projects_of(viewing)}
    facts = in_order([viewing_facts.fact_of(viewing, sheet) for sheet in sheets])
    scored = tuple(
        ScoredUnit(str(key), unit.name, "", order) for order, (key, unit) in enumerate(units.items(), start=1)
    )
    found = assess(
        Facts("viewing", "site_viewing", scored, tuple(facts), frozenset({viewing_facts.KIND})), book
    )
    by_subject = {viewing_facts.subject_of(viewing, sheet): sheet.project_id for sheet in sheets}
    means = {
        by_subject[step.name]: (str(step.value), step.formula)
        for line in found.lines
        for step in line.steps
        if step.name in by_subject
    }
    names = {unit.id: unit.name for unit in scored}
    results = [
        Result(names[line.unit], line.points, line.steps[-1].formula if line.steps else "")
        for line in found.lines
    ]
    return tuple(sorted(results, key=lambda one: (one.points is None, -(one.points or 0)))), means


@dataclass(frozen=True)
class Listed:
    """A viewing in the list."""

    viewing: Viewing
    projects: int
    judges: int
    expected: int
    missing: int


def listed(actor: Actor) -> list[Listed]:
    """The viewings a person may see, newest first, at most 100."""
    rows = viewings.visible_to(actor).order_by(Viewing.held_on.desc(), Viewing.id.desc()).limit(100)
    found = []
    for row in rows:
        owed = len(viewings.owed(row))
        projects, judges = len(viewings.projects_of(row)), len(viewings.panel_of(row))
        found.append(Listed(row, projects, judges, owed, viewings.missing(row)))
    return found


@dataclass(frozen=True)
class Call:
    """A viewing to which a judge is called, with how many of their sheets are missing."""

    viewing: Viewing
    judge: Panelist
    expected: int
    missing: int


def calls_of(actor: Actor) -> list[Call]:
    """The viewings that a judge is called to, newest first."""
    mine = (
        Panelist.select(Panelist, Viewing)
        .join(Viewing)
        .where((Panelist.user == actor.user_id) & (Viewing.programme == actor.programme_id))
        .order_by(Viewing.held_on.desc(), Viewing.id.desc())
    )
    found = []
    for judge in mine:
        owed = {one for one in viewings.owed(judge.viewing) if one[0] == judge.id}
        in_ = {
            (row.panelist_id, row.project_id) for row in MarkSheet.select().where(MarkSheet.panelist == judge)
        }
        found.append(Call(judge.viewing, judge, len(owed), len(owed - in_)))
    return found


def judge_of(viewing: Viewing, actor: Actor) -> Panelist | None:
    """The place on the panel that this person holds by their own account."""
    found: Panelist | None = Panelist.get_or_none(
        (Panelist.viewing == viewing) & (Panelist.user == actor.user_id)
    )
    return found


def panelist(viewing: Viewing, number: int) -> Panelist:
    """A judge of the panel by number; NotFound for others."""
    found: Panelist | None = Panelist.get_or_none((Panelist.viewing == viewing) & (Panelist.number == number))
    if found is None:
        raise NotFound
    return found


def few_marks(viewing: Viewing) -> int | None:
    """The least marks of a project that the rulebook asks for, where one of this viewing cannot have as many."""
    period = score_calendar.shortest_on(viewing.programme_id, viewing.held_on)
    version = rulebooks.in_force(viewing.programme_id, period)
    types = types_of(version.text) if version is not None else ()
    least = [viewing_facts.least_marks(version.text, type_) for type_ in types] if version is not None else []
    asked = max((one for one in least if one is not None), default=None)
    by_project: dict[int, int] = {}
    for _judge, project in viewings.owed(viewing):
        by_project[project] = by_project.get(project, 0) + 1
    fewest = min((by_project.get(row.id, 0) for row in viewings.projects_of(viewing)), default=0)
    return asked if asked is not None and fewest < asked else None


def filled(viewing: Viewing | None) -> dict[str, str]:
    """What the form shows: a viewing as it is, or our proposals for a new one."""
    if viewing is None:
        rows = [(name, weight) for _key, name, weight in viewing_forms.PROPOSED]
        return {"dropped": "1"} | _criteria_fields(rows)
    shown = {
        "title": viewing.title, "held_on": viewing.held_on.isoformat(), "about": viewing.about,
        "dropped": str(viewing.dropped),
    } | _criteria_fields([(one["name"], one["weight"]) for one in viewing.criteria])  # fmt: skip
    for n, project in enumerate(viewings.projects_of(viewing), start=1):
        shown |= {
            f"unit-{n}": str(project.unit_id),
            f"project-{n}": project.name,
            f"place-{n}": project.place,
        }
    for n, judge in enumerate(viewings.panel_of(viewing), start=1):
        shown |= {
            f"account-{n}": str(judge.user_id or ""), f"judge-{n}": "" if judge.user_id else judge.name,
            f"belongs-{n}": str(judge.unit_id or ""),
        }  # fmt: skip
    return shown


def _criteria_fields(rows: Sequence[tuple[str, int]]) -> dict[str, str]:
    shown: dict[str, str] = {}
    for n, (name, weight) in enumerate(rows, start=1):
        shown |= {f"criterion-{n}": name, f"weight-{n}": str(weight)}
    return shown


# Papers ----------------------------------------------------------------------------------------------------


def sheet_content(viewing: Viewing, judge: Panelist | None) -> SheetContent:
    """The empty score sheet: for a judge, with the projects of the own unit barred, or for anybody."""
    programme: Programme = viewing.programme
    own = viewings.own_units(viewing, judge) if judge is not None else set()
    return SheetContent(
        programme.office_name, programme.name, viewing.title, viewing.held_on.isoformat(),
        judge.name if judge is not None else "",
        tuple((one["name"], one["weight"]) for one in viewing.criteria),
        tuple(
            ProjectLine(row.number, row.unit.name, row.name, row.place, barred=row.unit_id in own)
            for row in viewings.projects_of(viewing)
        ),
    )  # fmt: skip


def result_content(viewing: Viewing, now: datetime) -> ResultContent:
    """The result table as printed; provisional while the viewing is open."""
    shown, programme = board(viewing), viewing.programme
    finisher = User.get_or_none(User.id == viewing.finished_by)
    done = viewing.state is ViewingState.FINISHED and viewing.finished_at is not None
    day = beijing_date(viewing.finished_at) if done and viewing.finished_at else beijing_date(now)
    return ResultContent(
        programme.office_name, programme.name, viewing.title, viewing.held_on.isoformat(),
        tuple(judge.name for judge in shown.judges),
        tuple(
            (
                ProjectLine(row.project.number, row.project.unit.name, row.project.name, row.project.place),
                tuple(Mark(one.total, one.barred) for one in row.squares),
                row.mean,
            )
            for row in shown.rows
        ),
        tuple(UnitLine(one.unit, f"{one.points:.2f}" if one.points is not None else "") for one in shown.results),
        viewing.dropped, shown.missing, viewing.why_missing, finisher.name if done and finisher else "",
        day.isoformat(), provisional=not done,
    )  # fmt: skip


def export_sheet(viewing: Viewing, judge: Panelist | None, *, by: Actor, now: datetime) -> File:
    """The empty score sheet as .docx; audited."""
    by.require(Permission.VIEWING_READ)
    content = sheet_content(viewing, judge)
    _record_export(viewing, "sheet", by, now)
    name = f"{viewing.title}评分表{f'（{judge.name}）' if judge else ''}.docx"
    return File(name, write_sheet_docx(content, now, _fonts(viewing, now)), DOCX)


def _fonts(viewing: Viewing, now: datetime) -> Fonts:
    return paper_styles.fonts_on(viewing.programme_id, beijing_date(now))


def export_result(viewing: Viewing, *, by: Actor, now: datetime) -> File:
    """The result table as .docx; audited."""
    by.require(Permission.PERIOD_READ)
    content = result_content(viewing, now)
    _record_export(viewing, "result", by, now)
    return File(
        f"{viewing.title}评分结果{'（未定）' if content.provisional else ''}.docx",
        write_result_docx(content, now, _fonts(viewing, now)),
        DOCX,
    )


@transactional
def _record_export(viewing: Viewing, paper: str, by: Actor, now: datetime) -> None:
    audit.record(by, "export.viewing", viewing, now=now, after={"paper": paper})
