"""Every event of which people are told: the table of D13, from which messages, wordings and pages are made.

A verb tells people by `messages.notify(event=events.X, …)` and hands over the fields; words and ways stand here.
"""

from __future__ import annotations

from supervisor.core import message_fields as f
from supervisor.core import score_events
from supervisor.core.message_events import Act, Audience, MessageEvent, Topic, When, just
from supervisor.models import Channel, MessageKind
from supervisor.words import N_

_UNIT = {Audience.LIAISON: When.ALWAYS}
_UNIT_OR_HEAD = {Audience.LIAISON: When.ALWAYS, Audience.HEAD: When.NO_LIAISON}
_UNIT_THEN_HEAD = {Audience.LIAISON: When.ALWAYS, Audience.HEAD: When.OVERDUE}
_UNIT_AND_HEAD = {Audience.LIAISON: When.ALWAYS, Audience.HEAD: When.ALWAYS}
_LEADER = {Audience.LEADER: When.ALWAYS}
_PERSON = {Audience.PERSON: When.ALWAYS}
_OFFICE = {Audience.OFFICE: When.ALWAYS}
_INBOX = (Channel.INBOX,)

# Reminders and digests -----------------------------------------------------------------------------------------

REMINDER_ONE = MessageEvent(
    key="reminder.one", kind=MessageKind.DIGEST, topic=Topic.REMINDERS, told=_UNIT_THEN_HEAD, act=Act.HAND_IN,
    groups=True, title=N_("Reminder of one report that is owed"),
    fields=(f.PROGRAMME, f.UNIT, f.RULE, f.PERIOD, f.DAY, f.LEFT), needs=(f.PERIOD, f.DAY),
    subject=N_("%(rule)s (%(period)s): %(left)s"),
    lines=(N_("%(programme)s, %(unit)s: %(rule)s of %(period)s, due %(day)s (%(left)s)"),),
)  # fmt: skip
REMINDER_RETURNED = MessageEvent(
    key="reminder.returned", kind=MessageKind.DIGEST, topic=Topic.REMINDERS, told=_UNIT_THEN_HEAD, act=Act.HAND_IN,
    groups=True, title=N_("Reminder of one report that was returned"),
    fields=(f.PROGRAMME, f.UNIT, f.RULE, f.PERIOD, f.DAY, f.LEFT), needs=(f.PERIOD, f.DAY),
    subject=N_("%(rule)s (%(period)s) returned: %(left)s"),
    lines=(
        N_("%(programme)s, %(unit)s: %(rule)s of %(period)s was returned; new version due %(day)s (%(left)s)"),
    ),
)  # fmt: skip
REMINDER_COUNTED = MessageEvent(
    key="reminder.counted", kind=MessageKind.DIGEST, topic=Topic.REMINDERS, told=_UNIT_THEN_HEAD, act=Act.HAND_IN,
    groups=True, title=N_("Reminder of items of which more are to be sent"),
    fields=(f.PROGRAMME, f.UNIT, f.RULE, f.PERIOD, f.SENT, f.LEAST, f.DAY, f.LEFT), needs=(f.RULE, f.PERIOD, f.DAY),
    subject=N_("%(rule)s of %(period)s: %(sent)s of at least %(least)s sent, %(left)s"),
    lines=(
        N_(
            "%(programme)s, %(unit)s: %(rule)s of %(period)s, %(sent)s of at least %(least)s sent, "
            "until %(day)s (%(left)s)"
        ),
    ),
)  # fmt: skip
REMINDER_SEVERAL = MessageEvent(
    key="reminder.several", kind=MessageKind.DIGEST, topic=Topic.REMINDERS, told=_UNIT_THEN_HEAD, act=Act.HAND_IN,
    groups=True, title=N_("Reminder of several reports, none of them overdue"),
    fields=(f.COUNT, f.REPORTS), needs=(f.REPORTS,),
    subject=N_("%(count)s reports are owed"), lines=(just(f.REPORTS),),
)  # fmt: skip
REMINDER_OVERDUE = MessageEvent(
    key="reminder.overdue", kind=MessageKind.DIGEST, topic=Topic.REMINDERS, told=_UNIT_THEN_HEAD, act=Act.HAND_IN,
    groups=True, title=N_("Reminder of several reports, some of them overdue"),
    fields=(f.COUNT, f.OVERDUE, f.REPORTS), needs=(f.REPORTS,),
    subject=N_("%(count)s reports are owed, %(overdue)s of them overdue"), lines=(just(f.REPORTS),),
)  # fmt: skip
WEEK_FOR_LEADERS = MessageEvent(
    key="week.leaders", kind=MessageKind.WEEKLY, topic=Topic.REMINDERS, told=_LEADER, channels=_INBOX,
    title=N_("Weekly digest for leaders"),
    fields=(f.PROGRAMME, f.WEEK, f.RED, f.AMBER, f.OVERDUE, f.TO_REVIEW, f.DECISIONS),
    subject=N_("%(programme)s: %(week)s"),
    lines=(
        N_("Tasks behind: %(red)s red, %(amber)s amber"),
        N_("Reports overdue: %(overdue)s"),
        N_("Reports waiting for review: %(to_review)s"),
        N_("Waiting for your decision: %(decisions)s"),
    ),
)  # fmt: skip
REVIEWS_LATE = MessageEvent(
    key="review.late", kind=MessageKind.ALARM, topic=Topic.REMINDERS, told=_LEADER, channels=_INBOX,
    title=N_("Reports have waited too long for review"), fields=(f.COUNT, f.UNITS),
    subject=N_("%(count)s reports have been waiting too long for review"), lines=(N_("Units: %(units)s"),),
)  # fmt: skip

