"""What was published follows from what was frozen: archives, heads kept outside, and a drill of manipulations."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import peewee
import pytest
from peewee import Database

import scoring
from scoring import archive as form
from scoring.archive import check
from supervisor.config import Config
from supervisor.core import archives, audit, heads, scores
from supervisor.core.audit import Head, chain_hash
from supervisor.core.score_runs import assess_text, store
from supervisor.database import db, digest, open_database
from supervisor.models import (
    AuditEntry,
    AuditHead,
    Lease,
    Reach,
    RulebookVersion,
    ScoreLine,
    ScoreRun,
    Standing,
    Tick,
)
from supervisor.scheduler import run_tick
from tests import builders, quarters
from tests.builders import NOW, at
from tests.conftest import StillClock, postgres_or_skip
from tests.databases import close as close_database
from tests.quarters import CLOSING
from tests.test_core_scores import assessor_of, close

LATER = CLOSING + timedelta(days=1)


def _without_guards(database: Database) -> None:
    """What somebody does first who owns the file or the server: take the triggers away."""
    if isinstance(database, peewee.SqliteDatabase):
        for name in ("update", "delete"):
            database.execute_sql(f"DROP TRIGGER IF EXISTS audit_entry_no_{name}")
    else:
        database.execute_sql("SET session_replication_role = replica")


# ---- goal 21: the drill


def _edit_line(_: ScoreRun) -> None:
    ScoreLine.update(points=1200).where(ScoreLine.points == 1150).execute()


def _edit_words_of_a_line(_: ScoreRun) -> None:
    ScoreLine.update(rule="月报迟报不扣分").where(ScoreLine.indicator == "report_timeliness").execute()


def _edit_standing(_: ScoreRun) -> None:
    Standing.update(rank=1, tied=True).where(Standing.rank == 2).execute()


def _delete_standing(_: ScoreRun) -> None:
    Standing.delete().where(Standing.rank == 3).execute()


def _rescore_from_other_facts(run: ScoreRun) -> None:
    """The careful forger: other facts, and everything that follows from them, hashes included."""
    facts = run.facts.replace('"done_cumulative":620', '"done_cumulative":720')
    assert facts != run.facts
    found = assess_text(facts, run.rulebook.text)
    ScoreLine.delete().where(ScoreLine.run == run).execute()
    Standing.delete().where(Standing.run == run).execute()
    run.facts, run.facts_sha256 = facts, digest(facts)
    run.result, run.result_sha256 = found.result_text, digest(found.result_text)
    run.save()
    store(run, found.result)


def _reword_rulebook(run: ScoreRun) -> None:
    """Another text which gives the same result, with its hash."""
    text = f"{run.rulebook.text}\n# 后加的话\n"
    RulebookVersion.update(text=text, sha256=digest(text)).execute()


def _delete_run(run: ScoreRun) -> None:
    ScoreLine.delete().execute()
    Standing.delete().execute()
    ScoreRun.delete().execute()


def _edit_trail(_: ScoreRun) -> None:
    AuditEntry.update(reason="另一个理由").where(AuditEntry.seq == 2).execute()


def _delete_from_trail(_: ScoreRun) -> None:
    AuditEntry.delete().where(AuditEntry.seq == 2).execute()


def _swap_in_trail(_: ScoreRun) -> None:
    for old, new in ((1, 901), (2, 1), (901, 2)):
        AuditEntry.update(seq=new).where(AuditEntry.seq == old).execute()


def _insert_into_trail(_: ScoreRun) -> None:
    last = AuditEntry.select().order_by(AuditEntry.seq.desc()).get()
    AuditEntry.create(seq=last.seq + 1, at=NOW, actor_name="某人", action="score.praise", subject_type="unit",
                      prev=last.hash, hash="0" * 64)  # fmt: skip


def _rewrite(after: int) -> None:
    """A new reason in every row from `after` on, and the whole chain made to fit."""
    prev = AuditEntry.get(AuditEntry.seq == after - 1).hash if after > 1 else "0" * 64
    for row in AuditEntry.select().where(AuditEntry.seq >= after).order_by(AuditEntry.seq):
        row.reason, row.prev = f"{row.reason}（改）", prev
        prev = row.hash = chain_hash(row)
        row.save()
    AuditHead.update(hash=prev).execute()


def _cut(after: int) -> None:
    AuditEntry.delete().where(AuditEntry.seq > after).execute()
    AuditHead.update(seq=after, hash=AuditEntry.get(AuditEntry.seq == after).hash).execute()


@dataclass(frozen=True)
class Trick:
    """A manipulation, and where the verifier must put its finger; empty = honestly not found (declared)."""

    what: Callable[[ScoreRun, Head], None]
    found: str


TRICKS = {
    "a score line edited": Trick(lambda run, _: _edit_line(run), "points is 1200, it was 1150"),
    "a line's words edited": Trick(lambda run, _: _edit_words_of_a_line(run), "report_timeliness: rule is"),
    "a rank edited": Trick(lambda run, _: _edit_standing(run), "rank is 1, it was 2"),
    "a standing deleted": Trick(lambda run, _: _delete_standing(run), "the row is gone"),
    "facts forged with all that follows": Trick(
        lambda run, _: _rescore_from_other_facts(run), "facts are not those that row"
    ),
    "the rulebook reworded": Trick(lambda run, _: _reword_rulebook(run), "not the text that was adopted"),
    "a run deleted": Trick(lambda run, _: _delete_run(run), "is gone"),
    "a row of the trail edited": Trick(lambda run, _: _edit_trail(run), "row 2"),
    "a row of the trail deleted": Trick(lambda run, _: _delete_from_trail(run), "row 2 is missing"),
    "two rows of the trail swapped": Trick(lambda run, _: _swap_in_trail(run), "row 1 does not follow"),
    "a row of the trail invented": Trick(lambda run, _: _insert_into_trail(run), "was changed after"),
    "the trail written anew": Trick(lambda _run, _kept: _rewrite(1), "differs from the head that was kept"),
    "the trail cut before a kept head": Trick(lambda _, kept: _cut(kept.seq - 1), "the table ends at"),
    "the trail cut after the last kept head": Trick(lambda _, kept: _cut(kept.seq), ""),
    "the trail written anew after the last kept head": Trick(lambda _, kept: _rewrite(kept.seq + 1), ""),
}


@pytest.mark.parametrize("name", TRICKS)
def test_goal_21_every_manipulation_is_found_but_the_two_declared(
    database: Database, tmp_path: Path, name: str
) -> None:
    trick, file = TRICKS[name], tmp_path / "heads.txt"
    run = close(quarters.worked_quarter())
    heads.keep_head(file, at=CLOSING)
    kept = heads.read_heads(file)
    for number in range(3):  # what nobody outside has seen
        with db.atomic():
            audit.record(builders.actor(), "unit.look", ("unit", number), now=LATER)
    assert audit.verify_chain(kept) is None
    assert scores.verify_frozen() is None

    _without_guards(database)
    with database.atomic():
        trick.what(run, kept[-1])

    found = audit.verify_chain(kept) or scores.verify_frozen()
    assert trick.found in (found.why if found else "")
    assert (found is None) == (not trick.found)


# ---- goal 19: the same bytes everywhere


def test_goal_19_a_result_is_the_same_bytes_from_shuffled_rows_and_under_any_hash_seed(
    database: Database, tmp_path: Path
) -> None:
    run = close(quarters.worked_quarter())
    facts = json.loads(run.facts)
    random.Random(19).shuffle(facts["facts"])  # noqa: S311 -- an order, no secret
    random.Random(20).shuffle(facts["units"])  # noqa: S311 -- as above
    (tmp_path / "facts.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
    (tmp_path / "rules.toml").write_text(run.rulebook.text, encoding="utf-8")
    program = (
        "import json, sys; from pathlib import Path; from scoring import *\n"
        "here = Path(sys.argv[1])\n"
        "facts = load_facts(json.loads((here / 'facts.json').read_text(encoding='utf-8')))\n"
        "rules = load_rulebook((here / 'rules.toml').read_text(encoding='utf-8'))\n"
        "sys.stdout.buffer.write(canonical(result_to_json(assess(facts, rules))).encode())\n"
    )
    for seed in ("0", "1", "4242"):
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(scoring.__file__).parents[1])},
            capture_output=True,
            check=True,
        )
        assert digest(done.stdout) == run.result_sha256, seed


def test_goal_19_both_databases_freeze_the_same_bytes(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path: Path
) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "dukao.db")
    frozen = []
    for url in (f"sqlite:///{tmp_path / 'dukao.db'}", postgres_or_skip(request).emptied()):
        bound = open_database(url)
        bound.connect()
        run = close(quarters.worked_quarter())
        frozen.append((run.facts, run.result))
        close_database(bound)
    assert frozen[0] == frozen[1]


def test_goal_19_what_an_earlier_release_froze_still_comes_out_byte_for_byte() -> None:
    """The hash was written down when this was released: another shape of results needs a way to prove the old one."""
    here = Path(scoring.__file__).parents[1] / "docs" / "examples"
    found = assess_text(
        (here / "two-units.json").read_text(encoding="utf-8"),
        (here / "two-indicators.toml").read_text(encoding="utf-8"),
    )
    assert digest(found.result_text) == "b3f2914b21806469980ae5e3bef13ef7c29007abc94e30044c736b246c13e9bc"


# ---- archives


@pytest.fixture
def archived(database: Database, tmp_path: Path) -> Path:
    world = quarters.worked_quarter()
    close(world)
    quarters.publish(world.programme, assessor_of(world), Reach.GROUP)
    quarters.correct_closed(world, "更正一条事实", LATER)
    archives.write_archive(tmp_path / "book.zip", now=LATER)
    return tmp_path / "book.zip"


def _with(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The archive with its files changed, and its own list of them made to fit, as a forger would."""
    with zipfile.ZipFile(path) as file:
        files = {name: file.read(name) for name in file.namelist()}
    manifest = json.loads(files.pop(form.MANIFEST))
    change(files)
    manifest["files"] = {name: digest(content) for name, content in files.items()}
    with zipfile.ZipFile(path, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
        file.writestr(form.MANIFEST, json.dumps(manifest))
    return path


def _change(name: str, old: str, new: str) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        full = next(one for one in files if one.endswith(name))
        assert old.encode() in files[full]
        files[full] = files[full].replace(old.encode(), new.encode())

    return change


def _drop(part: str) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        for name in [one for one in files if part in one]:
            del files[name]

    return change


def test_an_archive_holds_every_run_and_checks_itself_in_an_empty_place(
    archived: Path, tmp_path: Path
) -> None:
    head = AuditEntry.get(AuditEntry.action == "period.close")

    found = check(archived, [f"{head.seq}-{head.hash[:16]}"])

    assert (found.differences, found.runs) == ((), 2)
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", str(archived), f"{head.seq}-{head.hash}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{found.rows} rows of the trail and 2 runs of closed periods: as they were written" in done.stdout


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_change("run-1/facts.json", "620", "720"), "the facts are not those that were frozen"),
        (_change("run-1/result.json", "93.01", "95.01"), "the result is not the one that was frozen"),
        (_change("run-2/rulebook.toml", "weight = 25", "weight = 26"), "the rulebook is not the one"),
        (
            _change("audit.jsonl", "更正一条事实", "更正两条事实"),
            "of the trail (correction.propose) was changed",
        ),
        (_drop("run-1/"), "run 1 of 2021-Q2, made by row"),
        (_change("published-1.json", "93.01", "95.01"), "published-1.json is not what row"),
        (_change("published-1.csv", "93.01", "95.01"), "published-1.csv is not what row"),
        (_drop("published-1.csv"), "published-1.csv, published by row"),
    ],
)
def test_whatever_is_forged_in_an_archive_is_found_though_its_list_was_made_to_fit(
    archived: Path, change: Callable[[dict[str, bytes]], None], why: str
) -> None:
    found = check(_with(archived, change)).differences
    assert any(why in one for one in found), found


