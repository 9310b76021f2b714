"""Programmes (专项工作) and what each decided where the notice leaves it open, from a day on (C53)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

from peewee import IntegrityError

from supervisor.clock import beijing_date
from supervisor.core import accounts, audit
from supervisor.core.cadences import DuePolicy
from supervisor.core.periods import SCORED, Period
from supervisor.core.permissions import Actor, Permission
from supervisor.database import db, transactional
from supervisor.errors import Invalid, NotFound
from supervisor.models import Jurisdiction, LocalSettings, Programme, Role, Task, TaskState, Unit, User
from supervisor.models.base import rows_of
from supervisor.statements import statement
from supervisor.words import N_, Sentence

#: Settings a programme may change, in the order of the page, with their smallest and largest value.
NUMBERS: Mapping[str, tuple[int, int]] = {
    "monthly_due_day": (1, 31),
    "lock_after_workdays": (0, 250),
    "objection_workdays": (0, 60),
    "return_workdays": (1, 60),
    "review_alarm_workdays": (1, 120),
    "light_green_from": (1, 100),
    "light_amber_from": (0, 99),
    "light_near_workdays": (0, 60),
    "light_amber_months": (0, 12),
    "work_plan_workdays": (0, 120),
    "appeal_workdays": (0, 60),
    "appeal_answer_workdays": (1, 60),
    "list_top_percent": (0, 50),
    "list_top_score": (0, 200),
    "list_bottom_percent": (0, 50),
    "list_bottom_group": (2, 50),
    "list_bottom_score": (0, 200),
    "list_floor_score": (0, 200),
    "list_missing_from": (0, 100),
    "list_talk_after": (0, 12),
    "list_report_after": (0, 12),
    "list_persons": (0, 500),
    "list_person_score": (0, 200),
    "list_notice_workdays": (1, 60),
    "ladder_urge_after": (1, 250),
    "ladder_light_after": (1, 250),
    "ladder_blue_after": (1, 250),
    "ladder_yellow_after": (1, 250),
    "ladder_red_after": (1, 250),
    "ladder_last_after": (1, 250),
    "ladder_answer_workdays": (1, 60),
    "ladder_unanswered_after": (1, 60),
    "ladder_urge_every": (0, 60),
    "ladder_counts_for": (0, 500),
}
#: Texts, with their longest; what may not be empty.
TEXTS: Mapping[str, int] = {
    "ladder_word": 20, "circular_word": 20, "paper_mark": 80, "paper_copies": 400, "paper_printer": 80,
    "font_title": 40, "font_heading": 40, "font_body": 40, "font_subheading": 40,
}  # fmt: skip
NEEDED = ("circular_word", "font_title", "font_heading", "font_body", "font_subheading")
FLAGS = ("paper_sealed", "paper_colophon")
#: Everything that makes a version.
COLUMNS = (
    *NUMBERS, "cutoff", "quiet_from", "quiet_until", "day_off_policy", "remind_before", "remind_after", "head_approves",
    "first_scored_period", "scores_shown_to_units", *TEXTS, *FLAGS,
)  # fmt: skip
#: Reminders farther from the due day than this help nobody.
LONGEST_STAGE = 60


def find(programme_id: int) -> Programme | None:
    """The programme of this id, if there is one; who may see it is asked elsewhere."""
    found: list[Programme] = _programme(programme_id)
    return found[0] if found else None


@statement
def _programme(programme_id: Any) -> Any:
    return Programme.select().where(Programme.id == programme_id)


def settings_on(programme_id: int, day: date) -> LocalSettings:
    """The version of the local settings in force on a day; before the first one, the first."""
    found: list[LocalSettings] = _settings_until(programme_id, day) or _first_settings(programme_id)
    if not found:
        raise NotFound
    return found[0]


def settings_by_day(programme_id: int) -> Callable[[date], LocalSettings]:
    """All versions of the local settings, read once, as a function of the day; for looks at many days."""
    mine = LocalSettings.select().where(LocalSettings.programme == programme_id)
    versions = list(mine.order_by(LocalSettings.valid_from))
    if not versions:
        raise NotFound

    def on(day: date) -> LocalSettings:
        return next((row for row in reversed(versions) if row.valid_from <= day), versions[0])

    return on


@statement
def _settings_until(programme_id: Any, day: Any) -> Any:
    mine = (LocalSettings.programme == programme_id) & (LocalSettings.valid_from <= day)
    return LocalSettings.select().where(mine).order_by(LocalSettings.valid_from.desc()).limit(1)


@statement
def _first_settings(programme_id: Any) -> Any:
    mine = LocalSettings.select().where(LocalSettings.programme == programme_id)
    return mine.order_by(LocalSettings.valid_from).limit(1)


def versions_of(programme_id: int) -> list[tuple[LocalSettings, str]]:
    """All versions of the local settings with who set them, newest first."""
    rows = list(
        LocalSettings.select()
        .where(LocalSettings.programme == programme_id)
        .order_by(LocalSettings.valid_from.desc())
    )
    people = User.select(User.id, User.name).where(User.id.in_([r.set_by for r in rows if r.set_by]))
    names: dict[int, str] = dict(rows_of(people))
    return [(row, names.get(row.set_by or 0, "")) for row in rows]


@transactional
def create_programme(
    name: str, *, jurisdiction: str, host_unit: str, office_name: str, founder: User, by: Actor, now: datetime
) -> Programme:
    """Found a programme; the founder becomes its first lead office, the settings begin with their defaults.

    Raises Invalid naming each field that is missing, and where the jurisdiction has a programme of that name.
    """
    by.require(Permission.PROGRAMME_CREATE)
    given = {"name": name, "jurisdiction": jurisdiction, "host_unit": host_unit, "office_name": office_name}
    given = {key: value.strip() for key, value in given.items()}
    wrong = {key: N_("This is needed.") for key, value in given.items() if not value}
    if wrong:
        raise Invalid(N_("The programme cannot be created yet."), wrong)
    place = Jurisdiction.get_or_none(Jurisdiction.name == given["jurisdiction"]) or Jurisdiction.create(
        name=given["jurisdiction"]
    )
    here = (Unit.jurisdiction == place) & (Unit.name == given["host_unit"])
    host = Unit.get_or_none(here) or Unit.create(jurisdiction=place, name=given["host_unit"])
    try:
        with db.atomic():
            programme = Programme.create(
                jurisdiction=place,
                name=given["name"],
                host_unit=host,
                office_name=given["office_name"],
                created_at=now,
            )
    except IntegrityError:
        taken = N_("%(place)s already has a programme of this name.", place=place.name)
        raise Invalid(taken, {"name": taken}) from None
    LocalSettings.create(
        programme=programme, valid_from=beijing_date(now), set_by=by.user_id, set_at=now, reason=""
    )
    accounts.appoint(founder, Role.LEAD_OFFICE, programme=programme, by=by, now=now)
    audit.record(by, "programme.create", programme, now=now, after=given)
    return programme


@transactional
def change_settings(
    programme: Programme,
    changes: Mapping[str, Any],
    *,
    valid_from: date,
    reason: str,
    by: Actor,
    now: datetime,
) -> LocalSettings:
    """A new version of the local settings from a day on; earlier days keep theirs.

    A second change for the same day replaces that version (the audit trail keeps both).

    Raises:
        Invalid: a value out of its range, a day before today, or no reason.
    """
    by.require(Permission.SETTINGS_EDIT)
    present = settings_on(programme.id, valid_from)
    before, after = audit.changes(present, **{k: v for k, v in changes.items() if k in COLUMNS})
    wrong = _wrong(after)
    limits = {
        name: after.get(name, getattr(present, name)) for name in ("light_green_from", "light_amber_from")
    }
    if not wrong and limits["light_amber_from"] >= limits["light_green_from"]:
        wrong["light_amber_from"] = N_("Amber begins below green: a smaller number than the one above.")
    if valid_from < beijing_date(now):
        wrong["valid_from"] = N_("A setting changes from today or a later day on; the past keeps its rules.")
    if not reason.strip():
        wrong["reason"] = N_("Say why: units will ask.")
    if wrong:
        raise Invalid(N_("The settings were not changed."), wrong)
    if not after:
        raise Invalid(N_("Nothing was changed."))
    values = {column: getattr(present, column) for column in COLUMNS} | after
    values |= {"set_by": by.user_id, "set_at": now, "reason": reason.strip()}
    of_day = (LocalSettings.programme == programme) & (LocalSettings.valid_from == valid_from)
    if not LocalSettings.update(**values).where(of_day).execute():
        LocalSettings.create(programme=programme, valid_from=valid_from, **values)
    version = LocalSettings.get(of_day)
    if valid_from == beijing_date(now) and any(name.startswith("light_") for name in after):
        # The tick judges them anew by the new limits; a change from a later day is met by that day's pass.
        Task.update(light_on=None).where(
            (Task.programme == programme) & (Task.state == TaskState.OPEN)
        ).execute()
    audit.record(
        by, "settings.change", version, now=now, before=before, after=after | {"valid_from": valid_from}, reason=reason
    )  # fmt: skip
    return version


def _wrong(after: Mapping[str, Any]) -> dict[str, Sentence]:
    wrong = {}
    for name, (least, most) in NUMBERS.items():
        if name in after and not least <= after[name] <= most:
            wrong[name] = N_("A whole number from %(least)s to %(most)s.", least=least, most=most)
    wrong |= wrong_stages(after)
    if "day_off_policy" in after and after["day_off_policy"] not in {policy.value for policy in DuePolicy}:
        wrong["day_off_policy"] = N_("Choose one of the three.")
    for name in ("cutoff", "quiet_from", "quiet_until"):
        if name in after and not isinstance(after[name], time):
            wrong[name] = N_("A time of day such as 17:30.")
    for name, longest in TEXTS.items():
        if len(after.get(name, "")) > longest:
            wrong[name] = N_("At most %(n)s characters.", n=longest)
        elif name in NEEDED and name in after and not after[name]:
            wrong[name] = N_("This may not be empty.")
    if after.get("first_scored_period") and not _is_scored(after["first_scored_period"]):
        wrong["first_scored_period"] = N_("The key of a month, quarter, half-year or year, such as 2021-Q2.")
    return wrong


def wrong_stages(values: Mapping[str, Any]) -> dict[str, Sentence]:
    """What is wrong with days on which to remind, `remind_before` and `remind_after`, of a programme or a rule."""
    wrong = {}
    for name in ("remind_before", "remind_after"):
        stages = values.get(name) or []
        if any(not 0 < stage <= LONGEST_STAGE for stage in stages) or len(set(stages)) != len(stages):
            wrong[name] = N_("Different whole numbers from 1 to %(most)s.", most=LONGEST_STAGE)
    return wrong


def _is_scored(key: str) -> bool:
    try:
        return Period.parse(key).kind in SCORED
    except ValueError:
        return False
