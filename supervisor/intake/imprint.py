"""Who issued a paper, under which numbers, and when: letterhead, signature, brackets below the title, site labels."""

import re
from datetime import date

from supervisor.intake import dates
from supervisor.intake.dates import PlanYear
from supervisor.intake.lines import Line
from supervisor.intake.metadata import Metadata
from supervisor.intake.passages import Passage

NUMBER = re.compile(
    r"[一-龥]{1,16}(?:〔20\d\d〕|\(20\d\d\)|20\d\d年)第?\d{1,4}号|[一-龥]{2,16}-20\d\d-\d{1,4}号"
)
NUMBER_LINE = re.compile(
    rf"(?:(?:文件编号|发文字号|文号|编号|字号):)?\(?(?P<n>{NUMBER.pattern})(?:[,;]?(?:20\d\d年\d{{1,2}}月\d{{1,2}}日)?\))?"
)
_BEHIND_TITLE = re.compile(rf"(?:通知|意见|方案|决定|批复|办法|规划|要点|函)\(?(?P<n>{NUMBER.pattern})\)?$")
_ORDER = re.compile(r"第\d{1,4}号")
_ISSUER_END = re.compile(
    r"(?:政府|办公室|办公厅|委员会|局|厅|部|院|委|会|署|银行|总队|支队|领导小组|指挥部|中心|公司|室|大学|区|处|工委|党委|总社|联席会议)$"
)
LETTERHEAD = re.compile(r"(?P<name>[^《》,。;:]{3,40}?)(?:文件|令|公报)$")
_LETTERHEAD_BARE = re.compile(r"(?P<name>[一-龥]{3,40})")
_ABOUT = re.compile(
    r"(?P<name>[^《》,。;:]{3,60}?)(?:等[一-龥\d]{1,4}(?:个)?(?:部门|单位))?(?:关于|印发《|转发)"
)
_PRINTED = re.compile(r"(?P<day>20\d\d年\d{1,2}月\d{1,2}日)(?:印发|印|发布)?\)?$")


def doc_numbers(lines: list[Line], metadata: Metadata) -> list[str]:
    """Return the document's own numbers (E-43): on lines of their own, labelled, or in brackets behind the title."""
    found: list[str] = []
    for i, line in enumerate(lines[:60]):
        text = line.text
        match = NUMBER_LINE.fullmatch(text)
        first = 0 if line.number in metadata.lines else _standing_first(line)
        behind = _BEHIND_TITLE.search(text) if i < 12 and len(text) < 120 else None
        if match:
            found.append(line.passage.printed(match.start("n"), match.end("n")))
        elif first:
            found.append(line.passage.printed(0, first))
        elif behind and "》" not in text[behind.start() : behind.end()]:
            found.append(line.passage.printed(behind.start("n"), behind.end("n")))
        elif _ORDER.fullmatch(text) and i and lines[i - 1].text.endswith(("令", "公告", "决定")):
            found.append(lines[i - 1].passage.printed() + line.passage.printed())
    if "number" in metadata.values:
        found.append(metadata.values["number"])
    unique: dict[str, str] = {}
    for number in found:
        unique.setdefault(re.sub(r"[^\w]", "", number), number)
    return sorted(unique.values(), key=lambda number: "〔" not in number)


def _standing_first(line: Line) -> int:
    """Return where a number ends that stands first in a line, with white space behind it."""
    head = ""
    for word in line.words[:5]:
        head += word
        if NUMBER.fullmatch(head):
            return len(head)
    return 0


def signature(passages: list[Passage]) -> tuple[int, date] | None:
    """Return the first line that is nothing but a date, with its index."""
    for i, passage in enumerate(passages):
        if len(passage) <= 16:
            found = dates.standalone(passage.text)
            if found:
                return i, found
    return None


def names_of(passage: Passage, end: int | None = None) -> list[str]:
    """Return the issuers that a line prints side by side (甲局 乙局); white space within a name is dropped."""
    stop = len(passage) if end is None else end
    pieces = re.split("[\x1e\x1f]", passage.gapped(0, stop))
    names, name, at = [], "", 0
    for piece in pieces:
        name += piece
        if _ISSUER_END.search(name) and len(name) >= 3:
            names.append(passage.printed(at, at + len(name)))
            at, name = at + len(name), ""
    return names if not name and names else [passage.printed(0, stop)]


def issuer(passages: list[Passage], signed: int | None, top: str, metadata: Metadata) -> str | None:
    """Return who signs, else who the title names before 关于, else the letterhead, else what the site says."""
    names: list[str] = []
    for passage in reversed(passages[max(0, (signed or 0) - 12) : signed or 0]):
        text = passage.text
        if text.startswith("(") and text.endswith(")") and len(text) <= 20:
            continue
        if len(passage) > 60 or not _ISSUER_END.search(text) or re.search(r"[,;:。《》]|^附件", text):
            break
        names = names_of(passage) + names
    if names:
        return " ".join(names)
    head = [passage for passage in passages[:8] if passage.place().line not in metadata.lines]
    for passage in head:
        match = _ABOUT.match(passage.text)
        if match and _ISSUER_END.search(match["name"]):
            return " ".join(names_of(passage, match.end("name")))
    match = _ABOUT.match(top)
    if match and _ISSUER_END.search(match["name"]):
        return match["name"]
    for passage in head[:3]:
        match = LETTERHEAD.fullmatch(passage.text) or _LETTERHEAD_BARE.fullmatch(passage.text)
        if match and _ISSUER_END.search(match["name"]):
            return passage.printed(0, match.end("name"))
    return metadata.values.get("issuer")


def printed_day(lines: list[Line], metadata: Metadata) -> date | None:
    """Return the date that labels, brackets below the title or the foot of the last page give."""
    if day := metadata.day("issued"):
        return day
    for line in lines[:12] + lines[-8:]:
        match = _PRINTED.search(line.text) if len(line.text) <= 60 else None
        bracketed = line.text.startswith("(") and line.text.endswith(")")
        if match and (bracketed or line.text.endswith(("印发", "印"))):
            return dates.standalone(match["day"])
    return None


def base_day(title: str, issued: date | None, numbers: list[str]) -> date | None:
    """Return what completes dates without a year: the notice's date, or the year its title is a plan for.

    A title for the next year counts (a plan for 2023 signed in December 2022); where nothing is dated, the year of
    the title or of the number stands in.
    """
    years = {int(year) for year in re.findall(r"(20\d\d)年", title)}
    year = years.pop() if len(years) == 1 and not re.search(r"20\d\d年?[-—–~至到]", title) else None
    if year and (issued is None or year == issued.year + 1):
        return PlanYear(year, 1, 1)
    if issued is None and numbers:
        found = re.search(r"20\d\d", numbers[0])
        return PlanYear(int(found.group()), 1, 1) if found else None
    return issued
