"""A new pool: whether an account can be one, and which key may delegate for it.

What the chain says is judged purely; the command line and the office ask the same questions.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chain.accounts import Account
from chain.addresses import Address
from chain.contracts import Permission
from chain.errors import ChainError
from chain.node import NodeClient
from db.database import Database, again_after_conflict
from services.acts import ActFault, ActRefused, Acts
from services.granting import Beyond, NoRoom, as_request, beyond_of, grant_to, powers_of
from services.inventory import Inventory
from services.key_ring import KeyRing, NamedKey
from services.permissions import OWNER_PERMISSION, PermissionFault, grant_of
from services.pools import DeclaredPool, Pools
from services.staff import Actor
from services.trail import note


class AddFault(StrEnum):
    """Why an account cannot become a pool, or not yet."""

    PAYMENT_ADDRESS = "payment_address"
    REFUND_WALLET = "refund_wallet"
    KNOWN = "known"
    """It is one already, in whatever state."""
    NOT_ACTIVATED = "not_activated"
    CONTRACT = "contract"
    NO_KEY = "no_key"
    """The program has no key that could sign for it."""
    UNAVAILABLE = "unavailable"
    """No node could answer."""


class AddRefused(Exception):
    """Nothing was registered, because of `fault`."""

    def __init__(self, fault: AddFault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Signer:
    """A key, and the permission of the account that it would sign by.

    `fault` says why it cannot delegate by that permission; None if it can.
    """

    key_address: Address
    permission: Permission
    fault: PermissionFault | None


def unfit_address(
    address: Address,
    *,
    payment_address: Address | None,
    refund_wallet: Address | None,
    known: bool,
) -> AddFault | None:
    """Why an address cannot be a pool's, whatever the chain says of it."""
    if address == payment_address:
        return AddFault.PAYMENT_ADDRESS
    if address == refund_wallet:
        return AddFault.REFUND_WALLET
    return AddFault.KNOWN if known else None


def unfit_account(account: Account | None) -> AddFault | None:
    """Why an account cannot be a pool, whatever key signs for it."""
    if account is None:
        return AddFault.NOT_ACTIVATED
    return AddFault.CONTRACT if account.is_contract else None


def best_signer(
    account: Account, keys: Sequence[Address], permission_id: int | None = None
) -> Signer | None:
    """The key and the permission to sign by: the most limited that is enough, else any.

    By the owner's permission only if `permission_id` asks for it.
    """
    found = [
        Signer(key, permission, grant_of(account, permission.id, key).fault)
        for key in keys
        for permission in powers_of(account, key)
        if permission.id == (permission_id if permission_id is not None else permission.id)
        and (permission.id != OWNER_PERMISSION or permission_id == OWNER_PERMISSION)
    ]

    def worse(signer: Signer) -> tuple[bool, bool, int, int]:
        grant = grant_of(account, signer.permission.id, signer.key_address)
        beyond = beyond_of(account, signer.key_address)
        return grant.fault is not None, bool(beyond), len(grant.beyond), signer.permission.id

    return min(found, key=worse, default=None)


