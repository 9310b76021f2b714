"""The monthly circular (月通报): proposed from the month's figures, edited and issued by a person, then frozen (D22).

Figures propose which units to name ahead or behind; a person decides with a reason. Nobody is named as behind without
an earlier step on record about the unit in the time that the circular is about, or a leader's reason to do without.
What is issued is stored whole and never changes: a mistake is mended by a new circular that says which one it corrects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from peewee import ModelSelect

from supervisor.clock import beijing_date
from supervisor.core import (
    audit,
    commendable,
    earlier_steps,
    events,
    issued_papers,
    messages,
    month_figures,
    paper_styles,
    people,
    programmes,
    robot_notices,
)
from supervisor.core.circular_proposals import AHEAD, BEHIND
from supervisor.core.days import in_a_row
from supervisor.core.earlier_steps import EarlierStep
from supervisor.core.exports import XLSX, File
from supervisor.core.issued_papers import Entry
from supervisor.core.month_figures import Month, UnitMonth
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.database import digest, transactional
from supervisor.documents.circular import (
    CircularContent,
    CircularProblem,
    CircularUnit,
    Named,
    write_circular_xlsx,
)
from supervisor.documents.official_docx import write_official_docx
from supervisor.documents.official_paper import Figure, Paragraph, paragraph
from supervisor.errors import Invalid, NotFound, Obstacle, Refused
from supervisor.models import Circular, Light, MessageKind, Programme, Unit, User
from supervisor.words import N_, Sentence

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LONGEST = 5000
#: The numbers of all circulars of an office run on.
SERIES = "circular"
OPENING = "现将{month}{programme}工作进展情况通报如下。"
CLOSING = (
    "各单位要对照计划查找差距，对滞后事项和未解决问题逐项明确措施、责任人和时限，下月报送时反馈整改情况。"
)


def visible_to(actor: Actor) -> ModelSelect[Circular]:
    """The circulars a person may see: all for those who read everything, else what is issued."""
    query = Circular.select().where(Circular.programme == actor.programme_id)
    return query if actor.sees_all else query.where(Circular.number.is_null(is_null=False))


def get_visible(circular_id: int, actor: Actor) -> Circular:
    """One circular by its key; NotFound when there is none that this person may see."""
    row: Circular | None = visible_to(actor).where(Circular.id == circular_id).first()
    if row is None:
        raise NotFound
    return row


def register(actor: Actor) -> list[Circular]:
    """Drafts first, then the newest number; at most 200."""
    drafted = Circular.number.is_null().desc()
    return list(visible_to(actor).order_by(drafted, Circular.year.desc(), Circular.number.desc()).limit(200))


def number_words(circular: Circular) -> str:
    """The number as printed; empty in a draft."""
    return CircularContent.read(circular.content).number if circular.content else ""


# Writing -----------------------------------------------------------------------------------------------------


@transactional
def draft(programme: Programme, month: Period, *, why: str = "", by: Actor, now: datetime) -> Circular:
    """Begin a month's circular; the draft that is there already, if there is one.

    After one was issued a new one corrects it and needs the reason. Refused before the month has ended.
    """
    by.require(Permission.CIRCULAR_EDIT)
    if month.end >= beijing_date(now):
        raise Refused(N_("The month has not ended yet."))
    _hold(programme.id)
    mine = (Circular.programme == programme) & (Circular.month == month.key)
    newest: Circular | None = Circular.select().where(mine).order_by(Circular.id.desc()).first()
    if newest is not None and newest.number is None:
        return newest
    if newest is not None and not why.strip():
        raise Invalid(
            N_("A circular on this month was issued."), {"why": N_("Say what the new one corrects.")}
        )
    name = month.official_name
    made = Circular.create(
        programme=programme, month=month.key, title=f"关于{name}{programme.name}工作进展情况的通报",
        opening=OPENING.format(month=name, programme=programme.name), closing=CLOSING,
        corrects=newest, why=why.strip() if newest else "", written_by=by.user_id, written_at=now,
    )  # fmt: skip
    audit.record(by, "circular.draft", made, now=now, after={"month": month.key}, reason=made.why)
    return made


@dataclass(frozen=True)
class Words:
    """What a person writes: title, opening and closing, and which units to name: unit -> (side, reason)."""

    title: str
    opening: str
    closing: str
    named: Mapping[int, tuple[str, str]]


@transactional
def edit(circular: Circular, words: Words, *, by: Actor, now: datetime) -> None:
    """Keep what was written. Invalid for empty texts, a named unit without a reason or of elsewhere."""
    by.require(Permission.CIRCULAR_EDIT)
    wrong: dict[str, Sentence] = {}
    for name in ("title", "opening", "closing"):
        text = getattr(words, name).strip()
        if not text:
            wrong[name] = N_("This may not be empty.")
        elif len(text) > (200 if name == "title" else LONGEST):
            wrong[name] = N_("At most %(n)s characters.", n=200 if name == "title" else LONGEST)
    known = {unit.unit_id for unit in read(circular, now=now).units}
    for unit_id, (side, reason) in words.named.items():
        if unit_id not in known or side not in {AHEAD, BEHIND}:
            raise NotFound
        if not reason.strip():
            wrong[f"reason-{unit_id}"] = N_("Say why this unit is named; the reason is printed.")
    ahead = [unit_id for unit_id, (side, _reason) in words.named.items() if side == AHEAD]
    for unit_id, rows in barred(circular, ahead).items():
        wrong[f"reason-{unit_id}"] = in_a_row(
            [N_("It may not be commended."), *(one.sentence for one in rows)]
        )
    if wrong:
        raise Invalid(N_("The draft was not kept."), wrong)
    before = {one["unit"]: one for one in circular.named}
    named = [
        {
            "unit": unit_id, "side": side, "reason": reason.strip(), "step": "",
            "override": before.get(unit_id, {}).get("override", ""),
            "override_by": before.get(unit_id, {}).get("override_by", ""),
        }
        for unit_id, (side, reason) in words.named.items()
    ]  # fmt: skip
    after = {
        "title": words.title.strip(),
        "opening": words.opening.strip(),
        "closing": words.closing.strip(),
        "named": named,
    }
    _claim(circular, after)
    audit.record(by, "circular.edit", circular, now=now, after=after)


@transactional
def override(circular: Circular, unit_id: int, reason: str, *, by: Actor, now: datetime) -> None:
    """A leader lets a unit be named as behind without an earlier step; the reason stays on file (D22)."""
    by.require(Permission.DECISION_TAKE)
    if not reason.strip():
        raise Invalid(N_("Nothing was decided."), {f"override-{unit_id}": N_("Say why: it stays on record.")})
    if not any(one["unit"] == unit_id and one["side"] == BEHIND for one in circular.named):
        raise NotFound
    said = {"override": reason.strip(), "override_by": by.name}
    named = [one | said if one["unit"] == unit_id else one for one in circular.named]
    _claim(circular, {"named": named})
    audit.record(by, "circular.override", circular, now=now, after={"unit": unit_id}, reason=reason.strip())


def _claim(circular: Circular, after: Mapping[str, Any]) -> None:
    """Write to a draft, unless it was issued or somebody else wrote since it was read."""
    unchanged = (
        (Circular.id == circular.id) & (Circular.version == circular.version) & Circular.number.is_null()
    )
    if not Circular.update(version=Circular.version + 1, **after).where(unchanged).execute():
        here = f"/p/{circular.programme_id}/circulars/{circular.id}"
        raise Refused(
            N_("This circular was issued or changed meanwhile."), [Obstacle(N_("See how it stands"), here)]
        )


def _hold(programme_id: int) -> None:
    """Two people must not draft twice or take one number."""
    Programme.update(id=Programme.id).where(Programme.id == programme_id).execute()


# Content and issue -------------------------------------------------------------------------------------------


def step_for(circular: Circular, unit_id: int, now: datetime) -> EarlierStep | None:
    """The newest step on record about a unit since the month began (D22)."""
    start = Period.parse(circular.month).start
    return earlier_steps.newest_against(circular.programme_id, unit_id, start, now)


def barred(circular: Circular, unit_ids: Sequence[int]) -> dict[int, list[Obstacle]]:
    """Those of these units that may not be commended for the circular's month, with the reasons (E-92)."""
    month, beside = Period.parse(circular.month), [circular.corrects_id] if circular.corrects_id else []
    return commendable.obstacles(circular.programme_id, unit_ids, month.start, month.end, beside=beside)


