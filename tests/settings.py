"""The settings of the tests: the project's own, with a fresh data folder for each process."""

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="pictogame-tests-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
for _name in [name for name in os.environ if name.startswith("PICTOGAME_") and name != "PICTOGAME_RUNTIME"]:
    del os.environ[_name]
os.environ["PICTOGAME_DATA"] = _folder

from pictogame.config.settings import *  # noqa: E402, F403

# How long a hash takes, as it should, is tested nowhere.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
