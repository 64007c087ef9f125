"""Which links Telegram accepts in buttons and text."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*):(//)?")
_HOST = re.compile(r"^[^\s/@:?#]+$")
_TELEGRAM_SCHEMES = ("tg", "ton", "tonsite")


class InvalidLink(ValueError):
    """The link is refused; the message is Telegram's reason."""


def checked_link(text: str) -> str:
    """The link as Telegram stores it: scheme and host in lower case, never an empty path.

    Raises InvalidLink with Telegram's reason for anything but http, https, tg, ton and tonsite.
    """
    url = text.strip()
    if not url:
        raise InvalidLink("URL host is empty")
    scheme = _SCHEME.match(url)
    if scheme is not None and (scheme[2] or scheme[1].lower() in _TELEGRAM_SCHEMES):
        name = scheme[1].lower()
        if name in _TELEGRAM_SCHEMES:
            return f"{name}://{url[scheme.end() :]}"
        if name not in ("http", "https"):
            raise InvalidLink("Unsupported URL protocol")
    else:
        url = f"http://{url}"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise InvalidLink("Wrong HTTP URL") from error
    if not host:
        raise InvalidLink("URL host is empty")
    if not _HOST.match(host) or "." not in host.strip("."):
        raise InvalidLink("Wrong HTTP URL")
    where = parts.netloc.rpartition("@")
    name = host if port is None else f"{host}:{port}"
    netloc = f"{where[0]}{where[1]}{name}"
    return urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, parts.fragment))
