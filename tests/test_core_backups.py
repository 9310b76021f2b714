from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from peewee import Database, PostgresqlDatabase

from supervisor.config import Config
from supervisor.core import audit, backups
from supervisor.core.backups import BackupError
from supervisor.database import db, is_sqlite, open_database, sqlite3, transaction
from supervisor.models import TABLES, Assignment, AuditEntry, Task, Unit
from tests import builders
from tests.builders import NOW
from tests.databases import close


@pytest.fixture
def filled(database: Database, config: Config, database_url: str) -> Config:
    """A small installation: rows of many kinds, an attachment, a trail."""
    office = builders.programme()
    unit = builders.unit("市水务局")
    task = builders.task(builders.plan(office), "硚口 槺 “引号” \\ 换行\n两行")
    link = builders.assignment(task, unit)
    builders.entry(builders.obligation(unit, office), link)
    builders.user("chen")
    with transaction():
        audit.record(builders.actor(), "task.change", task, now=NOW, after={"title": task.title})
    kept = config.data / "files" / "ab" / ("ab" * 32)
    kept.parent.mkdir(parents=True)
    kept.write_bytes("佐证材料".encode())
    (config.data / "mode").write_text("trial", encoding="ascii")
    return replace(config, database_url=database_url)


@pytest.fixture
def other(filled: Config, request: pytest.FixtureRequest, tmp_path: Path) -> Config:
    """An empty place for the way back, of the same kind."""
    url = "" if is_sqlite() else request.getfixturevalue("postgres").new_database()
    return replace(filled, data=tmp_path / "other", database_url=url)


def content() -> dict[str, list[object]]:
    return {model.__name__: list(model.select().order_by(model.id).dicts()) for model in TABLES}


def test_the_way_back_gives_the_same_rows_files_and_head(
    filled: Config, other: Config, tmp_path: Path
) -> None:
    before = content()
    manifest = backups.backup(tmp_path / "copy", config=filled, now=NOW)
    assert manifest.rows >= 10
    restored = backups.restore(tmp_path / "copy", config=other)
    assert restored == manifest
    database = open_database(other.url)
    with database.connection_context():
        assert content() == before
        assert audit.read_head() == manifest.head
        assert audit.verify_chain() is None
        assert Unit.create(jurisdiction=1, name="后来的").id == 2, "numbers go on where they were"
        with pytest.raises(Exception, match="append-only"):
            AuditEntry.delete().execute()
    assert (other.data / "files" / "ab" / ("ab" * 32)).read_text(encoding="utf-8") == "佐证材料"
    assert (other.data / "mode").read_text(encoding="ascii") == "trial"
    assert not (tmp_path / "copy" / "secret").exists()
    close(database)


def test_a_backup_is_itself_an_act(filled: Config, tmp_path: Path) -> None:
    manifest = backups.backup(tmp_path / "copy", config=filled, now=NOW)
    last = AuditEntry.select().order_by(AuditEntry.seq.desc()).get()
    assert (last.action, last.seq) == ("backup.make", manifest.head.seq + 1)


def test_a_target_with_something_in_it_is_refused(filled: Config, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "other.txt").write_text("x", encoding="ascii")
    with pytest.raises(BackupError, match="not empty"):
        backups.backup(tmp_path / "copy", config=filled, now=NOW)


def test_only_an_empty_place_takes_a_backup(filled: Config, other: Config, tmp_path: Path) -> None:
    backups.backup(tmp_path / "copy", config=filled, now=NOW)
    other.data.mkdir()
    (other.data / "something").write_text("x", encoding="ascii")
    with pytest.raises(BackupError, match="not empty"):
        backups.restore(tmp_path / "copy", config=other)
    with pytest.raises(BackupError, match=r"exists|has tables"):
        backups.restore(
            tmp_path / "copy", config=replace(filled, data=tmp_path / "third", database_url=filled.url)
        )


def change_a_file(copy: Path) -> None:
    path = copy / "files" / "ab" / ("ab" * 32)
    path.write_bytes(path.read_bytes()[:-1] + b"x")


def lose_a_file(copy: Path) -> None:
    shutil.rmtree(copy / "files")


