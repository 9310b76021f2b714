"""The rows of a unit's work plan: as typed, checked with the exact places, and as a filing keeps them (C09).

A working copy keeps whatever was typed; only filing asks for sense. What a filing says does not depend on the
order in which rows were typed or saved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from supervisor.core.days import day_words
from supervisor.core.workdays import Calendar
from supervisor.models import Milestone
from supervisor.words import N_, Sentence

#: Longest text of a title, of a measure, of an indicator.
LONGEST = {"title": 200, "measure": 80, "indicator": 500}
#: Largest target; the column holds no more.
MOST = 2_000_000_000
#: Rows a work plan may have: more help nobody to steer by.
MOST_ROWS = 600
WHOLE = 100


@dataclass(frozen=True)
class Row:
    """A sub-task or deliverable as typed."""

    key: int
    assignment: int
    title: str = ""
    due: str = ""
    indicator: str = ""
    measure: str = ""
    target: str = ""
    weight: str = ""
    document: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed in it."""
        typed = (self.title, self.due, self.indicator, self.measure, self.target, self.weight)
        return not any(text.strip() for text in typed) and not self.document

    def as_json(self) -> dict[str, Any]:
        """For the working copy."""
        return asdict(self)


@dataclass(frozen=True)
class Asked:
    """A task of the unit that the plan is to break down: from which day to which."""

    assignment: int
    task_id: int
    sort: int
    title: str
    start: date
    due_on: date | None
    #: Standing duties may be broken down and need not.
    standing: bool
    role: Sentence


def field_of(key: int, name: str) -> str:
    """The form's name of a row's field."""
    return f"m{key}-{name}"


