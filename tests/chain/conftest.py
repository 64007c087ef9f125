"""Nodes for the chain's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hypothesis import settings

from tests.chain.scripted_node import ScriptedNode, scripted_node

# How long an example takes says more about the machine than about us.
settings.register_profile("chain", deadline=None)
settings.load_profile("chain")


@pytest.fixture
async def node() -> AsyncIterator[ScriptedNode]:
    """A node that answers as told."""
    async with scripted_node() as node:
        yield node


@pytest.fixture
async def other_node() -> AsyncIterator[ScriptedNode]:
    """A second one."""
    async with scripted_node() as node:
        yield node
