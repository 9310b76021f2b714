"""Rules that a notice sets once for all its tasks: who leads, who always answers, what a star means."""

import re
from dataclasses import dataclass, replace

from supervisor.intake.passages import Passage, fold
from supervisor.intake.roles import Annotation, once
from supervisor.intake.units import looks_like_unit, split_units

Names = tuple[str, ...]
_STARS = "★☆*▲△●◎※#"
_FIRST_LEADS = re.compile(
    r"(?:第一|首|最前|最先)(?:位|个|家|名|列)?[^。;]{0,14}(?:为|是|系|即)[^。;]{0,8}(?:牵头|主办)"
    r"|(?:牵头|主办)[^。;]{0,6}(?:为|是|系|列|排)[^。;]{0,6}(?:第一|首)(?:位|个)"
)
_COMMA_LEADS = re.compile(r"(?:逗号|分号)(?:之|以)?前[^。;]{0,8}(?:为|是)[^。;]{0,4}(?:牵头|主办)")
_STAR_LEADS = re.compile(
    rf"(?:带|标|标有|标注|打|加|注)[“\"(]?(?P<star>[{_STARS}])[”\")]?(?:号|标记|符号|的|者|部门|单位)*(?:为|是|系)(?:牵头|主办|主责)"
)
_EVERYWHERE = re.compile(
    r"(?:以下|以上|下列|上述|各项|本方案|本清单|所有|全部|每项)[^。;,()]{0,16}?(?:均|都)?(?:需要?|须|由|要求|涉及|应由?|包括|包含|含)"
    r"(?P<units>[^。;,()]{2,6}(?:\([^()]{1,12}\)|〔[^〔〕]{1,12}〕)?[^。;()]{0,80}?)"
    r"(?:具体|组织|共同|贯彻|配合|负责|抓好|参与|承担)*(?:落实|负责|配合|实施|承担|参与|执行)?(?:的)?"
    r"[,;。、](?:故)?(?:不再|不另|不)(?:逐一|一一|逐项|逐条|另行|重复|分别|单独|再)*(?:列出|列入|列|标注|注明|列明|说明|罗列|列举)"
)


_MAYBE = re.compile("牵头|主办|主责|不")


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for every task of a notice.

    Attributes:
        first_leads: the first unit named leads (第一位为牵头部门).
        comma_leads: the units before the first comma of a list lead (列逗号之前的为牵头单位).
        star: the sign that marks a lead unit, if the notice defines one.
        everywhere: units that answer for every task without being listed (均需各区落实,不再列出).
    """

    first_leads: bool = False
    comma_leads: bool = False
    star: str | None = None
    everywhere: Names = ()

    def on(self, note: Annotation) -> Annotation:
        """Return one mark with its units as the rules have it."""
        lead, responsible = self.roles(note.lead, note.responsible, note.head)
        same = (lead, responsible) == (note.lead, note.responsible)
        return note if same else replace(note, lead=lead, responsible=responsible)

    def roles(self, lead: Names, responsible: Names, head: int) -> tuple[Names, Names]:
        """Return lead and responsible units of one mark; `head` units stand before its first comma."""
        if self.star and not lead:
            lead = tuple(n for n in responsible if self.star in (n[0], n[-1]))
            responsible = tuple(n for n in responsible if n not in lead)
        lead, responsible = _bare(lead), _bare(responsible)
        count = head if self.comma_leads else 1 if self.first_leads else 0
        if not lead:
            lead, responsible = responsible[:count], responsible[count:]
        return lead, responsible

    def complete(self, lead: Names, responsible: Names) -> Names:
        """Return the responsible units of a task with those that answer for every task."""
        told = [fold(name) for name in (*lead, *responsible)]
        more = [name for name in self.everywhere if not any(one.startswith(fold(name)) for one in told)]
        return tuple(once([*responsible, *more]))


def _bare(names: Names) -> Names:
    return tuple(once([name.strip(_STARS) for name in names if name.strip(_STARS)]))


def read_rules(passages: list[Passage]) -> Rules:
    """Read the rules from all passages of a notice."""
    first_leads, comma_leads, star = False, False, None
    units: list[str] = []
    for passage in passages:
        if not _MAYBE.search(passage.text):
            continue
        first_leads = first_leads or bool(_FIRST_LEADS.search(passage.text))
        comma_leads = comma_leads or bool(_COMMA_LEADS.search(passage.text))
        sign = _STAR_LEADS.search(passage.text)
        star = star or (sign["star"] if sign else None)
        for match in _EVERYWHERE.finditer(passage.text) if "不" in passage.text else ():
            units += [
                passage.as_printed(name) for name in split_units(match["units"]) if looks_like_unit(name)
            ]
    return Rules(first_leads, comma_leads, star, tuple(once(units)))
