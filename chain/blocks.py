"""Blocks, and the TRX transfers in them.

What counts is read from the bytes of each transaction, never from the node's JSON of it, and its id
is computed from the same bytes. Only the kinds of transaction that we act upon are decoded; a block
full of others costs little.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chain import answers
from chain.addresses import Address
from chain.answers import Json
from chain.contract_types import contract_type
from chain.contracts import Transfer
from chain.errors import MalformedAnswer
from chain.protobuf import MalformedTransaction
from chain.transactions import Raw, decode, txid

SUCCESS = "SUCCESS"
ID_LENGTH = 64
"""Hex digits of a block's and of a transaction's id."""

_READ_TYPES = frozenset(
    {"TransferContract", "DelegateResourceContract", "UnDelegateResourceContract"}
)
_NUMBER_DIGITS = 16


@dataclass(frozen=True, slots=True)
class BlockRef:
    """A block's place in the chain: its number, its id, and its time in UTC."""

    number: int
    id: str
    time: datetime


@dataclass(frozen=True, slots=True)
class BlockTransaction:
    """A transaction in a block; `raw` is None if it is of a kind that we do not read.

    `result` is the network's word, ``SUCCESS`` if the transaction did what it says.
    """

    txid: str
    result: str
    raw: Raw | None


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
    """

    txid: str
    position: int
    sender: Address
    receiver: Address
    amount_sun: int
    block: BlockRef
    memo: bytes


def parse_block(answer: Any) -> Block:
    """The block in a node's JSON, with base58 or hex addresses alike.

    Raises `MalformedAnswer`, also if a transaction's bytes do not give the id the node names, or
    are of another kind than it says.
    """
    block = answers.mapping(answer, "block")
    ref, parent_id = _parse_header(block)
    # The first block's transactions were written, not sent by anyone, and follow no rule.
    read_types = _READ_TYPES if ref.number else frozenset[str]()
    transactions = tuple(
        _parse_transaction(item, read_types) for item in answers.mappings(block, "transactions")
    )
    return Block(ref, parent_id, transactions)


def parse_block_ref(answer: Any) -> BlockRef:
    """Only the place of the block in a node's JSON. Raises `MalformedAnswer`."""
    return _parse_header(answers.mapping(answer, "block"))[0]


def trx_transfers(block: Block) -> tuple[TrxTransfer, ...]:
    """The TRX transfers in a block that succeeded, in their order."""
    return tuple(
        TrxTransfer(
            transaction.txid,
            0,
            transaction.raw.contract.owner,
            transaction.raw.contract.to,
            transaction.raw.contract.amount,
            block.ref,
            transaction.raw.memo,
        )
        for transaction in block.transactions
        if transaction.result == SUCCESS
        and transaction.raw is not None
        and isinstance(transaction.raw.contract, Transfer)
    )


def _parse_header(block: Json) -> tuple[BlockRef, str]:
    header = answers.required_mapping(answers.required_mapping(block, "block_header"), "raw_data")
    number = answers.count(header, "number")
    block_id = answers.hex_digits(block, "blockID", ID_LENGTH)
    if int(block_id[:_NUMBER_DIGITS], 16) != number:
        raise MalformedAnswer(f"block {number} has the id {block_id}")
    parent_id = answers.hex_digits(header, "parentHash", ID_LENGTH)
    if number and int(parent_id[:_NUMBER_DIGITS], 16) != number - 1:
        raise MalformedAnswer(f"block {number} has the parent {parent_id}")
    # Only the first block may be of the year 1970.
    time = answers.required_time(header, "timestamp") if number else answers.time_of(0)
    return BlockRef(number, block_id, time), parent_id


def _parse_transaction(item: Json, read_types: frozenset[str]) -> BlockTransaction:
    transaction_id = answers.hex_digits(item, "txID", ID_LENGTH)
    results = answers.mappings(item, "ret")
    result = answers.text(results[0], "contractRet") if results else ""
    kind = _type_name(item)
    if kind not in read_types:
        return BlockTransaction(transaction_id, result, None)
    if not result:
        raise MalformedAnswer(f"transaction {transaction_id} comes without its result")
    raw_bytes = answers.hex_bytes(item.get("raw_data_hex"), "raw_data_hex")
    computed = txid(raw_bytes)
    if computed != transaction_id:
        raise MalformedAnswer(f"transaction {transaction_id} has the bytes of {computed}")
    try:
        # The network passes over fields it does not know, and so must who reads its blocks: else
        # one odd transaction, or one odd payment, would stop the reading.
        raw = decode(raw_bytes, skip_unknown=True)
    except MalformedTransaction as error:
        raise MalformedAnswer(f"transaction {transaction_id}: {error}") from error
    if contract_type(raw.contract).name != kind:
        raise MalformedAnswer(f"transaction {transaction_id} is no {kind}")
    return BlockTransaction(transaction_id, result, raw)


def _type_name(item: Json) -> str:
    """The kind of a transaction by the node's JSON, empty if it does not say."""
    try:
        name = item["raw_data"]["contract"][0]["type"]
    except (KeyError, IndexError, TypeError):
        return ""
    return name if isinstance(name, str) else ""
