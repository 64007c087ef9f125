"""The tables `webhook_endpoints`, `webhook_events`, `webhook_deliveries`, `webhook_attempts`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from db.orders import ORDER, STORY, OrderRow, OrderStory, story_of
from db.outbox import PRESENCE
from db.payments import PaymentRow

if TYPE_CHECKING:
    from db.connection import Connection


@dataclass(frozen=True, slots=True)
class EndpointRow:
    id: UUID
    api_key_id: UUID
    user_id: int
    url: str
    events: list[str] | None
    secret: bytes = field(repr=False)
    previous_secret: bytes | None = field(repr=False)
    previous_until: datetime | None
    taken_at: datetime | None
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_why: str | None
    rotation_id: UUID | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery, and what its event is called and when it happened."""

    id: UUID
    endpoint_id: UUID
    event_id: UUID
    subject: str
    state: str
    attempts: int
    tried_at: datetime | None
    next_attempt_at: datetime
    created_at: datetime
    kind: str
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class AttemptRow:
    delivery_id: UUID
    at: datetime
    status: int | None
    failure: str | None
    answer: str
    milliseconds: int


_ENDPOINT = ", ".join(f"e.{column.name}" for column in fields(EndpointRow))
_DELIVERY = ", ".join(
    {"kind": "v.kind", "happened_at": "v.created_at AS happened_at"}.get(
        column.name, f"d.{column.name}"
    )
    for column in fields(DeliveryRow)
)
_ATTEMPT = ", ".join(column.name for column in fields(AttemptRow))
_PAYMENT = ", ".join(f"p.{column.name}" for column in fields(PaymentRow))

# Whose key opens nothing any more hears nothing any more.
_LISTENS = """e.disabled_at IS NULL AND EXISTS (
    SELECT FROM api_keys k WHERE k.id = e.api_key_id AND k.revoked_at IS NULL
    AND (k.expires_at IS NULL OR k.expires_at > now()))"""


