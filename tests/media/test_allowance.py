"""Within what time a sender's files are counted, and how the sentence tells it."""

from datetime import UTC, datetime

import pytest

from pictogame.media import allowance
from pictogame.media.errors import TooMuchSent


@pytest.mark.parametrize(
    ("now", "hours", "begin", "end"),
    [
        ((23, 14, 5), 24, (23, 0), (24, 0)),
        ((23, 14, 5), 6, (23, 12), (23, 18)),
        ((23, 0, 0), 6, (23, 0), (23, 6)),
        ((23, 23, 59), 5, (23, 20), (24, 0)),
        ((30, 23, 59), 1, (30, 23), (31, 0)),
    ],
)
def test_windows_are_as_long_as_the_settings_say_and_end_with_the_day(
    now: tuple[int, int, int], hours: int, begin: tuple[int, int], end: tuple[int, int]
) -> None:
    def at(day: int, hour: int, minute: int = 0) -> datetime:
        return datetime(2026, 8, day, hour, minute, tzinfo=UTC)

    assert allowance.window(at(*now), hours) == (at(*begin), at(*end))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "in a minute."),
        (61, "in 2 minutes."),
        (5399, "in 90 minutes."),
        (5401, "in 2 hours."),
        (86400, "in 24 hours."),
    ],
)
def test_the_sentence_says_how_long_it_takes(seconds: int, words: str) -> None:
    assert TooMuchSent(seconds).sentence.endswith(words)
