"""What each sender has sent within a while."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('media', '0004_lists_of_the_office'),
    ]

    operations = [
        migrations.CreateModel(
            name='Sent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sender', models.CharField(max_length=64, unique=True)),
                ('until', models.DateTimeField(db_index=True)),
                ('files', models.PositiveIntegerField(default=0)),
                ('bytes', models.PositiveBigIntegerField(default=0)),
            ],
        ),
    ]
