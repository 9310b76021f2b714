"""Backup while people work, and the way back into an empty place.

A backup is a folder: the database (SQLite: a copy by the online backup; PostgreSQL: one file of JSON lines a
table, all from one snapshot), the attachments, and a manifest with every file's hash and the audit head. The
manifest is written last: a folder without one is no backup. Database before files: a file is always on disk
before its row, so no row of the copy can miss its file.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from peewee import Database, PostgresqlDatabase
from playhouse.migrations import Runner

from supervisor.config import Config
from supervisor.core import audit
from supervisor.core.audit import Head
from supervisor.core.permissions import SYSTEM
from supervisor.database import MIGRATIONS, copy_sqlite, db, is_sqlite, open_database, sqlite3, transaction
from supervisor.models import TABLES

FORMAT = 1
MANIFEST = "manifest.json"
SQLITE_COPY = "dukao.db"
#: What else makes the place: its kind and its trial clock. Not the secret: it signs open forms, nothing kept.
SMALL_FILES = ("mode", "clock.json")
ROWS_AT_ONCE = 500


class BackupError(Exception):
    """The backup or restore cannot be done; says why in one line."""


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: kind of database, migrations it had, rows a table, hash of each file, audit head."""

    made_at: datetime
    kind: str
    migrations: tuple[str, ...]
    tables: dict[str, int]
    files: dict[str, str]
    head: Head

    @property
    def rows(self) -> int:
        """Rows of all tables together."""
        return sum(self.tables.values())


def backup(target: Path, *, config: Config, now: datetime) -> Manifest:
    """Write a consistent copy of database and files into `target`, new or empty; others may go on writing.

    Raises BackupError where `target` holds something or the copy is not whole.
    """
    if target.exists() and any(target.iterdir()):
        raise BackupError(f"{target} is not empty; a backup never mixes with anything")
    target.mkdir(parents=True, exist_ok=True)
    migrations = tuple(row.name for row in Runner(db.obj, str(MIGRATIONS)).status() if row.applied)
    if is_sqlite():
        copy_sqlite(db.obj, target / SQLITE_COPY)
        tables, head = _look_into(target / SQLITE_COPY)
    else:
        tables, head = _dump(target / "tables")
    for name in SMALL_FILES:
        if (config.data / name).exists():
            shutil.copyfile(config.data / name, target / name)
    if (config.data / "files").exists():
        shutil.copytree(config.data / "files", target / "files")
    kind = "sqlite" if is_sqlite() else "postgresql"
    manifest = Manifest(now, kind, migrations, tables, dict(_hashes(target)), head)
    _write_manifest(target, manifest)
    with transaction():
        audit.record(
            SYSTEM, "backup.make", ("backup", None), now=now, after={"head": str(head), "rows": manifest.rows}
        )
    return manifest


def restore(source: Path, *, config: Config) -> Manifest:
    """Bring a backup into an empty place, after checking every hash, the database itself and the audit chain.

    The place is `config.data` (absent or empty) and the database of `config.url` (absent or without tables),
    of the same kind. Nothing is left behind where a check fails. Raises BackupError with the reason.
    """
    manifest = read_manifest(source)
    _check_files(source, manifest)
    kind = "sqlite" if config.url.startswith("sqlite") else "postgresql"
    if manifest.kind != kind:
        raise BackupError(f"the backup is of {manifest.kind}, this place has {kind}")
    if config.data.exists() and any(entry.name != "secret" for entry in config.data.iterdir()):
        raise BackupError(f"{config.data} is not empty; restore into a new place")
    config.data.mkdir(parents=True, exist_ok=True)
    if kind == "sqlite":
        _restore_sqlite(source, config, manifest)
    else:
        _restore_postgres(source, config, manifest)
    for name in SMALL_FILES:
        if (source / name).exists():
            shutil.copyfile(source / name, config.data / name)
    if (source / "files").exists():
        shutil.copytree(source / "files", config.data / "files")
    return manifest


# ---- manifest


def read_manifest(source: Path) -> Manifest:
    """The manifest of a backup; BackupError where there is none that can be read."""
    try:
        kept = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
        if kept["format"] != FORMAT:
            raise BackupError(f"the backup has format {kept['format']}; this version reads {FORMAT}")
        return Manifest(
            datetime.fromisoformat(kept["made_at"]),
            kept["kind"],
            tuple(kept["migrations"]),
            kept["tables"],
            kept["files"],
            Head(kept["audit_head"]["seq"], kept["audit_head"]["hash"]),
        )
    except FileNotFoundError:
        raise BackupError(f"{source} holds no {MANIFEST}: no backup, or one that was interrupted") from None
    except (KeyError, TypeError, ValueError) as error:
        raise BackupError(f"the manifest in {source} cannot be read: {error!r}") from None


def _write_manifest(target: Path, manifest: Manifest) -> None:
    text = json.dumps(
        {
            "format": FORMAT,
            "made_at": manifest.made_at.astimezone(UTC).isoformat(),
            "kind": manifest.kind,
            "migrations": manifest.migrations,
            "tables": manifest.tables,
            "files": manifest.files,
            "audit_head": {"seq": manifest.head.seq, "hash": manifest.head.hash},
        },
        ensure_ascii=False,
        indent=1,
    )
    beside = target / f"{MANIFEST}.new"
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(target / MANIFEST)


