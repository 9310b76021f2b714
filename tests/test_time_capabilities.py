"""Capabilities C21, C23 and C53 and edge case E-61, each with its acceptance sentence, by the product's verbs."""

from __future__ import annotations

from datetime import date, time

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import facts, obligations, programmes, reports, reviews
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.core.report_bodies import EntryBody, ReportBody
from supervisor.core.report_cells import Cell, cell_of
from supervisor.models import (
    Entry,
    Obligation,
    ObligationState,
    Outcome,
    Programme,
    Report,
    ReportEntry,
    Role,
    Unit,
    User,
    Verdict,
)
from tests import builders as b
from tests.conftest import login


class City:
    """Two units with a task each, their liaisons, and the office that reviews them; the plan is in force."""

    def __init__(self) -> None:
        self.programme: Programme = b.programme()
        self.plan = b.plan(self.programme, now=b.at("2021-03-22 09:00"))
        self.plan.issued_at, self.plan.effective_on = b.at("2021-03-22 09:00"), date(2021, 3, 22)
        self.plan.save()
        self.units: list[Unit] = [b.unit("甲局"), b.unit("乙局")]
        self.people: list[User] = []
        task = b.task(self.plan)
        for number, unit in enumerate(self.units):
            b.assignment(task, unit)
            self.people.append(b.user(f"liaison{number}", Role.LIAISON, self.programme, unit))
        b.rule(self.programme, "monthly")
        b.group(self.programme, "部门组", self.units)
        self.office = b.actor(Role.LEAD_OFFICE, self.programme)

    def liaison(self, number: int) -> Actor:
        return b.actor(Role.LIAISON, self.programme, self.units[number], person=self.people[number])

    def owed(self, number: int, period: str) -> Obligation:
        return Obligation.get((Obligation.unit == self.units[number]) & (Obligation.period == period))

    def send(self, number: int, period: str, progress: int, moment: str) -> Report:
        owed = self.owed(number, period)
        body = [
            EntryBody(entry.id, progress, done=f"已完成{progress}")
            for entry in Entry.select().where(Entry.obligation == owed)
        ]
        return reports.submit(owed, ReportBody(body), by=self.liaison(number), now=b.at(moment))


def square(city: City, number: int, moment: str) -> Cell:
    row = city.owed(number, "2021-05")
    return cell_of(row.state, row.outcome, row.due_at, b.at(moment))


@pytest.fixture
def city(database: Database) -> City:
    return City()


def test_c21_a_returned_report_is_handed_in_again_and_both_versions_stay_readable(
    city: City, client: FlaskClient
) -> None:
    obligations.generate(city.programme.id, now=b.at("2021-06-02 09:00"))
    first = city.send(0, "2021-05", 30, "2021-06-03 10:00")
    reviews.decide(
        ReportEntry.get(ReportEntry.report == first), Verdict.RETURNED, note="请补充面积", due_on=date(2021, 6, 10),
        by=city.office, now=b.at("2021-06-04 09:00"),
    )  # fmt: skip
    second = city.send(0, "2021-05", 32, "2021-06-07 10:00")
    reviews.decide(
        ReportEntry.get(ReportEntry.report == second), Verdict.ACCEPTED, mark=90, by=city.office,
        now=b.at("2021-06-08 09:00"),
    )  # fmt: skip
    owed = city.owed(0, "2021-05")
    assert (owed.state, owed.outcome) == (ObligationState.ACCEPTED, Outcome.ON_TIME)
    login(client, city.people[0])
    page = client.get(f"/p/{city.programme.id}/reports/{owed.id}").text
    assert "已完成30" in page
    assert "已完成32" in page
    assert "请补充面积" in page


