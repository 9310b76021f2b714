"""Bodies described in running text: 由县长张三任组长, 组长由县长担任, 成员由…组成 (S1, E-09, E-10)."""

import re
from dataclasses import dataclass

from supervisor.intake.draft import Member, Succession
from supervisor.intake.passages import Passage, fold
from supervisor.intake.people import POST_WORD, people, unit_of
from supervisor.intake.roster import ROLES, Roster, posts_of, seat_of
from supervisor.intake.units import looks_like_unit, split_units

_BODY = re.compile(r"领导小组|工作组|专班|指挥部|联席会议|委员会|工作小组|协调小组|召集人|组长.{0,200}组长")
_ASIDE = (
    r"主任|副主任|常务副主任|负责人|总负责人|联络员|专家|首席专家|技术负责人|顾问|牵头人|协调人|会长|主席|"
    r"班长|站长|团长|总监"
)
_ROLE = (
    rf"(?P<role>(?<!办公室)(?<![副总])(?<!常务)(?<!执行)(?!(?:第[一二三]|常务|执行)*(?:{_ASIDE}))(?:{ROLES}))"
)
#: 组长由甲担任, 成员为乙; the body's name may stand before.
_FIRST = re.compile(rf"{_ROLE}(?:分别)?(?:由|为|包括:?|有:?)(?!:)")
#: 由甲任组长, 以乙为组长
_LAST = re.compile(
    rf"(?<!不再)(?:兼任|担任|任|为)(?:领导小组|联席会议|工作组|指挥部|工作专班|专班|委员会)?(?:的)?{_ROLE}(?!单位由|由|为)"
)
_LISTED_ELSEWHERE = re.compile(r"名单(?:附后|见附件|另发|详见)|详见附件|见附件")
_STOP = re.compile(r"(?:兼任|担任|组成|参加)(?=[,;。的]|$)")
_HEAD = re.compile(r"^.*(?:由|以(?![及上下]))|^(?:并|和|,|;|、|的|分别)+")
_TOTAL = re.compile(r"等?(?:\d+|[一二三四五六七八九十]+)(?:个|家)[^、,和及]{0,12}(?:部门|单位)(?:和单位)?")


@dataclass(frozen=True, slots=True)
class _Seat:
    """A role and the words that say who holds it, with their span in the passage."""

    role: str
    who: str
    start: int
    end: int


def _sentences(text: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    for match in re.finditer(r"[。;!?]|$", text):
        if match.end() > start:
            spans.append((start, match.end()))
        start = match.end()
    return spans


def _seats(text: str, start: int, end: int) -> list[_Seat]:
    """Return the seats of one sentence, in either order of role and person."""
    first = list(_FIRST.finditer(text, start, end))
    found = []
    for i, match in enumerate(first):
        stop = first[i + 1].start() if i + 1 < len(first) else end
        who = text[match.end() : stop]
        cut = _STOP.search(who)
        who = (who[: cut.start()] if cut else who).rstrip("。;,")
        found.append(_Seat(match["role"], who, match.end(), match.end() + len(who)))
    if found:
        return found
    at = start
    for match in _LAST.finditer(text, start, end):
        who = text[at : match.start()]
        head = _HEAD.match(who)
        begin = at + (head.end() if head else 0)
        found.append(_Seat(match["role"], text[begin : match.start()], begin, match.start()))
        at = match.end()
    return found


def _clean(who: str) -> str:
    bare = re.sub(r"(?:等|组成|分别)+$", "", who.strip("、,;和及"))
    return re.sub(r"以及", "、", bare)


def add_prose(roster: Roster, passages: list[Passage]) -> None:
    """Add the seats that running text names; posts without names do not fill a role that a printed roster fills."""
    filled = {fold(m.role) for m in roster.members} | {fold(p.role) for p in roster.posts}
    known = {(fold(m.name), fold(m.role)) for m in roster.members}
    for passage in passages:
        text = passage.text
        body = _BODY.search(text)
        if not body or _LISTED_ELSEWHERE.search(text):
            continue
        for start, end in _sentences(text):
            if end - start > 800 or end < body.end():
                continue
            for seat in _seats(text, start, end):
                _sit(roster, passage, seat, known, open_role=seat.role not in filled)


def _sit(
    roster: Roster, passage: Passage, seat: _Seat, known: set[tuple[str, str]], *, open_role: bool
) -> None:
    who = _clean(seat.who)
    place = passage.place(seat.start, seat.end)
    found = people(who) if 2 <= len(who) <= 500 and seat.role != "成员单位" else None
    if found:
        for person in found:
            post = passage.as_printed(person.post) if person.post else ""
            if (person.name, seat.role) not in known:
                roster.members.append(
                    Member(passage.as_printed(person.name), seat.role, post, unit_of(post), place)
                )
                known.add((person.name, seat.role))
    elif open_role and 2 <= len(who) <= 600:
        posts = _units(who) if seat.role == "成员单位" else posts_of(who)
        if posts and (POST_WORD.search(posts[-1]) or seat.role == "成员单位"):
            roster.posts += [seat_of(seat.role, passage.as_printed(post), place) for post in posts]


def _units(who: str) -> list[str]:
    """Return the units of a list of members; one that is no unit makes the whole list unread."""
    units = split_units(
        re.sub(
            r"等?(?:有关|相关)?(?:部门|单位)(?:的?主要(?:领导|负责人|负责同志))?$", "", _TOTAL.sub("、", who)
        )
    )
    return units if all(looks_like_unit(unit) for unit in units) else []


_SUCCESSION = re.compile(
    r"[^。;]{0,80}(?:自然|自行|自动)(?:递补|接替|接任|替补|更替)[^。;]{0,60}|"
    r"[^。;]{0,60}(?:变动|调整)[^。;]{0,30}(?:由)?[^。;]{0,20}(?:接任|继任|接替)(?:者|人|同志|领导|人员)[^。;]{0,40}"
)


def succession_in(passages: list[Passage]) -> list[Succession]:
    """Return the clauses that say who follows when a member changes (由接任者自然递补, 不另行文)."""
    found = []
    for passage in passages:
        match = _SUCCESSION.search(passage.text) if re.search(r"递补|接替|接任|替补", passage.text) else None
        if match:
            found.append(Succession(passage.printed(*match.span()), passage.place(*match.span())))
    return found
