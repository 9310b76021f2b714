"""Pages of wordings: the list, one message with examples in both languages, faults in place, and who is told what."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import events, wordings
from supervisor.core.events import EVENTS
from supervisor.core.message_events import Audience, MessageEvent, default_text
from supervisor.core.message_words import Texts
from supervisor.core.programme_copies import copy_programme
from supervisor.database import count_queries, make_database, migrate, visiting
from supervisor.models import MessageWording, Programme, Role, User
from supervisor.words import say
from tests import builders
from tests.builders import NOW, actor
from tests.conftest import login

TYPED = {
    "subject_zh": "{期间}报告退回，{日期}前重报",
    "body_zh": "{退回理由}",
    "subject_en": "",
    "body_en": "",
    "valid_from": "2021-06-01",
    "valid_to": "",
    "reason": "统一口径",
    "version": "0",
    "do": "save",
}


@pytest.fixture
def programme(database: Database) -> Programme:
    return builders.programme()


@pytest.fixture
def office(client: FlaskClient, programme: Programme) -> User:
    person = builders.user("office", Role.LEAD_OFFICE, programme)
    login(client, person)
    return person


def path(programme: Programme, key: str = "report.returned") -> str:
    return f"/p/{programme.id}/wordings/{key}"


@pytest.mark.usefixtures("office")
def test_the_list_names_every_message_that_may_be_worded(client: FlaskClient, programme: Programme) -> None:
    page = client.get(f"/p/{programme.id}/wordings").text
    for event in EVENTS.values():
        assert (f"/wordings/{event.key}" in page) == event.own_words
    assert "还没有自定文本的消息" in client.get(f"/p/{programme.id}/wordings?own=1").text


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.key)
def test_every_message_has_a_page_with_its_fields_and_examples(
    client: FlaskClient, programme: Programme, event: MessageEvent
) -> None:
    answer = client.get(path(programme, event.key))
    assert answer.status_code == (200 if event.own_words else 404)
    for field in event.fields if event.own_words else ():
        assert "{" + field.zh + "}" in answer.text
        assert "{" + field.name + "}" in answer.text


@pytest.mark.usefixtures("office")
def test_a_preview_shows_default_and_own_in_examples_and_saves_nothing(
    client: FlaskClient, programme: Programme
) -> None:
    page = client.post(path(programme), data={**TYPED, "do": "preview"}).text
    assert "2021年5月报告退回，2021年6月5日前重报" in page  # own
    assert "2021年5月报告被退回，请于2021年6月5日前重新报送" in page  # default
    assert "尚未保存" in page
    assert MessageWording.select().count() == 0


@pytest.mark.usefixtures("office")
def test_a_fault_stands_at_its_field_and_what_was_typed_stays(
    client: FlaskClient, programme: Programme
) -> None:
    for do in ("preview", "save"):
        answer = client.post(
            path(programme), data={**TYPED, "body_zh": "{退回理由} {截止日}", "do": do, "_once": do}
        )
        assert answer.status_code == (200 if do == "preview" else 422)
        assert (
            "第1行第8个字符：此消息没有字段“{截止日}”。可用字段：{期间}、{日期}、{退回理由}。" in answer.text
        )
        assert "{退回理由} {截止日}</textarea>" in answer.text
        assert 'value="{期间}报告退回，{日期}前重报"' in answer.text
    assert MessageWording.select().count() == 0


@pytest.mark.usefixtures("office")
def test_words_are_changed_shown_and_set_back_with_a_history(
    client: FlaskClient, programme: Programme
) -> None:
    assert client.post(path(programme), data={**TYPED, "_once": "a"}).status_code == 303
    page = client.get(path(programme)).text
    assert "统一口径" in page
    assert "自2021年6月1日起" in client.get(f"/p/{programme.id}/wordings?own=1").text
    stale = client.post(path(programme), data={**TYPED, "_once": "b"})
    assert stale.status_code == 409
    back = client.post(
        f"{path(programme)}/default", data={"default_reason": "", "version": "1", "_once": "c"}
    )
    assert back.status_code == 422
    back = client.post(
        f"{path(programme)}/default", data={"default_reason": "原文更清楚", "version": "1", "_once": "d"}
    )
    assert back.status_code == 303
    page = client.get(path(programme)).text
    assert "默认文本自2021年6月1日起恢复" in page
    assert page.index("原文更清楚") < page.index("统一口径")


@pytest.mark.usefixtures("office")
def test_a_language_left_as_the_default_says_it_stays_the_defaults(
    client: FlaskClient, programme: Programme
) -> None:
    """The form begins with the default's words; what nobody changed is not kept as own."""
    english = default_text(events.REPORT_RETURNED, "en")
    client.post(
        path(programme), data={**TYPED, "subject_en": english[0], "body_en": english[1], "_once": "a"}
    )
    row = MessageWording.get()
    assert (row.subject_en, row.body_en) == ("", "")
    assert row.subject_zh == TYPED["subject_zh"]
    chinese = default_text(events.REPORT_ACCEPTED, "zh_CN")
    data = {**TYPED, "subject_zh": chinese[0], "body_zh": chinese[1], "_once": "b"}
    answer = client.post(path(programme, "report.accepted"), data=data)
    assert answer.status_code == 422
    assert "请至少填写一种语言的标题和正文" in answer.text


