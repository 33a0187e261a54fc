"""What commands say: results on stdout, everything else on stderr; with `--json` exactly one document on stdout."""

import json
import sys


def document(content: object) -> None:
    """Prints the one JSON document of a command."""
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=2) + "\n")
    sys.stdout.flush()


def lines(*texts: str) -> None:
    """Prints lines as they are: addresses and codes must survive a copy, so nothing is wrapped or coloured."""
    sys.stdout.write("".join(f"{text}\n" for text in texts))
    sys.stdout.flush()


def note(sentence: str) -> None:
    """Says something on the side."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
