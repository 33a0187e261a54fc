"""What a store on S3 still has of what was deleted: versions, from which it could be brought back.

HEAD says that nothing is there, as after any delete; only the list of versions says what is so.
"""

from threading import Lock

from pictogame.lib.types import Key
from pictogame.publishing.bucket_check import rules
from pictogame.publishing.bucket_check.administration import Administration, Refusal, administration

REMAINS = "The store keeps earlier versions, from which it could be brought back. It is looked at again by itself."
NOT_KNOWN = "Nobody may ask the store whether it keeps earlier versions. It is looked at again by itself."


class Remains:
    """Asks one store, when it is first wanted to know, whether it ever kept versions; and then for those of a key.

    For one look at a store. Safe to use from several threads at once.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._first = Lock()
        self._versioned: Administration | Refusal | None = None
        self._is_asked = False

    def of(self, key: Key) -> str:
        """In a sentence what is left of an object that was deleted, or why nobody knows; empty when nothing is."""
        return self._look(key, latest=True)

    def below_the_latest(self, key: Key) -> str:
        """The same of what an object was before it was written over."""
        return self._look(key, latest=False)

    def _look(self, key: Key, *, latest: bool) -> str:
        if not self._url.startswith("s3://"):
            return ""
        with self._first:
            if not self._is_asked:
                self._versioned = _versioned(self._url)
                self._is_asked = True
        if self._versioned is None:
            return ""
        if isinstance(self._versioned, Refusal):
            return NOT_KNOWN
        name = f"{rules.below(self._versioned.prefix)}{key}"
        try:
            kept = (version for version in self._versioned.versions(name) if version["Key"] == name)
            return REMAINS if any(latest or not version["IsLatest"] for version in kept) else ""
        except Refusal:
            return NOT_KNOWN


def _versioned(url: str) -> Administration | Refusal | None:
    """The bucket, when it keeps versions or did so once; why nobody knows."""
    one = administration(url)
    try:
        return one if one is not None and one.call("get_bucket_versioning").get("Status") else None
    except Refusal as refusal:
        return None if refusal.is_unknown else refusal
