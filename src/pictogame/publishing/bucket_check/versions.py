"""Whether what is deleted is gone: in a bucket that keeps versions it is not."""

from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from pictogame.lib.types import Key
from pictogame.publishing.bucket_check import rules
from pictogame.publishing.bucket_check.administration import Administration, Refusal
from pictogame.publishing.bucket_check.steps import Step

_NONE = {None, "", "null"}
"""What a write is answered that leaves no version of its own."""


def versions(one: Administration, *, folders: Iterable[str]) -> Step:
    """Refuses a bucket that keeps versions, or still has some in our folders of when it did.

    A creator who deletes a game is told that it is gone, with a receipt; in such a bucket every picture would stay.
    """
    what = f"What is deleted is gone: the {one.called} keeps no versions"
    try:
        state = one.read("get_bucket_versioning").get("Status", "")
        if state == "Suspended" and (key := _old_version(one, folders)):
            why = f"Versioning is suspended, but old versions are there, one of {key}: remove them, and run this again."
            return Step(what, ok=False, why=why)
    except Refusal as refusal:
        step = one.unasked(what, refusal)
        if not refusal.is_forbidden:
            return step
        needs = "allow s3:GetBucketVersioning and s3:ListBucketVersions, or no receipt of a deletion is ever finished."
        return Step(what, ok=step.ok, why=f"{step.why[:-1]}: {needs}")
    if state == "Enabled":
        return Step(
            what,
            ok=False,
            why=f"It keeps every version, so a deleted game would stay in it. Take another {one.called}; or suspend "
            "versioning, remove the versions that are there, and run this again.",
        )
    return Step(what, ok=True)


def _old_version(one: Administration, folders: Iterable[str]) -> str:
    """A key of ours that has a version from before versioning was suspended. Raises Refusal."""
    for folder in folders:
        for version in one.versions(f"{rules.below(one.prefix)}{folder}/"):
            if version.get("VersionId") not in _NONE:
                return str(version["Key"])
    return ""


class Given(NamedTuple):
    """Whether writes are given versions, and those that objects of a check were given."""

    step: Step
    versions: list[tuple[str, str]]
    """Names in the bucket, with the version of each."""


def given(one: Administration, keys: Iterable[Key], *, written: Key, data: bytes) -> Given:
    """Writes `data` once more as `written`: the answer names a version, whether or not anybody may ask about them."""
    what = f"A write into the {one.called} makes no version"
    below = rules.below(one.prefix)
    found: list[tuple[str, str]] = []
    for key in keys:
        with suppress(Refusal):  # Also of those that nobody wrote.
            found.append((f"{below}{key}", str(one.call("head_object", Key=f"{below}{key}").get("VersionId", ""))))
    try:
        version = one.call("put_object", Key=f"{below}{written}", Body=data).get("VersionId")
    except Refusal as refusal:
        return Given(one.unasked(what, refusal), [])
    if version in _NONE:
        return Given(Step(what, ok=True), [])
    why = (
        f"It was given the version {version}, so whatever is deleted stays: take another {one.called}, or suspend "
        "versioning and remove the versions that are there."
    )
    kept = [(name, each) for name, each in [*found, (f"{below}{written}", str(version))] if each not in _NONE]
    return Given(Step(what, ok=False, why=why), kept)


def forgotten(one: Administration, known: Iterable[tuple[str, str]]) -> None:
    """Removes these versions, as far as the server lets us."""
    for name, version in known:
        with suppress(Refusal):
            one.call("delete_object", Key=name, VersionId=version)


def left(one: Administration, keys: Iterable[Key], known: Iterable[tuple[str, str]]) -> Step:
    """Whether deletes leave versions; those that the check itself left are removed, as far as it knows them."""
    what = f"Nothing is left of what was deleted from the {one.called}"
    forgotten(one, known)
    names = [name for name, _ in known]
    try:
        for key in keys:
            for old in list(one.versions(f"{rules.below(one.prefix)}{key}")):
                names.append(old["Key"])
                one.call("delete_object", Key=old["Key"], VersionId=old["VersionId"])
    except Refusal as refusal:
        if not names:
            return one.unasked(what, refusal)
    if names:
        why = f"{names[0]} was still there as a version: what is deleted would stay in this {one.called}."
        return Step(what, ok=False, why=why)
    return Step(what, ok=True)
