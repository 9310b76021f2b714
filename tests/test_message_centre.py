"""The message centre: the last days in figures, sending many again, filters, and pages that do not notice a million."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from peewee import Database, SqliteDatabase

from supervisor.bulk import insert_rows
from supervisor.config import Config
from supervisor.core import delivery_figures, mail, mailbox
from supervisor.core.delivery_figures import share
from supervisor.core.inbox import Cursor
from supervisor.core.mailbox import Filter
from supervisor.core.permissions import Actor
from supervisor.database import count_queries, transaction
from supervisor.errors import NotFound, Refused
from supervisor.models import (
    AuditEntry,
    Channel,
    DeliveryAttempt,
    Message,
    MessageKind,
    MessageState,
    Programme,
    Reminder,
    Role,
    Tick,
    User,
)
from tests import builders
from tests.builders import NOW
from tests.conftest import StillClock, client_of, login, make_app

TODAY = date(2021, 6, 1)


@pytest.fixture
def programme(database: Database) -> Programme:
    return builders.programme()


@pytest.fixture
def liaison(programme: Programme) -> User:
    return builders.user("liaison", Role.LIAISON, programme, builders.unit("市城建局"))


@pytest.fixture
def office(programme: Programme) -> User:
    return builders.user("office", Role.LEAD_OFFICE, programme)


@pytest.fixture
def me(programme: Programme, office: User) -> Actor:
    return Actor(office.id, office.name, programme.id, frozenset({Role.LEAD_OFFICE}))


def write(programme: Programme | None, person: User | None, state: MessageState, **more: Any) -> Message:
    """One message as it stands after `state` has come about."""
    number = Message.select().count()
    values: dict[str, Any] = {
        "programme": programme, "recipient": person, "channel": Channel.MAIL, "kind": MessageKind.DECISION,
        "key": f"k{number}", "day": TODAY, "subject": f"主题{number}", "body": "", "state": state, "created_at": NOW,
    }  # fmt: skip
    return Message.create(**{**values, **more})


# Figures -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(0, 0, "–"), (0, 3, "0%"), (1, 3, "33.3%"), (2, 3, "66.6%"), (1999, 2000, "99.9%"), (7, 7, "100%")],
)
def test_a_share_is_rounded_down_so_that_100_per_cent_means_all(part: int, whole: int, said: str) -> None:
    assert share(part, whole) == said


def test_figures_count_each_state_by_channel_and_day_and_what_was_never_to_leave_is_not_in_the_rate(
    programme: Programme, liaison: User, me: Actor
) -> None:
    for state in [*MessageState, MessageState.SENT]:
        write(programme, liaison, state)
    inbox = {"channel": Channel.INBOX, "day": TODAY - timedelta(days=13)}
    write(programme, liaison, MessageState.SENT, read_at=NOW, **inbox)
    write(programme, liaison, MessageState.SENT, **inbox)
    write(programme, liaison, MessageState.SENT, channel=Channel.INBOX, day=TODAY - timedelta(days=14))
    write(builders.programme("另一专项"), liaison, MessageState.SENT)
    found = delivery_figures.figures(me, TODAY)
    sent, read = found.channels[Channel.MAIL], found.channels[Channel.INBOX]
    assert (sent.written, sent.sent, sent.waiting, sent.to_leave, sent.rate) == (9, 2, 2, 7, "28.5%")
    assert (read.written, read.sent, read.read, read.read_rate) == (2, 2, 1, "50%")
    assert [(day, list(channels)) for day, channels in found.days.items()] == [
        (TODAY, [Channel.MAIL]),
        (TODAY - timedelta(days=13), [Channel.INBOX]),
    ]


def test_a_digest_over_two_programmes_counts_in_both_and_in_no_third(
    programme: Programme, liaison: User, office: User, me: Actor
) -> None:
    other, third = builders.programme("另一专项"), builders.programme("第三专项")
    unit = builders.unit("市水务局")
    shared = write(None, liaison, MessageState.DEAD, kind=MessageKind.DIGEST)
    write(None, liaison, MessageState.DEAD, kind=MessageKind.INVITATION)
    for one in (programme, other):
        Reminder.create(
            obligation=builders.obligation(unit, one), stage="due:0", recipient=liaison, channel=Channel.MAIL,
            schedule_version=1, due_on=TODAY, message=shared, created_at=NOW,
        )  # fmt: skip
    for where, dead in ((programme, 1), (other, 1), (third, 0)):
        actor = Actor(office.id, office.name, where.id, frozenset({Role.LEAD_OFFICE}))
        sums = delivery_figures.figures(actor, TODAY).channels.get(Channel.MAIL)
        assert (sums.of(MessageState.DEAD) if sums else 0) == dead
        assert mailbox.counts(actor)["dead"] == dead
        for wanted in (Filter(), Filter(states=mailbox.ASKING)):
            assert len(mailbox.outbox(actor, wanted).rows) == dead
    assert list(mailbox.outbox(me, Filter(name=liaison.name)).rows) == [shared]


def test_a_robots_line_tells_its_messages_and_its_tries(programme: Programme, me: Actor) -> None:
    robot = builders.robot(programme)
    message = write(programme, None, MessageState.DEAD, robot=robot, channel=robot.channel)
    for fence, result in enumerate([MessageState.RETRY, MessageState.RETRY, MessageState.SENT]):
        DeliveryAttempt.create(
            message=message, robot=robot, channel=robot.channel, fence=fence, day=TODAY, at=NOW, result=result
        )
    (line,) = delivery_figures.figures(me, TODAY).robots
    assert (line.robot, line.sums.written, line.sums.rate, line.tries, line.failed_tries) == (
        robot,
        1,
        "0%",
        3,
        2,
    )


def test_days_that_hold_too_much_are_left_out_whole_and_the_page_says_so(
    programme: Programme, liaison: User, me: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_figures, "BOUND", 5)
    for back, count in ((0, 2), (1, 2), (2, 2), (3, 1)):
        for _ in range(count):
            write(programme, liaison, MessageState.SENT, day=TODAY - timedelta(days=back))
    found = delivery_figures.figures(me, TODAY)
    assert (found.first, found.cut, found.channels[Channel.MAIL].written) == (
        TODAY - timedelta(days=1),
        True,
        4,
    )


def test_every_figure_leads_to_as_many_messages_as_it_says(
    client: FlaskClient, programme: Programme, liaison: User, office: User
) -> None:
    robot = builders.robot(programme)
    for number, state in enumerate(MessageState):
        for _ in range(number + 1):
            write(programme, liaison, state, day=TODAY - timedelta(days=number))
        write(programme, None, state, robot=robot, channel=robot.channel)
    write(programme, liaison, MessageState.SENT, channel=Channel.INBOX, read_at=NOW)
    write(programme, liaison, MessageState.SENT, channel=Channel.INBOX)
    page = login(client, office).get(f"/p/{programme.id}/outbox").text
    section = page[
        page.index('<section class="delivery">') : page.index("</section>", page.index('class="delivery"'))
    ]
    links = re.findall(r'<a(?: class="late")? href="([^"]+)">(\d+)</a>', section)
    assert len(links) > 40
    for address, said in links:
        shown = client.get(address.replace("&amp;", "&")).text
        assert (address, shown.count("<tr data-href")) == (address, int(said))


# Sending again -------------------------------------------------------------------------------------------------


def _again() -> list[str]:
    return [row.action for row in AuditEntry.select() if row.action == "message.send_again"]


def test_the_chosen_ones_are_sent_again_together_each_on_record(
    client: FlaskClient, programme: Programme, liaison: User, office: User
) -> None:
    rows = [write(programme, liaison, state) for state in (MessageState.DEAD, MessageState.UNKNOWN)]
    page = login(client, office).get(f"/p/{programme.id}/outbox").text
    assert page.index("待处理") < page.index("近14天") < page.index("全部消息")
    data = {"_once": "k1", "message": [str(row.id) for row in rows]}
    answer = client.post(f"/p/{programme.id}/outbox?show=asking&_external=1", data=data)
    assert (answer.status_code, answer.location) == (303, f"/p/{programme.id}/outbox?show=asking")
    assert {row.state for row in Message.select()} == {MessageState.NEW}
    assert len(_again()) == 2
    client.post(f"/p/{programme.id}/outbox", data=data | {"_once": "k2", "message": []})
    assert len(_again()) == 2


def test_one_that_cannot_be_sent_again_keeps_all_where_they_are_and_is_named(
    programme: Programme, liaison: User, me: Actor
) -> None:
    dead, sent = write(programme, liaison, MessageState.DEAD), write(programme, liaison, MessageState.SENT)
    foreign = write(builders.programme("另一专项"), liaison, MessageState.DEAD)
    with pytest.raises(Refused) as refused:
        mailbox.send_chosen_again([dead.id, sent.id], by=me, now=NOW)
    assert sent.subject in str(refused.value)
    with pytest.raises(NotFound):
        mailbox.send_chosen_again([dead.id, foreign.id], by=me, now=NOW)
    with pytest.raises(Refused):
        mailbox.send_chosen_again([], by=me, now=NOW)
    with pytest.raises(Refused):
        mailbox.send_chosen_again(range(51), by=me, now=NOW)
    assert [row.state for row in Message.select().order_by(Message.id)] == [
        dead.state,
        sent.state,
        foreign.state,
    ]
    assert _again() == []


# Filters and state ---------------------------------------------------------------------------------------------


def test_messages_are_found_by_robot_person_and_unit(programme: Programme, liaison: User, me: Actor) -> None:
    robot, other = builders.robot(programme), builders.robot(programme, name="另一个群")
    unit = builders.unit("市水务局")
    head = builders.user("shuiwu", Role.UNIT_HEAD, programme, unit)
    of_robot = write(programme, None, MessageState.DEAD, robot=robot, channel=robot.channel)
    write(programme, None, MessageState.SENT, robot=other, channel=other.channel)
    to_head, to_liaison = (write(programme, person, MessageState.DEAD) for person in (head, liaison))
    write(builders.programme("另一专项"), head, MessageState.DEAD)
    cases = [
        (Filter(robot_id=robot.id), [of_robot]),
        (Filter(name=head.name), [to_head]),
        (Filter(name="没有这个人"), []),
        (Filter(unit_id=unit.id), [to_head]),
        (Filter(unit_id=unit.id, states=(MessageState.SENT,)), []),
        (Filter(channel=Channel.MAIL), [to_liaison, to_head]),
        (Filter(channel=robot.channel, robot_id=robot.id, states=(MessageState.DEAD,)), [of_robot]),
    ]
    for wanted, rows in cases:
        assert (wanted, list(mailbox.outbox(me, wanted).rows)) == (wanted, rows)


def test_what_no_index_tells_is_looked_for_further_back_when_asked(
    programme: Programme, liaison: User, me: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    alarm = write(programme, liaison, MessageState.SENT, kind=MessageKind.ALARM, day=date(2020, 5, 1))
    many(programme, liaison, 20)
    monkeypatch.setattr(mailbox, "LOOK", 15)
    wanted = Filter(kind=MessageKind.ALARM)
    first = mailbox.outbox(me, wanted)
    assert (first.rows, first.looked) == ((), True)
    second = mailbox.outbox(me, wanted, after=first.following)
    assert (second.rows, second.following) == ((alarm,), None)


def test_the_centre_says_when_the_last_pass_was_and_when_passes_have_stopped(
    client: FlaskClient, programme: Programme, office: User
) -> None:
    """D34."""
    page = login(client, office).get(f"/p/{programme.id}/outbox").text
    assert "提醒已停止" in page
    Tick.create(at=NOW, ran_at=datetime.now(UTC), milliseconds=3)
    page = client.get(f"/p/{programme.id}/outbox").text
    assert "提醒已停止" not in page
    assert 'class="hint pulse"' in page


def test_the_centre_says_that_the_mail_server_is_down_until_a_mail_goes_out(
    config: Config, clock: StillClock, programme: Programme, office: User, liaison: User
) -> None:
    client = client_of(make_app(replace(config, smtp_url="smtp://127.0.0.1:9"), clock))
    message = write(programme, liaison, MessageState.RETRY)

    def tried(result: MessageState, error: str) -> str:
        DeliveryAttempt.create(
            message=message, channel=Channel.MAIL, fence=DeliveryAttempt.select().count(), day=TODAY, at=NOW,
            result=result, error=error,
        )  # fmt: skip
        return login(client, office).get(f"/p/{programme.id}/outbox").text

    assert "邮件未能发出" in tried(MessageState.RETRY, f"{mail.SILENT.msgid}\n")
    assert "邮件服务器未在限定时间内应答" in client.get(f"/p/{programme.id}/outbox").text
    refused = tried(MessageState.DEAD, f"{mail.REFUSED.msgid}\n550 no such user")
    assert "邮件未能发出" not in refused, "one address that is refused is not the server's failure"
    tried(MessageState.UNKNOWN, mail.BROKE_OFF.msgid)
    assert "邮件未能发出" in tried(MessageState.SENDING, ""), "what is on its way says nothing yet"
    assert "邮件未能发出" not in tried(MessageState.SENT, "")


def test_what_was_kept_before_there_was_a_mail_server_is_pointed_at(
    config: Config, clock: StillClock, programme: Programme, office: User, liaison: User
) -> None:
    write(programme, liaison, MessageState.KEPT)
    client = client_of(make_app(replace(config, smtp_url="smtp://127.0.0.1:9"), clock))
    assert "有1条消息在未设置邮件服务器时留存" in login(client, office).get(f"/p/{programme.id}/outbox").text
    Message.update(state=MessageState.SENT).execute()
    assert "在未设置邮件服务器时留存" not in client.get(f"/p/{programme.id}/outbox").text


# A million -----------------------------------------------------------------------------------------------------


def many(programme: Programme | None, person: User, count: int, *, back: int = 1) -> None:
    """Messages of a year until `back` days ago, by inbox and mail in equal parts, one mail in 25 in trouble."""
    start = Message.select().count()
    of_mail = (MessageState.DEAD, MessageState.UNKNOWN, MessageState.CANCELLED)
    with transaction():
        insert_rows(
            Message,
            (
                {
                    "programme": programme and programme.id, "recipient": person.id, "kind": MessageKind.DECISION,
                    "channel": Channel.MAIL if n % 2 else Channel.INBOX, "key": f"many:{start + n}",
                    "day": TODAY - timedelta(days=back + (count - n) * 350 // count), "subject": "主题", "body": "说明",
                    "state": of_mail[n % 3] if n % 50 == 1 else MessageState.SENT, "created_at": NOW,
                    "read_at": None if n % 4 else NOW,
                }
                for n in range(count)
            ),
        )  # fmt: skip


#: A page's parts. What an index orders is read to the page's end; nothing reads what lies behind.
PARTS: dict[str, Callable[[Actor], object]] = {
    "all": mailbox.outbox,
    "further": lambda me: mailbox.outbox(me, after=Cursor(date(2021, 1, 5), 10**6)),
    "asking": lambda me: mailbox.outbox(me, Filter(states=mailbox.ASKING)),
    "mail": lambda me: mailbox.outbox(me, Filter(channel=Channel.MAIL)),
    "mail of days": lambda me: mailbox.outbox(
        me, Filter((MessageState.SENT,), Channel.MAIL, first=date(2021, 1, 5), last=date(2021, 1, 9))
    ),
    "read": lambda me: mailbox.outbox(me, Filter((MessageState.SENT,), Channel.INBOX, read=True)),
    "kind": lambda me: mailbox.outbox(me, Filter(kind=MessageKind.ALARM)),
    "person": lambda me: mailbox.outbox(me, Filter(name="liaison")),
    "counts": mailbox.counts,
    "trouble": lambda _me: mailbox.mail_trouble(),
    "figures": lambda me: delivery_figures.figures(me, TODAY),
}


def test_rows_read_for_a_page_do_not_grow_with_the_table(
    programme: Programme, liaison: User, me: Actor, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six times the messages are no more work, in rows and steps, not in time.

    The look is short, so that already the fewer messages fill each window that is read.
    """
    monkeypatch.setattr(mailbox, "LOOK", 10)
    monkeypatch.setattr(mailbox, "MANY", 10)
    other = builders.programme("另一专项")
    many(programme, liaison, 300, back=0)
    many(programme, liaison, 3_000, back=20)
    many(other, liaison, 600, back=20)
    many(None, liaison, 3_000, back=20)
    database.execute_sql("ANALYZE")
    few = {name: _rows_read(database, lambda part=part: part(me)) for name, part in PARTS.items()}  # type: ignore[misc]
    many(programme, liaison, 15_000, back=20)
    many(other, liaison, 3_000, back=20)
    many(None, liaison, 12_000, back=20)
    database.execute_sql("ANALYZE")
    work = {name: _rows_read(database, lambda part=part: part(me)) for name, part in PARTS.items()}  # type: ignore[misc]
    assert {name: (few[name], now) for name, now in work.items() if now > few[name] * 1.5 + 200} == {}


