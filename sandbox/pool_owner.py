"""A pool's owner, who holds its own key, and does with it what owners do: lend, unstake, revoke.

All by real transactions, as an operator does it from a wallet, past the application's back.
"""

from __future__ import annotations

from typing import Any

from chain.addresses import Address
from chain.contracts import (
    AccountPermissionUpdate,
    CancelAllUnfreezeV2,
    Contract,
    DelegateResource,
    Permission,
    PermissionKey,
    PermissionType,
    Resource,
    Transfer,
    UnDelegateResource,
    UnfreezeBalanceV2,
)
from chain.transactions import bandwidth_bytes, encode
from sandbox.inhabitants import Pool, PoolName, Resident
from sandbox.tron.accounts import ACTIVE_ID, Account, active_permission
from sandbox.tron.chain import LocalChain
from sandbox.tron.resources import delegatable, free_used, left, market, slot_at, used
from sandbox.wallet import CannotSend, sign_and_submit

DELEGATE_ONLY = bytes.fromhex("0000000000000006" + "00" * 24)
"""Operations of a permission: DelegateResource (57) and UnDelegateResource (58), nothing else."""

TOP_UP_SUN = 1_000_000_000
"""What the friend sends who helps a pool out, unless told otherwise: 1,000 TRX."""

_SMALLEST_BANDWIDTH_LENT = 1_000_000


