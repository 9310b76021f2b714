"""Dukao 督考: supervision and assessment of government programmes. `create_app` is the web app's table of contents."""

from __future__ import annotations

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
    """One blueprint a noun, in the order of the navigation."""
    from supervisor.web import (
        admin,
        annual_summaries,
        attachments,
        auth,
        bodies,
        calendars,
        circulars,
        deadlines,
        decisions,
        document_corrections,
        documents,
        duties,
        exports,
        fact_imports,
        facts,
        fairness,
        feeds,
        filings,
        health,
        help_pages,
        home,
        inbox,
        ladder,
        ledger_import,
        messages,
        people,
        plan_differences,
        plans,
        problems,
        programmes,
        reminders,
        reports,
        reviews,
        robots,
        rule_corrections,
        rule_fields,
        rulebooks,
        rules,
        sandboxes,
        scores,
        stand_ins,
        supervision,
        tasks,
        units,
        viewings,
        what_if,
        wordings,
        work_plans,
        working_calendar,
    )  # fmt: skip

    return [
        rules.blueprint, rule_fields.blueprint, filings.blueprint, reminders.blueprint,
        home.blueprint, auth.blueprint, programmes.blueprint, documents.blueprint,
        document_corrections.blueprint, rule_corrections.blueprint, plan_differences.blueprint, ledger_import.blueprint,
        plans.blueprint, bodies.blueprint, duties.blueprint, units.blueprint, people.blueprint, stand_ins.blueprint,
        problems.blueprint, supervision.blueprint, circulars.blueprint, annual_summaries.blueprint, ladder.blueprint,
        tasks.blueprint, work_plans.blueprint, reports.blueprint, deadlines.blueprint, attachments.blueprint,
        sandboxes.blueprint, calendars.blueprint, feeds.blueprint, inbox.blueprint, wordings.blueprint,
        reviews.blueprint, messages.blueprint, robots.blueprint, scores.blueprint, rulebooks.blueprint, facts.blueprint,
        decisions.blueprint, exports.blueprint, admin.blueprint, working_calendar.blueprint, help_pages.blueprint,
        health.blueprint, what_if.blueprint, fairness.blueprint, fact_imports.blueprint,
        viewings.blueprint,
    ]  # fmt: skip
