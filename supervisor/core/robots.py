"""Robots of a programme: set up, changed, tried out, paused, resumed and revoked by its lead office.

What opens the way (key, token, address, secret) goes in and never comes out: no page, no list, no row of the
trail and no message shows it. Whoever is to change it enters it anew; revoking wipes it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from peewee import JOIN, fn

from supervisor.clock import beijing
from supervisor.config import Config
from supervisor.core import audit, messages
from supervisor.core.outbound import Blocked, Outbound, Target, Unreachable
from supervisor.core.permissions import Actor, Permission
from supervisor.core.robot_senders import key_of, outbound_of
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound, Refused, Stale
from supervisor.models import (
    ROBOT_CHANNELS,
    Audience,
    Channel,
    GroupMember,
    Message,
    MessageKind,
    MessageState,
    Programme,
    Robot,
    RobotReminder,
    RobotUnit,
    Unit,
    UnitGroup,
)
from supervisor.models.base import rows_of
from supervisor.words import LOCALES, N_, Sentence, say

#: What a robot may pass on: what concerns many. Returns and decisions are between the office and one unit.
KINDS = (MessageKind.DIGEST, MessageKind.ISSUED, MessageKind.CIRCULAR)
#: A programme keeps at most so many at once.
AT_ONCE = 40
#: Characters of a webhook's secret, at least.
SECRET_LENGTH = 16
#: Messages that a robot has not sent.
WAITING = (MessageState.NEW, MessageState.RETRY)


@dataclass(frozen=True)
class Setup:
    """What is typed when a robot is set up or changed."""

    name: str
    channel: Channel | None
    #: Key, token or address; empty when changing = as it was.
    credential: str = field(repr=False)
    secret: str = field(repr=False)
    audience: Audience | None
    group_id: int | None
    unit_ids: tuple[int, ...]
    kinds: tuple[str, ...]
    language: str
    reason: str


@dataclass(frozen=True)
class Keys:
    """What opens the way, as it will be kept."""

    credential: str = field(repr=False)
    secret: str = field(repr=False)
    host: str


class Decision(Protocol):
    """Pausing, resuming or revoking: with a reason, on record."""

    def __call__(self, robot: Robot, reason: str, *, by: Actor, now: datetime) -> None:
        """Decide it."""


def robots_of(programme: Programme) -> list[Robot]:
    """The programme's robots, those that speak first, the revoked ones last."""
    query = Robot.select(Robot, UnitGroup).join(UnitGroup, JOIN.LEFT_OUTER)
    rows = list(query.where(Robot.programme == programme).order_by(Robot.id))
    return sorted(rows, key=lambda row: (row.revoked_at is not None, row.paused_at is not None, row.id))


def last_messages(robots: Sequence[Robot]) -> dict[int, Message]:
    """The newest message of each robot, by the robot's id; one query."""
    newest = (
        Message.select(fn.MAX(Message.id))
        .where(Message.robot.in_([r.id for r in robots]))
        .group_by(Message.robot)
    )
    return {int(row.robot_id or 0): row for row in Message.select().where(Message.id.in_(newest))}


def unit_counts(robots: Sequence[Robot]) -> dict[int, int]:
    """How many units each robot with chosen units speaks of; one query."""
    mine = RobotUnit.robot.in_([robot.id for robot in robots])
    columns = (RobotUnit.robot, fn.COUNT(RobotUnit.id))
    return dict(rows_of(RobotUnit.select(*columns).where(mine).group_by(RobotUnit.robot)))


def get_robot(robot_id: int, programme: Programme) -> Robot:
    """A robot of the programme, or NotFound."""
    found: Robot | None = Robot.get_or_none((Robot.id == robot_id) & (Robot.programme == programme))
    if found is None:
        raise NotFound
    return found


def units_of(robot: Robot) -> list[int]:
    """The chosen units of a robot."""
    return [row[0] for row in rows_of(RobotUnit.select(RobotUnit.unit).where(RobotUnit.robot == robot))]


