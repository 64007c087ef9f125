"""More time for a rental that runs: paid like an order, without a gap, and never for nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from chain.transactions import encode_signed
from services.adrift import PAYMENT_LOST
from services.alerts import AlertKind
from services.early_ends import EarlyEndFault, EarlyEndRefused
from services.extensions import RENTAL_OVER, ExtensionFault, ExtensionRefused
from services.held import Choice, ChoiceRefused
from services.matching import HeldReason
from services.notices import NoticeKind
from services.order_views import OrderStatus, OrderView, Origin, Stage
from services.orders import OrderFault, OrderRefused
from tests.support.shop import OTHER_USER, TRX, USER, Shop, address, open_shop

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ENERGY = 70_714


async def rental(shop: Shop, transfers: int = 1) -> OrderView:
    """A delivered order for an hour."""
    order = await shop.order(transfers=transfers)
    shop.pay(order)
    await shop.block(3)
    delivered = await shop.look(order)
    assert delivered.stage is Stage.DELIVERED
    return delivered


async def extension(shop: Shop, order: OrderView, duration: timedelta = HOUR) -> OrderView:
    offers = (await shop.services.extensions.offers(USER, order.id)).offers
    offer = next(offer for offer in offers if offer.duration == duration)
    return await shop.services.extensions.place(
        USER, order.id, duration=duration, price_sun=offer.price_sun
    )


async def near_the_end(shop: Shop, order: OrderView, seconds: int) -> None:
    """Make the next block but one come so long before the rental's end."""
    current = await shop.look(order)
    assert current.expires_at is not None
    until = (current.expires_at - current.now).total_seconds()
    shop.advance(until - seconds - 6)
    await shop.block()


async def refused(call: Callable[[], object]) -> ExtensionFault:
    with pytest.raises(ExtensionRefused) as caught:
        await call()  # type: ignore[misc]
    return caught.value.fault


async def energy_left(shop: Shop, who: str = "ann") -> int:
    resources = await shop.node.resources(address(who))
    return resources.energy_left if resources else 0


async def audited(shop: Shop) -> None:
    report = await shop.services.audit.run()
    assert not report.differences, report.lines()


# ── what it costs, and how it is paid ─────────────────────────────────────────────────────────


