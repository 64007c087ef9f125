"""One order, payment or rental that cannot be worked on must not keep others from theirs."""

from __future__ import annotations

import pytest

from services.alerts import AlertKind
from services.matching import HeldReason
from services.order_views import Stage
from tests.support.shop import OTHER_USER, Shop, address, open_shop


async def refuse_delegations_to(shop: Shop, recipient: str) -> None:
    """Let the database refuse to store this receiver's delegations: a defect of one order."""
    async with shop.database.transaction() as tx:
        await tx.connection.execute(
            f"ALTER TABLE energy_delegations ADD CONSTRAINT defect "
            f"CHECK (recipient_address <> '{address(recipient)}') NOT VALID"
        )


async def test_one_order_that_cannot_be_decided_stops_no_other_and_ends(shop: Shop) -> None:
    broken = await shop.order(user=OTHER_USER, recipient="ben")
    whole = await shop.order()
    payment = shop.pay(broken, "ben")
    shop.pay(whole)
    await refuse_delegations_to(shop, "ben")
    await shop.block(4)
    assert (await shop.look(whole)).stage is Stage.DELIVERED
    assert (await shop.look(broken)).stage is Stage.PAID
    shop.advance(700)
    await shop.block(2)
    assert (await shop.look(broken)).stage is Stage.FAILED
    assert await shop.payment_status(payment) == ("refunding", None)


async def test_a_pool_is_not_asked_to_lend_to_itself(database: str) -> None:
    async with open_shop(database, pools={"pool": 50_000}) as shop:
        order = await shop.order(recipient="ann")
        async with shop.database.transaction() as tx:
            # Since it was ordered, its receiver has become a pool of ours.
            await tx.connection.execute(
                "UPDATE energy_flash_orders SET recipient_address = $1 WHERE id = $2",
                address("pool"),
                order.id,
            )
        payment = shop.pay(order)
        await shop.block(4)
        shop.advance(700)
        await shop.block(2)
        assert (await shop.look(order)).stage is Stage.FAILED
        assert await shop.payment_status(payment) == ("refunding", None)


async def test_one_rental_that_cannot_be_closed_stops_no_other(shop: Shop) -> None:
    broken = await shop.order(user=OTHER_USER, recipient="ben")
    whole = await shop.order()
    shop.pay(broken, "ben")
    shop.pay(whole)
    await shop.block(4)
    async with shop.database.transaction() as tx:
        await tx.connection.execute(
            "ALTER TABLE energy_flash_orders ADD CONSTRAINT defect "
            f"CHECK (recipient_address <> '{address('ben')}' OR ended_at IS NULL) NOT VALID"
        )
    shop.advance(3600)
    await shop.block(3)
    assert (await shop.look(whole)).stage is Stage.ENDED


async def test_rentals_of_a_pool_that_is_gone_do_not_keep_others_from_ending(
    shop: Shop,
) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block(3)
    async with shop.database.transaction() as tx:
        # Fifty older rentals of a pool that is not configured any more.
        await tx.connection.execute(
            "INSERT INTO energy_pools (address, permission_id, key_address) VALUES ($1, 2, $1)",
            address("gone"),
        )
        await tx.connection.execute(
            """
            WITH old AS (
                INSERT INTO chain_transactions (txid, kind, owner, receiver, balance_sun, raw,
                    signature, timestamp_ms, expiration, state, block_number, block_time)
                SELECT lpad(to_hex(n), 64, '0'), 'delegate', $1, $2, 1000000, '', t.signature, n,
                       t.expiration, 'included', 1, t.block_time
                FROM generate_series(1, 60) n, chain_transactions t RETURNING txid
            )
            INSERT INTO energy_delegations (order_id, pool_address, recipient_address,
                energy_amount, balance_sun, duration_hours, tx_id, status, expires_at)
            SELECT o.id, $1, $2, 1, 1000000, 1, old.txid, 'active', o.ordered_at
            FROM old, energy_flash_orders o
            """,
            address("gone"),
            address("ben"),
        )
    shop.advance(3600)
    await shop.block(3)
    assert shop.delegated_sun("pool", "ann") == 0


@pytest.mark.parametrize("where", ["orders", "ledger_entries"])
async def test_one_payment_that_cannot_be_booked_stops_no_other_and_is_held(
    shop: Shop, where: str
) -> None:
    poisoned, healthy = await shop.order(), await shop.order(user=OTHER_USER, recipient="ben")
    condition = {
        "orders": f"NEW.id = '{poisoned.id}' AND NEW.status = 'paid'",
        "ledger_entries": "NEW.event = 'paid' AND NEW.account = 'orders' "
        f"AND NEW.amount_sun = -{poisoned.amount_sun}",
    }[where]
    table = {"orders": "energy_flash_orders"}.get(where, where)
    async with shop.database.transaction() as tx:
        await tx.connection.execute(
            "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'poison'; END $$; "
            f"CREATE TRIGGER poison BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW "
            f"WHEN ({condition}) EXECUTE FUNCTION poison()"
        )
    payment = shop.pay(poisoned)
    shop.pay(healthy, "ben")
    await shop.block(3)
    assert (await shop.look(healthy)).stage is Stage.DELIVERED
    assert await shop.payment_status(payment) == ("held", HeldReason.UNBOOKABLE)
    assert AlertKind.PAYMENT_HELD in await shop.alert_kinds()
    assert (await shop.balances())["held"] == -poisoned.amount_sun
