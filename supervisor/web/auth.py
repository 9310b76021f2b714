"""Signing in and out, one-time links, my account, my language."""

from __future__ import annotations

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import accounts, people
from supervisor.core.permissions import Permission
from supervisor.errors import Invalid, NotFound, TooMany
from supervisor.models import Programme
from supervisor.web.guard import actor, config, cookie_name, now, public, requires, safe_next, source_ip, user
from supervisor.web.languages import COOKIE
from supervisor.words import LOCALES, N_, Sentence

blueprint = Blueprint("auth", __name__)

#: A year, in seconds: how long the choice of language is kept.
YEAR = 31_536_000


@blueprint.get("/sign-in")
@public
def sign_in() -> str | Response:
    """The form; somebody who is already in goes on."""
    if g.user is not None:
        return redirect(safe_next(request.args.get("next")))
    if config().is_sandbox:  # nobody has a password inside
        return redirect(url_for("sandboxes.leave", programme_id=Programme.get().id))
    return _sign_in_page(username=request.args.get("who", ""))


@blueprint.post("/sign-in")
@public
def enter() -> str | Response | tuple[str, int]:
    """Check name and password; the answer is the same for unknown names and wrong passwords."""
    username, password = _who()
    try:
        token = accounts.sign_in(
            username,
            password,
            ip=source_ip(),
            agent=request.headers.get("User-Agent", "")[:200],
            now=now(),
        )
    except (Invalid, TooMany) as error:
        return _sign_in_page(username=username, wrong=error.sentence), error.status
    answer = redirect(safe_next(request.form.get("next")), 303)
    _keep(answer, token)
    return answer


@blueprint.post("/sign-out")
@requires(Permission.APPEARANCE_CHOOSE)
def sign_out() -> Response:
    """End this sign-in; drafts stay in the browser (D32)."""
    accounts.end_session(g.login, by=actor(), now=now())
    answer = redirect(url_for("auth.sign_in", out=1), 303)
    answer.delete_cookie(cookie_name(), secure=config().tls, httponly=True, samesite="Lax")
    return answer


@blueprint.get("/link/<token>")
@public
def link(token: str) -> str:
    """The page behind a one-time link: who it is for, and a new password."""
    person = accounts.link_of(token, now=now()).user
    return render_template("auth/link.html", person=person, token=token, errors={})


@blueprint.post("/link/<token>")
@public
def redeem(token: str) -> Response | tuple[str, int]:
    """Set the password and spend the link."""
    person = accounts.link_of(token, now=now()).user
    password, again = request.form.get("password", ""), request.form.get("password_again", "")
    try:
        _same(password, again)
        accounts.redeem_link(token, password, now=now(), ip=source_ip())
    except Invalid as error:
        errors = error.fields or {"password": error.sentence}
        return render_template("auth/link.html", person=person, token=token, errors=errors), error.status
    flash(_("Your password is set. Sign in with it now."), "done")
    return redirect(url_for("auth.sign_in", who=person.username), 303)


@blueprint.get("/language/<language>")
@public
def choose_language(language: str) -> Response:
    """A stranger's choice, kept in their browser: a plain link that changes nothing on the server."""
    if language not in LOCALES:
        raise NotFound
    answer = make_response(redirect(_without_lang(safe_next(request.args.get("next")))))
    answer.set_cookie(COOKIE, language, max_age=YEAR, secure=config().tls, httponly=True, samesite="Lax")
    return answer


@blueprint.post("/language/<language>")
@requires(Permission.APPEARANCE_CHOOSE)
def keep_language(language: str) -> Response:
    """A signed-in person's choice, kept with the person: mail speaks it too."""
    answer = choose_language(language)
    accounts.change_details(user(), by=actor(), now=now(), language=language)
    return answer


@blueprint.get("/me")
@requires(Permission.APPEARANCE_CHOOSE)
def account() -> str:
    """Who I am here, my password, my language, where I am signed in."""
    return _account_page({})


@blueprint.post("/me/password")
@requires(Permission.APPEARANCE_CHOOSE)
def change_password() -> Response | tuple[str, int]:
    """A new password after the present one."""
    password, again = request.form.get("password", ""), request.form.get("password_again", "")
    try:
        _same(password, again)
        current = request.form.get("current_password", "")
        accounts.change_password(user(), current, password, by=actor(), now=now(), keep=g.login.id)
    except Invalid as error:
        wrong = {{"current": "current_password"}.get(k, k): v for k, v in error.fields.items()}
        return _account_page(wrong or {"password": error.sentence}), error.status
    flash(_("Your password has been changed."), "done")
    return redirect(url_for("auth.account"), 303)


@blueprint.post("/me/sessions")
@requires(Permission.APPEARANCE_CHOOSE)
def sign_out_elsewhere() -> Response:
    """End all my other sign-ins."""
    accounts.end_all_sessions(user(), by=actor(), now=now(), reason="elsewhere", keep=g.login.id)
    flash(_("You are now signed in only here."), "done")
    return redirect(url_for("auth.account"), 303)


def _who() -> tuple[str, str]:
    # In demo mode one press on an account is enough: its password stands on the page anyway.
    demo = request.form.get("demo", "")
    if demo and config().is_demo:
        return demo, people.DEMO_PASSWORD
    return request.form.get("username", "").strip(), request.form.get("password", "")


def _keep(answer: Response, token: str) -> None:
    answer.set_cookie(cookie_name(), token, secure=config().tls, httponly=True, samesite="Lax", path="/")


def _sign_in_page(*, username: str = "", wrong: Sentence | None = None) -> str:
    demo = people.demo_accounts() if config().is_demo else ()
    return render_template(
        "auth/sign_in.html",
        username=username,
        wrong=wrong,
        demo_accounts=demo,
        demo_password=people.DEMO_PASSWORD if demo else "",
        onward=request.values.get("next", ""),
    )


def _account_page(errors: dict[str, Sentence]) -> str:
    return render_template(
        "auth/account.html",
        errors=errors,
        posts=people.posts_of(user(), now=now()),
        sessions=people.open_sessions(user()),
        here=g.login.id,
    )


def _same(password: str, again: str) -> None:
    if password != again:
        wrong = N_("The two passwords differ.")
        raise Invalid(wrong, {"password_again": wrong})


def _without_lang(path: str) -> str:
    # `?lang=` would win over the choice just made.
    return path.replace("lang=en", "").replace("lang=zh_CN", "").rstrip("?&")
