"""Home pages by role: what matters first, bounded queries, empty states that say what will come."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import leader_home, office_home, outbox, reminders, unit_home
from supervisor.core.outbox import SendError
from supervisor.core.periods import Period
from supervisor.database import count_queries
from supervisor.models import (
    AdminRole,
    Assignment,
    AssignmentState,
    Decision,
    Light,
    LocalSettings,
    Obligation,
    ObligationState,
    Outcome,
    PeriodState,
    ReportingRule,
    Role,
    RulebookVersion,
    RuleKind,
    ScorePeriod,
    ScoreRun,
    Standing,
    Task,
    Tick,
    Unit,
)
from tests import builders
from tests.builders import at
from tests.conftest import StillClock, login
from tests.test_core_messages import Recorder
from tests.test_core_reviews import Place, hand_in, place

NOW = at("2021-06-02 10:00")


@pytest.fixture
def here(clock: StillClock, database: Database) -> Place:
    clock.moment = NOW
    return place(2)


def close_quarter(here: Place, key: str, scores: dict[int, int]) -> ScorePeriod:
    """A closed quarter with these scores (unit id → hundredths), ranked from the highest."""
    book = RulebookVersion.create(
        programme=here.programme,
        name="x",
        version="1",
        text="",
        sha256="",
        valid_from=date(2021, 1, 1),
        adopted_at=NOW,
    )
    period = ScorePeriod.create(
        programme=here.programme, key=key, type="quarter", ends_on=Period.parse(key).end,
        state=PeriodState.FROZEN, closed_at=NOW,
    )  # fmt: skip
    run = ScoreRun.create(
        period=period, rulebook=book, number=1, facts="{}", facts_sha256="", result="{}", result_sha256="",
        code_version="0", ran_at=NOW,
    )  # fmt: skip
    for order, (unit_id, score) in enumerate(sorted(scores.items(), key=lambda pair: -pair[1]), start=1):
        Standing.create(
            run=run,
            unit=unit_id,
            unit_name=Unit.get_by_id(unit_id).name,
            group_name="市直部门",
            sort=order,
            base=score,
            score=score,
            rank=order,
        )
    return period


def home(client: FlaskClient, here: Place, query: str = "") -> str:
    answer = client.get(f"/p/{here.programme.id}/{query}")
    assert answer.status_code == 200
    return answer.text


def test_everybody_begins_where_they_can_begin(client: FlaskClient, here: Place) -> None:
    login(client, builders.user("office", Role.LEAD_OFFICE, here.programme), NOW)
    assert client.get("/").location == f"/p/{here.programme.id}/"
    login(client, builders.user("admin", admin=AdminRole.SYSTEM), NOW)
    assert client.get("/").location == "/admin/accounts"
    login(client, builders.user("auditor", admin=AdminRole.AUDIT), NOW)
    assert client.get("/").location == "/admin/audit"
    founder = builders.user("founder")
    builders.posting(founder, Role.LEAD_OFFICE)
    login(client, founder, NOW)
    assert "创建专项工作" in client.get("/").text
    login(client, builders.user("nobody"), NOW)
    page = client.get("/").text
    assert "您目前未在任何专项工作中任职" in page
    assert "/programmes/new" not in page


def test_the_offices_sentence_counts_who_has_not_reported(client: FlaskClient, here: Place) -> None:
    for number in range(2):
        other = place(1, name=f"第{number}局", programme=here.programme)
        Obligation.update(due_on=date(2021, 6, 4)).where(Obligation.id == other.obligation.id).execute()
    Obligation.update(due_on=date(2021, 6, 4)).execute()
    login(client, builders.user("office", Role.LEAD_OFFICE, here.programme), NOW)
    assert "2021年5月：3家单位中3家未报，还剩2个工作日。" in home(client, here)
    hand_in(here, now=NOW)
    page = home(client, here)
    assert "3家单位中2家未报" in page
    assert "继续审核" in page


def test_an_office_without_plan_is_told_how_to_begin(client: FlaskClient, database: Database) -> None:
    programme = builders.programme()
    login(client, builders.user("office", Role.LEAD_OFFICE, programme))
    page = client.get(f"/p/{programme.id}/").text
    assert "尚未下达工作方案" in page
    assert f"/p/{programme.id}/documents" in page


def test_the_table_by_unit_counts_what_is_open(here: Place) -> None:
    Assignment.update(state=AssignmentState.ISSUED).execute()
    Task.update(light=Light.RED).where(Task.title == "任务1").execute()
    late = builders.obligation(here.unit, here.programme, "2021-04", due_on=date(2021, 5, 20))
    gone = builders.obligation(here.unit, here.programme, "2021-03", due_on=date(2021, 4, 6))
    Obligation.update(outcome=Outcome.MISSING).where(Obligation.id == gone.id).execute()
    back = builders.obligation(here.unit, here.programme, "2021-02", due_on=date(2021, 3, 5))
    Obligation.update(state=ObligationState.RETURNED).where(Obligation.id == back.id).execute()
    beat = office_home.Pulse(None, is_late=False)
    found = office_home.office_home(here.office, now=NOW, pulse_now=beat)
    (line,) = found.lines
    counted = (line.overdue, line.missing, line.returned, line.waiting, line.unsigned, line.red, line.amber)
    assert counted == (1, 1, 1, 0, 2, 1, 0)
    assert line.has_liaison
    assert line.present is not None
    assert line.present.period == "2021-05"
    assert (found.overdue, found.unsigned, found.gaps, late.period) == (1, 2, (), "2021-04")


def test_documents_and_items_are_counted_as_late_like_reports(here: Place) -> None:
    """What was due within 7 days yesterday cannot vanish from the office's page today."""
    Obligation.update(state=ObligationState.WAIVED).execute()
    rule = ReportingRule.create(
        programme=here.programme, name="半年小结", kind=RuleKind.FILING, recurrence="", due_on=date(2021, 5, 20),
        valid_from=date(2021, 3, 1),
    )  # fmt: skip
    row = builders.obligation(here.unit, here.programme, "2021-05-20", due_on=date(2021, 5, 20), of=rule)
    beat = office_home.Pulse(None, is_late=False)

    def counts() -> tuple[int, int, int, int]:
        (line,) = office_home.office_home(here.office, now=NOW, pulse_now=beat).lines
        return line.overdue, line.missing, line.returned, line.waiting

    assert counts() == (1, 0, 0, 0)
    Obligation.update(outcome=Outcome.MISSING).where(Obligation.id == row.id).execute()
    assert counts() == (0, 1, 0, 0)
    Obligation.update(state=ObligationState.RETURNED).where(Obligation.id == row.id).execute()
    assert counts() == (0, 0, 1, 0)
    Obligation.update(state=ObligationState.SUBMITTED).where(Obligation.id == row.id).execute()
    assert counts() == (0, 0, 0, 0), "a receipt is given on the filings' page, not in the review"


