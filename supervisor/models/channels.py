"""By what ways a message leaves the system."""

from __future__ import annotations

import enum

from supervisor.words import N_, Sentence


class Channel(enum.StrEnum):
    """By what way a message reaches a person (inbox, mail) or a group (a robot's)."""

    INBOX = "inbox"
    MAIL = "mail"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    WEBHOOK = "webhook"

    @property
    def label(self) -> Sentence:
        """The channel in words."""
        return CHANNEL_LABELS[self]

    @property
    def is_robot(self) -> bool:
        """Whether a robot speaks by it."""
        return self in ROBOT_CHANNELS


CHANNEL_LABELS = {
    Channel.INBOX: N_("Inbox"),
    Channel.MAIL: N_("E-mail"),
    Channel.WECOM: N_("WeCom group robot"),
    Channel.DINGTALK: N_("DingTalk group robot"),
    Channel.WEBHOOK: N_("Webhook of another system"),
}
#: What a robot may be.
ROBOT_CHANNELS = (Channel.WECOM, Channel.DINGTALK, Channel.WEBHOOK)
