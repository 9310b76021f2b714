"""The bodies of a reviewed notice: its roster lines and offices gathered by the body they belong to. Pure.

A roster's heading or the sentence that founds the body gives its name; an office, a team and a seal belong to
the body that the same sentence names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from supervisor.core.draft_ledger import Ledger
from supervisor.core.draft_rows import LedgerPerson
from supervisor.core.unit_names import name_key
from supervisor.intake.draft import Office
from supervisor.models import BodyKind

_KINDS = (
    ("领导小组", BodyKind.LEADING_GROUP),
    ("协调小组", BodyKind.LEADING_GROUP),
    ("工作小组", BodyKind.LEADING_GROUP),
    ("联席会议", BodyKind.JOINT_MEETING),
    ("指挥部", BodyKind.HEADQUARTERS),
    ("专班", BodyKind.TASK_FORCE),
    ("工作组", BodyKind.WORKING_GROUP),
    ("委员会", BodyKind.COMMITTEE),
)
_WORDS = "|".join(word for word, _kind in _KINDS)
_WORD = re.compile(_WORDS)
_FOUNDED = re.compile(
    rf"(?:成立|建立|组建|设立|组成)(?P<name>[^,，。;；:：（(《》]{{0,60}}?(?:{_WORDS}))(?!办公室|成员)"
)
#: 由市政府分管副市长任组长的…, 以县政府主要领导为组长的…
_LED_BY = re.compile(r"^.*(?:组长|召集人|指挥长|总指挥|主任)的")
_LIST = re.compile(
    r"(?:主要)?(?:组成人员|成员|人员)?(?:的)?名单$|(?:组成人员|组成单位|成员单位|成员)$|(?<=会议)制度$"
)
_TEAMS = re.compile(r"下设(?P<list>[^,，。;；:：]{2,60})")
_TEAM = re.compile(r"(?:专班|工作组|专项组)$")
_SEAL = re.compile(
    r"由(?P<unit>[^,，。;；由]{2,40}?)代章|(?:印章)?由(?P<other>[^,，。;；由]{2,40}?)(?:印章)?代替"
)
_BRACKET = r"[（(](?P<post>[^（）()]{2,60})[）)]"
_HEADLESS = "成员名单"


@dataclass(frozen=True)
class DraftSeat:
    """A seat as printed; `name` empty = a post only, `post` empty = none stated."""

    role: str
    name: str = ""
    post: str = ""
    unit: str = ""
    line: int | None = None
    #: The roster line it comes from; None = an office post.
    person: LedgerPerson | None = None


@dataclass
class DraftBody:
    """A body as the notice describes it; `parent` is the name of the body whose office or team it is."""

    name: str
    kind: BodyKind
    parent: str = ""
    host: str = ""
    seal: str = ""
    line: int | None = None
    seats: list[DraftSeat] = field(default_factory=list)


def kind_of(name: str) -> BodyKind:
    """The kind that a body's name says; the last word of it decides."""
    if name.endswith("办公室"):
        return BodyKind.OFFICE
    found = list(_WORD.finditer(name))
    return dict(_KINDS)[found[-1].group()] if found else BodyKind.OTHER


def bodies_of(ledger: Ledger) -> list[DraftBody]:
    """The bodies of a notice in its order, an office behind its body, seats in printed order (E-99)."""
    return _Gathering(ledger).bodies()