# Reports -------------------------------------------------------------------------------------------------------

REPORT_ACCEPTED = MessageEvent(
    # Good news needs no answer: the inbox is enough.
    key="report.accepted", kind=MessageKind.DECISION, topic=Topic.REPORTS, told=_UNIT_OR_HEAD, channels=_INBOX,
    title=N_("Report accepted"), fields=(f.PERIOD,), needs=(f.PERIOD,), subject=N_("%(period)s report accepted"),
)  # fmt: skip
REPORT_RETURNED = MessageEvent(
    key="report.returned", kind=MessageKind.RETURN, topic=Topic.REPORTS, told=_UNIT_OR_HEAD, act=Act.HAND_IN,
    title=N_("Report returned"), fields=(f.PERIOD, f.DAY, f.REASONS), needs=(f.PERIOD, f.DAY, f.REASONS),
    subject=N_("%(period)s report returned, new version due %(day)s"), lines=(just(f.REASONS),),
)  # fmt: skip
APPROVAL_ASKED = MessageEvent(
    key="report.approval", kind=MessageKind.DECISION, topic=Topic.REPORTS, told={Audience.HEAD: When.ALWAYS},
    title=N_("Report waits for the head's approval"), fields=(f.OWED,), needs=(f.OWED,), act=Act.APPROVE,
    subject=N_("Waiting for your approval: %(what)s"),
    lines=(N_("It counts as handed in when you send it."),),
)  # fmt: skip
REPORT_HANDED_BACK = MessageEvent(
    key="report.handed_back", kind=MessageKind.RETURN, topic=Topic.REPORTS, told=_PERSON, act=Act.HAND_IN,
    title=N_("Head gave the report back"), fields=(f.OWED, f.REASON), needs=(f.OWED, f.REASON),
    subject=N_("Your head gave it back: %(what)s"), lines=(just(f.REASON),),
)  # fmt: skip
FILING_RETURNED = MessageEvent(
    key="filing.returned", kind=MessageKind.RETURN, topic=Topic.REPORTS, told=_UNIT, act=Act.HAND_IN,
    title=N_("Filing sent back"), fields=(f.NAME, f.WHAT, f.REASON), needs=(f.WHAT, f.REASON),
    subject=N_("%(name)s sent “%(what)s” back"), lines=(just(f.REASON),),
)  # fmt: skip
EXTENSION_GRANTED = MessageEvent(
    key="extension.granted", kind=MessageKind.DECISION, topic=Topic.REPORTS, told=_UNIT,
    title=N_("Extension granted"), fields=(f.OWED, f.DAY), needs=(f.OWED, f.DAY),
    subject=N_("Extension granted: %(what)s"),
    lines=(N_("It is now due on %(day)s."),),
)  # fmt: skip
EXTENSION_REFUSED = MessageEvent(
    key="extension.refused", kind=MessageKind.DECISION, topic=Topic.REPORTS, told=_UNIT,
    title=N_("Extension refused"), fields=(f.OWED,), needs=(f.OWED,),
    subject=N_("Extension refused: %(what)s"), lines=(N_("The due day stays as it was."),),
)  # fmt: skip
LATE_PERMIT_GIVEN = MessageEvent(
    key="late_permit.given", kind=MessageKind.DECISION, topic=Topic.REPORTS, told=_UNIT, act=Act.HAND_IN,
    title=N_("Late hand-in permitted"), fields=(f.OWED, f.DAY, f.REASON), needs=(f.OWED, f.DAY),
    subject=N_("Late hand-in permitted: %(what)s"),
    lines=(N_("It is taken until %(day)s and counts as late."), just(f.REASON)),
)  # fmt: skip
RULE_CHANGED = MessageEvent(
    key="rule.changed", kind=MessageKind.DECISION, topic=Topic.REPORTS, told=_UNIT,
    title=N_("What is asked for has changed"), fields=(f.RULE, f.REASON, f.DAYS), needs=(f.RULE,),
    subject=N_("What is asked for has changed: %(rule)s"), lines=(just(f.REASON), just(f.DAYS)),
)  # fmt: skip
FORM_CHANGED = MessageEvent(
    key="rule.form_changed", kind=MessageKind.DECISION, topic=Topic.REPORTS, told=_UNIT,
    title=N_("What a report is to be filled in with has changed"), fields=(f.RULE, f.REASON, f.CHANGES),
    needs=(f.RULE,), subject=N_("The form of “%(rule)s” has changed"), lines=(just(f.REASON), just(f.CHANGES)),
)  # fmt: skip

