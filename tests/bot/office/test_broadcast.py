"""Broadcasts: written, aimed, sent once to each, stopped at any moment, and gone on with."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.broadcasting import BroadcastSender
from bot.session import session_of
from bot.texts.office.broadcast import bar
from db.database import Database
from sandbox.telegram import Fault, FaultKind, MessageChange
from sandbox.telegram.entities import Entity
from services.acts import Acts
from services.broadcasts import Activity, Broadcast, Broadcasts, BroadcastState
from services.customers import Language
from tests.bot.people import (
    ANN,
    BEN,
    IVAN,
    OPERATOR,
    WEI,
    Person,
    World,
    entity_texts,
    labels,
    order_something,
    words,
)
from tests.bot.samples import TEXTS
from tests.sandbox.telegram.support import picture
from tests.support.shop import Shop

ENGLISH = TEXTS[Language.EN]
TEXT = ENGLISH.office.broadcast
COMMON = ENGLISH.office.common
NEWS = "New prices from Monday"


def sender_of(world: World, broadcasts: Broadcasts | None = None) -> BroadcastSender:
    """A sender that has just been started."""
    return BroadcastSender(
        world.bot,
        broadcasts=broadcasts or world.shop.services.broadcasts,
        explorer_url=world.shop.settings.tron.explorer_url,
        per_second=1_000,
        progress_seconds=0,
    )


async def everybody(world: World) -> list[Person]:
    """The operator, Ann, Ben, Wei and Ivan have started the bot."""
    people = [world.person(user) for user in (OPERATOR, ANN, BEN, WEI, IVAN)]
    for person in people:
        await person.says("/start")
    return people


async def compose(operator: Person, text: str = NEWS) -> int:
    """Write a broadcast; the message that asks for whom it is."""
    await operator.says("/broadcast")
    await operator.taps(TEXT.new_button)
    operator.telegram.send_text(operator.user.id, text, entities=[Entity("bold", 0, 3)])
    await operator.world.settle()
    return operator.newest.message_id


async def start(operator: Person) -> int:
    """From the draft to the message that shows how far it is."""
    send = next(label for label in labels(operator.newest) if label.startswith("Send to"))
    await operator.taps(send)
    await operator.taps(COMMON.do_it_button)
    return operator.newest.message_id


def times(person: Person, text: str = NEWS) -> int:
    return sum(words(message) == text for message in person.shown)


async def only(shop: Shop) -> Broadcast:
    (broadcast,), _ = await shop.services.broadcasts.earlier(10)
    return broadcast


async def due(world: World) -> None:
    """Whatever waits for its time is due, and Telegram's pauses are over."""
    session_of(world.bot).flood._closed_until = 0
    async with world.shop.database.transaction() as tx:
        await tx.connection.execute("UPDATE broadcast_recipients SET next_attempt_at = now()")


@given(st.integers(min_value=1, max_value=10**6), st.data())
def test_a_bar_is_full_only_when_all_is_done(of: int, data: st.DataObject) -> None:
    done = data.draw(st.integers(min_value=0, max_value=of))
    drawn = bar(done, of)
    assert len(drawn) == len(bar(0, of))
    assert ("░" not in drawn) == (done == of)
    assert ("█" not in drawn) == (done == 0)


async def test_what_is_written_arrives_as_it_is_with_everybody_once(
    world: World, operator: Person
) -> None:
    people = await everybody(world)
    draft = await compose(operator)
    preview = operator.shown[-2]
    assert (words(preview), entity_texts(preview, "bold")) == (NEWS, ["New"])
    assert "5 people" in words(operator.newest)

    await operator.taps("Chinese", draft)
    assert "1 person" in words(operator.newest)
    await operator.taps("All languages", draft)
    await operator.taps(TEXT.preview_button, draft)
    assert words(operator.newest) == NEWS
    sure = await operator.taps(TEXT.send_button(5), draft)
    assert operator.message(draft) != sure
    assert "Send it to 5 people?" in words(operator.message(draft))
    await operator.taps(COMMON.do_it_button)
    assert "0/5" in words(operator.message(draft))

    assert await sender_of(world).send_due() == 5
    assert await sender_of(world).send_due() == 0
    for person in people[1:]:
        assert times(person) == 1
        assert entity_texts(person.newest, "bold") == ["New"]
    done = words(operator.message(draft))
    assert "█" * 20 + " 5/5" in done
    assert "Delivered: 5" in done
    assert labels(operator.message(draft)) == [COMMON.back_button]
    listed = await operator.says("/broadcast")
    assert "5/5" in labels(listed)[1]
    assert "Delivered: 5" in words(await operator.taps(labels(listed)[1]))


