"""What is planned to go wrong between the application and the world around it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from sandbox.answers import Refusal, listed
from sandbox.requests import Fields
from sandbox.telegram import Fault, TelegramFaults
from sandbox.tron.faults import NodeFault, NodeFaults
from sandbox.tron.refusals import Code
from sandbox.tron.sending import Verdict
from sandbox.tron.spoiling import Shape

_MOST = 100_000
_NODE_FIELDS = frozenset({"on", "fault", "count", "methods", "amount", "shape", "code", "accepted"})


class Mishaps:
    """The planned faults of the TRON node and of Telegram, in one form.

    `changed` is called when faults were planned or cleared, or struck.
    """

    def __init__(self, node: NodeFaults, telegram: TelegramFaults) -> None:
        self.changed: Callable[[], None] = lambda: None
        self._node = node
        self._telegram = telegram
        self._change = asyncio.Event()
        node.on_met = self._on_change
        telegram.on_met = self._on_change

    def plan(self, fields: Fields) -> None:
        """Adds `{"on": "node" | "telegram", "fault", "count", …}`. Raises Refusal."""
        on = fields.text("on")
        if on == "node":
            self._plan_node(fields)
        elif on == "telegram":
            self._plan_telegram(fields)
        else:
            raise Refusal(400, "bad_field", f"`on` must be node or telegram, not {on!r}.")
        self._on_change()

    def clear(self) -> None:
        """Forgets what was planned; what has happened stays counted."""
        self._node.clear()
        self._telegram.clear()
        self._on_change()

    async def all_met(self, wait: float) -> None:
        """Returns when nothing is planned any more, or after `wait` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
                while self.waiting():
                    await self._change.wait()

    def as_json(self) -> dict[str, Any]:
        """The faults still to come, and how often which have happened."""
        return {
            "faults": self.waiting(),
            "happened": {
                "node": dict(self._node.happened),
                "telegram": dict(self._telegram.happened),
            },
        }

    def waiting(self) -> list[dict[str, Any]]:
        """The faults still to come."""
        node = [{"on": "node", **planned.describe()} for planned in self._node.planned]
        telegram = []
        for fault in self._telegram.waiting:
            shown = {name: value for name, value in fault.as_json().items() if value is not None}
            shown |= {"on": "telegram", "fault": shown.pop("kind"), "count": shown.pop("times")}
            telegram.append(shown)
        return node + telegram

    def _on_change(self) -> None:
        self._change.set()
        self._change = asyncio.Event()
        self.changed()

    def _plan_node(self, fields: Fields) -> None:
        unknown = sorted(fields.without(*_NODE_FIELDS))
        if unknown:
            raise Refusal(
                400,
                "bad_fault",
                f"unknown field {unknown[0]!r}; known are {listed(sorted(_NODE_FIELDS))}.",
            )
        verdict = None
        fault = NodeFault(fields.choice("fault", NodeFault))
        try:
            if fields.has("code"):
                code = Code(fields.choice("code", Code))
                verdict = Verdict(code, accepted=fields.optional_flag("accepted") or False)
            self._node.plan(
                fault,
                fields.integer("count", default=1, least=1, most=_MOST),
                methods=fields.texts("methods"),
                amount=fields.number("amount", default=0, least=0, most=_MOST),
                shape=Shape(fields.choice("shape", Shape, default=Shape.LIST)),
                verdict=verdict,
            )
        except ValueError as problem:
            raise Refusal(400, "bad_fault", f"{problem}.") from problem

    def _plan_telegram(self, fields: Fields) -> None:
        given = fields.without("on", "fault", "count")
        given["kind"] = fields.text("fault")
        given["times"] = fields.integer("count", default=1, least=1, most=_MOST)
        try:
            self._telegram.add(Fault.from_json(given))
        except ValueError as problem:
            message = str(problem).replace("kind must", "fault must")
            raise Refusal(400, "bad_fault", f"{message}.") from problem
