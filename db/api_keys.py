"""The table `api_keys`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from db.connection import Connection


@dataclass(frozen=True, slots=True)
class ApiKeyRow:
    id: UUID
    user_id: int
    public_id: str
    secret_hash: bytes
    name: str
    scopes: list[str]
    networks: list[IPv4Network | IPv6Network]
    made_by: int | None
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None
    created_at: datetime


_COLUMNS = ", ".join(f"k.{column.name}" for column in fields(ApiKeyRow))


class ApiKeyRepository:
    """What lets customers' programs in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(
        self,
        *,
        user_id: int,
        public_id: str,
        secret_hash: bytes,
        name: str,
        scopes: Sequence[str],
        networks: Sequence[IPv4Network | IPv6Network],
        made_by: int | None,
        expires_at: datetime | None,
    ) -> ApiKeyRow:
        row = await self._connection.fetchrow(
            f"""
            INSERT INTO api_keys AS k (user_id, public_id, secret_hash, name, scopes, networks,
                                       made_by, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING {_COLUMNS}
            """,
            user_id,
            public_id,
            secret_hash,
            name,
            list(scopes),
            list(networks),
            made_by,
            expires_at,
        )
        assert row is not None
        return ApiKeyRow(**row)

    async def lock_owner(self, user_id: int) -> bool:
        """Nobody else makes this customer a key until the transaction ends; False: no such one."""
        row = await self._connection.fetchrow(
            "SELECT id FROM users WHERE id = $1 FOR UPDATE", user_id
        )
        return row is not None

    async def count_living(self, user_id: int) -> int:
        """How many keys of the customer open the door, or will again from another network."""
        count: int = await self._connection.fetchval(
            """
            SELECT count(*) FROM api_keys WHERE user_id = $1 AND revoked_at IS NULL
            AND (expires_at IS NULL OR expires_at > now())
            """,
            user_id,
        )
        return count

    async def of_user(self, user_id: int) -> tuple[ApiKeyRow, ...]:
        """All of the customer's keys, the newest first, the revoked ones last."""
        rows = await self._connection.fetch(
            f"""
            SELECT {_COLUMNS} FROM api_keys k WHERE user_id = $1
            ORDER BY revoked_at IS NOT NULL, created_at DESC
            """,
            user_id,
        )
        return tuple(ApiKeyRow(**row) for row in rows)

    async def all(self) -> tuple[ApiKeyRow, ...]:
        """Everybody's keys, customer by customer, as `of_user` has them."""
        rows = await self._connection.fetch(
            f"""
            SELECT {_COLUMNS} FROM api_keys k
            ORDER BY user_id, revoked_at IS NOT NULL, created_at DESC
            """
        )
        return tuple(ApiKeyRow(**row) for row in rows)

    async def get(self, key_id: UUID) -> ApiKeyRow | None:
        row = await self._connection.fetchrow(
            f"SELECT {_COLUMNS} FROM api_keys k WHERE id = $1", key_id
        )
        return ApiKeyRow(**row) if row else None

    async def recognise(self, public_id: str) -> tuple[ApiKeyRow, bool] | None:
        """The key that calls itself so, and whether its customer is banned."""
        row = await self._connection.fetchrow(
            f"""
            SELECT {_COLUMNS}, u.banned_at IS NOT NULL AS banned
            FROM api_keys k JOIN users u ON u.id = k.user_id WHERE k.public_id = $1
            """,
            public_id,
        )
        if row is None:
            return None
        values = dict(row)
        banned: bool = values.pop("banned")
        return ApiKeyRow(**values), banned

    async def used(self, key_id: UUID) -> None:
        """Note that it was used, once a minute."""
        await self._connection.execute(
            """
            UPDATE api_keys SET used_at = now()
            WHERE id = $1 AND (used_at IS NULL OR used_at < now() - interval '1 minute')
            """,
            key_id,
        )

    async def revoke(self, key_id: UUID) -> bool:
        """False if it was revoked before."""
        done = await self._connection.execute(
            "UPDATE api_keys SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL", key_id
        )
        return done == "UPDATE 1"
