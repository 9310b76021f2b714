"""Recurrences as a notice prints them (每月10日、25日, 每季度末, 每年10月30日前), in the words of contracts.md."""

import re

from supervisor.intake.moments import CLOCK, NUMBER, Found, day_of, number

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "sun")
_WEEKDAYS = {
    **dict(zip("一二三四五六日天", _DAYS, strict=True)),
    **dict(zip("1234567", _DAYS[:7], strict=True)),
}
_AND = r"(?:、|和|及|与|,|以及)"
_BEFORE = rf"(?:{CLOCK}(?:之前|以前|前|止))?"
_DATES = rf"\d{{1,2}}[日号]?(?:前?(?:{_AND}|-|至)(?:每月)?\d{{1,2}}[日号])*"
_YEAR_DAY = rf"{NUMBER}月份?(?:\d{{1,2}}[日号]|月?[底末]|[上中下]旬)?"
_QUARTER_MONTH = (
    r"(?:(?P<third>最后[一1]个月|末月|第三个月|[末尾]月|末)|(?P<second>第[二2]个月)|"
    r"(?P<first>首月|第[一1]个月|次月|结束后次月|结束次月|后首月|的?下[一个]*月))"
)
_RECUR = re.compile(
    rf"(?:每|历)年(?:度)?(?:的)?(?P<yeardays>{_YEAR_DAY}(?:{_AND}{_YEAR_DAY})*){_BEFORE}"
    rf"|每年(?P<yearend>年?[底末终]){_BEFORE}"
    rf"|每年(?P<half>上半年|下半年|(?:第?[一二三四]季度)[底末]?){_BEFORE}"
    rf"|每半年(?P<halfend>[底末]|结束前){_BEFORE}"
    rf"|(?:每(?:个)?月(?:的)?|(?<!每)(?:于)?(?:次|翌)月(?=\d)|每(?:个)?月(?:的)?(?:次|下)月|每月(?:度)?结束后(?=\d{{1,2}}日内)|(?<!\d)月后(?=\d{{1,2}}日内))"
    rf"(?P<days>{_DATES})(?<=[日号]){_BEFORE}(?:内)?"
    rf"|每(?:个)?月(?P<monthend>月?[底末]|最后[一1][天日]){_BEFORE}(?!\d{{1,2}}个工作日)"
    rf"|每(?:个)?季(?:度)?(?:的)?{_QUARTER_MONTH}(?:月)?(?:的)?(?P<qday>\d{{1,2}})[日号]{_BEFORE}"
    rf"|每(?:个)?季(?:度)?(?:结束)?后(?P<qafter>\d{{1,2}})[日天]内"
    rf"|每(?:个)?季(?:度)?(?:的)?(?P<quarterend>[底末](?!月?前\d)|最后[一1]个月[底末]|末月[底末]|最后[一1][天日]|结束前){_BEFORE}(?!\d)"
    rf"|每(?:个)?(?:周|星期)(?P<weekdays>[一二三四五六日天1-7](?:{_AND}(?:每?(?:周|星期))?[一二三四五六日天1-7](?!次|个|项))*){_BEFORE}"
    rf"|每旬(?P<tenend>[底末]){_BEFORE}"
    rf"|(?P<bare>每(?:个)?(?:周|星期|旬|月|季度|季|半年|年度|年))(?:度)?"
    rf"|(?P<by>按|逐)(?P<unit>周|旬|月|季度?|年度?)(?=(?:度)?(?:调度|通报|报送|上报|报告|督导|检查|考核|督查|汇总|公示|公布|公开|发布|更新|反馈|总结|盘点|推送|统计|排名|研判|会商|清零|晾晒))"
)
_BARE = {
    "周": "weekly",
    "星期": "weekly",
    "旬": "tenday",
    "月": "monthly",
    "季度": "quarterly",
    "季": "quarterly",
    "半年": "halfyear",
    "年": "yearly",
    "年度": "yearly",
}
_CLAUSE_END = re.compile(r"[,;。!?]")
_NARROW = re.compile(
    r"增长|递增|提高\d|下降|降低\d|补助|给予|奖励|安排\d|不低于\d|投入|新增\d|培训\d|资助|支持\d|最高|元|%"
)


def _year_days(text: str) -> str | None:
    """Return yearly:06-30,12-31 for 6月、12月底."""
    days = []
    for match in re.finditer(rf"({NUMBER})月份?(?:(\d{{1,2}})[日号]|([上中]旬))?", text):
        day = day_of(2023, number(match[1]), int(match[2]) if match[2] else None, match[3] or "")
        if day is None:
            return None
        days.append(f"{day:%m-%d}")
    return "yearly:" + ",".join(days)


def _month_days(text: str) -> str | None:
    """Return monthly:10,25 for 10日、25日; a stretch (20日-25日) counts with its end."""
    kept = re.sub(r"\d{1,2}[日号]?(?:-|至)(?=\d)", "", text)
    days = [int(day) for day in re.findall(r"\d+", kept)]
    return "monthly:" + ",".join(map(str, days)) if all(1 <= day <= 31 for day in days) else None


def _word(match: re.Match[str]) -> str | None:
    """Return the recurrence that a match spells."""
    fixed = {
        "yearend": "yearly:12-31",
        "halfend": "halfyear:end",
        "monthend": "monthly:end",
        "quarterend": "quarterly:end",
    }
    fixed["tenend"] = "tenday:end"
    for group, word in fixed.items():
        if match[group]:
            return word
    if match["yeardays"]:
        return _year_days(match["yeardays"])
    if match["half"]:
        ends = {"上": "06-30", "下": "12-31", "一": "03-31", "二": "06-30", "三": "09-30", "四": "12-31"}
        return "yearly:" + ends[match["half"].lstrip("第")[0]]
    if match["days"]:
        return _month_days(match["days"])
    if match["qday"]:
        month = 3 if match["third"] else 2 if match["second"] else 1
        return f"quarterly:{month}-{int(match['qday'])}" if 1 <= int(match["qday"]) <= 31 else None
    if match["qafter"]:
        return f"quarterly:1-{int(match['qafter'])}" if 1 <= int(match["qafter"]) <= 31 else None
    if match["weekdays"]:
        return "weekly:" + ",".join(_WEEKDAYS[c] for c in match["weekdays"] if c in _WEEKDAYS)
    return _BARE.get(match["unit"] or match["bare"].replace("每", "").replace("个", ""))


def recurrences(text: str) -> list[Found]:
    """Return the recurrences of a folded passage; those without a day are not strong."""
    found = []
    for match in _RECUR.finditer(text):
        word = _word(match)
        if word is None:
            continue
        bare = match["bare"] is not None
        clause = text[match.end() : match.end() + 24]
        stop = _CLAUSE_END.search(clause)
        if bare and _NARROW.search(clause[: stop.start()] if stop else clause):
            continue
        found.append(Found(match.start(), match.end(), None, word, not bare))
    return found


def specific(text: str, hits: list[Found]) -> list[Found]:
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
