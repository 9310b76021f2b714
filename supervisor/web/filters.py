"""What templates may call: words, days, instants, points, and the page's frame. No query runs here."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, cast

from flask import Flask, g, request, url_for
from flask_babel import format_date, gettext
from markupsafe import Markup, escape

from supervisor.clock import beijing
from supervisor.config import VERSION
from supervisor.core import field_numbers, overview, owed_words
from supervisor.core.calendar import load_calendar, missing_year
from supervisor.core.periods import Period, type_label
from supervisor.core.permissions import Permission
from supervisor.core.scored_periods import scored_period
from supervisor.core.workdays import Calendar
from supervisor.documents.official_paper import day_words
from supervisor.errors import NotFound
from supervisor.models import Light, Obligation
from supervisor.web import guard
from supervisor.web.languages import locale, said


def init_app(app: Flask) -> None:
    """Register filters and the values that every page's frame needs."""
    app.jinja_env.filters.update(
        say=said,
        day=day,
        due=due,
        hour=hour,
        ends=ends,
        owed_name=owed_name,
        moment=moment,
        points=points,
        number=number,
        period=period,
        period_type=period_type,
        percent=percent,
        options=options,
        hundredths=field_numbers.say_number,
        official_day=official_day,
    )
    app.jinja_env.globals.update(
        Permission=Permission, Light=Light, static_url=static_url, frame_address=frame_address, query_url=query_url,
        once_key=once_key,
        calendar_missing=calendar_missing,
        upload_limit=app.extensions["dukao.config"].upload_limit,
    )  # fmt: skip
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.context_processor(_frame)


def day(value: date | None, *, weekday: bool = False) -> str:
    """2021-06-15 as 2021年6月15日 or 15 Jun 2021; nothing for None."""
    if value is None:
        return ""
    chinese = locale() == "zh_CN"
    text = f"{value.year}年{value.month}月{value.day}日" if chinese else format_date(value, "d MMM yyyy")
    if weekday:
        text += ("周" + "一二三四五六日"[value.weekday()]) if chinese else format_date(value, " EEE")
    return text


def official_day(iso: str) -> str:
    """An ISO day as official papers print it, whatever the reader's language."""
    return day_words(iso)


def due(value: date | None, *, weekday: bool = False) -> str:
    """A day that was computed from working days: in a year that is not announced or loaded it says so (E-60)."""
    if value is None or _calendar().is_confirmed(value):
        return day(value, weekday=weekday)
    return str(gettext("%(day)s (calendar not loaded)", day=day(value, weekday=weekday)))


def _calendar() -> Calendar:
    """The working calendar, looked up once a page."""
    if "calendar" not in g:
        g.calendar = load_calendar()
    return cast("Calendar", g.calendar)


def calendar_missing() -> int | None:
    """The year whose arrangement should be loaded by now and is not, for an alarm on home pages (E-60)."""
    return missing_year(guard.today(), _calendar())


def moment(value: datetime | None) -> str:
    """An instant as read in Beijing, to the minute."""
    if value is None:
        return ""
    local = beijing(value)
    return f"{day(local.date())} {local:%H:%M}"


def hour(value: datetime) -> str:
    """The time of day of an instant as read in Beijing, where its day stands above."""
    return f"{beijing(value):%H:%M}"


def ends(due_at: datetime) -> str:
    """The time of day until which something is in time; the end of the day is 24:00 (D8, E-47)."""
    shown = hour(due_at)
    return "24:00" if shown == "00:00" else shown


def owed_name(obligation: Obligation) -> str:
    """What is owed, by the name of its rule and its period."""
    return said(owed_words.name(obligation))


def points(hundredths: int | None) -> str:
    """9124 as 91.24; a dash for not applicable, which is not zero."""
    if hundredths is None:
        return "—"
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02d}"


def number(value: int | None) -> str:
    """Digits grouped by three; a dash where nothing is known."""
    return "—" if value is None else f"{value:,}"


def percent(value: int | None) -> str:
    """Whole percent; a dash where nothing is known."""
    return "—" if value is None else f"{value}%"


def period(key: str) -> str:
    """2021-Q2 as 2021年第二季度 or Q2 2021."""
    try:
        return said(Period.parse(key).label)
    except ValueError:
        pass
    try:
        return said(scored_period(key).label)
    except NotFound:
        return key


def period_type(type_: str) -> str:
    """Quarter as 季度 or Quarter; a rulebook's own type by its name."""
    return said(type_label(type_))


def static_url(filename: str) -> str:
    """A static file's address with the version, so that browsers may keep it for a year."""
    return url_for("static", filename=filename, v=VERSION)


def frame_address(endpoint: str, programme_id: int | None = None) -> str:
    """The address of a page of the frame: some twenty stand on every page and never change."""
    return _frame_address(request.script_root, endpoint, programme_id)


@functools.lru_cache(maxsize=2048)
def _frame_address(_root: str, endpoint: str, programme_id: int | None) -> str:
    return url_for(endpoint) if programme_id is None else url_for(endpoint, programme_id=programme_id)


def options(choices: Iterable[tuple[object, str]], chosen: object = None) -> Markup:
    """The options of a select, from values and words; a loop in the template costs a page of 300 units a tenth."""
    return _options(tuple(choices), chosen)


@functools.lru_cache(maxsize=64)
def _options(choices: tuple[tuple[object, str], ...], chosen: object) -> Markup:
    marked = (
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(words)}</option>'
        for value, words in choices
    )
    return Markup("".join(marked))  # noqa: S704 -- values and words are escaped above


def once_key() -> str:
    """A key of its own for a form, a global so that macros without context have it too."""
    kept = None if g.get("once_spent") else request.form.get("_once")
    return kept or secrets.token_hex(16)


def query_url(**changes: Any) -> str:
    """This page's address with some query values changed; None removes one. Filters live in the address."""
    values: dict[str, Any] = {**(request.view_args or {}), **request.args.to_dict(flat=False), **changes}
    return url_for(str(request.endpoint), **{k: v for k, v in values.items() if v not in (None, "", [])})


def _frame() -> dict[str, Any]:
    """Values for base.html, gathered once a page in a fixed number of queries."""
    signed_in = g.get("user") is not None
    return {
        "locale": locale(),
        "version": VERSION,
        "me": g.get("user"),
        "actor": g.get("actor"),
        "programme": g.get("programme"),
        "now": g.get("now"),
        "today": guard.today() if g.get("now") else None,
        "demo": guard.config().is_demo,
        "trial_clock": guard.clock().is_trial,
        "sandbox": guard.config().is_sandbox,
        "frame": overview.frame(g.actor, now=g.now) if signed_in and not g.get("frame_off") else None,
    }
