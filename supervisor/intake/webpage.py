"""The text of a saved government web page: the notice, and what the site prints around it set aside."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_BLOCKS = {
    "p", "div", "table", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "center", "header",
    "footer", "dl", "dt", "dd", "title", "body", "main", "form", "fieldset", "blockquote", "pre", "address", "aside",
    "tbody", "thead", "tfoot", "tr", "td", "th", "caption", "figure", "ucapcontent", "ucaptitle",
}  # fmt: skip
_SILENT = {
    "script",
    "style",
    "noscript",
    "head",
    "select",
    "button",
    "textarea",
    "template",
    "svg",
    "iframe",
    "object",
}
_EMPTY = {
    "br",
    "hr",
    "img",
    "input",
    "meta",
    "link",
    "col",
    "area",
    "base",
    "embed",
    "source",
    "wbr",
    "param",
}
# A start tag that ends these open elements, which old pages leave open.
_ENDS = {
    **dict.fromkeys(_BLOCKS - {"tr", "td", "th", "li", "dt", "dd"}, frozenset({"p"})),
    "li": frozenset({"p", "li"}), "td": frozenset({"p", "td", "th"}), "th": frozenset({"p", "td", "th"}),
    "tr": frozenset({"p", "td", "th", "tr"}), "dt": frozenset({"dt", "dd"}), "dd": frozenset({"dt", "dd"}),
}  # fmt: skip
_WALLS = {
    "table",
    "ul",
    "ol",
    "div",
    "section",
    "article",
    "body",
    "dl",
}  # which such an ending does not pass
_DEEPEST = 150  # elements within elements; deeper ones are read as if they were not there
_CONTENT = re.compile(
    r"(?:^|[\s_-])(?:trs_editor|ucapcontent|zoom|pages_content|article[-_]?(?:con|content|body|box)|xl_content|"
    r"content[-_]?(?:body|text|main|box|txt)|news[-_]?con(?:tent)?|detail[-_]?con(?:tent)?|txt[-_]?con|conTxt|main[-_]?text)",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_PIECES = {"table", "tbody", "thead", "tr", "p", "ul", "ol", "li", "dl"}
_MARKS = re.compile("[，。；、]")
_AROUND = re.compile(
    r"浏览|打印|字体|字号|扫一扫|版权|主办|承办|当前位置|索引号|来源|发布日期|发布时间|上一篇|下一篇|分享|关闭|备案|网站"
)
_MOST_IN_CELL = 1500  # characters; a cell that holds more is a frame of the page


@dataclass(slots=True)
class _Box:
    """An element that stands on lines of its own: words and other boxes in their order."""

    tag: str
    parts: "list[str | _Box]" = field(default_factory=list)
    named: bool = False
    span: int = 1
    down: int = 1
    size: int = 0
    linked: int = 0
    tables: int = 0
    marks: int = 0
    above: "_Box | None" = None


# Comments, declarations and instructions, and what is for the browser only.
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<[!?][^>]*+(?:>|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
# No parser of the standard library: html.parser goes over a tag that nobody closed again and again.
_TOKEN = re.compile(
    r"<(?P<end>/?)(?P<tag>[a-zA-Z][a-zA-Z0-9:-]{0,40}+)(?P<attributes>(?:[^<>\"']++|\"[^\"<>]*+\"|'[^'<>]*+'|"
    r"\"[^\"]{0,400}+\"|'[^']{0,400}+'|[\"']){0,60}+)>|(?P<words><|[^<]++)"
)
_ATTRIBUTE = re.compile(
    r"([a-zA-Z][a-zA-Z-]{0,30})\s{0,9}(?:=\s{0,9}(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]*+)))?"
)


class _Page:
    """Builds the boxes of a page."""

    def __init__(self, page: str) -> None:
        self.root = _Box("body")
        self.open = [self.root]
        self.names: list[tuple[str, bool]] = []  # open elements: tag, and whether a box was opened for it
        self.silent: list[int] = []
        self.links = 0
        for token in _TOKEN.finditer(_UNSEEN.sub("", page)):
            if token["words"]:
                self._words(html.unescape(token["words"]))
            elif token["end"]:
                self._end(token["tag"].lower())
            else:
                self._start(token["tag"].lower(), token["attributes"])
        self._close(0)

    def _start(self, tag: str, attributes: str) -> None:
        if tag in _EMPTY:
            self._add("\n" if tag in {"br", "hr"} else "")
            return
        self._end_open(_ENDS.get(tag, frozenset()))
        held = {
            match[1].lower(): match[2] or match[3] or match[4] or ""
            for match in _ATTRIBUTE.finditer(attributes)
        }
        opens = tag in _BLOCKS and len(self.open) < _DEEPEST
        if len(self.names) > 20 * _DEEPEST:
            return
        if tag in _SILENT or "hidden" in held or _HIDDEN.search(held.get("style", "")):
            self.silent.append(len(self.names))
        self.names.append((tag, opens))
        self.links += tag == "a"
        if opens:
            self._open_box(tag, held)

    def _open_box(self, tag: str, held: dict[str, str]) -> None:
        box = _Box(tag)
        box.named = (
            bool(_CONTENT.search(f"{held.get('id', '')} {held.get('class', '')}")) or tag == "ucapcontent"
        )
        box.span, box.down = (_count(held.get(key, "")) for key in ("colspan", "rowspan"))
        box.above = self.open[-1]
        self.open[-1].parts.append(box)
        self.open.append(box)

    def _end(self, tag: str) -> None:
        if tag in _EMPTY:
            return
        for at in range(len(self.names) - 1, max(-1, len(self.names) - 60), -1):
            if self.names[at][0] == tag:
                self._close(at)
                return
            if self.names[at][0] in _WALLS and tag not in _WALLS:
                return

    def _end_open(self, ended: frozenset[str]) -> None:
        outermost = None
        for at in range(len(self.names) - 1, max(-1, len(self.names) - 12), -1):
            name = self.names[at][0]
            if name in ended:
                outermost = at
            elif name in _WALLS:
                break
        if outermost is not None:
            self._close(outermost)

    def _close(self, at: int) -> None:
        while len(self.names) > at:
            tag, opened = self.names.pop()
            self.links -= tag == "a"
            if opened:
                box = self.open.pop()
                above = self.open[-1]
                above.size += box.size
                above.linked += box.linked
                above.marks += box.marks
                above.tables += box.tables + (box.tag == "table")
            if self.silent and self.silent[-1] >= len(self.names):
                self.silent.pop()

    def _words(self, data: str) -> None:
        if self.silent or not data:
            return
        words = re.sub(r"[ \t\r\n\f]+", " ", data)
        self._add(words)
        count = len(words.strip())
        self.open[-1].size += count
        if self.links:
            self.open[-1].linked += count
        else:
            self.open[-1].marks += len(_MARKS.findall(words))

    def _add(self, words: str) -> None:
        if words and not self.silent:
            self.open[-1].parts.append(words)


def _count(printed: str) -> int:
    return min(int(printed), 60) if printed.isdecimal() and len(printed) < 4 and int(printed) else 1


def _boxes(box: _Box) -> "list[_Box]":
    return [part for part in box.parts if isinstance(part, _Box)]


def _content(root: _Box) -> _Box:
    """Return the box that holds the notice: one named for it, or the innermost that holds nearly all its sentences."""
    named: list[_Box] = []
    stack = [root]
    while stack:
        box = stack.pop()
        if box.named:
            named.append(box)
        stack += _boxes(box)
    best = max(named, key=lambda box: box.marks, default=None)
    if best is not None and best.marks >= max(2, root.marks * 0.5):
        return best
    box = root
    while inner := max(_boxes(box), key=lambda each: each.marks, default=None):
        if inner.tag in _PIECES or inner.marks < max(1, root.marks * 0.8):
            break
        box = inner
    while box.above is not None and _is_own(box.above, box):
        box = box.above
    return box


def _is_own(box: _Box, inner: _Box) -> bool:
    """Tell whether what stands around an inner box is the notice's too (its title, its signature)."""
    if box.size - inner.size > 600 or (box.linked - inner.linked) * 2 > box.size - inner.size:
        return False
    around = [
        part if isinstance(part, str) else " ".join(_lines(part)) for part in box.parts if part is not inner
    ]
    return not _AROUND.search(" ".join(around))


