"""Mail and group messages wait at night; the inbox does not (issue 5)."""

from __future__ import annotations

from datetime import datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from peewee import Database

from supervisor.clock import BEIJING, beijing
from supervisor.core import outbox, programmes
from supervisor.core.quiet_hours import quiet_end
from supervisor.models import Channel, Message, MessageState, Role
from tests import builders as b
from tests.test_core_messages import Recorder, tell

TIMES = st.times(timezones=st.none())


@pytest.mark.parametrize(
    ("first", "last", "moment", "end"),
    [
        (time(20), time(8), "2021-06-11 19:59", None),
        (time(20), time(8), "2021-06-11 20:00", "2021-06-12 08:00"),
        (time(20), time(8), "2021-06-12 00:00", "2021-06-12 08:00"),
        (time(20), time(8), "2021-06-12 07:59", "2021-06-12 08:00"),
        (time(20), time(8), "2021-06-12 08:00", None),
        (time(12), time(14), "2021-06-12 13:00", "2021-06-12 14:00"),
        (time(12), time(14), "2021-06-12 20:00", None),
        (time(8), time(8), "2021-06-12 08:00", None),
        (time(22), time(0), "2021-06-12 23:00", "2021-06-13 00:00"),
    ],
)
def test_quiet_hours_end_on_the_right_day(first: time, last: time, moment: str, end: str | None) -> None:
    assert quiet_end(first, last, b.at(moment)) == (b.at(end) if end else None)


@given(first=TIMES, last=TIMES, now=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)))
def test_after_their_end_they_never_hold_on(first: time, last: time, now: datetime) -> None:
    end = quiet_end(first, last, now.replace(tzinfo=BEIJING))
    if end is not None:
        assert end > now.replace(tzinfo=BEIJING)
        assert beijing(end).time() == last
        assert quiet_end(first, last, end) is None


def test_what_is_told_at_night_is_in_the_inbox_at_once_and_mailed_in_the_morning(database: Database) -> None:
    night, morning = b.at("2021-06-11 23:00"), b.at("2021-06-12 08:00")
    person = b.user("zhang")
    tell(person, now=night)
    recorder = Recorder()
    assert Message.get(Message.channel == Channel.INBOX).state is MessageState.SENT
    outbox.deliver(recorder, night)
    assert recorder.sent == []
    outbox.deliver(recorder, morning)
    assert len(recorder.sent) == 1


def test_a_programme_sets_its_own_quiet_hours_or_none(database: Database) -> None:
    programme = b.programme()
    programmes.change_settings(
        programme, {"quiet_from": time(8), "quiet_until": time(8)}, valid_from=b.NOW.date(), reason="值班",
        by=b.actor(Role.LEAD_OFFICE, programme), now=b.NOW,
    )  # fmt: skip
    tell(b.user("zhang", Role.LEADER, programme), now=b.at("2021-06-11 23:00"), programme_id=programme.id)
    recorder = Recorder()
    outbox.deliver(recorder, b.at("2021-06-11 23:01"))
    assert len(recorder.sent) == 1
