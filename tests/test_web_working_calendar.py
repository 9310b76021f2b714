"""The administrator's pages of the working calendar, from an empty next year to a notice in force."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask.testing import FlaskClient

from supervisor.core.calendar import load_calendar, seed_calendar
from supervisor.models import AdminRole, CalendarDecision, Role
from tests.builders import NOW, at, programme, user
from tests.conftest import StillClock, login
from tests.test_holiday_notices import YEAR_2026

YEAR_2027 = """国务院办公厅关于2027年部分节假日安排的通知
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（周五）至11日（周四）放假调休，共7天。2月20日（周六）上班。
三、清明节：4月3日（周六）至5日（周一）放假，共3天。
四、劳动节：5月1日（周六）至5日（周三）放假调休，共5天。5月8日（周六）上班。
五、中秋节：9月15日（周三）放假。
六、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。9月26日（周日）、10月9日（周六）上班。
"""


@pytest.fixture(autouse=True)
def administrator(client: FlaskClient, clock: StillClock) -> None:
    seed_calendar(now=NOW)
    clock.moment = at("2026-11-04 10:00")
    login(client, user("admin", admin=AdminRole.SYSTEM), now=clock.moment)


def test_a_missing_year_is_said_so_until_its_notice_is_in_force(client: FlaskClient) -> None:
    before = client.get("/admin/calendar").text
    assert "2027 年放假安排尚未录入" in before
    checked = client.post("/admin/calendar/check", data={"act": "notice", "text": YEAR_2027}).text
    assert "2027 年：启用前核对" in checked
    assert "不涉及已公布的截止日期" in checked
    assert not load_calendar().is_confirmed(date(2027, 2, 5)), "looking changes nothing"
    data = {"act": "notice", "text": YEAR_2027, "source": "国办发明电〔2026〕8号", "_once": "a"}
    refused = client.post("/admin/calendar/apply", data=data)
    assert refused.status_code == 422
    assert "请确认原文确实如此" in refused.text, "the text says nothing of 端午节"
    ticks = dict.fromkeys(re.findall(r'name="(confirm-\d+)"', refused.text), "1")
    assert client.post("/admin/calendar/apply", data={**data, **ticks}).status_code == 303
    calendar = load_calendar()
    assert calendar.is_confirmed(date(2027, 2, 5))
    assert not calendar.is_workday(date(2027, 2, 5))
    assert calendar.is_makeup_day(date(2027, 2, 20))
    after = client.get("/admin/calendar?year=2027").text
    assert "尚未录入" not in after
    assert "国办发明电〔2026〕8号" in after
    assert "缺少端午节" in after, "what was confirmed stays readable"


def test_a_notice_that_changes_one_holiday_leaves_the_others(client: FlaskClient) -> None:
    title = "国务院办公厅关于调整2026年劳动节假期安排的通知"
    text = f"{title}\n劳动节假期安排：5月1日至4日放假调休，共4天。5月10日（周日）上班。"
    page = client.post("/admin/calendar/check", data={"act": "notice", "text": text}).text
    assert "其他日期不变" in page
    assert "缺少" not in page
    ticks = dict.fromkeys(re.findall(r'name="(confirm-\d+)"', page), "1")
    data = {"act": "notice", "text": text, "source": "国办发明电〔2026〕3号", "_once": "a", **ticks}
    assert client.post("/admin/calendar/apply", data=data).status_code == 303
    calendar = load_calendar()
    assert calendar.is_workday(date(2026, 5, 5))
    assert not calendar.is_workday(date(2026, 5, 9))
    assert calendar.is_makeup_day(date(2026, 5, 10))
    assert calendar.is_makeup_day(date(2026, 10, 10)), "国庆节 stays"
    assert calendar.is_confirmed(date(2026, 5, 5))


def test_a_text_that_contradicts_itself_comes_back_with_its_places_and_cannot_be_applied(
    client: FlaskClient,
) -> None:
    wrong = YEAR_2026.replace("1月4日（周日）上班", "1月4日（周六）上班")
    page = client.post("/admin/calendar/check", data={"act": "notice", "text": wrong}).text
    assert "请先更正文本" in page
    assert 'href="#line-2"' in page
    assert "1月4日（周六）上班" in page, "nothing pasted is lost"
    assert "/admin/calendar/apply" not in page
    data = {"act": "notice", "text": wrong, "source": "x", "_once": "a"}
    assert client.post("/admin/calendar/apply", data=data).status_code == 422
    assert CalendarDecision.select().count() == 0


def test_a_day_is_corrected_by_hand_with_a_reason_after_a_look(client: FlaskClient) -> None:
    day = {"act": "day", "day": "2026-11-14", "kind": "work", "name": "国庆节"}
    looked = client.post("/admin/calendar/check", data=day)
    assert looked.status_code == 200
    assert "日历将有 1 天变动" in looked.text
    assert client.post("/admin/calendar/apply", data={**day, "_once": "a"}).status_code == 422
    assert (
        client.post("/admin/calendar/apply", data={**day, "reason": "补充通知", "_once": "b"}).status_code
        == 303
    )
    assert load_calendar().is_makeup_day(date(2026, 11, 14))
    assert "补充通知" in client.get("/admin/calendar?year=2026").text


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({"act": "day", "day": "2026-13-40", "kind": "off", "name": "元旦"}, "2021-06-15"),
        ({"act": "day", "day": "2026-11-14", "kind": "off", "name": ""}, "请填写该日所属节日"),
        ({"act": "day", "day": "1990-01-01", "kind": "off", "name": "元旦"}, "年份应在"),
        ({"act": "withdrawal", "year": "x"}, "整数"),
    ],
)
def test_what_cannot_be_is_named_beside_its_field(
    client: FlaskClient, form: dict[str, str], word: str
) -> None:
    answer = client.post("/admin/calendar/check", data=form)
    assert answer.status_code == 422
    assert word in answer.text


def test_an_arrangement_is_withdrawn_with_a_reason(client: FlaskClient) -> None:
    assert client.post("/admin/calendar/check", data={"act": "withdrawal", "year": "2026"}).status_code == 200
    data = {"act": "withdrawal", "year": "2026", "reason": "录错", "_once": "a"}
    assert client.post("/admin/calendar/apply", data=data).status_code == 303
    assert not load_calendar().is_confirmed(date(2026, 1, 1))
    assert "撤回为暂定" in client.get("/admin/calendar?year=2026").text


def test_the_picture_says_every_announced_day_in_words(client: FlaskClient) -> None:
    page = client.get("/admin/calendar?year=2026").text
    assert page.count("<caption>") == 12
    assert page.count("调休上班</span>") == 6
    assert page.count('<span class="visually-hidden">放假：国庆节</span>') == 7


def test_nobody_else_comes_near(client: FlaskClient, clock: StillClock) -> None:
    office = user("office", Role.LEAD_OFFICE, programme(), now=clock.moment)
    login(client, office, now=clock.moment)
    for path in ("/admin/calendar", "/admin/calendar/notice"):
        assert client.get(path).status_code == 403
    assert client.post("/admin/calendar/apply", data={"act": "day"}).status_code == 403
