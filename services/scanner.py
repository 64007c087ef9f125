"""The one reader of the chain, for all orders and all payment addresses.

It handles each block exactly once and in order: what a block means is committed together
with the cursor that says it was handled. After a stop it catches up; when the chain forked
it goes back to the last common block. Its cost does not grow with the number of orders.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from itertools import pairwise

from chain.blocks import Block, BlockRef, included_ids
from chain.errors import ChainError, MalformedAnswer
from chain.node import NodeClient
from db.database import Database, Transaction
from db.scanning import BlockRow
from services.chain_time import FIRST_BLOCK_KEY, SCANNER
from services.crediting import Crediting
from services.fail_points import reach
from services.log_context import about, learned
from services.notices import BLOCK_TOPIC
from services.owner import OwnerTransactions
from services.payments import Payments

# How many block ids are remembered, and so how deep a fork is found. A block is solid 18
# blocks after it was made; deeper forks do not happen.
_REMEMBERED = 100
_REMEMBERED_BEFORE_START = 20
_BATCH = 100
_ASK_AGAIN_SECONDS = 1.0

GENESIS_KEY = "chain.genesis"
"""Under which the database knows the first block of its chain."""

log = logging.getLogger(__name__)


class WrongChain(Exception):
    """The database belongs to another chain than the one the nodes speak for."""


class ForkTooDeep(Exception):
    """No remembered block is part of the node's chain any more."""


