"""Rulebooks: what is scored, how, and what follows, read from TOML (`docs/rulebook.md` is the format)."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from scoring.events import About, Condition, EventRule, read_condition, read_event_rules
from scoring.numbers import ONE, ZERO
from scoring.problems import Problem, RulebookError
from scoring.reading import Reader
from scoring.second_look import second_look
from scoring.select import read_where
from scoring.tables import Table, check_tables, read_table

MOST_CHARACTERS = 1_000_000
COMPARE_WITH = ("all", "ranked")
PRESETS = Path(__file__).with_name("presets")


@dataclass(frozen=True)
class Adjustments:
    """Bonus or penalty items with their common cap."""

    cap: Decimal | None = None
    items: tuple[EventRule, ...] = ()
    heaviest_per: tuple[str, ...] = ()


@dataclass(frozen=True)
class Veto:
    """A condition that lowers the tier, never the score: not above a tier, or so many tiers lower."""

    key: str
    title: str
    title_en: str
    clause: str
    condition: Condition
    not_above: str
    lower_by: int
    periods: tuple[str, ...]


@dataclass(frozen=True)
class Tier:
    """A tier (等次) from an inclusive lower bound.

    Attributes:
        max_share: largest part of the ranked group that may hold it, rounded down to whole units; None = no quota.
        min_places: the quota is never smaller than this.
    """

    name: str
    name_en: str
    at_least: Decimal
    max_share: Decimal | None
    min_places: int = 0


@dataclass(frozen=True)
class Ranking:
    """How scores are limited and ranks are given.

    Attributes:
        min_weight: percentage that must apply, of what `min_weight_of` says.
        min_weight_of: `table` = the table's total; `group` = the weight that applies to at least half of the
            group's units, so that an indicator without facts for most of them (D21) keeps nobody from being ranked.
        min_items: so many facts a unit must have to be ranked (E-86); None = no matter how few.
    """

    lowest: Decimal = ZERO
    highest: Decimal = Decimal(105)
    min_weight: Decimal = Decimal(60)
    min_weight_of: str = "table"
    min_group: int = 3
    min_group_criticism: int = 5
    compare_with: str = "all"
    tie_break: tuple[str, ...] = ()
    min_items: Condition | None = None


@dataclass(frozen=True)
class Rulebook:
    """A scheme (考核办法) in one version.

    Attributes:
        warnings: what is allowed but worth a second look (a table with ratios only).
        valid_from, valid_to: days as YYYY-MM-DD, both inclusive, "" = open.
    """

    name: str
    version: str
    name_en: str
    about: str
    valid_from: str
    valid_to: str
    tables: tuple[Table, ...]
    ranking: Ranking
    tiers: tuple[Tier, ...]
    bonus: Adjustments
    penalty: Adjustments
    vetoes: tuple[Veto, ...]
    warnings: tuple[Problem, ...]

    def table_for(self, period_type: str, group: str) -> Table | None:
        """The table of a group in a period type: the one that names it, or the one for all others."""
        fitting = [
            (group not in table.groups, table.period != period_type, index)
            for index, table in enumerate(self.tables)
            if table.period in {period_type, ""} and (not table.groups or group in table.groups)
        ]
        return self.tables[min(fitting)[2]] if fitting else None


def preset_names() -> tuple[str, ...]:
    """The presets that ship with the engine: our own proposals, no one's law (D23)."""
    return tuple(sorted(path.stem for path in PRESETS.glob("*.toml")))


def load_preset(name: str) -> Rulebook:
    """A preset by name.

    Raises:
        KeyError: no preset of that name.
    """
    return load_rulebook(preset_text(name))


def preset_text(name: str) -> str:
    """The text of a preset, to start a rulebook of one's own from.

    Raises:
        KeyError: no preset of that name.
    """
    if name not in preset_names():
        raise KeyError(name)
    return (PRESETS / f"{name}.toml").read_text(encoding="utf-8")


def load_rulebook(text: str) -> Rulebook:
    """Read a rulebook.

    Raises:
        RulebookError: every problem with its place, all at once.
    """
    if len(text) > MOST_CHARACTERS:
        raise RulebookError([Problem("", f"is longer than {MOST_CHARACTERS} characters")])
    problems: list[Problem] = []
    warnings: list[Problem] = []
    try:
        document = tomllib.loads(text, parse_float=Decimal)
        rulebook = _read(Reader(document, "", problems), warnings)
    except tomllib.TOMLDecodeError as error:
        raise RulebookError([Problem("TOML", str(error))]) from None
    except RecursionError:
        raise RulebookError([Problem("TOML", "is nested too deeply")]) from None
    if problems:
        raise RulebookError(problems)
    return rulebook


