"""The reminders of the next weeks before they go (未来三十天提醒预览): by day, person or robot, unit and channel.

The first day is planned by the very code that writes the reminders; later days suppose that nobody hands anything in
until then, that nobody is named or leaves but who is known to now, and that the calendar holds. What a rule will ask
for but is not made yet (next week's report) is worked out from the rule and marked as expected.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from supervisor.clock import BEIJING, beijing_date
from supervisor.core import (
    digests,
    messages,
    obligations,
    pauses,
    people,
    programmes,
    reminders,
    robot_digests,
    robot_reminders,
)
from supervisor.core.calendar import load_calendar
from supervisor.core.reminder_stages import Stage, stage_words
from supervisor.core.reminders import START_OF_DAY, Terms
from supervisor.core.workdays import Calendar
from supervisor.models import (
    Channel,
    Obligation,
    ObligationState,
    Posting,
    Programme,
    ReportingRule,
    Robot,
    Role,
    Unit,
    User,
)
from supervisor.models.base import rows_of
from supervisor.words import Sentence

#: Days looked ahead, today included.
DAYS = 30


@dataclass(frozen=True)
class Line:
    """One thing of which a person would be reminded."""

    unit_id: int
    unit_name: str
    rule_name: str
    period: str
    due_on: date
    stage: str
    #: Not made yet: it follows from the rule.
    is_expected: bool
    #: 0 for an expected one.
    obligation_id: int

    @property
    def stage_words(self) -> Sentence:
        """The stage in words."""
        return stage_words(self.stage)


@dataclass(frozen=True)
class Letter:
    """The digest that one person, or one robot's group, would get on a day from this programme by these channels."""

    receiver: User | Robot
    channels: tuple[Channel, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Day:
    """A day of the preview."""

    day: date
    is_workday: bool
    #: Every reminder of the programme is held back on it.
    is_paused: bool = False
    letters: tuple[Letter, ...] = ()

    @property
    def by_channel(self) -> dict[Channel, int]:
        """How many messages each channel would carry."""
        counts: dict[Channel, int] = defaultdict(int)
        for letter in self.letters:
            for channel in letter.channels:
                counts[channel] += 1
        return dict(counts)

    @property
    def units(self) -> int:
        """How many units would be reminded."""
        return len({line.unit_id for letter in self.letters for line in letter.lines})

    @property
    def lines(self) -> int:
        """How many reports they would be reminded of, each counted once."""
        return len(
            {(line.unit_id, line.rule_name, line.period) for one in self.letters for line in one.lines}
        )

    def of_unit(self, unit_id: int) -> Day:
        """The same day, for one unit alone."""
        letters = []
        for letter in self.letters:
            lines = tuple(line for line in letter.lines if line.unit_id == unit_id)
            if lines:
                letters.append(Letter(letter.receiver, letter.channels, lines))
        return Day(self.day, self.is_workday, self.is_paused, tuple(letters))


@dataclass
class _Owed:
    """Everything whose reminders may fall into the days looked at, and the names of what it is."""

    rows: list[Obligation]
    rule_names: dict[int, str]
    unit_names: dict[int, str]
    robots: list[Robot]
    #: Unit → who begins as its liaison or head within the days, with the day: they are told of what fell before.
    joining: dict[int, list[tuple[int, date]]] = field(default_factory=dict)
    #: Stages by row, for terms that seldom change within the days.
    cache: dict[tuple[int, int], list[Stage]] = field(default_factory=dict)

    def stages_of(self, row: Obligation, terms: Terms, calendar: Calendar) -> list[Stage]:
        key = row.id, terms.settings.id
        if key not in self.cache:
            self.cache[key] = reminders.stages_of(row, terms, calendar)
        return self.cache[key]


def coming(programme: Programme, *, now: datetime, days: int = DAYS) -> list[Day]:
    """Today and the days after it, each with what would be sent if nobody handed anything in."""
    calendar, today = load_calendar(), beijing_date(now)
    special, settings = reminders.special_rules(), programmes.settings_by_day(programme.id)
    last, held = today + timedelta(days=days - 1), pauses.pauses_of(programme, today)
    robots = [robot for robot in robot_reminders.reminding() if robot.programme_id == programme.id]
    owed = _owed(programme, Terms(settings(last), special), robots, last, now)
    begun = False
    found = []
    for number in range(days):
        day = today + timedelta(days=number)
        paused = pauses.held_on(held, day)
        letters: Sequence[Letter] = ()
        if calendar.is_workday(day) and not paused.all:
            terms = Terms(settings(day), special, paused.rules)
            moment = max(now, datetime.combine(day, START_OF_DAY, tzinfo=BEIJING))
            calls = _falling_on if begun else _written_next
            letters = _letters(calls(day, owed, terms, calendar, moment, programme.id))
            begun = True
        found.append(Day(day, calendar.is_workday(day), paused.all, tuple(letters)))
    return found


def _owed(programme: Programme, terms: Terms, robots: list[Robot], last: date, now: datetime) -> _Owed:
    latest = load_calendar().add_workdays(last, terms.longest + 1)
    rows = reminders.owed_until(programme.id, latest, terms, now)
    expected = list(obligations.expected(programme.id, last))
    for number, row in enumerate(expected, start=1):
        row.id = -number  # a key of its own; there is no such row yet
    units = {row.unit_id for row in [*rows, *expected]}
    rules = ReportingRule.select(ReportingRule.id, ReportingRule.name).where(
        ReportingRule.programme == programme
    )
    names = rows_of(Unit.select(Unit.id, Unit.name).where(Unit.id.in_(sorted(units)))) if units else []
    joining = _joining(programme, beijing_date(now), last)
    return _Owed([*rows, *expected], dict(rows_of(rules)), dict(names), robots, joining)


def _joining(programme: Programme, today: date, last: date) -> dict[int, list[tuple[int, date]]]:
    found: dict[int, list[tuple[int, date]]] = {}
    beginning = Posting.select(Posting.unit, Posting.user, Posting.valid_from).where(
        (Posting.programme == programme)
        & Posting.role.in_([Role.LIAISON, Role.UNIT_HEAD])
        & (Posting.valid_from > today)
        & (Posting.valid_from <= last)
    )
    for unit_id, user_id, begins in rows_of(beginning):
        found.setdefault(unit_id, []).append((user_id, begins))
    return found


def _written_next(
    day: date, owed: _Owed, terms: Terms, calendar: Calendar, moment: datetime, programme_id: int
) -> Iterator[tuple[User | Robot, Channel, Line]]:
    """What the next pass writes, by the code that writes it, and stages of reports expected until then."""
    by_id = {row.id: row for row in owed.rows}
    for call in reminders.plan(programme_id, terms, calendar, moment):
        if call.obligation_id in by_id:
            yield call.person, call.channel, _line(by_id[call.obligation_id], call.stage, owed)
    silent = {robot.id for robot in robot_reminders.silent_today(moment)} if owed.robots else set[int]()
    robots = [robot for robot in owed.robots if robot.id in silent]
    for robot, theirs in robot_reminders.plan(robots, programme_id, terms, calendar, moment):
        for told in theirs:
            if told.obligation.id in by_id:
                yield robot, robot.channel, _line(told.obligation, told.stage, owed)
    early = replace(owed, rows=[row for row in owed.rows if row.id < 0], cache={})
    yield from _falling_on(day, early, terms, calendar, moment, programme_id)


def _falling_on(
    day: date, owed: _Owed, terms: Terms, calendar: Calendar, moment: datetime, programme_id: int
) -> Iterator[tuple[User | Robot, Channel, Line]]:
    """What a later day writes: of each thing owed the stage that falls on this very day.

    Whoever begins by this day, and after the working day before, is told of what fell earlier as well.
    """
    falling: list[tuple[Obligation, list[Stage]]] = []
    before = calendar.add_workdays(day, -1)
    fresh = {
        unit_id: {user_id for user_id, begins in some if before < begins <= day}
        for unit_id, some in owed.joining.items()
    }
    for row in owed.rows:
        if row.rule_id in terms.paused or (
            row.state is not ObligationState.RETURNED and row.locked_at <= moment
        ):
            continue
        fallen = [stage for stage in owed.stages_of(row, terms, calendar) if stage.day <= day]
        if fallen and (fallen[-1].day == day or fresh.get(row.unit_id)):
            falling.append((row, fallen))
    units = {row.unit_id for row, _ in falling}
    if not units:
        return
    liaisons = people.liaisons_of(units, programme_id, day)
    heads = people.heads_of(units, programme_id, day)
    for row, fallen in falling:
        of_unit = liaisons.get(row.unit_id, []), heads.get(row.unit_id, [])
        for person, meant in reminders.receivers_of(row, fallen, *of_unit):
            if meant[-1].day == day or person.id in fresh.get(row.unit_id, ()):
                for channel in messages.channels_of(person):
                    yield person, channel, _line(row, meant[-1].name, owed)
    for robot in owed.robots:
        mine = robot_digests.units_of(robot, day)
        for row, fallen in falling:
            if fallen[-1].day == day and (mine is None or row.unit_id in mine):
                yield robot, robot.channel, _line(row, fallen[-1].name, owed)


def _line(row: Obligation, stage: str, owed: _Owed) -> Line:
    return Line(
        unit_id=row.unit_id, unit_name=owed.unit_names[row.unit_id], rule_name=owed.rule_names[row.rule_id],
        period=row.period, due_on=digests.due_day(row), stage=stage, is_expected=row.id < 0,
        obligation_id=max(row.id, 0),
    )  # fmt: skip


def _letters(calls: Iterable[tuple[User | Robot, Channel, Line]]) -> list[Letter]:
    """One letter a receiver, robots first, then persons by unit; the most urgent line first."""
    receivers: dict[tuple[bool, int], User | Robot] = {}
    channels: dict[Any, dict[Channel, None]] = defaultdict(dict)
    lines: dict[Any, dict[Any, Line]] = defaultdict(dict)
    for receiver, channel, line in calls:
        key = isinstance(receiver, User), receiver.id
        receivers[key] = receiver
        channels[key][channel] = None
        lines[key][line.unit_id, line.rule_name, line.period] = line
    order = sorted(
        receivers, key=lambda key: (key[0], min(line.unit_id for line in lines[key].values()), key[1])
    )
    return [
        Letter(
            receivers[key], tuple(channels[key]),
            tuple(sorted(lines[key].values(), key=lambda line: (line.due_on, line.unit_name, line.rule_name))),
        )
        for key in order
    ]  # fmt: skip
