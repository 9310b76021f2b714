"""Names and posts that run together (张三市财政局局长李四市教育局局长), parted by how offices begin and posts end.

A text that lost its line ends has no gap between a post and the next name. Of all ways to cut it the cheapest is
taken: names with a usual surname, three letters rather than two, and behind each an office that begins like one.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache

from supervisor.intake.surnames import COMPOUND, has_surname

#: What the name of an office begins with, behind a person's name or at the head of a post.
_FIELDS = (
    "国务院|中央|中共|全国|国家|中国|最高|总参|总政|总后|总装|自治区|自治州|自治县|党组|党委|党工委|党校|政府|人大|政协|纪委|监委|军分区|武警|"
    "公安|交警|司法|民政|民族|民宗|宗教|财政|人力|人社|自然|国土|生态|环境|环保|住房|住建|城乡|城市|城管|建设|规划|交通|公路|水利|水务|"
    "农业|农村|农牧|畜牧|林业|林草|园林|商务|文化|文旅|文物|文体|文广|广电|广播|新闻|旅游|体育|卫生|卫健|卫计|医疗|医保|疾控|应急|安全|安监|消防|"
    "审计|国资|市场|工商|质监|质量|药监|食品|税务|国税|地税|统计|信访|扶贫|乡村|机关|行政|政务|政法|政研|大数据|数据|科技|科学|工业|工信|经济|经信|"
    "发展|发改|教育|教体|外交|外事|国防|退役|粮食|能源|烟草|盐业|盐务|邮政|通信|电力|供电|供水|气象|地震|地质|测绘|海洋|海关|海事|铁路|民航|航空|航运|"
    "银行|人民|金融|保险|证券|银保监|残联|妇联|工会|总工会|共青团|团委|科协|文联|侨联|侨务|台办|工商联|供销|招商|投资|机构|编办|编委|组织部|宣传部|统战部|"
    "网信|法院|检察院|法制|知识产权|港口|口岸|渔业|水产|移民|档案|史志|红十字|国网|移动|联通|电信|铁塔|开发区|高新区|经开区|办公室|办公厅|"
    "黄河|长江|珠江|淮河|常务副|督查|驻|原|副(?=[总部局省市县区州主]|秘书长)"
)
_LEVEL = "省|市|县|区|州|盟|旗|镇|乡|街道|村"
_KNOWN = re.compile(rf"(?:{_FIELDS})")
_LEVELLED = re.compile(rf"(?:{_LEVEL})(?:{_FIELDS}|委|直|长|{_LEVEL}|[一-龥]{{1,6}}[局委办院会队])")
_AREA = re.compile(rf"(?:(?![省市县区州盟旗镇乡村])[一-龥]){{2,4}}(?:{_LEVEL})")
_OFFICE = re.compile(r"[一-龥]{2,8}(?:局|委|办|厅|部|院|会|公司|中心|集团|队)")
_TITLE = re.compile(
    r"(?:[部局厅司处科股省市县区州盟旗镇乡院行署社馆台站所队校会关场园村团事书计察][长]|书记(?!处)|主任(?!科员|委员|助理)|主席|总理|委员(?!会)|"
    r"成员|经理|总裁|总监|工程师|规划师|会计师|经济师|统计师|农艺师|参谋长?|司令员|政委|常委(?!会)|专员|调研员|巡视员|(?<!长)助理|长助理|督学|科员|"
    r"负责人|负责同志|顾问)(?:\([^()]{1,20}\))?"
)
_GOES_ON = re.compile(r"[,兼(]|助理|级|委员|科员")
_STRANGE = 3.0  # a name that begins with no usual surname
_UNKNOWN = 2.5  # an office that begins like none
_MISSED = 3.6  # the end of a post inside another post
_LISTED = 0.4  # a post that goes on with a second one behind 、
_CUT = (
    "副省市县区州盟旗镇乡局部委总原"  # letters that stand at the end of a name only where it was cut too late
)
_MOST = 1.0  # what a person may cost on the average
_ALONE = 0.8  # what one person without others may cost
_LONGEST = 60  # letters of one post
_WHOLE = 3000  # letters of one run of people


@lru_cache(maxsize=2048)
def _head_cost(text: str) -> float:
    """Return what it costs to take a text (its first letters) as the beginning of a post."""
    if _KNOWN.match(text) or _LEVELLED.match(text):
        return 0.0
    if _AREA.match(text):
        return 0.4
    return 0.8 if _OFFICE.match(text) else _UNKNOWN


def _names(text: str, start: int) -> Iterator[tuple[int, float]]:
    """Yield where a name that begins at `start` may end, and its cost."""
    foreign = re.compile(r"[一-龥]{1,8}(?:[·•][一-龥]{1,4}){1,3}").match(text, start)
    if foreign:
        yield foreign.end(), 0.5
    if _KNOWN.match(text, start):
        return
    usual = 0.0 if has_surname(text[start : start + 2]) else _STRANGE
    compound = 1 if re.compile(COMPOUND).match(text, start) else 0
    for length, cost in ((3 + compound, 0.0), (2 + compound, 0.3)):
        if re.fullmatch("[一-龥]+", text[start : start + length]) and start + length <= len(text):
            cut = 1.0 if text[start + length - 1] in _CUT else 0.0
            yield start + length, usual + cost + cut


def _ends(text: str) -> list[int]:
    """Return the offsets at which a post may end."""
    return [
        match.end()
        for match in _TITLE.finditer(text)
        if match.end() == len(text) or not _GOES_ON.match(text, match.end())
    ]


def parted(text: str) -> list[tuple[str, str]] | None:
    """Return (name, post) of each person of a text without gaps; None where it does not fall apart.

    Args:
        text: folded, without white space and without labels; all names stand before their posts, or all behind.
    """
    ends = _ends(text)
    if not ends or len(text) > _WHOLE:
        return None
    ways = [way for way in (_names_first(text, ends), _posts_first(text, ends)) if way]
    cost, people = min(ways, default=(0.0, []))
    if len(people) == 1:
        return people if cost <= _ALONE and _KNOWN.match(people[0][1]) else None
    return people if people and cost <= _MOST * len(people) else None


_Steps = dict[
    int, tuple[float, int, int]
]  # where a person ends: cost up to there, where it begins, where it is cut


def _names_first(text: str, ends: list[int]) -> tuple[float, list[tuple[str, str]]] | None:
    """Cut 张三市财政局局长李四市教育局局长."""
    best: _Steps = {0: (0.0, 0, 0)}
    for at in [0, *ends[:-1]]:
        if at not in best:
            continue
        start = at + text.startswith("、", at)
        for cut, cost in _names(text, start):
            _reach(text, ends, best, (at, cut, best[at][0] + cost + _head_cost(text[cut : cut + 14])))
    return _traced(text, best, name_first=True)


def _reach(text: str, ends: list[int], best: _Steps, person: tuple[int, int, float]) -> None:
    """Take the ends of posts that a person with its name up to `cut` may have."""
    at, cut, cost = person
    first = bisect_left(ends, cut + 2)
    for end in ends[first : first + 6]:
        if end - cut > _LONGEST:
            break
        if end not in best or cost < best[end][0]:
            best[end] = (cost, at, cut)
        cost += _LISTED if text.startswith("、", end) else _MISSED


def _posts_first(text: str, ends: list[int]) -> tuple[float, list[tuple[str, str]]] | None:
    """Cut 市财政局局长张三市教育局局长李四."""
    best: _Steps = {0: (0.0, 0, 0)}
    for cut in ends:
        for at in [at for at in best if 2 <= cut - at <= _LONGEST]:
            start = at + text.startswith("、", at)
            missed = sum(_LISTED if text.startswith("、", end) else _MISSED for end in ends if at < end < cut)
            own = best[at][0] + _head_cost(text[start : start + 14]) + missed
            for end, cost in _names(text, cut):
                if end not in best or own + cost < best[end][0]:
                    best[end] = (own + cost, at, cut)
    return _traced(text, best, name_first=False)


def _traced(text: str, best: _Steps, *, name_first: bool) -> tuple[float, list[tuple[str, str]]] | None:
    if len(text) not in best:
        return None
    found: list[tuple[str, str]] = []
    end = len(text)
    while end:
        _, at, cut = best[end]
        one, two = text[at:cut].lstrip("、"), text[cut:end]
        found.append((one, two) if name_first else (two, one))
        end = at
    return best[len(text)][0], found[::-1]
