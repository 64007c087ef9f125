"""What the shop's people see of the pools, and change about them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chain.addresses import Address
from chain.errors import ChainError
from db.database import Database, Transaction, again_after_conflict
from db.pools import LentStake, PoolReadingRow, PoolRow
from services.acts import Act, ActFault, ActRefused, Acts, Proposal
from services.allocation import SMALLEST_DELEGATION_SUN, sellable_energy
from services.chain_time import ChainUnread, chain_now
from services.inventory import Inventory
from services.outlook import free_stake, rate_of
from services.pool_readings import paid_by_bandwidth, paid_by_burning
from services.pools import Pool, Pools, PoolState
from services.staff import Actor
from services.trail import note

_HOURS = (1, 6, 24)

STATE_OF: Mapping[Act, PoolState] = {
    Act.POOL_ENABLE: PoolState.ENABLED,
    Act.POOL_DRAIN: PoolState.DRAINING,
    Act.POOL_DISABLE: PoolState.DISABLED,
}
"""What each act makes of a pool."""

TERMS: Mapping[str, tuple[int, int]] = {
    "reserve_sun": (0, 10**17),
    "cap_sun": (SMALLEST_DELEGATION_SUN, 10**17),
    "hourly_delegations": (1, 100_000),
    "priority": (-100, 100),
    "cost_sun": (0, 10**12),
}
"""The terms that can be changed, each with the least and the most it can be."""
WITHOUT_BOUND: Mapping[str, int | None] = {
    "reserve_sun": 0,
    "cap_sun": None,
    "hourly_delegations": None,
}
"""What a bound becomes that is taken away; the others are no bounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolFigures:
    """One pool as its people see it. Amounts in sun.

    `free_energy` is what could be sold of it now and `free_sun` what it could lend for that;
    `fresh` says whether a node told so just now, else it is as of the `reading`. `later` is what
    is free some hours from now, if nothing more is sold; empty of a pool that is not sold from.
    `declared`: the configuration names it.
    """

    terms: PoolRow
    reading: PoolReadingRow | None
    has_key: bool
    declared: bool
    fresh: bool
    free_energy: int
    free_sun: int
    rentals: int
    next_back: datetime | None
    later: Mapping[int, int]
    transactions: int

    @property
    def address(self) -> Address:
        return Address(self.terms.address)


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a change does: each term before and after, and the energy that can be sold of all pools.

    The energy is None while no node answers. `rentals` run on whatever happens.
    """

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    energy_before: int | None
    energy_after: int | None
    rentals: int


class PoolKeeping:
    """The pools' figures, and what is changed about them while the shop runs."""

    def __init__(self, database: Database, pools: Pools, inventory: Inventory, acts: Acts) -> None:
        self._database = database
        self._pools = pools
        self._inventory = inventory
        self._acts = acts

    async def look(self) -> tuple[PoolFigures, ...]:
        """Every pool: those sold from first, then by what is free."""
        stock = None
        with suppress(ChainError):  # the last look has to do
            stock = await self._inventory.look()
        async with self._database.transaction() as tx:
            await self._pools.reload(tx)
            rows = await tx.pools.all()
            declared = await tx.pools.declared()
            readings = {each.address: each for each in await tx.pools.readings()}
            now = await _now(tx)
            lent: dict[str, list[LentStake]] = {row.address: [] for row in rows}
            for rental in await tx.pools.lent(now) if now is not None else ():
                lent[rental.pool_address].append(rental)
            left = await self._inventory.left(tx, stock) if stock is not None else ()
        stocks = {each.pool: each for each in left}
        figures = []
        for row in rows:
            reading = readings.get(row.address)
            mine = stocks.get(Address(row.address))
            free_sun = free_energy = 0
            if mine is not None and stock is not None:
                free_sun, free_energy = mine.stake_sun, sellable_energy([mine], stock.rate)
            elif reading is not None:
                # Not sold from, or no node answers: what lies there, all the same.
                free_sun = max(0, reading.delegatable_sun - row.reserve_sun)
                if stock is None and _sells(row):
                    free_energy = rate_of(reading).energy_of(free_sun)
            figures.append(
                PoolFigures(
                    terms=row,
                    reading=reading,
                    has_key=self._pools.get(Address(row.address)) is not None,
                    declared=declared.get(row.address) is not None,
                    fresh=stock is not None,
                    free_energy=free_energy,
                    free_sun=free_sun,
                    rentals=len(lent[row.address]),
                    next_back=min((one.expires_at for one in lent[row.address]), default=None),
                    later=_later(row, reading, lent[row.address], now)
                    if row.state == PoolState.ENABLED
                    else {},
                    transactions=(
                        paid_by_bandwidth(reading) + paid_by_burning(reading) if reading else 0
                    ),
                )
            )
        states = list(PoolState)
        return tuple(
            sorted(
                figures,
                key=lambda one: (states.index(PoolState(one.terms.state)), -one.free_energy),
            )
        )

    async def find(self, address: str) -> PoolFigures | None:
        """One pool's figures; None if there is none of this address."""
        return next((one for one in await self.look() if one.terms.address == address), None)

    async def consequence(self, address: Address, changes: Mapping[str, Any]) -> Consequence | None:
        """What a change would do now; None if there is no such pool."""
        async with self._database.transaction() as tx:
            await self._pools.reload(tx)
            row = await tx.pools.get(address)
            now = await _now(tx)
            lent = await tx.pools.lent(now) if now is not None else ()
        if row is None:
            return None
        before: int | None = None
        after: int | None = None
        pool = self._pools.get(address)
        with suppress(ChainError):  # the energy is not known then
            before = (await self._inventory.capacity()).free_energy
            after = before
            if pool is not None:
                after = await self._inventory.free_if(_changed(pool, changes))
        return Consequence(
            before={name: getattr(row, name) for name in changes},
            after=dict(changes),
            energy_before=before,
            energy_after=after,
            rentals=sum(one.pool_address == address for one in lent),
        )

    async def change(self, actor: Actor, nonce: str) -> Address:
        """Do what was proposed about a pool. Raises ActRefused."""
        address = await self._change(actor, nonce)
        self._inventory.forget()
        return address

    @again_after_conflict
    async def _change(self, actor: Actor, nonce: str) -> Address:
        async with self._acts.taking(actor, nonce) as (tx, proposal):
            address, changes = proposed_change(proposal)
            await tx.pools.lock()
            row = await tx.pools.get(address)
            if row is None:
                raise ActRefused(ActFault.GONE)
            await self._pools.change(tx, address, changes)
            await note(
                tx,
                actor,
                proposal.act,
                subject=proposal.subject,
                reason=proposal.reason,
                before={name: getattr(row, name) for name in changes},
                after=changes,
            )
        return address


