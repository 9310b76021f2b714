"""Mark sheets: signed once by a judge (or typed by the office from paper), never changed, corrected by a new version.

Nobody marks a project of their own unit. A mark lies between 0 and its criterion's weight, with at most one decimal.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from peewee import IntegrityError

from supervisor.core import audit, viewings
from supervisor.core.permissions import Actor, Permission
from supervisor.core.scored_periods import scored_period
from supervisor.database import db, transactional
from supervisor.errors import Invalid, NotAllowed, NotFound, Obstacle, Refused
from supervisor.models import MarkSheet, Panelist, ScorePeriod, ViewedProject, Viewing, ViewingState
from supervisor.words import N_, Sentence

LONGEST = 500
_MARK = re.compile(r"\d{1,3}(?:\.\d)?", re.ASCII)


@dataclass(frozen=True)
class Typed:
    """What was typed about one project: marks by criterion key, and a remark."""

    marks: Mapping[str, str]
    comment: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed."""
        return not any(text.strip() for text in self.marks.values()) and not self.comment.strip()


def may_type(judge: Panelist, by: Actor) -> bool:
    """Whether this person signs for the judge: the judge's own account, or the office for a judge on paper."""
    if judge.user_id is not None:
        return judge.user_id == by.user_id and by.may(Permission.VIEWING_MARK)
    return by.may(Permission.VIEWING_EDIT)


@transactional
def sign(
    viewing: Viewing, judge: Panelist, typed: Mapping[int, Typed], *, by: Actor, now: datetime
) -> list[MarkSheet]:
    """Sign the sheets of one judge, those of the projects that were filled in; the others stay missing.

    Args:
        viewing: must be held and open.
        judge: of its panel.
        typed: by project id.
        by: the judge, or for a judge on paper the office, whose name is kept.
        now: when.

    Raises:
        Invalid: a mark is missing, no number or out of range, each with its place; or nothing was filled in.
        Refused: not held yet, finished, signed before, or a project of the judge's own unit.
    """
    if not may_type(judge, by):
        raise NotAllowed
    if judge.viewing_id != viewing.id:
        raise NotFound
    _refuse_closed(viewing, now)
    projects = {row.id: row for row in viewings.projects_of(viewing)}
    filled = {key: one for key, one in typed.items() if not one.is_blank}
    if not filled.keys() <= projects.keys():
        raise NotFound
    wrong = dict(_wrong(viewing, filled))
    if not filled:
        wrong["marks"] = N_("Fill in the marks of at least one project.")
    if wrong:
        raise Invalid(N_("No sheet was signed."), wrong)
    own = viewings.own_units(viewing, judge)
    made = []
    for key, one in filled.items():
        if projects[key].unit_id in own:
            unit = projects[key].unit.name
            said = N_(
                "%(name)s belongs to %(unit)s: nobody marks a project of their own unit.",
                name=judge.name,
                unit=unit,
            )
            raise Refused(said)
        made.append(_write(viewing, projects[key], judge, one, number=1, reason="", by=by, now=now))
    return made


@transactional
def correct(sheet: MarkSheet, typed: Typed, reason: str, *, by: Actor, now: datetime) -> MarkSheet:
    """Correct a signed sheet by a further version. Invalid without reason or change; Refused if somebody was quicker.

    A closed quarter keeps what it was scored with until it is corrected.
    """
    project: ViewedProject = sheet.project
    viewing: Viewing = project.viewing
    if not may_type(sheet.panelist, by):
        raise NotAllowed
    wrong = dict(_wrong(viewing, {project.id: typed}))
    if not reason.strip() or len(reason) > LONGEST:
        wrong["reason"] = N_(
            "Say why it is corrected, in at most %(n)s characters: it is kept with both versions.", n=LONGEST
        )
    if not wrong and (_kept(typed), typed.comment.strip()) == (sheet.marks, sheet.comment):
        wrong["marks"] = N_("Nothing differs from what was signed.")
    if wrong:
        raise Invalid(N_("Nothing was corrected."), wrong)
    newest = (MarkSheet.id == sheet.id) & (MarkSheet.superseded == False)  # noqa: E712 -- a condition in SQL
    if not MarkSheet.update(superseded=True).where(newest).execute():
        raise Refused(
            N_("This sheet was corrected meanwhile."),
            [Obstacle(N_("See how it stands"), address(viewing, newest_of(sheet).id))],
        )
    return _write(
        viewing,
        project,
        sheet.panelist,
        typed,
        number=sheet.number + 1,
        reason=reason.strip(),
        by=by,
        now=now,
    )


def _refuse_closed(viewing: Viewing, now: datetime) -> None:
    if not viewings.is_held(viewing, now):
        raise Refused(N_("The viewing has not been held yet: sheets are signed from its day on."))
    # Whoever finishes holds the row: a sheet comes before that or is refused, never in between.
    held = (Viewing.id == viewing.id) & (Viewing.state == ViewingState.OPEN)
    if not Viewing.update(id=Viewing.id).where(held).execute():
        raise Refused(
            N_("The viewing is finished: no further sheet is taken."),
            [Obstacle(N_("See the result"), f"/p/{viewing.programme_id}/viewings/{viewing.id}")],
        )


