"""What the three languages share: the shapes of amounts, addresses, times and links."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from aiogram.utils.formatting import Bold, Code, DateTime, Text, TextLink

from bot.texts.figures import (
    NO_BREAK_SPACE,
    USE_STAYS_VISIBLE,
    clock,
    exact_trx,
    grouped,
    price_trx,
    readable_tokens,
    rounded_trx,
    short_address,
)
from services.order_views import OrderView
from services.tokens import Token

_MOST_LINKS = 4
"""Of one kind on a card: a caption ends after 1,024 characters."""


class Notation(ABC):
    """Notation of one language; `explorer_url` is the block explorer that links lead to."""

    thousands: ClassVar[str] = ","
    brackets: ClassVar[tuple[str, str]] = (" (", ")")
    colon: ClassVar[str] = ": "
    number_sign: ClassVar[str] = "#"
    after_sentence: ClassVar[str] = " "
    comma: ClassVar[str] = ", "

    def __init__(self, explorer_url: str) -> None:
        self._explorer_url = explorer_url.rstrip("/")

    def number(self, value: int) -> str:
        return grouped(value, self.thousands)

    def price(self, sun: int) -> str:
        return f"{price_trx(sun, self.thousands)} TRX"

    def about_trx(self, sun: int) -> str:
        return f"{rounded_trx(sun, self.thousands)} TRX"

    def down_trx(self, sun: int) -> str:
        """What somebody will get: two decimals, never more than they do."""
        return f"{rounded_trx(sun // 10_000 * 10_000, self.thousands)} TRX"

    @staticmethod
    def signed(sun: int) -> str:
        """A change of a balance: ``+1.500000``, ``−2.829113``."""
        return f"{'+' if sun >= 0 else '−'}{exact_trx(abs(sun))}"

    def tokens(self, units: int, token: Token) -> str:
        """An amount of a token, rounded down to two decimals: nobody is promised what is not."""
        amount = readable_tokens(units, token.decimals, self.thousands)
        return f"{amount} {token.symbol}"

    @abstractmethod
    def duration(self, length: timedelta) -> str:
        """``1 hour``, ``3 days``, ``1 hour 30 minutes``."""

    @abstractmethod
    def _order_first(self, number: int) -> str:
        """The number of an order where a line or a sentence begins: ``Order #1001``."""

    @abstractmethod
    def _order(self, number: int) -> str:
        """The same within a sentence: ``order #1001``."""

    @abstractmethod
    def _goods(self, order: OrderView) -> str:
        """What an order is about: so much energy for so long, or so much more time."""

    @abstractmethod
    def day(self, moment: datetime) -> str:
        """The day without its year."""

    def date(self, moment: datetime) -> str:
        """The day with its year."""
        return f"{self.day(moment)} {moment.year}"

    def day_and_time(self, moment: datetime) -> str:
        return f"{self.day(moment)} {moment:%H:%M}"

    def until(self, moment: datetime, now: datetime) -> Text:
        """An absolute time, with the day when it is not today's, and how far away it is.

        The words in brackets are drawn by the reader's Telegram and tick by themselves; old
        clients show the day there.
        """
        absolute = clock(moment)
        if moment.date() != now.date():
            absolute = f"{self.day(moment)}, {absolute}"
        opening, closing = self.brackets
        return Text(absolute, opening, self.relative(moment, self.day(moment)), closing)

    def moment(self, moment: datetime) -> Text:
        """A day and time for somebody who may read it much later, and how far away it is."""
        opening, closing = self.brackets
        absolute = f"{self.day_and_time(moment)} UTC"
        relative = self.relative(moment, self.day(moment))
        return Text(absolute, opening, relative, closing)

    def expiry(self, moment: datetime) -> Text:
        """A deadline alone: relative where the client can, else the time of day."""
        return self.relative(moment, clock(moment))

    @staticmethod
    def relative(moment: datetime, fallback: str) -> Text:
        return DateTime(fallback, unix_time=moment, date_time_format="r")

    @staticmethod
    def known_use(order: OrderView) -> int | None:
        """The energy used of a rental; None if the network may have forgotten some of it."""
        begun, ended = order.completed_at, order.ended_at
        if begun is None or ended is None or ended - begun > USE_STAYS_VISIBLE:
            return None
        return order.energy_used

    @staticmethod
    def exact(sun: int) -> Text:
        """The amount to pay: a tap copies it."""
        return Code(exact_trx(sun))

    @staticmethod
    def copied(text: str) -> Text:
        """A text to be taken elsewhere as it is: a tap copies it."""
        return Code(text)

    @staticmethod
    def address(address: str) -> Text:
        """A whole address: a tap copies it."""
        return Code(address)

    def address_link(self, address: str) -> Text:
        return TextLink(short_address(address), url=f"{self._explorer_url}/address/{address}")

    def transaction_link(self, label: str, txid: str) -> Text:
        return TextLink(f"{label}{NO_BREAK_SPACE}↗", url=f"{self._explorer_url}/transaction/{txid}")

    @property
    @abstractmethod
    def _transaction(self) -> str:
        """What a link to any transaction is called."""

    @property
    @abstractmethod
    def proof_labels(self) -> tuple[str, str, str]:
        """What links to a payment, a delegation and its undelegation are called."""

    def proofs(self, order: OrderView) -> Text | None:
        """Links to the transactions of an order, in the order they happened."""
        payment, delegation, reclaim = self.proof_labels
        links = [self.transaction_link(payment, order.payment_txid)] if order.payment_txid else []
        links += self._numbered(delegation, order.delegation_txids)
        links += self._numbered(reclaim, order.reclaim_txids)
        return joined(" · ", links) if links else None

    def _numbered(self, label: str, txids: Sequence[str]) -> list[Text]:
        if len(txids) == 1:
            return [self.transaction_link(label, txids[0])]
        links = [
            self.transaction_link(f"{label} {position}", txid)
            for position, txid in enumerate(txids[:_MOST_LINKS], start=1)
        ]
        left_out = len(txids) - len(links)
        return [*links, Text(f"+{left_out}")] if left_out else links


def joined(separator: str, parts: Sequence[Text]) -> Text:
    """The parts with `separator` between them."""
    body: list[Text | str] = []
    for part in parts:
        body += [separator, part] if body else [part]
    return Text(*body)


def lines(*parts: Text | str | None) -> Text:
    """One line per part; None is no line, an empty string an empty line."""
    return joined(
        "\n", [part if isinstance(part, Text) else Text(part) for part in parts if part is not None]
    )


def section(title: str, rows: Sequence[Text | str]) -> list[Text | str]:
    """Lines under a title, with an empty line before it; nothing where there are none."""
    return ["", Bold(title), *rows] if rows else []
