"""Publishing a closed period (公布) and taking it back: to whom and how is chosen each time by a named person (C47).

A version is frozen with its bytes. A later one replaces it and leaves it readable beside its reason; withdrawing
hides the figures and says so. Public pages live behind an address that cannot be guessed: whoever tries numbers
shall not even learn which programmes and periods there are before the office gives the address away.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from supervisor.clock import beijing_date
from supervisor.core import audit, publication_papers, published, score_notices
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.programmes import settings_on
from supervisor.core.publication_papers import Frame
from supervisor.core.score_books import find_row
from supervisor.core.score_runs import current_run
from supervisor.database import digest, transactional
from supervisor.errors import Invalid, NotFound, Obstacle, Refused
from supervisor.models import PeriodState, Programme, Publication, Reach, ScorePeriod, ScoreRun
from supervisor.words import N_, Sentence

#: Longest reason that goes out with a version.
REASON_LENGTH = 500


@dataclass(frozen=True)
class Choice:
    """To whom a version goes, with places and scores or with tiers only, and why."""

    reach: Reach
    ranked: bool
    reason: str


@transactional
def publish(programme: Programme, period: Period, choice: Choice, *, by: Actor, now: datetime) -> Publication:
    """Freeze a version of a closed period and open it to those chosen; units are told, and how far it goes.

    Versions before it that went further or showed more are withdrawn with the same reason; others stay readable.

    Errors: NotAllowed (not an assessor), Invalid (no reason, a telephone number or a person's name in it, a reach
    that local settings forbid), Refused (not closed, published in exactly this way already).
    """
    by.require(Permission.PERIOD_CLOSE)
    reason = choice.reason.strip()
    _check(programme, choice, reason, now)
    row = find_row(programme, period)
    # The update takes the row's lock: two who publish at the same time do it one after the other.
    closed = (ScorePeriod.id == (row.id if row else 0)) & (ScorePeriod.state == PeriodState.FROZEN)
    done = ScorePeriod.update(published_at=now, published_by=by.user_id).where(closed).execute()
    run = current_run(row) if row is not None else None
    if row is None or run is None or not done:
        raise Refused(N_("%(period)s is not closed: only closed books are published.", period=period.label))
    before = published.versions_of(row)
    _refuse_repeated(before, run, choice, period)
    frame = Frame(len(before) + 1, choice.ranked, reason, now)
    version = _freeze(programme, period, run, choice, frame, before, by)
    ended = [one for one in before if one.withdrawn_at is None and _is_wider(one, choice)]
    _end(ended, reason, by, now)
    after = trail_of(version) | {"key": row.key, "ended": [one.number for one in ended]}
    audit.record(by, "period.publish", row, now=now, after=after, reason=reason)
    score_notices.tell_published(programme, period, run, choice.reach, version.number, now)
    return version


@transactional
def withdraw(programme: Programme, period: Period, *, reason: str, by: Actor, now: datetime) -> None:
    """Take back every version of a period: units see only their own again, public addresses say withdrawn.

    Errors: NotAllowed, Invalid (no reason, or one that cannot go out), Refused (nothing is published).
    """
    by.require(Permission.PERIOD_CLOSE)
    row = find_row(programme, period)
    known = published.versions_of(row) if row is not None else []
    fault = reason_fault(programme, reason.strip(), is_public=any(one.token for one in known))
    if fault is not None:
        raise Invalid(N_("Nothing was withdrawn."), {"withdrawal": fault})
    open_one = (ScorePeriod.id == (row.id if row else 0)) & ~ScorePeriod.published_at.is_null()
    done = ScorePeriod.update(published_at=None, published_by=None).where(open_one).execute()
    if row is None or not done:
        raise Refused(N_("Nothing of %(period)s is published.", period=period.label))
    # Asked again behind the row's lock: a version may have come out meanwhile.
    ended = [one for one in published.versions_of(row) if one.withdrawn_at is None]
    _end(ended, reason.strip(), by, now)
    after = {"key": row.key, "ended": [one.number for one in ended]}
    audit.record(by, "period.withdraw", row, now=now, after=after, reason=reason.strip())
    run = current_run(row)
    if run is not None:
        score_notices.tell_withdrawn(programme, period, run, reason.strip(), now)


def trail_of(version: Publication) -> dict[str, Any]:
    """What the audit trail keeps of a version: enough to notice whatever is changed in its row later."""
    return {
        "version": version.number,
        "run": version.run.number,
        "reach": version.reach.value,
        "ranked": version.ranked,
        "content_sha256": version.content_sha256,
        "sheet_sha256": version.sheet_sha256,
        "address_sha256": digest(version.token),
    }


def preview(programme: Programme, period: Period, run: ScoreRun, now: datetime) -> dict[str, Any]:
    """What would be frozen with places and scores; nothing is stored."""
    frame = Frame(0, ranked=True, reason="", at=now)
    return publication_papers.content_of(programme, period, run, frame)


def _freeze(
    programme: Programme,
    period: Period,
    run: ScoreRun,
    choice: Choice,
    frame: Frame,
    before: list[Publication],
    by: Actor,
) -> Publication:
    content = publication_papers.content_of(programme, period, run, frame)
    found = publication_papers.phone_in(publication_papers.words_of(content))
    if found and choice.reach is Reach.PUBLIC:
        raise Refused(
            N_(
                "“%(text)s” in a name or a remark looks like a telephone number: it stays inside.", text=found
            ),
            [Obstacle(N_("Units"), f"/p/{programme.id}/units")],
        )
    if by.user_id is None:
        raise NotFound
    text, sheet = publication_papers.json_text(content), publication_papers.csv_text(content)
    return Publication.create(
        period=run.period_id,
        run=run,
        number=frame.number,
        reach=choice.reach,
        ranked=choice.ranked,
        reason=frame.reason,
        content=text,
        content_sha256=digest(text),
        sheet=sheet,
        sheet_sha256=digest(sheet),
        token=_address(before) if choice.reach is Reach.PUBLIC else "",
        published_by=by.user_id,
        published_name=by.name,
        published_at=frame.at,
    )


def _address(before: list[Publication]) -> str:
    """The period's address, kept for all its public versions: who has it always finds the newest."""
    return next((one.token for one in before if one.token), "") or secrets.token_urlsafe(32)


