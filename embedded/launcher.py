"""The first moments of a server process, before it becomes the server.

Run as `python -I -S launcher.py UID GID PARENT_PID DEATH_SIGNAL PROGRAM [ARGUMENT …]`, standard
library only. Gives up root (UID -1: keep the user), asks the kernel to send DEATH_SIGNAL when the
parent dies, leaves the terminal's session, so that Ctrl-C reaches our program and not the server
under it, and turns into PROGRAM.
"""

from __future__ import annotations

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    uid, gid, parent_pid, death_signal = map(int, arguments[:4])
    command = arguments[4:]
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    os.umask(0o077)
    if sys.platform == "linux":
        # After the change of user, which clears the wish; it survives the exec below. Elsewhere
        # there is no such wish, and the next start clears up what a killed parent left running.
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent_pid:
        # The parent died before the wish was registered: nobody would ever stop the server.
        sys.exit(1)
    os.setsid()
    os.execv(command[0], command)  # noqa: S606 - becoming the program is this file's purpose


if __name__ == "__main__":
    main(sys.argv[1:])
