"""Blocks as the network makes them: header, id, the tree of their transactions, and receipts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from chain.addresses import Address, address_bytes
from chain.contracts import Resource
from chain.protobuf import bytes_field, varint_field
from chain.transactions import txid

BLOCK_VERSION = 32
_EMPTY_ROOT = bytes(32)


class Outcome(IntEnum):
    """How a transaction ended, with the protocol's numbers."""

    DEFAULT = 0
    SUCCESS = 1
    REVERT = 2
    OUT_OF_ENERGY = 10


@dataclass(frozen=True, slots=True)
class Log:
    """An event of a contract; topics and data in hex."""

    contract: Address
    topics: tuple[str, ...]
    data: str


@dataclass(frozen=True, slots=True)
class InternalCall:
    """TRX that a contract sent on, in sun; `rejected` if that was undone with its call."""

    sender: Address
    receiver: Address
    amount: int
    rejected: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a transaction did and cost: the node's transaction info. Fees in sun.

    `energy_total` includes `energy_penalty`, what a busy contract adds.
    """

    fee: int = 0
    net_usage: int = 0
    net_fee: int = 0
    energy_usage: int = 0
    energy_fee: int = 0
    energy_total: int = 0
    contract: Address | None = None
    output: str = ""
    outcome: Outcome = Outcome.SUCCESS
    message: str = ""
    logs: tuple[Log, ...] = ()
    withdrawn: int = 0
    staked_again: tuple[tuple[Resource, int], ...] | None = None
    calls: tuple[InternalCall, ...] = ()
    energy_penalty: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A transaction in a block. Those of the genesis block have no signature and no outcome."""

    raw_bytes: bytes
    signatures: tuple[bytes, ...]
    outcome: Outcome
    receipt: Receipt

    @property
    def txid(self) -> str:
        """The transaction's id."""
        return txid(self.raw_bytes)


@dataclass(frozen=True, slots=True)
class LocalBlock:
    """A block. `witness` is a name of 21 bytes; the genesis block bears a sentence instead."""

    number: int
    time_ms: int
    parent_id: str
    witness: bytes
    version: int
    root: str
    signature: bytes
    entries: tuple[Entry, ...]

    @property
    def id(self) -> str:
        """The number, then the hash of the header without its first 8 bytes."""
        return block_id(self.number, self.header)

    @property
    def header(self) -> bytes:
        """The bytes that are hashed and signed."""
        return b"".join(
            (
                varint_field(1, self.time_ms),
                bytes_field(2, bytes.fromhex(self.root)),
                bytes_field(3, bytes.fromhex(self.parent_id)),
                varint_field(7, self.number),
                bytes_field(9, self.witness),
                varint_field(10, self.version),
            )
        )


def block_id(number: int, header: bytes) -> str:
    """The id of a block with this header."""
    return number.to_bytes(8, "big").hex() + sha256(header).hexdigest()[16:]


def tree_root(entries: Sequence[Entry]) -> str:
    """The root over a block's transactions, in hex: SHA-256 in pairs, an odd one moves up."""
    level = [sha256(entry_bytes(entry)).digest() for entry in entries]
    if not level:
        return _EMPTY_ROOT.hex()
    while len(level) > 1:
        level = [
            sha256(b"".join(pair)).digest() if len(pair) > 1 else pair[0]
            for pair in (level[start : start + 2] for start in range(0, len(level), 2))
        ]
    return level[0].hex()


def entry_bytes(entry: Entry) -> bytes:
    """A whole transaction as it lies in a block, with its result."""
    result = bytes_field(5, varint_field(3, entry.outcome)) if entry.outcome else b""
    return (
        bytes_field(1, entry.raw_bytes)
        + b"".join(bytes_field(2, signature) for signature in entry.signatures)
        + result
    )


GENESIS_PARENT = "e58f33f9baf9305dc6f82b9f1934ea8f0ade2defb951258d50167028c780351f"
GENESIS_SENTENCE = (
    b"A new system must allow existing systems to be linked together without requiring any "
    b"central control or coordination"
)
GENESIS_OWNER = b"0x000000000000000000000"


def genesis_block(balances: Sequence[tuple[Address, int]]) -> LocalBlock:
    """Block 0 of a network that starts with these balances, at time 0."""
    entries = tuple(
        Entry(_genesis_raw(address, balance), (), Outcome.DEFAULT, Receipt())
        for address, balance in balances
    )
    root = tree_root(entries)
    return LocalBlock(0, 0, GENESIS_PARENT, GENESIS_SENTENCE, 0, root, b"", entries)


def _genesis_raw(address: Address, balance: int) -> bytes:
    value = (
        bytes_field(1, GENESIS_OWNER)
        + bytes_field(2, address_bytes(address))
        + varint_field(3, balance)
    )
    parameter = bytes_field(1, b"type.googleapis.com/protocol.TransferContract") + bytes_field(
        2, value
    )
    return bytes_field(11, varint_field(1, 1) + bytes_field(2, parameter))
