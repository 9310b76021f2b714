"""Rosters: who sits on a body, with roles carried to unlabelled lines and wrapped posts (E-01 to E-12)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from supervisor.intake.draft import Member, Office, Place, Post
from supervisor.intake.lines import Line
from supervisor.intake.outline import numbered
from supervisor.intake.passages import Passage, Source, fold, split_outside
from supervisor.intake.people import GAP, POST_WORD, Person, people, split_name, sure_name, unit_of
from supervisor.intake.units import looks_like_unit

_RANK = r"(?:第[一二三]|常务|执行|名誉|总|副|联合|共同|双|轮值|专职)*"
_HEAD = (
    r"(?:组长|指挥长|总指挥|指挥|召集人|主任委员|主任|主席|会长|"
    r"理事长|秘书长|队长|政委|顾问|河长|林长|链长|班长|团长|协调人|总监)"
)
_REST = r"组员|成员单位|组成人员|成员|委员|联络员|总负责人|负责人|牵头人|技术负责人|首席专家|专家|组长单位|副组长单位"
_OF_BODY = r"(?:领导小组|指挥部|联席会议|专班|工作组|委员会|工作小组)?"
ROLES = rf"(?:{_RANK}{_HEAD}|{_REST})"
_LABEL = re.compile(rf"(?P<label>{_OF_BODY}(?P<role>(?:办公室|专家组)?{ROLES})(?:\(\d{{1,3}}人\))?):")
_BARE_LABEL = re.compile(rf"{_OF_BODY}(?P<role>{ROLES})$")
#: Roles that stand under tasks as well: they count only within a roster.
_WEAK = frozenset({"负责人", "联络员", "牵头人", "协调人", "专家", "首席专家", "技术负责人", "顾问"})
_POSTLIKE = re.compile(r"(?:主任|主席|会长|理事长|秘书长|队长|政委|委员|班长|团长|总监|负责人)$")
# 张三(市甲局): the post is whole though it names no office-holder
_BRACKETED = re.compile(
    r"(?:^|[、,;\x1f])(?:[一-龥]{1,3}|[^、,;()\x1f]{1,8}·[^、,;()\x1f]{1,8})\([^()]*\)[、,;。]?$"
)
_TITLE = re.compile(
    r"(?:领导小组|指挥部|工作组|专班|委员会|联席会议|工作小组|协调小组|专项组|[一-龥]{2,8}组)[^。,;:]{0,14}?(?:名单|组成人员|成员|组成|人员)?(?:如下)?:?$"
)
#: What stands before a label that lost the line end before it (副总理副组长:).
_RUN_ON = re.compile(r"(?:长|主任|书记|成员|委员|人员|主席|理|师|名单|如下|专员|经理)$")
_GROUP = re.compile(r"[一-龥]{2,10}组")  # 综合协调组组长: the head of a group of the body
_ORDER = re.compile(r"\([^()]{0,12}(?:排序|排名|为序)[^()]{0,6}\)")  # 以下按姓氏笔画排序: of no one
_IN_GENERAL = re.compile(
    r"(?:负责同志|负责人|领导)$"
)  # places without a name, not the post of the one before
_NUMBERED = re.compile(rf"^\d{{1,2}}[.、]{GAP}*(?=[^\d])")
_IN_OFFICE = re.compile(r"(?:负责同志|负责人|分管领导|主要领导|局长|主任|区长|县长|市长)$")


@dataclass(slots=True)
class Roster:
    """What the rosters of a document hold, and which lines they take."""

    members: list[Member] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    offices: list[Office] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)

    def add(self, other: "Roster") -> None:
        """Take over what another part of the document holds, in the document's order."""
        self.members = sorted([*self.members, *other.members], key=lambda m: m.place.start)
        self.posts = sorted([*self.posts, *other.posts], key=lambda p: p.place.start)
        self.taken |= other.taken


@dataclass(slots=True)
class _Entry:
    name: str
    role: str
    post: str
    place: Place
    breaks_off: bool = False
    bracketed: bool = False
    alone: bool = False


@dataclass(slots=True)
class _Row:
    """One line, or several where a bracket was broken over them; `gapped` keeps the white space as marks."""

    lines: list[Line]
    passage: Passage
    gapped: str

    @property
    def text(self) -> str:
        """The folded text without white space."""
        return self.passage.text


def _rows(source: Source, lines: list[Line]) -> Iterator[_Row]:
    """Yield the lines, joined while a bracket that opened in a short run of people stays open."""
    at = 0
    while at < len(lines):
        group = [lines[at]]
        gapped = GAP.join(lines[at].words)
        while (
            len(group) < 5
            and at + len(group) < len(lines)
            and gapped.count("(") > gapped.count(")")
            and re.search(r"\([^()]{0,30}$", gapped)
            and not numbered(lines[at + len(group)].text)
        ):
            group.append(lines[at + len(group)])
            gapped += GAP.join(group[-1].words)
        passage = group[0].passage
        if len(group) > 1:
            passage = source.passage([(line.start, line.end) for line in group])
        yield _Row(group, passage, gapped)
        at += len(group)


