"""What energy costs. Pure arithmetic in integers: sun, energy and seconds."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from decimal import Decimal
from random import Random


@dataclass(frozen=True, slots=True)
class Step:
    """Orders of `from_energy` and more cost `sun_per_energy`."""

    from_energy: int
    sun_per_energy: int


@dataclass(frozen=True, slots=True)
class Tariff:
    """What energy costs for one duration.

    An order costs the `sun_per_energy` of the highest of its `steps` that it reaches, all of it;
    but never more than a larger one would. `surge_percent` comes on top, and in the end it is
    `minimum_sun` at least.
    """

    sun_per_energy: int
    minimum_sun: int = 0
    steps: tuple[Step, ...] = ()
    surge_percent: int = 0

    def price_sun(self, energy: int) -> int:
        """The price of `energy` for one rental; nothing costs nothing."""
        if energy <= 0:
            return 0
        base_sun = min(
            max(energy, step.from_energy) * step.sun_per_energy
            for position, step in enumerate(self._pieces)
            if position + 1 == len(self._pieces) or energy < self._pieces[position + 1].from_energy
        )
        with_surge = -(-base_sun * (100 + self.surge_percent) // 100)
        return max(with_surge, self.minimum_sun)

    def affordable_energy(self, amount_sun: int) -> int:
        """The most energy whose price is at most `amount_sun`."""
        if amount_sun < self.minimum_sun:
            return 0
        base_sun = max(0, amount_sun) * 100 // (100 + self.surge_percent)
        ends = [step.from_energy for step in self._pieces[1:]]
        for step, end in reversed(list(zip(self._pieces, [*ends, None], strict=True))):
            energy = base_sun // step.sun_per_energy
            if energy >= step.from_energy:
                return energy if end is None else min(energy, end - 1)
        return 0

    def rate(self, energy: int) -> Decimal:
        """Sun per energy in an order of so much, with what comes on top: exact."""
        base = next(step for step in reversed(self._pieces) if energy >= step.from_energy)
        return Decimal(base.sun_per_energy * (100 + self.surge_percent)) / 100

    @property
    def _pieces(self) -> tuple[Step, ...]:
        return (Step(0, self.sun_per_energy), *self.steps)


@dataclass(frozen=True, slots=True)
class Need:
    """The energy that some transfers need: the `first` of them, and each `next` one.

    A transfer to somebody new to the token is dearer than those that follow it to the same person.
    `own` of it is there already and need not be bought.
    """

    first: int
    next: int
    own: int = 0

    def energy(self, transfers: int) -> int:
        """What has to be bought for so many transfers; 0 if the own energy is enough."""
        if transfers < 1:
            return 0
        return max(0, self.first + (transfers - 1) * self.next - self.own)

    def transfers_within(self, energy: int) -> int:
        """The most transfers for which at most `energy` has to be bought."""
        rest = energy + self.own - self.first
        return rest // self.next + 1 if rest >= 0 else 0


def with_margin(energy: int, margin_percent: int) -> int:
    """`energy` plus the safety margin, rounded up (the specification's section 8.2: 10 %)."""
    return (energy * (100 + margin_percent) + 99) // 100


def burn_sun(energy: int, energy_fee_sun: int) -> int:
    """What the network burns for `energy` that an account does not have."""
    return energy * energy_fee_sun


def affordable_transfers(amount_sun: int, need: Need, tariff: Tariff) -> int:
    """The most whole transfers that `amount_sun` buys (the specification's `calculate`).

    Transfers for which nothing has to be bought are among them.
    """
    return need.transfers_within(tariff.affordable_energy(amount_sun))


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
