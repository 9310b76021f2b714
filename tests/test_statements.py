"""Statements: selects that are written once and answer like the select they were written from."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from peewee import Database

from supervisor.database import count_queries
from supervisor.models import Unit
from supervisor.models.base import rows_of
from supervisor.statements import among, statement
from tests import builders


@statement
def _units_named(name: Any, day: Any) -> Any:
    return Unit.select().where((Unit.name == name) & (Unit.valid_from.is_null() | (Unit.valid_from <= day)))


@statement
def _units_among(ids: Any) -> Any:
    return Unit.select(Unit.id, Unit.name).where(among(Unit.id, ids)).order_by(Unit.id).tuples()


def test_a_statement_answers_with_the_values_it_is_given_each_time(database: Database) -> None:
    first, second = builders.unit("市城管局"), builders.unit("市水务局")
    day = date(2026, 7, 8)
    assert [unit.id for unit in _units_named("市城管局", day)] == [first.id]
    assert [unit.id for unit in _units_named("市水务局", day)] == [second.id]
    assert _units_named("市无此局", day) == []


@pytest.mark.parametrize("count", [0, 1, 3, 40])
def test_a_list_of_any_length_is_one_statement(database: Database, count: int) -> None:
    units = [builders.unit(f"第{number}单位") for number in range(count)]
    wanted = [unit.id for unit in units]
    expected = rows_of(Unit.select(Unit.id, Unit.name).where(Unit.id.in_(wanted)).order_by(Unit.id))
    with count_queries(database) as seen:
        assert _units_among(wanted) == expected
    assert len(seen) == 1


def test_what_was_answered_before_is_not_answered_again(database: Database) -> None:
    unit = builders.unit("市城管局")
    assert [row.name for row in _units_named("市城管局", None)] == ["市城管局"]
    Unit.update(name="市城市管理局").where(Unit.id == unit.id).execute()
    assert _units_named("市城管局", None) == []


def test_a_wrong_number_of_values_is_an_error(database: Database) -> None:
    with pytest.raises(TypeError, match="takes 2 values"):
        _units_named("市城管局")
