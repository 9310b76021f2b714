"""Promises that nobody remembers while writing something else."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from peewee import DateTimeField

from supervisor.config import ROOT, Config
from supervisor.core.permissions import ADMIN_GRANTS, FOUNDER_GRANTS, GRANTS, Permission
from supervisor.models import TABLES, AdminRole, Base, Role
from tests.builders import NOW
from tests.conftest import StillClock, make_app

README = (ROOT / "README.md").read_text(encoding="utf-8")
PURE = ("scoring", "supervisor/core", "supervisor/models", "supervisor/intake", "supervisor/documents")


def sources(*folders: str, endings: tuple[str, ...] = (".py",)) -> Iterator[tuple[str, str]]:
    """(path, text) of the files below these folders."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in endings:
                yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def lines_with(pattern: str, *folders: str, endings: tuple[str, ...] = (".py",)) -> list[str]:
    """`path:line: text` of every line that matches."""
    return [
        f"{path}:{number}: {line.strip()}"
        for path, text in sources(*folders, endings=endings)
        for number, line in enumerate(text.splitlines(), start=1)
        if re.search(pattern, line)
    ]


# ---- settings, commands, words for people


@pytest.mark.parametrize("name", list(Config.__dataclass_fields__))
def test_every_setting_stands_in_the_readme(name: str) -> None:
    assert f"`DUKAO_{name.upper()}`" in README


def test_the_readme_names_no_setting_that_does_not_exist() -> None:
    named = {name.lower() for name in re.findall(r"`DUKAO_(\w+)`", README)}
    assert named <= set(Config.__dataclass_fields__)


def test_every_target_of_make_says_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in phony[1].split():
        assert re.search(rf"^ +make {target} +\S", shown, re.MULTILINE), target


def test_the_changelog_has_a_place_for_what_comes() -> None:
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


# ---- imports and dependencies


def test_imports_run_downwards() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_requirement_is_pinned_with_hashes_and_names_no_host() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        entries = [entry for entry in re.split(r"\n(?=[a-z0-9])", text) if re.match(r"[a-z0-9]", entry)]
        assert len(entries) > 30
        for entry in entries:
            assert re.match(r"[\w.\-\[\]]+==\S+", entry), entry[:60]
            assert "--hash=sha256:" in entry, entry[:60]


def test_what_is_installed_fits_together() -> None:
    command = [sys.executable, "-m", "pip", "check", "--disable-pip-version-check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_time_zones_and_sqlite_come_with_the_lock() -> None:
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    for name in ("tzdata==", "pysqlite3==", "python-dateutil==2.9.0.post0"):
        assert f"\n{name}" in lock


# ---- time, numbers, names


def test_only_the_clock_and_the_edges_ask_the_time() -> None:
    asks = r"datetime\.now\(|date\.today\(|utcnow\(|\btime\.time\("
    assert lines_with(asks, *PURE) == []
    allowed = {"supervisor/clock.py", "supervisor/cli.py", "supervisor/scheduler.py"}
    edges = {line.split(":")[0] for line in lines_with(asks, "supervisor")} - allowed
    assert edges <= {path for path in edges if path.startswith("supervisor/web/")}, edges


def test_no_column_has_a_time_by_default() -> None:
    for model in TABLES:
        for field in model._meta.sorted_fields:
            if isinstance(field, DateTimeField):
                assert field.default is None, f"{model.__name__}.{field.name}"


def test_points_are_never_rounded_or_averaged_in_sql() -> None:
    found = lines_with(r"fn\.(ROUND|AVG)\(|\bAVG\(|\bROUND\(", "supervisor")
    # Formulas of a workbook are no SQL, and documents open no database.
    assert [one for one in found if not one.startswith("supervisor/documents/")] == []


def test_no_float_enters_the_engine() -> None:
    assert lines_with(r"\bfloat\(", "scoring") == []


def test_every_table_is_listed() -> None:
    def below(kind: type[Base]) -> Iterator[type[Base]]:
        for sub in kind.__subclasses__():
            yield sub
            yield from below(sub)

    ours = {kind for kind in below(Base) if kind.__module__.startswith("supervisor.")}
    assert ours == set(TABLES)


def test_nothing_committed_names_this_machine_or_a_registry() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("no git checkout")
    me = Path(__file__).resolve()
    strange = re.compile(r"/" + r"work/|pypi\." + r"org|python" + r"hosted|/" + r"root/")
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path == me or not path.is_file() or path.suffix in {".png", ".docx", ".xlsx", ".ico", ".woff2"}:
            continue
        assert strange.findall(path.read_text(encoding="utf-8", errors="ignore")) == [], name


# ---- rights


def test_every_role_has_its_grants_and_every_permission_somebody() -> None:
    assert set(GRANTS) == set(Role)
    assert set(ADMIN_GRANTS) == set(AdminRole)
    anybody = {Permission.APPEARANCE_CHOOSE, Permission.MESSAGE_READ}
    held = anybody.union(*GRANTS.values(), *ADMIN_GRANTS.values(), FOUNDER_GRANTS)
    assert held == set(Permission)


def test_no_business_right_is_an_administrator_s() -> None:
    business = frozenset().union(*GRANTS.values())
    for role, rights in ADMIN_GRANTS.items():
        assert not rights & business, role


@pytest.fixture(scope="module")
def app() -> Flask:
    return make_app(Config(mode="trial", secret="0123456789abcdef" * 4), StillClock(NOW))


def test_every_view_declares_who_may_use_it(app: Flask) -> None:
    undeclared = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if not rule.endpoint.endswith("static")
        and not hasattr(app.view_functions[rule.endpoint], "permission")
    ]
    assert undeclared == []


