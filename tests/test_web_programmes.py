"""Founding a programme and changing its local settings, through the pages."""

from __future__ import annotations

from datetime import date

from flask.testing import FlaskClient

from supervisor.core.programmes import settings_on
from supervisor.models import LocalSettings, Posting, Programme, Role, Unit
from tests.builders import posting, programme, user
from tests.conftest import login

FORM = {
    "name": "老旧小区改造", "jurisdiction": "澄江市", "host_unit": "市房管局", "office_name": "改造工作领导小组办公室",
    "_once": "k1",
}  # fmt: skip


def settings_form(**changes: str) -> dict[str, str]:
    form = {
        "monthly_due_day": "8", "cutoff": "17:30", "day_off_policy": "after", "lock_after_workdays": "20",
        "remind_before": "3, 1", "remind_after": "1，3，5", "return_workdays": "3", "review_alarm_workdays": "10",
        "objection_workdays": "5", "first_scored_period": "2021-q3", "valid_from": "2021-07-01",
        "reason": "与市里月报统一", "_once": "k2",
    }  # fmt: skip
    return form | changes


def test_a_founder_creates_a_programme_and_leads_its_office(client: FlaskClient) -> None:
    founder = user("founder")
    posting(founder, Role.LEAD_OFFICE)
    login(client, founder)
    answer = client.post("/programmes/new", data=FORM)
    made = Programme.get(Programme.name == "老旧小区改造")
    assert answer.location == f"/p/{made.id}/documents/new"
    assert made.host_unit is not None
    assert made.host_unit.name == "市房管局"
    mine = Posting.get((Posting.user == founder) & (Posting.programme == made))
    assert mine.role is Role.LEAD_OFFICE
    assert settings_on(made.id, date(2021, 6, 1)).monthly_due_day == 5
    assert client.get(f"/p/{made.id}/settings").status_code == 200


def test_a_missing_name_comes_back_with_the_rest_filled_in(client: FlaskClient) -> None:
    founder = user("founder")
    posting(founder, Role.LEAD_OFFICE)
    login(client, founder)
    answer = client.post("/programmes/new", data=FORM | {"name": " "})
    assert answer.status_code == 422
    assert "改造工作领导小组办公室" in answer.text
    assert Programme.select().count() == Unit.select().count() == 0


def test_somebody_without_the_post_may_not_found_one(client: FlaskClient) -> None:
    login(client, user("wang", Role.LEAD_OFFICE, programme("别的")))
    assert client.get("/programmes/new").status_code == 403
    assert client.post("/programmes/new", data=FORM).status_code == 403


def test_a_setting_counts_from_its_day_on(client: FlaskClient) -> None:
    of = programme()
    login(client, user("office", Role.LEAD_OFFICE, of))
    assert client.post(f"/p/{of.id}/settings", data=settings_form()).status_code == 303
    before, after = settings_on(of.id, date(2021, 6, 30)), settings_on(of.id, date(2021, 7, 1))
    assert (before.monthly_due_day, after.monthly_due_day) == (5, 8)
    assert (after.day_off_policy, after.remind_after, after.first_scored_period) == (
        "after",
        [1, 3, 5],
        "2021-Q3",
    )
    assert "与市里月报统一" in client.get(f"/p/{of.id}/settings").text


def test_wrong_settings_come_back_filled_with_each_field_named(client: FlaskClient) -> None:
    of = programme()
    login(client, user("office", Role.LEAD_OFFICE, of))
    bad = settings_form(monthly_due_day="32", valid_from="2021-05-01", reason="", remind_before="3, x")
    answer = client.post(f"/p/{of.id}/settings", data=bad)
    assert answer.status_code == 422
    bad = settings_form(monthly_due_day="32", valid_from="2021-05-01", reason=" ")
    answer = client.post(f"/p/{of.id}/settings", data=bad)
    assert answer.status_code == 422
    for field in ("monthly_due_day", "valid_from", "reason"):
        assert f'href="#{field}"' in answer.text
    assert LocalSettings.select().count() == 1


def test_a_liaison_reads_the_settings_and_cannot_change_them(client: FlaskClient) -> None:
    of = programme()
    login(
        client, user("liaison", Role.LIAISON, of, Unit.create(jurisdiction=of.jurisdiction, name="市水务局"))
    )
    assert client.get(f"/p/{of.id}/settings").status_code == 200
    assert client.post(f"/p/{of.id}/settings", data=settings_form()).status_code == 403
    assert client.get(f"/p/{of.id + 1}/settings").status_code == 404


def test_limits_of_the_lights_are_settings_and_amber_begins_below_green(client: FlaskClient) -> None:
    here = programme()
    login(client, user("li", Role.LEAD_OFFICE, here))
    bad = client.post(
        f"/p/{here.id}/settings", data=settings_form(light_green_from="80", light_amber_from="80")
    )
    assert bad.status_code == 422
    assert "黄灯下限须小于绿灯下限" in bad.text
    client.post(f"/p/{here.id}/settings", data=settings_form(_once="k3", light_green_from="90"))
    before, after = (settings_on(here.id, date(2021, month, 15)) for month in (6, 7))
    assert (before.light_green_from, after.light_green_from, after.light_amber_from) == (95, 90, 70)
