"""Nothing that a test starts outlives it, however the test ends."""

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1
_LIBRARY = ctypes.CDLL(None)


def die_with_parent(number: signal.Signals = signal.SIGKILL) -> None:
    """Asks the kernel to end this process when its parent ends; SIGKILL ends also one that is stopped.

    To be called in a child after the fork. Works on Linux, as the tests do.
    """
    parent = os.getppid()
    _LIBRARY.prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os._exit(1)


def end_with_parent() -> None:
    """The same with SIGTERM, for a process that has something to put away."""
    die_with_parent(signal.SIGTERM)
