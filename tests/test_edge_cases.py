"""Edge cases of notices (groups A to D, E-44 to E-60 as far as reading goes, F): what other tests do not say yet.

Each case id begins with its number in the list of edge cases. Places, people and texts are invented.
"""

from __future__ import annotations

from datetime import date

import pytest

from supervisor.core.draft_ledger import from_reading
from supervisor.core.printed_names import EMPTY
from supervisor.core.questions import pair_questions, questions
from supervisor.intake import Draft, read_text

HEAD = "澄江市绿化行动方案\n澄江市人民政府办公室\n2021年3月10日\n"
ROSTER = HEAD + "附件\n绿化领导小组名单\n"


def draft(body: str) -> Draft:
    return read_text(HEAD + body)


def units(body: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return [(task.lead, task.responsible) for task in draft(body).tasks]


# ---- A: people

SPACED = """召 集 人：汪　勇 市政府副市长
副召集人：于\u2002\u2002洋\u2002市政府副秘书长
\u3000\u3000\u3000\u3000曾亦 市林业局局长
成\u00a0\u3000员：艾尔肯·买买提 市民政局局长
图格加甫\u2002\u2002市水务局总会计师
红 霞 市园林局一级调研员
田强 市财政局党组成员、市会计核
算中心主任
蓝一 市城管局副局长，一级高级主办（主持工作）
曾二 市林业局副局长
王三 东湖开发区管委会（东山区人民政府）副主任（副区长）
刘四 北山区委常委、统战部部长
办公室设在市林业局，由曾亦同志兼任办公室主任，林七同志任办公室副主任。"""


@pytest.fixture(scope="module")
def spaced() -> Draft:
    return read_text(ROSTER + SPACED)


def test_e01_e02_e04_e05_spaces_wraps_and_other_names_give_one_person_a_line(spaced: Draft) -> None:
    """E-01 汪　勇, E-02 召 集 人, E-04 a post broken in the middle, E-05 names with · and of four characters."""
    assert [member.name for member in spaced.members] == (
        ["汪勇", "于洋", "曾亦", "艾尔肯·买买提", "图格加甫", "红霞", "田强", "蓝一", "曾二", "王三", "刘四"]
    )
    assert spaced.members[6].post == "市财政局党组成员、市会计核算中心主任"


def test_e03_a_role_goes_on_to_lines_without_a_label(spaced: Draft) -> None:
    assert [member.role for member in spaced.members[:4]] == ["召集人", "副召集人", "副召集人", "成员"]
    assert {member.role for member in spaced.members[3:]} == {"成员"}


def test_e06_e08_one_person_has_several_posts_and_an_office_post_needs_no_seat(spaced: Draft) -> None:
    directors = [(office.role, office.name) for office in spaced.offices if office.name]
    assert directors == [("办公室主任", "曾亦"), ("办公室副主任", "林七")]
    assert [member.name for member in spaced.members].count("曾亦") == 1
    assert "林七" not in [member.name for member in spaced.members]


def test_e07_e14_two_authorities_stay_one_unit_and_a_party_post_names_none(spaced: Draft) -> None:
    assert spaced.members[-2].unit == "东湖开发区管委会（东山区人民政府）"
    assert spaced.members[-1].unit is None


def test_e09_e10_posts_without_names_are_seats_and_the_office_is_headed_by_a_post() -> None:
    read = draft(
        "一、组织\n成立领导小组，组长由市长担任，副组长为分管副市长，成员由市林业局、市财政局主要负责同志组成。"
        "办公室设在市林业局，市林业局局长兼任办公室主任。"
    )
    assert [(post.role, post.unit) for post in read.posts] == [
        ("组长", None), ("副组长", None), ("成员", "市林业局"), ("成员", "市财政局"),
    ]  # fmt: skip
    assert [(office.role, office.name, office.unit) for office in read.offices] == [
        ("办公室", None, "市林业局"), ("办公室主任", None, "市林业局"),
    ]  # fmt: skip


def test_e11_two_members_of_one_unit_are_one_unit(spaced: Draft) -> None:
    read = [person.unit for person in from_reading(spaced).roster]
    assert read.count("市林业局") == 2
    assert (
        len({unit for unit in read if unit}) == len([unit for unit in read if unit]) - 2
    )  # 市政府 twice too


@pytest.mark.parametrize(
    "post",
    [
        "市林业局总会计师", "市林业局二级巡视员", "市林业局一级调研员", "市林业局负责人", "市林业局党组书记",
        "市林业局党委副书记、副局长，一级高级主办（主持工作）", "市林业局副局长（主持工作）",
    ],
)  # fmt: skip
def test_e12_the_unit_is_the_longest_name_at_the_head_of_any_post(post: str) -> None:
    (member, _) = read_text(f"{ROSTER}成员：王五 {post}\n赵六 市财政局局长").members
    assert (member.unit, member.post) == ("市林业局", post)


@pytest.mark.parametrize("rank", ["处级干部", "业务人员", "科室负责人"])
def test_e13_the_rank_of_a_liaison_officer_is_its_own_field(rank: str) -> None:
    (rule,) = draft(f"一、要求\n各成员单位要明确1名{rank}为联络员。").liaison
    assert (rule.count, rule.rank) == (1, rank)


# ---- B: units


def asked(body: str) -> list[tuple[str, ...]]:
    found = pair_questions(from_reading(draft(body)), EMPTY)
    return [tuple(str(value) for value in question.sentence.params.values()) for question in found]


@pytest.mark.parametrize(
    ("one", "two", "alike"),
    [
        pytest.param("市公积金管理中心", "市住房公积金管理中心", True, id="E-16 word left out"),
        pytest.param("州住建局", "州住房和城乡建设局", True, id="E-16 short form"),
        pytest.param("县综合行政执法局", "县综合执法局", True, id="E-16 one word less"),
        pytest.param("国网澄江供电公司", "国网澄江电力公司", True, id="E-17 two words that contradict"),
        pytest.param("市住房保障房管局", "市城乡建设局", False, id="E-18 similar, two bureaus"),
        pytest.param("规划办", "自然资源和规划分局", False, id="E-18 office and branch"),
        pytest.param("市财政局", "市金融和国有资产发展中心", False, id="E-18 nothing in common"),
        pytest.param("县应急救援大队", "澄江县消防救援大队", False, id="E-18 undetermined: stays two"),
        pytest.param("市发改委", "市发改委（粮食和物资储备局）", True, id="E-19 second nameplate"),
        pytest.param("市教育局", "教育局", True, id="E-20 elided level"),
    ],
)
def test_names_are_asked_about_and_never_merged(one: str, two: str, *, alike: bool) -> None:
    body = f"一、部门职责\n（一）{one}：负责统筹。\n（二）{two}：负责协调。"
    assert asked(body) == ([(one, two)] if alike else [])
    assert [duty.units for duty in draft(body).duties] == [(one,), (two,)]


@pytest.mark.parametrize(
    ("mark", "wanted"),
    [
        pytest.param(
            "市发改委(粮食和物资储备局)、各乡镇（街道）人民政府（办事处）", 2, id="E-19 brackets stay text"
        ),
        pytest.param(
            "东湖开发区管委会(东山区人民政府)、弱电（通讯、网络、有线电视）单位",
            2,
            id="E-19 a list in brackets",
        ),
        pytest.param("市发改委、教育局、工信局和财政局", 4, id="E-20 elided level, 和 before the last"),
        pytest.param("市生态环境局东山分局、县水务局", 2, id="E-22 市 in a county's notice"),
    ],
)
def test_names_stay_as_printed(mark: str, wanted: int) -> None:
    (task,) = draft(f"一、任务\n1.推进。加强。（责任单位：{mark}）").tasks
    assert len(task.responsible) == wanted
    assert "、".join(task.responsible) == mark.replace("和财政局", "、财政局")


def test_e21_functions_stand_for_offices_until_a_person_names_them() -> None:
    found = units(
        "一、任务\n1.推进。加强。（县级住房城乡建设、发展改革、财政、交警等相关部门按职责分工负责）"
    )
    assert found == [((), ("县级住房城乡建设", "发展改革", "财政", "交警"))]


def test_e23_an_entry_without_a_colon_is_an_entry_and_leads() -> None:
    read = draft(
        "二、部门职责\n（一）市林业局为栽树工作牵头单位，负责统筹。\n（二）市财政局：负责资金。\n（三）市园林局：配合养护。"
    )
    assert [duty.units for duty in read.duties] == [("市林业局",), ("市财政局",), ("市园林局",)]
    assert [duty.clauses[0].verb for duty in read.duties] == ["牵头", "负责", "配合"]


def test_e24_an_item_without_a_subject_takes_no_unit_from_its_neighbour() -> None:
    read = draft(
        "四、保障\n（一）组织。要加强领导。（责任单位：市林业局）\n（二）程序\n1.调查摸底。全面调查居民意愿。\n2.制定方案。细化方案，报政府同意后公示。"
    )
    assert [(task.title, task.responsible) for task in read.tasks] == [("组织", ("市林业局",))]
    assert read.duties == ()


# ---- C: collective names


def test_e28_e29_a_definition_in_brackets_is_cut_off_first_and_holds_for_later_mentions() -> None:
    """The definition stands behind 各区人民政府 once; the line of addressees before it gives no task and no member."""
    read = draft(
        "各区人民政府,市人民政府各部门:\n一、任务\n1.栽树。加强。（牵头单位:市林业局;责任单位:市财政局,各区人民政府〈含开发区、风景区管委会,下同〉）\n"
        "2.种草。加强。（牵头单位:各区人民政府;责任单位:市林业局）"
    )
    assert [(t.lead, t.responsible) for t in read.tasks] == [
        (("市林业局",), ("市财政局", "各区人民政府")), (("各区人民政府",), ("市林业局",)),
    ]  # fmt: skip
    assert [(c.token, c.definition) for c in read.collectives] == [("各区人民政府", "含开发区、风景区管委会")]


def test_e30_members_of_a_collective_are_proposed_from_the_roster_alone() -> None:
    task = "一、任务\n1.栽树。加强。（责任单位：各区人民政府）\n"
    roster = (
        "附件\n领导小组名单\n组长：汪勇 副市长\n成员：王三 东山区人民政府副区长\n刘四 西山区人民政府副区长"
    )
    assert [len(c.proposed) for c in draft(task).collectives] == [0]
    assert [[p.name for p in c.proposed] for c in draft(task + roster).collectives] == [
        ["东山区人民政府", "西山区人民政府"]
    ]


def test_e32_a_collective_without_members_is_said_and_a_group_entry_keeps_each_name() -> None:
    read = draft(
        "二、部门职责\n（一）各街道办事处：落实属地责任。\n（二）县供电、供水、燃气等管线单位：负责管线。"
    )
    assert [duty.units for duty in read.duties] == [("各街道办事处",), ("县供电", "供水", "燃气等管线单位")]
    assert "unnamed_collective" in {problem.code for problem in read.problems}


def test_e36_a_sentence_that_stands_at_several_units_reads_alike_at_each() -> None:
    text = "协助全市绿色社区检查、指导工作。"
    entries = "".join(
        f"（{n}）市{u}局：负责{u}。{text}\n" for n, u in zip("一二三", ("林业", "财政", "教育"), strict=True)
    )
    duties = draft("二、部门职责\n" + entries).duties
    assert len({duty.units for duty in duties}) == 3
    assert {(duty.clauses[-1].verb, duty.clauses[-1].text) for duty in duties} == {
        ("配合", text.rstrip("。"))
    }


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
            "2021年计划完成 11个片区、8386户, 2022年计划完成9个片区、7833户。",
            [
                ("11", "个片区", "计划完成"),
                ("8386", "户", "计划完成"),
                ("9", "个片区", "计划完成"),
                ("7833", "户", "计划完成"),
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
            "2022年计划改造提质9个片区。", [("9", "个片区", "计划改造提质")], id="E-68 its own verb"
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
