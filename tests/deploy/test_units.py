"""What deploy/ ships can be installed as it is: units that systemd takes, commands that exist, a proxy that starts."""

import configparser
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from pictogame.cli.app import app
from pictogame.publishing.server import nginx_binary

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
TIMERS = sorted((DEPLOY / "systemd").glob("*.timer"))
INSTALLED = "/opt/pictogame"


def _read(unit: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # Names of units are as they are written.
    parser.read(unit, encoding="utf-8")
    return parser


def test_there_is_a_unit_for_every_part() -> None:
    assert {unit.stem for unit in UNITS} >= {
        f"pictogame-{part}" for part in ("studio", "publisher", "worker", "bucket", "stats", "backup", "health")
    }


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_the_command_of_each_unit_exists(unit: Path) -> None:
    program, *arguments = _read(unit)["Service"]["ExecStart"].split()
    assert program.startswith(INSTALLED)
    if program.endswith("/pictogame"):
        group = get_command(app)
        with group.make_context("pictogame", [*arguments, "--help"], resilient_parsing=True):
            pass
        command = group
        for name in arguments:
            below = getattr(command, "commands", {})
            if not below:
                break
            assert name in below
            command = below[name]
        options = {option for parameter in command.params for option in parameter.opts}
        assert {name for name in arguments if name.startswith("--")} <= options
    else:
        script = ROOT / Path(program).relative_to(INSTALLED)
        assert os.access(script, os.X_OK)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_each_unit_runs_as_nobody_in_particular_and_writes_where_it_may(unit: Path) -> None:
    service = _read(unit)["Service"]
    assert service["User"] == "pictogame"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert "/var/lib/pictogame" in service["ReadWritePaths"].split()


@pytest.mark.parametrize("timer", TIMERS, ids=lambda timer: timer.stem)
def test_each_timer_has_its_unit(timer: Path) -> None:
    assert timer.with_suffix(".service") in UNITS
    assert _read(timer)["Timer"]["OnCalendar"]


def test_systemd_takes_them(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return  # A machine without systemd has nothing to install them in; they were read above.
    (tmp_path / "true").symlink_to("/bin/true")
    for unit in (*UNITS, *TIMERS):
        text = unit.read_text(encoding="utf-8")
        lines = [
            f"ExecStart={tmp_path}/true" if line.startswith("ExecStart=") else line
            for line in text.replace("User=pictogame\nGroup=pictogame\n", "").splitlines()
        ]
        (tmp_path / unit.name).write_text("\n".join(lines) + "\n")
    names = [str(tmp_path / unit.name) for unit in (*UNITS, *TIMERS)]
    done = subprocess.run([analyze, "verify", "--man=no", *names], capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "pictogame" in line]
    assert complaints == []


def test_nginx_takes_the_studios_server(tmp_path: Path) -> None:
    config = tmp_path / "nginx.conf"
    config.write_text(
        f"pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}} http {{ "
        f"include {DEPLOY}/nginx/studio.conf; }}"
    )
    done = subprocess.run(
        [nginx_binary(), "-t", "-p", str(tmp_path), "-c", str(config)], capture_output=True, text=True, check=False
    )
    assert "syntax is ok" in done.stderr, done.stderr


def test_a_nightly_backup_shares_with_the_last_and_removes_the_old(tmp_path: Path) -> None:
    said = tmp_path / "said"
    command = tmp_path / "pictogame"
    command.write_text(f'#!/bin/sh\necho "$@" >>{said}\nmkdir -p "$2"\necho {{}} >"$2/backup.json"\n')
    command.chmod(0o755)
    folder = tmp_path / "backups"
    for name, whole in (("2020-01-01T000000", True), ("2020-01-02T000000", True), ("2020-01-03T000000", False)):
        (folder / name).mkdir(parents=True)
        if whole:
            (folder / name / "backup.json").touch()
        os.utime(folder / name, (0, 0))
    (folder / "kept-by-hand").mkdir()
    done = subprocess.run(
        [DEPLOY / "nightly-backup", folder, "30"],
        env={**os.environ, "PICTOGAME_COMMAND": str(command)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert said.read_text().endswith(f"--like {folder}/2020-01-02T000000\n")
    left = sorted(path.name for path in folder.iterdir())
    assert left[-1] == "kept-by-hand"
    assert len(left) == 2
    assert not left[0].startswith("2020")
