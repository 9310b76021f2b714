"""The way out to addresses that somebody typed: threat 27 of the reliability study, D14."""

from __future__ import annotations

import socket
import ssl
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from supervisor.core.outbound import (
    ANSWER_SIZE,
    Addresses,
    Blocked,
    NoAnswer,
    Outbound,
    Unreachable,
    is_public,
    split_hosts,
)
from tests.misbehaving import Misbehaving, misbehaving

PUBLIC = "203.0.113.7"
#: Stands for a public place: the documentation networks are none for the library.
SHOWN_PUBLIC = "93.184.216.34"


def leads_to(*addresses: str) -> Any:
    """A resolver by which every name leads to these."""

    def resolve(_host: str, port: int) -> Addresses:
        return [
            (socket.AF_INET6 if ":" in address else socket.AF_INET, (address, port)) for address in addresses
        ]

    return resolve


@pytest.fixture
def server() -> Iterator[Misbehaving]:
    with misbehaving() as there:
        yield there


def out(server: Misbehaving, timeout: float = 0.6) -> Outbound:
    return Outbound(frozenset({server.host}), timeout=timeout)


# ---- where nothing may lead

PRIVATE_FORMS = [
    "https://127.0.0.1/hook",
    "https://localhost/hook",
    "https://LOCALHOST./hook",
    "https://10.1.2.3/hook",
    "https://172.16.0.1/hook",
    "https://192.168.1.1/hook",
    "https://169.254.169.254/latest/meta-data",
    "https://100.64.0.1/hook",
    "https://0.0.0.0/hook",
    "https://0/hook",
    "https://2130706433/hook",
    "https://0x7f000001/hook",
    "https://0x7f.1/hook",
    "https://0177.0.0.1/hook",
    "https://127.1/hook",
    "https://127.0.0.1./hook",
    "https://１２７.0.0.1/hook",
    "https://127。0。0。1/hook",
    "https://[::1]/hook",
    "https://[::]/hook",
    "https://[::ffff:127.0.0.1]/hook",
    "https://[::ffff:7f00:1]/hook",
    "https://[::127.0.0.1]/hook",
    "https://[64:ff9b::7f00:1]/hook",
    "https://[2002:7f00:1::]/hook",
    "https://[2001:0:7f00:1::]/hook",
    "https://[fe80::1]/hook",
    "https://[fe80::1%25lo]/hook",
    "https://[fc00::1]/hook",
    "https://[fec0::1]/hook",
    "https://[ff02::1]/hook",
    "https://224.0.0.1/hook",
    "https://255.255.255.255/hook",
    "https://240.0.0.1/hook",
    "https://198.18.0.1/hook",
    "https://192.0.2.1/hook",
]


@pytest.mark.parametrize("address", PRIVATE_FORMS)
def test_no_form_of_a_private_address_passes_at_set_up_or_at_sending(address: str) -> None:
    outbound = Outbound(timeout=5)
    for call in (outbound.check, lambda url: outbound.post(url, b"", {})):
        with pytest.raises(Blocked):
            call(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.cn/hook",
        "ftp://example.cn/hook",
        "file:///etc/passwd",
        "//example.cn/hook",
        "https:///hook",
        "https://user:pass@example.cn/hook",
        "https://example.cn@127.0.0.1/hook",
        "https://example.cn\\@127.0.0.1/hook",
        "https://example.cn/a b",
        "https://example.cn/\r\nHost: inside",
        "https://example.cn:0x50/hook",
        "https://example.cn:99999/hook",
        "https://exa_mple-.cn/hook",
        "https://a..cn/hook",
        "https://[zz]/hook",
        "https://[::1/hook",
        "https://example.cn/路径",
        "https://example.cn/" + "a" * 2000,
        "not an address",
        "",
    ],
)
def test_what_is_no_plain_https_address_is_told(address: str) -> None:
    with pytest.raises(Blocked):
        Outbound(resolve=leads_to(SHOWN_PUBLIC)).check(address)


@pytest.mark.parametrize(
    ("places", "passes"),
    [
        ([SHOWN_PUBLIC], True),
        (["10.0.0.1"], False),
        ([SHOWN_PUBLIC, "10.0.0.1"], False),
        (["2606:2800:220:1:248:1893:25c8:1946"], True),
        (["::ffff:10.0.0.1"], False),
    ],
)
def test_a_name_passes_only_if_all_its_places_are_public(places: list[str], passes: bool) -> None:  # noqa: FBT001
    outbound = Outbound(resolve=leads_to(*places))
    if passes:
        assert outbound.check("https://hooks.example.cn/x?key=1").shown == "hooks.example.cn"
    else:
        with pytest.raises(Blocked, match="internal network"):
            outbound.check("https://hooks.example.cn/x?key=1")


def test_a_name_that_changes_its_mind_is_judged_anew_at_sending_and_asked_once_only() -> None:
    """Rebinding: public when it is set up, private a moment later."""
    answers = iter([[SHOWN_PUBLIC], ["127.0.0.1"], [SHOWN_PUBLIC]])

    def resolve(host: str, port: int) -> Addresses:
        found: Addresses = leads_to(*next(answers))(host, port)
        return found

    outbound = Outbound(resolve=resolve, timeout=0.3)
    outbound.check("https://hooks.example.cn/x")
    with pytest.raises(Blocked):
        outbound.post("https://hooks.example.cn/x", b"{}", {})
    assert next(answers) == [SHOWN_PUBLIC]


