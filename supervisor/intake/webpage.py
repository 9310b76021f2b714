"""The text of a saved government web page."""

from html.parser import HTMLParser

_BLOCKS = {
    "p", "div", "br", "tr", "table", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article",
    "center", "header", "footer", "dl", "dt", "dd", "title", "hr",
}  # fmt: skip
_SILENT = {"script", "style", "noscript", "head", "select", "option", "button", "textarea", "template", "nav"}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.silent = 0
        self.in_cell = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - fixed by HTMLParser
        if tag in _SILENT:
            self.silent += 1
        elif tag in {"td", "th"}:
            self.in_cell += 1
        elif tag in _BLOCKS:
            self.out.append(" " if self.in_cell and tag != "tr" else "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in {"td", "th"}:
            self.in_cell = max(0, self.in_cell - 1)
            self.out.append("\t")
        elif tag == "tr":
            self.in_cell = 0
            if self.out and self.out[-1] == "\t":
                self.out.pop()
            self.out.append("\n")
        elif tag in _BLOCKS:
            self.out.append(" " if self.in_cell else "\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.out.append(" ".join(data.split()) if data.strip() else (" " if data else ""))


def text_of_page(page: str) -> str:
    """Return the visible text of a page: a line a block, a tab between the cells of a table."""
    parser = _Page()
    parser.feed(page)
    parser.close()
    lines = [line.strip(" ") for line in "".join(parser.out).split("\n")]
    return "\n".join(line for line in lines if line.strip())
