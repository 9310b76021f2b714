"""The ladder's pages: one list for each reader, the form with its preview, the matter's acts, the paper's forms."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from docx import Document
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import ladder, ladder_reminders, matters, reminders
from supervisor.database import count_queries
from supervisor.models import (
    Attachment,
    AuditEntry,
    Decision,
    LadderStep,
    LeftProposal,
    LocalSettings,
    Matter,
    MatterState,
    Obligation,
    ObligationState,
    Role,
    Rung,
    User,
)
from tests import builders as b
from tests import ladder_world
from tests.conftest import StillClock, login
from tests.ladder_world import NOW, World


@pytest.fixture
def world(database: Database, clock: StillClock) -> World:
    clock.moment = NOW
    return ladder_world.build()


def office(client: FlaskClient) -> FlaskClient:
    return login(client, User.get(User.username == "王五"), NOW)


def unit(client: FlaskClient, n: int = 0) -> FlaskClient:
    return login(client, User.get(User.username == f"联络员{n}"), NOW)


def typed(world: World, about: str, rung: Rung, **more: Any) -> dict[str, str]:
    """What the form of a step sends when nothing but the reason was added."""
    words = world.wanted(about, rung)
    names = ("reason", "demand", "title", "basis", "lead", "leader", "contact", "phone", "signer")
    matter = matters.thing_of(about, world.office).matter
    return {
        **{name: getattr(words, name) for name in names}, "about": about, "rung": rung.value, "verb": "take",
        "seen": str(matter.version if matter else 0), "limit_on": "2021-06-15", "limit_at": "18:00",
        "answer_by": "2021-06-15", "_once": f"{about}{rung}", **more,
    }  # fmt: skip


def step_form(world: World) -> str:
    return f"/p/{world.programme.id}/ladder/step"


# ---- who sees what


def test_a_unit_sees_its_own_matters_in_list_page_and_paper_and_nothing_else(
    world: World, client: FlaskClient
) -> None:
    mine, other = world.take(world.key(0), Rung.URGE), world.take(world.key(1), Rung.URGE)
    place = f"/p/{world.programme.id}"
    unit(client)
    page = client.get(f"{place}/matters").text
    assert page.count("data-href=") == 1
    assert "乙局" not in page
    assert client.get(f"{place}/matters?unit={world.units[1].id}").text.count("data-href=") == 0
    for path, status in (
        (f"matters/{mine.matter_id}", 200), (f"ladder/papers/{mine.id}", 200), (f"ladder/papers/{mine.id}.docx", 200),
        (f"matters/{other.matter_id}", 404), (f"ladder/papers/{other.id}", 404),
        (f"ladder/papers/{other.id}.docx", 404), ("ladder", 403), ("ladder/new", 403),
        (f"ladder/step?about={world.key(0)}&rung=urge", 404),
    ):  # fmt: skip
        assert client.get(f"{place}/{path}").status_code == status, path


@pytest.mark.parametrize(
    ("role", "decides"),
    [(Role.LEAD_OFFICE, True), (Role.LEADER, False), (Role.INSPECTOR, False), (Role.ASSESSOR, False)],
)
def test_those_who_read_everything_read_matters_and_only_the_office_decides(
    world: World, client: FlaskClient, role: Role, *, decides: bool
) -> None:
    step = world.take(world.key(0), Rung.URGE)
    place = f"/p/{world.programme.id}"
    login(client, b.user("某人", role, world.programme, now=NOW), NOW)
    page = client.get(f"{place}/matters/{step.matter_id}").text
    assert "催〔2021〕1号" in page
    assert ("下一步措施" in page) is decides
    assert client.get(f"{place}/ladder").status_code == (200 if decides else 403)
    sent = client.post(step_form(world), data=typed(world, world.key(1), Rung.URGE))
    assert sent.status_code == (303 if decides else 403)
    assert LadderStep.select().count() == 1 + decides


def test_what_leaders_and_office_said_among_themselves_is_not_shown_to_the_unit(
    world: World, client: FlaskClient
) -> None:
    ladder.ask_excuse(world.key(0), Rung.BLUE, "越级理由在此", by=world.leader, now=NOW)
    step = world.take(world.key(0), Rung.BLUE)
    here = f"/p/{world.programme.id}/matters/{step.matter_id}"
    assert "越级理由在此" in office(client).get(here).text
    assert "越级理由在此" not in unit(client).get(here).text


# ---- the form


def test_the_preview_shows_the_paper_and_writes_nothing(world: World, client: FlaskClient) -> None:
    data = typed(world, world.key(0), Rung.URGE, verb="preview", demand="三日内补报并说明原因")
    page = office(client).post(step_form(world), data=data).text
    assert page.count("三日内补报并说明原因") == 2  # in the field and on the paper
    assert "2021年6月15日18时" in page
    assert (LadderStep.select().count(), Matter.select().count()) == (0, 0)


def test_a_mistake_gives_the_form_back_filled(world: World, client: FlaskClient) -> None:
    data = typed(world, world.key(0), Rung.URGE, reason="", demand="三日内补报", answer_by="2021-06-01")
    answer = office(client).post(step_form(world), data=data)
    assert answer.status_code == 422
    assert "三日内补报" in answer.text
    for field in ("reason", "answer_by"):
        assert f'id="{field}-wrong"' in answer.text
    bad = typed(world, world.key(0), Rung.URGE, answer_by="昨天", _once="b")
    assert client.post(step_form(world), data=bad).status_code == 422


def test_a_step_is_taken_from_the_form_and_a_replay_takes_it_once(world: World, client: FlaskClient) -> None:
    data = typed(world, world.key(0), Rung.URGE, rule="overdue")
    office(client)
    for _ in range(2):
        assert client.post(step_form(world), data=data).status_code in {302, 303}
    step = LadderStep.get()
    assert (step.rule, step.reason) == ("overdue", "逾期未报，多次提醒无果")
    refused = client.post(
        step_form(world), data=typed(world, f"matter:{step.matter_id}", Rung.URGE, _once="x")
    )
    assert refused.status_code == 409
    assert "王五" in refused.text


def test_a_skipped_step_is_refused_with_both_ways_out_and_the_leader_opens_one(
    world: World, client: FlaskClient
) -> None:
    office(client)
    answer = client.post(step_form(world), data=typed(world, world.key(0), Rung.RED))
    assert answer.status_code == 409
    assert f"about={world.key(0)}&amp;rung=yellow" in answer.text
    form = client.get(f"{step_form(world)}?about={world.key(0)}&rung=red").text
    assert 'value="take"' not in form
    assert 'value="excuse"' in form
    assert form.count('id="excuse"') == 1, "the label leads to the field and to nothing else"
    assert 'id="way-out"' in form
    assert "#way-out" in answer.text
    asked = {"about": world.key(0), "rung": "red", "verb": "excuse", "_once": "a"}
    assert client.post(step_form(world), data=asked).status_code == 422
    assert client.post(step_form(world), data=asked | {"excuse": "情况紧急", "_once": "b"}).status_code == 303
    login(client, User.get(User.username == "沈市长"), NOW)
    decide = f"/p/{world.programme.id}/decisions/{Decision.get().id}"
    assert client.post(decide, data={"_once": "c", "verdict": "approve", "words": "同意"}).status_code == 303
    office(client)
    key = f"matter:{Matter.get().id}"
    assert client.post(step_form(world), data=typed(world, key, Rung.RED)).status_code == 303
    assert LadderStep.get().excuse_id == Decision.get().id


def test_the_form_of_a_step_says_until_when_the_unit_may_answer_and_offers_no_button_before(
    world: World, client: FlaskClient
) -> None:
    world.take(world.key(0), Rung.URGE, answer_by=date(2021, 6, 11))
    form = f"/p/{world.programme.id}/ladder/step?about={world.key(0)}&rung=blue"
    page = office(client).get(form).text
    assert "2021年6月11日" in page.partition('id="way-out"')[2]
    assert 'value="take"' not in page
    matter = client.get(f"/p/{world.programme.id}/matters/{Matter.get().id}").text
    assert "rung=blue" not in matter
    assert "更高一级：单位反馈后、2021年6月11日之后，或经领导特批" in matter


def test_an_own_matter_is_taken_up_and_goes_on_to_its_first_paper(world: World, client: FlaskClient) -> None:
    here = f"/p/{world.programme.id}/ladder/new"
    data = {
        "_once": "a",
        "unit": str(world.units[2].id),
        "title": "",
        "basis": "市长批示",
        "due_on": "2021-06-01",
    }
    assert office(client).post(here, data=data).status_code == 422
    made = client.post(here, data=data | {"_once": "b", "title": "查清积水原因"})
    assert made.headers["Location"].endswith(f"about=matter:{Matter.get().id}&rung=urge")
    assert "查清积水原因" in client.get(made.headers["Location"]).text


# ---- proposals


def test_proposals_are_left_or_put_off_from_their_page(world: World, client: FlaskClient) -> None:
    here = f"/p/{world.programme.id}/ladder"
    page = office(client).get(here).text
    assert page.count("拟制文书") == 4
    assert "应于2021年6月4日完成，已逾期3个工作日。" in page
    data = {"_once": "a", "about": world.key(0), "rung": "urge", "verb": "put_off", "reason": "明日补报"}
    assert client.post(here, data=data).status_code == 422  # no day
    assert client.post(here, data=data | {"_once": "b", "until_on": "2021-06-11"}).status_code == 303
    left = {"_once": "c", "about": world.key(1), "rung": "urge", "verb": "leave", "reason": "已电话沟通"}
    assert client.post(here, data=left).status_code == 303
    assert [row.until_on for row in LeftProposal.select().order_by(LeftProposal.id)] == [
        date(2021, 6, 11),
        None,
    ]
    assert client.get(here).text.count("拟制文书") == 2
    assert client.post(here, data=left | {"_once": "d", "rung": "x"}).status_code == 404


def test_the_office_finds_its_proposals_and_the_unit_its_papers_on_their_homes(
    world: World, client: FlaskClient
) -> None:
    here = f"/p/{world.programme.id}/"
    assert f"{here}ladder" in office(client).get(here).text
    step = world.take(world.key(0), Rung.URGE)
    assert f"{here}matters/{step.matter_id}" in unit(client).get(here).text


# ---- a matter's acts


def test_a_matter_is_signed_for_answered_reviewed_and_crossed_off_by_its_page(
    world: World, client: FlaskClient
) -> None:
    step = world.take(world.key(0), Rung.URGE)
    here, act = f"/p/{world.programme.id}/matters/{step.matter_id}", {"step": str(step.id)}
    unit(client)
    assert "签收文书" in client.get(here).text
    assert client.post(here, data={**act, "_once": "a", "verb": "sign"}).status_code == 303
    empty = {**act, "_once": "b", "verb": "answer", "words": ""}
    file = (io.BytesIO(b"%PDF-1.7\n"), "佐证.pdf")
    wrong = client.post(here, data=empty | {"files": file}, content_type="multipart/form-data")
    assert wrong.status_code == 422
    assert "佐证.pdf" in wrong.text  # the file is kept while the form is mended
    again = empty | {"_once": "c", "words": "已补报", "files-kept": str(Attachment.get().id)}
    assert client.post(here, data=again).status_code == 303
    with client.get(f"/p/{world.programme.id}/attachments/{Attachment.get().id}") as download:
        assert download.data == b"%PDF-1.7\n"
    office(client)
    assert "佐证.pdf" in client.get(here).text
    back = {**act, "_once": "d", "verb": "return", "verdict_words": "", "verdict_by": "2021-06-17"}
    assert client.post(here, data=back).status_code == 422
    assert client.post(here, data={**act, "_once": "e", "verb": "accept"}).status_code == 303
    page = client.get(here).text
    assert "报告仍未报送" in page
    assert 'id="close"' not in page
    assert client.post(here, data={"_once": "g", "verb": "close", "result": "已补报"}).status_code == 409
    Obligation.update(state=ObligationState.SUBMITTED).execute()
    assert 'id="close"' in client.get(here).text
    assert client.post(here, data={"_once": "f", "verb": "close", "result": "已补报"}).status_code == 303
    page = client.get(here).text
    for words in ("单位签收", "单位反馈", "反馈已通过", "已销号", "已补报"):
        assert words in page, words
    assert Matter.get().state is MatterState.CLOSED


def test_acts_on_a_step_of_another_matter_or_unknown_acts_are_not_found(
    world: World, client: FlaskClient
) -> None:
    step, other = world.take(world.key(0), Rung.URGE), world.take(world.key(1), Rung.URGE)
    here = f"/p/{world.programme.id}/matters/{step.matter_id}"
    for data in (
        {"verb": "sign", "step": str(other.id)},
        {"verb": "burn", "step": str(step.id)},
        {"verb": "sign"},
    ):
        assert office(client).post(here, data=data | {"_once": "a"}).status_code == 404


def test_the_time_line_begins_with_the_reminders_that_went_out(world: World, client: FlaskClient) -> None:
    b.plan(world.programme)
    for day in ("2021-06-03", "2021-06-04", "2021-06-07"):
        reminders.queue(b.at(f"{day} 09:00"))
    step = world.take(world.key(0), Rung.URGE)
    page = office(client).get(f"/p/{world.programme.id}/matters/{step.matter_id}").text
    places = [page.index(words) for words in ("提醒（", "催办单</b>")]
    assert places == sorted(places)
    assert "联络员0" in page


def test_the_time_line_shows_the_reminders_of_answers_of_this_matter_alone(
    world: World, client: FlaskClient
) -> None:
    step = world.take(f"task:{world.part.id}", Rung.URGE, answer_by=date(2021, 6, 10))
    other = world.take(world.key(1), Rung.URGE, answer_by=date(2021, 6, 30))
    for day in ("2021-06-09", "2021-06-10", "2021-06-11"):
        ladder_reminders.queue(b.at(f"{day} 11:00"))
    page = office(client).get(f"/p/{world.programme.id}/matters/{step.matter_id}").text
    words = ("提醒反馈（截止前1个工作日）", "提醒反馈（截止当天）", "提醒反馈（逾期1个工作日）")
    places = [page.index(one) for one in words]
    assert places == sorted(places)
    assert [page.count(one) for one in words] == [1, 1, 1], "liaison and head stand on one line"
    assert "提醒反馈" not in client.get(f"/p/{world.programme.id}/matters/{other.matter_id}").text


# ---- the paper


def test_page_and_word_file_say_the_same_and_the_public_version_hides_the_telephone(
    world: World, client: FlaskClient
) -> None:
    step = world.take(world.key(0), Rung.URGE, phone="0715-5550126")
    world.answered(step, "2021-06-10", "已补报，附佐证")
    here = f"/p/{world.programme.id}/ladder/papers/{step.id}"
    page, word = office(client).get(here).text, Document(io.BytesIO(client.get(f"{here}.docx").data))
    cells = [tuple(cell.text for cell in row.cells) for table in word.tables for row in table.rows]
    assert ("督办事项", "报送2021年5月月报") in cells
    assert ("签收人", "联络员0") in cells
    assert ("联系人电话", "王五 0715-5550126") in cells
    for name, text in cells:
        assert f'<th scope="row">{name}</th><td>{text}</td>' in page
    public = client.get(f"{here}?public=1").text
    hidden = Document(io.BytesIO(client.get(f"{here}.docx?public=1").data))
    everything = "".join(cell.text for table in hidden.tables for row in table.rows for cell in row.cells)
    for text in (public, everything):
        assert "5550126" not in text
        assert "报送2021年5月月报" in text
    assert AuditEntry.select().where(AuditEntry.action == "export.ladder_step").count() == 2


@pytest.mark.parametrize("rung", [Rung.CRITICISM, Rung.TALK])
def test_circular_and_talk_have_papers_of_their_own(world: World, client: FlaskClient, rung: Rung) -> None:
    step = world.climb(world.key(0), urge="09", blue="10", **{rung.value: "11"})
    page = office(client).get(f"/p/{world.programme.id}/ladder/papers/{step.id}").text
    words = {
        Rung.CRITICISM: ("关于甲局“报送2021年5月月报”办理滞后的通报", "各有关单位", "此前已采取的措施"),
        Rung.TALK: ("约谈通知书", "约谈对象", "市政府三楼会议室"),
    }[rung]
    for text in words:
        assert text in page


def test_a_paper_whose_content_was_touched_says_so(world: World, client: FlaskClient) -> None:
    step = world.take(world.key(0), Rung.URGE)
    LadderStep.update(content=step.content.replace("5月", "4月")).execute()
    page = office(client).get(f"/p/{world.programme.id}/ladder/papers/{step.id}").text
    assert "notice-bad" in page


# ---- list and settings


def test_the_list_is_filtered_and_paged_and_takes_as_many_queries_for_many_as_for_few(
    world: World, client: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = f"/p/{world.programme.id}/matters"
    world.take(world.key(0), Rung.URGE)
    office(client).get(here)
    with count_queries(database) as few:
        assert client.get(here).text.count("data-href=") == 1
    for n in range(60):
        owed = b.obligation(b.unit(f"单位{n:02d}"), world.programme, due_on=date(2021, 6, 4))
        world.take(f"report:{owed.id}", Rung.URGE)
    with count_queries(database) as many:
        page = client.get(here).text
    assert page.count("data-href=") == 50
    assert len(many) == len(few)
    oldest = min(row.id for row in Matter.select().order_by(Matter.id.desc()).limit(50))
    assert client.get(f"{here}?before={oldest}").text.count("data-href=") == 11
    for query, shown in (
        ("rung=red", 0),
        ("state=late", 0),
        (f"unit={world.units[0].id}", 1),
        ("state=none", 50),
    ):
        assert client.get(f"{here}?{query}").text.count("data-href=") == shown, query


def test_the_ladders_limits_are_changed_with_a_reason_on_the_settings_page(
    world: World, client: FlaskClient
) -> None:
    here = f"/p/{world.programme.id}/settings"
    now = LocalSettings.get()
    kept = {"monthly_due_day": "5", "cutoff": "00:00", "day_off_policy": "keep", "remind_before": "3,1"}
    kept |= {"remind_after": "1,3,5", "valid_from": "2021-06-09", "reason": "办公会议定"}
    data = kept | {"ladder_urge_after": "5", "ladder_word": "澄", "_once": "a"}
    assert office(client).post(here, data=data).status_code == 303
    newest = LocalSettings.select().order_by(LocalSettings.valid_from.desc()).get()
    assert (newest.ladder_urge_after, newest.ladder_word, now.ladder_urge_after) == (5, "澄", 1)
    bad = data | {"ladder_answer_workdays": "0", "_once": "b"}
    assert client.post(here, data=bad).status_code == 422


def test_what_is_settled_meanwhile_may_be_crossed_off_and_nothing_more_is_offered(
    world: World, client: FlaskClient
) -> None:
    step = world.take(world.key(0), Rung.URGE)
    Obligation.update(state=ObligationState.SUBMITTED).execute()
    page = office(client).get(f"/p/{world.programme.id}/matters/{step.matter_id}").text
    assert "该事项可以销号" in page
    assert "下一步措施" not in page
