"""Why a picture can't be used, each in one sentence that its creator reads."""

from pictogame.lib.errors import Problem


class Refused(Problem):
    """This picture can never be used as it is: trying again gives the same answer."""

    def __init__(self, sentence: str, *, kind: str = "other") -> None:
        """`kind` is the word under which it is counted."""
        super().__init__(sentence)
        self.kind = kind


class Retry(Problem):
    """It was not the picture's fault (the machine was busy, a process was ended): the same call may work later."""


class TooMuchSent(Problem):
    """One sender has sent as much as the settings allow within a window."""

    def __init__(self, seconds: int) -> None:
        """`seconds` is how long it takes until there is room again."""
        super().__init__(
            "Your network has sent all it can for now: nothing is lost, "
            f"and this picture is welcome in {_wait(seconds)}."
        )
        self.seconds = seconds


class TooManyCrops(Problem):
    """So many crops of one picture were wanted within a while that no other is made for now."""

    def __init__(self, seconds: int) -> None:
        """`seconds` is how long it takes until another one is made."""
        super().__init__(
            "The spot of this picture was moved very often: nothing is lost, it stays where it was, "
            f"and can be moved again in {_wait(seconds)}."
        )
        self.seconds = seconds


class NoRoom(Problem):
    """The disk of the vault is nearly full: it is the operator who can mend that."""

    def __init__(self) -> None:
        super().__init__(
            "There is no room for another picture just now: nothing is lost, and this one is welcome later."
        )


ORIGINAL_LOST = "It got lost on our side: choose the same file once more, or another picture."
"""What a crop says whose renditions and original are lost. The picture is as good as ever once it is sent again."""

KINDS_SENTENCE = "JPEG, PNG, GIF, WebP, AVIF or HEIC"


def empty() -> Refused:
    return Refused("This file is empty: choose the picture once more.", kind="empty")


def not_a_picture(what: str | None = None) -> Refused:
    """`what` names the kind of file where it is known, with its article: "a web page"."""
    if what is None:
        return Refused(f"This file is not a picture that opens here: try a {KINDS_SENTENCE}.", kind="not_a_picture")
    return Refused(f"This is {what}, not a photograph: try a {KINDS_SENTENCE}.", kind="not_a_picture")


def too_many_bytes(most: int) -> Refused:
    return Refused(
        f"Your picture weighs more than {most // 1_000_000} MB: save it smaller and try again.", kind="too_many_bytes"
    )


def too_many_pixels(width: int, height: int, most: int) -> Refused:
    return Refused(
        f"Your picture has {width:,} x {height:,} pixels, more than {most // 1_000_000} megapixels: "
        "save it smaller and try again.",
        kind="too_many_pixels",
    )


def too_small(width: int, height: int, least: int) -> Refused:
    pixels = "one pixel" if (width, height) == (1, 1) else f"{width} x {height} pixels"
    return Refused(f"Your picture is only {pixels}: choose one with at least {least} on each side.", kind="too_small")


def cut_short() -> Refused:
    return Refused(
        "Your picture stops half-way, as if it was cut off on its way here: send it again.", kind="cut_short"
    )


def damaged() -> Refused:
    return Refused(
        "Your picture is damaged and can't be opened: save it again, as a JPEG for instance, and try that.",
        kind="damaged",
    )


def too_hard() -> Refused:
    return Refused(
        "Your picture is too hard to open: save it again, as a JPEG for instance, and try that.", kind="too_hard"
    )


def _wait(seconds: int) -> str:
    minutes = max(1, -(-seconds // 60))
    if minutes <= 90:
        return "a minute" if minutes == 1 else f"{minutes} minutes"
    return f"{-(-minutes // 60)} hours"
