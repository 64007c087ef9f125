"""What the shop reads about orders: cards, time lines, acts; a language has the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import ClassVar, Protocol

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import exact_trx, short_address
from bot.texts.notation import Notation, lines
from chain.addresses import Address
from services.order_acts import OrderDesk
from services.order_ends import Compensation
from services.order_history import Event, What
from services.order_search import OrderList
from services.order_views import OrderStatus, OrderView, Stage

_PAYMENTS_SHOWN = 4
_LONGEST_REASON = 120


class OrdersWords(Protocol):
    """The words of one language."""

    open_button: str
    find_button: str
    times_button: str
    again_button: str
    not_now: str
    chain_is_silent: str

    _doings: ClassVar[Mapping[str, str]]
    _stages: ClassVar[Mapping[Stage, str]]
    _statuses: ClassVar[Mapping[str, str]]
    _payments: ClassVar[Mapping[str, str]]
    _transactions: ClassVar[Mapping[str, str]]
    _messages: ClassVar[Mapping[str, str]]
    _notices: ClassVar[Mapping[str, str]]
    _accounts: ClassVar[Mapping[str, str]]
    _acts: ClassVar[Mapping[str, str]]
    _whats: ClassVar[Mapping[What, str]]
    _failures: ClassVar[Mapping[str, str]]
    _compensations: ClassVar[Mapping[Compensation, str]]

    _newest: str
    _no_orders: str
    _several: str
    _nothing_found: str
    _can_find: str
    _ask_what: str
    _done: str
    _customer: str
    _unknown_customer: str
    _price: str
    _came: str
    _from_balance: str
    _until: str
    _failed: str
    _history_of: str
    _by_program: str
    _which_pool: str
    _no_pool: str

    def _waits(self, trx: str) -> str: ...
    def _hours(self, most: int) -> str: ...
    def _retry(self, order: str) -> str: ...

    _retry_then: str

    def _retry_anew(self, trx: str) -> str: ...
    def _by_pool(self, order: str, energy: str) -> str: ...
    def _refund(self, trx: str, order: str) -> str: ...
    def _refund_of_balance(self, trx: str) -> str: ...
    def _credit(self, trx: str, order: str) -> str: ...

    _order_ends: str
    _is_told: str
    _on_its_way_soon: str

    def _extend(self, order: str, duration: str) -> str: ...
    def _extend_then(self, until: str, energy: str) -> str: ...
    def _end(self, order: str, left: str) -> str: ...

    _nothing_back: str

    def _at_most_back(self, trx: str, percent: int) -> str: ...


class OrdersTexts(Notation, OrdersWords):
    """Orders, as the people see them who run the shop."""

    # Lists

    def order_button(self, order: OrderView) -> str:
        stage = self._stages[order.stage]
        return f"#{order.number} · {stage} · {self.about_trx(order.amount_sun)}"

    def newest(self, found: OrderList) -> Text:
        if not found.orders:
            return lines(Bold(self._newest), self._no_orders)
        return lines(Bold(self._newest), *(self._line(order) for order in found.orders))

    def found(self, found: OrderList) -> Text:
        return lines(Bold(self._several), *(self._line(order) for order in found.orders))

    def nothing_found(self) -> Text:
        return lines(Bold(self._nothing_found), self._can_find)

    def ask_what(self) -> Text:
        return lines(Bold(self._ask_what), self._can_find)

    def _line(self, order: OrderView) -> Text:
        return Text(
            f"#{order.number} · {self.day_and_time(order.ordered_at)} · "
            f"{self._stages[order.stage]} · ",
            self.address_link(order.recipient),
        )

    # The card

    def doing_button(self, doing: str, desk: OrderDesk) -> str:
        label = self._doings[doing]
        return f"{label} ({desk.share_percent} %)" if doing == "end_with_share" else label

    def desk(self, desk: OrderDesk, *, done: bool) -> Text:
        """What an operator wants to know at once; the time line says the rest."""
        order = desk.view
        payments = [event for event in desk.events if event.what is What.PAYMENT]
        waits = desk.facts.money_sun if order.status is not OrderStatus.COMPLETED else 0
        return lines(
            self._done if done else None,
            Bold(f"{self._order_first(order.number)} · {self._stages[order.stage]}"),
            self._goods(order),
            self.address(order.recipient),
            self._who(desk),
            f"{self._price}{exact_trx(order.amount_sun)} TRX · "
            f"{self._came}{exact_trx(order.received_sun)}"
            + (
                f" · {self._from_balance}{exact_trx(order.balance_sun)}"
                if order.balance_sun
                else ""
            ),
            *(self._event(event) for event in payments[:_PAYMENTS_SHOWN]),
            Text(self._until, self.moment(order.expires_at)) if order.expires_at else None,
            self._failure(order),
            self._waits(exact_trx(waits)) if waits else None,
            self.proofs(order),
            self.copied(str(order.id)),
        )

    def _who(self, desk: OrderDesk) -> Text | str:
        if desk.view.user_id is None:
            return self._unknown_customer
        name = f" @{desk.username}" if desk.username else ""
        return Text(self._customer, self.copied(str(desk.view.user_id)), name)

    def _failure(self, order: OrderView) -> str | None:
        if order.status is not OrderStatus.FAILED:
            return None
        why = self._failures.get(order.failure or "", order.failure or "")
        money = self._compensations[order.compensation] if order.compensation else None
        return f"{self._failed}{why}" + (f" · {money}" if money else "")

    # The time line

    def times(self, order: OrderView, events: Sequence[Event]) -> Text:
        return lines(
            Bold(f"{self._history_of}{self._order(order.number)}"),
            *(self._event(event) for event in events),
        )

    def _event(self, event: Event) -> Text:
        label = self._whats[event.what]
        first: Text | str = self.transaction_link(label, event.txid) if event.txid else label
        return Text(f"{self.day_and_time(event.at)} · ", first, *self._details(event))

    def _details(self, event: Event) -> Sequence[str]:
        """What is said after the name of an event."""
        parts: list[str] = []
        match event.what:
            case What.ORDERED if event.name:
                parts = [f"{self._by_program}{event.name}", event.reason]
            case What.EXTENSION:
                length = self.duration(event.duration) if event.duration else ""
                parts = [f"#{event.number or ''}", length, self._statuses.get(event.state, "")]
            case What.PAYMENT:
                parts = [self._payments.get(event.state, event.state)]
            case What.DELEGATE | What.UNDELEGATE | What.TRANSFER:
                parts = [self._transactions.get(event.state, event.state)]
            case What.BOOKED if event.accounts:
                source, target = event.accounts
                parts = [f"{self._named(source)} → {self._named(target)}"]
            case What.MESSAGE:
                kind = self._notices.get(event.name, event.name)
                parts = [kind, self._messages.get(event.state, event.state), str(event.who or "")]
            case What.DECISION:
                reason = event.reason[:_LONGEST_REASON]
                parts = [self._acts.get(event.name, event.name), str(event.who or ""), reason]
            case _:
                pass
        if event.sun is not None:
            parts.insert(0, f"{exact_trx(event.sun)} TRX")
        return [f" · {' '.join(part.split())}" for part in parts if part.strip()]

    def _named(self, accounts: str) -> str:
        named = []
        for account in accounts.split(", "):
            kind, _, whose = account.partition(":")
            name = self._accounts.get(kind, kind)
            whose = short_address(whose) if whose.startswith("T") else whose
            named.append(f"{name} {whose}".strip())
        return " + ".join(named)

    # The acts

    def how_many_hours(self, most: int) -> Text:
        return Text(self._hours(most))

    def which_pool(self, pools: Sequence[Address]) -> Text:
        return lines(Bold(self._which_pool), *(self.address(pool) for pool in pools))

    def no_pool(self) -> Text:
        return Text(self._no_pool)

    def retry(self, desk: OrderDesk) -> Text:
        order = desk.view
        held = order.status is OrderStatus.FAILED
        return lines(
            Bold(self._retry(self._order(order.number))),
            self._goods(order),
            self._retry_anew(exact_trx(desk.facts.money_sun)) if held else self._retry_then,
        )

    def by_pool(self, desk: OrderDesk, pool: Address) -> Text:
        order = desk.view
        return lines(
            Bold(self._by_pool(self._order(order.number), self.number(order.energy))),
            self.address(pool),
            self._on_its_way_soon,
        )

    def refund(self, desk: OrderDesk) -> Text:
        order, money_sun = desk.view, desk.facts.money_sun
        # What was paid from the balance is there again, and nowhere else.
        of_balance = order.balance_sun if order.status is not OrderStatus.FAILED else 0
        asked = self._refund(exact_trx(money_sun - of_balance), self._order(order.number))
        return lines(
            Bold(asked),
            self._refund_of_balance(exact_trx(of_balance)) if of_balance else None,
            *self._giving_up(order),
        )

    def credit(self, desk: OrderDesk) -> Text:
        asked = self._credit(exact_trx(desk.facts.money_sun), self._order(desk.view.number))
        return lines(Bold(asked), self._who(desk), *self._giving_up(desk.view))

    def _giving_up(self, order: OrderView) -> Sequence[str]:
        if order.status is OrderStatus.FAILED:
            return ()
        return (self._order_ends, *((self._is_told,) if order.user_id else ()))

    def extend(self, desk: OrderDesk, hours: int) -> Text:
        order, more = desk.view, timedelta(hours=hours)
        assert order.expires_at is not None, "it runs"
        until = f"{self.day_and_time(order.expires_at + more)} UTC"
        return lines(
            Bold(self._extend(self._order(order.number), self.duration(more))),
            self._extend_then(until, self.number(order.energy)),
        )

    def end(self, desk: OrderDesk, percent: int) -> Text:
        order = desk.view
        assert order.expires_at is not None, "it runs"
        left = self.duration(max(order.expires_at - order.now, timedelta(minutes=1)))
        back = self._nothing_back
        if percent:
            back = self._at_most_back(exact_trx(desk.most_back_sun), percent)
        return lines(Bold(self._end(self._order(order.number), left)), back)
