"""The triggers for which a case may be opened: a local list; until an office writes its own, our proposal holds."""

from __future__ import annotations

from datetime import datetime

from supervisor.core import audit
from supervisor.core.permissions import Actor, Permission
from supervisor.database import transactional
from supervisor.errors import Invalid
from supervisor.models import CaseKind, Programme
from supervisor.words import N_, Sentence

#: Our own proposal, there to be changed.
PROPOSED = ("虚报瞒报数据", "套取资金", "偷工减料", "挪用资金", "安全质量事故", "推诿扯皮、拒不整改")
MOST, LONGEST = 30, 60


def names_of(programme_id: int) -> tuple[str, ...]:
    """The triggers in force, in their order."""
    rows = list(CaseKind.select().where(CaseKind.programme == programme_id).order_by(CaseKind.sort))
    return tuple(row.name for row in rows if not row.ended) if rows else PROPOSED


@transactional
def change(programme: Programme, text: str, *, by: Actor, now: datetime) -> tuple[str, ...]:
    """Keep a list of triggers, one a line. What is left out ends; cases keep the name that they were opened with.

    Raises:
        Invalid: no line, too many, one too long or twice, each with its number.
    """
    by.require(Permission.SETTINGS_EDIT)
    names = [line.strip() for line in text.splitlines() if line.strip()]
    wrong = _wrong(names)
    if wrong is not None:
        raise Invalid(N_("The list was not kept."), {"kinds": wrong})
    before = names_of(programme.id)
    known = {row.name: row for row in CaseKind.select().where(CaseKind.programme == programme)}
    CaseKind.update(ended=True).where(CaseKind.programme == programme).execute()
    for sort, name in enumerate(names, start=1):
        if name in known:
            CaseKind.update(ended=False, sort=sort).where(CaseKind.id == known[name].id).execute()
        else:
            CaseKind.create(programme=programme, name=name, sort=sort)
    audit.record(by, "case.kinds", programme, now=now, before={"kinds": list(before)}, after={"kinds": names})
    return tuple(names)


def _wrong(names: list[str]) -> Sentence | None:
    if not names or len(names) > MOST:
        return N_("Between 1 and %(n)s triggers, one a line.", n=MOST)
    for number, name in enumerate(names, start=1):
        if len(name) > LONGEST:
            return N_("Line %(line)s is longer than %(n)s characters.", line=number, n=LONGEST)
        if name in names[: number - 1]:
            return N_("Line %(line)s stands there already: %(name)s", line=number, name=name)
    return None
