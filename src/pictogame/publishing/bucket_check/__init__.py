"""Makes a bucket ready for games, and proves that it serves them as browsers need: each step is reported."""

from pictogame.publishing.bucket_check.looking import check
from pictogame.publishing.bucket_check.opening import init
from pictogame.publishing.bucket_check.rules import policy
from pictogame.publishing.bucket_check.steps import Step

__all__ = ["Step", "check", "init", "policy"]