def read(circular: Circular, *, now: datetime) -> Month:
    """The month's figures as they stand now."""
    return month_figures.read_month(circular.programme_id, Period.parse(circular.month), now=now)


def content_of(circular: Circular, *, now: datetime) -> CircularContent:
    """What the circular says: as issued, or for a draft as it would be issued now."""
    if circular.content:
        return CircularContent.read(circular.content)
    return _content(circular, read(circular, now=now), beijing_date(now))


def _content(circular: Circular, month: Month, today: date) -> CircularContent:
    programme: Programme = circular.programme
    names = {unit.unit_id: unit.unit for unit in month.units}
    sides = {
        side: tuple(
            Named(names[one["unit"]], one["reason"])
            for one in circular.named
            if one["side"] == side and one["unit"] in names
        )
        for side in (AHEAD, BEHIND)
    }
    corrected: Circular | None = circular.corrects
    return CircularContent(
        office=programme.office_name, programme=programme.name, title=circular.title,
        month=month.period.official_name, number=number_words(circular), addressees="各责任单位",
        opening=circular.opening, facts=(_facts(programme, month),), ahead=sides[AHEAD], behind=sides[BEHIND],
        carried=tuple(
            CircularProblem(
                n, one.unit, one.task, one.problem.text or one.problem.help_wanted,
                Period.parse(one.problem.raised_period).official_name, one.age,
                one.helper or (programme.office_name if one.problem.office_helps else ""),
            )
            for n, one in enumerate(month.carried, start=1)
        ),
        closing=circular.closing,
        units=tuple(_unit(n, unit) for n, unit in enumerate(month.units, start=1)),
        as_of=month.as_of.isoformat(), style=paper_styles.style_on(programme, today),
        corrects=f"本通报更正{number_words(corrected)}：{circular.why}" if corrected else "",
    )  # fmt: skip


