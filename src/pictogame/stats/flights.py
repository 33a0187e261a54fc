"""Work that threads do, each with a lane of its own, and what is done with its results by the thread that asked."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self, TypeVar

from pictogame.stats.lane import Lane

Done = TypeVar("Done")


class Flights:
    """Work under way, in the order in which it was begun. Use it in a `with`: nothing goes on after its end."""

    def __init__(self, lanes: tuple[Lane, ...]) -> None:
        self.width = len(lanes)
        self._threads = ThreadPoolExecutor(len(lanes), thread_name_prefix="stats-lane")
        self._free: SimpleQueue[Lane] = SimpleQueue()
        for lane in lanes:
            self._free.put(lane)
        self._flights: deque[tuple[Future[Any], Callable[[Any], None]]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    def __len__(self) -> int:
        return len(self._flights)

    def start(self, work: Callable[[Lane], Done], then: Callable[[Done], None]) -> None:
        """Begins it as soon as a lane is free; `then` is called by `land`."""
        self._flights.append((self._threads.submit(self._with_lane, work), then))

    def land(self) -> None:
        """Waits for what was begun first, and does with its result what was to be done. Raises what it raised."""
        future, then = self._flights.popleft()
        then(future.result())

    def land_all(self) -> None:
        """The same for all. Raises what the first of them raised, when none is under way any more."""
        problem: Exception | None = None
        while self._flights:
            try:
                self.land()
            except Exception as error:
                problem = problem or error
        if problem:
            raise problem

    def _with_lane(self, work: Callable[[Lane], Done]) -> Done:
        lane = self._free.get()
        try:
            return work(lane)
        finally:
            self._free.put(lane)
