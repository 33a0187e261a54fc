"""When a crop was wanted last, so that one that no slot uses any more may go a while later."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('media', '0005_sent'),
    ]

    operations = [
        migrations.AddField(
            'crop', 'wanted_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())
        ),
    ]
