"""What if another rulebook held: the assessor's page, its papers, and that nothing becomes official by it."""

from __future__ import annotations

import io
import re
from urllib.parse import unquote

import pytest
from docx import Document
from flask.testing import FlaskClient
from peewee import Database
from python_calamine import CalamineWorkbook

from scoring import preset_text
from supervisor.core import rulebook_drafts, rulebooks, scores
from supervisor.database import count_queries
from supervisor.models import AuditEntry, Role, RulebookDraft, RulebookVersion, ScoreLine, ScoreRun, Standing
from tests import builders, quarters
from tests.conftest import StillClock, login
from tests.quarters import CLOSING, Q2, World


@pytest.fixture
def closed(database: Database, clock: StillClock) -> World:
    """The worked quarter, closed under the default rulebook."""
    clock.moment = CLOSING
    world = quarters.worked_quarter()
    by = builders.actor(Role.ASSESSOR, world.programme, person=world.assessor)
    scores.close(world.programme, Q2, by=by, now=CLOSING)
    return world


def place(world: World, rest: str = "") -> str:
    return f"/p/{world.programme.id}/rulebooks/what-if{rest}"


def enter(client: FlaskClient, world: World, language: str = "en") -> FlaskClient:
    login(client, world.assessor, CLOSING)
    client.set_cookie("lang", language)
    return client


def official() -> tuple[int, ...]:
    tables = (RulebookVersion, ScoreRun, ScoreLine, Standing)
    return tuple(table.select().count() for table in tables)


def row_of(page: str, unit: str) -> str:
    found = re.search(rf"<tr[^>]*>\s*<td><a [^>]*>{unit}</a>.*?</tr>", page, re.DOTALL)
    assert found, unit
    return re.sub(r"<[^>]+>", " ", found[0])


def own(world: World) -> str:
    """The default with the mark of reports at 25 points and completion at 8."""
    text = preset_text("default-quarter")
    return text.replace("weight = 25", "weight = 1008", 1).replace("weight = 8\n", "weight = 25\n", 1).replace(
        "weight = 1008", "weight = 8"
    )  # fmt: skip


def test_the_assessor_sees_who_moves_and_why_and_nothing_is_stored(
    client: FlaskClient, closed: World
) -> None:
    enter(client, closed)
    before, trail = official(), AuditEntry.select().count()
    page = client.get(place(closed, "?with=pingshi-dingqi&lang=en")).text
    assert "Of 5 units" in page
    row = row_of(page, "东湖区人民政府")
    assert "93.01 →" in row
    assert "Quality of reports: no longer counted, was" in row
    assert (official(), AuditEntry.select().count()) == (before, trail)


def draft_of(world: World, text: str) -> RulebookDraft:
    by = builders.actor(Role.ASSESSOR, world.programme, person=world.assessor)
    draft = rulebook_drafts.start(world.programme, "default-quarter", by=by, now=CLOSING)
    return rulebook_drafts.save_text(draft, text, seen=1, by=by, now=CLOSING).draft


def test_a_draft_is_tried_without_becoming_official(client: FlaskClient, closed: World) -> None:
    before, draft = official(), draft_of(closed, own(closed))
    answer = enter(client, closed).get(place(closed, f"?with=draft-{draft.id}&lang=en"))
    assert answer.status_code == 200
    row = row_of(answer.text, "璠溪区人民政府")
    # Marks 70 and 80 with two returns: 75 % of 8 less 1.5 = 4.50; of 25 = 18.75 less 1.5 = 17.25.
    assert "Quality of reports: 4.50 of 8 → 17.25 of 25" in row
    assert f"/rulebooks/drafts/{draft.id}" in answer.text
    assert official() == before
    assert client.get(place(closed, "?with=draft-99")).status_code == 404
    assert client.get(place(closed, "?with=draft-x")).status_code == 404


def test_a_draft_that_is_no_rulebook_yet_names_its_problems(client: FlaskClient, closed: World) -> None:
    draft = draft_of(closed, own(closed).replace("weight = 15", "weight = 14", 1))
    answer = enter(client, closed).get(place(closed, f"?with=draft-{draft.id}&lang=en"))
    assert answer.status_code == 422
    assert "the weights sum to 99" in answer.text
    assert client.get(place(closed, f"/chart.svg?with=draft-{draft.id}")).status_code == 422


