"""Messages written to files instead of being sent: what a rehearsal leaves behind to be read (邮件演练).

A mail is the file a mail program opens (.eml), an inbox or group message a text. A list of all of them (.csv, opens in
a spreadsheet) names day, receiver, channel and file. Nothing here sends anything.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import datetime

from peewee import JOIN

from supervisor.clock import beijing
from supervisor.core.mail import SmtpSender
from supervisor.core.outbox import SendError
from supervisor.models import Channel, Message, Robot, User
from supervisor.words import DEFAULT_LOCALE, say

LIST = "messages.csv"
HEADS = ("日期", "时间", "接收人", "渠道", "类别", "标题", "文件")
#: Characters that a file name does not take on every system, and that begin a formula in a spreadsheet.
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def files_of(since: datetime, *, mail_from: str, base_url: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of a file for each message written since then, in the order of writing; the list comes last.

    Reads the database in force, one message at a time.
    """
    compose = SmtpSender("smtp://localhost", mail_from, base_url).compose  # opens no connection
    rows: list[tuple[str, ...]] = []
    query = (
        Message.select(Message, User, Robot)
        .join(User, JOIN.LEFT_OUTER)
        .switch(Message)
        .join(Robot, JOIN.LEFT_OUTER)
        .where(Message.created_at >= since)
        .order_by(Message.id)
    )
    for number, message in enumerate(query.iterator(), start=1):
        name, content = _file_of(message, number, compose, base_url)
        yield name, content
        at = beijing(message.created_at)
        words = (
            message.receiver_name,
            *(say(one.label, DEFAULT_LOCALE) for one in (message.channel, message.kind)),
        )
        rows.append((f"{at:%Y-%m-%d}", f"{at:%H:%M}", *words, message.subject, name))
    yield LIST, _list_of(rows)


def _file_of(
    message: Message, number: int, compose: Callable[[Message], object], base_url: str
) -> tuple[str, bytes]:
    at = beijing(message.created_at)
    place = f"{at:%Y-%m-%d}/{number:05d} {_NOT_IN_NAMES.sub(' ', message.receiver_name)[:40].strip()}"
    if message.channel is Channel.MAIL:
        try:
            return f"{place}.eml", bytes(compose(message))  # type: ignore[call-overload]  # an EmailMessage
        except (
            SendError
        ) as error:  # the address cannot be written to: said in the file, as the outbox would say it
            return f"{place}.txt", f"{error}\n\n{message.subject}\n\n{message.body}\n".encode()
    link = f"\n\n{base_url}{message.link}" if message.link else ""
    head = f"{say(message.channel.label, DEFAULT_LOCALE)}  {message.receiver_name}  {at:%Y-%m-%d %H:%M}"
    return f"{place}.txt", f"{head}\n{message.subject}\n\n{message.body}{link}\n".encode()


def _list_of(rows: list[tuple[str, ...]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADS)
    writer.writerows([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")  # with its mark, or spreadsheets take it for another encoding
