"""What the notice asks of liaison officers: how many a unit, of what rank, of which units (C11, E-13, E-34)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from supervisor.core import audit, bodies, units
from supervisor.core.liaison_ranks import plain
from supervisor.core.permissions import Actor, Permission
from supervisor.database import transactional
from supervisor.errors import Invalid
from supervisor.models import LiaisonRank, LiaisonRule, Programme, Unit
from supervisor.words import N_, Sentence


def rule_on(programme_id: int, day: date) -> LiaisonRule | None:
    """The rule in force on a day: of the latest notice that has one; before the first, the first."""
    mine = LiaisonRule.select().where(LiaisonRule.programme == programme_id)
    newest = (LiaisonRule.valid_from.desc(), LiaisonRule.count.is_null(), LiaisonRule.id)
    found: LiaisonRule | None = mine.where(LiaisonRule.valid_from <= day).order_by(*newest).first()
    return found or mine.order_by(LiaisonRule.valid_from, LiaisonRule.id).first()


def ranks_of(programme_id: int) -> list[LiaisonRank]:
    """The programme's list of ranks, highest first; empty = no rank is asked for."""
    query = LiaisonRank.select().where(LiaisonRank.programme == programme_id)
    return list(query.order_by(LiaisonRank.sort, LiaisonRank.id))


def expected_units(programme_id: int, day: date) -> list[Unit]:
    """Units that are to name a liaison officer: those with a seat where the rule asks members, else all with work."""
    rule = rule_on(programme_id, day)
    members = bodies.member_units(programme_id, day) if rule is not None and rule.members_only else []
    return members or units.units_of(programme_id)


def listed_units(programme_id: int, expected: Sequence[Unit]) -> list[Unit]:
    """Units of the people page in roster order: those with work, and those that are to name an officer without it."""
    found = {unit.id: unit for unit in (*units.units_of(programme_id), *expected)}
    return sorted(found.values(), key=lambda unit: (unit.sort, unit.id))


def rank_check(programme_id: int, day: date) -> Callable[[str], Sentence | None]:
    """A check for ranks: why an officer of this rank cannot be named, or None. Without a list nothing is asked."""
    ranks = ranks_of(programme_id)
    rule = rule_on(programme_id, day)
    printed = rule.rank if rule is not None else ""
    asked = printed or "、".join(one.name for one in ranks if one.fits)
    fits = {one.name: one.fits for one in ranks}

    def check(rank: str) -> Sentence | None:
        if not ranks:
            return None
        rank = rank if rank in fits else plain(rank)
        if not rank:
            return N_("State the rank: the notice wants %(wanted)s.", wanted=asked)
        if rank not in fits:
            return N_("“%(rank)s” is not in the list of ranks: %(ranks)s.", rank=rank, ranks="、".join(fits))
        if not fits[rank]:
            return N_("The notice wants %(wanted)s; %(rank)s does not meet it.", wanted=asked, rank=rank)
        return None

    return check


@transactional
def set_ranks(
    programme: Programme, ranks: Sequence[tuple[str, bool]], *, by: Actor, now: datetime
) -> list[LiaisonRank]:
    """Replace the programme's list of ranks: name and whether it meets the rule, highest first (local setting).

    An empty list asks for no rank. Raises Invalid for a name twice, or a list in which nothing fits.
    """
    by.require(Permission.PEOPLE_INVITE)
    wanted = [(name.strip()[:40], fits) for name, fits in ranks if name.strip()]
    names = [name for name, _fits in wanted]
    wrong = None
    if len(set(names)) < len(names):
        wrong = N_("A rank stands twice in the list.")
    elif wanted and not any(fits for _name, fits in wanted):
        wrong = N_("Tick at least one rank that meets the notice's rule.")
    if wrong:
        raise Invalid(wrong, {"ranks": wrong})
    before = [(one.name, one.fits) for one in ranks_of(programme.id)]
    LiaisonRank.delete().where(LiaisonRank.programme == programme).execute()
    for order, (name, fits) in enumerate(wanted, start=1):
        LiaisonRank.create(programme=programme, name=name, fits=fits, sort=order)
    audit.record(by, "liaison.ranks", programme, now=now, before={"ranks": before}, after={"ranks": wanted})
    return ranks_of(programme.id)
