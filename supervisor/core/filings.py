"""Filings and counted items: handing in documents, receipts of each recipient, items chosen for a bulletin.

A filing is received once every recipient of its rule has given a receipt for its last version (C28, E-63). Counted
items (≥ 1 a month, C45) need no receipt: the obligation is met when enough of them are in; the time of the item
that makes them enough decides. The server's time judges, as for every report, and where the head approves, the time
at which the head sends (D11). Where a rule allows it, nil with a reason is an answer of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from peewee import ModelSelect, fn

from supervisor.clock import beijing_date
from supervisor.core import (
    approvals,
    attachments,
    audit,
    events,
    field_values,
    messages,
    owed_words,
    people,
    reminders,
    reports,
)
from supervisor.core.calendar import load_calendar
from supervisor.core.field_values import Filled
from supervisor.core.filing_readers import is_recipient, receivers_of
from supervisor.core.form_answers import UNASKED, Answers
from supervisor.core.permissions import Actor, Permission
from supervisor.core.programmes import settings_on
from supervisor.database import digest, transactional
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused
from supervisor.fields import canonical_json
from supervisor.models import (
    Bulletin,
    FiledDocument,
    Obligation,
    ObligationState,
    Receipt,
    Report,
    ReportingRule,
    RuleKind,
    RuleRecipient,
    Unit,
)
from supervisor.models.base import rows_of
from supervisor.words import N_, Sentence

LONGEST_TITLE = 200
LONGEST_REASON = 400
_SENT = Report.sent == True  # noqa: E712 -- a column, not a bool


@dataclass(frozen=True)
class FiledBody:
    """One document as handed in: a text, files, or both."""

    kind: str
    title: str
    text: str = ""
    attachment_ids: tuple[int, ...] = ()


def filing_link(obligation: Obligation) -> str:
    """Application path of the filing's page."""
    return f"/p/{obligation.programme_id}/filings/{obligation.id}"


@transactional
def submit(
    obligation: Obligation,
    bodies: Sequence[FiledBody],
    answers: Answers = UNASKED,
    *,
    by: Actor,
    now: datetime,
) -> Report:
    """Hand in a filing's documents, or one item more; where the programme wants it the head sends it (D11).

    Raises NotFound for another unit's, Invalid for what is missing, Refused where nothing is taken.
    """
    _require_writer(obligation, by, now)
    filled = field_values.read(obligation, answers)
    _check(bodies, obligation.rule.documents, filled.wrong, said=_is_said_in_form(obligation.rule, filled))
    filled.require()
    return _prepare(obligation, bodies, filled, "", by, now)


@transactional
def submit_nil(obligation: Obligation, reason: str, *, by: Actor, now: datetime) -> Report:
    """Say with a reason that there is nothing to hand in (零报告); only where the rule allows it.

    Raises Refused where documents or items are in already: what was handed in cannot be nothing.
    """
    _require_writer(obligation, by, now)
    if not obligation.rule.nil_allowed:
        raise Refused(N_("“%(what)s” cannot be answered by nil.", what=obligation.rule.name))
    if not may_be_nil(obligation):
        raise Refused(N_("Something was handed in already, so that it is not nil."))
    if not reason.strip() or len(reason.strip()) > LONGEST_REASON:
        wrong = N_("Say in at most %(n)s characters why there is nothing.", n=LONGEST_REASON)
        raise Invalid(N_("Nothing was handed in."), {"nil_reason": wrong})
    return _prepare(obligation, [], Filled(), reason.strip(), by, now)


def may_be_nil(obligation: Obligation) -> bool:
    """Whether the rule takes a nil answer and nothing was handed in yet."""
    sent = Report.select().where((Report.obligation == obligation) & _SENT)
    return bool(obligation.rule.nil_allowed) and not sent.exists()


def _require_writer(obligation: Obligation, by: Actor, now: datetime) -> None:
    if not (by.may(Permission.REPORT_SUBMIT) or by.may(Permission.REPORT_APPROVE)):
        raise NotAllowed
    reports.require_own(obligation, by)
    counted = obligation.rule.kind is RuleKind.COUNT
    # One item more is welcome while it counts for this period; later it is the next period's (E-51).
    if not (counted and obligation.state is ObligationState.ACCEPTED and now < obligation.due_at):
        reports.require_open(obligation, now)