def test_a_file_changed_by_accident_is_named(archived: Path) -> None:
    with zipfile.ZipFile(archived, "a") as file:
        file.writestr("beside.txt", "?")
    assert check(archived).differences == ("beside.txt is not in its list",)


@pytest.mark.parametrize("words", [["nothing.zip"], ["README.md"], ["book.zip", "812"], []])
def test_what_cannot_be_read_is_said_and_ends_with_2(
    archived: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "README.md").write_text("no archive", encoding="utf-8")
    assert form.main(words) == 2


def test_a_later_head_shows_that_an_archive_lacks_the_end(archived: Path) -> None:
    found = check(archived, [f"99999-{'a' * 16}"]).differences
    assert found == (f"the head kept elsewhere is row 99999; the trail ends at {check(archived).rows}",)


def test_an_archive_is_never_written_over(archived: Path) -> None:
    before = archived.read_bytes()
    with pytest.raises(FileExistsError):
        archives.write_archive(archived, now=LATER)
    assert archived.read_bytes() == before


# ---- heads kept outside


def _act(moment: datetime) -> None:
    with db.atomic():
        audit.record(builders.actor(), "unit.look", ("unit", 1), now=moment)


def test_a_head_is_kept_when_there_is_a_new_one_and_a_quarter_of_an_hour_has_passed(
    database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "heads.txt"
    kept = []
    for minute, acts in ((0, 1), (5, 1), (15, 0), (40, 0), (60, 1)):
        for _ in range(acts):
            _act(at("2021-06-01 08:00"))
        kept.append(heads.keep_head(file, at=at(f"2021-06-01 0{8 + minute // 60}:{minute % 60:02}")))
    assert kept == [True, False, True, False, True]
    assert [head.seq for head in heads.read_heads(file)] == [1, 2, 3]
    assert audit.verify_chain(heads.read_heads(file)) is None
    assert heads.compare_with_last(file) == ""


def test_an_older_database_put_back_is_noticed(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "heads.txt"
    _act(NOW)
    _act(NOW)
    heads.keep_head(file, at=NOW)
    _without_guards(database)
    _cut(1)
    assert "ends at row 1" in heads.compare_with_last(file)
    _act(LATER)
    assert "has another row 2" in heads.compare_with_last(file)


@pytest.mark.parametrize("line", ["", "2021-06-01 812", "2021-06-01T00:00:00+00:00 x " + "0" * 64])
def test_a_file_that_is_no_list_of_heads_is_named_by_line(
    database: Database, tmp_path: Path, line: str
) -> None:
    file = tmp_path / "heads.txt"
    file.write_text(f"{NOW.isoformat()} 1 {'0' * 64}\n{line}\n", encoding="ascii")
    with pytest.raises(ValueError, match="line 2 is no head"):
        heads.read_heads(file)


def test_every_pass_keeps_the_head_and_a_share_that_is_gone_stops_no_pass(
    sqlite: Database, config: Config, clock: StillClock, tmp_path: Path
) -> None:
    _act(NOW)
    sqlite.close()
    run_tick(config, clock)
    run_tick(replace(config, heads=str(tmp_path / "no such share" / "heads.txt")), clock)
    with sqlite.connection_context():
        assert [head.seq for head in heads.read_heads(config.heads_file)] == [1]
        assert Tick.select().count() == 1
        assert Lease.get(Lease.name == "tick").fence == 2
