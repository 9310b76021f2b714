"""Find Chromium for the browser tests, or fetch it: `python -m tests.browser.get_chromium` (D30).

As root from the system's packages; else Playwright's own download. Where neither can be had, says why and
ends well: the browser tests are then reported as skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str | None:
    """The path of a usable Chromium, or None."""
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    downloads = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    found = sorted(downloads.glob("chromium-*/chrome-linux*/chrome"))
    return str(found[-1]) if found else None


def fetch() -> str:
    """Try to install Chromium; answers why it did not work, or nothing."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"]
        for command in (install, ["apt-get", "update", "-q"], install):
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            if command is install and done.returncode == 0:
                return ""
        return f"apt-get: {(done.stderr or done.stdout).strip().splitlines()[-1:]}"
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (
        ""
        if done.returncode == 0
        else f"playwright: {(done.stderr or done.stdout).strip().splitlines()[-1:]}"
    )


def main() -> None:
    """Say which Chromium the tests will use, fetching it first if there is none."""
    why = "" if find_chromium() else fetch()
    path = find_chromium()
    sys.stdout.write(
        f"Chromium: {path}\n" if path else f"No Chromium; browser tests will be skipped. {why}\n"
    )


if __name__ == "__main__":
    main()
