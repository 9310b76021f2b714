"""Points for events: so many for each occurrence, with caps, shares, repetition, and "only the heaviest"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from scoring.explain import NaReason, Remark, show, sum_of
from scoring.facts import Fact, Value, canonical
from scoring.ledger import Ledger
from scoring.measure import Measure, check_limit, check_step, measure_of, read_measure
from scoring.numbers import ONE, ZERO, display, outsize, settle, whole_down, whole_up
from scoring.reading import Reader, as_number, as_scalar
from scoring.result import Note, Step
from scoring.select import Where, matches, read_where, same


@dataclass(frozen=True)
class EventRule:
    """Points for each fact that matches.

    Attributes:
        points: for the first, second, … occurrence; the last entry holds for all later ones.
        by, table: instead of `points`: the points for each value of the field `by`.
        amount: value that says how often the fact happened (returns: 2); once where not given.
        share: values the points are multiplied by (lead 1.0, responsible 0.5); a missing one counts as 1.
        factor, factor_where: multiplies the points of facts that match (matters named by leaders count double).
        max_each, maximum: caps for one fact and for the rule.
        once_per: of facts with the same value of these fields only the heaviest counts.
        repeat_per: occurrences are numbered through all facts with the same value of this field.
        gap: instead of facts: a measure of the unit and how far it is off a limit.
    """

    key: str
    title: str
    facts: str
    where: Where
    points: tuple[Decimal, ...]
    by: str = ""
    table: tuple[tuple[Value, Decimal], ...] = ()
    amount: str = ""
    share: tuple[str, ...] = ()
    factor: Decimal = ONE
    factor_where: Where = ()
    max_each: Decimal | None = None
    maximum: Decimal | None = None
    once_per: tuple[str, ...] = ()
    repeat_per: str = ""
    title_en: str = ""
    clause: str = ""
    rule: str = ""
    rule_en: str = ""
    gap: Gap | None = None


@dataclass(frozen=True)
class Gap:
    """Points for a measure that is below (or above) a limit: once, or for each step it is off.

    Attributes:
        side: `below` or `above`: on which side of the limit points are given.
        per: size of a step; None = once.
        steps: `prorata`, `whole` (full steps only) or `started`.
    """

    measure: Measure
    limit: Decimal
    side: str
    per: Decimal | None
    steps: str


@dataclass(frozen=True)
class Hit:
    """One fact (or one measure, then `fact` is None) under one rule, and what it gives."""

    rule: EventRule
    fact: Fact | None
    points: Decimal
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Tally:
    """What one rule gives in all: `points` after the rule's own cap."""

    rule: EventRule
    points: Decimal
    hits: tuple[Hit, ...]

    def step(self, label: str, sign: int = 1) -> Step:
        """The tally as a step of a line."""
        formula = sum_of(show(hit.points) for hit in self.hits)
        if self.points != sum((hit.points for hit in self.hits), ZERO):
            formula = f"min({formula}, {show(self.points)})"
        return Step(label, formula, display(sign * self.points), self.rule.title)


def tally(
    ledger: Ledger, rules: Iterable[EventRule], unit: str, heaviest_per: tuple[str, ...] = ()
) -> list[Tally]:
    """What the rules give a unit, rule by rule; rules without a hit are left out."""
    hits: list[Hit] = []
    listed = tuple(rules)
    for rule in listed:
        if not ledger.supplies(rule.facts):
            ledger.notes.add(
                Note(Remark.NOT_SUPPLIED, (("title", rule.title or rule.key or "—"), ("kind", rule.facts)))
            )
            continue
        hits.extend(_heaviest(_hits(ledger, rule, unit), rule.once_per))
    hits = _heaviest(hits, heaviest_per)
    tallies: list[Tally] = []
    for rule in listed:
        own = tuple(hit for hit in hits if hit.rule is rule)
        total = sum((hit.points for hit in own), ZERO)
        if own:
            tallies.append(Tally(rule, total if rule.maximum is None else min(total, rule.maximum), own))
    return tallies


def _gap_hits(ledger: Ledger, rule: EventRule, gap: Gap, unit: str) -> list[Hit]:
    """A measure that cannot be taken gives nothing: what is not known is no one's fault."""
    found = measure_of(ledger, gap.measure, unit)
    if found.value is None:
        return []
    off = gap.limit - found.value if gap.side == "below" else found.value - gap.limit
    if off <= ZERO:
        return []
    times = ONE if gap.per is None else in_steps(off / gap.per, gap.steps)
    points = settle(rule.points[0] * times)
    return [Hit(rule, None, points, found.facts)] if points else []


def in_steps(gap: Decimal, steps: str) -> Decimal:
    """A distance counted pro rata, in whole steps, or in started steps."""
    return {"prorata": settle, "whole": whole_down, "started": whole_up}[steps](gap)


