"""The shop of a bench: the real services, PostgreSQL on disk, and nodes in their own processes."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from bench.people import FIRST_AMOUNT_SUN, POOLS, address, key_hex, stranger
from chain.node import NodeClient
from composition import Services, build_services, node_client, prepare
from db.database import Database
from embedded import EmbeddedPostgres
from settings import Settings, load

ENERGY = 65_000
FIRST_CUSTOMER = 8_000_000
_ROOT = Path(__file__).resolve().parent.parent
_READY_SECONDS = 60


@contextmanager
def server_folder() -> Iterator[Path]:
    """A fresh folder on the disk that a server can use too when root runs the benches."""
    folder = Path(tempfile.mkdtemp(prefix="energy-flash-bench-", dir="/var/tmp"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Databases:
    """A durable PostgreSQL, and an empty database of it for each shop."""

    def __init__(self, postgres: EmbeddedPostgres) -> None:
        self._postgres = postgres
        self._numbers = itertools.count(1)

    async def version(self) -> str:
        connection = await asyncpg.connect(self._postgres.dsn)
        try:
            version: str = await connection.fetchval("SHOW server_version")
        finally:
            await connection.close()
        return version

    @asynccontextmanager
    async def database(self) -> AsyncIterator[str]:
        """The DSN of an empty database; dropped at the end."""
        name = f"bench_{next(self._numbers)}"
        await self._run(f"CREATE DATABASE {name}")
        try:
            yield self._postgres.dsn.replace("@/energy_flash?", f"@/{name}?")
        finally:
            await self._run(f"DROP DATABASE {name} WITH (FORCE)")

    async def _run(self, statement: str) -> None:
        connection = await asyncpg.connect(self._postgres.dsn)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@asynccontextmanager
async def process(module: str, *arguments: str) -> AsyncIterator[list[str]]:
    """A module of ours as a process of its own; the URLs that it says it serves."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments), cwd=_ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert child.stdout is not None
        async with asyncio.timeout(_READY_SECONDS):
            urls = (await child.stdout.readline()).decode().split()
        if not urls:
            raise RuntimeError(f"{module} did not start")
        yield urls
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


class LocalNode:
    """The node's process, as the bench moves it."""

    def __init__(self, urls: Sequence[str], http: httpx.AsyncClient) -> None:
        self.url, self.solidity_url, self._door, self.explorer_url = urls
        self._http = http

    async def blocks(self, count: int = 1) -> None:
        await self._ask("blocks", count=count)

    async def pay(self, payments: Sequence[tuple[str, int]]) -> None:
        """Customers, by their names, pay so many sun to the shop's address."""
        await self._ask("pay", payments=payments)

    async def clock(self, seconds: float) -> None:
        """A block every so many seconds; none any more with 0."""
        await self._ask("clock", seconds=seconds)

    async def forget(self) -> None:
        await self._ask("forget")

    async def report(self) -> dict[str, Any]:
        response = await self._http.get(f"{self._door}/report")
        report: dict[str, Any] = response.raise_for_status().json()
        return report

    async def broadcasts(self) -> int:
        response = await self._http.get(f"{self._door}/broadcasts")
        count: int = response.raise_for_status().json()
        return count

    async def now(self) -> datetime:
        """The chain's time."""
        return datetime.fromtimestamp((await self.report())["head_time_ms"] / 1000, UTC)

    async def _ask(self, what: str, **body: Any) -> None:
        (await self._http.post(f"{self._door}/{what}", json=body)).raise_for_status()


@asynccontextmanager
async def local_node(customers: int) -> AsyncIterator[LocalNode]:
    async with (
        httpx.AsyncClient(timeout=120) as http,
        process("bench.node", str(customers)) as urls,
    ):
        yield LocalNode(urls, http)


@dataclass(frozen=True, slots=True)
class Shop:
    """The services on their database and their node."""

    database: Database
    node: NodeClient
    services: Services
    settings: Settings


