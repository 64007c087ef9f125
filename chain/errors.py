"""What can go wrong between us and the chain, by what the caller can do about it.

::

    ChainError
    ├── Refused            will not work however often it is tried; do something else
    ├── Unavailable        certainly nothing happened; try again later
    │   └── MalformedAnswer    because what came back is no answer
    └── OutcomeUnknown     a broadcast that may or may not have been accepted; look it up
"""

from __future__ import annotations


class ChainError(Exception):
    """Root of all errors of the chain's client."""


class Refused(ChainError):
    """The network said no, and will say so again.

    `code` is the network's (``SIGERROR``, ``CONTRACT_VALIDATE_ERROR`` and so on), `message` its
    text for people.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Unavailable(ChainError):
    """No node could do it now, and nothing was changed by asking.

    `retry_after` says in how many seconds a further try makes sense, where that is known.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class MalformedAnswer(Unavailable):
    """A node answered with something that cannot be right: cut short, contradictory, not JSON."""


class OutcomeUnknown(ChainError):
    """A transaction left us, and whether a node took it is not known.

    Send the same bytes again, or look the transaction up; never build another in its place before
    this one is proven dead.
    """
