"""Taking secrets out of text that somebody will read: whatever is logged passes through here.

Some secrets are known by their form: the bot's token, keys of this program's API, secrets of
webhooks, passwords in addresses of servers. A private key has the form of a transaction's id, 64
hexadecimal digits; it is known by what stands before it. Those that the configuration holds are
known by heart, wherever they stand. Ids, addresses and signatures are no secrets, and stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

REDACTED = "***"

# Shorter ones are words that a text may hold by chance; the forms below have to do.
_SHORTEST_KNOWN = 10

# A name that says that what follows is secret: private_key, REFUNDS__KEY, "seed", signer's key …
_KEY_NAME = r"(?:key|secret|priv|seed|signer)[a-z0-9_']{0,16}"
_QUOTES = r"[\"'\\]{0,4}"

# "seed was: 0x…", "key of hot = …", as it is or as Python or JSON writes its line breaks.
_BETWEEN = r"(?:\\[nrt]|[^0-9a-z])"
_BEFORE_KEY = (
    rf"{_KEY_NAME}(?:{_BETWEEN}{{1,3}}(?:of|for|named){_BETWEEN}{{1,3}}[a-z0-9_.-]{{1,40}})?"
    rf"{_BETWEEN}{{0,12}}(?:(?:is|was){_BETWEEN}{{1,12}})?(?:0x)?"
)
_BEFORE_WORD = (
    r"(?:api[_-]?key|authorization|pass(?:word|phrase)|(?:bot|secret)[_-]?token)"
    rf"{_QUOTES}\s?[:=]\s?{_QUOTES}(?:bearer\s|basic\s)?"
)

# Each has one group, by a name of its own: what is shown before what is secret. All are bounded, or
# a hostile text could keep the program busy.
_FORMS = (
    # 123456789:AAE…, also as in https://api.telegram.org/bot123456789:AAE…/getMe.
    r"(?P<bot>[0-9]{5,20}:)[A-Za-z0-9_-]{30,}",
    r"(?P<path>/bot[0-9]{1,20}:)[^\s/\"']+",
    # The public id stays: it says which key it was.
    r"(?P<api>ef_key_[0-9A-Za-z]{12}_)[A-Za-z0-9_=-]+",
    r"(?P<hook>whsec_)[A-Za-z0-9_+/=-]+",
    # 64 hexadecimal digits behind such a name, or more: cut wrongly, it would still be a key.
    rf"(?P<key>{_BEFORE_KEY})[0-9a-f]{{64,}}",
    # postgresql://shop:password@host: up to the last @, for a password may hold any character; …
    r"(?P<dsn>(?:postgres(?:ql)?|rediss?|valkeys?|amqps?)://[^\s:/@]{0,99}:)\S{0,999}(?=@)",
    # … and in other addresses up to where a path would begin.
    r"(?P<url>://[^\s:/@]{0,99}:)[^\s/@]{1,999}(?=@)",
    r"(?P<option>pass(?:word|wd|phrase)?=)(?:\"[^\"]*\"|'[^']*'|[^\s&;,]+)",
    # As headers and tables write it.
    rf"(?P<word>{_BEFORE_WORD})[A-Za-z0-9._~+/=-]{{8,}}",
)
_ANY_FORM = re.compile("|".join(_FORMS), re.IGNORECASE)
# Every form holds one of these, or what looks like a token, and hardly any line does: looking for
# them first saves most of the time.
_SIGNS = (
    *("key", "seed", "secret", "priv", "signer", "pass", "token", "authorization"),
    *("://", "/bot", "ef_", "whsec_"),
)
_TOKEN = re.compile(":[A-Za-z0-9_-]{30}")
_IS_KEY_NAME = re.compile(_KEY_NAME, re.IGNORECASE)
_IS_SECRET_NAME = re.compile(
    r"pass(?:word|wd|phrase)|token$|secret|api_?key|private_?key|authorization", re.IGNORECASE
)
_KEY = re.compile(r"(?:0x)?[0-9a-f]{64,}", re.IGNORECASE)


class Redaction:
    """Replaces secrets; `known` are those that are secret wherever they stand."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        spelt = {
            spelling
            for secret in known
            if len(secret) >= _SHORTEST_KNOWN
            for spelling in (secret, quote(secret, safe=""), repr(secret)[1:-1])
        }
        # The longest first: one may begin another.
        self._known = sorted(spelt, key=len, reverse=True)

    def text(self, text: str) -> str:
        """The text without its secrets."""
        for secret in self._known:
            if secret in text:
                text = text.replace(secret, REDACTED)
        lower = text.lower()
        if any(sign in lower for sign in _SIGNS) or _TOKEN.search(text):
            return _ANY_FORM.sub(_instead, text)
        return text

    def value(self, value: Any, name: str = "") -> Any:
        """The same for what a line holds besides its text, whatever it is made of."""
        match value:
            case str():
                if name and (
                    _IS_SECRET_NAME.search(name)
                    or (_IS_KEY_NAME.search(name) and _KEY.search(value))
                ):
                    return REDACTED
                return self.text(value)
            case bool() | int() | float() | None:
                return value
            case Mapping():
                return {
                    self.text(str(key)): self.value(inner, str(key)) for key, inner in value.items()
                }
            case list() | tuple() | set() | frozenset():
                return [self.value(inner, name) for inner in value]
            case _:
                return self.value(str(value), name)


def _instead(found: re.Match[str]) -> str:
    assert found.lastgroup is not None, "every form has a name"
    return found[found.lastgroup] + REDACTED
