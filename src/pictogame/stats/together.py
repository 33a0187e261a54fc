"""Small logs, of which many are read as if they were one, and each is told what is odd in it."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pictogame.stats.engine import Engine
from pictogame.stats.flights import Flights
from pictogame.stats.formats.line import Shape
from pictogame.stats.lane import Lane, Tally, Verdict
from pictogame.stats.logs import Log

_TOGETHER = 24 << 20
"""Bytes of small logs that are read as one."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Lines of a log that wait to be read together with others."""

    log: Log
    shape: Shape
    data: bytes


class Together:
    """Lines that wait until there are enough of them."""

    def __init__(self, engine: Engine, flights: Flights, note: Callable[[Log, Tally], None]) -> None:
        """`note` is called with what became of the lines of a log, once they were read."""
        self._engine = engine
        self._flights = flights
        self._note = note
        self._pieces: list[_Piece] = []
        self._waiting = 0
        """Bytes in `_pieces`."""

    def wait(self, log: Log, data: memoryview) -> None:
        """Lets lines of a log wait for others."""
        if not data:
            return
        if self._pieces and (self._pieces[0].log.one, self._pieces[0].shape) != (log.one, log.shape):
            self.read()
        # Lines are told by what they are, so their ends must be what the engine makes of them.
        piece = bytes(data).replace(b"\r\n", b"\n")
        self._pieces.append(_Piece(log, log.shape, piece))
        self._waiting += len(piece)
        if self._waiting > _TOGETHER:
            self.read()

    def read(self) -> None:
        """Has the small pieces that wait read as if they were one log, and each log told what is odd in it."""
        pieces, self._pieces, self._waiting = self._pieces, [], 0
        if not pieces:
            return
        one, shape = pieces[0].log.one, pieces[0].shape

        def work(lane: Lane) -> Mapping[bytes, Verdict]:
            joined = b"".join(piece.data for piece in pieces)
            return self._engine.add(memoryview(joined), one=one, shape=shape, tell=True, lane=lane).told

        def landed(told: Mapping[bytes, Verdict]) -> None:
            for piece in pieces:
                self._note_piece(piece, told)

        while len(self._flights) >= self._flights.width:
            self._flights.land()
        self._flights.start(work, landed)

    def _note_piece(self, piece: _Piece, told: Mapping[bytes, Verdict]) -> None:
        lines = piece.data[:-1].split(b"\n")
        odd = [(line, told[line]) for line in lines if line in told] if told else []
        verdicts = Counter(verdict for _, verdict in odd)
        self._note(
            piece.log,
            Tally(
                lines=len(lines),
                unknown=verdicts["unknown"],
                foreign=verdicts["foreign"],
                headings=verdicts["heading"],
                strange=verdicts["strange"],
                example=next((line for line, verdict in odd if verdict == "unknown"), b""),
            ),
        )
