"""People who sign in, their posts in programmes, their sessions and one-time links."""

from __future__ import annotations

import enum
from datetime import date

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField

from supervisor.fields import DayField, choice, instant
from supervisor.models.base import Base
from supervisor.models.registers import Programme, Unit
from supervisor.words import N_, Sentence


class Role(enum.StrEnum):
    """What a person is in a programme (D15)."""

    LEAD_OFFICE = "lead_office"
    LIAISON = "liaison"
    UNIT_HEAD = "unit_head"
    ASSESSOR = "assessor"
    INSPECTOR = "inspector"
    JUDGE = "judge"
    LEADER = "leader"

    @property
    def label(self) -> Sentence:
        """The role in words."""
        return ROLE_LABELS[self]


ROLE_LABELS = {
    Role.LEAD_OFFICE: N_("Lead office"),
    Role.LIAISON: N_("Liaison officer"),
    Role.UNIT_HEAD: N_("Unit head"),
    Role.ASSESSOR: N_("Assessor"),
    Role.INSPECTOR: N_("Inspector"),
    Role.JUDGE: N_("Judge"),
    Role.LEADER: N_("Leader"),
}


class AdminRole(enum.StrEnum):
    """The three administrators of an installation; they exclude each other and have no business rights."""

    SYSTEM = "system"
    SECURITY = "security"
    AUDIT = "audit"
    #: Demo only: one person shows all three.
    ALL = "all"

    @property
    def label(self) -> Sentence:
        """The role in words."""
        return ADMIN_ROLE_LABELS[self]


ADMIN_ROLE_LABELS = {
    AdminRole.SYSTEM: N_("System administrator"),
    AdminRole.SECURITY: N_("Security administrator"),
    AdminRole.AUDIT: N_("Audit administrator"),
    AdminRole.ALL: N_("Administrator (demo)"),
}


class User(Base):
    """A person. Never deleted: `active` ends the right to sign in, what they did keeps their name."""

    username = CharField(max_length=80, unique=True)
    name = CharField(max_length=80)
    post = CharField(max_length=120, default="")
    email = CharField(max_length=200, default="")
    phone = CharField(max_length=40, default="")
    #: argon2id; None until the person has used their one-time link.
    password_hash = CharField(max_length=200, null=True)
    #: zh_CN or en; None = the browser's choice.
    language = CharField(max_length=8, null=True)
    admin_role = choice(AdminRole, null=True)
    active = BooleanField(default=True)
    is_demo = BooleanField(default=False)
    created_at = instant()
    password_changed_at = instant(null=True)


class Posting(Base):
    """A person's role in a programme for a while (任职). `programme` None: may found programmes."""

    user = ForeignKeyField(User, backref="postings")
    user_id: int
    programme = ForeignKeyField(Programme, null=True, backref="postings")
    programme_id: int | None
    role = choice(Role)
    #: For liaison and unit head.
    unit = ForeignKeyField(Unit, null=True, backref="postings")
    unit_id: int | None
    #: A liaison officer's rank, from the programme's list (E-13); empty = not stated.
    rank = CharField(max_length=40, default="")
    valid_from = DayField()
    #: Last day, inclusive; None = still.
    valid_to = DayField(null=True)
    #: The post of the absent person for whom this one is held (代理); None = a post of one's own.
    stands_in_for = ForeignKeyField("self", null=True, backref="stand_ins")
    stands_in_for_id: int | None
    #: Why somebody stands in.
    reason = CharField(max_length=200, default="")

    class Meta:
        indexes = ((("programme", "role"), False), (("unit", "role"), False))

    def is_valid_on(self, day: date) -> bool:
        """Whether the post is held on this day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class LoginSession(Base):
    """A sign-in that the server can end. The cookie holds a token; only its hash is kept."""

    token_hash = CharField(max_length=64, unique=True)
    user = ForeignKeyField(User, backref="sessions")
    user_id: int
    created_at = instant()
    last_seen_at = instant()
    ip = CharField(max_length=60, default="")
    agent = CharField(max_length=200, default="")
    ended_at = instant(null=True)
    end_reason = CharField(max_length=40, default="")


class LoginAttempt(Base):
    """One attempt to sign in; the throttle counts these, so it works across processes."""

    username = CharField(max_length=80, index=True)
    ip = CharField(max_length=60, index=True)
    at = instant(index=True)
    succeeded = BooleanField()


class LinkPurpose(enum.StrEnum):
    """What a one-time link is for."""

    INVITE = "invite"
    RESET = "reset"


class OneTimeLink(Base):
    """A link by which a person sets their password: valid once and for a while. Only its hash is kept."""

    token_hash = CharField(max_length=64, unique=True)
    user = ForeignKeyField(User, backref="links")
    user_id: int
    purpose = choice(LinkPurpose)
    created_at = instant()
    expires_at = instant()
    used_at = instant(null=True)
    created_by = IntegerField(null=True)


class IdempotencyKey(Base):
    """A form's key and what came of it: a replayed form gives the first answer, not a second effect."""

    user_id = IntegerField()
    key = CharField(max_length=64)
    fingerprint = CharField(max_length=64)
    answer = CharField(max_length=400, default="")
    at = instant(index=True)

    class Meta:
        indexes = ((("user_id", "key"), True),)
