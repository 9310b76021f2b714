"""Targets: number, what is counted, verb and date; totals against their parts (C31, E-64 to E-69)."""

import pytest

from supervisor.intake import Draft, read_text

HEAD = "某市工作方案\n某市人民政府\n2021年3月13日\n一、目标\n"


def shown(draft: Draft) -> str:
    return " | ".join(f"{t.verb} {t.value} {t.unit_of_measure} {t.due or '-'}" for t in draft.targets)


TARGETS = (
    ("到2021年末，完成120个老旧院落改造。", "完成 120 个院落 2021-12-31"),
    ("2021年6月底前新建公厕50座，年底前改造100座。", "新建 50 座公厕 2021-06-30 | 改造 100 座 2021-12-31"),
    ("全年涉及居民1.36万户。", "涉及 13600 户 -"),
    ("2021年新增学位1620个，培育企业20家。", "新增 1620 个学位 2021-12-31 | 培育 20 家企业 2021-12-31"),
)


@pytest.mark.parametrize(("text", "wanted"), TARGETS)
def test_a_target_has_number_measure_verb_and_date(text: str, wanted: str) -> None:
    assert shown(read_text(HEAD + text)) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "建设15分钟生活圈，完成公示14个工作日。",
        "完成2号建议案办理，推进5G建设。",
        "按照某政办〔2020〕23号建立机制。",
        "每公里不少于3个。",
    ],
)
def test_numbers_that_nobody_must_reach_are_no_targets(text: str) -> None:
    assert shown(read_text(HEAD + text)) == ""


SPLIT = (
    "全市共12个街区、96个院落，涉及居民{total}户。"
    "2021年计划改造 7个街区、4210户，2022年计划改造5个街区、3105户。"
)


def sums(text: str) -> list[tuple[str, str, int | None]]:
    problems = [p for p in read_text(HEAD + text).problems if p.code.startswith("sum_")]
    return [(p.code, p.message % p.params, p.line) for p in problems]


def test_parts_that_make_their_total_pass_and_a_total_without_parts_is_incomplete() -> None:
    assert sums(SPLIT.format(total=7315)) == [
        ("sum_incomplete", "“96个院落” is not split, while other totals beside it are.", 5)
    ]


def test_a_wrong_sum_names_the_figures_and_the_line() -> None:
    assert sums(SPLIT.format(total=7316))[1] == (
        "sum_differs",
        "4210户 + 3105户 make 7315, but 7316户 is named.",
        5,
    )


@pytest.mark.parametrize(("total", "wrong"), [("3.61", ""), ("3.6", ""), ("3.7", "sum_differs")])
def test_figures_in_ten_thousands_may_differ_by_what_their_last_digit_leaves_open(
    total: str, wrong: str
) -> None:
    text = f"涉及居民{total}万户。2021年完成1.36万户，2022年完成2.25万户。"
    assert "".join(code for code, _, _ in sums(text)) == wrong


def test_starts_and_finishes_of_other_things_are_not_added() -> None:
    assert sums("共20个街区。2021年完成11个小区，2022年完成8个小区。") == []
