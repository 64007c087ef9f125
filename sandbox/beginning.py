"""How the sandbox's chain begins: who owns what, and the pool's permission for its hot key."""

from __future__ import annotations

import time
from hashlib import sha256

from chain.addresses import Address, address_from_bytes
from sandbox.inhabitants import AccountRole, Inhabitants
from sandbox.pool_owner import PoolOwner
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

REFUND_TRX = 500
"""As much as a day's refunds may come to."""

POOL_ENERGY_STAKE_TRX = 2_000_000
"""About 20 million energy: 280 transfers at a time."""


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
        GenesisAccount(the(AccountRole.REFUND).address, REFUND_TRX * TRX),
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
    """Lets the hot key delegate and reclaim the pool's energy, as the pool's owner does it.

    Does nothing when it is already so; makes a block otherwise.
    """
    owner = PoolOwner(chain, inhabitants)
    if owner.permission_granted:
        return
    owner.grant_permission()
    chain.produce_block()
