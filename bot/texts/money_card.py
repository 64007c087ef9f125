"""What customers read about money that is with us: which lines, and when."""

from __future__ import annotations

from typing import Protocol

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import exact_trx
from bot.texts.notation import Notation, lines, section
from services.balances import Balance, Movement
from services.held import Choice, HeldPayment
from services.refunds import Refund, RefundWait

_LONGEST_URL = 200


class MoneyWords(Protocol):
    """What a language says about money that is with us."""

    def _your_trx_are_safe(self, trx: str) -> str: ...
    def _why_held(self, reason: str) -> str: ...

    _what_shall_i_do: str

    def _way_to_deliver(self, transfers: int) -> str: ...

    _way_to_keep: str

    def _way_back(self, trx: str, sender: Text, fee: str) -> Text: ...
    def _kept_by_itself(self, until: Text) -> Text: ...

    _is_credited: tuple[str, str]
    """What happened, and what comes of it; so are the next ones."""
    _is_refunded_now: tuple[str, str]
    _pays_for_energy: tuple[str, str]
    _is_taken_back: tuple[str, str]
    _is_refunded: str

    def _is_on_your_balance(self, trx: str) -> str: ...
    def _why_credited(self, reason: str) -> str: ...

    _pays_the_next_order: str

    def _goes_back_later(self, place: Text) -> Text: ...
    def _nothing_to_do_meanwhile(self, wait: str) -> str: ...
    def _was_sent_to_you(self, trx: str) -> str: ...

    _money_is_at: str

    def _waits_for(self, reason: RefundWait) -> str: ...

    _sent_being_confirmed: str
    _sent_in_a_moment: str

    def _adjusted(self, change: str) -> str: ...
    def _now_holds(self, trx: str) -> str: ...

    _webhook_is_off: str
    _webhook_said_gone: str
    _webhook_took_nothing: str
    _webhook_on_again: str

    _your_balance: str
    _balance_pays: str
    _what_is_kept_here: str
    _lately: str
    _on_its_way_to_you: str

    def _under_way(self, trx: str, place: Text, wait: str) -> Text: ...

    def _moved_by(self, event: str) -> str:
        """An event that has no words is said as it is."""


class MoneyCard(Notation, MoneyWords):
    """Payments without an order, refunds, and the balance. Amounts arrive written out."""

    # A payment that pays no order

    def payment_choice(self, payment: HeldPayment) -> Text:
        """The first sentence says that the money is safe, the last what happens by itself."""
        return lines(
            Bold(self._your_trx_are_safe(exact_trx(payment.amount_sun))),
            self._why_held(payment.reason) + self._order_in_brackets(payment),
            "",
            Bold(self._what_shall_i_do),
            *(self._way(payment, choice) for choice in payment.possible),
            "",
            self._kept_by_itself(self.moment(payment.choose_until))
            if payment.choose_until
            else None,
            self._payment_link(payment),
        )

    def _way(self, payment: HeldPayment, choice: Choice) -> Text | str:
        match choice:
            case Choice.DELIVER:
                return self._way_to_deliver(payment.transfers)
            case Choice.CREDIT:
                return self._way_to_keep
            case Choice.REFUND:
                return self._way_back(
                    exact_trx(payment.amount_sun - payment.refund_fee_sun),
                    self.address_link(payment.sender),
                    exact_trx(payment.refund_fee_sun),
                )

    def payment_decided(self, payment: HeldPayment) -> Text:
        """What became of it."""
        opening, closing = self.brackets
        order = self._order(payment.order_number) if payment.order_number else ""
        what, then = self._decided(payment.status)
        return lines(
            Bold(what),
            then,
            Text(self._payment_link(payment), f"{opening}{order}{closing}" if order else ""),
        )

    def _decided(self, status: str) -> tuple[str, str | None]:
        match status:
            case "credited":
                return self._is_credited
            case "refunding":
                return self._is_refunded_now
            case "refunded":
                return self._is_refunded, None
            case "matched" | "delivered" | "flash":
                return self._pays_for_energy
            case _:
                return self._is_taken_back

    def payment_credited(self, payment: HeldPayment) -> Text:
        """Why it is on the balance; what is too little for anything needs no reason."""
        return lines(
            Bold(self._is_on_your_balance(exact_trx(payment.amount_sun))),
            self._why_credited(payment.reason or "too_little") + self._order_in_brackets(payment),
            self._pays_the_next_order,
            self._payment_link(payment),
        )

    def balance_adjusted(self, sun: int, balance_sun: int) -> Text:
        """A person of the shop changed the balance by `sun`; then it held `balance_sun`."""
        return lines(
            Bold(self._adjusted(self.signed(sun))),
            self._now_holds(exact_trx(balance_sun)),
        )

    # Programs

    def webhook_disabled(self, url: str, why: str) -> Text:
        """Where nothing is sent any more, why, and how it is sent to again."""
        shown = url if len(url) <= _LONGEST_URL else f"{url[:_LONGEST_URL]}…"
        return lines(
            Bold(self._webhook_is_off),
            self.copied(shown),
            self._webhook_said_gone if why == "gone" else self._webhook_took_nothing,
            self._webhook_on_again,
        )

    def _order_in_brackets(self, payment: HeldPayment) -> str:
        if not payment.order_number:
            return ""
        opening, closing = self.brackets
        return f"{opening}{self._order_first(payment.order_number)}{closing}"

    def _payment_link(self, payment: HeldPayment) -> Text:
        label, _, _ = self.proof_labels
        return self.transaction_link(label, payment.txid)

    # Refunds

    def refund_waits(self, refund: Refund) -> Text:
        """The first sentence says that the money is safe, the next ones what it waits for."""
        return lines(
            Bold(self._your_trx_are_safe(exact_trx(refund.sent_sun))),
            self._goes_back_later(self.address_link(refund.to)),
            self._nothing_to_do_meanwhile(self._wait(refund)),
        )

    def refund_done(self, refund: Refund) -> Text:
        """How much arrived, and where."""
        return lines(
            Bold(self._was_sent_to_you(exact_trx(refund.sent_sun))),
            Text(self._money_is_at, self.address(refund.to)),
            self.transaction_link(self._transaction, refund.txid) if refund.txid else None,
        )

    def _wait(self, refund: Refund) -> str:
        if refund.waits_for is not None:
            return self._waits_for(refund.waits_for)
        return self._sent_being_confirmed if refund.txid else self._sent_in_a_moment

    # The balance

    def balance(self, balance: Balance, refunds: tuple[Refund, ...]) -> Text:
        """What there is, how it came there, and what is on its way out."""
        return lines(
            Text(self._your_balance, Bold(f"{exact_trx(balance.sun)} TRX")),
            self._balance_pays if balance.sun else self._what_is_kept_here,
            *section(self._lately, [self._movement(each) for each in balance.movements]),
            *section(
                self._on_its_way_to_you,
                [
                    self._under_way(
                        exact_trx(each.sent_sun), self.address_link(each.to), self._wait(each)
                    )
                    for each in refunds
                ],
            ),
        )

    def _movement(self, movement: Movement) -> str:
        what = self._moved_by(movement.event)
        if movement.order_number:
            what = f"{what}{self.comma}{self._order(movement.order_number)}"
        return f"{self.signed(movement.sun)} {what} · {self.day_and_time(movement.at)}"
