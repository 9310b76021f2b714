"""Whom the figures of a closed period propose to commend or to criticise, and why; proposals only (C43, E-93).

Reads a closed run and nothing else, so that a proposal can be made again years later from the same figures. The notices
name three triggers of criticism without a number (落实不力, 动作缓慢, 完不成目标任务); the numbers are local settings.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from supervisor.models import ListSide, LocalSettings, Standing
from supervisor.words import N_, Sentence

#: Smaller groups are not ranked by share (scoring rules ask for at least three to compare).
SMALLEST_GROUP = 3
#: One notice of this colour is enough to be proposed for criticism, and to be passed over for commendation.
RED = "red"
HUNDRED = Decimal(100)


class Trigger(enum.StrEnum):
    """A rule that proposes a name."""

    TOP = "top"
    BOTTOM = "bottom"
    UNDER_FLOOR = "under_floor"
    MISSING = "missing"
    RED_NOTICE = "red_notice"
    TALK = "talk"
    REPORT = "report"


@dataclass(frozen=True)
class Reason:
    """One trigger that struck, the figures it rests on and the records behind them."""

    trigger: Trigger
    figures: Mapping[str, str | int] = field(default_factory=dict)
    records: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As a candidate keeps it."""
        return {"key": self.trigger.value, "figures": dict(self.figures), "records": list(self.records)}


@dataclass(frozen=True)
class Proposed:
    """A unit of the run that one or several rules propose for one side."""

    standing: Standing
    side: ListSide
    reasons: tuple[Reason, ...]


#: What each trigger says, with its figures.
WORDS: Mapping[Trigger, str] = {
    Trigger.TOP: N_("place %(rank)s of %(ranked)s in its group, %(score)s points").msgid,
    Trigger.BOTTOM: N_(
        "targets not met: place %(rank)s of %(ranked)s in its group, %(score)s points, under %(under)s"
    ).msgid,
    Trigger.UNDER_FLOOR: N_("targets not met: %(score)s points, under %(under)s").msgid,
    Trigger.MISSING: N_("slow: %(count)s reports were never handed in").msgid,
    Trigger.RED_NOTICE: N_("not carried out: %(count)s matters with a red notice").msgid,
    Trigger.TALK: N_("on the criticism list %(count)s times in a row: a formal talk is proposed").msgid,
    Trigger.REPORT: N_(
        "on the criticism list %(count)s times in a row: a report to the leading group is proposed"
    ).msgid,
}  # fmt: skip
#: The same in the words of a circular, for a person to keep or to write anew.
OFFICIAL: Mapping[Trigger, str] = {
    Trigger.TOP: "得分{score}分，列本组第{rank}名（共{ranked}家）",
    Trigger.BOTTOM: "未完成目标任务，得分{score}分，列本组第{rank}名（共{ranked}家）",
    Trigger.UNDER_FLOOR: "未完成目标任务，得分{score}分",
    Trigger.MISSING: "工作推进迟缓，漏报{count}次",
    Trigger.RED_NOTICE: "工作落实不力，{count}个事项被发红色督办单",
    Trigger.TALK: "连续{count}期列入通报批评名单",
    Trigger.REPORT: "连续{count}期列入通报批评名单",
}


def words_of(reason: Mapping[str, Any]) -> Sentence:
    """A kept reason in words."""
    return Sentence(WORDS[Trigger(reason["key"])], dict(reason["figures"]))


def official_words(reasons: Sequence[Mapping[str, Any]]) -> str:
    """Kept reasons as a circular would print them, longest known form; empty without reasons."""
    said = dict.fromkeys(OFFICIAL[Trigger(one["key"])].format(**one["figures"]) for one in reasons)
    return f"{'；'.join(said)}。" if said else ""


def propose(
    standings: Sequence[Standing],
    facts: Iterable[Mapping[str, Any]],
    rules: LocalSettings,
    in_a_row: Mapping[int, int],
) -> list[Proposed]:
    """Both sides' proposals in the order of the roster, without a unit on both sides.

    Args:
        standings: of the closed run.
        facts: of the same run, as stored.
        rules: local settings in force.
        in_a_row: unit -> how many periods directly before this one it was criticised.
    """
    missing, red = _by_unit(facts)
    found: list[Proposed] = []
    for group in _groups(standings).values():
        ranked = [one for one in group if one.rank is not None and one.score is not None]
        for one in group:
            against = _against(one, ranked, missing, red, rules)
            if against:
                count = in_a_row.get(one.unit_id, 0) + 1
                found.append(Proposed(one, ListSide.CRITICISM, (*against, *_repeated(count, rules))))
            elif one in ranked and not one.vetoes and one.unit_id not in red:
                praise = _for(one, ranked, rules)
                if praise is not None:
                    found.append(Proposed(one, ListSide.COMMENDATION, (praise,)))
    return sorted(found, key=lambda one: one.standing.sort)


