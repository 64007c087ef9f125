"""People: found, looked at, made up to, banned, noted, limited."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.office import people_cards
from bot.office.people import read_signed_trx
from chain.contracts import Transfer
from db.ledger import MovementRow
from services import ledger
from services.acts import Act
from services.customers import Language
from services.people import Bound, subject_of
from services.staff import Actor, Role
from tests.bot.office.samples_people import PERSON
from tests.bot.people import ANN, BEN, OPERATOR, Person, World, labels, order_something, words
from tests.bot.samples import TEXTS
from tests.support.shop import TRX, Shop, address

ENGLISH = TEXTS[Language.EN]
PEOPLE = ENGLISH.office.people
COMMON = ENGLISH.office.common
LARGEST = 10**12 * TRX - 1


async def trail(shop: Shop) -> list[tuple[str, str, str, dict[str, object], dict[str, object]]]:
    async with shop.database.transaction() as tx:
        rows = await tx.connection.fetch(
            "SELECT act, subject, reason, before, after FROM audit_log ORDER BY id"
        )
    return [tuple(row.values()) for row in rows]


async def movements(shop: Shop, user_id: int) -> tuple[MovementRow, ...]:
    async with shop.database.transaction() as tx:
        return await tx.ledger.movements(ledger.user_account(user_id), 10)


async def adjust(operator: Person, amount: str, reason: str) -> None:
    """From somebody's card to the last tap."""
    await operator.taps(PEOPLE.adjust_button)
    await operator.says(amount)
    await operator.says(reason)
    await operator.taps(COMMON.do_it_button)


@pytest.mark.parametrize(
    ("typed", "sun"),
    [
        ("+5", 5 * TRX),
        ("-0.25", -250_000),
        ("− 1,5 TRX", -1_500_000),
        ("+0.000001", 1),
        ("5", None),
        ("+0", None),
        ("+1,250", None),
        ("+1.0000001", None),
        ("+1 +2", None),
        ("+1e3", None),
        ("+", None),
    ],
)
def test_an_amount_has_a_sign_and_one_meaning(typed: str, sun: int | None) -> None:
    assert read_signed_trx(typed) == sun


@given(st.integers(min_value=-LARGEST, max_value=LARGEST).filter(bool))
def test_what_is_written_exactly_is_read_to_the_sun(sun: int) -> None:
    assert read_signed_trx(PEOPLE.signed(sun)) == sun


@given(st.text(max_size=20))
def test_no_text_is_too_strange_for_an_amount(text: str) -> None:
    sun = read_signed_trx(text)
    assert sun is None or 0 < abs(sun) <= LARGEST


async def test_somebody_is_found_by_whatever_is_in_the_clipboard(
    world: World, operator: Person, ann: Person, ben: Person
) -> None:
    await order_something(ann)
    await ben.says("/start")
    shop = world.shop
    order = (await shop.services.orders.page(ANN.id, 1)).orders[0]
    shop.pay(order)
    await world.block(3)
    # She paid from the wallet that she rented for; Ben from one that he never named.
    bens = await shop.order(user=BEN.id, recipient="holder")
    shop.pay(bens, "ben")
    await world.block(3)
    expected = {
        str(ANN.id): ANN,
        "@ann": ANN,
        "https://t.me/ANN": ANN,
        "Ann": ANN,
        f"#{order.number}": ANN,
        str(bens.number): BEN,
        f"wallet {address('ann')}": ANN,
        address("holder"): BEN,
        address("ben"): BEN,
    }
    for typed, user in expected.items():
        assert str(user.id) in words(await operator.says(f"/user {typed}")), typed
    card = words(await operator.says("/user ann"))
    assert "Ann @ann" in card
    assert "delivered" in card
    assert address("ann") in card
    assert str(order.number) in card

    await operator.says("/user")
    assert PEOPLE.nobody_like_that in words(await operator.says("@nobodylikethat"))
    assert PEOPLE.nobody_like_that in words(await operator.says("T" + "x" * 33))
    assert "Ben @ben" in words(await operator.says("ben")), "the question was still open"
    both = await operator.says("/user n")
    assert {"Ann @ann", "Ben @ben"} <= set(labels(both))
    assert "Ann @ann" in words(await operator.taps("Ann @ann"))
    listed = words(await operator.taps(PEOPLE.orders_button))
    assert f"#{order.number} · delivered" in listed
    assert "Ann @ann" in words(await operator.taps(COMMON.back_button))


