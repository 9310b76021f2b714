"""The alarm for own wordings that do not hold any more, after an event's fields changed: told to the office, once."""

from __future__ import annotations

from datetime import datetime

from supervisor.clock import beijing_date
from supervisor.core import events, messages, people, wordings
from supervisor.models import MessageWording


def send(now: datetime) -> int:
    """Tell the offices of wordings in force that are not used because of a fault; answers how many people were told."""
    today = beijing_date(now)
    told = 0
    own = MessageWording.select(MessageWording.programme).distinct()
    for programme_id in [row.programme_id for row in own]:
        for row in wordings.all_in_force(programme_id, today).values():
            told += _tell(row, now)
    return told


def _tell(row: MessageWording, now: datetime) -> int:
    event = events.EVENTS.get(row.event)
    wrong = wordings.check(event, wordings.texts_of(row)) if event is not None else {}
    key = f"wording:{row.id}:broken"
    office = people.office_of(row.programme_id, beijing_date(now)) if wrong else []
    if event is None or not office or messages.was_told(key, office):
        return 0
    return messages.notify(
        event=events.WORDING_BROKEN,
        key=key,
        to=office,
        fields={"event": event.title, "fault": next(iter(wrong.values()))},
        link=f"/p/{row.programme_id}/wordings/{event.key}",
        programme_id=row.programme_id,
        now=now,
    )
