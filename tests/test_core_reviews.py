"""Review: entry by entry, a mark or a reason; a slow review never makes the unit late (D1, D9, D13)."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import date, datetime

import pytest
from peewee import Database

from supervisor.core import audit, reports, requests, review_queue, reviews
from supervisor.core.permissions import Actor
from supervisor.core.report_bodies import EntryBody, ReportBody
from supervisor.database import count_queries, db
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused
from supervisor.models import (
    Assignment,
    AuditEntry,
    Channel,
    Entry,
    EntryState,
    Message,
    MessageKind,
    Obligation,
    ObligationState,
    Outcome,
    Programme,
    QuantityTarget,
    Report,
    ReportEntry,
    Role,
    Task,
    Unit,
    Verdict,
)
from tests import builders
from tests.builders import at

IN_TIME = at("2021-06-04 16:00")
REVIEW = at("2021-06-07 10:00")
ACCEPTED, RETURNED = Verdict.ACCEPTED, Verdict.RETURNED


@dataclass
class Place:
    programme: Programme
    unit: Unit
    office: Actor
    liaison: Actor
    obligation: Obligation


def place(tasks: int = 2, *, name: str = "市城建局", programme: Programme | None = None) -> Place:
    """A unit that owes May's report on so many tasks, its liaison and the office."""
    programme = programme or builders.programme()
    plan = builders.plan(programme)
    unit = builders.unit(name)
    person = builders.user(f"liaison-{unit.id}", Role.LIAISON, programme, unit)
    obligation = builders.obligation(unit, programme)
    for number in range(tasks):
        builders.entry(obligation, builders.assignment(builders.task(plan, f"任务{number + 1}"), unit))
    return Place(
        programme,
        unit,
        builders.actor(Role.LEAD_OFFICE, programme),
        builders.actor(Role.LIAISON, programme, unit, person=person),
        obligation,
    )


def hand_in(
    at_place: Place,
    progress: int = 40,
    now: datetime = IN_TIME,
    quantities: dict[str, int | None] | None = None,
    reason: str = "",
    done: str = "已完成",
) -> list[ReportEntry]:
    """Submit what is owed; answers the entries of that version in the notice's order."""
    obligation = Obligation.get_by_id(at_place.obligation.id)
    wanted = Entry.select().where(
        (Entry.obligation == obligation) & Entry.state.in_([EntryState.OPEN, EntryState.RETURNED])
    )
    body = ReportBody(
        [
            EntryBody(entry.id, progress, done, quantities=quantities or {}, figure_reason=reason)
            for entry in wanted
        ]
    )
    report = reports.submit(obligation, body, by=at_place.liaison, now=now)
    return list(
        ReportEntry.select().join(Entry).where(ReportEntry.report == report).order_by(Entry.sort, Entry.id)
    )


def state(at_place: Place) -> ObligationState:
    return Obligation.get_by_id(at_place.obligation.id).state


def test_an_entry_is_accepted_with_a_mark_and_its_progress_counts(database: Database) -> None:
    here = place()
    first, second = hand_in(here)
    reviews.decide(first, ACCEPTED, mark=90, by=here.office, now=REVIEW)
    row = ReportEntry.get_by_id(first.id)
    assert (row.verdict, row.mark, row.reviewed_by, row.reviewed_at) == (
        ACCEPTED,
        90,
        here.office.user_id,
        REVIEW,
    )
    link = Assignment.get_by_id(Entry.get_by_id(first.entry_id).assignment_id)
    assert (link.progress, link.progress_period) == (40, "2021-05")
    assert Task.get_by_id(link.task_id).progress == 40
    assert state(here) is ObligationState.SUBMITTED  # the other entry still waits
    reviews.decide(second, ACCEPTED, mark=80, by=here.office, now=REVIEW)
    assert state(here) is ObligationState.ACCEPTED


def test_accepted_quantities_count_against_their_targets(database: Database) -> None:
    here = place(1)
    link = Assignment.get()
    QuantityTarget.create(task=link.task_id, unit=here.unit, measure="改造小区（个）", target=30)
    (entry,) = hand_in(here, quantities={"改造小区（个）": 12})
    reviews.decide(entry, ACCEPTED, mark=100, by=here.office, now=REVIEW)
    assert QuantityTarget.get().accepted == 12


