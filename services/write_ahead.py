"""Our own transactions: signed and stored first, then sent, followed to their block.

The signed bytes are committed together with the decision to send them. After a crash, a
time-out or an unclear answer the same bytes are sent again, which can never act twice. A
replacement is built only when the old bytes are provably dead: a solid block is at or past
their expiration, that very block and every one before it has been read, and none held them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from chain.blocks import BlockRef
from chain.contracts import DelegateResource, Transfer, UnDelegateResource
from chain.errors import OutcomeUnknown, Refused, Unavailable
from chain.node import BroadcastOutcome, NodeClient
from chain.transactions import Raw, encode, txid
from db.chain_transactions import ChainTransactionRow, NewChainTransaction
from db.database import Database, Transaction
from services.chain_time import chain_now
from services.fail_points import FailPoint, reach
from services.log_context import learned
from services.notices import DELIVERY_TOPIC, RECLAIM_TOPIC, REFUND_TOPIC
from services.signing_guard import Intent, Sendable, Signer, signature_of
from services.solid import SolidChain

# java-tron's own default: a transaction that missed its block within a minute is replaced.
LIFETIME = timedelta(seconds=60)
# Refusals that speak of the transaction's age, not of what it wants.
_OUTLIVED = frozenset({"TRANSACTION_EXPIRATION_ERROR", "TAPOS_ERROR"})
_RESEND_AFTER = timedelta(seconds=10)
_RETRY_AFTER = timedelta(seconds=2)
_BATCH = 50
# More connections to a node cost more than they bring: it answers one request after the other.
_AT_ONCE = 16
_KINDS: Mapping[type, str] = {
    DelegateResource: "delegate",
    UnDelegateResource: "undelegate",
    Transfer: "transfer",
}
_TOPICS: Mapping[str, str] = {
    "delegate": DELIVERY_TOPIC,
    "undelegate": RECLAIM_TOPIC,
    "transfer": REFUND_TOPIC,
}
_ACCEPTED: Mapping[str, FailPoint] = {
    "delegate": "delegation accepted",
    "undelegate": "reclaim accepted",
    "transfer": "refund accepted",
}

log = logging.getLogger(__name__)


class WriteAhead:
    """Signs, stores and sends delegations, undelegations and refunds."""

    def __init__(self, node: NodeClient, database: Database, solid: SolidChain) -> None:
        self._node = node
        self._database = database
        self._solid = solid
        self._sending = asyncio.Semaphore(_AT_ONCE)
        self._claiming = asyncio.Lock()
        self._under_way = 0

    async def sign(
        self,
        tx: Transaction,
        contract: Sendable,
        signer: Signer,
        *,
        head: BlockRef,
        solid: BlockRef,
    ) -> str:
        """Encode, sign and store one transaction of `signer`; returns its id.

        `solid` is the block it refers to (TAPOS), `head` the time its life is counted from.
        The caller commits this together with the reason for it, then calls `broadcast_due`.
        """
        [transaction_id] = await self.sign_all(tx, [(contract, signer)], head=head, solid=solid)
        return transaction_id

    async def sign_all(
        self,
        tx: Transaction,
        wanted: Sequence[tuple[Sendable, Signer]],
        *,
        head: BlockRef,
        solid: BlockRef,
    ) -> tuple[str, ...]:
        """The same for many at once; their ids in the same order."""
        owners = {contract.owner for contract, _ in wanted}
        last_ms = await tx.chain_transactions.last_timestamps_ms(owners)
        signed: list[NewChainTransaction] = []
        for contract, signer in wanted:
            # Equal intents must not have equal bytes.
            timestamp_ms = max(_milliseconds(head.time), last_ms[contract.owner] + 1)
            last_ms[contract.owner] = timestamp_ms
            signed.append(_signed(contract, signer, timestamp_ms, head=head, solid=solid))
        await tx.chain_transactions.store(signed)
        return tuple(each.txid for each in signed)

    async def broadcast_due(self) -> int:
        """Send every stored transaction that is due; returns how many were tried.

        A few dozen at a time; the node client keeps to the rate that its nodes allow.
        """
        tried = 0
        while due := await self._claim():
            tried += len(due)
            try:
                behind = await self._orders_behind(due)
                answers = await asyncio.gather(
                    *(self._broadcast(row, behind.get(row.txid)) for row in due)
                )
            finally:
                self._under_way -= len(due)
            taken = {
                row.txid: answer
                for row, answer in zip(due, answers, strict=True)
                if answer is not None
            }
            if taken:
                # Nothing hurries here: what is noted late is at worst sent again.
                async with self._database.transaction() as tx:
                    await tx.chain_transactions.sent(taken)
                reach("broadcast recorded")
            if not taken or all(row.exposed for row in due):
                break  # only what was sent before is left: the next call's work
        return tried

    async def _claim(self) -> tuple[ChainTransactionRow, ...]:
        """What is due, but no more than has its turn before the lease is over.

        However many call at a time: a lease that ends while its bytes still wait would have them
        sent twice.
        """
        async with self._claiming:
            async with self._database.transaction() as tx:
                due = await tx.chain_transactions.claim_due(_BATCH - self._under_way, _RESEND_AFTER)
            self._under_way += len(due)
        if due:
            reach("transactions claimed")
        return due

    async def bury_expired(self) -> int:
        """Declare dead what no block can take any more; returns how many."""
        async with self._database.transaction() as tx:
            late = await tx.chain_transactions.past_expiration(await chain_now(tx))
        if not late:
            return 0
        solid = await self._solid.read()
        if solid is None:
            return 0  # blocks not read yet, or those of another branch, may hold it
        buried = 0
        for row in late:
            if row.expiration > solid.time:
                continue
            info = await self._node.transaction_info(row.txid, solid=True)
            async with self._database.transaction() as tx:
                if info is not None:
                    await tx.chain_transactions.include(
                        [row.txid], block_number=info.block_number, block_time=info.block_time
                    )
                elif await tx.chain_transactions.bury(row.txid):
                    log.warning("transaction %s expired unused; it is replaced", row.txid)
                    await tx.wake(_topic(row))
                    buried += 1
            reach("dead transaction buried")
        return buried

    async def _orders_behind(self, rows: Sequence[ChainTransactionRow]) -> Mapping[str, int]:
        """For the log only: the numbers of the orders that these are for, by transaction id."""
        if not log.isEnabledFor(logging.INFO):
            return {}
        async with self._database.transaction() as tx:
            return await tx.chain_transactions.orders_behind([row.txid for row in rows])

    async def _broadcast(self, row: ChainTransactionRow, order: int | None) -> str | None:
        """Send it once; the answer of a node that has it, or may have it."""
        # In a task of its own: what is learned here ends with it.
        learned(transaction=row.txid)
        if order is not None:
            learned(order=order)
        try:
            async with self._sending:
                outcome = await self._node.broadcast(row.raw, row.signature)
        except Refused as refusal:
            return await self._refused(row, refusal)
        except OutcomeUnknown as doubt:
            answer = f"unknown: {doubt}"
        except Unavailable as failure:
            log.warning("transaction %s could not be sent: %s", row.txid, failure)
            await self._not_sent(row, str(failure))
            return None
        else:
            reach(_ACCEPTED[row.kind])
            answer = _word(outcome)
        log.info("transaction %s (%s) sent: %s", row.txid, row.kind, answer)
        return answer

    async def _not_sent(self, row: ChainTransactionRow, answer: str) -> None:
        async with self._database.transaction() as tx:
            await tx.chain_transactions.not_sent(
                row.txid,
                attempt=row.attempts,
                was_exposed=row.exposed,
                retry_after=_RETRY_AFTER,
                answer=answer,
            )

    async def _refused(self, row: ChainTransactionRow, refusal: Refused) -> str | None:
        log.warning("transaction %s (%s) refused: %s", row.txid, row.kind, refusal)
        if row.exposed:
            # An earlier attempt may be in some pool: only its expiration decides.
            return str(refusal)
        async with self._database.transaction() as tx:
            state = "dead" if refusal.code in _OUTLIVED else "rejected"
            if await tx.chain_transactions.discard(
                row.txid, attempt=row.attempts, state=state, answer=str(refusal)
            ):
                await tx.wake(_topic(row))
        return None


def _signed(
    contract: Sendable, signer: Signer, timestamp_ms: int, *, head: BlockRef, solid: BlockRef
) -> NewChainTransaction:
    """One transaction of `signer`, encoded here and read back before the key sees it."""
    expiration = head.time + LIFETIME
    block_id = bytes.fromhex(solid.id)
    intent = Intent(
        contract=contract,
        ref_block_bytes=block_id[6:8],
        ref_block_hash=block_id[8:16],
        born_ms=_milliseconds(head.time),
        timestamp_ms=timestamp_ms,
        expiration_ms=_milliseconds(expiration),
    )
    raw = encode(
        Raw(
            contract=contract,
            ref_block_bytes=intent.ref_block_bytes,
            ref_block_hash=intent.ref_block_hash,
            expiration_ms=intent.expiration_ms,
            timestamp_ms=timestamp_ms,
            permission_id=signer.permission_id,
        )
    )
    signature = signature_of(raw, intent, signer)
    if isinstance(contract, Transfer):
        receiver, sun = contract.to, contract.amount
    else:
        receiver, sun = contract.receiver, contract.balance
    return NewChainTransaction(
        txid=txid(raw),
        kind=_KINDS[type(contract)],
        owner=contract.owner,
        receiver=receiver,
        balance_sun=sun,
        raw=raw,
        signature=signature,
        timestamp_ms=timestamp_ms,
        expiration=expiration,
    )


def _topic(row: ChainTransactionRow) -> str:
    return _TOPICS[row.kind]


def _milliseconds(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp() * 1000)


def _word(outcome: BroadcastOutcome) -> str:
    return outcome.name.lower().replace("_", " ")
