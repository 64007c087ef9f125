"""How much of its stake a pool will be able to lend, hours from now. Pure arithmetic.

Energy that was used recovers evenly over a day and blocks its stake until then (java-tron,
DelegateResourceActuator; facts: available stake). A rental brings its use back with its stake. How
much of a running one will be used nobody knows: it is taken to have been used whole when it began,
which is what most customers do, and the safe side for those who do not.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from db.pools import LentStake, PoolReadingRow
from services.allocation import EnergyRate

RECOVERY = timedelta(hours=24)


def rate_of(reading: PoolReadingRow) -> EnergyRate:
    return EnergyRate(reading.total_energy_limit, reading.total_energy_weight)


def free_stake(reading: PoolReadingRow, lent: Iterable[LentStake], at: datetime) -> int:
    """Stake in sun that the pool can lend at a time after the reading, if nothing more is sold.

    `lent` are its rentals; those that end by then are back.
    """
    back = [rental for rental in lent if rental.expires_at <= at]
    used = _left_of(reading.energy_used, reading.block_time, reading.recovers_at, at) + sum(
        _left_of(rental.energy_amount, rental.since, rental.since + RECOVERY, at) for rental in back
    )
    blocked = _stake_of(used, rate_of(reading))
    return max(0, reading.stake_sun + sum(rental.balance_sun for rental in back) - blocked)


def _left_of(energy: int, since: datetime, until: datetime, at: datetime) -> int:
    """What has not recovered of `energy` that recovers evenly from `since` to `until`."""
    if at >= until or until <= since:
        return 0
    if at <= since:
        return energy
    return -(-energy * _ms(until - at) // _ms(until - since))


def _stake_of(energy: int, rate: EnergyRate) -> int:
    """The stake, in sun, that so much used energy blocks."""
    return -(-energy * rate.total_weight * 1_000_000 // rate.total_limit)


def _ms(time: timedelta) -> int:
    return time // timedelta(milliseconds=1)
