"""`pictogame bucket init` and `check` against real servers: what they set, what they leave, and what they find out."""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db.models.functions import Now
from pytest_django import Settings
from tests.servers.ceph import with_user
from tests.servers.fixtures import ceph, seaweedfs
from tests.servers.processes import free_port
from tests.servers.s3 import S3Server

from pictogame.bucket.models import BucketObject
from pictogame.media.models import Erasure
from pictogame.publishing.bucket_check import Step, check, init
from pictogame.publishing.bucket_check.asking import Answer, ask
from pictogame.publishing.bucket_check.rules import SID
from pictogame.publishing.sweep import sweep
from pictogame.storage import open_store

__all__ = ["ceph", "seaweedfs"]
pytestmark = [pytest.mark.servers, pytest.mark.django_db]

SERVERS = ["ceph", "seaweedfs"]


@pytest.fixture
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """The server of that name; every S3 tool finds it."""
    found: S3Server = request.getfixturevalue(request.param)
    for name, value in found.environment().items():
        monkeypatch.setenv(name, value)
    return found


@pytest.fixture(params=["", "a/prefix"], ids=["whole", "below a prefix"])
def place(request: pytest.FixtureRequest) -> str:
    """Where in its bucket an installation lies."""
    return str(request.param)


class Here:
    """A bucket of its own, not made yet, as the settings name it."""

    def __init__(self, server: S3Server, settings: Settings, place: str) -> None:
        self.name = f"games-{os.urandom(6).hex()}"
        self.client = server.client()
        self.below = f"{place}/" if place else ""
        settings.BUCKET = f"s3://{self.name}/{place}".rstrip("/")
        settings.BUCKET_URL = f"{server.endpoint}/{self.name}/{place}".rstrip("/")
        self.address = settings.BUCKET_URL

    def keys(self) -> list[str]:
        return [one["Key"] for one in self.client.list_objects_v2(Bucket=self.name).get("Contents", [])]


@pytest.fixture
def here(server: S3Server, settings: Settings, data: Path, place: str) -> Here:
    return Here(server, settings, place)


@pytest.fixture
def vault(server: S3Server, settings: Settings, data: Path, place: str) -> str:
    """The name of a bucket for the vault, not made yet, as the settings name it."""
    name = f"private-{os.urandom(6).hex()}"
    settings.VAULT = f"s3://{name}/{place}".rstrip("/")
    return name


def wrong(steps: Iterator[Step]) -> list[Step]:
    return [step for step in steps if step.ok is False]


@pytest.mark.parametrize("server", SERVERS, indirect=True)
def test_init_opens_a_new_bucket_and_check_finds_all_well(here: Here) -> None:
    assert wrong(init()) == []
    assert wrong(init()) == []
    assert wrong(check()) == []
    assert here.keys() == []
    assert not BucketObject.objects.exists()


@pytest.mark.parametrize("server", SERVERS, indirect=True)
@pytest.mark.parametrize("place", [""])
def test_what_others_have_set_stays(here: Here) -> None:
    client, name = here.client, here.name
    client.create_bucket(Bucket=name)
    theirs = {
        "Sid": "Theirs", "Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{name}/theirs/*"],
    }  # fmt: skip
    client.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [theirs]}))
    cors = {"AllowedOrigins": ["https://example.org"], "AllowedMethods": ["PUT"], "AllowedHeaders": ["*"]}
    client.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [cors]})
    logs = {"ID": "logs", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 30}}
    client.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [logs]})
    client.put_object(Bucket=name, Key="theirs/a.txt", Body=b"theirs")
    assert wrong(init()) == []
    assert wrong(init()) == []
    statements = json.loads(client.get_bucket_policy(Bucket=name)["Policy"])["Statement"]
    assert [one["Sid"] for one in statements] == ["Theirs", SID]
    rules = client.get_bucket_cors(Bucket=name)["CORSRules"]
    assert rules[0]["AllowedOrigins"] == ["https://example.org"]
    assert len(rules) == 2
    lifetimes = client.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    assert {one["ID"] for one in lifetimes} == {
        "logs",
        *(f"pictogame-uploads-{one}" for one in ("r", "m", "g", "s", "live")),
    }
    answer = ask(f"{here.address}/theirs/a.txt")
    assert isinstance(answer, Answer)
    assert answer.body == b"theirs"
    assert wrong(check()) == []


