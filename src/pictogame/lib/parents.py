"""Children that end with their parent, however that ends."""

import ctypes
import os
import signal
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> Callable[[], None]:
    """What a child calls first, on Linux: the kernel then ends it when its parent is gone, so that no orphan keeps a
    port. To be made before the fork, since a library can't be loaded safely after it.
    """
    library = ctypes.CDLL(None)

    def ask() -> None:
        library.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return ask
