"""The bot as a program: opened, told what people do, drained."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.methods import (
    SetChatMenuButton,
    SetMyCommands,
    SetMyDescription,
    SetMyShortDescription,
    TelegramMethod,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    MenuButtonCommands,
)
from aiogram.utils.backoff import Backoff, BackoffConfig
from redis.exceptions import RedisError

from bot.dispatcher import STATE_PREFIX, build_dispatcher
from bot.middlewares import InFlight
from bot.office.access import COMMANDS
from bot.office.office import OfficeServices
from bot.session import open_bot
from bot.texts import Texts, all_texts
from bot.texts.key_lines import ApiPlace
from bot.webhook import WebhookPlace, receiving, webhook_secret
from services.balances import Balances
from services.customers import Customers, Language
from services.early_ends import EarlyEnds
from services.extensions import Extensions
from services.inventory import Inventory
from services.orders import Orders
from services.quotes import Quotes
from services.refunds import Refunds
from services.staff import Actor

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from settings import Settings

__all__ = ["Bot", "TelegramProgram", "open_bot"]

log = logging.getLogger(__name__)

_POLL_SECONDS = 30
_MOST_AT_ONCE = 100


class TelegramProgram:
    """Answers people, for a bot that `open_bot` opened."""

    def __init__(
        self,
        bot: Bot,
        *,
        customers: Customers,
        quotes: Quotes,
        orders: Orders,
        extensions: Extensions,
        early_ends: EarlyEnds,
        balances: Balances,
        refunds: Refunds,
        inventory: Inventory,
        office: OfficeServices,
        redis: Redis,
        settings: Settings,
    ) -> None:
        self._bot = bot
        self._redis = redis
        self._texts = all_texts(settings.tron.explorer_url)
        self._staff = office.staff
        telegram = settings.telegram
        self._webhook = (
            WebhookPlace(telegram.webhook_url, telegram.webhook_host, telegram.webhook_port)
            if telegram.webhook_url is not None
            else None
        )
        self._in_flight = InFlight()
        self._stopping = asyncio.Event()
        self._polling_ended = asyncio.Event()
        self._polling_ended.set()
        self._dispatcher = build_dispatcher(
            bot,
            in_flight=self._in_flight,
            redis=redis,
            texts=self._texts,
            customers=customers,
            quotes=quotes,
            orders=orders,
            extensions=extensions,
            early_ends=early_ends,
            balances=balances,
            refunds=refunds,
            inventory=inventory,
            office=office,
            flash_address=lambda: (
                settings.payment.address if office.live_settings.now.payment.flash else None
            ),
            api_place=ApiPlace(settings.api.enabled, settings.api.public_url),
        )

    async def take_over(self) -> None:
        """Free the customers whose updates another process was handling: it is gone, or fetches no
        more of them. What it began and did not finish is handled anew.
        """
        try:
            async for lock in self._redis.scan_iter(f"{STATE_PREFIX}:{self._bot.id}:*:lock"):
                await self._redis.delete(lock)
        except RedisError as error:
            log.warning("locks of an earlier process stay until they run out: %s", error)

    async def prepare(self) -> None:
        """Tell Telegram the bot's commands and descriptions. What fails is only logged."""
        for method in self._profile():
            try:
                await self._bot(method)
            except TelegramAPIError as error:
                log.warning("%s was not accepted: %s", type(method).__name__, error)

    def _profile(self) -> list[TelegramMethod[bool]]:
        methods: list[TelegramMethod[bool]] = [
            SetChatMenuButton(menu_button=MenuButtonCommands()),
        ]
        # Without a language code: for everybody whose language the bot does not speak.
        spoken: list[tuple[str | None, Texts]] = [(None, self._texts[Language.EN])]
        spoken += [(language.value, texts) for language, texts in self._texts.items()]
        for code, texts in spoken:
            methods += [
                SetMyCommands(
                    commands=[
                        BotCommand(command=name, description=what) for name, what in texts.commands
                    ],
                    scope=BotCommandScopeAllPrivateChats(),
                    language_code=code,
                ),
                SetMyDescription(description=texts.description, language_code=code),
                SetMyShortDescription(
                    short_description=texts.short_description, language_code=code
                ),
            ]
        return methods + self._office_menus()

    def _office_menus(self) -> list[TelegramMethod[bool]]:
        """The office's commands, in the chats of those who may say them and nowhere else.

        Telegram refuses a menu for somebody who has not started the bot; it is told again at the
        next start of the program.
        """
        menus: list[TelegramMethod[bool]] = []
        for actor in self._staff.everybody():
            spoken: list[tuple[str | None, Texts]] = [(None, self._texts[Language.EN])]
            spoken += [(language.value, texts) for language, texts in self._texts.items()]
            menus += [
                SetMyCommands(
                    commands=office_commands(texts, actor),
                    scope=BotCommandScopeChat(chat_id=actor.id),
                    language_code=code,
                )
                for code, texts in spoken
            ]
        return menus

    async def answer(self) -> None:
        """Handle updates until `stop`: those that Telegram brings, or those that it has.

        Raises:
            WebhookPlaceTaken: nothing can be served where they are to be brought.
        """
        if self._webhook is None:
            await self.poll()
        else:
            await self.receive(self._webhook)

    async def poll(self) -> None:
        """Fetch and handle updates until `stop`; no failure of the network ends it."""
        self._polling_ended.clear()
        polling = asyncio.create_task(self._poll_for_ever())
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({polling, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            try:
                await self._end(polling)
            finally:
                self._polling_ended.set()

    async def receive(self, place: WebhookPlace) -> None:
        """Handle the updates that Telegram brings to `place` until `stop`.

        Afterwards the webhook stays set: what people write meanwhile waits at Telegram.

        Raises:
            WebhookPlaceTaken: nothing can be served there.
        """
        self._polling_ended.clear()
        secret = webhook_secret(self._bot.token)
        try:
            async with receiving(place, secret, self._handle):
                setting = asyncio.create_task(self._set_webhook(place.url, secret))
                try:
                    await self._stopping.wait()
                finally:
                    setting.cancel()
                    await asyncio.gather(setting, return_exceptions=True)
        finally:
            self._polling_ended.set()

    async def _handle(self, update: dict[str, Any]) -> None:
        # What a handler raises is told to the customer and logged by the router of errors; what is
        # raised around it is ours, and must not make Telegram bring the same update for a day.
        try:
            await self._dispatcher.feed_raw_update(self._bot, update)
        except Exception:
            log.exception("update %s could not be handled", update.get("update_id"))

    async def _set_webhook(self, url: str, secret: str) -> None:
        backoff = Backoff(BackoffConfig(min_delay=1.0, max_delay=15.0, factor=1.5, jitter=0.1))
        while True:
            try:
                await self._bot.set_webhook(
                    url,
                    secret_token=secret,
                    allowed_updates=self._dispatcher.resolve_used_update_types(),
                    max_connections=_MOST_AT_ONCE,
                )
            except TelegramAPIError as error:
                log.warning("Telegram did not take the webhook, trying again: %s", error)
                await backoff.asleep()
            else:
                log.info("Telegram brings updates to %s", url)
                return

    async def _poll_for_ever(self) -> None:
        backoff = Backoff(BackoffConfig(min_delay=1.0, max_delay=15.0, factor=1.5, jitter=0.1))
        while not self._stopping.is_set():
            try:
                # Updates that wait there may be orders: they are kept.
                await self._bot.delete_webhook()
                await self._dispatcher.start_polling(
                    self._bot,
                    polling_timeout=_POLL_SECONDS,
                    handle_signals=False,
                    close_bot_session=False,
                    tasks_concurrency_limit=_MOST_AT_ONCE,
                )
            except TelegramAPIError as error:
                log.warning("Telegram cannot be reached, trying again: %s", error)
                await backoff.asleep()

    async def _end(self, polling: asyncio.Task[None]) -> None:
        try:
            await self._dispatcher.stop_polling()
        except RuntimeError:  # the dispatcher is not at work: the network is down, or it failed
            polling.cancel()
        try:
            await polling
        except asyncio.CancelledError:
            if not polling.cancelled():
                raise

    async def stop(self, seconds: float) -> bool:
        """Fetch no more updates, and wait until those at hand are handled.

        False if that takes longer than `seconds`; what is left then is safe to kill.
        """
        self._stopping.set()
        try:
            async with asyncio.timeout(seconds):
                await self._polling_ended.wait()
                await self._in_flight.drain()
        except TimeoutError:
            log.warning("%d updates are still being handled", self._in_flight.count)
            return False
        return True


def office_commands(texts: Texts, actor: Actor) -> list[BotCommand]:
    """What the menu of somebody of the staff holds: theirs first, then everybody's."""
    own = [(name, what) for name, what in texts.office.common.commands if actor.may(COMMANDS[name])]
    return [BotCommand(command=name, description=what) for name, what in (*own, *texts.commands)]