def test_a_rulebook_without_a_table_for_a_group_says_so_instead_of_half_a_result(
    client: FlaskClient, closed: World
) -> None:
    text = own(closed).replace('period = "quarter"\n', 'period = "quarter"\ngroups = ["区人民政府"]\n', 1)
    draft = draft_of(closed, text)
    page = enter(client, closed).get(place(closed, f"?with=draft-{draft.id}&lang=en")).text
    assert "These facts cannot be scored by this rulebook." in page
    assert "市直部门" in page


def test_what_the_closed_quarter_had_no_facts_for_is_said_with_its_reason(
    client: FlaskClient, closed: World
) -> None:
    page = enter(client, closed).get(place(closed, "?with=zhou-yue-ji&lang=en")).text
    assert re.search(r"Publicity[^<]*\(10 points\) applies to nobody in [^<]*: No such facts exist", page)


def test_an_adopted_rulebook_can_be_the_measure(client: FlaskClient, closed: World) -> None:
    version = RulebookVersion.get()
    page = (
        enter(client, closed)
        .get(place(closed, f"?base=pingshi-dingqi&with={version.id}&period=2021-Q2&lang=en"))
        .text
    )
    assert "→ 93.01" in row_of(page, "东湖区人民政府")
    assert client.get(place(closed, "?with=nothing")).status_code == 404
    assert client.get(place(closed, f"?with={version.id + 99}")).status_code == 404


@pytest.mark.parametrize("role", [Role.LEAD_OFFICE, Role.LEADER, Role.INSPECTOR, Role.LIAISON, Role.JUDGE])
def test_nobody_but_the_assessor_tries(client: FlaskClient, closed: World, role: Role) -> None:
    unit = closed.units["A"] if role is Role.LIAISON else None
    login(client, builders.user("other", role, closed.programme, unit, now=CLOSING), CLOSING)
    for path in (place(closed), place(closed, "/chart.svg"), place(closed, "/comparison.docx")):
        assert client.get(path).status_code == 403


def test_before_anything_is_closed_the_page_says_what_is_missing(
    client: FlaskClient, database: Database, clock: StillClock
) -> None:
    clock.moment = CLOSING
    world = quarters.start()
    page = enter(client, world).get(place(world, "?lang=en")).text
    assert "No period has been closed yet." in page
    assert client.get(place(world, "/chart.svg")).status_code == 404


def test_the_chart_joins_places_and_needs_no_font(client: FlaskClient, closed: World) -> None:
    answer = enter(client, closed).get(place(closed, "/chart.svg?with=pingshi-dingqi"))
    assert answer.mimetype == "image/svg+xml"
    assert "<text" not in answer.text
    assert answer.text.count("<use ") > 20


def test_the_document_and_the_workbook_say_that_it_is_a_trial(client: FlaskClient, closed: World) -> None:
    enter(client, closed)
    answer = client.get(place(closed, "/comparison.docx?with=pingshi-dingqi"))
    assert "考核办法试算对比" in unquote(answer.headers["Content-Disposition"])
    document = Document(io.BytesIO(answer.data))
    said = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "试算结果，未经采用，不作为考核结果" in said
    assert "2021年第二季度" in said

    answer = client.get(place(closed, "/comparison.xlsx?with=pingshi-dingqi"))
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
        .get_sheet_by_name("2021年第二季度")
        .to_python()
    )
    found = [row for row in rows if row[1] == "东湖区人民政府"]
    assert found[0][2] == 93.01
    assert "月报质量：不再计分" in str(found[0][-1])

    draft = draft_of(closed, own(closed))
    assert client.get(place(closed, f"/comparison.xlsx?with=draft-{draft.id}")).status_code == 200
    assert client.get(place(closed, "/comparison.pdf")).status_code == 404
    acts = [entry.action for entry in AuditEntry.select().order_by(AuditEntry.id)]
    assert acts.count("export.what_if") == 3


def test_the_page_of_a_draft_leads_to_its_trial(client: FlaskClient, closed: World) -> None:
    draft = draft_of(closed, own(closed))
    page = enter(client, closed).get(f"/p/{closed.programme.id}/rulebooks/drafts/{draft.id}?lang=en").text
    assert f"/rulebooks/what-if?with=draft-{draft.id}" in page
    assert len(rulebooks.versions(closed.programme.id)) == 1


def test_more_quarters_cost_no_more_questions_than_one_each(
    client: FlaskClient, database: Database, closed: World
) -> None:
    enter(client, closed).get(place(closed))
    with count_queries(database) as seen:
        assert client.get(place(closed)).status_code == 200
    assert len(seen) <= 16
