"""Renditions are found by their keys, which hold their hashes: an index of hashes was written for nothing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bucket", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="bucketobject",
            name="sha256",
            field=models.CharField(max_length=64),
        ),
    ]
