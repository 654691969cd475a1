"""No process of ours leaves its memory behind when it crashes: faces and keys are in it."""

import resource
import sys

SMALLER_THAN_ANY_CORE = 1
"""Bytes. Linux writes no core to a file that must be this small, and hands none to a program on
the host either, which it would do with a limit of 0 (fs/coredump.c, ``cprm.limit``)."""


def refuse_core_dumps() -> None:
    """For this process and every child of it, which cannot take it back. Safe to run twice."""
    limit = SMALLER_THAN_ANY_CORE if sys.platform == "linux" else 0
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    if most != resource.RLIM_INFINITY:
        limit = min(limit, most)
    resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))
