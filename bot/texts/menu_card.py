"""What is for sale right now: which lines, and when; a language has the words."""

from __future__ import annotations

from typing import Protocol

from aiogram.utils.formatting import Bold, Text

from bot.texts.notation import Notation, lines
from services.inventory import Outlook
from services.quotes import TypicalPrice


class MenuWords(Protocol):
    """What a language says about the shop, and about what is free in it."""

    _shop: str

    def _energy_costs(self, price: Text) -> Text: ...
    def _sending_costs(self, price: Text, burning: str) -> Text: ...

    _pay_here: str
    _no_new_orders: str
    _back_before_long: str
    """What is said about it where nobody wrote something else."""
    _the_rest_goes_on: str
    _all_is_rented_out: tuple[str, str]
    """That it is, and when that changes."""

    def _free_now(self, energy: str) -> str: ...
    def _one_order_up_to(self, transfers: int) -> str: ...

    _if_nobody_rents_more: str

    def _in_hours(self, hours: int, energy: str) -> str: ...


class MenuCard(Notation, MenuWords):
    """The menu with its price, and what can be rented. Amounts arrive written out."""

    def menu(
        self, typical: TypicalPrice | None, *, closed: bool = False, words: str | None = None
    ) -> Text:
        """With the price of a transfer, which is held against burning where it is lower.

        While the shop is `closed` for new orders, with the operator's `words` about that.
        """
        offer = None
        if typical is not None:
            price = Bold(self.price(typical.price_sun))
            offer = self._energy_costs(price)
            if typical.burn_sun > typical.price_sun:
                offer = self._sending_costs(price, self.about_trx(typical.burn_sun))
        head = Text("⚡ ", Bold(self._shop))
        if closed:
            return lines(head, offer, "", self.closed(words))
        return lines(head, offer, self._pay_here)

    def closed(self, words: str | None = None) -> Text:
        """No new orders for a while; `words` are the operator's."""
        return lines(
            Text("🛠 ", Bold(self._no_new_orders)),
            words or self._back_before_long,
            self._the_rest_goes_on,
        )

    def available(self, outlook: Outlook, transfers: int) -> Text:
        """What can be rented; `transfers` of the usual kind are the most for one order."""
        if transfers:
            head = self._free_now(self.number(outlook.now))
            then = self._one_order_up_to(transfers)
        else:
            head, then = self._all_is_rented_out
        return lines(
            Bold(head),
            then,
            self._if_nobody_rents_more,
            *(
                self._in_hours(hours, self.number(energy))
                for hours, energy in outlook.later.items()
            ),
        )
