"""Is a pool well? A pure judgement of what the chain says, and of how its delegations went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chain.addresses import Address
from db.pools import PoolRow
from services.permissions import grant_of
from services.pool_readings import PoolLook, paid_by_bandwidth, paid_by_burning
from services.pools import Trouble

MOST_FAILURES = 3
"""Refusals in a row after which a pool is left alone."""
PROBE_EVERY = timedelta(minutes=1)
# A delegation, and one to take it back.
_TRANSACTIONS_NEEDED = 2


# What java-tron's DelegateResourceActuator says when the receiver is at fault, not the pool.
_RECEIVERS_FAULTS = ("receiverAddress", "contract addresses", "] not exists")


def counts_against_pool(refusal: str) -> bool:
    """Whether a delegation was refused because of the pool rather than because of its receiver."""
    return not any(fault in refusal for fault in _RECEIVERS_FAULTS)


@dataclass(frozen=True, slots=True)
class Health:
    """What is wrong with a pool, how many refusals count against it, and when it is tried again."""

    trouble: Trouble | None
    failures: int
    probe_at: datetime | None = None


def probe_is_due(pool: PoolRow, now: datetime) -> bool:
    """Whether a pool that failed should be tried again, by a delegation that nobody makes."""
    return pool.failures >= MOST_FAILURES and pool.probe_at is not None and now >= pool.probe_at


def judge(
    pool: PoolRow, look: PoolLook, *, has_key: bool, probe_passed: bool | None, now: datetime
) -> Health:
    """The health of a pool; `probe_passed` is None if it was not tried.

    After a trial went well, one more refusal is enough to leave it alone again.
    """
    failures, probe_at = pool.failures, pool.probe_at
    if failures >= MOST_FAILURES:
        if probe_passed:
            failures, probe_at = MOST_FAILURES - 1, None
        elif probe_at is None or probe_passed is False:
            probe_at = now + PROBE_EVERY
    else:
        probe_at = None
    return Health(_trouble(pool, look, has_key=has_key, failures=failures), failures, probe_at)


def _trouble(pool: PoolRow, look: PoolLook, *, has_key: bool, failures: int) -> Trouble | None:
    if not has_key:
        return Trouble.NO_KEY
    if look.account is None or look.reading is None:
        return Trouble.NOT_ACTIVATED
    if grant_of(look.account, pool.permission_id, Address(pool.key_address)).fault is not None:
        return Trouble.NO_PERMISSION
    if failures >= MOST_FAILURES:
        return Trouble.FAILING
    if paid_by_bandwidth(look.reading) + paid_by_burning(look.reading) < _TRANSACTIONS_NEEDED:
        return Trouble.NO_BANDWIDTH
    return None
