"""Site viewings (观摩讲评): planned with projects, criteria and named judges; finished by a person, then they count.

Criteria and weights are local settings. What judges signed against is not changed any more: from the first sheet on
only judges who have not signed may come or go. Marks enter the score once it is finished (`viewing_facts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from peewee import ModelSelect

from supervisor.clock import beijing_date
from supervisor.core import audit, events, messages, people
from supervisor.core.days import day_words
from supervisor.core.permissions import Actor, Permission
from supervisor.core.viewing_forms import LONG, Wanted, WantedJudge, check, criteria_of, who
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound, Obstacle, Refused
from supervisor.models import (
    MarkSheet,
    Panelist,
    Programme,
    Unit,
    User,
    ViewedProject,
    Viewing,
    ViewingState,
)
from supervisor.words import N_


def visible_to(actor: Actor) -> ModelSelect[Viewing]:
    """The viewings that a person may see: all for those who read everything, else those they are a judge of."""
    query = Viewing.select().where(Viewing.programme == actor.programme_id)
    if actor.sees_all:
        return query
    called = Panelist.select(Panelist.viewing).where(Panelist.user == actor.user_id)
    return query.where(Viewing.id.in_(called))


def get_visible(viewing_id: int, actor: Actor) -> Viewing:
    """One viewing by its key; NotFound when there is none that this person may see."""
    row: Viewing | None = visible_to(actor).where(Viewing.id == viewing_id).first()
    if row is None:
        raise NotFound
    return row


def projects_of(viewing: Viewing) -> list[ViewedProject]:
    """The projects in the order of the route, with their units."""
    query = ViewedProject.select(ViewedProject, Unit).join(Unit).where(ViewedProject.viewing == viewing)
    return list(query.order_by(ViewedProject.number))


def panel_of(viewing: Viewing) -> list[Panelist]:
    """The judges in their order."""
    return list(Panelist.select().where(Panelist.viewing == viewing).order_by(Panelist.number))


def own_units(viewing: Viewing, judge: Panelist) -> set[int]:
    """Ids of the units whose projects this judge does not mark: those of their posts on the day, or the one named."""
    posts = people.units_of_posts(judge.user_id, viewing.programme_id, viewing.held_on)
    return posts | ({judge.unit_id} if judge.unit_id is not None else set())


def has_sheets(viewing: Viewing) -> bool:
    """Whether anything was signed."""
    return bool(MarkSheet.select().join(ViewedProject).where(ViewedProject.viewing == viewing).exists())


# Planning --------------------------------------------------------------------------------------------------


@transactional
def plan(wanted: Wanted, *, by: Actor, now: datetime) -> Viewing:
    """Plan a viewing; judges with accounts are told. Invalid with every row that is wrong."""
    by.require(Permission.VIEWING_EDIT)
    programme = Programme.get_by_id(by.programme_id)
    check(wanted, programme)
    made = Viewing.create(
        programme=programme, title=wanted.title.strip(), held_on=wanted.held_on, about=wanted.about.strip(),
        dropped=wanted.dropped, criteria=criteria_of(wanted), made_by=by.user_id, made_at=now,
    )  # fmt: skip
    _write_projects(made, wanted)
    _write_judges(made, list(wanted.judges.values()))
    audit.record(by, "viewing.plan", made, now=now, after=_content(made))
    _tell(made, now)
    return made


@transactional
def change(viewing: Viewing, wanted: Wanted, *, seen: int, by: Actor, now: datetime) -> Viewing:
    """Change a viewing. After the first sheet: title, text, and judges who have not signed; all else is refused."""
    by.require(Permission.VIEWING_EDIT)
    check(wanted, Programme.get_by_id(viewing.programme_id))
    claim(viewing, seen)
    before = _content(viewing)
    signed = has_sheets(viewing)
    if signed:
        _refuse_other_terms(viewing, wanted)
    Viewing.update(
        title=wanted.title.strip(), about=wanted.about.strip(), held_on=wanted.held_on, dropped=wanted.dropped,
        criteria=criteria_of(wanted),
    ).where(Viewing.id == viewing.id).execute()  # fmt: skip
    if not signed:
        ViewedProject.delete().where(ViewedProject.viewing == viewing).execute()
        _write_projects(viewing, wanted)
    _sync_judges(viewing, list(wanted.judges.values()))
    fresh = Viewing.get_by_id(viewing.id)
    audit.record(by, "viewing.change", fresh, now=now, before=before, after=_content(fresh))
    _tell(fresh, now)
    return fresh


@transactional
def finish(viewing: Viewing, why_missing: str, *, seen: int, by: Actor, now: datetime) -> Viewing:
    """Finish a viewing: from now on it counts. Missing sheets need a reason, and there must be one sheet at least."""
    by.require(Permission.VIEWING_EDIT)
    claim(viewing, seen)
    gone = missing(viewing)
    if not has_sheets(viewing):
        raise Refused(N_("No sheet has been signed yet: there is nothing that could count."))
    if gone and not why_missing.strip():
        raise Invalid(
            N_("%(count)s sheets are missing.", count=gone),
            {
                "why_missing": N_(
                    "Say why it is finished without them: the reason is printed with the result."
                )
            },
        )
    kept = why_missing.strip()[:LONG] if gone else ""
    Viewing.update(
        state=ViewingState.FINISHED, finished_by=by.user_id, finished_at=now, why_missing=kept
    ).where(Viewing.id == viewing.id).execute()
    audit.record(by, "viewing.finish", viewing, now=now, after={"missing": gone}, reason=kept)
    return Viewing.get_by_id(viewing.id)


@transactional
def reopen(viewing: Viewing, reason: str, *, seen: int, by: Actor, now: datetime) -> Viewing:
    """Take sheets again, with a reason. What was scored already stays until its quarter is corrected."""
    by.require(Permission.VIEWING_EDIT)
    if not reason.strip():
        raise Invalid(N_("Nothing was changed."), {"reopen_reason": N_("Say why: it stays on record.")})
    claim(viewing, seen, state=ViewingState.FINISHED)
    cleared = {"finished_by": None, "finished_at": None, "why_missing": ""}
    Viewing.update(state=ViewingState.OPEN, **cleared).where(Viewing.id == viewing.id).execute()
    audit.record(by, "viewing.reopen", viewing, now=now, reason=reason.strip()[:LONG])
    return Viewing.get_by_id(viewing.id)


def claim(viewing: Viewing, seen: int, *, state: ViewingState = ViewingState.OPEN) -> None:
    """Hold the viewing's row in this state and version. Refused where somebody else acted since it was read."""
    mine = (Viewing.id == viewing.id) & (Viewing.version == seen) & (Viewing.state == state)
    if not Viewing.update(version=Viewing.version + 1).where(mine).execute():
        here = f"/p/{viewing.programme_id}/viewings/{viewing.id}"
        raise Refused(
            N_("Somebody else has changed this viewing meanwhile, or it stands otherwise."),
            [Obstacle(N_("See how it stands"), here)],
        )


