"""Work on many things, of which none may keep the others from theirs."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from chain.errors import ChainError
from db.database import DatabaseUnavailable

T = TypeVar("T")

log = logging.getLogger(__name__)


async def one_by_one(
    things: Iterable[T],
    work: Callable[[T], Awaitable[object]],
    *,
    what: str,
    failed: Callable[[T], Awaitable[object]] | None = None,
) -> None:
    """Do `work` for each of `things`; if it fails for one, log `what` did, and call `failed`.

    Raises:
        ChainError, DatabaseUnavailable: an outage, which concerns them all; the rest was not
            looked at.
    """
    for thing in things:
        try:
            await work(thing)
        except (ChainError, DatabaseUnavailable):
            raise
        except Exception:
            log.exception("could not %s %s; going on with the others", what, thing)
            if failed is not None:
                await failed(thing)
