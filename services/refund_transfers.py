"""Refunds on their way: signed, stored, sent, and followed until a solid block has them.

By the same write-ahead path as delegations: a replacement is signed only when the transaction
before it is provably dead. What is above the caps waits for a person or for tomorrow; without a
wallet a person sends it by hand, and the chain tells us.
"""

from __future__ import annotations

import logging
from datetime import datetime
from time import monotonic

from chain.addresses import Address
from chain.blocks import BlockRef
from chain.contracts import Transfer
from chain.node import NodeClient
from db.database import Database, Transaction
from db.refunds import RefundRow
from services import ledger
from services.alerts import AlertKind, raise_alert
from services.chain_time import chain_now
from services.fail_points import reach
from services.live import Live
from services.log_context import about
from services.notices import NoticeKind, tell_customer
from services.refunds import RefundTerms, RefundWait, RefundWallet
from services.solid import SolidChain
from services.write_ahead import WriteAhead

_BATCH = 50
# What may be burned beyond the amount: bandwidth (0.268 TRX), and a new account (1.1 TRX).
_FEE_RESERVE_SUN = 1_500_000
# A wallet that was empty is looked at again after so long, of the machine's clock: pacing only.
_LOOK_AGAIN_SECONDS = 60.0
# What only a person can mend; the customer is told that it takes a while.
_FOR_A_PERSON = frozenset({RefundWait.NO_WALLET, RefundWait.OVER_CAP, RefundWait.WALLET_EMPTY})

log = logging.getLogger(__name__)


