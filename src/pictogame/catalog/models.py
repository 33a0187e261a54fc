"""Objects of the runtime that games may be pinned to, of this build and of earlier ones."""

from django.db import models


class RuntimeObject(models.Model):
    """A file of a runtime build. Its bytes lie in the vault, so a game stays on its build when newer ones come."""

    key = models.CharField(max_length=200, unique=True)
    """`r/<hash>/<name>`, as in the bucket and in dist/."""
    sha256 = models.CharField(max_length=64)
    """Hash of the file, before compression: the name of its bytes in the vault."""
    size = models.PositiveBigIntegerField()
    installed_at = models.DateTimeField(auto_now_add=True)
    unused_since = models.DateTimeField(null=True, blank=True)
    """Since when it has been known that neither the installed build nor any game needs it; null while one does."""

    def __str__(self) -> str:
        return self.key