def groups_of(programme: Programme) -> list[UnitGroup]:
    """Groups of which a robot may speak: those that have members."""
    filled = GroupMember.select(GroupMember.group)
    mine = (UnitGroup.programme == programme) & UnitGroup.id.in_(filled)
    return list(UnitGroup.select().where(mine).order_by(UnitGroup.kind, UnitGroup.sort, UnitGroup.id))


def read_keys(
    setup: Setup, programme: Programme, was: Robot | None, config: Config, outbound: Outbound | None = None
) -> Keys:
    """Check what was typed and take what opens the way; asks where a webhook is, so outside of any transaction.

    Raises Invalid naming every field that is wrong. What is left empty for a robot that is changed stays.
    """
    wrong = _wrong_in(setup, programme, was)
    channel = was.channel if was else setup.channel
    credential = setup.credential.strip() or (was.credential if was else "")
    secret = setup.secret.strip() or (was.secret if was else "")
    host = ""
    if was and not setup.credential.strip() and not setup.secret.strip():
        host = was.host
    elif channel is Channel.WEBHOOK:
        way = outbound or outbound_of(config)
        # Not even the question where a host is leaves a sandbox.
        host, why = _webhook(credential, secret, way.read if config.is_sandbox else way.check)
        wrong |= why
    elif channel in ROBOT_CHANNELS and channel is not None:
        credential, why = _group_robot(channel, credential, secret, config)
        wrong |= why
    if wrong:
        raise Invalid(_NOT_SAVED, wrong)
    return Keys(credential, "" if channel is Channel.WECOM else secret, host)


_NOT_SAVED = N_("The robot was not saved.")


def _webhook(address: str, secret: str, check: Callable[[str], Target]) -> tuple[str, dict[str, Sentence]]:
    wrong: dict[str, Sentence] = {}
    host = ""
    try:
        host = check(address).shown
    except (Blocked, Unreachable) as error:
        wrong["credential"] = error.sentence
    if not _is_plain(secret) or len(secret) < SECRET_LENGTH:
        wrong["secret"] = N_(
            "At least %(n)s letters and digits, the same as in the other system.", n=SECRET_LENGTH
        )
    return host, wrong


def _group_robot(
    channel: Channel, typed: str, secret: str, config: Config
) -> tuple[str, dict[str, Sentence]]:
    wrong: dict[str, Sentence] = {}
    base = config.wecom_url if channel is Channel.WECOM else config.dingtalk_url
    credential, why = key_of(channel, typed, base)
    if why is not None:
        wrong["credential"] = why
    if channel is Channel.DINGTALK and secret and not _is_plain(secret):
        wrong["secret"] = N_("Paste the secret as DingTalk shows it; it begins with SEC.")
    return credential, wrong


def _is_plain(secret: str) -> bool:
    return len(secret) <= 200 and secret.isascii() and secret.isprintable() and " " not in secret


@transactional
def set_up(programme: Programme, setup: Setup, keys: Keys, *, by: Actor, now: datetime) -> Robot:
    """Add a robot that speaks from now on; `keys` come from `read_keys`.

    Raises Invalid naming the fields, or Refused where there are enough.
    """
    by.require(Permission.ROBOT_EDIT)
    here = Robot.select().where((Robot.programme == programme) & Robot.revoked_at.is_null())
    if here.count() >= AT_ONCE:
        raise Refused(N_("There are %(n)s robots already: revoke one first.", n=AT_ONCE))
    _check(setup, programme, None)
    row = Robot.create(
        programme=programme, channel=setup.channel, created_by=by.user_id, created_by_name=by.name,
        created_at=now, **_columns(setup, keys),
    )  # fmt: skip
    _choose_units(row, setup)
    audit.record(by, "robot.set_up", row, now=now, after=_shown(setup, keys, row), reason=row.reason)
    return row