class WebhookRepository:
    """Where events go, and what came of it. Whoever locks an endpoint does so before deliveries."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # ── endpoints ────────────────────────────────────────────────────────────────────────────

    async def lock_key(self, api_key_id: UUID) -> None:
        """Nobody else registers an endpoint with this key until the transaction ends."""
        await self._connection.execute(
            "SELECT FROM api_keys WHERE id = $1 FOR NO KEY UPDATE", api_key_id
        )

    async def add(
        self,
        *,
        api_key_id: UUID,
        user_id: int,
        url: str,
        events: Sequence[str] | None,
        secret: bytes,
        request_id: UUID | None,
    ) -> EndpointRow:
        row = await self._connection.fetchrow(
            f"""
            INSERT INTO webhook_endpoints AS e
                (api_key_id, user_id, url, events, secret, request_id)
            VALUES ($1, $2, $3, $4, $5, $6) RETURNING {_ENDPOINT}
            """,
            api_key_id,
            user_id,
            url,
            None if events is None else list(events),
            secret,
            request_id,
        )
        assert row is not None
        return EndpointRow(**row)

    async def of_key(self, api_key_id: UUID) -> tuple[EndpointRow, ...]:
        """The key's endpoints, the oldest first."""
        rows = await self._connection.fetch(
            f"""
            SELECT {_ENDPOINT} FROM webhook_endpoints e WHERE e.api_key_id = $1
            ORDER BY e.created_at, e.id
            """,
            api_key_id,
        )
        return tuple(EndpointRow(**row) for row in rows)

    async def of_request(self, request_id: UUID) -> EndpointRow | None:
        return await self._endpoint("e.request_id = $1", request_id)

    async def get(self, endpoint_id: UUID) -> EndpointRow | None:
        return await self._endpoint("e.id = $1", endpoint_id)

    async def lock(self, endpoint_id: UUID) -> EndpointRow | None:
        return await self._endpoint("e.id = $1 FOR NO KEY UPDATE", endpoint_id)

    async def change(self, endpoint_id: UUID, *, url: str, events: Sequence[str] | None) -> None:
        await self._connection.execute(
            "UPDATE webhook_endpoints SET url = $2, events = $3 WHERE id = $1",
            endpoint_id,
            url,
            None if events is None else list(events),
        )

    async def rotate(
        self, endpoint_id: UUID, secret: bytes, *, overlap: timedelta, rotation_id: UUID | None
    ) -> None:
        """Sign with `secret` from now on, and for the time of the overlap with the old one, too."""
        await self._connection.execute(
            """
            UPDATE webhook_endpoints SET previous_secret = secret, previous_until = now() + $3,
                   secret = $2, rotation_id = $4
            WHERE id = $1
            """,
            endpoint_id,
            secret,
            overlap,
            rotation_id,
        )

    async def enable(self, endpoint_id: UUID) -> None:
        """It is sent to again, at first what still waits for it; its failures are forgotten."""
        await self._connection.execute(
            """
            UPDATE webhook_endpoints SET disabled_at = NULL, disabled_why = NULL,
                   failing_since = NULL
            WHERE id = $1
            """,
            endpoint_id,
        )
        await self._connection.execute(
            """
            UPDATE webhook_deliveries SET attempts = 0, tried_at = NULL, next_attempt_at = now()
            WHERE endpoint_id = $1 AND state = 'waiting' AND leased_by IS NULL
            """,
            endpoint_id,
        )

    async def disable(self, endpoint_id: UUID, why: str) -> bool:
        """False if it was disabled before."""
        return await self._moved(
            "UPDATE webhook_endpoints SET disabled_at = now(), disabled_why = $2 "
            "WHERE id = $1 AND disabled_at IS NULL",
            endpoint_id,
            why,
        )

    async def delete(self, endpoint_id: UUID) -> None:
        """With all that waits for it, and its log."""
        await self._connection.execute("DELETE FROM webhook_endpoints WHERE id = $1", endpoint_id)

    async def took(self, endpoint_id: UUID) -> None:
        await self._connection.execute(
            "UPDATE webhook_endpoints SET taken_at = clock_timestamp(), failing_since = NULL "
            "WHERE id = $1",
            endpoint_id,
        )

    async def failed(self, endpoint_id: UUID) -> datetime:
        """It did not take an event; since when it has taken none."""
        since: datetime = await self._connection.fetchval(
            """
            UPDATE webhook_endpoints SET failing_since = coalesce(failing_since, now())
            WHERE id = $1 RETURNING failing_since
            """,
            endpoint_id,
        )
        return since

    # ── deliveries ───────────────────────────────────────────────────────────────────────────

    async def add_test(self, endpoint_id: UUID, kind: str) -> DeliveryRow:
        """An event for one endpoint, which whoever asks sends at once, and nobody again."""
        row = await self._connection.fetchrow(
            f"""
            WITH v AS (
                INSERT INTO webhook_events (kind) VALUES ($2) RETURNING id, kind, created_at
            ), d AS (
                INSERT INTO webhook_deliveries
                    (endpoint_id, event_id, subject, state, attempts, tried_at, ended_at)
                SELECT $1, v.id, 'test', 'given_up', 1, now(), now() FROM v RETURNING *
            )
            SELECT {_DELIVERY} FROM d JOIN v ON v.id = d.event_id
            """,
            endpoint_id,
            kind,
        )
        assert row is not None
        return DeliveryRow(**row)

    async def claim(
        self, limit: int, lease: timedelta, presence: int, *, at_once: int, doubted: int
    ) -> tuple[DeliveryRow, ...]:
        """Deliveries that are due, leased to `presence` for `lease`.

        Of one subject only the first, for a later one has to wait for it. No endpoint has more
        than `at_once` under way, and one that has been failing `doubted`, so that whoever is slow
        holds up nobody else.
        """
        rows = await self._connection.fetch(
            f"""
            WITH due AS (
                SELECT first.id FROM (
                    SELECT e.id, CASE WHEN e.failing_since IS NULL THEN $4::int ELSE $5 END - (
                        SELECT count(*) FROM webhook_deliveries l
                        WHERE l.endpoint_id = e.id AND l.leased_by IS NOT NULL
                          AND l.next_attempt_at > now()) AS free
                    FROM webhook_endpoints e
                    WHERE {_LISTENS} AND EXISTS (
                        SELECT FROM webhook_deliveries w WHERE w.endpoint_id = e.id
                        AND w.state = 'waiting' AND w.next_attempt_at <= now())
                    ORDER BY random()
                ) e CROSS JOIN LATERAL (
                    SELECT d.id FROM webhook_deliveries d
                    WHERE d.endpoint_id = e.id AND d.state = 'waiting'
                      AND d.next_attempt_at <= now()
                      AND NOT EXISTS (
                          SELECT FROM webhook_deliveries b WHERE b.endpoint_id = d.endpoint_id
                          AND b.subject = d.subject AND b.state = 'waiting'
                          AND b.number < d.number)
                    ORDER BY d.next_attempt_at, d.number LIMIT greatest(e.free, 0)
                    FOR UPDATE SKIP LOCKED
                ) first
                LIMIT $1
            )
            UPDATE webhook_deliveries d
            SET attempts = attempts + 1, tried_at = coalesce(tried_at, now()), leased_by = $3,
                next_attempt_at = now() + $2
            FROM due, webhook_events v WHERE d.id = due.id AND v.id = d.event_id
            RETURNING {_DELIVERY}
            """,
            limit,
            lease,
            presence,
            at_once,
            doubted,
        )
        return tuple(DeliveryRow(**row) for row in rows)

    async def end_leases_of_the_dead(self, presence: int) -> int:
        """Make due at once what processes were sending that are gone, as in the outbox."""
        done = await self._connection.execute(
            """
            UPDATE webhook_deliveries SET leased_by = NULL, next_attempt_at = now()
            WHERE leased_by <> $1 AND NOT EXISTS (
                SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                WHERE l.locktype = 'advisory' AND l.classid::bigint = $2
                  AND l.objid::bigint = leased_by AND l.objsubid = 2
                  AND d.datname = current_database())
            """,
            presence,
            PRESENCE,
        )
        return int(done.removeprefix("UPDATE "))

    async def note(
        self,
        delivery_id: UUID,
        *,
        status: int | None,
        failure: str | None,
        answer: str,
        milliseconds: int,
    ) -> None:
        """Write an attempt into the log."""
        await self._connection.execute(
            """
            INSERT INTO webhook_attempts (delivery_id, status, failure, answer, milliseconds)
            VALUES ($1, $2, $3, $4, $5)
            """,
            delivery_id,
            status,
            failure,
            answer,
            milliseconds,
        )

    async def lock_delivery(self, delivery_id: UUID) -> DeliveryRow | None:
        return await self._delivery("d.id = $1 FOR NO KEY UPDATE OF d", delivery_id)

    async def delivered(self, delivery_id: UUID) -> None:
        await self._end(delivery_id, "delivered")

    async def give_up(self, delivery_id: UUID) -> None:
        await self._end(delivery_id, "given_up")

    async def postpone(self, delivery_id: UUID, delay: timedelta) -> None:
        """Try again after `delay`."""
        await self._connection.execute(
            """
            UPDATE webhook_deliveries SET leased_by = NULL, next_attempt_at = now() + $2
            WHERE id = $1 AND state = 'waiting'
            """,
            delivery_id,
            delay,
        )

    async def try_anew(self, delivery_id: UUID) -> None:
        """Send it at once, whatever came of it before, as if it had not been tried yet."""
        await self._connection.execute(
            """
            UPDATE webhook_deliveries SET state = 'waiting', ended_at = NULL, attempts = 0,
                   tried_at = NULL, next_attempt_at = now()
            WHERE id = $1 AND leased_by IS NULL
            """,
            delivery_id,
        )

    async def log(
        self, endpoint_id: UUID, *, state: str | None, offset: int, limit: int
    ) -> tuple[DeliveryRow, ...]:
        """The endpoint's deliveries, the newest first; of all states, or one."""
        rows = await self._connection.fetch(
            f"""
            SELECT {_DELIVERY} FROM webhook_deliveries d JOIN webhook_events v ON v.id = d.event_id
            WHERE d.endpoint_id = $1 AND ($2::text IS NULL OR d.state = $2)
            ORDER BY d.number DESC OFFSET $3 LIMIT $4
            """,
            endpoint_id,
            state,
            offset,
            limit,
        )
        return tuple(DeliveryRow(**row) for row in rows)

    async def attempts(self, delivery_ids: Sequence[UUID]) -> tuple[AttemptRow, ...]:
        """All attempts of these deliveries, the oldest first."""
        rows = await self._connection.fetch(
            f"SELECT {_ATTEMPT} FROM webhook_attempts WHERE delivery_id = ANY($1) ORDER BY id",
            delivery_ids,
        )
        return tuple(AttemptRow(**row) for row in rows)

    async def waiting(self) -> int:
        """How many deliveries wait, for endpoints that are sent to."""
        count: int = await self._connection.fetchval(
            f"""
            SELECT count(*) FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = endpoint_id
            WHERE d.state = 'waiting' AND {_LISTENS}
            """
        )
        return count

    # ── events ───────────────────────────────────────────────────────────────────────────────

    async def orders(self, event_ids: Sequence[UUID]) -> dict[UUID, tuple[OrderRow, OrderStory]]:
        """The orders of these events, as they were; nothing of events that are of none."""
        rows = await self._connection.fetch(
            f"""
            SELECT v.id AS event_id, {ORDER} FROM webhook_events v,
                jsonb_populate_record(NULL::energy_flash_orders, v.order_row) o
            WHERE v.id = ANY($1) AND v.order_row IS NOT NULL
            """,
            event_ids,
        )
        stories = await self._connection.fetch(
            f"""
            SELECT v.id AS event_id, {STORY} FROM webhook_events v,
                jsonb_populate_record(NULL::order_stories, v.story_row) s
            WHERE v.id = ANY($1) AND v.story_row IS NOT NULL
            """,
            event_ids,
        )
        found = {row["event_id"]: story_of(row) for row in stories}
        return {
            row["event_id"]: (
                OrderRow(**{column.name: row[column.name] for column in fields(OrderRow)}),
                found[row["event_id"]],
            )
            for row in rows
        }

    async def payments(self, event_ids: Sequence[UUID]) -> dict[UUID, PaymentRow]:
        """The payments of these events, as they were; nothing of events that are of none."""
        rows = await self._connection.fetch(
            f"""
            SELECT v.id AS event_id, {_PAYMENT} FROM webhook_events v,
                jsonb_populate_record(NULL::payments, v.payment_row) p
            WHERE v.id = ANY($1) AND v.payment_row IS NOT NULL
            """,
            event_ids,
        )
        return {
            row["event_id"]: PaymentRow(
                **{column.name: row[column.name] for column in fields(PaymentRow)}
            )
            for row in rows
        }

    async def forget(self, before: datetime) -> int:
        """Delete what happened before that, with all that came of it."""
        done = await self._connection.execute(
            "DELETE FROM webhook_events WHERE created_at < $1", before
        )
        return int(done.split()[-1])

    async def _endpoint(self, condition: str, *arguments: object) -> EndpointRow | None:
        row = await self._connection.fetchrow(
            f"SELECT {_ENDPOINT} FROM webhook_endpoints e WHERE {condition}", *arguments
        )
        return EndpointRow(**row) if row else None

    async def _delivery(self, condition: str, *arguments: object) -> DeliveryRow | None:
        row = await self._connection.fetchrow(
            f"""
            SELECT {_DELIVERY} FROM webhook_deliveries d JOIN webhook_events v ON v.id = d.event_id
            WHERE {condition}
            """,
            *arguments,
        )
        return DeliveryRow(**row) if row else None

    async def _end(self, delivery_id: UUID, state: str) -> None:
        await self._connection.execute(
            """
            UPDATE webhook_deliveries SET state = $2, leased_by = NULL, ended_at = now()
            WHERE id = $1
            """,
            delivery_id,
            state,
        )

    async def _moved(self, statement: str, *arguments: object) -> bool:
        return bool(await self._connection.execute(statement, *arguments) == "UPDATE 1")
