"""`pictogame bucket init` and `pictogame bucket check`: each step told as it is done."""

from collections.abc import Iterator

from pictogame.cli import saying
from pictogame.cli.exits import Ended, Exit
from pictogame.publishing import bucket_check
from pictogame.publishing.bucket_check import Step


def init(*, machine: bool) -> None:
    """Makes the bucket ready. Raises Ended when a step fails."""
    _tell(bucket_check.init(), machine=machine, failed="The bucket is not as it should be yet.")


def check(*, machine: bool) -> None:
    """Looks at the bucket as a browser does. Raises Ended when something is wrong."""
    _tell(bucket_check.check(), machine=machine, failed="The bucket can't serve games like this.")


def _tell(steps: Iterator[Step], *, machine: bool, failed: str) -> None:
    done: list[dict[str, object]] = []
    for step in steps:
        done.append({"what": step.what, "ok": step.ok, "why": step.why})
        if not machine:
            saying.lines(f"{'ok ' if step.ok else 'NO '} {step.what}{f': {step.why}' if step.why else ''}")
    if not all(one["ok"] for one in done):
        raise Ended(failed, Exit.PROBLEM, steps=done)
    if machine:
        saying.document({"steps": done})