def test_a_count_of_the_whole_table_would_be_seen(
    programme: Programme, liaison: User, database: Database
) -> None:
    """The control: a bare count reads every row, and the measure says so."""
    many(programme, liaison, 1_000)
    few = _rows_read(database, lambda: Message.select().where(Message.subject != "无").count())
    many(programme, liaison, 5_000)
    assert _rows_read(database, lambda: Message.select().where(Message.subject != "无").count()) > few * 4


def _rows_read(database: Database, act: Callable[[], object]) -> int:
    """Rows that the statements of `act` touch (PostgreSQL), or the steps that they take (SQLite)."""
    if isinstance(database, SqliteDatabase):
        steps = [0]

        def count() -> int:
            steps[0] += 10
            return 0

        database.connection().set_progress_handler(count, 10)
        try:
            act()
        finally:
            database.connection().set_progress_handler(None, 0)
        return steps[0]
    asked: list[tuple[str, Any]] = []
    database.query_hooks.append(lambda event: asked.append((event.sql, event.params)))
    try:
        act()
    finally:
        database.query_hooks.pop()
    plans = [
        database.execute_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values).fetchone()
        for sql, values in asked
    ]
    return sum(
        _touched((json.loads(row[0]) if isinstance(row[0], str) else row[0])[0]["Plan"]) for row in plans
    )


def _touched(node: dict[str, Any]) -> int:
    own = 0
    if "Relation Name" in node or "Index Name" in node:
        left_out = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        own = int((node["Actual Rows"] + left_out) * node["Actual Loops"])
    return own + sum(_touched(child) for child in node.get("Plans", []))


def test_the_pages_queries_do_not_grow_with_its_messages(
    client: FlaskClient, programme: Programme, liaison: User, office: User, database: Database
) -> None:
    robot = builders.robot(programme)
    write(programme, None, MessageState.DEAD, robot=robot, channel=robot.channel)
    address = f"/p/{programme.id}/outbox"
    login(client, office).get(address)
    with count_queries(database) as few:
        client.get(address)
    more = builders.robot(programme, name="另一个群")
    for _ in range(30):
        write(programme, None, MessageState.DEAD, robot=more, channel=more.channel)
    many(programme, liaison, 300, back=0)
    with count_queries(database) as lots:
        client.get(address)
    assert len(few) == len(lots)
