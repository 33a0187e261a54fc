"""What an ingest says of itself at its end."""

from dataclasses import dataclass, field

from pictogame.stats.lane import Tally
from pictogame.stats.logs import Log
from pictogame.stats.masking import masked

_EXAMPLES = 5


@dataclass(slots=True)
class Report:
    """What an ingest did."""

    logs: int = 0
    """All that were found."""
    unchanged: int = 0
    """Those that are counted to their end already."""
    lines: int = 0
    """New lines, of which the next five tell; what is left is counted."""
    unknown: int = 0
    foreign: int = 0
    headings: int = 0
    overlong: int = 0
    """Among the unknown."""
    strange_times: int = 0
    """Counted lines of an impossible time, on today's date."""
    bytes: int = 0
    """Of those lines, uncompressed."""
    torn: list[str] = field(default_factory=list)
    """Compressed logs that are cut short: what is there is counted, the rest when it comes."""
    unended: list[str] = field(default_factory=list)
    """Logs without a whole line: the first is being written, and counted when it ends."""
    examples: list[tuple[str, str]] = field(default_factory=list)
    """Some unknown lines, masked, with the name of their log."""
    problems: list[tuple[str, str]] = field(default_factory=list)
    """Logs that could not be read to their end, each with a sentence."""
    stopped: bool = False
    seconds: float = 0.0

    @property
    def counted(self) -> int:
        """Lines that are in the sums."""
        return self.lines - self.unknown - self.foreign - self.headings

    def note(self, log: Log, tally: Tally) -> None:
        """Adds what became of some lines of a log, here and there."""
        log.lines += tally.lines
        self.lines += tally.lines
        log.unknown += tally.unknown
        log.foreign += tally.foreign
        log.strange += tally.strange
        self.unknown += tally.unknown
        self.foreign += tally.foreign
        self.headings += tally.headings
        self.strange_times += tally.strange
        if tally.unknown:
            log.example = masked(tally.example)
            if len(self.examples) < _EXAMPLES:
                self.examples.append((log.name, log.example))
