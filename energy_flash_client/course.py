"""How a call goes on after each attempt: its answer, another attempt after a pause, or an error.

Nothing here sends or waits; both clients do as it says.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Generic, TypeVar

import httpx

from energy_flash_client.calls import Call
from energy_flash_client.errors import (
    ApiProblem,
    EnergyFlashError,
    FieldError,
    NoAnswer,
    UnexpectedAnswer,
)
from energy_flash_client.exact_json import read

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 8.0
LONGEST_WISH = 60.0
"""Seconds: a Retry-After beyond it is left to the caller."""

T = TypeVar("T")


class Course(Generic[T]):
    """One call, on its way through at most `retries` further attempts."""

    def __init__(self, call: Call[T], retries: int) -> None:
        self._call = call
        self._left = retries
        self._failures = 0

    def pause(self, outcome: httpx.Response | httpx.TransportError) -> float | None:
        """Seconds until the call is sent again; None: this is its outcome."""
        if not self._worth_another(outcome) or self._left == 0:
            return None
        wished = 0.0
        if isinstance(outcome, httpx.Response):
            wished = retry_after(outcome.headers) or 0.0
        if wished > LONGEST_WISH:
            return None
        self._left -= 1
        most = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**self._failures)
        self._failures += 1
        # Apart from others who failed at the same moment.
        return wished + random.uniform(most / 2, most)  # noqa: S311 - nothing secret

    def end(self, outcome: httpx.Response | httpx.TransportError) -> T:
        """What the outcome says.

        Raises:
            EnergyFlashError: it is none of success.
        """
        if isinstance(outcome, httpx.TransportError):
            why = str(outcome) or type(outcome).__name__
            raise NoAnswer(why, self._call.key) from outcome
        if outcome.status_code in self._call.expected:
            try:
                return self._call.answer(outcome.content)
            except (ValueError, KeyError, TypeError) as error:
                raise self._unexpected(outcome) from error
        found = self._problem(outcome)
        if (
            self._call.method == "DELETE"
            and self._failures
            and isinstance(found, ApiProblem)
            and found.status == 404
        ):
            # An attempt before, whose answer was lost, had done it.
            return self._call.answer(b"")
        raise found

    def _worth_another(self, outcome: httpx.Response | httpx.TransportError) -> bool:
        repeatable = self._call.repeatable
        if isinstance(outcome, httpx.ConnectError | httpx.ConnectTimeout):
            # It cannot have been done.
            return True
        if isinstance(outcome, httpx.TransportError):
            return repeatable and not isinstance(outcome, httpx.UnsupportedProtocol)
        if outcome.status_code in self._call.expected:
            return False
        match outcome.status_code:
            case 429:
                return True
            case 502 | 504:
                return repeatable
            case 503:
                return repeatable and _code(outcome) != "maintenance"
            case 409:
                # The same request, at work at this very moment: its answer will be ours.
                return _code(outcome) == "in_progress"
            case _:
                return False

    def _problem(self, response: httpx.Response) -> EnergyFlashError:
        said = _said(response)
        if not isinstance(said.get("code"), str):
            return self._unexpected(response)
        errors = said.get("errors")
        return ApiProblem(
            response.status_code,
            said["code"],
            str(said.get("error", "")),
            facts=said.get("facts") or {},
            errors=tuple(
                FieldError(str(each.get("field")), str(each.get("code")), str(each.get("message")))
                for each in (errors if isinstance(errors, list) else ())
            ),
            request_id=response.headers.get("X-Request-Id"),
            retry_after=retry_after(response.headers),
            key=self._call.key,
        )

    def _unexpected(self, response: httpx.Response) -> UnexpectedAnswer:
        return UnexpectedAnswer(response.status_code, response.text[:1_000], self._call.key)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a Retry-After asks for (RFC 9110, 10.2.3); None without one that reads so."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def _code(response: httpx.Response) -> object:
    return _said(response).get("code")


def _said(response: httpx.Response) -> dict[str, Any]:
    try:
        said = read(response.content)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