def _hits(ledger: Ledger, rule: EventRule, unit: str) -> list[Hit]:
    if rule.gap is not None:
        return _gap_hits(ledger, rule, rule.gap, unit)
    counted: dict[str, int] = {}
    hits: list[Hit] = []
    for fact in ledger.of(rule.facts, unit):
        if not matches(fact, rule.where):
            continue
        points = settle(_points(ledger, rule, fact, counted) * ledger.share(fact, rule.share))
        if rule.factor_where and matches(fact, rule.factor_where):
            points *= rule.factor
        if rule.max_each is not None:
            points = min(points, rule.max_each)
        if points:
            hits.append(Hit(rule, fact, points, (fact,)))
    return hits


def _points(ledger: Ledger, rule: EventRule, fact: Fact, counted: dict[str, int]) -> Decimal:
    times = ledger.number(fact, rule.amount, low=ZERO) if rule.amount else ONE
    if times is None:
        return ZERO
    if rule.by:
        for value, points in rule.table:
            if same(fact.value(rule.by), value):
                return points * times
        ledger.complain(fact, f"{rule.by} is {fact.value(rule.by)!r}, for which the rulebook gives no points")
        return ZERO
    if len(rule.points) == 1:
        return rule.points[0] * times
    if times != times.to_integral_value() or times > _MOST_TIMES:
        ledger.complain(fact, f"{rule.amount} is {times}: it must be a whole number, at most {_MOST_TIMES}")
        return ZERO
    about = canonical(fact.value(rule.repeat_per)) if rule.repeat_per else fact.place() + str(id(fact))
    before = counted.get(about, 0)
    counted[about] = before + int(times)
    last = len(rule.points) - 1
    return sum((rule.points[min(index, last)] for index in range(before, before + int(times))), ZERO)


_MOST_TIMES = 10_000
#: In place of fields: of all of them only the heaviest counts.
EVERYTHING = "*"


def _heaviest(hits: list[Hit], fields: tuple[str, ...]) -> list[Hit]:
    """Of the hits with the same values of the fields only the one with most points (the first of equals)."""
    if not fields:
        return hits
    if fields == (EVERYTHING,):
        return [max(hits, key=lambda hit: hit.points)] if hits else []
    best: dict[str, Hit] = {}
    free: list[Hit] = []
    for hit in hits:
        about = [hit.fact.value(name) if hit.fact else None for name in fields]
        if all(value is None or value == "" for value in about):
            free.append(hit)  # nothing says what it is about: it stands for itself
            continue
        key = canonical(about)
        if key not in best or hit.points > best[key].points:
            best[key] = hit
    kept = {id(hit) for hit in (*best.values(), *free)}
    return [hit for hit in hits if id(hit) in kept]


@dataclass(frozen=True)
class Condition:
    """Something a unit meets or not: so many matching facts, or a measure within a limit.

    Attributes:
        at_least, at_most: number of facts.
        below, above, upto: limits of the measure: under, from on, up to; any of them is enough.
    """

    facts: str = ""
    where: Where = ()
    at_least: Decimal = ONE
    measure: Measure | None = None
    below: Decimal | None = None
    above: Decimal | None = None
    upto: Decimal | None = None
    at_most: Decimal | None = None

    def unknown(self, ledger: Ledger, unit: str) -> str | None:
        """Why it cannot be told whether it holds; None where it can."""
        if self.measure is not None:
            found = measure_of(ledger, self.measure, unit)
            return found.na if found.value is None else None
        return None if ledger.supplies(self.facts) else NaReason.NOT_SUPPLIED

    def holds(self, ledger: Ledger, unit: str, title: str) -> tuple[bool, tuple[Fact, ...]]:
        """Whether the unit meets it, and the facts that say so. What cannot be known does not hold."""
        if self.measure is not None:
            found = measure_of(ledger, self.measure, unit)
            if found.value is None:
                return False, ()
            value = found.value
            met = (
                (self.below is not None and value < self.below)
                or (self.above is not None and value >= self.above)
                or (self.upto is not None and value <= self.upto)
            )
            return met, found.facts if met else ()
        if not ledger.supplies(self.facts):
            ledger.notes.add(Note(Remark.NOT_SUPPLIED, (("title", title), ("kind", self.facts))))
            return False, ()
        facts = tuple(fact for fact in ledger.of(self.facts, unit) if matches(fact, self.where))
        if self.at_most is not None:
            return len(facts) <= self.at_most, facts
        return len(facts) >= self.at_least, facts