def _segments(gapped: str) -> list[tuple[str | None, str]]:
    """Cut a line at the labels in it (组长:张三 副组长:李四); the part before the first label has no role."""
    if ":" not in gapped:
        return []
    plain = gapped.replace(GAP, "")
    where = [i for i, char in enumerate(gapped) if char != GAP]
    cuts: list[tuple[int, int, str]] = []
    for match in _LABEL.finditer(plain):
        start = 0 if _GROUP.fullmatch(plain, 0, match.start()) else where[match.start()]
        if start == 0 or gapped[start - 1] in f"{GAP};,。、)" or _RUN_ON.search(plain, 0, match.start()):
            cuts.append((start, where[match.end() - 1] + 1, match["role"]))
    if not cuts:
        return []
    found: list[tuple[str | None, str]] = [(None, gapped[: cuts[0][0]])] if cuts[0][0] else []
    for i, (_, end, role) in enumerate(cuts):
        stop = cuts[i + 1][0] if i + 1 < len(cuts) else len(gapped)
        found.append((role, gapped[end:stop].strip(GAP)))
    return found


def _unmarked(gapped: str) -> tuple[str, str] | None:
    """Return the role that a line begins with where no colon marks it (组 长 张三 市长)."""
    words = gapped.split(GAP)
    for size in range(min(len(words), 4), 0, -1):
        match = _BARE_LABEL.match("".join(words[:size]))
        rest = words[size:]
        if match and (not rest or (split_name(rest) and people(GAP.join(rest)))):
            return match["role"], GAP.join(rest)
    return None


def posts_of(text: str) -> list[str]:
    """Return the posts of a list without names; the post that closes a list of units is given to each of them."""
    names = [name for name in split_outside(text.rstrip("。;,、"), "、,;") if name]
    posts: list[str] = []
    shared = ""
    for name in reversed(names):
        match = re.search(
            r"(?:等(?:有关|相关)?(?:单位|部门)?)?(?:的)?(?P<post>(?:主要|分管|有关|相关)?(?:负责同志|负责人|领导))$",
            name,
        )
        bare = name[: match.start()] if match else name
        if match and len(bare) >= 2:
            shared = match["post"]
            pair = re.split(r"和|及|与", bare, maxsplit=1)
            if len(pair) == 2 and all(looks_like_unit(part) for part in pair):
                posts += [pair[1] + shared, pair[0] + shared]
            else:
                posts.append(bare + shared)
        else:
            posts.append(name + shared if not POST_WORD.search(name) and looks_like_unit(name) else name)
    return posts[::-1]


def seat_of(role: str, post: str, place: Place, body: str = "") -> Post:
    """Return a place without a name; a list of member units names each unit itself."""
    unit = unit_of(post) or (
        post if fold(role) in {"成员单位", "成员"} and looks_like_unit(fold(post)) else None
    )
    return Post(role, post, place, body, unit)


