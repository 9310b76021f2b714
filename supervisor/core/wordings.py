"""Wordings: an office's own words for events, by programme, with days of validity, history and the way back.

What does not hold is refused when it is saved. What stops holding later, because an event's fields changed, is
never used: the default is, and the office is alarmed (`wording_alarms`). No message is lost over its words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from peewee import IntegrityError

from supervisor.clock import beijing_date
from supervisor.core import audit
from supervisor.core.message_events import MessageEvent, default_words
from supervisor.core.message_words import Texts, faults, filled, tidied
from supervisor.core.permissions import Actor, Permission
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound, Refused
from supervisor.models import MessageWording, Programme
from supervisor.statements import statement
from supervisor.words import LOCALES, N_, Sentence

#: Characters of a reason.
REASON_LONGEST = 400
#: How columns of a language end.
ENDINGS = {"zh_CN": "zh", "en": "en"}


@dataclass(frozen=True)
class Wording:
    """The words of an event in a programme on a day: the office's own where they hold, else the default."""

    event: MessageEvent
    #: By language; what is missing is said in the default's words.
    own: Mapping[str, Texts] = field(default_factory=dict)

    def words(self, values: Mapping[str, str], locale: str) -> tuple[str, str]:
        """Subject and body; `values` have been said in that language."""
        subject, body = default_words(self.event, values, locale)
        texts = self.own.get(locale)
        if texts is None or faults(self.event, texts, locale):
            return subject, body
        own = filled(self.event, texts, values)
        return own.subject.strip() or subject, own.body


def in_force(event: MessageEvent, programme_id: int | None, day: date) -> Wording:
    """The words in which a programme tells of an event on a day; outside any programme, the default."""
    row = row_in_force(event, programme_id, day) if programme_id is not None and event.own_words else None
    return Wording(event, texts_of(row)) if row is not None else Wording(event)


def row_in_force(event: MessageEvent, programme_id: int, day: date) -> MessageWording | None:
    """The newest version whose days include `day`; it may be one that goes back to the default."""
    found: list[MessageWording] = _on(programme_id, event.key, day)
    return found[0] if found else None


@statement
def _on(programme_id: Any, event: Any, day: Any) -> Any:
    mine = (MessageWording.programme == programme_id) & (MessageWording.event == event)
    valid = (MessageWording.valid_from <= day) & (
        MessageWording.valid_to.is_null() | (MessageWording.valid_to >= day)
    )
    return MessageWording.select().where(mine & valid).order_by(MessageWording.version.desc()).limit(1)


def texts_of(row: MessageWording) -> dict[str, Texts]:
    """A version's texts by language; a language left to the default is left out."""
    found = {
        locale: Texts(getattr(row, f"subject_{end}"), getattr(row, f"body_{end}"))
        for locale, end in ENDINGS.items()
    }
    return {locale: texts for locale, texts in found.items() if texts.given}


@dataclass(frozen=True)
class Wanted:
    """What an office wants to say, from which day to which, and why."""

    texts: Mapping[str, Texts]
    valid_from: date | None
    valid_to: date | None
    reason: str
    #: Number of the newest version on the page that was sent.
    seen: int


def check(event: MessageEvent, texts: Mapping[str, Texts]) -> dict[str, Sentence]:
    """What is wrong with texts, by the form's fields (`subject_zh` …)."""
    wrong: dict[str, Sentence] = {}
    for locale in LOCALES:
        of = texts.get(locale, Texts())
        if of.given:
            end = ENDINGS[locale]
            wrong |= {f"{name}_{end}": why for name, why in faults(event, of, locale).items()}
    return wrong


@transactional
def change(
    programme: Programme, event: MessageEvent, wanted: Wanted, *, by: Actor, now: datetime
) -> MessageWording:
    """Say an event in own words from a day on. Raises Invalid with the place of each fault; nothing is saved then."""
    _require(programme, event, by)
    texts = {locale: tidied(of.subject, of.body) for locale, of in wanted.texts.items()}
    wrong = check(event, texts)
    if not any(of.given for of in texts.values()):
        wrong["subject_zh"] = N_("Write subject and text in at least one language.")
    wrong |= _wrong_frame(wanted, beijing_date(now))
    if wrong:
        raise Invalid(N_("The wording was not saved; the one in force stays."), wrong)
    row = _add(programme, event, wanted, texts, by=by, now=now)
    audit.record(
        by, "wording.change", row, now=now, reason=row.reason,
        after={"event": event.key, "version": row.version, "from": row.valid_from, "to": row.valid_to},
    )  # fmt: skip
    return row


