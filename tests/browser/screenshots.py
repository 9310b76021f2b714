"""Pictures of the main pages, from the demo: `make screenshots` puts them into var/screenshots.

Each page in Chinese and English, at a desk and on a phone; a few also into docs/screenshots for the README.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from supervisor import create_app, jobs
from supervisor.config import Config
from supervisor.core import demo
from supervisor.core.outbox import OutboxOnly
from supervisor.core.people import DEMO_PASSWORD
from supervisor.database import db, open_database
from supervisor.models import Matter, Obligation, Programme, Report, ReportEntry, Rung, Task, Unit, User
from tests.browser.conftest import ARGS, DESK, PHONE
from tests.browser.get_chromium import find_chromium
from tests.conftest import StillClock
from tests.demo_world import load_into
from tests.fonts import write_fontconfig
from tests.serving import serving

ROOT = Path(__file__).resolve().parents[2]
logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a short queue is no news
TARGET = ROOT / "var" / "screenshots"
#: For the README: in Chinese, at a desk.
README = ROOT / "docs" / "screenshots"
FOR_README = frozenset(
    {
        "sign-in",
        "office-home",
        "notice",
        "review",
        "ledger",
        "report-form",
        "ranking",
        "sheet",
        "matrix",
        "matter",
        "next-days",
        "inbox",
    }
)


@dataclass(frozen=True)
class Shot:
    """A page, and as whom it is seen."""

    name: str
    username: str
    path: str


def shots() -> list[Shot]:
    """The main pages of the demo, by role."""
    first, second = (row.id for row in Programme.select().order_by(Programme.id))
    p, task = f"/p/{first}", Task.get(Task.title == "增设停车泊位")
    unit = Unit.get(Unit.name == "西陵桥区人民政府")
    returned = Obligation.get((Obligation.programme == first) & (Obligation.returns == 2))
    owed = Obligation.get((Obligation.unit == unit) & (Obligation.period == "2026-06"))
    matter = Matter.select().where(Matter.rung == Rung.RED).get()
    waiting = (
        ReportEntry.select()
        .join(Report)
        .join(Obligation)
        .where(
            (Obligation.state == "submitted")
            & (Obligation.programme == first)
            & ReportEntry.verdict.is_null()
        )
        .order_by(ReportEntry.id.desc())
        .get()
    )
    return [
        Shot("sign-in", "", "/sign-in"),
        Shot("office-home", "office1", f"{p}/"),
        Shot("ledger", "office1", f"{p}/tasks"),
        Shot("task", "office1", f"{p}/tasks/{task.id}"),
        Shot("matrix", "office1", f"{p}/reports"),
        Shot("reviews", "office1", f"{p}/reviews"),
        Shot("review", "office1", f"{p}/reviews/{waiting.id}"),
        Shot("applications", "office1", f"{p}/reviews?tab=applications"),
        Shot("notice", "office1", f"{p}/documents/1"),
        Shot("plan", "office1", f"{p}/plans/1"),
        Shot("units", "office1", f"{p}/units"),
        Shot("people", "office1", f"{p}/people"),
        Shot("outbox", "office1", f"{p}/outbox"),
        Shot("robots", "office1", f"{p}/robots"),
        Shot("next-days", "office1", f"{p}/reminders"),
        Shot("proposals", "office1", f"{p}/ladder"),
        Shot("matter", "office1", f"{p}/matters/{matter.id}"),
        Shot("wordings", "office1", f"{p}/wordings"),
        Shot("calendar-month", "office1", f"{p}/calendar"),
        Shot("rules", "office1", f"{p}/rules"),
        Shot("settings", "office1", f"{p}/settings"),
        Shot("empty-quarters", "office1", f"/p/{second}/periods"),
        Shot("unit-home", "xilingqiao", f"{p}/"),
        Shot("owed", "xilingqiao", f"{p}/reports"),
        Shot("report-form", "xilingqiao", f"{p}/reports/{owed.id}/form"),
        Shot("report", "shanqian", f"{p}/reports/{returned.id}"),
        Shot("inbox", "xilingqiao", "/messages"),
        Shot("assessor-home", "assessor1", f"{p}/"),
        Shot("quarters", "assessor1", f"{p}/periods"),
        Shot("closing", "assessor1", f"{p}/periods/2026-Q2"),
        Shot("ranking", "assessor1", f"{p}/periods/2026-Q1"),
        Shot("sheet", "assessor1", f"{p}/periods/2026-Q1/units/{unit.id}"),
        Shot("rulebooks", "assessor1", f"{p}/rulebooks"),
        Shot("leader-home", "leader1", f"{p}/"),
        Shot("decisions", "leader1", f"{p}/decisions"),
        Shot("help", "dongling", "/help"),
        Shot("trial-clock", "office1", "/help/clock"),
        Shot("audit", "admin", "/admin/audit"),
        Shot("calendar", "admin", "/admin/calendar"),
        Shot("accounts", "admin", "/admin/accounts"),
    ]


def main() -> None:
    """Load the demo, serve it, take every picture; names given as words take only those."""
    chromium = find_chromium()
    if chromium is None:
        sys.exit("no Chromium here: pictures cannot be taken")
    os.environ["FONTCONFIG_FILE"] = str(write_fontconfig(Path(tempfile.gettempdir()) / "dukao-fonts"))
    wanted = set(sys.argv[1:])
    for folder in (TARGET, README):
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, served(Path(place)) as url, sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium or None, args=ARGS)
        with db.obj.connection_context():
            pages = [shot for shot in shots() if not wanted or shot.name in wanted]
        for language in ("zh_CN", "en"):
            for size, view in (("desk", DESK), ("phone", PHONE)):
                take(browser, url, pages, language, size, view)
        browser.close()


def take(browser: Browser, url: str, pages: list[Shot], language: str, size: str, view: ViewportSize) -> None:
    """All pages in one language at one size."""
    for username in dict.fromkeys(shot.username for shot in pages):
        with db.obj.connection_context():
            User.update(language=language).where(User.username == username).execute()
        locale = "zh-CN" if language == "zh_CN" else "en-GB"
        context = browser.new_context(viewport=view, locale=locale, timezone_id="Asia/Shanghai")
        page = context.new_page()
        if username:
            sign_in(page, url, username)
        for shot in pages:
            if shot.username == username:
                page.goto(f"{url}{shot.path}")
                page.wait_for_load_state("networkidle")
                page.screenshot(path=str(TARGET / f"{shot.name}.{language}.{size}.png"), full_page=True)
                if shot.name in FOR_README and language == "zh_CN" and size == "desk":
                    page.screenshot(path=str(README / f"{shot.name}.png"))
                    shrink(README / f"{shot.name}.png")
        context.close()


def shrink(path: Path) -> None:
    """Fewer colours: a page of text needs no more, and the repository keeps the picture for ever."""
    Image.open(path).convert("RGB").quantize(160).save(path, optimize=True)


def sign_in(page: Page, url: str, username: str) -> None:
    """Through the form, as a person does."""
    page.goto(f"{url}/sign-in")
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(DEMO_PASSWORD)
    page.locator("form button[type=submit]").first.click()
    page.wait_for_url(lambda address: "/sign-in" not in address)


class TrialClock(StillClock):
    """Stands still, and says that it is no real time."""

    is_trial = True


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The demo on a free port of this machine; DUKAO_DEMO_FILE spares loading it again."""
    source = os.environ.get("DUKAO_DEMO_FILE")
    path = Path(source) if source else load_into(folder / "demo.db")
    database = open_database(f"sqlite:///{path}")
    with database.connection_context():
        jobs.tick(demo.TODAY, OutboxOnly(), datetime.now(UTC))
    config = Config(data=folder, mode="demo", secret="0123456789abcdef" * 4)
    with serving(create_app(config, TrialClock(demo.TODAY))) as url:
        yield url


if __name__ == "__main__":
    main()
