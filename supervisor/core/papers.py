"""Papers drafted from frozen data: text a person edits, figures nobody types, a number when it goes out, then frozen.

A draft holds what it was drawn up from. Where that was corrected meanwhile, the paper is refused until it is drawn up
anew: the text stays, the figures follow. Each kind has a composer in `COMPOSERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from peewee import ModelSelect

from supervisor.clock import beijing_date
from supervisor.core import (
    audit,
    circulars,
    events,
    issued_papers,
    messages,
    paper_figures,
    paper_styles,
    people,
    period_circulars,
    programmes,
    score_pages,
)
from supervisor.core.exports import File
from supervisor.core.issued_papers import Entry
from supervisor.core.paper_figures import DrawnUp
from supervisor.core.permissions import Actor, Permission
from supervisor.core.scored_periods import scored_period
from supervisor.database import digest, transaction, transactional
from supervisor.documents.official_docx import write_official_docx
from supervisor.documents.official_paper import OfficialPaper
from supervisor.errors import Invalid, NotFound, Obstacle, Refused
from supervisor.models import DraftedPaper, PaperKind, Programme, ScorePeriod, Standing
from supervisor.words import N_, Sentence

LONGEST = 8000
#: Rows of the list.
MOST = 200


@dataclass(frozen=True)
class Words:
    """What a person writes."""

    title: str
    addressees: str
    text: str
    remark: str = ""


@dataclass(frozen=True)
class Composer:
    """How a kind of paper is drawn up and begun."""

    draw_up: Callable[..., DrawnUp]
    first_words: Callable[..., tuple[str, str]]


COMPOSERS: Mapping[PaperKind, Composer] = {
    PaperKind.PERIOD_CIRCULAR: Composer(period_circulars.draw_up, period_circulars.first_words)
}


def visible_to(programme: Programme, actor: Actor) -> ModelSelect[DraftedPaper]:
    """The papers a person may see: all for those who read everything, else what is issued."""
    query = DraftedPaper.select().where(DraftedPaper.programme == programme)
    return query if actor.sees_all else query.where(DraftedPaper.issued_at.is_null(is_null=False))


def _is_open_to(paper: DraftedPaper, actor: Actor, now: datetime) -> bool:
    """Whether a reader may see everybody's scores of the paper's period (D16)."""
    if actor.sees_all:
        return True
    found = score_pages.shown_period(paper.programme, scored_period(paper.about))
    return found is not None and score_pages.sees_whole(actor, *found, now=now)


def get_visible(paper_id: int, actor: Actor, *, now: datetime) -> DraftedPaper:
    """One paper by its key; NotFound when there is none that this person may see."""
    row: DraftedPaper | None = (
        visible_to(Programme.get_by_id(actor.programme_id), actor).where(DraftedPaper.id == paper_id).first()
    )
    if row is None or not _is_open_to(row, actor, now):
        raise NotFound
    return row


def listed(programme: Programme, actor: Actor, *, now: datetime) -> list[DraftedPaper]:
    """Newest first, at most 200."""
    rows = list(visible_to(programme, actor).order_by(DraftedPaper.id.desc()).limit(MOST))
    seen = {about: _is_open_to(one, actor, now) for about, one in {row.about: row for row in rows}.items()}
    return [row for row in rows if seen[row.about]]


def closed_periods(programme: Programme) -> list[ScorePeriod]:
    """Periods whose books are closed, newest first, at most 24."""
    mine = (ScorePeriod.programme == programme) & ScorePeriod.closed_at.is_null(is_null=False)
    return list(
        ScorePeriod.select()
        .where(mine)
        .order_by(ScorePeriod.closed_at.desc(), ScorePeriod.id.desc())
        .limit(24)
    )


# Writing ------------------------------------------------------------------------------------------------------


@transactional
def draft(programme: Programme, kind: PaperKind, about: str, *, by: Actor, now: datetime) -> DraftedPaper:
    """Begin a paper from frozen data; the draft that is there already, if there is one."""
    by.require(Permission.CIRCULAR_EDIT)
    Programme.update(id=Programme.id).where(Programme.id == programme.id).execute()
    mine = (DraftedPaper.programme == programme) & (DraftedPaper.kind == kind) & (DraftedPaper.about == about)
    begun: DraftedPaper | None = DraftedPaper.select().where(mine & DraftedPaper.issued_at.is_null()).first()
    if begun is not None:
        return begun
    composer = COMPOSERS[kind]
    drawn = composer.draw_up(programme, about, by=by, now=now)
    title, text = composer.first_words(programme, about, drawn, by=by, now=now)
    made: DraftedPaper = DraftedPaper.create(
        programme=programme, kind=kind, about=about, title=title[:200], addressees="各责任单位", text=text,
        drawn_up=drawn.to_json(), basis=drawn.basis, written_by=by.user_id, written_at=now,
    )  # fmt: skip
    audit.record(
        by, "paper.draft", made, now=now, after={"kind": kind.value, "about": about, "basis": drawn.basis}
    )
    return made


@transactional
def edit(paper: DraftedPaper, words: Words, *, by: Actor, now: datetime) -> None:
    """Keep what was written. Invalid for an empty or overlong text, or a figure that there is not."""
    by.require(Permission.CIRCULAR_EDIT)
    wrong: dict[str, Sentence] = {}
    for name, longest in {"title": 200, "addressees": 300, "text": LONGEST, "remark": 100}.items():
        text = getattr(words, name).strip()
        if not text and name != "remark":
            wrong[name] = N_("This may not be empty.")
        elif len(text) > longest:
            wrong[name] = N_("At most %(n)s characters.", n=longest)
    if wrong:
        raise Invalid(N_("The draft was not kept."), wrong)
    paper_figures.refuse_unknown(words.text, drawn_up(paper).figures)
    after = {name: getattr(words, name).strip() for name in ("title", "addressees", "text", "remark")}
    _claim(paper, after)
    audit.record(by, "paper.edit", paper, now=now, after=after)


@transactional
def redraft(paper: DraftedPaper, *, by: Actor, now: datetime) -> None:
    """Draw the figures up anew; the text stays as it was written."""
    by.require(Permission.CIRCULAR_EDIT)
    drawn = COMPOSERS[paper.kind].draw_up(paper.programme, paper.about, by=by, now=now)
    before = paper.basis
    _claim(paper, {"drawn_up": drawn.to_json(), "basis": drawn.basis})
    audit.record(by, "paper.redraft", paper, now=now, before={"basis": before}, after={"basis": drawn.basis})


def _claim(paper: DraftedPaper, after: Mapping[str, object]) -> None:
    """Write to a draft, unless it was issued or somebody else wrote since it was read."""
    unchanged = (
        (DraftedPaper.id == paper.id)
        & (DraftedPaper.version == paper.version)
        & DraftedPaper.issued_at.is_null()
    )
    if not DraftedPaper.update(version=DraftedPaper.version + 1, **after).where(unchanged).execute():
        raise Refused(
            N_("This paper was issued or changed meanwhile."),
            [Obstacle(N_("See how it stands"), link_of(paper))],
        )


# Content and issue --------------------------------------------------------------------------------------------


def link_of(paper: DraftedPaper) -> str:
    """The paper's page."""
    return f"/p/{paper.programme_id}/papers/{paper.id}"