class Scanner:
    """Follows the chain at its head."""

    def __init__(
        self,
        node: NodeClient,
        database: Database,
        *,
        payments: Payments,
        crediting: Crediting,
        owner: OwnerTransactions,
    ) -> None:
        self._node = node
        self._database = database
        self._payments = payments
        self._crediting = crediting
        self._owner = owner
        self._recognised = False

    async def recognise_chain(self) -> None:
        """Bind an empty database to the chain, or refuse a database of another chain.

        Raises:
            WrongChain: the first block differs from the one this database began with.
            ChainError: no node could answer.
        """
        first = await self._node.blocks(0, 0)
        if not first:
            raise MalformedAnswer("the node does not know the first block")
        genesis = first[0].ref.id
        async with self._database.transaction() as tx:
            known = await tx.values.get(GENESIS_KEY)
            if known is None:
                await tx.values.put(GENESIS_KEY, genesis)
            elif known != genesis:
                raise WrongChain(
                    f"this database was begun on the chain {known}, the node is on {genesis}"
                )
        self._recognised = True

    async def genesis(self) -> str:
        """The first block of the chain that the database belongs to, as soon as one is known.

        Raises WrongChain, DatabaseUnavailable.
        """
        while True:
            async with self._database.transaction() as tx:
                known: str | None = await tx.values.get(GENESIS_KEY)
            if known is not None:
                return known
            try:
                await self.recognise_chain()
            except ChainError as error:
                log.debug("no node says which chain it is: %s", error)
                await asyncio.sleep(_ASK_AGAIN_SECONDS)

    async def scan(self) -> int:
        """Handle all blocks up to the head; returns how many.

        Raises:
            WrongChain: the nodes follow another chain than this database.
            ChainError: no node could answer; every block before the failure is handled.
            ForkTooDeep: the node's chain shares no remembered block with ours.
        """
        if not self._recognised:
            await self.recognise_chain()
        head = await self._node.head()
        async with self._database.transaction() as tx:
            cursor = await tx.scanning.cursor(SCANNER)
        if cursor is None:
            await self._start(head.ref)
            return 0
        handled = 0
        while cursor.number < head.ref.number:
            blocks = await self._next(cursor, head)
            if not blocks:
                break
            if blocks[0].parent_id != cursor.id:
                common = await self._go_back(cursor)
                if common == cursor:
                    break  # the nodes do not agree with each other: ask again later
                cursor = common
                continue
            _check_links(blocks)
            if not await self._handle(cursor, blocks):
                break  # another process is ahead of us
            handled += len(blocks)
            cursor = _row(blocks[-1].ref)
        if cursor.number == head.ref.number and cursor.id != head.ref.id:
            await self._go_back(cursor)
        return handled

    async def _start(self, head: BlockRef) -> None:
        """Begin at the head: nobody has been shown an address before.

        The blocks before it are remembered: the head itself may leave the chain.
        """
        before = max(0, head.number - _REMEMBERED_BEFORE_START)
        blocks = await self._node.blocks(before, head.number)
        if not blocks or blocks[-1].ref != head:
            return  # it has left the chain already
        async with self._database.transaction() as tx:
            if await tx.scanning.start(SCANNER, [_row(block.ref) for block in blocks]):
                await tx.values.put(FIRST_BLOCK_KEY, head.number + 1)
                await tx.wake(BLOCK_TOPIC)
                log.info("following the chain from block %s", head.number)

    async def _next(self, cursor: BlockRow, head: Block) -> Sequence[Block]:
        if head.ref.number == cursor.number + 1:
            return (head,)
        last = min(head.ref.number, cursor.number + _BATCH)
        return await self._node.blocks(cursor.number + 1, last)

    async def _handle(self, cursor: BlockRow, blocks: Sequence[Block]) -> bool:
        """Commit what `blocks` mean; False if the cursor is not where we thought."""
        async with self._database.transaction() as tx:
            if await tx.scanning.lock_cursor(SCANNER) != cursor:
                return False
            await tx.scanning.advance(
                SCANNER, [_row(block.ref) for block in blocks], keep=_REMEMBERED
            )
            ours = await tx.chain_transactions.open_ids()
            for block in blocks:
                await self._include_ours(tx, block, ours)
                await self._owner.handle_block(tx, block)
                await self._payments.handle_block(tx, block)
                await self._crediting.credit_confirmed(tx, block.ref.number)
            await tx.wake(BLOCK_TOPIC)
            reach("blocks handled, not committed")
        reach("blocks committed")
        return True

    async def _include_ours(self, tx: Transaction, block: Block, ours: frozenset[str]) -> None:
        found = included_ids(block, ours)
        if not found:
            return
        included = await tx.chain_transactions.include(
            found, block_number=block.ref.number, block_time=block.ref.time
        )
        if not included or not log.isEnabledFor(logging.INFO):
            return
        behind = await tx.chain_transactions.orders_behind(included)
        for transaction in included:
            with about(transaction=transaction):
                if transaction in behind:
                    learned(order=behind[transaction])
                log.info("transaction %s is in block %s", transaction, block.ref.number)

    async def _go_back(self, cursor: BlockRow) -> BlockRow:
        """Rewind to the highest block that the node's chain and ours have in common."""
        async with self._database.transaction() as tx:
            remembered = await tx.scanning.recent(SCANNER)
        for row in remembered:
            blocks = await self._node.blocks(row.number, row.number)
            if blocks and blocks[0].ref.id == row.id:
                await self._rewind(cursor, row)
                return row
        raise ForkTooDeep(f"the chain forked more than {len(remembered)} blocks ago")

    async def _rewind(self, cursor: BlockRow, block: BlockRow) -> None:
        async with self._database.transaction() as tx:
            if await tx.scanning.lock_cursor(SCANNER) != cursor or cursor.number <= block.number:
                return
            log.warning("the chain forked: back from block %s to %s", cursor.number, block.number)
            await tx.scanning.rewind(SCANNER, block)
            await self._payments.forget_above(tx, block.number)
            await tx.owner_transactions.forget_above(block.number)
            for lost in await tx.chain_transactions.exclude_above(block.number):
                log.warning("transaction %s left the chain with its block", lost)
            reach("rewind not committed")
        reach("rewind committed")


def _row(ref: BlockRef) -> BlockRow:
    return BlockRow(number=ref.number, id=ref.id, time=ref.time)


def _check_links(blocks: Sequence[Block]) -> None:
    for parent, child in pairwise(blocks):
        if child.parent_id != parent.ref.id:
            raise MalformedAnswer(f"block {child.ref.number} does not follow its parent")
