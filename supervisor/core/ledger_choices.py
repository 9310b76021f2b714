"""What a person chose about an uploaded ledger, and what is proposed before anybody has. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from supervisor.core.ledger_cells import read_day
from supervisor.core.ledger_headings import Field, Headings, find_headings, heading_names, headings_at
from supervisor.core.ledger_reading import Answers
from supervisor.documents.ledger_sheets import Sheet, Sheets

_AS_OF = re.compile(
    r"(?:截至|截止|统计|填报|更新|制表)[^\d]{0,6}([\d.年月日/\-\s〇零一二三四五六七八九十]{4,14})"
)
_MONTH = re.compile(r"(20\d\d)年(\d{1,2})月(?:(\d{1,2})日)?")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")


@dataclass(frozen=True)
class Choices:
    """Sheet, rows of headings (counted from 0; −1 = none found) and what each column holds; title, day, answers."""

    sheet: int
    first: int
    last: int
    fields: tuple[Field, ...]
    title: str
    #: The day of which the ledger speaks.
    as_of: date
    #: Of days without one.
    year: int
    answers: Answers = field(default_factory=Answers)
    #: A person knows that this file was imported before.
    again: bool = False

    @property
    def has_headings(self) -> bool:
        """Whether a row of headings is known."""
        return self.first >= 0

    def headings_in(self, sheet: Sheet) -> Headings:
        """The headings with the columns as chosen."""
        return Headings(self.first, self.last, heading_names(sheet, self.first, self.last), self.fields)


def propose(sheets: Sheets, number: int, filename: str, today: date) -> Choices:
    """What is proposed for a sheet: its headings, its title, the day of which it speaks (at most today)."""
    sheet = sheets.sheets[number]
    found = find_headings(sheet)
    above = [
        " ".join(cell.split()) for row in sheet.cells[: found.first if found else 3] for cell in row if cell
    ]
    stem = Path(filename).stem
    year = _YEAR.search(" ".join([*above, sheet.name, stem]))
    as_of = _day_in([*above, sheet.name, stem], today)
    titles = [text for text in above if not re.search(r"[:：。]", text) and len(text) <= 80]
    title = max(titles, key=len, default="")
    return Choices(
        sheet=number,
        first=found.first if found else -1,
        last=found.last if found else -1,
        fields=found.fields if found else (),
        title=title if len(title) >= 4 else stem,
        as_of=as_of,
        year=int(year[1]) if year else as_of.year,
    )


def with_headings(choices: Choices, sheet: Sheet, first: int, last: int) -> Choices:
    """The same with other rows of headings; columns are proposed anew."""
    return replace(choices, first=first, last=last, fields=headings_at(sheet, first, last).fields)


def _day_in(texts: list[str], today: date) -> date:
    for text in texts:
        if match := _AS_OF.search(text):
            found = read_day(match[1].strip(), today).day
            if found and found <= today:
                return found
    return today


def to_plain(choices: Choices) -> dict[str, Any]:
    """The choices as kept with the upload."""
    answers = choices.answers
    return asdict(choices) | {
        "as_of": choices.as_of.isoformat(),
        "fields": [what.value for what in choices.fields],
        "answers": {
            "lead": answers.lead,
            "twice": answers.twice,
            "states": dict(answers.states),
            "fixes": [[row, column, text] for (row, column), text in sorted(answers.fixes.items())],
        },
    }


def from_plain(kept: Mapping[str, Any]) -> Choices:
    """The choices that `to_plain` wrote."""
    answers = kept["answers"]
    return Choices(
        **{
            **kept,
            "as_of": date.fromisoformat(kept["as_of"]),
            "fields": tuple(Field(what) for what in kept["fields"]),
            "answers": Answers(
                lead=answers["lead"],
                twice=answers["twice"],
                states=answers["states"],
                fixes={(row, column): text for row, column, text in answers["fixes"]},
            ),
        }
    )
