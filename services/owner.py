"""What the operator does by hand with the shop's addresses, and what a thief might do.

Money that leaves a payment address is the operator's to take, and the books follow. A transaction
in the name of the refund wallet, or by the permission that only this program holds, and that this
program never made: somebody else has its key, and the operator is told at once.
"""

from __future__ import annotations

import logging

from chain.addresses import Address
from chain.blocks import Block, OwnedTransaction, transactions_of
from chain.node import NodeClient
from db.database import Database, Transaction
from db.owner_transactions import OwnerTransactionRow
from services import ledger
from services.alerts import AlertKind, raise_alert
from services.fail_points import reach
from services.payments import OurAddresses
from services.refund_transfers import finish_refund
from services.solid import SolidChain

_BATCH = 100

log = logging.getLogger(__name__)


class OwnerTransactions:
    """Records and books transactions of our addresses that this program did not make."""

    def __init__(
        self,
        node: NodeClient,
        database: Database,
        solid: SolidChain,
        *,
        ours: OurAddresses,
    ) -> None:
        self._node = node
        self._database = database
        self._solid = solid
        self._ours = ours

    async def handle_block(self, tx: Transaction, block: Block) -> None:
        """Record what was done in the name of our addresses in `block`, except by us."""
        found = transactions_of(block, self._ours.watched)
        if not found:
            return
        known = await tx.chain_transactions.ours([each.txid for each in found])
        for each in found:
            if each.txid not in known:
                await self._record(tx, block, each)

    async def _record(self, tx: Transaction, block: Block, found: OwnedTransaction) -> None:
        new = await tx.owner_transactions.record(
            OwnerTransactionRow(
                txid=found.txid,
                owner=found.owner,
                kind=found.kind,
                permission_id=found.permission_id,
                receiver=found.to,
                amount_sun=found.amount_sun,
                block_number=block.ref.number,
                block_time=block.ref.time,
            )
        )
        if not new:
            return
        if self._ours.permissions.get(found.owner) != found.permission_id:
            log.info("the owner of %s made %s (%s)", found.owner, found.txid, found.kind)
            return
        log.error("%s of %s was signed with our key, but not by us", found.txid, found.owner)
        await raise_alert(
            tx,
            AlertKind.UNKNOWN_TRANSACTION,
            subject=f"transaction {found.txid}",
            details={
                "txid": found.txid,
                "owner": found.owner,
                "kind": found.kind,
                "amount_sun": found.amount_sun,
                "receiver": found.to,
            },
        )

    async def book_due(self) -> int:
        """Book what is solid: money taken out, fees burned, refunds sent by hand.

        Also the fees of our own transactions. Returns how many were booked.

        Raises:
            ChainError: no node could answer; what was not booked stays due.
        """
        async with self._database.transaction() as tx:
            if not (
                await tx.owner_transactions.any_unbooked()
                or await tx.chain_transactions.any_fee_unread()
            ):
                return 0
        solid = await self._solid.read()
        if solid is None:
            return 0
        async with self._database.transaction() as tx:
            theirs = await tx.owner_transactions.unbooked(solid.number)
            ours = await tx.chain_transactions.fees_unread(solid.number, _BATCH)
        for transaction in theirs:
            await self._book(transaction)
            reach("owner's doing booked")
        for row in ours:
            fee_sun = await self._fee_sun(row.txid)
            async with self._database.transaction() as tx:
                if fee_sun is not None and await tx.chain_transactions.burned(row.txid, fee_sun):
                    await self._book_fee(
                        tx, Address(row.owner), row.txid, fee_sun, row.block_number
                    )
            reach("fee booked")
        return len(theirs) + len(ours)

    async def _book(self, found: OwnerTransactionRow) -> None:
        fee_sun = await self._fee_sun(found.txid)
        if fee_sun is None:
            return
        owner = Address(found.owner)
        async with self._database.transaction() as tx:
            if not await tx.owner_transactions.book(found.txid, fee_sun):
                return
            await self._book_fee(tx, owner, found.txid, fee_sun, found.block_number)
            reach("owner's doing not committed")
            if found.receiver is None or found.amount_sun is None:
                return
            refund = await tx.refunds.waiting_for(found.receiver, found.amount_sun)
            if refund is not None and await finish_refund(
                tx,
                refund,
                owner,
                txid=found.txid,
                block_number=found.block_number,
                done_at=found.block_time,
            ):
                log.info("refund %s was sent by hand", refund.id)
                return
            await tx.ledger.book(
                ledger.moved(ledger.OWNER, ledger.chain_account(owner), found.amount_sun),
                event="withdrawn",
                txid=found.txid,
                block_number=found.block_number,
            )

    async def _book_fee(
        self, tx: Transaction, owner: Address, txid: str, fee_sun: int, block_number: int | None
    ) -> None:
        await tx.ledger.book(
            ledger.burned(ledger.chain_account(owner), fee_sun),
            event="fee",
            txid=txid,
            block_number=block_number,
        )

    async def _fee_sun(self, txid: str) -> int | None:
        info = await self._node.transaction_info(txid, solid=True)
        return info.fee_sun if info is not None else None
