"""Games, their revisions, and the pictures in a revision's slots."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from pictogame.jobs.models import Job
from pictogame.media.models import Picture


class DeletedBy(models.TextChoices):
    """At whose wish a game was deleted."""

    CREATOR = "creator", "its creator, with the edit link"
    OWNER = "owner", "the account that it belongs to"
    COMMAND = "command", "whoever runs the installation, by command"
    MODERATOR = "moderator", "whoever runs the installation, in the office"
    AGE = "age", "nobody came back to it before it was published"


class Game(Job):
    """A game of a creator's. A job of the publisher whenever what is wanted may differ from what is published."""

    id = models.CharField(max_length=14, primary_key=True)
    secret_hash = models.CharField(max_length=64)
    """SHA-256 of the secret in the edit link; the secret itself is never kept."""
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    """The account that it is kept in, besides the edit link; null for most. It is never given to another one."""
    listed = models.BooleanField(default=False)
    """Shown on the studio's home page; games are unlisted until their creator lists them."""
    created_at = models.DateTimeField(auto_now_add=True)
    wanted = models.ForeignKey("Revision", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    """What shall play; null before the first publishing and after unpublishing."""
    published = models.ForeignKey("Revision", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    """What the bucket holds; set by the publisher alone."""
    published_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    """When it was deleted; the row stays as a tombstone."""
    deleted_by = models.CharField(max_length=10, choices=DeletedBy.choices, blank=True, default="")
    in_bulk = models.BooleanField(default=False)
    """It is due because many games were made due at once: it waits behind what somebody asked for."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(set_aside_at=None) | Q(due_at=None), name="game_set_aside_is_not_due"),
            models.CheckConstraint(condition=Q(deleted_at=None) | Q(wanted=None), name="game_deleted_wants_nothing"),
            models.CheckConstraint(
                condition=Q(deleted_at=None, deleted_by="") | Q(deleted_at__isnull=False, deleted_by__gt=""),
                name="game_deleted_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], name="game_by_age"),
            models.Index(fields=["owner", "-created_at"], condition=Q(owner__isnull=False), name="game_by_owner"),
            models.Index(fields=["set_aside_at"], condition=Q(set_aside_at__isnull=False), name="game_set_aside"),
        ]

    def __str__(self) -> str:
        return self.id


class Revision(models.Model):
    """What a game is at one time. Open (`frozen_at` null) while it is a draft; frozen for good once it is wanted."""

    class Origin(models.TextChoices):
        EDIT = "edit", "its creator made it"
        ROLLBACK = "rollback", "an earlier one was brought back"
        UPGRADE = "upgrade", "the one before, with a newer runtime"

    game = models.ForeignKey(Game, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    template = models.CharField(max_length=40)
    skin = models.CharField(max_length=40)
    title = models.CharField(max_length=120)
    message = models.CharField(max_length=280, blank=True, default="")
    language = models.CharField(max_length=10, default="en")
    options = models.JSONField(default=dict)
    """Every option of the template by name, defaults included."""
    seed = models.PositiveIntegerField()
    runtime = models.JSONField(default=dict, blank=True)
    """Keys of the runtime objects it is pinned to: loader, finale, template, skin, strings (absent for English).

    Empty while open.
    """
    frozen_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(auto_now=True)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.EDIT)
    copy_of = models.PositiveIntegerField(null=True, blank=True)
    """The number of the revision that was brought back or upgraded; null for one that its creator made."""
    emptied_at = models.DateTimeField(null=True, blank=True)
    """When it let go of its pictures, since many newer ones were published: it can't be brought back any more."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["game", "number"], name="revision_number_once"),
            models.UniqueConstraint(fields=["game"], condition=Q(frozen_at=None), name="revision_one_draft"),
            models.CheckConstraint(condition=Q(seed__lte=2**31 - 1), name="revision_seed_31_bits"),
            models.CheckConstraint(
                condition=Q(origin="edit", copy_of=None) | (~Q(origin="edit") & Q(copy_of__isnull=False)),
                name="revision_copy_says_of_what",
            ),
        ]
        ordering = [F("number").asc()]
        indexes = [models.Index(fields=["changed_at"], condition=Q(frozen_at=None), name="revision_draft_by_age")]

    def __str__(self) -> str:
        return f"{self.game_id} revision {self.number}"


class SlotPicture(models.Model):
    """A picture in a slot of a revision."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="pictures")
    slot = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField()
    """Order within the slot, from 0."""
    picture = models.ForeignKey(Picture, on_delete=models.PROTECT, related_name="+")
    alt = models.CharField(max_length=240, blank=True, default="")
    name = models.CharField(max_length=200, blank=True, default="")
    """File name as it was uploaded; shown to the creator alone."""
    focus_x = models.PositiveSmallIntegerField(default=500)
    focus_y = models.PositiveSmallIntegerField(default=500)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(focus_x__lte=1000, focus_y__lte=1000), name="slot_picture_focus_within"),
        ]
        ordering = ["slot", "position"]
        indexes = [models.Index(fields=["revision", "slot", "position"], name="slot_picture_in_order")]

    def __str__(self) -> str:
        return f"{self.slot} {self.position}"
