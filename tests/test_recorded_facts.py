from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from supervisor.core import (
    completeness,
    fact_assessors,
    fact_changes,
    fact_pages,
    facts,
    recorded_facts,
    rulebooks,
    score_corrections,
    score_sheet,
    scores,
)
from supervisor.core.fact_changes import Row
from supervisor.core.permissions import Actor
from supervisor.database import digest
from supervisor.errors import Invalid, NotAllowed, Refused
from supervisor.models import (
    Attachment,
    Channel,
    FactAssessor,
    FactState,
    GroupMember,
    Message,
    RecordedFact,
    Role,
    RulebookVersion,
)
from tests import builders, quarters
from tests.conftest import login
from tests.quarters import CLOSING, Q2, World

pytestmark = pytest.mark.usefixtures("database")
SURVEYS = """
[[table.indicator]]
key = "residents"
title = "群众满意度"
weight = 10
method = "threshold_tiers"
tiers = [{ at_least = 95, points = 10 }, { at_least = 90, points = 8 }, { at_least = 80, points = 5 }]
[table.indicator.measure]
facts = "satisfaction"
take = "mean"
value = "rate"
where = { source = "residents", answers = { gt = 0 } }

[[table.indicator]]
key = "conference"
title = "政协委员测评"
weight = 10
method = "threshold_tiers"
tiers = [{ at_least = 95, points = 10 }, { at_least = 90, points = 8 }, { at_least = 80, points = 5 }]
[table.indicator.measure]
facts = "satisfaction"
take = "mean"
value = "rate"
where = { source = "conference", answers = { gt = 0 } }
"""


def own_rulebook(world: World, *indicators: str, weight: int = 80) -> RulebookVersion:
    """A quarterly table of reports and these indicators, in force in place of the preset."""
    text = f"""
[rulebook]
name = "自拟办法"
version = "1"
[[table]]
period = "quarter"
[[table.indicator]]
key = "reports"
title = "月报及时"
weight = {weight}
method = "per_occurrence"
facts = "report"
[[table.indicator.deduct]]
where = {{ outcome = "late" }}
points = 1
{"".join(indicators)}
"""
    rulebooks.parse(text)
    RulebookVersion.update(text=text, sha256=digest(text)).where(
        RulebookVersion.programme == world.programme
    ).execute()
    return RulebookVersion.get()


def assessor(world: World) -> Actor:
    return builders.actor(Role.ASSESSOR, world.programme, person=world.assessor)


def enter(
    world: World, key: str, rows: dict[str, dict[str, str]], by: Actor | None = None, **more: Any
) -> list[RecordedFact]:
    """What a person types into a form, by the letters of units; every line must be right."""
    by, when = by or assessor(world), Q2
    form = fact_pages.form_of(world.programme, when, key)
    lines = [Row(letter, world.units[letter].id, texts) for letter, texts in rows.items()]
    found = fact_changes.read(world.programme, when, form, lines, own=set(), today=date(2021, 8, 10))
    assert found.faults == {}
    known: dict[str, Any] = {"source": "澄统〔2021〕8号", "by": by, "now": CLOSING} | more
    return recorded_facts.record(world.programme, when, form, found.changes, **known)


def test_a_survey_that_was_entered_is_scored_and_its_line_opens_the_fact(client: FlaskClient) -> None:
    """C46, E-95: residents' and the conference's surveys are two results; the sheet leads to the evidence."""
    world = quarters.worked_quarter()
    own_rulebook(world, SURVEYS)
    everywhere = {letter: {"answers": "200", "satisfied": "192"} for letter in "ABCDE"}
    enter(world, "satisfaction.residents", everywhere)
    enter(world, "satisfaction.conference", {letter: {"answers": "40", "rate": "81.5"} for letter in "ABCDE"})
    scores.close(world.programme, Q2, by=assessor(world), now=CLOSING)
    sheet = score_sheet.sheet(world.programme, Q2, world.units["A"].id, by=assessor(world), now=CLOSING)
    lines = {one.line.indicator: one for one in sheet.lines}
    assert (lines["residents"].line.points, lines["conference"].line.points) == (1000, 500)
    [proof] = lines["residents"].evidence
    assert str(proof.words) == "Residents' satisfaction: 192 of 200 satisfied, 96 %"
    login(client, world.assessor, CLOSING)
    assert proof.link is not None
    page = client.get(proof.link).get_data(as_text=True)
    assert "澄统〔2021〕8号" in page
    assert "192" in page


