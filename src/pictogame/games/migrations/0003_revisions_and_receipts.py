"""Earlier revisions that can be brought back, and at whose wish a game was deleted."""

from django.db import migrations, models
from django.db.models import Q

_DELETED_BY = [
    ("creator", "its creator, with the edit link"),
    ("owner", "the account that it belongs to"),
    ("command", "whoever runs the installation, by command"),
    ("moderator", "whoever runs the installation, in the office"),
    ("age", "nobody came back to it before it was published"),
]
_ORIGIN = [
    ("edit", "its creator made it"),
    ("rollback", "an earlier one was brought back"),
    ("upgrade", "the one before, with a newer runtime"),
]


def say_who(apps, schema_editor):
    apps.get_model("games", "Game").objects.filter(deleted_at__isnull=False).update(deleted_by="creator")


class Migration(migrations.Migration):
    dependencies = [("games", "0002_set_aside")]

    operations = [
        migrations.AddField(
            "game", "deleted_by", models.CharField(blank=True, choices=_DELETED_BY, default="", max_length=10)
        ),
        migrations.AddField("revision", "origin", models.CharField(choices=_ORIGIN, default="edit", max_length=10)),
        migrations.AddField("revision", "copy_of", models.PositiveIntegerField(blank=True, null=True)),
        migrations.AddField("revision", "emptied_at", models.DateTimeField(blank=True, null=True)),
        migrations.RunPython(say_who, migrations.RunPython.noop),
        migrations.AddIndex(
            "revision",
            models.Index(condition=Q(frozen_at=None), fields=["changed_at"], name="revision_draft_by_age"),
        ),
    ]
