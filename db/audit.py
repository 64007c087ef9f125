"""What the audit reads: sums over all of the books, and what is recorded of a range of blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

if TYPE_CHECKING:
    from db.connection import Connection

# Two audits at once must not both open the books of an address.
_LOCK = 0x41554449

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class UnbalancedRow:
    """A transfer of the ledger whose entries do not sum to zero."""

    transfer_id: UUID
    event: str
    off_sun: int
    payment_txid: str | None


@dataclass(frozen=True, slots=True)
class KeptBalanceRow:
    """What is kept as a customer's balance, and what the entries say it is."""

    account: str
    kept_sun: int
    booked_sun: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentBooksRow:
    """Payments of one status, or one of them, and what is booked for them.

    `received_sun` is at our addresses; the others are what is owed or earned, so positive.
    `txid`, `position` and `block_number` are of the one payment, None for all of a status.
    """

    status: str
    txid: str | None
    position: int | None
    block_number: int | None
    amount_sun: int
    order_sun: int
    credited_sun: int
    received_sun: int
    held_sun: int
    orders_sun: int
    revenue_sun: int
    customers_sun: int
    dust_sun: int
    own_sun: int


@dataclass(frozen=True, slots=True)
class OrderBooksRow:
    """An order's share from a balance, and what is booked for it besides its payments.

    `early_credit_sun` came back to its customer who ended the rental early, `returned_sun` is what
    is booked to their balance for it.
    """

    number: int
    status: str
    earned_before: bool
    balance_sun: int
    orders_sun: int
    revenue_sun: int
    early_credit_sun: int
    returned_sun: int


@dataclass(frozen=True, slots=True)
class RefundBooksRow:
    """A refund that is, or should be, booked as on its way."""

    id: int
    status: str
    amount_sun: int
    txid: str | None
    booked_sun: int


@dataclass(frozen=True, slots=True)
class StrayRow:
    """What is booked to an account for nothing that is known."""

    account: str
    event: str
    amount_sun: int
    txid: str | None


@dataclass(frozen=True, slots=True)
class FeeRow:
    """A fee that was read, and what is booked of it."""

    txid: str
    fee_sun: int
    booked_sun: int


@dataclass(frozen=True, slots=True)
class AddressBooksRow:
    """What should be at an address as of a block: booked, and seen but not booked yet."""

    address: str
    booked_sun: int
    seen_sun: int


@dataclass(frozen=True, slots=True)
class UnbookedRow:
    """A transaction of an address that is not booked, or whose fee is not; sent: beyond the fee."""

    txid: str
    owner: str
    sent_sun: int
    fee_unread: bool


@dataclass(frozen=True, slots=True)
class RecordedPaymentRow:
    txid: str
    position: int
    sender: str
    receiver: str
    amount_sun: int
    block_number: int
    status: str


@dataclass(frozen=True, slots=True)
class IncludedRow:
    """A transaction of ours, in the block we have it in."""

    txid: str
    owner: str
    block_number: int


@dataclass(frozen=True, slots=True)
class OwnerActRow:
    """What somebody else did with an address of ours."""

    txid: str
    owner: str
    kind: str
    permission_id: int
    amount_sun: int | None
    block_number: int


@dataclass(frozen=True, slots=True)
class LentRow:
    """Stake that rentals of a pair take, in sun: there after a block, come since, gone since."""

    pool: str
    receiver: str
    settled_sun: int
    coming_sun: int
    going_sun: int


@dataclass(frozen=True, slots=True)
class OrphanTakenRow:
    """An undelegation of ours that belongs to no rental."""

    txid: str
    receiver: str
    balance_sun: int
    block_number: int


