"""The circular of an approved list: drafted from it, its words edited by a person, issued under a number, frozen.

Only approved names stand in it, with figures from the closed books (C43). It is refused while the persons' public
notice runs, where the period was corrected since, or where a unit on it may not be commended any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from peewee import IntegrityError, ModelSelect

from supervisor.clock import beijing_date
from supervisor.core import (
    audit,
    circulars,
    events,
    issued_papers,
    list_readers,
    messages,
    name_lists,
    paper_styles,
    people,
    programmes,
    public_notices,
)
from supervisor.core.exports import File
from supervisor.core.issued_papers import Entry
from supervisor.core.list_rules import points
from supervisor.core.permissions import Actor, Permission
from supervisor.core.scored_periods import scored_period
from supervisor.database import db, digest, transactional
from supervisor.documents.list_circular import ListContent, NamedPerson, NamedUnit
from supervisor.documents.official_docx import write_official_docx
from supervisor.documents.official_paper import Figure, OfficialPaper, Part
from supervisor.errors import Invalid, NotFound, Obstacle, Refused
from supervisor.models import (
    Candidate,
    ListCircular,
    ListSide,
    NameList,
    Programme,
    ScorePeriod,
    Standing,
)
from supervisor.words import N_, Sentence

LONGEST, LONGEST_TITLE = 5000, 200

TITLES = {
    ListSide.COMMENDATION: "关于对{period}{programme}先进单位予以通报表扬的通报",
    ListSide.CRITICISM: "关于对{period}{programme}滞后单位予以通报批评的通报",
}
OPENINGS = {
    ListSide.COMMENDATION: "{period}，各单位按计划推进{programme}。依据考核办法，经逐家核实并报领导审定，"
    "对下列{whom}予以通报表扬。",
    ListSide.CRITICISM: "{period}，{programme}总体有序推进，但个别单位进展滞后、落实不到位。依据考核办法，"
    "经逐家核实并报领导审定，对下列单位予以通报批评。",
}
CLOSINGS = {
    ListSide.COMMENDATION: "希望受表扬的单位再接再厉，其他单位对照先进、查找差距，确保完成全年任务。",
    ListSide.CRITICISM: "受批评的单位要逐项查找原因，明确整改措施、责任人和时限，书面报送整改情况；整改到位并经核实的，"
    "按程序解除。其他单位要引以为戒。",
}
#: As the register prints them.
KINDS = {ListSide.COMMENDATION: "通报表扬", ListSide.CRITICISM: "通报批评"}
ANNEXES = {ListSide.COMMENDATION: "通报表扬单位名单", ListSide.CRITICISM: "通报批评单位名单"}


@dataclass(frozen=True)
class Words:
    """What a person writes of a circular; names, reasons and figures come from the list."""

    title: str
    opening: str
    closing: str


def visible_to(actor: Actor) -> ModelSelect[ListCircular]:
    """Circulars of lists that a person may see: all for those who read lists, issued ones for everybody concerned."""
    query = ListCircular.select(ListCircular, NameList, ScorePeriod).join(NameList).join(ScorePeriod)
    here = ScorePeriod.programme == actor.programme_id
    issued = ListCircular.issued_at.is_null(is_null=False)
    return query.where(here if actor.may(Permission.LIST_READ) else here & issued).order_by(
        ListCircular.id.desc()
    )


def get_visible(circular_id: int, actor: Actor) -> ListCircular:
    """One by its key; NotFound when there is none that this person may see."""
    row: ListCircular | None = visible_to(actor).where(ListCircular.id == circular_id).first()
    if row is None:
        raise NotFound
    return row


def of_list(name_list: NameList) -> ListCircular | None:
    """The circular of a list; None before it was drafted."""
    row: ListCircular | None = ListCircular.get_or_none(ListCircular.name_list == name_list)
    return row


def address(row: ListCircular) -> str:
    """The circular's page."""
    return f"/p/{row.name_list.period.programme_id}/list-circulars/{row.id}"


