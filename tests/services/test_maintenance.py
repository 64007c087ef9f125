"""Maintenance: nothing begins anew, everything that has begun goes on, and no TRX is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from chain.contracts import Transfer
from composition import build_services
from services.acts import Act
from services.customers import Language
from services.maintenance import SUBJECT
from services.matching import HeldReason
from services.order_views import Stage
from services.orders import OrderFault, OrderRefused
from services.quotes import QuoteFault, QuoteRefused
from services.staff import Actor, Role
from tests.support.shop import ADMIN, TRX, USER, Shop, address, open_shop

OWNER = Actor(ADMIN, Role.OWNER)


@pytest.fixture
async def shop(database: str) -> AsyncIterator[Shop]:
    async with open_shop(database) as opened:
        yield opened


async def close(shop: Shop) -> None:
    proposal = await shop.services.acts.propose(
        OWNER, Act.BEGIN_MAINTENANCE, subject=SUBJECT, reason="new disks"
    )
    await shop.services.maintenance.begin(OWNER, proposal.nonce)


async def reopen(shop: Shop) -> None:
    proposal = await shop.services.acts.propose(OWNER, Act.END_MAINTENANCE, subject=SUBJECT)
    await shop.services.maintenance.end(OWNER, proposal.nonce)


async def test_what_has_begun_goes_on_and_nothing_new_begins(shop: Shop) -> None:
    unpaid, paid = await shop.order(), await shop.order()
    price = (await shop.services.quotes.prices())[0]
    quote = await shop.services.quotes.quote(
        USER, recipient=address("ann"), transfers=1, price_id=price.id
    )
    shop.pay(paid)
    await shop.block()
    await close(shop)

    with pytest.raises(QuoteRefused) as no_quote:
        await shop.order()
    assert no_quote.value.fault is QuoteFault.MAINTENANCE
    with pytest.raises(OrderRefused) as no_order:
        await shop.services.orders.place(USER, quote.id)
    assert no_order.value.fault is OrderFault.MAINTENANCE
    assert no_order.value.closure is not None

    shop.pay(unpaid)
    await shop.block(6)
    assert (await shop.look(unpaid)).stage is Stage.DELIVERED
    assert (await shop.look(paid)).stage is Stage.DELIVERED
    [offer, *_] = (await shop.services.extensions.offers(USER, paid.id)).offers
    longer = await shop.services.extensions.place(
        USER, paid.id, duration=offer.duration, price_sun=offer.price_sun
    )
    assert longer.extends_id == paid.id


async def test_it_holds_in_every_process_and_after_a_restart(shop: Shop) -> None:
    await close(shop)
    other = build_services(shop.settings, shop.database, shop.node)
    closure = await other.quotes.closure()
    assert closure is not None
    assert closure.by == ADMIN
    await reopen(shop)
    assert await other.quotes.closure() is None
    await shop.order()


@pytest.mark.parametrize("known", [False, True], ids=["unknown sender", "known sender"])
async def test_trx_that_comes_unasked_meanwhile_is_held_and_never_sold(
    shop: Shop, *, known: bool
) -> None:
    if known:
        async with shop.database.transaction() as tx:
            await tx.connection.execute(
                "INSERT INTO addresses (user_id, address, bound_at) VALUES ($1, $2, now())",
                USER,
                address("ben"),
            )
    await close(shop)
    txid = shop.send(Transfer(address("ben"), address("payments"), 20 * TRX), "ben")
    await shop.block(3)
    assert await shop.payment_status(txid) == ("held", HeldReason.MAINTENANCE)
    await reopen(shop)
    await shop.block(3)
    assert await shop.payment_status(txid) == ("held", HeldReason.MAINTENANCE)
    assert not shop.delegations()
    told = {kind for chat, kind in await shop.told() if chat == (USER if known else ADMIN)}
    assert ("payment_choice" if known else "alert_raised") in told


async def test_what_is_said_can_be_written_in_one_language_alone(shop: Shop) -> None:
    async def word(words: str) -> None:
        proposal = await shop.services.acts.propose(
            OWNER,
            Act.WORD_MAINTENANCE,
            subject=SUBJECT,
            arguments={"language": "ru", "words": words},
        )
        await shop.services.maintenance.word(OWNER, proposal.nonce)

    await word("Вернёмся к пяти.")
    await close(shop)
    state = await shop.services.maintenance.look()
    assert state.closed
    assert state.words(Language.RU) == "Вернёмся к пяти."
    assert state.words(Language.EN) is None
    await reopen(shop)
    assert (await shop.services.maintenance.look()).words(Language.RU) == "Вернёмся к пяти."
    await word("")
    assert not (await shop.services.maintenance.look()).messages
    page = await shop.services.trail.page()
    assert [entry.act for entry in page.entries] == [
        "word_maintenance",
        "end_maintenance",
        "begin_maintenance",
        "word_maintenance",
    ]
    assert page.entries[2].reason == "new disks"
