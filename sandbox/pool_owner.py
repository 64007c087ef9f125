"""The pool's owner, who holds its own key: grants and revokes the hot key, lends energy elsewhere.

All by real transactions, as an operator does it from a wallet, past the application's back.
"""

from __future__ import annotations

from dataclasses import replace

from chain.addresses import Address
from chain.contracts import (
    AccountPermissionUpdate,
    Contract,
    DelegateResource,
    Permission,
    PermissionKey,
    PermissionType,
    Resource,
    UnDelegateResource,
)
from chain.transactions import encode
from sandbox.inhabitants import AccountRole, Inhabitants
from sandbox.tron.accounts import Account
from sandbox.tron.chain import LocalChain
from sandbox.tron.resources import delegatable, market, slot_at
from sandbox.wallet import CannotSend

DELEGATE_ONLY = bytes.fromhex("0000000000000006" + "00" * 24)
"""Operations of a permission: DelegateResource (57) and UnDelegateResource (58), nothing else."""

DELEGATE_PERMISSION_ID = 3
_LONGEST_WAIT_MS = 60_000


class PoolOwner:
    """What the pool's owner can do. Each returns the id of a transaction that waits for a block.

    Raises `CannotSend`, with java-tron's code where the chain refuses.
    """

    def __init__(self, chain: LocalChain, inhabitants: Inhabitants) -> None:
        self._chain = chain
        self._pool = inhabitants.the(AccountRole.POOL)
        self._hot_key = inhabitants.the(AccountRole.HOT_KEY).address

    @property
    def permission_granted(self) -> bool:
        """Whether the hot key may delegate and reclaim (what waits is counted)."""
        return self._account().permission(DELEGATE_PERMISSION_ID) is not None

    def grant_permission(self) -> str:
        """Lets the hot key delegate and reclaim the pool's energy, and do nothing else."""
        if self.permission_granted:
            raise CannotSend("WRONG_STATE", "The hot key has its permission already.")
        return self._update(_delegate_only(self._hot_key))

    def revoke_permission(self) -> str:
        """Takes the hot key's permission away: what it signs from now on is refused."""
        if not self.permission_granted:
            raise CannotSend("WRONG_STATE", "The hot key has no permission.")
        return self._update()

    def lend_out(self, receiver: Address, sun: int | None = None) -> str:
        """Lends so much stake (all that is free, if None) to somebody who never paid."""
        amount = self._free_sun() if sun is None else sun
        return self._submit(DelegateResource(self._pool.address, receiver, amount, Resource.ENERGY))

    def take_back(self, receiver: Address, sun: int | None = None) -> str:
        """Takes so much stake (all, if None) back from somebody."""
        record = self._chain.view.delegation(self._pool.address, receiver, locked=False)
        lent = 0 if record is None else record.energy
        amount = lent if sun is None else sun
        return self._submit(
            UnDelegateResource(self._pool.address, receiver, amount, Resource.ENERGY)
        )

    def _account(self) -> Account:
        account = self._chain.account(self._pool.address)
        assert account is not None, "the pool exists from the first block"
        return account

    def _free_sun(self) -> int:
        energy = market(self._chain.view, self._chain.parameters, Resource.ENERGY)
        return delegatable(
            self._account(), Resource.ENERGY, energy, slot_at(self._chain.head.time_ms)
        )

    def _update(self, *further: Permission) -> str:
        account = self._account()
        owner = account.permission(0)
        assert owner is not None, "every account has an owner permission"
        return self._submit(
            AccountPermissionUpdate(
                self._pool.address,
                owner_permission=owner,
                witness_permission=None,
                active_permissions=(account.active_permissions[0], *further),
            )
        )

    def _submit(self, contract: Contract) -> str:
        raw = self._chain.build(contract, check=False)
        # The chain may have been switched off for long: it counts from its clock, not its last
        # block.
        expiration_ms = self._chain.next_time_ms + _LONGEST_WAIT_MS
        raw_bytes = encode(replace(raw, expiration_ms=expiration_ms))
        answer = self._chain.submit(raw_bytes, [self._pool.key.sign(raw_bytes)])
        if not answer.accepted:
            raise CannotSend(str(answer.code), answer.message)
        return answer.txid


def _delegate_only(hot_key: Address) -> Permission:
    return Permission(
        type=PermissionType.ACTIVE,
        id=DELEGATE_PERMISSION_ID,
        name="energy",
        threshold=1,
        parent_id=0,
        operations=DELEGATE_ONLY,
        keys=(PermissionKey(hot_key, 1),),
    )
