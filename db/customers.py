"""The tables `users` and `addresses`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import asyncpg

if TYPE_CHECKING:
    from db.connection import Connection


@dataclass(frozen=True, slots=True)
class CustomerRow:
    id: int
    language: str
    first_name: str
    banned_at: datetime | None


@dataclass(frozen=True, slots=True)
class AddressRow:
    address: str
    label: str
    bound: bool


_COLUMNS = "id, language, first_name, banned_at"


class CustomerRepository:
    """People who talk to the bot, and the addresses they rented for."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def greet(
        self, user_id: int, *, language: str, first_name: str, username: str | None
    ) -> CustomerRow:
        """The user's row; `language` counts only at the first contact."""
        known = await self._connection.fetchrow(
            f"""
            SELECT {_COLUMNS} FROM users
            WHERE id = $1 AND first_name = $2 AND username IS NOT DISTINCT FROM $3
              AND blocked_at IS NULL AND seen_at > now() - interval '1 day'
            """,
            user_id,
            first_name,
            username,
        )
        if known is None:
            known = await self._connection.fetchrow(
                f"""
                INSERT INTO users (id, language, first_name, username) VALUES ($1, $2, $3, $4)
                ON CONFLICT (id) DO UPDATE
                    SET first_name = $3, username = $4, blocked_at = NULL, seen_at = now()
                RETURNING {_COLUMNS}
                """,
                user_id,
                language,
                first_name,
                username,
            )
        assert known is not None
        return CustomerRow(**known)

    async def choose_language(self, user_id: int, language: str) -> CustomerRow | None:
        row = await self._connection.fetchrow(
            f"UPDATE users SET language = $2 WHERE id = $1 RETURNING {_COLUMNS}", user_id, language
        )
        return CustomerRow(**row) if row else None

    async def languages(self, user_ids: list[int]) -> dict[int, str]:
        rows = await self._connection.fetch(
            "SELECT id, language FROM users WHERE id = ANY($1)", user_ids
        )
        return {row["id"]: row["language"] for row in rows}

    async def named(self, username: str) -> int | None:
        """The user with this name, however its letters are written; the last one to have it."""
        user_id: int | None = await self._connection.fetchval(
            "SELECT id FROM users WHERE lower(username) = lower($1) "
            "ORDER BY created_at DESC LIMIT 1",
            username,
        )
        return user_id

    async def username(self, user_id: int) -> str | None:
        username: str | None = await self._connection.fetchval(
            "SELECT username FROM users WHERE id = $1", user_id
        )
        return username

    async def exists(self, user_id: int) -> bool:
        found: bool = await self._connection.fetchval(
            "SELECT EXISTS (SELECT 1 FROM users WHERE id = $1)", user_id
        )
        return found

    async def set_blocked(self, user_id: int, blocked: bool) -> None:
        await self._connection.execute(
            "UPDATE users SET blocked_at = CASE WHEN $2 THEN now() END WHERE id = $1",
            user_id,
            blocked,
        )

    async def is_banned(self, user_id: int) -> bool:
        """Whether they are banned; that stays so until the transaction ends."""
        banned: bool | None = await self._connection.fetchval(
            "SELECT banned_at IS NOT NULL FROM users WHERE id = $1 FOR SHARE", user_id
        )
        return bool(banned)

    async def own_limits(self, user_id: int) -> tuple[int | None, int | None]:
        """Bounds of this user alone: orders in a day, and open ones. None: everybody's."""
        row = await self._connection.fetchrow(
            "SELECT day_limit, open_limit FROM users WHERE id = $1", user_id
        )
        return (row["day_limit"], row["open_limit"]) if row else (None, None)

    async def is_of_banned(self, address: str) -> bool:
        """Whether somebody banned rented for this address or paid from it.

        Not if another has proved that it is theirs.
        """
        found: bool = await self._connection.fetchval(
            """
            SELECT NOT EXISTS (
                SELECT 1 FROM addresses a JOIN users u ON u.id = a.user_id
                WHERE a.address = $1 AND a.bound_at IS NOT NULL AND u.banned_at IS NULL
            ) AND (EXISTS (
                SELECT 1 FROM addresses a JOIN users u ON u.id = a.user_id
                WHERE a.address = $1 AND u.banned_at IS NOT NULL
            ) OR EXISTS (
                SELECT 1 FROM payments p JOIN users u ON u.id = p.user_id
                WHERE p.sender = $1 AND p.position = 0 AND u.banned_at IS NOT NULL
            ))
            """,
            address,
        )
        return found

    async def addresses(self, user_id: int, limit: int) -> tuple[AddressRow, ...]:
        rows = await self._connection.fetch(
            """
            SELECT address, label, bound_at IS NOT NULL AS bound FROM addresses WHERE user_id = $1
            ORDER BY last_used_at DESC, address LIMIT $2
            """,
            user_id,
            limit,
        )
        return tuple(AddressRow(**row) for row in rows)

    async def remember_address(self, user_id: int, address: str) -> None:
        await self._connection.execute(
            """
            INSERT INTO addresses (user_id, address) VALUES ($1, $2)
            ON CONFLICT (user_id, address) DO UPDATE SET last_used_at = clock_timestamp()
            """,
            user_id,
            address,
        )

    async def bind_address(self, user_id: int, address: str) -> bool:
        """The user has proved that the address is theirs; False if it is bound to another."""
        try:
            async with self._connection.transaction():
                done: bool = await self._connection.fetchval(
                    """
                    WITH other AS (
                        SELECT 1 FROM addresses
                        WHERE address = $2 AND user_id <> $1 AND bound_at IS NOT NULL
                    ), bound AS (
                        INSERT INTO addresses (user_id, address, bound_at)
                        SELECT $1, $2, now() WHERE NOT EXISTS (SELECT 1 FROM other)
                        ON CONFLICT (user_id, address) DO UPDATE
                            SET bound_at = coalesce(addresses.bound_at, now())
                        RETURNING 1
                    )
                    SELECT EXISTS (SELECT 1 FROM bound)
                    """,
                    user_id,
                    address,
                )
        except asyncpg.UniqueViolationError:
            return False  # another has proved it at this very moment
        return done

    async def owner_of(self, address: str) -> int | None:
        """The user who has proved that the address is theirs."""
        user_id: int | None = await self._connection.fetchval(
            "SELECT user_id FROM addresses WHERE address = $1 AND bound_at IS NOT NULL", address
        )
        return user_id

    async def bound_addresses(self, user_id: int) -> tuple[str, ...]:
        rows = await self._connection.fetch(
            "SELECT address FROM addresses WHERE user_id = $1 AND bound_at IS NOT NULL "
            "ORDER BY last_used_at DESC, address",
            user_id,
        )
        return tuple(row["address"] for row in rows)
