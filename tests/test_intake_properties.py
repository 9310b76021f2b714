"""What must hold for any text: spaces and line widths change nothing, nothing raises."""

import json
import random
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from supervisor.intake import Draft, draft_from_json, draft_to_json, read_text, to_contract
from supervisor.intake.passages import fold
from tests.intake_notices import NOTICES, TEN_CHAPTERS

WORDS = st.sampled_from(
    [
        *(
            "一、",
            "（一）",
            "1.",
            "(1)",
            "①",
            "第一章",
            "附件1",
            "（",
            "）",
            "〈",
            "〉",
            "、",
            "，",
            "；",
            "。",
            "：",
            "《",
            "》",
        ),
        *(
            "牵头单位：",
            "责任单位：",
            "完成时限：",
            "市甲局",
            "各区人民政府",
            "等部门",
            "牵头",
            "负责",
            "配合",
            "由",
            "和",
        ),
        *(
            "2021年",
            "6月底前",
            "每月",
            "10日",
            "每季度末",
            "长期坚持",
            "组长：",
            "成员：",
            "张三",
            "局长",
            "\t",
            "\n",
            " ",
        ),
        *(
            "序号",
            "任务",
            "职责",
            "办公室",
            "主任",
            "兼任",
            "1名",
            "联络员",
            "300个",
            "小区",
            "完成",
            "周督导",
            "“",
            "”",
        ),
    ]
)
TEXTS = st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=120).map("".join))
PROSE = [name for name in NOTICES if "table" not in name and "roster" not in name and "one_line" not in name]


def content(draft: Draft) -> dict[str, object]:
    """The reading without its places."""
    told = to_contract(draft)
    told["tasks"] = [{k: v for k, v in task.items() if k != "line"} for task in told["tasks"]]
    return {
        key: told[key] for key in ("title", "doc_number", "issued", "tasks", "other_deadlines", "cadences")
    }


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_no_text_raises_and_every_draft_survives_storage(text: str) -> None:
    draft = read_text(text)
    assert draft_from_json(json.loads(json.dumps(draft_to_json(draft)))) == draft
    for task in draft.tasks:
        assert not set(task.lead) & set(task.responsible)
        assert len(set(task.lead)) == len(task.lead)


@settings(max_examples=60, deadline=None)
@example("full_width_brackets_and_verbs", 164)  # 市信访局会 同有关部门
@given(st.sampled_from(PROSE), st.integers(0, 2**32))
def test_added_spaces_change_nothing(name: str, seed: int) -> None:
    text = NOTICES[name].text
    chance = random.Random(seed)  # noqa: S311 - places for spaces, nothing secret
    spaced = "".join(
        c + (" " if not c.isascii() and c not in "局委　" and chance.random() < 0.1 else "") for c in text
    )
    assert content(read_text(spaced)) == content(read_text(text))


def unmarked(draft: Draft) -> str:
    """The reading without its places, in one form of brackets and digits."""
    return fold(json.dumps(content(draft), ensure_ascii=False))


HALF = str.maketrans("（），；：．【】", "(),;:.[]")


@pytest.mark.parametrize("name", NOTICES)
def test_width_of_punctuation_changes_nothing(name: str) -> None:
    text = NOTICES[name].text
    assert unmarked(read_text(text.translate(HALF))) == unmarked(read_text(text))


@pytest.mark.parametrize("name", NOTICES)
def test_kinds_of_line_ends_change_nothing(name: str) -> None:
    text = NOTICES[name].text
    for end in ("\r\n", "\r", "\u2028", " \n", "\n\u200b"):
        assert content(read_text(text.replace("\n", end))) == content(read_text(text))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(PROSE), st.integers(1, 40), st.sampled_from("．.、"))
def test_other_numbers_and_another_mark_behind_them_change_no_task(name: str, add: int, mark: str) -> None:
    text = NOTICES[name].text
    numbered = re.sub(
        r"(?m)^([ 　]*)(\d{1,2})[．.、](?=\D)", lambda m: f"{m[1]}{int(m[2]) + add}{mark}", text
    )

    def tasks(draft: Draft) -> list[object]:
        return [
            (t.title, t.lead, t.responsible, [(d.date, d.recur) for d in t.deadlines]) for t in draft.tasks
        ]

    assert tasks(read_text(numbered)) == tasks(read_text(text))


PIECES = st.one_of(
    st.text(max_size=8), st.sampled_from("，。、；：（）〔〕《》“”\n\t 　年月日市局委和及由各"), WORDS
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(NOTICES)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 80), PIECES, st.booleans()), min_size=1, max_size=10),
)
def test_no_damaged_notice_raises(name: str, damages: list[tuple[float, int, str, bool]]) -> None:
    text = NOTICES[name].text
    for place, length, piece, twice in damages:
        at = int(place * len(text))
        text = text[:at] + piece + (text[at:] if twice else "") + text[at + length :]
    draft = read_text(text)
    assert draft_from_json(json.loads(json.dumps(draft_to_json(draft)))) == draft
    assert draft.document.text.encode()
    for task in draft.tasks:
        assert not set(task.lead) & set(task.responsible)
        assert 0 <= task.place.start <= task.place.end <= len(draft.document.text)


def wrapped(text: str, width: int) -> str:
    lines: list[str] = []
    for line in text.split("\n"):
        lines += [line[i : i + width] for i in range(0, len(line), width)] or [""]
    return "\n".join(lines)


@pytest.mark.parametrize("width", [24, 28, 31, 36])
def test_line_width_changes_nothing(width: int) -> None:
    text = "\n".join(line.strip() for line in NOTICES["full_width_brackets_and_verbs"].text.split("\n"))
    before, after = content(read_text(text)), content(read_text(wrapped(text, width)))
    assert after["tasks"] == before["tasks"]
    assert after["other_deadlines"] == before["other_deadlines"]


@pytest.mark.parametrize("mark", ["\u200b", "\u202e", "\u00a0", "\u3000", "\x07"])
def test_invisible_marks_change_nothing(mark: str) -> None:
    text = TEN_CHAPTERS
    assert content(read_text(text.replace("单位", f"单{mark}位"))) == content(read_text(text))


def test_order_of_chapters_changes_no_task() -> None:
    head, *chapters = TEN_CHAPTERS.replace("\n（一）", "（一）").split("\n、")
    assert head, chapters
    lines = TEN_CHAPTERS.split("\n")
    body = [lines[i : i + 3] for i in range(3, len(lines) - 1, 3)]
    turned = "\n".join(lines[:3] + [line for block in reversed(body) for line in block])
    tasks = {(t.title, t.path, t.lead, t.responsible) for t in read_text(TEN_CHAPTERS).tasks}
    assert {(t.title, t.path, t.lead, t.responsible) for t in read_text(turned).tasks} == tasks
