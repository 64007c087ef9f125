"""How the sandbox's chain begins: who owns what, and the permissions of the pools' hot keys."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from chain.addresses import Address, address_from_bytes
from sandbox.inhabitants import AccountRole, Inhabitants, Pool, PoolName
from sandbox.pool_owner import PoolOwner, permissions_with_hot_key
from sandbox.tron.accounts import DEFAULT_OPERATIONS
from sandbox.tron.chain import LocalChain
from sandbox.tron.genesis import Genesis, GenesisAccount
from sandbox.tron.payout import Payout
from sandbox.tron.token import EnergyCosts, Token
from sandbox.wallet import CannotSend

log = logging.getLogger(__name__)

TRX = 1_000_000
USDT = 1_000_000
USDD = 10**18

USDT_CONTRACT = Address("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t")
"""The main network's, so that what is configured for it fits here too."""

USDD_CONTRACT = Address("TXDk8mbtRbXeYuMNS83CfKPaYYT8XWv9Hz")
"""The main network's; another token, with other decimals, other costs and no blacklist."""

USDD_ENERGY = EnergyCosts(
    transfer_to_holder=28_412,
    transfer_to_new_holder=43_412,
    transfer_refused=2_618,
    balance_of=1_012,
    decimals=362,
)
"""Figures of the sandbox's own."""

PAYOUT_CONTRACT = address_from_bytes(b"\x41" + sha256(b"payout contract").digest()[:20])
"""Through it a wallet can pay as exchanges do that send withdrawals by a contract."""

CUSTOMER_TRX = 300
"""Enough for two of the largest orders, 115 TRX each."""
CUSTOMER_USDT = 500
CUSTOMER_USDD = 200
CUSTOMER_BANDWIDTH_STAKE_TRX = 1_000
"""About 2,100 bandwidth: a payment and a USDT transfer together take more than the free 600."""

REFUND_TRX = 500
"""As much as a day's refunds may come to."""


@dataclass(frozen=True, slots=True)
class PoolBeginning:
    """What a pool has at first, in whole TRX; without `trx` it is too poor to burn any."""

    energy_stake: int
    bandwidth_stake: int
    trx: int

    @property
    def is_poor(self) -> bool:
        return not self.bandwidth_stake and not self.trx


POOLS: Mapping[PoolName, PoolBeginning] = {
    PoolName.NORTH: PoolBeginning(200_000, 50_000, 5_000),
    PoolName.SOUTH: PoolBeginning(120_000, 20_000, 1_000),
    PoolName.EAST: PoolBeginning(240_000, 0, 0),
}
"""About 2.0, 1.2 and 2.4 million energy; a transfer takes 0.07 or 0.13 million.

The smallest pool that fits delivers an order: South those of a few transfers, so that they go well.
The largest order, 20 transfers to new holders, takes two pools. East staked all it had for energy:
the free 600 bandwidth of a day pay for one delivery and for taking it back, and no more. It has
the largest stake, so that it is asked first when an order is split, and last for a small order.
"""


def genesis(inhabitants: Inhabitants, *, start_ms: int | None = None) -> Genesis:
    """The chain's beginning; `start_ms` is the time of its first blocks, now if None."""
    the = inhabitants.the
    accounts = [
        GenesisAccount(
            resident.address,
            CUSTOMER_TRX * TRX,
            bandwidth_stake=CUSTOMER_BANDWIDTH_STAKE_TRX * TRX,
            tokens={USDT_CONTRACT: CUSTOMER_USDT * USDT, USDD_CONTRACT: CUSTOMER_USDD * USDD},
        )
        for resident in inhabitants.residents
        if resident.role is AccountRole.CUSTOMER
    ]
    accounts += [_pool_account(pool) for pool in inhabitants.pools]
    accounts += [
        # Activated, so that the first customer does not pay for that.
        GenesisAccount(the(AccountRole.PAYMENT).address, 1 * TRX),
        GenesisAccount(the(AccountRole.REFUND).address, REFUND_TRX * TRX),
        GenesisAccount(
            the(AccountRole.HOLDER).address,
            20 * TRX,
            tokens={USDT_CONTRACT: 1_000 * USDT, USDD_CONTRACT: 1_000 * USDD},
        ),
        GenesisAccount(
            the(AccountRole.EXCHANGE).address,
            1_000_000 * TRX,
            energy_stake=500_000 * TRX,
            bandwidth_stake=100_000 * TRX,
            tokens={USDT_CONTRACT: 5_000_000 * USDT, USDD_CONTRACT: 5_000_000 * USDD},
        ),
    ]
    creator = the(AccountRole.EXCHANGE).address
    return Genesis(
        start_ms=int(time.time() * 1000) if start_ms is None else start_ms,
        accounts=tuple(accounts),
        tokens=(
            Token(USDT_CONTRACT, creator, _given(accounts, USDT_CONTRACT)),
            Token(
                USDD_CONTRACT,
                creator,
                _given(accounts, USDD_CONTRACT),
                name="Decentralized USD",
                symbol="USDD",
                decimals=18,
                contract_name="USDD",
                energy=USDD_ENERGY,
                governed=False,
            ),
        ),
        payouts=(Payout(PAYOUT_CONTRACT, creator),),
    )


def grant_hot_keys(chain: LocalChain, inhabitants: Inhabitants) -> None:
    """Lets the hot keys delegate and reclaim the pools' energy, as the pools' owners do it.

    Does nothing where it is already so; makes a block otherwise. A pool that was left without the
    TRX for it stays without.
    """
    friend = inhabitants.the(AccountRole.EXCHANGE)
    granted = False
    for pool in inhabitants.pools:
        owner = PoolOwner(chain, pool, friend)
        if owner.permission_granted:
            continue
        try:
            owner.grant_permission()
        except CannotSend as refusal:
            log.warning("the hot key of %s stays without permission: %s", pool.name, refusal)
        else:
            granted = True
    if granted:
        chain.produce_block()


def _pool_account(pool: Pool) -> GenesisAccount:
    begins = POOLS[pool.name]
    return GenesisAccount(
        pool.account.address,
        begins.trx * TRX,
        energy_stake=begins.energy_stake * TRX,
        bandwidth_stake=begins.bandwidth_stake * TRX,
        # To change a permission costs 100 TRX: who has none was given it before.
        active_permissions=(
            permissions_with_hot_key(pool, DEFAULT_OPERATIONS) if begins.is_poor else ()
        ),
    )


def _given(accounts: Iterable[GenesisAccount], token: Address) -> int:
    return sum(account.tokens.get(token, 0) for account in accounts)
