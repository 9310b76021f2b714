"""A rulebook on paper: every table with its sum, every rule in words; a draft's only for who writes it."""

from __future__ import annotations

import io
import re
from datetime import date

import pytest
from docx import Document
from flask.testing import FlaskClient
from peewee import Database

from scoring import preset_text
from supervisor.core import rulebook_drafts, rulebook_papers, rulebooks
from supervisor.core.permissions import Actor
from supervisor.documents.rulebook_docx import _numeral
from supervisor.errors import NotAllowed, NotFound
from supervisor.models import AuditEntry, Programme, Role
from supervisor.words import say
from tests import builders
from tests.conftest import StillClock, login
from tests.quarters import CLOSING


@pytest.fixture
def programme(database: Database, clock: StillClock) -> Programme:
    clock.moment = CLOSING
    return builders.programme(now=CLOSING)


def actor(programme: Programme, role: Role) -> Actor:
    person = builders.user(role.value, role, programme, now=CLOSING)
    return builders.actor(role, programme, person=person)


def test_the_tables_of_every_preset_are_printed_with_a_sum_of_100(programme: Programme) -> None:
    by = actor(programme, Role.LEAD_OFFICE)
    for preset in rulebooks.presets():
        scheme = rulebook_papers.scheme_of(programme.id, f"preset-{preset.key}", by)
        assert scheme.tables
        for table in scheme.tables:
            assert table.sum.is_right, table.title
            assert table.sum.total == 100
            assert all(entry.title and entry.lines for entry in table.entries)


def test_the_word_document_says_every_rule_in_chinese(programme: Programme) -> None:
    by = actor(programme, Role.LEAD_OFFICE)
    file = rulebook_papers.export(programme, "preset-default-quarter", by=by, now=CLOSING)
    doc = Document(io.BytesIO(file.content))
    assert file.name.endswith("默认考核办法-2021-08-10.docx")
    table = doc.tables[0]
    assert [cell.text for cell in table.rows[0].cells] == ["序号", "指标", "分值", "计分规则"]
    assert len(table.rows) == 1 + 7 + 1
    assert "满分 12 分，就应报报告（结果不是免报）逐件扣分" in table.rows[4].cells[3].text
    assert [cell.text for cell in table.rows[-1].cells] == ["", "合计", "100", ""]
    widths = [column.width for column in table.columns]
    assert widths[3] > 2 * widths[1] > 4 * widths[0]  # by the grid too: not every reader goes by the cells
    text = "\n".join(paragraph.text for paragraph in doc.paragraphs)
    for heading in ("一、季度考核表", "四、加分", "六、否决项"):
        assert heading in text or heading.replace("否决项", "否决") in text
    assert "合计最多 5 分。" in text
    assert AuditEntry.select().where(AuditEntry.action == "export.rulebook").count() == 1


def test_headings_are_numbered_beyond_ten() -> None:
    assert [_numeral(n) for n in (0, 9, 10, 18, 19, 20)] == ["一", "十", "十一", "十九", "二十", "二十一"]


def test_a_draft_on_paper_is_for_who_writes_it(programme: Programme) -> None:
    by = actor(programme, Role.ASSESSOR)
    draft = rulebook_drafts.start(programme, "default-quarter", by=by, now=CLOSING)
    scheme = rulebook_papers.scheme_of(programme.id, f"draft-{draft.id}", by)
    assert say(scheme.standing, "zh_CN") == "草稿，尚未采用。"
    with pytest.raises(NotAllowed):
        rulebook_papers.scheme_of(programme.id, f"draft-{draft.id}", actor(programme, Role.LEAD_OFFICE))
    for nothing in ("draft-99", "preset-none", "version-99", "version-²", "x", "draft-" + "9" * 30):
        with pytest.raises(NotFound):
            rulebook_papers.scheme_of(programme.id, nothing, by)


def test_the_page_to_print_and_its_file_open(programme: Programme, client: FlaskClient) -> None:
    login(client, builders.user("yan", Role.ASSESSOR, programme, now=CLOSING), CLOSING)
    paper = f"/p/{programme.id}/rulebooks/paper/preset-zhou-yue-ji"
    page = client.get(paper)
    assert page.status_code == 200
    assert page.text.count('<td class="num">100</td>') >= 3
    assert client.get(f"{paper}.docx").status_code == 200


def test_the_page_of_a_rulebook_says_all_that_its_print_says(
    programme: Programme, client: FlaskClient
) -> None:
    login(client, builders.user("yan", Role.ASSESSOR, programme, now=CLOSING), CLOSING)
    home = f"/p/{programme.id}/rulebooks"
    page = client.get(f"{home}/presets/default-quarter").text
    paper = client.get(f"{home}/paper/preset-default-quarter").text
    said = re.findall(r"<li>([^<]{4,})</li>|<p class=\"hint\">([^<]+)</p>", paper)
    assert len(said) > 20
    assert [one for pair in said for one in pair if one and one not in page] == []
    assert "每低 1 个百分点" in page
    assert "直接定为不合格" in page
    assert "yellow" not in page


def test_two_adopted_versions_are_compared_side_by_side_and_the_list_says_until_when(
    programme: Programme, client: FlaskClient
) -> None:
    """Weight 25 → 20: said on the page of the newer one; the older one ends the day before."""
    person = builders.user("yan", Role.ASSESSOR, programme, now=CLOSING)
    by = builders.actor(Role.ASSESSOR, programme, person=person)
    text = preset_text("default-quarter")
    first = rulebooks.adopt(programme, text, valid_from=date(2021, 4, 1), by=by, now=CLOSING)
    changed = text.replace("weight = 25", "weight = 20", 1).replace("weight = 15", "weight = 20", 1)
    changed = changed.replace('version = "2"', 'version = "3"', 1)
    second = rulebooks.adopt(programme, changed, valid_from=date(2021, 7, 1), by=by, now=CLOSING)
    found = rulebooks.versions(programme.id)
    assert rulebooks.last_days(found) == {second.id: None, first.id: date(2021, 6, 30)}
    login(client, person, CLOSING)
    page = client.get(
        f"/p/{programme.id}/rulebooks/paper/version-{second.id}/compare?other=version-{first.id}"
    ).text
    rows = re.findall(r"<td>分值</td><td[^>]*>(\d+)</td><td[^>]*><b>(\d+)</b>", page)
    assert rows == [("25", "20"), ("15", "20")]
    assert "2021年6月30日" in client.get(f"/p/{programme.id}/rulebooks").text
