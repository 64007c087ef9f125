"""A small network for the tests: a pool, a hot key, a customer, a wallet, and USDT."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from chain.addresses import Address, address_hex, parse_address
from chain.contracts import (
    Contract,
    DelegateResource,
    Resource,
    Transfer,
    TriggerSmartContract,
    UnDelegateResource,
)
from chain.keys import SigningKey
from chain.transactions import encode, encode_signed
from sandbox.tron.blocks import Receipt
from sandbox.tron.chain import Answer, LocalChain
from sandbox.tron.genesis import Genesis, GenesisAccount
from sandbox.tron.parameters import TRX
from sandbox.tron.token import Token

START_MS = 1_800_000_000_000
HOUR_S = 3_600
DAY_S = 24 * HOUR_S

USDT = parse_address("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t")


def key(name: str) -> SigningKey:
    """A key of the tests' own."""
    return SigningKey.from_hex(sha256(f"test key {name}".encode()).hexdigest())


POOL = key("pool")
HOT = key("hot")
CUSTOMER = key("customer")
HOLDER = key("holder")
STRANGER = key("stranger")
BANK = key("bank")

USDT_TOKEN = Token(USDT, BANK.address, 1_000_000_000 * TRX)


def genesis(**changes: object) -> Genesis:
    """The network; the stranger's address is not activated."""
    accounts = (
        GenesisAccount(
            POOL.address,
            1_000 * TRX,
            energy_stake=1_000_000 * TRX,
            bandwidth_stake=10_000 * TRX,
        ),
        GenesisAccount(CUSTOMER.address, 100 * TRX, tokens={USDT: 500 * TRX}),
        GenesisAccount(HOLDER.address, 100 * TRX, tokens={USDT: 1 * TRX}),
        GenesisAccount(BANK.address, 1_000_000 * TRX),
    )
    settings: dict[str, object] = {
        "start_ms": START_MS,
        "accounts": accounts,
        "tokens": (USDT_TOKEN,),
        **changes,
    }
    return Genesis(**settings)  # type: ignore[arg-type]


def open_chain(path: Path | None = None) -> LocalChain:
    """The network's chain."""
    return LocalChain(genesis(), path)


def signed(
    chain: LocalChain,
    contract: Contract,
    keys: Sequence[SigningKey] | SigningKey,
    *,
    memo: bytes = b"",
    fee_limit: int = 0,
    permission_id: int = 0,
) -> bytes:
    """A whole transaction, signed, not sent."""
    raw = chain.build(
        contract, memo=memo, fee_limit=fee_limit, permission_id=permission_id, check=False
    )
    raw_bytes = encode(raw)
    keys = [keys] if isinstance(keys, SigningKey) else keys
    return encode_signed(raw_bytes, [each.sign(raw_bytes) for each in keys])


def send(
    chain: LocalChain, contract: Contract, by: SigningKey, *, fee_limit: int = 0, memo: bytes = b""
) -> Answer:
    """Signs with the account's own key and broadcasts."""
    return chain.broadcast(signed(chain, contract, by, fee_limit=fee_limit, memo=memo))


def carry_out(
    chain: LocalChain, contract: Contract, by: SigningKey, *, fee_limit: int = 0, memo: bytes = b""
) -> Receipt:
    """The same, in a block of its own."""
    answer = send(chain, contract, by, fee_limit=fee_limit, memo=memo)
    assert answer.accepted, answer.message
    chain.produce_block()
    found = chain.entry(answer.txid)
    assert found is not None
    return found[1].receipt


def delegated(amount_trx: int, receiver: Address = CUSTOMER.address) -> DelegateResource:
    """The pool lends energy."""
    return DelegateResource(POOL.address, receiver, amount_trx * TRX, Resource.ENERGY)


def reclaimed(amount_trx: int, receiver: Address = CUSTOMER.address) -> UnDelegateResource:
    """The pool takes energy back."""
    return UnDelegateResource(POOL.address, receiver, amount_trx * TRX, Resource.ENERGY)


def paid(sun: int, to: Address = BANK.address, by: SigningKey = CUSTOMER) -> Transfer:
    """A transfer of TRX."""
    return Transfer(by.address, to, sun)


def usdt(amount: int, to: Address, by: SigningKey = CUSTOMER) -> TriggerSmartContract:
    """A transfer of USDT, in millionths."""
    data = "a9059cbb" + address_hex(to)[2:].rjust(64, "0") + amount.to_bytes(32, "big").hex()
    return TriggerSmartContract(by.address, USDT, bytes.fromhex(data))
