"""What a person can do in the chat, and what the bot and the person's client learn of it."""

from __future__ import annotations

from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import InlineKeyboardMarkup, ReplyKeyboardMarkup, ReplyKeyboardRemove, Update

from sandbox.telegram import (
    CallbackSent,
    Change,
    LinkOpened,
    LocalTelegram,
    NothingHappens,
    TextCopied,
    User,
    UserCannot,
)
from tests.sandbox.telegram.support import ALICE, BOB, Clock, picture

BUTTONS = InlineKeyboardMarkup.model_validate(
    {
        "inline_keyboard": [
            [{"text": "Yes", "callback_data": "y"}, {"text": "No", "callback_data": "n"}],
            [{"text": "Copy", "copy_text": {"text": "13.37"}}],
            [{"text": "Look", "url": "https://tronscan.org/"}],
            [{"text": "2/7", "disabled": {}}],
        ]
    }
)


async def pending(bot: Bot, offset: int | None = None) -> list[Update]:
    return await bot.get_updates(offset=offset)


async def asked(bot: Bot, telegram: LocalTelegram, **fields: Any) -> int:
    """A message with buttons in Alice's chat; its id."""
    telegram.send_text(ALICE.id, "/start")
    sent = await bot.send_message(ALICE.id, "Really?", reply_markup=BUTTONS, **fields)
    return sent.message_id


async def test_a_command_arrives_as_telegram_sends_it(
    bot: Bot, telegram: LocalTelegram, clock: Clock
) -> None:
    change = telegram.send_text(ALICE.id, "  /start ref_7 and /help@energy_flash_bot  ")
    [update] = await pending(bot)
    message = update.message
    assert message is not None
    assert message.from_user is not None
    assert message.message_id == change.message_id
    assert message.text == "/start ref_7 and /help@energy_flash_bot"
    assert message.from_user.model_dump(exclude_none=True) == {
        "id": 1001,
        "is_bot": False,
        "first_name": "Alice",
        "username": "alice",
        "language_code": "en",
    }
    assert message.chat.model_dump(exclude_none=True) == {
        "id": 1001,
        "type": "private",
        "first_name": "Alice",
        "username": "alice",
    }
    assert int(message.date.timestamp()) == int(clock.now)
    assert [(e.type, e.offset, e.length) for e in message.entities or []] == [
        ("bot_command", 0, 6),
        ("bot_command", 17, 22),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://tronscan.org/#/x, ok", [("url", "https://tronscan.org/#/x")]),
        ("tronscan.org or 13.370042", [("url", "tronscan.org")]),
        ("a/b 1/2 /x_1 /нет", [("bot_command", "/x_1")]),
        ("mail me@x.org or @somebody", [("email", "me@x.org"), ("mention", "@somebody")]),
        ("#энергия $TRX #1", [("hashtag", "#энергия"), ("cashtag", "$TRX")]),
        ("TJRyWwFs9wTFGZg3JbrVriFbNfCug5tDeC", []),
    ],
)
async def test_what_telegram_finds_in_a_text(
    bot: Bot, telegram: LocalTelegram, text: str, found: list[tuple[str, str]]
) -> None:
    telegram.send_text(ALICE.id, text)
    [update] = await pending(bot)
    assert update.message is not None
    assert [
        (entity.type, entity.extract_from(text)) for entity in update.message.entities or []
    ] == found


async def test_a_picture_instead_of_text(bot: Bot, telegram: LocalTelegram) -> None:
    telegram.send_photo(ALICE.id, picture(), "my /address")
    telegram.send_document(ALICE.id, b"x,y", "keys.csv")
    photo, document = await pending(bot)
    assert photo.message is not None
    assert photo.message.photo is not None
    assert (photo.message.text, photo.message.caption) == (None, "my /address")
    assert [e.type for e in photo.message.caption_entities or []] == ["bot_command"]
    content = await bot.download(photo.message.photo[-1])
    assert content is not None
    assert content.read() == picture()
    assert document.message is not None
    assert document.message.document is not None
    assert document.message.document.file_name == "keys.csv"
    with pytest.raises(UserCannot, match="IMAGE_PROCESS_FAILED"):
        telegram.send_photo(ALICE.id, b"no picture")
    [*_, change] = telegram.changes(ALICE.id)
    assert change.as_json(str)["document_url"] == "documents/file_2.csv"


