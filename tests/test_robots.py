"""Robots: a digest a robot and day, rows exactly once (D12), set-up that shows no key again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import peewee
import pytest
from peewee import Database

from supervisor.config import Config
from supervisor.core import outbox, reminders, robot_notices, robot_reminders, robots
from supervisor.core.outbound import Addresses, Outbound
from supervisor.core.permissions import Actor
from supervisor.core.robot_senders import outbound_of
from supervisor.core.robots import Setup
from supervisor.database import db
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from supervisor.models import (
    Audience,
    AuditEntry,
    Channel,
    Message,
    MessageKind,
    MessageState,
    Obligation,
    ObligationState,
    Programme,
    ReminderPause,
    ReportingRule,
    Robot,
    RobotReminder,
    RobotUnit,
    Role,
)
from supervisor.words import N_
from tests import builders
from tests.builders import NOW, at
from tests.test_core_messages import Recorder
from tests.test_core_reminders import city
from tests.test_outbound import SHOWN_PUBLIC, leads_to

WEDNESDAY, FRIDAY, DUE_DAY = at("2021-06-09 09:00"), at("2021-06-11 09:00"), at("2021-06-15 09:00")
SECRET = "agreed-with-the-platform"


def rows(*columns: str) -> list[tuple[Any, ...]]:
    return [
        tuple(getattr(row, name) for name in columns)
        for row in RobotReminder.select().order_by(RobotReminder.id)
    ]


def digests_of(robot: Robot) -> list[Message]:
    return list(Message.select().where(Message.robot == robot).order_by(Message.id))


# ---- what a robot tells, and when


def test_a_robot_tells_once_a_day_of_all_units_and_not_twice(database: Database) -> None:
    programme, units = city(3)
    robot = builders.robot(programme)
    assert robot_reminders.queue(FRIDAY) == 3
    assert robot_reminders.queue(FRIDAY + timedelta(hours=3)) == 0
    (message,) = digests_of(robot)
    assert message.subject == "老旧小区改造：应报3项，其中逾期0项"
    assert message.body.splitlines() == [
        "【即将到期】",
        *[f"· {unit.name}：2021年5月月报，2021年6月15日截止（还剩1个工作日）" for unit in units],
    ]
    assert (message.channel, message.state, message.link) == (
        Channel.WECOM,
        MessageState.NEW,
        f"/p/{programme.id}/reports",
    )


@pytest.mark.parametrize("moment", ["2021-06-12 09:00", "2021-06-11 07:59", "2021-06-08 09:00"])
def test_a_robot_is_silent_on_days_off_before_work_and_when_nothing_falls_due(
    database: Database, moment: str
) -> None:
    builders.robot(city(1)[0])
    assert robot_reminders.queue(at(moment)) == 0
    assert Message.select().count() == 0


def test_a_robot_of_a_group_or_of_chosen_units_speaks_of_them_alone(database: Database) -> None:
    programme, units = city(4)
    group = builders.group(programme, "第一组", units[:2])
    of_group = builders.robot(programme, name="组", group=group)
    of_units = builders.robot(programme, name="选", units=[units[3]])
    assert robot_reminders.queue(FRIDAY) == 3
    assert [unit.name in digests_of(of_group)[0].body for unit in units] == [True, True, False, False]
    assert [unit.name in digests_of(of_units)[0].body for unit in units] == [False, False, False, True]


def test_overdue_comes_first_and_a_unit_stands_on_one_line_with_all_it_owes(database: Database) -> None:
    programme, units = city(2)
    builders.obligation(units[0], programme, "2021-04", due_on=date(2021, 6, 4))
    robot = builders.robot(programme, language="en")
    robot_reminders.queue(FRIDAY)
    text = digests_of(robot)[0]
    assert text.subject == "老旧小区改造: 3 reports are owed, 1 of them overdue"
    lines = text.body.splitlines()
    assert [line for line in lines if line.endswith(":")] == ["Overdue:", "Due soon:"]
    assert lines.index("Overdue:") == 0
    assert sum("第1局" in line for line in lines) == 2


def test_rows_are_exactly_once_in_the_database_itself(database: Database) -> None:
    """D12; and the control: a key with NULL in it lets the same stage in twice on both databases."""
    programme, _units = city(1)
    robot_reminders.queue(FRIDAY)
    assert rows("stage") == []
    robot = builders.robot(programme)
    robot_reminders.queue(FRIDAY)
    (row,) = [row for row in RobotReminder.select() if row.collapsed_into == ""]
    values = {name: value for name, value in row.__data__.items() if name != "id"}
    with pytest.raises(peewee.IntegrityError), db.atomic():
        RobotReminder.insert(**values).execute()
    db.execute_sql("CREATE TEMPORARY TABLE naive (obligation INTEGER, recipient INTEGER, robot INTEGER)")
    db.execute_sql("CREATE UNIQUE INDEX naive_once ON naive (obligation, recipient, robot)")
    for _ in range(2):
        db.execute_sql(f"INSERT INTO naive VALUES (1, NULL, {robot.id})")
    db.execute_sql("DROP TABLE naive")


def test_days_of_silence_are_made_up_by_one_digest_and_each_stage_stands_in_a_row(database: Database) -> None:
    programme, _units = city(1)
    robot = builders.robot(programme)
    robot_reminders.queue(at("2021-06-17 10:00"))
    assert rows("stage", "collapsed_into") == [
        ("before:3", "overdue:1"),
        ("before:1", "overdue:1"),
        ("due:0", "overdue:1"),
        ("overdue:1", ""),
    ]
    assert len(digests_of(robot)) == 1


def test_a_digest_that_could_not_leave_is_taken_into_the_next_day_s(database: Database) -> None:
    programme, _units = city(2)
    robot = builders.robot(programme)
    assert [robot_reminders.queue(moment) for moment in (FRIDAY, DUE_DAY)] == [2, 2]
    first, second = digests_of(robot)
    assert (first.state, second.state) == (MessageState.CANCELLED, MessageState.NEW)
    assert first.error == "Taken into the digest of a later day."
    carried = RobotReminder.select().where(RobotReminder.message == second)
    assert {row.stage for row in carried} == {"due:0"}
    assert {row.collapsed_into for row in RobotReminder.select() if row.stage == "before:1"} == {"due:0"}
    assert outbox.deliver(Recorder(), DUE_DAY) == {"sent": 1}


def test_what_is_handed_in_meanwhile_drops_out_and_nothing_left_is_cancelled(database: Database) -> None:
    programme, units = city(2)
    robot = builders.robot(programme)
    robot_reminders.queue(FRIDAY)
    Obligation.update(state=ObligationState.SUBMITTED).where(Obligation.unit == units[0]).execute()
    sent: list[str] = []

    class Reads(Recorder):
        def send(self, message: Message) -> None:
            sent.append(message.body)

    assert outbox.deliver(Reads(), FRIDAY) == {"sent": 1}
    assert ("第1局" in sent[0], "第2局" in sent[0]) == (False, True)
    robot_reminders.queue(DUE_DAY)
    Obligation.update(state=ObligationState.SUBMITTED).execute()
    assert outbox.deliver(Recorder(), DUE_DAY) == {}
    assert digests_of(robot)[1].error == "Nothing was owed any more when it was to be sent."


def test_a_deadline_that_moves_cancels_what_was_not_said_of_the_older_schedule(database: Database) -> None:
    programme, _units = city(2)
    robot = builders.robot(programme)
    robot_reminders.queue(FRIDAY)
    moved = Obligation.get()
    Obligation.update(schedule_version=2, due_on=date(2021, 6, 30)).where(Obligation.id == moved.id).execute()
    reminders.cancel(moved.id, FRIDAY)
    waiting = RobotReminder.select().where(
        RobotReminder.cancelled_at.is_null() & RobotReminder.message.is_null(is_null=False)
    )
    assert [row.obligation_id for row in waiting] == [
        Obligation.select().order_by(Obligation.id.desc()).get().id
    ]
    assert outbox.deliver(Recorder(), FRIDAY) == {"sent": 1}
    assert "第1局" not in digests_of(robot)[0].body
    assert moved.unit.name == "第1局"


def test_a_robot_s_message_of_moved_days_alone_is_cancelled_with_that_reason(database: Database) -> None:
    programme, _units = city(1)
    robot = builders.robot(programme)
    robot_reminders.queue(FRIDAY)
    Obligation.update(schedule_version=2, due_on=date(2021, 6, 30)).execute()
    reminders.cancel(Obligation.get().id, FRIDAY)
    assert outbox.deliver(Recorder(), FRIDAY) == {}
    (message,) = digests_of(robot)
    assert message.state is MessageState.CANCELLED
    assert message.error == "The day that it reminded of was moved before it was sent."


def test_what_was_said_already_stays_history_when_the_deadline_moves(database: Database) -> None:
    programme, _units = city(1)
    builders.robot(programme)
    robot_reminders.queue(FRIDAY)
    outbox.deliver(Recorder(), FRIDAY)
    Obligation.update(schedule_version=2).execute()
    reminders.cancel(Obligation.get().id, FRIDAY)
    assert {row.cancelled_at for row in RobotReminder.select()} == {None}


@pytest.mark.parametrize("state", ["paused_at", "revoked_at", "kinds"])
def test_a_robot_that_does_not_speak_of_reminders_writes_none(database: Database, state: str) -> None:
    robot = builders.robot(city(1)[0])
    Robot.update({"kinds": {"kinds": ["circular"]}}.get(state) or {state: NOW}).execute()
    assert robot_reminders.queue(FRIDAY) == 0
    assert digests_of(robot) == []


def hold_back(programme: Programme, rule: ReportingRule | None) -> None:
    ReminderPause.create(
        programme=programme, rule=rule, from_on=date(2021, 6, 1), until_on=date(2021, 6, 14), reason="防汛",
        made_by=1, made_by_name="许", made_at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize("whole", [True, False])
def test_reminders_that_are_held_back_are_held_back_by_robots_too(database: Database, *, whole: bool) -> None:
    """Of one rule or of all; afterwards what fell due is told once."""
    programme, units = city(1)
    robot = builders.robot(programme)
    held = ReportingRule.get()
    other = builders.rule(programme, "quarterly:15")
    builders.obligation(units[0], programme, "2021-04", due_on=date(2021, 6, 4), of=other)
    hold_back(programme, None if whole else held)
    assert robot_reminders.queue(FRIDAY) == (0 if whole else 1)
    bodies = [message.body for message in digests_of(robot)]
    assert [("6月15日" in body, "6月4日" in body) for body in bodies] == ([] if whole else [(False, True)])
    assert robot_reminders.queue(DUE_DAY) == (2 if whole else 1)


def test_what_is_overdue_by_a_rule_that_is_held_back_is_not_named(database: Database) -> None:
    programme, units = city(1)
    robot = builders.robot(programme)
    other = builders.rule(programme, "quarterly:15")
    builders.obligation(units[0], programme, "2021-04", due_on=date(2021, 6, 4), of=other)
    hold_back(programme, other)
    assert robot_reminders.queue(FRIDAY) == 1
    assert "【已逾期】" not in digests_of(robot)[0].body


def test_a_pass_without_robots_asks_one_thing(database: Database) -> None:
    from supervisor.core.calendar import load_calendar
    from supervisor.database import count_queries

    city(5)
    load_calendar()
    with count_queries(database) as asked:
        robot_reminders.queue(FRIDAY)
    assert len([sql for sql in asked if "robot" in sql]) == 1
    assert not [sql for sql in asked if "obligation" in sql]


def test_an_event_is_told_by_the_robots_that_pass_it_on_once_in_their_language(database: Database) -> None:
    programme = builders.programme()
    told = builders.robot(programme, kinds=[MessageKind.CIRCULAR], language="en")
    builders.robot(programme, name="不播", kinds=[MessageKind.DIGEST])
    builders.robot(builders.programme("别的"), kinds=[MessageKind.CIRCULAR])
    for _ in range(2):
        robot_notices.announce(
            programme.id,
            MessageKind.CIRCULAR,
            "circular:7",
            N_("Circular"),
            ["正文"],
            "/p/1/circulars/7",
            NOW,
        )
    (message,) = Message.select()
    assert (message.robot_id, message.subject, message.body) == (told.id, "Circular", "正文")


# ---- set-up


def setup(**changed: Any) -> Setup:
    plain = Setup(
        name="联络员群",
        channel=Channel.WECOM,
        credential="k-1",
        secret="",
        audience=Audience.PROGRAMME,
        group_id=None,
        unit_ids=(),
        kinds=("digest",),
        language="zh_CN",
        reason="6月3日会议商定",
    )
    return replace(plain, **changed)


def outside(*addresses: str) -> Outbound:
    return Outbound(resolve=leads_to(*(addresses or (SHOWN_PUBLIC,))))


def set_up(programme: Programme, by: Actor, config: Config, **changed: Any) -> Robot:
    given = setup(**changed)
    keys = robots.read_keys(given, programme, None, config, outside())
    return robots.set_up(programme, given, keys, by=by, now=NOW)


@pytest.fixture
def here(database: Database) -> Programme:
    return builders.programme()


@pytest.fixture
def office(here: Programme) -> Actor:
    return builders.actor(Role.LEAD_OFFICE, here)


HOOK = "https://hooks.example.cn/in?token=tell-nobody"


def test_what_opens_the_way_is_in_no_row_of_the_trail_and_no_word_of_the_code(
    here: Programme, office: Actor, config: Config
) -> None:
    robot = set_up(here, office, config, channel=Channel.WEBHOOK, credential=HOOK, secret=SECRET)
    assert (robot.credential, robot.secret, robot.host) == (HOOK, SECRET, "hooks.example.cn")
    robots.pause(robot, "联调", by=office, now=NOW)
    trail = [f"{row.before}{row.after}{row.reason}" for row in AuditEntry.select()]
    assert [row.action for row in AuditEntry.select()] == ["robot.set_up", "robot.pause"]
    assert not [text for text in trail if "tell-nobody" in text or SECRET in text]
    given = setup(credential=HOOK, secret=SECRET)
    assert SECRET not in repr(given) + repr(robots.Keys(HOOK, SECRET, "")) + repr(robot)
    assert "tell-nobody" not in repr(given) + repr(robots.Keys(HOOK, SECRET, "")) + repr(robot)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "名" * 81}, "name"),
        ({"channel": Channel.MAIL}, "channel"),
        ({"channel": None}, "channel"),
        ({"credential": ""}, "credential"),
        ({"credential": "https://elsewhere.cn/send?key=1"}, "credential"),
        ({"channel": Channel.DINGTALK, "secret": "有空 格"}, "secret"),
        ({"channel": Channel.WEBHOOK, "credential": HOOK, "secret": "short"}, "secret"),
        (
            {"channel": Channel.WEBHOOK, "credential": "http://hooks.example.cn/", "secret": SECRET},
            "credential",
        ),
        ({"audience": None}, "audience"),
        ({"audience": Audience.GROUP, "group_id": 99}, "group"),
        ({"audience": Audience.GROUP}, "group"),
        ({"audience": Audience.UNITS}, "units"),
        ({"audience": Audience.UNITS, "unit_ids": (99,)}, "units"),
        ({"kinds": ()}, "kinds"),
        ({"kinds": ("return", "invitation")}, "kinds"),
        ({"language": "fr"}, "language"),
        ({"reason": ""}, "reason"),
        ({"reason": "长" * 401}, "reason"),
    ],
)
def test_what_is_wrong_with_a_set_up_is_said_at_its_field(
    here: Programme, office: Actor, config: Config, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as wrong:
        set_up(here, office, config, **changed)
    assert field in wrong.value.fields
    assert Robot.select().count() == 0


def test_a_webhook_whose_name_leads_inside_is_refused_at_set_up(
    here: Programme, office: Actor, config: Config
) -> None:
    given = setup(channel=Channel.WEBHOOK, credential=HOOK, secret=SECRET)
    with pytest.raises(Invalid) as wrong:
        robots.read_keys(given, here, None, config, outside("10.0.0.8"))
    assert "internal network" in str(wrong.value.fields["credential"])


def test_inside_a_sandbox_nobody_is_even_asked_where_a_webhook_is(here: Programme, config: Config) -> None:
    asked: list[str] = []

    def resolve(host: str, _port: int) -> Addresses:
        asked.append(host)
        return []

    given = setup(channel=Channel.WEBHOOK, credential=HOOK, secret=SECRET)
    inside = replace(config, mode="sandbox")
    assert robots.read_keys(given, here, None, inside, Outbound(resolve=resolve)).host == "hooks.example.cn"
    assert asked == []
    with pytest.raises(Invalid):
        robots.read_keys(given, here, None, config, Outbound(resolve=resolve))
    assert asked == ["hooks.example.cn"]


def test_private_deployments_are_reached_at_the_addresses_of_the_settings(
    here: Programme, config: Config
) -> None:
    own = replace(
        config,
        wecom_url="http://im.inside:8080/hook",
        robot_hosts="push.inside, 10.0.0.9:81",
        dingtalk_url="https://dd.inside/send",
    )
    outbound = outbound_of(own)
    assert outbound.named == {"im.inside:8080", "dd.inside", "push.inside", "10.0.0.9:81"}
    assert outbound_of(config).named == set()
    keys = robots.read_keys(setup(credential="http://im.inside:8080/hook?key=k-9"), here, None, own)
    assert keys.credential == "k-9"


def test_only_the_lead_office_of_the_programme_sets_up_and_decides(
    here: Programme, office: Actor, config: Config
) -> None:
    robot = set_up(here, office, config)
    keys = robots.Keys("k", "", "")
    for role in (Role.LIAISON, Role.LEADER, Role.ASSESSOR, Role.UNIT_HEAD, Role.INSPECTOR):
        by = builders.actor(role, here)
        with pytest.raises(NotAllowed):
            robots.set_up(here, setup(name="二"), keys, by=by, now=NOW)
        with pytest.raises(NotAllowed):
            robots.pause(robot, "理由", by=by, now=NOW)
        with pytest.raises(NotAllowed):
            robots.write_test(robot, by=by, now=NOW)
    with pytest.raises(NotFound):
        robots.get_robot(robot.id, builders.programme("别的"))


def test_a_change_keeps_the_key_unless_a_new_one_is_typed_and_sees_who_was_first(
    here: Programme, office: Actor, config: Config
) -> None:
    units = [builders.unit(name) for name in ("甲局", "乙局")]
    robot = set_up(here, office, config)
    given = setup(name="新名", credential="", audience=Audience.UNITS, unit_ids=(units[0].id, units[1].id))
    keys = robots.read_keys(given, here, robot, config)
    robots.change(robot, given, keys, seen=1, by=office, now=NOW)
    kept = Robot.get_by_id(robot.id)
    assert (kept.name, kept.credential, kept.version) == ("新名", "k-1", 2)
    assert RobotUnit.select().count() == 2
    with pytest.raises(Stale):
        robots.change(kept, given, keys, seen=1, by=office, now=NOW)
    again = setup(name="新名", credential="k-2")
    robots.change(kept, again, robots.read_keys(again, here, kept, config), seen=2, by=office, now=NOW)
    assert Robot.get_by_id(robot.id).credential == "k-2"
    assert RobotUnit.select().count() == 0
    last = AuditEntry.select().order_by(AuditEntry.id.desc()).get()
    assert '"keys":"changed"' in last.after
    assert "k-2" not in last.after


def test_two_robots_of_one_name_are_refused_until_the_first_is_revoked(
    here: Programme, office: Actor, config: Config
) -> None:
    first = set_up(here, office, config)
    with pytest.raises(Invalid):
        set_up(here, office, config)
    robots.revoke(first, "换群", by=office, now=NOW)
    assert set_up(here, office, config).id != first.id


def test_revoking_wipes_the_key_cancels_what_waits_and_is_for_good(
    here: Programme, office: Actor, config: Config
) -> None:
    robot = set_up(here, office, config)
    robots.write_test(robot, by=office, now=NOW)
    robots.revoke(robot, "人员调整", by=office, now=NOW)
    gone = Robot.get_by_id(robot.id)
    assert (gone.credential, gone.secret, gone.reason) == ("", "", "人员调整")
    assert Message.get().state is MessageState.CANCELLED
    with pytest.raises(Refused):
        robots.revoke(gone, "再来", by=office, now=NOW)
    with pytest.raises(Refused):
        robots.write_test(gone, by=office, now=NOW)


def test_pausing_and_resuming_want_a_reason_and_happen_once(
    here: Programme, office: Actor, config: Config
) -> None:
    robot = set_up(here, office, config)
    with pytest.raises(Invalid):
        robots.pause(robot, " ", by=office, now=NOW)
    robots.pause(robot, "假期", by=office, now=NOW)
    with pytest.raises(Refused):
        robots.pause(robot, "假期", by=office, now=NOW)
    robots.resume(robot, "假期结束", by=office, now=NOW)
    with pytest.raises(Refused):
        robots.resume(robot, "假期结束", by=office, now=NOW)
    assert [row.reason for row in AuditEntry.select().order_by(AuditEntry.id)][1:] == ["假期", "假期结束"]