def _prepare(
    obligation: Obligation,
    bodies: Sequence[FiledBody],
    filled: Filled,
    nil_reason: str,
    by: Actor,
    now: datetime,
) -> Report:
    """Keep a version; it is handed in at once, or when the unit's head sends it."""
    waits = approvals.is_wanted(obligation.programme_id, by, now)
    nil = bool(nil_reason)
    reports.claim(obligation, ObligationState.WITH_HEAD if waits else _state_after(obligation, nil=nil))
    report = Report.create(
        obligation=obligation, number=Report.select().where(Report.obligation == obligation).count() + 1,
        nil=nil, nil_reason=nil_reason, submitted_by=by.user_id, received_at=now, sent=False,
        form=filled.form, form_reason=filled.reason,
    )  # fmt: skip
    field_values.store(report, filled, by=by)
    for body in bodies:
        row = FiledDocument.create(
            report=report,
            kind=body.kind[:80],
            title=body.title.strip()[:LONGEST_TITLE],
            text=body.text.strip(),
        )
        attachments.link(body.attachment_ids, filed=row, by=by)
    head = audit.record(
        by, "filing.prepare" if waits else "filing.submit", report, now=now, reason=nil_reason,
        after={
            "obligation": obligation.id, "version": report.number, "nil": nil,
            "documents": [body.kind for body in bodies],
            **({"form": digest(canonical_json(field_values.content_of(filled)))} if filled.form else {}),
        },
    )  # fmt: skip
    if waits:
        approvals.ask_heads(
            obligation.unit_id, obligation.programme_id, key=str(report.id), what=owed_words.what(obligation),
            link=filing_link(obligation), about=obligation.id, now=now,
        )  # fmt: skip
    else:
        _hand_in(obligation, report, head, now)
    return Report.get_by_id(report.id)


def _hand_in(obligation: Obligation, report: Report, head: audit.Head, now: datetime) -> None:
    """The version is in: receipt, and with what makes it enough outcome and lateness for good (D11)."""
    number = f"HZ-{obligation.period}-{obligation.id}-{report.number}"
    if _is_enough(obligation, nil=report.nil):
        reports.fix_outcome(obligation, now, nil=report.nil)
    Report.update(sent=True, receipt=number, audit_head=str(head)).where(Report.id == report.id).execute()
    reminders.cancel(obligation.id, now)


def _is_enough(obligation: Obligation, *, nil: bool) -> bool:
    """Whether one version more meets what is asked for: always, but for items, of which it may take several."""
    if nil or obligation.rule.kind is not RuleKind.COUNT or obligation.first_submitted_at is not None:
        return True
    sent = Report.select().where((Report.obligation == obligation) & _SENT).count()
    return bool(sent + 1 >= obligation.rule.minimum)


def _state_after(obligation: Obligation, *, nil: bool) -> ObligationState:
    if not _is_enough(obligation, nil=nil):
        return ObligationState.OPEN
    # Whoever files with nobody but itself waits for nobody.
    received = obligation.rule.kind is RuleKind.COUNT or not receivers_of(obligation)
    return ObligationState.ACCEPTED if received else ObligationState.SUBMITTED


@transactional
def approve(report: Report, *, by: Actor, now: datetime) -> Report:
    """The unit's head sends what was prepared: this is the submission whose time counts (D11)."""
    obligation = approvals.waiting(report, by)
    reports.require_unlocked(obligation, now)
    counted = obligation.rule.kind is RuleKind.COUNT
    if counted and obligation.first_submitted_at is not None and now >= obligation.due_at:
        raise Refused(
            N_("It no longer counts for this period: give it back, and it is sent for the next one.")
        )
    state = _state_after(obligation, nil=report.nil)
    reports.claim(obligation, state)
    Report.update(approved_by=by.user_id, approved_at=now).where(Report.id == report.id).execute()
    after = {"obligation": obligation.id, "version": report.number, "approved": True}
    head = audit.record(by, "filing.submit", report, now=now, after=after)
    _hand_in(obligation, report, head, now)
    return Report.get_by_id(report.id)


def _is_said_in_form(rule: ReportingRule, filled: Filled) -> bool:
    """Whether the fields say it all: where no kind of document is named they need no text or file besides (C30)."""
    plain = rule.kind is RuleKind.FILING and not rule.documents
    return plain and any(not one.is_empty for one in filled.said)


def _check(
    bodies: Sequence[FiledBody], wanted: Sequence[str], of_form: Mapping[str, Sentence], *, said: bool
) -> None:
    wrong: dict[str, Sentence] = dict(of_form)
    for place, body in enumerate(bodies):
        if not said and not body.text.strip() and not body.attachment_ids:
            wrong[f"text-{place}"] = N_("Write a text or attach a file: “%(what)s” is empty.", what=body.kind)
        if not body.title.strip() or len(body.title) > LONGEST_TITLE:
            wrong[f"title-{place}"] = N_("A title of at most %(most)s characters.", most=LONGEST_TITLE)
    missing = [kind for kind in wanted if kind not in {body.kind for body in bodies}]
    if missing or not bodies:
        wrong["documents"] = N_("Still missing: %(what)s", what="、".join(missing or ["材料"]))
    if wrong:
        raise Invalid(N_("Nothing was handed in."), wrong)


@transactional
def give_receipt(report: Report, recipient: RuleRecipient, *, by: Actor, now: datetime) -> Receipt:
    """A recipient's receipt for the last version; with the last recipient's the filing is received.

    Raises NotFound where the actor is not that recipient, Refused for an older version or a second receipt.
    """
    obligation = _waiting(report, recipient, by)
    number = f"SD-{obligation.period}-{report.id}-{recipient.id}"
    receipt = Receipt.create(
        report=report, recipient=recipient, number=number, given_by=by.user_id, given_by_name=by.name,
        given_at=now,
    )  # fmt: skip
    given = Receipt.select().where(Receipt.report == report).count()
    if given == len(receivers_of(obligation)):
        reports.claim(obligation, ObligationState.ACCEPTED)
    audit.record(by, "filing.receipt", receipt, now=now, after={"report": report.id, "number": number})
    return receipt


