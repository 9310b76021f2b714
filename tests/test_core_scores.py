"""Closing a quarter: a quarter worked by hand, line by line, and what must never happen to it afterwards."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from peewee import Database

from supervisor.core import decisions, scores
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.errors import NotAllowed, Refused
from supervisor.models import (
    AuditEntry,
    Obligation,
    Outcome,
    PeriodState,
    QuantityTarget,
    Role,
    ScoreLine,
    ScorePeriod,
    ScoreRun,
    Standing,
)
from supervisor.words import say
from tests import builders, quarters
from tests.builders import at
from tests.quarters import CLOSING, MONTHS, Q2, World

# Points in hundredths by unit and indicator. None = not applicable.
#   A  task 25 x (1.0x50/50 + 1.0x100/100) / 2.0             B  25 x (0.8 + 0.5x0.7) / 1.5 = 19.1666…
#   A  quantity 20 x (0.7x620/700 + 0.3x620/900) = 16.5333…  C  20 x (0.7x100/400 + 0.3x100/900) = 4.1666…
#   C  reports 12 - 1 (4 working days late) - 2 (missing)    D  12 - 1 (nil, 3 days late)
#   A  quality 8 x (90+80+90+80+88+88)/6 % - 0.5             C  8 x (70+80)/2 % - 0.5 - 1
BY_HAND: dict[str, dict[str, int | None]] = {
    "A": {"task_completion": 2500, "on_time_closure": 1500, "core_quantity": 1653, "report_timeliness": 1150,
          "report_quality": 638},
    "B": {"task_completion": 1917, "on_time_closure": None, "core_quantity": 2000, "report_timeliness": 1200,
          "report_quality": 760},
    "C": {"task_completion": 2500, "on_time_closure": None, "core_quantity": 417, "report_timeliness": 900,
          "report_quality": 450},
    "D": {"task_completion": 1250, "on_time_closure": None, "core_quantity": None, "report_timeliness": 1100,
          "report_quality": 800},
    "E": {"task_completion": None, "on_time_closure": None, "core_quantity": None, "report_timeliness": None,
          "report_quality": None},
}  # fmt: skip
# 74.41 / 80, 58.77 / 65, 42.67 / 65, 31.50 / 45. D is alone in its group with facts: a tier, no rank.
STANDINGS = {
    "A": (7441, 8000, 9301, 1, "优秀"),
    "B": (5877, 6500, 9042, 2, "良好"),  # 90.42 would be 优秀, but 30 % of three units is one place
    "C": (4267, 6500, 6565, 3, "合格"),
    "D": (3150, 4500, 7000, None, "合格"),
    "E": (0, 0, None, None, ""),
}


def assessor_of(world: World) -> Actor:
    return builders.actor(Role.ASSESSOR, world.programme, person=world.assessor)


def close(world: World) -> ScoreRun:
    return scores.close(world.programme, Q2, by=assessor_of(world), now=CLOSING)


def test_every_line_of_a_quarter_is_what_pencil_and_paper_give(database: Database) -> None:
    world = quarters.worked_quarter()

    run = close(world)

    for letter, points in BY_HAND.items():
        lines = ScoreLine.select().where((ScoreLine.run == run) & (ScoreLine.unit == world.units[letter]))
        found = {line.indicator: line.points for line in lines}
        assert found == points | {"publicity": None, "rectification": None}, letter


def test_scores_ranks_and_tiers_follow_from_the_lines(database: Database) -> None:
    world = quarters.worked_quarter()

    run = close(world)

    rows = {row.unit_id: row for row in Standing.select().where(Standing.run == run)}
    for letter, expected in STANDINGS.items():
        row = rows[world.units[letter].id]
        assert (row.earned, row.applicable, row.score, row.rank, row.tier) == expected, letter
    assert rows[world.units["D"].id].rank_note == "Too few units in the group to rank"
    assert rows[world.units["E"].id].rank_note == "No indicator applies: not assessed"


def test_what_the_product_cannot_know_is_not_applicable_and_says_why(database: Database) -> None:
    world = quarters.worked_quarter()

    run = close(world)

    line = ScoreLine.get(
        (ScoreLine.run == run) & (ScoreLine.unit == world.units["A"]) & (ScoreLine.indicator == "publicity")
    )
    assert (line.points, line.na_reason) == (None, "No such facts exist in the product yet")


def test_every_line_names_the_records_behind_it(database: Database) -> None:
    world = quarters.worked_quarter()

    run = close(world)

    unit = world.units["C"]
    line = ScoreLine.get(
        (ScoreLine.run == run) & (ScoreLine.unit == unit) & (ScoreLine.indicator == "report_timeliness")
    )
    owed = Obligation.select().where(Obligation.unit == unit)
    assert line.records == sorted(f"obligation:{row.id}" for row in owed)
    assert [step["value"] for step in line.steps] == ["12", "-1", "-2"]


def test_equals_share_a_place_and_the_next_one_is_left_free(database: Database) -> None:
    world = quarters.start()
    for letter, progress in (("A", 50), ("B", 50), ("C", 40)):
        for month in MONTHS:
            row = quarters.owe(world, letter, month)
            quarters.hand_in(row, {world.links["lifts", letter]: (progress, 90, 100)})
    world.links["yards", "A"].delete_instance(recursive=True)
    world.links["yards", "B"].delete_instance(recursive=True)
    # The same plan for all, so that the figures are the same.
    QuantityTarget.update(planned={"2021-Q2": 200}).execute()

    run = close(world)

    rows = (
        Standing.select()
        .where((Standing.run == run) & (Standing.group_name == "区人民政府"))
        .order_by(Standing.sort)
    )
    assert [(row.unit_id, row.rank, row.tied) for row in rows] == [
        (world.units["A"].id, 1, True),
        (world.units["B"].id, 1, True),
        (world.units["C"].id, 3, False),
    ]


def test_a_closed_quarter_does_not_move_when_facts_change_later(database: Database) -> None:
    """E-91: the books of a closed quarter stand."""
    world = quarters.worked_quarter()
    run = close(world)

    quarters.hand_in(
        builders.obligation(world.units["A"], world.programme, "2021-07", due_on=date(2021, 8, 5)),
        {},
        outcome=Outcome.NIL,
    )
    Obligation.update(late_workdays=9, outcome=Outcome.LATE).execute()
    world.units["A"].name = "东湖新区人民政府"
    world.units["A"].save()

    assert scores.verify_frozen() is None
    again = ScoreRun.get_by_id(run.id)
    assert (again.facts, again.result) == (run.facts, run.result)
    assert "东湖区人民政府" in again.facts


def test_a_rerun_supersedes_and_keeps_the_run_before(database: Database) -> None:
    """E-91: a correction after closing is a new run with its reason."""
    world = quarters.worked_quarter()
    first = close(world)
    Obligation.update(late_workdays=0, outcome=Outcome.ON_TIME).where(
        Obligation.unit == world.units["A"]
    ).execute()

    second = quarters.correct_closed(world, "系统故障致迟报，更正", CLOSING + timedelta(days=1))

    first = ScoreRun.get_by_id(first.id)
    assert (first.superseded, second.superseded, second.number) == (True, False, 2)
    assert scores.verify_frozen() is None
    line = ScoreLine.get(
        (ScoreLine.run == second)
        & (ScoreLine.unit == world.units["A"])
        & (ScoreLine.indicator == "report_timeliness")
    )
    assert line.points == 1200


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("UPDATE score_run SET result = replace(result, '93.01', '95.01')", "its result was changed"),
        ("UPDATE score_run SET facts = replace(facts, '620', '720')", "its facts were changed"),
        ("UPDATE score_line SET points = 1200 WHERE points = 1150", "its score lines were changed"),
        ("UPDATE standing SET score = 9501 WHERE score = 9301", "its standings were changed"),
        (
            "UPDATE rulebook_version SET text = replace(text, 'weight = 25', 'weight = 26')",
            "the text of its rulebook",
        ),
    ],
)
def test_a_change_behind_the_back_of_the_product_is_found(database: Database, table: str, why: str) -> None:
    world = quarters.worked_quarter()
    close(world)
    assert scores.verify_frozen() is None

    database.execute_sql(table)

    found = scores.verify_frozen()
    assert found is not None
    assert why in found.why


def test_unreviewed_reports_stand_in_the_way_and_are_listed(database: Database) -> None:
    world = quarters.worked_quarter()
    report = Obligation.get((Obligation.unit == world.units["B"]) & (Obligation.period == "2021-05"))
    Obligation.update(state="submitted").where(Obligation.id == report.id).execute()

    with pytest.raises(Refused) as refused:
        close(world)

    said = [(say(one.sentence, "zh_CN"), one.link) for one in refused.value.obstacles]
    assert len(said) == 1
    assert "硚西区人民政府" in said[0][0]
    assert (
        said[0][1] == f"/p/{world.programme.id}/reports/{report.id}"
    )  # an assessor reads, the office reviews
    assert ScorePeriod.select().count() == 0  # nothing half closed
    assert AuditEntry.select().where(AuditEntry.action == "period.close").count() == 0


def test_a_quarter_waits_for_the_lock_of_its_last_report(database: Database) -> None:
    world = quarters.worked_quarter()
    late = Obligation.get((Obligation.unit == world.units["D"]) & (Obligation.period == "2021-06"))
    Obligation.update(state="open", outcome=None, first_submitted_at=None, late_workdays=0).where(
        Obligation.id == late.id
    ).execute()

    before = scores.completeness(world.programme, Q2, late.locked_at - timedelta(seconds=1))
    after = scores.completeness(world.programme, Q2, late.locked_at)

    assert len(before) == 1
    assert "until 25 Jul 2021" in str(before[0].sentence)
    assert after == []


def test_a_quarter_that_has_not_ended_cannot_be_closed(database: Database) -> None:
    world = quarters.worked_quarter()
    said = [str(one.sentence) for one in scores.completeness(world.programme, Q2, at("2021-06-30 23:59"))]
    assert "Q2 2021 has not ended." in said


def test_only_assessors_close(database: Database) -> None:
    world = quarters.worked_quarter()
    for role in Role:
        if role is not Role.ASSESSOR:
            with pytest.raises(NotAllowed):
                scores.close(world.programme, Q2, by=builders.actor(role, world.programme), now=CLOSING)


def test_nobody_confirms_their_own_unit(database: Database) -> None:
    world = quarters.worked_quarter()
    builders.posting(world.assessor, Role.UNIT_HEAD, world.programme, world.units["A"])

    with pytest.raises(Refused) as refused:
        close(world)

    assert "东湖区人民政府" in str(refused.value.sentence)


def test_the_host_is_shown_outside_the_ranking(database: Database) -> None:
    """E-88: who assesses is not ranked by itself."""
    world = quarters.worked_quarter(host=True)
    builders.posting(
        world.assessor, Role.UNIT_HEAD, world.programme, world.units["D"]
    )  # of a unit that is not ranked

    run = close(world)

    row = Standing.get((Standing.run == run) & (Standing.unit == world.units["D"]))
    assert row.rank is None
    assert row.score == 7000
    assert "Host of the lead office" in row.rank_note


def test_a_leader_may_name_another_assessor_and_only_that_one_closes(database: Database) -> None:
    world = quarters.worked_quarter(host=True)
    other = builders.user("other", Role.ASSESSOR, world.programme)
    leader = builders.actor(
        Role.LEADER, world.programme, person=builders.user("leader", Role.LEADER, world.programme)
    )
    proposal = decisions.name_host_assessor(
        world.programme, other.id, reason="回避本单位", by=assessor_of(world), now=CLOSING
    )
    assert "decision" in str(scores.completeness(world.programme, Q2, CLOSING)[0].link)
    decisions.decide(proposal, approved=True, words="同意", by=leader, now=CLOSING)

    with pytest.raises(Refused):
        close(world)
    run = scores.close(
        world.programme, Q2, by=builders.actor(Role.ASSESSOR, world.programme, person=other), now=CLOSING
    )

    row = Standing.get((Standing.run == run) & (Standing.unit == world.units["D"]))
    assert "Host" not in row.rank_note


def test_the_books_are_closed_once(database: Database) -> None:
    world = quarters.worked_quarter()
    close(world)
    with pytest.raises(Refused):
        close(world)
    assert ScoreRun.select().count() == 1


def test_of_two_who_close_at_once_one_is_told(database: Database, database_url: str) -> None:
    world = quarters.worked_quarter()
    by, results = assessor_of(world), []
    ready = threading.Barrier(2)

    def press() -> None:
        database.connect()
        try:
            ready.wait()
            scores.close(world.programme, Q2, by=by, now=CLOSING)
            results.append("closed")
        except Refused:
            results.append("refused")
        finally:
            database.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["closed", "refused"]
    assert ScoreRun.select().count() == 1
    assert ScorePeriod.get().state is PeriodState.FROZEN


def test_the_next_quarter_is_compared_with_the_one_before(database: Database) -> None:
    world = quarters.worked_quarter()
    first = close(world)
    q3 = Period.parse("2021-Q3")
    for month, due in (
        ("2021-07", date(2021, 8, 5)),
        ("2021-08", date(2021, 9, 5)),
        ("2021-09", date(2021, 10, 8)),
    ):
        for letter in "ABCD":
            row = builders.obligation(world.units[letter], world.programme, month, due_on=due)
            quarters.hand_in(row, {}, outcome=Outcome.NIL)

    run = scores.close(world.programme, q3, by=assessor_of(world), now=at("2021-12-01 09:00"))

    before = Standing.get((Standing.run == first) & (Standing.unit == world.units["B"]))
    now = Standing.get((Standing.run == run) & (Standing.unit == world.units["B"]))
    assert now.score is not None
    assert before.score is not None
    assert now.change == now.score - before.score


def test_publishing_tells_the_units_once(database: Database) -> None:
    world = quarters.worked_quarter()
    close(world)
    quarters.publish(world.programme, assessor_of(world))
    assert ScorePeriod.get().published_at == CLOSING
    with pytest.raises(Refused):
        quarters.publish(world.programme, assessor_of(world))
