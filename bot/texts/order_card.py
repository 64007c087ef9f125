"""The card of an order and its news: which lines they have, and when; a language has the words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import clock, exact_trx, saved_by_use
from bot.texts.notation import lines
from bot.texts.time_card import TimeCard
from services.order_ends import Compensation
from services.order_views import OrderView, Origin


class OrderWords(Protocol):
    """What a language says about an order."""

    # On the card

    _send_exactly: str
    _to_address: str
    _expires: str

    def _pays_for(self, order: OrderView, place: Text) -> Text: ...

    _not_from_an_exchange: str
    _from_your_own_wallet: str

    def _part_has_arrived(self, trx: str) -> str: ...

    _send_the_rest: str
    _if_no_rest_to_extend: str
    _if_no_rest_to_rent: str
    _payment_seen: str
    _nothing_to_do: str
    _done_in_seconds: str
    _delivered_in_seconds: str

    def _energy_delivered(self, energy: str) -> str: ...

    _on_address: str
    _lasts_until: str

    def _enough_for(self, transfers: int, symbol: str) -> str: ...

    _rental_is_over: str
    _expired_do_not_pay: str

    def _rest_did_not_come(self, deadline: str) -> str: ...
    def _nothing_came(self, deadline: str) -> str: ...

    _paid_before_it_expired: str
    _cancelled_do_not_pay: str
    _part_is_safe: str
    _nothing_charged: str
    _paid_before_it_was_cancelled: str
    _money_is_safe: str

    def _not_delivered(self, why: str) -> str: ...
    def _goods_for(self, order: OrderView) -> str: ...
    def _goods_on(self, order: OrderView) -> str: ...

    _from_the_balance: str

    # On the news

    def _still_missing(self, number: int, trx: str) -> str: ...
    def _energy_is_on(self, energy: str, place: Text, until: Sequence[Text | str]) -> Text: ...
    def _can_send(self, symbol: str) -> str: ...
    def _rental_is_over_on(self, energy: str, place: Text) -> Text: ...

    _what_came_is_safe: str

    def _asked_about_it_next(self, number: int) -> str: ...
    def _expired_unpaid(self, number: int) -> str: ...

    _order_again: str

    def _order_not_delivered(self, number: int, why: str) -> str: ...

    # On both

    def _flash_on_its_way(self, trx: str, transfers: int) -> str: ...
    def _less_on_its_way(self, transfers: int) -> str: ...

    _paid_from_balance_on_its_way: str
    _paid_on_its_way: str
    _person_looks_first: str
    _will_be_told: str

    def _after_payment(self, seconds: int) -> str: ...
    def _left_over(self, trx: str) -> str: ...
    def _paid_too_much(self, trx: str) -> str: ...
    def _you_sent(self, trx: str) -> str: ...
    def _you_sent_more(self, trx: str, left: str) -> str: ...

    _not_used: str

    def _used(self, used: str, energy: str) -> str: ...
    def _used_and_saved(self, used: str, energy: str, saved: str) -> str: ...

    _no_energy_in_time: str
    """The end of the sentence that nothing was delivered; so is the next one."""
    _not_at_the_address: str
    _not_accepted: str
    _payment_undone: str
    _balance_is_back: str
    _payment_goes_back: str
    _payment_on_balance: str
    _operator_decides: str


class OrderCard(TimeCard, OrderWords):
    """An order in each of its stages. Amounts, places and times arrive written out."""

    after_day: ClassVar[str] = ", "
    """What stands between the day and the time of a deadline."""

    # The card

    def awaiting(self, order: OrderView) -> Text:
        """What to pay, where to and until when; what it is for comes after that."""
        return lines(
            Bold(self._send_exactly),
            *self._amount_and_place(order),
            "",
            self._pays_for(order, self.address_link(order.recipient)),
            "",
            Text("⚠️ ", Bold(self._not_from_an_exchange), self._from_your_own_wallet),
            self._order_first(order.number),
        )

    def underpaid(self, order: OrderView) -> Text:
        """What is missing, and what happens if it does not come."""
        return lines(
            Bold(self._part_has_arrived(exact_trx(order.received_sun))),
            self._send_the_rest,
            *self._amount_and_place(order),
            "",
            self._if_no_rest_to_extend
            if order.origin is Origin.EXTENSION
            else self._if_no_rest_to_rent,
            "",
            self._pays_for(order, self.address_link(order.recipient)),
            "",
            self._footer(order),
        )

    def _amount_and_place(self, order: OrderView) -> Sequence[Text | str]:
        return (
            Text(self.exact(order.due_sun), " TRX"),
            self._to_address,
            self.address(order.payment_address),
            Text(self._expires, self.expiry(order.pay_until)),
        )

    def seen(self, order: OrderView) -> Text:
        """The chain has the payment, and it may still go."""
        return lines(
            Bold(self._payment_seen), self._nothing_to_do, *self._end(order, self._goods_for(order))
        )

    def paid(self, order: OrderView) -> Text:
        """The energy, or the extension, is on its way; or somebody looks at it first."""
        if order.waits_for_person:
            what, then = self._person_looks_first, self._will_be_told
        else:
            what, then = self._on_its_way(order), self._delivered_in_seconds
            if order.origin is Origin.EXTENSION:
                then = self._done_in_seconds
        return lines(
            Bold(what),
            then,
            self._left(order),
            *self._end(order, self._goods_for(order)),
        )

    def delivered(self, order: OrderView) -> Text:
        """Where the energy is, until when and what for."""
        if order.origin is Origin.EXTENSION:
            return lines(
                *self._extension(order),
                "",
                self.address(order.recipient),
                "",
                self._footer(order),
            )
        return lines(
            Bold(self._energy_delivered(self.number(order.energy))),
            self._took(order),
            self._credited(order),
            "",
            Text(self._on_address, self.address(order.recipient)),
            Text(self._lasts_until, self.until(order.expires_at, order.now))
            if order.expires_at
            else None,
            self.extended_by(order),
            self.came_back(order) or self._enough_for(order.transfers, order.symbol),
            "",
            self._footer(order),
        )

    def ended(self, order: OrderView) -> Text:
        """What was used of the energy, and what that saved."""
        return lines(
            self.extension_over(order)
            if order.origin is Origin.EXTENSION
            else Bold(self._rental_is_over),
            self._use(order),
            self.extended_by(order),
            self.came_back(order),
            *self._end(order, self._goods_on(order)),
        )

    def expired(self, order: OrderView) -> Text:
        """That nothing should be paid any more, and what becomes of what was."""
        deadline = self._deadline(order)
        return lines(
            Bold(self._expired_do_not_pay),
            self._rest_did_not_come(deadline)
            if order.came_in_part
            else self._nothing_came(deadline),
            "",
            self._paid_before_it_expired,
            *self._end(order, self._goods_for(order)),
        )

    def cancelled(self, order: OrderView) -> Text:
        """The same, where the customer ended it."""
        return lines(
            Bold(self._cancelled_do_not_pay),
            self._part_is_safe if order.came_in_part else self._nothing_charged,
            "",
            self._paid_before_it_was_cancelled,
            *self._end(order, self._goods_for(order)),
        )

    def failed(self, order: OrderView) -> Text:
        """The first words say that the money is safe, the next ones where it is."""
        return lines(
            Bold(self._money_is_safe),
            self._failure(order, self._not_delivered(self._why(order))),
            *self._end(order, self._goods_for(order)),
        )

    def _end(self, order: OrderView, goods: str) -> Sequence[Text | str]:
        """What most cards end with."""
        return "", goods, self.address(order.recipient), "", self._footer(order)

    def _footer(self, order: OrderView) -> Text:
        return lines(
            self.proofs(order),
            f"{self._order_first(order.number)} · {exact_trx(order.amount_sun)} TRX"
            + (self._from_the_balance if order.balance_sun else ""),
        )

    # The news

    def underpaid_news(self, order: OrderView) -> Text:
        """What is missing; the card comes next."""
        return lines(
            Bold(self._part_has_arrived(exact_trx(order.received_sun))),
            self._still_missing(order.number, exact_trx(order.due_sun)),
        )

    def delivered_news(self, order: OrderView) -> Text:
        """That tokens can be sent now, or how long the rental lasts now."""
        if order.origin is Origin.EXTENSION:
            return lines(*self._extension(order), self.proofs(order))
        return lines(
            self._energy_is_on(
                self.number(order.energy),
                self.address_link(order.recipient),
                self._until_its_end(order),
            ),
            Bold(self._can_send(order.symbol)),
            self._took(order),
            self._credited(order),
            self.proofs(order),
        )

    def ended_news(self, order: OrderView) -> Text:
        """What was used, and what came back of the price."""
        return lines(
            self._rental_is_over_on(self.number(order.energy), self.address_link(order.recipient)),
            self._use(order),
            self.came_back(order),
        )

    def expired_news(self, order: OrderView) -> Text:
        """That nothing should be paid any more, or that what came in part is safe."""
        if order.came_in_part:
            return lines(Bold(self._what_came_is_safe), self._asked_about_it_next(order.number))
        return lines(Bold(self._expired_unpaid(order.number)), self._order_again)

    def failed_news(self, order: OrderView) -> Text:
        """That the money is safe, why there is no energy, and where the money is."""
        return lines(
            Bold(self._money_is_safe),
            self._failure(order, self._order_not_delivered(order.number, self._why(order))),
        )

    # Parts of both

    def _extension(self, order: OrderView) -> Sequence[Text | str | None]:
        return self.extension_done(order), self.extension_end(order), self._left(order)

    def _on_its_way(self, order: OrderView) -> str:
        match order.origin:
            case Origin.EXTENSION:
                return self.extension_paid(order)
            case Origin.FLASH:
                return self._flash_on_its_way(self._sent(order), order.transfers)
            case Origin.LESS:
                return self._less_on_its_way(order.transfers)
            case Origin.ASKED if order.balance_sun:
                return self._paid_from_balance_on_its_way
            case Origin.ASKED:
                return self._paid_on_its_way

    def _took(self, order: OrderView) -> str | None:
        if order.delivery_seconds is None or order.origin is Origin.LESS:
            return None
        return self._after_payment(order.delivery_seconds)

    def _left(self, order: OrderView) -> str | None:
        if not order.credited_sun:
            return None
        left = exact_trx(order.credited_sun)
        if order.origin in (Origin.FLASH, Origin.LESS):
            return self._left_over(left)
        return self._paid_too_much(left)

    def _credited(self, order: OrderView) -> str | None:
        """What came and what is left of it, where that is not what was asked for."""
        left = self._left(order)
        if order.origin is not Origin.FLASH:
            return left
        sent = self._sent(order)
        return self._you_sent_more(sent, left) if left else self._you_sent(sent)

    @staticmethod
    def _sent(order: OrderView) -> str:
        return exact_trx(order.received_sun + order.credited_sun)

    def _use(self, order: OrderView) -> str | None:
        energy_used = self.known_use(order)
        if energy_used is None:
            return None
        if energy_used == 0:
            return self._not_used
        used, energy = self.number(energy_used), self.number(order.energy)
        saved = saved_by_use(
            paid_sun=order.paid_for_rental_sun,
            burn_sun=order.burn_sun,
            energy=order.energy,
            energy_used=energy_used,
        )
        if not saved:
            return self._used(used, energy)
        return self._used_and_saved(used, energy, self.about_trx(saved))

    def _deadline(self, order: OrderView) -> str:
        if order.pay_until.date() == order.now.date():
            return clock(order.pay_until)
        return f"{self.day(order.pay_until)}{self.after_day}{clock(order.pay_until)}"

    def _failure(self, order: OrderView, not_delivered: str) -> str:
        """What failed and what became of the money."""
        failed = self.not_extended(order) if order.origin is Origin.EXTENSION else not_delivered
        return f"{failed}{self.after_sentence}{self._compensation(order)}"

    def _why(self, order: OrderView) -> str:
        match order.failure:
            case "no_energy":
                return self._no_energy_in_time
            case "not_read_back":
                return self._not_at_the_address
            case "risk":
                return self._not_accepted
            case _:
                return ""

    def _compensation(self, order: OrderView) -> str:
        """What became of the money; the first words are about it."""
        if order.failure == "payment_lost":
            if order.balance_sun:
                return f"{self._payment_undone}{self.after_sentence}{self._balance_is_back}"
            return self._payment_undone
        match order.compensation:
            case Compensation.REFUND:
                return self._payment_goes_back
            case Compensation.CREDIT:
                return self._payment_on_balance
            case Compensation.HOLD | None:
                return self._operator_decides
