"""Tasks: search words, plan, light, who sees what, kept columns, numbered changes."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.core import tasks
from supervisor.errors import Invalid, NotAllowed, NotFound, Stale
from supervisor.models import (
    Assignment,
    AssignmentState,
    AuditEntry,
    Light,
    LightChange,
    LightReason,
    LinkRole,
    Role,
    Task,
    TaskState,
)
from tests import builders as b

YEAR = (date(2021, 1, 1), date(2021, 12, 31))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("老旧小区改造", "老旧 旧小 小区 区改 改造"),
        ("改", "改"),
        ("加装电梯300部，Wi-Fi全覆盖", "加装 装电 电梯 300 部 wi fi 全覆 覆盖"),
        ("ＡＢＣ１２", "abc12"),
        ("改造改造", "改造 造改"),
        ("", ""),
        ("，。！", ""),
    ],
)
def test_search_words(text: str, words: str) -> None:
    assert tasks.bigrams(text) == words


@pytest.mark.parametrize(
    ("planned", "due", "day", "expected"),
    [
        ({}, None, date(2021, 6, 1), None),
        ({}, YEAR[1], date(2020, 12, 1), 0),
        ({}, YEAR[1], YEAR[0], 0),
        ({}, date(2021, 4, 11), date(2021, 2, 20), 50),
        ({}, YEAR[1], YEAR[1], 100),
        ({}, YEAR[1], date(2022, 5, 1), 100),
        ({"2021-Q1": 20, "2021-Q2": 60}, YEAR[1], date(2021, 3, 31), 20),
        ({"2021-Q1": 20, "2021-Q2": 60}, YEAR[1], date(2021, 6, 30), 60),
        ({"2021-Q1": 20, "2021-Q2": 60}, YEAR[1], date(2021, 5, 16), 40),
        ({"2021-Q1": 20, "2021-Q2": 60}, YEAR[1], YEAR[1], 100),
        ({"2021-Q2": 100}, None, date(2021, 9, 1), 100),
    ],
)
def test_planned_progress(planned: dict[str, int], due: date | None, day: date, expected: int | None) -> None:
    assert tasks.planned_on(planned, YEAR[0], due, day) == expected


@given(st.integers(0, 400), st.integers(0, 400), st.lists(st.integers(0, 100), max_size=4))
def test_planned_progress_never_falls_and_stays_within_bounds(a: int, z: int, marks: list[int]) -> None:
    planned = {f"2021-Q{n}": value for n, value in enumerate(sorted(marks), start=1)}
    first, last = sorted((a, z))
    earlier = tasks.planned_on(planned, YEAR[0], YEAR[1], YEAR[0] + timedelta(days=first))
    later = tasks.planned_on(planned, YEAR[0], YEAR[1], YEAR[0] + timedelta(days=last))
    assert earlier is not None
    assert later is not None
    assert 0 <= earlier <= later <= 100


@pytest.mark.usefixtures("database")
class TestRows:
    def test_a_unit_sees_its_own_tasks_and_the_office_all_issued_ones(self) -> None:
        programme = b.programme()
        plan, own, other = b.plan(programme), b.unit("甲局"), b.unit("乙局")
        mine, theirs, taken = b.task(plan, "一"), b.task(plan, "二"), b.task(plan, "三")
        b.assignment(mine, own)
        b.assignment(theirs, other)
        b.assignment(taken, own, state=AssignmentState.CANCELLED)
        draft = b.task(plan, "四", state=TaskState.DRAFT)
        b.assignment(draft, own)
        liaison = b.actor(Role.LIAISON, programme, own)
        assert list(tasks.visible_to(liaison)) == [mine]
        assert set(tasks.visible_to(b.actor(Role.LEAD_OFFICE, programme))) == {mine, theirs, taken}
        assert list(tasks.visible_to(b.actor(Role.LEAD_OFFICE, b.programme("别的")))) == []
        assert list(tasks.visible_to(b.actor(Role.JUDGE, programme))) == []
        assert tasks.get_visible(mine.id, liaison) == mine
        with pytest.raises(NotFound):
            tasks.get_visible(theirs.id, liaison)

    def test_a_task_closes_when_its_last_lead_closes(self) -> None:
        programme = b.programme()
        task = b.task(b.plan(programme))
        leads = [b.assignment(task, b.unit(f"{n}区")) for n in range(3)]
        b.assignment(task, b.unit("甲局"), LinkRole.RESPONSIBLE)
        for n, link in enumerate(leads, start=1):
            Assignment.update(state=AssignmentState.CLOSED, closed_on=date(2021, 5, n)).where(
                Assignment.id == link.id
            ).execute()
            tasks.refresh([task.id], b.NOW)
            kept = Task.get_by_id(task.id)
            assert (kept.links, kept.leads, kept.leads_closed, kept.progress) == (4, 3, n, n * 100 // 3)
        assert (kept.state, kept.closed_on, kept.light) == (TaskState.CLOSED, date(2021, 5, 3), Light.GREEN)
        assert {link.task_state for link in Assignment.select().where(Assignment.task == task)} == {
            TaskState.CLOSED
        }

    def test_without_a_lead_all_links_count(self) -> None:
        programme = b.programme()
        task = b.task(b.plan(programme))
        links = [b.assignment(task, b.unit(f"{n}局"), LinkRole.RESPONSIBLE) for n in range(2)]
        Assignment.update(state=AssignmentState.CLOSED).where(Assignment.id == links[0].id).execute()
        tasks.refresh([task.id], b.NOW)
        assert Task.get_by_id(task.id).state is TaskState.OPEN
        Assignment.update(state=AssignmentState.CLOSED).execute()
        tasks.refresh([task.id], b.NOW)
        assert Task.get_by_id(task.id).state is TaskState.CLOSED

    def test_the_light_is_renewed_once_a_day(self) -> None:
        task = b.task(b.plan(b.programme()), due_on=date(2021, 6, 1))
        b.assignment(task, b.unit("甲局"))
        assert tasks.refresh_lights(b.NOW) == 1
        assert Task.get_by_id(task.id).light is Light.AMBER
        assert tasks.refresh_lights(b.NOW) == 0
        assert tasks.refresh_lights(b.at("2021-06-02 00:01")) == 1
        assert Task.get_by_id(task.id).light is Light.RED
        turned = [(row.day, row.light, row.why) for row in LightChange.select().order_by(LightChange.id)]
        assert turned == [
            (b.NOW.date(), Light.AMBER, LightReason.NEAR),
            (date(2021, 6, 2), Light.RED, LightReason.OVERDUE),
        ]

    def test_a_day_of_turns_leaves_one_line_of_history_or_none(self) -> None:
        task = b.task(b.plan(b.programme()), due_on=date(2021, 6, 1))
        b.assignment(task, b.unit("甲局"))
        tasks.refresh([task.id], b.NOW)

        def turn(due_on: date) -> list[Light]:
            Task.update(due_on=due_on).execute()
            tasks.refresh([task.id], b.at("2021-06-02 09:00"))
            return [row.light for row in LightChange.select().order_by(LightChange.id)]

        assert turn(date(2021, 6, 1)) == [Light.AMBER, Light.RED]
        assert turn(date(2021, 12, 1)) == [Light.AMBER, Light.GREY]
        assert turn(date(2021, 6, 3)) == [Light.AMBER]

    def test_a_change_is_numbered_has_a_reason_and_is_signed_for_again(self) -> None:
        programme = b.programme()
        task, unit = b.task(b.plan(programme)), b.unit("甲局")
        link = b.assignment(task, unit)
        office = b.actor(Role.LEAD_OFFICE, programme)
        new = {"due_on": date(2021, 9, 30), "planned": {"2021-Q2": 40}}
        with pytest.raises(Invalid) as wrong:
            tasks.change(task, **new, seen_version=1, reason=" ", by=office, now=b.NOW)  # type: ignore[arg-type]  # mixed values
        assert set(wrong.value.fields) == {"reason"}
        changed = tasks.change(task, **new, seen_version=1, reason="工期调整", by=office, now=b.NOW)  # type: ignore[arg-type]  # mixed values
        assert (changed.due_on, changed.planned, changed.version) == (date(2021, 9, 30), {"2021-Q2": 40}, 2)
        again = Assignment.get_by_id(link.id)
        assert (again.state, again.due_on) == (AssignmentState.ISSUED, date(2021, 9, 30))
        trace = AuditEntry.get(AuditEntry.action == "task.change")
        assert trace.reason == "工期调整"
        assert '"number":1' in trace.after

    def test_changes_of_a_programme_share_one_series_that_begins_with_its_first_change(self) -> None:
        programme = b.programme()
        plan = b.plan(programme)
        drafted, other = b.task(plan), b.task(plan, "别的任务")
        Task.update(version=4).where(Task.id == drafted.id).execute()  # corrected thrice before the issue
        office = b.actor(Role.LEAD_OFFICE, programme)
        for task, seen in ((drafted, 4), (other, 1)):
            tasks.change(
                task,
                due_on=date(2021, 9, 30),
                planned={},
                seen_version=seen,
                reason="一",
                by=office,
                now=b.NOW,
            )
        rows = AuditEntry.select().where(AuditEntry.action == "task.change").order_by(AuditEntry.seq)
        assert [json.loads(row.after)["number"] for row in rows] == [1, 2]

    def test_two_people_changing_one_task_get_both_versions(self) -> None:
        programme = b.programme()
        task = b.task(b.plan(programme))
        office = b.actor(Role.LEAD_OFFICE, programme)
        tasks.change(
            task, due_on=date(2021, 9, 30), planned={}, seen_version=1, reason="一", by=office, now=b.NOW
        )
        with pytest.raises(Stale) as both:
            tasks.change(
                task, due_on=date(2021, 10, 31), planned={}, seen_version=1, reason="二", by=office, now=b.NOW
            )
        assert both.value.theirs == (("Time limit", "2021-09-30"),)
        assert both.value.yours == (("Time limit", "2021-10-31"),)

    @pytest.mark.parametrize("role", [Role.LIAISON, Role.UNIT_HEAD, Role.LEADER, Role.ASSESSOR])
    def test_only_the_office_changes_a_task(self, role: Role) -> None:
        programme = b.programme()
        task = b.task(b.plan(programme))
        with pytest.raises(NotAllowed):
            tasks.change(
                task,
                due_on=None,
                planned={},
                seen_version=1,
                reason="x",
                by=b.actor(role, programme, b.unit("甲局")),
                now=b.NOW,
            )
