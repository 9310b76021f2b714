"""Monthly dispatch and circular (C22): the month's figures, who is named, what is frozen, who reads it."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, replace
from datetime import date

import pytest
from docx import Document
from flask.testing import FlaskClient
from peewee import Database
from python_calamine import CalamineWorkbook

from supervisor.core import (
    circular_proposals,
    circulars,
    instructions,
    ladder,
    ladder_papers,
    matter_history,
    matters,
    month_figures,
    problems,
)
from supervisor.core.circulars import Words
from supervisor.core.instructions import Wanted
from supervisor.core.month_figures import UnitMonth
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.core.report_cells import Cell
from supervisor.documents.circular import CircularContent
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused
from supervisor.models import (
    Assignment,
    AuditEntry,
    Channel,
    Circular,
    Entry,
    InstructionKind,
    LadderStep,
    Matter,
    Message,
    MessageKind,
    Obligation,
    ObligationState,
    Outcome,
    Problem,
    ProblemState,
    Programme,
    Role,
    Rung,
    Unit,
    User,
)
from tests import builders as b
from tests.conftest import StillClock, login

MAY = Period.parse("2021-05")
JUNE_8 = b.at("2021-06-08 10:00")


@dataclass
class Place:
    programme: Programme
    units: list[Unit]
    office: Actor
    leader: Actor
    liaison: User

    def draft(self) -> Circular:
        return circulars.draft(self.programme, MAY, by=self.office, now=JUNE_8)

    def name(self, side: str = "behind", *, unit: int = 1) -> Circular:
        row = self.draft()
        words = Words(row.title, row.opening, row.closing, {self.units[unit].id: (side, "进度滞后")})
        circulars.edit(row, words, by=self.office, now=JUNE_8)
        return Circular.get_by_id(row.id)

    def issue(self, row: Circular) -> Circular:
        seen = circulars.seal_of(circulars.content_of(row, now=JUNE_8))
        return circulars.issue(row, seen=seen, by=self.office, now=JUNE_8)

    def find(self, unit: int = 1) -> None:
        wanted = Wanted("工地停工五天，责令说明", [self.units[unit].id], date(2021, 6, 20))
        now = b.at("2021-05-20 09:00")
        instructions.record(
            self.programme, InstructionKind.FINDING, "2021-W20", wanted, by=self.office, now=now
        )


@pytest.fixture
def place(database: Database) -> Place:
    """Four units made in another order than their list order; May: on time, late, not handed in, nil."""
    programme = b.programme()
    units = [b.unit(name, sort=sort) for name, sort in (("乙局", 2), ("甲局", 1), ("丁区", 4), ("丙局", 3))]
    units.sort(key=lambda unit: unit.sort)
    plan = b.plan(programme, now=b.at("2021-03-01 09:00"))
    ends = [Outcome.ON_TIME, Outcome.LATE, None, Outcome.NIL]
    for n, (unit, end) in enumerate(zip(units, ends, strict=True)):
        link = b.assignment(b.task(plan, f"事项{n}"), unit)
        Assignment.update(progress=20 * n, progress_period="2021-05").where(
            Assignment.id == link.id
        ).execute()
        for month, due in (("2021-04", date(2021, 5, 5)), ("2021-05", date(2021, 6, 5))):
            owed = b.obligation(unit, programme, month, due_on=due)
            b.entry(owed, link)
            if end is not None and month == "2021-05":
                done = {"outcome": end, "state": ObligationState.SUBMITTED, "first_submitted_at": JUNE_8}
                Obligation.update(**done).where(Obligation.id == owed.id).execute()
    office = b.user("王五", Role.LEAD_OFFICE, programme)
    leader = b.user("沈市长", Role.LEADER, programme)
    liaison = b.user("张三", Role.LIAISON, programme, units[0])
    return Place(
        programme, units, b.actor(Role.LEAD_OFFICE, programme, person=office),
        b.actor(Role.LEADER, programme, person=leader), liaison,
    )  # fmt: skip


def trouble(place: Place, unit: int, month: str, text: str, *, settled: str = "") -> Problem:
    entry = (
        Entry.select()
        .join(Obligation)
        .where((Obligation.unit == place.units[unit]) & (Obligation.period == month))
        .get()
    )
    return Problem.create(
        programme=place.programme, unit=place.units[unit], task=entry.task_id, entry=entry, text=text,
        raised_period=month, raised_month=month, settled_month=settled,
        state=ProblemState.SOLVED if settled else ProblemState.OPEN,
    )  # fmt: skip


def test_c22_the_circular_for_may_lists_every_unit_in_list_order_with_progress_late_and_overdue_counts(
    place: Place,
) -> None:
    content = circulars.content_of(place.draft(), now=JUNE_8)
    assert [(u.unit, u.progress, u.on_time, u.late, u.nil, u.overdue) for u in content.units] == [
        ("甲局", 0, 1, 0, 0, 0), ("乙局", 20, 0, 1, 0, 0), ("丙局", 40, 0, 0, 0, 1), ("丁区", 60, 0, 0, 1, 0),
    ]  # fmt: skip
    # Linear from 30 January (issue, 30 days before 1 March) to 31 December: 335 days, 121 of them passed.
    assert [unit.planned for unit in content.units] == [36] * 4


def test_c22_unsolved_problems_of_april_carry_over_into_the_circular_for_may(place: Place) -> None:
    trouble(place, 0, "2021-04", "四月提出，未解决")
    trouble(place, 1, "2021-04", "四月提出，四月已解决", settled="2021-04")
    trouble(place, 2, "2021-04", "四月提出，五月解决", settled="2021-05")
    trouble(place, 3, "2021-05", "五月新提出")
    content = circulars.content_of(place.draft(), now=JUNE_8)
    assert [(one.unit, one.text, one.age) for one in content.carried] == [("甲局", "四月提出，未解决", 1)]
    assert "新提出未解决问题1个，上月及以前结转1个，本月解决或销号1个" in content.summary[0]


def test_progress_of_an_older_month_is_not_what_was_accepted_later(place: Place) -> None:
    Assignment.update(progress=90, progress_period="2021-06").execute()
    month = month_figures.read_month(place.programme.id, MAY, now=b.at("2021-07-20 09:00"))
    assert [unit.progress for unit in month.units] == [0, 0, 0, 0]
    assert month.as_of == date(2021, 6, 30)


def test_figures_propose_and_nobody_is_named_unless_a_person_decides_with_a_reason(place: Place) -> None:
    month = month_figures.read_month(place.programme.id, MAY, now=JUNE_8)
    proposed = [(one.unit.unit, one.side) for one in circular_proposals.proposals(month)]
    assert proposed == [("丁区", "ahead"), ("甲局", "behind"), ("乙局", "behind")]
    row = place.draft()
    assert circulars.content_of(row, now=JUNE_8).behind == ()
    words = Words(row.title, row.opening, row.closing, {place.units[0].id: ("behind", " ")})
    with pytest.raises(Invalid):
        circulars.edit(row, words, by=place.office, now=JUNE_8)


def test_nobody_is_named_as_behind_without_an_earlier_step_on_record(place: Place) -> None:
    row = place.name()
    with pytest.raises(Refused) as refused:
        place.issue(row)
    ways = [(one.link or "").rpartition("/")[2] for one in refused.value.obstacles]
    assert ways[:2] == ["ladder", "weekly"]
    assert Circular.get().number is None
    place.find(unit=0)  # a finding about another unit is no step
    with pytest.raises(Refused):
        place.issue(Circular.get())
    place.find(unit=1)
    issued = place.issue(Circular.get())
    assert "工地停工五天" in issued.named[0]["step"]


@pytest.mark.parametrize(("day", "counts"), [("2021-05-20", True), ("2021-04-30", False)])
def test_an_urge_about_the_unit_since_the_month_began_is_an_earlier_step(
    place: Place,
    day: str,
    counts: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    owed = Obligation.get((Obligation.unit == place.units[1]) & (Obligation.period == "2021-04"))
    Obligation.update(due_on=date(2021, 4, 5), due_at=b.at("2021-04-06 00:00")).where(
        Obligation.id == owed.id
    ).execute()
    key, now = f"report:{owed.id}", b.at(f"{day} 10:00")
    thing = matters.thing_of(key, place.office)
    clerk = User.get(User.username == "王五")
    wanted = ladder_papers.proposed(thing, Rung.URGE, programme=place.programme, by=clerk, now=now)
    ladder.take(key, replace(wanted, reason="逾期未报"), seen=0, by=place.office, now=now)
    row = place.name()
    if not counts:
        with pytest.raises(Refused):
            place.issue(row)
        return
    issued = place.issue(row)
    assert "催" in issued.named[0]["step"]
    (told,) = [one for one in _history(place) if one.kind == "circular"]
    assert (told.number, told.link) == (
        circulars.number_words(issued),
        f"/p/{place.programme.id}/circulars/{issued.id}",
    )


def test_a_circular_on_another_step_or_about_another_unit_is_not_in_a_matters_time_line(place: Place) -> None:
    owed = Obligation.get((Obligation.unit == place.units[1]) & (Obligation.period == "2021-04"))
    key, now = f"report:{owed.id}", b.at("2021-05-19 10:00")
    Obligation.update(due_on=date(2021, 4, 5)).where(Obligation.id == owed.id).execute()
    clerk = User.get(User.username == "王五")
    wanted = ladder_papers.proposed(
        matters.thing_of(key, place.office), Rung.URGE, programme=place.programme, by=clerk, now=now
    )
    ladder.take(key, replace(wanted, reason="逾期未报"), seen=0, by=place.office, now=now)
    place.find()  # a finding that is newer than the urge
    place.issue(place.name())
    assert [one for one in _history(place) if one.kind == "circular"] == []


def _history(place: Place) -> list[matter_history.Moment]:
    matter = Matter.get()
    steps = list(LadderStep.select().where(LadderStep.matter == matter))
    return matter_history.time_line(matter, steps, inner=place.office.sees_all)


def test_a_leader_may_do_without_the_step_and_the_reason_stays_on_file(place: Place) -> None:
    row = place.name()
    with pytest.raises(NotAllowed):
        circulars.override(row, place.units[1].id, "急", by=place.office, now=JUNE_8)
    circulars.override(row, place.units[1].id, "群众反映强烈", by=place.leader, now=JUNE_8)
    issued = place.issue(Circular.get())
    assert issued.named[0]["override"] == "群众反映强烈"
    assert issued.named[0]["override_by"] == "沈市长"


def test_a_leader_finds_the_unit_and_decides_on_the_drafts_page(
    place: Place, client: FlaskClient, clock: StillClock
) -> None:
    row, unit = place.name(), place.units[1]
    clock.moment = JUNE_8
    login(client, User.get(User.username == "沈市长"), JUNE_8)
    here = f"/p/{place.programme.id}/circulars/{row.id}"
    assert f"点名{unit.name}的理由" in client.get(here).text
    typed = {"_once": "a", "verb": "override", "seen_version": str(row.version), "unit": str(unit.id)}
    assert client.post(here, data=typed).status_code == 422
    done = client.post(here, data=typed | {"_once": "b", f"override-{unit.id}": "群众反映强烈"})
    assert done.status_code == 303
    assert Circular.get().named[0]["override"] == "群众反映强烈"


def test_naming_as_ahead_needs_no_step(place: Place) -> None:
    assert place.issue(place.name("ahead")).number == 1


def test_an_issued_circular_is_numbered_frozen_and_in_every_units_inbox(place: Place) -> None:
    issued = place.issue(place.draft())
    assert circulars.number_words(issued) == "督查通报〔2021〕1号"
    before = issued.content
    Assignment.update(progress=99).execute()
    assert circulars.content_of(Circular.get(), now=JUNE_8) == CircularContent.read(before)
    assert circulars.verify(Circular.get())
    with pytest.raises(Refused):
        circulars.edit(issued, Words("改", "改", "改", {}), by=place.office, now=JUNE_8)
    with pytest.raises(Refused):
        circulars.issue(issued, seen="", by=place.office, now=JUNE_8)
    told = Message.select().where(Message.key.startswith("circular:"))
    assert [(m.recipient_id, m.channel) for m in told] == [(place.liaison.id, Channel.INBOX)]
    assert AuditEntry.select().where(AuditEntry.action == "circular.issue").count() == 1


def test_a_group_is_told_a_circular_s_number_and_title_and_nothing_of_its_content(place: Place) -> None:
    robot = b.robot(place.programme, kinds=[MessageKind.CIRCULAR])
    b.robot(place.programme, name="只提醒", kinds=[MessageKind.DIGEST])
    issued = place.issue(place.draft())
    (told,) = Message.select().where(~Message.robot.is_null())
    assert (told.robot_id, told.body) == (robot.id, "")
    assert told.subject.startswith("督查通报〔2021〕1号")
    assert told.link == f"/p/{place.programme.id}/circulars/{issued.id}"


def test_a_correction_is_a_new_circular_with_the_next_number_and_says_what_it_corrects(place: Place) -> None:
    place.issue(place.draft())
    with pytest.raises(Invalid):
        place.draft()
    second = circulars.draft(place.programme, MAY, why="乙局迟报系误记", by=place.office, now=JUNE_8)
    issued = place.issue(second)
    assert issued.number == 2
    assert "更正督查通报〔2021〕1号：乙局迟报系误记" in CircularContent.read(issued.content).corrects


def test_a_draft_whose_figures_changed_since_it_was_read_does_not_go_out(place: Place) -> None:
    row = place.draft()
    seen = circulars.seal_of(circulars.content_of(row, now=JUNE_8))
    Assignment.update(progress=99).execute()
    with pytest.raises(Refused):
        circulars.issue(row, seen=seen, by=place.office, now=JUNE_8)


def test_a_month_that_runs_has_no_circular_and_units_see_only_issued_ones(place: Place) -> None:
    with pytest.raises(Refused):
        circulars.draft(place.programme, Period.parse("2021-06"), by=place.office, now=JUNE_8)
    unit = b.actor(Role.LIAISON, place.programme, place.units[0], person=place.liaison)
    row = place.draft()
    with pytest.raises(NotFound):
        circulars.get_visible(row.id, unit)
    with pytest.raises(NotAllowed):
        circulars.draft(place.programme, MAY, by=unit, now=JUNE_8)
    place.issue(row)
    assert circulars.get_visible(row.id, unit).number == 1


def test_word_file_workbook_and_page_say_the_same(
    place: Place, client: FlaskClient, clock: StillClock
) -> None:
    trouble(place, 0, "2021-04", "管线权属不清")
    issued = place.issue(place.draft())
    clock.moment = JUNE_8
    login(client, place.liaison, JUNE_8)
    here = f"/p/{place.programme.id}/circulars/{issued.id}"
    page = client.get(here).text
    word = Document(io.BytesIO(client.get(f"{here}.docx").data))
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"{here}.xlsx").data))
    words = "\n".join(paragraph.text.replace("\n", "") for paragraph in word.paragraphs)
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    cells = "\n".join(str(cell) for sheet in sheets for row in sheet for cell in row)
    content = CircularContent.read(issued.content)
    for text in (content.title, content.number, content.opening, content.closing, *content.summary):
        assert text in page
        assert text in words
        assert text in cells
    units = [[cell.text for cell in row.cells] for row in word.tables[0].rows[1:]]
    shown = re.findall(r"<tr>(.*?)</tr>", page.split("附件1</p>")[1].split("</table>")[0])[1:]
    on_page = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in shown]
    in_book = [row for row in sheets[1] if isinstance(row[0], float)]
    numbers = [[str(int(v)) if isinstance(v, float) else v for v in row] for row in in_book]
    assert units == on_page == numbers
    assert len(units) == 4


def test_the_dispatch_page_shows_the_month_and_what_the_last_one_decided(
    place: Place, client: FlaskClient, clock: StillClock
) -> None:
    wanted = Wanted("六月底前完成招标", [place.units[0].id, place.units[1].id], date(2021, 6, 30))
    now = b.at("2021-05-10 09:00")
    instructions.record(
        place.programme, InstructionKind.DECISION, "2021-04", wanted, by=place.office, now=now
    )
    clock.moment = JUNE_8
    login(client, User.get(User.username == "王五"), JUNE_8)
    here = f"/p/{place.programme.id}/dispatch"
    page = client.get(here).text
    assert "六月底前完成招标" in page
    assert "丁区" in page
    typed = {"_once": "a", "text": "七月抽查", "units": str(place.units[2].id), "due_on": "2021-07-10"}
    assert client.post(f"{here}/2021-05", data=typed).status_code == 303
    assert client.post(f"{here}/2021-05", data={"_once": "b", "text": "没有单位"}).status_code == 422
    part = instructions.newest(place.office)[0]
    note = {"_once": "c", "verb": "done", "note": "已完成招标"}
    assert client.post(f"/p/{place.programme.id}/instructions/{part.id}", data=note).status_code == 303
    assert "已完成招标" in client.get(f"{here}/2021-05").text
    assert client.get(f"{here}/2021-13").status_code == 404
    login(client, place.liaison, JUNE_8)
    mine = client.get(f"/p/{place.programme.id}/instructions").text
    assert "六月底前完成招标" in mine
    assert "七月抽查" not in mine
    assert client.get(here).status_code == 403


def test_problems_settled_by_the_office_leave_the_next_month(place: Place) -> None:
    problem = trouble(place, 0, "2021-04", "管线权属不清")
    problems.close(problem, "已确权", by=place.office, now=b.at("2021-05-20 09:00"))
    month = month_figures.read_month(place.programme.id, MAY, now=JUNE_8)
    assert (len(month.carried), month.settled) == (0, 1)


@pytest.mark.parametrize(
    ("month", "words"),
    [
        (UnitMonth(1, "市水务局"), ""),
        (UnitMonth(1, "市水务局", progress=20), ""),
        (UnitMonth(1, "市水务局", progress=20, planned=24), "实际进度20%，计划进度24%。"),
        (UnitMonth(1, "市水务局", reports={Cell.LATE: 2}, overdue_tasks=1), "迟报2次，逾期事项1项。"),
    ],
)
def test_a_reason_says_what_the_figures_say_and_nothing_where_they_are_silent(
    month: UnitMonth, words: str
) -> None:
    assert circular_proposals.reason_of(month) == words