async def test_a_balance_changes_to_the_sun_and_the_books_stay_true(
    world: World, operator: Person, ann: Person
) -> None:
    shop = world.shop
    await ann.says("/start")
    await world.block()
    await shop.services.audit.run()
    await shop.block(20)
    assert (await shop.services.audit.run()).true, "the books begin"
    before = await shop.balances()
    await operator.says(f"/user {ANN.id}")
    await operator.taps(PEOPLE.adjust_button)
    assert PEOPLE._amount_unclear in words(await operator.says("a lot"))
    assert PEOPLE._not_below_zero in words(await operator.says("-0.000001"))
    await operator.says("+1.500001")
    sure = await operator.says("she waited for hours")
    assert "from 0.000000 to 1.500001 TRX" in words(sure)
    assert "she waited for hours" in words(sure)
    done = await operator.taps(COMMON.do_it_button)
    assert "1.500001" in words(done)
    assert "+1.500001" in words(ann.newest)
    assert PEOPLE.signed(1_500_001) in words(await ann.says("/balance"))

    await adjust(operator, "-0.5", "too much")
    await adjust(operator, "-0.5", "the same again is another one")
    assert [(row.event, row.sun) for row in await movements(shop, ANN.id)] == [
        ("adjusted", -500_000),
        ("adjusted", -500_000),
        ("adjusted", 1_500_001),
    ]
    now = await shop.balances()
    assert (now["owner"] - before["owner"], now[f"user:{ANN.id}"]) == (500_001, -500_001)
    report = await shop.services.audit.run()
    assert report.true, list(report.lines())
    noted = await trail(shop)
    assert [act for act, *_ in noted] == ["adjust"] * 3
    assert noted[0] == (
        "adjust",
        subject_of(ANN.id),
        "she waited for hours",
        {"balance_sun": 0},
        {"balance_sun": 1_500_001},
    )


async def test_two_taps_change_a_balance_once_and_never_below_zero(
    world: World, operator: Person, ann: Person
) -> None:
    shop = world.shop
    await ann.says("/start")
    await world.block()
    await operator.says("/user ann")
    await operator.taps(PEOPLE.adjust_button)
    await operator.says("+2")
    sure = await operator.says("a gift")
    operator.press(COMMON.do_it_button, sure.message_id)
    operator.press(COMMON.do_it_button, sure.message_id)
    await world.settle()
    assert len(await movements(shop, ANN.id)) == 1

    # Meanwhile she spends it.
    await operator.taps(PEOPLE.adjust_button)
    await operator.says("-2")
    await operator.says("a mistake")
    async with shop.database.transaction() as tx:
        await tx.ledger.book(ledger.adjusted(ANN.id, -1), event="adjusted")
    refused = await operator.taps(COMMON.do_it_button)
    assert PEOPLE._not_below_zero in words(refused)
    assert "1.999999" in words(refused)
    assert len(await movements(shop, ANN.id)) == 2
    assert len(await trail(shop)) == 1