@asynccontextmanager
async def open_shop(
    dsn: str, node_url: str, solidity_url: str, **overrides: object
) -> AsyncIterator[Shop]:
    """A shop at the head of its chain; `overrides` are of ``[tron]``."""
    settings = load(
        refunds={"key": key_hex("wallet")},
        telegram={"token": "4242:bench-token"},
        tron={
            "nodes": [{"url": node_url, "solidity_url": solidity_url}],
            "requests_per_second": 1000,
            **overrides,
        },
        payment={"address": address("payments")},
        limits={"receiver_hour": 100_000, "user_day": 100_000, "pool_hour": 100_000},
        pools=[
            {"address": address(name), "permission_id": 2, "key": key_hex("hot")} for name in POOLS
        ],
    )
    async with Database(dsn) as database, node_client(settings) as node:
        services = build_services(settings, database, node)
        await prepare(settings, database, services)
        await services.scanner.scan()
        yield Shop(database, node, services, settings)


async def open_orders(
    database: Database,
    recipients: Sequence[str],
    *,
    now: datetime,
    first_amount_sun: int = FIRST_AMOUNT_SUN,
) -> None:
    """Orders that wait for payment: one for each recipient, of as many customers.

    Each asks for one sun more than the one before it, from `first_amount_sun` on.
    """
    async with database.transaction() as tx:
        connection = tx.connection
        price_id: str = await connection.fetchval(
            "SELECT id FROM price_configs WHERE active ORDER BY duration_hours LIMIT 1"
        )
        first_user = FIRST_CUSTOMER + await connection.fetchval("SELECT count(*) FROM users")
        users = range(first_user, first_user + len(recipients))
        await connection.copy_records_to_table(
            "users", records=[(user, "en") for user in users], columns=["id", "language"]
        )
        quotes = [uuid4() for _ in recipients]
        await connection.copy_records_to_table(
            "quotes",
            records=[
                (quote, user, recipient, price_id, 1, ENERGY, ENERGY, first_amount_sun, 1, now)
                for quote, user, recipient in zip(quotes, users, recipients, strict=True)
            ],
            columns=[
                *("id", "user_id", "recipient_address", "price_config_id", "transaction_count"),
                *("energy_per_transaction", "energy_next", "price_sun", "burn_sun"),
                "holds_until",
            ],
        )
        orders = [uuid4() for _ in recipients]
        payment_address = address("payments")
        amounts = range(first_amount_sun, first_amount_sun + len(recipients))
        until = now + timedelta(days=30)
        await connection.copy_records_to_table(
            "energy_flash_orders",
            records=[
                (
                    *(order, quote, user, recipient, payment_address, sun, sun),
                    *(1, ENERGY, ENERGY, 1, price_id, Decimal(1), now, until),
                )
                for order, quote, user, recipient, sun in zip(
                    orders, quotes, users, recipients, amounts, strict=True
                )
            ],
            columns=[
                *("id", "quote_id", "user_id", "recipient_address", "payment_address"),
                *("trx_amount", "due_sun", "transaction_count", "energy_per_transaction"),
                *("energy_next", "burn_sun", "price_config_id", "duration_hours"),
                *("ordered_at", "pay_until"),
            ],
        )
        await connection.copy_records_to_table(
            "payment_monitors",
            records=[
                (order, payment_address, sun) for order, sun in zip(orders, amounts, strict=True)
            ],
            columns=["order_id", "payment_address", "expected_amount"],
        )
    await analyse(database)


async def analyse(database: Database) -> None:
    """Let the planner know the tables, as its own daemon would after a while."""
    async with database.transaction() as tx:
        await tx.connection.execute("ANALYZE")


def strangers(count: int, first: int = 0) -> list[str]:
    """Recipients that no bench pays for."""
    return [stranger(10_000_000 + number) for number in range(first, first + count)]
