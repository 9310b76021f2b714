"""Scoring methods without a measure: starting points for events, marks, judges, numbers of items, given points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from scoring.case import Case, Outcome, Population, read_population
from scoring.explain import Label, NaReason, product, show, sum_of
from scoring.facts import Fact, Value, canonical, months_of
from scoring.ledger import Ledger
from scoring.numbers import HUNDRED, ZERO, display, settle
from scoring.reading import Reader, as_scalar
from scoring.result import Step
from scoring.select import same


@dataclass(frozen=True)
class Start:
    """Starting points for the deductions or additions that follow: full (扣分制) or a given number (加分制)."""

    population: Population
    start: Decimal | None
    deducting: bool

    @classmethod
    def per_occurrence(cls, reader: Reader, _weight: Decimal) -> Start:
        """`facts`, `where`, `empty` (na); at least one `deduct`."""
        if not reader.has("deduct"):
            reader.complain("deduct", "is missing: what is deducted for each occurrence")
        return cls(read_population(reader), None, deducting=True)

    @classmethod
    def accumulate(cls, reader: Reader, _weight: Decimal) -> Start:
        """`facts`, `where`, `start` (0), `empty` (zero: the starting points stay); at least one `add` or `deduct`."""
        if not reader.has("add") and not reader.has("deduct"):
            reader.complain("add", "is missing: what is added for each occurrence")
        return cls(read_population(reader, "zero"), reader.number("start", ZERO, low=ZERO), deducting=False)

    def score(self, case: Case) -> Outcome:
        """The starting points."""
        facts, none = self.population.of(case)
        start = case.weight if self.start is None else self.start
        if none is not None:
            keeps = none.points is not None and self.population.empty == "zero" and self.start is not None
            return Outcome(start, None, none.steps) if keeps else none
        return Outcome(start, None, (Step(Label.START, "", display(start)),), facts)

    def aspect(self) -> str:
        """Events are neither a proportion nor an amount of work."""
        return "other"

    def words(self) -> tuple[str, str]:
        """In words."""
        if self.deducting:
            return "扣分制，扣完为止", "deductions from full points, never below the floor"
        return (
            f"起评 {show(self.start or ZERO)} 分，逐项加分",
            f"from {show(self.start or ZERO)}, additions for each item",
        )


Grades: TypeAlias = tuple[tuple[Value, Decimal], ...]


def read_grades(reader: Reader, highest: Decimal) -> Grades:
    """`grades = { "优秀" = 95, … }`: the mark that a word stands for."""
    table = reader.child("grades")
    if table is None:
        return ()
    if not table.table:
        reader.complain("grades", "must name the mark that each word stands for")
    return tuple((as_scalar(word), table.number(word, low=ZERO, high=highest)) for word in table.table)


def mark_of(ledger: Ledger, fact: Fact, value: str, highest: Decimal, grades: Grades) -> Decimal | None:
    """The mark of a fact: its number, or what its word stands for; None where it says null, or is refused."""
    if not grades or fact.value(value) is None:
        return ledger.number(fact, value, ZERO, highest)
    for word, mark in grades:
        if same(fact.value(value), word):
            return mark
    ledger.complain(fact, f"{value} is {fact.value(value)!r}, for which the rulebook gives no mark")
    return None


@dataclass(frozen=True)
class Mark:
    """The mean of marks given by reviewers, as a part of full marks."""

    population: Population
    value: str
    full: Decimal
    highest: Decimal
    share: tuple[str, ...]
    grades: Grades = ()

    @classmethod
    def read(cls, reader: Reader, _weight: Decimal) -> Mark:
        """`facts`, `where`, `value` (mark), `full` (100), `highest` (= full), `share`, `empty` (na), `grades`."""
        full = reader.number("full", HUNDRED, low=Decimal("0.000001"))
        highest = reader.number("highest", full, low=full)
        return cls(
            read_population(reader),
            reader.text("value", "mark"),
            full,
            highest,
            reader.words("share"),
            read_grades(reader, highest),
        )

    def score(self, case: Case) -> Outcome:
        """Points for one unit."""
        facts, none = self.population.of(case)
        if none is not None:
            return none
        pairs = [
            (number, case.ledger.share(fact, self.share))
            for fact in facts
            if (number := mark_of(case.ledger, fact, self.value, self.highest, self.grades)) is not None
        ]
        shares = sum((share for _, share in pairs), ZERO)
        if not shares:
            return Outcome(None, NaReason.NO_DATA, (), facts)
        mean = settle(sum((number * share for number, share in pairs), ZERO) / shares)
        points = case.weight * mean / self.full
        terms = sum_of(show(number * share) for number, share in pairs)
        steps = (
            Step(Label.MARK, f"({terms}) ÷ {show(shares)}", display(mean)),
            Step(Label.POINTS, f"{show(case.weight)} × {show(mean)} ÷ {show(self.full)}", display(points)),
        )
        return Outcome(points, None, steps, facts)

    def aspect(self) -> str:
        """A mark is qualitative."""
        return "other"

    def words(self) -> tuple[str, str]:
        """In words."""
        return f"评分均值 ÷ {show(self.full)} × 分值", f"mean mark ÷ {show(self.full)} × weight"


@dataclass(frozen=True)
class Judges:
    """A panel: per subject drop the highest and lowest marks and take the mean; then the mean of the subjects."""

    population: Population
    value: str
    full: Decimal
    lowest: int
    highest: int
    minimum: int
    per: str
    grades: Grades = ()

    @classmethod
    def read(cls, reader: Reader, _weight: Decimal) -> Judges:
        """`facts`, `where`, `value`, `full` (100), `drop` (1), `minimum`, `per` (subject), `grades`.

        `drop_lowest` and `drop_highest` (= drop) say it for each end; `minimum` is one more than both together.
        """
        drop = reader.whole("drop", 1)
        lowest, highest = reader.whole("drop_lowest", drop), reader.whole("drop_highest", drop)
        minimum = reader.whole("minimum", lowest + highest + 1, low=1)
        if minimum <= lowest + highest:
            reader.complain("minimum", f"must be more than {lowest + highest}: otherwise no mark is left")
        full = reader.number("full", HUNDRED, low=Decimal("0.000001"))
        return cls(
            read_population(reader),
            reader.text("value", "mark"),
            full,
            lowest,
            highest,
            max(minimum, lowest + highest + 1),
            reader.text("per", "subject"),
            read_grades(reader, full),
        )

    def score(self, case: Case) -> Outcome:
        """Points for one unit."""
        facts, none = self.population.of(case)
        if none is not None:
            return none
        panels: dict[str, list[Decimal]] = {}
        for fact in facts:
            mark = mark_of(case.ledger, fact, self.value, self.full, self.grades)
            if mark is not None:
                panels.setdefault(canonical(fact.value(self.per)), []).append(mark)
        means: list[Decimal] = []
        steps: list[Step] = []
        for subject in sorted(panels):
            marks = sorted(panels[subject])
            if len(marks) < self.minimum:
                return Outcome(None, NaReason.FEW_MARKS, tuple(steps), facts)
            kept = marks[self.lowest : len(marks) - self.highest]
            means.append(settle(sum(kept, ZERO) / len(kept)))
            formula = f"({sum_of(show(mark) for mark in kept)}) ÷ {len(kept)}"
            steps.append(Step(Label.MARK, formula, display(means[-1]), subject.strip('"')))
        if not means:
            return Outcome(None, NaReason.NO_DATA, (), facts)
        mean = settle(sum(means, ZERO) / len(means))
        if len(means) > 1:
            steps.append(Step(Label.MEAN, f"({sum_of(map(show, means))}) ÷ {len(means)}", display(mean)))
        points = case.weight * mean / self.full
        formula = f"{show(case.weight)} × {show(mean)} ÷ {show(self.full)}"
        return Outcome(points, None, (*steps, Step(Label.POINTS, formula, display(points))), facts)

    def aspect(self) -> str:
        """A mark is qualitative."""
        return "other"

    def words(self) -> tuple[str, str]:
        """In words."""
        return (
            f"评委打分，去掉 {self.highest} 个最高分和 {self.lowest} 个最低分后取平均",
            f"panel of judges without the {self.highest} highest and {self.lowest} lowest marks, mean",
        )


@dataclass(frozen=True)
class CountMinimum:
    """Full points when a number of items is reached; a deduction for each one missing."""

    population: Population
    minimum: Decimal
    deduct: Decimal
    per_month: bool
    value: str
    whole_months: bool = False
    #: Facts with this value are no items: they lower the minimum by it (an excused month, nothing asked for).
    released: str = ""

    @classmethod
    def read(cls, reader: Reader, _weight: Decimal) -> CountMinimum:
        """`facts`, `where`, `minimum`, `deduct_each`, `per_month`, `for_each`, `value`, `released`, `empty` (zero)."""
        per_month = reader.flag("per_month")
        whole_months = reader.text("for_each", "item", choices=("item", "month")) == "month"
        if whole_months and not per_month:
            reader.complain("for_each", "month needs per_month = true")
        return cls(
            read_population(reader, "zero"),
            reader.number("minimum", required=True, low=ZERO),
            reader.number("deduct_each", required=True, low=ZERO),
            per_month,
            reader.text("value"),
            whole_months,
            reader.text("released"),
        )

    def score(self, case: Case) -> Outcome:
        """Points for one unit."""
        facts, none = self.population.of(case)
        if none is not None and (none.points is None or self.population.empty == "full"):
            return none
        self._check_months(case, facts)
        spans = [
            [fact for fact in facts if not month or str(fact.value("period")) == month]
            for month in (months_of(case.ledger.facts.period) if self.per_month else ("",))
        ]
        wanted = [self._wanted(case, some) for some in spans]
        items = [[fact for fact in some if not self._releases(fact)] for some in spans]
        if self.released and facts and not any(wanted) and not any(items):
            return Outcome(None, NaReason.NOTHING_DUE, (), facts)
        numbers = [self._number(case, some) for some in items]
        missing = [max(least - number, ZERO) for least, number in zip(wanted, numbers, strict=True)]
        total = Decimal(sum(some > 0 for some in missing)) if self.whole_months else sum(missing, ZERO)
        steps = [self._counted(numbers, wanted, total)]
        if total:
            taken = -self.deduct * total
            steps.append(Step(Label.SHORTFALL, product(show(self.deduct), show(total)), display(taken)))
        return Outcome(case.weight - self.deduct * total, None, tuple(steps), facts)

    def _counted(self, numbers: list[Decimal], wanted: list[Decimal], missing: Decimal) -> Step:
        """How many there are of how many; by month where each month counts by itself."""
        if self.per_month:
            formula = " + ".join(
                show(number) if least == self.minimum else f"{show(number)}/{show(least)}"
                for number, least in zip(numbers, wanted, strict=True)
            )
            return Step(Label.MONTHS, formula, display(missing))
        return Step(Label.COUNT, f"{show(numbers[0])} ÷ {show(wanted[0])}", display(numbers[0]))

    def _releases(self, fact: Fact) -> bool:
        return bool(self.released) and fact.value(self.released) is not None

    def _wanted(self, case: Case, facts: Sequence[Fact]) -> Decimal:
        """The minimum, less what excuses release."""
        excuses = [fact for fact in facts if self._releases(fact)]
        less = sum((case.ledger.number(fact, self.released, low=ZERO) or ZERO for fact in excuses), ZERO)
        return max(self.minimum - less, ZERO)

    def _number(self, case: Case, facts: Sequence[Fact]) -> Decimal:
        if not self.value:
            return Decimal(len(facts))
        return sum((case.ledger.number(fact, self.value, low=ZERO) or ZERO for fact in facts), ZERO)

    def _check_months(self, case: Case, facts: Sequence[Fact]) -> None:
        """Each month must reach the minimum by itself: two items in June do not cover July."""
        for fact in facts if self.per_month else ():
            if fact.value("period") is None:
                case.ledger.complain(fact, "has no value 'period' (the month), which the rulebook asks for")

    def aspect(self) -> str:
        """A number of items."""
        return "absolute"

    def words(self) -> tuple[str, str]:
        """In words."""
        month, month_en = ("每月", " a month") if self.per_month else ("", "")
        each, each_en = ("每有 1 个月不足", "month short") if self.whole_months else ("少 1 件", "missing")
        items = f"{show(self.minimum)} item{'' if self.minimum == 1 else 's'}"
        return (
            f"{month}达到 {show(self.minimum)} 件得满分，{each}扣 {show(self.deduct)} 分",
            f"full points for {items}{month_en}, −{show(self.deduct)} for each {each_en}",
        )


@dataclass(frozen=True)
class Given:
    """Points that a person gives directly, within the weight: one fact for each unit."""

    population: Population
    value: str

    @classmethod
    def read(cls, reader: Reader, _weight: Decimal) -> Given:
        """`facts`, `where`, `value` (points), `empty` (na)."""
        return cls(read_population(reader), reader.text("value", "points"))

    def score(self, case: Case) -> Outcome:
        """Points for one unit."""
        facts, none = self.population.of(case)
        if none is not None:
            return none
        if len(facts) > 1:
            case.ledger.complain(facts[1], f"there are {len(facts)} facts where the rulebook takes one")
        points = case.ledger.number(facts[0], self.value, ZERO, case.weight)
        if points is None:
            return Outcome(None, NaReason.NO_DATA, (), facts)
        return Outcome(points, None, (Step(Label.GIVEN, show(points), display(points)),), facts)

    def aspect(self) -> str:
        """Qualitative."""
        return "other"

    def words(self) -> tuple[str, str]:
        """In words."""
        return "由考核责任人直接评分", "points given by the person in charge"
