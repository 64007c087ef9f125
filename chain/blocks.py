"""Blocks, and the transactions in them that concern somebody.

What counts is read from the bytes of each transaction, never from the node's JSON of it, and its id
is computed from the same bytes. A block full of strangers costs almost nothing: a transaction is
read only if the bytes of a wanted address stand somewhere in it. An address has no other encoding
than its bytes, so nothing that concerns the address can be without them.

The first block's transactions were written, not sent by anyone; they are nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import msgspec

from chain import answers
from chain.addresses import Address, InvalidAddress, address_bytes, address_from_bytes
from chain.contract_types import type_name
from chain.contracts import Transfer
from chain.errors import MalformedAnswer
from chain.protobuf import MalformedTransaction
from chain.transactions import Raw, decode, read_envelope

SUCCESS = "SUCCESS"
ID_LENGTH = 64
"""Hex digits of a block's and of a transaction's id."""

# Whatever could be an address: 0x41, and the 20 bytes after it, wherever that stands.
_look_like_addresses = re.compile(rb"\x41(?=(.{20}))", re.DOTALL).findall


@dataclass(frozen=True, slots=True)
class BlockRef:
    """A block's place in the chain: its number, its id, and its time in UTC."""

    number: int
    id: str
    time: datetime


class BlockTransaction(msgspec.Struct, frozen=True, gc=False):
    """A transaction in a block, as the node gives it; its bytes give its id.

    `result` is the network's word, ``SUCCESS`` if the transaction did what it says.
    """

    # No dataclass: a hundred blocks hold tens of thousands, which the garbage collector would
    # look through again and again.
    txid: str
    result: str
    raw_bytes: bytes

    @property
    def raw(self) -> Raw | None:
        """What was signed; None if it is of a kind that we do not read."""
        try:
            # The network passes over fields it does not know, and so must who reads its blocks:
            # else one odd transaction, or one odd payment, would stop the reading.
            return decode(self.raw_bytes, skip_unknown=True)
        except MalformedTransaction:
            return None


@dataclass(frozen=True, slots=True)
class Block:
    """A block with its transactions, in their order."""

    ref: BlockRef
    parent_id: str
    transactions: tuple[BlockTransaction, ...]


@dataclass(frozen=True, slots=True)
class TrxTransfer:
    """TRX that moved from one account to another, in sun.

    `position` is the contract's place in its transaction, which the network allows only one of.
    `expiration` is until when the transaction could have been taken into a block.
    """

    txid: str
    position: int
    sender: Address
    receiver: Address
    amount_sun: int
    block: BlockRef
    memo: bytes
    expiration: datetime


@dataclass(frozen=True, slots=True)
class OwnedTransaction:
    """A transaction in somebody's name, of any kind.

    `kind` is the network's name for what it does, ``TransferContract`` for one, or its number if
    it is newer than this program. `raw` is None for a kind that we do not read; `amount_sun` and
    `to` say how much TRX a ``TransferContract`` sends to whom, and are None for others.
    """

    txid: str
    owner: Address
    kind: str
    permission_id: int
    result: str
    raw: Raw | None
    amount_sun: int | None
    to: Address | None


def trx_transfers(block: Block, receivers: Collection[Address]) -> tuple[TrxTransfer, ...]:
    """The TRX transfers to any of `receivers` in a block that succeeded, in their order.

    Raises `MalformedAnswer` if one of them comes without its result.
    """
    wanted = frozenset(receivers)
    transfers: list[TrxTransfer] = []
    for transaction in _mentioning(block, wanted):
        raw = transaction.raw
        if raw is None or not isinstance(raw.contract, Transfer):
            continue
        contract = raw.contract
        if contract.to not in wanted or contract.amount <= 0:
            continue
        if not transaction.result:
            raise MalformedAnswer(f"transaction {transaction.txid} comes without its result")
        if transaction.result == SUCCESS:
            transfers.append(
                TrxTransfer(
                    transaction.txid,
                    0,
                    contract.owner,
                    contract.to,
                    contract.amount,
                    block.ref,
                    raw.memo,
                    answers.nearest_time(raw.expiration_ms),
                )
            )
    return tuple(transfers)


def transactions_of(block: Block, owners: Collection[Address]) -> tuple[OwnedTransaction, ...]:
    """The transactions in a block that were sent in the name of any of `owners`, in their order."""
    wanted = frozenset(owners)
    found: list[OwnedTransaction] = []
    for transaction in _mentioning(block, wanted):
        try:
            envelope = read_envelope(transaction.raw_bytes)
            owner = address_from_bytes(envelope.owner_bytes())
        except (MalformedTransaction, InvalidAddress):
            continue
        if owner not in wanted:
            continue
        raw = transaction.raw
        transfer = raw.contract if raw and isinstance(raw.contract, Transfer) else None
        found.append(
            OwnedTransaction(
                transaction.txid,
                owner,
                type_name(envelope.type_number),
                envelope.permission_id,
                transaction.result,
                raw,
                transfer.amount if transfer else None,
                transfer.to if transfer else None,
            )
        )
    return tuple(found)


def included_ids(block: Block, ids: Collection[str]) -> tuple[str, ...]:
    """Those of `ids` whose transactions are in the block, in its order."""
    wanted = frozenset(ids)
    return tuple(entry.txid for entry in block.transactions if entry.txid in wanted)


def _mentioning(block: Block, addresses: frozenset[Address]) -> Sequence[BlockTransaction]:
    """The transactions whose bytes hold one of the addresses anywhere."""
    if not addresses or not block.ref.number:
        return ()
    wanted = _without_prefix(addresses)
    return [
        transaction
        for transaction in block.transactions
        if not wanted.isdisjoint(_look_like_addresses(transaction.raw_bytes))
    ]


@lru_cache(maxsize=8)
def _without_prefix(addresses: frozenset[Address]) -> frozenset[bytes]:
    # The same few sets are asked for with every block.
    return frozenset(address_bytes(address)[1:] for address in addresses)
