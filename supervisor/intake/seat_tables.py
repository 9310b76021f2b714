"""Tables of people (姓名, 职务, 领导小组职务) and of duties (单位, 职责): cells between tabs or bars."""

import re
from dataclasses import dataclass, field

from supervisor.intake.draft import Duty, Member, Place
from supervisor.intake.lines import Line
from supervisor.intake.passages import Passage, Source, fold
from supervisor.intake.people import POST_WORD, is_name, sure_name, unit_of
from supervisor.intake.roster import ROLES, Roster, seat_of
from supervisor.intake.units import looks_like_unit, split_units

_NAME = re.compile(r"^(?:姓名|人员|人员姓名|成员姓名)$")
_ROLE = re.compile(
    r"^.{0,8}(?:小组|专班|工作组|指挥部|组内|会议|联席|委员会|机构)(?:内)?(?:职务|职责|角色|任职|分工)?$|^(?:角色|担任职务|组成|任职)$"
)
#: A column of names that is called by the role they hold (区级河长).
_HOLDERS = re.compile(r"^(?:[省市县区镇乡村]级)?(?:总|副)?(?:河|湖|河湖|林|田|路|链)长$")
_SPACED_NAME = re.compile(r"(?<!\S)[一-龥]\s{1,4}[一-龥]{1,2}(?!\S)|\S+")
_POST = re.compile(r"职务|单位|部门|岗位|工作单位")
_UNIT = re.compile(r"^(?:责任|成员|牵头|组成)?(?:单位|部门)(?:名称)?$")
_DUTY = re.compile(r"职责|职能|(?:职责|部门|工作|责任)分工$|^分工$")
_IS_ROLE = re.compile(rf"{ROLES}$")


@dataclass(slots=True)
class Seats:
    """What the tables of people and of duties hold; the lines they take stand in `roster.taken`."""

    roster: Roster = field(default_factory=Roster)
    duties: list[Duty] = field(default_factory=list)


def _cells(source: Source, line: Line) -> list[Passage]:
    text = source.folded[line.start : line.end]
    mark = "\t" if "\t" in text else "|" if text.count("|") >= 2 else None
    if mark is None:
        return []
    cells, start = [], line.start
    for piece in text.split(mark):
        cells.append(source.passage([(start, start + len(piece))]))
        start += len(piece) + 1
    return (
        cells[1:-1] if mark == "|" and len(cells) > 2 and not cells[0].text and not cells[-1].text else cells
    )


def _words(source: Source, line: Line, width: int) -> list[Passage]:
    """Return the cells of a row between spaces; letters of a spaced name (赵 明) are one cell."""
    text = source.folded[line.start : line.end]
    words = list(re.finditer(r"\S+", text))
    if len(words) > width:
        words = list(_SPACED_NAME.finditer(text))
    return [source.passage([(line.start + word.start(), line.start + word.end())]) for word in words]


def _fill_spaced(source: Source, lines: list[Line], rows: list[list[Passage]]) -> None:
    """Give cells to a table of people whose columns stand apart by spaces alone: a header, and rows as wide as it."""
    for at, line in enumerate(lines):
        header = line.words
        if (
            rows[at]
            or len(header) < 3
            or not any(map(_NAME.match, header))
            or not any(map(_POST.search, header))
        ):
            continue
        below = at + 1
        while below < len(lines) and not rows[below]:
            cells = _words(source, lines[below], len(header))
            if len(cells) != len(header):
                break
            rows[below] = cells
            below += 1
        if below > at + 1:
            rows[at] = _words(source, line, len(header))


def _people_columns(header: list[Passage], below: list[list[Passage]]) -> dict[int, str] | None:
    """Return what each column holds, by its name and, for roles, by what stands below."""
    kinds: dict[int, str] = {}
    for i, cell in enumerate(header):
        values = [row[i].text for row in below if i < len(row) and row[i].text]
        roles = sum(bool(_IS_ROLE.match(value)) for value in values)
        names = _HOLDERS.match(cell.text) and values and all(map(is_name, values))
        if (_NAME.match(cell.text) or names) and "name" not in kinds.values():
            kinds[i] = "name"
        elif "role" not in kinds.values() and (roles * 2 > len(values) if values else _ROLE.match(cell.text)):
            kinds[i] = "role"
        elif _POST.search(cell.text):
            kinds[i] = "post"
    return kinds if {"name", "post"} <= set(kinds.values()) else None