def _write(
    viewing: Viewing, project: ViewedProject, judge: Panelist, typed: Typed, *, number: int, reason: str, by: Actor,
    now: datetime,
) -> MarkSheet:  # fmt: skip
    marks = _kept(typed)
    try:
        with db.atomic():
            made: MarkSheet = MarkSheet.create(
                project=project, panelist=judge, number=number, marks=marks, comment=typed.comment.strip(),
                reason=reason, signed_at=now, typed_by=by.user_id, typed_by_name=by.name,
            )  # fmt: skip
    except IntegrityError:
        raise Refused(
            N_("%(name)s has signed a sheet for “%(project)s” already; it can only be corrected, with a reason.",
               name=judge.name, project=project.name),
            [Obstacle(N_("See the sheet"), address(viewing, _of(project, judge).id))],
        ) from None  # fmt: skip
    audit.record(
        by, "mark_sheet.sign" if number == 1 else "mark_sheet.correct", made, now=now, reason=reason,
        after={"judge": judge.name, "project": project.id, "number": number, "marks": marks},
    )  # fmt: skip
    return made


def _wrong(viewing: Viewing, typed: Mapping[int, Typed]) -> Iterator[tuple[str, Sentence]]:
    for project, one in typed.items():
        for criterion in viewing.criteria:
            place, text = f"mark-{project}-{criterion['key']}", _plain(one.marks.get(criterion["key"], ""))
            if not text:
                yield place, N_("%(name)s: a mark is missing.", name=criterion["name"])
            elif not _MARK.fullmatch(text):
                yield place, N_("%(name)s: a number with at most one decimal.", name=criterion["name"])
            elif Decimal(text) > criterion["weight"]:
                yield (
                    place,
                    N_("%(name)s: between 0 and %(n)s.", name=criterion["name"], n=criterion["weight"]),
                )
        if len(one.comment.strip()) > LONGEST:
            yield f"comment-{project}", N_("At most %(n)s characters.", n=LONGEST)


def _plain(text: str) -> str:
    """As typed on any keyboard: full-width digits and dots are digits and dots."""
    return unicodedata.normalize("NFKC", text).replace("。", ".").strip()


def _kept(typed: Typed) -> dict[str, str]:
    """Marks as kept: `27.50` and `27.5` are one text."""
    return {key: show(Decimal(_plain(text))) for key, text in typed.marks.items()}


def show(mark: Decimal) -> str:
    """A mark as written: without idle zeros."""
    return format(mark.normalize(), "f")


def total(sheet: MarkSheet) -> Decimal:
    """What the judge gave in all, of 100: a plain sum, exact."""
    return sum((Decimal(text) for text in sheet.marks.values()), Decimal(0))


def sheets_of(viewing: Viewing) -> list[MarkSheet]:
    """The sheets that count: the newest version of each."""
    query = (
        MarkSheet.select(MarkSheet, ViewedProject, Panelist)
        .join(ViewedProject)
        .switch(MarkSheet)
        .join(Panelist)
    )
    newest = (ViewedProject.viewing == viewing) & (MarkSheet.superseded == False)  # noqa: E712 -- a condition in SQL
    return list(query.where(newest).order_by(ViewedProject.number, Panelist.number))


def versions_of(sheet: MarkSheet) -> list[MarkSheet]:
    """All versions of a sheet, first to last."""
    same = (MarkSheet.project == sheet.project_id) & (MarkSheet.panelist == sheet.panelist_id)
    return list(MarkSheet.select().where(same).order_by(MarkSheet.number))


def newest_of(sheet: MarkSheet) -> MarkSheet:
    """The version that counts."""
    return versions_of(sheet)[-1]


def _of(project: ViewedProject, judge: Panelist) -> MarkSheet:
    found: MarkSheet = MarkSheet.get((MarkSheet.project == project) & (MarkSheet.panelist == judge))
    return found


def address(viewing: Viewing, sheet_id: int) -> str:
    """The page of a sheet."""
    return f"/p/{viewing.programme_id}/viewings/{viewing.id}/sheets/{sheet_id}"


def get_visible(sheet_id: int, actor: Actor) -> MarkSheet:
    """A sheet: to those who read everything, to its judge, and to the unit once it was shown a score that rests on it.

    NotFound otherwise.
    """
    row: MarkSheet | None = MarkSheet.get_or_none(MarkSheet.id == sheet_id)
    if row is None or row.project.viewing.programme_id != actor.programme_id:
        raise NotFound
    own_sheet = row.panelist.user_id is not None and row.panelist.user_id == actor.user_id
    if not (actor.sees_all or own_sheet or _is_told(row, actor)):
        raise NotFound
    return row


def _is_told(sheet: MarkSheet, actor: Actor) -> bool:
    """Whether the sheet is about the actor's unit and a score with its marks was shown, preliminary or published."""
    if sheet.project.unit_id not in actor.unit_ids:
        return False
    day = sheet.project.viewing.held_on
    said = ~ScorePeriod.published_at.is_null() | ~ScorePeriod.preliminary_at.is_null()
    shown = ScorePeriod.select().where((ScorePeriod.programme == actor.programme_id) & said)
    return any(scored_period(row.key).contains(day) for row in shown)
