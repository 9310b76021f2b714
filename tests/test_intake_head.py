# ruff: noqa: E501 - a line of a notice is a paragraph
"""The head of a paper: title over lines, issuers, numbers, dates, in the forms that offices print."""

import datetime as dt
from typing import NamedTuple

import pytest

from supervisor.intake import read_text


class Head(NamedTuple):
    """What a careful reader finds; several numbers are joined by a space."""

    title: str
    issuer: str | None = None
    numbers: str = ""
    issued: str | None = None
    published: str | None = None


HEADS = {
    "letterhead, title in two lines, years of the plan in a line of their own": (
        "江河市人民政府办公室文件\n江政办发〔2022〕15号\n江河市人民政府办公室关于印发江河市\n城市更新行动方案（2022—2024年）的通知\n各县区人民政府：\n现印发给你们。\n江河市人民政府办公室\n2022年4月8日\n江河市城市更新行动方案\n（2022—2024年）\n一、总体要求\n坚持原则。",
        Head(
            "江河市城市更新行动方案（2022—2024年）",
            "江河市人民政府办公室",
            "江政办发〔2022〕15号",
            "2022-04-08",
        ),
    ),
    "labels of a site, one a line": (
        "索 引 号：1137/2022-00123\n发文机关：江河市人民政府办公室\n成文日期：2022年4月8日\n标    题：江河市人民政府办公室关于印发某方案的通知\n发文字号：江政办发〔2022〕15号\n发布日期：2022年4月12日\n江河市人民政府办公室关于印发某方案的通知\n各单位：\n一、目标\n完成。",
        Head(
            "江河市人民政府办公室关于印发某方案的通知",
            "江河市人民政府办公室",
            "江政办发〔2022〕15号",
            "2022-04-08",
            "2022-04-12",
        ),
    ),
    "labels and values on lines of their own": (
        "索引号\n1137/2022-00123\n发文机关\n江河市人民政府办公室\n成文日期\n2022-04-08\n文号\n江政办发〔2022〕15号\n发布日期\n2022-04-12\n江河市人民政府办公室关于印发某方案的通知\n各单位：\n一、目标\n完成。",
        Head(
            "江河市人民政府办公室关于印发某方案的通知",
            "江河市人民政府办公室",
            "江政办发〔2022〕15号",
            "2022-04-08",
            "2022-04-12",
        ),
    ),
    "labels without colons, several in a line": (
        "名称 江河市人民政府关于印发某规划的通知 索引号 1234\n发布机构 江河市人民政府 发文日期 2022年04月08日\n文号 江政发〔2022〕3号 主题分类 城乡建设\n江河市人民政府关于印发某规划的通知\n一、总体",
        Head("江河市人民政府关于印发某规划的通知", "江河市人民政府", "江政发〔2022〕3号", "2022-04-08"),
    ),
    "labels in square brackets between letterhead and title": (
        "江河市防汛抗旱指挥部\n【信息分类】应急管理　【生成日期】2024-04-19　【浏览次数】1,204\n关于做好城市防汛工作的通知\n江汛发〔2024〕11号\n各单位：\n一、总体要求\n坚持。",
        Head("关于做好城市防汛工作的通知", "江河市防汛抗旱指挥部", "江汛发〔2024〕11号", "2024-04-19"),
    ),
    "request and reply": (
        "江河市人民政府\n关于同意设立联席会议的批复\n江政复〔2022〕3 号\n市民政局：\n你局《关于设立联席会议的请示》（江民〔2022〕10号）收悉。现批复如下：\n一、同意设立。\n江河市人民政府\n二〇二二年四月八日",
        Head("江河市人民政府关于同意设立联席会议的批复", "江河市人民政府", "江政复〔2022〕3号", "2022-04-08"),
    ),
    "passed on from another office": (
        "江河市人民政府办公室\n转发市民政局关于加强养老服务工作意见的通知\n江政办〔2022〕9号\n各县区人民政府：\n市民政局《关于加强养老服务工作的意见》已经市政府同意，现转发给你们。\n江河市人民政府办公室\n2022年5月6日\n关于加强养老服务工作的意见\n市民政局\n（2022年4月20日）\n一、总体要求\n坚持。",
        Head("关于加强养老服务工作的意见", "江河市人民政府办公室", "江政办〔2022〕9号", "2022-05-06"),
    ),
    "several issuers, square number with spaces": (
        "关于印发《江河市养老服务提升方案》的通知\n江民发[2022] 第 8 号\n各县区民政局：\n现将《江河市养老服务提升方案》印发给你们。\n江河市民政局  江河市财政局\n江河市卫生健康委员会\n2022年5月6日\n江河市养老服务提升方案\n一、总体要求",
        Head(
            "江河市养老服务提升方案",
            "江河市民政局 江河市财政局 江河市卫生健康委员会",
            "江民发[2022]第8号",
            "2022-05-06",
        ),
    ),
    "issuers before the title, number in round brackets, date of printing": (
        "江河市民政局 江河市财政局关于印发《江河市养老服务提升方案》的通知\n江民发（2022）8号\n江河市养老服务提升方案\n一、总体要求\n坚持\n江河市民政局\n江河市财政局\n2022年5月6日印发",
        Head("江河市养老服务提升方案", "江河市民政局 江河市财政局", "江民发（2022）8号", "2022-05-06"),
    ),
    "party and government": (
        "中共江河市委办公室 江河市人民政府办公室印发《江河市营商环境方案》的通知\n江办发【2022】8号\n各县区：\n江河市营商环境方案\n一、总体要求\n坚持",
        Head("江河市营商环境方案", "中共江河市委办公室 江河市人民政府办公室", "江办发【2022】8号"),
    ),
    "order with a bare number": (
        "江河市人民政府令\n第 123 号\n《江河市养犬管理办法》已经市政府常务会议通过，现予公布。\n市长 林一\n2022年4月8日\n江河市养犬管理办法\n第一章 总则\n第一条 为规范。",
        Head("江河市养犬管理办法", "江河市人民政府", "江河市人民政府令第123号", "2022-04-08"),
    ),
    "number and date in brackets below the title": (
        "江河市2022年民生实事分工方案\n（江政办〔2022〕9号 2022年4月8日）\n一、就业\n1.新增就业。责任单位：市人社局",
        Head("江河市2022年民生实事分工方案", None, "江政办〔2022〕9号", "2022-04-08"),
    ),
    "two numbers, one with words behind it": (
        "江河市商务局关于推进县域商业的通知\n江商联〔2023〕8号      江河市商务局办公室 2023年6月2日印发\n江商规-2023-2号\n各单位：\n一、目标\n完成。",
        Head(
            "江河市商务局关于推进县域商业的通知",
            "江河市商务局",
            "江商联〔2023〕8号 江商规-2023-2号",
            "2023-06-02",
        ),
    ),
    "spaced last word of the title": (
        "江河市人民政府办公室\n关于印发江河市促进消费若干措施的\n通　　知\n江政办发〔2022〕15号\n各县区：\n《江河市促进消费若干措施》已经市政府同意。\n江河市促进消费若干措施\n一、总体要求",
        Head("江河市促进消费若干措施", "江河市人民政府办公室", "江政办发〔2022〕15号"),
    ),
    "seal of another office between signature and date": (
        "关于调整指挥部组成人员的通知\n各单位：\n现予调整。\n江河市供水建设指挥部\n（市水利局代章）\n2021年9月8日",
        Head("关于调整指挥部组成人员的通知", "江河市供水建设指挥部", "", "2021-09-08"),
    ),
}