def _is_grid(box: _Box) -> bool:
    """Tell whether a table holds data rather than the layout of the page."""
    rows = [[cell for cell in _boxes(row) if cell.tag in {"td", "th"}] for row in _rows(box)]
    cells = [cell for row in rows for cell in row]
    return (
        box.tables == 0
        and any(len(row) > 1 for row in rows)
        and all(cell.size <= _MOST_IN_CELL for cell in cells)
    )


def _rows(table: _Box) -> Iterator[_Box]:
    for part in _boxes(table):
        if part.tag == "tr":
            yield part
        elif part.tag in {"tbody", "thead", "tfoot"}:
            yield from _rows(part)


def _grid(table: _Box) -> Iterator[str]:
    """Yield the rows: a tab between cells; merged over columns once, then empty; merged over rows in each row."""
    above: dict[int, tuple[int, str]] = {}  # by column: for how many more rows a cell goes on, and its text
    for row in _rows(table):
        cells = [cell for cell in _boxes(row) if cell.tag in {"td", "th"}]
        line: list[str] = []
        for cell in cells:
            _carry(line, above)
            text = " ".join(" ".join(_lines(cell)).split())
            for column in range(cell.span if len(cells) > 1 else 1):
                above[len(line)] = (cell.down, text if column == 0 else "")
                line.append(text if column == 0 else "")
        _carry(line, above)
        above = {column: (left - 1, text) for column, (left, text) in above.items() if left > 1}
        if any(line):
            yield "\t".join(line)


