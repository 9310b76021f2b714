"""A month's figures: which periods belong to it, and that nothing is read of the years before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from peewee import Database

from supervisor.core import month_figures, problems, weekly, weekly_records
from supervisor.core.periods import Period, PeriodKind, periods_between
from supervisor.core.report_cells import Cell
from supervisor.database import count_queries, is_sqlite
from supervisor.models import (
    Assignment,
    Entry,
    EntryState,
    LatePermit,
    Light,
    LightChange,
    LightReason,
    Obligation,
    ObligationState,
    Outcome,
    Problem,
    ProblemState,
    Programme,
    Report,
    ReportEntry,
    ReportingRule,
    Unit,
    Verdict,
    WeeklyRecord,
)
from tests import builders as b

NOW = b.at("2021-06-08 09:00")
APRIL, MAY, JUNE = (Period.parse(f"2021-0{number}") for number in (4, 5, 6))


@dataclass
class Place:
    programme: Programme
    unit: Unit
    link: Assignment

    def rule(self, recurrence: str) -> ReportingRule:
        return b.rule(self.programme, recurrence)

    def report(self, rule: ReportingRule, key: str, progress: int) -> Obligation:
        """An accepted report on the one task."""
        owed = b.obligation(self.unit, self.programme, key, due_on=Period.parse(key).end, of=rule)
        Obligation.update(outcome=Outcome.ON_TIME, state=ObligationState.ACCEPTED).where(
            Obligation.id == owed.id
        ).execute()
        entry = b.entry(owed, self.link)
        Entry.update(state=EntryState.ACCEPTED).where(Entry.id == entry.id).execute()
        report = Report.create(obligation=owed, number=1, submitted_by=1, received_at=NOW)
        ReportEntry.create(
            report=report,
            entry=entry,
            progress=progress,
            verdict=Verdict.ACCEPTED,
            reviewed_by=1,
            reviewed_at=NOW,
        )
        Assignment.update(progress=progress, progress_period=key).where(
            Assignment.id == self.link.id
        ).execute()
        return owed


def make() -> Place:
    programme, unit = b.programme(), b.unit("甲局")
    plan = b.plan(programme)
    plan.issued_at, plan.effective_on = b.at("2011-01-01 00:00"), date(2011, 1, 1)
    plan.save()
    return Place(programme, unit, b.assignment(b.task(plan, due_on=date(2030, 12, 31)), unit))


@pytest.mark.parametrize(
    ("key", "month"),
    [
        pytest.param("2021-05-25", MAY, id="day"),
        pytest.param("2021-W17", APRIL, id="week-26-April-to-2-May-by-its-Thursday-E-55"),
        pytest.param("2021-W18", MAY, id="week"),
        pytest.param("2021-W22", JUNE, id="week-31-May-to-6-June-by-its-Thursday-E-55"),
        pytest.param("2021-05-T3", MAY, id="ten-day"),
        pytest.param("2021-05", MAY, id="month"),
        pytest.param("2021-Q2", JUNE, id="quarter"),
        pytest.param("2021-H1", JUNE, id="half-year"),
        pytest.param("2021", Period.parse("2021-12"), id="year"),
    ],
)
def test_d9_every_rhythms_report_counts_in_one_month(database: Database, key: str, month: Period) -> None:
    place = make()
    place.report(place.rule("monthly"), key, 30)
    wide = [month.previous(), month, month.next()]
    found = [month_figures.read_month(place.programme.id, one, now=b.at("2023-01-10 09:00")) for one in wide]
    assert [one.total(Cell.ON_TIME) for one in found] == [0, 1, 0]
    assert problems.month_of(key) == month.key


def test_every_day_of_two_years_belongs_to_the_periods_of_one_month() -> None:
    months = list(periods_between(PeriodKind.MONTH, date(2020, 1, 1), date(2021, 12, 31)))
    keys = [key for month in months for key in month_figures.keys_of(month)]
    assert len(keys) == len(set(keys)) == 731 + 105 + 72 + 24 + 8 + 4 + 2


def test_a_programme_of_weekly_and_quarterly_reports_has_its_months(database: Database) -> None:
    place = make()
    place.report(place.rule("weekly:fri"), "2021-W17", 10)
    place.report(place.rule("quarterly"), "2021-Q1", 20)
    found = month_figures.reported_months(place.programme.id, date(2021, 6, 8))
    assert [month.key for month in found] == ["2021-04", "2021-03"]


def test_progress_of_a_week_that_ends_in_the_next_month_is_this_months(database: Database) -> None:
    place = make()
    weekly_rule, monthly = place.rule("weekly:fri"), place.rule("monthly")
    place.report(monthly, "2021-03", 20)
    place.report(weekly_rule, "2021-W17", 35)
    progress = {
        m.key: month_figures.read_month(place.programme.id, m, now=NOW).units[0].progress
        for m in (APRIL, MAY)
    }
    assert progress == {"2021-04": 35, "2021-05": 35}
    place.report(monthly, "2021-05", 50)
    assert month_figures.read_month(place.programme.id, APRIL, now=NOW).units[0].progress == 35


def test_progress_accepted_long_before_is_still_found(database: Database) -> None:
    place = make()
    monthly = place.rule("monthly")
    place.report(monthly, "2019-07", 15)
    place.report(monthly, "2021-06", 90)
    assert month_figures.read_month(place.programme.id, MAY, now=NOW).units[0].progress == 15


def turn(place: Place, day: date, light: Light) -> None:
    """The task's light turned on a day."""
    LightChange.create(task=place.link.task_id, day=day, light=light, why=LightReason.ON_COURSE)