def test_a_late_pass_is_an_alarm_by_the_machines_own_clock(database: Database) -> None:
    machine = datetime(2026, 1, 1, tzinfo=UTC)
    assert office_home.pulse(machine_now=machine, tick_seconds=20).is_late
    Tick.create(at=NOW, ran_at=machine - timedelta(minutes=4), milliseconds=1)
    assert not office_home.pulse(machine_now=machine, tick_seconds=20).is_late
    assert office_home.pulse(machine_now=machine + timedelta(minutes=2), tick_seconds=20).is_late


def test_the_offices_page_shows_the_alarm(client: FlaskClient, here: Place) -> None:
    login(client, builders.user("office", Role.LEAD_OFFICE, here.programme), NOW)
    assert "提醒已停止" in home(client, here)
    Tick.create(at=NOW, ran_at=datetime.now(UTC), milliseconds=1)
    page = home(client, here)
    assert "提醒已停止" not in page
    assert "最近运行：2021年6月2日 10:00" in page


def test_the_office_hears_of_mail_that_could_not_be_delivered(client: FlaskClient, here: Place) -> None:
    login(client, builders.user("office", Role.LEAD_OFFICE, here.programme), NOW)
    assert "未能送达" not in home(client, here)
    reminders.queue(NOW)
    outbox.deliver(Recorder(SendError("550 no such user", retry=False)), NOW)
    assert "有1条消息未能送达" in home(client, here)


def test_a_unit_sees_returned_reports_first_then_the_soonest(client: FlaskClient, here: Place) -> None:
    soon = builders.obligation(here.unit, here.programme, "2021-04", due_on=date(2021, 6, 3))
    back = builders.obligation(here.unit, here.programme, "2021-03", due_on=date(2021, 4, 6))
    Obligation.update(state=ObligationState.RETURNED, return_due_on=date(2021, 6, 9)).where(
        Obligation.id == back.id
    ).execute()
    found = unit_home.unit_home(here.liaison, here.programme, now=NOW)
    assert [one.obligation.period for one in found.owed] == ["2021-03", "2021-04", "2021-05"]
    assert [one.workdays_left for one in found.owed] == [5, 1, 2]
    assert (found.returned, found.late) == (1, 0)
    assert unit_home.unit_home(here.liaison, here.programme, now=at("2021-06-04 00:00")).late == 1
    assert soon.id


def test_a_units_page_leads_to_form_tasks_and_score(client: FlaskClient, here: Place) -> None:
    Assignment.update(state=AssignmentState.ISSUED).execute()
    other = builders.unit("第二局")
    close_quarter(here, "2021-Q1", {here.unit.id: 8812, other.id: 9001})
    from supervisor.models import User

    login(client, User.get_by_id(here.liaison.user_id), NOW)
    page = home(client, here)
    assert f"/reports/{here.obligation.id}/form" in page
    assert "有2项任务待签收" in page
    assert "88.12" in page
    assert "市直部门第2名（共2家）" in page
    assert f"/periods/2021-Q1/units/{here.unit.id}" in page


