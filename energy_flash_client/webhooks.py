"""Whether what came to a webhook is the shop's: Standard Webhooks, HMAC-SHA256."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from energy_flash_client.errors import NotFromTheShop
from energy_flash_client.exact_json import read
from energy_flash_client.shapes import Event

_PREFIX = "whsec_"


def verify_webhook(
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: datetime | None = None,
    tolerance: timedelta = timedelta(minutes=5),
) -> Event:
    """The event that came, if the shop signed it with this secret, and lately.

    `headers` are the request's, however their names are written; `body` is what came, before
    anything parsed it. An event may come twice: act on each `id` once.

    Raises:
        NotFromTheShop: it did not. Answer 400 and believe nothing of it.
        ValueError: `secret` is none.
    """
    key = _key(secret)
    lower = {name.lower(): value for name, value in headers.items()}
    event_id, timestamp = lower.get("webhook-id"), lower.get("webhook-timestamp")
    signatures = lower.get("webhook-signature")
    if event_id is None or timestamp is None or signatures is None:
        raise NotFromTheShop("a header is missing")
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        raise NotFromTheShop("the timestamp is none")
    moment = datetime.now(UTC) if now is None else now
    if abs(int(timestamp) - moment.timestamp()) > tolerance.total_seconds():
        raise NotFromTheShop("it is too old, or from the future")
    content = b"%s.%s.%s" % (event_id.encode("utf-8", "replace"), timestamp.encode(), body)
    expected = b"v1," + base64.b64encode(hmac.digest(key, content, sha256))
    # All of them are compared, so that the time it takes tells nothing.
    found = [
        hmac.compare_digest(expected, each.encode("utf-8", "replace"))
        for each in signatures.split(" ")
    ]
    if not any(found):
        raise NotFromTheShop("no signature is by this secret")
    return Event.model_validate(read(body))


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(_PREFIX) or not key:
        raise ValueError("a webhook secret reads whsec_<base64>")
    return key
