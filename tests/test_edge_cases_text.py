"""Edge cases of texts: structure (group D), dates as far as reading goes (E-44 to E-60), numbers (group F).

Each case id begins with its number in the list of edge cases. Places, people and texts are invented.
"""

from __future__ import annotations

from datetime import date

import pytest

from supervisor.core.cadences import DuePolicy, due_date, parse_recurrence
from supervisor.core.draft_ledger import from_reading
from supervisor.core.questions import questions
from supervisor.core.workdays import seed_calendar
from supervisor.intake import read_text
from tests.test_edge_cases import HEAD, draft, units

# ---- D: structure


def test_e37_skipped_and_repeated_numbers_lose_no_item_and_are_told() -> None:
    read = draft(
        "二、任务\n（三）栽树。加强。（责任单位：市林业局）\n（三）种草。加强。（责任单位：市园林局）\n（五）养护。加强。（责任单位：市城管局）"
    )
    assert [(task.number, task.title) for task in read.tasks] == [
        ("（三）", "栽树"),
        ("（三）", "种草"),
        ("（五）", "养护"),
    ]
    codes = [(problem.code, problem.line) for problem in read.problems if problem.code.startswith("number")]
    assert codes == [("number_repeated", 6), ("number_gap", 7)]


def test_e38_a_dash_for_one_opens_the_first_chapter() -> None:
    read = draft(
        "―、任务\n（一）栽树。加强。（责任单位：市林业局）\n二、保障\n（一）种草。加强。（责任单位：市园林局）"
    )
    assert [task.path for task in read.tasks] == [("―、任务",), ("二、保障",)]
    assert not any(problem.code.startswith("number") for problem in read.problems)


def test_e39_width_of_punctuation_changes_nothing_that_is_read() -> None:
    wide = "一、任务\n（一）栽树。（牵头单位：市林业局；责任单位：市财政局，市园林局）\n附件：1．名单"
    narrow = wide.translate(str.maketrans("（）：；，．", "():;,."))
    assert units(wide) == units(narrow) == [(("市林业局",), ("市财政局", "市园林局"))]


def test_e40_page_furniture_is_set_aside_and_null_is_nothing() -> None:
    read = read_text(
        "索引号:null\n浏览量:123\n【字体：大 中 小】 打印\n"
        + HEAD
        + "一、任务\n1.栽树。加强。（责任单位：市林业局）\n【 扫一扫 】\n省直部门网站"
    )
    assert read.document.doc_numbers == ()
    assert read.document.title == "澄江市绿化行动方案"
    assert {1, 2, 3} <= set(read.document.furniture)
    assert [task.responsible for task in read.tasks] == [("市林业局",)]


def test_e41_slips_stay_as_they_stand() -> None:
    body = "一、任务\n1.栽树。领导小区要现将方案现\n印发，推进我省工作。（责任单位：市林业局）"
    (task,) = draft(body).tasks
    assert "领导小区要现将方案现" in task.text
    assert "我省" in task.text
    assert draft(body).document.text == HEAD + body


def test_e42_an_item_with_one_two_three_inside_is_one_task_with_all_their_units() -> None:
    """contracts.md: several brackets under one number make one task with the union; a person may split it."""
    found = units(
        "一、任务\n（一）养护。一是浇水（责任单位：市林业局），二是修剪（责任单位：市园林局），三是补植（责任单位：市城管局）。"
    )
    assert found == [((), ("市林业局", "市园林局", "市城管局"))]


def test_e43_one_paper_may_have_two_numbers_or_none() -> None:
    two = read_text("澄政办〔2021〕7号\n澄政规—2021—3号\n" + HEAD)
    assert two.document.doc_numbers == ("澄政办〔2021〕7号", "澄政规—2021—3号")
    assert read_text(HEAD).document.doc_numbers == ()


# ---- E: dates and cadence, as far as reading goes


def dates(sentence: str) -> list[tuple[str | None, str | None]]:
    (task,) = draft(f"一、任务\n1.栽树。{sentence}（责任单位：市林业局）").tasks
    return [(str(d.date) if d.date else None, d.recur) for d in task.deadlines]


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        pytest.param("公示时间不少于14个工作日。", [], id="E-44 a period is no deadline"),
        pytest.param(
            "每年10月30日前报送计划。",
            [(None, "yearly:10-30")],
            id="E-45 the literal day, a Saturday in 2021",
        ),
        pytest.param("2021年3月底前完成。", [("2021-03-31", None)], id="E-47 底前"),
        pytest.param("2024年2月底之前完成。", [("2024-02-29", None)], id="E-47 底之前, leap year"),
        pytest.param("到2021年末完成。", [("2021-12-31", None)], id="E-47 末"),
        pytest.param("6月15日前完成。", [("2021-06-15", None)], id="E-48 the year left out"),
        pytest.param("改造2000年底前建成的小区。", [], id="E-48 eligibility"),
        pytest.param(
            "每年10月30日前将下一年度计划报市林业局。",
            [(None, "yearly:10-30")],
            id="E-49 about the next year",
        ),
        pytest.param("2021年2—3月完成。", [("2021-03-31", None)], id="E-50 months with a dash"),
        pytest.param("2021年4月至2023年10月底完成。", [("2023-10-31", None)], id="E-50 from and to"),
        pytest.param("2001年至2005年底前建成的小区列入。", [], id="E-50 eligibility as a range"),
        pytest.param("每月10日、25日报送信息。", [(None, "monthly:10,25")], id="E-51 two days a month"),
        pytest.param("每年11月底前完成建设。", [(None, "yearly:11-30")], id="E-57 every year"),
        pytest.param(
            "定期研究，不定期检查，适时调度，随时上报，及时处理，按时报送。",
            [],
            id="E-58 words without a day",
        ),
        pytest.param("在规定时间内完成。", [], id="E-58 a time that is not told"),
    ],
)
def test_a_date_is_what_its_words_say(sentence: str, wanted: list[tuple[str | None, str | None]]) -> None:
    assert dates(sentence) == wanted


