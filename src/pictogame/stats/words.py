"""Amounts as people read them. Pure."""

from datetime import date

_UNITS = ("bytes", "KB", "MB", "GB", "TB", "PB")


def count(number: int) -> str:
    """With a comma at every thousand.

    >>> count(1234567)
    '1,234,567'
    """
    return f"{number:,}"


def many(number: int, one: str, more: str = "") -> str:
    """A number with its noun; `more` is the plural where an s does not make it.

    >>> many(1, "request"), many(1200, "request"), many(1, "first play")
    ('1 request', '1,200 requests', '1 first play')
    """
    return f"{count(number)} {one if number == 1 else more or one + 's'}"


def weight(number: int) -> str:
    """Bytes in the unit that fits, of 1,000 each.

    >>> weight(0), weight(999), weight(49_812), weight(1_250_000_000)
    ('0 bytes', '999 bytes', '49.8 KB', '1.25 GB')
    """
    amount, unit = float(number), 0
    while amount >= 999.5 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    if unit == 0:
        return f"{number} byte{'s' if number != 1 else ''}"
    return f"{amount:.3g} {_UNITS[unit]}" if amount < 100 else f"{amount:.0f} {_UNITS[unit]}"


def part(of: int, whole: int) -> str:
    """A share in percent; what is more than nothing is never told as nothing.

    >>> part(1, 3), part(1, 1000), part(0, 5), part(5, 5), part(0, 0)
    ('33 %', 'under 1 %', '0 %', '100 %', '0 %')
    """
    if not of or not whole:
        return "0 %"
    return f"{100 * of / whole:.0f} %" if 100 * of >= whole else "under 1 %"


def day(when: date) -> str:
    """A day without its year.

    >>> day(date(2026, 11, 3))
    '3 Nov'
    """
    return f"{when.day} {when:%b}"


def month(when: date) -> str:
    """A month with its year.

    >>> month(date(2026, 11, 1))
    'Nov 2026'
    """
    return f"{when:%b %Y}"


def days(first: date, last: date) -> str:
    """A span of days with its year.

    >>> days(date(2026, 11, 3), date(2026, 11, 30)), days(date(2025, 12, 3), date(2026, 1, 2))
    ('3 to 30 Nov 2026', '3 Dec 2025 to 2 Jan 2026')
    """
    if first.year != last.year:
        return f"{day(first)} {first.year} to {day(last)} {last.year}"
    begin = str(first.day) if first.month == last.month else day(first)
    return f"{begin} to {day(last)} {last.year}"


def hour(number: int) -> str:
    """An hour of the day.

    >>> hour(9), hour(23)
    ('9:00 to 10:00', '23:00 to 24:00')
    """
    return f"{number}:00 to {number + 1}:00"
