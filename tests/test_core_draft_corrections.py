"""Corrections of a draft ledger: what they change, how they are undone, and two people at one notice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from peewee import Database

from supervisor.core import corrections, documents, item_corrections, plans, task_corrections
from supervisor.core.corrections import applied, difference
from supervisor.core.draft_ledger import Ledger, from_json, review_of
from supervisor.core.permissions import Actor
from supervisor.core.task_corrections import Halves, parts_of
from supervisor.core.unread_clauses import unread_clauses
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from supervisor.models import AuditEntry, Correction, Document, Role, TaskToken, Unit, UnitAlias
from tests.builders import actor, at, programme, user

WHEN = at("2021-03-22 09:00")

NOTICE = """澄江市河湖整治工作方案
各区人民政府，市政府各部门：
为做好河湖整治，制定本方案。
一、工作任务
（一）编制规划。2021年6月底前完成规划编制。同步公布规划图。（牵头单位：市水务局；责任单位：市财政局、市规划局）
（二）清理河道。组织清理淤积河段。（牵头单位：市水务局；责任单位：市城管局、市财政局）
（三）沿河增绿。补植行道树和绿地。（责任单位：市园林局、市财政局）
二、保障措施
要加强宣传引导，营造良好氛围。市督查室负责组织督导检查。
澄江市人民政府办公室
2021年3月10日
"""


@pytest.fixture
def by(database: Database) -> Actor:
    of = programme()
    return actor(Role.LEAD_OFFICE, of, person=user("office", Role.LEAD_OFFICE, of, name="许晏清", now=WHEN))


@pytest.fixture
def document(by: Actor) -> Document:
    data = NOTICE.encode()
    of = Document.programme.rel_model.get_by_id(by.programme_id)
    return documents.receive(
        of, documents.read_notice(data, "a.txt"), data, "a.txt", again=False, by=by, now=WHEN
    )


def ledger(document: Document) -> Ledger:
    return corrections.ledger_of(Document.get_by_id(document.id))


def how(document: Document, by: Actor) -> dict[str, Any]:
    return {"seen": Document.get_by_id(document.id).version, "by": by, "now": WHEN}


def test_a_unit_changes_its_part_and_leaves_a_task(document: Document, by: Actor) -> None:
    task_corrections.move_unit(document, 0, "市财政局", "lead", **how(document, by))
    assert ledger(document).tasks[0].lead == ("市水务局", "市财政局")
    task_corrections.move_unit(document, 0, "市水务局", "out", **how(document, by))
    task = ledger(document).tasks[0]
    assert (task.lead, task.responsible) == (("市财政局",), ("市规划局",))
    with pytest.raises(NotFound):
        task_corrections.move_unit(document, 0, "市水务局", "lead", **how(document, by))


def test_a_task_is_split_in_two_at_a_sentence_with_its_units_shared_out(
    document: Document, by: Actor
) -> None:
    text = ledger(document).tasks[0].text
    cut = next(start for start, part in parts_of(text) if part.startswith("同步公布"))
    sides = {"市财政局": "first", "市规划局": "second"}
    key = task_corrections.split_task(
        document, 0, Halves(cut, ("编制规划", "公布规划图"), sides), **how(document, by)
    )
    first, second = ledger(document).tasks[:2]
    assert (second.key, second.title, second.line, second.due_on) == (key, "公布规划图", 5, first.due_on)
    assert (first.responsible, second.responsible) == (("市财政局",), ("市规划局",))
    assert first.lead == second.lead == ("市水务局",)
    assert first.text + second.text == text


@pytest.mark.parametrize(
    ("halves", "field"),
    [
        (Halves(0, ("甲", "乙"), {}), "cut"),
        (Halves(9999, ("甲", "乙"), {}), "cut"),
        (Halves(3, ("甲", " "), {}), "title_2"),
    ],
)
def test_a_split_without_two_parts_or_titles_is_refused(
    document: Document, by: Actor, halves: Halves, field: str
) -> None:
    with pytest.raises(Invalid) as wrong:
        task_corrections.split_task(document, 0, halves, **how(document, by))
    assert list(wrong.value.fields) == [field]
    assert len(ledger(document).tasks) == 3


def test_merged_tasks_keep_every_unit_once_and_both_clauses(document: Document, by: Actor) -> None:
    assert task_corrections.merge_tasks(document, [1, 0], **how(document, by)) == 0
    first, rest = ledger(document).tasks
    assert (first.lead, first.responsible) == (("市水务局",), ("市财政局", "市规划局", "市城管局"))
    assert (first.due_on, len(first.spans), rest.key) == (date(2021, 6, 30), 2, 2)
    with pytest.raises(Invalid):
        task_corrections.merge_tasks(document, [0], **how(document, by))


def test_a_clause_that_nothing_was_read_from_becomes_a_task_in_its_place(
    document: Document, by: Actor
) -> None:
    (clause,) = unread_clauses(ledger(document))
    assert (clause.text, clause.lead, clause.title) == (
        "市督查室负责组织督导检查。",
        ("市督查室",),
        "组织督导检查",
    )
    key = task_corrections.add_from_clause(document, clause, **how(document, by))
    task = ledger(document).task(key)
    assert task is not None
    assert (task.lead, task.line, task.title) == (("市督查室",), 9, "组织督导检查")
    assert unread_clauses(ledger(document)) == []


def test_tasks_without_lead_are_decided_all_at_once(document: Document, by: Actor) -> None:
    assert task_corrections.undecided(ledger(document)) == [2]
    task_corrections.decide_leads(document, [2], first=True, **how(document, by))
    assert (ledger(document).tasks[2].lead, ledger(document).tasks[2].responsible) == (
        ("市园林局",),
        ("市财政局",),
    )


STEPS: list[Callable[[Document, dict[str, Any]], object]] = [
    lambda d, h: item_corrections.correct_head(
        d, {"title": "新标题", "numbers": ("澄政办〔2021〕9号",)}, **h
    ),
    lambda d, h: task_corrections.drop_task(d, 1, "与上级文件重复", **h),
    lambda d, h: task_corrections.merge_tasks(d, [0, 2], **h),
    lambda d, h: item_corrections.strike_name(d, "市财政局", **h),
    lambda d, h: item_corrections.name_unit(d, "市城管局", "市城市管理局", **h),
    lambda d, h: item_corrections.make_collective(d, "市规划局", **h),
    lambda d, h: task_corrections.accept(d, [0, 1], **h),
    lambda d, h: item_corrections.set_clause_aside(d, unread_clauses(ledger(d))[0], "属工作要求", **h),
]


@pytest.mark.parametrize("count", range(1, len(STEPS) + 1))
def test_every_correction_is_undone_and_made_again_step_by_step(
    document: Document, by: Actor, count: int
) -> None:
    states = [ledger(document)]
    for step in STEPS[:count]:
        step(document, how(document, by))
        states.append(ledger(document))
    for expected in reversed(states[:-1]):
        corrections.undo(document, **how(document, by))
        assert ledger(document) == expected
    with pytest.raises(Refused):
        corrections.undo(document, **how(document, by))
    for expected in states[1:]:
        corrections.redo(document, **how(document, by))
        assert ledger(document) == expected


def test_a_new_correction_ends_what_could_be_made_again(document: Document, by: Actor) -> None:
    STEPS[1](document, how(document, by))
    corrections.undo(document, **how(document, by))
    STEPS[0](document, how(document, by))
    with pytest.raises(Refused):
        corrections.redo(document, **how(document, by))
    assert [step.number for step in corrections.steps_of(document)] == [1]


def test_the_steps_say_who_did_what_when(document: Document, by: Actor) -> None:
    task_corrections.drop_task(document, 1, "重复", **how(document, by))
    (step,) = corrections.steps_of(document)
    assert (str(corrections.said(step)), step.made_by_name, step.made_at) == (
        "Left out: “清理河道”",
        "许晏清",
        WHEN,
    )
    corrections.undo(document, **how(document, by))
    assert [row.action for row in AuditEntry.select().order_by(AuditEntry.seq)][-2:] == [
        "document.drop_task",
        "document.undo",
    ]


def test_two_people_correct_different_items_of_one_notice(document: Document, by: Actor) -> None:
    old = how(document, by)
    task_corrections.drop_task(document, 1, "重复", **old)
    task_corrections.move_unit(document, 0, "市财政局", "out", **old)
    item_corrections.correct_head(document, {"title": "新标题"}, **old)
    now = ledger(document)
    assert (now.tasks[1].dropped, now.tasks[0].responsible, now.title) == ("重复", ("市规划局",), "新标题")


def test_two_people_at_one_item_get_both_versions_also_after_an_undo(document: Document, by: Actor) -> None:
    old = how(document, by)
    task_corrections.move_unit(document, 0, "市财政局", "out", **old)
    with pytest.raises(Stale) as stale:
        task_corrections.move_unit(document, 0, "市规划局", "lead", **old)
    assert ("Responsible units", "市规划局") in stale.value.theirs
    seen = how(document, by)
    corrections.undo(document, **seen)
    with pytest.raises(Stale):
        task_corrections.move_unit(document, 0, "市规划局", "lead", **seen)
    with pytest.raises(Stale):
        corrections.redo(document, **old)


def test_whoever_does_not_review_corrects_nothing(document: Document, by: Actor) -> None:
    reader = actor(Role.INSPECTOR, Document.get_by_id(document.id).programme)
    for act in (STEPS[0], lambda d, h: corrections.undo(d, **h)):
        with pytest.raises(NotAllowed):
            act(document, how(document, reader))
    assert Correction.select().count() == 0


def test_an_adopted_notice_takes_no_correction(document: Document, by: Actor) -> None:
    task_corrections.decide_leads(document, [2], first=False, **how(document, by))
    plans.adopt(Document.get_by_id(document.id), seen=2, by=by, now=WHEN)
    with pytest.raises(Stale):
        STEPS[0](document, how(document, by))


def test_an_alias_chosen_in_the_review_makes_one_unit_and_enters_the_register(
    document: Document, by: Actor
) -> None:
    item_corrections.name_unit(document, "市城管局", "市城市管理局", **how(document, by))
    task_corrections.decide_leads(document, [2], first=False, **how(document, by))
    plans.adopt(Document.get_by_id(document.id), seen=3, by=by, now=WHEN)
    unit = Unit.get(Unit.name == "市城市管理局")
    assert [alias.name for alias in UnitAlias.select().where(UnitAlias.unit == unit)] == ["市城管局"]
    assert TaskToken.get(TaskToken.text == "市城管局").unit_id == unit.id  # printed as printed
    assert Unit.get_or_none(Unit.name == "市城管局") is None


def test_aliases_make_no_chain_and_no_circle(document: Document, by: Actor) -> None:
    item_corrections.name_unit(document, "市城管局", "市规划局", **how(document, by))
    item_corrections.name_unit(document, "市规划局", "市自然资源和规划局", **how(document, by))
    assert ledger(document).unit_of("市城管局") == "市自然资源和规划局"
    with pytest.raises(Invalid):
        item_corrections.name_unit(document, "市自然资源和规划局", "市规划局", **how(document, by))
    with pytest.raises(Invalid):
        item_corrections.name_unit(document, "市园林局", "市园林局", **how(document, by))


def test_a_draft_kept_before_a_field_existed_reads_as_it_was_read(document: Document) -> None:
    kept = {"read": document.draft["read"], "review": {"title": "旧稿", "issued_on": "2021-03-10"}}
    old = from_json(kept)
    assert (old.title, len(old.tasks), old.settled) == ("旧稿", 3, ())


ROWS = st.lists(
    st.fixed_dictionaries({"key": st.integers(0, 6), "title": st.sampled_from("甲乙丙")}),
    max_size=6,
    unique_by=lambda row: row["key"],
)


@given(before=ROWS, after=ROWS, one=st.text(max_size=3), two=st.text(max_size=3))
def test_a_difference_leads_there_and_back(before: Any, after: Any, one: str, two: str) -> None:
    old, new = {"tasks": before, "title": one}, {"tasks": after, "title": two}
    patch = difference(old, new)
    assert applied(old, patch, 1) == new
    assert applied(new, patch, 0) == old


def test_the_review_alone_is_what_a_correction_keeps(document: Document) -> None:
    assert set(review_of(ledger(document))) == set(document.draft["review"])