class _Reader:
    """Walks the rows of a document and collects rosters."""

    def __init__(self) -> None:
        self.out = Roster()
        self.role = ""
        self.shown: dict[str, str] = {}  # roles as the document prints them (成員)
        self.body = ""
        self.entry: _Entry | None = None

    def row(self, row: _Row) -> None:
        """Take one row if it belongs to a roster; otherwise end the roster."""
        segments = self._labelled(row)
        if segments:
            read = [self._segment(row, role, text) for role, text in segments]
            if all(read):
                self._take(row)
            if self.role:
                return
        elif self.role and self._continues(row):
            self._take(row)
            return
        self.close()
        self.role = ""
        if len(row.text) <= 50 and _TITLE.search(row.text):
            self.body = re.sub(
                r"^(?:附件\d*[:：]?|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)]|\d{1,2}[.．、])",
                "",
                row.passage.printed(),
            ).rstrip(":：")

    def _labelled(self, row: _Row) -> list[tuple[str | None, str]]:
        head = numbered(row.text)
        gapped = row.gapped
        if head and not head[0].startswith("chapter"):
            gapped = re.sub(rf"^(?:[^{GAP}]{GAP}*){{{len(head[1])}}}", "", gapped)
        segments = _segments(gapped)
        if segments:
            roles = [role for role, _ in segments if role]
            weak = all(role in _WEAK for role in roles) and not (self.role or self.body)
            loose = segments[0][0] is None and len(roles) < 2 and len(segments[0][1]) > 20
            return [] if weak or loose else segments
        bare = _unmarked(row.gapped)
        if bare and not (self.entry and self._open_post() and _POSTLIKE.search(bare[0])):
            return [bare]
        return []

    def _take(self, row: _Row) -> None:
        self.out.taken.update(line.number for line in row.lines)

    def _segment(self, row: _Row, role: str | None, text: str) -> bool:
        """Read one labelled part of a row; tell whether nothing of it is left for others to read."""
        if role is None:
            return False
        self.shown[role] = row.passage.as_printed(role)
        run, _, rest = _NUMBERED.sub("", text).partition("。")
        if not run.strip(GAP):
            self.close()
            self.role = role
            return True
        if not (self._people(row, run, role) or self._posts(row, run, role)):
            self.role = ""
            return False
        self.role = "" if rest else role
        return not rest

    def _people(self, row: _Row, gapped: str, role: str, *, sure: bool = False) -> bool:
        found = people(gapped)
        if not found or (sure and any(not p.post and not sure_name(p.name) for p in found)):
            return False
        for person in found:
            self._open(row, person, role)
        if self.entry and self.entry.post and gapped.endswith("、") and not gapped.endswith(")、"):
            self.entry.post += "、"
            self.entry.breaks_off = True
        if self.entry:
            self.entry.alone = len(found) == 1
            self.entry.bracketed = bool(_BRACKETED.search(gapped))
        return True

    def _posts(self, row: _Row, gapped: str, role: str) -> bool:
        text = gapped.replace(GAP, "")
        named = re.search(r"长|负责|领导|同志|主任|书记|人员", text)
        listed = split_outside(text, "、,;")
        units = role in {"成员单位", "成员", "组长单位", "副组长单位"} and all(
            looks_like_unit(u) for u in listed if u
        )
        if len(text) > 600 or re.search(r"[!?]", text) or not (named or (units and len(listed) > 1)):
            return False
        self.close()
        self.out.posts += [
            seat_of(self.shown.get(role, role), row.passage.as_printed(post), row.passage.place(), self.body)
            for post in posts_of(text)
        ]
        return True

    def _open(self, row: _Row, person: Person, role: str) -> None:
        self.close()
        place = Place(row.lines[0].number, row.passage.at[0], row.lines[-1].end)
        self.entry = _Entry(
            row.passage.as_printed(person.name),
            role,
            row.passage.as_printed(person.post) if person.post else "",
            place,
        )

    def close(self) -> None:
        """End the person whose post may still go on in the next line."""
        if self.entry is None:
            return
        e, self.entry = self.entry, None
        post = e.post.rstrip("；;。，,、")
        self.out.members.append(
            Member(e.name, self.shown.get(e.role, e.role), post, unit_of(post), e.place, self.body)
        )

    def _open_post(self) -> bool:
        """Tell whether the last post breaks off in the middle."""
        entry = self.entry
        if entry is None or not entry.post or entry.bracketed:
            return False
        return entry.breaks_off or not POST_WORD.search(fold(entry.post))

    def _waits_for_post(self, text: str) -> bool:
        """Tell whether a line is the post of a name that stands alone on the line before it (one cell a line)."""
        entry = self.entry
        if entry is None or entry.post or entry.bracketed or not entry.alone:
            return False
        return (
            len(text) <= 40
            and text[0] != "各"
            and bool(POST_WORD.search(text))
            and not _IN_GENERAL.search(text)
        )

    def _add_to_post(self, row: _Row) -> bool:
        if self.entry is None:
            return False
        if _ORDER.fullmatch(row.text):
            return True
        self.entry.post += row.passage.printed()
        self.entry.breaks_off = row.text.endswith("、")
        old = self.entry.place
        self.entry.place = Place(old.line, old.start, row.lines[-1].end)
        return True

    def _continues(self, row: _Row) -> bool:
        text, gapped = row.text, row.gapped
        head = numbered(text)
        if head:
            gapped = re.sub(rf"^(?:[^{GAP}]{GAP}*){{{len(head[1])}}}", "", gapped)
            found = people(gapped)
            return bool(found and all(p.post for p in found)) and self._people(row, gapped, self.role)
        if len(text) > 120 or re.search(r"[。:!?]", text[:-1]) or text[-1] in "。:":
            return False
        clear = GAP in gapped and sure_name((split_name(gapped.split(GAP)) or ("", []))[0])
        if self._waits_for_post(text):
            return self._add_to_post(row)
        if (not self._open_post() or clear) and self._people(row, gapped, self.role, sure=True):
            return True
        if self._open_post() and len(text) <= 40:
            return self._add_to_post(row)
        if _IN_OFFICE.search(text) and (len(text) <= 40 or "、" in text):
            return self._posts(row, gapped, self.role)
        return (
            (POST_WORD.search(text) is not None or text[0] == "(")
            and len(text) <= 24
            and self._add_to_post(row)
        )


def read_rosters(source: Source, lines: list[Line]) -> Roster:
    """Return members, posts without names and the lines that hold them, in the document's order (E-99)."""
    reader = _Reader()
    for row in _rows(source, lines):
        reader.row(row)
    reader.close()
    out = reader.out
    if len(out.members) + len(out.posts) < 2:
        return Roster()
    return out
