"""With SQLite there is one publisher, and a second is told why it must stop."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.publishing.cast import Faulty

from pictogame.publishing.errors import AlreadyRunning
from pictogame.publishing.lock import is_publisher_running, only_publisher
from pictogame.publishing.publisher import Publisher


def test_a_second_publisher_is_told_who_works_already(publisher: Publisher, data: Path) -> None:
    with pytest.raises(AlreadyRunning, match=f"process {os.getpid()}") as told, Publisher(bucket=Faulty()):
        pass
    assert "PostgreSQL" in told.value.sentence


def test_the_next_may_begin_when_the_first_has_ended(db: None, data: Path) -> None:
    for _ in range(2):
        assert not is_publisher_running(data)
        with Publisher(bucket=Faulty()):
            assert is_publisher_running(data)
    assert not is_publisher_running(data)


def test_the_lock_ends_with_a_process_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from pictogame.publishing.lock import only_publisher\n"
        f"with only_publisher(Path({str(tmp_path)!r})): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(AlreadyRunning, match=f"process {holder.pid}"), only_publisher(tmp_path):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with only_publisher(tmp_path):
        pass
