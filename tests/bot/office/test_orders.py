"""Orders in the office: found by anything, seen whole, and helped along, as a person would."""

from __future__ import annotations

from services.acts import ActFault
from services.customers import Language
from services.order_search import PAGE_SIZE
from services.order_views import OrderView, Stage
from tests.bot.people import ANN, Person, World, data_of, labels, order_something, words
from tests.bot.samples import TEXTS
from tests.support.shop import address

ENGLISH = TEXTS[Language.EN].office


async def a_rental(world: World, ann: Person) -> OrderView:
    await order_something(ann)
    order = (await world.shop.services.orders.page(ANN.id, 1)).orders[0]
    world.shop.pay(order)
    await world.block(3)
    return await world.shop.look(order)


async def test_what_is_found_has_pages(world: World, operator: Person) -> None:
    """The ninth order that an address had was out of reach."""
    numbers = []
    for _ in range(PAGE_SIZE + 1):
        order = await world.shop.order()
        await world.shop.services.orders.cancel(ANN.id, order.id)
        numbers.append(order.number)
    for typed in (address("ann"), str(ANN.id)):
        first = await operator.says(f"/find {typed}")
        assert f"#{numbers[-1]}" in words(first)
        assert f"#{numbers[0]}" not in words(first)
        second = await operator.taps("›")
        assert f"#{numbers[0]}" in words(second)
        assert "2 / 2" in labels(second)
        assert f"#{numbers[-1]}" in words(await operator.taps("‹"))


async def test_an_order_is_found_by_whatever_names_it(
    world: World, ann: Person, operator: Person
) -> None:
    order = await a_rental(world, ann)
    assert order.payment_txid
    for typed in (
        f"#{order.number}",
        str(order.number),
        str(order.id),
        order.payment_txid,
        order.delegation_txids[0],
        order.recipient,
        str(ANN.id),
        "@ANN",
    ):
        card = words(await operator.says(f"/find {typed}"))
        assert card.startswith(f"Order #{order.number} · runs"), typed
        assert str(order.id) in card
        assert f"Customer {ANN.id} @ann" in card
    for typed in ("4242", "@nobody", "ab" * 32, address("ben"), "what?"):
        said = words(await operator.says(f"/find {typed}"))
        assert said.startswith("I found no such order."), typed
    await order_something(ann)
    assert words(await operator.says("/find @ann")).startswith("Found, the newest first")
    assert [label for label in labels(operator.newest) if label.startswith("#")] == [
        "#1002 · unpaid · 2.83 TRX",
        "#1001 · runs · 2.83 TRX",
    ]
    asked = await operator.says("/find")
    assert words(asked).startswith("What do you look for?")
    assert words(await operator.says("1002")).startswith("Order #1002 · unpaid")


async def test_the_room_lists_orders_and_each_tells_its_story(
    world: World, ann: Person, operator: Person
) -> None:
    await operator.says("/admin")
    assert "There is no order yet." in words(await operator.taps("Orders"))
    order = await a_rental(world, ann)
    await operator.taps("‹ Back")
    await operator.taps("Orders")
    card = await operator.taps(f"#{order.number} · runs · 2.83 TRX")
    assert words(card).startswith(f"Order #{order.number} · runs")
    story = words(await operator.taps("Time line"))
    while "›" in labels(operator.newest):
        story += words(await operator.taps("›"))
    for said in (
        "Ordered · ",
        "delivered for",
        "in a block",
        "orders → revenue",
        "delivered · sent",
    ):
        assert said in story, (said, story)
    await operator.taps("‹ Back")
    assert words(operator.newest) == words(card)
    await operator.taps("‹ Back")
    assert words(operator.newest).startswith("Orders, the newest first")


async def test_time_is_given_and_the_rental_ended_each_for_a_reason_and_once(
    world: World, ann: Person, operator: Person
) -> None:
    order = await a_rental(world, ann)
    await operator.says(f"/find {order.number}")
    await operator.taps("More time for nothing…")
    again = words(await operator.says("a lot"))
    assert again == words(await operator.says("0"))
    assert "from 1 to 720" in again
    why = words(await operator.says("6 hours"))
    assert why.startswith(f"Give order #{order.number} 6 hours more for nothing?")
    sure = await operator.says("It came late")
    assert words(sure).endswith("Why: It came late")
    confirm = data_of(sure)[0]
    done = await operator.taps("Yes, do it")
    assert words(done).startswith("✅ Done.")
    await operator.taps_forged(done.message_id, confirm)
    assert operator.toast == TEXTS[Language.EN].office.common.act_refused(ActFault.GONE)
    longer = await world.shop.look(order)
    assert order.expires_at is not None
    assert longer.expires_at is not None
    assert (longer.expires_at - order.expires_at).total_seconds() == 6 * 3600
    await operator.says(f"/find {order.number}")
    await operator.taps("End now, nothing back")
    assert "Nothing is credited for it." in words(operator.newest)
    await operator.says("They asked for it")
    await operator.taps("Yes, do it")
    await world.block(4)
    assert (await world.shop.look(order)).stage is Stage.ENDED
    assert await world.shop.balance() == 0
    await operator.says(f"/find {order.number}")
    assert "More time for nothing…" not in labels(operator.newest)
    await operator.taps("Time line")
    story = ""
    for _ in range(4):
        story += words(operator.newest)
        if "›" not in labels(operator.newest):
            break
        await operator.taps("›")
    assert "time given" in story
    assert "It came late" in story


async def test_what_became_impossible_meanwhile_is_not_done(
    world: World, ann: Person, operator: Person
) -> None:
    order = await a_rental(world, ann)
    await operator.says(f"/find {order.number}")
    await operator.taps("End now, nothing back")
    await operator.says("too late")
    world.shop.advance(3700)
    await world.block(3)
    assert (
        words(await operator.taps("Yes, do it", sure_message(operator))) == ENGLISH.orders.not_now
    )


async def test_a_viewer_looks_at_orders_and_is_offered_nothing(
    world: World, ann: Person, viewer: Person
) -> None:
    order = await a_rental(world, ann)
    await viewer.says(f"/find {order.number}")
    assert labels(viewer.newest) == ["Time line", "Look again", "‹ Back"]


def sure_message(person: Person) -> int:
    """The message that asks whether they are sure."""
    return next(m.message_id for m in reversed(person.shown) if "Yes, do it" in labels(m))
