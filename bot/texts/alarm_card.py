"""What the operator reads about orders and books gone wrong: which lines, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import exact_trx
from bot.texts.held_card import HeldCard
from bot.texts.notation import lines
from services.order_ends import Compensation
from services.order_views import OrderView


class AlarmWords(Protocol):
    """What a language says about orders and books gone wrong."""

    def _could_not_be_delivered(self, order_number: int) -> str: ...

    def _failed_because(self, failure: str | None) -> str:
        """A failure that has no words is said as it is."""

    def _goods_were_for(self, order: OrderView) -> str: ...

    def _was_paid(self, trx: str, user_id: int | None) -> str:
        """So much, and by whom, where that is known."""

    def _where_the_money_is(self, compensation: Compensation | None) -> str: ...

    _somebody_uses_a_key: str
    _take_its_permission: str
    _account: str
    _books_differ: str

    def _and_more(self, left_out: int) -> str: ...

    _the_whole_of_it: str


class AlarmCard(HeldCard, AlarmWords):
    """What nobody asked for and somebody should know."""

    def order_failed(self, order: OrderView) -> Text:
        """Why an order could not be delivered, and where its money is."""
        return lines(
            Bold(self._could_not_be_delivered(order.number)),
            self._failed_because(order.failure),
            self._goods_were_for(order),
            self.address(order.recipient),
            self._was_paid(exact_trx(order.amount_sun), order.user_id),
            self._where_the_money_is(order.compensation),
            self.proofs(order),
        )

    def unknown_transaction(self, details: Mapping[str, Any]) -> Text:
        """Signed with a key of the shop, but not here; `details` as they are in the outbox."""
        amount, receiver = details.get("amount_sun"), details.get("receiver")
        what = str(details.get("kind", "?"))
        if amount is not None:
            what = f"{what}{self.comma}{exact_trx(int(amount))} TRX"
        return lines(
            Bold(self._somebody_uses_a_key),
            self._take_its_permission,
            Text(self._account, self.address(str(details.get("owner", "?")))),
            what,
            Text(self._sent_to, self.address(str(receiver))) if receiver else None,
            self.transaction_link(self._transaction, str(details.get("txid", ""))),
        )

    def books_differ(self, differences: Sequence[str], count: int) -> Text:
        """`count` differences were found, of which these are shown."""
        left_out = count - len(differences)
        return lines(
            Bold(self._books_differ),
            *differences,
            self._and_more(left_out) if left_out > 0 else None,
            Text(self._the_whole_of_it, self.copied("energy-flash audit")),
        )
