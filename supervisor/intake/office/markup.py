"""Access to Office XML by local names: the transitional and the strict form differ only in their namespaces."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element


def name(element: Element) -> str:
    """Return the local name of an element."""
    return str(element.tag).rpartition("}")[2]


def children(element: Element | None, wanted: str) -> Iterator[Element]:
    """Yield the direct children of that local name."""
    for inner in () if element is None else element:
        if name(inner) == wanted:
            yield inner


def child(element: Element | None, wanted: str) -> Element | None:
    """Return the first direct child of that local name."""
    return next(children(element, wanted), None)


def value(element: Element | None, default: str = "", attribute: str = "val") -> str:
    """Return an attribute by its local name."""
    if element is None:
        return default
    for key, held in element.attrib.items():
        if key.rpartition("}")[2] == attribute:
            return held
    return default


def number_of(element: Element | None, default: int, attribute: str = "val") -> int:
    """Return an attribute as a whole number; what is none, or absurd, is the default."""
    held = value(element, "", attribute)
    return int(held) if held.lstrip("-").isdecimal() and len(held) < 7 else default


def is_on(element: Element | None) -> bool:
    """Tell whether a switch such as w:vanish is set: there, and not said to be off."""
    return element is not None and value(element, "1") not in {"0", "false", "off", "none"}
