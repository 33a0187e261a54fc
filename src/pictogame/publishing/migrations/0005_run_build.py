from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("publishing", "0004_addresses")]

    operations = [
        migrations.AddField("run", "build", models.CharField(blank=True, default="", max_length=64)),
    ]
