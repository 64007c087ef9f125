"""The way from an address to a quote: which lines a card has, and when; a language has the words.

The words are a type: a language is complete when mypy lets it be built. Where a card is one of
several bases, the classes with words come before it, so that theirs are found and not the type's.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import saved_percent
from bot.texts.notation import Notation, lines
from services.energy import DestinationFacts, RecipientFacts, TransferNeed
from services.quotes import Quote
from services.tokens import USDT


class QuoteWords(Protocol):
    """What a language says about transfers and their price."""

    _energy_will_go_to: str
    _on_it_now: str

    def _energy_free(self, energy: str) -> str: ...
    def _no_tokens_yet(self, symbol: str) -> str: ...

    _no_bandwidth_today: str

    def _who_receives(self, symbol: str) -> str: ...
    def _choose_or_paste(self, symbol: str) -> str: ...
    def _how_many_transfers(self, symbol: str) -> str: ...
    def _number_or_budget(self, limit: str) -> str: ...

    _receiver_not_active: str

    def _receiver_is_contract(self, symbol: str) -> str: ...
    def _receiver_has_none(self, symbol: str) -> str: ...

    def _for_transfers(self, transfers: int, duration: timedelta) -> str:
        """What stands behind the price: for how many transfers and how long it is."""

    def _price_of_each(self, price: str) -> str: ...
    def _surge(self, percent: int) -> str: ...
    def _saves(self, burning: str, percent: int) -> str: ...
    def _does_not_pay_off(self, burning: str) -> str: ...
    def _bandwidth_is_short(self, burning: str) -> str: ...
    def _budget_would_buy_more(self, budget: str) -> str: ...
    def _budget_buys_this(self, budget: str) -> str: ...

    _energy_goes_to: str

    def _tokens_go_to(self, symbol: str) -> str: ...
    def _sender_has_none(self, symbol: str) -> str: ...
    def _energy_sold(self, energy: str) -> str: ...
    def _first_then(self, first: str, following: str) -> str: ...
    def _less_own(self, parts: str, own: str) -> str: ...

    _estimated: str
    _measured: str

    def _own_energy(self, energy: str, *, counted: bool) -> str: ...
    def _available_now(self, energy: str) -> str: ...

    _price_expires: str


class QuoteCard(Notation, QuoteWords):
    """The questions for receiver and transfers, and the quote. Amounts arrive written out."""

    def ask_destination(self, facts: RecipientFacts) -> Text:
        """What the sending wallet has, and who it will send to."""
        symbol = facts.token.symbol
        holds = self._energy_free(self.number(facts.energy_free))
        if facts.token_units is not None:
            holds = f"{self.tokens(facts.token_units, facts.token)}{self.comma}{holds}"
        return lines(
            self._energy_will_go_to,
            self.address(facts.address),
            f"{self._on_it_now}{holds}",
            self._no_tokens_yet(symbol) if facts.token_units == 0 else None,
            None if facts.bandwidth_transfers else self._no_bandwidth_today,
            "",
            Bold(self._who_receives(symbol)),
            self._choose_or_paste(symbol),
        )

    def ask_transfers(
        self, limit: int, symbol: str = USDT, need: TransferNeed | None = None
    ) -> Text:
        """How many transfers, up to `limit`, with what is unusual about their receiver."""
        about = self._about_receiver(need.destination, symbol) if need else []
        return lines(
            *about,
            "" if about else None,
            Bold(self._how_many_transfers(symbol)),
            self._number_or_budget(self.number(limit)),
        )

    def quote(self, quote: Quote, budget_sun: int | None = None) -> Text:
        """The offer, from its price to its end, with the budget that it is the most for."""
        symbol = quote.token.symbol
        saving = saved_percent(quote.price_sun, quote.burn_sun)
        burning = self.about_trx(quote.burn_sun)
        return lines(
            Text(
                Bold(self.price(quote.price_sun)),
                self._for_transfers(quote.transfers, quote.price.duration),
            ),
            self._of_budget(quote, budget_sun),
            self._price_of_each(self.price(quote.price_per_transfer_sun))
            if quote.transfers > 1
            else None,
            self._surge(quote.surge_percent) if quote.surge_percent else None,
            self._saves(burning, saving) if saving else self._does_not_pay_off(burning),
            self._bandwidth_is_short(self.about_trx(quote.bandwidth_sun))
            if quote.bandwidth_sun
            else None,
            "",
            self._energy_goes_to,
            self.address(quote.recipient),
            Text(self._tokens_go_to(symbol), "\n", self.address(quote.destination))
            if quote.destination
            else None,
            *self._about_receiver(quote.destination_facts, symbol),
            self._sender_has_none(symbol) if quote.token_missing else None,
            "",
            self._energy_sold(self.number(quote.energy)) + self._made_of(quote),
            self._estimated if quote.estimated else self._measured,
            self._own_energy(self.number(quote.own_energy), counted=bool(quote.energy_own))
            if quote.own_energy
            else None,
            self._available_now(self.number(quote.available_energy)),
            Text(self._price_expires, self.expiry(quote.holds_until)),
        )

    def _of_budget(self, quote: Quote, budget_sun: int | None) -> str | None:
        if budget_sun is None or quote.budget_buys is None:
            return None
        budget = self.about_trx(budget_sun)
        if quote.budget_buys > quote.transfers:
            return self._budget_would_buy_more(budget)
        return self._budget_buys_this(budget)

    def _about_receiver(self, facts: DestinationFacts | None, symbol: str) -> list[str]:
        """What is unusual about a receiver, a line each."""
        if facts is None:
            return []
        found = []
        if not facts.activated:
            found.append(self._receiver_not_active)
        if facts.is_contract:
            found.append(self._receiver_is_contract(symbol))
        if not facts.holds_token:
            found.append(self._receiver_has_none(symbol))
        return found

    def _made_of(self, quote: Quote) -> str:
        """What the energy is for, where it is for more than one thing."""
        first, following = self.number(quote.energy_per_transfer), self.number(quote.energy_next)
        further = quote.transfers - 1
        if not further:
            parts = first
        elif quote.energy_next == quote.energy_per_transfer:
            parts = f"{self.number(quote.transfers)} × {first}"
        else:
            parts = self._first_then(first, f"{self.number(further)} × {following}")
        opening, closing = self.brackets
        if quote.energy_own:
            return f"{opening}{self._less_own(parts, self.number(quote.energy_own))}{closing}"
        return f"{opening}{parts}{closing}" if further else ""
