"""Whether what is deleted is gone: in a bucket that keeps versions it is not."""

from pictogame.publishing.bucket_check import rules
from pictogame.publishing.bucket_check.administration import Administration, Refusal
from pictogame.publishing.bucket_check.steps import Step

_WHAT = "What is deleted is gone: the bucket keeps no versions"


def versions(one: Administration) -> Step:
    """Refuses a bucket that keeps versions, or still has some of when it did.

    A creator who deletes a game is told that it is gone, with a receipt; in such a bucket every picture would stay.
    """
    try:
        state = one.read("get_bucket_versioning").get("Status", "")
    except Refusal as refusal:
        return Step(_WHAT, ok=True, why=f"The server can't be asked ({refusal.reason}); `bucket check` tries it out.")
    if state == "Enabled":
        return Step(
            _WHAT,
            ok=False,
            why="It keeps every version, so a deleted game would stay in it. Take another bucket; or suspend "
            "versioning, remove the versions that are there, and run this again.",
        )
    if state == "Suspended" and (key := _old_version(one)):
        return Step(
            _WHAT,
            ok=False,
            why=f"Versioning is suspended, but old versions are there, one of {key}: remove them, and run this again.",
        )
    return Step(_WHAT, ok=True)


def _old_version(one: Administration) -> str:
    """A key of ours that has a version from before versioning was suspended."""
    for rule in rules.uploads(one.prefix):
        try:
            for version in one.versions(rule["Filter"]["Prefix"]):
                if version.get("VersionId") not in {None, "", "null"}:
                    return str(version["Key"])
        except Refusal as refusal:
            return f"something that can't be listed ({refusal.reason})"
    return ""
