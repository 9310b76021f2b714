"""Sandboxes (沙盘): copies of a programme with a clock of their own, in which an office plays ahead."""

from __future__ import annotations

from peewee import CharField, ForeignKeyField, IntegerField

from supervisor.fields import instant
from supervisor.models.base import Base
from supervisor.models.registers import Programme


class Sandbox(Base):
    """A copy of a programme. Its rows, files and clock lie in a folder of its own; nothing of it is here."""

    programme = ForeignKeyField(Programme, backref="sandboxes")
    programme_id: int
    name = CharField(max_length=120)
    #: Name of its folder and part of its address; 128 random bits, so that nobody guesses it.
    key = CharField(max_length=32, unique=True)
    starts_at = instant()
    created_by = IntegerField()
    created_by_name = CharField(max_length=120)
    created_at = instant()
    ended_at = instant(null=True)
