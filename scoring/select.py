"""Which facts a rule speaks of: conditions on kind and values, and conditions a whole unit meets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from scoring.facts import Fact, Value, scalar
from scoring.reading import Reader, as_scalar


def same(value: Value, wanted: Value) -> bool:
    """Whether a fact's value is the wanted one. A missing value counts as false, and as nothing else."""
    value, wanted = scalar(value), scalar(wanted)
    if isinstance(wanted, bool) or isinstance(value, bool):
        return bool(value) is wanted if value is None or isinstance(value, bool) else False
    return value == wanted


def _ordered(value: Value, wanted: Value) -> int | None:
    """Sign of value − wanted for two numbers or two words (dates); None where they cannot be compared."""
    value, wanted = scalar(value), scalar(wanted)
    if isinstance(value, bool) or isinstance(wanted, bool):
        return None
    if isinstance(value, Decimal | int) and isinstance(wanted, Decimal | int):
        return (value > wanted) - (value < wanted)
    if isinstance(value, str) and isinstance(wanted, str):
        return (value > wanted) - (value < wanted)
    return None


def _sign(test: Callable[[int], bool]) -> Callable[[Value, tuple[Value, ...]], bool]:
    def holds(value: Value, wanted: tuple[Value, ...]) -> bool:
        sign = _ordered(value, wanted[0])
        return sign is not None and test(sign)

    return holds


OPERATORS: Mapping[str, Callable[[Value, tuple[Value, ...]], bool]] = {
    "in": lambda value, wanted: any(same(value, item) for item in wanted),
    "not": lambda value, wanted: not any(same(value, item) for item in wanted),
    "lt": _sign(lambda sign: sign < 0),
    "le": _sign(lambda sign: sign <= 0),
    "gt": _sign(lambda sign: sign > 0),
    "ge": _sign(lambda sign: sign >= 0),
    "present": lambda value, wanted: (value is not None) is wanted[0],
}


@dataclass(frozen=True)
class Test:
    """One condition on one named value of a fact."""

    field: str
    operator: str
    wanted: tuple[Value, ...]

    __test__ = False  # pytest would otherwise take the name for a test class

    def holds(self, fact: Fact) -> bool:
        """Whether the fact meets the condition."""
        return OPERATORS[self.operator](fact.value(self.field), self.wanted)


Where: TypeAlias = tuple[Test, ...]


def matches(fact: Fact, where: Where) -> bool:
    """Whether a fact meets all conditions."""
    return all(test.holds(fact) for test in where)


def read_where(reader: Reader, key: str = "where") -> Where:
    """`where = { outcome = "late", late_workdays = { gt = 2 } }`: all must hold."""
    table = reader.child(key)
    if table is None:
        return ()
    tests: list[Test] = []
    for name, wanted in table.table.items():
        if isinstance(wanted, dict):
            for operator, value in wanted.items():
                if operator not in OPERATORS:
                    table.complain(
                        name, f"has no operator {operator!r}; it must be one of: {', '.join(OPERATORS)}"
                    )
                    continue
                tests.append(Test(name, operator, _values(value)))
        else:
            tests.append(Test(name, "in", _values(wanted)))
    for test in tests:
        if not test.wanted or any(value is None for value in test.wanted):
            table.complain(
                test.field, "must be compared with a number, a text, a date, true, false or a list of them"
            )
        if test.operator == "present" and not isinstance(test.wanted[0] if test.wanted else None, bool):
            table.complain(test.field, "present must be true or false")
    return tuple(test for test in tests if test.wanted)


def _values(value: object) -> tuple[Value, ...]:
    return tuple(as_scalar(item) for item in value) if isinstance(value, list) else (as_scalar(value),)
