"""Which facts a rulebook asks for, and that every one of the presets' and of a scheme of one's own can be entered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import (
    Fact,
    Facts,
    ScoredUnit,
    assess,
    canonical,
    facts_to_json,
    load_facts,
    load_rulebook,
    preset_names,
    preset_text,
)
from supervisor.config import ROOT
from supervisor.core import fact_needs, fact_values
from supervisor.core.fact_forms import FORMS, FactForm
from supervisor.core.fact_kinds import FactField, FieldType
from supervisor.core.periods import Period, PeriodKind
from supervisor.core.scored_periods import scored_period, types_of
from supervisor.errors import NotFound

TODAY = date(2021, 12, 31)
KEYS = {"month": "2021-06", "quarter": "2021-Q2", "half_year": "2021-H1", "year": "2021"}
OWN = """
[rulebook]
name = "某县办法"
version = "1"
[[table]]
period = "quarter"
[[table.indicator]]
key = "hotline"
title = "热线办理"
title_en = "Hotline"
weight = 40
method = "proportional"
assessor = "县信访局"
measure = { facts = "hotline", take = "ratio", numerator = "answered", denominator = "received" }
[[table.indicator]]
key = "training"
title = "培训"
weight = 20
method = "count_minimum"
facts = "training"
minimum = 1
per_month = true
deduct_each = 2
[[table.indicator]]
key = "files"
title = "档案管理"
weight = 20
method = "given"
facts = "assessor_points"
where = { indicator = "files" }
[[table.indicator]]
key = "inspection"
title = "暗访"
weight = 20
method = "per_occurrence"
facts = "暗访 记录"
empty = "full"
[[table.indicator.deduct]]
where = { grade = ["重", "轻"], repeated = true }
points = 2
[bonus]
[[bonus.item]]
key = "medal"
title = "奖牌"
facts = "bonus"
where = { type = "medal" }
by = "colour"
points = { "金" = 3, "银" = 2 }
once_per = "subject"
"""


def keyed(type_: str) -> Period:
    return scored_period(KEYS.get(type_, f"2021-{type_}"))


def sample(field: FactField) -> str:
    """Something that the field takes."""
    if field.type is FieldType.CHOICE:
        return field.choices[0][0]
    if field.type is FieldType.YES_NO:
        return "是"
    if field.type is FieldType.TEXT:
        return "甲"
    low = max(field.low or Decimal(0), Decimal(1))
    return str(min(low, field.high) if field.high is not None else low)


def filled(form: FactForm) -> dict[str, str]:
    texts = {field.name: sample(field) for field in form.fields}
    if form.kind == "satisfaction":
        texts["rate"] = ""
    return texts | {"subject": "一件事", "day": "2021-06-10" if form.day else "", "note": ""}


def every_table() -> Iterator[tuple[str, str]]:
    for name in preset_names():
        for type_ in types_of(preset_text(name)):
            yield name, type_


@pytest.mark.parametrize(("preset", "type_"), list(every_table()))
def test_every_indicator_of_every_preset_is_given_by_itself_or_has_a_form_whose_facts_the_engine_takes(
    preset: str, type_: str
) -> None:
    text, period = preset_text(preset), keyed(type_)
    facts: list[Fact] = []
    for source in fact_needs.sources_of(text, type_):
        assert source.by_itself or source.elsewhere is not None or source.forms, source.need.key
        for form in source.forms:
            typed, wrong = fact_values.read(form, filled(form), period, TODAY)
            assert wrong == {}, form.key
            record = f"recorded_fact:{len(facts)}"
            facts.append(Fact(form.kind, "1", typed.subject, typed.named, record))
    for table in load_rulebook(text).tables:
        group = table.groups[0] if table.groups else "其他"
        units = (ScoredUnit("1", "甲单位", group, 1),)
        read = Facts(period.key, type_, units, tuple(facts), frozenset(fact.kind for fact in facts))
        told = load_facts(json.loads(canonical(facts_to_json(read))))
        assess(told, load_rulebook(text))


def test_a_scheme_of_ones_own_gets_forms_from_the_values_that_its_indicators_use() -> None:
    """A ratio asks for both numbers, 0 being no base; a table by level offers its levels; points end at the weight."""
    forms = fact_needs.forms_of(OWN, "quarter")
    assert [form.kind for form in forms.values()] == [
        "hotline",
        "training",
        "assessor_points",
        "暗访 记录",
        "bonus",
    ]
    hotline = forms["hotline"]
    assert [(one.name, one.is_base) for one in hotline.fields] == [("answered", False), ("received", True)]
    assert (hotline.name_in("en"), hotline.name_in("zh_CN"), hotline.happens) == (
        "Hotline",
        "热线办理",
        False,
    )
    assert forms["training"].day
    [points] = forms["assessor_points-files"].fields
    assert (points.name, points.high, forms["assessor_points-files"].many) == ("points", Decimal(20), False)
    medal = forms["bonus-medal"]
    assert medal.fixed == {"type": "medal"}
    assert [word for word, _label in medal.fields[0].choices] == ["金", "银"]
    [secret] = [form for form in forms.values() if form.kind == "暗访 记录"]
    assert {one.name: one.type for one in secret.fields} == {
        "grade": FieldType.CHOICE,
        "repeated": FieldType.YES_NO,
    }
    assert "/" not in secret.key
    assert " " not in secret.key
    [asked] = [one for one in fact_needs.needs_of(OWN, "quarter") if one.key == "hotline"]
    assert asked.assessor == "县信访局"


def test_what_the_ladder_or_a_case_gives_is_not_entered_by_hand() -> None:
    sources = {one.need.key: one for one in fact_needs.sources_of(preset_text("default-quarter"), "quarter")}
    assert sources["notice"].by_itself
    assert sources["task_completion"].by_itself
    assert sources["third_notice"].by_itself
    assert sources["interviews"].by_itself
    for key in ("untrue_data", "falsification", "grave_accident"):
        assert sources[key].elsewhere is not None
        assert sources[key].forms == ()
    assert [form.key for form in sources["absence"].forms] == ["penalty.absence"]


def test_a_text_that_is_no_rulebook_asks_for_nothing() -> None:
    assert fact_needs.sources_of("[table", "quarter") == ()
    assert types_of("x = 1") == ("quarter",)


@pytest.mark.parametrize(
    "key", ["2021-W14", "2021-06-T1", "2021-06-15", "2021-Q5", "2021-X", "../etc", "2021-Year_End"]
)
def test_a_key_of_no_scored_period_is_not_found(key: str) -> None:
    with pytest.raises(NotFound):
        scored_period(key)


TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["0", "100", "100.0", "９５", "96%", "1e400", "-0", "1,000", "是", "no", "省级", "2021-06-30", "00.5"]
    ),
)


@given(st.sampled_from(FORMS), st.data())
def test_whatever_is_typed_is_either_refused_or_a_fact_that_the_engine_reads(
    form: FactForm, data: st.DataObject
) -> None:
    texts = {
        name: data.draw(TEXTS) for name in ("subject", "day", "note", *(one.name for one in form.fields))
    }
    typed, wrong = fact_values.read(form, texts, keyed("quarter"), TODAY)
    if wrong:
        assert set(wrong) <= {*texts}
        return
    fact = Fact(form.kind, "1", typed.subject, typed.named, "recorded_fact:1")
    read = Facts("2021-Q2", "quarter", (ScoredUnit("1", "甲", "组", 1),), (fact,), frozenset())
    [back] = load_facts(json.loads(canonical(facts_to_json(read)))).facts
    assert back.kind == form.kind
    again = {one.name: fact_values.text_of(form, one.name, typed.named) for one in form.fields}
    if form.kind == "satisfaction" and again["satisfied"]:
        again["rate"] = ""
    second, none = fact_values.read(form, texts | again, keyed("quarter"), TODAY)
    assert (second, none) == (typed, {})


SCHEMES = sorted((ROOT / "docs" / "examples").glob("*-rules/*.json"))


@pytest.mark.parametrize("path", SCHEMES, ids=[f"{path.parent.name}-{path.stem}" for path in SCHEMES])
def test_the_facts_of_every_scheme_tried_can_be_entered_by_forms_made_from_its_rulebook(path: Path) -> None:
    """Real schemes of others: each fact of the worked example is read back from what a person would type."""
    read = load_facts(json.loads(path.read_text(encoding="utf-8")))
    sources = fact_needs.sources_of(path.with_suffix(".toml").read_text(encoding="utf-8"), read.period_type)
    given = {one.need.kind for one in sources if one.by_itself or one.elsewhere} | {"not_applicable"}
    forms = {form.key: form for source in sources for form in source.forms}
    period = Period(PeriodKind.YEAR, date(2021, 1, 1), read.period_type)
    for fact in read.facts:
        fitting = [form for form in forms.values() if form.kind == fact.kind and fits(form, fact)]
        if fact.kind in given and not fitting:
            continue
        texts = {name: typed(value) for name, value in fact.values.items()}
        texts |= {
            "subject": fact.subject or "事",
            "day": f"{fact.values.get('period', '2021-06')}-01",
            "judge": "甲",
        }
        tries = [fact_values.read(form, texts, period, TODAY) for form in fitting]
        assert any(not wrong and says(entered.named, fact) for entered, wrong in tries), fact


def fits(form: FactForm, fact: Fact) -> bool:
    return all(fact.values.get(name) == value for name, value in form.fixed.items())


def typed(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)


def says(named: Mapping[str, object], fact: Fact) -> bool:
    """Whether everything that the example says is said; its period of a month may be a day's."""
    told = {
        name: value
        for name, value in fact.values.items()
        if name not in {"period", "day"} and value is not None
    }
    return all(typed(named.get(name)) == typed(value) for name, value in told.items())
