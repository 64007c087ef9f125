"""Messages of the bot: what is stored and shown, and what Telegram refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BufferedInputFile,
    CopyTextButton,
    DisabledButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
    MenuButtonCommands,
    MessageEntity,
    ReplyParameters,
)
from aiogram.utils.formatting import Bold, Code, DateTime, Text, TextLink
from aiohttp import ClientSession, FormData

from sandbox.telegram import FloodLimit, LocalTelegram
from tests.sandbox.telegram.support import ALICE, BOB, BOT, Clock, picture, serving


def keyboard(*buttons: InlineKeyboardButton) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[list(buttons)])


def button(text: str = "Go", **fields: Any) -> InlineKeyboardMarkup:
    return keyboard(InlineKeyboardButton(text=text, **fields))


@pytest.fixture
def started(telegram: LocalTelegram) -> LocalTelegram:
    telegram.send_text(ALICE.id, "/start")
    return telegram


async def test_get_me(bot: Bot) -> None:
    me = await bot.get_me()
    assert (me.id, me.is_bot, me.username) == (4242, True, "energy_flash_bot")
    assert me.can_join_groups is True


async def test_a_text_with_formatting_arrives(bot: Bot, started: LocalTelegram) -> None:
    text = Text(
        "Pay ",
        Bold("13.370042"),
        " TRX ⚡ to ",
        Code("TXYZ"),
        " until ",
        DateTime("12:45 UTC", unix_time=1_800_000_900, date_time_format="r"),
        " ",
        TextLink("scan", url="https://tronscan.org"),
    )
    sent = await bot.send_message(ALICE.id, **text.as_kwargs())
    assert sent.from_user is not None
    assert sent.from_user.id == BOT.id
    assert sent.chat.type == "private"
    assert sent.chat.first_name == "Alice"
    [*_, change] = started.changes(ALICE.id)
    shown = change.as_json(str)
    assert shown["text"] == "Pay 13.370042 TRX ⚡ to TXYZ until 12:45 UTC scan"
    assert shown["entities"] == [
        {"offset": 4, "length": 9, "type": "bold"},
        {"offset": 23, "length": 4, "type": "code"},
        {
            "offset": 34,
            "length": 9,
            "type": "date_time",
            "unix_time": 1_800_000_900,
            "date_time_format": "r",
        },
        {"offset": 44, "length": 4, "type": "text_link", "url": "https://tronscan.org/"},
    ]
    assert sent.text == shown["text"]
    assert [entity.type for entity in sent.entities or []] == [
        "bold",
        "code",
        "date_time",
        "text_link",
    ]


async def test_html(bot: Bot, started: LocalTelegram) -> None:
    sent = await bot.send_message(
        ALICE.id,
        '😀 <b>a <i>b</i></b> &lt;&amp; <a href="https://x.org/?a=1&amp;b=2">x</a>'
        ' <tg-time unix="1800000000" format="r">soon</tg-time> <code>T&quot;</code>',
        parse_mode=ParseMode.HTML,
    )
    assert sent.text == '😀 a b <& x soon T"'
    assert [(e.type, e.offset, e.length, e.url) for e in sent.entities or []] == [
        ("bold", 3, 3, None),
        ("italic", 5, 1, None),
        ("text_link", 10, 1, "https://x.org/?a=1&b=2"),
        ("date_time", 12, 4, None),
        ("code", 17, 2, None),
    ]


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("é<script>x</script>", 'Unsupported start tag "script" at byte offset 2'),
        (
            "<b><i>test</b></i>",
            'Unmatched end tag at byte offset 10, expected "</i>", found "</b>"',
        ),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("1 <2", "Unclosed start tag at byte offset 2"),
        (
            "<a href>x</a>",
            'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0',
        ),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ('<a href="x', 'Unclosed start tag "a" at byte offset 0'),
        ("<a href=a$b>x</a>", "Unexpected end of name token at byte offset 8"),
    ],
)
async def test_html_complaints(
    bot: Bot, started: LocalTelegram, source: str, complaint: str
) -> None:
    with pytest.raises(TelegramBadRequest) as refused:
        await bot.send_message(ALICE.id, source, parse_mode=ParseMode.HTML)
    assert refused.value.message == f"Bad Request: can't parse entities: {complaint}"


@pytest.mark.parametrize(
    ("entity", "complaint"),
    [
        (
            MessageEntity(type="bold", offset=100, length=1),
            "entity begins after the end of the text at UTF-16 offset 100",
        ),
        (
            MessageEntity(type="bold", offset=0, length=100),
            (
                "entity beginning at UTF-16 offset 0 ends after the end of the text "
                "at UTF-16 offset 100"
            ),
        ),
        (
            MessageEntity(type="bold", offset=1, length=2),
            "entity begins in a middle of a UTF-16 symbol at byte offset 0",
        ),
        (
            MessageEntity(type="bold", offset=0, length=1),
            (
                "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol "
                "at byte offset 0"
            ),
        ),
        (
            MessageEntity(type="bold", offset=-1, length=1),
            "receive an entity with incorrect offset -1",
        ),
        (
            MessageEntity(type="loud", offset=0, length=1),
            "can't parse MessageEntity: Unsupported type specified",
        ),
        (
            MessageEntity(type="text_link", offset=0, length=2, url="not-a-url"),
            "entity URL 'not-a-url' is invalid: Wrong HTTP URL",
        ),
        (
            MessageEntity(type="text_link", offset=0, length=2),
            "can't parse MessageEntity: Can't find field \"url\"",
        ),
        (
            MessageEntity(type="date_time", offset=0, length=2),
            "can't parse MessageEntity: Can't find field \"unix_time\"",
        ),
        (
            MessageEntity(type="date_time", offset=0, length=2, unix_time=1, date_time_format="rw"),
            "can't parse MessageEntity: Invalid date-time format specified",
        ),
    ],
)
async def test_wrong_entities(
    bot: Bot, started: LocalTelegram, entity: MessageEntity, complaint: str
) -> None:
    with pytest.raises(TelegramBadRequest) as refused:
        await bot.send_message(ALICE.id, "😀bc", entities=[entity])
    assert refused.value.message == f"Bad Request: {complaint}"


async def test_text_limits(bot: Bot, started: LocalTelegram) -> None:
    sent = await bot.send_message(ALICE.id, "😀" * 2048)
    assert sent.text == "😀" * 2048
    for text, complaint in (
        ("x" * 4097, "message is too long"),
        ("😀" * 2048 + "x", "message is too long"),
        ("", "message text is empty"),
        (" \n ", "text must be non-empty"),
    ):
        with pytest.raises(TelegramBadRequest) as refused:
            await bot.send_message(ALICE.id, text)
        assert refused.value.message == f"Bad Request: {complaint}"


async def test_white_space_around_a_text_goes_and_entities_follow(
    bot: Bot, started: LocalTelegram
) -> None:
    sent = await bot.send_message(
        ALICE.id, "  \n hi  there \n", entities=[MessageEntity(type="bold", offset=3, length=4)]
    )
    assert sent.text == "hi  there"
    assert [(e.offset, e.length) for e in sent.entities or []] == [(0, 3)]


async def test_a_chat_exists_only_after_the_person_wrote(bot: Bot, telegram: LocalTelegram) -> None:
    for chat_id in (ALICE.id, 777, -5, "@alice"):
        with pytest.raises(TelegramBadRequest) as refused:
            await bot.send_message(chat_id, "hello")
        assert refused.value.message == "Bad Request: chat not found"
    telegram.send_text(ALICE.id, "hi")
    await bot.send_message(ALICE.id, "hello")
    chat = await bot.get_chat(ALICE.id)
    assert (chat.id, chat.type, chat.username) == (ALICE.id, "private", "alice")
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.get_chat(BOB.id)


async def test_a_person_who_blocked_the_bot_gets_nothing(bot: Bot, started: LocalTelegram) -> None:
    sent = await bot.send_message(ALICE.id, "one")
    started.block(ALICE.id)
    for call in (
        bot.send_message(ALICE.id, "two"),
        bot.send_photo(ALICE.id, BufferedInputFile(picture(), "p.png")),
        bot.send_chat_action(ALICE.id, "typing"),
        bot.edit_message_text("two", chat_id=ALICE.id, message_id=sent.message_id),
    ):
        with pytest.raises(TelegramForbiddenError) as refused:
            await call
        assert refused.value.message == "Forbidden: bot was blocked by the user"
    started.unblock(ALICE.id)
    await bot.send_message(ALICE.id, "two")


async def test_keyboards_are_echoed(bot: Bot, started: LocalTelegram) -> None:
    markup = keyboard(
        InlineKeyboardButton(text="Confirm", callback_data="o:1", style="success"),
        InlineKeyboardButton(text="Copy", copy_text=CopyTextButton(text="13.370042")),
        InlineKeyboardButton(text="Scan", url="https://TRONSCAN.org"),
        InlineKeyboardButton(text="2/7", disabled=DisabledButton()),
    )
    sent = await bot.send_message(ALICE.id, "x", reply_markup=markup)
    assert sent.reply_markup is not None
    [row] = sent.reply_markup.inline_keyboard
    assert [(b.text, b.callback_data, b.url, b.style) for b in row] == [
        ("Confirm", "o:1", None, "success"),
        ("Copy", None, None, None),
        ("Scan", None, "https://tronscan.org/", None),
        ("2/7", None, None, None),
    ]
    assert row[1].copy_text is not None
    assert row[1].copy_text.text == "13.370042"
    assert row[3].disabled is not None


@pytest.mark.parametrize(
    ("markup", "complaint"),
    [
        (button(callback_data="é" * 33), "BUTTON_DATA_INVALID"),
        (button(copy_text=CopyTextButton(text="x" * 257)), "BUTTON_COPY_TEXT_INVALID"),
        (
            button(url="tronlinkoutside://pull.activity"),
            (
                "inline keyboard button URL 'tronlinkoutside://pull.activity' is invalid: "
                "Unsupported URL protocol"
            ),
        ),
        (button(url="nowhere"), "inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL"),
        (
            button(),
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (button(pay=True), "BUTTON_TYPE_INVALID"),
        (
            InlineKeyboardMarkup(
                inline_keyboard=[[InlineKeyboardButton(text="x", callback_data="x")] * 8] * 13
            ),
            "reply markup is too long",
        ),
        (
            button(callback_data="x", style="link"),
            "can't parse inline keyboard button: Invalid button style specified",
        ),
    ],
)
async def test_refused_keyboards(
    bot: Bot, started: LocalTelegram, markup: InlineKeyboardMarkup, complaint: str
) -> None:
    with pytest.raises(TelegramBadRequest) as refused:
        await bot.send_message(ALICE.id, "x", reply_markup=markup)
    assert refused.value.message == f"Bad Request: {complaint}"
    assert len(started.changes(ALICE.id)) == 1


async def test_callback_data_may_have_64_bytes(bot: Bot, started: LocalTelegram) -> None:
    sent = await bot.send_message(ALICE.id, "x", reply_markup=button(callback_data="é" * 32))
    assert sent.reply_markup is not None


async def test_replies_effects_and_previews(bot: Bot, started: LocalTelegram) -> None:
    [asked] = started.changes(ALICE.id)
    sent = await bot.send_message(
        ALICE.id,
        "https://tronscan.org/#/address/T",
        reply_parameters=ReplyParameters(message_id=asked.message_id),
        message_effect_id="5046509860389126442",
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        protect_content=True,
        disable_notification=True,
    )
    assert sent.reply_to_message is not None
    assert sent.reply_to_message.text == "/start"
    assert sent.effect_id == "5046509860389126442"
    assert sent.link_preview_options is not None
    assert sent.link_preview_options.is_disabled is True
    assert sent.has_protected_content is True
    assert [entity.type for entity in sent.entities or []] == ["url"]
    with pytest.raises(TelegramBadRequest, match="message to be replied not found"):
        await bot.send_message(ALICE.id, "x", reply_parameters=ReplyParameters(message_id=999))
    with pytest.raises(TelegramBadRequest, match="EFFECT_ID_INVALID"):
        await bot.send_message(ALICE.id, "x", message_effect_id="1")


async def test_photos(bot: Bot, started: LocalTelegram) -> None:
    sent = await bot.send_photo(
        ALICE.id,
        BufferedInputFile(picture(40, 30), "qr.png"),
        **Text("Pay ", Bold("now")).as_caption_kwargs(),
    )
    assert sent.photo is not None
    [size] = sent.photo
    assert (size.width, size.height) == (40, 30)
    assert sent.caption == "Pay now"
    assert [entity.type for entity in sent.caption_entities or []] == ["bold"]
    again = await bot.send_photo(ALICE.id, size.file_id)
    assert again.photo is not None
    assert again.photo[0].file_id == size.file_id
    file = await bot.get_file(size.file_id)
    content = await bot.download(file)
    assert content is not None
    assert content.read() == picture(40, 30)
    [*_, change] = started.changes(ALICE.id)
    shown = change.as_json(lambda path: f"/files/{path}")
    assert shown["photo_url"] == f"/files/{file.file_path}"
    assert (shown["photo_width"], shown["photo_height"]) == (40, 30)
    assert (shown["caption"], shown["text"]) == ("", None)


async def test_refused_photos(bot: Bot, started: LocalTelegram) -> None:
    def upload(content: bytes) -> BufferedInputFile:
        return BufferedInputFile(content, "p.png")

    for photo, complaint in (
        (upload(b"no picture"), "IMAGE_PROCESS_FAILED"),
        (upload(picture(210, 10)), "PHOTO_INVALID_DIMENSIONS"),
        ("AgAC-unknown", "wrong remote file identifier specified"),
    ):
        with pytest.raises(TelegramBadRequest, match=complaint):
            await bot.send_photo(ALICE.id, photo)
    with pytest.raises(TelegramBadRequest, match="Bad Request: message caption is too long"):
        await bot.send_photo(ALICE.id, upload(picture()), caption="x" * 1025)
    sent = await bot.send_photo(ALICE.id, upload(picture()), caption="x" * 1024)
    assert sent.caption == "x" * 1024


async def test_documents(bot: Bot, started: LocalTelegram) -> None:
    sent = await bot.send_document(ALICE.id, BufferedInputFile(b"a,b\n1,2\n", "report.csv"))
    assert sent.document is not None
    assert (sent.document.file_name, sent.document.file_size) == ("report.csv", 8)
    with pytest.raises(TelegramBadRequest, match="can't use file of type Document as Photo"):
        await bot.send_photo(ALICE.id, sent.document.file_id)


async def test_edits(bot: Bot, started: LocalTelegram, clock: Clock) -> None:
    sent = await bot.send_message(ALICE.id, "one", reply_markup=button(callback_data="a"))
    assert sent.edit_date is None
    clock.advance(5)
    edited = await sent.edit_text("two", reply_markup=button(callback_data="a"))
    assert not isinstance(edited, bool)
    assert (edited.text, edited.edit_date) == ("two", int(clock.now))
    assert edited.date == sent.date
    with pytest.raises(TelegramBadRequest) as refused:
        await sent.edit_text("two", reply_markup=button(callback_data="a"))
    assert refused.value.message == (
        "Bad Request: message is not modified: specified new message content and reply markup "
        "are exactly the same as a current content and reply markup of the message"
    )
    edited = await sent.edit_text("two")
    assert not isinstance(edited, bool)
    assert edited.reply_markup is None
    edited = await sent.edit_reply_markup(reply_markup=button(callback_data="b"))
    assert not isinstance(edited, bool)
    assert edited.reply_markup is not None
    with pytest.raises(TelegramBadRequest, match="there is no caption in the message to edit"):
        await sent.edit_caption(caption="x")


async def test_a_text_becomes_a_photo_and_never_a_text_again(
    bot: Bot, started: LocalTelegram
) -> None:
    sent = await bot.send_message(ALICE.id, "quote", reply_markup=button(callback_data="a"))
    card = await sent.edit_media(
        InputMediaPhoto(media=BufferedInputFile(picture(), "qr.png"), caption="pay"),
        reply_markup=button(callback_data="b"),
    )
    assert not isinstance(card, bool)
    assert (card.text, card.caption, card.message_id) == (None, "pay", sent.message_id)
    assert card.photo is not None
    with pytest.raises(TelegramBadRequest) as refused:
        await card.edit_text("paid")
    assert refused.value.message == "Bad Request: there is no text in the message to edit"
    paid = await card.edit_caption(caption="paid")
    assert not isinstance(paid, bool)
    assert (paid.caption, paid.reply_markup) == ("paid", None)
    assert paid.photo == card.photo
    same = InputMediaPhoto(media=card.photo[0].file_id, caption="paid")
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await card.edit_media(same)
    swapped = await card.edit_media(
        InputMediaPhoto(media=BufferedInputFile(picture(50, 50), "paid.png"), caption="paid")
    )
    assert not isinstance(swapped, bool)
    assert swapped.photo is not None
    assert swapped.photo[0].width == 50
    changes = started.changes(ALICE.id)
    assert [change.message_id for change in changes] == [1, sent.message_id]


async def test_what_cannot_be_edited(bot: Bot, started: LocalTelegram) -> None:
    [asked] = started.changes(ALICE.id)
    with pytest.raises(TelegramBadRequest, match="message can't be edited"):
        await bot.edit_message_text("x", chat_id=ALICE.id, message_id=asked.message_id)
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("x", chat_id=ALICE.id, message_id=999)
    sent = await bot.send_message(ALICE.id, "x")
    started.send_text(BOB.id, "/start")
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("y", chat_id=BOB.id, message_id=sent.message_id)
    started.delete_message(ALICE.id, sent.message_id)
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await sent.edit_text("y")


async def test_deleting(bot: Bot, started: LocalTelegram, clock: Clock) -> None:
    [asked] = started.changes(ALICE.id)
    sent = await bot.send_message(ALICE.id, "x")
    assert await sent.delete() is True
    with pytest.raises(TelegramBadRequest, match="message to delete not found"):
        await sent.delete()
    assert await bot.delete_message(ALICE.id, asked.message_id) is True
    assert [c.as_json(str)["deleted"] for c in started.changes(ALICE.id)] == [True, True]
    old = await bot.send_message(ALICE.id, "y")
    clock.advance(48 * 3600 + 1)
    with pytest.raises(TelegramBadRequest, match="message can't be deleted"):
        await old.delete()


async def test_flood_limit(aiogram_session: AiohttpSession, clock: Clock) -> None:
    telegram = LocalTelegram(
        BOT, [ALICE, BOB], clock=clock, flood=FloodLimit(per_second=0.5, burst=2)
    )
    telegram.send_text(ALICE.id, "/start")
    telegram.send_text(BOB.id, "/start")
    async with serving(telegram) as url:
        aiogram_session.api = TelegramAPIServer.from_base(url)
        bot = Bot(BOT.token, session=aiogram_session)
        first = await bot.send_message(ALICE.id, "1")
        await first.edit_text("one")
        with pytest.raises(TelegramRetryAfter) as refused:
            await bot.send_message(ALICE.id, "3")
        assert refused.value.retry_after == 2
        await bot.send_message(BOB.id, "1")
        clock.advance(2)
        await bot.send_message(ALICE.id, "3")
    telegram.close()


async def test_wrong_tokens_methods_and_paths(base_url: str, bot: Bot) -> None:
    other = Bot("4242:wrong", session=bot.session)
    with pytest.raises(TelegramUnauthorizedError) as refused:
        await other.get_me()
    assert refused.value.message == "Unauthorized"
    async with ClientSession(base_url) as session:
        for path, status, description in (
            (f"/bot{BOT.token}/noSuchMethod", 404, "Not Found: method not found"),
            ("/botnonsense/getMe", 401, "Unauthorized: invalid token specified"),
            ("/elsewhere", 404, "Not Found"),
            (f"/file/bot{BOT.token}/photos/file_9.png", 404, "Not Found"),
        ):
            async with session.get(path) as answer:
                assert answer.status == status
                assert await answer.json() == {
                    "ok": False,
                    "error_code": status,
                    "description": description,
                }


async def test_parameters_may_come_in_any_form(base_url: str, telegram: LocalTelegram) -> None:
    telegram.send_text(ALICE.id, "/start")
    markup = {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}
    as_text = {"chat_id": str(ALICE.id), "text": "hi", "reply_markup": json.dumps(markup)}
    form = FormData()
    form.add_field("chat_id", str(ALICE.id))
    form.add_field("caption", "hi")
    form.add_field("photo", "attach://it")
    form.add_field("it", picture(), filename="p.png")
    path = f"/BOT{BOT.token}/SENDmessage".replace("BOT", "bot", 1)
    async with ClientSession(base_url) as session:
        calls: list[tuple[str, dict[str, Any]]] = [
            (path, {"params": as_text}),
            (path, {"data": as_text}),
            (path, {"json": {"chat_id": ALICE.id, "text": "hi", "reply_markup": markup}}),
            (f"/bot{BOT.token}/sendPhoto", {"data": form}),
        ]
        for where, given in calls:
            async with session.post(where, **given) as answer:
                body = await answer.json()
                assert body["ok"] is True, body
        async with session.post(path, data=b"{", headers={"Content-Type": "application/json"}) as a:
            assert a.status == 400
    assert len(telegram.changes(ALICE.id)) == 5


async def test_profile(bot: Bot, started: LocalTelegram) -> None:
    start = BotCommand(command="start", description="Menu")
    begin = BotCommand(command="start", description="菜单")
    admin = BotCommand(command="admin", description="Run the shop")
    await bot.set_my_commands([start])
    await bot.set_my_commands([begin], BotCommandScopeAllPrivateChats(), "zh")
    await bot.set_my_commands([start, admin], BotCommandScopeChat(chat_id=ALICE.id))
    assert [c.description for c in await bot.get_my_commands()] == ["Menu"]
    assert await bot.get_my_commands(language_code="zh") == []
    assert [c["command"] for c in started.commands_shown(ALICE.id)] == ["start", "admin"]
    assert [c["description"] for c in started.commands_shown(BOB.id)] == ["菜单"]
    await bot.delete_my_commands(BotCommandScopeChat(chat_id=ALICE.id))
    assert [c["command"] for c in started.commands_shown(ALICE.id)] == ["start"]
    for call, complaint in (
        (bot.set_my_commands([start], BotCommandScopeChat(chat_id=BOB.id)), "chat not found"),
        (bot.set_my_commands([start], language_code="zh-hans"), "invalid language code specified"),
        (
            bot.set_my_commands([BotCommand(command="Start!", description="x")]),
            "BOT_COMMAND_INVALID",
        ),
    ):
        with pytest.raises(TelegramBadRequest, match=complaint):
            await call
    await bot.set_my_description("Rent energy")
    await bot.set_my_short_description("能量", language_code="zh")
    assert (await bot.get_my_description(language_code="ru")).description == "Rent energy"
    assert (await bot.get_my_short_description(language_code="zh")).short_description == "能量"
    await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
    assert (await bot.get_chat_menu_button()).type == "commands"