def _duty_columns(header: list[Passage]) -> dict[int, str] | None:
    kinds: dict[int, str] = {}
    for i, cell in enumerate(header):
        if _UNIT.match(cell.text) and "unit" not in kinds.values():
            kinds[i] = "unit"
        elif _DUTY.search(cell.text) and len(cell) <= 12 and "duty" not in kinds.values():
            kinds[i] = "duty"
    others = [cell.text for i, cell in enumerate(header) if i not in kinds]
    plain = all(re.match(r"序号|编号|备注|联系|类别|$", text) for text in others)
    return kinds if set(kinds.values()) == {"unit", "duty"} and plain else None


def _role_of(header: list[Passage], kinds: dict[int, str]) -> str:
    """Return the role of those whom no cell gives one: that by which the column of names is called, or 成员."""
    held = (
        header[i].printed() for i, kind in kinds.items() if kind == "name" and _HOLDERS.match(header[i].text)
    )
    return next(held, "成员")


class _Table:
    """Reads the rows below one header; a role or unit that is left out is the one above."""

    def __init__(self, kinds: dict[int, str], seats: Seats, body: str, role: str) -> None:
        self.kinds = kinds
        self.seats = seats
        self.body = body
        self.role = role
        self.units: tuple[str, ...] = ()

    def row(self, line: Line, cells: list[Passage]) -> None:
        """Take one row."""
        self.seats.roster.taken.add(line.number)
        by_kind: dict[str, list[Passage]] = {}
        for i, cell in enumerate(cells):
            if cell.text and i in self.kinds:
                by_kind.setdefault(self.kinds[i], []).append(cell)
        place = Place(line.number, line.passage.at[0], line.end)
        if "duty" in self.kinds.values():
            self._duty(by_kind, place)
        elif cells[0].text and _IS_ROLE.match(cells[0].text) and not any(cell.text for cell in cells[1:]):
            self.role = cells[0].printed()
        else:
            self._person(by_kind, place)

    def _duty(self, cells: dict[str, list[Passage]], place: Place) -> None:
        for unit in cells.get("unit", []):
            names = split_units(unit.text)
            if names and all(looks_like_unit(name) for name in names):
                self.units = tuple(unit.as_printed(name) for name in names)
        for text in cells.get("duty", []):
            if self.units and len(text) >= 4:
                self.seats.duties.append(Duty(self.units, text.printed(), place))

    def _person(self, cells: dict[str, list[Passage]], place: Place) -> None:
        for role in cells.get("role", []):
            if _IS_ROLE.match(role.text):
                self.role = role.printed()
        post = "".join(cell.printed() for cell in cells.get("post", []))
        name = cells["name"][0] if "name" in cells else None
        bare = re.sub(r"\([^()]*\)$", "", name.text) if name is not None else ""
        if name is not None and is_name(bare) and (sure_name(bare) or POST_WORD.search(fold(post))):
            printed = name.as_printed(bare)
            self.seats.roster.members.append(
                Member(printed, self.role, post, unit_of(post), place, self.body)
            )
        elif post and name is None:
            self.seats.roster.posts.append(seat_of(self.role, post, place, self.body))


def read_seats(source: Source, lines: list[Line]) -> Seats:
    """Return the people and duties that tables list."""
    seats = Seats()
    rows = [_cells(source, line) for line in lines]
    _fill_spaced(source, lines, rows)
    at, body = 0, ""
    while at < len(lines):
        if len(rows[at]) < 2:
            body = lines[at].passage.printed() if len(lines[at].text) <= 40 else body
            at += 1
            continue
        end = at + 1
        while end < len(lines) and len(rows[end]) >= 2:
            end += 1
        kinds = _people_columns(rows[at], rows[at + 1 : end]) or _duty_columns(rows[at])
        if kinds and end - at > 1:
            table = _Table(kinds, seats, body, _role_of(rows[at], kinds))
            seats.roster.taken.add(lines[at].number)
            for i in range(at + 1, end):
                table.row(lines[i], rows[i])
        at = end
    return seats
