"""People who talk to the bot in tests, over the local Telegram and its HTTP API."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

from aiogram import Bot, Dispatcher
from redis.asyncio import Redis

from bot.middlewares import Throttle
from bot.outbox import OutboxSender
from bot.program import TelegramProgram
from sandbox.telegram import CallbackAnswer, Click, LocalTelegram, MessageChange, User
from tests.support.shop import ADMIN, OTHER_USER, USER, VIEWER, Shop, address

ANN = User(USER, "Ann", "ann", language_code="en")
BEN = User(OTHER_USER, "Ben", "ben", language_code="en")
OPERATOR = User(ADMIN, "Olga", "olga", language_code="en")
# People the shop has never met.
WEI = User(7_000_021, "伟", "wei", language_code="zh-hans")
IVAN = User(7_000_022, "Иван", "ivan", language_code="ru")
ONLOOKER = User(VIEWER, "Vic", "vic", language_code="en")
EVERYBODY = (ANN, BEN, OPERATOR, WEI, IVAN, ONLOOKER)


@dataclass
class World:
    """The shop, the local Telegram, and the bot between them.

    Updates are fetched over HTTP and handled one by one, so that a test knows when all is said.
    """

    shop: Shop
    telegram: LocalTelegram
    bot: Bot
    redis: Redis
    program: TelegramProgram
    sender: OutboxSender
    offset: int = 0
    update_ids: itertools.count[int] = field(default_factory=lambda: itertools.count(900_000_000))

    @property
    def dispatcher(self) -> Dispatcher:
        return self.program._dispatcher

    async def settle(self) -> None:
        """Handle every waiting update, then send every notice."""
        allowed = self.dispatcher.resolve_used_update_types()
        while updates := await self.bot.get_updates(
            offset=self.offset, timeout=0, allowed_updates=allowed
        ):
            for update in updates:
                self.offset = update.update_id + 1
                await self.dispatcher.feed_update(self.bot, update)
        await self.sender.send_due_to_groups()
        await self.sender.send_due()

    async def block(self, count: int = 1) -> None:
        """Make blocks; after each, everything that has to be said is said."""
        for _ in range(count):
            await self.shop.block()
            await self.settle()

    def rest(self) -> None:
        """As if some time had passed: nobody has been too fast."""
        for middleware in self.dispatcher.update.outer_middleware:
            if isinstance(middleware, Throttle):
                middleware._buckets.clear()

    async def deliver(self, kind: str, payload: dict[str, Any]) -> None:
        """An update of any shape, as Telegram might send it."""
        update = {"update_id": next(self.update_ids), kind: payload}
        await self.dispatcher.feed_raw_update(self.bot, update)

    def person(self, user: User) -> Person:
        return Person(self, user)


@dataclass
class Person:
    """Somebody at a Telegram client."""

    world: World
    user: User

    @property
    def telegram(self) -> LocalTelegram:
        return self.world.telegram

    async def says(self, text: str) -> MessageChange:
        """Write, wait for the answer; the newest message of the bot."""
        self.telegram.send_text(self.user.id, text)
        await self.world.settle()
        return self.newest

    async def taps(self, button: str, message_id: int | None = None) -> MessageChange:
        """Press a button, of the newest message that has it; what the newest message is then."""
        await self.tap(button, message_id)
        return self.newest

    async def tap(self, button: str, message_id: int | None = None) -> Click:
        click = self.press(button, message_id)
        await self.world.settle()
        return click

    def press(self, button: str, message_id: int | None = None) -> Click:
        """Press a button and wait for nothing."""
        if message_id is None:
            message_id = next(
                message.message_id
                for message in reversed(self.shown)
                if button in labels(message) or button in data_of(message)
            )
        return self.telegram.click(self.user.id, message_id, button)

    async def taps_forged(self, message_id: int, data: str) -> None:
        """A client may send any data for any message of its chat."""
        with self.telegram.acting():
            self.telegram._ask(self.telegram._seen(self.user.id, message_id), data)
        await self.world.settle()

    @property
    def shown(self) -> list[MessageChange]:
        """The bot's messages that are in the chat, oldest first."""
        changes = [
            change
            for change in self.telegram.changes(self.user.id)
            if isinstance(change, MessageChange) and change.from_bot and not change.deleted
        ]
        return sorted(changes, key=lambda message: message.message_id)

    @property
    def newest(self) -> MessageChange:
        return self.shown[-1]

    def message(self, message_id: int) -> MessageChange:
        return next(message for message in self.shown if message.message_id == message_id)

    @property
    def answers(self) -> list[CallbackAnswer]:
        """The answers to every button pressed so far."""
        return [
            change
            for change in self.telegram.changes(self.user.id)
            if isinstance(change, CallbackAnswer)
        ]

    @property
    def toast(self) -> str | None:
        """What the last pressed button was answered with."""
        return self.answers[-1].text


def words(message: MessageChange) -> str:
    """What a message says, be it text or caption."""
    return message.text or message.caption or ""


def buttons(message: MessageChange) -> list[dict[str, Any]]:
    return [button for row in message.keyboard for button in row]


def labels(message: MessageChange) -> list[str]:
    return [button["text"] for button in buttons(message)]


def data_of(message: MessageChange) -> list[str]:
    return [button["callback_data"] for button in buttons(message) if "callback_data" in button]


def entity_texts(message: MessageChange, kind: str) -> list[str]:
    """The pieces of a message that are marked as `kind`."""
    units = words(message).encode("utf-16-le")
    return [
        units[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le")
        for e in message.entities
        if e["type"] == kind
    ]


def transcript(person: Person) -> str:
    """The chat as the person sees it, for reading."""
    lines = []
    for message in person.shown:
        picture = f"[{message.media_kind}] " if message.media_kind else ""
        lines.append(f"┌ #{message.message_id} {picture}")
        lines += [f"│ {line}" for line in words(message).split("\n")]
        lines += [f"└ {' | '.join(b['text'] for b in row)}" for row in message.keyboard]
    return "\n".join(lines)


async def order_something(person: Person, wallet: str = "ann") -> MessageChange:
    """Order energy for one transfer and the shortest time; the card."""
    await ask_a_quote(person, wallet)
    return await person.taps(labels(person.newest)[0])


async def ask_a_quote(person: Person, wallet: str = "ann") -> MessageChange:
    """Ask for one transfer and the shortest time; the quote. The person reads English."""
    await person.says("/rent")
    await person.says(address(wallet))
    await person.taps("Has USDT already")
    await person.taps("1")
    return await person.taps("1 hour")
