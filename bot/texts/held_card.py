"""What the operator reads about payments: which lines, and when; a language has the words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, assert_never

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import exact_trx
from bot.texts.notation import Notation, lines
from services.held import Choice, HeldMoney, HeldPayment


class HeldWords(Protocol):
    """What a language says about held payments, to the operator."""

    def _payment_is_held(self, trx: str) -> str: ...
    def _held_because(self, reason: str) -> str: ...

    def _held_reason(self, reason: str) -> str:
        """A reason that has no words is said as it is."""

    def _probably_for(self, order_number: int) -> str: ...

    _sent_from: str
    _sent_to: str
    _nobodys_payment: str

    def _of_user(self, user_id: int) -> str: ...
    def _user_was_asked(self, user_id: int, until: Text) -> Text: ...
    def _payment_commands(self, payment_id: int) -> str: ...
    def _credit_user(self, trx: str, user_id: int) -> str: ...

    _user_hears_of_it: str

    def _credit_sender(self, trx: str) -> str: ...
    def _who_proves_it(self, sender: Text) -> Text: ...
    def _send_back(self, trx: str) -> str: ...
    def _back_to(self, sender: Text, fee: str) -> Text: ...
    def _deliver(self, transfers: int) -> str: ...
    def _delivered_for(self, trx: str) -> str: ...
    def _cannot_be_undone(self, payment_id: int) -> str: ...
    def _payment(self, payment_id: int, trx: str) -> str: ...
    def _became(self, status: str) -> str: ...
    def _payment_left(self, trx: str) -> str: ...

    _nothing_is_sent_for_it: str

    def _payment_left_for_good(self, trx: str) -> str: ...
    def _given_is_lost(self, trx: str) -> str: ...

    _nothing_is_lost: str

    def _payment_id(self, payment_id: int) -> str: ...

    _operator: str

    def _messages_wait(self, messages: int) -> str: ...

    _all_messages_out: str

    def _payments_held(self, payments: int, trx: str) -> str: ...

    _no_payment_held: str

    def _held_payment(self, payment_id: int, trx: str, time: str, reason: str) -> str: ...

    _more_for_the_operator: Sequence[str]


class HeldCard(Notation, HeldWords):
    """Payments that wait for a word, and such as left the chain. Amounts arrive written out."""

    def payment_held(self, payment: HeldPayment) -> Text:
        """Why it is held, where it came from, and whose it is."""
        meant_for = ""
        if payment.order_number:
            meant_for = f"{self.after_sentence}{self._probably_for(payment.order_number)}"
        return lines(
            Bold(self._payment_is_held(exact_trx(payment.amount_sun))),
            self._held_because(self._held_reason(payment.reason)) + meant_for,
            Text(self._sent_from, self.address(payment.sender)),
            Text(self._sent_to, self.address_link(payment.receiver)),
            Text(
                f"{self.day_and_time(payment.time)} UTC · ",
                self.transaction_link(self._transaction, payment.txid),
            ),
            self._whose(payment),
            self._payment_commands(payment.id),
        )

    def _whose(self, payment: HeldPayment) -> Text | str:
        if payment.user_id is None:
            return self._nobodys_payment
        if payment.choose_until is None:
            return self._of_user(payment.user_id)
        return self._user_was_asked(payment.user_id, self.moment(payment.choose_until))

    def held_confirm(self, payment: HeldPayment, choice: Choice) -> Text:
        """The consequence of a choice, in numbers."""
        amount, fee = exact_trx(payment.amount_sun), exact_trx(payment.refund_fee_sun)
        sender = self.address_link(payment.sender)
        then: Text | str
        match choice:
            case Choice.CREDIT:
                if payment.user_id is not None:
                    what, then = self._credit_user(amount, payment.user_id), self._user_hears_of_it
                else:
                    what, then = self._credit_sender(amount), self._who_proves_it(sender)
            case Choice.REFUND:
                back = exact_trx(payment.amount_sun - payment.refund_fee_sun)
                what, then = self._send_back(back), self._back_to(sender, fee)
            case Choice.DELIVER:
                what, then = self._deliver(payment.transfers), self._delivered_for(amount)
            case _:
                assert_never(choice)
        return lines(Bold(what), then, self._cannot_be_undone(payment.id))

    def held_decided(self, payment: HeldPayment) -> Text:
        """What became of a payment."""
        return lines(
            Bold(self._payment(payment.id, exact_trx(payment.amount_sun))),
            self._became(payment.status),
            self.transaction_link(self._transaction, payment.txid),
        )

    def payment_lost(self, payment: HeldPayment, lost_sun: int | None) -> Text:
        """`lost_sun` is None while the payment may still come back."""
        amount = exact_trx(payment.amount_sun)
        if lost_sun is None:
            what, then = self._payment_left(amount), self._nothing_is_sent_for_it
        else:
            what = self._payment_left_for_good(amount)
            then = self._given_is_lost(exact_trx(lost_sun)) if lost_sun else self._nothing_is_lost
        order = f" · {self._order(payment.order_number)}" if payment.order_number else ""
        return lines(
            Bold(what),
            then,
            Text(self._sent_from, self.address(payment.sender)),
            Text(
                f"{self._payment_id(payment.id)}{order} · ",
                self.transaction_link(self._transaction, payment.txid),
            ),
        )

    def admin(self, waiting_notices: int, held: HeldMoney) -> Text:
        """The overview: what waits to be sent, and the newest of what is held."""
        return lines(
            Bold(self._operator),
            self._messages_wait(waiting_notices) if waiting_notices else self._all_messages_out,
            self._payments_held(held.count, exact_trx(held.total_sun))
            if held.count
            else self._no_payment_held,
            *(self._held_line(payment) for payment in held.newest),
            *self._more_for_the_operator,
        )

    def _held_line(self, payment: HeldPayment) -> Text:
        opening, closing = self.brackets
        order = self._order(payment.order_number) if payment.order_number else None
        return Text(
            self._held_payment(
                payment.id,
                exact_trx(payment.amount_sun),
                f"{self.day_and_time(payment.time)} UTC",
                self._held_reason(payment.reason),
            ),
            f"{opening}{order}{closing} · " if order else " · ",
            self.transaction_link(self._transaction, payment.txid),
        )
