"""An existing ledger read: headings wherever they stand, every kind of cell, every bad row named. No database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervisor.core.draft_ledger import from_json, to_json
from supervisor.core.ledger_cells import are_fractions, read_day, read_percent, read_state, read_units
from supervisor.core.ledger_choices import propose
from supervisor.core.ledger_draft import draft_of
from supervisor.core.ledger_headings import Field, field_of, find_headings, headings_at
from supervisor.core.ledger_reading import Answers, Reading, letters, row_words
from supervisor.core.ledger_rows import read_rows
from supervisor.core.quantities import of_cell
from supervisor.documents.ledger_sheets import Sheet, Sheets
from supervisor.intake.roles import Role

BASE = date(2021, 1, 1)
AS_OF = date(2021, 5, 31)
HEAD = ("序号", "类别", "任务名称", "牵头单位", "责任单位", "完成时限", "进度", "状态")


def sheet(
    *rows: Sequence[str],
    merges: Sequence[Sequence[int]] = (),
    hidden: Sequence[int] = (),
    errors: dict[tuple[int, int], str] | None = None,
) -> Sheet:
    return Sheet("台账", [list(row) for row in rows], merges, frozenset(hidden), errors or {})


def read(page: Sheet, answers: Answers | None = None, *, since_1904: bool = False) -> Reading:
    found = find_headings(page)
    assert found is not None
    return read_rows(page, found, answers or Answers(), base=BASE, as_of=AS_OF, since_1904=since_1904)


def listed(*rows: Sequence[str], **more: object) -> Sheet:
    return sheet(HEAD, *rows, **more)  # type: ignore[arg-type]


def row(number: str = "1", title: str = "改造小区", **more: str) -> tuple[str, ...]:
    cells = {
        "category": "",
        "lead": "市住建局",
        "others": "市财政局",
        "due": "2021-12-31",
        "progress": "35%",
        "state": "推进中",
    }
    cells |= more
    return (
        number,
        cells["category"],
        title,
        *(cells[k] for k in ("lead", "others", "due", "progress", "state")),
    )


def notes(reading: Reading) -> dict[str, str]:
    return {note.sentence.msgid: row_words(note.rows) for note in reading.notes}


def faults(reading: Reading) -> list[tuple[str, str]]:
    return [(fault.place, fault.given) for fault in reading.faults]


# ---- headings


@pytest.mark.parametrize(
    ("names", "field"),
    [
        ("序号 编号 序", Field.NUMBER),
        ("类别 板块 任务类别 领域 一级指标", Field.CATEGORY),
        ("任务名称 重点任务 工作任务 事项 督办事项 2021年重点工作 项目名称", Field.TITLE),
        ("工作内容 具体措施 工作举措 年度目标 目标任务", Field.TEXT),
        ("牵头单位 主办单位 牵头部门 市级牵头单位 牵头单位（盖章） 牵头单位及责任人", Field.LEAD),
        ("责任单位 配合单位 协办单位 责任部门 落实单位 单位 责任单位及责任人", Field.RESPONSIBLE),
        ("完成时限 截止时间 计划完成时间 完成时间 时间节点", Field.DUE),
        ("进度 完成比例 完成率（%） 形象进度 实际进度", Field.PROGRESS),
        ("完成情况 当前进展 进展情况（截至5月底） 落实情况", Field.SAID),
        ("状态 是否办结 办理状态 是否完成", Field.STATE),
        ("办结时间 实际完成时间", Field.CLOSED_ON),
        ("责任人 责任领导 联系人 联系电话 备注 存在问题 下步措施", Field.KEEP),
    ],
)
def test_columns_are_known_by_their_usual_names(names: str, field: Field) -> None:
    assert {name: field_of(name) for name in names.split()} == dict.fromkeys(names.split(), field)


def test_a_heading_is_the_same_with_line_breaks_stars_and_full_width() -> None:
    assert field_of("牵头\n单位 *") is Field.LEAD
    assert field_of("完成率（％）") is Field.PROGRESS
    assert field_of("经度") is None


@pytest.mark.parametrize("above", [0, 1, 7])
def test_headings_are_found_wherever_they_stand(above: int) -> None:
    page = sheet(*[("澄江市2021年重点任务台账",)] * min(above, 1), *[("",)] * max(above - 1, 0), HEAD, row())
    found = find_headings(page)
    assert found
    assert (found.first, found.last) == (above, above)
    assert [task.title for task in read(page).tasks] == ["改造小区"]


def test_headings_in_two_rows_are_one() -> None:
    page = sheet(
        ("澄江市重点任务台账",),
        ("序号", "任务名称", "责任分工", "", "工作进展", ""),
        ("", "", "牵头单位", "责任单位", "进度", "进展情况"),
        ("1", "改造小区", "市住建局", "市财政局", "35%", "已开工"),
        merges=[(0, 0, 0, 5), (1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 1, 3), (1, 4, 1, 5)],
    )
    found = find_headings(page)
    assert found
    assert (found.first, found.last) == (1, 2)
    assert found.names == ("序号", "任务名称", "牵头单位", "责任单位", "进度", "进展情况")
    task = read(page).tasks[0]
    assert (task.lead, task.responsible, task.progress, task.said) == (
        ("市住建局",),
        ("市财政局",),
        35,
        "已开工",
    )


def test_a_sheet_without_headings_proposes_none() -> None:
    page = sheet(("说明",), ("改造小区", "三月开工"))
    assert find_headings(page) is None
    assert not propose(Sheets((page,)), 0, "台账.xlsx", AS_OF).has_headings


def test_a_field_that_one_column_may_hold_is_given_to_the_first() -> None:
    found = headings_at(sheet(("任务名称", "完成时限", "办结时限", "项目名称")), 0, 0)
    assert found.fields == (Field.TITLE, Field.DUE, Field.KEEP, Field.TEXT)


def test_where_nothing_is_called_a_task_its_content_is_the_task() -> None:
    found = headings_at(sheet(("序号", "工作内容", "责任单位")), 0, 0)
    assert found.fields == (Field.NUMBER, Field.TITLE, Field.RESPONSIBLE)


@pytest.mark.parametrize(
    ("names", "fields"),
    [
        # What others assist in is led by the one that is not an assistant.
        ("督办事项 承办单位 协办单位 办理情况 办结情况", "title lead responsible said state"),
        ("任务名称 责任单位 配合单位", "title lead responsible"),
        ("任务名称 责任单位 落实单位", "title responsible responsible"),
        ("任务名称 牵头单位 责任单位 配合单位", "title lead responsible responsible"),
        # 单位 is of measure where other columns name units.
        ("指标名称 单位 年度目标 牵头单位", "title keep text lead"),
        ("任务名称 单位", "title responsible"),
        # The lowest level is the task.
        ("一级任务 二级任务 三级任务 责任单位", "category category title responsible"),
        ("一级指标 工作内容 责任单位", "category title responsible"),
        ("问题 整改措施 整改责任单位 整改时限 销号情况", "keep title responsible due state"),
        ("工作任务 责任领导 责任单位 完成时限 5月底进展 6月计划", "title keep responsible due said keep"),
    ],
)
def test_columns_are_understood_beside_each_other(names: str, fields: str) -> None:
    found = headings_at(sheet(names.split()), 0, 0)
    assert [field.value for field in found.fields] == fields.split()


def test_title_and_day_are_proposed_from_what_stands_above() -> None:
    page = sheet(
        ("澄江市2020年城市更新重点任务台账",), ("填报单位：市更新办  截至2021年3月31日",), HEAD, row()
    )
    found = propose(Sheets((page,)), 0, "x.xlsx", AS_OF)
    assert (found.title, found.as_of, found.year) == (
        "澄江市2020年城市更新重点任务台账",
        date(2021, 3, 31),
        2020,
    )
    bare = propose(Sheets((sheet(HEAD, row()),)), 0, "更新台账（2021年）.xlsx", AS_OF)
    assert (bare.title, bare.as_of, bare.year) == ("更新台账（2021年）", AS_OF, 2021)


# ---- cells


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2021-06-30", (6, 30)), ("2021/6/30", (6, 30)), ("2021.6.30", (6, 30)), ("2021年6月30日", (6, 30)),
        ("20210630", (6, 30)), ("2021-06-30T18:00:00", (6, 30)), ("２０２１年６月３０日", (6, 30)),
        ("6 月 底", (6, 30)),
        ("2021年6月", (6, 30)), ("2021.06", (6, 30)), ("6月", (6, 30)), ("6月底前", (6, 30)), ("6月30日前", (6, 30)),
        ("6/30", (6, 30)), ("上半年", (6, 30)), ("二季度末", (6, 30)), ("年底", (12, 31)), ("2021", (12, 31)),
        ("3月-6月", (6, 30)), ("3月底前开工，12月底前完工", (12, 31)), ("44377", (6, 30)),
    ],
)  # fmt: skip
def test_a_day_in_every_form(text: str, day: tuple[int, int]) -> None:
    assert read_day(text, BASE).day == date(2021, *day)


@pytest.mark.parametrize("text", ["长期", "持续推进", "尽快", "每月10日前", "14个工作日内", "", "—"])
def test_words_without_a_day_stay_without_one(text: str) -> None:
    found = read_day(text, BASE)
    assert (found.day, found.wrong) == (None, None)


@pytest.mark.parametrize(
    "text", ["2021.13.45", "2月30日", "2021年11月31日", "6.3", "3-6", "99", "1905-01-01"]
)
def test_a_day_that_cannot_be_is_said(text: str) -> None:
    found = read_day(text, BASE)
    assert found.day is None
    assert found.wrong is not None


def test_a_bare_number_counts_days_as_its_file_does() -> None:
    assert read_day("42915", BASE, since_1904=True).day == date(2021, 6, 30)


@pytest.mark.parametrize(
    ("text", "fractions", "percent"),
    [
        ("0.35", True, 35), ("1", True, 100), ("35%", False, 35), ("“35％”", False, 35), ("35", False, 35),
        ("1", False, 1), ("约完成35%", False, 35), ("99.6%", False, 99), ("已完成", False, 100), ("未启动", False, 0),
        ("正常推进", False, None), ("", False, None), ("/", False, None),
    ],
)  # fmt: skip
def test_a_percentage_in_every_form(*, text: str, fractions: bool, percent: int | None) -> None:
    found = read_percent(text, fractions=fractions)
    assert (found.percent, found.wrong) == (percent, None)


@pytest.mark.parametrize("text", ["120%", "1035%", "-5%", "－5％", "-0.5", "50%-60%", "不清楚", "0.35"])
def test_a_percentage_that_cannot_be_is_said(text: str) -> None:
    assert read_percent(text, fractions=False).wrong is not None


def test_numbers_are_fractions_only_where_the_whole_column_is() -> None:
    assert are_fractions(["0.35", "1", "", "已完成"])
    assert not are_fractions(["0.35", "35"])
    assert not are_fractions(["35%", ""])


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("已完成", True), ("办结", True), ("√", True), ("是", True), ("已销号", True), ("● 已办结", True),
        ("未完成", False), ("推进中", False), ("否", False), ("基本完成", False), ("正常推进", False), ("×", False),
        ("暂缓", None), ("移交", None),
    ],
)  # fmt: skip
def test_a_state_is_completed_open_or_unknown(*, text: str, closed: bool | None) -> None:
    assert read_state(text) is closed


def test_persons_beside_units_are_left_out_where_the_heading_names_them() -> None:
    page = sheet(
        ("任务名称", "责任单位及责任人"), ("修桥", "市交通局 张三"), ("铺路", "市城管局（李四）、市园林局（王小五）"),
    )  # fmt: skip
    assert [task.responsible for task in read(page).tasks] == [("市交通局",), ("市城管局", "市园林局")]
    assert read_units("各区（县）人民政府", Role.LEAD, people=True) == (("各区（县）人民政府",), ())


@pytest.mark.parametrize(
    ("text", "role", "lead", "responsible"),
    [
        ("市住建局、市财政局\n各区人民政府", Role.RESPONSIBLE, "", "市住建局 市财政局 各区人民政府"),
        ("市住房和\n城乡建设局", Role.LEAD, "市住房和城乡建设局", ""),
        ("牵头：市住建局；配合：市财政局", Role.RESPONSIBLE, "市住建局", "市财政局"),
        ("市住建局（牵头），市财政局", Role.LEAD, "市住建局", "市财政局"),
        ("市住建局牵头，市财政局、市水务局配合", Role.RESPONSIBLE, "市住建局", "市财政局 市水务局"),
        ("市住建局/市财政局", Role.LEAD, "市住建局 市财政局", ""),
        ("各区（县）人民政府", Role.RESPONSIBLE, "", "各区（县）人民政府"),
    ],
)
def test_units_of_a_cell(text: str, role: Role, lead: str, responsible: str) -> None:
    assert read_units(text, role) == (tuple(lead.split()), tuple(responsible.split()))


# ---- rows


def test_a_row_becomes_a_task_with_its_past() -> None:
    task = read(listed(row(category="硬件", state="已完成", progress="100%"))).tasks[0]
    assert (task.number, task.title, task.path) == ("1", "改造小区", ("硬件",))
    assert (task.lead, task.responsible, task.due_on) == (("市住建局",), ("市财政局",), date(2021, 12, 31))
    assert (task.progress, task.closed) == (100, True)
    assert ("完成时限", "2021-12-31") in task.cells


def test_a_category_goes_down_until_the_next_one_and_a_heading_ends_it() -> None:
    found = read(
        listed(
            ("一、硬件提升",), row("1", category="道路"), row("2", "修桥"), row("3", "种树", category="绿化"),
            ("二、服务提升",), row("4", "评比"), merges=[(1, 0, 1, 7), (5, 0, 5, 7)],
        )
    )  # fmt: skip
    assert [task.path for task in found.tasks] == [
        ("一、硬件提升", "道路"), ("一、硬件提升", "道路"), ("一、硬件提升", "绿化"), ("二、服务提升",),
    ]  # fmt: skip


def test_a_heading_may_stand_as_number_and_title() -> None:
    found = read(listed(("一", "", "硬件提升"), row(), ("二", "", "服务提升"), row("1", "评比")))
    assert [(task.title, task.path) for task in found.tasks] == [
        ("改造小区", ("一、硬件提升",)),
        ("评比", ("二、服务提升",)),
    ]


def test_sums_notes_empty_rows_and_headings_printed_again_are_left_out_and_said() -> None:
    page = sheet(
        ("澄江市重点任务台账",), HEAD, row(), ("", "", ""), ("小计",), ("澄江市重点任务台账",), HEAD, row("2", "种树"),
        ("合  计", "", "2项"), ("填表人：李敏", "", "审核人：王强"), ("注：进度截至5月底",),
    )  # fmt: skip
    found = read(page)
    assert [task.title for task in found.tasks] == ["改造小区", "种树"]
    assert notes(found) == {
        "Sums, left out": "5、9",
        "Headings printed again, left out": "6–7",
        "Notes beside the table, left out": "10–11",
        "Empty rows, passed over": "4",
    }


def test_hidden_rows_are_kept_and_said() -> None:
    found = read(listed(row(), row("2", "种树"), hidden=[2]))
    assert len(found.tasks) == 2
    assert notes(found)["Hidden rows, taken like the others"] == "3"


def test_rows_below_one_merged_task_are_one_task() -> None:
    found = read(
        listed(
            row(others="市财政局"), ("", "", "", "", "市水务局", "", "", ""),
            merges=[(1, 0, 2, 0), (1, 2, 2, 2), (1, 3, 2, 3)],
        )
    )  # fmt: skip
    assert len(found.tasks) == 1
    assert found.tasks[0].responsible == ("市财政局", "市水务局")
    assert found.twice == ()


def test_rows_below_one_merged_task_with_work_of_their_own_are_tasks_below_it() -> None:
    page = sheet(
        ("序号", "重点任务", "工作举措", "责任单位"),
        ("1", "改造小区", "完成管网改造", "市水务局"),
        ("", "", "完成外墙改造", "市住建局"),
        merges=[(1, 0, 2, 0), (1, 1, 2, 1)],
    )
    found = read(page, Answers(lead="first"))
    assert [(t.title, t.path, t.lead) for t in found.tasks] == [
        ("完成管网改造", ("改造小区",), ("市水务局",)),
        ("完成外墙改造", ("改造小区",), ("市住建局",)),
    ]


def test_every_bad_cell_is_named_at_once() -> None:
    found = read(
        listed(
            row(due="2021年13月1日"), row("2", "种树", progress="120%"), ("3", "", "", "市水务局"), row("4", "#REF!"),
            row("5", "修桥"), errors={(5, 5): "#N/A", (5, 6): "="},
        )
    )  # fmt: skip
    assert faults(found) == [
        ("F2", "2021年13月1日"), ("G3", "120%"), ("C4", ""), ("C5", "#REF!"), ("F6", "2021-12-31"), ("G6", "35%"),
    ]  # fmt: skip


def test_a_cell_mended_on_the_page_is_read_instead() -> None:
    page = listed(
        row(due="2021年13月1日"), ("2", "", "种树", "市园林局", "", "", ""), errors={(2, 6): "#REF!"}
    )
    found = read(page, Answers(fixes={(1, 5): "2021-10-01", (2, 6): ""}))
    assert found.faults == ()
    assert [(task.due_on, task.progress) for task in found.tasks] == [(date(2021, 10, 1), 35), (None, None)]


def test_text_that_begins_like_a_formula_stays_text() -> None:
    found = read(listed(row(title="=1+1", lead="@市住建局"), row("2", "-清理占道"), row("3", "+新增泊位")))
    assert [task.title for task in found.tasks] == ["=1+1", "-清理占道", "+新增泊位"]
    assert found.tasks[0].lead == ("@市住建局",)


def test_a_number_and_title_that_stand_twice_are_asked_about() -> None:
    page = listed(row(), row(), row("2"))
    assert read(page).twice == ((2, 3),)
    assert len(read(page, Answers(twice="both")).tasks) == 3
    assert [task.row for task in read(page, Answers(twice="first")).tasks] == [1, 3]


def test_who_leads_is_asked_where_nobody_does() -> None:
    page = listed(row(lead="", others="市财政局、市水务局"), row("2", "种树"))
    assert read(page).leaderless == (2,)
    first = read(page, Answers(lead="first")).tasks[0]
    assert (first.lead, first.responsible) == (("市财政局",), ("市水务局",))
    each = read(page, Answers(lead="each")).tasks
    assert [task.each_answers for task in each] == [True, False]


def test_an_unknown_word_of_state_is_asked_about_once() -> None:
    page = listed(row(state="移交"), row("2", "种树", state="移交"), row("3", "修桥"))
    assert read(page).unknown_states == {"移交": 2}
    assert [task.closed for task in read(page, Answers(states={"移交": True})).tasks] == [True, True, False]


def test_a_word_in_the_column_of_progress_closes_a_task_where_no_column_says_the_state() -> None:
    page = sheet(
        ("任务名称", "责任单位", "完成情况"),
        ("修桥", "市交通局", "已完成"),
        ("种树", "市园林局", "已完成三成"),
    )
    assert [task.closed for task in read(page).tasks] == [True, False]


def test_full_progress_alone_does_not_close_a_task() -> None:
    found = read(listed(row(progress="100%")))
    assert not found.tasks[0].closed
    assert notes(found) == {"100%, yet not called completed; the task stays open": "2"}


def test_a_long_text_without_a_name_gets_a_short_one_and_is_kept_whole() -> None:
    long = "1.持续开展老旧小区综合整治。" + "完善管网、道路、照明设施，" * 8
    task = read(listed(row(title=long))).tasks[0]
    assert task.title == "持续开展老旧小区综合整治"
    assert task.text == long


def test_more_rows_than_the_limit_are_refused() -> None:
    page = Sheet("台账", [list(HEAD), list(row())], cut=1)
    assert [fault.reason.params for fault in read(page).faults] == [{"most": 10_000}]


def test_headings_without_rows_are_no_ledger() -> None:
    assert [fault.reason.msgid for fault in read(listed()).faults] == ["No task stands below the headings."]


def test_columns_and_rows_are_named_as_excel_names_them() -> None:
    assert [letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert row_words((3, 4, 5, 9, 11, 12)) == "3–5、9、11–12"


# ---- anything at all

WORDS = st.sampled_from(
    [*HEAD, "一、道路", "合计", "注：见附件", "2021-06-30", "6月底", "35%", "0.5", "已完成", "移交",
     "市住建局、市财政局",
     "各区人民政府", "=1+1", "#REF!", "", "", "\n", "　", "（", "1", "2"]
) | st.text(max_size=12)  # fmt: skip
BOXES = st.tuples(*[st.integers(0, 12)] * 4).map(
    lambda b: (min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3]))
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(WORDS, max_size=9), max_size=14), st.lists(BOXES, max_size=5), st.booleans())
def test_no_sheet_raises_and_every_task_stands_in_a_row(
    rows: list[list[str]],
    merges: list[tuple[int, int, int, int]],
    headed: bool,  # noqa: FBT001 -- drawn
) -> None:
    page = sheet(*([HEAD] if headed else []), *rows, merges=merges, hidden=[1], errors={(2, 2): "#N/A"})
    choices = propose(Sheets((page,)), 0, "台账.xlsx", AS_OF)
    if Field.TITLE not in choices.fields:
        return
    answers = Answers(lead="first", twice="both")
    found = read_rows(page, choices.headings_in(page), answers, base=BASE, as_of=AS_OF, since_1904=False)
    assert all(choices.last < task.row <= task.last_row < len(page.cells) for task in found.tasks)
    ledger = draft_of(page, found.tasks, title="台账", as_of=AS_OF, register=["东湖区人民政府"])
    assert from_json(json.loads(json.dumps(to_json(ledger)))) == ledger


# ---- the draft


def test_a_line_of_the_draft_is_the_row_of_the_sheet_and_the_members_come_from_the_register() -> None:
    page = listed(row(others="各区人民政府"), ("",), row("2", "种树\n护树"))
    ledger = draft_of(
        page, read(page).tasks, title="台账", as_of=AS_OF, register=["东湖区人民政府", "市住建局"]
    )
    assert [task.line for task in ledger.tasks] == [2, 4]
    lines = ledger.read.document.text.split("\n")
    assert lines[3].startswith("2\t\t种树 护树\t市住建局")
    assert [(c.token, [m.name for m in c.members]) for c in ledger.collectives] == [
        ("各区人民政府", ["东湖区人民政府"])
    ]
    assert ledger.tasks[0].due_from_notice
    assert ledger.issued_on == date(2021, 6, 1)  # what the ledger knows already is not asked for again


# ---- quantities


@pytest.mark.parametrize(
    ("cell", "found", "more"),
    [
        ("改造小区12个", "改造小区（个）12", False),
        ("300户", "数量（户）300", False),
        ("1，200户", "数量（户）1200", False),
        ("完成投资1.94亿元", "完成投资（万元）19400", False),
        ("1.94万户", "数量（户）19400", False),
        ("3.5公里", "数量（米）3500", False),
        ("改造12个小区、加装电梯30部；惠及300户", "改造小区（个）12 加装电梯（部）30 惠及（户）300", False),
        ("新开工小区12个、完成小区9个", "新开工小区（个）12 完成小区（个）9", False),  # E-68
        ("2021年底前改造小区12个", "改造小区（个）12", False),
        ("12个、9个", "数量（个）12", True),
        ("12个，其余待定", "数量（个）12", True),
        ("2.5亩", "", True),
        ("14个工作日", "", True),  # E-67
        ("15分钟", "", True),
        ("〔2020〕23号", "", True),
        ("=12个", "数量（个）12", False),
        ("待定", "", True),
        ("12", "", True),
    ],
)
def test_quantities_of_a_cell_are_whole_numbers_of_a_measure_and_the_rest_stays_text(
    *, cell: str, found: str, more: bool
) -> None:
    said, rest = of_cell(cell)
    assert (" ".join(f"{name}{number}" for name, number, _ in said), rest) == (found, more)


def test_a_column_of_quantities_is_known_and_a_bare_number_takes_its_unit_from_the_heading() -> None:
    page = sheet(
        ("任务名称", "牵头单位", "目标任务量", "数量（户）"),
        ("改造小区", "市住建局", "改造小区12个", "300"),
        ("修路", "市住建局、市交通局", "待定", "5000"),
    )
    reading = read(page)
    assert [[(q.measure, q.number) for q in task.quantities] for task in reading.tasks] == [
        [("改造小区（个）", 12), ("数量（户）", 300)],
        [("数量（户）", 5000)],
    ]
    assert [task.answering for task in reading.tasks] == ["市住建局", ""]
    assert notes(reading)["Not wholly read as quantities; what was not read stays text"] == "3"
    assert not reading.faults
