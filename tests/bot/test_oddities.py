"""What nobody expects still gets a sensible answer, in the reader's language."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from aiogram.types import Update

from bot.middlewares import Once
from bot.texts import all_texts
from sandbox.telegram import Fault, FaultKind
from services.customers import Language
from tests.bot.people import (
    ANN,
    IVAN,
    WEI,
    Person,
    World,
    data_of,
    labels,
    order_something,
    words,
)
from tests.support.shop import address

ALL_TEXTS = all_texts("https://tronscan.org/#")
TEXTS = ALL_TEXTS[Language.EN]
GROUP = {"id": -1001, "type": "supergroup", "title": "Traders"}


async def test_pictures_are_answered(world: World, ann: Person) -> None:
    photo = (await order_something(ann)).media_path
    assert photo is not None
    stored = world.telegram.file_content(photo)
    assert stored is not None
    world.telegram.send_photo(ANN.id, stored[1])
    await world.settle()
    assert words(ann.newest) == TEXTS.words_only().render()[0]
    world.telegram.send_document(ANN.id, b"%PDF", "contract.pdf")
    await world.settle()
    assert words(ann.newest) == TEXTS.words_only().render()[0]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("sticker", {"file_id": "s", "file_unique_id": "u", "width": 9, "height": 9,
                     "is_animated": False, "is_video": False, "type": "regular"}),
        ("voice", {"file_id": "v", "file_unique_id": "u", "duration": 3}),
        ("location", {"latitude": 1.5, "longitude": 2.5}),
        ("contact", {"phone_number": "+1", "first_name": "Ann"}),
        ("dice", {"emoji": "🎲", "value": 6}),
    ],
)  # fmt: skip
async def test_whatever_is_no_text_is_answered(
    world: World, ann: Person, kind: str, content: dict[str, Any]
) -> None:
    await ann.says("/rent")
    await world.deliver("message", message_of(ANN, **{kind: content}))
    assert words(ann.newest) == TEXTS.words_only().render()[0]
    looked = await ann.says(address("ann"))
    assert "Who will receive" in words(looked), "the question still stands"


async def test_telegrams_own_notes_are_left_alone(world: World, ann: Person) -> None:
    menu = await ann.says("/start")
    await world.deliver("message", message_of(ANN, delete_chat_photo=True))
    assert ann.shown == [menu]


async def test_unknown_words_and_commands(ann: Person) -> None:
    assert words(await ann.says("hello?")) == TEXTS.not_understood().render()[0]
    assert TEXTS.rent_button in labels(ann.newest)
    assert words(await ann.says("/frobnicate")) == TEXTS.command_unknown().render()[0]
    assert words(await ann.says("/admin")) == TEXTS.command_unknown().render()[0]
    assert words(await ann.says("💸")) == TEXTS.not_understood().render()[0]


async def test_a_transaction_id_needs_no_support(ann: Person) -> None:
    await ann.says("/rent")
    assert "looks like a transaction id" in words(await ann.says("ab" * 32))
    assert "private key" in words(ann.newest)


async def test_a_seed_phrase_is_warned_about(ann: Person) -> None:
    phrase = "army van defense carry jealous true garbage claim echo media make crunch"
    assert "delete the message now" in words(await ann.says(phrase))


async def test_every_place_of_the_menu(ann: Person) -> None:
    menu = await ann.says("/start")
    assert "How it works" in words(await ann.taps("Help"))
    assert "Energy Flash" in words(await ann.taps("‹ Back"))
    assert "No orders yet" in words(await ann.taps("My orders"))
    assert "Energy Flash" in words(await ann.taps("‹ Back"))
    assert "Which language" in words(await ann.taps("Language"))
    assert "Energy Flash" in words(await ann.taps("‹ Back"))
    assert ann.newest.message_id == menu.message_id
    assert all(answer.text is None for answer in ann.answers)


async def test_an_outdated_button_is_answered(world: World, ann: Person) -> None:
    menu = await ann.says("/start")
    for data in (
        "",
        "x",
        "g:nowhere",
        "o:12:o",
        "q:zz:1",
        "l:fr",
        "p:many",
        "z:1:2:3",
        "\U0001f4b8",
    ):
        if data:
            await ann.taps_forged(menu.message_id, data)
            assert ann.toast == TEXTS.button_outdated, data
    assert ann.shown == [menu]


async def test_a_forged_address_is_checked_like_a_typed_one(world: World, ann: Person) -> None:
    menu = await ann.says("/start")
    await ann.taps_forged(menu.message_id, f"a:{address('ann')[:-1]}")
    assert "33 characters" in words(ann.newest)


async def test_a_button_under_a_message_too_old_to_touch(world: World, ann: Person) -> None:
    """Telegram then sends only the id of the message, and a date of 0."""
    await ann.says("/start")
    query = {
        "id": "1",
        "from": ANN.as_json(),
        "chat_instance": "1",
        "message": {"message_id": 123_456, "chat": ANN.as_chat(), "date": 0},
    }
    await world.deliver("callback_query", query | {"data": "g:h"})
    assert "How it works" in words(ann.newest)
    assert ann.newest.message_id != 123_456
    await order_something(ann)
    order = (await world.shop.services.orders.page(ANN.id, 1)).orders[0]
    await world.deliver("callback_query", query | {"id": "2", "data": f"o:{order.id.hex}:r"})
    assert words(ann.newest).startswith("Send exactly")


async def test_a_button_that_was_tapped_long_ago(world: World, ann: Person) -> None:
    """Its query has lapsed when the bot comes back: the deed still counts."""
    await order_something(ann)
    clock = world.telegram.clock
    ann.press(TEXTS.cancel_order_button)
    world.telegram.clock = world.telegram.bot_side._clock = lambda: clock() + 3600
    await world.settle()
    assert words(ann.newest).startswith("🚫 Cancelled")


async def test_an_update_that_comes_twice_is_handled_once(world: World, ann: Person) -> None:
    world.telegram.faults.add(Fault(FaultKind.UPDATE_DOUBLED))
    await ann.says("/start")
    assert len(ann.shown) == 1
    update = {"update_id": 77, "message": message_of(ANN, text="/start")}
    for _ in range(3):
        await world.dispatcher.feed_raw_update(world.bot, update)
    assert len(ann.shown) == 2


async def test_an_update_that_comes_twice_at_once_is_handled_once(
    world: World, ann: Person
) -> None:
    await ann.says("/start")
    update = {"update_id": 78, "message": message_of(ANN, text="/help")}
    await asyncio.gather(*(world.dispatcher.feed_raw_update(world.bot, update) for _ in range(3)))
    assert len(ann.shown) == 2


async def test_an_update_that_a_killed_process_began_is_handled(world: World) -> None:
    once, after_restart = Once(world.redis), Once(world.redis)
    handled: list[str] = []
    begun = asyncio.Event()

    async def killed(event: object, data: dict[str, Any]) -> None:
        begun.set()
        await asyncio.Event().wait()

    async def handler(event: object, data: dict[str, Any]) -> None:
        handled.append("done")

    update = Update(update_id=5)
    task = asyncio.create_task(once(killed, update, {"bot": world.bot}))
    await begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    for _ in range(3):
        await after_restart(handler, update, {"bot": world.bot})
    assert handled == ["done"]


async def test_a_flood_is_slowed_down_kindly(world: World, ann: Person, ben: Person) -> None:
    menu = await ann.says("/start")
    for _ in range(60):
        ann.press("Help", menu.message_id)
    await world.settle()
    assert TEXTS.too_fast in [answer.text for answer in ann.answers]
    assert "Energy Flash" in words(await ben.says("/start")), "others are not slowed down"


async def test_groups_are_told_once_asked(world: World) -> None:
    sent = world.telegram.faults
    for text in ("just talking", "/start@another_bot", address("ann")):
        await world.deliver("message", message_of(ANN, chat=GROUP, text=text))
    # A group is unknown to the local Telegram: an answer would be refused, and fail the test.
    assert not sent.waiting


async def test_a_command_in_a_group_is_answered_politely(
    world: World, failures_expected: pytest.LogCaptureFixture
) -> None:
    await world.deliver("message", message_of(ANN, chat=GROUP, text="/start"))
    await world.deliver("message", message_of(ANN, chat=GROUP, text="/start@energy_flash_bot"))
    refused = [record for record in failures_expected.records if "failed" in record.getMessage()]
    assert len(refused) == 2, "both were answered, which the local Telegram refuses for a group"
    assert all("chat not found" in str(record.exc_info) for record in refused)


async def test_banned_people_are_told_and_can_do_nothing(world: World, ann: Person) -> None:
    looked = await ann.says(address("ann"))
    async with world.shop.database.transaction() as tx:
        await tx.connection.execute("UPDATE users SET banned_at = now() WHERE id = $1", ANN.id)
    assert words(await ann.says("/rent")) == TEXTS.banned()
    await ann.tap(data_of(looked)[0])
    assert ann.toast == TEXTS.banned()
    assert ann.answers[-1].show_alert
    assert ann.message(looked.message_id) == looked


async def test_who_blocks_the_bot_is_remembered(world: World, ann: Person) -> None:
    await ann.says("/start")
    for blocked in (True, False):
        (world.telegram.block if blocked else world.telegram.unblock)(ANN.id)
        await world.settle()
        async with world.shop.database.transaction() as tx:
            row = await tx.connection.fetchrow("SELECT * FROM users WHERE id = $1", ANN.id)
        assert row is not None
        assert (row["blocked_at"] is not None) is blocked


@pytest.mark.parametrize("language", list(Language))
async def test_a_failure_is_one_kind_sentence_with_a_reference(
    world: World, failures_expected: pytest.LogCaptureFixture, language: Language
) -> None:
    user = {Language.EN: ANN, Language.ZH: WEI, Language.RU: IVAN}[language]
    person = world.person(user)
    menu = await person.says("/start")
    async with world.shop.database.transaction() as tx:
        await tx.connection.execute("ALTER TABLE price_configs RENAME TO lost")
    said = words(await person.says("/start"))
    assert said == ALL_TEXTS[language].trouble(reference_in(said))
    record = next(r for r in failures_expected.records if reference_in(said) in r.getMessage())
    assert record.exc_info is not None
    assert "price_configs" in str(record.exc_info[1])

    await person.tap(data_of(menu)[-1], menu.message_id)
    help_page = person.message(menu.message_id)
    await person.tap(data_of(help_page)[-1], menu.message_id)
    toast = person.toast
    assert toast == ALL_TEXTS[language].trouble(reference_in(toast or ""))
    assert person.answers[-1].show_alert


def reference_in(said: str) -> str:
    found = re.search("[0-9A-F]{6}", said)
    assert found is not None, said
    return found[0]


async def test_a_failure_after_the_tap_was_answered(
    world: World, ann: Person, failures_expected: pytest.LogCaptureFixture
) -> None:
    await ann.says(address("ann"))
    await ann.taps(TEXTS.holder_button)
    asked = await ann.taps("1")
    async with world.shop.database.transaction() as tx:
        await tx.connection.execute("ALTER TABLE quotes RENAME TO lost")
    said = words(await ann.taps("1 hour"))
    assert said == TEXTS.trouble(reference_in(said))
    assert ann.message(asked.message_id).keyboard == asked.keyboard, "it can be tapped again"
    async with world.shop.database.transaction() as tx:
        await tx.connection.execute("ALTER TABLE lost RENAME TO quotes")
    await ann.taps("1 hour", asked.message_id)
    assert "for 1 transfer, 1 hour" in words(ann.message(asked.message_id))


async def test_languages(world: World) -> None:
    expected = {ANN: TEXTS, WEI: ALL_TEXTS[Language.ZH], IVAN: ALL_TEXTS[Language.RU]}
    for user, texts in expected.items():
        assert texts.rent_button in labels(await world.person(user).says("/start"))


async def test_a_chosen_language_is_remembered(world: World) -> None:
    wei = world.person(WEI)
    await wei.says("/language")
    menu = await wei.taps("Русский")
    russian = ALL_TEXTS[Language.RU]
    assert labels(menu)[0] == russian.rent_button
    assert wei.toast == russian.language_chosen
    assert words(await wei.says("/help")) == russian.help(address("payments")).render()[0]
    customer = await world.shop.services.customers.greet(
        WEI.id, language_code="en", first_name="x", username=None
    )
    assert customer.language is Language.RU


async def test_news_come_in_the_language_chosen_last(world: World, ann: Person) -> None:
    card = await order_something(ann)
    await ann.says("/language")
    await ann.taps("中文")
    world.shop.pay((await world.shop.services.orders.page(ANN.id, 1)).orders[0])
    await world.block()
    assert words(ann.message(card.message_id)).startswith("👀 已看到您的付款")


async def test_the_operator_sees_how_things_are(
    world: World, ann: Person, operator: Person
) -> None:
    assert "All is well" in words(await operator.says("/admin"))
    said = words(await operator.says("/held"))
    assert "All messages are out." in said
    assert "No payment is held." in said

    await order_something(ann)
    order = (await world.shop.services.orders.page(ANN.id, 1)).orders[0]
    world.shop.pay(order)
    world.shop.pay(order, "ben")
    await world.block(2)
    assert "All messages are out." in words(operator.newest), "its customer is asked first"
    said = words(await operator.says("/held"))
    assert "Held: 1 payment" in said
    assert f"order #{order.number}" in said
    held = words(await operator.taps("#2: 2.83 TRX"))
    assert held.startswith("💰 Payment held")
    assert f"order #{order.number}" in held
    assert f"User {ANN.id} was asked" in held


async def test_no_one_is_left_waiting_at_a_button(world: World, ann: Person) -> None:
    """Whatever is tapped is answered, or its button would spin for a minute."""
    card = await order_something(ann)
    menu = await ann.says("/start")
    tapped = 0
    for message in (card, menu):
        for data in data_of(message):
            await ann.taps_forged(message.message_id, data)
            tapped += 1
    assert len(ann.answers) >= tapped


def message_of(user: Any, *, chat: dict[str, Any] | None = None, **content: Any) -> dict[str, Any]:
    if "text" in content and content["text"].startswith("/"):
        length = len(content["text"].split()[0])
        content["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
    return {
        "message_id": 90_000,
        "date": 1_800_000_000,
        "from": user.as_json(),
        "chat": chat or user.as_chat(),
        **content,
    }
