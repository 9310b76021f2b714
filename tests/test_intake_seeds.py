"""The five seeds, read whole: tasks, links, rosters and duties as labelled by hand."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from supervisor.intake import Draft, draft_from_json, draft_to_json, read, to_contract

SEEDS = Path(__file__).parent.parent.parent / "shared" / "seeds"
STEMS = (
    "000_8f646047f2a763bf",
    "001_25eeb13b992170f9",
    "002_decc4342d4acd46c",
    "003_9559d1d55a74df72",
    "004_719d6977e258f7fe",
)
pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason="the seeds (../shared/seeds) are not at hand")

Gold = dict[str, Any]


def draft_of(stem: str) -> Draft:
    return read((SEEDS / f"{stem}.txt").read_bytes(), f"{stem}.txt")


def gold_of(stem: str) -> Gold:
    gold: Gold = json.loads((SEEDS / "expected" / f"{stem}.json").read_text(encoding="utf-8"))
    return gold


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.fixture(scope="module")
def wuhan() -> Draft:
    return draft_of(STEMS[4])


@pytest.mark.parametrize("stem", STEMS)
def test_head_is_read(stem: str) -> None:
    mine, gold = to_contract(draft_of(stem)), gold_of(stem)
    for key in ("title", "issuer", "doc_number", "issued"):
        assert mine[key] == gold[key], key


def member(entry: Gold) -> tuple[str, str, str]:
    return (entry["name"], entry["role"], bare(entry["post"]))


def duty(entry: Gold) -> tuple[tuple[str, ...], str]:
    return (tuple(entry["units"]), bare(entry["text_starts"])[:10])


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize(("key", "form"), [("members", member), ("duties", duty)])
def test_roster_and_duties_are_those_of_the_gold_in_its_order(
    stem: str, key: str, form: Callable[[Gold], tuple[Any, ...]]
) -> None:
    mine, gold = to_contract(draft_of(stem)), gold_of(stem)
    assert [form(entry) for entry in mine[key]] == [form(entry) for entry in gold[key]]


def test_wuhan_tasks_are_exactly_the_gold(wuhan: Draft) -> None:
    keys = ("path", "number", "title", "lead", "responsible")
    mine = [{key: task[key] for key in keys} for task in to_contract(wuhan)["tasks"]]
    gold = [
        {key: task[key] for key in keys} for task in gold_of(STEMS[4])["tasks"] if not task.get("optional")
    ]
    assert mine == gold
    assert [d.date.isoformat() for t in wuhan.tasks for d in t.deadlines if d.date] == ["2021-12-31"]


def test_wuhan_counts(wuhan: Draft) -> None:
    links = [(t.number, unit) for t in wuhan.tasks for unit in (*t.lead, *t.responsible)]
    assert (len(wuhan.tasks), len({unit for _, unit in links}), len(links), len(wuhan.members)) == (
        11,
        27,
        108,
        43,
    )


@pytest.mark.parametrize("stem", STEMS)
def test_dates_outside_tasks_hold_all_that_the_gold_names(stem: str) -> None:
    draft = draft_of(stem)
    mine = {(o.date.isoformat() if o.date else None, o.recur) for o in draft.other_deadlines}
    gold = {(d["date"], d["recur"]) for d in gold_of(stem)["other_deadlines"]}
    assert gold <= mine
    assert mine - gold <= {("2025-12-31", None)}, "only the end of a five-year plan may be more than the gold"


def test_wuhan_cadence_words_liaison_rule_and_target(wuhan: Draft) -> None:
    assert [c.recur for c in wuhan.cadences] == ["weekly", "monthly", "quarterly", "halfyear", "yearly"]
    assert [(rule.units, rule.count, rule.rank) for rule in wuhan.liaison] == [
        (("领导小组各成员单位",), 1, "处级干部")
    ]
    assert [(int(t.value), t.unit_of_measure, str(t.due)) for t in wuhan.targets] == [
        (300, "个小区", "2021-12-31")
    ]


def test_districts_expand_to_fifteen_and_one_of_them_asks(wuhan: Draft) -> None:
    (districts,) = wuhan.collectives
    assert districts.token == "各区人民政府"
    assert districts.definition == "含开发区、风景区管委会"
    assert len(districts.proposed) == 15
    assert sum("管委会" in p.name for p in districts.proposed) == 4
    assert [(p.name, p.member) for p in districts.proposed if not p.certain] == [("青山区人民政府", "刘震")]
    assert "武汉经济技术开发区管委会(汉南区人民政府)" in {p.name for p in districts.proposed}


def test_wuhan_units_of_posts(wuhan: Draft) -> None:
    units = {m.name: m.unit for m in wuhan.members}
    assert units["刘新华"] == "市发展改革委"
    assert units["李智欣"] == "武汉供电公司"
    assert units["刘震"] is None
    assert sum(unit is None for unit in units.values()) == 1


def test_wuhan_only_the_political_and_legal_committee_has_work_and_no_seat(wuhan: Draft) -> None:
    told = [(p.code, p.params["unit"]) for p in wuhan.problems if p.code in {"not_in_roster", "no_work"}]
    assert told == [("not_in_roster", "市委政法委")]
    assert not any(p.grave for p in wuhan.problems)


def test_tongren_members_and_duties_are_compared_before_any_alias() -> None:
    problems = draft_of(STEMS[0]).problems
    work = {p.params["unit"] for p in problems if p.code == "not_in_roster"}
    idle = {p.params["unit"] for p in problems if p.code == "no_work"}
    assert work == {"市委宣传部", "市商务局", "市卫生健康局", "市住房公积金管理中心"}
    assert idle == {"市全国文明创建中心", "市贸促会", "市公积金管理中心"}


def test_office_posts_beside_the_roster_are_kept_apart() -> None:
    offices = draft_of(STEMS[2]).offices
    assert {o.name for o in offices if o.name} == {"邵军安", "黄涛", "丁健峰", "刘春生"}
    assert {o.name for o in draft_of(STEMS[3]).offices if o.name} == {"谢君", "张浩然"}


@pytest.mark.parametrize("stem", STEMS)
def test_draft_survives_storage(stem: str) -> None:
    draft = draft_of(stem)
    assert draft_from_json(json.loads(json.dumps(draft_to_json(draft)))) == draft


@pytest.mark.parametrize("stem", STEMS)
def test_every_place_points_into_the_text(stem: str) -> None:
    draft = draft_of(stem)
    text = draft.document.text
    for task in draft.tasks:
        assert bare(task.title) in bare(text[task.place.start : task.place.end])
        assert text.count("\n", 0, task.place.start) + 1 == task.place.line
    for person in draft.members:
        assert person.name in bare(text[person.place.start : person.place.end])


def test_page_furniture_is_set_aside(wuhan: Draft) -> None:
    lines = wuhan.document.text.split("\n")
    assert all(
        any(w in lines[n - 1] for w in ("发布日期", "打印", "字体", "扫一扫", "公众号"))
        for n in wuhan.document.furniture
    )
    assert len(wuhan.document.furniture) == 5
