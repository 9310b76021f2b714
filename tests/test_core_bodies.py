"""Bodies and people of an adopted notice, and every change of them: an invented notice on both databases."""

from __future__ import annotations

from datetime import date

import pytest
from peewee import Database

from supervisor.core import bodies, plans, seats
from supervisor.core.bodies import SeatRow
from supervisor.core.liaison_rules import expected_units, rule_on
from supervisor.core.permissions import Actor
from supervisor.errors import Invalid, NotAllowed, Stale
from supervisor.models import (
    AuditEntry,
    Body,
    BodyKind,
    Holder,
    LiaisonRank,
    Person,
    Plan,
    Programme,
    Role,
    Seat,
    Unit,
)
from tests.builders import actor, programme, unit
from tests.notice_with_bodies import NOTICE
from tests.test_core_plans import WHEN, office, receive

DAY = date(2021, 3, 22)


@pytest.fixture
def of(database: Database) -> Programme:
    """A programme whose notice is adopted."""
    made = programme()
    by = office(made)
    adopt(made, by, NOTICE)
    return made


def adopt(of: Programme, by: Actor, text: str) -> Plan:
    document = receive(text, of, by)
    return plans.adopt(document, seen=document.version, by=by, now=WHEN)


def by(of: Programme) -> Actor:
    return actor(Role.LEAD_OFFICE, of)


def seats_at(of: Programme, day: date = DAY) -> dict[tuple[str, str], SeatRow]:
    """(role, name or post) → seat, office and team included."""
    tops = bodies.bodies_of(of.id, day)
    rows = [row for top in tops for body in (top, *top.children) for row in body.seats]
    return {(row.seat.role, row.holder.person.name if row.holder else row.seat.post): row for row in rows}


def name(of: Programme, row: SeatRow, who: str, day: date, post: str = "", **more: bool) -> Holder:
    last = Holder.select().where(Holder.seat == row.seat).order_by(Holder.id.desc()).first()
    return seats.name_holder(
        row.seat,
        who,
        post,
        from_day=day,
        reason="工作调动",
        seen=last.id if last else 0,
        by=by(of),
        now=WHEN,
        **more,
    )


def test_c03_a_notice_s_bodies_are_stored_with_office_team_seal_and_clause(of: Programme) -> None:
    (top,) = bodies.bodies_of(of.id, DAY)
    assert (top.body.name, top.body.kind) == ("澄江市河道清淤工作领导小组", BodyKind.LEADING_GROUP)
    assert [(child.body.name.removeprefix(top.body.name), child.body.kind) for child in top.children] == [
        ("办公室", BodyKind.OFFICE), ("宣传工作专班", BodyKind.TASK_FORCE),
    ]  # fmt: skip
    water = Unit.get(Unit.name == "市水务局")
    assert top.children[0].body.host_unit_id == top.body.seal_unit_id == water.id
    assert "递补" in top.body.succession
    assert [(role, len(rows)) for role, rows in top.roles] == [("组长", 1), ("副组长", 1), ("成员", 4)]
    assert [row.holder and row.holder.person.name for row in top.seats] == [
        "鲁望舒", "安若水", "柏青松", "秋实", "温如玉", "苗圃",
    ]  # fmt: skip


def test_e06_who_sits_and_directs_the_office_is_one_person_with_two_posts(of: Programme) -> None:
    rows = seats_at(of)
    director, deputy = rows["主任", "安若水"], rows["副组长", "安若水"]
    assert director.holder is not None
    assert deputy.holder is not None
    assert director.holder.person_id == deputy.holder.person_id
    assert [(seat.role, body.kind) for body, seat, _held in deputy.others] == [("主任", BodyKind.OFFICE)]
    assert director.post == "市水务局局长"  # the office's line states none: it stands at the other seat


def test_e08_office_deputies_need_no_seat_and_a_post_may_be_unstated(of: Programme) -> None:
    rows = seats_at(of)
    outside = [rows["副主任", "庄周易"], rows["副主任", "季春和"]]
    assert [(row.post, row.others) for row in outside] == [("市水务局工程处处长", []), ("", [])]
    assert outside[0].seat.unit_id == Unit.get(Unit.name == "市水务局").id


