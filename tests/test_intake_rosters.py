# ruff: noqa: E501 - a line of a notice is a paragraph
"""Rosters in the layouts that offices print: who holds which role, posts without names, offices, tables."""

import pytest

from supervisor.intake import Draft, read_text
from supervisor.intake.people import people, unit_of


def seats(draft: Draft) -> str:
    """Roles with their people as `role name post`, then posts without names, joined by |."""
    named = [f"{m.role} {m.name} {m.post}".strip() for m in draft.members]
    return " | ".join([*named, *(f"{p.role} – {p.post}" for p in draft.posts)])


PEOPLE = (
    ("林一 县委副书记、县长", "林一/县委副书记、县长"),
    ("黎 勇 市委统战部副部长", "黎勇/市委统战部副部长"),
    ("林一(女,回族) 副县长", "林一/副县长"),
    ("林一,县长", "林一/县长"),
    ("王 磊(市政府办公室副主任)、冯涛(市教育局局长)、", "王磊/市政府办公室副主任 冯涛/市教育局局长"),
    ("市政府副秘书长   郑 洁", "郑洁/市政府副秘书长"),
    ("县委副书记、县长 林一", "林一/县委副书记、县长"),
    ("市委副书记、市长林一、副市长江二", "林一/市委副书记、市长 江二/副市长"),
    ("副县长江二、王小五", "江二/副县长 王小五/"),
    ("李四、王五", "李四/ 王五/"),
    ("李四 县教育局局长；王五 县财政局局长", "李四/县教育局局长 王五/县财政局局长"),
    ("李四 县教育局局长    王五 县财政局局长", "李四/县教育局局长 王五/县财政局局长"),
    ("巴图吉日格 旗委副书记", "巴图吉日格/旗委副书记"),
    ("买买提·吐尔逊 市民政局副局长", "买买提·吐尔逊/市民政局副局长"),
    ("欧阳 明 市公安局副局长", "欧阳明/市公安局副局长"),
    ("袁兵 州气象局副局长,一级高级主办(主持工作)", "袁兵/州气象局副局长,一级高级主办(主持工作)"),
    ("林一鸣市委副书记、市长", "林一鸣/市委副书记、市长"),
    ("米琳市政府办公厅副主任", "米琳/市政府办公厅副主任"),
    ("江 二副省长", "江二/副省长"),
    ("黄敏东川市委常委、副市长", "黄敏/东川市委常委、副市长"),
    ("农业发展银行东川县支行负责人", None),
    ("江苏省财政厅厅长", None),
    ("县住建局、县财政局主要负责同志", None),
    ("市水务发展研究中心主任", None),
    ("区长", None),
)


@pytest.mark.parametrize(("text", "wanted"), PEOPLE)
def test_names_and_posts_are_told_apart_in_either_order(text: str, wanted: str | None) -> None:
    found = people("\x1f".join(text.replace("；", ";").split()))
    assert (" ".join(f"{p.name}/{p.post}" for p in found) if found else None) == wanted


@pytest.mark.parametrize(
    ("post", "unit"),
    [
        ("县财政局党组书记、局长", "县财政局"),
        ("市新闻出版局（市版权局）局长", "市新闻出版局（市版权局）"),
        ("城关镇镇长", "城关镇"),
        ("县自然资源局股长", "县自然资源局"),
        ("国网某县供电公司总经理助理", "国网某县供电公司"),
        ("县委常委、副县长", None),
        ("副市长", None),
    ],
)
def test_a_post_names_its_unit_and_a_party_post_of_an_area_names_none(post: str, unit: str | None) -> None:
    assert unit_of(post) == unit


