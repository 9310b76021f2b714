"""The quality gate of a report: what is asked about before it goes out."""

from __future__ import annotations

from datetime import date

import pytest

from supervisor.core import reports
from supervisor.core.report_bodies import EntryBody, ReportBody, is_copy, says_nothing
from supervisor.errors import Invalid
from supervisor.models import Light, QuantityTarget, ReportEntry, Role
from tests import builders as b

MAY = "完成东门片区雨污管网改造1.2公里，协调3户居民拆除违建，施工进场。"


@pytest.mark.parametrize(
    ("text", "nothing"),
    [
        ("无", True),
        ("同上月。", True),
        ("正常推进中", True),
        ("正在按计划有序推进。", True),
        ("……", True),
        ("已开工3个小区", False),
        ("完成立项", False),
        ("持续推进雨污分流，本月铺管800米", False),
        ("无障碍坡道完成12处", False),
    ],
)
def test_words_that_could_stand_in_any_month_say_nothing(text: str, *, nothing: bool) -> None:
    assert says_nothing(text) is nothing


@pytest.mark.parametrize(
    ("text", "before", "copy"),
    [
        (MAY, MAY, True),
        (MAY.replace("，", ", ").replace("。", ""), MAY, True),
        (MAY.replace("3户", "4户"), MAY, True),
        (MAY + "另完成西门片区立面整治6栋并通过街道初验。", MAY, False),
        ("完成西门片区立面整治6栋，通过街道初验，移交社区。", MAY, False),
        ("完成3栋", "完成4栋", False),  # too short for a likeness to mean anything
        ("完成3栋", "完成3栋。", True),
        (MAY, "", False),
        ("", "", False),
    ],
)
def test_a_copy_is_the_same_words_but_for_marks_or_a_few_characters(
    text: str, before: str, *, copy: bool
) -> None:
    assert is_copy(text, before) is copy


@pytest.mark.usefixtures("database")
def test_a_copy_of_the_month_before_is_asked_about_and_its_reason_reaches_the_reviewer() -> None:
    programme, unit = b.programme(), b.unit("甲局")
    liaison = b.actor(Role.LIAISON, programme, unit, person=b.user("张三", Role.LIAISON, programme, unit))
    link = b.assignment(b.task(b.plan(programme)), unit)
    owed = [
        b.obligation(unit, programme, "2021-05"),
        b.obligation(unit, programme, "2021-06", due_on=date(2021, 7, 5)),
    ]
    may, june = (b.entry(obligation, link) for obligation in owed)
    reports.submit(
        owed[0], ReportBody([EntryBody(may.id, 20, MAY)]), by=liaison, now=b.at("2021-06-02 09:00")
    )
    same = EntryBody(june.id, 30, MAY, self_light=Light.AMBER)
    with pytest.raises(Invalid) as wrong:
        reports.submit(owed[1], ReportBody([same]), by=liaison, now=b.at("2021-07-02 09:00"))
    assert set(wrong.value.fields) == {f"e{june.id}-figure_reason"}
    explained = EntryBody(june.id, 30, MAY, figure_reason="汛期停工", self_light=Light.AMBER)
    reports.submit(owed[1], ReportBody([explained]), by=liaison, now=b.at("2021-07-02 09:00"))
    row = ReportEntry.select().order_by(ReportEntry.id.desc()).get()
    assert (row.figure_reason, row.self_light) == ("汛期停工", Light.AMBER)


@pytest.mark.usefixtures("database")
def test_everything_completed_below_the_target_is_asked_about() -> None:
    programme, unit = b.programme(), b.unit("甲局")
    task = b.task(b.plan(programme))
    entry = b.entry(b.obligation(unit, programme), b.assignment(task, unit))
    QuantityTarget.create(task=task, unit=unit, measure="改造小区（个）", target=10)

    def odd(progress: int, figure: int) -> int:
        said = EntryBody(entry.id, progress, MAY, quantities={"改造小区（个）": figure})
        return len(reports.warnings(entry.obligation, ReportBody([said])).get(entry.id, []))

    assert [odd(100, 9), odd(100, 10), odd(99, 9), odd(100, 11)] == [1, 0, 0, 1]
