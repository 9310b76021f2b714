"""The page of bodies and people: what it shows to whom, and the office's forms."""

from __future__ import annotations

from datetime import date

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import bodies
from supervisor.core.bodies import SeatRow
from supervisor.database import count_queries
from supervisor.models import Body, Holder, Person, Programme, Role, Seat, Unit
from tests.builders import programme, user
from tests.conftest import StillClock, login
from tests.notice_with_bodies import NOTICE
from tests.test_core_bodies import adopt, by
from tests.test_core_plans import WHEN, receive


@pytest.fixture
def of(client: FlaskClient, clock: StillClock) -> Programme:
    """A programme with an adopted notice, its office signed in."""
    clock.moment = WHEN
    made = programme()
    login(client, user("office", Role.LEAD_OFFICE, made, now=WHEN), now=WHEN)
    adopt(made, by(made), NOTICE)
    return made


def row_of(name: str, of: Programme) -> SeatRow:
    (top,) = bodies.bodies_of(of.id, WHEN.date())
    return next(row for row in top.seats if row.holder and row.holder.person.name == name)


def test_a_programme_without_bodies_says_where_they_come_from(client: FlaskClient, clock: StillClock) -> None:
    clock.moment = WHEN
    made = programme()
    login(client, user("office", Role.LEAD_OFFICE, made, now=WHEN), now=WHEN)
    assert "尚无机构" in client.get(f"/p/{made.id}/bodies").text


def test_the_page_shows_roles_in_printed_order_with_office_clause_and_gaps(
    client: FlaskClient, of: Programme
) -> None:
    page = client.get(f"/p/{of.id}/bodies").text
    places = [page.index(f"<b>{name}</b>") for name in ("鲁望舒", "柏青松", "秋实", "温如玉", "苗圃")]
    assert places == sorted(places)
    assert "职务未载明" in page  # 季春和 (E-08)
    assert "由市水务局代章" in page
    assert "由接任者自然递补" in page
    line = Seat.get(Seat.id == row_of("秋实", of).seat.id).source_line
    seat_page = client.get(f"/p/{of.id}/bodies/seats/{row_of('秋实', of).seat.id}").text
    assert f'#L{line}"' in seat_page
    gaps = page[page.index('id="gaps"') :]
    assert gaps.index("市林业局") < gaps.index("市审计局")


def test_the_office_replaces_a_member_and_the_past_stays(client: FlaskClient, of: Programme) -> None:
    row = row_of("秋实", of)
    assert row.holder is not None
    form = {"name": "冬藏", "post": "市规划局局长", "from_day": "2021-08-01", "seen": str(row.holder.id)}
    address = f"/p/{of.id}/bodies/seats/{row.seat.id}/holder"
    refused = client.post(address, data={**form, "_once": "a"})
    assert refused.status_code == 422
    assert 'value="冬藏"' in refused.text  # nothing typed is lost
    assert client.post(address, data={**form, "reason": "工作调动", "_once": "b"}).status_code == 303
    assert "<b>秋实</b>" in client.get(f"/p/{of.id}/bodies?on=2021-07-31").text
    later = client.get(f"/p/{of.id}/bodies?on=2021-08-01").text
    assert "<b>冬藏</b>" in later
    assert "<b>秋实</b>" not in later


def test_a_namesake_is_asked_about_in_the_form(client: FlaskClient, of: Programme) -> None:
    row = row_of("秋实", of)
    assert row.holder is not None
    address = f"/p/{of.id}/bodies/seats/{row.seat.id}/holder"
    form = {"name": "安若水", "post": "市规划局局长", "from_day": "2021-08-01", "reason": "调任"}
    form["seen"] = str(row.holder.id)
    asked = client.post(address, data={**form, "_once": "a"})
    assert asked.status_code == 422
    assert 'name="same_person"' in asked.text
    assert client.post(address, data={**form, "same_person": "yes", "_once": "b"}).status_code == 303
    assert Person.select().where(Person.name == "安若水").count() == 1


