"""What a new price would mean: for customers, and against what energy costs the shop. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from services.pricing import Tariff, burn_sun

PREVIEWED = (1, 10)
"""For so many transfers a preview says what is paid."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sample:
    """What so many usual transfers cost, in sun: before, after, and burned instead.

    `before_sun` is None if the duration was not for sale, `cost_sun` what the energy costs the
    shop itself, None if nobody said.
    """

    transfers: int
    energy: int
    before_sun: int | None
    after_sun: int
    burn_sun: int
    cost_sun: int | None

    @property
    def loses(self) -> bool:
        """Whether the shop would pay more for the energy than it gets for it."""
        return self.cost_sun is not None and self.after_sun < self.cost_sun

    @property
    def is_dearer_than_burning(self) -> bool:
        """Whether nobody who reckons would buy."""
        return self.after_sun >= self.burn_sun


def preview(
    before: Tariff | None,
    after: Tariff,
    *,
    duration: timedelta,
    energy: int,
    burned: int,
    fee_sun: int,
    pool_costs: Iterable[int],
) -> tuple[Sample, ...]:
    """What customers would see.

    One transfer is sold `energy` and burns `burned`, `fee_sun` for each; `pool_costs` are what
    1,000 energy of the pools for a day cost in sun, 0 if nobody said.
    """
    costs = [cost for cost in pool_costs if cost > 0]
    dearest = max(costs, default=None)
    return tuple(
        Sample(
            transfers=transfers,
            energy=transfers * energy,
            before_sun=None if before is None else before.price_sun(transfers * energy),
            after_sun=after.price_sun(transfers * energy),
            burn_sun=burn_sun(transfers * burned, fee_sun),
            cost_sun=(
                None if dearest is None else cost_of_energy(transfers * energy, dearest, duration)
            ),
        )
        for transfers in PREVIEWED
    )


def cost_of_energy(energy: int, cost_sun: int, duration: timedelta) -> int:
    """What `energy` for a rental costs the shop, in sun, rounded up.

    `cost_sun` is for 1,000 energy and a day. Energy that is used recovers over a day, so that even
    an hour's rental keeps the stake for one.
    """
    seconds = max(duration, _DAY) // timedelta(seconds=1)
    days = Fraction(seconds, _DAY // timedelta(seconds=1))
    return -(-energy * cost_sun * days // 1000)


def change_percent(before: int, after: int) -> int:
    """How much more (less: below zero) `after` is, in whole per cent, cut towards zero."""
    return int(Fraction((after - before) * 100, before))
