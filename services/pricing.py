"""What energy costs. Pure arithmetic in integers: sun and energy."""

from __future__ import annotations

from collections.abc import Container
from random import Random


def with_margin(energy: int, margin_percent: int) -> int:
    """`energy` plus the safety margin, rounded up (the specification's section 8.2: 10 %)."""
    return (energy * (100 + margin_percent) + 99) // 100


def price_sun(energy: int, sun_per_energy: int, minimum_sun: int) -> int:
    """The price of `energy` for one rental."""
    return max(energy * sun_per_energy, minimum_sun)


def burn_sun(energy: int, energy_fee_sun: int) -> int:
    """What the network burns for `energy` that an account does not have."""
    return energy * energy_fee_sun


def affordable_transfers(
    amount_sun: int, *, energy_per_transfer: int, sun_per_energy: int, minimum_sun: int
) -> int:
    """How many whole transfers `amount_sun` buys (the specification's `calculate`)."""
    if amount_sun < minimum_sun:
        return 0
    return amount_sun // sun_per_energy // energy_per_transfer


def unique_amount(
    price: int, *, tail_sun: int, reserved: Container[int], random: Random
) -> int | None:
    """`price` plus a tail of 1 to `tail_sun` sun that no other order asks for.

    None when every tail is taken. The choice is random, so that an amount does not tell
    how many orders are open.
    """
    for _ in range(16):
        amount = price + random.randint(1, tail_sun)
        if amount not in reserved:
            return amount
    return next(
        (price + tail for tail in range(1, tail_sun + 1) if price + tail not in reserved), None
    )
