"""Collectives such as 各区人民政府, and the members that the roster lets us propose (E-28 to E-31)."""

import re

from supervisor.intake.draft import Collective, DraftTask, Duty, Member, Place, Proposal
from supervisor.intake.passages import Source, fold
from supervisor.words import N_

PARTY_NOTE = N_("The post is a party post; the government is proposed by the name of its area.").msgid
_TOKEN = re.compile(
    r"^(?:市、)?各(?!成员|有关|相关|部门|单位|级|牵头|责任|职能|主管|市直|区直|县直|州直|省直|类|专业|管线)"
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


def tokens(tasks: list[DraftTask], duties: list[Duty]) -> list[str]:
    """Return the collectives among the units of tasks and duties, in reading order."""
    names = [name for task in tasks for name in (*task.lead, *task.responsible)]
    names += [name for duty in duties for name in duty.units]
    return [name for name in dict.fromkeys(names) if _TOKEN.match(name)]


def _definition(source: Source, token: str) -> tuple[str | None, Place]:
    """Return the qualifier printed behind the first such mention (含…,下同) and where it stands."""
    folded = fold(token)
    first = source.folded.find(folded)
    pattern = re.compile(
        re.escape(folded) + r"\s*[(〔〈](?P<text>(?:含|包括|包含)[^()〔〕〈〉]{2,80})[)〕〉]"
    )
    match = pattern.search(source.folded)
    if match:
        text = re.sub(r"\s", "", source.text[match.start("text") : match.end("text")])
        return re.sub(r"[,，;；、](?:以)?下同$", "", text), source.place(match.start(), match.end())
    start = max(first, 0)
    return None, source.place(start, start + len(token))


def _areas(token: str) -> str:
    kinds = [pattern for kind, pattern in _KINDS.items() if kind in fold(token)[1:4]]
    return "|".join(kinds)


def _proposals(token: str, definition: str | None, members: list[Member]) -> tuple[Proposal, ...]:
    areas = _areas(token)
    zones = "|".join(
        re.findall(
            r"开发区|风景区|园区|高新区|新区|管委会|度假区|功能区|示范区|保税区|合作区",
            (definition or "") + fold(token),
        )
    )
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
                name = party["area"] + ("人民政府" if "人民政府" in token else "政府")
                found.setdefault(
                    name, Proposal(name, member.name, member.post, certain=False, note=PARTY_NOTE)
                )
    return tuple(found.values())


def read_collectives(
    source: Source, tasks: list[DraftTask], duties: list[Duty], members: list[Member]
) -> list[Collective]:
    """Return every collective with its definition and the members proposed from the roster."""
    found = []
    for token in tokens(tasks, duties):
        definition, place = _definition(source, token)
        found.append(Collective(token, definition, place, _proposals(token, definition, members)))
    return found
