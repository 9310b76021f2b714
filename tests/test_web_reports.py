"""The report's pages: what is owed, the form, mistakes, replays, strangers, the head, the matrix, later deadlines."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import date

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import report_cells
from supervisor.database import count_queries
from supervisor.models import (
    Attachment,
    Entry,
    EntryState,
    Extension,
    LocalSettings,
    Obligation,
    ObligationState,
    Outcome,
    Programme,
    QuantityTarget,
    Report,
    ReportEntry,
    Role,
    Unit,
    User,
    Verdict,
)
from tests import builders as b
from tests.conftest import StillClock, login


@dataclass
class Case:
    programme: Programme
    unit: Unit
    other: Unit
    obligation: Obligation
    foreign: Obligation
    entries: list[Entry]
    liaison: User
    head: User
    office: User

    def url(self, path: str = "") -> str:
        return f"/p/{self.programme.id}/reports/{self.obligation.id}{path}"

    def filled(self, key: str = "k1", **more: object) -> dict[str, object]:
        fields: dict[str, object] = {"_once": key}
        for entry in self.entries:
            fields |= {f"e{entry.id}-progress": "30", f"e{entry.id}-done": "完成招标"}
        return fields | more


@pytest.fixture
def case(database: Database) -> Case:
    programme, unit, other = b.programme(), b.unit("甲局"), b.unit("乙局")
    plan = b.plan(programme)
    obligation, foreign = b.obligation(unit, programme), b.obligation(other, programme)
    Obligation.update(opens_at=b.at("2021-05-01 00:00")).execute()
    entries = [b.entry(obligation, b.assignment(b.task(plan, title), unit)) for title in ("一", "二")]
    b.entry(foreign, b.assignment(b.task(plan, "三"), other))
    return Case(
        programme,
        unit,
        other,
        Obligation.get_by_id(obligation.id),
        foreign,
        entries,
        b.user("liaison", Role.LIAISON, programme, unit),
        b.user("head", Role.UNIT_HEAD, programme, unit),
        b.user("office", Role.LEAD_OFFICE, programme),
    )


def test_a_liaison_sees_what_is_owed_with_working_days_left(case: Case, client: FlaskClient) -> None:
    page = login(client, case.liaison).get(f"/p/{case.programme.id}/reports").get_data(as_text=True)
    assert "2021年5月" in page
    assert "还剩3个工作日" in page or "3个工作日" in page
    assert f'href="{case.url("/form")}"' in page


def test_a_report_is_handed_in_on_one_page_and_leads_to_its_receipt(case: Case, client: FlaskClient) -> None:
    login(client, case.liaison)
    page = client.get(case.url("/form")).get_data(as_text=True)
    assert f'data-draft="report:{case.obligation.id}:1"' in page
    answer = client.post(case.url("/form"), data=case.filled())
    assert (answer.status_code, answer.location) == (303, case.url("/receipt"))
    receipt = client.get(answer.location).get_data(as_text=True)
    assert f'data-draft-done="report:{case.obligation.id}:1"' in receipt
    report = Report.get()
    assert report.receipt in receipt
    assert report.audit_head in receipt
    assert report.received_at == b.NOW
    assert client.get(case.url("/form")).location == case.url()


def test_every_form_has_a_key_of_its_own(case: Case, client: FlaskClient) -> None:
    login(client, case.liaison)
    for path in ("", "/form"):
        keys = re.findall(r'name="_once" value="([^"]*)"', client.get(case.url(path)).get_data(as_text=True))
        assert keys
        assert all(len(key) == 32 for key in keys)


def test_a_replay_gets_the_first_answer_and_a_second_window_a_clear_refusal(
    case: Case, client: FlaskClient
) -> None:
    login(client, case.liaison)
    client.post(case.url("/form"), data=case.filled())
    again = client.post(case.url("/form"), data=case.filled())
    assert (again.status_code, again.location) == (302, case.url("/receipt"))
    other_window = client.post(
        case.url("/form"), data=case.filled("k2", **{f"e{case.entries[0].id}-done": "别的"})
    )
    assert other_window.status_code == 409
    assert "别的" in other_window.get_data(as_text=True)
    assert Report.select().count() == 1


def test_mistakes_come_back_beside_their_fields_with_everything_typed(
    case: Case, client: FlaskClient
) -> None:
    first, second = case.entries
    QuantityTarget.create(task=first.task_id, unit=case.unit, measure="电梯（部）", target=10, accepted=4)
    login(client, case.liaison)
    typed = case.filled(
        **{f"e{first.id}-q0": "-3", f"e{second.id}-progress": "二十", f"e{second.id}-problems": "缺材料"}
    )
    answer = client.post(case.url("/form"), data=typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for text in ("累计数不能为负", "二十", "缺材料", f'href="#e{second.id}-progress"'):
        assert text in page
    odd = client.post(case.url("/form"), data=case.filled("k2", **{f"e{first.id}-q0": "3"}))
    assert odd.status_code == 422
    assert f'name="e{first.id}-figure_reason"' in odd.get_data(as_text=True)
    reason = {f"e{first.id}-q0": "３", f"e{first.id}-figure_reason": "上期误报"}
    assert client.post(case.url("/form"), data=case.filled("k3", **reason)).status_code == 303


def test_a_file_survives_a_mistake_elsewhere_and_a_forbidden_one_is_named(
    case: Case, client: FlaskClient
) -> None:
    name = f"e{case.entries[0].id}-files"
    login(client, case.liaison)
    answer = client.post(
        case.url("/form"), data={**case.filled(), name: (io.BytesIO(b"<script>"), "页面.html")}
    )
    assert answer.status_code == 422
    assert "页面.html" in answer.get_data(as_text=True)
    broken = case.filled("k2", **{f"e{case.entries[1].id}-done": ""})
    answer = client.post(case.url("/form"), data={**broken, name: (io.BytesIO(b"%PDF-1.7"), "验收.pdf")})
    kept = re.search(rf'name="{name}-kept" value="(\d+)"', answer.get_data(as_text=True))
    assert kept
    assert (
        client.post(case.url("/form"), data=case.filled("k3", **{f"{name}-kept": kept[1]})).status_code == 303
    )
    assert Attachment.get_by_id(int(kept[1])).report_entry_id is not None
    assert "验收.pdf" in client.get(case.url()).get_data(as_text=True)


def test_a_nil_report(case: Case, client: FlaskClient) -> None:
    login(client, case.liaison)
    assert client.post(case.url("/form"), data={"_once": "k1", "nil": "1"}).status_code == 422
    good = {"_once": "k2", "nil": "1", "nil_reason": "汛期停工"}
    assert client.post(case.url("/form"), data=good).status_code == 303
    assert Obligation.get_by_id(case.obligation.id).outcome is Outcome.NIL


@pytest.mark.parametrize("path", ["", "/form", "/receipt", "/approval"])
def test_another_units_report_is_not_there(case: Case, client: FlaskClient, path: str) -> None:
    stranger = b.user("stranger", [Role.LIAISON, Role.UNIT_HEAD], case.programme, case.other)
    login(client, stranger)
    assert client.get(case.url(path)).status_code == 404
    if path in {"/form", "/approval"}:
        assert client.post(case.url(path), data=case.filled()).status_code == 404
    assert client.post(case.url("/extension"), data={"_once": "x"}).status_code == 404


def test_the_office_reads_but_does_not_write(case: Case, client: FlaskClient) -> None:
    login(client, case.office)
    assert client.get(case.url()).status_code == 200
    assert client.post(case.url("/form"), data=case.filled()).status_code == 404


def test_after_the_lock_the_form_is_closed(case: Case, client: FlaskClient, clock: StillClock) -> None:
    clock.moment = case.obligation.locked_at
    login(client, case.liaison, clock.moment)
    assert client.get(case.url("/form")).status_code == 302
    assert client.post(case.url("/form"), data=case.filled()).status_code == 409


def _return(case: Case) -> None:
    first, second = case.entries
    ReportEntry.update(verdict=Verdict.RETURNED, review_note="数字不清", reviewed_by=case.office.id).where(
        ReportEntry.entry == first
    ).execute()
    Entry.update(state=EntryState.RETURNED).where(Entry.id == first.id).execute()
    Entry.update(state=EntryState.ACCEPTED).where(Entry.id == second.id).execute()
    Obligation.update(
        state=ObligationState.RETURNED, return_due_on=date(2021, 6, 10), version=Obligation.version + 1
    ).where(Obligation.id == case.obligation.id).execute()


def test_only_the_returned_entry_is_open_and_both_versions_are_shown(case: Case, client: FlaskClient) -> None:
    login(client, case.liaison)
    client.post(case.url("/form"), data=case.filled())
    _return(case)
    page = client.get(case.url("/form")).get_data(as_text=True)
    first, second = case.entries
    assert "数字不清" in page
    assert f'name="e{first.id}-done"' in page
    assert "完成招标" in page
    assert f'name="e{second.id}-done"' not in page
    again = {"_once": "k2", f"e{first.id}-progress": "35", f"e{first.id}-done": "完成招标并进场"}
    assert client.post(case.url("/form"), data=again).status_code == 303
    both = client.get(case.url()).get_data(as_text=True)
    assert 'class="changed"' in both
    assert "完成招标并进场" in both
    assert Obligation.get_by_id(case.obligation.id).outcome is Outcome.ON_TIME


def test_the_head_reads_and_sends(case: Case, client: FlaskClient) -> None:
    LocalSettings.update(head_approves=True).execute()
    login(client, case.liaison)
    client.post(case.url("/form"), data=case.filled())
    assert "审签" in client.get(case.url("/receipt")).get_data(as_text=True)
    assert client.get(case.url("/approval")).status_code == 403
    login(client, case.office)
    assert "完成招标" not in client.get(case.url()).get_data(
        as_text=True
    )  # not sent: the unit's own business
    login(client, case.head)
    assert "完成招标" in client.get(case.url("/approval")).get_data(as_text=True)
    assert client.post(case.url("/approval"), data={"_once": "b", "verdict": "back"}).status_code == 422
    assert client.post(case.url("/approval"), data={"_once": "k", "verdict": "send"}).status_code == 303
    assert Obligation.get_by_id(case.obligation.id).state is ObligationState.SUBMITTED


def test_asking_for_a_later_day_and_granting_it(case: Case, client: FlaskClient) -> None:
    login(client, case.liaison)
    assert (
        client.post(case.url("/extension"), data={"_once": "a", "wanted_on": "x", "reason": "y"}).status_code
        == 422
    )
    ask = {"_once": "b", "wanted_on": "2021-06-10", "reason": "正在汇总"}
    assert client.post(case.url("/extension"), data=ask).status_code == 303
    row = Extension.get()
    login(client, case.office)
    decision = f"/p/{case.programme.id}/extensions/{row.id}/decision"
    assert "正在汇总" in client.get(case.url()).get_data(as_text=True)
    grant = {"_once": "c", "verdict": "grant", "due_on": "2021-06-09"}
    assert client.post(decision, data=grant).status_code == 303
    assert Obligation.get_by_id(case.obligation.id).due_on == date(2021, 6, 9)
    assert client.post(decision.replace(f"/p/{case.programme.id}/", "/p/999/"), data=grant).status_code == 404


def test_the_offices_matrix_has_every_kind_of_square(case: Case, client: FlaskClient) -> None:
    states = [
        ("2021-01", ObligationState.ACCEPTED, Outcome.ON_TIME),
        ("2021-02", ObligationState.SUBMITTED, Outcome.LATE),
        ("2021-03", ObligationState.ACCEPTED, Outcome.NIL),
        ("2021-04", ObligationState.OPEN, Outcome.MISSING),
    ]
    for period, state, outcome in states:
        row = b.obligation(case.unit, case.programme, period, due_on=date(2021, 4, 5))
        Obligation.update(state=state, outcome=outcome).where(Obligation.id == row.id).execute()
    Obligation.update(state=ObligationState.WAIVED).where(Obligation.id == case.foreign.id).execute()
    page = login(client, case.office).get(f"/p/{case.programme.id}/reports").get_data(as_text=True)
    for kind in ("on_time", "late", "nil", "missing", "open", "waived"):
        assert f'class="cell cell-{kind}" href' in page
    assert "应报1个单位，1个尚未报送" in page
    only = client.get(f"/p/{case.programme.id}/reports?only=missing").get_data(as_text=True)
    assert "甲局" in only
    assert 'title="乙局"' not in only


def test_the_matrix_costs_the_same_for_many_units(
    case: Case, client: FlaskClient, database: Database
) -> None:
    login(client, case.office)
    address = f"/p/{case.programme.id}/reports"
    client.get(address)
    with count_queries(database) as few:
        client.get(address)
    for n in range(30):
        b.obligation(b.unit(f"{n}局"), case.programme)
    with count_queries(database) as many:
        client.get(address)
    assert len(few) == len(many)


def test_the_form_costs_the_same_for_many_tasks(case: Case, client: FlaskClient, database: Database) -> None:
    login(client, case.liaison)
    client.get(case.url("/form"))
    with count_queries(database) as few:
        client.get(case.url("/form"))
    plan = case.entries[0].task.plan
    for n in range(15):
        b.entry(case.obligation, b.assignment(b.task(plan, f"任务{n}"), case.unit))
    with count_queries(database) as many:
        page = client.get(case.url("/form")).get_data(as_text=True)
    assert page.count('class="entry"') == 17
    assert len(few) == len(many)


def test_last_month_stands_beside_the_field(case: Case, client: FlaskClient) -> None:
    login(client, case.liaison)
    client.post(case.url("/form"), data=case.filled())
    june = b.obligation(case.unit, case.programme, "2021-06", due_on=date(2021, 7, 5))
    Obligation.update(opens_at=b.NOW).where(Obligation.id == june.id).execute()
    b.entry(june, case.entries[0].assignment)
    page = client.get(f"/p/{case.programme.id}/reports/{june.id}/form").get_data(as_text=True)
    assert "上期：30%" in page
    assert "上期报告（2021年5月）" in page


def test_squares() -> None:
    due = b.at("2021-06-06 00:00")
    cell = report_cells.cell_of
    assert cell(ObligationState.OPEN, None, due, b.NOW) is report_cells.Cell.OPEN
    assert cell(ObligationState.OPEN, None, due, due) is report_cells.Cell.OVERDUE
    assert cell(ObligationState.RETURNED, Outcome.ON_TIME, due, due) is report_cells.Cell.RETURNED
    assert cell(ObligationState.OPEN, Outcome.MISSING, due, due) is report_cells.Cell.MISSING


def test_e47_the_hour_until_which_it_is_in_time_stands_with_the_due_day(
    case: Case, client: FlaskClient
) -> None:
    """E-47, D8: the end of the day is 24:00; another cut-off is shown as it is."""
    login(client, case.liaison)
    assert "截止日（24:00前）" in client.get(case.url()).text
    Obligation.update(due_at=b.at("2021-06-05 17:00")).execute()
    assert "截止日（17:00前）" in client.get(case.url()).text
    assert "2021年6月5日 17:00" in client.get(case.url("/form")).text


def test_a_report_that_came_back_is_still_shown_as_handed_in_on_time(case: Case, client: FlaskClient) -> None:
    now = {"state": ObligationState.RETURNED, "outcome": Outcome.ON_TIME, "first_submitted_at": b.NOW}
    Obligation.update(**now).where(Obligation.id == case.obligation.id).execute()
    page = login(client, case.liaison).get(case.url()).text
    assert "按时</b>" in page
    assert report_cells.timeliness_of(Obligation.get_by_id(case.obligation.id), b.NOW).value == "on_time"


def test_what_is_owed_and_what_was_handed_in_bear_the_name_of_their_rule(
    case: Case, client: FlaskClient
) -> None:
    login(client, case.liaison)
    listed = f"/p/{case.programme.id}/reports"
    assert "月报 · 2021年5月" in client.get(listed).text
    assert "最近一份：月报 · 2021年5月" in client.get(f"/p/{case.programme.id}/").text
    Obligation.update(
        state=ObligationState.ACCEPTED, outcome=Outcome.ON_TIME, first_submitted_at=b.NOW
    ).execute()
    assert "月报 · 2021年5月" in client.get(listed).text
