"""Calls to addresses that somebody typed: only where they may lead, with an end in time and size (D14).

A name is resolved once, every address that it has is judged, and the connection goes to one of those: a name that
answers differently a moment later gains nothing. Redirects are answers, never followed. Nothing here keeps or
repeats an address: it may hold a key.
"""

from __future__ import annotations

import contextlib
import io
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import Any, cast
from urllib.parse import SplitResult, urlsplit

from supervisor.words import N_, Sentence

#: Seconds for one whole call, and for finding a host's addresses.
TIMEOUT = 10.0
#: An answer is read up to this many bytes.
ANSWER_SIZE = 64 * 1024
ADDRESS_LENGTH = 2000
PORTS = {"https": 443, "http": 80}
#: Networks that carry an IPv4 address inside (NAT64, 6to4, IPv4-compatible) or lead to unknown places (Teredo).
_WRAPPED = [
    ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
]
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")

#: The call went out, and whether it had its effect is not known.
SILENT = N_("The other side did not answer in time.")
BROKE_OFF = N_("The other side broke off.")

Addresses = list[tuple[int, tuple[Any, ...]]]
Resolve = Callable[[str, int], Iterable[tuple[int, tuple[Any, ...]]]]


class Blocked(Exception):
    """The address leads where nothing may go; `sentence` says why, without the address."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


class Unreachable(Exception):
    """No connection: surely nothing was delivered."""

    def __init__(self, sentence: Sentence, detail: str = "") -> None:
        super().__init__(str(sentence))
        self.sentence, self.detail = sentence, detail


class NoAnswer(Exception):
    """The call went out and no whole answer came: whether it had its effect is not known."""

    def __init__(self, sentence: Sentence, detail: str = "") -> None:
        super().__init__(str(sentence))
        self.sentence, self.detail = sentence, detail


@dataclass(frozen=True)
class Answer:
    """What the other side said; `is_cut` = it said more than is read."""

    status: int
    headers: HTTPMessage
    body: bytes
    is_cut: bool


@dataclass(frozen=True)
class Target:
    """An address taken apart."""

    scheme: str
    host: str
    port: int
    path: str
    #: The settings name this host: it may be private and without TLS.
    named: bool

    @property
    def shown(self) -> str:
        """The host as people see it: never path or query, which may hold a key."""
        standard = PORTS[self.scheme] == self.port
        return self.host if standard else f"{self.host}:{self.port}"


def find_addresses(host: str, port: int) -> Addresses:
    """The system's answer to where a host is."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(int(family), tuple(place)) for family, _kind, _protocol, _name, place in found]


def split_hosts(setting: str) -> frozenset[str]:
    """The hosts that a setting names, lower case."""
    return frozenset(part.lower() for part in re.split(r"[,;\s]+", setting) if part)


