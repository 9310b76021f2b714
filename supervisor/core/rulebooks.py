"""Rulebooks (考核办法) of a programme: adopted from a day on, never changed, superseded by the next (C40)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from scoring import Rulebook, RulebookError, Table, load_rulebook, preset_names, preset_text
from supervisor.core import audit, rulebook_gaps, score_calendar
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.rulebook_problems import in_words
from supervisor.core.rulebook_text import document_of
from supervisor.core.scored_periods import USUAL, periods_of_type, scored_period, types_of
from supervisor.database import digest, transactional
from supervisor.errors import Invalid, NotFound, Refused
from supervisor.models import PeriodState, Programme, RulebookVersion, ScorePeriod
from supervisor.words import N_, Sentence

#: Problems named at once.
PROBLEMS = 40
#: Shown first and taken unless another is chosen (D23: our own proposals, no law of anybody).
FIRST_CHOICE = "default-quarter"


@dataclass(frozen=True)
class Preset:
    """A rulebook that ships with the product, ready to be adopted."""

    key: str
    rulebook: Rulebook

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables of the shortest period that it scores."""
        shortest = types_of(preset_text(self.key))[0]
        return tuple(table for table in self.rulebook.tables if (table.period or USUAL) == shortest)


def presets() -> tuple[Preset, ...]:
    """The presets, the first choice first."""
    found = [Preset(key, load_rulebook(preset_text(key))) for key in preset_names()]
    return tuple(sorted(found, key=lambda p: (p.key != FIRST_CHOICE, p.key)))


def versions(programme_id: int) -> list[RulebookVersion]:
    """Adopted rulebooks, the latest in force first."""
    return list(
        RulebookVersion.select()
        .where(RulebookVersion.programme == programme_id)
        .order_by(RulebookVersion.valid_from.desc(), RulebookVersion.id.desc())
    )


def last_days(found: Sequence[RulebookVersion]) -> dict[int, date | None]:
    """Until which day each of the versions, the latest first, is the latest in force; None = still, or never was."""
    days: dict[int, date | None] = {}
    newer: date | None = None
    for version in found:
        days[version.id] = newer - timedelta(days=1) if newer and newer > version.valid_from else None
        newer = version.valid_from
    return days


def superseded(found: Sequence[RulebookVersion]) -> set[int]:
    """Which of the versions, the latest first, never hold: a later one was adopted for the same day."""
    return {old.id for new, old in pairwise(found) if new.valid_from == old.valid_from}


def in_force(programme_id: int, period: Period) -> RulebookVersion | None:
    """The rulebook that holds for a period: the last one in force on the period's last day."""
    return score_calendar.rulebook_on(programme_id, period.end)


def in_programme(version_id: int, programme_id: int) -> RulebookVersion:
    """An adopted rulebook of this programme. NotFound for others."""
    row = RulebookVersion.get_or_none(
        (RulebookVersion.id == version_id) & (RulebookVersion.programme == programme_id)
    )
    if row is None:
        raise NotFound
    return row


@transactional
def adopt(
    programme: Programme,
    text: str,
    *,
    valid_from: date,
    by: Actor,
    now: datetime,
    remark: str = "",
    gaps_known: str = "",
) -> RulebookVersion:
    """Adopt a rulebook from a day on. Its text is kept as it is; closed periods keep their own.

    Errors: Invalid (the text is no rulebook, every problem is named; it is adopted for that day already; another
    text of its name and version is; it leaves something unscored that `gaps_known` does not name),
    Refused (the day lies in a closed period).
    """
    by.require(Permission.PERIOD_CLOSE)
    rulebook = parse(text)
    closed = last_closed(programme.id)
    if closed is not None and valid_from <= closed.end:
        raise Refused(
            N_("%(period)s is closed: a rulebook can only begin after it.", period=closed.label),
        )
    name, version = rulebook.name[:120], rulebook.version[:40]
    _refuse_twice(programme.id, name, version, digest(text), valid_from)
    gaps = rulebook_gaps.gaps(programme.id, text, valid_from)
    if rulebook_gaps.key_of(gaps) not in {"", gaps_known}:
        told = {f"gap-{n}": gap.words for n, gap in enumerate(gaps, 1)}
        tick = N_("Tick that this is not scored, or add the tables.")
        raise Invalid(N_("The rulebook cannot be adopted."), {"gaps_known": tick, **told})
    row = RulebookVersion.create(
        programme=programme,
        name=name,
        version=version,
        text=text,
        sha256=digest(text),
        valid_from=valid_from,
        adopted_by=by.user_id,
        adopted_at=now,
        remark=remark,
    )
    audit.record(
        by,
        "rulebook.adopt",
        row,
        now=now,
        after={
            "name": row.name,
            "version": row.version,
            "sha256": row.sha256,
            "valid_from": valid_from,
            **({"not_scored": rulebook_gaps.key_of(gaps)} if gaps else {}),
        },
        reason=remark,
    )
    return row


