"""What a person must look at: seats without work, work without a seat, names alike, reports owed, who follows whom."""

import json

import pytest

from supervisor.intake import Draft, draft_from_json, draft_to_json, read_text, to_contract
from supervisor.words import say

HEAD = "某市工作方案\n某市人民政府\n2022年3月1日\n"


def reports(text: str) -> str:
    return " | ".join(
        f"{'+'.join(r.units)} > {r.recipient or ''} > {r.what or ''} > {r.recur or r.date} {r.hour or ''}".strip()
        for r in read_text(HEAD + "一、要求\n" + text).reporting
    )


REPORTS = (
    ("各单位于每月25日前将工作进展情况报送县创城办。", "各单位 > 县创城办 > 工作进展情况 > monthly:25"),
    (
        "各县（市、区）要每月5日前报送上月进展情况至市住建局，12月10日前报送年度总结。",
        "各县（市、区） > 市住建局 > 上月进展情况 > monthly:5 | 各县（市、区） > 市住建局 > 年度总结 > 2022-12-10",
    ),
    (
        "请各成员单位于4月10日17时前将联络员名单报市政府督查室（邮箱另行通知）。",
        "各成员单位 > 市政府督查室 > 联络员名单 > 2022-04-10 17时",
    ),
    (
        "市林业局、市财政局每季度首月10日前向市政府报告工作进展。",
        "市林业局+市财政局 > 市政府 > 工作进展 > quarterly:1-10",
    ),
    (
        "各责任单位要总结做法；每月报送工作动态不少于2篇（每月8日、22日报送）。",
        "各责任单位 >  > 工作动态 > monthly:8,22",
    ),
    ("年度工作总结于12月15日前报送市教育局备案。", " > 市教育局 > 年度工作总结 > 2022-12-15"),
    ("各乡镇每半年向县委报告一次。", "各乡镇 > 县委 >  > halfyear"),
    ("今年以来，我市报告了3起案例。6月底前完成改造。", ""),
    ("办结后应及时报备，择优编入工作简报。", ""),
)


@pytest.mark.parametrize(("text", "wanted"), REPORTS)
def test_a_reporting_rule_says_who_owes_what_to_whom_and_when_and_leaves_the_rest_open(
    text: str, wanted: str
) -> None:
    assert reports(text) == wanted.strip()


def units_told(draft: Draft) -> list[str]:
    return [f"{p.code} {p.params['unit']}" for p in draft.problems if p.code in {"not_in_roster", "no_work"}]


DUTIES = "一、部门职责\n（一）市林业局：负责造林。\n（二）市财政局：负责资金。\n（三）市商务局：负责市场。\n"


def test_units_with_work_but_no_seat_and_the_other_way_round_are_listed() -> None:
    text = (
        HEAD + DUTIES + "组长：林一 副市长\n成员：江二 市林业局局长\n王五 市财政局副局长\n赵六 市气象局局长"
    )
    assert units_told(read_text(text)) == ["not_in_roster 市商务局", "no_work 市气象局"]


def test_posts_without_names_and_lists_of_member_units_are_seats_also_without_their_level() -> None:
    text = (
        HEAD
        + DUTIES
        + "二、领导\n领导小组组长为市长，成员由市委宣传部副部长以及市林业局、财政局等单位主要负责同志组成。"
    )
    assert units_told(read_text(text)) == ["not_in_roster 市商务局", "no_work 市委宣传部"]


def alike(*names: str) -> list[tuple[str, str]]:
    entries = "".join(f"（{i}）{name}：负责工作。\n" for i, name in zip("一二三四五六", names, strict=False))
    return [(pair.one, pair.two) for pair in read_text(HEAD + "一、部门职责\n" + entries).like_names]


def test_the_reader_names_the_pairs_that_may_mean_one_unit() -> None:
    assert alike("市住房公积金管理中心", "市公积金管理中心") == [("市住房公积金管理中心", "市公积金管理中心")]
    assert alike("市教育局", "市体育局") == []


def test_the_clause_on_who_follows_whom_is_kept() -> None:
    text = HEAD + "一、其他\n以上组成人员如有变动，由接任者自然递补，不再另行发文。领导小组不刻印章。"
    (clause,) = read_text(text).succession
    assert clause.text == "以上组成人员如有变动，由接任者自然递补，不再另行发文"


def test_everything_read_survives_storage_and_shows_in_the_contract() -> None:
    text = (
        HEAD
        + DUTIES
        + "组长：林一 副市长\n成员：江二 市林业局局长\n王五 林业局副局长\n二、要求\n如有变动，由接任者自然递补。"
        + "各单位每月5日前将进展报市林业局。"
    )
    draft = read_text(text)
    assert draft_from_json(json.loads(json.dumps(draft_to_json(draft)))) == draft
    shown = to_contract(draft)
    assert [rule["recur"] for rule in shown["reporting"]] == ["monthly:5"]
    assert [(pair["one"], pair["two"]) for pair in shown["like_names"]] == [("市林业局", "林业局")]
    assert shown["succession"] == ["如有变动，由接任者自然递补"]
    assert all(say(pair["reason"], "zh_CN") != pair["reason"] for pair in shown["like_names"])
