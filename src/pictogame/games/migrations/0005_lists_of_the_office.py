"""What the lists of the office are found by."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('games', '0004_revisions_and_receipts_hold'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='game',
            index=models.Index(fields=['created_at'], name='game_by_age'),
        ),
        migrations.AddIndex(
            model_name='game',
            index=models.Index(condition=models.Q(('set_aside_at__isnull', False)), fields=['set_aside_at'], name='game_set_aside'),
        ),
    ]