async def test_a_rental_is_prolonged_for_the_difference_of_the_prices(shop: Shop) -> None:
    order = await rental(shop)
    offered = await shop.services.extensions.offers(USER, order.id)
    assert [offer.duration for offer in offered.offers] == [HOUR, DAY, 3 * DAY]
    prices = {offer.duration: offer.price_sun for offer in offered.offers}
    # From 40 sun for an hour to 170 for a day the line climbs by 130 in 23 hours.
    assert prices[HOUR] == -(-ENERGY * 130 // 23)
    assert order.expires_at is not None
    assert offered.offers[0].expires_at == order.expires_at + HOUR

    more = await extension(shop, order)
    assert (more.origin, more.stage) == (Origin.EXTENSION, Stage.AWAITING)
    assert (more.extends_id, more.extends_number) == (order.id, order.number)
    assert more.rental_expires_at == order.expires_at
    assert 0 < more.amount_sun - prices[HOUR] < 1_000, "an amount of its own, as for any order"

    payment = shop.pay(more)
    await shop.block()
    assert (await shop.look(more)).stage is Stage.SEEN
    await shop.block()
    done, longer = await shop.look(more), await shop.look(order)
    assert done.stage is Stage.DELIVERED
    assert done.expires_at == longer.expires_at == order.expires_at + HOUR
    assert (longer.duration, longer.extended) == (HOUR, HOUR)
    assert longer.extensions_sun == more.amount_sun
    assert await shop.payment_status(payment) == ("delivered", None)
    assert len(shop.delegations()) == 1, "nothing is delegated for it"
    assert await shop.balances() == {
        f"chain:{address('payments')}": order.amount_sun + more.amount_sun,
        "orders": 0,
        "revenue": -order.amount_sun - more.amount_sun,
    }
    assert [kind for _, kind in await shop.told()][-4:] == [
        NoticeKind.ORDER_SEEN,
        NoticeKind.ORDER_PAID,
        NoticeKind.ORDER_DELIVERED,
        NoticeKind.ORDER_EXTENDED,
    ]

    shop.advance(7_200)
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.ENDED
    assert (await shop.look(more)).stage is Stage.ENDED
    assert shop.delegated_sun("pool", "ann") == 0
    assert (await shop.told()).count((USER, NoticeKind.ORDER_ENDED)) == 1
    await audited(shop)


async def test_an_extension_costs_no_less_than_the_minimum(database: str) -> None:
    async with open_shop(database, extensions={"minimum_sun": 2 * TRX}) as shop:
        order = await rental(shop)
        offers = (await shop.services.extensions.offers(USER, order.id)).offers
        assert offers[0].price_sun == 2 * TRX


async def test_an_extension_is_paid_from_a_balance(shop: Shop) -> None:
    first = await shop.order()
    shop.pay(first, sun=first.amount_sun + 5 * TRX)
    await shop.block(3)
    order = await shop.look(first)
    more = await extension(shop, order)
    paid = await shop.services.balances.pay(USER, more.id)
    assert paid.stage is Stage.PAID
    await shop.work()
    assert (await shop.look(more)).stage is Stage.DELIVERED
    assert await shop.balance() == 5 * TRX - more.amount_sun
    await audited(shop)


async def test_an_extension_of_an_extension_prolongs_the_rental(shop: Shop) -> None:
    order = await rental(shop)
    first = await extension(shop, order)
    shop.pay(first)
    await shop.block(2)
    second = await extension(shop, first, DAY)
    assert second.extends_id == order.id
    shop.pay(second)
    await shop.block(2)
    longer = await shop.look(order)
    assert order.expires_at is not None
    assert longer.expires_at == order.expires_at + HOUR + DAY
    assert longer.extended == HOUR + DAY


async def test_an_underpaid_extension_waits_for_the_rest(shop: Shop) -> None:
    order = await rental(shop)
    more = await extension(shop, order)
    shop.pay(more, sun=more.amount_sun // 2)
    await shop.block(2)
    part = await shop.look(more)
    assert part.stage is Stage.UNDERPAID
    shop.pay(part, sun=part.due_sun)
    await shop.block(2)
    assert (await shop.look(more)).stage is Stage.DELIVERED
    assert (await shop.look(order)).extended == HOUR


async def test_of_an_underpaid_extension_there_is_no_less_to_deliver(shop: Shop) -> None:
    order = await rental(shop, transfers=2)
    more = await extension(shop, order, 3 * DAY)
    payment = shop.pay(more, sun=more.amount_sun // 2)
    await shop.block(2)
    await shop.services.orders.cancel(USER, more.id)
    assert await shop.payment_status(payment) == ("held", HeldReason.UNDERPAID)
    async with shop.database.transaction() as tx:
        [part] = await tx.payments.held_parts(more.id)
    held = await shop.services.held_payments.view(part.id)
    assert held is not None
    assert held.possible == (Choice.CREDIT, Choice.REFUND)
    with pytest.raises(ChoiceRefused):
        await shop.services.held_payments.choose(USER, part.id, Choice.DELIVER)


# ── without a gap ─────────────────────────────────────────────────────────────────────────────


async def test_energy_stays_while_the_payment_of_an_extension_is_being_confirmed(
    database: str,
) -> None:
    async with open_shop(database, solid_from_sun=TRX // 10) as shop:
        order = await shop.order()
        shop.pay(order)
        await shop.block(24)
        order = await shop.look(order)
        assert order.stage is Stage.DELIVERED
        more = await extension(shop, order)
        await near_the_end(shop, order, 6)
        shop.pay(more)
        had = await energy_left(shop)
        assert had >= ENERGY
        for _ in range(24):  # the end comes after two of them, the payment counts after nineteen
            await shop.block()
            assert await energy_left(shop) >= had, "there was a gap"
        assert (await shop.look(more)).stage is Stage.DELIVERED
        assert len(shop.delegations()) == 1
        assert (await shop.look(order)).stage is Stage.DELIVERED


async def test_the_block_that_ends_a_rental_may_hold_the_payment_that_prolongs_it(
    shop: Shop,
) -> None:
    order = await rental(shop)
    more = await extension(shop, order)
    assert order.expires_at is not None
    shop.advance((order.expires_at - (await shop.look(order)).now).total_seconds() - 3)
    shop.pay(more)
    await shop.block()
    seen = await shop.look(order)
    assert seen.now == order.expires_at, "else this shows nothing"
    await shop.block(3)
    assert (await shop.look(more)).stage is Stage.DELIVERED
    assert len(shop.delegations()) == 1


async def test_a_rental_whose_extension_left_the_chain_is_taken_back(database: str) -> None:
    async with open_shop(database, solid_from_sun=TRX // 10) as shop:
        order = await shop.order()
        shop.pay(order)
        await shop.block(24)
        more = await extension(shop, order)
        await near_the_end(shop, order, 3)
        shop.pay(more)
        await shop.block(3)
        assert (await shop.look(more)).stage is Stage.SEEN
        assert (await shop.look(order)).stage is Stage.DELIVERED
        shop.chain.fork(3, "vanish")
        await shop.block(6)
        ended = await shop.look(order)
        assert ended.stage is Stage.ENDED
        assert shop.delegated_sun("pool", "ann") == 0


async def test_an_extension_can_be_paid_until_its_rental_ends(shop: Shop) -> None:
    order = await rental(shop)
    await near_the_end(shop, order, 60)
    more = await extension(shop, order)
    assert more.pay_until == order.expires_at
    shop.advance(120)
    await shop.block(2)
    assert (await shop.look(more)).stage is Stage.EXPIRED
    assert (await shop.look(order)).stage is not Stage.DELIVERED


# ── too late ──────────────────────────────────────────────────────────────────────────────────


async def test_money_for_an_extension_of_what_is_over_goes_back(shop: Shop) -> None:
    order = await rental(shop)
    await near_the_end(shop, order, 60)
    more = await extension(shop, order)
    shop.advance(120)
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.ENDED
    payment = shop.pay(more)
    await shop.block(2)
    late = await shop.look(more)
    assert (late.stage, late.failure) == (Stage.FAILED, RENTAL_OVER)
    assert (await shop.payment_status(payment))[0] == "refunding"
    told = await shop.told()
    assert told.count((USER, NoticeKind.ORDER_FAILED)) == 1
    await shop.block(24)
    assert await shop.payment_status(payment) == ("refunded", None)
    assert (await shop.look(order)).extended == timedelta(0)
    await audited(shop)


async def test_a_balance_gets_back_what_came_too_late_to_prolong(shop: Shop) -> None:
    first = await shop.order()
    shop.pay(first, sun=first.amount_sun + 5 * TRX)
    await shop.block(3)
    more = await extension(shop, first)
    shop.advance(3_600)
    shop.chain.produce_blocks(2)
    await shop.services.scanner.scan()
    await shop.services.reclaims.reclaim_due()
    # Its order is not closed yet: nobody has looked.
    await shop.services.balances.pay(USER, more.id)
    await shop.services.extensions.apply_due()
    assert (await shop.look(more)).failure == RENTAL_OVER
    assert await shop.balance() == 5 * TRX
    await audited(shop)


async def test_what_expires_while_its_extension_is_carried_out_is_not_prolonged(
    shop: Shop,
) -> None:
    """Its rows were looked at, and expired before they were written."""
    first = await shop.order()
    shop.pay(first, sun=first.amount_sun + 5 * TRX)
    await shop.block(3)
    more = await extension(shop, first)
    await shop.services.balances.pay(USER, more.id)
    async with shop.database.transaction() as tx:
        # Another process decided so before the extension was paid, and has not committed yet.
        await tx.delegations.cut_short(first.id)
        applying = asyncio.create_task(shop.services.extensions.apply_due())
        await asyncio.sleep(0.2)
        assert not applying.done()
    await applying
    assert (await shop.look(more)).failure == RENTAL_OVER
    assert (await shop.look(first)).extended == timedelta(0)
    assert await shop.balance() == 5 * TRX


# ── what is refused ───────────────────────────────────────────────────────────────────────────


async def test_two_taps_place_one_extension(shop: Shop) -> None:
    order = await rental(shop)
    price = (await shop.services.extensions.offers(USER, order.id)).offers[0].price_sun

    async def tap() -> OrderView:
        return await shop.services.extensions.place(USER, order.id, duration=HOUR, price_sun=price)

    first, second = await asyncio.gather(tap(), tap())
    assert first.id == second.id == (await tap()).id


async def test_a_rental_has_one_open_extension_at_a_time(shop: Shop) -> None:
    order = await rental(shop)
    offers = (await shop.services.extensions.offers(USER, order.id)).offers
    more = await extension(shop, order)
    with pytest.raises(ExtensionRefused) as caught:
        await shop.services.extensions.place(
            USER, order.id, duration=DAY, price_sun=offers[1].price_sun
        )
    assert caught.value.fault is ExtensionFault.ALREADY_OPEN
    assert caught.value.open_order is not None
    assert caught.value.open_order.id == more.id
    await shop.services.orders.cancel(USER, more.id)
    assert (await extension(shop, order, DAY)).stage is Stage.AWAITING


async def test_an_extension_that_was_given_up_and_is_paid_in_the_grace_counts_beside_another(
    shop: Shop,
) -> None:
    order = await rental(shop, transfers=2)
    first = await extension(shop, order)
    shop.advance(31 * 60)
    await shop.block()
    assert (await shop.look(first)).stage is Stage.EXPIRED
    second = await extension(shop, order, DAY)
    shop.pay(first)
    await shop.block(2)
    shop.pay(second)
    await shop.block(2)
    assert (await shop.look(order)).extended == HOUR + DAY
    assert order.expires_at is not None
    assert (await shop.look(order)).expires_at == order.expires_at + HOUR + DAY


async def test_nobody_prolongs_another_persons_rental(shop: Shop) -> None:
    order = await rental(shop)
    services = shop.services.extensions
    assert await refused(lambda: services.offers(OTHER_USER, order.id)) is ExtensionFault.NOT_YOURS
    assert (
        await refused(
            lambda: services.place(OTHER_USER, order.id, duration=HOUR, price_sun=300_000)
        )
        is ExtensionFault.NOT_YOURS
    )


async def test_only_what_runs_is_prolonged_and_only_for_its_price(shop: Shop) -> None:
    services = shop.services.extensions
    unpaid = await shop.order()
    assert await refused(lambda: services.offers(USER, unpaid.id)) is ExtensionFault.NOT_RUNNING
    order = await rental(shop)
    assert (
        await refused(lambda: services.place(USER, order.id, duration=HOUR, price_sun=1))
        is ExtensionFault.PRICE_GONE
    )
    assert (
        await refused(lambda: services.place(USER, order.id, duration=2 * HOUR, price_sun=300_000))
        is ExtensionFault.PRICE_GONE
    )
    shop.advance(3_600)
    await shop.block()
    assert await refused(lambda: services.offers(USER, order.id)) is ExtensionFault.NOT_RUNNING


async def test_extensions_promise_no_energy_and_take_nobodys_place(database: str) -> None:
    async with open_shop(database, pools={"pool": 16_000}) as shop:
        order = await rental(shop)
        free = await shop.services.inventory.offerable()
        await extension(shop, order, 3 * DAY)
        assert await shop.services.inventory.offerable() == free
        async with shop.database.transaction() as tx:
            assert await tx.orders.count_open(USER) == 0
        await shop.order(recipient="ben")


# ── forks ─────────────────────────────────────────────────────────────────────────────────────


async def test_an_extension_whose_payment_is_adrift_waits_and_the_rental_with_it(
    shop: Shop,
) -> None:
    order = await rental(shop)
    more = await extension(shop, order)
    await near_the_end(shop, order, 3)
    payment = shop.pay(more)
    shop.chain.produce_blocks(2)
    await shop.services.scanner.scan()
    assert (await shop.look(more)).stage is Stage.PAID
    lost, _ = shop.chain.fork(2, "vanish")
    shop.chain.produce_block()
    await shop.block(2)
    assert (await shop.look(more)).stage is Stage.PAID
    assert shop.delegated_sun("pool", "ann") > 0
    [entry] = [entry for entry in lost.entries if entry.txid == payment]
    shop.chain.broadcast(encode_signed(entry.raw_bytes, entry.signatures))
    await shop.block(4)
    assert (await shop.look(more)).stage is Stage.DELIVERED
    assert (await shop.look(order)).extended == HOUR
    assert len(shop.delegations()) == 1


async def test_an_extension_whose_payment_never_comes_back_lets_the_rental_end(
    shop: Shop,
) -> None:
    order = await rental(shop)
    more = await extension(shop, order)
    await near_the_end(shop, order, 3)
    payment = shop.pay(more)
    shop.chain.produce_blocks(2)
    await shop.services.scanner.scan()
    shop.chain.fork(2, "vanish")
    shop.advance(120)
    await shop.block(24)
    failed = await shop.look(more)
    assert (failed.stage, failed.failure) == (Stage.FAILED, PAYMENT_LOST)
    assert await shop.payment_status(payment) == ("orphaned", None)
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.ENDED
    assert shop.delegated_sun("pool", "ann") == 0
    await audited(shop)


async def test_time_that_has_not_begun_is_taken_back_with_its_lost_payment(shop: Shop) -> None:
    order = await rental(shop)
    await shop.block(25)
    more = await extension(shop, order, DAY)
    payment = shop.pay(more)
    await shop.block(2)
    assert (await shop.look(order)).extended == DAY
    shop.chain.fork(2, "vanish")
    shop.advance(120)
    await shop.block(24)
    shorter, failed = await shop.look(order), await shop.look(more)
    assert (failed.stage, failed.failure) == (Stage.FAILED, PAYMENT_LOST)
    assert await shop.payment_status(payment) == ("orphaned", None)
    assert (shorter.extended, shorter.expires_at) == (timedelta(0), order.expires_at)
    assert shorter.stage is Stage.DELIVERED
    balances = await shop.balances()
    assert balances["revenue"] == -order.amount_sun
    assert balances.get("losses", 0) == 0
    assert AlertKind.PAYMENT_LOST in await shop.alert_kinds()
    shop.advance(3_600)
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.ENDED
    await audited(shop)


async def test_time_that_has_begun_is_a_loss_with_its_lost_payment(shop: Shop) -> None:
    order = await rental(shop)
    await shop.block(25)
    await near_the_end(shop, order, 9)
    more = await extension(shop, order)
    payment = shop.pay(more)
    await shop.block(4)
    assert (await shop.look(more)).stage is Stage.DELIVERED
    shop.chain.fork(4, "vanish")
    shop.advance(120)
    await shop.block(24)
    assert await shop.payment_status(payment) == ("lost", None)
    assert (await shop.look(more)).stage is Stage.DELIVERED
    assert (await shop.look(order)).extended == HOUR
    assert (await shop.balances())["losses"] == more.amount_sun
    await audited(shop)


async def test_a_prolonged_delivery_that_a_fork_kills_is_made_for_the_whole_time(
    shop: Shop,
) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block(3)
    first = shop.chain.head.number
    await shop.block(2)
    more = await extension(shop, order, DAY)
    await prepaid(shop, more)
    shop.chain.fork(shop.chain.head.number - first + 1, "vanish")
    shop.advance(120)
    await shop.block(24)
    again = await shop.look(order)
    assert again.stage is Stage.DELIVERED
    assert again.completed_at is not None
    assert again.expires_at == again.completed_at + HOUR + DAY
    async with shop.database.transaction() as tx:
        rows = await tx.delegations.of_order(order.id)
    assert [row.status for row in rows] == ["failed", "active"]


async def test_what_prolonged_a_rental_fails_with_it(database: str) -> None:
    async with open_shop(database, pools={"pool": 8_000}) as shop:
        order = await shop.order()
        shop.pay(order)
        await shop.block(3)
        more = await extension(shop, order, DAY)
        await prepaid(shop, more)
        shop.chain.fork(1, "vanish")
        # Somebody else has the stake from now on.
        from chain.contracts import DelegateResource, Resource

        lent = DelegateResource(address("pool"), address("ben"), 7_900 * TRX, Resource.ENERGY)
        shop.send(lent, "pool")
        shop.chain.produce_block()
        shop.advance(120)
        await shop.block(24)
        shop.advance(700)
        await shop.block(2)
        assert (await shop.look(order)).stage is Stage.FAILED
        failed = await shop.look(more)
        assert (failed.stage, failed.status) == (Stage.FAILED, OrderStatus.FAILED)
        assert await shop.balance() == more.amount_sun
        assert (await shop.balances())["revenue"] == 0
        await audited(shop)


async def prepaid(shop: Shop, more: OrderView) -> None:
    """Pay an extension with money that no fork of this chain can take away."""
    async with shop.database.transaction() as tx:
        await tx.ledger.book(
            (("owner", more.amount_sun), (f"user:{USER}", -more.amount_sun)), event="deposited"
        )
    await shop.services.balances.pay(USER, more.id)
    await shop.services.extensions.apply_due()
    assert (await shop.look(more)).stage is Stage.DELIVERED


# ── beside an early end ───────────────────────────────────────────────────────────────────────


async def test_a_rental_with_an_open_extension_is_not_ended(shop: Shop) -> None:
    order = await rental(shop)
    more = await extension(shop, order)
    with pytest.raises(EarlyEndRefused) as caught:
        await shop.services.early_ends.end(USER, order.id)
    assert caught.value.fault is EarlyEndFault.EXTENSION_OPEN
    assert caught.value.extension is not None
    assert caught.value.extension.id == more.id


async def test_an_extension_is_no_order_to_cancel_once_it_is_paid(shop: Shop) -> None:
    order = await rental(shop)
    more = await extension(shop, order)
    shop.pay(more)
    await shop.block()
    with pytest.raises(OrderRefused) as caught:
        await shop.services.orders.cancel(USER, more.id)
    assert caught.value.fault is OrderFault.ALREADY_SEEN
