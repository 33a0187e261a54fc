"""Publishers and workers are killed and stopped at random moments; in the end nothing is lost and nothing is left."""

from pathlib import Path
from typing import Any

import pytest
from tests.breaking.worlds import World, embedded, on_servers
from tests.servers.s3 import S3Server

QUICK_KILLS = 20
ALL_KILLS = 200


def killed(world: World, seed: int, *, kills: int, stops: int, seconds: float) -> Any:
    """What came of so many kills and stops."""
    log = world.folder / "log"
    numbers = (f"--seed={seed}", f"--kills={kills}", f"--stops={stops}")
    said = world.run("tests.breaking.killing", "--world=here", f"--log={log}", *numbers, seconds=seconds)
    assert said["wrong"] == [], said
    assert said["unforeseen"] == [], said
    done = said["said"]
    assert done["publishers killed"] + done["workers killed"] == kills
    assert done["publishers killed at work"] > kills // 8, "Too few were killed while they worked to show anything."
    assert {"playing", "gone"} <= set(said["games"])
    return said


def test_killed_on_sqlite_and_a_folder(tmp_path: Path, runtime: Path, seed: int) -> None:
    killed(embedded(tmp_path), seed, kills=QUICK_KILLS, stops=0, seconds=240)


@pytest.mark.servers
def test_killed_200_times_on_sqlite_and_a_folder(tmp_path: Path, runtime: Path, seed: int) -> None:
    said = killed(embedded(tmp_path), seed, kills=ALL_KILLS, stops=8, seconds=500)
    assert said["said"]["second publishers refused"] == said["said"]["publishers stopped"]


@pytest.mark.servers
def test_killed_200_times_on_postgresql_and_ceph(tmp_path: Path, postgresql: str, ceph: S3Server, seed: int) -> None:
    killed(on_servers(tmp_path, postgresql, ceph), seed, kills=ALL_KILLS, stops=16, seconds=500)