def proposed_change(proposal: Proposal) -> tuple[Address, dict[str, Any]]:
    """The pool, and what a proposal changes about it."""
    address = Address(proposal.arguments["address"])
    if proposal.act in STATE_OF:
        return address, {"state": str(STATE_OF[proposal.act])}
    return address, {proposal.arguments["term"]: proposal.arguments["value"]}


def is_allowed(term: str, value: int | None) -> bool:
    """Whether a term of a pool can be so; None is no bound."""
    if value is None:
        return WITHOUT_BOUND.get(term, 0) is None
    least, most = TERMS[term]
    return least <= value <= most


def _sells(row: PoolRow) -> bool:
    return row.state == PoolState.ENABLED and row.trouble is None


def _changed(pool: Pool, changes: Mapping[str, Any]) -> Pool:
    wanted = dict(changes)
    if "state" in wanted:
        wanted["state"] = PoolState(wanted["state"])
    return replace(pool, **wanted)


def _later(
    row: PoolRow,
    reading: PoolReadingRow | None,
    lent: list[LentStake],
    now: datetime | None,
) -> dict[int, int]:
    if reading is None or now is None:
        return {}
    rate = rate_of(reading)
    return {
        hours: rate.energy_of(
            max(0, free_stake(reading, lent, now + timedelta(hours=hours)) - row.reserve_sun)
        )
        for hours in _HOURS
    }


async def _now(tx: Transaction) -> datetime | None:
    try:
        return await chain_now(tx)
    except ChainUnread:
        return None
