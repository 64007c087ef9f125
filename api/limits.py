"""How often programs may ask: bounds for each key and for each IP address, shared by all processes.

Sliding windows of a minute in Redis. While Redis does not answer each process counts by itself,
and more strictly: several of them together must not give more than one bound.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from time import time
from uuid import UUID

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import Redis
from redis.exceptions import RedisError

# A request waits no longer than this for Redis, and Redis is not asked again for so long.
_PATIENCE_SECONDS = 0.25
_REST_SECONDS = 5.0
# Of a bound, what one process gives out by itself.
_ALONE = 4
WRONG_KEY_COST = 20
"""Requests that one with a wrong key counts as, so that keys cannot be guessed at speed."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RateTerms:
    """The operator's bounds, in requests a minute."""

    per_key: int = 600
    per_address: int = 1_200


@dataclass(frozen=True, slots=True)
class Rate:
    """How a caller stands with a bound: `left` of `most` requests, all in `reset_seconds`."""

    passed: bool
    most: int
    left: int
    reset_seconds: int

    @property
    def headers(self) -> Mapping[str, str]:
        """As in the IETF's draft "RateLimit header fields for HTTP"."""
        return {
            "RateLimit-Limit": str(self.most),
            "RateLimit-Remaining": str(self.left),
            "RateLimit-Reset": str(self.reset_seconds),
            "RateLimit-Policy": f"{self.most};w=60",
        }


class Rates:
    """Counts requests."""

    def __init__(self, redis: Redis, terms: RateTerms) -> None:
        self._terms = terms
        self._shared = SlidingWindowCounterRateLimiter(
            RedisStorage(
                "redis://",
                implementation="redispy",
                key_prefix="api",
                # The types of the library know simple options only.
                connection_pool=redis.connection_pool,  # type: ignore[arg-type]
            )
        )
        self._alone = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._alone_until = 0.0

    async def of_address(self, address: str, *, cost: int = 1) -> Rate:
        """Count a request from an IP address as `cost` requests."""
        return await self._count(self._terms.per_address, "address", address, cost)

    async def of_key(self, key_id: UUID) -> Rate:
        """Count a request with a key."""
        return await self._count(self._terms.per_key, "key", str(key_id), 1)

    async def _count(self, most: int, kind: str, who: str, cost: int) -> Rate:
        loop = asyncio.get_running_loop()
        if loop.time() >= self._alone_until:
            try:
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    return await _counted(self._shared, most, kind, who, cost)
            except (RedisError, OSError, TimeoutError) as error:
                self._alone_until = loop.time() + _REST_SECONDS
                log.warning("Redis does not count requests (%r): bounds are stricter now", error)
        return await _counted(self._alone, max(1, most // _ALONE), kind, who, cost)


async def _counted(
    limiter: SlidingWindowCounterRateLimiter, most: int, kind: str, who: str, cost: int
) -> Rate:
    bound: RateLimitItem = RateLimitItemPerMinute(most)
    passed = await limiter.hit(bound, kind, who, cost=cost)
    window = await limiter.get_window_stats(bound, kind, who)
    if not passed and cost > 1 and window.remaining > 0:
        # A hit counts wholly or not at all: what is dear must not be free because little is left.
        await limiter.hit(bound, kind, who, cost=window.remaining)
    return Rate(
        passed=passed,
        most=most,
        left=max(0, window.remaining),
        reset_seconds=max(1, ceil(window.reset_time - time())),
    )
