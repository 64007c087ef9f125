"""What PostgreSQL and its client say when something is the matter, in words of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg


class DatabaseUnavailable(Exception):
    """The database cannot be reached, or went away; what was not committed did not happen.

    After an interrupted commit it may have happened all the same: look before doing it again.
    """


class Deposed(DatabaseUnavailable):
    """Another process does this now (`db.seats`): for this one's work the database is closed."""


class Conflict(Exception):
    """Two transactions stood in each other's way, and PostgreSQL ended this one of them.

    Nothing of it happened, and the same can be tried again at once.
    """


# What they say when the server is gone, going, or not up yet.
GONE = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
    # A process that stood still in the middle of a transaction is not waited for.
    asyncpg.IdleInTransactionSessionTimeoutError,
    # The client's word for a connection that was cut in the middle of something.
    asyncpg.InternalClientError,
)

# Which of several transactions has to give way, and when, is chance: nobody can avoid it wholly.
_IN_THE_WAY = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)


@contextmanager
def translated() -> Iterator[None]:
    """What the server and its client say, in our own two words for it."""
    try:
        yield
    except GONE as error:
        raise DatabaseUnavailable(f"the database cannot be reached: {error!r}") from error
    except _IN_THE_WAY as error:
        raise Conflict(str(error)) from error
