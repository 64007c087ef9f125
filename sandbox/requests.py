"""The fields of a request, checked one by one: what is wrong with one is said by its name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from sandbox.answers import Refusal, listed

_LARGEST_INTEGER = 2**63 - 1
_MOST_DIGITS = 78


class Fields:
    """The fields of a JSON object, or (`from_query`) of a query, where every value is text.

    A field without a `default` is required. Raises Refusal.
    """

    def __init__(self, values: Mapping[str, Any], *, from_query: bool = False) -> None:
        self._values = values
        self._from_query = from_query

    def has(self, name: str) -> bool:
        return self._values.get(name) is not None

    def text(self, name: str, *, default: str | None = None) -> str:
        value = self._value(name, default)
        if not isinstance(value, str):
            raise _wrong(name, "text", value)
        return value

    def flag(self, name: str) -> bool:
        value = self._value(name, None)
        if not isinstance(value, bool):
            raise _wrong(name, "true or false", value)
        return value

    def integer(
        self,
        name: str,
        *,
        default: int | None = None,
        least: int = 0,
        most: int = _LARGEST_INTEGER,
    ) -> int:
        value = self._value(name, default)
        if self._from_query and isinstance(value, str) and value.isdecimal():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise _wrong(name, f"an integer from {least} to {most}", value)
        return value

    def large_integer(self, name: str) -> int:
        """An integer of any size from 0, which may come as its digits in a text."""
        value = self._value(name, None)
        if isinstance(value, str) and value.isdecimal() and len(value) <= _MOST_DIGITS:
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise _wrong(name, "an integer from 0", value)
        return value

    def optional_integer(self, name: str, *, most: int = _LARGEST_INTEGER) -> int | None:
        return self.integer(name, most=most) if self.has(name) else None

    def number(
        self, name: str, *, default: float | None = None, least: float, most: float
    ) -> float:
        value = self._value(name, default)
        if self._from_query and isinstance(value, str):
            try:
                value = float(value)
            except ValueError:
                raise _wrong(name, "a number", value) from None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _wrong(name, "a number", value)
        if not least <= value <= most:
            raise _wrong(name, f"a number from {least:g} to {most:g}", value)
        return float(value)

    def optional_flag(self, name: str) -> bool | None:
        return self.flag(name) if self.has(name) else None

    def choice(self, name: str, choices: Iterable[str], *, default: str | None = None) -> str:
        """One of some words."""
        known = tuple(choices)
        value = self._value(name, default)
        if value not in known:
            raise _wrong(name, f"one of {listed(known)}", value)
        return str(value)

    def texts(self, name: str) -> list[str]:
        """A list of texts, empty when the field is absent."""
        value = self._values.get(name) or []
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise _wrong(name, "a list of texts", value)
        return value

    def without(self, *names: str) -> dict[str, Any]:
        """The other fields as they came."""
        return {name: value for name, value in self._values.items() if name not in names}

    def _value(self, name: str, default: Any) -> Any:
        value = self._values.get(name)
        if value is None:
            if default is None:
                raise Refusal(400, "missing_field", f"`{name}` is missing.")
            return default
        return value


async def read_fields(request: web.Request) -> Fields:
    """The JSON object of a request's body, whatever its Content-Type says; {} if it is empty."""
    body = await request.read()
    try:
        value = json.loads(body) if body.strip() else {}
    except ValueError as fault:
        raise Refusal(400, "bad_json", f"The body is not JSON: {fault}.") from fault
    if not isinstance(value, dict):
        raise Refusal(400, "bad_json", "The body must be a JSON object.")
    return Fields(value)


def _wrong(name: str, expected: str, value: Any) -> Refusal:
    shown = repr(value) if len(repr(value)) < 60 else f"{repr(value)[:57]}…"
    return Refusal(400, "bad_field", f"`{name}` must be {expected}, not {shown}.")
