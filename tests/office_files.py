"""Word and PDF files written by hand, so that a test says what stands in the file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_STRICT = 'xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"'
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def word_file(body: str, parts: Mapping[str, str] | None = None, *, strict: bool = False) -> bytes:
    """A .docx of a body and of parts by name (numbering, styles, footnotes, header1, footer1)."""
    names = _STRICT if strict else _W
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        )
        archive.writestr("word/document.xml", f"<w:document {names}><w:body>{body}</w:body></w:document>")
        links = ""
        for name, inner in (parts or {}).items():
            kind = name.rstrip("0123456789")
            root = {"header": "hdr", "footer": "ftr"}.get(kind, kind)
            archive.writestr(f"word/{name}.xml", f"<w:{root} {names}>{inner}</w:{root}>")
            links += f'<Relationship Id="r{name}" Type="{_REL}/{kind}" Target="{name}.xml"/>'
        archive.writestr(
            "word/_rels/document.xml.rels", f'<Relationships xmlns="{_PACKAGE}">{links}</Relationships>'
        )
    return out.getvalue()


def p(text: str, *, num: str = "", level: int = 0, style: str = "", inner: str = "") -> str:
    """A paragraph; `num` and `style` number it."""
    styled = f'<w:pStyle w:val="{style}"/>' if style else ""
    listed = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num}"/></w:numPr>' if num else ""
    return f"<w:p><w:pPr>{styled}{listed}</w:pPr>{run(text)}{inner}</w:p>"


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def cell(text: str, *, span: int = 1, merge: str = "") -> str:
    """A cell; merge is restart or continue."""
    spans = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    merged = f'<w:vMerge w:val="{merge}"/>' if merge else ""
    inner = text if text.startswith("<w:") else "".join(p(line) for line in text.split("\n"))
    return f"<w:tc><w:tcPr>{spans}{merged}</w:tcPr>{inner}</w:tc>"


def table(*rows: Iterable[str]) -> str:
    """A table; a cell is a text or XML of `cell`."""
    made = "".join(
        "<w:tr>" + "".join(each if each.startswith("<w:tc>") else cell(each) for each in row) + "</w:tr>"
        for row in rows
    )
    return f"<w:tbl>{made}</w:tbl>"


def level(at: int, form: str, text: str, more: str = "", start: int = 1) -> str:
    """A level of a list in numbering.xml."""
    inner = f'<w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}<w:lvlText w:val="{text}"/>'
    return f'<w:lvl w:ilvl="{at}">{inner}</w:lvl>'


def numbering(levels: str, nums: str = '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>') -> str:
    """A numbering part with one list."""
    return f'<w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum>{nums}'


_FONT = """<</Type/Font/Subtype/Type0/BaseFont/SimSun/Encoding/ENCODING/DescendantFonts[4 0 R]>>
<</Type/Font/Subtype/CIDFontType2/BaseFont/SimSun/DW 1000/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>\
/FontDescriptor 5 0 R>>
<</Type/FontDescriptor/FontName/SimSun/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0/Ascent 900/Descent -200\
/CapHeight 700/StemV 80>>"""


def pdf_file(
    pages: Iterable[str], *, trailer: str = "", encoding: str = "UniGB-UCS2-H", page: str = ""
) -> bytes:
    """A PDF of content streams; font F1 prints Chinese that stands in them as UTF-16 in hexadecimals (see `show`)."""
    streams = list(pages)
    kids = " ".join(f"{6 + 2 * n} 0 R" for n in range(len(streams)))
    objects = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count {len(streams)}>>"]
    objects += _FONT.replace("ENCODING", encoding).split("\n")
    for n, stream in enumerate(streams):
        held = f"/Contents {7 + 2 * n} 0 R/Resources<</Font<</F1 3 0 R>>>>{page}"
        objects.append(f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]{held}>>")
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
    out, places = b"%PDF-1.7\n", []
    for number, inner in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, inner.encode("latin-1"))
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer<</Size %d/Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        trailer.encode(),
        start,
    )


def show(text: str, x: float, y: float, size: float = 16) -> str:
    """Print a text at a place."""
    return f"BT /F1 {size} Tf {x} {y} Td <{text.encode('utf-16-be').hex()}> Tj ET\n"


def rule(x0: float, y0: float, x1: float, y1: float) -> str:
    return f"{x0} {y0} m {x1} {y1} l S\n"


def typeset(
    paragraphs: Iterable[str], *, width: int = 28, top: float = 760, leading: float = 28
) -> list[str]:
    """The content of pages on which paragraphs are set: two characters indented, broken at `width` characters."""
    lines: list[tuple[str, float]] = []
    for text in paragraphs:
        first, rest = text[: width - 2], text[width - 2 :]
        lines.append((first, 122))
        lines += [(rest[i : i + width], 90) for i in range(0, len(rest), width)]
    per_page = int((top - 90) // leading)
    return [
        "".join(show(text, x, top - leading * n) for n, (text, x) in enumerate(lines[i : i + per_page]))
        for i in range(0, len(lines), per_page)
    ]