class RefundTransfers:
    """Sends refunds that were asked for, and follows them."""

    def __init__(
        self,
        node: NodeClient,
        database: Database,
        write_ahead: WriteAhead,
        solid: SolidChain,
        terms: Live[RefundTerms],
    ) -> None:
        self._node = node
        self._database = database
        self._write_ahead = write_ahead
        self._solid = solid
        self._live_terms = terms
        self._look_again_at = 0.0

    @property
    def _terms(self) -> RefundTerms:
        return self._live_terms.now

    async def send_due(self) -> int:
        """Sign, store and send every refund that may be sent now; returns how many were signed.

        Raises:
            ChainError: no node could answer; nothing was decided.
        """
        async with self._database.transaction() as tx:
            waiting = await tx.refunds.waiting(_BATCH)
        if not waiting:
            return 0
        wallet = self._terms.wallet
        if wallet is None:
            for refund in waiting:
                await self._wait(refund.id, RefundWait.NO_WALLET)
            return 0
        allowed = [refund.id for refund in waiting if await self._is_allowed(refund)]
        if not allowed or monotonic() < self._look_again_at:
            return 0
        account = await self._node.account(wallet.address)
        funds_sun = account.balance_sun if account else 0
        head = (await self._node.head()).ref
        solid = await self._node.solid_head()
        signed = 0
        for refund_id in allowed:
            with about(refund=refund_id):
                signed += await self._send(refund_id, wallet, funds_sun, head=head, solid=solid)
        await self._write_ahead.broadcast_due()
        return signed

    async def _is_allowed(self, refund: RefundRow) -> bool:
        """Whether the caps let it be sent now; else it is said why it waits."""
        async with self._database.transaction() as tx:
            reason = await self._cap(tx, refund)
        if reason is not None:
            await self._wait(refund.id, reason)
        return reason is None

    async def _send(
        self,
        refund_id: int,
        wallet: RefundWallet,
        funds_sun: int,
        *,
        head: BlockRef,
        solid: BlockRef,
    ) -> bool:
        async with self._database.transaction() as tx:
            await tx.refunds.lock_all()
            refund = await tx.refunds.lock(refund_id)
            if refund is None or refund.status != "waiting":
                return False
            reason = await self._obstacle(tx, refund, wallet, funds_sun)
            if reason is None:
                txid = await self._write_ahead.sign(
                    tx,
                    Transfer(
                        owner=wallet.address, to=Address(refund.to_address), amount=refund.sent_sun
                    ),
                    wallet,
                    head=head,
                    solid=solid,
                )
                await tx.refunds.send(refund.id, txid=txid, signed_at=await chain_now(tx))
                log.info("refund %s: %s sun by %s", refund.id, refund.sent_sun, txid)
                reach("refund not committed")
        if reason is None:
            reach("refund stored")
            return True
        if reason is RefundWait.WALLET_EMPTY:
            self._look_again_at = monotonic() + _LOOK_AGAIN_SECONDS
        await self._wait(refund_id, reason)
        return False

    async def _cap(self, tx: Transaction, refund: RefundRow) -> RefundWait | None:
        if refund.amount_sun > self._terms.per_refund_sun and not refund.approved:
            return RefundWait.OVER_CAP
        now = await chain_now(tx)
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        if await tx.refunds.signed_since(day) + refund.amount_sun > self._terms.daily_sun:
            return RefundWait.DAILY_CAP
        return None

    async def _obstacle(
        self, tx: Transaction, refund: RefundRow, wallet: RefundWallet, funds_sun: int
    ) -> RefundWait | None:
        if (capped := await self._cap(tx, refund)) is not None:
            return capped
        in_flight = await tx.chain_transactions.trx_in_flight(wallet.address)
        if funds_sun - in_flight < refund.sent_sun + _FEE_RESERVE_SUN:
            return RefundWait.WALLET_EMPTY
        return None

    async def _wait(self, refund_id: int, reason: RefundWait) -> None:
        """Say once why the refund waits."""
        async with self._database.transaction() as tx:
            if not await tx.refunds.wait(refund_id, reason):
                return
            refund = await tx.refunds.get(refund_id)
            assert refund is not None, "it has just been changed"
            await raise_alert(
                tx,
                AlertKind.REFUND_WAITS,
                subject=f"refund {refund_id} {reason}",
                details={"refund_id": refund_id, "reason": reason},
            )
            if reason in _FOR_A_PERSON:
                await tell_customer(
                    tx, NoticeKind.REFUND_WAITS, user_id=refund.user_id, refund_id=refund_id
                )
        with about(refund=refund_id):
            log.warning("refund %s waits: %s", refund_id, reason)

    async def finish_due(self) -> int:
        """Book refunds whose transaction is solid; make those that died wait again.

        Raises:
            ChainError: no node could answer; nothing was decided.
        """
        async with self._database.transaction() as tx:
            decided = await tx.refunds.sending()
        if not decided:
            return 0
        solid = await self._solid.read()
        finished = 0
        for refund, state, block_number, block_time in decided:
            with about(refund=refund.id, transaction=refund.txid or ""):
                if state != "included":
                    await self._send_again(refund, state)
                elif (
                    block_number is not None and solid is not None and block_number <= solid.number
                ):
                    await self._finish(refund, block_number, block_time or solid.time)
                    finished += 1
        return finished

    async def _send_again(self, refund: RefundRow, state: str) -> None:
        assert refund.txid is not None, "the schema keeps the transaction of one that is sent"
        reason = RefundWait.EXPIRED if state == "dead" else RefundWait.REFUSED
        async with self._database.transaction() as tx:
            if await tx.refunds.send_again(refund.id, after=refund.txid, reason=reason):
                log.warning("refund %s: %s is %s", refund.id, refund.txid, state)

    async def _finish(self, refund: RefundRow, block_number: int, done_at: datetime) -> None:
        wallet = self._terms.wallet
        assert refund.txid is not None, "the schema keeps the transaction of one that is sent"
        async with self._database.transaction() as tx:
            sent = await tx.chain_transactions.get(refund.txid)
            source = Address(sent.owner) if sent else wallet.address if wallet else None
            assert source is not None, "a transaction of ours is stored"
            await finish_refund(
                tx,
                refund,
                source,
                txid=refund.txid,
                block_number=block_number,
                done_at=done_at,
            )
            reach("refund finished, not committed")
        reach("refund finished")


async def finish_refund(
    tx: Transaction,
    refund: RefundRow,
    source: Address,
    *,
    txid: str,
    block_number: int,
    done_at: datetime,
) -> bool:
    """The refund has arrived, in a solid block: book it and tell its customer."""
    if not await tx.refunds.finish(refund.id, txid=txid, done_at=done_at):
        return False
    await tx.ledger.book(
        ledger.refunded(source, refund.sent_sun, refund.fee_sun),
        event="refunded",
        payment_id=refund.payment_id,
        refund_id=refund.id,
        txid=txid,
        block_number=block_number,
    )
    if refund.payment_id is not None:
        await tx.payments.settle(refund.payment_id, old="refunding", new="refunded")
    await tell_customer(tx, NoticeKind.REFUND_DONE, user_id=refund.user_id, refund_id=refund.id)
    log.info("refund %s has arrived by %s", refund.id, txid)
    return True