def test_e11_two_members_of_one_unit_are_one_unit_and_a_member_without_work_is_in_the_register(
    of: Programme,
) -> None:
    members = [each.name for each in bodies.member_units(of.id, DAY)]
    assert members == ["市水务局", "市财政局", "市规划局", "市林业局"]
    plan = Plan.get()
    plans.issue(plan, by=by(of), now=WHEN)
    assert plans.extent_of(plans.tasks_of(plan)).units == 4  # 市财政局 once, 市林业局 without work not at all


def test_c04_members_and_work_are_compared_from_what_is_stored(of: Programme) -> None:
    from supervisor.core import units

    found = bodies.gaps(bodies.member_units(of.id, DAY), units.units_of(of.id))
    assert found is not None
    assert [each.name for each in found.without_work] == ["市林业局"]
    assert [each.name for each in found.without_member] == ["市审计局"]
    assert bodies.gaps([], units.units_of(of.id)) is None


def test_c11_the_rule_is_stored_with_its_rank_and_asks_members_only(of: Programme) -> None:
    rule = rule_on(of.id, DAY)
    assert rule is not None
    assert (rule.count, rule.rank, rule.members_only) == (1, "科级以上干部", True)
    assert [each.name for each in expected_units(of.id, DAY)] == [
        "市水务局",
        "市财政局",
        "市规划局",
        "市林业局",
    ]
    fitting = [rank.name for rank in LiaisonRank.select().order_by(LiaisonRank.sort) if rank.fits]
    assert fitting == ["厅级", "处级", "科级"]


def test_e09_e10_a_post_is_a_seat_and_a_person_fills_it_later(database: Database) -> None:
    of = programme()
    text = NOTICE.replace("鲁望舒  市政府副市长", "市政府分管副市长").replace("苗  圃  市林业局副局长\n", "")
    adopt(of, office(of), text)
    row = seats_at(of)["组长", "市政府分管副市长"]
    assert row.holder is None
    assert row.post == "市政府分管副市长"
    name(of, row, "鲁望舒", date(2021, 4, 1), "市政府副市长")
    assert ("组长", "市政府分管副市长") in seats_at(of, date(2021, 3, 31))
    filled = seats_at(of, date(2021, 4, 1))["组长", "鲁望舒"]
    assert (filled.post, filled.seat.post) == ("市政府副市长", "市政府分管副市长")


def test_c52_a_member_changes_from_a_day_and_earlier_days_keep_the_earlier_name(of: Programme) -> None:
    row = seats_at(of)["成员", "秋实"]
    name(of, row, "冬  藏", date(2021, 8, 1), "市规划局局长")
    assert ("成员", "秋实") in seats_at(of, date(2021, 7, 31))
    after = seats_at(of, date(2021, 8, 1))
    assert ("成员", "秋实") not in after
    changed = after["成员", "冬藏"]
    assert changed.post == "市规划局局长"
    assert [(held.person.name, held.valid_to) for held in changed.former] == [("秋实", date(2021, 7, 31))]
    entry = AuditEntry.select().order_by(AuditEntry.seq.desc()).first()
    assert (entry.action, entry.reason, entry.subject_id) == ("seat.name", "工作调动", row.seat.id)


def test_a_change_wants_a_name_a_reason_and_a_later_day(of: Programme) -> None:
    row = seats_at(of)["成员", "秋实"]
    assert row.holder is not None
    with pytest.raises(Invalid) as refused:
        seats.name_holder(
            row.seat, "  ", "", from_day=DAY, reason="", seen=row.holder.id, by=by(of), now=WHEN
        )
    assert set(refused.value.fields) == {"name", "reason"}
    name(of, row, "冬藏", date(2021, 8, 1))
    with pytest.raises(Invalid) as refused:
        name(of, row, "春生", date(2021, 8, 1))
    assert set(refused.value.fields) == {"from_day"}


def test_two_people_changing_one_seat_do_not_overwrite_each_other(of: Programme) -> None:
    row = seats_at(of)["成员", "秋实"]
    assert row.holder is not None
    name(of, row, "冬藏", date(2021, 8, 1))
    with pytest.raises(Stale):
        seats.name_holder(
            row.seat, "春生", "", from_day=DAY, reason="调动", seen=row.holder.id, by=by(of), now=WHEN
        )


