"""The weekly supervision record (C20, E-54, E-55): one a week, skipped without a working day, finished by a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import instructions, weekly, weekly_records
from supervisor.core.instructions import Wanted
from supervisor.core.permissions import Actor
from supervisor.core.weekly_records import WeekState
from supervisor.errors import Invalid, NotAllowed, Refused
from supervisor.models import Light, LightChange, LightReason, Programme, Role, Task, Unit, User, WeeklyRecord
from tests import builders as b
from tests.conftest import StillClock, login


@dataclass
class Place:
    programme: Programme
    unit: Unit
    task: Task
    office: Actor
    inspector: Actor


@pytest.fixture
def place(database: Database) -> Place:
    programme, unit = b.programme(), b.unit("甲局")
    task = b.task(b.plan(programme), due_on=date(2022, 12, 31))
    b.assignment(task, unit)
    office = b.user("王五", Role.LEAD_OFFICE, programme)
    inspector = b.user("查明", Role.INSPECTOR, programme)
    return Place(
        programme, unit, task, b.actor(Role.LEAD_OFFICE, programme, person=office),
        b.actor(Role.INSPECTOR, programme, person=inspector),
    )  # fmt: skip


def tick(*days: str) -> None:
    for day in days:
        weekly_records.make(b.at(f"{day} 09:00"))


def states(place: Place, day: date) -> list[tuple[str, WeekState]]:
    return [(week.row.week, week.state) for week in weekly_records.weeks(place.programme.id, day)]


def test_c20_each_week_has_one_record_and_the_week_without_a_working_day_is_skipped_not_overdue(
    place: Place,
) -> None:
    """2022-01-31 … 02-06 is the Spring Festival; the weeks around it are supervised."""
    tick("2022-01-24", "2022-01-25", "2022-01-31", "2022-02-01", "2022-02-07", "2022-02-07")
    assert states(place, date(2022, 3, 1)) == [
        ("2022-W06", WeekState.OVERDUE), ("2022-W05", WeekState.SKIPPED), ("2022-W04", WeekState.OVERDUE),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("monday", "week", "skipped"),
    [
        ("2020-01-27", "2020-W05", True),
        ("2022-01-31", "2022-W05", True),
        # A make-up Sunday makes a week of work.
        ("2024-02-12", "2024-W07", False),
        ("2025-01-27", "2025-W05", False),
    ],
)
def test_e54_a_week_is_skipped_only_where_no_day_of_it_is_worked(
    place: Place, monday: str, week: str, *, skipped: bool
) -> None:
    sunday = date.fromisoformat(monday) + timedelta(days=6)
    tick(sunday.isoformat())
    assert [(row.week, row.skipped) for row in WeeklyRecord.select()] == [(week, skipped)]


def test_e55_a_week_belongs_to_the_quarter_of_its_thursday(place: Place) -> None:
    tick("2021-06-28", "2021-12-27")
    third, fourth = (
        [one.row.week for one in weekly_records.weeks(place.programme.id, date(2022, 1, 1), quarter=quarter)]
        for quarter in ("2021-Q3", "2021-Q4")
    )
    assert (third[-1], third[0], fourth[-1], fourth[0]) == ("2021-W26", "2021-W39", "2021-W40", "2021-W52")


def test_the_figures_are_those_of_the_leaders_digest(place: Place) -> None:
    b.obligation(place.unit, place.programme, "2021-05", due_on=date(2021, 6, 5))
    now = b.at("2021-06-15 09:00")  # Monday was the Dragon Boat festival
    weekly_records.make(b.at("2021-06-14 09:00"))
    assert WeeklyRecord.select().count() == 0
    weekly_records.make(now)
    figures, digest = WeeklyRecord.get().figures, weekly.figures(place.programme.id, now)
    assert {name: figures[name] for name in ("overdue", "to_review", "red", "amber")} == {
        "overdue": digest.overdue, "to_review": digest.to_review, "red": digest.red, "amber": digest.amber,
    }  # fmt: skip
    assert figures["overdue"] == 1


def test_lights_that_moved_since_the_week_before_are_named(place: Place) -> None:
    for day, light in ((date(2021, 5, 20), Light.GREEN), (date(2021, 6, 2), Light.RED)):
        LightChange.create(task=place.task, day=day, light=light, why=LightReason.ON_COURSE)
    tick("2021-06-07")
    moves = WeeklyRecord.get().figures["moves"]
    assert [(move["from"], move["to"]) for move in moves] == [("green", "red")]
    assert weekly_records.is_worse(moves[0])
    tick("2021-06-15")
    assert weekly_records.weeks(place.programme.id, date(2021, 6, 15))[0].row.figures["moves"] == []


def test_weeks_in_which_the_server_did_not_run_are_made_up_without_figures(place: Place) -> None:
    tick("2021-06-07", "2021-06-28")
    rows = [(row.week, bool(row.figures)) for row in WeeklyRecord.select().order_by(WeeklyRecord.week)]
    assert rows == [("2021-W23", True), ("2021-W24", False), ("2021-W25", False), ("2021-W26", True)]


def test_office_and_inspector_record_findings_others_do_not_and_a_person_finishes_the_week(
    place: Place,
) -> None:
    tick("2021-06-07")
    now, day = b.at("2021-06-09 09:00"), date(2021, 6, 9)
    week = weekly_records.get_week(place.programme, "2021-W23", day)
    wanted = Wanted("围挡破损", [place.unit.id], date(2021, 6, 18), place.task.id)
    weekly_records.add_finding(place.programme, week, wanted, by=place.inspector, now=now)
    leader = b.actor(Role.LEADER, place.programme)
    with pytest.raises(NotAllowed):
        weekly_records.add_finding(place.programme, week, wanted, by=leader, now=now)
    late, here = date(2021, 6, 18), [place.unit.id]
    for bad in (Wanted("", here, late), Wanted("x", [], late), Wanted("x", here, date(2021, 6, 1))):
        with pytest.raises(Invalid):
            weekly_records.add_finding(place.programme, week, bad, by=place.office, now=now)
    with pytest.raises(Invalid):
        weekly_records.finish(week, " ", by=place.office, now=now)
    weekly_records.finish(week, "总体平稳", by=place.office, now=now)
    with pytest.raises(Refused):
        weekly_records.finish(week, "再来", by=place.office, now=now)
    assert states(place, date(2021, 6, 30)) == [("2021-W23", WeekState.FINISHED)]
    part = instructions.newest(place.office)[0]
    instructions.follow_up(part, "已更换", done=True, by=place.inspector, now=now)
    with pytest.raises(Refused):
        instructions.follow_up(part, "再次", done=True, by=place.inspector, now=now)


def test_the_pages_show_the_week_and_take_a_finding(
    place: Place, client: FlaskClient, clock: StillClock
) -> None:
    tick("2021-06-07")
    clock.moment = b.at("2021-06-09 09:00")
    login(client, User.get(User.username == "查明"), clock.moment)
    here = f"/p/{place.programme.id}/weekly"
    assert "2021-W23" in client.get(here).text
    typed = {
        "_once": "a",
        "verb": "record",
        "text": "围挡破损",
        "units": str(place.unit.id),
        "due_on": "2021-06-18",
    }
    assert client.post(f"{here}/2021-W23", data=typed).status_code == 303
    assert client.post(f"{here}/2021-W23", data=typed | {"_once": "b", "due_on": "x"}).status_code == 422
    assert "围挡破损" in client.get(f"{here}/2021-W23").text
    assert client.get(f"{here}/2021-W50").status_code == 404
