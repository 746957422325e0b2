"""Lets a child process end when its parent does, however the parent ends: the kernel sends the signal (Linux only)."""

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1


def end_with(parent: int, by: signal.Signals) -> None:
    """Called in the child, with the parent's pid: asks for `by` at the parent's end, and ends at once when it is over already.

    For the kernel the parent is the thread that forked: it must be one that lives as long as its process.
    """
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(by))
    except (OSError, AttributeError):
        return
    if os.getppid() != parent:
        os._exit(1)
