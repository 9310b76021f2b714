"""Papers about scores: what a unit is told, what is told of a correction, and that page and file say the same."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from docx import Document
from flask import Flask
from flask.testing import FlaskClient
from peewee import Database

from supervisor.config import Config
from supervisor.core import audit, record_corrections, score_corrections, scores
from supervisor.core.permissions import Actor
from supervisor.models import AuditEntry, Obligation, Reach, Role, ScoreCorrection, User
from tests import builders, quarters
from tests.conftest import StillClock, login, make_app
from tests.quarters import CLOSING, Q2, World

LATER = CLOSING + timedelta(days=1)


@pytest.fixture
def app(sqlite: Database, config: Config, clock: StillClock) -> Flask:
    """The pages on one kind of database: they are not about it."""
    return make_app(config, clock)


@pytest.fixture
def world(sqlite: Database, clock: StillClock) -> World:
    """The worked quarter, closed; A's June report stood as a working day late."""
    clock.moment = LATER
    world = quarters.worked_quarter()
    scores.close(world.programme, Q2, by=assessor(world), now=CLOSING)
    return world


def assessor(world: World) -> Actor:
    return builders.actor(Role.ASSESSOR, world.programme, person=world.assessor)


def correct(world: World) -> ScoreCorrection:
    june = Obligation.get((Obligation.unit == world.units["A"]) & (Obligation.period == "2021-06"))
    office = builders.actor(Role.LEAD_OFFICE, world.programme)
    record_corrections.count_as_on_time(june, reason="专网故障，有登记", by=office, now=CLOSING)
    quarters.correct_closed(world, "6月报告因专网故障误记迟报", CLOSING)
    return ScoreCorrection.get()


def liaison(world: World, letter: str) -> User:
    return builders.user(f"l{letter}", Role.LIAISON, world.programme, world.units[letter], now=CLOSING)


def paper_of(page: str) -> str:
    """The words of the paper on a page, without tags."""
    inside = re.search(r'<article class="official notice-paper".*?</article>', page, re.DOTALL)
    assert inside
    return re.sub(r"<[^>]+>", " ", inside[0])


def words_of(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def test_a_unit_reads_and_prints_its_own_notice_and_no_other(client: FlaskClient, world: World) -> None:
    login(client, liaison(world, "A"), LATER)
    place = f"/p/{world.programme.id}/periods/2021-Q2/units/{world.units['A'].id}"
    said = paper_of(client.get(f"{place}/notice").text)
    told = words_of(client.get(f"{place}/notice.docx").data)
    for words in ("2021年第二季度考核得分通知单", "考核得分为93.01分", "列第1名", "迟报1个工作日"):
        assert (words in said, words in told) == (True, True), words
    other = place.replace(str(world.units["A"].id), str(world.units["B"].id))
    assert client.get(f"{other}/notice").status_code == 404
    assert client.get(f"{other}/notice.docx").status_code == 404


def test_the_file_bears_the_head_of_the_row_that_records_it(client: FlaskClient, world: World) -> None:
    login(client, world.assessor, LATER)
    place = f"/p/{world.programme.id}/periods/2021-Q2/units/{world.units['A'].id}"
    told = words_of(client.get(f"{place}/notice.docx").data)
    entry = AuditEntry.get(AuditEntry.action == "export.score_notice")
    assert f"出具本件时审计链首：{audit.Head(entry.seq, entry.hash)}" in told
    # Nobody's audit grows by looking at the page.
    head = audit.read_head()
    assert str(head) in paper_of(client.get(f"{place}/notice").text)
    assert audit.read_head() == head


def test_a_correction_notice_tells_the_reason_two_people_and_who_moved(
    client: FlaskClient, world: World
) -> None:
    correction = correct(world)
    login(client, world.assessor, LATER)
    place = f"/p/{world.programme.id}/corrections/{correction.id}/notice"
    assert place in client.get(f"/p/{world.programme.id}/periods/2021-Q2").text
    for said in (paper_of(client.get(place).text), words_of(client.get(f"{place}.docx").data)):
        assert "更正原因：6月报告因专网故障误记迟报。" in said
        assert f"由考核员于2021年8月10日提出，经{correction.decided_name}于2021年8月10日审定" in said
        assert "更正后，1个单位的得分、名次或等次发生变化" in said
        assert "93.01 → 93.64" in said
        assert "硚西区人民政府" not in said


@pytest.mark.parametrize(
    ("letter", "words"), [("A", "93.01 → 93.64"), ("B", "你单位得分、名次和等次均无变化")]
)
def test_a_unit_reads_of_a_correction_what_concerns_itself(
    client: FlaskClient, world: World, letter: str, words: str
) -> None:
    correction = correct(world)
    login(client, liaison(world, letter), LATER)
    said = paper_of(client.get(f"/p/{world.programme.id}/corrections/{correction.id}/notice").text)
    assert words in said
    assert ("东湖区人民政府" in said) == (letter == "A")


def test_where_tiers_only_were_published_no_place_is_printed_for_units(
    client: FlaskClient, world: World
) -> None:
    quarters.publish(world.programme, assessor(world), Reach.UNITS, ranked=False)
    login(client, liaison(world, "A"), LATER)
    place = f"/p/{world.programme.id}/periods/2021-Q2/units/{world.units['A'].id}/notice"
    assert "列第" not in paper_of(client.get(place).text)


def test_there_is_no_notice_of_a_correction_that_was_not_carried_out(
    client: FlaskClient, world: World
) -> None:
    proposed = score_corrections.propose_correction(
        world.programme, Q2, reason="待查", by=assessor(world), now=CLOSING
    )
    login(client, world.assessor, LATER)
    assert client.get(f"/p/{world.programme.id}/corrections/{proposed.id}/notice").status_code == 404
