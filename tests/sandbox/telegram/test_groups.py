"""Groups: what the bot may do in them, what it hears of, and what Telegram refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramRetryAfter,
)
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    ResultChatMemberUnion,
    Update,
)

from sandbox.telegram import (
    CallbackAnswer,
    CallbackSent,
    FloodLimit,
    Group,
    LocalTelegram,
    Membership,
    MessageChange,
    UserCannot,
)
from tests.sandbox.telegram.support import ALICE, BOB, BOT, Clock, picture, serving

TEAM = Group(-1_002_000_000_001, "Team", (ALICE.id, BOB.id))
PLAIN = Group(-4_001, "Plain", (ALICE.id,))
NEW_ID = -1_002_000_000_002
YES = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Yes", callback_data="y")]])


@pytest.fixture(autouse=True)
def groups(telegram: LocalTelegram) -> None:
    for group in (TEAM, PLAIN):
        telegram.put_group(group)


async def updates(bot: Bot) -> list[Update]:
    """What the bot has not seen yet."""
    found = await bot.get_updates(timeout=0)
    if found:
        await bot.get_updates(offset=found[-1].update_id + 1, timeout=0)
    return found


async def test_the_bot_writes_edits_pins_and_deletes_in_a_group(
    bot: Bot, telegram: LocalTelegram
) -> None:
    sent = await bot.send_message(TEAM.id, "Hello", reply_markup=YES)
    assert (sent.chat.id, sent.chat.type, sent.chat.title) == (TEAM.id, "supergroup", "Team")
    photo = await bot.send_photo(TEAM.id, BufferedInputFile(picture(), "a.png"), caption="Look")
    await bot.edit_message_text("Hello again", chat_id=TEAM.id, message_id=sent.message_id)
    await bot.delete_message(TEAM.id, photo.message_id)
    hello, look = telegram.changes(TEAM.id)
    assert isinstance(hello, MessageChange)
    assert isinstance(look, MessageChange)
    assert (hello.text, hello.from_bot, hello.user_id) == ("Hello again", True, None)
    assert look.deleted
    with pytest.raises(TelegramBadRequest, match="not enough rights to manage pinned"):
        await bot.pin_chat_message(TEAM.id, sent.message_id)
    telegram.set_membership(ALICE.id, TEAM.id, Membership.ADMINISTRATOR)
    await bot.pin_chat_message(TEAM.id, sent.message_id)
    chat = await bot.get_chat(TEAM.id)
    assert chat.pinned_message is not None
    assert chat.pinned_message.message_id == sent.message_id
    assert await bot.unpin_chat_message(TEAM.id)
    assert (await bot.get_chat(TEAM.id)).pinned_message is None


async def test_a_button_in_a_group_says_who_pressed_it(bot: Bot, telegram: LocalTelegram) -> None:
    sent = await bot.send_message(TEAM.id, "Really?", reply_markup=YES)
    click = telegram.click(BOB.id, sent.message_id, "Yes", group=TEAM.id)
    assert isinstance(click, CallbackSent)
    [update] = await updates(bot)
    query = update.callback_query
    assert query is not None
    assert query.message is not None
    assert (query.from_user.id, query.message.chat.id) == (BOB.id, TEAM.id)
    await bot.answer_callback_query(query.id, "Noted")
    answer = telegram.changes(TEAM.id)[-1]
    assert isinstance(answer, CallbackAnswer)
    assert (answer.user_id, answer.text) == (BOB.id, "Noted"), "nobody else is shown it"
    with pytest.raises(UserCannot, match="in no group"):
        telegram.click(BOB.id, sent.message_id, "Yes", group=PLAIN.id)


async def test_in_privacy_mode_the_bot_hears_only_what_is_meant_for_it(
    bot: Bot, telegram: LocalTelegram
) -> None:
    sent = await bot.send_message(TEAM.id, "Hello")
    say: Callable[[str], MessageChange] = lambda text: telegram.send_text(  # noqa: E731
        ALICE.id, text, group=TEAM.id
    )
    say("Hi Bob")
    say("/start@another_bot")
    for text in ("/start", f"/start@{BOT.username}"):
        say(text)
    telegram.send_text(BOB.id, "Hello, bot", group=TEAM.id, reply_to=sent.message_id)
    heard = [update.message for update in await updates(bot)]
    assert [message.text if message else None for message in heard] == [
        "/start",
        f"/start@{BOT.username}",
        "Hello, bot",
    ]
    assert not telegram.has_started(BOB.id), "a word in a group opens no private chat"
    telegram.set_membership(ALICE.id, TEAM.id, Membership.ADMINISTRATOR)
    own = say("Hi again")
    telegram.edit_message(ALICE.id, own.message_id, "Hi all", group=TEAM.id)
    joined, written, edited = await updates(bot)
    assert joined.my_chat_member is not None
    status: ResultChatMemberUnion = joined.my_chat_member.new_chat_member
    assert status.status == "administrator"
    assert written.message is not None
    assert edited.edited_message is not None
    with pytest.raises(UserCannot, match="only your own"):
        telegram.edit_message(BOB.id, own.message_id, "No", group=TEAM.id)
    with pytest.raises(UserCannot, match="only your own"):
        telegram.delete_message(BOB.id, own.message_id, group=TEAM.id)
    await bot.delete_message(TEAM.id, own.message_id)


Call = Callable[[Bot, int], Awaitable[object]]
WRITING: list[Call] = [
    lambda bot, chat: bot.send_message(chat, "x"),
    lambda bot, chat: bot.edit_message_text("x", chat_id=chat, message_id=1),
    lambda bot, chat: bot.delete_message(chat, 1),
    lambda bot, chat: bot.send_chat_action(chat, "typing"),
]


async def refusals(bot: Bot, chat: int) -> set[str]:
    """What every way of writing is refused with."""
    found = set()
    for call in WRITING:
        with pytest.raises(TelegramAPIError) as refused:
            await call(bot, chat)
        found.add(refused.value.message)
    return found


async def test_refusals_of_groups_are_telegrams(bot: Bot, telegram: LocalTelegram) -> None:
    assert await refusals(bot, -1_009_999_999_999) == {"Bad Request: chat not found"}
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.get_chat(-5)
    for group, kind in ((TEAM, "supergroup"), (PLAIN, "group")):
        telegram.set_membership(ALICE.id, group.id, Membership.KICKED)
        assert await refusals(bot, group.id) == {f"Forbidden: bot was kicked from the {kind} chat"}
        telegram.set_membership(ALICE.id, group.id, Membership.LEFT)
        assert await refusals(bot, group.id) == {
            f"Forbidden: bot is not a member of the {kind} chat"
        }
    with pytest.raises(TelegramForbiddenError, match="not a member"):
        await bot.get_chat(TEAM.id)
    assert (await bot.get_chat(PLAIN.id)).type == "group", "a plain group can still be read"


async def test_a_plain_group_goes_on_as_a_supergroup(bot: Bot, telegram: LocalTelegram) -> None:
    await bot.send_message(PLAIN.id, "Before")
    telegram.upgrade_group(ALICE.id, PLAIN.id, NEW_ID)
    moved, came = await updates(bot)
    assert moved.message is not None
    assert came.message is not None
    assert (moved.message.chat.id, moved.message.migrate_to_chat_id) == (PLAIN.id, NEW_ID)
    assert (came.message.chat.id, came.message.migrate_from_chat_id) == (NEW_ID, PLAIN.id)
    for call in WRITING:
        with pytest.raises(TelegramMigrateToChat) as refused:
            await call(bot, PLAIN.id)
        assert refused.value.migrate_to_chat_id == NEW_ID
    await bot.send_message(NEW_ID, "After")
    assert [group.id for group in telegram.groups] == [TEAM.id, NEW_ID]
    with pytest.raises(UserCannot, match="went on as"):
        telegram.send_text(ALICE.id, "Anybody here?", group=PLAIN.id)
    with pytest.raises(UserCannot, match="already"):
        telegram.upgrade_group(ALICE.id, NEW_ID, NEW_ID - 1)


@pytest.fixture
async def strict(
    aiogram_session: AiohttpSession, clock: Clock, tmp_path: Path
) -> AsyncIterator[tuple[Bot, LocalTelegram]]:
    """Twenty messages a minute in a group, and what is known outlives a restart."""
    telegram = LocalTelegram(
        BOT,
        [ALICE, BOB],
        groups=[TEAM],
        data_dir=tmp_path,
        clock=clock,
        flood=FloodLimit(per_group=20),
    )
    async with serving(telegram) as url:
        aiogram_session.api = TelegramAPIServer.from_base(url)
        yield Bot(BOT.token, session=aiogram_session), telegram
    telegram.close()


async def test_a_group_takes_twenty_messages_a_minute(
    strict: tuple[Bot, LocalTelegram], clock: Clock
) -> None:
    bot, telegram = strict
    for number in range(20):
        await bot.send_message(TEAM.id, str(number))
        clock.advance(1)
    with pytest.raises(TelegramRetryAfter) as refused:
        await bot.send_message(TEAM.id, "too many")
    assert refused.value.retry_after == 40
    telegram.send_text(ALICE.id, "/start")
    await bot.send_message(ALICE.id, "A person is no group")
    clock.advance(40)
    await bot.send_message(TEAM.id, "now")


async def test_groups_outlive_a_restart(strict: tuple[Bot, LocalTelegram], tmp_path: Path) -> None:
    bot, telegram = strict
    telegram.send_text(BOB.id, "Hi", group=TEAM.id)
    telegram.set_membership(BOB.id, TEAM.id, Membership.KICKED)
    again = LocalTelegram(BOT, [ALICE, BOB], groups=[TEAM], data_dir=tmp_path)
    [group] = again.groups
    assert group.bot is Membership.KICKED
    [said] = again.changes(TEAM.id)
    assert isinstance(said, MessageChange)
    assert (said.user_id, said.text) == (BOB.id, "Hi")
    again.close()
    assert (await bot.me()).username == BOT.username
