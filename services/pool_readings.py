"""Looking at a pool: everything about it that the chain tells, at one moment."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from chain.accounts import Account
from chain.addresses import Address
from chain.blocks import BlockRef
from chain.node import NodeClient
from db.pools import PoolReadingRow

TRANSACTION_BYTES = 285
"""Bandwidth that a delegation or an undelegation takes at most (measured: 276 to 284)."""


@dataclass(frozen=True, slots=True)
class PoolLook:
    """A pool's account, and its figures; neither if the account is not activated."""

    account: Account | None
    reading: PoolReadingRow | None


async def look_at(
    node: NodeClient, pool: Address, *, head: BlockRef, bandwidth_fee_sun: int
) -> PoolLook:
    """What the chain says of a pool now; `head` was read before.

    Raises:
        ChainError: no node could answer.
    """
    account, resources, delegatable = await asyncio.gather(
        node.account(pool), node.resources(pool), node.delegatable_energy_stake(pool)
    )
    if account is None or resources is None:
        return PoolLook(None, None)
    return PoolLook(
        account,
        PoolReadingRow(
            address=pool,
            block_number=head.number,
            block_time=head.time,
            total_energy_limit=resources.total_energy_limit,
            total_energy_weight=resources.total_energy_weight,
            balance_sun=account.balance_sun,
            stake_sun=account.frozen_energy_sun,
            lent_sun=account.delegated_energy_sun,
            delegatable_sun=delegatable,
            energy_used=account.energy_used,
            recovers_at=head.time + account.energy_recovers_in,
            staked_bandwidth=max(
                0, resources.staked_bandwidth_limit - resources.staked_bandwidth_used
            ),
            free_bandwidth=max(0, resources.free_bandwidth_limit - resources.free_bandwidth_used),
            bandwidth_fee_sun=bandwidth_fee_sun,
        ),
    )


def paid_by_bandwidth(reading: PoolReadingRow) -> int:
    """Transactions for which the pool has the bandwidth; its two kinds are never combined."""
    return (
        reading.staked_bandwidth // TRANSACTION_BYTES + reading.free_bandwidth // TRANSACTION_BYTES
    )


def burned_sun(reading: PoolReadingRow) -> int:
    """What a transaction burns when bandwidth is short."""
    return TRANSACTION_BYTES * reading.bandwidth_fee_sun


def paid_by_burning(reading: PoolReadingRow) -> int:
    """Transactions that the pool's TRX can pay for."""
    burned = burned_sun(reading)
    return reading.balance_sun // burned if burned else 0
