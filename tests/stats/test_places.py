"""Logs in real buckets, on full disks, and beside another ingest."""

import gzip
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.servers.fixtures import ceph, seaweedfs
from tests.servers.s3 import S3Server
from tests.stats.cast import BASE32, environment, s3_line, write

from pictogame.games.models import Game
from pictogame.stats.errors import NoSuchLog
from pictogame.stats.ingest import ingest
from pictogame.stats.models import GameDay

__all__ = ["ceph", "seaweedfs"]
pytestmark = pytest.mark.servers

FULL = """
import json, os, subprocess, sys
data, scratch, log, left = sys.argv[1:]
def mount(place, size):
    os.makedirs(place, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", place], check=True)
def ingest():
    command = [sys.executable, "-m", "pictogame.cli", "stats", "ingest", "--json", log]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return {"code": done.returncode, "out": done.stdout, "error": done.stderr}
said = {}
mount(data, "64m")
subprocess.run([sys.executable, "-m", "pictogame.cli", "stats", "ingest", data], capture_output=True, check=False)
if scratch:
    mount(scratch, "1m")
    said["full"] = ingest()
    subprocess.run(["mount", "-o", "remount,size=1g", scratch], check=True)
else:
    with open(data + "/filler", "wb", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(1 << 14))
        except OSError:
            filler.truncate(filler.tell() - int(left))
    said["full"] = ingest()
    os.unlink(data + "/filler")
said["room"] = ingest()
said["again"] = ingest()
json.dump(said, sys.stdout)
"""
"""Mounts small disks, and reads a log while they are full, when there is room again, and once more."""


@pytest.mark.parametrize("name", ["ceph", "seaweedfs"])
def test_logs_are_read_from_a_prefix_of_a_bucket(
    place: Path, cat: Game, name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    server: S3Server = request.getfixturevalue(name)
    for variable, value in server.environment().items():
        monkeypatch.setenv(variable, value)
    client = server.client()
    client.create_bucket(Bucket="visits")
    for number in range(30):
        lines = b"".join(s3_line(number=10 * number + at) for at in range(10))
        client.put_object(Bucket="visits", Key=f"2026/{number:02}.log.gz", Body=gzip.compress(lines))
    client.put_object(Bucket="visits", Key="2025/old.log", Body=s3_line(number=9000))
    report = ingest(["s3://visits/2026"])
    assert (report.logs, report.counted, report.problems) == (30, 300, [])
    assert ingest(["s3://visits/2026"]).unchanged == 30
    grown = b"".join(s3_line(number=at) for at in range(13))
    client.put_object(Bucket="visits", Key="2026/00.log.gz", Body=gzip.compress(grown))
    client.put_object(Bucket="visits", Key="2026/no.log", Body=b"what is this?\n")
    report = ingest(["s3://visits/2026"])
    assert (report.unchanged, report.counted) == (29, 3)
    assert [where for where, _ in report.problems] == ["s3://visits/2026/no.log"]
    assert sum(GameDay.objects.values_list("widgets", flat=True)) == 303
    with pytest.raises(NoSuchLog):
        ingest(["s3://visits/1999"])
    for number, key in enumerate(("a b.log", "a%20b.log", "100%+é.log", "[x]#~?.log", ".y=1/z:2.log")):
        client.put_object(Bucket="visits", Key=f"odd/{key}", Body=s3_line(number=9100 + number))
    report = ingest(["s3://visits/odd"])
    assert (report.logs, report.counted, report.problems) == (5, 5, [])
    assert ingest(["s3://visits/odd"]).unchanged == 5


def on_small_disks(tmp_path: Path, log: Path, *, scratch: bool, left: int = 0) -> dict[str, dict[str, Any]]:
    """What three ingests said: on a disk that has `left` bytes, with room, and once more."""
    data = tmp_path / "small"
    as_user = () if os.geteuid() == 0 else ("--user", "--map-current-user", "--keep-caps")
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", *as_user, sys.executable, "-c", FULL,
         str(data), str(data / "stats-scratch") if scratch else "", str(log), str(left)],
        env=environment(PICTOGAME_DATA=str(data), PICTOGAME_STATS_MEMORY_MB="128"),
        capture_output=True, text=True, timeout=400, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return said


# With 256 kB there is enough to open the database, and no more; below that SQLite speaks of a failure of the disk.
@pytest.mark.parametrize("left", [0, 1 << 13, 5 << 12, 1 << 18])
def test_a_full_disk_below_the_database_is_said_and_nothing_is_lost(tmp_path: Path, left: int) -> None:
    for log in range(1500):
        write(tmp_path / "logs" / f"{log}.log", [s3_line(number=2 * log + at) for at in range(2)])
    said = on_small_disks(tmp_path, tmp_path / "logs", scratch=False, left=left)
    assert said["full"]["code"] != 0
    assert "The disk of the database is full" in json.loads(said["full"]["out"])["error"]
    assert "Traceback" not in said["full"]["error"]
    assert json.loads(said["room"]["out"])["counted"] == 3000
    assert json.loads(said["again"]["out"])["lines"] == 0


def test_a_full_disk_below_what_is_put_aside_is_said_and_nothing_is_lost(tmp_path: Path) -> None:
    """Texts without end, that are never met again, do not fit into the memory that is allowed."""
    log = tmp_path / "a.log"
    with log.open("wb") as out:
        for at in range(60_000):
            out.write(s3_line(f"g/{at}.html", number=at, referer=f"https://{at}.example/{'x' * 3000}{at}"))
    said = on_small_disks(tmp_path, log, scratch=True)
    assert said["full"]["code"] != 0, said
    assert "PICTOGAME_STATS_MEMORY_MB" in said["full"]["out"] + said["full"]["error"] or "disk full" in str(
        said["full"]
    )
    assert "Traceback" not in said["full"]["error"]
    assert json.loads(said["again"]["out"]).get("lines") == 0, said
    counted = [json.loads(said[name]["out"]).get("counted", 0) for name in ("full", "room")]
    assert sum(counted) == 60_000


def test_a_log_of_a_hundred_thousand_games_is_read_in_flat_memory(place: Path) -> None:
    ids = ["".join(BASE32[number >> 5 * at & 31] for at in range(14)) for number in range(100_000)]
    Game.objects.bulk_create([Game(id=one, secret_hash="0" * 64) for one in ids], batch_size=1000)
    with (place / "a.log").open("wb") as out:
        for at in range(600_000):
            out.write(s3_line(f"g/{ids[at * 7919 % len(ids)]}.html", number=at))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = ingest([str(place)])
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (report.counted, GameDay.objects.count()) == (600_000, 100_000)
    assert set(GameDay.objects.values_list("widgets", flat=True)) == {6}
    assert grown < 900_000  # Kilobytes.
