"""Reads logs and adds what they tell to the sums: each line once, however often, under whatever name it is met.

Sums and progress are written in one transaction, so whatever ends an ingest, the next one goes on where the sums end.
"""

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction

from pictogame.lib.disk import is_full
from pictogame.stats import formats, storing, sums
from pictogame.stats.beginning import Beginning, Beginnings
from pictogame.stats.classify import Ours
from pictogame.stats.engine import Engine
from pictogame.stats.errors import CountedMeanwhile, LostMeanwhile, NoRoom, Unreadable
from pictogame.stats.feed import Feed, Part
from pictogame.stats.flights import Flights
from pictogame.stats.formats.line import LONGEST_LINE, Format
from pictogame.stats.found import Found, find
from pictogame.stats.lane import Lane, Tally
from pictogame.stats.lock import only_ingest
from pictogame.stats.logs import MEANWHILE, Log, known, of_address, read_before, save
from pictogame.stats.models import Address, Source
from pictogame.stats.reading import Stream
from pictogame.stats.report import Report
from pictogame.stats.together import Together
from pictogame.stats.unread import handfuls, sifted
from pictogame.stats.window import Window
from pictogame.storage import StoreProblem

COMMIT_LINES = 8_000_000
COMMIT_SECONDS = 30.0
_COMMIT_BYTES = 4 << 30
"""The same for a large log, whose lines are known only when they were read."""
_MOST_FACTS = 500_000
"""Facts that wait for a transaction: so memory stays flat, however many games there are."""
_COMMIT_LOGS = 2_000
_SMALL = 1 << 20
"""Logs up to this many bytes are read together, many at once."""
_AHEAD = 16
"""Blocks that may be read while rows are written."""
_AT_ONCE = 200
"""Rows of a statement."""

Progress = Callable[[str, int, int], None]
"""Called with the name of a log, its bytes read so far as they are stored, and all bytes of all logs."""


def ingest(
    places: Sequence[str],
    *,
    format_name: str = "",
    names: Sequence[str] = (),
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    wait_seconds: float = 0.0,
    commit_lines: int = COMMIT_LINES,
) -> Report:
    """Reads every log at `places` as far as it was not read before.

    `names` are further names of our bucket. Raises Busy, NoSuchLog, NoRoom, LostMeanwhile, CountedMeanwhile and
    StoreProblem; what was committed until then stays, and the next ingest goes on from there. A log that can't be read
    stops no other.
    """
    one = formats.by_name(format_name) if format_name else None
    with _no_room_told(), only_ingest(wait_seconds=wait_seconds):
        begun = time.monotonic()
        scratch = Path(settings.DATA) / "stats-scratch"
        # An ingest that was killed left logs there, with the addresses of visitors.
        shutil.rmtree(scratch, ignore_errors=True)
        with (
            Engine(
                ours=ours(names),
                now=datetime.now(UTC),
                scratch=scratch,
                memory_mb=settings.STATS_MEMORY_MB,
                threads=settings.STATS_THREADS,
                hours_since=_hours_since(),
            ) as engine,
            Flights(engine.lanes) as flights,
            closing(Window(2 * LONGEST_LINE, scratch=scratch)) as window,
        ):
            work = _Ingest(
                engine,
                flights,
                window,
                one,
                scratch=scratch,
                on_progress=on_progress or (lambda *_: None),
                should_stop=should_stop,
                commit_lines=commit_lines,
            )
            work.run(places)
        sums.forget_hours(_hours_since())
        storing.take_reading()
        work.report.seconds = time.monotonic() - begun
        return work.report


def ours(names: Sequence[str] = ()) -> Ours:
    """Whose requests are counted: those to the bucket of the settings, under every name that it has."""
    bucket, address = urlsplit(settings.BUCKET), urlsplit(settings.BUCKET_URL)
    all_names = {settings.BUCKET_NAME, address.hostname or "", *settings.STATS_NAMES, *names}
    store_prefix = bucket.path.strip("/") if bucket.scheme == "s3" else ""
    address_prefix = address.path.strip("/")
    return Ours(
        names={name.lower() for name in all_names if name},
        store_prefix=f"{store_prefix}/" if store_prefix else "",
        address_prefix=f"{address_prefix}/" if address_prefix else "",
    )


