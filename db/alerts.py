"""The tables `alerts` and `alert_messages`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from db.connection import Connection

_COLUMNS = """
    a.id, a.kind, a.subject, a.details, a.raised_at, a.times, a.level, a.acknowledged_by,
    nullif(u.first_name, '') AS acknowledged_name, a.acknowledged_at, a.closed_at, now() AS now
"""
_FROM = "FROM alerts a LEFT JOIN users u ON u.id = a.acknowledged_by"


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert, and the time now by the clock that its times are of."""

    id: int
    kind: str
    subject: str
    details: dict[str, Any]
    raised_at: datetime
    times: int
    level: int
    acknowledged_by: int | None
    acknowledged_name: str | None
    acknowledged_at: datetime | None
    closed_at: datetime | None
    now: datetime


class AlertRepository:
    """What somebody of the staff should know of."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def raise_(self, kind: str, subject: str, details: Mapping[str, Any]) -> bool:
        """Open one, or count up the one that is open; True if it is new."""
        new: bool = await self._connection.fetchval(
            """
            INSERT INTO alerts AS a (kind, subject, details) VALUES ($1, $2, $3)
            ON CONFLICT (kind, subject) WHERE closed_at IS NULL
            DO UPDATE SET times = a.times + 1, last_seen_at = now(), details = $3
            RETURNING a.times = 1
            """,
            kind,
            subject,
            details,
        )
        return new

    async def record_past(
        self, kind: str, details: Mapping[str, Any], *, lasted: timedelta
    ) -> None:
        """One that could not be written down while it lasted, and is over."""
        await self._connection.execute(
            """
            INSERT INTO alerts (kind, details, raised_at, closed_at)
            VALUES ($1, $2, now() - $3::interval, now())
            """,
            kind,
            details,
            lasted,
        )

    async def close(self, kind: str, subject: str) -> bool:
        """Its cause is gone; False if none is open."""
        done = await self._connection.execute(
            "UPDATE alerts SET closed_at = now() "
            "WHERE kind = $1 AND subject = $2 AND closed_at IS NULL",
            kind,
            subject,
        )
        return bool(done == "UPDATE 1")

    async def close_others(self, kind: str, keep: str | None) -> int:
        """Close all of a kind but the one about `keep`; returns how many."""
        done = await self._connection.execute(
            "UPDATE alerts SET closed_at = now() "
            "WHERE kind = $1 AND closed_at IS NULL AND subject IS DISTINCT FROM $2",
            kind,
            keep,
        )
        return int(done.removeprefix("UPDATE "))

    async def close_decided(
        self,
        *,
        held: str,
        refund: str,
        delegation: str,
        adrift: str,
        pool: str,
        failed: str,
        unknown: str,
    ) -> int:
        """Close those whose payment, refund, order or pool is not so any more; returns how many.

        That of a `failed` order when its money is with its customer, or pays something else; that
        of an `unknown` transaction when it turns out to have sent a refund.
        """
        done = await self._connection.execute(
            """
            UPDATE alerts a SET closed_at = now() WHERE closed_at IS NULL AND (
                kind = $1 AND NOT EXISTS (SELECT 1 FROM payments p
                    WHERE p.id = (a.details ->> 'payment_id')::bigint AND p.status = 'held')
                OR kind = $2 AND NOT EXISTS (SELECT 1 FROM refunds r
                    WHERE r.id = (a.details ->> 'refund_id')::bigint
                      AND r.status = 'waiting' AND r.wait_reason = a.details ->> 'reason')
                OR kind = $3 AND NOT EXISTS (SELECT 1 FROM energy_flash_orders o
                    WHERE o.id = (a.details ->> 'order_id')::uuid
                      AND o.status IN ('paid', 'processing'))
                OR kind = $4 AND NOT EXISTS (SELECT 1 FROM payments p
                    WHERE p.id = (a.details ->> 'payment_id')::bigint AND p.adrift)
                OR kind = $5 AND NOT EXISTS (SELECT 1 FROM energy_pools p
                    WHERE p.address = a.details ->> 'pool'
                      AND p.trouble IS NOT NULL AND p.state <> 'disabled')
                OR kind = $6 AND NOT EXISTS (SELECT 1 FROM payments p
                    WHERE p.order_id = (a.details ->> 'order_id')::uuid
                      AND (p.status IN ('held', 'refunding') OR p.adrift))
                OR kind = $7 AND EXISTS (SELECT 1 FROM refunds r
                    WHERE r.txid = a.details ->> 'txid' AND r.status = 'done'))
            """,
            held,
            refund,
            delegation,
            adrift,
            pool,
            failed,
            unknown,
        )
        return int(done.removeprefix("UPDATE "))

    async def acknowledge(self, alert_id: int, user_id: int, *, closing: Collection[str]) -> bool:
        """Somebody looks after it; those of a kind in `closing` are over by that.

        False if somebody does already, or it is over.
        """
        done = await self._connection.execute(
            """
            UPDATE alerts SET acknowledged_by = $2, acknowledged_at = now(),
                closed_at = CASE WHEN kind = ANY($3) THEN now() END,
                closing_told = kind = ANY($3)
            WHERE id = $1 AND acknowledged_by IS NULL AND closed_at IS NULL
            """,
            alert_id,
            user_id,
            list(closing),
        )
        return bool(done == "UPDATE 1")

    async def any_to_tell(self) -> bool:
        return bool(
            await self._connection.fetchval(
                "SELECT EXISTS (SELECT 1 FROM alerts WHERE NOT closing_told)"
            )
        )

    async def lock_to_tell(self) -> tuple[AlertRow, ...]:
        """Those that are open, or whose end was not told; others that tell are not waited for."""
        rows = await self._connection.fetch(
            f"SELECT {_COLUMNS} {_FROM} WHERE NOT closing_told ORDER BY a.id "
            "FOR UPDATE OF a SKIP LOCKED"
        )
        return tuple(AlertRow(**row) for row in rows)

    async def told(self, alert_id: int, level: int, *, closing: bool) -> None:
        await self._connection.execute(
            "UPDATE alerts SET level = $2, closing_told = $3 WHERE id = $1",
            alert_id,
            level,
            closing,
        )

    async def by_ids(self, ids: Collection[int]) -> dict[int, AlertRow]:
        if not ids:
            return {}
        rows = await self._connection.fetch(
            f"SELECT {_COLUMNS} {_FROM} WHERE a.id = ANY($1)", list(ids)
        )
        return {row["id"]: AlertRow(**row) for row in rows}

    async def open(self, limit: int) -> tuple[tuple[AlertRow, ...], int]:
        """Those that are open, the oldest first; and how many there are in all."""
        rows = await self._connection.fetch(
            f"SELECT {_COLUMNS} {_FROM} WHERE a.closed_at IS NULL ORDER BY a.id LIMIT $1", limit
        )
        count: int = await self._connection.fetchval(
            "SELECT count(*) FROM alerts WHERE closed_at IS NULL"
        )
        return tuple(AlertRow(**row) for row in rows), count

    async def open_kinds(self) -> frozenset[str]:
        """What is wrong just now."""
        rows = await self._connection.fetch(
            "SELECT DISTINCT kind FROM alerts WHERE closed_at IS NULL"
        )
        return frozenset(row["kind"] for row in rows)

    async def closed_since(self, age: timedelta, limit: int) -> tuple[tuple[AlertRow, ...], int]:
        """Those that closed within `age`, the last first; and how many there are in all."""
        rows = await self._connection.fetch(
            f"SELECT {_COLUMNS} {_FROM} WHERE a.closed_at > now() - $1::interval "
            "ORDER BY a.closed_at DESC, a.id DESC LIMIT $2",
            age,
            limit,
        )
        count: int = await self._connection.fetchval(
            "SELECT count(*) FROM alerts WHERE closed_at > now() - $1::interval", age
        )
        return tuple(AlertRow(**row) for row in rows), count

    async def chats_told(self, alert_id: int, kind: str) -> tuple[int, ...]:
        """Where messages of `kind` about it went, or are about to."""
        rows = await self._connection.fetch(
            "SELECT DISTINCT chat_id FROM outbox WHERE alert_id = $1 AND kind = $2 "
            "ORDER BY chat_id",
            alert_id,
            kind,
        )
        return tuple(row["chat_id"] for row in rows)

    async def shown(self, alert_id: int, chat_id: int, message_id: int) -> None:
        """A message shows it."""
        await self._connection.execute(
            "INSERT INTO alert_messages VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            alert_id,
            chat_id,
            message_id,
        )

    async def messages(self, alert_id: int, chat_id: int) -> tuple[int, ...]:
        """The messages of a chat that show it."""
        rows = await self._connection.fetch(
            "SELECT message_id FROM alert_messages WHERE alert_id = $1 AND chat_id = $2 "
            "ORDER BY message_id",
            alert_id,
            chat_id,
        )
        return tuple(row["message_id"] for row in rows)

    async def refused_share(self, age: timedelta) -> tuple[int, int]:
        """Messages that chats did not want within `age`, and all that were sent or not wanted."""
        row = await self._connection.fetchrow(
            """
            SELECT count(*) FILTER (WHERE state = 'dropped' AND last_error ILIKE '%forbidden%')
                       AS refused,
                   count(*) AS whole
            FROM outbox WHERE state <> 'waiting' AND sent_at > now() - $1::interval
            """,
            age,
        )
        assert row is not None, "an aggregate has one row"
        return row["refused"], row["whole"]