def form(**typed: str) -> dict[str, str]:
    form.count = getattr(form, "count", 0) + 1  # type: ignore[attr-defined]  # each form has a key of its own
    return {"_once": f"facts-{form.count}", **typed}  # type: ignore[attr-defined]


def test_the_table_of_all_units_is_saved_at_once_and_comes_back_filled_where_a_line_is_wrong(
    client: FlaskClient, clock: Any
) -> None:
    """E-95: a mark of 101 %, more satisfied than answers: named with unit and field; nothing is stored."""
    world = quarters.start()
    own_rulebook(world, SURVEYS)
    clock.moment = CLOSING
    login(client, world.assessor, CLOSING)
    a, b = world.units["A"].id, world.units["B"].id
    here = f"/p/{world.programme.id}/facts/2021-Q2/satisfaction.residents"
    typed = {f"{a}-answers": "200", f"{a}-satisfied": "192", f"{b}-answers": "10", f"{b}-satisfied": "11"}
    answer = client.post(here, data=form(source="澄统〔2021〕8号", **typed))
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "满意份数（11）多于有效问卷（10）" in text
    assert 'value="192"' in text
    assert RecordedFact.select().count() == 0
    typed[f"{b}-satisfied"] = "9"
    assert client.post(here, data=form(source="澄统〔2021〕8号", **typed)).status_code == 303
    assert [row.named["rate"] for row in RecordedFact.select().order_by(RecordedFact.unit)] == ["96", "90"]
    page = client.get(here).get_data(as_text=True)
    assert "5 个单位已录 2 个" in page
    assert client.get(f"/p/{world.programme.id}/facts/2021-Q2").status_code == 200
    assert "2021年第二季度" in client.get(f"/p/{world.programme.id}/facts").get_data(as_text=True)


def wrong(
    world: World, key: str, letter: str, texts: dict[str, str], *, own: set[int] | None = None
) -> dict[str, str]:
    """What a line that is wrong is answered, by field, in English."""
    when = Q2
    form = fact_pages.form_of(world.programme, when, key)
    lines = [Row("1", world.units[letter].id, texts)]
    found = fact_changes.read(world.programme, when, form, lines, own=own or set(), today=date(2021, 8, 10))
    assert (found.changes == ()) is bool(found.faults)
    return {name: str(fault) for name, fault in found.faults.get("1", {}).items()}


def sheet_of(world: World, letter: str) -> dict[str, Any]:
    found = score_sheet.sheet(world.programme, Q2, world.units[letter].id, by=assessor(world), now=CLOSING)
    return {one.line.indicator: one for one in (*found.lines, *found.adjustments)}


def test_without_an_answer_a_survey_is_no_data_and_never_0_percent() -> None:
    """C46: n = 0 is "no data"; the indicator is not applicable, the other survey of the same unit counts."""
    world = quarters.worked_quarter()
    own_rulebook(world, SURVEYS)
    enter(world, "satisfaction.residents", {"A": {"answers": "0"}, "B": {"answers": "50", "satisfied": "0"}})
    enter(world, "satisfaction.conference", {"A": {"answers": "30", "satisfied": "30"}})
    when = Q2
    for key in ("satisfaction.residents", "satisfaction.conference"):
        form = fact_pages.form_of(world.programme, when, key)
        recorded_facts.settle(
            world.programme, when, form, words="其余单位未测评", by=assessor(world), now=CLOSING
        )
    scores.close(world.programme, Q2, by=assessor(world), now=CLOSING)
    lines = sheet_of(world, "A")
    assert lines["residents"].line.points is None
    assert str(lines["residents"].line.na_reason) == "No data"
    assert [str(one.words) for one in lines["residents"].evidence] == [
        "Residents' satisfaction: nobody answered, no data"
    ]
    assert lines["conference"].line.points == 1000
    assert sheet_of(world, "B")["residents"].line.points == 0  # fifty answered, nobody was satisfied


