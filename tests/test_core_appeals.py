"""A quarter's life: preliminary, appeals, run again, closed, corrected by two people; what is refused on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from peewee import Database

from supervisor.core import (
    appeal_pages,
    appeals,
    record_corrections,
    score_corrections,
    score_notices,
    score_sheet,
    scores,
)
from supervisor.core.permissions import Actor
from supervisor.core.score_books import Move
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused
from supervisor.models import (
    Appeal,
    AppealState,
    Message,
    Obligation,
    Outcome,
    PeriodState,
    ReportEntry,
    Role,
    ScoreLine,
    ScorePeriod,
    ScoreRun,
    Standing,
    User,
)
from tests import builders, quarters
from tests.builders import at
from tests.quarters import CLOSING, Q2, World
from tests.test_core_scores import assessor_of

#: CLOSING is 10 August 2021, a Tuesday: three working days end with Friday the 13th.
UNTIL = at("2021-08-14 00:00")
SECOND = timedelta(seconds=1)


@pytest.fixture
def world(database: Database) -> World:
    return quarters.worked_quarter(appeal_workdays=3)


def shown(world: World) -> ScoreRun:
    return scores.show_preliminary(world.programme, Q2, by=assessor_of(world), now=CLOSING)


def liaison_of(world: World, letter: str) -> Actor:
    person = User.get_or_none(User.username == f"liaison-{letter}") or builders.user(
        f"liaison-{letter}", Role.LIAISON, world.programme, world.units[letter], now=CLOSING
    )
    return builders.actor(Role.LIAISON, world.programme, world.units[letter], person=person)


def leader_of(world: World) -> Actor:
    person = User.get_or_none(User.username == "leader") or builders.user(
        "leader", Role.LEADER, world.programme, now=CLOSING
    )
    return builders.actor(Role.LEADER, world.programme, person=person)


def office_of(world: World) -> Actor:
    return builders.actor(Role.LEAD_OFFICE, world.programme)


def line_of(world: World, letter: str, indicator: str) -> ScoreLine:
    row = ScorePeriod.get(ScorePeriod.key == Q2.key)
    run = scores.current_run(row)
    assert run is not None
    return ScoreLine.get(
        (ScoreLine.run == run) & (ScoreLine.unit == world.units[letter]) & (ScoreLine.indicator == indicator)
    )


def appeal(
    world: World, letter: str = "C", indicator: str = "report_timeliness", *, when: datetime = CLOSING
) -> Appeal:
    return appeals.file_appeal(
        world.programme,
        Q2,
        line_of(world, letter, indicator).id,
        claim="5月报告于6月4日已由机要送达，不应计迟报。",
        by=liaison_of(world, letter),
        now=when,
    )


def late_report(world: World, letter: str) -> Obligation:
    return Obligation.get((Obligation.unit == world.units[letter]) & (Obligation.outcome == Outcome.LATE))


def correct(world: World, letter: str = "C") -> None:
    record_corrections.count_as_on_time(
        late_report(world, letter), reason="机要签收单证明6月4日送达", by=office_of(world), now=CLOSING
    )


def test_units_see_their_own_preliminary_sheet_and_are_told_until_when(world: World) -> None:
    liaison = liaison_of(world, "C")

    shown(world)

    row = ScorePeriod.get()
    assert (row.state, row.appeals_until) == (PeriodState.PRELIMINARY, UNTIL)
    sheet = score_sheet.sheet(world.programme, Q2, world.units["C"].id, by=liaison, now=CLOSING)
    assert (sheet.standing.score, sheet.may_appeal) == (6565, True)
    with pytest.raises(NotFound):
        score_sheet.sheet(world.programme, Q2, world.units["A"].id, by=liaison, now=CLOSING)
    told = Message.get((Message.recipient == liaison.user_id) & (Message.event == "score.preliminary"))
    assert "8月13日" in told.body


def test_an_accepted_appeal_corrects_the_record_and_everybody_who_moved_hears_the_difference(
    world: World,
) -> None:
    decider = leader_of(world)
    liaison_of(world, "B")
    shown(world)
    mine = appeal(world)

    appeals.decide(mine, accepted=True, decision="机要签收单属实，更正为按时", by=decider, now=CLOSING)
    with pytest.raises(Refused) as stopped:
        scores.close(world.programme, Q2, by=assessor_of(world), now=UNTIL)
    assert any("accepted after the last run" in str(one.sentence) for one in stopped.value.obstacles)
    correct(world)
    run = scores.run_again(
        world.programme, Q2, reason="采纳申诉1件", by=assessor_of(world), now=CLOSING + SECOND
    )

    assert line_of(world, "C", "report_timeliness").points == 1000  # 9.00 and the point for being late
    # 43.67 of 65 is 67.18; nobody else's lines changed, so the days for appeals stay as they were.
    assert Standing.get((Standing.run == run) & (Standing.unit == world.units["C"])).score == 6718
    assert ScorePeriod.get().appeals_until == UNTIL
    moved = [one for one in Message.select() if one.event == "score.moved"]
    assert {one.unit_id for one in moved} == {world.units["C"].id}
    assert "65.65 → 67.18" in moved[0].body
    closed = scores.close(world.programme, Q2, by=assessor_of(world), now=UNTIL)
    assert closed.id == run.id
    assert ScorePeriod.get().state is PeriodState.FROZEN
    assert scores.verify_frozen() is None


def test_who_only_lost_a_place_reads_no_reason_that_names_another_unit(world: World) -> None:
    for letter in "BC":
        liaison_of(world, letter)
    shown(world)
    run = ScoreRun.get()
    run.reason = "采纳璠溪区申诉1件"
    moves = [
        Move(unit.id, unit.name, (score, score), ranks, ("", ""))
        for unit, score, ranks in ((world.units["B"], 9042, (2, 3)), (world.units["C"], 9100, (3, 2)))
    ]

    score_notices.tell_moved(world.programme, Q2, run, moves, CLOSING, concerned={world.units["C"].id})

    said = {one.unit_id: one.body for one in Message.select() if one.event == "score.moved"}
    assert "璠溪区" not in said[world.units["B"].id]
    assert "因一项记录更正" in said[world.units["B"].id]
    assert "采纳璠溪区申诉1件" in said[world.units["C"].id]


def test_a_rejected_appeal_leaves_its_reason_on_the_sheet(world: World) -> None:
    shown(world)
    mine = appeal(world)

    appeals.decide(
        mine, accepted=False, decision="签收单日期为6月9日，迟报属实", by=leader_of(world), now=CLOSING
    )

    sheet = score_sheet.sheet(
        world.programme, Q2, world.units["C"].id, by=liaison_of(world, "C"), now=CLOSING
    )
    (kept,) = sheet.appeals["indicator", "report_timeliness"]
    assert (kept.state, kept.decision) == (AppealState.REJECTED, "签收单日期为6月9日，迟报属实")
    scores.close(world.programme, Q2, by=assessor_of(world), now=UNTIL)


def test_one_second_late_is_late_and_one_second_early_is_not(world: World) -> None:
    shown(world)
    with pytest.raises(Refused, match="ended with"):
        appeal(world, when=UNTIL)
    assert appeal(world, when=UNTIL - SECOND).state is AppealState.OPEN


def test_the_books_wait_for_the_last_day_and_for_every_decision(world: World) -> None:
    shown(world)
    mine = appeal(world)
    with pytest.raises(Refused) as early:
        scores.close(world.programme, Q2, by=assessor_of(world), now=UNTIL - SECOND)
    assert len(early.value.obstacles) == 2
    with pytest.raises(Refused) as undecided:
        scores.close(world.programme, Q2, by=assessor_of(world), now=UNTIL)
    assert [str(one.sentence) for one in undecided.value.obstacles] == ["Appeals that wait for a decision: 1"]
    appeals.withdraw(mine, by=liaison_of(world, "C"), now=UNTIL)
    assert scores.close(world.programme, Q2, by=assessor_of(world), now=UNTIL).number == 1


def test_what_the_units_were_shown_is_what_is_frozen(world: World) -> None:
    """A record that changes after the sheets were shown is not slipped in: it takes a run with a reason."""
    shown(world)
    correct(world)
    with pytest.raises(Refused) as stopped:
        scores.close(world.programme, Q2, by=assessor_of(world), now=UNTIL)
    assert "Records have changed" in str(stopped.value.obstacles[0].sentence)
    assert ScorePeriod.get().state is PeriodState.PRELIMINARY


def test_a_unit_surprised_by_a_later_run_gets_its_days_anew(world: World) -> None:
    shown(world)
    later = at("2021-08-13 17:00")
    # Nobody had appealed: the correction was found by the office itself.
    record_corrections.count_as_on_time(
        late_report(world, "C"), reason="更正", by=office_of(world), now=later
    )
    scores.run_again(world.programme, Q2, reason="办公室更正", by=assessor_of(world), now=later)
    assert ScorePeriod.get().appeals_until == at("2021-08-19 00:00")  # 16, 17, 18 August


def test_the_same_line_is_appealed_against_once_unless_it_was_withdrawn_or_changed(world: World) -> None:
    shown(world)
    first = appeal(world)
    with pytest.raises(Refused, match="already"):
        appeal(world)
    appeals.withdraw(first, by=liaison_of(world, "C"), now=CLOSING)
    second = appeal(world)
    appeals.decide(second, accepted=False, decision="属实", by=leader_of(world), now=CLOSING)
    with pytest.raises(Refused, match="already"):
        appeal(world)
    correct(world)
    scores.run_again(world.programme, Q2, reason="更正", by=assessor_of(world), now=CLOSING)
    assert appeal(world).state is AppealState.OPEN


def test_another_unit_s_line_does_not_exist(world: World) -> None:
    shown(world)
    with pytest.raises(NotFound):
        appeals.file_appeal(
            world.programme, Q2, line_of(world, "A", "report_quality").id,
            claim="x", by=liaison_of(world, "C"), now=CLOSING,
        )  # fmt: skip


def test_a_line_of_a_run_that_counts_no_more_is_answered_with_the_new_sheet(world: World) -> None:
    shown(world)
    old = line_of(world, "C", "report_quality").id
    correct(world)
    scores.run_again(world.programme, Q2, reason="更正", by=assessor_of(world), now=CLOSING)
    with pytest.raises(Refused, match="run again meanwhile"):
        appeals.file_appeal(world.programme, Q2, old, claim="x", by=liaison_of(world, "C"), now=CLOSING)


def test_an_appeal_against_a_closed_quarter_is_told_the_way_out(world: World) -> None:
    shown(world)
    scores.close(world.programme, Q2, by=assessor_of(world), now=UNTIL)
    with pytest.raises(Refused, match="are closed") as late:
        appeal(world, when=UNTIL)
    assert "corrected by a notice" in str(late.value.obstacles[0].sentence)


def test_the_scorer_does_not_decide_nor_the_reviewer_whose_marks_are_disputed_nor_the_unit(
    world: World,
) -> None:
    shown(world)
    mine = appeal(world, indicator="report_quality")
    with pytest.raises(Refused, match="scored this line yourself"):
        appeals.decide(mine, accepted=True, decision="x", by=assessor_of(world), now=CLOSING)
    reviewer = ReportEntry.get(~ReportEntry.reviewed_by.is_null()).reviewed_by
    other = builders.user("second", Role.ASSESSOR, world.programme, now=CLOSING)
    ReportEntry.update(reviewed_by=other.id).where(ReportEntry.reviewed_by == reviewer).execute()
    with pytest.raises(Refused, match="scored this line yourself"):
        appeals.decide(
            mine, accepted=True, decision="x",
            by=builders.actor(Role.ASSESSOR, world.programme, person=other), now=CLOSING,
        )  # fmt: skip
    with pytest.raises(NotAllowed):
        appeals.decide(mine, accepted=True, decision="x", by=liaison_of(world, "C"), now=CLOSING)
    appeals.decide(mine, accepted=True, decision="x", by=leader_of(world), now=CLOSING)
    with pytest.raises(Refused, match="already decided"):
        appeals.decide(mine, accepted=False, decision="y", by=leader_of(world), now=CLOSING)


@pytest.mark.parametrize(
    ("act", "field"),
    [
        (lambda world: appeals.file_appeal(
            world.programme, Q2, line_of(world, "C", "report_quality").id, claim=" ",
            by=liaison_of(world, "C"), now=CLOSING), "claim"),
        (lambda world: appeals.decide(
            appeal(world), accepted=True, decision=" ", by=leader_of(world), now=CLOSING), "decision"),
        (lambda world: scores.run_again(
            world.programme, Q2, reason=" ", by=assessor_of(world), now=CLOSING), "reason"),
    ],
)  # fmt: skip
def test_an_act_without_words_is_answered_at_its_field(
    world: World, act: Callable[[World], object], field: str
) -> None:
    shown(world)
    with pytest.raises(Invalid) as wrong:
        act(world)
    assert set(wrong.value.fields) == {field}


def test_a_closed_quarter_is_corrected_by_two_people(world: World) -> None:
    first = shown(world)
    scores.close(world.programme, Q2, by=assessor_of(world), now=UNTIL)
    quarters.publish(world.programme, assessor_of(world), now=UNTIL)
    correct(world)
    proposed = score_corrections.propose_correction(
        world.programme, Q2, reason="机要签收单证明按时", by=assessor_of(world), now=UNTIL
    )
    with pytest.raises(Refused, match="Two people"):
        score_corrections.carry_out(proposed, world.programme, by=assessor_of(world), now=UNTIL)
    with pytest.raises(Refused, match="waits for the second person"):
        score_corrections.propose_correction(
            world.programme, Q2, reason="again", by=assessor_of(world), now=UNTIL
        )
    score_corrections.carry_out(proposed, world.programme, by=leader_of(world), now=UNTIL)
    first, second = ScoreRun.select().order_by(ScoreRun.number)
    assert (first.superseded, second.superseded, second.reason) == (True, False, "机要签收单证明按时")
    assert scores.verify_frozen() is None
    with pytest.raises(Refused, match="already decided"):
        score_corrections.carry_out(proposed, world.programme, by=leader_of(world), now=UNTIL)


def test_a_correction_refused_changes_nothing_and_keeps_the_reason(world: World) -> None:
    shown(world)
    scores.close(world.programme, Q2, by=assessor_of(world), now=UNTIL)
    proposed = score_corrections.propose_correction(
        world.programme, Q2, reason="想改", by=assessor_of(world), now=UNTIL
    )
    with pytest.raises(Invalid):
        score_corrections.refuse_correction(proposed, reason="", by=leader_of(world), now=UNTIL)
    score_corrections.refuse_correction(proposed, reason="证据不足", by=leader_of(world), now=UNTIL)
    assert ScoreRun.select().count() == 1
    assert score_corrections.corrections_of(ScorePeriod.get())[0].decision == "证据不足"


def test_a_programme_without_days_for_appeals_closes_at_once_and_one_with_them_does_not(
    database: Database,
) -> None:
    at_once = quarters.worked_quarter()
    with pytest.raises(Refused, match="no days for appeals"):
        shown(at_once)
    scores.close(at_once.programme, Q2, by=assessor_of(at_once), now=CLOSING)


def test_the_books_are_not_closed_before_the_units_saw_their_sheets(world: World) -> None:
    with pytest.raises(Refused, match="before the units have seen"):
        scores.close(world.programme, Q2, by=assessor_of(world), now=CLOSING)
    assert ScorePeriod.select().where(ScorePeriod.state == PeriodState.FROZEN).count() == 0


def test_the_desk_shows_the_clock_and_how_appeals_ended(world: World) -> None:
    shown(world)
    mine = appeal(world)
    appeal(world, "A", "report_quality")
    leader = leader_of(world)
    desk = appeal_pages.desk(leader, today=CLOSING.date() + timedelta(days=8))
    assert [row.left for row in desk.waiting] == [-1, -1]  # five working days from 10 August: the 17th
    appeals.decide(mine, accepted=False, decision="属实", by=leader, now=CLOSING + timedelta(days=2))
    desk = appeal_pages.desk(leader, today=CLOSING.date())
    assert desk.total is not None
    assert (desk.total.filed, desk.total.rejected, desk.total.days) == (2, 1, 20)
    assert [(one.title, one.filed, one.rejected, one.days) for one in desk.counts] == [
        ("月报质量", 1, 0, None),
        ("月报及时率", 1, 1, 20),
    ]
    own = appeal_pages.desk(liaison_of(world, "A"), today=CLOSING.date())
    assert [row.appeal.unit_id for row in own.waiting] == [world.units["A"].id]


def test_a_record_is_only_corrected_with_a_reason_and_when_it_is_wrong(world: World) -> None:
    late = late_report(world, "C")
    with pytest.raises(Invalid):
        record_corrections.count_as_on_time(late, reason="", by=office_of(world), now=CLOSING)
    with pytest.raises(NotAllowed):
        record_corrections.count_as_on_time(late, reason="x", by=assessor_of(world), now=CLOSING)
    record_corrections.count_as_on_time(late, reason="x", by=office_of(world), now=CLOSING)
    with pytest.raises(Refused):
        record_corrections.count_as_on_time(
            Obligation.get_by_id(late.id), reason="x", by=office_of(world), now=CLOSING
        )


@pytest.mark.parametrize("mark", [-1, 101, 88])
def test_a_mark_is_corrected_within_its_range_and_to_another_value(world: World, mark: int) -> None:
    entry = ReportEntry.get(ReportEntry.mark == 88)
    with pytest.raises(Invalid):
        record_corrections.correct_mark(entry, mark, reason="评分录入有误", by=office_of(world), now=CLOSING)
    record_corrections.correct_mark(entry, 98, reason="评分录入有误", by=office_of(world), now=CLOSING)
    assert ReportEntry.get_by_id(entry.id).mark == 98
