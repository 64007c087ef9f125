"""How events are signed, and how a receiver knows that they are ours: Standard Webhooks.

Over `id.timestamp.body` goes HMAC-SHA256. While a secret is being rotated there are two signatures,
apart by a space; one that the receiver can verify is enough. https://www.standardwebhooks.com
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

ID = "webhook-id"
TIMESTAMP = "webhook-timestamp"
SIGNATURE = "webhook-signature"
TOLERANCE = timedelta(minutes=5)
"""How far the clocks of sender and receiver may be apart; what is older may be somebody's copy."""

_PREFIX = "whsec_"
_VERSION = "v1,"
_SECRET_BYTES = 32


class NotOurs(Exception):
    """What came is not signed with this secret, or not lately."""


def new_secret() -> bytes:
    return secrets.token_bytes(_SECRET_BYTES)


def shown_secret(secret: bytes) -> str:
    """The secret as its receiver keeps it: whsec_<base64>."""
    return _PREFIX + base64.b64encode(secret).decode("ascii")


def read_secret(text: str) -> bytes:
    """The bytes of `whsec_<base64>`. Raises ValueError, which does not repeat it."""
    try:
        secret = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if not text.startswith(_PREFIX) or not secret:
        raise ValueError("a webhook secret reads whsec_<base64>")
    return secret


def signed(secrets: Sequence[bytes], event_id: str, body: bytes, at: datetime) -> dict[str, str]:
    """The headers that go with the body, sent at `at`: a signature by each of the secrets."""
    timestamp = str(int(at.timestamp()))
    return {
        ID: event_id,
        TIMESTAMP: timestamp,
        SIGNATURE: " ".join(
            _VERSION + _signature(secret, event_id, timestamp, body) for secret in secrets
        ),
    }


def verify(
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
    *,
    tolerance: timedelta = TOLERANCE,
) -> str:
    """The id of the event, if body and headers are ours and not old; each id is acted on once.

    `headers` have lower-case names, or do not mind. `body` is what came, before it was parsed.

    Raises:
        NotOurs: they are not.
        ValueError: `secret` is none.
    """
    key = read_secret(secret)
    event_id, timestamp = headers.get(ID), headers.get(TIMESTAMP)
    signatures = headers.get(SIGNATURE)
    if event_id is None or timestamp is None or signatures is None:
        raise NotOurs("a header is missing")
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        raise NotOurs("the timestamp is none")
    if abs(int(timestamp) - now.timestamp()) > tolerance.total_seconds():
        raise NotOurs("it is too old, or from the future")
    expected = (_VERSION + _signature(key, event_id, timestamp, body)).encode()
    # All of them are compared, so that the time it takes tells nothing.
    found = [
        hmac.compare_digest(expected, each.encode("utf-8", "replace"))
        for each in signatures.split(" ")
    ]
    if not any(found):
        raise NotOurs("no signature is by this secret")
    return event_id


def _signature(secret: bytes, event_id: str, timestamp: str, body: bytes) -> str:
    content = b"%s.%s.%s" % (event_id.encode("utf-8", "replace"), timestamp.encode(), body)
    return base64.b64encode(hmac.digest(secret, content, sha256)).decode("ascii")
