"""What a step's paper says: proposed from the records, written by a person, checked, and composed for print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from supervisor.clock import beijing_date
from supervisor.core import paper_styles, people, programmes
from supervisor.core.calendar import load_calendar
from supervisor.core.matters import Thing
from supervisor.core.rungs import FORMS
from supervisor.documents.ladder_paper import PaperContent
from supervisor.documents.official_paper import day_words
from supervisor.errors import Invalid
from supervisor.models import LadderStep, Matter, Programme, Rung, User
from supervisor.words import N_, Sentence

#: Longest texts that are kept, in characters.
LONG, SHORT = 2000, 300
#: Farther off a day is a slip of the pen.
FARTHEST = timedelta(days=366)


@dataclass(frozen=True)
class Wanted:
    """A step as a person writes it."""

    rung: Rung
    #: Why the step is taken: kept on record, not printed.
    reason: str
    demand: str
    title: str
    basis: str
    lead: str
    leader: str
    limit_on: date | None
    limit_at: time
    answer_by: date | None
    contact: str
    phone: str
    signer: str
    #: Title and text of a circular; the reasons of a talk.
    heading: str = ""
    body: str = ""
    called: str = ""
    talk_on: date | None = None
    talk_at: time = time(9)
    place: str = ""
    #: The rule that proposed it; empty = by hand.
    rule: str = ""


def steps_of(matter: Matter | None) -> list[LadderStep]:
    """The steps taken about a matter, oldest first."""
    if matter is None:
        return []
    return list(LadderStep.select().where(LadderStep.matter == matter).order_by(LadderStep.number))


def number_of(step: LadderStep) -> str:
    """A step's number as printed on its paper."""
    return PaperContent.read(step.content).number


def overdue_workdays(due_on: date | None, today: date) -> int:
    """Working days since the due day; 0 where it is not past."""
    if due_on is None or due_on >= today:
        return 0
    return max(1, load_calendar().workdays_between(due_on, today))


def proposed(
    thing: Thing, rung: Rung, *, rule: str = "", programme: Programme, by: User, now: datetime
) -> Wanted:
    """A step's words as the records give them, for a person to write on."""
    today = beijing_date(now)
    settings = programmes.settings_on(programme.id, today)
    answer_by = load_calendar().add_workdays(today, settings.ladder_answer_workdays)
    heads = people.heads_of([thing.unit.id], programme.id, today).get(thing.unit.id, [])
    leader = "、".join(" ".join(filter(None, (head.name, head.post))) for head in heads[:2])
    wanted = Wanted(
        rung, reason="", demand=_DEMANDS[rung], title=thing.title, basis=thing.basis, lead=thing.lead,
        leader=leader, limit_on=answer_by, limit_at=settings.cutoff, answer_by=answer_by, contact=by.name,
        phone=by.phone, signer=by.name, rule=rule,
    )  # fmt: skip
    overdue = overdue_workdays(thing.due_on, today)
    since = f"，至今逾期{overdue}个工作日" if overdue else ""
    if rung is Rung.CRITICISM:
        heading = f"关于{thing.unit.name}“{thing.title}”办理滞后的通报"
        body = f"{programme.name}“{thing.title}”由{thing.unit.name}负责{since}。经多次催办、督办，仍未按要求完成。"
        return replace(wanted, heading=heading[:SHORT], body=body)
    if rung is Rung.TALK:
        body = f"“{thing.title}”{since.lstrip('，') or '办理滞后'}，经催办、督办仍未按要求完成。"
        day = load_calendar().add_workdays(today, 2)
        return replace(wanted, body=body, called=leader or f"{thing.unit.name}主要负责人", talk_on=day)
    return wanted


_DEMANDS = {
    Rung.URGE: "抓紧办理，按时限要求办结，并反馈办理情况。",
    Rung.BLUE: "查明滞后原因，明确措施、责任人和完成时间，按时限要求办结。",
    Rung.YELLOW: "主要负责人牵头研究，逐项落实整改措施，按时限要求办结。",
    Rung.RED: "主要负责人立即组织整改，逐日报告进展，限期办结，并书面说明情况。",
    Rung.CRITICISM: "深刻检查，举一反三，立即整改到位",
    Rung.TALK: "就办理滞后的原因作出说明，提出整改措施和完成时限，并于约谈后落实。",
}