@pytest.mark.parametrize(
    ("literal", "before", "after"),
    [
        ("2021-10-30", "2021-10-29", "2021-11-01"),
        ("2022-10-30", "2022-10-28", "2022-10-31"),
        ("2024-11-30", "2024-11-29", "2024-12-02"),
        ("2025-11-30", "2025-11-28", "2025-12-01"),
        ("2021-10-31", "2021-10-29", "2021-11-01"),
        ("2022-12-31", "2022-12-30", "2023-01-03"),
        ("2023-12-31", "2023-12-29", "2024-01-02"),
    ],
)
def test_e45_a_deadline_on_a_day_off_stays_unless_the_rule_moves_it(
    literal: str, before: str, after: str
) -> None:
    day, calendar = date.fromisoformat(literal), seed_calendar()
    moved = [
        due_date(day, policy, calendar) for policy in (DuePolicy.KEEP, DuePolicy.BEFORE, DuePolicy.AFTER)
    ]
    assert [str(each.effective) for each in moved] == [literal, before, after]
    assert {str(each.literal) for each in moved} == {literal}
    assert not any(each.working_day for each in moved)


def test_a_recurrence_that_was_read_is_one_that_the_calendar_knows() -> None:
    for sentence in ("每月10日、25日", "每年10月30日前", "每季度末", "每月5日前", "每周五", "每年11月底前"):
        ((_, recur),) = dates(f"{sentence}报送进展。")
        assert recur is not None
        parse_recurrence(recur)


def test_e50_a_span_of_years_in_a_title_is_no_number_and_no_date() -> None:
    read = read_text(
        "澄江市2021-2022年度绿化方案\n澄江市人民政府\n2021年3月10日\n一、任务\n1.栽树。加强。（责任单位：市林业局）"
    )
    assert read.document.title == "澄江市2021-2022年度绿化方案"
    assert (read.tasks[0].deadlines, read.targets, read.other_deadlines) == ((), (), ())


def test_e52_a_day_before_the_notice_is_read_and_told() -> None:
    read = draft("一、任务\n1.栽树。2021年2月底前完成。（责任单位：市林业局）")
    assert [d.date for d in read.tasks[0].deadlines] == [date(2021, 2, 28)]
    assert "early_deadline" in {problem.code for problem in read.problems}
    kept = [question for question in questions(from_reading(read)) if question.key.startswith("problem-")]
    assert len(kept) == 1


# ---- F: numbers


def targets(sentence: str) -> list[tuple[str, str, str]]:
    found = draft(f"一、目标\n{sentence}").targets
    return [(f"{t.value:f}", t.unit_of_measure, t.verb) for t in found]


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        pytest.param(
            "2021年完成改造1.94万户。", [("19400", "户", "完成")], id="E-64 ten thousands are whole numbers"
        ),
        pytest.param(
            "2023年计划完成 7个片区、5124户, 2024年计划完成6个片区、4310户。",
            [
                ("7", "个片区", "计划完成"),
                ("5124", "户", "计划完成"),
                ("6", "个片区", "计划完成"),
                ("4310", "户", "计划完成"),
            ],
            id="E-65 stray spaces",
        ),
        pytest.param(
            "投资比例不超过总投资的90%，减按90%计入应缴纳所得税。", [], id="E-66 shares are no quantities"
        ),
        pytest.param(
            "建成15分钟生活圈，公示14个工作日，推进5G建设，办理2号建议案，落实某办发〔2020〕23号。",
            [],
            id="E-67 numbers of other kinds",
        ),
        pytest.param("2021年新开工改造小区156个。", [("156", "个小区", "新开工")], id="E-68 a start"),
        pytest.param(
            "2022年基本完成小区改造任务，涉及居民6万户。", [("60000", "户", "基本完成")], id="E-68 a finish"
        ),
        pytest.param(
            "2024年计划改造提质6个片区。", [("6", "个片区", "计划改造提质")], id="E-68 its own verb"
        ),
    ],
)
def test_a_target_is_what_its_words_say(sentence: str, wanted: list[tuple[str, str, str]]) -> None:
    assert targets(sentence) == wanted


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        pytest.param(
            "共20个片区、126个小区。2021年完成11个片区，2022年完成9个片区。",
            ["sum_incomplete"],
            id="E-69 no split of one measure",
        ),
        pytest.param(
            "共20个片区。2021年开工11个片区，2022年完成9个片区。",
            [],
            id="E-68 a start and a finish make no total",
        ),
        pytest.param("到2025年底，完成改造6万户。", [], id="E-69 a total alone is not wrong"),
        pytest.param("推进改造，完成率居全省前列。", [], id="E-69 no number at all"),
    ],
)
def test_a_split_that_is_not_given_is_incomplete_and_never_wrong(body: str, codes: list[str]) -> None:
    read = draft(f"一、目标\n{body}")
    assert [problem.code for problem in read.problems if problem.code.startswith("sum_")] == codes


def test_e71_a_stated_count_behind_the_list_is_no_unit() -> None:
    read = draft(
        "一、组织\n联席会议成员单位由市委宣传部,市发改委、教育局、林业局等4个市直部门单位和各区人民政府组成。"
    )
    names = [post.unit for post in read.posts]
    assert names == ["市委宣传部", "市发改委", "教育局", "林业局", "各区人民政府"]
