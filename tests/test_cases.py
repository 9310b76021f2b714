"""Accountability cases (C44, E-92): trigger, evidence, a leader's decision; only then does the score know of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import (
    attachments,
    case_effects,
    case_kinds,
    case_readers,
    cases,
    circulars,
    commendable,
    facts,
    message_acts,
    scores,
)
from supervisor.core.cases import Ruling, Wanted
from supervisor.core.circulars import Words
from supervisor.core.completeness import examine
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused
from supervisor.models import (
    AccountabilityCase,
    Attachment,
    AuditEntry,
    CaseState,
    Message,
    Obligation,
    Role,
    ScoreLine,
    Standing,
    Unit,
    User,
)
from tests import builders as b
from tests import quarters
from tests.conftest import StillClock, login
from tests.quarters import CLOSING, Q2
from tests.quarters import World as Quarter

NOW = b.at("2021-07-15 10:00")
UPHELD = Ruling(
    upheld=True,
    reason="现场核实数据不实",
    measure="责令整改并通报",
    penalty="untrue_data",
    veto="falsification",
)
DISMISSED = Ruling(upheld=False, reason="证据不足")


@dataclass
class World:
    quarter: Quarter
    office: Actor
    leader: Actor
    unit: Unit

    def wanted(self, **changes: object) -> Wanted:
        """A case about A as typed: what A reported about May was false."""
        whole = Wanted(
            self.unit.id,
            "虚报瞒报数据",
            "5月改造户数不实",
            "上报62户，现场只有40户。",
            "审计",
            date(2021, 5, 31),
        )
        return replace(whole, **changes)  # type: ignore[arg-type]

    def opened(self, now: datetime = NOW, **changes: object) -> AccountabilityCase:
        """A case without evidence."""
        return cases.open_case(self.wanted(**changes), by=self.office, now=now)

    def evidence(self, case: AccountabilityCase, now: datetime = NOW) -> None:
        """A file of the office's."""
        cases.add_evidence(case, "现场照片", [], [self.file(now)], by=self.office, now=now)

    def file(self, now: datetime = NOW) -> int:
        """A file that the office uploaded."""
        row = Attachment.create(
            sha256="0" * 64, filename="照片.txt", size=3, media_type="text/plain", uploaded_by=self.office.user_id,
            uploaded_at=now,
        )  # fmt: skip
        return int(row.id)

    def submitted(self, now: datetime = NOW, **changes: object) -> AccountabilityCase:
        """A case before the leaders."""
        case = self.opened(now, **changes)
        self.evidence(case, now)
        return cases.submit(case, "建议按数据失实扣分", by=self.office, now=now)

    def decide(
        self, case: AccountabilityCase, ruling: Ruling = UPHELD, now: datetime = NOW
    ) -> AccountabilityCase:
        """The leader decides on the case as it stands."""
        fresh = AccountabilityCase.get_by_id(case.id)
        return cases.decide(fresh, ruling, seen=fresh.version, by=self.leader, now=now)

    def said(self, period: Period = Q2) -> list[tuple[str, object]]:
        """What cases say to a period: kind and type or trigger."""
        found = facts.gather(self.quarter.programme, period).facts
        mine = [one for one in found if one.record.startswith("accountability_case:")]
        return [(one.kind, one.values.get("type") or one.values.get("trigger")) for one in mine]

    @property
    def assessor(self) -> Actor:
        """Who closes the quarter."""
        return b.actor(Role.ASSESSOR, self.quarter.programme, person=self.quarter.assessor)


@pytest.fixture
def world(database: Database, clock: StillClock) -> World:
    clock.moment = NOW
    quarter = quarters.worked_quarter()
    programme, unit = quarter.programme, quarter.units["A"]
    office = b.user("王五", Role.LEAD_OFFICE, programme)
    leader = b.user("沈市长", Role.LEADER, programme)
    b.user("甲联络员", Role.LIAISON, programme, unit)
    b.user("甲负责人", Role.UNIT_HEAD, programme, unit)
    return World(
        quarter, b.actor(Role.LEAD_OFFICE, programme, person=office),
        b.actor(Role.LEADER, programme, person=leader), unit,
    )  # fmt: skip


# ---- C44


