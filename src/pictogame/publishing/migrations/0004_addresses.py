"""Where bucket and studio were when a publisher was started last."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("publishing", "0003_receipts")]

    operations = [
        migrations.AddField("line", "bucket_url", models.TextField(blank=True, default="")),
        migrations.AddField("line", "site_url", models.TextField(blank=True, default="")),
        migrations.AlterField(
            "run",
            "kind",
            models.CharField(
                choices=[
                    ("publish", "published as they are"),
                    ("upgrade", "brought to the installed runtime"),
                    ("back", "brought back to the runtime from before their upgrade"),
                    ("moved", "published at another address"),
                ],
                max_length=10,
            ),
        ),
        migrations.RemoveConstraint("run", "run_kind_known"),
        migrations.AddConstraint(
            "run",
            models.CheckConstraint(
                condition=models.Q(kind__in=["publish", "upgrade", "back", "moved"]), name="run_kind_known"
            ),
        ),
    ]
