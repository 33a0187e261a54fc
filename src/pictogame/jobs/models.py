"""The columns that make a row a job."""

from django.db import models


class Job(models.Model):
    """A row that a loop works on. `due_at` null means that there is nothing to do."""

    due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    """When it may be taken next, on the database's clock; back-off moves it forward."""
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.CharField(max_length=32, blank=True, default="")
    attempts = models.PositiveIntegerField(default=0)
    """Failed tries since the last success, whoever was at fault: what the wait goes by."""
    faults = models.PositiveIntegerField(default=0)
    """Those of them that were this row's own fault: after enough of these it is set aside."""
    set_aside_at = models.DateTimeField(null=True, blank=True)
    """When it was given up, until somebody asks for it again; such a row is not due."""
    problem = models.CharField(max_length=500, blank=True, default="")
    """The last failure in one sentence, as its creator reads it; empty when there is none."""
    cause = models.CharField(max_length=500, blank=True, default="")
    """The same failure as whoever runs the installation has to know it: which object, which error."""

    class Meta:
        abstract = True


class Heartbeat(models.Model):
    """A process that works, or did until `seen_at`. It takes its row away when it ends as it should."""

    role = models.CharField(max_length=20)
    """publisher, worker or studio."""
    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    version = models.CharField(max_length=40)
    since = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)
    """When it was heard of last, on the database's clock."""
    turned_at = models.DateTimeField(null=True, blank=True)
    """When its loop last came round well. A process whose row is fresh and whose loop is not hangs, or fails."""

    def __str__(self) -> str:
        return f"{self.role} {self.host}:{self.pid}"


class Tally(models.Model):
    """How often something happened: in all (`since` is 1970), and in each hour of the last weeks."""

    name = models.CharField(max_length=40)
    since = models.DateTimeField()
    """The beginning of the hour; the beginning of 1970 for the sum of all time, which never falls."""
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "since"], name="tally_once")]
        indexes = [models.Index(fields=["since"], name="tally_by_hour")]

    def __str__(self) -> str:
        return f"{self.count} {self.name} since {self.since:%Y-%m-%d %H}"
