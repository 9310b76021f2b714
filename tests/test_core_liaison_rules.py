"""Liaison officers by the notice's rule: number, rank, units; replaced from a day on (C11, C52, E-06, E-13, E-34)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from peewee import Database

from supervisor.core import accounts, invitations, liaison_rules, people, reminders
from supervisor.core.invitations import Person
from supervisor.core.permissions import Actor
from supervisor.documents.liaison_xlsx import LiaisonRow
from supervisor.errors import Invalid, NotAllowed
from supervisor.models import Channel, LiaisonRank, Posting, Programme, Reminder, Role, Unit, UnitKind, User
from tests import builders
from tests.builders import actor, at, obligation, programme
from tests.notice_with_bodies import NOTICE, enter_document
from tests.test_capabilities import needs_seeds, receive_seed
from tests.test_core_bodies import adopt
from tests.test_core_plans import WHEN, office, receive

DAY = date(2021, 3, 22)


@pytest.fixture
def of(database: Database) -> Programme:
    """A programme whose notice wants one officer of 科级 or higher from each member unit."""
    made = programme()
    adopt(made, office(made), NOTICE)
    return made


def by(of: Programme) -> Actor:
    return actor(Role.LEAD_OFFICE, of)


def invite(of: Programme, unit: str, name: str, rank: str, **more: object) -> None:
    invitations.invite(
        of, Role.LIAISON, Person(name, f"{len(name)}{rank}@example.cn" if rank.isascii() else "", rank=rank),
        unit=Unit.get(Unit.name == unit), by=by(of), now=WHEN, link_base="", **more,  # type: ignore[arg-type]
    )  # fmt: skip


def missing(of: Programme) -> int:
    wanted = liaison_rules.expected_units(of.id, DAY)
    return sum(row.is_gap for row in people.people_by_unit(wanted, of.id, DAY))


def test_c11_the_missing_list_shrinks_by_one_and_a_second_or_a_wrong_rank_is_refused(of: Programme) -> None:
    assert missing(of) == 4
    invite(of, "市水务局", "李敏", "科级")
    assert missing(of) == 3
    with pytest.raises(Invalid) as second:
        invite(of, "市水务局", "王敏", "处级")
    assert set(second.value.fields) == {"replaces"}
    with pytest.raises(Invalid) as low:
        invite(of, "市财政局", "王敏", "业务人员")
    assert set(low.value.fields) == {"rank"}
    assert missing(of) == 3
    assert Posting.get(Posting.role == Role.LIAISON).rank == "科级"


@pytest.mark.parametrize("rank", ["", "主任", "业务人员"])
def test_e13_a_rank_is_one_of_the_list_and_never_read_off_a_post(of: Programme, rank: str) -> None:
    with pytest.raises(Invalid) as refused:
        invitations.invite(
            of, Role.LIAISON, Person("李敏", post="市水务局科长", rank=rank),
            unit=Unit.get(Unit.name == "市水务局"), by=by(of), now=WHEN, link_base="",
        )  # fmt: skip
    assert set(refused.value.fields) == {"rank"}


def test_a_head_needs_no_rank(of: Programme) -> None:
    water = Unit.get(Unit.name == "市水务局")
    invitations.invite(of, Role.UNIT_HEAD, Person("安若水"), unit=water, by=by(of), now=WHEN, link_base="")
    assert people.heads_of([water.id], of.id, DAY)


def test_c11_an_import_names_every_wrong_rank_and_every_second_officer_and_writes_nothing(
    of: Programme,
) -> None:
    invite(of, "市水务局", "李敏", "科级")
    rows = [
        LiaisonRow(2, "市水务局", "王敏", email="a@example.cn", rank="处级"),
        LiaisonRow(3, "市财政局", "张敏", email="b@example.cn", rank="股级"),
        LiaisonRow(4, "市规划局", "赵敏", email="c@example.cn"),
        LiaisonRow(5, "市林业局", "孙敏", email="d@example.cn", rank="科级"),
    ]
    problems = invitations.check_rows(of, rows, day=DAY)
    assert [(one.row, one.column) for one in problems] == [(2, "联络员"), (3, "职级"), (4, "职级")]
    with pytest.raises(Invalid):
        invitations.import_liaisons(of, rows, by=by(of), now=WHEN, link_base="")
    assert Posting.select().where(Posting.role == Role.LIAISON).count() == 1
    invitations.import_liaisons(of, rows[3:], by=by(of), now=WHEN, link_base="")
    assert missing(of) == 2  # a member unit without work names one too


@needs_seeds
@pytest.mark.parametrize(("seed", "count", "fits"), [(3, 24, ["业务人员"]), (4, 25, ["处级"])])
def test_c11_the_seeds_expect_one_officer_of_each_member_unit(
    database: Database, seed: int, count: int, fits: list[str]
) -> None:
    # The 15 districts of the last seed are 15 more once its collective name is confirmed: test_core_plans has 40.
    made = programme()
    document = receive_seed(seed, made, office(made))
    enter_document(document, by=by(made), now=WHEN)
    rule = liaison_rules.rule_on(made.id, DAY)
    assert rule is not None
    assert rule.count == 1
    expected = liaison_rules.expected_units(made.id, DAY)
    districts = [unit for unit in expected if unit.kind is UnitKind.DISTRICT] if seed == 4 else []
    assert len(expected) - len(districts) == count
    assert [rank.name for rank in LiaisonRank.select().order_by(LiaisonRank.sort) if rank.fits] == fits


def test_a_programme_whose_notice_says_nothing_asks_neither_number_nor_rank(database: Database) -> None:
    made = programme()
    text = NOTICE.replace("领导小组各成员单位要明确1名科级以上干部为联络员。\n", "")
    adopt(made, office(made), text)
    assert liaison_rules.rule_on(made.id, DAY) is None
    for name in ("李敏", "王敏敏"):
        invite(made, "市水务局", name, "")
    assert Posting.select().where(Posting.role == Role.LIAISON).count() == 2
    assert [unit.name for unit in liaison_rules.expected_units(made.id, DAY)] == [
        "市水务局", "市财政局", "市规划局", "市审计局",
    ]  # fmt: skip


def test_the_list_of_ranks_is_the_programme_s_own(of: Programme) -> None:
    liaison_rules.set_ranks(of, [("正科级", True), ("副科级", False), ("", True)], by=by(of), now=WHEN)
    assert [(rank.name, rank.fits) for rank in liaison_rules.ranks_of(of.id)] == [
        ("正科级", True), ("副科级", False),
    ]  # fmt: skip
    with pytest.raises(Invalid):
        liaison_rules.set_ranks(of, [("正科级", False)], by=by(of), now=WHEN)
    with pytest.raises(Invalid):
        liaison_rules.set_ranks(of, [("科级", True), ("科级", True)], by=by(of), now=WHEN)
    with pytest.raises(NotAllowed):
        liaison_rules.set_ranks(of, [], by=actor(Role.LIAISON, of), now=WHEN)
    liaison_rules.set_ranks(of, [], by=by(of), now=WHEN)
    invite(of, "市水务局", "李敏", "")


def test_c52_july_s_reminders_go_to_the_old_officer_and_august_s_to_the_new(database: Database) -> None:
    made = programme()
    builders.plan(made)
    water = builders.unit("市水务局")
    old = builders.user("old", Role.LIAISON, made, water)
    obligation(water, made, "2021-06", due_on=date(2021, 7, 15))
    obligation(water, made, "2021-07", due_on=date(2021, 8, 13))
    invitations.invite(
        made, Role.LIAISON, Person("李敏", "limin@example.cn"), unit=water, valid_from=date(2021, 8, 1),
        replaces=True, by=by(made), now=at("2021-07-20 10:00"), link_base="",
    )  # fmt: skip
    moment = at("2021-07-01 09:00")
    while moment < at("2021-08-14 00:00"):
        reminders.queue(moment)
        moment += timedelta(days=1)
    rows = Reminder.select(Reminder, User).join(User).where(Reminder.channel == Channel.INBOX)
    told = {(row.obligation.period, row.recipient.name) for row in rows if row.collapsed_into == ""}
    assert told >= {("2021-06", old.name), ("2021-07", "李敏")}
    august = at("2021-08-01 00:00")
    assert {row.recipient_id for row in rows if row.created_at < august} == {old.id}
    assert old.id not in {row.recipient_id for row in rows if row.created_at >= august}


def test_e06_a_person_with_several_posts_is_reminded_once(database: Database) -> None:
    made = programme()
    builders.plan(made)
    water = builders.unit("市水务局")
    both = builders.user("both", (Role.LIAISON, Role.UNIT_HEAD), made, water)
    accounts.appoint(both, Role.LEAD_OFFICE, programme=made, by=by(made), now=at("2021-06-01 09:00"))
    obligation(water, made, "2021-05", due_on=date(2021, 6, 7))
    for day in ("2021-06-02", "2021-06-04", "2021-06-07", "2021-06-08"):
        reminders.queue(at(f"{day} 09:00"))
    stages = [
        row.stage for row in Reminder.select().where(Reminder.channel == Channel.INBOX).order_by(Reminder.id)
    ]
    assert stages
    assert len(stages) == len(set(stages))


def test_a_notice_received_twice_keeps_the_rule_once_in_force(of: Programme) -> None:
    document = receive(NOTICE.replace("2021年3月10日", "2021年9月1日").replace("1名", "2名"), of, by(of))
    enter_document(document, by=by(of), now=WHEN)
    before, after = (liaison_rules.rule_on(of.id, day) for day in (DAY, date(2021, 9, 1)))
    assert before is not None
    assert after is not None
    assert (before.count, after.count) == (1, 2)


def test_e13_a_rank_in_the_notices_own_words_is_the_rank_of_the_list(of: Programme) -> None:
    invite(of, "市水务局", "李敏", "科级干部")
    assert Posting.get(Posting.role == Role.LIAISON).rank == "科级"
