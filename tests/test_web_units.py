"""The register of units through the pages: names, collective names, assessment groups."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import units
from supervisor.database import count_queries
from supervisor.models import GroupKind, GroupMember, Programme, Role, Unit, UnitAlias, UnitKind
from tests import builders
from tests.builders import assignment, group, plan, programme, task, unit, user
from tests.conftest import login


@pytest.fixture
def of(client: FlaskClient) -> Programme:
    """A programme in which two departments and two districts have work, seen by its lead office."""
    found = programme()
    work = task(plan(found))
    for name, kind in [
        ("市水务局", UnitKind.DEPARTMENT),
        ("市民政局", UnitKind.DEPARTMENT),
        ("东湖区人民政府", UnitKind.DISTRICT),
        ("西山区人民政府", UnitKind.DISTRICT),
    ]:
        assignment(work, unit(name, kind))
    login(client, user("office", Role.LEAD_OFFICE, found))
    return found


def ids(*names: str) -> list[int]:
    return [Unit.get(Unit.name == name).id for name in names]


def test_an_alias_is_added_once(client: FlaskClient, of: Programme) -> None:
    (water,) = ids("市水务局")
    url = f"/p/{of.id}/units/{water}"
    assert client.post(f"{url}/aliases", data={"alias": "市水利局", "_once": "a"}).status_code == 303
    assert "市水利局" in client.get(url).text
    again = client.post(f"{url}/aliases", data={"alias": "市水利局", "_once": "b"})
    taken = client.post(f"{url}/aliases", data={"alias": "市民政局", "_once": "c"})
    assert (again.status_code, taken.status_code) == (422, 422)
    assert UnitAlias.select().count() == 1


def test_a_name_of_another_unit_is_refused(client: FlaskClient, of: Programme) -> None:
    (water,) = ids("市水务局")
    url = f"/p/{of.id}/units/{water}"
    assert client.post(url, data={"name": "市民政局", "kind": "department", "_once": "a"}).status_code == 422
    client.post(url, data={"name": "市水务局", "kind": "enterprise", "_once": "b"})
    assert Unit.get_by_id(water).kind is UnitKind.ENTERPRISE


def test_groups_are_proposed_apart_for_districts_and_departments(client: FlaskClient, of: Programme) -> None:
    by = builders.actor(Role.LEAD_OFFICE, of)
    units.propose_assessment_groups(of, by=by, now=builders.NOW)
    groups = {g.name: [u.name for u in members] for g, members in units.assessment_groups_of(of.id)}
    assert groups == {
        "区政府（含功能区）": ["东湖区人民政府", "西山区人民政府"],
        "市直部门（含垂管、企业）": ["市水务局", "市民政局"],
    }
    assert client.get(f"/p/{of.id}/units/assessment").status_code == 200


def test_groups_are_renamed_split_and_confirmed_in_one_form(client: FlaskClient, of: Programme) -> None:
    by = builders.actor(Role.LEAD_OFFICE, of)
    units.propose_assessment_groups(of, by=by, now=builders.NOW)
    water, civil, east, west = ids("市水务局", "市民政局", "东湖区人民政府", "西山区人民政府")
    areas, offices = "区政府（含功能区）", "市直部门（含垂管、企业）"
    data = {
        "old_name": [areas, offices], "name-0": "区级", "name-1": offices, "new_group": "综合部门",
        f"unit-{water}": offices, f"unit-{civil}": "+", f"unit-{east}": areas, f"unit-{west}": "", "_once": "a",
    }  # fmt: skip
    assert client.post(f"/p/{of.id}/units/assessment", data=data).status_code == 303
    groups = {g.name: [u.name for u in members] for g, members in units.assessment_groups_of(of.id)}
    assert groups == {"区级": ["东湖区人民政府"], offices: ["市水务局"], "综合部门": ["市民政局"]}
    assert all(g.confirmed_at for g, _ in units.assessment_groups_of(of.id))
    assert [u.name for u in units.ungrouped(of.id)] == ["西山区人民政府"]


def test_a_collective_name_is_confirmed_with_its_members(client: FlaskClient, of: Programme) -> None:
    east, west = ids("东湖区人民政府", "西山区人民政府")
    found = group(of, "各区人民政府", [Unit.get_by_id(east)], GroupKind.COLLECTIVE)
    url = f"/p/{of.id}/units/groups/{found.id}"
    assert client.get(url).status_code == 200
    assert client.post(url, data={"_once": "a"}).status_code == 422
    client.post(url, data={"unit": [str(east), str(west)], "_once": "b"})
    assert GroupMember.select().where(GroupMember.group == found).count() == 2


def test_a_member_that_the_register_does_not_know_is_named_with_the_collective_name(
    client: FlaskClient, of: Programme
) -> None:
    """What the notice leaves open (专业经营企业) is settled here; there is no other door for such a unit."""
    found = group(of, "专业经营企业", [], GroupKind.COLLECTIVE)
    url = f"/p/{of.id}/units/groups/{found.id}"
    assert client.post(url, data={"added": "长" * 161, "_once": "a"}).status_code == 422
    client.post(url, data={"added": "市供电公司、市水务局", "_once": "b"})
    members = [row.unit.name for row in GroupMember.select().where(GroupMember.group == found)]
    assert sorted(members) == ["市供电公司", "市水务局"]
    assert Unit.select().where(Unit.name == "市水务局").count() == 1


def test_units_read_the_register_and_do_not_change_it(client: FlaskClient, of: Programme) -> None:
    (water,) = ids("市水务局")
    login(client, user("liaison", Role.LIAISON, of, Unit.get_by_id(water)))
    assert client.get(f"/p/{of.id}/units").status_code == 200
    assert (
        client.post(f"/p/{of.id}/units/{water}/aliases", data={"alias": "x", "_once": "a"}).status_code == 403
    )
    assert client.post(f"/p/{of.id}/units/assessment", data={"_once": "b"}).status_code == 403


def test_a_unit_of_another_place_is_not_there(client: FlaskClient, of: Programme) -> None:
    elsewhere = Unit.create(jurisdiction=builders.jurisdiction("别处市"), name="别处市水务局")
    assert client.get(f"/p/{of.id}/units/{elsewhere.id}").status_code == 404
    other = programme("别的")
    foreign = group(other, "各区人民政府", [], GroupKind.COLLECTIVE)
    assert client.get(f"/p/{of.id}/units/groups/{foreign.id}").status_code == 404


def test_the_register_costs_the_same_for_any_number(
    client: FlaskClient, of: Programme, database: Database
) -> None:
    with count_queries(database) as few:
        client.get(f"/p/{of.id}/units")
    work = task(plan(of))
    for number in range(20):
        assignment(work, unit(f"市第{number}局"))
    with count_queries(database) as many:
        client.get(f"/p/{of.id}/units")
    assert len(many) == len(few) <= 20