def read_condition(reader: Reader) -> Condition:
    """`facts`, `where`, `at_least` or `at_most`; or `measure` with `below`, `at_least` or `at_most`."""
    if reader.has("measure"):
        measure = read_measure(reader)
        below, above, upto = (reader.optional(key) for key in ("below", "at_least", "at_most"))
        if below is None and above is None and upto is None:
            reader.complain("", "a condition on a measure needs below, at_least or at_most")
        check_limit(reader, "below", measure, below)
        check_limit(reader, "at_least", measure, above)
        return Condition(measure=measure, below=below, above=above, upto=upto)
    if reader.has("at_least") and reader.has("at_most"):
        reader.complain("at_most", "give either at_least or at_most")
    return Condition(
        reader.text("facts", required=True),
        read_where(reader),
        reader.number("at_least", ONE, low=ONE),
        at_most=reader.optional("at_most", low=ZERO),
    )


@dataclass(frozen=True)
class About:
    """The facts an indicator is about: a rule that names no kind of its own looks at these only."""

    facts: str = ""
    where: Where = ()


def read_event_rules(
    reader: Reader, key: str, about: About, *, keyed: bool = False, side: str = "below"
) -> tuple[EventRule, ...]:
    """The tables `[[….key]]`.

    `side` is where a rule on a measure gives its points unless it says so: deductions below, additions above.
    """
    rules = []
    for row in reader.children(key):
        rules.append(_read_event_rule(row, about, keyed=keyed, side=side))
        row.done()
    return tuple(rules)


def _read_event_rule(row: Reader, about: About, *, keyed: bool, side: str) -> EventRule:
    by = row.text("by")
    points, table = _read_points(row, by)
    if row.has("measure"):
        return _read_gap_rule(row, points, keyed=keyed, side=side)
    rule = EventRule(
        key=row.text("key", required=keyed),
        title=row.text("title", required=keyed),
        facts=row.text("facts", about.facts, required=not about.facts),
        where=read_where(row) if row.has("facts") else (*about.where, *read_where(row)),
        points=points,
        by=by,
        table=table,
        amount=row.text("amount"),
        share=row.words("share"),
        factor=row.number("factor", ONE, low=ZERO),
        factor_where=read_where(row, "factor_where"),
        max_each=row.optional("max_each", low=ZERO),
        maximum=row.optional("max", low=ZERO),
        once_per=row.words("once_per"),
        repeat_per=row.text("repeat_per"),
        title_en=row.text("title_en"),
        clause=row.text("clause"),
        rule=row.text("rule"),
        rule_en=row.text("rule_en"),
    )
    if row.has("factor") and not rule.factor_where:
        row.complain("factor_where", "is missing: it says which facts the factor is for")
    if len(points) > 1 and not rule.amount and not rule.repeat_per:
        row.complain(
            "repeat_per", "is missing: points for the first, second … time need amount or repeat_per"
        )
    return rule


def _read_gap_rule(row: Reader, points: tuple[Decimal, ...], *, keyed: bool, side: str) -> EventRule:
    gap = Gap(
        measure=read_measure(row),
        limit=row.number("threshold", required=True),
        side=row.text("side", side, choices=("below", "above")),
        per=row.optional("per", low=ZERO),
        steps=row.text("steps", "prorata", choices=("prorata", "whole", "started")),
    )
    check_limit(row, "threshold", gap.measure, gap.limit)
    check_step(row, "per", gap.measure, gap.per)
    if gap.per == ZERO:
        row.complain("per", "must be more than 0")
    if len(points) != 1 or row.has("by"):
        row.complain("points", "must be one number where there is a measure")
    return EventRule(
        key=row.text("key", required=keyed),
        title=row.text("title", required=keyed),
        facts=gap.measure.kind,
        where=(),
        points=points[:1],
        maximum=row.optional("max", low=ZERO),
        title_en=row.text("title_en"),
        clause=row.text("clause"),
        rule=row.text("rule"),
        rule_en=row.text("rule_en"),
        gap=gap,
    )


def _read_points(row: Reader, by: str) -> tuple[tuple[Decimal, ...], tuple[tuple[Value, Decimal], ...]]:
    raw = row.raw("points")
    if raw is None:
        row.complain("points", "is missing")
        return (ZERO,), ()
    if by:
        if not isinstance(raw, dict) or not raw:
            row.complain("points", f"must be a table of points for each value of {by}")
            return (ZERO,), ()
        return (ZERO,), tuple((as_scalar(name), _positive(row, value)) for name, value in raw.items())
    if isinstance(raw, dict):
        row.complain("by", "is missing: points by the values of a field need the name of the field")
        return (ZERO,), ()
    return tuple(_positive(row, value) for value in (raw if isinstance(raw, list) and raw else [raw])), ()


def _positive(row: Reader, value: object) -> Decimal:
    number = as_number(value)
    if number is None or outsize(number) or number < ZERO:
        row.complain(
            "points", f"must be a number of at least 0 (the sign comes from the place), not {value!r}"
        )
        return ZERO
    return number
