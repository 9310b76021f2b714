"""Decisions of one review are proposed in the next one of the jurisdiction, and applied only when followed."""

from __future__ import annotations

from typing import Any

import pytest
from peewee import Database

from supervisor.core import (
    corrections,
    documents,
    item_corrections,
    plans,
    precedents,
    printed_names,
    questions,
)
from supervisor.core.permissions import Actor
from supervisor.core.unread_clauses import unread_clauses
from supervisor.errors import NotFound
from supervisor.models import Document, Jurisdiction, LocalSettings, Precedent, Programme, Role
from tests.builders import actor, at, programme, user

WHEN = at("2021-03-22 09:00")
LATER = at("2022-03-01 09:00")

ONE = """澄江市河湖整治工作方案
各区人民政府，市政府各部门：
一、工作任务
（一）编制规划。完成规划编制。（牵头单位：市水务局；责任单位：市住房公积金管理中心、各有关企业、相关技术人员办）
（二）清理河道。组织清理河段。（牵头单位：市公积金管理中心；责任单位：市综合执法局、市综合行政执法局）
二、保障措施
要加强宣传引导。市督查室负责组织督导检查。
澄江市人民政府办公室
2021年3月10日
"""
TWO = ONE.replace("河湖整治", "道路养护").replace("2021年", "2022年").replace("编制规划", "编制计划")


@pytest.fixture
def by(database: Database) -> Actor:
    of = programme()
    return actor(Role.LEAD_OFFICE, of, person=user("office", Role.LEAD_OFFICE, of, name="许晏清", now=WHEN))


def received(text: str, by: Actor) -> Document:
    of = Programme.get_by_id(by.programme_id)
    data = text.encode()
    return documents.receive(
        of, documents.read_notice(data, "a.txt"), data, "a.txt", again=False, by=by, now=WHEN
    )


def how(document: Document, by: Actor) -> dict[str, Any]:
    return {"seen": Document.get_by_id(document.id).version, "by": by, "now": WHEN}


@pytest.fixture
def first(by: Actor) -> Document:
    """The first notice, reviewed: an alias, a collective name, no unit, two units apart, a clause set aside."""
    document = received(ONE, by)
    item_corrections.strike_name(document, "相关技术人员办", **how(document, by))
    place = item_corrections.make_collective(document, "市综合执法局", **how(document, by))
    item_corrections.confirm_members(
        document, place, ticked=[], notes={}, added=["东区执法局", "西区执法局"], **how(document, by)
    )
    item_corrections.name_unit(document, "市公积金管理中心", "市住房公积金管理中心", **how(document, by))
    clause = unread_clauses(corrections.fresh(document))[0]
    item_corrections.set_clause_aside(document, clause, "属工作要求", **how(document, by))
    return document


def proposed(document: Document) -> list[precedents.Proposal]:
    register = printed_names.read(document.programme.jurisdiction_id)
    return precedents.proposals(document, corrections.fresh(document), register)


def adopt(document: Document, by: Actor) -> None:
    now = Document.get_by_id(document.id)
    plans.adopt(now, seen=now.version, by=by, now=WHEN)


def test_nothing_is_remembered_before_a_notice_is_adopted(first: Document, by: Actor) -> None:
    assert proposed(received(TWO, by)) == []
    assert Precedent.select().count() == 0


def test_the_second_notice_proposes_what_was_decided_and_changes_nothing_by_itself(
    first: Document, by: Actor
) -> None:
    adopt(first, by)
    second = received(TWO, by)
    assert sorted(proposal.precedent.kind.value for proposal in proposed(second)) == [
        "aside",
        "members",
        "no_unit",
    ]
    assert {p.precedent.decided_by_name for p in proposed(second)} == {"许晏清"}
    assert {p.precedent.title for p in proposed(second)} == {"澄江市河湖整治工作方案"}
    assert "相关技术人员办" in corrections.fresh(second).tokens


def test_an_alias_of_the_register_is_read_at_once_and_asks_nothing(first: Document, by: Actor) -> None:
    adopt(first, by)
    second = received(TWO, by)
    register = printed_names.read(second.programme.jurisdiction_id)
    ledger = corrections.fresh(second)
    assert printed_names.resolve(ledger, register, "市公积金管理中心") == "市住房公积金管理中心"
    asked = [q.key for q in questions.questions(ledger, register) if "公积金" in q.key]
    assert asked == []


def test_all_precedents_are_followed_with_one_click_and_undone_with_one(first: Document, by: Actor) -> None:
    adopt(first, by)
    second = received(TWO, by)
    before = corrections.fresh(second)
    ids = [proposal.precedent.id for proposal in proposed(second)]
    assert precedents.follow(second, ids, **how(second, by)) == len(ids) == 3
    assert proposed(second) == []
    ledger = corrections.fresh(second)
    assert "相关技术人员办" not in ledger.tokens
    several = ledger.collective("市综合执法局")
    assert several is not None
    assert [member.name for member in several.chosen] == ["东区执法局", "西区执法局"]
    corrections.undo(second, **how(second, by))
    assert corrections.fresh(second) == before


def test_a_later_decision_takes_the_earlier_one_s_place(first: Document, by: Actor) -> None:
    adopt(first, by)
    kept = Precedent.select().count()
    second = received(TWO, by)
    clause = unread_clauses(corrections.fresh(second))[0]
    item_corrections.set_clause_aside(second, clause, "已含在他处", **how(second, by))
    adopt(second, by)
    assert Precedent.select().count() == kept
    assert Precedent.get(Precedent.kind == "aside").value["reason"] == "已含在他处"


def test_another_jurisdiction_hears_nothing(first: Document, by: Actor) -> None:
    adopt(first, by)
    elsewhere = Jurisdiction.create(name="临川市")
    of = Programme.create(jurisdiction=elsewhere, name="别处", created_at=WHEN)
    LocalSettings.create(programme=of, valid_from=WHEN.date(), set_at=WHEN)
    other = actor(Role.LEAD_OFFICE, of)
    assert proposed(received(TWO, other)) == []


def test_a_precedent_that_does_not_fit_is_not_followed(first: Document, by: Actor) -> None:
    adopt(first, by)
    foreign = received("临河工作方案\n（一）巡河。（牵头单位：市水务局）\n2021年3月10日\n", by)
    with pytest.raises(NotFound):
        precedents.follow(foreign, [Precedent.get().id], **how(foreign, by))