@transactional
def change(robot: Robot, setup: Setup, keys: Keys, *, seen: int, by: Actor, now: datetime) -> None:
    """Change a robot; what waits is said as it then is. Its kind stays.

    Raises Invalid naming the fields, Refused for a revoked one, Stale where somebody was first.
    """
    by.require(Permission.ROBOT_EDIT)
    _refuse_revoked(robot)
    _check(setup, robot.programme, robot)
    before = {
        "name": robot.name,
        "audience": robot.audience,
        "kinds": robot.kinds,
        "language": robot.language,
    }
    new_keys = (keys.credential, keys.secret) != (robot.credential, robot.secret)
    still = (Robot.id == robot.id) & (Robot.version == seen) & Robot.revoked_at.is_null()
    values = {**_columns(setup, keys), "version": seen + 1, **({"held_until": None} if new_keys else {})}
    if not Robot.update(**values).where(still).execute():
        raise Stale([(N_("Name"), robot.name)], [(N_("Name"), setup.name)])
    _choose_units(robot, setup)
    after = {**_shown(setup, keys, robot), "keys": "changed" if new_keys else "as before"}
    audit.record(by, "robot.change", robot, now=now, before=before, after=after, reason=setup.reason.strip())


def _columns(setup: Setup, keys: Keys) -> dict[str, Any]:
    return {
        "name": setup.name.strip(),
        "credential": keys.credential,
        "secret": keys.secret,
        "host": keys.host,
        "audience": setup.audience,
        "group": setup.group_id if setup.audience is Audience.GROUP else None,
        "kinds": [kind.value for kind in KINDS if kind.value in setup.kinds],
        "language": setup.language,
        "reason": setup.reason.strip(),
    }


def _shown(setup: Setup, keys: Keys, robot: Robot) -> dict[str, Any]:
    """What the trail keeps of a robot: nothing that opens the way."""
    return {
        "name": setup.name.strip(),
        "channel": robot.channel,
        "host": keys.host,
        "audience": setup.audience,
        "group": setup.group_id,
        "units": sorted(setup.unit_ids) if setup.audience is Audience.UNITS else [],
        "kinds": sorted(setup.kinds),
        "language": setup.language,
    }


def _check(setup: Setup, programme: Programme, was: Robot | None) -> None:
    if wrong := _wrong_in(setup, programme, was):
        raise Invalid(_NOT_SAVED, wrong)


def _wrong_in(setup: Setup, programme: Programme, was: Robot | None) -> dict[str, Sentence]:
    """What is wrong with everything but the keys, by field."""
    wrong: dict[str, Sentence] = {}
    name = setup.name.strip()
    if not name or len(name) > 80:
        wrong["name"] = N_("Give it a name of at most 80 characters, for example that of its group.")
    elif _name_taken(name, programme, was):
        wrong["name"] = N_("There is a robot of this name already.")
    if was is None and setup.channel not in ROBOT_CHANNELS:
        wrong["channel"] = N_("Choose what kind of robot it is.")
    if setup.audience is None:
        wrong["audience"] = N_("Choose of whose reports it speaks.")
    if setup.audience is Audience.GROUP and setup.group_id not in {row.id for row in groups_of(programme)}:
        wrong["group"] = N_("Choose a group of this programme.")
    if setup.audience is Audience.UNITS and not _are_units(setup.unit_ids, programme):
        wrong["units"] = N_("Tick at least one unit.")
    if not {kind.value for kind in KINDS} & set(setup.kinds):
        wrong["kinds"] = N_("Tick at least one kind of message.")
    if setup.language not in LOCALES:
        wrong["language"] = N_("Choose the language in which it speaks.")
    if not setup.reason.strip() or len(setup.reason) > 400:
        wrong["reason"] = N_("Say why: it stays on record. At most 400 characters.")
    return wrong


def _name_taken(name: str, programme: Programme, was: Robot | None) -> bool:
    same = (Robot.programme == programme) & (Robot.name == name) & Robot.revoked_at.is_null()
    return any(row.id != (was.id if was else None) for row in Robot.select(Robot.id).where(same))


def _are_units(unit_ids: Sequence[int], programme: Programme) -> bool:
    here = Unit.select(Unit.id).where(
        Unit.id.in_(list(unit_ids)) & (Unit.jurisdiction == programme.jurisdiction_id)
    )
    return bool(unit_ids) and here.count() == len(set(unit_ids))


