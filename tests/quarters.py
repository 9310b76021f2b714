"""A quarter worked by hand: five units in two groups, and the rows from which their scores come.

Rows are written past the verbs, as in `builders`. The figures are chosen so that each line of the default
rulebook can be checked with pencil and paper; the sums stand in `test_core_scores`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scoring import preset_text
from supervisor.core import publications, rulebook_gaps, rulebooks, score_corrections
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.core.publications import Choice
from supervisor.core.score_runs import current_run
from supervisor.models import (
    Application,
    ApplicationState,
    Assignment,
    AssignmentState,
    Entry,
    EntryState,
    LinkRole,
    LocalSettings,
    Obligation,
    ObligationState,
    Outcome,
    Plan,
    Programme,
    Publication,
    QuantityTarget,
    Reach,
    Report,
    ReportedQuantity,
    ReportEntry,
    Role,
    RulebookVersion,
    ScoreRun,
    Task,
    Unit,
    UnitKind,
    User,
    Verdict,
)
from tests import builders
from tests.builders import at

Q2 = Period.parse("2021-Q2")
#: All reports of the quarter have locked by now.
CLOSING = at("2021-08-10 09:00")
MONTHS = ("2021-04", "2021-05", "2021-06")
DUE = {"2021-04": date(2021, 5, 5), "2021-05": date(2021, 6, 5), "2021-06": date(2021, 7, 5)}
HOUSEHOLDS = "改造户数（户）"


@dataclass
class World:
    """The programme with its units by letter, its people and its links by (task, unit)."""

    programme: Programme
    units: dict[str, Unit]
    tasks: dict[str, Task]
    links: dict[tuple[str, str], Assignment]
    assessor: User
    plan: Plan


def adopt(
    programme: Programme, preset: str = "default-quarter", valid_from: date = date(2021, 4, 1)
) -> RulebookVersion:
    """The preset in force from the quarter's first day."""
    text = preset_text(preset)
    return rulebooks.adopt(
        programme,
        text,
        gaps_known=rulebook_gaps.key_of(rulebook_gaps.gaps(programme.id, text, valid_from)),
        valid_from=valid_from,
        by=builders.actor(Role.ASSESSOR, programme),
        now=CLOSING - timedelta(days=100),
    )


def owe(world: World, letter: str, month: str) -> Obligation:
    """The report that a unit owes about a month, with an entry per link."""
    unit = world.units[letter]
    row = builders.obligation(unit, world.programme, month, due_on=DUE[month])
    for link in Assignment.select().where(
        (Assignment.unit == unit) & (Assignment.programme == world.programme)
    ):
        builders.entry(row, link)
    return row


def hand_in(
    row: Obligation,
    entries: dict[Assignment, tuple[int, int | None, int | None]],
    *,
    outcome: Outcome = Outcome.ON_TIME,
    late: int = 0,
    returns: int = 0,
    accepted: bool = True,
) -> Report:
    """A report with progress, mark and cumulative households per link, accepted unless told."""
    received: datetime = row.due_at + timedelta(days=late) - timedelta(hours=2)
    report = Report.create(
        obligation=row,
        number=returns + 1,
        nil=not entries,
        nil_reason="" if entries else "本月无新进展",
        submitted_by=1,
        received_at=received,
    )
    for link, (progress, mark, households) in entries.items():
        entry = Entry.get((Entry.obligation == row) & (Entry.assignment == link))
        Entry.update(state=EntryState.ACCEPTED if accepted else EntryState.SUBMITTED).where(
            Entry.id == entry.id
        ).execute()
        written = ReportEntry.create(
            report=report,
            entry=entry,
            progress=progress,
            done="按计划推进",
            verdict=Verdict.ACCEPTED if accepted else None,
            mark=mark if accepted else None,
            reviewed_by=1 if accepted else None,
            reviewed_at=received + timedelta(days=1) if accepted else None,
        )
        if households is not None:
            ReportedQuantity.create(report_entry=written, measure=HOUSEHOLDS, cumulative=households)
    Obligation.update(
        state=ObligationState.ACCEPTED if accepted else ObligationState.SUBMITTED,
        outcome=outcome,
        first_submitted_at=received,
        late_workdays=late,
        returns=returns,
    ).where(Obligation.id == row.id).execute()
    return report


def complete(link: Assignment, applied_at: datetime) -> Application:
    """An accepted application for completion."""
    row = Application.create(
        assignment=link,
        programme=link.programme_id,
        evidence="验收单",
        applied_by=1,
        applied_at=applied_at,
        state=ApplicationState.ACCEPTED,
        decided_by=1,
        decided_at=applied_at + timedelta(days=5),
    )
    Assignment.update(state=AssignmentState.CLOSED, applied_at=applied_at).where(
        Assignment.id == link.id
    ).execute()
    return row


