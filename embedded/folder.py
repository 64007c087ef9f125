"""The folder of one server: its lock, its log, its data and its socket.

lock      held with flock as long as the owning program lives, so that two never share the data
server.log
data/     written by the server, as the server's user
socket/   the unix socket, for the owner's user only
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from embedded.account import Account, first_closed_folder
from embedded.errors import FolderInUse, FolderUnusable

# A socket's path has room for 107 bytes on Linux and 103 elsewhere.
LONGEST_SOCKET_PATH = 103
# The usual temporary folder of some systems is itself too long.
SHORT_PARENT = Path("/tmp")  # noqa: S108 - with a fresh 0700 folder of its own inside
LARGEST_LOG_BYTES = 1_000_000
SHORT_SOCKET_PREFIX = "energy-flash-"


class ServerFolder:
    """`path` and what is in it. Locked between `open` and `close`."""

    def __init__(self, path: Path, account: Account | None) -> None:
        self.path = path.expanduser().resolve()
        self.account = account
        self.data = self.path / "data"
        self.log = self.path / "server.log"
        self.socket_folder = self.path / "socket"
        self._lock: int | None = None

    def open(self) -> None:
        """Create what is missing and take the lock. Raises FolderInUse, FolderUnusable."""
        try:
            self._create()
            self._lock_or_fail()
            try:
                # The server's user passes through here to its data; others find only closed doors.
                self.path.chmod(0o711 if self.account else 0o700)
                self._check_reachable()
                if self.log.exists() and self.log.stat().st_size > LARGEST_LOG_BYTES:
                    self.log.replace(self.log.with_suffix(".log.1"))
            except BaseException:
                self.close()
                raise
        except OSError as error:
            raise FolderUnusable(f"The data folder {self.path} cannot be used: {error}.") from error

    def close(self) -> None:
        """Remove the socket's folder and give up the lock."""
        shutil.rmtree(self.socket_folder, ignore_errors=True)
        if self._lock is not None:
            os.ftruncate(self._lock, 0)
            os.close(self._lock)
            self._lock = None

    def renew_socket_folder(self, longest_name: str) -> Path:
        """An empty folder for the server's user, with a path short enough for `longest_name`.

        The same one for each start between `open` and `close`, so that the address stays.
        """
        if len(os.fsencode(self.socket_folder / longest_name)) > LONGEST_SOCKET_PATH:
            # Another process must find this one to clear it away if we are killed: see the lock.
            self.socket_folder = Path(
                tempfile.mkdtemp(prefix=SHORT_SOCKET_PREFIX, dir=SHORT_PARENT)
            )
            self._write_lock()
        shutil.rmtree(self.socket_folder, ignore_errors=True)
        self.socket_folder.mkdir(mode=0o700)
        self.give_to_server(self.socket_folder)
        return self.socket_folder

    def socket_folder_in_use(self) -> Path | None:
        """Where the program that holds the lock says that its socket is, if it says so."""
        try:
            lines = (self.path / "lock").read_text(errors="replace").splitlines()
        except FileNotFoundError:
            return None
        return Path(lines[1]) if len(lines) > 1 else None

    def give_to_server(self, path: Path) -> None:
        if self.account is not None:
            os.chown(path, self.account.uid, self.account.gid)

    def last_words(self, lines: int = 8) -> str:
        """The end of the log, for a message."""
        with contextlib.suppress(OSError), self.log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 4096))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
        return ""

    def _create(self) -> None:
        missing = [path for path in (self.path, *self.path.parents) if not path.exists()]
        for path in reversed(missing):
            path.mkdir(exist_ok=True)
            if self.account is not None:
                # Root's umask may be 077, and the server's user must pass.
                path.chmod(0o755)

    def _lock_or_fail(self) -> None:
        lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid, _ = _read_lock(lock)
            os.close(lock)
            raise FolderInUse(self.path, pid) from None
        except BaseException:
            os.close(lock)
            raise
        self._lock = lock
        _, abandoned = _read_lock(lock)
        if abandoned is not None:
            shutil.rmtree(abandoned, ignore_errors=True)
        self._write_lock()

    def _write_lock(self) -> None:
        assert self._lock is not None
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, f"{os.getpid()}\n{self.socket_folder}\n".encode(), 0)

    def _check_reachable(self) -> None:
        if self.account is None:
            return
        closed = first_closed_folder(self.path, self.account)
        if closed is not None:
            raise FolderUnusable(
                f"Started by root, the servers run as user {self.account.name}, who may not enter "
                f"{closed}. Choose a data folder outside it, such as /var/lib/energy-flash."
            )
        if self.data.exists() and (owner := self.data.stat().st_uid) != self.account.uid:
            raise FolderUnusable(
                f"{self.data} belongs to user number {owner}. Start as that user, "
                "or choose another data folder."
            )


def _read_lock(lock: int) -> tuple[int | None, Path | None]:
    """The owner's pid and the short socket folder in /tmp it left behind, as far as recorded."""
    lines = os.pread(lock, 4096, 0).decode(errors="replace").splitlines()
    pid = int(lines[0]) if lines and lines[0].isdecimal() else None
    folder = Path(lines[1]) if len(lines) > 1 else None
    if folder is None or folder.parent != SHORT_PARENT:
        return pid, None
    if not folder.name.startswith(SHORT_SOCKET_PREFIX) or folder.is_symlink():
        return pid, None
    return pid, folder