def _unit(place: int, unit: UnitMonth) -> CircularUnit:
    return CircularUnit(
        place, unit.unit, unit.progress, unit.planned, on_time=unit.count("on_time"), late=unit.count("late"),
        missing=unit.count("missing"), nil=unit.count("nil"), overdue=unit.count("overdue"),
        red=unit.lights.get(Light.RED, 0), amber=unit.lights.get(Light.AMBER, 0),
        overdue_tasks=unit.overdue_tasks, problems=unit.new + unit.carried,
    )  # fmt: skip


def _facts(programme: Programme, month: Month) -> Paragraph:
    """The month in a sentence; each figure leads to the page on which it is counted."""
    place, period = f"/p/{programme.id}", month.period
    matrix = f"{place}/reports?of=all&year={period.year}&quarter={(period.start.month + 2) // 3}"
    counts: list[str | Figure] = []
    for cell, word in (
        ("on_time", "按时报送"), ("late", "迟报"), ("missing", "漏报"), ("nil", "零报告"), ("overdue", "到期未报"),
    ):  # fmt: skip
        counts += [f"，{word}", Figure(str(month.total(cell)), f"{matrix}&only={cell}"), "份"]
    register = f"{place}/problems"
    return paragraph(
        "本月涉及责任单位", Figure(str(len(month.units)), matrix), "家", *counts,
        "。新提出未解决问题", Figure(str(len(month.new)), register), "个，上月及以前结转",
        Figure(str(len(month.carried)), register), "个，本月解决或销号", Figure(str(month.settled), register), "个。",
    )  # fmt: skip


def seal_of(content: CircularContent) -> str:
    """What a reader of the draft has seen: changes when any figure or word does."""
    return digest(content.to_json())


@transactional
def issue(circular: Circular, *, seen: str, by: Actor, now: datetime) -> Circular:
    """Issue a draft: numbered, frozen, and sent to the inboxes of all units.

    `seen` is `seal_of` the content that the person read. Refused where a figure changed since, or where a unit is
    named as behind without an earlier step on record and without a leader's reason (D22).
    """
    by.require(Permission.CIRCULAR_EDIT)
    _hold(circular.programme_id)
    here = f"/p/{circular.programme_id}/circulars/{circular.id}"
    content = content_of(circular, now=now)
    if circular.number is None and seal_of(content) != seen:
        raise Refused(
            N_("Figures or words changed since you read this draft. Read it again before it goes out."),
            [Obstacle(N_("Read the draft"), here)],
        )
    against = barred(circular, [one["unit"] for one in circular.named if one["side"] == AHEAD])
    commendable.refuse(against)
    named = _with_steps(circular, now)
    word = programmes.settings_on(circular.programme_id, beijing_date(now)).circular_word
    drawn = issued_papers.draw(circular.programme, SERIES, word, now)
    content = replace(content, number=drawn.printed, issued_on=beijing_date(now).isoformat())
    text = content.to_json()
    after = {"year": drawn.year, "number": drawn.number, "sha256": digest(text)}
    frozen = {"content": text, "named": named, "issued_at": now, "issued_by": by.user_id}
    _claim(circular, after | frozen)
    entry = Entry("通报", content.title, f"circular:{circular.id}", here, digest(text))
    issued_papers.enter(circular.programme, drawn, entry, by=by, now=now)
    audit.record(by, "circular.issue", circular, now=now, after=after | {"named": named})
    _tell(circular, content, now)
    return Circular.get_by_id(circular.id)


