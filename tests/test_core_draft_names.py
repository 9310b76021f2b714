"""Names of units under review: the list that is confirmed at once, pairs asked singly, half names."""

from __future__ import annotations

from typing import Any

import pytest
from peewee import Database

from supervisor.core import (
    answers,
    clause_corrections,
    consistency,
    corrections,
    documents,
    name_corrections,
    plans,
    precedents,
    printed_names,
)
from supervisor.core.draft_ledger import Ledger, from_reading
from supervisor.core.draft_rows import Settled
from supervisor.core.half_names import half_names
from supervisor.core.permissions import Actor
from supervisor.core.printed_names import EMPTY, Register
from supervisor.core.questions import SAME_NAMES, obstacles, open_clauses, questions
from supervisor.core.same_units import open_pairs, pair_key
from supervisor.errors import Invalid, Refused
from supervisor.intake import read_text
from supervisor.models import AuditEntry, Document, Precedent, PrecedentKind, Programme, Role, Unit, UnitAlias
from tests.builders import actor, at, programme, user

WHEN = at("2021-03-22 09:00")
NOTICE = """澄江县河湖整治工作方案
各乡镇人民政府，县政府各部门：
一、工作任务
（一）编制规划。（牵头单位：县水务局；责任单位：县财政局、县发改局）
（二）清理河道。（牵头单位：县水务局；责任单位：县综合行政执法局、供水、燃气）
（三）改造电网。（牵头单位：县水务局；责任单位：国网澄江供电公司、规划办）
二、组织领导
成立县河湖整治工作领导小组。
组长：林一 县政府副县长
成员：江二 县水务局局长
王五 财政局局长
赵六 县发展改革局局长
孙七 县综合执法局局长
周八 国网澄江电力公司总经理
吴九 兴源供水有限责任公司总经理
澄江县人民政府办公室
2021年3月10日
"""


@pytest.fixture
def by(database: Database) -> Actor:
    of = programme(now=WHEN)
    return actor(Role.LEAD_OFFICE, of, person=user("office", Role.LEAD_OFFICE, of, name="许晏清", now=WHEN))


def received(by: Actor, text: str = NOTICE) -> Document:
    draft = documents.read_notice(text.encode(), "notice.txt")
    of = programme_of(by)
    return documents.receive(of, draft, text.encode(), "notice.txt", again=False, by=by, now=WHEN)


def programme_of(by: Actor) -> Programme:
    return Programme.get_by_id(by.programme_id)


def ledger() -> Ledger:
    return from_reading(read_text(NOTICE))


def how(document: Document, by: Actor) -> dict[str, Any]:
    return {"seen": Document.get_by_id(document.id).version, "by": by, "now": WHEN}


def names(found: Ledger, register: Register = EMPTY) -> list[tuple[str, str, bool]]:
    return [(pair.name, pair.unit, pair.is_plain) for pair in open_pairs(found, register)]


def test_plain_pairs_are_one_question_and_a_contradiction_asks_by_itself_with_both_clauses() -> None:
    assert names(ledger()) == [
        ("财政局", "县财政局", True),
        ("县发展改革局", "县发改局", True),
        ("县综合执法局", "县综合行政执法局", True),
        ("国网澄江电力公司", "国网澄江供电公司", False),
    ]
    asked = [q for q in questions(ledger()) if q.key.startswith(("same", "pair"))]
    assert [q.key for q in asked[:1]] == [SAME_NAMES]
    assert len(asked) == 2
    pair = asked[1].pair
    assert pair is not None
    assert "国网澄江电力公司总经理" in pair.at.words
    assert "国网澄江供电公司" in pair.unit_at.words
    assert (pair.at.line, pair.unit_at.line) == (14, 6)


def test_a_registered_name_is_the_units_and_three_forms_are_read_as_one_unit() -> None:
    register = Register({"县发展和改革局": "县发展和改革局"}, {})
    assert [pair[:2] for pair in names(ledger(), register) if "发" in pair[0]] == [
        ("县发改局", "县发展和改革局"),
        ("县发展改革局", "县发展和改革局"),
    ]


