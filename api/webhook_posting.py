"""Sending one request to an address that a customer named, and nowhere else.

A customer may not make this program reach what only it can reach: its own machine, its network, the
metadata of its cloud. What a name means is decided when the connection is made, and there it is
looked at: every address the name resolves to, and again the one that is connected to. A name that
is harmless when it is registered and points inside later gains nothing.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import ssl
import time
from collections.abc import Mapping
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import aiohttp
import certifi
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from typing_extensions import override
from yarl import URL

from services.webhooks import LONGEST_URL, Outcome

SECONDS = 10.0
"""How long a receiver may take to answer, with everything."""
PORTS = (443, 8443)

_ANSWER_BYTES = 4096
# What is assigned to the whole world; all that leads to IPv4 by a detour lies outside, or is below.
_GLOBAL_V6 = IPv6Network("2000::/3")


class _Forbidden(OSError):
    """An address that is not the world's."""


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the world, and to no network inside or special use."""
    try:
        found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        elif found not in _GLOBAL_V6 or found.sixtofour is not None or found.teredo is not None:
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def url_fault(text: str, *, private: bool) -> str | None:
    """What is wrong with the URL of an endpoint, as a code of `api.words`; None if nothing is.

    `private`: HTTP, any port, and addresses inside are good too.
    """
    fault = None
    try:
        url = URL(text)
        port = url.port
    except ValueError:
        return "webhook_url"
    if len(text) > LONGEST_URL or not re.fullmatch(r"https?://[\x21-\x7e]+", text) or not url.host:
        fault = "webhook_url"
    elif url.user is not None or url.password is not None or url.fragment:
        fault = "webhook_url_parts"
    elif private:
        fault = None
    elif url.scheme != "https":
        fault = "webhook_url_https"
    elif port not in PORTS:
        fault = "webhook_url_port"
    elif not _may_be_public(url.host):
        fault = "webhook_url_private"
    return fault


def _may_be_public(host: str) -> bool:
    """False for an address inside. What a name leads to is looked at when something is sent."""
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        # A name whose last part is a number is an address in disguise (0x7f.1, 127.1), which
        # resolvers read in many ways.
        last = host.rstrip(".").rpartition(".")[2]
        return not last[:1].isdigit() and last.lower() != "localhost"
    return is_public(host)


async def post(
    url: str, body: bytes, headers: Mapping[str, str], *, private: bool, seconds: float = SECONDS
) -> Outcome:
    """Send the body as JSON, follow nothing, and say what came of it; never raises for the peer.

    `private`: addresses inside are good too.
    """
    started = time.monotonic()
    status: int | None = None
    failure: str | None = None
    answer = ""
    try:
        if url_fault(url, private=private) is not None:
            raise _Forbidden
        async with (
            asyncio.timeout(seconds),
            aiohttp.ClientSession(
                connector=_connector(private=private),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                timeout=aiohttp.ClientTimeout(total=None),
            ) as session,
            session.post(
                URL(url),
                data=body,
                headers={
                    "Content-Type": "application/json",
                    "User-Agent": "Energy-Flash-Webhooks/1",
                    **headers,
                },
                allow_redirects=False,
            ) as response,
        ):
            answer = (await _beginning(response)).decode("utf-8", "replace")
            # Only now: an answer that breaks off has not been given.
            status = response.status
    except TimeoutError:
        failure = "timeout"
    except _Forbidden:
        failure = "address_not_allowed"
    except aiohttp.ClientConnectorCertificateError:
        failure = "certificate"
    except aiohttp.ClientSSLError:
        failure = "tls"
    except aiohttp.ClientConnectorDNSError as error:
        failure = "address_not_allowed" if _forbidden(error) else "name_not_found"
    except aiohttp.ClientConnectorError as error:
        failure = "address_not_allowed" if _forbidden(error) else "not_connected"
    except (aiohttp.ClientError, OSError, ValueError):
        failure = "broken_off"
    milliseconds = int((time.monotonic() - started) * 1000)
    if failure is not None:
        return Outcome(None, failure, "", milliseconds)
    return Outcome(status, None, answer, milliseconds)


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    found = bytearray()
    while len(found) < _ANSWER_BYTES and (
        part := await response.content.read(_ANSWER_BYTES - len(found))
    ):
        found += part
    return bytes(found)


def _connector(*, private: bool) -> aiohttp.TCPConnector:
    if private:
        return aiohttp.TCPConnector(ssl=_trust(), force_close=True, use_dns_cache=False)
    return aiohttp.TCPConnector(
        ssl=_trust(),
        force_close=True,
        use_dns_cache=False,
        resolver=_GuardedResolver(),
        # A URL may hold an address, which no resolver sees.
        socket_factory=_guarded_socket,
    )


class _GuardedResolver(AbstractResolver):
    """Resolves names whose every address is the world's."""

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        for each in found:
            if not is_public(each["host"]):
                raise _Forbidden
        return found

    @override
    async def close(self) -> None:
        await self._resolver.close()


def _guarded_socket(
    place: tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[Any, ...]],
) -> socket.socket:
    family, kind, protocol, _, address = place
    if not is_public(str(address[0])):
        raise _Forbidden
    made = socket.socket(family=family, type=kind, proto=protocol)
    made.setblocking(False)  # noqa: FBT003
    return made


def _forbidden(error: BaseException | None) -> bool:
    """Whether ours is the reason for an error of the client's."""
    while error is not None:
        if isinstance(error, _Forbidden) or isinstance(
            getattr(error, "os_error", None), _Forbidden
        ):
            return True
        error = error.__cause__ or error.__context__
    return False


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or certifi.where())
