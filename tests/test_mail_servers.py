"""Mail against real servers of this machine: with TLS and without, well and badly behaved; receivers who left."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from peewee import Database

from supervisor.core import events, messages, outbox, reminders
from supervisor.core.mail import SmtpSender
from supervisor.models import Channel, DeliveryAttempt, Message, MessageState, Posting, Reminder, Role, User
from tests import builders
from tests.builders import NOW, at
from tests.test_core_messages import Recorder, Server, mail, tell
from tests.test_core_reminders import city

FRIDAY = at("2021-06-11 09:00")
PASSWORD = "for-this-test-only"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def served(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def trusting(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate[0]))


@contextmanager
def running(server: Server, **options: Any) -> Iterator[Controller]:
    controller = Controller(server, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield controller
    finally:
        controller.stop()


def check_password(_server: Any, _session: Any, _envelope: Any, _how: str, given: Any) -> AuthResult:
    right = (given.login, given.password) == (b"dukao", PASSWORD.encode())
    return AuthResult(success=right, handled=False)


def sender(scheme: str, port: int, *, user: str = "", **options: Any) -> SmtpSender:
    url = f"{scheme}://{user}127.0.0.1:{port}"
    return SmtpSender(
        url, "dukao@example.cn", "https://dukao.example.cn", **{"timeout": 0.5, "longest": 1.5, **options}
    )


@pytest.mark.parametrize("scheme", ["smtps", "starttls"])
def test_mail_goes_out_under_tls_with_a_sign_in(
    database: Database, certificate: tuple[Path, Path], scheme: str
) -> None:
    tell(builders.user("a"))
    server, options = Server(), dict[str, Any](authenticator=check_password)
    if scheme == "smtps":  # the library does not count its own TLS port as encrypted
        options |= {"ssl_context": served(certificate), "auth_require_tls": False}
    else:
        options |= {"tls_context": served(certificate), "require_starttls": True, "auth_required": True}
    with running(server, **options) as there:
        user = f"dukao:{PASSWORD}@"
        way = sender(scheme, there.port, user=user, context=trusting(certificate), timeout=5)
        assert outbox.deliver(way, NOW) == {"sent": 1}
        wrong = sender(scheme, there.port, user="dukao:no@", context=trusting(certificate), timeout=5)
        tell(builders.user("b"), key="issue:2")
        assert outbox.deliver(wrong, NOW) == {"retry": 1}
    assert len(server.got) == 1
    failed = Message.get(Message.state == MessageState.RETRY)
    assert failed.error.splitlines()[1].startswith("535")
    assert PASSWORD not in failed.error


@pytest.mark.parametrize("scheme", ["smtps", "starttls"])
def test_a_certificate_that_nobody_vouches_for_gets_no_mail(
    database: Database, certificate: tuple[Path, Path], scheme: str
) -> None:
    tell(builders.user("a"))
    server = Server()
    option = "ssl_context" if scheme == "smtps" else "tls_context"
    # The library's own start waits for a plain greeting, which a TLS port does not give to strangers.
    with running(server, **{option: served(certificate)}) as there:
        assert outbox.deliver(sender(scheme, there.port, timeout=5), NOW) == {"retry": 1}
    assert server.got == []
    assert mail().error.splitlines()[0] == "The mail server's certificate is not trusted."


# ---- servers that misbehave: a plain socket that says what it is told to


def _hangs(line: socket.socket, let_go: threading.Event) -> None:
    let_go.wait(10)


def _drip(line: socket.socket, let_go: threading.Event, words: bytes) -> None:
    """Never silent for as long as a time-out, and never at an end."""
    for byte in words + b"." * 200:
        line.sendall(bytes([byte]))
        if let_go.wait(0.05):
            return


def _drips_its_greeting(line: socket.socket, let_go: threading.Event) -> None:
    _drip(line, let_go, b"220 ")


def _drips_its_answer(line: socket.socket, let_go: threading.Event) -> None:
    _talk(line, lambda it: _drip(it, let_go, b"250 "))


def _drops(line: socket.socket, _let_go: threading.Event) -> None:
    line.shutdown(socket.SHUT_RDWR)


def _refuses(line: socket.socket, _let_go: threading.Event) -> None:
    line.sendall(b"554 no service here\r\n")


def _says_nonsense(line: socket.socket, _let_go: threading.Event) -> None:
    line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def _talk(line: socket.socket, at_end: Callable[[socket.socket], None], **answers: bytes) -> None:
    """A conversation up to the end of the text, then `at_end`."""
    line.sendall(b"220 here\r\n")
    in_text, got = False, b""
    while some := line.recv(4096):
        got += some
        while b"\r\n" in got:
            said, _, got = got.partition(b"\r\n")
            if in_text:
                if said == b".":
                    at_end(line)
                    return
                continue
            word = said[:4].upper().decode()
            in_text = word == "DATA"
            line.sendall(answers.get(word, b"354 go on\r\n" if in_text else b"250 OK\r\n"))


def _accepts_and_drops(line: socket.socket, _let_go: threading.Event) -> None:
    _talk(line, lambda it: it.shutdown(socket.SHUT_RDWR))


def _accepts_and_hangs(line: socket.socket, let_go: threading.Event) -> None:
    _talk(line, lambda _it: _hangs(line, let_go))


def _is_full(line: socket.socket, _let_go: threading.Event) -> None:
    _talk(line, lambda it: it.sendall(b"452 no room\r\n"))


def _finds_it_spam(line: socket.socket, _let_go: threading.Event) -> None:
    _talk(line, lambda it: it.sendall(b"554 looks like spam\r\n"))


def _refuses_sender(line: socket.socket, _let_go: threading.Event) -> None:
    _talk(line, lambda _it: None, MAIL=b"550 sender unknown\r\n")


def _closes_for_today(line: socket.socket, _let_go: threading.Event) -> None:
    _talk(line, lambda _it: None, RCPT=b"421 closing\r\n")


@contextmanager
def behaving(how: Callable[[socket.socket, threading.Event], None]) -> Iterator[int]:
    """A server on a port of its own that treats every connection like this."""
    let_go, door = threading.Event(), socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _where = door.accept()
            except OSError:
                return
            with line:
                try:
                    how(line, let_go)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield int(door.getsockname()[1])
    finally:
        let_go.set()
        door.shutdown(socket.SHUT_RDWR)
        door.close()
        thread.join(5)


#: What the server does → state, first line of the reason, and how many of three mails were tried in the pass.
FAULTS = [
    (_hangs, "retry", "The mail server does not answer in time.", 1),
    (_drops, "retry", "The mail server broke off.", 1),
    (_drips_its_greeting, "retry", "The mail server does not answer in time.", 1),
    (_drips_its_answer, "retry", "The mail server does not answer in time.", 1),
    (_refuses, "retry", "The mail server refuses the connection or the sign-in as it is set.", 1),
    (_says_nonsense, "retry", "What answers there is no mail server.", 1),
    (_accepts_and_drops, "retry", "The mail server broke off.", 1),
    (_accepts_and_hangs, "retry", "The mail server does not answer in time.", 1),
    (_is_full, "retry", "The mail server does not take this mail now.", 3),
    (_finds_it_spam, "dead", "The mail server refused the sender or the text of this mail.", 3),
    (_refuses_sender, "dead", "The mail server refused the sender or the text of this mail.", 3),
    (_closes_for_today, "retry", "The mail server does not take this mail now.", 3),
]


@pytest.mark.parametrize(
    ("how", "state", "reason", "tried"), FAULTS, ids=[row[0].__name__[1:] for row in FAULTS]
)
def test_each_fault_of_a_mail_server_has_its_outcome_and_an_end(
    database: Database, how: Any, state: str, reason: str, tried: int
) -> None:
    tell(*[builders.user(name) for name in ("a", "b", "c")])
    began = time.monotonic()
    with behaving(how) as port:
        assert outbox.deliver(sender("smtp", port), NOW) == {state: tried}
    assert time.monotonic() - began < 6
    rows = list(Message.select().where(Message.state == state).order_by(Message.id))
    assert {row.error.splitlines()[0] for row in rows} == {reason}
    assert {row.next_try_at for row in rows} == {NOW + timedelta(minutes=1) if state == "retry" else None}
    assert [row.result.value for row in DeliveryAttempt.select()] == [state] * tried


def test_accepted_and_dropped_a_mail_goes_again_under_its_message_id(database: Database) -> None:
    tell(builders.user("a"))
    with behaving(_accepts_and_drops) as port:
        outbox.deliver(sender("smtp", port), NOW)
    server = Server()
    with running(server) as there:
        assert outbox.deliver(sender("smtp", there.port), NOW + timedelta(minutes=1)) == {"sent": 1}
    assert mail().message_id.encode() in server.got[0].content


def test_after_a_refused_receiver_the_same_connection_serves_the_next(database: Database) -> None:
    tell(*[builders.user(name) for name in ("gone", "a", "b")])
    server = Server()
    server.refuse = {"gone@example.cn": "550 no such user"}
    met: list[int] = []

    async def handle_ehlo(_server: Any, session: Any, _envelope: Any, hostname: str, responses: Any) -> Any:
        session.host_name = hostname
        met.append(1)
        return responses

    server.handle_EHLO = handle_ehlo  # type: ignore[attr-defined]  # the library asks for it by name
    with running(server) as there:
        assert outbox.deliver(sender("smtp", there.port, timeout=5), NOW) == {"dead": 1, "sent": 2}
    assert len(met) == 1


# ---- receivers who have left


def test_who_was_disabled_or_left_the_post_yesterday_is_told_no_more_and_the_centre_says_so(
    database: Database,
) -> None:
    here = builders.programme()
    unit = builders.unit("市水务局")
    stays, left, closed, later = (
        builders.user(name, Role.LIAISON, here, unit) for name in ("stays", "left", "closed", "later")
    )
    messages.notify(
        event=events.PLAN_CHANGED, key="change:1", to=[stays, left, closed, later],
        fields={"what": "变更", "number": 1, "reason": "理由"}, link="/", programme_id=here.id, now=NOW,
    )  # fmt: skip
    Posting.update(valid_to=date(2021, 5, 31)).where(Posting.user == left).execute()
    Posting.update(valid_from=date(2021, 7, 1)).where(Posting.user == later).execute()
    User.update(active=False).where(User.id == closed.id).execute()
    sent = Recorder()
    assert outbox.deliver(sent, NOW) == {"sent": 2}
    mails = Message.select().where(Message.channel == Channel.MAIL)
    said = {row.person.username: (row.state.value, row.error) for row in mails}
    assert said["left"] == ("cancelled", "Its receiver had left the post before it was sent.")
    assert said["closed"] == ("cancelled", "Its receiver's account was closed before it was sent.")
    assert (said["stays"][0], said["later"][0]) == ("sent", "sent")
    assert {row.attempts for row in mails.where(Message.state == MessageState.CANCELLED)} == {0}


def test_a_digest_says_nothing_of_a_unit_that_its_receiver_answers_for_no_more(database: Database) -> None:
    """Moved to another unit of the same programme yesterday: the old unit's report is not theirs to read."""
    programme, units = city(2)
    moved = User.get(User.username == "liaison1")
    reminders.queue(FRIDAY)
    Posting.update(valid_to=date(2021, 6, 10)).where(Posting.user == moved).execute()
    builders.posting(moved, Role.LIAISON, programme, units[1], valid_from=date(2021, 6, 11))
    assert outbox.deliver(Recorder(), FRIDAY) == {"sent": 1}
    letter = Message.get((Message.recipient == moved) & (Message.channel == Channel.MAIL))
    assert letter.state is MessageState.CANCELLED
    assert letter.error == "Its receiver had left the post before it was sent."
    rows = Reminder.select().where((Reminder.message == letter) & Reminder.cancelled_at.is_null())
    assert rows.count() == 0


def test_a_reminder_that_is_no_digest_of_a_day_is_not_cancelled_as_an_empty_one(database: Database) -> None:
    """Kinds are for readers; whether a message carries rows is told by its key."""
    here, unit = builders.programme(), builders.unit("市水务局")
    person = builders.user("liaison", Role.LIAISON, here, unit)
    fields = {
        "programme": "改造",
        "unit": "市水务局",
        "rule": "月报",
        "period": "6月",
        "day": "6月5日",
        "left": "今天",
    }
    messages.notify(
        event=events.REMINDER_ONE, key="single:1", to=[person], fields=fields, programme_id=here.id, now=NOW
    )
    assert outbox.deliver(Recorder(), NOW) == {"sent": 1}
