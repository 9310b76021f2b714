"""What the demo's lead office does between the reports: weeks supervised, months dispatched, circulars, help."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial

from supervisor.clock import beijing_date
from supervisor.core import (
    circular_proposals,
    circulars,
    instructions,
    month_figures,
    problems,
    weekly_records,
)
from supervisor.core.circular_proposals import AHEAD, BEHIND
from supervisor.core.circulars import Words
from supervisor.core.demo_acts import Acts
from supervisor.core.demo_people import OFFICE, unit_of
from supervisor.core.demo_story import moment
from supervisor.core.instructions import Wanted
from supervisor.core.periods import Period, PeriodKind, period_of
from supervisor.core.problems import Help
from supervisor.models import Circular, InstructedUnit, Instruction, InstructionKind, Problem, ProblemState
from supervisor.models import WeeklyRecord as Record

INSPECTOR = "inspector1"
FIRST_WEEK = date(2026, 4, 13)
#: Weeks that nobody finished in time: one still open, one done on the Monday after.
FORGOTTEN = frozenset({"2026-W24"})
CONCLUSIONS = (
    "各区现场总体有序，继续盯办红灯事项。", "抽查在建巷道，围挡和标识基本规范，个别点位已当场整改。",
    "重点督导管线同步入地，权属问题提请协调。", "进度较上周加快，资料报送质量仍需提高。",
)  # fmt: skip


def supervise(acts: Acts) -> None:
    """Everything, each at its moment."""
    for part in (_weeks, _findings, _dispatches, _circulars, _help):
        part(acts)


def _weeks(acts: Acts) -> None:
    monday = FIRST_WEEK
    while monday <= date(2026, 6, 29):
        week = period_of(PeriodKind.WEEK, monday)
        if week.key not in FORGOTTEN:
            last = weekly_records.last_workday(week, acts.story.calendar) or monday
            acts.story.at(moment(last, 16, 30), partial(_finish, acts, week))
        monday += timedelta(days=7)


def _finish(acts: Acts, week: Period, now: datetime) -> None:
    row = Record.get_or_none((Record.programme == acts.programme) & (Record.week == week.key))
    if row is not None:
        found = weekly_records.get_week(acts.programme, week.key, beijing_date(now))
        words = CONCLUSIONS[week.number % len(CONCLUSIONS)]
        weekly_records.finish(found, words, by=acts.story.actor(OFFICE, acts.programme, now), now=now)


def _findings(acts: Acts) -> None:
    for day, users, text, due in (
        ("2026-05-13 15:20", ["xilingqiao"], "路面开挖后停工超过十天，未按承诺恢复通行。", date(2026, 5, 29)),
        ("2026-06-03 10:40", ["tongxin"], "两处已报完成的线缆点位仍有飞线。", date(2026, 6, 19)),
        ("2026-06-17 16:10", ["dongling", "gongdian"], "电力迁改与路面施工不同步，存在重复开挖。", date(2026, 7, 10)),
    ):  # fmt: skip
        acts.on(day, partial(_record, acts, InstructionKind.FINDING, users, text, due))
    acts.on(
        "2026-05-28 09:30",
        partial(_follow_up, acts, "停工超过十天", "三条巷道均已复工并恢复通行。", done=True),
    )
    acts.on(
        "2026-06-18 14:30",
        partial(_follow_up, acts, "仍有飞线", "一处已整治，另一处待电力停电窗口。", done=False),
    )


def _dispatches(acts: Acts) -> None:
    for day, users, text, due in (
        ("2026-05-12 10:00", ["ranqi", "zhujian"], "燃气管道与路面更新同步排期，五月底前报计划。", date(2026, 5, 29)),
        ("2026-06-11 10:00", ["xilingqiao", "chengguan"], "西陵桥区未通电巷道六月底前全部接通。", date(2026, 6, 30)),
        ("2026-06-11 10:20", ["caizheng"], "提前下达第三批补助资金，报资金分配表。", date(2026, 7, 15)),
    ):  # fmt: skip
        acts.on(day, partial(_record, acts, InstructionKind.DECISION, users, text, due))
    acts.on(
        "2026-05-28 16:00", partial(_follow_up, acts, "同步排期", "联合计划已报送，排期一致。", done=True)
    )


def _record(acts: Acts, kind: InstructionKind, users: list[str], text: str, due: date, now: datetime) -> None:
    day = beijing_date(now)
    finding = kind is InstructionKind.FINDING
    period = period_of(PeriodKind.WEEK, day) if finding else period_of(PeriodKind.MONTH, day).previous()
    wanted = Wanted(text, [unit_of(user).id for user in users], due)
    by = acts.story.actor(INSPECTOR if finding else OFFICE, acts.programme, now)
    instructions.record(acts.programme, kind, period.key, wanted, by=by, now=now)


def _follow_up(acts: Acts, about: str, note: str, now: datetime, *, done: bool) -> None:
    parts = InstructedUnit.select(InstructedUnit, Instruction).join(Instruction)
    by = acts.story.actor(OFFICE, acts.programme, now)
    for part in parts.where(Instruction.text.contains(about)).order_by(InstructedUnit.id):
        instructions.follow_up(part, note, done=done, by=by, now=now)


def _circulars(acts: Acts) -> None:
    """May's is issued, with one unit named as behind on the strength of a finding; June's is a draft."""
    acts.on("2026-06-15 15:00", partial(_circular, acts, "2026-05", issued=True))
    acts.on("2026-07-07 16:30", partial(_circular, acts, "2026-06", issued=False))


def _circular(acts: Acts, key: str, now: datetime, *, issued: bool) -> None:
    by = acts.story.actor(OFFICE, acts.programme, now)
    row = circulars.draft(acts.programme, Period.parse(key), by=by, now=now)
    month = month_figures.read_month(acts.programme.id, Period.parse(key), now=now)
    named = {
        one.unit.unit_id: (one.side, one.words)
        for one in circular_proposals.proposals(month)
        if one.side == AHEAD
    }
    behind = next(unit for unit in month.units if unit.unit_id == unit_of("xilingqiao").id)
    named[behind.unit_id] = (BEHIND, f"{circular_proposals.reason_of(behind)}督导发现停工超过十天。")
    circulars.edit(row, Words(row.title, row.opening, row.closing, named), by=by, now=now)
    if issued:
        fresh = Circular.get_by_id(row.id)
        seen = circulars.seal_of(circulars.content_of(fresh, now=now))
        circulars.issue(fresh, seen=seen, by=by, now=now)


def _help(acts: Acts) -> None:
    acts.on("2026-06-16 09:40", partial(_assign, acts))
    acts.on("2026-06-24 11:00", partial(_note, acts))


def _oldest(acts: Acts) -> list[Problem]:
    mine = (Problem.programme == acts.programme) & (Problem.state == ProblemState.OPEN)
    return list(Problem.select().where(mine).order_by(Problem.raised_month, Problem.id).limit(2))


def _assign(acts: Acts, now: datetime) -> None:
    by = acts.story.actor(OFFICE, acts.programme, now)
    for problem, user in zip(_oldest(acts), ("ziran", None), strict=False):
        helper = unit_of(user).id if user and unit_of(user).id != problem.unit_id else None
        wanted = Help(helper, date(2026, 7, 10), "召集有关单位现场会商，提出解决办法。")
        problems.assign_help(problem, wanted, by=by, now=now)


def _note(acts: Acts, now: datetime) -> None:
    by = acts.story.actor(OFFICE, acts.programme, now)
    for problem in _oldest(acts)[:1]:
        problems.note_progress(problem, "已召开一次现场会，权属资料正在核对。", by=by, now=now)
