"""Records behind a point: a frozen fact in words, and the page on which its record can be read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scoring.numbers import show
from scoring.parts import PART_FACTS
from supervisor.core.days import in_a_row
from supervisor.core.fact_forms import LABELS
from supervisor.core.fact_needs import EXEMPTION
from supervisor.core.periods import Period
from supervisor.core.scored_periods import scored_period
from supervisor.models import (
    AccountabilityCase,
    Application,
    Assignment,
    Entry,
    InstructedUnit,
    LadderStep,
    MarkSheet,
    Obligation,
    Outcome,
    RecordedFact,
    Report,
    ReportEntry,
    ReportingRule,
    RuleKind,
    Rung,
    ScoreLine,
    ScorePeriod,
    ScoreRun,
    Standing,
    ViewedProject,
)
from supervisor.models.base import rows_of
from supervisor.words import N_, Sentence

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Evidence:
    """One fact as a reader sees it. `costs`: it is one of those that cost points, shown first."""

    record: str
    #: A task's name as it was, or a period.
    subject: str | Sentence
    words: Sentence
    link: str | None
    costs: bool
    sort: str


def evidence_of(fact: Mapping[str, Any], link: str | None) -> Evidence:
    """A fact of a run (as stored JSON) in words."""
    values: Values = fact["values"]
    source, _colon, _number = fact["record"].partition(":")
    words, default = WORDS_BY_RECORD.get(source, (WORDS, _other))
    say_it, costs = words.get(fact["kind"], (default, _never))
    return Evidence(
        record=fact["record"],
        subject=_subject(fact),
        words=say_it(values),
        link=link,
        costs=costs(values),
        # The lowest marks first; everything else by period and name, the ninth task before the tenth.
        sort=f"{_padded(values.get('mark'))}{values.get('period', '')}{_numbered(fact['subject'])}{fact['record']}",
    )


def evidence_by_line(
    lines: Iterable[ScoreLine],
    facts: Sequence[Mapping[str, Any]],
    kinds: Mapping[str, set[str]],
    links: Mapping[str, str],
) -> dict[int, tuple[Evidence, ...]]:
    """By a line's `sort`: the unit's frozen facts that it was counted from, those that cost points first.

    Args:
        lines: the lines of one unit.
        facts: the same unit's facts, as stored.
        kinds: which kinds each indicator speaks of; two kinds may rest on one record.
        links: addresses of records.
    """
    found: dict[int, tuple[Evidence, ...]] = {}
    for line in lines:
        records = set(line.records)
        mine = [
            one
            for one in facts
            if one["record"] in records
            and one["kind"] in {EXEMPTION} | kinds.get(line.indicator, {one["kind"]})
        ]
        said = (evidence_of(one, links.get(one["record"])) for one in mine)
        found[line.sort] = tuple(sorted(said, key=lambda e: (not e.costs, e.sort)))
    return found


def kinds_by_key(text: str) -> dict[str, set[str]]:
    """Indicator or item key → the kinds of facts its rule speaks of, read from the rulebook's own text."""
    book = tomllib.loads(text)
    rows: list[dict[str, Any]] = [
        one for table in book.get("table", []) for one in table.get("indicator", [])
    ]
    for part in ("bonus", "penalty"):
        rows.extend(book.get(part, {}).get("item", []))
    kinds: dict[str, set[str]] = {}
    for row in rows:
        kinds.setdefault(str(row.get("key")), set()).update(_facts_in(row))
    return kinds


