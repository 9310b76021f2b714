"""What was typed in the form of a rule, before it is read against the form. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from supervisor.words import Sentence

YES, NO = "yes", "no"
#: The name of the reason for what is unusual, in forms and in `Invalid.fields`.
REASON = "form_reason"


@dataclass(frozen=True)
class Answers:
    """What was typed in the form, by the fields' keys."""

    #: Number of the form that the page showed; 0 = none.
    form: int = 0
    texts: Mapping[int, str] = field(default_factory=dict)
    files: Mapping[int, Sequence[int]] = field(default_factory=dict)
    reason: str = ""
    #: Files that were not taken, by the names of their inputs.
    refused: Mapping[str, Sentence] = field(default_factory=dict)
    #: A rehearsal hands in no files, also where they are asked for.
    rehearsed: bool = False


#: Nothing typed, as where a rule has no form.
UNASKED = Answers()


def field_name(key: int) -> str:
    """The name of a field's input in forms and in `Invalid.fields`."""
    return f"f{key}"