def add_a_file(copy: Path) -> None:
    (copy / "files" / "ab" / "more").write_text("x", encoding="ascii")


def lose_the_manifest(copy: Path) -> None:
    (copy / "manifest.json").unlink()


def _rehash(copy: Path, **claims: object) -> None:
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"] = dict(backups._hashes(copy))
    manifest.update(claims)
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def rewrite_history(copy: Path) -> None:
    """A careful forger: changes a row of the trail and mends the hashes of the manifest."""
    if (copy / "dukao.db").exists():
        connection = sqlite3.connect(str(copy / "dukao.db"))
        connection.execute("DROP TRIGGER audit_entry_no_update")
        connection.execute("UPDATE audit_entry SET actor_name = '别人'")
        connection.commit()
        connection.close()
    else:
        path = copy / "tables" / "audit_entry.jsonl"
        path.write_text(path.read_text(encoding="utf-8").replace("测试员", "别人"), encoding="utf-8")
    _rehash(copy)


def claim_another_head(copy: Path) -> None:
    _rehash(copy, audit_head={"seq": 1, "hash": "f" * 64})


def claim_another_format(copy: Path) -> None:
    _rehash(copy, format=99)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (change_a_file, "was changed"),
        (lose_a_file, "lacks its file"),
        (add_a_file, "not in its manifest"),
        (lose_the_manifest, "no manifest"),
        (rewrite_history, "does not hold"),
        (claim_another_head, "audit head"),
        (claim_another_format, "format 99"),
    ],
)
def test_a_damaged_backup_is_refused_and_leaves_nothing_behind(
    filled: Config, other: Config, tmp_path: Path, damage: Callable[[Path], None], why: str
) -> None:
    backups.backup(tmp_path / "copy", config=filled, now=NOW)
    damage(tmp_path / "copy")
    with pytest.raises(BackupError, match=why):
        backups.restore(tmp_path / "copy", config=other)
    assert not other.data.exists() or list(other.data.iterdir()) == []
    if not other.url.startswith("sqlite"):
        database = open_database(other.url)
        with database.connection_context():
            assert database.get_tables() == []
        close(database)


def test_kinds_of_database_are_not_mixed(filled: Config, tmp_path: Path) -> None:
    backups.backup(tmp_path / "copy", config=filled, now=NOW)
    url = "postgresql://x@localhost/x" if is_sqlite() else f"sqlite:///{tmp_path / 'x.db'}"
    with pytest.raises(BackupError, match="the backup is of"):
        backups.restore(tmp_path / "copy", config=replace(filled, data=tmp_path / "other", database_url=url))


def test_copies_made_under_writes_are_whole_where_plain_copies_are_not(
    database: Database, config: Config, database_url: str, tmp_path: Path
) -> None:
    """Each act writes a task and its link in one transaction; a whole copy holds as many of the one as of the other."""
    unit = builders.unit("市水务局")
    plan = builders.plan(builders.programme())
    stop = threading.Event()

    def write() -> None:
        with db.connection_context():
            while not stop.is_set():
                with transaction():
                    builders.assignment(builders.task(plan, "加装电梯" * 40), unit)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    torn = 0
    try:
        for number in range(4):
            acked = Task.select().count()
            folder = tmp_path / f"copy{number}"
            manifest = backups.backup(folder, config=replace(config, database_url=database_url), now=NOW)
            assert manifest.tables["task"] == manifest.tables["assignment"] >= acked
            torn += _plain_copy_is_torn(database, tmp_path / f"plain{number}.db", acked)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    if not isinstance(database, PostgresqlDatabase):
        assert torn > 0, "the control: a plain copy of the file misses what is in the log"
    assert Assignment.select().count() == Task.select().count()


def _plain_copy_is_torn(database: Database, target: Path, acked: int) -> bool:
    if isinstance(database, PostgresqlDatabase):
        return False
    # Only the main file, read by another process: opening it in this one would drop SQLite's locks.
    import subprocess

    subprocess.run(["cp", str(database.database), str(target)], check=True)
    connection = sqlite3.connect(str(target))
    try:
        return bool(connection.execute("SELECT count(*) FROM task").fetchone()[0] < acked)
    except sqlite3.DatabaseError:
        return True
    finally:
        connection.close()
