# ruff: noqa: E501 - a line of a notice is a paragraph
"""What a reading puts before a person: shared duties (E-36), stated counts (E-71), former names (E-26)."""

import json

import pytest

from supervisor.intake import draft_from_json, draft_to_json, read_text, to_contract
from supervisor.words import say

HEAD = "云汀市人民政府办公室关于推进绿化工作的通知\n2023年3月6日\n"


def told(text: str, code: str) -> list[dict[str, str | int]]:
    return [problem.params for problem in read_text(HEAD + text).problems if problem.code == code]


def entries(*clauses: str) -> str:
    units = ("市林业局", "市财政局", "市教育局", "市水利局")
    rows = [
        f"{k}.{unit}：负责本行业绿化工作；{clause}。\n"
        for k, (unit, clause) in enumerate(zip(units, clauses, strict=False), 1)
    ]
    return "一、部门职责\n" + "".join(rows)


SHARED: tuple[tuple[str, str, list[tuple[str, int]]], ...] = (
    ("E-36 one sentence at three units", entries(*["协助全市绿色社区创建的检查"] * 3), [("协助全市绿色社区创建的检查", 3)]),
    ("E-36 one sentence at two units", entries(*["协助全市绿色社区创建的检查"] * 2, "其他"), []),
    ("E-36 what closes every list", entries(*["完成市政府交办的其他工作任务"] * 4), []),
    ("E-36 one entry of three units is one duty already", "一、部门职责\n1.市林业局、市财政局、市教育局：协助全市绿色社区创建的检查。\n2.市水利局：负责水源。", []),
)  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), [case[1:] for case in SHARED], ids=[case[0] for case in SHARED])
def test_e36_a_sentence_that_stands_at_several_units_is_proposed_as_one_duty(
    text: str, wanted: list[tuple[str, int]]
) -> None:
    found = [(str(p["text"]), p["count"]) for p in told(text, "shared_clause")]
    assert [pair for pair in found if pair[0] != "负责本行业绿化工作"] == wanted


def test_e36_a_duty_of_several_units_is_one_duty() -> None:
    text = "一、部门职责\n1.市林业局：负责栽树。\n2.市财政局牵头落实种树补贴，市审计局、市教育局配合。\n3.市水利局：负责水源。"
    assert [duty.units for duty in read_text(HEAD + text).duties] == [
        ("市林业局",),
        ("市财政局", "市审计局", "市教育局"),
        ("市水利局",),
    ]


COUNTS: tuple[tuple[str, list[tuple[int, int]]], ...] = (
    ("成员单位由市委宣传部、市林业局、市财政局等3个部门组成。", []),
    ("成员单位由市委宣传部、市林业局、市财政局等三个市直部门和各区人民政府组成。", []),
    ("成员单位由市委宣传部、市林业局、市财政局等4个部门组成。", [(4, 3)]),
    ("1.栽树。加强。（市林业局、市财政局、市教育局等2个部门按职责分工负责）", [(2, 3)]),
    ("1.栽树。加强。（市林业局、市财政局等两个单位负责）", []),
    ("按照市林业局等5个部门关于绿化的意见执行。", []),
    ("建成公园、绿地、湿地等5个项目单位。", []),
)


@pytest.mark.parametrize(("text", "wanted"), COUNTS)
def test_e71_a_stated_count_that_differs_from_the_listed_units_is_told(
    text: str, wanted: list[tuple[int, int]]
) -> None:
    assert [(p["stated"], p["listed"]) for p in told("一、组织\n" + text, "stated_count")] == wanted


FORMER: tuple[tuple[str, list[tuple[str, str]]], ...] = (
    ("1.栽树。（责任单位：市农业农村局（原市农业局）、市财政局）", [("市农业局", "市农业农村局")]),
    ("由原市环保局，现市生态环境局负责核查。", [("市环保局", "市生态环境局")]),
    ("原市旅游局（现市文化和旅游局）承担接待。", [("市旅游局", "市文化和旅游局")]),
    ("市国土资源局更名为市自然资源局，职责不变。", [("市国土资源局", "市自然资源局")]),
    (
        "市体育局、市教育局合并组建为市教育体育局。",
        [("市体育局", "市教育体育局"), ("市教育局", "市教育体育局")],
    ),
    ("调整市新闻出版局（市版权局）职责。", []),
    ("坚持原有政策不变，现为全面推进阶段。", []),
)


@pytest.mark.parametrize(("text", "wanted"), FORMER)
def test_e26_a_former_name_is_proposed_as_an_alias_and_nothing_is_merged(
    text: str, wanted: list[tuple[str, str]]
) -> None:
    draft = read_text(HEAD + "一、任务\n" + text)
    assert [(name.old, name.new) for name in draft.former_names] == wanted
    assert [p.params for p in draft.problems if p.code == "former_name"] == [
        {"old": old, "new": new} for old, new in wanted
    ]
    assert draft_from_json(json.loads(json.dumps(draft_to_json(draft)))) == draft
    assert [(n["old"], n["new"]) for n in to_contract(draft)["former_names"]] == wanted


def test_e26_a_former_name_in_brackets_is_no_part_of_the_name() -> None:
    (task,) = read_text(HEAD + "一、任务\n1.栽树。（责任单位：市农业农村局（原市农业局）、市财政局）").tasks
    assert task.responsible == ("市农业农村局", "市财政局")


def test_what_is_put_before_a_person_is_said_in_chinese() -> None:
    text = (
        entries(*["协助全市绿色社区创建的检查"] * 3)
        + "二、其他\n由原市环保局，现市生态环境局负责。由市林业局、市财政局等4个部门配合。"
    )
    codes = {"shared_clause", "stated_count", "former_name"}
    found = {p.code: say(p.message, "zh_CN") for p in read_text(HEAD + text).problems if p.code in codes}
    assert found.keys() == codes
    assert all("请" in words or "可" in words for words in found.values())
