"""The inbox: mine only, by day, narrowed by the address, marked in bulk and back, and what still wants an act of me."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from peewee import Database, SqliteDatabase

from supervisor.core import events, inbox, messages
from supervisor.core.inbox import Filter, Show
from supervisor.core.message_events import MessageEvent
from supervisor.core.message_fields import Value
from supervisor.core.permissions import Actor
from supervisor.database import count_queries, db
from supervisor.models import (
    AssignmentState,
    Channel,
    Decision,
    InstructedUnit,
    Instruction,
    InstructionKind,
    Message,
    MessageKind,
    MessageState,
    Obligation,
    ObligationState,
    Posting,
    Programme,
    Reminder,
    Role,
    Unit,
    User,
)
from tests import builders
from tests.builders import NOW
from tests.conftest import login

FIELDS: dict[str, dict[str, Value]] = {
    "plan.changed": {"what": "", "number": 1, "reason": "说明"},
    "report.returned": {"period": "5月", "day": "6月5日", "reasons": ["少照片"]},
    "report.approval": {"what": "5月报告"},
    "plan.issued": {"plan": "方案", "unit": "单位", "leads": 1, "others": 0},
    "decision.proposed": {"what": "考核人", "reason": "回避"},
    "instruction.decision": {"text": "报开工台数", "day": "6月9日"},
}


@pytest.fixture
def programme(database: Database) -> Programme:
    return builders.programme()


@pytest.fixture
def unit(programme: Programme) -> Unit:
    return builders.unit("市城建局")


@pytest.fixture
def liaison(programme: Programme, unit: Unit) -> User:
    return builders.user("liaison", Role.LIAISON, programme, unit)


def tell(
    person: User,
    key: str,
    *,
    event: MessageEvent = events.PLAN_CHANGED,
    programme: Programme | None = None,
    unit: Unit | None = None,
    about: int | None = None,
    reason: str = "说明",
    days: int = 0,
    link: str = "/p/1/reports",
) -> Message:
    """One message in the inbox, some days after NOW."""
    fields = dict(FIELDS[event.key])
    if event is events.PLAN_CHANGED:
        fields |= {"what": f"主题{key}", "reason": reason}
    messages.notify(
        event=event, key=key, to=[person], fields=fields, link=link,
        programme_id=programme.id if programme else None, unit_id=unit.id if unit else None, about=about,
        now=NOW + timedelta(days=days),
    )  # fmt: skip
    return Message.get(Message.key == f"{key}:{person.id}:inbox")


def me(person: User) -> Actor:
    return Actor(user_id=person.id, name=person.name)


def shown(person: User, wanted: Filter | None = None) -> list[str]:
    """Subjects on the first page."""
    found = inbox.page(me(person), wanted or Filter(), now=NOW)
    return [row.subject.removeprefix("主题") for row in found.rows]


def to_do(person: User) -> int:
    """How many messages still want an act."""
    return len(inbox.page(me(person), Filter(), now=NOW).wanting)


# ---- reading


def test_an_empty_inbox_says_what_will_appear(client: FlaskClient, liaison: User) -> None:
    login(client, liaison)
    assert "没有消息" in client.get("/messages").text
    assert "没有待办事项" in client.get("/messages?show=todo").text
    assert "没有符合筛选条件的消息" in client.get("/messages?q=改造").text


def test_opening_marks_as_read_and_leads_to_the_record(client: FlaskClient, liaison: User) -> None:
    first = tell(liaison, "甲")
    tell(liaison, "乙")
    login(client, liaison)
    assert "2条未读消息" in client.get("/messages").text
    answer = client.post("/messages", data={"open": first.id})
    assert (answer.status_code, answer.location) == (303, "/p/1/reports")
    assert "1条未读消息" in client.get("/messages").text
    assert shown(liaison, Filter(show=Show.UNREAD)) == ["乙"]


def test_a_link_never_leads_out_of_the_house(client: FlaskClient, liaison: User) -> None:
    message = tell(liaison, "甲", link="//evil.example/x")
    assert login(client, liaison).post("/messages", data={"open": message.id}).location == "/"


def test_messages_stand_under_their_days_newest_first(client: FlaskClient, liaison: User) -> None:
    for n in (0, 0, 1):
        tell(liaison, f"第{n}{Message.select().count()}", days=n)
    page = login(client, liaison).get("/messages").text
    heads = re.findall(r'scope="rowgroup">(.*?)</th>', page)
    assert [head.strip() for head in heads] == ["2021年6月2日周三", "今天 · 2021年6月1日周二"]


# ---- marking, and back


def test_chosen_messages_are_marked_and_only_ones_own(client: FlaskClient, liaison: User) -> None:
    mine, other = tell(liaison, "甲"), tell(builders.user("other"), "乙")
    login(client, liaison)
    answer = client.post("/messages?show=unread", data={"do": "read", "message": [mine.id, other.id]})
    assert "show=unread" in answer.location
    assert Message.get_by_id(mine.id).read_at == NOW
    assert Message.get_by_id(other.id).read_at is None
    assert client.post("/messages", data={"open": other.id}).status_code == 404
    client.post("/messages", data={"do": "unread", "message": [mine.id, other.id]})
    assert Message.get_by_id(mine.id).read_at is None


def test_all_of_a_filter_is_marked_and_undone_without_touching_what_was_read_before(
    client: FlaskClient, programme: Programme, liaison: User
) -> None:
    before, inside = tell(liaison, "先读", programme=programme), tell(liaison, "要读", programme=programme)
    outside = tell(liaison, "别的")
    login(client, liaison)
    client.post("/messages", data={"do": "read", "message": before.id})
    answer = client.post(f"/messages?programme={programme.id}", data={"do": "all"})
    page = client.get(answer.location).text
    assert "已将1条消息标为已读" in page
    assert "撤销" in page
    assert Message.get_by_id(outside.id).read_at is None
    # The same still clock for both: the second marking has an instant of its own.
    assert Message.get_by_id(inside.id).read_at == NOW + timedelta(microseconds=1)
    client.post(answer.location.partition("#")[0], data={"do": "undo"})
    assert Message.get_by_id(inside.id).read_at is None
    assert Message.get_by_id(before.id).read_at == NOW


@pytest.mark.parametrize(
    "query", ["done=nonsense", "done=2021-06-01", "before=x.y", "from=31", "kind=odd&unit=²"]
)
def test_an_address_that_nobody_wrote_shows_the_inbox(client: FlaskClient, liaison: User, query: str) -> None:
    tell(liaison, "甲")
    login(client, liaison)
    assert "主题甲" in client.get(f"/messages?{query}").text
    assert client.post(f"/messages?{query}", data={"do": "undo"}).status_code == 303


def test_more_than_a_batch_is_marked_and_undone(liaison: User) -> None:
    many(liaison, 3 * inbox.BATCH // 2)
    done = inbox.mark_all_read(Filter(), by=me(liaison), now=NOW)
    assert done.count == 3 * inbox.BATCH // 2
    assert inbox.undo(done.at, by=me(liaison)) == done.count
    assert inbox.undo(done.at, by=me(liaison)) == 0


# ---- narrowing


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(kind=MessageKind.RETURN), ["退"]),
        (Filter(kind=MessageKind.ALARM), []),
        (Filter(first=date(2021, 6, 2)), ["退", "丙"]),
        (Filter(last=date(2021, 6, 1)), ["乙", "甲"]),
        (Filter(words="管网改造"), ["乙"]),
        (Filter(words="改造 甲"), ["甲"]),
        (Filter(words="100%"), []),
        (Filter(words="ＢＣＣ"), ["丙"]),
        (Filter(show=Show.UNREAD, words="主题"), ["丙", "乙"]),
    ],
    ids=lambda value: "" if isinstance(value, list) else None,
)
def test_a_filter_narrows(programme: Programme, liaison: User, wanted: Filter, found: list[str]) -> None:
    first = tell(liaison, "甲", reason="老旧小区改造")
    tell(liaison, "乙", reason="管网改造")
    tell(liaison, "丙", reason="bcc", days=1)
    tell(liaison, "退", event=events.REPORT_RETURNED, days=1)
    inbox.mark_read([first.id], by=me(liaison), now=NOW)
    subjects = ["退" if "退回" in subject else subject for subject in shown(liaison, wanted)]
    assert subjects == found


def test_programmes_and_units_of_ones_messages_can_be_chosen(
    client: FlaskClient, programme: Programme, liaison: User, unit: Unit
) -> None:
    other = builders.programme("另一专项")
    tell(liaison, "甲", programme=programme, unit=unit)
    tell(liaison, "乙", programme=other, unit=builders.unit("市水务局"))
    assert shown(liaison, Filter(programme_id=other.id)) == ["乙"]
    assert shown(liaison, Filter(unit_id=unit.id)) == ["甲"]
    page = login(client, liaison).get("/messages").text
    assert all(name in page for name in ("另一专项", "市城建局", "市水务局", "全部单位"))


def test_what_was_not_looked_through_is_looked_through_on_asking(
    liaison: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "LOOK", 20)
    tell(liaison, "旧", reason="管网")
    many(liaison, 30)
    wanted = Filter(words="管网")
    seen: list[str] = []
    found, pages = inbox.page(me(liaison), wanted, now=NOW), 1
    while found.following is not None:
        assert found.looked
        seen += [row.subject for row in found.rows]
        found, pages = inbox.page(me(liaison), wanted, after=found.following, now=NOW), pages + 1
    assert (pages, [row.subject for row in found.rows]) == (2, ["主题旧"])


# ---- what still wants an act of me


def test_a_return_is_to_do_until_the_report_is_in(programme: Programme, liaison: User, unit: Unit) -> None:
    owed = builders.obligation(unit, programme)
    _set(owed, ObligationState.RETURNED)
    tell(liaison, "退", event=events.REPORT_RETURNED, programme=programme, unit=unit, about=owed.id)
    tell(liaison, "别的", programme=programme)
    assert len(shown(liaison, Filter(show=Show.TO_DO))) == to_do(liaison) == 1
    _set(owed, ObligationState.SUBMITTED)
    assert shown(liaison, Filter(show=Show.TO_DO)) == []
    assert inbox.page(me(liaison), Filter(), now=NOW).wanting == frozenset()


def test_of_several_reminders_of_a_report_the_newest_is_to_do(
    programme: Programme, liaison: User, unit: Unit
) -> None:
    owed = builders.obligation(unit, programme)
    told = [_reminded(liaison, owed, f"d{n}") for n in range(3)]
    assert inbox.page(me(liaison), Filter(), now=NOW).wanting == {told[-1].id}
    after_the_lock = NOW + timedelta(days=60)
    assert inbox.page(me(liaison), Filter(), now=after_the_lock).wanting == frozenset()


def test_a_digest_stays_to_do_while_one_of_its_reports_is_owed(
    programme: Programme, liaison: User, unit: Unit
) -> None:
    may, june = builders.obligation(unit, programme), builders.obligation(unit, programme, "2021-04")
    digest = _reminded(liaison, may, "d")
    _remind(liaison, june, digest)
    _set(may, ObligationState.SUBMITTED)
    assert len(shown(liaison, Filter(show=Show.TO_DO))) == 1
    _set(june, ObligationState.SUBMITTED)
    assert shown(liaison, Filter(show=Show.TO_DO)) == []


def test_who_has_left_the_post_owes_nothing_by_it(programme: Programme, liaison: User, unit: Unit) -> None:
    owed = builders.obligation(unit, programme)
    _set(owed, ObligationState.RETURNED)
    tell(liaison, "退", event=events.REPORT_RETURNED, about=owed.id)
    Posting.update(valid_to=date(2021, 5, 31)).where(Posting.user == liaison).execute()
    assert shown(liaison, Filter(show=Show.TO_DO)) == []


def test_approval_is_the_heads_to_do_alone(programme: Programme, liaison: User, unit: Unit) -> None:
    head = builders.user("head", Role.UNIT_HEAD, programme, unit)
    owed = builders.obligation(unit, programme)
    _set(owed, ObligationState.WITH_HEAD)
    for person in (head, liaison):
        tell(person, "批", event=events.APPROVAL_ASKED, about=owed.id)
    assert (to_do(head), to_do(liaison)) == (1, 0)
    _set(owed, ObligationState.SUBMITTED)
    assert to_do(head) == 0


def test_issued_tasks_are_to_do_until_that_unit_has_signed(
    programme: Programme, liaison: User, unit: Unit
) -> None:
    second = builders.unit("市水务局")
    builders.posting(liaison, Role.LIAISON, programme, second)
    task = builders.task(builders.plan(programme))
    links = [builders.assignment(task, one, state=AssignmentState.ISSUED) for one in (unit, second)]
    for n, one in enumerate((unit, second)):
        tell(liaison, f"发{n}", event=events.PLAN_ISSUED, unit=one, about=task.plan_id)
    assert to_do(liaison) == 2
    links[0].state = AssignmentState.ACKNOWLEDGED
    links[0].save()
    left = inbox.page(me(liaison), Filter(show=Show.TO_DO), now=NOW).rows
    assert [row.unit_id for row in left] == [second.id]


def test_a_proposal_is_the_leaders_to_do_until_decided(programme: Programme) -> None:
    leader = builders.user("leader", Role.LEADER, programme)
    row = Decision.create(programme=programme, kind="x", subject="考核人", proposed_at=NOW)
    tell(leader, "决", event=events.DECISION_PROPOSED, about=row.id)
    assert to_do(leader) == 1
    Decision.update(approved=True).execute()
    assert to_do(leader) == 0


def test_an_instruction_is_to_do_until_the_unit_is_done(
    programme: Programme, liaison: User, unit: Unit
) -> None:
    row = Instruction.create(
        programme=programme, kind=InstructionKind.DECISION, period="2021-05", text="报", due_on=date(2021, 6, 9),
        recorded_at=NOW, recorded_by=1, by_name="办",
    )  # fmt: skip
    part = InstructedUnit.create(instruction=row, unit=unit)
    tell(liaison, "交", event=events.DECISION_RECORDED, about=row.id)
    assert to_do(liaison) == 1
    InstructedUnit.update(done_on=date(2021, 6, 3)).where(InstructedUnit.id == part.id).execute()
    assert to_do(liaison) == 0


# ---- cost


def test_pages_go_on_by_day_and_number_and_their_queries_do_not_grow(
    client: FlaskClient, programme: Programme, liaison: User, unit: Unit, database: Database
) -> None:
    tell(liaison, "一", programme=programme, unit=unit)
    login(client, liaison)
    client.get("/messages")
    with count_queries(database) as few:
        client.get("/messages")
    for n in range(60):
        owed = builders.obligation(unit, programme, f"{1990 + n}-05")
        _set(owed, ObligationState.RETURNED)
        tell(
            liaison,
            f"后{n}",
            event=events.REPORT_RETURNED,
            programme=programme,
            unit=unit,
            about=owed.id,
            days=n // 7,
        )
    with count_queries(database) as many_:
        page = client.get("/messages").text
    assert len(few) == len(many_)
    assert page.count('name="open"') == 50
    assert page.count("待报送") == 50
    following = re.search(r'href="([^"]*before=[^"]*)"', page)
    assert following
    assert client.get(following[1].replace("&amp;", "&")).text.count('name="open"') == 11


#: By filter, whether a few rows may be sorted: those looked through (LOOK at most), or those of open records.
PLANS = [
    (Filter(), False),
    (Filter(show=Show.UNREAD), False),
    (Filter(first=date(2021, 6, 1), last=date(2021, 6, 3)), False),
    (Filter(show=Show.TO_DO), True),  # by id, and what is to do is little
    (Filter(words="管网"), True),
    (Filter(show=Show.UNREAD, kind=MessageKind.ALARM), True),
]


@pytest.mark.parametrize(
    ("wanted", "sorts"), PLANS, ids=["all", "unread", "days", "to do", "words", "kind of unread"]
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_page_reads_by_index_and_stops(
    programme: Programme, liaison: User, unit: Unit, wanted: Filter, *, sorts: bool, database: Database
) -> None:
    """No plan walks the table, and what an index orders is not sorted: a page costs the same however much there is."""
    owed = builders.obligation(unit, programme)
    _set(owed, ObligationState.RETURNED)
    tell(liaison, "退", event=events.REPORT_RETURNED, about=owed.id)
    many(liaison, 3000)
    many(builders.user("other"), 1000)
    database.execute_sql("ANALYZE")
    after = inbox.Cursor(date(2021, 6, 20), 10**6)
    asked = _asked(database, lambda: inbox.page(me(liaison), wanted, after=after, now=NOW))
    for sql, values in asked:
        messages_of = re.findall(r'"message" AS "(t\d+)"|"reminder" AS "(t\d+)"', sql)
        names = {name for pair in messages_of for name in pair if name}
        steps = [line for line in _plan(database, sql, values) if set(line.split()) & names]
        assert [line for line in steps if not line.startswith("SEARCH")] == []
    todo, of_page = _plan(database, *asked[0]), _plan(database, *asked[1])
    # What is to do is found from the records: nothing walks all that the person got or was reminded of.
    assert [line for line in todo if "message_recipient_id" in line and "about=?" not in line] == []
    assert [line for line in todo if "reminder_recipient" in line] == []
    by_id = wanted.show is Show.TO_DO
    found = "INTEGER PRIMARY KEY" if by_id else "message_recipient_id_channel_"
    assert any(found in line for line in of_page)
    assert sorts or [line for line in of_page if "B-TREE FOR ORDER BY" in line] == []


def test_the_plan_of_an_inbox_sorted_otherwise_would_be_seen(database: Database, liaison: User) -> None:
    """The control: by subject there is no index, and the check above says so."""
    if not isinstance(database, SqliteDatabase):
        pytest.skip("plans are compared on SQLite")
    query = Message.select().where(Message.recipient == liaison).order_by(Message.subject).limit(50)
    assert [line for line in _plan(database, *query.sql()) if "B-TREE FOR ORDER BY" in line]


def _asked(database: Database, act: Callable[[], object]) -> list[tuple[str, Any]]:
    """Statements run by `act`, with their values."""
    seen: list[tuple[str, Any]] = []

    def hook(event: Any) -> None:
        seen.append((event.sql, event.params))

    database.query_hooks.append(hook)
    try:
        act()
    finally:
        database.query_hooks.remove(hook)
    return seen


def _plan(database: Database, sql: str, values: Any) -> list[str]:
    return [row[3] for row in database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()]


def many(person: User, count: int) -> None:
    """Messages of other days, all unread, written in one go."""
    start = Message.select().count()
    day = NOW.date()
    rows = [
        {
            "recipient": person.id, "channel": Channel.INBOX, "kind": MessageKind.DECISION, "event": "report.accepted",
            "key": f"many:{start + n}", "day": day + timedelta(days=n % 30), "subject": f"主题{n}", "body": "说明",
            "state": MessageState.SENT, "created_at": NOW,
        }
        for n in range(count)
    ]  # fmt: skip
    with db.atomic():
        for begin in range(0, count, 50):
            Message.insert_many(rows[begin : begin + 50]).execute()


def _set(obligation: Obligation, state: ObligationState) -> None:
    Obligation.update(state=state).where(Obligation.id == obligation.id).execute()


def _reminded(person: User, owed: Obligation, key: str) -> Message:
    """A digest in the inbox that carries this report."""
    messages.post(
        event=events.REMINDER_ONE, key=key, person=person, channel=Channel.INBOX, subject=f"主题{key}", body="",
        link="", programme_id=None, now=NOW,
    )  # fmt: skip
    message = Message.get(Message.key == key)
    _remind(person, owed, message)
    return message


def _remind(person: User, owed: Obligation, message: Message) -> None:
    Reminder.create(
        obligation=owed, stage=f"before:{message.id}", recipient=person, channel=Channel.INBOX, schedule_version=1,
        due_on=owed.due_on, message=message, created_at=NOW,
    )  # fmt: skip
