"""The connection pool, transactions and notifications."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import asyncpg

from db.audit import AuditRepository
from db.chain_transactions import ChainTransactionRepository
from db.customers import CustomerRepository
from db.delegations import DelegationRepository
from db.ledger import LedgerRepository
from db.orders import OrderRepository
from db.outbox import OutboxRepository
from db.owner_transactions import OwnerTransactionRepository
from db.payments import PaymentRepository
from db.pools import PoolRepository
from db.prices import PriceRepository
from db.quotes import QuoteRepository
from db.refunds import RefundRepository
from db.scanning import ScanRepository
from db.schema import create_or_check
from db.values import ValueRepository

if TYPE_CHECKING:
    from db.connection import Connection

_CHANNEL = "energy_flash"
_LISTEN_RETRY_SECONDS = 1.0

log = logging.getLogger(__name__)


class Transaction:
    """One open transaction and the repositories that work in it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._woken: set[str] = set()

    @cached_property
    def audit(self) -> AuditRepository:
        return AuditRepository(self.connection)

    @cached_property
    def chain_transactions(self) -> ChainTransactionRepository:
        return ChainTransactionRepository(self.connection)

    @cached_property
    def customers(self) -> CustomerRepository:
        return CustomerRepository(self.connection)

    @cached_property
    def delegations(self) -> DelegationRepository:
        return DelegationRepository(self.connection)

    @cached_property
    def ledger(self) -> LedgerRepository:
        return LedgerRepository(self.connection)

    @cached_property
    def orders(self) -> OrderRepository:
        return OrderRepository(self.connection)

    @cached_property
    def outbox(self) -> OutboxRepository:
        return OutboxRepository(self.connection)

    @cached_property
    def owner_transactions(self) -> OwnerTransactionRepository:
        return OwnerTransactionRepository(self.connection)

    @cached_property
    def payments(self) -> PaymentRepository:
        return PaymentRepository(self.connection)

    @cached_property
    def pools(self) -> PoolRepository:
        return PoolRepository(self.connection)

    @cached_property
    def prices(self) -> PriceRepository:
        return PriceRepository(self.connection)

    @cached_property
    def quotes(self) -> QuoteRepository:
        return QuoteRepository(self.connection)

    @cached_property
    def refunds(self) -> RefundRepository:
        return RefundRepository(self.connection)

    @cached_property
    def scanning(self) -> ScanRepository:
        return ScanRepository(self.connection)

    @cached_property
    def values(self) -> ValueRepository:
        return ValueRepository(self.connection)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What fails inside is undone, and the transaction can go on."""
        woken = set(self._woken)
        try:
            async with self.connection.transaction():
                yield
        except BaseException:
            # What was to be told inside is undone, too.
            self._woken = woken
            raise

    async def wake(self, topic: str) -> None:
        """Tell every listening process, once this transaction commits, to look at `topic`."""
        if topic not in self._woken:
            self._woken.add(topic)
            await self.connection.execute("SELECT pg_notify($1, $2)", _CHANNEL, topic)


class DatabaseUnavailable(Exception):
    """The database cannot be reached, or went away; what was not committed did not happen.

    After an interrupted commit it may have happened all the same: look before doing it again.
    """


# What PostgreSQL and its client say when the server is gone, going, or not up yet.
_GONE = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
)


async def reachable(dsn: str) -> str | None:
    """None if the database answers, else what is wrong."""
    try:
        connection = await asyncpg.connect(dsn, timeout=10)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        return str(error) or type(error).__name__
    await connection.close()
    return None


class Database:
    """A pool of connections to one database; an async context manager.

    Entering connects and creates the schema if the database is empty. Raises
    DatabaseUnavailable, and OtherSchema if the tables are another version's; what PostgreSQL
    refuses (`asyncpg.PostgresError`) passes through.
    """

    def __init__(self, dsn: str, *, connections: int = 10) -> None:
        self._dsn = dsn
        self._connections = connections
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None

    async def __aenter__(self) -> Self:
        try:
            self._pool = await asyncpg.create_pool(
                self._dsn,
                min_size=1,
                max_size=self._connections,
                command_timeout=30,
                init=_prepare,
            )
        except _GONE as error:
            raise DatabaseUnavailable(f"the database cannot be reached: {error!r}") from error
        try:
            async with self.transaction() as tx:
                await create_or_check(tx.connection)
        except BaseException:
            await self._pool.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            try:
                await asyncio.wait_for(self._pool.close(), timeout=5)
            except TimeoutError:
                self._pool.terminate()
            self._pool = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A transaction that commits at the end of the block and rolls back on any exception.

        Raises DatabaseUnavailable.
        """
        if self._pool is None:
            raise RuntimeError("the database is not open")
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                yield Transaction(connection)
        except _GONE as error:
            raise DatabaseUnavailable(f"the database cannot be reached: {error!r}") from error

    async def listen(self, heard: Callable[[str], None]) -> None:
        """Call `heard(topic)` for every `Transaction.wake`, until cancelled.

        `heard("")` is called after each (re)connection: something may have been missed.
        """
        while True:
            try:
                await self._listen_once(heard)
            except (*_GONE, TimeoutError) as error:
                log.warning("listening to the database broke off (%s); trying again", error)
            await asyncio.sleep(_LISTEN_RETRY_SECONDS)

    async def _listen_once(self, heard: Callable[[str], None]) -> None:
        connection = await asyncpg.connect(self._dsn, timeout=10)
        lost = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(
                _CHANNEL, lambda _connection, _pid, _channel, topic: heard(str(topic))
            )
            heard("")
            await lost.wait()
        finally:
            connection.terminate()


async def _prepare(connection: Connection) -> None:
    await connection.set_type_codec(
        "jsonb", encoder=_to_json, decoder=json.loads, schema="pg_catalog"
    )


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