@pytest.mark.parametrize(
    ("moment", "listed"),
    [("2021-06-08 23:59:59", set()), ("2021-06-09 00:00", {"乙局"})],
)
def test_c21_who_never_sent_is_late_from_the_day_after_the_day_set_locally(
    city: City, moment: str, listed: set[str]
) -> None:
    programmes.change_settings(
        city.programme, {"monthly_due_day": 8}, valid_from=date(2021, 5, 1), reason="统一到8日",
        by=city.office, now=b.at("2021-04-20 09:00"),
    )  # fmt: skip
    obligations.generate(city.programme.id, now=b.at("2021-06-02 09:00"))
    city.send(0, "2021-05", 30, "2021-06-03 10:00")
    late = {
        name for number, name in enumerate(("甲局", "乙局")) if square(city, number, moment) is Cell.OVERDUE
    }
    assert late == listed


def test_c23_june_s_report_of_2_july_is_of_the_second_quarter_and_visible_as_late(city: City) -> None:
    programmes.change_settings(
        city.programme, {"monthly_due_day": 1}, valid_from=date(2021, 6, 1), reason="次月1日前",
        by=city.office, now=b.at("2021-05-20 09:00"),
    )  # fmt: skip
    obligations.generate(city.programme.id, now=b.at("2021-07-01 09:00"))
    city.send(0, "2021-06", 60, "2021-07-02 10:00")
    row = city.owed(0, "2021-06")
    assert (row.outcome, row.late_workdays) == (Outcome.LATE, 1)
    quarter = facts.gather(city.programme, Period.parse("2021-Q2"))
    (june,) = [
        fact for fact in quarter.facts
        if fact.kind == "report" and fact.unit == str(city.units[0].id) and fact.subject == "2021-06"
    ]  # fmt: skip
    assert (june.values["outcome"], june.values["late_workdays"]) == ("late", 1)
    later = facts.gather(city.programme, Period.parse("2021-Q3"))
    assert "2021-06" not in {fact.subject for fact in later.facts if fact.kind == "report"}


def test_c53_a_setting_holds_from_its_day_and_the_past_keeps_its_own(city: City) -> None:
    programmes.change_settings(
        city.programme, {"monthly_due_day": 10, "cutoff": time(17, 30), "day_off_policy": "before"},
        valid_from=date(2021, 6, 1), reason="统一口径", by=city.office, now=b.at("2021-05-20 09:00"),
    )  # fmt: skip
    obligations.generate(city.programme.id, now=b.at("2021-07-02 09:00"))
    due = {row.period: row.due_at for row in Obligation.select().where(Obligation.unit == city.units[0])}
    assert due["2021-04"] == b.at("2021-05-06 00:00")  # the 5th to its end
    assert due["2021-06"] == b.at("2021-07-09 17:30")  # the 10th is a Saturday: the working day before


def test_c53_the_page_calls_its_values_local_and_never_rules_of_the_notice(
    city: City, client: FlaskClient
) -> None:
    office = b.user("office9", Role.LEAD_OFFICE, city.programme)
    login(client, office)
    page = client.get(f"/p/{city.programme.id}/settings?lang=zh_CN").text
    assert "本地设置" in page
    assert "通知规定" not in page


@pytest.mark.parametrize(
    ("moment", "outcome"),
    [("2021-06-15 23:59:59", Outcome.ON_TIME), ("2021-06-16 00:30", Outcome.LATE)],
)
def test_e61_the_day_is_beijing_s_wherever_the_server_stands(
    city: City, moment: str, outcome: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """00:30 in Beijing on the 16th is still the 15th in UTC; it is late by a working day all the same."""
    monkeypatch.setenv("TZ", "America/New_York")
    obligations.generate(city.programme.id, now=b.at("2021-06-02 09:00"))
    Obligation.update(
        due_on=date(2021, 6, 15), due_at=b.at("2021-06-16 00:00"), locked_at=b.at("2021-07-16 00:00")
    ).execute()
    city.send(0, "2021-05", 30, moment)
    row = city.owed(0, "2021-05")
    assert (row.outcome, row.late_workdays) == (outcome, 0 if outcome is Outcome.ON_TIME else 1)
