"""What the operator reads about refunds: which lines, and when; a language has the words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import exact_trx
from bot.texts.held_card import HeldCard
from bot.texts.notation import lines
from services.refunds import Refund, RefundWait


class RefundWords(Protocol):
    """What a language says about refunds, to the operator."""

    def _refund_waits(self, refund_id: int, trx: str) -> str: ...

    _because: str

    def _refund_waits_for(self, reason: RefundWait) -> str: ...

    _refund_is_sent: str
    _refund_is_sent_soon: str
    _refunds: str
    _no_refunds: str
    _refunds_under_way: str

    def _refund_line(self, refund: Refund, place: Text, since: str, state: str) -> Text: ...
    def _send_above_the_cap(self, trx: str) -> str: ...
    def _refund_is_final(self, refund_id: int) -> str: ...


class RefundCard(HeldCard, RefundWords):
    """Money on its way back to its sender, told in the words for held payments."""

    def refund_stuck(self, refund: Refund) -> Text:
        """What a refund waits for."""
        return lines(
            Bold(self._refund_waits(refund.id, exact_trx(refund.sent_sun))),
            f"{self._because}{self._refund_state(refund)}",
            Text(self._sent_to, self.address(refund.to)),
            self._of_user(refund.user_id) if refund.user_id else None,
        )

    def refunds(self, refunds: Sequence[Refund]) -> Text:
        """All that are under way, one line each."""
        if not refunds:
            return lines(Bold(self._refunds), self._no_refunds)
        return lines(
            Bold(self._refunds_under_way),
            *(
                self._refund_line(
                    refund,
                    self.address_link(refund.to),
                    f"{self.day_and_time(refund.requested_at)} UTC",
                    self._refund_state(refund),
                )
                for refund in refunds
            ),
        )

    def _refund_state(self, refund: Refund) -> str:
        if refund.waits_for is not None:
            return self._refund_waits_for(refund.waits_for)
        return self._refund_is_sent if refund.txid else self._refund_is_sent_soon

    def refund_confirm(self, refund: Refund) -> Text:
        """Asks for the operator's word about a large one."""
        return lines(
            Bold(self._send_above_the_cap(exact_trx(refund.sent_sun))),
            Text(self._sent_to, self.address(refund.to)),
            self._refund_is_final(refund.id),
        )
