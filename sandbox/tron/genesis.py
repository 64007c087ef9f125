"""How a local network starts: who has what, and how much stake the rest of the network holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256

from chain.addresses import Address
from chain.contracts import Permission, Resource
from chain.keys import SigningKey
from sandbox.tron.accounts import DEFAULT_OPERATIONS, Account, Holding, new_account
from sandbox.tron.parameters import TRX, Parameters
from sandbox.tron.payout import Payout
from sandbox.tron.state import BANDWIDTH_WEIGHT, ENERGY_WEIGHT, State
from sandbox.tron.token import Token

SOLID_AFTER = 18
"""Blocks by other producers until a block is solid: 19 of 27 have then built on it."""

WITNESSES = 27
START_BLOCKS = 20


def witness_keys(count: int = WITNESSES) -> tuple[SigningKey, ...]:
    """Keys of block producers that exist in no other network."""
    return tuple(
        SigningKey.from_hex(sha256(f"local block producer {number}".encode()).hexdigest())
        for number in range(count)
    )


@dataclass(frozen=True, slots=True)
class GenesisAccount:
    """An account that exists from the start; amounts in sun, `tokens` by contract.

    What is given to nobody of a token's supply, its creator holds.
    """

    address: Address
    balance: int = 0
    energy_stake: int = 0
    bandwidth_stake: int = 0
    tokens: Mapping[Address, int] = field(default_factory=dict)
    active_permissions: tuple[Permission, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Genesis:
    """A network's beginning.

    `start_ms` is the time of the last of the `start_blocks` empty blocks that the chain begins
    with, so that there is a solid block at once. The weights are what all others have staked, in
    TRX; with the default 180e9 energy are shared so that 1 TRX yields about 10.
    """

    start_ms: int
    accounts: tuple[GenesisAccount, ...] = ()
    tokens: tuple[Token, ...] = ()
    payouts: tuple[Payout, ...] = ()
    other_energy_stake: int = 18_000_000_000
    other_bandwidth_stake: int = 20_000_000_000
    start_blocks: int = START_BLOCKS
    solid_after: int = SOLID_AFTER
    parameters: Parameters = field(default_factory=Parameters)
    operations: bytes = DEFAULT_OPERATIONS
    witnesses: tuple[SigningKey, ...] = field(default_factory=witness_keys)

    @property
    def contracts(self) -> tuple[Token | Payout, ...]:
        """The contracts that are built in."""
        return (*self.tokens, *self.payouts)

    def fill(self, state: State) -> None:
        """Writes the accounts, tokens and weights into an empty state."""
        energy_weight, bandwidth_weight = self.other_energy_stake, self.other_bandwidth_stake
        for given in self.accounts:
            account = replace(
                new_account(given.address, 0, self.operations),
                balance=given.balance,
                energy=Holding(own=given.energy_stake),
                bandwidth=Holding(own=given.bandwidth_stake),
            )
            if given.active_permissions:
                account = replace(account, active_permissions=given.active_permissions)
            state.put_account(account)
            energy_weight += account.staked(Resource.ENERGY) // TRX
            bandwidth_weight += account.staked(Resource.BANDWIDTH) // TRX
            for contract, amount in given.tokens.items():
                state.put_token_balance(contract, given.address, amount)
        for token in self.tokens:
            given_away = sum(each.tokens.get(token.address, 0) for each in self.accounts)
            own = state.token_balance(token.address, token.creator)
            state.put_token_balance(
                token.address, token.creator, own + token.total_supply - given_away
            )
        for built_in in self.contracts:
            state.put_account(
                Account(built_in.address, is_contract=True, name=built_in.contract_name)
            )
        state.put(ENERGY_WEIGHT, energy_weight)
        state.put(BANDWIDTH_WEIGHT, bandwidth_weight)
