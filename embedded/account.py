"""Which user a server runs as, and what that user can reach.

PostgreSQL refuses to run as root. Started by root, the servers run as `postgres` where that user
exists, else as `nobody`; started by anybody else, they run as that user. No user is created and no
folder's permissions are widened for it.
"""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from embedded.errors import EmbeddedError


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """The user to become, or None to stay who we are."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedError(
        "PostgreSQL does not run as root, and this system has neither a user postgres nor nobody. "
        "Start as an ordinary user."
    )


def first_closed_folder(path: Path, account: Account) -> Path | None:
    """The outermost folder on the way to (and with) `path` that `account` may not pass, if any."""
    for folder in reversed([path, *path.parents]):
        status = folder.stat()
        if status.st_uid == account.uid:
            needed = stat.S_IXUSR
        elif status.st_gid == account.gid:
            needed = stat.S_IXGRP
        else:
            needed = stat.S_IXOTH
        if not status.st_mode & needed:
            return folder
    return None