@pytest.mark.usefixtures("office")
def test_what_was_typed_is_never_markup(client: FlaskClient, programme: Programme) -> None:
    words = {**TYPED, "subject_zh": "{期间}{日期}<script>x</script>", "_once": "a"}
    client.post(path(programme), data=words)
    for address in (path(programme), f"/p/{programme.id}/wordings?own=1"):
        assert "<script>x" not in client.get(address).text


def test_a_broken_wording_is_marked_in_the_list(
    client: FlaskClient, programme: Programme, office: User
) -> None:
    client.post(path(programme), data={**TYPED, "_once": "a"})
    MessageWording.update(body_zh="{早先}").execute()
    page = client.get(f"/p/{programme.id}/wordings").text
    assert "已失效，按默认文本发送" in page
    assert "没有字段“{早先}”" in page
    assert client.get(path(programme)).status_code == 200


def test_words_are_the_offices_alone_and_the_table_everybodys(
    client: FlaskClient, programme: Programme
) -> None:
    unit = builders.unit("市城建局")
    for role in set(Role) - {Role.LEAD_OFFICE}:
        login(client, builders.user(role.value, role, programme, unit))
        assert client.get(f"/p/{programme.id}/wordings").status_code == 403
        assert client.post(path(programme), data={**TYPED, "_once": role.value}).status_code == 403
        assert client.get(f"/p/{programme.id}/told").status_code == 200
    assert MessageWording.select().count() == 0


@pytest.mark.usefixtures("office")
def test_the_table_says_of_every_event_who_is_told_by_which_way(
    client: FlaskClient, programme: Programme
) -> None:
    page = client.get(f"/p/{programme.id}/told").text
    for event in EVENTS.values():
        assert say(event.title, "zh_CN") in page
    assert all(say(audience.label, "zh_CN") in page for audience in Audience)
    marks = sum(len(event.told) for event in EVENTS.values())
    assert page.count("●") + page.count("○") == marks + 2  # and the legend


@pytest.mark.usefixtures("office")
def test_the_lists_queries_do_not_grow(client: FlaskClient, programme: Programme, database: Database) -> None:
    address = f"/p/{programme.id}/wordings"
    client.get(address)
    with count_queries(database) as few:
        client.get(address)
    by = actor(Role.LEAD_OFFICE, programme)
    for event in list(EVENTS.values())[:20]:
        named = "".join("{" + field.zh + "}" for field in event.fields)
        wanted = wordings.Wanted({"zh_CN": Texts("通知", named)}, date(2021, 6, 1), None, "理由", 0)
        wordings.change(programme, event, wanted, by=by, now=NOW)
    with count_queries(database) as many:
        page = client.get(address).text
    assert len(many) == len(few)
    assert page.count("自2021年6月1日起") == 20


def test_a_copy_of_the_programme_says_the_same_words(programme: Programme, tmp_path: Path) -> None:
    wanted = wordings.Wanted(
        {"zh_CN": Texts("{期间}{日期}", "{退回理由}")}, date(2021, 6, 1), None, "理由", 0
    )
    by = actor(Role.LEAD_OFFICE, programme)
    wordings.change(programme, events.REPORT_RETURNED, wanted, by=by, now=NOW)
    target = make_database(f"sqlite:///{tmp_path / 'copy.db'}")
    migrate(target)
    with target.connection_context():
        copy_programme(programme, target)
        with visiting(target):
            found = wordings.in_force(events.REPORT_RETURNED, programme.id, date(2021, 6, 1))
            assert found.own["zh_CN"].body == "{退回理由}"
    target.close()
