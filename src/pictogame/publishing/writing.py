"""Writes objects into the bucket, several at once, and only while there is time to."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import NamedTuple, Protocol

from pictogame.bucket.keys import encode, headers
from pictogame.jobs.leases import Hold
from pictogame.lib.errors import Problem
from pictogame.lib.types import Key, Sha256
from pictogame.publishing.errors import LeaseLost
from pictogame.publishing.wanted import Item
from pictogame.storage import NotThere, Store

THREADS = 8
_READ_BEFOREHAND = 32 << 20
_UNEXPECTED = "Something went wrong that nobody foresaw. It is tried again by itself."
_MISSING = "A prepared picture is missing from the vault. Choose the picture once more, and the game can be published."
_DAMAGED = "A prepared picture in the vault is damaged. Choose the picture once more, and the game can be published."

logger = logging.getLogger(__name__)


class Vault(Protocol):
    """The private store, as the publisher reads it."""

    def read(self, sha256: Sha256) -> bytes:
        """The bytes of that name. Raises NotThere."""

    def read_local(self, hashes: Iterable[Sha256]) -> dict[Sha256, bytes]:
        """The bytes of those names that lie in a folder of this machine; the others are left out."""

    def keep(self, data: bytes) -> Sha256:
        """Keeps the bytes and gives their name."""


class Job(NamedTuple):
    """An object to be written. `game` is the one whose lease allows it; None for what every game may write."""

    key: Key
    item: Item
    game: str | None


def write(
    jobs: Sequence[Job], *, bucket: Store, vault: Vault, pool: ThreadPoolExecutor, hold: Hold, pointer_max_age: int
) -> dict[Key, Problem | LeaseLost]:
    """Puts every object, in threads of `pool`; gives those that failed with the reason. The others are in the bucket.

    The lease is renewed from the calling thread while it lasts. A job is not begun when it could end after the lease.
    """
    failures: dict[Key, Problem | LeaseLost] = {}
    at_hand = _read_beforehand(jobs, vault)
    left = iter(jobs)  # Shared: each thread takes the next one.

    def work() -> None:
        for job in left:
            if failure := _put(job, at_hand, bucket=bucket, vault=vault, hold=hold, pointer_max_age=pointer_max_age):
                failures[job.key] = failure

    threads = min(THREADS, len(jobs))
    if threads < 2:
        work()
        return failures
    running = [pool.submit(work) for _ in range(threads)]
    while wait(running, timeout=hold.renew_seconds).not_done:
        hold.renew()
    for one in running:
        one.result()
    return failures


def _read_beforehand(jobs: Sequence[Job], vault: Vault) -> Mapping[Sha256, bytes]:
    """What a folder vault holds of the bytes, up to a limit; the rest is read where it is written.

    A read is many short calls of the system, and threads that make them at once mostly wait for each other. A vault
    elsewhere is better asked by all threads at once. What can't be read fails again there, where failures are told.
    """
    room = _READ_BEFOREHAND
    sources: list[Sha256] = []
    for item in (job.item for job in jobs):
        if item.data is None and item.source is not None:
            room -= item.size
            if room < 0:
                break
            sources.append(item.source)
    return vault.read_local(sources) if sources else {}


def _put(
    job: Job, at_hand: Mapping[Sha256, bytes], *, bucket: Store, vault: Vault, hold: Hold, pointer_max_age: int
) -> Problem | LeaseLost | None:
    kind = headers(job.key, pointer_max_age=pointer_max_age)
    try:
        data = _bytes_of(job, at_hand, vault)
        if not hold.may_act(job.game):
            return LeaseLost()
        bucket.put(
            job.key,
            data,
            content_type=kind.content_type,
            cache_control=kind.cache_control,
            content_encoding=kind.content_encoding,
        )
    except Problem as problem:
        logger.warning("%s was not written: %s", job.key, problem.sentence, exc_info=problem.__cause__)
        return problem
    except Exception:
        logger.exception("%s was not written.", job.key)
        return Problem(_UNEXPECTED)
    return None


def _bytes_of(job: Job, at_hand: Mapping[Sha256, bytes], vault: Vault) -> bytes:
    item = job.item
    if item.data is not None:
        return item.data
    if item.source is None:
        raise ValueError(f"{job.key} has no bytes.")
    try:
        plain = at_hand.get(item.source)
        data = encode(job.key, vault.read(item.source) if plain is None else plain)
    except NotThere as error:
        raise Problem(_MISSING) from error
    if len(data) != item.size:
        raise Problem(_DAMAGED)
    return data
