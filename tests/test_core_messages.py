"""Messages: once by key, claimed before they are sent, never lost (D12; reliability §7)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from peewee import Database

from supervisor.core import events, messages, outbox
from supervisor.core.mail import SmtpSender
from supervisor.core.outbox import OutboxOnly, SendError
from supervisor.database import db
from supervisor.models import Channel, Message, MessageState, User
from tests import builders
from tests.builders import NOW


class Recorder:
    """A sender that remembers, and fails as told."""

    def __init__(self, error: Exception | None = None) -> None:
        self.sent: list[str] = []
        self.error = error
        self.closed = 0

    def send(self, message: Message) -> None:
        if self.error:
            raise self.error
        self.sent.append(message.message_id)

    def close(self) -> None:
        self.closed += 1


class PowerCut(BaseException):
    """The process ends here: nothing after it runs."""


def tell(
    *people: User,
    key: str = "issue:1",
    subject: str = "Overview",
    now: datetime = NOW,
    programme_id: int | None = None,
) -> int:
    return messages.notify(
        event=events.PLAN_CHANGED,
        key=key,
        to=people,
        fields={"what": subject, "number": 1, "reason": "原因"},
        link="/p/1/tasks",
        programme_id=programme_id,
        now=now,
    )


def mail() -> Message:
    return Message.get(Message.channel == Channel.MAIL)


def test_one_event_writes_one_message_per_person_and_channel_however_often_it_is_told(
    database: Database,
) -> None:
    people = [builders.user("a"), builders.user("b")]
    assert tell(*people, people[0]) == 2
    assert tell(*people) == 2
    assert Message.select().count() == 4
    inbox = list(Message.select().where(Message.channel == Channel.INBOX))
    assert {m.state for m in inbox} == {MessageState.SENT}
    assert mail().state is MessageState.NEW


def test_who_has_no_address_gets_the_inbox_and_who_is_disabled_gets_nothing(database: Database) -> None:
    without, gone = builders.user("a"), builders.user("b")
    without.email = ""
    gone.active = False
    assert tell(without, gone) == 1
    assert [m.channel for m in Message.select()] == [Channel.INBOX]


def test_a_subject_is_one_line_whatever_it_was_given(database: Database) -> None:
    tell(builders.user("a"), subject="通知\r\nBcc: all@example.cn\n\n" + "长" * 400)
    assert "\n" not in mail().subject
    assert "\r" not in mail().subject
    assert len(mail().subject) == 300


def test_nothing_is_told_when_the_verb_fails(database: Database) -> None:
    person = builders.user("a")

    def verb() -> None:
        with db.atomic():
            tell(person)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        verb()
    assert Message.select().count() == 0


def test_mail_is_sent_once_and_marked(database: Database) -> None:
    tell(builders.user("a"))
    sender = Recorder()
    assert outbox.deliver(sender, NOW) == {"sent": 1}
    assert outbox.deliver(sender, NOW) == {}
    assert sender.sent == [mail().message_id]
    assert (mail().sent_at, mail().attempts) == (NOW, 1)


def test_without_a_mail_server_mail_is_kept_and_never_called_sent(database: Database) -> None:
    tell(builders.user("a"))
    assert outbox.deliver(OutboxOnly(), NOW) == {"kept": 1}
    assert mail().sent_at is None


def test_a_passing_failure_is_tried_again_later_and_given_up_in_the_end(database: Database) -> None:
    tell(builders.user("a"))
    sender = Recorder(SendError("451 busy", retry=True))
    moment, tries = NOW, 0
    while mail().state is not MessageState.DEAD:
        tries += 1
        assert tries < 20
        outbox.deliver(sender, moment)
        assert outbox.deliver(sender, moment) == {}  # not before its time
        moment = mail().next_try_at or moment
    assert tries == len(outbox.BACK_OFF) + 1
    assert mail().error == "451 busy"


def test_a_final_failure_is_given_up_at_once_with_its_reason(database: Database) -> None:
    tell(builders.user("a"))
    assert outbox.deliver(Recorder(SendError("550 no such user", retry=False)), NOW) == {"dead": 1}
    assert mail().error == "550 no such user"


def test_an_accident_of_one_message_does_not_hold_up_the_others(database: Database) -> None:
    tell(builders.user("a"), builders.user("b"))

    class Stumbles(Recorder):
        def send(self, message: Message) -> None:
            if message.person.username == "a":
                raise KeyError("odd")
            super().send(message)

    assert outbox.deliver(Stumbles(), NOW) == {"retry": 1, "sent": 1}


def test_a_server_that_is_down_ends_the_pass(database: Database) -> None:
    tell(builders.user("a"), builders.user("b"), builders.user("c"))
    down = Recorder(SendError("refused", retry=True, down=True))
    assert outbox.deliver(down, NOW) == {"retry": 1}
    assert down.closed == 1
    assert outbox.deliver(Recorder(), NOW) == {"sent": 2}


def test_killed_between_claim_and_mark_the_mail_goes_out_again_under_the_same_message_id(
    database: Database,
) -> None:
    tell(builders.user("a"))

    class Dies(Recorder):
        def send(self, message: Message) -> None:
            super().send(message)
            raise PowerCut

    first = Dies()
    with pytest.raises(PowerCut):
        outbox.deliver(first, NOW)
    assert mail().state is MessageState.SENDING

    second = Recorder()
    assert outbox.deliver(second, NOW + timedelta(minutes=9)) == {}  # it may still be at work
    assert outbox.deliver(second, NOW + timedelta(minutes=11)) == {"sent": 1}
    assert second.sent == first.sent  # at least once, told apart by nothing: a receiver drops the second


def test_control_a_sender_that_marks_before_sending_loses_the_mail(database: Database) -> None:
    """What the order of claim, send, mark is for: the naive order must fail this test's twin."""
    tell(builders.user("a"))

    def naive(sender: Recorder) -> None:
        for message in list(Message.select().where(Message.state == MessageState.NEW)):
            Message.update(state=MessageState.SENT).where(Message.id == message.id).execute()
            sender.send(message)

    with pytest.raises(PowerCut):
        naive(Recorder(PowerCut()))  # type: ignore[arg-type]  # it stands for the end of the process
    after = Recorder()
    naive(after)
    outbox.deliver(after, NOW + timedelta(hours=1))
    assert after.sent == []


