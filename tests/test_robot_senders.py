"""What robots are sent, and what becomes of a message by what the other side does (D12, D14; reliability §7)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from peewee import Database

from supervisor.config import ROOT
from supervisor.core import mailbox, messages, outbox
from supervisor.core.outbound import Outbound
from supervisor.core.outbox import OutboxOnly, WaysOut
from supervisor.core.robot_senders import RobotSender, key_of
from supervisor.core.robot_words import clip, text_of
from supervisor.database import db
from supervisor.models import (
    Channel,
    DeliveryAttempt,
    Message,
    MessageKind,
    MessageState,
    Programme,
    Robot,
    Role,
)
from tests import builders
from tests.builders import NOW
from tests.misbehaving import Misbehaving, misbehaving
from tests.test_core_messages import PowerCut, Recorder, tell

MACHINE = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
SECRET = "SEC-agreed-0123456789"
#: Short, so that a server that hangs costs a test little.
PATIENCE = 0.5


@pytest.fixture
def server() -> Iterator[Misbehaving]:
    with misbehaving() as there:
        yield there


def sender_to(*servers: Misbehaving, timeout: float = PATIENCE) -> RobotSender:
    """Robots by their three ways, WeCom's and DingTalk's at the first server."""
    bases = {Channel.WECOM: servers[0].url, Channel.DINGTALK: servers[0].url}
    outbound = Outbound(frozenset(there.host for there in servers), timeout=timeout)
    return RobotSender(outbound, bases, "https://dukao.example.cn", lambda: MACHINE)


def post(robot: Robot, text: str = "第一行\n第二行", kind: MessageKind = MessageKind.CIRCULAR) -> Message:
    key = f"{robot.id}:{Message.select().count()}"
    messages.post_to_robot(key=key, kind=kind, robot=robot, subject="通报", body=text, link="/p/1", now=NOW)
    row: Message = Message.get(Message.key == key)
    return row


def again(message: Message) -> Message:
    row: Message = Message.get_by_id(message.id)
    return row


# ---- what is sent


def test_wecom_is_sent_a_text_with_its_key_in_the_address_alone(
    database: Database, server: Misbehaving
) -> None:
    post(builders.robot(builders.programme(), credential="k-1.2"))
    assert outbox.deliver(sender_to(server), NOW) == {"sent": 1}
    (call,) = server.calls
    assert call.query == {"key": "k-1.2"}
    assert json.loads(call.body) == {
        "msgtype": "text",
        "text": {"content": "通报\n第一行\n第二行\nhttps://dukao.example.cn/p/1"},
    }


def test_dingtalk_is_signed_with_the_machine_s_time_as_its_manual_says(
    database: Database, server: Misbehaving
) -> None:
    post(builders.robot(builders.programme(), Channel.DINGTALK, credential="token", secret=SECRET))
    assert outbox.deliver(sender_to(server), NOW) == {"sent": 1}
    query = server.calls[0].query
    stamp = str(int(MACHINE.timestamp() * 1000))
    wanted = hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest()
    assert query == {"access_token": "token", "timestamp": stamp, "sign": base64.b64encode(wanted).decode()}


def test_a_webhook_s_body_is_signed_with_its_time_and_its_key_stays_the_same_when_sent_again(
    database: Database, server: Misbehaving
) -> None:
    robot = builders.robot(
        builders.programme(), Channel.WEBHOOK, credential=f"{server.url}?t=1", secret=SECRET, host=server.host
    )
    message = post(robot)
    server.behave = "status_500"
    assert outbox.deliver(sender_to(server), NOW) == {"retry": 1}
    server.behave = "empty"
    assert outbox.deliver(sender_to(server), NOW + timedelta(minutes=1)) == {"sent": 1}
    for call in server.calls:
        stamp = call.headers["X-Dukao-Timestamp"]
        made = hmac.new(SECRET.encode(), stamp.encode() + b"." + call.body, hashlib.sha256).hexdigest()
        assert call.headers["X-Dukao-Signature"] == f"sha256={made}"
        assert call.headers["Idempotency-Key"] == message.message_id
    assert server.calls[0].body == server.calls[1].body
    assert json.loads(server.calls[0].body)["subject"] == "通报"


@pytest.mark.parametrize("most", [60, 100, 200, 2048])
@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_a_text_is_cut_by_bytes_at_a_line_and_says_how_many_more_there_are(most: int, locale: str) -> None:
    lines = [f"· 第{n}个单位：6月月报，逾期3个工作日" for n in range(80)]
    text = clip("督查提醒：汉字每个占三个字节", lines, "https://d.cn/p/1", most, locale)
    assert len(text.encode()) <= most or most == 60
    shown = sum(line in text.splitlines() for line in lines)
    left_out = len(lines) - shown
    assert str(left_out) in text.splitlines()[-2]
    assert text.endswith("https://d.cn/p/1")
    if most == 2048:
        assert shown > 20
    if most >= 200:  # one line more would not have fitted
        assert len(text.encode()) + len(lines[shown].encode()) + 1 > most


def test_what_fits_is_sent_whole_and_a_subject_alone_is_cut_between_characters() -> None:
    assert clip("甲", ["乙"], "", 2048, "zh_CN") == "甲\n乙"
    cut = clip("甲" * 100, [], "", 100, "zh_CN")
    assert cut == "甲" * 33


# ---- what becomes of it

#: What the other side does, and (state, tries counted, minutes to the next try) by WeCom and by webhook.
FAULTS: list[tuple[str, tuple[str, int, float | None], tuple[str, int, float | None]]] = [
    ("ok", ("sent", 1, None), ("sent", 1, None)),
    ("too_many", ("retry", 0, 2), ("retry", 0, 2)),
    ("invalid_key", ("dead", 1, None), ("dead", 1, None)),
    ("bad_signature", ("dead", 1, None), ("dead", 1, None)),
    ("busy", ("retry", 1, 1), ("retry", 1, 1)),
    ("status_429", ("retry", 0, 3), ("retry", 0, 3)),
    ("status_500", ("retry", 1, 1), ("retry", 1, 1)),
    ("status_404", ("dead", 1, None), ("dead", 1, None)),
    ("redirects", ("dead", 1, None), ("dead", 1, None)),
    ("page", ("retry", 1, 1), ("sent", 1, None)),
    ("empty", ("retry", 1, 1), ("sent", 1, None)),
    ("array", ("retry", 1, 1), ("sent", 1, None)),
    ("huge", ("retry", 1, 1), ("sent", 1, None)),
    ("hangs", ("unknown", 1, None), ("retry", 1, 1)),
    ("drips", ("unknown", 1, None), ("retry", 1, 1)),
    ("drops", ("unknown", 1, None), ("retry", 1, 1)),
    ("half", ("unknown", 1, None), ("retry", 1, 1)),
    ("nonsense", ("unknown", 1, None), ("retry", 1, 1)),
]


@pytest.mark.parametrize(("behave", "by_wecom", "by_webhook"), FAULTS, ids=[row[0] for row in FAULTS])
def test_each_fault_has_its_outcome(
    database: Database, server: Misbehaving, behave: str, by_wecom: Any, by_webhook: Any
) -> None:
    """The table of the closing note: state, tries that count, next try, reason on the page."""
    here = builders.programme()
    webhook = builders.robot(
        here, Channel.WEBHOOK, name="平台", credential=server.url, secret=SECRET, host=server.host
    )
    server.behave = behave
    for robot, (state, tries, minutes) in ((builders.robot(here), by_wecom), (webhook, by_webhook)):
        message = post(robot)
        assert outbox.deliver(sender_to(server), NOW) == {state: 1}
        message = again(message)
        next_try = NOW + timedelta(minutes=minutes) if minutes else None
        assert (message.state.value, message.attempts, message.next_try_at) == (state, tries, next_try)
        assert (message.error == "") is (state == "sent")
        attempt = DeliveryAttempt.get(DeliveryAttempt.message == message)
        assert (attempt.result.value, attempt.error) == (state, message.error)
        assert attempt.milliseconds is not None
        Robot.update(held_until=None).execute()
    assert [call.path for call in server.calls] == ["/send", "/send"]  # nothing followed, nothing twice


def test_what_another_system_says_is_kept_without_the_key_it_repeats(
    database: Database, server: Misbehaving
) -> None:
    server.behave = "invalid_key"
    message = post(builders.robot(builders.programme(), credential="very-secret-key"))
    outbox.deliver(sender_to(server), NOW)
    reason, detail = again(message).error.splitlines()
    assert reason.startswith("The key is wrong")
    assert detail == "errcode 93000: invalid webhook url key=…, from ip: 10.0.0.1"


def test_too_many_holds_the_robot_and_costs_its_messages_nothing(
    database: Database, server: Misbehaving
) -> None:
    """45009 again and again: nothing is given up, and nothing is asked before its time."""
    robot, server.behave = builders.robot(builders.programme()), "too_many"
    waiting = [post(robot) for _ in range(3)]
    moment = NOW
    for _ in range(12):
        assert outbox.deliver(sender_to(server), moment) == {"retry": 1}
        assert outbox.deliver(sender_to(server), moment + timedelta(minutes=1)) == {}
        moment += timedelta(minutes=2)
    server.behave = "ok"
    assert outbox.deliver(sender_to(server), moment) == {"sent": 3}
    assert {again(message).state for message in waiting} == {MessageState.SENT}


def test_a_robot_says_twenty_a_minute_and_loses_nothing(database: Database, server: Misbehaving) -> None:
    robot = builders.robot(builders.programme())
    for _ in range(45):
        post(robot)
    sent = [
        outbox.deliver(sender_to(server, timeout=5), NOW + timedelta(seconds=after)).get("sent", 0)
        for after in (0, 20, 40, 70, 90, 140)
    ]
    assert sent == [20, 0, 0, 20, 0, 5]
    assert len(server.calls) == 45


def test_a_passing_fault_is_given_up_in_the_end_with_its_reason(
    database: Database, server: Misbehaving
) -> None:
    message, moment, tries = post(builders.robot(builders.programme())), NOW, 0
    server.behave = "status_500"
    while again(message).state is not MessageState.DEAD:
        outbox.deliver(sender_to(server), moment)
        tries += 1
        assert tries < 20
        moment = again(message).next_try_at or moment
    assert tries == len(outbox.BACK_OFF) + 1 == DeliveryAttempt.select().count()
    assert again(message).error == "The other side had an error.\nHTTP 500"


def test_one_broken_robot_holds_up_neither_others_nor_the_mail(database: Database) -> None:
    with misbehaving() as broken, misbehaving() as fine:
        here = builders.programme()
        slow = [
            builders.robot(
                here, Channel.WEBHOOK, name=f"慢{n}", credential=broken.url, secret=SECRET, host=broken.host
            )
            for n in range(4)
        ]
        good = builders.robot(
            here, Channel.WEBHOOK, name="好", credential=fine.url, secret=SECRET, host=fine.host
        )
        for robot in [*slow, good, good]:
            post(robot)
        tell(builders.user("a"))
        broken.behave = "hangs"
        mail, began = Recorder(), time.monotonic()
        done = outbox.deliver(WaysOut(mail, sender_to(broken, fine)), NOW)
        assert done == {"retry": 1, "sent": 3}  # one time-out for the host, not four
        assert time.monotonic() - began < 4 * PATIENCE + 1
        assert (len(mail.sent), len(fine.calls), len(broken.calls)) == (1, 2, 1)


def test_a_name_that_leads_inside_by_the_time_of_sending_is_refused_for_good(
    database: Database, server: Misbehaving
) -> None:
    robot = builders.robot(
        builders.programme(),
        Channel.WEBHOOK,
        credential="https://127.0.0.1/x",
        secret=SECRET,
        host="127.0.0.1",
    )
    message = post(robot)
    assert outbox.deliver(sender_to(server), NOW) == {"dead": 1}
    assert "internal network" in again(message).error


def test_killed_between_claim_and_mark_a_robot_s_message_waits_for_a_person(
    database: Database, server: Misbehaving
) -> None:
    """D12: mail goes again under its Message-ID; a group could not tell the second from the first."""
    here = builders.programme()
    of_robots = [
        post(builders.robot(here)),
        post(builders.robot(here, Channel.WEBHOOK, name="平台", credential=server.url, host=server.host)),
    ]
    tell(builders.user("a"))

    class Dies(Recorder):
        def send(self, message: Message) -> None:
            super().send(message)
            raise PowerCut

    for _ in range(3):
        with pytest.raises(PowerCut):
            outbox.deliver(WaysOut(Dies(), Dies()), NOW)
    later = NOW + timedelta(minutes=11)
    mail = Recorder()
    assert outbox.deliver(WaysOut(mail, sender_to(server)), later) == {"sent": 1}
    assert outbox.deliver(WaysOut(mail, sender_to(server)), later + timedelta(days=1)) == {}
    assert {again(message).state for message in of_robots} == {MessageState.UNKNOWN}
    assert "Look there first" in again(of_robots[0]).error
    assert (len(mail.sent), server.calls) == (1, [])
    results = DeliveryAttempt.select(DeliveryAttempt.result).order_by(DeliveryAttempt.id)
    assert [row.result.value for row in results] == ["unknown", "unknown", "unknown", "sent"]


#: Delivers what is due to the server of its second word, in a process of its own.
DELIVER = """
import sys
from supervisor.core import outbox
from supervisor.core.outbound import Outbound
from supervisor.core.robot_senders import RobotSender
from supervisor.database import open_database
from supervisor.models import Channel
from tests.builders import NOW

