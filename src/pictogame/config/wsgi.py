"""What granian serves."""

import multiprocessing
import os
from contextlib import ExitStack
from multiprocessing.util import Finalize

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pictogame.config.settings")
multiprocessing.current_process().name = "studio"  # What the log calls it.
application = get_wsgi_application()


def _show_life() -> None:
    """A row tells the office that this process is at work, until it ends."""
    from pictogame.jobs.heartbeats import beating  # noqa: PLC0415  Django is ready only now.

    open_until_end = ExitStack()
    open_until_end.enter_context(beating("studio", loops=False))
    # granian's processes end without atexit; whatever else imports this runs finalizers at its end as well.
    Finalize(None, open_until_end.close, exitpriority=1)


_show_life()
