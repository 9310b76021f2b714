# ruff: noqa: E501 - a line of a notice is a paragraph
"""Forms that notices never seen before had at first contact, each class of error with an invented case of its own."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervisor.intake import Draft, read_text
from supervisor.intake.run_together import parted
from supervisor.intake.units import split_units

HEAD = "云汀市人民政府办公室关于印发云汀市提升行动方案的通知\n云汀政办发〔2023〕8号\n云汀市人民政府办公室\n2023年3月6日\n云汀市提升行动方案\n一、重点任务\n"


def shown(draft: Draft) -> list[str]:
    """Tasks as `number|lead|responsible|dates`, then people, duties and dates outside the tasks."""

    def days(items: object) -> str:
        return " ".join(str(i.date or i.recur) for i in items)  # type: ignore[attr-defined]

    tasks = [
        f"{t.number}|{' '.join(t.lead)}|{' '.join(t.responsible)}|{days(t.deadlines)}" for t in draft.tasks
    ]
    people = [f"{m.role} {m.name} {m.post}" for m in draft.members]
    duties = [f"{'+'.join(d.units)}: {d.text[:6]}" for d in draft.duties]
    return [*tasks, *people, *duties, *(f"outside {days([o])}" for o in draft.other_deadlines)]


BELOW_THE_HEAD = {
    "a time limit called 时限要求": (
        "1.栽树。加强。\n责任单位：市林业局\n时限要求：持续推进\n2.种草。加强。\n责任单位：市园林局\n时间节点：6月底前",
        ["1||市林业局|continuous", "2||市园林局|2023-06-30"],
    ),
    "a date, and then without end": (
        "1.栽树。加强。\n责任单位：市林业局\n完成时限：2023年7月31日前，并长期坚持",
        ["1||市林业局|2023-07-31 continuous"],
    ),
    "a label called 部门分工 and a text that breaks off": (
        "1.栽树。\n分管领导：林一\n部门分工：市林业局牵头，各镇、各部门配合。\n2.种草。\n分管领导：林一\n部门分工：市园林局牵头，",
        ["1|市林业局|各镇 各部门|", "2|市园林局||"],
    ),
    "offices of a township": (
        "（一）栽树。加强。\n牵头领导：林一    责任办所：农业服务中心、林业站    责任单位：各村",
        ["（一）||农业服务中心 林业站 各村|"],
    ),
    "another unit in brackets with its part": (
        "1.栽树。加强。\n责任单位：市林业局（市园林局协助）",
        ["1||市园林局 市林业局|"],
    ),
    "one mark for the two items before it": (
        "1.栽树；\n2.种草。6月底前完成。（以上两项由市林业局牵头，市财政局配合）\n3.养护。加强。（责任单位：市园林局）",
        ["1|市林业局|市财政局|", "2|市林业局|市财政局|2023-06-30", "3||市园林局|"],
    ),
    "closing words to all behind the last item": (
        "1.栽树。加强。\n责任单位：市林业局\n2.养护。加强。\n责任单位：市园林局\n各责任单位请于每季度末月25日前报送进展，12月10日前报送总结。",
        ["1||市林业局|", "2||市园林局|", "outside quarterly:3-25", "outside 2023-12-10"],
    ),
    "two dates of one sentence, the first of a beginning": (
        "1.建厂。二期项目于2023年5月开工、2024年6月底前投入运行。（责任单位：市林业局）",
        ["1||市林业局|2023-05-31 2024-06-30"],
    ),
    "offices behind a short title, in square brackets": (
        "1.做好保障【市林业局、市医保局】。\n2.加强宣传（市林业局、市园林局）",
        ["1||市林业局 市医保局|", "2||市林业局 市园林局|"],
    ),
    "a time alone in brackets behind the mark": (
        "1.栽树。加强。（市林业局牵头，市财政局参与）【长期坚持】",
        ["1|市林业局|市财政局|continuous"],
    ),
    "labels behind commas": (
        "1.建设桥梁，牵头单位：市交通局，配合单位：市财政局，完成时限：2023年10月底。",
        ["1|市交通局|市财政局|2023-10-31"],
    ),
    "a rhythm called 按月 with another verb": (
        "1.公开信息。按月公开收支情况。（责任单位：市财政局）",
        ["1||市财政局|monthly"],
    ),
    "who obeys has no duty, and a deputy's post is no name": (
        "二、组织指挥\n（1）指挥：分管副市长。\n（2）常务副指挥：常务副市长。\n三、部门职责\n各成员单位服从市指挥部统一指挥，及时执行指令。\n市林业局：负责栽树。\n市财政局：安排资金。",
        ["市林业局: 负责栽树。", "市财政局: 安排资金。"],
    ),
    "an office that stands in brackets behind another is its second name": (
        "1.整治。分管市科学技术委员会（市外国专家局）。\n2.栽树。加强。（市林业局）",
        ["2||市林业局|"],
    ),
    "where an office sits, in brackets": (
        "（二）工作机构。领导小组下设办公室（设在市林业局），作为日常工作机构。",
        [],
    ),
    "a heading that says of whose duties it speaks": (
        "二、镇直部门在应急工作中的职责\n农业服务中心、水利站：负责指导。\n派出所：负责交通。\n林业站：负责防火。",
        ["农业服务中心+水利站: 负责指导。", "派出所: 负责交通。", "林业站: 负责防火。"],
    ),
    "a list outside any section, among its entries one with another verb": (
        "1.市林业局：负责栽树。\n2.市园林局：依据职能养护。\n3.市法制办：为各单位释疑。\n4.市财政局：负责资金。\n5.市审计局：负责审计。\n6.市水利局：负责水源。\n二、措施\n加强领导。",
        ["市林业局: 负责栽树。", "市园林局: 依据职能养护", "市法制办: 为各单位释疑", "市财政局: 负责资金。", "市审计局: 负责审计。", "市水利局: 负责水源。"],
    ),
    "a rhythm in the sentence that names the units": (
        "（一）加强检查。由市林业局牵头，市财政局等部门参加，每季度开展一次联合检查。",
        ["（一）|市林业局|市财政局|quarterly"],
    ),
    "a date before the beginning of term": (
        "1.建设校舍。9月1日开学前完成。（责任单位：市教育局）",
        ["1||市教育局|2023-09-01"],
    ),
    "the office of a body is nobody's duty": (
        "二、组织分工\n领导小组办公室设在市林业局，承担日常工作，负责协调。\n三、部门职责\n市林业局：负责栽树。\n市财政局：安排资金。",
        ["市林业局: 负责栽树。", "市财政局: 安排资金。"],
    ),
    "whose duties, before the colon": (
        "二、部门职责\n（一）市林业局职责：负责栽树。\n（二）市财政局主要职责：安排资金。\n（三）领导小组办公室职责：承担日常工作。",
        ["市林业局: 负责栽树。", "市财政局: 安排资金。"],
    ),
    "headings that say whose duties follow": (
        "二、压实责任\n（一）市林业局（市园林局）职责。\n统筹全市工作。\n（二）市财政局、市审计局职责。\n安排资金。",
        ["市林业局（市园林局）: 统筹全市工作", "市财政局+市审计局: 安排资金。"],
    ),
    "the last entry of a list is everybody's": (
        "二、成员单位职责\n1.市林业局：负责栽树。\n2.市财政局：安排资金。\n3.各成员单位：完成交办的其他任务。",
        ["市林业局: 负责栽树。", "市财政局: 安排资金。", "各成员单位: 完成交办的其"],
    ),
    "E-36 one duty of two units, the second named in a clause": (
        "二、职责分工\n市林业局：负责栽树。\n市财政局牵头落实种树补贴，市审计局配合。\n东山镇、西山镇人民政府为责任主体，具体做好养护。",
        ["市林业局: 负责栽树。", "市财政局+市审计局: 牵头落实种树", "东山镇+西山镇人民政府: 为责任主体，"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BELOW_THE_HEAD)
def test_what_stands_below_the_head_is_read(case: str) -> None:
    text, wanted = BELOW_THE_HEAD[case]
    assert shown(read_text(HEAD + text)) == wanted


WHOLE = {
    "a header with letters set apart": (
        "云汀市2023年栽树任务分工\n序号 工 作 任 务 牵头负责部门\n1 栽树1000棵以上 林业局\n2 城镇新增绿地20公顷 园林局\n3 植被覆盖提高到3% 林业局",
        ["1|林业局||", "2|园林局||", "3|林业局||"],
    ),
    "cells of several lines in quotation marks": (
        '云汀市任务表\n序号\t任务\t牵头单位\t责任单位\t完成时限\n1\t栽树\t"市林业局\n市园林局"\t"市财政局\n市审计局"\t2023年6月底\n2\t养护，每季度开展一次检查\t市园林局\t（无）\t2023/7/31',
        ["1|市林业局 市园林局|市财政局 市审计局|2023-06-30", "2|市园林局||2023-07-31 quarterly"],
    ),
    "a break printed as <br>": (
        "云汀市任务表\n| 序号 | 任务 | 牵头单位 | 配合单位 |\n|---|---|---|---|\n| 1 | 栽树 | 林业局 | 财政局<br>各镇 |\n| 2 | 养护 | 园林局 | 各村 |",
        ["1|林业局|财政局 各镇|", "2|园林局|各村|"],
    ),
    "a stroke for nobody in the last row, and a time that goes on": (
        "云汀市任务表\n序号\n任务\n牵头单位\n责任单位\n完成时限\n1\n栽树100亩。\n市林业局\n市财政局、市审计局\n持续推进，年底前完成\n2\n种草。\n市园林局\n/\n2023年11月30日前",
        ["1|市林业局|市财政局 市审计局|continuous", "2|市园林局||2023-11-30"],
    ),
    "names called by the role that their column says": (
        "云汀市河长名单\n河流\t市级河长\t职务\t责任镇\n清河\t林一鸣\t副市长\t东山镇\n白河\t江二\t市长\t西山镇",
        ["市级河长 林一鸣 副市长", "市级河长 江二 市长"],
    ),
    "a table of people between spaces": (
        "云汀市绿化领导小组名单\n序号 姓名 职务 领导小组职务\n1 林一鸣 市长 组长\n2 江小川 副市长 副组长\n3 赵 明 市财政局局长 成员",
        ["组长 林一鸣 市长", "副组长 江小川 副市长", "成员 赵明 市财政局局长"],
    ),
    "people in brackets without a mark between them": (
        "二、组成人员\n主 任：林一鸣（市长）\n委 员：江小川（市发改委副主任）赵明（市财政局副局长）王五（市林业局副局长）",
        ["主任 林一鸣 市长", "委员 江小川 市发改委副主任", "委员 赵明 市财政局副局长", "委员 王五 市林业局副局长"],
    ),
    "a remark on the order, and the head of a group": (
        "组 长：林一鸣 市长\n成 员：江小川 市政府秘书长\n（以下按姓氏笔画排序）\n王五 市林业局局长\n综合协调组组长：赵明 市财政局副局长",
        ["组长 林一鸣 市长", "成员 江小川 市政府秘书长", "成员 王五 市林业局局长", "组长 赵明 市财政局副局长"],
    ),
    "rows that moved left, because a merged cell was left out": (
        "云汀市任务表\n工作任务 | 具体要求 | 责任部门 |\n一、栽树。 | 1.栽种树苗。 | 林业科 |\n2.养护树苗。 | 各科室 | |\n3.登记树苗。 | 办公室牵头,各科室配合 | |\n二、种草。 | 4.播种。 | 园林科 |",
        ["||林业科|", "||各科室|", "|办公室|各科室|", "||园林科|"],
    ),
    "short names between spaces in a cell": (
        "云汀镇整治表\n整治行业名称 | 时间安排 | 责任单位 |\n烟花 | 1月份 | 安监站 安监所 |\n交通 | 12月份 | 超限站 公路站 交警六中队 |\n养老 | 4月份 | 民政所 |",
        ["||安监站 安监所|", "||超限站 公路站 交警六中队|", "||民政所|"],
    ),
    "one cell a line with a bar behind it": (
        "云汀县任务分解表\n序号 |\n目标与任务 |\n分 管 县领导 |\n牵头责任单位 |\n责任单位 |\n80 |\n加大托育供给，新增托位400个。 |\n林 一 |\n县教育局 |\n县各有关单位 |\n81 |\n保障秋季开学。 |\n江 二王 五 |\n县教育局 |\n县财政局 |",
        ["80|县教育局|县各有关单位|", "81|县教育局|县财政局|"],
    ),
    "a roster with one cell a line": (
        "云汀市绿化领导小组名单\n组长\n林一鸣\n副市长\n成员\n江二\n市林业局局长\n王五\n市财政局副局长",
        ["组长 林一鸣 副市长", "成员 江二 市林业局局长", "成员 王五 市财政局副局长"],
    ),
    "numbers behind the labels of a roster": (
        "二、组成人员\n组长：林一鸣（副市长）\n成员：1. 市公安局副局长 江二\n2. 市交通局副局长 王五",
        ["组长 林一鸣 副市长", "成员 江二 市公安局副局长", "成员 王五 市交通局副局长"],
    ),
    "rows between spaces, one broken over lines": (
        "云汀市任务表\n序号 任务 牵头单位 配合单位\n1 新建管道20公里 市住建局 市水务集团\n2 改造老旧管线，\n消除隐患 市城管局 市财政局\n3 建设基站 市工信局 中国移动",
        ["1|市住建局|市水务集团|", "2|市城管局|市财政局|", "3|市工信局|中国移动|"],
    ),
    "a roster that lost its line ends": (
        "云汀市人民政府关于成立绿化领导小组的通知\n二、组成人员组长:林一鸣云汀市市长副组长:江二市林业局局长王小五市政府副秘书长成员:赵六市财政局副局长孙小美市水利局党组成员、总工程师\n三、工作要求",
        ["组长 林一鸣 云汀市市长", "副组长 江二 市林业局局长", "副组长 王小五 市政府副秘书长",
         "成员 赵六 市财政局副局长", "成员 孙小美 市水利局党组成员、总工程师"],
    ),
    "the text of a notice that brings a list of duties": (
        "云汀市人民政府办公室关于印发云汀市绿化任务分工的通知\n市直有关部门:\n现将《云汀市绿化任务分工》印发给你们，并就有关事项通知如下:\n一、各部门要高度重视。\n二、市政府办将加强督办，定期梳理汇总。\n云汀市人民政府办公室\n2023年3月6日\n云汀市绿化任务分工\n一、市林业局:负责栽树。\n二、市财政局:安排资金。",
        ["市林业局: 负责栽树。", "市财政局: 安排资金。"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WHOLE)
def test_tables_rosters_and_lists_that_lost_their_form_are_read(case: str) -> None:
    text, wanted = WHOLE[case]
    assert shown(read_text(text)) == wanted


RUN_TOGETHER = (
    ("林一鸣国务院副总理江二国土资源部部长", "林一鸣/国务院副总理 江二/国土资源部部长"),
    ("李强统计局副局长王宏海洋局副局长", "李强/统计局副局长 王宏/海洋局副局长"),
    ("林一县委副书记、县长江二副县长欧阳明县公安局政委", "林一/县委副书记、县长 江二/副县长 欧阳明/县公安局政委"),
    ("县委书记林一鸣副县长江二县财政局局长王小五", "林一鸣/县委书记 江二/副县长 王小五/县财政局局长"),
    ("赵六青龙镇镇长陈三峰云溪镇党委书记", "赵六/青龙镇镇长 陈三峰/云溪镇党委书记"),
    ("李四县教育局局长、王五县财政局局长", "李四/县教育局局长 王五/县财政局局长"),
    ("林一鸣财政局局长", "林一鸣/财政局局长"),
    ("江苏省财政厅厅长", None),
    ("农业农村局局长", None),
    ("文化旅游局局长", None),
    ("黄河水利委员会主任", None),
    ("县财政局局长", None),
    ("林一鸣", None),
)  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), RUN_TOGETHER)
def test_names_and_posts_without_a_gap_are_parted_where_offices_begin(text: str, wanted: str | None) -> None:
    found = parted(text)
    assert (" ".join(f"{name}/{post}" for name, post in found) if found else None) == wanted


GLUED = (
    ("1.整治。（责任单位：市城管局各区政府）", ["1||市城管局 各区政府|"]),
    ("1.整治。加强。\n责任单位：市公安局市司法局市检察院", ["1||市公安局 市司法局 市检察院|"]),
    ("1.整治。加强。\n责任单位：市公安局城区分局、市城区建设局", ["1||市公安局城区分局 市城区建设局|"]),
    ("1.整治。加强。\n责任单位：市委市政府督查室", ["1||市委市政府督查室|"]),
    ("1.整治。加强。\n责任单位：国家税务总局云汀市税务局", ["1||国家税务总局云汀市税务局|"]),
    ("1.整治 牵头单位：市文明办 责任单位：市教育局 市公安局 完成时限：9月", ["1|市文明办|市教育局 市公安局|2023-09-30"]),
)  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), GLUED)
def test_units_that_lost_the_mark_between_them_are_parted_only_where_each_is_an_office(
    text: str, wanted: list[str]
) -> None:
    assert shown(read_text(HEAD + text)) == wanted


def test_an_excerpt_that_begins_in_the_middle_of_an_item_keeps_its_units() -> None:
    text = "业务培训，提高能力。（牵头单位：市人社局；责任单位：市教育局）\n3.引进人才。2022年底前引进100名。（牵头单位：市委组织部；责任单位：市人社局、市卫健委"
    assert shown(read_text(text)) == ["|市人社局|市教育局|", "3|市委组织部|市人社局 市卫健委|2022-12-31"]


PROSE_DUTIES: tuple[tuple[str, list[str]], ...] = (
    (
        "二、职责分工\n发改部门负责立项审批，财政部门负责资金筹措。公安机关负责疏导。",
        ["发改部门: 负责立项审批", "财政部门: 负责资金筹措", "公安机关: 负责疏导。"],
    ),
    (
        "二、职责分工\n市住建局作为牵头部门，负责统筹；市财政局要加大投入，市审计局要加强审计。",
        ["市住建局: 作为牵头部门", "市财政局: 要加大投入，", "市审计局: 要加强审计。"],
    ),
    (
        "（四）明确部门责任。教育部门要加强指导，卫生健康部门要做好监测，公安部门要维护秩序。",
        ["教育部门: 要加强指导，", "卫生健康部门: 要做好监测，", "公安部门: 要维护秩序。"],
    ),
    ("（四）加强领导。各部门要加强指导，要做好监测，要维护秩序。", []),
)


@pytest.mark.parametrize(("text", "wanted"), PROSE_DUTIES)
def test_duties_in_running_text_begin_with_their_units(text: str, wanted: list[str]) -> None:
    assert [line[: line.index(":") + 8] for line in shown(read_text(HEAD + text))] == wanted


NAMES = st.sampled_from(["林一鸣", "江小川", "王五", "赵明", "欧阳静", "孙小美", "何国强", "周涛", "司徒健"])
POSTS = st.sampled_from(
    [
        *("市政府副秘书长", "市财政局局长", "县委常委、副县长", "县公安局政委", "市教育局党组书记、局长"),
        *("国务院副秘书长", "统计局副局长", "东山镇镇长", "市委书记", "市水利局总工程师", "市残联理事长"),
    ]
)


@settings(deadline=None)
@given(st.lists(st.tuples(NAMES, POSTS), min_size=2, max_size=6))
def test_any_run_of_people_without_gaps_is_parted_in_either_order(people: list[tuple[str, str]]) -> None:
    assert parted("".join(name + post for name, post in people)) == people
    assert parted("".join(post + name for name, post in people)) == people


OFFICES = st.sampled_from(
    [
        *("市公安局", "市司法局", "市发展和改革委员会", "各区人民政府", "市人民检察院", "市交通运输局"),
        *("市住房公积金管理中心", "市政府办公室", "市总工会"),
    ]
)


@settings(deadline=None)
@given(st.lists(OFFICES, min_size=2, max_size=5, unique=True))
def test_any_run_of_offices_without_marks_is_parted(offices: list[str]) -> None:
    assert split_units("".join(offices)) == offices
