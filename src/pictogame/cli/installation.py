"""Django set up for a command, and the database brought up to date, by one process at a time.

Django's own parts are imported where they are used: who reads the settings alone, such as the bucket's server, is
spared most of them.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

from pictogame.lib import logs
from pictogame.lib.disk import is_full
from pictogame.lib.errors import Problem

_MIGRATING = 0x7069_6374
"""The number of the advisory lock that migrating processes take on PostgreSQL."""


log = logs.named(__name__)


class BadSettings(Problem):
    """A variable that can't be used."""


def read_settings() -> None:
    """Reads the settings. Raises BadSettings with the sentence of the variable that is wrong."""
    from django.utils.log import configure_logging

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pictogame.config.settings")
    try:
        configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)  # The first look at any setting reads them all.
    except ImproperlyConfigured as error:
        raise BadSettings(str(error)) from error
    except OSError as error:
        raise BadSettings(
            f"The data folder can't be used ({error.filename}: {error.strerror}). PICTOGAME_DATA names another one."
        ) from error


def set_up() -> None:
    """Sets Django up."""
    read_settings()
    django.setup()


def prepare() -> None:
    """Sets Django up and migrates the database as far as it is behind.

    Raises BadSettings, or Problem without a database.
    """
    set_up()
    _check_together()
    try:
        if _is_behind():
            from django.core.management import call_command

            with _alone():
                if _is_behind():
                    call_command("migrate", verbosity=0, interactive=False)
    except (DatabaseError, OSError) as error:
        if is_full(error, Path(settings.DATA)):
            raise Problem("The disk of the database is full: make room, and run it again.") from error
        if not isinstance(error, DatabaseError):
            raise
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise Problem(f"The database does not answer as it should: {reason.rstrip('.')}.") from error


def _check_together() -> None:
    """Raises BadSettings for settings that can't go together; what is merely unwise goes to the log."""
    from django.core.checks import run_checks

    for found in run_checks(tags=["pictogame"]):
        if found.is_serious():
            raise BadSettings(f"{found.msg} {found.hint} ({found.id})")
        log.warning("unwise_setting", id=found.id, what=found.msg, hint=found.hint)


def _is_behind() -> bool:
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@contextmanager
def _alone() -> Iterator[None]:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # Whoever migrates a large database takes longer than others may else wait for a lock.
            cursor.execute("SET lock_timeout = 0")
            cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATING])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATING])
                cursor.execute("RESET lock_timeout")
        return
    data = Path(settings.DATA)
    data.mkdir(parents=True, exist_ok=True)
    with (data / "migrate.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
