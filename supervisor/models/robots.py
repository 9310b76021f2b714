"""Robots: a programme's ways into a chat group or another system, with what each may say and of whom."""

from __future__ import annotations

import enum

from peewee import CharField, ForeignKeyField, IntegerField, TextField

from supervisor.fields import choice, instant, json_text
from supervisor.models.base import Base
from supervisor.models.channels import Channel
from supervisor.models.registers import Programme, Unit, UnitGroup
from supervisor.words import N_, Sentence


class Audience(enum.StrEnum):
    """Of whose reports a robot speaks."""

    PROGRAMME = "programme"
    GROUP = "group"
    UNITS = "units"

    @property
    def label(self) -> Sentence:
        """The audience in words."""
        return AUDIENCE_LABELS[self]


AUDIENCE_LABELS = {
    Audience.PROGRAMME: N_("All units of the programme"),
    Audience.GROUP: N_("A group of units"),
    Audience.UNITS: N_("Chosen units"),
}


class Robot(Base):
    """A robot of a programme. Its credential and secret are never shown, logged or written to the trail."""

    programme = ForeignKeyField(Programme, backref="robots")
    programme_id: int
    name = CharField(max_length=80)
    channel = choice(Channel)
    #: WeCom: the key; DingTalk: the access token; webhook: the whole address, which may hold a key. Empty = revoked.
    credential = TextField()
    #: DingTalk: the signing secret (SEC…); webhook: signs the body; WeCom: none.
    secret = TextField(default="")
    #: Host of a webhook, for lists and for what is down; empty for the others, whose host is a setting.
    host = CharField(max_length=255, default="")
    audience = choice(Audience, default=Audience.PROGRAMME)
    group = ForeignKeyField(UnitGroup, null=True, backref="+")
    group_id: int | None
    #: Kinds of messages that it passes on.
    kinds = json_text(default=list)
    #: zh_CN or en.
    language = CharField(max_length=8)
    paused_at = instant(null=True)
    revoked_at = instant(null=True)
    #: Why it speaks, is paused or was revoked: the last decision's words.
    reason = CharField(max_length=400, default="")
    #: The other side said "too many": nothing goes out before this moment.
    held_until = instant(null=True)
    version = IntegerField(default=1)
    created_by = IntegerField()
    created_by_name = CharField(max_length=80)
    created_at = instant()

    class Meta:
        indexes = ((("programme", "revoked_at"), False),)


class RobotUnit(Base):
    """A unit of whose reports a robot with chosen units speaks."""

    robot = ForeignKeyField(Robot, backref="units")
    robot_id: int
    unit = ForeignKeyField(Unit, backref="+")
    unit_id: int

    class Meta:
        indexes = ((("robot", "unit"), True),)
