"""Blocks out of a node's JSON, as fast as a scanner that has to catch up needs them.

Only the few members that are read are ever built: the node's own reading of a transaction
(``raw_data``), by far the most of an answer, is passed over in the text.
"""

from __future__ import annotations

from binascii import unhexlify
from typing import Annotated, TypeAlias, TypeVar

import msgspec

from chain import answers
from chain.blocks import ID_LENGTH, Block, BlockRef, BlockTransaction
from chain.errors import MalformedAnswer
from chain.transactions import txid

T = TypeVar("T")

_NUMBER_DIGITS = 16

_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]


class _Result(msgspec.Struct, gc=False):
    word: str = msgspec.field(name="contractRet", default="")


class _Transaction(msgspec.Struct, gc=False):
    txid: str = msgspec.field(name="txID")
    raw_data_hex: str
    results: list[_Result] = msgspec.field(name="ret", default_factory=list)


class _HeaderData(msgspec.Struct, gc=False):
    parent_id: str = msgspec.field(name="parentHash")
    number: _Count = 0
    timestamp: _Count = 0


class _Header(msgspec.Struct, gc=False):
    data: _HeaderData = msgspec.field(name="raw_data")


class _Place(msgspec.Struct, gc=False):
    id: str = msgspec.field(name="blockID")
    header: _Header = msgspec.field(name="block_header")


class _Block(_Place):
    transactions: list[_Transaction] = msgspec.field(default_factory=list)


class _Blocks(msgspec.Struct):
    block: list[_Block] | msgspec.UnsetType = msgspec.UNSET


_PLACE = msgspec.json.Decoder(_Place)
_BLOCK = msgspec.json.Decoder(_Block)
_BLOCKS = msgspec.json.Decoder(_Blocks)
_NOTHING = msgspec.json.Decoder(dict[str, msgspec.Raw])


def parse_block(content: bytes) -> Block:
    """The block in a node's answer.

    Raises `MalformedAnswer`, also if the bytes of a transaction do not give its id. What it means
    is not looked at here: that is done for those that concern somebody (`chain.blocks`).
    """
    return _checked_block(_decoded(_BLOCK, content))


def parse_block_ref(content: bytes) -> BlockRef:
    """Only the place of the block in a node's answer. Raises `MalformedAnswer`."""
    return _checked_place(_decoded(_PLACE, content))[0]


def parse_blocks(content: bytes, *, first: int, end: int) -> tuple[Block, ...]:
    """``getblockbylimitnext``: blocks from `first` on, up to but not including `end`.

    Raises `MalformedAnswer`, also if the blocks are not those, or do not follow each other.
    """
    found = _decoded(_BLOCKS, content).block
    if found is msgspec.UNSET:
        beside = _decoded(_NOTHING, content)
        if beside:
            raise MalformedAnswer(f"block is missing beside {', '.join(beside)}")
        return ()
    blocks = tuple(_checked_block(block) for block in found)
    if len(blocks) > end - first:
        raise MalformedAnswer(f"{len(blocks)} blocks instead of {end - first}")
    for position, block in enumerate(blocks):
        if block.ref.number != first + position:
            raise MalformedAnswer(f"block {block.ref.number} in place of {first + position}")
        if position and block.parent_id != blocks[position - 1].ref.id:
            raise MalformedAnswer(f"block {block.ref.number} does not follow the one before it")
    return blocks


def _decoded(decoder: msgspec.json.Decoder[T], content: bytes) -> T:
    try:
        return decoder.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedAnswer(f"no block: {error}") from error


def _checked_place(block: _Place) -> tuple[BlockRef, str]:
    header = block.header.data
    number = header.number
    _check_id(block.id, "blockID")
    if int(block.id[:_NUMBER_DIGITS], 16) != number:
        raise MalformedAnswer(f"block {number} has the id {block.id}")
    _check_id(header.parent_id, "parentHash")
    if number and int(header.parent_id[:_NUMBER_DIGITS], 16) != number - 1:
        raise MalformedAnswer(f"block {number} has the parent {header.parent_id}")
    # Only the first block may be of the year 1970.
    if number and not header.timestamp:
        raise MalformedAnswer(f"block {number} has no time")
    time = answers.time_of(header.timestamp if number else 0)
    return BlockRef(number, block.id, time), header.parent_id


def _check_id(value: str, name: str) -> None:
    if len(value) != ID_LENGTH or not answers.is_hex(value):
        raise MalformedAnswer(f"{name} is not {ID_LENGTH} hex digits")


def _checked_block(block: _Block) -> Block:
    ref, parent_id = _checked_place(block)
    try:
        transactions = tuple(
            [
                BlockTransaction(
                    entry.txid,
                    entry.results[0].word if entry.results else "",
                    unhexlify(entry.raw_data_hex),
                )
                for entry in block.transactions
            ]
        )
    except ValueError as error:
        raise MalformedAnswer(f"raw_data_hex in block {ref.number}: {error}") from error
    # Here, where another node can still be asked. The first block's follow no rule.
    for transaction in transactions if ref.number else ():
        computed = txid(transaction.raw_bytes)
        if computed != transaction.txid:
            raise MalformedAnswer(f"transaction {transaction.txid} has the bytes of {computed}")
    return Block(ref, parent_id, transactions)
