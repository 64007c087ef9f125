"""Whose tables a database holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from db import schema
from db.database import Database
from db.schema import OtherSchema, fingerprint


async def test_empty_database_gets_the_tables_and_is_known_again(empty_database: str) -> None:
    for _ in range(2):
        async with Database(empty_database, connections=1) as opened, opened.transaction() as tx:
            assert await tx.connection.fetchval("SELECT count(*) FROM energy_flash_orders") == 0


async def test_tables_of_another_version_are_refused_at_the_start(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements = schema.FILE.read_text(encoding="utf-8")
    later = tmp_path / "schema.sql"
    later.write_text(f"{statements}\nCREATE TABLE something_new (id bigint);\n")
    monkeypatch.setattr(schema, "FILE", later)
    with pytest.raises(OtherSchema, match="made by another version"):
        async with Database(database, connections=1):
            pass


async def test_tables_from_before_they_were_marked_are_refused(database: str) -> None:
    async with Database(database, connections=1) as opened, opened.transaction() as tx:
        await tx.connection.execute("DELETE FROM settings WHERE key = 'schema'")
    with pytest.raises(OtherSchema):
        async with Database(database, connections=1):
            pass


def test_only_what_the_schema_says_counts() -> None:
    statements = schema.FILE.read_text(encoding="utf-8")
    assert fingerprint(f"-- Another word.\n{statements}\n\n") == fingerprint(statements)
    assert fingerprint(statements.replace("bigint", "int", 1)) != fingerprint(statements)