@pytest.mark.parametrize(
    ("texts", "field", "said"),
    [
        ({"answers": "10"}, "satisfied", "Give either how many were satisfied or the rate, not both."),
        ({"answers": "10", "satisfied": "9", "rate": "90"}, "satisfied", "Give either"),
        ({"satisfied": "9"}, "answers", "Answers is missing."),
        ({"answers": "-1", "satisfied": "0"}, "answers", "Answers: not less than 0; -1 was typed."),
        ({"answers": "10", "rate": "100.01"}, "rate", "from 0 to 100; 100.01 was typed"),
        ({"answers": "10", "rate": "90.12345"}, "rate", "at most 4 decimals"),
        ({"answers": "10", "rate": "0.96"}, "rate", "Write 96 for 96 %."),
        ({"answers": "1e3", "satisfied": "1"}, "answers", "“1e3” is no number"),
        (
            {"answers": "９００", "satisfied": "901"},
            "satisfied",
            "More were satisfied (901) than answered (900).",
        ),
    ],
)
def test_a_survey_that_cannot_be_right_is_refused_with_its_field(
    texts: dict[str, str], field: str, said: str
) -> None:
    world = quarters.start()
    own_rulebook(world, SURVEYS)
    assert said in wrong(world, "satisfaction.residents", "A", texts)[field]


def test_praise_counts_once_at_its_highest_level_and_criticism_takes_points() -> None:
    """One item praised by the city and by the province gives the province's points; the preset's caps hold."""
    world = quarters.worked_quarter()
    praise = {"subject": "老旧小区改造经验", "day": "2021-06-10"}
    enter(world, "bonus.praise", {"A": praise | {"level": "市级"}})
    enter(world, "bonus.praise", {"A": praise | {"level": "省级"}})
    enter(world, "penalty.criticism", {"B": {"subject": "省住建厅通报", "day": "2021-05-20"}})
    scores.close(world.programme, Q2, by=assessor(world), now=CLOSING)
    assert sheet_of(world, "A")["praise"].line.points == 200
    criticised = sheet_of(world, "B")["criticism"]
    assert criticised.line.points == -200
    assert criticised.evidence[0].link == f"/p/{world.programme.id}/recorded-facts/3"
    assert criticised.evidence[0].costs


@pytest.mark.parametrize(
    ("key", "texts", "field", "said"),
    [
        (
            "bonus.praise",
            {"day": "2021-06-10", "level": "市级"},
            "subject",
            "Item, as in the document is missing.",
        ),
        ("bonus.praise", {"subject": "甲", "level": "市级"}, "day", "The day is missing."),
        (
            "bonus.praise",
            {"subject": "甲", "day": "2021-06-10", "level": "县级"},
            "level",
            "“县级” is none of 本级",
        ),
        (
            "bonus.praise",
            {"subject": "甲", "day": "2021-07-01", "level": "市级"},
            "day",
            "lies outside Q2 2021",
        ),
        ("bonus.praise", {"subject": "甲", "day": "30.6.2021", "level": "市级"}, "day", "is no day"),
        (
            "bonus.praise",
            {"subject": "甲" * 201, "day": "2021-06-10", "level": "市级"},
            "subject",
            "At most 200",
        ),
        ("leader_mark", {"mark": "100.5"}, "mark", "Mark, 0–100: from 0 to 100; 100.5 was typed."),
        ("leader_mark", {"mark": "-0.5"}, "mark", "from 0 to 100; -0.5 was typed."),
        ("leader_mark", {"mark": ""}, "mark", "Mark, 0–100 is missing."),
        ("annual_target", {"subject": "加装电梯", "done": "5", "target": "0"}, "target", "0 is no base"),
        ("rectification", {"subject": "消防通道", "on_time": "也许"}, "on_time", "yes or no, not “也许”"),
    ],
)
def test_an_entry_that_cannot_be_right_is_refused_with_its_field(
    key: str, texts: dict[str, str], field: str, said: str
) -> None:
    """A mark out of range, a denominator of 0 ("no base"), a fact dated outside of the period."""
    world = quarters.start()
    assert said in wrong(world, key, "A", texts)[field]


