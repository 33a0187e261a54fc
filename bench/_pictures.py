"""Which photographs the measurements take."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACES = (ROOT.parent / "shared" / "pictures" / "cameras", ROOT / "fixtures" / "pictures" / "cameras")


def photographs() -> list[Path]:
    """Photographs from cameras: those in the folder BENCH_PICTURES, beside the project, or the reduced ones in it."""
    named = os.environ.get("BENCH_PICTURES")
    places = (Path(named),) if named else PLACES
    for place in places:
        if found := sorted(path for path in place.glob("*") if path.suffix.lower() in {".jpg", ".jpeg", ".heic"}):
            return found
    raise SystemExit(f"No photographs in {', '.join(map(str, places))}: set BENCH_PICTURES to a folder that has some.")
