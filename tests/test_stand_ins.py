"""Stand-ins: who may act for whom, what follows from it, and what the trail says."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import accounts, people, stand_ins
from supervisor.core.permissions import Permission
from supervisor.core.stand_ins import Absence
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused
from supervisor.models import AuditEntry, Channel, Message, Posting, Programme, Role, Unit, User
from tests import builders as b
from tests.conftest import StillClock, login

JUNE = Absence(date(2021, 6, 1), date(2021, 6, 20), "参加培训")


class Office:
    """A unit with a liaison and a head, an office with two reviewers' posts and an assessor."""

    def __init__(self) -> None:
        self.programme: Programme = b.programme()
        self.unit: Unit = b.unit("甲局")
        self.liaison: User = b.user("张三", Role.LIAISON, self.programme, self.unit)
        self.head: User = b.user("李四", Role.UNIT_HEAD, self.programme, self.unit)
        self.lead: User = b.user("王五", Role.LEAD_OFFICE, self.programme)
        self.inspector: User = b.user("赵六", Role.INSPECTOR, self.programme)
        self.assessor: User = b.user("孙七", Role.ASSESSOR, self.programme)

    def post(self, of: User) -> Posting:
        return Posting.get((Posting.user == of) & Posting.stands_in_for.is_null())

    def actor(self, of: User, moment: str = "2021-06-01 09:00") -> Any:
        return accounts.actor_for(of, self.programme.id, now=b.at(moment))


@pytest.fixture
def office(database: Database) -> Office:
    return Office()


def test_candidates_are_colleagues_and_never_mix_office_and_assessor(office: Office) -> None:
    day = date(2021, 6, 1)
    assert stand_ins.candidates(office.post(office.liaison), day) == [office.head]
    assert stand_ins.candidates(office.post(office.lead), day) == [office.inspector]
    assert stand_ins.candidates(office.post(office.assessor), day) == [office.inspector]


def test_a_stand_in_has_rights_and_messages_on_its_days_and_the_trail_says_for_whom(office: Office) -> None:
    post = office.post(office.liaison)
    stand_ins.name_stand_in(
        post, office.head.id, JUNE, by=office.actor(office.liaison), now=b.at("2021-05-28 09:00")
    )
    before, during, after = (
        office.actor(office.head, f"{day} 09:00") for day in ("2021-05-31", "2021-06-20", "2021-06-21")
    )
    assert [who.may(Permission.REPORT_SUBMIT) for who in (before, during, after)] == [False, True, False]
    assert [who.name for who in (before, during, after)] == ["李四", "李四（代张三）", "李四"]
    told = people.liaisons_of([office.unit.id], office.programme.id, date(2021, 6, 10))[office.unit.id]
    assert {person.name for person in told} == {"张三", "李四"}
    inbox = Message.select().where(Message.channel == Channel.INBOX)
    assert {message.recipient_id for message in inbox} == {office.head.id, office.liaison.id}
    assert AuditEntry.get(AuditEntry.action == "posting.stand_in").reason == "参加培训"


@pytest.mark.parametrize(
    ("absence", "field"),
    [
        (Absence(date(2021, 6, 2), date(2021, 6, 1), "病假"), "last"),
        (Absence(date(2021, 5, 1), date(2021, 5, 2), "病假"), "last"),
        (Absence(date(2021, 6, 1), date(2022, 6, 1), "病假"), "last"),
        (Absence(date(2021, 6, 1), date(2021, 6, 2), " "), "reason"),
    ],
)
def test_days_past_reversed_or_too_long_and_a_missing_reason_are_named(
    office: Office, absence: Absence, field: str
) -> None:
    with pytest.raises(Invalid) as wrong:
        stand_ins.name_stand_in(
            office.post(office.liaison), office.head.id, absence,
            by=office.actor(office.liaison), now=b.at("2021-05-28 09:00"),
        )  # fmt: skip
    assert set(wrong.value.fields) == {field}
    assert not Posting.select().where(Posting.stands_in_for.is_null(is_null=False)).exists()


def test_nobody_names_a_stand_in_for_somebody_else_or_somebody_from_outside(office: Office) -> None:
    post, now = office.post(office.liaison), b.at("2021-05-28 09:00")
    with pytest.raises(NotAllowed):
        stand_ins.name_stand_in(post, office.head.id, JUNE, by=office.actor(office.inspector), now=now)
    with pytest.raises(NotFound):
        stand_ins.get_principal(post.id, office.programme, office.actor(office.inspector))
    with pytest.raises(Invalid) as wrong:
        stand_ins.name_stand_in(post, office.lead.id, JUNE, by=office.actor(office.liaison), now=now)
    assert set(wrong.value.fields) == {"user"}


def test_the_same_days_are_not_given_twice_and_a_stand_in_names_none(office: Office) -> None:
    post, now = office.post(office.liaison), b.at("2021-05-28 09:00")
    made = stand_ins.name_stand_in(post, office.head.id, JUNE, by=office.actor(office.lead), now=now)
    # Until the days begin the head is still a candidate; an overlap is refused by its days.
    with pytest.raises(Invalid) as wrong:
        stand_ins.name_stand_in(post, office.head.id, JUNE, by=office.actor(office.lead), now=now)
    assert set(wrong.value.fields) == {"first"}
    with pytest.raises(Refused):
        stand_ins.get_principal(made.id, office.programme, office.actor(office.lead))


def test_back_at_work_the_stand_in_ends_at_once(office: Office) -> None:
    made = stand_ins.name_stand_in(
        office.post(office.liaison), office.head.id, JUNE,
        by=office.actor(office.liaison), now=b.at("2021-05-28 09:00"),
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        stand_ins.end_stand_in(made, by=office.actor(office.inspector), now=b.at("2021-06-10 09:00"))
    stand_ins.end_stand_in(made, by=office.actor(office.liaison), now=b.at("2021-06-10 09:00"))
    assert not office.actor(office.head, "2021-06-10 09:01").may(Permission.REPORT_SUBMIT)


def test_the_office_lets_a_colleague_without_account_stand_in_beside_the_one_liaison(
    client: FlaskClient, office: Office, clock: StillClock
) -> None:
    login(client, office.lead)
    place = f"/p/{office.programme.id}/posts/{office.post(office.liaison).id}/stand-in"
    typed = {
        "name": "周八",
        "email": "zhou@example.cn",
        "first": "2021-06-01",
        "last": "",
        "reason": "",
        "_once": "k",
    }
    bad = client.post(place, data=typed)
    assert bad.status_code == 422
    assert "周八" in bad.text
    answer = client.post(place, data=typed | {"last": "2021-06-20", "reason": "借调", "_once": "k2"})
    assert answer.status_code == 200
    assert "/link/" in answer.text
    made = Posting.get(Posting.stands_in_for.is_null(is_null=False))
    assert (made.user.name, made.role, made.unit_id) == ("周八", Role.LIAISON, office.unit.id)
    assert "周八" in client.get(place).text


def test_a_liaison_names_a_stand_in_from_the_account_page_and_sees_it_there(
    client: FlaskClient, office: Office
) -> None:
    login(client, office.liaison)
    place = f"/p/{office.programme.id}/posts/{office.post(office.liaison).id}/stand-in"
    assert place in client.get("/me").text
    typed = {
        "user": str(office.head.id),
        "first": "2021-06-01",
        "last": "2021-06-20",
        "reason": "培训",
        "_once": "k",
    }
    assert client.post(place, data=typed).location == place
    assert "李四" in client.get(place).text
    assert (
        client.get(f"/p/{office.programme.id}/posts/{office.post(office.head).id}/stand-in").status_code
        == 404
    )
