"""Main pages of the demo in a browser: readable for everybody, quiet in the console, nothing from outside."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from supervisor.config import Config
from supervisor.core import accounts, demo
from supervisor.database import open_database
from supervisor.models import Matter, Obligation, Programme, Rung, Task, Unit, User
from tests.browser.conftest import PHONE
from tests.browser.walking import Complaints
from tests.conftest import StillClock, make_app
from tests.databases import close
from tests.demo_world import shared_demo
from tests.serving import serving

#: What an inspection counts as serious; lesser advice is read, not asserted.
GRAVE = {"critical", "serious"}


@pytest.fixture
def served(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, config: Config) -> Iterator[str]:
    folder = tmp_path_factory.getbasetemp()
    source = shared_demo(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder)
    shutil.copyfile(source, tmp_path / "demo.db")
    database = open_database(f"sqlite:///{tmp_path / 'demo.db'}")
    database.connect()
    app = make_app(replace(config, mode="demo"), StillClock(demo.TODAY), csrf=True)
    with serving(app) as url:
        yield url
    close(database)


def pages_of(username: str) -> list[str]:
    p = f"/p/{Programme.select().order_by(Programme.id).get().id}"
    unit = Unit.get(Unit.name == "西陵桥区人民政府")
    owed = Obligation.get((Obligation.unit == unit) & (Obligation.period == "2026-06"))
    matter = Matter.get(Matter.rung == Rung.RED)
    task = Task.get(Task.title == "增设停车泊位")
    return {
        "office1": [f"{p}/", f"{p}/tasks", f"{p}/tasks/{task.id}", f"{p}/reports", f"{p}/reviews", f"{p}/documents/1",
                    f"{p}/units", f"{p}/people", f"{p}/settings", f"{p}/matters", f"{p}/ladder",
                    f"{p}/matters/{matter.id}", f"{p}/ladder/step?about=matter:{matter.id}&rung=talk",
                    f"{p}/ladder/papers/1", f"{p}/outbox",
                    f"{p}/reminders", f"{p}/robots", f"{p}/told", f"{p}/wordings"],
        "xilingqiao": [f"{p}/", f"{p}/reports", f"{p}/reports/{owed.id}/form", "/messages", "/help"],
        "assessor1": [f"{p}/periods/2026-Q2", f"{p}/periods/2026-Q1", f"{p}/periods/2026-Q1/units/{unit.id}"],
        "leader1": [f"{p}/", f"{p}/decisions"],
    }[username]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("username", ["office1", "xilingqiao", "assessor1", "leader1"])
def test_pages_are_quiet_and_open_to_everybody(served: str, page: Page, username: str) -> None:
    heard = Complaints().listen(page)
    person = User.get(User.username == username)
    token = accounts.start_session(person, now=demo.TODAY)
    page.context.add_cookies([{"name": "sid", "value": token, "url": served}])
    wrong, wide = [], []
    for path in pages_of(username):
        page.goto(f"{served}{path}")
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        wrong += [(path, one["id"], one["nodes"][0]["html"][:120]) for one in found if one["impact"] in GRAVE]
        page.set_viewport_size(PHONE)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
            wide.append(path)
        page.set_viewport_size({"width": 1280, "height": 800})
    assert wrong == []
    assert wide == [], "a page scrolls sideways on a phone"
    assert heard.errors == []
    assert heard.strangers == []
