"""Runs every measurement, prints what each found, and writes build/bench.json.

Each measurement is a script of its own, `python -m bench.<name> --json FILE`, so that one alone can be run again.
Its JSON holds a list `rows` of {"what", "value", "unit", "limit", "better": "lower"|"higher"}; `limit` is null where
nothing is promised.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SECONDS = 1200


def measurements() -> list[str]:
    """The names of the scripts in this folder, in the order in which they run."""
    return sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith(("_", "train_", "part_")))


def holds(row: dict[str, object]) -> bool | None:
    """Whether a row keeps its promise; None where nothing is promised."""
    limit, value = row.get("limit"), row.get("value")
    if not isinstance(limit, int | float) or not isinstance(value, int | float):
        return None
    return value <= limit if row.get("better") == "lower" else value >= limit


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    # Not `choices`, which would refuse to have none of them.
    parser.add_argument("names", nargs="*", help=f"of {', '.join(measurements())}; all when none is named")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "bench.json")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.names) - set(measurements())):
        parser.error(f"There is no measurement {', '.join(unknown)}: they are {', '.join(measurements())}.")
    console = Console()
    folder = ROOT / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, object] = {}
    broken = 0
    for name in arguments.names or measurements():
        out = folder / f"{name}.json"
        out.unlink(missing_ok=True)
        console.print(f"[bold]{name}[/] …")
        run = subprocess.run(
            [sys.executable, "-m", f"bench.{name}", "--json", str(out)],
            cwd=ROOT,
            timeout=SECONDS,
            check=False,
            stdout=sys.stderr,
        )
        if run.returncode or not out.exists():
            console.print(f"[red]{name} failed with exit code {run.returncode}[/]")
            broken += 1
            continue
        result = json.loads(out.read_text())
        found[name] = result
        table = Table(title=name, title_justify="left")
        for heading in ("what", "value", "unit", "promised", ""):
            table.add_column(heading, justify="right" if heading in {"value", "promised"} else "left")
        for row in result["rows"]:
            kept = holds(row)
            sign = {True: "holds", False: "[red]missed[/]", None: ""}[kept]
            mark = {"lower": "at most ", "higher": "at least "}.get(str(row.get("better")), "")
            limit = "" if row.get("limit") is None else f"{mark}{row['limit']}"
            table.add_row(row["what"], str(row["value"]), row.get("unit", ""), limit, sign)
        console.print(table)
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.machine()}
    document = {"measured_at": datetime.now(tz=UTC).isoformat(timespec="seconds"), "machine": machine, "found": found}
    arguments.json.write_text(json.dumps(document, indent=2) + "\n")
    console.print(f"Written to {arguments.json}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
