"""A programme's calendar for office and unit, deadlines to decide after a change, and personal feeds."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from peewee import Database

from supervisor.config import Config
from supervisor.core import calendar_decisions, calendar_events, feeds, icalendar, obligations
from supervisor.core.calendar import seed_calendar
from supervisor.core.calendar_events import EventKind
from supervisor.core.calendar_windows import window
from supervisor.core.icalendar import AllDay
from supervisor.core.permissions import Actor
from supervisor.core.sessions import SOURCE_LIMIT
from supervisor.database import count_queries
from supervisor.models import (
    AdminRole,
    CalendarFeed,
    Extension,
    LocalSettings,
    Obligation,
    ObligationState,
    Phase,
    Posting,
    Programme,
    Role,
    Unit,
    User,
)
from supervisor.web import feeds as feeds_page
from tests import builders
from tests.builders import NOW
from tests.conftest import login

JUNE = (date(2021, 6, 1), date(2021, 6, 30))


def owed(units: int = 3) -> tuple[Programme, list[Unit]]:
    """A programme whose units owe May's report on 5 June; each has a task due on 30 June."""
    programme = builders.programme()
    plan, rows = builders.plan(programme), []
    for number in range(units):
        unit = builders.unit(f"第{number}局")
        builders.assignment(builders.task(plan, f"任务{number}", due_on=date(2021, 6, 30)), unit)
        builders.obligation(unit, programme)
        rows.append(unit)
    return programme, rows


def kinds(actor: Actor) -> list[tuple[str, str, int, int]]:
    found = calendar_events.events(actor, *JUNE, now=NOW)
    return [(f"{e.day:%m-%d}", e.kind.value, e.count, e.waiting) for day in found.values() for e in day]


def test_the_office_sees_counts_by_rule(database: Database) -> None:
    programme, units = owed()
    mine = Obligation.unit == units[0]
    Obligation.update(state=ObligationState.SUBMITTED, first_submitted_at=NOW).where(mine).execute()
    assert kinds(builders.actor(Role.LEAD_OFFICE, programme)) == [
        ("06-05", "due", 3, 2),
        ("06-25", "locks", 3, 2),
        ("06-30", "task", 3, 3),
    ]
    may = calendar_events.events(
        builders.actor(Role.LEAD_OFFICE, programme), date(2021, 5, 1), date(2021, 5, 31), now=NOW
    )
    assert [(day.isoformat(), e.kind) for day, list_ in may.items() for e in list_] == [
        ("2021-05-27", EventKind.OPENS)
    ]


def test_a_unit_sees_its_own_alone(database: Database) -> None:
    programme, units = owed()
    found = calendar_events.events(builders.actor(Role.LIAISON, programme, units[1]), *JUNE, now=NOW)
    listed = [event for day in found.values() for event in day]
    own = Obligation.get(Obligation.unit == units[1])
    assert [(e.kind.value, e.link) for e in listed if e.period] == [
        ("due", f"/reports/{own.id}"),
        ("locks", f"/reports/{own.id}"),
    ]
    assert [e.title for e in listed if not e.period] == ["任务1"]


def test_extensions_and_returns_are_shown_on_their_days(database: Database) -> None:
    programme, units = owed()
    first, second, _ = Obligation.select().order_by(Obligation.id)
    Obligation.update(due_on=date(2021, 6, 10)).where(Obligation.id == first.id).execute()
    Extension.create(
        obligation=first, reason="x", wanted_on=date(2021, 6, 10), asked_by=1, asked_at=NOW, granted=True
    )
    Obligation.update(
        state=ObligationState.RETURNED, return_due_on=date(2021, 6, 16), first_submitted_at=NOW
    ).where(Obligation.id == second.id).execute()
    office = calendar_events.events(builders.actor(Role.LEAD_OFFICE, programme), *JUNE, now=NOW)
    assert [(e.count, e.extended) for e in office[date(2021, 6, 10)]] == [(1, 1)]
    assert [e.kind for e in office[date(2021, 6, 16)]] == [EventKind.RETURNED]
    unit = calendar_events.events(builders.actor(Role.LIAISON, programme, units[0]), *JUNE, now=NOW)
    assert [e.extended for e in unit[date(2021, 6, 10)]] == [1]


