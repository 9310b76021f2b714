"""Writes a notice on holidays from rows of the calendar, in the manner of a notice but in words of our own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from supervisor.core.workdays import CalendarRow, seed_rows

ONE_DAY = timedelta(days=1)
NUMBERS = "一二三四五六七八九十"


@dataclass
class Stretch:
    """Days off in a row, with the names they carry and the days worked for them."""

    names: list[str]
    off: list[date]
    work: list[date] = field(default_factory=list)


def rows_of_arrangement(year: int) -> list[CalendarRow]:
    """What the notice of a year arranged: its days, and those of the New Year that fall into December before."""
    return [row for row in seed_rows() if row.day.year + _is_next_year(row) == year]


def _is_next_year(row: CalendarRow) -> int:
    return int(row.name == "元旦" and row.day.month == 12)


def stretches(rows: Iterable[CalendarRow]) -> list[Stretch]:
    """The rows as stretches; a plain weekend between two days off joins them."""
    found: list[Stretch] = []
    for row in (row for row in rows if not row.is_work):
        last = found[-1] if found else None
        if last is not None and _joined(last.off[-1], row.day):
            last.off += [last.off[-1] + ONE_DAY * n for n in range(1, (row.day - last.off[-1]).days)] + [
                row.day
            ]
            last.names += [row.name] if row.name not in last.names else []
        else:
            found.append(Stretch([row.name], [row.day]))
    for row in (row for row in rows if row.is_work):
        near = [each for each in found if row.name in each.names]
        min(near, key=lambda each: abs(each.off[0] - row.day)).work.append(row.day)
    return found


def _joined(last: date, following: date) -> bool:
    between = [last + ONE_DAY * n for n in range(1, (following - last).days)]
    return all(day.weekday() >= 5 for day in between) and len(between) <= 2


def write(year: int, parts: Sequence[Stretch], *, style: int = 0) -> str:
    """The text; `style` varies brackets, names of weekdays, dashes and line breaks as such notices vary."""
    name = "星期" if style % 2 else "周"
    lines = [
        f"国务院办公厅关于{year}年部分节假日安排的通知",
        "各地区、各部门：",
        f"现将{year}年放假安排通知如下。",
    ]
    lines += [
        f"{NUMBERS[n]}、{'、'.join(part.names)}：{_of(part, year, name, style)}"
        for n, part in enumerate(parts)
    ]
    lines += ["放假期间请安排好值班。", "国务院办公厅", f"{year - 1}年11月4日"]
    return ("\n" if style < 4 else "\n\n　　").join(lines)


def _of(part: Stretch, year: int, name: str, style: int) -> str:
    first, last = part.off[0], part.off[-1]
    text = _day(first, year, name)
    if last != first:
        text += ("至", "—", "到")[style % 3] + _day(last, year, name, month=first.month)
    text += (
        (f"放假调休，共{len(part.off)}天。", f"放假，共{len(part.off)}天。")[style % 2]
        if last != first
        else "放假。"
    )
    if part.work:
        text += (
            "、".join(_day(day, year, name) for day in part.work) + ("上班。", "照常上班。")[style // 2 % 2]
        )
    return text


def _day(day: date, year: int, name: str, month: int = 0) -> str:
    head = f"{day.year}年" if day.year != year or (month == 12 and day.month == 1) else ""
    head += f"{day.month}月" if day.month != month else ""
    return f"{head}{day.day}日（{name}{'一二三四五六日'[day.weekday()]}）"