def test_two_facts_for_one_thing_are_refused_and_the_first_is_named() -> None:
    world = quarters.start()
    texts = {"subject": "经验材料", "day": "2021-06-10", "level": "市级"}
    [first] = enter(world, "bonus.praise", {"A": texts})
    assert (
        f"recorded already as No. {first.id}, by 考核员"
        in wrong(world, "bonus.praise", "A", texts)["subject"]
    )
    assert wrong(world, "bonus.praise", "B", texts) == {}


def test_of_two_who_enter_the_same_at_once_the_second_is_told() -> None:
    """Both looked while nothing was recorded; the database keeps the thing unique."""
    world = quarters.start()
    when = Q2
    form = fact_pages.form_of(world.programme, when, "leader_mark")
    lines = [Row("1", world.units["A"].id, {"mark": "90"})]
    looks = [
        fact_changes.read(world.programme, when, form, lines, own=set(), today=date(2021, 8, 10))
        for _ in "ab"
    ]
    known: dict[str, Any] = {"source": "会议纪要", "by": assessor(world), "now": CLOSING}
    recorded_facts.record(world.programme, when, form, looks[0].changes, **known)
    with pytest.raises(Refused, match="Somebody else has just recorded the same for 东湖区人民政府"):
        recorded_facts.record(world.programme, when, form, looks[1].changes, **known)
    assert RecordedFact.select().count() == 1


def test_a_unit_that_joined_later_or_left_before_is_refused_with_the_day() -> None:
    """E-33: who was not assessed in the period has no facts there; who was, only of the days in it."""
    world = quarters.start()
    GroupMember.update(valid_from=date(2021, 7, 1)).where(GroupMember.unit == world.units["A"]).execute()
    GroupMember.update(valid_to=date(2021, 3, 31)).where(GroupMember.unit == world.units["B"]).execute()
    GroupMember.update(valid_from=date(2021, 6, 1)).where(GroupMember.unit == world.units["C"]).execute()
    assert "joined on 1 Jul 2021, after Q2 2021" in wrong(world, "leader_mark", "A", {"mark": "90"})["unit"]
    assert "left on 31 Mar 2021, before Q2 2021" in wrong(world, "leader_mark", "B", {"mark": "90"})["unit"]
    absence = {"subject": "调度会", "day": "2021-05-20"}
    assert "in no assessment group on 20 May 2021" in wrong(world, "penalty.absence", "C", absence)["day"]
    assert wrong(world, "penalty.absence", "C", absence | {"day": "2021-06-20"}) == {}


def test_a_fact_needs_evidence_and_a_correction_a_reason_and_both_versions_stay() -> None:
    world = quarters.start()
    with pytest.raises(Invalid, match="mend") as told:
        enter(world, "leader_mark", {"A": {"mark": "90"}}, source=" ")
    assert list(told.value.fields) == ["source"]
    [first] = enter(world, "leader_mark", {"A": {"mark": "90"}})
    with pytest.raises(Invalid, match="mend") as told:
        enter(world, "leader_mark", {"A": {"mark": "80"}})
    assert list(told.value.fields) == ["reason"]
    [second] = enter(world, "leader_mark", {"A": {"mark": "80"}}, reason="抄错一位", source="")
    first = RecordedFact.get_by_id(first.id)
    assert (first.state, first.named["mark"], first.end_reason) == (FactState.REPLACED, 90, "抄错一位")
    assert (second.number, second.replaces_id, second.source) == (2, first.id, "澄统〔2021〕8号")
    assert [
        fact.values["mark"] for _form, fact in recorded_facts.facts_of(world.programme.id, "2021-Q2")
    ] == [80]
    assert enter(world, "leader_mark", {"A": {"mark": "80"}}) == []  # the same once more changes nothing
    page = fact_pages.fact_page(first, world.programme, by=assessor(world), now=CLOSING)
    assert [row.id for row in page.versions] == [second.id, first.id]


def test_a_withdrawn_fact_stays_readable_and_counts_no_more() -> None:
    world = quarters.start()
    when = Q2
    form = fact_pages.form_of(world.programme, when, "leader_mark")
    [row] = enter(world, "leader_mark", {"A": {"mark": "90"}})
    with pytest.raises(Invalid, match="mend"):
        recorded_facts.withdraw(row, when, form, reason=" ", by=assessor(world), now=CLOSING)
    recorded_facts.withdraw(row, when, form, reason="重复评价", by=assessor(world), now=CLOSING)
    kept = RecordedFact.get_by_id(row.id)
    assert (kept.state, kept.end_reason, kept.ended_name) == (FactState.WITHDRAWN, "重复评价", "考核员")
    assert list(recorded_facts.facts_of(world.programme.id, "2021-Q2")) == []
    with pytest.raises(Refused, match="just corrected or withdrawn"):
        recorded_facts.withdraw(row, when, form, reason="再次", by=assessor(world), now=CLOSING)
    enter(world, "leader_mark", {"A": {"mark": "70"}})  # the thing may be said again