# Tasks ---------------------------------------------------------------------------------------------------------

PLAN_ISSUED = MessageEvent(
    key="plan.issued", kind=MessageKind.ISSUED, topic=Topic.TASKS, told=_UNIT_AND_HEAD, act=Act.SIGN,
    groups=True, title=N_("Tasks issued to a unit"), fields=(f.PLAN, f.UNIT, f.LEADS, f.OTHERS), needs=(f.PLAN,),
    subject=N_("“%(plan)s”: tasks for %(unit)s"),
    lines=(
        N_("%(leads)s tasks as lead unit, %(others)s as responsible unit."),
        N_("Please sign for them. What is to be reported, and when, stands under Reports and in the calendar."),
    ),
)  # fmt: skip
PLAN_CHANGED = MessageEvent(
    key="plan.changed", kind=MessageKind.ISSUED, topic=Topic.TASKS, told=_UNIT_AND_HEAD,
    title=N_("Numbered change of the plan"), fields=(f.WHAT, f.NUMBER, f.REASON), needs=(f.WHAT, f.NUMBER, f.REASON),
    subject=just(f.WHAT), lines=(N_("Change no. %(number)s. Reason: %(reason)s"),),
)  # fmt: skip
OBJECTION_UPHELD = MessageEvent(
    key="objection.upheld", kind=MessageKind.DECISION, topic=Topic.TASKS, told=_UNIT,
    title=N_("Objection upheld"), fields=(f.TASK, f.WORDS), needs=(f.TASK,),
    subject=N_("Objection upheld: %(task)s"), lines=(just(f.WORDS),),
)  # fmt: skip
OBJECTION_REFUSED = MessageEvent(
    key="objection.refused", kind=MessageKind.DECISION, topic=Topic.TASKS, told=_UNIT,
    title=N_("Objection not upheld"), fields=(f.TASK, f.WORDS), needs=(f.TASK, f.WORDS),
    subject=N_("Objection not upheld: %(task)s"), lines=(just(f.WORDS),),
)  # fmt: skip
COMPLETION_ACCEPTED = MessageEvent(
    key="completion.accepted", kind=MessageKind.DECISION, topic=Topic.TASKS, told=_UNIT,
    title=N_("Completion accepted"), fields=(f.TASK, f.REASON), needs=(f.TASK,),
    subject=N_("Completion accepted: %(task)s"), lines=(just(f.REASON),),
)  # fmt: skip
COMPLETION_RETURNED = MessageEvent(
    key="completion.returned", kind=MessageKind.DECISION, topic=Topic.TASKS, told=_UNIT,
    title=N_("Completion returned"), fields=(f.TASK, f.REASON), needs=(f.TASK, f.REASON),
    subject=N_("Completion returned: %(task)s"), lines=(just(f.REASON),),
)  # fmt: skip
TASK_SUSPENDED = MessageEvent(
    key="task.suspended", kind=MessageKind.DECISION, topic=Topic.TASKS, told=_UNIT,
    title=N_("Unit's part of a task suspended"),
    fields=(f.TASK, f.DAY, f.REVIEW, f.REASON), needs=(f.TASK, f.DAY, f.REVIEW),
    subject=N_("Task suspended: %(task)s"),
    lines=(N_("Suspended from %(day)s; to be looked at on %(review)s."), just(f.REASON)),
)  # fmt: skip
TASK_RESUMED = MessageEvent(
    key="task.resumed", kind=MessageKind.DECISION, topic=Topic.TASKS, told=_UNIT,
    title=N_("Unit's part of a task resumed"), fields=(f.TASK, f.DAY, f.REASON), needs=(f.TASK, f.DAY),
    subject=N_("Task resumed: %(task)s"),
    lines=(N_("It is asked for again in every report due from %(day)s on."), just(f.REASON)),
)  # fmt: skip
HELP_GIVEN = MessageEvent(
    key="problem.help", kind=MessageKind.DECISION, topic=Topic.TASKS, told=_UNIT,
    title=N_("Help with a problem"), needs=(f.NAME, f.TASK, f.PROMISE),
    fields=(f.NAME, f.UNIT, f.TASK, f.PROBLEM, f.PROMISE, f.WORDS),
    subject=N_("Help with a problem: %(name)s"),
    lines=(N_("%(unit)s, “%(task)s”"), just(f.PROBLEM), just(f.PROMISE), just(f.WORDS)),
)  # fmt: skip

