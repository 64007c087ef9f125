"""Where events may go, and what a receiver can do to us: not much."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from api.webhook_posting import _connector, _GuardedResolver, is_public, post, url_fault
from tests.api.conftest import Api
from tests.api.receiver import receiving
from tests.support.shop import serve

INSIDE = (
    *("127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1"),
    *("169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "198.18.0.1"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1"),
    *("fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1"),
    # IPv4 by a detour: NAT64, 6to4, Teredo.
    *("64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::"),
    *("", "localhost", "127.1", "1.2.3"),
)
OUTSIDE = ("8.8.8.8", "93.184.215.14", "2001:4860:4860::8888", "::ffff:8.8.8.8")


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_recognised(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_of_the_world_is_good(address: str) -> None:
    assert is_public(address)


@given(st.integers(0, 2**32 - 1))
def test_an_ipv4_address_is_judged_the_same_inside_ipv6(number: int) -> None:
    plain = ip_address(number)
    assert is_public(f"::ffff:{plain}") == is_public(str(plain))


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://shop.example/hook?a=b", None),
        ("https://shop.example:8443/hook", None),
        ("https://8.8.8.8/hook", None),
        ("https://[2001:4860:4860::8888]/hook", None),
        ("http://shop.example/hook", "webhook_url_https"),
        ("https://shop.example:22/", "webhook_url_port"),
        ("https://shop.example:99999/", "webhook_url"),
        ("https://ann:secret@shop.example/", "webhook_url_parts"),
        ("https://shop.example/#part", "webhook_url_parts"),
        ("ftp://shop.example/", "webhook_url"),
        ("https://", "webhook_url"),
        ("https:///hook", "webhook_url"),
        ("https://shop .example/", "webhook_url"),
        ("https://shop.example/\0", "webhook_url"),
        ("https://shop.example/\r\nHost: x", "webhook_url"),
        ("https://shop.example/" + "x" * 2000, "webhook_url"),
        ("https://127.0.0.1/", "webhook_url_private"),
        ("https://10.0.0.1/", "webhook_url_private"),
        ("https://169.254.169.254/latest/meta-data", "webhook_url_private"),
        ("https://[::1]/", "webhook_url_private"),
        ("https://[::ffff:127.0.0.1]/", "webhook_url_private"),
        ("https://[fe80::1%25eth0]/", "webhook_url_private"),
        ("https://localhost/", "webhook_url_private"),
        ("https://db.localhost./", "webhook_url_private"),
        ("https://127.1/", "webhook_url_private"),
        ("https://0x7f000001/", "webhook_url_private"),
        ("https://2130706433/", "webhook_url_private"),
        ("https://127.0.0.1./", "webhook_url_private"),
    ],
)
def test_a_url_is_good_or_has_a_fault(url: str, fault: str | None) -> None:
    assert url_fault(url, private=False) == fault


@given(st.text(max_size=60))
def test_any_text_is_judged(text: str) -> None:
    url_fault(text, private=False)
    url_fault("https://" + text, private=False)


async def test_an_endpoint_inside_is_refused_when_it_is_registered(api: Api) -> None:
    program = await api.client(**{"Accept-Language": "zh"})
    for url in ("https://10.0.0.1/hook", "https://[::ffff:127.0.0.1]/", "https://localhost/"):
        answer = await program.post("/webhooks", json={"url": url})
        assert answer.status_code == 422
        [error] = answer.json()["errors"]
        assert error == {
            "field": "url",
            "code": "webhook_url_private",
            "message": "应指向公网地址",
        }
    answer = await program.post("/webhooks", json={"url": "http://shop.example/"})
    assert answer.json()["errors"][0]["code"] == "webhook_url_https"
    answer = await program.post("/webhooks", json={"url": "https://shop.example/hook"})
    assert answer.status_code == 201


def names(monkeypatch: pytest.MonkeyPatch, *found: str) -> list[str]:
    """Let every name of the outside world lead to these addresses; which names are asked for."""
    loop = asyncio.get_running_loop()
    asked: list[str] = []

    async def getaddrinfo(host: str, port: int, **more: Any) -> list[Any]:
        asked.append(host)
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (each, port, 0, 0))
            if ":" in each
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port))
            for each in found
        ]

    monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize(
    "found",
    [
        ("127.0.0.1",),
        ("10.0.0.1",),
        ("169.254.169.254",),
        ("::1",),
        ("::ffff:127.0.0.1",),
        ("8.8.8.8", "127.0.0.1"),
    ],
)
async def test_a_name_that_leads_inside_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch, found: tuple[str, ...]
) -> None:
    asked = names(monkeypatch, *found)
    outcome = await post("https://rebound.example/", b"{}", {}, private=False, seconds=5)
    assert (outcome.status, outcome.failure) == (None, "address_not_allowed")
    assert asked == ["rebound.example"]


async def test_a_name_is_resolved_only_if_all_its_addresses_are_the_worlds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names(monkeypatch, "8.8.8.8")
    [found] = await _GuardedResolver().resolve("shop.example", 443)
    assert (found["host"], found["port"]) == ("8.8.8.8", 443)
    names(monkeypatch, "8.8.8.8", "10.0.0.1")
    with pytest.raises(OSError):  # noqa: PT011 - it says nothing to anybody outside
        await _GuardedResolver().resolve("shop.example", 443)


async def test_an_address_is_looked_at_again_when_it_is_connected_to() -> None:
    async with (
        receiving() as receiver,
        aiohttp.ClientSession(connector=_connector(private=False)) as session,
    ):
        # No name is in the way here, and nobody looked at the URL.
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.post(receiver.url, data=b"{}")
        assert receiver.requests == []


async def test_a_stored_url_that_is_not_allowed_any_more_is_not_sent_to() -> None:
    async with receiving() as receiver:
        outcome = await post(receiver.url, b"{}", {}, private=False)
        assert outcome.failure == "address_not_allowed"
        assert receiver.requests == []


async def test_a_redirect_is_not_followed() -> None:
    async with receiving() as inside, receiving() as receiver:
        receiver.redirect_to = f"{inside.url}/secret"
        outcome = await post(f"{receiver.url}/hook", b"{}", {}, private=True)
        assert (outcome.status, outcome.taken) == (307, False)
        assert inside.requests == []


@asynccontextmanager
async def peer(say: bytes, *, forever: bool = False) -> AsyncIterator[str]:
    """A server that says these bytes to whoever comes, again and again if `forever`."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(say)
            await writer.drain()
            while forever:
                writer.write(b"x" * 10_000)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


