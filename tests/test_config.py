from __future__ import annotations

import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from supervisor.config import Config, ConfigError, keep_secret, read_config, refuse_unsafe

GOOD = "0123456789abcdef" * 4


def test_defaults_serve_the_demo_on_loopback() -> None:
    config = Config()
    assert (config.mode, config.host, config.port) == ("demo", "127.0.0.1", 8000)
    assert config.url == f"sqlite:///{config.data / 'dukao.db'}"
    assert config.public_url == "http://127.0.0.1:8000"


def test_environment_gives_each_setting_its_type(tmp_path: Path) -> None:
    config = read_config({
        "DUKAO_DATA": str(tmp_path), "DUKAO_MODE": "production", "DUKAO_PORT": "81", "DUKAO_TLS": "1",
        "DUKAO_BASE_URL": "https://dukao.example.cn/", "DUKAO_DATABASE_URL": "postgresql://h/d",
    })  # fmt: skip
    assert (config.data, config.port, config.tls) == (tmp_path, 81, True)
    assert (config.public_url, config.url) == ("https://dukao.example.cn", "postgresql://h/d")
    assert config.clock_file is None


def test_what_is_given_wins_over_the_environment(tmp_path: Path) -> None:
    config = read_config({"DUKAO_PORT": "81", "DUKAO_HOST": "::1"}, data=tmp_path, port=82, host=None)
    assert (config.port, config.host) == (82, "::1")


@pytest.mark.parametrize("given", [{"data": Path("var/walk")}, {}])
def test_the_data_folder_is_told_from_where_the_command_ran(
    given: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_config({"DUKAO_DATA": "var/walk"}, **given).data == tmp_path / "var" / "walk"


@pytest.mark.parametrize(
    ("name", "value"), [("DUKAO_PORT", "many"), ("DUKAO_TLS", "perhaps"), ("DUKAO_MODE", "live")]
)
def test_a_wrong_value_names_its_variable(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        read_config({name: value, "DUKAO_DATA": str(tmp_path)})


def test_the_secret_is_generated_once_for_its_owner_only(tmp_path: Path) -> None:
    first = read_config({}, data=tmp_path / "var").secret
    assert len(first) == 64
    assert read_config({}, data=tmp_path / "var").secret == first
    assert stat.S_IMODE((tmp_path / "var" / "secret").stat().st_mode) == 0o600
    assert read_config({}, data=tmp_path / "other").secret != first


def test_processes_that_start_at_once_agree_on_the_secret(tmp_path: Path) -> None:
    found: list[str] = []
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        found.append(keep_secret(tmp_path / "var"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert len(found[0]) == 64


@pytest.mark.parametrize(
    ("change", "trial_clock", "demo_accounts", "word"),
    [
        ({}, False, True, "demo accounts"),
        ({"debug": True}, False, False, "DUKAO_DEBUG"),
        ({}, True, False, "trial clock"),
        ({"secret": "short"}, False, False, "secret"),
        ({"secret": "a" * 64}, False, False, "secret"),
        ({"host": "0.0.0.0"}, False, False, "plain http"),  # noqa: S104 -- that it is refused is the test
        ({"host": "dukao.example.cn"}, False, False, "plain http"),
    ],
)
def test_an_unsafe_production_start_says_why(
    change: dict[str, object],
    trial_clock: bool,  # noqa: FBT001 -- a column of the table above
    demo_accounts: bool,  # noqa: FBT001 -- likewise
    word: str,
) -> None:
    config = replace(Config(mode="production", secret=GOOD), **change)  # type: ignore[arg-type]  # by name
    reasons = refuse_unsafe(config, trial_clock=trial_clock, demo_accounts=demo_accounts)
    assert len(reasons) == 1
    assert word in reasons[0]
    anywhere_else = replace(config, mode="trial")
    assert refuse_unsafe(anywhere_else, trial_clock=trial_clock, demo_accounts=demo_accounts) == []


@pytest.mark.parametrize(
    "change",
    [{}, {"host": "::1"}, {"host": "localhost"}, {"host": "0.0.0.0", "tls": True}],  # noqa: S104 -- behind TLS
)
def test_a_safe_production_start_is_let_through(change: dict[str, object]) -> None:
    config = replace(Config(mode="production", secret=GOOD), **change)  # type: ignore[arg-type]  # by name
    assert refuse_unsafe(config, trial_clock=False, demo_accounts=False) == []
