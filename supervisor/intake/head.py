"""The head of a notice: title, issuer, numbers, dates, and where notice, plan and attachments begin."""

import re
from dataclasses import dataclass, field
from datetime import date

from supervisor.intake import dates
from supervisor.intake.imprint import (
    LETTERHEAD,
    NUMBER,
    NUMBER_LINE,
    base_day,
    doc_numbers,
    issuer,
    printed_day,
    signature,
)
from supervisor.intake.lines import Line
from supervisor.intake.metadata import Metadata, read_metadata
from supervisor.intake.outline import numbered
from supervisor.intake.passages import Passage

_KIND = (
    r"(?:通知|意见|方案|决定|批复|办法|制度|规划|计划|要点|公告|细则|规定|通报|复函|函|措施|清单|分工|总案|行动|预案|举措|条例|"
    r"指引|分解表|任务表|责任书|台账|目标|名单|机制|职责|纪要|请示|报告)(?:\((?:试行|暂行|修订|修订版|草案|征求意见稿|20\d\d年版|[^()]{1,12})\))?"
)
_TITLE_END = re.compile(rf"{_KIND}$")
_ATTACHMENT = re.compile(r"附件?\d{0,2}(?:[-.]\d)?:?$|附件[一二三四五六七八九十]{1,2}:?$")
_ATTACHMENT_TITLED = re.compile(r"(?P<mark>附件\d{0,2})(?P<colon>:?)(?P<title>[^。;:]{4,60})$")
_QUOTED = re.compile(r"《(?P<title>[^《》]{4,90}(?:《[^《》]{2,60}》[^《》]{0,40})?)》")
_ABOUT = re.compile(r"关于(?:印发|转发|下发|公布|发布)《?(?P<title>.{4,90}?)》?的通知")


@dataclass(slots=True)
class Head:
    """What the head says, and the passages of each part: notice, plan, attachments."""

    title: str = ""
    issuer: str | None = None
    doc_numbers: list[str] = field(default_factory=list)
    issued: date | None = None
    published: date | None = None
    base: date | None = None
    parts: list[list[Passage]] = field(default_factory=list)
    part_titles: list[str] = field(default_factory=list)


def published(lines: list[Line], aside: set[int], metadata: Metadata) -> date | None:
    """Return the date of publication that the page's furniture prints."""
    if day := metadata.day("published"):
        return day
    for label in ("(?:发布|公开|上传)(?:日期|时间)", "(?:^|〔)(?:日期|时间)"):
        for line in lines[:30] + lines[-12:]:
            match = re.search(rf"{label}:?(.{{8,24}})", line.text) if line.number in aside else None
            found = dates.numeric(match[1]) if match else None
            if found:
                return found
    return None


def _top_title(passages: list[Passage], around: frozenset[int] = frozenset()) -> tuple[str, int]:
    """Return the first title, joined over its lines, and the index of the passage behind it.

    Args:
        passages: the text, furniture left out.
        around: numbers of lines that hold labels of the site; no title runs over them.
    """
    for i in range(min(16, len(passages))):
        text, printed = "", ""
        for j in range(i, min(i + 5, len(passages))):
            bare = re.sub(rf"\(?{NUMBER.pattern}\)?$", "", passages[j].text)
            if not bare or passages[j].place().line in around or _no_title(passages[j].text, bare):
                break
            text += bare
            printed += passages[j].printed(0, len(bare))
            if _TITLE_END.search(text) and not _goes_on(passages, j):
                more = _bracketed(passages, j + 1)
                return printed + (passages[j + 1].printed() if more else ""), j + 1 + more
    return "", 0


def _text_before(passages: list[Passage], behind: int) -> int:
    """Return where the text ends that stands before a late title (a notice without one): behind its last sentence."""
    ends = [i + 1 for i in range(min(behind, len(passages))) if re.search(r"[。;]$", passages[i].text)]
    return ends[-1] if ends else 0


def _no_title(text: str, bare: str) -> bool:
    return bool(
        re.search(r"[。;:!?]$", bare)
        or NUMBER_LINE.fullmatch(text)
        or LETTERHEAD.fullmatch(text)
        or numbered(text)
        or len(bare) > 90
    )


def _bracketed(passages: list[Passage], i: int) -> int:
    """Tell whether a line is the end of a title in brackets ((2022-2024年), (试行))."""
    text = passages[i].text if i < len(passages) else ""
    return int(bool(re.fullmatch(r"\((?:20\d\d[^()]{0,12}年度?|试行|暂行|修订版?|征求意见稿|草案)\)", text)))


def _goes_on(passages: list[Passage], j: int) -> bool:
    """Tell whether the line behind still belongs to the title (…工作 / 实施方案的通知)."""
    following = passages[j + 1].text if j + 1 < len(passages) else ""
    return len(following) <= 30 and bool(re.fullmatch(r".{0,24}的(?:通知|批复|函|决定|意见)", following))


