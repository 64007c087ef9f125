"""Shortly before a rental ends: whoever has energy left hears that it is about to leave."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from chain.addresses import Address
from chain.node import NodeClient
from db.database import Database
from db.orders import OrderRow
from services.chain_time import ChainUnread, chain_now
from services.energy_use import used_of
from services.extensions import ExtensionTerms, offers_of
from services.fail_points import reach
from services.live import Live
from services.log_context import learned
from services.notices import NoticeKind, tell_customer
from services.one_by_one import one_by_one
from services.prices import rows_on_offer

_SHORTEST = timedelta(hours=1)
_BATCH = 100

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EndingTerms:
    """How long before the end of a rental its customer hears of it; zero: never."""

    notice: timedelta


class Endings:
    """Tells customers of rentals of an hour and more that unused energy is about to leave."""

    def __init__(
        self,
        node: NodeClient,
        database: Database,
        terms: Live[EndingTerms],
        extensions: ExtensionTerms,
    ) -> None:
        self._node = node
        self._database = database
        self._live_terms = terms
        self._extensions = extensions

    @property
    def _terms(self) -> EndingTerms:
        return self._live_terms.now

    async def announce_due(self) -> int:
        """Tell those whose end is near, once for each end; returns how many rentals were due.

        Raises:
            ChainError: no node could say what is unused; it is asked again.
        """
        if not self._terms.notice:
            return 0
        async with self._database.transaction() as tx:
            try:
                now = await chain_now(tx)
            except ChainUnread:
                return 0
            due = await tx.orders.ending(now, self._terms.notice, at_least=_SHORTEST, limit=_BATCH)
        await one_by_one(due, self._announce, what="announce the end of")
        return len(due)

    async def _announce(self, order: OrderRow) -> None:
        learned(order=order.number, order_id=order.id)
        account = await self._node.account(Address(order.recipient_address))
        spent = account.energy_spent if account else 0
        async with self._database.transaction() as tx:
            older = await tx.delegations.older_energy(order.id)
            unused = order.energy_amount - used_of(spent, older=older, energy=order.energy_amount)
            current = await tx.orders.lock(order.id)
            if (
                current is None
                or current.expires_at is None
                or current.expires_at != order.expires_at
                or not await tx.orders.decide_ending(order.id, current.expires_at)
            ):
                return
            if unused > 0:
                offers = offers_of(current, await rows_on_offer(tx), self._extensions)
                await tell_customer(
                    tx,
                    NoticeKind.ORDER_ENDING,
                    user_id=current.user_id,
                    order_id=current.id,
                    occasion=current.expires_at.isoformat(),
                    payload={
                        "expires_at": current.expires_at.isoformat(),
                        "unused": unused,
                        "offers": [
                            [int(offer.duration.total_seconds()), offer.price_sun]
                            for offer in offers
                        ],
                    },
                )
                log.info("order %s: ends soon, %s energy unused", current.number, unused)
            reach("end announced, not committed")
        reach("end announced")
