"""What a customer has chosen on the way to a quote.

Kept in Redis for a day, under a short id that the buttons carry. It may be lost: then the customer
is asked again.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from chain.addresses import Address
from services.tokens import USDT

if TYPE_CHECKING:
    from redis.asyncio import Redis

_SECONDS_KEPT = 24 * 60 * 60


def _new_id() -> str:
    return secrets.token_urlsafe(6)


@dataclass(frozen=True, slots=True)
class Draft:
    """The choices so far; None is not asked yet. The price is chosen by its duration.

    `token` None is USDT; `symbol` is how the token is called. `token_units` is the amount of a
    transfer in its smallest units, if it was named. Instead of a number of `transfers` there may
    be a budget: as many as it buys.
    """

    recipient: Address
    id: str = field(default_factory=_new_id)
    token: Address | None = None
    symbol: str = USDT
    destination: Address | None = None
    destination_holds_token: bool = True
    token_units: int | None = None
    transfers: int | None = None
    budget_sun: int | None = None
    duration_seconds: int | None = None
    shortfall_only: bool = False


_ADAPTER = TypeAdapter(Draft)


class Drafts:
    """The drafts of all customers."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def keep(self, user_id: int, draft: Draft) -> None:
        await self._redis.set(_key(user_id, draft.id), _ADAPTER.dump_json(draft), ex=_SECONDS_KEPT)

    async def find(self, user_id: int, draft_id: str) -> Draft | None:
        """The customer's draft, or None if it is gone or another person's."""
        stored = await self._redis.get(_key(user_id, draft_id))
        if stored is None:
            return None
        try:
            return _ADAPTER.validate_json(stored)
        except ValidationError:  # written by another version of the program
            return None


def _key(user_id: int, draft_id: str) -> str:
    return f"energy-flash:draft:{user_id}:{draft_id}"
