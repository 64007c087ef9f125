"""Nodes for the chain's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.chain.scripted_node import ScriptedNode, scripted_node


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
