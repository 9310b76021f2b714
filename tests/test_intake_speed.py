"""Reading grows with the text and no faster: counted in lines of ours, which no busy machine changes.

The clock is needed only for what one call into C can waste (a pattern that goes back and forth); there ten times the
text would take a hundred times the time, so the bound stands far from both. Speed itself is told by `make bench`.
"""

import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervisor import intake
from supervisor.intake import read_text
from tests.intake_notices import NOTICES

OURS = str(Path(intake.__file__).parent)
PIECES = (
    "(", "、", "牵头", "责任单位:", "由市甲局牵头,", "9", "每月", "2021年6月", "周督导、", "张三 ", "成员:张三 局长\n",
    "序号\t任务\t责任单位\n", "完成12个", "一、\n", "市", "一、市甲局：负责甲工作。\n", "1.建设。（责任单位：各区）\n",
    "（市甲局牵头，市乙局配合）", "附件1\n", "各区人民政府（", "1\t甲\t市乙局\n", "《", "1.", "每月报送。",
    "\u3000", "\n",
)  # fmt: skip


def steps(text: str) -> int:
    """How many lines of the reader run for a text."""
    count = 0

    def inside(_frame: FrameType, event: str, _arg: object) -> Any:
        nonlocal count
        count += event == "line"
        return inside

    def enter(frame: FrameType, _event: str, _arg: object) -> Any:
        return inside if frame.f_code.co_filename.startswith(OURS) else None

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        read_text(text)
    finally:
        sys.settrace(before)
    return count


def of_length(piece: str, length: int) -> str:
    return piece * (length // len(piece))


@pytest.mark.parametrize("piece", PIECES)
def test_ten_times_the_text_takes_at_most_twelve_times_the_steps(piece: str) -> None:
    assert steps(of_length(piece, 10000)) <= 12 * steps(of_length(piece, 1000))


@pytest.mark.parametrize("name", NOTICES)
def test_ten_times_the_notice_takes_at_most_twelve_times_the_steps(name: str) -> None:
    text = NOTICES[name].text + "\n"
    assert steps(text * 20) <= 12 * steps(text * 2)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=2, max_size=4))
def test_ten_times_any_mixture_takes_at_most_fifteen_times_the_steps(pieces: list[str]) -> None:
    def mixture(length: int) -> str:
        return "".join(of_length(piece, length // len(pieces)) for piece in pieces)

    assert steps(mixture(8000)) <= 15 * steps(mixture(800))


def processor_seconds(text: str) -> float:
    begun = time.process_time()
    read_text(text)
    return time.process_time() - begun


@pytest.mark.parametrize("piece", PIECES)
def test_no_pattern_goes_over_the_text_again_and_again(piece: str) -> None:
    short, long = of_length(piece, 2000), of_length(piece, 20000)
    ratios = []
    for _ in range(4):
        ratios.append(processor_seconds(long) / max(processor_seconds(short), 0.005))
        if ratios[-1] <= 30:
            return
    pytest.fail(f"ten times the text took {min(ratios):.0f} times the time")


def test_a_character_takes_a_bounded_number_of_steps() -> None:
    text = "\n".join(notice.text for notice in NOTICES.values())
    assert steps(text) <= 100 * len(text)
