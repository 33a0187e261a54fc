"""What holds of them from now on. Apart from the columns, since PostgreSQL can't do both in one transaction."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("games", "0003_revisions_and_receipts")]

    operations = [
        migrations.AddConstraint(
            "game",
            models.CheckConstraint(
                condition=Q(deleted_at=None, deleted_by="") | Q(deleted_at__isnull=False, deleted_by__gt=""),
                name="game_deleted_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            "revision",
            models.CheckConstraint(
                condition=Q(origin="edit", copy_of=None) | (~Q(origin="edit") & Q(copy_of__isnull=False)),
                name="revision_copy_says_of_what",
            ),
        ),
    ]
