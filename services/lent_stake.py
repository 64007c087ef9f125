"""What the pools lend to some receivers: as the chain tells it, and as the database explains it.

The chain is asked without a lock, and the answers are used under one. Everything up to the block
`head` is certainly in them; whatever may have happened since is *moving*, and is reckoned with both
as done and as not done.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias, TypeVar

from chain.accounts import Account, DelegatedStake
from chain.addresses import Address
from chain.blocks import BlockRef
from chain.errors import ChainError, Unavailable
from chain.node import NodeClient
from db.database import Transaction
from db.reclaims import LeavingRow, RunningRow
from services.allocation import EnergyRate
from services.taking_back import GoingOn, ReceiverEnergy, Verdict, take_back

# More connections to a node cost more than they bring: it answers one request after the other.
_AT_ONCE = 16

Pair: TypeAlias = tuple[Address, Address]
"""A pool and a receiver."""

_Key = TypeVar("_Key")
_Answer = TypeVar("_Answer")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """What a node said about some pairs, at the block `head` or a little later.

    A pair or receiver is missing if no node could answer about it; an account is None if it is not
    activated any more.
    """

    head: BlockRef
    solid: BlockRef
    rate: EnergyRate
    stakes: Mapping[Pair, tuple[DelegatedStake, ...]]
    accounts: Mapping[Address, Account | None]

    def unlocked_sun(self, pair: Pair) -> int:
        """What of the pair's stake can be taken back."""
        return sum(
            stake.balance_sun
            for stake in self.stakes[pair]
            if stake.locked_until is None or stake.locked_until < self.head.time
        )

    def energy_spent(self, receiver: Address) -> int | None:
        """What the receiver has spent, wherever it came from, as far as the chain tells."""
        account = self.accounts.get(receiver)
        return account.energy_spent if account else None


async def look(node: NodeClient, pairs: Collection[Pair]) -> Look:
    """Ask about these pairs, many at a time.

    Raises:
        ChainError: no node could answer about any of them.
    """
    head = (await node.head()).ref
    solid = await node.solid_head()
    owner = next(iter(pairs))[0]
    resources = await node.resources(owner)
    if resources is None:
        raise Unavailable(f"the pool {owner} is not an activated account")
    stakes, accounts = await asyncio.gather(
        _ask_all(set(pairs), lambda pair: node.delegated_energy_stake(*pair)),
        _ask_all({receiver for _, receiver in pairs}, node.account),
    )
    return Look(
        head=head,
        solid=solid,
        rate=EnergyRate(resources.total_energy_limit, resources.total_energy_weight),
        stakes=stakes,
        accounts=accounts,
    )


async def _ask_all(
    things: Collection[_Key], ask: Callable[[_Key], Awaitable[_Answer]]
) -> dict[_Key, _Answer]:
    """The answers there are. Raises ChainError if there is none."""
    gate = asyncio.Semaphore(_AT_ONCE)
    answers: dict[_Key, _Answer] = {}
    failures: list[ChainError] = []

    async def one(thing: _Key) -> None:
        async with gate:
            try:
                answers[thing] = await ask(thing)
            except ChainError as error:
                log.warning("no answer about %s: %s", thing, error)
                failures.append(error)

    await asyncio.gather(*(one(thing) for thing in things))
    if failures and not answers:
        raise failures[0]
    return answers


@dataclass(slots=True)
class Standing:
    """What may be taken back of the pairs of a `Look`, kept up with what is decided.

    `held` is what rentals that go on have of a pair, `leaving` what undelegations under way take.
    """

    look: Look
    held: Counter[Pair] = field(default_factory=Counter)
    leaving: Counter[Pair] = field(default_factory=Counter)
    leaving_of: Counter[Address] = field(default_factory=Counter)
    going_on: dict[Address, GoingOn] = field(default_factory=dict)
    moving: set[Pair] = field(default_factory=set)

    @classmethod
    async def read(cls, tx: Transaction, look: Look) -> Standing:
        """As of now; it stays so while `tx.pools` is locked."""
        receivers = {receiver for _, receiver in look.stakes}
        up_to = look.head.number
        standing = cls(look)
        for running in await tx.reclaims.running(receivers, up_to_block=up_to):
            standing._holds(running)
        for leaving in await tx.reclaims.leaving(receivers, up_to_block=up_to):
            standing._leaves(leaving)
        return standing

    def _holds(self, rental: RunningRow) -> None:
        pair = Address(rental.pool_address), Address(rental.recipient_address)
        self.held[pair] += rental.balance_sun
        if not rental.there:
            self.moving.add(pair)
        before = self.going_on.get(pair[1], GoingOn())
        ends_at = before.ends_at
        self.going_on[pair[1]] = GoingOn(
            energy=before.energy + (rental.energy_amount if rental.there else 0),
            coming=before.coming + (0 if rental.there else rental.energy_amount),
            ends_at=rental.expires_at if ends_at is None else max(ends_at, rental.expires_at),
        )

    def _leaves(self, undelegation: LeavingRow) -> None:
        pair = Address(undelegation.pool_address), Address(undelegation.recipient_address)
        self.take(pair, undelegation.balance_sun)

    def take(self, pair: Pair, sun: int) -> None:
        """So much of the pair is being taken back."""
        self.leaving[pair] += sun
        self.leaving_of[pair[1]] += sun
        self.moving.add(pair)

    def spare_sun(self, pair: Pair) -> int:
        """What of the pair's stake no rental that goes on has, and nothing takes already."""
        return self.look.unlocked_sun(pair) - self.held[pair] - self.leaving[pair]

    def verdict(self, pair: Pair, sun: int, now: datetime) -> Verdict:
        """How much of `sun` may be taken without harm to the receiver's other rentals."""
        receiver = pair[1]
        going_on = self.going_on.get(receiver)
        if going_on is None:
            return Verdict(sun, None)
        account = self.look.accounts.get(receiver)
        if account is None:
            return Verdict(0, now)  # no answer, or none that can be right: it has rentals
        return take_back(
            ReceiverEnergy(
                account.energy_stake_sun,
                account.energy_used,
                account.energy_recovers_in,
                self.look.rate,
            ),
            sun,
            going_on,
            now=now,
            leaving_sun=self.leaving_of[receiver],
        )