def check(wanted: Wanted, now: datetime) -> None:
    """Invalid naming every field that is missing, too long or a day that cannot be."""
    today = beijing_date(now)
    wrong: dict[str, Sentence] = {}
    _texts(wanted, wrong)
    for name, day in _days(wanted):
        if day is None:
            wrong[name] = N_("Name the day.")
        elif day < today:
            wrong[name] = N_("Name a day from today on.")
        elif day > today + FARTHEST:
            wrong[name] = N_("That day is more than a year off.")
    if wrong:
        raise Invalid(N_("The step was not taken."), wrong)


def _texts(wanted: Wanted, wrong: dict[str, Sentence]) -> None:
    needed = {"reason": LONG, "demand": LONG, "title": SHORT, "signer": 80}
    if wanted.rung in {Rung.CRITICISM, Rung.TALK}:
        needed["body"] = LONG
    if wanted.rung is Rung.CRITICISM:
        needed["heading"] = SHORT
    if wanted.rung is Rung.TALK:
        needed |= {"called": SHORT, "place": SHORT}
    most = needed | {"basis": SHORT, "lead": SHORT, "leader": SHORT, "contact": 80, "phone": 40}
    for name, longest in most.items():
        text = getattr(wanted, name).strip()
        if not text and name in needed:
            wrong[name] = (
                N_("Say why this step is taken: it stays on record.")
                if name == "reason"
                else N_("This may not be empty.")
            )
        elif len(text) > longest:
            wrong[name] = N_("At most %(n)s characters.", n=longest)


def _days(wanted: Wanted) -> list[tuple[str, date | None]]:
    days: list[tuple[str, date | None]] = [("answer_by", wanted.answer_by)]
    if wanted.rung is Rung.TALK:
        days.append(("talk_on", wanted.talk_on))
    elif wanted.rung is not Rung.CRITICISM:
        days.append(("limit_on", wanted.limit_on))
    return days


def compose(
    wanted: Wanted, thing: Thing, steps: Sequence[LadderStep], *, programme: Programme, now: datetime
) -> PaperContent:
    """The paper as it would go out now, without its number."""
    form, today = FORMS[wanted.rung], beijing_date(now)
    return PaperContent(
        rung=wanted.rung.value, name=form.name, level=form.level, office=programme.office_name,
        programme=programme.name, unit=thing.unit.name, matter=wanted.title.strip(), basis=wanted.basis.strip(),
        lead=wanted.lead.strip(), leader=wanted.leader.strip(), given_on=_iso(thing.given_on),
        due_on=_iso(thing.due_on), overdue=overdue_workdays(thing.due_on, today),
        earlier=tuple(_earlier(step) for step in steps), demand=wanted.demand.strip(),
        limit_on=_iso(wanted.limit_on), limit_at=clock_words(wanted.limit_at), answer_by=_iso(wanted.answer_by),
        contact=wanted.contact.strip(), phone=wanted.phone.strip(), signer=wanted.signer.strip(),
        title=wanted.heading.strip(), body=wanted.body.strip(), called=wanted.called.strip(),
        talk_on=_iso(wanted.talk_on), talk_at=clock_words(wanted.talk_at), place=wanted.place.strip(),
        style=paper_styles.style_on(programme, today),
    )  # fmt: skip


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def clock_words(at: time) -> str:
    """A time of day as official papers print it; 00:00 as a limit is the end of its day."""
    if at == time(0):
        return "24时"
    return f"{at.hour}时{at.minute:02d}分" if at.minute else f"{at.hour}时"


def _earlier(step: LadderStep) -> str:
    content = PaperContent.read(step.content)
    level = f"（{content.level}）" if content.level else ""
    return f"{day_words(content.issued_on)}{content.name}{level}{content.number}"
