"""Faults a node can be told to have: what the network and busy providers do to a client."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

_FURTHEST_BEHIND = 40
"""Blocks: the past is not kept for longer, and a solidity node is behind already."""


class NodeFault(StrEnum):
    """What goes wrong with a call.

    REFUSE_CONNECTION: the connection ends at once, nothing was done.
    LOSE_REQUEST: the connection ends after the request was read; nothing was done.
    LOSE_ANSWER: the request is carried out, a broadcast accepted, and the answer is lost.
    TOO_MANY_REQUESTS, FORBIDDEN, UNAVAILABLE: HTTP 429, 403 and 503 as a provider sends them.
    SLOW: the request is looked at only after `amount` seconds.
    SLOW_ANSWER: the request is carried out at once, the answer comes after `amount` seconds.
    TRUNCATED: the answer is cut in the middle of its JSON.
    LAGGING: blocks and accounts are shown as they were `amount` blocks before the head.
    WRONG_TXID: built transactions and getsignweight bear an id that is not theirs.
    """

    REFUSE_CONNECTION = "refuse_connection"
    LOSE_REQUEST = "lose_request"
    LOSE_ANSWER = "lose_answer"
    TOO_MANY_REQUESTS = "too_many_requests"
    FORBIDDEN = "forbidden"
    UNAVAILABLE = "unavailable"
    SLOW = "slow"
    SLOW_ANSWER = "slow_answer"
    TRUNCATED = "truncated"
    LAGGING = "lagging"
    WRONG_TXID = "wrong_txid"


@dataclass(slots=True)
class PlannedFault:
    """A fault for the next `count` calls (of these methods only, if any are named)."""

    fault: NodeFault
    count: int
    methods: frozenset[str] = frozenset()
    amount: float = 0

    def concerns(self, method: str) -> bool:
        """Whether a call of this method would meet the fault."""
        return self.count > 0 and (not self.methods or method in self.methods)

    def describe(self) -> dict[str, Any]:
        """The fault as plain JSON."""
        return {
            "fault": str(self.fault),
            "count": self.count,
            "methods": sorted(self.methods),
            "amount": self.amount,
        }


@dataclass(slots=True)
class NodeFaults:
    """The faults that are planned for a node; one object may serve both its ports."""

    planned: list[PlannedFault] = field(default_factory=list)
    happened: dict[str, int] = field(default_factory=dict)

    def plan(
        self, fault: NodeFault, count: int = 1, *, methods: Iterable[str] = (), amount: float = 0
    ) -> None:
        """Plans a fault for the next calls.

        `methods` are names as in the path, e.g. ``broadcasthex``; `amount` is seconds for SLOW and
        SLOW_ANSWER, blocks for LAGGING (at most 40). Raises ValueError for an amount that makes no
        sense.
        """
        if count < 1:
            raise ValueError(f"a fault needs a count of at least 1, not {count}")
        if fault in {NodeFault.SLOW, NodeFault.SLOW_ANSWER, NodeFault.LAGGING} and amount <= 0:
            raise ValueError(f"{fault} needs an amount above 0")
        if fault is NodeFault.LAGGING and amount > _FURTHEST_BEHIND:
            raise ValueError(f"{fault} needs an amount of at most {_FURTHEST_BEHIND} blocks")
        self.planned.append(PlannedFault(fault, count, frozenset(methods), amount))

    def clear(self) -> None:
        """Forgets what was planned."""
        self.planned.clear()

    def meet(self, method: str) -> list[PlannedFault]:
        """The faults that a call meets; each counts down by one."""
        met = [planned for planned in self.planned if planned.concerns(method)]
        for planned in met:
            planned.count -= 1
            name = str(planned.fault)
            self.happened[name] = self.happened.get(name, 0) + 1
        self.planned = [planned for planned in self.planned if planned.count > 0]
        return met

    def describe(self) -> dict[str, Any]:
        """What is planned and how often what has happened, as plain JSON."""
        return {
            "planned": [planned.describe() for planned in self.planned],
            "happened": dict(self.happened),
        }