class _Ingest:
    """One run over many logs. Facts gather in the engine until there are enough for a transaction."""

    def __init__(
        self,
        engine: Engine,
        flights: Flights,
        window: Window,
        one: Format | None,
        *,
        scratch: Path,
        on_progress: Progress,
        should_stop: Callable[[], bool],
        commit_lines: int,
    ) -> None:
        self.report = Report()
        self._engine = engine
        self._flights = flights
        self._window = window
        """For small logs: lanes have others."""
        self._beginnings = Beginnings(one, window)
        self._together = Together(engine, flights, self._note)
        self._scratch = scratch
        self._on_progress = on_progress
        self._should_stop = should_stop
        self._commit_lines = commit_lines
        self._logs: dict[Log, None] = {}
        """Those that the next transaction writes, in their order."""
        self._addresses: dict[str, tuple[Found, Log | None]] = {}
        """Where logs were read to their end, or none was found yet."""
        self._met: dict[str, list[Log]] = {}
        """Logs that a file may go on with, by the hash of their head."""
        self._uncommitted = 0
        self._committed_at = time.monotonic()
        self._all = self._before = 0

    def run(self, places: Sequence[str]) -> None:
        found = {one.name: one for place in places for one in find(place)}
        self.report.logs = len(found)
        new, self.report.torn = sifted(list(found.values()))
        self.report.unchanged = len(found) - len(new)
        self._all = sum(one.size for one in new)
        for some in handfuls(new):
            if self.report.stopped:
                break
            self._take_all(some)
        self._commit()

    def _take_all(self, some: Sequence[Found]) -> None:
        """Reads logs. All are opened and looked at first: one question to the database tells which are known."""
        with ExitStack() as held:
            looked: list[tuple[Found, Beginning]] = []
            for found in some:
                with self._told(found):
                    looked.append((found, self._beginnings.look(held.enter_context(found.opened(self._scratch)))))
            self._met = {}
            for log in self._logs:
                self._met.setdefault(log.head.sha256, []).append(log)
            for log in read_before([look.head for _, look in looked if look.head], besides=self._logs):
                self._met.setdefault(log.head.sha256, []).append(log)
            for found, look in looked:
                if self._should_stop():
                    self.report.stopped = True
                    break
                with self._told(found):
                    self._take(found, look)
                self._before += found.size
                if len(self._logs) >= _COMMIT_LOGS:
                    self._commit()

    @contextmanager
    def _told(self, found: Found) -> Iterator[None]:
        """What is wrong with a log is told, and stops no other, but where lines behind it were read already."""
        try:
            yield
        except Unreadable as problem:
            self.report.problems.append((found.name, problem.sentence))
        except LostMeanwhile as problem:
            raise LostMeanwhile(f"{found.name}: {problem.sentence}") from problem
        except FileNotFoundError:
            pass  # It was rotated away; under its other name it is found by the next run.
        except OSError as error:
            self.report.problems.append((found.name, f"It can't be read: {error.strerror or error}."))
        except StoreProblem as problem:
            self.report.problems.append((found.name, problem.sentence))

    def _take(self, found: Found, look: Beginning) -> None:
        file, one, shape, head, torn, unended = look
        if one is None or head is None:
            # Whatever it will be, nothing is lost by waiting.
            if torn:
                self.report.torn.append(found.name)
            elif unended:
                self.report.unended.append(found.name)
            # What is small is looked at again, and told again.
            if found.size > _SMALL or not (torn or unended):
                self._addresses[found.address_sha256] = (found, None)
            return
        met = self._met.setdefault(head.sha256, [])
        log = known(head, file, met=met, one=one, shape=shape)
        is_plain = found.path is not None and not Stream(file).is_packed
        if is_plain and (log is None or found.size < log.done):
            before = of_address(found.address_sha256, met)
            if before is not None and before.was_cut(file, head):
                log, before.one, before.shape = before, one, shape
        if log is None:
            log = Log(found.name, one, shape, head)
            met.append(log)
        # It is shown under the name by which it was met last.
        log.name = found.name
        self._logs[log] = None
        file.seek(0)
        stream = Stream(file)
        stream.skip_to(log.done)
        feed = Feed(file, stream, log, width=self._flights.width)
        if found.size - (0 if stream.is_packed else log.done) <= _SMALL:
            self._take_small(found, log, feed)
        else:
            self._take_large(found, log, feed)
        if not self.report.stopped:
            if is_plain and found.size >= log.done:
                log.ended_in(file)
            self._ended(log, stream, found)

    def _take_small(self, found: Found, log: Log, feed: Feed) -> None:
        """Puts a log's lines to those that are read together, as soon as there are enough."""
        while not self.report.stopped and (taken := feed.take(self._window)):
            part, data = taken
            self._passed(found, log, part)
            self._together.wait(log, data)
            if self._is_due():
                self._commit()
                self._logs[log] = None
            self.report.stopped = self._should_stop()

    def _take_large(self, found: Found, log: Log, feed: Feed) -> None:
        """Has a log read by all lanes at once, also while rows are written."""

        def work(lane: Lane) -> tuple[Part, Tally] | None:
            return feed.work(self._engine, lane)

        def landed(result: tuple[Part, Tally] | None) -> None:
            if result:
                self._passed(found, log, result[0])
                self._note(log, result[1])

        def go_on() -> None:
            while not (feed.ended or feed.is_due) and len(self._flights) < _AHEAD:
                self._flights.start(work, landed)

        def begin() -> None:
            feed.allow(_COMMIT_BYTES)
            go_on()

        try:
            feed.allow(_COMMIT_BYTES)
            if not self._engine.knows(log.one):
                # Most of the texts that a log repeats are learned of its first block, by one lane for all.
                self._flights.start(work, landed)
                self._flights.land_all()
            while True:
                if feed.is_due or self._is_due():
                    feed.hold()
                    self._flights.land_all()
                    self._commit(meanwhile=begin)
                    self._logs[log] = None
                    if feed.held:
                        feed.allow(_COMMIT_BYTES)
                self.report.stopped = self._should_stop()
                if self.report.stopped:
                    break
                go_on()
                if not self._flights:
                    break
                self._flights.land()
        finally:
            feed.hold()
            self._flights.land_all()

    def _passed(self, found: Found, log: Log, part: Part) -> None:
        log.passed(done=part.done, tail=part.tail, shape=part.shape)
        others = part.headings + part.overlong
        self._note(log, Tally(lines=others, unknown=part.overlong, headings=part.headings, example=part.example))
        self.report.overlong += part.overlong
        self.report.bytes += part.size
        self._on_progress(found.name, self._before + min(part.at, found.size), self._all)

    def _is_due(self) -> bool:
        """Whether it is time for a transaction."""
        late = time.monotonic() - self._committed_at > COMMIT_SECONDS
        return self._uncommitted >= self._commit_lines or late or self._is_full()

    def _is_full(self) -> bool:
        """Whether there are too many facts to go on."""
        return self._engine.facts > _MOST_FACTS

    def _ended(self, log: Log, stream: Stream, found: Found) -> None:
        rest = bool(stream.torn)
        if stream.broken:
            log.state, log.problem = Source.State.FAILED, "It is damaged: what stands before is counted."
            self.report.problems.append((found.name, log.problem))
            return
        log.state = Source.State.TORN if rest else Source.State.READ
        log.problem = ""
        if rest:
            self.report.torn.append(found.name)
        self._addresses[found.address_sha256] = (found, log)

    def _note(self, log: Log, tally: Tally) -> None:
        self._uncommitted += tally.lines
        self.report.note(log, tally)

    def _remember(self) -> None:
        rows = [
            Address(
                address_sha256=sha256,
                size=found.size,
                modified_at=found.modified_at,
                source=log.source if log else None,
            )
            for sha256, (found, log) in sorted(self._addresses.items())
        ]
        Address.objects.bulk_create(
            rows,
            batch_size=_AT_ONCE,
            update_conflicts=True,
            unique_fields=["address_sha256"],
            update_fields=["size", "modified_at", "source"],
        )

    def _commit(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Writes sums and progress, both or neither. Lanes go on when `meanwhile` is called, if they may."""
        self._together.read()
        self._flights.land_all()
        with self._engine.cut() as may_go_on:
            any_lines, self._uncommitted = self._uncommitted, 0
            if may_go_on:
                # What they read is noted when it lands: the transaction says nothing of it.
                meanwhile()
            rows = sums.of(self._engine, hours_since=_hours_since()) if any_lines else []
            try:
                with transaction.atomic():
                    for some in rows:
                        sums.add(some)
                    save(list(self._logs))
                    self._remember()
            except IntegrityError as error:
                raise CountedMeanwhile(MEANWHILE) from error
        self._logs, self._addresses = {}, {}
        self._committed_at = time.monotonic()


@contextmanager
def _no_room_told() -> Iterator[None]:
    try:
        yield
    except (DatabaseError, OSError) as error:
        if not is_full(error, Path(settings.DATA)):
            raise
        raise NoRoom(
            "The disk of the database is full. What was counted before stays; run it again when there is room."
        ) from error


def _hours_since() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=settings.STATS_HOURLY_DAYS)
