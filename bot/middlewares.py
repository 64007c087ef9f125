"""What happens to every update before a handler sees it, in this order.

`InFlight` counts it (so that a stop can wait), `Throttle` slows a flood down, aiogram takes the
customer's lock and state, `Once` drops what was handled before, `Visit` finds out whose turn it is.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from aiogram import BaseMiddleware
from aiogram.enums import ChatType
from aiogram.exceptions import TelegramAPIError
from aiogram.types import CallbackQuery, Message, TelegramObject, Update, User

from bot.flood import patience_seconds
from bot.screen import Screen
from bot.texts import Texts
from bot.turn import Turn
from services.customers import Customers, Language, language_for
from services.log_context import about
from services.staff import Actor, Staff

if TYPE_CHECKING:
    from aiogram.fsm.context import FSMContext
    from redis.asyncio import Redis

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]

log = logging.getLogger(__name__)

_HANDLER_PATIENCE_SECONDS = 10.0


class InFlight(BaseMiddleware):
    """Counts the updates being handled: aiogram does not wait for them when it stops."""

    def __init__(self) -> None:
        self._count = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        patience_seconds.set(_HANDLER_PATIENCE_SECONDS)
        self._count += 1
        self._idle.clear()
        try:
            with about(update=event.update_id) if isinstance(event, Update) else about():
                return await handler(event, data)
        finally:
            self._count -= 1
            if self._count == 0:
                self._idle.set()

    @property
    def count(self) -> int:
        return self._count

    async def drain(self) -> None:
        """Wait until no update is being handled."""
        await asyncio.sleep(0)  # updates that were fetched but not begun
        await self._idle.wait()


class Once(BaseMiddleware):
    """Handles an update once, though Telegram may deliver it again after a restart.

    Works behind the customer's lock, so a second delivery waits for the first to end. An update
    that a killed process began and never finished is handled anew: every handler can bear that,
    and a tap is not lost.
    """

    _SECONDS_REMEMBERED = 24 * 60 * 60

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if not isinstance(event, Update):
            return await handler(event, data)
        key = f"energy-flash:update:{data['bot'].id}:{event.update_id}"
        if await self._redis.exists(key):
            log.info("update %d was delivered again", event.update_id)
            return None
        try:
            answer = await handler(event, data)
        except Exception:
            # The customer is told: trying again is up to them.
            await self._remember(key)
            raise
        await self._remember(key)
        return answer

    async def _remember(self, key: str) -> None:
        await self._redis.set(key, 1, ex=self._SECONDS_REMEMBERED)


class Throttle(BaseMiddleware):
    """A bucket of turns per person that fills up again: bursts are fine, floods are not."""

    _MOST_PEOPLE = 10_000

    def __init__(self, texts: Mapping[Language, Texts], *, burst: int, per_second: float) -> None:
        self._texts = texts
        self._burst = float(burst)
        self._per_second = per_second
        self._buckets: OrderedDict[int, tuple[float, float]] = OrderedDict()

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        user: User | None = data.get("event_from_user")
        if user is None or self._takes(user.id):
            return await handler(event, data)
        log.info("user %d is too fast", user.id)
        if isinstance(event, Update) and event.callback_query is not None:
            words = self._texts[language_for(user.language_code)].too_fast
            with suppress(TelegramAPIError):
                await event.callback_query.answer(words)
        return None

    def _takes(self, user_id: int) -> bool:
        now = asyncio.get_running_loop().time()
        turns, since = self._buckets.pop(user_id, (self._burst, now))
        turns = min(self._burst, turns + (now - since) * self._per_second)
        allowed = turns >= 1
        self._buckets[user_id] = (turns - 1 if allowed else turns, now)
        if len(self._buckets) > self._MOST_PEOPLE:
            self._buckets.popitem(last=False)
        return allowed


class Visit(BaseMiddleware):
    """Greets the customer, and gives the handlers their `texts`, `turn` and what `desk` adds.

    `actor` is one of the staff, or None. Elsewhere than in a private chat there are only `texts`,
    in the language of the client.
    """

    def __init__(
        self,
        texts: Mapping[Language, Texts],
        screen: Screen,
        customers: Customers,
        *,
        staff: Staff,
        desk: Callable[[Turn, FSMContext, Actor | None], Mapping[str, Any]],
    ) -> None:
        self._texts = texts
        self._screen = screen
        self._customers = customers
        self._staff = staff
        self._desk = desk

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        user: User | None = data.get("event_from_user")
        data["texts"] = self._texts[language_for(user.language_code if user else None)]
        inner = _private_event(event)
        if user is None or user.is_bot or inner is None:
            return await handler(event, data)
        customer = await self._customers.greet(
            user.id,
            language_code=user.language_code,
            first_name=user.first_name,
            username=user.username,
        )
        texts = data["texts"] = self._texts[customer.language]
        turn = Turn(inner, customer=customer, texts=texts, screen=self._screen)
        if customer.banned:
            if not (isinstance(inner, Message) and inner.edit_date):
                await turn.toast(texts.banned(), alert=True)
            return None
        actor = self._staff.actor(user.id)
        data.update(turn=turn, actor=actor, **self._desk(turn, data["state"], actor))
        answer = await handler(event, data)
        with suppress(TelegramAPIError):
            await turn.finish()
        return answer


def _private_event(update: TelegramObject) -> Message | CallbackQuery | None:
    """The message or tap in an update, if it happened in a private chat."""
    if not isinstance(update, Update):
        return None
    message = update.message or update.edited_message
    if message is not None:
        return message if message.chat.type == ChatType.PRIVATE else None
    query = update.callback_query
    if query is not None and query.message is not None:
        return query if query.message.chat.type == ChatType.PRIVATE else None
    return None
