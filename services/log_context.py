"""What the work at hand is about, so that every line logged beneath says so.

Where work on one thing begins, `about` names it, and whatever is logged inside carries the names:
by this task and by those that it starts. What is found out on the way is added by `learned`, and
forgotten where the innermost `about` ends. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import TypedDict, Unpack
from uuid import UUID


class Subject(TypedDict, total=False):
    """What a line can be about; the names are those in the log."""

    job: str
    order: int
    """Its number, as people know it."""
    order_id: UUID
    payment: str
    """The id of the transaction that brought it."""
    refund: int
    pool: str
    transaction: str
    """The id of one of ours."""
    notice: int
    update: int
    """Of Telegram's."""
    request: str
    """Of a caller of ours."""


_NOTHING: Mapping[str, object] = MappingProxyType({})
_subject: ContextVar[Mapping[str, object]] = ContextVar("subject", default=_NOTHING)


@contextmanager
def about(**subject: Unpack[Subject]) -> Iterator[None]:
    """All that is logged inside is about this, and about what it is inside of."""
    token = _subject.set({**_subject.get(), **subject})
    try:
        yield
    finally:
        _subject.reset(token)


def learned(**subject: Unpack[Subject]) -> None:
    """From here on the work is known to be about this, too."""
    _subject.set({**_subject.get(), **subject})


def subject() -> Mapping[str, object]:
    """What the work at hand is about."""
    return _subject.get()
