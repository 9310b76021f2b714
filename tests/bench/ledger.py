"""A ledger of 10,000 rows from a spreadsheet to an issued plan, on both databases, each step against bare inserts."""

from __future__ import annotations

import io
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import xlsxwriter
from peewee import Database, chunked

from supervisor.core import ledger_check, ledger_import, plans
from supervisor.core.calendar import seed_calendar
from supervisor.core.permissions import Actor
from supervisor.database import db, migrate, open_database, transaction
from supervisor.models import Document, LedgerUpload, Plan, Programme, Role, UnitGroup
from tests.bench.measure import line
from tests.builders import NOW, actor, programme
from tests.databases import close, run_postgres

R = TypeVar("R")

ROWS, UNITS = 10_000, 200
HEAD = (
    *("序号", "类别", "任务名称", "工作内容", "牵头单位", "责任单位"),
    *("完成时限", "进度", "进展情况", "是否办结", "备注"),
)
WORKS = ("背街小巷更新", "菜市场改造", "口袋公园建设", "雨污分流", "充电桩安装", "老年食堂开办", "路灯更换")


class Place(NamedTuple):
    """An empty place with a programme and its lead office."""

    programme: Programme
    office: Actor


def workbook(rows: int = ROWS, units: int = UNITS) -> bytes:
    """A ledger as offices keep it: merged title, categories, units as printed, days as text and as serials."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"created": datetime(2021, 6, 1)})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        page = book.add_worksheet("台账")
        page.merge_range(0, 0, 0, len(HEAD) - 1, "澄江市2021年城市更新工作台账（截至2021年2月28日）")
        page.write_row(1, 0, HEAD)
        for number in range(rows):
            row, work, done = number + 2, WORKS[number % len(WORKS)], number % 20 == 0
            lead, other, third = (f"第{(number * step) % units + 1}街道办事处" for step in (1, 7, 13))
            page.write_row(row, 0, (number + 1, f"板块{number // 500 + 1}", f"第{number + 1}号{work}"))
            page.write(
                row, 3, f"完成{work}{number % 90 + 1}处，形成清单，落实资金，按月调度，年底前组织验收。"
            )
            page.write_row(row, 4, (lead, f"{other}、{third}"))
            if number % 2:
                page.write(row, 6, date(2021, 12, 31), day)
            else:
                page.write(row, 6, "2021年11月底前")
            page.write(row, 7, 1 if done else (number % 90) / 100)
            page.write_row(
                row, 8, (f"已进场{number % 30}处", "是" if done else "否", "" if number % 3 else "重点")
            )
    return file.getvalue()


def timed(act: Callable[[], R]) -> tuple[R, float]:
    """What the act answers, and its seconds by the clock: a person waits for the database too."""
    begun = time.perf_counter()
    answer = act()
    return answer, time.perf_counter() - begun


def bare_inserts(rows: int = ROWS) -> None:
    """The baseline: as many rows of the width of a task, written together in one transaction."""
    kind = "SERIAL PRIMARY KEY" if "Postgres" in type(db.obj).__name__ else "INTEGER PRIMARY KEY"
    db.execute_sql(f"CREATE TABLE bare_rows (id {kind}, {', '.join(f'c{n} TEXT' for n in range(16))})")
    mark = "%s" if "SERIAL" in kind else "?"
    with transaction():
        for some in chunked(range(rows), 50):
            values = ", ".join(f"({', '.join([mark] * 16)})" for _ in some)
            names = ", ".join(f"c{n}" for n in range(16))
            db.execute_sql(
                f"INSERT INTO bare_rows ({names}) VALUES {values}", ["口袋公园建设" * 3] * 16 * len(some)
            )


def here() -> Place:
    """A programme and its office on a migrated, empty database."""
    seed_calendar(now=NOW)
    made = programme()
    return Place(made, actor(Role.LEAD_OFFICE, made))


def steps(place: Place, data: bytes) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Each step as a name and an act; each act goes on from the one before."""
    done: dict[str, Any] = {}

    def keep(name: str, act: Callable[[], Any]) -> tuple[str, Callable[[], Any]]:
        return name, lambda: done.setdefault(name, act())

    def again() -> LedgerUpload:
        return LedgerUpload.get_by_id(done["receive"].id)

    by, now = place.office, NOW
    yield keep("read file", lambda: ledger_import.read_file(data, "台账.xlsx"))
    yield keep(
        "receive",
        lambda: ledger_import.receive(place.programme, done["read file"], data, "台账.xlsx", by=by, now=now),
    )
    yield keep("dry run", lambda: ledger_check.check(again()))
    yield keep("import", lambda: ledger_import.confirm(again(), by=by, now=now))

    def adopt() -> Plan:
        paper = Document.get_by_id(done["import"].id)
        return plans.adopt(paper, seen=paper.version, by=by, now=now)

    yield keep("adopt", adopt)
    UnitGroup.update(confirmed_at=now).execute()
    yield keep("issue", lambda: plans.issue(Plan.get_by_id(done["adopt"].id), by=by, now=now))


AIMS = {"adopt": "aim ≤ 5 s", "issue": "aim ≤ 6 s"}


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """A migrated database, open in this thread."""
    database = open_database(url)
    migrate(database)
    try:
        with database.connection_context():
            yield database
    finally:
        close(database)


def measure(kind: str, url: str, data: bytes) -> None:
    """Print the steps of one database."""
    with opened(url):
        place = here()
        _, bare = timed(bare_inserts)
        line(f"{kind}: {ROWS:,} bare rows inserted together (baseline)", bare, "s")
        for name, act in steps(place, data):
            line(f"{kind}: {name}, ledger of {ROWS:,} rows", timed(act)[1], "s", bare, AIMS.get(name, ""))


def run() -> None:
    """Print the figures of a large ledger on SQLite and PostgreSQL."""
    data = workbook()
    with tempfile.TemporaryDirectory() as name:
        measure("SQLite", f"sqlite:///{Path(name) / 'ledger.db'}", data)
    with run_postgres() as postgres:
        if isinstance(postgres, str):
            sys.stdout.write(f"{postgres}\n")
        else:
            measure("PostgreSQL", postgres.new_database(), data)
