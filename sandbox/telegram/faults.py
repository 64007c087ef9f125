"""What can be made to go wrong between the bot and Telegram."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any


class FaultKind(StrEnum):
    """Each names what the bot sees; those of updates come last."""

    TOO_MANY_REQUESTS = "too_many_requests"
    SERVER_ERROR = "server_error"
    FORBIDDEN = "forbidden"
    REFUSED = "refused"
    ANSWER_LOST = "answer_lost"
    UPDATE_LOST = "update_lost"
    UPDATE_DOUBLED = "update_doubled"
    UPDATE_DELAYED = "update_delayed"
    UPDATE_OVERTAKEN = "update_overtaken"


_OF_UPDATES = frozenset(
    {
        FaultKind.UPDATE_LOST,
        FaultKind.UPDATE_DOUBLED,
        FaultKind.UPDATE_DELAYED,
        FaultKind.UPDATE_OVERTAKEN,
    }
)


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong the next `times` times it can.

    `method` limits it to one Bot API method (any case); without it every method but getUpdates is
    hit. `chat_id` limits it to calls about that chat. `retry_after` (seconds) belongs to
    too_many_requests, `code` to server_error, `seconds` to update_delayed.
    """

    kind: FaultKind
    times: int = 1
    method: str | None = None
    chat_id: int | None = None
    retry_after: int = 1
    code: int = 502
    seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.times < 1:
            raise ValueError("times must be at least 1")
        if self.kind is FaultKind.SERVER_ERROR and not 500 <= self.code <= 599:
            raise ValueError("code must be between 500 and 599")
        if self.retry_after < 1:
            raise ValueError("retry_after must be at least 1 second")

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Fault:
        """Reads a fault; raises ValueError naming what is wrong."""
        known = set(cls.__dataclass_fields__)
        unknown = sorted(set(fields) - known)
        if unknown:
            raise ValueError(f"unknown field {unknown[0]!r}; known are {', '.join(sorted(known))}")
        try:
            kind = FaultKind(fields.get("kind", ""))
        except ValueError as error:
            kinds = ", ".join(FaultKind)
            raise ValueError(f"kind must be one of {kinds}") from error
        try:
            return cls(**{**fields, "kind": kind})
        except TypeError as error:
            raise ValueError(str(error)) from error

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def hits(self, method: str, chat_id: int | None) -> bool:
        if self.chat_id is not None and self.chat_id != chat_id:
            return False
        if self.method is None:
            return method != "getupdates"
        return self.method.lower() == method


class TelegramFaults:
    """The faults still to come, used up one by one in the order they were added.

    `happened` counts by kind those that came; `on_met` is called after each.
    """

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self.happened: dict[str, int] = {}
        self.on_met: Callable[[], None] = lambda: None

    def add(self, fault: Fault) -> None:
        self._waiting.append(fault)

    def clear(self) -> None:
        self._waiting.clear()

    @property
    def waiting(self) -> tuple[Fault, ...]:
        return tuple(self._waiting)

    def next_for_call(self, method: str, chat_id: int | None) -> Fault | None:
        """The fault that this call meets, counted as used; `method` in lower case."""
        for index, fault in enumerate(self._waiting):
            if fault.kind not in _OF_UPDATES and fault.hits(method, chat_id):
                return self._use(index)
        return None

    def next_for_update(self, chat_id: int) -> Fault | None:
        """The fault that an update about to be queued meets, counted as used."""
        for index, fault in enumerate(self._waiting):
            if fault.kind in _OF_UPDATES and fault.chat_id in (None, chat_id):
                return self._use(index)
        return None

    def _use(self, index: int) -> Fault:
        fault = self._waiting[index]
        if fault.times > 1:
            self._waiting[index] = replace(fault, times=fault.times - 1)
        else:
            del self._waiting[index]
        name = str(fault.kind)
        self.happened[name] = self.happened.get(name, 0) + 1
        self.on_met()
        return fault