def start(*, host: bool = False, appeal_workdays: int = 0) -> World:
    """The programme, its five units in two groups, two tasks and their links; nothing reported yet.

    Its books are closed at once unless days for appeals are given.
    """
    units = {
        "A": builders.unit("东湖区人民政府", UnitKind.DISTRICT),
        "B": builders.unit("硚西区人民政府", UnitKind.DISTRICT),
        "C": builders.unit("璠溪区人民政府", UnitKind.DISTRICT),
        "D": builders.unit("市住房局"),
        "E": builders.unit("市贸促会"),
    }
    programme = builders.programme(host=units["D"] if host else None)
    LocalSettings.update(appeal_workdays=appeal_workdays).execute()
    plan = builders.plan(programme)
    plan.issued_at = at("2021-04-01 09:00")
    plan.effective_on = date(2021, 4, 1)
    plan.save()
    lifts = builders.task(plan, "加装电梯")
    lifts.planned = {"2021-Q2": 50}
    lifts.save()
    yards = builders.task(plan, "改造小区", due_on=date(2021, 6, 30))
    links = {
        ("lifts", "A"): builders.assignment(lifts, units["A"]),
        ("lifts", "B"): builders.assignment(lifts, units["B"]),
        ("lifts", "C"): builders.assignment(lifts, units["C"]),
        ("lifts", "D"): builders.assignment(lifts, units["D"], LinkRole.RESPONSIBLE),
        ("yards", "A"): builders.assignment(yards, units["A"]),
        ("yards", "B"): builders.assignment(yards, units["B"], LinkRole.RESPONSIBLE),
    }
    for letter, planned in (("A", 700), ("B", 500), ("C", 400)):
        QuantityTarget.create(
            task=lifts, unit=units[letter], measure=HOUSEHOLDS, target=1000, planned={"2021-Q2": planned}
        )
    builders.group(programme, "区人民政府", [units["A"], units["B"], units["C"]])
    builders.group(programme, "市直部门", [units["D"], units["E"]])
    assessor = builders.user("assessor", Role.ASSESSOR, programme, name="考核员")
    adopt(programme)
    return World(programme, units, {"lifts": lifts, "yards": yards}, links, assessor, plan)


def worked_quarter(*, host: bool = False, appeal_workdays: int = 0) -> World:
    """The whole quarter as reported and reviewed; the sums by hand stand in `test_core_scores`."""
    world = start(host=host, appeal_workdays=appeal_workdays)
    lifts = {letter: world.links["lifts", letter] for letter in "ABCD"}
    yards = {letter: world.links["yards", letter] for letter in "AB"}
    owed = {(letter, month): owe(world, letter, month) for letter in "ABCD" for month in MONTHS}
    april, may, june = MONTHS
    hand_in(owed["A", april], {lifts["A"]: (20, 90, 200), yards["A"]: (40, 80, None)})
    hand_in(owed["A", may], {lifts["A"]: (35, 90, 400), yards["A"]: (70, 80, None)}, returns=1)
    hand_in(
        owed["A", june], {lifts["A"]: (50, 88, 620), yards["A"]: (95, 88, None)}, outcome=Outcome.LATE, late=1
    )
    for month, progress, households in ((april, 10, 300), (may, 25, 600), (june, 40, 900)):
        hand_in(
            owed["B", month], {lifts["B"]: (progress, 95, households), yards["B"]: (progress + 30, 95, None)}
        )
    hand_in(owed["C", april], {lifts["C"]: (30, 70, 40)}, outcome=Outcome.LATE, late=4, returns=2)
    hand_in(owed["C", june], {lifts["C"]: (60, 80, 100)})
    hand_in(owed["D", april], {lifts["D"]: (25, 100, None)})
    hand_in(owed["D", may], {}, outcome=Outcome.NIL)
    hand_in(owed["D", june], {}, outcome=Outcome.NIL, late=3)
    complete(lifts_of(world, "yards", "A"), at("2021-06-28 17:00"))
    return world


def lifts_of(world: World, task: str, letter: str) -> Assignment:
    """The link of a task and a unit, by name and letter."""
    return world.links[task, letter]


def correct_closed(world: World, reason: str, now: datetime) -> ScoreRun:
    """A closed quarter run again: the assessor proposes it, a leader carries it out."""
    by = builders.actor(Role.ASSESSOR, world.programme, person=world.assessor)
    proposed = score_corrections.propose_correction(world.programme, Q2, reason=reason, by=by, now=now)
    leader = builders.actor(Role.LEADER, world.programme)
    score_corrections.carry_out(proposed, world.programme, by=leader, now=now)
    run = current_run(proposed.period)
    assert run is not None
    return run


def publish(
    programme: Programme,
    by: Actor,
    reach: Reach = Reach.OWN,
    *,
    ranked: bool = True,
    reason: str = "按办法公布",
    now: datetime = CLOSING,
) -> Publication:
    """Publish the worked quarter; where others are to see it, the local setting is made to allow that."""
    if reach is not Reach.OWN:
        LocalSettings.update(scores_shown_to_units=True).where(LocalSettings.programme == programme).execute()
    return publications.publish(programme, Q2, Choice(reach, ranked, reason), by=by, now=now)
