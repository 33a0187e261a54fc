"""The last lines of a log, by which it is found where one was cut."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('stats', '0004_days_of_a_game_together'),
    ]

    operations = [
        migrations.AddField(
            model_name='source',
            name='last_lines',
            field=models.BinaryField(default=b''),
        ),
    ]
