"""The stores that obstore speaks to: S3, and memory for tests of logic.

Only obstore's blocking functions are used, from threads of ours: a process that ends right after its asynchronous puts
may abort, and the blocking ones are faster besides.
"""

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore import exceptions
from obstore.store import MemoryStore as ObstoreMemory
from obstore.store import S3Store as ObstoreS3

from pictogame.lib.types import Key, Sha256
from pictogame.storage.errors import NotThere, StoreMissing, StoreProblem, StoreRefused, StoreUnavailable
from pictogame.storage.store import Stat, checked

if TYPE_CHECKING:
    from obstore.store import S3Config, S3Credential

USER_AGENT = "Pictogame/0.1"
"""By this the logs of a bucket tell our own requests from those of people."""
REQUEST_SECONDS = 20
RETRY_SECONDS = 10
DEADLINE_SECONDS = REQUEST_SECONDS + RETRY_SECONDS
"""No request of ours to S3 is under way longer: a retry begins within RETRY_SECONDS and lasts REQUEST_SECONDS at most.
Leases are longer (see publishing), so that a late write can't meet the work of whoever took over."""

BUCKET = "The bucket"
"""What a store is called in sentences unless whoever opens it says otherwise."""

_PAGE = 1000
_REFUSALS = ("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "RequestTimeTooSkewed")
_LIST_TRIES = 4
_REST_SECONDS = 0.3
# One part: a bigger file goes up in several, so that a slow line needs no long deadline.
_PART = 5 << 20
# One thread of obstore's carries what all connections send and receive. With one for each core, as it would have it,
# they wake each other more than they work. It is read when the first request is made.
os.environ.setdefault("TOKIO_WORKER_THREADS", "1")


class _Obstore:
    """The verbs of a Store over any store of obstore's."""

    def __init__(self, inner: ObstoreS3 | ObstoreMemory, *, called: str = BUCKET) -> None:
        self._inner = inner
        self._called = called

    def put(
        self,
        key: str,
        data: bytes | Path,
        *,
        content_type: str | None = None,
        cache_control: str | None = None,
        content_encoding: str | None = None,
    ) -> None:
        attributes = _attributes(content_type, cache_control, content_encoding)
        checked(key)
        try:
            obstore.put(self._inner, key, data, attributes=attributes, chunk_size=_PART)
        except (exceptions.BaseError, OSError) as error:
            raise _sentence_for(key, error, self._called) from error

    def get(self, key: str) -> bytes:
        with self._sentences(key):
            return bytes(obstore.get(self._inner, checked(key)).bytes())

    def get_local(self, keys: Iterable[Key]) -> dict[Key, bytes]:  # noqa: ARG002  None of them is local.
        return {}

    def get_to_file(self, key: str, path: Path) -> None:
        # What others wrote is read under whatever name they gave it: logs have keys that are not ours to choose.
        with self._sentences(key):
            result = obstore.get(self._inner, key)
            with path.open("wb") as target:
                for piece in result.stream(min_chunk_size=1 << 20):
                    target.write(memoryview(piece))

    def digest(self, key: str) -> Sha256:
        hashed = hashlib.sha256()
        with self._sentences(key):
            for piece in obstore.get(self._inner, checked(key)).stream(min_chunk_size=1 << 20):
                hashed.update(memoryview(piece))
        return Sha256(hashed.hexdigest())

    def head(self, key: str) -> Stat | None:
        try:
            with self._sentences(key):
                meta = obstore.head(self._inner, checked(key))
        except NotThere:
            return None
        return Stat(key=Key(key), size=meta["size"], modified_at=meta["last_modified"])

    def list(self, folder: str = "") -> Iterator[Stat]:
        prefix = checked(folder) if folder else None
        last: str | None = None
        failures = 0
        while True:
            try:
                for page in obstore.list(self._inner, prefix, offset=last, chunk_size=_PAGE):
                    for meta in page:
                        last = meta["path"]
                        yield Stat(key=Key(last), size=meta["size"], modified_at=meta["last_modified"])
                    failures = 0
            except (exceptions.BaseError, FileNotFoundError) as error:
                # A page that was cut off is not asked for again by obstore: we go on behind what we have.
                problem = _sentence_for(folder, error, self._called)
                failures += 1
                if not isinstance(problem, StoreUnavailable) or failures >= _LIST_TRIES:
                    raise problem from error
            else:
                return

    def delete(self, key: str) -> None:
        try:
            with self._sentences(key):
                obstore.delete(self._inner, checked(key))
        except NotThere:
            return

    def path(self, key: str) -> Path | None:
        checked(key)
        return None

    @contextmanager
    def _sentences(self, key: str) -> Iterator[None]:
        """Turns what obstore raises into a StoreProblem."""
        try:
            yield
        except (exceptions.BaseError, FileNotFoundError) as error:
            raise _sentence_for(key, error, self._called) from error

    def tidy(self) -> int:
        return 0  # A rule of the bucket's own ends uploads that were broken off; see `pictogame bucket init`.


class MemoryStore(_Obstore):
    """Objects in this process, gone with it."""

    def __init__(self) -> None:
        super().__init__(ObstoreMemory())

    def headers(self, key: str) -> dict[str, str]:
        """The headers that the object was put with, for tests."""
        with self._sentences(key):
            return dict(obstore.get(self._inner, checked(key)).attributes)


class S3Store(_Obstore):
    """Objects in a bucket of any S3 API, below `prefix` where one is given."""

    def __init__(
        self,
        bucket: str,
        *,
        prefix: str = "",
        endpoint: str = "",
        region: str = "us-east-1",
        credentials: "Callable[[], S3Credential]",
        called: str = BUCKET,
    ) -> None:
        config: S3Config = {"region": region, "virtual_hosted_style_request": False}
        if endpoint:
            config["endpoint"] = endpoint
        super().__init__(
            ObstoreS3(
                bucket,
                prefix=prefix or None,
                config=config,
                credential_provider=credentials,
                client_options={
                    "user_agent": USER_AGENT,
                    "timeout": timedelta(seconds=REQUEST_SECONDS),
                    "connect_timeout": timedelta(seconds=5),
                    "allow_http": endpoint.startswith("http://"),
                },
                retry_config={"max_retries": 6, "retry_timeout": timedelta(seconds=RETRY_SECONDS)},
            ),
            called=called,
        )

    def delete(self, key: str) -> None:
        """Removes the object for good, and looks that it is gone.

        obstore deletes by a request for many, which it does not repeat when the reply is lost, and whose reply need not
        name the object.
        """
        began = time.monotonic()
        while True:
            try:
                super().delete(key)
                break
            except StoreUnavailable:
                if time.monotonic() - began + _REST_SECONDS >= RETRY_SECONDS:
                    raise
                time.sleep(_REST_SECONDS)
        if self.head(key) is not None:
            raise StoreUnavailable(f"{self._called} says that {key} is deleted, and still has it. It is tried again.")


@lru_cache(maxsize=64)
def _attributes(content_type: str | None, cache_control: str | None, content_encoding: str | None) -> dict[str, str]:
    """What obstore calls headers, to be read only: objects of a kind share them."""
    named = {"Content-Type": content_type, "Cache-Control": cache_control, "Content-Encoding": content_encoding}
    return {name: value for name, value in named.items() if value}


def _sentence_for(key: str, error: Exception, called: str) -> StoreProblem:
    text = str(error)
    if "NoSuchBucket" in text:  # Of a listing it is a GenericError.
        return StoreMissing(f"{called} does not exist yet.")
    if isinstance(error, FileNotFoundError | exceptions.NotFoundError):
        return NotThere(f"There is nothing under {key or 'that folder'}.")
    refused = isinstance(error, exceptions.PermissionDeniedError | exceptions.UnauthenticatedError)
    if refused or any(word in text for word in _REFUSALS):
        return StoreRefused(f"{called} does not accept our credentials or their rights.")
    if isinstance(error, exceptions.GenericError | OSError):
        return StoreUnavailable(f"{called} does not answer as it should. It is tried again by itself.")
    return StoreProblem(f"{called} refuses {key or 'the listing'}.")
