"""How long a name stays shut after wrong passwords, and how creators' accounts are told from operators'."""

CREATOR = "creator:"
"""How the user name of a creator begins. No operator's name can hold a colon."""
UNCONFIRMED_DAYS = 7
"""An account whose e-mail address nobody confirmed is forgotten after so many days."""

FREE = 5
"""So many wrong passwords cost nothing: people mistype."""
LONGEST_SECONDS = 900
FORGOTTEN_AFTER_SECONDS = 86_400
"""A name that nobody tried for so long begins anew."""


def shut_seconds(failures: int) -> int:
    """Seconds for which a name is shut after so many wrong passwords: doubling, a quarter of an hour at most.

    Some hundred guesses a day are left to whoever knows a name.

    >>> [shut_seconds(count) for count in (4, 5, 6, 7, 40)]
    [0, 1, 2, 4, 900]
    """
    return 0 if failures < FREE else min(2 ** min(failures - FREE, 16), LONGEST_SECONDS)
