"""Dates and recurrences in running text (E-44 to E-60): what binds somebody, and what only looks like it.

Durations (5年内, 14个工作日), eligibility (2000年底前建成的), validity and policy windows never become deadlines.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

_YEAR = r"(?:(?P<year>20\d\d)年|(?P<rel>今年|本年度?|当年|明年|次年))"
_PART = r"(?:底|末|初|上旬|中旬|下旬)"
_END = r"(?:之前|以前|前|内|止|为止)"
_RANGE = re.compile(
    rf"(?:{_YEAR})?(?P<m1>\d{{1,2}})(?:月(?P<d1>\d{{1,2}}日|{_PART})?)?(?:至|到|-)(?:(?P<year2>20\d\d)年|(?P<next>次年|明年))?"
    rf"(?P<m2>\d{{1,2}})月(?:(?P<d2>\d{{1,2}})日|(?P<part>{_PART}))?(?P<end>{_END})?"
)
_POINT = re.compile(
    rf"(?:{_YEAR})?(?P<month>(?<![\d个第.])\d{{1,2}})月(?!份的)份?(?:(?P<day>\d{{1,2}})日|(?P<part>{_PART}))?(?P<end>{_END})?"
)
_QUARTER = r"(?:(?:第?[一二三四1-4]|首)(?:个)?季度)"
_IN_YEAR = re.compile(
    rf"(?:到|至)?{_YEAR}度?(?P<what>年?[底末]|内|上半年|下半年|{_QUARTER}[底末]?|(?=前|之前|以前))(?P<end>{_END})?"
)
_YEAR_END = re.compile(
    rf"(?<![\d每])(?P<what>年底|年末|年内|(?:上|下)半年|{_QUARTER}[底末]?)(?P<end>{_END})?"
)
_PERIOD = re.compile(
    r"工作|总结|小结|经济|以来|情况|任务|增|数据|的|度|报告|GDP|,|、|。|;|:|$|和|及|考核|考评|例会|通报|检查|评|每|一次"
)
_BY_YEAR = re.compile(
    r"(?:到|至)(?P<year>20\d\d)年(?=[,;:。、]|[一-龥])(?!底|末|内|度|上|下|第|[一二三四]季|前|之|以|起|开|的)"
)
_PLAN = re.compile(
    r"(?:到|至)?[“\"]?十(?P<plan>[三四五六七])五[”\"]?(?:规划)?(?:期|时期)?(?:末|底)(?P<end>前|之前)?"
)
_PLAN_END = {"三": 2020, "四": 2025, "五": 2030, "六": 2035, "七": 2040}

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "sun")
_WEEKDAYS = {
    **dict(zip("一二三四五六日天", _DAYS, strict=True)),
    **dict(zip("1234567", _DAYS[:7], strict=True)),
}
_RECUR = re.compile(
    r"每年(?:的)?(?P<ym>\d{1,2})月(?:(?P<yd>\d{1,2})日|(?P<ye>底|末))?(?:之前|以前|前)?"
    r"|每年(?P<yearend>年?[底末])(?:之前|以前|前)?"
    r"|每(?:个)?月(?:的)?(?P<days>\d{1,2}日?(?:(?:、|和|及|,|与)(?:每月)?\d{1,2}日)*)(?<=日)(?:之前|以前|前)?"
    r"|每(?:个)?月(?P<monthend>月?[底末])(?:之前|以前|前)?"
    r"|每(?:个)?季(?:度)?(?P<quarterend>[底末])(?:之前|以前|前)?"
    r"|每(?:个)?(?:周|星期)(?P<weekday>[一二三四五六日天])(?:之前|以前|前)?"
    r"|(?P<bare>每(?:个)?(?:周|星期|半个?月|月|季度|季|半年|年度|年))(?:度)?"
)
_BARE = {
    "周": "weekly",
    "星期": "weekly",
    "月": "monthly",
    "季度": "quarterly",
    "季": "quarterly",
    "半年": "halfyear",
    "年": "yearly",
    "年度": "yearly",
}
CONTINUOUS = re.compile(
    r"^(?:长期|持续|常年|全年|常态化?|经常性)?(?:坚持|推进|实施|落实|开展|执行|性?工作|进行|有效|性?任务|化)*$"
)

_CLAUSE_END = re.compile(r"[,;。!?]")
_WINDOW = re.compile(
    r"免征|减征|减免|免收|免缴|缓缴|缓征|减按|减半|税率|利率|贴息|执行至|实施至|延续至|延长至|延期至|延长到|延续到|有效期|"
    r"期限(?:延|至|为)|起施行|起实施|起执行|之日|期间(?!.{0,6}(?:完成|办结))|政策(?:执行|实施)?期|执行期限|实施期限|申领|受理期"
)
_ELIGIBLE = re.compile(
    r"^(?:已|以来)|^(?:前|之前|以前)?(?:已|依法|投入|新)?(?:建成|竣工|出生|注册|登记|入库|投产|投运|交付|成立|签订|缴纳|发生|购置|购买|参保|取得|开工|备案|"
    r"设立|入驻|认定|批准|审批|核准|出让|供地|入伍|退役|毕业|就业|落户|建设)(?:且|、|并|或|使用|通过|[^,;。]{0,14}的)"
)
_PAST = re.compile(r"(?:截至|截止|自|从|近|对|比|较|以|在|与)$")
_NARROW = re.compile(
    r"增长|递增|提高\d|下降|降低\d|补助|给予|奖励|安排\d|不低于\d|投入|新增\d|培训\d|资助|支持\d|最高|万元|亿元|%"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A date expression: its span in the passage, what is printed, and whether it says 前, 底, 末, 内 or the like."""

    start: int
    end: int
    date: date | None
    recur: str | None
    strong: bool


