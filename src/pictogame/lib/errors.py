"""The base of every error that a person reads."""


class Problem(Exception):  # noqa: N818  It names what a person has, not what a program does.
    """Something that a creator can put right, or should know, in one sentence.

    Pages show `sentence` where the eye is; one table in the studio gives each class its status, one in the command
    line its exit code.
    """

    remedy = ""
    """What whoever runs the installation can do about it, in a sentence."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    @property
    def for_operators(self) -> str:
        """The sentence and the remedy, which is no creator's business."""
        return f"{self.sentence} {self.remedy}".rstrip()
