"""The table `chain_transactions`: signed bytes, stored before they are first sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.connection import Connection


@dataclass(frozen=True, slots=True)
class ChainTransactionRow:
    id: int
    txid: str
    kind: str
    owner: str
    receiver: str
    balance_sun: int
    raw: bytes
    signature: bytes
    expiration: datetime
    state: str
    exposed: bool
    attempts: int
    block_number: int | None
    block_time: datetime | None
    last_answer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewChainTransaction:
    """A transaction as it was signed."""

    txid: str
    kind: str
    owner: str
    receiver: str
    balance_sun: int
    raw: bytes
    signature: bytes
    timestamp_ms: int
    expiration: datetime


_NEW = [column.name for column in fields(NewChainTransaction)]
_COLUMNS = """id, txid, kind, owner, receiver, balance_sun, raw, signature, expiration, state,
              exposed, attempts, block_number, block_time, last_answer"""


@dataclass(frozen=True, slots=True)
class InFlight:
    """What one owner has under way: stake of delegations in sun, transactions of any kind."""

    stake_sun: int
    transactions: int


class ChainTransactionRepository:
    """The write-ahead store of our own transactions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def store(self, transactions: Sequence[NewChainTransaction]) -> None:
        """Store what was signed, before any of it is sent."""
        marks = ", ".join(f"${number}" for number in range(1, len(_NEW) + 1))
        await self._connection.executemany(
            f"INSERT INTO chain_transactions ({', '.join(_NEW)}) VALUES ({marks})",
            [astuple(transaction) for transaction in transactions],
        )

    async def last_timestamps_ms(self, owners: Collection[str]) -> dict[str, int]:
        """The highest timestamp used by each of `owners` so far, 0 if none."""
        rows = await self._connection.fetch(
            """
            SELECT asked.owner, coalesce((SELECT max(timestamp_ms) FROM chain_transactions t
                                          WHERE t.owner = asked.owner), 0) AS last
            FROM unnest($1::text[]) AS asked (owner)
            """,
            list(owners),
        )
        return {row["owner"]: row["last"] for row in rows}

    async def get(self, txid: str) -> ChainTransactionRow | None:
        row = await self._connection.fetchrow(
            f"SELECT {_COLUMNS} FROM chain_transactions WHERE txid = $1", txid
        )
        return ChainTransactionRow(**row) if row else None

    async def last_answer(self, txid: str) -> str | None:
        """What a node said to it last."""
        answer: str | None = await self._connection.fetchval(
            "SELECT last_answer FROM chain_transactions WHERE txid = $1", txid
        )
        return answer

    async def claim_due(self, limit: int, lease: timedelta) -> tuple[ChainTransactionRow, ...]:
        """Transactions to send (again), leased for `lease`.

        The attempt is counted and the bytes are marked as exposed *before* they are sent: if
        the process dies in between, nobody may think that they never left. The rows carry
        `exposed` as it was before this attempt. What was never sent comes first: sending others
        again must not keep it waiting.

        Not sent is what a payment paid for that has left the chain and may come back.
        """
        rows = await self._connection.fetch(
            f"""
            WITH due AS (
                SELECT id AS due_id, exposed AS was_exposed FROM chain_transactions t
                WHERE state IN ('signed', 'sent') AND next_attempt_at <= now()
                AND NOT EXISTS (
                    SELECT 1 FROM payments p WHERE p.adrift AND (
                        p.order_id = (SELECT d.order_id FROM energy_delegations d
                                      WHERE d.tx_id = t.txid)
                        OR p.id = (SELECT r.payment_id FROM refunds r WHERE r.txid = t.txid)))
                ORDER BY exposed, id LIMIT $1 FOR UPDATE SKIP LOCKED
            )
            UPDATE chain_transactions
            SET attempts = attempts + 1, exposed = true, next_attempt_at = now() + $2,
                updated_at = now()
            FROM due WHERE id = due_id
            RETURNING {_COLUMNS.replace("exposed", "was_exposed AS exposed")}
            """,
            limit,
            lease,
        )
        return tuple(sorted((ChainTransactionRow(**row) for row in rows), key=lambda row: row.id))

    async def sent(self, answers: Mapping[str, str]) -> None:
        """A node has taken the bytes, or may have: its answers by transaction id."""
        await self._connection.execute(
            """
            UPDATE chain_transactions t SET state = 'sent', last_answer = said.answer,
                   updated_at = now()
            FROM unnest($1::text[], $2::text[]) AS said (txid, answer)
            WHERE t.txid = said.txid AND t.state IN ('signed', 'sent')
            """,
            list(answers),
            list(answers.values()),
        )

    async def not_sent(
        self, txid: str, *, attempt: int, was_exposed: bool, retry_after: timedelta, answer: str
    ) -> None:
        """The attempt certainly reached no node's pool; try again after `retry_after`.

        Says nothing once another attempt has begun.
        """
        await self._connection.execute(
            """
            UPDATE chain_transactions
            SET exposed = $3, next_attempt_at = now() + $4, last_answer = $5, updated_at = now()
            WHERE txid = $1 AND attempts = $2 AND state IN ('signed', 'sent')
            """,
            txid,
            attempt,
            was_exposed,
            retry_after,
            answer,
        )

    async def discard(self, txid: str, *, attempt: int, state: str, answer: str) -> bool:
        """signed → `state` (rejected or dead): refused, and no node can have kept the bytes.

        False once another attempt has begun: that one may have reached a node.
        """
        done = await self._connection.execute(
            """
            UPDATE chain_transactions SET state = $3, exposed = false, last_answer = $4,
                   updated_at = now()
            WHERE txid = $1 AND attempts = $2 AND state = 'signed'
            """,
            txid,
            attempt,
            state,
            answer,
        )
        return bool(done == "UPDATE 1")

    async def orders_behind(self, txids: Sequence[str]) -> dict[str, int]:
        """The numbers of the orders that these transactions deliver, end or pay back."""
        rows = await self._connection.fetch(
            """
            SELECT d.tx_id AS txid, o.number
            FROM energy_delegations d JOIN energy_flash_orders o ON o.id = d.order_id
            WHERE d.tx_id = ANY($1)
            UNION ALL
            SELECT r.tx_id, o.number FROM energy_reclaims r
            JOIN energy_delegations d ON d.id = r.delegation_id
            JOIN energy_flash_orders o ON o.id = d.order_id WHERE r.tx_id = ANY($1)
            UNION ALL
            SELECT r.txid, o.number FROM refunds r JOIN payments p ON p.id = r.payment_id
            JOIN energy_flash_orders o ON o.id = p.order_id WHERE r.txid = ANY($1)
            """,
            list(txids),
        )
        return {row["txid"]: row["number"] for row in rows}

    async def open_ids(self) -> frozenset[str]:
        """The ids of everything that may still enter a block."""
        rows = await self._connection.fetch(
            "SELECT txid FROM chain_transactions WHERE state IN ('signed', 'sent')"
        )
        return frozenset(row["txid"] for row in rows)

    async def include(
        self, txids: Sequence[str], *, block_number: int, block_time: datetime
    ) -> tuple[str, ...]:
        """Mark those of `txids` that are ours as included in this block; returns them."""
        rows = await self._connection.fetch(
            """
            UPDATE chain_transactions
            SET state = 'included', exposed = true, block_number = $2, block_time = $3,
                updated_at = now()
            WHERE txid = ANY($1) AND state <> 'included' RETURNING txid
            """,
            txids,
            block_number,
            block_time,
        )
        return tuple(row["txid"] for row in rows)

    async def exclude_above(self, block_number: int) -> tuple[str, ...]:
        """Blocks above `block_number` left the chain: what they held is in the air again."""
        rows = await self._connection.fetch(
            """
            UPDATE chain_transactions
            SET state = 'sent', block_number = NULL, block_time = NULL, fee_sun = NULL,
                next_attempt_at = now(), updated_at = now()
            WHERE block_number > $1 RETURNING txid
            """,
            block_number,
        )
        return tuple(row["txid"] for row in rows)

    async def past_expiration(self, now: datetime) -> tuple[ChainTransactionRow, ...]:
        """Transactions still in the air although their expiration has passed."""
        rows = await self._connection.fetch(
            f"""
            SELECT {_COLUMNS} FROM chain_transactions
            WHERE state IN ('signed', 'sent') AND expiration <= $1 ORDER BY id
            """,
            now,
        )
        return tuple(ChainTransactionRow(**row) for row in rows)

    async def bury(self, txid: str) -> bool:
        """signed or sent → dead: no block can take it any more."""
        done = await self._connection.execute(
            """
            UPDATE chain_transactions SET state = 'dead', updated_at = now()
            WHERE txid = $1 AND state IN ('signed', 'sent')
            """,
            txid,
        )
        return bool(done == "UPDATE 1")

    async def in_flight(self, looked_at: Mapping[str, tuple[int, int]]) -> dict[str, InFlight]:
        """What owners have under way that a look at the chain has not seen yet.

        `looked_at` says for each up to which block its stake was seen, and up to which its
        bandwidth: what is included at or below, the chain's own answer counts already.
        """
        rows = await self._connection.fetch(
            """
            SELECT t.owner,
                   coalesce(sum(t.balance_sun) FILTER (WHERE t.kind = 'delegate' AND (
                       t.state <> 'included' OR t.block_number > l.stake_block)), 0)::bigint
                       AS stake_sun,
                   count(*) FILTER (WHERE
                       t.state <> 'included' OR t.block_number > l.bandwidth_block)::int
                       AS transactions
            FROM unnest($1::text[], $2::bigint[], $3::bigint[])
                AS l (owner, stake_block, bandwidth_block)
            JOIN chain_transactions t ON t.owner = l.owner
            WHERE t.state IN ('signed', 'sent') OR (t.state = 'included'
                AND t.block_number > least(l.stake_block, l.bandwidth_block))
            GROUP BY t.owner
            """,
            list(looked_at),
            [stake_block for stake_block, _ in looked_at.values()],
            [bandwidth_block for _, bandwidth_block in looked_at.values()],
        )
        return {row["owner"]: InFlight(row["stake_sun"], row["transactions"]) for row in rows}

    async def fees_unread(self, up_to_block: int, limit: int) -> tuple[ChainTransactionRow, ...]:
        """What is in blocks up to `up_to_block`, and whose fee is not known yet."""
        rows = await self._connection.fetch(
            f"""
            SELECT {_COLUMNS} FROM chain_transactions
            WHERE state = 'included' AND fee_sun IS NULL AND block_number <= $1
            ORDER BY block_number, id LIMIT $2
            """,
            up_to_block,
            limit,
        )
        return tuple(ChainTransactionRow(**row) for row in rows)

    async def any_fee_unread(self) -> bool:
        found: bool = await self._connection.fetchval(
            "SELECT EXISTS (SELECT 1 FROM chain_transactions "
            "WHERE state = 'included' AND fee_sun IS NULL)"
        )
        return found

    async def burned(self, txid: str, fee_sun: int) -> bool:
        """Note what the network burned for it; False if that was known already."""
        done = await self._connection.execute(
            """
            UPDATE chain_transactions SET fee_sun = $2, updated_at = now()
            WHERE txid = $1 AND state = 'included' AND fee_sun IS NULL
            """,
            txid,
            fee_sun,
        )
        return bool(done == "UPDATE 1")

    async def ours(self, txids: Sequence[str]) -> frozenset[str]:
        """Which of these ids are of transactions that this program made."""
        rows = await self._connection.fetch(
            "SELECT txid FROM chain_transactions WHERE txid = ANY($1)", txids
        )
        return frozenset(row["txid"] for row in rows)

    async def trx_in_flight(self, owner: str) -> int:
        """TRX in sun that `owner` has signed away and no block has yet."""
        sun: int = await self._connection.fetchval(
            """
            SELECT coalesce(sum(balance_sun), 0)::bigint FROM chain_transactions
            WHERE kind = 'transfer' AND owner = $1 AND state IN ('signed', 'sent')
            """,
            owner,
        )
        return sun
