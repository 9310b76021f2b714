"""The file of a closed period: every part of it, readable alone, each with its hash in the index."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from datetime import timedelta

import docx
import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import list_circulars, period_files, scores
from supervisor.core.permissions import Actor
from supervisor.errors import NotAllowed, NotFound
from supervisor.models import Role, User
from tests import builders, quarters
from tests.conftest import StillClock, login
from tests.quarters import CLOSING, Q2, World
from tests.test_name_lists import drawn_up, office, seal
from tests.test_name_lists import world as world  # noqa: PLC0414 -- the fixture: a closed quarter with a leader

LATER = CLOSING + timedelta(days=1)


def opened(world: World, by: Actor) -> dict[str, bytes]:
    made = period_files.export_period_file(world.programme, Q2, by=by, now=LATER)
    with zipfile.ZipFile(io.BytesIO(made.content)) as file:
        return {name: file.read(name) for name in file.namelist()}


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_the_file_holds_figures_lists_circulars_and_trail_with_their_hashes(world: World) -> None:
    draft = drawn_up(world)
    row = list_circulars.issue(draft, seal=seal(draft), by=office(world), now=LATER)
    quarters.correct_closed(world, "核对记录", LATER)
    files = opened(world, office(world))
    for line in rows(files["目录.csv"]):
        assert hashlib.sha256(files[line["文件"]]).hexdigest() == line["SHA-256"], line["文件"]
        assert line["文件"] in files["目录.html"].decode()
    assert len(rows(files["目录.csv"])) == len(files) - 2
    assert {"03 得分/第1次计算/事实.json", "03 得分/第2次计算/结果.json"} <= set(files)
    names = rows(files["05 名单/名单上的名字.csv"])
    kept = next(one for one in names if one["单位"] == world.units["A"].name)
    assert (kept["去留"], kept["理由"]) == ("保留", "推进有力。")
    assert rows(files["04 申诉和更正/更正.csv"])[0]["理由"] == "核对记录"
    paper = next(name for name in files if name.startswith("06 通报/") and name.endswith(".docx"))
    said = "".join(one.text for one in docx.Document(io.BytesIO(files[paper])).paragraphs)
    assert row.number in said
    assert world.units["A"].name in said
    acts = [line["动作"] for line in rows(files["08 审计/审计摘录.csv"])]
    assert {"list.approve", "list_circular.issue"} <= set(acts)


def test_open_books_have_no_file_and_units_get_none(database: Database, clock: StillClock) -> None:
    clock.moment = CLOSING
    world = quarters.worked_quarter()
    with pytest.raises(NotFound):
        opened(world, builders.actor(Role.ASSESSOR, world.programme, person=world.assessor))
    scores.close(
        world.programme,
        Q2,
        by=builders.actor(Role.ASSESSOR, world.programme, person=world.assessor),
        now=CLOSING,
    )
    with pytest.raises(NotAllowed):
        opened(world, builders.actor(Role.LIAISON, world.programme, world.units["A"]))


def test_the_period_s_page_hands_it_out(client: FlaskClient, world: World, clock: StillClock) -> None:
    clock.moment = LATER
    login(client, User.get_by_id(world.assessor.id), LATER)
    page = f"/p/{world.programme.id}/periods/2021-Q2"
    assert f"{page}/file.zip" in client.get(page).text
    answer = client.get(f"{page}/file.zip")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