_OF_PAYMENT = """
    SELECT payment_id,
        coalesce(sum(amount_sun) FILTER (WHERE account LIKE 'chain:%' AND event IN
            ('paid', 'held', 'dust', 'own', 'left the chain')), 0) AS received_sun,
        -coalesce(sum(amount_sun) FILTER (WHERE account = 'held'), 0) AS held_sun,
        -coalesce(sum(amount_sun) FILTER (WHERE account = 'orders'), 0) AS orders_sun,
        -coalesce(sum(amount_sun) FILTER (WHERE account = 'revenue'), 0) AS revenue_sun,
        -coalesce(sum(amount_sun) FILTER
            (WHERE account LIKE 'user:%' OR account LIKE 'payer:%'), 0) AS customers_sun,
        -coalesce(sum(amount_sun) FILTER (WHERE account = 'dust'), 0) AS dust_sun,
        -coalesce(sum(amount_sun) FILTER (WHERE account = 'owner'), 0) AS own_sun
    FROM ledger_entries WHERE payment_id IS NOT NULL GROUP BY payment_id
"""
_SUMS = ("amount_sun", "order_sun", "credited_sun")
_BOOKED = (
    "received_sun", "held_sun", "orders_sun", "revenue_sun", "customers_sun", "dust_sun", "own_sun",
)  # fmt: skip
_ALL_SUMS = ", ".join(
    [f"sum({name})::bigint AS {name}" for name in _SUMS]
    + [f"coalesce(sum({name}), 0)::bigint AS {name}" for name in _BOOKED]
)
_EACH = ", ".join(
    [*_SUMS] + [f"coalesce({name}, 0)::bigint AS {name}" for name in _BOOKED]
)  # fmt: skip


