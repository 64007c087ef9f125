"""One message or tap of a customer, and the ways to answer it."""

from __future__ import annotations

import logging
from contextlib import suppress

from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery, Message
from aiogram.utils.formatting import Text

from bot.screen import Card, Edited, Screen
from bot.texts import Texts
from services.customers import Customer

log = logging.getLogger(__name__)

LONGEST_TOAST = 200


class Turn:
    """A customer's turn in a private chat.

    A tap must be answered, or its button spins for a minute.
    """

    def __init__(
        self, event: Message | CallbackQuery, *, customer: Customer, texts: Texts, screen: Screen
    ) -> None:
        self.customer = customer
        self.texts = texts
        self._event = event
        self._screen = screen
        self._answered = False

    @property
    def chat_id(self) -> int:
        """In a private chat the chat and the person share their id."""
        return self.customer.id

    @property
    def tapped_message(self) -> int | None:
        """The message whose button was tapped."""
        if isinstance(self._event, CallbackQuery) and self._event.message is not None:
            return self._event.message.message_id
        return None

    async def show(self, card: Card) -> int:
        """Show the card where the customer looks: in the tapped message, else as a new one.

        A photo cannot become a text again, so a card below an order's stays an own message.
        """
        if isinstance(self._event, CallbackQuery):
            message = self._event.message
            was_photo = isinstance(message, Message) and bool(message.photo)
            if message is not None and not was_photo:
                edited = await self._screen.edit(self.chat_id, message.message_id, card)
                if edited is not Edited.GONE:
                    return message.message_id
        return await self.send(card)

    async def send(self, card: Card) -> int:
        """Show the card as a new message."""
        return await self._screen.send(self.chat_id, card)

    async def send_file(self, name: str, content: bytes, caption: Text) -> None:
        """Send a file to be kept, as a new message."""
        await self._screen.send_file(self.chat_id, name, content, caption)

    async def copy(self, chat_id: int, message_id: int) -> bool:
        """Show a message of a chat as it is; False if Telegram does not copy it."""
        try:
            await self._screen.copy(self.chat_id, chat_id, message_id)
        except TelegramBadRequest as refusal:
            log.info("message %d of %d is not copied: %s", message_id, chat_id, refusal.message)
            return False
        return True

    async def take_buttons_away(self, message_id: int) -> None:
        """An earlier question is answered: its buttons would only confuse."""
        await self._screen.take_buttons_away(self.chat_id, message_id)

    async def take_words_away(self) -> None:
        """Delete what the person has just written: it should not stay in a chat."""
        if isinstance(self._event, Message):
            await self._screen.take_away(self.chat_id, self._event.message_id)

    async def toast(self, text: str | Text | None, *, alert: bool = False) -> None:
        """Answer the tap, at most once; `alert` asks the customer to read and close it.

        A message has no toast: there the words are sent as a message.
        """
        if isinstance(text, Text):
            text = text.render()[0]
        if isinstance(self._event, Message):
            if text:
                await self.send(Card(Text(text)))
            return
        if self._answered:
            return
        self._answered = True
        with suppress(TelegramBadRequest):  # the query is too old: nobody waits any more
            await self._event.answer(text[:LONGEST_TOAST] if text else None, show_alert=alert)

    async def acknowledge(self) -> None:
        """Stop the button's spinning before something slow."""
        await self.toast(None)

    async def apologise(self, words: str) -> None:
        """Say that something failed: to the tap, or by a message if the tap was answered."""
        if isinstance(self._event, CallbackQuery) and self._answered:
            await self.send(Card(Text(words)))
        else:
            await self.toast(words, alert=True)

    async def finish(self) -> None:
        """Answer the tap, if nothing has."""
        await self.toast(None)
