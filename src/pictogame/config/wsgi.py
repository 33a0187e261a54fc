"""What granian serves."""

import multiprocessing
import os
import sys
from contextlib import ExitStack
from multiprocessing.util import Finalize

from django.core.wsgi import get_wsgi_application

from pictogame.lib.parents import die_with

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pictogame.config.settings")
multiprocessing.current_process().name = "studio"  # What the log calls it.
application = get_wsgi_application()


def _end_with_server() -> None:
    """granian ends its processes in order; when it is killed, they would go on listening for nobody."""
    server = multiprocessing.parent_process()
    if server is not None and server.pid is not None and sys.platform == "linux":
        die_with(server.pid)()


def _show_life() -> None:
    """A row tells the office that this process is at work, until it ends."""
    from pictogame.jobs.heartbeats import beating  # noqa: PLC0415  Django is ready only now.

    open_until_end = ExitStack()
    open_until_end.enter_context(beating("studio", loops=False))
    # granian's processes end without atexit; whatever else imports this runs finalizers at its end as well.
    Finalize(None, open_until_end.close, exitpriority=1)


_end_with_server()
_show_life()
