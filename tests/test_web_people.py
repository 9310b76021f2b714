"""Inviting people and importing lists, through the pages."""

from __future__ import annotations

import io
import json
import re
from datetime import date

import pytest
import xlsxwriter
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import people
from supervisor.database import digest
from supervisor.models import (
    AdminRole,
    AuditEntry,
    Channel,
    LinkRole,
    Message,
    OneTimeLink,
    Posting,
    Programme,
    Role,
    Unit,
    User,
)
from tests import builders
from tests.builders import assignment, at, plan, programme, task, unit, user
from tests.conftest import StillClock, login


@pytest.fixture
def of(client: FlaskClient) -> Programme:
    """A programme with two units that have work, seen by its lead office."""
    found = programme()
    first, second = unit("市水务局"), unit("市民政局")
    work = task(plan(found))
    assignment(work, first)
    assignment(work, second, LinkRole.RESPONSIBLE)
    login(client, user("office", Role.LEAD_OFFICE, found))
    return found


def form(**values: str) -> dict[str, str]:
    return {"role": "liaison", "name": "李敏", "email": "limin@example.cn", "_once": "k"} | values


def test_an_invitation_shows_its_link_once_and_keeps_only_the_hash(
    client: FlaskClient, of: Programme
) -> None:
    water = Unit.get(Unit.name == "市水务局")
    answer = client.post(f"/p/{of.id}/people/invite", data=form(unit=str(water.id)))
    assert answer.status_code == 200
    token = re.search(r"/link/([\w-]{30,})", answer.text)
    assert token is not None
    link = OneTimeLink.get()
    assert link.token_hash == digest(token[1])
    person = User.get(User.name == "李敏")
    assert person.username == "limin@example.cn"
    assert people.liaisons_of([water.id], of.id, date(2021, 6, 1)) == {water.id: [person]}
    mail = Message.get(Message.recipient == person)
    assert mail.channel is Channel.MAIL
    assert token[1] in mail.body
    trail = "".join(entry.after + entry.before + entry.reason for entry in AuditEntry.select())
    assert token[1] not in trail
    assert client.get(f"/link/{token[1]}").status_code == 200


def test_a_replayed_invitation_makes_nobody_twice(client: FlaskClient, of: Programme) -> None:
    water = Unit.get(Unit.name == "市水务局")
    client.post(f"/p/{of.id}/people/invite", data=form(unit=str(water.id)))
    again = client.post(f"/p/{of.id}/people/invite", data=form(unit=str(water.id)))
    assert again.location == f"/p/{of.id}/people"
    assert Posting.select().where(Posting.role == Role.LIAISON).count() == 1


def test_an_invitation_without_unit_comes_back_filled(client: FlaskClient, of: Programme) -> None:
    answer = client.post(f"/p/{of.id}/people/invite", data=form())
    assert answer.status_code == 422
    assert "limin@example.cn" in answer.text
    assert User.select().where(User.name == "李敏").count() == 0


@pytest.mark.parametrize(
    "address",
    ["x@example.cn\r\nBcc: all@example.cn", "a b@example.cn", "a@example.cn, b@example.cn", "李@example.cn"],
)
def test_an_address_that_no_mail_could_go_to_is_refused_where_it_is_typed(
    client: FlaskClient, of: Programme, address: str
) -> None:
    water = Unit.get(Unit.name == "市水务局")
    answer = client.post(f"/p/{of.id}/people/invite", data=form(unit=str(water.id), email=address))
    assert answer.status_code == 422
    assert "邮箱格式不正确。" in answer.text
    assert "李敏" in answer.text
    assert User.select().where(User.name == "李敏").count() == 0


def test_a_replaced_liaison_holds_the_post_until_the_day_before(client: FlaskClient, of: Programme) -> None:
    water = Unit.get(Unit.name == "市水务局")
    old = user("old", Role.LIAISON, of, water)
    data = form(unit=str(water.id), valid_from="2021-06-10", replaces="1")
    client.post(f"/p/{of.id}/people/invite", data=data)
    new = User.get(User.name == "李敏")
    assert people.liaisons_of([water.id], of.id, date(2021, 6, 9)) == {water.id: [old]}
    assert people.liaisons_of([water.id], of.id, date(2021, 6, 10)) == {water.id: [new]}


