"""Where logs are looked for."""

from pathlib import Path

from pytest_django import Settings

from pictogame.cli import numbers


def test_the_settings_may_name_logs_with_asterisks_as_no_shell_reads_them(settings: Settings, tmp_path: Path) -> None:
    for name in ("bucket.log", "bucket.log.1", "bucket.log.2.gz", "error.log"):
        (tmp_path / name).touch()
    settings.STATS_LOGS = (f"{tmp_path}/bucket.log*", "s3://logs/bucket*", f"{tmp_path}/none*")
    assert numbers.logs() == [
        *(f"{tmp_path}/{name}" for name in ("bucket.log", "bucket.log.1", "bucket.log.2.gz")),
        "s3://logs/bucket*",
        f"{tmp_path}/none*",
    ]
