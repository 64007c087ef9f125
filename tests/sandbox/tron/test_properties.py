"""What must hold whatever happens: TRX is neither made nor lost, and the books of lending agree."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chain.contracts import (
    CancelAllUnfreezeV2,
    Contract,
    DelegateResource,
    FreezeBalanceV2,
    Resource,
    Transfer,
    UnDelegateResource,
    UnfreezeBalanceV2,
    WithdrawExpireUnfreeze,
)
from chain.keys import SigningKey
from sandbox.tron.accounts import Account
from sandbox.tron.chain import LocalChain
from sandbox.tron.delegation import check_delegate
from sandbox.tron.parameters import TRX
from sandbox.tron.refusals import InvalidContract
from sandbox.tron.resources import delegatable, market, slot_at, used
from sandbox.tron.state import BANDWIDTH_WEIGHT, ENERGY_WEIGHT, Delegation
from tests.sandbox.tron.support import (
    BANK,
    CUSTOMER,
    HOLDER,
    POOL,
    STRANGER,
    USDT,
    USDT_TOKEN,
    genesis,
    send,
    usdt,
)

PEOPLE = (POOL, CUSTOMER, HOLDER, BANK, STRANGER)

people = st.sampled_from(PEOPLE)
resources = st.sampled_from((Resource.BANDWIDTH, Resource.ENERGY))
amounts = st.one_of(
    st.integers(min_value=1, max_value=2_000 * TRX),
    st.integers(min_value=1, max_value=2_000).map(lambda trx: trx * TRX),
)


class Network(RuleBasedStateMachine):
    """Random transactions, blocks, jumps in time and forks."""

    weights: ClassVar[dict[Resource, str]] = {
        Resource.ENERGY: ENERGY_WEIGHT,
        Resource.BANDWIDTH: BANDWIDTH_WEIGHT,
    }

    @initialize()
    def begin(self) -> None:
        self.chain = LocalChain(genesis())
        self.total = self.chain.total_sun()

    def teardown(self) -> None:
        self.chain.close()

    @rule(sender=people, receiver=people, amount=amounts)
    def pay(self, sender: SigningKey, receiver: SigningKey, amount: int) -> None:
        self._send(Transfer(sender.address, receiver.address, amount), sender)

    @rule(sender=people, receiver=people, amount=amounts)
    def pay_tokens(self, sender: SigningKey, receiver: SigningKey, amount: int) -> None:
        contract = usdt(amount, receiver.address, sender)
        send(self.chain, contract, sender, fee_limit=20 * TRX)

    @rule(
        owner=people,
        receiver=people,
        amount=amounts,
        resource=resources,
        lock=st.sampled_from((0, 1, 20, 1_200)),
    )
    def delegate(
        self, owner: SigningKey, receiver: SigningKey, amount: int, resource: Resource, lock: int
    ) -> None:
        contract = DelegateResource(
            owner.address, receiver.address, amount, resource, lock > 0, lock
        )
        self._send(contract, owner)

    @rule(owner=people, receiver=people, amount=amounts, resource=resources)
    def undelegate(
        self, owner: SigningKey, receiver: SigningKey, amount: int, resource: Resource
    ) -> None:
        self._send(UnDelegateResource(owner.address, receiver.address, amount, resource), owner)

    @rule(receiver=people, resource=resources)
    def undelegate_all(self, receiver: SigningKey, resource: Resource) -> None:
        record = self.chain.view.delegation(POOL.address, receiver.address, locked=False)
        if record is not None:
            amount = record.energy if resource is Resource.ENERGY else record.bandwidth
            contract = UnDelegateResource(POOL.address, receiver.address, amount, resource)
            self._send(contract, POOL)

    @rule(owner=people, amount=amounts, resource=resources)
    def stake(self, owner: SigningKey, amount: int, resource: Resource) -> None:
        self._send(FreezeBalanceV2(owner.address, amount, resource), owner)

    @rule(owner=people, amount=amounts, resource=resources)
    def end_stake(self, owner: SigningKey, amount: int, resource: Resource) -> None:
        self._send(UnfreezeBalanceV2(owner.address, amount, resource), owner)

    @rule(owner=people)
    def withdraw(self, owner: SigningKey) -> None:
        self._send(WithdrawExpireUnfreeze(owner.address), owner)

    @rule(owner=people)
    def stake_again(self, owner: SigningKey) -> None:
        self._send(CancelAllUnfreezeV2(owner.address), owner)

    @rule(count=st.integers(min_value=1, max_value=3))
    def make_blocks(self, count: int) -> None:
        self.chain.produce_blocks(count)

    @rule(hours=st.sampled_from((0.01, 1, 6, 24, 15 * 24)))
    def wait(self, hours: float) -> None:
        self.chain.advance_time(hours * 3_600)
        self.chain.produce_block()

    @rule(depth=st.integers(min_value=1, max_value=4), keep=st.booleans())
    def fork(self, depth: int, keep: bool) -> None:
        self.chain.fork(depth, "wait" if keep else "vanish")

    @invariant()
    def no_sun_is_made_or_lost(self) -> None:
        assert self.chain.total_sun() == self.total

    @invariant()
    def nothing_is_negative(self) -> None:
        slot = slot_at(self.chain.head.time_ms)
        for account in self._accounts():
            assert account.balance >= 0
            for resource in self.weights:
                side = account.holding(resource)
                assert min(side.own, side.delegated, side.acquired, side.used) >= 0
                assert used(side, slot) >= 0

    @invariant()
    def tokens_keep_their_sum(self) -> None:
        held = sum(self.chain.view.token_balance(USDT, each.address) for each in PEOPLE)
        assert held == USDT_TOKEN.total_supply

    @invariant()
    def lent_is_borrowed(self) -> None:
        view = self.chain.view
        lent: Counter[tuple[str, Resource]] = Counter()
        borrowed: Counter[tuple[str, Resource]] = Counter()
        for owner in PEOPLE:
            receivers = {address for address, _ in view.receivers(owner.address)}
            for receiver in PEOPLE:
                records = [
                    view.delegation(owner.address, receiver.address, locked=locked)
                    for locked in (False, True)
                ]
                found = [record for record in records if record is not None]
                assert (receiver.address in receivers) == bool(found)
                owners = {address for address, _ in view.owners(receiver.address)}
                assert (owner.address in owners) == bool(found)
                for record in found:
                    assert record != Delegation()
                    for resource, amount in (
                        (Resource.ENERGY, record.energy),
                        (Resource.BANDWIDTH, record.bandwidth),
                    ):
                        lent[owner.address, resource] += amount
                        borrowed[receiver.address, resource] += amount
        for account in self._accounts():
            for resource in self.weights:
                side = account.holding(resource)
                assert side.delegated == lent[account.address, resource]
                assert side.acquired == borrowed[account.address, resource]

    @invariant()
    def weights_are_the_stakes(self) -> None:
        beginning = genesis()
        others = {
            Resource.ENERGY: beginning.other_energy_stake,
            Resource.BANDWIDTH: beginning.other_bandwidth_stake,
        }
        for resource, key in self.weights.items():
            own = sum(account.staked(resource) // TRX for account in self._accounts())
            assert self.chain.view.number(key) == others[resource] + own

    @invariant()
    def the_largest_delegation_is_the_one_that_is_told(self) -> None:
        view, now_ms = self.chain.view, self.chain.head.time_ms
        pool = view.account(POOL.address)
        assert pool is not None
        energy = market(view, self.chain.parameters, Resource.ENERGY)
        size = delegatable(pool, Resource.ENERGY, energy, slot_at(now_ms))

        def possible(amount: int) -> bool:
            contract = DelegateResource(POOL.address, BANK.address, amount, Resource.ENERGY)
            try:
                check_delegate(view, contract, self.chain.parameters, now_ms)
            except InvalidContract:
                return False
            return True

        assert possible(size)
        assert not possible(size + 1)

    def _accounts(self) -> list[Account]:
        found = (self.chain.account(each.address) for each in PEOPLE)
        return [account for account in found if account is not None]

    def _send(self, contract: Contract, by: SigningKey) -> None:
        send(self.chain, contract, by)


TestNetwork = Network.TestCase
TestNetwork.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
