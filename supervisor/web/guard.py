"""The door: who is asking, in which programme, and whether this view may answer.

A view declares `@requires(Permission.X)` or `@public`; one that declares nothing is refused, and a test walks
the url map. Below a path with `programme_id` the rights are those of the person's posts in that programme;
a programme in which they hold none does not exist for them (404).
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import ipaddress
import logging
import secrets
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask_wtf.csrf import CSRFProtect
from peewee import IntegrityError
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response as BaseResponse

from supervisor.clock import Clock, beijing_date
from supervisor.config import Config
from supervisor.core import accounts, programmes
from supervisor.core.permissions import Actor, Permission
from supervisor.database import db, digest, is_sqlite, transaction
from supervisor.errors import DukaoError, Invalid, NotAllowed, NotFound
from supervisor.models import IdempotencyKey, Programme, User
from supervisor.words import N_

log = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., Any])
csrf = CSRFProtect()
#: Sign-in inside a sandbox; its path is the sandbox's address, so that each has its own.
SANDBOX_COOKIE = "sandbox-sid"

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def requires(permission: Permission) -> Callable[[View], View]:
    """Declare that a view needs this permission in the programme of its path, or in none."""

    def declare(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]  # read by `check` and by the test of the url map
        return view

    return declare


def public(view: View) -> View:
    """Declare that a view answers anybody: sign-in, one-time links, health, help."""
    view.permission = None  # type: ignore[attr-defined]  # read by `check` and by the test of the url map
    return view


def config() -> Config:
    """The installation's settings."""
    return cast("Config", current_app.extensions["dukao.config"])


def clock() -> Clock:
    """The one clock."""
    return cast("Clock", current_app.extensions["dukao.clock"])


def now() -> datetime:
    """The instant at which this request had been received."""
    return cast("datetime", g.now)


def today() -> date:
    """The day in Beijing at `now`."""
    return beijing_date(now())


def actor() -> Actor:
    """Who is asking, with rights in the programme of the path."""
    return cast("Actor", g.actor)


def user() -> User:
    """The signed-in person; views that are not public always have one."""
    return cast("User", g.user)


def programme() -> Programme:
    """The programme of the path."""
    return cast("Programme", g.programme)


class Replayed(Exception):
    """A form that has had its effect is sent again: answer as the first time."""

    def __init__(self, answer: str) -> None:
        super().__init__(answer)
        self.answer = answer


@contextlib.contextmanager
def once(answer: str, *, alone: bool = False) -> Iterator[None]:
    """One transaction in which the form's key is spent: a replay goes to `answer` and does nothing.

    `alone` = while nobody else writes, for verbs that want it (`supervisor.database.alone`).

    The key comes from the hidden field `_once` (macro `form_open`). The same key with other content is refused.
    """
    key = request.form.get("_once", "").replace("\x00", "")
    if not key:
        raise Invalid(N_("This form has no key of its own. Open the page again and send it once more."))
    fingerprint = digest(repr([request.path, _sent()]))
    with transaction(alone=alone):
        _spend(key[:64], fingerprint, answer[:400])
        yield


def _spend(key: str, fingerprint: str, answer: str) -> None:
    """Note the key as used; Replayed where it was before, Invalid where that was with other content."""
    try:
        with db.atomic():
            IdempotencyKey.create(
                user_id=user().id, key=key, fingerprint=fingerprint, answer=answer, at=now()
            )
    except IntegrityError:
        first = IdempotencyKey.get(user_id=user().id, key=key)
        if not hmac.compare_digest(first.fingerprint, fingerprint):
            raise Invalid(N_("This form was already sent with other content. Open the page again.")) from None
        raise Replayed(first.answer) from None


def _sent() -> list[tuple[str, str]]:
    """What the form says, its files by name and content: another file under the same key is no replay."""
    sent = [(k, v) for k, v in request.form.items(multi=True) if k not in {"_once", "csrf_token"}]
    for name, file in request.files.items(multi=True):
        file.stream.seek(0)  # the view may have read it
        content = hashlib.sha256()
        while some := file.stream.read(1 << 20):
            content.update(some)
        file.stream.seek(0)
        sent.append((name, f"{file.filename} {content.hexdigest()}"))
    return sorted(sent)


