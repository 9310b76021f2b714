"""The demo: an invented city with a year of history behind it, in every state that the product knows (D10).

It ends at a fixed today and is played on from there on a trial clock. Everything in it is done by the verbs at
invented moments, in one transaction, and always comes out the same.
"""

from __future__ import annotations

from datetime import date, datetime

from supervisor.clock import BEIJING
from supervisor.core import demo_history, demo_people, tasks
from supervisor.core.demo_story import Story, moment
from supervisor.database import transactional

#: The demo's today: a Wednesday morning, two working days after June's reports were due.
TODAY = datetime(2026, 7, 8, 9, 30, tzinfo=BEIJING)
#: The first day of the story.
FIRST_DAY = date(2025, 7, 2)


@transactional
def load(now: datetime = TODAY) -> None:
    """Fill an empty, migrated database with the demo. One transaction: it is there whole or not at all.

    Args:
        now: the moment at which the story stops; later acts have not happened yet.
    """
    story = Story(min(now, TODAY))
    story.at(moment(FIRST_DAY, 9), demo_people.first_people)
    story.let_time_pass(date(2025, 7, 7))
    demo_history.street_renewal(story)
    demo_history.elder_care(story)
    demo_history.inboxes(story)
    story.play()
    tasks.refresh_lights(story.today, limit=100_000)
    demo_people.give_passwords(moment(FIRST_DAY, 10))
