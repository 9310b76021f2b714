"""C47: publishing freezes a version; the public page shows no telephone numbers and no draft; who sees what of it."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import publication_papers, publications, published, score_pages, scores
from supervisor.core.permissions import Actor
from supervisor.database import digest
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused
from supervisor.models import (
    AuditEntry,
    LocalSettings,
    Message,
    Obligation,
    Publication,
    Reach,
    Role,
    ScorePeriod,
    ScoreRun,
    Standing,
    User,
)
from tests import builders, quarters
from tests.conftest import StillClock, login
from tests.quarters import CLOSING, Q2, World

LATER = CLOSING + timedelta(days=1)


@pytest.fixture
def world(database: Database, clock: StillClock) -> World:
    """The worked quarter, closed."""
    clock.moment = CLOSING
    world = quarters.worked_quarter()
    scores.close(world.programme, Q2, by=assessor(world), now=CLOSING)
    return world


def assessor(world: World) -> Actor:
    return builders.actor(Role.ASSESSOR, world.programme, person=world.assessor)


def liaison(world: World, letter: str) -> Actor:
    return builders.actor(Role.LIAISON, world.programme, world.units[letter])


def seen(world: World, by: Actor) -> str:
    """Letters of the units whose standings the reader sees."""
    row = ScorePeriod.get()
    run = ScoreRun.get(ScoreRun.superseded == False)  # noqa: E712 -- a condition in SQL
    ids = {one.unit_id for one in score_pages.standings_visible_to(by, row, run, now=LATER)}
    return "".join(letter for letter, unit in sorted(world.units.items()) if unit.id in ids)


def correct(world: World) -> None:
    june = Obligation.get((Obligation.unit == world.units["A"]) & (Obligation.period == "2021-06"))
    Obligation.update(outcome="on_time", late_workdays=0).where(Obligation.id == june.id).execute()
    quarters.correct_closed(world, "签收单证明按时送达", LATER)


# ---- what is frozen


def test_c47_publishing_freezes_a_version(world: World) -> None:
    """C47: the bytes that went out stay as they are whatever is renamed or corrected later; a new one replaces it."""
    first = quarters.publish(world.programme, assessor(world), Reach.PUBLIC)
    content, sheet = first.content, first.sheet
    correct(world)
    world.units["A"].name = "改名后的区"
    world.units["A"].save()
    second = quarters.publish(
        world.programme, assessor(world), Reach.PUBLIC, reason="更正后重新公布", now=LATER
    )

    again = Publication.get_by_id(first.id)
    assert (again.content, again.sheet) == (content, sheet)
    assert (again.content_sha256, again.sheet_sha256) == (digest(content), digest(sheet))
    assert (first.number, first.run.number, second.number, second.run.number) == (1, 1, 2, 2)
    assert first.token == second.token
    assert json.loads(second.content)["cutoff"].endswith("2021年8月10日09:00封账，2021年8月11日09:00更正")
    newest, old = published.public_version(first.token), published.public_version(first.token, 1)
    assert newest.publication.id == second.id
    assert old.replaced_by is not None
    assert old.replaced_by.reason == "更正后重新公布"
    places = {one["unit"]: one["score"] for group in old.content["groups"] for one in group["units"]}
    assert "93.01" in places.values()
    assert scores.verify_frozen() is None


def test_the_table_and_the_json_say_the_same(world: World) -> None:
    one = quarters.publish(world.programme, assessor(world), Reach.PUBLIC)
    assert json.loads(one.content)["cutoff"] == "统计至2021年6月30日，2021年8月10日09:00封账"
    rows = list(csv.DictReader(io.StringIO(one.sheet.removeprefix("\ufeff"))))
    content = json.loads(one.content)
    units = [(group["name"], unit) for group in content["groups"] for unit in group["units"]]
    assert [(r["组别"], r["单位"], r["名次"], r["得分"], r["等次"]) for r in rows] == [
        (group, u["unit"], str(u["place"] or ""), u["score"] or "", u["tier"]) for group, u in units
    ]
    stored = {s.unit_name: s.score for s in Standing.select()}
    assert {u["unit"]: u["score"] for _, u in units} == {
        name: None if score is None else f"{score // 100}.{score % 100:02d}" for name, score in stored.items()
    }


def test_tiers_only_gives_neither_places_nor_scores_nor_their_order(world: World) -> None:
    one = quarters.publish(world.programme, assessor(world), Reach.PUBLIC, ranked=False)
    content = json.loads(one.content)
    for group in content["groups"]:
        for unit in group["units"]:
            assert set(unit) == {"unit", "tier", "tier_en", "note", "note_en"}
    scores_said = {f"{s.score // 100}.{s.score % 100:02d}" for s in Standing.select() if s.score is not None}
    assert not [score for score in scores_said if score in one.content or score in one.sheet]
    Standing.update(tier="合格", tier_en="").execute()
    order = [u.name for u in sorted(world.units.values(), key=lambda u: (u.sort, u.id))]
    run = ScoreRun.get()
    frame = publication_papers.Frame(2, ranked=False, reason="x", at=LATER)
    for group in publication_papers.content_of(world.programme, Q2, run, frame)["groups"]:
        names = [unit["unit"] for unit in group["units"]]
        assert names == [name for name in order if name in names]


def test_a_cell_that_a_spreadsheet_would_run_is_disarmed(world: World) -> None:
    Standing.update(unit_name="=HYPERLINK(1)").where(Standing.unit == world.units["A"]).execute()
    frame = publication_papers.Frame(1, ranked=True, reason="x", at=CLOSING)
    content = publication_papers.content_of(world.programme, Q2, ScoreRun.get(), frame)
    assert ",'=HYPERLINK(1)," in publication_papers.csv_text(content)


# ---- who sees what (D16)


@pytest.mark.parametrize(
    ("reach", "ranked", "of_a", "of_d"),
    [
        (Reach.OWN, True, "A", "D"),
        (Reach.GROUP, True, "ABC", "DE"),
        (Reach.UNITS, True, "ABCDE", "ABCDE"),
        (Reach.PUBLIC, True, "ABCDE", "ABCDE"),
        (Reach.UNITS, False, "A", "D"),
    ],
)
def test_units_see_each_other_as_far_as_was_published(
    world: World,
    reach: Reach,
    ranked: bool,  # noqa: FBT001 -- a table of cases
    of_a: str,
    of_d: str,
) -> None:
    assert seen(world, liaison(world, "A")) == "A"
    quarters.publish(world.programme, assessor(world), reach, ranked=ranked)
    assert seen(world, liaison(world, "A")) == of_a
    assert seen(world, liaison(world, "D")) == of_d
    assert seen(world, assessor(world)) == "ABCDE"
    LocalSettings.update(scores_shown_to_units=False).execute()
    assert seen(world, liaison(world, "A")) == "A"


def test_a_corrected_run_is_open_to_others_only_when_it_is_published_too(world: World) -> None:
    quarters.publish(world.programme, assessor(world), Reach.UNITS)
    correct(world)
    assert seen(world, liaison(world, "A")) == "A"
    old = published.version(world.programme, Q2, 1, by=liaison(world, "A"), now=LATER)
    assert len(old.content["groups"]) > 1
    quarters.publish(world.programme, assessor(world), Reach.UNITS, now=LATER)
    assert seen(world, liaison(world, "A")) == "ABCDE"


def test_a_version_for_the_group_shows_a_unit_only_its_group(world: World) -> None:
    quarters.publish(world.programme, assessor(world), Reach.GROUP)
    mine = published.version(world.programme, Q2, 1, by=liaison(world, "A"), now=LATER)
    names = {unit["unit"] for group in mine.content["groups"] for unit in group["units"]}
    assert names == {world.units[letter].name for letter in "ABC"}
    assert not mine.is_whole
    with pytest.raises(NotFound):
        published.version(world.programme, Q2, 2, by=liaison(world, "A"), now=LATER)


def test_with_tiers_only_a_unit_is_shown_no_place(world: World) -> None:
    quarters.publish(world.programme, assessor(world), Reach.UNITS, ranked=False)
    own = score_pages.ranking(world.programme, Q2, by=liaison(world, "A"), now=LATER)
    assert (own.shows_places, own.is_whole) == (False, False)
    assert score_pages.ranking(world.programme, Q2, by=assessor(world), now=LATER).shows_places


def test_where_units_do_not_see_each_other_nothing_wider_can_be_published(world: World) -> None:
    choice = publications.Choice(Reach.UNITS, ranked=True, reason="公布")
    with pytest.raises(Invalid) as wrong:
        publications.publish(world.programme, Q2, choice, by=assessor(world), now=CLOSING)
    assert set(wrong.value.fields) == {"reach"}
    assert ScorePeriod.get().published_at is None


# ---- what may not go out


def test_c47_no_draft_is_published(database: Database) -> None:
    """C47: an open quarter and a preliminary one have no version, whoever asks."""
    world = quarters.worked_quarter(appeal_workdays=3)
    with pytest.raises(Refused, match="not closed"):
        quarters.publish(world.programme, assessor(world), Reach.PUBLIC)
    scores.show_preliminary(world.programme, Q2, by=assessor(world), now=CLOSING)
    with pytest.raises(Refused, match="not closed"):
        quarters.publish(world.programme, assessor(world), Reach.PUBLIC)
    assert Publication.select().count() == 0


@pytest.mark.parametrize("role", [Role.LEAD_OFFICE, Role.LEADER, Role.LIAISON, Role.INSPECTOR])
def test_only_an_assessor_publishes_and_withdraws(world: World, role: Role) -> None:
    by = builders.actor(role, world.programme)
    with pytest.raises(NotAllowed):
        quarters.publish(world.programme, by)
    with pytest.raises(NotAllowed):
        publications.withdraw(world.programme, Q2, reason="x", by=by, now=LATER)


@pytest.mark.parametrize(
    "reason",
    ["", "  ", "联系13812345678", "电话 027-82812345", "请拨138 1234 5678", "咨询85712345", "长" * 501],
)
def test_a_public_reason_is_given_and_holds_no_telephone_number(world: World, reason: str) -> None:
    with pytest.raises(Invalid) as wrong:
        quarters.publish(world.programme, assessor(world), Reach.PUBLIC, reason=reason)
    assert set(wrong.value.fields) == {"reason"}


@pytest.mark.parametrize("reason", ["20210701起施行", "武政规〔2021〕12号", "2021-07-01 公布", "共1300户"])
def test_days_and_numbers_of_documents_are_no_telephone_numbers(world: World, reason: str) -> None:
    assert quarters.publish(world.programme, assessor(world), Reach.PUBLIC, reason=reason).number == 1


def test_a_public_reason_names_no_person_of_the_programme(world: World) -> None:
    builders.user("someone", Role.LIAISON, world.programme, world.units["A"], now=CLOSING)
    User.update(name="欧阳建国").where(User.username == "someone").execute()
    with pytest.raises(Invalid, match=r"."):
        quarters.publish(world.programme, assessor(world), Reach.PUBLIC, reason="经欧阳建国同意公布")
    assert (
        quarters.publish(world.programme, assessor(world), Reach.UNITS, reason="经欧阳建国同意公布").token
        == ""
    )


def test_a_telephone_number_in_a_unit_s_name_stops_the_public_version(world: World) -> None:
    Standing.update(unit_name="硚西区 13812345678").where(Standing.unit == world.units["B"]).execute()
    with pytest.raises(Refused, match="13812345678"):
        quarters.publish(world.programme, assessor(world), Reach.PUBLIC)


def test_the_same_is_not_published_twice(world: World) -> None:
    quarters.publish(world.programme, assessor(world), Reach.UNITS)
    with pytest.raises(Refused, match="exactly this way"):
        quarters.publish(world.programme, assessor(world), Reach.UNITS)


def test_of_two_who_publish_the_same_at_once_one_is_told_so(world: World, database: Database) -> None:
    by = assessor(world)
    results: list[str] = []
    LocalSettings.update(scores_shown_to_units=True).execute()
    ready = threading.Barrier(2)

    def press() -> None:
        database.connect()
        try:
            ready.wait()
            choice = publications.Choice(Reach.PUBLIC, ranked=True, reason="公布")
            publications.publish(world.programme, Q2, choice, by=by, now=CLOSING)
            results.append("published")
        except Refused:
            results.append("refused")
        finally:
            database.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["published", "refused"]
    assert Publication.select().count() == 1


# ---- taken back


def test_withdrawn_units_see_only_their_own_and_the_address_says_so(world: World) -> None:
    one = quarters.publish(world.programme, assessor(world), Reach.PUBLIC)
    with pytest.raises(Invalid):
        publications.withdraw(world.programme, Q2, reason=" ", by=assessor(world), now=LATER)
    publications.withdraw(world.programme, Q2, reason="数据核查", by=assessor(world), now=LATER)
    assert seen(world, liaison(world, "A")) == "A"
    gone = published.public_version(one.token)
    assert (gone.content, gone.publication.withdrawal) == ({}, "数据核查")
    with pytest.raises(NotFound):
        published.version(world.programme, Q2, 1, by=liaison(world, "A"), now=LATER)
    kept = published.version(world.programme, Q2, 1, by=assessor(world), now=LATER)
    assert kept.content["groups"]
    with pytest.raises(Refused, match="Nothing of"):
        publications.withdraw(world.programme, Q2, reason="再撤", by=assessor(world), now=LATER)
    entry = AuditEntry.get(AuditEntry.action == "period.withdraw")
    assert (entry.reason, json.loads(entry.after)["ended"]) == ("数据核查", [1])
    assert scores.verify_frozen() is None
    again = quarters.publish(world.programme, assessor(world), Reach.PUBLIC, now=LATER)
    assert (again.number, again.token) == (2, one.token)
    assert published.public_version(one.token).publication.id == again.id
    assert published.public_version(one.token, 1).content == {}


@pytest.mark.parametrize(
    ("reach", "ranked"), [(Reach.UNITS, True), (Reach.PUBLIC, False), (Reach.OWN, False)]
)
def test_a_version_that_goes_less_far_or_shows_less_ends_the_wider_one(
    world: World,
    reach: Reach,
    ranked: bool,  # noqa: FBT001 -- a table of cases
) -> None:
    one = quarters.publish(world.programme, assessor(world), Reach.PUBLIC)
    quarters.publish(world.programme, assessor(world), reach, ranked=ranked, reason="缩小范围", now=LATER)
    gone = published.public_version(one.token, 1)
    assert (gone.content, gone.publication.withdrawal) == ({}, "缩小范围")
    with pytest.raises(NotFound):
        published.version(world.programme, Q2, 1, by=liaison(world, "A"), now=LATER)
    assert bool(published.public_version(one.token).content) == (reach is Reach.PUBLIC)
    assert scores.verify_frozen() is None


def test_units_are_told_how_far_it_goes_and_when_it_is_taken_back(world: World) -> None:
    person = builders.user("liaison-a", Role.LIAISON, world.programme, world.units["A"], now=CLOSING)
    quarters.publish(world.programme, assessor(world), Reach.GROUP)
    quarters.publish(world.programme, assessor(world), Reach.PUBLIC)
    publications.withdraw(world.programme, Q2, reason="数据核查", by=assessor(world), now=LATER)
    own = (Message.recipient == person) & (Message.channel == "inbox")
    told = list(Message.select().where(own & Message.event.startswith("score.")).order_by(Message.id))
    for word, one in zip(("同组各单位", "社会公众", "数据核查"), told, strict=True):
        assert word in one.body


# ---- proof


def _text(one: Publication) -> None:
    Publication.update(content=one.content.replace("93.01", "95.01")).execute()


def _text_and_hash(one: Publication) -> None:
    text = one.content.replace("93.01", "95.01")
    Publication.update(content=text, content_sha256=digest(text)).execute()


def _table(one: Publication) -> None:
    Publication.update(sheet=one.sheet.replace("93.01", "95.01")).execute()


def _wider(_: Publication) -> None:
    Publication.update(reach=Reach.PUBLIC).execute()


def _address(_: Publication) -> None:
    Publication.update(token="guess").execute()


def _reason(_: Publication) -> None:
    Publication.update(reason="别的理由").execute()


def _gone(_: Publication) -> None:
    Publication.delete().execute()


def _number(_: Publication) -> None:
    Publication.update(number=7).execute()


def _slipped_in(one: Publication) -> None:
    row = Publication.get_by_id(one.id)
    row.number = 2
    row.id += 1
    row.save(force_insert=True)


@pytest.mark.parametrize(
    ("trick", "found"),
    [
        (_text, "its content was changed"), (_text_and_hash, "content_sha256"), (_table, "its table was changed"),
        (_wider, "its reach"), (_address, "address_sha256"), (_reason, "its reason was changed"),
        (_gone, "is gone"), (_number, "is gone"), (_slipped_in, "no row of the audit trail"),
    ],
)  # fmt: skip
def test_c47_verify_finds_an_edited_published_version(
    world: World, trick: Callable[[Publication], None], found: str
) -> None:
    """C47: what is handed out is held against the hashes that the trail kept."""
    one = quarters.publish(world.programme, assessor(world), Reach.UNITS)
    assert scores.verify_frozen() is None
    trick(one)
    why = scores.verify_frozen()
    assert why is not None
    assert found in why.why
    assert "2021-Q2" in why.why


def test_verify_finds_a_withdrawn_version_that_was_opened_again(world: World) -> None:
    quarters.publish(world.programme, assessor(world), Reach.PUBLIC)
    publications.withdraw(world.programme, Q2, reason="核查", by=assessor(world), now=LATER)
    Publication.update(withdrawn_at=None).execute()
    why = scores.verify_frozen()
    assert why is not None
    assert "open again" in why.why


# ---- pages


def key_of(page: str) -> str:
    found = re.search(r'name="_once" value="(\w+)"', page)
    assert found
    return found[1]


def enter(client: FlaskClient, person: User) -> FlaskClient:
    login(client, person, CLOSING)
    client.set_cookie("lang", "en")
    return client


def test_c47_the_public_page_shows_no_telephone_number_no_person_and_no_draft(
    client: FlaskClient, world: World
) -> None:
    """C47: without signing in, by page, CSV and JSON: units, places, scores, tiers, and nothing about people."""
    User.update(phone="13912345678", email="who@example.test").execute()
    one = quarters.publish(world.programme, assessor(world), Reach.PUBLIC)
    people = [user.name for user in User.select()]
    base = f"/public/{one.token}"
    for path in (base, f"{base}/1", f"{base}/1.csv", f"{base}/1.json"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["X-Robots-Tag"].startswith("noindex")
        assert "Set-Cookie" not in answer.headers
        text = answer.text
        assert "93.01" in text
        assert "13912345678" not in text
        assert "example.test" not in text
        assert not [name for name in people if name in text], path
        assert not re.findall(r"https?://(?!localhost)", text), path
        assert f"/p/{world.programme.id}/" not in text
    assert client.get(f"{base}/1.json").data == one.content.encode()
    assert digest(client.get(f"{base}/1.csv").data) == one.sheet_sha256
    for path in (f"{base}/2", f"{base}x", "/public/1", "/public/", f"{base}/1.xml"):
        assert client.get(path).status_code == 404, path


def test_nothing_is_public_before_somebody_makes_it_so(client: FlaskClient, world: World) -> None:
    one = quarters.publish(world.programme, assessor(world), Reach.UNITS)
    assert one.token == ""
    assert client.get("/public/").status_code == 404
    assert client.get("/public/%20").status_code == 404


def test_the_public_page_says_withdrawn_and_keeps_no_figures(client: FlaskClient, world: World) -> None:
    one = quarters.publish(world.programme, assessor(world), Reach.PUBLIC)
    publications.withdraw(world.programme, Q2, reason="数据核查", by=assessor(world), now=LATER)
    for path in ("", "/1", "/1.csv", "/1.json"):
        answer = client.get(f"/public/{one.token}{path}")
        assert answer.status_code == 410
        assert "数据核查" in answer.text
        assert "93.01" not in answer.text


def test_the_assessor_chooses_reads_the_versions_and_withdraws(client: FlaskClient, world: World) -> None:
    LocalSettings.update(scores_shown_to_units=True).execute()
    enter(client, world.assessor)
    place = f"/p/{world.programme.id}/periods/2021-Q2/publication"
    page = client.get(place).text
    bad = client.post(place, data={"_once": key_of(page), "reason": "按办法公布"})
    assert bad.status_code == 422
    assert bad.text.count("Please choose.") >= 2
    assert "按办法公布</textarea>" in bad.text
    worse = client.post(place, data={"_once": key_of(page), "reach": "public", "reason": "电话13812345678"})
    assert "looks like a telephone number" in worse.text
    form = {"_once": key_of(page), "reach": "public", "ranks": "ranked", "reason": "按办法公布"}
    assert client.post(place, data=form).status_code == 303
    assert client.post(place, data=form).status_code == 302  # the same form again does nothing
    one = Publication.get()
    page = client.get(place).text
    assert f"/public/{one.token}" in page
    assert "In force" in page
    shown = client.get(f"/p/{world.programme.id}/periods/2021-Q2/published/1")
    assert "as published" in shown.text
    assert client.get(f"/p/{world.programme.id}/periods/2021-Q2/published/1.csv").data == one.sheet.encode()
    empty = client.post(f"{place}/withdraw", data={"_once": key_of(page), "withdrawal": ""})
    assert empty.status_code == 422
    answer = client.post(
        f"{place}/withdraw", data={"_once": key_of(client.get(place).text), "withdrawal": "核查"}
    )
    assert answer.status_code == 303
    assert "Withdrawn" in client.get(place).text


def test_a_unit_reads_what_reaches_it_and_no_form(client: FlaskClient, world: World) -> None:
    quarters.publish(world.programme, assessor(world), Reach.GROUP)
    person = builders.user("liaison-a", Role.LIAISON, world.programme, world.units["A"], now=CLOSING)
    enter(client, person)
    base = f"/p/{world.programme.id}/periods/2021-Q2"
    assert client.get(f"{base}/publication").status_code == 403
    page = client.get(f"{base}/published/1").text
    assert world.units["B"].name in page
    assert world.units["D"].name not in page
    assert client.get(f"{base}/published/1.json").status_code == 404
    assert client.get(f"{base}/published/2").status_code == 404
    assert f"{base}/published/1" in client.get(base).text


def test_with_tiers_only_a_unit_s_pages_say_no_place(client: FlaskClient, world: World) -> None:
    quarters.publish(world.programme, assessor(world), Reach.UNITS, ranked=False)
    person = builders.user("liaison-a", Role.LIAISON, world.programme, world.units["A"], now=CLOSING)
    enter(client, person)
    base = f"/p/{world.programme.id}/periods/2021-Q2"
    assert 'class="num place"' not in client.get(base).text
    sheet = client.get(f"{base}/units/{world.units['A'].id}").text
    assert "places are not published" in sheet
    assert "Place 1 of" not in sheet
    tiers = client.get(f"{base}/published/1").text
    assert world.units["D"].name in tiers
    assert "93.01" not in tiers