def _plan_title(passages: list[Passage], start: int, wanted: list[str]) -> tuple[int, int] | None:
    """Return where the lines that print one of the wanted titles begin and end."""
    for i in range(start, len(passages)):
        if len(passages[i]) > 90:
            continue
        text = ""
        for j in range(i, min(i + 4, len(passages))):
            text += passages[j].text
            if len(text) > 110:
                break
            if _clean_title(text) in wanted:
                return i, j + 1 + _bracketed(passages, j + 1)
    return None


def _clean_title(text: str) -> str:
    return re.sub(r"[\s《》〈〉]", "", text)


def _wanted(passages: list[Passage], top: str) -> list[str]:
    """Return the titles that the notice says it brings (关于印发…的通知, 《…》已经…同意, 附件:…)."""
    titles = []
    about = _ABOUT.search(top)
    if about:
        titles.append(about["title"])
    for passage in passages[:14]:
        titles.extend(match["title"] for match in _QUOTED.finditer(passage.text))
        attached = re.match(r"附件:?(?:1[.、])?(.{4,60})$", passage.text)
        if attached:
            titles.append(attached[1])
    return list(dict.fromkeys(_clean_title(title) for title in titles))


def _attachment_starts(passages: list[Passage], start: int) -> list[int]:
    """Return the indexes of passages that open an attachment; a list of attachments opens none."""
    found = []
    for i in range(start, len(passages)):
        text = passages[i].text
        if _ATTACHMENT.fullmatch(text):
            found.append(i)
            continue
        match = _ATTACHMENT_TITLED.fullmatch(text)
        listed = match and (match["colon"] or re.match(r"[.、]?\d", match["title"]))
        if match and not listed and _TITLE_END.search(text):
            found.append(i)
    return found


def read_head(lines: list[Line], passages: list[Passage], aside: set[int]) -> Head:
    """Read the head from the passages (without furniture) and the furniture lines."""
    metadata = read_metadata(lines)
    head = Head(published=published(lines, aside, metadata), doc_numbers=doc_numbers(lines, metadata))
    top, behind = _top_title(passages, frozenset(metadata.lines))
    top = top or metadata.values.get("title", "")
    signed = signature(passages)
    head.issued = signed[1] if signed else None
    head.issuer = issuer(passages, signed[0] if signed else None, top, metadata)
    wanted = [title for title in _wanted(passages, _clean_fold(top)) if title]
    after = signed[0] + 1 if signed and signed[0] < 40 else behind
    plan = _plan_title(passages, after, wanted) or _plan_title(passages, behind, wanted)
    before = _text_before(passages, behind)
    cuts: list[tuple[int, int]] = [(before, min(behind, len(passages)))]
    if before:
        head.parts.append(passages[:before])
        head.part_titles.append("")
    if plan:
        cuts.append(plan)
        head.title = "".join(p.printed() for p in passages[plan[0] : plan[1]])
    else:
        head.title = _title_without_plan(passages, top, signed[0] if signed else None)
    if not head.issued:
        head.issued = printed_day(lines, metadata)
    for i in _attachment_starts(passages, max(behind, 1)):
        if plan and i < plan[0] <= i + 3:
            continue
        cuts.append((i, _title_end(passages, i + 1)))
    head.base = base_day(head.title, head.issued or head.published, head.doc_numbers)
    cuts.sort()
    for n, (start, end) in enumerate(cuts):
        stop = cuts[n + 1][0] if n + 1 < len(cuts) else len(passages)
        head.part_titles.append("".join(p.printed() for p in passages[start:end]))
        head.parts.append([p for p in passages[max(start, end) : stop] if stop > end])
    return head


def _clean_fold(text: str) -> str:
    return text.replace("＜", "").replace("＞", "").replace("<", "").replace(">", "")


def _title_without_plan(passages: list[Passage], top: str, signed: int | None) -> str:
    """Return the title of a paper that stands alone, or of the plan printed behind the signature."""
    if signed is not None:
        title, behind = _top_title(passages[signed + 1 :])
        if title and behind <= 4 and not re.search(r"名单$|^附件", title):
            return title
    about = _ABOUT.search(top)
    title = about["title"] if about and not top.startswith("《") else top
    return re.sub(r"^附件\d*[:：]?", "", title)


def _title_end(passages: list[Passage], start: int) -> int:
    """Return the index behind the title lines of an attachment that begins before `start`."""
    end = start
    while end < len(passages) and end - start < 4:
        text = passages[end].text
        if len(text) > 44 or numbered(text) or re.search(r"[。;:,!?]", text):
            break
        end += 1
        if _TITLE_END.search(text):
            break
    return end
