"""The bytes of a published version: JSON and CSV of a closed run, built from named columns and nothing else.

No name of a person, no telephone, no record behind a point ever enters: what is not listed here is not in it.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from supervisor.clock import beijing
from supervisor.core.periods import Period
from supervisor.core.score_papers import cutoff
from supervisor.models import Posting, Programme, ScoreRun, Standing, Unit, User
from supervisor.words import say

FORMAT = 1
CHINESE, ENGLISH = "zh_CN", "en"
#: Cells that a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: A mobile number, a line with its area code, or a bare number of a line, however it is spaced.
_PHONE = re.compile(
    r"(?<![0-9A-Za-z])"
    r"(?:(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}"
    r"|0\d{2,3}[-—– ]?\d{7,8}|\d{3,4}[- ]\d{7,8}|(?!20\d{6})[2-9]\d{7})"
    r"(?![0-9A-Za-z])"
)


@dataclass(frozen=True)
class Frame:
    """What a version says about itself before its figures."""

    number: int
    ranked: bool
    reason: str
    at: datetime


def content_of(programme: Programme, period: Period, run: ScoreRun, frame: Frame) -> dict[str, Any]:
    """The version as JSON; scores are strings in points with two decimals, None = no score or no place.

    With tiers only the units of a tier stand in the order of the roster, so that no place can be read off.
    """
    return {
        "format": FORMAT,
        "programme": programme.name,
        "period": period.key,
        "period_name": period.official_name,
        "version": frame.number,
        "published_at": beijing(frame.at).isoformat(timespec="minutes"),
        "reason": frame.reason,
        "ranked": frame.ranked,
        "run": run.number,
        "result_sha256": run.result_sha256,
        "rulebook": {
            "name": run.rulebook.name,
            "version": run.rulebook.version,
            "sha256": run.rulebook.sha256,
        },
        "cutoff": cutoff(period, run, run.period.closed_at),
        "groups": list(_groups(run, ranked=frame.ranked)),
    }


def json_text(content: dict[str, Any]) -> str:
    """The content as it is handed out."""
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def csv_text(content: dict[str, Any]) -> str:
    """The same as a table for spreadsheets, with the mark that they need to read Chinese."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    places = ("名次", "并列", "得分") if content["ranked"] else ()
    writer.writerow(("考核期", "版本", "组别", "单位", *places, "等次", "备注"))
    for group in content["groups"]:
        for unit in group["units"]:
            own = (unit["place"], "并列" if unit["tied"] else "", unit["score"]) if content["ranked"] else ()
            first = (content["period_name"], content["version"], group["name"], unit["unit"])
            writer.writerow([_cell(cell) for cell in (*first, *own, unit["tier"], unit["note"])])
    return "\ufeff" + text.getvalue()


def phone_in(texts: Iterable[str]) -> str:
    """The first thing that looks like a telephone number; empty if there is none."""
    return next((found[0] for text in texts for found in [_PHONE.search(text)] if found), "")


def person_in(programme: Programme, text: str) -> str:
    """The first name of a person of the programme that stands in the text; empty if there is none."""
    people = User.select(User.name).join(Posting).where(Posting.programme == programme).distinct()
    return next(
        (one.name for one in people.order_by(User.name) if len(one.name) > 1 and one.name in text), ""
    )


def words_of(content: dict[str, Any]) -> Iterator[str]:
    """Every text in it that somebody once typed, without hashes and times."""
    yield content["programme"]
    yield content["reason"]
    yield content["rulebook"]["name"]
    for group in content["groups"]:
        yield group["name"]
        for unit in group["units"]:
            yield from (unit["unit"], unit["tier"], unit["note"])


def _groups(run: ScoreRun, *, ranked: bool) -> Iterator[dict[str, Any]]:
    groups: dict[str, list[Standing]] = {}
    rows = Standing.select(Standing, Unit).join(Unit).where(Standing.run == run).order_by(Standing.sort)
    for one in rows:
        groups.setdefault(one.group_name, []).append(one)
    for name, units in groups.items():
        if not ranked:
            tiers = [*dict.fromkeys(one.tier for one in units if one.tier), ""]
            units.sort(key=lambda one: (tiers.index(one.tier), one.unit.sort, one.unit_id))
        yield {"name": name, "units": [_unit(one, ranked=ranked) for one in units]}


def _unit(one: Standing, *, ranked: bool) -> dict[str, Any]:
    said: dict[str, Any] = {"unit": one.unit_name, "tier": one.tier, "tier_en": one.tier_en or one.tier}
    # Why a unit has no place says nothing about its score; why its tier was lowered may, and stays inside.
    note = one.rank_note if one.rank is None and (ranked or one.score is None) else ""
    said |= {"note": say(note, CHINESE) if note else "", "note_en": say(note, ENGLISH) if note else ""}
    if ranked:
        said |= {"place": one.rank, "tied": one.tied, "score": _points(one.score)}
    return said


def _points(hundredths: int | None) -> str | None:
    if hundredths is None:
        return None
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02d}"


def _cell(cell: object) -> object:
    if cell is None:
        return ""
    return (
        f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) and not _is_number(cell) else cell
    )


def _is_number(cell: str) -> bool:
    return bool(re.fullmatch(r"-?\d+\.\d\d", cell))
