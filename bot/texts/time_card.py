"""A rental's time: which lines its cards have, and when; a language has the words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import exact_trx
from bot.texts.notation import Notation, lines
from services.early_ends import EarlyEnd
from services.extensions import ExtensionOffers
from services.order_views import OrderView


class TimeWords(Protocol):
    """What a language says about more time and less of it."""

    def extension_done(self, order: OrderView) -> Text:
        """The first words of an extension that is carried out."""

    def extension_over(self, order: OrderView) -> Text:
        """The first words of an extension whose rental is over."""

    _how_much_longer: str

    def _energy_on(self, energy: str, place: Text, until: Sequence[Text | str]) -> Text: ...

    _until: str
    """What stands between a place and a time in `_energy_on`."""

    def _more_until(self, length: timedelta) -> str: ...

    _no_gap_no_more_energy: str

    def _still_unused(self, energy: str, place: Text) -> Text: ...
    def _leaves_at(self, time: Text) -> Text: ...

    _send_or_extend: str
    _send_before: str
    _extending: str
    _extending_from_balance: str

    def _stays_until(self, energy: str, time: Text) -> Text: ...

    def _not_extended(self, order: OrderView) -> str:
        """A sentence without its end, which is one of the next three."""

    _rental_was_over: str
    _rental_not_delivered: str
    _full_stop: str

    def _end_rental_now(self, number: int) -> str: ...
    def _ends_with_return(self, most: str, paid: str) -> Text: ...

    _ends_without_return: str

    def _unused_now(self, unused: str, energy: str) -> str: ...
    def _was_extended(self, length: timedelta) -> str: ...

    _going_back: str

    def _came_back(self, trx: str) -> str: ...

    _nothing_came_back: str


class TimeCard(Notation, TimeWords):
    """More time and less of it. Amounts, places and times arrive written out."""

    def extend_by_button(self, duration: timedelta, price_sun: int) -> str:
        """So much more time; it carries the price."""
        return f"+{self.duration(duration)} · {self.price(price_sun)}"

    def extension_label(self, order: OrderView) -> str:
        """In the list of orders: what is extended, and by how much."""
        return f"{self.number_sign}{order.extends_number} +{self.duration(order.duration)}"

    # More time

    def choose_extension(self, offered: ExtensionOffers) -> Text:
        """Until when a rental would last, one line for each offer."""
        rental = offered.rental
        return lines(
            Bold(self._how_much_longer),
            self._rental_now(rental),
            "",
            *(
                Text(self._more_until(offer.duration), self.until(offer.expires_at, rental.now))
                for offer in offered.offers
            ),
            "",
            self._no_gap_no_more_energy,
            self._order_first(rental.number),
        )

    def _rental_now(self, rental: OrderView) -> Text:
        return self._energy_on(
            self.number(rental.energy),
            self.address_link(rental.recipient),
            self._until_its_end(rental),
        )

    def _until_its_end(self, rental: OrderView) -> Sequence[Text | str]:
        """The end of a sentence; nothing while the end of the rental is not known."""
        if rental.expires_at is None:
            return ()
        return self._until, self.until(rental.expires_at, rental.now)

    def rental_ending(self, order: OrderView, unused: int, offers: Sequence[object]) -> Text:
        """So much unused energy is about to leave; `offers` are on the buttons."""
        return lines(
            self._still_unused(self.number(unused), self.address_link(order.recipient)),
            self._leaves_at(self.until(order.expires_at, order.now)) if order.expires_at else None,
            self._send_or_extend if offers else self._send_before,
        )

    # The card of an extension

    def extension_paid(self, order: OrderView) -> str:
        """The first words of an extension that is paid and not carried out yet."""
        return self._extending_from_balance if order.balance_sun else self._extending

    def extension_end(self, order: OrderView) -> Text | None:
        """Until when it lasts now, with all other extensions."""
        end = order.rental_expires_at or order.expires_at
        if end is None:
            return None
        return self._stays_until(self.number(order.energy), self.until(end, order.now))

    def not_extended(self, order: OrderView) -> str:
        """Why an extension failed, as a whole sentence."""
        match order.failure:
            case "rental_over":
                return self._not_extended(order) + self._rental_was_over
            case "payment_lost":
                return self._not_extended(order) + self._full_stop
            case _:
                return self._not_extended(order) + self._rental_not_delivered

    # Less time

    def end_now(self, offer: EarlyEnd) -> Text:
        """The consequence of ending a rental, in numbers."""
        rental = offer.rental
        if offer.most_sun:
            money: Text | str = self._ends_with_return(
                exact_trx(offer.most_sun), exact_trx(offer.paid_sun)
            )
            unused = self._unused_now(self.number(offer.energy_unused), self.number(rental.energy))
        else:
            money, unused = self._ends_without_return, None
        return lines(
            Bold(self._end_rental_now(rental.number)), self._rental_now(rental), "", money, unused
        )

    def extended_by(self, order: OrderView) -> str | None:
        """A line on the card of a rental that was extended."""
        return self._was_extended(order.extended) if order.extended else None

    def came_back(self, order: OrderView) -> str | None:
        """A line on the card of a rental that its customer ended early."""
        if order.ended_early_at is None:
            return None
        if order.ended_at is None:
            return self._going_back
        if order.early_credit_sun:
            return self._came_back(exact_trx(order.early_credit_sun))
        return self._nothing_came_back
