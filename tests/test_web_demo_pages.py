"""Every page that a role reaches in the demo, followed by its links: it answers, in the reader's language."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from peewee import Database

from supervisor.config import Config
from supervisor.core import demo
from supervisor.database import open_database
from supervisor.models import User
from tests.conftest import OwnConnection, StillClock, login, make_app
from tests.databases import close
from tests.demo_world import shared_demo

ROLES = ("office1", "dongling", "dongling.head", "assessor1", "leader1", "inspector1", "judge1", "admin")
#: Pages followed for each kind of address: enough to see every template with different rows.
PER_KIND = 2
#: Three English words in a row on a Chinese page were forgotten; names, keys and file types are no sentence.
ENGLISH = re.compile(r"[A-Za-z][a-z]+(?: [A-Za-z][a-z']+){2,}")


@pytest.fixture
def served(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, config: Config) -> Iterator[Flask]:
    folder = tmp_path_factory.getbasetemp()
    source = shared_demo(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder)
    shutil.copyfile(source, tmp_path / "demo.db")
    database: Database = open_database(f"sqlite:///{tmp_path / 'demo.db'}")
    database.connect()
    app = make_app(replace(config, mode="demo"), StillClock(demo.TODAY))
    app.test_client_class = OwnConnection
    yield app
    close(database)


class Page(HTMLParser):
    """The links and the visible words of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.words: list[str] = []
        self._quiet = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        # What stands in a textarea is somebody's text, not the page's words.
        if tag in {"script", "style", "textarea"} or given.get("lang") == "en":
            self._quiet += 1
        if tag == "a" and (given.get("href") or "").startswith("/"):
            self.links.append(str(given["href"]).split("#")[0])
        for name in ("title", "placeholder", "aria-label"):
            self.words.append(given.get(name) or "")

    def handle_endtag(self, tag: str) -> None:
        if self._quiet and tag in {"script", "style", "textarea", "a", "span"}:
            self._quiet -= 1

    def handle_data(self, data: str) -> None:
        if not self._quiet:
            self.words.append(data)


def kind_of(path: str) -> str:
    """An address without its numbers and values: pages of one kind share a template."""
    plain, _, query = path.partition("?")
    return re.sub(r"\d+", "0", plain) + "?" + ",".join(sorted(re.findall(r"(\w+)=", query)))


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("username", ROLES)
def test_a_role_finds_no_dead_link_and_no_foreign_word(served: Flask, username: str, language: str) -> None:
    person = User.get(User.username == username)
    User.update(language=language).where(User.id == person.id).execute()
    client = login(served.test_client(), person, now=demo.TODAY)
    waiting, seen, kinds = ["/"], {"/"}, dict[str, int]()
    broken, english = [], set()
    while waiting:
        path = waiting.pop(0)
        answer = client.get(path, follow_redirects=True)
        if answer.status_code != 200:
            broken.append((path, answer.status_code))
        if answer.mimetype != "text/html":
            continue
        page = Page(answer.get_data(as_text=True))
        english |= {(kind_of(path), found) for text in page.words for found in ENGLISH.findall(text)}
        for link in page.links:
            kind = kind_of(link)
            if link in seen or "/language/" in link or kinds.get(kind, 0) >= PER_KIND:
                continue
            seen.add(link)
            kinds[kind] = kinds.get(kind, 0) + 1
            waiting.append(link)
    assert broken == []
    if language == "zh_CN":
        assert sorted(english) == []
    else:  # the control: the same look finds the sentences of the English pages
        assert len(english) > 20
    assert len(seen) > (8 if username == "admin" else 15)