def safe_next(target: str | None) -> str:
    """A path of ours to go on to after signing in, or the home page; never another host."""
    if target and target.startswith("/") and not target.startswith("//") and "\\" not in target:
        parts = urlsplit(target)
        if not parts.scheme and not parts.netloc and all(ord(c) >= 32 for c in target):
            return target
    return url_for("home.index")


class KeyConverter(IntegerConverter):
    """A key in an address; beyond what the database's integers hold there is nothing to find."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**31 - 1)


def init_app(app: Flask) -> None:
    """Open and close the database around each request, and stand at the door."""
    app.url_map.converters["int"] = KeyConverter
    csrf.init_app(app)
    app.before_request(_open)
    app.before_request(_identify)
    app.before_request(check)
    app.after_request(_headers)
    app.teardown_request(_close)
    app.register_error_handler(Replayed, lambda error: redirect(cast("Replayed", error).answer))


def _open() -> None:
    g.now = clock().now()
    g.request_id = secrets.token_hex(8)
    if not _is_static():
        db.connect(reuse_if_open=True)


def _close(_error: BaseException | None) -> None:
    # On SQLite each thread keeps its connection: opening one, with its pragmas, and the checkpoint at the last
    # close cost a tenth of a page. On PostgreSQL closing gives it back to the pool.
    # A sandbox's is closed always: it may be removed at any moment.
    if not _is_static() and not db.is_closed() and (config().is_sandbox or not is_sqlite()):
        db.close()


def _is_static() -> bool:
    return request.endpoint in {"static", "bootstrap.static"}


def cookie_name() -> str:
    """`__Host-sid` under TLS, where browsers pin it to this host; plain on loopback; inside a sandbox its own."""
    if config().is_sandbox:
        return SANDBOX_COOKIE
    return "__Host-sid" if config().tls else "sid"


def source_ip() -> str:
    """The client's address: that of the connection, or what exactly `proxies` trusted hops say."""
    hops = config().proxies
    if hops:
        chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        with contextlib.suppress(ValueError, IndexError):
            return str(ipaddress.ip_address(chain[-hops]))
    return request.remote_addr or ""


def _identify() -> None:
    g.user = g.login = g.programme = None
    g.actor = Actor(None, "", ip=source_ip(), request_id=g.request_id)
    if _is_static():
        return
    token = request.cookies.get(cookie_name())
    found = accounts.session_of(token, now=now(), config=config()) if token else None
    if found:
        g.login, g.user = found
        programme_id = (request.view_args or {}).get("programme_id")
        g.actor = accounts.actor_for(g.user, programme_id, now=now(), ip=source_ip(), request_id=g.request_id)
        if programme_id is not None:
            g.programme = programmes.find(programme_id)


def check() -> BaseResponse | None:
    """Refuse by default: undeclared views, strangers, foreign programmes, missing rights."""
    if request.endpoint is None or _is_static():
        return None
    view = current_app.view_functions[request.endpoint]
    if not hasattr(view, "permission"):
        log.error("view %s declares no permission and is refused", request.endpoint)
        raise NotAllowed
    permission = cast("Permission | None", view.permission)
    if permission is None:
        return None
    if g.user is None:
        if request.method in {"GET", "HEAD"}:
            return redirect(url_for("auth.sign_in", next=request.full_path.rstrip("?")))
        raise SessionGone
    if "programme_id" in (request.view_args or {}) and (g.programme is None or not g.actor.roles):
        raise NotFound
    g.actor.require(permission)
    return None


class SessionGone(DukaoError):
    """The sign-in ended while a form was open; the page that answers keeps what was typed (D32)."""

    status = 401

    def __init__(self) -> None:
        super().__init__(
            N_("Your sign-in has ended. What you typed is kept below and, for reports, in this browser.")
        )


def _headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["X-XSS-Protection"] = "0"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if config().tls:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if not _is_static():
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Request-Id"] = g.get("request_id", "")
    return response
