"""What was typed about one fact, read: values as the engine takes them, or what is wrong with which field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from scoring.numbers import percentage
from supervisor.core.days import day_words
from supervisor.core.fact_forms import FactForm
from supervisor.core.fact_kinds import HUNDRED, FactField, FieldType
from supervisor.core.periods import Period
from supervisor.words import N_, Sentence, say

Faults = dict[str, Sentence]
#: Whole digits that a number may have: the engine counts below 10^15.
DIGITS = 14
FULL_WIDTH = str.maketrans("０１２３４５６７８９．％－", "0123456789.%-")
PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)
YES = frozenset({"yes", "y", "true", "1", "是", "√", "✓"})
NO = frozenset({"no", "n", "false", "0", "否", "×"})
LONGEST = {"subject": 200, "note": 400, "source": 300}


@dataclass(frozen=True)
class Typed:
    """One fact as read: what it is about, its day, its named values."""

    subject: str
    day: date | None
    named: Mapping[str, Any]
    note: str = ""
    #: Of this line alone; empty = what is said for all lines.
    source: str = ""


def read(form: FactForm, texts: Mapping[str, str], period: Period, today: date) -> tuple[Typed, Faults]:
    """The fact that texts by field say, and what is wrong; the fact only counts where nothing is wrong.

    Args:
        form: how facts of this kind are entered.
        texts: `subject`, `day`, `note` and the form's fields as typed.
        period: where the day must lie.
        today: no fact lies in the future.
    """
    wrong: Faults = {}
    named: dict[str, Any] = dict(form.fixed)
    for field in form.fields:
        text = _plain(texts.get(field.name, ""))
        if not text:
            if field.required:
                wrong[field.name] = N_("%(field)s is missing.", field=field.label)
            else:
                named[field.name] = False if field.type is FieldType.YES_NO else None
            continue
        value, fault = _value(field, text)
        if fault is not None:
            wrong[field.name] = fault
        named[field.name] = value
    if form.kind == "satisfaction" and not wrong:
        wrong |= _survey(named)
    subject = _cut(texts.get("subject", ""), "subject", wrong)
    if form.subject is not None and not subject:
        wrong["subject"] = N_("%(field)s is missing.", field=form.subject)
    note = _cut(texts.get("note", ""), "note", wrong)
    day = _day(form, texts.get("day", ""), period, today, wrong)
    if day is not None:
        named |= {"day": day.isoformat(), "period": f"{day:%Y-%m}"}
    return Typed(subject, day, named, note, _cut(texts.get("source", ""), "source", wrong)), wrong


def text_of(form: FactForm, name: str, named: Mapping[str, Any]) -> str:
    """A stored value as it is typed again, in Chinese where a word stands for it."""
    field, value = form.field_named(name), named.get(name)
    if value is None:
        return ""
    if field is not None and field.type is FieldType.YES_NO:
        return "是" if value else "否"
    if field is not None and field.type is FieldType.CHOICE:
        return say(dict(field.choices).get(str(value), str(value)), "zh_CN")
    return str(value)


def _value(field: FactField, text: str) -> tuple[Any, Sentence | None]:
    if field.type is FieldType.TEXT:
        return text[:200], None
    if field.type is FieldType.YES_NO:
        low = text.lower()
        if low in YES or low in NO:
            return low in YES, None
        return None, N_("%(field)s: yes or no, not “%(text)s”.", field=field.label, text=text[:40])
    if field.type is FieldType.CHOICE:
        return _choice(field, text)
    return _number(field, text)


def _choice(field: FactField, text: str) -> tuple[Any, Sentence | None]:
    for value, label in field.choices:
        if text.lower() in {value.lower(), say(label, "zh_CN"), say(label, "en").lower()}:
            return value, None
    offered = "、".join(say(label, "zh_CN") for _, label in field.choices)
    return None, N_(
        "%(field)s: “%(text)s” is none of %(offered)s.", field=field.label, text=text[:40], offered=offered
    )


def _number(field: FactField, text: str) -> tuple[Any, Sentence | None]:
    text = text.translate(FULL_WIDTH).replace(",", "").strip()
    if field.high == HUNDRED:
        text = text.removesuffix("%").strip()
    if not PLAIN.fullmatch(text) or len(text.partition(".")[0].lstrip("+-")) > DIGITS:
        return None, N_("%(field)s: “%(text)s” is no number.", field=field.label, text=text[:40])
    try:
        number = Decimal(text)
    except InvalidOperation:  # pragma: no cover -- PLAIN lets none through
        return None, N_("%(field)s: “%(text)s” is no number.", field=field.label, text=text[:40])
    whole = number == number.to_integral_value()
    if field.type is FieldType.WHOLE and not whole:
        return None, N_("%(field)s: a whole number, not %(text)s.", field=field.label, text=text)
    exponent = number.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > field.decimals:
        return None, N_(
            "%(field)s: at most %(n)s decimals, not %(text)s.", field=field.label, n=field.decimals, text=text
        )
    if (field.low is not None and number < field.low) or (field.high is not None and number > field.high):
        if field.high is None:
            return None, N_("%(field)s: not less than %(low)s; %(text)s was typed.", field=field.label, low=field.low,
                            text=text)  # fmt: skip
        return None, N_("%(field)s: from %(low)s to %(high)s; %(text)s was typed.", field=field.label,
                        low=field.low or 0, high=field.high, text=text)  # fmt: skip
    if field.is_base and not number:
        return None, N_(
            "%(field)s: 0 is no base, nothing can be divided by it. Leave the line out: the unit is then not "
            "assessed by it.",
            field=field.label,
        )
    return (int(number) if whole else format(number.normalize(), "f")), None


def _survey(named: dict[str, Any]) -> Faults:
    """A survey's rate: from the counts, or as given; without any answer there is no rate (C46)."""
    answers, satisfied, rate = int(named["answers"]), named["satisfied"], named["rate"]
    if not answers:
        if satisfied or rate not in {None, 0}:
            return {"answers": N_("Without an answer nobody was satisfied and there is no rate: no data.")}
        named |= {"satisfied": None, "rate": None}
        return {}
    if satisfied is not None and int(satisfied) > answers:
        return {
            "satisfied": N_(
                "More were satisfied (%(some)s) than answered (%(all)s).", some=satisfied, all=answers
            )
        }
    if (satisfied is None) == (rate is None):
        return {"satisfied": N_("Give either how many were satisfied or the rate, not both.")}
    if rate is not None and Decimal(0) < Decimal(str(rate)) <= 1:
        return {"rate": N_("A rate of %(rate)s %%? Write 96 for 96 %%.", rate=rate)}
    if satisfied is not None:
        found = percentage(int(satisfied), answers)
        named["rate"] = None if found is None else format(found, "f")
    return {}


