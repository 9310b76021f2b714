"""Charts as pictures, drawn in a child process (D27).

So the server keeps its memory, and a crash or a hang of the drawing stays outside it. A chart costs about a
second of one processor: draw it once for each state of its data and keep it under `fingerprint(content)`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from supervisor.documents.content import ChangeChart, ChartContent, HeatChart, TrendChart

LOG = logging.getLogger(__name__)
CHILD = Path(__file__).with_name("chart_child.py")
PICTURE_VERSION = 2  # raise it when the drawing changes, so that kept pictures are drawn anew

# One child at a time: two of them drawing at once would double the memory that D27 wants to keep free.
_ONE_CHILD = threading.Lock()

Picture = Literal["svg", "png"]
Content = ChartContent | ChangeChart | TrendChart | HeatChart


class ChartFailed(Exception):
    """The chart could not be drawn; the message is the child's last line. The page then shows its table alone."""


def draw_chart(
    content: Content, timeout: float = 30, picture: Picture = "svg", cache: Path | None = None
) -> bytes:
    """The chart as SVG (text as outlines, so that it needs no font) or PNG.

    `timeout` is in seconds, waiting for another chart included; `cache` is a directory where matplotlib
    keeps its list of fonts, which saves seconds from the second chart on. Raises ChartFailed.
    """
    if not _ONE_CHILD.acquire(timeout=timeout):
        raise ChartFailed("another chart is still being drawn")
    try:
        done = subprocess.run(  # noqa: S603 -- our own interpreter and file, the content goes in by stdin
            # By path and with -P, not -m: the web application need not be imported to draw bars.
            [sys.executable, "-P", str(CHILD), picture],
            input=_as_json(content),
            capture_output=True,
            timeout=timeout,
            env=_environment(cache),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ChartFailed(f"drawing took longer than {timeout:g} seconds") from error
    finally:
        _ONE_CHILD.release()
    said = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode != 0 or not done.stdout:
        raise ChartFailed(said.splitlines()[-1] if said else f"the drawing ended with {done.returncode}")
    if said:
        LOG.warning("chart: %s", said)
    return done.stdout


def fingerprint(content: Content) -> str:
    """A name for the picture of this content: equal content, equal name."""
    return hashlib.sha256(b"%d\n" % PICTURE_VERSION + _as_json(content)).hexdigest()


def draw_once(content: Content, folder: Path, name: str) -> bytes:
    """The chart as SVG, drawn once for each state of its content and kept in `folder` as `name`. Raises ChartFailed."""
    kept = folder / f"{name}-{fingerprint(content)[:16]}.svg"
    if kept.exists():
        return kept.read_bytes()
    drawn = draw_chart(content, cache=folder / "cache")
    folder.mkdir(parents=True, exist_ok=True)
    beside = kept.with_suffix(f".{os.getpid()}.new")
    beside.write_bytes(drawn)
    with contextlib.suppress(OSError):  # a picture that cannot be kept is drawn again
        beside.replace(kept)
    return drawn


def _as_json(content: Content) -> bytes:
    told = {"kind": type(content).__name__, **asdict(content)}
    return json.dumps(told, default=str, ensure_ascii=False, sort_keys=True).encode()


def _environment(cache: Path | None) -> dict[str, str]:
    """What the child may know: no secrets of the server, a C locale, and where its font list lies."""
    kept = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")
        if name in os.environ
    }
    if cache is not None:
        cache.mkdir(parents=True, exist_ok=True)
        kept["MPLCONFIGDIR"] = str(cache)
    return kept | {"PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8", "MPLBACKEND": "agg"}
