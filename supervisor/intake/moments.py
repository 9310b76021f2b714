"""Points and ends of time as a notice prints them (6月底前, 2021年3月至5月, 三季度末), and the day each stands for."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

NUMBER = r"(?:\d{1,2}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九元])"
_YEAR = r"(?:20\d\d|二[〇零O0][〇零O0一二三四五六七八九]{2})年"
_REL = r"(?:今年|本年度?|当年|明年|次年|翌年|去年|上年度?)"
_PART = r"(?:月?(?:底|末|初)|上旬|中旬|下旬)"
END = r"(?:之前|以前|前|内|止|为止|截止)"
#: A weekday or (含) in brackets and the hour: part of the date, not of the clause.
CLOCK = (
    r"(?:\((?:含|星期.|周.)[^()]{0,6}\))?(?:当[天日])?(?:(?:上午|中午|下午|晚上?)?\d{1,2}(?:[时点]半?整?(?:\d{1,2}分)?|:\d\d)|(?:上午|下午)?下班|"
    r"中午|下午)?"
)
_SPOT = re.compile(
    rf"(?:(?P<year>{_YEAR})|(?P<rel>{_REL}))?(?:(?P<month>{NUMBER})(?:月份?|$))?(?:(?P<day>{NUMBER})[日号]|(?P<part>{_PART}))?"
)
_DATE = rf"{NUMBER}月份?(?:{NUMBER}[日号]|{_PART})?"
_RANGE = re.compile(
    rf"(?<![\d.个第每-])(?P<from>(?:{_YEAR}|{_REL})?(?:{_DATE}|{NUMBER}(?=(?:-|至|到){{1,2}}{NUMBER}月)))起?(?:至|到|-{{1,2}})"
    rf"(?P<to>(?:{_YEAR}|{_REL})?{_DATE}|{NUMBER}[日号])(?P<end>{CLOCK}{END})?"
)
_POINT = re.compile(
    rf"(?P<spot>(?:{_YEAR}|{_REL})?(?<![\d个第.每])(?P<month>{NUMBER})月(?!份的)份?(?:{NUMBER}[日号]|{_PART})?)(?P<end>{CLOCK}{END})?"
)
_MONTH = re.compile(rf"(?P<which>本|当|下|次)月(?:(?P<day>\d{{1,2}})日|(?P<part>月?[底末]))(?:{CLOCK}{END})?")
_FIRST_MONTHS = re.compile(
    rf"(?P<year>{_YEAR})?(?<![\d个第.每])(?P<month>\d{{1,2}})(?=(?:、\d{{1,2}}){{0,3}}、\d{{1,2}}月)"
)
_NUMERIC = re.compile(
    rf"(?<![\d./〔-])(?P<y>20\d\d)[./-](?P<m>\d{{1,2}})(?:[./-](?P<d>\d{{1,2}}))?(?![\d./%-])[日月]?(?P<end>{CLOCK}{END})?"
)
_QUARTER = r"(?:(?:第?[一二三四1-4]|首|前[二两三])(?:个)?季度)"
_IN_YEAR = re.compile(
    rf"(?:到|至)?(?:(?P<year>{_YEAR})|(?P<rel>{_REL}))度?(?P<what>年?[底末]|终|年?度?内|上半年|下半年|{_QUARTER}[底末]?|(?=前|之前|以前))(?P<end>{END})?"
)
_YEAR_END = re.compile(
    rf"(?<![\d每一二两三四五六七八九十几半多数])(?P<what>年底|年末|年终(?=前)|年内|年度内|(?:上|下)半年|{_QUARTER}[底末]?)(?P<end>{END})?"
)
_PERIOD = re.compile(
    r"工作|总结|小结|经济|以来|情况|任务|增|数据|的|度|报告|GDP|,|、|。|;|:|$|和|及|考核|考评|例会|通报|检查|评|每|一次"
)
# 年末检查, 年底考核: the name of a step, not a time limit
_REVIEW = re.compile(r"检查|考核|总结|考评|评估|述职|盘点|评议|验收评估")
_BY_YEAR = re.compile(
    rf"(?<!年)(?:到|至)(?P<year>{_YEAR})(?=[,;:。、]|[一-龥]|$)(?!底|末|内|度|上|下|第|前|[一二三四]季|之|以|起|开|的|{NUMBER}月)"
)
_PLAN = re.compile(
    r"(?:到|至)?[“\"]?十(?P<plan>[三四五六七])五[”\"]?(?:规划)?(?:期|时期)?(?:间)?(?:末|底|结束(?=前))(?P<end>前|之前)?"
)
_PLAN_END = {"三": 2020, "四": 2025, "五": 2030, "六": 2035, "七": 2040}

_DUE_BEFORE = re.compile(
    r"(?:截止到?|截至|不晚于|最迟|务于|定于|力争|确保|计划|预计|争取|务必|力促|限期?|[限期]:|时[限间]:|日期:|到|至)$"
)
_DUE_AFTER = re.compile(
    r",?(?:(?:开学|节|汛期?|入冬|供暖)前)?(?:全面|全部|基本|正式|力争|确保|如期|按期|顺利|组织|统一|集中|陆续|分批|初步|争取|必须|[要须需应可])*"
    r"(?:完成|完工|建成|建好|竣工|投产|投用|投运|投入(?!资金|\d)|开工|动工|启动|开园|开业|开放|通车|交付|印发|出台|上线|运行|试运行|实现|取得|形成|报送|"
    r"上报|报[^告名]|提交|制定|验收|建立|开通|落地|封顶|召开|开展|举办|启用|达产|达到|公布|发布|做到|汇总)"
)
_ROLLOVER = timedelta(days=150)


class PlanYear(date):
    """The first day of the year that a plan's title names, where it is not the year of the notice's date."""


@dataclass(frozen=True, slots=True)
class Found:
    """A date expression: its span in the passage, what is printed, and whether it says 前, 底, 末, 内 or the like."""

    start: int
    end: int
    date: date | None
    recur: str | None
    strong: bool
    #: A stretch of time with both ends; its end counts.
    spans: bool = False


def number(text: str) -> int:
    """Return the value of up to two printed digits (6, 十一, 二十, 元)."""
    if text.isdigit():
        return int(text)
    digits = "〇一二三四五六七八九"
    if "十" in text:
        tens, _, ones = text.partition("十")
        return (digits.find(tens) if tens else 1) * 10 + (digits.find(ones) if ones else 0)
    return 1 if text == "元" else digits.find(text)


def year_of(text: str) -> int:
    """Return the year of 2021年 or 二〇二一年."""
    digits = dict(zip("〇零O一二三四五六七八九", "000123456789", strict=True))
    return int("".join(digits.get(char, char) for char in text.rstrip("年度")))


def day_of(year: int, month: int, day: int | None = None, part: str = "") -> date | None:
    """Return the last day that year, month and (day or 上旬, 底 …) can mean; None where there is no such day."""
    if not 1 <= month <= 12:
        return None
    last = monthrange(year, month)[1]
    if day is None:
        day = {"初": 10, "上旬": 10, "中旬": 20}.get(part.replace("月", ""), last)
    return date(year, month, day) if 1 <= day <= last else None


@dataclass(slots=True)
class _Year:
    """The year that completes what is printed without one: the notice's, or the one named just before."""

    issued: date | None
    named: date | None = None

    def complete(self, month: int, day: int | None, part: str) -> date | None:
        """Return the day in the year named last where that keeps the order, else in the year of the notice.

        A month that lies five months or more before the notice's date is the next year's.
        """
        if self.named:
            carried = day_of(self.named.year, month, day, part)
            if carried and carried >= self.named:
                return carried
        if self.issued is None:
            return None
        found = day_of(self.issued.year, month, day, part)
        if found and found < self.issued - _ROLLOVER:
            found = day_of(self.issued.year + 1, month, day, part)
            self.named = found or self.named
        return found

    def of(self, year: str | None, rel: str | None) -> int | None:
        """Return the year that a printed year or 明年, 今年 means."""
        if year:
            return year_of(year)
        if rel and self.issued:
            return self.issued.year + (rel in {"明年", "次年", "翌年"}) - (rel[0] in "去上")
        return None

    def note(self, day: date) -> None:
        """Keep a date that was printed with its year."""
        if self.issued is None or day.year >= self.issued.year:
            self.named = day


