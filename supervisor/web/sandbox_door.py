"""The door to the sandboxes: addresses below /sandbox/KEY are answered by an application of the sandbox's own.

It is the same application on another database, clock and folder; while it answers, every query of this context goes
to the sandbox. What it answers stays inside: links and redirects to the house's own paths get its prefix.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, request
from peewee import Database

from supervisor.clock import Clock
from supervisor.config import Config
from supervisor.core import sandboxes
from supervisor.database import visiting

WSGI = Callable[[dict[str, Any], Any], Iterable[bytes]]
ADDRESS = re.compile(r"/sandbox/([0-9a-f]{32})(/.*)?")
#: Attributes that lead somewhere, with a path of the house's own.
LINK = re.compile(rb'((?:href|action|formaction|src|data-href|data-next)=")/(?!/)')
#: Applications kept ready at once; a further one takes the place of the one opened first.
READY = 12


class SandboxDoor:
    """WSGI: hands requests below a sandbox's address to its application, all others on."""

    def __init__(self, house: WSGI, config: Config, build: Callable[[Config, Clock], Flask]) -> None:
        self._house, self._config, self._build = house, config, build
        self._ready: dict[str, tuple[Flask, Database]] = {}
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        address = ADDRESS.fullmatch(environ.get("PATH_INFO", ""))
        found = self._open(address[1]) if address else None
        if address is None or found is None:
            return self._house(environ, start_response)
        application, database = found
        prefix = f"/sandbox/{address[1]}"
        inside = environ | {
            "SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + prefix,
            "PATH_INFO": address[2] or "/",
        }
        with visiting(database):
            return application(inside, start_response)

    def _open(self, key: str) -> tuple[Flask, Database] | None:
        folder = sandboxes.folder_of(self._config, key)
        with self._lock:
            if not folder.exists():  # removed: also what was ready for it goes
                self._ready.pop(key, None)
                return None
            if key not in self._ready:
                inside = sandboxes.settings_of(self._config, folder)
                application = self._build(inside, Clock(inside.clock_file))
                self._ready[key] = application, sandboxes.open_database_of(self._config, folder)
                for oldest in list(self._ready)[:-READY]:
                    del self._ready[oldest]
            return self._ready[key]


def keep_inside(app: Flask) -> None:
    """Let every link and redirect of a sandbox's application lead back into it."""
    app.after_request(_keep_inside)


def _keep_inside(response: Response) -> Response:
    if request.endpoint == "sandboxes.leave":
        return response
    prefix = request.script_root
    place = response.headers.get("Location", "")
    if place.startswith("/") and not place.startswith(("//", f"{prefix}/")):
        response.headers["Location"] = prefix + place
    if response.mimetype == "text/html" and not response.direct_passthrough:
        response.set_data(LINK.sub(rb"\1" + prefix.encode() + b"/", _undone(response.get_data(), prefix)))
    return response


def _undone(page: bytes, prefix: str) -> bytes:
    """The page with links that have the prefix already made bare, so that each gets it once."""
    return page.replace(f'="{prefix}/'.encode(), b'="/')
