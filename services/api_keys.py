"""API keys: what lets a customer's program in, and how far.

A key reads `ef_key_<public id>_<secret>`. The public id finds it, the secret proves it; of the
secret only SHA-256 is kept, which is enough because it is 256 random bits. It is shown once.
"""

from __future__ import annotations

import hmac
import logging
import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from uuid import UUID

from db.api_keys import ApiKeyRow
from db.database import Database, Transaction, again_after_conflict

LONGEST_NAME = 60
MOST_KEYS = 10
MOST_NETWORKS = 20

_PREFIX = "ef_key_"
_KEY = re.compile(r"ef_key_([0-9A-Za-z]{12})_([0-9A-Za-z_-]{43})")
_SOME_KEY = re.compile(r"ef_key_[0-9A-Za-z]{12}_[0-9A-Za-z_-]{8,}")
_SHOWN_KEY = re.compile(r"(?:ef_key_)?([0-9A-Za-z]{12})(?:_.*)?")
_MAPPED_BITS = 96
"""Of an IPv6 network that stands for one of IPv4 (RFC 4291, 2.5.5.2), these say that it does."""
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
class KeyTerms:
    """What a key is called, and how far it goes. `lasts` None: until it is revoked."""

    name: str
    scopes: frozenset[Scope] = frozenset({Scope.READ, Scope.ORDER})
    networks: tuple[Network, ...] = ()
    lasts: timedelta | None = timedelta(days=365)

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "scopes": sorted(self.scopes),
            "networks": [str(network) for network in self.networks],
            "lasts_seconds": None if self.lasts is None else self.lasts.total_seconds(),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> KeyTerms:
        seconds = values["lasts_seconds"]
        return cls(
            name=values["name"],
            scopes=frozenset(Scope(scope) for scope in values["scopes"]),
            networks=tuple(ip_network(network) for network in values["networks"]),
            lasts=None if seconds is None else timedelta(seconds=seconds),
        )


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret. Times of the machine, UTC.

    `made_by` is Telegram's id of its customer or of the staff; None: it was made by hand, at the
    shop's command line.
    """

    id: UUID
    user_id: int
    public_id: str
    name: str
    scopes: frozenset[Scope]
    networks: tuple[Network, ...]
    made_by: int | None
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
    secret: str = field(repr=False)


class KeyFault(StrEnum):
    """Why a program is not let in, or no key made."""

    UNKNOWN = "unknown"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NETWORK = "network"
    BANNED = "banned"
    TOO_MANY = "too_many"
    NOBODY = "nobody"
    """The bot has never met who it would be for."""


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
        """A new key of the customer's. Raises as `add_key`."""
        terms = KeyTerms(name, frozenset(scopes), tuple(networks), lasts)
        async with self._database.transaction() as tx:
            return await add_key(tx, user_id, terms, made_by=made_by)

    async def of_user(self, user_id: int) -> tuple[ApiKey, ...]:
        """All keys that the customer ever had, the newest first, the revoked ones last."""
        async with self._database.transaction() as tx:
            return tuple(_key(row) for row in await tx.api_keys.of_user(user_id))

    async def get(self, user_id: int, key_id: UUID) -> ApiKey | None:
        """The customer's key; None if it is unknown or another person's."""
        async with self._database.transaction() as tx:
            row = await tx.api_keys.get(key_id)
        return _key(row) if row is not None and row.user_id == user_id else None

    async def find(self, key_id: UUID) -> ApiKey | None:
        """Anybody's key, for those who run the shop."""
        async with self._database.transaction() as tx:
            row = await tx.api_keys.get(key_id)
        return None if row is None else _key(row)

    async def called(self, public_id: str) -> ApiKey | None:
        """Anybody's key by its public id."""
        async with self._database.transaction() as tx:
            found = await tx.api_keys.recognise(public_id)
        return None if found is None else _key(found[0])

    async def everybodys(self) -> tuple[ApiKey, ...]:
        """All keys of the shop, customer by customer."""
        async with self._database.transaction() as tx:
            return tuple(_key(row) for row in await tx.api_keys.all())

    async def revoke(self, user_id: int, key_id: UUID) -> bool:
        """From now on the customer's key opens nothing. False if it did not before."""
        async with self._database.transaction() as tx:
            row = await tx.api_keys.get(key_id)
            if row is None or row.user_id != user_id:
                return False
            return await revoke_key(tx, key_id) is not None

    async def recognise(self, secret: str, address: str | None) -> ApiKey:
        """Whose key this is, used from this IP address.

        Raises:
            KeyRefused: it opens nothing, here or now. Only who knows the secret hears why.
        """
        parts = _KEY.fullmatch(secret)
        if parts is None:
            raise KeyRefused(KeyFault.UNKNOWN)
        async with self._database.statements() as tx:
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


