"""What is wrong with a rulebook or a facts file: always a whole list with places, never half a result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

#: Keys and indices from the top of a document to what is wrong.
Path = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong, and where.

    Attributes:
        place: path through the file in words a writer can follow (`table 1 › indicator task › weight`).
        message: what is wrong, in one sentence.
        path: the same place as keys and indices, for whoever shows the field; empty where it is the whole.
    """

    place: str
    message: str
    path: Path = field(default=(), compare=False)

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


class ScoringError(ValueError):
    """Base of both errors; `problems` holds every problem found, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(dict.fromkeys(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class RulebookError(ScoringError):
    """The rulebook cannot be used: every reason at once."""


class FactsError(ScoringError):
    """The facts cannot be scored: every reason at once."""
