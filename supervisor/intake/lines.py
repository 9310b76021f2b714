"""Lines of the document: what is page furniture, and which broken lines belong together."""

import re
from dataclasses import dataclass

from supervisor.intake.outline import numbered
from supervisor.intake.passages import Passage, Source

_FURNITURE = re.compile(
    r"^(?:"
    r"[〔(]?(?:打印|扫一扫|字体|关闭|收藏|分享|返回|大中小|纠错|朗读|下载|保存|视力保护色)[:〕)]?.{0,12}"
    r"|.{0,12}(?:浏览(?:量|次数)|点击(?:量|数|率|次数)|阅读(?:量|次数)?|访问量|人气):?.{0,30}"
    r"|(?:信息)?(?:来源|文章来源|信息来源|发布机构|发布单位|作者|责任编辑|编辑|审核|责编|供稿|录入|时间|日期)[:].{0,60}"
    r"|(?:发布|发文|公开|成文|生成|更新|印发|生效|废止|失效)(?:日期|时间|方式|机关|机构|单位|范围|形式|类型|属性)[:]?.{0,40}"
    r"|(?:索引号|主题分类|文件编号|发文字号|文号|有效性|时效性|效力状态|名称|标题|关键词|主题词|信息分类|组配分类|公文种类|统一编号|"
    r"统一登记号|信息索引|体裁分类|服务对象|文件类型|公开属性|主题|体裁|内容概述)[:].{0,60}"
    r"|(?:政策解读|相关链接|相关文件|相关附件|相关解读|解读链接|图解|图文解读|一图读懂|扫码|二维码|微信公众号|官方微博|手机版|无障碍).{0,20}"
    r"|.{0,30}(?:微信公众号|官方微信|政务微博|手机上查看当前页面|手机查看)"
    r"|.{0,16}(?:部门网站|政府网站|网站群|媒体网站|友情链接|网站地图|联系我们|关于我们|站点地图|网站声明|县区网站|其他网站)"
    r"|.{0,16}(?:网站地图|站点地图|友情链接|网站声明|联系我们|关于我们)\|.{0,70}"
    r"|(?:主办|承办)(?:单位)?:.{0,40}(?:承办|主办|技术支持|信息中心|网).{0,40}"
    r"|(?:版权所有|技术支持|地址|邮编|ICP备|.{0,8}ICP备|.{0,6}公网安备|网站标识码|政府网站标识码|建议使用|您是第|您现在的位置|当前位置|首页).{0,60}"
    r"|《.{4,70}》(?:政策|图文|文字)?解读.{0,6}"
    r"|上一篇.{0,60}|下一篇.{0,60}|-|第\d{1,3}页.{0,8}|null|\.+"
    r"|[(]?此件(?:公开|主动|依申请|删减后)?.{0,6}(?:发布|公开)[)]?|(?:公开方式|公开范围|是否公开)[:].{0,20}"
    r"|[(]?(?:联系人|联系电话|咨询电话|传真|电子邮箱)[:].{0,60}"
    r")$"
)
_PAGE_NUMBER = re.compile(r"-{0,3}\d{1,3}-{0,3}|\d{1,3}/\d{1,3}")
_SLACK = 6  # a line may end early by three characters: punctuation does not begin a line
_ENDS = "。!?;:”〕)》…"
_TITLE_END = re.compile(
    r"(?:通知|意见|方案|决定|批复|办法|制度|规划|计划|要点|公告|名单|清单|细则|规定|通报|函|分工|附件\d*)$"
)
_ROLE_START = re.compile(r"^[^。,;、()]{0,10}(?:单位|部门|领导|时限|时间|人|期限)[:]")
_WIDE = re.compile("[\u2e80-\U0010ffff“”‘’—…]")
_AMOUNT = re.compile(r"\d{1,4}\.\d{1,4}[%‰个万亿元倍公平方米吨亩度千小年天户]")  # 0.5个工作日 is no item 0
_BRACKETS = re.compile("[()〔〕]")
_BULLET = re.compile(r"^(?:--|[●■◆▲★□◎○·*]|附件?\d*[:]?|附:|抄送)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the document that is not empty; `text` is folded and without white space."""

    number: int
    start: int
    end: int
    passage: Passage

    @property
    def text(self) -> str:
        """The folded text without white space."""
        return self.passage.text

    @property
    def words(self) -> list[str]:
        """The folded words of the line, split at white space."""
        return self.passage.source.folded[self.start : self.end].split()


def cells_wide(line: Line) -> int:
    """Return how wide a line stands on the page, in half-width cells: its indent and its text without inner spaces."""
    raw = line.passage.source.text[line.start : line.passage.at[0]] + line.passage.printed()
    return 2 * len(raw) - len(_WIDE.sub("", raw))


def lines_of(source: Source) -> list[Line]:
    """Return the lines that hold text."""
    lines = []
    ends = [*(start - 1 for start in source.starts[1:]), len(source.text)]
    for number, (start, end) in enumerate(zip(source.starts, ends, strict=True), 1):
        passage = source.passage([(start, end)])
        if passage.text:
            lines.append(Line(number, start, end, passage))
    return lines


def is_page_number(line: Line) -> bool:
    """Tell whether a line is nothing but a number, as pages (and cells of pasted tables) have it."""
    return len(line.text) <= 9 and bool(_PAGE_NUMBER.fullmatch(line.text))


def is_furniture(line: Line) -> bool:
    """Tell whether a line belongs to the web page or the printed page rather than to the notice (E-40)."""
    text = line.text
    if len(text) > 80:
        return False
    if _FURNITURE.match(text):
        return True
    marks = sum(
        word in text
        for word in ("字体", "打印", "发布时间", "发布日期", "浏览", "来源", "关闭本页", "扫一扫")
    )
    return marks >= 2


def wrap_width(lines: list[Line]) -> int | None:
    """Return the width (in half-width cells) at which every line was broken, or None where lines are paragraphs."""
    each = [cells_wide(line) for line in lines]
    widths = sorted(each)
    if len(widths) < 8:
        return None
    width = widths[int(len(widths) * 0.97)]
    if not 24 <= width <= 160 or widths[-1] > width * 1.25:
        return None
    full = (line for line, own in zip(lines, each, strict=True) if own >= width - _SLACK)
    broken = [line for line in full if line.text[-1] not in "。!?;:"]
    return width if len(broken) >= max(4, len(lines) // 5) else None


def _open_bracket(text: str) -> bool:
    depth = 0
    for char in _BRACKETS.findall(text):
        depth = depth + 1 if char in "(〔" else max(0, depth - 1)
    return depth > 0


def _in_mid_sentence(before: str, kind: str, *, opened: bool) -> bool:
    """Tell whether what looks like a number at the head of a line belongs to a broken sentence (意愿统 / 一、)."""
    if opened:
        return kind not in {"chapter", "section", "article", "one", "two"}
    return kind == "one" and "一" <= before[-1] <= "龥" and bool(re.search("[。,]", before))


def _goes_on(before: str, after: str, width: int | None, last: int) -> bool:
    """Tell whether a line continues the paragraph before it."""
    opened = _open_bracket(before[-600:])
    full = width is not None and last >= width - _SLACK
    amount = _AMOUNT.match(after) and before[-1] not in _ENDS
    number = None if amount else numbered(after)
    if number and not (full and _in_mid_sentence(before, number[0], opened=opened)):
        return False
    if _BULLET.match(after):
        return False
    if opened:
        return True
    if _ROLE_START.match(after):
        return False
    if full:
        return before[-1] not in "。!?:" and not (before[-1] == ";" and number)
    if before[-1] in "、,":
        return True
    return "。" in before and len(before) > 25 and before[-1] not in _ENDS and not _TITLE_END.search(before)


def paragraphs(
    source: Source, lines: list[Line], *, aside: frozenset[int], taken: frozenset[int] = frozenset()
) -> list[Passage]:
    """Join broken lines into paragraphs (E-41).

    Args:
        source: the document.
        lines: its lines.
        aside: numbers of lines that are no text; a paragraph goes on behind them (a page number in mid-sentence).
        taken: numbers of lines that tables and rosters hold; they end a paragraph.
    """
    out = aside | taken
    width = wrap_width([line for line in lines if line.number not in out])
    found: list[Passage] = []
    spans: list[tuple[int, int]] = []
    text, last = "", 0
    for line in lines:
        if line.number in aside:
            continue
        if line.number in taken:
            if spans:
                found.append(source.passage(spans))
            spans, text = [], ""
            continue
        if spans and len(spans) < 60 and _goes_on(text, line.text, width, last):
            spans.append((line.start, line.end))
            text = text[-600:] + line.text
        else:
            if spans:
                found.append(source.passage(spans))
            spans, text = [(line.start, line.end)], line.text
        last = cells_wide(line)
    if spans:
        found.append(source.passage(spans))
    return found
