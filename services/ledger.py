"""The books: which accounts an event moves money between. Pure postings.

Accounts, in sun; positive is what we have, negative is what we owe or earned:

- ``chain:T…``  TRX that customers sent to this payment address;
- ``orders``    paid by customers, energy not delivered yet;
- ``revenue``   earned: the energy was delivered;
- ``held``      money that waits for a person's decision.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from chain.addresses import Address

Entry: TypeAlias = tuple[str, int]
Event: TypeAlias = Literal["paid", "held", "delivered", "undeliverable"]

ORDERS = "orders"
REVENUE = "revenue"
HELD = "held"


def chain_account(address: Address) -> str:
    return f"chain:{address}"


def paid(address: Address, amount_sun: int) -> tuple[Entry, ...]:
    """A payment is credited to its order."""
    return ((chain_account(address), amount_sun), (ORDERS, -amount_sun))


def held(address: Address, amount_sun: int) -> tuple[Entry, ...]:
    """A payment came that pays no order."""
    return ((chain_account(address), amount_sun), (HELD, -amount_sun))


def delivered(amount_sun: int) -> tuple[Entry, ...]:
    """The energy of a paid order was delivered."""
    return ((ORDERS, amount_sun), (REVENUE, -amount_sun))


def undeliverable(amount_sun: int, *, earned: bool) -> tuple[Entry, ...]:
    """A paid order failed: its money waits for a person, even if it counted as `earned`."""
    return ((REVENUE if earned else ORDERS, amount_sun), (HELD, -amount_sun))
