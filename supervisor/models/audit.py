"""The audit trail: one hash-chained row for every act, and its head."""

from __future__ import annotations

from peewee import CharField, IntegerField, TextField

from supervisor.fields import instant
from supervisor.models.base import Base


class AuditHead(Base):
    """The last sequence number and hash of the chain; one row, locked by updating it first."""

    seq = IntegerField()
    hash = CharField(max_length=64)


class AuditEntry(Base):
    """Who did what when, with the values before and after. Hash-chained; the table refuses changes."""

    seq = IntegerField(unique=True)
    at = instant(index=True)
    actor_id = IntegerField(null=True)
    actor_name = CharField(max_length=120)
    actor_unit = CharField(max_length=160, default="")
    actor_role = CharField(max_length=120, default="")
    ip = CharField(max_length=60, default="")
    request_id = CharField(max_length=40, default="")
    programme_id = IntegerField(null=True, index=True)
    action = CharField(max_length=60, index=True)
    subject_type = CharField(max_length=40)
    subject_id = IntegerField(null=True)
    outcome = CharField(max_length=20, default="done")
    before = TextField(default="")
    after = TextField(default="")
    reason = TextField(default="")
    alg = CharField(max_length=20, default="sha256")
    prev = CharField(max_length=64)
    hash = CharField(max_length=64)

    class Meta:
        indexes = ((("subject_type", "subject_id"), False),)