def _refuse_twice(programme_id: int, name: str, version: str, sha256: str, valid_from: date) -> None:
    """One name and version is one text, and a day takes the text that stands for it once."""
    found = versions(programme_id)
    what = {"name": name, "version": version}
    same_day = next((one for one in found if one.valid_from == valid_from), None)
    if same_day is not None and same_day.sha256 == sha256:
        told = N_("“%(name)s %(version)s” is already adopted from this day, with the same text.", **what)
        raise Invalid(N_("The rulebook cannot be adopted."), {"valid_from": told})
    if any((one.name, one.version) == (name, version) and one.sha256 != sha256 for one in found):
        told = N_(
            "“%(name)s %(version)s” is already adopted with another text: give this one a new version number.",
            **what,
        )
        raise Invalid(N_("The rulebook cannot be adopted."), {"rulebook": told})


def text_of(preset: Preset) -> str:
    """The text of a preset."""
    return preset_text(preset.key)


def preset(key: str) -> Preset:
    """A preset by its key. NotFound for others."""
    found = next((one for one in presets() if one.key == key), None)
    if found is None:
        raise NotFound
    return found


def parse(text: str) -> Rulebook:
    """The rulebook of a text. Invalid where it is none, with every problem and its place, up to `PROBLEMS`."""
    document_of(text)
    try:
        return load_rulebook(text)
    except RulebookError as error:
        wrong: dict[str, Sentence] = {
            "text": N_("This is no usable rulebook yet: problems %(n)s.", n=len(error.problems))
        }
        for number, problem in enumerate(error.problems[:PROBLEMS], 1):
            wrong[f"text-{number}"] = N_(
                "%(place)s: %(what)s", place=problem.place, what=in_words(problem.message)
            )
        raise Invalid(N_("The rulebook cannot be adopted."), wrong) from error


def proposed_day(programme_id: int, today: date, text: str = "") -> date:
    """From when a rulebook is proposed to hold.

    The first one: from the first period that is scored. A later one: from the next period of the shortest kind that it
    scores (without a text: that is scored now), as the running one goes on as it was begun.
    """
    closed = last_closed(programme_id)
    begun = closed is not None or score_calendar.rulebook_on(programme_id, today) is not None
    if not begun:
        first = score_calendar.first_scored(programme_id, today)
        return first.start if first else score_calendar.shortest_on(programme_id, today).start
    kind = (types_of(text) if text else score_calendar.types_on(programme_id, today))[0]
    period = next(periods_of_type(kind, today, today)).next()
    while closed is not None and period.start <= closed.end:
        period = period.next()
    return period.start


def first_periods(text: str, valid_from: date) -> list[Period]:
    """The first period of each kind that a rulebook scores from a day on, by their last day."""
    found = [next(periods_of_type(kind, valid_from, valid_from)) for kind in types_of(text)]
    return sorted(found, key=score_calendar.in_time)


def last_closed(programme_id: int) -> Period | None:
    """The latest period whose books are closed, or whose score the units have seen already."""
    row = (
        ScorePeriod.select(ScorePeriod.key)
        .where((ScorePeriod.programme == programme_id) & (ScorePeriod.state != PeriodState.OPEN))
        .order_by(ScorePeriod.ends_on.desc(), ScorePeriod.key)
        .first()
    )
    return scored_period(row.key) if row is not None else None
