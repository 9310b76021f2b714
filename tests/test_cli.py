from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from supervisor.clock import Clock
from supervisor.config import ROOT
from supervisor.core import accounts, audit
from supervisor.database import db, open_database, transaction
from supervisor.models import CalendarDate, OneTimeLink, Task, Tick, User
from supervisor.serve import main
from tests import builders
from tests.builders import NOW, PASSWORD

NOTICE = """青浦县人民政府办公室关于印发河湖清漂行动方案的通知

各乡镇人民政府，县直有关部门：

一、重点任务
1.开展河道清漂。清理主要河道漂浮物。（牵头单位：县水务局；责任单位：县财政局）2021年6月底前完成。
2.建立巡查制度。（牵头单位：县城管局）

青浦县人民政府办公室
2021年3月1日
"""


def run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of `run.py` with these words."""
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A migrated trial installation at NOW."""
    monkeypatch.setenv("DUKAO_MODE", "trial")
    Clock(tmp_path / "place" / "clock.json").set_trial(NOW)
    assert run(capsys, "migrate", "--data", tmp_path / "place")[0] == 0
    return tmp_path / "place"


def opened(place: Path) -> Any:
    return open_database(f"sqlite:///{place / 'dukao.db'}").connection_context()


# ---- on files alone


@pytest.mark.parametrize(
    ("day", "steps", "answer"),
    [
        ("2021-09-24", "+14", "2021-10-19"),
        ("2021-06-15", "-1", "2021-06-11"),
        ("2021-06-15", "0", "2021-06-15"),
        ("2026-12-31", "+1", "2027-01-04"),
    ],
)
def test_workday(capsys: pytest.CaptureFixture[str], day: str, steps: str, answer: str) -> None:
    code, out, said = run(capsys, "workday", day, steps)
    assert (code, out) == (0, f"{answer}\n")
    assert ("not loaded" in said) == (answer > "2026-12-31")