def test_one_press_reads_the_ticked_names_as_their_units_each_on_record_and_one_step_back(by: Actor) -> None:
    document = received(by)
    shown = [pair.key for pair in open_pairs(corrections.fresh(document), EMPTY) if pair.is_plain]
    before = AuditEntry.select().count()
    assert name_corrections.confirm_same(document, shown, shown[:2], **how(document, by)) == 2
    said = [row.action for row in AuditEntry.select().order_by(AuditEntry.id).offset(before)]
    assert said == ["document.confirm_names", "document.name_unit", "document.name_unit"]
    present = corrections.fresh(document)
    assert present.unit_of("财政局") == "县财政局"
    # What was not ticked is asked by itself, and is nowhere taken for decided.
    assert names(present) == [
        ("县综合执法局", "县综合行政执法局", False),
        ("国网澄江电力公司", "国网澄江供电公司", False),
    ]
    corrections.undo(document, **how(document, by))
    assert len(names(corrections.fresh(document))) == 4
    assert corrections.fresh(document).names == ()


def test_what_the_list_confirmed_is_a_precedent_for_each_name_and_an_alias_of_its_unit(by: Actor) -> None:
    document = received(by)
    shown = [pair.key for pair in open_pairs(corrections.fresh(document), EMPTY) if pair.is_plain]
    name_corrections.confirm_same(document, shown, shown, **how(document, by))
    for half in half_names(corrections.fresh(document), EMPTY):
        name_corrections.keep_as_unit(document, half.name, **how(document, by))
    plans.adopt(Document.get_by_id(document.id), **how(document, by))
    aliases = Precedent.select().where(Precedent.kind == PrecedentKind.ALIAS)
    assert {(row.value["printed"], row.value["unit"]) for row in aliases} == {
        ("财政局", "县财政局"),
        ("县发展改革局", "县发改局"),
        ("县综合执法局", "县综合行政执法局"),
    }
    assert {row.name for row in UnitAlias.select()} == {"财政局", "县发展改革局", "县综合执法局"}


def test_the_lists_of_roster_and_work_wait_for_the_open_pairs(by: Actor) -> None:
    found = consistency.check(ledger(), EMPTY)
    assert found is not None
    assert found.open_pairs == 4


def test_two_names_kept_apart_are_never_joined_by_a_third() -> None:
    text = NOTICE.replace("县财政局、县发改局", "县财政局、县财政局（国资中心）、财政局")
    found = from_reading(read_text(text))
    pairs = open_pairs(found, EMPTY)
    apart = next(pair for pair in pairs if "国资" in pair.name + pair.unit)
    kept = found.with_row("settled", Settled(pair_key("县财政局", "县财政局（国资中心）"), "apart"))
    assert apart.is_plain
    assert not any(
        {pair.name, pair.unit} == {"县财政局", "县财政局（国资中心）"} for pair in open_pairs(kept, EMPTY)
    )
    joined = {pair.name: pair.unit for pair in open_pairs(kept, EMPTY) if pair.is_plain}
    assert len({joined.get(name, name) for name in ("县财政局", "县财政局（国资中心）")}) == 2


# ---- half names


def test_a_field_of_work_is_no_unit_without_a_word_and_its_likely_unit_is_proposed() -> None:
    halves = half_names(ledger(), EMPTY)
    assert [(half.name, half.units, half.is_field) for half in halves] == [
        ("供水", ("兴源供水有限责任公司",), True),
        ("燃气", (), True),
        ("规划办", (), False),
    ]
    register = Register({"澄江燃气公司": "澄江燃气公司", "规划办": "规划办"}, {})
    assert [(half.name, half.units) for half in half_names(ledger(), register)] == [
        ("供水", ("兴源供水有限责任公司",)),
        ("燃气", ("澄江燃气公司",)),
    ]