def test_only_the_door_and_help_are_public(app: Flask) -> None:
    public = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "permission", "static") is None
    }
    by_secret = {"feeds.read", "public_pages.newest", "public_pages.one", "public_pages.file"}
    #: The way out of a sandbox whose sign-in has ended; it shows nothing.
    way_out = {"sandboxes.leave"}
    doors = {endpoint.split(".")[0] for endpoint in public - by_secret - way_out}
    assert doors <= {"auth", "health", "help", "help_pages"}


def test_safe_settings_of_the_frame(app: Flask) -> None:
    assert app.config["BOOTSTRAP_SERVE_LOCAL"] is True
    assert app.config["SESSION_COOKIE_HTTPONLY"] is True
    assert app.config["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert app.config["MAX_CONTENT_LENGTH"] <= 32 * 1024 * 1024
    assert app.config["MAX_FORM_PARTS"] is not None


# ---- pages: nothing from outside, nothing that the content policy forbids

ASSETS = (".html", ".css", ".js", ".svg")


def test_no_page_loads_anything_from_outside() -> None:
    attribute = r"""(src|srcset|data|poster|action)\s*=\s*["']?\s*(https?:)?//"""
    outside = attribute + r"""|url\(\s*["']?(https?:)?//|@import|<link[^>]+//"""
    found = lines_with(outside, "templates", "supervisor/static", endings=ASSETS)
    assert [line for line in found if "w3.org" not in line] == []


def test_no_page_carries_inline_script_or_style() -> None:
    """The content policy forbids them; a browser would drop them without a word."""
    inline = r"""<script(?![^>]*\bsrc=)|\son[a-z]+\s*=\s*["']|<style|\sstyle\s*=\s*["']|javascript:"""
    assert lines_with(inline, "templates", endings=(".html",)) == []


def test_no_template_switches_escaping_off() -> None:
    assert lines_with(r"\|\s*safe\b|autoescape\s+false", "templates", endings=(".html", ".txt")) == []
    assert lines_with(r"\bMarkup\(f|Markup\([^)\"']*%", "supervisor") == []


def test_every_posting_form_has_a_token() -> None:
    for path, text in sources("templates", endings=(".html",)):
        for form in re.findall(
            r"<form\b[^>]*method=[\"']post[\"'].*?</form>", text, re.DOTALL | re.IGNORECASE
        ):
            assert "csrf" in form, f"{path}: {form[:120]}"
