"""Reminders (rows, exactly once) and messages: what a person gets by inbox and mail, and a group by its robot."""

from __future__ import annotations

import enum

from peewee import CharField, ForeignKeyField, IntegerField, TextField

from supervisor.fields import DayField, choice, instant, json_text
from supervisor.models.accounts import User
from supervisor.models.base import Base
from supervisor.models.channels import Channel
from supervisor.models.obligations import Obligation
from supervisor.models.registers import Programme, Unit
from supervisor.models.robots import Robot
from supervisor.models.rules import ReportingRule
from supervisor.words import N_, Sentence


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
    #: Tries out a robot; never tried a second time by itself.
    TEST = "test"

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
    MessageKind.TEST: N_("Test message"),
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
    """One message by one channel, rendered before it is sent; `key` makes it unique (D12).

    It goes to one person (inbox, mail) or to one robot's group, never to both.
    """

    programme = ForeignKeyField(Programme, null=True)
    programme_id: int | None
    recipient = ForeignKeyField(User, null=True, backref="messages")
    recipient_id: int | None
    robot = ForeignKeyField(Robot, null=True, backref="messages")
    robot_id: int | None
    channel = choice(Channel)
    kind = choice(MessageKind)
    #: Key of the event in `core/events.py`; empty in rows older than the catalogue, and where a robot speaks.
    event = CharField(max_length=40, default="")
    #: Id of the record that the event asks an act about; of which table, the event says.
    about = IntegerField(null=True)
    #: The unit that it is about, where it is one.
    unit = ForeignKeyField(Unit, null=True)
    unit_id: int | None
    #: digest:USER:CHANNEL:DAY, robot-digest:ROBOT:DAY or event:RECORD:USER:CHANNEL. Never twice.
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
    #: Why it was not sent: a sentence of the catalogue, then a line with the other side's own words.
    error = TextField(default="")
    #: Fixed Message-ID (mail) or idempotency key (robots): one sent twice after a crash can be told (D12).
    message_id = CharField(max_length=200, default="")
    created_at = instant()

    class Meta:
        indexes = (
            (("recipient", "channel", "read_at", "day", "id"), False),
            (("recipient", "channel", "day", "id"), False),
            (("recipient", "event", "about"), False),
            (("channel", "state", "next_try_at"), False),
            (("programme", "day", "id"), False),
            # Lists by channel and state; with robot and read it answers the sums of days without a row being read.
            (("programme", "channel", "state", "day", "id", "robot", "read_at"), False),
        )

    @property
    def person(self) -> User:
        """Who gets it by inbox or mail; wants it loaded."""
        if self.recipient is None:
            raise ValueError("this message goes to a robot")
        return self.recipient

    @property
    def receiver_name(self) -> str:
        """Who gets it: the person or the robot; want it loaded."""
        if self.robot is not None:
            return str(self.robot.name)
        return str(self.person.name)


class DeliveryAttempt(Base):
    """One try to send one message: when, how long, what came of it. Written before the network is touched.

    A row that stays `sending` belongs to a process that died; it becomes `unknown`. Inbox messages have none.
    """

    message = ForeignKeyField(Message, backref="tries")
    message_id: int
    robot = ForeignKeyField(Robot, null=True, backref="+")
    robot_id: int | None
    channel = choice(Channel)
    #: The message's fence at the claim: counts all tries, also those after "send again".
    fence = IntegerField()
    #: The day in Beijing.
    day = DayField()
    at = instant()
    milliseconds = IntegerField(null=True)
    result = choice(MessageState)
    error = TextField(default="")

    class Meta:
        indexes = (
            (("message", "fence"), True),
            (("robot", "at"), False),
            (("channel", "day", "result"), False),
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


class RobotReminder(Base):
    """One stage of one obligation told by one robot and schedule version: exactly once (D12).

    A table of its own, not a reminder without a recipient: NULL makes no key unique.
    """

    obligation = ForeignKeyField(Obligation, backref="robot_reminders")
    obligation_id: int
    stage = CharField(max_length=20)
    robot = ForeignKeyField(Robot, backref="reminders")
    robot_id: int
    schedule_version = IntegerField()
    due_on = DayField()
    #: The digest that carries it; None = collapsed into a later stage.
    message = ForeignKeyField(Message, null=True, backref="robot_reminders")
    message_id: int | None
    collapsed_into = CharField(max_length=20, default="")
    cancelled_at = instant(null=True)
    created_at = instant()

    class Meta:
        indexes = ((("obligation", "stage", "robot", "schedule_version"), True),)


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
