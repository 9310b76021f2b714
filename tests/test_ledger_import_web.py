"""Importing an existing ledger through the pages, and what becomes of it: review, plan, issue, history, scores."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
import xlsxwriter
from flask.testing import FlaskClient
from peewee import Database

from supervisor import jobs
from supervisor.core import (
    documents,
    facts,
    ledger_import,
    obligations,
    plan_figures,
    plans,
    task_records,
)
from supervisor.core.imported_rows import of_task
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.errors import NotAllowed, NotFound, Refused
from supervisor.models import (
    Assignment,
    AssignmentState,
    AuditEntry,
    Document,
    Entry,
    ImportedRow,
    LedgerUpload,
    Message,
    Plan,
    Programme,
    QuantityTarget,
    Role,
    Task,
    TaskState,
    UnitGroup,
)
from tests import builders
from tests.builders import NOW, actor, programme, unit, user
from tests.conftest import StillClock, login

HEAD = ("序号", "任务名称", "牵头单位", "责任单位", "完成时限", "进度", "进展情况", "是否办结", "备注")
GOOD = (
    ("1", "改造老旧小区", "市住建局", "市财政局", "2021-12-31", "35%", "已开工42个", "否", "重点"),
    ("2", "建立管委会", "市民政局", "市住建局", "2021年5月底", "100%", "全部建立", "是", ""),
)


def spreadsheet(*rows: Sequence[str], head: Sequence[str] = HEAD) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"created": datetime(2021, 6, 1)})  # the same rows are the same bytes
        page = book.add_worksheet("台账")
        for number, cells in enumerate([("澄江市2021年城市更新台账（截至2021年5月31日）",), head, *rows]):
            page.write_row(number, 0, cells)
    return file.getvalue()


@pytest.fixture
def of(client: FlaskClient) -> Programme:
    """A programme seen by its lead office; its register knows one unit of the ledger."""
    found = programme()
    unit("市住建局")
    login(client, user("office", Role.LEAD_OFFICE, found))
    return found


class Walk:
    """The steps of an import through the pages."""

    def __init__(self, client: FlaskClient, of: Programme) -> None:
        self.client, self.base, self.key = client, f"/p/{of.id}/ledger-import", 0

    def post(self, path: str, **data: object) -> tuple[int, str, str]:
        self.key += 1
        answer = self.client.post(path, data={"_once": f"k{self.key}", **data})
        return answer.status_code, answer.text, answer.location or ""

    def upload(self, data: bytes, name: str = "台账.xlsx") -> tuple[int, str, str]:
        return self.post(self.base, file=(io.BytesIO(data), name))

    def page(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text[:400]
        return answer.text

    def columns(self, path: str, **changes: object) -> tuple[int, str, str]:
        """Confirm the columns as the page proposes them, but for `changes`."""
        page = self.page(path)
        picked = re.findall(
            r'<select[^>]*name="(column-\d+)".*?<option value="(\w+)" selected', page, re.DOTALL
        )
        picked += re.findall(r'type="hidden" name="(column-\d+)" value="(\w+)"', page)
        values = dict(re.findall(r'<input id="(title|as_of|year)"[^>]*value="([^"]*)"', page))
        return self.post(path, columns=str(len(picked)), **{**dict(picked), **values, **changes})

    def checked(self, data: bytes) -> str:
        """Upload and confirm the columns; the path of the check."""
        path = self.upload(data)[2]
        status, _, check = self.columns(path)
        assert status == 303
        return check


@pytest.fixture
def walk(client: FlaskClient, of: Programme) -> Walk:
    return Walk(client, of)


def test_a_ledger_walks_from_the_file_to_the_review_page(walk: Walk, of: Programme) -> None:
    status, _, path = walk.upload(spreadsheet(*GOOD))
    assert status == 303
    page = walk.page(path)
    assert 'value="2021-05-31"' in page
    assert "改造老旧小区" in page
    check = walk.columns(path)[2]
    page = walk.page(check)
    assert Document.select().count() == 0
    assert "市民政局" in page
    assert "导入 2 项任务并核对" in page
    status, _, review = walk.post(check.replace("/check", "/confirm"))
    assert status == 303
    document = Document.get()
    assert review == documents.document_link(document)
    assert (document.title, document.issued_on) == (
        "澄江市2021年城市更新台账（截至2021年5月31日）",
        date(2021, 6, 1),
    )
    assert LedgerUpload.select().count() == 0
    assert "改造老旧小区" in walk.page(review)
    trail = AuditEntry.get(AuditEntry.action == "document.import")
    assert json.loads(trail.after)["tasks"] == 2
    rows = [(r.row, r.progress, r.closed, r.said) for r in ImportedRow.select().order_by(ImportedRow.row)]
    assert rows == [(3, 35, False, "已开工42个"), (4, 100, True, "全部建立")]


def test_nothing_is_stored_while_a_cell_is_wrong_and_it_can_be_mended_on_the_page(walk: Walk) -> None:
    bad = ("3", "修桥", "市交通局", "", "2021年13月1日", "120%", "", "否", "")
    check = walk.checked(spreadsheet(*GOOD, bad))
    page = walk.page(check)
    assert "E5" in page
    assert "F5" in page
    assert "项任务并核对</button>" not in page
    assert walk.post(check.replace("/check", "/confirm"))[0] == 409
    assert Document.select().count() == 0
    mended = {"was-4-4": "2021年13月1日", "cell-4-4": "2021-10-01", "was-4-5": "120%", "cell-4-5": "20%"}
    assert walk.post(check, **mended)[0] == 303
    assert "已在此更正 2 处" in walk.page(check)
    assert walk.post(check.replace("/check", "/confirm"))[0] == 303
    tasks = documents.ledger_of(Document.get()).tasks
    assert tasks[2].due_on == date(2021, 10, 1)


def test_open_questions_are_answered_before_the_import(walk: Walk) -> None:
    rows = (("1", "修桥", "市交通局、市住建局", "年底", "移交"), ("1", "修桥", "市交通局", "年底", "移交"))
    check = walk.checked(spreadsheet(*rows, head=("序号", "任务名称", "责任单位", "完成时限", "状态")))
    page = walk.page(check)
    assert 'name="lead"' in page
    assert 'name="twice"' in page
    assert "移交" in page
    assert walk.post(check.replace("/check", "/confirm"))[0] == 409
    walk.post(check, **{"lead": "first", "twice": "first", "word-0": "移交", "state-0": "open"})
    assert walk.post(check.replace("/check", "/confirm"))[0] == 303
    tasks = documents.ledger_of(Document.get()).tasks
    assert [(t.lead, t.responsible) for t in tasks] == [(("市交通局",), ("市住建局",))]


def test_a_column_guessed_wrongly_is_corrected(walk: Walk) -> None:
    rows = (("修桥", "市交通局", "已完成，好", "年底"),)
    path = walk.upload(spreadsheet(*rows, head=("任务名称", "责任单位", "经度", "完成时限")))[2]
    status, page, _ = walk.columns(path, **{"column-0": "keep"})
    assert (status, "请选定哪一列是任务名称" in page) == (422, True)
    status, page, _ = walk.columns(path, **{"column-2": "due"})
    assert (status, "C、D" in page) == (422, True)
    assert walk.columns(path, **{"column-1": "lead", "column-2": "said"})[0] == 303
    page = walk.page(f"{path}/check")
    assert "项任务有责任单位而没有牵头单位" not in page
    assert walk.columns(path, title="", as_of="", year="1821")[0] == 422


def test_another_sheet_and_other_rows_of_headings_can_be_chosen(walk: Walk) -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        for name in ("四月", "五月"):
            page = book.add_worksheet(name)
            for number, cells in enumerate(
                [("事情", "谁管"), ("任务名称", "责任单位"), (f"{name}修桥", "市交通局")]
            ):
                page.write_row(number, 0, cells)
    path = walk.upload(file.getvalue())[2]
    assert "四月修桥" in walk.page(path)
    assert walk.post(f"{path}/sheet", sheet="1", first="2", last="2")[0] == 303
    assert "五月修桥" in walk.page(path)
    assert walk.post(f"{path}/sheet", sheet="1", first="1", last="1")[0] == 303
    assert "谁管" in walk.page(path)
    assert walk.post(f"{path}/sheet", sheet="1", first="9", last="2")[0] == 422
    assert walk.post(f"{path}/sheet", sheet="7", first="1", last="1")[0] == 404


def test_a_sheet_without_headings_asks_where_they_stand(walk: Walk) -> None:
    path = walk.upload(spreadsheet(("修桥", "老王"), head=("甲", "乙")))[2]
    assert "没有找到标题行" in walk.page(path)
    assert "请选定哪一列是任务名称" in walk.client.get(f"{path}/check").text
    assert walk.post(f"{path}/sheet", sheet="0", first="2", last="2")[0] == 303
    assert walk.columns(path, **{"column-0": "title", "column-1": "lead"})[0] == 303


def test_the_same_file_is_told_with_its_notice_and_can_be_confirmed(walk: Walk) -> None:
    check = walk.checked(spreadsheet(*GOOD))
    walk.post(check.replace("/check", "/confirm"))
    first = Document.get()
    status, page, _ = walk.upload(spreadsheet(*GOOD))
    assert status == 409
    assert documents.document_link(first) in page
    upload = LedgerUpload.get()
    path = f"{walk.base}/{upload.id}"
    assert walk.post(f"{path}/again")[0] == 303
    walk.columns(path)
    assert walk.post(f"{path}/confirm")[0] == 303
    assert Document.select().count() == 2


def test_the_same_ledger_saved_again_is_told_when_it_is_confirmed(walk: Walk) -> None:
    check = walk.checked(spreadsheet(*GOOD))
    walk.post(check.replace("/check", "/confirm"))
    text = "澄江市2021年城市更新台账（截至2021年5月31日）\n" + "\n".join(",".join(r) for r in (HEAD, *GOOD))
    path = walk.upload(text.encode(), "另存.csv")[2]
    check = walk.columns(path)[2]
    status, page, _ = walk.post(check.replace("/check", "/confirm"))
    assert (status, Document.select().count()) == (409, 1)
    assert "这份台账已导入过" in page


def test_a_file_that_cannot_be_read_comes_back_with_what_to_do(walk: Walk) -> None:
    status, page, _ = walk.upload(b"\xd0\xcf\x11\xe0" + bytes(600), "台账.et")
    assert (status, "另存为" in page) == (422, True)
    assert walk.post(walk.base)[0] == 422
    assert LedgerUpload.select().count() == 0


def test_a_confirmed_import_sent_twice_is_one(walk: Walk) -> None:
    check = walk.checked(spreadsheet(*GOOD))
    confirm = check.replace("/check", "/confirm")
    first = walk.client.post(confirm, data={"_once": "same"})
    again = walk.client.post(confirm, data={"_once": "same"})
    assert first.status_code == 303
    assert again.status_code == 404  # the upload is gone with the import
    assert Document.select().count() == 1


def test_an_upload_can_be_set_aside_and_is_swept_after_two_days(walk: Walk, clock: StillClock) -> None:
    path = walk.upload(spreadsheet(*GOOD))[2]
    assert walk.post(f"{path}/drop")[0] == 303
    assert LedgerUpload.select().count() == 0
    walk.upload(spreadsheet(*GOOD))
    jobs.thin(NOW + timedelta(days=1))
    assert LedgerUpload.select().count() == 1
    jobs.thin(NOW + timedelta(days=2, minutes=1))
    assert LedgerUpload.select().count() == 0


def test_an_upload_is_its_own_programmes(walk: Walk, client: FlaskClient) -> None:
    path = walk.upload(spreadsheet(*GOOD))[2]
    other = programme("河湖长制")
    login(client, user("stranger", Role.LEAD_OFFICE, other))
    assert client.get(path).status_code == 404
    foreign = path.replace(walk.base, f"/p/{other.id}/ledger-import")
    assert client.get(foreign).status_code == 404


def test_a_unit_may_not_import(client: FlaskClient, of: Programme) -> None:
    login(client, user("liaison", Role.LIAISON, of, unit("市财政局")))
    assert client.get(f"/p/{of.id}/ledger-import").status_code == 403


def test_the_template_is_a_spreadsheet(walk: Walk) -> None:
    answer = walk.client.get(f"{walk.base}/template.xlsx")
    assert answer.data.startswith(b"PK")
    assert walk.upload(answer.data)[0] == 303


def test_the_pages_cost_the_same_for_any_number_of_rows(
    walk: Walk, client: FlaskClient, database: Database
) -> None:
    from supervisor.database import count_queries

    counts = []
    for size in (3, 60):
        rows = [
            (str(n), f"任务{n}", "市住建局", f"市第{n}局", "年底", "1%", "", "否", "") for n in range(size)
        ]
        check = walk.checked(spreadsheet(*rows))
        with count_queries(database) as seen:
            walk.page(check)
        counts.append(len(seen))
    assert counts[0] == counts[1]


# ---- what becomes of it


def imported(of: Programme, by: Actor, *rows: Sequence[str], now: datetime = NOW) -> Document:
    data = spreadsheet(*rows)
    upload = ledger_import.receive(
        of, ledger_import.read_file(data, "x.xlsx"), data, "x.xlsx", by=by, now=now
    )
    return ledger_import.confirm(upload, by=by, now=now)


def issued(of: Programme, by: Actor, *rows: Sequence[str]) -> Plan:
    document = imported(of, by, *rows)
    plan = plans.adopt(document, seen=document.version, by=by, now=NOW)
    UnitGroup.update(confirmed_at=NOW).execute()
    plans.issue(plan, by=by, now=NOW)
    return plan


def test_what_the_ledger_calls_completed_is_issued_as_completed_and_owes_nothing(database: Database) -> None:
    of = programme()
    office = actor(Role.LEAD_OFFICE, of)
    unit("市民政局")
    liaison = user("liaison", Role.LIAISON, of, unit("市文旅局"))
    done = ("3", "办文化节", "市文旅局", "", "2021年5月底", "100%", "已办", "是", "")
    plan = issued(of, office, *GOOD, done)
    states = {task.title: (task.state, task.closed_on) for task in Task.select().where(Task.plan == plan)}
    assert states == {
        "改造老旧小区": (TaskState.OPEN, None),
        "建立管委会": (TaskState.CLOSED, date(2021, 5, 31)),
        "办文化节": (TaskState.CLOSED, date(2021, 5, 31)),
    }
    obligations.generate(of.id, now=NOW)
    assert {entry.task.title for entry in Entry.select()} == {"改造老旧小区"}
    assert {entry.obligation.period for entry in Entry.select()} == {"2021-06"}  # May stands in the ledger
    assert not Message.select().where(Message.recipient == liaison).exists()
    shown = [str(check.obstacle.sentence) for check in plans.checks(plan, plans.tasks_of(plan), now=NOW)]
    assert any(
        sentence.startswith("2 tasks are completed according to the imported ledger") for sentence in shown
    )


def test_the_past_counts_in_no_score(database: Database) -> None:
    of = programme()
    plan = issued(of, actor(Role.LEAD_OFFICE, of), *GOOD)
    closed = Task.get((Task.plan == plan) & (Task.state == TaskState.CLOSED))
    open_task = Task.get((Task.plan == plan) & (Task.state == TaskState.OPEN))
    assert (
        Assignment.select()
        .where((Assignment.task == closed) & (Assignment.state == AssignmentState.CLOSED))
        .count()
        == 2
    )
    found = facts.gather(of, Period.parse("2021-Q2")).facts
    assert {fact.subject for fact in found if fact.kind in {"task", "closure"}} == {facts.name_of(open_task)}
    assert {fact.values["accepted"] for fact in found if fact.kind == "task"} == {0}
    assert open_task.progress is None


def test_the_past_is_history_on_the_tasks_page(client: FlaskClient, of: Programme) -> None:
    plan = issued(of, actor(Role.LEAD_OFFICE, of), *GOOD)
    task = Task.get((Task.plan == plan) & (Task.title == "改造老旧小区"))
    page = client.get(f"/p/{of.id}/tasks/{task.id}").text
    assert "导入的台账中的记载" in page
    assert "已开工42个" in page
    assert "重点" in page
    assert "不计入考核" in page
    record = task_records.read_record(task, actor(Role.LEAD_OFFICE, of), today=date(2021, 6, 1))
    assert record.said == []


def test_a_responsible_unit_does_not_read_the_ledgers_row_but_a_lead_unit_does(database: Database) -> None:
    of = programme()
    plan = issued(of, actor(Role.LEAD_OFFICE, of), *GOOD)
    task = Task.get((Task.plan == plan) & (Task.title == "改造老旧小区"))
    names = {link.unit.name: link.unit for link in Assignment.select().where(Assignment.task == task)}
    lead = of_task(task, actor(Role.LIAISON, of, names["市住建局"]))
    assert lead is not None
    assert (lead.row, lead.progress) == (3, 35)
    assert of_task(task, actor(Role.LIAISON, of, names["市财政局"])) is None


def test_a_task_of_a_notice_has_no_imported_past(database: Database) -> None:
    of = programme()
    assert of_task(builders.task(builders.plan(of)), actor(Role.LEAD_OFFICE, of)) is None


def test_the_verbs_ask_for_the_right_and_the_upload_themselves(database: Database) -> None:
    of = programme()
    data = spreadsheet(*GOOD)
    plain = ledger_import.read_file(data, "x.xlsx")
    with pytest.raises(NotAllowed):
        ledger_import.receive(of, plain, data, "x.xlsx", by=actor(Role.LIAISON, of), now=NOW)
    upload = ledger_import.receive(of, plain, data, "x.xlsx", by=actor(Role.LEAD_OFFICE, of), now=NOW)
    with pytest.raises(NotFound):
        ledger_import.get(upload.id, actor(Role.LIAISON, of))
    with pytest.raises(NotAllowed):
        ledger_import.confirm(upload, by=actor(Role.LEADER, of), now=NOW)


def test_an_import_with_a_fault_stores_nothing_at_all(database: Database) -> None:
    of = programme()
    with pytest.raises(Refused):
        imported(of, actor(Role.LEAD_OFFICE, of), *GOOD, ("3", "", "市交通局", "", "", "", "", "", ""))
    assert (Document.select().count(), ImportedRow.select().count()) == (0, 0)


def test_quantities_are_shown_before_the_import_corrected_there_and_become_targets_of_the_lead_unit(
    walk: Walk, of: Programme
) -> None:
    head = ("任务名称", "牵头单位", "责任单位", "目标任务量")
    rows = [
        ("改造老旧小区", "市住建局", "市财政局", "改造小区12个、惠及1.94万户"),
        ("加装电梯", "市住建局", "", "若干"),
        ("修桥", "市交通局、市水务局", "", "修桥3座"),
    ]
    data = spreadsheet(*rows, head=head)
    office = actor(Role.LEAD_OFFICE, of)
    upload = ledger_import.receive(
        of, ledger_import.read_file(data, "x.xlsx"), data, "x.xlsx", by=office, now=NOW
    )
    page = walk.client.get(f"/p/{of.id}/ledger-import/{upload.id}/check").text
    assert "改造小区（个） <b>12</b>" in page
    assert page.index('value="若干"') < page.index('value="改造小区12个、惠及1.94万户"')
    fixes = {(3, 3): "电梯30部"}
    ledger_import.answer(upload, lead="", twice="", states={}, fixes=fixes, by=office)
    document = ledger_import.confirm(LedgerUpload.get_by_id(upload.id), by=office, now=NOW)
    plan = plans.adopt(document, seen=document.version, by=office, now=NOW)
    given = {
        (row.task.title, row.unit.name, row.measure): row.target
        for row in QuantityTarget.select().order_by(QuantityTarget.id)
    }
    assert given == {
        ("改造老旧小区", "市住建局", "改造小区（个）"): 12,
        ("改造老旧小区", "市住建局", "惠及（户）"): 19400,
        ("加装电梯", "市住建局", "电梯（部）"): 30,
    }
    stated = plan_figures.notice_targets(plan)
    shown = plan_figures.shown_targets(plan, stated, plans.tasks_of(plan))
    assert [(one.stated.measure, one.stated.value, one.shared) for one in shown] == [
        ("改造小区（个）", 12, 12),
        ("惠及（户）", 19400, 19400),
        ("电梯（部）", 30, 30),
        ("修桥（座）", 3, 0),
    ]
