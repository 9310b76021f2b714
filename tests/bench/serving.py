"""The serving process: memory after use, and the time from start to the first page."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from supervisor.config import ROOT
from tests.bench.measure import line

#: Requests before memory is read.
REQUESTS = 200


def run() -> None:
    """Print memory and start of `run.py` on an empty place, first and second start."""
    with tempfile.TemporaryDirectory() as name:
        first, _ = _start(Path(name), requests=1)
        later, memory = _start(Path(name), requests=REQUESTS)
    line("start to first page, first time (schema, calendar)", first, "s", None, "aim < 60 s")
    line("start to first page, later", later, "s", None, "aim < 3 s")
    line(f"memory of the serving process after {REQUESTS} pages", memory, "MB", None, "aim ≤ 150 MB")


def _start(place: Path, *, requests: int) -> tuple[float, float]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, str(ROOT / "run.py"), "--data", str(place), "--port", str(port)]
    begin = time.perf_counter()
    server = subprocess.Popen(
        [*words, "--now", "2021-03-22T09:00"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ,
    )
    try:
        while not _answers(port):
            if server.poll() is not None or time.perf_counter() - begin > 120:
                raise RuntimeError("the server did not start")
            time.sleep(0.05)
        spent = time.perf_counter() - begin
        for _ in range(requests):
            _answers(port)
        return spent, _megabytes(server.pid)
    finally:
        server.terminate()
        server.wait(timeout=30)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/sign-in")
        return connection.getresponse().status in {200, 302, 404}
    except OSError:
        return False
    finally:
        connection.close()


def _megabytes(pid: int) -> float:
    for text in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if text.startswith("VmRSS:"):
            return int(text.split()[1]) / 1024
    return float("nan")
