"""What the shop reads when it decides about a held payment; a language has the words."""

from __future__ import annotations

from typing import Protocol

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import exact_trx
from bot.texts.notation import Notation, lines
from services.held import HeldPayment
from services.held_acts import HeldDesk
from services.order_views import OrderView


class HeldWords(Protocol):
    """The words of one language."""

    more_button: str
    assign_button: str
    flash_button: str
    credit_sender_button: str
    credit_other_button: str
    keep_button: str

    _which_order: str
    _which_user: str
    _no_such_user: str
    _fits: str
    _customer: str

    def _pays(self, order: str, trx: str) -> str: ...
    def _assign(self, trx: str, order: str) -> str: ...

    _assigned_then: str

    def _flash(self, trx: str) -> str: ...

    _flash_then: str

    def _credit_other(self, trx: str, who: str) -> str: ...

    _credit_other_then: str

    def _credit_sender(self, trx: str) -> str: ...

    _credit_sender_then: str

    def _keep(self, trx: str) -> str: ...

    _keep_then: str


class HeldTexts(Notation, HeldWords):
    """Questions about a payment, and what each decision means."""

    def pays_button(self, order: OrderView) -> str:
        """The label of an order that a payment could be meant for."""
        return self._pays(self._order(order.number), self.about_trx(order.missing_sun))

    def fits(self, desk: HeldDesk) -> Text | None:
        """Below the payment: whose it is by name, and that orders fit it."""
        name = f"{self._customer}@{desk.username}" if desk.username else None
        fits = self._fits if desk.fitting else None
        return lines(name, fits) if name or fits else None

    def which_order(self) -> Text:
        return Text(self._which_order)

    def which_user(self) -> Text:
        return Text(self._which_user)

    def no_such_user(self) -> Text:
        return lines(self._no_such_user, self._which_user)

    def assign(self, payment: HeldPayment, order_number: int) -> Text:
        asked = self._assign(exact_trx(payment.amount_sun), self._order(order_number))
        return lines(Bold(asked), self._assigned_then)

    def flash(self, payment: HeldPayment) -> Text:
        return lines(
            Bold(self._flash(exact_trx(payment.amount_sun))),
            self.address(payment.sender),
            self._flash_then,
        )

    def credit_other(self, payment: HeldPayment, user_id: int, username: str | None) -> Text:
        who = f"{user_id} (@{username})" if username else str(user_id)
        return lines(
            Bold(self._credit_other(exact_trx(payment.amount_sun), who)), self._credit_other_then
        )

    def credit_sender(self, payment: HeldPayment) -> Text:
        return lines(
            Bold(self._credit_sender(exact_trx(payment.amount_sun))),
            self.address(payment.sender),
            self._credit_sender_then,
        )

    def keep(self, payment: HeldPayment) -> Text:
        return lines(Bold(self._keep(exact_trx(payment.amount_sun))), self._keep_then)
