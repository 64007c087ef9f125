"""How the sandbox's chain begins: who owns what, and the pool's permission for its hot key."""

from __future__ import annotations

import time
from dataclasses import replace
from hashlib import sha256

from chain.addresses import Address, address_from_bytes
from chain.contracts import AccountPermissionUpdate, Permission, PermissionKey, PermissionType
from chain.keys import SigningKey
from chain.transactions import encode
from sandbox.inhabitants import AccountRole, Inhabitants
from sandbox.tron.chain import LocalChain
from sandbox.tron.genesis import Genesis, GenesisAccount
from sandbox.tron.payout import Payout
from sandbox.tron.token import Token

TRX = 1_000_000
USDT = 1_000_000

USDT_CONTRACT = Address("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t")
"""The main network's, so that what is configured for it fits here too."""

PAYOUT_CONTRACT = address_from_bytes(b"\x41" + sha256(b"payout contract").digest()[:20])
"""Through it a wallet can pay as exchanges do that send withdrawals by a contract."""

CUSTOMER_TRX = 100
CUSTOMER_USDT = 500
CUSTOMER_BANDWIDTH_STAKE_TRX = 1_000
"""About 2,100 bandwidth: a payment and a USDT transfer together take more than the free 600."""

POOL_ENERGY_STAKE_TRX = 2_000_000
"""About 20 million energy: 280 transfers at a time."""

DELEGATE_ONLY = bytes.fromhex("0000000000000006" + "00" * 24)
"""Operations of a permission: DelegateResource (57) and UnDelegateResource (58), nothing else."""

DELEGATE_PERMISSION_ID = 3


def genesis(inhabitants: Inhabitants, *, start_ms: int | None = None) -> Genesis:
    """The chain's beginning; `start_ms` is the time of its first blocks, now if None."""
    the = inhabitants.the
    accounts = [
        GenesisAccount(
            resident.address,
            CUSTOMER_TRX * TRX,
            bandwidth_stake=CUSTOMER_BANDWIDTH_STAKE_TRX * TRX,
            tokens={USDT_CONTRACT: CUSTOMER_USDT * USDT},
        )
        for resident in inhabitants.residents
        if resident.role is AccountRole.CUSTOMER
    ]
    accounts += [
        GenesisAccount(
            the(AccountRole.POOL).address,
            5_000 * TRX,
            energy_stake=POOL_ENERGY_STAKE_TRX * TRX,
            bandwidth_stake=50_000 * TRX,
        ),
        # Activated, so that the first customer does not pay for that.
        GenesisAccount(the(AccountRole.PAYMENT).address, 1 * TRX),
        GenesisAccount(
            the(AccountRole.HOLDER).address, 20 * TRX, tokens={USDT_CONTRACT: 1_000 * USDT}
        ),
        GenesisAccount(
            the(AccountRole.EXCHANGE).address,
            1_000_000 * TRX,
            energy_stake=500_000 * TRX,
            bandwidth_stake=100_000 * TRX,
            tokens={USDT_CONTRACT: 5_000_000 * USDT},
        ),
    ]
    supply = sum(account.tokens.get(USDT_CONTRACT, 0) for account in accounts)
    return Genesis(
        start_ms=int(time.time() * 1000) if start_ms is None else start_ms,
        accounts=tuple(accounts),
        tokens=(Token(USDT_CONTRACT, the(AccountRole.EXCHANGE).address, supply),),
        payouts=(Payout(PAYOUT_CONTRACT, the(AccountRole.EXCHANGE).address),),
    )


def grant_hot_key(chain: LocalChain, inhabitants: Inhabitants) -> None:
    """Lets the hot key delegate and reclaim the pool's energy, and do nothing else.

    By a real AccountPermissionUpdate of the pool's owner, as an operator does it. Does nothing when
    it is already so; makes a block otherwise.
    """
    pool = inhabitants.the(AccountRole.POOL)
    account = chain.account(pool.address)
    assert account is not None, "the pool exists from the first block"
    if account.permission(DELEGATE_PERMISSION_ID) is not None:
        return
    owner = account.permission(0)
    assert owner is not None, "every account has an owner permission"
    update = AccountPermissionUpdate(
        pool.address,
        owner_permission=owner,
        witness_permission=None,
        active_permissions=(
            account.active_permissions[0],
            _delegate_only(inhabitants.the(AccountRole.HOT_KEY).address),
        ),
    )
    _submit(chain, update, pool.key)
    chain.produce_block()


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


def _submit(chain: LocalChain, update: AccountPermissionUpdate, key: SigningKey) -> None:
    raw = chain.build(update)
    # The chain may have been switched off for long: it counts from its clock, not its last block.
    raw_bytes = encode(replace(raw, expiration_ms=chain.next_time_ms + 60_000))
    answer = chain.submit(raw_bytes, [key.sign(raw_bytes)])
    if not answer.accepted:
        raise RuntimeError(f"the pool's permission was refused: {answer.message}")