def test_a_report_with_a_returned_entry_goes_back_as_a_whole_after_the_last_verdict(
    database: Database,
) -> None:
    here = place()
    first, second = hand_in(here)
    reviews.decide(
        first, RETURNED, note="数据与上月矛盾", due_on=date(2021, 6, 10), by=here.office, now=REVIEW
    )
    assert state(here) is ObligationState.SUBMITTED
    assert Message.select().where(Message.kind == MessageKind.RETURN).count() == 0
    reviews.decide(second, ACCEPTED, mark=80, by=here.office, now=REVIEW)
    after = Obligation.get_by_id(here.obligation.id)
    assert (after.state, after.returns, after.return_due_on) == (
        ObligationState.RETURNED,
        1,
        date(2021, 6, 10),
    )
    inbox = Message.get((Message.kind == MessageKind.RETURN) & (Message.channel == Channel.INBOX))
    assert inbox.recipient_id == here.liaison.user_id
    assert inbox.subject == "2021年5月报告被退回，请于2021年6月10日前重新报送"
    assert inbox.body == "任务1：数据与上月矛盾"
    assert inbox.link.endswith(f"/reports/{here.obligation.id}/form")


def test_a_new_version_is_reviewed_alone_and_keeps_the_first_outcome(database: Database) -> None:
    here = place()
    first, second = hand_in(here)
    reviews.decide(second, ACCEPTED, mark=80, by=here.office, now=REVIEW)
    reviews.decide(first, RETURNED, note="缺附件", due_on=date(2021, 6, 10), by=here.office, now=REVIEW)
    (again,) = hand_in(here, 45, at("2021-06-09 10:00"))
    assert again.entry_id == first.entry_id
    reviews.decide(again, ACCEPTED, mark=70, by=here.office, now=at("2021-07-30 10:00"))
    after = Obligation.get_by_id(here.obligation.id)
    assert (after.state, after.outcome, after.late_workdays) == (ObligationState.ACCEPTED, Outcome.ON_TIME, 0)
    assert ReportEntry.get_by_id(first.id).verdict is RETURNED  # versions stay as they were


def test_a_slow_review_still_leaves_the_unit_a_working_day(database: Database) -> None:
    here = place()
    first, second = hand_in(here)
    reviews.decide(first, RETURNED, note="缺附件", due_on=date(2021, 6, 8), by=here.office, now=REVIEW)
    reviews.decide(second, ACCEPTED, mark=80, by=here.office, now=at("2021-06-11 15:00"))
    assert Obligation.get_by_id(here.obligation.id).return_due_on == date(2021, 6, 15)  # after the holiday


def test_several_returns_share_the_latest_day_and_an_old_round_leaves_no_trace(database: Database) -> None:
    here = place()
    first, second = hand_in(here)
    for entry, day in ((first, 11), (second, 9)):
        reviews.decide(entry, RETURNED, note="改", due_on=date(2021, 6, day), by=here.office, now=REVIEW)
    assert Obligation.get_by_id(here.obligation.id).return_due_on == date(2021, 6, 11)
    first, second = hand_in(here, now=at("2021-06-08 09:00"))
    now = at("2021-06-08 11:00")
    for entry in (first, second):
        reviews.decide(entry, RETURNED, note="再改", due_on=date(2021, 6, 9), by=here.office, now=now)
    after = Obligation.get_by_id(here.obligation.id)
    assert (after.return_due_on, after.returns) == (date(2021, 6, 9), 2)


def test_several_are_accepted_with_one_mark_across_units_or_none_at_all(database: Database) -> None:
    here = place()
    there = place(name="市水务局", programme=here.programme)
    entries = [*hand_in(here), *hand_in(there)]
    assert reviews.accept_many([row.id for row in entries], 85, by=here.office, now=REVIEW) == 4
    assert {state(here), state(there)} == {ObligationState.ACCEPTED}
    assert {row.mark for row in ReportEntry.select()} == {85}
    assert AuditEntry.select().where(AuditEntry.action == "review.accept").count() == 4


def test_one_that_is_no_longer_waiting_stops_the_whole_bulk(database: Database) -> None:
    here = place(3)
    entries = hand_in(here)
    reviews.decide(entries[1], ACCEPTED, mark=60, by=here.office, now=REVIEW)
    with pytest.raises(Refused, match="already reviewed"):
        reviews.accept_many([row.id for row in entries], 85, by=here.office, now=REVIEW)
    assert [row.mark for row in ReportEntry.select().order_by(ReportEntry.id)] == [None, 60, None]