def test_control_a_sender_without_claims_sends_twice(database: Database) -> None:
    tell(builders.user("a"))
    sender = Recorder()
    read = [list(Message.select().where(Message.state == MessageState.NEW)) for _ in range(2)]
    for rows in read:  # two processes that read before either wrote
        for message in rows:
            sender.send(message)
    assert len(sender.sent) == 2


def test_four_processes_send_each_mail_once(database: Database) -> None:
    tell(*[builders.user(f"u{n}") for n in range(20)])
    sender, barrier = Recorder(), threading.Barrier(4)
    failures: list[BaseException] = []

    def run() -> None:
        try:
            db.connect(reuse_if_open=True)
            barrier.wait()
            outbox.deliver(sender, NOW)
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
    assert len(sender.sent) == len(set(sender.sent)) == 20


def test_a_claim_that_passed_to_another_process_is_not_marked_by_the_first(database: Database) -> None:
    tell(builders.user("a"))

    class Paused(Recorder):
        def send(self, message: Message) -> None:
            super().send(message)
            # Meanwhile the claim ran out and another process is sending it.
            Message.update(fence=Message.fence + 1).where(Message.id == message.id).execute()

    outbox.deliver(Paused(), NOW)
    assert mail().state is MessageState.SENDING


# ---- SMTP --------------------------------------------------------------------------------------