# Work plans ----------------------------------------------------------------------------------------------------

WORK_PLAN_ACCEPTED = MessageEvent(
    key="work_plan.accepted", kind=MessageKind.DECISION, topic=Topic.WORK_PLANS, told=_UNIT_OR_HEAD,
    title=N_("Work plan accepted"), fields=(f.PLAN, f.REASON), needs=(f.PLAN,),
    subject=N_("Work plan accepted: %(plan)s"),
    lines=(just(f.REASON), N_("Its milestones are in force from now on.")),
)  # fmt: skip
WORK_PLAN_RETURNED = MessageEvent(
    key="work_plan.returned", kind=MessageKind.DECISION, topic=Topic.WORK_PLANS, told=_UNIT_OR_HEAD,
    title=N_("Work plan returned"), fields=(f.PLAN, f.REASON), needs=(f.PLAN, f.REASON), act=Act.FILE_WORK_PLAN,
    subject=N_("Work plan returned: %(plan)s"), lines=(just(f.REASON),),
)  # fmt: skip

# Dispatch and decisions ----------------------------------------------------------------------------------------

DECISION_RECORDED = MessageEvent(
    key="instruction.decision", kind=MessageKind.DECISION, topic=Topic.DECISIONS, told=_UNIT, act=Act.FOLLOW_UP,
    title=N_("Decision of the monthly dispatch"), fields=(f.TEXT, f.DAY), needs=(f.TEXT, f.DAY),
    subject=N_("Decision of the monthly dispatch"), lines=(just(f.TEXT), N_("To be done by %(day)s.")),
)  # fmt: skip
FINDING_RECORDED = MessageEvent(
    key="instruction.finding", kind=MessageKind.DECISION, topic=Topic.DECISIONS, told=_UNIT, act=Act.FOLLOW_UP,
    title=N_("Finding of the weekly supervision"), fields=(f.TEXT, f.DAY), needs=(f.TEXT, f.DAY),
    subject=N_("Finding of the weekly supervision"), lines=(just(f.TEXT), N_("To be done by %(day)s.")),
)  # fmt: skip
DECISION_PROPOSED = MessageEvent(
    key="decision.proposed", kind=MessageKind.DECISION, topic=Topic.DECISIONS, told=_LEADER, act=Act.DECIDE,
    title=N_("Something waits for a leader's decision"), fields=(f.WHAT, f.REASON), needs=(f.WHAT, f.REASON),
    subject=N_("Waits for your decision: %(what)s"), lines=(just(f.REASON),),
)  # fmt: skip
DECISION_APPROVED = MessageEvent(
    key="decision.approved", kind=MessageKind.DECISION, topic=Topic.DECISIONS, told=_PERSON,
    title=N_("Leader approved"), fields=(f.WHAT, f.WORDS), needs=(f.WHAT,),
    subject=N_("Approved: %(what)s"), lines=(just(f.WORDS),),
)  # fmt: skip
DECISION_REFUSED = MessageEvent(
    key="decision.refused", kind=MessageKind.DECISION, topic=Topic.DECISIONS, told=_PERSON,
    title=N_("Leader refused"), fields=(f.WHAT, f.WORDS), needs=(f.WHAT, f.WORDS),
    subject=N_("Refused: %(what)s"), lines=(just(f.WORDS),),
)  # fmt: skip