def test_a_waived_report_is_on_no_day(database: Database) -> None:
    programme, _ = owed()
    Obligation.update(state=ObligationState.WAIVED).execute()
    assert [kind for _, kind, _, _ in kinds(builders.actor(Role.LEAD_OFFICE, programme))] == ["task"]


def test_phases_show_their_days_and_open_ends(client: FlaskClient) -> None:
    """C17: a phase without a start, and one without an end."""
    programme, _ = owed(0)
    plan = builders.plan(programme)
    Phase.create(plan=plan, name="摸底", begins_on=None, ends_on=date(2021, 6, 15), sort=1)
    Phase.create(plan=plan, name="实施", begins_on=date(2021, 6, 16), ends_on=None, sort=2)
    Phase.create(plan=plan, name="验收", begins_on=date(2022, 6, 16), ends_on=None, sort=3)
    assert [(day, kind) for day, kind, _, _ in kinds(builders.actor(Role.LEAD_OFFICE, programme))] == [
        ("06-15", "ends"),
        ("06-16", "begins"),
    ]
    login(client, builders.user("office", Role.LEAD_OFFICE, programme))
    page = client.get(f"/p/{programme.id}/calendar?day=2021-06-01").text
    assert "未写明起始" in page
    assert "未写明截止" in page
    assert "验收" not in page


def test_another_programme_s_days_are_not_shown(database: Database) -> None:
    owed()
    other = builders.programme("别的专项")
    assert kinds(builders.actor(Role.LEAD_OFFICE, other)) == []


@pytest.mark.parametrize("who", ["office", "liaison"])
def test_queries_do_not_grow_with_units_or_years(database: Database, who: str) -> None:
    programme, units = owed(2)

    def cost() -> int:
        actor = (
            builders.actor(Role.LEAD_OFFICE, programme)
            if who == "office"
            else builders.actor(Role.LIAISON, programme, units[0])
        )
        with count_queries(database) as seen:
            calendar_events.events(actor, *JUNE, now=NOW)
        return len(seen)

    few = cost()
    for number in range(30):
        unit = builders.unit(f"后来{number}局")
        builders.obligation(unit, programme)
        builders.obligation(units[0], programme, f"{1990 + number}-05", due_on=date(1990 + number, 6, 5))
    assert cost() == few <= 9


# ---- pages


def test_the_three_views_show_the_same_days_by_links_alone(client: FlaskClient) -> None:
    seed_calendar(now=NOW)
    programme, _ = owed()
    login(client, builders.user("office", Role.LEAD_OFFICE, programme))
    home = f"/p/{programme.id}/calendar"
    month = client.get(home).text
    assert "3 个单位中 3 个未报" in month
    assert month.count("端午节") >= 3, "12 to 14 June"
    assert 'rel="prev" href="/p/1/calendar?view=month&amp;day=2021-05-01"' in month.replace(
        f"/p/{programme.id}/", "/p/1/"
    )
    week = client.get(f"{home}?view=week&day=2021-06-05").text
    assert "3 个单位中 3 个未报" in week
    listed = client.get(f"{home}?view=list&day=2021-06-05").text
    assert "3 个单位中 3 个未报" in listed
    assert "<script" not in month.split("<main")[1]
    assert client.get(f"{home}?view=x&day=2021-99-99").status_code == 200
    assert client.get(f"{home}?view=month&day=9999-12-31").status_code == 200
    assert client.get(f"{home}?view=month&day=0001-01-01").status_code == 200


def test_the_page_costs_the_same_for_a_large_programme(client: FlaskClient, database: Database) -> None:
    programme, _ = owed(2)
    login(client, builders.user("office", Role.LEAD_OFFICE, programme))
    home = f"/p/{programme.id}/calendar"
    client.get(home)
    with count_queries(database) as few:
        client.get(home)
    for number in range(20):
        builders.obligation(builders.unit(f"后来{number}局"), programme)
    with count_queries(database) as many:
        client.get(home)
    assert len(many) == len(few) <= 24


def test_a_year_that_is_not_loaded_is_said_so(client: FlaskClient) -> None:
    seed_calendar(now=NOW)
    programme, _ = owed()
    login(client, builders.user("office", Role.LEAD_OFFICE, programme))
    assert "调休待公布" in client.get(f"/p/{programme.id}/calendar?day=2027-03-01").text
    assert "调休待公布" not in client.get(f"/p/{programme.id}/calendar?day=2021-03-01").text


