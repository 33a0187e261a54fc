"""Logs of one JSON object a line."""

from collections.abc import Sequence

NO_DELIMITER = "\x01"
"""What no line of JSON holds: so a line is one part."""


def extracted(source: str, paths: Sequence[str]) -> str:
    """SQL that adds to lines, `c0` of the SQL `source`, the texts at these JSON paths as the list `v`."""
    return f"SELECT *, CASE WHEN json_valid(c0) THEN json_extract_string(c0, {list(paths)}) END AS v FROM ({source})"


def text_of(value: object) -> str:
    """A value as DuckDB's `json_extract_string` gives it, where it is no object or list."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else "" if value is None else str(value)