def test_c44_a_case_counts_only_after_trigger_evidence_and_the_decision_of_a_named_leader(
    world: World,
) -> None:
    """C44: opened, with evidence, before a leader: nothing yet. Upheld: two points off and the tier 不合格."""
    case = world.opened()
    assert world.said() == []
    world.evidence(case)
    assert world.said() == []
    cases.submit(case, "建议扣分", by=world.office, now=NOW)
    assert world.said() == []
    done = world.decide(case)
    assert (done.state, done.decided_by_name) == (CaseState.UPHELD, "沈市长")
    assert sorted(world.said()) == [("penalty", "untrue_data"), ("veto", "falsification")]

    run = scores.close(world.quarter.programme, Q2, by=world.assessor, now=CLOSING)

    standing = Standing.get((Standing.run == run) & (Standing.unit == world.unit))
    assert (standing.base, standing.penalty, standing.score) == (9301, 200, 9101)
    assert (standing.rank, standing.tier) == (1, "不合格")  # the veto changes the tier, never score or rank
    line = ScoreLine.get(
        (ScoreLine.run == run) & (ScoreLine.unit == world.unit) & (ScoreLine.part == "penalty")
    )
    assert (line.indicator, line.points, line.records) == (
        "untrue_data",
        -200,
        [f"accountability_case:{case.id}"],
    )


def test_c44_a_case_without_effect_on_the_score_stays_on_record_alone(world: World) -> None:
    world.decide(world.submitted(), replace(UPHELD, penalty="", veto=""))
    assert world.said() == []


@pytest.mark.parametrize("end", ["dismissed", "withdrawn", "reversed"])
def test_c44_what_was_dismissed_withdrawn_or_reversed_says_nothing_to_the_score(
    world: World, end: str
) -> None:
    case = world.submitted()
    if end == "dismissed":
        world.decide(case, replace(DISMISSED, penalty="untrue_data"))
    elif end == "withdrawn":
        cases.withdraw(case, "举报人撤回", by=world.office, now=NOW)
    else:
        cases.reverse(world.decide(case), "复核后数据属实", by=world.leader, now=NOW)
    assert world.said() == []
    assert AccountabilityCase.get_by_id(case.id).state == CaseState(end)


# ---- which period


def test_a_case_belongs_to_the_period_in_which_it_happened_however_late_it_is_decided(world: World) -> None:
    """D9: a false report about May is a matter of the second quarter, decided in July."""
    done = world.decide(world.submitted())
    assert done.counts_on == date(2021, 5, 31)
    assert len(world.said(Q2)) == 2
    assert world.said(Q2.next()) == []


def test_decided_after_the_books_are_closed_it_belongs_to_the_period_of_the_decision(world: World) -> None:
    scores.close(world.quarter.programme, Q2, by=world.assessor, now=CLOSING)
    later = b.at("2021-08-20 10:00")
    done = world.decide(world.submitted(later), now=later)
    assert done.counts_on == date(2021, 8, 20)
    assert world.said(Q2) == []
    assert len(world.said(Q2.next())) == 2


def test_what_happened_before_scoring_began_belongs_to_the_period_of_the_decision(world: World) -> None:
    done = world.decide(world.submitted(happened_on=date(2019, 3, 1)))
    assert done.counts_on == date(2021, 7, 15)


def test_a_reversal_reaches_a_closed_quarter_when_it_is_run_again(world: World) -> None:
    done = world.decide(world.submitted())
    programme = world.quarter.programme
    scores.close(programme, Q2, by=world.assessor, now=CLOSING)
    cases.reverse(done, "复核后数据属实", by=world.leader, now=CLOSING)
    run = quarters.correct_closed(world.quarter, "问责决定撤销", CLOSING)
    standing = Standing.get((Standing.run == run) & (Standing.unit == world.unit))
    assert (standing.score, standing.penalty, standing.tier) == (9301, 0, "优秀")


def test_an_undecided_case_of_the_period_is_shown_before_the_books_are_closed(world: World) -> None:
    case = world.opened()
    told = [
        one for one in examine(world.quarter.programme, Q2, CLOSING).warnings if "/cases/" in (one.link or "")
    ]
    assert [one.link for one in told] == [f"/p/{world.quarter.programme.id}/cases/{case.id}"]
    cases.withdraw(case, "重复登记", by=world.office, now=NOW)
    assert not [
        one for one in examine(world.quarter.programme, Q2, CLOSING).warnings if "/cases/" in (one.link or "")
    ]


# ---- what is refused


@pytest.mark.parametrize(
    ("changes", "place"),
    [({"kind": "看着不顺眼"}, "kind"), ({"kind": ""}, "kind"), ({"unit_id": 987654}, "unit"), ({"title": " "}, "title"),
     ({"account": ""}, "account"), ({"happened_on": None}, "happened_on"),
     ({"happened_on": date(2021, 7, 16)}, "happened_on")],
)  # fmt: skip
def test_a_case_without_a_trigger_of_the_list_a_unit_or_a_day_is_not_opened(
    world: World, changes: dict[str, object], place: str
) -> None:
    with pytest.raises(Invalid) as wrong:
        cases.open_case(world.wanted(**changes), by=world.office, now=NOW)
    assert set(wrong.value.fields) == {place}
    assert not AccountabilityCase.select().exists()


