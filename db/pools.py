"""The tables `energy_pools` and `pool_readings`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from db.connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolTermsRow:
    """What an operator decides about a pool; see `schema.sql`."""

    permission_id: int
    key_address: str
    reserve_sun: int = 0
    cap_sun: int | None = None
    hourly_delegations: int | None = None
    priority: int = 0
    cost_sun: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolRow(PoolTermsRow):
    address: str
    state: str
    failures: int
    trouble: str | None
    trouble_since: datetime | None
    probe_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolReadingRow:
    """What the chain said about a pool once; see `schema.sql`."""

    address: str
    block_number: int
    block_time: datetime
    total_energy_limit: int
    total_energy_weight: int
    balance_sun: int
    stake_sun: int
    lent_sun: int
    delegatable_sun: int
    energy_used: int
    recovers_at: datetime
    staked_bandwidth: int
    free_bandwidth: int
    bandwidth_fee_sun: int


@dataclass(frozen=True, slots=True)
class LentStake:
    """A rental that runs: what it brings back, and when."""

    pool_address: str
    balance_sun: int
    energy_amount: int
    since: datetime
    expires_at: datetime


_TERMS = [column.name for column in fields(PoolTermsRow)]
_COLUMNS = ", ".join(column.name for column in fields(PoolRow))
_READING = [column.name for column in fields(PoolReadingRow)]


class PoolRepository:
    """Accounts whose stake is sold, and what the chain says about them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def all(self) -> tuple[PoolRow, ...]:
        """Every pool there ever was, by address."""
        rows = await self._connection.fetch(f"SELECT {_COLUMNS} FROM energy_pools ORDER BY address")
        return tuple(PoolRow(**row) for row in rows)

    async def get(self, address: str) -> PoolRow | None:
        row = await self._connection.fetchrow(
            f"SELECT {_COLUMNS} FROM energy_pools WHERE address = $1", address
        )
        return PoolRow(**row) if row else None

    async def register(self, address: str, terms: PoolTermsRow) -> bool:
        """A new pool, enabled; False if there is one of this address."""
        marks = ", ".join(f"${number}" for number in range(2, len(_TERMS) + 2))
        done = await self._connection.execute(
            f"INSERT INTO energy_pools (address, {', '.join(_TERMS)}) VALUES ($1, {marks}) "
            "ON CONFLICT (address) DO NOTHING",
            address,
            *astuple(terms),
        )
        return bool(done == "INSERT 0 1")

    async def change(self, address: str, changes: Mapping[str, Any]) -> bool:
        """Change some of what an operator decides: columns of PoolTermsRow, and `state`."""
        if unknown := set(changes) - {*_TERMS, "state"}:
            raise ValueError(f"no operator decides {unknown}")
        settings = ", ".join(f"{name} = ${n}" for n, name in enumerate(changes, 2))
        done = await self._connection.execute(
            f"UPDATE energy_pools SET {settings}, updated_at = now() WHERE address = $1",
            address,
            *changes.values(),
        )
        return bool(done == "UPDATE 1")

    async def declared(self) -> dict[str, dict[str, Any] | None]:
        """What the configuration said last of each pool; None: it does not name it."""
        rows = await self._connection.fetch("SELECT address, declared FROM energy_pools")
        return {row["address"]: row["declared"] for row in rows}

    async def declare(self, address: str, declaration: Mapping[str, Any] | None) -> None:
        """Remember what the configuration says of a pool."""
        await self._connection.execute(
            "UPDATE energy_pools SET declared = $2 WHERE address = $1",
            address,
            None if declaration is None else dict(declaration),
        )

    async def addresses(self) -> tuple[str, ...]:
        """Of all pools there ever were."""
        rows = await self._connection.fetch("SELECT address FROM energy_pools ORDER BY address")
        return tuple(row["address"] for row in rows)

    async def lock(self) -> None:
        """Let one transaction at a time decide about the pools' stake."""
        await self._connection.fetch("SELECT 1 FROM energy_pools ORDER BY address FOR UPDATE")

    # Health

    async def refused(self, address: str) -> int:
        """One more refusal in a row; how many that makes. The pool is to be looked at again."""
        await self._connection.execute(
            "UPDATE pool_readings SET read_at = '-infinity' WHERE address = $1", address
        )
        failures: int = await self._connection.fetchval(
            "UPDATE energy_pools SET failures = failures + 1 WHERE address = $1 RETURNING failures",
            address,
        )
        return failures

    async def worked(self, addresses: Sequence[str]) -> None:
        """These pools have delivered: their refusals are over."""
        await self._connection.execute(
            "UPDATE energy_pools SET failures = 0 WHERE address = ANY($1) AND failures > 0 "
            "AND trouble IS DISTINCT FROM 'failing'",
            addresses,
        )

    async def in_trouble(
        self,
        address: str,
        trouble: str | None,
        *,
        since: datetime,
        failures: int,
        probe_at: datetime | None,
    ) -> bool:
        """Note what is wrong with a pool (None: nothing); whether that is news."""
        before = await self._connection.fetchval(
            "SELECT trouble FROM energy_pools WHERE address = $1 FOR UPDATE", address
        )
        await self._connection.execute(
            """
            UPDATE energy_pools SET trouble = $2, failures = $4, probe_at = $5,
                trouble_since = CASE WHEN $2::text IS NULL THEN NULL
                                     WHEN trouble = $2 THEN trouble_since ELSE $3 END
            WHERE address = $1
            """,
            address,
            trouble,
            since,
            failures,
            probe_at,
        )
        return bool(before != trouble)

    # What the chain said

    async def readings(self) -> tuple[PoolReadingRow, ...]:
        rows = await self._connection.fetch(f"SELECT {', '.join(_READING)} FROM pool_readings")
        return tuple(PoolReadingRow(**row) for row in rows)

    async def unread_for(
        self, seconds: float, addresses: Sequence[str], *, limit: int
    ) -> tuple[str, ...]:
        """Those that nobody has looked at for so long, by the machine's clock, longest first."""
        rows = await self._connection.fetch(
            """
            SELECT p.address FROM energy_pools p LEFT JOIN pool_readings r USING (address)
            WHERE p.address = ANY($2)
              AND (r.read_at IS NULL OR r.read_at < now() - $1::interval)
            ORDER BY r.read_at NULLS FIRST, p.address LIMIT $3
            """,
            timedelta(seconds=seconds),
            addresses,
            limit,
        )
        return tuple(row["address"] for row in rows)

    async def store_readings(self, readings: Iterable[PoolReadingRow]) -> None:
        """Keep the readings; one of a later block stays."""
        marks = ", ".join(f"${number}" for number in range(1, len(_READING) + 1))
        values = ", ".join(f"{name} = EXCLUDED.{name}" for name in _READING)
        await self._connection.executemany(
            f"""
            INSERT INTO pool_readings ({", ".join(_READING)}) VALUES ({marks})
            ON CONFLICT (address) DO UPDATE SET {values}, read_at = now()
            WHERE pool_readings.block_number <= EXCLUDED.block_number
            """,
            [astuple(reading) for reading in sorted(readings, key=lambda one: one.address)],
        )

    async def lent(self, now: datetime) -> tuple[LentStake, ...]:
        """What runs, or is to be taken back, and comes back by itself."""
        rows = await self._connection.fetch(
            """
            SELECT pool_address, balance_sun, energy_amount,
                   coalesce(activated_at, $1) AS since, expires_at
            FROM energy_delegations WHERE status IN ('pending', 'active', 'expired', 'reclaiming')
            """,
            now,
        )
        return tuple(LentStake(**row) for row in rows)

    async def delegations_since(self, since: datetime) -> dict[str, int]:
        """How many delegations each pool has made, or is making, since then."""
        rows = await self._connection.fetch(
            """
            SELECT owner, count(*)::int AS made FROM chain_transactions
            WHERE kind = 'delegate' AND state IN ('signed', 'sent', 'included')
              AND timestamp_ms >= $1
            GROUP BY owner
            """,
            int(since.timestamp() * 1000),
        )
        return {row["owner"]: row["made"] for row in rows}