class PoolOwner:
    """What the owner of one pool can do; `friend` borrows, and sends TRX.

    Each order returns the id of a transaction that waits for a block. Raises `CannotSend`, with
    java-tron's code where the chain refuses.
    """

    def __init__(self, chain: LocalChain, pool: Pool, friend: Resident) -> None:
        self._chain = chain
        self._pool = pool
        self._address = pool.account.address
        self._friend = friend

    @property
    def name(self) -> PoolName:
        return self._pool.name

    # ── the hot key ──────────────────────────────────────────────────────────────────────────

    @property
    def permission_granted(self) -> bool:
        """Whether the hot key may delegate and reclaim (what waits is counted)."""
        permission = self._account().permission(self._pool.permission_id)
        hot_key = self._pool.hot_key.address
        return permission is not None and any(key.address == hot_key for key in permission.keys)

    def grant_permission(self) -> str:
        """Lets the hot key delegate and reclaim the pool's energy, and do nothing else."""
        if self.permission_granted:
            raise CannotSend("WRONG_STATE", "The hot key has its permission already.")
        return self._update(permissions_with_hot_key(self._pool, self._chain.operations))

    def revoke_permission(self) -> str:
        """Takes the hot key's permission away: what it signs from now on is refused."""
        if not self.permission_granted:
            raise CannotSend("WRONG_STATE", "The hot key has no permission.")
        return self._update((active_permission(self._address, self._chain.operations),))

    # ── stake ────────────────────────────────────────────────────────────────────────────────

    def lend_out(
        self, receiver: Address, sun: int | None = None, resource: Resource = Resource.ENERGY
    ) -> str:
        """Lends so much stake (all that is free, if None) to somebody who never paid."""
        amount = self._free_sun(resource) if sun is None else sun
        return self._submit(DelegateResource(self._address, receiver, amount, resource))

    def take_back(
        self, receiver: Address, sun: int | None = None, resource: Resource = Resource.ENERGY
    ) -> str:
        """Takes so much stake (all, if None) back from somebody."""
        amount = self._lent_sun(receiver, resource) if sun is None else sun
        return self._submit(UnDelegateResource(self._address, receiver, amount, resource))

    def unstake(self, sun: int | None = None) -> str:
        """Ends so much of the stake for energy (all that is not lent, if None)."""
        amount = self._account().energy.own if sun is None else sun
        return self._submit(UnfreezeBalanceV2(self._address, amount, Resource.ENERGY))

    def restake(self) -> str:
        """Stakes again all that still waits to be paid out."""
        return self._submit(CancelAllUnfreezeV2(self._address))

    # ── what a transaction costs ─────────────────────────────────────────────────────────────

    def drain_trx(self, receiver: Address) -> str:
        """Sends all TRX away: what the stake's bandwidth does not cover cannot be burned for."""
        balance = self._account().balance
        fee = 0 if self._bandwidth_covers(balance, receiver) else self._fee(balance, receiver)
        if balance <= fee:
            raise CannotSend("WRONG_STATE", "The pool has no TRX to send away.")
        return self._submit(Transfer(self._address, receiver, balance - fee))

    def top_up_trx(self, sun: int | None = None) -> str:
        """The friend sends TRX."""
        amount = TOP_UP_SUN if sun is None else sun
        contract = Transfer(self._friend.address, self._address, amount)
        return sign_and_submit(self._chain, self._friend, contract)

    def drain_bandwidth(self, receiver: Address) -> tuple[str, ...]:
        """Lends all staked bandwidth to somebody, and uses up the free one with small payments."""
        sent: list[str] = []
        free = self._free_sun(Resource.BANDWIDTH)
        if free >= _SMALLEST_BANDWIDTH_LENT:
            sent.append(self.lend_out(receiver, free, Resource.BANDWIDTH))
        while self._account().balance > 0 and self._bandwidth_covers(1, receiver):
            sent.append(self._submit(Transfer(self._address, receiver, 1)))
        if not sent:
            raise CannotSend(
                "WRONG_STATE", "The pool has no bandwidth left, or no TRX to use it up with."
            )
        return tuple(sent)

    # ── how it stands ────────────────────────────────────────────────────────────────────────

    def as_json(self) -> dict[str, Any]:
        """The pool's figures; what waits is counted."""
        chain, account = self._chain, self._account()
        energy = market(chain.view, chain.parameters, Resource.ENERGY)
        bandwidth = market(chain.view, chain.parameters, Resource.BANDWIDTH)
        slot = slot_at(chain.time_ms)
        free = max(0, delegatable(account, Resource.ENERGY, energy, slot))
        staked_units = bandwidth.units(account.bandwidth.yielding)
        spent = _free_bandwidth_used(account, slot) + min(
            used(account.bandwidth, slot), staked_units
        )
        return {
            "pool": self.name,
            "name": self._pool.account.name,
            "address": self._address,
            "hot_key": self._pool.hot_key.address,
            "permission_id": self._pool.permission_id,
            "permission_granted": self.permission_granted,
            "stake_sun": account.staked(Resource.ENERGY),
            "lent_sun": account.energy.delegated,
            "free_sun": free,
            "unstaking_sun": sum(entry.amount for entry in account.unfreezing),
            "energy_lent": energy.units(account.energy.delegated),
            "energy_free": energy.units(free),
            "energy_recovering": used(account.energy, slot),
            "bandwidth_stake_sun": account.staked(Resource.BANDWIDTH),
            "bandwidth_left": chain.parameters.free_net_limit + staked_units - spent,
            "bandwidth_limit": chain.parameters.free_net_limit + staked_units,
            "trx_sun": account.balance,
            "lent_to_exchange": {
                "energy_sun": self._lent_sun(self._friend.address, Resource.ENERGY),
                "bandwidth_sun": self._lent_sun(self._friend.address, Resource.BANDWIDTH),
            },
        }

    # ── inside ───────────────────────────────────────────────────────────────────────────────

    def _account(self) -> Account:
        account = self._chain.account(self._address)
        assert account is not None, "a pool exists from the first block"
        return account

    def _free_sun(self, resource: Resource) -> int:
        return delegatable(
            self._account(),
            resource,
            market(self._chain.view, self._chain.parameters, resource),
            slot_at(self._chain.head.time_ms),
            # Lending bandwidth takes some itself.
            reserve_bandwidth=resource is Resource.BANDWIDTH,
        )

    def _lent_sun(self, receiver: Address, resource: Resource) -> int:
        record = self._chain.view.delegation(self._address, receiver, locked=False)
        if record is None:
            return 0
        return record.energy if resource is Resource.ENERGY else record.bandwidth

    def _bandwidth_covers(self, sun: int, receiver: Address) -> bool:
        """Whether a payment costs no TRX: one of the two kinds of bandwidth pays all of it."""
        chain, account = self._chain, self._account()
        size, slot = self._size(sun, receiver), slot_at(chain.head.time_ms)
        staked = market(chain.view, chain.parameters, Resource.BANDWIDTH)
        free = chain.parameters.free_net_limit - _free_bandwidth_used(account, slot)
        return size <= left(account.bandwidth, staked, slot) or size <= free

    def _fee(self, sun: int, receiver: Address) -> int:
        return self._size(sun, receiver) * self._chain.parameters.transaction_fee

    def _size(self, sun: int, receiver: Address) -> int:
        raw = self._chain.build(Transfer(self._address, receiver, sun), check=False)
        return bandwidth_bytes(encode(raw), [bytes(65)])

    def _update(self, active: tuple[Permission, ...]) -> str:
        owner = self._account().permission(0)
        assert owner is not None, "every account has an owner permission"
        return self._submit(
            AccountPermissionUpdate(
                self._address,
                owner_permission=owner,
                witness_permission=None,
                active_permissions=active,
            )
        )

    def _submit(self, contract: Contract) -> str:
        return sign_and_submit(self._chain, self._pool.account, contract)


def permissions_with_hot_key(pool: Pool, operations: bytes) -> tuple[Permission, ...]:
    """A pool's active permissions when the hot key has one of its own.

    `operations` are what an account's first active permission allows.
    """
    own = (active_permission(pool.account.address, operations),)
    hot = Permission(
        type=PermissionType.ACTIVE,
        id=pool.permission_id,
        name="energy",
        threshold=1,
        parent_id=0,
        operations=DELEGATE_ONLY,
        keys=(PermissionKey(pool.hot_key.address, 1),),
    )
    return (*own[: pool.permission_id - ACTIVE_ID], hot)


def _free_bandwidth_used(account: Account, slot: int) -> int:
    return free_used(account.free_bandwidth_used, account.free_bandwidth_slot, slot)