def share_of(count: int, percent: int) -> int:
    """How many of a group a share of it is, rounded half up; 0 for no share, else at least one."""
    if not percent or not count:
        return 0
    exact = Decimal(count * percent) / HUNDRED
    return max(1, int(exact.quantize(Decimal(1), ROUND_HALF_UP)))


def _groups(standings: Sequence[Standing]) -> dict[str, list[Standing]]:
    groups: dict[str, list[Standing]] = defaultdict(list)
    for one in sorted(standings, key=lambda row: row.sort):
        groups[one.group_name].append(one)
    return groups


def _by_unit(facts: Iterable[Mapping[str, Any]]) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    """Records of reports never handed in, and of matters with a red notice, by unit."""
    missing: dict[int, list[str]] = defaultdict(list)
    red: dict[int, list[str]] = defaultdict(list)
    for fact in facts:
        values = fact["values"]
        if fact["kind"] == "report" and values.get("outcome") == "missing":
            missing[int(fact["unit"])].append(fact["record"])
        elif fact["kind"] == "penalty" and values.get("colour") == RED:
            red[int(fact["unit"])].append(fact["record"])
    return missing, red


def _for(one: Standing, ranked: Sequence[Standing], rules: LocalSettings) -> Reason | None:
    """Equals are taken or left together: whoever shares the last place that counts is proposed too."""
    enough = len(ranked) >= SMALLEST_GROUP and (one.score or 0) >= rules.list_top_score * 100
    if not enough or (one.rank or 0) > share_of(len(ranked), rules.list_top_percent):
        return None
    return Reason(Trigger.TOP, _place(one, ranked), (f"sheet:{one.unit_id}",))


def _against(
    one: Standing,
    ranked: Sequence[Standing],
    missing: Mapping[int, list[str]],
    red: Mapping[int, list[str]],
    rules: LocalSettings,
) -> list[Reason]:
    found: list[Reason] = []
    if one.score is not None and one.score < rules.list_floor_score * 100 and one in ranked:
        low: dict[str, str | int] = {"score": points(one.score), "under": rules.list_floor_score}
        found.append(Reason(Trigger.UNDER_FLOOR, low, (f"sheet:{one.unit_id}",)))
    elif _is_last(one, ranked, rules):
        last = _place(one, ranked) | {"under": rules.list_bottom_score}
        found.append(Reason(Trigger.BOTTOM, last, (f"sheet:{one.unit_id}",)))
    for trigger, records, least in (
        (Trigger.MISSING, missing.get(one.unit_id, []), rules.list_missing_from),
        (Trigger.RED_NOTICE, red.get(one.unit_id, []), 1),
    ):
        if least and len(records) >= least:
            found.append(Reason(trigger, {"count": len(records)}, tuple(sorted(records))))
    return found


def _is_last(one: Standing, ranked: Sequence[Standing], rules: LocalSettings) -> bool:
    """Whether fewer units stand below it than the share names, in a group large enough, under the threshold."""
    if one not in ranked or len(ranked) < rules.list_bottom_group:
        return False
    below = sum((other.score or 0) < (one.score or 0) for other in ranked)
    return (
        below < share_of(len(ranked), rules.list_bottom_percent)
        and (one.score or 0) < rules.list_bottom_score * 100
    )


def _repeated(count: int, rules: LocalSettings) -> list[Reason]:
    if rules.list_report_after and count >= rules.list_report_after:
        return [Reason(Trigger.REPORT, {"count": count})]
    if rules.list_talk_after and count >= rules.list_talk_after:
        return [Reason(Trigger.TALK, {"count": count})]
    return []


def _place(one: Standing, ranked: Sequence[Standing]) -> dict[str, str | int]:
    return {"rank": one.rank or 0, "ranked": len(ranked), "score": points(one.score or 0)}


def points(hundredths: int) -> str:
    """A score as printed: 91.24."""
    return str((Decimal(hundredths) / HUNDRED).quantize(Decimal("0.01")))
