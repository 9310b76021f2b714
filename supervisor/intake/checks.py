"""What a person must look at before a draft becomes a plan (C04, E-16 to E-18, E-37, E-52)."""

import re
from collections.abc import Iterable

from supervisor.intake.collectives import is_open
from supervisor.intake.draft import (
    Collective,
    Document,
    DraftTask,
    Duty,
    Member,
    OtherDeadline,
    Place,
    Post,
    Problem,
)
from supervisor.intake.outline import Node, Outline
from supervisor.intake.passages import fold
from supervisor.intake.problems import problem
from supervisor.intake.units import strip_brackets
from supervisor.words import N_

_LEVEL = re.compile(r"^[省市县区州旗盟](?!直)(?:委(?=.{2,}部$|政法|编办|网信))?")
_CN = "〇一二三四五六七八九"


def ordinal(number: str) -> int | None:
    """Return the value of a printed number (十二, (3), ④), or None."""
    bare = re.sub(r"[^0-9一二三四五六七八九十①-⑳]", "", fold(number))
    if re.fullmatch(r"[0-9]{1,3}", bare):
        return int(bare)
    if len(bare) == 1 and "①" <= bare <= "⑳":
        return ord(bare) - ord("①") + 1
    if not bare or not re.fullmatch(r"[一二三四五六七八九]?十?[一二三四五六七八九]?", bare):
        return None
    if "十" in bare:
        tens, _, ones = bare.partition("十")
        return (_CN.find(tens) if tens else 1) * 10 + (_CN.find(ones) if ones else 0)
    return _CN.find(bare) if len(bare) == 1 else None


def of_tasks(tasks: list[DraftTask], duties: list[Duty], document: Document) -> Iterable[Problem]:
    """Yield what is missing or strange in the tasks."""
    if not tasks and not duties:
        yield problem("no_task", N_("No task was found in this text."), grave=True)
    elif not tasks:
        yield problem(
            "duties_only",
            N_("No task carries units; the %(count)s duties can become standing tasks.", count=len(duties)),
        )
    for task in tasks:
        line, title = task.place.line, task.title
        if not task.lead and not task.responsible:
            yield problem("no_unit", N_("“%(task)s” names no unit.", task=title), line)
        elif not task.lead:
            yield problem("no_lead", N_("“%(task)s” names no lead unit.", task=title), line)
        if not task.certain:
            yield problem(
                "running_text", N_("The units of “%(task)s” were read from running text.", task=title), line
            )
        for deadline in task.deadlines:
            if deadline.date and document.issued and deadline.date < document.issued:
                yield _early(deadline.text, document, deadline.place.line)
    if tasks and document.issued is None:
        yield problem(
            "no_date", N_("The date of the notice was not found; dates without a year cannot be read.")
        )


def _early(text: str, document: Document, line: int) -> Problem:
    return problem(
        "early_deadline",
        N_(
            "“%(text)s” lies before the date of the notice, %(issued)s.",
            text=text,
            issued=str(document.issued),
        ),
        line,
    )


def of_others(others: list[OtherDeadline], document: Document) -> Iterable[Problem]:
    """Yield dates outside the tasks that lie before the notice's own."""
    for item in others:
        if item.date and document.issued and item.date < document.issued:
            yield _early(item.text, document, item.place.line)


def of_numbers(outline: Outline) -> Iterable[Problem]:
    """Yield gaps and repeats among the numbers of neighbouring items."""
    groups: dict[tuple[int, int, int], list[Node]] = {}
    for node in outline.nodes:
        groups.setdefault((id(node.parent) if node.parent else 0, node.rank, node.part), []).append(node)
    for group in groups.values():
        before: int | None = None
        printed = ""
        for node in group:
            value = ordinal(node.number)
            if value is not None and before is not None and value not in {before + 1, 1}:
                sentence = N_("Number %(number)s follows %(before)s.", number=node.number, before=printed)
                code = "number_repeated" if value <= before else "number_gap"
                line = node.first.place().line if node.first.at else node.passages[0].source.place(0, 0).line
                yield problem(code, sentence, line)
            if value is not None:
                before, printed = value, node.number


def _bare(name: str) -> str:
    return strip_brackets(fold(name))


def seats_of(members: list[Member], posts: list[Post]) -> dict[str, Place]:
    """Return the units that have a seat, and where: by a member's post, a post without a name, or as 成员单位."""
    seats: dict[str, Place] = {}
    for member in members:
        if member.unit:
            seats[_bare(member.unit)] = member.place
    for post in posts:
        if post.unit:
            seats.setdefault(_bare(post.unit), post.place)
    return seats


def of_units(
    tasks: list[DraftTask],
    duties: list[Duty],
    seats: dict[str, Place],
    collectives: list[Collective],
) -> Iterable[Problem]:
    """Yield units with work but no seat, and seats without work (C04); nothing where no roster names units.

    A list of seats that leaves the level out (州发改委、教育局) means the unit of the level (E-20).
    """
    if not seats or not (tasks or duties):
        return
    stands_for = {_bare(p.name) for c in collectives for p in c.proposed} | {
        c.token for c in collectives if not is_open(c.token)
    }
    work: dict[str, int] = {}
    for task in tasks:
        for name in (*task.lead, *task.responsible):
            work.setdefault(_bare(name), task.place.line)
    for duty in duties:
        for name in duty.units:
            work.setdefault(_bare(name), duty.place.line)
    levelled = {_LEVEL.sub("", name) for name in work}
    for name, line in work.items():
        seated = name in seats or _LEVEL.sub("", name) in seats
        if not seated and name not in stands_for and not re.match(r"^(?:各|其他|有关|相关)", name):
            sentence = N_("%(unit)s has work but no member in the roster.", unit=name)
            yield problem("not_in_roster", sentence, line)
    for name, place in seats.items():
        busy = name in work or name in stands_for or (not _LEVEL.match(name) and name in levelled)
        if not busy and not re.search(r"(?:人民政府|政府)$|^各", name):
            yield problem("no_work", N_("%(unit)s has a member but no work.", unit=name), place.line)


_SHARED = 3  # units at which one sentence makes one duty of them all
_ANYBODY = re.compile(r"交办|其他(?:工作|任务|事项)")  # closes every list, and says nothing


def of_shared_clauses(duties: list[Duty]) -> Iterable[Problem]:
    """Yield sentences that stand word for word at several units: one duty with a status each (E-36)."""
    held: dict[str, dict[str, Duty]] = {}
    for duty in duties:
        for clause in duty.clauses:
            if len(clause.text) >= 8 and not _ANYBODY.search(clause.text):
                at = held.setdefault(clause.text, {})
                for unit in duty.units:
                    at.setdefault(unit, duty)
    for text, units in held.items():
        if len({id(duty) for duty in units.values()}) >= _SHARED:
            sentence = N_(
                "“%(text)s” stands at %(count)s units: it can be one standing task with a status for each.",
                text=text,
                count=len(units),
            )
            yield problem("shared_clause", sentence, next(iter(units.values())).place.line)


def of_collectives(collectives: list[Collective]) -> Iterable[Problem]:
    """Yield collectives whose members the notice nowhere names."""
    for item in collectives:
        if not item.proposed:
            yield problem(
                "unnamed_collective",
                N_("The notice does not say who belongs to %(token)s.", token=item.token),
                item.place.line,
            )