def test_e06_a_namesake_is_asked_about_never_merged_by_the_name_alone(of: Programme) -> None:
    row = seats_at(of)["成员", "秋实"]
    with pytest.raises(Invalid) as refused:
        name(of, row, "安若水", date(2021, 8, 1), "市规划局副局长")
    assert set(refused.value.fields) == {"same_person"}
    before = Person.select().count()
    name(of, row, "安若水", date(2021, 8, 1), "市规划局副局长", same_person=False)
    assert Person.select().count() == before + 1


def test_a_seat_falls_vacant_ends_and_stays_in_the_history(of: Programme) -> None:
    row = seats_at(of)["成员", "秋实"]
    assert row.holder is not None
    seats.vacate(row.seat, last_day=date(2021, 5, 31), reason="退休", seen=row.holder.id, by=by(of), now=WHEN)
    vacant = seats_at(of, date(2021, 6, 1))["成员", "市规划局副局长"]
    assert [held.person.name for held in vacant.former] == ["秋实"]
    seats.end_seat(vacant.seat, last_day=date(2021, 6, 30), reason="单位撤并", by=by(of), now=WHEN)
    assert vacant.seat.id not in {row.seat.id for row in seats_at(of, date(2021, 7, 1)).values()}
    assert Seat.select().count() == 9


def test_e14_a_seat_stands_for_another_unit_only_with_a_note(of: Programme) -> None:
    row, district = seats_at(of)["组长", "鲁望舒"], unit("东山区人民政府")
    with pytest.raises(Invalid):
        seats.map_seat(row.seat, district, " ", by=by(of), now=WHEN)
    seats.map_seat(row.seat, district, "兼任区长，代表区政府", by=by(of), now=WHEN)
    assert Seat.get_by_id(row.seat.id).note == "兼任区长，代表区政府"
    assert district in bodies.member_units(of.id, DAY)


def test_a_body_named_again_is_renewed_not_doubled(of: Programme) -> None:
    text = NOTICE.replace("2021年3月10日", "2021年9月1日").replace("秋  实", "冬  藏")
    document = receive(text, of, by(of))
    plans.adopt(document, seen=document.version, by=by(of), now=WHEN)
    assert Body.select().count() == 3
    before, after = seats_at(of, date(2021, 8, 31)), seats_at(of, date(2021, 9, 1))
    assert ("成员", "秋实") in before
    assert ("成员", "冬藏") not in before
    assert ("成员", "秋实") not in after
    assert ("成员", "冬藏") in after
    kept = {key: row.seat.id for key, row in before.items() if key in after}
    assert len(kept) == 8
    assert all(after[key].seat.id == seat_id for key, seat_id in kept.items())


def test_a_body_can_be_entered_by_hand_and_never_stands_under_itself(of: Programme) -> None:
    values = {"name": "河长制工作组", "kind": BodyKind.WORKING_GROUP, "parent": None}
    body = bodies.save_body(of, values, by=by(of), now=WHEN)
    seat = seats.add_seat(
        body, "组长", "市水务局局长", unit=None, from_day=DAY, reason="会议纪要", by=by(of), now=WHEN
    )
    assert seats_at(of)["组长", "市水务局局长"].seat.id == seat.id
    with pytest.raises(Invalid) as refused:
        bodies.save_body(of, {**values, "parent": body}, by=by(of), now=WHEN, body=body)
    assert set(refused.value.fields) == {"parent"}
    with pytest.raises(Invalid):
        bodies.save_body(of, values, by=by(of), now=WHEN)


@pytest.mark.parametrize("role", [Role.LIAISON, Role.UNIT_HEAD, Role.LEADER, Role.ASSESSOR])
def test_only_the_office_changes_bodies(of: Programme, role: Role) -> None:
    row = seats_at(of)["成员", "秋实"]
    assert row.holder is not None
    with pytest.raises(NotAllowed):
        seats.name_holder(
            row.seat,
            "冬藏",
            "",
            from_day=DAY,
            reason="调动",
            seen=row.holder.id,
            by=actor(role, of),
            now=WHEN,
        )
