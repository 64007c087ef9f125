"""API keys: what lets a customer's program in, and how far.

A key reads `ef_key_<public id>_<secret>`. The public id finds it, the secret proves it; of the
secret only SHA-256 is kept, which is enough because it is 256 random bits. It is shown once.
"""

from __future__ import annotations

import hmac
import logging
import re
import secrets
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from uuid import UUID

from db.api_keys import ApiKeyRow
from db.database import Database, again_after_conflict

LONGEST_NAME = 60
MOST_KEYS = 10
MOST_NETWORKS = 20

_PREFIX = "ef_key_"
_KEY = re.compile(r"ef_key_([0-9A-Za-z]{12})_([0-9A-Za-z_-]{43})")
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

Network = IPv4Network | IPv6Network

log = logging.getLogger(__name__)


class Scope(StrEnum):
    """What a key may do."""

    READ = "read"
    """Look: quotes, estimates, orders, the balance."""
    ORDER = "order"
    """Place orders, cancel them, prolong and end rentals; what is owed is paid on the chain."""
    SPEND = "spend"
    """Pay from the customer's balance."""
    WEBHOOKS = "webhooks"
    """Say where news of orders go."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret. Times of the machine, UTC."""

    id: UUID
    user_id: int
    public_id: str
    name: str
    scopes: frozenset[Scope]
    networks: tuple[Network, ...]
    made_by: int
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None
    created_at: datetime

    @property
    def shown(self) -> str:
        """How people tell it from others: its beginning."""
        return f"{_PREFIX}{self.public_id}_…"

    def lives_at(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key and its `secret`, the whole text that a program sends: seen here and never again."""

    key: ApiKey
    secret: str


class KeyFault(StrEnum):
    """Why a program is not let in, or no key made."""

    UNKNOWN = "unknown"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NETWORK = "network"
    BANNED = "banned"
    TOO_MANY = "too_many"


class KeyRefused(Exception):
    """Because of `fault`."""

    def __init__(self, fault: KeyFault) -> None:
        super().__init__(fault)
        self.fault = fault


class ApiKeys:
    """Makes, recognises and revokes keys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @again_after_conflict
    async def make(
        self,
        user_id: int,
        name: str,
        scopes: AbstractSet[Scope],
        *,
        made_by: int,
        networks: Sequence[Network] = (),
        lasts: timedelta | None = None,
    ) -> NewApiKey:
        """A new key of the customer's.

        Raises:
            KeyRefused(TOO_MANY): the customer has as many as one may have.
            ValueError: the name is empty or too long, or there is no scope, or too many networks.
        """
        name = name.strip()
        if not 0 < len(name) <= LONGEST_NAME or not scopes or len(networks) > MOST_NETWORKS:
            raise ValueError("a name, at least one scope, and not too many networks")
        public_id = "".join(secrets.choice(_LETTERS) for _ in range(12))
        secret = f"{_PREFIX}{public_id}_{secrets.token_urlsafe(32)}"
        async with self._database.transaction() as tx:
            await tx.api_keys.lock_owner(user_id)
            if await tx.api_keys.count_living(user_id) >= MOST_KEYS:
                raise KeyRefused(KeyFault.TOO_MANY)
            row = await tx.api_keys.add(
                user_id=user_id,
                public_id=public_id,
                secret_hash=_hash(secret),
                name=name,
                scopes=sorted(scopes),
                networks=networks,
                made_by=made_by,
                expires_at=None if lasts is None else datetime.now(UTC) + lasts,
            )
        log.info("API key %s: made for user %s by %s", public_id, user_id, made_by)
        return NewApiKey(_key(row), secret)

    async def of_user(self, user_id: int) -> tuple[ApiKey, ...]:
        """All keys that the customer ever had, the newest first, the revoked ones last."""
        async with self._database.transaction() as tx:
            return tuple(_key(row) for row in await tx.api_keys.of_user(user_id))

    async def get(self, user_id: int, key_id: UUID) -> ApiKey | None:
        """The customer's key; None if it is unknown or another person's."""
        async with self._database.transaction() as tx:
            row = await tx.api_keys.get(key_id)
        return _key(row) if row is not None and row.user_id == user_id else None

    async def revoke(self, user_id: int, key_id: UUID) -> bool:
        """From now on the customer's key opens nothing. False if it did not before."""
        async with self._database.transaction() as tx:
            row = await tx.api_keys.get(key_id)
            if row is None or row.user_id != user_id:
                return False
            revoked = await tx.api_keys.revoke(key_id)
        if revoked:
            log.info("API key %s: revoked", row.public_id)
        return revoked

    async def recognise(self, secret: str, address: str | None) -> ApiKey:
        """Whose key this is, used from this IP address.

        Raises:
            KeyRefused: it opens nothing, here or now. Only who knows the secret hears why.
        """
        parts = _KEY.fullmatch(secret)
        if parts is None:
            raise KeyRefused(KeyFault.UNKNOWN)
        async with self._database.transaction() as tx:
            found = await tx.api_keys.recognise(parts[1])
            if found is None:
                raise KeyRefused(KeyFault.UNKNOWN)
            row, banned = found
            if not hmac.compare_digest(row.secret_hash, _hash(secret)):
                raise KeyRefused(KeyFault.UNKNOWN)
            key = _key(row)
            now = datetime.now(UTC)
            if key.revoked_at is not None:
                raise KeyRefused(KeyFault.REVOKED)
            if not key.lives_at(now):
                raise KeyRefused(KeyFault.EXPIRED)
            if not allows(key.networks, address):
                raise KeyRefused(KeyFault.NETWORK)
            if banned:
                raise KeyRefused(KeyFault.BANNED)
            if key.used_at is None or now - key.used_at > timedelta(minutes=1):
                await tx.api_keys.used(key.id)
        return key


def allows(networks: Sequence[Network], address: str | None) -> bool:
    """Whether a key that is for these networks, or for all if none is named, works from there."""
    if not networks:
        return True
    try:
        source: IPv4Address | IPv6Address = ip_address(address or "")
    except ValueError:
        return False
    if isinstance(source, IPv6Address) and source.ipv4_mapped is not None:
        source = source.ipv4_mapped
    return any(source in network for network in networks)


def networks_of(text: str) -> tuple[Network, ...]:
    """Networks and single addresses, as somebody types them: apart by spaces or commas.

    Raises ValueError, whose only argument is the word that is none.
    """
    found: list[Network] = []
    for word in re.split(r"[\s,;，；、]+", text.strip()):
        try:
            found.append(ip_network(word, strict=False))
        except ValueError:
            raise ValueError(word) from None
    return tuple(dict.fromkeys(found))


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def _key(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        id=row.id,
        user_id=row.user_id,
        public_id=row.public_id,
        name=row.name,
        scopes=frozenset(Scope(scope) for scope in row.scopes),
        networks=tuple(row.networks),
        made_by=row.made_by,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        used_at=row.used_at,
        created_at=row.created_at,
    )
