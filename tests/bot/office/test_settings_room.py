"""Settings are changed by who owns the shop, within what the file allows, and count at once."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from bot.office.settings import read_value
from composition import build_services, prepare
from services.acts import Act, ActRefused
from services.customers import Language
from services.live_settings import ADJUSTABLE, SETTINGS_TOPIC, Kind
from services.staff import Actor, Role
from settings import Settings, SettingsError, bounds_of, changed, value_of
from tests.bot.people import Person, World, ask_a_quote, labels, words
from tests.bot.samples import TEXTS
from tests.support.shop import ADMIN, TRX, USER, Shop, open_shop

COMMON = TEXTS[Language.EN].office.common
OWN = TEXTS[Language.EN].office.settings
OWNER = Actor(ADMIN, Role.OWNER)


async def test_a_changed_setting_counts_at_once_and_can_be_taken_back(
    world: World, operator: Person, ann: Person
) -> None:
    await operator.says("/settings")
    await operator.taps(OWN.name("payment.minutes"))
    await operator.taps(OWN.change_button)
    for wrong in ("0", "1441", "soon", "-5", "5.5"):
        await operator.says(wrong)
        assert "from 1 minute to 1,440 minutes" in words(operator.newest)
    await operator.says("45")
    await operator.says("people are slow")
    assert "30 minutes → 45 minutes" in words(operator.newest)
    await operator.taps(COMMON.do_it_button)
    assert f"Changed here by {ADMIN}" in words(operator.newest)

    await ask_a_quote(ann)
    await ann.taps(labels(ann.newest)[0])
    [order] = (await world.shop.services.orders.page(USER, 1)).orders
    assert order.pay_until - order.ordered_at == timedelta(minutes=45)

    await operator.taps(OWN.reset_button)
    await operator.says("they are quick again")
    await operator.taps(COMMON.do_it_button)
    assert "From the configuration file" in words(operator.newest)
    order = await world.shop.order()
    assert order.pay_until - order.ordered_at == timedelta(minutes=30)
    entries = (await world.shop.services.trail.page()).entries
    assert [entry.act for entry in entries] == ["reset_setting", "change_setting"]
    assert entries[1].before == {"payment.minutes": 30}
    assert entries[1].after == {"payment.minutes": 45}


async def test_what_customers_are_shown_follows(
    world: World, operator: Person, ann: Person
) -> None:
    before = words(await ann.says("/help"))
    await operator.says("/settings")
    await operator.taps(OWN.name("payment.flash"))
    await operator.taps(OWN.switch_off_button)
    await operator.says("too many mistakes")
    await operator.taps(COMMON.do_it_button)
    assert OWN.switch_on_button in labels(operator.newest)
    assert words(await ann.says("/help")) != before


async def change(shop: Shop, key: str, value: object, before: object) -> None:
    proposal = await shop.services.acts.propose(
        OWNER,
        Act.CHANGE_SETTING,
        subject=f"setting {key}",
        arguments={"key": key, "value": value, "before": before},
        reason="why not",
    )
    await shop.services.live_settings.change(OWNER, proposal.nonce)


async def test_other_processes_hear_of_it_and_a_restart_keeps_it(database: str) -> None:
    async with open_shop(database) as shop:
        other = build_services(shop.settings, shop.database, shop.node)
        heard = asyncio.Event()
        listening = asyncio.create_task(
            shop.database.listen(lambda topic: heard.set() if topic == SETTINGS_TOPIC else None)
        )
        await asyncio.sleep(0.2)
        await change(shop, "limits.receiver_hour", 1, 20)
        async with asyncio.timeout(10):
            await heard.wait()
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        assert await other.live_settings.refresh() == 1
        assert other.live_settings.now.limits.receiver_hour == 1
        assert await other.live_settings.refresh() == 0

        restarted = build_services(shop.settings, shop.database, shop.node)
        await prepare(shop.settings, shop.database, restarted)
        assert restarted.live_settings.now.limits.receiver_hour == 1
        # Somebody else changed it since it was looked at.
        with pytest.raises(ActRefused):
            await change(shop, "limits.receiver_hour", 3, 20)
        # A value that is not allowed does not get in, whoever proposes it.
        with pytest.raises(ActRefused):
            await change(shop, "payment.minutes", 0, 30)
        assert (await shop.services.live_settings.look())[0].value == 30


def test_what_is_allowed_says_the_configuration_alone() -> None:
    settings = Settings()
    for key, kind in ADJUSTABLE.items():
        value = value_of(settings, key)
        assert isinstance(value, bool) == (kind is Kind.SWITCH)
        assert changed(settings, {key: value}) == settings
        if kind is Kind.SWITCH:
            continue
        least, most = bounds_of(key)
        assert least is not None
        assert value_of(changed(settings, {key: least}), key) == least
        for wrong in (least - 1, *(() if most is None else (most + 1,))):
            with pytest.raises(SettingsError):
                changed(settings, {key: wrong})


@pytest.mark.parametrize(
    ("words", "kind", "value"),
    [
        ("45", Kind.MINUTES, 45),
        (" 45 minutes", Kind.MINUTES, 45),
        ("10 %", Kind.PERCENT, 10),
        ("5,000,000", Kind.ENERGY, 5_000_000),
        ("5 000 000", Kind.ENERGY, 5_000_000),
        ("100 TRX", Kind.SUN, 100 * TRX),
        ("0.5", Kind.SUN, TRX // 2),
        ("0.0000001", Kind.SUN, None),
        ("1,5", Kind.SUN, None),
        ("1,5", Kind.COUNT, None),
        ("two", Kind.COUNT, None),
        ("", Kind.COUNT, None),
    ],
)
def test_a_typed_value_is_read_or_unclear(words: str, kind: Kind, value: int | None) -> None:
    assert read_value(words, kind) == value
