"""The table `energy_delegations`: what was delegated, for whom, until when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from db.connection import Connection


@dataclass(frozen=True, slots=True)
class DelegationRow:
    id: UUID
    order_id: UUID
    pool_address: str
    recipient_address: str
    energy_amount: int
    balance_sun: int
    duration_hours: Decimal
    tx_id: str
    reclaim_tx_id: str | None
    status: str
    energy_used: int | None
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelegation:
    """A delegation whose transaction `tx_id` is already stored."""

    order_id: UUID
    pool_address: str
    recipient_address: str
    energy_amount: int
    balance_sun: int
    duration_hours: Decimal
    tx_id: str
    expires_at: datetime


_NEW = [column.name for column in fields(NewDelegation)]
_COLUMNS = """d.id, d.order_id, d.pool_address, d.recipient_address, d.energy_amount,
              d.balance_sun, d.duration_hours, d.tx_id, d.reclaim_tx_id, d.status,
              d.energy_used, d.expires_at"""


class DelegationRepository:
    """Delegations of orders. Every change of state names the state it leaves."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def plan(self, delegations: Iterable[NewDelegation]) -> None:
        """Store delegations as pending."""
        marks = ", ".join(f"${number}" for number in range(1, len(_NEW) + 1))
        await self._connection.executemany(
            f"INSERT INTO energy_delegations ({', '.join(_NEW)}) VALUES ({marks})",
            [astuple(delegation) for delegation in delegations],
        )

    async def of_order(self, order_id: UUID) -> tuple[DelegationRow, ...]:
        return await self._many("d.order_id = $1 ORDER BY d.created_at, d.id", order_id)

    async def lock_of_order(self, order_id: UUID) -> tuple[DelegationRow, ...]:
        """The same, held until the transaction ends: none of them expires meanwhile."""
        return await self._many("d.order_id = $1 ORDER BY d.created_at, d.id FOR UPDATE", order_id)

    async def of_orders(self, order_ids: Sequence[UUID]) -> dict[UUID, list[DelegationRow]]:
        """The delegations of each of these orders that has any."""
        found: dict[UUID, list[DelegationRow]] = {}
        for row in await self._many("d.order_id = ANY($1) ORDER BY d.created_at, d.id", order_ids):
            found.setdefault(row.order_id, []).append(row)
        return found

    async def lock(self, delegation_id: UUID) -> DelegationRow | None:
        rows = await self._many("d.id = $1 FOR UPDATE", delegation_id)
        return rows[0] if rows else None

    async def unread(self) -> tuple[DelegationRow, ...]:
        """Pending delegations whose transaction is in a block: to be read back."""
        return await self._many(
            """d.status = 'pending' AND EXISTS (SELECT 1 FROM chain_transactions t
               WHERE t.txid = d.tx_id AND t.state = 'included') ORDER BY d.created_at, d.id"""
        )

    async def undelivered(self) -> tuple[DelegationRow, ...]:
        """Delegations whose transaction will never be in a block, or never again."""
        return await self._many(
            """d.status IN ('pending', 'active') AND EXISTS (SELECT 1 FROM chain_transactions t
               WHERE t.txid = d.tx_id AND t.state IN ('dead', 'rejected'))
               ORDER BY d.created_at, d.id"""
        )

    async def refusing_pools(
        self, order_ids: Sequence[UUID], now: datetime
    ) -> dict[UUID, frozenset[str]]:
        """Pools whose delegation for one of these orders the network refused a moment ago.

        Once the refused transaction would have expired anyway, the pool may be tried again.
        """
        rows = await self._connection.fetch(
            """
            SELECT d.order_id, array_agg(d.pool_address::text) AS pools FROM energy_delegations d
            JOIN chain_transactions t ON t.txid = d.tx_id
            WHERE d.order_id = ANY($1) AND d.status = 'failed' AND t.state = 'rejected'
              AND t.expiration > $2
            GROUP BY d.order_id
            """,
            order_ids,
            now,
        )
        return {row["order_id"]: frozenset(row["pools"]) for row in rows}

    async def older_energy(self, order_id: UUID) -> int:
        """What the receiver of an order may have used of older rentals whose stake is there."""
        energy: int = await self._connection.fetchval("SELECT older_energy($1)", order_id)
        return energy

    async def lenders(self, recipients: Sequence[str]) -> dict[str, frozenset[str]]:
        """The pools that lend to each of these receivers, or are about to."""
        rows = await self._connection.fetch(
            """
            SELECT recipient_address, array_agg(DISTINCT pool_address::text) AS pools
            FROM energy_delegations
            WHERE recipient_address = ANY($1)
              AND status IN ('pending', 'active', 'expired', 'reclaiming')
            GROUP BY recipient_address
            """,
            recipients,
        )
        return {row["recipient_address"]: frozenset(row["pools"]) for row in rows}

    async def stake_held(self, pool_address: str, recipient_address: str) -> int:
        """Stake in sun that customers of this pair have paid for and still hold on chain."""
        stake: int = await self._connection.fetchval(
            """
            SELECT coalesce(sum(d.balance_sun), 0)::bigint FROM energy_delegations d
            WHERE d.pool_address = $1 AND d.recipient_address = $2 AND d.status = 'active'
            """,
            pool_address,
            recipient_address,
        )
        return stake

    async def energy_ending_by(self, recipient_address: str, moment: datetime) -> int:
        """Energy that we lend to the recipient, and that ends at `moment` or before."""
        energy: int = await self._connection.fetchval(
            """
            SELECT coalesce(sum(energy_amount), 0)::bigint FROM energy_delegations
            WHERE recipient_address = $1 AND expires_at <= $2
            AND status IN ('pending', 'active', 'expired', 'reclaiming')
            """,
            recipient_address,
            moment,
        )
        return energy

    async def activate(
        self, delegation_id: UUID, *, activated_at: datetime, expires_at: datetime
    ) -> bool:
        """pending → active. `activated_at` is the time of the block that delegated."""
        return await self._move(
            "UPDATE energy_delegations SET status = 'active', activated_at = $2, expires_at = $3 "
            "WHERE id = $1 AND status = 'pending'",
            delegation_id,
            activated_at,
            expires_at,
        )

    async def in_the_air(self, order_id: UUID) -> bool:
        """Whether a delegation of the order may still enter a block."""
        found: bool = await self._connection.fetchval(
            """
            SELECT EXISTS (SELECT 1 FROM energy_delegations d
                JOIN chain_transactions t ON t.txid = d.tx_id
                WHERE d.order_id = $1 AND t.state IN ('signed', 'sent')
                AND d.status IN ('pending', 'active'))
            """,
            order_id,
        )
        return found

    async def undecided(self, order_id: UUID) -> bool:
        """Whether a delegation of the order counts as there, or on its way, and is in no block."""
        found: bool = await self._connection.fetchval(
            """
            SELECT EXISTS (SELECT 1 FROM energy_delegations d
                JOIN chain_transactions t ON t.txid = d.tx_id
                WHERE d.order_id = $1 AND d.status IN ('pending', 'active')
                AND t.state <> 'included')
            """,
            order_id,
        )
        return found

    async def cut_short(self, order_id: UUID) -> int:
        """pending or active → expired: the order failed, what is out of it is taken back."""
        done = await self._connection.execute(
            "UPDATE energy_delegations SET status = 'expired' "
            "WHERE order_id = $1 AND status IN ('pending', 'active')",
            order_id,
        )
        return int(done.split()[-1])

    async def fail(self, delegation_id: UUID, failure: str) -> bool:
        """pending, or active until a fork → failed."""
        return await self._move(
            "UPDATE energy_delegations SET status = 'failed', failure = $2 "
            "WHERE id = $1 AND status IN ('pending', 'active')",
            delegation_id,
            failure,
        )

    async def prolong(self, order_id: UUID, hours: Decimal) -> int:
        """Everything that is out for the order ends `hours` later; earlier, if negative."""
        done = await self._connection.execute(
            "UPDATE energy_delegations SET expires_at = expires_at + $3, "
            "duration_hours = duration_hours + $2 WHERE order_id = $1 AND status = 'active'",
            order_id,
            hours,
            timedelta(seconds=int(hours * 3600)),
        )
        return int(done.split()[-1])

    async def _many(self, condition: str, *arguments: object) -> tuple[DelegationRow, ...]:
        rows = await self._connection.fetch(
            f"SELECT {_COLUMNS} FROM energy_delegations d WHERE {condition}", *arguments
        )
        return tuple(DelegationRow(**row) for row in rows)

    async def _move(self, statement: str, *arguments: object) -> bool:
        return bool(await self._connection.execute(statement, *arguments) == "UPDATE 1")
