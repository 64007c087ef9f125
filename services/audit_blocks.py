"""A range of blocks, read again: what is in them is recorded, and what is recorded is in them.

The comparison is pure; reading is bounded by its caller.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chain.addresses import Address
from chain.blocks import Block, transactions_of, trx_transfers
from chain.internal_transfers import InternalTransfer
from chain.node import NodeClient
from db.audit import IncludedRow, RecordedPaymentRow
from db.database import Database
from services.audit_report import Check, Difference
from services.payments import OurAddresses

_CHUNK = 100
_UNMADE = frozenset({"orphaned", "lost"})


@dataclass(frozen=True, slots=True)
class Incoming:
    """TRX that reached one of our addresses, as a block tells it."""

    txid: str
    position: int
    sender: str
    receiver: str
    amount_sun: int
    block_number: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A transaction in the name of one of our addresses; `by_us`: as only this program may sign."""

    txid: str
    owner: str
    kind: str
    by_us: bool
    block_number: int


@dataclass(frozen=True, slots=True)
class BlocksRead:
    """Up to which block was read, and what differs. `last` is below the one asked for if the
    nodes could not give them all."""

    last: int
    differences: tuple[Difference, ...]


def incoming_differences(
    found: Iterable[Incoming], recorded: Iterable[RecordedPaymentRow]
) -> Iterator[Difference]:
    """Payments that are missing, invented, or recorded otherwise than they are in the chain.

    `recorded` are those of the blocks, and those of the same transactions wherever they are.
    """
    there = {(each.txid, each.position): each for each in found}
    known = {(row.txid, row.position): row for row in recorded}
    for key, transfer in there.items():
        row = known.get(key)
        if row is None or row.status in _UNMADE:
            yield Difference(
                check=Check.BLOCKS,
                what="a payment in the chain is not recorded"
                if row is None
                else f"a payment in the chain is recorded as {row.status}",
                txid=transfer.txid,
                block=transfer.block_number,
                address=transfer.receiver,
                expected=transfer.amount_sun,
                found=0,
                mend="It is a customer's money: assign it by hand, and look why it was not read.",
            )
            continue
        for name, wanted, have in (
            ("amount", transfer.amount_sun, row.amount_sun),
            ("sender", transfer.sender, row.sender),
            ("receiver", transfer.receiver, row.receiver),
            ("block", str(transfer.block_number), str(row.block_number)),
        ):
            if wanted != have:
                yield Difference(
                    check=Check.BLOCKS,
                    what=f"a payment is recorded with another {name}",
                    txid=transfer.txid,
                    block=transfer.block_number,
                    address=transfer.receiver,
                    expected=wanted,
                    found=have,
                    mend="Trust the chain: restore the database.",
                )
    for key, row in known.items():
        if key not in there and row.status not in _UNMADE:
            yield Difference(
                check=Check.BLOCKS,
                what="a recorded payment is not in its block",
                txid=row.txid,
                block=row.block_number,
                address=row.receiver,
                expected=0,
                found=row.amount_sun,
                mend="Nobody has paid this: find out what was delivered or credited for it.",
            )


def outgoing_differences(
    found: Iterable[Outgoing],
    known: Mapping[str, bool],
    included: Iterable[IncludedRow],
    txids: Mapping[int, Collection[str]],
) -> Iterator[Difference]:
    """Transactions of ours that we do not know, or that are not in the block we have them in.

    `known` are the ids that are recorded, and whether as our own; `txids` the ids of each block.
    """
    for each in found:
        if each.by_us and not known.get(each.txid, False):
            yield signed_by_another(each.txid, each.owner, each.kind, each.block_number)
        elif each.txid not in known:
            yield Difference(
                check=Check.BLOCKS,
                what=f"a {each.kind} in the name of an address of ours is not recorded",
                txid=each.txid,
                block=each.block_number,
                address=each.owner,
                mend="Look whether it was you, and why its block was not read.",
            )
    for row in included:
        if row.txid not in txids.get(row.block_number, ()):
            yield Difference(
                check=Check.BLOCKS,
                what="a transaction of ours is not in the block that it is recorded in",
                txid=row.txid,
                block=row.block_number,
                address=row.owner,
                mend="Trust the chain: look the transaction up, and restore the database.",
            )


