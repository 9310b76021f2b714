"""What a document says, before it becomes a file: frozen dataclasses, filled by the core, written here.

Documents compute no number: every figure, place and sign arrives as it is printed. Official documents are
Chinese whatever the reader's language, so that texts here are plain Chinese strings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

NOT_APPLICABLE = "不适用"
NOT_RANKED = "—"


class CellKind(StrEnum):
    """How a column's values are stored and shown."""

    TEXT = "text"  # wrapped, left
    WORD = "word"  # a short text, centred
    INTEGER = "integer"
    POINTS = "points"  # two decimals
    CHANGE = "change"  # two decimals with their sign
    PERCENT = "percent"  # a Decimal from 0 to 100, stored as Excel's percentage
    DATE = "date"
    LAMP = "lamp"


class Light(StrEnum):
    """The colours of a lamp; grey is "not started" or "suspended". Blue is never "done" (it means an order)."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"


@dataclass(frozen=True)
class Lamp:
    """A lamp with the word printed beside it: colour alone is lost in print and on some eyes."""

    light: Light
    word: str


# A text is taken in a column of any kind: 不适用 under a number, 长期 under a date.
CellValue = str | int | Decimal | date | Lamp | None


@dataclass(frozen=True)
class Column:
    """A column of a table: the key of its values in each row, its heading, kind, and width in characters."""

    key: str
    heading: str
    kind: CellKind = CellKind.TEXT
    width: float = 12


@dataclass(frozen=True)
class Sheet:
    """One table on one sheet.

    `name` is the tab's (up to 31 characters); `left` and `right` stand in the line under the title;
    `frozen` columns stay in sight when the table is moved sideways.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, CellValue], ...]
    left: str = ""
    right: str = ""
    footnotes: tuple[str, ...] = ()
    frozen: int = 0


@dataclass(frozen=True)
class Workbook:
    """Sheets of one file; `created` (aware) is the moment the content is of, so that bytes can be repeated."""

    sheets: tuple[Sheet, ...]
    created: datetime
    title: str = ""


@dataclass(frozen=True)
class IndicatorColumn:
    """An indicator of one group's rulebook table: its key in `RankedUnit.points`, name and weight in points."""

    key: str
    title: str
    weight: Decimal


@dataclass(frozen=True)
class RankedUnit:
    """One line of a ranking. `place` None: not ranked, the reason stands in `remark`. All figures in points.

    `points` holds None (or no entry) where the indicator does not apply to the unit.
    """

    place: int | None
    unit: str
    points: Mapping[str, Decimal | None]
    base: Decimal | None
    bonus: Decimal
    deduction: Decimal
    total: Decimal | None
    change: Decimal | None = None
    tier: str = ""
    remark: str = ""


@dataclass(frozen=True)
class RankedGroup:
    """A group ranked by itself, its units in the order of print; `note` says for instance why there are no places."""

    name: str
    indicators: tuple[IndicatorColumn, ...]
    units: tuple[RankedUnit, ...]
    note: str = ""


@dataclass(frozen=True)
class ScoreLine:
    """One line of the score detail: who, which indicator, the points, and what they were counted from."""

    group: str
    unit: str
    indicator: str
    weight: Decimal | None
    points: Decimal | None
    rule: str
    arithmetic: str
    records: str
    remark: str = ""


@dataclass(frozen=True)
class RankingContent:
    """A ranking table with its score lines.

    `rulebook` is name and version, `cutoff` what was counted until when, `audit_head` the head of the audit
    chain at `created`. `prepared_by`, `reviewed_by`, `signed_by` may be empty: a line to sign is printed.
    """

    title: str
    period: str
    rulebook: str
    cutoff: str
    groups: tuple[RankedGroup, ...]
    lines: tuple[ScoreLine, ...]
    created: datetime
    audit_head: str
    footnotes: tuple[str, ...] = ()
    prepared_by: str = ""
    reviewed_by: str = ""
    signed_by: str = ""


@dataclass(frozen=True)
class LedgerRow:
    """One task of the ledger. `due` may be a word (长期) where there is no date; shares are 0–100 per cent."""

    number: int
    category: str
    task: str
    target: str = ""
    leader: str = ""
    lead_units: str = ""
    responsible_units: str = ""
    due: date | str | None = None
    planned: Decimal | None = None
    actual: Decimal | None = None
    completion: Decimal | None = None
    progress: str = ""
    problems: str = ""
    next_steps: str = ""
    lamp: Lamp | None = None
    liaison: str = ""
    remark: str = ""


@dataclass(frozen=True)
class LedgerContent:
    """The ledger (台账) of a programme as of a day; `filled_by` is the unit that would seal it."""

    title: str
    filled_by: str
    as_of: date
    rows: tuple[LedgerRow, ...]
    created: datetime
    audit_head: str
    footnotes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bar:
    """One unit of a ranking chart: its total in points or None, its place or None if not ranked."""

    unit: str
    total: Decimal | None
    place: int | None
    is_subject: bool = False


@dataclass(frozen=True)
class ChartPanel:
    """One group of a ranking chart, bars in the order of print; `note` stands under the group's name."""

    name: str
    bars: tuple[Bar, ...]
    note: str = ""


@dataclass(frozen=True)
class ChartContent:
    """A ranking chart: panels side by side, up to `columns` in a row; `full` is the end of the scale in points.

    `without_total` stands in place of a bar, in the language of the page that the picture is for.
    """

    title: str
    panels: tuple[ChartPanel, ...]
    columns: int = 3
    full: Decimal = Decimal(100)
    without_total: str = "不排名"


@dataclass(frozen=True)
class ChangedPlace:
    """One unit of a chart of changed places."""

    unit: str
    before: int
    after: int


@dataclass(frozen=True)
class ChangePanel:
    """One group of a chart of changed places; `note` says who is left out."""

    name: str
    units: tuple[ChangedPlace, ...]
    note: str = ""


@dataclass(frozen=True)
class ChangeChart:
    """Places before and after, joined by lines: solid up, dashed down, thin where nothing changes."""

    title: str
    before: str
    after: str
    panels: tuple[ChangePanel, ...]
    columns: int = 2


@dataclass(frozen=True)
class TrendLine:
    """One unit over the periods: a value each or None; `labels` stand at the points of the subject's line."""

    unit: str
    values: tuple[Decimal | None, ...]
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class TrendPanel:
    """Scores (in points), or places with the first at the top.

    `low`, `middle` and `high` are the group's least, median and greatest score of each period, drawn as a band;
    None where too few units are scored to show them. `subject` marks a panel about one unit.
    """

    name: str
    lines: tuple[TrendLine, ...]
    note: str = ""
    places: bool = False
    subject: bool = False
    low: tuple[Decimal | None, ...] = ()
    middle: tuple[Decimal | None, ...] = ()
    high: tuple[Decimal | None, ...] = ()


@dataclass(frozen=True)
class TrendChart:
    """Scores and places over periods, oldest first; a period's name may have two lines."""

    title: str
    periods: tuple[str, ...]
    panels: tuple[TrendPanel, ...]
    columns: int = 2


@dataclass(frozen=True)
class HeatRow:
    """One unit of a heat map: percent of the points earned, 0 to 100, for each column; None = does not apply."""

    unit: str
    shares: tuple[int | None, ...]


@dataclass(frozen=True)
class HeatChart:
    """Units by indicators of one group: dark where points are lost, the share in figures in each cell."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[HeatRow, ...]
    note: str = ""
