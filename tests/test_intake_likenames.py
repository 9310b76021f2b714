"""Which names may mean one unit, and why: the one comparison that reader, review page, register and import share."""

from __future__ import annotations

import time

import pytest

from supervisor.intake.likenames import (
    BRACKETS,
    ENDING,
    FORM,
    LEVEL,
    PLACE,
    SHORTENED,
    SPELLING,
    like_names,
)


def found(*names: str, known: tuple[str, ...] = ()) -> list[tuple[str, str, str]]:
    return [(pair.one, pair.two, pair.reason) for pair in like_names(names, known)]


@pytest.mark.parametrize(
    ("one", "two", "reason"),
    [
        ("市公积金管理中心", "市住房公积金管理中心", FORM),
        ("州住建局", "州住房和城乡建设局", FORM),
        ("县综合行政执法局", "县综合执法局", FORM),
        ("县建投集团有限公司", "县建投集团公司", FORM),
        ("县建投集团公司", "集团公司", ENDING),
        ("区市场监管局", "市场监督管理局", FORM),
        ("区发改委", "区发展和改革委员会", FORM),
        ("市卫健委", "市卫生健康委员会", FORM),
        ("州党委宣传部", "州委宣传部", FORM),
        ("区政府办", "区政府办公室", FORM),
        ("鼓山街道", "鼓山街道办事处", FORM),
        ("区委宣传部", "宣传部", LEVEL),
        ("宣传部", "区委宣传部", LEVEL),
        ("区委政法委", "政法委", LEVEL),
        ("市教育局", "教育局", LEVEL),
        ("澄江县消防救援大队", "县消防救援大队", PLACE),
        ("州发改委(粮食和物资储备局)", "州发改委", BRACKETS),
        ("州发改委（粮食和物资储备局）", "发改委", BRACKETS),
        ("市自然资源和规划局", "市规划局", SHORTENED),
        ("县文旅局", "县文体广电旅游局", SHORTENED),
        ("公安分局", "市公安局老城分局", SHORTENED),
        ("环保分局", "市生态环境局老城分局", SHORTENED),
        ("国网澄江供电公司", "国网澄江电力公司", SPELLING),
    ],
)
def test_two_forms_of_one_name_are_a_pair_with_its_reason(one: str, two: str, reason: str) -> None:
    assert found(one, two) == [(one, two, reason)]
    assert found(one, known=(two,)) == [(one, two, reason)]
    assert found(known=(one, two)) == []  # two names of the register are the register's own matter


@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param("市住房保障房管局", "市城乡建设局", id="E-18 two bureaus"),
        pytest.param("规划办", "自然资源和规划老城分局", id="E-18 office and branch"),
        pytest.param("市财政局", "市金融和国有资产发展中心", id="E-18 nothing in common"),
        pytest.param("县应急救援大队", "澄江县消防救援大队", id="E-18 undetermined"),
        ("市财政局", "县财政局"),
        ("东区人民政府", "西区人民政府"),
        ("东山区市场监督管理局", "西山区市场监督管理局"),
        ("澄江移动分公司", "澄江联通分公司"),
        ("市公安局第一分局", "市公安局第二分局"),
        ("市公安局东城分局", "市公安局西城分局"),
        ("市教育局", "市体育局"),
        ("各区人民政府", "各县区人民政府"),
        ("东湖开发区管委会(东山区人民政府)", "东湖开发区管委会(西山区人民政府)"),
    ],
)
def test_two_units_are_no_pair(one: str, two: str) -> None:
    assert found(one, two) == []


@pytest.mark.parametrize(
    ("upper", "left_out", "paired"),
    [
        pytest.param("市公安局", "公安局", False, id="E-22 the city's bureau is not the county's"),
        pytest.param("市公安局澄江分局", "公安分局", True, id="its branch in the county is"),
    ],
)
def test_a_level_left_out_is_the_documents_own(upper: str, left_out: str, *, paired: bool) -> None:
    others = ("县财政局", "县教育局", "县民政局")
    assert [pair[:2] for pair in found(*others, upper, left_out)] == ([(upper, left_out)] if paired else [])


def test_a_bureau_of_one_district_is_not_the_citys_and_a_name_that_ends_two_others_is_nobodys() -> None:
    assert found("市财政局", "市民政局", "东山区教育局", "教育局") == []
    assert found("东山水务集团公司", "西山燃气集团公司", "集团公司") == []


def test_a_register_of_thousands_is_compared_in_a_moment() -> None:
    known = [
        f"{a}{b}{c}管理局" for a in "东西南北中" for b in "江河湖海山川林田路桥" * 4 for c in "水火木金土" * 4
    ]
    names = [f"市{name}" for name in known[:400]]
    start = time.perf_counter()
    like_names(names, known)
    assert time.perf_counter() - start < 4
