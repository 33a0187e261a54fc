"""Store, database and disk fail for a while: what is said meanwhile is true, and afterwards all is as it should be."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.breaking import faulting
from tests.breaking.worlds import World, embedded, on_servers
from tests.servers.ceph import with_user
from tests.servers.postgresql import Database, database
from tests.servers.processes import free_port
from tests.servers.s3 import S3Server


def endured(world: World, seed: int, *arguments: str, within: tuple[str, ...] = ()) -> Any:
    """What came of every fault that this world can have."""
    log = f"--log={world.folder / 'log'}"
    said = world.run("tests.breaking.faulting", log, f"--seed={seed}", *arguments, seconds=500, within=within)
    assert said["wrong"] == [], said
    return said


def test_sqlite_is_locked_by_somebody_else_for_a_while(tmp_path: Path, seed: int) -> None:
    assert set(endured(embedded(tmp_path), seed)["faults"]) == {"SQLite locked"}


@pytest.mark.servers
def test_disks_are_full_or_read_only_for_a_while(tmp_path: Path, seed: int) -> None:
    # In a mount namespace of its own, whose small disks go with it; who is not root gets one of users besides.
    alone = ("unshare", "--mount", "--propagation", "private")
    as_user = () if os.geteuid() == 0 else ("--user", "--map-current-user", "--keep-caps")
    # No room is kept free: what is tried here is a disk on which there is truly none.
    world = embedded(tmp_path, PICTOGAME_DISK_LEAST="0")
    said = endured(world, seed, "--disks", within=(*alone, *as_user))
    assert {"bucket full", "data folder full", "bucket read-only"} <= set(said["faults"])


@pytest.mark.servers
def test_network_and_server_fail_in_every_way(tmp_path: Path, postgresql: str, ceph: S3Server, seed: int) -> None:
    user = with_user(ceph, f"faults{seed}")
    more = {
        faulting.PROXY_PORT: str(free_port()),
        faulting.CEPH_CONFIG: ceph.config,
        faulting.CEPH_USER: f"faults{seed}",
    }
    said = endured(on_servers(tmp_path, postgresql, user, **more), seed)
    assert {"503", "500", "429", "reset before, one of 1", "late, one of 3"} <= set(said["faults"])
    assert {"wrong clock", "expired credentials"} <= set(said["faults"])


@pytest.mark.servers
def test_the_database_is_gone_for_a_while(tmp_path: Path, ceph: S3Server, seed: int) -> None:
    with database() as server:
        world = on_servers(tmp_path, server.address, ceph, **{faulting.DATABASE: str(tmp_path)})
        with obeying(server, tmp_path):
            assert set(endured(world, seed)["faults"]) == {"database gone"}


@contextmanager
def obeying(server: Database, folder: Path) -> Iterator[None]:
    """Stops and starts the server when a file of that name appears, and removes the file when it is done."""
    over = threading.Event()

    def obey() -> None:
        while not over.wait(0.01):
            for name, act in (("stop", server.stop), ("start", server.start)):
                if (folder / name).exists():
                    act()
                    (folder / name).unlink()

    thread = threading.Thread(target=obey)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
