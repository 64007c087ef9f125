"""A shop whose API is served over a real socket, and programs that ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from api.application import PREFIX, application
from api.server import serving
from process import api_services, api_terms
from services.api_keys import Scope
from services.readiness import Readiness
from tests.support.shop import USER, Shop, open_shop

ALL = frozenset(Scope)


@dataclass
class Api:
    """The API of a shop, and clients of it."""

    shop: Shop
    url: str
    stack: AsyncExitStack

    async def secret(
        self, user: int = USER, *, scopes: frozenset[Scope] = ALL, **terms: Any
    ) -> str:
        """A new key of the customer's, the text that a program sends."""
        made = await self.shop.services.api_keys.make(
            user, "a test's", scopes, made_by=user, **terms
        )
        return made.secret

    async def client(self, secret: str | None = None, **headers: str) -> httpx.AsyncClient:
        """A program; with a key of USER's unless it brings another, or "" for none."""
        if secret is None:
            secret = await self.secret()
        if secret:
            headers["Authorization"] = f"Bearer {secret}"
        client = httpx.AsyncClient(base_url=f"{self.url}{PREFIX}", headers=headers, timeout=30)
        return await self.stack.enter_async_context(client)


@asynccontextmanager
async def open_api(shop: Shop, redis_url: str, **terms: Any) -> AsyncIterator[Api]:
    """The API of the shop, served until the block ends."""
    async with AsyncExitStack() as stack:
        redis = Redis.from_url(redis_url)
        stack.push_async_callback(redis.aclose)
        # A machine whose clock goes with the chain's.
        readiness = Readiness(
            shop.database,
            shop.node,
            redis.ping,
            now=lambda: datetime.fromtimestamp(shop.chain.head.time_ms / 1000, UTC),
        )
        agreed = replace(api_terms(shop.settings), **terms)
        app = application(api_services(shop.services, readiness), agreed, redis)
        port = await stack.enter_async_context(serving(app, "127.0.0.1", 0))
        yield Api(shop, f"http://127.0.0.1:{port}", stack)


@pytest.fixture
async def api(database: str, redis_url: str) -> AsyncIterator[Api]:
    async with open_shop(database) as shop, open_api(shop, redis_url) as opened:
        yield opened


@pytest.fixture
async def program(api: Api) -> httpx.AsyncClient:
    """A program of USER's that may do everything."""
    return await api.client()


@pytest.fixture
async def stranger(api: Api) -> httpx.AsyncClient:
    """A program without a key."""
    return await api.client("")
