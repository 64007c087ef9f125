"""PostgreSQL and Valkey under our own supervision, for a machine that has neither.

Real servers as direct children of this program, reached through unix sockets: started, watched,
started again when they fail, gone when we are gone. They serve while no other server is configured.
"""

from embedded.errors import (
    BinaryMissing,
    EmbeddedError,
    FolderInUse,
    FolderUnusable,
    ServerFailed,
)
from embedded.postgres import EmbeddedPostgres, dsn_of_running
from embedded.valkey import EmbeddedValkey

__all__ = [
    "BinaryMissing",
    "EmbeddedError",
    "EmbeddedPostgres",
    "EmbeddedValkey",
    "FolderInUse",
    "FolderUnusable",
    "ServerFailed",
    "dsn_of_running",
]
