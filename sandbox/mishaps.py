"""What is planned to go wrong between the application and the world around it."""

from __future__ import annotations

from typing import Any

from sandbox.answers import Refusal
from sandbox.requests import Fields
from sandbox.telegram import Fault, TelegramFaults
from sandbox.tron.faults import NodeFault, NodeFaults

_MOST = 100_000


class Mishaps:
    """The planned faults of the TRON node and of Telegram, in one form."""

    def __init__(self, node: NodeFaults, telegram: TelegramFaults) -> None:
        self._node = node
        self._telegram = telegram

    def plan(self, fields: Fields) -> None:
        """Adds `{"on": "node" | "telegram", "fault", "count", …}`. Raises Refusal."""
        on = fields.text("on")
        if on == "node":
            self._plan_node(fields)
        elif on == "telegram":
            self._plan_telegram(fields)
        else:
            raise Refusal(400, "bad_field", f"`on` must be node or telegram, not {on!r}.")

    def clear(self) -> None:
        self._node.clear()
        self._telegram.clear()

    def as_json(self) -> dict[str, Any]:
        """The faults still to come, and how often the node's have happened."""
        return {"faults": self.waiting(), "happened": {"node": dict(self._node.happened)}}

    def waiting(self) -> list[dict[str, Any]]:
        """The faults still to come."""
        node = [{"on": "node", **planned.describe()} for planned in self._node.planned]
        telegram = []
        for fault in self._telegram.waiting:
            shown = {name: value for name, value in fault.as_json().items() if value is not None}
            shown |= {"on": "telegram", "fault": shown.pop("kind"), "count": shown.pop("times")}
            telegram.append(shown)
        return node + telegram

    def _plan_node(self, fields: Fields) -> None:
        wanted = fields.text("fault")
        try:
            fault = NodeFault(wanted)
        except ValueError:
            kinds = ", ".join(NodeFault)
            raise Refusal(400, "bad_field", f"`fault` must be one of {kinds}.") from None
        try:
            self._node.plan(
                fault,
                fields.integer("count", default=1, least=1, most=_MOST),
                methods=fields.texts("methods"),
                amount=fields.number("amount", default=0, least=0, most=_MOST),
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
