"""Reading without a transaction around it."""

from __future__ import annotations

import asyncio
from contextvars import copy_context

import pytest

from db.database import Database, Deposed
from db.seats import Seat, term_at_work


async def test_each_statement_sees_what_is_there_when_it_begins(database: str) -> None:
    async with Database(database) as opened, opened.statements() as reading:
        assert await reading.values.get("price") is None
        async with opened.transaction() as other:
            await other.values.put("price", 1)
        assert await reading.values.get("price") == 1


async def test_who_leads_no_more_reads_no_more(database: str) -> None:
    async with Database(database) as opened, opened.stand_for(Seat(1, "a test's")) as candidate:
        assert await candidate.take()
        term = await candidate.begin_term()
        working = copy_context()
        working.run(term_at_work.set, term)

        async def read() -> object:
            async with opened.statements() as reading:
                return await reading.values.get("price")

        assert await asyncio.create_task(read(), context=working) is None
        await candidate.begin_term()
        with pytest.raises(Deposed):
            await asyncio.create_task(read(), context=working)


async def test_what_failed_leaves_a_connection_that_can_be_used(database: str) -> None:
    async with Database(database, connections=1) as opened:

        async def fail() -> None:
            async with opened.transaction() as tx:
                await tx.values.put("price", 1)
                raise ZeroDivisionError

        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                await fail()
            async with opened.statements() as reading:
                assert await reading.values.get("price") is None
                assert not reading.connection.is_in_transaction()
