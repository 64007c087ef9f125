"""An operator closes the shop for a while, says why in Russian, and opens it again."""

from __future__ import annotations

from bot.office.taps import SwitchMaintenance, WriteWords
from services.acts import ActFault
from services.customers import Language
from tests.bot.people import IVAN, Person, World, ask_a_quote, labels, order_something, words
from tests.bot.samples import TEXTS
from tests.support.shop import address

ENGLISH = TEXTS[Language.EN]
COMMON = ENGLISH.office.common
OWN = ENGLISH.office.maintenance


async def test_new_orders_are_stopped_with_a_word_and_taken_again(
    world: World, operator: Person, ann: Person
) -> None:
    ivan = world.person(IVAN)
    await ivan.says("/start")
    await ask_a_quote(ann)
    quote = labels(ann.newest)[0]

    await operator.says("/maintenance")
    await operator.taps(OWN.write_button(Language.RU))
    await operator.says("х" * 501)
    assert "500" in words(operator.newest)
    await operator.says("Меняем диски, вернёмся к пяти.")
    await operator.taps(COMMON.do_it_button)
    assert "New orders are taken" in words(operator.newest)

    await operator.taps(OWN.stop_orders_button)
    await operator.says("new disks")
    assert "Nobody can order any more" in words(operator.newest)
    assert "new disks" in words(operator.newest)
    await operator.taps(COMMON.do_it_button)
    assert "No new orders since" in words(operator.newest)

    # Whoever had a price before reads it instead of an order; so does everybody at the menu.
    await ann.taps(quote)
    assert "No new orders just now." in words(ann.newest)
    assert "come back in a while" in words(await ann.says("/start"))
    for way in ("/rent", address("ann")):
        assert "No new orders just now." in words(await ann.says(way))
    assert "Меняем диски, вернёмся к пяти." in words(await ivan.says("/start"))

    await operator.taps(OWN.take_orders_button)
    await operator.taps(COMMON.do_it_button)
    assert "New orders are taken" in words(operator.newest)
    await order_something(ann)
    assert "No new orders" not in words(ann.newest)


async def test_a_viewer_sees_it_and_changes_nothing(world: World, viewer: Person) -> None:
    room = await viewer.says("/maintenance")
    assert labels(room) == [COMMON.back_button]
    for tap in (SwitchMaintenance(closed=True), WriteWords(language=Language.EN)):
        await viewer.taps_forged(room.message_id, tap.pack())
        assert viewer.toast == COMMON.act_refused(ActFault.NOT_ALLOWED)
    assert not (await world.shop.services.maintenance.look()).closed
