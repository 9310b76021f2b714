"""Pages of a quarter's life: preliminary, the appeal beside the line, the desk, the correction by two people."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.models import Appeal, AppealState, PeriodState, ReportEntry, Role, ScorePeriod, ScoreRun, User
from tests import builders, quarters
from tests.conftest import StillClock, login
from tests.quarters import CLOSING, World
from tests.test_core_appeals import UNTIL, late_report, line_of, shown


@pytest.fixture
def world(database: Database, clock: StillClock) -> World:
    clock.moment = CLOSING
    return quarters.worked_quarter(appeal_workdays=3)


def enter(client: FlaskClient, person: User) -> None:
    login(client, person, CLOSING)


def key_of(page: str) -> str:
    found = re.search(r'name="_once" value="([^"]+)"', page)
    assert found
    return found[1]


def read(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.text


def send(client: FlaskClient, page: str, path: str, **fields: str) -> int:
    return client.post(path, data={"_once": key_of(read(client, page)), **fields}).status_code


def people(world: World) -> dict[str, User]:
    return {
        "liaison": builders.user("l", Role.LIAISON, world.programme, world.units["C"], now=CLOSING),
        "leader": builders.user("leader", Role.LEADER, world.programme, now=CLOSING),
        "office": builders.user("office", Role.LEAD_OFFICE, world.programme, now=CLOSING),
    }


def test_from_the_preliminary_sheet_to_the_closed_book(
    client: FlaskClient, world: World, clock: StillClock
) -> None:
    who, p = people(world), f"/p/{world.programme.id}"
    books = f"{p}/periods/2021-Q2"
    enter(client, world.assessor)
    assert "Show the preliminary score" in read(client, f"{books}?lang=en")
    assert send(client, books, f"{books}/preliminary", confirm="on") == 303

    enter(client, who["liaison"])
    own = f"{books}/units/{world.units['C'].id}"
    line = line_of(world, "C", "report_timeliness")
    form = f"{own}/lines/{line.id}/appeal"
    assert f'href="{form}"' in read(client, own)
    assert "This is preliminary" in read(client, f"{own}?lang=en")
    assert send(client, form, form, claim=" ") == 422
    assert send(client, form, form, claim="6月4日已送达") == 303
    appeal = Appeal.get()
    assert f"{p}/appeals/{appeal.id}" in read(client, own)
    assert send(client, form, form, claim="再次申诉") == 409

    enter(client, world.assessor)
    page = read(client, f"{p}/appeals/{appeal.id}?lang=en")
    assert "You scored this line" in page
    assert 'value="accept"' not in page
    enter(client, who["leader"])
    where = f"{p}/appeals/{appeal.id}"
    assert "6月4日已送达" in read(client, where)
    assert send(client, where, f"{where}/decide", verdict="accept", decision="") == 422
    assert send(client, where, f"{where}/decide", verdict="accept", decision="属实") == 303

    enter(client, who["office"])
    late = late_report(world, "C")
    report = f"{p}/reports/{late.id}"
    assert send(client, report, f"{report}/correct", late_reason="") == 422
    assert send(client, report, f"{report}/correct", late_reason="签收单为证") == 303
    assert "签收单为证" in read(client, report)

    enter(client, world.assessor)
    clock.moment = CLOSING + timedelta(minutes=20)
    assert send(client, books, f"{books}/close", confirm="on") == 409
    assert send(client, books, f"{books}/again", reason="采纳申诉") == 303
    clock.moment = UNTIL
    login(client, world.assessor, UNTIL)
    assert send(client, books, f"{books}/close", confirm="on") == 303
    assert ScorePeriod.get().state is PeriodState.FROZEN
    desk = read(client, f"{p}/appeals?lang=en")
    assert "Appeal accepted" in desk


def test_a_preliminary_ranking_does_not_leave_the_house(client: FlaskClient, world: World) -> None:
    shown(world)
    enter(client, world.assessor)
    assert "ranking.xlsx" not in read(client, f"/p/{world.programme.id}/periods/2021-Q2")
    read(client, f"/p/{world.programme.id}/periods/2021-Q2/ranking.xlsx", 409)


def test_a_unit_reads_its_own_appeals_and_no_others(client: FlaskClient, world: World) -> None:
    who, p = people(world), f"/p/{world.programme.id}"
    run = shown(world)
    other = Appeal.create(
        period=run.period, run=run, unit=world.units["A"], indicator="report_quality", part="indicator",
        title="月报质量", points=638, claim="别家的申诉", filed_by=1, filed_name="甲", filed_at=CLOSING,
    )  # fmt: skip
    enter(client, who["liaison"])
    assert "别家的申诉" not in read(client, f"{p}/appeals")
    read(client, f"{p}/appeals/{other.id}", 404)
    assert "No appeal yet." in read(client, f"{p}/appeals?lang=en")
    own = f"{p}/periods/2021-Q2/units/{world.units['A'].id}/lines/{line_of(world, 'A', 'report_quality').id}/appeal"
    read(client, own, 404)


def test_an_appeal_is_withdrawn_by_its_unit(client: FlaskClient, world: World) -> None:
    who, p = people(world), f"/p/{world.programme.id}"
    run = shown(world)
    mine = Appeal.create(
        period=run.period, run=run, unit=world.units["C"], indicator="report_quality", part="indicator",
        title="月报质量", points=450, claim="请复核", filed_by=1, filed_name="甲", filed_at=CLOSING,
    )  # fmt: skip
    enter(client, who["liaison"])
    where = f"{p}/appeals/{mine.id}"
    assert send(client, where, f"{where}/withdraw") == 303
    assert Appeal.get_by_id(mine.id).state is AppealState.WITHDRAWN


def test_a_mark_is_corrected_on_the_report_s_page(client: FlaskClient, world: World) -> None:
    who, p = people(world), f"/p/{world.programme.id}"
    entry = ReportEntry.select().where(ReportEntry.mark == 90).get()
    enter(client, who["office"])
    report = f"{p}/reports/{entry.report.obligation_id}"
    assert send(client, report, f"{p}/report-entries/{entry.id}/mark", mark="x", mark_reason="误录") == 422
    assert send(client, report, f"{p}/report-entries/{entry.id}/mark", mark="70", mark_reason="误录") == 303
    assert "误录" in read(client, report)


def test_a_closed_quarter_is_corrected_by_a_second_person(
    client: FlaskClient, world: World, clock: StillClock
) -> None:
    who, books = people(world), f"/p/{world.programme.id}/periods/2021-Q2"
    shown(world)
    clock.moment = UNTIL
    login(client, world.assessor, UNTIL)
    assert send(client, books, f"{books}/close", confirm="on") == 303
    assert send(client, books, f"{books}/corrections", reason=" ") == 422
    assert send(client, books, f"{books}/corrections", reason="签收单证明按时") == 303
    assert "A second person decides" in read(client, f"{books}?lang=en")
    decide = f"/p/{world.programme.id}/corrections/1"
    assert send(client, books, decide, verdict="carry_out") == 409
    login(client, who["leader"], UNTIL)
    assert send(client, books, decide, verdict="refuse", refusal=" ") == 422
    assert send(client, books, decide, verdict="carry_out") == 303
    assert ScoreRun.select().count() == 2
    assert "签收单证明按时" in read(client, books)