def test_the_connection_goes_to_the_place_that_was_judged(server: Misbehaving) -> None:
    """The name itself is never looked up a second time: nobody else knows this one."""
    named = frozenset({f"hooks.example.invalid:{server.port}"})
    outbound = Outbound(named, timeout=2, resolve=leads_to("127.0.0.1"))
    answer = outbound.post(f"http://hooks.example.invalid:{server.port}/send", b"{}", {})
    assert answer.status == 200
    assert server.calls[0].headers["Host"] == f"hooks.example.invalid:{server.port}"


def test_a_private_or_plain_host_passes_where_the_settings_name_it_with_this_port(
    server: Misbehaving,
) -> None:
    assert out(server).check(server.url).named
    with pytest.raises(Blocked, match="Plain http"):
        out(server).check(f"http://127.0.0.1:{server.port + 1}/send")
    assert Outbound(frozenset({"127.0.0.1"})).check("http://127.0.0.1:1/x").named
    assert split_hosts(" im.Example.cn:8080, 10.1.2.3 ;[::1]:9 ") == {
        "im.example.cn:8080",
        "10.1.2.3",
        "[::1]:9",
    }


def test_a_name_that_leads_nowhere_or_is_never_answered_is_told_in_time() -> None:
    def nowhere(_host: str, _port: int) -> Addresses:
        raise socket.gaierror(-2, "Name or service not known")

    def never(_host: str, _port: int) -> Addresses:
        time.sleep(3)
        return []

    for resolve in (nowhere, never):
        began = time.monotonic()
        with pytest.raises(Unreachable, match="cannot be found"):
            Outbound(resolve=resolve, timeout=0.2).check("https://hooks.example.cn/")
        assert time.monotonic() - began < 2


def test_is_public_refuses_what_is_no_address() -> None:
    assert not is_public("example.cn")
    assert is_public(SHOWN_PUBLIC)
    assert not is_public(PUBLIC)


# ---- answers


@pytest.mark.parametrize("behave", ["ok", "keeps_open", "chunked"])
def test_a_whole_answer_is_read_without_waiting_for_the_line_to_close(
    server: Misbehaving, behave: str
) -> None:
    server.behave = behave
    began = time.monotonic()
    assert out(server, 5).post(server.url, b"{}", {}).body.startswith(b'{"errcode": 0')
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("behave", ["hangs", "drips", "drops", "half", "nonsense"])
def test_an_answer_that_does_not_come_whole_is_no_answer_and_has_an_end(
    server: Misbehaving, behave: str
) -> None:
    server.behave = behave
    began = time.monotonic()
    with pytest.raises(NoAnswer):
        out(server).post(server.url, b"{}", {})
    assert time.monotonic() - began < 2
    assert len(server.calls) == 1


def test_an_answer_without_content_is_whole_though_the_line_stays_open(server: Misbehaving) -> None:
    server.behave = "no_content"
    assert out(server).post(server.url, b"{}", {}).status == 204


def test_a_huge_answer_is_cut_and_a_redirect_is_an_answer(server: Misbehaving) -> None:
    server.behave = "huge"
    answer = out(server, 5).post(server.url, b"{}", {})
    assert answer.is_cut
    assert len(answer.body) <= ANSWER_SIZE
    server.behave = "redirects"
    assert out(server).post(server.url, b"{}", {}).status == 302
    assert [call.path for call in server.calls] == ["/send", "/send"]  # never /inside


def test_control_the_library_s_own_call_follows_the_redirect_inside(server: Misbehaving) -> None:
    """What not to do: the standard library goes wherever it is sent."""
    server.behave = "redirects"
    with urllib.request.urlopen(server.url, data=b"{}", timeout=2):  # noqa: S310 -- a server of this test
        assert [call.path for call in server.calls] == ["/send", "/inside"]


def test_nobody_there_means_surely_nothing_was_delivered() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unreachable, match="cannot be reached"):
        Outbound(frozenset({"127.0.0.1"}), timeout=1).post(f"http://127.0.0.1:{port}/", b"", {})


# ---- TLS


@pytest.fixture
def encrypted(certificate: tuple[Path, Path]) -> Iterator[Misbehaving]:
    """A server under https, whose certificate is for localhost."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with misbehaving(context) as there:
        yield there


def trusting(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate[0]))


def test_https_goes_to_the_judged_place_under_the_name_that_was_typed(
    encrypted: Misbehaving, certificate: tuple[Path, Path]
) -> None:
    outbound = Outbound(
        frozenset({"localhost"}), timeout=5, resolve=leads_to("127.0.0.1"), context=trusting(certificate)
    )
    assert outbound.post(f"https://localhost:{encrypted.port}/send", b"{}", {}).status == 200
    assert len(encrypted.calls) == 1


@pytest.mark.parametrize("name", ["localhost", "hooks.example.invalid"])
def test_a_certificate_of_nobody_or_of_another_name_gets_nothing(
    encrypted: Misbehaving, certificate: tuple[Path, Path], name: str
) -> None:
    """Whoever answers in a host's place has no certificate of its name."""
    trusts = None if name == "localhost" else trusting(certificate)
    outbound = Outbound(frozenset({name}), timeout=5, resolve=leads_to("127.0.0.1"), context=trusts)
    with pytest.raises(Unreachable, match="certificate is not trusted"):
        outbound.post(f"https://{name}:{encrypted.port}/send", b"key", {})
    assert encrypted.calls == []


def test_a_server_that_stalls_in_the_handshake_has_an_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        began = time.monotonic()
        outbound = Outbound(frozenset({"127.0.0.1"}), timeout=0.3)
        with pytest.raises(Unreachable):
            outbound.post(f"https://127.0.0.1:{door.getsockname()[1]}/", b"", {})
        assert time.monotonic() - began < 2