@pytest.mark.parametrize("form", HEADS)
def test_the_head_is_read_in_every_form(form: str) -> None:
    text, wanted = HEADS[form]
    paper = read_text(text).document
    days = [day.isoformat() if day else None for day in (paper.issued, paper.published)]
    assert Head(paper.title, paper.issuer, " ".join(paper.doc_numbers), *days) == wanted


def due(text: str) -> list[dt.date | None]:
    (task,) = read_text(text).tasks
    return [deadline.date for deadline in task.deadlines]


TASK = "一、任务\n1.推进建设。6月底前完成。（责任单位：市林业局）\n"


def test_a_plan_for_next_year_takes_its_year_from_the_title() -> None:
    text = "江河市2023年重点工作任务分解方案\n江河市人民政府\n2022年12月28日\n" + TASK
    assert due(text) == [dt.date(2023, 6, 30)]


def test_a_year_in_the_title_that_has_passed_or_spans_a_period_does_not_count() -> None:
    for title in ("江河市2021年督查发现问题整改方案", "江河市2023-2025年绿化行动方案"):
        assert due(f"{title}\n江河市人民政府\n2022年3月2日\n" + TASK) == [dt.date(2022, 6, 30)]


def test_without_a_date_the_year_of_the_number_stands_in_and_the_lack_is_said() -> None:
    text = "江河市绿化行动方案\n江政办发〔2022〕15号\n" + TASK
    assert due(text) == [dt.date(2022, 6, 30)]
    assert "no_date" in {problem.code for problem in read_text(text).problems}
