"""Periods that facts are entered for: quarters and other spans, and the rulebook's own types (2021-year_end)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from supervisor.core.periods import Period, PeriodKind
from supervisor.errors import NotFound
from supervisor.words import N_, Sentence

OWN_TYPE = re.compile(r"(?P<year>\d{4})-(?P<type>[a-z][a-z0-9_]{2,29})", re.ASCII)
#: Spans that a table of a rulebook may be for; days, weeks and ten days are only reported on.
SCORED = frozenset({PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.HALF_YEAR, PeriodKind.YEAR})


@dataclass(frozen=True)
class FactPeriod:
    """A period as facts know it: its key, the rulebook's word for its type, and the days it spans."""

    key: str
    type: str
    span: Period

    @property
    def label(self) -> Sentence:
        """In words; a type of the rulebook's own by its word and year."""
        if self.key == self.span.key:
            return self.span.label
        known = OWN_LABELS.get(self.type)
        name: Sentence | str = known if known is not None else self.type
        return N_("%(type)s of %(year)s", type=name, year=self.span.start.year)

    def contains(self, day: date) -> bool:
        """Whether the day lies in the period."""
        return self.span.contains(day)


OWN_LABELS = {
    "year_end": N_("Year-end assessment"),
    "annual_summary": N_("Annual summary"),
    "annual_assessment": N_("Annual assessment"),
    "regular_assessment": N_("Regular assessment"),
    "site_viewing": N_("Site viewing"),
}


def fact_period(key: str) -> FactPeriod:
    """The period of a key from an address. NotFound for anything that no table of a rulebook can be for."""
    own = OWN_TYPE.fullmatch(key)
    if own is not None:
        return FactPeriod(key, own["type"], _parsed(own["year"]))
    span = _parsed(key)
    if span.kind not in SCORED:
        raise NotFound
    return FactPeriod(span.key, span.kind.value, span)


def of_span(period: Period) -> FactPeriod:
    """A quarter, month, half-year or year as facts know it."""
    return FactPeriod(period.key, period.kind.value, period)


def _parsed(key: str) -> Period:
    try:
        return Period.parse(key)
    except ValueError:
        raise NotFound from None