def drawn_up(paper: DraftedPaper) -> DrawnUp:
    """What data gave the paper when it was drawn up."""
    return DrawnUp.read(paper.drawn_up, paper.basis)


def is_overtaken(paper: DraftedPaper, *, by: Actor, now: datetime) -> bool:
    """Whether what a draft was drawn up from was corrected since."""
    return paper.issued_at is None and COMPOSERS[paper.kind].draw_up(
        paper.programme, paper.about, by=by, now=now
    ).basis != paper.basis  # fmt: skip


def content_of(paper: DraftedPaper, *, now: datetime) -> OfficialPaper:
    """What the paper says: as issued, or for a draft as it would be issued now."""
    if paper.content:
        return OfficialPaper.read(paper.content)
    drawn, programme = drawn_up(paper), paper.programme
    return OfficialPaper(
        office=programme.office_name, title=paper.title, to=paper.addressees,
        body=paper_figures.filled(paper.text, drawn.figures), annexes=drawn.annexes, remark=paper.remark,
        style=paper_styles.style_on(programme, beijing_date(now)), whole=(programme.name,),
    )  # fmt: skip


def seal_of(content: OfficialPaper) -> str:
    """What a reader of the draft has seen: changes when any figure or word does."""
    return digest(content.to_json())


@transactional
def issue(paper: DraftedPaper, *, seen: str, by: Actor, now: datetime) -> DraftedPaper:
    """Issue a draft: numbered from the office's register, frozen, and told to the units' liaisons and heads.

    Refused where it is not what was read, where its period was corrected since, and where units may not yet see each
    other's scores of that period (D16).
    """
    by.require(Permission.CIRCULAR_EDIT)
    programme: Programme = paper.programme
    Programme.update(id=Programme.id).where(Programme.id == programme.id).execute()
    content = content_of(paper, now=now)
    if paper.issued_at is None and seal_of(content) != seen:
        raise Refused(
            N_("Figures or words changed since you read this draft. Read it again before it goes out."),
            [Obstacle(N_("Read the draft"), link_of(paper))],
        )
    if is_overtaken(paper, by=by, now=now):
        raise Refused(
            N_("The period was corrected after this draft was drawn up: its figures no longer hold."),
            [Obstacle(N_("Draw the figures up anew; your text stays"), f"{link_of(paper)}#figures")],
        )
    _refuse_unpublished(paper, now)
    word = programmes.settings_on(programme.id, beijing_date(now)).circular_word
    drawn = issued_papers.draw(programme, circulars.SERIES, word, now)
    content = replace(content, number=drawn.printed, issued_on=beijing_date(now).isoformat())
    text = content.to_json()
    _claim(paper, {"content": text, "sha256": digest(text), "issued_at": now, "issued_by": by.user_id})
    entry = Entry("通报", content.title, f"drafted_paper:{paper.id}", link_of(paper), digest(text))
    issued_papers.enter(programme, drawn, entry, by=by, now=now)
    audit.record(
        by, "paper.issue", paper, now=now,
        after={"number": drawn.printed, "sha256": digest(text), "basis": paper.basis},
    )  # fmt: skip
    _tell(paper, content, now)
    return DraftedPaper.get_by_id(paper.id)