class _Gathering:
    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.text = ledger.read.document.text
        self.lines = self.text.split("\n")
        self.founded = [(m.start(), _LED_BY.sub("", _bare(m["name"]))) for m in _FOUNDED.finditer(self.text)]
        self.found: dict[str, DraftBody] = {}

    def bodies(self) -> list[DraftBody]:
        for person in self.ledger.roster:
            if not person.dropped:
                self._seat(person)
        for office in self.ledger.read.offices:
            self._office(office)
        for body in [b for b in self.found.values() if not b.parent]:
            self._teams(body)
        self._seals()
        return list(self._in_order())

    def _seat(self, person: LedgerPerson) -> None:
        body = self._body(self._name_for(person), person.line)
        role = person.role
        if role.startswith("办公室") and body.kind is not BodyKind.OFFICE:
            office = self._body(f"{body.name}办公室", person.line)
            office.parent, body, role = body.name, office, role.removeprefix("办公室")
        body.seats.append(DraftSeat(role, person.name, person.post, person.unit, person.line, person))

    def _body(self, name: str, line: int | None) -> DraftBody:
        body = self.found.get(name_key(name))
        if body is None:
            body = self.found[name_key(name)] = DraftBody(name[:200], kind_of(name), line=line)
        return body

    def _name_for(self, person: LedgerPerson) -> str:
        heading = _LIST.sub("", _bare(person.body))
        start = person.spans[0][0] if person.spans else 0
        said = heading or self._word_before(start)
        if not said:
            return next(iter(self.found.values())).name if self.found else _HEADLESS
        return self._full(said, start)

    def _full(self, said: str, start: int) -> str:
        """A bare word (联席会议) in full: as the nearest sentence before it founds it, else the first one after."""
        if not _WORD.fullmatch(said):
            return said
        named = [(at, name) for at, name in self.founded if name.endswith(said) and name != said]
        before = [name for at, name in named if at <= start]
        if before:
            return before[-1]
        titled = re.match(
            rf"(?:关于)?(?:调整|成立|建立)?(?P<name>.{{2,40}}?{said})", _bare(self.ledger.title)
        )
        return named[0][1] if named else (titled["name"] if titled else said)

    def _word_before(self, start: int) -> str:
        """The last word for a body in the sentence's line before `start`, else anywhere in that line."""
        begin = self.text.rfind("\n", 0, start) + 1
        end = self.text.find("\n", start)
        words = _WORD.findall(self.text[begin:start]) or _WORD.findall(
            self.text[begin : end if end >= 0 else None]
        )
        return str(words[-1]) if words else ""

    def _parent_of(self, office: Office) -> DraftBody:
        """The body whose office it is: named in its words or before them, else the only or the last one."""
        words = _WORD.findall(office.text)
        said = str(words[0]) if words else self._word_before(office.place.start)
        tops = [body for body in self.found.values() if not body.parent]
        same = [body for body in tops if said and body.name.endswith(said)]
        full = self._full(said, office.place.start) if said else ""
        named = next((body for body in same if body.name == full), None)
        if named or same:
            return named or same[-1]
        if said:
            return self._body(full, office.place.line)
        return tops[-1] if tops else self._body(_HEADLESS, office.place.line)

    def _office(self, office: Office) -> None:
        parent = self._parent_of(office)
        body = self._body(f"{parent.name}办公室", office.place.line)
        body.parent = parent.name
        if office.role == "办公室":
            body.host = body.host or _bare(office.unit or "")
            return
        role = office.role.removeprefix("办公室")
        bracket = (
            re.search(f"{re.escape(office.name)}(?:同志)?{_BRACKET}", _bare(office.text))
            if office.name
            else None
        )
        post = bracket["post"] if bracket else ("" if office.name else _holder_by_post(office))
        seat = DraftSeat(role, office.name or "", post, office.unit or "", office.place.line)
        if not any((s.role, s.name, s.post) == (seat.role, seat.name, seat.post) for s in body.seats):
            body.seats.append(seat)

    def _teams(self, body: DraftBody) -> None:
        """Teams founded beside the office (下设办公室和专项工作专班)."""
        word = _WORD.findall(body.name)
        for match in _TEAMS.finditer(self.text):
            said = self._word_before(match.start())
            if not word or said != word[-1]:
                continue
            for name in re.split(r"[和及、与]", _bare(match["list"])):
                if _TEAM.search(name) and len(name) <= 20:
                    team = self._body(f"{body.name}{name}", self.text.count("\n", 0, match.start()) + 1)
                    team.kind, team.parent = kind_of(name), body.name

    def _seals(self) -> None:
        for match in _SEAL.finditer(self.text):
            line = self.text[self.text.rfind("\n", 0, match.start()) + 1 : match.start()]
            words = set(_WORD.findall(line))
            for body in self.found.values():
                top = body.parent or body.name
                if any(top.endswith(word) for word in words):
                    body.seal = body.seal or _bare(match["unit"] or match["other"])

    def _in_order(self) -> Iterator[DraftBody]:
        for body in self.found.values():
            if not body.parent:
                yield body
                yield from (child for child in self.found.values() if child.parent == body.name)


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def _holder_by_post(office: Office) -> str:
    """The post that directs an office in place of a person (E-10)."""
    text = _bare(office.text)
    before = re.match(r"(?:由)?(?P<post>.{2,40}?)(?:兼任|担任|任|兼)(?:.{0,6})?办公室", text)
    behind = re.search(r"主任(?:由|为|:|：)(?P<post>.{2,40}?)(?:兼任|担任|任|兼|$)", text)
    found = before or behind
    return found["post"] if found else (office.unit or "")