def _spot(text: str, years: _Year, month: int | None = None, year: int | None = None) -> date | None:
    """Return the day of one end; `month` and `year` are those of the other end."""
    match = _SPOT.match(text)
    if not match:
        return None
    value = number(match["month"]) if match["month"] else month
    if value is None:
        return None
    day = number(match["day"]) if match["day"] else None
    part = match["part"] or ""
    named = years.of(match["year"], match["rel"])
    if named is None and year is not None:
        named = year + 1 if month is not None and value < month else year
    if named is None:
        return years.complete(value, day, part)
    found = day_of(named, value, day, part)
    if found:
        years.note(found)
    return found


def _range(match: re.Match[str], text: str, years: _Year) -> Found | None:
    first = _SPOT.match(match["from"])
    month = number(first["month"]) if first and first["month"] else None
    year = years.of(first["year"], first["rel"]) if first else None
    day = _spot(match["to"], years, month, year)
    if not day:
        return None
    strong = bool(match["end"] or not re.match(r"期间|的|以来", text[match.end() : match.end() + 2]))
    return Found(match.start(), match.end(), day, None, strong, spans=True)


def _due(text: str, start: int, end: int) -> bool:
    """Tell whether the words around a bare date make it a time limit (力争…, …完成)."""
    return bool(_DUE_BEFORE.search(text[max(0, start - 4) : start]) or _DUE_AFTER.match(text, end, end + 16))