class Server:
    """A mail server that keeps what it gets and refuses what it is told to refuse."""

    def __init__(self) -> None:
        self.got: list[Any] = []
        self.refuse: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802 -- the library's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 -- as above
        self.got.append(envelope)
        return "250 OK"


@pytest.fixture
def smtp() -> Iterator[tuple[Server, Controller]]:
    server = Server()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    yield server, controller
    controller.stop()


def sender_to(controller: Controller) -> SmtpSender:
    return SmtpSender(f"smtp://127.0.0.1:{controller.port}", "dukao@example.cn", "https://dukao.example.cn/")


def test_a_mail_arrives_in_chinese_with_link_and_stable_message_id(
    database: Database, smtp: tuple[Server, Controller]
) -> None:
    server, controller = smtp
    tell(builders.user("a", name="硚口区王璠"), builders.user("b"), subject="6月报告：还剩3个工作日")
    assert outbox.deliver(sender_to(controller), NOW) == {"sent": 2}
    from email import message_from_bytes
    from email.policy import default

    letters = [message_from_bytes(envelope.content, policy=default) for envelope in server.got]
    assert [letter["To"] for letter in letters] == ["硚口区王璠 <a@example.cn>", "b <b@example.cn>"]
    assert letters[0]["Subject"] == "6月报告：还剩3个工作日"
    assert letters[0]["Message-ID"] == mail().message_id
    assert letters[0]["Auto-Submitted"] == "auto-generated"
    assert letters[0]["Date"] == "Tue, 01 Jun 2021 09:00:00 +0800"
    text = letters[0].get_content().replace("\r\n", "\n")
    assert text.startswith("第 1 号调整。原因：原因\n\nhttps://dukao.example.cn/p/1/tasks\n")


def test_refused_for_good_refused_for_now_and_no_address(
    database: Database, smtp: tuple[Server, Controller]
) -> None:
    server, controller = smtp
    people = [builders.user(name) for name in ("gone", "busy", "fine")]
    people.append(builders.user("odd", email="odd@example.cn, all@example.cn"))
    people.append(builders.user("break", email="x@example.cn\nBcc: all@example.cn"))
    server.refuse = {"gone@example.cn": "550 no such user", "busy@example.cn": "451 try later"}
    tell(*people)
    assert outbox.deliver(sender_to(controller), NOW) == {"dead": 3, "retry": 1, "sent": 1}
    assert [envelope.rcpt_tos for envelope in server.got] == [["fine@example.cn"]]
    states = {m.person.username: m for m in Message.select().where(Message.channel == Channel.MAIL)}
    assert states["gone"].error.splitlines() == [
        "The mail server refused the receiver's address: ask whether it still holds, then send again.",
        "550 no such user",
    ]
    assert states["busy"].error.splitlines() == [
        "The mail server does not take this mail now.",
        "451 try later",
    ]
    assert "address cannot be used" in states["break"].error


def test_a_server_that_does_not_answer_is_tried_again(database: Database) -> None:
    tell(builders.user("a"), builders.user("b"))
    sender = SmtpSender("smtp://127.0.0.1:9", "dukao@example.cn", "https://dukao.example.cn")
    assert outbox.deliver(sender, NOW) == {"retry": 1}


def test_tls_is_required_where_it_is_asked_for(database: Database, smtp: tuple[Server, Controller]) -> None:
    server, controller = smtp
    tell(builders.user("a"))
    sender = SmtpSender(
        f"starttls://127.0.0.1:{controller.port}", "dukao@example.cn", "https://dukao.example.cn"
    )
    assert outbox.deliver(sender, NOW) == {"retry": 1}  # the server offers none: nothing goes out in clear
    assert server.got == []


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("smtp://u:p@mail.example.cn", "read on the way"),
        ("http://mail.example.cn", "must begin with"),
        ("smtps://", "must begin with"),
    ],
)
def test_an_unusable_server_address_is_refused_with_its_reason(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        SmtpSender(url, "dukao@example.cn", "https://dukao.example.cn")
