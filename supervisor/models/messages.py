"""Reminders (rows, exactly once) and messages (what a person gets, by inbox and mail)."""

from __future__ import annotations

import enum

from peewee import CharField, ForeignKeyField, IntegerField, TextField

from supervisor.fields import DayField, choice, instant, json_text
from supervisor.models.accounts import User
from supervisor.models.base import Base
from supervisor.models.obligations import Obligation
from supervisor.models.registers import Programme, Unit
from supervisor.models.rules import ReportingRule
from supervisor.words import N_, Sentence


class Channel(enum.StrEnum):
    """By what way a message reaches a person."""

    INBOX = "inbox"
    MAIL = "mail"

    @property
    def label(self) -> Sentence:
        """The channel in words."""
        return CHANNEL_LABELS[self]


CHANNEL_LABELS = {Channel.INBOX: N_("Inbox"), Channel.MAIL: N_("E-mail")}


class MessageKind(enum.StrEnum):
    """What a message is about; a digest carries reminder rows, the others one event each (D13)."""

    DIGEST = "digest"
    WEEKLY = "weekly"
    DECISION = "decision"
    RETURN = "return"
    ISSUED = "issued"
    INVITATION = "invitation"
    ALARM = "alarm"
    CIRCULAR = "circular"
    LADDER = "ladder"

    @property
    def label(self) -> Sentence:
        """The kind in words."""
        return MESSAGE_KIND_LABELS[self]


MESSAGE_KIND_LABELS = {
    MessageKind.DIGEST: N_("Reminder"),
    MessageKind.WEEKLY: N_("Weekly digest"),
    MessageKind.DECISION: N_("Decision"),
    MessageKind.RETURN: N_("Report returned"),
    MessageKind.ISSUED: N_("Tasks issued"),
    MessageKind.INVITATION: N_("Invitation"),
    MessageKind.ALARM: N_("Alarm"),
    MessageKind.CIRCULAR: N_("Circular"),
    MessageKind.LADDER: N_("Step of the ladder"),
}


class MessageState(enum.StrEnum):
    """new → sending → sent; a crash in between leaves `unknown`, a refusal `retry` and in the end `dead`."""

    NEW = "new"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    DEAD = "dead"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    #: No mail server is set: it stays here, readable in the message centre, and was never sent.
    KEPT = "kept"

    @property
    def label(self) -> Sentence:
        """The state in words."""
        return MESSAGE_STATE_LABELS[self]


MESSAGE_STATE_LABELS = {
    MessageState.NEW: N_("Waiting"),
    MessageState.SENDING: N_("Being sent"),
    MessageState.SENT: N_("Sent"),
    MessageState.RETRY: N_("Failed, will be tried again"),
    MessageState.DEAD: N_("Given up"),
    MessageState.UNKNOWN: N_("Result unknown"),
    MessageState.CANCELLED: N_("Cancelled"),
    MessageState.KEPT: N_("Kept in the outbox"),
}


class Message(Base):
    """One message to one person by one channel, rendered before it is sent; `key` makes it unique (D12)."""

    programme = ForeignKeyField(Programme, null=True)
    programme_id: int | None
    recipient = ForeignKeyField(User, backref="messages")
    recipient_id: int
    channel = choice(Channel)
    kind = choice(MessageKind)
    #: Key of the event in `core/events.py`; empty in rows older than the catalogue.
    event = CharField(max_length=40, default="")
    #: Id of the record that the event asks an act about; of which table, the event says.
    about = IntegerField(null=True)
    #: The unit that it is about, where it is one.
    unit = ForeignKeyField(Unit, null=True)
    unit_id: int | None
    #: digest:USER:CHANNEL:DAY, or event:RECORD:USER:CHANNEL. Never twice.
    key = CharField(max_length=160, unique=True)
    day = DayField()
    subject = CharField(max_length=300)
    body = TextField()
    #: Application path the message leads to.
    link = CharField(max_length=200, default="")
    state = choice(MessageState, default=MessageState.NEW)
    attempts = IntegerField(default=0)
    next_try_at = instant(null=True)
    fence = IntegerField(default=0)
    claimed_at = instant(null=True)
    sent_at = instant(null=True)
    read_at = instant(null=True)
    error = TextField(default="")
    #: Fixed RFC 5322 Message-ID: a mail sent twice after a crash can be told (D12).
    message_id = CharField(max_length=200, default="")
    created_at = instant()

    class Meta:
        indexes = (
            (("recipient", "channel", "read_at", "day", "id"), False),
            (("recipient", "channel", "day", "id"), False),
            (("recipient", "event", "about"), False),
            (("channel", "state", "next_try_at"), False),
            (("programme", "state", "id"), False),
        )