@transactional
def draft(name_list: NameList, *, by: Actor, now: datetime) -> ListCircular:
    """Begin the circular of an approved list; the one that is there, if there is one.

    Errors: NotAllowed, Refused (not approved, corrected since, the persons' public notice is not over).
    """
    by.require(Permission.CIRCULAR_EDIT)
    _refuse_blocked(name_list, now)
    known = of_list(name_list)
    if known is not None:
        return known
    programme: Programme = name_list.period.programme
    names = {
        "period": scored_period(name_list.period.key).official_name,
        "programme": programme.name,
        "whom": "单位和个人" if any(one.person for one in list_readers.kept_on(name_list)) else "单位",
    }
    side = name_list.side
    try:
        with db.atomic():
            made = ListCircular.create(
                name_list=name_list, title=TITLES[side].format(**names)[:LONGEST_TITLE],
                opening=OPENINGS[side].format(**names), closing=CLOSINGS[side], written_by=by.user_id or 0,
                written_name=by.name, written_at=now,
            )  # fmt: skip
    except IntegrityError:  # somebody else began at the same moment
        return ListCircular.get(ListCircular.name_list == name_list)
    audit.record(by, "list_circular.draft", made, now=now, after={"list": name_list.id})
    return made


@transactional
def edit(row: ListCircular, words: Words, *, seen: int, by: Actor, now: datetime) -> None:
    """Keep what was written. Invalid for empty or too long texts; Refused where it was issued or changed meanwhile."""
    by.require(Permission.CIRCULAR_EDIT)
    wrong: dict[str, Sentence] = {}
    after = {"title": words.title.strip(), "opening": words.opening.strip(), "closing": words.closing.strip()}
    for name, text in after.items():
        most = LONGEST_TITLE if name == "title" else LONGEST
        if not text:
            wrong[name] = N_("This may not be empty.")
        elif len(text) > most:
            wrong[name] = N_("At most %(n)s characters.", n=most)
    if wrong:
        raise Invalid(N_("The draft was not kept."), wrong)
    _claim(row, {**after, "written_by": by.user_id, "written_name": by.name, "written_at": now}, seen)
    audit.record(by, "list_circular.edit", row, now=now, after=after)


@transactional
def issue(row: ListCircular, *, seal: str, by: Actor, now: datetime) -> ListCircular:
    """Issue a draft: numbered, frozen, sent to the inboxes of the units of the closed books.

    `seal` is `seal_of` the paper that the person read.

    Errors: NotAllowed, Refused (a word or figure changed since, corrected since, may not be commended any more).
    """
    by.require(Permission.CIRCULAR_EDIT)
    name_list, programme = row.name_list, row.name_list.period.programme
    Programme.update(id=Programme.id).where(Programme.id == programme.id).execute()
    _refuse_blocked(name_list, now)
    content = _content(row, now)
    if row.issued_at is not None or seal_of(content.paper()) != seal:
        raise Refused(
            N_("Figures or words changed since you read this draft. Read it again before it goes out."),
            [Obstacle(N_("Read the draft"), address(row))],
        )
    against = name_lists.obstacles_of(name_list, list_readers.kept_on(name_list))
    if against:
        raise Refused(
            N_("A name on it cannot stay: the list has to be proposed again."),
            [one for rows in against.values() for one in rows],
        )
    day = beijing_date(now)
    drawn = issued_papers.draw(
        programme, circulars.SERIES, programmes.settings_on(programme.id, day).circular_word, now
    )
    paper = replace(content, number=drawn.printed, issued_on=day.isoformat()).paper()
    text = paper.to_json()
    frozen = {
        "content": text, "sha256": digest(text), "number": drawn.printed, "issued_by": by.user_id,
        "issued_name": by.name, "issued_at": now,
    }  # fmt: skip
    _claim(row, frozen, row.version)
    entry = Entry(KINDS[name_list.side], paper.title, f"list_circular:{row.id}", address(row), digest(text))
    issued_papers.enter(programme, drawn, entry, by=by, now=now)
    after = {"number": drawn.printed, "sha256": digest(text), "list": name_list.id}
    audit.record(by, "list_circular.issue", row, now=now, after=after)
    _tell(name_list, paper, address(row), f"list_circular:{row.id}", now)
    return ListCircular.get_by_id(row.id)


def paper_of(row: ListCircular, *, now: datetime) -> OfficialPaper:
    """What the circular says: as issued, or for a draft as it would be issued now."""
    return OfficialPaper.read(row.content) if row.content else _content(row, now).paper()


