"""Edge cases of notices: people (group A), units (B) and collective names (C); texts, dates and numbers stand beside.

Each case id begins with its number in the list of edge cases. Places, people and texts are invented.
"""

from __future__ import annotations

import pytest

from supervisor.core.draft_ledger import from_reading
from supervisor.core.printed_names import EMPTY
from supervisor.core.questions import questions
from supervisor.core.same_units import open_pairs
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
成\u00a0\u3000员：阿迪力·买买提 市民政局局长
图格加甫\u2002\u2002市水务局总会计师
秋 月 市园林局一级调研员
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
        ["汪勇", "于洋", "曾亦", "阿迪力·买买提", "图格加甫", "秋月", "田强", "蓝一", "曾二", "王三", "刘四"]
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
        "市林业局党委委员、副局长，二级高级主办（主持工作）", "市林业局副局长（主持工作）",
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
    return [tuple(sorted((pair.name, pair.unit))) for pair in open_pairs(from_reading(draft(body)), EMPTY)]


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
    assert asked(body) == ([tuple(sorted((one, two)))] if alike else [])
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


@pytest.mark.parametrize(
    "name", ["专业经营企业", "其他有关单位", "各有关部门", "市直有关部门", "燃气等管线单位"]
)
def test_e32_an_open_group_is_no_unit_and_waits_for_its_members(name: str) -> None:
    read = draft(f"一、任务\n1.栽树。加强。（牵头单位：市林业局；责任单位：{name}）")
    assert [(c.token, c.proposed) for c in read.collectives] == [(name, ())]
    keys = [question.key for question in questions(from_reading(read))]
    assert keys == ["members-0"]
