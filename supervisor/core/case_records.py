"""Records that the product holds about a unit and that may be named as evidence: its reports and its matters."""

from __future__ import annotations

from dataclasses import dataclass

from supervisor.clock import beijing_date
from supervisor.core.days import day_words
from supervisor.core.periods import Period
from supervisor.models import AccountabilityCase, Matter, Obligation, ReportingRule
from supervisor.words import N_, Sentence, say

#: Newest of each kind that are offered.
MOST = 12


@dataclass(frozen=True)
class Record:
    """A record as it is offered, with the page on which it is read; `kept` is what stays in the case."""

    key: str
    words: Sentence
    link: str

    @property
    def kept(self) -> str:
        """In Chinese, as papers name it."""
        return say(self.words, "zh_CN")


def of_unit(case: AccountabilityCase) -> list[Record]:
    """Reports that the unit handed in and matters taken up about it, the newest of each."""
    place = f"/p/{case.programme_id}"
    here = (Obligation.programme == case.programme_id) & (Obligation.unit == case.unit_id)
    reports = (
        Obligation.select(Obligation, ReportingRule)
        .join(ReportingRule)
        .where(here & ~Obligation.first_submitted_at.is_null())
        .order_by(Obligation.first_submitted_at.desc(), Obligation.id.desc())
        .limit(MOST)
    )
    found = [
        Record(
            f"obligation:{row.id}",
            N_(
                "%(rule)s of %(period)s, handed in on %(day)s",
                rule=row.rule.name,
                period=Period.parse(row.period).label,
                day=day_words(beijing_date(row.first_submitted_at)),
            ),
            f"{place}/reports/{row.id}",
        )
        for row in reports
        if row.first_submitted_at is not None
    ]
    taken = (Matter.programme == case.programme_id) & (Matter.unit == case.unit_id)
    found += [
        Record(f"matter:{row.id}", N_("Matter: %(title)s", title=row.title), f"{place}/matters/{row.id}")
        for row in Matter.select().where(taken).order_by(Matter.id.desc()).limit(MOST)
    ]
    return found


def link_of(programme_id: int, key: str) -> str:
    """The page of a record that is named in a case."""
    kind, _, number = key.partition(":")
    noun = {"obligation": "reports", "matter": "matters"}.get(kind, "")
    return f"/p/{programme_id}/{noun}/{number}" if noun else ""
