"""Measures: one number about one unit, taken from its facts (a rate, a count, a sum, a mean)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from scoring.explain import Label, NaReason, show, sum_of
from scoring.facts import Fact, canonical, months_of, together
from scoring.ledger import Ledger
from scoring.numbers import HUNDRED, ONE, ZERO, display, settle, steady
from scoring.reading import Reader
from scoring.result import Step
from scoring.select import Where, matches, read_where

#: Measures made of two others, with the names of these.
PAIRS: Mapping[str, tuple[str, str]] = {
    "quotient": ("numerator", "denominator"),
    "difference": ("of", "less"),
}
#: Measures inside one another; nobody can read more aloud.
DEEPEST = 4
EMPTY = ("na", "zero", "full")
RATES = frozenset({"share", "mean_ratio", "ratio"})


@dataclass(frozen=True)
class Measure:
    """How to get the number.

    Attributes:
        facts: kind of the facts.
        take: one of `TAKES`.
        where: which facts the measure is about at all.
        hit: which of these count (share, count, sum).
        value, numerator, denominator: names of values in a fact.
        share: values each fact's part is multiplied by; a missing one counts as 1.
        cap: upper limit of each ratio, None for no limit.
        each: measure each distinct value of this field by itself, then take the plain mean.
        empty: what no fact at all means: `na`, or `zero`.
    """

    facts: str
    take: str
    where: Where = ()
    hit: Where = ()
    value: str = ""
    numerator: str = ""
    denominator: str = ""
    share: tuple[str, ...] = ()
    cap: Decimal | None = None
    each: str = ""
    empty: str = "na"
    over: Measure | None = None
    under: Measure | None = None

    @property
    def is_rate(self) -> bool:
        """Whether it gives a proportion rather than an amount."""
        return self.take == "quotient" or self.in_percent

    @property
    def in_percent(self) -> bool:
        """Whether its limits are written as percentages: a rate, or the difference of two."""
        if self.take == "difference" and self.over is not None and self.under is not None:
            return self.over.in_percent and self.under.in_percent
        return self.take in RATES

    @property
    def kind(self) -> str:
        """The kind of facts it rests on (the first one's, for a quotient or a difference)."""
        return self.over.kind if self.over is not None else self.facts

    @property
    def most(self) -> Decimal | None:
        """The highest value it can give, where there is one."""
        return ONE if self.take == "share" else self.cap


@dataclass(frozen=True)
class Measured:
    """A measure of one unit: a value, or the reason why there is none."""

    value: Decimal | None
    na: str | None = None
    steps: tuple[Step, ...] = ()
    facts: tuple[Fact, ...] = ()
    parts: tuple[tuple[str, Decimal], ...] = ()


def measure_of(ledger: Ledger, measure: Measure, unit: str) -> Measured:
    """The measure of a unit, worked out once."""
    return ledger.once((measure, unit), lambda: _measure(ledger, measure, unit))


def _measure(ledger: Ledger, measure: Measure, unit: str) -> Measured:
    if measure.over is not None and measure.under is not None:
        two = _quotient if measure.take == "quotient" else _difference
        return two(ledger, measure, measure.over, measure.under, unit)
    if not ledger.supplies(measure.facts):
        return Measured(None, NaReason.NOT_SUPPLIED)
    every = ledger.of(measure.facts, unit)
    facts = tuple(fact for fact in every if matches(fact, measure.where))
    if not (every if measure.take == "count" else facts):
        if measure.empty == "zero":
            return Measured(ZERO, None, (Step(Label.COUNT, "0", ZERO),), (), (("", ZERO),))
        silent = _silent(measure, every)
        return Measured(None, NaReason.NO_DATA if silent else NaReason.NOTHING_DUE, (), silent)
    if measure.each:
        return _by_thing(ledger, measure, facts)
    found = TAKES[measure.take](ledger, measure, facts)
    if found.value is None:
        return found
    return replace(found, value=settle(found.value), parts=(("", settle(found.value)),))


def _silent(measure: Measure, every: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """Facts that are meant and say that nothing is known (a survey that nobody answered): no data, not nothing due."""
    meant = tuple(test for test in measure.where if test.operator == "in")
    return tuple(
        fact
        for fact in every
        if matches(fact, meant) and measure.value in fact.values and fact.values[measure.value] is None
    )


def _by_thing(ledger: Ledger, measure: Measure, facts: tuple[Fact, ...]) -> Measured:
    """Measure by each distinct value of a field (户数, 小区数, 公里 do not add up), then take the mean."""
    things: dict[str, list[Fact]] = {}
    for fact in facts:
        things.setdefault(canonical(fact.value(measure.each)).strip('"'), []).append(fact)
    steps: list[Step] = []
    parts: list[tuple[str, Decimal]] = []
    for thing in sorted(things):
        found = TAKES[measure.take](ledger, measure, tuple(things[thing]))
        if found.value is not None:
            parts.append((thing, found.value))
            steps.extend(replace(step, name=thing) for step in found.steps)
    if not parts:
        return Measured(None, NaReason.NO_BASE, (), facts)
    value = settle(sum((part for _, part in parts), ZERO) / len(parts))
    if len(parts) > 1:
        steps.append(
            Step(Label.PER_THING, f"({sum_of(show(p) for _, p in parts)}) ÷ {len(parts)}", display(value))
        )
    return Measured(value, None, tuple(steps), facts, tuple((thing, settle(part)) for thing, part in parts))


def _quotient(ledger: Ledger, measure: Measure, over: Measure, under: Measure, unit: str) -> Measured:
    above, below = measure_of(ledger, over, unit), measure_of(ledger, under, unit)
    facts = together((above.facts, below.facts))
    if above.value is None or below.value is None:
        return Measured(None, above.na or below.na, (), facts)
    if not below.value:
        return Measured(None, NaReason.NO_BASE, (), facts)
    value = steady(_capped(above.value / below.value, measure.cap))
    step = Step(Label.RATE, f"{show(above.value)} ÷ {show(below.value)}", display(value))
    return Measured(value, None, (*above.steps, *below.steps, step), facts, (("", value),))


def _difference(ledger: Ledger, measure: Measure, of: Measure, less: Measure, unit: str) -> Measured:
    """One measure less another: what was done less what this unit had to do, this year less last year."""
    first, second = measure_of(ledger, of, unit), measure_of(ledger, less, unit)
    facts = together((first.facts, second.facts))
    if first.value is None or second.value is None:
        return Measured(None, first.na or second.na, (), facts)
    value = steady(_capped(first.value - second.value, measure.cap))
    step = Step(Label.DIFFERENCE, f"{show(first.value)} − {show(second.value)}", display(value))
    return Measured(value, None, (*first.steps, *second.steps, step), facts, (("", value),))


def _capped(value: Decimal, cap: Decimal | None) -> Decimal:
    return value if cap is None else min(value, cap)


def _ratio(ledger: Ledger, measure: Measure, facts: tuple[Fact, ...]) -> Measured:
    """Σ numerator ÷ Σ denominator."""
    above = below = ZERO
    for fact in facts:
        over, under = ledger.number(fact, measure.numerator), ledger.number(fact, measure.denominator)
        if over is None or under is None:
            continue
        share = ledger.share(fact, measure.share)
        above, below = above + share * over, below + share * under
    if not below:
        return Measured(None, NaReason.NO_BASE, (), facts)
    value = _capped(above / below, measure.cap)
    limit = f"min({{}}, {show(measure.cap)})" if measure.cap is not None else "{}"
    return Measured(
        value,
        None,
        (Step(Label.RATE, limit.format(f"{show(above)} ÷ {show(below)}"), display(value)),),
        facts,
    )


def _mean_ratio(ledger: Ledger, measure: Measure, facts: tuple[Fact, ...]) -> Measured:
    """Σ share·min(numerator ÷ denominator, cap) ÷ Σ share; facts without a denominator are left out."""
    total = shares = ZERO
    terms: list[str] = []
    for fact in facts:
        over, under = ledger.number(fact, measure.numerator), ledger.number(fact, measure.denominator)
        if over is None or not under:
            continue
        share = ledger.share(fact, measure.share)
        part = _capped(over / under, measure.cap)
        total, shares = total + share * part, shares + share
        terms.append(f"{show(share)}×{show(part)}")
    if not shares:
        return Measured(None, NaReason.NO_BASE, (), facts)
    value = total / shares
    return Measured(
        value, None, (Step(Label.RATE, f"({sum_of(terms)}) ÷ {show(shares)}", display(value)),), facts
    )


def _weigh(ledger: Ledger, measure: Measure, facts: tuple[Fact, ...]) -> Decimal:
    return sum((ledger.share(fact, measure.share) for fact in facts), ZERO)


def _share(ledger: Ledger, measure: Measure, facts: tuple[Fact, ...]) -> Measured:
    """How large a part of the facts is hit."""
    hits = _weigh(ledger, measure, tuple(fact for fact in facts if matches(fact, measure.hit)))
    base = _weigh(ledger, measure, facts)
    if not base:
        return Measured(None, NaReason.NO_BASE, (), facts)
    value = hits / base
    return Measured(value, None, (Step(Label.RATE, f"{show(hits)} ÷ {show(base)}", display(value)),), facts)


def _count(ledger: Ledger, measure: Measure, facts: tuple[Fact, ...]) -> Measured:
    """How many facts are hit, each with its share."""
    value = _weigh(ledger, measure, tuple(fact for fact in facts if matches(fact, measure.hit)))
    return Measured(value, None, (Step(Label.COUNT, show(value), display(value)),), facts)


def _pairs(ledger: Ledger, measure: Measure, facts: tuple[Fact, ...]) -> list[tuple[Decimal, Decimal]]:
    pairs: list[tuple[Decimal, Decimal]] = []
    for fact in facts:
        if matches(fact, measure.hit):
            number = ledger.number(fact, measure.value)
            if number is not None:
                pairs.append((number, ledger.share(fact, measure.share)))
    return pairs


def _sum(ledger: Ledger, measure: Measure, facts: tuple[Fact, ...]) -> Measured:
    """Σ value of the facts that are hit."""
    pairs = _pairs(ledger, measure, facts)
    value = sum((number * share for number, share in pairs), ZERO)
    terms = sum_of((show(number * share) for number, share in pairs)) or "0"
    return Measured(value, None, (Step(Label.SUM, terms, display(value)),), facts)


def _mean(ledger: Ledger, measure: Measure, facts: tuple[Fact, ...]) -> Measured:
    """Mean value of the facts that are hit, weighted by share."""
    pairs = _pairs(ledger, measure, facts)
    shares = sum((share for _, share in pairs), ZERO)
    if not shares:
        return Measured(None, NaReason.NO_DATA, (), facts)
    value = sum((number * share for number, share in pairs), ZERO) / shares
    formula = f"({sum_of(show(number * share) for number, share in pairs)}) ÷ {show(shares)}"
    return Measured(value, None, (Step(Label.MEAN, formula, display(value)),), facts)


def _extreme(pick: Callable[[list[Decimal]], Decimal]) -> Take:
    def take(ledger: Ledger, measure: Measure, facts: tuple[Fact, ...]) -> Measured:
        numbers = [number for number, _ in _pairs(ledger, measure, facts)]
        if not numbers:
            return Measured(None, NaReason.NO_DATA, (), facts)
        value = pick(numbers)
        return Measured(value, None, (Step(Label.VALUE, show(value), display(value)),), facts)

    return take


def _months(ledger: Ledger, measure: Measure, facts: tuple[Fact, ...]) -> Measured:
    """In how many months of the period at least one fact is hit (value `period` = the month)."""
    months = months_of(ledger.facts.period)
    seen = {str(fact.value("period")) for fact in facts if matches(fact, measure.hit)}
    value = Decimal(sum(month in seen for month in months))
    return Measured(value, None, (Step(Label.COUNT, show(value), value),), facts)


Take = Callable[[Ledger, Measure, tuple[Fact, ...]], Measured]

TAKES: Mapping[str, Take] = {
    "share": _share,
    "ratio": _ratio,
    "mean_ratio": _mean_ratio,
    "count": _count,
    "sum": _sum,
    "mean": _mean,
    "max": _extreme(max),
    "min": _extreme(min),
    "months": _months,
}

_NEEDS: Mapping[str, tuple[str, ...]] = {
    "ratio": ("numerator", "denominator"),
    "mean_ratio": ("numerator", "denominator"),
    "share": ("hit",),
    "sum": ("value",),
    "mean": ("value",),
    "max": ("value",),
    "min": ("value",),
}


def read_measure(reader: Reader, key: str = "measure", depth: int = 1) -> Measure:
    """`[….measure]`: required; every key that its `take` does not use is a problem."""
    table = reader.child(key, required=True)
    if table is None:
        return Measure("", "count")
    if depth > DEEPEST:
        table.complain("", f"is nested too deeply: at most {DEEPEST} measures in one another")
        return Measure("", "count")
    take = table.text("take", "count", required=True, choices=(*TAKES, *PAIRS))
    if take in PAIRS:
        first, second = (read_measure(table, name, depth + 1) for name in PAIRS[take])
        cap = table.optional("cap", low=ZERO if take == "quotient" else None)
        table.done()
        return Measure("", take, cap=cap, over=first, under=second)
    needs = _NEEDS.get(take, ())
    measure = Measure(
        facts=table.text("facts", required=True),
        take=take,
        where=read_where(table),
        hit=read_where(table, "hit") if take not in {"ratio", "mean_ratio"} else (),
        value=table.text("value", required=True) if "value" in needs else "",
        numerator=table.text("numerator", required=True) if "numerator" in needs else "",
        denominator=table.text("denominator", required=True) if "denominator" in needs else "",
        share=table.words("share") if take not in {"max", "min", "months"} else (),
        cap=_read_cap(table, take),
        each=table.text("each"),
        empty=table.text("empty", "na", choices=EMPTY[:2]),
    )
    if "hit" in needs and not measure.hit:
        table.complain("hit", "is missing: it says which facts count")
    table.done()
    return measure


def in_words(measure: Measure, limit: Decimal) -> str:
    """A limit as people read it: `95%` of a rate, `95` of anything else."""
    return f"{show(limit * HUNDRED)}%" if measure.in_percent else show(limit)


def check_limit(reader: Reader, key: str, measure: Measure, limit: Decimal | None) -> None:
    """A limit above the highest value its measure can give is a threshold nobody can meet."""
    if limit is None:
        return
    if measure.in_percent and limit >= _SURELY_PERCENT:
        reader.complain(key, f'is {show(limit)}, but a rate is a part of 1: write "{show(limit)}%"')
    elif measure.most is not None and limit > measure.most:
        reader.complain(
            key, f"is {show(limit)}, which nobody can reach: the measure gives at most {show(measure.most)}"
        )


def check_step(reader: Reader, key: str, measure: Measure, step: Decimal | None) -> None:
    """A step of 1 on a rate would be a hundred percentage points: surely one point is meant."""
    if step is not None and measure.in_percent and step >= ONE:
        reader.complain(key, f'is {show(step)}, but a rate is a part of 1: write "{show(step)}%"')


# No rate that an office measures reaches 500 %; who writes 5 or more means percent.
_SURELY_PERCENT = Decimal(5)


def _read_cap(table: Reader, take: str) -> Decimal | None:
    if take == "mean_ratio":
        return table.number("cap", ONE, low=ZERO)
    return table.optional("cap", low=ZERO) if take == "ratio" else None