@transactional
def send_back(report: Report, recipient: RuleRecipient, reason: str, *, by: Actor, now: datetime) -> None:
    """A recipient sends a filing back with a reason; the unit hands in a new version, and is not late for it (D11)."""
    obligation = _waiting(report, recipient, by)
    if not reason.strip():
        raise Invalid(N_("The filing was not sent back."), {"reason": N_("Say what should be changed.")})
    settings = settings_on(obligation.programme_id, beijing_date(now))
    due_on = load_calendar().add_workdays(beijing_date(now), settings.return_workdays)
    reports.claim(obligation, ObligationState.RETURNED)
    Obligation.update(returns=Obligation.returns + 1, return_due_on=due_on).where(
        Obligation.id == obligation.id
    ).execute()
    audit.record(by, "filing.return", report, now=now, after={"recipient": recipient.name}, reason=reason)
    found = people.liaisons_of([obligation.unit_id], obligation.programme_id, beijing_date(now))
    messages.notify(
        event=events.FILING_RETURNED,
        key=f"filing_return:{report.id}",
        to=found.get(obligation.unit_id, []),
        fields={"name": recipient.name, "what": obligation.rule.name, "reason": reason.strip()},
        link=filing_link(obligation),
        programme_id=obligation.programme_id,
        unit_id=obligation.unit_id,
        about=obligation.id,
        now=now,
    )


def _waiting(report: Report, recipient: RuleRecipient, by: Actor) -> Obligation:
    obligation: Obligation = Obligation.get_by_id(report.obligation_id)
    mine = obligation.programme_id == by.programme_id and recipient.rule_id == obligation.rule_id
    if not mine or not is_recipient(recipient, by):
        raise NotFound
    if obligation.unit_id in by.unit_ids and recipient.unit_id == obligation.unit_id:
        raise Refused(N_("Nobody decides on a report of their own unit."))
    newest = Report.select(fn.MAX(Report.number)).where(Report.obligation == obligation).scalar()
    given = Receipt.select().where((Receipt.report == report) & (Receipt.recipient == recipient)).exists()
    if obligation.state is not ObligationState.SUBMITTED or report.number != newest or given:
        raise Refused(N_("This version waits for no receipt of yours any more."))
    return obligation


# Items and bulletins --------------------------------------------------------------------------------------------


@transactional
def make_bulletin(
    programme_id: int, title: str, item_ids: Sequence[int], *, by: Actor, now: datetime
) -> Bulletin:
    """A bulletin of chosen items, each in one bulletin at most; per unit it shows how many were chosen (C45)."""
    by.require(Permission.REVIEW_DECIDE)
    items = list(
        items_of(programme_id).where(FiledDocument.id.in_(list(item_ids)) & FiledDocument.bulletin.is_null())
    )
    wrong: dict[str, Sentence] = {}
    if not title.strip() or len(title) > LONGEST_TITLE:
        wrong["title"] = N_("A title of at most %(most)s characters.", most=LONGEST_TITLE)
    if not items or len(items) != len(set(item_ids)) or programme_id != by.programme_id:
        wrong["item"] = N_("Choose items that are in no bulletin yet.")
    if wrong:
        raise Invalid(N_("The bulletin was not made."), wrong)
    number = Bulletin.select().where(Bulletin.programme == programme_id).count() + 1
    made = Bulletin.create(
        programme=programme_id, number=number, title=title.strip(), made_by=by.user_id, made_at=now
    )
    FiledDocument.update(bulletin=made).where(FiledDocument.id.in_([item.id for item in items])).execute()
    audit.record(by, "bulletin.make", made, now=now, after={"items": sorted(item.id for item in items)})
    return made


def items_of(programme_id: int) -> ModelSelect[FiledDocument]:
    """Items that units sent, with report, obligation and unit, newest first."""
    return (
        FiledDocument.select(FiledDocument, Report, Obligation, Unit)
        .join(Report)
        .join(Obligation)
        .join(Unit)
        .switch(Obligation)
        .join(ReportingRule)
        .where((Obligation.programme == programme_id) & (ReportingRule.kind == RuleKind.COUNT) & _SENT)
        .order_by(Report.received_at.desc(), FiledDocument.id.desc())
    )


def chosen_by_unit(bulletin: Bulletin) -> dict[str, int]:
    """Unit → how many of its items a bulletin holds, in the order of the register."""
    query = (
        FiledDocument.select(Unit.name, fn.COUNT(FiledDocument.id))
        .join(Report)
        .join(Obligation)
        .join(Unit)
        .where(FiledDocument.bulletin == bulletin)
        .group_by(Unit.id, Unit.name, Unit.sort)
        .order_by(Unit.sort, Unit.id)
    )
    return dict(rows_of(query))