async def test_a_picture_and_what_nobody_can_be_sent(world: World, operator: Person) -> None:
    people = await everybody(world)
    await operator.says("/broadcast")
    await operator.taps(TEXT.new_button)
    written = operator.telegram.send_photo(OPERATOR.id, picture(), "#sale")
    # It is gone before the bot could copy it: the question is still open.
    operator.telegram.delete_message(OPERATOR.id, written.message_id)
    await world.settle()
    assert TEXT._cannot_copy in words(operator.newest)
    operator.telegram.send_photo(OPERATOR.id, picture(), "#sale")
    await world.settle()
    await start(operator)
    await sender_of(world).send_due()
    for person in people[1:]:
        assert (person.newest.media_kind, words(person.newest)) == ("photo", "#sale")


async def test_it_is_for_those_it_was_aimed_at(world: World, operator: Person) -> None:
    people = await everybody(world)
    shop = world.shop
    ann, ben = people[1:3]
    await order_something(ann)
    shop.pay((await shop.services.orders.page(ANN.id, 1)).orders[0])
    await world.block(3)
    async with shop.database.transaction() as tx:
        await tx.connection.execute(
            "UPDATE users SET seen_at = now() - interval '31 days' WHERE id = $1", BEN.id
        )
    draft = await compose(operator)
    found = {}
    for activity in Activity:
        if activity is not Activity.ALL:
            await operator.taps(TEXT.activity_button(activity, chosen=False), draft)
        shown = await shop.services.broadcasts.look(1)
        assert shown is not None
        found[activity] = shown.people
    assert found == {
        Activity.ALL: 5,
        Activity.LATELY: 4,
        Activity.PAID: 1,
        Activity.NEVER_PAID: 4,
    }
    await operator.taps(TEXT.activity_button(Activity.PAID, chosen=False), draft)
    await operator.taps("Russian", draft)
    assert not any(label.startswith("Send to") for label in labels(operator.message(draft)))
    await operator.taps("English", draft)
    await start(operator)
    await ben.says("/start")
    await sender_of(world).send_due()
    assert [times(person) for person in people[1:]] == [1, 0, 0, 0]

    # Who comes back is there again.
    async with shop.database.transaction() as tx:
        assert await tx.broadcasts.audience(None, Activity.LATELY) == 5


async def test_who_blocked_the_bot_is_counted_and_not_asked_again(
    world: World, operator: Person
) -> None:
    await everybody(world)
    shop = world.shop
    async with shop.database.transaction() as tx:
        await tx.connection.execute("UPDATE users SET banned_at = now() WHERE id = $1", IVAN.id)
    # Telegram has forgotten them.
    await shop.services.customers.greet(4711, language_code="ru", first_name="Eve", username=None)
    await compose(operator)
    await start(operator)
    world.telegram.block(BEN.id)
    await sender_of(world).send_due()
    broadcast = await only(shop)
    assert (broadcast.people, broadcast.delivered, broadcast.blocked, broadcast.failed) == (
        (5, 3, 1, 1)
    )
    assert broadcast.state is BroadcastState.DONE
    ben = await shop.services.people.look(BEN.id)
    assert ben is not None
    assert ben.blocked_at is not None
    async with shop.database.transaction() as tx:
        assert await tx.broadcasts.audience(None, Activity.ALL) == 4


async def test_a_pause_goes_on_after_a_restart(world: World, operator: Person) -> None:
    people = await everybody(world)
    shop = world.shop
    await compose(operator)
    progress = await start(operator)
    # Telegram wants a pause after the first.
    world.telegram.faults.add(
        Fault(FaultKind.TOO_MANY_REQUESTS, method="copyMessage", chat_id=ANN.id, retry_after=30)
    )
    first = sender_of(world)
    sent = await first.send_due()
    assert sent < 5
    await operator.taps(TEXT.pause_button, progress)
    await due(world)
    assert await first.send_due() == 0
    assert f"{sent}/5" in words(operator.message(progress))
    assert TEXT.go_on_button in labels(operator.message(progress))

    second = sender_of(world)
    assert await second.send_due() == 0
    await operator.taps(TEXT.go_on_button, progress)
    assert sent + await second.send_due() == 5
    assert [times(person) for person in people[1:]] == [1, 1, 1, 1]
    assert (await only(shop)).state is BroadcastState.DONE
    async with shop.database.transaction() as tx:
        rows = await tx.connection.fetch("SELECT act, subject FROM audit_log ORDER BY id")
    assert [tuple(row) for row in rows] == [
        ("broadcast", "broadcast 1"),
        ("pause_broadcast", "broadcast 1"),
        ("go_on_broadcast", "broadcast 1"),
    ]


