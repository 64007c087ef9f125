"""A shop for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.shop import Shop, open_shop


@pytest.fixture
async def shop(database: str) -> AsyncIterator[Shop]:
    async with open_shop(database) as opened:
        yield opened
