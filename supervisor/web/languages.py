"""Which language a page speaks: the user's choice, then the browser's, then Chinese."""

from __future__ import annotations

from babel import Locale
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, get_translations
from jinja2 import pass_context
from jinja2.runtime import Context

from supervisor.models import User
from supervisor.words import DEFAULT_LOCALE, LOCALES, TRANSLATIONS, Sentence, compile_catalogues, say

#: Cookie with the choice of somebody who has not signed in.
COOKIE = "lang"
babel = Babel()


def init_app(app: Flask) -> None:
    """Compile the catalogues if needed and choose a language per request."""
    compile_catalogues()
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    app.config["BABEL_DEFAULT_LOCALE"] = DEFAULT_LOCALE
    # Given a name, the library parses it again for every page: a tenth of a task's page.
    known = {name: Locale.parse(name) for name in LOCALES}
    babel.init_app(app, locale_selector=lambda: known[locale()], timezone_selector=lambda: "Asia/Shanghai")
    # Pages ask some fifty times each; by way of the library's own lookup that was a tenth of a page.
    app.jinja_env.install_gettext_callables(_said_in, _counted, newstyle=True)  # type: ignore[attr-defined]  # by its i18n extension


@pass_context
def _said_in(context: Context, text: str) -> str:
    """As `said`; a page knows its language already."""
    known = context.resolve_or_missing("locale")
    return say(text, known if isinstance(known, str) else locale())


def _counted(one: str, many: str, number: int) -> str:
    return str(get_translations().ungettext(one, many, number))


def locale() -> str:
    """zh_CN or en. An unknown `?lang=` changes nothing."""
    if not has_request_context():
        return DEFAULT_LOCALE
    person = g.get("user")
    # Asked some thirty times a page; the answer changes only when the person becomes known.
    known = g.get("locale_of")
    if known is None or known[0] is not person:
        known = g.locale_of = (person, _choose(person))
    return str(known[1])


def _choose(person: User | None) -> str:
    asked = request.args.get("lang")
    if asked in LOCALES:
        return asked
    if person is not None and person.language in LOCALES:
        return str(person.language)
    kept = request.cookies.get(COOKIE)
    if kept in LOCALES:
        return kept
    best = request.accept_languages.best_match(["zh-CN", "zh", "en"], default="zh-CN")
    return "en" if best == "en" else "zh_CN"


def said(text: Sentence | str) -> str:
    """The sentence in the language of this request."""
    return say(text, locale())
