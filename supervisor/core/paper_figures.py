"""Figures of a drafted paper: what data says, each under a name and with the page that it comes from.

A person writes `{最高分}`; what is printed in its place is the figure and cannot be typed over. Names are plain words,
there is no template language.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from supervisor.database import digest
from supervisor.documents.official_paper import Annex, Figure, Paragraph, Part, paragraph
from supervisor.errors import Invalid
from supervisor.words import N_

_NAMED = re.compile(r"\{([^{}\n]{1,60})\}")
#: A number with its measure that a person typed; years, days and the numbers of headings are none.
_TYPED = re.compile(
    r"(?<![\d.{〔])\d+(?:\.\d+)?\s?(?:分|个|家|户|份|件|项|名|次|%|％|元|万元|亿元|公里|平方米)"
)


@dataclass(frozen=True)
class DrawnUp:
    """What data gives a paper: figures by name, annexes, and what it was drawn up from."""

    figures: Mapping[str, Figure]
    annexes: tuple[Annex, ...]
    basis: str

    def to_json(self) -> str:
        """Canonical text; `read` is its inverse but for `basis`, which is kept beside it."""
        held = {
            "figures": [[name, one.text, one.source] for name, one in self.figures.items()],
            "annexes": [asdict(one) for one in self.annexes],
        }
        return json.dumps(held, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def read(cls, text: str, basis: str) -> DrawnUp:
        """From canonical text."""
        held: dict[str, Any] = json.loads(text)
        figures = {name: Figure(shown, source) for name, shown, source in held["figures"]}
        return cls(figures, tuple(Annex.of(one) for one in held["annexes"]), basis)

    @property
    def seal(self) -> str:
        """Changes when any figure or annex does."""
        return digest(self.to_json())


def unknown(text: str, figures: Mapping[str, Figure]) -> list[str]:
    """Names in braces that no figure has, in the order of the text."""
    return [name for name in dict.fromkeys(_NAMED.findall(text)) if name not in figures]


def refuse_unknown(text: str, figures: Mapping[str, Figure]) -> None:
    """Invalid naming what stands in braces and is no figure, and braces that do not pair."""
    names = unknown(text, figures)
    if names:
        raise Invalid(
            N_("The draft was not kept."),
            {"text": N_("No figure is called %(names)s: take one of the list.", names="、".join(names))},
        )
    if re.search(r"[{}]", _NAMED.sub("", text)):
        raise Invalid(
            N_("The draft was not kept."), {"text": N_("A brace stands alone: figures are written {name}.")}
        )


def typed_figures(text: str) -> list[str]:
    """Figures that a person typed into the text and nothing vouches for."""
    return list(dict.fromkeys(_TYPED.findall(_NAMED.sub("", text))))


def filled(text: str, figures: Mapping[str, Figure]) -> tuple[Paragraph, ...]:
    """The paragraphs of a text with its figures; a name that is none stays as it was written."""
    made = []
    for line in filter(None, (one.strip() for one in text.splitlines())):
        parts: list[Part] = []
        for n, piece in enumerate(_NAMED.split(line)):
            parts.append(piece if n % 2 == 0 else figures.get(piece, f"{{{piece}}}"))
        made.append(paragraph(*parts))
    return tuple(made)
