"""Money that goes back to whom it came from, exactly once.

A small wallet of its own sends it, by the same write-ahead path as delegations: a replacement is
signed only when the transaction before it is provably dead. What is above the caps waits for a
person or for tomorrow; without a wallet a person sends it by hand, and the chain tells us.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from time import monotonic

from chain.addresses import Address
from chain.blocks import BlockRef
from chain.contracts import Transfer
from chain.keys import SigningKey
from chain.node import NodeClient
from db.database import Database, Transaction, again_after_conflict
from db.ledger import Overdrawn
from db.payments import PaymentRow
from db.refunds import RefundRow
from services import ledger
from services.chain_time import chain_now
from services.fail_points import reach
from services.notices import REFUND_TOPIC, NoticeKind, tell_admins, tell_customer
from services.payments import OurAddresses
from services.solid import SolidChain
from services.write_ahead import WriteAhead

_BATCH = 50
_SHOWN = 10
# What may be burned beyond the amount: bandwidth (0.268 TRX), and a new account (1.1 TRX).
_FEE_RESERVE_SUN = 1_500_000
# A wallet that was empty is looked at again after so long, of the machine's clock: pacing only.
_LOOK_AGAIN_SECONDS = 60.0

log = logging.getLogger(__name__)


class RefundWait(StrEnum):
    """Why a refund has not been sent yet."""

    NO_WALLET = "no_wallet"
    OVER_CAP = "over_cap"
    DAILY_CAP = "daily_cap"
    WALLET_EMPTY = "wallet_empty"
    REFUSED = "refused"
    EXPIRED = "expired"


# What only a person can mend; the customer is told that it takes a while.
_FOR_A_PERSON = frozenset({RefundWait.NO_WALLET, RefundWait.OVER_CAP, RefundWait.WALLET_EMPTY})


class RefundFault(StrEnum):
    """Why money cannot be sent back as asked."""

    TOO_LITTLE = "too_little"
    NOT_ENOUGH = "not_enough"
    ADDRESS_NOT_PROVED = "address_not_proved"


class RefundRefused(Exception):
    """Nothing was taken and nothing will be sent, because of `fault`."""

    def __init__(self, fault: RefundFault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class RefundWallet:
    """The account that refunds are sent from, and the key that signs for it."""

    address: Address
    permission_id: int
    key: SigningKey


@dataclass(frozen=True, slots=True)
class RefundTerms:
    """The operator's rules, in sun.

    `fee_sun` is kept of what a customer asks back; nothing is kept of what we could not deliver.
    `exchanges` never get anything back: who paid from there would not see it again.
    """

    wallet: RefundWallet | None
    per_refund_sun: int
    daily_sun: int
    fee_sun: int
    exchanges: frozenset[Address]


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund: `amount_sun` was taken for it, `sent_sun` arrive."""

    id: int
    user_id: int | None
    to: Address
    amount_sun: int
    fee_sun: int
    sent_sun: int
    done: bool
    waits_for: RefundWait | None
    txid: str | None
    requested_at: datetime


