"""Ledgers at two levels (C30): a street keeps its row of each group, the office's ledger shows it at once."""

from __future__ import annotations

import io
from datetime import date

import pytest
from peewee import Database
from python_calamine import CalamineWorkbook

from supervisor.core import exports, filings, form_figures, obligations, rule_forms
from supervisor.core.filings import FiledBody
from supervisor.core.form_answers import Answers
from supervisor.core.permissions import Actor
from supervisor.core.rule_forms import TypedField
from supervisor.errors import NotAllowed
from supervisor.models import (
    Obligation,
    Programme,
    Report,
    ReportingRule,
    Role,
    RuleKind,
    RuleRecipient,
    Unit,
    UnitKind,
)
from tests import builders as b

#: Group → the figure of its rows; no figure is asked for twice.
GROUPS = {
    "普查": "普查小区",
    "改造": "开工小区",
    "督导": "督导次数",
    "考核": "考核项目",
    "资金拨付": "拨付笔数",
}


@pytest.fixture
def ledgers(database: Database) -> tuple[Programme, dict[str, ReportingRule], Actor]:
    """Five ledgers that three streets keep by the month, made of rules with a form each."""
    programme = b.programme()
    task = b.task(b.plan(programme))
    for name in ("东街街道", "西街街道", "南街街道"):
        b.assignment(task, b.unit(name, UnitKind.STREET))
    office = b.actor(Role.LEAD_OFFICE, programme)
    rules = {}
    for group, figure in GROUPS.items():
        rule = ReportingRule.create(
            programme=programme, name=f"{group}台账", kind=RuleKind.FILING, recurrence="monthly:25",
            subject_shift=0, valid_from=date(2021, 6, 1),
        )  # fmt: skip
        RuleRecipient.create(rule=rule, unit=None, name="领导小组办公室", sort=1)
        rule_forms.save(
            rule,
            [TypedField(1, figure, "number", order=1)],
            date(2021, 6, 1),
            reason="分级建账",
            seen=0,
            by=office,
            now=b.NOW,
        )
        rules[group] = ReportingRule.get_by_id(rule.id)
    obligations.generate(programme.id, now=b.at("2021-06-02 09:00"))
    return programme, rules, office


def keep(rule: ReportingRule, street: str, count: str, moment: str) -> None:
    unit = Unit.get(Unit.name == street)
    owed = Obligation.get(
        (Obligation.rule == rule) & (Obligation.unit == unit) & (Obligation.period == "2021-06")
    )
    by = b.actor(Role.LIAISON, rule.programme, unit)
    filings.submit(
        owed, [FiledBody("材料", rule.name, "见台账。")], Answers(1, {1: count}), by=by, now=b.at(moment)
    )


def counts(rule: ReportingRule, office: Actor) -> dict[str, int | None]:
    found = form_figures.table(rule, "2021-06", office, now=b.at("2021-06-20 09:00"))
    return {row.unit.name: row.numbers.get(1) for row in found.rows}


def test_c30_a_street_edits_its_row_and_the_office_ledger_shows_it_at_once(
    ledgers: tuple[Programme, dict[str, ReportingRule], Actor],
) -> None:
    _programme, rules, office = ledgers
    survey = rules["普查"]
    keep(survey, "东街街道", "12", "2021-06-10 09:00")
    assert counts(survey, office) == {"东街街道": 1200, "西街街道": None, "南街街道": None}
    owed = Obligation.get(
        (Obligation.rule == survey) & (Obligation.unit == Unit.get(Unit.name == "东街街道"))
    )
    report = Report.get(Report.obligation == owed)
    filings.send_back(
        report,
        RuleRecipient.get(RuleRecipient.rule == survey),
        "请复核",
        by=office,
        now=b.at("2021-06-11 09:00"),
    )
    keep(survey, "东街街道", "15", "2021-06-12 09:00")
    assert counts(survey, office)["东街街道"] == 1500
    street = b.actor(Role.LIAISON, survey.programme, Unit.get(Unit.name == "东街街道"))
    with pytest.raises(NotAllowed):
        form_figures.table(survey, "2021-06", street, now=b.NOW)


def test_c30_the_five_groups_exist_and_an_export_has_the_rows_of_the_screen(
    ledgers: tuple[Programme, dict[str, ReportingRule], Actor],
) -> None:
    programme, rules, office = ledgers
    for rule in rules.values():
        keep(rule, "西街街道", "3", "2021-06-15 09:00")
    now = b.at("2021-06-20 09:00")
    for group in GROUPS:
        shown = form_figures.table(rules[group], "2021-06", office, now=now)
        file = exports.export_form(programme, rules[group], "2021-06", by=office, now=now)
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(file.content)).get_sheet_by_name("填报数据")
        printed = [row[1] for row in sheet.to_python(skip_empty_area=False) if str(row[1]).endswith("街道")]
        assert file.name.startswith(f"{group}台账")
        assert printed == [row.unit.name for row in shown.rows] == ["东街街道", "西街街道", "南街街道"]
