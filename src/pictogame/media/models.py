"""Pictures, the crops that games want of them, and the renditions made for each crop."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from pictogame.jobs.models import Job


class Picture(models.Model):
    """An uploaded picture, known by the hash of its bytes; the original lies in the vault under that hash."""

    class State(models.TextChoices):
        RECEIVED = "received", "lies in the vault, not yet decoded"
        READY = "ready", "was decoded at least once"
        REFUSED = "refused", "can't be used"

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=8)
    """jpeg, png, gif, webp, avif or heic, as sniffed from the bytes."""
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    """Pixels as the header says, before orientation."""
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    refusal = models.CharField(max_length=300, blank=True, default="")
    """Why it can't be used, as the creator reads it."""
    note = models.CharField(max_length=300, blank=True, default="")
    """Something the creator should know, such as that only the first frame of a GIF is used."""
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="refused", refusal__gt="") | (~Q(state="refused") & Q(refusal="")),
                name="picture_refusal_says_why",
            ),
        ]
        indexes = [models.Index(fields=["refusal"], condition=Q(state="refused"), name="picture_refused")]

    def __str__(self) -> str:
        return f"{self.sha256[:12]} {self.kind} {self.width}x{self.height}"


class Crop(Job):
    """A part of a picture that a game wants: a ratio around a focus point. A job until it is ready."""

    class State(models.TextChoices):
        WANTED = "wanted", "waits for the worker"
        READY = "ready", "has its renditions in the vault"
        REFUSED = "refused", "can't be made"

    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="crops")
    ratio = models.CharField(max_length=9)
    """`w:h`, two whole numbers."""
    focus_x = models.PositiveSmallIntegerField(default=500)
    focus_y = models.PositiveSmallIntegerField(default=500)
    """The point that must stay in the crop, in thousandths of width and height after orientation."""
    state = models.CharField(max_length=10, choices=State.choices, default=State.WANTED)
    colours = models.CharField(max_length=120, blank=True, default="")
    """The placeholder: 16 colours `rrggbb`, a 4 x 4 grid, separated by blanks."""
    wanted_at = models.DateTimeField(db_default=Now())
    """When a game wanted it last, give or take an hour, on the database's clock."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["picture", "ratio", "focus_x", "focus_y"], name="crop_made_once"),
            models.CheckConstraint(condition=Q(focus_x__lte=1000, focus_y__lte=1000), name="crop_focus_within"),
            models.CheckConstraint(condition=~Q(state="ready", colours=""), name="crop_ready_has_placeholder"),
            models.CheckConstraint(condition=Q(set_aside_at=None) | Q(due_at=None), name="crop_set_aside_is_not_due"),
        ]
        indexes = [
            models.Index(fields=["set_aside_at"], condition=Q(set_aside_at__isnull=False), name="crop_set_aside"),
        ]

    def __str__(self) -> str:
        return f"{self.picture_id} at {self.ratio} ({self.state})"


class Rendition(models.Model):
    """One encoded form of a crop; its bytes lie in the vault under their hash."""

    class Role(models.TextChoices):
        LARGE = "large", "AVIF, up to 1280 px wide"
        SMALL = "small", "AVIF, up to 640 px wide"
        FALLBACK = "fallback", "JPEG for old browsers"
        CARD = "card", "JPEG of 1200 x 630 px for links"

    crop = models.ForeignKey(Crop, on_delete=models.CASCADE, related_name="renditions")
    role = models.CharField(max_length=10, choices=Role.choices)
    sha256 = models.CharField(max_length=64, db_index=True)
    media_type = models.CharField(max_length=30)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["crop", "role"], name="rendition_one_per_role")]

    def __str__(self) -> str:
        return f"{self.role} {self.width}x{self.height} {self.media_type}"


class Sent(models.Model):
    """How much a sender has sent within a window. The row is of no use after it, and goes."""

    sender = models.CharField(max_length=64, unique=True)
    """A keyed hash of who it was and of the window: nobody can be recognised by it, not even on the next day."""
    until = models.DateTimeField(db_index=True)
    """When the window ends, on the database's clock."""
    files = models.PositiveIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.files} files, {self.bytes} bytes"


class Erasure(models.Model):
    """Bytes that the vault shall lose. Written down before they go, so that nobody's death leaves any behind.

    Due when the last row that named them went; bytes that some row names again by then stay.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    due_at = models.DateTimeField(db_index=True)
    begun_at = models.DateTimeField(null=True, blank=True)
    """When the last try began: its request may still arrive for a while, even if whoever made it is dead."""
    problem = models.CharField(max_length=500, blank=True, default="")
    """Why the last try failed; empty when there was none."""

    def __str__(self) -> str:
        return self.sha256[:12]
