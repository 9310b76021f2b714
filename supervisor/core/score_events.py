"""What people are told of preliminary scores, appeals and corrections; a part of the table in `events`."""

from __future__ import annotations

from supervisor.core import message_fields as f
from supervisor.core.message_events import Act, Audience, MessageEvent, Topic, When, just
from supervisor.models import MessageKind
from supervisor.words import N_

_UNIT_AND_HEAD = {Audience.LIAISON: When.ALWAYS, Audience.HEAD: When.ALWAYS}
_DECIDERS = {Audience.ASSESSOR: When.ALWAYS, Audience.LEADER: When.ALWAYS}
_SHEET = N_("The sheet shows every line, its rule, its arithmetic and the records behind it.")

SCORE_PRELIMINARY = MessageEvent(
    key="score.preliminary", kind=MessageKind.DECISION, topic=Topic.SCORES, told=_UNIT_AND_HEAD,
    title=N_("Preliminary score shown"),
    fields=(f.SCORED_PERIOD, f.UNIT, f.UNTIL), needs=(f.SCORED_PERIOD, f.UNIT, f.UNTIL),
    subject=N_("%(period)s: look at the preliminary score of %(unit)s"),
    lines=(N_("Each line can be appealed against until %(until)s."), _SHEET),
)  # fmt: skip
SCORE_MOVED = MessageEvent(
    key="score.moved", kind=MessageKind.DECISION, topic=Topic.SCORES, told=_UNIT_AND_HEAD,
    title=N_("Score or place changed by a correction"),
    fields=(f.SCORED_PERIOD, f.UNIT, f.REASON, f.CHANGES), needs=(f.SCORED_PERIOD, f.UNIT, f.REASON, f.CHANGES),
    subject=N_("%(period)s: the result of %(unit)s has changed"), lines=(just(f.CHANGES), just(f.REASON), _SHEET),
)  # fmt: skip
SCORE_WITHDRAWN = MessageEvent(
    key="score.withdrawn", kind=MessageKind.DECISION, topic=Topic.SCORES, told=_UNIT_AND_HEAD,
    title=N_("Published score withdrawn"),
    fields=(f.SCORED_PERIOD, f.UNIT, f.REASON), needs=(f.SCORED_PERIOD, f.REASON),
    subject=N_("%(period)s: the published result of %(unit)s is withdrawn"), lines=(just(f.REASON), _SHEET),
)  # fmt: skip
APPEAL_FILED = MessageEvent(
    key="appeal.filed", kind=MessageKind.DECISION, topic=Topic.SCORES, told=_DECIDERS,
    title=N_("Appeal against a line filed"), fields=(f.SCORED_PERIOD, f.UNIT, f.LINE, f.DAY), needs=(f.UNIT, f.LINE),
    subject=N_("%(period)s: %(unit)s appeals against “%(line)s”"),
    lines=(N_("It is to be decided by %(day)s, by somebody who did not score it."),),
)  # fmt: skip
APPEAL_ACCEPTED = MessageEvent(
    key="appeal.accepted", kind=MessageKind.DECISION, topic=Topic.SCORES, told=_UNIT_AND_HEAD,
    title=N_("Appeal accepted"), fields=(f.SCORED_PERIOD, f.LINE, f.REASON), needs=(f.SCORED_PERIOD, f.LINE, f.REASON),
    subject=N_("%(period)s: the appeal against “%(line)s” was accepted"),
    lines=(just(f.REASON), N_("The record is corrected and the period is worked out again.")),
)  # fmt: skip
APPEAL_REJECTED = MessageEvent(
    key="appeal.rejected", kind=MessageKind.DECISION, topic=Topic.SCORES, told=_UNIT_AND_HEAD,
    title=N_("Appeal rejected"), fields=(f.SCORED_PERIOD, f.LINE, f.REASON), needs=(f.SCORED_PERIOD, f.LINE, f.REASON),
    subject=N_("%(period)s: the appeal against “%(line)s” was rejected"), lines=(just(f.REASON),),
)  # fmt: skip
CORRECTION_PROPOSED = MessageEvent(
    key="correction.proposed", kind=MessageKind.DECISION, topic=Topic.SCORES, told=_DECIDERS,
    title=N_("Correction of a closed period waits for a second person"),
    fields=(f.SCORED_PERIOD, f.NAME, f.REASON), needs=(f.SCORED_PERIOD, f.REASON),
    subject=N_("%(period)s: %(name)s proposes a correction"), lines=(just(f.REASON),),
)  # fmt: skip
FACTS_ENTRUSTED = MessageEvent(
    key="facts.entrusted", kind=MessageKind.DECISION, topic=Topic.SCORES,
    told={**_UNIT_AND_HEAD, Audience.PERSON: When.ALWAYS},
    title=N_("Put in charge of a list of facts for the score"), fields=(f.LIST, f.NAME, f.REASON), needs=(f.LIST,),
    subject=N_("You now enter “%(list)s” for the score"),
    lines=(
        just(f.REASON),
        N_("Named by %(name)s. From now on only those named enter it, with evidence; what is missing, or that there "
           "is nothing, stands under Scores › Facts. Nobody enters anything about their own unit."),
    ),
)  # fmt: skip
LIST_SUBMITTED = MessageEvent(
    key="list.submitted", kind=MessageKind.DECISION, topic=Topic.DECISIONS, told={Audience.LEADER: When.ALWAYS},
    act=Act.DECIDE_LIST, title=N_("List of commendation or criticism put before a leader"),
    fields=(f.TITLE, f.COUNT), needs=(f.TITLE,), subject=N_("Waits for your decision: %(title)s"),
    lines=(N_("%(count)s names; each with its figures and the reason why it stands there."),),
)  # fmt: skip
LIST_DECIDED = MessageEvent(
    key="list.decided", kind=MessageKind.DECISION, topic=Topic.DECISIONS, told={Audience.OFFICE: When.ALWAYS},
    title=N_("List of commendation or criticism decided"), fields=(f.TITLE, f.WHAT, f.REASON),
    needs=(f.TITLE, f.WHAT), subject=N_("%(title)s: %(what)s"), lines=(just(f.REASON),),
)  # fmt: skip
