"""Dukao 督考: supervision and assessment of government programmes. `create_app` is the web app's table of contents."""

from __future__ import annotations

import importlib
import pkgutil
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Blueprint, Flask

    from supervisor.clock import Clock
    from supervisor.config import Config


def create_app(config: Config, clock: Clock) -> Flask:
    """The web application on an opened database (see `database.open_database`). Starts nothing, migrates nothing."""
    # Imported here, not above: `run.py intake` and the other commands without pages shall not wait for Flask.
    from flask import Flask
    from flask_bootstrap import Bootstrap5

    from supervisor.config import ROOT
    from supervisor.web import errors, filters, guard, languages, sandbox_door

    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder="static")
    app.config.update(
        SECRET_KEY=config.secret or secrets.token_hex(32),
        MAX_CONTENT_LENGTH=config.upload_limit + 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=config.upload_limit,
        MAX_FORM_PARTS=10_000,
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000,
        BOOTSTRAP_SERVE_LOCAL=True,
        SESSION_COOKIE_NAME="form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.tls,
        WTF_CSRF_TIME_LIMIT=None,  # a form left open over lunch is not an attack
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.extensions["dukao.config"] = config
    app.extensions["dukao.clock"] = clock
    Bootstrap5(app)
    languages.init_app(app)
    filters.init_app(app)
    guard.init_app(app)
    errors.init_app(app)
    for blueprint in _blueprints():
        app.register_blueprint(blueprint)
    if config.is_sandbox:
        sandbox_door.keep_inside(app)
    else:
        app.wsgi_app = sandbox_door.SandboxDoor(app.wsgi_app, config, create_app)  # type: ignore[method-assign]
    return app


def _blueprints() -> list[Blueprint]:
    """The blueprint of every module of `supervisor.web` that has one: a new page needs no list."""
    from flask import Blueprint

    from supervisor import web

    names = sorted(module.name for module in pkgutil.iter_modules(web.__path__))
    modules = [importlib.import_module(f"{web.__name__}.{name}") for name in names]
    found = [getattr(module, "blueprint", None) for module in modules]
    return [one for one in found if isinstance(one, Blueprint)]