def _point(match: re.Match[str], text: str, years: _Year) -> Found | None:
    spot = match["spot"]
    bare = re.fullmatch(rf"{NUMBER}月份?", spot)
    if bare and not spot[0].isdigit() and match["end"] == "内":
        return None
    day = _spot(spot, years)
    if not day:
        return None
    at_end = re.search(r"[底末]$", spot)
    part = re.search(rf"{_PART}$", spot)
    strong = bool(
        match["end"] or at_end or (part and text[max(0, match.start() - 1) : match.start()] in {"于", "在"})
    )
    if not strong and (years.issued is None or day >= years.issued):
        strong = _due(text, match.start(), match.end())
    return Found(match.start(), match.end(), day, None, strong)


def _month(match: re.Match[str], _text: str, years: _Year) -> Found | None:
    if years.issued is None:
        return None
    year, month = years.issued.year, years.issued.month
    if match["which"] in "下次":
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    day = day_of(year, month, int(match["day"]) if match["day"] else None)
    return Found(match.start(), match.end(), day, None, strong=True) if day else None


def _first_month(match: re.Match[str], _text: str, years: _Year) -> Found | None:
    day = _spot(match.group() + "月", years)
    return Found(match.start(), match.end(), day, None, strong=False) if day else None


def _numeric(match: re.Match[str], _text: str, years: _Year) -> Found | None:
    day = day_of(int(match["y"]), int(match["m"]), int(match["d"]) if match["d"] else None)
    if day:
        years.note(day)
    return Found(match.start(), match.end(), day, None, bool(match["end"])) if day else None


def _part_of_year(year: int, what: str) -> date | None:
    if what == "上半年":
        return date(year, 6, 30)
    if "季度" in what:
        quarter = next((number(c) for c in what.replace("两", "二") if c in "一二三四1234"), 1)
        return day_of(year, quarter * 3)
    return date(year, 12, 31)


def _in_year(match: re.Match[str], text: str, years: _Year) -> Found | None:
    year, what = years.of(match["year"], match["rel"]), match["what"]
    if year is None or (
        what.endswith(("半年", "季度"))
        and not match["end"]
        and re.match(r"工作|总结|经济|情况|的|报告|数据|以来", text[match.end() :])
    ):
        return None
    day = _part_of_year(year, what)
    if day:
        years.note(day)
    return Found(match.start(), match.end(), day, None, strong=True) if day else None


def _year_end(match: re.Match[str], text: str, years: _Year) -> Found | None:
    what = match["what"]
    if years.issued is None:
        return None
    named = _REVIEW.match(text, match.end()) and not re.search(r"[于在到至,。;]$", text[: match.start()][-1:])
    strong = (
        (what[-1] in "底末内" and not named) or bool(match["end"]) or not _PERIOD.match(text, match.end())
    )
    day = _part_of_year(years.issued.year, what)
    if years.named and day and (carried := _part_of_year(years.named.year, what)) and carried >= years.named:
        day = carried
    return Found(match.start(), match.end(), day, None, strong) if day else None


def _by_year(match: re.Match[str], _text: str, _years: _Year) -> Found | None:
    return Found(match.start(), match.end(), date(year_of(match["year"]), 12, 31), None, strong=True)


def _plan(match: re.Match[str], _text: str, _years: _Year) -> Found | None:
    return Found(match.start(), match.end(), date(_PLAN_END[match["plan"]], 12, 31), None, strong=True)


_FORMS = (
    (_RANGE, _range),
    (_POINT, _point),
    (_MONTH, _month),
    (_FIRST_MONTHS, _first_month),
    (_NUMERIC, _numeric),
    (_IN_YEAR, _in_year),
    (_YEAR_END, _year_end),
    (_BY_YEAR, _by_year),
    (_PLAN, _plan),
)


def moments(text: str, issued: date | None) -> list[Found]:
    """Return every date expression of a folded passage, strong or not, without overlaps, in the order they stand."""
    matches = [(match, read) for form, read in _FORMS for match in form.finditer(text)]
    matches.sort(key=lambda pair: (pair[0].start(), -pair[0].end()))
    years = _Year(issued)
    found: list[Found] = []
    reach = 0
    for match, read in matches:
        if match.start() < reach:
            continue
        hit = read(match, text, years)
        if hit:
            found.append(hit)
            reach = hit.end
    return _listed(text, found)


def _listed(text: str, hits: list[Found]) -> list[Found]:
    """Give the strength of the last date to those listed before it (6月、9月、12月底前)."""
    out: list[Found] = []
    for hit in reversed(hits):
        after = out[-1] if out else None
        if (
            after
            and after.strong
            and not hit.strong
            and re.fullmatch(r"[、和及与]|以及", text[hit.end : after.start])
        ):
            out.append(Found(hit.start, hit.end, hit.date, None, strong=True))
        else:
            out.append(hit)
    return out[::-1]
