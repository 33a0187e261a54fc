"""`pictogame stats ingest`: what it says, and the part of `pictogame up` that does it on a timer."""

import json
import multiprocessing
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error

from pictogame.cli import saying
from pictogame.cli.exits import Ended, Exit
from pictogame.jobs import loop
from pictogame.lib.errors import Problem
from pictogame.stats import words

_LONGEST_REST_SECONDS = 900.0
_SHOWN = 5
"""Logs that are named to people of those with something wrong."""
_NAMED = 100
"""And to machines."""


def ingest(places: Sequence[str], *, format_name: str, names: Sequence[str], wait: float, machine: bool) -> None:
    """Reads the logs once. Raises Ended when one of them could not be read to its end."""
    report = _ingest(places, format_name=format_name, names=names, wait=wait)
    said = told(report)
    failed = f"{report.problems[0][0]}: {report.problems[0][1]}" if report.problems else _cut_short(report)
    if not machine:
        saying.lines(*_lines(report))
    if report.stopped:
        raise Ended("Stopped. What was read is counted; the next run goes on from there.", Exit.INTERRUPTED, **said)
    if failed:
        raise Ended(failed, Exit.PROBLEM, **said)
    if machine:
        saying.document(said)


def follow(places: Sequence[str], *, format_name: str, names: Sequence[str], every: float, wait: float) -> None:
    """Reads what is new, again and again, until it is told to stop. What lasts is said once."""
    from pictogame.stats.ingest import ingest as read  # noqa: PLC0415  DuckDB comes with it.

    before: list[object] = []
    """What was wrong the last time."""

    def step() -> bool:
        wrong: list[object]
        try:
            report = read(
                places or logs(),
                format_name=format_name,
                names=names,
                should_stop=stop.is_set,
                wait_seconds=wait,
            )
        except (Problem, Error) as error:
            wrong = [_sentence(error)]
            if wrong != before:
                saying.note(_sentence(error))
        else:
            wrong = [*report.problems, *report.torn]
            if report.lines or (wrong and wrong != before):
                saying.lines(*_lines(report))
        before[:] = wrong
        return False

    with loop.stopped_by_signals() as stop:
        loop.run(step, idle_seconds=every, stop=stop)


def _sentence(error: Problem | Error) -> str:
    if isinstance(error, Problem):
        return error.sentence
    reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
    return f"The database does not answer as it should: {reason}. It is tried again by itself."


def logs() -> list[str]:
    """Where logs are looked for when nobody says where. No shell has read the asterisks of the settings."""
    if settings.STATS_LOGS:
        return [found for place in settings.STATS_LOGS for found in _at(place)]
    return sorted(map(str, (Path(settings.DATA) / "bucket-server").glob("access*.log")))


def _at(place: str) -> list[str]:
    """The files that a name with asterisks stands for; the place itself where there is none, so that it is missed."""
    if "://" in place:
        return [place]
    path = Path(place).expanduser().absolute()
    return sorted(map(str, path.parent.glob(path.name))) or [place]


def part() -> None:
    """Reads what is new every now and then, in a process of its own each time, which keeps no memory."""
    multiprocessing.current_process().name = "stats"
    seen: object = None
    failed = ""
    rest = again_at = 0.0
    with loop.stopped_by_signals() as stop:
        while not stop.wait(settings.STATS_EVERY if seen is not None else min(settings.STATS_EVERY, 5)):
            now = _signature(logs())
            is_same = now is not None and now == seen
            if is_same and not (failed and time.monotonic() >= again_at):
                continue
            problem = _run_once(stop_with=stop.is_set)
            if problem and problem != failed:
                saying.note(f"The logs could not be read: {problem}")
            # A full disk changes no log when it has room again: what failed is tried again, ever less often.
            rest = min(2 * rest, _LONGEST_REST_SECONDS) if problem and is_same else settings.STATS_EVERY
            again_at = time.monotonic() + rest
            seen, failed = now or object(), problem


