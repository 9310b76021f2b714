"""Many rows in few statements: they are what Peewee writes one by one, in their order, however many there are."""

from __future__ import annotations

from datetime import date

import peewee
import pytest
from peewee import Database

from supervisor.bulk import MOST_VALUES, insert_rows
from supervisor.database import count_queries
from supervisor.models import Light, Obligation, Task, Unit
from tests import builders
from tests.builders import plan, programme

TASK = {
    "path": ["一", "修桥"],
    "title": "修桥=1",
    "due_on": date(2021, 12, 31),
    "light": Light.AMBER,
    "source_line": None,
}


def test_rows_written_together_are_as_those_written_one_by_one(database: Database) -> None:
    of = programme()
    whole = plan(of)
    one = Task.create(plan=whole, programme=of, sort=1, **TASK)
    insert_rows(Task, [{"plan": whole, "programme": of.id, "sort": 1, **TASK}])
    together = Task.get(Task.id > one.id)
    told = [{**task.__data__, "id": 0} for task in (Task.get_by_id(one.id), together)]
    assert told[0] == told[1]


@pytest.mark.parametrize("count", [0, 1, 44, 45, 46, 500])
def test_any_number_of_rows_is_written_in_order_within_the_limit_of_values(
    database: Database, count: int
) -> None:
    of = programme()
    whole = plan(of)
    rows = [{"plan": whole, "programme": of, "sort": n, "title": f"第{n}项"} for n in range(count)]
    with count_queries(database) as seen:
        insert_rows(Task, iter(rows))
    kept = [task.sort for task in Task.select().order_by(Task.id)]
    assert kept == list(range(count))
    assert all(text.count("?") + text.count("%s") <= MOST_VALUES for text in seen)
    assert len(seen) <= count // 40 + 1


def test_a_row_that_is_there_already_is_left_out_where_told_and_an_error_otherwise(
    database: Database,
) -> None:
    of = programme()
    owed = builders.obligation(builders.unit("市水务局"), of)
    again = {
        name: owed.__data__[name]
        for name in ("programme", "rule", "unit", "period", "opens_at", "due_at", "due_on", "locked_at")
    }
    insert_rows(Obligation, [again], ignore=True)
    assert Obligation.select().count() == 1
    with pytest.raises(peewee.IntegrityError), database.atomic():
        insert_rows(Obligation, [again])


def test_rows_with_other_names_than_the_first_are_refused(database: Database) -> None:
    place = builders.jurisdiction()
    rows = [
        {"jurisdiction": place, "name": "市水务局"},
        {"jurisdiction": place, "name": "市交通局", "sort": 2},
    ]
    with pytest.raises(ValueError, match="same names"):
        insert_rows(Unit, rows)