@dataclass(frozen=True)
class Outbound:
    """The way out, with the hosts that the settings name; tests hand in shorter times and other resolvers."""

    named: frozenset[str] = frozenset()
    timeout: float = TIMEOUT
    resolve: Resolve = find_addresses
    context: ssl.SSLContext | None = field(default=None, repr=False)

    def check(self, address: str) -> Target:
        """Whether this address may be called now: its form, and all places to which its name leads.

        Raises Blocked with the reason, or Unreachable where the name cannot be found.
        """
        target = self.read(address)
        self._places(target, time.monotonic() + self.timeout)
        return target

    def read(self, address: str) -> Target:
        """Take an address apart and judge its form; raises Blocked."""
        parts = _split(address)
        host = _host(parts.hostname or "")
        try:
            port = parts.port or PORTS[parts.scheme]
        except ValueError:
            raise Blocked(N_("The port in the address is not a number from 1 to 65535.")) from None
        plain = host.strip("[]")
        named = bool(self.named & {plain, f"{plain}:{port}", f"[{plain}]:{port}"})
        if parts.scheme == "http" and not named:
            raise Blocked(
                N_(
                    "Plain http:// can be read on the way: use https://. The administrator can name a host that may."
                )
            )
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Target(parts.scheme, plain, port, path, named)

    def post(self, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send `body` and read the answer; raises Blocked, Unreachable or NoAnswer."""
        target = self.read(address)
        end = time.monotonic() + self.timeout
        connection = self._connect(target, end)
        try:
            return _exchange(connection, _request(target, body, headers), end)
        finally:
            connection.close()

    def _places(self, target: Target, end: float) -> Addresses:
        places = _resolved(self.resolve, target, end)
        if not target.named and not all(is_public(str(place[0])) for _family, place in places):
            raise Blocked(
                N_("This address leads into an internal network. The administrator can name a host that may.")
            )
        return places

    def _connect(self, target: Target, end: float) -> socket.socket:
        detail = ""
        for family, place in self._places(target, end):
            connection = socket.socket(family, socket.SOCK_STREAM)
            try:
                connection.settimeout(_left(end))
                connection.connect(place)
                if target.scheme == "https":
                    context = self.context or ssl.create_default_context()
                    connection = context.wrap_socket(connection, server_hostname=target.host)
            except ssl.SSLCertVerificationError as error:
                connection.close()
                raise Unreachable(
                    N_("The other side's certificate is not trusted."), error.verify_message
                ) from None
            except OSError as error:
                connection.close()
                detail = f"{type(error).__name__}: {error.strerror or error}"
            else:
                return connection
        raise Unreachable(N_("The other side cannot be reached."), detail)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet: not private, local, shared, reserved or of a group."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if ip.is_site_local or any(ip in network for network in _WRAPPED):
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def _split(address: str) -> SplitResult:
    if len(address) > ADDRESS_LENGTH:
        raise Blocked(N_("The address is longer than %(n)s characters.", n=ADDRESS_LENGTH))
    if not address.isprintable() or " " in address or "\\" in address:
        raise Blocked(N_("The address holds a space, a line break or a backslash."))
    try:
        parts = urlsplit(address)
    except ValueError:
        raise Blocked(N_("This is no address such as https://example.cn/hook.")) from None
    if parts.scheme not in PORTS or not parts.hostname:
        raise Blocked(N_("This is no address such as https://example.cn/hook."))
    if "@" in parts.netloc:
        raise Blocked(N_("The address holds a user name. Give the key where the other system asks for it."))
    if not (parts.path + parts.query).isascii():
        raise Blocked(
            N_("The address holds characters that no address has; copy it from the other system again.")
        )
    return parts


def _host(host: str) -> str:
    """A host name in its one form; numbers only as a plain dotted address (or an IPv6 address)."""
    if "%" in host:  # a zone: only a network of this machine has one
        raise Blocked(
            N_("This address leads into an internal network. The administrator can name a host that may.")
        )
    if ":" in host:
        try:
            return str(ipaddress.IPv6Address(host))
        except ValueError:
            raise Blocked(N_("This is no address such as https://example.cn/hook.")) from None
    try:
        name = host.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:
        raise Blocked(N_("This is no address such as https://example.cn/hook.")) from None
    labels = name.split(".")
    if re.fullmatch(r"\d+|0x[0-9a-f]*", labels[-1]):
        # 2130706433, 0177.0.0.1, 0x7f.1 and 127.1 are the same place under other names: one form only.
        try:
            return str(ipaddress.IPv4Address(name))
        except ValueError:
            raise Blocked(
                N_(
                    "A number stands for the host in an unusual form: use its name, or plain numbers (203.0.113.7)."
                )
            ) from None
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise Blocked(N_("This is no address such as https://example.cn/hook."))
    return name


def _resolved(resolve: Resolve, target: Target, end: float) -> Addresses:
    """All places of a host, in time: the system's resolver has no time-out of its own."""
    found: Addresses = []

    def ask() -> None:
        with contextlib.suppress(OSError, UnicodeError):
            found.extend(resolve(target.host, target.port))

    asking = threading.Thread(target=ask, daemon=True, name="resolve")
    asking.start()
    asking.join(max(end - time.monotonic(), 0.0))
    places = list(found)
    if not places:
        raise Unreachable(N_("The name of the host cannot be found."))
    return places


def _request(target: Target, body: bytes, headers: Mapping[str, str]) -> bytes:
    host = f"[{target.host}]" if ":" in target.host else target.host
    if target.port != PORTS[target.scheme]:
        host = f"{host}:{target.port}"
    lines = [
        f"POST {target.path} HTTP/1.1",
        f"Host: {host}",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def _exchange(connection: socket.socket, request: bytes, end: float) -> Answer:
    """Send and read to the end of the answer, its largest size or the last moment, whichever comes first."""
    got = b""
    try:
        connection.settimeout(_left(end))
        connection.sendall(request)
        while len(got) <= ANSWER_SIZE and not _is_whole(got):
            connection.settimeout(_left(end))
            some = connection.recv(16 * 1024)
            if not some:
                break
            got += some
    except TimeoutError:
        raise NoAnswer(SILENT) from None
    except OSError as error:
        raise NoAnswer(BROKE_OFF, f"{type(error).__name__}: {error.strerror or error}") from None
    if not got:
        raise NoAnswer(BROKE_OFF)
    return _parsed(got, is_cut=len(got) > ANSWER_SIZE)


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Read:
    """Bytes that were read, as the socket that the library's parser wants."""

    def __init__(self, got: bytes) -> None:
        self._got = got

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._got)


def _parsed(got: bytes, *, is_cut: bool) -> Answer:
    response = HTTPResponse(cast("socket.socket", _Read(got)), method="POST")
    try:
        response.begin()
        body = response.read(ANSWER_SIZE) if is_cut else response.read()
    except (HTTPException, ValueError) as error:
        raise NoAnswer(BROKE_OFF, type(error).__name__) from None
    return Answer(response.status, response.headers, body, is_cut)


def _is_whole(got: bytes) -> bool:
    """Whether this is an answer to its end, so that a server that keeps the line open is not waited for."""
    head, blank, body = got.partition(b"\r\n\r\n")
    if not blank:
        return False
    if re.match(rb"HTTP/1\.[01] (204|304) ", head):  # these have no body
        return True
    if match := re.search(rb"(?im)^content-length:\s*(\d{1,12})\s*$", head):
        return len(body) >= int(match[1])
    return bool(re.search(rb"(?im)^transfer-encoding:\s*chunked\s*$", head)) and body.endswith(b"0\r\n\r\n")
