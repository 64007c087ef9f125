"""Requests of programs that are done once, however often they arrive.

A program that hears no answer asks again, with the same idempotency key. The first request is
answered, and the answer kept; a repetition gets it, from any process and after any restart. While
the first is at work a repetition waits for it. If its process died, the next one takes over: what
was made so far carries the request's id, and is found again by it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

from db.api_requests import ApiRequestRow
from db.database import Database, again_after_conflict

KEPT = timedelta(days=30)
"""How long an answer is given again."""
LONGEST_KEY = 200

# Longer than any request may take, so that nobody takes over from somebody who lives.
_HELD_SECONDS = 60.0
_WAIT_SECONDS = 20.0
_LOOK_SECONDS = 0.05


class AskedOtherwise(Exception):
    """The same idempotency key came with another request before."""


class StillAtWork(Exception):
    """The same request is being answered; it takes long."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program is told: an HTTP status, and the body of that type."""

    status: int
    body: bytes
    content_type: str


class ApiRequests:
    """Does a request once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def once(
        self,
        user_id: int,
        idempotency_key: str,
        asked: bytes,
        do: Callable[[UUID], Awaitable[Answer]],
        *,
        is_final: Callable[[Answer], bool],
    ) -> tuple[Answer, bool]:
        """The answer to what was `asked`, and whether it was given before.

        `do` is called with the request's id, at least once, and must find again by it what an
        earlier call made. An answer that is not final is given and forgotten.

        Raises:
            AskedOtherwise: the key belongs to another request.
            StillAtWork: another process is at it.
        """
        holder = uuid4()
        asked_hash = sha256(asked).digest()
        until = asyncio.get_running_loop().time() + _WAIT_SECONDS
        while True:
            row = await self._hold(user_id, idempotency_key, asked_hash, holder)
            if row.asked_hash != asked_hash:
                raise AskedOtherwise(idempotency_key)
            if row.status is not None:
                assert row.answer is not None
                assert row.content_type is not None
                return Answer(row.status, row.answer, row.content_type), True
            if row.holder == holder:
                break
            if asyncio.get_running_loop().time() >= until:
                raise StillAtWork(idempotency_key)
            await asyncio.sleep(_LOOK_SECONDS)
        try:
            answer = await do(row.id)
        except BaseException:
            # Also when the program hung up: what was done is found again by the request's id.
            await asyncio.shield(self._let_go(row.id, holder))
            raise
        if is_final(answer):
            async with self._database.transaction() as tx:
                await tx.api_requests.answer(
                    row.id, holder, answer.status, answer.body, answer.content_type
                )
        else:
            await self._let_go(row.id, holder)
        return answer, False

    async def forget_old(self) -> int:
        """Forget the answers that are kept no longer."""
        async with self._database.transaction() as tx:
            return await tx.api_requests.forget(datetime.now(UTC) - KEPT)

    @again_after_conflict
    async def _hold(
        self, user_id: int, idempotency_key: str, asked_hash: bytes, holder: UUID
    ) -> ApiRequestRow:
        async with self._database.transaction() as tx:
            return await tx.api_requests.hold(
                user_id, idempotency_key, asked_hash, holder=holder, seconds=_HELD_SECONDS
            )

    async def _let_go(self, request_id: UUID, holder: UUID) -> None:
        async with self._database.transaction() as tx:
            await tx.api_requests.let_go(request_id, holder)
