"""The head of a notice: title, issuer, numbers, dates, and where notice, plan and attachments begin."""

import re
from dataclasses import dataclass, field
from datetime import date

from supervisor.intake import dates
from supervisor.intake.lines import Line
from supervisor.intake.outline import numbered
from supervisor.intake.passages import Passage

_NUMBER = re.compile(
    r"[一-龥]{1,16}(?:〔20\d\d〕|\(20\d\d\)|20\d\d年)第?\d{1,4}号|[一-龥]{2,16}-20\d\d-\d{1,4}号"
)
_NUMBER_LINE = re.compile(rf"(?:(?:文件编号|发文字号|文号|编号|字号):)?({_NUMBER.pattern})")
_KIND = (
    r"(?:通知|意见|方案|决定|批复|办法|制度|规划|计划|要点|公告|细则|规定|通报|复函|函|措施|清单|分工|总案|行动|预案|举措|条例|"
    r"指引|分解表|任务表|责任书|台账|目标|名单|机制|纪要|请示|报告)(?:\((?:试行|暂行|修订|修订版|草案|征求意见稿|20\d\d年版|[^()]{1,12})\))?"
)
_TITLE_END = re.compile(rf"{_KIND}$")
_ISSUER_END = re.compile(
    r"(?:政府|办公室|办公厅|委员会|局|厅|部|院|委|会|署|银行|总队|支队|领导小组|指挥部|中心|公司|室|大学|区|处)$"
)
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
    parts: list[list[Passage]] = field(default_factory=list)
    part_titles: list[str] = field(default_factory=list)


def published(lines: list[Line], aside: set[int]) -> date | None:
    """Return the date of publication that the page's furniture prints."""
    for label in ("(?:发布|公开|上传)(?:日期|时间)", "(?:^|〔)(?:日期|时间)"):
        for line in lines[:30] + lines[-12:]:
            match = re.search(rf"{label}:?(.{{8,24}})", line.text) if line.number in aside else None
            found = dates.numeric(match[1]) if match else None
            if found:
                return found
    return None


def _from_furniture(lines: list[Line], label: str) -> str | None:
    for line in lines[:30]:
        match = re.match(rf"(?:{label}):(.{{2,60}})$", line.text)
        if match and match[1] != "null":
            return line.passage.printed(len(line.text) - len(match[1]))
    return None


def doc_numbers(lines: list[Line]) -> list[str]:
    """Return the document's own numbers (E-43): on lines of their own, labelled, or in brackets behind the title."""
    found: list[str] = []
    for i, line in enumerate(lines[:60]):
        text = line.text
        match = _NUMBER_LINE.fullmatch(text)
        if match:
            found.append(line.passage.printed(match.start(1), match.end(1)))
        elif i < 12 and len(text) < 120:
            behind = re.search(
                rf"(?:通知|意见|方案|决定|批复|办法|规划|要点|函)\(?(?P<n>{_NUMBER.pattern})\)?$", text
            )
            if behind and "》" not in text[behind.start() : behind.end()]:
                found.append(line.passage.printed(behind.start("n"), behind.end("n")))
    unique = list(dict.fromkeys(found))
    return sorted(unique, key=lambda n: "〔" not in n)


def _signature(passages: list[Passage]) -> tuple[int, date] | None:
    """Return the first line that is nothing but a date, with its index."""
    for i, passage in enumerate(passages):
        if len(passage) <= 16:
            found = dates.standalone(passage.text)
            if found:
                return i, found
    return None


def _issuer(passages: list[Passage], signed: int | None) -> str | None:
    names: list[str] = []
    if signed is not None:
        for passage in reversed(passages[max(0, signed - 8) : signed]):
            if (
                len(passage) <= 40
                and _ISSUER_END.search(passage.text)
                and not re.search(r"[,;:。《》]|^附件", passage.text)
            ):
                names.append(passage.printed())
            else:
                break
    if names:
        return "、".join(reversed(names))
    for passage in passages[:8]:
        match = re.match(r"(?P<name>[^《》,。;:]{3,40}?)关于", passage.text)
        if match and _ISSUER_END.search(match["name"]):
            return passage.printed(0, match.end("name"))
    return None


def _top_title(passages: list[Passage]) -> tuple[str, int]:
    """Return the first title, joined over its lines, and the index of the passage behind it."""
    for i in range(min(12, len(passages))):
        text, printed = "", ""
        for j in range(i, min(i + 5, len(passages))):
            piece = passages[j].text
            bare = re.sub(rf"\(?{_NUMBER.pattern}\)?$", "", piece)
            if (
                re.search(r"[。;:!?]$", bare)
                or _NUMBER_LINE.fullmatch(piece)
                or numbered(piece)
                or len(bare) > 90
                or not bare
            ):
                break
            text += bare
            printed += passages[j].printed(0, len(bare))
            if _TITLE_END.search(text) and not _goes_on(passages, j):
                return printed, j + 1
    return "", 0


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
            if text in wanted:
                return i, j + 1
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
    head = Head(published=published(lines, aside), doc_numbers=doc_numbers(lines))
    top, behind = _top_title(passages)
    signed = _signature(passages)
    head.issued = signed[1] if signed else None
    head.issuer = _issuer(passages, signed[0] if signed else None) or _from_furniture(
        lines, "发文机关|发布机构|发文机构|发文单位|制定机关"
    )
    wanted = [title for title in _wanted(passages, _clean_fold(top)) if title]
    after = signed[0] + 1 if signed and signed[0] < 40 else behind
    plan = _plan_title(passages, after, wanted) or _plan_title(passages, behind, wanted)
    cuts: list[tuple[int, int]] = [(0, min(behind, len(passages)))]
    if plan:
        cuts.append(plan)
        head.title = "".join(p.printed() for p in passages[plan[0] : plan[1]])
    else:
        head.title = _title_without_plan(passages, top, signed[0] if signed else None)
    if not head.issued:
        head.issued = _labelled_date(lines)
    for i in _attachment_starts(passages, max(behind, 1)):
        if plan and i < plan[0] <= i + 3:
            continue
        cuts.append((i, _title_end(passages, i + 1)))
    cuts.sort()
    for n, (start, end) in enumerate(cuts):
        stop = cuts[n + 1][0] if n + 1 < len(cuts) else len(passages)
        head.part_titles.append("".join(p.printed() for p in passages[start:end]))
        head.parts.append([p for p in passages[max(start, end) : stop] if stop > end])
    return head


def _clean_fold(text: str) -> str:
    return text.replace("＜", "").replace("＞", "").replace("<", "").replace(">", "")


def _labelled_date(lines: list[Line]) -> date | None:
    for line in lines[:40]:
        match = re.match(r"(?:成文日期|发文日期|生成日期|印发日期|签发日期)[:]?(.{8,20})$", line.text)
        found = dates.numeric(match[1]) if match else None
        if found:
            return found
    return None


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
