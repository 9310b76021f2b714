"""The fairness view: what the assessor should look at before scores are published. It warns and decides nothing.

Of a closed period its frozen facts and its own rulebook; of an open one the facts as they now are (preliminary).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from scoring import FactsError, Problem, assess, load_facts, load_rulebook
from scoring.fairness import FEW, SEVERAL, Correlation, Fairness, Loss, examine
from scoring.numbers import show
from supervisor.core import rulebooks
from supervisor.core.gathered_facts import gathered
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.score_pages import shown_period
from supervisor.documents.content import Bar, ChartContent, ChartPanel
from supervisor.models import Programme, RulebookVersion
from supervisor.words import N_, Sentence

#: Percent of a group's lost points from which one cause is named.
MOST_OF_THE_LOSS = 50


@dataclass(frozen=True)
class Caution:
    """Something worth a second look: in words, with its figure, and where to look."""

    sentence: Sentence
    figure: str
    link: str


@dataclass(frozen=True)
class View:
    """A period looked at. `found` None: there is no rulebook, or it cannot score these facts (`problems`)."""

    period: Period
    is_closed: bool
    rulebook: RulebookVersion | None
    found: Fairness | None
    scored: int = 0
    problems: tuple[Problem, ...] = ()
    #: When the facts were gathered.
    at: datetime | None = None


def view(programme: Programme, period: Period, *, by: Actor, now: datetime) -> View:
    """Look at a period. Errors: NotAllowed (not an assessor)."""
    by.require(Permission.PERIOD_CLOSE)
    closed = shown_period(programme, period)
    version = closed[1].rulebook if closed else rulebooks.in_force(programme.id, period)
    if version is None:
        return View(period, closed is not None, None, None)
    if closed:
        facts, at = load_facts(json.loads(closed[1].facts)), closed[1].ran_at
    else:
        recent = gathered(programme, period, now=now)
        facts, at = recent.facts, recent.at
    try:
        result = assess(facts, load_rulebook(version.text))
    except FactsError as error:
        return View(period, closed is not None, version, None, problems=error.problems)
    scored = sum(standing.score is not None for standing in result.standings)
    return View(period, closed is not None, version, examine(facts, result), scored, at=at)


def cautions(programme: Programme, seen: View, *, english: bool = False) -> list[Caution]:
    """What is worth a second look, in words."""
    if seen.found is None or seen.rulebook is None:
        return []
    rules = f"/p/{programme.id}/rulebooks/{seen.rulebook.id}"
    return [
        *_few(seen.found),
        *_correlated(seen.found.correlations),
        *_one_sided(seen.found, english=english),
        *_apart(seen.found, english=english),
        *_flat(seen.found, rules, english=english),
        *_narrow(seen.found, rules, english=english),
    ]


def chart_of(programme: Programme, seen: View) -> ChartContent | None:
    """Points lost for each unit by cause, a panel for each group; None where nothing is lost."""
    found = seen.found
    panels = []
    for group in found.groups if found else ():
        causes = sorted(_causes(found, group), key=lambda loss: -loss.mean) if found else []
        bars = tuple(Bar(loss.title, loss.mean, place) for place, loss in enumerate(causes, start=1))
        panels.append(ChartPanel(group, bars, "平均每单位失分"))
    most = max((bar.total or Decimal(0) for panel in panels for bar in panel.bars), default=Decimal(0))
    if not most:
        return None
    return ChartContent(
        title=f"{programme.name}{seen.period.official_name}失分原因（组内每单位平均，分）",
        panels=tuple(panels),
        columns=min(2, len(panels)),
        full=most,
    )


def title_of(loss: Loss, *, english: bool) -> str:
    """The cause's name in the reader's language."""
    return loss.title_en if english and loss.title_en else loss.title


def what_of(one: Correlation) -> Sentence:
    """What the score is held against."""
    if one.what == "tasks":
        return N_("number of the unit's tasks")
    if one.what == "quantity":
        return N_("planned amount: %(measure)s", measure=one.measure)
    return N_("number of units in the unit's group")


def group_of(name: str) -> Sentence | str:
    """A group's name; all units together where there is none."""
    return name or N_("All units")


def _causes(found: Fairness, group: str) -> tuple[Loss, ...]:
    return (*found.of(group, "indicator"), *found.of(group, "penalty"))


def _few(found: Fairness) -> Iterable[Caution]:
    groups: dict[str, int] = {}
    for one in found.few:
        groups[one.standing.group] = groups.get(one.standing.group, 0) + 1
    for group, number in groups.items():
        said = N_(
            "%(group)s: %(few)s unit(s) have fewer than %(limit)s tasks; one task decides their rates.",
            group=group_of(group),
            few=number,
            limit=FEW,
        )
        yield Caution(said, str(number), "#few")


def _correlated(correlations: Iterable[Correlation]) -> Iterable[Caution]:
    for one in correlations:
        if one.r is None or not one.is_strong:
            continue
        said = N_(
            "%(group)s: the score rises with the %(what)s (r = %(r)s, n = %(n)s).",
            group=group_of(one.group), what=what_of(one), r=one.r, n=one.n,
        ) if one.r > 0 else N_(
            "%(group)s: the score falls with the %(what)s (r = %(r)s, n = %(n)s).",
            group=group_of(one.group), what=what_of(one), r=one.r, n=one.n,
        )  # fmt: skip
        yield Caution(said, f"{one.r}", "#correlation")


def _one_sided(found: Fairness, *, english: bool) -> Iterable[Caution]:
    for group in found.groups:
        for loss in found.of(group, "indicator")[:1]:
            if loss.share is not None and loss.share >= MOST_OF_THE_LOSS and loss.units >= SEVERAL:
                said = N_(
                    "%(group)s: %(share)s%% of all points lost are lost on %(title)s.",
                    group=group_of(group),
                    share=loss.share,
                    title=title_of(loss, english=english),
                )
                yield Caution(said, f"{loss.share}%", "#losses")


def _apart(found: Fairness, *, english: bool) -> Iterable[Caution]:
    for one in found.apart:
        said = N_(
            "%(group)s loses %(mean)s points a unit on %(title)s, the other groups %(others)s.",
            group=group_of(one.loss.group),
            mean=one.loss.mean,
            title=title_of(one.loss, english=english),
            others=one.others,
        )
        yield Caution(said, str(one.loss.mean), "#losses")


def _flat(found: Fairness, rules: str, *, english: bool) -> Iterable[Caution]:
    for one in found.flat:
        said = N_(
            "%(group)s: all %(units)s units have %(points)s of %(weight)s on %(title)s; it tells nobody apart.",
            group=group_of(one.group),
            units=one.units,
            points=one.line.points,
            weight=show(one.line.weight),
            title=one.line.title_en if english and one.line.title_en else one.line.title,
        )
        yield Caution(said, str(one.line.points), rules)


def _narrow(found: Fairness, rules: str, *, english: bool) -> Iterable[Caution]:
    """An indicator that applies to fewer than half of the group it is meant for."""
    for group in found.groups:
        listed = found.of(group, "indicator")
        most = max((loss.units for loss in listed), default=0)
        for loss in listed:
            if 2 * loss.units < most:
                said = N_(
                    "%(group)s: %(title)s applies to %(units)s of %(all)s units; the others are measured without it.",
                    group=group_of(group),
                    title=title_of(loss, english=english),
                    units=loss.units,
                    all=most,
                )
                yield Caution(said, f"{loss.units}/{most}", rules)