def _with_steps(circular: Circular, now: datetime) -> list[dict[str, Any]]:
    """The named units with the earlier step that lets each be criticised; Refused where there is none."""
    without: list[int] = []
    named = []
    for one in circular.named:
        step = step_for(circular, one["unit"], now) if one["side"] == BEHIND else None
        if one["side"] == BEHIND and step is None and not one["override"]:
            without.append(one["unit"])
        named.append(one | {"step": step.kept if step else ""})
    if without:
        names = [unit.name for unit in Unit.select().where(Unit.id.in_(without)).order_by(Unit.sort)]
        place = f"/p/{circular.programme_id}"
        raise Refused(
            N_(
                "No earlier step is on record about %(units)s: nobody is criticised out of the blue.",
                units="、".join(names),
            ),
            [
                Obstacle(N_("Urge the unit, or send it a supervision notice first"), f"{place}/ladder"),
                Obstacle(N_("Or record a finding about the unit"), f"{place}/weekly"),
                Obstacle(
                    N_("Or let a leader give a reason to do without, or take the unit out"),
                    f"{place}/circulars/{circular.id}",
                ),
            ],
        )
    return named


def _tell(circular: Circular, content: CircularContent, now: datetime) -> None:
    day = beijing_date(now)
    ids = [row.id for row in Unit.select(Unit.id).where(Unit.name.in_([unit.unit for unit in content.units]))]
    messages.notify(
        event=events.CIRCULAR_ISSUED,
        key=f"circular:{circular.id}",
        to=people.liaisons_and_heads(ids, circular.programme_id, day),
        fields={"number": content.number, "title": content.title, "summary": content.summary},
        link=f"/p/{circular.programme_id}/circulars/{circular.id}",
        programme_id=circular.programme_id,
        now=now,
    )
    robot_notices.announce(
        circular.programme_id,
        MessageKind.CIRCULAR,
        f"circular:{circular.id}",
        N_("Circular %(number)s: %(title)s", number=content.number, title=content.title),
        [],
        f"/p/{circular.programme_id}/circulars/{circular.id}",
        now,
    )


def export(circular: Circular, kind: str, *, by: Actor, now: datetime) -> File:
    """The circular as .docx or .xlsx, from the one content; audited."""
    by.require(Permission.CIRCULAR_READ)
    content = content_of(circular, now=now)
    _record_export(circular, kind, by, now)
    name = f"{content.title}{'' if content.number else '（草稿）'}.{kind}"
    made = circular.issued_at or now
    if kind == "docx":
        return File(name, write_official_docx(content.paper(), made), DOCX)
    return File(name, write_circular_xlsx(content, made), XLSX)


@transactional
def _record_export(circular: Circular, kind: str, by: Actor, now: datetime) -> None:
    audit.record(by, "export.circular", circular, now=now, after={"kind": kind, "sha256": circular.sha256})


def verify(circular: Circular) -> bool:
    """Whether an issued circular's content is what was issued."""
    return bool(circular.content) and digest(circular.content) == circular.sha256


def named_units(circular: Circular) -> dict[int, str]:
    """Named unit -> its name."""
    ids = [one["unit"] for one in circular.named]
    return {unit.id: unit.name for unit in Unit.select(Unit.id, Unit.name).where(Unit.id.in_(ids))}


def names_of(circulars: Sequence[Circular]) -> dict[int, str]:
    """Person -> name, of those who wrote or issued them."""
    ids = {row.written_by for row in circulars} | {row.issued_by for row in circulars if row.issued_by}
    return {user.id: user.name for user in User.select(User.id, User.name).where(User.id.in_(sorted(ids)))}
