"""Ruled tables of a page: which lines belong together, and which cell a character stands in."""

from dataclasses import dataclass

from .ink import Glyph, Ink

_NEAR = 3.0  # points: rules that should meet seldom do
Rule = tuple[float, float, float, float]


@dataclass(slots=True)
class Grid:
    """A table: the edges of its columns from left to right and of its rows from top to bottom, and its cells."""

    columns: list[float]
    edges: list[float]
    rules: list[Rule]
    rows: list[list[str]]

    @property
    def top(self) -> float:
        """The upper edge."""
        return self.edges[0]

    def holds(self, glyph: Glyph) -> bool:
        """Tell whether a character stands inside."""
        across, up = (glyph.x0 + glyph.x1) / 2, glyph.y + glyph.size * 0.3
        return self.columns[0] <= across <= self.columns[-1] and self.edges[-1] <= up <= self.edges[0]


def _level(rule: Rule) -> bool:
    return rule[2] - rule[0] >= rule[3] - rule[1]


def _touch(a: Rule, b: Rule) -> bool:
    return a[0] <= b[2] + _NEAR and b[0] <= a[2] + _NEAR and a[1] <= b[3] + _NEAR and b[1] <= a[3] + _NEAR


def _groups(rules: list[Rule]) -> list[list[Rule]]:
    """Return the rules that touch one another, directly or through others."""
    left = sorted(rules, key=lambda rule: -rule[3])
    groups: list[list[Rule]] = []
    while left:
        group, front = [left[0]], [left[0]]
        left = left[1:]
        while front:
            rule = front.pop()
            near = [other for other in left if _touch(rule, other)]
            if near:
                left = [other for other in left if not _touch(rule, other)]
                group += near
                front += near
        groups.append(group)
    return groups


def _snapped(places: list[float]) -> list[float]:
    found: list[float] = []
    for place in sorted(places):
        if not found or place - found[-1] > _NEAR:
            found.append(place)
    return found


def find_grids(ink: Ink) -> list[Grid]:
    """Return the tables of a page from top to bottom, with the text of their cells."""
    grids = []
    for group in _groups(list(dict.fromkeys(ink.rules))[:3000]):
        columns = _snapped([rule[0] for rule in group if not _level(rule)])
        edges = _snapped([rule[1] for rule in group if _level(rule)])[::-1]
        if len(columns) >= 3 and len(edges) >= 2:
            grid = Grid(columns, edges, group, [])
            grid.rows = _filled(grid, [glyph for glyph in ink.glyphs if grid.holds(glyph)])
            grids.append(grid)
    return sorted(grids, key=lambda grid: -grid.top)


def _between(places: list[float], at: float) -> int:
    return max(0, min(sum(place <= at for place in places) - 1, len(places) - 2))


def _parted(grid: Grid, row: int, column: int, *, left: bool) -> bool:
    """Tell whether a rule stands at the left (else at the top) of a cell."""
    across = (grid.columns[column] + grid.columns[column + 1]) / 2
    up = (grid.edges[row] + grid.edges[row + 1]) / 2
    for rule in grid.rules:
        if (
            left
            and not _level(rule)
            and abs(rule[0] - grid.columns[column]) <= _NEAR
            and rule[1] <= up <= rule[3]
        ):
            return True
        if (
            not left
            and _level(rule)
            and abs(rule[1] - grid.edges[row]) <= _NEAR
            and rule[0] <= across <= rule[2]
        ):
            return True
    return False


def _filled(grid: Grid, glyphs: list[Glyph]) -> list[list[str]]:
    """Return the text by rows: a cell merged over columns stands once, over rows in each row."""
    height, width = len(grid.edges) - 1, len(grid.columns) - 1
    root: dict[tuple[int, int], tuple[int, int]] = {}
    for row in range(height):
        for column in range(width):
            if column and not _parted(grid, row, column, left=True):
                root[row, column] = root[row, column - 1]
            elif row and not _parted(grid, row, column, left=False):
                root[row, column] = root[row - 1, column]
            else:
                root[row, column] = (row, column)
    held: dict[tuple[int, int], list[Glyph]] = {}
    falling = [-edge for edge in grid.edges]
    for glyph in glyphs:
        at = (
            _between(falling, -(glyph.y + glyph.size * 0.3)),
            _between(grid.columns, (glyph.x0 + glyph.x1) / 2),
        )
        held.setdefault(root[at], []).append(glyph)
    texts = {cell: _text(inside) for cell, inside in held.items()}
    rows = []
    for row in range(height):
        cells = []
        for column in range(width):
            merged = column > 0 and root[row, column] == root[row, column - 1]
            cells.append("" if merged else texts.get(root[row, column], ""))
        whole = len({root[row, column] for column in range(width)}) == 1
        rows.append(cells[:1] if whole else cells)
    return rows


def _text(glyphs: list[Glyph]) -> str:
    """Return the words of a cell; a line that ends early stands apart from the next one."""
    lines = rows_of(glyphs)
    right = max(line[-1].x1 for line in lines)
    out = ""
    for line in lines:
        out += joined(line)
        if line[-1].x1 < right - line[-1].size * 0.9:
            out += " "
    return " ".join(out.split())


def rows_of(glyphs: list[Glyph]) -> list[list[Glyph]]:
    """Return characters by their printed lines, from top to bottom and left to right."""
    lines: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda each: (-each.y, each.x0)):
        if lines and abs(lines[-1][0].y - glyph.y) <= 0.45 * max(glyph.size, lines[-1][0].size):
            lines[-1].append(glyph)
        else:
            lines.append([glyph])
    return [sorted(line, key=lambda each: each.x0) for line in lines]


def joined(line: list[Glyph]) -> str:
    """Return the text of a printed line: a space for a gap, a tab for a wide one; letters printed twice once."""
    out = ""
    before: Glyph | None = None
    for glyph in line:
        if before is not None:
            if glyph.text == before.text and glyph.x0 - before.x0 < 0.3 * glyph.size:
                continue
            gap = (glyph.x0 - before.x1) / glyph.size
            out += (
                "\t"
                if gap >= 2
                else " "
                if gap >= (0.6 if ord(glyph.text[:1] or " ") > 0x2E7F else 0.25)
                else ""
            )
        out += glyph.text
        before = glyph
    return out.strip()