CASE_SUBMITTED = MessageEvent(
    key="case.submitted", kind=MessageKind.DECISION, topic=Topic.DECISIONS, told=_LEADER, act=Act.DECIDE_CASE,
    title=N_("Accountability case put before a leader"), fields=(f.NUMBER, f.UNIT, f.TITLE, f.REASON),
    needs=(f.NUMBER, f.UNIT), subject=N_("Waits for your decision: %(number)s, %(unit)s"),
    lines=(just(f.TITLE), just(f.REASON)),
)  # fmt: skip
CASE_DECIDED = MessageEvent(
    key="case.decided", kind=MessageKind.DECISION, topic=Topic.DECISIONS,
    told={**_UNIT_AND_HEAD, Audience.PERSON: When.ALWAYS},
    title=N_("Accountability case decided"), fields=(f.NUMBER, f.UNIT, f.TITLE, f.WHAT, f.REASON),
    needs=(f.NUMBER, f.UNIT, f.WHAT), subject=N_("%(number)s, %(unit)s: %(what)s"),
    lines=(just(f.TITLE), just(f.REASON)),
)  # fmt: skip

# The ladder ----------------------------------------------------------------------------------------------------

STEP_TAKEN = MessageEvent(
    key="ladder.step", kind=MessageKind.LADDER, topic=Topic.DECISIONS, told=_UNIT_AND_HEAD, act=Act.ANSWER_STEP,
    title=N_("Step of the ladder about a unit"), needs=(f.NUMBER, f.TITLE, f.DAY),
    fields=(f.WHAT, f.NUMBER, f.TITLE, f.TEXT, f.DAY),
    subject=N_("%(what)s %(number)s: %(title)s"), lines=(just(f.TEXT), N_("Sign for it, and answer by %(day)s.")),
)  # fmt: skip
STEP_ANSWERED = MessageEvent(
    key="ladder.answered", kind=MessageKind.LADDER, topic=Topic.DECISIONS, told=_OFFICE,
    title=N_("Unit answered a step of the ladder"), needs=(f.NUMBER, f.UNIT),
    fields=(f.NUMBER, f.UNIT, f.TITLE, f.TEXT),
    subject=N_("Answer to %(number)s: %(unit)s"), lines=(just(f.TITLE), just(f.TEXT)),
)  # fmt: skip
STEP_ACCEPTED = MessageEvent(
    key="ladder.accepted", kind=MessageKind.LADDER, topic=Topic.DECISIONS, told=_UNIT_AND_HEAD,
    title=N_("Answer to a step accepted"), fields=(f.NUMBER, f.TITLE, f.REASON), needs=(f.NUMBER,),
    subject=N_("Answer accepted: %(number)s"), lines=(just(f.TITLE), just(f.REASON)),
)  # fmt: skip
STEP_SENT_BACK = MessageEvent(
    key="ladder.sent_back", kind=MessageKind.LADDER, topic=Topic.DECISIONS, told=_UNIT_AND_HEAD, act=Act.ANSWER_STEP,
    title=N_("Answer to a step sent back"), needs=(f.NUMBER, f.REASON, f.DAY),
    fields=(f.NUMBER, f.TITLE, f.REASON, f.DAY),
    subject=N_("Answer sent back: %(number)s"),
    lines=(just(f.TITLE), just(f.REASON), N_("Answer again by %(day)s.")),
)  # fmt: skip
MATTER_CLOSED = MessageEvent(
    key="ladder.closed", kind=MessageKind.LADDER, topic=Topic.DECISIONS, told=_UNIT_AND_HEAD,
    title=N_("Matter crossed off"), fields=(f.NUMBER, f.TITLE, f.REASON), needs=(f.NUMBER,),
    subject=N_("Crossed off: %(number)s"), lines=(just(f.TITLE), just(f.REASON)),
)  # fmt: skip
STEP_SIGN_DUE = MessageEvent(
    key="ladder.sign_due", kind=MessageKind.DIGEST, topic=Topic.REMINDERS, told=_UNIT_AND_HEAD,
    title=N_("Reminder of a step to be signed for"), fields=(f.TITLE, f.DAY, f.LEFT), needs=(f.TITLE, f.DAY),
    subject=N_("Paper to be signed for: %(left)s"),
    lines=(just(f.TITLE), N_("Sign for it, and answer by %(day)s.")),
)  # fmt: skip
STEP_ANSWER_DUE = MessageEvent(
    key="ladder.answer_due", kind=MessageKind.DIGEST, topic=Topic.REMINDERS, told=_UNIT_AND_HEAD,
    title=N_("Reminder of a step to be answered"), fields=(f.TITLE, f.DAY, f.LEFT), needs=(f.TITLE, f.DAY),
    subject=N_("Answer to be given: %(left)s"), lines=(just(f.TITLE), N_("Answer it by %(day)s.")),
)  # fmt: skip