class Refunds:
    """Takes, sends and follows refunds."""

    def __init__(
        self,
        node: NodeClient,
        database: Database,
        write_ahead: WriteAhead,
        solid: SolidChain,
        terms: RefundTerms,
        *,
        ours: OurAddresses,
        admins: Sequence[int],
    ) -> None:
        self._node = node
        self._database = database
        self._write_ahead = write_ahead
        self._solid = solid
        self._terms = terms
        self._ours = ours
        self._admins = admins
        self._look_again_at = 0.0

    @property
    def fee_sun(self) -> int:
        """What is kept of a refund that a customer asks for."""
        return self._terms.fee_sun

    # ── taking ───────────────────────────────────────────────────────────────────────────────

    def can_go_back(self, payment: PaymentRow) -> bool:
        """Whether its sender may get a payment back: not a contract, an exchange or ourselves."""
        return payment.position == 0 and self._may_receive(Address(payment.sender))

    def _may_receive(self, address: Address) -> bool:
        return address not in self._terms.exchanges and address not in self._ours

    async def of_payment(
        self, tx: Transaction, payment: PaymentRow, *, source: str, asked: bool
    ) -> RefundRow:
        """Send back to its sender what the account `source` has of a payment.

        `asked` by its customer, who then bears the fee.

        Raises:
            RefundRefused: its sender may not get it, or the fee would eat it up.
        """
        if not self.can_go_back(payment):
            raise RefundRefused(RefundFault.ADDRESS_NOT_PROVED)
        amount_sun = payment.amount_sun - payment.credited_sun
        fee_sun = self._terms.fee_sun if asked else 0
        if amount_sun <= fee_sun:
            raise RefundRefused(RefundFault.TOO_LITTLE)
        refund = await self._request(
            tx,
            source=source,
            payment_id=payment.id,
            user_id=payment.user_id,
            to=Address(payment.sender),
            amount_sun=amount_sun,
            fee_sun=fee_sun,
        )
        await tx.payments.refund(payment.id, old=payment.status)
        return refund

    async def places(self, user_id: int) -> tuple[Address, ...]:
        """Where a balance may be paid out: proved addresses, then where its customer paid from."""
        async with self._database.transaction() as tx:
            return await self._places(tx, user_id)

    async def _places(self, tx: Transaction, user_id: int) -> tuple[Address, ...]:
        bound = await tx.customers.bound_addresses(user_id)
        senders = await tx.payments.senders_of(user_id, _BATCH)
        places = dict.fromkeys(Address(address) for address in (*bound, *senders))
        return tuple(address for address in places if self._may_receive(address))

    @again_after_conflict
    async def pay_out(self, user_id: int, to: Address, amount_sun: int) -> Refund:
        """Send `amount_sun` of a customer's balance, less the fee, to an address of theirs.

        Raises:
            RefundRefused: the balance does not hold it, the fee would eat it up, or nobody
                proved that the address is theirs.
        """
        if amount_sun <= self._terms.fee_sun:
            raise RefundRefused(RefundFault.TOO_LITTLE)
        async with self._database.transaction() as tx:
            if to not in await self._places(tx, user_id):
                raise RefundRefused(RefundFault.ADDRESS_NOT_PROVED)
            try:
                row = await self._request(
                    tx,
                    source=ledger.user_account(user_id),
                    payment_id=None,
                    user_id=user_id,
                    to=to,
                    amount_sun=amount_sun,
                    fee_sun=self._terms.fee_sun,
                )
            except Overdrawn as error:
                raise RefundRefused(RefundFault.NOT_ENOUGH) from error
        reach("pay-out taken")
        return refund_of(row)

    async def _request(
        self,
        tx: Transaction,
        *,
        source: str,
        payment_id: int | None,
        user_id: int | None,
        to: Address,
        amount_sun: int,
        fee_sun: int,
    ) -> RefundRow:
        refund = await tx.refunds.request(
            payment_id=payment_id,
            user_id=user_id,
            to_address=to,
            amount_sun=amount_sun,
            fee_sun=fee_sun,
            requested_at=await chain_now(tx),
        )
        await tx.ledger.book(
            ledger.moved(source, ledger.REFUNDS, amount_sun),
            event="refund",
            payment_id=payment_id,
            refund_id=refund.id,
        )
        await tx.wake(REFUND_TOPIC)
        log.info("refund %s: %s sun to %s", refund.id, refund.sent_sun, to)
        reach("refund requested, not committed")
        return refund

    async def open_of(self, user_id: int) -> tuple[Refund, ...]:
        """The customer's refunds that have not arrived yet."""
        async with self._database.transaction() as tx:
            return tuple(refund_of(row) for row in await tx.refunds.open_of(user_id))

    async def open_all(self) -> tuple[Refund, ...]:
        """The oldest refunds that have not arrived yet, whoever's they are."""
        async with self._database.transaction() as tx:
            return tuple(refund_of(row) for row in await tx.refunds.open_all(_SHOWN))

    async def view(self, refund_id: int) -> Refund | None:
        """One refund, on its way or done."""
        async with self._database.transaction() as tx:
            row = await tx.refunds.get(refund_id)
        return None if row is None else refund_of(row)

    async def approve(self, refund_id: int) -> bool:
        """A person of the shop allows one above the cap; False if nothing waits for that."""
        async with self._database.transaction() as tx:
            if not await tx.refunds.approve(refund_id):
                return False
            await tx.wake(REFUND_TOPIC)
        log.info("refund %s is approved", refund_id)
        return True

    # ── sending ──────────────────────────────────────────────────────────────────────────────

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
            signed += await self._send(refund_id, wallet, funds_sun, head=head, solid=solid)
        if signed < len(allowed):
            self._look_again_at = monotonic() + _LOOK_AGAIN_SECONDS
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
            await tell_admins(
                tx,
                NoticeKind.ADMIN_REFUND_WAITS,
                admins=self._admins,
                refund_id=refund_id,
                occasion=reason,
            )
            if reason in _FOR_A_PERSON:
                await tell_customer(
                    tx, NoticeKind.REFUND_WAITS, user_id=refund.user_id, refund_id=refund_id
                )
        log.warning("refund %s waits: %s", refund_id, reason)

    # ── following ────────────────────────────────────────────────────────────────────────────

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
            if state != "included":
                await self._send_again(refund, state)
            elif block_number is not None and solid is not None and block_number <= solid.number:
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


def refund_of(row: RefundRow) -> Refund:
    return Refund(
        id=row.id,
        user_id=row.user_id,
        to=Address(row.to_address),
        amount_sun=row.amount_sun,
        fee_sun=row.fee_sun,
        sent_sun=row.sent_sun,
        done=row.status == "done",
        waits_for=RefundWait(row.wait_reason) if row.wait_reason else None,
        txid=row.txid,
        requested_at=row.requested_at,
    )
