"""The connection pool, transactions and notifications."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property, wraps
from types import TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar

import asyncpg

from db.acts import ActRepository
from db.alerts import AlertRepository
from db.api_keys import ApiKeyRepository
from db.api_requests import ApiRequestRepository
from db.audit import AuditRepository
from db.broadcasts import BroadcastRepository
from db.chain_transactions import ChainTransactionRepository
from db.customers import CustomerRepository
from db.delegations import DelegationRepository
from db.exports import ExportRepository
from db.figures import FigureRepository
from db.gauges import GaugeRepository
from db.ledger import LedgerRepository
from db.order_history import OrderHistoryRepository
from db.order_lists import OrderListRepository
from db.order_search import OrderSearchRepository
from db.orders import OrderRepository
from db.outage import GONE, Conflict, DatabaseUnavailable, Deposed, translated
from db.outbox import PRESENCE, OutboxRepository
from db.owner_transactions import OwnerTransactionRepository
from db.payment_monitors import PaymentMonitorRepository
from db.payments import PaymentRepository
from db.people import PeopleRepository
from db.pools import PoolRepository
from db.prices import PriceRepository
from db.quotes import QuoteRepository
from db.reclaims import ReclaimRepository
from db.refunds import RefundRepository
from db.risk import RiskRepository
from db.scanning import ScanRepository
from db.schema import SchemaState, create_or_check, state_of
from db.seats import Candidate, Seat, confirm, term_at_work
from db.service_minutes import ServiceMinuteRepository
from db.tokens import TokenRepository
from db.trail import TrailRepository
from db.values import ValueRepository
from db.webhooks import WebhookRepository

if TYPE_CHECKING:
    from db.connection import Connection

_CHANNEL = "energy_flash"
_LISTEN_RETRY_SECONDS = 1.0
_MOST_CONFLICTS = 5
_CONFLICT_PAUSE_SECONDS = 0.05
# What every session of ours asks of the server. A process that stands still in the middle of a
# transaction, or whose machine is gone, must not keep the others from what it has locked.
_SESSION = {
    "idle_in_transaction_session_timeout": "10s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}

__all__ = [
    "Conflict",
    "Database",
    "DatabaseLook",
    "DatabaseUnavailable",
    "Deposed",
    "Transaction",
    "again_after_conflict",
    "look",
]

log = logging.getLogger(__name__)


class Transaction:
    """One open transaction and the repositories that work in it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._woken: set[str] = set()

    @cached_property
    def acts(self) -> ActRepository:
        return ActRepository(self.connection)

    @cached_property
    def alerts(self) -> AlertRepository:
        return AlertRepository(self.connection)

    @cached_property
    def api_keys(self) -> ApiKeyRepository:
        return ApiKeyRepository(self.connection)

    @cached_property
    def api_requests(self) -> ApiRequestRepository:
        return ApiRequestRepository(self.connection)

    @cached_property
    def audit(self) -> AuditRepository:
        return AuditRepository(self.connection)

    @cached_property
    def broadcasts(self) -> BroadcastRepository:
        return BroadcastRepository(self.connection)

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
    def exports(self) -> ExportRepository:
        return ExportRepository(self.connection)

    @cached_property
    def gauges(self) -> GaugeRepository:
        return GaugeRepository(self.connection)

    @cached_property
    def order_lists(self) -> OrderListRepository:
        return OrderListRepository(self.connection)

    @cached_property
    def payment_monitors(self) -> PaymentMonitorRepository:
        return PaymentMonitorRepository(self.connection)

    @cached_property
    def order_history(self) -> OrderHistoryRepository:
        return OrderHistoryRepository(self.connection)

    @cached_property
    def figures(self) -> FigureRepository:
        return FigureRepository(self.connection)

    @cached_property
    def order_search(self) -> OrderSearchRepository:
        return OrderSearchRepository(self.connection)

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
    def people(self) -> PeopleRepository:
        return PeopleRepository(self.connection)

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
    def reclaims(self) -> ReclaimRepository:
        return ReclaimRepository(self.connection)

    @cached_property
    def refunds(self) -> RefundRepository:
        return RefundRepository(self.connection)

    @cached_property
    def risk(self) -> RiskRepository:
        return RiskRepository(self.connection)

    @cached_property
    def scanning(self) -> ScanRepository:
        return ScanRepository(self.connection)

    @cached_property
    def service_minutes(self) -> ServiceMinuteRepository:
        return ServiceMinuteRepository(self.connection)

    @cached_property
    def tokens(self) -> TokenRepository:
        return TokenRepository(self.connection)

    @cached_property
    def trail(self) -> TrailRepository:
        return TrailRepository(self.connection)

    @cached_property
    def values(self) -> ValueRepository:
        return ValueRepository(self.connection)

    @cached_property
    def webhooks(self) -> WebhookRepository:
        return WebhookRepository(self.connection)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What fails inside is undone, and the transaction can go on.

        Not after DatabaseUnavailable or Conflict, which concern all of it: let them pass.
        """
        woken = set(self._woken)
        try:
            with translated():
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


_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def again_after_conflict(
    work: Callable[_Arguments, Awaitable[_Result]],
) -> Callable[_Arguments, Coroutine[Any, Any, _Result]]:
    """`work`, tried again when it ran into a Conflict: for what nobody comes back to later."""

    @wraps(work)
    async def patient(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        for _ in range(_MOST_CONFLICTS):
            try:
                return await work(*args, **kwargs)
            except Conflict as conflict:
                log.info("trying again after a conflict: %s", conflict)
                # Not at the same moment as the other, which may have been ended as well.
                await asyncio.sleep(random.uniform(0, _CONFLICT_PAUSE_SECONDS))  # noqa: S311
        return await work(*args, **kwargs)

    return patient


@dataclass(frozen=True, slots=True)
class DatabaseLook:
    """What a database is, seen without changing it; the fingerprint is this program's own."""

    version: str
    version_number: int
    schema: SchemaState
    fingerprint: str


