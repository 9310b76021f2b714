"""A notice issued again: only sentences that differ, members of collective names, seats of the roster (D7)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import corrections, documents, item_corrections, plan_differences, plans, printed_names
from supervisor.core.changed_text import SentenceChange, changed_sentences, marked
from supervisor.core.permissions import Actor
from supervisor.models import (
    Assignment,
    AssignmentState,
    Document,
    GroupMember,
    Holder,
    Plan,
    Programme,
    Role,
    Seat,
    User,
)
from tests.builders import actor, at, programme, user
from tests.conftest import login

WHEN = at("2021-03-22 09:00")
LATER = at("2021-05-10 09:00")
FIRST = """澄江市河湖整治工作方案
各区人民政府，市政府各部门：
一、工作任务
（一）清理河道。组织清理淤积河段。每月清运垃圾一次。加强巡查。（牵头单位：市水务局；责任单位：各区人民政府）
二、组织领导
成立澄江市河湖整治工作领导小组。
组长：林一 市政府副市长
成员：江二 市水务局局长
王五 市财政局局长
赵六 市林业局局长
澄江市人民政府办公室
2021年3月10日
"""
AGAIN = (
    FIRST.replace("每月清运垃圾一次", "每旬清运垃圾两次")
    .replace("王五 市财政局局长", "吴九 市财政局局长")
    .replace("江二 市水务局局长", "江二 市水务局党组书记、局长")
    .replace("赵六 市林业局局长\n", "周八 市公安局局长\n")
    .replace("3月10日", "5月8日")
)


def parts(change: SentenceChange) -> tuple[str, str]:
    """Both sides, with what is marked in brackets."""
    sides = (
        "".join(f"[{text}]" if is_marked else text for text, is_marked in side)
        for side in (change.old, change.new)
    )
    old, new = sides
    return old, new


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("甲事。乙事照旧。", "甲事。乙事照旧。", []),
        ("甲事。 乙事照旧。", "甲 事。\n乙事照旧。", []),
        (
            "摸清底数。每月清运垃圾一次。加强巡查。",
            "摸清底数。每旬清运垃圾一次。加强巡查。",
            [("每[月]清运垃圾一次。", "每[旬]清运垃圾一次。")],
        ),
        ("摸清底数。", "摸清底数。定期公开进展。", [("", "[定期公开进展。]")]),
        ("摸清底数。定期公开进展。", "摸清底数。", [("[定期公开进展。]", "")]),
        ("组织编制规划。", "开展清淤疏浚。", [("[组织编制规划。]", ""), ("", "[开展清淤疏浚。]")]),
    ],
)
def test_only_sentences_that_differ_are_shown_with_the_words_that_differ(
    old: str, new: str, found: list[tuple[str, str]]
) -> None:
    assert [parts(change) for change in changed_sentences(old, new)] == found


def test_a_single_character_between_two_changes_is_marked_with_them() -> None:
    assert parts(marked("于6月5日前完成", "于7月8日前完成"))[0] == "于[6月5]日前完成"


@pytest.fixture
def by(database: Database) -> Actor:
    of = programme()
    return actor(Role.LEAD_OFFICE, of, person=user("office", Role.LEAD_OFFICE, of, now=WHEN))


def received(text: str, by: Actor, *districts: str) -> Document:
    """A notice read, with these districts confirmed as 各区人民政府."""
    of = Programme.get_by_id(by.programme_id)
    draft = documents.read_notice(text.encode(), "a.txt")
    document = documents.receive(of, draft, text.encode(), "a.txt", again=False, by=by, now=WHEN)
    (row,) = corrections.fresh(document).collectives
    how: dict[str, Any] = {"seen": Document.get_by_id(document.id).version, "by": by, "now": WHEN}
    item_corrections.confirm_members(document, row.key, ticked=[], notes={}, added=districts, **how)
    return Document.get_by_id(document.id)


@pytest.fixture
def plan(by: Actor) -> Plan:
    document = received(FIRST, by, "东区人民政府", "西区人民政府")
    made = plans.adopt(document, seen=document.version, by=by, now=WHEN)
    plans.issue(made, by=by, now=WHEN)
    return Plan.get_by_id(made.id)


@pytest.fixture
def again(plan: Plan, by: Actor) -> Document:
    return received(AGAIN, by, "东区人民政府", "南区人民政府")


def compared(again: Document, plan: Plan) -> plan_differences.Comparison:
    ledger = corrections.fresh(again)
    register = printed_names.read(plan.programme.jurisdiction_id, ledger.issued_on)
    return plan_differences.compare_with(plan, ledger, register)


def sitting() -> list[str]:
    going = Holder.select().join(Seat).where(Seat.valid_to.is_null() & Holder.valid_to.is_null())
    return [holder.person.name for holder in going.order_by(Seat.sort)]


def members() -> set[str]:
    present = GroupMember.select().where(GroupMember.valid_to.is_null())
    return {member.unit.name for member in present if member.group.name == "各区人民政府"}


def test_changed_members_seats_and_sentences_are_told(again: Document, plan: Plan) -> None:
    found = compared(again, plan)
    assert [(d.label.msgid, d.title, d.old, d.new) for d in found.members] == [
        ("belongs to it", "各区人民政府", "", "南区人民政府"),
        ("no longer belongs to it", "各区人民政府", "西区人民政府", ""),
    ]
    assert [(d.label.msgid, d.old, d.new) for d in found.roster] == [
        ("roster", "成员 江二 市水务局局长", "成员 江二 市水务局党组书记、局长"),
        ("roster", "成员 王五 市财政局局长", "成员 吴九 市财政局局长"),
        ("new in the roster", "", "成员 周八 市公安局局长"),
        ("no longer in the roster", "成员 赵六 市林业局局长", ""),
    ]
    (words,) = [d for d in found.changed if d.key.startswith("words")]
    assert [parts(change) for change in words.sentences] == [
        ("每[月]清运垃圾[一]次。", "每[旬]清运垃圾[两]次。")
    ]


def test_a_new_notice_that_names_no_members_says_nothing_about_them(plan: Plan, by: Actor) -> None:
    of = Programme.get_by_id(by.programme_id)
    draft = documents.read_notice(AGAIN.encode(), "a.txt")
    document = documents.receive(of, draft, AGAIN.encode(), "a.txt", again=False, by=by, now=WHEN)
    assert compared(document, plan).members == ()


def test_only_the_ticked_members_and_seats_change(again: Document, plan: Plan, by: Actor) -> None:
    found = compared(again, plan)
    join, gone = found.members
    wanted = [join.key, found.roster[1].key]
    assert plan_differences.make(again, plan, wanted, "重新印发", by=by, now=LATER) == 2
    assert members() == {"东区人民政府", "西区人民政府", "南区人民政府"}
    going = Assignment.select().where(Assignment.state != AssignmentState.CANCELLED)
    assert {link.unit.name for link in going} == {
        "市水务局", "东区人民政府", "西区人民政府", "南区人民政府",
    }  # fmt: skip
    assert sitting() == ["林一", "江二", "吴九", "赵六"]
    former = Holder.get(Holder.valid_to == date(2021, 5, 7))
    assert former.person.name == "王五"
    left = compared(again, plan)
    assert [d.key for d in left.members] == [gone.key]
    assert len(left.roster) == 3


def test_all_of_it_followed_leaves_no_difference(again: Document, plan: Plan, by: Actor) -> None:
    keys = [d.key for d in compared(again, plan).every]
    plan_differences.make(again, plan, keys, "重新印发", by=by, now=LATER)
    assert compared(again, plan).every == ()
    assert members() == {"东区人民政府", "南区人民政府"}
    assert set(sitting()) == {"林一", "江二", "吴九", "周八"}


def test_a_plan_not_yet_issued_changes_its_members_without_numbers(by: Actor) -> None:
    document = received(FIRST, by, "东区人民政府", "西区人民政府")
    draft = plans.adopt(document, seen=document.version, by=by, now=WHEN)
    again = received(AGAIN, by, "东区人民政府", "南区人民政府")
    keys = [d.key for d in compared(again, draft).members]
    plan_differences.make(again, draft, keys, "", by=by, now=LATER)
    assert members() == {"东区人民政府", "南区人民政府"}
    assert Assignment.select().count() == 0


def test_the_page_marks_the_words_that_differ(client: FlaskClient, again: Document, plan: Plan) -> None:
    login(client, User.get(User.username == "office"))
    page = client.get(f"/p/{plan.programme_id}/documents/{again.id}/plans/{plan.id}").text
    assert "<del>月</del>" in page
    assert "<ins>旬</ins>" in page
    assert "加强巡查" not in page
    assert all(name in page for name in ("南区人民政府", "西区人民政府", "吴九", "周八"))
