"""A robot's message as its group reads it: within the bytes that the channel takes, and saying what was left out."""

from __future__ import annotations

from supervisor.models import Channel, Message
from supervisor.words import DEFAULT_LOCALE, LOCALES, N_, say

#: The most bytes (UTF-8) of a text that a channel takes: WeCom 2048 by its manual, DingTalk 20 kB for a whole call.
MOST_BYTES = {Channel.WECOM: 2048, Channel.DINGTALK: 18_000, Channel.WEBHOOK: 60_000}


def text_of(message: Message, base_url: str) -> str:
    """The text that goes out: subject, as many lines as fit, how many more there are, and the link."""
    robot = message.robot
    locale = robot.language if robot is not None and robot.language in LOCALES else DEFAULT_LOCALE
    link = f"{base_url}{message.link}" if message.link else ""
    return clip(message.subject, message.body.splitlines(), link, MOST_BYTES[message.channel], locale)


def clip(subject: str, lines: list[str], link: str, most: int, locale: str) -> str:
    """Subject, lines and link in at most `most` bytes, whole lines; what is left out is counted."""
    for kept in range(len(lines), -1, -1):
        left_out = len(lines) - kept
        more = (
            [say(N_("… and %(n)s more lines; all of them behind the link.", n=left_out), locale)]
            if left_out
            else []
        )
        text = "\n".join([subject, *lines[:kept], *more, *([link] if link else [])])
        if len(text.encode()) <= most:
            return text
    # Not even the subject fits beside the count and the link: it is cut between two characters.
    tail = text[len(subject) :]
    return cut(subject, most - len(tail.encode())) + tail


def cut(text: str, most: int) -> str:
    """The longest beginning of a text that takes at most `most` bytes, never half a character."""
    return text.encode()[: max(most, 0)].decode(errors="ignore")