class AuditRepository:
    """Reads only, except for `lock`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def lock(self) -> None:
        """One audit at a time writes, until this transaction ends."""
        await self._connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)

    # ── the ledger in itself ─────────────────────────────────────────────────────────────────

    async def unbalanced(self, limit: int) -> tuple[UnbalancedRow, ...]:
        """Transfers that do not sum to zero."""
        return await self._rows(
            UnbalancedRow,
            """
            SELECT e.transfer_id, min(e.event) AS event, sum(e.amount_sun)::bigint AS off_sun,
                   min(coalesce(e.txid, p.txid)) AS payment_txid
            FROM ledger_entries e LEFT JOIN payments p ON p.id = e.payment_id
            GROUP BY e.transfer_id HAVING sum(e.amount_sun) <> 0 ORDER BY min(e.id) LIMIT $1
            """,
            limit,
        )

    async def unlike_balances(self, limit: int) -> tuple[KeptBalanceRow, ...]:
        """Kept balances that are not the sum of their entries, or are below zero."""
        return await self._rows(
            KeptBalanceRow,
            """
            WITH booked AS (
                SELECT account, -sum(amount_sun)::bigint AS sun FROM ledger_entries
                WHERE account LIKE 'user:%' OR account LIKE 'payer:%' GROUP BY account
            )
            SELECT coalesce(k.account, b.account) AS account,
                   coalesce(k.balance_sun, 0) AS kept_sun, coalesce(b.sun, 0) AS booked_sun
            FROM customer_balances k FULL JOIN booked b ON b.account = k.account
            WHERE coalesce(k.balance_sun, 0) <> coalesce(b.sun, 0) OR coalesce(b.sun, 0) < 0
            ORDER BY 1 LIMIT $1
            """,
            limit,
        )

    async def payments_by_status(self) -> tuple[PaymentBooksRow, ...]:
        """All payments of each status together."""
        return await self._rows(
            PaymentBooksRow,
            f"""
            SELECT p.status, NULL AS txid, NULL AS position, NULL AS block_number, {_ALL_SUMS}
            FROM payments p LEFT JOIN ({_OF_PAYMENT}) b ON b.payment_id = p.id
            GROUP BY p.status ORDER BY p.status
            """,
        )

    async def payments_of(self, statuses: Sequence[str]) -> tuple[PaymentBooksRow, ...]:
        """Each payment of these statuses."""
        return await self._rows(
            PaymentBooksRow,
            f"""
            SELECT p.status, p.txid, p.position, p.block_number, {_EACH}
            FROM payments p LEFT JOIN ({_OF_PAYMENT}) b ON b.payment_id = p.id
            WHERE p.status = ANY($1) ORDER BY p.id
            """,
            statuses,
        )

    async def orders_with_balance(self) -> tuple[OrderBooksRow, ...]:
        """Orders that were paid from a balance or ended early, or are booked as if they were."""
        return await self._rows(
            OrderBooksRow,
            """
            WITH booked AS (
                SELECT order_id,
                       -sum(amount_sun) FILTER (WHERE account = 'orders') AS orders_sun,
                       -sum(amount_sun) FILTER (WHERE account = 'revenue') AS revenue_sun
                FROM ledger_entries
                WHERE payment_id IS NULL AND order_id IS NOT NULL
                  AND account IN ('orders', 'revenue')
                GROUP BY order_id
            )
            SELECT o.number, o.status, o.completed_at IS NOT NULL AS earned_before, o.balance_sun,
                   coalesce(b.orders_sun, 0)::bigint AS orders_sun,
                   coalesce(b.revenue_sun, 0)::bigint AS revenue_sun,
                   o.early_credit_sun, coalesce((
                       SELECT -sum(e.amount_sun) FROM ledger_entries e
                       WHERE e.order_id = o.id AND e.event = 'ended_early'
                         AND e.account = 'user:' || o.user_id), 0)::bigint AS returned_sun
            FROM energy_flash_orders o LEFT JOIN booked b ON b.order_id = o.id
            WHERE o.balance_sun > 0 OR o.early_credit_sun > 0 OR b.order_id IS NOT NULL
            ORDER BY o.number
            """,
        )

    async def refunds(self) -> tuple[RefundBooksRow, ...]:
        """Refunds that are open, or for which something is still booked as on its way."""
        return await self._rows(
            RefundBooksRow,
            """
            WITH booked AS (
                SELECT r.id, -sum(e.amount_sun) AS sun
                FROM ledger_entries e JOIN refunds r
                  ON r.id = e.refund_id OR (e.refund_id IS NULL AND r.payment_id = e.payment_id)
                WHERE e.account = 'refunds' GROUP BY r.id
            )
            SELECT r.id, r.status, r.amount_sun, r.txid, coalesce(b.sun, 0)::bigint AS booked_sun
            FROM refunds r LEFT JOIN booked b ON b.id = r.id
            WHERE r.status IN ('waiting', 'sending') OR coalesce(b.sun, 0) <> 0 ORDER BY r.id
            """,
        )

    async def strays(self, limit: int) -> tuple[StrayRow, ...]:
        """Entries for payments that are not there, or for nothing at all."""
        return await self._rows(
            StrayRow,
            """
            SELECT e.account, e.event, e.amount_sun, e.txid
            FROM ledger_entries e LEFT JOIN payments p ON p.id = e.payment_id
            WHERE (e.payment_id IS NOT NULL AND p.id IS NULL)
               OR (e.account IN ('held', 'orders', 'revenue', 'refunds', 'dust', 'losses')
                   AND e.payment_id IS NULL AND e.order_id IS NULL AND e.refund_id IS NULL)
            ORDER BY e.id LIMIT $1
            """,
            limit,
        )

    async def unlike_fees(self, limit: int) -> tuple[FeeRow, ...]:
        """Fees that are known, and booked otherwise or not at all."""
        return await self._rows(
            FeeRow,
            """
            WITH known AS (
                SELECT txid, fee_sun FROM chain_transactions WHERE fee_sun IS NOT NULL
                UNION ALL
                SELECT txid, fee_sun FROM owner_transactions WHERE fee_sun IS NOT NULL
            ), booked AS (
                SELECT txid, sum(amount_sun) AS sun FROM ledger_entries
                WHERE event = 'fee' AND account = 'fees' GROUP BY txid
            )
            SELECT txid, coalesce(k.fee_sun, 0) AS fee_sun,
                   coalesce(b.sun, 0)::bigint AS booked_sun
            FROM known k FULL JOIN booked b USING (txid)
            WHERE coalesce(k.fee_sun, 0) <> coalesce(b.sun, 0) ORDER BY txid LIMIT $1
            """,
            limit,
        )

    # ── the ledger and the chain ─────────────────────────────────────────────────────────────

    async def at_addresses(
        self, addresses: Sequence[str], block_number: int
    ) -> tuple[AddressBooksRow, ...]:
        """What the books say is at each address after the block.

        A payment counts in the block it is in now, and not while it has left the chain.
        """
        return await self._rows(
            AddressBooksRow,
            """
            SELECT a.address,
                coalesce((
                    SELECT sum(e.amount_sun) FROM ledger_entries e
                    LEFT JOIN payments p ON p.id = e.payment_id
                        AND e.event IN ('paid', 'held', 'dust', 'own', 'left the chain')
                    WHERE e.account = 'chain:' || a.address
                      AND coalesce(p.block_number, e.block_number) <= $2
                      AND NOT coalesce(p.adrift, false)), 0)::bigint AS booked_sun,
                coalesce((
                    SELECT sum(p.amount_sun) FROM payments p
                    WHERE p.receiver = a.address AND p.status = 'seen'
                      AND p.block_number <= $2), 0)::bigint AS seen_sun
            FROM unnest($1::text[]) AS a (address)
            """,
            addresses,
            block_number,
        )

    async def unbooked(
        self, addresses: Sequence[str], block_number: int
    ) -> tuple[UnbookedRow, ...]:
        """Transactions of the addresses up to the block that the books do not wholly know yet."""
        return await self._rows(
            UnbookedRow,
            """
            SELECT txid, owner, sent_sun, fee_unread FROM (
                SELECT t.txid, t.owner, t.fee_sun IS NULL AS fee_unread,
                    CASE WHEN t.kind = 'transfer' AND NOT EXISTS (
                        SELECT 1 FROM ledger_entries e
                        WHERE e.txid = t.txid AND e.account = 'chain:' || t.owner
                          AND e.event <> 'fee')
                    THEN t.balance_sun ELSE 0 END AS sent_sun
                FROM chain_transactions t
                WHERE t.state = 'included' AND t.owner = ANY($1) AND t.block_number <= $2
            ) AS ours WHERE fee_unread OR sent_sun > 0
            UNION ALL
            SELECT txid, owner, coalesce(amount_sun, 0), true FROM owner_transactions
            WHERE state = 'seen' AND owner = ANY($1) AND block_number <= $2
            """,
            addresses,
            block_number,
        )

    async def owner_acts(self, owners: Sequence[str], above_block: int) -> tuple[OwnerActRow, ...]:
        """What others did in the name of the addresses above the block, oldest first."""
        return await self._rows(
            OwnerActRow,
            """
            SELECT txid, owner, kind, permission_id, amount_sun, block_number
            FROM owner_transactions WHERE owner = ANY($1) AND block_number > $2
            ORDER BY block_number, id
            """,
            owners,
            above_block,
        )

    async def by_our_permission(
        self, permissions: Mapping[str, int], from_block: int
    ) -> tuple[OwnerActRow, ...]:
        """What was signed as only this program may sign, and was not made by it."""
        return await self._rows(
            OwnerActRow,
            """
            SELECT t.txid, t.owner, t.kind, t.permission_id, t.amount_sun, t.block_number
            FROM owner_transactions t
            JOIN unnest($1::text[], $2::int[]) AS ours (owner, permission_id)
              ON ours.owner = t.owner AND ours.permission_id = t.permission_id
            WHERE t.block_number >= $3 ORDER BY t.block_number, t.id
            """,
            list(permissions),
            list(permissions.values()),
            from_block,
        )

    # ── blocks ───────────────────────────────────────────────────────────────────────────────

    async def payments_in(self, first: int, last: int) -> tuple[RecordedPaymentRow, ...]:
        """Payments that should be in these blocks of the chain."""
        return await self._rows(
            RecordedPaymentRow,
            """
            SELECT txid, position, sender, receiver, amount_sun, block_number, status FROM payments
            WHERE block_number BETWEEN $1 AND $2 AND NOT adrift
              AND status NOT IN ('orphaned', 'lost') ORDER BY block_number, id
            """,
            first,
            last,
        )

    async def payments_by_txid(self, txids: Sequence[str]) -> tuple[RecordedPaymentRow, ...]:
        """Payments wherever they are recorded."""
        return await self._rows(
            RecordedPaymentRow,
            """
            SELECT txid, position, sender, receiver, amount_sun, block_number, status FROM payments
            WHERE txid = ANY($1) ORDER BY id
            """,
            txids,
        )

    async def included_in(self, first: int, last: int) -> tuple[IncludedRow, ...]:
        """Our own transactions that should be in these blocks."""
        return await self._rows(
            IncludedRow,
            """
            SELECT txid, owner, block_number FROM chain_transactions
            WHERE state = 'included' AND block_number BETWEEN $1 AND $2 ORDER BY block_number, id
            """,
            first,
            last,
        )

    async def known_txids(self, txids: Sequence[str]) -> dict[str, bool]:
        """Those that are recorded; whether they are our own."""
        rows = await self._connection.fetch(
            """
            SELECT txid, true AS ours FROM chain_transactions WHERE txid = ANY($1)
            UNION ALL
            SELECT txid, false FROM owner_transactions WHERE txid = ANY($1)
            ORDER BY ours
            """,
            txids,
        )
        return {row["txid"]: row["ours"] for row in rows}

    # ── stake ────────────────────────────────────────────────────────────────────────────────

    async def lent(self, first: int, last: int) -> tuple[LentRow, ...]:
        """Stake of rentals by pool and receiver, as the chain has it after the block `first`.

        What came and what went after it, up to the block `last`, is told apart.
        """
        return await self._rows(
            LentRow,
            """
            WITH back AS (
                SELECT r.delegation_id,
                    coalesce(sum(u.balance_sun) FILTER (WHERE u.block_number <= $1), 0) AS gone_sun,
                    coalesce(sum(u.balance_sun) FILTER
                        (WHERE u.block_number > $1 AND u.block_number <= $2), 0) AS going_sun,
                    bool_or(r.leaves_sun = 0) AS closing,
                    coalesce(bool_or(r.leaves_sun = 0 AND u.block_number <= $1), false) AS gone,
                    coalesce(bool_or(r.leaves_sun = 0 AND u.block_number <= $2), false) AS going
                FROM energy_reclaims r JOIN chain_transactions u ON u.txid = r.tx_id
                WHERE u.state NOT IN ('dead', 'rejected')
                GROUP BY r.delegation_id
            ), rentals AS (
                SELECT d.pool_address, d.recipient_address, t.block_number > $1 AS coming,
                    d.balance_sun - coalesce(back.gone_sun, 0) AS balance_sun,
                    -- What its owner took back of it meanwhile goes with the last of it.
                    CASE WHEN back.going THEN d.balance_sun - back.gone_sun
                         ELSE coalesce(back.going_sun, 0) END AS going_sun
                FROM energy_delegations d
                JOIN chain_transactions t ON t.txid = d.tx_id
                LEFT JOIN back ON back.delegation_id = d.id
                WHERE d.status <> 'failed' AND t.state = 'included' AND t.block_number <= $2
                  AND NOT (d.status = 'revoked' AND back.closing IS NOT TRUE)
                  AND back.gone IS NOT TRUE
            )
            SELECT pool_address AS pool, recipient_address AS receiver,
                coalesce(sum(balance_sun) FILTER (WHERE NOT coming), 0)::bigint AS settled_sun,
                coalesce(sum(balance_sun) FILTER (WHERE coming), 0)::bigint AS coming_sun,
                coalesce(sum(going_sun) FILTER (WHERE NOT coming), 0)::bigint AS going_sun
            FROM rentals GROUP BY 1, 2 ORDER BY 1, 2
            """,
            first,
            last,
        )

    async def orphans_taken(self, pool: str, first: int, last: int) -> tuple[OrphanTakenRow, ...]:
        """Undelegations in blocks after `first` of stake that no rental accounted for."""
        return await self._rows(
            OrphanTakenRow,
            """
            SELECT t.txid, t.receiver, t.balance_sun, t.block_number FROM chain_transactions t
            WHERE t.kind = 'undelegate' AND t.state = 'included' AND t.owner = $1
              AND t.block_number > $2 AND t.block_number <= $3
              AND NOT EXISTS (SELECT 1 FROM energy_reclaims r WHERE r.tx_id = t.txid)
            ORDER BY t.block_number, t.id
            """,
            pool,
            first,
            last,
        )

    async def outbox_stuck(self) -> int:
        """How many messages have been tried in vain for more than an hour."""
        count: int = await self._connection.fetchval(
            "SELECT count(*) FROM outbox WHERE state = 'waiting' AND attempts > 0 "
            "AND created_at < now() - interval '1 hour'"
        )
        return count

    async def _rows(
        self, row_type: type[_Row], statement: str, *arguments: Any
    ) -> tuple[_Row, ...]:
        rows = await self._connection.fetch(statement, *arguments)
        return tuple(row_type(**row) for row in rows)
