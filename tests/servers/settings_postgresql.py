"""The settings of the tests, on the PostgreSQL that TESTS_DATABASE_URL names."""

import os
from typing import Any

import environ
from tests.settings import *  # noqa: F403

_database: dict[str, Any] = environ.Env.db_url_config(os.environ["TESTS_DATABASE_URL"])
DATABASES = {"default": _database}