def test_a_case_without_evidence_is_not_put_before_a_leader_and_words_alone_are_none(world: World) -> None:
    case = world.opened()
    with pytest.raises(Refused, match="no evidence"):
        cases.submit(case, "建议扣分", by=world.office, now=NOW)
    with pytest.raises(Invalid) as wrong:
        cases.add_evidence(case, "听说如此", ["obligation:987654"], [], by=world.office, now=NOW)
    assert "files" in wrong.value.fields
    with pytest.raises(Refused):
        world.decide(case)
    assert world.said() == []


def test_a_report_of_the_unit_is_evidence_and_another_units_is_not(world: World) -> None:
    from supervisor.core import case_records

    case = world.opened()
    offered = case_records.of_unit(case)
    assert offered
    foreign = case_records.of_unit(
        AccountabilityCase(programme=case.programme_id, unit=world.quarter.units["B"])
    )
    step = cases.add_evidence(case, "", [offered[0].key, foreign[0].key], [], by=world.office, now=NOW)
    assert [one["key"] for one in step.details["records"]] == [offered[0].key]


@pytest.mark.parametrize(
    "role", [Role.LEAD_OFFICE, Role.ASSESSOR, Role.INSPECTOR, Role.UNIT_HEAD, Role.JUDGE]
)
def test_nobody_but_a_leader_decides(world: World, role: Role) -> None:
    case = world.submitted()
    by = b.actor(role, world.quarter.programme, person=b.user("别人", role, world.quarter.programme))
    with pytest.raises(NotAllowed):
        cases.decide(case, UPHELD, seen=case.version, by=by, now=NOW)
    assert world.said() == []


def test_a_leader_does_not_decide_about_the_own_unit_by_any_post_nor_on_a_case_of_their_own(
    world: World,
) -> None:
    programme = world.quarter.programme
    case = world.submitted()
    kin = b.user("兼职领导", Role.LEADER, programme)
    b.posting(kin, Role.UNIT_HEAD, programme, world.unit)
    with pytest.raises(Refused, match="own unit"):
        cases.decide(case, UPHELD, seen=case.version, by=b.actor(Role.LEADER, programme, person=kin), now=NOW)
    both = b.actor([Role.LEADER, Role.LEAD_OFFICE], programme, person=User.get(User.username == "王五"))
    with pytest.raises(Refused, match="opened themselves"):
        cases.decide(case, UPHELD, seen=case.version, by=both, now=NOW)


@pytest.mark.parametrize(
    ("changes", "place"),
    [({"reason": " "}, "reason"), ({"measure": ""}, "measure"), ({"penalty": "notice"}, "penalty"),
     ({"penalty": "made_up"}, "penalty"), ({"veto": "third_notice"}, "veto")],
)  # fmt: skip
def test_a_decision_needs_reason_measure_and_effects_that_the_rulebook_knows_of_cases(
    world: World, changes: dict[str, str], place: str
) -> None:
    case = world.submitted()
    with pytest.raises(Invalid) as wrong:
        world.decide(case, replace(UPHELD, **changes))  # type: ignore[arg-type]
    assert set(wrong.value.fields) == {place}
    assert AccountabilityCase.get_by_id(case.id).state == CaseState.SUBMITTED


def test_of_two_leaders_the_second_is_told_and_so_is_one_who_has_not_read_the_newest_evidence(
    world: World,
) -> None:
    case = world.submitted()
    world.evidence(case)
    with pytest.raises(Refused, match="since you read it"):
        cases.decide(case, UPHELD, seen=case.version, by=world.leader, now=NOW)
    world.decide(case)
    with pytest.raises(Refused):
        world.decide(case, DISMISSED)
    assert AccountabilityCase.get_by_id(case.id).state == CaseState.UPHELD


def test_the_effects_offered_are_those_that_the_rulebook_in_force_has_for_cases(world: World) -> None:
    """Neither the ladder's nor those for which there is a form of entry; without a rulebook none."""
    found = {
        (one.part, one.value) for one in case_effects.choices(world.quarter.programme.id, date(2021, 5, 31))
    }
    assert found == {
        ("penalty", "untrue_data"), ("veto", "falsification"), ("veto", "grave_accident"), ("veto", "misuse_of_funds"),
    }  # fmt: skip
    assert case_effects.choices(world.quarter.programme.id, date(2019, 1, 1)) == []