# Scores and circulars ------------------------------------------------------------------------------------------

BOOKS_CLOSED = MessageEvent(
    key="period.closed", kind=MessageKind.DECISION, topic=Topic.SCORES,
    told={Audience.LEADER: When.ALWAYS, Audience.OFFICE: When.ALWAYS},
    title=N_("Books of a period closed"), fields=(f.SCORED_PERIOD,), needs=(f.SCORED_PERIOD,),
    subject=N_("The books of %(period)s are closed"),
    lines=(N_("The ranking can be read; every point leads to the record behind it."),),
)  # fmt: skip
SCORE_PUBLISHED = MessageEvent(
    key="score.published", kind=MessageKind.DECISION, topic=Topic.SCORES, told=_UNIT_AND_HEAD,
    title=N_("Score published"), fields=(f.SCORED_PERIOD, f.UNIT, f.REACH), needs=(f.SCORED_PERIOD, f.UNIT),
    subject=N_("%(period)s: the score of %(unit)s is published"),
    lines=(N_("Who sees it: %(reach)s."),
           N_("The sheet shows every line, its rule, its arithmetic and the records behind it.")),
)  # fmt: skip
CIRCULAR_ISSUED = MessageEvent(
    key="circular.issued", kind=MessageKind.CIRCULAR, topic=Topic.SCORES, told=_UNIT_AND_HEAD, channels=_INBOX,
    groups=True, title=N_("Circular issued"), fields=(f.NUMBER, f.TITLE, f.SUMMARY), needs=(f.NUMBER, f.TITLE),
    subject=N_("Circular %(number)s: %(title)s"), lines=(just(f.SUMMARY),),
)  # fmt: skip

VIEWING_CALLED = MessageEvent(
    key="viewing.called", kind=MessageKind.DECISION, topic=Topic.SCORES, told=_PERSON,
    title=N_("Judge called to a site viewing"), fields=(f.TITLE, f.DAY), needs=(f.TITLE, f.DAY),
    subject=N_("You are a judge of the site viewing “%(title)s”"),
    lines=(N_("It is held on %(day)s; sign your mark sheets from that day on."),),
)  # fmt: skip

# Calendar ------------------------------------------------------------------------------------------------------

