"""Cards about the time of a rental: more of it, or less."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from aiogram.enums import ButtonStyle
from aiogram.types import InlineKeyboardButton

from bot.callbacks import Do, ExtendBy, OrderTap
from bot.keyboards import button, keyboard
from bot.screen import Card
from bot.texts import Texts
from services.early_ends import EarlyEnd
from services.extensions import ExtensionOffers
from services.order_views import OrderView


def opening(texts: Texts, order: OrderView) -> InlineKeyboardButton:
    """Leaves everything as it is, and brings the rental's card down."""
    return button(texts.keep_rental_button, OrderTap(order=order.id, do=Do.OPEN).pack())


def choose_extension(texts: Texts, offered: ExtensionOffers) -> Card:
    """Which time to add, each with its price."""
    rental = offered.rental
    rows = [
        [_extend_by(texts, rental, offer.duration, offer.price_sun)] for offer in offered.offers
    ]
    back = button(texts.back_button, OrderTap(order=rental.id, do=Do.OPEN).pack())
    return Card(texts.choose_extension(offered), keyboard(*rows, [back]))


def end_now(texts: Texts, offer: EarlyEnd) -> Card:
    """What ending it now means, and the last word about it."""
    rental = offer.rental
    sure = button(
        texts.end_now_confirm_button,
        OrderTap(order=rental.id, do=Do.END_NOW).pack(),
        ButtonStyle.DANGER,
    )
    return Card(texts.end_now(offer), keyboard([sure], [opening(texts, rental)]))


def rental_ending_now(texts: Texts, order: OrderView) -> Card:
    """It was ended; what comes back is said when the energy is back."""
    return Card(texts.rental_ending_now(order))


def rental_ending(
    texts: Texts, order: OrderView, unused: int, offers: Sequence[tuple[timedelta, int]]
) -> Card:
    """Unused energy is about to leave; each of the `offers` is one tap."""
    rows = [[_extend_by(texts, order, duration, sun)] for duration, sun in offers]
    return Card(texts.rental_ending(order, unused, offers), keyboard(*rows))


def _extend_by(
    texts: Texts, rental: OrderView, duration: timedelta, price_sun: int
) -> InlineKeyboardButton:
    data = ExtendBy(order=rental.id, seconds=int(duration.total_seconds()), sun=price_sun)
    return button(texts.extend_by_button(duration, price_sun), data.pack())