# ---- who sees, who is told


def test_a_unit_sees_a_case_only_once_it_is_decided_and_never_source_or_evidence(
    world: World, client: FlaskClient
) -> None:
    programme = world.quarter.programme
    case = world.submitted()
    place = f"/p/{programme.id}/cases"
    file = Attachment.get(~Attachment.case_step.is_null())
    login(client, User.get(User.username == "甲联络员"), NOW)
    assert case.title not in client.get(place).text
    assert client.get(f"{place}/{case.id}").status_code == 404
    world.decide(case)
    page = client.get(f"{place}/{case.id}")
    assert page.status_code == 200
    assert "责令整改并通报" in page.text
    assert "沈市长" in page.text
    for hidden in ("审计", "照片.txt", "建议按数据失实扣分"):
        assert hidden not in page.text
    assert client.get(f"/p/{programme.id}/attachments/{file.id}").status_code == 404
    other = b.actor(Role.LIAISON, programme, world.quarter.units["B"])
    with pytest.raises(NotFound):
        case_readers.get_visible(case.id, other)
    with pytest.raises(NotFound):
        attachments.get_visible(file.id, other)
    assert attachments.get_visible(file.id, world.leader).id == file.id


def test_leaders_are_asked_until_one_decides_and_then_the_unit_and_the_opener_are_told(world: World) -> None:
    case = world.submitted()
    leader = world.leader.user_id or 0
    assert len(message_acts.still_open(leader, NOW)) == 1
    world.decide(case)
    assert message_acts.still_open(leader, NOW) == []
    told = Message.select().where((Message.event == "case.decided") & (Message.channel == "inbox"))
    assert {User.get_by_id(row.recipient_id).name for row in told} == {"甲联络员", "甲负责人", "王五"}


def test_every_step_is_on_the_trail(world: World) -> None:
    cases.reverse(world.decide(world.submitted()), "复核后数据属实", by=world.leader, now=NOW)
    acts = [
        row.action
        for row in AuditEntry.select()
        .where(AuditEntry.subject_type == "accountability_case")
        .order_by(AuditEntry.seq)
    ]
    assert acts == ["case.open", "case.evidence", "case.submit", "case.uphold", "case.reverse"]


def test_numbers_of_a_year_have_neither_doubles_nor_gaps(world: World) -> None:
    with pytest.raises(Invalid):
        world.opened(kind="没有")
    made = [
        world.opened(),
        world.opened(title="另一件"),
        world.opened(b.at("2022-01-10 09:00"), title="来年一件"),
    ]
    assert [cases.number_of(one) for one in made] == ["问责〔2021〕1号", "问责〔2021〕2号", "问责〔2022〕1号"]


# ---- the local list


def test_the_list_of_triggers_is_local_and_cases_keep_the_one_they_were_opened_with(world: World) -> None:
    programme = world.quarter.programme
    case = world.opened()
    for text, told in (("", "Between 1"), ("甲\n甲", "Line 2"), ("长" * 61, "Line 1")):
        with pytest.raises(Invalid) as wrong:
            case_kinds.change(programme, text, by=world.office, now=NOW)
        assert told in str(wrong.value.fields["kinds"])
    assert case_kinds.change(programme, "挪用资金\n 重复申报 \n", by=world.office, now=NOW) == (
        "挪用资金",
        "重复申报",
    )
    assert case_kinds.names_of(programme.id) == ("挪用资金", "重复申报")
    with pytest.raises(Invalid):
        world.opened(title="又一件")
    assert AccountabilityCase.get_by_id(case.id).kind == "虚报瞒报数据"
    case_kinds.change(programme, "虚报瞒报数据", by=world.office, now=NOW)
    assert case_kinds.names_of(programme.id) == ("虚报瞒报数据",)


# ---- E-92


MAY = Period.parse("2021-05")


def naming(world: World, side: str) -> Words:
    return Words(
        "5月通报",
        "现通报。",
        "望抓紧。",
        {world.unit.id: (side, "进度领先" if side == "ahead" else "进度落后")},
    )


def test_e92_a_unit_with_an_open_case_is_not_commended_in_a_circular_and_the_reason_is_told(
    world: World,
) -> None:
    """E-92: refused when it is named and again when the circular goes out, with the case that stands in the way."""
    draft = circulars.draft(world.quarter.programme, MAY, by=world.office, now=NOW)
    circulars.edit(draft, naming(world, "ahead"), by=world.office, now=NOW)
    case = world.opened()
    fresh = circulars.get_visible(draft.id, world.office)
    seen = circulars.seal_of(circulars.content_of(fresh, now=NOW))
    with pytest.raises(Refused) as refused:
        circulars.issue(fresh, seen=seen, by=world.office, now=NOW)
    assert [one.link for one in refused.value.obstacles] == [cases.address(case)]
    with pytest.raises(Invalid) as wrong:
        circulars.edit(fresh, naming(world, "ahead"), by=world.office, now=NOW)
    assert cases.number_of(case) in str(wrong.value.fields[f"reason-{world.unit.id}"])
    cases.withdraw(case, "查无此事", by=world.office, now=NOW)
    circulars.issue(fresh, seen=seen, by=world.office, now=NOW)


