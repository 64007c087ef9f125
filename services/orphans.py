"""Stake that a pool has lent, and that no rental in the database accounts for.

It is there after a database was lost or restored, or because the pool's owner lent it by hand. The
chain does not say which, nor since when; so it is only listed, and taken back when a person names
it: exactly what is unaccounted for, by the same write-ahead path as everything that we sign.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from chain.addresses import Address
from chain.contracts import Resource, UnDelegateResource
from chain.node import NodeClient
from db.chain_transactions import ChainTransactionRow
from db.database import Database, Transaction
from services.fail_points import reach
from services.lent_stake import Look, Pair, Standing, look
from services.pools import Pool, Pools
from services.write_ahead import WriteAhead

_LOOK_AGAIN_SECONDS = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Orphan:
    """Stake of a pair that nothing accounts for, in sun.

    `stake_sun` is all of it; `free_sun` what can be taken back: the rest is locked for a time.
    `waits_until` is set if the receiver's rentals would lose by it now; what may be taken before is
    in `harmless_sun`.
    """

    pool: Address
    receiver: Address
    stake_sun: int
    free_sun: int
    harmless_sun: int
    energy: int
    waits_until: datetime | None

    def as_json(self) -> dict[str, object]:
        """For programs; this form is kept."""
        return {
            "pool": self.pool,
            "receiver": self.receiver,
            "stake_sun": self.stake_sun,
            "free_sun": self.free_sun,
            "energy": self.energy,
            "waits_until": self.waits_until.isoformat() if self.waits_until else None,
        }


@dataclass(frozen=True, slots=True)
class Return:
    """An undelegation of orphaned stake. `state` is as in the store; in a block: ``included``."""

    txid: str
    pool: str
    receiver: str
    stake_sun: int
    state: str
    answer: str | None

    def as_json(self) -> dict[str, object]:
        """For programs; this form is kept."""
        return {
            "txid": self.txid,
            "pool": self.pool,
            "receiver": self.receiver,
            "stake_sun": self.stake_sun,
            "state": self.state,
        }


class Orphans:
    """Finds such stake and takes it back when told to."""

    def __init__(
        self, node: NodeClient, database: Database, pools: Pools, write_ahead: WriteAhead
    ) -> None:
        self._node = node
        self._database = database
        self._pools = pools
        self._write_ahead = write_ahead

    async def find(self) -> tuple[Orphan, ...]:
        """All of it, by pool and receiver; what is on its way back already is left out.

        Raises:
            ChainError: no node could answer.
        """
        pairs = [
            (pool.address, receiver)
            for pool in await self._known_pools()
            for receiver in await self._node.receivers_of(pool.address)
        ]
        if not pairs:
            return ()
        found = await look(self._node, pairs)
        async with self._database.transaction() as tx:
            return await self._orphans(tx, found, found.stakes)

    async def take_back(self, wanted: Iterable[Orphan]) -> tuple[str, ...]:
        """Sign, store and send undelegations for these; their ids.

        What they are is decided again under a lock: it is safe to ask twice.

        Raises:
            ChainError: no node could answer; nothing was signed.
        """
        pairs = {(orphan.pool, orphan.receiver) for orphan in wanted}
        if not pairs:
            return ()
        found = await look(self._node, pairs)
        by_pool: dict[Address, list[Pair]] = defaultdict(list)
        for pair in sorted(found.stakes):
            by_pool[pair[0]].append(pair)
        signed: list[str] = []
        for address, pairs_of_pool in by_pool.items():
            pool = self._pools.get(address)
            if pool is not None:
                signed += await self._sign(found, pool, pairs_of_pool)
        await self._write_ahead.broadcast_due()
        return tuple(signed)

    async def _sign(self, found: Look, pool: Pool, pairs: Sequence[Pair]) -> tuple[str, ...]:
        async with self._database.transaction() as tx:
            await tx.pools.lock()
            orphans = await self._orphans(tx, found, pairs)
            transaction_ids = await self._write_ahead.sign_all(
                tx,
                [
                    (
                        UnDelegateResource(
                            owner=orphan.pool,
                            receiver=orphan.receiver,
                            balance=orphan.harmless_sun,
                            resource=Resource.ENERGY,
                        ),
                        pool,
                    )
                    for orphan in orphans
                    if orphan.harmless_sun
                ],
                head=found.head,
                solid=found.solid,
            )
            reach("orphans taken back, not committed")
        reach("orphans taken back")
        return transaction_ids

    async def arrive(
        self, transaction_ids: Sequence[str], *, within_seconds: float
    ) -> tuple[Return, ...]:
        """Wait until each is in a block, or refused; what became of them in the time given.

        The shop notes what is in a block; while it does not run, a node is asked.

        Raises:
            ChainError: no node could answer.
        """
        deadline = monotonic() + within_seconds
        while True:
            returns = [await self._return(txid) for txid in transaction_ids]
            if all(each.state in ("included", "rejected", "dead") for each in returns):
                return tuple(returns)
            if monotonic() > deadline:
                return tuple(returns)
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
            await self._write_ahead.broadcast_due()

    async def _return(self, txid: str) -> Return:
        async with self._database.transaction() as tx:
            row = await tx.chain_transactions.get(txid)
            answer = await tx.chain_transactions.last_answer(txid)
        assert row is not None, "it was stored when it was signed"
        state = row.state
        if state in ("signed", "sent") and await self._node.transaction_info(txid) is not None:
            state = "included"
        return _returned(row, state, answer)

    async def _known_pools(self) -> tuple[Pool, ...]:
        """Every pool whose key is there, also of those that are not sold from any more."""
        async with self._database.transaction() as tx:
            addresses = await tx.pools.addresses()
        known = {pool.address: pool for pool in self._pools}
        for address in addresses:
            pool = self._pools.get(Address(address))
            if pool is not None:
                known[pool.address] = pool
        return tuple(known[address] for address in sorted(known))

    async def _orphans(
        self, tx: Transaction, found: Look, pairs: Collection[Pair]
    ) -> tuple[Orphan, ...]:
        accounted = await _accounted(tx, found)
        standing = await Standing.read(tx, found)
        coming_back = await _coming_back(tx, found)
        orphans: list[Orphan] = []
        for pair in sorted(pairs):
            lent = sum(stake.balance_sun for stake in found.stakes[pair])
            known = accounted[pair] + coming_back[pair]
            if lent <= known:
                continue
            # Rentals are never locked: what is, is none of theirs.
            free = max(0, found.unlocked_sun(pair) - known)
            verdict = standing.verdict(pair, free, found.head.time)
            if free:
                standing.take(pair, verdict.sun)
            orphans.append(
                Orphan(
                    pool=pair[0],
                    receiver=pair[1],
                    stake_sun=lent - known,
                    free_sun=free,
                    harmless_sun=verdict.sun,
                    energy=found.rate.energy_of(lent - known),
                    waits_until=verdict.again_at if verdict.sun < free else None,
                )
            )
        return tuple(orphans)


async def _accounted(tx: Transaction, found: Look) -> Counter[Pair]:
    """What rentals have of each pair, or may have."""
    pools = {pool for pool, _ in found.stakes}
    rows = await tx.reclaims.accounted(pools, up_to_block=found.head.number)
    return Counter(
        {(Address(row.pool_address), Address(row.recipient_address)): row.balance_sun
         for row in rows}
    )  # fmt: skip


async def _coming_back(tx: Transaction, found: Look) -> Counter[Pair]:
    """What is being taken back already although no rental accounts for it."""
    sun: Counter[Pair] = Counter()
    receivers = {receiver for _, receiver in found.stakes}
    for row in await tx.reclaims.leaving(receivers, up_to_block=found.head.number):
        if not row.of_rental:
            sun[Address(row.pool_address), Address(row.recipient_address)] += row.balance_sun
    return sun


def _returned(row: ChainTransactionRow, state: str, answer: str | None) -> Return:
    return Return(row.txid, row.owner, row.receiver, row.balance_sun, state, answer)


# ── in words ──────────────────────────────────────────────────────────────────────────────────


def listed(orphans: Sequence[Orphan]) -> tuple[str, ...]:
    """The list for a person."""
    if not orphans:
        return ("The pools lend nothing that no rental accounts for.",)
    lines = [
        f"pool {orphan.pool} lends {_trx(orphan.stake_sun)} TRX ({orphan.energy:,} energy) "
        f"to {orphan.receiver}{_hindrance(orphan)}"
        for orphan in orphans
    ]
    total = _trx(sum(orphan.stake_sun for orphan in orphans))
    lines.append(
        f"{total} TRX of stake that no rental in the database accounts for. It may have been lent "
        "by the owner of the pool."
    )
    return tuple(lines)


def _hindrance(orphan: Orphan) -> str:
    said = ""
    if orphan.free_sun < orphan.stake_sun:
        said += f"; {_trx(orphan.stake_sun - orphan.free_sun)} TRX of it are locked"
    if orphan.waits_until is not None:
        said += (
            f"; {_trx(orphan.free_sun - orphan.harmless_sun)} TRX of it would cost a rental that "
            f"runs its energy, until {orphan.waits_until:%Y-%m-%d %H:%M} UTC"
        )
    return said


def returned(returns: Sequence[Return]) -> tuple[str, ...]:
    """What came back, for a person."""
    return tuple(
        f"{_trx(each.stake_sun)} TRX from {each.receiver} to pool {each.pool}: "
        f"{_FATES[each.state]}{_why(each)} ({each.txid})"
        for each in returns
    )


_FATES: Mapping[str, str] = {
    "included": "back",
    "sent": "sent, in no block yet",
    "signed": "signed and stored; it is sent when a node can be reached, or when the shop runs",
    "dead": "missed every block; ask again",
    "rejected": "refused",
}


def _why(each: Return) -> str:
    return f": {each.answer}" if each.state == "rejected" and each.answer else ""


def _trx(sun: int) -> str:
    return f"{sun / 1_000_000:,.6f}".rstrip("0").rstrip(".")