def _carry(line: list[str], above: dict[int, tuple[int, str]]) -> None:
    while len(line) in above:
        line.append(above[len(line)][1])


def _lines(box: _Box) -> Iterator[str]:
    """Yield the visible lines of a box."""
    words: list[str] = []
    for part in box.parts:
        if isinstance(part, str):
            words.append(part)
            continue
        yield from _split("".join(words))
        words = []
        yield from _grid(part) if part.tag == "table" and _is_grid(part) else _lines(part)
    yield from _split("".join(words))


def _split(words: str) -> Iterator[str]:
    for line in words.split("\n"):
        text = re.sub(" {2,}", " ", line).strip(" ")
        if text.strip():
            yield text


_TITLE = re.compile(r"关于.{4,}|.{4,}(?:通知|意见|方案|决定|批复|办法|规划|要点|计划|细则|公告)$")


def _told(box: _Box, content: _Box, path: set[int]) -> Iterator[tuple[str, str]]:
    """Yield the lines of a page with where they stand: content, title or around; menus are left out."""
    words: list[str] = []
    for part in box.parts:
        if isinstance(part, str):
            words.append(part)
            continue
        yield from ((line, "around") for line in _split("".join(words)))
        words = []
        if part is content:
            yield from ((line, "content") for line in _lines(part))
        elif id(part) in path:
            yield from _told(part, content, path)
        elif part.linked * 5 < part.size * 4:
            titled = part.tag in {"h1", "h2", "h3", "ucaptitle"}
            for line in _grid(part) if part.tag == "table" and _is_grid(part) else _lines(part):
                yield line, "title" if titled and _TITLE.search(line) else "around"
    yield from ((line, "around") for line in _split("".join(words)))


def text_of_page(page: str) -> tuple[str, frozenset[int]]:
    """Return the visible text of a page, a line a block and a tab between cells, and the lines around the notice."""
    root = _Page(page).root
    content = _content(root)
    if content is root:
        return "\n".join(_lines(root)), frozenset()
    path: set[int] = set()
    above = content.above
    while above is not None:
        path.add(id(above))
        above = above.above
    lines = list(_told(root, content, path))
    opening = "".join(line for line, where in lines if where == "content")[:600]
    bare = re.sub(r"\s", "", opening)
    aside = {
        number
        for number, (line, where) in enumerate(lines, 1)
        if where == "around" or (where == "title" and re.sub(r"\s", "", line) in bare)
    }
    return "\n".join(line for line, _ in lines), frozenset(aside)
