"""The office's robots page: keys go in and never come out, a test shows its result, a sandbox sends nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from peewee import Database

from supervisor.config import Config
from supervisor.core import outbox
from supervisor.core.messages import post_to_robot
from supervisor.core.outbox import SendError
from supervisor.core.sandboxes import settings_of
from supervisor.database import count_queries
from supervisor.models import (
    AuditEntry,
    Channel,
    Message,
    MessageKind,
    MessageState,
    Programme,
    Robot,
    Role,
    User,
)
from tests import builders
from tests.builders import NOW
from tests.conftest import OwnConnection, StillClock, login, make_app
from tests.misbehaving import Misbehaving, misbehaving
from tests.test_core_messages import Recorder

KEY, SECRET = "key-tell-nobody", "secret-tell-nobody"


@pytest.fixture
def server() -> Iterator[Misbehaving]:
    with misbehaving() as there:
        yield there


@pytest.fixture
def config(tmp_path: Path, server: Misbehaving) -> Config:
    """An installation whose WeCom is a server of this test."""
    return Config(
        data=tmp_path,
        mode="trial",
        secret="0123456789abcdef" * 4,
        wecom_url=server.url,
        robot_hosts=server.host,
    )


@pytest.fixture
def programme(database: Database) -> Programme:
    return builders.programme()


@pytest.fixture
def office(programme: Programme) -> User:
    return builders.user("office", Role.LEAD_OFFICE, programme)


def typed(**changed: object) -> dict[str, object]:
    return {
        "_once": "k",
        "name": "联络员群",
        "channel": "wecom",
        "credential": KEY,
        "secret": "",
        "audience": "programme",
        "kinds": ["digest"],
        "language": "zh_CN",
        "reason": "会议商定",
        **changed,
    }


def test_empty_the_page_says_how_to_begin(client: FlaskClient, programme: Programme, office: User) -> None:
    login(client, office)
    page = client.get(f"/p/{programme.id}/robots").text
    assert "尚无机器人" in page
    assert page.count(f'href="/p/{programme.id}/robots/new"') == 2
    assert f'href="/p/{programme.id}/robots"' in client.get(f"/p/{programme.id}/outbox").text


def test_a_robot_is_set_up_tried_out_paused_and_revoked_on_the_page(
    client: FlaskClient, programme: Programme, office: User, server: Misbehaving
) -> None:
    login(client, office)
    place = f"/p/{programme.id}/robots"
    assert client.post(f"{place}/new", data=typed()).location == place
    robot = Robot.get()
    assert (robot.credential, robot.channel) == (KEY, Channel.WECOM)

    assert client.post(f"{place}/{robot.id}/try", data={"_once": "t1"}).location == place
    page = client.get(place).text
    assert "测试消息已送达" in page
    assert "测试消息" in server.calls[0].text
    server.behave = "invalid_key"
    client.post(f"{place}/{robot.id}/try", data={"_once": "t2"})
    page = client.get(place).text
    assert "测试消息未送达。密钥有误" in page
    assert "errcode 93000" in page

    server.behave = "drops"
    client.post(f"{place}/{robot.id}/try", data={"_once": "t4"})
    page = client.get(place).text
    assert "测试消息是否送达尚不清楚，请到对方核实" in page
    assert "测试消息未送达" not in page

    refused = client.post(f"{place}/{robot.id}/pause", data={"_once": "p0", "reason": ""})
    assert refused.status_code == 422
    assert "请说明理由" in refused.text
    client.post(f"{place}/{robot.id}/pause", data={"_once": "p1", "reason": "假期"})
    assert "已暂停" in client.get(place).text
    client.post(f"{place}/{robot.id}/resume", data={"_once": "p2", "reason": "节后"})
    client.post(f"{place}/{robot.id}/revoke", data={"_once": "p3", "reason": "换群"})
    assert "已注销" in client.get(place).text
    assert Robot.get().credential == ""
    acts = [row.action for row in AuditEntry.select().order_by(AuditEntry.id)]
    assert acts[1:] == [
        f"robot.{act}" for act in ("set_up", "try", "try", "try", "pause", "resume", "revoke")
    ]


def test_a_held_robot_says_until_when_and_no_test_piles_up(
    client: FlaskClient, programme: Programme, office: User, server: Misbehaving
) -> None:
    login(client, office)
    place = f"/p/{programme.id}/robots"
    client.post(f"{place}/new", data=typed())
    here = f"{place}/{Robot.get().id}/try"
    server.behave = "too_many"
    assert client.post(here, data={"_once": "t1"}).location == place
    assert "暂缓至09:02" in client.get(place).text
    again = client.post(here, data={"_once": "t2"})
    assert again.status_code == 409
    assert "09:02前不再向其发送" in again.text
    Robot.update(held_until=None).execute()
    Message.update(state=MessageState.NEW).execute()
    assert "已有一条测试消息" in client.post(here, data={"_once": "t3"}).text
    assert (len(server.calls), Message.select().count()) == (1, 1)


def test_a_refused_form_comes_back_filled_but_for_the_keys(
    client: FlaskClient, programme: Programme, office: User
) -> None:
    login(client, office)
    units = [builders.unit("甲局"), builders.unit("乙局")]
    sent = typed(
        channel="webhook", credential=f"https://10.0.0.1/{KEY}", secret=SECRET, audience="units",
        units=[units[1].id], kinds=[], reason="",
    )  # fmt: skip
    answer = client.post(f"/p/{programme.id}/robots/new", data=sent)
    assert answer.status_code == 422
    page = answer.text
    for said in ("该地址指向内部网络", "请至少勾选一种消息", "请说明理由", 'value="联络员群"', "需重新填写"):
        assert said in page, said
    assert f'value="{units[1].id}" checked' in page
    assert f'value="{units[0].id}" checked' not in page
    assert KEY not in page
    assert SECRET not in page
    assert Robot.select().count() == 0


def test_no_page_answer_or_log_of_the_office_shows_a_key(
    client: FlaskClient,
    programme: Programme,
    office: User,
    server: Misbehaving,
    caplog: pytest.LogCaptureFixture,
) -> None:
    robot = builders.robot(
        programme, Channel.WEBHOOK, credential=f"{server.url}?key={KEY}", secret=SECRET, host=server.host
    )
    login(client, office)
    place = f"/p/{programme.id}"
    pages = []
    for number, behave in enumerate(("invalid_key", "redirects", "nonsense", "ok")):
        server.behave = behave
        client.post(f"{place}/robots/{robot.id}/try", data={"_once": str(number)})
        pages.append(client.get(f"{place}/robots").text)
    pages += [client.get(f"{place}/robots/{robot.id}").text, client.get(f"{place}/outbox").text]
    pages += [client.get(f"{place}/outbox/{row.id}").text for row in list(Message.select())]
    pages += [f"{row.before}{row.after}{row.reason}" for row in AuditEntry.select()]
    pages += [f"{row.error}{row.body}{row.subject}" for row in Message.select()]
    assert server.host in pages[0]
    assert not [page for page in [*pages, caplog.text] if KEY in page or SECRET in page]


def test_units_other_roles_and_other_programmes_have_no_robots_page(
    client: FlaskClient, programme: Programme, office: User
) -> None:
    robot = builders.robot(programme)
    for role in (Role.LIAISON, Role.LEADER, Role.ASSESSOR):
        unit = builders.unit("市水务局") if role is Role.LIAISON else None
        login(client, builders.user(role.value, role, programme, unit))
        assert client.get(f"/p/{programme.id}/robots").status_code == 403
        assert client.post(f"/p/{programme.id}/robots/{robot.id}/try", data={"_once": "1"}).status_code == 403
    other = builders.programme("别的")
    login(client, builders.user("elsewhere", Role.LEAD_OFFICE, other))
    assert client.get(f"/p/{other.id}/robots/{robot.id}").status_code == 404
    assert client.post(f"/p/{other.id}/robots/{robot.id}/revoke", data={"_once": "1"}).status_code == 404


def test_a_change_that_comes_second_is_told_and_nothing_is_lost(
    client: FlaskClient, programme: Programme, office: User
) -> None:
    robot = builders.robot(programme)
    login(client, office)
    place = f"/p/{programme.id}/robots/{robot.id}"
    assert client.post(place, data=typed(credential="", name="甲", version=1)).status_code == 303
    second = client.post(place, data=typed(credential="", name="乙", version=1, _once="k2"))
    assert second.status_code == 409
    assert (Robot.get().name, Robot.get().credential) == ("甲", "k-123")


def test_a_sandbox_never_speaks_to_a_group(
    database: Database,
    config: Config,
    clock: StillClock,
    programme: Programme,
    office: User,
    server: Misbehaving,
) -> None:
    inside: Flask = make_app(replace(settings_of(config, config.data)), clock)
    inside.test_client_class = OwnConnection
    client = inside.test_client()
    from supervisor.core import accounts

    client.set_cookie("sandbox-sid", accounts.start_session(office, now=NOW))
    robot = builders.robot(programme)
    place = f"/p/{programme.id}/robots"
    client.post(f"{place}/{robot.id}/try", data={"_once": "1"})
    assert "测试消息留在此处" in client.get(place).text
    assert Message.get().state is MessageState.KEPT
    assert "重新发送" not in client.get(f"/p/{programme.id}/outbox/{Message.get().id}").text
    assert server.calls == []


def post(robot: Robot, key: str) -> Message:
    post_to_robot(
        key=key, kind=MessageKind.CIRCULAR, robot=robot, subject="通报一", body="正文", link="", now=NOW
    )
    row: Message = Message.get(Message.key == key)
    return row


def test_the_centre_shows_a_robot_s_message_its_tries_and_lets_a_person_settle_what_is_unknown(
    client: FlaskClient, programme: Programme, office: User
) -> None:
    robot = builders.robot(programme)
    first, second = post(robot, "a"), post(robot, "b")
    outbox.deliver(Recorder(SendError("没有回答", retry=False, unknown=True)), NOW)
    login(client, office)
    place = f"/p/{programme.id}/outbox"
    centre = client.get(place).text
    assert "有2条消息未能送达" in centre
    assert "联络员群" in centre
    page = client.get(f"{place}/{first.id}").text
    for said in ("结果未知", "发送记录", "没有回答", "群里已有：标记为已送达", "重新发送"):
        assert said in page, said
    client.post(f"{place}/{first.id}/settle", data={"_once": "1"})
    assert Message.get_by_id(first.id).state is MessageState.SENT
    assert client.post(f"{place}/{first.id}/settle", data={"_once": "2"}).status_code == 409
    client.post(f"{place}/{second.id}/again", data={"_once": "3"})
    assert outbox.deliver(Recorder(), NOW) == {"sent": 1}
    assert [row.action for row in AuditEntry.select().order_by(AuditEntry.id)][1:] == [
        "message.settle",
        "message.send_again",
    ]
    assert client.get(f"{place}/{second.id}").text.count("没有回答") == 1


def test_the_queries_of_the_list_do_not_grow_with_the_robots(
    client: FlaskClient, programme: Programme, office: User, database: Database
) -> None:
    units = [builders.unit("甲局")]
    post(builders.robot(programme, units=units), "a")
    login(client, office)
    client.get(f"/p/{programme.id}/robots")
    with count_queries(database) as few:
        client.get(f"/p/{programme.id}/robots")
    for number in range(12):
        group = builders.group(programme, f"组{number}", units)
        post(builders.robot(programme, name=f"群{number}", group=group), f"n{number}")
        post(builders.robot(programme, name=f"选{number}", units=units), f"m{number}")
    with count_queries(database) as many:
        client.get(f"/p/{programme.id}/robots")
    assert len(many) == len(few)