class Reminder(Base):
    """One stage of one obligation for one person on one channel and schedule version: exactly once (D12)."""

    obligation = ForeignKeyField(Obligation, backref="reminders")
    obligation_id: int
    #: `before:3`, `due:0`, `overdue:1` … in working days; `date:07-10` where a date only reminds.
    stage = CharField(max_length=20)
    recipient = ForeignKeyField(User)
    recipient_id: int
    channel = choice(Channel)
    schedule_version = IntegerField()
    due_on = DayField()
    #: The digest that carries it; None = collapsed into a later stage, never sent by itself.
    message = ForeignKeyField(Message, null=True, backref="reminders")
    message_id: int | None
    #: The later stage that fell due with it while nothing could be sent (goal 7); empty = sent by itself.
    collapsed_into = CharField(max_length=20, default="")
    cancelled_at = instant(null=True)
    created_at = instant()

    class Meta:
        indexes = ((("obligation", "stage", "recipient", "channel", "schedule_version"), True),)


class MessageWording(Base):
    """An office's own words for one event, from a day on. Versions are added, never changed; the newest valid counts.

    A version whose words are empty in both languages goes back to the default.
    """

    programme = ForeignKeyField(Programme)
    programme_id: int
    #: Key of the event in `core/events.py`.
    event = CharField(max_length=40)
    version = IntegerField()
    valid_from = DayField()
    #: Last day; None = until a later version.
    valid_to = DayField(null=True)
    #: Empty in a language = the default of that language.
    subject_zh = CharField(max_length=120, default="")
    body_zh = TextField(default="")
    subject_en = CharField(max_length=120, default="")
    body_en = TextField(default="")
    reason = CharField(max_length=400)
    set_by = IntegerField()
    by_name = CharField(max_length=80)
    set_at = instant()

    class Meta:
        indexes = ((("programme", "event", "version"), True),)


class ReminderPause(Base):
    """Reminders of a programme, or of one rule, held back from a day until a day, with a reason; never for ever."""

    programme = ForeignKeyField(Programme, backref="pauses")
    programme_id: int
    #: None = every reminder of the programme.
    rule = ForeignKeyField(ReportingRule, null=True, backref="pauses")
    rule_id: int | None
    from_on = DayField()
    #: Last day on which nothing is sent.
    until_on = DayField()
    reason = CharField(max_length=400)
    made_by = IntegerField()
    made_by_name = CharField(max_length=120)
    made_at = instant()
    #: Ended by a person before its last day.
    ended_at = instant(null=True)
    ended_by_name = CharField(max_length=120, default="")
    end_reason = CharField(max_length=400, default="")

    class Meta:
        indexes = ((("programme", "until_on"), False),)


class Lease(Base):
    """Who does a periodic job now; efficiency only, correctness lies in unique keys and the fence."""

    name = CharField(max_length=40, unique=True)
    holder = CharField(max_length=80, default="")
    until = instant()
    fence = IntegerField(default=0)


class Tick(Base):
    """One pass of everything that time makes happen: the office's "last tick" (D34). Old rows are thinned."""

    #: The product's time of the pass (trial clock included).
    at = instant(index=True)
    #: The machine's own time, for the alarm when passes stop.
    ran_at = instant(index=True)
    milliseconds = IntegerField()
    #: What was done, by name.
    counts = json_text(default=dict)
    error = TextField(default="")
