"""Places in buckets, as people name them."""

import pytest

from pictogame.lib.types import Key
from pictogame.stats import found
from pictogame.stats.errors import NoSuchLog
from pictogame.storage import Store, StoreMissing, open_store


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Store:
    """The bucket of every s3:// address."""
    store = open_store("memory:///")
    for key in ("day/2026-11-22-a", "day/2026-11-22-b", "day/2026-11-23-a", "days"):
        store.put(Key(key), b"x")
    monkeypatch.setattr(found, "open_store", lambda _: store)
    return store


@pytest.mark.parametrize(
    ("place", "keys"),
    [
        ("s3://logs/day", ["day/2026-11-22-a", "day/2026-11-22-b", "day/2026-11-23-a"]),
        ("s3://logs/day/*", ["day/2026-11-22-a", "day/2026-11-22-b", "day/2026-11-23-a"]),
        ("s3://logs/day/2026-11-22", ["day/2026-11-22-a", "day/2026-11-22-b"]),
        ("s3://logs/day/2026-11-22*", ["day/2026-11-22-a", "day/2026-11-22-b"]),
        ("s3://logs/day/2026-11-23-a", ["day/2026-11-23-a"]),
    ],
)
def test_a_folder_or_else_the_beginning_of_keys(logs: Store, place: str, keys: list[str]) -> None:
    assert [one.key for one in found.find(place)] == keys


@pytest.mark.parametrize("place", ["s3://logs/day/2027", "s3://logs/a day", "s3://logs/a*b"])
def test_what_is_not_there_is_said(logs: Store, place: str) -> None:
    with pytest.raises(NoSuchLog, match="logs/"):
        list(found.find(place))


def test_a_bucket_that_is_missing_is_not_taken_for_that_of_the_games(
    logs: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: str = "") -> None:
        raise StoreMissing("The bucket does not exist yet.")

    monkeypatch.setattr(logs, "list", missing)
    with pytest.raises(NoSuchLog, match="no bucket at s3://logs/day") as raised:
        list(found.find("s3://logs/day"))
    assert "init" not in raised.value.sentence
