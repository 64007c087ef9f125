"""The books as they stand, row by row, to be taken away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from db.connection import Connection

_FETCHED_AT_ONCE = 500

ORDERS = """
    SELECT number, id, origin, status, user_id, recipient_address, destination_address,
           payment_address, transaction_count, energy_amount, duration_hours, extended_hours,
           trx_amount AS price_sun, balance_sun, early_credit_sun, surge_percent, payment_txid,
           failure, compensation, ordered_at, paid_at, completed_at, expires_at, ended_early_at,
           ended_at
    FROM (SELECT o.*, q.surge_percent FROM energy_flash_orders o
          JOIN quotes q ON q.id = o.quote_id) o
    WHERE ordered_at >= $1 AND ordered_at < $2 ORDER BY number
"""
PAYMENTS = """
    SELECT p.id, p.txid, p.position, p.sender, p.receiver, p.amount_sun, p.intent, p.status,
           p.reason, o.number AS order_number, p.user_id, p.order_sun, p.credited_sun, p.adrift,
           p.block_number, p.block_time
    FROM payments p LEFT JOIN energy_flash_orders o ON o.id = p.order_id
    WHERE p.block_time >= $1 AND p.block_time < $2 ORDER BY p.id
"""
LEDGER = """
    SELECT e.id, e.transfer_id, e.account, e.event, e.amount_sun, e.payment_id,
           o.number AS order_number, e.refund_id, e.txid, e.block_number, e.created_at
    FROM ledger_entries e LEFT JOIN energy_flash_orders o ON o.id = e.order_id
    WHERE e.created_at >= $1 AND e.created_at < $2 ORDER BY e.id
"""


class ExportRepository:
    """Reads what can be too much to be held at once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def rows(
        self, query: str, since: datetime, until: datetime
    ) -> AsyncIterator[Mapping[str, Any]]:
        """What one of this module's queries finds, in the order of its columns."""
        async for row in self._connection.cursor(query, since, until, prefetch=_FETCHED_AT_ONCE):
            yield dict(row)