def history(place: Place, years: range) -> None:
    """Every month of these years reported, missed by another unit, with a light turned and a problem solved."""
    rule, other = ReportingRule.get(), b.unit(f"乙局{years.start}")
    for year in years:
        for month in range(1, 13):
            key = f"{year}-{month:02}"
            owed = place.report(rule, key, 5)
            missed = b.obligation(other, place.programme, key, due_on=Period.parse(key).end, of=rule)
            Obligation.update(outcome=Outcome.MISSING).where(Obligation.id == missed.id).execute()
            for day in (5, 15, 25):
                light = Light.AMBER if day == 15 else Light.GREEN
                turn(place, date(year, month, day), light)
            Problem.create(
                programme=place.programme, unit=place.unit, task=place.link.task_id,
                entry=Entry.get(Entry.obligation == owed), text="资金", raised_period=key, raised_month=key,
                settled_month=key, state=ProblemState.SOLVED,
            )  # fmt: skip
    for week in periods_between(PeriodKind.WEEK, date(years.start, 1, 4), date(years.stop - 1, 12, 20)):
        WeeklyRecord.create(
            programme=place.programme, week=week.key, made_at=NOW, due_on=week.end, figures={}
        )


def work_of(database: Database, act: Callable[[], object]) -> tuple[int, int]:
    """The queries of an act, and on SQLite the steps that its machine takes for them, in hundreds."""
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    act()
    if is_sqlite():
        database.connection().set_progress_handler(step, 100)
    with count_queries(database) as queries:
        act()
    if is_sqlite():
        database.connection().set_progress_handler(None, 0)
    return len(queries), steps


READS: dict[str, Callable[[int], object]] = {
    "this month": lambda programme: month_figures.read_month(programme, MAY, now=NOW),
    "an older month": lambda programme: month_figures.read_month(programme, Period.parse("2021-03"), now=NOW),
    "months to choose from": lambda programme: month_figures.reported_months(programme, date(2021, 6, 8)),
    "the week's figures": lambda programme: weekly.figures(programme, NOW),
    "lights that moved in a week": lambda programme: weekly_records._moves(
        programme, date(2021, 5, 24), date(2021, 6, 8)
    ),
    "weeks of a quarter": lambda programme: weekly_records.weeks(
        programme, date(2021, 6, 8), quarter="2021-Q1"
    ),
}


@pytest.mark.parametrize("name", READS)
def test_what_is_read_does_not_grow_with_the_years_before(database: Database, name: str) -> None:
    place = make()
    place.rule("monthly")
    history(place, range(2018, 2021))
    place.report(ReportingRule.get(), "2021-03", 40)
    place.report(ReportingRule.get(), "2021-05", 60)
    turn(place, date(2021, 6, 1), Light.RED)
    queries, steps = work_of(database, lambda: READS[name](place.programme.id))
    history(place, range(2012, 2018))
    Assignment.update(progress=60, progress_period="2021-05").execute()
    again, more = work_of(database, lambda: READS[name](place.programme.id))
    assert again == queries
    assert more <= steps * 1.25 + 2


def test_a_late_permit_keeps_an_old_report_among_the_overdue(database: Database) -> None:
    place = make()
    owed = b.obligation(place.unit, place.programme, "2015-03", due_on=date(2015, 4, 5))
    assert weekly.figures(place.programme.id, NOW).overdue == 0
    until = NOW + timedelta(days=3)
    Obligation.update(locked_at=until, outcome=Outcome.MISSING).where(Obligation.id == owed.id).execute()
    LatePermit.create(
        obligation=owed, until_on=date(2021, 6, 10), until_at=until, was_locked_at=NOW, reason="核实", given_by=1,
        given_at=NOW,
    )  # fmt: skip
    assert weekly.figures(place.programme.id, NOW).overdue == 1
