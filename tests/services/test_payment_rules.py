"""Payments that do not simply pay an order: what each becomes, for the books and its customer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import pytest

from chain.contracts import Transfer
from chain.keys import SigningKey
from services.acts import Act
from services.alerts import AlertKind
from services.balances import AddressNotProved, AddressOfAnother, proof_text
from services.held import Choice, ChoiceFault, ChoiceRefused
from services.matching import HeldReason
from services.notices import NoticeKind
from services.order_views import OrderView, Origin, Stage
from services.orders import OrderFault, OrderRefused
from services.refunds import RefundFault, RefundRefused
from tests.support.shop import (
    OTHER_USER,
    TRX,
    USER,
    Shop,
    address,
    key,
    open_shop,
)

FEE = 300_000


async def payment_id(shop: Shop, txid: str) -> int:
    async with shop.database.transaction() as tx:
        row = await tx.payments.find(txid, 0)
    assert row is not None
    return row.id


async def orders_of(shop: Shop, origin: Origin) -> list[OrderView]:
    async with shop.database.transaction() as tx:
        rows = await tx.connection.fetch(
            "SELECT id, user_id FROM energy_flash_orders WHERE origin = $1 ORDER BY number", origin
        )
    found = [await shop.services.orders.view(row["user_id"], row["id"]) for row in rows]
    return [order for order in found if order is not None]


def stray(shop: Shop, payer: str, sun: int) -> str:
    return shop.send(Transfer(address(payer), address("payments"), sun), payer)


async def prove(shop: Shop, user: int, name: str, signer: SigningKey | None = None) -> int:
    text = proof_text("energy_flash_bot", user, address(name))
    signature = (signer or key(name)).sign_message(text)
    return await shop.services.balances.prove_address(user, address(name), text, signature)


async def owed(shop: Shop) -> int:
    """What the books say we owe to customers and payers, orders, refunds and decisions."""
    return -sum(
        sun
        for account, sun in (await shop.balances()).items()
        if account.startswith(("user:", "payer:")) or account in ("orders", "held", "refunds")
    )


# Tolerance and overpayment


@pytest.mark.parametrize("off_sun", [-100_000, -1, 1, 100_000])
async def test_a_slightly_wrong_amount_from_the_receiving_wallet_pays(
    shop: Shop, off_sun: int
) -> None:
    order = await shop.order()
    payment = shop.pay(order, sun=order.amount_sun + off_sun)
    await shop.block(3)
    delivered = await shop.look(order)
    assert delivered.stage is Stage.DELIVERED
    assert delivered.credited_sun == max(0, off_sun)
    assert await shop.payment_status(payment) == ("delivered", None)
    assert await shop.balance() == max(0, off_sun)
    assert (await shop.balances())["revenue"] == -(order.amount_sun + min(0, off_sun))


async def test_the_same_amount_from_a_strangers_wallet_pays_nobodys_order(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order, "ben", sun=order.amount_sun + 1)
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.AWAITING
    assert [order.recipient for order in await orders_of(shop, Origin.FLASH)] == [address("ben")]


async def test_a_proved_wallet_pays_like_the_receiving_one(shop: Shop) -> None:
    await prove(shop, USER, "ben")
    order = await shop.order()
    shop.pay(order, "ben", sun=order.amount_sun - 1)
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.DELIVERED


async def test_too_much_is_credited_and_pays_the_next_order(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order, sun=order.amount_sun + 5 * TRX)
    await shop.block(3)
    assert (await shop.look(order)).credited_sun == 5 * TRX
    assert await shop.balance() == 5 * TRX
    second = await shop.order()
    await shop.services.balances.pay(USER, second.id)
    await shop.block(2)
    paid = await shop.look(second)
    assert paid.stage is Stage.DELIVERED
    assert (paid.balance_sun, paid.payment_txid) == (second.amount_sun, None)
    assert await shop.balance() == 5 * TRX - second.amount_sun


# Underpayment


async def test_an_underpaid_order_is_topped_up_by_the_rest(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order, sun=TRX)
    await shop.block(2)
    underpaid = await shop.look(order)
    assert underpaid.stage is Stage.UNDERPAID
    assert underpaid.received_sun == TRX
    assert underpaid.due_sun == order.amount_sun - TRX
    assert (USER, NoticeKind.ORDER_UNDERPAID) in await shop.told()
    # The rest, from any wallet: its amount is reserved as the whole price was.
    rest = shop.pay(order, "ben", sun=underpaid.due_sun)
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.DELIVERED
    assert await shop.payment_status(rest) == ("delivered", None)
    assert (await shop.balances())["revenue"] == -order.amount_sun


async def test_the_rest_of_a_price_is_an_amount_of_its_own(shop: Shop) -> None:
    first, second = await shop.order(), await shop.order(user=OTHER_USER, recipient="ben")
    shop.pay(first, sun=TRX)
    shop.pay(second, "ben", sun=second.amount_sun - (first.amount_sun - TRX))
    await shop.block(2)
    one, other = await shop.look(first), await shop.look(second)
    assert one.due_sun != other.due_sun
    shop.pay(one, "ann", sun=one.due_sun)
    shop.pay(other, "ann", sun=other.due_sun)
    await shop.block(3)
    assert (await shop.look(first)).stage is Stage.DELIVERED
    assert (await shop.look(second)).stage is Stage.DELIVERED


async def test_the_rest_can_come_from_the_balance(shop: Shop) -> None:
    await credit(shop, 3 * TRX)
    order = await shop.order()
    shop.pay(order, sun=TRX)
    await shop.block(2)
    await shop.services.balances.pay(USER, order.id)
    await shop.block(2)
    delivered = await shop.look(order)
    assert delivered.stage is Stage.DELIVERED
    assert delivered.balance_sun == order.amount_sun - TRX


async def test_an_underpaid_order_that_runs_out_of_time_is_delivered_in_part(shop: Shop) -> None:
    order = await shop.order(transfers=3)
    part = shop.pay(order, sun=6 * TRX)
    await shop.block(2)
    shop.advance(61 * 60)
    await shop.block(2)
    assert (await shop.look(order)).stage is Stage.EXPIRED
    assert await shop.payment_status(part) == ("held", HeldReason.UNDERPAID)
    held = await shop.services.held_payments.view(await payment_id(shop, part))
    assert held is not None
    assert held.possible == (Choice.DELIVER, Choice.CREDIT, Choice.REFUND)
    assert (held.transfers, held.amount_sun) == (2, 6 * TRX)
    await shop.services.held_payments.choose(USER, held.id, Choice.DELIVER)
    await shop.block(2)
    [less] = await orders_of(shop, Origin.LESS)
    assert less.stage is Stage.DELIVERED
    assert (less.transfers, less.amount_sun) == (2, 2 * 70_714 * 40)
    assert await shop.balance() == 6 * TRX - less.amount_sun
    assert await owed(shop) == await shop.balance()


async def test_parts_of_one_price_are_decided_about_together(shop: Shop) -> None:
    order = await shop.order(transfers=3)
    parts = [shop.pay(order, sun=2 * TRX) for _ in range(2)]
    await shop.block(2)
    shop.advance(61 * 60)
    await shop.block(2)
    assert (await shop.told()).count((USER, NoticeKind.PAYMENT_CHOICE)) == 1
    await shop.services.held_payments.choose(USER, await payment_id(shop, parts[0]), Choice.REFUND)
    await shop.block(22)
    for part in parts:
        assert await shop.payment_status(part) == ("refunded", HeldReason.UNDERPAID)
    assert await owed(shop) == 0


async def test_cancelling_an_underpaid_order_asks_what_to_do_with_the_part(shop: Shop) -> None:
    order = await shop.order()
    part = shop.pay(order, sun=TRX)
    await shop.block(2)
    await shop.services.orders.cancel(USER, order.id)
    assert await shop.payment_status(part) == ("held", HeldReason.UNDERPAID)
    assert (USER, NoticeKind.PAYMENT_CHOICE) in await shop.told()


# Late, cancelled, twice


async def test_a_payment_within_the_grace_is_delivered_at_the_old_price(shop: Shop) -> None:
    order = await shop.order()
    shop.advance(45 * 60)
    await shop.block()
    assert (await shop.look(order)).stage is Stage.EXPIRED
    shop.pay(order)
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.DELIVERED


async def late(shop: Shop) -> tuple[OrderView, str]:
    order = await shop.order()
    shop.advance(61 * 60)
    await shop.block()
    return order, shop.pay(order, "ben")


async def cancelled(shop: Shop) -> tuple[OrderView, str]:
    order = await shop.order()
    await shop.services.orders.cancel(USER, order.id)
    return order, shop.pay(order, "ben")


async def twice(shop: Shop) -> tuple[OrderView, str]:
    order = await shop.order()
    shop.pay(order)
    await shop.block()
    return order, shop.pay(order, "ben")


Happening: TypeAlias = Callable[[Shop], Awaitable[tuple[OrderView, str]]]
CASES: list[tuple[Happening, HeldReason]] = [
    (late, HeldReason.LATE),
    (cancelled, HeldReason.CANCELLED),
    (twice, HeldReason.PAID_TWICE),
]


@pytest.mark.parametrize(("happens", "reason"), CASES)
async def test_its_customer_may_have_it_back_from_the_wallet_that_sent_it(
    shop: Shop, happens: Happening, reason: HeldReason
) -> None:
    had = shop.trx_of("ben")
    _, payment = await happens(shop)
    await shop.block(2)
    assert await shop.payment_status(payment) == ("held", reason)
    assert (USER, NoticeKind.PAYMENT_CHOICE) in await shop.told()
    await shop.services.held_payments.choose(USER, await payment_id(shop, payment), Choice.REFUND)
    await shop.block(22)
    assert await shop.payment_status(payment) == ("refunded", reason)
    assert shop.trx_of("ben") == had - FEE
    assert (USER, NoticeKind.REFUND_DONE) in await shop.told()


@pytest.mark.parametrize(("happens", "reason"), CASES)
async def test_its_customer_may_keep_it_as_a_balance(
    shop: Shop, happens: Happening, reason: HeldReason
) -> None:
    order, payment = await happens(shop)
    await shop.block(2)
    await shop.services.held_payments.choose(USER, await payment_id(shop, payment), Choice.CREDIT)
    assert (await shop.payment_status(payment))[0] == "credited"
    assert await shop.balance() == order.amount_sun


async def test_who_says_nothing_for_a_day_finds_it_on_the_balance(shop: Shop) -> None:
    order, payment = await cancelled(shop)
    await shop.block(2)
    shop.advance(23 * 3600)
    await shop.block()
    assert (await shop.payment_status(payment))[0] == "held"
    shop.advance(2 * 3600)
    await shop.block()
    assert (await shop.payment_status(payment))[0] == "credited"
    assert await shop.balance() == order.amount_sun
    assert (USER, NoticeKind.PAYMENT_CREDITED) in await shop.told()


async def test_a_choice_is_made_once_and_by_its_customer(shop: Shop) -> None:
    _, payment = await cancelled(shop)
    await shop.block(2)
    number = await payment_id(shop, payment)
    choose = shop.services.held_payments.choose
    with pytest.raises(ChoiceRefused) as refused:
        await choose(OTHER_USER, number, Choice.CREDIT)
    assert refused.value.fault is ChoiceFault.NOT_YOURS
    with pytest.raises(ChoiceRefused) as refused:
        await choose(USER, number, Choice.DELIVER)
    assert refused.value.fault is ChoiceFault.NOT_POSSIBLE
    await choose(USER, number, Choice.CREDIT)
    with pytest.raises(ChoiceRefused) as refused:
        await choose(USER, number, Choice.REFUND)
    assert refused.value.fault is ChoiceFault.DECIDED


# Flash rentals


async def test_trx_sent_without_asking_becomes_energy_for_its_sender(shop: Shop) -> None:
    payment = stray(shop, "ben", 10 * TRX)
    await shop.block(3)
    [order] = await orders_of(shop, Origin.FLASH)
    assert order.stage is Stage.DELIVERED
    assert (order.recipient, order.user_id, order.transfers) == (address("ben"), None, 3)
    assert shop.delegated_sun("pool", "ben") > 0
    assert await shop.payment_status(payment) == ("delivered", None)
    balances = await shop.balances()
    assert balances[f"payer:{address('ben')}"] == -(10 * TRX - order.amount_sun)
    shop.advance(3600)
    await shop.block(3)
    assert shop.delegated_sun("pool", "ben") == 0


async def test_the_rest_of_a_flash_rental_is_theirs_who_prove_the_wallet(shop: Shop) -> None:
    stray(shop, "ben", 10 * TRX)
    await shop.block(3)
    [order] = await orders_of(shop, Origin.FLASH)
    claimed = await prove(shop, OTHER_USER, "ben")
    assert claimed == 10 * TRX - order.amount_sun
    assert await shop.balance(OTHER_USER) == claimed
    with pytest.raises(AddressOfAnother):
        await prove(shop, USER, "ben")


async def test_a_signature_of_another_key_proves_nothing(shop: Shop) -> None:
    with pytest.raises(AddressNotProved):
        await prove(shop, USER, "ben", signer=key("ann"))
    with pytest.raises(AddressNotProved):
        await shop.services.balances.prove_address(USER, address("ben"), "text", "no signature")


async def test_a_flash_rental_of_a_known_customer_reaches_their_chat(shop: Shop) -> None:
    await prove(shop, USER, "ann")
    stray(shop, "ann", 3 * TRX)
    await shop.block(3)
    [order] = await orders_of(shop, Origin.FLASH)
    assert order.user_id == USER
    assert (USER, NoticeKind.ORDER_DELIVERED) in await shop.told()


async def test_too_little_for_a_transfer_is_credited(shop: Shop) -> None:
    payment = stray(shop, "ben", TRX)
    await shop.block(3)
    assert (await shop.payment_status(payment))[0] == "credited"
    assert (await shop.balances())[f"payer:{address('ben')}"] == -TRX


async def test_a_flash_rental_without_energy_sends_the_money_back(database: str) -> None:
    async with open_shop(database, pools={"pool": 2_000}) as shop:
        payment = stray(shop, "ben", 10 * TRX)
        await shop.block(24)
        assert (await shop.payment_status(payment))[0] == "refunded"
        assert shop.trx_of("ben") == 1_000 * TRX


async def test_an_exchange_is_never_sent_energy_or_a_refund(database: str) -> None:
    async with open_shop(database, exchanges=[address("ben")]) as shop:
        payment = stray(shop, "ben", 10 * TRX)
        await shop.block(3)
        assert await shop.payment_status(payment) == ("held", HeldReason.SENDER_IS_EXCHANGE)
        assert AlertKind.PAYMENT_HELD in await shop.alert_kinds()
        with pytest.raises(ChoiceRefused):
            await shop.staff(Act.REFUND_PAYMENT, payment=await payment_id(shop, payment))


async def test_an_exchange_pays_an_order_by_its_exact_amount(database: str) -> None:
    async with open_shop(database, exchanges=[address("ben")]) as shop:
        order = await shop.order()
        shop.pay(order, "ben")
        await shop.block(3)
        assert (await shop.look(order)).stage is Stage.DELIVERED


async def test_without_flash_rentals_an_unknown_amount_is_held(database: str) -> None:
    async with open_shop(database, flash=False) as shop:
        payment = stray(shop, "ben", 10 * TRX)
        await shop.block(3)
        assert await shop.payment_status(payment) == ("held", HeldReason.NO_ORDER)
        assert AlertKind.PAYMENT_HELD in await shop.alert_kinds()


async def test_money_at_a_pool_is_held(shop: Shop) -> None:
    payment = shop.send(Transfer(address("ben"), address("pool"), 5 * TRX), "ben")
    await shop.block(2)
    assert await shop.payment_status(payment) == ("held", HeldReason.WRONG_ADDRESS)


async def test_the_operators_own_money_is_no_customers(shop: Shop) -> None:
    payment = shop.send(Transfer(address("ben"), address("pool"), 5 * TRX), "ben")
    await shop.block(2)
    await shop.staff(Act.KEEP_PAYMENT, payment=await payment_id(shop, payment))
    assert (await shop.payment_status(payment))[0] == "own"
    balances = await shop.balances()
    assert (balances["held"], balances["owner"]) == (0, -5 * TRX)


async def test_what_comes_from_the_operators_treasury_is_no_customers(database: str) -> None:
    async with open_shop(database, treasury=[address("ben")]) as shop:
        payment = shop.send(Transfer(address("ben"), address("wallet"), 5 * TRX), "ben")
        await shop.block(2)
        assert (await shop.payment_status(payment))[0] == "own"


# The balance


async def credit(shop: Shop, sun: int, user: int = USER) -> None:
    """Give a customer a balance, by a payment that is too much."""
    payer = "ann" if user == USER else "ben"
    order = await shop.order(user=user, recipient=payer)
    shop.pay(order, payer, sun=order.amount_sun + sun)
    await shop.block(3)
    assert await shop.balance(user) == sun


async def test_a_balance_that_is_too_small_pays_nothing(shop: Shop) -> None:
    await credit(shop, TRX)
    order = await shop.order()
    with pytest.raises(OrderRefused) as refused:
        await shop.services.balances.pay(USER, order.id)
    assert refused.value.fault is OrderFault.BALANCE_TOO_SMALL
    assert (await shop.look(order)).stage is Stage.AWAITING
    assert await shop.balance() == TRX


async def test_an_order_is_not_paid_from_the_balance_while_a_payment_is_in_sight(
    shop: Shop,
) -> None:
    await credit(shop, 5 * TRX)
    order = await shop.order()
    shop.pay(order)
    await shop.block()
    with pytest.raises(OrderRefused) as refused:
        await shop.services.balances.pay(USER, order.id)
    assert refused.value.fault is OrderFault.ALREADY_SEEN
    await shop.block(3)
    assert await shop.balance() == 5 * TRX


async def test_a_transfer_after_the_balance_has_paid_is_their_customers(shop: Shop) -> None:
    await credit(shop, 5 * TRX)
    order = await shop.order()
    await shop.services.balances.pay(USER, order.id)
    payment = shop.pay(order)
    await shop.block(3)
    assert await shop.payment_status(payment) == ("held", HeldReason.PAID_TWICE)


async def test_a_balance_is_paid_out_to_a_wallet_that_paid(shop: Shop) -> None:
    await credit(shop, 5 * TRX)
    had = shop.trx_of("ann")
    refund = await shop.services.refunds.pay_out(USER, address("ann"), 5 * TRX)
    assert refund.sent_sun == 5 * TRX - FEE
    assert await shop.balance() == 0
    await shop.block(22)
    assert shop.trx_of("ann") == had + 5 * TRX - FEE
    assert (USER, NoticeKind.REFUND_DONE) in await shop.told()
    balances = await shop.balances()
    assert balances["refunds"] == 0
    assert balances["fees"] == -FEE


@pytest.mark.parametrize(
    ("to", "sun", "fault"),
    [
        ("ben", 5 * TRX, RefundFault.ADDRESS_NOT_PROVED),
        ("ann", 6 * TRX, RefundFault.NOT_ENOUGH),
        ("ann", FEE, RefundFault.TOO_LITTLE),
    ],
)
async def test_a_payout_that_is_not_due_takes_nothing(
    shop: Shop, to: str, sun: int, fault: RefundFault
) -> None:
    await credit(shop, 5 * TRX)
    with pytest.raises(RefundRefused) as refused:
        await shop.services.refunds.pay_out(USER, address(to), sun)
    assert refused.value.fault is fault
    assert await shop.balance() == 5 * TRX


async def test_a_proved_wallet_may_get_the_balance(shop: Shop) -> None:
    await credit(shop, 5 * TRX)
    await prove(shop, USER, "holder")
    assert await shop.services.refunds.places(USER) == (address("holder"), address("ann"))
    await shop.services.refunds.pay_out(USER, address("holder"), 5 * TRX)
    await shop.block(22)
    assert shop.trx_of("holder") == TRX + 5 * TRX - FEE


# A person's decision


async def test_a_person_assigns_a_held_payment_to_its_order(database: str) -> None:
    async with open_shop(database, flash=False) as shop:
        order = await shop.order()
        # From an exchange, which sent a round amount.
        payment = shop.pay(order, "ben", sun=3 * TRX)
        await shop.block(2)
        number = await payment_id(shop, payment)
        with pytest.raises(ChoiceRefused) as refused:
            await shop.staff(Act.ASSIGN_PAYMENT, payment=number, order=999)
        assert refused.value.fault is ChoiceFault.NO_SUCH_ORDER
        await shop.staff(Act.ASSIGN_PAYMENT, payment=number, order=order.number)
        await shop.block(2)
        assert (await shop.look(order)).stage is Stage.DELIVERED
        assert await shop.balance() == 3 * TRX - order.amount_sun
