"""A web server on this machine that answers as robots do, and in every way in which they should not."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

OK = {"errcode": 0, "errmsg": "ok"}


@dataclass
class Call:
    """One request as it came in."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """What a group would read."""
        return str(json.loads(self.body)["text"]["content"])


@dataclass
class Misbehaving:
    """The server: `behave` names what it does with the next requests."""

    port: int
    behave: str = "ok"
    calls: list[Call] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/send"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args: Any) -> None:  # the library's name
        pass

    def do_POST(self) -> None:
        there: Misbehaving = self.server.there  # type: ignore[attr-defined]  # set where the server is made
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        there.calls.append(Call(parts.path, query, dict(self.headers), body))
        self.close_connection = True
        getattr(self, f"_{there.behave}")(there)

    def do_GET(self) -> None:
        there: Misbehaving = self.server.there  # type: ignore[attr-defined]  # as above
        there.calls.append(Call(urlsplit(self.path).path, {}, dict(self.headers), b""))
        self.close_connection = True
        self._said(OK)

    def _answer(self, content: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _said(self, said: Any, status: int = 200, **headers: str) -> None:
        self._answer(json.dumps(said).encode(), status, **headers)

    def _ok(self, _there: Misbehaving) -> None:
        self._said(OK)

    def _keeps_open(self, there: Misbehaving) -> None:
        self._said(OK)
        self.wfile.flush()
        there.let_go.wait(20)

    def _no_content(self, there: Misbehaving) -> None:
        self.send_response(204)
        self.end_headers()
        self.wfile.flush()
        there.let_go.wait(20)

    def _chunked(self, there: Misbehaving) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        said = json.dumps(OK).encode()
        self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(said), said))
        self.wfile.flush()
        there.let_go.wait(20)

    def _too_many(self, _there: Misbehaving) -> None:
        self._said({"errcode": 45009, "errmsg": "api freq out of limit"})

    def _invalid_key(self, there: Misbehaving) -> None:
        key = there.calls[-1].query.get("key", "")
        self._said({"errcode": 93000, "errmsg": f"invalid webhook url key={key}, from ip: 10.0.0.1"})

    def _bad_signature(self, _there: Misbehaving) -> None:
        self._said({"errcode": 310000, "errmsg": "sign not match"})

    def _busy(self, _there: Misbehaving) -> None:
        self._said({"errcode": -1, "errmsg": "system busy"})

    def _status_429(self, _there: Misbehaving) -> None:
        self._said({}, 429, Retry_After="180")

    def _status_500(self, _there: Misbehaving) -> None:
        self._answer(b"oops", 500)

    def _status_404(self, _there: Misbehaving) -> None:
        self._answer(b"", 404)

    def _redirects(self, there: Misbehaving) -> None:
        self._answer(b"", 302, Location=f"http://{there.host}/inside?key=k")

    def _page(self, _there: Misbehaving) -> None:
        self._answer(b"<html>sign in to the network</html>")

    def _empty(self, _there: Misbehaving) -> None:
        self._answer(b"")

    def _array(self, _there: Misbehaving) -> None:
        self._said([0])

    def _huge(self, _there: Misbehaving) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(2000):
                self.wfile.write(b" " * 65536)
        except OSError:
            pass  # it was not read to the end, as it should be

    def _hangs(self, there: Misbehaving) -> None:
        there.let_go.wait(20)

    def _drops(self, _there: Misbehaving) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)

    def _half(self, _there: Misbehaving) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "400")
        self.end_headers()
        self.wfile.write(b'{"errcode":0,')

    def _nonsense(self, _there: Misbehaving) -> None:
        self.wfile.write(b"\x16\x03\x01 not http at all\r\n\r\n")

    def _drips(self, there: Misbehaving) -> None:
        try:
            for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + b" " * 99:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                if there.let_go.wait(0.05):
                    return
        except OSError:
            pass  # nobody waits for it any more, as it should be


class _Server(ThreadingHTTPServer):
    def handle_error(self, _request: Any, _address: Any) -> None:  # a caller that hung up is no news
        pass


@contextmanager
def misbehaving(tls: ssl.SSLContext | None = None) -> Iterator[Misbehaving]:
    """A running server; ended, with whatever it is still doing, at the close."""
    server = _Server(("127.0.0.1", 0), _Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.daemon_threads = True
    there = Misbehaving(server.server_address[1])
    server.there = there  # type: ignore[attr-defined]  # read by the handler
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield there
    finally:
        there.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
