"""Renamed and merged units (E-26, C02): names keep their time, notices are read with those of their date."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import adoption, answers, corrections, documents, printed_names, unit_changes, units
from supervisor.core.permissions import Actor
from supervisor.core.questions import questions
from supervisor.errors import Invalid
from supervisor.models import AuditEntry, Document, Programme, Role, Task, TaskToken, Unit, UnitAlias
from tests.builders import actor, assignment, at, jurisdiction, plan, programme, task, unit, user
from tests.conftest import login

WHEN = at("2021-07-01 09:00")
ON = date(2021, 6, 1)
NOTICE = """澄江市河湖整治工作方案
各区人民政府，市政府各部门：
一、工作任务
（一）编制规划。完成规划编制。（牵头单位：市水务局；责任单位：市财政局）
澄江市人民政府办公室
{day}
"""


@pytest.fixture
def by(database: Database) -> Actor:
    of = programme(now=WHEN)
    return actor(Role.LEAD_OFFICE, of, person=user("office", Role.LEAD_OFFICE, of, now=WHEN))


def read(day: date) -> printed_names.Register:
    return printed_names.read(jurisdiction().id, day)


def received(by: Actor, day: str) -> Document:
    text = NOTICE.format(day=day)
    draft = documents.read_notice(text.encode(), "notice.txt")
    of = Programme.get_by_id(by.programme_id)
    return documents.receive(of, draft, text.encode(), "notice.txt", again=False, by=by, now=WHEN)


def how(document: Document, by: Actor) -> dict[str, Any]:
    return {"seen": Document.get_by_id(document.id).version, "by": by, "now": WHEN}


def test_an_old_name_is_the_units_in_notices_of_before_and_asked_about_in_later_ones(by: Actor) -> None:
    water = unit("市水务局")
    unit_changes.rename(water, "市水利局", ON, "机构改革方案", by=by, now=WHEN)
    assert Unit.get_by_id(water.id).name == "市水利局"
    alias = UnitAlias.get()
    assert (alias.name, alias.valid_from, alias.valid_to) == ("市水务局", None, date(2021, 5, 31))
    assert read(date(2021, 5, 31)).unit_of("市水务局") == "市水利局"
    assert read(ON).unit_of("市水务局") is None
    assert read(ON).unit_of("市水利局") == "市水利局"
    assert [change.new for change in unit_changes.history(water)] == ["市水利局"]
    row = AuditEntry.select().order_by(AuditEntry.seq.desc()).get()
    assert (row.action, row.reason) == ("unit.rename", "机构改革方案")


def test_a_second_renaming_begins_where_the_first_ended(by: Actor) -> None:
    water = unit("市水务局")
    unit_changes.rename(water, "市水利局", ON, "机构改革方案", by=by, now=WHEN)
    water = Unit.get_by_id(water.id)
    unit_changes.rename(water, "市水利和湖泊局", date(2022, 1, 1), "机构改革方案", by=by, now=WHEN)
    spans = {row.name: (row.valid_from, row.valid_to) for row in UnitAlias.select()}
    assert spans == {"市水务局": (None, date(2021, 5, 31)), "市水利局": (ON, date(2021, 12, 31))}


@pytest.mark.parametrize(("day", "asks"), [("2021年3月10日", False), ("2021年6月10日", True)])
def test_a_notice_is_reviewed_and_adopted_with_the_names_of_its_date(
    by: Actor, day: str, *, asks: bool
) -> None:
    water = unit("市水务局")
    unit_changes.rename(water, "市水利局", ON, "机构改革方案", by=by, now=WHEN)
    document = received(by, day)
    ledger = corrections.fresh(document)
    found = [q for q in questions(ledger, read(ledger.issued_on or ON)) if q.key.startswith("pair")]
    assert bool(found) is asks
    for question in found:
        answers.carry_out(document, question.choices[0].answer, **how(document, by))
    adoption.adopt(Document.get_by_id(document.id), **how(document, by))
    token = TaskToken.get((TaskToken.task == Task.get()) & (TaskToken.role == "lead"))
    assert (token.text, token.unit_id) == ("市水务局", water.id)


def test_a_merged_units_name_is_the_others_from_that_day_and_its_own_before(by: Actor) -> None:
    old, new = unit("市旅游局"), unit("市文化和旅游局")
    units.add_alias(old, "市旅发委", by=by, now=WHEN)
    unit_changes.merge(old, new, ON, "机构改革方案", by=by, now=WHEN)
    assert read(date(2021, 5, 31)).unit_of("市旅游局") == "市旅游局"
    assert read(ON).unit_of("市旅游局") == "市文化和旅游局"
    assert read(ON).unit_of("市旅发委") == "市文化和旅游局"
    place = jurisdiction().id
    assert units.known_names(place, date(2021, 5, 31))["市旅游局"] == old.id
    assert units.known_names(place, ON)["市旅游局"] == new.id
    assert Unit.get_by_id(old.id).valid_to == date(2021, 5, 31)
    assert units.register_unit("市旅游局", jurisdiction_id=place, by=by, now=WHEN).id == new.id


@pytest.mark.parametrize(
    ("name", "on", "reason", "field"),
    [
        ("", ON, "机构改革", "new_name"),
        ("市水务局", ON, "机构改革", "new_name"),
        ("市财政局", ON, "机构改革", "new_name"),
        ("市水利局", None, "机构改革", "on"),
        ("市水利局", ON, " ", "why"),
    ],
)
def test_a_renaming_needs_a_free_name_a_day_and_a_reason(
    by: Actor, name: str, on: date | None, reason: str, field: str
) -> None:
    water = unit("市水务局")
    unit("市财政局")
    with pytest.raises(Invalid) as wrong:
        unit_changes.rename(water, name, on, reason, by=by, now=WHEN)
    assert list(wrong.value.fields) == [field]
    assert Unit.get_by_id(water.id).name == "市水务局"


def test_a_unit_merges_only_into_another_that_goes_on(by: Actor) -> None:
    one, two = unit("市旅游局"), unit("市文化局")
    for into in (None, one):
        with pytest.raises(Invalid) as wrong:
            unit_changes.merge(one, into, ON, "机构改革", by=by, now=WHEN)
        assert list(wrong.value.fields) == ["into"]
    unit_changes.merge(one, two, ON, "机构改革", by=by, now=WHEN)
    with pytest.raises(Invalid):
        unit_changes.merge(two, Unit.get_by_id(one.id), ON, "机构改革", by=by, now=WHEN)


def test_the_office_records_both_on_the_units_page_which_keeps_the_history(client: FlaskClient) -> None:
    of = programme()
    water, finance, tour = unit("市水务局"), unit("市财政局"), unit("市旅游局")
    work = task(plan(of))
    assignment(work, water)
    assignment(work, tour)
    login(client, user("office", Role.LEAD_OFFICE, of))
    url = f"/p/{of.id}/units/{water.id}"
    bad = client.post(f"{url}/renamings", data={"new_name": "市水利局", "on": "2021-05-01", "_once": "a"})
    assert bad.status_code == 422
    assert 'value="市水利局"' in bad.text
    given = {"new_name": "市水利局", "on": "2021-05-01", "why": "机构改革方案", "_once": "b"}
    assert client.post(f"{url}/renamings", data=given).status_code == 303
    page = client.get(url).text
    assert all(word in page for word in ("市水务局更名为市水利局", "机构改革方案", "市水务局"))
    url = f"/p/{of.id}/units/{tour.id}"
    given = {"into": str(finance.id), "merged_on": "2021-05-01", "why_merged": "机构改革方案", "_once": "c"}
    assert client.post(f"{url}/mergers", data=given).status_code == 303
    page = client.get(url).text
    assert "市旅游局并入市财政局" in page
    assert "尚有 1 项任务" in page
