"""Faults a node can be told to have: what the network and busy providers do to a client."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sandbox.tron.refusals import Code
from sandbox.tron.sending import Sending, Verdict
from sandbox.tron.spoiling import Shape

_FURTHEST_BEHIND = 40
"""Blocks: the past is not kept for longer, and a solidity node is behind already."""


class NodeFault(StrEnum):
    """What goes wrong with a call.

    REFUSE_CONNECTION: the connection ends at once, nothing was done.
    LOSE_REQUEST: the connection ends after the request was read; nothing was done.
    LOSE_ANSWER: the request is carried out, a broadcast accepted, and the answer is lost.
    TOO_MANY_REQUESTS, FORBIDDEN, INTERNAL_ERROR, BAD_GATEWAY, UNAVAILABLE: HTTP 429, 403, 500, 502
    and 503 as a provider sends them.
    SLOW: the request is looked at only after `amount` seconds.
    SLOW_ANSWER: the request is carried out at once, the answer comes after `amount` seconds.
    TRUNCATED: the answer is cut in the middle of its JSON.
    WRONG_SHAPE: the answer has status 200 and is of another `shape` than it should be.
    LAGGING: blocks and accounts are shown as they were `amount` blocks before the head.
    WRONG_TXID: whatever names a transaction names another one.
    REPEATED_REQUEST: a broadcast arrives twice; the caller hears that it is a duplicate.
    DROP_TRANSACTION: a broadcast is accepted, and the transaction forgotten.
    VERDICT: a broadcast is answered with `verdict`.
    """

    REFUSE_CONNECTION = "refuse_connection"
    LOSE_REQUEST = "lose_request"
    LOSE_ANSWER = "lose_answer"
    TOO_MANY_REQUESTS = "too_many_requests"
    FORBIDDEN = "forbidden"
    INTERNAL_ERROR = "internal_error"
    BAD_GATEWAY = "bad_gateway"
    UNAVAILABLE = "unavailable"
    SLOW = "slow"
    SLOW_ANSWER = "slow_answer"
    TRUNCATED = "truncated"
    WRONG_SHAPE = "wrong_shape"
    LAGGING = "lagging"
    WRONG_TXID = "wrong_txid"
    REPEATED_REQUEST = "repeated_request"
    DROP_TRANSACTION = "drop_transaction"
    VERDICT = "verdict"


_WITH_AMOUNT = frozenset({NodeFault.SLOW, NodeFault.SLOW_ANSWER, NodeFault.LAGGING})
_OF_BROADCASTS = frozenset(
    {NodeFault.REPEATED_REQUEST, NodeFault.DROP_TRANSACTION, NodeFault.VERDICT}
)
_BROADCASTS = frozenset({"broadcasthex", "broadcasttransaction"})


@dataclass(slots=True)
class PlannedFault:
    """A fault for the next `count` calls (of these methods only, if any are named)."""

    fault: NodeFault
    count: int = 1
    methods: frozenset[str] = frozenset()
    amount: float = 0
    shape: Shape = Shape.LIST
    verdict: Verdict | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for what makes no sense."""
        if self.count < 1:
            raise ValueError(f"a fault needs a count of at least 1, not {self.count}")
        if self.fault in _WITH_AMOUNT and self.amount <= 0:
            raise ValueError(f"{self.fault} needs an amount above 0")
        if self.fault is NodeFault.LAGGING and self.amount > _FURTHEST_BEHIND:
            raise ValueError(f"{self.fault} needs an amount of at most {_FURTHEST_BEHIND} blocks")
        if self.fault is NodeFault.VERDICT and self.verdict is None:
            raise ValueError(f"{self.fault} needs a code, such as {Code.SERVER_BUSY}")
        if self.fault in _OF_BROADCASTS:
            self.methods = self.methods or _BROADCASTS
            if not self.methods <= _BROADCASTS:
                raise ValueError(f"{self.fault} concerns only {', '.join(sorted(_BROADCASTS))}")

    def concerns(self, method: str) -> bool:
        """Whether a call of this method would meet the fault."""
        return self.count > 0 and (not self.methods or method in self.methods)

    def describe(self) -> dict[str, Any]:
        """The fault as plain JSON."""
        described: dict[str, Any] = {
            "fault": str(self.fault),
            "count": self.count,
            "methods": sorted(self.methods),
            "amount": self.amount,
        }
        if self.fault is NodeFault.WRONG_SHAPE:
            described["shape"] = str(self.shape)
        if self.verdict is not None:
            described |= {"code": str(self.verdict.code), "accepted": self.verdict.accepted}
        return described


@dataclass(frozen=True, slots=True)
class Met:
    """The faults that one call meets; of two of a kind, the one planned last."""

    by_kind: dict[NodeFault, PlannedFault]

    def __contains__(self, fault: NodeFault) -> bool:
        return fault in self.by_kind

    def amount(self, fault: NodeFault) -> float:
        """The fault's amount, 0 if it is not met."""
        return self.by_kind[fault].amount if fault in self.by_kind else 0

    @property
    def shape(self) -> Shape | None:
        """What the answer is turned into, None to leave it."""
        met = self.by_kind.get(NodeFault.WRONG_SHAPE)
        return None if met is None else met.shape

    @property
    def sending(self) -> Sending:
        """How a broadcast is carried out."""
        verdict = self.by_kind.get(NodeFault.VERDICT)
        return Sending(
            repeated=NodeFault.REPEATED_REQUEST in self,
            dropped=NodeFault.DROP_TRANSACTION in self,
            verdict=None if verdict is None else verdict.verdict,
        )


@dataclass(slots=True)
class NodeFaults:
    """The faults that are planned for a node; one object may serve both its ports.

    `on_met` is called after each call that met any.
    """

    planned: list[PlannedFault] = field(default_factory=list)
    happened: dict[str, int] = field(default_factory=dict)
    on_met: Callable[[], None] = lambda: None

    def plan(
        self,
        fault: NodeFault,
        count: int = 1,
        *,
        methods: Iterable[str] = (),
        amount: float = 0,
        shape: Shape = Shape.LIST,
        verdict: Verdict | None = None,
    ) -> None:
        """Plans a fault for the next calls.

        `methods` are names as in the path, e.g. ``broadcasthex``; `amount` is seconds for SLOW and
        SLOW_ANSWER, blocks for LAGGING (at most 40), `shape` belongs to WRONG_SHAPE and `verdict`
        to VERDICT. Raises ValueError for what makes no sense.
        """
        self.planned.append(PlannedFault(fault, count, frozenset(methods), amount, shape, verdict))

    def clear(self) -> None:
        """Forgets what was planned."""
        self.planned.clear()

    def meet(self, method: str) -> Met:
        """The faults that a call meets; each counts down by one."""
        met = [planned for planned in self.planned if planned.concerns(method)]
        for planned in met:
            planned.count -= 1
            name = str(planned.fault)
            self.happened[name] = self.happened.get(name, 0) + 1
        self.planned = [planned for planned in self.planned if planned.count > 0]
        if met:
            self.on_met()
        return Met({planned.fault: planned for planned in met})

    def describe(self) -> dict[str, Any]:
        """What is planned and how often what has happened, as plain JSON."""
        return {
            "planned": [planned.describe() for planned in self.planned],
            "happened": dict(self.happened),
        }
