from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from supervisor.core import fact_changes, fact_pages, recorded_facts, rulebooks, score_sheet, scores
from supervisor.core.fact_changes import Row
from supervisor.core.fact_periods import of_span
from supervisor.core.permissions import Actor
from supervisor.database import digest
from supervisor.models import RecordedFact, Role, RulebookVersion
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
    by, when = by or assessor(world), of_span(Q2)
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
