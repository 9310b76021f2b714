"""Own wordings: refused with the place where they do not hold, used where they do, and never the loss of a message."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from peewee import Database

from supervisor.core import digests, events, messages, wording_alarms, wordings
from supervisor.core.calendar import load_calendar, seed_calendar
from supervisor.core.message_words import Texts, faults, filled, tidied
from supervisor.core.permissions import Actor
from supervisor.core.programme_copies import ordered
from supervisor.core.wordings import Wanted, Wording
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused
from supervisor.models import AuditEntry, Channel, Message, MessageKind, MessageWording, Programme, Role, User
from supervisor.words import say
from tests import builders
from tests.builders import NOW, actor

RETURNED = events.REPORT_RETURNED
TODAY = date(2021, 6, 1)
GOOD = "{期间}报告退回：{日期}前重报"
BODY = "退回理由：\n{退回理由}"


@pytest.fixture
def programme(database: Database) -> Programme:
    return builders.programme()


@pytest.fixture
def office(programme: Programme) -> Actor:
    return actor(Role.LEAD_OFFICE, programme)


def wanted(
    subject: str = GOOD,
    body: str = BODY,
    *,
    en: Texts | None = None,
    valid_from: date | None = TODAY,
    valid_to: date | None = None,
    reason: str = "统一口径",
    seen: int = 0,
) -> Wanted:
    return Wanted({"zh_CN": Texts(subject, body), "en": en or Texts()}, valid_from, valid_to, reason, seen)


def tell(
    programme: Programme | None,
    *people: User,
    key: str = "return:1",
    now_: object = None,
    reasons: str = "少照片",
) -> None:
    messages.notify(
        event=RETURNED,
        key=key,
        to=people,
        fields={"period": "5月", "day": "6月5日", "reasons": [reasons]},
        programme_id=programme.id if programme else None,
        now=NOW,
    )


def inbox(key: str = "return:1") -> Message:
    return Message.get((Message.key.startswith(key)) & (Message.channel == Channel.INBOX))


# ---- what does not hold, and where


@pytest.mark.parametrize(
    ("subject", "body", "where", "says"),
    [
        ("{期间}报告", "{日期}\n{退回理由} {单位}", "body", "第2行第8个字符：此消息没有字段“{单位}”。可用字段："),
        ("{期间}报告", "{日期} {退回理由", "body", "第1行第6个字符：“{”在本行内没有对应的“}”。"),
        ("{期间}报告", "{日期}} {退回理由}", "body", "第1行第5个字符：“}”前面没有对应的“{”。"),
        ("{期{间}}报告", "{日期}{退回理由}", "subject", "第1行第1个字符：“{”在本行内没有对应的“}”。"),
        ("{期间}报告", "{退回理由}", "body", "标题或正文中必须出现以下字段：{日期}。"),
        ("{期间}\n{日期}", "{退回理由}", "subject", "标题只能有一行。"),
        ("{期间}\u2028{日期}", "{退回理由}", "subject", "标题只能有一行。"),
        ("", "{期间}{日期}{退回理由}", "subject", "请填写标题；不自定此语言时，标题和正文都留空。"),
        ("{期间}" + "长" * 120, "{日期}{退回理由}", "subject", "最多120个字符。"),
        ("{期间}", "{日期}{退回理由}" + "长" * 2000, "body", "最多2000个字符。"),
        ("{期间}", "{日期}{退回理由}" + "\n一" * 40, "body", "最多40行。"),
        ("{期间}\u202e", "{日期}{退回理由}", "subject", "第1行第5个字符：不可见字符（U+202E）。"),
        # No template language: nothing below is a field.
        ("{期间.msgid}", "{日期}{退回理由}", "subject", "此消息没有字段“{期间.msgid}”"),
        ("{期间!r}", "{日期}{退回理由}", "subject", "此消息没有字段“{期间!r}”"),
        ("{period.__class__.__init__.__globals__}", "{日期}{退回理由}", "subject", "没有字段"),
        ("{{7*7}}", "{日期}{退回理由}", "subject", "“{”在本行内没有对应的“}”"),
        ("{}", "{日期}{退回理由}", "subject", "此消息没有字段“{}”"),
    ],
)  # fmt: skip
def test_a_fault_is_refused_with_its_place(
    programme: Programme, office: Actor, subject: str, body: str, where: str, says: str
) -> None:
    with pytest.raises(Invalid) as refused:
        wordings.change(programme, RETURNED, wanted(subject, body), by=office, now=NOW)
    assert says in say(refused.value.fields[f"{where}_zh"], "zh_CN")
    assert MessageWording.select().count() == 0


@pytest.mark.parametrize(
    "place",
    ["{日期}", "{day}", "{ 日期 }", "｛日期｝", "{日期｝"],
    ids=["zh", "en", "spaces", "full-width", "mixed"],
)
def test_a_field_has_two_names_and_full_width_braces_are_braces(place: str) -> None:
    texts = tidied("{期间}", f"{place} {{退回理由}}")
    assert faults(RETURNED, texts, "zh_CN") == {}
    said = filled(RETURNED, texts, {"period": "5月", "day": "6月5日", "reasons": "少照片"})
    assert said == Texts("5月", "6月5日 少照片")


def test_what_fills_a_place_is_never_read_as_a_place() -> None:
    said = filled(
        RETURNED, Texts("{period}", "{reasons} {day}"), {"period": "5月", "day": "D", "reasons": "{day}%(x)s"}
    )
    assert said.body == "{day}%(x)s D"


def test_a_line_of_empty_fields_is_left_out_and_an_empty_line_stays() -> None:
    texts = Texts("{task}", "一\n\n{reason}\n二")
    said = filled(events.COMPLETION_ACCEPTED, texts, {"task": "t", "reason": ""})
    assert said.body == "一\n\n二"


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("valid_from", {"valid_from": None}),
        ("valid_from", {"valid_from": TODAY - timedelta(days=1)}),
        ("valid_to", {"valid_to": TODAY - timedelta(days=1)}),
        ("reason", {"reason": " "}),
        ("reason", {"reason": "长" * 401}),
        ("subject_zh", {"subject": "", "body": ""}),
    ],
)
def test_days_and_reason_are_asked_for(
    programme: Programme, office: Actor, field: str, change: dict[str, object]
) -> None:
    with pytest.raises(Invalid) as refused:
        wordings.change(programme, RETURNED, wanted(**change), by=office, now=NOW)  # type: ignore[arg-type]
    assert field in refused.value.fields


# ---- what is said


def test_own_words_are_said_in_their_language_and_the_other_keeps_the_default(
    programme: Programme, office: Actor
) -> None:
    wordings.change(programme, RETURNED, wanted(), by=office, now=NOW)
    chinese, english = builders.user("zh"), builders.user("en")
    User.update(language="en").where(User.id == english.id).execute()
    tell(programme, chinese, User.get_by_id(english.id))
    said = {m.recipient_id: (m.subject, m.body) for m in Message.select()}
    assert said[chinese.id] == ("5月报告退回：6月5日前重报", "退回理由：\n少照片")
    assert said[english.id] == ("5月 report returned, new version due 6月5日", "少照片")


def test_another_programme_and_no_programme_say_the_default(programme: Programme, office: Actor) -> None:
    wordings.change(programme, RETURNED, wanted(), by=office, now=NOW)
    person = builders.user("a")
    tell(builders.programme("另一专项"), person, key="other")
    tell(None, person, key="none")
    assert {inbox("other").subject, inbox("none").subject} == {"5月报告被退回，请于6月5日前重新报送"}


def test_a_line_break_in_a_value_never_reaches_a_subject(programme: Programme, office: Actor) -> None:
    wordings.change(programme, RETURNED, wanted("{期间}{退回理由}", "{日期}"), by=office, now=NOW)
    tell(programme, builders.user("a"), reasons="x\r\nBcc: all@example.cn")
    assert inbox().subject == "5月x Bcc: all@example.cn"


def test_a_subject_that_comes_out_empty_is_the_default(programme: Programme, office: Actor) -> None:
    event = events.COMPLETION_ACCEPTED
    own = Wording(event, {"zh_CN": Texts("{理由}", "{任务}")})
    assert own.words({"task": "加装电梯", "reason": ""}, "zh_CN")[0] == "同意办结：加装电梯"


def test_the_newest_version_whose_days_include_today_counts(programme: Programme, office: Actor) -> None:
    """A wording for a few days lies over the open one; after its last day the open one is back."""
    wordings.change(programme, RETURNED, wanted("常用{期间}", "{日期}{退回理由}"), by=office, now=NOW)
    later, last = TODAY + timedelta(days=10), TODAY + timedelta(days=12)
    wordings.change(
        programme, RETURNED,
        wanted("专用{期间}", "{日期}{退回理由}", valid_from=later, valid_to=last, seen=1), by=office, now=NOW,
    )  # fmt: skip
    days = [TODAY - timedelta(days=1), TODAY, later, last, last + timedelta(days=1)]
    values = {"period": "5月", "day": "D", "reasons": "R"}
    said = [wordings.in_force(RETURNED, programme.id, day).words(values, "zh_CN")[0] for day in days]
    assert said == ["5月报告被退回，请于D前重新报送", "常用5月", "专用5月", "专用5月", "常用5月"]


def test_back_to_the_default_is_a_version_with_a_reason(programme: Programme, office: Actor) -> None:
    with pytest.raises(Refused):
        wordings.restore_default(programme, RETURNED, "原文更清楚", seen=0, by=office, now=NOW)
    wordings.change(programme, RETURNED, wanted(), by=office, now=NOW)
    with pytest.raises(Invalid):
        wordings.restore_default(programme, RETURNED, "", seen=1, by=office, now=NOW)
    wordings.restore_default(programme, RETURNED, "原文更清楚", seen=1, by=office, now=NOW)
    tell(programme, builders.user("a"))
    assert inbox().subject == "5月报告被退回，请于6月5日前重新报送"
    kept = wordings.versions_of(RETURNED, programme.id)
    assert [(row.version, row.reason, row.by_name) for row in kept] == [
        (2, "原文更清楚", "测试员"),
        (1, "统一口径", "测试员"),
    ]
    assert [row.action for row in AuditEntry.select().order_by(AuditEntry.seq)] == [
        "wording.change",
        "wording.default",
    ]


def test_of_two_who_change_at_once_the_second_is_told(programme: Programme, office: Actor) -> None:
    wordings.change(programme, RETURNED, wanted(), by=office, now=NOW)
    with pytest.raises(Refused):
        wordings.change(
            programme, RETURNED, wanted("改{期间}", "{日期}{退回理由}", seen=0), by=office, now=NOW
        )


def test_only_the_office_of_the_programme_words_its_messages(programme: Programme, office: Actor) -> None:
    for role in set(Role) - {Role.LEAD_OFFICE}:
        with pytest.raises(NotAllowed):
            wordings.change(programme, RETURNED, wanted(), by=actor(role, programme), now=NOW)
    with pytest.raises(NotFound):
        wordings.change(builders.programme("另一专项"), RETURNED, wanted(), by=office, now=NOW)
    with pytest.raises(NotFound):
        wordings.change(programme, events.WORDING_BROKEN, wanted(), by=office, now=NOW)


# ---- what stops holding later


def test_a_wording_that_holds_no_more_falls_back_and_alarms_the_office_once(
    programme: Programme, office: Actor
) -> None:
    """As after an update that took a field away: the message goes out in the default's words."""
    wordings.change(programme, RETURNED, wanted(), by=office, now=NOW)
    clerk = builders.user("clerk", Role.LEAD_OFFICE, programme)
    assert wording_alarms.send(NOW) == 0
    MessageWording.update(subject_zh="{早先的字段}退回").execute()
    tell(programme, builders.user("a"))
    assert inbox().subject == "5月报告被退回，请于6月5日前重新报送"
    assert wording_alarms.send(NOW) == 1
    assert wording_alarms.send(NOW) == 0
    alarm = Message.get((Message.recipient == clerk) & (Message.channel == Channel.INBOX))
    assert alarm.kind is MessageKind.ALARM
    assert "早先的字段" in alarm.body
    assert alarm.link == f"/p/{programme.id}/wordings/report.returned"


