"""What a page of a PDF prints: every character with its place, and the ruled lines; in points, y upwards."""

import math
from dataclasses import dataclass, field
from typing import Any

from pypdf import PageObject
from pypdf.generic import ContentStream, DictionaryObject, NameObject
from pypdf.generic._font import Font

Matrix = tuple[float, float, float, float, float, float]
_UNIT: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_FORMS = 8  # forms within forms
_MOST = 400_000  # characters of one page; more is no page


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character (or ligature): from `x0` to `x1` on the base line `y`."""

    x0: float
    x1: float
    y: float
    size: float
    text: str


@dataclass(slots=True)
class Ink:
    """All that one page prints; rules are (x0, y0, x1, y1), level or upright."""

    glyphs: list[Glyph] = field(default_factory=list)
    rules: list[tuple[float, float, float, float]] = field(default_factory=list)


def _times(a: Matrix, b: Matrix) -> Matrix:
    return (
        a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2], a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4], a[4] * b[1] + a[5] * b[3] + b[5],
    )  # fmt: skip


def _numbers(operands: list[Any], count: int) -> list[float] | None:
    try:
        found = [float(operand) for operand in operands[:count]]
    except (TypeError, ValueError):
        return None
    return found if len(found) == count and all(map(math.isfinite, found)) else None


@dataclass(slots=True)
class _State:
    """The graphics state that text depends on."""

    matrix: Matrix = _UNIT
    font: Font | None = None
    size: float = 0.0
    spacing: float = 0.0
    words: float = 0.0
    scale: float = 1.0
    leading: float = 0.0
    rise: float = 0.0

    def copy(self) -> "_State":
        return _State(
            self.matrix, self.font, self.size, self.spacing, self.words, self.scale, self.leading, self.rise
        )


class Pen:
    """Follows the operators of a page (ISO 32000-1, 8 and 9)."""

    def __init__(self, page: PageObject) -> None:
        self.page = page
        self.ink = Ink()
        self.state = _State(_upright(page))
        self.stack: list[_State] = []
        self.text = self.line = _UNIT
        self.path: list[tuple[float, float, float, float]] = []
        self.boxes: list[tuple[float, float, float, float]] = []
        self.at = (0.0, 0.0)
        self.fonts: dict[int, Font] = {}

    def read(self) -> Ink:
        """Return what the page prints."""
        contents = self.page.get("/Contents")
        if contents is not None:
            resources = self.page.get("/Resources", DictionaryObject()).get_object()
            self._follow(contents.get_object(), resources, 0)
        return self.ink

    def _follow(self, contents: Any, resources: Any, depth: int) -> None:
        for operands, operator in ContentStream(contents, self.page.pdf).operations:
            if len(self.ink.glyphs) > _MOST:
                return
            name = operator.decode("latin-1")
            if name == "Do":
                self._form(operands, resources, depth)
            elif name == "Tf":
                self._font(operands, resources)
            elif name in {"Tj", "TJ", "'", '"'}:
                self._show(name, operands)
            elif name[:1] == "T" or name in {"BT", "q", "Q", "cm"}:
                self._place(name, operands)
            else:
                self._draw(name, operands)

    def _form(self, operands: list[Any], resources: Any, depth: int) -> None:
        forms = resources.get("/XObject", DictionaryObject()).get_object()
        form = forms.get(operands[0]) if operands else None
        form = form.get_object() if form is not None else None
        if form is None or form.get("/Subtype") != "/Form" or depth >= _FORMS:
            return
        kept, stack = self.state.copy(), len(self.stack)
        matrix = _numbers(list(form.get("/Matrix", [])), 6)
        if matrix:
            self.state.matrix = _times((*matrix,), self.state.matrix)  # type: ignore[arg-type]
        self._follow(form, form.get("/Resources", resources).get_object(), depth + 1)
        self.state = kept
        del self.stack[stack:]

    def _font(self, operands: list[Any], resources: Any) -> None:
        size = _numbers(operands[1:], 1)
        fonts = resources.get("/Font", DictionaryObject()).get_object()
        found = fonts.get(operands[0]) if operands else None
        self.state.size = size[0] if size else self.state.size
        self.state.font = None
        if found is None:
            return
        font = found.get_object()
        if id(font) not in self.fonts:
            coding = font.get("/Encoding")
            if (
                isinstance(coding, NameObject) and "UCS2" in coding
            ):  # which pypdf does not know; the same codes
                font[NameObject("/Encoding")] = NameObject("/UniGB-UTF16-H")
            self.fonts[id(font)] = Font.from_font_resource(font)
        self.state.font = self.fonts[id(font)]

    def _place(self, name: str, operands: list[Any]) -> None:
        state = self.state
        if name == "q":
            self.stack.append(state.copy())
        elif name == "Q" and self.stack:
            self.state = self.stack.pop()
        elif name == "BT":
            self.text = self.line = _UNIT
        elif name == "T*":
            self._move(0.0, -state.leading)
        elif name in {"cm", "Tm"} and (six := _numbers(operands, 6)):
            matrix: Matrix = (six[0], six[1], six[2], six[3], six[4], six[5])
            if name == "cm":
                state.matrix = _times(matrix, state.matrix)
            else:
                self.text = self.line = matrix
        elif name in {"Td", "TD"} and (two := _numbers(operands, 2)):
            if name == "TD":
                state.leading = -two[1]
            self._move(*two)
        elif one := _numbers(operands, 1):
            self._set(name, one[0])

    def _set(self, name: str, number: float) -> None:
        state = self.state
        if name == "Tc":
            state.spacing = number
        elif name == "Tw":
            state.words = number
        elif name == "Tz":
            state.scale = number / 100
        elif name == "TL":
            state.leading = number
        elif name == "Ts":
            state.rise = number

    def _move(self, x: float, y: float) -> None:
        self.line = self.text = _times((1.0, 0.0, 0.0, 1.0, x, y), self.line)

    def _show(self, name: str, operands: list[Any]) -> None:
        if name in {"'", '"'}:
            if name == '"' and (two := _numbers(operands, 2)):
                self.state.words, self.state.spacing = two
            self._move(0.0, -self.state.leading)
        pieces = operands[0] if name == "TJ" and operands else operands[-1:]
        for piece in pieces if isinstance(pieces, list) else []:
            if isinstance(piece, (bytes, str)):
                self._print(piece)
            elif shift := _numbers([piece], 1):
                across = -shift[0] / 1000 * self.state.size * self.state.scale
                self.text = _times((1.0, 0.0, 0.0, 1.0, across, 0.0), self.text)

    def _print(self, piece: bytes | str) -> None:
        state, font = self.state, self.state.font
        if font is None:
            return
        raw = (
            piece
            if isinstance(piece, bytes)
            else getattr(piece, "original_bytes", piece.encode("latin-1", "replace"))
        )
        for code, char in _decoded(raw, font):
            width = font.get_text_width(code) / 1000
            across = (
                width * state.size + state.spacing + (state.words if code == " " else 0.0)
            ) * state.scale
            here = _times(self.text, state.matrix)
            size = state.size * math.hypot(here[2], here[3])
            if abs(here[1]) < abs(here[0]) * 0.2 and here[0] * state.size > 0 and 1 < size < 400:
                x, y = here[4], here[5] + state.rise * here[3]
                step = width * state.size * state.scale * here[0]
                self.ink.glyphs.append(Glyph(x, x + step, y, size, char))
            self.text = _times((1.0, 0.0, 0.0, 1.0, across, 0.0), self.text)

    def _draw(self, name: str, operands: list[Any]) -> None:
        if name == "m" and (two := _numbers(operands, 2)):
            self.at = (two[0], two[1])
        elif name == "l" and (two := _numbers(operands, 2)):
            self.path.append((*self.at, two[0], two[1]))
            self.at = (two[0], two[1])
        elif name == "re" and (four := _numbers(operands, 4)):
            self.boxes.append((four[0], four[1], four[0] + four[2], four[1] + four[3]))
        elif name in {"S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "n"}:
            if name != "n":
                self._rule(stroked=name not in {"f", "F", "f*"})
            self.path, self.boxes = [], []

    def _rule(self, *, stroked: bool) -> None:
        segments = list(self.path) if stroked else []
        for x0, y0, x1, y1 in self.boxes:
            if min(abs(x1 - x0), abs(y1 - y0)) < 3:
                thin = abs(y1 - y0) <= abs(x1 - x0)
                middle = (y0 + y1) / 2 if thin else (x0 + x1) / 2
                segments.append((x0, middle, x1, middle) if thin else (middle, y0, middle, y1))
            elif stroked:
                segments += [(x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)]
        a, b, c, d, e, f = self.state.matrix
        for x0, y0, x1, y1 in segments:
            left, right = sorted((x0 * a + y0 * c + e, x1 * a + y1 * c + e))
            low, high = sorted((x0 * b + y0 * d + f, x1 * b + y1 * d + f))
            if min(right - left, high - low) < 1.5 and max(right - left, high - low) > 4:
                self.ink.rules.append((left, low, right, high))


def _decoded(raw: bytes, font: Font) -> list[tuple[str, str]]:
    """Return each code with the character that it prints."""
    if isinstance(font.encoding, str):
        codes = raw.decode(font.encoding, "replace")
        return [(code, font.character_map.get(code, code)) for code in codes]
    return [
        (chr(byte), font.character_map.get(held, held))
        for byte in raw
        for held in [font.encoding.get(byte, chr(byte))]
    ]


def _upright(page: PageObject) -> Matrix:
    """Return the matrix that turns a page printed sideways upright."""
    box = page.mediabox
    width, height = float(box.width), float(box.height)
    turned: dict[int, Matrix] = {
        90: (0.0, -1.0, 1.0, 0.0, 0.0, width),
        180: (-1.0, 0.0, 0.0, -1.0, width, height),
        270: (0.0, 1.0, -1.0, 0.0, height, 0.0),
    }
    return turned.get(int(page.rotation or 0) % 360, _UNIT)