@pytest.mark.parametrize(
    ("view", "day", "first", "last", "previous", "following"),
    [
        ("month", "2021-06-15", "2021-05-31", "2021-07-04", "2021-05-01", "2021-07-01"),
        ("week", "2021-01-03", "2020-12-28", "2021-01-03", "2020-12-27", "2021-01-10"),
        ("list", "2024-02-29", "2024-02-01", "2024-02-29", "2024-01-01", "2024-03-01"),
        ("nonsense", "nonsense", "2021-05-31", "2021-07-04", "2021-05-01", "2021-07-01"),
    ],
)
def test_windows(view: str, day: str, first: str, last: str, previous: str, following: str) -> None:
    shown = window(view, day, date(2021, 6, 1))
    days = (shown.first, shown.last, shown.previous, shown.following)
    assert [each.isoformat() for each in days] == [first, last, previous, following]


def test_the_office_decides_announced_deadlines_on_its_page(client: FlaskClient) -> None:
    seed_calendar(now=NOW)
    programme = builders.programme()
    LocalSettings.update(day_off_policy="before").execute()
    builders.assignment(builders.task(builders.plan(programme)), builders.unit("市水务局"))
    builders.rule(programme)
    obligations.generate(programme.id, now=NOW)
    due = Obligation.get(Obligation.period == "2021-05")
    proposal = calendar_decisions.propose_day(date(2021, 6, 5), "work", "端午节")
    admin = builders.actor(admin=AdminRole.SYSTEM)
    calendar_decisions.apply(proposal, source="", reason="补充通知", by=admin, now=NOW)
    login(client, builders.user("office", Role.LEAD_OFFICE, programme))
    assert "待处理" in client.get(f"/p/{programme.id}/calendar").text
    page = client.get(f"/p/{programme.id}/calendar/changes").text
    place = re.search(r'action="([^"]*/changes/\d+)"', page)
    assert place, page
    assert client.post(place[1], data={"verdict": "move", "reason": "", "_once": "a"}).status_code == 422
    answer = client.post(place[1], data={"verdict": "move", "reason": "当天上班", "_once": "b"})
    assert answer.status_code == 303
    assert Obligation.get_by_id(due.id).due_on == date(2021, 6, 5)
    assert "当天上班" in client.get(f"/p/{programme.id}/calendar/changes").text


# ---- feeds


def lines_of(content: bytes) -> list[str]:
    """The content lines, unfolded."""
    return content.decode().replace("\r\n ", "").split("\r\n")


def subscribed(client: FlaskClient, person: User) -> str:
    login(client, person)
    page = client.post("/me/calendar", data={"_once": person.username}).text
    found = re.search(r"/feed/[\w-]{30,}\.ics", page)
    assert found
    assert found[0] not in client.get("/me/calendar").text, "shown once"
    client.delete_cookie("sid")
    return found[0]


def test_a_person_s_program_gets_what_the_person_may_see_and_no_more(client: FlaskClient) -> None:
    programme, units = owed()
    person = builders.user("li", Role.LIAISON, programme, units[1])
    address = subscribed(client, person)
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    lines = lines_of(answer.data)
    assert [line for line in lines if line.startswith("SUMMARY")] == [
        "SUMMARY:截止：月报（2021年5月）",
        "SUMMARY:任务到期：任务1",
    ]
    assert "DTSTART;VALUE=DATE:20210605" in lines
    assert "第0局" not in answer.text
    assert client.get(address).data == answer.data, "the same at the same moment, UIDs included"
    feed = CalendarFeed.get()
    assert feed.token_hash not in address
    assert feed.last_read_at == NOW


def test_the_office_s_feed_counts_units(client: FlaskClient) -> None:
    programme, _ = owed()
    address = subscribed(client, builders.user("office", Role.LEAD_OFFICE, programme))
    assert "SUMMARY:截止：月报（2021年5月），3 个单位中 3 个未报" in lines_of(client.get(address).data)