def _choose_units(robot: Robot, setup: Setup) -> None:
    RobotUnit.delete().where(RobotUnit.robot == robot).execute()
    if setup.audience is Audience.UNITS:
        RobotUnit.insert_many(
            [{"robot": robot.id, "unit": unit_id} for unit_id in sorted(set(setup.unit_ids))]
        ).execute()


def _refuse_revoked(robot: Robot) -> None:
    if robot.revoked_at is not None:
        raise Refused(N_("This robot was revoked; set up a new one."))


@transactional
def pause(robot: Robot, reason: str, *, by: Actor, now: datetime) -> None:
    """Let a robot be silent until it is resumed; what it has not said waits."""
    _decide(robot, "robot.pause", reason, {"paused_at": now}, by=by, now=now)


@transactional
def resume(robot: Robot, reason: str, *, by: Actor, now: datetime) -> None:
    """Let a paused robot speak again; it takes up what it has not said."""
    _decide(robot, "robot.resume", reason, {"paused_at": None, "held_until": None}, by=by, now=now)


@transactional
def revoke(robot: Robot, reason: str, *, by: Actor, now: datetime) -> None:
    """End a robot for good: its key is wiped here and what waits is cancelled."""
    gone = {"revoked_at": now, "credential": "", "secret": ""}
    _decide(robot, "robot.revoke", reason, gone, by=by, now=now)
    waiting = (Message.robot == robot) & Message.state.in_(list(WAITING))
    ids = [row[0] for row in rows_of(Message.select(Message.id).where(waiting))]
    rows = RobotReminder.message.in_(ids) & RobotReminder.cancelled_at.is_null()
    RobotReminder.update(cancelled_at=now).where(rows).execute()
    why = N_("The robot was revoked before it was sent.")
    Message.update(state=MessageState.CANCELLED, error=why.msgid).where(waiting).execute()


def _decide(
    robot: Robot, action: str, reason: str, values: dict[str, Any], *, by: Actor, now: datetime
) -> None:
    by.require(Permission.ROBOT_EDIT)
    _refuse_revoked(robot)
    if not reason.strip() or len(reason) > 400:
        raise Invalid(_NOT_SAVED, {"reason": N_("Say why: it stays on record. At most 400 characters.")})
    still = (Robot.id == robot.id) & Robot.revoked_at.is_null()
    if "paused_at" in values:
        still &= Robot.paused_at.is_null(values["paused_at"] is not None)
    done = Robot.update(**values, reason=reason.strip(), version=Robot.version + 1).where(still).execute()
    if not done:
        raise Refused(N_("Somebody else did this meanwhile."))
    after = {"name": robot.name, "channel": robot.channel}
    audit.record(by, action, robot, now=now, after=after, reason=reason.strip())


@transactional
def write_test(robot: Robot, *, by: Actor, now: datetime) -> int:
    """Write a test message, to be sent at once by `outbox.deliver_one` after this is committed; answers its id.

    Refused while the robot is held, and while its last test has not gone out: pressed often, it would all come later.
    """
    by.require(Permission.ROBOT_EDIT)
    _refuse_revoked(robot)
    if robot.held_until is not None and robot.held_until > now:
        raise Refused(
            N_(
                "The other side took no more: nothing is sent to it before %(time)s. Send the test message after that.",
                time=f"{beijing(robot.held_until):%H:%M}",
            )
        )
    waits = Message.state.in_([MessageState.NEW, MessageState.RETRY, MessageState.SENDING])
    if Message.select().where((Message.robot == robot) & (Message.kind == MessageKind.TEST) & waits).exists():
        raise Refused(N_("A test message of this robot is on its way already."))
    key = f"robot-test:{robot.id}:{secrets.token_hex(8)}"
    line = N_("%(name)s of the lead office tries out whether this group is reached.", name=by.name)
    subject = N_("Test message of “%(programme)s”", programme=robot.programme.name)
    messages.post_to_robot(
        key=key, kind=MessageKind.TEST, robot=robot, subject=say(subject, robot.language),
        body=say(line, robot.language), link=f"/p/{robot.programme_id}", now=now,
    )  # fmt: skip
    audit.record(by, "robot.try", robot, now=now, after={"name": robot.name, "channel": robot.channel})
    return int(Message.get(Message.key == key).id)
