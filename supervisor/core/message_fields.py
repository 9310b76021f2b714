"""The fields of messages: what a wording may name, in either language, with an explanation and an example.

A field has one English and one Chinese name; both are words of stored wordings, so neither ever changes meaning.
Examples are about a fictional city.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from supervisor.core.days import day_words
from supervisor.core.periods import Period
from supervisor.words import N_, Sentence

#: What fills a field: words, a number, a sentence to be said, or several lines.
Value = str | int | Sentence | Sequence[str | Sentence]


@dataclass(frozen=True, eq=False)
class MessageField:
    """A named place in a message's words."""

    name: str
    zh: str
    about: Sentence
    example: Value


def _period(key: str) -> Sentence:
    return Period.parse(key).label


# Whom and what it is about
PROGRAMME = MessageField("programme", "专项", N_("Name of the programme"), "老旧小区改造")
UNIT = MessageField("unit", "单位", N_("Name of the unit"), "市城建局")
UNITS = MessageField("units", "单位名单", N_("Names of units, at most twenty"), "市城建局、市交通局")
TASK = MessageField("task", "任务", N_("Title of the task"), "加装电梯")
PLAN = MessageField("plan", "方案", N_("Title of the plan"), "老旧小区改造工作方案")
RULE = MessageField("rule", "报送事项", N_("What is to be reported, as the rule names it"), "月报")
PERIOD = MessageField(
    "period", "期间", N_("The period that the report is about"), Period.parse("2021-05").label
)
SCORED_PERIOD = MessageField("period", "考核期", N_("The period that is scored"), _period("2021-Q2"))
WEEK = MessageField("week", "周次", N_("The week"), _period("2021-W23"))
YEAR = MessageField("year", "年份", N_("The year"), 2022)
WHAT = MessageField("what", "事由", N_("What it is about, in one line"), "加装电梯：新增任务")
OWED = MessageField(
    "what", "事由", N_("What is owed, in a few words"),
    N_("report for %(period)s", period=Period.parse("2021-05").label),
)  # fmt: skip
LINE = MessageField("line", "指标", N_("The line of the score sheet"), "月报及时率")
LIST = MessageField("list", "数据名称", N_("The list of facts"), "群众满意度")
TEXT = MessageField("text", "内容", N_("The text that was recorded"), "每周五前报送开工台数。")
NUMBER = MessageField("number", "编号", N_("The number in the register"), 3)
TITLE = MessageField("title", "标题", N_("The title"), "5月工作情况通报")
SUMMARY = MessageField(
    "summary", "摘要", N_("The summary, one sentence a line"), ["应报41家，按时报送40家。", "红灯任务2项。"]
)
SOURCE = MessageField("source", "来源", N_("Where the change comes from"), "国务院办公厅通知")

# Days
DAY = MessageField("day", "日期", N_("The day that counts"), day_words(date(2021, 6, 5)))
UNTIL = MessageField("until", "截至日", N_("The last day"), day_words(date(2021, 7, 5)))
REVIEW = MessageField(
    "review", "复核日", N_("The day on which it is looked at again"), day_words(date(2021, 9, 1))
)
FIRST = MessageField("first", "起始日", N_("The first day"), day_words(date(2021, 6, 7)))
LAST = MessageField("last", "终止日", N_("The last day"), day_words(date(2021, 6, 11)))
LEFT = MessageField(
    "left", "剩余时间", N_("Working days left or overdue"), N_("%(n)s working days left", n=3)
)
DAYS = MessageField(
    "days", "日期列表", N_("Due days, one a line"), [N_("Due on %(day)s.", day=day_words(date(2021, 6, 5)))]
)

# Counts
COUNT = MessageField("count", "总数", N_("How many"), 5)
OVERDUE = MessageField("overdue", "逾期数", N_("How many are overdue"), 2)
SENT = MessageField("sent", "已报数", N_("How many items have been sent"), 1)
LEAST = MessageField("least", "应报数", N_("How many items are asked for at least"), 2)
LEADS = MessageField("leads", "牵头数", N_("Tasks as lead unit"), 3)
OTHERS = MessageField("others", "责任数", N_("Tasks as responsible unit"), 7)
RED = MessageField("red", "红灯数", N_("Tasks with a red light"), 2)
AMBER = MessageField("amber", "黄灯数", N_("Tasks with an amber light"), 4)
TO_REVIEW = MessageField("to_review", "待审数", N_("Reports that wait for review"), 6)
DECISIONS = MessageField("decisions", "待决数", N_("Decisions that wait for the leader"), 1)

# Lists
REPORTS = MessageField(
    "reports",
    "报告列表",
    N_("The reports that are owed, one a line"),
    [
        N_(
            "%(programme)s, %(unit)s: %(rule)s of %(period)s, due %(day)s (%(left)s)",
            programme="老旧小区改造", unit="市城建局", rule="月报", period=Period.parse("2021-05").label,
            day=day_words(date(2021, 6, 5)), left=N_("%(n)s working days left", n=3),
        )
    ],
)  # fmt: skip
REASONS = MessageField(
    "reasons", "退回理由", N_("Each returned entry with its reason, one a line"), ["加装电梯：请附开工照片。"]
)

# People and their words
NAME = MessageField("name", "姓名", N_("Name of the person or unit that acts"), "李明")
ABSENT = MessageField("absent", "被代理人", N_("Name of the person who is away"), "王芳")
ROLE = MessageField("role", "角色", N_("The role"), N_("Liaison officer"))
USERNAME = MessageField("username", "账号", N_("Name of the account"), "liming")
LINK = MessageField("link", "链接", N_("The personal link; it works once"), "https://dukao.example.cn/link/…")
CHANGES = MessageField(
    "changes", "填报项变动", N_("Fields of the form that are new, changed or ended, one kind a line"),
    [N_("Newly asked for: %(names)s", names="投入资金")],
)  # fmt: skip
REACH = MessageField("reach", "公布范围", N_("Who sees the published result"), N_("Units of the same group"))
REASON = MessageField("reason", "理由", N_("The reason that was given; may be empty"), "资料齐全后再报。")
WORDS = MessageField("words", "批示", N_("The words of whoever decided; may be empty"), "同意，抓紧落实。")
PROBLEM = MessageField("problem", "问题", N_("The problem as the unit described it"), "管线迁改尚未批复。")
PROMISE = MessageField(
    "promise", "承诺", N_("Who helps and by when; empty without a day"),
    N_("%(name)s helps, by %(day)s.", name="李明", day=day_words(date(2021, 6, 15))),
)  # fmt: skip
EVENT = MessageField("event", "消息", N_("The message whose wording is meant"), N_("Report returned"))
FAULT = MessageField("fault", "问题所在", N_("What is wrong with the wording"), "{截至日}")
