"""The rungs of the ladder: what each paper is called, how it is numbered, what must have come before it (D22).

reminder (automatic) → urge → supervision notice blue → yellow → red → criticism by circular / formal talk
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from supervisor.models import Rung


@dataclass(frozen=True)
class Form:
    """The paper of a rung, in official words."""

    #: 督办通知单.
    name: str
    #: 蓝色; empty where a paper has no colour.
    level: str
    #: Series of its numbers, and the letters of the series as printed.
    register: str
    letters: str
    #: One of these must stand on record about the matter before this step.
    earlier: tuple[Rung, ...]


_NOTICES = (Rung.BLUE, Rung.YELLOW, Rung.RED)

FORMS: Mapping[Rung, Form] = {
    Rung.URGE: Form("催办单", "", "urge", "催", ()),
    Rung.BLUE: Form("督办通知单", "蓝色", "notice", "督", (Rung.URGE,)),
    Rung.YELLOW: Form("督办通知单", "黄色", "notice", "督", (Rung.BLUE,)),
    Rung.RED: Form("督办通知单", "红色", "notice", "督", (Rung.YELLOW,)),
    # D22: an urge or a supervision notice about the matter is the earlier step of a criticism.
    Rung.CRITICISM: Form("通报", "", "criticism", "督通", (Rung.URGE, *_NOTICES)),
    # Called in for a talk is whoever did not heed a notice.
    Rung.TALK: Form("约谈通知书", "", "talk", "约", _NOTICES),
}


def next_of(rung: Rung | None) -> tuple[Rung, ...]:
    """The steps that may be proposed after the highest one so far; two after red, none after the last."""
    climb = {
        None: (Rung.URGE,), Rung.URGE: (Rung.BLUE,), Rung.BLUE: (Rung.YELLOW,), Rung.YELLOW: (Rung.RED,),
        Rung.RED: (Rung.CRITICISM, Rung.TALK), Rung.CRITICISM: (Rung.TALK,), Rung.TALK: (),
    }  # fmt: skip
    return climb[rung]
