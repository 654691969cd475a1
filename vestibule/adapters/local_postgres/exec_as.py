"""Become another account, ask to die with the parent, and turn into a command.

Run as a script by ``process``: ``python -I -S exec_as.py PARENT_PID UID GID COMMAND ARGS…``, where
a UID of -1 keeps the account. It imports the standard library alone, because the account may not
be able to read anything else of the installation.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def main(parent_pid: int, uid: int, gid: int, command: list[str]) -> None:
    # Loaded before the account changes: the new account may not reach the interpreter's files.
    prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None
    os.chdir("/")
    os.umask(0o077)
    if uid >= 0:
        os.setgroups([gid])
        os.setgid(gid)
        os.setuid(uid)
    if prctl is not None:
        # After the change of account, which clears the setting. SIGQUIT stops Postgres at once
        # and its next start recovers from the log, exactly as after a power cut.
        if prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "PR_SET_PDEATHSIG")
        if os.getppid() != parent_pid:
            sys.exit("the parent is gone already")
    os.execv(command[0], command)  # noqa: S606 - replacing this process is the purpose


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