def test_a_unit_that_owes_nothing_is_told_when_something_comes(client: FlaskClient, here: Place) -> None:
    from supervisor.models import User

    Obligation.update(state=ObligationState.ACCEPTED).execute()
    login(client, User.get_by_id(here.liaison.user_id), NOW)
    page = home(client, here)
    assert "当前没有待报的报告" in page
    assert "考核办封账后" in page


def test_a_leader_sees_lights_ranking_trend_and_what_waits(client: FlaskClient, here: Place) -> None:
    builders.group(here.programme, "市直部门", [here.unit])
    Task.update(light=Light.RED).where(Task.title == "任务1").execute()
    others = [builders.unit(f"第{n}局") for n in range(7)]
    scores = {here.unit.id: 7000, **{unit.id: 8000 + 100 * n for n, unit in enumerate(others)}}
    close_quarter(here, "2020-Q4", dict.fromkeys(scores, 8000))
    close_quarter(here, "2021-Q1", scores)
    Decision.create(programme=here.programme, kind="x", subject="由督查室考核本单位", proposed_at=NOW)
    login(client, builders.user("leader", Role.LEADER, here.programme), NOW)
    page = home(client, here)
    assert "2项任务中，红灯1项，黄灯0项。 有1项待您决定。" in page
    assert "由督查室考核本单位" in page
    assert page.index("第6局") < page.index("⋮") < page.index("市城建局")
    assert page.count('class="dot"') == 16
    found = leader_home.leader_home(here.programme, now=NOW)
    assert [(g.name, g.red, g.grey) for g in found.groups] == [("市直部门", 1, 1)]
    assert [key for key, _ in found.trends[0].periods] == ["2020-Q4", "2021-Q1"]
    assert leader_home.Trend.middle((1, 2, 3, 4)) == 2
    assert leader_home.Trend.middle((5,)) == 5


def test_a_group_of_four_names_nobody_twice(here: Place) -> None:
    units = [here.unit, *[builders.unit(f"第{n}局") for n in range(3)]]
    close_quarter(here, "2021-Q1", {unit.id: 9000 - n for n, unit in enumerate(units)})
    (ends,) = leader_home.leader_home(here.programme, now=NOW).ends
    assert [row.rank for row in ends.first] == [1, 2, 3]
    assert [row.rank for row in ends.last] == [4]


def test_an_assessor_sees_what_stands_in_the_way(client: FlaskClient, here: Place, clock: StillClock) -> None:
    login(client, builders.user("assessor", Role.ASSESSOR, here.programme), NOW)
    assert "还没有考核期" in home(client, here)  # issued in May: the first whole quarter is the third
    LocalSettings.update(first_scored_period="2021-Q2").execute()
    assert "没有待封账的考核期" in home(client, here)
    clock.moment = at("2021-07-20 10:00")
    login(client, builders.user("assessor2", Role.ASSESSOR, here.programme), clock.moment)
    page = home(client, here)
    assert "2021年第二季度" in page
    assert "影响封账" in page


def test_several_roles_are_tabs_and_strangers_find_nothing(client: FlaskClient, here: Place) -> None:
    both = builders.user("both", [Role.LEAD_OFFICE, Role.ASSESSOR], here.programme)
    login(client, both, NOW)
    page = home(client, here, "?as=assessor")
    assert "?as=office" in page
    assert "还没有考核期" in page
    assert "按单位" in home(client, here, "?as=leader")  # not theirs: the first of theirs
    login(client, builders.user("stranger", Role.LEAD_OFFICE, builders.programme("另一专项")), NOW)
    assert client.get(f"/p/{here.programme.id}/").status_code == 404


@pytest.mark.parametrize("role", [Role.LEAD_OFFICE, Role.LEADER, Role.ASSESSOR, Role.LIAISON, Role.JUDGE])
def test_every_home_speaks_both_languages_and_its_queries_do_not_grow(
    client: FlaskClient, here: Place, database: Database, role: Role
) -> None:
    person = builders.user("person", role, here.programme, here.unit if role is Role.LIAISON else None)
    close_quarter(here, "2021-Q1", {here.unit.id: 8000})
    login(client, person, NOW)
    english = home(client, here, "?lang=en")
    assert 'lang="en"' in english
    with count_queries(database) as few:
        home(client, here)
    for number in range(6):
        place(3, name=f"第{number}局", programme=here.programme)
        if role is Role.LIAISON:
            builders.obligation(here.unit, here.programme, f"2020-{number + 1:02d}", due_on=date(2021, 6, 20))
    with count_queries(database) as many:
        home(client, here)
    assert len(few) == len(many) <= 42
