"""What the shop can do with an order: no energy twice, no sun lost, once and written down."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.contracts import DelegateResource, Resource, UnDelegateResource
from services.acts import RIGHT_FOR, Act, ActFault, ActRefused
from services.order_acts import OrderActImpossible, OrderFacts, possible
from services.order_history import What
from services.order_search import Numbered, Txid, Username, read_wanted
from services.order_views import OrderStatus, OrderView, Stage
from services.staff import Actor, Right, Role
from tests.services.test_audit import SOLID, true_audit
from tests.support.shop import ADMIN, OTHER_USER, TRX, USER, Shop, address, open_shop

FACTS = st.builds(
    OrderFacts,
    status=st.sampled_from(OrderStatus),
    is_extension=st.booleans(),
    adrift=st.booleans(),
    out=st.booleans(),
    whole=st.booleans(),
    running=st.booleans(),
    extension_open=st.booleans(),
    money_sun=st.integers(min_value=0, max_value=10**15),
    returnable=st.booleans(),
    complete=st.booleans(),
)
PAID = OrderFacts(status=OrderStatus.PAID, money_sun=TRX, returnable=True)
HELD = replace(PAID, status=OrderStatus.FAILED, complete=True)
RUNS = OrderFacts(status=OrderStatus.COMPLETED, out=True, whole=True, running=True, money_sun=TRX)
ENDS = {Act.REFUND_ORDER, Act.CREDIT_ORDER}


# ── what is possible ─────────────────────────────────────────────────────────────────────────────


@given(FACTS)
def test_what_is_out_is_neither_delivered_again_nor_paid_back(order: OrderFacts) -> None:
    acts = possible(order)
    if order.out:
        assert Act.DELIVER_BY_POOL not in acts
        assert Act.RETRY_ORDER not in acts
        if order.status is not OrderStatus.FAILED:
            assert not acts & ENDS
    if not order.money_sun or order.status in (OrderStatus.COMPLETED, OrderStatus.PENDING):
        assert not acts & ENDS


@given(FACTS)
def test_nothing_is_decided_while_the_chain_decides(order: OrderFacts) -> None:
    assert possible(replace(order, adrift=True)) == frozenset()


@given(FACTS)
def test_time_is_given_to_and_taken_from_running_rentals_only(order: OrderFacts) -> None:
    if possible(order) & {Act.EXTEND_ORDER, Act.END_ORDER}:
        assert order.running
        assert order.whole
        assert not order.is_extension
        assert not order.extension_open


@pytest.mark.parametrize(
    ("order", "acts"),
    [
        (PAID, {Act.RETRY_ORDER, Act.DELIVER_BY_POOL, *ENDS}),
        (replace(PAID, returnable=False), {Act.RETRY_ORDER, Act.DELIVER_BY_POOL, Act.CREDIT_ORDER}),
        (replace(PAID, is_extension=True), {Act.RETRY_ORDER, *ENDS}),
        (replace(PAID, out=True), set()),
        (HELD, {Act.RETRY_ORDER, *ENDS}),
        (replace(HELD, complete=False), ENDS),
        (replace(HELD, money_sun=0, complete=False), set()),
        (RUNS, {Act.EXTEND_ORDER, Act.END_ORDER}),
        (replace(RUNS, running=False), set()),
        (OrderFacts(status=OrderStatus.PENDING), set()),
    ],
)
def test_each_state_has_its_acts(order: OrderFacts, acts: set[Act]) -> None:
    assert possible(order) == acts


def test_whoever_may_not_move_money_moves_none() -> None:
    support = Actor(1, Role.SUPPORT)
    paying = {act for act, right in RIGHT_FOR.items() if right is Right.PAY}
    assert ENDS | {Act.EXTEND_ORDER, Act.END_ORDER} <= paying
    assert not any(support.may(RIGHT_FOR[act]) for act in paying)


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("#1001", Numbered(1001, marked=True)),
        (" 1001 ", Numbered(1001)),
        ("AB" * 32, Txid("ab" * 32)),
        (f"https://tronscan.org/#/transaction/{'ab' * 32}", Txid("ab" * 32)),
        (f"from {address('ann')}", address("ann")),
        ("@Ann_1", Username("Ann_1")),
        ("https://t.me/ann", Username("ann")),
        ("t.me/ann", Username("ann")),
        ("№ 1001", Numbered(1001, marked=True)),
        ("@" + "a" * 32, Username("a" * 32)),
        ("0", None),
        ("1" * 30, None),
        (str(2**63), None),
        ("", None),
        ("hello there", None),
    ],
)
def test_what_is_in_the_clipboard_is_understood(typed: str, wanted: object) -> None:
    assert read_wanted(typed) == wanted


@given(st.text())
def test_nothing_that_is_typed_breaks_the_search(typed: str) -> None:
    read_wanted(typed)


# ── whole ways, with the audit at the end ───────────────────────────────────────────────────────


async def rows(shop: Shop, query: str, *arguments: object) -> list[dict[str, Any]]:
    async with shop.database.transaction() as tx:
        return [dict(row) for row in await tx.connection.fetch(query, *arguments)]


async def possible_now(shop: Shop, number: int) -> frozenset[Act]:
    desk = await shop.services.order_acts.look(number)
    assert desk is not None
    return desk.possible


async def paid_and_waiting(shop: Shop) -> tuple[OrderView, str]:
    """Paid, while its pool has suddenly nothing to lend: its owner lent it to somebody else."""
    order = await shop.order()
    await lend_everything(shop)
    txid = shop.pay(order)
    await shop.block(3)
    waiting = await shop.look(order)
    assert waiting.stage is Stage.PAID, waiting.stage
    return waiting, txid


async def lend_everything(shop: Shop, pool: str = "pool") -> None:
    stake = await shop.node.delegatable_energy_stake(address(pool))
    whole = stake - stake % TRX
    contract = DelegateResource(
        owner=address(pool), receiver=address("holder"), balance=whole, resource=Resource.ENERGY
    )
    shop.send(contract, pool)


async def give_back(shop: Shop, pool: str = "pool") -> None:
    """The pool's owner takes back what they lent."""
    lent = shop.delegated_sun(pool, "holder")
    contract = UnDelegateResource(
        owner=address(pool), receiver=address("holder"), balance=lent, resource=Resource.ENERGY
    )
    shop.send(contract, pool)
    await shop.block(2)


