"""What a customer sees of an order: everything its card says, and where they stand with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chain.addresses import Address
from db.database import Transaction
from db.orders import OrderRow, OrderStory
from services import ledger
from services.chain_time import chain_now, rental_time
from services.order_ends import Compensation
from services.tokens import USDT


class OrderStatus(StrEnum):
    """The states an order can be stored in."""

    PENDING = "pending"
    PAID = "paid"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Stage(StrEnum):
    """Where a customer stands with an order."""

    AWAITING = "awaiting"
    UNDERPAID = "underpaid"
    SEEN = "seen"
    PAID = "paid"
    DELIVERED = "delivered"
    ENDED = "ended"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Origin(StrEnum):
    """How an order came about: asked for; by TRX sent without asking; as much of an underpaid
    order as its money was enough for; or as more time for the rental of another order."""

    ASKED = "asked"
    FLASH = "flash"
    LESS = "less"
    EXTENSION = "extension"


@dataclass(frozen=True, slots=True)
class OrderView:
    """Everything a card says about an order. Amounts in sun, times of the chain, UTC.

    `due_sun` is what a payment has to bring now; `received_sun` what is there of `amount_sun`, of
    which `balance_sun` came from the balance; `credited_sun` what was paid too much. While an
    order waits for money, `balance_available_sun` is what its customer's balance holds.

    `energy_per_transfer` is for the first transfer, `energy_next` for each further one, of which
    `energy_own` was the recipient's own already. `symbol` is the token's, `token_address` None for
    USDT.

    A rental: `extended` is how much time extensions, and the shop for nothing, added to the
    `duration` that was sold, for `extensions_sun`; `early_credit_sun` what came back because it was
    ended early.
    An extension: it prolongs the order `extends_id` by `duration`; `rental_expires_at` is when
    that one ends by now.

    `waits_for_person`: it is not delivered before somebody of the shop allows it.
    `client_order_id` is how the program that placed it calls it.
    """

    id: UUID
    number: int
    origin: Origin
    user_id: int | None
    stage: Stage
    status: OrderStatus
    recipient: Address
    destination: Address | None
    destination_holds_token: bool
    token_address: Address | None
    token_units: int | None
    symbol: str
    payment_address: Address
    amount_sun: int
    due_sun: int
    received_sun: int
    balance_sun: int
    credited_sun: int
    balance_available_sun: int
    transfers: int
    energy_per_transfer: int
    energy_next: int
    energy_own: int
    energy: int
    estimated: bool
    duration: timedelta
    burn_sun: int
    ordered_at: datetime
    pay_until: datetime
    paid_at: datetime | None
    completed_at: datetime | None
    expires_at: datetime | None
    ended_at: datetime | None
    payment_txid: str | None
    payment_seen_at: datetime | None
    delegation_txids: tuple[str, ...]
    reclaim_txids: tuple[str, ...]
    energy_used: int | None
    failure: str | None
    compensation: Compensation | None
    card_chat_id: int | None
    card_message_id: int | None
    now: datetime
    extends_id: UUID | None
    extends_number: int | None
    rental_expires_at: datetime | None
    extended: timedelta
    extensions_sun: int
    ended_early_at: datetime | None
    early_credit_sun: int
    waits_for_person: bool
    price_id: str
    client_order_id: str | None

    @property
    def is_running(self) -> bool:
        """Whether its rental runs, and can be prolonged or ended early."""
        return (
            self.stage is Stage.DELIVERED
            and self.extends_id is None
            and self.ended_early_at is None
            and self.expires_at is not None
            and self.now < self.expires_at
        )

    @property
    def paid_for_rental_sun(self) -> int:
        """What the rental cost, with all that prolonged it, less what came back."""
        return self.amount_sun + self.extensions_sun - self.early_credit_sun

    @property
    def missing_sun(self) -> int:
        """What the order still needs: that much its balance would pay."""
        return self.amount_sun - self.received_sun

    @property
    def balance_covers(self) -> bool:
        """Whether the balance holds all that the order still needs."""
        return 0 < self.missing_sun <= self.balance_available_sun

    @property
    def came_in_part(self) -> bool:
        """Whether some of the price had come before; remembered when the order is closed."""
        return self.due_sun < self.amount_sun

    @property
    def delivery_seconds(self) -> int | None:
        """From the block with the payment to the block with the energy."""
        if self.paid_at is None or self.completed_at is None:
            return None
        return int((self.completed_at - self.paid_at).total_seconds())


async def order_views(
    tx: Transaction, rows: Sequence[OrderRow], stories: Mapping[UUID, OrderStory] | None = None
) -> tuple[OrderView, ...]:
    """The orders with what happened to them, in the same order: until now, or until `stories`."""
    if not rows:
        return ()
    if stories is None:
        stories = await tx.orders.stories([row.id for row in rows])
    now = await chain_now(tx)
    # Nobody asks what could pay an order that needs no money.
    accounts = {
        row.id: ledger.user_account(row.user_id)
        for row in rows
        if row.status == OrderStatus.PENDING and row.user_id is not None
    }
    balances = await tx.ledger.owed_to_each(set(accounts.values())) if accounts else {}
    addresses = {row.token_address for row in rows if row.token_address is not None}
    symbols = {
        address: token.symbol
        for address, token in (await tx.tokens.by_address(addresses) if addresses else {}).items()
    }
    return tuple(
        _view(
            row,
            stories[row.id],
            balances.get(accounts.get(row.id, ""), 0),
            USDT if row.token_address is None else symbols[row.token_address],
            now,
        )
        for row in rows
    )


async def views_by_id(tx: Transaction, order_ids: Sequence[UUID]) -> dict[UUID, OrderView]:
    """The orders with these ids, whoever they belong to."""
    rows = await tx.orders.by_ids(list(order_ids))
    return {view.id: view for view in await order_views(tx, rows)}


def stage_of(status: OrderStatus, *, payment_seen: bool, in_part: bool, ended: bool) -> Stage:
    """Where a customer stands, from the stored state and what was seen on the chain."""
    match status:
        case OrderStatus.PENDING:
            if payment_seen:
                return Stage.SEEN
            return Stage.UNDERPAID if in_part else Stage.AWAITING
        case OrderStatus.PAID | OrderStatus.PROCESSING:
            return Stage.PAID
        case OrderStatus.COMPLETED:
            return Stage.ENDED if ended else Stage.DELIVERED
        case OrderStatus.EXPIRED:
            return Stage.SEEN if payment_seen else Stage.EXPIRED
        case OrderStatus.CANCELLED:
            return Stage.CANCELLED
        case OrderStatus.FAILED:
            return Stage.FAILED


def _view(
    row: OrderRow, story: OrderStory, balance_available_sun: int, symbol: str, now: datetime
) -> OrderView:
    status = OrderStatus(row.status)
    return OrderView(
        id=row.id,
        number=row.number,
        origin=Origin(row.origin),
        user_id=row.user_id,
        stage=stage_of(
            status,
            payment_seen=story.paying,
            in_part=story.received_sun > 0,
            ended=row.ended_at is not None,
        ),
        status=status,
        recipient=Address(row.recipient_address),
        destination=Address(row.destination_address) if row.destination_address else None,
        destination_holds_token=row.destination_holds_token,
        token_address=Address(row.token_address) if row.token_address else None,
        token_units=None if row.token_amount is None else int(row.token_amount),
        symbol=symbol,
        payment_address=Address(row.payment_address),
        amount_sun=row.trx_amount,
        due_sun=row.due_sun,
        received_sun=story.received_sun,
        balance_sun=row.balance_sun,
        credited_sun=story.credited_sun,
        balance_available_sun=balance_available_sun,
        transfers=row.transaction_count,
        energy_per_transfer=row.energy_per_transaction,
        energy_next=row.energy_next,
        energy_own=row.energy_own,
        energy=row.energy_amount,
        estimated=row.estimated,
        duration=rental_time(row.duration_hours),
        burn_sun=row.burn_sun,
        ordered_at=row.ordered_at,
        pay_until=row.pay_until,
        paid_at=row.paid_at,
        completed_at=row.completed_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        payment_txid=row.payment_txid or story.seen_txid,
        payment_seen_at=story.seen_at,
        delegation_txids=tuple(story.delegation_txids),
        reclaim_txids=tuple(story.reclaim_txids),
        energy_used=story.energy_used,
        failure=row.failure,
        compensation=Compensation(row.compensation) if row.compensation else None,
        card_chat_id=row.card_chat_id,
        card_message_id=row.card_message_id,
        now=now,
        extends_id=row.extends_id,
        extends_number=story.extends_number,
        rental_expires_at=story.rental_expires_at,
        extended=rental_time(row.extended_hours + row.given_hours),
        extensions_sun=story.extensions_sun,
        ended_early_at=row.ended_early_at,
        early_credit_sun=row.early_credit_sun,
        waits_for_person=row.waits_for_person,
        price_id=row.price_config_id,
        client_order_id=row.client_order_id,
    )
