"""What people read of commands, variables and exit codes is what there is."""

import re
from collections.abc import Iterator
from pathlib import Path

from typer import Typer
from typer.main import get_command

from pictogame.cli.app import app
from pictogame.cli.exits import Exit

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
COMMANDS = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


def _commands(group: Typer, path: str) -> Iterator[str]:
    for name, command in get_command(group).commands.items():  # type: ignore[attr-defined]
        below = getattr(command, "commands", None)
        if below is None:
            yield f"{path} {name}"
        else:
            yield from (f"{path} {name} {inner}" for inner in below)


def test_every_variable_is_explained() -> None:
    sources = [*(ROOT / "src").rglob("*.py"), *(ROOT / "scripts").glob("*"), ROOT / "Makefile"]
    used = {
        name.removesuffix("_FILE")  # Each variable can be a file.
        for path in sources
        if path.is_file()
        for name in re.findall(r"PICTOGAME_[A-Z_]*[A-Z]", path.read_text(encoding="utf-8"))
    }
    assert used >= {"PICTOGAME_DATA", "PICTOGAME_BUCKET"}
    assert {name for name in used if f"| `{name}` |" not in SETTINGS} == set()


def test_no_variable_is_explained_that_is_not_there() -> None:
    settings = (ROOT / "src/pictogame/config/settings.py").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `(PICTOGAME_[A-Z_]+)` \|", SETTINGS, re.MULTILINE))
    assert {name for name in explained if f'"{name}"' not in settings} == set()


def test_every_command_is_explained() -> None:
    assert {name for name in _commands(app, "pictogame") if f"| `{name}" not in COMMANDS} == set()


def test_every_option_of_make_is_explained() -> None:
    make = get_command(app).commands["make"]  # type: ignore[attr-defined]
    options = {option for parameter in make.params for option in parameter.opts if option.startswith("--")}
    assert {option for option in options if option not in COMMANDS} == set()


def test_every_exit_code_is_explained() -> None:
    assert {code for code in Exit if f"| {code.value} |" not in COMMANDS} == set()
