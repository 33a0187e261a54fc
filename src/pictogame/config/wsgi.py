"""What granian serves."""

import multiprocessing
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pictogame.config.settings")
multiprocessing.current_process().name = "studio"  # What the log calls it.
application = get_wsgi_application()
