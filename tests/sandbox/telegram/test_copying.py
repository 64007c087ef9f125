"""copyMessage: a message sent again as it is, to another chat."""

from __future__ import annotations

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from sandbox.telegram import LocalTelegram, MessageChange, UserCannot
from sandbox.telegram.entities import Entity
from tests.sandbox.telegram.support import ALICE, BOB, picture


@pytest.fixture
def started(telegram: LocalTelegram) -> LocalTelegram:
    telegram.send_text(ALICE.id, "/start")
    telegram.send_text(BOB.id, "/start")
    return telegram


def newest(telegram: LocalTelegram, user_id: int) -> MessageChange:
    shown = [each for each in telegram.changes(user_id) if isinstance(each, MessageChange)]
    return max(shown, key=lambda message: message.message_id)


async def test_a_text_arrives_with_its_formatting(bot: Bot, started: LocalTelegram) -> None:
    written = started.send_text(
        ALICE.id, "New prices: see example.com", entities=[Entity("bold", 0, 3)]
    )
    copied = await bot.copy_message(BOB.id, ALICE.id, written.message_id)
    arrived = newest(started, BOB.id)
    assert arrived.message_id == copied.message_id != written.message_id
    assert (arrived.text, arrived.from_bot) == (written.text, True)
    assert [each["type"] for each in arrived.entities] == ["bold", "url"]
    assert arrived.entities == written.entities


async def test_a_picture_is_copied_with_its_caption_or_another(
    bot: Bot, started: LocalTelegram
) -> None:
    sent = started.send_photo(ALICE.id, picture(), "#sale today")
    await bot.copy_message(BOB.id, ALICE.id, sent.message_id)
    arrived = newest(started, BOB.id)
    assert (arrived.media_kind, arrived.media_path) == ("photo", sent.media_path)
    assert (arrived.caption, arrived.entities) == ("#sale today", sent.entities)
    await bot.copy_message(BOB.id, ALICE.id, sent.message_id, caption="tomorrow")
    assert newest(started, BOB.id).caption == "tomorrow"


async def test_buttons_stay_behind(bot: Bot, started: LocalTelegram) -> None:
    keyboard = InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text="Go", callback_data="go")]]
    )
    sent = await bot.send_message(ALICE.id, "Hello", reply_markup=keyboard)
    await bot.copy_message(BOB.id, ALICE.id, sent.message_id)
    assert newest(started, BOB.id).keyboard == []
    await bot.copy_message(BOB.id, ALICE.id, sent.message_id, reply_markup=keyboard)
    assert newest(started, BOB.id).keyboard[0][0]["text"] == "Go"


async def test_what_is_refused(bot: Bot, started: LocalTelegram) -> None:
    written = started.send_text(ALICE.id, "Hello")
    with pytest.raises(TelegramBadRequest, match="message to copy not found"):
        await bot.copy_message(BOB.id, ALICE.id, written.message_id + 1)
    with pytest.raises(TelegramBadRequest, match="message to copy not found"):
        await bot.copy_message(ALICE.id, BOB.id, written.message_id)
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.copy_message(BOB.id, 4711, written.message_id)
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.copy_message(4711, ALICE.id, written.message_id)
    started.delete_message(ALICE.id, written.message_id)
    with pytest.raises(TelegramBadRequest, match="message to copy not found"):
        await bot.copy_message(BOB.id, ALICE.id, written.message_id)
    started.block(BOB.id)
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.copy_message(BOB.id, ALICE.id, written.message_id)


def test_formatting_outside_of_what_was_typed(started: LocalTelegram) -> None:
    with pytest.raises(UserCannot):
        started.send_text(ALICE.id, "Hello", entities=[Entity("bold", 3, 9)])
