"""Writes objects into the bucket, several at once, and only while there is time to."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from pictogame.bucket.keys import Headers, encode, headers
from pictogame.jobs.leases import Hold
from pictogame.lib import logs
from pictogame.lib.errors import Problem
from pictogame.lib.types import Key, Sha256
from pictogame.publishing.errors import Failure, LeaseLost, RenditionLost
from pictogame.publishing.plan import Wanted
from pictogame.storage import STORE_AWAY, NotThere, Store, StoreUnavailable

THREADS = 8
_READ_BEFOREHAND = 32 << 20
_UNEXPECTED = "Something went wrong that nobody foresaw. It is tried again by itself."
_LOST = "A prepared picture got lost on our side. It is made once more by itself."

_ENOUGH = THREADS
"""So many writes in a row that find no bucket are enough: the rest of a batch would only wait for the same."""
_AWAY = "The bucket does not take anything just now. It is tried again by itself."
_NOT_TAKEN = "The bucket does not take a file of this game. It is tried again; whoever runs this site can see why."

log = logs.named(__name__)


class Vault(Protocol):
    """The private store, as the publisher reads it."""

    def read(self, sha256: Sha256) -> bytes:
        """The bytes of that name. Raises NotThere."""

    def read_local(self, hashes: Iterable[Sha256]) -> dict[Sha256, bytes]:
        """The bytes of those names that lie in a folder of this machine; the others are left out."""

    def digest(self, sha256: Sha256) -> Sha256:
        """The hash of the bytes under that name, which should be their name. Raises NotThere."""

    def keep(self, data: bytes) -> Sha256:
        """Keeps the bytes and gives their name."""


class Job(NamedTuple):
    """An object to be written. `game` is the one whose lease allows it; None for what every game may write."""

    key: Key
    item: Wanted
    game: str | None


@dataclass(slots=True)
class Written:
    """What became of a number of objects: those that are not among the failures are in the bucket."""

    failures: dict[Key, Failure | LeaseLost] = field(default_factory=dict)
    unsure: list[Key] = field(default_factory=list)
    """Those whose write got no answer: the store may yet carry it out, after whatever is written there next."""
    late: list[Key] = field(default_factory=list)
    """Those that were written, or tried, by a process that slept through the end of its lease: by then somebody else
    may have written there, or deleted."""


def write(
    jobs: Sequence[Job], *, bucket: Store, vault: Vault, pool: ThreadPoolExecutor, hold: Hold, pointer_max_age: int
) -> Written:
    """Puts every object, in threads of `pool`.

    The lease is renewed from the calling thread while it lasts. A job is not begun when it could end after the lease.
    When this raises, no thread is at work any more.
    """
    written = Written()
    writer = _Writer(written, bucket=bucket, vault=vault, hold=hold, pointer_max_age=pointer_max_age)
    for some in _portions(jobs):
        left = iter(writer.prepare(some))  # Shared: each thread takes the next one.

        def work(left: Iterator[_Ready] = left) -> None:
            put = writer.put
            for ready in left:
                put(ready)

        threads = min(THREADS, len(some))
        if threads < 2:
            work()
        else:
            _together([pool.submit(work) for _ in range(threads)], hold)
    writer.tell()
    return written


def _portions(jobs: Sequence[Job]) -> Iterator[Sequence[Job]]:
    """The jobs in portions whose bytes from the vault are few enough to be in the processor's cache still when they are
    sent: each is read, hashed for its signature and copied.
    """
    start, size = 0, 0
    for number, job in enumerate(jobs):
        size += job.item.size if job.item.data is None else 0
        if size > _READ_BEFOREHAND:
            yield jobs[start : number + 1]
            start, size = number + 1, 0
    if start < len(jobs):
        yield jobs[start:]


def _together(running: Sequence[Future[None]], hold: Hold) -> None:
    """Waits for threads and renews meanwhile.

    When a renewal fails, nothing more is begun, and it waits all the same.
    """
    try:
        while wait(running, timeout=hold.renew_seconds).not_done:
            hold.renew()
    except BaseException:
        hold.let_go()
        wait(running)
        raise
    for one in running:
        one.result()


def _read_beforehand(jobs: Sequence[Job], vault: Vault) -> Mapping[Sha256, bytes]:
    """What a folder vault holds of the bytes.

    A read is many short calls of the system, and threads that make them at once mostly wait for each other. A vault
    elsewhere is better asked by all threads at once. What can't be read fails again there, where failures are told.
    """
    sources = [job.item.source for job in jobs if job.item.data is None and job.item.source is not None]
    return vault.read_local(sources) if sources else {}


class _Ready(NamedTuple):
    """An object with all that its PUT takes. `data` is None where the bytes are yet to be asked for."""

    job: Job
    data: bytes | None
    kind: Headers


class _Writer:
    """What the threads of one `write` share."""

    def __init__(
        self,
        written: Written,
        *,
        bucket: Store,
        vault: Vault,
        hold: Hold,
        pointer_max_age: int,
    ) -> None:
        self._written = written
        self._bucket = bucket
        self._vault = vault
        self._hold = hold
        self._pointer_max_age = pointer_max_age
        self._away: list[Exception] = []  # In a row; any write that gets through empties it.
        self._errors: list[Exception] = []

    def prepare(self, jobs: Sequence[Job]) -> list[_Ready]:
        """All that can be done before, in the calling thread.

        Threads do in turns whatever Python does between two PUTs, and to wait for a turn costs more than what is done.
        """
        at_hand = _read_beforehand(jobs, self._vault)
        age = self._pointer_max_age
        return [_Ready(job, _at_hand(job, at_hand), headers(job.key, pointer_max_age=age)) for job in jobs]

    def put(self, ready: _Ready) -> None:
        """Writes one object and notes how that ended."""
        job, data, kind = ready
        key, _, game = job
        if len(self._away) >= _ENOUGH:
            self._written.failures[key] = Failure(_AWAY, f"Not tried: {self._away[-1]}", own=False)
            return
        ends = None
        try:
            if data is None:
                data = _fetched(job, self._vault)
            ends = self._hold.begin(game)
            if ends is None:
                self._written.failures[key] = LeaseLost()
                return
            self._bucket.put(
                key,
                data,
                content_type=kind.content_type,
                cache_control=kind.cache_control,
                content_encoding=kind.content_encoding,
            )
            if self._away:
                self._away.clear()
        except Exception as error:  # Told below, once for all that failed alike.
            self._written.failures[key] = self._failure(job, error)
            if ends is not None and isinstance(error, StoreUnavailable):
                self._written.unsure.append(key)
        if ends is not None and not self._hold.ended_in_time(ends, game):
            self._written.late.append(key)

    def _failure(self, job: Job, error: Exception) -> Failure:
        key, source = job.key, job.item.source
        self._errors.append(error)
        if not isinstance(error, Problem):
            return Failure(_UNEXPECTED, f"{key}: {type(error).__name__}: {error}", own=not isinstance(error, OSError))
        away = isinstance(error, STORE_AWAY)
        if away:
            self._away.append(error)
        sentence = error.sentence
        if key in sentence or (source and source in sentence):
            # Keys are nothing to a creator.
            sentence = _AWAY if away else _NOT_TAKEN
        behind = f" ({error.__cause__})" if error.__cause__ else ""
        lost = source if isinstance(error, RenditionLost) else None
        return Failure(sentence, f"{key}: {error.sentence}{behind}", own=not away, lost=lost)

    def tell(self) -> None:
        """One line in the log for each kind of failure, however many objects it kept out."""
        alike = Counter(type(error) for error in self._errors)
        for kind, count in alike.items():
            first = next(error for error in self._errors if type(error) is kind)
            cause = None if isinstance(first, Problem) else first
            log.warning("not_written", cause=cause, objects=count, problem=kind.__name__, said=str(first))
        untried = len(self._written.failures) - len(self._errors)
        lost = sum(isinstance(failure, LeaseLost) for failure in self._written.failures.values())
        if untried > lost:
            log.warning("not_tried", objects=untried - lost)
        if lost:
            log.warning("lease_lost", objects=lost)


def _at_hand(job: Job, read: Mapping[Sha256, bytes]) -> bytes | None:
    item = job.item
    if item.data is not None or item.source is None:
        return item.data
    plain = read.get(item.source)
    if plain is None:
        return None
    data = encode(job.key, plain)
    return data if len(data) == item.size else None  # Else it is asked for once more, where failures are told.


def _fetched(job: Job, vault: Vault) -> bytes:
    item = job.item
    if item.source is None:
        raise ValueError(f"{job.key} has no bytes.")
    try:
        data = encode(job.key, vault.read(item.source))
    except NotThere as error:
        raise RenditionLost(_LOST) from error
    if len(data) != item.size:
        raise RenditionLost(_LOST)
    return data
