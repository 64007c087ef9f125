"""An order that is asked about, decided by a person; and the blacklist, kept by support."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.acts import ActFault
from services.customers import Language
from tests.bot.people import Person, World, ask_a_quote, labels, order_something, words
from tests.bot.samples import TEXTS
from tests.support.shop import USER, Shop, address, open_shop

ENGLISH = TEXTS[Language.EN]
COMMON = ENGLISH.office.common
OWN = ENGLISH.office.risk


@pytest.fixture
async def shop(database: str) -> AsyncIterator[Shop]:
    async with open_shop(database, risk={"order_sun": 1}) as opened:
        yield opened


async def paid_order(world: World, person: Person) -> None:
    await order_something(person)
    page = await world.shop.services.orders.page(person.user.id, 1)
    world.shop.pay(page.orders[0])
    await world.block(3)


async def test_a_person_decides_and_the_customer_reads_it(
    world: World, operator: Person, ann: Person, viewer: Person
) -> None:
    await operator.says("/start")
    await viewer.says("/start")
    await paid_order(world, ann)
    card = next(message for message in reversed(ann.shown) if message.media_kind)
    assert "Somebody of the shop looks at this order" in words(card)
    assert "waits for your word" in words(operator.newest)
    assert "large order" in words(operator.newest)
    assert "waits for your word" not in words(viewer.newest)

    await operator.taps(OWN.allow_button)
    await operator.says("a good customer")
    assert "go out at once" in words(operator.newest)
    await operator.taps(COMMON.do_it_button)
    assert "may be delivered" in words(operator.newest)
    await world.block(4)
    assert "send USDT now" in words(ann.newest) or "energy is on" in words(ann.newest)

    await paid_order(world, ann)
    await operator.says("/risk")
    await operator.taps(next(each for each in labels(operator.newest) if "Order #1002" in each))
    await operator.taps(OWN.refuse_button)
    await operator.says("odd")
    await operator.taps(COMMON.do_it_button)
    await world.settle()
    assert "the shop did not accept it" in words(ann.newest)
    assert "No order waits" in words(await operator.says("/risk"))


async def test_the_blacklist_is_kept_and_found_by_what_is_in_the_clipboard(
    world: World, operator: Person, ann: Person, viewer: Person
) -> None:
    await operator.says("/risk")
    for whom in (address("ann"), str(USER)):
        await operator.taps(OWN.list_somebody_button)
        await operator.says("what?")
        assert words(operator.newest) == OWN.whom_unclear
        await operator.says(whom)
        await operator.says("chargebacks elsewhere")
        assert "Nothing is sold any more" in words(operator.newest)
        await operator.taps(COMMON.do_it_button)
        assert whom in words(operator.newest)

    await ask_a_quote(ann)
    await ann.taps(labels(ann.newest)[0])
    assert ann.toast == ENGLISH.order_declined

    assert OWN.list_somebody_button not in labels(await viewer.says("/risk"))
    found = operator.newest
    for whom in (address("ann"), str(USER)):
        await operator.taps(OWN.list_somebody_button)
        found = await operator.says(f" {whom} ")
        assert "chargebacks elsewhere" in words(found)
        await operator.taps(OWN.unlist_button)
        await operator.says("a mistake")
        await operator.taps(COMMON.do_it_button)
    assert "Nobody is on it" in words(operator.newest)
    await order_something(ann)
    # What was asked about before is gone now, and says so.
    await operator.taps_forged(found.message_id, "~kl:1")
    assert operator.toast == COMMON.act_refused(ActFault.GONE)
