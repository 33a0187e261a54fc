"""Crops that were given up until somebody asks for them again."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("media", "0001_initial")]

    operations = [
        migrations.AddField("crop", "faults", models.PositiveIntegerField(default=0)),
        migrations.AddField("crop", "cause", models.CharField(blank=True, default="", max_length=500)),
        migrations.AddField("crop", "set_aside_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddConstraint(
            "crop",
            models.CheckConstraint(condition=Q(set_aside_at=None) | Q(due_at=None), name="crop_set_aside_is_not_due"),
        ),
    ]
