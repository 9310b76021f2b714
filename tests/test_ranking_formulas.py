"""Live formulas of the ranking table agree with the frozen figures to the hundredth, or are not there."""

from __future__ import annotations

import csv
import io
import random
import re
import shutil
import subprocess
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from supervisor.documents.content import IndicatorColumn, RankedGroup, RankedUnit, RankingContent
from supervisor.documents.ranking_formulas import Place, base_of, formulas_of
from supervisor.documents.ranking_xlsx import write_ranking

SOFFICE = shutil.which("soffice")
WEIGHTS = (Decimal(25), Decimal(15), Decimal(20), Decimal("12.5"), Decimal("27.5"))
GROUP = tuple(IndicatorColumn(f"i{n}", f"指标{n}", weight) for n, weight in enumerate(WEIGHTS))


def unit(
    name: str, *points: str | None, bonus: str = "0", less: str = "0", place: int | None = 1
) -> RankedUnit:
    """A unit whose base and total follow the scheme."""
    held = {
        one.key: None if value is None else Decimal(value) for one, value in zip(GROUP, points, strict=True)
    }
    bare = RankedUnit(place, name, held, None, Decimal(bonus), Decimal(less), None)
    base = base_of(RankedGroup("组", GROUP, ()), bare)
    total = None if base is None else base + bare.bonus - bare.deduction
    return RankedUnit(place, name, held, base, bare.bonus, bare.deduction, total)


def placed(units: list[RankedUnit]) -> tuple[RankedUnit, ...]:
    """In the order of print, equals sharing a place, those without points last."""
    scored = sorted((one for one in units if one.total is not None), key=lambda one: -(one.total or 0))
    totals = [one.total for one in scored]
    ranked = [
        RankedUnit(
            1 + totals.index(one.total), one.unit, one.points, one.base, one.bonus, one.deduction, one.total
        )
        for one in scored
    ]
    rest = (one for one in units if one.total is None)
    none = [RankedUnit(None, one.unit, one.points, None, one.bonus, one.deduction, None) for one in rest]
    return (*ranked, *none)


def keys(one: RankedUnit, units: tuple[RankedUnit, ...] = ()) -> set[str]:
    group = RankedGroup("组", GROUP, units or (one,))
    names = ("place", "unit", *(f"indicator:{c.key}" for c in GROUP), "base", "bonus", "deduction", "total")
    columns = {key: n for n, key in enumerate(names)}
    return set(formulas_of(group, one, 5, Place(5, 5, columns)))


def test_a_figure_that_a_formula_does_not_give_stays_a_number() -> None:
    plain = unit("甲", "20", "15", "18", "12.5", "20")
    assert keys(plain) == {"base", "total", "place"}
    capped = RankedUnit(1, "乙", plain.points, plain.base, Decimal(9), Decimal(0), Decimal(105))
    assert keys(capped) == {"base", "place"}
    by_tie_break = RankedUnit(2, "丙", plain.points, plain.base, Decimal(0), Decimal(0), plain.total)
    assert keys(by_tie_break, (plain, by_tie_break)) == {"base", "total"}
    replaced = RankedUnit(
        1, "丁", {**plain.points, "i0": None}, plain.base, Decimal(0), Decimal(0), plain.total
    )
    assert keys(replaced) == {"total", "place"}


@pytest.mark.skipif(SOFFICE is None, reason="no LibreOffice here to work the formulas out")
def test_libreoffice_works_out_what_was_frozen(tmp_path: Path) -> None:
    dice = random.Random(7)  # noqa: S311 -- figures for a test
    units = []
    for n in range(120):
        most = [int(weight * 100) + 1 for weight in WEIGHTS]
        values = [None if dice.random() < 0.15 else str(Decimal(dice.randrange(top)) / 100) for top in most]
        bonus, less = Decimal(dice.randrange(500)) / 100, Decimal(dice.randrange(300)) / 100
        units.append(unit(f"单位{n}", *values, bonus=str(bonus), less=str(less)))
    group = RankedGroup("组", GROUP, placed(units))
    made = datetime(2021, 7, 13, tzinfo=UTC)
    content = RankingContent("排名", "2021年第二季度", "办法", "截止", (group,), (), made, "0")
    book = tmp_path / "ranking.xlsx"
    book.write_bytes(without_results(write_ranking(content)))
    subprocess.run(
        [str(SOFFICE), f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to",
         "csv:Text - txt - csv (StarCalc):44,34,76",
         "--outdir", str(tmp_path), str(book)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    told = tmp_path / "ranking.csv"
    if not told.exists():
        pytest.skip("LibreOffice is here without its Calc")
    rows = {row[1]: row for row in csv.reader(io.StringIO(told.read_text("utf-8")))}
    wrong = [
        (one.unit, rows[one.unit][0], rows[one.unit][7], rows[one.unit][10])
        for one in group.units
        if one.total is not None
        and (int(rows[one.unit][0]), Decimal(rows[one.unit][7]), Decimal(rows[one.unit][10]))
        != (one.place, one.base, one.total)
    ]
    assert not wrong


def without_results(data: bytes) -> bytes:
    """The workbook without what the writer put behind its formulas, so that they must be worked out."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                bare, count = re.subn(rb"</f><v>[^<]*</v>", b"</f>", text)
                assert count > 300
                text = bare
            new.writestr(name, text)
    return made.getvalue()
