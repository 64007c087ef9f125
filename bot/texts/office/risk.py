"""Risk: which lines its cards have, and when; a language has the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Protocol

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import exact_trx, short_address
from bot.texts.notation import Notation, lines, section
from services.order_views import OrderView
from services.risk import Outcome, RiskReason, RiskRule
from services.risk_review import Listed, RiskDesk

_MOST_REASONS = 2
"""Of an order in a list."""


class RiskWords(Protocol):
    """The words of one language."""

    allow_button: str
    refuse_button: str
    list_somebody_button: str
    unlist_button: str
    whom_unclear: str

    _rules: str
    reasons: ClassVar[Mapping[RiskReason, str]]
    _outcomes: ClassVar[Mapping[Outcome, str]]

    def _more_than(self, threshold: str) -> str: ...
    def _of_at_least(self, orders: int) -> str: ...
    def _before(self, orders: int) -> str: ...

    _orders_wait: str
    _no_order_waits: str
    _blacklist: str
    _nobody_listed: str

    def _and_more(self, left_out: int) -> str: ...
    def _user(self, user_id: int) -> str: ...
    def _waits_for_you(self, number: int) -> str: ...

    _decided: ClassVar[Mapping[str, str]]
    _because_of: str

    def _paid_by(self, trx: str, user_id: int | None) -> str: ...
    def _only_until(self, moment: Text) -> Text: ...
    def _listed_by(self, by: int) -> str: ...

    _whom: str

    def _nothing_sold_to(self, whom: Text) -> Text: ...
    def _sold_again_to(self, whom: Text) -> Text: ...
    def _delivered_now(self, energy: str) -> str: ...
    def _money_goes_back(self, trx: str) -> str: ...


class RiskTexts(Notation, RiskWords):
    """The rules, orders that wait, and whom nothing is sold to."""

    def room(self, desk: RiskDesk) -> Text:
        left_out = desk.listed - len(desk.newest)
        return lines(
            Bold(self._orders_wait if desk.waiting else self._no_order_waits),
            *(self._waiting(risky.order, risky.reasons) for risky in desk.orders),
            self._more(desk.waiting - len(desk.orders)),
            *section(self._rules, [self._rule(*each) for each in desk.rules.items()]),
            "",
            Bold(self._blacklist),
            *(self._listed_line(entry) for entry in desk.newest),
            self._more(left_out),
            None if desk.listed else self._nobody_listed,
        )

    def _more(self, left_out: int) -> str | None:
        return self._and_more(left_out) if left_out > 0 else None

    def _waiting(self, order: OrderView, reasons: Sequence[RiskReason]) -> str:
        named = self.comma.join(self.reasons[reason] for reason in reasons[:_MOST_REASONS])
        if len(reasons) > _MOST_REASONS:
            named += f" +{len(reasons) - _MOST_REASONS}"
        return f"{self._order_first(order.number)} · {exact_trx(order.amount_sun)} TRX · {named}"

    def _rule(self, reason: RiskReason, rule: RiskRule) -> str:
        opening, closing = self.brackets
        limits = self.comma.join(self._limits(reason, rule))
        what = f"{self.reasons[reason]}{opening}{limits}{closing}" if limits else None
        return f"{what or self.reasons[reason]} → {self._outcomes[rule.outcome]}"

    def _limits(self, reason: RiskReason, rule: RiskRule) -> list[str]:
        match reason:
            case RiskReason.ORDER_SIZE:
                return [self._more_than(self.about_trx(rule.above))]
            case RiskReason.FRESH_AND_BIG:
                return [self._more_than(self.about_trx(rule.above)), self._before(rule.orders)]
            case RiskReason.UNDONE:
                return [self._more_than(f"{rule.above} %"), self._of_at_least(rule.orders)]
            case _:
                return [self._more_than(self.number(rule.above))] if rule.above else []

    def _listed_line(self, entry: Listed) -> Text:
        return Text(self._whose(entry.address, entry.user_id), f" · {entry.reason[:60].strip()}")

    def _whose(self, address: str | None, user_id: int | None) -> Text:
        if address is not None:
            return self.address(address)
        assert user_id is not None, "one of them is named"
        return Text(self._user(user_id))

    def order_button(self, order: OrderView) -> str:
        return f"{self._order_first(order.number)} · {self.about_trx(order.amount_sun)}"

    def listed_button(self, entry: Listed) -> str:
        if entry.address is not None:
            return f"⛔ {short_address(entry.address)}"
        assert entry.user_id is not None, "one of them is named"
        return f"⛔ {self._user(entry.user_id)}"

    def order(self, order: OrderView, reasons: Sequence[RiskReason], decision: str | None) -> Text:
        """An order, and why somebody has to look at it; once it is decided, how."""
        head = self._waits_for_you(order.number)
        if decision is not None:
            head = f"{self._order_first(order.number)}{self.colon}{self._decided[decision]}"
        return lines(
            Bold(head),
            self._goods(order),
            self.address(order.recipient),
            self._paid_by(exact_trx(order.amount_sun), order.user_id),
            self._only_until(self.moment(order.rental_expires_at))
            if decision is None and order.rental_expires_at is not None
            else None,
            "",
            self._because_of,
            *(f"• {self.reasons[reason]}" for reason in reasons),
            self.proofs(order),
        )

    def entry(self, entry: Listed) -> Text:
        return lines(
            self._whose(entry.address, entry.user_id),
            entry.reason,
            Text(self._listed_by(entry.by), " · ", self.moment(entry.at)),
        )

    def ask_whom(self) -> Text:
        return Text(self._whom)

    def will_list(self, address: str | None, user_id: int | None) -> Text:
        return self._nothing_sold_to(self._whose(address, user_id))

    def will_unlist(self, entry: Listed) -> Text:
        return self._sold_again_to(self._whose(entry.address, entry.user_id))

    def will_deliver(self, order: OrderView) -> Text:
        return lines(
            Bold(self._order_first(order.number)),
            self._delivered_now(self.number(order.energy)),
            self.address(order.recipient),
        )

    def will_refuse(self, order: OrderView) -> Text:
        return lines(
            Bold(self._order_first(order.number)),
            self._money_goes_back(exact_trx(order.amount_sun)),
        )
