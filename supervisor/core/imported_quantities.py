"""Quantities of an imported ledger, given to the units that answer for them when the ledger is adopted."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

from supervisor.bulk import insert_rows
from supervisor.core import quantities
from supervisor.core.draft_ledger import Ledger
from supervisor.core.unit_names import name_key
from supervisor.models import ImportedRow, Plan, QuantityTarget, Task, Unit
from supervisor.models.base import rows_of


def allot(ledger: Ledger, plan: Plan, register: Mapping[str, Unit]) -> int:
    """Give each quantity of an imported row to the unit that leads its task alone, or stands alone; returns how many.

    Where several lead, or a collective name does, nobody is given it: the office shares it out on the plan's page.
    A notice's own quantities are left alone. Call inside the verb's transaction, after the tasks.
    """
    if (
        not ledger.targets
        or not ImportedRow.select().where(ImportedRow.document == plan.document_id).exists()
    ):
        return 0
    tasks = dict(rows_of(Task.select(Task.source_line, Task.id).where(Task.plan == plan)))
    collectives = {name_key(one.token) for one in ledger.collectives}
    stated = sorted((t for t in ledger.targets if t.spans and not t.dropped), key=lambda t: t.spans[0])
    starts = [target.spans[0][0] for target in stated]
    found: dict[tuple[int, str], dict[str, object]] = {}
    for item in ledger.live:
        names = item.lead or item.responsible
        unit = register.get(name_key(names[0])) if len(names) == 1 else None
        if unit is None or item.line not in tasks or name_key(names[0]) in collectives:
            continue
        for start, end in item.spans:
            for target in stated[bisect_left(starts, start) : bisect_left(starts, end)]:
                if said := quantities.stated(target.text, target.value, target.measure):
                    row = {"task": tasks[item.line], "unit": unit.id, "measure": said[0], "target": said[1]}
                    found.setdefault((tasks[item.line], said[0]), row)
    insert_rows(QuantityTarget, found.values())
    return len(found)