LAYOUTS = {
    "several roles in one line": (
        "组长：林一 县长    副组长：江二 副县长\n成员：王五 县教育局局长\n      赵六 县财政局局长",
        "组长 林一 县长 | 副组长 江二 副县长 | 成员 王五 县教育局局长 | 成员 赵六 县财政局局长",
    ),
    "roles within a paragraph": (
        "二、组织领导\n成立领导小组。组长：林一（县长），副组长：江二（副县长），成员：王五（县教育局局长）、赵六（县财政局局长）。领导小组办公室设在县教育局。",
        "组长 林一 县长 | 副组长 江二 副县长 | 成员 王五 县教育局局长 | 成员 赵六 县财政局局长",
    ),
    "label on a line of its own": (
        "组长：\n林一 县委书记\n副组长：\n江二 县长\n王五 副县长\n成员：\n赵六 县政府办主任",
        "组长 林一 县委书记 | 副组长 江二 县长 | 副组长 王五 副县长 | 成员 赵六 县政府办主任",
    ),
    "carried role and a second body": (
        "（一）综合组\n组长：钱大方 县委办公室副主任\n成员：孙小美 县政府办公室科长\n（二）项目组\n组长：周立 县住建局副局长\n成员：吴国 县住建局股长\n郑二 县自然资源局股长",
        "组长 钱大方 县委办公室副主任 | 成员 孙小美 县政府办公室科长 | 组长 周立 县住建局副局长 | 成员 吴国 县住建局股长 | 成员 郑二 县自然资源局股长",
    ),
    "post broken after a comma, before a word that is also a role": (
        "召集人：林一 副市长\n成员：\n赵六 市林业局党组成员、\n     副主任\n钱七 市水利局总工程师",
        "召集人 林一 副市长 | 成员 赵六 市林业局党组成员、副主任 | 成员 钱七 市水利局总工程师",
    ),
    "bracket broken over lines": (
        "组长：林一（市长）\n成员：王磊（市政府办公室副主任）、冯涛（市林业和草\n原局局长）、陈晨（市教育局局长）",
        "组长 林一 市长 | 成员 王磊 市政府办公室副主任 | 成员 冯涛 市林业和草原局局长 | 成员 陈晨 市教育局局长",
    ),
    "post before name without a space": (
        "组长：县委书记林一\n副组长：县委副书记、县长江二\n常务副县长王五\n成员：县教育局局长孙八\n县财政局局长周九",
        "组长 林一 县委书记 | 副组长 江二 县委副书记、县长 | 副组长 王五 常务副县长 | 成员 孙八 县教育局局长 | 成员 周九 县财政局局长",
    ),
    "units alone in brackets": (
        "组    长：林一鸣\n副组长：冯 江\n何一明（市纪委）\n成    员：巫一江（市府办）\n李一樱（市林业局）\n李 岳（市委宣传部）",
        "组长 林一鸣 | 副组长 冯江 | 副组长 何一明 市纪委 | 成员 巫一江 市府办 | 成员 李一樱 市林业局 | 成员 李岳 市委宣传部",
    ),
    "committee": (
        "主任：林一 市长\n副主任：江二 副市长\n委员：王五 市林业局局长\n赵六 市财政局局长\n秘书长：钱七 市应急局局长",
        "主任 林一 市长 | 副主任 江二 副市长 | 委员 王五 市林业局局长 | 委员 赵六 市财政局局长 | 秘书长 钱七 市应急局局长",
    ),
    "units for members": (
        "组长：林一 副市长\n成员单位：市委宣传部、市教育局、市公安局。",
        "组长 林一 副市长 | 成员单位 – 市委宣传部 | 成员单位 – 市教育局 | 成员单位 – 市公安局",
    ),
    "posts only": (
        "组长：县长\n副组长：分管副县长\n成员：县教育局、县财政局主要负责人，各乡镇（街道）主要负责人",
        "组长 – 县长 | 副组长 – 分管副县长 | 成员 – 县教育局主要负责人 | 成员 – 县财政局主要负责人 | 成员 – 各乡镇（街道）主要负责人",
    ),
    "numbered people": (
        "组长：林一 县长\n成员：\n1．王五 县教育局局长\n2．赵六 县财政局局长",
        "组长 林一 县长 | 成员 王五 县教育局局长 | 成员 赵六 县财政局局长",
    ),
    "running text, persons": (
        "成立领导小组，组长由县长林一担任，副组长由副县长江二、王小五担任，成员由县教育局局长赵六、县财政局局长钱七组成。",
        "组长 林一 县长 | 副组长 江二 副县长 | 副组长 王小五 | 成员 赵六 县教育局局长 | 成员 钱七 县财政局局长",
    ),
    "running text, posts": (
        "一、领导\n联席会议由市政府分管副市长担任召集人，市商务局局长担任副召集人，市教育局、市公安局等15个部门为成员单位。",
        "召集人 – 市政府分管副市长 | 副召集人 – 市商务局局长 | 成员单位 – 市教育局 | 成员单位 – 市公安局",
    ),
    "table with a column of roles": (
        "姓名\t单位及职务\t领导小组职务\n林一\t县长\t组长\n江二\t副县长\t副组长\n王五\t县教育局局长\t成员",
        "组长 林一 县长 | 副组长 江二 副县长 | 成员 王五 县教育局局长",
    ),
    "table with merged roles, unit and post apart": (
        "职务\t姓名\t单位\t职务\n组长\t林一\t县政府\t县长\n成员\t王五\t县教育局\t局长\n\t赵六\t县财政局\t局长",
        "组长 林一 县政府县长 | 成员 王五 县教育局局长 | 成员 赵六 县财政局局长",
    ),
    "table in which remarks hold the roles": (
        "序号\t姓名\t单位\t备注\n1\t林一\t县政府\t组长\n2\t王五\t县教育局\t成员\n3\t赵六\t县财政局\t成员",
        "组长 林一 县政府 | 成员 王五 县教育局 | 成员 赵六 县财政局",
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_of_a_roster_is_read_whole(layout: str) -> None:
    text, wanted = LAYOUTS[layout]
    assert seats(read_text(text)) == wanted


def test_each_body_keeps_its_members() -> None:
    draft = read_text(LAYOUTS["carried role and a second body"][0])
    assert [m.body for m in draft.members] == ["综合组"] * 2 + ["项目组"] * 3


def test_running_text_does_not_fill_a_role_that_a_printed_roster_fills() -> None:
    text = "一、领导\n成立由县长任组长、副县长任副组长的领导小组。\n组长：林一 县长\n副组长：江二 副县长\n成员：王五 县教育局局长"
    assert seats(read_text(text)) == "组长 林一 县长 | 副组长 江二 副县长 | 成员 王五 县教育局局长"


@pytest.mark.parametrize(
    "text",
    [
        "1.实施提升行动\n负责人：林一\n牵头单位：市教育局\n2.实施改造行动\n负责人：江二\n牵头单位：市财政局",
        "成员单位要密切配合，组长负责制要落实。\n主任医师下乡，主席台布置得当。",
    ],
)
def test_people_beside_tasks_and_mere_mentions_are_no_roster(text: str) -> None:
    assert seats(read_text(text)) == ""


def test_the_office_and_its_directors_are_kept_beside_the_roster() -> None:
    text = "成立领导小组。\n领导小组办公室设在区住建局，区住建局局长王五兼任办公室主任，办公室副主任由赵六、钱七担任。\n组长：林一 区长\n成员：江二 区教育局局长"
    draft = read_text(text)
    assert [(o.role, o.name or o.unit) for o in draft.offices] == [
        ("办公室", "区住建局"),
        ("办公室副主任", "赵六"),
        ("办公室副主任", "钱七"),
        ("办公室主任", "王五"),
    ]
    assert "王五" not in {m.name for m in draft.members}


def test_a_table_with_roles_in_rows_of_their_own_and_remarks_behind_names() -> None:
    text = (
        "附件\n某州领导小组组成人员名单\n姓 名\t职  务\t备 注\n组  长\t\t\n叶尔兰·别克\t州长\t\n成  员\t\t\n白玛央金（女，藏族）\t州教育局局长\t接替林一\n"
        "丁 一\t州林业局副局长\t主持工作\n\n信息公开\t依申请公开\t意见箱"
    )
    assert (
        seats(read_text(text))
        == "组长 叶尔兰·别克 州长 | 成员 白玛央金 州教育局局长 | 成员 丁一 州林业局副局长"
    )


def test_running_text_names_the_members_of_a_second_body_beside_a_printed_roster() -> None:
    text = (
        "二、指挥部组成人员\n指挥部由州委常委、常务副州长哈力木·托合塔尔担任总指挥，州公安局局长（兼）严守正和州政府副秘书长柳 青（女）担任副总指挥。"
        "成员有：赵启明（州教育局副局长）、阿依古丽·热合曼（女，州林业局副局长）。林一同志不再担任副总指挥。\n"
        "附件\n领导小组名单\n组长：江二 州长\n成员：王五 州财政局局长"
    )
    assert seats(read_text(text)) == (
        "组长 江二 州长 | 成员 王五 州财政局局长 | 总指挥 哈力木·托合塔尔 州委常委、常务副州长 | 副总指挥 严守正 州公安局局长 | "
        "副总指挥 柳青 州政府副秘书长 | 成员 赵启明 州教育局副局长 | 成员 阿依古丽·热合曼 州林业局副局长"
    )


def test_names_and_roles_of_a_traditional_text_stay_as_printed() -> None:
    text = "二、組成人員\n總召集人：蘭 舟 州政府副州長\n成 員：吳國偉 州財政局副局長\n鄭遠帆 州糧食局總會計師"
    assert [(m.name, m.role) for m in read_text(text).members] == [
        ("蘭舟", "總召集人"),
        ("吳國偉", "成員"),
        ("鄭遠帆", "成員"),
    ]


def test_places_without_names_are_no_duties() -> None:
    text = "二、部门职责\n县林业局：负责造林。\n成员：县公路站负责人\n县教育局负责人\n相关乡镇负责人"
    assert [d.units for d in read_text(text).duties] == [("县林业局",)]
