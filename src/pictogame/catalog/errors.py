"""What can be wrong with a template, a skin, an option, or the build that declares them."""

from pictogame.lib.errors import Problem


class RuntimeMissing(Problem):
    """There is no usable runtime build."""


class UnknownTemplate(Problem):
    """No template of that name."""


class UnknownSkin(Problem):
    """No skin of that name."""


class BadOption(Problem):
    """An option that the template does not have, or a value that it does not take."""