async def look(dsn: str) -> DatabaseLook:
    """Look at a database, and make nothing in it. Raises DatabaseUnavailable."""
    try:
        connection = await asyncpg.connect(dsn, timeout=10)
    except ValueError as error:
        # Its text may repeat a part of the URL, and so a password.
        raise DatabaseUnavailable("its URL cannot be understood") from error
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DatabaseUnavailable(str(error) or type(error).__name__) from error
    try:
        await _prepare(connection)
        state, own = await state_of(connection)
        return DatabaseLook(
            version=str(await connection.fetchval("SHOW server_version")),
            version_number=int(await connection.fetchval("SHOW server_version_num")),
            schema=state,
            fingerprint=own,
        )
    except (asyncpg.PostgresError, *GONE) as error:
        raise DatabaseUnavailable(str(error) or type(error).__name__) from error
    finally:
        connection.terminate()


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
        self._presence: Connection | None = None
        self._presence_number = secrets.randbelow(2**31)
        self._process = f"energy-flash {self._presence_number}"
        self._session = {"application_name": self._process, **_SESSION}
        self._presence_lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        try:
            self._pool = await asyncpg.create_pool(
                self._dsn,
                min_size=1,
                max_size=self._connections,
                command_timeout=30,
                init=_prepare,
                reset=_leave,
                server_settings=self._session,
            )
        except GONE as error:
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
        if self._presence is not None:
            self._presence.terminate()
            self._presence = None
        if self._pool is not None:
            try:
                await asyncio.wait_for(self._pool.close(), timeout=5)
            except TimeoutError:
                self._pool.terminate()
            self._pool = None

    @asynccontextmanager
    async def transaction(self, *, frozen: bool = False) -> AsyncIterator[Transaction]:
        """A transaction that commits at the end of the block and rolls back on any exception.

        All that a `frozen` one reads is of one moment.
        Made in the name of a seat's term (`db.seats`), it is refused once that is over.

        Raises DatabaseUnavailable, Deposed, Conflict.
        """
        if self._pool is None:
            raise RuntimeError("the database is not open")
        term = term_at_work.get()
        with translated():
            async with (
                self._pool.acquire() as connection,
                connection.transaction(isolation="repeatable_read" if frozen else None),
            ):
                if term is not None:
                    await confirm(connection, term)
                yield Transaction(connection)

    @asynccontextmanager
    async def statements(self) -> AsyncIterator[Transaction]:
        """The same for reading, of which each statement sees what is there when it begins.

        In a `transaction` that is not `frozen` it is no different, and that asks the server twice
        more. What is changed in here is changed at once.

        Raises DatabaseUnavailable, Deposed, Conflict.
        """
        if self._pool is None:
            raise RuntimeError("the database is not open")
        if term_at_work.get() is not None:
            async with self.transaction() as tx:
                yield tx
            return
        with translated():
            async with self._pool.acquire() as connection:
                yield Transaction(connection)

    @property
    def process(self) -> str:
        """How PostgreSQL knows the sessions of this process."""
        return self._process

    @asynccontextmanager
    async def stand_for(self, seat: Seat) -> AsyncIterator[Candidate]:
        """A session that can take a seat; at the end of the block the seat is free again.

        Raises DatabaseUnavailable.
        """
        connection = await self._connect()
        try:
            yield Candidate(connection, seat, self._process)
        finally:
            connection.terminate()

    async def _connect(self) -> Connection:
        """A connection of its own. Raises DatabaseUnavailable."""
        try:
            return await asyncpg.connect(self._dsn, timeout=10, server_settings=self._session)
        except (*GONE, TimeoutError) as error:
            raise DatabaseUnavailable(f"the database cannot be reached: {error!r}") from error

    async def presence(self) -> int:
        """The number under which others can see that this process lives.

        A connection of its own holds a lock for it; when the process dies, PostgreSQL notices.

        Raises DatabaseUnavailable.
        """
        async with self._presence_lock:
            if self._presence is None or self._presence.is_closed():
                self._presence = await self._connect()
                with translated():
                    await self._presence.execute(
                        "SELECT pg_advisory_lock_shared($1, $2)", PRESENCE, self._presence_number
                    )
        return self._presence_number

    def leave_presence(self) -> None:
        """Let others take over what was leased to this process, which lives on under a new number.

        For who has stopped doing what it had leased.
        """
        if self._presence is not None:
            self._presence.terminate()
            self._presence = None
        self._presence_number = secrets.randbelow(2**31)

    async def listen(self, heard: Callable[[str], None]) -> None:
        """Call `heard(topic)` for every `Transaction.wake`, until cancelled.

        `heard("")` is called after each (re)connection: something may have been missed.
        """
        while True:
            try:
                await self._listen_once(heard)
            except (*GONE, DatabaseUnavailable) as error:
                log.warning("listening to the database broke off (%s); trying again", error)
            await asyncio.sleep(_LISTEN_RETRY_SECONDS)

    async def _listen_once(self, heard: Callable[[str], None]) -> None:
        connection = await self._connect()
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


async def _leave(connection: Connection) -> None:
    """Give a connection back as it is.

    By default asyncpg asks the server to forget locks, cursors, listeners and settings of the
    session, each time. Those of the pool have none that outlive a transaction: who needs them has a
    connection of its own (`Database._connect`).
    """


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