def _refuse_unpublished(paper: DraftedPaper, now: datetime) -> None:
    found = score_pages.shown_period(paper.programme, scored_period(paper.about))
    if found is None or not score_pages.sees_whole(_A_UNIT, *found, now=now):
        raise Refused(
            N_("Units do not see each other's scores of this period: its circular would show them."),
            [
                Obstacle(
                    N_("Publish the period to all units first"),
                    f"/p/{paper.programme_id}/periods/{paper.about}",
                )
            ],
        )


#: Somebody who sees what every unit may see.
_A_UNIT = Actor(user_id=None, name="")


def _tell(paper: DraftedPaper, content: OfficialPaper, now: datetime) -> None:
    day, found = beijing_date(now), score_pages.shown_period(paper.programme, scored_period(paper.about))
    units = [one.unit_id for one in Standing.select().where(Standing.run == found[1])] if found else []
    messages.notify(
        event=events.CIRCULAR_ISSUED,
        key=f"paper:{paper.id}",
        to=people.liaisons_and_heads(units, paper.programme_id, day),
        fields={"number": content.number, "title": content.title, "summary": (content.body[0].text,)},
        link=link_of(paper),
        programme_id=paper.programme_id,
        now=now,
    )


def verify(paper: DraftedPaper) -> bool:
    """Whether an issued paper's content is what was issued."""
    return bool(paper.content) and digest(paper.content) == paper.sha256


def export(paper: DraftedPaper, *, by: Actor, now: datetime) -> File:
    """The paper as .docx; audited."""
    by.require(Permission.CIRCULAR_READ)
    content = content_of(paper, now=now)
    with transaction():
        audit.record(by, "export.paper", paper, now=now, after={"sha256": paper.sha256})
    name = f"{content.title}{'' if content.number else '（草稿）'}.docx"
    return File(name, write_official_docx(content, paper.issued_at or now), circulars.DOCX)
