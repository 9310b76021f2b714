"""What a message event is: what it is about, who is told by which way (D13), its fields, and its default words."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from supervisor.core.message_fields import MessageField, Value
from supervisor.models import Channel, MessageKind
from supervisor.words import N_, Sentence, say


class Audience(enum.StrEnum):
    """Whom an event is told to; a role in the programme, or the one person that it concerns."""

    LIAISON = "liaison"
    HEAD = "head"
    OFFICE = "office"
    ASSESSOR = "assessor"
    LEADER = "leader"
    PERSON = "person"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> Sentence:
        """The audience in words."""
        return AUDIENCE_LABELS[self]


AUDIENCE_LABELS = {
    Audience.LIAISON: N_("Unit's liaison"),
    Audience.HEAD: N_("Unit's head"),
    Audience.OFFICE: N_("Lead office"),
    Audience.ASSESSOR: N_("Assessor"),
    Audience.LEADER: N_("Leader"),
    Audience.PERSON: N_("Person concerned"),
    Audience.ADMINISTRATOR: N_("Administrator"),
}


class When(enum.StrEnum):
    """On what condition an audience is told."""

    ALWAYS = "always"
    NO_LIAISON = "no_liaison"
    OVERDUE = "overdue"

    @property
    def label(self) -> Sentence:
        """The condition in words."""
        return WHEN_LABELS[self]


WHEN_LABELS = {
    When.ALWAYS: N_("always"),
    When.NO_LIAISON: N_("where the unit has no liaison"),
    When.OVERDUE: N_("once it is overdue, or where the unit has no liaison"),
}


class Topic(enum.StrEnum):
    """Under which heading an event stands on the office's pages."""

    REMINDERS = "reminders"
    REPORTS = "reports"
    TASKS = "tasks"
    WORK_PLANS = "work_plans"
    DECISIONS = "decisions"
    SCORES = "scores"
    CALENDAR = "calendar"
    PEOPLE = "people"

    @property
    def label(self) -> Sentence:
        """The heading."""
        return TOPIC_LABELS[self]


TOPIC_LABELS = {
    Topic.REMINDERS: N_("Reminders and digests"),
    Topic.REPORTS: N_("Reports"),
    Topic.TASKS: N_("Tasks"),
    Topic.WORK_PLANS: N_("Work plans"),
    Topic.DECISIONS: N_("Dispatch and decisions"),
    Topic.SCORES: N_("Scores and circulars"),
    Topic.CALENDAR: N_("Calendar"),
    Topic.PEOPLE: N_("People and system"),
}


class Act(enum.StrEnum):
    """What an event asks its reader to do; it stays to do until the record named by the message is done."""

    HAND_IN = "hand_in"
    APPROVE = "approve"
    SIGN = "sign"
    FILE_WORK_PLAN = "file_work_plan"
    DECIDE = "decide"
    ANSWER_CALENDAR = "answer_calendar"
    FOLLOW_UP = "follow_up"
    ANSWER_STEP = "answer_step"
    DECIDE_CASE = "decide_case"
    DECIDE_LIST = "decide_list"

    @property
    def label(self) -> Sentence:
        """The act in words."""
        return ACT_LABELS[self]


ACT_LABELS = {
    Act.HAND_IN: N_("Report to be handed in"),
    Act.APPROVE: N_("Report to be approved"),
    Act.SIGN: N_("Tasks to be signed for"),
    Act.FILE_WORK_PLAN: N_("Work plan to be filed"),
    Act.DECIDE: N_("To be decided"),
    Act.ANSWER_CALENDAR: N_("Deadlines to be decided"),
    Act.FOLLOW_UP: N_("To be carried out"),
    Act.ANSWER_STEP: N_("Paper to be signed for and answered"),
    Act.DECIDE_CASE: N_("Case to be decided"),
    Act.DECIDE_LIST: N_("List to be decided"),
}


@dataclass(frozen=True, eq=False)
class MessageEvent:
    """One kind of event of which people are told."""

    key: str
    kind: MessageKind
    topic: Topic
    #: What happened, as the office's pages name it.
    title: Sentence
    told: Mapping[Audience, When]
    fields: tuple[MessageField, ...]
    #: Default words, with `%(name)s` places; a line whose fields are all empty is left out.
    subject: Sentence
    lines: tuple[Sentence, ...] = ()
    #: Fields that an office's own wording must name somewhere.
    needs: tuple[MessageField, ...] = ()
    #: None = every way by which the person is reached.
    channels: tuple[Channel, ...] | None = None
    act: Act | None = None
    #: Whether robots of chat groups pass it on, in words of their own.
    groups: bool = False
    #: Whether an office may word it; alarms about wordings are said in our words alone.
    own_words: bool = True

    def field(self, name: str) -> MessageField | None:
        """The field of that English or Chinese name."""
        return next((field for field in self.fields if name in (field.name, field.zh)), None)


def just(field: MessageField) -> Sentence:
    """A line that is nothing but a field."""
    return Sentence(f"%({field.name})s")


def said(values: Mapping[str, Value], locale: str) -> dict[str, str]:
    """The fields' values in a language; several lines are joined by line breaks."""
    return {name: _said(value, locale) for name, value in values.items()}


def _said(value: Value, locale: str) -> str:
    if isinstance(value, Sentence):
        return say(value, locale)
    if isinstance(value, str | int):
        return str(value)
    return "\n".join(line if isinstance(line, str) else say(line, locale) for line in value)


def default_words(event: MessageEvent, values: Mapping[str, str], locale: str) -> tuple[str, str]:
    """Subject and body in our words; `values` have been said."""
    lines = [say(Sentence(line.msgid, values), locale) for line in event.lines]
    body = "\n".join(line for line in lines if line.strip())
    return say(Sentence(event.subject.msgid, values), locale), body


def examples(event: MessageEvent, locale: str) -> dict[str, str]:
    """A value for each field, for previews."""
    return said({field.name: field.example for field in event.fields}, locale)


def default_text(event: MessageEvent, locale: str) -> tuple[str, str]:
    """Subject and body of the default with its fields in braces, as an office would begin to change it."""
    named = {f.name: f"{{{f.zh if locale == 'zh_CN' else f.name}}}" for f in event.fields}
    return default_words(event, named, locale)