@transactional
def restore_default(
    programme: Programme, event: MessageEvent, reason: str, *, seen: int, by: Actor, now: datetime
) -> MessageWording:
    """Go back to the default from today on; a version of its own, so that the history says who and why."""
    _require(programme, event, by)
    today = beijing_date(now)
    wanted = Wanted({}, today, None, reason, seen)
    if wrong := _wrong_frame(wanted, today):
        raise Invalid(N_("The wording in force stays."), {"default_reason": wrong["reason"]})
    if row_in_force(event, programme.id, today) is None and not coming(event, programme.id, today):
        raise Refused(N_("The default is in force already."))
    row = _add(programme, event, wanted, {}, by=by, now=now)
    after = {"event": event.key, "version": row.version}
    audit.record(by, "wording.default", row, now=now, reason=row.reason, after=after)
    return row


def _require(programme: Programme, event: MessageEvent, by: Actor) -> None:
    by.require(Permission.SETTINGS_EDIT)
    if programme.id != by.programme_id or not event.own_words:
        raise NotFound


def _wrong_frame(wanted: Wanted, today: date) -> dict[str, Sentence]:
    """What is wrong with days and reason."""
    wrong: dict[str, Sentence] = {}
    if wanted.valid_from is None or wanted.valid_from < today:
        wrong["valid_from"] = N_("Name a day from today on.")
    elif wanted.valid_to is not None and wanted.valid_to < wanted.valid_from:
        wrong["valid_to"] = N_("The last day is before the first.")
    if not wanted.reason.strip():
        wrong["reason"] = N_("Give a reason: it is kept with the version.")
    elif len(wanted.reason.strip()) > REASON_LONGEST:
        wrong["reason"] = N_("At most %(n)s characters.", n=REASON_LONGEST)
    return wrong


def _add(
    programme: Programme,
    event: MessageEvent,
    wanted: Wanted,
    texts: Mapping[str, Texts],
    *,
    by: Actor,
    now: datetime,
) -> MessageWording:
    """The next version; Refused where somebody else has added one since the page was read."""
    versions = versions_of(event, programme.id)
    newest = versions[0].version if versions else 0
    moved_on = Refused(N_("Somebody else has changed this wording meanwhile. Look at it and try again."))
    if wanted.seen != newest:
        raise moved_on
    zh, en = texts.get("zh_CN", Texts()), texts.get("en", Texts())
    try:
        return MessageWording.create(
            programme=programme, event=event.key, version=newest + 1,
            valid_from=wanted.valid_from, valid_to=wanted.valid_to,
            subject_zh=zh.subject, body_zh=zh.body, subject_en=en.subject, body_en=en.body,
            reason=wanted.reason.strip(), set_by=by.user_id, by_name=by.name, set_at=now,
        )  # fmt: skip
    except IntegrityError:
        raise moved_on from None


def versions_of(event: MessageEvent, programme_id: int) -> list[MessageWording]:
    """Every version of an event's words, newest first."""
    mine = (MessageWording.programme == programme_id) & (MessageWording.event == event.key)
    return list(MessageWording.select().where(mine).order_by(MessageWording.version.desc()))


def coming(event: MessageEvent, programme_id: int, today: date) -> list[MessageWording]:
    """Versions with own words whose first day is still to come."""
    versions = versions_of(event, programme_id)
    return [row for row in versions if row.valid_from > today and texts_of(row)]


def all_in_force(programme_id: int, day: date) -> dict[str, MessageWording]:
    """Event key → the version in force on a day. One query."""
    mine = (MessageWording.programme == programme_id) & (MessageWording.valid_from <= day)
    until = MessageWording.valid_to.is_null() | (MessageWording.valid_to >= day)
    rows = MessageWording.select().where(mine & until).order_by(MessageWording.version)
    return {row.event: row for row in rows}
