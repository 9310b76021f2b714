# ruff: noqa: E501 - a line of a notice is a paragraph
"""Duties in the layouts that offices print: whose they are, where an entry begins, its clauses with their verbs."""

import pytest

from supervisor.intake import Draft, read_text

HEAD = "某县关于推进工作的实施方案\n为推进工作，制定本方案。\n一、总体要求\n坚持原则。\n"


def shown(draft: Draft) -> str:
    return " | ".join("+".join(d.units) + " " + d.text[:6].strip("。，；") for d in draft.duties)


LAYOUTS = {
    "numbered, unit and colon": (
        "二、工作职责\n（一）县林业局：负责审批。\n（二）县财政局：安排资金。\n（三）县教育局、县体育局：推动学校场地开放。\n三、工作要求\n（一）加强领导。县林业局要高度重视。",
        "县林业局 负责审批 | 县财政局 安排资金 | 县教育局+县体育局 推动学校场地",
    ),
    "unit and full stop": (
        "二、任务分工\n1.街道安监办。牵头开展工作。\n2.服务中心。根据要求，做好检查。\n3.各社区居委会。将工作纳入平台。",
        "街道安监办 牵头开展工作 | 服务中心 根据要求，做 | 各社区居委会 将工作纳入平",
    ),
    "without a mark behind the unit": (
        "二、部门职责\n县教育局负责指导学校。\n县人力资源和社会保障局会同有关部门查处违法行为。\n县文化和旅游局、县体育局要推动设施开放。\n县市场监督管理局依法查处违法行为。\n县委宣传部宣传典型。",
        "县教育局 负责指导学校 | 县人力资源和社会保障局 会同有关部门 | 县文化和旅游局+县体育局 要推动设施开 | 县市场监督管理局 依法查处违法 | 县委宣传部 宣传典型",
    ),
    "dashes and bullets": (
        "二、职责分工\n——县林业局：负责保护。\n●县委宣传部：负责宣传。\n◆县公安局：打击犯罪。",
        "县林业局 负责保护 | 县委宣传部 负责宣传 | 县公安局 打击犯罪",
    ),
    "unit as a heading with numbered items below": (
        "二、部门职责\n（一）县发展改革局\n1．负责项目审批。\n2．参与价格管理。\n（二）县财政局\n负责资金保障。\n配合做好审计。",
        "县发展改革局 负责项目审批 | 县财政局 负责资金保障",
    ),
    "several units in one paragraph": (
        "二、责任分工\n（一）牵头部门\n县发展改革局负责统筹协调。\n（二）配合部门\n县财政局负责资金；县审计局负责审计；县教育局负责宣传。",
        "县发展改革局 负责统筹协调 | 县财政局 负责资金 | 县审计局 负责审计 | 县教育局 负责宣传",
    ),
    "a remark behind the name": (
        "二、任务分工\n1.县发展改革局（牵头单位）：负责总体协调。\n2.县财政局（责任单位）：负责资金。\n3.县审计局：负责审计监督。",
        "县发展改革局 负责总体协调 | 县财政局 负责资金 | 县审计局 负责审计监督",
    ),
    "running text under a heading of responsibility": (
        "（三）压实责任。县发展改革局负责统筹协调，县财政局负责资金保障，县林业局负责项目建设，各乡镇政府负责组织实施。",
        "县发展改革局 负责统筹协调 | 县财政局 负责资金保障 | 县林业局 负责项目建设 | 各乡镇政府 负责组织实施",
    ),
    "a list outside any section": (
        "具体安排如下：\n1.县应急局负责矿山。\n2.县公安局：负责道路交通。\n3.县工信局：负责工业企业。\n4.县林业局：负责森林防火。",
        "县应急局 负责矿山 | 县公安局 负责道路交通 | 县工信局 负责工业企业 | 县林业局 负责森林防火",
    ),
    "a list among whose entries one begins with another verb": (
        "三、其他\n具体如下：\n县委宣传部：制订方案，宣传典型。\n县林业局：负责森林防火。\n县教育局：负责学校。\n县公安局：协助做好巡查。",
        "县委宣传部 制订方案，宣 | 县林业局 负责森林防火 | 县教育局 负责学校 | 县公安局 协助做好巡查",
    ),
    "table of units and duties": (
        "序号\t单位\t职责分工\n1\t县林业局\t负责项目审批。\n2\t县财政局、县审计局\t负责资金保障。\n\t\t配合做好验收。",
        "县林业局 负责项目审批 | 县财政局+县审计局 负责资金保障 | 县财政局+县审计局 配合做好验收",
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_of_duties_is_read_entry_by_entry(layout: str) -> None:
    text, wanted = LAYOUTS[layout]
    assert shown(read_text(HEAD + text)) == wanted


NO_DUTIES = {
    "duties of the body": "二、领导小组职责\n领导小组负责统筹协调。研究解决重大问题。\n三、办公室职责\n办公室负责日常工作。",
    "tasks with marks": "二、任务分工\n（一）增加就业机会。发放补贴。（责任单位：县财政局）\n（二）优化服务。提供便利。（责任单位：县税务局）",
    "phases": "二、实施步骤\n（一）动员部署阶段。制定方案。\n（二）集中整治阶段。开展整治。\n（三）总结提升阶段。总结经验。",
    "groups without a name": "二、部门职责\n各有关部门要密切配合。各成员单位：按职责分工抓好落实。",
    "a mention": "二、推进建设\n由县林业局负责实施的项目加快推进，县财政局要保障资金。",
}


@pytest.mark.parametrize("text", NO_DUTIES.values(), ids=NO_DUTIES.keys())
def test_what_is_nobodys_entry_is_no_duty(text: str) -> None:
    assert shown(read_text(HEAD + text)) == ""


def test_headings_that_group_units_are_no_units() -> None:
    text = "二、成员单位职责\n（一）综合协调单位\n县民政局：承担日常工作。\n（二）群团组织和其他单位\n县妇联负责指导家庭教育。县残联负责康复。"
    assert shown(read_text(HEAD + text)) == "县民政局 承担日常工作 | 县妇联 负责指导家庭 | 县残联 负责康复"


def test_the_first_entry_without_a_colon_counts_among_entries_with_one() -> None:
    text = "附件1\n某县整治工作职能分工\n县林业局为整治工作牵头单位，要研究制定工作方案。\n县财政局：落实资金。\n县公安局：维护秩序。"
    assert shown(read_text(HEAD + text)) == "县林业局 为整治工作牵 | 县财政局 落实资金 | 县公安局 维护秩序"


def test_a_duty_is_split_into_clauses_with_their_role_verbs() -> None:
    text = "二、部门职责\n县林业局：牵头制定方案，负责验收；参与评审（含初审，终审）。督促各乡镇落实。协同做好宣传。提供数据。"
    (duty,) = read_text(HEAD + text).duties
    assert [(c.verb, c.text) for c in duty.clauses] == [
        ("牵头", "牵头制定方案"),
        ("负责", "负责验收"),
        ("参与", "参与评审（含初审，终审）"),
        ("指导", "督促各乡镇落实"),
        ("配合", "协同做好宣传"),
        ("", "提供数据"),
    ]