async def test_an_edited_message(bot: Bot, telegram: LocalTelegram, clock: Clock) -> None:
    change = telegram.send_text(ALICE.id, "one")
    clock.advance(3)
    telegram.edit_message(ALICE.id, change.message_id, "two")
    _, update = await pending(bot)
    assert update.edited_message is not None
    assert update.edited_message.text == "two"
    assert update.edited_message.edit_date == int(clock.now)
    sent = await bot.send_message(ALICE.id, "hello")
    with pytest.raises(UserCannot, match="only your own"):
        telegram.edit_message(ALICE.id, sent.message_id, "x")


async def test_a_deleted_message_is_no_news_for_the_bot(bot: Bot, telegram: LocalTelegram) -> None:
    message_id = await asked(bot, telegram)
    [update] = await pending(bot)
    telegram.delete_message(ALICE.id, message_id, only_for_me=True)
    await bot.edit_message_text("Still mine", chat_id=ALICE.id, message_id=message_id)
    [*_, change] = telegram.changes(ALICE.id)
    assert change.as_json(str)["deleted"] is True
    other = await bot.send_message(ALICE.id, "Another")
    telegram.delete_message(ALICE.id, other.message_id)
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await other.edit_text("Gone")
    assert await pending(bot, update.update_id + 1) == []
    with pytest.raises(UserCannot, match="no message"):
        telegram.click(ALICE.id, message_id, "Yes")


async def test_pressing_buttons(bot: Bot, telegram: LocalTelegram) -> None:
    message_id = await asked(bot, telegram)
    assert telegram.click(ALICE.id, message_id, "Copy") == TextCopied("13.37")
    assert telegram.click(ALICE.id, message_id, "Look") == LinkOpened("https://tronscan.org/")
    assert telegram.click(ALICE.id, message_id, "2/7") == NothingHappens()
    by_label = telegram.click(ALICE.id, message_id, "Yes")
    by_data = telegram.click(ALICE.id, message_id, "n")
    _, first, second = await pending(bot)
    assert isinstance(by_label, CallbackSent)
    assert isinstance(by_data, CallbackSent)
    query = first.callback_query
    assert query is not None
    assert (query.id, query.data, query.from_user.id) == (by_label.query_id, "y", ALICE.id)
    assert query.message is not None
    assert query.message.message_id == message_id
    assert second.callback_query is not None
    assert second.callback_query.chat_instance == query.chat_instance
    with pytest.raises(UserCannot, match=r"no button 'Perhaps'.*'Yes', 'No', 'Copy'"):
        telegram.click(ALICE.id, message_id, "Perhaps")
    with pytest.raises(UserCannot, match="no message"):
        telegram.click(BOB.id, message_id, "Yes")


async def test_answers_to_buttons(bot: Bot, telegram: LocalTelegram, clock: Clock) -> None:
    message_id = await asked(bot, telegram)
    click = telegram.click(ALICE.id, message_id, "Yes")
    assert isinstance(click, CallbackSent)
    await bot.answer_callback_query(click.query_id, "Done", show_alert=True)
    [*_, answer] = telegram.changes(ALICE.id)
    assert answer.as_json(str) == {
        "kind": "callback_answer",
        "change": answer.number,
        "chat_id": ALICE.id,
        "user_id": ALICE.id,
        "query_id": click.query_id,
        "message_id": message_id,
        "text": "Done",
        "show_alert": True,
        "url": None,
    }
    stale = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    with pytest.raises(TelegramBadRequest) as refused:
        await bot.answer_callback_query(click.query_id)
    assert refused.value.message == stale
    with pytest.raises(TelegramBadRequest, match="query ID is invalid"):
        await bot.answer_callback_query("1")
    late = telegram.click(ALICE.id, message_id, "No")
    assert isinstance(late, CallbackSent)
    with pytest.raises(TelegramBadRequest, match="MESSAGE_TOO_LONG"):
        await bot.answer_callback_query(late.query_id, "x" * 201)
    clock.advance(16)
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query(late.query_id)


async def test_blocking_and_unblocking(bot: Bot, telegram: LocalTelegram) -> None:
    with pytest.raises(UserCannot, match="no chat"):
        telegram.block(ALICE.id)
    message_id = await asked(bot, telegram)
    telegram.block(ALICE.id)
    telegram.block(ALICE.id)
    for forbidden in (
        lambda: telegram.send_text(ALICE.id, "hi"),
        lambda: telegram.click(ALICE.id, message_id, "Yes"),
    ):
        with pytest.raises(UserCannot, match="blocked"):
            forbidden()
    telegram.unblock(ALICE.id)
    _, blocked, unblocked = await pending(bot)
    assert blocked.my_chat_member is not None
    assert blocked.my_chat_member.old_chat_member.status == "member"
    assert blocked.my_chat_member.new_chat_member.status == "kicked"
    assert blocked.my_chat_member.new_chat_member.user.id == 4242
    assert unblocked.my_chat_member is not None
    assert unblocked.my_chat_member.new_chat_member.status == "member"
    telegram.send_text(ALICE.id, "hi")