def _run_once(*, stop_with: Any) -> str:
    """Reads the logs in a process of its own; gives what went wrong, and nothing when all went well."""
    command = [sys.executable, "-m", "pictogame.cli", "stats", "ingest", "--json", "--wait", "30", *logs()]
    child = subprocess.Popen(  # noqa: S603  Our own arguments.
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while True:
        try:
            out, error = child.communicate(timeout=0.5)
            break
        except subprocess.TimeoutExpired:
            if stop_with():
                child.send_signal(signal.SIGTERM)
    if not child.returncode or stop_with():
        return ""
    try:
        return str(json.loads(out)["error"])
    except (ValueError, KeyError, TypeError):
        return (out or error).strip()[:500] or f"The reader ended with {child.returncode}."


def _signature(places: Sequence[str]) -> object:
    """What changes when a log does; None where only looking tells."""
    files: list[tuple[str, int, int]] = []
    for place in places:
        if "://" in place:
            return None
        path = Path(place)
        try:
            for one in sorted(path.rglob("*")) if path.is_dir() else [path]:
                status = one.stat()
                files.append((str(one), status.st_size, status.st_mtime_ns))
        except OSError:
            continue  # The ingest says what is wrong with it.
    return tuple(files)


def _ingest(places: Sequence[str], *, format_name: str, names: Sequence[str], wait: float) -> Any:
    from rich.console import Console  # noqa: PLC0415  The part of `up` has no use for it.
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    from pictogame.stats.ingest import ingest as read  # noqa: PLC0415

    console = Console(stderr=True)
    columns = (
        BarColumn(bar_width=28),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    with loop.stopped_by_signals() as stop, bar:
        task = bar.add_task("", total=None)

        def advance(name: str, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, description=name[-50:])

        return read(
            places or logs(),
            format_name=format_name,
            names=names,
            on_progress=advance,
            should_stop=stop.is_set,
            wait_seconds=wait,
        )


def told(report: Any) -> dict[str, Any]:
    """For machines."""
    return {
        "logs": report.logs,
        "unchanged": report.unchanged,
        "lines": report.lines,
        "counted": report.counted,
        "unknown": report.unknown,
        "foreign": report.foreign,
        "headings": report.headings,
        "overlong": report.overlong,
        "strange_times": report.strange_times,
        "torn": len(report.torn),
        "torn_logs": report.torn[:_NAMED],
        "unended": len(report.unended),
        "unended_logs": report.unended[:_NAMED],
        "bytes": report.bytes,
        "examples": [{"log": log, "line": line} for log, line in report.examples],
        "problems": [{"log": log, "problem": sentence} for log, sentence in report.problems],
        "seconds": round(report.seconds, 3),
    }


def _cut_short(report: Any) -> str:
    """What is said of compressed logs whose end is missing; nothing when there are none."""
    if not report.torn:
        return ""
    one = "A compressed log is" if len(report.torn) == 1 else f"{len(report.torn):,} compressed logs are"
    return f"{one} cut short, and the rest is counted when it comes: {_named(report.torn)}."


def _named(logs: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    more = len(logs) - _SHOWN
    return ", ".join(logs[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def _lines(report: Any) -> list[str]:
    lines = [
        f"{words.many(report.counted, 'request')} counted of {words.many(report.lines, 'new line')} in "
        f"{report.logs - report.unchanged:,} of {words.many(report.logs, 'log')}, {report.seconds:.1f} s."
    ]
    if report.foreign:
        lines.append(
            f"Of another bucket or host, and not counted: {report.foreign:,}. --name NAME counts them as ours."
        )
    if report.strange_times:
        lines.append(f"Of an impossible time, and counted today: {report.strange_times:,}.")
    if report.unended:
        lines.append(f"Without a whole line yet, and counted when it ends: {_named(report.unended)}.")
    if cut_short := _cut_short(report):
        lines.append(cut_short)
    if report.unknown:
        lines.append(f"Lines that could not be read: {report.unknown:,}, such as:")
        lines += [f"  {Path(log).name}: {line}" for log, line in report.examples]
    lines += [f"{log}: {sentence}" for log, sentence in report.problems]
    return lines
