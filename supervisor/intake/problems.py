"""How a reading says what a person must look at."""

from supervisor.intake.draft import Problem
from supervisor.words import Sentence


def problem(code: str, sentence: Sentence, line: int | None = None, *, grave: bool = False) -> Problem:
    """Return the problem that a sentence tells; its parameters become text or numbers that can be stored."""
    params = {key: value if isinstance(value, int) else str(value) for key, value in sentence.params.items()}
    return Problem(code, sentence.msgid, params, line, grave)