@pytest.mark.parametrize("server", SERVERS, indirect=True)
@pytest.mark.parametrize("place", [""])
def test_a_bucket_that_keeps_versions_is_refused_until_they_are_gone(here: Here) -> None:
    client, name = here.client, here.name
    assert wrong(init()) == []
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    assert [step.what for step in wrong(init())] == [
        "What is deleted is gone: the bucket keeps no versions",
        "A write into the bucket makes no version",
    ]
    found = wrong(check())
    assert [step.what for step in found] == [
        "What is deleted is gone: the bucket keeps no versions",
        "A write into the bucket makes no version",
        "Nothing is left of what was deleted from the bucket",
    ]
    assert "Take another bucket" in found[0].why
    client.put_object(Bucket=name, Key="m/old.avif", Body=b"a picture")
    client.delete_object(Bucket=name, Key="m/old.avif")
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    (still,) = wrong(check())
    assert "old versions are there, one of m/old.avif" in still.why or "one of m/" in still.why
    for version in client.list_object_versions(Bucket=name)["Versions"]:
        client.delete_object(Bucket=name, Key=version["Key"], VersionId=version["VersionId"])
    assert wrong(check()) == []


@pytest.mark.parametrize("place", [""])
@pytest.mark.parametrize(
    ("server", "action", "on", "what"),
    [
        ("ceph", "s3:GetObject", "/*", "Nobody reads what is not a game's"),
        ("seaweedfs", "s3:GetObject", "/*", "Nobody reads what is not a game's"),
        ("ceph", "s3:ListBucket", "", "Nobody may list the bucket"),
        ("seaweedfs", "s3:ListBucket", "", "Nobody may list the bucket"),
        # SeaweedFS lets nobody write without a name, whatever the policy says.
        ("ceph", "s3:PutObject", "/*", "Nobody writes or deletes but us"),
        ("ceph", "s3:DeleteObject", "/*", "Nobody writes or deletes but us"),
    ],
    indirect=["server"],
)
def test_a_right_too_many_is_found_out(here: Here, action: str, on: str, what: str) -> None:
    here.client.create_bucket(Bucket=here.name)
    too_much = {
        "Sid": "TooMuch", "Effect": "Allow", "Principal": "*", "Action": [action],
        "Resource": [f"arn:aws:s3:::{here.name}{on}"],
    }  # fmt: skip
    policy = {"Version": "2012-10-17", "Statement": [too_much]}
    here.client.put_bucket_policy(Bucket=here.name, Policy=json.dumps(policy))
    assert [step.what for step in wrong(init())] == [what]
    assert [step.what for step in wrong(check())] == [what]
    assert here.keys() == []
    assert not BucketObject.objects.exists()


@pytest.mark.parametrize("server", SERVERS, indirect=True)
@pytest.mark.parametrize("place", [""])
def test_a_rule_that_takes_games_away_is_found_out(here: Here) -> None:
    here.client.create_bucket(Bucket=here.name)
    rule = {"ID": "tidy", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 365}}
    here.client.put_bucket_lifecycle_configuration(Bucket=here.name, LifecycleConfiguration={"Rules": [rule]})
    assert any("“tidy” deletes" in step.why for step in wrong(init()))


