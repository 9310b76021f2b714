"""What a mail address is: asked where somebody types one, and once more before a mail goes out."""

from __future__ import annotations

import re

from supervisor.words import N_, Sentence

#: As long as the column that keeps it.
LONGEST = 200
_ONE_ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+")


def is_one(text: str) -> bool:
    """Whether the text is one address and nothing else: no list, no name, no line break that adds a head to a mail."""
    return text.isascii() and len(text) <= LONGEST and _ONE_ADDRESS.fullmatch(text) is not None


def wrong(text: str) -> Sentence | None:
    """What is wrong with an address as typed; None where none was given, too."""
    if not text.strip() or is_one(text.strip()):
        return None
    return N_("This is no e-mail address.")
