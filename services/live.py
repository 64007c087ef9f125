"""What may change while the program runs."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Live(Generic[T]):
    """A holder of something that does not change itself: who needs it asks for `now` each time."""

    def __init__(self, now: T) -> None:
        self.now = now