def test_the_page_shows_gaps_first_and_costs_the_same_for_any_number(
    client: FlaskClient, of: Programme
) -> None:
    water = Unit.get(Unit.name == "市水务局")
    user("old", Role.LIAISON, of, water)
    page = client.get(f"/p/{of.id}/people").text
    assert page.index("市民政局") < page.index("市水务局")
    assert [gap.name for gap in people.gaps(of.id, date(2021, 6, 1))] == ["市民政局"]


def test_a_liaison_may_not_see_the_list_of_people(
    client: FlaskClient, of: Programme, clock: StillClock
) -> None:
    clock.moment = at("2021-06-02 09:00")
    login(client, user("x", Role.LIAISON, of, Unit.get(Unit.name == "市水务局")), now=clock.moment)
    assert client.get(f"/p/{of.id}/people").status_code == 403
    assert client.post(f"/p/{of.id}/people/invite", data=form()).status_code == 403


HEADINGS = ("单位", "联络员", "职务", "手机", "邮箱", "单位负责人", "负责人手机", "负责人邮箱")


def sheet(*rows: tuple[str, ...]) -> io.BytesIO:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for number, row in enumerate(
            [("单位", "联络员", "职务", "手机", "邮箱", "单位负责人", "负责人手机", "负责人邮箱"), *rows]
        ):
            page.write_row(number, 0, row)
    file.seek(0)
    return file


GOOD = (
    (
        "市水务局",
        "王海",
        "办公室主任",
        "13800000001",
        "wanghai@example.cn",
        "赵江",
        "",
        "zhaojiang@example.cn",
    ),
    ("市民政局", "孙兰", "科长", "13800000002", "sunlan@example.cn", "", "", ""),
)


def check(client: FlaskClient, of: Programme, *rows: tuple[str, ...]) -> tuple[int, str]:
    answer = client.post(f"/p/{of.id}/people/import", data={"file": (sheet(*rows), "名单.xlsx")})
    return answer.status_code, answer.text


def test_a_good_list_is_checked_first_and_then_imported_whole(client: FlaskClient, of: Programme) -> None:
    status, page = check(client, of, *GOOD)
    assert status == 200
    assert User.select().count() == 1  # a dry run writes nothing
    kept = re.search(r'name="rows" value="([^"]*)"', page)
    assert kept is not None
    rows = kept[1].replace("&#34;", '"')
    assert len(json.loads(rows)) == 2
    answer = client.post(f"/p/{of.id}/people/import/confirm", data={"rows": rows, "_once": "i"})
    assert answer.status_code == 200
    assert answer.text.count('class="strip-link"') == 3
    assert people.gaps(of.id, date(2021, 6, 1)) == []


def test_one_bad_row_keeps_the_whole_list_out_and_is_named(client: FlaskClient, of: Programme) -> None:
    status, page = check(
        client, of, GOOD[0], ("市无此局", "李四", "", "13800000003", "lisi@example.cn", "", "", "")
    )
    assert status == 422
    assert "市无此局" in page
    assert 'name="rows"' not in page
    rows = json.dumps([{"row": 3, "unit": "市无此局", "name": "李四", "email": "lisi@example.cn"}])
    answer = client.post(f"/p/{of.id}/people/import/confirm", data={"rows": rows, "_once": "i"})
    assert answer.status_code == 422
    assert User.select().count() == 1


def test_people_without_an_address_are_not_taken_for_one_another(client: FlaskClient, of: Programme) -> None:
    user("nobody", Role.LEADER, of, name="周无邮")  # has no address either
    rows = (
        ("市水务局", "王海", "", "13800000001", "", "", "", ""),
        ("市民政局", "孙兰", "", "", "", "", "", ""),
    )
    status, page = check(client, of, *rows)
    assert status == 200, page


def test_an_address_of_somebody_else_names_its_row_for_liaison_and_head(
    client: FlaskClient, of: Programme
) -> None:
    user("zhou", Role.LEADER, of, name="周有邮")
    User.update(email="zhou@example.cn").where(User.username == "zhou").execute()
    status, page = check(
        client, of, ("市水务局", "王海", "", "13800000001", "", "赵江", "", "zhou@example.cn"), GOOD[1]
    )
    assert status == 422
    assert "负责人邮箱" in page
    assert "周有邮" in page
    good = page[page.index("<h2>") :]
    assert "孙兰" in good
    assert "王海" not in good, "a row with a problem stands among the good ones"


