"""Rentals that are over: what of their stake is out, what is on its way back, what waits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from db.connection import Connection


@dataclass(frozen=True, slots=True)
class EndedRow:
    """A rental whose stake is to be taken back."""

    id: UUID
    order_id: UUID
    pool_address: str
    recipient_address: str


@dataclass(frozen=True, slots=True)
class LockedRow:
    """The same, locked. `rest_sun` is what of it no undelegation took, or is to take.

    `order_energy` is all that its order is for, `older_energy` what its receiver may have used of
    older rentals (see `DelegationRepository.older_energy`).

    `there` says whether its delegation is in a block up to the one asked for; None: it never will
    be.
    """

    id: UUID
    order_id: UUID
    pool_address: str
    recipient_address: str
    energy_amount: int
    order_energy: int
    older_energy: int
    rest_sun: int
    there: bool | None


@dataclass(frozen=True, slots=True)
class RunningRow:
    """A rental that goes on. `there`: its stake is on chain after the block asked for."""

    pool_address: str
    recipient_address: str
    energy_amount: int
    balance_sun: int
    expires_at: datetime
    there: bool


@dataclass(frozen=True, slots=True)
class LeavingRow:
    """An undelegation that is in no block up to the one asked for, and may be in a later one.

    `of_rental` is False if it takes back what no rental accounts for.
    """

    pool_address: str
    recipient_address: str
    balance_sun: int
    of_rental: bool


@dataclass(frozen=True, slots=True)
class AccountedRow:
    """Stake of a pair that rentals take, or will have taken when all is there, in sun."""

    pool_address: str
    recipient_address: str
    balance_sun: int


@dataclass(frozen=True, slots=True)
class DecidedRow:
    """An undelegation whose fate is known: it is in a block, or never will be in one."""

    delegation_id: UUID
    order_id: UUID
    pool_address: str
    recipient_address: str
    tx_id: str
    state: str
    answer: str | None
    expiration: datetime


class ReclaimRepository:
    """Taking rentals back. Every change of state names the state it leaves."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # ── what is due ──────────────────────────────────────────────────────────────────────────

    async def expire_due(self, now: datetime) -> int:
        """active → expired for everything whose end was reached.

        Not while an extension of it is paid and not carried out yet, or is paid in a block that
        has too few on top: what was paid for must not be taken back in between. The payment is
        confirmed, or has left the chain, a few blocks later. One that waits for a person keeps
        nothing.

        What waited for one of these, or for another of its receiver, is looked at again.
        """
        ended: int = await self._connection.fetchval(
            """
            WITH ended AS (
                UPDATE energy_delegations SET status = 'expired', reclaim_after = NULL
                WHERE id IN (
                    SELECT d.id FROM energy_delegations d
                    WHERE d.status = 'active' AND d.expires_at <= $1 AND NOT EXISTS (
                        SELECT 1 FROM energy_flash_orders e
                        WHERE e.extends_id = d.order_id
                        AND (e.risk_outcome <> 'ask' OR e.risk_decision IS NOT NULL)
                        AND (e.status IN ('paid', 'processing')
                            OR (e.status IN ('pending', 'expired') AND EXISTS (
                                SELECT 1 FROM payments p WHERE p.order_id = e.id
                                AND p.status = 'seen' AND p.intent = 'pays'))))
                    FOR UPDATE SKIP LOCKED)
                RETURNING recipient_address
            ), again AS (
                UPDATE energy_delegations SET reclaim_after = NULL
                WHERE status = 'expired' AND reclaim_after IS NOT NULL
                  AND recipient_address IN (SELECT recipient_address FROM ended)
            )
            SELECT count(*) FROM ended
            """,
            now,
        )
        return ended

    async def look_again(self, recipient_address: str) -> None:
        """The receiver's rentals have changed: what waits for them is due."""
        await self._connection.execute(
            "UPDATE energy_delegations SET reclaim_after = NULL WHERE status = 'expired' "
            "AND reclaim_after IS NOT NULL AND recipient_address = $1",
            recipient_address,
        )

    async def pools_with_ended(self) -> tuple[str, ...]:
        """Pools that have stake out which is to be taken back."""
        rows = await self._connection.fetch(
            "SELECT DISTINCT pool_address FROM energy_delegations WHERE status = 'expired' "
            "ORDER BY pool_address"
        )
        return tuple(row["pool_address"] for row in rows)

    async def due(
        self, now: datetime, pool_addresses: Collection[str], *, but: Collection[UUID], limit: int
    ) -> tuple[EndedRow, ...]:
        """What is to be taken back now of these pools, the longest over first.

        Of a pool whose undelegations are refused only one, when it may be tried again.
        """
        rows = await self._connection.fetch(
            """
            SELECT id, order_id, pool_address, recipient_address FROM (
                SELECT d.*, t.again_at, row_number() OVER (
                    PARTITION BY d.pool_address ORDER BY d.expires_at, d.id) AS place
                FROM energy_delegations d LEFT JOIN reclaim_troubles t USING (pool_address)
                WHERE d.status = 'expired' AND d.pool_address = ANY($2)
                  AND (d.reclaim_after IS NULL OR d.reclaim_after <= $1) AND d.id <> ALL($3)
            ) AS due
            WHERE again_at IS NULL OR (again_at <= $1 AND place = 1)
            ORDER BY expires_at, id LIMIT $4
            """,
            now,
            list(pool_addresses),
            list(but),
            limit,
        )
        return tuple(EndedRow(**row) for row in rows)

    # ── deciding ─────────────────────────────────────────────────────────────────────────────

    async def lock(
        self, delegation_ids: Sequence[UUID], *, up_to_block: int
    ) -> tuple[LockedRow, ...]:
        """Lock those of these rentals that are still to be taken back, the longest over first."""
        rows = await self._connection.fetch(
            """
            SELECT d.id, d.order_id, d.pool_address, d.recipient_address, d.energy_amount,
                (SELECT energy_amount FROM energy_flash_orders WHERE id = d.order_id)
                    AS order_energy,
                older_energy(d.order_id) AS older_energy,
                CASE WHEN t.state IN ('dead', 'rejected') THEN NULL
                     ELSE t.state = 'included' AND t.block_number <= $2 END AS there,
                d.balance_sun - coalesce((
                    SELECT sum(u.balance_sun) FROM energy_reclaims r
                    JOIN chain_transactions u ON u.txid = r.tx_id
                    WHERE r.delegation_id = d.id AND u.state NOT IN ('dead', 'rejected')
                ), 0)::bigint AS rest_sun
            FROM energy_delegations d JOIN chain_transactions t ON t.txid = d.tx_id
            WHERE d.id = ANY($1) AND d.status = 'expired'
            ORDER BY d.expires_at, d.id FOR UPDATE OF d
            """,
            delegation_ids,
            up_to_block,
        )
        return tuple(LockedRow(**row) for row in rows)

    async def running(
        self, recipient_addresses: Collection[str], *, up_to_block: int
    ) -> tuple[RunningRow, ...]:
        """The rentals of these receivers that are not over, of all pools."""
        rows = await self._connection.fetch(
            """
            SELECT d.pool_address, d.recipient_address, d.energy_amount, d.balance_sun,
                d.expires_at, t.state = 'included' AND t.block_number <= $2 AS there
            FROM energy_delegations d JOIN chain_transactions t ON t.txid = d.tx_id
            WHERE d.recipient_address = ANY($1) AND d.status IN ('pending', 'active')
              AND t.state NOT IN ('dead', 'rejected')
            """,
            list(recipient_addresses),
            up_to_block,
        )
        return tuple(RunningRow(**row) for row in rows)

    async def leaving(
        self, recipient_addresses: Collection[str], *, up_to_block: int
    ) -> tuple[LeavingRow, ...]:
        """Undelegations of these receivers' stake that are not certainly done by the block."""
        rows = await self._connection.fetch(
            """
            SELECT t.owner AS pool_address, t.receiver AS recipient_address, t.balance_sun,
                EXISTS (SELECT 1 FROM energy_reclaims r WHERE r.tx_id = t.txid) AS of_rental
            FROM chain_transactions t
            WHERE t.kind = 'undelegate' AND t.receiver = ANY($1)
              AND (t.state IN ('signed', 'sent')
                   OR (t.state = 'included' AND t.block_number > $2))
            """,
            list(recipient_addresses),
            up_to_block,
        )
        return tuple(LeavingRow(**row) for row in rows)

    async def accounted(
        self, pool_addresses: Collection[str], *, up_to_block: int
    ) -> tuple[AccountedRow, ...]:
        """What rentals may have of these pools after the block, at most: also what is on its way
        there, and what is on its way back.
        """
        rows = await self._connection.fetch(
            """
            WITH back AS (
                SELECT r.delegation_id,
                    sum(u.balance_sun) FILTER (WHERE u.block_number <= $2) AS sun,
                    bool_or(r.leaves_sun = 0) AS closing,
                    bool_or(r.leaves_sun = 0 AND u.state = 'included' AND u.block_number <= $2)
                        AS closed
                FROM energy_reclaims r JOIN chain_transactions u ON u.txid = r.tx_id
                WHERE u.state NOT IN ('dead', 'rejected')
                GROUP BY r.delegation_id
            )
            SELECT d.pool_address, d.recipient_address,
                sum(d.balance_sun - coalesce(back.sun, 0))::bigint AS balance_sun
            FROM energy_delegations d JOIN chain_transactions t ON t.txid = d.tx_id
            LEFT JOIN back ON back.delegation_id = d.id
            WHERE d.pool_address = ANY($1) AND d.status <> 'failed'
              AND t.state NOT IN ('dead', 'rejected')
              AND NOT (d.status = 'revoked' AND back.closing IS NOT TRUE)
              AND back.closed IS NOT TRUE
            GROUP BY 1, 2
            """,
            list(pool_addresses),
            up_to_block,
        )
        return tuple(AccountedRow(**row) for row in rows)

    async def reclaim(
        self,
        delegation_id: UUID,
        *,
        reclaim_tx_id: str,
        leaves_sun: int,
        again_at: datetime | None,
        energy_used: int | None,
    ) -> bool:
        """expired → reclaiming, by the stored transaction `reclaim_tx_id`.

        If it leaves something, that is looked at `again_at`.
        """
        if not await self._move(
            """
            UPDATE energy_delegations SET status = 'reclaiming', reclaim_tx_id = $2,
                energy_used = coalesce(energy_used, $3), reclaim_after = $4
            WHERE id = $1 AND status = 'expired'
            """,
            delegation_id,
            reclaim_tx_id,
            energy_used,
            again_at,
        ):
            return False
        await self._connection.execute(
            "INSERT INTO energy_reclaims (tx_id, delegation_id, leaves_sun) VALUES ($1, $2, $3)",
            reclaim_tx_id,
            delegation_id,
            leaves_sun,
        )
        return True

    async def wait(
        self, delegation_id: UUID, *, again_at: datetime, energy_used: int | None = None
    ) -> bool:
        """It stays where it is, and is looked at again at `again_at`, in chain time."""
        return await self._move(
            """
            UPDATE energy_delegations SET reclaim_after = $2,
                energy_used = coalesce(energy_used, $3)
            WHERE id = $1 AND status = 'expired'
            """,
            delegation_id,
            again_at,
            energy_used,
        )

    # ── what became of it ────────────────────────────────────────────────────────────────────

    async def decided(self) -> tuple[DecidedRow, ...]:
        """Undelegations of rentals that are in a block, or can never be in one (again)."""
        rows = await self._connection.fetch(
            """
            SELECT r.delegation_id, d.order_id, d.pool_address, d.recipient_address, r.tx_id,
                t.state, t.last_answer AS answer, t.expiration
            FROM energy_delegations d
            JOIN energy_reclaims r ON r.tx_id = d.reclaim_tx_id
            JOIN chain_transactions t ON t.txid = r.tx_id
            WHERE d.status = 'reclaiming' AND t.state = 'included'
            UNION ALL
            SELECT r.delegation_id, d.order_id, d.pool_address, d.recipient_address, r.tx_id,
                t.state, t.last_answer, t.expiration
            FROM chain_transactions t
            JOIN energy_reclaims r ON r.tx_id = t.txid
            JOIN energy_delegations d ON d.id = r.delegation_id
            WHERE t.state IN ('dead', 'rejected')
            """
        )
        return tuple(DecidedRow(**row) for row in rows)

    async def revoke(self, delegation_id: UUID, *, old: str, revoked_at: datetime) -> bool:
        """`old` (reclaiming, or expired when nothing is left to take back) → revoked."""
        return await self._move(
            "UPDATE energy_delegations SET status = 'revoked', reclaim_after = NULL, "
            "revoked_at = $3 WHERE id = $1 AND status = $2",
            delegation_id,
            old,
            revoked_at,
        )

    async def leaves(self, tx_id: str) -> int | None:
        """What of its rental's stake an undelegation leaves, in sun; None if it is of none."""
        sun: int | None = await self._connection.fetchval(
            "SELECT leaves_sun FROM energy_reclaims WHERE tx_id = $1", tx_id
        )
        return sun

    async def take_rest(self, delegation_id: UUID, *, after: str) -> bool:
        """reclaiming → expired: `after` took a part, the rest is still to be taken back."""
        return await self._move(
            "UPDATE energy_delegations SET status = 'expired', reclaim_tx_id = NULL "
            "WHERE id = $1 AND status = 'reclaiming' AND reclaim_tx_id = $2",
            delegation_id,
            after,
        )

    async def undo(
        self, delegation_id: UUID, *, tx_id: str, again_at: datetime | None = None
    ) -> bool:
        """`tx_id` takes nothing back: reclaiming, or revoked until a fork → expired.

        If another undelegation is under way, what this one took is what that one leaves.
        """
        gone: int | None = await self._connection.fetchval(
            """
            DELETE FROM energy_reclaims r USING chain_transactions t
            WHERE r.tx_id = $2 AND r.delegation_id = $1 AND t.txid = r.tx_id
            RETURNING t.balance_sun
            """,
            delegation_id,
            tx_id,
        )
        if gone is None:
            return False
        await self._connection.execute(
            """
            UPDATE energy_delegations SET status = 'expired', reclaim_tx_id = NULL,
                reclaim_after = $3
            WHERE id = $1 AND (reclaim_tx_id = $2 OR status <> 'reclaiming')
            """,
            delegation_id,
            tx_id,
            again_at,
        )
        await self._connection.execute(
            """
            UPDATE energy_reclaims r SET leaves_sun = leaves_sun + $2
            FROM energy_delegations d
            WHERE d.id = $1 AND r.delegation_id = d.id AND r.leaves_sun = 0
            """,
            delegation_id,
            gone,
        )
        return True

    async def refused_before(self, delegation_id: UUID) -> int:
        """How many undelegations of its pair were refused since the rental ended."""
        count: int = await self._connection.fetchval(
            """
            SELECT count(*) FROM energy_delegations d JOIN chain_transactions t
              ON t.owner = d.pool_address AND t.receiver = d.recipient_address
            WHERE d.id = $1 AND t.kind = 'undelegate' AND t.state = 'rejected'
              AND t.expiration > d.expires_at
            """,
            delegation_id,
        )
        return count

    # ── pools in trouble ─────────────────────────────────────────────────────────────────────

    async def trouble(
        self, pool_address: str, *, reason: str, now: datetime, pauses: Sequence[timedelta]
    ) -> bool:
        """Its undelegations are refused: none is tried for a while. True if that is new.

        The n-th refusal in a row brings the n-th of the `pauses`, or the last of them; those of
        what was sent together count as one.
        """
        new: bool = await self._connection.fetchval(
            """
            INSERT INTO reclaim_troubles AS t (pool_address, reason, refusals, since, again_at)
            VALUES ($1, $2, 1, $3::timestamptz, $3::timestamptz + ($4::interval[])[1])
            ON CONFLICT (pool_address) DO UPDATE SET reason = $2, refusals = t.refusals + 1,
                again_at = $3::timestamptz
                    + ($4::interval[])[least(t.refusals + 1, cardinality($4))],
                trying = false
            WHERE t.trying OR t.again_at <= $3
            RETURNING t.refusals = 1
            """,
            pool_address,
            reason,
            now,
            list(pauses),
        )
        return bool(new)

    async def try_one(self, pool_addresses: Collection[str], *, until: datetime) -> None:
        """One is being tried: until it is decided, or `until` then, no other."""
        await self._connection.execute(
            "UPDATE reclaim_troubles SET again_at = $2, trying = true WHERE pool_address = ANY($1)",
            list(pool_addresses),
            until,
        )

    async def works_again(self, pool_address: str, *, signed_at: datetime) -> bool:
        """An undelegation of the pool is in a block: one that was signed after the trouble began.

        Of those signed together before, some may be taken and others refused.
        """
        return await self._move(
            "DELETE FROM reclaim_troubles WHERE pool_address = $1 AND since < $2",
            pool_address,
            signed_at,
            done="DELETE 1",
        )

    async def waiting(self, pool_address: str) -> int:
        """How many ended rentals of the pool are not back."""
        count: int = await self._connection.fetchval(
            "SELECT count(*) FROM energy_delegations WHERE pool_address = $1 "
            "AND status IN ('expired', 'reclaiming')",
            pool_address,
        )
        return count

    async def _move(self, statement: str, *arguments: object, done: str = "UPDATE 1") -> bool:
        return bool(await self._connection.execute(statement, *arguments) == done)