def _day(year: int, month: int, day: int | None = None, part: str | None = None) -> date | None:
    if not 1 <= month <= 12:
        return None
    last = monthrange(year, month)[1]
    if day is None:
        day = {"初": 10, "上旬": 10, "中旬": 20}.get(part or "", last)
    return date(year, month, day) if 1 <= day <= last else None


def _year(match: re.Match[str], base: int | None) -> int | None:
    groups = match.groupdict()
    if groups.get("year"):
        return int(groups["year"])
    if base is None:
        return None
    return base + 1 if groups.get("rel") in {"明年", "次年"} else base


def _ranges(text: str, base: int | None) -> list[Found]:
    found = []
    for match in _RANGE.finditer(text):
        year = _year(match, base)
        if year is None or (not match["year"] and "月" not in match.group()[:-1] and not match["end"]):
            continue
        if match["year2"]:
            year = int(match["year2"])
        elif match["next"]:
            year += 1
        day = _day(year, int(match["m2"]), int(match["d2"]) if match["d2"] else None, match["part"])
        if day:
            strong = bool(match["end"] or match["part"])
            found.append(Found(match.start(), match.end(), day, None, strong))
    return found


def _points(text: str, base: int | None) -> list[Found]:
    found = []
    for match in _POINT.finditer(text):
        year = _year(match, base)
        if year is None:
            continue
        day = _day(year, int(match["month"]), int(match["day"]) if match["day"] else None, match["part"])
        explicit = bool(match["year"] or match["rel"] or match["day"] or match["part"] or match["end"])
        if day and explicit:
            due = match["end"] or match["part"] in {"底", "末"}
            due = due or (match["part"] and text[max(0, match.start() - 1) : match.start()] in {"于", "在"})
            due = due or (
                match["day"]
                and re.search(
                    r"(?:截止到?|不晚于|最迟|务于|定于)$", text[max(0, match.start() - 4) : match.start()]
                )
            )
            due = due or re.search(r"(?:到|至)$", text[max(0, match.start() - 1) : match.start()])
            found.append(Found(match.start(), match.end(), day, None, bool(due)))
    return found


def _year_ends(text: str, base: int | None) -> list[Found]:
    found = []
    for pattern in (_IN_YEAR, _YEAR_END):
        for match in pattern.finditer(text):
            year = _year(match, base)
            if year is None:
                continue
            what = match["what"]
            if (
                pattern is _YEAR_END
                and not (what[-1] in "底末内" or match["end"])
                and _PERIOD.match(text, match.end())
            ):
                continue
            day = date(year, 12, 31)
            if what == "上半年":
                day = date(year, 6, 30)
            elif "季度" in what:
                number = next(
                    (("一二三四".find(c) + 1) or ("1234".find(c) + 1) for c in what if c in "一二三四1234"), 1
                )
                day = _day(year, number * 3) or day
            found.append(Found(match.start(), match.end(), day, None, strong=True))
    found.extend(
        Found(match.start(), match.end(), date(int(match["year"]), 12, 31), None, strong=True)
        for match in _BY_YEAR.finditer(text)
    )
    found.extend(
        Found(match.start(), match.end(), date(_PLAN_END[match["plan"]], 12, 31), None, strong=True)
        for match in _PLAN.finditer(text)
    )
    return found


def _recur_word(match: re.Match[str]) -> str | None:
    if match["ym"]:
        month = int(match["ym"])
        day = _day(2023, month, int(match["yd"]) if match["yd"] else None)
        return f"yearly:{day:%m-%d}" if day else None
    if match["yearend"]:
        return "yearly:12-31"
    if match["days"]:
        days = [int(d) for d in re.findall(r"\d+", match["days"])]
        return "monthly:" + ",".join(map(str, days)) if all(1 <= d <= 31 for d in days) else None
    if match["monthend"]:
        return "monthly:end"
    if match["quarterend"]:
        return "quarterly:end"
    if match["weekday"]:
        return "weekly:" + _WEEKDAYS[match["weekday"]]
    return _BARE.get(match["bare"].replace("每", "").replace("个", ""))


