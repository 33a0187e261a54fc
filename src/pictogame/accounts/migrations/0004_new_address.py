"""Until when another address of an account waits to be confirmed."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('account', '0009_emailaddress_unique_primary_email'),
        ('accounts', '0003_limits'),
    ]

    operations = [
        migrations.CreateModel(
            name='NewAddress',
            fields=[
                ('address', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='account.emailaddress')),
                ('until', models.DateTimeField(db_index=True)),
            ],
        ),
    ]
