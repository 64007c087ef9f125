"""Flash rentals: TRX sent to us without asking becomes energy for its sender.

As many whole transfers as the amount buys, at the price of the shortest rental; the rest is
credited. Nobody said where the USDT goes: a transfer to somebody who holds some is what counts.
Energy is never sent unasked to a contract or an exchange.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from chain.addresses import Address
from chain.node import NodeClient
from db.database import Database, Transaction
from db.payments import PaymentRow
from services import ledger, pricing
from services.chain_time import chain_now
from services.crediting import credit_held, hold_payment
from services.energy import EnergyNeeds, Transfer, TransferNeed
from services.fail_points import reach
from services.funded_orders import Goods, buy, purchase
from services.inventory import ChainStock, Inventory
from services.limits import OrderLimits, own_limits, passed_limit
from services.live import Live
from services.log_context import learned
from services.maintenance import closure
from services.matching import HeldReason
from services.notices import NoticeKind, tell_customer
from services.one_by_one import one_by_one
from services.order_ends import Compensation, OrderEnds
from services.order_views import Origin
from services.prices import PriceList, rows_on_offer, tariff_of
from services.pricing import Need
from services.risk import Outcome
from services.risk_check import RiskCheck

_BATCH = 50

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FlashTerms:
    """The operator's rules for flash rentals."""

    margin_percent: int
    most_transfers: int
    exchanges: frozenset[Address]
    choice: timedelta
    limits: OrderLimits


class FlashRentals:
    """Turns confirmed transfers that belong to no order into rentals for their senders."""

    def __init__(
        self,
        *,
        node: NodeClient,
        database: Database,
        needs: EnergyNeeds,
        prices: PriceList,
        inventory: Inventory,
        ends: OrderEnds,
        risk: RiskCheck,
        terms: Live[FlashTerms],
    ) -> None:
        self._node = node
        self._database = database
        self._needs = needs
        self._prices = prices
        self._inventory = inventory
        self._ends = ends
        self._risk = risk
        self._live_terms = terms

    @property
    def _terms(self) -> FlashTerms:
        return self._live_terms.now

    async def rent_due(self) -> int:
        """Decide every transfer that waits for it; returns how many there were.

        Raises:
            ChainError: no node could answer; what was not decided waits.
        """
        async with self._database.transaction() as tx:
            due = await tx.payments.flash(_BATCH)
        if not due:
            return 0
        stock = await self._inventory.look()
        surge_percent = await self._prices.surge_percent()
        await one_by_one(
            due,
            partial(self._decide, stock=stock, surge_percent=surge_percent),
            what="make a rental of payment",
        )
        return len(due)

    async def _decide(self, payment_id: int, *, stock: ChainStock, surge_percent: int) -> None:
        async with self._database.transaction() as tx:
            payment = await tx.payments.lock(payment_id)
        if payment is None or payment.status != "flash" or payment.adrift:
            return
        learned(payment=payment.txid)
        sender = Address(payment.sender)
        obstacle = await self._obstacle(sender)
        transfer = Transfer(sender=sender, token=self._needs.tokens.usdt)
        need = await self._needs.of_transfer(transfer)
        fee_sun = await self._needs.fee_sun()
        async with self._database.transaction() as tx:
            await tx.pools.lock()
            payment = await tx.payments.lock(payment_id)
            if payment is None or payment.status != "flash" or payment.adrift:
                return
            reason = obstacle or await self._rent(
                tx, payment, need, stock=stock, surge_percent=surge_percent, fee_sun=fee_sun
            )
            if reason is not None:
                await self._instead(tx, payment, reason)
            reach("flash decided, not committed")
        reach("flash decided")

    async def _obstacle(self, sender: Address) -> HeldReason | None:
        if sender in self._terms.exchanges:
            return HeldReason.SENDER_IS_EXCHANGE
        account = await self._node.account(sender)
        if account is None or account.is_contract:
            return HeldReason.SENDER_CANNOT_RECEIVE
        if await self._needs.is_frozen(sender, self._needs.tokens.usdt):
            return HeldReason.SENDER_FROZEN
        return None

    async def _rent(
        self,
        tx: Transaction,
        payment: PaymentRow,
        transfer: TransferNeed,
        *,
        stock: ChainStock,
        surge_percent: int,
        fee_sun: int,
    ) -> HeldReason | None:
        """Make it an order; or why that cannot be."""
        if await closure(tx) is not None:
            return HeldReason.MAINTENANCE
        if await tx.customers.is_of_banned(payment.sender):
            return HeldReason.BANNED
        prices = await rows_on_offer(tx)
        if not prices:
            return HeldReason.NO_ORDER
        tariff = tariff_of(prices[0], surge_percent)
        padded = partial(pricing.with_margin, margin_percent=self._terms.margin_percent)
        need = Need(padded(transfer.first), padded(transfer.next))
        funds_sun = payment.undecided_sun
        wanted = purchase(funds_sun, tariff, need, most_transfers=self._terms.most_transfers)
        if wanted is None:
            return HeldReason.TOO_LITTLE
        unsold = await self._inventory.unsold(tx, stock)
        possible = need.transfers_within(min(unsold, self._terms.limits.order_energy))
        if wanted.transfers > possible:
            wanted = purchase(funds_sun, tariff, need, most_transfers=possible)
        if wanted is None:
            return HeldReason.NO_ENERGY
        now = await chain_now(tx)
        limits = self._terms.limits
        if payment.user_id is not None:
            limits, _ = await own_limits(tx, limits, 0, payment.user_id)
        if await passed_limit(
            tx,
            limits,
            user_id=payment.user_id,
            recipient=payment.sender,
            energy=need.energy(wanted.transfers),
            now=now,
        ):
            return HeldReason.TOO_OFTEN
        found = await self._risk.of_order(
            tx,
            user_id=payment.user_id,
            recipient=payment.sender,
            amount_sun=wanted.price_sun,
            holds_token=None,
            now=now,
        )
        if found.outcome is Outcome.REFUSE:
            return HeldReason.DECLINED
        order = await buy(
            tx,
            wanted,
            Goods(price=prices[0], surge_percent=surge_percent, estimated=not transfer.simulated),
            [payment],
            origin=Origin.FLASH,
            recipient=Address(payment.sender),
            burn_sun=pricing.burn_sun(transfer.of(wanted.transfers), fee_sun),
        )
        if found.outcome is Outcome.ASK:
            await self._risk.ask(tx, order, found)
        return None

    async def _instead(self, tx: Transaction, payment: PaymentRow, reason: HeldReason) -> None:
        """No rental: the money comes to another end, and its customer hears which."""
        log.warning("payment %s becomes no rental: %s", payment.txid, reason)
        if reason is HeldReason.TOO_LITTLE:
            await credit_held(tx, payment)
        elif reason is HeldReason.NO_ENERGY:
            done = await self._ends.compensate(tx, payment, source=ledger.HELD)
            if done is Compensation.CREDIT:
                await tell_customer(
                    tx,
                    NoticeKind.PAYMENT_CREDITED,
                    user_id=payment.user_id,
                    payment_id=payment.id,
                )
        else:
            # Who is banned can tap nothing: a person decides about their money.
            choice = None if reason is HeldReason.BANNED else self._terms.choice
            await hold_payment(tx, payment, reason, choice=choice)
