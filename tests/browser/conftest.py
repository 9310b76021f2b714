"""A real browser against a real server: waitress in a thread, SQLite, a clock that the test moves.

Chromium comes from the system, or from Playwright's own download; where there is neither, the tests are
skipped with the reason. It is fetched beforehand by `make test` (tests/browser/get_chromium.py), never here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from peewee import Database
from playwright.sync_api import Page, ViewportSize

from supervisor.config import Config
from supervisor.database import db
from tests.browser.get_chromium import find_chromium
from tests.builders import PASSWORD
from tests.conftest import StillClock, make_app
from tests.serving import serving

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser, and skip it with the reason where there is none."""
    ours = [item for item in items if "browser" in item.path.parts]
    chromium = find_chromium() if ours else ""
    for item in ours:
        item.add_marker(pytest.mark.browser)
        if chromium is None:
            item.add_marker(
                pytest.mark.skip(reason="no Chromium: neither the system's nor Playwright's (see make test)")
            )


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Which browser, and nothing that calls home."""
    return {"executable_path": find_chromium(), "args": ARGS}


@pytest.fixture
def browser_context_args() -> dict[str, Any]:
    """A Chinese reader at a desk; tests of the phone set their own viewport."""
    return {"viewport": DESK, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


@dataclass(frozen=True)
class Live:
    """A running server and what a test may reach of it."""

    url: str
    config: Config
    clock: StillClock
    database: Database


@pytest.fixture
def live_server(sqlite: Database, config: Config, clock: StillClock) -> Iterator[Live]:
    """The product on a free port of this machine, over an empty migrated SQLite database."""
    with serving(make_app(config, clock, csrf=True)) as url:
        yield Live(url, config, clock, sqlite)
    db.connect(reuse_if_open=True)


def sign_in(page: Page, live: Live, username: str, password: str = PASSWORD) -> None:
    """Sign in through the form, as a person does."""
    page.goto(f"{live.url}/sign-in")
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(password)
    page.locator("form button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
