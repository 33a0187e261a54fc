"""Where logs are looked for, and what is said of them."""

import gzip
from pathlib import Path

import pytest
from pytest_django import Settings
from tests.stats.cast import s3_line, write

from pictogame.cli import numbers
from pictogame.cli.exits import Ended, Exit


def ingest(place: Path) -> None:
    """The command, for people."""
    numbers.ingest([str(place)], format_name="", names=[], wait=0, machine=False)


@pytest.mark.django_db
def test_compressed_logs_that_are_cut_short_are_named_and_end_with_1(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(7):
        lines = b"".join(s3_line(number=100 * number + at) for at in range(50))
        write(data / "logs" / f"{number}.gz", [gzip.compress(lines)[:-20]])
    for _ in range(2):
        with pytest.raises(Ended, match=r"^7 compressed logs are cut short.*0\.gz, .*4\.gz and 2 more\.$") as ended:
            ingest(data / "logs")
        assert ended.value.code == Exit.PROBLEM
        assert (ended.value.more["torn"], len(ended.value.more["torn_logs"])) == (7, 7)  # type: ignore[arg-type]
        assert "0.gz, " in capsys.readouterr().out


@pytest.mark.django_db
def test_a_log_whose_first_line_is_being_written_is_named_and_ends_well(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(data / "logs" / "access.log", [s3_line()[:-1]])
    ingest(data / "logs")
    assert "Without a whole line yet, and counted when it ends: " in capsys.readouterr().out


def test_the_settings_may_name_logs_with_asterisks_as_no_shell_reads_them(settings: Settings, tmp_path: Path) -> None:
    for name in ("bucket.log", "bucket.log.1", "bucket.log.2.gz", "error.log"):
        (tmp_path / name).touch()
    settings.STATS_LOGS = (f"{tmp_path}/bucket.log*", "s3://logs/bucket*", f"{tmp_path}/none*")
    assert numbers.logs() == [
        *(f"{tmp_path}/{name}" for name in ("bucket.log", "bucket.log.1", "bucket.log.2.gz")),
        "s3://logs/bucket*",
        f"{tmp_path}/none*",
    ]
