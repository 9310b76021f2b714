"""The offices of bodies: where they sit and who directs them (E-06, E-08)."""

import re

from supervisor.intake.draft import Office
from supervisor.intake.passages import Passage
from supervisor.intake.people import is_name, people, unit_of

_HOST = re.compile(
    r"(?P<office>[^,。;:]{0,24}?办公室)(?:,办公室)?(?:设在|设于|设立在)(?P<unit>[^,。;:]{2,30}?)(?:[,。;]|$)|"
    r"(?P<under>[^,。;:]{0,24}?(?:下设|设立?)办公室)(?:,办公室)?(?:设)?在(?P<unit2>[^,。;:]{2,30}?)(?:办公|[,。;]|$)|"
    r"(?P<office3>[^,。;:]{0,24}?办公室)在(?P<unit3>[^,。;:]{2,30}?)办公"
)
_DIRECTOR = re.compile(
    r"(?:由)?(?P<name>[一-龥·]{2,24}?)(?:同志)?(?:\((?P<post>[^()]{2,30})\))?(?:兼任|兼|担任|任)(?:领导小组|联席会议|工作组|指挥部)?(?P<role>(?:办公室)?(?:常务)?副?主任)"
)
_DIRECTOR_BEFORE = re.compile(
    r"(?P<role>办公室(?:常务)?副?主任)(?:由|为|:)(?P<names>[^。;]{2,160}?)(?:同志)?(?:兼任|担任|(?<!主)任|兼(?!职))"
)
#: A post in the place of a name: 区住建局局长, 分管领导, 主要负责同志.
_BY_POST = re.compile(
    r"(?:局长|主任|区长|县长|市长|州长|秘书长|书记|(?:主要|分管|有关)?(?:负责同志|负责人|负责)|领导)$"
)
_NAMED = re.compile(r"(?P<name>[一-龥·]{2,12}?)(?:同志)?(?:\([^()]*\))?(?:、|,|$)")


def _director(passage: Passage, role: str, name: str, start: int, end: int) -> Office | None:
    holder = re.sub(r"^.*由", "", name)
    if _BY_POST.search(holder):  # the post's holder of the day directs it (E-10)
        printed = re.sub(r"负责$", "负责同志", passage.as_printed(holder))
        return Office(
            _full(role), None, unit_of(printed), passage.printed(start, end), passage.place(start, end)
        )
    if not is_name(name) or (len(name) > 3 and "·" not in name):
        found = people(name) if len(name) > 3 else None
        if not found or len(found) > 1 or not found[0].post:
            return None
        name = found[0].name
    return Office(_full(role), name, None, passage.printed(start, end), passage.place(start, end))


def _full(role: str) -> str:
    return role if role.startswith("办公室") else "办公室" + role


def offices_in(passages: list[Passage]) -> list[Office]:
    """Return where bodies have their office and who directs it (由某同志兼任, E-06, E-08)."""
    found: list[Office] = []
    for passage in passages:
        text = passage.text
        if "办公室" not in text:
            continue
        for match in _HOST.finditer(text):
            unit = match["unit"] or match["unit2"] or match["unit3"]
            span = match.span()
            found.append(Office("办公室", None, unit, passage.printed(*span), passage.place(*span)))
        for match in _DIRECTOR_BEFORE.finditer(text):
            by_post = [match["names"]] if _BY_POST.search(match["names"]) else None
            for name in by_post or [one["name"] for one in _NAMED.finditer(match["names"])]:
                office = _director(passage, match["role"], name, match.start(), match.end())
                found += [office] if office else []
        for match in _DIRECTOR.finditer(text):
            office = _director(passage, match["role"], match["name"], match.start(), match.end())
            if office and not any(o.name == office.name and o.role == office.role for o in found):
                found.append(office)
    return found
