"""Which game uses which object of the bucket, and what is known of those that were deleted for good."""

from django.db import models
from django.db.models import Q

from pictogame.bucket.models import BucketObject
from pictogame.games.models import DeletedBy, Game
from pictogame.jobs.models import Job


class Use(models.Model):
    """A game names this object, is about to, or did so not long ago. Recomputed, never counted."""

    # The constraint below begins with the game: an index of its own would be written for nothing.
    game = models.ForeignKey(Game, on_delete=models.CASCADE, related_name="uses", db_index=False)
    object = models.ForeignKey(BucketObject, on_delete=models.PROTECT, related_name="uses")
    until = models.DateTimeField(null=True, blank=True)
    """Null while the game names it. Afterwards the time until which a cached pointer or an open tab still may."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["game", "object"], name="use_once")]

    def __str__(self) -> str:
        return f"{self.game_id} uses {self.object_id}"


class Doubt(models.Model):
    """An object that somebody whose lease lapsed may have been writing, and may yet write: looked at again at `at`."""

    object = models.OneToOneField(BucketObject, on_delete=models.CASCADE, primary_key=True, related_name="doubt")
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.object_id} is doubted"


class Line(models.Model):
    """Whether publishers may bring anything into the bucket, and under which addresses. One row, or none yet."""

    number = models.PositiveSmallIntegerField(primary_key=True, default=1)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_by = models.CharField(max_length=200, blank=True, default="")
    """Who paused it, or why, in words of their own."""
    bucket_url = models.TextField(blank=True, default="")
    """The bucket's public address when a publisher was started last; empty while none was."""
    site_url = models.TextField(blank=True, default="")
    """The studio's."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(number=1), name="line_is_one"),
            models.CheckConstraint(
                condition=Q(paused_at__isnull=False) | Q(paused_by=""), name="line_paused_by_nobody_runs"
            ),
        ]

    def __str__(self) -> str:
        return "paused" if self.paused_at else "runs"


class Run(models.Model):
    """Many games published once more: how far a command, or the publishers by themselves, have come with it.

    Killed, it is taken up where it was.
    """

    class Kind(models.TextChoices):
        PUBLISH = "publish", "published as they are"
        UPGRADE = "upgrade", "brought to the installed runtime"
        BACK = "back", "brought back to the runtime from before their upgrade"
        MOVED = "moved", "published at another address"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    template = models.CharField(max_length=40, blank=True, default="")
    """Only games of this template; empty for all."""
    cursor = models.CharField(max_length=14, blank=True, default="")
    """The id of the last game that was handed to the publishers: they go in the order of their ids."""
    total = models.PositiveIntegerField(default=0)
    """How many games there were when it began."""
    handed = models.PositiveIntegerField(default=0)
    """How many were made due so far."""
    refused = models.PositiveIntegerField(default=0)
    """How many could not be: their pictures don't fit the new runtime, or the like."""
    build = models.CharField(max_length=64, blank=True, default="")
    """What program and runtime it began with: with others its first games would be published otherwise than its last.
    """
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "template"], condition=Q(ended_at=None), name="run_one_of_a_kind_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["publish", "upgrade", "back", "moved"]), name="run_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.template or 'all'}"


class Receipt(Job):
    """What a deleted game left behind, line by line. A job of the publisher until everything is confirmed.

    Written in the transaction in which the game lets go of its objects, before any of them is deleted.
    """

    game = models.OneToOneField(Game, on_delete=models.CASCADE, related_name="receipt")
    by = models.CharField(max_length=10, choices=DeletedBy.choices)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    """When the last line was confirmed and the CDN, where there is one, had been told."""
    page_key = models.CharField(max_length=200, blank=True, default="")
    """The address that says from now on that the game is gone; empty when it never had a page."""
    kept_pictures = models.PositiveIntegerField(default=0)
    """Pictures that stay in the vault, since another game has them."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(finished_at=None) | Q(due_at=None), name="receipt_finished_is_not_due"),
        ]

    def __str__(self) -> str:
        return f"receipt of {self.game_id}"


class ReceiptLine(models.Model):
    """One thing that a deleted game had, and what became of it."""

    class Kind(models.TextChoices):
        PAGE = "page", "the page, written over with a notice"
        OBJECT = "object", "an object of the bucket"
        ORIGINAL = "original", "a picture as it was uploaded, in the vault"
        RENDITION = "rendition", "a form of a picture, in the vault"

    receipt = models.ForeignKey(Receipt, on_delete=models.CASCADE, related_name="lines")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    key = models.CharField(max_length=200)
    """In the bucket; for what lay in the vault its hash, under which it was kept."""
    sha256 = models.CharField(max_length=64, db_index=True)
    """Of the bytes as stored; of the page: of the notice."""
    size = models.PositiveBigIntegerField()
    kept = models.BooleanField(default=False)
    """Another game uses it as well: it was not deleted."""
    deleted_at = models.DateTimeField(null=True, blank=True)
    """When the store took the delete; for the page: when it was written over."""
    confirmed_at = models.DateTimeField(null=True, blank=True)
    """When the store said that it is not there; for the page: that the notice is."""
    browsers_until = models.DateTimeField(null=True, blank=True)
    """Until when a browser that has a copy may keep it without asking; null for what was never public."""
    shared_until = models.DateTimeField(null=True, blank=True)
    """The same for caches that many people share, such as a CDN that was not told."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["receipt", "kind", "key"], name="receipt_line_once"),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(kept=False, deleted_at__isnull=False),
                name="receipt_line_confirmed_was_deleted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Purge(Job):
    """Addresses that a CDN shall forget: a job of the publisher until the CDN has taken them."""

    receipt = models.ForeignKey(Receipt, on_delete=models.CASCADE, related_name="purges")
    addresses = models.JSONField()
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"purge of {len(self.addresses)} addresses"
