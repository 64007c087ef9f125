"""How much energy a stake yields, in the network's own arithmetic.

The network divides a fixed daily amount of energy (`total_limit`) among all TRX staked for energy
(`total_weight`, in TRX). It computes with doubles and cuts off the fraction (java-tron,
EnergyProcessor.calculateGlobalEnergyLimitV2); so do we, to agree with it to the last unit. Both
totals come with every answer about an account's resources and change all the time.
"""

from __future__ import annotations

SUN_PER_TRX = 1_000_000


def energy_of_stake(sun: int, total_limit: int, total_weight: int) -> int:
    """The energy that `sun` of stake yields. Raises ValueError if a total is not positive."""
    if total_limit <= 0 or total_weight <= 0:
        raise ValueError(f"no energy to share: limit {total_limit}, weight {total_weight}")
    return int(sun / SUN_PER_TRX * (total_limit / total_weight))


def stake_for_energy(energy: int, total_limit: int, total_weight: int) -> int:
    """The smallest stake, in sun, that yields at least `energy`.

    Raises ValueError if a total is not positive or `energy` is negative.
    """
    if energy < 0:
        raise ValueError(f"{energy} is no amount of energy")
    if total_limit <= 0 or total_weight <= 0:
        raise ValueError(f"no energy to share: limit {total_limit}, weight {total_weight}")
    # Exact to a few sun; what is left is the rounding of the network's doubles.
    sun = -(-energy * total_weight * SUN_PER_TRX // total_limit)
    while energy_of_stake(sun, total_limit, total_weight) < energy:
        sun += 1
    while sun and energy_of_stake(sun - 1, total_limit, total_weight) >= energy:
        sun -= 1
    return sun
