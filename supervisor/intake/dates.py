"""Dates and recurrences in running text (E-44 to E-60): what binds somebody, and what only looks like it.

Durations (5年内, 14个工作日), eligibility (2000年底前建成的), validity and policy windows never become deadlines.
"""

import re
from datetime import date

from supervisor.intake.moments import NUMBER, Found, PlanYear, day_of, moments, number, year_of
from supervisor.intake.recurrences import recurrences, specific

__all__ = ["CONTINUOUS", "Found", "PlanYear", "find", "numeric", "standalone"]

CONTINUOUS = re.compile(
    r"^(?:20\d\d年起|即日起)?,?(?:长期|持续|常年|全年|全程|贯穿全年|常态化?|经常性|日常|定期|始终|按期|按年度|年度|每年|滚动)?(?:长期|持续|常态化)?"
    r"(?:坚持|推进|实施|落实|开展|执行|性?工作|进行|有效|性?任务|化|抓好|推动|巩固|深化|见效|做好|管控|整治|整改|完善)*$"
)

_CLAUSE_END = re.compile(r"[,;。!?]")
_WINDOW = re.compile(
    r"免征|减征|减免|免收|免缴|缓缴|缓征|减按|减半|税率|利率|贴息|执行至|实施至|延续至|延长至|延期至|延长到|延续到|有效期|"
    r"期限(?:延|至|为)|起施行|起实施|起执行|之日|期间(?!.{0,6}(?:完成|办结))|政策(?:执行|实施)?期|执行期限|实施期限|申领|受理期|优惠期|补贴期|试点期|聘期|任期|停止执行|同时废止"
)
_ELIGIBLE = re.compile(
    r"^(?:已|以来)|^(?:前|之前|以前)?(?:已|依法|投入|新)?(?:建成|竣工|出生|注册|登记|入库|投产|投运|交付|成立|签订|缴纳|发生|购置|购买|参保|取得|开工|备案|"
    r"设立|入驻|认定|批准|审批|核准|出让|供地|入伍|退役|毕业|就业|落户|建设)(?:且|、(?!\d)|并|或|使用|通过|[^,;。]{0,14}的)|"
    r"^(?:前|之前|以前)?(?!完成|实现|达到|建立|形成|做到|制定|出台|解决|报)[^,;。的]{2,14}的(?:企业|人员|个人|项目|小区|住宅|房屋|建筑|车辆|机动车|用户|职工|毕业生|家庭|农户|单位|$)"
)


def _binds(text: str, hit: Found, issued: date | None) -> bool:
    """Tell whether an expression binds somebody rather than describing a policy, a past state or who qualifies."""
    if hit.date and issued and hit.date.year < issued.year - isinstance(issued, PlanYear):
        return False
    before = text[max(0, hit.start - 40) : hit.start]
    after = text[hit.end : hit.end + 40]
    breaks = [m.end() for m in _CLAUSE_END.finditer(before)]
    stop = _CLAUSE_END.search(after)
    left = before[breaks[-1] :] if breaks else before
    right = after[: stop.start()] if stop else after
    if _WINDOW.search(left + text[hit.start : hit.end] + right) or _ELIGIBLE.match(right):
        return False
    if hit.date and not _reached(hit, text, left, issued):
        return False
    bounded = re.search(r"[前止底末内]$", text[hit.start : hit.end])
    if hit.date and re.match(
        rf"(?:以来|起|开始{'' if bounded else '|份?(?:印发|发布|修订|通过|召开|成立|公布)'})", right
    ):
        return False
    if re.match(r"(?:对|凡|针对|属于|符合)", left) and re.search(r"[^,;。]的", right) and len(left) <= 12:
        return False
    quoted = before.rfind("《") > before.rfind("》")
    return not (quoted or (hit.date and re.search(r"〔[^〕]*$", before)))


def _reached(hit: Found, text: str, left: str, issued: date | None) -> bool:
    """Tell whether a date behind 截至, 自, 近 is to be reached: a stretch, with 前, or 截至 and still to come."""
    since = re.search(r"(?:(?P<until>截至|截止)|自|从|近)$", left)
    if not since or hit.spans or re.search(r"[前止]$", text[hit.start : hit.end]):
        return True
    return bool(since["until"] and issued and hit.date and hit.date > issued)


_WHOLE_YEAR = re.compile(r"(?:20\d\d年?(?:-|至|到))?(?P<y>20\d\d)年?度?(?:全年|内|期间)?")
_SHORT = re.compile(r"(?P<m>\d{1,2})\.(?P<d>\d{1,2})(?:日?前)?")
_PLAN_WHOLE = re.compile(r"[“\"]?十(?P<plan>[三四五六七])五[”\"]?(?:规划)?(?:时期|期)间?")


def _whole(text: str, issued: date | None) -> list[Found]:
    """Return the end of what a cell or line of its own names: a year, a five-year plan, 6.30."""
    bare = text.strip("。;,:()")
    start = text.find(bare) if bare else 0
    day = None
    if match := _WHOLE_YEAR.fullmatch(bare):
        day = date(int(match["y"]), 12, 31)
    elif match := _PLAN_WHOLE.fullmatch(bare):
        day = date(2020 + 5 * "三四五六七".find(match["plan"]), 12, 31)
    elif issued and (match := _SHORT.fullmatch(bare)):
        day = day_of(issued.year, int(match["m"]), int(match["d"]))
    return [Found(start, start + len(bare), day, None, strong=True)] if day else []


_MAYBE = re.compile(r"[年月季周旬\d]|星期|十[三四五六七]五")  # without these a text names no time


def find(text: str, issued: date | None, *, weak: bool = False) -> list[Found]:
    """Return the binding dates and recurrences of a folded passage in the order they stand.

    Args:
        text: folded, without white space.
        issued: the document's date (or a `PlanYear`); its year completes dates without one (E-48).
        weak: also dates without 前, 底, 内 (phase headings, columns and lines that are known to hold a deadline).
    """
    if not _MAYBE.search(text):
        return []
    if weak and len(text) <= 20 and (whole := _whole(text, issued)):
        return whole
    hits = recurrences(text) + moments(text, issued)
    hits.sort(key=lambda hit: (hit.start, -hit.end))
    kept: list[Found] = []
    reach = 0
    for hit in hits:
        if hit.start < reach:
            continue
        reach = hit.end
        if hit.recur is None and (
            text[max(0, hit.start - 1) : hit.start] == "每" or not (hit.strong or weak)
        ):
            continue
        if weak or _binds(text, hit, issued):
            kept.append(hit)
    return specific(text, kept)


_STANDALONE = re.compile(
    rf"(?P<y>20\d\d|二[〇零O0][〇零O0一二三四五六七八九]{{2}})年(?P<m>{NUMBER})月(?P<d>{NUMBER})日"
)
_NUMERIC = re.compile(r"(20\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})")


def standalone(text: str) -> date | None:
    """Return the date that a folded text consists of (2021年3月13日, 二〇二一年三月十三日), or None."""
    match = _STANDALONE.fullmatch(text)
    return day_of(year_of(match["y"]), number(match["m"]), number(match["d"])) if match else None


def numeric(text: str) -> date | None:
    """Return the first full date of a line such as 发布日期:2021-03-22 10:40, or None."""
    match = _NUMERIC.search(text)
    return day_of(int(match[1]), int(match[2]), int(match[3])) if match else None
