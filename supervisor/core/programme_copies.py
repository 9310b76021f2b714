"""A programme's rows copied into another database, under the same numbers, and nothing of any other programme.

Which rows belong is read from the references: a row goes along when everything it points to goes along. Tables
without references are named here, so that a new table is a question and not an accident (a test asks it).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from peewee import Database, ForeignKeyField, chunked

from supervisor.database import visiting
from supervisor.models import (
    TABLES,
    Appeal,
    AuditEntry,
    AuditHead,
    Base,
    CalendarDate,
    CalendarDecision,
    CalendarFeed,
    CalendarYear,
    DraftedPaper,
    IdempotencyKey,
    Jurisdiction,
    Lease,
    LoginAttempt,
    LoginSession,
    OneTimeLink,
    Posting,
    Programme,
    Publication,
    Robot,
    Sandbox,
    ScoreCorrection,
    ScoreLine,
    ScorePeriod,
    ScoreRun,
    Standing,
    Tick,
    Unit,
    User,
)
from supervisor.models.base import rows_of

#: Belongs to the installation or to a sign-in: never copied. The audit trail is a chain and cannot be cut.
#: Robots stay behind with their keys: nothing that speaks to a real group goes into a sandbox.
#: Scores are worked out anew inside: a copy must not show the office what the assessor has not published (D16).
LEFT: frozenset[type[Base]] = frozenset(
    {
        AuditEntry, AuditHead, CalendarFeed, IdempotencyKey, Lease, LoginAttempt, LoginSession, OneTimeLink, Sandbox,
        Tick, Robot, ScorePeriod, ScoreRun, ScoreLine, Standing, Appeal, ScoreCorrection,
        Publication, DraftedPaper,
    }
)  # fmt: skip
#: Known to every programme: copied whole.
WHOLE: frozenset[type[Base]] = frozenset({CalendarYear, CalendarDate, CalendarDecision})
#: Where a copy begins.
ROOTS: frozenset[type[Base]] = frozenset({Programme, Jurisdiction, Unit})
#: Rows read and written at a time; old SQLite takes at most 999 values in one statement.
READ, VALUES = 900, 900


def copy_programme(programme: Programme, target: Database) -> dict[str, int]:
    """Copy the programme from the database in force into `target`, an empty one of the same schema.

    People lose password, administration, mail address and telephone: nobody signs in there and nothing goes out.
    Answers how many rows of each table went. `target` must be connected.
    """
    kept: dict[type[Base], set[int]] = {}
    counts: dict[str, int] = {}
    for table in ordered():
        ids = sorted(_ids(table, programme, kept))
        kept[table] = set(ids)
        for rows in _rows(table, ids):
            _write(table, rows, target)
        counts[table.__name__] = len(ids)
    with visiting(target):
        User.update(password_hash=None, admin_role=None, email="", phone="").execute()
    return counts


def ordered() -> tuple[type[Base], ...]:
    """The tables that are copied; people after their posts are known, references before what refers to them."""
    return tuple(table for table in TABLES if table not in LEFT)


def _ids(table: type[Base], programme: Programme, kept: dict[type[Base], set[int]]) -> Iterable[int]:
    if table in WHOLE:
        return [row[0] for row in rows_of(table.select(table.id))]
    if table is Programme:
        return [programme.id]
    if table is Jurisdiction:
        return [programme.jurisdiction_id]
    if table is Unit:
        return [
            row[0]
            for row in rows_of(Unit.select(Unit.id).where(Unit.jurisdiction == programme.jurisdiction_id))
        ]
    if table is User:
        here = Posting.select(Posting.user).where(Posting.programme == programme)
        return [row[0] for row in rows_of(User.select(User.id).where(User.id.in_(here)))]
    return _referring(table, programme, kept)


def _referring(table: type[Base], programme: Programme, kept: dict[type[Base], set[int]]) -> Iterable[int]:
    references = [
        field for field in table._meta.sorted_fields  # noqa: SLF001 -- Peewee's way to ask a table for its columns
        if isinstance(field, ForeignKeyField) and field.rel_model is not table
    ]  # fmt: skip
    query = table.select(table.id, *references)
    own = next((field for field in references if field.rel_model is Programme), None)
    if own is not None:
        query = query.where(own == programme.id)
    for key, *values in rows_of(query):
        pairs = zip(references, values, strict=True)
        if all(value is None or value in kept.get(field.rel_model, set()) for field, value in pairs):
            yield key


def _rows(table: type[Base], ids: list[int]) -> Iterator[list[dict[str, Any]]]:
    for some in chunked(ids, READ):
        query: Any = table.select().where(table.id.in_(some)).order_by(table.id).dicts()
        yield list(query)


def _write(table: type[Base], rows: list[dict[str, Any]], target: Database) -> None:
    if not rows:
        return
    with visiting(target), target.atomic():
        for some in chunked(rows, max(VALUES // len(rows[0]), 1)):
            table.insert_many(some).execute()
