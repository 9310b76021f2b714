"""The pages of a rule's form: chosen by the office, filled in and mended by a unit, reviewed, tabled, exported."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import rule_forms
from supervisor.core.rule_forms import TypedField
from supervisor.database import count_queries
from supervisor.models import (
    Entry,
    FieldValue,
    LinkRole,
    Message,
    Obliged,
    QuantityTarget,
    Report,
    ReportEntry,
    ReportingRule,
    Role,
    RuleForm,
    RuleKind,
    Task,
)
from tests import builders as b
from tests.conftest import StillClock, login
from tests.form_world import FIELDS, World, generate, make_world

TYPED = {
    "_once": "k1", "version": "0", "rows": "3", "valid_from": "2021-06-01", "reason": "就业专项统计",
    "name-1": "新增就业", "kind-1": "cumulative", "measure-1": "人", "target-1": "100", "order-1": "2",
    "required-1": "1",
    "name-2": "阶段", "kind-2": "choice", "choices-2": "启动、推进、收尾", "order-2": "1", "required-2": "1",
    "name-3": "", "kind-3": "number", "order-3": "3",
}  # fmt: skip
IN_TIME = b.at("2021-07-02 09:00")


@pytest.fixture
def world(database: Database, clock: StillClock) -> World:
    return make_world()


def rule_url(world: World, path: str = "") -> str:
    return f"/p/{world.programme.id}/rules/{world.rule.id}{path}"


def report_url(world: World, path: str = "", period: str = "2021-06") -> str:
    return f"/p/{world.programme.id}/reports/{world.owed(period).id}{path}"


def filled(world: World, /, key: str = "k", **more: Any) -> dict[str, object]:
    entry = Entry.get(Entry.obligation == world.owed())
    return {
        "_once": key, f"e{entry.id}-progress": "30", f"e{entry.id}-done": "完成招标", "form": "1",
        "f1": "12", "f2": "3.5", "f3": "走访企业40家。", "f4": "启动", "f5": "yes", **more,
    }  # fmt: skip


def in_time(client: FlaskClient, clock: StillClock, world: World) -> FlaskClient:
    clock.moment = IN_TIME
    return login(client, world.liaison_user, now=IN_TIME)


def test_the_office_sees_what_a_form_would_do_and_then_makes_it(world: World, client: FlaskClient) -> None:
    login(client, world.office_user)
    assert client.get(rule_url(world, "/fields")).status_code == 200
    shown = client.post(rule_url(world, "/fields"), data=TYPED)
    assert shown.status_code == 200
    assert "新增填报：阶段、新增就业" in shown.text
    assert RuleForm.select().count() == 0
    more = client.post(rule_url(world, "/fields"), data=TYPED | {"more": "1"})
    assert 'name="name-5"' in more.text
    assert 'value="新增就业"' in more.text
    assert client.post(rule_url(world, "/fields"), data=TYPED | {"make": "1"}).status_code == 303
    form = rule_forms.newest_form(world.rule.id)
    assert [field.name for field in rule_forms.fields_of(form)] == ["阶段", "新增就业"]
    page = client.get(rule_url(world)).text
    assert "启动、推进、收尾" in page
    assert "就业专项统计" in page
    assert "并已告知各单位" in page
    again = client.get(rule_url(world, "/fields")).text
    assert 'value="启动、推进、收尾"' in again


def test_where_no_unit_owes_it_the_page_says_that_nobody_was_told(world: World, client: FlaskClient) -> None:
    ReportingRule.update(obliged=Obliged.NAMED).execute()  # and nobody is named
    login(client, world.office_user)
    page = client.post(rule_url(world, "/fields"), data=TYPED | {"make": "1"}, follow_redirects=True).text
    assert "没有单位须报送，未发通知" in page
    assert not Message.select().where(Message.key.startswith("form:")).exists()


def test_mistakes_in_the_form_come_back_with_everything_typed(world: World, client: FlaskClient) -> None:
    QuantityTarget.create(task=Task.get(), unit=world.unit, measure="新增就业（人）", target=100)
    login(client, world.office_user)
    answer = client.post(
        rule_url(world, "/fields"),
        data=TYPED | {"make": "1", "reason": "", "choices-2": "启动", "target-1": "1,5"},
    )
    assert answer.status_code == 422
    for name in ("name-1", "choices-2", "target-1", "reason"):
        assert f'href="#{name}"' in answer.text
    assert "老旧管网改造" in answer.text
    assert 'value="1,5"' in answer.text
    assert RuleForm.select().count() == 0


def test_a_field_is_ended_by_its_box_and_a_stale_page_is_told(world: World, client: FlaskClient) -> None:
    login(client, world.office_user)
    client.post(rule_url(world, "/fields"), data=TYPED | {"make": "1"})
    ended = TYPED | {
        "_once": "k2", "version": "1", "key-1": "2", "key-2": "1", "leave-2": "1", "make": "1",
    }  # fmt: skip
    assert client.post(rule_url(world, "/fields"), data=ended).status_code == 303
    assert [f.name for f in rule_forms.fields_of(rule_forms.newest_form(world.rule.id))] == ["新增就业"]
    late = client.post(rule_url(world, "/fields"), data=ended | {"_once": "k3", "name-3": "培训人数"})
    assert late.status_code == 422
    assert "现有填报项：新增就业" in late.text
    assert 'value="培训人数"' in late.text
    assert 'name="version" value="2"' in late.text
    assert "填报项：新增就业" in client.get(rule_url(world)).text


@pytest.mark.parametrize("path", ["/fields", "/figures", "/figures.xlsx"])
def test_a_unit_has_no_part_in_the_office_s_pages(world: World, client: FlaskClient, path: str) -> None:
    world.choose()
    login(client, world.liaison_user)
    assert client.get(rule_url(world, path)).status_code == 403
    assert client.get(rule_url(world)).status_code == 200
    assert client.post(rule_url(world, "/fields"), data=TYPED).status_code == 403


def test_a_new_rule_leads_on_to_its_form(world: World, client: FlaskClient) -> None:
    login(client, world.office_user)
    terms = {
        "what": "就业旬报", "kind": "filing", "obliged": "linked", "every": "monthly", "days": "25", "shift": "0",
        "minimum": "1", "valid_from": "2021-06-01", "every_years": "1", "reason": "统一安排", "_once": "k1",
        "make": "1", "fields": "1",
    }  # fmt: skip
    answer = client.post(f"/p/{world.programme.id}/rules/new", data=terms)
    assert answer.location.endswith("/fields")


def test_a_unit_s_mistakes_are_named_at_their_places_and_nothing_typed_is_lost(
    world: World, client: FlaskClient, clock: StillClock
) -> None:
    world.choose()
    in_time(client, clock, world)
    page = client.get(report_url(world, "/form")).text
    assert "新增就业 (人), 累计; 目标100 人" in page
    bad: dict[str, Any] = {
        "f1": "1,5",
        "f2": "-3",
        "f4": "完工",
        "f5": "",
        "f6": (io.BytesIO(b"MZ\x90"), "清单.exe"),
    }
    answer = client.post(report_url(world, "/form"), data=filled(world, **bad))
    assert answer.status_code == 422
    for name in ("f1", "f2", "f4", "f5", "f6"):
        assert f'href="#{name}"' in answer.text
    assert 'value="1,5"' in answer.text
    assert "走访企业40家。" in answer.text
    assert Report.select().count() == 0


def test_a_file_chosen_before_a_mistake_is_kept_and_handed_in(
    world: World, client: FlaskClient, clock: StillClock
) -> None:
    world.choose()
    in_time(client, clock, world)
    wrong = filled(world, f1="x", f6=(io.BytesIO(b"%PDF-1.7"), "台账.pdf"))
    page = client.post(report_url(world, "/form"), data=wrong).text
    kept = page.split('name="f6-kept" value="')[1].split('"')[0]
    done = client.post(report_url(world, "/form"), data=filled(world, "k2", **{"f6-kept": kept}))
    assert done.status_code == 303
    receipt = client.get(done.location).text
    for text in ("新增就业", "12 人", "3.5 万元", "启动", "是", "台账.pdf"):
        assert text in receipt
    assert "12 人" in client.get(report_url(world)).text


def test_a_form_changed_meanwhile_is_said_on_the_page_and_the_new_one_is_shown(
    world: World, client: FlaskClient, clock: StillClock
) -> None:
    world.choose()
    in_time(client, clock, world)
    client.get(report_url(world, "/form"))
    world.choose(TypedField(1, "新增就业", "cumulative", key=1, measure="人"), now=IN_TIME,
                 valid_from=IN_TIME.date(), seen=1)  # fmt: skip
    late = world.owed("2021-07")
    clock.moment = b.at("2021-08-02 09:00")
    login(client, world.liaison_user, now=clock.moment)
    entry = Entry.get(Entry.obligation == late)
    data = {
        "_once": "k",
        f"e{entry.id}-progress": "30",
        f"e{entry.id}-done": "完成招标",
        "form": "1",
        "f1": "12",
    }
    answer = client.post(report_url(world, "/form", "2021-07"), data=data)
    assert answer.status_code == 422
    assert "填报期间办公室调整了填报项" in answer.text
    assert 'name="form" value="2"' in answer.text
    assert 'value="12"' in answer.text
    again = client.post(report_url(world, "/form", "2021-07"), data=data | {"_once": "k2", "form": "2"})
    assert again.status_code == 303


def test_the_reviewer_sees_values_beside_the_period_before_and_the_target(
    world: World, client: FlaskClient, clock: StillClock
) -> None:
    world.choose()
    world.report()
    world.report({1: "11", 2: "9", 3: "办夜校三期。", 4: "推进", 5: "no"}, "2021-07", reason="上期误报")
    clock.moment = b.at("2021-08-03 09:00")
    login(client, world.office_user, now=clock.moment)
    queue = client.get(f"/p/{world.programme.id}/reviews").text
    assert "11 人" in queue
    last = ReportEntry.select().order_by(ReportEntry.id.desc()).get()
    page = client.get(f"/p/{world.programme.id}/reviews/{last.id}").text
    for text in ("11 人", "12 人", "100 人", "低于上期或超过目标", "上期误报", "办夜校三期。"):
        assert text in page
    table = client.get(rule_url(world, "/figures")).text
    assert "2021年7月" in table
    assert "已报合计" in table
    file = client.get(rule_url(world, "/figures.xlsx?period=2021-07"))
    assert file.status_code == 200
    assert client.get(rule_url(world, "/figures?period=1999-01")).status_code == 404


def test_the_table_page_costs_the_same_whatever_the_number_of_units(
    world: World, client: FlaskClient, database: Database, clock: StillClock
) -> None:
    QuantityTarget.create(task=Task.get(), unit=world.unit, measure="改造管网（米）", target=5000)
    world.choose(*FIELDS, TypedField(7, "管网", "held", source="m:改造管网（米）", order=7))
    world.report(quantities={"改造管网（米）": 10})
    clock.moment = b.at("2021-07-03 09:00")
    login(client, world.office_user, now=clock.moment)
    client.get(rule_url(world, "/figures?period=2021-06"))
    with count_queries(database) as few:
        client.get(rule_url(world, "/figures?period=2021-06"))
    for number in range(12):
        unit = b.unit(f"第{number}局")
        b.assignment(Task.get(), unit, LinkRole.RESPONSIBLE)
        generate(world.programme)
        person = b.user(f"u{number}", Role.LIAISON, world.programme, unit)
        replace(
            world, unit=unit, liaison=b.actor(Role.LIAISON, world.programme, unit, person=person)
        ).report()
    with count_queries(database) as many:
        page = client.get(rule_url(world, "/figures?period=2021-06")).text
    assert "13个单位中已有13个填报" in page
    assert len(many) == len(few)


def test_a_filing_s_form_comes_back_filled_and_is_shown_with_its_version(
    database: Database, client: FlaskClient, clock: StillClock
) -> None:
    world = make_world(kind=RuleKind.FILING)
    world.choose()
    clock.moment = b.at("2021-06-04 09:00")
    login(client, world.liaison_user, now=clock.moment)
    url = f"/p/{world.programme.id}/filings/{world.owed().id}"
    assert 'name="f1"' in client.get(url).text
    data = {
        "_once": "a",
        "title-0": "备案",
        "text-0": "见正文。",
        "form": "1",
        "f1": "1e9",
        "f2": "2",
        "f4": "启动",
    }
    wrong = client.post(url, data=data)
    assert wrong.status_code == 422
    assert 'href="#f1"' in wrong.text
    assert 'href="#f5"' in wrong.text
    assert 'value="1e9"' in wrong.text
    assert client.post(url, data=data | {"_once": "b", "f1": "7", "f5": "no"}).status_code == 303
    assert "7 人" in client.get(url).text
    assert FieldValue.select().count() == 4


def test_c30_a_row_of_a_ledger_needs_no_text_besides_its_fields(
    database: Database, client: FlaskClient, clock: StillClock
) -> None:
    """C30: who keeps a row fills its fields; documents that are named by kind are wanted all the same."""
    world = make_world(kind=RuleKind.FILING)
    world.choose()
    clock.moment = b.at("2021-06-04 09:00")
    login(client, world.liaison_user, now=clock.moment)
    url = f"/p/{world.programme.id}/filings/{world.owed().id}"
    page = client.get(url).text
    assert f'value="{world.rule.name} · 2021年6月"' in page
    data = {"title-0": "台账", "text-0": "", "form": "1", "f1": "7", "f2": "2", "f4": "启动", "f5": "no"}
    ReportingRule.update(documents=["决算"]).execute()
    assert client.post(url, data=data | {"_once": "a"}).status_code == 422
    ReportingRule.update(documents=[]).execute()
    assert client.post(url, data=data | {"_once": "b"}).status_code == 303


def test_what_is_asked_twice_is_said_on_the_burden_page(world: World, client: FlaskClient) -> None:
    world.choose()
    login(client, world.office_user)
    assert "没有重复报送" in client.get(f"/p/{world.programme.id}/rules/burden").text
    QuantityTarget.create(task=Task.get(), unit=world.unit, measure="新增就业（人）", target=100)
    assert "“新增就业”已有来源" in client.get(f"/p/{world.programme.id}/rules/burden").text
    assert "“新增就业”已有来源" in client.get(f"/p/{world.programme.id}/rules").text