def test_vacating_mapping_and_ending_a_seat_by_forms(client: FlaskClient, of: Programme) -> None:
    row = row_of("秋实", of)
    assert row.holder is not None
    base = f"/p/{of.id}/bodies/seats/{row.seat.id}"
    vacate = {"last_day": "2021-05-31", "reason": "退休", "seen": str(row.holder.id), "_once": "a"}
    assert client.post(f"{base}/vacate", data={**vacate, "reason": ""}).status_code == 422
    assert client.post(f"{base}/vacate", data={**vacate, "_once": "b"}).status_code == 303
    assert Holder.get_by_id(row.holder.id).valid_to == date(2021, 5, 31)
    water = str(Unit.get(Unit.name == "市水务局").id)
    assert client.post(f"{base}/unit", data={"unit": water, "note": "", "_once": "c"}).status_code == 422
    assert client.post(f"{base}/unit", data={"unit": water, "note": "代表", "_once": "d"}).status_code == 303
    end = {"end_day": "2021-06-30", "end_reason": "撤并", "_once": "e"}
    assert client.post(f"{base}/end", data=end).status_code == 303
    assert Seat.get_by_id(row.seat.id).valid_to == date(2021, 6, 30)


def test_a_body_is_entered_corrected_and_given_a_seat_by_forms(client: FlaskClient, of: Programme) -> None:
    made = client.post(
        f"/p/{of.id}/bodies/new", data={"name": "验收工作组", "kind": "working_group", "_once": "a"}
    )
    assert made.status_code == 303
    body = Body.get(Body.name == "验收工作组")
    base = f"/p/{of.id}/bodies/{body.id}"
    water = str(Unit.get(Unit.name == "市水务局").id)
    changed = {"name": "验收工作组", "kind": "working_group", "host_unit": water, "_once": "b"}
    assert client.post(base, data=changed).status_code == 303
    assert Body.get_by_id(body.id).host_unit_id == int(water)
    seat = {"role": "组长", "post": "市水务局局长", "seat_unit": water, "reason": "会议纪要", "_once": "c"}
    assert client.post(f"{base}/seats", data={**seat, "role": ""}).status_code == 422
    assert client.post(f"{base}/seats", data={**seat, "_once": "d"}).status_code == 303
    assert "按职务" in client.get(f"/p/{of.id}/bodies").text


@pytest.mark.parametrize("role", [Role.LIAISON, Role.LEADER, Role.JUDGE])
def test_others_read_and_do_not_change(client: FlaskClient, of: Programme, role: Role) -> None:
    unit = Unit.get(Unit.name == "市水务局") if role is Role.LIAISON else None
    login(client, user("other", role, of, unit, now=WHEN), now=WHEN)
    page = client.get(f"/p/{of.id}/bodies")
    assert page.status_code == 200
    assert "更正或增设席位" not in page.text
    row = row_of("秋实", of)
    assert "变更人员" not in client.get(f"/p/{of.id}/bodies/seats/{row.seat.id}").text
    answer = client.post(f"/p/{of.id}/bodies/seats/{row.seat.id}/holder", data={"name": "冬藏", "_once": "a"})
    assert answer.status_code == 403


def test_a_seat_of_another_programme_does_not_exist(client: FlaskClient, of: Programme) -> None:
    other = programme("河道清淤二期")
    document = receive(NOTICE, other, by(other))
    assert document.programme_id == other.id
    foreign = Seat.create(
        body=Body.create(programme=other, name="别的组", kind="other", sort=1), role="组长", sort=1
    )
    assert client.get(f"/p/{of.id}/bodies/seats/{foreign.id}").status_code == 404


def test_the_page_asks_as_many_queries_for_many_seats_as_for_few(
    client: FlaskClient, of: Programme, database: Database
) -> None:
    body = Body.get(Body.kind == "leading_group")

    def asked() -> int:
        with count_queries(database) as queries:
            assert client.get(f"/p/{of.id}/bodies").status_code == 200
        return len(queries)

    few = asked()
    for number in range(60):
        seat = Seat.create(body=body, role="成员", post="副局长", sort=100 + number)
        Holder.create(seat=seat, person=Person.create(programme=of, name=f"张{number}"), post="副局长")
    assert asked() == few


def test_c04_a_member_that_stands_for_no_unit_is_listed_and_not_lost(
    client: FlaskClient, of: Programme
) -> None:
    seat = Seat.create(body=row_of("秋实", of).seat.body_id, role="成员", post="规划办主要负责同志", sort=99)
    gaps = client.get(f"/p/{of.id}/bodies").text.partition('id="gaps"')[2]
    listed = gaps.partition("未对应名册单位的成员")[2]
    assert f'/seats/{seat.id}"' in listed
    assert "规划办主要负责同志" in listed
