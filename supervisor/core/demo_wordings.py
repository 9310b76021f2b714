"""The demo's own words for one message: how the office says that a report is returned."""

from __future__ import annotations

from datetime import datetime

from supervisor.clock import beijing_date
from supervisor.core import events, wordings
from supervisor.core.demo_acts import Acts
from supervisor.core.demo_people import OFFICE
from supervisor.core.message_words import Texts
from supervisor.core.wordings import Wanted

CHINESE = Texts(
    "【退回】{期间}报告请于{日期}前补正重报",
    "以下条目未通过审核，请对照理由逐条补正：\n{退回理由}\n其他条目不必重报。如有疑问，请联系领导小组办公室。",
)
ENGLISH = Texts(
    "Returned: please mend the {period} report by {day}",
    "These entries were not accepted; please mend each for its reason:\n{reasons}\nThe others need not be sent again.",
)


def word(acts: Acts) -> None:
    """From the second quarter on a return says that the other entries need not be sent again."""
    acts.on("2026-04-01 09:20", lambda now: _change(acts, now))


def _change(acts: Acts, now: datetime) -> None:
    wanted = Wanted(
        {"zh_CN": CHINESE, "en": ENGLISH}, beijing_date(now), None,
        "多家单位把已通过的条目也重报了一遍，写明只补正退回条目。", seen=0,
    )  # fmt: skip
    by = acts.story.actor(OFFICE, acts.programme, now)
    wordings.change(acts.programme, events.REPORT_RETURNED, wanted, by=by, now=now)