def signed_by_another(txid: str, owner: str, kind: str, block: int) -> Difference:
    """Somebody else has a key that only this program should have."""
    return Difference(
        check=Check.SIGNATURES,
        what=f"a {kind} was signed by the permission that only this program has, but not by it",
        txid=txid,
        block=block,
        address=owner,
        mend="Somebody else has the key: give the permission to a new one now. Then audit with"
        " --since the block after this.",
    )


class BlockReading:
    """Reads blocks again and compares them with what was recorded of them."""

    def __init__(
        self,
        node: NodeClient,
        database: Database,
        *,
        ours: OurAddresses,
    ) -> None:
        self._node = node
        self._database = database
        self._ours = ours

    async def read(self, first: int, last: int) -> BlocksRead:
        """Compare the blocks from `first` to `last`, which have to be solid and handled.

        Raises:
            ChainError: no node could answer.
        """
        differences: list[Difference] = []
        done = first - 1
        while done < last:
            end = min(done + _CHUNK, last)
            blocks = await self._node.blocks(done + 1, end)
            if not blocks:
                break
            differences += await self._compare(blocks)
            done = blocks[-1].ref.number
        return BlocksRead(done, tuple(differences))

    async def _compare(self, blocks: Sequence[Block]) -> list[Difference]:
        first, last = blocks[0].ref.number, blocks[-1].ref.number
        async with self._database.transaction(frozen=True) as tx:
            recorded = {
                (row.txid, row.position): row for row in await tx.audit.payments_in(first, last)
            }
            asked = await tx.orders.payment_addresses()
            watched = self._ours.watched | {
                *(Address(each) for each in asked),
                *(Address(row.receiver) for row in recorded.values()),
            }
            incoming = [
                Incoming(
                    transfer.txid,
                    transfer.position,
                    transfer.sender,
                    transfer.receiver,
                    transfer.amount_sun,
                    block.ref.number,
                )
                for block in blocks
                for transfer in trx_transfers(block, watched)
            ]
            elsewhere = await tx.audit.payments_by_txid([each.txid for each in incoming])
            recorded |= {(row.txid, row.position): row for row in elsewhere if row.position == 0}
            outgoing = [
                Outgoing(
                    found.txid,
                    found.owner,
                    found.kind,
                    self._ours.permissions.get(found.owner) == found.permission_id,
                    block.ref.number,
                )
                for block in blocks
                for found in transactions_of(block, self._ours.watched)
            ]
            known = await tx.audit.known_txids([each.txid for each in outgoing])
            included = await tx.audit.included_in(first, last)
        incoming += await self._by_contracts(recorded.values())
        needed = {row.block_number for row in included}
        txids = {
            block.ref.number: frozenset(each.txid for each in block.transactions)
            for block in blocks
            if block.ref.number in needed
        }
        return [
            *incoming_differences(incoming, recorded.values()),
            *outgoing_differences(outgoing, known, included, txids),
        ]

    async def _by_contracts(self, recorded: Iterable[RecordedPaymentRow]) -> list[Incoming]:
        """Of recorded payments by contracts, what the chain says: no block's bytes tell of them.

        A node that tells of none in a block does not keep them; then the balances have to prove it.
        """
        rows = [row for row in recorded if row.position > 0]
        wanted = {(row.txid, row.position) for row in rows}
        found: list[Incoming] = []
        for number in sorted({row.block_number for row in rows}):
            told = await self._node.internal_transfers(number)
            if told:
                found += [
                    of_contract(moved, number)
                    for moved in told
                    if (moved.txid, moved.position) in wanted
                ]
            else:
                found += [as_recorded(row) for row in rows if row.block_number == number]
        return found


def of_contract(moved: InternalTransfer, block_number: int) -> Incoming:
    """What a contract moved in a block."""
    return Incoming(
        moved.txid, moved.position, moved.sender, moved.receiver, moved.amount_sun, block_number
    )


def as_recorded(row: RecordedPaymentRow) -> Incoming:
    """A transfer of exactly what is recorded."""
    return Incoming(
        row.txid, row.position, row.sender, row.receiver, row.amount_sun, row.block_number
    )
