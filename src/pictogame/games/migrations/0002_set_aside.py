"""Games that were given up until somebody asks for them again, and games that are due in bulk."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("games", "0001_initial")]

    operations = [
        migrations.AddField("game", "faults", models.PositiveIntegerField(default=0)),
        migrations.AddField("game", "cause", models.CharField(blank=True, default="", max_length=500)),
        migrations.AddField("game", "set_aside_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("game", "in_bulk", models.BooleanField(default=False)),
        migrations.AddConstraint(
            "game",
            models.CheckConstraint(condition=Q(set_aside_at=None) | Q(due_at=None), name="game_set_aside_is_not_due"),
        ),
    ]
