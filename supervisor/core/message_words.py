"""An office's own words for an event: plain names in braces, nothing else. Pure: text in, words or faults out.

No template language: a place is `{unit}` or `{单位}`, it is filled once, and what fills it is never read again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from supervisor.core.message_events import MessageEvent
from supervisor.core.message_fields import MessageField
from supervisor.words import N_, Sentence

#: Characters of a subject, characters of a text, lines of a text.
SUBJECT_LONGEST, BODY_LONGEST, LINES_MOST = 120, 2000, 40
_FULL_WIDTH = str.maketrans({"｛": "{", "｝": "}"})
_PLACE = re.compile(r"\{([^{}\n]*)\}")
_LINE_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"


@dataclass(frozen=True)
class Texts:
    """Subject and text of one language, as an office wrote them."""

    subject: str = ""
    body: str = ""

    @property
    def given(self) -> bool:
        """Whether there is anything."""
        return bool(self.subject or self.body)


def tidied(subject: str, body: str) -> Texts:
    """As it is kept: one kind of line break, no space at the ends, full-width braces as braces."""
    lines = [line.rstrip() for line in body.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return Texts(subject.strip().translate(_FULL_WIDTH), "\n".join(lines).strip().translate(_FULL_WIDTH))


def faults(event: MessageEvent, texts: Texts, locale: str) -> dict[str, Sentence]:
    """What keeps these texts from being used, by `subject` and `body`, each with its place; empty = nothing does."""
    wrong: dict[str, Sentence] = {}
    if not texts.subject:
        wrong["subject"] = N_("Write a subject, or leave subject and text of this language empty.")
    elif len(texts.subject) > SUBJECT_LONGEST:
        wrong["subject"] = N_("At most %(n)s characters.", n=SUBJECT_LONGEST)
    elif any(sign in _LINE_BREAKS for sign in texts.subject):
        wrong["subject"] = N_("A subject is one line.")
    if len(texts.body) > BODY_LONGEST:
        wrong["body"] = N_("At most %(n)s characters.", n=BODY_LONGEST)
    elif texts.body.count("\n") >= LINES_MOST:
        wrong["body"] = N_("At most %(n)s lines.", n=LINES_MOST)
    for name, text in (("subject", texts.subject), ("body", texts.body)):
        found = _first_fault(event, text, locale)
        if found is not None and name not in wrong:
            wrong[name] = found
    named = {field.name for field in _named(event, f"{texts.subject}\n{texts.body}")}
    missing = [field for field in event.needs if field.name not in named]
    if missing and not wrong:
        wrong["body"] = N_(
            "These fields must stand in the subject or the text: %(fields)s.", fields=listed(missing, locale)
        )
    return wrong


def listed(fields: list[MessageField] | tuple[MessageField, ...], locale: str) -> str:
    """Fields as they are typed, in the names of a language."""
    names = [f"{{{field.zh if locale == 'zh_CN' else field.name}}}" for field in fields]
    return ("、" if locale == "zh_CN" else ", ").join(names)


def filled(event: MessageEvent, texts: Texts, values: Mapping[str, str]) -> Texts:
    """The texts with the fields' values. A line that holds nothing but empty fields is left out.

    `texts` are without faults; `values` have been said.
    """

    def value(match: re.Match[str]) -> str:
        field = event.field(match[1].strip())
        return values[field.name] if field else match[0]

    lines = []
    for line in texts.body.split("\n"):
        said = _PLACE.sub(value, line)
        if said.strip() or not line.strip():
            lines.append(said)
    return Texts(_PLACE.sub(value, texts.subject), "\n".join(lines))


def _first_fault(event: MessageEvent, text: str, locale: str) -> Sentence | None:
    """The first thing in a text that cannot be used, with its line and character."""
    for number, line in enumerate(text.split("\n"), start=1):
        for at, sign in _strange(line):
            return N_(
                "Line %(line)s, character %(at)s: a character that cannot be seen (%(code)s).",
                line=number, at=at, code=f"U+{ord(sign):04X}",
            )  # fmt: skip
        fault = _brace_fault(line, number) or _name_fault(event, line, number, locale)
        if fault is not None:
            return fault
    return None


def _strange(line: str) -> Iterator[tuple[int, str]]:
    """Control signs, and signs that turn the direction of writing or hide; a joiner may be part of a word."""
    for at, sign in enumerate(line, start=1):
        if unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} and sign not in "\t\u200d":
            yield at, sign


def _brace_fault(line: str, number: int) -> Sentence | None:
    opened = 0
    for at, sign in enumerate(line, start=1):
        if sign == "{":
            if opened:
                return _unclosed(number, opened)
            opened = at
        elif sign == "}":
            if not opened:
                return N_("Line %(line)s, character %(at)s: “}” closes no brace.", line=number, at=at)
            opened = 0
    return _unclosed(number, opened) if opened else None


def _unclosed(number: int, at: int) -> Sentence:
    return N_("Line %(line)s, character %(at)s: “{” is not closed in this line.", line=number, at=at)


def _name_fault(event: MessageEvent, line: str, number: int, locale: str) -> Sentence | None:
    for match in _PLACE.finditer(line):
        if event.field(match[1].strip()) is None:
            return N_(
                "Line %(line)s, character %(at)s: this message has no field “%(name)s”. Its fields are: %(fields)s.",
                line=number, at=match.start() + 1, name=match[0], fields=listed(event.fields, locale),
            )  # fmt: skip
    return None


def _named(event: MessageEvent, text: str) -> Iterator[MessageField]:
    for match in _PLACE.finditer(text):
        field = event.field(match[1].strip())
        if field is not None:
            yield field
