from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("media", "0002_set_aside")]

    operations = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("due_at", models.DateTimeField(db_index=True)),
                ("begun_at", models.DateTimeField(blank=True, null=True)),
                ("problem", models.CharField(blank=True, default="", max_length=500)),
            ],
        ),
    ]