def _is_wider(one: Publication, choice: Choice) -> bool:
    """Whether a version goes to more readers, or shows places where the choice shows none."""
    order = list(Reach)
    return order.index(one.reach) > order.index(choice.reach) or (one.ranked and not choice.ranked)


def _end(versions: list[Publication], reason: str, by: Actor, now: datetime) -> None:
    ids = [one.id for one in versions]
    Publication.update(
        withdrawn_by=by.user_id, withdrawn_name=by.name, withdrawn_at=now, withdrawal=reason
    ).where(Publication.id.in_(ids)).execute()


def _check(programme: Programme, choice: Choice, reason: str, now: datetime) -> None:
    """Invalid with everything that is wrong at once."""
    wrong = {"reason": reason_fault(programme, reason, is_public=choice.reach is Reach.PUBLIC)}
    together = settings_on(programme.id, beijing_date(now)).scores_shown_to_units
    if choice.reach is not Reach.OWN and not together:
        wrong["reach"] = N_(
            "Local settings say that units do not see each other's scores. Change them first, or let each unit see "
            "its own result only."
        )
    fields = {name: sentence for name, sentence in wrong.items() if sentence is not None}
    if fields:
        raise Invalid(N_("Nothing was published."), fields)


def reason_fault(programme: Programme, reason: str, *, is_public: bool) -> Sentence | None:
    """What is wrong with a reason that is to go out with a version; None = nothing."""
    if not reason.strip():
        return N_("Say why, in a sentence that may be read by everybody concerned.")
    if len(reason) > REASON_LENGTH:
        return N_("At most %(most)s characters.", most=REASON_LENGTH)
    phone = publication_papers.phone_in([reason]) if is_public else ""
    if phone:
        return N_("“%(text)s” looks like a telephone number; the reason is shown to the public.", text=phone)
    person = publication_papers.person_in(programme, reason) if is_public else ""
    if person:
        return N_("%(name)s is a person's name; the reason is shown to the public.", name=person)
    return None


def _refuse_repeated(before: list[Publication], run: ScoreRun, choice: Choice, period: Period) -> None:
    last = before[0] if before else None
    if last is None or last.withdrawn_at is not None:
        return
    if (last.run_id, last.reach, last.ranked) == (run.id, choice.reach, choice.ranked):
        raise Refused(N_("%(period)s is published in exactly this way already.", period=period.label))
