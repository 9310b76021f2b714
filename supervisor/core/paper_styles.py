"""How a programme's official papers look on a day: a local setting, and the notice's word on whose seal they bear."""

from __future__ import annotations

from datetime import date

from supervisor.core import programmes
from supervisor.documents.official_paper import Fonts, PaperStyle
from supervisor.models import Body, BodyKind, LocalSettings, Programme, Unit


def style_on(programme: Programme, day: date) -> PaperStyle:
    """The style of papers issued on a day."""
    settings = programmes.settings_on(programme.id, day)
    return PaperStyle(
        mark=settings.paper_mark, sealed=settings.paper_sealed, proxy=proxy_of(programme), copies=settings.paper_copies,
        printer=settings.paper_printer, colophon=settings.paper_colophon, fonts=fonts_of(settings),
    )  # fmt: skip


def fonts_of(settings: LocalSettings) -> Fonts:
    """The house's names of the four fonts."""
    return Fonts(settings.font_title, settings.font_heading, settings.font_body, settings.font_subheading)


def fonts_on(programme_id: int, day: date) -> Fonts:
    """The house's names of the four fonts on a day."""
    return fonts_of(programmes.settings_on(programme_id, day))


def proxy_of(programme: Programme) -> str:
    """Whose seal the lead office's papers bear where the notice says that it has none of its own (代章); else empty.

    The office is the body of its name, or else the only one of its kind; nobody chooses another.
    """
    named = (Body.programme == programme) & (Body.name == programme.office_name)
    office = (Body.programme == programme) & (Body.kind == BodyKind.OFFICE)
    found: list[Body] = list(Body.select().where(named)) or list(Body.select().where(office).limit(2))
    if len(found) != 1:
        return ""
    unit: Unit | None = found[0].seal_unit
    return unit.name if unit is not None else found[0].seal_name
