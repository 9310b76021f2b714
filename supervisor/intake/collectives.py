"""Collectives such as 各区人民政府, and the members that the roster lets us propose (E-28 to E-31)."""

import re

from supervisor.intake.draft import Collective, DraftTask, Duty, Member, Place, Proposal
from supervisor.intake.passages import Source, fold
from supervisor.words import N_

PARTY_NOTE = N_("The post is a party post; the government is proposed by the name of its area.").msgid
_TOKEN = re.compile(
    r"^(?:市、)?各(?!成员|有关|相关|部门|单位|级|牵头|责任|职能|主管|市直|区直|县直|州直|省直|类|专业|管线)"
)
#: Open groups: whom they name a person says, they are no unit of the register (E-32).
_OPEN = re.compile(
    r"^(?:各|其他|级|国务院|[省市州县区][直级])*(?:有关|相关|成员|责任|牵头|配合|职能|主管|专业经营|管线)*(?:部门|单位|企业)(?:和单位)?$|等[^、等]{0,6}(?:部门|单位|企业)$"
)
_KINDS = {
    "区": r"区",
    "县": r"(?:县|旗)",
    "市": r"市",
    "州": r"州",
    "盟": r"盟",
    "镇": r"镇",
    "乡": r"乡",
    "街": r"街道?",
}
_PARTY_OF = re.compile(r"^(?P<area>[一-龥]{2,8}?[区县市州旗])委(?:常委|副书记|书记|委员)")


def is_open(name: str) -> bool:
    """Tell whether a name is a group without a fixed membership: 各有关部门, 专业经营企业, 燃气等管线单位 (E-32)."""
    return bool(_OPEN.search(fold(name)))


def tokens(tasks: list[DraftTask], duties: list[Duty]) -> dict[str, Place]:
    """Return the collectives among the units of tasks and duties, in reading order, each with its first clause."""
    found: dict[str, Place] = {}
    items: list[DraftTask | Duty] = [*tasks, *duties]
    for item in items:
        names = (*item.lead, *item.responsible) if isinstance(item, DraftTask) else item.units
        for name in names:
            if name not in found and (_TOKEN.match(name) or is_open(name)):
                found[name] = item.place
    return found


_QUALIFIED = re.compile(r"[(〔〈](?P<text>(?:含|包括|包含)[^()〔〕〈〉]{2,80})[)〕〉]")


def _definitions(source: Source, wanted: set[str]) -> dict[str, tuple[str, Place]]:
    """Return the qualifier printed behind the first such mention of each token (含…,下同) and where it stands."""
    found: dict[str, tuple[str, Place]] = {}
    lengths = sorted({len(token) for token in wanted if len(token) <= 60})
    for match in _QUALIFIED.finditer(source.folded):
        before = source.folded[max(0, match.start() - 80) : match.start()].rstrip()
        end = max(0, match.start() - 80) + len(before)
        for token in {before[-length:] for length in lengths} & wanted - found.keys():
            text = re.sub(r"\s", "", source.text[match.start("text") : match.end("text")])
            text = re.sub(r"[,，;；、](?:以)?下同$", "", text)
            found[token] = (text, source.place(end - len(token), match.end()))
    return found


def _mention(source: Source, token: str, clause: Place) -> Place:
    at = source.folded.find(token, clause.start, clause.end)
    start = at if at >= 0 else clause.start
    return source.place(start, start + len(token))


def _areas(token: str) -> str:
    kinds = [pattern for kind, pattern in _KINDS.items() if kind in fold(token)[1:4]]
    return "|".join(kinds)


_ZONES = re.compile(r"开发区|风景区|园区|高新区|新区|管委会|度假区|功能区|示范区|保税区|合作区")


def _proposals(areas: str, zones: str, people: bool, members: list[Member]) -> tuple[Proposal, ...]:  # noqa: FBT001 - one part of a key
    if not areas and not zones:
        return ()
    government = (
        re.compile(rf"^[一-龥]{{1,10}}(?:{areas})(?:人民政府|政府|办事处|管委会)?$") if areas else None
    )
    found: dict[str, Proposal] = {}
    for member in members:
        unit = fold(member.unit or "")
        bare = re.sub(r"\(.*?\)", "", unit)
        area = government and re.match(r"^[^市省州区县].*", bare) and government.match(bare)
        zone = (
            zones
            and re.search(r"管委会|管理委员会", bare)
            and re.search(zones.replace("管委会", "管理?委"), bare)
        )
        if area or zone:
            found.setdefault(unit, Proposal(member.unit or "", member.name, member.post, certain=True))
        elif government and not member.unit:
            party = _PARTY_OF.match(fold(member.post))
            if party and re.search(rf"(?:{areas})$", party["area"]):
                name = party["area"] + ("人民政府" if people else "政府")
                found.setdefault(
                    name, Proposal(name, member.name, member.post, certain=False, note=PARTY_NOTE)
                )
    return tuple(found.values())


def read_collectives(
    source: Source, tasks: list[DraftTask], duties: list[Duty], members: list[Member]
) -> list[Collective]:
    """Return every collective with its definition and the members proposed from the roster."""
    clauses = tokens(tasks, duties)
    defined = _definitions(source, {fold(token) for token in clauses})
    proposals: dict[tuple[str, str, bool], tuple[Proposal, ...]] = {}
    found = []
    for token, clause in clauses.items():
        folded = fold(token)
        definition, place = defined.get(folded, (None, None))
        zones = "|".join(dict.fromkeys(_ZONES.findall((definition or "") + folded)))
        key = (_areas(token), zones, "人民政府" in token)
        if key not in proposals:
            proposals[key] = _proposals(*key, members)
        found.append(Collective(token, definition, place or _mention(source, folded, clause), proposals[key]))
    return found
