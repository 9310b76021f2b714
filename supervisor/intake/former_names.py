"""Names that a notice calls former (市农业农村局（原市农业局）, 原甲局，现乙局): aliases to propose (E-26)."""

import re
from collections.abc import Iterable

from supervisor.intake.draft import FormerName, Problem
from supervisor.intake.passages import Passage
from supervisor.intake.problems import problem
from supervisor.intake.units import clean, looks_like_unit, split_units
from supervisor.words import N_

_NAME = r"[^,、;。:!?()〔〕《》“”]{2,25}"
_NAMES = r"[^,;。:!?()〔〕《》“”]{2,60}"
_FORMS = (
    re.compile(rf"(?P<new>{_NAME})[(〔]原(?:为|名|称)?(?P<old>{_NAMES})[)〕]"),
    re.compile(rf"(?<![一-龥])(?:由|将|把|对|与|和)?原(?P<old>{_NAME})[,(〔]现(?:为|称|名|更名为|改为)?(?P<new>{_NAME}?)(?=[,、;。:!?()〔〕]|$)"),
    re.compile(rf"(?:原)?(?P<old>{_NAMES}?)(?:已)?(?:更名|改名|改称|合并组建|整合组建|合并|整合|撤并)为(?P<new>{_NAME}?)(?=[,、;。:!?()〔〕]|$)"),
)  # fmt: skip
_SAID = re.compile(r"(?<=.{3})(?:负责|牵头|承担|配合|会同|按照|按|履行|组织|具体|统一).*$")
_FRAME = re.compile(r"^.*(?:将|把|由|根据|按照|请|经|同意|决定)")


def former_names_in(passages: Iterable[Passage]) -> list[FormerName]:
    """Return each former name with the name of today; nothing where either is no unit."""
    found: dict[tuple[str, str], FormerName] = {}
    for passage in passages:
        if "原" not in passage.text and "为" not in passage.text:
            continue
        for form in _FORMS:
            for match in form.finditer(passage.text):
                new = clean(_SAID.sub("", _FRAME.sub("", match["new"])))
                for old in split_units(_FRAME.sub("", match["old"]).removeprefix("原")):
                    if old != new and looks_like_unit(old) and looks_like_unit(new):
                        names = passage.as_printed(old), passage.as_printed(new)
                        span = match.span()
                        found.setdefault(
                            names, FormerName(*names, passage.printed(*span), passage.place(*span))
                        )
    return list(found.values())


def of_former_names(names: Iterable[FormerName]) -> Iterable[Problem]:
    """Yield each former name for a person to confirm; nothing is merged."""
    for name in names:
        sentence = N_(
            "“%(old)s” is given as the former name of “%(new)s”: confirm it as an alias.",
            old=name.old,
            new=name.new,
        )
        yield problem("former_name", sentence, name.place.line)
