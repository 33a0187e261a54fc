"""Somebody reads games while they are edited, again and again: all of it is there, and all of it is of one revision."""

from pathlib import Path

import pytest
from tests.breaking.worlds import World, embedded, on_servers
from tests.servers.s3 import S3Server

QUICK_EDITS = 40
ALL_EDITS = 500


def read_while_edited(world: World, seed: int, edits: int) -> None:
    log = f"--log={world.folder / 'log'}"
    said = world.run("tests.breaking.editing", log, f"--seed={seed}", f"--edits={edits}", seconds=500)
    assert said["wrong"] == [], said
    assert said["unforeseen"] == [], said
    assert said["revisions seen"] > edits // 8, "Too little was seen to show anything."


def test_a_reader_of_a_folder_sees_whole_revisions(tmp_path: Path, seed: int) -> None:
    read_while_edited(embedded(tmp_path), seed, QUICK_EDITS)


@pytest.mark.servers
def test_a_reader_of_a_folder_sees_500_whole_revisions(tmp_path: Path, seed: int) -> None:
    read_while_edited(embedded(tmp_path), seed, ALL_EDITS)


@pytest.mark.servers
def test_a_reader_of_ceph_sees_500_whole_revisions(tmp_path: Path, postgresql: str, ceph: S3Server, seed: int) -> None:
    read_while_edited(on_servers(tmp_path, postgresql, ceph), seed, ALL_EDITS)
