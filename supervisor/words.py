"""Words: English sentences that wait for their language, and the Chinese catalogue.

Code below the web never translates on its own: it hands out a `Sentence` (an English msgid with its
parameters) and the edge that knows the reader says it. Catalogues lie in `translations/zh_CN/<noun>.po`,
one per noun, so that two people can add words at the same time; they are merged into one compiled file.
"""

from __future__ import annotations

import gettext
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

TRANSLATIONS = Path(__file__).parent / "translations"
# Babel resolves zh_CN to this name and looks nowhere else.
COMPILED = TRANSLATIONS / "zh_Hans_CN" / "LC_MESSAGES" / "messages.mo"
LOCALES = ("zh_CN", "en")
DEFAULT_LOCALE = "zh_CN"


@dataclass(frozen=True)
class Sentence:
    """An English msgid and what fills its `%(name)s` places; said in the reader's language at the edge."""

    msgid: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """The English form, for logs and for `run.py`."""
        return say(self, "en")


@dataclass(frozen=True)
class OwnWords(Sentence):
    """Words that an office wrote itself, with its own English where it gave one; nobody translates them."""

    en: str = ""


def N_(msgid: str, **params: object) -> Sentence:  # noqa: N802 -- the name that catalogue extraction knows
    """Mark an English sentence for translation and keep its parameters beside it."""
    return Sentence(msgid, params)


def say(text: Sentence | str, locale: str) -> str:
    """The sentence in `locale` (`zh_CN` or `en`); parameters that are sentences are said too."""
    if isinstance(text, str):
        text = Sentence(text)
    if isinstance(text, OwnWords):
        return text.en if locale == "en" and text.en else text.msgid
    said = _translations().gettext(text.msgid) if locale == "zh_CN" and text.msgid else text.msgid
    if not text.params:
        return said
    return said % {key: say(v, locale) if isinstance(v, Sentence) else v for key, v in text.params.items()}


@lru_cache(maxsize=1)
def _translations() -> gettext.NullTranslations:
    compile_catalogues()
    with COMPILED.open("rb") as file:
        return gettext.GNUTranslations(file)


def compile_catalogues() -> bool:
    """Merge the `.po` files into `messages.mo`; True when something was written.

    Written beside and renamed, because tests and servers may start at the same moment.
    """
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    sources = sorted((TRANSLATIONS / "zh_CN").glob("*.po"))
    newest = max((s.stat().st_mtime for s in sources), default=0.0)
    if COMPILED.exists() and COMPILED.stat().st_mtime >= newest:
        return False
    merged = Catalog(locale="zh_CN", fuzzy=False)
    for source in sources:
        with source.open("rb") as file:
            for message in read_po(file, locale="zh_CN"):
                if message.id and message.string:
                    merged.add(message.id, message.string)
    COMPILED.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=COMPILED.parent, suffix=".tmp")
    with os.fdopen(handle, "wb") as file:
        write_mo(file, merged)
    Path(name).replace(COMPILED)
    return True
