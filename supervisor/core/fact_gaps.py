"""Facts that the rulebook in force asks for and that nobody has entered or declared not to exist.

Where somebody is in charge, or some units have a figure and others not, the books stay open: the score would take
silence for "nothing happened". Where nobody is in charge the indicator is not applicable (D21) and the office is told.
"""

from __future__ import annotations

from supervisor.core import fact_assessors, fact_needs, fact_pages
from supervisor.core.days import listed
from supervisor.core.fact_pages import FormState
from supervisor.core.periods import Period
from supervisor.errors import Obstacle
from supervisor.models import Programme, RulebookVersion
from supervisor.words import N_, Sentence

#: Names printed in one sentence; the rest is a number.
NAMES = 6


def gaps(
    programme: Programme, period: Period, version: RulebookVersion | None
) -> tuple[list[Obstacle], list[Obstacle]]:
    """What stands in the way of closing, and what is only worth a look; each with its page."""
    if version is None:
        return [], []
    sources = fact_needs.sources_of(version.text, period.type)
    states = fact_pages.form_states(programme, period, sources, by=None)
    asked = {form.key for source in sources for form in source.forms}
    open_ones = [one for one in states if one.form.key in asked and not one.is_complete and one.due]
    place = f"/p/{programme.id}/facts/{period.key}"
    missing = [Obstacle(_missing(one), f"{place}/{one.form.key}") for one in open_ones if one.is_used]
    unused = [label_of(one) for one in open_ones if not one.is_used]
    if not unused:
        return missing, []
    told = N_(
        "Nobody has entered facts for: %(what)s. These do not count, or count as nothing.",
        what=listed(unused),
    )
    return missing, [Obstacle(told, place)]


def label_of(state: FormState) -> Sentence:
    """A form's name; of one made from the rulebook, the rulebook's."""
    label = state.form.label
    return label if isinstance(label, Sentence) else N_("%(value)s", value=label)


def _missing(state: FormState) -> Sentence:
    if state.facts and state.missing:
        names = "、".join(unit.name for unit in state.missing[:NAMES])
        more = f" +{len(state.missing) - NAMES}" if len(state.missing) > NAMES else ""
        return N_(
            "%(what)s: entered for %(some)s of %(all)s units; missing: %(units)s.",
            what=label_of(state), some=state.entered, all=len(state.due), units=names + more,
        )  # fmt: skip
    who = "、".join(fact_assessors.who(row) for row in state.in_charge)
    return N_(
        "%(what)s: nothing is entered, and %(who)s has not declared that there is nothing.",
        what=label_of(state), who=who,
    )  # fmt: skip