def test_a_field_of_work_stops_adopting_until_it_is_said_what_it_is(by: Actor) -> None:
    document = received(by)
    with pytest.raises(Refused) as refused:
        plans.adopt(document, **how(document, by))
    assert len(refused.value.obstacles) == 2
    for name, answer in (("供水", "同一单位"), ("燃气", "群体"), ("规划办", "不是单位")):
        question = next(q for q in questions(corrections.fresh(document)) if q.key == f"half-{name}")
        act = {"同一单位": "same", "群体": "open_group", "不是单位": "no_unit"}[answer]
        choice = next(c for c in question.choices if c.answer.startswith(f'["{act}"'))
        answers.carry_out(document, choice.answer, **how(document, by))
    present = corrections.fresh(document)
    assert obstacles(present, "") == []
    assert [q.key for q in questions(present) if q.key.startswith(("half", "members"))] == []
    assert present.unit_of("供水") == "兴源供水有限责任公司"
    assert present.collective("燃气") is not None
    assert "规划办" not in present.tokens
    plans.adopt(Document.get_by_id(document.id), **how(document, by))
    entered = {unit.name for unit in Unit.select()}
    assert "兴源供水有限责任公司" in entered
    assert not {"供水", "燃气", "规划办"} & entered


def test_a_name_said_to_be_a_unit_of_its_own_is_quiet_here_and_in_the_next_notice(by: Actor) -> None:
    document = received(by)
    for name in ("供水", "燃气", "规划办"):
        answers.carry_out(document, f'["own","{name}"]', **how(document, by))
    assert half_names(corrections.fresh(document), EMPTY) == []
    plans.adopt(Document.get_by_id(document.id), **how(document, by))
    again = received(by, NOTICE.replace("3月10日", "5月10日"))
    assert half_names(corrections.fresh(again), printed_names.read(programme_of(by).jurisdiction_id)) == []
    assert precedents.proposals(again, corrections.fresh(again), EMPTY) == []


# ---- several clauses at once


CLAUSES = NOTICE.replace(
    "二、组织领导",
    "二、保障\n县督查室负责组织督导检查。县财政局负责筹措资金。县司法局负责合法性审查。\n三、组织领导",
)


@pytest.mark.parametrize(("act", "tasks", "duties"), [("task", 2, 0), ("duty", 0, 2), ("aside", 0, 0)])
def test_several_ticked_clauses_are_decided_in_one_step_and_taken_back_in_one(
    by: Actor, act: str, tasks: int, duties: int
) -> None:
    document = received(by, CLAUSES)
    first = corrections.fresh(document)
    clauses = open_clauses(first)
    assert len(clauses) == 3
    before = AuditEntry.select().count()
    starts = [clause.start for clause in clauses[:2]]
    clause_corrections.decide_clauses(document, starts, act, reason="另文规定", **how(document, by))
    assert AuditEntry.select().count() == before + 3  # one for the step, one for each clause
    present = corrections.fresh(document)
    assert len(open_clauses(present)) == 1
    assert len(present.tasks) == len(first.tasks) + tasks
    assert len(present.standing) == duties
    if act == "task":
        made = [task for task in present.tasks if task.corrected]
        assert {(task.lead, task.title) for task in made} == {
            (("县督查室",), "组织督导检查。"[:-1]),
            (("县财政局",), "筹措资金"),
        }
    corrections.undo(document, **how(document, by))
    assert len(open_clauses(corrections.fresh(document))) == 3


def test_no_clause_ticked_or_no_reason_is_told(by: Actor) -> None:
    document = received(by, CLAUSES)
    starts = [clause.start for clause in open_clauses(corrections.fresh(document))]
    with pytest.raises(Invalid, match="Tick at least one clause"):
        clause_corrections.decide_clauses(document, [], "task", **how(document, by))
    with pytest.raises(Invalid, match="Say why"):
        clause_corrections.decide_clauses(document, starts, "aside", **how(document, by))