async def test_whoever_is_banned_keeps_what_they_have_and_begins_nothing_new(
    world: World, operator: Person, ann: Person
) -> None:
    shop = world.shop
    await order_something(ann)
    order = (await shop.services.orders.page(ANN.id, 1)).orders[0]
    await operator.says("/user ann")
    why = await operator.taps(PEOPLE.ban_button)
    assert "1 unpaid order" in words(why)
    assert COMMON.no_reason_button not in labels(why), "a ban needs a reason"
    await operator.says("chargebacks elsewhere")
    card = await operator.taps(COMMON.do_it_button)
    assert "chargebacks elsewhere" in words(card)
    assert PEOPLE.unban_button in labels(card)
    assert words(await ann.says("/rent")) == ENGLISH.banned()

    shop.pay(order)
    await world.block(3)
    assert (await shop.look(order)).stage == "delivered", "an order that was open is paid for"
    # Money without an order would be a rental: a person decides.
    for sender, status in (("ann", "held"), ("ben", "delivered")):
        txid = shop.send(Transfer(address(sender), order.payment_address, 7 * TRX), sender)
        await world.block(4)
        assert (await shop.payment_status(txid))[0] == status, sender
    assert "banned" in words(await operator.says("/held"))

    await operator.says("/user ann")
    await operator.taps(PEOPLE.unban_button)
    await operator.taps(COMMON.no_reason_button)
    await operator.taps(COMMON.do_it_button)
    assert words(await ann.says("/rent")) != ENGLISH.banned()
    assert [(act, reason) for act, _, reason, *_ in await trail(shop)] == [
        ("ban", "chargebacks elsewhere"),
        ("unban", ""),
    ]


async def test_nobody_of_the_staff_is_banned(world: World, operator: Person) -> None:
    await operator.says("/start")
    await operator.says(f"/user {OPERATOR.id}")
    await operator.taps(PEOPLE.ban_button)
    assert operator.toast == PEOPLE.cannot_ban_staff
    acts, actor = world.shop.services.acts, world.shop.services.staff.actor(OPERATOR.id)
    assert actor is not None
    proposal = await acts.propose(
        actor, Act.BAN, subject="user", arguments={"user": OPERATOR.id}, reason="x"
    )
    with pytest.raises(Exception, match="not_allowed"):
        await world.shop.services.people.ban(actor, proposal.nonce)


async def test_a_note_and_bounds_of_somebodys_own(
    world: World, operator: Person, ann: Person
) -> None:
    shop = world.shop
    await ann.says("/start")
    await world.block()
    await operator.says("/user ann")
    await operator.taps(PEOPLE.note_button)
    await operator.says("writes at night")
    assert "writes at night" in words(await operator.taps(COMMON.do_it_button))
    await operator.taps(PEOPLE.note_button)
    await operator.says("-")
    assert "writes at night" not in words(await operator.taps(COMMON.do_it_button))

    await operator.taps(PEOPLE.bound_button(Bound.OPEN))
    assert words(await operator.says("many")) == PEOPLE._bound_unclear
    await operator.says("1")
    await operator.taps(COMMON.no_reason_button)
    assert "Unpaid orders at once: 1" in words(await operator.taps(COMMON.do_it_button))
    await shop.order()
    with pytest.raises(Exception, match="too_many_open_orders"):
        await shop.order()

    await operator.taps(PEOPLE.bound_button(Bound.OPEN))
    await operator.says("-")
    await operator.says("paid well")
    await operator.taps(COMMON.do_it_button)
    await shop.order()
    await operator.taps(PEOPLE.bound_button(Bound.DAY))
    await operator.says("2")
    await operator.taps(COMMON.no_reason_button)
    await operator.taps(COMMON.do_it_button)
    with pytest.raises(Exception, match="daily_limit"):
        await shop.order()
    await shop.services.customers.greet(BEN.id, language_code="en", first_name="B", username=None)
    await shop.order(user=BEN.id, recipient="ben")
    await shop.order(user=BEN.id, recipient="ben")
    await shop.order(user=BEN.id, recipient="ben")
    assert [act for act, *_ in await trail(shop)] == ["note", "note", "limit", "limit", "limit"]


def test_support_is_not_offered_what_moves_money() -> None:
    for role, offered in ((Role.OPERATOR, True), (Role.SUPPORT, False)):
        card = people_cards.person(ENGLISH.office, PERSON, Actor(1, role))
        assert card.keyboard is not None
        shown = [each.text for row in card.keyboard.inline_keyboard for each in row]
        assert (PEOPLE.adjust_button in shown) is offered
        assert PEOPLE.ban_button in shown
