"""What a draft ledger asks, what it leaves quiet, and what an answer does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from peewee import Database

from supervisor.core import answers, consistency, corrections, documents, printed_names, questions
from supervisor.core.draft_ledger import Ledger, from_reading
from supervisor.core.permissions import Actor
from supervisor.core.printed_names import EMPTY, Register
from supervisor.core.source_view import source_lines
from supervisor.core.unread_clauses import unread_clauses
from supervisor.errors import NotFound
from supervisor.intake import read, read_text
from supervisor.models import Document, Role
from tests.builders import actor, at, programme, user

WHEN = at("2021-03-22 09:00")
SEEDS = Path(__file__).resolve().parents[2] / "shared" / "seeds"

NOTICE = """澄江市河湖整治工作方案
各区人民政府，市政府各部门：
一、工作任务
（一）编制规划。2021年6月底前完成规划编制。（牵头单位：市水务局；责任单位：市财政局、市规划局）
（二）清理河道。组织清理淤积河段。由市水务局牵头，市城管局、市财政局配合。
（三）沿河增绿。补植行道树和绿地。（责任单位：市园林局、市财政局）
二、保障措施
要加强宣传引导，营造良好氛围。市督查室负责组织督导检查。
澄江市人民政府办公室
2021年3月10日
"""


def ledger_of(text: str) -> Ledger:
    return from_reading(read_text(text))


def seed(number: str) -> Ledger:
    files = sorted(SEEDS.glob(f"{number}_*.txt"))
    if not files:
        pytest.skip("../shared/seeds is not here")
    return from_reading(read(files[0].read_bytes(), files[0].name))


def keys(ledger: Ledger, register: Register = EMPTY) -> list[str]:
    return [question.key.split("-")[0] for question in questions.questions(ledger, register)]


def test_what_stands_in_an_explicit_mark_does_not_ask() -> None:
    found = questions.questions(ledger_of(NOTICE))
    assert [(q.key, q.grave) for q in found] == [
        ("running-1", False),
        ("no_lead-2", True),
        (unread_clauses(ledger_of(NOTICE))[0].anchor, False),
    ]
    assert not any(question.anchor == "task-0" for question in found)


def test_every_question_offers_answers_that_can_be_carried_out() -> None:
    for question in questions.questions(ledger_of(NOTICE)):
        assert question.choices, question.key
        for choice in question.choices:
            assert choice.opens or json.loads(choice.answer)[0] in answers.ACTS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("由市教育局负责组织检查。", [(("市教育局",), ())]),
        ("市教育局牵头制定办法，市财政局负责保障经费。", [(("市教育局",), ("市财政局",))]),
        ("市教育局、市财政局按职责分工负责。", [((), ("市教育局", "市财政局"))]),
        ("市教育局要会同市财政局制定实施细则。", [(("市教育局",), ())]),
        ("2026年6月底前，市教育局、市财政局应完成摸底。", [((), ("市教育局", "市财政局"))]),
        ("市教育局每月组织一次检查。", [(("市教育局",), ())]),
        ("各部门要提高认识，加强领导。", []),
        ("要层层压实责任，主要负责同志亲自抓。", []),
        ("切实加强组织领导，确保取得实效。", []),
        ("建设单位负责人应当签字。", []),
    ],
)
def test_a_clause_with_a_unit_and_a_verb_of_duty_looks_like_work(
    text: str, found: list[tuple[tuple[str, ...], tuple[str, ...]]]
) -> None:
    notice = NOTICE.replace("市督查室负责组织督导检查。", text)
    assert [(c.lead, c.responsible) for c in unread_clauses(ledger_of(notice))] == found


def test_the_words_of_an_unread_clause_are_marked_in_its_line() -> None:
    ledger = ledger_of(NOTICE)
    clauses = unread_clauses(ledger)
    line = next(line for line in source_lines(ledger, [], clauses) if "督查室" in line.text)
    assert line.parts == [
        ("要加强宣传引导，营造良好氛围。", ""),
        ("市督查室负责组织督导检查。", clauses[0].anchor),
    ]
    assert "".join(text for text, _anchor in line.parts) == line.text


def test_each_item_points_to_its_lines_and_each_line_to_its_items() -> None:
    ledger = ledger_of(NOTICE)
    by_number = {line.number: line for line in source_lines(ledger, [])}
    for task in ledger.tasks:
        assert task.line is not None
        assert f"task-{task.key}" in by_number[task.line].items


# ---- names


def test_a_name_that_the_register_knows_as_an_alias_is_quiet() -> None:
    text = NOTICE.replace("市规划局", "市自规局")
    unknown = Register({"市自然资源和规划局": "市自然资源和规划局"}, {})
    known = Register(unknown.units, {"市自规局": "市自然资源和规划局"})
    assert "same" in keys(ledger_of(text), unknown)
    assert "same" not in keys(ledger_of(text), known)
    assert printed_names.resolve(ledger_of(text), known, "市自规局") == "市自然资源和规划局"


# ---- roster and work (C04), on the first seed with the alias and without


def test_the_roster_is_compared_once_the_names_are() -> None:
    from supervisor.core.draft_rows import NameDecision

    ledger = seed("000")
    before = consistency.check(ledger, EMPTY)
    assert before is not None
    assert (len(before.without_member), len(before.without_work), before.open_pairs) == (4, 3, 1)
    alias = NameDecision("市公积金管理中心", "市住房公积金管理中心")
    found = consistency.check(ledger.with_row("name", alias), EMPTY)
    assert found is not None
    assert [seat.unit for seat in found.without_member] == ["市委宣传部", "市商务局", "市卫生健康局"]
    assert [seat.unit for seat in found.without_work] == ["市全国文明创建中心", "市贸促会"]
    assert found.open_pairs == 0


def test_a_collective_name_gives_work_to_its_members() -> None:
    found = consistency.check(seed("004"), EMPTY)
    assert found is not None
    assert [seat.unit for seat in found.without_member] == ["市委政法委"]
    assert found.without_work == ()


# ---- answers


@pytest.fixture
def by(database: Database) -> Actor:
    of = programme()
    return actor(Role.LEAD_OFFICE, of, person=user("office", Role.LEAD_OFFICE, of, now=WHEN))


@pytest.fixture
def document(by: Actor) -> Document:
    data = NOTICE.encode()
    of = Document.programme.rel_model.get_by_id(by.programme_id)
    return documents.receive(
        of, documents.read_notice(data, "a.txt"), data, "a.txt", again=False, by=by, now=WHEN
    )


def answered(document: Document, by: Actor, answer: str) -> Ledger:
    now = Document.get_by_id(document.id)
    answers.carry_out(now, answer, seen=now.version, by=by, now=WHEN)
    return corrections.fresh(document)


def test_first_answers_settle_everything_and_the_notice_can_be_adopted(document: Document, by: Actor) -> None:
    for _ in range(5):
        found = questions.questions(corrections.fresh(document))
        if not found:
            break
        first = next(choice for choice in found[0].choices if choice.answer)
        answered(document, by, first.answer)
    ledger = corrections.fresh(document)
    assert questions.questions(ledger) == []
    assert [task.title for task in ledger.live][-1] == "组织督导检查"
    assert ledger.tasks[1].accepted
    assert ledger.tasks[2].each_answers


def test_a_clause_set_aside_keeps_its_reason_in_chinese(document: Document, by: Actor) -> None:
    clause = unread_clauses(corrections.fresh(document))[0]
    ledger = answered(document, by, questions.answer("clause_aside", clause.start, 0))
    settled = ledger.answer_to(clause.anchor)
    assert settled is not None
    assert settled.reason == "属工作要求，不是任务"
    assert "clause" not in keys(ledger)


@pytest.mark.parametrize(
    "forged",
    [
        "", "[]", "accept", '["accept"]', '["accept",99]', '["accept","0"]', '["accept",0,1]', '["__class__",0]', "7",
        '["clause_task",3]', '["clause_aside",1,99]', '["settle","no_lead-2"]', '["members",5]', '["precedent",1]',
        '["drop_task",0,-1]', '[["accept"],0]', '["all_undecided",[0]]',
    ],
)  # fmt: skip
def test_an_answer_that_nothing_asks_for_changes_nothing(document: Document, by: Actor, forged: str) -> None:
    with pytest.raises(NotFound):
        answered(document, by, forged)
    assert corrections.fresh(document) == corrections.ledger_of(document)