def rows_from(draft: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The rows of a working copy."""
    return [Row(**row) for row in draft]


def check(
    rows: Sequence[Row],
    asked: Sequence[Asked],
    past: Mapping[int, Milestone],
    calendar: Calendar,
) -> dict[str, Sentence]:
    """What is wrong, by the form's field; empty where the plan may be filed.

    Args:
        rows: as typed, in the order of the page.
        asked: the unit's tasks.
        past: milestones in force that are done or whose day is over, by key: they stay as they are.
        calendar: for days off.
    """
    wrong: dict[str, Sentence] = {}
    for task in asked:
        mine = [row for row in rows if row.assignment == task.assignment and not row.is_blank]
        kept = {key: row for key, row in past.items() if row.assignment_id == task.assignment}
        wrong |= _missing_past(task, mine, kept)
        titles = Counter(_same(row.title) for row in mine)
        for place, row in enumerate(mine, start=1):
            here = N_("Task %(task)s, row %(row)s", task=task.sort, row=place)
            if row.key in kept:
                if not _is_unchanged(row, kept[row.key]):
                    wrong[field_of(row.key, "title")] = N_(
                        "%(here)s: it is done or its day is over; it stays as it was.", here=here
                    )
                continue
            wrong |= _of_row(row, task, here, calendar)
            if row.title.strip() and titles[_same(row.title)] > 1:
                wrong.setdefault(
                    field_of(row.key, "title"), N_("%(here)s: another row has the same title.", here=here)
                )
        if problem := _of_task(mine, task):
            wrong[f"t{task.assignment}"] = problem
    return wrong


def content_of(rows: Sequence[Row], asked: Sequence[Asked]) -> list[dict[str, Any]]:
    """Checked rows as a filing keeps them: by task, day and title, whatever order they were typed in."""
    order = {task.assignment: (task.sort, task.assignment) for task in asked}
    kept = [row for row in rows if row.assignment in order and not row.is_blank]
    content = [
        {
            "key": row.key,
            "assignment": row.assignment,
            "title": row.title.strip(),
            "due": row.due.strip(),
            "indicator": row.indicator.strip(),
            "measure": row.measure.strip(),
            "target": _whole(row.target),
            "weight": _whole(row.weight),
            "document": row.document,
        }
        for row in kept
    ]
    return sorted(content, key=lambda one: (order[one["assignment"]], one["due"], one["title"], one["key"]))


def row_of(milestone: Milestone) -> Row:
    """A milestone in force as a row to go on from."""
    return Row(
        milestone.key,
        milestone.assignment_id,
        milestone.title,
        milestone.due_on.isoformat(),
        milestone.indicator,
        milestone.measure,
        "" if milestone.target is None else str(milestone.target),
        str(milestone.weight),
        milestone.document,
    )


def _is_unchanged(row: Row, kept: Milestone) -> bool:
    of = row_of(kept)
    return content_of([row], [_anywhere(row)]) == content_of([of], [_anywhere(of)])


def _anywhere(row: Row) -> Asked:
    return Asked(row.assignment, 0, 0, "", date.min, None, standing=False, role=N_("Lead unit"))


def _missing_past(task: Asked, mine: Sequence[Row], kept: Mapping[int, Milestone]) -> dict[str, Sentence]:
    gone = [row for key, row in kept.items() if key not in {one.key for one in mine}]
    return {
        f"t{task.assignment}": N_(
            "Task %(task)s: “%(title)s” is done or its day is over; it cannot be left out.",
            task=task.sort, title=row.title,
        )
        for row in gone[:1]
    }  # fmt: skip


def _of_task(mine: Sequence[Row], task: Asked) -> Sentence | None:
    """What is wrong with a task's rows together."""
    if not mine:
        if task.standing:
            return None
        return N_("Task %(task)s “%(title)s” has no sub-task yet.", task=task.sort, title=task.title)
    if not any(row.indicator.strip() or _whole(row.target) is not None for row in mine):
        return N_(
            "Task %(task)s “%(title)s” has no measurable indicator: at least one row needs one.",
            task=task.sort, title=task.title,
        )  # fmt: skip
    weights = [_whole(row.weight) for row in mine]
    total = sum(weight for weight in weights if weight is not None)
    if None not in weights and total != WHOLE:
        return N_(
            "Task %(task)s “%(title)s”: the weights add up to %(total)s%%, not to 100%%.",
            task=task.sort, title=task.title, total=total,
        )  # fmt: skip
    return None


def _of_row(row: Row, task: Asked, here: Sentence, calendar: Calendar) -> dict[str, Sentence]:
    found: dict[str, Sentence] = {}
    if not row.title.strip():
        found["title"] = N_("%(here)s: a title is missing.", here=here)
    for name, most in LONGEST.items():
        if len(getattr(row, name).strip()) > most:
            found[name] = N_("%(here)s: at most %(n)s characters.", here=here, n=most)
    if problem := _of_day(row.due.strip(), task, here, calendar):
        found["due"] = problem
    weight = _whole(row.weight)
    if weight is None or not 1 <= weight <= WHOLE:
        found["weight"] = N_("%(here)s: the weight is a whole percent from 1 to 100.", here=here)
    found |= _of_target(row, here)
    return {field_of(row.key, name): sentence for name, sentence in found.items()}


def _of_target(row: Row, here: Sentence) -> dict[str, Sentence]:
    measure, target = row.measure.strip(), row.target.strip()
    number = _whole(target)
    if target and (number is None or not 0 <= number <= MOST):
        return {"target": N_("%(here)s: the target is a whole number from 0 on.", here=here)}
    if target and not measure:
        return {"measure": N_("%(here)s: say what is counted, for example 小区（个）.", here=here)}
    if measure and not target:
        return {"target": N_("%(here)s: say how much, as a whole number.", here=here)}
    return {}


def _of_day(text: str, task: Asked, here: Sentence, calendar: Calendar) -> Sentence | None:
    if not text:
        return N_("%(here)s: the due day is missing.", here=here)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return N_("%(here)s: that is no day; write it like 2021-06-15.", here=here)
    if day < task.start:
        return N_("%(here)s: before the task began on %(day)s.", here=here, day=day_words(task.start))
    if task.due_on is not None and day > task.due_on:
        return N_("%(here)s: after the task's time limit, %(day)s.", here=here, day=day_words(task.due_on))
    # A time limit of the notice may itself be a day off (E-45); then a milestone may be due with it.
    if day != task.due_on and not calendar.is_workday(day):
        return N_(
            "%(here)s: %(day)s is a day off; the working day before is %(before)s.",
            here=here, day=day_words(day), before=day_words(calendar.on_or_before(day)),
        )  # fmt: skip
    return None


def _whole(text: str) -> int | None:
    """A whole number as typed, full-width digits and thousands marks included; None for anything else."""
    text = text.strip().replace(",", "").replace("，", "").removesuffix("%").removesuffix("％")
    try:
        return int(text) if len(text) < 12 else None
    except ValueError:
        return None


def _same(title: str) -> str:
    return "".join(title.split()).casefold()