def _day(form: FactForm, text: str, period: Period, today: date, wrong: Faults) -> date | None:
    if not form.day:
        return None
    text = _plain(text).translate(FULL_WIDTH).replace("/", "-").replace(".", "-")
    if not text:
        wrong["day"] = N_("The day is missing.")
        return None
    try:
        year, month, number = (int(part) for part in text.split("T")[0].split(" ")[0].split("-"))
        day = date(year, month, number)
    except ValueError:
        wrong["day"] = N_("“%(text)s” is no day; write it like 2021-06-15.", text=text[:40])
        return None
    if not period.contains(day):
        wrong["day"] = N_(
            "%(day)s lies outside %(period)s (%(first)s to %(last)s): enter it in the period it belongs to.",
            day=day_words(day), period=period.label, first=day_words(period.start),
            last=day_words(period.end),
        )  # fmt: skip
    elif day > today:
        wrong["day"] = N_("%(day)s has not come yet.", day=day_words(day))
    return day


def _cut(text: str, name: str, wrong: Faults) -> str:
    plain = _plain(text)
    if len(plain) > LONGEST[name]:
        wrong[name] = N_("At most %(n)s characters.", n=LONGEST[name])
    return plain[: LONGEST[name]]


def _plain(text: str) -> str:
    """Without the spaces that documents and spreadsheets bring along."""
    return text.replace("\u3000", " ").replace("\u00a0", " ").replace("\x00", "").strip()