@dataclass(frozen=True, slots=True)
class GrantNeeded:
    """The one transaction that the owner of an account has to sign first, and what it costs.

    `request` is what `/wallet/accountpermissionupdate` takes; None if the account has no room for
    one more permission. Amounts in sun.
    """

    permission_id: int
    request: Mapping[str, Any] | None
    fee_sun: int
    balance_sun: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account that could become a pool, as one key sees it.

    `permission_id` is the one to sign by; None while the owner has granted none, and `grant` says
    what to sign. `beyond` is what the key could do besides delegating.
    """

    address: Address
    key: NamedKey
    staked_sun: int
    balance_sun: int
    permission_id: int | None
    beyond: Beyond
    grant: GrantNeeded | None


def candidate(account: Account, key: NamedKey, *, fee_sun: int) -> Candidate:
    """What becomes of an account with a key; `fee_sun` is burned for a change of permissions."""
    signer = best_signer(account, [key.address])
    able = signer is not None and signer.fault is None
    return Candidate(
        address=account.address,
        key=key,
        staked_sun=account.frozen_energy_sun + account.delegated_energy_sun,
        balance_sun=account.balance_sun,
        permission_id=signer.permission.id if able and signer is not None else None,
        beyond=beyond_of(account, key.address),
        grant=None if able else _grant(account, key.address, fee_sun),
    )


def _grant(account: Account, key: Address, fee_sun: int) -> GrantNeeded:
    try:
        update = grant_to(account, key)
    except NoRoom:
        return GrantNeeded(0, None, fee_sun, account.balance_sun)
    new = update.active_permissions[-1]
    return GrantNeeded(new.id, as_request(update), fee_sun, account.balance_sun)


class PoolAdding:
    """Adds pools while the shop runs. `money_keys` are never a pool's: they move money."""

    def __init__(
        self,
        node: NodeClient,
        database: Database,
        pools: Pools,
        inventory: Inventory,
        acts: Acts,
        keys: KeyRing,
        *,
        payment_address: Address,
        refund_wallet: Address | None,
        money_keys: Container[Address],
    ) -> None:
        self._node = node
        self._database = database
        self._pools = pools
        self._inventory = inventory
        self._acts = acts
        self._keys = keys
        self._payment_address = payment_address
        self._refund_wallet = refund_wallet
        self._money_keys = money_keys

    def signing_keys(self) -> tuple[NamedKey, ...]:
        """The keys that may sign for a pool: all but those that move money."""
        return tuple(key for key in self._keys.named() if key.address not in self._money_keys)

    async def account(self, address: Address) -> Account:
        """The account at an address that could become a pool. Raises AddRefused."""
        async with self._database.transaction() as tx:
            known = await tx.pools.get(address) is not None
        fault = unfit_address(
            address,
            payment_address=self._payment_address,
            refund_wallet=self._refund_wallet,
            known=known,
        )
        if fault is not None:
            raise AddRefused(fault)
        try:
            account = await self._node.account(address)
        except ChainError:
            raise AddRefused(AddFault.UNAVAILABLE) from None
        if (fault := unfit_account(account)) is not None or account is None:
            raise AddRefused(fault or AddFault.NOT_ACTIVATED)
        return account

    async def look(self, address: Address, key_address: Address) -> Candidate:
        """What the chain says of an account and one of our keys now. Raises AddRefused."""
        key = next((key for key in self.signing_keys() if key.address == key_address), None)
        if key is None or self._keys.of(key_address) is None:
            raise AddRefused(AddFault.NO_KEY)
        account = await self.account(address)
        try:
            fee_sun = (await self._node.chain_parameters()).permission_update_fee_sun
        except ChainError:
            raise AddRefused(AddFault.UNAVAILABLE) from None
        return candidate(account, key, fee_sun=fee_sun)

    async def energy_of(self, stake_sun: int) -> int | None:
        """What a stake yields now; None if nobody can tell."""
        try:
            stock = await self._inventory.look()
        except ChainError:
            return None
        return stock.rate.energy_of(max(0, stake_sun))

    async def register(self, actor: Actor, nonce: str) -> Address:
        """Add the pool that was proposed, if the chain still says what it said then.

        Raises:
            ActRefused: the proposal is gone, or the pool is not as it was shown.
            AddRefused: the account cannot be one any more.
        """
        proposal = await self._acts.look(actor, nonce)
        wanted = proposed(proposal.arguments)
        found = await self.look(wanted.address, Address(wanted.key_address))
        if found.permission_id != wanted.permission_id:
            raise ActRefused(ActFault.GONE)
        if found.beyond and not proposal.arguments.get("risk"):
            raise ActRefused(ActFault.GONE)
        await self._register(actor, nonce, wanted)
        self._inventory.forget()
        return wanted.address

    @again_after_conflict
    async def _register(self, actor: Actor, nonce: str, wanted: DeclaredPool) -> None:
        async with self._acts.taking(actor, nonce) as (tx, proposal):
            if not await self._pools.register(tx, wanted):
                raise AddRefused(AddFault.KNOWN)
            await note(
                tx,
                actor,
                proposal.act,
                subject=proposal.subject,
                reason=proposal.reason,
                after=dict(proposal.arguments),
            )


def proposed(arguments: Mapping[str, Any]) -> DeclaredPool:
    """The pool that the arguments of a proposal stand for."""
    return DeclaredPool(
        address=Address(arguments["address"]),
        permission_id=int(arguments["permission_id"]),
        key_address=str(arguments["key_address"]),
        reserve_sun=int(arguments["reserve_sun"]),
    )
