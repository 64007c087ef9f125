"""Two attempts to send the same bytes at once, and what may be concluded from each answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from chain.errors import ChainError, OutcomeUnknown, Refused, Unavailable
from chain.node import BroadcastOutcome, NodeClient
from services.order_views import Stage
from services.solid import SolidChain
from services.write_ahead import WriteAhead
from tests.support.shop import Shop


class HeldBack:
    """A node that does as another does, but whose answer to a broadcast comes when told to.

    What it says then stands for a node of its own, which never saw the transaction.
    """

    def __init__(self, node: NodeClient, answer: Callable[[], ChainError]) -> None:
        self._node = node
        self._answer = answer
        self.asked = asyncio.Event()
        self.go_on = asyncio.Event()

    async def broadcast(self, raw_bytes: bytes, signature: bytes) -> BroadcastOutcome:
        self.asked.set()
        await self.go_on.wait()
        raise self._answer()


async def states(shop: Shop) -> list[tuple[str, str, bool]]:
    async with shop.database.transaction() as tx:
        rows = await tx.connection.fetch(
            "SELECT kind, state, exposed FROM chain_transactions ORDER BY id"
        )
    return [(row["kind"], row["state"], row["exposed"]) for row in rows]


def solid(shop: Shop) -> SolidChain:
    return SolidChain(shop.node, shop.database)


async def due_now(shop: Shop) -> None:
    async with shop.database.transaction() as tx:
        await tx.connection.execute("UPDATE chain_transactions SET next_attempt_at = now()")


async def decide_without_sending(shop: Shop) -> None:
    """A delegation is signed and stored, and its process dies before it is sent."""

    class Killed(Exception):
        pass

    class Dying(WriteAhead):
        async def broadcast_due(self) -> int:
            raise Killed

    delegations = shop.services.delegations
    whole = delegations._write_ahead
    delegations._write_ahead = Dying(shop.node, shop.database, whole._solid)
    with pytest.raises(Killed):
        await delegations.deliver_due()
    delegations._write_ahead = whole


@pytest.mark.parametrize(
    "answer",
    [
        lambda: Refused("CONTRACT_VALIDATE_ERROR", "a node that lags"),
        lambda: Refused("TRANSACTION_EXPIRATION_ERROR", "a node that is ahead"),
        lambda: Unavailable("busy"),
        lambda: OutcomeUnknown("no answer"),
    ],
)
async def test_a_slow_refusal_does_not_undo_what_another_attempt_has_sent(
    shop: Shop, answer: Callable[[], ChainError]
) -> None:
    order = await shop.order()
    shop.pay(order)
    shop.chain.produce_blocks(2)
    await shop.services.scanner.scan()
    await decide_without_sending(shop)
    slow = HeldBack(shop.node, answer)
    first = asyncio.create_task(
        WriteAhead(slow, shop.database, solid(shop)).broadcast_due()  # type: ignore[arg-type]
    )
    await slow.asked.wait()
    # Its lease has run out: another process sends the same bytes, and the network takes them.
    await due_now(shop)
    await shop.services.write_ahead.broadcast_due()
    slow.go_on.set()
    await first
    assert await states(shop) == [("delegate", "sent", True)]
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.DELIVERED
    assert len(shop.delegations()) == 1


@pytest.mark.parametrize(
    "answer",
    [
        lambda: Refused("CONTRACT_VALIDATE_ERROR", "a node that lags"),
        lambda: Refused("TRANSACTION_EXPIRATION_ERROR", "a node that is ahead"),
        lambda: Unavailable("busy"),
    ],
)
async def test_an_answer_says_nothing_about_an_attempt_still_under_way(
    shop: Shop, answer: Callable[[], ChainError]
) -> None:
    order = await shop.order()
    shop.pay(order)
    shop.chain.produce_blocks(2)
    await shop.services.scanner.scan()
    await decide_without_sending(shop)
    early = HeldBack(shop.node, answer)
    late = HeldBack(shop.node, lambda: OutcomeUnknown("no answer"))
    attempts = []
    for slow in (early, late):
        await due_now(shop)
        attempts.append(
            asyncio.create_task(
                WriteAhead(slow, shop.database, solid(shop)).broadcast_due()  # type: ignore[arg-type]
            )
        )
        await slow.asked.wait()
    early.go_on.set()
    await attempts[0]
    ((_, state, exposed),) = await states(shop)
    assert state in ("signed", "sent")
    assert exposed, "the later attempt may have reached a node"
    late.go_on.set()
    await attempts[1]
