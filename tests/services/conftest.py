"""A shop for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services import audit_balances
from tests.support.shop import Shop, open_shop


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """An audit looks again at once: no block comes by itself here, so there is nothing to await."""
    monkeypatch.setattr(audit_balances, "_PAUSE_SECONDS", 0.0)


@pytest.fixture
async def shop(database: str) -> AsyncIterator[Shop]:
    async with open_shop(database) as opened:
        yield opened