def test_once_the_books_are_closed_nothing_changes_and_the_way_out_is_named() -> None:
    """Facts that arrive late are refused; the closed run keeps its own and is proven from them."""
    world = quarters.worked_quarter()
    when = Q2
    [row] = enter(world, "bonus.experience", {"A": {"subject": "现场会", "day": "2021-06-01"}})
    scores.close(world.programme, Q2, by=assessor(world), now=CLOSING)
    with pytest.raises(Refused, match="The books of Q2 2021 are closed") as told:
        enter(world, "bonus.experience", {"B": {"subject": "现场会", "day": "2021-06-01"}})
    assert told.value.obstacles[0].link == f"/p/{world.programme.id}/periods/2021-Q2"
    form = fact_pages.form_of(world.programme, when, "bonus.experience")
    with pytest.raises(Refused, match="are closed"):
        recorded_facts.withdraw(row, when, form, reason="晚了", by=assessor(world), now=CLOSING)
    assert sheet_of(world, "A")["experience"].line.points == 100
    assert scores.verify_frozen() is None


def test_while_a_correction_of_closed_books_waits_its_facts_are_put_right_and_the_first_run_stays() -> None:
    """The way out of closed books: proposed by one, the fact corrected with a reason, carried out by another."""
    world = quarters.worked_quarter()
    texts = {"subject": "调度会", "day": "2021-05-20"}
    [row] = enter(world, "penalty.absence", {"B": texts})
    scores.close(world.programme, Q2, by=assessor(world), now=CLOSING)
    assert sheet_of(world, "B")["absence"].line.points == -50
    asked = score_corrections.propose_correction(
        world.programme, Q2, reason="当日已请假", by=assessor(world), now=CLOSING
    )
    form = fact_pages.form_of(world.programme, Q2, "penalty.absence")
    recorded_facts.withdraw(row, Q2, form, reason="当日已请假", by=assessor(world), now=CLOSING)
    leader = builders.user("leader", Role.LEADER, world.programme)
    second = builders.actor(Role.LEADER, world.programme, person=leader)
    score_corrections.carry_out(asked, world.programme, by=second, now=CLOSING)
    assert "absence" not in sheet_of(world, "B")
    assert scores.verify_frozen() is None
    with pytest.raises(Refused, match="are closed"):
        enter(world, "penalty.absence", {"B": texts})


def liaison(world: World, letter: str) -> Actor:
    person = builders.user(f"liaison{letter}", Role.LIAISON, world.programme, world.units[letter])
    return builders.actor(Role.LIAISON, world.programme, world.units[letter], person=person)


def put_in_charge(world: World, key: str, letter: str) -> None:
    form = fact_pages.form_of(world.programme, Q2, key)
    fact_assessors.name(
        world.programme, form, unit=world.units[letter], person=None, reason="方案第八条", by=assessor(world),
        now=CLOSING,
    )  # fmt: skip


def test_only_those_in_charge_enter_an_indicators_facts_and_nobody_for_their_own_unit() -> None:
    """E-96: an assessor per indicator; the lead unit's people enter for others, never for themselves (D17)."""
    world = quarters.start()
    d = liaison(world, "D")
    with pytest.raises(NotAllowed, match="Only the lead office and the assessor"):
        enter(world, "leader_mark", {"A": {"mark": "90"}}, by=d)
    put_in_charge(world, "leader_mark", "D")
    [row] = enter(world, "leader_mark", {"A": {"mark": "90"}}, by=d)
    assert row.by_name == "liaisonD"
    with pytest.raises(NotAllowed, match="entered by 市住房局 only"):
        enter(world, "leader_mark", {"B": {"mark": "90"}})
    with pytest.raises(NotAllowed, match="entered by 市住房局 only"):
        enter(world, "leader_mark", {"B": {"mark": "90"}}, by=liaison(world, "B"))
    with pytest.raises(NotAllowed, match="their own unit"):
        enter(world, "leader_mark", {"D": {"mark": "90"}}, by=d)
    told = wrong(world, "leader_mark", "D", {"mark": "90"}, own={world.units["D"].id})
    assert "you hold a post in 市住房局" in told["unit"]
    with pytest.raises(NotAllowed, match="role"):
        fact_assessors.name(
            world.programme, fact_pages.form_of(world.programme, Q2, "leader_mark"),
            unit=world.units["B"], person=None, reason="自荐", by=d, now=CLOSING,
        )  # fmt: skip


