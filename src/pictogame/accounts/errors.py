"""What can be wrong with an account, each in one sentence."""

from pictogame.lib.errors import Problem


class NameTaken(Problem):
    """There is an operator of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is an operator {name} already: `pictogame operator password {name}` sets a new password."
        )


class BadName(Problem):
    """A name that nobody could type."""

    def __init__(self) -> None:
        super().__init__("A name has up to 150 letters, digits and @ . + - _, and nothing else.")


class BadPassword(Problem):
    """A password that would be guessed."""


class NoOperator(Problem):
    """Nobody of that name works here."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no operator {name}: `pictogame operator list` names them.")


class SignedOut(Problem):
    """Something for an account was asked by nobody who is signed in."""

    def __init__(self) -> None:
        super().__init__("You are signed out in this browser: sign in, then try once more.")


class LetterNotSent(Problem):
    """No mail server took a letter."""

    def __init__(self) -> None:
        super().__init__("The letter could not be sent just now. Nothing is lost: try again in a few minutes.")
