"""Every English sentence of code and templates, and whether its Chinese is there: `python -m tests.catalogue`.

Fragments lie in supervisor/translations/zh_CN, one a noun. A sentence may stand in two of them, but not with
two meanings. The command names what is missing and ends with 1.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.extract import extract
from babel.messages.pofile import read_po

from scoring import LABELS
from supervisor.config import ROOT
from supervisor.words import TRANSLATIONS

KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "N_": None, "ngettext": (1, 2)}
JINJA_OPTIONS = {"newstyle_gettext": "true", "silent": "false"}
PLACE = re.compile(r"%\((\w+)\)[a-z]")


@dataclass
class Catalogue:
    """What the source says and what the fragments hold."""

    #: msgid -> where it stands (file:line).
    used: dict[str, list[str]] = field(default_factory=dict)
    #: msgid -> {Chinese: fragments}.
    said: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def missing(self) -> dict[str, list[str]]:
        """Sentences without Chinese, with where they stand."""
        return {msgid: places for msgid, places in self.used.items() if not self.said.get(msgid)}

    def conflicts(self) -> dict[str, dict[str, list[str]]]:
        """Sentences with two different Chinese forms, with their fragments."""
        return {msgid: forms for msgid, forms in self.said.items() if len(forms) > 1}

    def torn(self) -> dict[str, str]:
        """Sentences whose Chinese has other %(places)s than the English."""
        return {
            msgid: form
            for msgid, forms in self.said.items()
            for form in forms
            if set(PLACE.findall(msgid)) != set(PLACE.findall(form))
        }

    def unused(self) -> list[str]:
        """Sentences of the fragments that nothing says any more."""
        return sorted(set(self.said) - set(self.used))


def read_catalogue() -> Catalogue:
    """Source and fragments as they now are."""
    catalogue = Catalogue()
    for msgid, place in _source():
        catalogue.used.setdefault(msgid, []).append(place)
    for path in sorted((TRANSLATIONS / "zh_CN").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="zh_CN"):
                msgid = message.id if isinstance(message.id, str) else message.id[0]
                form = message.string if isinstance(message.string, str) else "\0".join(message.string or ())
                if msgid and form.strip("\0"):
                    catalogue.said.setdefault(msgid, {}).setdefault(form, []).append(path.name)
    return catalogue


def _source() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "supervisor").rglob("*.py")):
        yield from _extract("python", path)
    for path in sorted([*(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")]):
        yield from _extract("jinja2.ext:babel_extract", path)
    for label in LABELS:
        yield label, "scoring/explain.py"


def _extract(method: str, path: Path) -> Iterator[tuple[str, str]]:
    with path.open("rb") as file:
        options = JINJA_OPTIONS if "jinja" in method else {}
        for line, message, _comments, _context in extract(method, file, keywords=KEYWORDS, options=options):
            msgid = message if isinstance(message, str) else message[0]
            if msgid:
                yield msgid, f"{path.relative_to(ROOT)}:{line}"


def main() -> int:
    """Print what is wrong; 0 where nothing is."""
    catalogue = read_catalogue()
    problems = [f"no Chinese: {msgid!r} ({places[0]})" for msgid, places in catalogue.missing().items()]
    problems += [f"two meanings: {msgid!r}: {forms}" for msgid, forms in catalogue.conflicts().items()]
    problems += [f"other places: {msgid!r} and {form!r}" for msgid, form in catalogue.torn().items()]
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    sys.stdout.write(
        f"{len(catalogue.used)} sentences, {len(problems)} problems, {len(catalogue.unused())} unused\n"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