def test_one_person_is_put_in_charge_and_taken_out_again_and_what_they_entered_stays() -> None:
    """E-96: an inspector by name; twice is refused; the end needs a reason."""
    world = quarters.start()
    form = fact_pages.form_of(world.programme, Q2, "leader_mark")
    person = builders.user("inspector", Role.INSPECTOR, world.programme, name="查明远")
    known: dict[str, Any] = {"unit": None, "reason": "领导小组分工", "by": assessor(world), "now": CLOSING}
    row = fact_assessors.name(world.programme, form, person=person, **known)
    with pytest.raises(Refused, match="already"):
        fact_assessors.name(world.programme, form, person=person, **known)
    with pytest.raises(Invalid, match="mend"):
        fact_assessors.name(world.programme, form, person=None, **known)
    inspector = builders.actor(Role.INSPECTOR, world.programme, person=person)
    enter(world, "leader_mark", {"A": {"mark": "90"}}, by=inspector)
    with pytest.raises(Invalid, match="reason"):
        fact_assessors.end(row.id, reason="", by=assessor(world), now=CLOSING)
    fact_assessors.end(row.id, reason="分工调整", by=assessor(world), now=CLOSING)
    with pytest.raises(NotAllowed):
        enter(world, "leader_mark", {"B": {"mark": "90"}}, by=inspector)
    assert len(list(recorded_facts.facts_of(world.programme.id, "2021-Q2"))) == 1


def test_who_is_put_in_charge_is_told_once_a_unit_by_its_liaisons_and_head() -> None:
    world = quarters.start()
    liaison(world, "D")
    builders.user("headD", Role.UNIT_HEAD, world.programme, world.units["D"])
    liaison(world, "B")
    put_in_charge(world, "satisfaction.residents", "D")
    with pytest.raises(Refused, match="already"):
        put_in_charge(world, "satisfaction.residents", "D")
    told = Message.select().where(Message.event == "facts.entrusted").order_by(Message.id)
    inbox = [row for row in told if row.channel == Channel.INBOX]
    assert sorted(row.recipient.username for row in inbox if row.recipient) == ["headD", "liaisonD"]
    assert {row.subject for row in inbox} == {"今后由您录入计分数据“群众满意度”"}
    assert "方案第八条" in inbox[0].body
    assert inbox[0].link == f"/p/{world.programme.id}/facts"


def test_silence_of_somebody_in_charge_keeps_the_books_open_until_they_say_nothing_happened() -> None:
    """D21: a supplied kind without facts means that nothing happened, so that somebody has to say so."""
    world = quarters.worked_quarter()
    when = Q2
    told = completeness.examine(world.programme, Q2, CLOSING)
    assert told.is_ready
    assert "Praise and instructions from above" in str(told.warnings[0].sentence)
    assert "bonus" not in facts.gather(world.programme, Q2).supplied
    d = liaison(world, "D")
    put_in_charge(world, "bonus.praise", "D")
    [obstacle] = completeness.completeness(world.programme, Q2, CLOSING)
    assert str(obstacle.sentence) == (
        "Praise and instructions from above: nothing is entered, and 市住房局 has not declared that there is nothing."
    )
    assert obstacle.link == f"/p/{world.programme.id}/facts/2021-Q2/bonus.praise"
    assert "bonus" in facts.gather(world.programme, Q2).supplied
    form = fact_pages.form_of(world.programme, when, "bonus.praise")
    with pytest.raises(NotAllowed):
        recorded_facts.settle(world.programme, when, form, words="无", by=assessor(world), now=CLOSING)
    recorded_facts.settle(world.programme, when, form, words="已核对收文登记", by=d, now=CLOSING)
    assert completeness.completeness(world.programme, Q2, CLOSING) == []
    with pytest.raises(Refused, match="declared already"):
        recorded_facts.settle(world.programme, when, form, words="无", by=d, now=CLOSING)
    enter(world, "bonus.praise", {"A": {"subject": "批示", "day": "2021-06-01", "level": "市级"}}, by=d)
    assert recorded_facts.settlements(world.programme.id, "2021-Q2") == {}  # a fact ends the declaration


