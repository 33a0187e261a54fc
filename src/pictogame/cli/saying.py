"""What commands say: results on stdout, everything else on stderr; with `--json` exactly one document on stdout."""

import json
import sys


def document(content: object) -> None:
    """Prints the one JSON document of a command."""
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=2) + "\n")
    sys.stdout.flush()


class Growing:
    """One JSON document whose list grows while the work goes on: nothing is held until the end.

    It is whole however the work ends: `end` closes it with whatever else there is to say.
    """

    def __init__(self, name: str) -> None:
        self._begun = False
        self._name = name

    def add(self, entry: object) -> None:
        """Prints another entry of the list."""
        sys.stdout.write(",\n" if self._begun else f"{{\n{json.dumps(self._name)}: [\n")
        sys.stdout.write(json.dumps(entry, ensure_ascii=False))
        self._begun = True

    def end(self, **more: object) -> None:
        """Closes the list and the document."""
        sys.stdout.write("\n" if self._begun else f"{{\n{json.dumps(self._name)}: [")
        sys.stdout.write("]")
        for name, value in more.items():
            sys.stdout.write(f",\n{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}")
        sys.stdout.write("\n}\n")
        sys.stdout.flush()


def lines(*texts: str) -> None:
    """Prints lines as they are: addresses and codes must survive a copy, so nothing is wrapped or coloured."""
    sys.stdout.write("".join(f"{text}\n" for text in texts))
    sys.stdout.flush()


def note(sentence: str) -> None:
    """Says something on the side."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
