from __future__ import annotations

import threading

import peewee
import pytest
from peewee import Database

from supervisor.core import audit
from supervisor.core.audit import Head
from supervisor.database import db, transaction
from supervisor.models import AuditEntry, AuditHead, Jurisdiction, Role, User
from tests import builders
from tests.builders import NOW


def _record(action: str = "task.change", **kwargs: object) -> Head:
    with transaction():
        return audit.record(builders.actor(), action, ("task", 1), now=NOW, **kwargs)  # type: ignore[arg-type]


def test_rows_follow_each_other_and_the_chain_holds(database: Database) -> None:
    heads = [_record(before={"title": "旧"}, after={"title": "新"}) for _ in range(3)]
    assert [head.seq for head in heads] == [1, 2, 3]
    assert audit.read_head() == heads[-1]
    assert audit.verify_chain() is None
    assert audit.verify_chain(heads) is None


def test_a_row_keeps_who_acted_as_they_were_then(database: Database) -> None:
    unit = builders.unit("市水务局")
    programme = builders.programme()
    person = builders.user("chen", name="陈晓")
    by = builders.actor(Role.LIAISON, programme, unit, person=person)
    with transaction():
        audit.record(by, "report.submit", programme, now=NOW, reason="补报")
    User.update(name="陈晓明").execute()
    row = AuditEntry.get()
    assert (row.actor_id, row.actor_name, row.actor_unit, row.actor_role) == (
        person.id,
        "陈晓",
        "市水务局",
        "liaison",
    )
    assert (row.subject_type, row.subject_id, row.programme_id, row.reason) == (
        "programme",
        programme.id,
        programme.id,
        "补报",
    )
    assert row.at == NOW


def test_secrets_never_enter_the_trail(database: Database) -> None:
    _record(after={"password_hash": "$argon2id$…", "token_hash": "ab", "name": "张"})
    assert AuditEntry.get().after == '{"name":"张","password_hash":"…","token_hash":"…"}'


def test_act_and_trace_are_one(database: Database) -> None:
    def half_an_act() -> None:
        with transaction():
            Jurisdiction.create(name="澄江市")
            audit.record(builders.actor(), "jurisdiction.create", ("jurisdiction", 1), now=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_an_act()
    assert Jurisdiction.select().count() == AuditEntry.select().count() == audit.read_head().seq == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET reason = 'x'",
        "DELETE FROM audit_entry",
        # Each of these is a word of one database only; the other refuses it as well.
        "REPLACE INTO audit_entry SELECT * FROM audit_entry",
        "TRUNCATE audit_entry",
    ],
)
def test_the_table_refuses_changes(database: Database, statement: str) -> None:
    _record()
    before = list(AuditEntry.select().dicts())
    with pytest.raises(peewee.PeeweeException), db.atomic():
        database.execute_sql(statement)
    assert list(AuditEntry.select().dicts()) == before


def _tamper(database: Database, statement: str) -> None:
    """What somebody can do who owns the file: take the triggers away first."""
    if isinstance(database, peewee.SqliteDatabase):
        database.execute_sql("DROP TRIGGER audit_entry_no_update")
        database.execute_sql("DROP TRIGGER audit_entry_no_delete")
        database.execute_sql(statement)
    else:
        database.execute_sql("SET session_replication_role = replica")
        database.execute_sql(statement)
        database.execute_sql("SET session_replication_role = DEFAULT")


@pytest.mark.parametrize(
    ("statement", "seq", "why"),
    [
        ("UPDATE audit_entry SET reason = 'x' WHERE seq = 2", 2, "changed after it was written"),
        ("DELETE FROM audit_entry WHERE seq = 2", 2, "row 2 is missing"),
        ("DELETE FROM audit_entry WHERE seq = 3", 3, "the head says 3 rows, the table holds 2"),
        (
            "UPDATE audit_entry SET at = '2020-01-01 00:00:00' WHERE seq = 1",
            1,
            "changed after it was written",
        ),
        ("UPDATE audit_entry SET prev = hash WHERE seq = 3", 3, "does not follow"),
    ],
)
def test_tampering_is_found_at_its_row(database: Database, statement: str, seq: int, why: str) -> None:
    for _ in range(3):
        _record()
    _tamper(database, statement)
    found = audit.verify_chain()
    assert found is not None
    assert found.seq == seq
    assert why in found.why


def test_a_rewritten_tail_is_found_only_by_a_head_kept_outside(database: Database) -> None:
    kept = [_record(), _record()][-1]
    _tamper(database, "DELETE FROM audit_entry WHERE seq = 2")
    first = AuditEntry.get(seq=1)
    AuditHead.update(seq=1, hash=first.hash).execute()
    assert audit.verify_chain() is None
    shortened = audit.verify_chain([kept])
    assert shortened is not None
    assert "kept outside" in shortened.why
    _record("another.story")
    rewritten = audit.verify_chain([Head(kept.seq, kept.hash[:16])])
    assert rewritten is not None
    assert rewritten.seq == 2


def test_rows_written_at_once_form_one_chain(database: Database) -> None:
    failures: list[BaseException] = []

    def write() -> None:
        try:
            with db.connection_context():
                for _ in range(10):
                    _record()
        except BaseException as error:  # noqa: BLE001 -- reported by the test
            failures.append(error)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert audit.read_head().seq == 40
    assert audit.verify_chain() is None


def test_changes_names_only_what_really_changes(database: Database) -> None:
    row = builders.unit("市水务局")
    assert audit.changes(row, name="市水务局", sort=9) == ({"sort": 1}, {"sort": 9})
