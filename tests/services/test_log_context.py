"""Every line that is about an order says so, by whatever it was logged, and of no other order."""

from __future__ import annotations

import io
import json
import logging
import re
from typing import Any

import pytest

import log_output
from sandbox.tron.faults import NodeFault
from sandbox.tron.refusals import Code
from sandbox.tron.sending import Verdict
from services.jobs import Job, Jobs
from services.log_context import about
from tests.support.shop import OTHER_USER, TRX, USER, Shop, address, open_shop
from tests.test_log_output import as_before  # noqa: F401


@pytest.fixture
def written(as_before: None) -> io.StringIO:  # noqa: F811
    """What is logged, as programs read it."""
    stream = io.StringIO()
    log_output.begin(log_output.LogOutput("INFO", "json"), stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


async def sell(shop: Shop) -> list[int]:
    """Two rentals from their orders to their ends, paid in one block; the second in excess."""
    numbers = []
    for user, recipient in ((USER, "ann"), (OTHER_USER, "ben")):
        with about():
            order = await shop.order(user=user, recipient=recipient)
        shop.pay(order, recipient, sun=order.amount_sun + (user == OTHER_USER) * TRX)
        numbers.append(order.number)
    await shop.block(4)
    with about():
        await shop.services.refunds.pay_out(OTHER_USER, address("ben"), TRX)
    await shop.block(21)
    shop.advance(3600)
    await shop.block(22)
    return numbers


async def test_every_line_about_an_order_names_it(database: str, written: io.StringIO) -> None:
    async with open_shop(database) as shop:
        numbers = await sell(shop)
        async with shop.database.transaction() as tx:
            rows = await tx.connection.fetch(
                "SELECT o.number, d.tx_id, d.reclaim_tx_id, d.pool_address, o.payment_txid"
                " FROM energy_delegations d JOIN energy_flash_orders o ON o.id = d.order_id"
            )
    told = lines(written)
    for line in told:
        if named := re.match(r"order (\d+)\b", line["event"]):
            assert line["order"] == int(named[1]), line
            assert "order_id" in line, line
    assert sorted(row["number"] for row in rows) == numbers
    for row in rows:
        of_order = [line for line in told if line.get("order") == row["number"]]
        events = "\n".join(line["event"] for line in of_order)
        for deed in (
            "placed for",
            "payment seen",
            "paid by",
            "energy from",
            "delivered",
            "is over",
        ):
            assert len(re.findall(rf"^order {row['number']}: .*{deed}", events, re.MULTILINE)) == 1
        for kind, txid in (("delegate", row["tx_id"]), ("undelegate", row["reclaim_tx_id"])):
            assert f"transaction {txid} ({kind}) sent" in events
            assert f"transaction {txid} is in block" in events
        # And of nothing else: no line of the other order.
        [other] = set(numbers) - {row["number"]}
        assert f"order {other}" not in events
        about_delegation = [line for line in told if row["tx_id"] in line["event"]]
        assert {line["order"] for line in about_delegation} == {row["number"]}
        paid = [line for line in of_order if "paid by" in line["event"]]
        assert [line["payment"] for line in paid] == [row["payment_txid"]]
    refunds = [
        line for line in told if line["event"].startswith("refund ") and "by" in line["event"]
    ]
    assert refunds
    assert {line["refund"] for line in refunds} == {1}


async def test_an_order_in_trouble_is_named_by_every_line(
    database: str, written: io.StringIO
) -> None:
    async with open_shop(database) as shop:
        with about():
            order = await shop.order()
        shop.pay(order)
        shop.faults.plan(
            NodeFault.VERDICT, 9, methods=["broadcasthex"], verdict=Verdict(Code.SERVER_BUSY)
        )
        await shop.block(3)
    told = [line for line in lines(written) if line["level"] in ("WARNING", "ERROR")]
    unsent = [
        line for line in told if "could not be sent" in line["event"] or "refused" in line["event"]
    ]
    assert unsent
    assert {line["order"] for line in unsent} == {order.number}


async def test_what_is_logged_in_a_job_names_it(written: io.StringIO) -> None:
    log = logging.getLogger("a.library")

    async def work() -> int:
        log.info("at work")
        raise RuntimeError("a bug")

    jobs = Jobs([Job("sweep", work, 3600)])
    jobs.start()
    await jobs.stop(5)
    at_work, failed = [line for line in lines(written) if line["level"] in ("INFO", "ERROR")]
    assert at_work["job"] == failed["job"] == "sweep"
    assert failed["exception"][0]["exc_value"] == "a bug"