@pytest.mark.parametrize("server", ["ceph"], indirect=True)
@pytest.mark.parametrize("place", [""])
def test_a_block_of_public_access_is_lifted_for_policies_alone(here: Here) -> None:
    here.client.create_bucket(Bucket=here.name)
    names = ("IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    block = dict.fromkeys(names, True)
    here.client.put_public_access_block(Bucket=here.name, PublicAccessBlockConfiguration=block)
    assert wrong(init()) == []
    held = here.client.get_public_access_block(Bucket=here.name)["PublicAccessBlockConfiguration"]
    assert [held[name] for name in names] == [True, False, False]
    assert wrong(check()) == []
    # Under a block of public ACLs, Ceph takes no write at all.
    block = {"BlockPublicAcls": True}
    here.client.put_public_access_block(Bucket=here.name, PublicAccessBlockConfiguration=block)
    steps = list(init())
    assert any(step.ok and "lift it (BlockPublicAcls)" in step.why for step in steps)
    assert [step.what[:8] for step in steps if not step.ok] == ["Writing "]


@pytest.mark.parametrize("server", SERVERS, indirect=True)
@pytest.mark.parametrize("place", [""])
def test_a_private_bucket_is_found_out_step_by_step(here: Here) -> None:
    here.client.create_bucket(Bucket=here.name)
    found = wrong(check())
    assert len(found) == 10
    assert sum("pictogame bucket init" in step.why for step in found) >= 6
    assert here.keys() == []


@pytest.mark.parametrize("server", ["ceph"], indirect=True)
@pytest.mark.parametrize("place", [""])
def test_what_may_not_be_set_is_told_and_the_rest_is_done(
    server: S3Server, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else's bucket, into which we may write and nothing more."""
    here.client.create_bucket(Bucket=here.name)
    guest = with_user(server, f"guest{here.name}")
    rights = {
        "Effect": "Allow", "Principal": {"AWS": [f"arn:aws:iam:::user/guest{here.name}"]},
        "Action": ["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:ListBucket"],
        "Resource": [f"arn:aws:s3:::{here.name}", f"arn:aws:s3:::{here.name}/*"],
    }  # fmt: skip
    policy = json.dumps({"Version": "2012-10-17", "Statement": [rights]})
    here.client.put_bucket_policy(Bucket=here.name, Policy=policy)
    for name, value in guest.environment().items():
        monkeypatch.setenv(name, value)
    steps = list(init())
    found = {step.what: step.why for step in steps if not step.ok}
    assert "allow everybody s3:GetObject on" in found["Everybody may read games, and nothing else"]
    assert "answer every Origin" in found["Widgets on every page may read (CORS)"]
    assert "look after broken-off uploads" in found["Uploads that were broken off end after a day"]
    assert all("(AccessDenied)" in why for what, why in found.items() if not what.startswith("Everybody reads "))
    assert [step.what for step in steps[-3:-1]] == [
        "Nobody writes or deletes but us",
        "A write into the bucket makes no version",
    ]
    assert json.loads(here.client.get_bucket_policy(Bucket=here.name)["Policy"]) == json.loads(policy)
    assert here.keys() == []


@pytest.mark.parametrize("server", ["ceph"], indirect=True)
@pytest.mark.parametrize("place", [""])
def test_a_check_that_was_killed_leaves_nothing_in_the_end(here: Here) -> None:
    assert wrong(init()) == []
    steps = iter(check())
    while not next(steps).what.startswith("Reading "):
        pass
    killed = [*here.keys()]
    assert len(killed) == 3
    # Killed: nothing of its own is done any more, and the sweep finds its rows an hour later.
    assert set(BucketObject.objects.values_list("key", flat=True)) > set(killed)
    BucketObject.objects.update(delete_after=Now())
    with ThreadPoolExecutor(2) as pool:
        sweep(bucket=open_store(f"s3://{here.name}"), pool=pool)
    assert here.keys() == []
    del steps


def as_blind_guest(server: S3Server, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on we are a user who may do everything in that bucket, but ask about versions."""
    guest = with_user(server, f"blind{name}")
    who, on = {"AWS": [f"arn:aws:iam:::user/blind{name}"]}, [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    statements = [
        {"Effect": "Allow", "Principal": who, "Action": ["s3:*"], "Resource": on},
        {
            "Effect": "Deny",
            "Principal": who,
            "Action": ["s3:GetBucketVersioning", "s3:ListBucketVersions"],
            "Resource": on,
        },
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    server.client().put_bucket_policy(Bucket=name, Policy=policy)
    for variable, value in guest.environment().items():
        monkeypatch.setenv(variable, value)


@pytest.mark.parametrize("server", ["ceph"], indirect=True)
@pytest.mark.parametrize("place", [""])
@pytest.mark.parametrize("versioned", [True, False])
def test_versions_are_found_out_by_a_write_where_nobody_may_ask(
    server: S3Server, here: Here, monkeypatch: pytest.MonkeyPatch, versioned: bool
) -> None:
    here.client.create_bucket(Bucket=here.name)
    if versioned:
        here.client.put_bucket_versioning(Bucket=here.name, VersioningConfiguration={"Status": "Enabled"})
    as_blind_guest(server, here.name, monkeypatch)
    no_versions = "A write into the bucket makes no version"
    assert [step.what for step in wrong(init())] == ([no_versions] if versioned else [])
    steps = list(check())
    by_hand = here.client.list_object_versions(Bucket=here.name)
    unknown = [step.what for step in steps if step.ok is None]
    assert unknown[0] == "What is deleted is gone: the bucket keeps no versions"
    if versioned:
        assert [step.what for step in steps if step.ok is False] == [
            no_versions,
            "Nothing is left of what was deleted from the bucket",
        ]
    else:
        assert wrong(iter(steps)) == []
        assert unknown[1:] == ["Nothing is left of what was deleted from the bucket"]
    assert by_hand.get("Versions", []) == []


@pytest.mark.parametrize("server", ["ceph"], indirect=True)
@pytest.mark.parametrize("place", [""])
@pytest.mark.parametrize("fault", ["no bucket", "wrong key", "no server"])
def test_a_store_that_cannot_be_asked_is_wrong_and_not_merely_unknown(
    here: Here, vault: str, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    if fault == "wrong key":
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    if fault == "no server":
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    found = {step.what: step.ok for step in check()}
    assert found["What is deleted is gone: the bucket keeps no versions"] is False
    assert found[f"The vault {vault} is there"] is False
    assert True not in found.values()


@pytest.mark.parametrize("server", SERVERS, indirect=True)
def test_init_makes_the_vault_for_us_alone(here: Here, vault: str) -> None:
    steps = list(init())
    assert wrong(iter(steps)) == []
    assert f"The vault {vault} is made" in [step.what for step in steps]
    assert wrong(init()) == []
    assert wrong(check()) == []
    assert here.client.list_objects_v2(Bucket=vault).get("Contents", []) == []
    assert not Erasure.objects.exists()
    if "Public access to the vault is blocked" in [step.what for step in steps]:
        block = here.client.get_public_access_block(Bucket=vault)["PublicAccessBlockConfiguration"]
        assert block["BlockPublicPolicy"] is block["RestrictPublicBuckets"] is True


@pytest.mark.parametrize("server", SERVERS, indirect=True)
@pytest.mark.parametrize("place", [""])
def test_a_vault_that_strangers_read_or_that_keeps_versions_is_found_out(
    here: Here, vault: str, settings: Settings
) -> None:
    assert wrong(init()) == []
    here.client.create_bucket(Bucket=f"{vault}-too")
    settings.VAULT = f"s3://{vault}-too"
    too_much = {
        "Sid": "TooMuch", "Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": [f"arn:aws:s3:::{vault}-too", f"arn:aws:s3:::{vault}-too/*"],
    }  # fmt: skip
    policy = json.dumps({"Version": "2012-10-17", "Statement": [too_much]})
    here.client.put_bucket_policy(Bucket=f"{vault}-too", Policy=policy)
    open_to_all = ["Nobody reads the vault but us", "Nobody lists the vault but us"]
    assert [(step.what, step.why) for step in wrong(init()) if step.what not in open_to_all] == []
    assert [step.what for step in wrong(init())] == open_to_all
    assert [step.what for step in wrong(check())] == open_to_all
    here.client.delete_bucket_policy(Bucket=f"{vault}-too")
    here.client.put_bucket_versioning(Bucket=f"{vault}-too", VersioningConfiguration={"Status": "Enabled"})
    assert [step.what for step in wrong(check())] == [
        "What is deleted is gone: the vault keeps no versions",
        "A write into the vault makes no version",
        "Nothing is left of what was deleted from the vault",
    ]
    assert here.client.list_object_versions(Bucket=f"{vault}-too").get("Versions", []) == []
