"""The form of a rule: chosen by the office, filled in by units, kept with the version; nothing is asked twice."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from supervisor.core import (
    attachments,
    exports,
    field_values,
    filings,
    form_figures,
    form_pages,
    held_figures,
    reports,
    rule_changes,
    rule_forms,
)
from supervisor.core.filings import FiledBody
from supervisor.core.form_answers import Answers
from supervisor.core.matrix_choices import Wanted
from supervisor.core.programme_copies import copy_programme
from supervisor.core.rule_corrections import TypedRule
from supervisor.core.rule_forms import TypedField
from supervisor.database import count_queries, db, make_database, migrate, visiting
from supervisor.errors import Invalid, NotAllowed, NotFound, Stale
from supervisor.models import (
    AuditEntry,
    Entry,
    EntryState,
    FieldValue,
    LinkRole,
    Message,
    Obligation,
    ObligationState,
    QuantityTarget,
    Report,
    ReportEntry,
    ReportingRule,
    Role,
    RuleField,
    RuleForm,
    RuleKind,
    RuleVersion,
    Task,
    Verdict,
)
from tests import builders as b
from tests.form_world import FIELDS, TEXTS, World, form_number, generate, make_world

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def world(database: object) -> World:
    made = make_world()
    made.choose()
    return made


def wrong_of(call: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as error:
        call()
    return {name: str(text) for name, text in error.value.fields.items()}


# The office chooses ------------------------------------------------------------------------------------------------


def test_a_form_is_made_with_reason_history_and_word_to_the_units(world: World) -> None:
    form = rule_forms.newest_form(world.rule.id)
    assert form is not None
    assert [(f.key, f.name, f.target) for f in rule_forms.fields_of(form)][:2] == [
        (1, "新增就业", 10000), (2, "投入资金", None),
    ]  # fmt: skip
    assert RuleVersion.get(RuleVersion.rule == world.rule).reason == "就业专项统计"
    assert AuditEntry.select().where(AuditEntry.action == "rule.form").count() == 1
    assert Message.select().where(Message.subject.contains("填报项")).count() >= 1


def test_a_preview_says_what_the_change_does_and_keeps_nothing(world: World) -> None:
    before = (RuleForm.select().count(), RuleField.select().count(), AuditEntry.select().count())
    fields = [replace(FIELDS[0], key=1, name="新增城镇就业"), TypedField(7, "培训人数", "number")]
    shown = rule_forms.preview(world.rule, fields, date(2021, 6, 1), by=world.office, now=b.NOW)
    assert (RuleForm.select().count(), RuleField.select().count(), AuditEntry.select().count()) == before
    assert (shown.added, shown.changed) == (("培训人数",), ("新增城镇就业",))
    assert shown.ended == ("投入资金", "主要做法", "阶段", "已建台账", "佐证材料")
    assert shown.asked == {"2021-06": 1, "2021-07": 1}
    _form, made = world.choose(*fields)
    assert made == shown


def test_only_periods_that_end_on_the_day_or_later_ask_for_it(world: World) -> None:
    assert rule_forms.form_of(world.owed("2021-06")) is not None
    world.choose(TypedField(1, "新增就业", "cumulative", key=1, measure="人"), valid_from=date(2021, 7, 1))
    june, july = (rule_forms.form_of(world.owed(period)) for period in ("2021-06", "2021-07"))
    assert june is not None
    assert july is not None
    assert (june.number, july.number) == (1, 2)
    fields = {"valid_from"}
    assert set(wrong_of(lambda: world.choose(valid_from=date(2021, 5, 31)))) == fields


def test_d7_what_is_submitted_keeps_its_form_also_when_it_comes_back(world: World) -> None:
    report = world.report()
    world.choose(
        TypedField(1, "培训人数", "number"), now=b.at("2021-07-02 10:00"), valid_from=date(2021, 7, 2)
    )
    Obligation.update(state=ObligationState.RETURNED).where(Obligation.id == report.obligation_id).execute()
    Entry.update(state=EntryState.RETURNED).where(Entry.obligation == report.obligation_id).execute()
    again = world.report({**TEXTS, 1: "13"}, now=b.at("2021-07-05 09:00"))
    assert (again.number, form_number(again)) == (2, 1)
    said = field_values.values_of([report.id, again.id])
    assert [said[one.id][1].number for one in (report, again)] == [1200, 1300]
    assert rule_forms.form_of(world.owed("2021-07")).number == 2  # type: ignore[union-attr]  # there is one


def test_a_field_keeps_kind_and_unit_of_measure_and_its_key_through_all_versions(world: World) -> None:
    said = wrong_of(lambda: world.choose(replace(FIELDS[0], key=1, measure="户")))
    assert "another figure" in said["kind-1"]
    assert "kind-2" in wrong_of(lambda: world.choose(replace(FIELDS[1], key=2, decimals=False)))
    form, _ = world.choose(TypedField(1, "培训人数", "number"))
    assert [field.key for field in rule_forms.fields_of(form)] == [7]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        (TypedField(1, "", "number"), {"name-1"}),
        (TypedField(1, "长" * 41, "number"), {"name-1"}),
        (TypedField(1, "甲", "picture"), {"kind-1"}),
        (TypedField(1, "甲", "choice", choices=("一",)), {"choices-1"}),
        (TypedField(1, "甲", "choice", choices=("一", "一")), {"choices-1"}),
        (TypedField(1, "甲", "cumulative", target="1,5"), {"target-1"}),
        (TypedField(1, "甲", "cumulative", target="1e9"), {"target-1"}),
        (TypedField(1, "甲", "held"), {"source-1"}),
        (TypedField(1, "甲", "held", source="m:没有"), {"source-1"}),
        (TypedField(1, "甲", "number", measure="很" * 21, hint="长" * 201), {"measure-1", "hint-1"}),
    ],
)
def test_what_cannot_be_a_field_is_named_at_its_place(
    world: World, typed: TypedField, names: set[str]
) -> None:
    assert set(wrong_of(lambda: world.choose(typed))) == names


def test_two_fields_of_one_name_a_missing_reason_and_a_stale_page_are_refused(world: World) -> None:
    two = [TypedField(1, "甲", "number"), TypedField(2, " 甲", "text")]
    assert set(wrong_of(lambda: world.choose(*two, reason=" "))) == {"name-2", "reason"}
    assert set(wrong_of(lambda: world.choose(*(TypedField(n, f"甲{n}", "text") for n in range(41))))) == {
        "fields"
    }
    with pytest.raises(Stale):
        world.choose(seen=0)
    with pytest.raises(NotAllowed):
        world.choose(by=world.liaison)


# Nothing is asked twice --------------------------------------------------------------------------------------------


def test_a_number_that_is_held_with_a_task_is_refused_and_the_message_says_where() -> None:
    world = make_world(target=True)
    said = wrong_of(lambda: world.choose(TypedField(1, "改造管网", "cumulative", measure="米")))
    assert "老旧管网改造" in said["name-1"]
    assert "shown, held elsewhere" in said["name-1"]


def other_rule(world: World, name: str = "就业月报", recurrence: str = "monthly:10") -> World:
    rule = ReportingRule.create(
        programme=world.programme, name=name, kind=RuleKind.FILING, recurrence=recurrence,
        subject_shift=0, valid_from=date(2021, 1, 1),
    )  # fmt: skip
    generate(world.programme)
    return replace(world, rule=rule)


def test_a_number_that_another_rule_asks_of_the_same_units_in_the_same_periods_is_refused(
    world: World,
) -> None:
    other = other_rule(world)
    said = wrong_of(lambda: other.choose(TypedField(1, "新增就业", "cumulative", measure="人")))
    assert "月报" in said["name-1"]
    yearly = other_rule(world, "年报", "yearly:10-30")
    form, _ = yearly.choose(TypedField(1, "新增就业", "cumulative", measure="人"))
    assert form.number == 1


@pytest.mark.parametrize(
    ("name", "kind", "recurrence", "where"),
    [
        ("主要做法", "text", "monthly:10", "“月报”"),
        ("阶段", "choice", "monthly:10", "“月报”"),
        ("佐证材料", "file", "monthly:10", "“月报”"),
        ("新增就业", "text", "monthly:10", "“月报”"),
        ("主要做法", "number", "monthly:10", "“月报”"),
        ("存在问题", "text", "monthly:10", "the fixed parts of “月报”"),
        ("主要做法", "text", "yearly:10-30", ""),
        ("备注", "text", "monthly:10", ""),
        ("其他做法", "text", "monthly:10", ""),
    ],
)
def test_words_choices_and_files_are_asked_once_in_the_same_periods(
    world: World, name: str, kind: str, recurrence: str, where: str
) -> None:
    world.choose(*FIELDS, TypedField(7, "备注", "text", order=7), now=b.NOW)
    other = other_rule(world, recurrence=recurrence)
    field = TypedField(1, name, kind, choices=("启动", "收尾") if kind == "choice" else ())
    if where:
        assert where in wrong_of(lambda: other.choose(field))["name-1"]
    else:
        assert other.choose(field)[0].number == 1


def test_c_a_target_set_later_shows_as_asked_twice_and_stops_a_change_of_the_rule() -> None:
    world = make_world()
    world.choose(TypedField(1, "改造管网", "cumulative", measure="米"))
    assert held_figures.asked_twice(world.programme.id) == []
    QuantityTarget.create(task=Task.get(), unit=world.unit, measure="改造管网（米）", target=5000)
    ((rule, said),) = held_figures.asked_twice(world.programme.id)
    assert rule.id == world.rule.id
    assert "老旧管网改造" in str(said)
    with pytest.raises(Invalid) as wrong:
        held_figures.refuse(ReportingRule.get_by_id(world.rule.id))
    assert "what" in wrong.value.fields


def test_a_figure_held_with_a_task_is_shown_with_source_day_and_verdict() -> None:
    world = make_world(target=True)
    world.choose(TypedField(1, "改造管网长度", "held", source="m:改造管网（米）"))
    assert [line.held for line in form_pages.to_fill(world.owed()).lines] == [()]  # type: ignore[union-attr]
    report = world.report({}, quantities={"改造管网（米）": 1200})
    page = form_pages.filled(world.owed(), [report])[report.id]
    (held,) = page.lines[0].held
    assert (held.number, held.target, held.period, held.accepted) == (120000, 500000, "2021-06", False)
    assert held.link == f"/p/{world.programme.id}/reports/{report.obligation_id}#task-{Task.get().id}"
    ReportEntry.update(verdict=Verdict.ACCEPTED, reviewed_by=1, reviewed_at=b.NOW).execute()
    (accepted,) = form_pages.to_fill(world.owed("2021-07")).lines[0].held  # type: ignore[union-attr]
    assert accepted.accepted
    assert FieldValue.select().count() == 0, "what is held is not stored again"


def test_a_figure_of_another_rule_is_shown_up_to_the_period_of_the_report(world: World) -> None:
    other = other_rule(world)
    other.choose(TypedField(1, "就业情况", "held", source=f"r:{world.rule.id}:1"))
    world.report()
    world.report({**TEXTS, 1: "30", 2: "4", 3: "新增两个零工市场。"}, "2021-07")
    held = {
        period: [one.number for one in form_pages.to_fill(other.owed(period)).lines[0].held]  # type: ignore[union-attr]
        for period in ("2021-06", "2021-07")
    }
    assert held == {"2021-06": [1200], "2021-07": [3000]}


# Units fill in -----------------------------------------------------------------------------------------------------


def test_values_are_kept_exactly_with_the_version(world: World) -> None:
    report = world.report()
    said = field_values.values_of([report.id])[report.id]
    assert {key: (v.number, v.text) for key, v in said.items()} == {
        1: (1200, ""), 2: (350, ""), 3: (None, TEXTS[3]), 4: (None, "启动"), 5: (None, "yes"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("key", "typed", "said"),
    [
        (1, "", "is missing"), (1, "1,5", "not 1,5"), (1, "-3", "negative"), (1, "1e9", "no number"),
        (1, "12.5", "whole number"), (1, "9" * 4000, "Too long"), (2, "3.555", "two decimals"),
        (3, "长" * 5001, "at most 5000"), (4, "完工", "those offered"), (4, "", "is missing"),
        (5, "", "is missing"), (5, "maybe", "yes or no"),
    ],
)  # fmt: skip
def test_every_wrong_field_is_named_at_its_place(world: World, key: int, typed: str, said: str) -> None:
    found = wrong_of(lambda: world.report({**TEXTS, key: typed}))
    assert set(found) == {f"f{key}"}
    assert said in found[f"f{key}"]
    assert Report.select().count() == 0


def test_all_that_is_wrong_is_named_at_once_with_the_entries(world: World) -> None:
    owed = world.owed()
    body = reports.ReportBody(answers=Answers(1, {1: "x", 2: "-1", 5: ""}))
    found = wrong_of(lambda: reports.submit(owed, body, by=world.liaison, now=b.at("2021-07-02 09:00")))
    entry = Entry.get(Entry.obligation == owed)
    assert set(found) == {f"e{entry.id}-progress", f"e{entry.id}-done", "f1", "f2", "f4", "f5"}


def test_full_width_digits_and_parted_thousands_are_taken(world: World) -> None:
    report = world.report({**TEXTS, 1: "１２", 2: "1,200.50"})
    said = field_values.values_of([report.id])[report.id]
    assert (said[1].number, said[2].number) == (1200, 120050)


def test_a_form_that_changed_while_a_draft_was_open_is_said_and_nothing_is_handed_in(world: World) -> None:
    world.choose(*(replace(f, key=f.place) for f in FIELDS), TypedField(7, "培训人数", "number", order=9))
    found = wrong_of(lambda: world.report(form=1))
    assert set(found) == {"form", "f7"}
    assert form_number(world.report({**TEXTS, 7: "3"}, form=2)) == 2


def test_a_field_of_no_form_and_a_file_of_somebody_else_do_not_exist(world: World, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        world.report({**TEXTS, 99: "1"})
    other = b.actor(person=b.user("other"))
    theirs = attachments.store(b"%PDF-1.7", "a.pdf", folder=tmp_path, limit=1000, by=other, now=b.NOW)
    with pytest.raises(NotFound):
        world.report(files={6: [theirs.id]})


def test_a_file_goes_with_the_version_and_along_with_the_next(world: World, tmp_path: Path) -> None:
    mine = attachments.store(
        b"%PDF-1.7", "台账.pdf", folder=tmp_path, limit=1000, by=world.liaison, now=b.NOW
    )
    report = world.report(files={6: [mine.id]})
    Obligation.update(state=ObligationState.RETURNED).where(Obligation.id == report.obligation_id).execute()
    Entry.update(state=EntryState.RETURNED).where(Entry.obligation == report.obligation_id).execute()
    again = world.report(now=b.at("2021-07-06 09:00"))
    pages = form_pages.filled(world.owed(), [report, again])
    names = [[f.filename for f in pages[one.id].lines[5].files] for one in (report, again)]
    assert names == [["台账.pdf"], ["台账.pdf"]]
    copy = pages[again.id].lines[5].files[0]
    assert attachments.get_visible(copy.id, world.office).sha256 == mine.sha256
    stranger = b.actor(Role.LIAISON, world.programme, b.unit("乙局"))
    with pytest.raises(NotFound):
        attachments.get_visible(copy.id, stranger)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({1: "11", 2: "9", 3: "换成夜校培训，开班三期。"}, "falls from 12 to 11"),
        ({1: "101", 2: "9", 3: "换成夜校培训，开班三期。"}, "more than the target of 100"),
        ({1: "13", 2: "9", 3: TEXTS[3]}, "reads as in the period before"),
        ({1: "13", 2: "9", 3: "正在推进"}, "says nothing"),
    ],
)
def test_the_quality_gate_asks_about_what_is_odd_and_takes_a_reason(
    world: World, texts: dict[int, str], said: str
) -> None:
    world.report()
    found = wrong_of(lambda: world.report({**TEXTS, **texts}, "2021-07"))
    assert set(found) == {"form_reason"}
    assert said in found["form_reason"]
    report = world.report({**TEXTS, **texts}, "2021-07", reason="上期误报")
    assert report.form_reason == "上期误报"
    line = form_pages.filled(world.owed("2021-07"), [report])[report.id].lines[0]
    assert line.last_text == "12 人"
    assert line.is_odd is (texts[1] != "13")


def test_numbers_that_are_all_those_of_the_period_before_are_asked_about(database: object) -> None:
    world = make_world()
    world.choose(TypedField(1, "走访", "number"), TypedField(2, "投诉", "number"))
    world.report({1: "40", 2: "7"})
    assert set(wrong_of(lambda: world.report({1: "40", 2: "7"}, "2021-07"))) == {"form_reason"}
    world.report({1: "40", 2: "8"}, "2021-07")


def test_a_nil_report_leaves_the_form_empty_and_its_answer_fills_it(world: World) -> None:
    owed = world.owed()
    nil = reports.ReportBody(nil=True, nil_reason="汛期停工")
    report = reports.submit(owed, nil, by=world.liaison, now=b.at("2021-07-02 09:00"))
    assert (report.form, FieldValue.select().count()) == (None, 0)
    Obligation.update(state=ObligationState.RETURNED).execute()
    Entry.update(state=EntryState.RETURNED).execute()
    assert form_number(world.report(now=b.at("2021-07-06 09:00"))) == 1


# What it gives -----------------------------------------------------------------------------------------------------


def second_unit(world: World) -> World:
    unit = b.unit("乙局")
    b.assignment(Task.get(), unit, LinkRole.RESPONSIBLE)
    generate(world.programme)
    person = b.user("second", Role.LIAISON, world.programme, unit)
    return replace(world, unit=unit, liaison=b.actor(Role.LIAISON, world.programme, unit, person=person))


def test_the_table_has_units_by_fields_with_sums_and_a_workbook_that_says_the_same(world: World) -> None:
    other = second_unit(world)
    world.report()
    other.report({**TEXTS, 1: "30", 2: "0.25", 5: "no"})
    found = form_figures.table(world.rule, "2021-06", world.office, now=b.at("2021-07-03 09:00"))
    assert [(row.unit.name, row.numbers[1], row.numbers[2]) for row in found.rows] == [
        ("甲局", 1200, 350), ("乙局", 3000, 25),
    ]  # fmt: skip
    assert found.sums == {1: 4200, 2: 375}
    assert found.reported == 2
    assert [row.has_said for row in found.rows] == [True, True]
    with pytest.raises(NotAllowed):
        form_figures.table(world.rule, "2021-06", world.liaison, now=b.NOW)
    with pytest.raises(NotFound):
        form_figures.table(world.rule, "1999-01", world.office, now=b.NOW)
    file = exports.export_form(
        world.programme, world.rule, "2021-06", by=world.office, now=b.at("2021-07-03 09:00")
    )
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(file.content)).get_sheet_by_name("填报数据")
    rows = sheet.to_python(skip_empty_area=False)[2:6]
    assert rows[0][:5] == ["序号", "单位", "报送情况", "新增就业（人）", "投入资金（万元）"]
    assert rows[1] == [1, "甲局", "按时", 12, 3.5, TEXTS[3], "启动", "是", ""]
    assert rows[3][1:5] == ["合计", "", 42, 3.75]
    assert AuditEntry.select().where(AuditEntry.action == "export.form").count() == 1


def test_the_workbook_of_the_matrix_says_with_each_report_what_its_form_says(world: World) -> None:
    other = second_unit(world)
    world.report()
    moment = b.at("2021-07-03 09:00")
    file = exports.export_matrix(world.programme, Wanted(of=str(world.rule.id)), by=world.office, now=moment)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(file.content)).get_sheet_by_name("明细")
    rows = sheet.to_python(skip_empty_area=False)[2:]
    said = {(row[1], row[3]): row[rows[0].index("填报内容")] for row in rows[1:] if row[1]}
    june = "新增就业：12 人；投入资金：3.5 万元；主要做法：走访企业40家，办招聘会两场。；阶段：启动；已建台账：是"
    assert june in said.values()
    assert [text for (unit, _period), text in said.items() if unit == other.unit.name and text] == []


def test_the_table_costs_the_same_whatever_the_number_of_units(world: World) -> None:
    world.report()
    moment = b.at("2021-07-03 09:00")
    with count_queries(db.obj) as few:
        form_figures.table(world.rule, "2021-06", world.office, now=moment)
    for number in range(8):
        unit = b.unit(f"第{number}局")
        b.assignment(Task.get(), unit, LinkRole.RESPONSIBLE)
        person = b.user(f"u{number}", Role.LIAISON, world.programme, unit)
        generate(world.programme)
        replace(
            world, unit=unit, liaison=b.actor(Role.LIAISON, world.programme, unit, person=person)
        ).report()
    with count_queries(db.obj) as many:
        found = form_figures.table(world.rule, "2021-06", world.office, now=moment)
    assert found.reported == 9
    assert len(many) == len(few) <= 9


def test_numbers_of_counted_items_are_added_up_in_the_period(database: object) -> None:
    world = make_world(kind=RuleKind.COUNT)
    world.choose(TypedField(1, "阅读量", "number", measure="次"))
    for texts in ({1: "120"}, {1: "30"}):
        body = [FiledBody("信息", "简讯", "见正文。")]
        filings.submit(world.owed(), body, Answers(1, texts), by=world.liaison, now=b.at("2021-06-20 09:00"))
    found = form_figures.table(world.rule, "2021-06", world.office, now=b.at("2021-07-03 09:00"))
    assert found.sums == {1: 15000}


def test_a_filing_names_what_is_wrong_in_its_form_with_what_is_wrong_in_its_documents(
    database: object,
) -> None:
    world = make_world(kind=RuleKind.FILING)
    world.choose()
    owed, now = world.owed(), b.at("2021-06-04 09:00")
    found = wrong_of(
        lambda: filings.submit(
            owed, [FiledBody("材料", "", "")], Answers(1, {1: "1,5"}), by=world.liaison, now=now
        )
    )
    assert set(found) == {"title-0", "text-0", "f1", "f2", "f4", "f5"}
    report = filings.submit(
        owed, [FiledBody("材料", "备案", "见正文。")], Answers(1, TEXTS), by=world.liaison, now=now
    )
    assert field_values.values_of([report.id])[report.id][1].number == 1200


def test_a_copy_for_the_sandbox_takes_forms_and_values_along(world: World, tmp_path: Path) -> None:
    other_rule(world).choose(TypedField(1, "就业情况", "held", source=f"r:{world.rule.id}:1"))
    report = world.report()
    target = make_database(f"sqlite:///{tmp_path / 'copy.db'}")
    migrate(target)
    with target.connection_context():
        copy_programme(world.programme, target)
        with visiting(target):
            assert [field.name for field in RuleField.select().where(RuleField.form == report.form)] == [
                field.name for field in FIELDS
            ]
            assert RuleField.get(RuleField.name == "就业情况").source_rule_id == world.rule.id
            assert field_values.values_of([report.id])[report.id][2].number == 350
            assert form_number(Report.get_by_id(report.id)) == 1
    target.close()


def test_a_played_unit_of_the_sandbox_fills_the_form_in(world: World) -> None:
    world.choose(*(replace(f, key=f.place, required=True) for f in FIELDS))
    dice = Random(7)  # noqa: S311 -- a play
    first = field_values.read(world.owed(), field_values.rehearse(world.owed(), dice))
    assert (first.wrong, {one.field.key for one in first.said}) == ({}, {1, 2, 3, 4, 5, 6})


def test_a_rule_change_that_would_ask_units_twice_is_refused(world: World) -> None:
    other = other_rule(world, "年度就业", "yearly:10-30")
    other.choose(TypedField(1, "新增就业", "cumulative", measure="人"))
    terms = rule_changes.RuleTerms(
        TypedRule(
            what="年度就业", kind="filing", obliged="linked", units=(), recipients=(), every="monthly", days="10",
            due_on=None, shift=0, minimum=1,
        ),
        valid_from=date(2021, 1, 1),
    )  # fmt: skip
    row = ReportingRule.get_by_id(other.rule.id)
    with pytest.raises(Invalid) as wrong:
        rule_changes.save(
            row, world.programme, terms, reason="改", seen=row.version, by=world.office, now=b.NOW
        )
    assert "新增就业" in str(wrong.value.fields["what"])
