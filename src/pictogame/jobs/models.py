"""The columns that make a row a job."""

from django.db import models


class Job(models.Model):
    """A row that a loop works on. `due_at` null means that there is nothing to do."""

    due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    """When it may be taken next, on the database's clock; back-off moves it forward."""
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.CharField(max_length=32, blank=True, default="")
    attempts = models.PositiveIntegerField(default=0)
    """Failed tries since the last success."""
    problem = models.CharField(max_length=500, blank=True, default="")
    """The last failure in one sentence; empty when there is none."""

    class Meta:
        abstract = True
