"""The demo's deadlines beside the monthly reports: yearly summaries, counted items, a late permit, a suspension."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from supervisor.clock import beijing_date
from supervisor.core import annual_summaries, filings, late_permits, rule_changes, suspensions
from supervisor.core.demo_acts import Acts
from supervisor.core.demo_people import OFFICE, read_text, unit_of
from supervisor.core.demo_story import moment
from supervisor.core.filings import FiledBody
from supervisor.core.rule_changes import RuleTerms
from supervisor.core.rule_corrections import TypedRule
from supervisor.models import Assignment, Obligation, Report, ReportingRule, RuleRecipient, Task

DISTRICTS = ("dongling", "nanpu", "xilingqiao", "beitang", "zhongcheng", "shanqian", "gaoxin", "wenlv")
SUMMARY, ITEMS = "年度工作总结", "宣传信息"
#: Hands its summary in after the office has looked at all the others; hands none in.
WAITING, SILENT = "zhongcheng", "wenlv"


def keep(acts: Acts) -> None:
    """Everything, each at its moment."""
    acts.on("2025-10-13 10:00", partial(_ask, acts, SUMMARY, "filing", "yearly", "12-25", "2025-10-13"))
    for place, user in enumerate(DISTRICTS):
        if user != SILENT:
            acts.on(f"2025-12-{16 + place} 15:20", partial(_sum_up, acts, user))
    acts.on("2026-01-08 10:00", partial(_put_together, acts))
    acts.on("2026-06-22 09:30", partial(_suspend, acts))
    acts.on("2026-04-29 10:00", partial(_ask, acts, ITEMS, "count", "monthly", "10、25", "2026-05-01"))
    for month, day in (("2026-05", "2026-05-20"), ("2026-06", "2026-06-18")):
        for user in read_text("deadlines.toml")["sent"][month]:
            acts.on(f"{day} 16:10", partial(_send_item, acts, user, month))
    acts.on("2026-07-06 11:10", partial(_send_item, acts, "dongling", "2026-07"))
    acts.on("2026-07-07 11:40", partial(_permit, acts))


def _ask(acts: Acts, what: str, kind: str, every: str, days: str, since: str, now: datetime) -> None:
    """The office asks the districts for something more."""
    names = tuple(unit_of(user).name for user in DISTRICTS)
    typed = TypedRule(what, kind, "named", names, (), every, days, None, 0, 1)
    rule_changes.save(
        None, acts.programme, RuleTerms(typed, valid_from=date.fromisoformat(since)),
        reason=str(read_text("deadlines.toml")["asked"][kind]), seen=0,
        by=acts.story.actor(OFFICE, acts.programme, now), now=now,
    )  # fmt: skip


def _owed(acts: Acts, user: str, what: str, period: str) -> Obligation:
    rule = ReportingRule.get((ReportingRule.programme == acts.programme) & (ReportingRule.name == what))
    theirs = (Obligation.rule == rule) & (Obligation.unit == unit_of(user))
    found: Obligation = Obligation.get(theirs & (Obligation.period == period))
    return found


def _sum_up(acts: Acts, user: str, now: datetime) -> None:
    """A district hands its summary in; the office gives the receipt two working days later."""
    text = read_text("deadlines.toml")["summaries"][user]
    name = unit_of(user).name
    body = FiledBody("年度总结", f"{name}2025年背街小巷更新工作总结", str(text))
    report = filings.submit(
        _owed(acts, user, SUMMARY, "2025"), [body], by=acts.story.actor(user, acts.programme, now), now=now
    )
    if user != WAITING:
        answer = moment(acts.story.workday(beijing_date(now), 2), 9, 50)
        acts.story.at(answer, partial(_receive, acts, report))


def _receive(acts: Acts, report: Report, now: datetime) -> None:
    recipient = RuleRecipient.get(RuleRecipient.rule == report.obligation.rule_id)
    filings.give_receipt(report, recipient, by=acts.story.actor(OFFICE, acts.programme, now), now=now)


def _put_together(acts: Acts, now: datetime) -> None:
    rule = ReportingRule.get((ReportingRule.programme == acts.programme) & (ReportingRule.name == SUMMARY))
    gathered = annual_summaries.gather(acts.programme, rule.id, "2025", now=now)
    words = annual_summaries.first_words(gathered)
    by = acts.story.actor(OFFICE, acts.programme, now)
    annual_summaries.keep(gathered, words, seen=0, by=by, now=now)


def _send_item(acts: Acts, user: str, month: str, now: datetime) -> None:
    """A month's item; in July the others are reminded on the working day of the 10th."""
    known = read_text("deadlines.toml")
    title, text = known["sent"][month][user] if month in known["sent"] else known["items"][user].values()
    by = acts.story.actor(user, acts.programme, now)
    filings.submit(_owed(acts, user, ITEMS, month), [FiledBody("信息", title, text)], by=by, now=now)


def _suspend(acts: Acts, now: datetime) -> None:
    """A district's part waits for a court; the office looks at it again within the week."""
    link = (
        Assignment.select(Assignment, Task)
        .join(Task)
        .where(
            (Assignment.programme == acts.programme)
            & (Assignment.unit == unit_of("beitang"))
            & (Task.title == "拆除违法建设")
        )
        .get()
    )
    suspensions.suspend(
        link, from_on=date(2026, 6, 22), review_on=date(2026, 7, 10),
        reason="两处违建进入行政诉讼，法院裁定前暂停拆除。",
        by=acts.story.actor(OFFICE, acts.programme, now), now=now,
    )  # fmt: skip


def _permit(acts: Acts, now: datetime) -> None:
    """November's report of a unit that sent none may still be handed in: late, never on time."""
    unit = unit_of("tongxin")
    owed = Obligation.get(
        (Obligation.programme == acts.programme)
        & (Obligation.unit == unit)
        & (Obligation.period == "2025-11")
    )
    late_permits.permit(
        owed, date(2026, 7, 17), reason="迎接省级抽查，请补齐2025年11月的进展资料，按迟报计。",
        by=acts.story.actor(OFFICE, acts.programme, now), now=now,
    )  # fmt: skip
