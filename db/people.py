"""People as the staff look them up: the table `users`, and what stands elsewhere about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.connection import Connection

_BRIEF = "u.id, u.first_name, u.username"


@dataclass(frozen=True, slots=True)
class BriefRow:
    id: int
    first_name: str
    username: str | None


@dataclass(frozen=True, slots=True)
class PersonRow:
    id: int
    first_name: str
    username: str | None
    language: str
    created_at: datetime
    seen_at: datetime
    blocked_at: datetime | None
    banned_at: datetime | None
    banned_by: int | None
    ban_reason: str
    note: str
    day_limit: int | None
    open_limit: int | None


@dataclass(frozen=True, slots=True)
class TradeRow:
    """Orders: of all, those that wait for money, those under way, those that were delivered; and
    what these cost, less what came back, in sun."""

    orders: int
    waiting: int
    under_way: int
    delivered: int
    spent_sun: int


class PeopleRepository:
    """What staff see of people, and change about them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def with_id(self, user_id: int) -> tuple[BriefRow, ...]:
        return await self._many("FROM users u WHERE u.id = $1", user_id)

    async def of_order(self, number: int) -> tuple[BriefRow, ...]:
        return await self._many(
            "FROM users u JOIN energy_flash_orders o ON o.user_id = u.id WHERE o.number = $1",
            number,
        )

    async def called(self, name: str, limit: int) -> tuple[BriefRow, ...]:
        """Whose username it is, then those whose first name has it in it."""
        return await self._many(
            """
            FROM users u WHERE lower(u.username) = lower($1)
               OR position(lower($1) IN lower(u.first_name)) > 0
            ORDER BY lower(u.username) IS NOT DISTINCT FROM lower($1) DESC,
                     lower(u.first_name) = lower($1) DESC, u.seen_at DESC, u.id LIMIT $2
            """,
            name,
            limit,
        )

    async def of_address(self, address: str, limit: int) -> tuple[BriefRow, ...]:
        """Who proved that it is theirs, rented for it, or paid from it."""
        return await self._many(
            """
            FROM users u WHERE u.id IN (SELECT user_id FROM addresses WHERE address = $1)
               OR u.id IN (SELECT user_id FROM payments WHERE sender = $1 AND user_id IS NOT NULL)
               OR u.id IN (SELECT user_id FROM energy_flash_orders
                           WHERE recipient_address = $1 AND user_id IS NOT NULL)
            ORDER BY EXISTS (SELECT 1 FROM addresses a WHERE a.address = $1 AND a.user_id = u.id
                             AND a.bound_at IS NOT NULL) DESC, u.seen_at DESC, u.id LIMIT $2
            """,
            address,
            limit,
        )

    async def person(self, user_id: int, *, lock: bool = False) -> PersonRow | None:
        row = await self._connection.fetchrow(
            f"""
            SELECT {_BRIEF}, language, created_at, seen_at, blocked_at, banned_at, banned_by,
                   ban_reason, note, day_limit, open_limit
            FROM users u WHERE id = $1 {"FOR UPDATE" if lock else ""}
            """,
            user_id,
        )
        return PersonRow(**row) if row else None

    async def trade(self, user_id: int) -> TradeRow:
        row = await self._connection.fetchrow(
            """
            SELECT count(*) AS orders, count(*) FILTER (WHERE status = 'pending') AS waiting,
                   count(*) FILTER (WHERE status IN ('paid', 'processing')) AS under_way,
                   count(*) FILTER (WHERE status = 'completed') AS delivered,
                   coalesce(sum(trx_amount - early_credit_sun)
                            FILTER (WHERE status = 'completed'), 0)::bigint AS spent_sun
            FROM energy_flash_orders WHERE user_id = $1
            """,
            user_id,
        )
        assert row is not None
        return TradeRow(**row)

    async def ban(self, user_id: int, *, by: int, reason: str) -> bool:
        done = await self._connection.execute(
            "UPDATE users SET banned_at = now(), banned_by = $2, ban_reason = $3 "
            "WHERE id = $1 AND banned_at IS NULL",
            user_id,
            by,
            reason,
        )
        return bool(done == "UPDATE 1")

    async def unban(self, user_id: int) -> bool:
        done = await self._connection.execute(
            "UPDATE users SET banned_at = NULL, banned_by = NULL, ban_reason = '' "
            "WHERE id = $1 AND banned_at IS NOT NULL",
            user_id,
        )
        return bool(done == "UPDATE 1")

    async def write_note(self, user_id: int, note: str) -> None:
        await self._connection.execute("UPDATE users SET note = $2 WHERE id = $1", user_id, note)

    async def limit(self, user_id: int, *, day: int | None, most_open: int | None) -> None:
        """Bounds of this user alone; None: everybody's."""
        await self._connection.execute(
            "UPDATE users SET day_limit = $2, open_limit = $3 WHERE id = $1",
            user_id,
            day,
            most_open,
        )

    async def _many(self, source: str, *arguments: object) -> tuple[BriefRow, ...]:
        rows = await self._connection.fetch(f"SELECT {_BRIEF} {source}", *arguments)
        return tuple(BriefRow(**row) for row in rows)
