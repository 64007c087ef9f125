"""What Prometheus reads agrees with what happened, whichever process it asks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from chain.contracts import Transfer
from chain.errors import Unavailable
from chain.node import NodeCall
from composition import build_services, node_client
from db.database import Conflict
from embedded import EmbeddedPostgres
from sandbox.tron.faults import NodeFault
from services.exposition import CONTENT_TYPE, Exposition
from services.jobs import Job, JobRun, Jobs
from services.metrics import Metrics, TelegramCall
from tests.support.shop import OTHER_USER, TRX, USER, address, open_shop

Labels = Mapping[str, str]


class Scrape:
    """A text as Prometheus understands it."""

    def __init__(self, text: bytes) -> None:
        self.families = {
            family.name: family for family in text_string_to_metric_families(text.decode())
        }

    def value(self, name: str, **labels: str) -> float | None:
        found = [
            sample.value
            for family in self.families.values()
            for sample in family.samples
            if sample.name == f"energy_flash_{name}" and sample.labels == labels
        ]
        assert len(found) < 2, f"{name} is there {len(found)} times"
        return found[0] if found else None

    def by(self, name: str, label: str) -> dict[str, float]:
        """Those that are not 0."""
        return {
            sample.labels[label]: sample.value
            for sample in self.families[f"energy_flash_{name}"].samples
            if sample.value
        }


async def scraped(exposition: Exposition) -> Scrape:
    exposition._read_at = None  # at once, and not only after some seconds
    return Scrape(await exposition.text())


async def test_a_sale_is_in_every_figure(database: str) -> None:
    async with open_shop(database) as shop:
        exposition = shop.services.exposition
        empty = await scraped(exposition)
        assert empty.value("order_success_ratio") is None
        assert empty.by("orders", "state") == {}
        assert empty.value("delegation_seconds_count") == 0
        pool = address("pool")
        free = empty.value("pool_free_energy", pool=pool)
        assert free

        order = await shop.order()
        await shop.order(user=OTHER_USER, recipient="ben")
        shop.pay(order)
        await shop.block()
        seen = await scraped(exposition)
        assert seen.by("open_orders", "state") == {"pending": 2}
        assert seen.by("payments", "state") == {"seen": 1}

        await shop.block(4)
        sold = await scraped(exposition)
        async with shop.database.transaction() as tx:
            row = await tx.connection.fetchrow(
                "SELECT o.completed_at - m.confirmed_at AS delegation,"
                " m.confirmed_at - o.paid_at AS confirmation"
                " FROM energy_flash_orders o JOIN payment_monitors m ON m.order_id = o.id"
                " WHERE o.status = 'completed'"
            )
        assert row is not None
        assert sold.by("orders", "state") == {"pending": 1, "completed": 1}
        assert sold.by("open_orders", "state") == {"pending": 1}
        assert sold.by("payments", "state") == {"delivered": 1}
        assert sold.value("transactions", kind="delegate", state="included") == 1
        assert sold.value("order_success_ratio") == 1
        for name in ("confirmation", "delegation"):
            metric = {"confirmation": "payment_confirmation", "delegation": "delegation"}[name]
            seconds = row[name].total_seconds()
            assert sold.value(f"{metric}_seconds_count") == 1
            assert sold.value(f"{metric}_seconds_sum") == seconds
            assert sold.value(f"{metric}_seconds_bucket", le="600.0") == 1
            assert sold.value(f"{metric}_seconds_bucket", le="+Inf") == 1
            assert sold.value(f"{metric}_seconds_bucket", le="3.0") == (seconds <= 3)
        await shop.services.pool_watch.watch_due()
        assert sold.value("scanner_lag_blocks") == 0
        assert sold.value("scanner_block") == shop.chain.head.number
        assert sold.value("refund_wallet_sun") == shop.trx_of("wallet")
        assert sold.value("database_up") == sold.value("chain_up") == 1
        assert sold.value("pool_sells", pool=pool) == 1
        assert sold.value("waiting", queue="deliveries") == 0
        notices = sold.by("waiting_notices", "kind")
        assert notices["order_paid"] == notices["order_delivered"] == 1

        shop.advance(3600)
        shop.chain.produce_block()
        await shop.services.scanner.scan()
        assert (await scraped(exposition)).value("waiting", queue="reclaims") == 1
        await shop.block(3)
        over = await scraped(exposition)
        assert over.value("waiting", queue="reclaims") == 0
        assert over.value("transactions", kind="undelegate", state="included") == 1


async def test_what_waits_for_a_person_or_for_its_turn_is_seen(database: str) -> None:
    async with open_shop(database, flash=False) as shop:
        order = await shop.order()
        shop.pay(order)
        shop.send(Transfer(address("ben"), address("payments"), 40 * TRX), "ben")
        shop.chain.produce_blocks(2)
        await shop.services.scanner.scan()
        waiting = await scraped(shop.services.exposition)
        assert waiting.value("waiting", queue="deliveries") == 1
        assert waiting.by("payments", "state") == {"matched": 1, "held": 1}
        assert waiting.value("held_payments") == 1
        assert waiting.value("held_sun") == 40 * TRX
        assert waiting.by("open_alerts", "kind") == {"payment_held": 1}
        await shop.services.delegations.deliver_due()
        delivering = await scraped(shop.services.exposition)
        assert delivering.value("waiting", queue="deliveries") == 0
        assert delivering.value("transactions", kind="delegate", state="sent") == 1


async def test_counters_never_fall_and_grow_by_what_is_new(database: str) -> None:
    """What was delivered long ago is added up once, and no more read."""
    async with open_shop(database) as shop:
        exposition = shop.services.exposition
        counts = []
        for number in range(4):
            user, recipient = (USER, "ann") if number % 2 else (OTHER_USER, "ben")
            order = await shop.order(user=user, recipient=recipient)
            shop.pay(order, recipient)
            await shop.block(5)
            told = await scraped(exposition)
            counts.append(told.value("delegation_seconds_count"))
            shop.advance(5_000)
            await shop.block(2)
        assert counts == [1, 2, 3, 4]
        async with shop.database.transaction() as tx:
            await tx.connection.execute(
                "UPDATE energy_flash_orders SET completed_at = completed_at - interval '2 days'"
            )
        assert (await scraped(exposition)).value("delegation_seconds_count") == 4
        # Another process, that began later, has its own beginning.
        other = build_services(shop.settings, shop.database, shop.node).exposition
        assert (await scraped(other)).value("delegation_seconds_count") == 0


async def test_without_a_node_it_says_so_and_what_it_counted(database: str) -> None:
    metrics = Metrics()
    async with (
        open_shop(database) as shop,
        node_client(shop.settings, metrics.node_called) as node,
    ):
        exposition = build_services(shop.settings, shop.database, node, metrics=metrics).exposition
        await node.head()
        shop.faults.plan(NodeFault.FORBIDDEN, 100)
        with pytest.raises(Unavailable):
            await node.chain_parameters()
        told = await scraped(exposition)
    assert told.value("chain_up") == 0
    assert told.value("database_up") == 1
    assert told.value("scanner_lag_seconds") is None
    calls = {"node": "0", "method": "getchainparameters"}
    assert told.value("node_calls_total", **calls, outcome="unavailable")
    assert told.value("node_call_seconds_count", **calls) == told.value(
        "node_calls_total", **calls, outcome="unavailable"
    )
    assert told.value("node_calls_total", node="0", method="getnowblock", outcome="answered")


async def test_without_a_database_it_says_so_and_what_it_counted(server_folder: Path) -> None:
    async with (
        EmbeddedPostgres(server_folder / "postgres") as postgres,
        open_shop(postgres.dsn) as shop,
    ):
        exposition = shop.services.exposition
        assert (await scraped(exposition)).value("database_up") == 1
        postgres.kill()
        # The backends of the killed server may live just long enough to answer once more.
        async with asyncio.timeout(20):
            while (gone := await scraped(exposition)).value("database_up"):
                pass
        assert gone.value("chain_up") == 1
        assert gone.value("waiting", queue="deliveries") is None
        async with asyncio.timeout(20):
            while not (await scraped(exposition)).value("database_up"):
                await postgres.ready()


async def test_many_who_ask_cost_one_look(database: str) -> None:
    metrics = Metrics()
    async with (
        open_shop(database) as shop,
        node_client(shop.settings, metrics.node_called) as node,
    ):
        exposition = build_services(shop.settings, shop.database, node, metrics=metrics).exposition
        texts = await asyncio.gather(*(exposition.text() for _ in range(20)))
        last = Scrape(texts[-1])
    assert last.value("node_calls_total", node="0", method="getnowblock", outcome="answered") == 1
    assert "version=" in CONTENT_TYPE


async def test_runs_of_jobs_are_counted_by_what_came_of_them() -> None:
    metrics = Metrics()
    fails: list[Exception] = [Conflict("x"), Unavailable("no node"), RuntimeError("a bug")]
    runs: list[JobRun] = []
    seen = asyncio.Event()

    async def work() -> int:
        if fails:
            raise fails.pop(0)
        return 3

    def observe(run: JobRun) -> None:
        metrics.job_ran(run)
        runs.append(run)
        seen.set()

    jobs = Jobs([Job("sweep", work, 3600, frozenset({"block"}))], observe)
    jobs.start()
    while not runs or runs[-1].outcome != "done":
        seen.clear()
        jobs.wake("block")
        await asyncio.wait_for(seen.wait(), 5)
    await jobs.stop(1)
    told = Scrape(_text(metrics))
    for outcome in ("conflict", "outage", "failed"):
        assert told.value("job_runs_total", job="sweep", outcome=outcome) == 1
    done = sum(run.outcome == "done" for run in runs)
    assert told.value("job_runs_total", job="sweep", outcome="done") == done
    assert told.value("job_work_total", job="sweep") == 3 * done
    assert told.value("job_seconds_count", job="sweep") == len(runs)
    assert told.value("job_last_done_timestamp_seconds", job="sweep")


async def test_a_job_cut_off_at_its_deadline_was_late() -> None:
    runs: list[JobRun] = []

    async def hang() -> int:
        await asyncio.sleep(60)
        return 0

    seen = asyncio.Event()

    def observe(run: JobRun) -> None:
        runs.append(run)
        seen.set()

    jobs = Jobs([Job("hang", hang, 3600, deadline_seconds=0.05)], observe)
    jobs.start()
    await asyncio.wait_for(seen.wait(), 5)
    await jobs.stop(1)
    assert runs[0].outcome == "late"
    assert runs[0].seconds >= 0.05


def test_calls_are_counted_and_long_polls_are_in_no_time() -> None:
    metrics = Metrics()
    metrics.telegram_called(TelegramCall("SendMessage", "ok", 0.2))
    metrics.telegram_called(TelegramCall("SendMessage", "flood", 0.1))
    metrics.telegram_called(TelegramCall("GetUpdates", "ok", 30.0))
    metrics.node_called(NodeCall(1, "getnowblock", "lagging", 0.1))
    told = Scrape(_text(metrics))
    assert told.value("telegram_calls_total", method="SendMessage", outcome="flood") == 1
    assert told.value("telegram_calls_total", method="GetUpdates", outcome="ok") == 1
    assert told.value("telegram_call_seconds_count") == 2
    assert told.value("node_calls_total", node="1", method="getnowblock", outcome="lagging") == 1
    assert "process_resident_memory_bytes" in told.families


async def test_no_label_is_a_customers(database: str) -> None:
    async with open_shop(database) as shop:
        order = await shop.order()
        shop.pay(order)
        await shop.block(5)
        told = await scraped(shop.services.exposition)
    known = {"job", "outcome", "node", "method", "state", "kind", "queue", "pool", "le"}
    assert {label for label, _ in _labels(told)} <= known | {"generation"}
    values = {value for _, value in _labels(told)}
    assert not values & {address("ann"), str(USER), str(order.number), str(order.id)}
    assert not any(value in "".join(values) for value in ("127.0.0.1", address("ann")))


def _labels(told: Scrape) -> Iterator[tuple[str, str]]:
    for family in told.families.values():
        for sample in family.samples:
            yield from sample.labels.items()


def _text(metrics: Metrics) -> bytes:
    return generate_latest(metrics.registry)