async def test_changes_come_in_order_and_only_once(bot: Bot, telegram: LocalTelegram) -> None:
    message_id = await asked(bot, telegram)
    telegram.send_text(BOB.id, "/start")
    before = telegram.changes(ALICE.id)
    assert [change.number for change in before] == sorted({c.number for c in before})
    last = before[-1].number
    assert telegram.changes(ALICE.id, last) == ()
    second = await bot.send_message(ALICE.id, "later")
    await bot.edit_message_text("Surely?", chat_id=ALICE.id, message_id=message_id)
    after = telegram.changes(ALICE.id, last)
    assert [change.message_id for change in after] == [second.message_id, message_id]
    shown = after[1].as_json(str)
    assert (shown["text"], shown["keyboard"], shown["from"]) == ("Surely?", [], "bot")
    assert shown["edit_date"] is not None
    with pytest.raises(UserCannot, match="no person"):
        telegram.changes(5)


async def test_subscribers_hear_of_what_is_stored(bot: Bot, telegram: LocalTelegram) -> None:
    heard: list[Change] = []
    forget = telegram.subscribe(heard.append)
    message_id = await asked(bot, telegram)
    await bot.send_chat_action(ALICE.id, "typing")
    with pytest.raises(TelegramBadRequest):
        await bot.send_message(ALICE.id, "x", message_effect_id="1")
    assert [change.as_json(str)["kind"] for change in heard] == [
        "message",
        "message",
        "chat_action",
    ]
    assert heard[:2] == list(telegram.changes(ALICE.id))
    forget()
    await bot.delete_message(ALICE.id, message_id)
    assert len(heard) == 3


async def test_a_failing_subscriber_disturbs_nobody(
    bot: Bot, telegram: LocalTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(change: Change) -> None:
        raise ValueError("the page is gone")

    heard: list[Change] = []
    telegram.subscribe(fail)
    telegram.subscribe(heard.append)
    telegram.send_text(ALICE.id, "hi")
    assert len(heard) == 1
    assert "the page is gone" in caplog.text


async def test_what_no_client_can_send(telegram: LocalTelegram) -> None:
    with pytest.raises(UserCannot, match="empty"):
        telegram.send_text(ALICE.id, " \n ")
    with pytest.raises(UserCannot, match="at most 4096"):
        telegram.send_text(ALICE.id, "😀" * 2049)
    with pytest.raises(UserCannot, match="half of a character"):
        telegram.send_text(ALICE.id, "\ud83d")
    for nobody in (99, 10**30):
        with pytest.raises(UserCannot, match="no person"):
            telegram.send_text(nobody, "hi")
    assert telegram.changes(ALICE.id) == ()
    assert telegram.has_started(ALICE.id) is False


async def test_a_reply_keyboard_is_shown_but_not_echoed(bot: Bot, telegram: LocalTelegram) -> None:
    telegram.send_text(ALICE.id, "/start")
    markup = ReplyKeyboardMarkup.model_validate({"keyboard": [[{"text": "Rent"}]]})
    sent = await bot.send_message(ALICE.id, "x", reply_markup=markup)
    assert sent.reply_markup is None
    [*_, change] = telegram.changes(ALICE.id)
    assert change.as_json(str)["reply_keyboard"] == [["Rent"]]
    await bot.send_message(ALICE.id, "y", reply_markup=ReplyKeyboardRemove())
    [*_, change] = telegram.changes(ALICE.id)
    assert change.as_json(str)["reply_keyboard"] == []


async def test_a_person_changes_their_language(bot: Bot, telegram: LocalTelegram) -> None:
    telegram.put_user(User(ALICE.id, "Alisa", language_code="ru"))
    telegram.put_user(User(1003, "Carol"))
    assert [user.first_name for user in telegram.users] == ["Alisa", "Bob", "Carol"]
    telegram.send_text(ALICE.id, "/start")
    [update] = await pending(bot)
    assert update.message is not None
    assert update.message.from_user is not None
    assert update.message.from_user.language_code == "ru"
