"""Work on many things, of which none may keep the others from theirs."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from chain.errors import ChainError
from db.database import DatabaseUnavailable, again_after_conflict
from services.log_context import about

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
        # What becomes known of one is not said of the next.
        with about():
            try:
                await again_after_conflict(work)(thing)
            except (ChainError, DatabaseUnavailable):
                raise
            except Exception:
                log.exception("could not %s %s; going on with the others", what, thing)
                if failed is not None:
                    await failed(thing)


async def all_at_once(
    things: Sequence[T],
    work: Callable[[Sequence[T]], Awaitable[object]],
    *,
    what: str,
    failed: Callable[[T], Awaitable[object]] | None = None,
) -> None:
    """Do `work` for all of `things` together; if that fails, for one half and then the other.

    `work` does all or nothing. What fails alone is logged as `what`, and `failed` is called.

    Raises:
        ChainError, DatabaseUnavailable: an outage, as above.
    """
    if len(things) < 2:

        async def alone(thing: T) -> None:
            await work([thing])

        await one_by_one(things, alone, what=what, failed=failed)
        return
    try:
        await work(things)
    except (ChainError, DatabaseUnavailable):
        raise
    except Exception as failure:  # noqa: BLE001 (whose fault it is, and what it was, is found below)
        log.warning("could not %s, %d at once (%r); trying fewer", what, len(things), failure)
        middle = len(things) // 2
        for half in (things[:middle], things[middle:]):
            await all_at_once(half, work, what=what, failed=failed)
