"""Papers drafted from frozen data: text is edited, figures are not; refused when their period was corrected since."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from docx import Document
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import paper_figures, papers, scores
from supervisor.core.papers import Words
from supervisor.core.permissions import Actor
from supervisor.documents.official_paper import Figure
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused
from supervisor.models import (
    DraftedPaper,
    IssuedPaper,
    Obligation,
    PaperKind,
    Publication,
    Reach,
    Role,
)
from tests import builders, quarters
from tests.conftest import StillClock, login
from tests.quarters import CLOSING, Q2, World

LATER = CLOSING + timedelta(days=1)
CUTOFF = "统计至2021年6月30日，2021年8月10日09:00封账"


@pytest.fixture
def world(sqlite: Database) -> World:
    """The worked quarter, closed and published to all units."""
    return closed()


def closed() -> World:
    world = quarters.worked_quarter()
    scores.close(world.programme, Q2, by=assessor(world), now=CLOSING)
    quarters.publish(world.programme, assessor(world), Reach.UNITS)
    return world


def assessor(world: World) -> Actor:
    return builders.actor(Role.ASSESSOR, world.programme, person=world.assessor)


def office(world: World) -> Actor:
    return builders.actor(Role.LEAD_OFFICE, world.programme)


def drafted(world: World) -> DraftedPaper:
    return papers.draft(world.programme, PaperKind.PERIOD_CIRCULAR, "2021-Q2", by=office(world), now=CLOSING)


def issue(paper: DraftedPaper, world: World) -> DraftedPaper:
    fresh = DraftedPaper.get_by_id(paper.id)
    seen = papers.seal_of(papers.content_of(fresh, now=LATER))
    return papers.issue(fresh, seen=seen, by=office(world), now=LATER)


def edited(paper: DraftedPaper, world: World, **changes: Any) -> DraftedPaper:
    held = {"title": paper.title, "addressees": paper.addressees, "text": paper.text, "remark": paper.remark}
    papers.edit(paper, Words(**held | changes), by=office(world), now=CLOSING)
    return DraftedPaper.get_by_id(paper.id)


def figures(paper: DraftedPaper) -> dict[str, str]:
    body = papers.content_of(paper, now=LATER).body
    return {part.text: part.source for one in body for part in one.parts if isinstance(part, Figure)}


def correct(world: World) -> None:
    june = Obligation.get((Obligation.unit == world.units["A"]) & (Obligation.period == "2021-06"))
    Obligation.update(outcome="on_time", late_workdays=0).where(Obligation.id == june.id).execute()
    quarters.correct_closed(world, "签收单证明按时送达", LATER)
    Publication.update(withdrawn_at=LATER).execute()
    quarters.publish(world.programme, assessor(world), Reach.UNITS, now=LATER)


def test_a_draft_says_what_the_frozen_run_says_and_each_figure_leads_to_it(world: World) -> None:
    paper = drafted(world)
    assert drafted(world).id == paper.id, "a period has one draft at a time"
    found = figures(paper)
    assert [one.text for one in papers.content_of(paper, now=LATER).body][2:6] == [
        f"按照默认考核办法，对5个责任单位进行考核，参加排名3个；其中优秀1个，良好1个，合格2个。{CUTOFF}。",
        "二、分组情况",
        "（一）区人民政府。共3个单位，前三名为东湖区人民政府、硚西区人民政府、璠溪区人民政府，最高93.01分。",
        "（二）市直部门。共2个单位，单位数较少，不作排名。",
    ]
    assert set(found.values()) == {f"/p/{world.programme.id}/periods/2021-Q2"}
    content = papers.content_of(paper, now=LATER)
    assert [one.title[:4] for one in content.annexes] == ["区人民政", "市直部门"]
    assert content.annexes[0].rows[0][:7] == ("1", "东湖区人民政府", "93.01", "0.00", "0.00", "93.01", "优秀")


def test_text_is_edited_and_figures_are_not(world: World) -> None:
    paper = drafted(world)
    text = "一、总体情况\n共{单位数}个单位，<b>硚口</b>另有99.5分，其中30户，限2021年7月9日前。"
    paper = edited(paper, world, text=text, remark="此件公开发布")
    assert [one.text for one in papers.content_of(paper, now=LATER).body][1].startswith(
        "共5个单位，<b>硚口</b>"
    )
    assert paper_figures.typed_figures(paper.text) == ["99.5分", "30户"]
    for wrong, field in (
        ({"text": "{没有的数}"}, "text"),
        ({"text": "{单位数"}, "text"),
        ({"title": " "}, "title"),
    ):
        with pytest.raises(Invalid) as refused:
            edited(paper, world, **wrong)
        assert set(refused.value.fields) == {field}
    with pytest.raises(NotAllowed):
        papers.edit(paper, Words("a", "b", "c"), by=assessor(world), now=CLOSING)


def test_a_draft_whose_period_was_corrected_is_refused_until_its_figures_are_drawn_up_anew(
    world: World,
) -> None:
    paper = edited(drafted(world), world, text="东湖区最高{区人民政府最高分}分，我们的话不变。")
    before = figures(paper)
    correct(world)
    with pytest.raises(Refused) as refused:
        issue(paper, world)
    assert refused.value.obstacles[0].link == f"/p/{world.programme.id}/papers/{paper.id}#figures"
    assert IssuedPaper.select().count() == 0, "a refused paper takes no number"
    papers.redraft(DraftedPaper.get_by_id(paper.id), by=office(world), now=LATER)
    paper = DraftedPaper.get_by_id(paper.id)
    assert "我们的话不变" in paper.text
    assert figures(paper) != before
    assert issue(paper, world).issued_at == LATER


def test_what_is_issued_is_numbered_and_frozen_and_a_stale_look_or_a_second_issue_is_refused(
    world: World,
) -> None:
    paper, stale = drafted(world), "0" * 64
    with pytest.raises(Refused):
        papers.issue(paper, seen=stale, by=office(world), now=LATER)
    issued = issue(paper, world)
    content = papers.content_of(issued, now=LATER)
    assert (content.number, content.issued_on) == ("督查通报〔2021〕1号", LATER.date().isoformat())
    row = IssuedPaper.get()
    assert (row.printed, row.subject, row.sha256) == (
        content.number,
        f"drafted_paper:{issued.id}",
        issued.sha256,
    )
    assert papers.verify(issued)
    with pytest.raises(Refused):
        issue(issued, world)
    correct(world)
    assert papers.content_of(DraftedPaper.get_by_id(issued.id), now=LATER) == content
    assert IssuedPaper.select().count() == 1


def test_units_read_it_only_where_they_may_see_each_others_scores(world: World) -> None:
    paper = drafted(world)
    unit = builders.actor(Role.LIAISON, world.programme, world.units["A"])
    with pytest.raises(NotFound):
        papers.get_visible(paper.id, unit, now=LATER)
    issue(paper, world)
    assert papers.get_visible(paper.id, unit, now=LATER).id == paper.id
    Publication.update(reach=Reach.OWN).execute()
    with pytest.raises(NotFound):
        papers.get_visible(paper.id, unit, now=LATER)
    assert papers.listed(world.programme, unit, now=LATER) == []


def test_a_period_that_units_may_not_see_yet_or_that_is_open_has_no_circular(sqlite: Database) -> None:
    world = quarters.worked_quarter()
    with pytest.raises(NotFound):
        drafted(world)
    scores.close(world.programme, Q2, by=assessor(world), now=CLOSING)
    paper = drafted(world)
    with pytest.raises(Refused) as refused:
        issue(paper, world)
    assert refused.value.obstacles[0].link == f"/p/{world.programme.id}/periods/2021-Q2"


def test_page_and_word_file_say_the_same_and_what_was_typed_comes_back(
    client: FlaskClient, clock: StillClock
) -> None:
    world = closed()
    clock.moment = LATER
    login(client, builders.user("王五", Role.LEAD_OFFICE, world.programme), LATER)
    top = f"/p/{world.programme.id}/papers"
    here = client.post(top, data={"about": "2021-Q2", "_once": "a"}).headers["Location"]
    page = client.get(here).text
    assert 'class="sourced"' in page
    paper = DraftedPaper.get()
    typed = {
        "verb": "edit",
        "seen_version": "1",
        "title": "甲",
        "addressees": "各单位",
        "text": "{错}",
        "_once": "b",
    }
    wrong = client.post(here, data=typed)
    assert (wrong.status_code, "没有名为" in wrong.text, ">{错}</textarea>" in wrong.text) == (
        422,
        True,
        True,
    )
    seal = papers.seal_of(papers.content_of(paper, now=LATER))
    done = client.post(here, data={"verb": "issue", "seen_version": "1", "seal": seal, "_once": "c"})
    assert done.status_code == 303
    page = client.get(here).text
    assert 'class="sourced"' not in page
    word = Document(io.BytesIO(client.get(f"{here}.docx").data))
    for one in papers.content_of(DraftedPaper.get(), now=LATER).body:
        assert one.text in page
        assert one.text in [part.text for part in word.paragraphs]
    assert "督查通报〔2021〕1号" in client.get(top).text
