"""What the pools lend on chain, against the rentals that are open.

The sum is compared as of one solid block, by one question per pool. Where it differs, or when
asked to, each receiver is looked at, from one solid block to another: what came or went in a block
between them may count or not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from chain.addresses import Address
from chain.blocks import transactions_of
from chain.contracts import DelegateResource, Resource, UnDelegateResource
from chain.node import NodeClient
from db.audit import LentRow, OwnerActRow
from db.database import Database, Transaction
from services.audit_balances import Moment, pause
from services.audit_report import Check, Difference
from services.chain_time import SCANNER
from services.payments import OurAddresses

_KINDS = frozenset({"DelegateResourceContract", "UnDelegateResourceContract"})
_LOOKS = 3


@dataclass(frozen=True, slots=True)
class OwnerLending:
    """What the owner of a pool lent to somebody, or took back (negative), in sun, by hand.

    `by_us`: with the permission that only this program has, which explains nothing.
    """

    txid: str
    receiver: str
    stake_sun: int
    block_number: int
    by_us: bool


@dataclass(frozen=True, slots=True)
class PoolState:
    """What a pool's owner lends besides the rentals, by receiver, as of a block."""

    block: int
    lent: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class StakesChecked:
    """What came of it; `pairs` are the pairs of a pool and a receiver that have a rental."""

    differences: list[Difference] = field(default_factory=list)
    unproved: list[str] = field(default_factory=list)
    pairs: int = 0


@dataclass(frozen=True, slots=True)
class _Look:
    """What differs after a solid block, and what the owner lends after it."""

    block: int
    differences: list[Difference]
    lent: dict[str, int]


def lent_by_owner(
    before: Mapping[str, int], lendings: Iterable[OwnerLending], up_to_block: int | None = None
) -> dict[str, int]:
    """What the owner has lent by hand; what they took back beyond it was a rental's.

    Who lends again what they took from a rental has lent nothing of their own.
    """
    now = Counter(before)
    for lending in lendings:
        if not lending.by_us and (up_to_block is None or lending.block_number <= up_to_block):
            now[lending.receiver] += lending.stake_sun
    return {receiver: sun for receiver, sun in now.items() if sun > 0}


def pair_difference(
    pool: str,
    receiver: str,
    found_sun: int,
    rentals: LentRow | None,
    owner_sun: tuple[int, int],
    lendings: Sequence[OwnerLending],
) -> Difference | None:
    """What is wrong with the stake that one receiver has of one pool.

    `owner_sun` is what its owner lends besides, at least and at most.
    """
    row = rentals or LentRow(pool, receiver, 0, 0, 0)
    least = row.settled_sun - row.going_sun + min(owner_sun)
    most = row.settled_sun + row.coming_sun + max(owner_sun)
    if least <= found_sun <= most:
        return None
    if found_sun > most:
        known = [each.txid for each in lendings if each.by_us and each.stake_sun > 0]
        return Difference(
            check=Check.DELEGATIONS,
            what="a pool lends stake that no rental and no doing of its owner explains",
            txid=known[-1] if known else None,
            address=pool,
            receiver=receiver,
            expected=most,
            found=found_sun,
            mend="If it was not you, somebody else has the pool's key, or the database has "
            "forgotten a rental. Take the stake back: energy-flash orphans.",
        )
    taken = [each.txid for each in lendings if each.stake_sun < 0]
    return Difference(
        check=Check.DELEGATIONS,
        what="stake of a rental is missing: somebody took it back",
        txid=taken[-1] if taken else None,
        address=pool,
        receiver=receiver,
        expected=least,
        found=found_sun,
        mend="Lend it again until the rental ends, or give its customer the money back.",
    )


def pool_key(pool: str) -> str:
    """Under which value the audit of a pool is remembered."""
    return f"audit.pool.{pool}"


