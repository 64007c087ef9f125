"""The business's clock: the time of the last block that the scanner has handled.

No rule about money reads the machine's clock. An outage of a node therefore never expires
an order that was paid in time, and moving the chain moves the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from db.database import Transaction

SCANNER = "payments"
FIRST_BLOCK_KEY = "chain.first_block"
"""The value that says from which block on the scanner has handled every one."""


def rental_time(duration_hours: Decimal) -> timedelta:
    """How long a rental of so many hours lasts: whole seconds, as the chain counts."""
    return timedelta(seconds=int(duration_hours * 3600))


class ChainUnread(Exception):
    """No block has been handled yet, so there is no *now*."""


@dataclass(frozen=True, slots=True)
class Handled:
    """The last handled block."""

    number: int
    id: str
    time: datetime


async def last_handled(tx: Transaction) -> Handled:
    """The last block handled. Raises ChainUnread before the first one."""
    row = await tx.scanning.cursor(SCANNER)
    if row is None:
        raise ChainUnread
    return Handled(number=row.number, id=row.id, time=row.time)


async def chain_now(tx: Transaction) -> datetime:
    """The time of the last block handled. Raises ChainUnread before the first one."""
    return (await last_handled(tx)).time
