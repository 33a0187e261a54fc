"""Which game uses which object of the bucket."""

from django.db import models

from pictogame.bucket.models import BucketObject
from pictogame.games.models import Game


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
