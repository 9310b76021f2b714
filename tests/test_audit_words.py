"""Every act that the code records has a name for readers."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import supervisor
from supervisor.core.audit_words import ACTS, act_words, role_words
from supervisor.words import say

CODE = Path(supervisor.__file__).parent


def _recorded(source: str) -> Iterator[str]:
    """Short names of acts that stand in calls of `audit.record` in this source."""
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and ast.unparse(call.func) in {"audit.record", "record"}:
            for part in ast.walk(call.args[1]) if len(call.args) > 1 else ():
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and "." in part.value:
                    yield part.value


def test_every_recorded_act_has_words() -> None:
    recorded = {name for path in CODE.rglob("*.py") for name in _recorded(path.read_text(encoding="utf-8"))}
    assert len(recorded) > 50
    assert sorted(recorded - set(ACTS)) == []


def test_an_act_of_long_ago_stays_readable() -> None:
    assert act_words("folder.seal") == "folder.seal"


def test_the_roles_that_a_row_keeps_are_read_in_words() -> None:
    words = [say(role, "zh_CN") for role in role_words("assessor、lead_office、audit")]
    assert words == ["考核办", "领导小组办公室", "审计管理员"]
    assert role_words("") == []
