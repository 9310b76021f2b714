"""The register of issued papers: one for each issuer and year, its numbers without doubles and gaps."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from peewee import Database, IntegrityError
from python_calamine import CalamineWorkbook

from supervisor.core import circulars, issued_papers, issued_register, ladder
from supervisor.core.issued_papers import Entry
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.database import db, transactional
from supervisor.errors import DukaoError, NotAllowed, Refused
from supervisor.models import AuditEntry, Circular, IssuedPaper, Programme, Role, Rung
from supervisor.words import N_
from tests import builders as b
from tests import ladder_world
from tests.conftest import StillClock, login
from tests.databases import at_one_moment
from tests.ladder_world import World

NOW = b.at("2021-06-08 10:00")


def office(programme: Programme) -> Actor:
    return b.actor(Role.LEAD_OFFICE, programme)


def drafted(programme: Programme, month: str = "2021-05") -> Circular:
    return circulars.draft(programme, Period.parse(month), by=office(programme), now=NOW)


def issue(row: Circular, by: Actor) -> Circular:
    fresh = Circular.get_by_id(row.id)
    seen = circulars.seal_of(circulars.content_of(fresh, now=NOW))
    return circulars.issue(fresh, seen=seen, by=by, now=NOW)


@transactional
def enter(programme: Programme, title: str, *, series: str = "circular", now: object = NOW) -> IssuedPaper:
    drawn = issued_papers.draw(programme, series, "督查通报", now)  # type: ignore[arg-type]
    entry = Entry("通报", title, f"{series}:{title}", f"/p/{programme.id}/circulars/1", "0" * 64)
    return issued_papers.enter(programme, drawn, entry, by=office(programme), now=now)  # type: ignore[arg-type]


def numbers() -> list[int]:
    return sorted(row.number for row in IssuedPaper.select())


def test_papers_issued_at_one_moment_in_two_programmes_of_one_office_have_neither_doubles_nor_gaps(
    database: Database,
) -> None:
    first, second = b.programme(), b.programme("背街小巷更新")
    Programme.update(office_name=first.office_name).execute()
    first, second = Programme.get_by_id(first.id), Programme.get_by_id(second.id)
    rows = [drafted(first), drafted(second), drafted(first, "2021-04"), drafted(second, "2021-04")]
    by = {row.id: office(row.programme) for row in rows}

    def fail() -> None:
        with db.atomic():
            enter(first, "not issued after all")
            raise Refused(N_("The draft was not kept."))

    acts = [lambda row=row: issue(row, by[row.id]) for row in [*rows, rows[0]]]
    answers = at_one_moment(database, *acts, fail)
    assert len([one for one in answers if isinstance(one, DukaoError)]) == 2, "one came too late, one failed"
    assert numbers() == [1, 2, 3, 4]
    assert {row.subject for row in IssuedPaper.select()} == {f"circular:{row.id}" for row in rows}
    printed = issued_papers.numbers_of("circular", [row.id for row in rows])
    assert sorted(printed.values()) == [f"督查通报〔2021〕{n}号" for n in range(1, 5)]
    assert {circulars.number_words(row) for row in Circular.select()} == set(printed.values())


def test_each_series_and_each_year_begins_with_one_and_other_offices_count_for_themselves(
    sqlite: Database,
) -> None:
    mine, other = b.programme(), b.programme("背街小巷更新")
    new_year = NOW + timedelta(days=365)
    made = [
        enter(mine, "一"), enter(mine, "二"), enter(mine, "三", series="notice"), enter(other, "四"),
        enter(mine, "五", now=new_year),
    ]  # fmt: skip
    assert [(row.year, row.number) for row in made] == [(2021, 1), (2021, 2), (2021, 1), (2021, 1), (2022, 1)]
    with pytest.raises(IntegrityError), db.atomic():
        IssuedPaper.create(**{**made[0].__data__, "id": None, "subject": "x"})


@pytest.fixture
def world(sqlite: Database) -> World:
    return ladder_world.build()


def test_a_step_of_the_ladder_stands_in_the_register_with_its_paper(world: World) -> None:
    step = world.take(world.key(0), Rung.URGE)
    row = IssuedPaper.get()
    assert (row.printed, row.kind, row.subject) == ("催〔2021〕1号", "催办单", f"ladder_step:{step.id}")
    assert (row.sha256, row.link) == (step.sha256, f"/p/{world.programme.id}/ladder/papers/{step.id}")
    assert ladder.verify(step)


def test_page_and_workbook_show_a_year_and_of_another_programme_only_that_there_is_a_paper(
    client: FlaskClient, clock: StillClock
) -> None:
    mine, other = b.programme(), b.programme("背街小巷更新")
    Programme.update(office_name=mine.office_name).where(Programme.id == other.id).execute()
    mine, other = Programme.get_by_id(mine.id), Programme.get_by_id(other.id)
    enter(mine, "去年的通报", now=NOW - timedelta(days=365))
    enter(mine, "关于硚口区①的通报")
    enter(other, "不该看到的标题")
    clock.moment = NOW
    login(client, b.user("王五", Role.LEAD_OFFICE, mine), NOW)
    here = f"/p/{mine.id}/issued-papers"
    page = client.get(here).text
    assert "关于硚口区①的通报" in page
    assert "督查通报〔2021〕2号" in page
    assert ">督查通报〔2021〕1–2号<" in page
    assert "没有缺号" in page
    for text in ("不该看到的标题", "去年的通报"):
        assert text not in page
    assert "去年的通报" in client.get(f"{here}?year=2020").text
    assert "尚无公文印发" in client.get(f"{here}?year=1999").text
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"{here}/2021.xlsx").data))
    cells = [cell for row in book.get_sheet_by_index(0).to_python() for cell in row]
    assert "关于硚口区①的通报" in cells
    assert "不该看到的标题" not in cells
    assert date(2021, 6, 8) in cells
    assert AuditEntry.select().where(AuditEntry.action == "export.issued_papers").count() == 1
    IssuedPaper.delete().where(IssuedPaper.title == "关于硚口区①的通报").execute()
    assert "缺1个号" in client.get(here).text
    with pytest.raises(NotAllowed):
        issued_register.page(mine, None, None, by=b.actor(Role.LIAISON, mine, b.unit("甲局")))