def _read(root: Reader, warnings: list[Problem]) -> Rulebook:
    head = root.child("rulebook", required=True) or Reader(
        {"name": "?"}, "rulebook", root.problems, ("rulebook",)
    )
    ranking = _read_ranking(root.child("ranking"))
    tiers = _read_tiers(root, ranking)
    tables = tuple(read_table(row) for row in root.children("table", required=True))
    rulebook = Rulebook(
        name=head.text("name", required=True),
        version=_version(head),
        name_en=head.text("name_en"),
        about=head.text("about"),
        valid_from=head.day("valid_from"),
        valid_to=head.day("valid_to"),
        tables=tables,
        ranking=ranking,
        tiers=tiers,
        bonus=_read_adjustments(root, "bonus"),
        penalty=_read_adjustments(root, "penalty"),
        vetoes=_read_vetoes(root, tiers),
        warnings=(),
    )
    if rulebook.valid_from and rulebook.valid_to and rulebook.valid_from > rulebook.valid_to:
        head.complain("valid_to", "is before valid_from")
    head.done()
    root.done()
    check_tables(root, tables, warnings)
    warnings.extend(second_look(tables, tiers, rulebook.bonus.items, rulebook.bonus.cap))
    _check_tie_breaks(root, ranking, tables)
    return replace(rulebook, warnings=tuple(warnings))


def _version(head: Reader) -> str:
    value = head.raw("version")
    if value is None or isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        head.complain("version", "is missing" if value is None else "must be a text or a number")
        return ""
    return str(value)


def _read_ranking(row: Reader | None) -> Ranking:
    default = Ranking()
    if row is None:
        return default
    ranking = Ranking(
        lowest=row.number("lowest_score", default.lowest),
        highest=row.number("highest_score", default.highest),
        min_weight=row.number("min_weight", default.min_weight, low=ZERO),
        min_weight_of=row.text("min_weight_of", default.min_weight_of, choices=("table", "group")),
        min_group=row.whole("min_group", default.min_group, low=1),
        min_group_criticism=row.whole("min_group_criticism", default.min_group_criticism, low=1),
        compare_with=row.text("compare_with", default.compare_with, choices=COMPARE_WITH),
        tie_break=row.words("tie_break"),
        min_items=_read_min_items(row.child("min_items")),
    )
    if ranking.lowest >= ranking.highest:
        row.complain("lowest_score", "must be below highest_score")
    row.done()
    return ranking


def _read_min_items(row: Reader | None) -> Condition | None:
    if row is None:
        return None
    condition = Condition(
        row.text("facts", required=True), read_where(row), row.number("at_least", required=True, low=ONE)
    )
    row.done()
    return condition


def _read_tiers(root: Reader, ranking: Ranking) -> tuple[Tier, ...]:
    tiers: list[Tier] = []
    for row in root.children("tier"):
        tier = Tier(
            row.text("name", required=True),
            row.text("name_en"),
            row.number("at_least", ranking.lowest),
            row.number("max_share", ONE, low=ZERO, high=ONE) if row.has("max_share") else None,
            row.whole("min_places"),
        )
        if tier.at_least > ranking.highest:
            row.complain(
                "at_least", f"is {tier.at_least}, which nobody can reach: scores end at {ranking.highest}"
            )
        if tiers and tier.at_least >= tiers[-1].at_least:
            row.complain("at_least", "must be lower than that of the tier before: write the best tier first")
        tiers.append(tier)
        row.done()
    if tiers and tiers[-1].at_least > ranking.lowest:
        root.complain("tier", f"the last tier must start at {ranking.lowest}: leave out its at_least")
    if len({tier.name for tier in tiers}) < len(tiers):
        root.complain("tier", "name the same tier twice")
    return tuple(tiers)


def _read_adjustments(root: Reader, key: str) -> Adjustments:
    row = root.child(key)
    if row is None:
        return Adjustments()
    side = "above" if key == "bonus" else "below"
    adjustments = Adjustments(
        row.optional("cap", low=ZERO),
        read_event_rules(row, "item", About(), keyed=True, side=side),
        row.words("heaviest_per"),
    )
    keys = [item.key for item in adjustments.items]
    for name in sorted({name for name in keys if keys.count(name) > 1}):
        last = len(keys) - 1 - keys[::-1].index(name)
        row.complain(f"item {name}", "is listed twice", ("item", last, "key"))
    row.done()
    return adjustments


def _read_vetoes(root: Reader, tiers: Sequence[Tier]) -> tuple[Veto, ...]:
    vetoes = []
    names = [tier.name for tier in tiers]
    for row in root.children("veto"):
        veto = Veto(
            key=row.text("key", required=True),
            title=row.text("title", required=True),
            title_en=row.text("title_en"),
            clause=row.text("clause"),
            condition=read_condition(row),
            not_above=row.text("not_above", choices=names),
            lower_by=row.whole("lower_by"),
            periods=row.words("periods"),
        )
        if not tiers:
            row.complain("", "needs tiers to lower")
        elif bool(veto.not_above) == bool(veto.lower_by):
            both = bool(veto.not_above)
            row.complain(
                "not_above",
                "give either not_above or lower_by" if both else "give one of not_above and lower_by",
            )
        vetoes.append(veto)
        row.done()
    return tuple(vetoes)


def _check_tie_breaks(root: Reader, ranking: Ranking, tables: Sequence[Table]) -> None:
    known = {indicator.key for table in tables for indicator in table.indicators} | {"bonus", "penalty"}
    for key in ranking.tie_break:
        if key not in known:
            root.complain(
                "ranking › tie_break",
                f"{key!r} is no indicator, and neither bonus nor penalty",
                ("ranking", "tie_break"),
            )