def seal_of(paper: OfficialPaper) -> str:
    """What a reader of the draft has seen: changes when any figure or word does."""
    return digest(paper.to_json())


def holds(row: ListCircular) -> bool:
    """Whether an issued circular's content is what was issued; true for a draft."""
    return not row.content or digest(row.content) == row.sha256


def export(row: ListCircular, *, by: Actor, now: datetime) -> File:
    """The circular as a Word document; audited."""
    by.require(Permission.CIRCULAR_READ)
    paper = paper_of(row, now=now)
    _record_export(row, by, now)
    name = f"{paper.title}{'' if paper.number else '（草稿）'}.docx"
    return File(name, write_official_docx(paper, row.issued_at or now), circulars.DOCX)


@transactional
def _record_export(row: ListCircular, by: Actor, now: datetime) -> None:
    audit.record(by, "export.list_circular", row, now=now, after={"sha256": row.sha256})


def _content(row: ListCircular, now: datetime) -> ListContent:
    name_list, programme = row.name_list, row.name_list.period.programme
    kept = list_readers.kept_on(name_list)
    standings = {one.unit_id: one for one in Standing.select().where(Standing.run == name_list.run_id)}
    base = f"/p/{programme.id}/periods/{name_list.period.key}"
    return ListContent(
        office=programme.office_name, programme=programme.name,
        period=scored_period(name_list.period.key).official_name,
        title=row.title, opening=row.opening, closing=row.closing, facts=_facts(list(standings.values()), base),
        units=tuple(_unit(one, standings[one.unit_id], base) for one in kept if not one.person),
        persons=tuple(
            NamedPerson(one.person, one.unit_name, one.post, one.account) for one in kept if one.person
        ),
        annex_title=ANNEXES[name_list.side], style=paper_styles.style_on(programme, beijing_date(now)),
    )  # fmt: skip


def _facts(standings: list[Standing], base: str) -> tuple[Part, ...]:
    """How many were assessed, and how they stood on the whole."""
    scores = [one.score for one in standings if one.score is not None]
    parts: tuple[Part, ...] = ("本期考核单位", Figure(str(len(standings)), base), "家")
    if not scores:
        return (*parts, "。")
    mean = points(int((Decimal(sum(scores)) / len(scores)).to_integral_value("ROUND_HALF_UP")))
    return (
        *parts, "，最高", Figure(points(max(scores)), base), "分，最低", Figure(points(min(scores)), base), "分，平均",
        Figure(mean, base), "分。",
    )  # fmt: skip


def _unit(one: Candidate, standing: Standing, base: str) -> NamedUnit:
    return NamedUnit(
        one.unit_name, one.group_name, one.reason, points(standing.score) if standing.score is not None else "",
        str(standing.rank) if standing.rank is not None else "", f"{base}/units/{one.unit_id}",
    )  # fmt: skip


def _refuse_blocked(name_list: NameList, now: datetime) -> None:
    found = public_notices.obstacles(name_list, now)
    if found:
        raise Refused(N_("The circular cannot go out yet."), found)


def _claim(row: ListCircular, after: Mapping[str, object], seen: int) -> None:
    unchanged = (
        (ListCircular.id == row.id) & (ListCircular.version == seen) & ListCircular.issued_at.is_null()
    )
    if not ListCircular.update(version=ListCircular.version + 1, **after).where(unchanged).execute():
        raise Refused(
            N_("This circular was issued or changed meanwhile."),
            [Obstacle(N_("See how it stands"), address(row))],
        )


def _tell(name_list: NameList, paper: OfficialPaper, link: str, key: str, now: datetime) -> None:
    programme_id, day = name_list.period.programme_id, beijing_date(now)
    ids = [one.unit_id for one in Standing.select(Standing.unit).where(Standing.run == name_list.run_id)]
    messages.notify(
        event=events.CIRCULAR_ISSUED,
        key=key,
        to=people.liaisons_and_heads(ids, programme_id, day),
        fields={"number": paper.number, "title": paper.title, "summary": paper.body[0].text},
        link=link,
        programme_id=programme_id,
        now=now,
    )
