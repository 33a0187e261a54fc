"""The row that knows an object of the bucket."""

from django.db import models
from django.db.models import Q


class BucketObject(models.Model):
    """One key of the bucket. The row comes before the object and outlives it: no key is used twice."""

    class State(models.TextChoices):
        INTENDED = "intended", "is about to be written"
        STORED = "stored", "lies in the bucket"
        DELETING = "deleting", "is claimed for deletion and never written again"
        GONE = "gone", "was deleted"

    key = models.CharField(max_length=200, unique=True)
    sha256 = models.CharField(max_length=64)
    """Hash of the bytes as stored (after compression). All generations of a rendition have the same.

    Nothing is found by it: a rendition's key holds it. An index of hashes would be written at random places for every
    object, which takes as long as all the rest of its row.
    """
    size = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.INTENDED)
    version = models.PositiveBigIntegerField(default=0)
    """Raised by every new use and every write; a delete claims the row only at the version that it read."""
    delete_after = models.DateTimeField(null=True, blank=True, db_index=True)
    """When to see whether anything still uses it; set when a use ends. Only an object without any use is deleted."""
    stored_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["intended", "stored", "deleting", "gone"]), name="bucket_object_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.state})"
