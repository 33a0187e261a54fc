"""A whole Pictogame on free ports of this machine, part by part, for stories and measurements."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.servers.processes import free_ports

ROOT = Path(__file__).resolve().parents[2]
PARTS: Mapping[str, Sequence[str]] = {
    "studio": ["studio"],
    "worker": ["worker"],
    "publisher": ["publisher"],
    "bucket": ["bucket", "serve"],
}


def answers(url: str, seconds: float = 30) -> None:
    """Waits until the address answers anything; raises TimeoutError with the address when it does not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"{url} did not answer within {seconds} s")


class Installation:
    """An installation with its data under `folder`. Parts are started by name and ended by pid."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        site, bucket = free_ports(2)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PICTOGAME_", "DJANGO_"))},
            "PICTOGAME_DATA": str(folder / "data"),
            "PICTOGAME_SITE_PORT": str(site),
            "PICTOGAME_BUCKET_PORT": str(bucket),
            **(environment or {}),
        }
        self.site_url = f"http://localhost:{site}"
        self.bucket_url = self.environment.get("PICTOGAME_BUCKET_URL", f"http://127.0.0.1:{bucket}")
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(*self._running)

    def command(self, *arguments: str) -> list[str]:
        """The command line of `pictogame` with these arguments."""
        return [sys.executable, "-m", "pictogame.cli", *arguments]

    def run(self, *arguments: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        """Runs one command to its end; the caller looks at the exit code."""
        return subprocess.run(
            self.command(*arguments),
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def run_json(self, *arguments: str, seconds: float = 120) -> Any:
        """Runs a command with `--json` that must succeed, and returns what it printed."""
        done = self.run(*arguments, "--json", seconds=seconds)
        if done.returncode:
            raise AssertionError(
                f"pictogame {' '.join(arguments)} ended with {done.returncode}: {done.stdout}{done.stderr}"
            )
        return json.loads(done.stdout)

    def start(self, *names: str) -> None:
        """Starts parts (studio, worker, publisher, bucket) and waits until those with a port answer."""
        for name in names:
            log = (self.folder / f"{name}.log").open("ab")
            with log:
                self._running[name] = subprocess.Popen(
                    self.command(*PARTS[name]), env=self.environment, cwd=self.folder, stdout=log, stderr=log
                )
        for name in names:
            if name == "studio":
                answers(f"{self.site_url}/")
            if name == "bucket":
                answers(f"{self.bucket_url}/")

    def pid(self, name: str) -> int:
        """The process id of a running part."""
        return self._running[name].pid

    def stop(self, *names: str) -> None:
        """Ends parts with SIGTERM and waits; a part that does not end within 30 s is killed, and that is an error."""
        ending = {name: self._running.pop(name) for name in names}
        for process in ending.values():
            process.send_signal(signal.SIGTERM)
        late = []
        for name, process in ending.items():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                late.append(name)
        if late:
            raise AssertionError(f"{', '.join(late)} did not end on SIGTERM")
