"""What a government site prints about a paper (索引号, 发文机关, 文号 …), in a line, a table or line by line."""

import re
from dataclasses import dataclass, field
from datetime import date

from supervisor.intake import dates
from supervisor.intake.lines import Line
from supervisor.intake.passages import fold

_LABELS = {
    "title": "信息名称|公文名称|文件名称|标题|名称",
    "issuer": "发文机关|发文机构|发文单位|发布机构|发布单位|制定机关|制发机关|发布机关",
    "number": "发文字号|公文文号|发文文号|文件编号|文件字号|文号",
    "issued": "成文日期|成文时间|发文日期|发文时间|生成日期|印发日期|签发日期",
    "published": "发布日期|发布时间|公开日期|公开时间|公布日期|上传时间",
    "other": "索引号|主题分类|信息分类|组配分类|体裁分类|主题词|关键词|有效性|效力状态|时效性|公文种类|文件类型|"
    "服务对象|浏览次数|浏览量|信息来源|来源|公开属性|"
    "公开方式|信息公开选项|层级|类型|分类|状态|生效日期|废止日期|统一编号|统一登记号|体裁|主题|作者",
}
_KINDS = {word: kind for kind, words in _LABELS.items() for word in words.split("|")}
_WORDS = "|".join(
    r"[^\S\n]*".join(word) for word in sorted(_KINDS, key=len, reverse=True)
)  # 索 引 号: the characters of a label may stand apart
_LABEL = re.compile(
    rf"(?:^|(?<=[\s|〔;,'\"]))(?P<label>{_WORDS})(?P<mark>[^\S\n]*[:〕|\t][^\S\n:|]*|[^\S\n]+|$)"
)
_NUMBER = re.compile(
    r"[^\s:;,。]{1,20}(?:〔20\d\d〕|\(20\d\d\)|20\d\d年)第?\d{1,4}号|[^\s:;,。]{2,20}-20\d\d-\d{1,4}号"
)
_FIRST_LINES, _LAST_LINES = 40, 6


@dataclass(slots=True)
class Metadata:
    """Values by kind as printed, and the numbers of the lines that hold nothing else."""

    values: dict[str, str] = field(default_factory=dict)
    lines: set[int] = field(default_factory=set)

    def day(self, kind: str) -> date | None:
        """Return the date of a kind (issued, published)."""
        return (
            dates.numeric(fold(self.values.get(kind, "")).replace(" ", "")) if kind in self.values else None
        )


def _fits(kind: str, value: str) -> bool:
    """Tell whether a value can be what its label says."""
    if not value or value in {"null", "无", "-"}:
        return False
    if kind in {"issued", "published"}:
        return dates.numeric(re.sub(r"\s", "", value)) is not None
    if kind == "number":
        return bool(_NUMBER.match(re.sub(r"\s", "", value)))
    if kind == "title":
        return len(value) >= 6
    return kind == "other" or 3 <= len(value) <= 90


def _pairs(raw: str) -> list[tuple[str, str, str]]:
    """Return (kind, value, mark) of each label in a folded line."""
    found = []
    matches = list(_LABEL.finditer(raw))
    for i, match in enumerate(matches):
        end = matches[i + 1].start() if i + 1 < len(matches) else len(raw)
        value = re.split(
            r"[^\S\n]{2,}|\t|\||〔(?!20\d\d)", raw[match.end() : end].strip(" \t|〔〕\"'"), maxsplit=1
        )[0]
        kind = _KINDS[re.sub(r"\s", "", match["label"])]
        found.append((kind, value.strip(" \t|〔\"'"), match["mark"].strip()))
    return found


def read_metadata(lines: list[Line]) -> Metadata:
    """Read the labels at the head and the foot of a page; the first value of a kind counts."""
    out = Metadata()
    chosen = lines[:_FIRST_LINES] + lines[max(_FIRST_LINES, len(lines) - _LAST_LINES) :]
    for i, line in enumerate(chosen):
        if len(line.text) > 160 or re.search(r"[。!?]", line.text):
            continue
        source = line.passage.source
        raw = source.folded[line.start : line.end].strip()
        pairs = _pairs(raw)
        if not pairs or not (_LABEL.match(raw) or len(pairs) > 1):
            continue
        following = chosen[i + 1] if i + 1 < len(chosen) else None
        for kind, value, mark in pairs:
            below = following if not value and len(pairs) == 1 else None
            if below is not None and not _LABEL.match(below.text) and _fits(kind, below.text):
                out.values.setdefault(kind, below.text)
                out.lines |= {line.number, below.number}
            elif _fits(kind, value) and (mark or kind != "other"):
                out.values.setdefault(kind, value)
                out.lines.add(line.number)
    return out