def test_deadlines_as_json_and_as_rows(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["deadlines", "yearly:10-30", "--from", "2021-01-01", "--to", "2021-12-31", "--policy", "before"]
    code, out, err = run(capsys, *words, "--json")
    row = {"literal": "2021-10-30", "effective": "2021-10-29", "working_day": False, "calendar": "confirmed"}
    assert (code, json.loads(out), err) == (0, [row], "")
    assert run(capsys, *words)[1] == "2021-10-30  2021-10-29  False  confirmed\n"
    keep = run(capsys, "deadlines", "monthly:10,25", "--from", "2021-04-01", "--to", "2021-04-30", "--json")
    assert [row["effective"] for row in json.loads(keep[1])] == ["2021-04-10", "2021-04-25"]


def test_intake_prints_one_json_document(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "notice.txt").write_text(NOTICE, encoding="utf-8")
    code, out, _ = run(capsys, "intake", tmp_path / "notice.txt", "--json")
    draft = json.loads(out)
    assert code == 0
    assert [(task["title"], task["lead"]) for task in draft["tasks"]] == [
        ("开展河道清漂", ["县水务局"]),
        ("建立巡查制度", ["县城管局"]),
    ]
    assert "河道清漂" in run(capsys, "intake", tmp_path / "notice.txt")[1]


def test_score_runs_the_documented_example(capsys: pytest.CaptureFixture[str]) -> None:
    example = ROOT / "docs" / "examples"
    code, out, err = run(
        capsys, "score", example / "two-units.json", "--rulebook", example / "two-indicators.toml", "--json"
    )
    assert (code, err) == (0, "")
    assert sorted(unit["score"] for unit in json.loads(out)["units"]) == ["61.11", "95.00"]


def test_what_cannot_be_done_says_why_in_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    empty, broken = tmp_path / "empty.txt", tmp_path / "broken.json"
    empty.write_bytes(b"")
    broken.write_text("{", encoding="ascii")
    rules = ROOT / "docs" / "examples" / "two-indicators.toml"
    floats = tmp_path / "floats.json"
    floats.write_text('{"period": 2.5}', encoding="ascii")
    span = ["--from", "2021-01-01", "--to", "2021-12-31"]
    for words in (
        ["intake", tmp_path / "missing.txt"],
        ["intake", empty],
        ["score", broken, "--rulebook", rules],
        ["score", floats, "--rulebook", rules],
        ["score", ROOT / "docs" / "examples" / "two-units.json", "--rulebook", broken],
        ["workday", "yesterday", "1"],
        ["workday", "9999-12-30", "+99"],
        ["deadlines", "sometimes", *span],
        ["tick", "--data", tmp_path / "t", "--at", "noon"],
        ["verify", "--data", tmp_path / "nothing"],
        ["backup", tmp_path / "copy", "--data", tmp_path / "nothing"],
        ["restore", tmp_path, "--data", tmp_path / "nothing2"],
        ["sample", "--tasks", "0"],
        ["fly"],
        ["--now", "noon"],
    ):
        code, out, err = run(capsys, *words)
        assert (code, out) == (2, ""), words
        assert err.startswith("run.py: "), words
        assert err.count("\n") == 1, words


@pytest.mark.parametrize(
    "words",
    [
        ["workday", "2021-09-24", "+14"],
        ["deadlines", "weekly:fri", "--from", "2021-01-01", "--to", "2021-01-31"],
        ["intake", "NOTICE", "--json"],
        ["score", "docs/examples/two-units.json", "--rulebook", "docs/examples/two-indicators.toml"],
    ],
    ids=lambda words: words[0],
)
def test_commands_on_files_load_no_flask_and_open_no_database(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "notice.txt").write_text(NOTICE, encoding="utf-8")
    words = [str(tmp_path / "notice.txt") if word == "NOTICE" else word for word in words]
    code = (
        "import sys\nfrom supervisor.serve import main\n"
        f"try:\n    main({words!r})\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "assert 'flask' not in sys.modules\n"
        "database = sys.modules.get('supervisor.database')\n"
        "assert database is None or database.db.obj is None\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# ---- on an installation


def test_migrate_seeds_the_calendar_and_says_so_without_secrets(place: Path) -> None:
    with opened(place):
        assert CalendarDate.select().count() > 500
        assert audit.verify_chain() is None


def test_the_first_administrator_gets_a_link_and_a_lost_password_too(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "admin", "--data", place)
    assert code == 0
    assert out.startswith("http://127.0.0.1:8000/link/")
    with opened(place):
        accounts.redeem_link(out.strip().rpartition("/")[2], PASSWORD, now=NOW + timedelta(minutes=1))
    assert run(capsys, "admin", "--data", place)[0] == 2
    code, out, _ = run(capsys, "admin", "ADMIN", "--data", place)
    assert (code, out.count("/link/")) == (0, 1)
    assert run(capsys, "admin", "nobody", "--data", place)[0] == 2
    with opened(place):
        assert User.select().count() == 1
        assert OneTimeLink.select().count() == 2


def test_tick_makes_one_pass_as_if_it_were_that_moment(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "tick", "--at", "2021-06-07T10:00", "--data", place)
    assert (code, out) == (0, ""), err
    with opened(place):
        assert Tick.get().at == builders.at("2021-06-07 10:00")


def test_verify_is_content_until_somebody_touches_the_trail(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "verify", "--data", place)[0] == 0
    with opened(place):
        db.execute_sql("DROP TRIGGER audit_entry_no_update")
        db.execute_sql("UPDATE audit_entry SET actor_name = '别人' WHERE seq = 1")
    code, out, _ = run(capsys, "verify", "--data", place)
    assert (code, out.count("\n")) == (1, 1)
    assert out.startswith("audit row 1: ")


def test_backup_and_restore(place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with opened(place), transaction():
        audit.record(builders.actor(), "unit.create", builders.unit("市水务局"), now=NOW)
        head = audit.read_head()
    assert run(capsys, "backup", tmp_path / "copy", "--data", place)[0] == 0
    code, _, err = run(capsys, "restore", tmp_path / "copy", "--data", tmp_path / "new")
    assert (code, str(head) in err) == (0, True)
    assert run(capsys, "verify", "--data", tmp_path / "new")[0] == 0
    with opened(tmp_path / "new"):
        assert audit.read_head() == head
    assert run(capsys, "restore", tmp_path / "copy", "--data", tmp_path / "new")[0] == 2


def test_sample_fills_an_empty_place_once(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["sample", "--tasks", "40", "--units", "12", "--months", "2", "--data", str(place)]
    assert run(capsys, *words)[0] == 0
    with opened(place):
        assert Task.select().count() == 40
    assert run(capsys, *words)[0] == 2
    assert run(capsys, "verify", "--data", place)[0] == 0


def test_a_database_behind_the_code_is_not_touched_by_reading_commands(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with opened(place):
        db.execute_sql("DELETE FROM schema_migration")
    for words in (["verify"], ["backup", place / "copy"]):
        code, _, err = run(capsys, *words, "--data", place)
        assert code == 2
        assert "run.py migrate" in err
