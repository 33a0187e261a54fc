"""What the lists of the office are found by."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('media', '0003_erasures'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='crop',
            index=models.Index(condition=models.Q(('set_aside_at__isnull', False)), fields=['set_aside_at'], name='crop_set_aside'),
        ),
        migrations.AddIndex(
            model_name='picture',
            index=models.Index(condition=models.Q(('state', 'refused')), fields=['refusal'], name='picture_refused'),
        ),
    ]