def missing(viewing: Viewing) -> int:
    """How many sheets are missing: judge × project, without the projects of a judge's own unit."""
    found = {
        (row.panelist_id, row.project_id)
        for row in MarkSheet.select(MarkSheet.panelist, MarkSheet.project)
        .join(ViewedProject)
        .where(ViewedProject.viewing == viewing)
    }
    return len(owed(viewing) - found)


def owed(viewing: Viewing) -> set[tuple[int, int]]:
    """The sheets that belong to a viewing, as (judge, project)."""
    projects = projects_of(viewing)
    return {
        (judge.id, project.id)
        for judge in panel_of(viewing)
        for own in [own_units(viewing, judge)]
        for project in projects
        if project.unit_id not in own
    }


def _write_projects(viewing: Viewing, wanted: Wanted) -> None:
    for number, one in enumerate(wanted.projects.values(), start=1):
        ViewedProject.create(viewing=viewing, number=number, unit=one.unit_id, name=one.name, place=one.place)


def _write_judges(viewing: Viewing, judges: Sequence[WantedJudge], *, after: int = 0) -> None:
    names = {user.id: user.name for user in User.select(User.id, User.name).where(
        User.id.in_([one.user_id for one in judges if one.user_id is not None]))}  # fmt: skip
    for number, one in enumerate(judges, start=after + 1):
        Panelist.create(
            viewing=viewing, number=number, user=one.user_id, name=names.get(one.user_id or 0, one.name),
            unit=one.unit_id,
        )  # fmt: skip


def _sync_judges(viewing: Viewing, judges: Sequence[WantedJudge]) -> None:
    """Judges who signed stay; the others go where they are not named any more, new ones come behind."""
    signed = {
        row.panelist_id
        for row in MarkSheet.select(MarkSheet.panelist)
        .join(ViewedProject)
        .where(ViewedProject.viewing == viewing)
    }
    wanted = {who(one): one for one in judges}
    kept: set[object] = set()
    highest = 0
    for row in panel_of(viewing):
        known = row.user_id if row.user_id is not None else row.name
        if row.id in signed and known not in wanted:
            raise Refused(
                N_("%(name)s has signed sheets of this viewing and stays on the panel.", name=row.name)
            )
        if known not in wanted:
            row.delete_instance()
            continue
        kept.add(known)
        highest = max(highest, row.number)
        if row.unit_id != wanted[known].unit_id and row.id not in signed:
            Panelist.update(unit=wanted[known].unit_id).where(Panelist.id == row.id).execute()
    _write_judges(viewing, [one for name, one in wanted.items() if name not in kept], after=highest)


def _refuse_other_terms(viewing: Viewing, wanted: Wanted) -> None:
    now_is = [(row.unit_id, row.name, row.place) for row in projects_of(viewing)]
    would = [(one.unit_id, one.name, one.place) for one in wanted.projects.values()]
    same = (viewing.criteria, viewing.dropped, viewing.held_on, now_is) == (
        criteria_of(wanted), wanted.dropped, wanted.held_on, would,
    )  # fmt: skip
    if not same:
        raise Refused(
            N_(
                "Sheets have been signed: day, criteria, weights, dropped marks and projects "
                "do not change any more."
            ),
            [Obstacle(N_("See the sheets"), f"/p/{viewing.programme_id}/viewings/{viewing.id}")],
        )


def _content(viewing: Viewing) -> dict[str, Any]:
    return {
        "title": viewing.title, "held_on": viewing.held_on, "dropped": viewing.dropped, "criteria": viewing.criteria,
        "projects": [f"{row.number} {row.unit.name} {row.name}" for row in projects_of(viewing)],
        "judges": [row.name for row in panel_of(viewing)],
    }  # fmt: skip


def _tell(viewing: Viewing, now: datetime) -> None:
    """Judges with accounts hear that they are called, each once."""
    called = Panelist.select(Panelist.user).where((Panelist.viewing == viewing) & ~Panelist.user.is_null())
    for person in User.select().where(User.id.in_(called)).order_by(User.id):
        messages.notify(
            event=events.VIEWING_CALLED,
            key=f"viewing:{viewing.id}:called",
            to=[person],
            fields={"title": viewing.title, "day": day_words(viewing.held_on)},
            link=f"/p/{viewing.programme_id}/viewings/{viewing.id}",
            programme_id=viewing.programme_id,
            now=now,
        )


def is_held(viewing: Viewing, now: datetime) -> bool:
    """Whether its day has come."""
    return beijing_date(now) >= viewing.held_on
