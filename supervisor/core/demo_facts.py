"""The demo's entered facts: praise, adopted information, missed meetings, surveys; one corrected, one withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from supervisor.clock import beijing_date
from supervisor.core import fact_assessors, fact_changes, fact_pages, recorded_facts, score_scope
from supervisor.core.demo_acts import Acts
from supervisor.core.demo_people import ASSESSOR, unit_of
from supervisor.core.fact_changes import Row
from supervisor.core.scored_periods import scored_period
from supervisor.models import FactState, RecordedFact

SURVEYOR = "tongji"
#: Moment → period, form, source and per unit what is typed.
ENTERED: tuple[tuple[str, str, str, str, tuple[tuple[str, Mapping[str, str]], ...]], ...] = (
    ("2026-01-12 15:00", "2025-Q4", "bonus.praise", "澜政督〔2025〕31号", (
        ("dongling", {"subject": "市长批示：东岭样板街巷做法", "day": "2025-12-09", "level": "市级"}),
    )),
    ("2026-01-12 15:20", "2025-Q4", "bonus.adoption", "《澜川信息》2025年第四季度采用目录", (
        ("nanpu", {"subject": "错时共享停车的三个办法", "day": "2025-11-18", "level": "市级"}),
        ("dashuju", {"subject": "一张图管住街巷管线", "day": "2025-12-22", "level": "省级"}),
    )),
    ("2026-01-12 15:40", "2025-Q4", "penalty.absence", "调度会签到册（2025年10—12月）", (
        ("xilingqiao", {"subject": "十一月调度会", "day": "2025-11-06"}),
        ("tongxin", {"subject": "十二月调度会", "day": "2025-12-04"}),
    )),
    ("2026-04-09 10:10", "2026-Q1", "bonus.praise", "澜政督〔2026〕6号", (
        ("zhongcheng", {"subject": "老旧街巷口述史保护", "day": "2026-02-26", "level": "市级"}),
        ("zhongcheng", {"subject": "老旧街巷口述史保护", "day": "2026-03-17", "level": "省级"}),
        ("minzheng", {"subject": "街巷议事会全覆盖", "day": "2026-03-05", "level": "市级"}),
    )),
    ("2026-04-09 10:30", "2026-Q1", "bonus.adoption", "《澜川信息》2026年第一季度采用目录", (
        ("dongling", {"subject": "东岭区“巷长日记”", "day": "2026-01-21", "level": "市级"}),
        ("gaoxin", {"subject": "夜间施工告知单", "day": "2026-02-11", "level": "本级"}),
    )),
    ("2026-04-09 10:45", "2026-Q1", "bonus.experience", "现场会会议通知", (
        ("dongling", {"subject": "街巷更新现场会（东岭）", "day": "2026-03-26"}),
    )),
    ("2026-04-09 11:00", "2026-Q1", "penalty.criticism", "省通信管理局通报（2026年第3期）", (
        ("guangdian", {"subject": "飞线整治进度滞后", "day": "2026-03-12"}),
    )),
    ("2026-04-09 11:10", "2026-Q1", "penalty.absence", "调度会签到册（2026年1—3月）", (
        ("xilingqiao", {"subject": "二月调度会", "day": "2026-02-05"}),
        ("liantong", {"subject": "三月调度会", "day": "2026-03-05"}),
        ("wenlv", {"subject": "三月调度会", "day": "2026-03-05"}),
    )),
    ("2026-07-06 14:30", "2026-Q2", "bonus.praise", "澜政督〔2026〕19号", (
        ("dongling", {"subject": "雨前清淤“一巷一策”", "day": "2026-05-14", "level": "市级"}),
    )),
)  # fmt: skip
SURVEY = "2025年街巷更新群众满意度电话调查报告"
#: Area → answers and satisfied; the holiday resort was polled in its closed season and nobody answered.
ANSWERS = {
    "dongling": (412, 401), "nanpu": (388, 371), "xilingqiao": (365, 309), "beitang": (402, 374),
    "zhongcheng": (420, 402), "shanqian": (310, 287), "gaoxin": (286, 279), "wenlv": (0, 0),
}  # fmt: skip


def enter(acts: Acts) -> None:
    """Everything, each at its moment."""
    for moment, key, form, source, lines in ENTERED:
        acts.on(moment, partial(_enter, acts, ASSESSOR, key, form, source, lines, ""))
    acts.on("2026-04-10 09:20", partial(_correct, acts))
    acts.on("2026-04-13 16:00", partial(_withdraw, acts))
    acts.on("2026-07-06 14:50", partial(_settle, acts, ASSESSOR, "2026-Q2", "penalty.criticism",
                                        "逐件核对来文登记，本季度没有收到上级通报批评。"))  # fmt: skip
    acts.on("2025-12-01 09:30", partial(_name, acts))
    lines = tuple(
        (user, {"answers": str(answers), "satisfied": str(satisfied) if answers else ""})
        for user, (answers, satisfied) in ANSWERS.items()
    )
    acts.on(
        "2026-01-15 10:00",
        partial(_enter, acts, SURVEYOR, "2025-year_end", "satisfaction.residents", SURVEY, lines, ""),
    )
    acts.on("2026-01-15 10:20", partial(_settle, acts, SURVEYOR, "2025-year_end", "satisfaction.residents",
                                        "其余单位不是属地，未列入调查。"))  # fmt: skip
    acts.on("2026-01-30 16:00", partial(_evaluate, acts))


def _enter(
    acts: Acts,
    user: str,
    key: str,
    form_key: str,
    source: str,
    lines: tuple[tuple[str, Mapping[str, str]], ...],
    reason: str,
    now: datetime,
) -> None:
    by, period = acts.story.actor(user, acts.programme, now), scored_period(key)
    form = fact_pages.form_of(acts.programme, period, form_key)
    rows = [Row(str(number), unit_of(whose).id, texts) for number, (whose, texts) in enumerate(lines, 1)]
    own = fact_assessors.own_units(by, acts.programme.id, now)
    found = fact_changes.read(acts.programme, period, form, rows, own=own, today=beijing_date(now))
    recorded_facts.record(
        acts.programme, period, form, found.changes, source=source, reason=reason, by=by, now=now
    )


def _absence(acts: Acts, user: str) -> RecordedFact:
    mine = (RecordedFact.programme == acts.programme) & (RecordedFact.unit == unit_of(user))
    counts = (RecordedFact.period == "2026-Q1") & (RecordedFact.state == FactState.VALID)
    return RecordedFact.get(mine & counts & (RecordedFact.form == "penalty.absence"))


def _correct(acts: Acts, now: datetime) -> None:
    """The unit's clerk points out that the meeting was put off by a week."""
    row, by, period = _absence(acts, "liantong"), acts.story.actor(ASSESSOR, acts.programme, now), "2026-Q1"
    when = scored_period(period)
    form = fact_pages.form_of(acts.programme, when, row.form)
    lines = [Row("1", row.unit_id, {"subject": row.subject, "day": "2026-03-12"}, row.id)]
    found = fact_changes.read(acts.programme, when, form, lines, own=set(), today=beijing_date(now))
    why = "该次会议改期至3月12日召开，原录日期有误。"
    recorded_facts.record(acts.programme, when, form, found.changes, source="", reason=why, by=by, now=now)


