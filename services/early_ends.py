"""Rentals that their customers end before their time: what is not used comes back in part.

The customer is told how much that is at most. How much it is, is known when the stake is taken
back: what was spent of the energy until then is not paid for.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chain.addresses import Address
from chain.errors import ChainError
from chain.node import NodeClient
from db.database import Database, Transaction, again_after_conflict
from db.orders import OrderRow
from services import ledger
from services.chain_time import ChainUnread, chain_now, rental_time
from services.energy_use import used_of
from services.fail_points import reach
from services.live import Live
from services.log_context import learned
from services.notices import RECLAIM_TOPIC
from services.order_views import OrderView, order_views

_OVER = frozenset({"expired", "reclaiming", "revoked"})

log = logging.getLogger(__name__)


class EarlyEndFault(StrEnum):
    """Why a rental is not ended early."""

    NOT_OFFERED = "not_offered"
    NOT_YOURS = "not_yours"
    NOT_RUNNING = "not_running"
    EXTENSION_OPEN = "extension_open"
    UNSETTLED = "unsettled"
    CHAIN_UNAVAILABLE = "chain_unavailable"


class EarlyEndRefused(Exception):
    """The rental goes on, because of `fault`.

    `extension` comes with EXTENSION_OPEN: it has to be cancelled or carried out first.
    """

    def __init__(self, fault: EarlyEndFault, *, extension: OrderView | None = None) -> None:
        super().__init__(fault)
        self.fault = fault
        self.extension = extension


@dataclass(frozen=True, slots=True)
class EarlyEnd:
    """What ending a rental now means: at most `most_sun` come back, of `paid_sun`."""

    rental: OrderView
    paid_sun: int
    most_sun: int
    energy_unused: int


@dataclass(frozen=True, slots=True)
class EarlyEndTerms:
    """The operator's rules: the share, in per cent, of what is not used; 0: it is not offered."""

    percent: int


def early_credit_sun(
    paid_sun: int,
    *,
    percent: int,
    remaining: timedelta,
    total: timedelta,
    energy_unused: int,
    energy: int,
) -> int:
    """What comes back of `paid_sun`, rounded down.

    The share `percent` of what the remaining time and the unused energy are of all that was sold.
    """
    second = timedelta(seconds=1)
    left, whole = remaining // second, total // second
    left = min(max(left, 0), whole)
    energy_unused = min(max(energy_unused, 0), energy)
    return paid_sun * percent * left * energy_unused // (100 * whole * energy)