def _facts_in(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "facts" and isinstance(inner, str):
                yield inner
            else:
                yield from _facts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _facts_in(inner)


def links_of(records: Iterable[str], programme_id: int) -> dict[str, str]:
    """Addresses of the pages on which records can be read; records that are gone have none."""
    wanted: dict[str, set[int]] = {}
    for record in records:
        kind, _, number = record.partition(":")
        if number.isdigit():
            wanted.setdefault(kind, set()).add(int(number))
    found: dict[str, str] = {}
    entries = (
        ReportEntry.select(ReportEntry.id, ReportEntry.report, Report.obligation, Entry.task)
        .join(Report)
        .switch(ReportEntry)
        .join(Entry)
        .where(ReportEntry.id.in_(sorted(wanted.get("report_entry", ()))))
    )
    for row in entries:
        found[f"report_entry:{row.id}"] = report_address(
            programme_id, row.report.obligation_id, row.entry.task_id
        )
    owed = Obligation.select(Obligation.id, ReportingRule.kind).join(ReportingRule)
    for key, kind in rows_of(owed.where(Obligation.id.in_(sorted(wanted.get("obligation", ()))))):
        counted = kind is RuleKind.COUNT
        address = f"/p/{programme_id}/filings/{key}" if counted else report_address(programme_id, key)
        found[f"obligation:{key}"] = address
    applications = (
        Application.select(Application.id, Assignment.task)
        .join(Assignment)
        .where(Application.id.in_(sorted(wanted.get("application", ()))))
    )
    for application in applications:
        found[f"application:{application.id}"] = task_address(programme_id, application.assignment.task_id)
    for link in Assignment.select(Assignment.id, Assignment.task).where(
        Assignment.id.in_(sorted(wanted.get("assignment", ())))
    ):
        found[f"assignment:{link.id}"] = task_address(programme_id, link.task_id)
    steps = LadderStep.select(LadderStep.id, LadderStep.matter)
    for step in steps.where(LadderStep.id.in_(sorted(wanted.get("ladder_step", ())))):
        found[f"ladder_step:{step.id}"] = f"/p/{programme_id}/matters/{step.matter_id}"
    items = Report.select(Report.id, Report.obligation).where(Report.id.in_(sorted(wanted.get("report", ()))))
    found |= {f"report:{row.id}": f"/p/{programme_id}/filings/{row.obligation_id}" for row in items}
    parts = InstructedUnit.select(InstructedUnit.id)
    for part in parts.where(InstructedUnit.id.in_(sorted(wanted.get("instructed_unit", ())))):
        found[f"instructed_unit:{part.id}"] = f"/p/{programme_id}/instructions"
    sheets = MarkSheet.select(MarkSheet.id, ViewedProject.viewing).join(ViewedProject)
    for sheet in sheets.where(MarkSheet.id.in_(sorted(wanted.get("mark_sheet", ())))):
        place = f"/p/{programme_id}/viewings/{sheet.project.viewing_id}/sheets/{sheet.id}"
        found[f"mark_sheet:{sheet.id}"] = place
    if standings := wanted.get("standing"):
        found |= _parts_links(standings, programme_id)
    cases = AccountabilityCase.select(AccountabilityCase.id)
    for case in cases.where(AccountabilityCase.id.in_(sorted(wanted.get("accountability_case", ())))):
        found[f"accountability_case:{case.id}"] = f"/p/{programme_id}/cases/{case.id}"
    rules = ReportingRule.select(ReportingRule.id).where(
        ReportingRule.id.in_(sorted(wanted.get("reporting_rule", ())))
    )
    found |= {f"reporting_rule:{rule.id}": f"/p/{programme_id}/rules/{rule.id}" for rule in rules}
    if facts := wanted.get("recorded_fact"):
        kept = RecordedFact.select(RecordedFact.id).where(RecordedFact.id.in_(sorted(facts)))
        found |= {f"recorded_fact:{row.id}": f"/p/{programme_id}/recorded-facts/{row.id}" for row in kept}
    return found


def _parts_links(ids: Iterable[int], programme_id: int) -> dict[str, str]:
    """The sheets of a unit in the parts of a longer period."""
    rows = (
        Standing.select(Standing.id, Standing.unit, ScoreRun.id, ScorePeriod.key)
        .join(ScoreRun)
        .join(ScorePeriod)
        .where(Standing.id.in_(sorted(ids)))
    )
    return {
        f"standing:{one.id}": f"/p/{programme_id}/periods/{one.run.period.key}/units/{one.unit_id}"
        for one in rows
    }


def report_address(programme_id: int, obligation_id: int, task_id: int | None = None) -> str:
    """The page of a report, at a task's entry if one is named."""
    place = f"#task-{task_id}" if task_id is not None else ""
    return f"/p/{programme_id}/reports/{obligation_id}{place}"


def task_address(programme_id: int, task_id: int) -> str:
    """The page of a task."""
    return f"/p/{programme_id}/tasks/{task_id}"


def _padded(mark: object) -> str:
    return "" if mark is None else f"{Decimal(str(mark)):08.2f}"


def _numbered(name: object) -> str:
    return re.sub(r"\d+", lambda digits: digits[0].zfill(6), str(name))


def _subject(fact: Mapping[str, Any]) -> str | Sentence:
    if fact["kind"] == PART_FACTS:
        return scored_period(str(fact["subject"])).label
    try:
        return Period.parse(str(fact["subject"])).label
    except ValueError:
        return str(fact["subject"])


def _publicity(values: Values) -> Sentence:
    """An item, or the month of which none is expected."""
    match values.get("excuse"):
        case None:
            told: dict[str, object] = {"rule": values["rule"], "day": values["day"]}
            if values.get("adopted"):
                return N_("%(rule)s, sent %(day)s; chosen for a bulletin", **told)
            return N_("%(rule)s, sent %(day)s", **told)
        case "nil":
            return N_("nothing to send, with a reason: %(reason)s", reason=values["reason"])
        case "waived":
            return N_("not asked for, by the office: %(reason)s", reason=values["reason"])
    return N_("nothing was asked of the unit in this month")


def _rectification(values: Values) -> Sentence:
    words: dict[str, object] = {"due": values["due"], "done": values["done"]}
    if values["done"] is None:
        return N_("due %(due)s, not put right", due=words["due"])
    if values["on_time"]:
        return N_("due %(due)s, put right on %(done)s: in time", **words)
    return N_("due %(due)s, put right on %(done)s: too late", **words)


def _resolution(values: Values) -> Sentence:
    words: dict[str, object] = {"due": values["due"], "done": values["done"]}
    if values["done"] is None:
        return N_("due %(due)s, not done", due=words["due"])
    if values["on_time"]:
        return N_("due %(due)s, done on %(done)s: in time", **words)
    return N_("due %(due)s, done on %(done)s: too late", **words)


def _early(values: Values) -> Sentence:
    return N_(
        "due %(due)s; applied for on %(applied)s: %(days)s working days early",
        days=values["early_workdays"],
        **_dates(values),
    )


def _task(values: Values) -> Sentence:
    return N_(
        "planned %(planned)s%%, accepted %(accepted)s%%; share %(share)s",
        planned=values["planned"],
        accepted=values["accepted"],
        share=_number(values["share"]),
    )


def _closure(values: Values) -> Sentence:
    if values["suspended"]:
        return N_("due %(due)s; suspended, not counted", due=values["due"])
    if values["applied"] is None:
        return N_("due %(due)s; no completion applied for in the period", due=values["due"])
    if values["on_time"]:
        return N_("due %(due)s; applied for on %(applied)s: on time", **_dates(values))
    return N_("due %(due)s; applied for on %(applied)s: too late", **_dates(values))


def _dates(values: Values) -> dict[str, object]:
    return {"due": values["due"], "applied": values["applied"]}


def _quantity(values: Values) -> Sentence:
    if values["planned_cumulative"] is None:
        return N_(
            "%(measure)s: %(done)s done; nothing planned, not counted",
            measure=values["measure"],
            done=_number(values["done_cumulative"]),
        )
    return N_(
        "%(measure)s: %(done)s done of %(planned)s planned",
        measure=values["measure"],
        done=_number(values["done_cumulative"]),
        planned=_number(values["planned_cumulative"]),
    )


def _report(values: Values) -> Sentence:
    dates: dict[str, object] = {"due": values.get("due", ""), "submitted": values.get("submitted", "")}
    if values["outcome"] == Outcome.MISSING:
        return N_("missing: due %(due)s, never submitted", due=dates["due"])
    if values["outcome"] == Outcome.LATE:
        days = values["late_workdays"]
        if values.get("nil"):
            return N_(
                "nil report, late by %(days)s working day(s): due %(due)s, submitted %(submitted)s",
                days=days,
                **dates,
            )
        return N_("late by %(days)s working day(s): due %(due)s, submitted %(submitted)s", days=days, **dates)
    if values["outcome"] == Outcome.NIL:
        return N_("nil report, on time: due %(due)s, submitted %(submitted)s", **dates)
    return N_("on time: due %(due)s, submitted %(submitted)s", **dates)


def _mark(values: Values) -> Sentence:
    about = Period.parse(str(values["period"])).label
    if values["returns"]:
        return N_(
            "%(period)s: mark %(mark)s; times the report was returned: %(returns)s",
            period=about,
            mark=values["mark"],
            returns=values["returns"],
        )
    return N_("%(period)s: mark %(mark)s", period=about, mark=values["mark"])


def _judge_mark(values: Values) -> Sentence:
    return N_("judge no. %(judge)s: %(mark)s of 100", judge=values["judge"], mark=_number(values["mark"]))


def _case(values: Values) -> Sentence:
    return N_("%(case)s: upheld; belongs to %(day)s", case=values["case"], day=values["day"])


def _ladder(values: Values) -> Sentence:
    level = Rung(values["level"]).label
    return N_(
        "%(number)s of %(day)s; highest step: %(level)s",
        number=values["number"],
        day=values["day"],
        level=level,
    )


def _part(values: Values) -> Sentence:
    return N_("score %(score)s, frozen in run %(run)s", score=values["score"], run=values["run"])


def _other(values: Values) -> Sentence:
    text = "；".join(f"{name} {value}" for name, value in sorted(values.items()) if value not in {None, ""})
    return N_("%(values)s", values=text)


def _satisfaction(values: Values) -> Sentence:
    """The survey with its numbers; without answers no rate (C46)."""
    source = SOURCES.get(str(values.get("source")), str(values.get("source") or ""))
    if not values.get("answers"):
        return N_("%(source)s: nobody answered, no data", source=source)
    rate = show(Decimal(str(values["rate"])))
    if values.get("satisfied") is None:
        return N_("%(source)s: %(rate)s %%, answers %(all)s", source=source, rate=rate, all=values["answers"])
    return N_(
        "%(source)s: %(some)s of %(all)s satisfied, %(rate)s %%",
        source=source, some=values["satisfied"], all=values["answers"], rate=rate,
    )  # fmt: skip


def _recorded(values: Values) -> Sentence:
    """What a person entered: day and level first, then the other values by their names."""
    hidden = {"day", "level", "period", "type", "source", "indicator"}
    told: list[Sentence] = [
        N_("%(value)s", value=values[name]) for name in ("day", "level") if values.get(name)
    ]
    for name, value in sorted(values.items()):
        if name not in hidden and value not in {None, ""}:
            told.append(N_("%(name)s %(value)s", name=LABELS.get(name, name), value=_shown(value)))
    return in_a_row(told) if told else N_("recorded")


def _shown(value: object) -> Sentence | str:
    return (N_("yes") if value else N_("no")) if isinstance(value, bool) else str(value)


def _never(_values: Values) -> bool:
    return False


def _less(values: Values, done: str, planned: str) -> bool:
    wanted = values[planned]
    return wanted is not None and Decimal(str(values[done])) < Decimal(str(wanted))


#: Kind → how it is said, and whether this one costs points.
WORDS: Mapping[str, tuple[Callable[[Values], Sentence], Callable[[Values], bool]]] = {
    "task": (_task, lambda v: _less(v, "accepted", "planned")),
    "closure": (_closure, lambda v: not v["on_time"] and not v["suspended"]),
    "quantity": (_quantity, lambda v: _less(v, "done_cumulative", "planned_cumulative")),
    "report": (_report, lambda v: v["outcome"] in {Outcome.LATE, Outcome.MISSING}),
    "penalty": (_ladder, lambda v: v["colour"] is not None),
    "judge_mark": (_judge_mark, _never),
    "publicity": (_publicity, _never),
    "rectification": (_rectification, lambda v: not v["on_time"]),
    "resolution": (_resolution, lambda v: not v["on_time"]),
    "early_closure": (_early, _never),
    PART_FACTS: (_part, lambda v: Decimal(str(v["score"])) < 100),
    "mark": (_mark, lambda v: bool(v["returns"]) or Decimal(str(v["mark"])) < 100),
}


#: The same for what a person entered.
RECORDED: Mapping[str, tuple[Callable[[Values], Sentence], Callable[[Values], bool]]] = {
    "satisfaction": (_satisfaction, _never),
    "penalty": (_recorded, lambda _v: True),
    EXEMPTION: (lambda v: N_("%(value)s", value=v["reason"]), _never),
    "leader_mark": (_recorded, lambda v: Decimal(str(v["mark"])) < 100),
}
SOURCES = {
    "residents": N_("Residents' satisfaction"),
    "conference": N_("Opinion of the conference's members"),
}


#: What upheld cases say; a veto costs no points, but it is what the reader looks for.
CASES: Mapping[str, tuple[Callable[[Values], Sentence], Callable[[Values], bool]]] = {
    "penalty": (_case, lambda _v: True),
    "veto": (_case, lambda _v: True),
}
#: Facts of one kind are said by where they come from: a penalty of the ladder, one entered by hand, one of a case.
WORDS_BY_RECORD = {"recorded_fact": (RECORDED, _recorded), "accountability_case": (CASES, _case)}


def _number(value: object) -> str:
    """A stored number as a person writes it: 0.50 as 0.5."""
    exact = Decimal(str(value))
    return str(int(exact)) if exact == exact.to_integral_value() else f"{exact.normalize():f}"
