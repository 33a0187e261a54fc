"""`pictogame bucket init` and `pictogame bucket check`: each step told as it is done."""

from collections.abc import Iterator

from pictogame.cli import saying
from pictogame.cli.exits import Ended, Exit
from pictogame.publishing import bucket_check
from pictogame.publishing.bucket_check import Step

_MARKS = {True: "ok ", False: "NO ", None: "?  "}
"""Before each line; the last is for what could not be asked."""


def init(*, machine: bool) -> None:
    """Makes bucket and vault ready. Raises Ended when a step fails."""
    _tell(bucket_check.init(), machine=machine, failed="Bucket and vault are not as they should be yet.")


def check(*, machine: bool) -> None:
    """Looks at the bucket as a browser does, and at the vault as a stranger. Raises Ended when something is wrong."""
    _tell(bucket_check.check(), machine=machine, failed="Games can't be served, or pictures kept, like this.")


def _tell(steps: Iterator[Step], *, machine: bool, failed: str) -> None:
    done: list[dict[str, object]] = []
    for step in steps:
        done.append({"what": step.what, "ok": step.ok, "why": step.why})
        if not machine:
            saying.lines(f"{_MARKS[step.ok]} {step.what}{f': {step.why}' if step.why else ''}")
    if any(one["ok"] is False for one in done):
        raise Ended(failed, Exit.PROBLEM, steps=done)
    if machine:
        saying.document({"steps": done})
