"""The operator's pools: whose stake is sold, on which terms, and with which key.

The specification's energyPoolService. Pools live in the database, so that one can be added,
drained or disabled while the shop runs; their keys never do. What a pool can deliver is told by
`services.inventory`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Protocol

from chain.addresses import Address
from chain.keys import SigningKey
from db.database import Transaction
from db.pools import PoolRow, PoolTermsRow
from services.notices import POOL_TOPIC

log = logging.getLogger(__name__)


class PoolState(StrEnum):
    """What an operator wants of a pool."""

    ENABLED = "enabled"
    """Sold from."""
    DRAINING = "draining"
    """Not sold from any more; what runs is taken back when it ends."""
    DISABLED = "disabled"
    """As draining, and nobody looks after it: no alarms."""


class Trouble(StrEnum):
    """Why nothing can be sold from a pool, whatever its operator wants."""

    NO_KEY = "no_key"
    """The program has not got the key that signs for it."""
    NOT_ACTIVATED = "not_activated"
    """The chain knows no such account."""
    NO_PERMISSION = "no_permission"
    """The key may not, or not alone, delegate and undelegate for it."""
    FAILING = "failing"
    """The network refused its last delegations; it is left alone until a trial goes well."""
    NO_BANDWIDTH = "no_bandwidth"
    """It has neither the bandwidth nor the TRX for a delegation and the way back."""


class Keys(Protocol):
    """The keys that this program has."""

    def of(self, address: Address) -> SigningKey | None:
        """The key that belongs to an address, None if it is not here."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredPool(PoolTermsRow):
    """A pool as an operator names it, with its terms."""

    address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """An account with staked TRX whose stake a key of ours may delegate.

    `permission_id` is 0 for the owner's permission, else the active permission that is limited to
    DelegateResource and UnDelegateResource. `reserve_sun` is never lent; `cap_sun` the most in one
    delegation; `cost_sun` what 1,000 energy of it for a day cost the operator.
    """

    address: Address
    permission_id: int
    key: SigningKey
    state: PoolState = PoolState.ENABLED
    trouble: Trouble | None = None
    reserve_sun: int = 0
    cap_sun: int | None = None
    hourly_delegations: int | None = None
    priority: int = 0
    cost_sun: int = 0

    @property
    def sells(self) -> bool:
        """Whether new delegations may be made from it."""
        return self.state is PoolState.ENABLED and self.trouble is None


class Pools:
    """All pools, as the database had them when it was last read.

    Holds every pool there ever was: rentals of a disabled one still have to be taken back, and its
    address stays one of ours.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._rows: Mapping[Address, PoolRow] = {}
        self._pools: Mapping[Address, Pool] = {}

    def __contains__(self, address: object) -> bool:
        return address in self._rows

    def __iter__(self) -> Iterator[Pool]:
        """Those whose key is here, by address."""
        return iter(self._pools.values())

    def get(self, address: Address) -> Pool | None:
        """A pool whose key is here, whatever its state."""
        return self._pools.get(address)

    @property
    def addresses(self) -> frozenset[Address]:
        return frozenset(self._rows)

    @property
    def permissions(self) -> Mapping[Address, int]:
        """By which permission of each only this program signs."""
        return {address: row.permission_id for address, row in self._rows.items()}

    @property
    def watched(self) -> tuple[PoolRow, ...]:
        """Those that are looked after: all but the disabled ones."""
        return tuple(row for row in self._rows.values() if row.state != PoolState.DISABLED)

    async def reload(self, tx: Transaction) -> bool:
        """Read the pools again: somebody may have added or changed one. True if so."""
        rows = await tx.pools.all()
        before, self._rows = self._rows, {Address(row.address): row for row in rows}
        self._pools = {pool.address: pool for row in rows if (pool := self._with_key(row))}
        return before != self._rows

    async def declare(self, tx: Transaction, declared: Iterable[DeclaredPool]) -> None:
        """Bring the pools that the configuration names into the database.

        What has changed in the configuration since it was last read wins over what was set at run
        time; the rest stays as it was set. A pool that is not named any more is disabled, and
        enabled again when it is named again.
        """
        await tx.pools.lock()
        before = await tx.pools.declared()
        named = {pool.address: pool for pool in declared}
        for pool in named.values():
            await _declare(tx, pool, before.get(pool.address))
        for address, declaration in before.items():
            if declaration is not None and Address(address) not in named:
                log.warning("pool %s is configured no more: disabled", address)
                await tx.pools.change(address, {"state": PoolState.DISABLED})
                await tx.pools.declare(address, None)
        await self.reload(tx)

    async def register(self, tx: Transaction, pool: DeclaredPool) -> bool:
        """Add a pool, enabled; False if it is known already."""
        done = await tx.pools.register(pool.address, _terms(pool))
        if done:
            await self._changed(tx)
        return done

    async def change(self, tx: Transaction, address: Address, changes: Mapping[str, Any]) -> bool:
        """Change `state` or terms of a pool, for every process at once; False if unknown.

        Raises:
            ValueError: one of `changes` is nothing that an operator decides.
        """
        done = await tx.pools.change(address, changes)
        if done:
            await self._changed(tx)
            log.info("pool %s: %s", address, ", ".join(f"{k} = {v}" for k, v in changes.items()))
        return done

    async def _changed(self, tx: Transaction) -> None:
        await tx.wake(POOL_TOPIC)
        await self.reload(tx)

    def _with_key(self, row: PoolRow) -> Pool | None:
        key = self._keys.of(Address(row.key_address))
        if key is None:
            return None
        return Pool(
            address=Address(row.address),
            permission_id=row.permission_id,
            key=key,
            state=PoolState(row.state),
            trouble=Trouble(row.trouble) if row.trouble else None,
            reserve_sun=row.reserve_sun,
            cap_sun=row.cap_sun,
            hourly_delegations=row.hourly_delegations,
            priority=row.priority,
            cost_sun=row.cost_sun,
        )


async def _declare(tx: Transaction, pool: DeclaredPool, before: dict[str, Any] | None) -> None:
    terms = asdict(_terms(pool))
    if await tx.pools.register(pool.address, _terms(pool)):
        log.info("pool %s: new", pool.address)
    else:
        changes = {
            name: value
            for name, value in terms.items()
            if before is None or before.get(name) != value
        }
        if before is None:
            changes["state"] = PoolState.ENABLED
        if changes:
            await tx.pools.change(pool.address, changes)
    await tx.pools.declare(pool.address, terms)


def _terms(pool: DeclaredPool) -> PoolTermsRow:
    return PoolTermsRow(**{term.name: getattr(pool, term.name) for term in fields(PoolTermsRow)})