def _hashes(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != MANIFEST:
            yield path.relative_to(folder).as_posix(), _hash(path)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_files(source: Path, manifest: Manifest) -> None:
    found = dict(_hashes(source))
    for name, expected in manifest.files.items():
        if name not in found:
            raise BackupError(f"the backup lacks its file {name}")
        if found[name] != expected:
            raise BackupError(f"the backup's file {name} was changed after it was made")
    strange = sorted(set(found) - set(manifest.files))
    if strange:
        raise BackupError(f"the backup holds a file that is not in its manifest: {strange[0]}")


# ---- SQLite


def _look_into(copy: Path) -> tuple[dict[str, int], Head]:
    """Rows a table and audit head of a copied file, after SQLite's own check of it."""
    connection = sqlite3.connect(str(copy))
    try:
        # The copy shall be one file that anybody may read without making others beside it.
        connection.execute("PRAGMA journal_mode = delete")
        (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
        if verdict != "ok":
            raise BackupError(f"the copy is damaged: {verdict}")
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        ours = sorted(name for name in names if not name.startswith("sqlite_"))
        tables = {name: _one(connection, f'SELECT count(*) FROM "{name}"')[0] for name in ours}
        seq, head = _one(connection, "SELECT seq, hash FROM audit_head")
    finally:
        connection.close()
    return tables, Head(seq, head)


def _one(connection: Any, statement: str) -> Any:
    return connection.execute(statement).fetchone()


def _restore_sqlite(source: Path, config: Config, manifest: Manifest) -> None:
    final = Path(config.url.removeprefix("sqlite:///"))
    if final.exists():
        raise BackupError(f"{final} exists; restore into a new place")
    final.parent.mkdir(parents=True, exist_ok=True)
    trial = final.with_suffix(".restoring")
    shutil.copyfile(source / SQLITE_COPY, trial)
    try:
        tables, head = _look_into(trial)
        if (tables, head) != (manifest.tables, manifest.head):
            raise BackupError("rows or audit head of the copy are not those of its manifest")
        database = open_database(f"sqlite:///{trial}")
        with database.connection_context():
            _check_content(database, manifest)
            database.execute_sql("PRAGMA journal_mode = delete")
        trial.replace(final)
    finally:
        for path in final.parent.glob(f"{trial.name}*"):
            path.unlink()


def _check_content(database: Database, manifest: Manifest) -> None:
    broken = audit.verify_chain([manifest.head])
    if broken:
        raise BackupError(f"the audit trail of the backup does not hold: {broken.why}")
    if not isinstance(database, PostgresqlDatabase):
        orphan = database.execute_sql("PRAGMA foreign_key_check").fetchone()
        if orphan:
            raise BackupError(f"a row of {orphan[0]} refers to a row of {orphan[2]} that is not there")


# ---- PostgreSQL


def _dump(folder: Path) -> tuple[dict[str, int], Head]:
    """Every table as JSON lines, from one snapshot."""
    folder.mkdir()
    tables = {}
    with db.obj.atomic(isolation_level="REPEATABLE READ"):
        head = audit.read_head()
        for model in TABLES:
            name = model._meta.table_name  # noqa: SLF001 -- Peewee's public name for a table
            # A named cursor streams: the memory needed does not grow with the table.
            cursor = db.obj.connection().cursor(name="backup")
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{name}" t ORDER BY id')
            count = 0
            with (folder / f"{name}.jsonl").open("w", encoding="utf-8", newline="\n") as file:
                for (line,) in cursor:
                    file.write(f"{line}\n")
                    count += 1
            cursor.close()
            tables[name] = count
    return tables, head


def _restore_postgres(source: Path, config: Config, manifest: Manifest) -> None:
    database = open_database(config.url)
    try:
        _fill_postgres(database, source, manifest)
    finally:
        database.close_idle()  # type: ignore[attr-defined]  # every PostgreSQL database of ours is pooled


def _fill_postgres(database: Database, source: Path, manifest: Manifest) -> None:
    with database.connection_context():
        if database.get_tables():
            raise BackupError("the database has tables already; restore into a new one")
        with database.atomic():  # DDL included: where a check fails the database is empty again
            # The schema that the rows were written under; a later start brings it up to date.
            Runner(database, str(MIGRATIONS)).up(manifest.migrations[-1])
            database.execute_sql("DELETE FROM audit_head")
            for name, count in manifest.tables.items():
                _load(database, source / "tables" / f"{name}.jsonl", name, count)
            if audit.read_head() != manifest.head:
                raise BackupError("the audit head of the copy is not that of its manifest")
            _check_content(database, manifest)


def _load(database: Database, path: Path, name: str, count: int) -> None:
    insert = f'INSERT INTO "{name}" SELECT * FROM json_populate_recordset(NULL::"{name}", %s::json)'
    loaded = 0
    with path.open(encoding="utf-8", newline="\n") as file:
        while lines := [line for _, line in zip(range(ROWS_AT_ONCE), file, strict=False)]:
            database.execute_sql(insert, (f"[{','.join(lines)}]",))
            loaded += len(lines)
    if loaded != count:
        raise BackupError(f"{name} has {loaded} rows in the copy and {count} in its manifest")
    database.execute_sql(
        f"SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), GREATEST((SELECT max(id) FROM \"{name}\"), 1), "
        f'(SELECT count(*) > 0 FROM "{name}"))'
    )
