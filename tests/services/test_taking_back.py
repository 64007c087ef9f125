"""Taking a rental back never takes from a newer one, proved on the local node's own arithmetic."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chain.abi import transfer_parameter
from chain.accounts import parse_account
from chain.contracts import (
    Contract,
    DelegateResource,
    Resource,
    TriggerSmartContract,
    UnDelegateResource,
)
from chain.energy import SUN_PER_TRX
from chain.transactions import encode, encode_signed
from sandbox.tron.chain import LocalChain
from sandbox.tron.json_forms import account_form
from sandbox.tron.resources import left_for_calls, market, slot_at
from services.allocation import EnergyRate
from services.taking_back import SLOT, GoingOn, ReceiverEnergy, Verdict, take_back
from tests.support.shop import (
    TRANSFER_SELECTOR,
    TRX,
    USDT,
    address,
    key,
    new_chain,
)

POOLS = ("pool", "second", "third")
ANN = address("ann")
ONE = 65_000
"""About the energy of one transfer."""


@dataclass
class Rental:
    pool: str
    energy: int
    sun: int
    ends_at: datetime
    over: bool = False
    again_at: datetime | None = None


@dataclass
class Receiver:
    """Ann on the local chain, what pools lend to her, and what is taken back by the rule."""

    chain: LocalChain
    rentals: list[Rental] = field(default_factory=list)
    undelegations: int = 0

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.chain.head.time_ms / 1000, UTC)

    @property
    def rate(self) -> EnergyRate:
        energy = market(self.chain.view, self.chain.parameters, Resource.ENERGY)
        return EnergyRate(energy.limit, energy.weight)

    def energy(self) -> ReceiverEnergy:
        """What a node tells of her, read as the shop reads it."""
        account = self.chain.account(ANN)
        assert account is not None
        told = parse_account(account_form(account, self.chain.head.time_ms, visible=True), ANN)
        assert told is not None
        return ReceiverEnergy(
            told.energy_stake_sun, told.energy_used, told.energy_recovers_in, self.rate
        )

    def spendable(self) -> int:
        """What the chain itself lets a call of hers spend now."""
        account = self.chain.account(ANN)
        assert account is not None
        energy = market(self.chain.view, self.chain.parameters, Resource.ENERGY)
        return left_for_calls(account.energy, energy, slot_at(self.chain.head.time_ms))

    def going_on(self) -> GoingOn:
        running = [rental for rental in self.rentals if not rental.over]
        return GoingOn(
            energy=sum(rental.energy for rental in running),
            ends_at=max((rental.ends_at for rental in running), default=None),
        )

    def send(self, contract: Contract, signer: str) -> None:
        fee_limit = 100 * TRX if isinstance(contract, TriggerSmartContract) else 0
        raw = encode(self.chain.build(contract, fee_limit=fee_limit))
        answer = self.chain.broadcast(encode_signed(raw, [key(signer).sign(raw)]))
        assert answer.accepted, answer.message

    def rent(self, pool: str, energy: int, hours: float) -> Rental:
        sun = self.rate.stake_for(energy)
        self.send(DelegateResource(address(pool), ANN, sun, Resource.ENERGY), pool)
        self.chain.produce_block()
        rental = Rental(pool, energy, sun, self.now + timedelta(hours=hours))
        self.rentals.append(rental)
        return rental

    def spend(self, transfers: int = 1) -> None:
        """So many transfers of USDT; what her stakes do not cover burns her TRX."""
        for _ in range(transfers):
            data = TRANSFER_SELECTOR + transfer_parameter(address("holder"), 1)
            self.send(TriggerSmartContract(ANN, USDT, data), "ann")
            self.chain.produce_block()

    def spend_all(self) -> None:
        """Until nothing is left but what recovers with every block."""
        while self.spendable() > ONE // 100:
            self.spend()

    def pass_time(self, seconds: float) -> None:
        self.chain.advance_time(seconds)
        self.chain.produce_block()

    def end(self, rental: Rental) -> None:
        rental.over = True
        for each in self.rentals:
            each.again_at = None

    def verdict(self, rental: Rental) -> Verdict:
        return take_back(self.energy(), rental.sun, self.going_on(), now=self.now)

    def take_back_due(self) -> None:
        """As the shop does: what is over and due, as far as the rule allows."""
        for rental in self.rentals:
            if rental.over and rental.sun and (rental.again_at or self.now) <= self.now:
                verdict = self.verdict(rental)
                rental.again_at = verdict.again_at
                if verdict.sun:
                    self.undelegate(rental, verdict.sun)

    def undelegate(self, rental: Rental, sun: int) -> None:
        receiver, before = self.energy(), self.spendable()
        owed = min(self.going_on().energy, before, receiver.without(sun).most)
        if before < self.going_on().energy * 0.01:
            owed = 0  # it has all been spent, but for what recovers with every block
        pool = rental.pool
        self.send(UnDelegateResource(address(pool), ANN, sun, Resource.ENERGY), pool)
        self.chain.produce_block()
        rental.sun -= sun
        self.undelegations += 1
        assert self.spendable() >= owed, (before, owed, self.spendable())

    def lent_sun(self) -> int:
        records = [self.chain.view.delegation(address(pool), ANN, locked=False) for pool in POOLS]
        return sum(record.energy for record in records if record is not None)


@contextmanager
def receiver() -> Iterator[Receiver]:
    chain = new_chain(dict.fromkeys(POOLS, 2_000_000))
    try:
        chain.produce_block()
        yield Receiver(chain)
    finally:
        chain.close()


# ── what the module says is what the node does ────────────────────────────────────────────────


@given(
    stakes=st.lists(st.integers(ONE // 2, 30 * ONE), min_size=1, max_size=4),
    transfers=st.integers(0, 4),
    seconds=st.integers(0, 90_000),
    taken=st.floats(0.01, 1),
)
@settings(max_examples=60, deadline=None, derandomize=os.environ.get("CI") == "true")
def test_what_a_reclaim_leaves_is_reckoned_as_the_node_does_it(
    stakes: list[int], transfers: int, seconds: int, taken: float
) -> None:
    with receiver() as ann:
        for number, energy in enumerate(stakes):
            ann.rent(POOLS[number % len(POOLS)], energy, 1)
        ann.spend(transfers)
        if seconds:
            ann.pass_time(seconds)
        rental = ann.rentals[0]
        sun = max(1, int(rental.sun * taken))
        before = ann.energy()
        assert before.spendable == ann.spendable()
        slots = 7
        after = before.after(slots)
        left = before.without(sun)
        ann.send(UnDelegateResource(address("pool"), ANN, sun, Resource.ENERGY), "pool")
        ann.chain.produce_block()
        # One block, and so one slot, later: what was used has recovered by that much.
        assert left.after(1).used - 2 <= ann.energy().used <= left.used
        assert ann.energy().stake_sun == left.stake_sun
        assert after.used <= before.used


@pytest.mark.parametrize("pools", [("pool", "pool"), ("pool", "second")])
@pytest.mark.parametrize("first", ["older", "newer"])
@pytest.mark.parametrize("used", ["unused", "partly", "fully"])
def test_two_overlapping_rentals_that_end_in_either_order(
    pools: tuple[str, str], first: str, used: str
) -> None:
    with receiver() as ann:
        older = ann.rent(pools[0], 3 * ONE, 1)
        before = ann.spendable()
        if used == "partly":
            ann.spend(1)
        if used == "fully":
            ann.spend_all()
        spent = before - ann.spendable()
        assert (spent > 0) == (used != "unused")
        newer = ann.rent(pools[1], 2 * ONE, 24)
        ending, staying = (older, newer) if first == "older" else (newer, older)
        ann.end(ending)
        before = ann.spendable()
        owed = min(staying.energy, before)
        ann.take_back_due()
        assert ann.spendable() >= min(owed, ann.rate.energy_of(staying.sun + ending.sun))
        if used == "unused":
            assert ending.sun == 0, "nothing is used, so nothing waits"
        if used == "fully":
            assert ending.sun > 0
            assert ending.again_at is not None
            assert ann.now <= ending.again_at <= staying.ends_at
        ann.end(staying)
        ann.take_back_due()
        assert ann.lent_sun() == 0, "nobody is owed anything"


def test_the_end_of_a_used_rental_would_have_halved_a_newer_one() -> None:
    """What the rule is for: the node itself takes it, if it is asked to."""
    with receiver() as ann:
        older = ann.rent("pool", ONE, 1)
        ann.spend_all()
        newer = ann.rent("second", ONE, 1)
        assert ann.spendable() >= newer.energy
        ann.end(older)
        assert ann.verdict(older).sun == 0
        ann.send(UnDelegateResource(address("pool"), ANN, older.sun, Resource.ENERGY), "pool")
        ann.chain.produce_block()
        assert ann.spendable() < newer.energy * 0.52


def test_who_has_spent_everything_is_owed_nothing() -> None:
    with receiver() as ann:
        older = ann.rent("pool", ONE, 1)
        ann.rent("second", ONE, 1)
        ann.spend_all()
        ann.end(older)
        # A slot later a few have recovered.
        assert 0 < ann.spendable() < ONE // 100
        assert ann.verdict(older) == Verdict(older.sun, None)


def test_a_large_rental_that_was_hardly_used_is_taken_but_for_a_small_part() -> None:
    """One small newer rental does not keep the stake of a hundred transfers from being sold."""
    with receiver() as ann:
        older = ann.rent("pool", 100 * ONE, 1)
        ann.spend(2)
        ann.rent("second", ONE, 1)
        ann.end(older)
        whole = older.sun
        ann.take_back_due()
        assert 0 < older.sun < whole * 0.02
        assert ann.undelegations == 1


def test_a_delegation_on_its_way_is_owed_in_full_and_waited_for() -> None:
    with receiver() as ann:
        older = ann.rent("pool", ONE, 1)
        ann.end(older)
        coming = GoingOn(coming=ONE, ends_at=ann.now + timedelta(hours=1))
        assert take_back(ann.energy(), older.sun, coming, now=ann.now) == Verdict(0, ann.now)


def test_energy_of_her_own_keeps_nothing_waiting() -> None:
    """What a receiver has beside the rentals makes the reclaim harmless at once."""
    with receiver() as ann:
        ann.rent("third", 10 * ONE, 100)
        ann.rentals.clear()  # not ours: somebody else lends it
        older = ann.rent("pool", ONE, 1)
        ann.spend(1)
        ann.rent("second", ONE, 1)
        ann.end(older)
        assert ann.verdict(older) == Verdict(older.sun, None)


def test_the_moment_to_look_again_is_the_first_that_is_harmless() -> None:
    with receiver() as ann:
        ann.rent("third", ONE // 2, 100)
        ann.rentals.clear()
        older = ann.rent("pool", ONE, 1)
        ann.spend_all()
        ann.rent("second", ONE, 100)
        ann.end(older)
        verdict = ann.verdict(older)
        assert verdict.sun == 0
        assert verdict.again_at is not None
        assert timedelta(hours=4) < verdict.again_at - ann.now < timedelta(hours=24)
        ann.pass_time((verdict.again_at - ann.now - 3 * SLOT).total_seconds())
        assert ann.verdict(older).sun < older.sun
        ann.pass_time(4 * SLOT.total_seconds())
        assert ann.verdict(older) == Verdict(older.sun, None)


def test_the_wait_ends_with_the_last_newer_rental() -> None:
    with receiver() as ann:
        older = ann.rent("pool", ONE, 1)
        ann.spend_all()
        newer = ann.rent("second", ONE, 1)
        ann.end(older)
        assert ann.verdict(older) == Verdict(0, newer.ends_at)


def test_less_energy_for_a_stake_keeps_nothing_waiting_for_good() -> None:
    """A newer rental is owed no more than what stays can yield."""
    with receiver() as ann:
        older = ann.rent("pool", ONE, 1)
        ann.rent("second", ONE, 30)
        ann.chain.set_energy_per_trx(7.5)
        ann.chain.produce_block()
        ann.end(older)
        assert ann.verdict(older) == Verdict(older.sun, None)


# ── whatever happens ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Rent:
    pool: int
    energy: int
    hours: int


@dataclass(frozen=True)
class Spend:
    transfers: int


@dataclass(frozen=True)
class End:
    rental: int


@dataclass(frozen=True)
class Wait:
    seconds: int


Step = Rent | Spend | End | Wait
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.builds(
        Rent,
        st.integers(0, 2),
        st.sampled_from([ONE, ONE, 2 * ONE, 20 * ONE, 10_001]),
        st.integers(1, 30),
    ),
    st.builds(Spend, st.integers(1, 6)),
    st.builds(End, st.integers(0, 5)),
    st.builds(Wait, st.sampled_from([3, 60, 3_600, 20_000, 90_000])),
)


@given(pools=st.integers(1, 3), script=st.lists(STEPS, min_size=3, max_size=25))
@example(pools=1, script=[Rent(0, ONE, 1), Spend(5), Rent(0, ONE, 1), End(0), Wait(3_600), End(1)])
@settings(max_examples=80, deadline=None, derandomize=os.environ.get("CI") == "true")
def test_whatever_happens_nobody_loses_what_is_owed_and_everything_comes_back(
    pools: int, script: list[Step]
) -> None:
    """`Receiver.undelegate` looks after each reclaim what is left, on the chain."""
    with receiver() as ann:
        for step in script:
            match step:
                case Rent(pool, energy, hours):
                    ann.rent(POOLS[pool % pools], energy, hours)
                case Spend(transfers):
                    ann.spend(transfers)
                case End(number):
                    running = [rental for rental in ann.rentals if not rental.over]
                    if running:
                        ann.end(running[number % len(running)])
                case Wait(seconds):
                    ann.pass_time(seconds)
            for rental in ann.rentals:
                if not rental.over and rental.ends_at <= ann.now:
                    ann.end(rental)
            ann.take_back_due()
        for rental in ann.rentals:
            if not rental.over:
                ann.end(rental)
                ann.take_back_due()
        assert ann.lent_sun() == 0
        # A few parts at most: each costs its pool bandwidth.
        assert ann.undelegations <= 3 * len(ann.rentals)


def test_a_whole_number_of_trx_is_taken_as_a_part() -> None:
    with receiver() as ann:
        older = ann.rent("pool", 40 * ONE, 1)
        ann.spend(1)
        ann.rent("second", ONE, 1)
        ann.end(older)
        assert 0 < ann.verdict(older).sun < older.sun
        assert ann.verdict(older).sun % SUN_PER_TRX == 0
