"""Where things are broken: an installation of its own, described by the variables that its processes get."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
import psycopg
from tests.servers.ending import end_with_parent
from tests.servers.processes import free_port
from tests.servers.s3 import S3Server

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class World:
    """An installation: its folder, and the environment of everything that runs in it."""

    folder: Path
    environment: Mapping[str, str]

    def run(self, module: str, *arguments: str, seconds: float, within: tuple[str, ...] = ()) -> Any:
        """Runs `python -m module` in it to its end, by the command `within`; gives the JSON that it printed last."""
        done = self.process(module, *arguments, seconds=seconds, within=within)
        if done.returncode:
            raise AssertionError(
                f"{module} ended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-6000:]}{self._log()}"
            )
        return json.loads(done.stdout.splitlines()[-1])

    def _log(self) -> str:
        """The end of what the processes said."""
        log = self.folder / "log"
        return log.read_text(errors="replace")[-4000:] if log.exists() else ""

    def process(
        self, module: str, *arguments: str, seconds: float, within: tuple[str, ...] = ()
    ) -> "subprocess.CompletedProcess[str]":
        """The same, whatever comes of it. It ends with this process, and all that it started ends with it."""
        command = [*within, sys.executable, "-m", module, *arguments]
        with subprocess.Popen(
            command,
            env=dict(self.environment),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=end_with_parent,  # noqa: PLW1509  From the main thread, as all that the tests start.
        ) as process:
            try:
                out, said = process.communicate(timeout=seconds)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        return subprocess.CompletedProcess(command, process.returncode, out, said)


def embedded(folder: Path, **more: str) -> World:
    """SQLite, a folder as bucket, a folder as vault."""
    port = free_port()
    return World(folder, _environment(folder, {"PICTOGAME_BUCKET_PORT": str(port), **more}))


def on_servers(folder: Path, database: str, s3: S3Server, **more: str) -> World:
    """A new database on the PostgreSQL at that address, and a new bucket and vault on the S3 server."""
    name = f"breaking_{os.urandom(6).hex()}"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    bucket = name.replace("_", "-")
    s3.client().create_bucket(Bucket=f"vault-{bucket}")
    environment = {
        **s3.environment(),
        "PICTOGAME_DATABASE_URL": f"{database.rpartition('/')[0]}/{name}",
        "PICTOGAME_BUCKET": f"s3://{bucket}",
        "PICTOGAME_VAULT": f"s3://vault-{bucket}",
        "PICTOGAME_BUCKET_URL": f"{s3.endpoint}/{bucket}",
        **more,
    }
    return World(folder, _environment(folder, environment))


def _environment(folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    from tests.cast import write_runtime  # Needs Django, which a person at a terminal has not set up yet.

    own = {name: value for name, value in os.environ.items() if not name.startswith(("PICTOGAME_", "DJANGO_", "AWS_"))}
    (folder / "temporary").mkdir(parents=True, exist_ok=True)
    runtime = folder / "runtime"
    runtime.mkdir(exist_ok=True)
    return {
        **own,
        "DJANGO_SETTINGS_MODULE": "pictogame.config.settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]),
        "PICTOGAME_DATA": str(folder / "data"),
        "PICTOGAME_RUNTIME": str(write_runtime(runtime)),
        "TMPDIR": str(folder / "temporary"),
        **more,
    }


@contextlib.contextmanager
def by_hand(where: str) -> Iterator[World]:
    """A world for somebody at a terminal: `embedded`, or `servers`, which are started for it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from tests.servers.ceph import ceph
    from tests.servers.postgresql import postgresql
    from tests.servers.processes import folder

    with folder("breaking") as home, contextlib.ExitStack() as servers:
        if where == "embedded":
            yield embedded(home)
        else:
            yield on_servers(home, servers.enter_context(postgresql()), servers.enter_context(ceph()))
