"""Runtime objects that nothing needs any more are noted, so that they may leave the bucket a while later."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    operations = [
        migrations.AddField("runtimeobject", "unused_since", models.DateTimeField(blank=True, null=True)),
    ]
