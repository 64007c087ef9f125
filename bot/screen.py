"""Putting cards on a customer's screen: sent as a message, or in the place of one."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import BufferedInputFile, InlineKeyboardMarkup, InputMediaPhoto, Message
from aiogram.utils.formatting import Text

from bot.pace import Pace
from bot.session import session_of

log = logging.getLogger(__name__)

# Telegram's own words; it has no codes for them.
_SAME = "message is not modified"
_GONE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "there is no text in the message to edit",
    "there is no media in the message to edit",
    "message to be replaced not found",
)
_FILE_GONE = ("wrong file identifier", "wrong remote file", "file reference", "file_id")


_UPLOAD_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG; `key` names its content, so that Telegram is given it once."""

    key: str
    png: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Card:
    """What a message shows. With a picture, the text is its caption."""

    text: Text
    keyboard: InlineKeyboardMarkup | None = None
    picture: Picture | None = None


class Edited(Enum):
    """What came of editing a message."""

    CHANGED = auto()
    SAME = auto()
    """It showed the card already."""
    GONE = auto()
    """There is no message any more that could show the card."""


class Screen:
    """Sends and edits cards, for a bot that `open_bot` opened; at a `pace`, if one is given."""

    def __init__(self, bot: Bot, pace: Pace | None = None) -> None:
        self._bot = bot
        self._pace = pace
        self._file_ids = session_of(bot).file_ids

    async def send(self, chat_id: int, card: Card) -> int:
        """Show the card as a new message; its id.

        Raises:
            aiogram.exceptions.TelegramAPIError: it was not sent, or nobody knows.
        """
        await self._turn(chat_id)
        picture = card.picture
        if picture is None:
            message = await self._bot.send_message(
                chat_id, reply_markup=card.keyboard, **card.text.as_kwargs()
            )
            return message.message_id
        try:
            message = await self._send_photo(chat_id, card, picture)
        except TelegramBadRequest as refusal:
            if not self._forget_file(picture, refusal):
                raise
            message = await self._send_photo(chat_id, card, picture)
        return message.message_id

    async def send_file(self, chat_id: int, name: str, content: bytes, caption: Text) -> None:
        """Send a file to be kept.

        Raises:
            aiogram.exceptions.TelegramAPIError: it was not sent, or nobody knows.
        """
        await self._turn(chat_id)
        await self._bot.send_document(
            chat_id,
            BufferedInputFile(content, filename=name),
            disable_content_type_detection=True,
            request_timeout=_UPLOAD_SECONDS,
            **caption.as_caption_kwargs(),
        )

    async def copy(self, chat_id: int, from_chat_id: int, message_id: int) -> int:
        """Send a message again as it is, from another chat of the bot's; the id of the copy.

        Raises:
            aiogram.exceptions.TelegramAPIError: it was not sent, or nobody knows.
        """
        await self._turn(chat_id)
        copied = await self._bot.copy_message(chat_id, from_chat_id, message_id)
        return copied.message_id

    async def edit(self, chat_id: int, message_id: int, card: Card) -> Edited:
        """Show the card in the place of a message of the bot's.

        Raises:
            aiogram.exceptions.TelegramAPIError: other than that the message is gone or the same.
        """
        await self._turn(chat_id)
        try:
            await self._edit(chat_id, message_id, card)
        except TelegramBadRequest as refusal:
            if card.picture is not None and self._forget_file(card.picture, refusal):
                return await self.edit(chat_id, message_id, card)
            reason = refusal.message.lower()
            if _SAME in reason:
                return Edited.SAME
            if any(gone in reason for gone in _GONE):
                return Edited.GONE
            raise
        return Edited.CHANGED

    async def take_away(self, chat_id: int, message_id: int) -> None:
        """Delete a message; one older than 48 h cannot be deleted, and loses its buttons."""
        with suppress(TelegramForbiddenError):
            try:
                await self._bot.delete_message(chat_id, message_id)
            except TelegramBadRequest:
                await self.take_buttons_away(chat_id, message_id)

    async def take_buttons_away(self, chat_id: int, message_id: int) -> None:
        """Leave the message, without its buttons; nothing happens if it is gone."""
        with suppress(TelegramBadRequest):
            await self._bot.edit_message_reply_markup(
                chat_id=chat_id, message_id=message_id, reply_markup=None
            )

    async def _turn(self, chat_id: int) -> None:
        if self._pace is not None:
            await self._pace.wait(chat_id)

    async def _send_photo(self, chat_id: int, card: Card, picture: Picture) -> Message:
        message = await self._bot.send_photo(
            chat_id,
            self._file(picture),
            reply_markup=card.keyboard,
            **card.text.as_caption_kwargs(),
        )
        self._remember_file(picture, message)
        return message

    async def _edit(self, chat_id: int, message_id: int, card: Card) -> None:
        if card.picture is None:
            await self._bot.edit_message_text(
                chat_id=chat_id,
                message_id=message_id,
                reply_markup=card.keyboard,
                **card.text.as_kwargs(),
            )
            return
        message = await self._bot.edit_message_media(
            InputMediaPhoto(media=self._file(card.picture), **card.text.as_caption_kwargs()),
            chat_id=chat_id,
            message_id=message_id,
            reply_markup=card.keyboard,
        )
        if isinstance(message, Message):
            self._remember_file(card.picture, message)

    def _file(self, picture: Picture) -> str | BufferedInputFile:
        known = self._file_ids.get(picture.key)
        return known or BufferedInputFile(picture.png, filename="energy-flash.png")

    def _remember_file(self, picture: Picture, message: Message) -> None:
        if message.photo:
            self._file_ids[picture.key] = message.photo[-1].file_id

    def _forget_file(self, picture: Picture, refusal: TelegramBadRequest) -> bool:
        """Whether Telegram no longer knows the file, so that another upload is worth a try."""
        reason = refusal.message.lower()
        if picture.key in self._file_ids and any(words in reason for words in _FILE_GONE):
            log.info("Telegram forgot the picture %s; it is uploaded again", picture.key)
            del self._file_ids[picture.key]
            return True
        return False
