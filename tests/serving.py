"""A real server for a test or a picture: waitress in a thread, on a free port of this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.server import create_server


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve `app` and give the address; at the end everything that was opened is closed again.

    The server's own thread closes its sockets, those of the browser's open connections too. Closed from
    here they would race its loop; left open they are collected in the middle of somebody else's test.
    """
    server: Any = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        # A picture on a busy machine may take longer than the five seconds that are usual: a request still being
        # answered would write to a socket that is closed by then.
        server.task_dispatcher.shutdown(timeout=60)
        # Under the lock that its loop takes: awake for another reason, it would close the pipe before the knock.
        with server.trigger.lock:
            server.trigger.thunks.append(lambda: wasyncore.close_all(server._map))
            server.trigger._physical_pull()
        thread.join(timeout=5)
        assert not thread.is_alive(), "the server of a test does not stop"
