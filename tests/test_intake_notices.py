"""Notices in fourteen layouts, each read exactly."""

import datetime as dt

import pytest

from supervisor.intake import Draft, DraftTask, read, read_text
from tests.intake_notices import NOTICES, TEN_CHAPTERS, Notice, Task

CASES = pytest.mark.parametrize("notice", NOTICES.values(), ids=NOTICES.keys())


def shown(task: DraftTask) -> Task:
    due = " ".join(str(d.date) if d.date else str(d.recur) for d in task.deadlines)
    return Task(task.number, task.title, " ".join(task.lead), " ".join(task.responsible), due)


def reading(draft: Draft) -> dict[str, object]:
    """What does not depend on line ends and spaces."""
    return {
        "title": draft.document.title,
        "tasks": [shown(task) for task in draft.tasks],
        "duties": [(d.units, d.text[:10]) for d in draft.duties],
        "members": [(m.name, m.role, m.post) for m in draft.members],
    }


@CASES
def test_tasks(notice: Notice) -> None:
    assert [shown(task) for task in read_text(notice.text).tasks] == list(notice.tasks)


@CASES
def test_head(notice: Notice) -> None:
    paper = read_text(notice.text).document
    issued = dt.date.fromisoformat(notice.issued) if notice.issued else None
    assert (paper.title, paper.issuer, paper.doc_number, paper.issued) == (
        notice.title,
        notice.issuer,
        notice.number,
        issued,
    )


@CASES
def test_roster(notice: Notice) -> None:
    draft = read_text(notice.text)
    assert [f"{m.name} {m.role} {m.post} {m.unit or '-'}" for m in draft.members] == list(notice.members)
    assert [f"{p.role} {p.post}" for p in draft.posts] == list(notice.posts)


@CASES
def test_duties(notice: Notice) -> None:
    duties = read_text(notice.text).duties
    assert [" ".join(d.units) for d in duties] == [duty.split("|")[0] for duty in notice.duties]
    for duty, wanted in zip(duties, notice.duties, strict=True):
        assert duty.text.startswith(wanted.split("|")[1])


@CASES
def test_dates_outside_tasks(notice: Notice) -> None:
    others = read_text(notice.text).other_deadlines
    assert " ".join(str(o.date) if o.date else str(o.recur) for o in others) == notice.others


@CASES
def test_gb18030_file_reads_the_same(notice: Notice) -> None:
    assert read(notice.text.encode("gb18030"), "notice.txt") == read_text(notice.text)


@CASES
def test_utf8_with_mark_and_windows_line_ends_reads_the_same(notice: Notice) -> None:
    data = notice.text.replace("\n", "\r\n").encode("utf-8-sig")
    assert read(data, "notice.txt") == read_text(notice.text)


@CASES
def test_half_width_punctuation_reads_the_same_units(notice: Notice) -> None:
    folded = notice.text.translate(str.maketrans("（），：；．", "(),:;."))
    before, after = read_text(notice.text), read_text(folded)
    narrow = str.maketrans("（）", "()")
    assert [[u.translate(narrow) for u in (*t.lead, *t.responsible)] for t in before.tasks] == [
        [*t.lead, *t.responsible] for t in after.tasks
    ]
    assert [(m.name, m.role) for m in before.members] == [(m.name, m.role) for m in after.members]


def test_ten_chapters_keep_their_paths() -> None:
    draft = read_text(TEN_CHAPTERS)
    assert len(draft.tasks) == 20
    assert [t.path for t in draft.tasks[::2]] == [(f"{c}、第{c}方面",) for c in "一二三四五六七八九十"]
    assert [t.deadlines[0].date for t in draft.tasks[::2] if t.deadlines] == [
        dt.date(2024, m, d)
        for m, d in zip(range(1, 11), (31, 29, 31, 30, 31, 30, 31, 31, 30, 31), strict=True)
    ]
    assert not draft.problems or {p.code for p in draft.problems} == {"unnamed_collective"}


def codes(text: str) -> list[str]:
    return [p.code for p in read_text(text).problems]


def test_a_text_without_tasks_is_a_grave_problem() -> None:
    problems = read_text("从前有座山，山里有座庙，庙里有个老和尚。\n" * 30).problems
    assert [(p.code, p.grave) for p in problems] == [("no_task", True)]


def test_gaps_repeats_and_early_dates_are_told_with_their_line() -> None:
    text = (
        "某地方案\n2022年5月1日\n一、任务\n1.甲项。2022年3月底前完成。（牵头单位：市甲局）\n"
        "3.乙项。（责任单位：市乙局）\n3.丙项。（市丙局牵头）\n"
    )
    told = {(p.code, p.line) for p in read_text(text).problems}
    assert {("early_deadline", 4), ("number_gap", 5), ("number_repeated", 6), ("no_lead", 5)} <= told


def test_a_date_without_year_and_a_notice_without_date_is_said() -> None:
    assert "no_date" in codes("一、任务\n1.甲项。6月底前完成。（牵头单位：市甲局）\n")


def test_problem_messages_fill_from_their_params() -> None:
    for notice in NOTICES.values():
        for problem in read_text(notice.text).problems:
            assert "%(" not in problem.message % problem.params


def test_lines_for_the_last_of_several_items_belong_to_their_heading() -> None:
    draft = read_text(NOTICES["units_below_the_parts_of_an_item"].text)
    assert [t.number for t in draft.tasks] == ["一", "二"]


def test_a_phase_gives_its_date_to_its_tasks() -> None:
    text = "某地方案\n2022年5月1日\n一、步骤\n（一）准备阶段（2022年6月底前）\n1.制定方案。（市甲局负责）\n"
    (task,) = read_text(text).tasks
    assert [str(d.date) for d in task.deadlines] == ["2022-06-30"]