def test_an_event_that_is_no_more_alarms_nobody(programme: Programme, office: Actor) -> None:
    wordings.change(programme, RETURNED, wanted(), by=office, now=NOW)
    builders.user("clerk", Role.LEAD_OFFICE, programme)
    MessageWording.update(event="report.gone").execute()
    assert wording_alarms.send(NOW) == 0


# ---- digests, copies


def test_a_digest_is_said_in_the_programmes_words_and_over_several_in_ours(
    programme: Programme, office: Actor
) -> None:
    calendar = seed_calendar(now=NOW)
    event = events.REMINDER_ONE
    own = wanted("请报{期间}{报送事项}", "{单位}：{日期}截止")
    wordings.change(programme, event, own, by=office, now=NOW)
    person = builders.user("a")
    unit = builders.unit("市城建局")
    mine = digests.items_of([builders.obligation(unit, programme).id])
    words = digests.render(mine, person, today=TODAY, calendar=load_calendar())
    assert (words.subject, words.body) == ("请报2021年5月月报", "市城建局：2021年6月5日截止")
    other = digests.items_of([builders.obligation(unit, builders.programme("另一专项")).id])
    both = digests.render([*mine, *other], person, today=TODAY, calendar=load_calendar())
    assert (both.programme_id, both.event) == (None, events.REMINDER_SEVERAL)
    assert both.body.count("\n") == 1
    assert "请报" not in both.subject + both.body
    assert calendar


def test_a_sandbox_takes_the_wordings_along() -> None:
    assert MessageWording in ordered()
