"""Files for others: the ranking and the ledger as workbooks. Every export is an audit row with filter and count."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from supervisor.clock import beijing_date
from supervisor.core import (
    audit,
    fact_pages,
    fact_sheets,
    form_figures,
    ledger_papers,
    matrix_papers,
    milestone_papers,
    score_pages,
    score_papers,
)
from supervisor.core.ledger import Filter
from supervisor.core.matrix_choices import Wanted
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.database import transaction
from supervisor.documents.ledger_xlsx import ledger_sheet, write_ledger
from supervisor.documents.ranking_xlsx import write_ranking
from supervisor.documents.sheet_book import write_workbook
from supervisor.errors import Refused
from supervisor.models import Programme, ReportingRule
from supervisor.words import N_, say

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class File:
    """A file to be sent: its name (Chinese, as the reader keeps it) and its bytes."""

    name: str
    content: bytes
    media_type: str = XLSX


def export_ranking(programme: Programme, period: Period, *, by: Actor, now: datetime) -> File:
    """Ranking with native charts, every score line, and the ledger behind. NotFound while the books are open.

    The audit row is written first, because its head is printed on the file; the file itself is made after
    the transaction, so that nobody waits for it.
    """
    by.require(Permission.EXPORT_RANKING)
    ranking = score_pages.ranking(programme, period, by=by, now=now)
    if ranking.is_preliminary:
        raise Refused(
            N_(
                "%(period)s is preliminary: its ranking leaves the house once the books are closed.",
                period=period.label,
            )
        )
    wanted, today = Filter(sort="order"), beijing_date(now)
    rows = ledger_papers.rows_to_print(by, wanted, today=today)
    units = sum(len(group.standings) for group in ranking.groups)
    with transaction():
        head = audit.record(
            by,
            "export.ranking",
            ranking.row,
            now=now,
            after={"key": period.key, "run": ranking.run.number, "units": units, "tasks": len(rows)},
        )
    content = score_papers.ranking_content(
        programme, ranking, audit_head=str(head), prepared_by=by.name, now=now
    )
    tasks = ledger_papers.ledger_content(
        programme, wanted, rows, by=by, audit_head=str(head), now=now, today=today
    )
    name = score_papers.file_name(programme, period, "考核排名")
    return File(name, write_ranking(content, (ledger_sheet(tasks),)))


def export_ledger(programme: Programme, wanted: Filter, *, by: Actor, now: datetime) -> File:
    """The ledger: exactly the rows that the filter shows this reader. Refused beyond a size."""
    by.require(Permission.EXPORT_LEDGER)
    today = beijing_date(now)
    rows = ledger_papers.rows_to_print(by, wanted, today=today)
    with transaction():
        head = audit.record(
            by, "export.ledger", programme, now=now, after={"filter": asdict(wanted), "rows": len(rows)}
        )
    content = ledger_papers.ledger_content(
        programme, wanted, rows, by=by, audit_head=str(head), now=now, today=today
    )
    return File(f"{programme.name}-台账-{today.isoformat()}.xlsx", write_ledger(content))


def export_form(programme: Programme, rule: ReportingRule, key: str, *, by: Actor, now: datetime) -> File:
    """What units said in the form of a rule about one period, as its page shows it."""
    by.require(Permission.EXPORT_LEDGER)
    found = form_figures.table(rule, key, by, now=now)
    with transaction():
        head = audit.record(
            by, "export.form", rule, now=now, after={"period": found.period.key, "rows": len(found.rows)}
        )
    words = say(found.period.label, "zh_CN")
    content = form_figures.workbook(programme, found, words, audit_head=str(head), now=now)
    return File(f"{rule.name}-{words}-填报数据.xlsx", write_workbook(content))


def export_fact_template(
    programme: Programme, period: Period, form_key: str, group: str, *, by: Actor, now: datetime
) -> File:
    """The template of a form for one assessment group, filled with what is recorded."""
    by.require(Permission.FACT_ENTER)
    state = fact_pages.form_state(programme, period, form_key, by=by)
    name, content = fact_sheets.template(programme, period, state, group, now=now)
    with transaction():
        audit.record(
            by, "export.facts", programme, now=now,
            after={"period": period.key, "form": form_key, "group": group, "rows": len(content.sheets[0].rows)},
        )  # fmt: skip
    return File(name, write_workbook(content))


def export_milestones(programme: Programme, *, by: Actor, now: datetime) -> File:
    """Every milestone in force that this reader may see."""
    by.require(Permission.EXPORT_LEDGER)
    rows = milestone_papers.rows_to_print(by)
    with transaction():
        head = audit.record(by, "export.milestones", programme, now=now, after={"rows": len(rows)})
    content = milestone_papers.workbook(programme, rows, audit_head=str(head), now=now)
    return File(f"{programme.name}-节点表-{beijing_date(now).isoformat()}.xlsx", write_workbook(content))


def export_matrix(programme: Programme, wanted: Wanted, *, by: Actor, now: datetime) -> File:
    """Units by periods: what the page shows of all units that this reader may see. Refused beyond a size."""
    by.require(Permission.EXPORT_LEDGER)
    found = matrix_papers.read(by, wanted, now=now)
    asked = asdict(found.shown.choices.wanted)
    with transaction():
        head = audit.record(
            by, "export.matrix", programme, now=now, after={"filter": asked, "rows": len(found.squares)}
        )
    content = matrix_papers.workbook(programme, found, audit_head=str(head), now=now)
    return File(f"{programme.name}-报送情况-{beijing_date(now).isoformat()}.xlsx", write_workbook(content))