class EarlyEnds:
    """Ends rentals when their customers want it."""

    def __init__(self, node: NodeClient, database: Database, terms: Live[EarlyEndTerms]) -> None:
        self._node = node
        self._database = database
        self._live_terms = terms

    @property
    def _terms(self) -> EarlyEndTerms:
        return self._live_terms.now

    @property
    def offered(self) -> bool:
        """Whether a rental can be ended early at all."""
        return self._terms.percent > 0

    async def look(self, user_id: int, order_id: UUID) -> EarlyEnd:
        """What would come back if the customer's rental ended now.

        Raises:
            EarlyEndRefused: it is not theirs, does not run, or cannot be ended now.
        """
        async with self._database.transaction() as tx:
            rental = await self._rental(tx, user_id, order_id)
            now = await chain_now(tx)
            paid_sun = await tx.orders.paid_sun(order_id)
            older = await tx.delegations.older_energy(order_id)
            [view] = await order_views(tx, [rental])
        try:
            account = await self._node.account(Address(rental.recipient_address))
        except ChainError:
            raise EarlyEndRefused(EarlyEndFault.CHAIN_UNAVAILABLE) from None
        spent = account.energy_spent if account else 0
        unused = rental.energy_amount - used_of(spent, older=older, energy=rental.energy_amount)
        return EarlyEnd(
            rental=view,
            paid_sun=paid_sun,
            most_sun=_credit_sun(
                rental, paid_sun, percent=self._terms.percent, ended_at=now, energy_unused=unused
            ),
            energy_unused=unused,
        )

    @again_after_conflict
    async def end(self, user_id: int, order_id: UUID) -> OrderView:
        """End the customer's rental: its stake is taken back at once. A second call does nothing.

        Raises:
            EarlyEndRefused: as above.
        """
        async with self._database.transaction() as tx:
            order = await tx.orders.lock(order_id)
            if order is not None and order.user_id == user_id and order.ended_early_at:
                return (await order_views(tx, [order]))[0]
            rental = await self._rental(tx, user_id, order_id)
            learned(order=rental.number, order_id=order_id)
            now = await chain_now(tx)
            if not await tx.orders.end_early(order_id, now, self._terms.percent):
                raise EarlyEndRefused(EarlyEndFault.NOT_RUNNING)
            await tx.delegations.cut_short(order_id)
            await tx.reclaims.look_again(rental.recipient_address)
            await tx.wake(RECLAIM_TOPIC)
            ended = await tx.orders.get(order_id)
            assert ended is not None, "it is locked"
            [view] = await order_views(tx, [ended])
            log.info("order %s: its customer ends the rental", view.number)
            reach("rental ended early, not committed")
        reach("rental ended early")
        return view

    async def _rental(self, tx: Transaction, user_id: int, order_id: UUID) -> OrderRow:
        """The customer's rental, which can be ended now."""
        if not self.offered:
            raise EarlyEndRefused(EarlyEndFault.NOT_OFFERED)
        rental = await tx.orders.get(order_id)
        if rental is None or rental.user_id != user_id or rental.extends_id is not None:
            raise EarlyEndRefused(EarlyEndFault.NOT_YOURS)
        try:
            now = await chain_now(tx)
        except ChainUnread:
            raise EarlyEndRefused(EarlyEndFault.CHAIN_UNAVAILABLE) from None
        if (
            rental.status != "completed"
            or rental.ended_at is not None
            or rental.ended_early_at is not None
            or rental.expires_at is None
            or now >= rental.expires_at
        ):
            raise EarlyEndRefused(EarlyEndFault.NOT_RUNNING)
        extension = await tx.orders.open_extension(order_id)
        if extension is not None:
            [view] = await order_views(tx, [extension])
            raise EarlyEndRefused(EarlyEndFault.EXTENSION_OPEN, extension=view)
        if await tx.delegations.undecided(order_id):
            # A fork took the energy from the chain; whether it comes back is not decided.
            raise EarlyEndRefused(EarlyEndFault.UNSETTLED)
        return rental


async def credit_ended_early(tx: Transaction, order: OrderRow) -> None:
    """The stake of a rental is back: if its customer ended it early, they get their share, once.

    `order` is locked, and its end is noted. Where nobody could read what was used, nothing was.
    """
    if order.ended_early_at is None or order.early_end_percent is None or order.user_id is None:
        return
    delegations = await tx.delegations.of_order(order.id)
    # Stake that waits for newer rentals of its receiver is not back yet; its use is known.
    used = sum(row.energy_used or 0 for row in delegations if row.status in _OVER)
    sun = _credit_sun(
        order,
        await tx.orders.paid_sun(order.id),
        percent=order.early_end_percent,
        ended_at=order.ended_early_at,
        energy_unused=order.energy_amount - used,
    )
    if sun and await tx.orders.early_credit(order.id, sun):
        await tx.ledger.book(
            ledger.came_back(order.user_id, sun), event="ended_early", order_id=order.id
        )
    log.info("order %s: ended early, %s sun come back", order.number, sun)


def _credit_sun(
    order: OrderRow, paid_sun: int, *, percent: int, ended_at: datetime, energy_unused: int
) -> int:
    assert order.expires_at is not None, "it was delivered"
    return early_credit_sun(
        paid_sun,
        percent=percent,
        # Time that was given away is over last, and nothing comes back for it.
        remaining=order.expires_at - rental_time(order.given_hours) - ended_at,
        total=rental_time(order.sold_hours),
        energy_unused=energy_unused,
        energy=order.energy_amount,
    )
