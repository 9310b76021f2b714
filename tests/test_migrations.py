from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import peewee
import pytest
from peewee import Database
from playhouse.migrations import Runner

from supervisor import database as ground
from supervisor.config import ROOT
from supervisor.core import audit
from supervisor.database import db, migrate, open_database, pending_migrations, sqlite3, transaction
from supervisor.models import TABLES, Jurisdiction, QuantityTarget, Task
from tests import builders
from tests.builders import NOW
from tests.databases import close
from tests.schema import describe


@pytest.fixture
def migrated(empty_url: str) -> Database:
    database = open_database(empty_url)
    migrate(database)
    return database


def _of_models(url: str) -> set[tuple[str, ...]]:
    database = open_database(url)
    with database.connection_context():
        database.create_tables(TABLES)
        found = describe(database)
    close(database)
    return found


@pytest.fixture
def model_url(empty_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if empty_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'models.db'}"
    return str(request.getfixturevalue("postgres").new_database())


def test_models_and_migrations_make_the_same_tables(migrated: Database, model_url: str) -> None:
    """Columns with types, lengths and nullability, references, indexes and CHECKs."""
    with migrated.connection_context():
        by_migrations = describe(migrated)
    close(migrated)
    by_models = _of_models(model_url)
    assert sorted(by_migrations - by_models) == []
    assert sorted(by_models - by_migrations) == []


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE unit ADD COLUMN more INTEGER",
        "DROP INDEX unit_jurisdiction_id_name",
        "CREATE INDEX more ON unit (sort)",
        "ALTER TABLE unit RENAME COLUMN sort TO ordering",
    ],
)
def test_the_comparison_sees_a_difference(migrated: Database, change: str) -> None:
    with migrated.connection_context():
        before = describe(migrated)
        migrated.execute_sql(change)
        assert describe(migrated) != before
    close(migrated)


def test_all_checks_of_the_models_are_in_the_tables(migrated: Database) -> None:
    wanted = sum(len(model._meta.constraints or []) for model in TABLES)
    assert wanted >= 6
    with migrated.connection_context():
        checks = [row for row in describe(migrated) if row[0] == "check" or row[-1].startswith("CHECK ")]
    close(migrated)
    assert len(checks) == wanted


def test_checks_refuse_what_must_never_be(database: Database) -> None:
    unit = builders.unit("市水务局")
    task = builders.task(builders.plan(builders.programme()))
    with pytest.raises(peewee.IntegrityError), transaction():
        QuantityTarget.create(task=task, unit=unit, measure="个", target=-1)
    with pytest.raises(peewee.IntegrityError), transaction():
        Task.update(leads_closed=1).execute()


def test_down_and_up_again(migrated: Database) -> None:
    with migrated.connection_context():
        before = describe(migrated)
        Runner(migrated, str(ground.MIGRATIONS)).down(
            min(path.stem for path in ground.MIGRATIONS.glob("[0-9]*.py"))
        )
        assert describe(migrated) == set()
        Runner(migrated, str(ground.MIGRATIONS)).up()
        assert describe(migrated) == before
        assert audit.read_head().seq == 0
    close(migrated)


def test_migrating_twice_does_nothing(migrated: Database) -> None:
    assert migrate(migrated) == []
    with migrated.connection_context():
        assert pending_migrations(migrated) == []
    close(migrated)


def _with_second(folder: Path, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ground.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "999_later.py").write_text(body, encoding="utf-8")
    monkeypatch.setattr(ground, "MIGRATIONS", folder)