def _recurrences(text: str) -> list[Found]:
    found = []
    for match in _RECUR.finditer(text):
        word = _recur_word(match)
        if word is None:
            continue
        bare = match["bare"] is not None
        clause = text[match.end() : match.end() + 24]
        stop = _CLAUSE_END.search(clause)
        if bare and _NARROW.search(clause[: stop.start()] if stop else clause):
            continue
        found.append(Found(match.start(), match.end(), None, word, not bare))
    return found


def _binds(text: str, hit: Found, issued: int | None) -> bool:
    """Tell whether an expression binds somebody rather than describing a policy, a past state or who qualifies."""
    if hit.date and issued and hit.date.year < issued:
        return False
    before = text[max(0, hit.start - 40) : hit.start]
    after = text[hit.end : hit.end + 40]
    breaks = [m.end() for m in _CLAUSE_END.finditer(before)]
    stop = _CLAUSE_END.search(after)
    left = before[breaks[-1] :] if breaks else before
    right = after[: stop.start()] if stop else after
    if _WINDOW.search(left + text[hit.start : hit.end] + right) or _ELIGIBLE.match(right):
        return False
    if (
        hit.date
        and re.search(r"(?:截至|截止|自|从|近)$", left)
        and not re.search(r"[前止]$", text[hit.start : hit.end])
    ):
        return False
    if hit.date and re.match(r"(?:以来|起|开始|份?(?:印发|发布|修订|通过|召开|成立|公布))", right):
        return False
    if re.match(r"(?:对|凡|针对|属于|符合)", left) and re.search(r"[^,;。]的", right) and len(left) <= 12:
        return False
    quoted = before.rfind("《") > before.rfind("》")
    return not (quoted or (hit.date and re.search(r"〔[^〕]*$", before)))


def find(text: str, issued: date | None, *, weak: bool = False) -> list[Found]:
    """Return the binding dates and recurrences of a folded passage in the order they stand.

    Args:
        text: folded, without white space.
        issued: the document's date; its year completes dates without one (E-48).
        weak: also dates without 前, 底, 内 (phase headings, columns and lines that are known to hold a deadline).
    """
    base = issued.year if issued else None
    hits = _recurrences(text) + _ranges(text, base) + _points(text, base) + _year_ends(text, base)
    hits.sort(key=lambda hit: (hit.start, -hit.end))
    kept: list[Found] = []
    reach = 0
    for hit in hits:
        if hit.start < reach:
            continue
        if hit.recur is None and text[max(0, hit.start - 1) : hit.start] == "每":
            continue
        if not (hit.strong or weak or hit.recur):
            reach = hit.end
            continue
        reach = hit.end
        if weak or _binds(text, hit, base):
            kept.append(hit)
    return _specific(text, kept)


def _specific(text: str, hits: list[Found]) -> list[Found]:
    """Drop a bare 每月 where the same sentence goes on to name the days (每月报送…(每月10日、25日报送))."""
    kept: list[Found] = []
    named: dict[str, int] = {}
    for hit in reversed(hits):
        word, _, day = (hit.recur or "").partition(":")
        if day:
            named[word] = hit.start
        elif word in named and "。" not in text[hit.end : named[word]]:
            continue
        kept.append(hit)
    return kept[::-1]


_CN_DIGITS = {c: str(i) for i, c in enumerate("〇一二三四五六七八九")} | {"零": "0"}


def _cn_number(text: str) -> int:
    if "十" in text:
        tens, _, ones = text.partition("十")
        return int(_CN_DIGITS.get(tens, "1")) * 10 + int(_CN_DIGITS.get(ones, "0"))
    return int("".join(_CN_DIGITS.get(c, c) for c in text) or "0")


_STANDALONE = re.compile(
    r"(?P<y>20\d\d|[二][〇零O0][〇零一二三四五六七八九O0]{2})年(?P<m>\d{1,2}|[一二三四五六七八九十]{1,2})月(?P<d>\d{1,2}|[一二三四五六七八九十]{1,3})日"
)
_NUMERIC = re.compile(r"(20\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})")


def standalone(text: str) -> date | None:
    """Return the date that a folded text consists of (2021年3月13日, 二〇二一年三月十三日), or None."""
    match = _STANDALONE.fullmatch(text)
    if not match:
        return None
    year = match["y"].replace("O", "0")
    return _day(_cn_number(year), _cn_number(match["m"]), _cn_number(match["d"]))


def numeric(text: str) -> date | None:
    """Return the first full date of a line such as 发布日期:2021-03-22 10:40, or None."""
    match = _NUMERIC.search(text)
    return _day(int(match[1]), int(match[2]), int(match[3])) if match else None
