"""Watches over what no other service would notice: the nodes, the machine, the servers, Telegram.

Each holds an alert while something is wrong and closes it when it is not any more. What was counted
before a restart is forgotten: the alert itself is not, and is closed by the next good look.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

import psutil

from chain.errors import ChainError
from chain.node import NodeClient
from db.database import Database, DatabaseUnavailable
from services.alerts import AlertKind, close_alert, hold_true, raise_alert
from services.chain_time import SCANNER
from services.inventory import Inventory
from services.scanner import ForkTooDeep, Scanner

# Looks in a row that have to fail.
_ENOUGH_FAILURES = 3
# About a minute of the chain.
_BLOCKS_BEHIND = 20
_STILL_SECONDS = 60.0
_LONGEST_ERROR = 300
_CONFLICT_LASTS_SECONDS = 120.0
_SHARE_OF = timedelta(minutes=10)
_ENOUGH_REFUSED = 5
_HOURS_AHEAD = (1, 6, 24)

log = logging.getLogger(__name__)


class ChainWatch:
    """Lets the scanner read the chain, and watches whether it can and keeps up."""

    def __init__(
        self,
        node: NodeClient,
        database: Database,
        scanner: Scanner,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._node = node
        self._database = database
        self._scanner = scanner
        self._clock = clock
        self._failures = 0
        self._close = True
        self._head = (-1, 0.0)

    async def scan(self) -> int:
        """Let the scanner read; three failures in a row raise an alert.

        Raises: as `Scanner.scan`.
        """
        try:
            handled = await self._scanner.scan()
        except (ChainError, ForkTooDeep) as error:
            self._failures += 1
            if self._failures >= _ENOUGH_FAILURES:
                async with self._database.transaction() as tx:
                    await raise_alert(
                        tx,
                        AlertKind.CHAIN_UNREADABLE,
                        details={
                            "failures": self._failures,
                            "error": (str(error) or type(error).__name__)[:_LONGEST_ERROR],
                        },
                    )
                self._close = True
            raise
        self._failures = 0
        if self._close:
            async with self._database.transaction() as tx:
                await close_alert(tx, AlertKind.CHAIN_UNREADABLE)
            self._close = False
        return handled

    async def watch_due(self) -> int:
        """Whether the blocks are read as fast as they come, and whether any come.

        Raises:
            ChainError: no node could answer; the scanner tells of that.
        """
        head = (await self._node.head()).ref.number
        now = self._clock()
        if head != self._head[0]:
            self._head = (head, now)
        still_seconds = int(now - self._head[1])
        async with self._database.transaction() as tx:
            cursor = await tx.scanning.cursor(SCANNER)
            behind = 0 if cursor is None else head - cursor.number
            wrong = behind > _BLOCKS_BEHIND or still_seconds > _STILL_SECONDS
            await hold_true(
                tx,
                AlertKind.SCANNER_BEHIND,
                wrong,
                details={"blocks": max(0, behind), "seconds": still_seconds},
            )
        return int(wrong)


class StockWatch:
    """Watches whether enough energy is free. `least_energy` 0: does not."""

    def __init__(self, database: Database, inventory: Inventory, *, least_energy: int) -> None:
        self._database = database
        self._inventory = inventory
        self._least_energy = least_energy

    async def watch_due(self) -> int:
        """Look at what is free now, and tell with it what will be.

        Raises:
            ChainError: no node could answer.
        """
        if not self._least_energy:
            return 0
        outlook = await self._inventory.outlook(_HOURS_AHEAD)
        wrong = outlook.now < self._least_energy
        async with self._database.transaction() as tx:
            await hold_true(
                tx,
                AlertKind.LOW_ENERGY,
                wrong,
                details={
                    "free": outlook.now,
                    "least": self._least_energy,
                    **{f"in_{hours}": outlook.later[hours] for hours in _HOURS_AHEAD},
                },
            )
        return int(wrong)


@dataclass(frozen=True, slots=True)
class Load:
    """How busy the whole machine is, in per cent."""

    cpu: float
    memory: float


def machine_load() -> Load:
    """The load since the last call, of everything that runs on the machine."""
    return Load(psutil.cpu_percent(), psutil.virtual_memory().percent)


@dataclass(slots=True)
class Lasting:
    """Whether a figure has been above a bound for so long, without a break."""

    above: float
    seconds: float
    _since: float | None = field(default=None)

    def at(self, now: float, value: float) -> bool:
        if value <= self.above:
            self._since = None
            return False
        if self._since is None:
            self._since = now
        return now - self._since >= self.seconds


class MachineWatch:
    """Watches whether the machine is too small. `percent` 0: does not.

    `subject` tells apart the machines of one shop, each of which has an alert of its own.
    """

    def __init__(
        self,
        database: Database,
        *,
        percent: int,
        lasting: timedelta,
        subject: str = "",
        read: Callable[[], Load] = machine_load,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._database = database
        self._subject = subject
        self._percent = percent
        self._minutes = lasting // timedelta(minutes=1)
        self._read = read
        self._clock = clock
        self._cpu = Lasting(percent, lasting.total_seconds())
        self._memory = Lasting(percent, lasting.total_seconds())

    async def watch_due(self) -> int:
        """Look at the load once."""
        if not self._percent:
            return 0
        load, now = self._read(), self._clock()
        wrong = 0
        async with self._database.transaction() as tx:
            for kind, lasting, value in (
                (AlertKind.CPU_BUSY, self._cpu, load.cpu),
                (AlertKind.MEMORY_FULL, self._memory, load.memory),
            ):
                above = lasting.at(now, value)
                wrong += above
                if above:
                    details = {"percent": round(value), "minutes": self._minutes}
                    await raise_alert(tx, kind, subject=self._subject, details=details)
                elif value <= self._percent:
                    await close_alert(tx, kind, self._subject)
        return wrong


class ServerWatch:
    """Watches whether the database and Redis answer; `ping` asks Redis, and raises if it does not.

    While the database is away nothing can be written: the outage is kept in memory, and told with
    its length when it is over. `subject` names the machine from which it looks.
    """

    def __init__(
        self,
        database: Database,
        ping: Callable[[], Awaitable[object]],
        *,
        subject: str = "",
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._database = database
        self._ping = ping
        self._subject = subject
        self._clock = clock
        self._away_since: float | None = None

    async def watch_due(self) -> int:
        """Ask both.

        Raises:
            DatabaseUnavailable: the database does not answer; it is remembered since when.
        """
        redis_error = await self._redis_error()
        try:
            async with self._database.transaction() as tx:
                if self._away_since is not None:
                    lasted = timedelta(seconds=round(self._clock() - self._away_since))
                    await tx.alerts.record_past(
                        AlertKind.DATABASE_DOWN,
                        {"seconds": int(lasted.total_seconds())},
                        lasted=lasted,
                    )
                await hold_true(
                    tx,
                    AlertKind.REDIS_DOWN,
                    redis_error is not None,
                    subject=self._subject,
                    details={"error": redis_error},
                )
        except DatabaseUnavailable:
            if self._away_since is None:
                self._away_since = self._clock()
            raise
        self._away_since = None
        return int(redis_error is not None)

    async def _redis_error(self) -> str | None:
        try:
            await self._ping()
        except Exception as error:  # noqa: BLE001 (whatever keeps it from answering is the finding)
            log.warning("Redis does not answer: %r", error)
            return (str(error) or type(error).__name__)[:_LONGEST_ERROR]
        return None


class TelegramWatch:
    """Watches whether another program takes the bot's updates, and whether chats refuse it.

    `conflict_age` is how many seconds ago Telegram last said that another program asks for
    updates, None if it never did.
    """

    def __init__(self, database: Database, conflict_age: Callable[[], float | None]) -> None:
        self._database = database
        self._conflict_age = conflict_age

    async def watch_due(self) -> int:
        """Look at what Telegram has said lately."""
        age = self._conflict_age()
        conflict = age is not None and age < _CONFLICT_LASTS_SECONDS
        async with self._database.transaction() as tx:
            refused, of = await tx.alerts.refused_share(_SHARE_OF)
            too_many = refused >= _ENOUGH_REFUSED and refused * 2 >= of
            await hold_true(tx, AlertKind.TELEGRAM_CONFLICT, conflict)
            await hold_true(
                tx,
                AlertKind.MESSAGES_REFUSED,
                too_many,
                details={"refused": refused, "of": of},
            )
        return int(conflict) + int(too_many)
