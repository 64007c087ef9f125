"""Cards for the people who run the shop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiogram.types import InlineKeyboardButton
from aiogram.utils.formatting import Text

from bot.keyboards import button, keyboard
from bot.office.cards import back, pages
from bot.office.taps import (
    Approve,
    AssignTo,
    Decide,
    HeldAt,
    HeldDoing,
    LookAtHeld,
    LookAtOrder,
    Room,
)
from bot.screen import Card
from bot.texts import Texts
from bot.texts.notation import lines
from services.acts import RIGHT_FOR, Act
from services.held import HeldMoney, HeldPayment
from services.held_acts import HeldDesk, possible
from services.order_views import OrderView
from services.refunds import Refund, RefundWait
from services.staff import Actor

_MOST_DIFFERENCES = 10
_LONGEST_DIFFERENCE = 300


def overview(texts: Texts, waiting_notices: int, held: HeldMoney) -> Card:
    """A page of the held payments."""
    rows = [
        [button(texts.look_at_held_button(payment), LookAtHeld(payment=payment.id).pack())]
        for payment in held.newest
    ]
    turning = pages(held.page, held.pages, lambda page: HeldAt(page=page).pack())
    common = texts.office.common
    return Card(texts.admin(waiting_notices, held), keyboard(*rows, turning, [back(common)]))


# Held payments


def payment_held(texts: Texts, payment: HeldPayment, reader: Actor | None) -> Card:
    """The news of a held payment, with what `reader` most likely does about it; once it is
    decided, what was done."""
    if payment.status != "held":
        return held_decided(texts, payment)
    may = _allowed(payment, reader)
    rows = [[_deciding(texts, payment, doing)] for doing in _LIKELY if doing.act in may]
    more = button(texts.office.held.more_button, LookAtHeld(payment=payment.id).pack())
    return Card(texts.payment_held(payment), keyboard(*rows, [more], [_all_held(texts)]))


def held_desk(texts: Texts, desk: HeldDesk, actor: Actor) -> Card:
    """A held payment, with the orders it could be meant for, and all that can be done with it."""
    payment, words = desk.payment, texts.office.held
    if not desk.possible:
        return held_decided(texts, payment)
    may = _allowed(payment, actor)
    fitting = [
        [
            button(
                words.pays_button(order),
                AssignTo(payment=payment.id, order=order.number).pack(),
            )
        ]
        for order in desk.fitting
        if Act.ASSIGN_PAYMENT in may
    ]
    others = [
        [_deciding(texts, payment, doing)]
        for doing in HeldDoing
        if doing.act in may and (doing is not HeldDoing.CREDIT_SENDER or payment.user_id)
    ]
    text = lines(texts.payment_held(payment), words.fits(desk))
    return Card(text, keyboard(*fitting, *others, [_all_held(texts)]))


_LIKELY = (HeldDoing.DELIVER, HeldDoing.CREDIT, HeldDoing.REFUND)


def _allowed(payment: HeldPayment, reader: Actor | None) -> frozenset[Act]:
    """What is possible with a payment, and `reader` may do; nothing if they are not of the staff.

    The filter of the office refuses the rest all the same: a role may change after a card is sent.
    """
    if reader is None:
        return frozenset()
    return frozenset(act for act in possible(payment) if reader.may(RIGHT_FOR[act]))


def _deciding(texts: Texts, payment: HeldPayment, doing: HeldDoing) -> InlineKeyboardButton:
    words = texts.office.held
    labels = {
        HeldDoing.ASSIGN: words.assign_button,
        HeldDoing.DELIVER: texts.deliver_button(payment.transfers),
        HeldDoing.FLASH: words.flash_button,
        HeldDoing.CREDIT: texts.credit_button,
        HeldDoing.CREDIT_SENDER: words.credit_sender_button,
        HeldDoing.CREDIT_OTHER: words.credit_other_button,
        HeldDoing.REFUND: texts.refund_button,
        HeldDoing.KEEP: words.keep_button,
    }
    return button(labels[doing], Decide(payment=payment.id, doing=doing).pack())


def held_decided(texts: Texts, payment: HeldPayment) -> Card:
    return Card(texts.held_decided(payment), keyboard([_all_held(texts)]))


def said(texts: Texts, text: Text | str) -> Card:
    """What came of a decision, and the way back to what else waits."""
    return Card(text if isinstance(text, Text) else Text(text), keyboard([_all_held(texts)]))


def _all_held(texts: Texts) -> InlineKeyboardButton:
    return button(texts.all_held_button, LookAtHeld().pack())


# Orders and refunds


def order_failed(texts: Texts, view: OrderView) -> Card:
    look = button(texts.office.orders.open_button, LookAtOrder(order=view.number).pack())
    return Card(texts.order_failed(view), keyboard([look]))


def refund_stuck(texts: Texts, refund: Refund, reader: Actor | None) -> Card:
    rows = _approving(texts, [refund], reader)
    return Card(texts.refund_stuck(refund), keyboard(*rows) if rows else None)


def refunds(texts: Texts, listed: Sequence[Refund], actor: Actor) -> Card:
    rows = _approving(texts, listed, actor)
    return Card(texts.refunds(listed), keyboard(*rows, [back(texts.office.common)]))


def _approving(
    texts: Texts, listed: Sequence[Refund], reader: Actor | None
) -> list[list[InlineKeyboardButton]]:
    if reader is None or not reader.may(RIGHT_FOR[Act.APPROVE_REFUND]):
        return []
    return [
        [button(texts.approve_button(refund), Approve(refund=refund.id).pack())]
        for refund in listed
        if refund.waits_for is RefundWait.OVER_CAP
    ]


def refund_approved(texts: Texts, refund: Refund) -> Card:
    common = texts.office.common
    return Card(texts.refund_approved(refund), keyboard([back(common, Room.REFUNDS)]))


# Alarms


def payment_lost(texts: Texts, payment: HeldPayment, details: Mapping[str, Any]) -> Card:
    lost_sun = details.get("lost_sun")
    return Card(texts.payment_lost(payment, None if lost_sun is None else int(lost_sun)))


def unknown_transaction(texts: Texts, details: Mapping[str, Any]) -> Card:
    return Card(texts.unknown_transaction(details))


def pool_out(texts: Texts, details: Mapping[str, Any]) -> Card:
    return Card(texts.pool_out(details))


def books_differ(texts: Texts, details: Mapping[str, Any]) -> Card:
    """The first differences; a message holds 4,096 characters."""
    differences = [str(each) for each in details.get("differences", ())]
    shown = [each[:_LONGEST_DIFFERENCE].strip() for each in differences[:_MOST_DIFFERENCES]]
    return Card(texts.books_differ(shown, max(int(details.get("count", 0)), len(differences))))


def reclaims_refused(texts: Texts, details: Mapping[str, Any]) -> Card:
    return Card(
        texts.reclaims_refused(
            str(details.get("pool", "?")),
            int(details.get("rentals", 0)),
            no_bandwidth=bool(details.get("no_bandwidth")),
        )
    )
