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
from supervisor.intake.webpage import text_of_page
from tests.intake_notices import NOTICES

OURS = str(Path(intake.__file__).parent)
PIECES = (
    "(", "、", "牵头", "责任单位:", "由市甲局牵头,", "9", "每月", "2021年6月", "周督导、", "张三 ", "成员:张三 局长\n",
    "序号\t任务\t责任单位\n", "完成12个", "一、\n", "市", "一、市甲局：负责甲工作。\n", "1.建设。（责任单位：各区）\n",
    "（市甲局牵头，市乙局配合）", "附件1\n", "各区人民政府（", "1\t甲\t市乙局\n", "《", "1.", "每月报送。",
    "\u3000", "\n",
)  # fmt: skip


def _forget() -> None:
    """Empty what the reader remembers of earlier texts."""
    for name, module in list(sys.modules.items()):
        if name.startswith("supervisor.intake."):
            for held in vars(module).values():
                getattr(held, "cache_clear", lambda: None)()


def steps(text: str) -> int:
    """How many lines of the reader run for a text."""
    count = 0

    def inside(_frame: FrameType, event: str, _arg: object) -> Any:
        nonlocal count
        count += event == "line"
        return inside

    def enter(frame: FrameType, _event: str, _arg: object) -> Any:
        return inside if frame.f_code.co_filename.startswith(OURS) else None

    _forget()
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
    assert steps(of_length(piece, 6000)) <= 12 * steps(of_length(piece, 600))


COUNTED = {
    "rows of a table": ("序号\t重点任务\t主要措施\t责任单位\n1\t甲\t乙\t市丙局\n", "2\t\t甲#\t市#局\n"),
    "rows of merged cells": ("序号\t重点任务\t主要措施\t责任单位\n1\t甲\t乙\t市丙局\n", "2\t\t甲#\t\n"),
    "collectives": ("", "1.建#。（责任单位：各#区）\n"),
    "units of one mark": ("1.建设（责任单位：", "市#局、"),
    "units parted by spaces": ("1.建设。\n责任单位：", "市#局 "),
    "marks of one item": ("1.建设\n", "推进。（市#局负责）\n"),
    "members": ("组长：张三 市长\n成员：\n", "李四 #区副区长\n"),
    "a post without end": ("组长：张三 市某某\n", "某某#\n"),
    "duties": ("一、职责\n", "市#局：负责工作。\n"),
    "a pasted table": ("序号\n任务\n责任单位\n", "1\n建#\n市#局\n"),
    "pasted tables": ("", "序号\n任务\n责任单位\n1\n建#\n市#局\n"),
}


def counted(head: str, piece: str, length: int) -> str:
    """Pieces with running names, so that no two of them are the same."""
    names = str.maketrans("0123456789", "甲乙丙丁戊己庚辛壬癸")
    return head + "".join(piece.replace("#", str(n).translate(names)) for n in range(length // len(piece)))


@pytest.mark.parametrize("name", COUNTED)
def test_five_times_the_items_take_at_most_seven_times_the_steps(name: str) -> None:
    # From some hundred names on: so many are compared with each other, and no more.
    assert steps(counted(*COUNTED[name], 12500)) <= 7 * steps(counted(*COUNTED[name], 2500))


def test_a_long_heading_is_not_printed_again_in_full_below_it() -> None:
    def text(times: int) -> str:
        return "一、" + "建" * 2000 * times + "\n" + "（一）建设（市甲局）\n" * 20 * times

    assert len(str(read_text(text(10)).tasks)) <= 12 * len(str(read_text(text(1)).tasks))


TAGS = (
    "<div>",
    "<p>甲，",
    "<td>",
    "<table><tr><td>甲",
    "</",
    "<a ",
    '<a b="',
    "<!--",
    "<?a ",
    "<",
    "&#",
    "<script>",
    "<title>",
)


@pytest.mark.parametrize("tag", TAGS)
def test_no_page_is_gone_over_again_and_again(tag: str) -> None:
    ratios = []
    for _ in range(4):
        took = []
        for length in (4000, 40000):
            begun = time.process_time()
            text_of_page("<html>" + of_length(tag, length))
            took.append(time.process_time() - begun)
        ratios.append(took[1] / max(took[0], 0.002))
        if ratios[-1] <= 30:
            return
    pytest.fail(f"ten times the page took {min(ratios):.0f} times the time")


@pytest.mark.parametrize("name", NOTICES)
def test_ten_times_the_notice_takes_at_most_twelve_times_the_steps(name: str) -> None:
    text = NOTICES[name].text + "\n"
    assert steps(text * 20) <= 12 * steps(text * 2)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=2, max_size=4))
def test_four_times_any_mixture_takes_at_most_six_times_the_steps(pieces: list[str]) -> None:
    def mixture(length: int) -> str:
        return "".join(of_length(piece, length // len(pieces)) for piece in pieces)

    # From 1,000 characters on: the reader looks back some hundred characters, which a shorter text does not have.
    assert steps(mixture(4000)) <= 6 * steps(mixture(1000))


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
