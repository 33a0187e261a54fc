"""`pictogame bucket init` and `check` over a folder, and how rules of S3 join those of others."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from tests.servers.processes import free_port

from pictogame.bucket.models import BucketObject
from pictogame.publishing.bucket_check import Step, check, init, rules
from pictogame.publishing.server import FolderServer
from pictogame.storage import Store, open_store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "bucket"


@pytest.fixture
def store(folder: Path) -> Store:
    return open_store(folder.as_uri(), public=True)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, str]]:
    """A folder bucket and its address."""
    folder = tmp_path_factory.mktemp("served")
    with FolderServer(folder=folder / "bucket", port=free_port(), state=folder / "state") as one:
        yield open_store((folder / "bucket").as_uri(), public=True), one.address


def wrong(steps: Iterator[Step]) -> list[Step]:
    return [step for step in steps if step.ok is False]


@pytest.mark.django_db
def test_the_check_finds_all_well_here_and_cleans_up(served: tuple[Store, str]) -> None:
    store, address = served
    store.put("embed.js", b"")
    steps = list(check(bucket=store, bucket_url=address))
    assert [step for step in steps if not step.ok] == []
    assert {step.what.split()[0] for step in steps} >= {"Writing", "Reading", "Asking", "Nobody", "Deleting", "It"}
    assert [stat.key for stat in store.list()] == ["embed.js"]
    assert not BucketObject.objects.exists()


@pytest.mark.django_db
def test_the_check_says_what_is_wrong(served: tuple[Store, str], store: Store) -> None:
    steps = wrong(check(bucket=store, bucket_url=served[1]))
    assert {"The answer is 404 Not Found."} < {step.why for step in steps}
    assert len(steps) == 10
    nobody = list(check(bucket=store, bucket_url=f"http://127.0.0.1:{free_port()}"))
    assert any("PICTOGAME_BUCKET_URL" in step.why for step in nobody)
    assert list(store.list()) == []


class Careless(BaseHTTPRequestHandler):
    """Serves a folder as careless servers do: everything, unpacked, with no header that matters, and a list."""

    folder: Path

    def do_GET(self) -> None:
        path = self.folder / self.path.strip("/").partition("?")[0]
        if path.is_dir():
            body = "\n".join(str(one.relative_to(path)) for one in path.rglob("*")).encode()
        else:
            body = path.read_bytes() if path.exists() else b""
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self) -> None:
        self.folder.joinpath(self.path.strip("/")).write_bytes(
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
        )
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.mark.django_db
def test_a_careless_server_is_found_out_in_every_way(store: Store, folder: Path) -> None:
    handler = type("Here", (Careless,), {"folder": folder})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        steps = wrong(check(bucket=store, bucket_url=f"http://127.0.0.1:{server.server_port}"))
        server.shutdown()
    said = " ".join(f"{step.what} {step.why}" for step in steps)
    for part in (
        "Content-Type is text/plain, and should be image/avif",
        "should be 206",
        "There is no ETag",
        "narrow the policy",
        "Anybody can list the bucket (/)",
        "Anybody can write into the bucket",
    ):
        assert part in said
    assert list(store.list()) == []


@pytest.mark.django_db
def test_a_check_that_is_broken_off_cleans_up_as_well(store: Store) -> None:
    steps = check(bucket=store, bucket_url=f"http://127.0.0.1:{free_port()}")
    assert next(steps).ok
    assert len(list(store.list())) == 1
    steps.close()  # type: ignore[attr-defined]
    assert list(store.list()) == []
    assert not BucketObject.objects.exists()


@pytest.mark.django_db
def test_a_folder_that_takes_nothing_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = open_store((tmp_path / "file" / "bucket").as_uri())
    (step,) = (step for step in check(bucket=store, bucket_url="http://127.0.0.1:1") if "Writing" in step.what)
    assert not step.ok
    assert step.why.startswith("Something else lies on the way")


def test_init_makes_the_folders(data: Path) -> None:
    assert [step.ok for step in init()] == [True, True]
    assert (data / "vault").stat().st_mode & 0o777 == 0o700
    assert (data / "bucket").is_dir()


@pytest.mark.parametrize("held", ["[]", "{}", "nonsense", '{"Statement": ["a"]}', '{"Statement": 1}'])
def test_a_policy_that_cannot_be_understood_is_not_touched(held: str) -> None:
    with pytest.raises(rules.Unreadable):
        rules.policy("games", held=held)


def test_two_installations_may_share_a_bucket() -> None:
    one = rules.policy("games", "one")
    both = rules.policy("games", "two", held=json.dumps(one))
    again = rules.policy("games", "one", held=json.dumps(both))
    assert len(again["Statement"]) == 2
    assert {tuple(part["Resource"]) for part in again["Statement"]} == {
        tuple(part["Resource"]) for part in both["Statement"]
    }
    assert len({part["Sid"] for part in again["Statement"]}) == 2
    lifetimes = rules.lifecycle(rules.lifecycle([], "one"), "two")
    assert len({rule["ID"] for rule in lifetimes}) == 10
    assert len(rules.lifecycle(lifetimes, "one")) == 10
    assert len(rules.lifecycle(lifetimes, "two")) == 10


def test_what_an_earlier_version_set_is_replaced() -> None:
    unnamed = {name: value for name, value in rules.CORS.items() if name != "ID"}
    assert rules.cors([unnamed]) == [rules.CORS]
    old: dict[str, Any] = {"ID": "end-broken-off-uploads", "Status": "Enabled", "Filter": {"Prefix": ""}}
    assert "end-broken-off-uploads" not in [rule["ID"] for rule in rules.lifecycle([old], "")]


@pytest.mark.parametrize(
    ("rule", "harmful"),
    [
        ({"Status": "Enabled", "Filter": {"Prefix": "m/"}, "Expiration": {"Days": 1}}, True),
        ({"Status": "Enabled", "Prefix": "", "Expiration": {"Date": "2030-01-01"}}, True),
        ({"Status": "Enabled", "Filter": {"And": {"Prefix": "g/b"}}, "Expiration": {"Days": 1}}, True),
        ({"Status": "Enabled", "Filter": {}, "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]}, True),
        ({"Status": "Enabled", "Filter": {}, "Transitions": [{"Days": 1, "StorageClass": "DEEP_ARCHIVE"}]}, True),
        ({"Status": "Enabled", "Filter": {}, "Transitions": [{"Days": 1, "StorageClass": "GLACIER_IR"}]}, False),
        ({"Status": "Disabled", "Filter": {"Prefix": "m/"}, "Expiration": {"Days": 1}}, False),
        ({"Status": "Enabled", "Filter": {"Prefix": "backup/"}, "Expiration": {"Days": 1}}, False),
        ({"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"ExpiredObjectDeleteMarker": True}}, False),
        ({"Status": "Enabled", "Filter": {}, "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}]}, False),
    ],
)
def test_rules_that_take_games_away_are_known(rule: dict[str, Any], harmful: bool) -> None:
    assert bool(rules.harms([rule], "")) == harmful
