"""`pictogame bucket init`: makes the bucket, and lets everybody read what games are made of, and no more."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from pictogame.bucket import keys
from pictogame.publishing.bucket_check import rules
from pictogame.publishing.bucket_check.administration import Administration, Refusal, administration
from pictogame.publishing.bucket_check.private import private, vault_on_s3
from pictogame.publishing.bucket_check.proving import proved_open
from pictogame.publishing.bucket_check.steps import Step
from pictogame.publishing.bucket_check.versions import versions
from pictogame.publishing.server import bucket_folder
from pictogame.storage.opening import s3_region


def init() -> Iterator[Step]:
    """Makes the bucket of the settings where it is missing and lets everybody read what games are made of, and no more;
    then the vault where it is missing, for nobody but us.

    A folder is made. On S3: the bucket, public reading of exactly our prefixes, CORS for every origin, and an end for
    uploads that were broken off; then it is tried whether strangers read what they may and nothing else. What others
    have set stays. What the server does not let us set is reported, and the rest is done.
    """
    yield from _bucket()
    yield from _vault()


def _bucket() -> Iterator[Step]:
    one = administration(settings.BUCKET)
    if one is None:
        yield _folder(bucket_folder(settings.BUCKET), 0o755)
        return
    there = _there(one)
    if not there.ok:
        there = _made(one)
    yield there
    if not there.ok:
        return
    yield versions(one, folders=keys.PREFIXES)
    yield from _unblocked(one)
    yield _policy(one)
    yield _cors(one)
    yield from _lifetimes(one)
    yield from proved_open(one)


def _vault() -> Iterator[Step]:
    """A new one gets no policy, and a block against those that somebody may set by mistake later."""
    one = vault_on_s3()
    if one is None:
        if settings.VAULT.startswith("file://"):
            yield _folder(bucket_folder(settings.VAULT), 0o700)
        return
    there = _there(one)
    if not there.ok:
        there = _made(one)
        yield there
        if not there.ok:
            return
        yield from _blocked(one)
    yield from private()


def _folder(folder: Path, mode: int) -> Step:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(mode)
    except OSError as error:
        return Step(f"The folder {folder}", ok=False, why=f"It can't be made: {error.strerror}.")
    return Step(f"The folder {folder} is there", ok=True)


def _there(one: Administration) -> Step:
    return one.step(f"The {one.called} {one.bucket} is there", lambda: one.call("head_bucket"), refused="")


def _made(one: Administration) -> Step:
    where = {} if one.endpoint or s3_region() == "us-east-1" else {"LocationConstraint": s3_region()}
    made = {"CreateBucketConfiguration": where} if where else {}
    return one.step(
        f"The {one.called} {one.bucket} is made",
        lambda: one.call("create_bucket", **made),
        refused="It neither exists for us nor can be made: check its name and the rights of the credentials.",
    )


def _blocked(one: Administration) -> Iterator[Step]:
    if not one.knows("get_public_access_block"):
        return
    block = {"IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
    if not one.endpoint:  # Under this one Ceph takes no write at all.
        block["BlockPublicAcls"] = True
    yield one.step(
        "Public access to the vault is blocked",
        lambda: one.call("put_public_access_block", PublicAccessBlockConfiguration=block),
        refused="The server does not let us set that: switch “Block public access” of it on in the console.",
    )


def _unblocked(one: Administration) -> Iterator[Step]:
    """A block of public access beats every policy: it is lifted for policies, and kept for ACLs."""
    what = "Public reading by a policy is not blocked"
    if not one.knows("get_public_access_block"):
        return
    try:
        held = one.read("get_public_access_block").get("PublicAccessBlockConfiguration", {})
    except Refusal as refusal:
        yield Step(
            what,
            ok=False,
            why="It can't be seen whether “Block public access” is on: look in the console, or put a CDN in front of "
            f"the bucket that may read it. ({refusal.reason})",
        )
        return
    if one.endpoint and held.get("BlockPublicAcls"):
        yield Step(
            "Public ACLs are blocked, which games don't mind",
            ok=True,
            why="Ceph takes no write at all under that block: if writing fails below, lift it (BlockPublicAcls).",
        )
    if not any(held.get(name) for name in ("BlockPublicPolicy", "RestrictPublicBuckets")):
        yield Step(what, ok=True)
        return
    yield one.step(
        what,
        lambda: one.call("put_public_access_block", PublicAccessBlockConfiguration=rules.lifted(held)),
        refused="Lift “Block public access” of the bucket (and of the account) in the console, or put a CDN in front "
        "of it that may read it.",
    )


def _policy(one: Administration) -> Step:
    what = "Everybody may read games, and nothing else"
    ours = ", ".join(_statement(one)["Resource"])
    refused = f"The server does not let us set the policy: allow everybody s3:GetObject on {ours} yourself."

    def act() -> None:
        held = one.read("get_bucket_policy").get("Policy", "")
        wanted = rules.policy(one.bucket, one.prefix, held=held)
        if not held or json.loads(held) != wanted:
            one.call("put_bucket_policy", Policy=json.dumps(wanted))

    try:
        return one.step(what, act, refused=refused)
    except rules.Unreadable as error:
        return Step(what, ok=False, why=f"{error} It was left as it is: add this to it: {json.dumps(_statement(one))}")


def _statement(one: Administration) -> dict[str, Any]:
    return rules.statement(one.bucket, one.prefix)


def _cors(one: Administration) -> Step:
    def act() -> None:
        held = one.read("get_bucket_cors").get("CORSRules", [])
        wanted = rules.cors(held)
        if held != wanted:
            one.call("put_bucket_cors", CORSConfiguration={"CORSRules": wanted})

    return one.step(
        "Widgets on every page may read (CORS)",
        act,
        refused="The server does not let us set CORS: answer every Origin with Access-Control-Allow-Origin: *.",
    )


def _lifetimes(one: Administration) -> Iterator[Step]:
    held: list[dict[str, Any]] = []

    def act() -> None:
        held.extend(one.read("get_bucket_lifecycle_configuration").get("Rules", []))
        wanted = rules.lifecycle(held, one.prefix)
        if held != wanted:
            one.call("put_bucket_lifecycle_configuration", LifecycleConfiguration={"Rules": wanted})

    yield one.step(
        "Uploads that were broken off end after a day",
        act,
        refused="The server does not let us set a rule for them: look after broken-off uploads yourself.",
    )
    for harm in rules.harms(held, one.prefix):
        yield Step(
            "No rule of the bucket takes games away",
            ok=False,
            why=f"Its lifecycle rule “{harm.name}” {harm.what} objects of games: confine it to other prefixes.",
        )
