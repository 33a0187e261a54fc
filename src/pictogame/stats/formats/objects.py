"""Logs of one JSON object a line."""

from pictogame.stats.formats.line import read_csv

SAFE_LINE = "json_valid(line)"


def lines_of(path: str) -> str:
    """SQL for the lines of a file as they are, in the column `line`."""
    source = read_csv(path, columns=1, delimiter="\x01")
    return f"(SELECT c0 AS line FROM {source})"


def text_of(value: object) -> str:
    """A value as DuckDB's `json_extract_string` gives it, where it is no object or list."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else "" if value is None else str(value)