async def test_money_of_an_order_that_waits_for_energy_goes_back(database: str) -> None:
    async with open_shop(database) as shop:
        await shop.block(SOLID)
        await true_audit(shop)
        had = shop.trx_of("ann")
        order, txid = await paid_and_waiting(shop)
        assert await possible_now(shop, order.number) == {
            Act.RETRY_ORDER,
            Act.DELIVER_BY_POOL,
            *ENDS,
        }
        await shop.staff(Act.REFUND_ORDER, order=order.number)
        assert (await shop.look(order)).stage is Stage.FAILED
        assert (await shop.payment_status(txid))[0] == "refunding"
        with pytest.raises(OrderActImpossible):
            await shop.staff(Act.CREDIT_ORDER, order=order.number)
        await shop.block(SOLID + 4)
        assert (await shop.payment_status(txid))[0] == "refunded"
        assert shop.trx_of("ann") == had
        assert await shop.balance() == 0
        await true_audit(shop)


async def test_a_failed_order_is_delivered_after_all_with_the_money_that_was_held(
    database: str,
) -> None:
    """Also twice: each try is an order of its own, whose books are open once."""
    energy = {"undeliverable": "hold", "patience_minutes": 1}
    async with open_shop(database, pools={"pool": 50_000, "second": 50_000}, energy=energy) as shop:
        await shop.block(SOLID)
        await true_audit(shop)
        order = await shop.order()
        await lend_everything(shop)
        await lend_everything(shop, "second")
        txid = shop.pay(order)
        await shop.block(3)
        shop.advance(120)
        await shop.block(2)
        assert (await shop.look(order)).stage is Stage.FAILED
        assert await shop.payment_status(txid) == ("held", "undeliverable")
        again = int(await shop.staff(Act.RETRY_ORDER, order=order.number))
        assert again != order.number
        assert await possible_now(shop, order.number) == frozenset()
        await shop.block(2)
        shop.advance(120)
        await shop.block(2)
        third = int(await shop.staff(Act.RETRY_ORDER, order=again))
        await shop.staff(Act.CREDIT_ORDER, order=third)
        assert await shop.balance() == order.amount_sun
        await shop.block(SOLID)
        await true_audit(shop)
        mine = [each for each in shop.delegations() if each.receiver == address("ann")]
        assert mine == []


async def test_money_held_for_a_failed_order_can_pay_another_one(database: str) -> None:
    """Two orders cannot have been paid by one transaction: the failed one lets go of it."""
    energy = {"undeliverable": "hold", "patience_minutes": 1}
    async with open_shop(database, energy=energy) as shop:
        await shop.block(SOLID)
        await true_audit(shop)
        order = await shop.order(transfers=2)
        other = await shop.order(user=OTHER_USER, recipient="ben")
        await lend_everything(shop)
        txid = shop.pay(order)
        await shop.block(3)
        shop.advance(120)
        await shop.block(2)
        assert await shop.payment_status(txid) == ("held", "undeliverable")
        [held] = await rows(shop, "SELECT id FROM payments WHERE txid = $1", txid)
        await give_back(shop)
        await shop.staff(Act.ASSIGN_PAYMENT, payment=held["id"], order=other.number)
        await shop.block(3)
        assert (await shop.look(other)).stage is Stage.DELIVERED
        assert await possible_now(shop, order.number) == frozenset()
        await shop.block(SOLID)
        await true_audit(shop)


