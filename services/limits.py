"""How often energy may be ordered: bounds that keep a shop from being emptied by one person.

The specification's section 10.2 (额度限制, 频率限制). Who is over a bound hears it before any money
is taken.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from db.database import Transaction

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


class Limit(StrEnum):
    """A bound that an order would pass."""

    ORDER_ENERGY = "order_energy"
    RECEIVER_HOUR = "receiver_hour"
    USER_DAY = "user_day"


@dataclass(frozen=True, slots=True)
class OrderLimits:
    """The operator's bounds: energy of one order; orders in an hour for one receiver, and in a day
    by one customer. Those that were never paid and are closed do not count.
    """

    order_energy: int
    receiver_hour: int
    user_day: int

    def most(self, limit: Limit) -> int:
        return {
            Limit.ORDER_ENERGY: self.order_energy,
            Limit.RECEIVER_HOUR: self.receiver_hour,
            Limit.USER_DAY: self.user_day,
        }[limit]


async def own_limits(
    tx: Transaction, limits: OrderLimits, open_orders: int, user_id: int
) -> tuple[OrderLimits, int]:
    """The bounds of this customer, and how many open orders they may have: everybody's, except
    where they have their own.
    """
    day, most_open = await tx.customers.own_limits(user_id)
    return (
        limits if day is None else replace(limits, user_day=day),
        open_orders if most_open is None else most_open,
    )


async def passed_limit(
    tx: Transaction,
    limits: OrderLimits,
    *,
    user_id: int | None,
    recipient: str,
    energy: int,
    now: datetime,
) -> Limit | None:
    """The first bound that one more order would pass; None if it passes none.

    `limits` are those of the customer, if one is known.
    """
    if energy > limits.order_energy:
        return Limit.ORDER_ENERGY
    if await tx.orders.count_for_recipient(recipient, now - _HOUR) >= limits.receiver_hour:
        return Limit.RECEIVER_HOUR
    if (
        user_id is not None
        and await tx.orders.count_of_user_since(user_id, now - _DAY) >= limits.user_day
    ):
        return Limit.USER_DAY
    return None