def test_a_mark_for_some_units_and_not_for_others_is_named_before_closing() -> None:
    world = quarters.worked_quarter()
    own_rulebook(world, SURVEYS)
    enter(world, "satisfaction.residents", {"A": {"answers": "10", "satisfied": "9"}})
    told = [str(one.sentence) for one in completeness.completeness(world.programme, Q2, CLOSING)]
    missing = "硚西区人民政府、璠溪区人民政府、市住房局、市贸促会"
    assert told == [f"Residents' satisfaction: entered for 1 of 5 units; missing: {missing}."]


def test_a_reviewer_takes_an_indicator_out_for_one_unit_with_the_reason() -> None:
    """Not applicable by a person: no points and no zero; the line gives reason and record. Other tables are refused."""
    world = quarters.worked_quarter()
    texts = {"indicator": "report_quality", "reason": "经批准免报"}
    [row] = enter(world, "not_applicable", {"A": texts})
    assert wrong(world, "not_applicable", "B", texts | {"indicator": "annual_target"})["indicator"]
    scores.close(world.programme, Q2, by=assessor(world), now=CLOSING)
    line = sheet_of(world, "A")["report_quality"]
    assert (line.line.points, line.line.na_reason) == (None, "经批准免报")
    assert [one.link for one in line.evidence] == [f"/p/{world.programme.id}/recorded-facts/{row.id}"]
    assert sheet_of(world, "B")["report_quality"].line.points is not None


def test_a_unit_reads_its_own_facts_once_the_books_are_closed_and_nobody_elses(
    client: FlaskClient, clock: Any
) -> None:
    """D16: before closing the office's entries are its own; afterwards a unit sees what its score rests on."""
    world = quarters.worked_quarter()
    clock.moment = CLOSING
    person = builders.user("liaisonA", Role.LIAISON, world.programme, world.units["A"])
    texts = {"subject": "现场会", "day": "2021-06-01"}
    rows = enter(world, "bonus.experience", {"A": texts, "B": texts})
    login(client, person, CLOSING)
    own, other = (f"/p/{world.programme.id}/recorded-facts/{row.id}" for row in rows)
    assert client.get(own).status_code == 404
    scores.close(world.programme, Q2, by=assessor(world), now=CLOSING)
    page = client.get(own)
    assert page.status_code == 200
    assert "更正" not in page.get_data(as_text=True).split("<main")[1].split("已封账")[0]
    assert client.get(other).status_code == 404
    assert client.get(f"/p/{world.programme.id}/facts/2021-Q2/bonus.experience").status_code == 404


def test_the_evidence_of_several_lines_hangs_on_each_of_them_and_follows_a_correction(
    client: FlaskClient, clock: Any
) -> None:
    world = quarters.start()
    own_rulebook(world, SURVEYS)
    clock.moment = CLOSING
    login(client, world.assessor, CLOSING)
    a, b = world.units["A"].id, world.units["B"].id
    here = f"/p/{world.programme.id}/facts/2021-Q2/satisfaction.residents"
    typed: dict[str, Any] = {
        f"{a}-answers": "20",
        f"{a}-satisfied": "19",
        f"{b}-answers": "10",
        f"{b}-satisfied": "9",
    }
    answer = client.post(
        here, data={**form(**typed), "files": (io.BytesIO("调查报告".encode()), "调查报告.txt")}
    )
    assert answer.status_code == 303
    first = RecordedFact.get(RecordedFact.unit == a)
    there = f"/p/{world.programme.id}/recorded-facts/{first.id}"
    wrong_try = client.post(there, data=form(verb="correct", answers="20", satisfied="18"))
    assert wrong_try.status_code == 422
    assert "更正已录入的数据须写明理由" in wrong_try.get_data(as_text=True)
    client.post(there, data=form(verb="correct", answers="20", satisfied="18", reason="复核"))
    newest = RecordedFact.get((RecordedFact.unit == a) & (RecordedFact.number == 2))
    for row in (first, newest, RecordedFact.get(RecordedFact.unit == b)):
        page = client.get(f"/p/{world.programme.id}/recorded-facts/{row.id}").get_data(as_text=True)
        assert "调查报告.txt" in page
    file = Attachment.select().where(Attachment.recorded_fact == newest).get()
    download = client.get(f"/p/{world.programme.id}/attachments/{file.id}")
    assert download.data.decode() == "调查报告"
    download.close()
    stranger = builders.user("liaisonC", Role.LIAISON, world.programme, world.units["C"])
    login(client, stranger, CLOSING)
    assert client.get(f"/p/{world.programme.id}/attachments/{file.id}").status_code == 404


