"""Notices written by people who had not seen the reader; each must be read exactly as its author labelled it.

`notices/NN_slug.txt` (or .html) is the paper, the .json beside it the reading, in the shape of `intake FILE --json`.
"""

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from supervisor.intake import read, to_contract

GOLD = sorted((Path(__file__).parent / "notices").glob("*.json"))
Reading = dict[str, Any]


def bare(text: str | None) -> str:
    """A text without white space, in one width, without the mark that ends it."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text or "")).rstrip("。.;,:、")


def dues(items: list[Reading]) -> set[str]:
    return {item["date"] or item["recur"] for item in items if item["date"] or item["recur"]}


def without_optional(mine: Reading, wanted: Reading) -> tuple[Reading, Reading]:
    """Leave aside the tasks that the author holds possible but not needed."""
    optional = {(bare(t["number"]), bare(t["title"])) for t in wanted["tasks"] if t.get("optional")}
    needed = [t for t in wanted["tasks"] if not t.get("optional")]
    found = [t for t in mine["tasks"] if (bare(t["number"]), bare(t["title"])) not in optional]
    return {**mine, "tasks": found}, {**wanted, "tasks": needed}


def tasks_of(reading: Reading) -> list[tuple[str, str, list[str], list[str], set[str]]]:
    return [
        (bare(t["number"]), bare(t["title"]), sorted(map(bare, t["lead"])), sorted(map(bare, t["responsible"])),
         dues(t["deadlines"]))
        for t in reading["tasks"]
    ]  # fmt: skip


def members_of(reading: Reading) -> list[tuple[str, str]]:
    return [(bare(m["name"]), bare(m["role"])) for m in reading["members"]]


def duties_of(reading: Reading) -> list[tuple[list[str], str]]:
    return [(sorted(map(bare, d["units"])), bare(d["text_starts"])[:10]) for d in reading["duties"]]


@pytest.mark.parametrize("gold", GOLD, ids=[path.stem for path in GOLD])
def test_a_notice_is_read_as_its_author_labelled_it(gold: Path) -> None:
    paper = next(path for path in gold.parent.glob(f"{gold.stem}.*") if path != gold)
    mine = to_contract(read(paper.read_bytes(), paper.name))
    mine, wanted = without_optional(mine, json.loads(gold.read_text(encoding="utf-8")))
    for part in (tasks_of, members_of, duties_of):
        assert part(mine) == part(wanted)
