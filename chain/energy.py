"""How much energy a stake yields, in the network's own arithmetic.

The network divides a fixed daily amount of energy (`total_limit`) among all TRX staked for energy
(`total_weight`, in TRX). Both totals come with every answer about an account's resources and change
all the time.

There are two answers. An account's limit, which nodes report, counts every sun and cuts off the
fraction of the result (java-tron, EnergyProcessor.calculateGlobalEnergyLimitV2). A contract call
counts whole TRX only (java-tron, RepositoryImpl.calculateGlobalEnergyLimit): of a limit of 130,285
on 13,028.57 TRX it can spend no more than 130,279, and burns TRX for the rest. So whoever lends
energy for calls should lend whole TRX, as `stake_for_calls` does.

All functions raise ValueError if a total is not positive.
"""

from __future__ import annotations

SUN_PER_TRX = 1_000_000


def energy_of_stake(sun: int, total_limit: int, total_weight: int) -> int:
    """The energy limit that `sun` of stake gives to an account."""
    _check(total_limit, total_weight)
    # In doubles and in this order, to agree with the network to the last unit.
    return int(sun / SUN_PER_TRX * (total_limit / total_weight))


def stake_for_energy(energy: int, total_limit: int, total_weight: int) -> int:
    """The smallest stake, in sun, that gives an account a limit of at least `energy`.

    Raises ValueError also if `energy` is negative.
    """
    _check(total_limit, total_weight, energy)
    # Exact to a few sun; what is left is the rounding of the network's doubles.
    sun = -(-energy * total_weight * SUN_PER_TRX // total_limit)
    while energy_of_stake(sun, total_limit, total_weight) < energy:
        sun += 1
    while sun and energy_of_stake(sun - 1, total_limit, total_weight) >= energy:
        sun -= 1
    return sun


def energy_for_calls(sun: int, total_limit: int, total_weight: int) -> int:
    """The energy that contract calls can spend of `sun` of stake."""
    whole = sun // SUN_PER_TRX * SUN_PER_TRX
    return energy_of_stake(whole, total_limit, total_weight)


def stake_for_calls(energy: int, total_limit: int, total_weight: int) -> int:
    """The smallest stake, in sun and of whole TRX, of which contract calls can spend `energy`.

    Raises ValueError also if `energy` is negative.
    """
    sun = stake_for_energy(energy, total_limit, total_weight)
    return -(-sun // SUN_PER_TRX) * SUN_PER_TRX


def _check(total_limit: int, total_weight: int, energy: int = 0) -> None:
    if total_limit <= 0 or total_weight <= 0:
        raise ValueError(f"no energy to share: limit {total_limit}, weight {total_weight}")
    if energy < 0:
        raise ValueError(f"{energy} is no amount of energy")