def test_e92_a_case_that_was_upheld_for_the_time_stands_in_the_way_and_one_that_was_dismissed_does_not(
    world: World,
) -> None:
    programme = world.quarter.programme.id
    case = world.submitted()
    world.decide(case, DISMISSED)
    assert commendable.obstacles(programme, [world.unit.id], Q2.start, Q2.end) == {}
    world.decide(world.submitted(title="另一件"))
    found = commendable.obstacles(programme, [world.unit.id, world.quarter.units["B"].id], Q2.start, Q2.end)
    assert set(found) == {world.unit.id}
    assert commendable.obstacles(programme, [world.unit.id], Q2.next().start, Q2.next().end) == {}


def test_e92_a_unit_criticised_in_an_issued_circular_is_not_commended_for_the_same_time(world: World) -> None:
    """Both issued about one time: refused, except by the circular that corrects the first one."""
    programme = world.quarter.programme
    first = circulars.draft(programme, MAY, by=world.office, now=NOW)
    circulars.edit(first, naming(world, "behind"), by=world.office, now=NOW)
    first = circulars.get_visible(first.id, world.office)
    circulars.override(first, world.unit.id, "情况紧急", by=world.leader, now=NOW)
    first = circulars.get_visible(first.id, world.office)
    circulars.issue(
        first, seen=circulars.seal_of(circulars.content_of(first, now=NOW)), by=world.office, now=NOW
    )
    found = commendable.obstacles(programme.id, [world.unit.id], Q2.start, Q2.end)
    assert "criticised in the circular" in str(found[world.unit.id][0].sentence)
    again = circulars.draft(programme, MAY, why="点名有误", by=world.office, now=NOW)
    circulars.edit(again, naming(world, "ahead"), by=world.office, now=NOW)


# ---- pages


def test_a_case_is_walked_on_the_pages_from_opening_to_the_score_line_that_opens_it(
    world: World, client: FlaskClient
) -> None:
    programme = world.quarter.programme
    place = f"/p/{programme.id}/cases"
    login(client, User.get(User.username == "王五"), NOW)
    form = {"unit": str(world.unit.id), "kind": "虚报瞒报数据", "title": "5月改造户数不实", "account": "现场只有40户",
            "source": "审计", "happened_on": "2021-05-31"}  # fmt: skip
    answer = client.post(f"{place}/new", data=form | {"kind": "", "_once": "0"})
    assert answer.status_code == 422
    assert "现场只有40户" in answer.text
    assert client.post(f"{place}/new", data=form | {"_once": "1"}).status_code == 303
    case = AccountabilityCase.get()
    here = f"{place}/{case.id}"
    assert client.post(here, data={"verb": "evidence", "words": "照片", "_once": "2"}).status_code == 422
    record = f"obligation:{Obligation.get(Obligation.unit == world.unit).id}"
    assert client.post(here, data={"verb": "evidence", "record": record, "_once": "3"}).status_code == 303
    assert client.post(here, data={"verb": "submit", "proposal": "建议扣分", "_once": "4"}).status_code == 303
    assert (
        client.post(
            here, data={"verb": "uphold", "reason": "核实", "measure": "整改", "_once": "5"}
        ).status_code
        == 403
    )
    login(client, User.get(User.username == "沈市长"), NOW)
    assert case.title in client.get(f"/p/{programme.id}/").text
    page = client.get(here).text
    assert "数据失实" in page
    version = str(AccountabilityCase.get().version)
    ruled = {
        "verb": "uphold",
        "reason": "核实无误",
        "measure": "责令整改",
        "penalty": "untrue_data",
        "version": version,
    }
    assert client.post(here, data=ruled | {"measure": "", "_once": "6"}).status_code == 422
    assert client.post(here, data=ruled | {"_once": "7"}).status_code == 303
    scores.close(programme, Q2, by=world.assessor, now=CLOSING)
    sheet = client.get(f"/p/{programme.id}/periods/2021-Q2/units/{world.unit.id}").text
    assert here in sheet
    assert "问责〔2021〕1号" in sheet
