"""Alerts as messages, the room of all of them, and what groups hear of deliveries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiogram.types import InlineKeyboardButton

from bot import operator_cards
from bot.keyboards import button, keyboard
from bot.office import cards
from bot.office.taps import Acknowledge, LookAtHeld, Room
from bot.screen import Card
from bot.texts import Texts
from services.alerts import Alert, AlertKind, AlertLook
from services.held import HeldPayment
from services.order_views import OrderView
from services.refunds import Refund
from services.staff import Actor, Right

# Where it is mended.
_DOORS: Mapping[AlertKind, Room] = {
    AlertKind.DELEGATION_FAILED: Room.ORDERS,
    AlertKind.ORDER_FAILED: Room.ORDERS,
    AlertKind.POOL_OUT: Room.POOLS,
    AlertKind.LOW_ENERGY: Room.POOLS,
    AlertKind.RECLAIMS_REFUSED: Room.POOLS,
    AlertKind.PAYMENT_HELD: Room.HELD,
    AlertKind.PAYMENT_ADRIFT: Room.ORDERS,
    AlertKind.PAYMENT_LOST: Room.ORDERS,
    AlertKind.REFUND_WAITS: Room.REFUNDS,
}
# What is told by the details alone.
_OF_DETAILS: Mapping[AlertKind, Callable[[Texts, Mapping[str, Any]], Card]] = {
    AlertKind.UNKNOWN_TRANSACTION: operator_cards.unknown_transaction,
    AlertKind.BOOKS_DIFFER: operator_cards.books_differ,
    AlertKind.POOL_OUT: operator_cards.pool_out,
    AlertKind.RECLAIMS_REFUSED: operator_cards.reclaims_refused,
}
# Buttons of so many; the others are below, when these are done.
_WITH_BUTTONS = 8


@dataclass(frozen=True, slots=True)
class AlertSubject:
    """What an alert is about, as it is now."""

    payment: HeldPayment | None = None
    refund: Refund | None = None
    order: OrderView | None = None


def alert(
    texts: Texts, alert: Alert, about: AlertSubject, *, level: int, reader: Actor | None
) -> Card:
    """An alert as it stands, told for the `level`-th time.

    `reader` is None in a group, where it has only the button to acknowledge it: the others are for
    one person's eyes, and each person has those that they may use.
    """
    words = texts.office.alerts
    shown = _shown(texts, alert, about, reader)
    rows: list[list[InlineKeyboardButton]] = []
    if reader is not None and alert.is_open:
        rows += shown.keyboard.inline_keyboard if shown.keyboard else _door(texts, alert)
    if alert.is_open and alert.acknowledged_by is None:
        rows.append([_acknowledging(alert, words.acknowledge_button, room=False)])
    return Card(words.alert(alert, shown.text, level), keyboard(*rows) if rows else None)


def over(texts: Texts, alert: Alert) -> Card:
    return Card(texts.office.alerts.over(alert))


def room(texts: Texts, look: AlertLook, actor: Actor) -> Card:
    """What is open, each with its buttons; and what closed lately."""
    words = texts.office.alerts
    rows: list[list[InlineKeyboardButton]] = []
    entered: set[str | None] = set()
    for each in look.open[:_WITH_BUTTONS]:
        doors = [door for line in _door(texts, each) for door in line]
        # One door for all that are mended behind it.
        row = [door for door in doors if door.callback_data not in entered]
        entered.update(door.callback_data for door in row)
        if each.acknowledged_by is None and actor.may(Right.SERVE):
            label = words.acknowledge_number_button(each.id)
            row.insert(0, _acknowledging(each, label, room=True))
        if row:
            rows.append(row)
    return Card(words.room(look), keyboard(*rows, [cards.back(texts.office.common)]))


def delivered(texts: Texts, order: OrderView) -> Card:
    """What a group or channel hears of a delivery: nothing about whose it is."""
    return Card(texts.office.alerts.delivered(order))


def _acknowledging(alert: Alert, label: str, *, room: bool) -> InlineKeyboardButton:
    return button(label, Acknowledge(alert=alert.id, room=room).pack())


def _door(texts: Texts, alert: Alert) -> list[list[InlineKeyboardButton]]:
    payment = alert.details.get("payment_id")
    if alert.kind is AlertKind.PAYMENT_HELD and payment:
        label = f"{texts.office.common.room_button(Room.HELD.name.lower())} #{payment}"
        return [[button(label, LookAtHeld(payment=payment).pack())]]
    room = _DOORS.get(alert.kind)
    return [] if room is None else [[cards.entering(texts.office.common, room)]]


def _shown(texts: Texts, alert: Alert, about: AlertSubject, reader: Actor | None) -> Card:
    """Cause, effect, and what mends it."""
    drawn = _OF_DETAILS.get(alert.kind)
    if drawn is not None:
        return drawn(texts, alert.details)
    match alert.kind:
        case AlertKind.PAYMENT_HELD if about.payment is not None:
            return operator_cards.payment_held(texts, about.payment, reader)
        case AlertKind.PAYMENT_ADRIFT | AlertKind.PAYMENT_LOST if about.payment is not None:
            return operator_cards.payment_lost(texts, about.payment, alert.details)
        case AlertKind.REFUND_WAITS if about.refund is not None:
            return operator_cards.refund_stuck(texts, about.refund, reader)
        case AlertKind.ORDER_FAILED if about.order is not None:
            return operator_cards.order_failed(texts, about.order)
    return Card(texts.office.alerts.cause(alert))
