"""The yearly notice on holidays: read into days, and every contradiction named with its place."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.core.holiday_notices import LONGEST_TEXT, read_notice
from supervisor.core.statutory_holidays import days_of_law
from supervisor.core.workdays import calendar_of, seed_calendar
from tests.holiday_texts import rows_of_arrangement, stretches, write

seed = seed_calendar()
#: Years whose real arrangement departs from the rule, and why: a person confirms what the check asks.
DEPARTURES = {
    2006: {"missing_makeup"},  # the days worked in December 2005 are before the table begins
    2015: {"missing_makeup"},  # 中秋 fell on a Sunday before the National Day holidays, which gave its day
    2020: {
        "missing_holiday",
        "missing_makeup",
    },  # 春节 was prolonged in the epidemic; 中秋 was 1 October itself
}
HEAD = "国务院办公厅关于2026年部分节假日安排的通知\n"
#: A whole arrangement of 2026 that says nothing wrong; cases change one line of it.
YEAR_2026 = (
    HEAD
    + """一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（周日）至23日（周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
放假期间请安排好值班，确需外出的请报备。
"""
)


def days(text: str, year: int = 2026) -> dict[str, str]:
    """Month-day → 休 or 班, as read."""
    rows = read_notice(text).rows
    return {
        f"{row.day:%m-%d}" if row.day.year == year else row.day.isoformat(): "班" if row.is_work else "休"
        for row in rows
    }


def one(passage: str, year: int = 2026) -> dict[str, str]:
    return days(f"国务院办公厅关于{year}年部分节假日安排的通知\n一、{passage}", year)


def codes(text: str) -> list[str]:
    return [problem.code for problem in read_notice(text).problems]


@pytest.mark.parametrize("style", range(6))
@pytest.mark.parametrize("year", range(2005, 2027))
def test_every_past_arrangement_written_as_a_notice_reads_back_to_the_table(year: int, style: int) -> None:
    rows = rows_of_arrangement(year)
    notice = read_notice(write(year, stretches(rows), style=style))
    assert notice.year == year
    assert notice.issued_on == date(year - 1, 11, 4)
    assert {problem.code for problem in notice.problems} == DEPARTURES.get(year, set())
    assert notice.is_usable
    read = {row.day: row for row in notice.rows}
    for row in rows:
        assert read[row.day].is_work is row.is_work, row
        assert row.name in read[row.day].name
    beyond = [row for day, row in read.items() if day not in {row.day for row in rows}]
    assert all(not row.is_work and row.day.weekday() >= 5 for row in beyond), (
        "only plain weekend days may be more"
    )


@pytest.mark.parametrize("year", range(2010, 2027))
def test_a_calendar_made_of_the_notices_answers_every_day_of_the_year_as_the_table_does(year: int) -> None:
    notices = [
        read_notice(write(each, stretches(rows_of_arrangement(each))))
        for each in (year, year + 1)
        if each < 2027
    ]
    made = calendar_of([row for notice in notices for row in notice.rows], {year: True})
    first = date(year, 1, 1)
    whole = [first + timedelta(n) for n in range(365)]
    assert [day for day in whole if made.is_workday(day) != seed.is_workday(day)] == []


@given(
    st.integers(2010, 2026),
    st.integers(0, 60),
    st.sampled_from(["周", "日", "至", "放", "\n", "（", "。", "1", "、"]),
)
def test_a_text_with_a_slip_never_raises(year: int, place: int, slip: str) -> None:
    text = write(year, stretches(rows_of_arrangement(year)))
    at = 40 + place * len(text) // 70
    read_notice(text[:at] + slip + text[at + 1 :])


def test_a_right_notice_has_no_problem() -> None:
    notice = read_notice(YEAR_2026)
    assert notice.problems == ()
    assert [passage.name for passage in notice.passages] == list(days_of_law(2026))
    assert len(notice.rows) == 39


def test_it_reads_the_same_in_one_line_as_web_pages_give_it() -> None:
    assert days(HEAD + YEAR_2026.removeprefix(HEAD).replace("\n", "")) == days(YEAR_2026)
    spaced = YEAR_2026.replace("月", " 月 ").replace("日（", " 日 （").replace("共", " 共 ")
    assert days(spaced) == days(YEAR_2026)


@pytest.mark.parametrize(
    ("passage", "year", "wanted"),
    [
        ("元旦：1月1日（周五）至3日（周日）放假公休，共3天。", 2021, {"01-01": "休", "01-02": "休", "01-03": "休"}),
        ("清明节：4月5日（星期五）放假，与周末连休，共3天。", 2019, {"04-05": "休"}),
        ("元旦：1月1日放假，与周末连休。", 2018, {"01-01": "休"}),
        ("劳动节：5月1日（周日）放假，5月2日（周一）补休。", 2016, {"05-01": "休", "05-02": "休"}),
        ("劳动节：5月1日放假1天，不调休。", 2026, {"05-01": "休"}),
        ("元旦：2022年12月31日（周六）至2023年1月2日（周一）放假调休，共3天。", 2023,
         {"2022-12-31": "休", "01-01": "休", "01-02": "休"}),
        ("元旦：12月30日（周日）至1月1日（周二）放假调休，共3天。12月29日（周六）上班。", 2019,
         {"2018-12-29": "班", "2018-12-30": "休", "2018-12-31": "休", "01-01": "休"}),
        ("元旦：2012年1月1日至3日放假调休，共3天。2011年12月31日（星期六）上班。", 2012,
         {"2011-12-31": "班", "01-01": "休", "01-02": "休", "01-03": "休"}),
        ("元旦：1月1日—3日放假，共3天；将2006年12月30日、31日移到1月2日、3日，2006年12月30日、31日上班。", 2007,
         {"2006-12-30": "班", "2006-12-31": "班", "01-01": "休", "01-02": "休", "01-03": "休"}),
        ("春节：放假时间为2月10日至17日，共8天。2月4日（周日）、2月18日（周日）上班。单位可结合带薪休假，鼓励安排职工在除夕（2月9日）休息。",
         2024, {f"02-{n}": "休" for n in range(10, 18)} | {"02-04": "班", "02-18": "班"}),
        ("春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共九天。", 2026,
         {f"02-{n}": "休" for n in range(15, 24)}),
        ("国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。", 2025,
         {f"10-0{n}": "休" for n in range(1, 9)}),
        ("“五一”国际劳动节：5月1日至5月3日放假,共3天,4月28日(周日)、5月5日(周日)照常上班.", 2019,
         {"05-01": "休", "05-02": "休", "05-03": "休", "04-28": "班", "05-05": "班"}),
    ],
)  # fmt: skip
def test_older_and_unusual_wordings(passage: str, year: int, wanted: dict[str, str]) -> None:
    assert one(passage, year) == wanted


def test_joined_holidays_carry_both_names() -> None:
    rows = read_notice(
        HEAD.replace("2026", "2025") + "七、国庆节、中秋节：10月1日至8日放假调休，共8天。"
    ).rows
    assert {row.name for row in rows} == {"国庆节、中秋节"}


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("1月4日（周日）上班", "1月4日（周六）上班", "weekday", 2),
        ("至3日（周六）放假调休，共3天", "至3日（周六）放假调休，共4天", "count", 2),
        ("2月14日（周六）、", "2月16日（周一）、", "both", 3),
        ("5月9日（周六）上班", "5月8日（周五）上班", "makeup_weekday", 5),
        ("5月9日（周六）上班", "5月3日（周日）上班", "both", 5),
        ("6月19日（周五）至21日", "6月21日（周日）至19日", "backward_range", 6),
        ("9月25日", "9月31日", "no_such_day", 7),
        ("9月25日（周五）至27日（周日）放假，共3天。", "9月25日（周五）。", "no_verb", 7),
        ("10月10日（周六）上班", "2027年10月10日（周日）上班", "two_years", 8),
        ("\n二、", "\n关于2027年部分节假日安排的通知\n二、", "two_years", 3),
    ],
)  # fmt: skip
def test_a_contradiction_is_named_with_its_place_and_must_be_mended(
    old: str, new: str, code: str, line: int
) -> None:
    assert YEAR_2026.count(old) == 1
    notice = read_notice(YEAR_2026.replace(old, new))
    found = next(problem for problem in notice.problems if problem.code == code)
    assert found.fatal
    assert not notice.is_usable
    assert found.line == line
    assert str(found.mend)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("五、端午节：6月19日（周五）至21日（周日）放假，共3天。\n", "", "missing_holiday"),
        ("5月9日（周六）上班。", "", "missing_makeup"),
        (
            "6月19日（周五）至21日（周日）放假，共3天。",
            "6月19日（周五）至21日（周日）放假，共3天。6月28日（周日）上班。",
            "extra_makeup",
        ),
        (
            "10月1日（周四）至7日（周三）放假调休，共7天",
            "10月2日（周五）至7日（周三）放假调休，共6天",
            "statutory_day",
        ),
        ("国务院办公厅关于", "澄江市人民政府办公室关于", "issuer"),
    ],
)
def test_what_may_be_so_is_asked_and_can_be_confirmed(old: str, new: str, code: str) -> None:
    notice = read_notice(YEAR_2026.replace(old, new))
    found = next(problem for problem in notice.problems if problem.code == code)
    assert not found.fatal
    assert notice.is_usable


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", {"no_year", "other_document"}),
        ("澄江市2026年老旧小区改造工作方案\n一、工作目标：年底前完成。", {"no_year", "other_document"}),
        ("国务院办公厅关于2026年政务公开工作要点的通知\n一、公开：3月1日前报送。", {"other_document"}),
        (YEAR_2026.replace("2026年", ""), {"no_year"}),
        ("关" * (LONGEST_TEXT + 1), {"too_long"}),
    ],
)
def test_another_kind_of_text_is_refused(text: str, wanted: set[str]) -> None:
    notice = read_notice(text)
    assert wanted <= {problem.code for problem in notice.problems}
    assert not notice.is_usable


@pytest.mark.parametrize(
    "piece", [" ", "\n", "\n ", "　", "1月1日至", "一、", "元旦、", "1月1日（", "关于", "放假", "至"]
)
def test_a_text_of_one_thing_over_and_over_is_read_at_once(piece: str) -> None:
    text = HEAD + "一、元旦：" + piece * ((LONGEST_TEXT - 100) // len(piece))
    begin = time.perf_counter()
    read_notice(text)
    assert time.perf_counter() - begin < 2
