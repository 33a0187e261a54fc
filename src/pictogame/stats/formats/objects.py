"""Logs of one JSON object a line."""

from pictogame.stats.formats.line import read_csv

SAFE_LINE = "json_valid(line)"


def lines_of(path: str) -> str:
    """SQL for the lines of a file as they are, in the column `line`."""
    return read_csv(path, columns=[("line", "VARCHAR")], delimiter="\x01", quote="")


def text_of(value: object) -> str:
    """A value as DuckDB's `json_extract_string` gives it, where it is no object or list."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else "" if value is None else str(value)
