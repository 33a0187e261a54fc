"""Which game uses which object of the bucket."""

from django.db import models

from pictogame.bucket.models import BucketObject
from pictogame.games.models import Game


class Use(models.Model):
    """A game that is published, or about to be, names this object. Recomputed, never counted."""

    game = models.ForeignKey(Game, on_delete=models.CASCADE, related_name="uses")
    object = models.ForeignKey(BucketObject, on_delete=models.PROTECT, related_name="uses")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["game", "object"], name="use_once")]

    def __str__(self) -> str:
        return f"{self.game_id} uses {self.object_id}"
