"""What runs inside a child process: reads requests, derives, answers. Started by `child.py`, never imported by it."""

import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from pictogame.media import vips
from pictogame.media.errors import Refused
from pictogame.media.pipeline import Crop
from pictogame.media.sniff import Kind

MOST_FILE_BYTES = 64_000_000
"""No rendition comes near; a runaway encoder does."""


def main() -> None:
    """Answers each line of standard input with one line, until the input ends: then the parent is gone or wants no
    more."""
    _obey(memory_bytes=int(sys.argv[1]))
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Whatever a decoder prints must not look like an answer.
    vips.prepare()
    for line in sys.stdin:
        request = json.loads(line)
        _allow_cpu(request["cpu_seconds"])
        answers.write(json.dumps(_answer(request)) + "\n")
        answers.flush()


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    path, folder = Path(request["path"]), Path(request["folder"])
    try:
        made = vips.derive(path, Kind(request["kind"]), Crop(*request["crop"]), folder)
    except Refused as refused:
        return {"refused": refused.sentence}
    except MemoryError:
        os.abort()  # As good as dead: the parent refuses the picture and starts a fresh child.
    except Exception as error:  # Folder, disk or encoder: not the picture's fault, and the parent must hear of it.
        return {"failed": f"The renditions could not be made ({error})."}
    return {
        "renditions": [
            {
                "role": rendition.role,
                "media_type": rendition.media_type,
                "width": rendition.width,
                "height": rendition.height,
                "path": str(rendition.path),
            }
            for rendition in made.renditions
        ],
        "colours": made.colours,
    }


def _obey(*, memory_bytes: int) -> None:
    """Takes limits on, and leaves Ctrl-C to the parent, whose end this process sees as the end of its input."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_FILE_BYTES, MOST_FILE_BYTES))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)


def _allow_cpu(seconds: float) -> None:
    """So much processor time of all threads from now on; SIGPROF ends the process after that. A limit of `setrlimit`
    knows whole seconds alone."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


if __name__ == "__main__":
    main()
