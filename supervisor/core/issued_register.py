"""The register of issued papers as a page and as a workbook, a year at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from peewee import ModelSelect, fn

from supervisor.clock import beijing_date
from supervisor.core import audit
from supervisor.core.exports import File
from supervisor.core.issued_papers import register_of
from supervisor.core.permissions import Actor, Permission
from supervisor.database import transaction
from supervisor.documents.content import CellKind, CellValue, Column, Sheet, Workbook
from supervisor.documents.sheet_book import write_workbook
from supervisor.errors import Refused
from supervisor.models import IssuedPaper, Programme
from supervisor.models.base import rows_of
from supervisor.words import N_, Sentence

#: Rows of a page, and of an export.
PAGE, MOST = 100, 20_000


@dataclass(frozen=True)
class Series:
    """One series of a year: its numbers as printed (督〔2021〕1–7号), and how many of them are missing."""

    words: str
    missing: int


@dataclass(frozen=True)
class Page:
    """A year of the register, newest first; `older`: the key from which it goes on, None = nothing."""

    year: int
    years: Sequence[int]
    rows: Sequence[IssuedPaper]
    series: Sequence[Series]
    older: int | None


def visible_to(programme: Programme, actor: Actor) -> ModelSelect[IssuedPaper]:
    """The register of the programme's lead office, for those who read everything issued; else nothing.

    Rows of the same office's other programmes stand in it so that no number is missing; `is_foreign` tells them.
    """
    rows: ModelSelect[IssuedPaper] = IssuedPaper.select(IssuedPaper, Programme.id, Programme.name).join(
        Programme
    )
    return rows.where(register_of(programme) if actor.sees_all else IssuedPaper.id.is_null())


def is_foreign(row: IssuedPaper, actor: Actor) -> bool:
    """Whether a row is of another programme: its title is not this reader's business."""
    return row.programme_id != actor.programme_id


def years(programme: Programme) -> list[int]:
    """The years of the register, newest first."""
    found = IssuedPaper.select(IssuedPaper.year).where(register_of(programme)).distinct()
    return [int(row[0]) for row in rows_of(found.order_by(IssuedPaper.year.desc()))]


def page(programme: Programme, year: int | None, before: int | None, *, by: Actor) -> Page:
    """A page of a year, the newest year unless told; a year that is not there shows none."""
    by.require(Permission.ISSUED_READ)
    known = years(programme)
    chosen = year or (known[0] if known else 0)
    query = visible_to(programme, by).where(IssuedPaper.year == chosen)
    if before:
        query = query.where(IssuedPaper.id < before)
    rows = list(query.order_by(IssuedPaper.id.desc()).limit(PAGE + 1))
    older = rows[PAGE - 1].id if len(rows) > PAGE else None
    return Page(chosen, known, rows[:PAGE], series_of(programme, chosen), older)


def series_of(programme: Programme, year: int) -> list[Series]:
    """The series of a year with what is missing of each: nothing, unless somebody wrote past the verbs."""
    mine = register_of(programme) & (IssuedPaper.year == year)
    one = (IssuedPaper.issuer, IssuedPaper.series)
    ends = (fn.MIN(IssuedPaper.number), fn.MAX(IssuedPaper.number), fn.COUNT(IssuedPaper.id))
    made = []
    for issuer, series, first, last, count in rows_of(
        IssuedPaper.select(*one, *ends).where(mine).group_by(*one).order_by(*one)
    ):
        of_series = mine & (IssuedPaper.issuer == issuer) & (IssuedPaper.series == series)
        begin = (
            IssuedPaper.select(IssuedPaper.printed).where(of_series & (IssuedPaper.number == first)).scalar()
        )
        words = begin if first == last else f"{begin.removesuffix('号')}–{last}号"
        made.append(Series(words, last - count))
    return made


COLUMNS = (
    Column("place", "序号", CellKind.INTEGER, 6), Column("printed", "发文字号", CellKind.WORD, 24),
    Column("kind", "文种", CellKind.WORD, 18), Column("title", "标题", CellKind.TEXT, 50),
    Column("day", "印发日期", CellKind.DATE, 14), Column("by", "签发人", CellKind.WORD, 12),
    Column("programme", "专项工作", CellKind.TEXT, 24), Column("sha", "内容校验值（SHA-256）", CellKind.TEXT, 40),
)  # fmt: skip
ELSEWHERE = "（其他专项工作的公文）"


def export(programme: Programme, year: int, *, by: Actor, now: datetime) -> File:
    """A year of the register as a workbook, oldest first; audited. Refused beyond a size."""
    by.require(Permission.ISSUED_READ)
    query = visible_to(programme, by).where(IssuedPaper.year == year)
    found = list(query.order_by(IssuedPaper.id).limit(MOST + 1))
    if len(found) > MOST:
        raise Refused(N_("More than %(most)s papers: too many for one file.", most=MOST))
    with transaction():
        audit.record(by, "export.issued_papers", programme, now=now, after={"year": year, "rows": len(found)})
    rows: tuple[Mapping[str, CellValue], ...] = tuple(
        {
            "place": n, "printed": row.printed, "kind": row.kind,
            "title": ELSEWHERE if is_foreign(row, by) else row.title, "day": beijing_date(row.issued_at),
            "by": row.by_name, "programme": row.programme.name, "sha": row.sha256,
        }
        for n, row in enumerate(found, start=1)
    )  # fmt: skip
    title = f"{programme.office_name}{year}年发文登记簿"
    sheet = Sheet(
        f"{year}年", title, COLUMNS, rows, left=programme.office_name, right=f"{len(rows)}件", frozen=2
    )
    return File(f"{title}.xlsx", write_workbook(Workbook((sheet,), now, title)))


def gap_words(series: Series) -> Sentence:
    """Whether numbers are missing, in words."""
    if series.missing:
        return N_("%(n)s numbers are missing", n=series.missing)
    return N_("no number is missing")