async def test_another_pool_delivers_once(database: str) -> None:
    async with open_shop(database, pools={"pool": 50_000, "second": 50_000}) as shop:
        await shop.block(SOLID)
        await true_audit(shop)
        order = await shop.order()
        shop.pay(order)
        # Paid, and nobody has delivered yet.
        for _ in range(3):
            shop.chain.produce_block()
            await shop.services.scanner.scan()
        assert (await shop.look(order)).stage is Stage.PAID
        pools = await shop.services.order_acts.pools(order.number)
        assert set(pools) == {address("pool"), address("second")}
        await shop.staff(Act.DELIVER_BY_POOL, order=order.number, pool=address("second"))
        assert await possible_now(shop, order.number) == frozenset()
        for act in (Act.DELIVER_BY_POOL, Act.REFUND_ORDER):
            with pytest.raises(OrderActImpossible):
                await shop.staff(act, order=order.number, pool=address("pool"))
        await shop.services.write_ahead.broadcast_due()
        await shop.block(3)
        assert (await shop.look(order)).stage is Stage.DELIVERED
        assert shop.delegated_sun("second", "ann") > 0
        assert shop.delegated_sun("pool", "ann") == 0
        await shop.block(SOLID)
        await true_audit(shop)


async def test_time_that_was_given_lasts_and_is_worth_nothing_when_the_rental_is_ended(
    database: str,
) -> None:
    async with open_shop(database, energy={"early_end_percent": 100}) as shop:
        await shop.block(SOLID)
        await true_audit(shop)
        order = await shop.order()
        shop.pay(order)
        await shop.block(3)
        before = await shop.look(order)
        await shop.staff(Act.EXTEND_ORDER, order=order.number, hours=6)
        after = await shop.look(order)
        assert before.expires_at is not None
        assert after.expires_at == before.expires_at + timedelta(hours=6)
        with pytest.raises(OrderActImpossible):
            await shop.staff(Act.EXTEND_ORDER, order=order.number, hours=24 * 366)
        shop.advance(2 * 3600)
        await shop.block(2)
        assert (await shop.look(order)).stage is Stage.DELIVERED
        # The hour that was paid for is over: nothing of what was paid comes back.
        await shop.staff(Act.END_ORDER, order=order.number, percent=100)
        await shop.block(4)
        ended = await shop.look(order)
        assert ended.stage is Stage.ENDED
        assert await shop.balance() == 0
        assert shop.delegated_sun("pool", "ann") == 0
        await shop.block(SOLID)
        await true_audit(shop)


async def test_an_end_with_the_share_credits_it_and_one_without_does_not(database: str) -> None:
    async with open_shop(database, energy={"early_end_percent": 50}) as shop:
        await shop.block(SOLID)
        await true_audit(shop)
        for percent in (0, 50):
            order = await shop.order()
            shop.pay(order)
            await shop.block(3)
            await shop.staff(Act.END_ORDER, order=order.number, percent=percent)
            await shop.block(4)
            assert (await shop.look(order)).stage is Stage.ENDED
            most = order.amount_sun * percent // 100
            assert most * 9 // 10 <= await shop.balance() <= most
        await shop.block(SOLID)
        await true_audit(shop)


async def test_an_act_is_done_once_written_down_and_stands_in_the_time_line(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block(3)
    services, owner = shop.services, Actor(ADMIN, Role.OWNER)
    proposal = await services.acts.propose(
        owner,
        Act.EXTEND_ORDER,
        subject=f"order {order.number}",
        arguments={"order": order.number, "hours": 1},
        reason="for the trouble",
    )
    await services.order_acts.carry_out(owner, proposal)
    with pytest.raises(ActRefused) as refused:
        await services.order_acts.carry_out(owner, proposal)
    assert refused.value.fault is ActFault.GONE
    [noted] = await rows(shop, "SELECT * FROM audit_log")
    assert (noted["actor_id"], noted["act"]) == (ADMIN, "extend order")
    assert noted["reason"] == "for the trouble"
    assert noted["after"]["hours"] == 1
    desk = await services.order_acts.look(order.number)
    assert desk is not None
    happened = [event.what for event in desk.events]
    assert happened[0] is What.ORDERED
    for what in (What.PAYMENT, What.PAID, What.DELEGATE, What.DELIVERED, What.BOOKED, What.MESSAGE):
        assert what in happened, what
    [decision] = [event for event in desk.events if event.what is What.DECISION]
    assert (decision.who, decision.reason) == (ADMIN, "for the trouble")
    moments = [event.at for event in desk.events]
    assert moments == sorted(moments)
    assert (await shop.services.order_search.find(Numbered(USER))).orders[0].number == order.number
