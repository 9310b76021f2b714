"""Which sentences ask for a report, and what the proposed rule says of it; invented sentences."""

import pytest

from supervisor.intake import read_text

HEAD = "澄江市园林绿化提升工作方案\n澄园〔2022〕3号\n2022年3月1日\n"


def reports(text: str) -> list[str]:
    return [
        f"{'+'.join(r.units)} > {r.recipient or ''} > {r.what or ''} > {r.recur or r.date}"
        for r in read_text(HEAD + "一、要求\n" + text).reporting
    ]


NOT_OWED = (
    ("a meeting", "指挥部每周五上午召开调度会，通报问题。"),
    ("reports that a meeting hears", "领导小组每季度听取一次汇报。"),
    ("a circular of the office itself", "市园林局每季度通报一次进展，重大问题及时报市政府。"),
    ("a report that is only written", "9月底前完成公园自评，形成自评报告。"),
    ("a noun behind a date", "每月5日前更新目录，发布数据质量报告。"),
    ("work that is due in the same sentence", "6月底前完成补植，其余信息随时报送市园林局。"),
    ("an application", "申报工作于每年3月31日前启动。"),
    ("what already happened", "5月10日前完成检查，6月8日反馈了检查意见。"),
    ("feedback that is no paper", "6月底前建成系统，平台在线反馈苗木位置。"),
    ("faults of reports", "迟报一次的予以提醒，6月底前累计三次的予以通报。"),
)


@pytest.mark.parametrize(("kind", "text"), NOT_OWED)
def test_what_is_no_report_owed_on_a_day_is_not_proposed(kind: str, text: str) -> None:
    assert reports(text) == [], kind


WHO = (
    (
        "各区政府是绿化的责任主体，要建立机制，并于6月20日前将实施计划报市园林局。",
        "各区政府 > 市园林局 > 实施计划 > 2022-06-20",
    ),
    (
        "各区参照本方案制定本区行动方案，于6月底前报市园林局备案。",
        "各区 > 市园林局 > 本区行动方案 > 2022-06-30",
    ),
    (
        "各街道明确一名联络员，每月28日前向市园林局报送种植情况。",
        "各街道 > 市园林局 > 种植情况 > monthly:28",
    ),
    (
        "市政府办公室将适时督查，各责任单位请于每季度末通过系统报送进展。",
        "各责任单位 >  > 进展 > quarterly:end",
    ),
    ("每周五下班前，各组将进度报专班办公室。", "各组 > 专班办公室 > 进度 > weekly:fri"),
    (
        "牵头单位是第一责任主体，要会同责任单位制定细化方案，5月10日前报市园林局。",
        "牵头单位 > 市园林局 > 细化方案 > 2022-05-10",
    ),
    (
        "（一）各科室、部门主要负责人要履职尽责，于每月20日前向办公室报送进展。",
        "各科室+部门 > 办公室 > 进展 > monthly:20",
    ),
    ("认真执行制度，每月3日前提交上月小结。", " >  > 上月小结 > monthly:3"),
)


@pytest.mark.parametrize(("text", "wanted"), WHO)
def test_who_owes_a_report_is_a_unit_and_not_the_tail_of_a_sentence(text: str, wanted: str) -> None:
    assert reports(text) == [wanted]


WHAT = (
    (
        "各街道要明确分管领导，名单于3月25日前报市园林局。",
        "各街道 > 市园林局 > 名单 > 2022-03-25",
    ),
    (
        "各牵头单位要于4月20日前制定推进方案，明确时限，经审定后报市园林局备案。",
        "各牵头单位 > 市园林局 > 推进方案 > 2022-04-20",
    ),
    ("评估结果须于9月30日前报市政府审定后公布。", " > 市政府 > 评估结果 > 2022-09-30"),
    (
        "11月28日前，党组将整改情况报告报送市委督查室、市园林局。",
        "党组 > 市委督查室、市园林局 > 整改情况报告 > 2022-11-28",
    ),
    (
        "市园林局每月5日前汇总各项任务进展情况，报领导小组组长、副组长审阅。",
        "市园林局 > 领导小组组长、副组长 > 各项任务进展情况 > monthly:5",
    ),
    ("市属企业每半年报告一次进展。", "市属企业 >  > 进展 > halfyear"),
    ("各区每月20日前将台账报市园林局绿化处。", "各区 > 市园林局绿化处 > 台账 > monthly:20"),
    ("各部门要于每月30日前将工作进展报审管办汇总。", "各部门 > 审管办 > 工作进展 > monthly:30"),
)


@pytest.mark.parametrize(("text", "wanted"), WHAT)
def test_what_is_sent_is_found_before_and_behind_the_verb(text: str, wanted: str) -> None:
    assert reports(text) == [wanted]


TWO = (
    (
        "指挥部每周五召开例会，每月形成绿化专报报送市政府。",
        ["指挥部 > 市政府 > 绿化专报 > monthly"],
    ),
    (
        "各牵头单位于4月10日前制定方案，每月25日前将进展报送市园林局。",
        ["各牵头单位 > 市园林局 > 进展 > monthly:25"],
    ),
    ("每月25日前报送台账，12月20日前完成。", [" >  > 台账 > monthly:25"]),
    (
        "各区于7月15日前将苗木清单报市园林局，每年12月10日前更新一次。",
        ["各区 > 市园林局 > 苗木清单 > 2022-07-15", "各区 > 市园林局 > 苗木清单 > yearly:12-10"],
    ),
    (
        "各区每月20日前报送巡查情况，年度总结于每年12月15日前报送。",
        ["各区 >  > 巡查情况 > monthly:20", "各区 >  > 年度总结 > yearly:12-15"],
    ),
    (
        "各区每月25日前报送工作进展，每半年形成一份专题报告。",
        ["各区 >  > 工作进展 > monthly:25", "各区 >  > 专题报告 > halfyear"],
    ),
    (
        "各区于5月15日前将实施方案报市园林局，每月5日前报送进展。",
        ["各区 > 市园林局 > 实施方案 > 2022-05-15", "各区 > 市园林局 > 进展 > monthly:5"],
    ),
    (
        "各区每月5日前将进展报市园林局。各区每月5日前将进展报市园林局。",
        ["各区 > 市园林局 > 进展 > monthly:5"],
    ),
)


@pytest.mark.parametrize(("text", "wanted"), TWO)
def test_two_times_in_a_sentence_are_two_rules_only_where_both_ask_for_a_report(
    text: str, wanted: list[str]
) -> None:
    assert reports(text) == wanted
