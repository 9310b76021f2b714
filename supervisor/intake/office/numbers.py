"""How Word prints a number: the formats of w:numFmt that Chinese documents use (ECMA-376 part 1, 17.18.59)."""

from collections.abc import Callable

_LOW = "〇一二三四五六七八九"
_FULL = "零壹贰叁肆伍陆柒捌玖"
_FULL_OLD = "零壹貳參肆伍陸柒捌玖"
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


def counting(number: int, digits: str = _LOW, units: str = "十百千") -> str:
    """Return a number up to 9,999 in words (十, 二十一, 一百〇三)."""
    if not 0 < number < 10000:
        return str(number)
    out, gap = "", False
    for power in (3, 2, 1, 0):
        digit = number // 10**power % 10
        if digit == 0:
            gap = bool(out)
            continue
        out += (digits[0] if gap else "") + digits[digit] + (units[power - 1] if power else "")
        gap = False
    short = 10 <= number < 20 and units[0] == "十"
    return out[1:] if short else out


def _by_digit(number: int) -> str:
    return "".join(_LOW[int(digit)] for digit in str(number))


def _roman(number: int) -> str:
    out = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        out += letters * min(count, 50)
    return out


def _letters(number: int) -> str:
    return chr(ord("a") + (number - 1) % 26) * min((number - 1) // 26 + 1, 30) if number > 0 else ""


def _circled(number: int) -> str:
    for first, last, code in ((1, 20, 0x2460), (21, 35, 0x3251), (36, 50, 0x32B1)):
        if first <= number <= last:
            return chr(code + number - first)
    return str(number)


def _run(code: int, last: int) -> Callable[[int], str]:
    return lambda number: chr(code + number - 1) if 1 <= number <= last else str(number)


def _cycle(number: int) -> str:
    return _STEMS[(number - 1) % 10] + _BRANCHES[(number - 1) % 12]


_FORMS: dict[str, Callable[[int], str]] = {
    "chineseLegalSimplified": lambda number: counting(number, _FULL, "拾佰仟"),
    "ideographLegalTraditional": lambda number: counting(number, _FULL_OLD, "拾佰仟"),
    "ideographTraditional": lambda number: _STEMS[(number - 1) % 10],
    "ideographZodiac": lambda number: _BRANCHES[(number - 1) % 12],
    "ideographZodiacTraditional": _cycle,
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalEnclosedParen": _run(0x2474, 20),
    "decimalEnclosedFullstop": _run(0x2488, 20),
    "ideographEnclosedCircle": _run(0x3280, 10),
    "decimalZero": lambda number: f"{number:02d}",
    "lowerRoman": _roman,
    "upperRoman": lambda number: _roman(number).upper(),
    "lowerLetter": _letters,
    "upperLetter": lambda number: _letters(number).upper(),
    "bullet": lambda _: "",
    "none": lambda _: "",
    **dict.fromkeys(
        (
            "chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting",
            "taiwaneseCountingThousand", "koreanCounting", "japaneseDigitalTenThousand",
        ),
        counting,
    ),
    **dict.fromkeys(("ideographDigital", "taiwaneseDigital", "koreanDigital", "koreanDigital2"), _by_digit),
}  # fmt: skip


def shape(number: int, form: str) -> str:
    """Return a number in one of Word's formats; a format not known is decimal."""
    return _FORMS.get(form, str)(number)
