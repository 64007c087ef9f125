"""Orders that wait for a person, and the blacklist."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chain.addresses import Address
from db.database import Database, Transaction, again_after_conflict
from db.orders import OrderRow
from db.risk import ListedRow
from services.acts import ActFault, ActRefused, Acts, Proposal
from services.log_context import learned
from services.notices import DELIVERY_TOPIC, NoticeKind, tell_customer, tell_staff
from services.order_ends import OrderEnds
from services.order_views import OrderView, order_views
from services.risk import RiskReason, RiskRules
from services.risk_check import RiskCheck
from services.staff import Actor
from services.trail import note

SHOWN = 8
FAILURE = "risk"
"""Why an order failed that a person turned down."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RiskyOrder:
    """An order that waits for a person, or did; `decision` is "allowed" or "refused"."""

    order: OrderView
    reasons: tuple[RiskReason, ...]
    decision: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """An address, or a customer, that the shop does not sell to. `at` is the machine's time."""

    id: int
    address: Address | None
    user_id: int | None
    reason: str
    by: int
    at: datetime

    @property
    def subject(self) -> str:
        """As the log names it."""
        return subject_of(self.address, self.user_id)


@dataclass(frozen=True, slots=True)
class RiskDesk:
    """Everything at a glance: how many orders wait, the longest first; who is listed, newest."""

    rules: RiskRules
    waiting: int
    orders: tuple[RiskyOrder, ...]
    listed: int
    newest: tuple[Listed, ...]


class RiskReview:
    """What people of the shop do about risk."""

    def __init__(
        self,
        database: Database,
        check: RiskCheck,
        ends: OrderEnds,
        acts: Acts,
        *,
        deciders: Sequence[int],
    ) -> None:
        self._database = database
        self._check = check
        self._ends = ends
        self._acts = acts
        self._deciders = deciders

    async def ask_due(self) -> int:
        """Tell those who decide of paid orders that wait for them, each once; how many wait."""
        async with self._database.transaction() as tx:
            waiting = await tx.orders.by_ids(list(await tx.risk.waiting(None)))
            for order in waiting:
                await tell_staff(
                    tx,
                    NoticeKind.STAFF_ORDER_ASKED,
                    readers=self._deciders,
                    occasion=str(order.id),
                    order_id=order.id,
                    payload={"reasons": order.risk_reasons},
                )
        return len(waiting)

    async def look(self) -> RiskDesk:
        async with self._database.transaction() as tx:
            ids = await tx.risk.waiting(None)
            orders = await self._orders(tx, ids[:SHOWN])
            count, rows = await tx.risk.listed(SHOWN)
        return RiskDesk(
            self._check.rules, len(ids), orders, count, tuple(_listed(row) for row in rows)
        )

    async def order(self, number: int) -> RiskyOrder | None:
        """One that waits for a person, or did."""
        async with self._database.transaction() as tx:
            row = await tx.orders.lock_number(number)
            if row is None or not row.risk_reasons:
                return None
            [risky] = await self._orders(tx, [row.id])
        return risky

    async def find_listed(self, address: Address | None, user_id: int | None) -> Listed | None:
        async with self._database.transaction() as tx:
            row = await tx.risk.find_listed(address, user_id)
        return None if row is None else _listed(row)

    async def entry(self, listed_id: int) -> Listed | None:
        async with self._database.transaction() as tx:
            row = await tx.risk.get_listed(listed_id)
        return None if row is None else _listed(row)

    @again_after_conflict
    async def add(self, actor: Actor, nonce: str) -> None:
        """Sell nothing to an address or a customer any more. Raises ActRefused."""
        async with self._acts.taking(actor, nonce) as (tx, proposal):
            address, user_id = proposal.arguments["address"], proposal.arguments["user"]
            if not await tx.risk.add_listed(address, user_id, proposal.reason, actor.id):
                raise ActRefused(ActFault.GONE)
            await _noted(tx, actor, proposal, before=False)

    @again_after_conflict
    async def remove(self, actor: Actor, nonce: str) -> None:
        """Sell to them again. Raises ActRefused."""
        async with self._acts.taking(actor, nonce) as (tx, proposal):
            if not await tx.risk.remove_listed(int(proposal.arguments["listed"])):
                raise ActRefused(ActFault.GONE)
            await _noted(tx, actor, proposal, before=True)

    @again_after_conflict
    async def decide(self, actor: Actor, nonce: str, *, allow: bool) -> RiskyOrder:
        """Deliver an order that waits, or turn it down: then its money goes where that of every
        order goes that fails. Raises ActRefused.
        """
        async with self._acts.taking(actor, nonce) as (tx, proposal):
            order_id = UUID(proposal.arguments["order"])
            order = await tx.orders.lock(order_id)
            if order is None or not can_be_decided(order):
                raise ActRefused(ActFault.GONE)
            learned(order=order.number, order_id=order_id)
            decision = "allowed" if allow else "refused"
            await tx.risk.decide(order_id, decision, actor.id)
            if allow:
                await tell_customer(
                    tx,
                    NoticeKind.ORDER_PAID,
                    user_id=order.user_id,
                    order_id=order_id,
                    occasion="allowed",
                )
                await tx.wake(DELIVERY_TOPIC)
            else:
                await self._ends.fail(tx, order_id, FAILURE)
            await note(
                tx,
                actor,
                proposal.act,
                subject=proposal.subject,
                reason=proposal.reason,
                before={"status": order.status, "risk": order.risk_reasons},
                after={"risk_decision": decision},
            )
            [risky] = await self._orders(tx, [order_id])
        log.info("order %s: %s by %s", risky.order.number, decision, actor.id)
        return risky

    async def _orders(self, tx: Transaction, ids: Sequence[UUID]) -> tuple[RiskyOrder, ...]:
        found = {row.id: row for row in await tx.orders.by_ids(list(ids))}
        rows = [found[order_id] for order_id in ids]
        return tuple(
            RiskyOrder(view, tuple(map(RiskReason, row.risk_reasons)), row.risk_decision)
            for row, view in zip(rows, await order_views(tx, rows), strict=True)
        )


def can_be_decided(order: OrderRow) -> bool:
    """Whether it is paid, and waits for a person."""
    return order.waits_for_person and order.status == "paid"


def subject_of(address: str | None, user_id: int | None) -> str:
    return f"address {address}" if address is not None else f"user {user_id}"


async def _noted(tx: Transaction, actor: Actor, proposal: Proposal, *, before: bool) -> None:
    await note(
        tx,
        actor,
        proposal.act,
        subject=proposal.subject,
        reason=proposal.reason,
        before={"listed": before},
        after={"listed": not before},
    )


def _listed(row: ListedRow) -> Listed:
    return Listed(
        id=row.id,
        address=None if row.address is None else Address(row.address),
        user_id=row.user_id,
        reason=row.reason,
        by=row.added_by,
        at=row.created_at,
    )
