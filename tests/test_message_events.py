"""The table of events (D13): every telling names one, every field is explained, every default can be said."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from peewee import Database

from supervisor.config import ROOT
from supervisor.core import events, messages, score_events
from supervisor.core.events import EVENTS
from supervisor.core.message_events import MessageEvent, default_text, default_words, examples
from supervisor.core.message_words import SUBJECT_LONGEST, faults, tidied
from supervisor.models import Message
from supervisor.words import LOCALES, say
from tests import builders
from tests.builders import NOW

CORE = sorted((ROOT / "supervisor").rglob("*.py"))
PLACE = re.compile(r"%\((\w+)\)")


def _calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    for path in CORE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == name:
                yield path.name, node


def test_every_telling_names_its_event() -> None:
    """The type says that it is an event; only the table and its part for scores make events."""
    calls = list(_calls("notify"))
    assert len(calls) > 25
    unnamed = [
        f"{path}:{call.lineno}" for path, call in calls if "event" not in {each.arg for each in call.keywords}
    ]
    assert unnamed == []
    assert {path for path, _call in _calls("MessageEvent")} == {"events.py", "score_events.py"}


def _defined() -> list[tuple[str, object]]:
    return [*vars(events).items(), *vars(score_events).items()]


def test_every_event_is_told_somewhere() -> None:
    names = {id(value): name for name, value in _defined() if isinstance(value, MessageEvent)}
    code = "".join(path.read_text(encoding="utf-8") for path in CORE if not path.name.endswith("events.py"))
    untold = [
        names[id(event)] for event in EVENTS.values() if not re.search(rf"events\.{names[id(event)]}\b", code)
    ]
    assert untold == []


def test_no_two_events_share_a_key() -> None:
    every = [value for _, value in _defined() if isinstance(value, MessageEvent)]
    assert len(EVENTS) == len(every) > 40
    assert max(len(key) for key in EVENTS) <= 40  # the column's length


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.key)
def test_an_event_is_whole(event: MessageEvent) -> None:
    """Somebody is told; its fields are explained and used; what must be named is one of them."""
    assert event.told
    names = [field.name for field in event.fields]
    both = [*names, *(field.zh for field in event.fields)]
    assert len(set(both)) == len(both)
    assert all(field.about.msgid for field in event.fields)
    assert set(event.needs) <= set(event.fields)
    used = {name for line in (event.subject, *event.lines) for name in PLACE.findall(line.msgid)}
    assert used == set(names)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.key)
def test_a_default_is_said_in_both_languages(event: MessageEvent, locale: str) -> None:
    subject, body = default_words(event, examples(event, locale), locale)
    assert 0 < len(subject) <= SUBJECT_LONGEST
    assert "\n" not in subject
    assert "%(" not in subject + body
    for text in (event.title, event.topic.label, *(field.about for field in event.fields)):
        assert say(text, "zh_CN") != say(text, "en")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.key)
def test_a_default_could_be_an_own_wording(event: MessageEvent, locale: str) -> None:
    """It names all that must be named, so that an office may start from it."""
    assert faults(event, tidied(*default_text(event, locale)), locale) == {}


def test_fields_that_are_not_the_events_are_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="period"):
        messages.notify(
            event=events.REPORT_ACCEPTED,
            key="a",
            to=[builders.user("a")],
            fields={"period": "5", "reason": "x"},
            programme_id=None,
            now=NOW,
        )
    assert Message.select().count() == 0