class Stakes:
    """Compares what the pools lend with the rentals."""

    def __init__(self, node: NodeClient, database: Database, *, ours: OurAddresses) -> None:
        self._node = node
        self._database = database
        self._ours = ours

    async def check(
        self,
        moment: Moment,
        pools: Iterable[Address],
        *,
        thorough: bool,
        read_only: bool,
    ) -> StakesChecked:
        """Compare every pool; each of its receivers if `thorough`, or if the sum differs.

        Raises:
            ChainError: no node could answer.
        """
        checked = StakesChecked()
        for pool in pools:
            account = moment.accounts[pool]
            lent_sun = account.delegated_energy_sun if account else 0
            await self._pool(
                pool, lent_sun, moment.solid.number, checked, thorough=thorough, write=not read_only
            )
        return checked

    async def _pool(
        self,
        pool: Address,
        lent_sun: int,
        solid: int,
        checked: StakesChecked,
        *,
        thorough: bool,
        write: bool,
    ) -> None:
        async with self._database.transaction(frozen=True) as tx:
            state = await _state(tx, pool)
            rows = [row for row in await tx.audit.lent(solid, solid) if row.pool == pool]
            acts = await tx.audit.owner_acts([pool], state.block) if state else ()
        if state is not None and solid < state.block:
            checked.unproved.append(_behind(pool, solid, state.block))
            return
        checked.pairs += len(rows)
        known = sum(row.settled_sun for row in rows)
        if state is not None and not thorough:
            untouched = not any(act.kind in _KINDS for act in acts)
            if untouched and lent_sun == known + sum(state.lent.values()):
                return
        look = await self._look_again(pool, state)
        if look is None:
            checked.unproved.append(f"{pool}: the solid blocks were not read yet, or went back")
            return
        checked.differences += look.differences
        if not look.differences and write:
            async with self._database.transaction() as tx:
                await tx.audit.lock()
                await tx.values.put(pool_key(pool), {"block": look.block, "lent": look.lent})

    async def _look_again(self, pool: Address, state: PoolState | None) -> _Look | None:
        """What still differs at the last of some looks; None if it could not be compared."""
        look = await self._look(pool, state)
        for _ in range(_LOOKS - 1):
            if look is not None and not look.differences:
                break
            await pause()
            look = await self._look(pool, state)
        return look

    async def _look(self, pool: Address, state: PoolState | None) -> _Look | None:
        before = await self._node.solid_head()
        first = before.number
        if state is not None and first < state.block:
            return None
        async with self._database.transaction() as tx:
            receivers = {row.receiver for row in await tx.audit.lent(first, first)
                         if row.pool == pool}  # fmt: skip
        receivers |= {*(state.lent if state else ())}
        receivers |= {*await self._node.receivers_of(pool, solid=True)}
        found: dict[str, int] = {}
        for receiver in sorted(receivers):
            stakes = await self._node.delegated_energy_stake(pool, Address(receiver), solid=True)
            found[receiver] = sum(stake.balance_sun for stake in stakes)
        after = await self._node.solid_head()
        last = after.number
        async with self._database.transaction(frozen=True) as tx:
            if last < first or not await tx.scanning.remembers(SCANNER, last, after.id):
                return None
            rows = {
                row.receiver: row for row in await tx.audit.lent(first, last) if row.pool == pool
            }
            since = first if state is None else state.block
            acts = await tx.audit.owner_acts([pool], since)
            orphans = await tx.audit.orphans_taken(pool, since, last)
        lendings = await self._lendings(pool, [act for act in acts if act.block_number <= last])
        # What we took back for the owner, as they asked: it was no rental's.
        lendings += [
            OwnerLending(
                txid=each.txid,
                receiver=each.receiver,
                stake_sun=-each.balance_sun,
                block_number=each.block_number,
                by_us=False,
            )
            for each in orphans
        ]
        lendings.sort(key=lambda each: each.block_number)
        # The first time, what no rental explains was lent before the shop knew the pool.
        known = _beyond(found, rows, lendings) if state is None else state.lent
        least, most = lent_by_owner(known, lendings, first), lent_by_owner(known, lendings)
        differences = [
            difference
            for receiver in sorted({*found, *rows, *least, *most})
            if (
                difference := pair_difference(
                    pool,
                    receiver,
                    found.get(receiver, 0),
                    rows.get(receiver),
                    (least.get(receiver, 0), most.get(receiver, 0)),
                    [each for each in lendings if each.receiver == receiver],
                )
            )
        ]
        return _Look(first, differences, least)

    async def _lendings(self, pool: Address, acts: Iterable[OwnerActRow]) -> list[OwnerLending]:
        """To whom, and how much: the table says only that something was lent."""
        found: list[OwnerLending] = []
        wanted = {act.txid: act for act in acts if act.kind in _KINDS}
        for number in sorted({act.block_number for act in wanted.values()}):
            for block in await self._node.blocks(number, number):
                for each in transactions_of(block, [pool]):
                    contract = each.raw.contract if each.raw else None
                    if each.txid not in wanted or not isinstance(
                        contract, DelegateResource | UnDelegateResource
                    ):
                        continue
                    if contract.resource is Resource.ENERGY:
                        sign = 1 if isinstance(contract, DelegateResource) else -1
                        found.append(
                            OwnerLending(
                                each.txid,
                                contract.receiver,
                                sign * contract.balance,
                                number,
                                self._ours.permissions.get(pool) == each.permission_id,
                            )
                        )
        return found


def _behind(pool: str, solid: int, before: int) -> str:
    return f"{pool}: the node is at solid block {solid}, and was at {before}"


def _beyond(
    found: Mapping[str, int], rows: Mapping[str, LentRow], lendings: Iterable[OwnerLending]
) -> dict[str, int]:
    """What was lent besides rentals before these lendings."""
    since: Counter[str] = Counter()
    for each in lendings:
        since[each.receiver] += each.stake_sun
    lent: dict[str, int] = {}
    for receiver, sun in found.items():
        row = rows.get(receiver)
        beyond = sun - (row.settled_sun + row.coming_sun if row else 0) - since[receiver]
        if beyond > 0:
            lent[receiver] = beyond
    return lent


async def _state(tx: Transaction, pool: Address) -> PoolState | None:
    value = await tx.values.get(pool_key(pool))
    return None if value is None else PoolState(value["block"], value["lent"])
