"""What stops a verb. Each error is a small class that writes its own sentence; the web maps it once.

DukaoError
├── NotFound          404  also for what exists but may not be seen: its being there is no news for others
├── NotAllowed        403
├── Invalid           422  the input's content; names each field
├── Refused           409  the state of things forbids it; lists what stands in the way
│   └── Stale         409  somebody else changed the record meanwhile; carries both versions
└── TooMany           429
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from supervisor.words import N_, Sentence


class DukaoError(Exception):
    """Base of everything a verb refuses; `sentence` is for the reader, `status` for the web."""

    status = 500

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


class NotFound(DukaoError):
    """No such record, or none that this reader may see."""

    status = 404

    def __init__(self, sentence: Sentence | None = None) -> None:
        super().__init__(sentence or N_("There is nothing here that you may see."))


class NotAllowed(DukaoError):
    """The reader's roles do not include this act."""

    status = 403

    def __init__(self, sentence: Sentence | None = None) -> None:
        super().__init__(sentence or N_("Your role does not include this act."))


class Invalid(DukaoError):
    """Input that cannot be taken; `fields` maps each field's name to what is wrong with it."""

    status = 422

    def __init__(self, sentence: Sentence, fields: Mapping[str, Sentence] | None = None) -> None:
        super().__init__(sentence)
        self.fields = dict(fields or {})


@dataclass(frozen=True)
class Obstacle:
    """One thing that stands in the way: what it is and where to mend it (an application path, or None)."""

    sentence: Sentence
    link: str | None = None


class Refused(DukaoError):
    """The state of things forbids the act; `obstacles` says what is in the way, each with its place."""

    status = 409

    def __init__(self, sentence: Sentence, obstacles: Sequence[Obstacle] = ()) -> None:
        super().__init__(sentence)
        self.obstacles = tuple(obstacles)


class Stale(Refused):
    """Somebody else saved first. `theirs` and `yours` are (label, text) pairs shown side by side."""

    def __init__(
        self, theirs: Sequence[tuple[Sentence | str, str]], yours: Sequence[tuple[Sentence | str, str]]
    ) -> None:
        super().__init__(N_("Somebody else changed this while you were editing. Nothing of yours is lost."))
        self.theirs = tuple(theirs)
        self.yours = tuple(yours)


class TooMany(DukaoError):
    """Too many attempts; `seconds` to wait."""

    status = 429

    def __init__(self, sentence: Sentence, seconds: int) -> None:
        super().__init__(sentence)
        self.seconds = seconds
