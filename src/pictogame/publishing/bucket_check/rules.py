"""The rules of a bucket: what ours are, and how they join those that somebody else has set. Pure.

Nothing of somebody else's is ever taken away: our own parts bear names, and only these are replaced.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pictogame.bucket import keys

SID = "EverybodyReadsGames"
CORS_ID = "pictogame"
_UPLOADS_ID = "pictogame-uploads-"
_OLD_UPLOADS_ID = "end-broken-off-uploads"

Rule = Mapping[str, Any]

CORS: dict[str, Any] = {
    "ID": CORS_ID,
    "AllowedOrigins": ["*"],
    "AllowedMethods": ["GET", "HEAD"],
    "AllowedHeaders": ["*"],
    "ExposeHeaders": ["ETag", "Content-Length"],
    "MaxAgeSeconds": 86_400,
}


class Unreadable(ValueError):  # noqa: N818  It names what a rule is.
    """Rules that are there can't be understood, so nothing can be joined to them."""


def below(prefix: str) -> str:
    """What our keys begin with in the bucket.

    >>> below("games"), below("")
    ('games/', '')
    """
    return f"{prefix}/" if prefix else ""


def statement(bucket: str, prefix: str = "") -> dict[str, Any]:
    """What lets everybody read the objects of games, and list nothing."""
    ours = f"arn:aws:s3:::{bucket}/{below(prefix)}"
    return {
        "Sid": SID + "".join(letter if letter.isalnum() else f"{ord(letter):02X}" for letter in prefix),
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:GetObject"],
        "Resource": [*(f"{ours}{folder}/*" for folder in keys.PREFIXES), f"{ours}{keys.EMBED_KEY}"],
    }


def policy(bucket: str, prefix: str = "", *, held: str = "") -> dict[str, Any]:
    """The policy of the bucket: our statement beside those that `held`, the present policy as JSON, has of others.

    Raises Unreadable when that is no policy.

    >>> held = '{"Version": "2012-10-17", "Id": "logs", "Statement": {"Sid": "Logs", "Effect": "Allow"}}'
    >>> joined = policy("games", held=held)
    >>> joined["Id"], [one["Sid"] for one in joined["Statement"]]
    ('logs', ['Logs', 'EverybodyReadsGames'])
    """
    if not held.strip():
        return {"Version": "2012-10-17", "Statement": [statement(bucket, prefix)]}
    try:
        document = json.loads(held)
        found = document["Statement"]
    except (ValueError, TypeError, KeyError) as error:
        raise Unreadable("The policy that the bucket has can't be read.") from error
    statements = [found] if isinstance(found, dict) else found
    if not isinstance(statements, list) or not all(isinstance(one, dict) for one in statements):
        raise Unreadable("The policy that the bucket has can't be read.")
    mine = statement(bucket, prefix)
    ours = {SID, mine["Sid"]}
    others = [one for one in statements if one.get("Sid") not in ours or not _is_about(one, mine["Resource"])]
    return {**document, "Statement": [*others, mine]}


def _is_about(one: Rule, resources: Sequence[str]) -> bool:
    said = one.get("Resource", [])
    return set([said] if isinstance(said, str) else said) <= set(resources)


def cors(held: Sequence[Rule]) -> list[Rule]:
    """The rules of CORS: ours after those of others, since the first that fits counts.

    >>> theirs = {"AllowedOrigins": ["https://example.org"], "AllowedMethods": ["PUT"]}
    >>> [rule.get("ID") for rule in cors([theirs, CORS])]
    [None, 'pictogame']
    """
    unnamed = {name: value for name, value in CORS.items() if name != "ID"}
    return [*(rule for rule in held if rule.get("ID") != CORS_ID and dict(rule) != unnamed), CORS]


def uploads(prefix: str) -> list[dict[str, Any]]:
    """The rules that end uploads which were broken off a day ago, for our folders alone."""
    return [
        {
            "ID": f"{_UPLOADS_ID}{below(prefix)}{folder}",
            "Status": "Enabled",
            "Filter": {"Prefix": f"{below(prefix)}{folder}/"},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        }
        for folder in keys.PREFIXES
    ]


def lifecycle(held: Sequence[Rule], prefix: str) -> list[Rule]:
    """The rules of lifetime: ours beside those of others.

    >>> theirs = {"ID": "logs", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 30}}
    >>> [rule["ID"] for rule in lifecycle([theirs, *uploads("")], "")][:2]
    ['logs', 'pictogame-uploads-r']
    """
    mine = uploads(prefix)
    replaced = {(rule["ID"], rule["Filter"]["Prefix"]) for rule in mine} | {(_OLD_UPLOADS_ID, below(prefix))}
    return [*(rule for rule in held if (rule.get("ID"), _prefix_of(rule)) not in replaced), *mine]


def _prefix_of(rule: Rule) -> str:
    filter_ = rule.get("Filter") or {}
    both = filter_.get("And") or {}
    return str(filter_.get("Prefix") or both.get("Prefix") or rule.get("Prefix") or "")


class Harm(NamedTuple):
    """A rule of somebody else's that would take games away."""

    name: str
    what: str


def harms(held: Sequence[Rule], prefix: str) -> list[Harm]:
    """Rules that delete objects of games by themselves, or move them to where nobody can read them at once.

    >>> harms([{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}}], "")
    [Harm(name='old', what='deletes')]
    >>> harms([{"ID": "logs", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 30}}], "")
    []
    """
    mine = [f"{below(prefix)}{folder}/" for folder in keys.PREFIXES]
    found: list[Harm] = []
    for rule in held:
        reach = _prefix_of(rule)
        if rule.get("Status") != "Enabled" or not any(one.startswith(reach) or reach.startswith(one) for one in mine):
            continue
        name = str(rule.get("ID") or "without a name")
        if {"Days", "Date"} & set(rule.get("Expiration") or {}):
            found.append(Harm(name, "deletes"))
        if any(_archives(str(move.get("StorageClass"))) for move in rule.get("Transitions") or []):
            found.append(Harm(name, "archives"))
    return found


def _archives(storage_class: str) -> bool:
    """Whether what lies there must be brought back before it can be read; one class of Glacier's need not."""
    return storage_class != "GLACIER_IR" and any(word in storage_class for word in ("GLACIER", "ARCHIVE"))


def lifted(held: Rule) -> dict[str, bool]:
    """A block of public access that lets policies through and leaves what it says of ACLs.

    >>> lifted({"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True})
    {'BlockPublicAcls': True, 'IgnorePublicAcls': True, 'BlockPublicPolicy': False, 'RestrictPublicBuckets': False}
    """
    acls = {name: bool(held.get(name, False)) for name in ("BlockPublicAcls", "IgnorePublicAcls")}
    return acls | {"BlockPublicPolicy": False, "RestrictPublicBuckets": False}