CALENDAR_MISSING = MessageEvent(
    key="calendar.missing", kind=MessageKind.ALARM, topic=Topic.CALENDAR,
    told={Audience.OFFICE: When.ALWAYS, Audience.ADMINISTRATOR: When.ALWAYS},
    title=N_("Next year's holidays are not loaded"), fields=(f.YEAR,), needs=(f.YEAR,),
    subject=N_("The arrangement of holidays of %(year)s is not loaded"),
    lines=(
        N_("Days computed in %(year)s are provisional."),
        N_("The administrator pastes the State Council's notice under Working calendar as soon as it is published."),
    ),
)  # fmt: skip
CALENDAR_CHANGED = MessageEvent(
    key="calendar.changed", kind=MessageKind.DECISION, topic=Topic.CALENDAR, told=_OFFICE, act=Act.ANSWER_CALENDAR,
    title=N_("A change of the calendar asks about deadlines"),
    fields=(f.YEAR, f.COUNT, f.SOURCE), needs=(f.YEAR, f.COUNT),
    subject=N_("The working calendar of %(year)s has changed: decide on deadlines"),
    lines=(
        N_("%(count)s announced deadlines would have other dates. Nothing moves by itself."),
        N_("Source: %(source)s"),
    ),
)  # fmt: skip
_ANSWER = (
    N_("Due: %(day)s"), N_("Late reports are taken until: %(until)s"), N_("Reason: %(reason)s"),
)  # fmt: skip
_ANSWERED = (f.RULE, f.PERIOD, f.DAY, f.UNTIL, f.REASON)
DEADLINE_MOVED = MessageEvent(
    key="deadline.moved", kind=MessageKind.DECISION, topic=Topic.CALENDAR, told=_UNIT,
    title=N_("Due day moved after a change of the calendar"), fields=_ANSWERED, needs=(f.PERIOD, f.DAY),
    subject=N_("Due day moved after a change of the calendar: %(rule)s, %(period)s"), lines=_ANSWER,
)  # fmt: skip
LOCK_MOVED = MessageEvent(
    key="deadline.lock_moved", kind=MessageKind.DECISION, topic=Topic.CALENDAR, told=_UNIT,
    title=N_("Late reports are taken to another day"), fields=_ANSWERED, needs=(f.PERIOD, f.UNTIL),
    subject=N_("Late reports are taken to another day: %(rule)s, %(period)s"), lines=_ANSWER,
)  # fmt: skip
DEADLINE_KEPT = MessageEvent(
    key="deadline.kept", kind=MessageKind.DECISION, topic=Topic.CALENDAR, told=_UNIT,
    title=N_("Due day stays although the calendar changed"), fields=_ANSWERED, needs=(f.PERIOD, f.DAY),
    subject=N_("The due day stays although the calendar changed: %(rule)s, %(period)s"), lines=_ANSWER,
)  # fmt: skip

# People and system ---------------------------------------------------------------------------------------------

STAND_IN_NAMED = MessageEvent(
    key="stand_in.named", kind=MessageKind.DECISION, topic=Topic.PEOPLE, told=_PERSON,
    title=N_("Somebody stands in for somebody absent"),
    fields=(f.NAME, f.ABSENT, f.ROLE, f.FIRST, f.LAST, f.REASON), needs=(f.NAME, f.ABSENT, f.FIRST, f.LAST),
    subject=N_("%(name)s stands in for %(absent)s"),
    lines=(N_("As %(role)s from %(first)s to %(last)s."), just(f.REASON)),
)  # fmt: skip
INVITED = MessageEvent(
    key="person.invited", kind=MessageKind.INVITATION, topic=Topic.PEOPLE, told=_PERSON, channels=(Channel.MAIL,),
    title=N_("Invitation with a personal link"),
    fields=(f.PROGRAMME, f.NAME, f.ROLE, f.USERNAME, f.LINK), needs=(f.USERNAME, f.LINK),
    subject=N_("Invitation to “%(programme)s”"),
    lines=(
        N_("%(name)s, you have been named %(role)s."),
        N_("Your account: %(username)s"),
        N_("Set your password within 14 days by this link; it works once:"),
        just(f.LINK),
    ),
)  # fmt: skip
WORDING_BROKEN = MessageEvent(
    key="wording.broken", kind=MessageKind.ALARM, topic=Topic.PEOPLE, told=_OFFICE, own_words=False,
    title=N_("An own wording does not hold any more"), fields=(f.EVENT, f.FAULT),
    subject=N_("Your wording of “%(event)s” does not hold any more; the default is used"),
    lines=(just(f.FAULT), N_("Please mend it under Wordings, or go back to the default.")),
)  # fmt: skip

#: By key, in the order above; those of `score_events` last.
EVENTS: dict[str, MessageEvent] = {
    event.key: event
    for event in [*vars().values(), *vars(score_events).values()]
    if isinstance(event, MessageEvent)
}