open_database(sys.argv[1]).connect()
host = sys.argv[2].partition("://")[2].partition("/")[0]
bases = {Channel.WECOM: sys.argv[2], Channel.DINGTALK: sys.argv[2]}
outbox.deliver(RobotSender(Outbound(frozenset({host}), timeout=60), bases, "https://d.cn", lambda: NOW), NOW)
"""


def test_a_process_killed_while_the_group_is_being_told_leaves_it_to_a_person(
    database: Database, database_url: str, server: Misbehaving
) -> None:
    """kill -9 with the request at the other side: nobody can know whether the group has it."""
    message, server.behave = post(builders.robot(builders.programme())), "hangs"
    process = subprocess.Popen([sys.executable, "-c", DELIVER, database_url, server.url], cwd=ROOT)
    end = time.monotonic() + 60
    while not server.calls:
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.05)
    process.kill()
    process.wait()
    server.behave = "ok"
    assert again(message).state is MessageState.SENDING
    assert outbox.deliver(sender_to(server), NOW + timedelta(minutes=11)) == {}
    assert again(message).state is MessageState.UNKNOWN
    assert len(server.calls) == 1
    by = builders.actor(Role.LEAD_OFFICE, message.programme)
    mailbox.send_again(again(message), by=by, now=NOW)
    assert outbox.deliver(sender_to(server), NOW + timedelta(minutes=12)) == {"sent": 1}
    assert len(server.calls) == 2


def test_without_a_way_out_a_robot_s_message_is_kept_and_no_try_is_written(database: Database) -> None:
    post(builders.robot(builders.programme()))
    assert outbox.deliver(OutboxOnly(), NOW) == {"kept": 1}
    assert DeliveryAttempt.select().count() == 0


def test_paused_a_robot_is_silent_and_what_waits_is_said_when_it_is_resumed(
    database: Database, server: Misbehaving
) -> None:
    robot = builders.robot(builders.programme())
    post(robot)
    Robot.update(paused_at=NOW).execute()
    assert outbox.deliver(sender_to(server), NOW) == {}
    Robot.update(paused_at=None).execute()
    assert outbox.deliver(sender_to(server), NOW) == {"sent": 1}


def test_four_senders_at_once_say_each_message_once_and_keep_to_twenty(
    database: Database, server: Misbehaving
) -> None:
    robot = builders.robot(builders.programme())
    for _ in range(12):
        post(robot)
    barrier, failures = threading.Barrier(4), list[BaseException]()

    def run() -> None:
        try:
            db.connect(reuse_if_open=True)
            barrier.wait()
            outbox.deliver(sender_to(server, timeout=5), NOW)
        except BaseException as error:  # noqa: BLE001 -- shown by the main thread
            failures.append(error)
        finally:
            db.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(server.calls) == Message.select().where(Message.state == MessageState.SENT).count() == 12


def test_a_test_message_is_tried_once(database: Database, server: Misbehaving) -> None:
    server.behave = "status_500"
    message = post(builders.robot(builders.programme()), kind=MessageKind.TEST)
    assert outbox.deliver_one(sender_to(server), message.id, NOW) is MessageState.DEAD
    assert outbox.deliver(sender_to(server), NOW + timedelta(days=1)) == {}


@pytest.mark.parametrize(
    ("channel", "typed", "key"),
    [
        (Channel.WECOM, "6a-9F", "6a-9F"),
        (Channel.WECOM, "https://im.example.cn/send?key=6a-9F", "6a-9F"),
        (Channel.WECOM, "https://im.example.cn/send/?debug=1&key=6a", "6a"),
        (Channel.DINGTALK, "https://im.example.cn/send?access_token=ab", "ab"),
        (Channel.WECOM, "https://elsewhere.cn/send?key=6a", ""),
        (Channel.WECOM, "https://im.example.cn.evil.cn/send?key=6a", ""),
        (Channel.DINGTALK, "https://im.example.cn/send?key=ab", ""),
        (Channel.WECOM, "a&key=b", ""),
        (Channel.WECOM, "a\r\nb", ""),
        (Channel.WECOM, "x" * 201, ""),
        (Channel.WECOM, "", ""),
    ],
)
def test_a_key_is_taken_alone_or_out_of_the_address_as_shown(channel: Channel, typed: str, key: str) -> None:
    found, why = key_of(channel, typed, "https://im.example.cn/send")
    assert found == key
    assert (why is None) is bool(key)


def test_the_page_shows_the_text_as_the_group_reads_it(database: Database) -> None:
    here: Programme = builders.programme()
    message = post(builders.robot(here), "\n".join(f"· 单位{n}：月报" for n in range(300)))
    text = text_of(message, "https://dukao.example.cn")
    assert len(text.encode()) <= 2048
    assert "还有" in text