def _withdraw(acts: Acts, now: datetime) -> None:
    row, by, when = (
        _absence(acts, "wenlv"),
        acts.story.actor(ASSESSOR, acts.programme, now),
        scored_period("2026-Q1"),
    )
    form = fact_pages.form_of(acts.programme, when, row.form)
    recorded_facts.withdraw(row, when, form, reason="会前已书面请假并获准，不属缺席。", by=by, now=now)


def _settle(acts: Acts, user: str, key: str, form_key: str, words: str, now: datetime) -> None:
    by, when = acts.story.actor(user, acts.programme, now), scored_period(key)
    form = fact_pages.form_of(acts.programme, when, form_key)
    recorded_facts.settle(acts.programme, when, form, words=words, by=by, now=now)


def _evaluate(acts: Acts, now: datetime) -> None:
    """The leading group's marks for the year, from 78 to 95."""
    by, when = acts.story.actor(ASSESSOR, acts.programme, now), scored_period("2025-year_end")
    form = fact_pages.form_of(acts.programme, when, "leader_mark")
    places = score_scope.memberships(acts.programme.id, when)
    rows = [
        Row(str(number), place.unit.id, {"mark": str(78 + number * 7 % 18)})
        for number, place in enumerate(places, 1)
    ]
    own = fact_assessors.own_units(by, acts.programme.id, now)
    found = fact_changes.read(acts.programme, when, form, rows, own=own, today=beijing_date(now))
    minutes = "领导小组第四次会议纪要"
    recorded_facts.record(acts.programme, when, form, found.changes, source=minutes, by=by, now=now)


def _name(acts: Acts, now: datetime) -> None:
    by = acts.story.actor(ASSESSOR, acts.programme, now)
    for key in ("satisfaction.residents", "satisfaction.conference"):
        fact_assessors.name(
            acts.programme, fact_pages.form_of(acts.programme, scored_period("2025-year_end"), key),
            unit=unit_of(SURVEYOR), person=None, reason="满意度调查由社情民意调查中心独立组织（领导小组第二次会议）",
            by=by, now=now,
        )  # fmt: skip
