"""Asks atheris for files that the header checks can't stand.

`python -m tests.media.corpus.fuzz_headers FOLDER [-runs=200000 -seed=1 -max_total_time=60 …]`: writes the seeds into
FOLDER, begins with them, and ends with libFuzzer's exit code: 0 when nothing was found. A file that was found is
written beside where it runs, and its name is printed.
"""

import io
import sys
from pathlib import Path

import atheris  # type: ignore[import-untyped]

with atheris.instrument_imports(include=["pictogame.media.sniff", "pictogame.media.isobmff"]):
    from pictogame.media import isobmff, sniff

from tests.media.corpus.seeds import seeds

from pictogame.media.errors import Refused

LONGEST_SEED = 12_000
MOST_READS = 4 * max(sniff.MOST_SEGMENTS, isobmff.MOST_BOXES, sniff.MOST_BYTES // 128)


class Counted(io.BytesIO):
    """A file that counts how often it is read."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        return super().read(size)


def look(data: bytes) -> None:
    """Either a header that makes sense or a refusal with a sentence; anything else is an error."""
    file = Counted(data)
    try:
        header = sniff.read_header(file)
    except Refused as refused:
        if not refused.sentence.endswith((".", "!")):
            raise AssertionError(f"No sentence: {refused.sentence!r}") from refused
    else:
        if min(header.width, header.height) < sniff.LEAST_SIDE or header.width * header.height > sniff.MOST_PIXELS:
            raise AssertionError(f"Taken: {header}")
    if file.reads > MOST_READS:
        raise AssertionError(f"Read {file.reads} times")


def main(folder: Path, options: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in seeds().items():
        (folder / name).write_bytes(data[:LONGEST_SEED])
    atheris.Setup([sys.argv[0], str(folder), *options], look)
    atheris.Fuzz()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
