"""The books: which accounts an event moves money between. Pure postings.

Accounts, in sun; positive is what we have, negative is what we owe or earned:

- ``chain:T…``  TRX at this address of ours; of a pool only what came and went by itself, since
  its owner stakes and unstakes there;
- ``orders``    paid, energy not delivered yet;
- ``revenue``   earned: the energy was delivered;
- ``user:…``    a customer's prepaid balance;
- ``payer:T…``  the same for a payer who is no known customer yet;
- ``held``      money that waits for a decision;
- ``refunds``   money on its way back to whom it came from;
- ``owner``     what the operator put in, less what they took out;
- ``fees``      burned by the network, less what was kept of refunds for it;
- ``losses``    delivered, credited or refunded before the payment left the chain for good;
- ``dust``      transfers too small to mean anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from chain.addresses import Address

Entry: TypeAlias = tuple[str, int]
Entries: TypeAlias = tuple[Entry, ...]
Event: TypeAlias = Literal[
    "paid", "credited", "held", "dust", "own",
    "assigned", "released", "prepaid", "delivered", "undeliverable",
    "refund", "refund withdrawn", "refunded", "fee",
    "withdrawn", "deposited", "opening", "claimed", "left the chain", "ended_early",
    "adjusted",
]  # fmt: skip

ORDERS = "orders"
REVENUE = "revenue"
HELD = "held"
REFUNDS = "refunds"
OWNER = "owner"
FEES = "fees"
LOSSES = "losses"
DUST = "dust"


def chain_account(address: Address) -> str:
    return f"chain:{address}"


def balance_account(user_id: int | None, payer: Address) -> str:
    """Whose balance money from `payer` belongs to: the customer's, else the payer's own."""
    return f"payer:{payer}" if user_id is None else f"user:{user_id}"


def user_account(user_id: int) -> str:
    return f"user:{user_id}"


def received(address: Address, amount_sun: int, account: str) -> Entries:
    """TRX arrived, and all of it belongs to `account`."""
    return (chain_account(address), amount_sun), (account, -amount_sun)


def paid(address: Address, order_sun: int, excess_sun: int, account: str) -> Entries:
    """TRX arrived: `order_sun` of it for an order, the rest for the balance `account`."""
    return (
        (chain_account(address), order_sun + excess_sun),
        (ORDERS, -order_sun),
        (account, -excess_sun),
    )


def assigned(order_sun: int, excess_sun: int, account: str) -> Entries:
    """Held money: `order_sun` of it for an order, the rest for the balance `account`."""
    return (HELD, order_sun + excess_sun), (ORDERS, -order_sun), (account, -excess_sun)


def moved(source: str, target: str, amount_sun: int) -> Entries:
    """What belonged to `source` belongs to `target` from now on."""
    return (source, amount_sun), (target, -amount_sun)


def delivered(amount_sun: int) -> Entries:
    """The energy of a paid order was delivered."""
    return moved(ORDERS, REVENUE, amount_sun)


def came_back(user_id: int, amount_sun: int) -> Entries:
    """A customer ended a rental early: a share of what was earned is theirs again."""
    return moved(REVENUE, user_account(user_id), amount_sun)


def adjusted(user_id: int, sun: int) -> Entries:
    """A customer's balance grows by so much at the owner's cost; below zero it shrinks."""
    return moved(OWNER, user_account(user_id), sun)


def refunded(wallet: Address, sent_sun: int, fee_sun: int) -> Entries:
    """A refund arrived: `sent_sun` left the wallet, `fee_sun` were kept for the network's fee."""
    return (REFUNDS, sent_sun + fee_sun), (chain_account(wallet), -sent_sun), (FEES, -fee_sun)


def burned(account: str, fee_sun: int) -> Entries:
    """The network burned a fee of what `account` has."""
    return (FEES, fee_sun), (account, -fee_sun)


def opened(funds: Mapping[Address, int]) -> Entries:
    """The books of these addresses begin: what they have besides what is booked, is the owner's."""
    entries = tuple((chain_account(address), sun) for address, sun in funds.items())
    return *entries, (OWNER, -sum(funds.values()))


def left_chain(address: Address, taken: Entries) -> Entries:
    """A confirmed payment left the chain for good; `taken` says from which accounts, positive."""
    return (chain_account(address), -sum(sun for _, sun in taken)), *taken