@pytest.mark.parametrize("how", ["renewed", "revoked", "disabled", "wrong"])
def test_an_address_that_does_not_hold_answers_like_an_unknown_one(client: FlaskClient, how: str) -> None:
    programme, units = owed()
    person = builders.user("li", Role.LIAISON, programme, units[0])
    address = subscribed(client, person)
    if how == "renewed":
        feeds.renew(person, by=builders.actor(person=person), now=NOW)
    elif how == "revoked":
        login(client, person)
        assert client.post("/me/calendar/revoke", data={"_once": "x"}).status_code == 303
        client.delete_cookie("sid")
    elif how == "disabled":
        User.update(active=False).where(User.id == person.id).execute()
    else:
        address = "/feed/" + "a" * 43 + ".ics"
    assert client.get(address).status_code == 404


def test_a_sandbox_has_no_calendar_addresses(
    client: FlaskClient, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    programme, units = owed()
    login(client, builders.user("li", Role.LIAISON, programme, units[0]))
    monkeypatch.setattr(feeds_page, "config", lambda: replace(config, mode="sandbox"))
    assert client.post("/me/calendar", data={"_once": "x"}).status_code == 409
    assert CalendarFeed.select().count() == 0


def test_a_post_that_ended_shows_nothing_any_more(client: FlaskClient) -> None:
    programme, units = owed()
    address = subscribed(client, builders.user("li", Role.LIAISON, programme, units[0]))
    Posting.update(valid_to=date(2021, 5, 31)).execute()
    assert b"VEVENT" not in client.get(address).data


def test_guessing_is_slowed_down_without_locking_sign_in(client: FlaskClient) -> None:
    programme, units = owed()
    person = builders.user("li", Role.LIAISON, programme, units[0])
    address = subscribed(client, person)
    answers = [client.get(f"/feed/{number:043d}.ics").status_code for number in range(SOURCE_LIMIT + 1)]
    assert answers == [404] * SOURCE_LIMIT + [429]
    assert client.get(address).status_code == 200, "a right address is no guess"
    form = {"username": "li", "password": builders.PASSWORD}
    assert client.post("/sign-in", data=form).status_code == 303


def test_a_uid_stays_when_the_day_moves_and_the_sequence_rises(client: FlaskClient) -> None:
    programme, units = owed(1)
    address = subscribed(client, builders.user("li", Role.LIAISON, programme, units[0]))
    before = lines_of(client.get(address).data)
    Obligation.update(due_on=date(2021, 6, 9), schedule_version=2).execute()
    after = lines_of(client.get(address).data)
    uid = [line for line in before if line.startswith("UID:") and "due" in line]
    assert uid == [line for line in after if line.startswith("UID:") and "due" in line]
    assert "SEQUENCE:1" in after
    assert "DTSTART;VALUE=DATE:20210609" in after


# ---- RFC 5545


@given(st.text(max_size=400))
def test_any_text_folds_at_75_octets_and_comes_back(text: str) -> None:
    content = icalendar.write("督考", [AllDay("u@x", date(2021, 6, 5), text, text)], now=NOW)
    octets = content.split(b"\r\n")
    assert all(len(line) <= icalendar.FOLD for line in octets)
    assert b"\n" not in content.replace(b"\r\n", b"")
    for line in octets:
        line.decode("utf-8")
    wanted = "".join(c for c in text.encode("utf-8", "replace").decode() if c >= " " or c in "\r\n").replace(
        "\x7f", ""
    )
    wanted = wanted.replace("\r\n", "\n").replace("\r", "\n")
    (summary,) = [line for line in lines_of(content) if line.startswith("SUMMARY:")]
    assert unescaped(summary.removeprefix("SUMMARY:")) == wanted


def unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], value)


def test_a_calendar_is_written_as_the_standard_wants() -> None:
    event = AllDay(
        "p1-due-o7@dukao.local", date(2021, 12, 31), "截止：a;b,c\\d\ne", "", "https://example.cn/p/1", 2
    )
    lines = icalendar.write("督考", [event], now=NOW + timedelta(seconds=1)).decode().split("\r\n")
    assert lines[:3] == ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{icalendar.PRODUCT}"]
    assert lines[lines.index("BEGIN:VEVENT") :] == [
        "BEGIN:VEVENT",
        "UID:p1-due-o7@dukao.local",
        "DTSTAMP:20210601T010001Z",
        "DTSTART;VALUE=DATE:20211231",
        "DTEND;VALUE=DATE:20220101",
        "SUMMARY:截止：a\\;b\\,c\\\\d\\ne",
        "URL:https://example.cn/p/1",
        "SEQUENCE:2",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