def test_a_list_with_a_missing_column_says_which(client: FlaskClient, of: Programme) -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.add_worksheet().write_row(0, 0, ("单位", "联络员", "邮箱"))
    file.seek(0)
    answer = client.post(f"/p/{of.id}/people/import", data={"file": (file, "a.xlsx")})
    assert answer.status_code == 422
    assert "手机" in answer.text


def test_a_sheet_of_new_links_ends_the_earlier_ones(client: FlaskClient, of: Programme) -> None:
    person = User.create(username="new", name="新人", created_at=builders.NOW)
    builders.posting(person, Role.LIAISON, of, Unit.get(Unit.name == "市水务局"))
    first = client.post(f"/p/{of.id}/people/links", data={"user": str(person.id), "_once": "a"}).text
    second = client.post(f"/p/{of.id}/people/links", data={"user": str(person.id), "_once": "b"}).text
    one, two = (re.search(r"/link/([\w-]{30,})", page) for page in (first, second))
    assert one is not None
    assert two is not None
    assert client.get(f"/link/{one[1]}").status_code == 404
    assert client.get(f"/link/{two[1]}").status_code == 200


def test_a_post_ends_on_its_last_day_and_another_programme_cannot_end_it(
    client: FlaskClient, of: Programme
) -> None:
    water = Unit.get(Unit.name == "市水务局")
    person = user("old", Role.LIAISON, of, water)
    post = Posting.get(Posting.user == person)
    other = programme("别的")
    foreign = Posting.get(Posting.user == user("x", Role.LIAISON, other, water))
    data = {"last_day": "2021-06-30", "_once": "a"}
    assert client.post(f"/p/{of.id}/people/posts/{post.id}/end", data=data).status_code == 303
    assert Posting.get_by_id(post.id).valid_to == date(2021, 6, 30)
    assert (
        client.post(f"/p/{of.id}/people/posts/{foreign.id}/end", data=data | {"_once": "b"}).status_code
        == 404
    )


def test_the_blank_list_reads_back_as_a_list_without_rows(client: FlaskClient, of: Programme) -> None:
    blank = client.get(f"/p/{of.id}/people/import/template.xlsx")
    assert blank.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    answer = client.post(f"/p/{of.id}/people/import", data={"file": (io.BytesIO(blank.data), "空.xlsx")})
    assert answer.status_code == 422


def test_posts_stand_in_one_order_on_both_databases(database: Database) -> None:
    person = user("founder")
    outside = builders.posting(person, Role.LEAD_OFFICE)
    older = builders.posting(person, Role.LEAD_OFFICE, programme("旧专项"))
    newer = builders.posting(person, Role.LEAD_OFFICE, programme("新专项"))
    assert [post.id for post in people.posts_of(person, now=builders.NOW)] == [newer.id, older.id, outside.id]


def test_the_office_mends_an_address_that_no_mail_reached(client: FlaskClient, of: Programme) -> None:
    person = user("limin", Role.LIAISON, of, Unit.get(Unit.name == "市水务局"), email="limin@example.invalid")
    post = Posting.get(Posting.user == person)
    place = f"/p/{of.id}/people/posts/{post.id}/contact"
    assert "limin@example.invalid" in client.get(place).text
    bad = {"name": "李敏", "post": "主任", "email": "limin at example.cn", "phone": "123", "_once": "c1"}
    answer = client.post(place, data=bad)
    assert answer.status_code == 422
    assert "limin at example.cn" in answer.text
    assert client.post(place, data=bad | {"email": "limin@example.cn", "_once": "c2"}).status_code == 303
    after = User.get_by_id(person.id)
    assert (after.email, after.name, after.post, after.username) == (
        "limin@example.cn",
        "李敏",
        "主任",
        "limin",
    )
    assert AuditEntry.select().where(AuditEntry.action == "user.change").exists()


def test_another_programmes_people_and_administrators_are_not_mended(
    client: FlaskClient, of: Programme
) -> None:
    theirs = user("wang", Role.LIAISON, programme("另一专项"), unit("市财政局"))
    post = Posting.get(Posting.user == theirs)
    assert client.get(f"/p/{of.id}/people/posts/{post.id}/contact").status_code == 404
    chief = user("chief", Role.LEADER, of, admin=AdminRole.SYSTEM)
    held = Posting.get(Posting.user == chief)
    form_ = {"name": "x", "post": "", "email": "", "phone": "", "_once": "c3"}
    assert client.post(f"/p/{of.id}/people/posts/{held.id}/contact", data=form_).status_code == 403
