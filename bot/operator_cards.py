"""Cards for the people who run the shop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiogram.enums import ButtonStyle
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.keyboards import button, keyboard
from bot.office.taps import Approve, Decide, LookAtHeld
from bot.screen import Card
from bot.texts import Texts
from services.held import Choice, HeldMoney, HeldPayment
from services.order_views import OrderView
from services.refunds import Refund, RefundWait

_MOST_DIFFERENCES = 10
_LONGEST_DIFFERENCE = 300


def overview(texts: Texts, waiting_notices: int, held: HeldMoney) -> Card:
    rows = [
        [button(texts.look_at_held_button(payment), LookAtHeld(payment=payment.id).pack())]
        for payment in held.newest
    ]
    return Card(texts.admin(waiting_notices, held), keyboard(*rows) if rows else None)


# Held payments


def payment_held(texts: Texts, payment: HeldPayment) -> Card:
    """A held payment and what can be done with it; once it is decided, what was done."""
    if payment.status != "held":
        return held_decided(texts, payment)
    labels = {
        Choice.DELIVER: texts.deliver_button(payment.transfers),
        Choice.CREDIT: texts.credit_button,
        Choice.REFUND: texts.refund_button,
    }
    rows = [
        [button(labels[choice], Decide(payment=payment.id, choice=choice, sure=False).pack())]
        for choice in payment.possible
    ]
    return Card(texts.payment_held(payment), keyboard(*rows, [_all_held(texts)]))


def held_confirm(texts: Texts, payment: HeldPayment, choice: Choice) -> Card:
    return Card(
        texts.held_confirm(payment, choice),
        keyboard(
            [
                button(
                    texts.do_it_button,
                    Decide(payment=payment.id, choice=choice, sure=True).pack(),
                    ButtonStyle.DANGER,
                )
            ],
            [button(texts.back_button, LookAtHeld(payment=payment.id).pack())],
        ),
    )


def held_decided(texts: Texts, payment: HeldPayment) -> Card:
    return Card(texts.held_decided(payment), keyboard([_all_held(texts)]))


def _all_held(texts: Texts) -> InlineKeyboardButton:
    return button(texts.all_held_button, LookAtHeld().pack())


# Orders and refunds


def order_failed(texts: Texts, view: OrderView) -> Card:
    return Card(texts.order_failed(view))


def refund_stuck(texts: Texts, refund: Refund) -> Card:
    return Card(texts.refund_stuck(refund), _approving(texts, [refund]))


def refunds(texts: Texts, listed: Sequence[Refund]) -> Card:
    return Card(texts.refunds(listed), _approving(texts, listed))


def _approving(texts: Texts, listed: Sequence[Refund]) -> InlineKeyboardMarkup | None:
    rows = [
        [button(texts.approve_button(refund), Approve(refund=refund.id, sure=False).pack())]
        for refund in listed
        if refund.waits_for is RefundWait.OVER_CAP
    ]
    return keyboard(*rows) if rows else None


def refund_confirm(texts: Texts, refund: Refund) -> Card:
    return Card(
        texts.refund_confirm(refund),
        keyboard(
            [
                button(
                    texts.do_it_button,
                    Approve(refund=refund.id, sure=True).pack(),
                    ButtonStyle.DANGER,
                )
            ]
        ),
    )


def refund_approved(texts: Texts, refund: Refund) -> Card:
    return Card(texts.refund_approved(refund))


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
