"""The message centre: the office sees its programme's messages and their fate."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import events, messages, outbox
from supervisor.core.outbox import SendError
from supervisor.database import count_queries
from supervisor.models import Channel, Message, MessageKind, MessageState, Programme, Role, User
from tests import builders
from tests.builders import NOW
from tests.conftest import login
from tests.test_core_messages import Recorder


def tell(
    programme: Programme, person: User, key: str, link: str = "/p/1/reports", body: str = "说明"
) -> None:
    messages.notify(
        event=events.PLAN_CHANGED,
        key=key,
        to=[person],
        fields={"what": f"主题{key}", "number": 1, "reason": body},
        link=link,
        programme_id=programme.id,
        now=NOW,
    )


@pytest.fixture
def programme(database: Database) -> Programme:
    return builders.programme()


@pytest.fixture
def liaison(programme: Programme) -> User:
    return builders.user("liaison", Role.LIAISON, programme, builders.unit("市城建局"))


@pytest.fixture
def office(programme: Programme) -> User:
    return builders.user("office", Role.LEAD_OFFICE, programme)


def test_the_centre_shows_what_failed_and_sends_it_again(
    client: FlaskClient, programme: Programme, liaison: User, office: User
) -> None:
    tell(programme, liaison, "甲", body="请于<b>6月</b>前报送")
    outbox.deliver(Recorder(SendError("550 no such user", retry=False)), NOW)
    login(client, office)
    page = client.get(f"/p/{programme.id}/outbox").text
    assert "有1条消息未能送达" in page
    assert "550 no such user" in page
    mail = Message.get(Message.channel == Channel.MAIL)
    path = f"/p/{programme.id}/outbox/{mail.id}"
    letter = client.get(path).text
    assert "请于&lt;b&gt;6月&lt;/b&gt;前报送" in letter
    assert "重新发送" in letter
    answer = client.post(f"{path}/again", data={"_once": "k1"})
    assert answer.location == path
    assert Message.get_by_id(mail.id).state is MessageState.NEW
    assert client.post(f"{path}/again", data={"_once": "k2"}).status_code == 409
    assert outbox.deliver(Recorder(), NOW) == {"sent": 1}
    assert "重新发送" not in client.get(path).text


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", 2),
        ("?show=trouble", 0),
        ("?show=kept", 1),
        ("?channel=inbox", 1),
        ("?kind=issued", 2),
        ("?kind=alarm", 0),
        ("?day=2021-06-01", 2),
        ("?day=2021-06-02", 0),
        ("?day=nonsense&channel=odd&kind=odd", 2),
    ],
)
def test_the_centre_narrows(
    client: FlaskClient, programme: Programme, liaison: User, office: User, query: str, shown: int
) -> None:
    tell(programme, liaison, "甲")
    outbox.deliver(outbox.OutboxOnly(), NOW)
    page = login(client, office).get(f"/p/{programme.id}/outbox{query}").text
    assert page.count("<tr data-href") == shown


def test_an_invitations_text_is_shown_to_nobody(
    client: FlaskClient, programme: Programme, office: User
) -> None:
    tell(programme, office, "甲", body="/link/SECRET")
    Message.update(kind=MessageKind.INVITATION).execute()
    mail = Message.get(Message.channel == Channel.MAIL)
    assert "SECRET" not in login(client, office).get(f"/p/{programme.id}/outbox/{mail.id}").text


def test_units_and_other_programmes_do_not_see_the_centre(
    client: FlaskClient, programme: Programme, liaison: User, office: User
) -> None:
    tell(programme, liaison, "甲")
    mail = Message.get(Message.channel == Channel.MAIL)
    assert login(client, liaison).get(f"/p/{programme.id}/outbox").status_code == 403
    other = builders.programme("另一专项")
    login(client, builders.user("elsewhere", Role.LEAD_OFFICE, other))
    assert client.get(f"/p/{other.id}/outbox/{mail.id}").status_code == 404
    assert "主题甲" not in client.get(f"/p/{other.id}/outbox").text


def test_pages_go_on_by_number_and_their_queries_do_not_grow(
    client: FlaskClient, programme: Programme, liaison: User, office: User, database: Database
) -> None:
    for n in range(3):
        tell(programme, liaison, f"第{n}号")
    login(client, office)
    client.get(f"/p/{programme.id}/outbox")
    with count_queries(database) as few:
        client.get(f"/p/{programme.id}/outbox")
    for n in range(60):
        tell(programme, liaison, f"后{n}号")
    with count_queries(database) as many:
        page = client.get(f"/p/{programme.id}/outbox").text
    assert len(few) == len(many)
    assert page.count("<tr data-href") == 50
    assert "before=" in page
