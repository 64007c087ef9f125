"""TRX that contracts moved: payments that no transaction's bytes tell of.

An exchange that pays out through a contract sends TRX by a call of that contract. What then moves
is known only to nodes that run contracts and keep their *internal transactions*
(``vm.saveInternalTx``); it is a node's word, and cannot be checked against bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from chain.addresses import Address, InvalidAddress, address_from_hex
from chain.answers import is_hex
from chain.blocks import ID_LENGTH, SUCCESS
from chain.errors import MalformedAnswer

# Only these move TRX. Others look the same and do not: a contract's delegation of energy, for one,
# names its receiver and the staked amount (java-tron, Program.delegateResource).
_MOVING = frozenset({"call", "create", "suicide"})
_NOTES = _MOVING | {note.encode().hex() for note in _MOVING}


@dataclass(frozen=True, slots=True)
class InternalTransfer:
    """TRX moved by a contract, in sun.

    `position` is its place, from 1, among the internal transactions of its transaction.
    """

    txid: str
    position: int
    sender: Address
    receiver: Address
    amount_sun: int


class _Value(msgspec.Struct, gc=False):
    amount: int = msgspec.field(name="callValue", default=0)
    token_id: str = msgspec.field(name="tokenId", default="")


class _Internal(msgspec.Struct, gc=False):
    sender: str = msgspec.field(name="caller_address", default="")
    receiver: str = msgspec.field(name="transferTo_address", default="")
    values: list[_Value] = msgspec.field(name="callValueInfo", default_factory=list)
    note: str = ""
    rejected: bool = False


class _Receipt(msgspec.Struct, gc=False):
    result: str = ""


class _Info(msgspec.Struct, gc=False):
    txid: str = msgspec.field(name="id")
    block_number: int = msgspec.field(name="blockNumber")
    receipt: _Receipt = msgspec.field(default_factory=_Receipt)
    internal: list[_Internal] = msgspec.field(name="internal_transactions", default_factory=list)


_INFOS = msgspec.json.Decoder(list[_Info])


def parse_internal_transfers(
    content: bytes, *, block_number: int, transactions: int | None
) -> tuple[InternalTransfer, ...]:
    """``gettransactioninfobyblocknum``: the TRX that contracts moved in a block.

    `transactions` is how many the block has, if that is known. Raises `MalformedAnswer`, also if
    the answer is of another block or of another number of transactions.
    """
    try:
        infos = _INFOS.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedAnswer(f"no transaction infos: {error}") from error
    if transactions is not None and len(infos) != transactions:
        raise MalformedAnswer(
            f"infos of {len(infos)} transactions of block {block_number}, which has {transactions}"
        )
    return tuple(
        transfer for info in infos for transfer in _transfers(_checked(info, block_number))
    )


def _checked(info: _Info, block_number: int) -> _Info:
    if info.block_number != block_number:
        raise MalformedAnswer(f"asked for block {block_number}, told of {info.block_number}")
    if len(info.txid) != ID_LENGTH or not is_hex(info.txid):
        raise MalformedAnswer(f"{info.txid[:80]!r} is no transaction id")
    return info


def _transfers(info: _Info) -> Iterator[InternalTransfer]:
    if info.receipt.result != SUCCESS:
        return
    for position, internal in enumerate(info.internal, start=1):
        amount = sum(value.amount for value in internal.values if not value.token_id)
        if internal.rejected or internal.note not in _NOTES or amount <= 0:
            continue
        try:
            sender, receiver = (
                address_from_hex(internal.sender),
                address_from_hex(internal.receiver),
            )
        except InvalidAddress:
            # Not ours, whatever it is; one odd contract must not stop the reading.
            continue
        if sender != receiver:
            yield InternalTransfer(info.txid, position, sender, receiver, amount)
