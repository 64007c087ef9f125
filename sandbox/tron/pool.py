"""Transactions that wait for a block, and what lets one in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chain.protobuf import MalformedTransaction, read_fields
from chain.transactions import Raw, decode, encode_signed, txid
from sandbox.tron.blocks import LocalBlock
from sandbox.tron.execution import Rules
from sandbox.tron.parameters import MAX_EXPIRATION_MS, MAX_TRANSACTION_BYTES, SLOT_MS
from sandbox.tron.permissions import check_signatures
from sandbox.tron.refusals import Expired, InvalidContract, TooBig, WrongReferenceBlock
from sandbox.tron.state import View

LARGEST = 2_000
"""More than this may not wait: the node is then busy."""

_REFERENCE_RING = 1 << 16
_CONTRACT_FIELD = 11


@dataclass(frozen=True, slots=True)
class Waiting:
    """A signed transaction, read."""

    raw: Raw
    raw_bytes: bytes
    signatures: tuple[bytes, ...]

    @property
    def txid(self) -> str:
        """The transaction's id."""
        return txid(self.raw_bytes)


class Pool:
    """What waits, in the order it came."""

    def __init__(self) -> None:
        self._waiting: dict[str, Waiting] = {}

    def __contains__(self, transaction_id: str) -> bool:
        return transaction_id in self._waiting

    def all(self) -> tuple[Waiting, ...]:
        """Everything, oldest first."""
        return tuple(self._waiting.values())

    def get(self, transaction_id: str) -> Waiting | None:
        """One, by its id."""
        return self._waiting.get(transaction_id)

    def add(self, waiting: Waiting) -> None:
        """Adds one at the end."""
        self._waiting[waiting.txid] = waiting

    def remove(self, transaction_id: str) -> None:
        """Removes one, if it is there."""
        self._waiting.pop(transaction_id, None)

    def clear(self) -> None:
        """Removes all."""
        self._waiting.clear()

    def is_full(self) -> bool:
        """Whether the node would call itself busy."""
        return len(self._waiting) >= LARGEST


def read_waiting(raw_bytes: bytes, signatures: tuple[bytes, ...]) -> Waiting:
    """Reads a transaction that was broadcast.

    Raises `InvalidContract` for one without a contract or of a kind that is not built in, and
    `MalformedTransaction` for bytes that are none.
    """
    if not any(number == _CONTRACT_FIELD for number, _, _ in read_fields(raw_bytes)):
        raise InvalidContract("No contract!")
    try:
        raw = decode(raw_bytes, skip_unknown=True)
    except MalformedTransaction as error:
        raise InvalidContract(f"the local node cannot run this: {error}") from error
    return Waiting(raw, raw_bytes, signatures)


def check_admission(
    view: View,
    rules: Rules,
    waiting: Waiting,
    *,
    head: LocalBlock,
    next_time_ms: int,
    block_at: Callable[[int], LocalBlock | None],
) -> None:
    """Signatures, reference block, size and time, in the node's order. Raises the refusal."""
    raw = waiting.raw
    check_signatures(view, raw, waiting.raw_bytes, waiting.signatures, rules.operations)
    _check_reference(raw, head, block_at)
    size = len(encode_signed(waiting.raw_bytes, waiting.signatures))
    if size > MAX_TRANSACTION_BYTES:
        raise TooBig(
            f"Too big transaction, the size is {size} bytes, maxTxSize {MAX_TRANSACTION_BYTES}"
        )
    # The node counts the day from its head; after skipped slots here from the clock.
    latest = next_time_ms - SLOT_MS + MAX_EXPIRATION_MS
    if not next_time_ms <= raw.expiration_ms <= latest:
        raise Expired


def _check_reference(
    raw: Raw, head: LocalBlock, block_at: Callable[[int], LocalBlock | None]
) -> None:
    low = int.from_bytes(raw.ref_block_bytes, "big")
    number = head.number - (head.number - low) % _REFERENCE_RING
    block = block_at(number) if len(raw.ref_block_bytes) == 2 else None
    if block is None or bytes.fromhex(block.id)[8:16] != raw.ref_block_hash:
        raise WrongReferenceBlock
