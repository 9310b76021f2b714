"""Events that concern many, told to the groups whose robots pass them on (D13)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from supervisor.core import messages
from supervisor.models import MessageKind, Robot
from supervisor.words import Sentence, say


def announce(
    programme_id: int,
    kind: MessageKind,
    key: str,
    subject: Sentence,
    lines: Sequence[Sentence | str],
    link: str,
    now: datetime,
) -> int:
    """Let the programme's robots that pass on this kind tell of an event; in the verb's own transaction."""
    speaking = (Robot.programme == programme_id) & Robot.revoked_at.is_null() & Robot.paused_at.is_null()
    robots = [row for row in Robot.select().where(speaking).order_by(Robot.id) if kind.value in row.kinds]
    for robot in robots:
        said = [line if isinstance(line, str) else say(line, robot.language) for line in lines]
        messages.post_to_robot(
            key=f"{key}:robot:{robot.id}", kind=kind, robot=robot, subject=say(subject, robot.language),
            body="\n".join(said), link=link, now=now,
        )  # fmt: skip
    return len(robots)
