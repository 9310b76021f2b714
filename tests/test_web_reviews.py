"""The review pages: right, wrong, another programme's, sent twice; queries that do not grow."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import assignments, extensions
from supervisor.database import count_queries
from supervisor.models import (
    Application,
    Assignment,
    AssignmentState,
    Extension,
    IdempotencyKey,
    Objection,
    Obligation,
    ObligationState,
    ReportEntry,
    Role,
    User,
    Verdict,
)
from tests import builders
from tests.builders import at
from tests.conftest import StillClock, login
from tests.test_core_reviews import Place, hand_in, place

NOW = at("2021-06-07 10:00")


@pytest.fixture
def here(client: FlaskClient, clock: StillClock) -> Place:
    clock.moment = NOW
    made = place()
    login(client, builders.user("office", Role.LEAD_OFFICE, made.programme), NOW)
    return made


def url(here: Place, rest: str = "") -> str:
    return f"/p/{here.programme.id}/reviews{rest}"


def test_an_empty_queue_says_what_will_appear(client: FlaskClient, here: Place) -> None:
    page = client.get(url(here))
    assert page.status_code == 200
    assert "没有待审核的报告" in page.text
    for tab in ("applications", "objections", "extensions"):
        assert client.get(url(here, f"?tab={tab}")).status_code == 200


def test_the_queue_lists_entries_and_accepts_several_with_one_mark(client: FlaskClient, here: Place) -> None:
    entries = hand_in(here)
    page = client.get(url(here))
    assert "市城建局" in page.text
    assert "任务1" in page.text
    form = {"entry": [row.id for row in entries], "mark": "88", "_once": "k1"}
    answer = client.post(url(here, "/accept"), data=form)
    assert (answer.status_code, answer.location) == (303, url(here))
    assert [row.mark for row in ReportEntry.select()] == [88, 88]
    assert client.post(url(here, "/accept"), data=form).status_code == 302  # sent twice: the first answer
    assert IdempotencyKey.select().count() == 1
    assert Obligation.get().state is ObligationState.ACCEPTED


def test_a_missing_mark_brings_the_page_back_with_the_choice(client: FlaskClient, here: Place) -> None:
    first, _ = hand_in(here)
    answer = client.post(url(here, "/accept"), data={"entry": [first.id], "mark": "", "_once": "k1"})
    assert answer.status_code == 422
    assert f'value="{first.id}" data-pick aria-label="选择：任务1" checked' in answer.text
    assert "请给出0至100分的评分" in answer.text
    assert ReportEntry.get_by_id(first.id).verdict is None
    assert IdempotencyKey.select().count() == 0


def test_accepting_one_entry_goes_on_to_the_next(client: FlaskClient, here: Place) -> None:
    first, second = hand_in(here)
    assert "对比" in client.get(url(here, f"/{first.id}")).text
    answer = client.post(url(here, f"/{first.id}/accept"), data={"mark": "70", "_once": "k1"})
    assert answer.location == url(here, f"/{second.id}")
    answer = client.post(
        url(here, f"/{second.id}/give_back"), data={"note": "缺附件", "due_on": "2021-06-10", "_once": "k2"}
    )
    assert answer.location == url(here)
    assert ReportEntry.get_by_id(second.id).verdict is Verdict.RETURNED
    assert Obligation.get().state is ObligationState.RETURNED
    page = client.get(url(here, f"/{second.id}")).text
    assert "缺附件" in page
    assert "give_back" not in page  # decided: no form


def test_a_return_without_reason_keeps_the_form(client: FlaskClient, here: Place) -> None:
    first, _ = hand_in(here)
    answer = client.post(
        url(here, f"/{first.id}/give_back"), data={"note": "", "due_on": "2021-06-30", "_once": "k1"}
    )
    assert answer.status_code == 422
    assert 'value="2021-06-30"' in answer.text


def test_another_programme_and_other_roles_find_nothing(client: FlaskClient, here: Place) -> None:
    entries = hand_in(here)
    other = builders.programme("另一专项")
    login(client, builders.user("elsewhere", Role.LEAD_OFFICE, other), NOW)
    assert client.get(url(here)).status_code == 404
    assert client.get(f"/p/{other.id}/reviews/{entries[0].id}").status_code == 404
    form = {"entry": [entries[0].id], "mark": "90", "_once": "k1"}
    assert client.post(f"/p/{other.id}/reviews/accept", data=form).status_code == 404
    login(client, User.get(username=f"liaison-{here.unit.id}"), NOW)
    assert client.get(url(here)).status_code == 403
    assert ReportEntry.select().where(ReportEntry.verdict == Verdict.ACCEPTED).count() == 0


def test_the_own_unit_is_shown_without_a_form(client: FlaskClient, here: Place) -> None:
    first, _ = hand_in(here)
    both = builders.user("both", [Role.LEAD_OFFICE], here.programme)
    builders.posting(both, Role.LIAISON, here.programme, here.unit)
    login(client, both, NOW)
    page = client.get(url(here)).text
    assert "这是您本单位的报告" in page
    assert 'name="entry"' not in page
    answer = client.post(url(here, f"/{first.id}/accept"), data={"mark": "100", "_once": "k1"})
    assert answer.status_code == 409


def test_an_application_is_returned_with_a_reason_and_then_accepted(client: FlaskClient, here: Place) -> None:
    link = Assignment.select().first()
    assert link is not None
    assignments.apply_for_completion(link, "验收报告已出", by=here.liaison, now=NOW)
    page = client.get(url(here, "?tab=applications")).text
    assert "验收报告已出" in page
    row = Application.get()
    path = url(here, f"/applications/{row.id}")
    assert client.post(path, data={"answer": "no", "reason": "", "_once": "k1"}).status_code == 422
    answer = client.post(path, data={"answer": "no", "reason": "缺验收单", "_once": "k1"})
    assert answer.location == url(here, "?tab=applications")
    assert Assignment.get_by_id(link.id).state is AssignmentState.ACKNOWLEDGED
    assignments.apply_for_completion(Assignment.get_by_id(link.id), "补交", by=here.liaison, now=NOW)
    again = Application.get(Application.evidence == "补交")
    client.post(url(here, f"/applications/{again.id}"), data={"answer": "yes", "reason": "", "_once": "k2"})
    assert Assignment.get_by_id(link.id).state is AssignmentState.CLOSED


def test_an_objection_is_decided(client: FlaskClient, here: Place) -> None:
    link = Assignment.select().first()
    assert link is not None
    builders.assignment(link.task, builders.unit("市水务局"))  # else the task would be nobody's: refused
    Assignment.update(state=AssignmentState.OBJECTED).where(Assignment.id == link.id).execute()
    row = Objection.create(
        assignment=link, reason="不属我局职责", raised_by=here.liaison.user_id, raised_at=NOW
    )
    assert "不属我局职责" in client.get(url(here, "?tab=objections")).text
    form = {"answer": "yes", "reason": "改交市水务局", "_once": "k1"}
    assert client.post(url(here, f"/objections/{row.id}"), data=form).status_code == 303
    assert Assignment.get_by_id(link.id).state is AssignmentState.CANCELLED


def test_an_extension_is_granted_on_another_day(client: FlaskClient, here: Place, clock: StillClock) -> None:
    clock.moment = at("2021-06-03 10:00")
    extensions.ask_extension(
        here.obligation,
        reason="审计进场",
        wanted_on=at("2021-06-20 00:00").date(),
        by=here.liaison,
        now=clock.moment,
    )
    assert "审计进场" in client.get(url(here, "?tab=extensions")).text
    form = {"answer": "yes", "reason": "", "due_on": "2021-06-10", "_once": "k1"}
    assert client.post(url(here, f"/extensions/{Extension.get().id}"), data=form).status_code == 303
    assert Obligation.get().due_on.isoformat() == "2021-06-10"


def test_queries_of_the_queue_page_do_not_grow(client: FlaskClient, here: Place, database: Database) -> None:
    hand_in(here)
    client.get(url(here))  # templates and catalogues are loaded
    with count_queries(database) as few:
        client.get(url(here))
    for number in range(5):
        hand_in(place(3, name=f"第{number}局", programme=here.programme))
    with count_queries(database) as many:
        client.get(url(here))
    assert len(few) == len(many) <= 26
