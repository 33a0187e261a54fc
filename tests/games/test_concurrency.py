"""Two tabs, two workers, a double click: nothing is lost and nothing is made twice, on both databases."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.games.rush import HANDS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.servers, pytest.mark.xdist_group("postgresql")])]
)
def said(request: pytest.FixtureRequest, tmp_path: Path, runtime_dist: Path) -> Any:
    """What came of the rush."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PICTOGAME_")}
    environment |= {
        "PICTOGAME_DATA": str(tmp_path),
        "PICTOGAME_RUNTIME": str(runtime_dist),
        "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
    }
    if request.param == "postgresql":
        environment["PICTOGAME_DATABASE_URL"] = request.getfixturevalue("postgresql")
    command = [sys.executable, "-m", "tests.games.rush"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_many_hands_on_one_game_lose_nothing(said: Any) -> None:
    assert said["same picture"] == {"done": 1, "AlreadyThere": HANDS - 1}
    assert said["other pictures"] == {"done": HANDS}
    assert said["positions"] == list(range(HANDS + 1))
    assert said["last places"] == {"done": 12 - HANDS - 1, "SlotFull": HANDS - (12 - HANDS - 1)}
    assert said["cards"] == 12
    assert said["crops"] == 1
    assert said["publish"] == {"done": HANDS}
    assert said["revisions"] == 1
    assert said["drafts"] == {"done": HANDS}
    assert (said["open"], said["copied"]) == (1, 12)
    assert said["words"] == {"done": HANDS}
    assert said["kept"] == ["T", "M"]
    assert said["publish while publishing"] == {"done": HANDS}
    assert said["still due"] is True
    assert said["wanted is newest"] is True
    assert set(said["delete while changing"]) <= {"done", "NotFound"}
    assert said["words left"] == []
    assert said["crop in two hands"] == 1
