"""Sending what the services want to say: at least once, in order for each chat.

People and groups are told apart from each other: a group takes so few messages that those for
everybody else must not wait behind them.

A notice counts as sent only after Telegram's answer. A crash between the two sends it again: an
edit then changes nothing, and a message may come twice, which is better than never.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramRetryAfter,
)

from bot import cards, key_cards, money_cards, time_cards
from bot.office import alert_cards, report_cards, risk
from bot.office.alert_cards import AlertSubject
from bot.order_cards import OrderCards
from bot.pace import PER_SECOND, Pace
from bot.screen import Card, Edited, Screen
from bot.session import session_of
from bot.texts import Texts, all_texts
from services.alerts import Alert, Alerts
from services.customers import Customers
from services.fail_points import reach
from services.held import HeldPayment
from services.log_context import learned
from services.notices import NoticeKind
from services.order_views import OrderView, Stage
from services.orders import Orders
from services.outbox import Notice, Outbox
from services.refunds import Refund
from services.reports import Reports
from services.spans import SpanKind
from services.staff import Staff

if TYPE_CHECKING:
    from aiogram import Bot

log = logging.getLogger(__name__)

# A second's worth.
_BATCH = int(PER_SECOND)
_NEXT_LOOK_SECONDS = 1.0
"""For groups that have something to hear while others are being told."""
_FIRST_PAUSE_SECONDS = 0.25
"""Doubled with each attempt: after the first trouble half a second passes."""
_LONGEST_PAUSE_SECONDS = 300.0
_STAFF_AWAY_SECONDS = 300.0
_MOST_REFUSALS = 8
"""Times that Telegram may refuse a message as malformed before we stop trying: a chat must not
wait for ever behind one."""

# The stage that each notice announces by a message of its own.
_ANNOUNCED = {
    NoticeKind.ORDER_UNDERPAID: Stage.UNDERPAID,
    NoticeKind.ORDER_DELIVERED: Stage.DELIVERED,
    NoticeKind.ORDER_ENDED: Stage.ENDED,
    NoticeKind.ORDER_EXPIRED: Stage.EXPIRED,
    NoticeKind.ORDER_FAILED: Stage.FAILED,
}
# What says all there is to say in the notice itself.
_OF_DETAILS: Mapping[NoticeKind, Callable[[Texts, Mapping[str, Any]], Card]] = {
    NoticeKind.BALANCE_ADJUSTED: money_cards.balance_adjusted,
    NoticeKind.WEBHOOK_DISABLED: money_cards.webhook_disabled,
    NoticeKind.API_KEY_MADE: key_cards.key_made_by_shop,
    NoticeKind.API_KEY_REVOKED: key_cards.key_revoked_by_shop,
}
_FOR_STAFF = frozenset(kind for kind in NoticeKind if kind.startswith(("alert_", "staff_")))
_OF_ORDERS = frozenset(kind for kind in NoticeKind if kind.startswith("order_"))


class OutboxSender:
    """Sends the notices that are due, at Telegram's `pace`.

    `ends_early`: whether rentals can be ended before their time, which may change.
    """

    def __init__(
        self,
        bot: Bot,
        *,
        outbox: Outbox,
        orders: Orders,
        customers: Customers,
        reports: Reports,
        alerts: Alerts,
        staff: Staff,
        explorer_url: str,
        ends_early: Callable[[], bool] = lambda: False,
        pace: Pace | None = None,
    ) -> None:
        self._outbox = outbox
        self._customers = customers
        self._reports = reports
        self._alerts = alerts
        self._staff = staff
        self._screen = Screen(bot, pace or Pace())
        self._order_cards = OrderCards(self._screen, orders, ends_early=ends_early)
        self._all_texts = all_texts(explorer_url)
        self._gate = session_of(bot).flood
        self._moves = session_of(bot).moves
        self._sending = asyncio.Lock()
        self._sending_to_groups = asyncio.Lock()
        self._called_again = False

    async def send_due(self) -> int:
        """Send everything that is due to people now; how many notices were sent.

        Calls while one is at work return at once with 0: their notices are sent by it. While
        Telegram asks for a pause nothing is sent.
        """
        self._called_again = True
        if self._sending.locked():
            return 0
        sent = 0
        async with self._sending:
            while self._called_again:
                self._called_again = False
                sent += await self._send_all()
        return sent

    async def _send_all(self) -> int:
        sent = 0
        while not self._gate.seconds_closed():
            notices = await self._outbox.claim(_BATCH, groups=False)
            if not notices:
                break
            reach("notices claimed")
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._deliver(notice)) for notice in notices]
            sent += sum(task.result() for task in tasks)
        return sent

    async def send_due_to_groups(self) -> int:
        """Send everything that is due to groups and channels now; how many notices were sent.

        Each is told at its own pace and waits for no other. Calls while one is at work return at
        once with 0.
        """
        if self._sending_to_groups.locked():
            return 0
        sent = 0
        telling: dict[int, asyncio.Task[bool]] = {}
        async with self._sending_to_groups, asyncio.TaskGroup() as group:
            while True:
                for notice in await self._due_to_groups():
                    # One that takes longer than its lease comes again, and has a new lease.
                    if notice.chat_id not in telling:
                        telling[notice.chat_id] = group.create_task(self._deliver(notice))
                if not telling:
                    break
                done, _ = await asyncio.wait(
                    telling.values(),
                    timeout=_NEXT_LOOK_SECONDS,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                sent += sum(task.result() for task in done)
                telling = {chat: task for chat, task in telling.items() if task not in done}
                await self._tell_of_moves()
        return sent

    async def _due_to_groups(self) -> tuple[Notice, ...]:
        if self._gate.seconds_closed():
            return ()
        return await self._outbox.claim(_BATCH, groups=True)

    async def _tell_of_moves(self) -> None:
        """Somebody has to set the new ids."""
        for old, new in tuple(self._moves.untold.items()):
            await self._alerts.group_moved(old, new)
            del self._moves.untold[old]

    async def _deliver(self, notice: Notice) -> bool:
        """Send one notice and note what came of it; whether it was sent."""
        # In a task of its own: what is learned here ends with it.
        learned(notice=notice.id)
        if notice.order is not None:
            learned(order=notice.order.number, order_id=notice.order.id)
        if pause := self._gate.seconds_closed(notice.chat_id):
            await self._outbox.postpone(notice.id, pause, "Telegram asks for a pause", counts=False)
            return False
        try:
            await self._show(notice)
        except TelegramRetryAfter as refusal:
            self._gate.close(refusal.retry_after, notice.chat_id)
            log.warning("Telegram asks for a pause of %d s", refusal.retry_after)
            await self._outbox.postpone(
                notice.id, refusal.retry_after, "flood control", counts=False
            )
        except TelegramForbiddenError as refusal:
            log.info("chat %d wants no messages: %s", notice.chat_id, refusal.message)
            await self._customers.bot_blocked(notice.chat_id, blocked=True)
            await self._outbox.drop(notice.id, f"forbidden: {refusal.message}")
            await self._instead(notice)
        except TelegramBadRequest as refusal:
            await self._refused(notice, refusal)
        except (TelegramAPIError, TimeoutError) as trouble:
            await self._later(notice, str(trouble))
        except Exception as trouble:
            log.exception("notice %d could not be shown", notice.id)
            await self._later(notice, repr(trouble))
        else:
            reach("notice shown")
            await self._outbox.sent(notice.id)
            reach("notice recorded")
            return True
        return False

    async def _show(self, notice: Notice) -> None:
        texts = self._all_texts[notice.language]
        if notice.kind is NoticeKind.STAFF_DAY_REPORT:
            day = date.fromisoformat(notice.details["day"])
            report = await self._reports.report(SpanKind.DAY, day)
            # Whoever is sent it may take the books away, too.
            card = await report_cards.report(texts, report, may_export=True)
            await self._screen.send(notice.chat_id, card)
            return
        if notice.alert is not None:
            await self._show_alert(notice, notice.alert, texts)
            return
        if notice.kind not in _OF_ORDERS:
            message = _message(notice, texts)
            if message is not None:
                await self._screen.send(notice.chat_id, message)
            return
        order = notice.order
        if order is None:
            log.error("notice %d (%s) names no order", notice.id, notice.kind)
            return
        await self._order_cards.refresh(order, texts, notice.chat_id)
        if notice.kind is NoticeKind.ORDER_ENDING:
            ending = _ending(notice, order, texts)
            if ending is not None:
                await self._screen.send(notice.chat_id, ending)
        # Late news are no news: what the order has become since has a notice of its own.
        if _ANNOUNCED.get(notice.kind) is order.stage:
            news = cards.news(texts, order)
            if news is not None:
                await self._screen.send(notice.chat_id, news)

    async def _show_alert(self, notice: Notice, alert: Alert, texts: Texts) -> None:
        """Send it, or let every message that shows it show what has become of it."""
        chat, subject = notice.chat_id, AlertSubject(notice.payment, notice.refund, notice.order)
        reader = self._staff.actor(chat)
        if notice.kind is NoticeKind.ALERT_RAISED:
            level = int(notice.details.get("level", 1))
            if level > 1 and (alert.acknowledged_by is not None or not alert.is_open):
                return  # louder than needed, by now
            card = alert_cards.alert(texts, alert, subject, level=level, reader=reader)
            await self._alerts.shown(alert.id, chat, await self._screen.send(chat, card))
            return
        card = alert_cards.alert(texts, alert, subject, level=1, reader=reader)
        for message_id in await self._alerts.messages(alert.id, chat):
            if await self._screen.edit(chat, message_id, card) is Edited.GONE:
                log.info("a message of alert %d is gone", alert.id)
        if notice.kind is NoticeKind.ALERT_CLOSED:
            await self._screen.send(chat, alert_cards.over(texts, alert))

    async def _instead(self, notice: Notice) -> None:
        """The place for alerts does not take one: nobody would hear of it."""
        if (
            notice.alert is not None
            and notice.kind is NoticeKind.ALERT_RAISED
            and notice.chat_id == self._alerts.chat
        ):
            log.error("telegram.alerts_chat %d does not take messages", notice.chat_id)
            await self._alerts.tell_staff_instead(notice.alert.id)

    async def _refused(self, notice: Notice, refusal: TelegramBadRequest) -> None:
        if "chat not found" in refusal.message.lower():
            if notice.kind in _FOR_STAFF and notice.chat_id != self._alerts.chat:
                log.warning("%d of the staff has not started the bot yet", notice.chat_id)
                await self._outbox.postpone(notice.id, _STAFF_AWAY_SECONDS, refusal.message)
                return
            await self._outbox.drop(notice.id, refusal.message)
            await self._instead(notice)
        elif notice.attempts >= _MOST_REFUSALS:
            log.error("notice %d is given up: %s", notice.id, refusal.message)
            await self._outbox.drop(notice.id, refusal.message)
        else:
            log.error("notice %d was refused: %s", notice.id, refusal.message)
            await self._later(notice, refusal.message)

    async def _later(self, notice: Notice, reason: str) -> None:
        pause = min(_FIRST_PAUSE_SECONDS * 2.0 ** min(notice.attempts, 16), _LONGEST_PAUSE_SECONDS)
        pause *= random.uniform(0.75, 1.0)  # noqa: S311 (spreads load, keeps no secret)
        log.warning("notice %d waits %.1f s: %s", notice.id, pause, reason)
        await self._outbox.postpone(notice.id, pause, reason)


def _ending(notice: Notice, order: OrderView, texts: Texts) -> Card | None:
    """That unused energy is about to leave; None if it is not any more, or not yet."""
    if not order.is_running or order.expires_at is None:
        return None
    if notice.details["expires_at"] != order.expires_at.isoformat():
        return None
    offers = [(timedelta(seconds=seconds), sun) for seconds, sun in notice.details["offers"]]
    return time_cards.rental_ending(texts, order, notice.details["unused"], offers)


def _message(notice: Notice, texts: Texts) -> Card | None:
    """What is told by a message of its own; None if it is true no more, or names nothing."""
    if notice.payment is not None:
        return _about_payment(notice, notice.payment, texts)
    if notice.refund is not None:
        return _about_refund(notice, notice.refund, texts)
    if notice.kind is NoticeKind.GROUP_DELIVERED and notice.order is not None:
        # What left the chain meanwhile, or is over, is told of all the same: it was delivered.
        return alert_cards.delivered(texts, notice.order)
    if notice.kind is NoticeKind.STAFF_ORDER_ASKED and notice.order is not None:
        return risk.asked_about(texts, notice.order, notice.details["reasons"])
    if (card := _OF_DETAILS.get(notice.kind)) is not None:
        return card(texts, notice.details)
    log.error("notice %d (%s) names nothing", notice.id, notice.kind)
    return None


def _about_payment(notice: Notice, payment: HeldPayment, texts: Texts) -> Card | None:
    match notice.kind:
        case NoticeKind.PAYMENT_CHOICE if payment.status == "held":
            return money_cards.payment_choice(texts, payment)
        case NoticeKind.PAYMENT_CREDITED if payment.status == "credited":
            return money_cards.payment_credited(texts, payment)
    return None


def _about_refund(notice: Notice, refund: Refund, texts: Texts) -> Card | None:
    match notice.kind:
        case NoticeKind.REFUND_DONE:
            return money_cards.refund_done(texts, refund)
        case NoticeKind.REFUND_WAITS if refund.waits_for is not None:
            return money_cards.refund_waits(texts, refund)
    return None
