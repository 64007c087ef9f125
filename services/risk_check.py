"""Looking at orders for what is risky about them: when they are placed, and when they are paid."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime

from chain.addresses import Address
from db.database import Transaction
from db.orders import OrderRow
from db.payments import PaymentRow
from services.risk import Assessment, Outcome, RiskFacts, RiskReason, RiskRules, assess

log = logging.getLogger(__name__)


class RiskCheck:
    """Gathers the facts, and keeps with an order what has to be asked about it.

    `exchanges` are wallets of exchanges, as far as the operator knows them.
    """

    def __init__(self, rules: RiskRules, *, exchanges: frozenset[Address]) -> None:
        self._rules = rules
        self._exchanges = exchanges

    @property
    def rules(self) -> RiskRules:
        return self._rules

    async def of_order(
        self,
        tx: Transaction,
        *,
        user_id: int | None,
        recipient: str,
        amount_sun: int,
        holds_token: bool | None,
        now: datetime,
        prolongs: bool = False,
    ) -> Assessment:
        """About one more order, before it is placed; `prolongs`: it is more time for a rental,
        which counts as no order more.
        """
        more = int(not prolongs)
        row = await tx.risk.facts(user_id, recipient, now)
        facts = RiskFacts(
            address_listed=row.address_listed,
            user_listed=row.user_listed,
            user_hour=0 if user_id is None else row.user_hour + more,
            user_day=0 if user_id is None else row.user_day + more,
            address_hour=row.address_hour + more,
            address_day=row.address_day + more,
            amount_sun=amount_sun,
            finished=None if user_id is None else row.finished,
            holds_token=holds_token,
            orders=row.orders,
            undone=row.undone,
        )
        found = assess(facts, self._rules)
        if found.reasons:
            log.warning("an order for %s: %s, %s", recipient, found.outcome, [*found.reasons])
        return found

    async def of_payer(self, tx: Transaction, order: OrderRow, payment: PaymentRow) -> None:
        """Who pays is known only now: their money is here, so that nothing is refused any more,
        and a person is asked instead. `order` is locked, and not paid yet.
        """
        facts = RiskFacts(
            address_listed=await tx.risk.is_listed(payment.sender),
            from_exchange=Address(payment.sender) in self._exchanges,
            # Only a contract sends TRX from within another's transaction.
            from_contract=payment.position > 0,
        )
        # What a payment says nothing about was looked at before.
        payer = {
            reason: self._rules[reason]
            if reason in _OF_PAYERS
            else replace(self._rules[reason], outcome=Outcome.ALLOW)
            for reason in RiskReason
        }
        found = assess(facts, payer)
        if found.reasons:
            await self.ask(tx, order, found)

    async def ask(self, tx: Transaction, order: OrderRow, found: Assessment) -> None:
        """The order waits for a person once it is paid."""
        reasons = list(dict.fromkeys([*order.risk_reasons, *map(str, found.reasons)]))
        await tx.risk.ask(order.id, reasons)
        log.warning("order %s: to be asked about: %s", order.number, reasons)


_OF_PAYERS = frozenset(
    {RiskReason.ADDRESS_LISTED, RiskReason.FROM_EXCHANGE, RiskReason.FROM_CONTRACT}
)
