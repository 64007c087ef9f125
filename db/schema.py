"""The tables: made in an empty database, and known again in one that has them."""

from __future__ import annotations

import hashlib
import logging
import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from db.values import ValueRepository

if TYPE_CHECKING:
    from db.connection import Connection

FILE = Path(__file__).resolve().parent.parent / "schema.sql"

# One arbitrary constant of our own: two programs that start at once must not
# both create the schema.
_LOCK = 0x454E4552
_KEY = "schema"

log = logging.getLogger(__name__)


class OtherSchema(Exception):
    """The database holds the tables of another version of the program."""


class SchemaState(StrEnum):
    """Whose tables a database holds."""

    EMPTY = "empty"
    OURS = "ours"
    OTHER = "other"


async def state_of(connection: Connection) -> tuple[SchemaState, str]:
    """Whose tables there are, and the fingerprint of ours; nothing is made."""
    own = fingerprint(FILE.read_text(encoding="utf-8"))
    if await connection.fetchval("SELECT to_regclass('energy_flash_orders')") is None:
        return SchemaState.EMPTY, own
    if await connection.fetchval("SELECT to_regclass('settings')") is None:
        return SchemaState.OTHER, own
    kept = await ValueRepository(connection).get(_KEY)
    return SchemaState.OURS if kept == own else SchemaState.OTHER, own


async def create_or_check(connection: Connection) -> None:
    """Inside a transaction: create the schema if there is none, else make sure it is this one.

    Raises OtherSchema: on tables of another version statements would fail one by one, each in the
    middle of somebody's order.
    """
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
    values = ValueRepository(connection)
    statements = FILE.read_text(encoding="utf-8")
    if await connection.fetchval("SELECT to_regclass('energy_flash_orders')") is None:
        await connection.execute(statements)
        await values.put(_KEY, fingerprint(statements))
        log.info("created the schema")
    elif await values.get(_KEY) != fingerprint(statements):
        raise OtherSchema(
            "The database was made by another version of Energy Flash, which had other tables. "
            "Run that version, or choose an empty database: another --data-dir, another "
            "database.url, or, where nothing in it is worth keeping, remove the data folder."
        )


def fingerprint(statements: str) -> str:
    """Changes with what the schema says, not with its comments and layout."""
    spoken = re.sub(r"--[^\n]*", "", statements)
    return hashlib.sha256(" ".join(spoken.split()).encode()).hexdigest()[:16]
