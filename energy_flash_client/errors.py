"""What can go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class EnergyFlashError(Exception):
    """A request did not succeed."""


class NoAnswer(EnergyFlashError):
    """The shop could not be reached, or did not answer in time, however often it was asked.

    What changes something may have been done all the same: ask again with the same `key`, the
    request's idempotency key, if it had one.
    """

    def __init__(self, why: str, key: str | None) -> None:
        super().__init__(why)
        self.key = key


class UnexpectedAnswer(EnergyFlashError):
    """Something answered that is not the API: a proxy, or another server. `text` is its start."""

    def __init__(self, status: int, text: str, key: str | None = None) -> None:
        super().__init__(f"HTTP {status}, and not as the API answers: {text[:200]!r}")
        self.status = status
        self.text = text
        self.key = key


class NotFromTheShop(EnergyFlashError):
    """What came to a webhook is not signed with its secret, or not lately."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one value that was sent."""

    field: str
    code: str
    message: str


class ApiProblem(EnergyFlashError):
    """The shop refused, and says why.

    Decide by `code`, which stays as it is; show `message` to people. `facts` are the figures that
    belong to the code, amounts among them as int or Decimal. Name `request_id` when you ask the
    shop about it. `key` is the request's idempotency key, if it had one.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        facts: Mapping[str, Any],
        errors: tuple[FieldError, ...] = (),
        request_id: str | None = None,
        retry_after: float | None = None,
        key: str | None = None,
    ) -> None:
        super().__init__(status, code, message)
        self.status = status
        self.code = code
        self.message = message
        self.facts = facts
        self.errors = errors
        self.request_id = request_id
        self.retry_after = retry_after
        self.key = key

    def __str__(self) -> str:
        wrong = "".join(f" {each.field}: {each.message}." for each in self.errors)
        return f"{self.code} ({self.status}): {self.message}{wrong}"
