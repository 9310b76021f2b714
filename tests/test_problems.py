"""The register of problems: what reports raise, what stays one problem, what the office does, who sees it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from peewee import Database
from python_calamine import CalamineWorkbook

from supervisor.core import problem_pages, problems, reports, reviews
from supervisor.core.permissions import Actor
from supervisor.core.problem_pages import Filter
from supervisor.core.problems import Help
from supervisor.core.report_bodies import EntryBody, ReportBody
from supervisor.database import count_queries
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused
from supervisor.models import (
    AuditEntry,
    Entry,
    LocalSettings,
    Message,
    Obligation,
    Problem,
    ProblemEvent,
    ProblemState,
    Programme,
    Report,
    ReportEntry,
    Role,
    Unit,
    User,
    Verdict,
)
from tests import builders as b
from tests.conftest import StillClock, login

TROUBLE = "三处管线权属不清，产权单位互相推诿，施工无法进场。"


@dataclass
class Place:
    programme: Programme
    unit: Unit
    helper: Unit
    april: Obligation
    may: Obligation
    liaison: Actor
    office: Actor

    def hand_in(self, owed: Obligation, day: str, text: str = "", help_: str = "", **more: Any) -> Report:
        fresh = Obligation.get_by_id(owed.id)
        said = [
            EntryBody(e.id, 30, f"{day}完成招标和进场准备", text, help_wanted=help_, **more)
            for e in Entry.select().where((Entry.obligation == owed) & (Entry.state != "accepted"))
        ]
        return reports.submit(fresh, ReportBody(said), by=self.liaison, now=b.at(f"{day} 09:00"))

    def review(self, report: Report, verdict: Verdict, day: str) -> None:
        row = ReportEntry.get(ReportEntry.report == report)
        due = date(2021, 6, 25) if verdict is Verdict.RETURNED else None
        reviews.decide(
            row, verdict, mark=90, note="写清", due_on=due, by=self.office, now=b.at(f"{day} 10:00")
        )


@pytest.fixture
def place(database: Database) -> Place:
    programme, unit, helper = b.programme(), b.unit("甲局"), b.unit("乙局")
    link = b.assignment(b.task(b.plan(programme)), unit)
    april, may = [
        b.obligation(unit, programme, month, due_on=day)
        for month, day in (("2021-04", date(2021, 5, 5)), ("2021-05", date(2021, 6, 5)))
    ]
    for one in (april, may):
        b.entry(one, link)
    liaison = b.user("张三", Role.LIAISON, programme, unit)
    office = b.user("王五", Role.LEAD_OFFICE, programme)
    return Place(
        programme, unit, helper, april, may, b.actor(Role.LIAISON, programme, unit, person=liaison),
        b.actor(Role.LEAD_OFFICE, programme, person=office),
    )  # fmt: skip


def test_a_report_without_a_problem_raises_none_and_one_with_raises_one_at_once(place: Place) -> None:
    place.hand_in(place.april, "2021-05-03")
    assert Problem.select().count() == 0
    place.hand_in(place.may, "2021-06-03", TROUBLE, "请召开协调会")
    problem = Problem.get()
    assert (problem.unit_id, problem.text, problem.help_wanted) == (place.unit.id, TROUBLE, "请召开协调会")
    assert (problem.raised_period, problem.state) == ("2021-05", ProblemState.OPEN)


def test_a_returned_report_words_its_problem_anew_and_never_doubles_it(place: Place) -> None:
    first = place.hand_in(place.april, "2021-05-03", TROUBLE)
    place.review(first, Verdict.RETURNED, "2021-05-04")
    place.hand_in(place.april, "2021-05-06", "两处管线权属不清")
    assert [row.text for row in Problem.select()] == ["两处管线权属不清"]
    steps = [event.step.value for event in problem_pages.history(Problem.get())]
    assert steps == ["raised", "reworded"]


def test_a_new_version_that_names_no_problem_withdraws_it(place: Place) -> None:
    first = place.hand_in(place.april, "2021-05-03", TROUBLE)
    place.review(first, Verdict.RETURNED, "2021-05-04")
    place.hand_in(place.april, "2021-05-06")
    assert Problem.get().state is ProblemState.CLOSED
    assert Problem.get().settled_how == problems.WITHDRAWN


def test_what_waits_for_the_head_raises_nothing_until_the_head_sends_it(place: Place) -> None:
    LocalSettings.update(head_approves=True).execute()
    report = place.hand_in(place.april, "2021-05-03", TROUBLE)
    assert Problem.select().count() == 0
    head = b.actor(Role.UNIT_HEAD, place.programme, place.unit)
    reports.approve(report, by=head, now=b.at("2021-05-03 15:00"))
    assert Problem.select().count() == 1


def test_next_months_report_says_still_open_and_it_stays_one_problem_a_month_older(place: Place) -> None:
    place.hand_in(place.april, "2021-05-03", TROUBLE)
    place.hand_in(place.may, "2021-06-03")
    problem = Problem.get()
    assert (problem.raised_month, problem.state) == ("2021-04", ProblemState.OPEN)
    assert problems.age_in_months(problem, date(2021, 6, 3)) == 2
    assert [event.step.value for event in problem_pages.history(problem)] == ["raised", "still_open"]


@pytest.mark.parametrize("typed", [TROUBLE, TROUBLE.replace("三", "3").replace("，", ", ")])
def test_the_same_words_typed_again_are_not_a_second_problem(place: Place, typed: str) -> None:
    place.hand_in(place.april, "2021-05-03", TROUBLE)
    place.hand_in(place.may, "2021-06-03", typed)
    assert Problem.select().count() == 1
    assert ProblemEvent.select().where(ProblemEvent.step == "still_open").count() == 1


def test_another_problem_with_the_same_task_is_a_second_one(place: Place) -> None:
    place.hand_in(place.april, "2021-05-03", TROUBLE)
    place.hand_in(place.may, "2021-06-03", "居民对施工时间有意见，白天停工两次。")
    assert Problem.select().count() == 2


def test_solved_needs_how_and_a_returned_report_may_take_it_back(place: Place) -> None:
    place.hand_in(place.april, "2021-05-03", TROUBLE)
    problem = Problem.get()
    with pytest.raises(Invalid):
        place.hand_in(place.may, "2021-06-03", solved={problem.id: " "})
    report = place.hand_in(place.may, "2021-06-03", solved={problem.id: "三家已签权属确认书"})
    problem = Problem.get()
    assert (problem.state, problem.settled_month) == (ProblemState.SOLVED, "2021-05")
    place.review(report, Verdict.RETURNED, "2021-06-04")
    place.hand_in(place.may, "2021-06-05")
    assert Problem.get().state is ProblemState.OPEN


def test_a_unit_answers_only_for_its_own_problems(place: Place) -> None:
    place.hand_in(place.april, "2021-05-03", TROUBLE)
    with pytest.raises(NotFound):
        place.hand_in(place.may, "2021-06-03", solved={Problem.get().id + 1: "已解决"})


def test_the_office_assigns_help_notes_progress_crosses_off_and_opens_again_all_on_record(
    place: Place,
) -> None:
    place.hand_in(place.april, "2021-05-03", TROUBLE)
    b.user("赵六", Role.LIAISON, place.programme, place.helper)
    now = b.at("2021-05-10 09:00")
    wanted = Help(place.helper.id, date(2021, 5, 20), "牵头开一次协调会")
    problems.assign_help(Problem.get(), wanted, by=place.office, now=now)
    problems.note_progress(Problem.get(), "已开会", by=place.office, now=now)
    problems.close(Problem.get(), "权属已确认", by=place.office, now=now)
    assert (Problem.get().state, Problem.get().settled_month) == (ProblemState.CLOSED, "2021-05")
    problems.reopen(Problem.get(), "又有反复", by=place.office, now=now)
    steps = [event.step.value for event in problem_pages.history(Problem.get())]
    assert steps == ["raised", "assigned", "progress", "closed", "reopened"]
    acts = {row.action for row in AuditEntry.select()}
    assert acts >= {"problem.report", "problem.assign", "problem.note", "problem.close", "problem.reopen"}
    assert {m.person.name for m in Message.select().where(Message.key.startswith("help:"))} == {
        "张三",
        "赵六",
    }


def test_bad_acts_are_refused_and_change_nothing(place: Place) -> None:
    place.hand_in(place.april, "2021-05-03", TROUBLE)
    problem, now = Problem.get(), b.at("2021-05-10 09:00")
    with pytest.raises(NotAllowed):
        problems.close(problem, "x", by=place.liaison, now=now)
    for wanted in (
        Help(place.unit.id, date(2021, 5, 20)),
        Help(None, date(2021, 5, 9)),
        Help(99, date(2021, 6, 1)),
    ):
        with pytest.raises(Invalid):
            problems.assign_help(problem, wanted, by=place.office, now=now)
    with pytest.raises(Invalid):
        problems.close(problem, " ", by=place.office, now=now)
    seen = Problem.get()
    problems.note_progress(Problem.get(), "已开会", by=place.office, now=now)
    with pytest.raises(Refused):
        problems.close(seen, "看过旧版", by=place.office, now=now)
    assert Problem.get().state is ProblemState.OPEN


def test_each_sees_its_own_the_helper_what_it_helps_with_the_office_all(place: Place) -> None:
    place.hand_in(place.april, "2021-05-03", TROUBLE)
    helper = b.actor(Role.LIAISON, place.programme, place.helper)
    assert problems.visible_to(helper).count() == 0
    now = b.at("2021-05-10 09:00")
    problems.assign_help(Problem.get(), Help(place.helper.id, date(2021, 5, 20)), by=place.office, now=now)
    assert [problems.visible_to(one).count() for one in (helper, place.liaison, place.office)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(), 2), (Filter(help=True), 1), (Filter(age=2), 1), (Filter(state="solved"), 0),
        (Filter(unit_id=1), 2), (Filter(unit_id=2), 0), (Filter(state="all", age=6), 0),
    ],
)  # fmt: skip
def test_the_file_has_as_many_rows_as_the_screen(place: Place, wanted: Filter, found: int) -> None:
    if wanted.unit_id:
        wanted = Filter(unit_id={1: place.unit.id, 2: place.helper.id}[wanted.unit_id])
    place.hand_in(place.april, "2021-05-03", TROUBLE)
    place.hand_in(place.may, "2021-06-03", "", "请协调夜间施工许可，并由城管部门现场答复居民。")
    page = problem_pages.read_page(place.office, wanted, day=date(2021, 6, 10))
    file = problem_pages.export(place.programme, wanted, by=place.office, now=b.at("2021-06-10 09:00"))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(file.content)).get_sheet_by_index(0).to_python()
    numbered = [row for row in rows if isinstance(row[0], float)]
    assert (len(page.rows), page.all, len(numbered)) == (found, found, found)


def test_the_pages_show_ask_and_act(place: Place, client: FlaskClient, clock: StillClock) -> None:
    place.hand_in(place.april, "2021-05-03", TROUBLE)
    problem = Problem.get()
    clock.moment = b.at("2021-06-01 09:00")
    login(client, User.get(User.username == "张三"))
    form = client.get(f"/p/{place.programme.id}/reports/{place.may.id}/form").text
    entry = Entry.get(Entry.obligation == place.may)
    assert TROUBLE in form
    assert f'name="e{entry.id}-p{problem.id}"' in form
    filled = {
        f"e{entry.id}-progress": "40",
        f"e{entry.id}-done": "完成一号楼吊装",
        f"e{entry.id}-p{problem.id}": "solved",
    }
    where = f"/p/{place.programme.id}/reports/{place.may.id}/form"
    assert client.post(where, data=filled | {"_once": "a"}).status_code == 422
    done = client.post(where, data=filled | {"_once": "b", f"e{entry.id}-p{problem.id}-how": "已签确认书"})
    assert done.status_code == 303
    assert "已签确认书" in client.get(f"/p/{place.programme.id}/reports/{place.may.id}").text
    login(client, User.get(User.username == "王五"))
    here = f"/p/{place.programme.id}/problems"
    assert TROUBLE not in client.get(here).text
    assert TROUBLE in client.get(f"{here}?state=solved").text
    answer = client.post(
        f"{here}/{problem.id}", data={"_once": "c", "verb": "close", "reason": "属实", "seen": "1"}
    )
    assert answer.status_code == 303
    assert "属实" in client.get(f"{here}/{problem.id}").text
    assert client.get(f"{here}.xlsx?state=all").status_code == 200


def test_the_list_takes_as_many_queries_for_forty_problems_as_for_one(
    place: Place, database: Database
) -> None:
    place.hand_in(place.april, "2021-05-03", TROUBLE)

    def cost() -> int:
        with count_queries(database) as counted:
            problem_pages.read_page(place.office, Filter(), day=date(2021, 6, 1))
        return len(counted)

    one = cost()
    for n in range(40):
        task = b.task(b.plan(place.programme), f"事项{n}")
        entry = b.entry(place.may, b.assignment(task, place.unit))
        Problem.create(
            programme=place.programme, unit=place.unit, task=task, entry=entry, text=f"难点{n}",
            raised_period="2021-05", raised_month="2021-05",
        )  # fmt: skip
    assert cost() == one


@pytest.mark.parametrize(
    "nothing", ["无", "暂无。", "无突出问题。", "目前没有需要协调的事项", "本月未发现问题", "None"]
)
def test_words_that_say_there_is_nothing_are_no_problem(place: Place, nothing: str) -> None:
    place.hand_in(place.april, "2021-05-03", nothing, nothing)
    assert Problem.select().count() == 0


@pytest.mark.parametrize(
    "something", ["无专业施工队伍", "没有资金来源", "管线权属不清", "无证摊点多，清理困难"]
)
def test_words_that_begin_with_no_may_still_be_one(place: Place, something: str) -> None:
    place.hand_in(place.april, "2021-05-03", something)
    assert Problem.get().text == something
