"""What can go wrong with a server of our own, in words for the person who started it."""

from __future__ import annotations

from pathlib import Path


class EmbeddedError(Exception):
    """A server that we start ourselves cannot serve; the message says why and what to do."""


class FolderInUse(EmbeddedError):
    """Another living process holds the lock of this data folder."""

    def __init__(self, folder: Path, pid: int | None) -> None:
        self.folder = folder
        self.pid = pid
        owner = f"process {pid}" if pid else "another process"
        super().__init__(
            f"The data folder {folder} is in use by {owner}. "
            "Stop that one first, or start with another --data-dir."
        )


class FolderUnusable(EmbeddedError):
    """The data folder cannot hold this server's files: place, owner, version or content."""


class BinaryMissing(EmbeddedError):
    """The installed packages hold no server program for this machine."""


class ServerFailed(EmbeddedError):
    """A server program ended before it was ready; the message ends with its last words."""
