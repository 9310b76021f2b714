"""What a database really looks like, read from its own catalogue, in one comparable form."""

from __future__ import annotations

import re

from peewee import Database, SqliteDatabase

CHECK = re.compile(r'CONSTRAINT "?(\w+)"? CHECK \(((?:[^()]|\([^()]*\))*)\)', re.IGNORECASE)


def describe(database: Database) -> set[tuple[str, ...]]:
    """Columns, keys, indexes and checks of every table but the history of migrations."""
    rows = _sqlite(database) if isinstance(database, SqliteDatabase) else _postgres(database)
    return {row for row in rows if row[1] != "schema_migration"}


def _sqlite(database: Database) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    tables = database.execute_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    for table, sql in tables:
        for _, name, kind, notnull, default, key in database.execute_sql(
            f'PRAGMA table_info("{table}")'
        ).fetchall():
            found.add(("column", table, name, kind, f"notnull={notnull}", f"default={default}", f"key={key}"))
        for row in database.execute_sql(f'PRAGMA foreign_key_list("{table}")').fetchall():
            found.add(("reference", table, *(str(part) for part in row[2:])))
        for row in database.execute_sql(f'PRAGMA index_list("{table}")').fetchall():
            columns = database.execute_sql(f'PRAGMA index_info("{row[1]}")').fetchall()
            found.add(("index", table, row[1], f"unique={row[2]}", *(column[2] for column in columns)))
        for name, condition in CHECK.findall(sql):
            found.add(("check", table, name, condition))
    return found


def _postgres(database: Database) -> set[tuple[str, ...]]:
    queries = {
        "column": "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default "
        "FROM information_schema.columns WHERE table_schema = 'public'",
        "index": "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "constraint": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace",
    }
    return {
        (kind, *(str(part).strip('"') for part in row))
        for kind, query in queries.items()
        for row in database.execute_sql(query).fetchall()
    }