async def test_cancelling_pauses_at_once_and_ends_for_good(world: World, operator: Person) -> None:
    people = await everybody(world)
    await compose(operator)
    progress = await start(operator)
    await operator.taps(TEXT.cancel_button, progress)
    assert "5 will not get it" in words(operator.message(progress))
    sender = sender_of(world)
    assert await sender.send_due() == 0, "nobody gets it while somebody thinks about it"
    assert "5 will not get it" in words(operator.message(progress)), "nothing wrote over it"
    await operator.taps(COMMON.do_it_button, progress)
    assert await sender.send_due() == 0
    assert [times(person) for person in people[1:]] == [0, 0, 0, 0]
    assert (await only(world.shop)).state is BroadcastState.CANCELLED
    assert labels(operator.message(progress)) == [COMMON.back_button]


async def test_news_about_orders_go_first(world: World, operator: Person, ann: Person) -> None:
    await everybody(world)
    await order_something(ann)
    await compose(operator)
    await start(operator)
    world.shop.pay((await world.shop.services.orders.page(ANN.id, 1)).orders[0])
    await world.shop.block(3)
    sender = sender_of(world)
    assert await sender.send_due() == 0
    await world.sender.send_due()
    assert await sender.send_due() == 5


async def test_a_killed_process_leaves_nobody_out(
    world: World, operator: Person, database: str
) -> None:
    """Whom it was writing to is due at once; what it had not recorded may come twice."""
    people = await everybody(world)
    shop = world.shop
    await compose(operator)
    await start(operator)
    async with Database(database, connections=1) as doomed:
        claimed = await Broadcasts(doomed, Acts(doomed)).claim(2)
        assert len(claimed) == 2
        # Telegram has taken the first, and then it died.
        await world.bot.copy_message(
            claimed[0].user_id, claimed[0].from_chat_id, claimed[0].message_id
        )
        assert await sender_of(world).send_due() == 3, "it lives: theirs are not taken away"
        assert (await only(shop)).state is BroadcastState.SENDING
    sender, sent = sender_of(world), 0
    async with asyncio.timeout(10):
        while not sent:
            sent = await sender.send_due()
            await asyncio.sleep(0.01)  # until PostgreSQL has noticed
    assert sent == 2
    for person in people[1:]:
        twice = person.user.id == claimed[0].user_id
        assert times(person) == (2 if twice else 1)
    assert (await only(shop)).delivered == 5


async def test_a_sender_that_is_cut_off_anywhere_is_gone_on_with(
    world: World, operator: Person
) -> None:
    people = await everybody(world)
    await compose(operator)
    await start(operator)
    for moment in range(12):
        doomed = asyncio.create_task(sender_of(world).send_due())
        await asyncio.sleep(moment * 0.004)
        doomed.cancel()
        await asyncio.gather(doomed, return_exceptions=True)
        await due(world)
    await sender_of(world).send_due()
    broadcast = await only(world.shop)
    assert (broadcast.delivered, broadcast.remaining) == (5, 0)
    assert broadcast.state is BroadcastState.DONE
    assert all(times(person) >= 1 for person in people[1:])


async def test_without_its_message_it_pauses_and_says_so(world: World, operator: Person) -> None:
    await everybody(world)
    await compose(operator)
    progress = await start(operator)
    written = next(
        change
        for change in world.telegram.changes(OPERATOR.id)
        if isinstance(change, MessageChange) and change.text == NEWS and not change.from_bot
    )
    world.telegram.delete_message(OPERATOR.id, written.message_id)
    assert await sender_of(world).send_due() == 0
    broadcast = await only(world.shop)
    assert (broadcast.state, broadcast.remaining) == (BroadcastState.PAUSED, 5)
    assert TEXT._message_gone in words(operator.message(progress))


@pytest.mark.parametrize("kind", [FaultKind.SERVER_ERROR, FaultKind.ANSWER_LOST])
async def test_trouble_at_telegram_passes_for_a_broadcast(
    world: World, operator: Person, kind: FaultKind
) -> None:
    people = await everybody(world)
    await compose(operator)
    await start(operator)
    world.telegram.faults.add(Fault(kind, method="copyMessage", chat_id=BEN.id))
    sender = sender_of(world)
    assert await sender.send_due() == 4
    await due(world)
    assert await sender.send_due() == 1
    assert all(times(person) >= 1 for person in people[1:])
    assert (await only(world.shop)).failed == 0


async def test_a_stopped_sender_begins_nothing(world: World, operator: Person) -> None:
    await everybody(world)
    await compose(operator)
    await start(operator)
    sender = sender_of(world)
    sender.stop()
    assert await sender.send_due() == 0
    assert (await only(world.shop)).remaining == 5
