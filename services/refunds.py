"""Money that goes back to whom it came from: asked for here, sent by `services.refund_transfers`.

Only to the sender of a payment, or to an address that its customer proved to own; never to a
contract, an exchange or ourselves.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chain.addresses import Address
from chain.keys import SigningKey
from db.database import Database, Transaction, again_after_conflict
from db.ledger import Overdrawn
from db.payments import PaymentRow
from db.refunds import RefundRow
from services import ledger
from services.chain_time import chain_now
from services.fail_points import reach
from services.live import Live
from services.log_context import about
from services.notices import REFUND_TOPIC
from services.payments import OurAddresses

# As many senders of one customer, at most, are offered as places to pay out to.
_MOST_PLACES = 50
_SHOWN = 10

log = logging.getLogger(__name__)


class RefundWait(StrEnum):
    """Why a refund has not been sent yet."""

    NO_WALLET = "no_wallet"
    OVER_CAP = "over_cap"
    DAILY_CAP = "daily_cap"
    WALLET_EMPTY = "wallet_empty"
    REFUSED = "refused"
    EXPIRED = "expired"


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
    """Takes what goes back, and says what became of it."""

    def __init__(self, database: Database, terms: Live[RefundTerms], *, ours: OurAddresses) -> None:
        self._database = database
        self._live_terms = terms
        self._ours = ours

    @property
    def _terms(self) -> RefundTerms:
        return self._live_terms.now

    @property
    def fee_sun(self) -> int:
        """What is kept of a refund that a customer asks for."""
        return self._terms.fee_sun

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
        senders = await tx.payments.senders_of(user_id, _MOST_PLACES)
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
        with about(refund=refund.id):
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