def test_who_enters_is_named_on_its_page_and_the_person_in_charge_finds_their_list(
    client: FlaskClient, clock: Any
) -> None:
    """E-96 on the page: named by the assessor, found by the unit's liaison, closed to the office from then on."""
    world = quarters.start()
    clock.moment = CLOSING
    person = builders.user("liaisonD", Role.LIAISON, world.programme, world.units["D"])
    login(client, world.assessor, CLOSING)
    here = f"/p/{world.programme.id}/fact-assessors"
    assert client.post(here, data=form(form="", who="", reason="")).status_code == 422
    answer = client.post(here, data=form(form="bonus.praise", who=f"unit:{world.units['D'].id}", reason=""))
    assert "请写明依据或理由" in answer.get_data(as_text=True)
    named = form(form="bonus.praise", who=f"unit:{world.units['D'].id}", reason="方案第八条")
    assert client.post(here, data=named).status_code == 303
    assert "方案第八条" in client.get(here).get_data(as_text=True)
    lists = f"/p/{world.programme.id}/facts/2021-Q2"
    assert "录入由指定的责任人进行" in client.get(f"{lists}/bonus.praise").get_data(as_text=True)
    login(client, person, CLOSING)
    assert f"/p/{world.programme.id}/facts" in client.get(f"/p/{world.programme.id}/periods").get_data(
        as_text=True
    )
    page = client.get(lists).get_data(as_text=True)
    assert f"{lists}/bonus.praise" in page
    assert f"{lists}/bonus.adoption" not in page
    typed = form(
        unit=str(world.units["A"].id),
        subject="批示",
        day="2021-06-01",
        level="市级",
        source="澄办〔2021〕3号",
    )
    assert client.post(f"{lists}/bonus.praise", data=typed).status_code == 303
    assert client.get(f"{lists}/bonus.adoption").status_code == 404
    own = typed | form(unit=str(world.units["D"].id))
    assert "不得录入本单位" in client.post(f"{lists}/bonus.praise", data=own).get_data(as_text=True)
    assert client.post(here, data=form(form="bonus.adoption", who="", reason="x")).status_code == 403
    login(client, world.assessor, CLOSING)
    row = FactAssessor.get()
    ended = form(verb="end", assessor=str(row.id), **{f"end-{row.id}": "分工调整"})
    assert client.post(here, data=ended).status_code == 303
    assert "尚未指定责任人" in client.get(here).get_data(as_text=True)


def test_a_declaration_is_made_and_taken_back_on_the_page(client: FlaskClient, clock: Any) -> None:
    world = quarters.start()
    clock.moment = CLOSING
    login(client, world.assessor, CLOSING)
    here = f"/p/{world.programme.id}/facts/2021-Q2/penalty.criticism"
    assert client.post(here, data=form(verb="settle", words=" ")).status_code == 422
    assert client.post(here, data=form(verb="settle", words="已查收文登记")).status_code == 303
    page = client.get(here).get_data(as_text=True)
    assert "已查收文登记" in page
    assert client.post(here, data=form(verb="reopen", reopen_reason="")).status_code == 422
    assert client.post(here, data=form(verb="reopen", reopen_reason="漏看一件")).status_code == 303
    assert recorded_facts.settlements(world.programme.id, "2021-Q2") == {}
