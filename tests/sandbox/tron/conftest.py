"""A fresh network for each test, in memory, and its HTTP ports."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from sandbox.tron.chain import LocalChain
from tests.sandbox.tron.serving import Served, served
from tests.sandbox.tron.support import open_chain


@pytest.fixture
def chain() -> Iterator[LocalChain]:
    chain = open_chain()
    yield chain
    chain.close()


@pytest.fixture
async def node(chain: LocalChain) -> AsyncIterator[Served]:
    async with served(chain) as node:
        yield node