@pytest.mark.parametrize(
    ("ruling", "field"),
    [
        (reviews.Ruling(ACCEPTED), "mark"),
        (reviews.Ruling(ACCEPTED, mark=101), "mark"),
        (reviews.Ruling(ACCEPTED, mark=-1), "mark"),
        (reviews.Ruling(RETURNED, note=" ", due_on=date(2021, 6, 9)), "note"),
        (reviews.Ruling(RETURNED, note="改"), "due_on"),
        (reviews.Ruling(RETURNED, note="改", due_on=date(2021, 6, 7)), "due_on"),
        (reviews.Ruling(RETURNED, note="改", due_on=date(2022, 6, 7)), "due_on"),
        (reviews.Ruling(ACCEPTED, mark=5, note="长" * 2001), "note"),
    ],
)
def test_a_ruling_names_the_field_that_is_wrong(ruling: reviews.Ruling, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        ruling.check(date(2021, 6, 7))
    assert list(caught.value.fields) == [field]


def test_nobody_reviews_their_own_unit_and_units_do_not_review(database: Database) -> None:
    here = place(1)
    (entry,) = hand_in(here)
    both = builders.actor([Role.LEAD_OFFICE, Role.LIAISON], here.programme, here.unit)
    with pytest.raises(Refused, match="own unit"):
        reviews.decide(entry, ACCEPTED, mark=100, by=both, now=REVIEW)
    with pytest.raises(NotAllowed):
        reviews.decide(entry, ACCEPTED, mark=100, by=here.liaison, now=REVIEW)
    other = builders.actor(Role.LEAD_OFFICE, builders.programme("另一专项"))
    with pytest.raises(NotFound):
        reviews.decide(entry, ACCEPTED, mark=100, by=other, now=REVIEW)
    assert state(here) is ObligationState.SUBMITTED


def test_a_later_periods_progress_is_not_overwritten_by_an_earlier_one(database: Database) -> None:
    here = place(1)
    (entry,) = hand_in(here)
    Assignment.update(progress=70, progress_period="2021-06").execute()
    reviews.decide(entry, ACCEPTED, mark=90, by=here.office, now=REVIEW)
    assert (Assignment.get().progress, Assignment.get().progress_period) == (70, "2021-06")


def test_a_months_progress_counts_after_a_weeks_of_an_earlier_month(database: Database) -> None:
    here = place(tasks=1)
    Assignment.update(progress=10, progress_period="2021-W10").execute()  # as text it comes behind 2021-05
    (entry,) = hand_in(here)
    reviews.decide(entry, ACCEPTED, mark=90, by=here.office, now=REVIEW)
    link = Assignment.get()
    assert (link.progress, link.progress_period) == (40, "2021-05")


def test_two_reviewers_of_the_last_two_entries_conclude_the_report_once(database: Database) -> None:
    here = place()
    entries = hand_in(here)
    barrier = threading.Barrier(2)
    failures: list[BaseException] = []

    def review(entry: ReportEntry) -> None:
        try:
            db.connect(reuse_if_open=True)
            barrier.wait()
            reviews.decide(entry, ACCEPTED, mark=90, by=here.office, now=REVIEW)
        except BaseException as error:  # noqa: BLE001 -- shown by the main thread
            failures.append(error)
        finally:
            db.close()

    threads = [threading.Thread(target=review, args=(entry,)) for entry in entries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert state(here) is ObligationState.ACCEPTED
    assert AuditEntry.select().where(AuditEntry.action == "report.accept").count() == 1
    assert audit.verify_chain() is None


def test_leaders_hear_once_a_week_of_reviews_open_too_long(database: Database) -> None:
    here = place(1)
    builders.user("leader", Role.LEADER, here.programme)
    hand_in(here)  # on Friday 4 June; ten working days are over after 21 June (three days off between)
    assert reviews.alarm(at("2021-06-21 09:00")) == 0
    assert reviews.alarm(at("2021-06-22 07:00")) == 0
    assert reviews.alarm(at("2021-06-22 09:00")) == 1
    assert reviews.alarm(at("2021-06-23 09:00")) == 0
    assert reviews.alarm(at("2021-06-28 09:00")) == 1
    assert Message.get(Message.kind == MessageKind.ALARM).body == "单位：市城建局"


# ---- the queue ---------------------------------------------------------------------------------


def test_the_queue_shows_the_oldest_first_with_last_months_figures_beside(database: Database) -> None:
    here = place(1)
    link = Assignment.get()
    QuantityTarget.create(task=link.task_id, unit=here.unit, measure="套", target=30)
    (entry,) = hand_in(here, 40, quantities={"套": 10})
    reviews.decide(entry, ACCEPTED, mark=90, by=here.office, now=REVIEW)
    june = builders.obligation(here.unit, here.programme, "2021-06", due_on=date(2021, 7, 5))
    builders.entry(june, link)
    there = place(2, name="市水务局", programme=here.programme)
    hand_in(there)
    hand_in(
        Place(here.programme, here.unit, here.office, here.liaison, june),
        55,
        at("2021-07-02 10:00"),
        quantities={"套": 16},
        done="完成16套",
    )
    page = review_queue.queue(here.office, now=at("2021-07-06 09:00"))
    assert [waiting.unit.name for waiting in page.reports] == ["市水务局", "市城建局"]
    old, new = page.reports
    assert (old.days_open, old.is_overdue, len(old.lines)) == (21, True, 2)
    assert (new.days_open, new.is_overdue) == (2, False)
    (line,) = new.lines
    assert line.step == 15
    assert [(f.measure, f.before, f.now, f.target, f.changed) for f in line.figures] == [
        ("套", 10, 16, 30, True)
    ]
    assert page.units == (here.unit, there.unit)
    assert page.periods == ("2021-05", "2021-06")


def test_the_queue_narrows_by_unit_task_and_period_and_goes_on_by_cursor(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_queue, "PAGE", 2)
    here = place(2)
    others = [place(1, name=f"第{n}局", programme=here.programme) for n in range(4)]
    for each in [here, *others]:
        hand_in(each)
    now = at("2021-06-08 09:00")

    def shown(**narrow: object) -> list[str]:
        return [w.unit.name for w in review_queue.queue(here.office, now=now, **narrow).reports]  # type: ignore[arg-type]  # a test's shorthand

    first = review_queue.queue(here.office, now=now)
    second = review_queue.queue(here.office, now=now, after=first.following or "")
    third = review_queue.queue(here.office, now=now, after=second.following or "")
    names = [w.unit.name for page in (first, second, third) for w in page.reports]
    assert names == ["市城建局", "第0局", "第1局", "第2局", "第3局"]
    assert third.following is None
    assert shown(unit_id=others[0].unit.id) == ["第0局"]
    assert shown(period="2021-04") == []
    assert shown(task_id=Task.get(Task.title == "任务2").id) == ["市城建局"]
    with pytest.raises(NotFound):
        shown(after="nonsense")


def test_the_queues_queries_do_not_grow_with_what_waits(database: Database) -> None:
    here = place(2)
    hand_in(here)
    now = at("2021-06-08 09:00")
    with count_queries(database) as few:
        review_queue.queue(here.office, now=now)
    for number in range(6):
        hand_in(place(3, name=f"第{number}局", programme=here.programme))
    with count_queries(database) as many:
        review_queue.queue(here.office, now=now)
    assert len(few) == len(many) <= 10


def test_after_an_entry_comes_the_next_of_the_report_then_the_oldest_report(database: Database) -> None:
    here = place(2)
    there = place(1, name="市水务局", programme=here.programme)
    first, second = hand_in(here)
    (other,) = hand_in(there)
    assert review_queue.next_after(first.report_id, first.id, here.office) == second.id
    reviews.accept_many([first.id, second.id], 80, by=here.office, now=REVIEW)
    assert review_queue.next_after(first.report_id, second.id, here.office) == other.id
    reviews.accept_many([other.id], 80, by=here.office, now=REVIEW)
    assert review_queue.next_after(other.report_id, other.id, here.office) is None


def test_one_entry_of_another_programme_does_not_exist(database: Database) -> None:
    here = place(1)
    (entry,) = hand_in(here)
    other = builders.actor(Role.LEAD_OFFICE, builders.programme("另一专项"))
    with pytest.raises(NotFound):
        review_queue.one(entry.id, other, now=REVIEW)
    waiting, line = review_queue.one(entry.id, here.office, now=REVIEW)
    assert (waiting.unit, line.row.id) == (here.unit, entry.id)
    assert [row.id for row in review_queue.versions(line)] == [entry.id]


def test_tabs_count_what_waits(database: Database) -> None:
    here = place(1)
    hand_in(here)
    assert requests.counts(here.office) == {"reports": 1, "applications": 0, "objections": 0, "extensions": 0}
    assert Report.select().count() == 1
