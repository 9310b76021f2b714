"""The register of issued papers (发文登记簿): one for each issuer and year, its numbers without doubles and gaps.

A number is drawn inside the transaction that issues the paper and is given back when that fails. The issuer is the
lead office as printed; an office that runs several programmes counts its papers through.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from peewee import Expression, fn

from supervisor.clock import beijing_date
from supervisor.core.permissions import Actor
from supervisor.models import IssuedPaper, Jurisdiction, Programme
from supervisor.models.base import rows_of


@dataclass(frozen=True)
class Drawn:
    """A number that is the paper's if the transaction holds."""

    series: str
    year: int
    number: int
    #: 督查通报〔2021〕7号.
    printed: str


@dataclass(frozen=True)
class Entry:
    """What the register says of a paper: kind and title as printed, noun and key, page, and SHA-256 of its content."""

    kind: str
    title: str
    subject: str
    link: str
    sha256: str


def draw(programme: Programme, series: str, letters: str, now: datetime) -> Drawn:
    """The next number of a series; until the transaction ends nobody else of this jurisdiction draws one.

    Args:
        programme: whose lead office issues the paper.
        series: which numbers run on.
        letters: as printed before the year (机关代字).
        now: when; the year is that of Beijing's day.
    """
    Jurisdiction.update(id=Jurisdiction.id).where(Jurisdiction.id == programme.jurisdiction_id).execute()
    year = beijing_date(now).year
    mine = of_office(programme) & (IssuedPaper.year == year) & (IssuedPaper.series == series)
    number = (IssuedPaper.select(fn.MAX(IssuedPaper.number)).where(mine).scalar() or 0) + 1
    return Drawn(series, year, number, f"{letters}〔{year}〕{number}号")


def enter(programme: Programme, drawn: Drawn, entry: Entry, *, by: Actor, now: datetime) -> IssuedPaper:
    """Write a paper into the register, in the transaction that drew its number."""
    made: IssuedPaper = IssuedPaper.create(
        jurisdiction=programme.jurisdiction_id, issuer=programme.office_name, programme=programme, series=drawn.series,
        year=drawn.year, number=drawn.number, printed=drawn.printed, kind=entry.kind[:40], title=entry.title[:300],
        subject=entry.subject, link=entry.link, sha256=entry.sha256, issued_at=now, issued_by=by.user_id,
        by_name=by.name[:80],
    )  # fmt: skip
    return made


def of_office(programme: Programme) -> Expression:
    """The condition for the register of a programme's lead office."""
    mine: Expression = (IssuedPaper.jurisdiction == programme.jurisdiction_id) & (
        IssuedPaper.issuer == programme.office_name
    )
    return mine


def register_of(programme: Programme) -> Expression:
    """The condition for what a programme's people read as the register of their office.

    Where two programmes of one office had counted for themselves, before there was a register, the second one's papers
    bear its key behind the office's name.
    """
    before = f"{programme.office_name} ({programme.id})"
    mine: Expression = (IssuedPaper.jurisdiction == programme.jurisdiction_id) & IssuedPaper.issuer.in_(
        [programme.office_name, before]
    )
    return mine


def numbers_of(noun: str, keys: Iterable[int]) -> dict[int, str]:
    """Key of a paper -> its number as printed, for those of a noun that were issued."""
    subjects = {f"{noun}:{key}": key for key in keys}
    found = IssuedPaper.select(IssuedPaper.subject, IssuedPaper.printed).where(
        IssuedPaper.subject.in_(sorted(subjects))
    )
    return {subjects[subject]: printed for subject, printed in rows_of(found)}