async def add_key(
    tx: Transaction, user_id: int, terms: KeyTerms, *, made_by: int | None
) -> NewApiKey:
    """A new key of the customer's, with whatever else happens in the transaction.

    Raises:
        KeyRefused: NOBODY; or TOO_MANY: the customer has as many as one may have.
        ValueError: the name is none, or there is no scope, or too many networks.
    """
    name = name_of(terms.name)
    if not terms.scopes or len(terms.networks) > MOST_NETWORKS:
        raise ValueError("at least one scope, and not too many networks")
    public_id = "".join(secrets.choice(_LETTERS) for _ in range(12))
    secret = f"{_PREFIX}{public_id}_{secrets.token_urlsafe(32)}"
    if not await tx.api_keys.lock_owner(user_id):
        raise KeyRefused(KeyFault.NOBODY)
    if await tx.api_keys.count_living(user_id) >= MOST_KEYS:
        raise KeyRefused(KeyFault.TOO_MANY)
    row = await tx.api_keys.add(
        user_id=user_id,
        public_id=public_id,
        secret_hash=_hash(secret),
        name=name,
        scopes=sorted(terms.scopes),
        networks=terms.networks,
        made_by=made_by,
        expires_at=None if terms.lasts is None else datetime.now(UTC) + terms.lasts,
    )
    log.info("API key %s: made for user %s by %s", public_id, user_id, made_by or "hand")
    return NewApiKey(_key(row), secret)


async def revoke_key(tx: Transaction, key_id: UUID) -> ApiKey | None:
    """From now on it opens nothing; None if there is no such key, or it was revoked before."""
    if not await tx.api_keys.revoke(key_id):
        return None
    row = await tx.api_keys.get(key_id)
    assert row is not None
    log.info("API key %s: revoked", row.public_id)
    return _key(row)


def name_of(text: str) -> str:
    """What somebody calls a key, as it is kept: on one line, without what cannot be seen.

    Raises ValueError if that is nothing, too long, or a key itself.
    """
    name = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not 0 < len(name) <= LONGEST_NAME or holds_key(name):
        raise ValueError(f"a name has 1 to {LONGEST_NAME} characters, and is no key")
    return name


def holds_key(text: str) -> bool:
    """Whether a key stands in it, or most of one."""
    return _SOME_KEY.search(text) is not None


def public_id_in(text: str) -> str | None:
    """The public id of a key that is named as people see it: `ef_key_…_…`, or the id alone."""
    found = _SHOWN_KEY.fullmatch(text.strip())
    return found[1] if found else None


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
    for word in re.split(r"[\s,;、]+", unicodedata.normalize("NFKC", text).strip(" \t\r\n,;、")):
        try:
            # A zone, as in fe80::1%eth0, means something on one machine only.
            found.append(_plain(ip_network("" if "%" in word else word, strict=False)))
        except ValueError:
            raise ValueError(word) from None
    return tuple(dict.fromkeys(found))


def _plain(network: Network) -> Network:
    """A network of IPv4 as such, also where it was written as one of IPv6."""
    if isinstance(network, IPv6Network) and network.prefixlen >= _MAPPED_BITS:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return IPv4Network((mapped, network.prefixlen - _MAPPED_BITS))
    return network


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