async def test_of_an_endless_answer_only_the_beginning_is_read() -> None:
    async with peer(HEAD + b"\r\n", forever=True) as url:
        outcome = await post(url, b"{}", {}, private=True, seconds=5)
    assert outcome.taken
    assert 0 < len(outcome.answer) <= 4096


async def test_an_answer_that_is_packed_is_not_unpacked() -> None:
    packed = gzip.compress(b"x" * 10_000_000)
    head = HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    async with peer(head + packed) as url:
        outcome = await post(url, b"{}", {}, private=True, seconds=5)
    assert outcome.taken
    assert "xxx" not in outcome.answer


@pytest.mark.parametrize(
    ("say", "failure"),
    [
        (b"", "broken_off"),
        (b"nonsense\r\n\r\n", "broken_off"),
        (HEAD + b"Content-Length: 100\r\n\r\nonly so much", "broken_off"),
    ],
)
async def test_an_answer_that_breaks_off_was_not_given(say: bytes, failure: str) -> None:
    async with peer(say) as url:
        outcome = await post(url, b"{}", {}, private=True, seconds=5)
    assert (outcome.status, outcome.failure) == (None, failure)


async def test_whoever_takes_too_long_is_not_waited_for() -> None:
    async with receiving() as receiver:
        outcome = await post(f"{receiver.url}/slow", b"{}", {}, private=True, seconds=0.2)
    assert outcome.failure == "timeout"
    assert 150 <= outcome.milliseconds < 5000


async def test_where_nobody_listens_nothing_is_delivered() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
    assert (await post(url, b"{}", {}, private=True)).failure == "not_connected"


async def test_a_name_that_nobody_knows_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    outcome = await post("https://nowhere.example/", b"{}", {}, private=False)
    assert outcome.failure == "name_not_found"


async def test_only_a_certificate_that_is_trusted_is_spoken_to(tmp_path: Path) -> None:
    context = self_signed(tmp_path)
    app = web.Application()
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        outcome = await post(
            f"https://127.0.0.1:{runner.addresses[0][1]}/", b"{}", {}, private=True, seconds=5
        )
    finally:
        await runner.cleanup()
    assert outcome.failure == "certificate"
    async with serve(web.Application()) as plain:
        outcome = await post(plain.replace("http:", "https:"), b"{}", {}, private=True, seconds=5)
    assert outcome.failure == "tls"


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    file = folder / "peer.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
