"""The database, and what the shop has written down in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TypeAlias

from checkup.findings import PART_SECONDS, Finding, fail, ok
from db.database import Database, DatabaseUnavailable, look
from db.pools import PoolRow
from db.schema import OtherSchema, SchemaState
from services.scanner import GENESIS_KEY
from settings import Settings

Join: TypeAlias = Callable[[], AbstractAsyncContextManager[str | None]]
"""Leads to the shop's database, by its DSN; None if there is none yet, and none is made.

Entering raises DatabaseUnavailable if it cannot be reached.
"""

_LEAST_VERSION = 140_000
_MEND = "Start that PostgreSQL, or leave database.url empty for the embedded one."


@dataclass(frozen=True, slots=True)
class Records:
    """What the database says; nothing if it could not be read, or is new."""

    genesis: str | None = None
    pools: tuple[PoolRow, ...] = ()


async def look_at_database(settings: Settings, join: Join) -> tuple[list[Finding], Records]:
    """Which database it is, whose tables it has, and what is in them."""
    what = "database.url"
    mend = _MEND if settings.database.url is not None else ""
    try:
        async with asyncio.timeout(PART_SECONDS), join() as dsn:
            if dsn is None:
                return [
                    ok(what, f"embedded, in {settings.data_dir}; made at the first start")
                ], Records()
            return await _look(what, dsn)
    except DatabaseUnavailable as error:
        return [fail(what, str(error), mend)], Records()
    except OtherSchema as error:
        return [fail(what, str(error))], Records()
    except TimeoutError:
        return [fail(what, f"no answer in {PART_SECONDS:g} seconds", mend)], Records()


async def _look(what: str, dsn: str) -> tuple[list[Finding], Records]:
    found = await look(dsn)
    says = f"PostgreSQL {found.version}"
    if found.version_number < _LEAST_VERSION:
        return [fail(what, says, "Use PostgreSQL 14 or newer.")], Records()
    if found.schema is SchemaState.OTHER:
        raise OtherSchema(
            f"{says}, with the tables of another version of Energy Flash: run that version, or use"
            " an empty database"
        )
    if found.schema is SchemaState.EMPTY:
        return [ok(what, f"{says}, empty: its tables are made at the first start")], Records()
    async with Database(dsn, connections=1) as database, database.transaction() as tx:
        records = Records(
            genesis=await tx.values.get(GENESIS_KEY),
            pools=await tx.pools.all(),
        )
    return [ok(what, f"{says}, tables of this version ({found.fingerprint})")], records
