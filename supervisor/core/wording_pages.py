"""What the pages of wordings show: every event with the words in force, one event with default, own and examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from supervisor.core import wordings
from supervisor.core.events import EVENTS
from supervisor.core.message_events import MessageEvent, Topic, default_text, default_words, examples
from supervisor.core.message_words import Texts, filled
from supervisor.models import MessageWording
from supervisor.words import LOCALES, Sentence


@dataclass(frozen=True)
class Line:
    """An event in the list: whose words are in force, and whether they hold."""

    event: MessageEvent
    #: None = the default.
    own: MessageWording | None
    #: What keeps the own wording from being used, or None.
    fault: Sentence | None


def lines(programme_id: int, day: date, *, topic: Topic | None = None, own_only: bool = False) -> list[Line]:
    """The events an office may word, by topic, in one query."""
    in_force = wordings.all_in_force(programme_id, day)
    found = []
    for event in sorted(EVENTS.values(), key=lambda event: list(Topic).index(event.topic)):
        if event.own_words and topic in (None, event.topic):
            line = _line(event, in_force.get(event.key))
            if line.own is not None or not own_only:
                found.append(line)
    return found


def _line(event: MessageEvent, row: MessageWording | None) -> Line:
    texts = wordings.texts_of(row) if row is not None else {}
    wrong = wordings.check(event, texts)
    return Line(event, row if texts else None, next(iter(wrong.values()), None))


@dataclass(frozen=True)
class Sample:
    """One language of an event: the default with its fields, and default and own with example values."""

    locale: str
    #: How the form's fields of this language end.
    end: str
    default: Texts
    default_said: Texts
    #: None = nothing own, or it does not hold.
    own_said: Texts | None


def samples(event: MessageEvent, texts: Mapping[str, Texts]) -> list[Sample]:
    """Default and own side by side, in each language, with example values."""
    return [_sample(event, locale, texts.get(locale)) for locale in LOCALES]


def _sample(event: MessageEvent, locale: str, own: Texts | None) -> Sample:
    values = examples(event, locale)
    end = wordings.ENDINGS[locale]
    holds = own is not None and own.given and not wordings.check(event, {locale: own})
    return Sample(
        locale=locale,
        end=end,
        default=Texts(*default_text(event, locale)),
        default_said=Texts(*default_words(event, values, locale)),
        own_said=filled(event, own, values) if own is not None and holds else None,
    )


def without_defaults(event: MessageEvent, texts: Mapping[str, Texts]) -> dict[str, Texts]:
    """Texts without those that say just what the default says: a language left alone stays the default's."""
    return {
        locale: of for locale, of in texts.items() if of.given and of != Texts(*default_text(event, locale))
    }


def in_force_or_default(event: MessageEvent, row: MessageWording | None) -> dict[str, Texts]:
    """What the form begins with: the own words in force, else the default with its fields in braces."""
    own = wordings.texts_of(row) if row is not None else {}
    return {locale: own.get(locale) or Texts(*default_text(event, locale)) for locale in LOCALES}
