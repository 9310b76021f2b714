"""Notices with duties only, from the review page to the plan: short titles, units named, seats of collective names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from supervisor.core import consistency
from supervisor.core.draft_ledger import from_reading
from supervisor.core.draft_rows import DUTY_TITLE, LedgerDuty, LedgerMember
from supervisor.core.printed_names import EMPTY
from supervisor.intake import read_text
from supervisor.models import Programme, Role, Task
from tests.builders import at, programme, user
from tests.conftest import StillClock, login
from tests.test_web_documents_review import Review

WHEN = at("2021-03-22 09:00")

NOTICE = """澄江市河湖整治联席会议制度
各区人民政府，市政府各部门：
一、组成人员
召集人：陆明 市人民政府副市长
成员：何平 市水务局局长
各街道办事处主要负责同志
二、成员单位职责
（一）市水务局：负责河道清淤的组织实施，定期检查堤岸；牵头编制年度计划。
（二）市财政局、市审计局：负责资金的筹集和使用监督。
（三）各街道办事处：负责沿河居民的宣传发动。
澄江市人民政府办公室
2021年3月10日
"""


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("负责沿河居民的宣传发动。", "负责沿河居民的宣传发动"),
        ("负责河道清淤；牵头编制计划。", "负责河道清淤"),
        ("负责河道清淤的组织实施，" + "检查堤岸、" * 8 + "修补护坡。", "负责河道清淤的组织实施"),
        ("按照职责，配合做好河道清淤的组织实施工作。", "按照职责，配合做好河道清淤的组织实施工作"),
        ("负责" + "河道清淤" * 15, "负责" + ("河道清淤" * 15)[: DUTY_TITLE - 3] + "…"),
    ],
)
def test_a_standing_task_is_called_by_the_beginning_of_its_duty(text: str, title: str) -> None:
    assert LedgerDuty(0, ("市水务局",), text).title == title


@pytest.fixture
def of(client: FlaskClient, clock: StillClock) -> Programme:
    """A programme, seen by its lead office in March 2021."""
    clock.moment = WHEN
    found = programme()
    login(client, user("office", Role.LEAD_OFFICE, found, now=WHEN), now=WHEN)
    return found


def test_the_plan_names_the_units_of_standing_tasks_under_their_own_heading(
    client: FlaskClient, of: Programme
) -> None:
    review = Review(client, of, NOTICE)
    review.send("answers", answer='["all_standing"]')
    page = client.get(review.send("adopt")).text
    assert Task.select().where(Task.standing).count() == 3
    assert max(len(task.title) for task in Task.select()) <= DUTY_TITLE
    assert "市财政局、市审计局" in page
    assert "人工补录" not in page
    assert 'colspan="8">职责<' in page


def test_a_collective_name_in_the_roster_seats_its_members() -> None:
    ledger = from_reading(read_text(NOTICE))
    collective = next(row for row in ledger.collectives if row.token == "各街道办事处")
    members = (LedgerMember("东湖街道办事处"), LedgerMember("西湖街道办事处"))
    named = ledger.with_row("collective", replace(collective, members=members, confirmed=True))
    for each in (ledger, named):
        found = consistency.check(each, EMPTY)
        assert found is not None
        assert [seat.unit for seat in found.without_member] == ["市财政局", "市审计局"]
        assert found.without_work == ()
