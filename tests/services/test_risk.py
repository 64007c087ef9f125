"""Risk: what is decided is explained, nothing makes it milder, and what waits is not delivered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.contracts import Transfer
from composition import risk_rules
from services.acts import Act, ActRefused
from services.extensions import RENTAL_OVER, ExtensionFault, ExtensionRefused
from services.matching import HeldReason
from services.order_views import OrderView, Origin, Stage
from services.orders import OrderFault, OrderRefused
from services.risk import (
    Outcome,
    RiskFacts,
    RiskReason,
    RiskRule,
    RiskRules,
    assess,
    worst,
)
from services.staff import Actor, Role
from settings import Settings
from tests.services.test_extensions import DAY, extension, rental
from tests.support.shop import ADMIN, TRX, USER, Shop, address, open_shop

OWNER = Actor(ADMIN, Role.OWNER)
MILD = list(Outcome)
COUNTS = st.integers(0, 200)
FACTS = st.builds(
    RiskFacts,
    address_listed=st.booleans(),
    user_listed=st.booleans(),
    user_hour=COUNTS,
    user_day=COUNTS,
    address_hour=COUNTS,
    address_day=COUNTS,
    amount_sun=COUNTS,
    finished=st.none() | COUNTS,
    holds_token=st.none() | st.booleans(),
    from_exchange=st.booleans(),
    from_contract=st.booleans(),
    orders=COUNTS,
    undone=st.just(0),
).flatmap(lambda facts: st.integers(0, facts.orders).map(lambda n: replace(facts, undone=n)))
RULES = st.fixed_dictionaries(
    {
        reason: st.builds(RiskRule, st.sampled_from(Outcome), COUNTS, st.integers(1, 20))
        for reason in RiskReason
    }
)


@given(FACTS, RULES)
def test_every_outcome_but_allow_has_a_reason_that_carries_it(
    facts: RiskFacts, rules: RiskRules
) -> None:
    found = assess(facts, rules)
    assert (found.outcome is Outcome.ALLOW) == (not found.reasons)
    assert found.outcome is worst(rules[reason].outcome for reason in found.reasons)


@given(FACTS, FACTS, RULES, st.sampled_from(["listed", "user_hour", "amount_sun", "undone"]))
def test_a_reason_more_never_makes_it_milder(
    facts: RiskFacts, other: RiskFacts, rules: RiskRules, what: str
) -> None:
    worse: dict[str, Any]
    match what:
        case "listed":
            worse = {"address_listed": True}
        case "undone":
            worse = {"undone": facts.orders}
        case name:
            worse = {name: max(getattr(facts, name), getattr(other, name))}
    before, after = assess(facts, rules), assess(replace(facts, **worse), rules)
    assert set(before.reasons) <= set(after.reasons)
    assert MILD.index(before.outcome) <= MILD.index(after.outcome)


@given(FACTS, RULES, st.sampled_from(RiskReason))
def test_a_stricter_rule_never_makes_it_milder(
    facts: RiskFacts, rules: RiskRules, reason: RiskReason
) -> None:
    stricter = {**rules, reason: replace(rules[reason], outcome=Outcome.REFUSE)}
    assert MILD.index(assess(facts, rules).outcome) <= MILD.index(assess(facts, stricter).outcome)


def test_an_ordinary_customer_is_allowed_everything() -> None:
    first = RiskFacts(
        user_hour=1,
        user_day=1,
        address_hour=1,
        address_day=1,
        amount_sun=3 * TRX,
        finished=0,
        holds_token=False,
    )
    assert assess(first, risk_rules(Settings())).outcome is Outcome.ALLOW
    assert {field.name for field in fields(RiskFacts)} >= {"address_listed", "undone"}


# ── in the shop ──────────────────────────────────────────────────────────────────────────────

ASK_ALL = {"order_sun": 1, "order_outcome": "ask"}


@pytest.fixture
async def shop(database: str, request: pytest.FixtureRequest) -> AsyncIterator[Shop]:
    """Its rules of risk are what the test is marked with, else the usual ones."""
    async with open_shop(database, risk=getattr(request, "param", None)) as opened:
        yield opened


async def decide(shop: Shop, order: OrderView, *, allow: bool) -> None:
    proposal = await shop.services.acts.propose(
        OWNER,
        Act.ALLOW_ORDER if allow else Act.REFUSE_ORDER,
        subject=f"order {order.number}",
        arguments={"order": str(order.id)},
        reason="looked at it",
    )
    await shop.services.risk.decide(OWNER, proposal.nonce, allow=allow)


async def blacklist(shop: Shop, *, name: str | None = None, user: int | None = None) -> None:
    proposal = await shop.services.acts.propose(
        OWNER,
        Act.BLACKLIST,
        subject="somebody",
        arguments={"address": address(name) if name else None, "user": user},
        reason="stole",
    )
    await shop.services.risk.add(OWNER, proposal.nonce)


@pytest.mark.parametrize("shop", [ASK_ALL], indirect=True)
async def test_what_waits_is_not_delivered_until_it_is_allowed(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block(3)
    # Longer than the patience of delivery, which does not begin before somebody has decided.
    shop.advance(3600)
    await shop.block(3)
    view = await shop.look(order)
    assert view.stage is Stage.PAID
    assert view.waits_for_person
    assert not shop.delegations()
    assert (await shop.told()).count((ADMIN, "staff_order_asked")) == 1

    await decide(shop, order, allow=True)
    await shop.block(4)
    assert (await shop.look(order)).stage is Stage.DELIVERED
    with pytest.raises(ActRefused):
        await decide(shop, order, allow=False)


@pytest.mark.parametrize("shop", [ASK_ALL], indirect=True)
async def test_what_is_turned_down_has_its_money_sent_back(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block(3)
    before = shop.trx_of("ann")
    await decide(shop, order, allow=False)
    await shop.block(25)
    view = await shop.look(order)
    assert (view.stage, view.failure) == (Stage.FAILED, "risk")
    assert shop.trx_of("ann") == before + order.amount_sun
    assert not shop.delegations()
    assert sum((await shop.balances()).values()) == 0


async def test_who_is_listed_is_refused_before_any_money(shop: Shop) -> None:
    await blacklist(shop, name="ben")
    await blacklist(shop, user=USER)
    for who in ("ben", "ann"):
        with pytest.raises(OrderRefused) as refused:
            await shop.order(recipient=who)
        assert refused.value.fault is OrderFault.DECLINED
    desk = await shop.services.risk.look()
    assert desk.listed == 2
    for entry in desk.newest:
        proposal = await shop.services.acts.propose(
            OWNER,
            Act.UNLIST,
            subject=entry.subject,
            arguments={"listed": entry.id},
            reason="a mistake",
        )
        await shop.services.risk.remove(OWNER, proposal.nonce)
    await shop.order(recipient="ben")


async def test_trx_of_somebody_listed_is_held(shop: Shop) -> None:
    await blacklist(shop, name="ben")
    txid = shop.send(Transfer(address("ben"), address("payments"), 20 * TRX), "ben")
    await shop.block(3)
    assert await shop.payment_status(txid) == ("held", HeldReason.DECLINED)


@pytest.mark.parametrize("shop", [ASK_ALL], indirect=True)
async def test_flash_rentals_wait_for_a_person_too(shop: Shop) -> None:
    txid = shop.send(Transfer(address("ben"), address("payments"), 20 * TRX), "ben")
    await shop.block(4)
    assert (await shop.payment_status(txid))[0] == "matched"
    assert not shop.delegations()
    [risky] = (await shop.services.risk.look()).orders
    await decide(shop, risky.order, allow=True)
    await shop.block(4)
    assert (await shop.payment_status(txid))[0] == "delivered"


@pytest.mark.parametrize("outcome", ["ask", "refuse"])
async def test_an_exchange_is_found_out_when_it_pays_and_asked_about(
    database: str, outcome: str
) -> None:
    risk = {"exchange_outcome": outcome}
    async with open_shop(database, risk=risk, exchanges=[address("ben")]) as shop:
        own, others = await shop.order(), await shop.order()
        shop.pay(own)
        shop.pay(others, "ben")
        await shop.block(5)
        assert (await shop.look(own)).stage is Stage.DELIVERED
        [risky] = (await shop.services.risk.look()).orders
        assert risky.order.id == others.id
        assert risky.reasons == (RiskReason.FROM_EXCHANGE,)


async def test_too_many_orders_and_too_many_undone_ones(database: str) -> None:
    risk = {
        "user_hour": 2,
        "user_outcome": "refuse",
        "undone_percent": 50,
        "undone_orders": 2,
        "undone_outcome": "ask",
    }
    async with open_shop(database, risk=risk) as shop:
        for _ in range(2):
            order = await shop.order()
            await shop.services.orders.cancel(USER, order.id)
        # Cancelled ones are no crowd, but they are undone.
        third = await shop.order()
        async with shop.database.transaction() as tx:
            row = await tx.orders.get(third.id)
        assert row is not None
        assert row.risk_reasons == [RiskReason.UNDONE]
        await shop.order()
        with pytest.raises(OrderRefused) as refused:
            await shop.order()
        assert refused.value.fault is OrderFault.DECLINED


@pytest.mark.parametrize("shop", [ASK_ALL], indirect=True)
async def test_less_of_what_was_risky_still_waits(shop: Shop) -> None:
    """The order that the part of its price was enough for was delivered without a look."""
    order = await shop.order(transfers=2)
    txid = shop.pay(order, sun=order.amount_sun * 2 // 3)
    await shop.block(2)
    await shop.services.orders.cancel(USER, order.id)
    async with shop.database.transaction() as tx:
        payment = await tx.payments.find(txid, 0)
    assert payment is not None
    await shop.staff(Act.DELIVER_PAYMENT, payment=payment.id)
    await shop.block(3)
    assert not shop.delegations()
    [risky] = (await shop.services.risk.look()).orders
    assert risky.order.origin is Origin.LESS


# ── extensions ───────────────────────────────────────────────────────────────────────────────

# An hour costs less than this, a day more of it costs more.
ASK_ABOUT_TIME = {"order_sun": 3_500_000, "order_outcome": "ask"}


async def allowed_rental(shop: Shop) -> OrderView:
    order = await rental(shop)
    assert not order.waits_for_person
    return order


@pytest.mark.parametrize("shop", [ASK_ABOUT_TIME], indirect=True)
async def test_an_extension_waits_for_a_person_as_an_order_does(shop: Shop) -> None:
    """Extensions were not looked at: a little energy could be had for as long as one liked."""
    order = await allowed_rental(shop)
    more = await extension(shop, order, DAY)
    shop.pay(more)
    await shop.block(3)
    view = await shop.look(more)
    assert (view.stage, view.waits_for_person) == (Stage.PAID, True)
    assert (await shop.look(order)).expires_at == order.expires_at
    assert (await shop.told()).count((ADMIN, "staff_order_asked")) == 1
    [risky] = (await shop.services.risk.look()).orders
    assert (risky.order.id, risky.reasons) == (more.id, (RiskReason.ORDER_SIZE,))

    await decide(shop, more, allow=True)
    await shop.block()
    assert (await shop.look(more)).stage is Stage.DELIVERED
    assert order.expires_at is not None
    assert (await shop.look(order)).expires_at == order.expires_at + more.duration


@pytest.mark.parametrize("shop", [ASK_ABOUT_TIME], indirect=True)
async def test_an_extension_that_is_turned_down_has_its_money_sent_back(shop: Shop) -> None:
    order = await allowed_rental(shop)
    more = await extension(shop, order, DAY)
    shop.pay(more)
    await shop.block(3)
    before = shop.trx_of("ann")
    await decide(shop, more, allow=False)
    await shop.block(25)
    assert (await shop.look(more)).failure == "risk"
    assert shop.trx_of("ann") == before + more.amount_sun
    rented = await shop.look(order)
    assert (rented.stage, rented.expires_at) == (Stage.DELIVERED, order.expires_at)
    assert sum((await shop.balances()).values()) == 0


@pytest.mark.parametrize("shop", [ASK_ABOUT_TIME], indirect=True)
async def test_nobody_gets_time_for_nothing_while_a_person_thinks(shop: Shop) -> None:
    """A paid extension keeps its rental from being taken back: for as long as it waited, too."""
    order = await allowed_rental(shop)
    more = await extension(shop, order, DAY)
    shop.pay(more)
    await shop.block(3)
    before = shop.trx_of("ann")
    shop.advance(3_700)
    await shop.block(4)
    assert (await shop.look(order)).stage is Stage.ENDED
    assert shop.delegated_sun("pool", "ann") == 0
    # Nobody has to decide any more.
    late = await shop.look(more)
    assert (late.stage, late.failure) == (Stage.FAILED, RENTAL_OVER)
    assert (await shop.services.risk.look()).waiting == 0
    with pytest.raises(ActRefused):
        await decide(shop, more, allow=True)
    await shop.block(25)
    assert shop.trx_of("ann") == before + more.amount_sun
    assert sum((await shop.balances()).values()) == 0


async def test_who_is_listed_gets_no_more_time_and_keeps_what_they_have(shop: Shop) -> None:
    order = await allowed_rental(shop)
    await blacklist(shop, name="ann")
    with pytest.raises(ExtensionRefused) as refused:
        await extension(shop, order)
    assert refused.value.fault is ExtensionFault.DECLINED
    assert (await shop.look(order)).stage is Stage.DELIVERED


async def test_an_extension_is_no_order_more(database: str) -> None:
    """With as many orders as are allowed, each of them can be prolonged."""
    async with open_shop(database, risk={"user_hour": 1, "user_outcome": "refuse"}) as shop:
        order = await allowed_rental(shop)
        more = await extension(shop, order)
        shop.pay(more)
        await shop.block(3)
        assert (await shop.look(more)).stage is Stage.DELIVERED
        with pytest.raises(OrderRefused):
            await shop.order(recipient="ben")


async def test_who_pays_an_extension_is_looked_at_too(database: str) -> None:
    risk = {"exchange_outcome": "ask"}
    async with open_shop(database, risk=risk, exchanges=[address("ben")]) as shop:
        order = await allowed_rental(shop)
        more = await extension(shop, order)
        shop.pay(more, "ben")
        await shop.block(3)
        [risky] = (await shop.services.risk.look()).orders
        assert (risky.order.id, risky.reasons) == (more.id, (RiskReason.FROM_EXCHANGE,))
        assert (await shop.look(order)).expires_at == order.expires_at
