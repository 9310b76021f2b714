"""Pages of the lists: proposed, decided name by name, before a leader, approved; a mistake comes back filled."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import scores
from supervisor.models import Candidate, ListSide, ListState, LocalSettings, NameList, Role
from tests import builders, quarters
from tests.conftest import StillClock, login
from tests.quarters import CLOSING, Q2, World
from tests.test_web_appeals import key_of, read

LATER = CLOSING + timedelta(days=1)


@pytest.fixture
def world(database: Database, clock: StillClock) -> World:
    clock.moment = CLOSING
    made = quarters.worked_quarter()
    LocalSettings.update(list_persons=2).execute()
    scores.close(
        made.programme,
        Q2,
        by=builders.actor(Role.ASSESSOR, made.programme, person=made.assessor),
        now=CLOSING,
    )
    clock.moment = LATER
    return made


def send(client: FlaskClient, page: str, **fields: str) -> tuple[int, str]:
    answer = client.post(page, data={"_once": key_of(read(client, page)), **fields})
    return answer.status_code, answer.text


def test_from_closed_figures_to_an_approved_list(client: FlaskClient, world: World) -> None:
    p = f"/p/{world.programme.id}"
    office = builders.user("office", Role.LEAD_OFFICE, world.programme, now=CLOSING)
    leader = builders.user("leader", Role.LEADER, world.programme, now=CLOSING)
    login(client, office, LATER)
    assert "还没有名单。" in read(client, f"{p}/lists")
    both = f"{p}/periods/2021-Q2/lists"
    assert send(client, both)[0] == 303
    praise = NameList.get(NameList.side == ListSide.COMMENDATION)
    here = f"{p}/lists/{praise.id}"
    one = Candidate.get(Candidate.name_list == praise)
    assert one.unit_name in read(client, here)
    status, page = send(
        client, here, verb="decide", candidate=str(one.id), verdict="kept", **{f"reason-{one.id}": " "}
    )
    assert (status, "请写明理由" in page) == (422, True)
    reason = {f"reason-{one.id}": "三项指标均居首位。"}
    assert send(client, here, verb="decide", candidate=str(one.id), verdict="kept", **reason)[0] == 303
    status, page = send(
        client, here, verb="nominate", unit=str(one.unit_id), person="沈一鸣", post="", account="走访。"
    )
    assert (status, "沈一鸣" in page) == (422, True)
    for row in Candidate.select().where((Candidate.name_list == praise) & (Candidate.verdict == "open")):
        away = {f"reason-{row.id}": "另有安排。"}
        assert send(client, here, verb="decide", candidate=str(row.id), verdict="removed", **away)[0] == 303
    praise = NameList.get_by_id(praise.id)
    assert send(client, here, verb="submit", version=str(praise.version), remark="请审定。")[0] == 303
    login(client, leader, LATER)
    assert f"/lists/{praise.id}" in read(client, f"{p}/")
    version = str(NameList.get_by_id(praise.id).version)
    status, page = send(client, here, verb="approve", version=version, decision="")
    assert (status, "请说明原因" in page) == (422, True)
    assert send(client, here, verb="approve", version=version, decision="同意。")[0] == 303
    assert NameList.get_by_id(praise.id).state is ListState.APPROVED
    assert "可以印发通报。" in read(client, here)


def test_a_unit_sees_no_list_and_names_its_people_on_a_page_of_its_own(
    client: FlaskClient, world: World
) -> None:
    p = f"/p/{world.programme.id}"
    login(client, builders.user("office", Role.LEAD_OFFICE, world.programme, now=CLOSING), LATER)
    send(client, f"{p}/periods/2021-Q2/lists")
    praise = NameList.get(NameList.side == ListSide.COMMENDATION)
    unit = world.units["A"]
    login(client, builders.user("l", Role.LIAISON, world.programme, unit, now=CLOSING), LATER)
    assert client.get(f"{p}/lists/{praise.id}").status_code == 403
    page = f"{p}/nominations"
    assert "/nominations" in read(client, f"{p}/")
    fields = {"_once": key_of(read(client, page)), "unit": str(unit.id), "person": "沈一鸣", "post": "科长"}
    answer = client.post(f"{page}/{praise.id}", data={**fields, "account": ""})
    assert (answer.status_code, "沈一鸣" in answer.text) == (422, True)
    fields["_once"] = key_of(read(client, page))
    assert (
        client.post(f"{page}/{praise.id}", data={**fields, "account": "走访群众二百户。"}).status_code == 303
    )
    assert "走访群众二百户" in read(client, page)