def test_a_failing_migration_leaves_the_old_schema(
    migrated: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = """
def up(migrator, db):
    db.execute_sql("CREATE TABLE more (id INTEGER)")
    db.execute_sql("nonsense")
"""
    _with_second(tmp_path / "m", body, monkeypatch)
    with migrated.connection_context():
        before = describe(migrated)
    with pytest.raises(peewee.PeeweeException):
        migrate(migrated)
    with migrated.connection_context():
        assert describe(migrated) == before
        assert pending_migrations(migrated) == ["999_later"]
    close(migrated)


def test_a_copy_is_taken_before_a_migration(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Jurisdiction.create(name="澄江市")
    db.close()
    body = "def up(migrator, db):\n    db.execute_sql('DELETE FROM jurisdiction')\n"
    _with_second(tmp_path / "m", body, monkeypatch)
    assert migrate(sqlite, copies=tmp_path / "copies", now=NOW) == ["999_later"]
    (copy,) = (tmp_path / "copies").iterdir()
    assert copy.name == "before-999_later-20210601T010000.db"
    connection = sqlite3.connect(str(copy))
    assert connection.execute("SELECT name FROM jurisdiction").fetchall() == [("澄江市",)]
    connection.close()
    with sqlite.connection_context():
        assert Jurisdiction.select().count() == 0


def test_no_copy_is_taken_of_nothing(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'new.db'}")
    migrate(database, copies=tmp_path / "copies", now=datetime.now(UTC))
    assert not (tmp_path / "copies").exists()


def test_four_processes_that_start_at_once_migrate_once(empty_url: str, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DUKAO_DATABASE_URL": empty_url,
        "DUKAO_DATA": str(tmp_path),
        "DUKAO_MODE": "trial",
    }
    command = [sys.executable, "run.py", "migrate"]
    started = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [process.communicate(timeout=60)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0, 0], said
    applied = [line for text in said for line in text.splitlines() if line.startswith("migrated: 001")]
    assert len(applied) == 1, said


def test_migrations_import_nothing_of_ours() -> None:
    for path in ground.MIGRATIONS.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "supervisor" not in text, path
        assert "scoring" not in text, path


def test_work_plans_asked_for_before_become_obligations_and_back(empty_url: str) -> None:
    """Dates, outcome and the first filing of 020b's work plans are carried over, both ways; holidays are no work."""
    database = open_database(empty_url)
    with database.connection_context():
        runner = Runner(database, str(ground.MIGRATIONS))
        runner.up("020_nil_filings")
        _rows_before_020b(database)
        runner.up()
        owed = database.execute_sql(
            "SELECT o.state, o.outcome, o.late_workdays, o.returns, o.due_on, o.locked_at, o.period, r.name, r.kind "
            "FROM work_plan w JOIN obligation o ON o.id = w.obligation_id JOIN reporting_rule r ON r.id = o.rule_id "
            "ORDER BY w.id"
        ).fetchall()
        assert [tuple(map(str, row)) for row in owed] == [
            (
                "returned",
                "late",
                "2",
                "1",
                "2021-05-28",
                "2021-06-28 16:00:00",
                "2021-05-28",
                "工作计划",
                "work_plan",
            ),
            (
                "open",
                "missing",
                "0",
                "0",
                "2021-05-31",
                "2021-06-29 16:00:00",
                "2021-05-28",
                "工作计划",
                "work_plan",
            ),
        ]
        runner.down("020b_work_plans_owed")
        back = database.execute_sql(
            "SELECT due_on, outcome, late_workdays, returns FROM work_plan ORDER BY id"
        ).fetchall()
        assert [tuple(map(str, row)) for row in back] == [
            ("2021-05-28", "late", "2", "1"), ("2021-05-31", "missing", "0", "0"), ("None", "None", "0", "0"),
        ]  # fmt: skip
        assert database.execute_sql("SELECT COUNT(*) FROM obligation").fetchone()[0] == 0
    close(database)


def _rows_before_020b(database: Database) -> None:
    """Three work plans of one plan: returned after a late filing, missing, never asked for."""

    def insert(table: str, **values: object) -> None:
        _insert(database, table, **values)

    insert("jurisdiction")
    insert("programme", jurisdiction_id=1)
    insert("calendar_date", day="2021-06-14", is_workday=False, name="端午节")
    insert("local_settings", programme_id=1, lock_after_workdays=20)
    insert("plan", programme_id=1, issued_at="2021-05-02 01:00:00")
    plans: list[dict[str, object]] = [
        {
            "state": "returned",
            "due_on": "2021-05-28",
            "due_at": "2021-05-28 16:00:00",
            "outcome": "late",
            "late_workdays": 2,
            "returns": 1,
            "return_due_on": "2021-06-10",
            "first_filed_at": "2021-06-01 02:00:00",
        },
        {"state": "open", "due_on": "2021-05-31", "due_at": "2021-05-31 16:00:00", "outcome": "missing"},
        {"state": "open"},
    ]
    for number, values in enumerate(plans, start=1):
        insert("unit", jurisdiction_id=1, name=f"单位{number}")
        insert("work_plan", programme_id=1, plan_id=1, unit_id=number, **values)


def test_numbers_given_before_the_register_stay_and_an_office_with_two_programmes_loses_none(
    empty_url: str,
) -> None:
    database = open_database(empty_url)
    with database.connection_context():
        runner = Runner(database, str(ground.MIGRATIONS))
        runner.up("037_paper_style")
        _insert(database, "jurisdiction", id=1)
        _insert(database, "unit", id=1, jurisdiction_id=1)
        _insert(database, "user", id=5, name="王五")
        for key in (1, 2):
            _insert(
                database,
                "programme",
                id=key,
                jurisdiction_id=1,
                name=f"专项{key}",
                office_name="市政府督查室",
            )
            for n in range(1, key + 1):
                number = f"督查通报〔2021〕{n}号"
                _insert(
                    database, "circular", programme_id=key, year=2021, number=n, title=f"通报{key}-{n}", issued_by=5,
                    issued_at=f"2021-06-0{key + n} 02:00:00", content=json.dumps({"number": number}), sha256="ab",
                )  # fmt: skip
        _insert(database, "circular", programme_id=1, title="草稿", content="")
        _insert(database, "matter", id=3, programme_id=1, unit_id=1, title="月报")
        _insert(
            database, "ladder_step", programme_id=1, matter_id=3, register="notice", year=2021, register_number=4,
            content=json.dumps({"number": "督〔2021〕4号", "name": "督办通知单", "level": "黄色"}), by_name="赵六",
            decided_at="2021-06-09 02:00:00",
        )  # fmt: skip
        runner.up("041_issued_papers")
        found = database.execute_sql(
            "SELECT issuer, series, number, printed, kind, title, by_name FROM issued_paper ORDER BY issued_at, id"
        ).fetchall()
        assert [tuple(map(str, row)) for row in found] == [
            ("市政府督查室", "circular", "1", "督查通报〔2021〕1号", "通报", "通报1-1", "王五"),
            ("市政府督查室 (2)", "circular", "1", "督查通报〔2021〕1号", "通报", "通报2-1", "王五"),
            ("市政府督查室", "circular", "2", "督查通报〔2021〕2号", "通报", "通报2-2", "王五"),
            ("市政府督查室", "notice", "4", "督〔2021〕4号", "督办通知单（黄色）", "月报", "赵六"),
        ]
    close(database)


def _insert(database: Database, table: str, **values: object) -> None:
    """A row with something in every column that needs it."""
    for column in database.get_columns(table):
        if not column.null and not column.primary_key:
            kind = column.data_type.lower()
            empty: object = False if "bool" in kind else 0 if "int" in kind else "[]"
            if "date" in kind or "timestamp" in kind:
                empty = "2021-05-02"
            elif "time" in kind:
                empty = "00:00:00"
            values.setdefault(column.name, empty)
    mark = "?" if isinstance(database, peewee.SqliteDatabase) else "%s"
    marks = ", ".join([mark] * len(values))
    names = ", ".join(f'"{name}"' for name in values)
    database.execute_sql(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(values.values()))
