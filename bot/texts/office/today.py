"""The card of today: which lines it has; a language has the words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar, Protocol

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import clock, exact_trx
from bot.texts.notation import Notation, lines
from bot.texts.office.measures import Measures, exact_trx_signed
from db.figures import TimesRow
from services.figures import Sales, Standing, Today, Wrong
from services.inventory import Outlook
from services.order_views import OrderStatus


class TodayWords(Protocol):
    """The words of one language."""

    refresh_button: str

    _well: str
    _look_at: str
    _wrong: ClassVar[Mapping[Wrong, str]]
    _states: ClassVar[Mapping[str, str]]
    _today: str
    _now: str
    _orders: str
    _revenue: str
    _success: str
    _delivery: str
    _half: str
    _most: str
    _free_energy: str
    _one_order: str
    _wallet: str
    _no_wallet: str
    _scanner: str
    _blocks: str
    _held: str
    _refunds: str
    _messages: str
    _alerts: str
    _silent: str
    _unread: str


class TodayTexts(Measures, Notation, TodayWords):
    """How the shop is doing."""

    def chain_unread(self) -> Text:
        return Text(self._unread)

    def today(self, today: Today) -> Text:
        """Whether all is well, the day's figures, and how things stand."""
        wrong = today.standing.wrong
        first = Bold(f"🔴 {self._look_at}" if wrong else f"🟢 {self._well}")
        return lines(
            first,
            *(f"• {self._wrong[each]}{self._amount(each, today.standing)}" for each in wrong),
            "",
            *self._sales(today),
            "",
            *self._standing(today.standing),
        )

    def _amount(self, wrong: Wrong, now: Standing) -> str:
        """How much of it, after what is wrong."""
        match wrong:
            case Wrong.SCANNER_BEHIND if now.lag is not None:
                return f"{self.colon}{self.took(now.lag.time)}"
            case Wrong.POOLS_OUT:
                return f"{self.colon}{now.pools_out}/{now.pools}"
            case Wrong.ALERTS_OPEN:
                return f"{self.colon}{self.number(now.alerts)}"
            case Wrong.PAYMENTS_HELD:
                return f"{self.colon}{self._sum(now.held, now.held_sun)}"
            case Wrong.REFUNDS_WAIT:
                return f"{self.colon}{self._sum(now.waiting.refunds, now.waiting.refunds_sun)}"
            case Wrong.NOTICES_LATE:
                return f"{self.colon}{self.number(now.waiting.late_notices)}"
        return ""

    def _sales(self, today: Today) -> list[Text | str]:
        sales = today.sales
        if sales is None or today.now is None:
            return [self._unread]
        opening, closing = self.brackets
        moment = f"{self.day(sales.span.since)}{opening}{clock(today.now)}{closing}"
        return [
            Text(Bold(self._today), f"{self.colon}{moment}"),
            f"{self._orders}{self.colon}{self._by_state(sales)}",
            f"{self._revenue}{self.colon}{exact_trx_signed(sales.revenue_sun)} TRX",
            f"{self._success}{self.colon}{self._ended(sales)}",
            f"{self._delivery}{self.colon}{self._times(sales.delivery)}",
        ]

    def _ended(self, sales: Sales) -> str:
        opening, closing = self.brackets
        of_all = f"{sales.delivered}/{sales.delivered + sales.failed}"
        return f"{self.share(sales.success)}{opening}{of_all}{closing}"

    def _by_state(self, sales: Sales) -> str:
        if not sales.placed:
            return "0"
        states = self.comma.join(
            f"{self._states[state]} {self.number(sales.orders[state])}"
            for state in OrderStatus
            if sales.orders.get(state)
        )
        opening, closing = self.brackets
        return f"{self.number(sales.placed)}{opening}{states}{closing}"

    def _times(self, times: TimesRow) -> str:
        if times.median is None or times.p95 is None:
            return self.unmeasured
        return f"{self._half}{self.took(times.median)} · {self._most}{self.took(times.p95)}"

    def _standing(self, now: Standing) -> list[Text | str]:
        waiting = now.waiting
        return [
            Bold(self._now),
            *self._energy(now.outlook),
            f"{self._wallet}{self.colon}{self._in_wallet(now)}",
            f"{self._scanner}{self.colon}{self._behind(now)}",
            f"{self._held}{self.colon}{self._sum(now.held, now.held_sun)}",
            f"{self._refunds}{self.colon}{self._sum(waiting.refunds, waiting.refunds_sun)}",
            f"{self._messages}{self.colon}{self.number(waiting.notices)}",
            f"{self._alerts}{self.colon}{self.number(now.alerts)}",
        ]

    def _energy(self, outlook: Outlook | None) -> list[str]:
        if outlook is None:
            return [f"{self._free_energy}{self.colon}{self._silent}"]
        later = [
            f"{self.took(timedelta(hours=hours))}{self.colon}{self.number(energy)}"
            for hours, energy in outlook.later.items()
        ]
        return [
            f"{self._free_energy}{self.colon}{self.number(outlook.now)}",
            f"→ {' · '.join(later)}",
            f"{self._one_order}{self.colon}{self.number(outlook.one_order)}",
        ]

    def _in_wallet(self, now: Standing) -> str:
        if not now.has_wallet:
            return self._no_wallet
        return self._silent if now.wallet_sun is None else f"{exact_trx(now.wallet_sun)} TRX"

    def _behind(self, now: Standing) -> str:
        if now.lag is None:
            return self._silent
        opening, closing = self.brackets
        blocks = f"{self._blocks} {self.number(now.lag.blocks)}"
        return f"{self.took(now.lag.time)}{opening}{blocks}{closing}"

    def _sum(self, count: int, sun: int) -> str:
        if not count:
            return "0"
        opening, closing = self.brackets
        return f"{self.number(count)}{opening}{exact_trx(sun)} TRX{closing}"
